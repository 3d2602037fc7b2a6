"""Between-study variance (tau-squared): how far the true effects of the studies lie apart.

All that is compiled stands in this file: the cache of machine code does not notice a change in another one.
The scalar formulas of one variant write effects y with sampling variances v, between-study variance tau2,
weights w, and k studies, as in Veroniki et al. (2016), Research Synthesis Methods 7:55, a review of them all.
"""

from __future__ import annotations

from typing import Final, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from gwasmeta.compiled import compiled
from gwasmeta.errors import GwasmetaError
from gwasmeta.stats._matrices import FloatArray, study_matrices

Estimator = Literal["DL", "PM", "REML", "ML", "SJ", "HE", "HS", "EB"]
"""Estimators of tau-squared, by the names that metafor gives them."""

# Machine code chooses by number; the numbers are the places in `Estimator`.
_DL, _PM, _REML, _ML, _SJ, _HE, _HS, _EB = range(8)

_TOLERANCE: Final = 1e-12
_MOST_STEPS: Final = 300

# Maxima of the likelihood are looked for between points at which the smallest v + tau2 grows by this factor:
# it is a sum of functions of ln(v + tau2), none of which turns faster than that.
_STEP_OF_THE_SEARCH: Final = 1.2


def between_study_variance(beta: ArrayLike, standard_error: ArrayLike, estimator: Estimator = "DL") -> FloatArray:
    """Estimate tau-squared, the variance of the studies' true effects, of each variant.

    Parameters
    ----------
    beta : array_like, shape (n_variants, n_studies)
        Effect per copy of the effect allele; NaN where a study did not measure the variant.
    standard_error : array_like, shape (n_variants, n_studies)
        In the units of `beta`.
    estimator : {"DL", "PM", "REML", "ML", "SJ", "HE", "HS", "EB"}
        DerSimonian-Laird, Paule-Mandel, restricted maximum likelihood, maximum likelihood, Sidik-Jonkman,
        Hedges (also called Cochran's ANOVA), Hunter-Schmidt, empirical Bayes (the same as Paule-Mandel).

    Returns
    -------
    ndarray, shape (n_variants,)
        In squared units of `beta`, at least 0; 0 for a variant that one study measured, NaN where none did.

    Raises
    ------
    ValueError
        If the shapes differ, a measured effect is infinite, or has no standard error within 1e-50 and 1e50.
    GwasmetaError
        If there is no such estimator.

    Notes
    -----
    ML and REML are the global maximum of the (restricted) likelihood over tau-squared >= 0, not the local one
    nearest to a starting value. They, PM and EB iterate until a step is below 1e-12 of tau-squared, or is
    rounding error. Should 300 steps not do, which no known data brings about, tau-squared is NaN.

    References
    ----------
    DL: DerSimonian & Laird (1986), Controlled Clinical Trials 7:177. PM: Paule & Mandel (1982), Journal of
    Research of the National Bureau of Standards 87:377. ML, REML: Viechtbauer (2005), Journal of Educational
    and Behavioral Statistics 30:261. SJ: Sidik & Jonkman (2005), Applied Statistics 54:367. HE: Hedges &
    Olkin (1985), Statistical Methods for Meta-Analysis, chapter 9. HS: Hunter & Schmidt (2004), Methods of
    Meta-Analysis. EB: Morris (1983), Journal of the American Statistical Association 78:47.
    """
    beta, standard_error = study_matrices(beta, standard_error)
    estimators = get_args(Estimator)
    if estimator not in estimators:
        raise GwasmetaError(
            f"there is no estimator {estimator!r} of the between-study variance\n"
            f"  Choose one of {', '.join(estimators)}."
        )
    # Rows in one piece: other layouts would each be compiled anew.
    beta, standard_error = np.ascontiguousarray(beta), np.ascontiguousarray(standard_error)
    return _tau2_of_each_variant(beta, standard_error, estimators.index(estimator))


