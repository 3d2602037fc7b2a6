"""Numbers to digits, compiled: what C's printf writes, and p-values from their logarithms, however small."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gwasmeta.compiled import compiled
from gwasmeta.sumstats.digit_bytes import (
    STORED_BEYOND,
    byte_at,
    put_all_digits,
    put_byte,
    put_bytes,
    put_decimal,
    put_whole_number,
)
from gwasmeta.sumstats.wide_integers import compare_wide, divide_wide, wide_integer

SIGNIFICANT, GENERAL, FIXED, P_VALUE, GWAMA_P_VALUE, METAL_P_VALUE = range(6)
"""How a number is written; see the classes of these names in `table_text`."""

LONGEST_NUMBER = 345
"""Bytes: the sign, 312 digits, the point, and as many digits behind it as a style can ask for, with room to spare."""

# Significant and PValue write a number in full below this power of ten, for readers that want no powers.
_IN_FULL = 15
# GWAMA writes p-values of 0.001 and more as %.6f; METAL those of |z| < 20 as %.4g. Minus the logarithms of both.
_GWAMA_LOG_LIMIT = 3.0
_METAL_LOG_LIMIT = 88.25906534741162

_LEAST_DECADE = -324
_POWERS = np.array([float(f"1e{k}") for k in range(309)])
_DECADES = np.array([float(f"1e{k}") for k in range(_LEAST_DECADE, 310)])
_INTEGER_POWERS = 10 ** np.arange(20, dtype=np.uint64)
_LOG_2_OF_10 = math.log2(10)
_LOG_10_OF_2 = math.log10(2)
_ONE = np.uint64(1)


@compiled
def _times_power_of_ten(value: Any, exponent: int) -> Any:
    """Multiply by a power of ten with one rounding, or two where the power is not exact anyway."""
    if exponent >= 0:
        if exponent <= 308:
            return value * _POWERS[np.uint64(exponent)]
        return value * _POWERS[308] * _POWERS[exponent - 308]
    if exponent >= -308:
        return value / _POWERS[-exponent]
    return value / _POWERS[308] / _POWERS[-exponent - 308]


@compiled
def _without_zeros(end: Any) -> Any:
    """Go back over the zeros that end a fraction, and over its point if nothing is left of it."""
    while byte_at(end - _ONE) == 48:
        end -= _ONE
    return end - _ONE if byte_at(end - _ONE) == 46 else end


@compiled
def _put_digits(place: Any, mantissa: Any, digits: int, exponent: int, in_full: int) -> Any:
    """Write mantissa x 10^(exponent - digits + 1), mantissa having so many digits, as %g does.

    From 10^in_full on it is written as a power.
    """
    if digits <= 8 and -4 <= exponent < min(8, in_full):
        return put_decimal(place, mantissa * _INTEGER_POWERS[np.uint64(8 - digits)], exponent)
    if -4 <= exponent < 0:
        put_byte(place, 48)
        put_byte(place + _ONE, 46)
        for zero in range(2, 5):  # as many as there can be; the digits come over those that are too many
            put_byte(place + np.uint64(zero), 48)
        return _without_zeros(put_all_digits(place + np.uint64(1 - exponent), mantissa, digits))
    if exponent < 0 or exponent >= in_full:
        place = _without_zeros(_put_mantissa(place, mantissa, digits))
        return _put_power(place, 101, exponent)
    if digits <= exponent + 1:
        place = put_all_digits(place, mantissa, digits)
        for _ in range(exponent + 1 - digits):
            put_byte(place, 48)
            place += _ONE
        return place
    unit = _INTEGER_POWERS[digits - exponent - 1]
    whole = mantissa // unit
    place = put_whole_number(place, whole)
    put_byte(place, 46)
    return _without_zeros(put_all_digits(place + _ONE, mantissa - whole * unit, digits - exponent - 1))


@compiled
def _put_mantissa(place: Any, mantissa: Any, digits: int) -> Any:
    """Write a number of so many digits with the point behind the first."""
    unit = _INTEGER_POWERS[digits - 1]
    leading = mantissa // unit
    put_byte(place, 48 + leading)
    put_byte(place + _ONE, 46)
    return put_all_digits(place + np.uint64(2), mantissa - leading * unit, digits - 1)


@compiled
def _put_power(place: Any, letter: int, exponent: float) -> Any:
    """Write the power of ten behind a mantissa, the exponent being a whole number."""
    put_byte(place, letter)
    put_byte(place + _ONE, 45 if exponent < 0 else 43)
    place += np.uint64(2)
    if exponent > -100 and exponent < 100:
        return put_all_digits(place, np.uint64(abs(exponent)), 2)
    return _put_whole(place, abs(exponent))


@compiled
def _put_significant(place: Any, value: float, digits: int) -> Any:
    put_byte(place, 45)
    place += np.uint64(value < 0)
    value = abs(value)
    if value < _POWERS[digits]:
        whole = np.int64(value)
        if value == whole:  # counts, positions, zero
            return put_whole_number(place, np.uint64(whole))
    exponent = _decimal_exponent(value)
    mantissa = np.uint64(_times_power_of_ten(value, digits - 1 - exponent) + 0.5)
    if mantissa >= _INTEGER_POWERS[digits]:
        exponent += 1
        mantissa = np.uint64(_times_power_of_ten(value, digits - 1 - exponent) + 0.5)
    return _put_digits(place, mantissa, digits, exponent, _IN_FULL)


@compiled
def _decimal_exponent(value: float) -> Any:
    """Return the decimal exponent of a positive number, or one less."""
    binary_exponent = (np.float64(value).view(np.int64) >> 52) - 1023
    if binary_exponent == -1023:  # subnormal
        return math.floor((math.frexp(value)[1] - 1) * _LOG_10_OF_2)
    at_least = (binary_exponent * 78913) >> 18  # 78913 / 2^18 is the logarithm of 2, closely enough for 11 bits
    return at_least + (value >= _DECADES[np.uint64(at_least + 1 - _LEAST_DECADE)])


@compiled
def _put_general(place: Any, value: float, digits: int) -> Any:
    """Write a number as C's %g does: rounded from its exact value, halves to the even digit."""
    put_byte(place, 45)
    place += np.uint64(math.copysign(1.0, value) < 0)
    value = abs(value)
    if value == 0:
        put_byte(place, 48)
        return place + _ONE
    exponent = _decimal_exponent(value)
    mantissa = _nearest_mantissa(value, digits - 1 - exponent)
    if mantissa >= _INTEGER_POWERS[digits]:
        exponent += 1
        mantissa = _nearest_mantissa(value, digits - 1 - exponent)
    return _put_digits(place, mantissa, digits, exponent, digits)


