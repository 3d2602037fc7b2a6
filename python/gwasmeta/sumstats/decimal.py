"""Decimal text to numbers, compiled: exact doubles, and logarithms of values too small for a double."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from gwasmeta.compiled import compiled
from gwasmeta.sumstats.byte_vectors import number_around_point, where_in_16
from gwasmeta.sumstats.eight_bytes import count_digits, leading_zeros, load_eight, number_of_digits

_SMALLEST_EXPONENT = -342
_LARGEST_EXPONENT = 308
_EXACT_POWERS = np.array([10.0**exponent for exponent in range(23)])  # 10^22 is the last exact one
_POWERS_OF_TEN = 10 ** np.arange(9, dtype=np.uint64)
_MANTISSA_LIMIT = np.uint64((2**64 - 10) // 10)  # one more digit still fits
_SAFE_DIGITS = 19  # as many always fit into 64 bits

_SIXTEEN = np.uint64(16)
_EXPONENT = 4  # characters, as in e-05

BYTES_BEFORE = 17 + _EXPONENT  # the end of a field that `common_number` looks at, whatever the field's length

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


def _multiply_high_code(_context: Any, a: Any, b: Any) -> Any:
    """Upper 64 bits of the 128-bit product."""

    def generate(_target: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        wide = ir.IntType(128)
        product = builder.mul(builder.zext(arguments[0], wide), builder.zext(arguments[1], wide))
        return builder.trunc(builder.lshr(product, ir.Constant(wide, 64)), ir.IntType(64))

    return types.uint64(types.uint64, types.uint64), generate


def _double_of_bits_code(_context: Any, bits: Any) -> Any:
    def generate(_target: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], ir.DoubleType())

    return types.float64(types.uint64), generate


_multiply_high: Any = intrinsic(_multiply_high_code)
_double_of_bits: Any = intrinsic(_double_of_bits_code)


@compiled
def _nearest_double(mantissa: Any, exponent: int) -> Any:
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

    zeros = leading_zeros(mantissa)
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


@compiled
def parse_number(data: Any, position: Any, as_minus_log_10: Any) -> Any:
    """Read the number that starts at `position`.

    Parameters
    ----------
    data : uint8 array
        Text. At least one byte that cannot belong to a number must follow the number.
    position : uint64
        Index of its first character; unsigned, or each access would test for an index from the end.
    as_minus_log_10 : bool
        Return minus the decimal logarithm of the number, computed from its digits, so that 1e-400 is 400.

    Returns
    -------
    value : float
        NaN if there is no number; also, as a logarithm, if it is not positive.
    end : uint64
        Index of the first character behind it.
    """
    one = np.uint64(1)
    negative = data[position] == 45
    position += np.uint64(negative or data[position] == 43)
    exponent: Any = 0
    start = position
    mantissa, position = _parse_digits(data, position, np.uint64(0))
    n_digits = position - start
    if data[position] == 46:
        first = position + one
        mantissa, position = _parse_digits(data, first, mantissa)
        exponent = -np.int64(position - first)
        n_digits += position - first
    if n_digits == np.uint64(0):
        return _MISSING, position
    if n_digits > np.uint64(_SAFE_DIGITS):
        mantissa, exponent = _leading_digits(data, start, position)

    if data[position] | 32 == 101:
        written, position = _parse_exponent(data, position)
        exponent += written

    if as_minus_log_10:
        return minus_log_10(-1.0 if negative else float(mantissa), exponent), position
    value = _nearest_double(mantissa, exponent)
    return -value if negative else value, position


@compiled
def plain_number(data: Any, start: Any, stop: Any) -> Any:
    """Read a field that holds a plain number, without a branch: up to 15 digits, perhaps a point and a minus.

    Parameters
    ----------
    data : uint8 array
        Text.
    start, stop : uint64
        Where the field begins and ends. `BYTES_BEFORE` bytes must lie before its end.

    Returns
    -------
    mantissa : float
    n_decimals : uint64
        The number is mantissa / 10^n_decimals.
    is_plain : bool
        Whether this is what the field holds. Otherwise the mantissa and the decimals have no meaning.
    """
    negative = data[start] == 45
    length = stop - start - np.uint64(negative)
    # The last character is the highest bit, so that zeros are counted from the field's end; 16 without a point.
    points = where_in_16(data, stop - _SIXTEEN, 46) << np.uint64(48)
    n_behind = leading_zeros(points | np.uint64(1 << 47))
    has_point = n_behind < length
    n_digits = length - np.uint64(has_point)
    mantissa, others = number_around_point(data, stop, n_behind, n_digits)
    is_plain = (others == np.uint64(0)) & (n_digits - np.uint64(1) < np.uint64(15))
    value = float(np.int64(mantissa))
    return -value if negative else value, n_behind if has_point else np.uint64(0), is_plain


@compiled
def quotient(mantissa: float, n_decimals: Any) -> float:
    """Return what `plain_number` read: rounded once, because mantissa and power are exact."""
    return float(mantissa / _EXACT_POWERS[np.uint64(n_decimals)])


@compiled
def common_number(data: Any, start: Any, stop: Any, as_minus_log_10: Any) -> Any:
    """Read a field that holds a plain number, or one with an exponent as C writes it: e, sign and two digits.

    Parameters
    ----------
    data, start, stop
        As for `plain_number`.
    as_minus_log_10 : bool
        As for `parse_number`.

    Returns
    -------
    value : float
        The same as that of `parse_number`.
    is_common : bool
        Whether this is what the field holds. Otherwise the value is NaN.
    """
    mantissa, n_decimals, is_common = plain_number(data, start, stop)
    written: Any = 0
    if not is_common:
        mantissa, n_decimals, is_common = plain_number(data, start, stop - np.uint64(_EXPONENT))
        written, is_exponent = _short_exponent(data, stop)
        is_common &= is_exponent
    exponent = written - np.int64(n_decimals)
    if not is_common:
        value = _MISSING
    elif as_minus_log_10:
        value = minus_log_10(mantissa, exponent)
    else:
        value = math.copysign(_nearest_double(np.uint64(abs(mantissa)), exponent), mantissa)
    return value, is_common


@compiled
def _short_exponent(data: Any, stop: Any) -> Any:
    """Read the four characters before `stop`; say whether they are e, a sign and two digits."""
    sign = data[stop - np.uint64(3)]
    tens = np.uint64(data[stop - np.uint64(2)]) - np.uint64(48)  # large if it is below 0
    ones = np.uint64(data[stop - np.uint64(1)]) - np.uint64(48)
    is_signed = (sign == 45) | (sign == 43)
    is_exponent = (data[stop - np.uint64(4)] | 32 == 101) & is_signed & (max(tens, ones) < np.uint64(10))
    size = np.int64(tens * np.uint64(10) + ones)
    return -size if sign == 45 else size, is_exponent


@compiled
def minus_log_10(mantissa: float, exponent: int) -> float:
    """Return minus the logarithm of mantissa x 10^exponent, NaN unless that is positive."""
    if mantissa <= 0:
        return _MISSING
    return -(math.log10(mantissa) + exponent) + 0.0  # + 0.0: the logarithm of 1 is 0, not -0


@compiled
def _parse_digits(data: Any, position: Any, number: Any) -> Any:
    """Append the digits that begin at `position` to a number; return it and where they end."""
    while position + np.uint64(8) <= np.uint64(data.size):
        eight = load_eight(data, position)
        count = count_digits(eight)
        if count == np.uint64(0):
            return number, position
        number = number * _POWERS_OF_TEN[count] + number_of_digits(eight, count)
        position += count
        if count < np.uint64(8):
            return number, position
    while 48 <= data[position] <= 57:  # the last bytes of a block
        number = number * np.uint64(10) + np.uint64(data[position]) - np.uint64(48)
        position += np.uint64(1)
    return number, position


@compiled
def _parse_exponent(data: Any, position: Any) -> Any:
    """Read the exponent whose 'e' is at `position`; 0 and the same position if no digits follow it."""
    after = position + np.uint64(1)
    negative = data[after] == 45
    if negative or data[after] == 43:
        after += np.uint64(1)
    first = after
    written: Any = 0
    while 48 <= data[after] <= 57:
        written = min(written * 10 + np.int64(data[after]) - 48, 1_000_000_000)
        after += np.uint64(1)
    if after == first:
        return 0, position
    return -written if negative else written, after


@compiled
def _leading_digits(data: Any, start: Any, stop: Any) -> Any:
    """Read a long row of digits, of which no more than nineteen count; return them and their exponent."""
    mantissa = np.uint64(0)
    exponent = 0
    in_fraction = False
    for i in range(start, stop):
        if data[i] == 46:
            in_fraction = True
        elif mantissa <= _MANTISSA_LIMIT:
            mantissa = mantissa * np.uint64(10) + np.uint64(data[i]) - np.uint64(48)
            exponent -= in_fraction
        else:
            exponent += not in_fraction
    return mantissa, exponent
