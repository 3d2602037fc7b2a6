"""How two studies' z statistics correlate under the null hypothesis, estimated from those of them next to zero.

Studies that share people have correlated z statistics at every variant. A true association makes them correlate
as well, so only variants are used at which neither study shows anything, and the likelihood allows for that.

All formulas write t for Fisher's z of the correlation rho, tanh(t) = rho: then 1 + rho = e^t / cosh t and
1 - rho = e^-t / cosh t keep their digits next to a correlation of ±1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

from gwasmeta.errors import GwasmetaError
from gwasmeta.stats._matrices import FloatArray

_LARGEST_FISHER_Z: Final = 18.0  # 1 - rho is a rounding error there
_HALVINGS: Final = 58  # of it, down to rounding


@dataclass(frozen=True)
class NearNullSums:
    """What the likelihood needs of the variants; arrays of shape (n_studies, n_studies), one element a pair.

    Those of several blocks of variants add up.

    Attributes
    ----------
    n : ndarray of int64
        Variants at which both studies have |z| below the cutoff.
    sum_squares : ndarray
        Over these, z_1² + z_2².
    sum_products : ndarray
        Over these, z_1 z_2.
    """

    n: NDArray[np.int64]
    sum_squares: FloatArray
    sum_products: FloatArray


def near_null_sums(z: ArrayLike, cutoff: float = 1.0) -> NearNullSums:
    """Sum up, for each pair of studies, the variants at which neither study shows an association.

    Parameters
    ----------
    z : array_like, shape (n_variants, n_studies)
        z statistics, signed by the same allele in all studies; NaN where a study did not measure the variant.
    cutoff : float
        Variants with |z| below it in both studies are used.

    Returns
    -------
    NearNullSums
        Arrays of shape (n_studies, n_studies).

    Raises
    ------
    GwasmetaError
        If the cutoff is not positive.
    """
    _refuse_cutoff(cutoff)
    statistics = np.asarray(z, dtype=np.float64)
    used = np.abs(statistics) < cutoff  # never NaN
    near = np.where(used, statistics, 0)
    counts = used.astype(np.float64)
    squares_of_one = (near**2).T @ counts
    n = np.rint(counts.T @ counts).astype(np.int64)
    return NearNullSums(n, squares_of_one + squares_of_one.T, near.T @ near)


def truncated_correlation(z1: ArrayLike, z2: ArrayLike, cutoff: float = 1.0) -> float:
    """Estimate the correlation of two studies' z statistics from the variants at which neither is large.

    Parameters
    ----------
    z1, z2 : array_like, shape (n_variants,)
        z statistics, signed by the same allele in both studies; NaN where a study did not measure the variant.
    cutoff : float
        Variants with |z| below it in both studies are used.

    Returns
    -------
    float
        Between -1 and 1; see `correlation_from_sums`.

    Raises
    ------
    ValueError
        If the shapes differ.
    GwasmetaError
        If the cutoff is not positive.

    References
    ----------
    METAL (2018), documentation of OVERLAP ON: the likelihood of the truncated bivariate normal distribution.
    """
    sums = near_null_sums(np.stack([np.asarray(z1, np.float64), np.asarray(z2, np.float64)], axis=1), cutoff)
    return float(correlation_from_sums(sums.n[0, 1], sums.sum_squares[0, 1], sums.sum_products[0, 1], cutoff))


def correlation_from_sums(
    n: ArrayLike, sum_squares: ArrayLike, sum_products: ArrayLike, cutoff: float = 1.0
) -> FloatArray:
    """Return the most likely correlations of pairs of standard normal variables, both truncated to |z| < cutoff.

    Parameters
    ----------
    n : array_like
        How many observations there are of each pair of variables, any shape.
    sum_squares : array_like
        Sum of z_1² + z_2², of the same shape.
    sum_products : array_like
        Sum of z_1 z_2, of the same shape.
    cutoff : float
        All observations have |z_1| and |z_2| below it. Infinity: they are not truncated.

    Returns
    -------
    ndarray
        Of the same shape, between -1 and 1, to about 1e-15 (1e-11 for a cutoff as low as 0.1); 1 for pairs of
        equal values. 0 where the products add up to 0, NaN where there is no observation.

    Raises
    ------
    GwasmetaError
        If the cutoff is not positive.

    Notes
    -----
    The likelihood depends on the observations through these three sums alone. It may have a maximum on both
    sides of 0, of which that with the sign of the products is the greater one, and no third.

    For unrelated studies, the standard error is 3.4 / sqrt(n) for a cutoff of 1 and 1.3 / sqrt(n) for 2, n
    counting independent variants: sums over few variants tell next to nothing.

    References
    ----------
    The method of METAL's OVERLAP ON, developed by S. Sengupta (METAL's README), which takes negative estimates
    for 0.
    """
    _refuse_cutoff(cutoff)
    n, sum_squares, sum_products = np.broadcast_arrays(
        np.asarray(n, np.float64), np.asarray(sum_squares, np.float64), np.asarray(sum_products, np.float64)
    )
    result = np.full(n.shape, np.nan)
    some = n > 0
    mean_square, mean_product = sum_squares[some] / n[some], sum_products[some] / n[some]
    result[some] = np.sign(mean_product) * _most_likely_size(mean_square, np.abs(mean_product), cutoff)
    return result


def rectangle_probability(fisher_z: ArrayLike, cutoff: float) -> FloatArray:
    """Return the probability that neither of two correlated standard normal variables reaches the cutoff.

    Parameters
    ----------
    fisher_z : array_like
        Fisher's z of their correlation rho, artanh(rho), any shape.
    cutoff : float
        Positive.

    Returns
    -------
    ndarray
        Of the same shape: P(|z_1| < cutoff, |z_2| < cutoff), to about 1e-15.

    References
    ----------
    Owen (1956), Annals of Mathematical Statistics 27:1075: all corners of the square have the same two
    arguments of his function T.
    """
    slope = np.exp(np.asarray(fisher_z, np.float64))  # sqrt((1 + rho) / (1 - rho))
    return np.asarray(1 - 4 * (scipy.special.owens_t(cutoff, slope) + scipy.special.owens_t(cutoff, 1 / slope)))


def _most_likely_size(mean_square: FloatArray, mean_product: FloatArray, cutoff: float) -> FloatArray:
    """Return the most likely correlation for products that are positive on average."""
    of_sum, of_difference = mean_square + 2 * mean_product, np.maximum(mean_square - 2 * mean_product, 0)
    # Between 0 and infinity the score falls through zero once: divided by sinh(2t), it falls throughout (not
    # proved, but computed for cutoffs from 0.05 to 20).
    low, high = np.zeros_like(of_sum), np.full_like(of_sum, _LARGEST_FISHER_Z)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        rises = _score(middle, of_sum, of_difference, cutoff) > 0
        low, high = np.where(rises, middle, low), np.where(rises, high, middle)
    return np.asarray(np.tanh((low + high) / 2))


def _score(t: FloatArray, of_sum: FloatArray, of_difference: FloatArray, cutoff: float) -> FloatArray:
    """Return the derivative of the mean log-likelihood by t, given the means of (z_1 + z_2)² and (z_1 - z_2)²."""
    # Plackett: the derivative of a normal probability by the correlation is the density, here at the corners.
    at_equal_corners = np.exp(-(cutoff**2) / 2 * (1 + np.exp(-2 * t)))
    at_opposite_corners = np.exp(-(cutoff**2) / 2 * (1 + np.exp(2 * t)))
    slope_of_probability = (at_equal_corners - at_opposite_corners) / (np.pi * np.cosh(t))
    of_observations = (of_sum * np.exp(-2 * t) - of_difference * np.exp(2 * t)) / 4
    return np.asarray(np.tanh(t) + of_observations - slope_of_probability / rectangle_probability(t, cutoff))


def _refuse_cutoff(cutoff: float) -> None:
    if not cutoff > 0:
        raise GwasmetaError(
            f"the cutoff of z is {cutoff}, and no variant has |z| below it\n"
            "  It must be positive; 1 is usual, 2 uses more variants but lets more associations in."
        )