@compiled
def _nearest_mantissa(value: float, scale: int) -> Any:
    """Round value x 10^scale to an integer below 10^16, by its exact value; halves to even."""
    scaled = _times_power_of_ten(value, scale)
    below = math.floor(scaled)
    mantissa = np.uint64(below)
    excess = scaled - below - 0.5
    # Two powers and two products, each off by up to 2^-53 of its value.
    if abs(excess) <= scaled * 2.0**-51:
        excess = _compare_with_half(value, mantissa, scale)
        if excess == 0:
            return mantissa + (mantissa & _ONE)
    return mantissa + np.uint64(excess > 0)


@compiled
def _compare_with_half(value: float, mantissa: Any, scale: int) -> int:
    """Return the sign of value - (mantissa + 1/2) / 10^scale, by whole numbers: both times 2 x 10^scale."""
    fraction, exponent = math.frexp(value)
    twos = exponent - 52 + scale
    left = wide_integer(np.uint64(fraction * 2.0**53), max(scale, 0), max(twos, 0))
    right = wide_integer(mantissa * np.uint64(2) + _ONE, max(-scale, 0), max(-twos, 0))
    return compare_wide(left, right)


@compiled
def _rounded_p_value(minus_log_10: float, digits: int) -> Any:
    """Return the so many leading digits of a p-value as a number, and the decimal exponent of the first."""
    exponent = np.floor(-minus_log_10)
    leading = np.exp2((-minus_log_10 - exponent) * _LOG_2_OF_10)  # from 1 to 10; half the time that 10.0**x takes
    mantissa = np.uint64(leading * _POWERS[np.uint64(digits - 1)] + 0.5)
    if mantissa >= _INTEGER_POWERS[digits]:
        return mantissa // np.uint64(10), exponent + 1
    return mantissa, exponent


@compiled
def _put_p_value(place: Any, minus_log_10: float, digits: int) -> Any:
    mantissa, exponent = _rounded_p_value(minus_log_10, digits)
    if exponent < -4:
        place = _without_zeros(_put_mantissa(place, mantissa, digits))
        return _put_power(place, 101, exponent)
    return _put_digits(place, mantissa, digits, int(exponent), _IN_FULL)


