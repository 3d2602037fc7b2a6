"""Within which limits a p-value must be, by the statistic that GWAMA printed beside its approximation of it.

All are minus the decimal logarithms of p-values, and exact.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import gammaln, log_ndtr, logsumexp, xlogy

FloatArray = npt.NDArray[np.float64]
Limits = tuple[FloatArray, FloatArray]

_HALF = 0.50001e-6  # six decimals are printed
_HALF_OF_SIX_DIGITS = 5.001e-6
_RELATIVE = 1e-9
_LN_10 = np.log(10)
_SMALLEST = 1e-300


def p_value_agrees(
    column: str, ours: pd.Series, theirs: pd.DataFrame, factors: dict[str, float]
) -> npt.NDArray[np.bool_]:
    """Say which of our p-values are right.

    Parameters
    ----------
    column : str
    ours : Series
        As printed.
    theirs : DataFrame
        The table of GWAMA.
    factors : dict of str to float
        What -gco divides chi-squared by: of "" (the whole), "male", "female"; 1 if not given.
    """
    as_logarithm = column.startswith("_-log10")
    least, greatest = np.array([_printed_limits(word, as_logarithm=as_logarithm) for word in ours]).reshape(-1, 2).T
    if column == "q_p-value":
        low, high = _limits_by_q(theirs)
    elif column.startswith("gender_differentiated"):
        low, high = _limits_by_both(theirs, factors)
    elif column.startswith("gender_heterogeneity"):
        low, high = _limits_by_difference(theirs, factors)
    else:
        sex = column.rpartition("_p-value")[0] if column.endswith("male_p-value") else ""
        low, high = (_minus_log_10_normal(z) for z in _z_limits(sex, theirs, factors))
    with np.errstate(invalid="ignore"):
        return np.asarray((least <= high * (1 + _RELATIVE)) & (greatest >= low * (1 - _RELATIVE)))


def _printed_limits(word: str, *, as_logarithm: bool) -> tuple[float, float]:
    """Return the limits of minus the logarithm of what was printed, to the last digit, however small it is."""
    if word == "-9":
        return np.nan, np.nan
    if as_logarithm:
        return float(word) - _HALF, float(word) + _HALF
    mantissa, _, exponent = word.partition("E")
    half = 0.00501 if exponent else _HALF
    low, high = (-np.log10(max(float(mantissa) + sign * half, _SMALLEST)) - int(exponent or 0) for sign in (1, -1))
    return low, high


def _numbers(words: pd.Series) -> FloatArray:
    return pd.to_numeric(words, errors="coerce").to_numpy(dtype=np.float64)


def _minus_log_10_normal(z: FloatArray) -> FloatArray:
    return np.asarray(-(log_ndtr(-np.abs(z)) + np.log(2)) / _LN_10)


def _minus_log_10_chi_squared(chi_squared: FloatArray, degrees_of_freedom: int) -> FloatArray:
    """Evaluate the finite sums of Abramowitz & Stegun, 26.4.4 and 26.4.5, by their logarithms."""
    half = chi_squared / 2
    if degrees_of_freedom % 2 == 0:
        terms = [xlogy(k, half) - gammaln(k + 1) - half for k in range(degrees_of_freedom // 2)]
    else:
        powers = [k - 0.5 for k in range(1, (degrees_of_freedom + 1) // 2)]
        terms = [xlogy(power, half) - gammaln(power + 1) - half for power in powers]
        terms.append(log_ndtr(-np.sqrt(chi_squared)) + np.log(2))
    return np.asarray(-logsumexp(terms, axis=0) / _LN_10)


def _z_limits(sex: str, theirs: pd.DataFrame, factors: dict[str, float]) -> Limits:
    z, (least, greatest) = np.abs(_numbers(theirs[f"{sex}_z" if sex else "z"])), _factor_limits(sex, factors)
    return np.maximum(z - _HALF, 0) / np.sqrt(greatest), (z + _HALF) / np.sqrt(least)


def _factor_limits(sex: str, factors: dict[str, float]) -> tuple[float, float]:
    """Return the limits of a factor that was printed with six digits; of none, 1."""
    factor = factors.get(sex, 1.0)
    return (1.0, 1.0) if factor == 1 else (factor * (1 - _HALF_OF_SIX_DIGITS), factor * (1 + _HALF_OF_SIX_DIGITS))


def _limits_by_q(theirs: pd.DataFrame) -> Limits:
    q, studies = _numbers(theirs["q_statistic"]), _numbers(theirs["n_studies"])
    limits = np.zeros((2, len(theirs)))  # of a single study the p-value is 1
    for k in np.unique(studies[studies > 1]):
        of_k = studies == k
        for limit, half in zip(limits, (-_HALF, _HALF), strict=True):
            limit[of_k] = _minus_log_10_chi_squared(np.maximum(q[of_k] + half, 0), int(k) - 1)
    return limits[0], limits[1]


def _limits_by_both(theirs: pd.DataFrame, factors: dict[str, float]) -> Limits:
    male, female = (_z_limits(sex, theirs, factors) for sex in ("male", "female"))
    low, high = ((one**2 + other**2) / 2 / _LN_10 for one, other in zip(male, female, strict=True))
    return low, high


def _limits_by_difference(theirs: pd.DataFrame, factors: dict[str, float]) -> Limits:
    """Return the limits by (b_m - b_f)² / (SE_m² + SE_f²)."""
    (male, male_error), (female, female_error) = (_effect_and_error(sex, theirs) for sex in ("male", "female"))
    difference = np.stack([male[0] - female[1], male[1] - female[0]])
    changes_sign = difference[0] * difference[1] < 0
    smallest = np.where(changes_sign, 0, np.abs(difference).min(axis=0))
    scales = zip(_factor_limits("male", factors), _factor_limits("female", factors), strict=True)
    low_error, high_error = (
        np.sqrt(one**2 * scale + other**2 * other_scale)
        for one, other, (scale, other_scale) in zip(male_error, female_error, scales, strict=True)
    )
    with np.errstate(divide="ignore"):
        greatest = np.abs(difference).max(axis=0) / low_error
    return _minus_log_10_normal(smallest / high_error), _minus_log_10_normal(greatest)


def _effect_and_error(sex: str, theirs: pd.DataFrame) -> tuple[Limits, Limits]:
    """Return the limits of a sex's effect and of its standard error."""
    if f"{sex}_beta" in theirs:
        effect, error = _numbers(theirs[f"{sex}_beta"]), _numbers(theirs[f"{sex}_se"])
        return (effect - _HALF, effect + _HALF), (np.maximum(error - _HALF, _SMALLEST), error + _HALF)
    (low, high), (lower_low, lower_high) = (_log_limits(theirs[f"{sex}_{name}"]) for name in ("OR", "OR_95L"))
    return (low, high), (np.maximum((low - lower_high) / 1.96, _SMALLEST), (high - lower_low) / 1.96)


def _log_limits(words: pd.Series) -> Limits:
    values = _numbers(words)
    return np.log(np.maximum(values - _HALF, _SMALLEST)), np.log(np.maximum(values + _HALF, _SMALLEST))
