"""Columns to lines of text, compiled: numbers to a stated precision, p-values from their logarithms."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from gwasmeta.compiled import compiled
from gwasmeta.sumstats import number_text
from gwasmeta.sumstats.digit_bytes import STORED_BEYOND, float64_at, int32_at, put_byte, put_bytes
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
class General:
    """C's %g with so many significant digits, at most 15."""

    digits: int


@dataclass(frozen=True)
class PValue:
    """A p-value given as minus its decimal logarithm, with so many significant digits, however small it is."""

    digits: int


@dataclass(frozen=True)
class GwamaPValue:
    """A p-value given as minus its decimal logarithm, as GWAMA writes it: %.6f from 0.001 on, below %.2E."""


@dataclass(frozen=True)
class MetalPValue:
    """A p-value given as minus its decimal logarithm, as METAL writes it: %.4g while |z| < 20, then as 1.20e-103."""


NumberStyle: TypeAlias = Significant | General | Fixed | PValue | GwamaPValue | MetalPValue
_STYLE_CODES: dict[type, int] = {
    Significant: number_text.SIGNIFICANT,
    General: number_text.GENERAL,
    Fixed: number_text.FIXED,
    PValue: number_text.P_VALUE,
    GwamaPValue: number_text.GWAMA_P_VALUE,
    MetalPValue: number_text.METAL_P_VALUE,
}


@dataclass(frozen=True)
class NumberColumn:
    """Numbers and how to write them."""

    values: npt.NDArray[np.float64]
    style: NumberStyle

    def __len__(self) -> int:
        return len(self.values)


# Of each column how it is written and the addresses of its arrays, for the compiled code.
_PLAN = np.dtype(
    [("style", np.int64), ("digits", np.int64)]
    + [(address, np.uint64) for address in ("numbers", "starts", "lengths", "bytes", "end_of_bytes")]
)
_WORDS = len(_STYLE_CODES)  # the style of words
_USUAL_FIELD = 16  # bytes, more than a number of eight digits takes; where it is not enough, the text grows
_MOST_FIXED = 15  # digits behind the point
_ONE = np.uint64(1)
_BYTES_OF_INT32, _BYTES_OF_FLOAT64 = np.uint64(4), np.uint64(8)


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

    Raises
    ------
    ValueError
        If the columns differ in length.
    """
    n_rows = len(columns[0])
    if any(len(column) != n_rows for column in columns):
        raise ValueError(f"columns of {sorted({len(column) for column in columns})} rows are no table")
    columns = [_written_out(column) if _has_too_many_digits(column) else column for column in columns]
    arrays = [_arrays(column) for column in columns]  # kept as long as their addresses are in use
    plan = np.array([_planned(column, its) for column, its in zip(columns, arrays, strict=True)], dtype=_PLAN)
    missing_bytes = np.frombuffer(missing.encode(), dtype=np.uint8)
    longest_row = sum(map(_longest, columns)) + len(columns) * (len(missing_bytes) + 1) + STORED_BEYOND
    text = np.empty(n_rows * len(columns) * _USUAL_FIELD + longest_row, dtype=np.uint8)
    row, length = 0, 0
    while True:
        row, length = _write_rows(plan, missing_bytes, ord(separator), row, n_rows, text, length, longest_row)
        if row == n_rows:
            return text[:length].tobytes()
        text = np.concatenate([text[:length], np.empty(length + longest_row, dtype=np.uint8)])


def _has_too_many_digits(column: Words | NumberColumn) -> bool:
    """Say whether more digits behind the point are asked for than the compiled code has."""
    return isinstance(column, NumberColumn) and isinstance(column.style, Fixed) and column.style.digits > _MOST_FIXED


def _written_out(column: Words | NumberColumn) -> Words:
    """Write numbers one by one, exactly: slow, but only a script for METAL asks for it."""
    assert isinstance(column, NumberColumn)
    assert isinstance(column.style, Fixed)
    digits = column.style.digits
    return Words.of(["" if math.isnan(value) else f"{value:.{digits}f}" for value in column.values.tolist()])


def _arrays(column: Words | NumberColumn) -> list[npt.NDArray[Any]]:
    """Return the arrays of a column as the compiled code reads them."""
    if isinstance(column, NumberColumn):
        return [np.ascontiguousarray(column.values, dtype=np.float64)]
    places = [np.ascontiguousarray(place, dtype=np.int32) for place in (column.starts, column.lengths)]
    return [*places, np.ascontiguousarray(column.data, dtype=np.uint8)]


def _planned(column: Words | NumberColumn, arrays: list[npt.NDArray[Any]]) -> tuple[int, ...]:
    addresses = [array.ctypes.data for array in arrays]
    if isinstance(column, NumberColumn):
        return (_STYLE_CODES[type(column.style)], getattr(column.style, "digits", 0), *addresses, 0, 0, 0, 0)
    return (_WORDS, 0, 0, *addresses, addresses[-1] + column.data.size)


def _longest(column: Words | NumberColumn) -> int:
    return number_text.LONGEST_NUMBER if isinstance(column, NumberColumn) else int(column.lengths.max(initial=0))


@compiled
def _write_rows(
    plan: Any,
    missing: Any,
    separator: int,
    row: int,
    n_rows: int,
    text: Any,
    length: int,
    longest_row: int,
) -> tuple[int, Any]:
    """Write rows as long as there is room; return the first row that is not written, and the length of the text."""
    start = np.uint64(text.ctypes.data)
    place = start + np.uint64(length)
    last_place = start + np.uint64(text.size - longest_row)
    missing_place, missing_length = np.uint64(missing.ctypes.data), np.uint64(missing.size)
    while row < n_rows and place <= last_place:
        for number in range(plan.size):
            column = plan[number]
            if column.style == _WORDS:
                word, word_length = _word(column, np.uint64(row))
                is_missing = word_length == 0
                place = put_bytes(place, word, word_length, column.end_of_bytes)
            else:
                value = float64_at(column.numbers + _BYTES_OF_FLOAT64 * np.uint64(row))
                is_missing = math.isnan(value)
                if not is_missing:
                    place = number_text.put_number(place, value, column.style, column.digits)
            if is_missing:
                place = put_bytes(place, missing_place, missing_length, missing_place + missing_length)
            put_byte(place, separator)
            place += _ONE
        put_byte(place - _ONE, 10)
        row += 1
    return row, np.int64(place - start)


@compiled
def _word(column: Any, row: Any) -> tuple[Any, Any]:
    """Return the address of a word and its length."""
    start = int32_at(column.starts + _BYTES_OF_INT32 * row)
    return column.bytes + np.uint64(start), np.uint64(int32_at(column.lengths + _BYTES_OF_INT32 * row))