@compiled
def _put_gwama_p_value(place: Any, minus_log_10: float) -> Any:
    if minus_log_10 <= _GWAMA_LOG_LIMIT:
        return _put_fixed(place, 10.0**-minus_log_10, 6)
    mantissa, exponent = _rounded_p_value(minus_log_10, 3)
    return _put_power(_put_mantissa(place, mantissa, 3), 69, exponent)


@compiled
def _put_metal_p_value(place: Any, minus_log_10: float) -> Any:
    if minus_log_10 < _METAL_LOG_LIMIT:
        return _put_p_value(place, minus_log_10, 4)
    mantissa, exponent = _rounded_p_value(minus_log_10, 3)
    return _put_power(_put_mantissa(place, mantissa, 3), 101, exponent)


@compiled
def _put_p_value_of_0(place: Any, style: int) -> Any:
    """Write the p-value of an infinite statistic, the only one."""
    if style == GWAMA_P_VALUE:
        return _put_power(_put_mantissa(place, np.uint64(0), 3), 69, 0)
    put_byte(place, 48)
    return place + _ONE


@compiled
def _put_fixed(place: Any, value: float, digits: int) -> Any:
    """Write a number as C's %f does: rounded from its exact value, halves to the even digit."""
    put_byte(place, 45)
    place += np.uint64(value < 0)
    value = abs(value)
    if value >= 2.0**53:
        place = _put_whole(place, value)
        behind = np.uint64(0)
    else:
        whole = np.uint64(value)
        behind = _rounded_product(value - math.floor(value), _POWERS[digits], whole)
        if behind >= _INTEGER_POWERS[digits]:
            behind -= _INTEGER_POWERS[digits]
            whole += np.uint64(1)
        place = put_whole_number(place, whole)
    if digits:
        put_byte(place, 46)
        place = put_all_digits(place + _ONE, behind, digits)
    return place


@compiled
def _rounded_product(fraction: float, power: float, whole: Any) -> Any:
    """Round fraction x power to an integer, by its exact value; halves to even, of the whole if power is 1.

    The rounding error of the product is worked out by Dekker's method (1971), Numerische Mathematik 18:224.
    """
    product = fraction * power
    a = 134217729.0 * fraction  # 2^27 + 1 splits a number into halves whose products are exact
    a_high = a - (a - fraction)
    b = 134217729.0 * power
    b_high = b - (b - power)
    a_low, b_low = fraction - a_high, power - b_high
    error = ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low

    below = math.floor(product)
    excess = product - below - 0.5
    result = np.uint64(below)
    if excess > 0 or (excess == 0 and error > 0):
        return result + np.uint64(1)
    if excess == 0 and error == 0:
        return result + ((whole if power == 1 else result) & np.uint64(1))
    return result


@compiled
def _put_whole(place: Any, value: float) -> Any:
    """Write a whole number to its last digit."""
    if value < 1.8e19:
        return put_whole_number(place, np.uint64(value))
    fraction, exponent = math.frexp(value)
    wide = wide_integer(np.uint64(fraction * 2.0**53), 0, exponent - 53)
    end = place + np.uint64(8 * 39)
    for chunk in range(38, -1, -1):
        put_all_digits(place + np.uint64(8 * chunk), divide_wide(wide, np.uint64(10**8)), 8)
    first = place
    while byte_at(first) == 48:
        first += _ONE
    return put_bytes(place, first, end - first, end + np.uint64(STORED_BEYOND))


@compiled
def put_number(place: Any, value: float, style: int, digits: int) -> Any:
    """Write a number that is not NaN, and return the place behind it; `LONGEST_NUMBER` bytes must be free."""
    if math.isinf(value):
        return _put_infinity(place, value) if style <= FIXED else _put_p_value_of_0(place, style)
    if style == SIGNIFICANT:
        return _put_significant(place, value, digits)
    if style == FIXED:
        return _put_fixed(place, value, digits)
    if style == P_VALUE:
        return _put_p_value(place, value, digits)
    if style == GENERAL:
        return _put_general(place, value, digits)
    if style == GWAMA_P_VALUE:
        return _put_gwama_p_value(place, value)
    return _put_metal_p_value(place, value)


@compiled
def _put_infinity(place: Any, value: float) -> Any:
    put_byte(place, 45)
    place += np.uint64(value < 0)
    for i in range(3):
        put_byte(place, (105, 110, 102)[i])
        place += _ONE
    return place
