"""Omega by maximum likelihood (MTAG's --numerical_omega).

The z statistics of a SNP are taken to be normal with covariance Omega * sqrt(N N') + Sigma, element by element.
Densities are added up as logarithms, so that none is too small; the gradient is exact; and SNPs with the same sample
sizes, which stand together, share one factorisation.

All that is compiled stands in this file: the cache of machine code does not notice a change in another one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize

from gwasmeta.compiled import compiled
from gwasmeta.cores import on_all_cores
from gwasmeta.stats._covariance_matrices import covariance_matrix, positive_definite_matrix
from gwasmeta.stats._matrices import FloatArray
from gwasmeta.stats.genetic_covariance import (
    complete_matrices,
    make_positive_semidefinite,
    omega_moments,
    perfectly_correlated,
)

_BLOCK_ROWS: Final = 32_768  # fixed: the sums must not depend on the number of cores
_LOG_2_PI: Final = float(np.log(2 * np.pi))

# Parameters are scaled such that each is known to about 1. The search ends at the first of these, which leaves them
# within a ten-thousandth of their standard errors, or where rounding of the sums ends it; at the second, that is a
# maximum still.
_WANTED_GRADIENT: Final = 1e-4
_LARGEST_GRADIENT: Final = 1e-2
_MOST_ITERATIONS: Final = 500
# Of the correlation matrix at the start, where the Cholesky factor of a singular one would never leave the edge.
_START_SHRINKAGE: Final = 0.99


@dataclass(frozen=True)
class OmegaLikelihood:
    """The most likely Omega.

    Attributes
    ----------
    omega : ndarray, shape (n_traits, n_traits)
        Without negative eigenvalues.
    log_likelihood : float
        Natural logarithm. `log_likelihood` gives that of any other matrix.
    converged : bool
        Whether the gradient is that of a maximum: the elements of Omega are within a hundredth of their standard
        errors.
    n_iterations : int
    """

    omega: FloatArray
    log_likelihood: float
    converged: bool
    n_iterations: int


def log_likelihood(z: ArrayLike, n: ArrayLike, omega: ArrayLike, sigma: ArrayLike) -> float:
    """Return the logarithm of the density of all z statistics.

    Parameters
    ----------
    z : array_like, shape (n_snps, n_traits)
        z statistics of SNPs that every trait has.
    n : array_like, shape (n_snps, n_traits)
        Sample sizes.
    omega : array_like, shape (n_traits, n_traits)
        Covariance of the true effects.
    sigma : array_like, shape (n_traits, n_traits)
        Covariance of the errors of the z statistics.

    Returns
    -------
    float
        Natural logarithm; minus infinity if a SNP's covariance matrix is not positive definite.

    Raises
    ------
    ValueError
        If the shapes differ, there is no SNP, a z statistic is not finite, or has no positive sample size.
    GwasmetaError
        If omega or sigma cannot be covariance matrices of these traits.
    """
    z, n = complete_matrices(z, n)
    effects = covariance_matrix("omega", omega, z.shape[1])
    return _Likelihood.of(z, n, positive_definite_matrix("sigma", sigma, z.shape[1])).value(effects)[0]


def omega_maximum_likelihood(
    z: ArrayLike, n: ArrayLike, sigma: ArrayLike, *, perfect_correlation: bool = False
) -> OmegaLikelihood:
    """Find the covariance of the true effects that makes the z statistics most likely.

    Parameters
    ----------
    z : array_like, shape (n_snps, n_traits)
        z statistics of SNPs that every trait has.
    n : array_like, shape (n_snps, n_traits)
        Sample sizes.
    sigma : array_like, shape (n_traits, n_traits)
        Covariance of the errors of the z statistics.
    perfect_correlation : bool
        Take all genetic correlations to be +1, and look for the variances alone.

    Returns
    -------
    OmegaLikelihood

    Raises
    ------
    ValueError
        If the shapes differ, there is no SNP, a z statistic is not finite, or has no positive sample size.
    GwasmetaError
        If sigma cannot be a covariance matrix of these traits, or a trait's z statistics vary less than sigma says, so
        that the moments have no variance to start from.

    Notes
    -----
    A quasi-Newton method (BFGS) over the Cholesky factor of Omega, from the estimate by moments, with the parameters
    turned and scaled by the expected information. MTAG searches by the simplex of Nelder and Mead, which may stop short
    of the maximum: compare its `log_likelihood`.

    References
    ----------
    Turley et al. (2018), Nature Genetics 50:229, Supplementary Note, and MTAG 1.0.8 for the likelihood.
    """
    z, n = complete_matrices(z, n)
    errors = positive_definite_matrix("sigma", sigma, z.shape[1])
    moments = make_positive_semidefinite(omega_moments(z, n, errors)).matrix
    form: _Form = _PerfectCorrelation(moments) if perfect_correlation else _CholeskyFactor(moments)
    likelihood = _Likelihood.of(z, n, errors)

    start = form.start()
    jacobian = form.jacobian(start)
    mean_n = np.exp(np.log(n).mean(axis=0))
    information = len(z) * jacobian.T @ _information(form.omega(start), errors, mean_n) @ jacobian
    scale = np.linalg.inv(np.linalg.cholesky(information)).T

    def negative(x: FloatArray) -> tuple[float, FloatArray]:
        parameters = start + scale @ x
        value, gradient = likelihood.value(form.omega(parameters))
        return -value, -(gradient.ravel() @ form.jacobian(parameters) @ scale)

    options: Any = {"gtol": _WANTED_GRADIENT, "maxiter": _MOST_ITERATIONS}
    found: Any = optimize.minimize(negative, np.zeros(start.size), jac=True, method="BFGS", options=options)
    return OmegaLikelihood(
        form.omega(start + scale @ found.x),
        -float(found.fun),
        converged=bool(np.abs(found.jac).max() < _LARGEST_GRADIENT),
        n_iterations=int(found.nit),
    )


class _Form(Protocol):
    """The parameters that an Omega is made of."""

    def start(self) -> FloatArray: ...

    def omega(self, parameters: FloatArray) -> FloatArray: ...

    def jacobian(self, parameters: FloatArray) -> FloatArray:
        """Return the derivatives of the elements of omega, row by row, shape (n_traits², n_parameters)."""
        ...


class _CholeskyFactor:
    """Any Omega: the lower triangle of L, where Omega = (D L)(D L)' and D has the roots of the moments' variances."""

    def __init__(self, moments: FloatArray) -> None:
        self._root = np.sqrt(moments.diagonal())
        self._moments = moments
        self._lower = np.tril_indices(len(moments))

    def start(self) -> FloatArray:
        correlation = _START_SHRINKAGE * self._moments / np.outer(self._root, self._root)
        np.fill_diagonal(correlation, 1.0)
        return np.asarray(np.linalg.cholesky(correlation)[self._lower])

    def _factor(self, parameters: FloatArray) -> FloatArray:
        factor = np.zeros_like(self._moments)
        factor[self._lower] = parameters
        return self._root[:, np.newaxis] * factor

    def omega(self, parameters: FloatArray) -> FloatArray:
        factor = self._factor(parameters)
        return np.asarray(factor @ factor.T)

    def jacobian(self, parameters: FloatArray) -> FloatArray:
        factor, n_traits = self._factor(parameters), self._root.size
        jacobian = np.zeros((n_traits, n_traits, parameters.size))
        for parameter, (row, column) in enumerate(zip(*self._lower, strict=True)):
            jacobian[row, :, parameter] += self._root[row] * factor[:, column]
            jacobian[:, row, parameter] += self._root[row] * factor[:, column]
        return np.asarray(jacobian.reshape(n_traits**2, parameters.size))


class _PerfectCorrelation:
    """An Omega whose correlations are all +1: the logarithms of its standard deviations, against the moments'."""

    def __init__(self, moments: FloatArray) -> None:
        self._moments = perfectly_correlated(moments)

    def start(self) -> FloatArray:
        return np.zeros(len(self._moments))

    def omega(self, parameters: FloatArray) -> FloatArray:
        ratio = np.exp(parameters)
        return np.asarray(self._moments * np.outer(ratio, ratio))

    def jacobian(self, parameters: FloatArray) -> FloatArray:
        omega, identity = self.omega(parameters), np.eye(parameters.size)
        derivative = omega[:, :, np.newaxis] * (identity[:, np.newaxis] + identity)
        return np.asarray(derivative.reshape(parameters.size**2, parameters.size))


