"""Columns to lines of text, compiled: numbers to a stated precision, p-values from their logarithms."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from gwasmeta.compiled import compiled
from gwasmeta.sumstats.words import Words


@dataclass(frozen=True)
class Significant:
    """So many significant digits, trailing zeros left out, as C's %g."""

    digits: int


@dataclass(frozen=True)
class Fixed:
    """So many digits behind the point, as C's %f."""

    digits: int


@dataclass(frozen=True)
class PValue:
    """A p-value given as minus its decimal logarithm, with so many significant digits, however small it is."""

    digits: int


NumberStyle: TypeAlias = Significant | Fixed | PValue
_STYLE_CODES: dict[type, int] = {Significant: 0, Fixed: 1, PValue: 2}

# What a number can need beside its digits: sign, point, zeros behind it or an exponent of up to nine digits; with so
# many digits behind the point, the 309 before it as well.
_BESIDE_DIGITS = 15
_MAX_FIXED = 330


@dataclass(frozen=True)
class NumberColumn:
    """Numbers and how to write them."""

    values: npt.NDArray[np.float64]
    style: NumberStyle


def table_text(columns: Sequence[Words | NumberColumn], missing: str = "NA", separator: str = "\t") -> bytes:
    """Write columns as lines of text.

    Parameters
    ----------
    columns : sequence of Words or NumberColumn
        All of the same length.
    missing : str
        What is written for NaN and for an empty word.
    separator : str
        One character between the fields.

    Returns
    -------
    bytes
        One line a row, each ended by a line feed.
    """
    n_rows = len(columns[0].values if isinstance(columns[0], NumberColumn) else columns[0])
    number_columns = [column for column in columns if isinstance(column, NumberColumn)]
    word_columns = [column for column in columns if isinstance(column, Words)]
    numbers = np.empty((len(number_columns), n_rows))
    styles = np.empty((len(number_columns), 2), dtype=np.int64)
    for k, number_column in enumerate(number_columns):
        numbers[k] = number_column.values
        styles[k] = _STYLE_CODES[type(number_column.style)], number_column.style.digits
    data, starts, lengths = _side_by_side(word_columns, n_rows)

    roles, n_numbers, n_words = [], 0, 0
    for column in columns:
        if isinstance(column, NumberColumn):
            n_numbers += 1
            roles.append(n_numbers)
        else:
            n_words += 1
            roles.append(-n_words)
    widest = sum(_MAX_FIXED if code == 1 else digits + _BESIDE_DIGITS for code, digits in styles) + len(columns)
    capacity = n_rows * (widest + len(missing) * len(columns)) + int(lengths.sum(dtype=np.int64))
    text = np.empty(capacity, dtype=np.uint8)
    missing_bytes = np.frombuffer(missing.encode(), dtype=np.uint8)
    length = _write_rows(
        np.array(roles, dtype=np.int64),
        numbers,
        styles,
        data,
        starts,
        lengths,
        missing_bytes,
        ord(separator),
        text,
    )
    return text[:length].tobytes()


def _side_by_side(columns: list[Words], n_rows: int) -> tuple[Any, Any, Any]:
    """Bring the words of several columns into one buffer."""
    starts = np.empty((len(columns), n_rows), dtype=np.int64)
    lengths = np.empty((len(columns), n_rows), dtype=np.int32)
    offset = 0
    for k, column in enumerate(columns):
        starts[k] = column.starts
        starts[k] += offset
        lengths[k] = column.lengths
        offset += column.data.size
    data = np.concatenate([column.data for column in columns]) if columns else np.empty(0, dtype=np.uint8)
    return data, starts, lengths


