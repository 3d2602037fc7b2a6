"""From cleaned traits to estimates of each from all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gwasmeta.cluster import THREADS, Workers
from gwasmeta.multitrait.covariances import Covariances
from gwasmeta.multitrait.refusals import naming
from gwasmeta.multitrait.snps import CommonSnps
from gwasmeta.stats.mtag_estimator import MtagEstimates
from gwasmeta.stats.mtag_estimator import mtag as mtag_estimates
from gwasmeta.sumstats.effects import FloatArray


@dataclass(frozen=True)
class Analysis:
    """A finished multi-trait analysis.

    Attributes
    ----------
    snps : CommonSnps
        The SNPs of the result.
    estimates : MtagEstimates
        At these SNPs.
    covariances : Covariances
        Estimated from the SNPs that all traits have.
    """

    snps: CommonSnps
    estimates: MtagEstimates
    covariances: Covariances

    @classmethod
    def of(
        cls, snps: CommonSnps, covariances: Covariances, names: Sequence[str], workers: Workers = THREADS
    ) -> Analysis:
        """Estimate each trait from all; `names` are what messages call the traits, and workers take blocks of SNPs.

        Raises
        ------
        GwasmetaError
            If the covariances leave an estimate without a variance.
        """
        with naming(names):
            estimates = mtag_estimates(snps.z, snps.n, covariances.omega, covariances.sigma, workers=workers)
        return cls(snps, estimates, covariances)

    def of_all_traits(self) -> tuple[CommonSnps, FloatArray]:
        """Return the SNPs that all traits have, and MTAG's z statistics at them."""
        complete = np.asarray(~np.isnan(self.snps.z).any(axis=1))
        return self.snps.kept(complete), self.estimates.z if complete.all() else self.estimates.z[complete]

    def weight_factors(self) -> FloatArray:
        """Return for each trait the mean over SNPs of the sum of the weights that the traits' effects have in its."""
        return self.estimates.mean_weight_sums
