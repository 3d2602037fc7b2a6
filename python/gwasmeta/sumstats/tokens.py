"""Blocks of text lines to columns, compiled: numbers are parsed, words are located, nothing is copied."""

from __future__ import annotations

from typing import Any

import numpy as np

from gwasmeta.compiled import compiled
from gwasmeta.sumstats.decimal import parse_number
from gwasmeta.sumstats.eight_bytes import bytes_equal, load_eight, trailing_zeros

BLANKS = 32  # the separator that stands for runs of blanks and tabs

SKIP = 0  # role of a column nobody asked for; number k has role k + 1, word k has role -(k + 1)


@compiled
def _ends_field(byte: int, separator: int) -> bool:
    return byte == separator or byte == 10 or (separator == BLANKS and byte == 9)


@compiled
def _is_blank(byte: int, separator: int) -> bool:
    """Say whether a byte before a field is not part of it; the carriage return of a line end is not either."""
    return byte <= 32 and (byte == 32 or byte == 13 or (byte == 9 and separator != 9))


@compiled
def _is_padding(byte: int, separator: int) -> bool:
    """Say whether a byte behind a field is not part of it: blanks and the quote."""
    return byte == 34 or _is_blank(byte, separator)


@compiled
def tokenise(
    data: Any,
    separator: int,
    roles: Any,
    as_minus_log_10: Any,
    numbers: Any,
    starts: Any,
    lengths: Any,
    line_starts: Any,
    line_numbers: Any,
) -> tuple[int, int, int]:
    """Split complete lines into fields and fill the columns that are wanted.

    Parameters
    ----------
    data : uint8 array
        Complete lines, the last byte being a line feed. Blank lines and lines that begin with '#' are
        passed over.
    separator : int
        Byte between fields; `BLANKS` for runs of blanks and tabs.
    roles : int16 array, shape (n_columns,)
        What to do with each column: `SKIP`, or where its numbers or words go.
    as_minus_log_10 : bool array, shape (n_number_columns,)
        Columns to be read as minus their decimal logarithm.
    numbers : float64 array, shape (n_number_columns, capacity)
        Filled; NaN where the field is no number.
    starts, lengths : int32 arrays, shape (n_word_columns, capacity)
        Filled with where in `data` each word is, without its quotes.
    line_starts, line_numbers : int32 arrays, shape (capacity,)
        Filled with where each row's line begins, and which line of the block it is, from 0.

    Returns
    -------
    n_rows : int
        Rows filled in.
    bad_line : int
        Line of the block whose number of fields is not that of `roles`; -1 if none is. Reading stops there.
    n_fields : int
        Its number of fields.
    """
    n_columns = roles.size
    end = np.uint64(data.size)  # unsigned, or each access would test for an index from the end
    one = np.uint64(1)
    position = np.uint64(0)
    line = -1
    row = 0
    while position < end:
        line += 1
        line_start = position
        if data[position] == 35:  # '#'
            position = _end_of_line(data, position) + one
            continue
        while _is_blank(data[position], separator):
            position += one
        if data[position] == 10:
            position += one
            continue
        position = line_start

        column = 0
        while True:
            if data[position] <= 34:  # not a letter, digit or sign
                position = _skip_padding(data, position, separator)
                if separator == BLANKS and data[position] == 10:
                    break  # blanks at the end of a line separate nothing
            role = roles[column] if column < n_columns else SKIP
            column += 1
            if role > 0:
                value, position = _read_number(data, position, separator, as_minus_log_10[role - 1])
                numbers[role - 1, row] = value
            else:
                start = position
                position = _end_of_field(data, position, separator)
                if role < 0:
                    starts[-role - 1, row] = start
                    lengths[-role - 1, row] = _length_of_word(data, start, position, separator)
            if data[position] == 10:
                break
            position += one
        position += one
        if column != n_columns:
            return row, line, column
        line_starts[row] = line_start
        line_numbers[row] = line
        row += 1
    return row, -1, n_columns


@compiled
def _skip_padding(data: Any, position: Any, separator: int) -> Any:
    """Go over the blanks and the quote that stand before a field."""
    while _is_blank(data[position], separator):
        position += np.uint64(1)
    if separator == BLANKS:
        return position + np.uint64(data[position] == 34)  # one quote only: "" is an empty field
    while _is_padding(data[position], separator):
        position += np.uint64(1)
    return position


@compiled
def _end_of_field(data: Any, position: Any, separator: int) -> Any:
    """Return where the field ends that `position` is in, looking at eight bytes at a time."""
    while position + np.uint64(8) <= np.uint64(data.size):
        eight = load_eight(data, position)
        ends = bytes_equal(eight, separator) | bytes_equal(eight, 10)
        if separator == BLANKS:
            ends |= bytes_equal(eight, 9)
        if ends:
            return position + (trailing_zeros(ends) >> np.uint64(3))
        position += np.uint64(8)
    while not _ends_field(data[position], separator):  # the last bytes of a block
        position += np.uint64(1)
    return position


@compiled
def _read_number(data: Any, position: Any, separator: int, as_minus_log_10: Any) -> Any:
    """Return the number in a field, NaN where there is text or something behind a number, and the field's end."""
    value, position = parse_number(data, position, as_minus_log_10)
    if not _ends_field(data[position], separator):
        position, only_padding = _skip_field(data, position, separator)
        if not only_padding:
            value = np.nan
    return value, position


@compiled
def _length_of_word(data: Any, start: Any, stop: Any, separator: int) -> Any:
    while stop > start and _is_padding(data[stop - np.uint64(1)], separator):
        stop -= np.uint64(1)
    return stop - start


@compiled
def _end_of_line(data: Any, position: Any) -> Any:
    while data[position] != 10:
        position += np.uint64(1)
    return position


@compiled
def _skip_field(data: Any, position: Any, separator: int) -> tuple[Any, bool]:
    """Go to the end of a field; say whether only padding was left of it."""
    only_padding = True
    while not _ends_field(data[position], separator):
        only_padding &= _is_padding(data[position], separator)
        position += np.uint64(1)
    return position, only_padding
