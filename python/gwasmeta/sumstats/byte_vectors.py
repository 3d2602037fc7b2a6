"""Text in vectors of 16 and 64 bytes, compiled: comparisons and sums that Numba has no words for.

Written in LLVM's generic vectors, which every processor has instructions for, of whatever width.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

_BYTE, _WORD = ir.IntType(8), ir.IntType(64)
_TWO_WORDS: Any = types.UniTuple(types.uint64, 2)  # type: ignore[no-untyped-call]
_MOST_DIGITS = 16  # that fit into one vector


def _load(builder: Any, data: Any, position: Any, n_bytes: int) -> Any:
    pointer = builder.bitcast(builder.gep(data, [position]), ir.VectorType(_BYTE, n_bytes).as_pointer())
    loaded = builder.load(pointer)
    loaded.align = 1
    return loaded


def _repeated(builder: Any, value: Any, n_bytes: int) -> Any:
    """Return a vector that has the lowest byte of a value in each place."""
    vector, index = ir.VectorType(_BYTE, n_bytes), ir.IntType(32)
    byte = value if value.type == _BYTE else builder.trunc(value, _BYTE)
    undefined = ir.Constant(vector, ir.Undefined)
    first = builder.insert_element(undefined, byte, ir.Constant(index, 0))
    return builder.shuffle_vector(first, undefined, ir.Constant(ir.VectorType(index, n_bytes), [0] * n_bytes))


def _places_code(n_bytes: int) -> Callable[..., Any]:
    def code(_context: Any, array: Any, position: Any, byte: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            data = context.make_array(signature.args[0])(context, builder, arguments[0]).data
            loaded = _load(builder, data, arguments[1], n_bytes)
            equal = builder.icmp_unsigned("==", loaded, _repeated(builder, arguments[2], n_bytes))
            bits = builder.bitcast(equal, ir.IntType(n_bytes))
            return bits if n_bytes == _WORD.width else builder.zext(bits, _WORD)

        return types.uint64(array, position, byte), generate

    return code


def _joined(builder: Any, digits: Any, n_bits: int, factor: int) -> Any:
    """Join neighbours, the first of which has the higher value, to numbers of twice their width."""
    count = digits.type.count * digits.type.element.width // n_bits
    wide = ir.IntType(n_bits)

    def each(value: int) -> Any:
        return ir.Constant(ir.VectorType(wide, count), [value] * count)

    pairs = builder.bitcast(digits, ir.VectorType(wide, count))
    first = builder.and_(pairs, each((1 << (n_bits // 2)) - 1))
    return builder.add(builder.mul(first, each(factor)), builder.lshr(pairs, each(n_bits // 2)))


def _digits_code(_context: Any, array: Any, stop: Any, n_behind: Any, n_digits: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        data = context.make_array(signature.args[0])(context, builder, arguments[0]).data
        stop, n_behind, n_digits = arguments[1:]
        vector = ir.VectorType(_BYTE, _MOST_DIGITS)
        from_end = ir.Constant(vector, list(range(_MOST_DIGITS - 1, -1, -1)))

        def last(count: Any) -> Any:
            return builder.icmp_signed("<", from_end, _repeated(builder, count, _MOST_DIGITS))

        def characters(distance: int) -> Any:
            return _load(builder, data, builder.sub(stop, ir.Constant(_WORD, distance)), _MOST_DIGITS)

        # Those before the point move over it: they are taken from one place further left.
        joined = builder.select(last(n_behind), characters(_MOST_DIGITS), characters(_MOST_DIGITS + 1))
        digits = builder.xor(joined, ir.Constant(vector, [ord("0")] * _MOST_DIGITS))
        digits = builder.select(last(n_digits), digits, ir.Constant(vector, [0] * _MOST_DIGITS))
        others = builder.icmp_unsigned(">", digits, ir.Constant(vector, [9] * _MOST_DIGITS))
        others = builder.zext(builder.bitcast(others, ir.IntType(_MOST_DIGITS)), _WORD)
        for n_bits, factor in ((16, 10), (32, 100), (64, 10_000)):
            digits = _joined(builder, digits, n_bits, factor)
        high, low = (builder.extract_element(digits, ir.Constant(ir.IntType(32), half)) for half in (0, 1))
        number = builder.add(builder.mul(high, ir.Constant(_WORD, 10**8)), low)
        return context.make_tuple(builder, signature.return_type, [number, others])

    return _TWO_WORDS(array, stop, n_behind, n_digits), generate


# Each takes an array of bytes and unsigned positions; the caller sees to it that the bytes are there.

# (data, position, byte) -> a bit for each of 64 or 16 bytes, the first one lowest: 1 where it is this byte
where_in_64: Any = intrinsic(_places_code(64))
where_in_16: Any = intrinsic(_places_code(16))

# (data, stop, n_behind, n_digits) -> (number, others): what the last `n_digits` of the 17 characters before `stop` are,
# read as digits, when the character is taken out that has `n_behind` behind it (16: none is); `others` is 0
# if all of them are digits. Neither may have a meaning if there are more than 16.
number_around_point: Any = intrinsic(_digits_code)
