"""What GWAMA computes in its own way."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
from golden_reasons import number

FloatArray = npt.NDArray[np.float64]

_CHI_SQUARED_1_MEDIAN = 0.4549364  # as GWAMA has it
_CONFIDENCE_FACTOR = 1.96
_LARGEST_Z = 120  # beyond it GWAMA's p-value is 0
_SMALLEST_EXACT = np.finfo(np.float64).tiny  # smaller doubles have fewer digits


def gwama_neg_log_10_p_value(z: npt.ArrayLike) -> FloatArray:
    """Evaluate GWAMA's approximation of the normal tail (Abramowitz & Stegun 26.2.16, its rounded constants).

    GWAMA doubles a tail that a double holds: next to the smallest double it is a small multiple of that, below it 0.
    """
    z = np.abs(np.asarray(z, dtype=np.float64))
    t = 1 / (1 + 0.33267 * z)
    polynomial = t * (0.4361836 + t * (-0.1201676 + t * 0.937298))
    log_tail = np.log(0.39894228 * polynomial) - z**2 / 2
    with np.errstate(divide="ignore"):
        as_double = np.log10(10.0 ** (log_tail / np.log(10)))
    log_10_tail = np.where(log_tail < np.log(_SMALLEST_EXACT), as_double, log_tail / np.log(10))
    neg_log_10 = np.where(z == 0, 0.0, -(log_10_tail + np.log10(2)))
    return np.where(z > _LARGEST_Z, np.inf, neg_log_10)


def effect_and_error(rows: pd.DataFrame) -> tuple[FloatArray, FloatArray]:
    """Return effects and standard errors of a study as GWAMA reads them; without a valid error, it is not positive."""
    if "beta" in rows:
        return np.nan_to_num(number(rows, "beta")), np.nan_to_num(number(rows, "standard_error"))
    odds_ratio, lower = number(rows, "odds_ratio"), number(rows, "ci_lower")
    valid = (odds_ratio > 0) & (lower > 0) & (lower < odds_ratio)
    effect = np.log(np.where(valid, odds_ratio, 1))
    return effect, np.where(valid, (effect - np.log(np.where(valid, lower, 1))) / _CONFIDENCE_FACTOR, 0)


def gwama_inflation_factors(rows: pd.DataFrame) -> tuple[tuple[float, int], tuple[float, int]]:
    """Return lambda and number of rows, of genotyped and of imputed rows, over all rows that GWAMA takes for it.

    These are the rows with a valid standard error, whatever their alleles, also the second ones of a marker; an
    effect that is no number counts as 0 (RULES_GWAMA 6).
    """
    effect, error = effect_and_error(rows)
    used = error > 0
    chi_squared = (effect[used] / error[used]) ** 2
    imputed = (rows["imputed"] == "1").to_numpy()[used]
    genotyped_values, imputed_values = chi_squared[~imputed], chi_squared[imputed]
    return _lambda_and_count(genotyped_values), _lambda_and_count(imputed_values)


def _lambda_and_count(chi_squared: FloatArray) -> tuple[float, int]:
    factor = float(np.median(chi_squared)) / _CHI_SQUARED_1_MEDIAN if chi_squared.size else 1.0
    return factor, chi_squared.size
