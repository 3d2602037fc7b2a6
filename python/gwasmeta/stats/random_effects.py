"""Random-effects meta-analysis: the studies' true effects differ, and their mean is sought."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

from gwasmeta.stats._matrices import FloatArray, study_matrices
from gwasmeta.stats.between_study_variance import Estimator, between_study_variance
from gwasmeta.stats.fixed_effects import fixed_effects
from gwasmeta.stats.normal import neg_log_10_p_value, neg_log_10_t_p_value

_NORMAL_QUANTILE_975: Final = 1.959963984540054


@dataclass(frozen=True)
class RandomEffects:
    """The mean effect of each variant; arrays of shape (n_variants,), NaN where no study measured.

    Attributes
    ----------
    beta : ndarray
        In the units of the studies' effects.
    standard_error : ndarray
        In the same units.
    statistic : ndarray
        beta / standard_error: a z statistic, or with the Hartung-Knapp adjustment a t statistic on one degree
        of freedom less than there are studies.
    neg_log_10_p_value : ndarray
        Of the two-sided test of `statistic`.
    ci_lower, ci_upper : ndarray
        95 % confidence interval of `beta`.
    tau_squared : ndarray
        Between-study variance, in squared units of `beta`.
    i_squared : ndarray
        In per cent: 100 tau² / (tau² + typical sampling variance). NaN for a single study.
    h_squared : ndarray
        1 + tau² / typical sampling variance. NaN for a single study.
    """

    beta: FloatArray
    standard_error: FloatArray
    statistic: FloatArray
    neg_log_10_p_value: FloatArray
    ci_lower: FloatArray
    ci_upper: FloatArray
    tau_squared: FloatArray
    i_squared: FloatArray
    h_squared: FloatArray


def random_effects(
    beta: ArrayLike, standard_error: ArrayLike, estimator: Estimator = "DL", hartung_knapp: bool = False
) -> RandomEffects:
    """Estimate the mean of the studies' true effects, with the between-study variance from the same data.

    Parameters
    ----------
    beta : array_like, shape (n_variants, n_studies)
        Effect per copy of the effect allele; NaN where a study did not measure the variant.
    standard_error : array_like, shape (n_variants, n_studies)
        In the units of `beta`.
    estimator : {"DL", "PM", "REML", "ML", "SJ", "HE", "HS", "EB"}
        Of the between-study variance; see `between_study_variance`.
    hartung_knapp : bool
        Take the standard error from the spread of the effects, and test by Student's t.

    Returns
    -------
    RandomEffects
        Arrays of shape (n_variants,).

    Raises
    ------
    ValueError
        If the shapes differ, a measured effect is infinite, or has no standard error within 1e-50 and 1e50.
    GwasmetaError
        If there is no such estimator.

    See Also
    --------
    random_effects_given_tau_squared : formulas, and what Hartung-Knapp does with few or equal effects.

    References
    ----------
    DerSimonian & Laird (1986), Controlled Clinical Trials 7:177; Hartung & Knapp (2001), Statistics in
    Medicine 20:3875.
    """
    tau_squared = between_study_variance(beta, standard_error, estimator)
    return random_effects_given_tau_squared(beta, standard_error, tau_squared, hartung_knapp)


def random_effects_given_tau_squared(
    beta: ArrayLike, standard_error: ArrayLike, tau_squared: ArrayLike, hartung_knapp: bool = False
) -> RandomEffects:
    """Estimate the mean of the studies' true effects for a between-study variance from elsewhere.

    Parameters
    ----------
    beta : array_like, shape (n_variants, n_studies)
        Effect per copy of the effect allele; NaN where a study did not measure the variant.
    standard_error : array_like, shape (n_variants, n_studies)
        In the units of `beta`.
    tau_squared : array_like, shape (n_variants,)
        Between-study variance, in squared units of `beta`; NaN makes the variant's results NaN.
    hartung_knapp : bool
        Take the standard error from the spread of the effects, and test by Student's t.

    Returns
    -------
    RandomEffects
        Arrays of shape (n_variants,).

    Raises
    ------
    ValueError
        If the shapes do not fit, a measured effect is infinite or has no standard error within 1e-50 and 1e50, or
        a between-study variance is negative or infinite.

    Notes
    -----
    Weights w = 1 / (standard_error² + tau²), mean effect Σwb / Σw, variance 1 / Σw. Hartung and Knapp
    multiply the variance by Σw (b - mean)² / (k - 1), which may shrink it, as in metafor. For a single study
    that is undefined: NaN for all but beta and tau-squared. For effects that are all equal it is 0 up to
    rounding, and the p-value is without meaning.

    References
    ----------
    DerSimonian & Laird (1986), Controlled Clinical Trials 7:177; Hartung & Knapp (2001), Statistics in
    Medicine 20:3875; typical sampling variance: Higgins & Thompson (2002), Statistics in Medicine 21:1539,
    equation 9, as in metafor: I-squared and H-squared then belong to the estimator of tau-squared.
    """
    beta, standard_error = study_matrices(beta, standard_error)
    tau_squared = _checked_tau_squared(tau_squared, n_variants=beta.shape[0])
    beta = np.where(np.isnan(tau_squared)[:, np.newaxis], np.nan, beta)
    n_studies = np.count_nonzero(~np.isnan(beta), axis=1)

    total_error = np.sqrt(standard_error**2 + tau_squared[:, np.newaxis])
    mean = fixed_effects(beta, total_error)
    error = mean.standard_error
    if hartung_knapp:
        error = error * _hartung_knapp_factor(beta - mean.beta[:, np.newaxis], total_error, n_studies)

    with np.errstate(divide="ignore", invalid="ignore"):  # Hartung-Knapp: equal effects have no spread
        statistic = mean.beta / error
    neg_log_10_p, quantile = _test(statistic, n_studies, hartung_knapp)

    typical_variance = _typical_sampling_variance(standard_error, n_studies)
    return RandomEffects(
        beta=mean.beta,
        standard_error=error,
        statistic=statistic,
        neg_log_10_p_value=neg_log_10_p,
        ci_lower=mean.beta - quantile * error,
        ci_upper=mean.beta + quantile * error,
        tau_squared=tau_squared,
        i_squared=100 * tau_squared / (tau_squared + typical_variance),
        h_squared=1 + tau_squared / typical_variance,
    )


def _checked_tau_squared(tau_squared: ArrayLike, n_variants: int) -> FloatArray:
    values = np.asarray(tau_squared, dtype=np.float64)
    if values.shape != (n_variants,):
        raise ValueError(f"tau_squared has shape {values.shape}: it must be ({n_variants},), one for each variant")
    faulty = (values < 0) | np.isinf(values)
    if faulty.any():
        variant = int(faulty.argmax())
        raise ValueError(f"tau_squared[{variant}] is {float(values[variant])}: it must be finite, and at least 0")
    return values


def _hartung_knapp_factor(residual: FloatArray, total_error: FloatArray, n_studies: NDArray[np.intp]) -> FloatArray:
    """Return the root of Σw (b - mean)² / (k - 1); NaN for a single study."""
    degrees_of_freedom = np.where(n_studies > 1, n_studies - 1, np.nan)
    return np.asarray(np.sqrt(np.nansum((residual / total_error) ** 2, axis=1) / degrees_of_freedom))


def _test(
    statistic: FloatArray, n_studies: NDArray[np.intp], hartung_knapp: bool
) -> tuple[FloatArray, FloatArray | float]:
    """Return the -log10 p-values and the 97.5 % quantiles of the distribution that the statistics follow."""
    if not hartung_knapp:
        return neg_log_10_p_value(statistic), _NORMAL_QUANTILE_975
    dof, place = np.unique(np.where(n_studies > 1, n_studies - 1, np.nan), return_inverse=True)
    quantile = np.asarray(scipy.special.stdtrit(dof, 0.975), dtype=np.float64)
    return neg_log_10_t_p_value(statistic, n_studies - 1), quantile[place]


def _typical_sampling_variance(standard_error: FloatArray, n_studies: NDArray[np.intp]) -> FloatArray:
    """Return (k - 1) Σw / ((Σw)² - Σw²) of the fixed-effects weights; NaN for a single study."""
    weight = standard_error**-2.0
    # Twice the products of all pairs: the difference would lose its digits beside one very large study.
    pairs = 2 * (weight[:, 1:] * weight[:, :-1].cumsum(axis=1)).sum(axis=1)
    with np.errstate(invalid="ignore"):
        return np.asarray((n_studies - 1) * weight.sum(axis=1) / pairs)
