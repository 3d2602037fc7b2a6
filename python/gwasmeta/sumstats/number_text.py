"""Numbers to digits, compiled: what C's printf writes, and p-values from their logarithms, however small."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gwasmeta.compiled import compiled
from gwasmeta.sumstats.wide_integers import compare_wide, divide_wide, wide_integer

SIGNIFICANT, GENERAL, FIXED, P_VALUE, GWAMA_P_VALUE, METAL_P_VALUE = range(6)
"""How a number is written; see the classes of these names in `table_text`."""

LONGEST_NUMBER = 345
"""Bytes: the sign, 309 digits, the point, and as many digits behind it as a style can ask for, with room to spare."""

# Significant and PValue write a number in full below this power of ten, for readers that want no powers.
_IN_FULL = 15
# GWAMA writes p-values of 0.001 and more as %.6f; METAL those of |z| < 20 as %.4g. Minus the logarithms of both.
_GWAMA_LOG_LIMIT = 3.0
_METAL_LOG_LIMIT = 88.25906534741162

_POWERS = np.array([float(f"1e{k}") for k in range(309)])
_INTEGER_POWERS = 10 ** np.arange(20, dtype=np.uint64)
_PAIRS = np.frombuffer(bytearray("".join(f"{k:02d}" for k in range(100)).encode()), dtype=np.uint8)


@compiled
def _times_power_of_ten(value: Any, exponent: int) -> Any:
    """Multiply by a power of ten with one rounding, or two where the power is not exact anyway."""
    if exponent >= 0:
        if exponent <= 308:
            return value * _POWERS[exponent]
        return value * _POWERS[308] * _POWERS[exponent - 308]
    if exponent >= -308:
        return value / _POWERS[-exponent]
    return value / _POWERS[308] / _POWERS[-exponent - 308]


# Positions in the text are unsigned in what follows, or each access would test for one counted from the end.
_ONE = np.uint64(1)


@compiled
def _put_integer(text: Any, position: Any, value: Any, width: int) -> Any:
    """Write the last `width` decimal digits of an unsigned number, two at a time."""
    end = position + np.uint64(width)
    place = end
    while width >= 2:
        rest = value // np.uint64(100)
        pair = (value - rest * np.uint64(100)) << _ONE
        place -= np.uint64(2)
        text[place] = _PAIRS[pair]
        text[place + _ONE] = _PAIRS[pair + _ONE]
        value = rest
        width -= 2
    if width:
        text[place - _ONE] = 48 + value % np.uint64(10)
    return end


@compiled
def _n_digits(value: Any) -> int:
    digits = 1
    while digits < 20 and value >= _INTEGER_POWERS[digits]:
        digits += 1
    return digits


@compiled
def _without_zeros(text: Any, end: Any) -> Any:
    """Go back over the zeros that end a fraction, and over its point if nothing is left of it."""
    while text[end - _ONE] == 48:
        end -= _ONE
    return end - _ONE if text[end - _ONE] == 46 else end


@compiled
def _put_digits(text: Any, position: Any, mantissa: Any, digits: int, exponent: int, in_full: int) -> Any:
    """Write mantissa x 10^(exponent - digits + 1), mantissa having so many digits, as %g does.

    From 10^in_full on it is written as a power.
    """
    if -4 <= exponent < 0:
        text[position] = 48
        text[position + _ONE] = 46
        for zero in range(2, 5):  # as many as there can be; the digits come over those that are too many
            text[position + np.uint64(zero)] = 48
        return _without_zeros(text, _put_integer(text, position + np.uint64(1 - exponent), mantissa, digits))
    if exponent < 0 or exponent >= in_full:
        position = _without_zeros(text, _put_mantissa(text, position, mantissa, digits))
        return _put_power(text, position, 101, exponent)
    if digits <= exponent + 1:
        position = _put_integer(text, position, mantissa, digits)
        for _ in range(exponent + 1 - digits):
            text[position] = 48
            position += _ONE
        return position
    behind = digits - exponent - 1
    position = _put_integer(text, position, mantissa // _INTEGER_POWERS[behind], exponent + 1)
    text[position] = 46
    return _without_zeros(text, _put_integer(text, position + _ONE, mantissa, behind))


@compiled
def _put_mantissa(text: Any, position: Any, mantissa: Any, digits: int) -> Any:
    """Write a number of so many digits with the point behind the first."""
    text[position] = 48 + mantissa // _INTEGER_POWERS[digits - 1]
    text[position + _ONE] = 46
    return _put_integer(text, position + np.uint64(2), mantissa, digits - 1)


@compiled
def _put_power(text: Any, position: Any, letter: int, exponent: float) -> Any:
    """Write the power of ten behind a mantissa, the exponent being a whole number."""
    text[position] = letter
    text[position + _ONE] = 45 if exponent < 0 else 43
    position += np.uint64(2)
    if exponent > -100 and exponent < 100:
        return _put_integer(text, position, np.uint64(abs(exponent)), 2)
    return _put_whole(text, position, abs(exponent))


@compiled
def _put_significant(text: Any, position: Any, value: float, digits: int) -> Any:
    text[position] = 45
    position += np.uint64(value < 0)
    value = abs(value)
    if value < _POWERS[digits] and value == math.floor(value):  # counts, positions, zero
        whole = np.uint64(value)
        return _put_integer(text, position, whole, _n_digits(whole))
    exponent = _decimal_exponent(value)
    mantissa = np.uint64(_times_power_of_ten(value, digits - 1 - exponent) + 0.5)
    if mantissa >= _INTEGER_POWERS[digits]:
        exponent += 1
        mantissa = np.uint64(_times_power_of_ten(value, digits - 1 - exponent) + 0.5)
    return _put_digits(text, position, mantissa, digits, exponent, _IN_FULL)


@compiled
def _decimal_exponent(value: float) -> int:
    """Return the decimal exponent of a positive number, or one less."""
    return math.floor((math.frexp(value)[1] - 1) * 0.30102999566398120)  # 2^k is 10^(0.30103 k)


@compiled
def _put_general(text: Any, position: Any, value: float, digits: int) -> Any:
    """Write a number as C's %g does: rounded from its exact value, halves to the even digit."""
    text[position] = 45
    position += np.uint64(math.copysign(1.0, value) < 0)
    value = abs(value)
    if value == 0:
        text[position] = 48
        return position + _ONE
    exponent = _decimal_exponent(value)
    mantissa = _nearest_mantissa(value, digits - 1 - exponent)
    if mantissa >= _INTEGER_POWERS[digits]:
        exponent += 1
        mantissa = _nearest_mantissa(value, digits - 1 - exponent)
    return _put_digits(text, position, mantissa, digits, exponent, digits)


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
    mantissa = np.uint64(10.0 ** (-minus_log_10 - exponent + digits - 1) + 0.5)
    if mantissa >= _INTEGER_POWERS[digits]:
        return mantissa // np.uint64(10), exponent + 1
    return mantissa, exponent