def _information(omega: FloatArray, sigma: FloatArray, n: FloatArray) -> FloatArray:
    """Return the expected information of one SNP on the elements of Omega, shape (n_traits², n_traits²)."""
    root_n = np.sqrt(n)
    inverse = np.linalg.inv(omega * np.outer(root_n, root_n) + sigma) * np.outer(root_n, root_n)
    return np.kron(inverse, inverse) / 2


@dataclass(frozen=True)
class _Likelihood:
    """The log-likelihood as a function of Omega; rows with the same sample sizes stand together."""

    z: FloatArray
    root_n: FloatArray
    sigma: FloatArray

    @classmethod
    def of(cls, z: FloatArray, n: FloatArray, sigma: FloatArray) -> _Likelihood:
        key = np.zeros(len(n))  # equal for equal sample sizes; others may have it too, which only costs time
        for trait, of_trait in enumerate(n.T):
            key += np.sqrt(trait + 2.0) * of_trait
        order = np.argsort(key, kind="stable")
        return cls(z[order], np.sqrt(n[order]), sigma)

    def value(self, omega: FloatArray) -> tuple[float, FloatArray]:
        """Return it and its derivatives by the elements of Omega, each taken as a variable of its own."""

        def of_block(start: int) -> tuple[float, FloatArray]:
            rows = slice(start, start + _BLOCK_ROWS)
            return _add_up(self.z[rows], self.root_n[rows], omega, self.sigma)

        blocks = on_all_cores(of_block, range(0, len(self.z), _BLOCK_ROWS))
        return float(sum(value for value, _ in blocks)), np.sum([gradient for _, gradient in blocks], axis=0)


