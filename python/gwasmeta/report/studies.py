"""The studies of a meta-analysis: what became of their rows, and what about them is to be looked at."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from gwasmeta.errors import GwasmetaError
from gwasmeta.plots.data.canvas import Canvas
from gwasmeta.plots.data.study_quality import StudyPoints, standard_error_n_data
from gwasmeta.plots.study_values import StudyValues, read_study_values
from gwasmeta.report.numbers import decimal, in_words, share, whole
from gwasmeta.report.runs import Run

_P_Z_CANVAS: Final = Canvas(345.0, 345.0)
# Winkler et al. (2014), Nature Protocols 9:1192; the correlation is that of QCGWAS.
_INFLATED: Final = 1.1
_DEFLATED: Final = 0.9
_LEAST_P_Z_CORRELATION: Final = 0.99
_MANY_EXCLUDED: Final = 0.05
_MANY_WARNED: Final = 0.01


@dataclass(frozen=True)
class StudyLine:
    """A study's row in the report.

    Attributes
    ----------
    told : mapping
        Its entry in the run's parameters.
    values : StudyValues or None
        Of its rows, where the study could be read again.
    findings : tuple of Finding
        What its rows were changed or warned for.
    flags : tuple of str
        What is to be looked at, with the reason.
    """

    told: Mapping[str, Any]
    values: StudyValues | None
    findings: tuple[Finding, ...]
    flags: tuple[str, ...]

    @property
    def name(self) -> str:
        """How the study is called."""
        return str(self.told["study"])

    @property
    def mean_chi_squared(self) -> float:
        """Mean of z² before genomic control; NaN if the study was not read again."""
        return float("nan") if self.values is None else self.values.mean_chi_squared


@dataclass(frozen=True)
class Finding:
    """What a rule caught in one study."""

    rule: str
    action: str
    count: int
    reason: str


def study_lines(run: Run, values: Sequence[StudyValues | None]) -> tuple[StudyLine, ...]:
    """Join what the run says of its studies with what their rows show.

    Parameters
    ----------
    run : Run
    values : sequence of StudyValues or None
        Of each study, in the run's order.

    Returns
    -------
    tuple of StudyLine
    """
    studies = run.parameters.get("studies", [])
    off_the_line = _with_other_standard_errors([one for one in values if one is not None])
    lines = []
    for told, own in zip(studies, values, strict=True):
        findings = findings_of(run.log, str(told["study"]))
        flags = tuple(_flags(told, own, findings, off_the_line))
        lines.append(StudyLine(told, own, findings, flags))
    return tuple(lines)


def read_values(run: Run, progress: Any = None) -> list[StudyValues | None]:
    """Read every study of a run again; None for those that cannot be read so."""
    if run.analysis is None:
        return [None] * len(run.parameters.get("studies", []))
    values: list[StudyValues | None] = []
    rows = 0
    for number, study in enumerate(run.analysis.studies, 1):
        try:
            one = read_study_values(study, _P_Z_CANVAS)
            rows += one.rows_used + sum(one.excluded_by.values())
        except GwasmetaError:  # a study that gives z alone, for instance
            values.append(None)
        else:
            values.append(one)
        if progress is not None:
            progress(study.label, number, len(run.analysis.studies), rows)
    return values


def findings_of(log: Sequence[Mapping[str, str]], study: str) -> tuple[Finding, ...]:
    """Return what the log says of a study's rows, one entry a rule."""
    found = {}
    for row in log:
        if row.get("study") == study and row["action"]:
            found[row["rule"], row["action"]] = Finding(
                row["rule"], row["action"], int(float(row["count"])), row["reason"]
            )
    return tuple(found.values())


def _flags(
    told: Mapping[str, Any], values: StudyValues | None, findings: Sequence[Finding], off_the_line: set[str]
) -> Iterator[str]:
    read, used = int(told["rows_read"]), int(told["rows_used"])
    factor, scaled = _number(told.get("inflation_factor")), _number(told.get("inflation_factor_1000"))
    if factor > _INFLATED and (scaled > _INFLATED or math.isnan(scaled)):
        beside = f", {decimal(scaled, 2)} at N = 1,000" if math.isfinite(scaled) else ""
        yield f"λ = {decimal(factor, 2)}{beside}: stratification, relatedness, or many causal variants"
    if factor < _DEFLATED:
        yield f"λ = {decimal(factor, 2)}, below 1: corrected too much, or its standard errors are too large"
    if read and 1 - used / read > _MANY_EXCLUDED:
        worst = max(told["excluded_by"], key=lambda rule: told["excluded_by"][rule])
        yield f"{share(read - used, read)} of its rows are excluded, most by {in_words(worst)}"
    for finding in findings:
        if finding.action == "warned" and used and finding.count / used > _MANY_WARNED:
            yield f"{in_words(finding.rule)}: {whole(finding.count)} rows ({share(finding.count, used)})"
    if math.isnan(_number(told.get("n"))) and math.isnan(_number(told.get("n_cases"))):
        yield "does not say its sample size"
    if values is None:
        return
    if values.p_z is not None and values.p_z.correlation < _LEAST_P_Z_CORRELATION:
        yield (
            f"its p-values are not those of effect / standard error (correlation {decimal(values.p_z.correlation)}):"
            " a wrong column, or corrected without the standard errors"
        )
    if values.name in off_the_line:
        yield "its standard errors do not fit its sample size as the others' do: another unit, or a wrong N"


def _with_other_standard_errors(values: Sequence[StudyValues]) -> set[str]:
    points = standard_error_points(values)
    if points is None or len(points.study) < 3:  # of two, nothing says which one is off
        return set()
    return {name for name, off in zip(points.study, points.outlying, strict=True) if off}


def standard_error_points(values: Sequence[StudyValues]) -> StudyPoints | None:
    """Return the points of the SE-N plot; None if no study has all that it needs."""
    try:
        return standard_error_n_data(
            [one.name for one in values],
            [one.median_standard_error for one in values],
            [one.constant for one in values],
            [one.n for one in values],
        )
    except GwasmetaError:
        return None


def _number(value: Any) -> float:
    return float("nan") if value is None else float(np.float64(value))
