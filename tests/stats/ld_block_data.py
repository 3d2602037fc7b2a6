"""Traits simulated from causal SNPs in LD with their neighbours, not from the model of LD score regression."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from ld_score_data import FloatArray
from numpy.typing import NDArray
from scipy.stats import binom

N_REPLICATES = 200
_BLOCKS, _SNPS_OF_A_BLOCK = 500, 40


@dataclass(frozen=True)
class SimulatedStudies:
    """What studies of some traits measured at every second SNP of the panel.

    Attributes
    ----------
    z, n : shape (n_measured, n_traits)
    is_null : shape (n_measured,)
        In a block without any causal SNP, so that the SNP tags none.
    """

    z: FloatArray
    n: FloatArray
    is_null: NDArray[np.bool_]


class Panel:
    """SNPs in blocks of linkage disequilibrium of all strengths; every second one is measured."""

    def __init__(self, seed: int = 1) -> None:
        rng = np.random.default_rng(seed)
        decay = rng.beta(2.0, 1.0, _BLOCKS)[:, None, None]
        places = np.arange(_SNPS_OF_A_BLOCK)
        signs = rng.choice([-1, 1], (_BLOCKS, _SNPS_OF_A_BLOCK))  # which allele is counted is arbitrary
        decayed = decay ** np.abs(np.subtract.outer(places, places))
        self._correlation = decayed * signs[:, :, None] * signs[:, None, :]
        self._root = np.linalg.cholesky(self._correlation)
        self._measured = np.arange(_BLOCKS * _SNPS_OF_A_BLOCK) % 2 == 0
        self.m = self._measured.size

    @cached_property
    def ld_score(self) -> FloatArray:
        """Of the measured SNPs: the sum of r² with all."""
        return np.asarray((self._correlation**2).sum(axis=2).ravel()[self._measured])

    @cached_property
    def weight_ld_score(self) -> FloatArray:
        """The sum of r² with the measured ones only."""
        of_all = (self._correlation**2)[:, :, self._measured[:_SNPS_OF_A_BLOCK]].sum(axis=2)
        return np.asarray(of_all.ravel()[self._measured])

    def simulate(
        self, rng: np.random.Generator, genetic_covariance: FloatArray, sigma: FloatArray, n: FloatArray
    ) -> SimulatedStudies:
        """Draw causal effects, which a quarter of the SNPs have in a half of the blocks, and the studies' statistics.

        A SNP's statistics sum up the effects that it tags, and their errors are correlated as the SNPs are.
        """
        n_traits = len(n)
        shape = _BLOCKS, _SNPS_OF_A_BLOCK
        is_null = rng.permutation(_BLOCKS) % 2 == 0
        causal = (rng.random(shape) < 0.25) & ~is_null[:, None]
        normal = rng.standard_normal((2, *shape, n_traits))
        effect = normal[0] @ np.linalg.cholesky(genetic_covariance).T * np.sqrt(8 / self.m) * causal[:, :, None]
        signal = self._correlation @ (effect * np.sqrt(n))
        error = self._root @ (normal[1] @ np.linalg.cholesky(sigma).T)
        z = (signal + error).reshape(-1, n_traits)[self._measured]
        null = np.repeat(is_null, _SNPS_OF_A_BLOCK)[self._measured]
        return SimulatedStudies(z, np.broadcast_to(n, z.shape), null)


def assert_unbiased(estimates: FloatArray, truth: FloatArray, precision: float) -> None:
    """Means over replicates (the first axis) are within four of their standard errors of the truth.

    Standard errors above `precision` would let anything pass.
    """
    values = np.asarray(estimates)
    standard_error = values.std(axis=0, ddof=1) / np.sqrt(len(values))
    assert (standard_error < precision).all()
    assert (np.abs(values.mean(axis=0) - truth) < 4 * standard_error).all()


def assert_intervals_cover(estimates: FloatArray, standard_errors: FloatArray, truth: FloatArray) -> None:
    """As many intervals of 95 % have the truth in them as chance allows: one set in 10,000 has more or fewer."""
    covered = (np.abs(np.asarray(estimates) - truth) < 1.96 * np.asarray(standard_errors)).sum(axis=0)
    fewest, most = binom.interval(0.9999, len(estimates), 0.95)
    assert (covered >= fewest).all()
    assert (covered <= most).all()
