"""What the largest false discovery rate of a multi-trait analysis is computed from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gwasmeta.multitrait.estimation import Analysis
from gwasmeta.stats.max_fdr import MaxFdrPlan, plan_max_fdr
from gwasmeta.stats.spike_slab import fit_spike_slab
from gwasmeta.sumstats.effects import FloatArray


@dataclass(frozen=True)
class FdrInput:
    """The traits' statistics, and how they covary.

    Attributes
    ----------
    z, n : float64 arrays, shape (n_snps, n_traits)
        At SNPs that all traits have.
    omega, sigma : float64 arrays, shape (n_traits, n_traits)
    """

    z: FloatArray
    n: FloatArray
    omega: FloatArray
    sigma: FloatArray

    @classmethod
    def of(cls, analysis: Analysis) -> FdrInput:
        """Take it from a finished analysis."""
        snps, _ = analysis.of_all_traits()
        return cls(snps.z, snps.n, analysis.covariances.omega, analysis.covariances.sigma)

    @property
    def mean_n(self) -> FloatArray:
        """Mean sample size of each trait; as MTAG does, of whole numbers."""
        return np.asarray(np.round(self.n).mean(axis=0))

    def causal_probabilities(self) -> list[float]:
        """Fit to each trait's effects a mixture of null SNPs and causal ones, and return the share of the latter."""
        sizes = np.round(self.n)
        return [
            fit_spike_slab(z / np.sqrt(n), n**-0.5).causal_probability for z, n in zip(self.z.T, sizes.T, strict=True)
        ]

    def plan(self, intervals: int, p_significant: float, causal_probabilities: list[float] | None) -> MaxFdrPlan:
        """Decide how to compute the rates; see `gwasmeta.stats.max_fdr.plan_max_fdr`."""
        return plan_max_fdr(
            self.omega,
            self.sigma,
            self.mean_n,
            intervals=intervals,
            p_significant=p_significant,
            causal_probabilities=causal_probabilities,
        )
