"""How many SNPs a trait's effects come from: a spike at 0 and a normal slab, by maximum likelihood.

All that is compiled stands in this file: the cache of machine code does not notice a change in another one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize, special

from gwasmeta.compiled import compiled
from gwasmeta.cores import on_all_cores
from gwasmeta.errors import GwasmetaError
from gwasmeta.stats._matrices import FloatArray, study_matrices

_BLOCK_ROWS: Final = 65_536
_LOG_2_PI: Final = float(np.log(2 * np.pi))
_LARGEST_GRADIENT: Final = 1e-3  # of the log-likelihood, by the logarithms of odds and of a variance
# The edges of what is sensible: beyond, one part of the mixture is gone, and the likelihood flat.
_LARGEST_LOG_ODDS: Final = 20.0
_LARGEST_LOG_RATIO: Final = 20.0  # of the slab's variance to the errors'


@dataclass(frozen=True)
class SpikeSlab:
    """The most likely mixture.

    Attributes
    ----------
    causal_probability : float
        Of a SNP's effect being from the slab.
    slab_variance : float
        Variance of these effects.
    log_likelihood : float
        Natural logarithm of the density of all effects.
    converged : bool
    """

    causal_probability: float
    slab_variance: float
    log_likelihood: float
    converged: bool


def fit_spike_slab(beta: ArrayLike, standard_error: ArrayLike) -> SpikeSlab:
    """Find the mixture that makes the effects most likely.

    Parameters
    ----------
    beta : array_like, shape (n_snps,)
        Estimated effects. MTAG takes z / sqrt(N).
    standard_error : array_like, shape (n_snps,)
        In the units of `beta`. MTAG takes 1 / sqrt(N).

    Returns
    -------
    SpikeSlab

    Raises
    ------
    ValueError
        If the shapes differ, an effect is infinite, or has no standard error between 1e-50 and 1e50.
    GwasmetaError
        If no SNP has an effect.

    Notes
    -----
    beta ~ (1 - pi) N(0, s²) + pi N(0, tau² + s²), with s the standard error. A quasi-Newton method (L-BFGS-B) with the
    exact gradient over the logarithms of pi / (1 - pi) and of tau², from pi = 1/2 and the tau² that then explains the
    variance of the effects. SNPs without an effect (NaN) are left out.

    References
    ----------
    Turley et al. (2018), Nature Genetics 50:229, Supplementary Note; MTAG 1.0.8, --fit_ss.
    """
    effects, errors = study_matrices(np.reshape(beta, (-1, 1)), np.reshape(standard_error, (-1, 1)))
    measured = ~np.isnan(effects[:, 0])
    if not measured.any():
        raise GwasmetaError(
            "no SNP has an effect to fit the spike and slab to\n"
            "  Look in the log for what removed them, or leave the fit out."
        )
    square, error_variance = effects[measured, 0] ** 2, errors[measured, 0] ** 2

    typical = float(np.exp(np.log(error_variance).mean()))
    excess = max(2 * float((square - error_variance).mean()) / typical, 1.0)
    start = np.array([0.0, np.log(excess)])

    def negative(x: FloatArray) -> tuple[float, FloatArray]:
        def of_block(first: int) -> tuple[float, float, float]:
            rows = slice(first, first + _BLOCK_ROWS)
            return _add_up(square[rows], error_variance[rows], x[0], typical * np.exp(x[1]))

        sums = np.sum(on_all_cores(of_block, range(0, square.size, _BLOCK_ROWS)), axis=0)
        return -float(sums[0]), -sums[1:]

    bounds = [(-_LARGEST_LOG_ODDS, _LARGEST_LOG_ODDS), (-_LARGEST_LOG_RATIO, _LARGEST_LOG_RATIO)]
    found = optimize.minimize(
        negative, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"gtol": _LARGEST_GRADIENT, "ftol": 0.0}
    )
    log_odds, log_ratio = found.x
    return SpikeSlab(
        float(special.expit(log_odds)),
        typical * float(np.exp(log_ratio)),
        -float(found.fun),
        converged=bool(found.success),
    )


@compiled
def _add_up(
    square: FloatArray, error_variance: FloatArray, log_odds: float, slab_variance: float
) -> tuple[float, float, float]:
    """Return the log-likelihood, and its derivatives by the log odds and by the logarithm of the slab's variance."""
    causal = 1 / (1 + np.exp(-log_odds))
    log_null = -np.log1p(np.exp(log_odds))
    value = by_log_odds = by_log_variance = 0.0
    for snp in range(square.size):
        variance = slab_variance + error_variance[snp]
        spike = log_null - (np.log(error_variance[snp]) + square[snp] / error_variance[snp]) / 2
        slab = log_odds + log_null - (np.log(variance) + square[snp] / variance) / 2
        larger = max(spike, slab)
        log_density = larger + np.log(np.exp(spike - larger) + np.exp(slab - larger))
        responsibility = np.exp(slab - log_density)
        value += log_density - _LOG_2_PI / 2
        by_log_odds += responsibility - causal
        by_log_variance += responsibility * (square[snp] / variance - 1) / 2 * slab_variance / variance
    return value, by_log_odds, by_log_variance
