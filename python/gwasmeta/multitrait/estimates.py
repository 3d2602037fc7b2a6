"""Each trait's effects, estimated from all traits; and how much was gained by it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gwasmeta.multitrait.snps import CommonSnps
from gwasmeta.sumstats.effects import FloatArray


@dataclass(frozen=True)
class Gain:
    """What a trait gained from the others.

    Attributes
    ----------
    trait : str
    n_snps : int
    n_max, n_mean : float
        Sample sizes over the SNPs.
    mean_chi_squared_before : float
        Mean of z² of the study, divided by the trait's element of Sigma.
    mean_chi_squared_after : float
        Mean of z² of MTAG.
    equivalent_n : float
        Sample size that a study of the trait alone would need for that.
    """

    trait: str
    n_snps: int
    n_max: float
    n_mean: float
    mean_chi_squared_before: float
    mean_chi_squared_after: float
    equivalent_n: float


def gains(snps: CommonSnps, z: FloatArray, sigma: FloatArray, names: Sequence[str]) -> list[Gain]:
    """Compare the traits' z statistics before and after.

    Parameters
    ----------
    snps : CommonSnps
        SNPs that all traits have.
    z : float64 array, shape (n_snps, n_traits)
        Of MTAG.
    sigma : float64 array, shape (n_traits, n_traits)
    names : sequence of str

    Returns
    -------
    list of Gain

    References
    ----------
    Turley et al. (2018), Nature Genetics 50:229: the increase in mean chi-squared is that of a larger sample.
    """
    found = []
    for trait, name in enumerate(names):
        before = float(np.mean(snps.z[:, trait] ** 2)) / float(sigma[trait, trait])
        after = float(np.mean(z[:, trait] ** 2))
        n_max, n_mean = float(snps.n[:, trait].max()), float(snps.n[:, trait].mean())
        found.append(Gain(name, len(snps), n_max, n_mean, before, after, n_max * (after - 1) / (before - 1)))
    return found


def per_allele(standardised: FloatArray, frequency: FloatArray) -> FloatArray:
    """Turn an effect, or its error, of the standardised genotype into one of a copy of the allele.

    NaN where the frequency is missing, or is 0 or 1, so that the genotype does not vary.
    """
    variance = 2 * frequency * (1 - frequency)
    return standardised / np.sqrt(np.where(variance > 0, variance, np.nan))
