"""Heritability of a disease: from the scale of cases and controls to that of the liability behind them."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from gwasmeta.errors import GwasmetaError
from gwasmeta.stats._matrices import FloatArray


def liability_scale(sample_prevalence: ArrayLike, population_prevalence: ArrayLike) -> FloatArray:
    """Return what the observed-scale heritabilities of diseases are multiplied by.

    Parameters
    ----------
    sample_prevalence : array_like
        Share of cases among the people of each study, any shape; NaN for a quantitative trait.
    population_prevalence : array_like
        Share of the population that has each disease, of the same shape; NaN for a quantitative trait.

    Returns
    -------
    ndarray
        Of the same shape: K² (1 - K)² / (P (1 - P) φ²), where P is the sample prevalence, K the population
        prevalence, and φ the normal density at the threshold that a share K exceeds; 1 for a quantitative trait.
        The genetic covariance of two traits is multiplied by the root of the product of their two factors, and
        a genetic correlation by nothing.

    Raises
    ------
    ValueError
        If the shapes differ.
    GwasmetaError
        If a prevalence is not between 0 and 1, or a trait has only one of the two.

    References
    ----------
    Lee, Wray, Goddard & Visscher (2011), American Journal of Human Genetics 88:294, equation 23.
    """
    P = np.asarray(sample_prevalence, dtype=np.float64)
    K = np.asarray(population_prevalence, dtype=np.float64)
    if P.shape != K.shape:
        raise ValueError(f"sample_prevalence has shape {P.shape} and population_prevalence {K.shape}")
    _refuse_prevalences(P.reshape(-1), K.reshape(-1))
    threshold = special.ndtri(K)  # of either sign: the density is the same
    density = np.exp(-(threshold**2) / 2) / np.sqrt(2 * np.pi)
    factor = (K * (1 - K) / density) ** 2 / (P * (1 - P))
    return np.where(np.isnan(P), 1.0, factor)


def _refuse_prevalences(sample: FloatArray, population: FloatArray) -> None:
    for trait, (one, other) in enumerate(zip(sample, population, strict=True), start=1):
        if np.isnan(one) and np.isnan(other):
            continue
        if not (0 < one < 1 and 0 < other < 1):
            raise GwasmetaError(
                f"trait {trait} has sample prevalence {one:g} and population prevalence {other:g}\n"
                "  A disease needs both, each above 0 and below 1; a quantitative trait has neither."
            )
