"""The rows of a study in a store, read straight from Parquet, a row group at a time and only the columns needed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from gwasmeta.errors import GwasmetaError
from gwasmeta.sumstats.checks import checked_block, fail_filter
from gwasmeta.sumstats.dialects import Dialect
from gwasmeta.sumstats.effects import EFFECT_RECIPES, FloatArray
from gwasmeta.sumstats.plan import ReadingPlan
from gwasmeta.sumstats.raw_blocks import Layout, UnevenLine
from gwasmeta.sumstats.row_block import RowBlock
from gwasmeta.sumstats.row_log import Example, Finding
from gwasmeta.sumstats.stored_study import ROWS, StoredFile, stored_study
from gwasmeta.sumstats.vocabulary import COLUMNS
from gwasmeta.sumstats.words import Words

if TYPE_CHECKING:
    import polars as pl

    from gwasmeta.sumstats.study import Study

ROW_GROUP = 1 << 17
"""Rows of a row group, which is what is read at a time."""

_LINE_FEED = 10

SOURCE_LINE = "source_line"
"""The column that says in which line of the study's file a row stood."""

STORED = Dialect(
    name="store",
    title="study in a store of gwasmeta",
    columns={name: name for name in COLUMNS},
    signature=(),
    source="docs/store.md",
    effect_allele_rule="gwasmeta found it when the study was added",
)


class StoredRows:
    """A study in a store, opened.

    Parameters
    ----------
    study : Study
        Its path is `store:NAME` or `store:PATH/NAME`.

    Attributes
    ----------
    root : Path
        The folder of the store.
    data : Path
        The folder of the study's rows, which goes when the study is replaced.
    header : tuple of str
        Its canonical columns.
    checksum : str
        SHA-256 of the file that the study was added from.

    Raises
    ------
    GwasmetaError
        If there is no such study, or a dialect is given for it.
    """

    def __init__(self, study: Study) -> None:
        assert study.path is not None
        self._name = study.file
        self._folder, self._entry = stored_study(study.path)
        self.root = self._folder.parent.parent  # of the store
        self.data = self._folder / self._entry.data  # what belongs to the rows, and goes when they are replaced
        self.header = self._entry.columns
        self.checksum = self._entry.sha256
        if study.dialect is not None:
            raise GwasmetaError(
                f"{study.file}: a dialect says how a file is read, and this study has been read when it was added\n"
                f"  It was read as {self._entry.dialect}; leave the dialect out, or add the file again."
            )

    def as_had_from_source(self, recipe: str) -> str:
        """Return how effects were had when the study was added, for the recipe that takes them as they are now."""
        return self._entry.read_as[0] if recipe == EFFECT_RECIPES[0].name else recipe

    def head(self, n_rows: int) -> pl.LazyFrame:
        """Return the first rows, in the columns of the header."""
        import polars as pl

        file = self._entry.files[0]
        rows = pl.scan_parquet(self._path(file), hive_partitioning=False, glob=False).head(n_rows)
        return rows.with_columns(chromosome=pl.lit(file.chromosome, pl.String)).select(self.header)

    def tasks(self, plan: ReadingPlan) -> Iterator[Callable[[], RowBlock]]:
        """Yield, row group by row group, a function that reads and checks it; they may run in parallel.

        The first block has also what was found, and left out, when the study was added.
        """
        chosen, unread = self._files_that_pass(plan)
        # What is kept as true or false can break no rule but by being missing, which is told of already.
        plan = replace(plan, rules=tuple(rule for rule in plan.rules if rule.needs != ("imputed",)))
        before = [*self._entry.findings, *unread]
        n_before = sum(finding.count for finding in before if finding.action == "excluded")
        groups = [(file, start) for file in chosen for start in range(0, file.rows, ROW_GROUP)]
        first = self._entry.files[0]
        for file, start in groups or [(first, first.rows)]:  # no row of it, where none is to be read
            yield partial(self._checked, file, start, plan, before, n_before)
            before, n_before = [], 0

    def _checked(
        self, file: StoredFile, start: int, plan: ReadingPlan, before: list[Finding], n_before: int
    ) -> RowBlock:
        block = checked_block(self._raw(file, start, plan.layout), plan)
        return replace(block, n_read=block.n_read + n_before, findings=[*before, *block.findings]) if before else block

    def _files_that_pass(self, plan: ReadingPlan) -> tuple[list[StoredFile], list[Finding]]:
        """Return the files that filters of nothing but the chromosome leave, and what is said of the others."""
        chosen = list(self._entry.files)
        unread = []
        for row_filter in plan.filters + plan.exclusions:
            if set(map(plan.filter_columns.get, row_filter.names)) != {"chromosome"}:
                continue
            words = Words.of([file.chromosome or "" for file in chosen])
            failing = fail_filter(row_filter, plan, {"chromosome": words.numbers()}, {"chromosome": words})
            left_out = [file for file, fails in zip(chosen, failing, strict=True) if fails]
            chosen = [file for file, fails in zip(chosen, failing, strict=True) if not fails]
            if left_out:
                n_rows = sum(file.rows for file in left_out)
                examples = self._first_rows(left_out[0], plan.wanted.max_examples)
                unread.append(Finding(*plan.filter_rule(row_filter), "excluded", n_rows, examples))
        return chosen, unread

    def _first_rows(self, file: StoredFile, n_rows: int) -> tuple[Example, ...]:
        rows = self._read(file, [*({"variant_id"} & set(self.header)), SOURCE_LINE], 0, n_rows)
        names = rows["variant_id"].to_list() if "variant_id" in rows.columns else [""] * rows.height
        lines = rows[SOURCE_LINE].to_list()
        return tuple(
            Example(line, name or "", (file.chromosome or "",)) for line, name in zip(lines, names, strict=True)
        )

    def _raw(self, file: StoredFile, start: int, layout: Layout) -> StoredBlock:
        places = sorted({*layout.numbers.values(), *layout.words.values()})
        names = [layout.header[place] for place in places if layout.header[place] != "chromosome"]
        rows = self._read(file, names or [SOURCE_LINE], start, ROW_GROUP)
        if rows.height != min(ROW_GROUP, file.rows - start):
            raise self._damaged(file, f"{start + rows.height:,} rows where the store lists {file.rows:,}")
        return StoredBlock(rows, file.chromosome, layout, lambda: self._read(file, [SOURCE_LINE], start, ROW_GROUP))

    def _read(self, file: StoredFile, columns: list[str], start: int, n_rows: int) -> pl.DataFrame:
        import polars as pl

        try:
            frame = pl.scan_parquet(self._path(file), hive_partitioning=False, glob=False)
            return frame.select(columns).slice(start, n_rows).collect()
        except (pl.exceptions.PolarsError, OSError) as error:
            raise self._damaged(file, str(error)) from error

    def _path(self, file: StoredFile) -> Path:
        return self.data / ROWS / file.path

    def _damaged(self, file: StoredFile, what: str) -> GwasmetaError:
        return GwasmetaError(
            f"{self._name}: {self._path(file)} cannot be read: {what}\n"
            "  If the study was replaced or removed meanwhile, start again; if not, gwasmeta store check says what is"
            " damaged."
        )


