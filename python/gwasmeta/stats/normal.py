"""P-values of normal, chi-squared and t statistics on the log scale, where none is too small."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
import scipy
from numpy.typing import ArrayLike

from gwasmeta.stats._matrices import FloatArray

_LN_2: Final = float(np.log(2.0))
_LN_10: Final = float(np.log(10.0))
_SQRT_2: Final = float(np.sqrt(2.0))

# Below it the p-values of scipy approach the subnormal numbers, which have fewer digits.
_SMALLEST_EXACT_P_VALUE: Final = 1e-290

# Few whole degrees of freedom have finite sums. Next to p = 1 the sums cancel: there the logarithm of p is small
# against the terms, and what is below this is worked out otherwise, to keep 13 digits of it.
_MOST_SUMMED_DEGREES: Final = 64
_LARGEST_SUMMED_STATISTIC: Final = 1e6  # its 32nd power is far from overflow
_LEAST_SUMMED_RESULT: Final = 0.005

# Of t: 1 minus this still has 15 digits, and the sine of this angle is a thousandth of the cosine.
_LARGEST_COMPLEMENT: Final = 0.9
_LARGEST_COSINE_SQUARED: Final = 0.999

# The fraction enters the logarithm of a p-value below 1e-290 as a summand beside 667 or more: an error of
# 1e-11 in it is 1e-14 of the result. Tails that deep need some dozen steps, at a million degrees of freedom
# a few hundred.
_FRACTION_TOLERANCE: Final = 1e-11
_MOST_FRACTION_STEPS: Final = 10_000


def neg_log_10_p_value(z: ArrayLike) -> FloatArray:
    """Minus the decimal logarithm of the two-sided p-value of standard normal statistics.

    Parameters
    ----------
    z : array_like
        Any shape. The sign is irrelevant.

    Returns
    -------
    ndarray
        Of the shape of `z`: -log10(2 Φ(-|z|)), to about 1e-15 of its value for every z; NaN for NaN.

    References
    ----------
    Abramowitz & Stegun (1964), Handbook of Mathematical Functions, 7.1 and 26.2.
    """
    size = np.abs(np.asarray(z, dtype=np.float64))
    log_p = np.empty_like(size)
    # Near zero p is close to 1, and only its difference from 1 carries the digits of its logarithm.
    near_zero = size < 1
    log_p[near_zero] = np.log1p(-scipy.special.erf(size[near_zero] / _SQRT_2))
    log_p[~near_zero] = scipy.special.log_ndtr(-size[~near_zero]) + _LN_2
    return -log_p / _LN_10


def z_from_neg_log_10_p_value(neg_log_10_p_value: ArrayLike) -> FloatArray:
    """Return the size of the standard normal statistics that have these two-sided p-values.

    Parameters
    ----------
    neg_log_10_p_value : array_like
        Minus the decimal logarithm of two-sided p-values, any shape.

    Returns
    -------
    ndarray
        Of the same shape: |z| >= 0, to about 1e-15 of its value; NaN for NaN and for negative elements,
        which are no p-value.

    Notes
    -----
    The inverse of `neg_log_10_p_value`. Newton's method solves ln Φ(-|z|) = ln p - ln 2 where p is below 1/e;
    above, the inverse error function keeps the digits of 1 - p.
    """
    neg_log_10_p = np.asarray(neg_log_10_p_value, dtype=np.float64)
    log_p = -_LN_10 * np.where(neg_log_10_p >= 0, neg_log_10_p, np.nan)
    size = np.empty_like(log_p)
    near_zero = log_p > -1
    size[near_zero] = _SQRT_2 * scipy.special.erfinv(-np.expm1(log_p[near_zero]))
    size[~near_zero] = _z_of_log_tail(log_p[~near_zero] - _LN_2)
    return size


def neg_log_10_chi_squared_p_value(x: ArrayLike, degrees_of_freedom: ArrayLike) -> FloatArray:
    """Minus the decimal logarithm of the upper-tail p-value of chi-squared statistics.

    Parameters
    ----------
    x : array_like
        The statistics, any shape.
    degrees_of_freedom : array_like
        Positive numbers, of a shape that broadcasts with `x`.

    Returns
    -------
    ndarray
        Of the common shape; 0 where x <= 0; NaN where either input is NaN, and where a positive x comes with
        degrees of freedom that are not positive.

    References
    ----------
    Abramowitz & Stegun (1964), Handbook of Mathematical Functions, 26.4.4 and 26.4.5 (finite sums for few whole
    degrees of freedom, ten times faster), 26.4.19 (the tail as an incomplete gamma function) and 6.5.31 (its
    continued fraction, used where the p-value itself would underflow).
    """
    x, dof = np.broadcast_arrays(np.asarray(x, np.float64), np.asarray(degrees_of_freedom, np.float64))
    result = np.full(x.shape, np.nan)
    for whole in np.unique(dof):
        if 1 <= whole <= _MOST_SUMMED_DEGREES and whole == np.floor(whole):
            chosen = (dof == whole) & (x > 0) & (x < _LARGEST_SUMMED_STATISTIC)
            result[chosen] = _summed_chi_squared_tail(x[chosen], int(whole))
    others = ~(np.isfinite(result) & (result > _LEAST_SUMMED_RESULT))
    result[others] = _chi_squared_tail(x[others], dof[others])
    return result


def _summed_chi_squared_tail(x: FloatArray, degrees_of_freedom: int) -> FloatArray:
    """Minus the decimal logarithm of the tail, as x / 2 minus the logarithm of a sum of positive terms."""
    half_x = x / 2
    if degrees_of_freedom % 2:
        scaled_tail = scipy.special.erfcx(np.sqrt(half_x))
        term, order = 2 * np.sqrt(half_x / np.pi), 1.5
    else:
        scaled_tail = np.zeros_like(half_x)
        term, order = np.ones_like(half_x), 1.0
    for _ in range(degrees_of_freedom // 2):
        scaled_tail = scaled_tail + term
        term = term * (half_x / order)
        order += 1
    return np.asarray((half_x - np.log(scaled_tail)) / _LN_10)


def _chi_squared_tail(x: FloatArray, dof: FloatArray) -> FloatArray:
    """Minus the decimal logarithm of the tail for any degrees of freedom, and to all digits next to p = 1."""
    a = np.where(dof > 0, dof, np.nan) / 2
    half_x = np.maximum(x, 0) / 2

    p = np.asarray(scipy.special.gammaincc(a, half_x))
    with np.errstate(divide="ignore"):
        log_p = np.asarray(np.log(p))
    near_one = p > 0.5
    log_p[near_one] = np.log1p(-scipy.special.gammainc(a[near_one], half_x[near_one]))
    deep = (p < _SMALLEST_EXACT_P_VALUE) & (x < np.inf)
    log_p[deep] = _log_upper_gamma(a[deep], half_x[deep])
    return np.where((x <= 0) & ~np.isnan(dof), 0.0, -log_p / _LN_10)


def neg_log_10_t_p_value(t: ArrayLike, degrees_of_freedom: ArrayLike) -> FloatArray:
    """Minus the decimal logarithm of the two-sided p-value of Student's t statistics.

    Parameters
    ----------
    t : array_like
        The statistics, any shape. The sign is irrelevant.
    degrees_of_freedom : array_like
        Positive finite numbers, of a shape that broadcasts with `t`.

    Returns
    -------
    ndarray
        Of the common shape; NaN where either input is NaN or the degrees of freedom are not positive.

    References
    ----------
    Abramowitz & Stegun (1964), Handbook of Mathematical Functions, 26.7.1 (the tail as an incomplete beta
    function) and 26.5.8 (its continued fraction, used where the p-value itself would underflow).
    """
    t, dof = np.broadcast_arrays(np.asarray(t, np.float64), np.asarray(degrees_of_freedom, np.float64))
    dof = np.where(dof > 0, dof, np.nan)
    a = dof / 2
    tangent = np.abs(t) / np.sqrt(dof)
    cosine_squared = np.hypot(1, tangent) ** -2.0

    # What lies inside of +-t has all its digits where the tail is 1 minus it, the tail's own function elsewhere.
    log_p = np.empty_like(tangent)
    tail = np.asarray(~(tangent < 1))
    sine_squared = tangent[~tail] ** 2 * cosine_squared[~tail]
    inside = scipy.special.betainc(0.5, a[~tail], sine_squared)
    log_p[~tail] = np.log1p(-np.minimum(inside, _LARGEST_COMPLEMENT))
    tail[~tail] = inside > _LARGEST_COMPLEMENT
    log_p[tail] = _log_t_tail(a[tail], tangent[tail], cosine_squared[tail])
    return np.asarray(-log_p / _LN_10)


def _z_of_log_tail(log_tail: FloatArray) -> FloatArray:
    """Return the z >= 0 that ln Φ(-z) belongs to."""
    z = -scipy.special.ndtri_exp(log_tail)
    # It stops at 12 digits; one more step gives all. The slope is -φ(z) / Φ(-z), the hazard of the normal.
    inverse_hazard = scipy.special.erfcx(z / _SQRT_2) / np.sqrt(2 / np.pi)
    with np.errstate(invalid="ignore"):  # infinity minus infinity
        step = (scipy.special.log_ndtr(-z) - log_tail) * inverse_hazard
    return np.asarray(np.where(np.isfinite(step), z + step, z))


def _log_upper_gamma(a: FloatArray, x: FloatArray) -> FloatArray:
    """Return the logarithm of the regularised upper incomplete gamma function for x well above a."""

    def terms() -> Iterator[tuple[FloatArray, FloatArray]]:
        yield np.ones_like(x), x + 1 - a
        for i in range(1, _MOST_FRACTION_STEPS):
            yield i * (a - i), x + 2 * i + 1 - a

    return a * np.log(x) - x - scipy.special.gammaln(a) + np.log(_continued_fraction(terms()))


def _log_t_tail(a: FloatArray, tangent: FloatArray, cosine_squared: FloatArray) -> FloatArray:
    """Return the logarithm of the two-sided tail of t beyond sqrt(2 a) times the tangent of an angle."""
    p = scipy.special.betainc(a, 0.5, cosine_squared)
    # A cosine close to 1 has lost the digits that its sine still has; its function is ten times slower.
    narrow = cosine_squared > _LARGEST_COSINE_SQUARED
    p[narrow] = scipy.special.betaincc(0.5, a[narrow], tangent[narrow] ** 2 * cosine_squared[narrow])
    with np.errstate(divide="ignore"):
        log_p = np.asarray(np.log(p))
    deep = (np.minimum(p, cosine_squared) < _SMALLEST_EXACT_P_VALUE) & (tangent < np.inf)
    log_p[deep] = _log_deep_t_tail(a[deep], np.log(tangent[deep]))
    return log_p


def _log_deep_t_tail(a: FloatArray, log_tangent: FloatArray) -> FloatArray:
    """Return the same where the tail would underflow: I_x(a, 1/2) at x = cosine², by its continued fraction."""
    b = 0.5
    log_secant = np.logaddexp(0, 2 * log_tangent) / 2
    log_sine = log_tangent - log_secant
    x = np.exp(-2 * log_secant)

    def terms() -> Iterator[tuple[FloatArray, FloatArray]]:
        one = np.ones_like(x)
        yield one, one
        for m in range(_MOST_FRACTION_STEPS // 2):
            yield -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)), one
            yield (m + 1) * (b - m - 1) * x / ((a + 2 * m + 1) * (a + 2 * m + 2)), one

    log_power = -2 * a * log_secant + 2 * b * log_sine
    return log_power - np.log(a) - scipy.special.betaln(a, b) + np.log(_continued_fraction(terms()))


def _continued_fraction(terms: Iterator[tuple[FloatArray, FloatArray]]) -> FloatArray:
    """Evaluate a1 / (b1 + a2 / (b2 + ...)) from its (a, b) by Steed's forward recurrence.

    The denominators in use here stay away from zero, so nothing guards against one.
    """
    numerator, denominator = next(terms)
    inverse = 1 / denominator
    change = numerator * inverse
    fraction = change
    for numerator, denominator in terms:
        inverse = 1 / (denominator + numerator * inverse)
        change = (denominator * inverse - 1) * change
        fraction = fraction + change
        if (np.abs(change) <= _FRACTION_TOLERANCE * np.abs(fraction)).all():
            break
    return fraction