@compiled
def _tau2_of_each_variant(beta: FloatArray, standard_error: FloatArray, estimator: int) -> FloatArray:
    n_variants, n_studies = beta.shape
    tau2 = np.full(n_variants, np.nan)
    y, v = np.empty(n_studies), np.empty(n_studies)
    for variant in range(n_variants):
        k = 0
        for study in range(n_studies):
            if not np.isnan(beta[variant, study]):
                y[k] = beta[variant, study]
                v[k] = standard_error[variant, study] ** 2
                k += 1
        if k == 1:
            tau2[variant] = 0.0
        elif k > 1:
            tau2[variant] = _tau2(y[:k], v[:k], estimator)
    return tau2


@compiled
def _tau2(y: FloatArray, v: FloatArray, estimator: int) -> float:
    if estimator == _DL:
        return _dersimonian_laird(y, v)
    if estimator in (_PM, _EB):
        return _paule_mandel(y, v)
    if estimator == _SJ:
        return _sidik_jonkman(y, v)
    if estimator == _HE:
        return _hedges(y, v)
    if estimator == _HS:
        return _hunter_schmidt(y, v)
    return _maximum_likelihood(y, v, estimator == _REML)


@compiled
def _dersimonian_laird(y: FloatArray, v: FloatArray) -> float:
    """Equate Q to its expectation: tau2 = (Q - (k - 1)) / (Σw - Σw² / Σw)."""
    # The denominator is 2 Σ_{i<j} w_i w_j / Σw; the difference would lose its digits where one study has
    # nearly all the weight.
    sum_w = products = 0.0
    for v_i in v:
        products += 2 * sum_w / v_i
        sum_w += 1 / v_i
    q, _ = _generalised_q(y, v, 0.0)
    return max(0.0, (q - (y.size - 1)) / (products / sum_w))


@compiled
def _paule_mandel(y: FloatArray, v: FloatArray) -> float:
    """Find the tau2 at which the generalised Q is k - 1, its expectation.

    Q falls with tau2, and is convex: Newton's method from 0 rises to the root without overshooting it.
    """
    tau2 = 0.0
    for _ in range(_MOST_STEPS):
        q, slope = _generalised_q(y, v, tau2)
        excess = q - (y.size - 1)
        if excess <= 0:  # at once, where Q(0) is not above its expectation
            return tau2
        step = -excess / slope
        tau2 += step
        if step <= _TOLERANCE * tau2:
            return tau2
    return np.nan


@compiled
def _sidik_jonkman(y: FloatArray, v: FloatArray) -> float:
    """Improve the variance of the effects, t0, once: t0 Q(t0) / (k - 1)."""
    t0 = float(np.var(y))
    q, _ = _generalised_q(y, v, t0)
    return t0 * q / (y.size - 1)


@compiled
def _hedges(y: FloatArray, v: FloatArray) -> float:
    """Subtract the mean sampling variance from the sample variance of the effects."""
    return max(0.0, float(np.var(y)) * y.size / (y.size - 1) - float(v.mean()))


@compiled
def _hunter_schmidt(y: FloatArray, v: FloatArray) -> float:
    """Return (Q - k) / Σw."""
    q, _ = _generalised_q(y, v, 0.0)
    return max(0.0, (q - y.size) / float((1 / v).sum()))


@compiled
def _generalised_q(y: FloatArray, v: FloatArray, tau2: float) -> tuple[float, float]:
    """Return Q(tau2) = Σw (y - mu)² with w = 1 / (v + tau2), and its derivative by tau2."""
    mu, _ = _combined_effect(y, v, tau2)
    q = slope = 0.0
    for i in range(y.size):
        w = 1 / (v[i] + tau2)
        q += w * (y[i] - mu) ** 2
        slope -= (w * (y[i] - mu)) ** 2  # mu moves as well, but Q is at its minimum in mu
    return q, slope


