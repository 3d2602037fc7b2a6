"""Decimal digits eight at a time, compiled: as many as one machine word holds, written with one store.

A place is the address of a byte. Arrays as arguments would be counted as in use at each call, which takes longer than
writing a number; so the caller sees to it that the memory is there.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import types
from numba.extending import intrinsic

from gwasmeta.compiled import compiled
from gwasmeta.sumstats.eight_bytes import leading_zeros, trailing_zeros

STORED_BEYOND = 16
"""Of the bytes behind what is written, so many may be overwritten."""

# Unsigned, as places are, or Numba would calculate in floating point.
_ONE = np.uint64(1)
_THREE = np.uint64(3)
_EIGHT = np.uint64(8)
_POINT = np.uint64(ord("."))
_ZEROS = np.uint64(0x3030303030303030)  # eight times the character 0
_ZERO_POINT_ZEROS = np.uint64(0x3030303030302E30)
_LAST_DIGIT = np.uint64(1 << 56)
_HUNDRED_MILLION = np.uint64(10**8)


def _reader(kind: Any) -> Any:
    """Return a function that reads a number of this type, from any address."""

    def code(_context: Any, place: Any) -> Any:
        def generate(target: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
            pointer = builder.inttoptr(arguments[0], target.get_value_type(kind).as_pointer())
            return builder.load(pointer, align=1)

        return kind(types.uint64), generate

    return intrinsic(code)


def _writer(kind: Any) -> Any:
    """Return a function that writes a number of this type, to any address."""

    def code(_context: Any, place: Any, value: Any) -> Any:
        def generate(target: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
            pointer = builder.inttoptr(arguments[0], target.get_value_type(kind).as_pointer())
            builder.store(arguments[1], pointer, align=1)
            return target.get_dummy_value()

        return types.void(types.uint64, kind), generate

    return intrinsic(code)


byte_at: Any = _reader(types.uint8)
int32_at: Any = _reader(types.int32)
float64_at: Any = _reader(types.float64)
_eight_at: Any = _reader(types.uint64)
put_byte: Any = _writer(types.uint8)
_put_eight: Any = _writer(types.uint64)


@compiled
def put_bytes(place: Any, source: Any, length: Any, end: Any) -> Any:
    """Copy so many bytes from where nothing may be read from `end` on, and return the place behind the copy."""
    if source + length + _EIGHT <= end:
        for done in range(np.uint64(0), length, _EIGHT):
            _put_eight(place + done, _eight_at(source + done))
    else:
        for done in range(length):
            put_byte(place + done, byte_at(source + done))
    return place + length


@compiled
def _eight_digits(value: Any) -> Any:
    """Return the eight digits of a number below 10^8, a byte each, the first one lowest.

    The number is split into fours, these into pairs, these into digits, all of a level at once. A product and a shift
    divide: 10486 / 2^20 is 1 / 100 and 103 / 2^10 is 1 / 10, closely enough for four and for two digits.
    """
    fours = value // np.uint64(10_000)
    fours |= (value - fours * np.uint64(10_000)) << np.uint64(32)
    hundreds = ((fours * np.uint64(10_486)) >> np.uint64(20)) & np.uint64(0x0000007F0000007F)
    pairs = hundreds | ((fours - hundreds * np.uint64(100)) << np.uint64(16))
    tens = ((pairs * np.uint64(103)) >> np.uint64(10)) & np.uint64(0x000F000F000F000F)
    return tens | ((pairs - tens * np.uint64(10)) << _EIGHT)


@compiled
def put_whole_number(place: Any, value: Any) -> Any:
    """Write any unsigned number of 64 bits."""
    if value < _HUNDRED_MILLION:
        return _put_up_to_eight_digits(place, value)
    leading = value // _HUNDRED_MILLION
    if leading < _HUNDRED_MILLION:
        place = _put_up_to_eight_digits(place, leading)
    else:
        first = leading // _HUNDRED_MILLION
        place = put_all_digits(_put_up_to_eight_digits(place, first), leading - first * _HUNDRED_MILLION, 8)
    return put_all_digits(place, value - leading * _HUNDRED_MILLION, 8)


@compiled
def _put_up_to_eight_digits(place: Any, value: Any) -> Any:
    digits = _eight_digits(value)
    n_leading_zeros = trailing_zeros(digits | _LAST_DIGIT) >> _THREE
    _put_eight(place, (digits | _ZEROS) >> (n_leading_zeros << _THREE))
    return place + _EIGHT - n_leading_zeros


@compiled
def put_all_digits(place: Any, value: Any, width: int) -> Any:
    """Write a number below 10^width with its leading zeros, width being from 0 to 16."""
    if width > 8:
        leading = value // _HUNDRED_MILLION
        place = _put_last_of_eight(place, leading, width - 8)
        return _put_last_of_eight(place, value - leading * _HUNDRED_MILLION, 8)
    return _put_last_of_eight(place, value, width)


@compiled
def _put_last_of_eight(place: Any, value: Any, width: int) -> Any:
    n_others = np.uint64(8 - width)
    half_shift = n_others << np.uint64(2)  # twice, as a shift by all 64 bits is undefined
    _put_eight(place, ((_eight_digits(value) | _ZEROS) >> half_shift) >> half_shift)
    return place + _EIGHT - n_others


@compiled
def put_decimal(place: Any, eight: Any, exponent: int) -> Any:
    """Write a number of eight digits, the first one not 0, the point behind it, times 10^-4 to 10^7.

    Zeros that end a fraction are left out. Only selections, no branches: half of them would be mispredicted.
    """
    digits = _eight_digits(eight)
    n_digits = _EIGHT - (leading_zeros(digits) >> _THREE)
    letters = digits | _ZEROS
    is_fraction = exponent < 0
    n_whole = _EIGHT if is_fraction else np.uint64(exponent + 1)  # the point of a fraction is before them

    _put_eight(place, _ZERO_POINT_ZEROS)  # what is not part of a fraction is overwritten
    place += np.uint64(1 - exponent) if is_fraction else np.uint64(0)
    _put_eight(place, letters)
    half_shift = n_whole << np.uint64(2)
    _put_eight(place + n_whole, ((letters >> half_shift) >> half_shift) << _EIGHT | _POINT)
    if n_digits > n_whole:
        return place + n_digits + _ONE
    return place + (n_digits if is_fraction else n_whole)
