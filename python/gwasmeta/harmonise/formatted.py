"""What `format_sumstats` returns: what was written, and what became of the rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gwasmeta.harmonise.alignment import CODES
from gwasmeta.sumstats.row_log import StudyLog

if TYPE_CHECKING:
    import pandas as pd

LOG_COLUMNS = ("rule", "action", "count", "reason", "line", "variant_id", "value")


@dataclass(frozen=True)
class FormatResult:
    """A study written in another format.

    Attributes
    ----------
    path : Path
        The table.
    paths : tuple of Path
        All files written: the table, its log, and where they belong to the format its metadata and its index.
    to, dialect : str
        The format written, and the one that was read.
    columns : dict of str to str
        Canonical column to the header's word for it.
    build : str
        Build of the positions written, "unknown" if it could not be found out.
    codes : dict of int to int
        Harmonisation code to number of rows written with it; empty without a reference.
    study_log : StudyLog
        The books: rows read, rows written, and what each rule caught.
    """

    path: Path
    paths: tuple[Path, ...]
    to: str
    dialect: str
    columns: dict[str, str] = field(repr=False)
    build: str
    codes: dict[int, int]
    study_log: StudyLog = field(repr=False)

    @property
    def rows_read(self) -> int:
        """Rows of the study."""
        return self.study_log.rows_read

    @property
    def rows_written(self) -> int:
        """Rows of the table written."""
        return self.study_log.rows_used

    @cached_property
    def log(self) -> pd.DataFrame:
        """Every rule that caught a row, with its first examples, one a line."""
        import pandas as pd

        return pd.DataFrame(list(_finding_rows(self.study_log)), columns=list(LOG_COLUMNS))

    def __str__(self) -> str:
        lines = [
            f"{self.study_log.study}: read as {self.dialect}, {self.rows_written:,} of {self.rows_read:,} rows written"
            f" as {self.to}, build {self.build}"
        ]
        for finding in self.study_log:
            lines.append(f"  {finding.action:<8}  {finding.count:>10,}  {finding.rule}: {finding.reason}")
        lines += [f"  hm_code {code:>2}  {count:>10,}  {CODES[code]}" for code, count in self.codes.items()]
        return "\n".join(lines)


def log_rows(log: StudyLog) -> Iterator[tuple[Any, ...]]:
    """Give the lines of a study's log: the header, the rows read and written, and each finding's examples."""
    yield LOG_COLUMNS
    yield ("rows_read", "", log.rows_read, "", "", "", "")
    yield ("rows_written", "", log.rows_used, "", "", "", "")
    yield from _finding_rows(log)


def _finding_rows(log: StudyLog) -> Iterator[tuple[Any, ...]]:
    for finding in log:
        for example in finding.examples:
            row = (finding.rule, finding.action, finding.count, finding.reason)
            yield (*row, example.line, example.variant_id, example.value)
