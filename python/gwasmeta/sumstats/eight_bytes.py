"""Text eight bytes at a time, compiled: the loads and bit counts that Numba has no words for."""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from gwasmeta.compiled import compiled

_HIGH_BITS = np.uint64(0x8080808080808080)
_LOW_BITS = np.uint64(0x7F7F7F7F7F7F7F7F)
_ZEROS = np.uint64(0x3030303030303030)  # eight times the character 0


def _load_code(_context: Any, array: Any, position: Any) -> Any:
    """Eight bytes from any position, the first one lowest; the caller sees to it that they are there."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        data = context.make_array(signature.args[0])(context, builder, arguments[0]).data
        pointer = builder.gep(data, [arguments[1]])
        loaded = builder.load(builder.bitcast(pointer, ir.IntType(64).as_pointer()))
        loaded.align = 1
        return loaded

    return types.uint64(array, position), generate


def _trailing_zeros_code(_context: Any, value: Any) -> Any:
    def generate(_target: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 0))

    return types.uint64(types.uint64), generate


def _leading_zeros_code(_context: Any, value: Any) -> Any:
    def generate(_target: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.ctlz(arguments[0], ir.Constant(ir.IntType(1), 0))

    return types.uint64(types.uint64), generate


def _count_bits_code(_context: Any, value: Any) -> Any:
    def generate(_target: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.ctpop(arguments[0])

    return types.uint64(types.uint64), generate


load_eight: Any = intrinsic(_load_code)
trailing_zeros: Any = intrinsic(_trailing_zeros_code)
leading_zeros: Any = intrinsic(_leading_zeros_code)
count_bits: Any = intrinsic(_count_bits_code)


@compiled
def count_digits(eight: Any) -> Any:
    """Return how many of eight characters, from the first one on, are digits."""
    # Adding 0x76 carries into the high bit from 10 on; characters beyond 127 have it anyway.
    off = eight ^ _ZEROS
    return trailing_zeros(((off + np.uint64(0x7676767676767676)) | off) & _HIGH_BITS) >> np.uint64(3)


@compiled
def number_of_digits(eight: Any, n_digits: Any) -> Any:
    """Return the number that the first 1 to 8 characters are the digits of.

    Neighbouring digits are joined to pairs, pairs to fours, fours to the number: Lemire (2021), Software: Practice
    and Experience 51:1700, section 4.
    """
    digits = (eight ^ _ZEROS) << (np.uint64(64) - (n_digits << np.uint64(3)))
    digits = (digits * np.uint64(10)) + (digits >> np.uint64(8))
    low = (digits & np.uint64(0x000000FF000000FF)) * np.uint64(0x000F424000000064)
    high = ((digits >> np.uint64(16)) & np.uint64(0x000000FF000000FF)) * np.uint64(0x0000271000000001)
    return (low + high) >> np.uint64(32)


@compiled
def upper_case_among(eight: Any) -> Any:
    """Return a high bit for each of eight characters that is one of A to Z."""
    # Of characters below 128, adding 63 carries into the high bit from A on, and adding 37 from [ on.
    low = eight & _LOW_BITS
    from_a, beyond_z = low + np.uint64(0x3F3F3F3F3F3F3F3F), low + np.uint64(0x2525252525252525)
    return from_a & ~beyond_z & ~eight & _HIGH_BITS
