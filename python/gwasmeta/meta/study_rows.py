"""What a result says of one study: a row of its table of studies, and an entry of the sidecar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

import numpy as np

from gwasmeta.meta.study_summary import StudySummary
from gwasmeta.stats.genomic_control import inflation_factor_1000, inflation_factor_1000_case_control
from gwasmeta.sumstats.study import Study

_TOLD_ELSEWHERE = ("source", "name", "columns", "filters", "dialect")


def study_row(summary: StudySummary) -> dict[str, Any]:
    """Return a study's row of the table of studies."""
    row: dict[str, Any] = {
        "study": summary.name,
        "file": summary.file,
        "dialect": summary.dialect,
        "read_as": "; ".join(summary.recipes),
        "rows_read": summary.log.rows_read,
        "rows_used": summary.log.rows_used,
        "rows_excluded": summary.log.rows_read - summary.log.rows_used,
        "excluded_by": summary.log.excluded,
        "n": summary.n,
        "n_cases": summary.n_cases,
        "n_controls": summary.n_controls,
    }
    factors = summary.effects or summary.z
    if factors is not None:
        row |= {
            "inflation_factor": factors.genotyped,
            "inflation_factor_imputed": factors.imputed,
            "inflation_factor_1000": _per_1000(factors.genotyped, summary),
            "applied_inflation_factor": factors.applied_to_genotyped,
            "applied_inflation_factor_imputed": factors.applied_to_imputed,
        }
    if summary.effects is not None and summary.z is not None:
        row["inflation_factor_of_z"] = summary.z.genotyped
    row["sha256"] = summary.checksum
    return row


def given_beside_file(study: Study) -> dict[str, Any]:
    """Return what the caller said of a study beside its file, columns and filters."""
    told = {field.name: getattr(study, field.name) for field in fields(Study) if field.name not in _TOLD_ELSEWHERE}
    untold = vars(Study(study.source))
    return {
        name: vars(value) if name == "text_rules" else value for name, value in told.items() if value != untold[name]
    }


def earlier_same_studies(summaries: Sequence[StudySummary]) -> dict[str, str]:
    """Return, by the name of each study that is an earlier one once more, the name of that one.

    The same file may hold two studies, in other columns or rows; so their numbers have to be the same as well.
    """
    first: dict[tuple[str, int, float], str] = {}
    same = {}
    for summary in summaries:
        factors = summary.effects or summary.z
        if summary.checksum and factors is not None:
            earlier = first.setdefault((summary.checksum, summary.log.rows_used, factors.genotyped), summary.name)
            if earlier != summary.name:
                same[summary.name] = earlier
    return same


def _per_1000(factor: float, summary: StudySummary) -> float:
    if not np.isnan(summary.n_cases) and not np.isnan(summary.n_controls):
        return float(inflation_factor_1000_case_control(factor, summary.n_cases, summary.n_controls))
    return float(inflation_factor_1000(factor, summary.n))


def as_json(values: dict[str, Any]) -> dict[str, Any]:
    """JSON has neither NaN nor infinity: None says that there is no such number."""
    return {
        name: None if isinstance(value, float) and not np.isfinite(value) else value for name, value in values.items()
    }
