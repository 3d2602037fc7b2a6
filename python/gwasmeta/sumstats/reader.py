"""One study as a stream of checked blocks."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gwasmeta.errors import GwasmetaError
from gwasmeta.sumstats.byte_streams import file_checksum
from gwasmeta.sumstats.checks import checked_block
from gwasmeta.sumstats.header import HeaderReading, read_header
from gwasmeta.sumstats.plan import ReadingPlan, Wanted, make_plan
from gwasmeta.sumstats.raw_blocks import TextBlock, frame_blocks
from gwasmeta.sumstats.row_block import RowBlock
from gwasmeta.sumstats.side_files import SideFiles
from gwasmeta.sumstats.source import LineBlock, TextSource
from gwasmeta.sumstats.stored_rows import STORED, StoredRows
from gwasmeta.sumstats.stored_study import is_stored
from gwasmeta.sumstats.study import Study
from gwasmeta.sumstats.vcf_frames import VcfFrames, is_vcf

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

_PARQUET_MAGIC = b"PAR1"

RowProgress = Callable[[int], None]
"""Called with the number of rows read so far."""


class StudyReader:
    """A study whose header has been understood, ready to be streamed.

    Parameters
    ----------
    study : Study
    wanted : Wanted, or callable, optional
        Everything that the file has, if not given; a callable is given what its header means.

    Attributes
    ----------
    dialect : str
        Name of the dialect that its header was recognised as.
    reading : HeaderReading
        What its header means.
    frame : polars.LazyFrame, VcfFrames, StoredRows or None
        The rows, where they are no text.
    header : tuple of str
    columns : mapping of str to str
        Canonical column to the header's word for it.
    checksum : str
        SHA-256 of the file, once it has been read; empty for frames.

    Raises
    ------
    GwasmetaError
        If the file cannot be read, its header is not understood, or it lacks what is required.
    """

    def __init__(self, study: Study, wanted: Wanted | Callable[[HeaderReading], Wanted] | None = None) -> None:
        self.study = study
        self.checksum = ""
        self._stream: TextSource | None = None
        self.frame: pl.LazyFrame | VcfFrames | StoredRows | None = _as_frame(study)
        if isinstance(self.frame, StoredRows):
            header, separator, where = self.frame.header, "\t", study.file
        elif self.frame is not None:
            header, separator, where = tuple(self.frame.collect_schema().names()), "\t", study.file
        else:
            source = self._opened()
            header, separator = source.header, source.separator
            where = f"{study.file}, line {source.header_line_number}"
            if study.path is None or study.path == "-":
                self._stream = source  # cannot be opened twice
            else:
                source.close()
        self.header = _without_repetition(header, study.text_rules.repeated_words)
        side_files = SideFiles(study)
        reading = read_header(
            self.header,
            dialect=STORED if isinstance(self.frame, StoredRows) else study.dialect,
            columns=study.columns,
            where=where,
            alleles_needed=not isinstance(wanted, Wanted) or wanted.alleles != "none",
            effect_needed=not isinstance(wanted, Wanted) or wanted.effect or wanted.z,
            trait=study.trait,
            beside=side_files.columns_for,
        )
        self.reading = reading
        self.dialect = reading.dialect
        self.columns = reading.meanings()
        chosen = wanted(reading) if callable(wanted) else wanted or Wanted.all_of(reading)
        self._plan = make_plan(study, chosen, reading, separator, side_files.table)
        self.recipes = tuple(recipe.name for recipe in self._plan.recipes)
        if isinstance(self.frame, StoredRows):
            self.recipes = tuple(map(self.frame.as_had_from_source, self.recipes))

    @property
    def is_on_disk(self) -> bool:
        """Whether the rows can be read again, by another process: they are not in memory or a stream."""
        return self.study.path is not None and self.study.path != "-"

    def tasks(self) -> Iterator[Callable[[], RowBlock]]:
        """Yield, block by block, a function that parses and checks it; they may run in parallel."""
        if isinstance(self.frame, StoredRows):
            yield from self.frame.tasks(self._plan)
            self.checksum = self.frame.checksum
            return
        if self.frame is not None:
            for frame_block in frame_blocks(self.frame, self._plan.layout):
                yield partial(checked_block, frame_block, self._plan)
            self.checksum = "" if self.study.path is None else file_checksum(self.study.path)
            return
        with self._stream or self._opened() as source:
            for line_block in source.blocks():
                yield partial(_parsed_and_checked, line_block, self._plan)
            self.checksum = source.checksum

    def _opened(self) -> TextSource:
        study = self.study
        return TextSource(study.source, name=study.file, separator=study.text_rules.separator)  # type: ignore[arg-type]


def _without_repetition(header: tuple[str, ...], repeated: str) -> tuple[str, ...]:
    """Rename all but the first or the last of words that occur several times, so that one is left to be meant."""
    if repeated == "refuse":
        return header
    words = list(header)
    places = range(len(words)) if repeated == "first" else range(len(words) - 1, -1, -1)
    seen: set[str] = set()
    for place in places:
        if words[place].casefold() in seen:
            words[place] += f" (column {place + 1})"
        seen.add(words[place].casefold())
    return tuple(words)


def _parsed_and_checked(block: LineBlock, plan: ReadingPlan) -> RowBlock:
    return checked_block(TextBlock(block, plan.layout), plan)


def _as_frame(study: Study) -> pl.LazyFrame | VcfFrames | StoredRows | None:
    """Return the study's rows as frames if they are one or come from a store, Parquet or a VCF; None for text."""
    source = study.source
    if is_stored(study.path):
        return StoredRows(study)
    if study.path is not None and study.path != "-":
        return VcfFrames(study.path) if is_vcf(study.path) else parquet_frame(study.path)
    if study.path == "-" or hasattr(source, "read"):
        return None
    import polars as pl

    if isinstance(source, pl.DataFrame | pl.LazyFrame):
        return source.lazy()
    try:
        if isinstance(source, Mapping):
            return pl.DataFrame(dict(map(_plain_column, source.items())), strict=False).lazy()
        return pl.DataFrame([_from_pandas(str(name), values) for name, values in source.items()]).lazy()  # type: ignore[union-attr]
    except (AttributeError, TypeError, ValueError, pl.exceptions.PolarsError) as error:
        raise GwasmetaError(
            f"{study.file}: cannot read a study from {type(source).__name__} ({error})\n"
            "  Give a path, a pandas or Polars frame, or a mapping of columns."
        ) from error


