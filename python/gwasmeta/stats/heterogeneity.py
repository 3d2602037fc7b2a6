"""How much the studies' effects differ beyond what their standard errors allow: Cochran's Q and its kin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gwasmeta.stats._matrices import FloatArray, study_matrices
from gwasmeta.stats.fixed_effects import fixed_effects
from gwasmeta.stats.normal import neg_log_10_chi_squared_p_value

_NORMAL_QUANTILE_975: Final = 1.959963984540054


@dataclass(frozen=True)
class Heterogeneity:
    """Heterogeneity of each variant; arrays of shape (n_variants,).

    A variant that a single study measured has q 0, 0 degrees of freedom and neg_log_10_p_value 0 (p = 1), and
    NaN for what divides by the degrees of freedom: I-squared, its interval and H-squared. A variant that no
    study measured has 0 degrees of freedom and NaN elsewhere.

    Attributes
    ----------
    q : ndarray
        Cochran's Q.
    degrees_of_freedom : ndarray of int64
        Number of studies minus one.
    neg_log_10_p_value : ndarray
        Of Q, chi-squared on the degrees of freedom.
    i_squared : ndarray
        In per cent, 0 to 100; 0 where Q is not above its degrees of freedom.
    i_squared_lower, i_squared_upper : ndarray
        95 % test-based interval of `i_squared`, in per cent; NaN where the standard error of ln H is
        undefined (two studies with Q <= 2).
    h_squared : ndarray
        Q / degrees of freedom; below 1 where the studies agree better than chance.
    """

    q: FloatArray
    degrees_of_freedom: NDArray[np.int64]
    neg_log_10_p_value: FloatArray
    i_squared: FloatArray
    i_squared_lower: FloatArray
    i_squared_upper: FloatArray
    h_squared: FloatArray


def heterogeneity(beta: ArrayLike, standard_error: ArrayLike) -> Heterogeneity:
    """Test whether the studies estimate one and the same effect.

    Parameters
    ----------
    beta : array_like, shape (n_variants, n_studies)
        Effect per copy of the effect allele; NaN where a study did not measure the variant.
    standard_error : array_like, shape (n_variants, n_studies)
        In the units of `beta`.

    Returns
    -------
    Heterogeneity
        Arrays of shape (n_variants,).

    Raises
    ------
    ValueError
        If the shapes differ, a measured effect is infinite, or has no standard error within 1e-50 and 1e50.

    References
    ----------
    Cochran (1954), Biometrics 10:101; Higgins & Thompson (2002), Statistics in Medicine 21:1539.
    """
    beta, standard_error = study_matrices(beta, standard_error)
    # Two passes: one-pass Q loses digits when the effects are large against their spread.
    residual = beta - fixed_effects(beta, standard_error).beta[:, np.newaxis]
    q = np.nansum((residual / standard_error) ** 2, axis=1)
    return heterogeneity_of_q(q, np.count_nonzero(~np.isnan(beta), axis=1))


def heterogeneity_of_q(q: ArrayLike, n_studies: ArrayLike) -> Heterogeneity:
    """Derive everything that follows from Cochran's Q and the number of studies.

    Parameters
    ----------
    q : array_like, shape (n_variants,)
        Cochran's Q. Taken as 0 where it is negative (rounding of running sums) or there is one study.
    n_studies : array_like of int, shape (n_variants,)
        How many studies measured the variant.

    Returns
    -------
    Heterogeneity
        Arrays of shape (n_variants,).

    Notes
    -----
    H = sqrt(Q / (k - 1)) for k studies; I-squared = 100 (H² - 1) / H², at least 0. The interval of ln H is
    ln H ± 1.96 SE(ln H), and carries over to I-squared, each limit at least 0.

    References
    ----------
    Higgins & Thompson (2002), Statistics in Medicine 21:1539, sections 3.1, 3.3 and appendix A2.
    """
    k = np.asarray(n_studies, dtype=np.int64)
    degrees_of_freedom = np.maximum(k - 1, 0)
    q = np.where(k == 1, 0.0, np.maximum(np.asarray(q, dtype=np.float64), 0))
    q = np.where(k == 0, np.nan, q)

    with np.errstate(divide="ignore", invalid="ignore"):
        h_squared = q / degrees_of_freedom
        margin = np.exp(2 * _NORMAL_QUANTILE_975 * _standard_error_of_log_h(q, k))
        lower, upper = _i_squared(h_squared / margin), _i_squared(h_squared * margin)
        i_squared = _i_squared(h_squared)
    neg_log_10_p = neg_log_10_chi_squared_p_value(q, degrees_of_freedom)
    return Heterogeneity(q, degrees_of_freedom, neg_log_10_p, i_squared, lower, upper, h_squared)


def _i_squared(h_squared: FloatArray) -> FloatArray:
    return 100 * np.maximum(1 - 1 / h_squared, 0)


def _standard_error_of_log_h(q: FloatArray, k: NDArray[np.int64]) -> FloatArray:
    """Return SE(ln H) by the two test-based formulas; NaN where neither is defined."""
    above_expectation = 0.5 * (np.log(q) - np.log(k - 1)) / (np.sqrt(2 * q) - np.sqrt(2 * k - 3))
    below_expectation = np.sqrt((1 - 1 / (3 * (k - 2.0) ** 2)) / (2 * (k - 2.0)))
    standard_error = np.where(q > k, above_expectation, np.where(k > 2, below_expectation, np.nan))
    return np.where(np.isnan(q), np.nan, standard_error)
