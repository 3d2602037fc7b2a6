"""Rows written as Parquet, block by block."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gwasmeta.errors import GwasmetaError
from gwasmeta.sumstats.study_formats import CANONICAL_ORDER
from gwasmeta.sumstats.words import Words

if TYPE_CHECKING:
    import polars as pl

    from gwasmeta.sumstats.table_format import Column

_SORTING_KEY = "sorting_key"
_WHOLE = ("base_pair_location", "hm_code")


def write_parquet(
    blocks: Callable[[], Iterator[tuple[Mapping[str, Column], Any]]],
    columns: Mapping[str, Column],
    beside: Path,
    target: Path,
    is_sorted: bool,
) -> None:
    """Write rows as Parquet.

    Parameters
    ----------
    blocks : callable
        Returns an iterator over columns of rows and their sorting keys.
    columns : mapping
        Some rows, for the names and kinds of the columns.
    beside, target : path
        Where it is written, and how the file is called in the end.
    is_sorted : bool
        Whether the rows are sorted by their keys.

    Raises
    ------
    GwasmetaError
        If the file cannot be written.
    """
    import polars as pl
    from polars.io.plugins import register_io_source

    def frames(*_: Any) -> Iterator[pl.DataFrame]:
        for values, keys in blocks():
            yield _frame(values, keys)

    schema = _frame(columns, np.zeros(_n_rows(columns), np.int64) if is_sorted else None).schema
    lazy = register_io_source(frames, schema=schema)
    if is_sorted:
        lazy = lazy.sort(_SORTING_KEY, maintain_order=True).drop(_SORTING_KEY)
    try:
        lazy.sink_parquet(beside)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise GwasmetaError(f"{target}: cannot be written: {error}") from error


def _n_rows(columns: Mapping[str, Column]) -> int:
    return len(next(iter(columns.values())))


def _frame(values: Mapping[str, Column], keys: Any) -> pl.DataFrame:
    import polars as pl

    frame = pl.DataFrame([_series(name, values[name]) for name in CANONICAL_ORDER if name in values])
    return frame if keys is None else frame.with_columns(pl.Series(_SORTING_KEY, keys))


def _series(name: str, column: Column) -> pl.Series:
    import polars as pl

    if isinstance(column, Words):
        return pl.Series(name, [word or None for word in column.to_list()], dtype=pl.String)
    numbers = pl.Series(name, np.asarray(column), nan_to_null=True)
    return numbers.cast(pl.Int64) if name in _WHOLE else numbers
