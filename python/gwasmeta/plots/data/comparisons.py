"""Scatter plots of two values of each variant: two results, effect and p-value, heterogeneity and p-value."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gwasmeta.errors import GwasmetaError
from gwasmeta.plots.data.canvas import SQUARE_CANVAS, Canvas, Frame, visible_rows
from gwasmeta.plots.data.manhattan import GENOME_WIDE
from gwasmeta.plots.data.points import FloatArray, Points, drawn_top, minus_log_10, numbers_of

_MARGIN = 0.04  # of the range of values, on either side
_SIGNIFICANT_HETEROGENEITY = 75.0  # I-squared in per cent: considerable, in the words of Higgins et al. (2003)


@dataclass(frozen=True)
class ScatterData(Points):
    """Points of a scatter plot.

    Attributes
    ----------
    row : int array, shape (n_points,)
        The variant that each point stands for, counted from 0.
    x, y : float64 arrays, shape (n_points,)
    marked : bool array, shape (n_points,)
        The points to draw in another colour: significant, or different.
    x_limits, y_limits : tuple of float
    n_variants, n_marked : int
        Those that have both values, and how many of them are marked.
    correlation, slope : float
        Pearson's correlation of all variants, and the slope of the line through the origin; NaN where undefined.
    """

    x: FloatArray
    y: FloatArray
    marked: NDArray[np.bool_]
    x_limits: tuple[float, float]
    y_limits: tuple[float, float]
    n_variants: int
    n_marked: int
    correlation: float
    slope: float


def scatter_data(
    x: ArrayLike,
    y: ArrayLike,
    *,
    marked: ArrayLike | None = None,
    x_limits: tuple[float, float] | None = None,
    y_limits: tuple[float, float] | None = None,
    canvas: Canvas = SQUARE_CANVAS,
) -> ScatterData:
    """Compute what a scatter plot shows.

    Parameters
    ----------
    x, y : array_like, shape (n_variants,)
        NaN where there is none.
    marked : array_like of bool, shape (n_variants,), optional
        What is drawn in another colour.
    x_limits, y_limits : tuple of float, optional
        Of the axes; around the values if not given.
    canvas : Canvas
        What it is drawn on: points that set no further pixel are left out.

    Returns
    -------
    ScatterData

    Raises
    ------
    GwasmetaError
        If no variant has both values.
    """
    across = numbers_of(x, "x")
    up = numbers_of(y, "y", len(across))
    known = np.isfinite(across) & np.isfinite(up)
    if not known.any():
        raise GwasmetaError("no variant has both values: there is nothing to draw")
    special = np.zeros(len(across), dtype=np.bool_) if marked is None else np.asarray(marked, dtype=np.bool_)
    x_limits, y_limits = x_limits or _around(across[known]), y_limits or _around(up[known])
    group = np.where(known, special.astype(np.int8), np.int8(-1))
    rows = visible_rows(across, up, Frame(*x_limits, *y_limits), canvas, group=group)
    return ScatterData(
        rows,
        across[rows],
        up[rows],
        special[rows],
        x_limits,
        y_limits,
        int(known.sum()),
        int((known & special).sum()),
        *_agreement(across[known], up[known]),
    )


def volcano_data(
    beta: ArrayLike,
    neg_log_10_p_value: ArrayLike,
    *,
    significance: float | None = GENOME_WIDE,
    canvas: Canvas = SQUARE_CANVAS,
) -> ScatterData:
    """Compute what a volcano plot shows: -log10 p against the effect; significant variants are marked.

    Parameters
    ----------
    beta, neg_log_10_p_value : array_like, shape (n_variants,)
    significance : float, optional
        p-value.
    canvas : Canvas

    Returns
    -------
    ScatterData
        The axis of effects has 0 in its middle.

    Raises
    ------
    GwasmetaError
        If no variant has both values.
    """
    effects, heights = numbers_of(beta, "beta"), numbers_of(neg_log_10_p_value, "neg_log_10_p_value")
    top = drawn_top(heights)
    widest = float(np.max(np.abs(effects), where=np.isfinite(effects), initial=0.0)) * (1 + _MARGIN) or 1.0
    return scatter_data(
        effects,
        np.minimum(heights, top),
        marked=heights >= minus_log_10(significance),
        x_limits=(-widest, widest),
        y_limits=(0.0, max(top, 8.0) * 1.1),
        canvas=canvas,
    )


def heterogeneity_data(
    i_squared: ArrayLike,
    neg_log_10_p_value: ArrayLike,
    *,
    significance: float | None = GENOME_WIDE,
    canvas: Canvas = SQUARE_CANVAS,
) -> ScatterData:
    """Compute what a plot of I² against -log10 p shows; significant variants with I² of 75 % or more are marked.

    Parameters
    ----------
    i_squared : array_like, shape (n_variants,)
        In per cent; NaN for variants of a single study.
    neg_log_10_p_value : array_like, shape (n_variants,)
    significance : float, optional
        p-value.
    canvas : Canvas

    Returns
    -------
    ScatterData
        With -log10 p as x.

    Raises
    ------
    GwasmetaError
        If no variant has both values.
    """
    spread, heights = numbers_of(i_squared, "i_squared"), numbers_of(neg_log_10_p_value, "neg_log_10_p_value")
    top = drawn_top(heights)
    return scatter_data(
        np.minimum(heights, top),
        spread,
        marked=(heights >= minus_log_10(significance)) & (spread >= _SIGNIFICANT_HETEROGENEITY),
        x_limits=(0.0, max(top, 8.0) * (1 + _MARGIN)),
        y_limits=(-3.0, 103.0),
        canvas=canvas,
    )


def _around(values: FloatArray) -> tuple[float, float]:
    low, high = float(values.min()), float(values.max())
    margin = _MARGIN * (high - low) or abs(high) * _MARGIN or 1.0
    return low - margin, high + margin


def _agreement(x: FloatArray, y: FloatArray) -> tuple[float, float]:
    """Return Pearson's correlation, and the slope of the least-squares line through the origin."""
    spread = float(np.std(x) * np.std(y))
    correlation = float(np.mean((x - x.mean()) * (y - y.mean()))) / spread if spread > 0 else float("nan")
    squares = float(x @ x)
    return correlation, float(x @ y) / squares if squares > 0 else float("nan")
