"""METAL's correction for overlapping samples: study by study, against what is already combined."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gwasmeta.stats._matrices import FloatArray
from gwasmeta.stats.truncated_correlation import correlation_from_sums

_BIN_WIDTH: Final = 1000  # people


@dataclass(frozen=True)
class OverlapBins:
    """How a study overlaps those before it, by sample size; arrays of shape (n_bins,).

    Attributes
    ----------
    lowest_n : ndarray of int64
        A bin holds the variants whose samples, the running and the study's, sum up to lowest_n or more and less
        than lowest_n + 1000. Ascending; only bins with variants.
    n_variants : ndarray of int64
        Those with |z| below the cutoff on both sides, from which the correlation is estimated; may be 0.
    correlation : ndarray
        0 where the estimate is negative or there is none.
    """

    lowest_n: NDArray[np.int64]
    n_variants: NDArray[np.int64]
    correlation: FloatArray


@dataclass(frozen=True)
class OverlapStep:
    """The running result with one study more; arrays of shape (n_variants,).

    Attributes
    ----------
    weighted_z : ndarray
        Σ sqrt(n) z.
    weight : ndarray
        Its variance under the null hypothesis: the combined z is weighted_z / sqrt(weight).
    n : ndarray
        Sample size, with every person counted once.
    bins : OverlapBins
    """

    weighted_z: FloatArray
    weight: FloatArray
    n: FloatArray
    bins: OverlapBins


def sequential_overlap_step(
    weighted_z: ArrayLike,
    weight: ArrayLike,
    n: ArrayLike,
    study_z: ArrayLike,
    study_n: ArrayLike,
    cutoff: float = 1.0,
) -> OverlapStep:
    """Add a study to the running result, allowing for people that were already in it.

    Parameters
    ----------
    weighted_z, weight, n : array_like, shape (n_variants,)
        The running result, as in `OverlapStep`; weight 0 (and the others 0) for variants that are new.
    study_z : array_like, shape (n_variants,)
        The study's z statistics, signed by the allele of the running result; NaN where it did not measure the
        variant, which is then left as it is.
    study_n : array_like, shape (n_variants,)
        The study's sample sizes: positive; not looked at where `study_z` is NaN.
    cutoff : float
        Correlations are estimated from the variants with |z| below it on both sides.

    Returns
    -------
    OverlapStep

    Raises
    ------
    GwasmetaError
        If the cutoff is not positive.

    Notes
    -----
    Bins of the summed sample size, 1000 people wide, have one correlation rho each. With w the study's sample
    size and W the running weight, rho sqrt(w W) people are in both: the weight grows by w + 2 rho sqrt(w W), the
    sample size by w - rho sqrt(w W). Both depend on the order of the studies, and small bins say next to
    nothing of rho: `correlated_z` with one correlation for each pair of studies is the sounder choice.

    References
    ----------
    METAL's OVERLAP ON, developed by S. Sengupta (METAL's README).
    """
    weighted_z, weight, n = (np.array(values, dtype=np.float64) for values in (weighted_z, weight, n))
    study_z, study_n = np.asarray(study_z, np.float64), np.asarray(study_n, np.float64)
    measured = ~np.isnan(study_z)
    both = measured & (weight > 0)

    running_z = weighted_z[both] / np.sqrt(weight[both])
    bins, correlation = _correlation_by_size(running_z, study_z[both], n[both] + study_n[both], cutoff)
    shared = np.zeros_like(weight)
    shared[both] = correlation * np.sqrt(study_n[both] * weight[both])

    weighted_z[measured] += np.sqrt(study_n[measured]) * study_z[measured]
    weight[measured] += study_n[measured] + 2 * shared[measured]
    n[measured] += study_n[measured] - shared[measured]
    return OverlapStep(weighted_z, weight, n, bins)


def _correlation_by_size(
    running_z: FloatArray, study_z: FloatArray, summed_n: FloatArray, cutoff: float
) -> tuple[OverlapBins, FloatArray]:
    """Return the bins, and for each variant the correlation of its bin."""
    number, place = np.unique((summed_n // _BIN_WIDTH).astype(np.int64), return_inverse=True)
    near = (np.abs(running_z) < cutoff) & (np.abs(study_z) < cutoff)

    def sum_by_bin(values: FloatArray) -> FloatArray:
        return np.asarray(np.bincount(place[near], weights=values[near], minlength=number.size), dtype=np.float64)

    n_variants = np.bincount(place[near], minlength=number.size)
    estimate = correlation_from_sums(
        n_variants, sum_by_bin(running_z**2 + study_z**2), sum_by_bin(running_z * study_z), cutoff
    )
    correlation = np.where(estimate > 0, estimate, 0.0)  # false for NaN
    return OverlapBins(_BIN_WIDTH * number, n_variants, correlation), correlation[place]
