"""Each trait's effects, estimated from all traits; and how much was gained by it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from gwasmeta.multitrait.snps import CommonSnps
from gwasmeta.sumstats.effects import FloatArray

_LITTLE_CHI_SQUARED = 1.1  # as MTAG has it


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
        Sample size that a study of the trait alone would need for that; NaN where one of the means is not above 1, so
        that there is no signal to grow with a sample.
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
        equivalent_n = n_max * (after - 1) / (before - 1) if min(before, after) > 1 else float("nan")
        found.append(Gain(name, len(snps), n_max, n_mean, before, after, equivalent_n))
    return found


def little_signal(gains: Sequence[Gain]) -> Iterator[str]:
    """Say of which traits the own study has little or no signal, a sentence each."""
    for gain in gains:
        mean = f"Mean chi^2 of trait {gain.trait} is {gain.mean_chi_squared_before:.3f}"
        if gain.mean_chi_squared_before <= 1:
            yield (
                f"{mean}, not above 1: its study shows no genetic signal, and its heritability would be 0 or less;"
                " leave it out unless you know why"
            )
        elif gain.mean_chi_squared_before < _LITTLE_CHI_SQUARED:
            yield f"{mean}, below {_LITTLE_CHI_SQUARED}: MTAG's estimates of it rest on little signal; look at maxFDR"


def per_allele(standardised: FloatArray, frequency: FloatArray) -> FloatArray:
    """Turn an effect, or its error, of the standardised genotype into one of a copy of the allele.

    NaN where the frequency is missing, or is 0 or 1, so that the genotype does not vary.
    """
    variance = 2 * frequency * (1 - frequency)
    return standardised / np.sqrt(np.where(variance > 0, variance, np.nan))
