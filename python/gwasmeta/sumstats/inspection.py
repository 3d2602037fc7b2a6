"""The public function that says what a file of summary statistics is understood as, and what is odd about it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from gwasmeta.errors import GwasmetaError
from gwasmeta.sumstats.builds import BuildGuess
from gwasmeta.sumstats.column_meanings import ColumnMeaning, column_meanings
from gwasmeta.sumstats.dialects import dialect_named
from gwasmeta.sumstats.header import effect_allele_explained
from gwasmeta.sumstats.inspected_rows import Consistency, InspectedRows, Range
from gwasmeta.sumstats.oddities import oddities
from gwasmeta.sumstats.one_study import one_study
from gwasmeta.sumstats.reader import RowProgress, StudyReader
from gwasmeta.sumstats.row_log import StudyLog
from gwasmeta.sumstats.stated_build import stated_build

if TYPE_CHECKING:
    import pandas as pd

    from gwasmeta.sumstats.dialects import Dialect
    from gwasmeta.sumstats.study import Study, StudySource

_WITHOUT_DIALECT = {
    "custom": "columns named by the caller, the rest recognised where it can mean one thing only",
    "store": "study in a store of gwasmeta, read and checked when it was added",
    "synonyms": "no known format, but words that can mean one thing only",
}


@dataclass(frozen=True)
class Inspection:
    """What a file of summary statistics is understood as.

    Attributes
    ----------
    file, name : str
    dialect, title, source : str
        The format recognised: its name, what it is, and where it is documented.
    effect_allele : str
        Which column is taken as the effect allele, and why.
    effect_scale : str
        The scale of its effects, where the format has a rule for it.
    columns : tuple of ColumnMeaning
        Each word of the header, its meaning, and its first values.
    rows_read, rows_usable : int
        Rows of the file, and those that pass the checks.
    build : BuildGuess
        Build of the genome that the positions belong to, and what speaks for it.
    n, n_cases, n_controls : Range or None
        Samples behind the rows; None where the file says nothing.
    inflation_factor, mean_chi_squared : float
        Of the usable rows.
    share_palindromic : float
        Share of usable rows whose alleles, A/T or C/G, do not tell the strand.
    consistency : Consistency or None
        How the file's p-values agree with effect / standard error; None where it does not have both.
    odd : tuple of str
        What to look at before the file is used.
    """

    file: str
    name: str
    dialect: str
    title: str
    source: str
    effect_allele: str
    effect_scale: str
    columns: tuple[ColumnMeaning, ...] = field(repr=False)
    rows_read: int
    rows_usable: int
    build: BuildGuess
    n: Range | None
    n_cases: Range | None
    n_controls: Range | None
    inflation_factor: float
    mean_chi_squared: float
    share_palindromic: float
    consistency: Consistency | None
    odd: tuple[str, ...]

    @cached_property
    def table(self) -> pd.DataFrame:
        """A row for each word of the header: column, meaning, description, first values."""
        import pandas as pd

        rows = [(one.word, one.column, one.description, ", ".join(one.first_values)) for one in self.columns]
        return pd.DataFrame(rows, columns=["word", "column", "description", "first_values"])

    def __str__(self) -> str:
        documented = "" if self.dialect in _WITHOUT_DIALECT else f", {self.source or 'not documented'}"
        lines = [f"{self.file}: {self.title}", f"  dialect        {self.dialect}{documented}"]
        lines.append(f"  effect allele  {self.effect_allele}")
        if self.effect_scale:
            lines.append(f"  effect         {self.effect_scale}")
        lines.append(f"  rows           {self.rows_read:,}, of which {self.rows_usable:,} pass the checks")
        lines.append(f"  build          {self.build}")
        for label, samples in (("n", self.n), ("cases", self.n_cases), ("controls", self.n_controls)):
            if samples is not None:
                lines.append(f"  {label:<13}  {samples}")
        lines.append(f"  lambda         {self.inflation_factor:.4f}; mean chi-squared {self.mean_chi_squared:.4f}")
        lines.append(f"  palindromic    {self.share_palindromic:.1%} of variants (A/T, C/G)")
        if self.consistency is not None:
            lines.append(f"  p-values       {self.consistency}")
        lines.append("  columns")
        width = max(len(one.word) for one in self.columns)
        meanings = max(len(one.column or "-") for one in self.columns)
        for one in self.columns:
            lines.append(
                f"    {one.word:<{width}}  {one.column or '-':<{meanings}}  {', '.join(one.first_values)}".rstrip()
            )
        lines.append("  odd" if self.odd else "  odd            nothing")
        lines += [f"    {line}" for line in self.odd]
        return "\n".join(lines)


def inspect_sumstats(
    source: StudySource | Study,
    *,
    name: str | None = None,
    dialect: str | Dialect | None = None,
    columns: Mapping[str, str] | None = None,
    n: float | None = None,
    n_cases: float | None = None,
    n_controls: float | None = None,
    filters: str | Iterable[str] = (),
    progress: RowProgress | None = None,
) -> Inspection:
    """Say what a file of summary statistics is understood as, and what is odd about it.

    Parameters
    ----------
    source, name, dialect, columns, n, n_cases, n_controls, filters
        As for `read_sumstats`.
    progress : callable, optional
        Called with the number of rows read so far.

    Returns
    -------
    Inspection
        Prints as a page; its `table` has a row for each column of the file.

    Raises
    ------
    GwasmetaError
        If the file cannot be read, or its header is not understood. The message says which option would decide.

    Examples
    --------
    >>> import gwasmeta
    >>> inspection = gwasmeta.inspect_sumstats(gwasmeta.example_studies("quantitative")["alder"])
    >>> inspection.dialect, inspection.rows_read
    ('gwama', 5919)
    """
    study = one_study(source, name, dialect, columns, n, n_cases, n_controls, filters)
    reader = StudyReader(study)
    dialect_used = dialect_named(reader.dialect)
    meanings = column_meanings(reader)
    log = StudyLog(study.label, study.file)
    rows = InspectedRows(log)
    rows.take(reader.tasks(), progress)
    if not log.rows_read:
        raise GwasmetaError(f"{study.file}: has no rows below its header")
    inspected = Inspection(
        file=study.file,
        name=study.label,
        dialect=reader.dialect,
        title=dialect_used.title if dialect_used else _WITHOUT_DIALECT.get(reader.dialect, reader.dialect),
        source=dialect_used.source if dialect_used else "",
        effect_allele=effect_allele_explained(reader.reading),
        effect_scale=dialect_used.effect_scale if dialect_used else "",
        columns=meanings,
        rows_read=log.rows_read,
        rows_usable=log.rows_used,
        build=stated_build(study, reader.dialect) or rows.build.guess(),
        n=rows.range_of("n"),
        n_cases=rows.range_of("n_cases"),
        n_controls=rows.range_of("n_controls"),
        inflation_factor=rows.inflation_factor(),
        mean_chi_squared=rows.mean_chi_squared(),
        share_palindromic=rows.share_palindromic(),
        consistency=rows.consistency(),
        odd=(),
    )
    return replace(inspected, odd=tuple(oddities(inspected, rows)))
