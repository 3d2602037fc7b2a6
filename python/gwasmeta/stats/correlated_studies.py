"""Combining studies whose estimates correlate, because some people are in several of them.

All that is compiled stands in this file: the cache of machine code does not notice a change in another one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gwasmeta.compiled import compiled
from gwasmeta.errors import GwasmetaError
from gwasmeta.stats._matrices import FloatArray, sample_size_matrices, study_matrices
from gwasmeta.stats._pair_matrices import AS_IN_THE_OTHER_HALF, pair_matrix, refuse_elements
from gwasmeta.stats.normal import neg_log_10_p_value

_ROUNDING: Final = 1e-8  # of a matrix that was written to a file with eight decimals
_SMALLEST_EIGENVALUE: Final = 1e-8


@dataclass(frozen=True)
class CorrelatedFixedEffects:
    """The combined effect of each variant; arrays of shape (n_variants,), NaN where no study measured.

    Attributes
    ----------
    beta : ndarray
        In the units of the studies' effects.
    standard_error : ndarray
        In the same units.
    z : ndarray
        beta / standard_error.
    neg_log_10_p_value : ndarray
        Of the two-sided normal test of `z`.
    q : ndarray
        Cochran's Q with the correlation: chi-squared on `n_studies` - 1 degrees of freedom where the studies
        have one true effect. `heterogeneity_of_q` makes the test of it.
    n_studies : ndarray of int64
        How many studies measured the variant.
    """

    beta: FloatArray
    standard_error: FloatArray
    z: FloatArray
    neg_log_10_p_value: FloatArray
    q: FloatArray
    n_studies: NDArray[np.int64]


@dataclass(frozen=True)
class CorrelatedZ:
    """The combined statistic of each variant; arrays of shape (n_variants,), NaN where no study measured.

    Attributes
    ----------
    z : ndarray
        The sample-size weighted z statistic.
    neg_log_10_p_value : ndarray
        Of the two-sided normal test of `z`.
    n : ndarray
        Total sample size of the studies that measured the variant, people who are in several counted in each;
        0 where none did.
    effective_n : ndarray
        Size of the study without overlap that would be as informative: (Σn)² / (w' R w); 0 where none did.
    """

    z: FloatArray
    neg_log_10_p_value: FloatArray
    n: FloatArray
    effective_n: FloatArray


def correlated_fixed_effects(
    beta: ArrayLike, standard_error: ArrayLike, correlation: ArrayLike
) -> CorrelatedFixedEffects:
    """Combine the effects of studies that correlate, by generalised least squares.

    Parameters
    ----------
    beta : array_like, shape (n_variants, n_studies)
        Effect per copy of the effect allele; NaN where a study did not measure the variant.
    standard_error : array_like, shape (n_variants, n_studies)
        In the units of `beta`.
    correlation : array_like, shape (n_studies, n_studies)
        Of the studies' estimates: symmetric, with ones on its diagonal, and positive definite.

    Returns
    -------
    CorrelatedFixedEffects
        Arrays of shape (n_variants,).

    Raises
    ------
    ValueError
        If the shapes differ, a measured effect is infinite, or has no standard error within 1e-50 and 1e50.
    GwasmetaError
        If the correlation matrix cannot be one.

    Notes
    -----
    Of the studies that measured a variant, with V = D R D, where D has their standard errors and R their
    correlations: beta = 1'V⁻¹b / 1'V⁻¹1, variance 1 / 1'V⁻¹1, Q = (b - beta)'V⁻¹(b - beta). No other weights
    give a smaller variance. Of two studies, one has a negative weight where its standard error is more than
    1 / correlation times that of the other: it then serves to correct the other's error.

    References
    ----------
    Lin & Sullivan (2009), American Journal of Human Genetics 85:862.
    """
    beta, standard_error = study_matrices(beta, standard_error)
    matrix = checked_correlation(correlation, n_studies=beta.shape[1])
    # Rows in one piece: other layouts would each be compiled anew.
    beta, standard_error = np.ascontiguousarray(beta), np.ascontiguousarray(standard_error)
    measured = ~np.isnan(beta)
    mean, error, q = _generalised_least_squares(beta, standard_error, matrix, _order_by_pattern(measured))
    z = mean / error
    n_studies = np.count_nonzero(measured, axis=1)
    return CorrelatedFixedEffects(mean, error, z, neg_log_10_p_value(z), q, n_studies)


def correlated_z(z: ArrayLike, n: ArrayLike, correlation: ArrayLike) -> CorrelatedZ:
    """Combine the z statistics of studies that correlate, each weighted by the root of its sample size.

    Parameters
    ----------
    z : array_like, shape (n_variants, n_studies)
        Signed by the direction of the effect allele. NaN where a study did not measure the variant.
    n : array_like, shape (n_variants, n_studies)
        Sample sizes; effective ones for a disease.
    correlation : array_like, shape (n_studies, n_studies)
        Of the studies' z statistics: symmetric, with ones on its diagonal, and positive definite.

    Returns
    -------
    CorrelatedZ
        Arrays of shape (n_variants,).

    Raises
    ------
    ValueError
        If the shapes differ, a z statistic is infinite, or has no positive finite sample size.
    GwasmetaError
        If the correlation matrix cannot be one.

    Notes
    -----
    With w = sqrt(n), Z = Σwz / sqrt(w'Rw): the weights of independent studies, with the variance that the sum
    has. They are never negative, and a correlation that is a little wrong does them no harm. The weights that
    give the most power are R⁻¹w, which take weight from studies that share many people; for studies of one size
    that all share the same number they are these again. `correlated_fixed_effects` of z / sqrt(n) with
    standard errors 1 / sqrt(n) uses them.

    Study i is expected to have z = sqrt(n_i) δ, with the same δ in all: Σwz / Σn estimates it with variance
    w'Rw / (Σn)². A single study of n people would have 1 / n, hence the effective sample size. It is Σn without
    overlap, n for studies that all are the same n people, and below the number of different people where only
    some of them are in several studies, because these count more than others.

    References
    ----------
    Willer, Li & Abecasis (2010), Bioinformatics 26:2190, Table 1, for the weights; Province & Borecki (2013),
    Pacific Symposium on Biocomputing 18:236, for the variance of the sum.
    """
    z, n = sample_size_matrices(z, n)
    matrix = checked_correlation(correlation, n_studies=z.shape[1])
    weight = np.sqrt(n)  # 0 where not measured
    total_n = n.sum(axis=1)
    variance = ((weight @ matrix) * weight).sum(axis=1)
    variance[total_n == 0] = np.nan
    combined = np.nansum(weight * z, axis=1) / np.sqrt(variance)
    effective_n = np.where(total_n > 0, total_n**2 / variance, 0.0)
    return CorrelatedZ(combined, neg_log_10_p_value(combined), total_n, effective_n)


def checked_correlation(correlation: ArrayLike, n_studies: int) -> FloatArray:
    """Return the correlation matrix of the studies' estimates, if it can be one.

    Parameters
    ----------
    correlation : array_like, shape (n_studies, n_studies)
    n_studies : int

    Returns
    -------
    ndarray, shape (n_studies, n_studies)
        Exactly symmetric, with ones on its diagonal.

    Raises
    ------
    GwasmetaError
        If it has another shape, is not symmetric, or has other elements on its diagonal than 1, each to
        within 1e-8, or its smallest eigenvalue is below 1e-8.
    """
    name = "correlation matrix"
    matrix = pair_matrix(name, correlation, n_studies)
    unknown = ~np.isfinite(matrix)
    refuse_elements(name, matrix, unknown, "every pair of studies needs a number, 0 where they share nobody")
    on_diagonal = np.eye(n_studies, dtype=bool)
    refuse_elements(name, matrix, on_diagonal & (np.abs(matrix - 1) > _ROUNDING), "the diagonal must be 1")
    refuse_elements(name, matrix, np.abs(matrix - matrix.T) > _ROUNDING, AS_IN_THE_OTHER_HALF)
    matrix = (matrix + matrix.T) / 2
    np.fill_diagonal(matrix, 1.0)
    _refuse_dependent_studies(matrix)
    return matrix


def _refuse_dependent_studies(matrix: FloatArray) -> None:
    smallest = float(np.linalg.eigvalsh(matrix).min(initial=1.0))
    if smallest < _SMALLEST_EIGENVALUE:
        one, other = np.unravel_index(int(np.abs(np.triu(matrix, 1)).argmax()), matrix.shape)
        raise GwasmetaError(
            f"the correlation matrix is not positive definite: its smallest eigenvalue is {smallest:.3g}\n"
            "  Copies of studies make it so, or correlations that contradict each other. Strongest is that of\n"
            f"  studies {one + 1} and {other + 1}, {float(matrix[one, other]):.6g}: leave out one of them if they are "
            "the same people, or correct the matrix."
        )


def _order_by_pattern(measured: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Return the variants in an order in which those that the same studies measured stand together."""
    bits = np.packbits(measured, axis=1)
    words = np.zeros((len(bits), -(-bits.shape[1] // 8) * 8), dtype=np.uint8)
    words[:, : bits.shape[1]] = bits
    return np.lexsort(words.view(np.uint64).T)


@compiled
def _generalised_least_squares(
    beta: FloatArray, standard_error: FloatArray, correlation: FloatArray, order: NDArray[np.intp]
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the combined effect, its standard error and Q of each variant."""
    n_variants, n_studies = beta.shape
    mean, error, q = np.full(n_variants, np.nan), np.full(n_variants, np.nan), np.full(n_variants, np.nan)
    studies = np.empty(n_studies, np.int64)
    factor = np.empty((n_studies, n_studies))
    effects, ones = np.empty(n_studies), np.empty(n_studies)
    k = 0
    for place in range(n_variants):
        variant = order[place]
        if place == 0 or not _same_studies(beta[variant], beta[order[place - 1]]):
            k = _find_studies(beta[variant], studies)
            _factorise(correlation, studies, k, factor)
        if k == 0:
            continue
        for i in range(k):
            ones[i] = 1 / standard_error[variant, studies[i]]
            effects[i] = beta[variant, studies[i]] * ones[i]
        _solve(factor, k, ones)
        _solve(factor, k, effects)

        precision = weighted_sum = 0.0
        for i in range(k):
            precision += ones[i] ** 2
            weighted_sum += ones[i] * effects[i]
        mean[variant] = weighted_sum / precision
        error[variant] = precision**-0.5
        q[variant] = 0.0
        for i in range(k):  # again: Q from running sums loses digits where effects are large against their spread
            q[variant] += (effects[i] - mean[variant] * ones[i]) ** 2
    return mean, error, q


@compiled
def _same_studies(one: FloatArray, other: FloatArray) -> bool:
    for study in range(one.size):  # noqa: SIM110 - a generator cannot be compiled
        if np.isnan(one[study]) != np.isnan(other[study]):
            return False
    return True


@compiled
def _find_studies(beta: FloatArray, studies: NDArray[np.int64]) -> int:
    """Write the numbers of the studies that measured a variant, and return how many they are."""
    k = 0
    for study in range(beta.size):
        if not np.isnan(beta[study]):
            studies[k] = study
            k += 1
    return k


@compiled
def _factorise(correlation: FloatArray, studies: NDArray[np.int64], k: int, factor: FloatArray) -> None:
    """Write the Cholesky factor of the correlation of k studies: lower triangle, diagonal inverted."""
    for i in range(k):
        for j in range(i + 1):
            rest = correlation[studies[i], studies[j]]
            for m in range(j):
                rest -= factor[i, m] * factor[j, m]
            factor[i, j] = rest * factor[j, j] if j < i else rest**-0.5


@compiled
def _solve(factor: FloatArray, k: int, values: FloatArray) -> None:
    """Multiply the first k values by the inverse of the factor, in place."""
    for i in range(k):
        rest = values[i]
        for j in range(i):
            rest -= factor[i, j] * values[j]
        values[i] = rest * factor[i, i]
