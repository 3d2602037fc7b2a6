"""Decimal text to numbers, compiled: exact doubles, and logarithms of values too small for a double."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

_SMALLEST_EXPONENT = -342
_LARGEST_EXPONENT = 308
_EXACT_POWERS = np.array([10.0**exponent for exponent in range(23)])  # 10^22 is the last exact one
_MANTISSA_LIMIT = np.uint64((2**64 - 10) // 10)  # one more digit still fits

_MISSING = math.nan


def _powers_of_five() -> np.ndarray[Any, np.dtype[np.uint64]]:
    """128 leading bits of 5^q, truncated for positive and rounded up for negative q, as (high, low) words."""
    words = []
    for exponent in range(_SMALLEST_EXPONENT, _LARGEST_EXPONENT + 1):
        if exponent >= 0:
            power = 5**exponent
            shift = power.bit_length() - 128
            bits = power >> shift if shift > 0 else power << -shift
        else:
            divisor = 5**-exponent
            bits = (1 << (divisor.bit_length() + 127)) // divisor + 1
            if bits.bit_length() > 128:
                bits >>= 1
        words.append((bits >> 64, bits & (2**64 - 1)))
    return np.array(words, dtype=np.uint64)


_POWERS_OF_FIVE = _powers_of_five()


@intrinsic
def _multiply_high(_context: Any, a: Any, b: Any) -> Any:
    """Upper 64 bits of the 128-bit product."""

    def generate(_target: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        wide = ir.IntType(128)
        product = builder.mul(builder.zext(arguments[0], wide), builder.zext(arguments[1], wide))
        return builder.trunc(builder.lshr(product, ir.Constant(wide, 64)), ir.IntType(64))

    return types.uint64(types.uint64, types.uint64), generate


@intrinsic
def _leading_zeros(_context: Any, value: Any) -> Any:
    def generate(_target: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.ctlz(arguments[0], ir.Constant(ir.IntType(1), 0))

    return types.uint64(types.uint64), generate


@intrinsic
def _double_of_bits(_context: Any, bits: Any) -> Any:
    def generate(_target: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], ir.DoubleType())

    return types.float64(types.uint64), generate


@njit(nogil=True, cache=True)
def _nearest_double(mantissa: int, exponent: int) -> float:
    """Return the double nearest to mantissa x 10^exponent.

    Lemire (2021), Software: Practice and Experience 51:1700, section 5; that its product of 128 bits always
    decides for 19 digits: Mushtak & Lemire (2023), same journal 53:1467. Subnormal results (below 2.2e-308,
    no effect size is) are rounded twice.
    """
    if mantissa < np.uint64(1 << 53) and -22 <= exponent <= 22:
        if exponent < 0:
            return float(mantissa) / _EXACT_POWERS[-exponent]
        return float(mantissa) * _EXACT_POWERS[exponent]
    if mantissa == np.uint64(0) or exponent < _SMALLEST_EXPONENT:
        return 0.0
    if exponent > _LARGEST_EXPONENT:
        return math.inf

    zeros = _leading_zeros(mantissa)
    normalised = mantissa << zeros
    factor_high = _POWERS_OF_FIVE[exponent - _SMALLEST_EXPONENT, 0]
    factor_low = _POWERS_OF_FIVE[exponent - _SMALLEST_EXPONENT, 1]
    high = _multiply_high(normalised, factor_high)
    low = normalised * factor_high
    if high & np.uint64(0x1FF) == np.uint64(0x1FF):
        carried = low + _multiply_high(normalised, factor_low)
        if carried < low:
            high += np.uint64(1)
        low = carried

    upper_bit = high >> np.uint64(63)
    shift = upper_bit + np.uint64(9)
    bits = high >> shift
    power = ((217706 * exponent) >> 16) + 63 + np.int64(upper_bit) - np.int64(zeros) + 1023
    if power <= 0:
        return float(mantissa) * 10.0 ** (exponent + 300) * 1e-300
    halfway = low <= np.uint64(1) and -4 <= exponent <= 23 and bits & np.uint64(3) == np.uint64(1)
    if halfway and bits << shift == high:
        bits &= ~np.uint64(1)  # exactly between two doubles: to the even one
    bits = (bits + (bits & np.uint64(1))) >> np.uint64(1)
    if bits >= np.uint64(1 << 53):
        bits = np.uint64(1 << 52)
        power += 1
    if power >= 0x7FF:
        return math.inf
    return float(_double_of_bits((bits & ~np.uint64(1 << 52)) | (np.uint64(power) << np.uint64(52))))


@njit(nogil=True, cache=True)
def parse_number(data: Any, position: int, as_minus_log_10: bool) -> tuple[float, int]:
    """Read the number that starts at `position`.

    Parameters
    ----------
    data : uint8 array
        Text. At least one byte that cannot belong to a number must follow the number.
    position : int
        Index of its first character.
    as_minus_log_10 : bool
        Return minus the decimal logarithm of the number, computed from its digits, so that 1e-400 is 400.

    Returns
    -------
    value : float
        NaN if there is no number; also, as a logarithm, if it is not positive.
    end : int
        Index of the first character behind it.
    """
    negative = data[position] == 45
    if negative or data[position] == 43:
        position += 1

    mantissa = np.uint64(0)
    exponent = 0
    digits = 0
    in_fraction = False
    while True:
        digit = data[position] - 48
        if 0 <= digit <= 9:
            digits += 1
            if mantissa <= _MANTISSA_LIMIT:
                mantissa = mantissa * np.uint64(10) + np.uint64(digit)
                exponent -= in_fraction
            else:
                exponent += not in_fraction  # digits beyond the nineteenth
        elif data[position] == 46 and not in_fraction:
            in_fraction = True
        else:
            break
        position += 1
    if digits == 0:
        return _MISSING, position

    if data[position] | 32 == 101:
        after = position + 1
        negative_exponent = data[after] == 45
        if negative_exponent or data[after] == 43:
            after += 1
        written = 0
        first = after
        while 0 <= data[after] - 48 <= 9:
            written = min(written * 10 + data[after] - 48, 1_000_000_000)
            after += 1
        if after > first:
            exponent += -written if negative_exponent else written
            position = after

    if as_minus_log_10:
        if negative or mantissa == np.uint64(0):
            return _MISSING, position
        value = -(math.log10(float(mantissa)) + exponent)
        return value + 0.0, position  # + 0.0: the logarithm of 1 is 0, not -0
    value = _nearest_double(mantissa, exponent)
    return -value if negative else value, position
