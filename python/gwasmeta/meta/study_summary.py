"""What became of one study: its rows, samples and genomic inflation."""

from __future__ import annotations

from dataclasses import dataclass

from gwasmeta.meta.preparation import OpenedStudy
from gwasmeta.sumstats.row_log import StudyLog


@dataclass(frozen=True)
class InflationFactors:
    """Genomic inflation of one study's statistics.

    Attributes
    ----------
    genotyped, imputed : float
        Estimated from the rows of each kind; NaN without such rows. All rows are genotyped where the study does
        not say.
    applied_to_genotyped, applied_to_imputed : float
        What the variances were multiplied by: 1 if no correction was asked for or the estimate is below 1.
    n_genotyped, n_imputed : int
        Number of statistics that the estimates come from.
    """

    genotyped: float
    imputed: float
    applied_to_genotyped: float
    applied_to_imputed: float
    n_genotyped: int
    n_imputed: int


@dataclass
class StudySummary:
    """What became of one study."""

    name: str
    file: str
    dialect: str
    recipes: tuple[str, ...]
    log: StudyLog
    n: float = float("nan")
    n_cases: float = float("nan")
    n_controls: float = float("nan")
    rows_without_n: int = 0
    rows_without_frequency: int = 0
    effects: InflationFactors | None = None
    z: InflationFactors | None = None
    checksum: str = ""

    @classmethod
    def of(cls, reader: OpenedStudy, max_examples: int) -> StudySummary:
        """Return the summary of a study of which nothing has been read yet."""
        study = reader.study
        log = StudyLog(study.label, study.file, max_examples=max_examples)
        return cls(study.label, study.file, reader.dialect, reader.recipes, log)
