"""An axis of -log10 p that has room for a few extreme peaks without flattening all others."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]

_EXTREME = 2.5  # times as high as the next ones
_LEAST_BREAK = 12.0
_UPPER_SHARE = 0.28  # of the axis, for what lies above the break
_HEADROOM = 1.12  # for the names of lead variants


@dataclass(frozen=True)
class PeakAxis:
    """From -log10 p to the height that it is drawn at.

    Attributes
    ----------
    break_at : float
        Values above it are brought together; infinite if the axis has no break.
    compression : float
        By how much.
    top : float
        The largest value.
    limit : float
        The end of the axis, a drawn height.
    ticks, ticks_drawn : float64 arrays
        Round values, and where they are drawn.
    """

    break_at: float
    compression: float
    top: float
    limit: float
    ticks: FloatArray
    ticks_drawn: FloatArray

    @property
    def broken(self) -> bool:
        """Whether the axis has a break."""
        return math.isfinite(self.break_at)

    def drawn(self, values: ArrayLike) -> FloatArray:
        """Return the heights that values are drawn at."""
        values = np.minimum(np.asarray(values, dtype=np.float64), self.top)
        if not self.broken:
            return values
        return np.where(values > self.break_at, self.break_at + (values - self.break_at) * self.compression, values)


def peak_axis(peaks: ArrayLike, top: float, *, least: float, may_break: bool = True) -> PeakAxis:
    """Decide how high the axis is and whether it is broken.

    Parameters
    ----------
    peaks : array_like
        The heights of the lead variants.
    top : float
        The largest value that is drawn.
    least : float
        The axis reaches at least here.
    may_break : bool

    Returns
    -------
    PeakAxis
        Broken where the highest peaks stand far above the next ones, and are few: at most three, or a fifth.
    """
    heights = np.asarray(peaks, dtype=np.float64)
    usual = heights[heights < top / _EXTREME]
    extreme = heights.size - usual.size
    break_at = max(_LEAST_BREAK, 1.15 * usual.max(initial=0.0), 1.3 * least)
    if not may_break or top <= _EXTREME * break_at or extreme > max(3, heights.size / 5):
        limit = max(top, least) * _HEADROOM
        ticks = round_ticks(0, limit, 7)
        return PeakAxis(math.inf, 1.0, top, limit, ticks, ticks)
    compression = break_at * _UPPER_SHARE / (1 - _UPPER_SHARE) / (top - break_at)
    upper = round_ticks(break_at + 0.15 * (top - break_at), top, 3)
    ticks = np.concatenate([round_ticks(0, break_at * 0.97, 5), upper])
    axis = PeakAxis(break_at, compression, top, 0.0, ticks, np.empty(0))
    limit = float(axis.drawn(top)) * _HEADROOM
    return PeakAxis(break_at, compression, top, limit, ticks, axis.drawn(ticks))


def round_ticks(low: float, high: float, about: int) -> FloatArray:
    """Return multiples of 1, 2 or 5 times a power of ten from `low` to `high`, about so many."""
    span = max(high - low, 1e-9)
    power = 10.0 ** math.floor(math.log10(span / about))
    step = next((m * power for m in (1, 2, 5, 10) if span / (m * power) <= about), 10 * power)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return np.arange(first, last + 1, dtype=np.float64) * step
