"""Where the lines and fields of a text are, compiled: found 64 bytes at a time, whatever the fields hold.

Fields are told by marks. Between single separators a field has one, where the next field begins; the first of all
says where the first field begins. Between runs of blanks a field has two: where it begins, and where it ends.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from gwasmeta.compiled import compiled
from gwasmeta.sumstats.byte_vectors import where_in_64
from gwasmeta.sumstats.eight_bytes import count_bits, trailing_zeros

BLANKS = 32  # the separator that stands for runs of blanks and tabs; carriage returns are blanks as well, then

SMALLEST_TEXT = 64  # bytes

_WINDOW = np.uint64(64)  # that are looked at together
_WRITTEN_AT_ONCE = 12  # marks, without asking whether there are so many: seldom are there more in 64 bytes
_ROOM_FOR_MARKS = 2048


@compiled
def count_fields(n_marks: Any, separator: int) -> Any:
    """Return how many fields have so many marks."""
    return n_marks >> np.uint64(separator == BLANKS)


@compiled
def field_bounds(marks: Any, first_mark: Any, column: Any, separator: int) -> tuple[Any, Any]:
    """Return where a field of a line begins and ends, given the first mark of the line."""
    mark = np.uint64(first_mark) + (np.uint64(column) << np.uint64(separator == BLANKS))
    separator_before = np.uint64(separator != BLANKS)
    return np.uint64(marks[mark]), np.uint64(marks[mark + np.uint64(1)]) - separator_before


@compiled
def scratch_for_marks(n_fields: int) -> tuple[Any, Any, Any]:
    """Return memory for what `mark_fields` finds in a stretch of lines that have so many fields."""
    size = _ROOM_FOR_MARKS + 8 * n_fields
    return np.empty(size, dtype=np.uint32), np.empty(size, dtype=np.uint32), np.empty(size, dtype=np.uint32)


@compiled
def mark_fields(data: Any, position: Any, separator: int, found: tuple[Any, Any, Any]) -> Any:
    """Find the fields of the next lines.

    Parameters
    ----------
    data : uint8 array
        Complete lines, the last byte being a line feed; `SMALLEST_TEXT` bytes at least.
    position : uint64
        Where the first of the lines begins.
    separator : int
        Byte between fields; `BLANKS` for runs of blanks and tabs.
    found : tuple of three uint32 arrays
        From `scratch_for_marks`. Filled with the marks of as many whole lines as there is room for, but of one
        line at least, whose last marks are missing if there are too many; with where each line ends; and with the
        number of marks up to the end of each line.

    Returns
    -------
    n_lines : uint64
    """
    marks, line_feeds, marks_before = found
    one = np.uint64(1)
    room = np.uint64(marks.size) - _WINDOW - one
    between_signs = np.uint64(separator != BLANKS)
    marks[np.uint64(0)] = position
    n_marks = n_lines = np.uint64(0)
    all_fit: Any = True
    blank_before = one
    while n_lines == np.uint64(0) or (n_lines < room and n_marks < room and position < np.uint64(data.size)):
        start = min(position, np.uint64(data.size) - _WINDOW)
        seen = position - start
        feeds = where_in_64(data, start, 10) >> seen
        bits = feeds | where_in_64(data, start, separator) >> seen
        if separator == BLANKS:
            blanks = bits | (where_in_64(data, start, 9) | where_in_64(data, start, 13)) >> seen
            bits = blanks ^ (blanks << one | blank_before)  # where a field begins or ends
            blank_before = blanks >> np.uint64(63)
        while feeds:
            line_feeds[n_lines] = position + trailing_zeros(feeds)
            marks_before[n_lines] = n_marks + count_bits(bits & (feeds ^ (feeds - one)))
            n_lines += one
            feeds &= feeds - one
        all_fit = n_marks <= room
        _write_marks(bits, position + between_signs, marks, min(n_marks, room) + between_signs)
        n_marks += count_bits(bits)
        position += _WINDOW
    return n_lines if all_fit else one


@compiled
def _write_marks(bits: Any, position: Any, marks: Any, slot: Any) -> None:
    """Write down where the bits are that are 1; the places behind the last one are overwritten as well."""
    one = np.uint64(1)
    for i in range(_WRITTEN_AT_ONCE):
        marks[slot + np.uint64(i)] = position + trailing_zeros(bits)
        bits &= bits - one
    slot += np.uint64(_WRITTEN_AT_ONCE)
    while bits:
        marks[slot] = position + trailing_zeros(bits)
        bits &= bits - one
        slot += one
