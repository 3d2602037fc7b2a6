"""Omega, the covariance of the traits' true effects of one SNP: by moments, and its repairs.

Effects are standardised: of a genotype and a trait that both have variance 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from gwasmeta.stats._covariance_matrices import covariance_matrix
from gwasmeta.stats._matrices import FloatArray, sample_size_matrices

_BLOCK_ROWS: Final = 65_536

# MTAG's repair of a matrix: correlations beyond 1 become this, and all are then shrunk by it, so many times at most.
_SHRINKAGE: Final = 0.99
_MOST_SHRINKAGES: Final = 1000


@dataclass(frozen=True)
class RepairedMatrix:
    """A covariance matrix without negative eigenvalues.

    Attributes
    ----------
    matrix : ndarray, shape (n_traits, n_traits)
    was_needed : bool
        Whether it differs from what was given.
    n_shrinkages : int
        How often all covariances were multiplied by 0.99, once correlations beyond 1 were pulled in.
    """

    matrix: FloatArray
    was_needed: bool
    n_shrinkages: int


def omega_moments(z: ArrayLike, n: ArrayLike, sigma: ArrayLike) -> FloatArray:
    """Estimate Omega as what the observed effects covary beyond their errors.

    Parameters
    ----------
    z : array_like, shape (n_snps, n_traits)
        z statistics of SNPs that every trait has.
    n : array_like, shape (n_snps, n_traits)
        Sample sizes.
    sigma : array_like, shape (n_traits, n_traits)
        Covariance of the errors of the z statistics.

    Returns
    -------
    ndarray, shape (n_traits, n_traits)
        Mean over the SNPs of (z_s z_t - sigma_st) / sqrt(n_s n_t). Nothing keeps it from having negative
        eigenvalues, or a negative diagonal: see `make_positive_semidefinite`.

    Raises
    ------
    ValueError
        If the shapes differ, there is no SNP, a z statistic is not finite, or has no positive sample size.
    GwasmetaError
        If sigma cannot be a covariance matrix of these traits.

    References
    ----------
    Turley et al. (2018), Nature Genetics 50:229, Online Methods, the estimator of omega_ts.
    """
    z, n = complete_matrices(z, n)
    n_snps, n_traits = z.shape
    matrix = covariance_matrix("sigma", sigma, n_traits)
    sum_products, sum_inverse_n = np.zeros_like(matrix), np.zeros_like(matrix)
    for start in range(0, n_snps, _BLOCK_ROWS):
        inverse_root_n = n[start : start + _BLOCK_ROWS] ** -0.5
        effects = z[start : start + _BLOCK_ROWS] * inverse_root_n
        sum_products += effects.T @ effects
        sum_inverse_n += inverse_root_n.T @ inverse_root_n
    return np.asarray((sum_products - matrix * sum_inverse_n) / n_snps)


def make_positive_semidefinite(matrix: ArrayLike, name: str = "omega") -> RepairedMatrix:
    """Pull in correlations until no eigenvalue is negative, as MTAG does with its Omega and its Sigma.

    Parameters
    ----------
    matrix : array_like, shape (n_traits, n_traits)
        Symmetric, with a positive diagonal.
    name : str
        What messages call it.

    Returns
    -------
    RepairedMatrix
        Without a negative eigenvalue, already, or after this: a correlation beyond 1 becomes 0.99, and all
        covariances are multiplied by 0.99 for as long as there is a negative eigenvalue.

    Raises
    ------
    GwasmetaError
        If the matrix is not square and symmetric, or has a variance that is not positive: no covariances fit it.

    References
    ----------
    MTAG 1.0.8, which the paper does not say; golden runs 03, 30 and 31.
    """
    given = covariance_matrix(name, matrix)
    if _no_negative_eigenvalue(given):
        return RepairedMatrix(given, was_needed=False, n_shrinkages=0)
    variance = given.diagonal()
    largest = np.sqrt(np.outer(variance, variance))
    covariance = np.where(np.abs(given) > largest, _SHRINKAGE * np.sign(given) * largest, given)
    np.fill_diagonal(covariance, variance)
    shrinkage = np.where(np.eye(len(given), dtype=bool), 1.0, _SHRINKAGE)
    n_shrinkages = 0
    while n_shrinkages < _MOST_SHRINKAGES and not _no_negative_eigenvalue(covariance):
        covariance = covariance * shrinkage
        n_shrinkages += 1
    return RepairedMatrix(covariance, was_needed=True, n_shrinkages=n_shrinkages)


def perfectly_correlated(omega: ArrayLike) -> FloatArray:
    """Return the matrix with the same variances in which all genetic correlations are +1 (MTAG's --perfect_gencov).

    Parameters
    ----------
    omega : array_like, shape (n_traits, n_traits)
        Symmetric, with a positive diagonal.

    Returns
    -------
    ndarray, shape (n_traits, n_traits)
        sqrt(omega_ss omega_tt).

    Raises
    ------
    GwasmetaError
        If it is not square and symmetric, or has a variance that is not positive.

    Notes
    -----
    If all traits have one heritability as well (--equal_h2), their effects are the same, and what scale they have
    is irrelevant to the MTAG estimator: Omega is then a matrix of ones.
    """
    variance = covariance_matrix("omega", omega).diagonal()
    return np.sqrt(np.outer(variance, variance))


def complete_matrices(z: ArrayLike, n: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Return z and n as float64 matrices; a ValueError if there is no SNP or a trait lacks one."""
    z, n = sample_size_matrices(z, n)
    if len(z) == 0:
        raise ValueError("there is no SNP to estimate omega from")
    if (missing := np.isnan(z)).any():
        snp, trait = np.unravel_index(int(missing.argmax()), missing.shape)
        raise ValueError(f"z[{snp}, {trait}] is missing: omega is estimated from SNPs that every trait has")
    return z, n


def _no_negative_eigenvalue(matrix: FloatArray) -> bool:
    return bool((np.linalg.eigvalsh(matrix) >= 0).all())
