"""The table of a result as Parquet, written block by block."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gwasmeta.errors import GwasmetaError
from gwasmeta.meta.columns import Column, decimal_of_single
from gwasmeta.store.stored_frame import series_of_words
from gwasmeta.sumstats.words import Words

if TYPE_CHECKING:
    import polars as pl

_LOG_P = "neg_log_10_p_value"
_WHOLE = ("n_studies", "base_pair_location")
_HELD_IN_SINGLE = ("effect_allele_frequency_min", "effect_allele_frequency_max")


def write_result_parquet(
    blocks: Callable[[], Iterator[Mapping[str, Column]]], none: Mapping[str, Column], beside: Path, target: Path
) -> None:
    """Write the columns of `MetaResult.table` with a few blocks of rows in memory.

    Parameters
    ----------
    blocks : callable
        Returns an iterator over the columns of the blocks.
    none : mapping
        The columns without rows.
    beside, target : path
        Where it is written, and how the file is called in the end.

    Raises
    ------
    GwasmetaError
        If the file cannot be written.
    """
    import polars as pl
    from polars.io.plugins import register_io_source

    def frames(*_: Any) -> Iterator[pl.DataFrame]:
        yield from map(_frame, blocks())

    try:
        register_io_source(frames, schema=_frame(none).schema).sink_parquet(beside)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise GwasmetaError(f"{target}: cannot be written: {error}") from error


def _frame(columns: Mapping[str, Column]) -> pl.DataFrame:
    import polars as pl

    series = []
    for name, column in columns.items():
        if isinstance(column, Words):
            series.append(series_of_words(name, column, column.lengths == 0))
            continue
        values = decimal_of_single(column) if name in _HELD_IN_SINGLE else column
        if name.endswith(_LOG_P):
            series.append(pl.Series(name.replace(_LOG_P, "p_value"), 10.0**-values))
        if name in _WHOLE:
            series.append(pl.Series(name, values, nan_to_null=True).cast(pl.Int64))
        else:
            series.append(pl.Series(name, np.ascontiguousarray(values)))
    return pl.DataFrame(series)
