"""The inflation factor of statistics that lie in many places: each place sends counts, and what is near the median."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt

from gwasmeta.compiled import compiled
from gwasmeta.stats._matrices import FloatArray
from gwasmeta.stats.genomic_control import CHI_SQUARED_1_MEDIAN

ALL_SIZES: Final = (0.0, math.inf)

_BINS_OF_ONE: Final = 100.0
_N_BINS: Final = 512  # of |z|; the last one has all that are larger
_STANDARD_ERRORS: Final = 5  # of a sample's median, in ranks, to each side
_FEW: Final = 1 << 17


@dataclass(frozen=True)
class SizeCounts:
    """What one place says of its z statistics.

    Attributes
    ----------
    n : int
        How many there are.
    n_below : int
        How many are nearer to 0 than the lower bound.
    within : float64 array
        |z| of those between the bounds.
    histogram : int64 array
        Numbers of |z| by bins of equal width.
    """

    n: int
    n_below: int
    within: FloatArray
    histogram: npt.NDArray[np.int64]

    def without(self, others: SizeCounts) -> SizeCounts:
        """Return what is said of the statistics that are not among others, counted between the same bounds.

        Parameters
        ----------
        others : SizeCounts

        Raises
        ------
        ValueError
            If one of them has not been counted here.
        """
        if not others.n:
            return self
        within, gone = np.sort(self.within), np.sort(others.within)
        # Of several that are equal, one after the other.
        places = np.searchsorted(within, gone) + np.arange(gone.size) - np.searchsorted(gone, gone)
        if not np.array_equal(within[places[places < within.size]], gone):
            raise ValueError("statistics that have not been counted cannot be taken out")
        return SizeCounts(
            self.n - others.n,
            self.n_below - others.n_below,
            np.delete(within, places),
            self.histogram - others.histogram,
        )


def count_sizes(blocks: Iterable[FloatArray], bounds: tuple[float, float]) -> SizeCounts:
    """Count z statistics, and pick those whose size lies between two bounds, these included.

    Parameters
    ----------
    blocks : iterable of float64 array
        Without NaN.
    bounds : (float, float)
    """
    n = n_below = 0
    within = [np.empty(0)]
    histogram = np.zeros(_N_BINS, dtype=np.int64)
    for block in blocks:
        if not block.size:
            continue
        n += block.size
        kept = np.empty(block.size)
        below, n_within = _count(block, bounds[0], bounds[1], kept, histogram)
        n_below += below
        within.append(kept[:n_within].copy())
    return SizeCounts(n, n_below, np.concatenate(within), histogram)


def joined_counts(parts: Iterable[SizeCounts]) -> SizeCounts:
    """Join what several places say, for the same bounds."""
    listed = list(parts)
    return SizeCounts(
        sum(part.n for part in listed),
        sum(part.n_below for part in listed),
        np.concatenate([np.empty(0), *(part.within for part in listed)]),
        np.sum([part.histogram for part in listed], axis=0, dtype=np.int64, initial=0),
    )


def inflation_factor_of_counts(
    counts: SizeCounts,
    *,
    median: Literal["middle", "upper"] = "middle",
    chi_squared_median: float = CHI_SQUARED_1_MEDIAN,
) -> float | None:
    """Return what `inflation_factor` gives of all statistics; None if the median does not lie between the bounds.

    Parameters
    ----------
    counts : SizeCounts
    median, chi_squared_median
        As for `inflation_factor`.
    """
    if counts.n == 0:
        return float("nan")
    upper = counts.n // 2 - counts.n_below
    lower = upper if median == "upper" else (counts.n - 1) // 2 - counts.n_below
    if not 0 <= lower <= upper < counts.within.size:
        return None
    middle = np.partition(counts.within, [lower, upper])[[lower, upper]]
    return float(np.mean(np.square(middle))) / chi_squared_median


def bounds_from_sample(sizes: FloatArray, n: int, taken_out: float = 0.0) -> tuple[float, float]:
    """Return bounds that hold the median in all likelihood.

    Parameters
    ----------
    sizes : float64 array
        A sample of |z|, without NaN.
    n : int
        How many statistics it is a sample of; of few, the bounds hold all.
    taken_out : float
        The share of the statistics without which they are still to hold it, were these all on one side.
    """
    if n <= _FEW or not sizes.size:
        return ALL_SIZES
    margin = min(0.5, _STANDARD_ERRORS * 0.5 / math.sqrt(sizes.size) + taken_out / 2)  # in ranks
    low, high = np.quantile(sizes, (0.5 - margin, 0.5 + margin), method="nearest")
    return float(low), float(high)


def bounds_from_histogram(counts: SizeCounts) -> tuple[float, float]:
    """Return bounds that hold the median for sure."""
    up_to = np.cumsum(counts.histogram)
    first, last = np.searchsorted(up_to, [(counts.n - 1) // 2, counts.n // 2], side="right")
    # A bin more on each side: a size at an edge may have been counted on either.
    low, high = max(0, int(first) - 1) / _BINS_OF_ONE, (int(last) + 2) / _BINS_OF_ONE
    return (low, math.inf if last >= _N_BINS - 2 else high)


@compiled
def _count(z: Any, low: float, high: float, kept: Any, histogram: Any) -> tuple[int, int]:
    """Enter sizes into the histogram, keep those between the bounds; return how many are below, and how many kept."""
    n_below = n_within = 0
    for row in range(z.size):
        size = abs(z[row])
        n_below += size < low
        kept[n_within] = size
        n_within += (size >= low) & (size <= high)
        histogram[np.uint64(min(size * _BINS_OF_ONE, _N_BINS - 1.0))] += 1
    return n_below, n_within
