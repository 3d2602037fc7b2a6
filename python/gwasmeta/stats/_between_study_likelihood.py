"""The (restricted) likelihood of the between-study variance of one variant, and its global maximum.

Symbols as in Viechtbauer (2005), Journal of Educational and Behavioral Statistics 30:261: effects y with
sampling variances v, between-study variance tau2, weights w = 1 / (v + tau2), combined effect mu.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from gwasmeta.stats._compiled import compiled
from gwasmeta.stats._matrices import FloatArray

# Maxima are looked for between points at which the smallest v + tau2 grows by this factor: the likelihood is
# a sum of functions of ln(v + tau2), none of which turns faster than that.
_STEP_OF_THE_SEARCH: Final = 1.2
_TOLERANCE: Final = 1e-12
_MOST_STEPS: Final = 300


@compiled
def maximum_likelihood(y: FloatArray, v: FloatArray, restricted: bool) -> float:
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
def _falling_root_of_the_score(
    y: FloatArray, v: FloatArray, low: float, high: float, restricted: bool
) -> float:
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
