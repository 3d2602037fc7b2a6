"""Quantile-quantile plots: observed -log10 p against what chance gives."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from gwasmeta.compiled import compiled
from gwasmeta.errors import GwasmetaError
from gwasmeta.plots.data.broken_axis import PeakAxis, peak_axis
from gwasmeta.plots.data.canvas import SQUARE_CANVAS, Canvas
from gwasmeta.plots.data.points import FloatArray, drawn_top, numbers_of
from gwasmeta.plots.data.strata import Strata
from gwasmeta.stats.genomic_control import CHI_SQUARED_1_MEDIAN
from gwasmeta.stats.normal import z_from_neg_log_10_p_value

_BAND_POINTS: Final = 200
_BAND_TAIL: Final = 0.025
_HEADROOM: Final = 1.03


@dataclass(frozen=True)
class QqData:
    """Points of a QQ plot.

    Attributes
    ----------
    x, y : float64 arrays, shape (n_points,)
        Expected and observed -log10 p.
    stratum : int array, shape (n_points,)
        Indices into `names`.
    names : tuple of str
        Of the series.
    n : int array, shape (n_series,)
        Variants with a p-value in each.
    inflation_factor : float64 array, shape (n_series,)
        Lambda GC: the median chi-squared statistic of the p-values against its expectation.
    band_x, band_lower, band_upper : float64 arrays, shape (n_band,)
        Where 95 % of the quantiles of independent null p-values lie, for the series of the most variants.
    x_limit : float
        The end of the axis of expected values.
    y_axis : PeakAxis
    """

    x: FloatArray
    y: FloatArray
    stratum: NDArray[np.intp]
    names: tuple[str, ...]
    n: NDArray[np.int64]
    inflation_factor: FloatArray
    band_x: FloatArray
    band_lower: FloatArray
    band_upper: FloatArray
    x_limit: float
    y_axis: PeakAxis

    def columns(self) -> dict[str, NDArray[Any]]:
        """Return the arrays that have one value a point, by name."""
        return {"x": self.x, "y": self.y, "y_drawn": self.y_axis.drawn(self.y), "stratum": self.stratum}


def qq_data(
    neg_log_10_p_value: ArrayLike,
    *,
    strata: Strata | None = None,
    canvas: Canvas = SQUARE_CANVAS,
    break_axis: bool = True,
) -> QqData:
    """Compute what a QQ plot of one set of variants shows, in classes if any are given.

    Parameters
    ----------
    neg_log_10_p_value : array_like, shape (n_variants,)
        NaN where there is none.
    strata : Strata, optional
        The classes to draw beside all variants.
    canvas : Canvas
        What it is drawn on: points that set no further pixel are left out.
    break_axis : bool
        Whether the axis may be broken to make room for very small p-values.

    Returns
    -------
    QqData
        Its first series is that of all variants.

    Raises
    ------
    GwasmetaError
        If there is no p-value.
    """
    heights = numbers_of(neg_log_10_p_value, "neg_log_10_p_value")
    series, names = [heights], ["all variants" if strata else "variants"]
    if strata is not None:
        series += [heights[strata.codes == code] for code in range(len(strata.names))]
        names += strata.names
    return qq_series_data(dict(zip(names, series, strict=True)), canvas=canvas, break_axis=break_axis)


def qq_series_data(
    series: dict[str, ArrayLike] | dict[str, FloatArray], *, canvas: Canvas = SQUARE_CANVAS, break_axis: bool = True
) -> QqData:
    """Compute what a QQ plot of several sets of variants shows, of many studies for instance.

    Parameters
    ----------
    series : dict of str to array_like
        -log10 p of each set; those without any p-value are left out.
    canvas, break_axis
        As for `qq_data`.

    Returns
    -------
    QqData

    Raises
    ------
    GwasmetaError
        If there is no p-value at all.
    """
    ascending = {name: _sorted(numbers_of(values, name)) for name, values in series.items()}
    ascending = {name: values for name, values in ascending.items() if values.size}
    if not ascending:
        raise GwasmetaError("there is no p-value to draw a QQ plot of")
    sizes = np.array([values.size for values in ascending.values()], dtype=np.int64)
    expected_top = math.log10(sizes.max() + 1)
    x_limit = expected_top * _HEADROOM
    y_axis = _y_axis(list(ascending.values()), expected_top, break_axis)
    scales = (canvas.width / x_limit, canvas.x_offset, canvas.height / y_axis.limit, canvas.y_offset)
    bend = (y_axis.break_at, y_axis.compression, y_axis.top)
    walks = [_pixel_changes(values, scales, bend) for values in ascending.values()]
    band_x, lower, upper = null_band(int(sizes.max()))
    return QqData(
        np.concatenate([x for x, _ in walks]),
        np.concatenate([y for _, y in walks]),
        np.repeat(np.arange(len(walks)), [len(x) for x, _ in walks]),
        tuple(ascending),
        sizes,
        np.array([_inflation_factor(values) for values in ascending.values()]),
        band_x,
        lower,
        upper,
        x_limit,
        y_axis,
    )


def null_band(n: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return where the quantiles of independent p-values lie if there is no association at all.

    Parameters
    ----------
    n : int
        Number of p-values.

    Returns
    -------
    expected, lower, upper : float64 arrays
        -log10 of the mean, and of the 97.5 % and 2.5 % quantiles, of the order statistics of some ranks.

    Notes
    -----
    The k-th smallest of n uniform p-values has the distribution Beta(k, n + 1 - k), with mean k / (n + 1).

    References
    ----------
    Casella & Berger (2002), Statistical Inference, example 5.4.5 (order statistics of uniform variables).
    """
    ranks = np.unique(np.round(np.geomspace(1, n, _BAND_POINTS)))
    lower = special.betaincinv(ranks, n + 1 - ranks, 1 - _BAND_TAIL)
    upper = special.betaincinv(ranks, n + 1 - ranks, _BAND_TAIL)
    return -np.log10(ranks / (n + 1)), -np.log10(lower), -np.log10(upper)