@compiled
def _add_up(z: FloatArray, root_n: FloatArray, omega: FloatArray, sigma: FloatArray) -> tuple[float, FloatArray]:
    """Return the log-likelihood of some SNPs, and its derivatives by the elements of Omega."""
    n_snps, n_traits = z.shape
    factor, inverse = np.empty((n_traits, n_traits)), np.empty((n_traits, n_traits))
    outer, gradient = np.zeros((n_traits, n_traits)), np.zeros((n_traits, n_traits))
    solved = np.empty(n_traits)
    value = log_determinant = 0.0
    first = 0  # of the SNPs with these sample sizes
    for snp in range(n_snps):
        if snp == first:
            log_determinant = _invert_covariance(omega, sigma, root_n[snp], factor, inverse)
            if np.isnan(log_determinant):
                return -np.inf, gradient
        square = 0.0
        for i in range(n_traits):
            solved[i] = 0.0
            for j in range(n_traits):
                solved[i] += inverse[i, j] * z[snp, j]
            square += solved[i] * z[snp, i]
            for j in range(i + 1):
                outer[i, j] += solved[i] * solved[j]
        value -= (log_determinant + square + n_traits * _LOG_2_PI) / 2
        if snp + 1 == n_snps or _differ(root_n[snp], root_n[snp + 1]):
            _add_gradient(outer, inverse, snp + 1 - first, root_n[snp], gradient)
            outer[:] = 0.0
            first = snp + 1
    return value, gradient


@compiled
def _differ(one: FloatArray, other: FloatArray) -> bool:
    for i in range(one.size):  # noqa: SIM110 - a generator cannot be compiled
        if one[i] != other[i]:
            return True
    return False


@compiled
def _invert_covariance(
    omega: FloatArray, sigma: FloatArray, root_n: FloatArray, factor: FloatArray, inverse: FloatArray
) -> float:
    """Write the inverse of a SNP's covariance matrix; return the logarithm of its determinant, NaN if it has none."""
    n_traits = root_n.size
    log_determinant = 0.0
    for i in range(n_traits):  # the Cholesky factor, its diagonal inverted
        for j in range(i + 1):
            element = omega[i, j] * root_n[i] * root_n[j] + sigma[i, j]
            for k in range(j):
                element -= factor[i, k] * factor[j, k]
            if j < i:
                factor[i, j] = element * factor[j, j]
            elif element > 0:
                factor[i, i] = element**-0.5
                log_determinant += np.log(element)
            else:
                return np.nan
    for j in range(n_traits):  # its inverse, below the diagonal
        for i in range(j + 1, n_traits):
            element = 0.0
            for k in range(j, i):
                element -= factor[i, k] * factor[k, j]
            factor[i, j] = element * factor[i, i]
    for i in range(n_traits):
        for j in range(i + 1):
            element = 0.0
            for k in range(i, n_traits):
                element += factor[k, i] * factor[k, j]
            inverse[i, j] = inverse[j, i] = element
    return log_determinant


@compiled
def _add_gradient(
    outer: FloatArray, inverse: FloatArray, n_snps: int, root_n: FloatArray, gradient: FloatArray
) -> None:
    """Add the derivatives of SNPs with the same sample sizes: `outer` sums up V⁻¹ z z' V⁻¹, `inverse` is V⁻¹."""
    for i in range(root_n.size):
        for j in range(i + 1):
            element = (outer[i, j] - n_snps * inverse[i, j]) * root_n[i] * root_n[j] / 2
            gradient[i, j] += element
            if j < i:
                gradient[j, i] += element
