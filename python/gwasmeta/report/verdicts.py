"""Can the result be trusted? What the numbers of a run say, one sentence a question."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np

from gwasmeta.plots.data.manhattan import GENOME_WIDE
from gwasmeta.report.numbers import decimal, in_words, method_words, whole
from gwasmeta.report.runs import Run
from gwasmeta.report.scans import Scan
from gwasmeta.report.studies import StudyLine
from gwasmeta.report.variant_rows import Row

_HETEROGENEOUS: Final = 75.0  # I² in per cent: considerable, in the words of Higgins et al. (2003)
_INFLATED, _DEFLATED = 1.1, 0.9
_MOST_NAMED: Final = 5
_SIGNIFICANT: Final = -math.log10(GENOME_WIDE)


@dataclass(frozen=True)
class Verdict:
    """The answer to one question.

    Attributes
    ----------
    level : {"good", "look", "note"}
        Whether it is in order, to be looked at, or only to be known.
    text : str
    """

    level: Literal["good", "look", "note"]
    text: str


def verdicts(
    run: Run, scans: Sequence[Scan], studies: Sequence[StudyLine], rows: Mapping[str, Mapping[str, Row]]
) -> tuple[Verdict, ...]:
    """Return what is in order and what is to be looked at, the latter first.

    Parameters
    ----------
    run : Run
    scans : sequence of Scan
    studies : sequence of StudyLine
    rows : mapping
        Of each table, the rows of its lead variants by their ids.

    Returns
    -------
    tuple of Verdict
    """
    found = [verdict for one in scans for verdict in _of_inflation(one, several=len(scans) > 1)]
    found += _of_studies(studies)
    found += _of_variants(run)
    found += _of_covariances(run.parameters) if run.kind == "mtag" else _of_leads(scans[0], rows[scans[0].name])
    if run.why_no_studies:
        found.append(Verdict("note", f"No forest plots and pictures of studies: {run.why_no_studies.splitlines()[0]}"))
    if run.kind == "table":
        found.append(Verdict("note", "A table without gwasmeta's log: what was left out of the studies is not known."))
    order = {"look": 0, "good": 1, "note": 2}
    return tuple(sorted(found, key=lambda verdict: order[verdict.level]))


def _of_inflation(scan: Scan, several: bool) -> Iterator[Verdict]:
    of = f" of {scan.name}" if several else ""
    factor = scan.inflation_factor
    if factor > _INFLATED:
        yield Verdict(
            "look",
            f"λ{of} is {decimal(factor)}: many causal variants, or confounding."
            " LD score regression tells them apart (gwasmeta ldsc h2).",
        )
    elif factor < _DEFLATED:
        yield Verdict("look", f"λ{of} is {decimal(factor)}, below 1: corrected too much, or errors that are too large.")
    elif math.isfinite(factor):
        yield Verdict("good", f"λ{of} is {decimal(factor)}: the test statistics are not inflated.")


def _of_studies(studies: Sequence[StudyLine]) -> Iterator[Verdict]:
    if not studies:
        return
    flagged = [line.name for line in studies if line.flags]
    if flagged:
        names = _named(flagged)
        yield Verdict("look", f"{len(flagged)} of {len(studies)} studies have something to look at: {names}.")
    else:
        yield Verdict("good", f"None of the {len(studies)} studies has anything to look at.")
    read = sum(int(line.told["rows_read"]) for line in studies)
    used = sum(int(line.told["rows_used"]) for line in studies)
    yield Verdict(
        "good" if used > 0.95 * read else "look",
        f"{whole(used)} of {whole(read)} rows of the studies are used; every other one is counted below by its rule.",
    )


def _of_variants(run: Run) -> Iterator[Verdict]:
    left_out = {rule: count for rule, count in run.parameters.get("variants_left_out", {}).items() if count}
    if left_out:
        reasons = ", ".join(f"{whole(count)} by {in_words(rule)}" for rule, count in left_out.items())
        yield Verdict("note", f"Variants left out of the result: {reasons}.")


def _of_leads(scan: Scan, rows: Mapping[str, Row]) -> Iterator[Verdict]:
    names = [scan.table.name_of(int(row)) for row in scan.significant_leads]
    known = {name: rows[name] for name in names if name in rows}
    if not names:
        yield Verdict("note", "No variant reaches p ≤ 5 × 10⁻⁸.")
        return
    i_squared = scan.table.numbers.get("i_squared", np.full(len(scan.table), np.nan))[scan.significant_leads]
    spread = {name: value for name, value in zip(names, i_squared, strict=True) if not math.isnan(value)}
    varied = [name for name, value in spread.items() if value >= _HETEROGENEOUS]
    if varied:
        text = f"The studies disagree on {len(varied)} of {len(names)} lead variants (I² ≥ 75 %): {_named(varied)}."
        yield Verdict("look", text)
    elif spread:
        yield Verdict("good", f"The studies agree on all {len(spread)} lead variants (I² below 75 %).")
    alone = [name for name, row in known.items() if row.get("n_studies") == 1]
    if alone:
        yield Verdict("look", f"{len(alone)} of {len(names)} lead variants come from a single study: {_named(alone)}.")
    yield from _of_other_methods(scan, names)


def _of_other_methods(scan: Scan, names: Sequence[str]) -> Iterator[Verdict]:
    for column, heights in scan.table.numbers.items():
        if not column.endswith("_neg_log_10_p_value"):
            continue
        method = method_words(column.removesuffix("_neg_log_10_p_value"))
        at_leads = heights[scan.significant_leads]
        lost = [name for name, height in zip(names, at_leads, strict=True) if not height >= _SIGNIFICANT]
        if lost:
            text = f"{len(lost)} of {len(names)} lead variants do not reach 5 × 10⁻⁸ by {method}: {_named(lost)}."
            yield Verdict("look", text)
        else:
            yield Verdict("good", f"All {len(names)} lead variants reach 5 × 10⁻⁸ by {method} as well.")


def _of_covariances(parameters: Mapping[str, Any]) -> Iterator[Verdict]:
    for name, word in (("sigma", "Σ, the covariance of the errors,"), ("omega", "Ω, the covariance of the effects,")):
        if parameters.get(f"{name}_shrunk"):
            yield Verdict("look", f"{word} was not positive definite and has been shrunk until it was.")
    omega = np.array(parameters["omega"])
    scale = np.sqrt(omega.diagonal())
    correlation = omega / np.outer(scale, scale)
    largest = float(np.abs(correlation[~np.eye(len(omega), dtype=bool)]).max()) if len(omega) > 1 else 0.0
    yield Verdict(
        "note",
        f"The largest genetic correlation is {decimal(largest)}. MTAG's power comes from such correlations, and so do"
        " its false discoveries where a SNP has no effect on one of the traits: see maxFDR (gwasmeta mtag --fdr).",
    )


def _named(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_MOST_NAMED])
    return shown if len(names) <= _MOST_NAMED else f"{shown} and {len(names) - _MOST_NAMED} more"
