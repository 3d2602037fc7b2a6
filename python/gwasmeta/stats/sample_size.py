"""Sample-size weighted meta-analysis: for studies that share the sign of an effect but not its units."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from gwasmeta.stats._matrices import FloatArray, sample_size_matrices
from gwasmeta.stats.heterogeneity import Heterogeneity, heterogeneity_of_q
from gwasmeta.stats.normal import neg_log_10_p_value


@dataclass(frozen=True)
class WeightedZ:
    """The combined statistic of each variant; arrays of shape (n_variants,), NaN where no study measured.

    Attributes
    ----------
    z : ndarray
        The sample-size weighted z statistic.
    neg_log_10_p_value : ndarray
        Of the two-sided normal test of `z`.
    n : ndarray
        Total sample size of the studies that measured the variant; 0 where none did.
    """

    z: FloatArray
    neg_log_10_p_value: FloatArray
    n: FloatArray


def weighted_z(z: ArrayLike, n: ArrayLike) -> WeightedZ:
    """Combine the studies' z statistics, each weighted by the root of its sample size (Stouffer's method).

    Parameters
    ----------
    z : array_like, shape (n_variants, n_studies)
        Signed by the direction of the effect allele. NaN where a study did not measure the variant.
    n : array_like, shape (n_variants, n_studies)
        Sample sizes; effective ones for a disease.

    Returns
    -------
    WeightedZ
        Arrays of shape (n_variants,).

    Raises
    ------
    ValueError
        If the shapes differ, a z statistic is infinite, or has no positive finite sample size.

    References
    ----------
    Willer, Li & Abecasis (2010), Bioinformatics 26:2190, Table 1, sample size based.
    """
    z, n = sample_size_matrices(z, n)
    total_n = n.sum(axis=1)
    weighted_sum = np.nansum(np.sqrt(n) * z, axis=1)
    combined = weighted_sum / np.sqrt(np.where(total_n > 0, total_n, np.nan))
    return WeightedZ(combined, neg_log_10_p_value(combined), total_n)


def weighted_z_heterogeneity(z: ArrayLike, n: ArrayLike) -> Heterogeneity:
    """Test whether the studies' z statistics grow with the root of their sample size alone.

    Parameters
    ----------
    z : array_like, shape (n_variants, n_studies)
        Signed by the direction of the effect allele. NaN where a study did not measure the variant.
    n : array_like, shape (n_variants, n_studies)
        Sample sizes; effective ones for a disease.

    Returns
    -------
    Heterogeneity
        Arrays of shape (n_variants,).

    Raises
    ------
    ValueError
        If the shapes differ, a z statistic is infinite, or has no positive finite sample size.

    Notes
    -----
    With S = Σ sqrt(n_i) z_i, study i is expected to have z_i = sqrt(n_i) S / Σn; Q sums the squared
    differences, as METAL does for ANALYZE HETEROGENEITY under SCHEME SAMPLESIZE.

    References
    ----------
    Willer, Li & Abecasis (2010), Bioinformatics 26:2190.
    """
    z, n = sample_size_matrices(z, n)
    combined = weighted_z(z, n)
    z_per_root_n = combined.z / np.sqrt(np.where(combined.n > 0, combined.n, np.nan))
    expected = np.sqrt(n) * z_per_root_n[:, np.newaxis]
    q = np.nansum((z - expected) ** 2, axis=1)
    return heterogeneity_of_q(q, np.count_nonzero(~np.isnan(z), axis=1))


def effective_sample_size(n_cases: ArrayLike, n_controls: ArrayLike) -> FloatArray:
    """Return the size of the balanced case-control study that is as informative as this one.

    Parameters
    ----------
    n_cases, n_controls : array_like
        Non-negative numbers, of shapes that broadcast.

    Returns
    -------
    ndarray
        4 / (1 / n_cases + 1 / n_controls); 0 without cases or without controls. For a study that is itself
        a meta-analysis, sum this over its cohorts: the totals promise too much.

    References
    ----------
    Willer, Li & Abecasis (2010), Bioinformatics 26:2190, section 2.
    """
    with np.errstate(divide="ignore"):
        inverse_cases = 1 / np.asarray(n_cases, dtype=np.float64)
        inverse_controls = 1 / np.asarray(n_controls, dtype=np.float64)
    return np.asarray(4 / (inverse_cases + inverse_controls))
