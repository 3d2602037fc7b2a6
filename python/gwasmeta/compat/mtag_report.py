"""What the log of a run says."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np

from gwasmeta.compat.mtag_options import MtagOptions
from gwasmeta.compat.mtag_trait import TraitFile
from gwasmeta.multitrait.estimates import Gain, little_signal
from gwasmeta.multitrait.estimation import Analysis
from gwasmeta.multitrait.ldsc_report import correlation_text, covariance_text, heritability_text
from gwasmeta.multitrait.munge import Step, TraitSummary
from gwasmeta.stats.genetic_correlation import CrossTraitRegressions
from gwasmeta.sumstats.effects import FloatArray

_SHOWN_OF_A_PATH = 16
_SMALL = 0.01


def trait_lines(file: TraitFile, trait: TraitSummary, options: MtagOptions) -> Iterator[str]:
    """Say how a trait's file was read and cleaned."""
    yield f"Trait {file.name}: {trait.n_read} rows read from {file.path}"
    yield "  columns: " + ", ".join(f"{word} is {column}" for column, word in file.columns.items())
    yield from (f"  {line}" for line in _step_lines(trait.steps, options.verbose))
    yield f"  {trait.n_left} SNPs left; median of z {trait.median_z:.5f}, mean of z^2 {trait.mean_chi_squared:.3f}"
    if "frequency" in file.columns and not file.filters_frequency:
        yield (
            f"  no SNP was removed for its allele frequency: as in MTAG, a column called {file.columns['frequency']} is"
            " not filtered by unless --maf_min is given, such as --maf_min 0.01"
        )


def combining_lines(analysis: Analysis, options: MtagOptions) -> Iterator[str]:
    """Say which SNPs the traits have in common, and what was estimated from them."""
    found = analysis.covariances
    yield "SNPs of the result:"
    yield from (f"  {line}" for line in _step_lines(analysis.snps.steps, True))
    yield f"  {len(analysis.snps)} SNPs"
    if options.meta_format:
        yield from (f"  {line}" for line in _group_lines(analysis))
    if found.n_snps_in_panel:
        yield f"Sigma estimated by LD score regression from {found.n_snps_in_panel} SNPs"
    if found.sigma_shrunk:
        yield "  its covariances were made smaller: the matrix had a negative eigenvalue"
    if options.verbose and found.regressions is not None:
        yield from _regression_lines(found.regressions)
    if options.verbose and found.sigma_standard_error is not None:
        yield f"  standard errors:\n{matrix_text(found.sigma_standard_error)}"
    if not options.equal_h2 and options.gencov_path is None:
        yield f"Omega estimated from {found.n_snps} SNPs"
    if found.likelihood is not None:
        end = "" if found.likelihood.converged else "; it is not certain that this is the maximum"
        yield f"  by maximum likelihood: log-likelihood {found.likelihood.log_likelihood:.3f}{end}"
    if found.omega_shrunk:
        yield "  its covariances were made smaller: the matrix had a negative eigenvalue"


def _regression_lines(regressions: CrossTraitRegressions) -> Iterator[str]:
    """Say what LDSC prints of each pair of traits."""
    n_traits = len(regressions.heritabilities)
    for (one, other), pair in regressions.pairs.items():
        yield f"\nComputing rg for phenotypes {one + 1}/{n_traits}-{other + 1}/{n_traits}"
        for trait, own in zip((one, other), pair.heritabilities, strict=True):
            yield f"{heritability_text(f'phenotype {trait + 1}/{n_traits}', own)}\n"
        yield f"{covariance_text(pair.covariance)}\n"
        yield f"{correlation_text(pair)}\n"


def _step_lines(steps: Sequence[Step], all_steps: bool) -> Iterator[str]:
    for step in steps:
        if step.removed or all_steps:
            yield f"{step.removed} removed: {step.reason} ({step.left} left)"


