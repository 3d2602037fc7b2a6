"""Traits simulated under the model of LD score regression, and the regression once more, by statsmodels."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import statsmodels.api as sm
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

M = 1_000_000.0


@dataclass(frozen=True)
class Simulated:
    """z and n of shape (n_snps, n_traits), LD scores of shape (n_snps,)."""

    z: FloatArray
    n: FloatArray
    ld_score: FloatArray
    weight_ld_score: FloatArray

    def rows(self, chosen: NDArray[np.bool_]) -> Simulated:
        return Simulated(self.z[chosen], self.n[chosen], self.ld_score[chosen], self.weight_ld_score[chosen])

    def traits(self, *columns: int) -> Simulated:
        return Simulated(self.z[:, columns], self.n[:, columns], self.ld_score, self.weight_ld_score)


def simulate(
    rng: np.random.Generator, n_snps: int, genetic_covariance: FloatArray, sigma: FloatArray, n: FloatArray
) -> Simulated:
    """Draw z_j from N(0, sigma + l_j / m * D G D), where D has the roots of the sample sizes.

    These are n for most SNPs, and down to 70 % of it for the others.
    """
    ld_score = 1 + rng.gamma(1.5, 60, n_snps)
    sizes = n * np.clip(rng.uniform(0.7, 1.4, (n_snps, len(n))), None, 1)
    standard = rng.standard_normal((n_snps, 2, len(n)))
    genetic = standard[:, 0] @ np.linalg.cholesky(genetic_covariance).T * np.sqrt(ld_score[:, None] * sizes / M)
    z = genetic + standard[:, 1] @ np.linalg.cholesky(sigma).T
    return Simulated(z, sizes, ld_score, ld_score * rng.uniform(0.3, 0.6, n_snps))


@dataclass(frozen=True)
class WeightedLine:
    """Total (h² or genetic covariance) and intercept, and what they were fitted to."""

    total: float
    intercept: float
    y: FloatArray
    x: FloatArray  # per unit of the total
    weights: FloatArray


def weighted_least_squares(
    y: FloatArray, x: FloatArray, weights: FloatArray, intercept: float | None
) -> tuple[float, float]:
    """Return slope and intercept by statsmodels."""
    if intercept is None:
        fitted = sm.WLS(y, sm.add_constant(x), weights=weights).fit()
        return float(fitted.params[1]), float(fitted.params[0])
    return float(sm.WLS(y - intercept, x, weights=weights).fit().params[0]), intercept


def regression_of_statsmodels(
    data: Simulated, squares: tuple[WeightedLine, WeightedLine] | None = None, intercept: float | None = None
) -> WeightedLine:
    """Regress the product of the first and last trait's z; `squares` are the regressions of their squares.

    Written from the papers: the variance of a product of normal variables, the first guess from the means, and two
    rounds of new weights.
    """
    n1, n2 = data.n[:, 0], data.n[:, -1]
    y, n = data.z[:, 0] * data.z[:, -1], np.sqrt(n1 * n2)
    floored = np.maximum(data.ld_score, 1)
    x = n * data.ld_score / M

    def expected(size: FloatArray, total: float, constant: float, least: float = 0) -> FloatArray:
        return size * min(max(total, least), 1) * floored / M + constant

    def weights(total: float, constant: float) -> FloatArray:
        if squares is None:
            variance = 2 * expected(n, total, constant) ** 2
        else:
            one, other = squares
            variance = expected(n1, one.total, one.intercept) * expected(n2, other.total, other.intercept)
            variance += expected(n, total, constant, least=-1) ** 2
        return np.asarray(1 / (variance * np.maximum(data.weight_ld_score, 1)))

    constant = (1.0 if squares is None else 0.0) if intercept is None else intercept
    weight = weights((y.mean() - constant) / x.mean(), constant)
    for _ in range(2):
        weight = weights(*weighted_least_squares(y, x, weight, intercept))
    return WeightedLine(*weighted_least_squares(y, x, weight, intercept), y, x, weight)


def delete_values_of_statsmodels(
    line: WeightedLine, n_blocks: int, intercept: float | None = None
) -> tuple[FloatArray, FloatArray]:
    """Leave out one contiguous block after another, the weights as they were; return totals and intercepts."""
    edges = [int(block * len(line.y) / n_blocks) for block in range(n_blocks + 1)]
    fits = []
    for begin, end in pairwise(edges):
        kept = np.r_[0:begin, end : len(line.y)]
        fits.append(weighted_least_squares(line.y[kept], line.x[kept], line.weights[kept], intercept))
    totals, intercepts = np.array(fits).T
    return totals, intercepts


def standard_error_of_pseudo_values(value: float, delete_values: FloatArray) -> float:
    """Return that of the mean of the pseudo-values."""
    n_blocks = len(delete_values)
    pseudo_values = n_blocks * value - (n_blocks - 1) * delete_values
    return float(np.std(pseudo_values, ddof=1) / np.sqrt(n_blocks))