def parquet_frame(path: str) -> pl.LazyFrame | None:
    """Return the rows of a Parquet file; None for a file that is none.

    Raises
    ------
    GwasmetaError
        If the file is damaged.
    """
    if not os.path.isfile(path):
        return None
    try:
        with open(path, "rb") as file:
            if file.read(4) != _PARQUET_MAGIC:
                return None
    except OSError:
        return None  # TextSource says what is wrong
    return _scan_parquet(Path(path))


def _plain_column(item: tuple[str, Any]) -> tuple[str, Any]:
    """Return a column of a mapping with what Polars cannot take in by itself turned into what it can."""
    name, column = item
    return name, _from_pandas(name, column) if hasattr(column, "isna") and hasattr(column, "items") else column


def _from_pandas(name: str, column: pd.Series[Any]) -> pl.Series:
    """Return a pandas column, whatever it holds missing values as."""
    import pandas as pd
    import polars as pl

    if isinstance(column.dtype, np.dtype) and column.dtype.kind in "biuf":
        return pl.Series(name, column.to_numpy())
    missing = column.isna().tolist()
    values = column.astype(object).tolist()
    if pd.api.types.is_numeric_dtype(column.dtype):
        return pl.Series(name, [None if gone else value for gone, value in zip(missing, values, strict=True)])
    texts = [None if gone else _text(value) for gone, value in zip(missing, values, strict=True)]
    return pl.Series(name, texts, dtype=pl.String)


def _text(value: Any) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _scan_parquet(path: Path) -> pl.LazyFrame:
    import polars as pl

    try:
        frame = pl.scan_parquet(path)
        frame.collect_schema()
    except (pl.exceptions.PolarsError, OSError) as error:
        raise GwasmetaError(f"{path}: cannot be read as Parquet: {error}") from error
    return frame