def _group_lines(analysis: Analysis) -> Iterator[str]:
    groups, counts = np.unique(~np.isnan(analysis.snps.z), axis=0, return_counts=True)
    for group, count in zip(groups, counts.tolist(), strict=True):
        traits = " ".join(str(trait + 1) for trait in np.flatnonzero(group))
        yield f"{count} SNPs present in traits {traits}"


def summary_text(gains: Sequence[Gain], paths: Sequence[str], analysis: Analysis, options: MtagOptions) -> str:
    """Give MTAG's summary of the results."""
    lines = ["", "Summary of MTAG results:", "------------------------", *_gain_table(gains, paths)]
    if options.equal_h2:
        lines.append("Omega hat not computed because --equal_h2 was used.")
    else:
        lines += _covariance_lines("Omega", analysis.covariances.omega)
    lines += _covariance_lines("Sigma", analysis.covariances.sigma)
    lines += ["", "MTAG weight factors: (average across SNPs)", matrix_text(analysis.weight_factors()), ""]
    return "\n".join([*lines, *little_signal(gains)])


def _covariance_lines(name: str, matrix: FloatArray) -> Iterator[str]:
    scale = np.sqrt(matrix.diagonal())
    yield f"\nEstimated {name}:"
    yield matrix_text(matrix)
    yield "\n(Correlation):"
    yield matrix_text(matrix / np.outer(scale, scale))


def _gain_table(gains: Sequence[Gain], paths: Sequence[str]) -> Iterator[str]:
    columns = {
        "# SNPs used": [f"{gain.n_snps}" for gain in gains],
        "N (max)": [f"{math.trunc(gain.n_max)}" for gain in gains],
        "N (mean)": [f"{math.trunc(gain.n_mean)}" for gain in gains],
        "GWAS mean chi^2": [f"{gain.mean_chi_squared_before:.3f}" for gain in gains],
        "MTAG mean chi^2": [f"{gain.mean_chi_squared_after:.3f}" for gain in gains],
        "GWAS equiv. (max) N": [_whole(gain.equivalent_n) for gain in gains],
    }
    shown = [path if len(path) <= _SHOWN_OF_A_PATH else f"...{path[-_SHOWN_OF_A_PATH:]}" for path in paths]
    first, number = max(map(len, shown)), len(str(len(gains)))
    yield " " * number + f" {'Trait':<{first + 1}}  " + "  ".join(columns)
    for place, path in enumerate(shown):
        cells = []
        for header, column in columns.items():
            width = max(map(len, column))
            cells.append(f"{column[place]:>{width}}".ljust(len(header)))
        yield f"{place + 1:<{number}}  {path:<{first}}  " + "  ".join(cells)


def _whole(number: float) -> str:
    return str(math.trunc(number)) if math.isfinite(number) else "nan"


def matrix_text(matrix: FloatArray) -> str:
    """Return a matrix as MTAG prints it, with three digits; but none of small numbers as if they were zeros."""
    text = np.array2string(matrix, precision=3)
    if "e" not in text and np.abs(matrix).max() < _SMALL:
        return np.array2string(matrix, formatter={"float_kind": "{:.3e}".format})
    return text


def attrition_table(traits: Sequence[TraitSummary], analysis: Analysis) -> str:
    """Return how many rows each rule removed, as a table with a line a rule."""
    lines = ["trait\tfile\trule\tremoved\tleft\treason"]
    for trait in traits:
        lines.append(f"{trait.name}\t{trait.file}\trows_read\t0\t{trait.n_read}\t")
        lines += [_attrition_line(trait.name, trait.file, step) for step in trait.steps]
    lines += [_attrition_line("result", "", step) for step in analysis.snps.steps]
    return "\n".join(lines) + "\n"


def _attrition_line(name: str, path: str, step: Step) -> str:
    return f"{name}\t{path}\t{step.rule}\t{step.removed}\t{step.left}\t{step.reason}"