@compiled
def _maximum_likelihood(y: FloatArray, v: FloatArray, restricted: bool) -> float:
    """Return the tau2 >= 0 with the greatest (restricted) likelihood; NaN if the search does not converge."""
    best_tau2 = 0.0
    best_log_likelihood = _log_likelihood(y, v, 0.0, restricted)
    # Beyond the squared range of the effects the score is negative, whatever the variances.
    furthest_tau2 = (y.max() - y.min()) ** 2
    smallest_v = v.min()

    low = 0.0
    low_score, _ = _score_and_slope(y, v, low, restricted)
    while low < furthest_tau2:
        high = (smallest_v + low) * _STEP_OF_THE_SEARCH - smallest_v
        high_score, _ = _score_and_slope(y, v, high, restricted)
        if low_score > 0 and high_score <= 0:
            tau2 = _falling_root_of_the_score(y, v, low, high, restricted)
            log_likelihood = _log_likelihood(y, v, tau2, restricted)
            if not log_likelihood <= best_log_likelihood:  # true for NaN: never hide a failure
                best_tau2, best_log_likelihood = tau2, log_likelihood
        low, low_score = high, high_score
    return best_tau2


@compiled
def _falling_root_of_the_score(y: FloatArray, v: FloatArray, low: float, high: float, restricted: bool) -> float:
    """Find where the score falls through zero: Newton's method, bisection where that does not converge."""
    tau2 = 0.5 * (low + high)
    last_step = high - low
    for _ in range(_MOST_STEPS):
        score, slope = _score_and_slope(y, v, tau2, restricted)
        if score > 0:
            low = tau2
        else:
            high = tau2
        following = tau2 - score / slope
        inside = low <= following <= high
        if not inside or abs(following - tau2) > 0.5 * abs(last_step):
            following = 0.5 * (low + high)
        last_step = following - tau2
        tau2 = following
        if abs(last_step) <= _TOLERANCE * tau2:
            return tau2
    return np.nan


@compiled
def _score_and_slope(y: FloatArray, v: FloatArray, tau2: float, restricted: bool) -> tuple[float, float]:
    """Return twice the first and twice the second derivative of the profile log-likelihood at tau2."""
    mu, sum_w = _combined_effect(y, v, tau2)
    sum_w2 = sum_w3 = sum_w2_r = sum_w2_r2 = sum_w3_r2 = 0.0
    for i in range(y.size):
        w = 1 / (v[i] + tau2)
        r = y[i] - mu
        sum_w2 += w**2
        sum_w3 += w**3
        sum_w2_r += w**2 * r
        sum_w2_r2 += (w * r) ** 2
        sum_w3_r2 += w * (w * r) ** 2

    score = sum_w2_r2 - sum_w
    slope = sum_w2 - 2 * sum_w3_r2 + 2 * sum_w2_r**2 / sum_w
    if restricted:
        score += sum_w2 / sum_w
        slope += (sum_w2 / sum_w) ** 2 - 2 * sum_w3 / sum_w
    return score, slope


@compiled
def _log_likelihood(y: FloatArray, v: FloatArray, tau2: float, restricted: bool) -> float:
    """Return the profile log-likelihood at tau2, up to a constant."""
    mu, sum_w = _combined_effect(y, v, tau2)
    log_likelihood = 0.0
    for i in range(y.size):
        log_likelihood -= 0.5 * (np.log(v[i] + tau2) + (y[i] - mu) ** 2 / (v[i] + tau2))
    if restricted:
        log_likelihood -= 0.5 * np.log(sum_w)
    return log_likelihood


@compiled
def _combined_effect(y: FloatArray, v: FloatArray, tau2: float) -> tuple[float, float]:
    """Return the weighted mean of the effects and the sum of their weights."""
    sum_w = sum_wy = 0.0
    for i in range(y.size):
        w = 1 / (v[i] + tau2)
        sum_w += w
        sum_wy += w * y[i]
    return sum_wy / sum_w, sum_w
