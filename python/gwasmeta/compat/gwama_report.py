"""What GWAMA says of the studies and of the result: on standard output and in ROOT.gc.out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

import numpy as np

from gwasmeta.compat.gwama_options import GwamaOptions
from gwasmeta.compat.gwama_study import NO_STRAND, GwamaStudy
from gwasmeta.meta.study_summary import StudySummary

RULE = "-" * 36


def study_lines(
    study: GwamaStudy, summary: StudySummary, problems: Counter[str], options: GwamaOptions
) -> Iterator[str]:
    """Yield what GWAMA prints of a study."""
    yield RULE
    yield f"Reading file: {study.path}"
    if study.study.sex is not None:
        yield f"Gender status: {study.study.sex[0].upper()}"
    if not study.has_strand:
        yield NO_STRAND
    for exclusion in study.exclusions:
        yield f"Filtering by {exclusion.column} column"
    if options.genomic_control:
        (genotyped, n_genotyped), (imputed, n_imputed) = _inflation(summary)
        yield f"GC lambda genotyped: {genotyped:g} ({n_genotyped}) imputed: {imputed:g} ({n_imputed})"
    log = summary.log
    yield f"Marker count: {log.rows_read} Markers passing sanity check (and filters): {log.rows_used}"
    yield f"Strand problems: {problems['strand']} Wrong alleles: {problems['alleles']}"
    yield f"Effect problems: {problems['effects']} Multiple occurrences: {problems['duplicate']}"
    for exclusion, rule in study.exclusions.items():
        yield f"FILTER {exclusion} :{problems[rule]}"


def correction_line(factor: float) -> str:
    """Return what GWAMA says of the inflation factor of the result."""
    if factor > 1:
        return f"Output p-value is corrected with lambda={factor:g}"
    return f"Output p-value is not corrected. Lambda={factor:g}"


def inflation_table(studies: Iterable[StudySummary]) -> str:
    """Return ROOT.gc.out: the studies' inflation factors, under GWAMA's header with its one tab too many."""
    lines = [
        "Cohort\tdirectly_genotyped_markers_lambda\t\tdirectly_genotyped_markers_count"
        "\timputed_markers_lambda\timputed_markers_count"
    ]
    for study in studies:
        (genotyped, n_genotyped), (imputed, n_imputed) = _inflation(study)
        lines.append(f"{study.file}\t{genotyped:.4f}\t{n_genotyped}\t{imputed:.4f}\t{n_imputed}")
    return "\n".join(lines) + "\n"


def _inflation(study: StudySummary) -> tuple[tuple[float, int], tuple[float, int]]:
    """Return lambda and number of genotyped and of imputed rows; without rows lambda is 1."""
    factors = study.effects
    assert factors is not None
    genotyped, imputed = (1.0 if np.isnan(factor) else factor for factor in (factors.genotyped, factors.imputed))
    return (genotyped, factors.n_genotyped), (imputed, factors.n_imputed)