@compiled
def _put_p_value(text: Any, position: Any, minus_log_10: float, digits: int) -> Any:
    mantissa, exponent = _rounded_p_value(minus_log_10, digits)
    if exponent < -4:
        position = _without_zeros(text, _put_mantissa(text, position, mantissa, digits))
        return _put_power(text, position, 101, exponent)
    return _put_digits(text, position, mantissa, digits, int(exponent), _IN_FULL)


@compiled
def _put_gwama_p_value(text: Any, position: Any, minus_log_10: float) -> Any:
    if minus_log_10 <= _GWAMA_LOG_LIMIT:
        return _put_fixed(text, position, 10.0**-minus_log_10, 6)
    mantissa, exponent = _rounded_p_value(minus_log_10, 3)
    return _put_power(text, _put_mantissa(text, position, mantissa, 3), 69, exponent)


@compiled
def _put_metal_p_value(text: Any, position: Any, minus_log_10: float) -> Any:
    if minus_log_10 < _METAL_LOG_LIMIT:
        return _put_p_value(text, position, minus_log_10, 4)
    mantissa, exponent = _rounded_p_value(minus_log_10, 3)
    return _put_power(text, _put_mantissa(text, position, mantissa, 3), 101, exponent)


@compiled
def _put_p_value_of_0(text: Any, position: Any, style: int) -> Any:
    """Write the p-value of an infinite statistic, the only one."""
    if style == GWAMA_P_VALUE:
        return _put_power(text, _put_mantissa(text, position, np.uint64(0), 3), 69, 0)
    text[position] = 48
    return position + _ONE


@compiled
def _put_fixed(text: Any, position: Any, value: float, digits: int) -> Any:
    """Write a number as C's %f does: rounded from its exact value, halves to the even digit."""
    text[position] = 45
    position += np.uint64(value < 0)
    value = abs(value)
    if value >= 2.0**53:
        position = _put_whole(text, position, value)
        behind = np.uint64(0)
    else:
        whole = np.uint64(value)
        behind = _rounded_product(value - math.floor(value), _POWERS[digits], whole)
        if behind >= _INTEGER_POWERS[digits]:
            behind -= _INTEGER_POWERS[digits]
            whole += np.uint64(1)
        position = _put_integer(text, position, whole, _n_digits(whole))
    if digits:
        text[position] = 46
        position = _put_integer(text, position + _ONE, behind, digits)
    return position


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
def _put_whole(text: Any, position: Any, value: float) -> Any:
    """Write a whole number to its last digit."""
    if value < 1.8e19:
        whole = np.uint64(value)
        return _put_integer(text, position, whole, _n_digits(whole))
    fraction, exponent = math.frexp(value)
    wide = wide_integer(np.uint64(fraction * 2.0**53), 0, exponent - 53)
    end = position + np.uint64(9 * 35)
    for chunk in range(34, -1, -1):
        _put_integer(text, position + np.uint64(9 * chunk), divide_wide(wide, np.uint64(10**9)), 9)
    first = position
    while text[first] == 48:
        first += _ONE
    for place in range(first, end):
        text[position + (place - first)] = text[place]
    return position + (end - first)


@compiled
def put_number(text: Any, position: Any, value: float, style: int, digits: int) -> Any:
    """Write a number that is not NaN, and return the position behind it; `LONGEST_NUMBER` bytes must be free."""
    if math.isinf(value):
        return _put_infinity(text, position, value) if style <= FIXED else _put_p_value_of_0(text, position, style)
    if style == SIGNIFICANT:
        return _put_significant(text, position, value, digits)
    if style == FIXED:
        return _put_fixed(text, position, value, digits)
    if style == P_VALUE:
        return _put_p_value(text, position, value, digits)
    if style == GENERAL:
        return _put_general(text, position, value, digits)
    if style == GWAMA_P_VALUE:
        return _put_gwama_p_value(text, position, value)
    return _put_metal_p_value(text, position, value)


@compiled
def _put_infinity(text: Any, position: Any, value: float) -> Any:
    text[position] = 45
    position += np.uint64(value < 0)
    for i in range(3):
        text[position] = (105, 110, 102)[i]
        position += _ONE
    return position