_POWERS = 10.0 ** np.arange(309)
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
def _put_digits(text: Any, position: Any, mantissa: Any, digits: int, exponent: int) -> Any:
    """Write mantissa x 10^(exponent - digits + 1), mantissa having so many digits, as %g does."""
    if -4 <= exponent < 0:
        text[position] = 48
        text[position + _ONE] = 46
        for zero in range(2, 5):  # as many as there can be; the digits come over those that are too many
            text[position + np.uint64(zero)] = 48
        return _without_zeros(text, _put_integer(text, position + np.uint64(1 - exponent), mantissa, digits))
    if exponent < 0 or exponent >= 15:
        text[position] = 48 + mantissa // _INTEGER_POWERS[digits - 1]
        text[position + _ONE] = 46
        position = _without_zeros(text, _put_integer(text, position + np.uint64(2), mantissa, digits - 1))
        text[position] = 101
        text[position + _ONE] = 45 if exponent < 0 else 43
        size = np.uint64(abs(exponent))
        return _put_integer(text, position + np.uint64(2), size, max(2, _n_digits(size)))
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
def _put_significant(text: Any, position: Any, value: float, digits: int) -> Any:
    text[position] = 45
    position += np.uint64(value < 0)
    value = abs(value)
    if value < _POWERS[digits] and value == math.floor(value):  # counts, positions, zero
        whole = np.uint64(value)
        return _put_integer(text, position, whole, _n_digits(whole))
    # 2^k is 10^(0.30103 k): the estimate is right or one too small.
    exponent = math.floor((math.frexp(value)[1] - 1) * 0.30102999566398120)
    mantissa = np.uint64(_times_power_of_ten(value, digits - 1 - exponent) + 0.5)
    if mantissa >= _INTEGER_POWERS[digits]:
        exponent += 1
        mantissa = np.uint64(_times_power_of_ten(value, digits - 1 - exponent) + 0.5)
    return _put_digits(text, position, mantissa, digits, exponent)


@compiled
def _put_p_value(text: Any, position: Any, minus_log_10: float, digits: int) -> Any:
    exponent = math.floor(-minus_log_10)
    mantissa = np.uint64(10.0 ** (-minus_log_10 - exponent + digits - 1) + 0.5)
    if mantissa >= _INTEGER_POWERS[digits]:
        exponent += 1
        mantissa //= np.uint64(10)
    return _put_digits(text, position, mantissa, digits, exponent)


@compiled
def _put_fixed(text: Any, position: Any, value: float, digits: int) -> Any:
    """Write a number as C's %f does: rounded from its exact value, halves to the even digit."""
    text[position] = 45
    position += np.uint64(value < 0)
    value = abs(value)
    if value >= 2.0**53:
        position = _put_huge(text, position, value)
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
def _put_huge(text: Any, position: Any, value: float) -> Any:
    """Write a whole number of 2^53 or more: to the last digit while 64 bits hold it, then to seventeen digits."""
    if value < 1.8e19:
        whole = np.uint64(value)
        return _put_integer(text, position, whole, _n_digits(whole))
    exponent = math.floor(math.log10(value))
    leading = np.uint64(_times_power_of_ten(value, 16 - exponent))
    if leading >= _INTEGER_POWERS[17]:
        exponent += 1
        leading = np.uint64(_times_power_of_ten(value, 16 - exponent))
    elif leading < _INTEGER_POWERS[16]:
        exponent -= 1
        leading = np.uint64(_times_power_of_ten(value, 16 - exponent))
    position = _put_integer(text, position, leading, 17)
    for _ in range(exponent - 16):
        text[position] = 48
        position += _ONE
    return position


@compiled
def _put_number(text: Any, position: Any, value: float, style: int, digits: int) -> Any:
    if math.isinf(value):
        if style == 2:  # a p-value of 0, the only one
            text[position] = 48
            return position + _ONE
        text[position] = 45
        position += np.uint64(value < 0)
        for i in range(3):
            text[position] = (105, 110, 102)[i]
            position += _ONE
        return position
    if style == 0:
        return _put_significant(text, position, value, digits)
    if style == 1:
        return _put_fixed(text, position, value, digits)
    return _put_p_value(text, position, value, digits)


@compiled
def _put_bytes(text: Any, position: Any, data: Any, start: Any, length: Any) -> Any:
    for i in range(np.uint64(length)):
        text[position + i] = data[start + i]
    return position + np.uint64(length)


@compiled
def _write_rows(
    roles: Any,
    numbers: Any,
    styles: Any,
    data: Any,
    starts: Any,
    lengths: Any,
    missing: Any,
    separator: int,
    text: Any,
) -> Any:
    position = np.uint64(0)
    n_rows = numbers.shape[1] if numbers.shape[0] else starts.shape[1]
    for row in range(n_rows):
        for column in range(roles.size):
            role = roles[column]
            if role > 0:
                value = numbers[role - 1, row]
                is_missing = math.isnan(value)
                if not is_missing:
                    position = _put_number(text, position, value, styles[role - 1, 0], styles[role - 1, 1])
            else:
                length = lengths[-role - 1, row]
                is_missing = length == 0
                position = _put_bytes(text, position, data, np.uint64(starts[-role - 1, row]), length)
            if is_missing:
                position = _put_bytes(text, position, missing, np.uint64(0), missing.size)
            text[position] = separator
            position += _ONE
        text[position - _ONE] = 10
    return position
