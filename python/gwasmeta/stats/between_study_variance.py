"""Between-study variance (tau-squared): how far the true effects of the studies lie apart.

The scalar formulas of one variant write effects y with sampling variances v, between-study variance tau2,
weights w, and k studies, as in Veroniki et al. (2016), Research Synthesis Methods 7:55, a review of them all.
"""

from __future__ import annotations

from typing import Final, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from gwasmeta.errors import GwasmetaError
from gwasmeta.stats._between_study_likelihood import maximum_likelihood
from gwasmeta.stats._compiled import compiled
from gwasmeta.stats._matrices import FloatArray, study_matrices

Estimator = Literal["DL", "PM", "REML", "ML", "SJ", "HE", "HS", "EB"]
"""Estimators of tau-squared, by the names that metafor gives them."""

# Machine code chooses by number; the numbers are the places in `Estimator`.
_DL, _PM, _REML, _ML, _SJ, _HE, _HS, _EB = range(8)

_TOLERANCE: Final = 1e-12
_MOST_STEPS: Final = 300


def between_study_variance(
    beta: ArrayLike, standard_error: ArrayLike, estimator: Estimator = "DL"
) -> FloatArray:
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
        If the shapes differ, a measured effect is infinite, or has no positive finite standard error.
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
    return maximum_likelihood(y, v, estimator == _REML)


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
    if t0 == 0:
        return 0.0
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
    sum_w = sum_wy = 0.0
    for i in range(y.size):
        w = 1 / (v[i] + tau2)
        sum_w += w
        sum_wy += w * y[i]
    mu = sum_wy / sum_w

    q = slope = 0.0
    for i in range(y.size):
        w = 1 / (v[i] + tau2)
        q += w * (y[i] - mu) ** 2
        slope -= (w * (y[i] - mu)) ** 2  # mu moves as well, but Q is at its minimum in mu
    return q, slope