class StoredBlock:
    """Rows of a study in a store as read, before any check.

    Attributes
    ----------
    numbers, words : dict of str to column
    """

    uneven: tuple[UnevenLine, ...] = ()

    def __init__(
        self, rows: pl.DataFrame, chromosome: str | None, layout: Layout, read_lines: Callable[[], pl.DataFrame]
    ) -> None:
        self._rows, self._chromosome, self._header, self._read_lines = rows, chromosome, layout.header, read_lines
        self.n_rows = rows.height
        self.numbers = {name: self._numbers(place) for name, place in layout.numbers.items()}
        self.words = {name: self._words(place) for name, place in layout.words.items()}

    @cached_property
    def lines(self) -> npt.NDArray[np.int64]:
        """Where each row stood in the file that it comes from; read when a rule first catches a row."""
        return self._read_lines()[SOURCE_LINE].to_numpy()

    def field(self, row: int, position: int) -> str:
        """Return one field as text."""
        name = self._header[position]
        value = self._chromosome if name == "chromosome" else self._rows[row, name]
        return "" if value is None else str(value)

    def _numbers(self, place: int) -> FloatArray:
        import polars as pl

        if self._header[place] == "chromosome":
            return self._words(place).numbers()
        values: FloatArray = self._rows[self._header[place]].cast(pl.Float64).to_numpy()
        return values

    def _words(self, place: int) -> Words:
        if self._header[place] == "chromosome":
            return Words.of([self._chromosome or ""]).take(np.zeros(self._rows.height, dtype=np.intp))
        return words_of_series(self._rows[self._header[place]])


def words_of_series(texts: pl.Series) -> Words:
    """Return a column of texts as words; missing ones are empty."""
    if texts.null_count():
        texts = texts.fill_null("")
    lengths = texts.str.len_bytes().to_numpy().astype(np.int32)
    starts = np.zeros(len(texts), dtype=np.int32)
    np.cumsum(lengths[:-1] + 1, out=starts[1:])
    text: bytes = texts.str.join("\n").item().encode()
    data = np.empty(len(text) + 1, dtype=np.uint8)
    data[:-1], data[-1] = np.frombuffer(text, dtype=np.uint8), _LINE_FEED
    return Words(data, starts, lengths)