def _sorted(values: FloatArray) -> FloatArray:
    ascending = np.sort(values)  # NaN last
    known: FloatArray = ascending[np.searchsorted(ascending, 0.0) : np.searchsorted(ascending, np.nan)]
    return known


def _y_axis(ascending: Sequence[FloatArray], expected_top: float, may_break: bool) -> PeakAxis:
    top = max(drawn_top(values) for values in ascending)
    return peak_axis([], top, least=1.3 * expected_top, may_break=may_break)


def _inflation_factor(ascending: FloatArray) -> float:
    middle = ascending[[(ascending.size - 1) // 2, ascending.size // 2]]
    return float(np.mean(z_from_neg_log_10_p_value(middle) ** 2)) / CHI_SQUARED_1_MEDIAN


@compiled
def _pixel_changes(ascending: Any, scales: Any, bend: Any) -> Any:
    """Walk from the smallest p-value to the largest, and keep the first point of each pixel."""
    x_factor, x_offset, y_factor, y_offset = scales
    bend_at, compression, ceiling = bend
    n = ascending.size
    room = 1 << 12
    x, y = np.empty(room), np.empty(room)
    kept = 0
    last_column, last_line = -1, -1
    for rank in range(1, n + 1):
        expected = -np.log10(rank / (n + 1))
        observed = min(ascending[n - rank], ceiling)
        height = observed if observed <= bend_at else bend_at + (observed - bend_at) * compression
        column, line = int(expected * x_factor + x_offset), int(height * y_factor + y_offset)
        if column == last_column and line == last_line:
            continue
        if kept == room:
            room *= 2
            longer_x, longer_y = np.empty(room), np.empty(room)
            longer_x[:kept], longer_y[:kept] = x, y
            x, y = longer_x, longer_y
        x[kept], y[kept] = expected, observed
        kept += 1
        last_column, last_line = column, line
    return x[:kept].copy(), y[:kept].copy()
