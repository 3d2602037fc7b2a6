"""The shape of a written table: which columns in which order, under which words, numbers written how."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from gwasmeta.sumstats.table_text import NumberColumn, NumberStyle, Significant
from gwasmeta.sumstats.words import Words

Column: TypeAlias = "npt.NDArray[np.float64] | Words"


EXACT = Significant(8)

HARMONISATION_CODE = "hm_code"
"""Column of the code that says what was done to a row; see `gwasmeta.harmonise.alignment.CODES`."""


@dataclass(frozen=True)
class OutputColumn:
    """One column of a written table: its header, the column of the rows that it shows, and how numbers are written."""

    header: str
    source: str
    style: NumberStyle = EXACT
    scale: float = 1.0


@dataclass(frozen=True)
class Format:
    """A table's columns in order, and what stands for a missing value.

    Columns that the rows do not have are left out, unless they are `required` by the format: then they are
    written as missing. `derive` makes the columns that only this format has from a block of columns, or puts
    others in their place.
    """

    name: str
    columns: tuple[OutputColumn, ...]
    missing: str
    required: frozenset[str] = frozenset()
    keeps_other_columns: bool = False
    derive: Callable[[Mapping[str, Column]], dict[str, Column]] = lambda _: {}


def numbers_of(column: Column) -> npt.NDArray[np.float64]:
    """Return a column that is known to be one of numbers."""
    assert not isinstance(column, Words)
    return column


def words_of(column: Column) -> Words:
    """Return a column that is known to be one of words."""
    assert isinstance(column, Words)
    return column


def written_columns(columns: Sequence[OutputColumn], values: Mapping[str, Column]) -> list[Words | NumberColumn]:
    """Bring a block of rows into the shape of a format."""
    n_rows = len(next(iter(values.values())))
    return [_written(column, values, n_rows) for column in columns]


def _written(column: OutputColumn, values: Mapping[str, Column], n_rows: int) -> Words | NumberColumn:
    value = values.get(column.source)
    if value is None:
        value = np.full(n_rows, np.nan)
    if isinstance(value, Words):
        return value
    return NumberColumn(value if column.scale == 1 else value * column.scale, column.style)
