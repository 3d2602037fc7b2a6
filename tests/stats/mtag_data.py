"""z statistics of traits whose Omega and Sigma are known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

OMEGA = 1e-6 * np.array([[4.0, 2.4, 1.5], [2.4, 3.0, -0.6], [1.5, -0.6, 5.0]])
SIGMA = np.array([[1.05, 0.12, 0.06], [0.12, 1.03, 0.15], [0.06, 0.15, 1.02]])
LARGEST_N = np.array([250e3, 120e3, 60e3])


@dataclass(frozen=True)
class Simulated:
    """Arrays of shape (n_snps, n_traits): z statistics, sample sizes, and the true standardised effects."""

    z: Array
    n: Array
    effect: Array


def simulate(
    generator: np.random.Generator, n_snps: int, omega: Array = OMEGA, sigma: Array = SIGMA, effect: Array | None = None
) -> Simulated:
    """Draw effects, unless given, and z statistics; half of the SNPs have a trait's largest sample size."""
    n_traits = len(omega)
    largest = np.resize(LARGEST_N, n_traits)
    smaller = np.rint(largest * generator.uniform(0.7, 1.0, (n_snps, n_traits)))
    n = np.where(generator.random((n_snps, n_traits)) < 0.5, largest, smaller)
    if effect is None:
        effect = generator.multivariate_normal(np.zeros(n_traits), omega, n_snps, method="eigh")
    error = generator.multivariate_normal(np.zeros(n_traits), sigma, n_snps, method="eigh")
    return Simulated(np.sqrt(n) * effect + error, n, effect)


def random_covariance(generator: np.random.Generator, n_traits: int, scale: float = 1.0) -> Array:
    """Return a positive definite matrix with correlations of all sizes and unequal variances."""
    factor = generator.normal(size=(n_traits, n_traits))
    matrix = factor @ factor.T + 0.2 * np.eye(n_traits)
    return np.asarray(scale * matrix)
