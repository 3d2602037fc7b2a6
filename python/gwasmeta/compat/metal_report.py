"""What became of each file of an analysis, in METAL's words, and where METAL would have done otherwise."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from gwasmeta.compat.metal_files import MetalFile
from gwasmeta.compat.metal_settings import Analysis, Settings
from gwasmeta.meta.engine import MetaEngine
from gwasmeta.meta.result import MetaResult
from gwasmeta.meta.study_summary import StudySummary
from gwasmeta.stats.sequential_overlap import OverlapBins
from gwasmeta.sumstats.row_log import Finding
from gwasmeta.sumstats.table_text import MetalPValue, NumberColumn, table_text

_BLOCK = 1 << 16  # markers looked at together

# What METAL makes of such rows, and the name that docs/differences.md has for it.
_OTHERWISE_IN_METAL = {
    "beta_missing": "METAL takes an effect that is no number for 0 (effect_is_text)",
    "effect_direction_missing": "METAL takes an effect that is no number for positive (no_direction)",
    "n_missing": "METAL gives such a row no weight, or a negative one (weight_not_positive)",
    "effect_allele_missing": "METAL takes such words for alleles (no_alleles)",
    "other_allele_missing": "METAL takes such words for alleles (no_alleles)",
    "alleles_identical": "METAL takes them for two alleles (no_alleles)",
    "effect_allele_frequency_not_within_0_1": "METAL averages such frequencies (frequency_missing)",
}
_WARNINGS = {
    "p_value_not_within_0_1": "Invalid pvalue",
    "standard_error_missing": "Invalid standard error",
    "standard_error_not_positive": "Invalid standard error",
    "odds_ratio_missing": "Invalid log(effect)",
    "odds_ratio_not_positive": "Invalid log(effect)",
    "alleles_differ": "Bad alleles",
    "position_differs": "Bad position",
    "duplicate": "Duplicated, first instance used",
}
# METAL says nothing of these either, and they change nothing.
_NOT_REPORTED = frozenset({"other_strand", "frequency_far_from_others", "n_not_positive"})


def files_report(files: Sequence[MetalFile], engine: MetaEngine) -> Iterator[str]:
    """Yield the lines that say what became of each file in the engine's run."""
    n_without_direction = _n_without_direction(engine)
    for number, (file, summary) in enumerate(zip(files, engine.summaries, strict=True)):
        yield f"## File '{file.study.file}'"
        yield from _findings_report(file, summary)
        yield from _inflation_report(file, summary)
        if engine.sequential is not None:
            yield from _overlap_report(engine.sequential.bins[number])
        if file.settings.scheme == "SAMPLESIZE" and (n := n_without_direction[number]):
            yield f"## NOTE: {n} effects are 0, without direction; METAL takes them for positive (no_direction)"
        yield f"## Processed {summary.log.rows_used} markers ..."
        yield ""


def _findings_report(file: MetalFile, summary: StudySummary) -> Iterator[str]:
    filtered = []
    for finding in summary.log:
        if finding.rule in file.filters:
            filtered.append((finding.count, file.filters[finding.rule].text))
        elif finding.rule not in _NOT_REPORTED:
            yield from _finding_report(finding, file.settings.max_warnings)
    if filtered:
        yield f"#    {sum(count for count, _ in filtered):>5} lines filtered, for the following reasons:"
    for count, text in filtered:
        yield f"#    {count:>5} lines filtered due to constraint {text}"


def _finding_report(finding: Finding, max_warnings: int) -> Iterator[str]:
    warning = _WARNINGS.get(finding.rule, finding.rule.replace("_", " ").capitalize())
    consequence = "ignored" if finding.action == "excluded" else "used without it"
    for example in finding.examples[:max_warnings]:
        yield f"## WARNING: {warning} for marker '{example.variant_id}', line {example.line}: '{example.value}'"
    otherwise = _OTHERWISE_IN_METAL.get(finding.rule)
    yield f"## {warning}: {finding.count} lines {consequence}; {finding.reason}"
    if otherwise is not None:
        yield f"## NOTE: {otherwise}"


def _inflation_report(file: MetalFile, summary: StudySummary) -> Iterator[str]:
    factors = summary.effects or summary.z
    if not file.settings.genomic_control.on or factors is None:
        return
    given = file.settings.genomic_control.factor
    factor = factors.genotyped if given is None else given
    if np.isnan(factor):
        yield "## WARNING: Genomic control parameter cannot be calculated, no valid input"
        return
    adjusted = "adjusting test statistics" if factor > 1 else "no adjustment made"
    yield f"## Genomic control parameter is {factor:.3f}, {adjusted}"


def _overlap_report(bins: OverlapBins) -> Iterator[str]:
    for lowest, n_markers, correlation in zip(bins.lowest_n, bins.n_variants, bins.correlation, strict=True):
        sizes = f"{lowest}<=WEIGHT<{lowest + 1000}"
        yield f"## Samples overlap for {n_markers} marker(s) with {sizes}: {correlation:.10f}"


def _n_without_direction(engine: MetaEngine) -> npt.NDArray[np.int64]:
    """Return, for each file, how many of its effects are 0."""
    counts = np.zeros(len(engine.summaries), dtype=np.int64)
    for start in range(0, len(engine.variants), _BLOCK):
        counts += (engine.directions.symbols(start, start + _BLOCK) == ord("0")).sum(axis=0)
    return counts


def differences_at_work(
    files: Sequence[MetalFile], settings: Settings, analysis: Analysis, engine: MetaEngine
) -> Iterator[str]:
    """Yield a line for each way in which METAL's result would be another one, beside those of single files."""
    if settings.uses_frequencies and any(summary.rows_without_frequency for summary in engine.summaries):
        yield "## NOTE: Frequencies that are missing are left out; METAL takes them for 0 (frequency_missing)"
    if settings.overlap and settings.average_frequencies:
        yield "## NOTE: Freq1 is divided by the sum of weights; METAL divides by more (overlap_frequencies)"
    if settings.custom:
        yield "## NOTE: Sums of custom variables are printed in full; METAL prints six digits (custom_sums_in_full)"
    if settings.overlap and analysis != "plain":
        yield "## NOTE: Heterogeneity is that of the uncorrected weights; METAL mixes both (overlap_heterogeneity)"
    if analysis != "plain" and len({file.settings.flip for file in files} | {settings.flip}) > 1:
        yield "## NOTE: Heterogeneity is that of the flipped effects; METAL flips all or none (flip_heterogeneity)"


def result_report(result: MetaResult, settings: Settings, table: Path, description: Path) -> Iterator[str]:
    """Yield the lines that say what was written, and the most significant marker."""
    yield "#" * 75
    yield "## Executing meta-analysis ..."
    yield f"## Complete results will be stored in file '{table}'"
    yield f"## Column descriptions will be stored in file '{description}'"
    yield f"## Completed meta-analysis for {len(result)} markers!"
    if result.most_significant is not None:
        marker, neg_log_10_p = result.most_significant
        p_value = f"{-neg_log_10_p:.2f}" if settings.log_p_value else _printed(neg_log_10_p)
        yield f"## Smallest p-value is {p_value} at marker '{marker}'"
    n_skipped = result.n_left_out["min_n"]
    if n_skipped:
        yield f"## A total of {n_skipped} markers with less than MINWEIGHT = {settings.min_weight:g} were skipped"
    yield ""


def _printed(neg_log_10_p: float) -> str:
    return table_text([NumberColumn(np.array([neg_log_10_p]), MetalPValue())]).decode().strip()
