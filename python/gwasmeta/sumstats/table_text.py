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
        styles[k] = _STYLE_CODES[type(number_column.style)], getattr(number_column.style, "digits", 0)
    data, starts, lengths = _side_by_side(word_columns, n_rows)

    roles, n_numbers, n_words = [], 0, 0
    for column in columns:
        if isinstance(column, NumberColumn):
            n_numbers += 1
            roles.append(n_numbers)
        else:
            n_words += 1
            roles.append(-n_words)
    widest = number_text.LONGEST_NUMBER * len(number_columns) + (len(missing) + 1) * len(columns)
    capacity = n_rows * widest + int(lengths.sum(dtype=np.int64))
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


_ONE = np.uint64(1)


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
                    position = number_text.put_number(text, position, value, styles[role - 1, 0], styles[role - 1, 1])
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
