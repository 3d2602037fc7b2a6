"""Blocks of text lines to columns, compiled: numbers are parsed, words are located, nothing is copied.

A stretch of lines at a time that stays in the processor's cache: first its fields are marked, then each column that is
wanted is read from top to bottom, so that no field waits for the end of the one before it. Most words have no padding
and most numbers are plain; these are read without a branch, and the others listed for a second look.

Nothing that is called within a loop over rows has an array and more than one way out: Numba would count references.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from gwasmeta.compiled import compiled
from gwasmeta.sumstats.decimal import BYTES_BEFORE, common_number, parse_number, plain_number, quotient
from gwasmeta.sumstats.field_marks import (
    BLANKS,
    SMALLEST_TEXT,
    count_fields,
    field_bounds,
    mark_fields,
    scratch_for_marks,
)


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
    n_fields: tuple[int, int],
    number_columns: Any,
    as_minus_log_10: Any,
    word_columns: Any,
    numbers: Any,
    starts: Any,
    lengths: Any,
    line_starts: Any,
    line_numbers: Any,
    uneven: Any,
) -> tuple[Any, Any]:
    """Split complete lines into fields and fill the columns that are wanted.

    Parameters
    ----------
    data : uint8 array
        Complete lines, the last byte being a line feed. Blank lines and lines that begin with '#' are
        passed over.
    separator : int
        Byte between fields; `BLANKS` for runs of blanks and tabs.
    n_fields : pair of int
        The fewest fields that make a row, no fewer than the columns that are wanted need, and the most.
    number_columns, word_columns : integer arrays, shapes (n_number_columns,) and (n_word_columns,)
        Which fields are wanted as numbers and as words, counted from 0.
    as_minus_log_10 : bool array, shape (n_number_columns,)
        Columns to be read as minus their decimal logarithm.
    numbers : float64 array, shape (n_number_columns, capacity)
        Filled; NaN where the field is no number.
    starts, lengths : int32 arrays, shape (n_word_columns, capacity)
        Filled with where in `data` each word is, without its quotes.
    line_starts, line_numbers : int32 arrays, shape (capacity,)
        Filled with where each row's line begins, and which line of the block it is, from 0.
    uneven : int32 array, shape (capacity, 3)
        Filled with the lines that have fewer or more fields: line of the block, where it begins, number of fields.

    Returns
    -------
    n_rows : int
        Rows filled in.
    n_uneven : int
        Lines that are no rows because of their number of fields.
    """
    if data.size < SMALLEST_TEXT:
        data = _longer(data)
    found = scratch_for_marks(n_fields[0])
    marks, line_feeds, _ = found
    first_marks, second_look = np.empty((2, marks.size), dtype=np.uint32)
    position = line = n_rows = n_uneven = np.uint64(0)
    while position < np.uint64(data.size):
        n_lines = mark_fields(data, position, separator, found)
        rows = (first_marks, line_starts[n_rows:], line_numbers[n_rows:])
        n_taken, n_left = _take_rows(data, position, line, separator, n_fields, found, n_lines, rows, uneven[n_uneven:])
        fields = (marks, first_marks[:n_taken])
        _locate_words(data, fields, word_columns, separator, n_rows, second_look, starts, lengths)
        n_near = _count_rows_near_the_beginning(rows[1][:n_taken])
        _read_numbers(data, fields, number_columns, as_minus_log_10, separator, n_rows, n_near, second_look, numbers)
        n_rows += n_taken
        n_uneven += n_left
        line += n_lines
        position = np.uint64(line_feeds[n_lines - np.uint64(1)]) + np.uint64(1)
    return n_rows, n_uneven


@compiled
def _longer(data: Any) -> Any:
    """Add blank lines, which are no rows."""
    longer = np.full(SMALLEST_TEXT, 10, dtype=np.uint8)
    longer[: data.size] = data
    return longer


@compiled
def _take_rows(
    data: Any,
    position: Any,
    line: Any,
    separator: int,
    n_fields: tuple[int, int],
    found: Any,
    n_lines: Any,
    rows: Any,
    uneven: Any,
) -> tuple[Any, Any]:
    """Go through the lines found from `position` on; return how many are rows, and how many are uneven."""
    _, line_feeds, marks_before = found
    first_marks, line_starts, line_numbers = rows
    one = np.uint64(1)
    n_taken = n_uneven = first_mark = np.uint64(0)
    for i in range(n_lines):
        line_feed, next_mark = np.uint64(line_feeds[i]), np.uint64(marks_before[i])
        count = count_fields(next_mark - first_mark, separator)
        if data[position] != 35 and (count > one or not _is_blank_line(data, position, line_feed, separator)):
            if n_fields[0] <= count <= n_fields[1]:
                first_marks[n_taken] = first_mark
                line_starts[n_taken] = position
                line_numbers[n_taken] = line + i
                n_taken += one
            else:
                uneven[n_uneven, 0], uneven[n_uneven, 1], uneven[n_uneven, 2] = line + i, position, count
                n_uneven += one
        first_mark = next_mark
        position = line_feed + one
    return n_taken, n_uneven


@compiled
def _is_blank_line(data: Any, position: Any, line_feed: Any, separator: int) -> bool:
    while _is_blank(data[position], separator):
        position += np.uint64(1)
    return bool(position == line_feed)


@compiled
def _count_rows_near_the_beginning(line_starts: Any) -> Any:
    """Count the rows before which there may not be as many bytes as `common_number` reads."""
    n_rows = np.uint64(0)
    while n_rows < np.uint64(line_starts.size) and line_starts[n_rows] < BYTES_BEFORE:
        n_rows += np.uint64(1)
    return n_rows


@compiled
def _locate_words(
    data: Any,
    fields: Any,
    columns: Any,
    separator: int,
    first_row: Any,
    second_look: Any,
    starts: Any,
    lengths: Any,
) -> None:
    """Fill in where the words of some columns are, without padding."""
    marks, first_marks = fields
    for k in range(np.uint64(columns.size)):
        column = columns[k]
        n_padded = np.uint64(0)
        for row in range(np.uint64(first_marks.size)):
            start, stop = field_bounds(marks, first_marks[row], column, separator)
            starts[k, first_row + row] = start
            lengths[k, first_row + row] = stop - start
            second_look[n_padded] = row
            n_padded += np.uint64(_may_be_padded(data, start, stop))
        for i in range(n_padded):
            padded = np.uint64(second_look[i])
            start, stop = field_bounds(marks, first_marks[padded], column, separator)
            start, stop = _without_padding(data, start, stop, separator)
            starts[k, first_row + padded] = start
            lengths[k, first_row + padded] = stop - start


@compiled
def _read_numbers(
    data: Any,
    fields: Any,
    columns: Any,
    as_minus_log_10: Any,
    separator: int,
    first_row: Any,
    n_near: Any,
    second_look: Any,
    numbers: Any,
) -> None:
    """Fill in the numbers of some columns, NaN where there is text or something beside a number."""
    marks, first_marks = fields
    n_rows = np.uint64(first_marks.size)
    for k in range(np.uint64(columns.size)):
        column = columns[k]
        n_unusual = n_rows if as_minus_log_10[k] else n_near  # listed for the second look
        for row in range(n_unusual):
            second_look[row] = row
        for row in range(n_unusual, n_rows):
            start, stop = field_bounds(marks, first_marks[row], column, separator)
            mantissa, n_decimals, is_plain = plain_number(data, start, stop)
            numbers[k, first_row + row] = quotient(mantissa, n_decimals)
            second_look[n_unusual] = row
            n_unusual += np.uint64(not is_plain)
        for i in range(n_unusual):
            unusual = np.uint64(second_look[i])
            start, stop = field_bounds(marks, first_marks[unusual], column, separator)
            if _may_be_padded(data, start, stop):
                start, stop = _without_padding(data, start, stop, separator)
            value, is_common = np.nan, False
            if unusual >= n_near:
                value, is_common = common_number(data, start, stop, as_minus_log_10[k])
            if not is_common:
                value, end = parse_number(data, start, as_minus_log_10[k])
                if end != stop:
                    value = np.nan
            numbers[k, first_row + unusual] = value


@compiled
def _may_be_padded(data: Any, start: Any, stop: Any) -> bool:
    """Say whether a field begins or ends with neither letter, digit nor sign; an empty one may give either answer."""
    last = stop - np.uint64(start < stop)  # an empty field may begin the text
    return bool((data[start] <= 34) | (data[last] <= 34))


@compiled
def _without_padding(data: Any, start: Any, stop: Any, separator: int) -> tuple[Any, Any]:
    """Take the blanks and quotes off a field."""
    one = np.uint64(1)
    if separator == BLANKS:
        start += np.uint64(data[start] == 34)  # one quote only: "" is an empty field
    else:
        while start < stop and _is_padding(data[start], separator):
            start += one
    while start < stop and _is_padding(data[stop - one], separator):
        stop -= one
    return start, stop
