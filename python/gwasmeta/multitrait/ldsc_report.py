"""Results of LD score regression in the words of LDSC's log, which people's scripts look for."""

from __future__ import annotations

import numpy as np

from gwasmeta.stats.block_jackknife import Estimate
from gwasmeta.stats.genetic_correlation import GeneticCorrelation
from gwasmeta.stats.ld_score_regression import CovarianceRegression, HeritabilityRegression
from gwasmeta.sumstats.table_text import NumberColumn, PValue, table_text

_DIGITS = 4  # behind the point
_DIGITS_OF_P_VALUES = 5


def heritability_text(name: str, found: HeritabilityRegression, liability_factor: float = 1.0) -> str:
    """Return what LDSC prints of a trait."""
    lines = [
        *_title(f"Heritability of {name}"),
        f"{_scale(liability_factor != 1)} h2: {_shown(found.heritability.scaled(liability_factor))}",
        f"Lambda GC: {_number(found.lambda_gc)}",
        f"Mean Chi^2: {_number(found.mean_chi_squared)}",
        _intercept_line(found.intercept),
    ]
    if not np.isnan(found.intercept.standard_error):
        lines.append(_ratio_line(found))
    return "\n".join([*lines, f"SNPs: {found.n_snps}"])


def covariance_text(found: CovarianceRegression, liability_factor: float = 1.0) -> str:
    """Return what LDSC prints of the genetic covariance of two traits."""
    return "\n".join(
        [
            *_title("Genetic Covariance"),
            f"{_scale(liability_factor != 1)} gencov: {_shown(found.covariance.scaled(liability_factor))}",
            f"Mean z1*z2: {_number(found.mean_product)}",
            _intercept_line(found.intercept),
            f"SNPs: {found.n_snps}",
        ]
    )


def correlation_text(found: GeneticCorrelation, note: str = "") -> str:
    """Return what LDSC prints of the genetic correlation of two traits, and a note why there is none."""
    lines = [
        *_title("Genetic Correlation"),
        f"Genetic Correlation: {_shown(found.correlation)}",
        f"Z-score: {_number(found.correlation.z)}",
        f"P: {p_value_text(found.correlation.neg_log_10_p_value)}",
    ]
    return "\n".join([*lines, *([f"note: {note}"] if note else [])])


def p_value_text(neg_log_10: float, digits: int = _DIGITS_OF_P_VALUES) -> str:
    """Return a p-value however small, from minus its decimal logarithm."""
    column = NumberColumn(np.array([neg_log_10]), PValue(digits))
    return table_text([column], missing="NA").decode().strip()


def _title(text: str) -> tuple[str, str]:
    return text, "-" * len(text)


def _scale(on_liability: bool) -> str:
    return "Total Liability scale" if on_liability else "Total Observed scale"


def _intercept_line(intercept: Estimate) -> str:
    if np.isnan(intercept.standard_error):
        return f"Intercept: constrained to {_number(intercept.value)}"
    return f"Intercept: {_shown(intercept)}"


def _ratio_line(found: HeritabilityRegression) -> str:
    if np.isnan(found.ratio):
        return "Ratio: NA (mean chi^2 < 1)"
    if found.ratio < 0:
        return f"Ratio < 0: {_number(found.ratio)} (usually indicates GC correction)"
    return f"Ratio: {_number(found.ratio)} ({_number(found.ratio_standard_error)})"


def _shown(estimate: Estimate) -> str:
    return f"{_number(estimate.value)} ({_number(estimate.standard_error)})"


def _number(value: float) -> str:
    """Return a number with four digits behind the point, or as many that do not vanish."""
    return f"{value:.{_DIGITS}f}" if abs(value) >= 10.0**-_DIGITS or not value else f"{value:.{_DIGITS}e}"
