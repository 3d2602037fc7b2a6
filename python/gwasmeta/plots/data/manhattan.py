"""Manhattan plots: -log10 p along the genome."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gwasmeta.errors import GwasmetaError
from gwasmeta.plots.data.broken_axis import PeakAxis, peak_axis
from gwasmeta.plots.data.canvas import WIDE_CANVAS, Canvas, Frame, visible_rows
from gwasmeta.plots.data.chromosomes import Chromosomes, as_chromosomes
from gwasmeta.plots.data.genome import GenomeAxis, genome_axis
from gwasmeta.plots.data.points import FloatArray, Points, drawn_top, minus_log_10, numbers_of
from gwasmeta.stats.lead_variants import lead_rows

GENOME_WIDE, SUGGESTIVE = 5e-8, 1e-5
_LEAST_TOP = 8.0


@dataclass(frozen=True)
class ManhattanData(Points):
    """Points and axes of a Manhattan plot.

    Attributes
    ----------
    row : int array, shape (n_points,)
        The variant that each point stands for, counted from 0.
    x, y : float64 arrays, shape (n_points,)
        Place on `axis`, and -log10 p.
    y_drawn : float64 array, shape (n_points,)
        The height at which `y` is drawn, which differs where the axis is broken.
    chromosome : int16 array, shape (n_points,)
        Indices into `axis.names`.
    axis : GenomeAxis
    y_axis : PeakAxis
    significance, suggestive : float
        -log10 p of the lines; infinite for none.
    lead_row, lead_x, lead_y : arrays, shape (n_loci,)
        The most significant variant of each locus that reaches `significance`, the strongest first.
    n_variants, n_left_out : int
        Variants that have a place and a p-value, and those that lack one of them.
    """

    x: FloatArray
    y: FloatArray
    y_drawn: FloatArray
    chromosome: NDArray[np.int16]
    axis: GenomeAxis
    y_axis: PeakAxis
    significance: float
    suggestive: float
    lead_row: NDArray[np.intp]
    lead_x: FloatArray
    lead_y: FloatArray
    n_variants: int
    n_left_out: int


def manhattan_data(
    chromosome: ArrayLike | Chromosomes,
    position: ArrayLike,
    neg_log_10_p_value: ArrayLike,
    *,
    canvas: Canvas = WIDE_CANVAS,
    axis: GenomeAxis | None = None,
    significance: float | None = GENOME_WIDE,
    suggestive: float | None = SUGGESTIVE,
    window: float = 500_000,
    break_axis: bool = True,
) -> ManhattanData:
    """Compute what a Manhattan plot shows.

    Parameters
    ----------
    chromosome, position, neg_log_10_p_value : array_like, shape (n_variants,)
        Missing values are NaN, missing chromosomes empty; infinite p-values (p was read as 0) are drawn at the top.
    canvas : Canvas
        What it is drawn on: points that set no further pixel are left out. All that reach `significance` stay.
    axis : GenomeAxis, optional
        To share it with another picture.
    significance, suggestive : float, optional
        p-values of the lines.
    window : float
        Base pairs from a lead variant to those of other loci.
    break_axis : bool
        Whether the axis may be broken to make room for extreme peaks.

    Returns
    -------
    ManhattanData

    Raises
    ------
    GwasmetaError
        If no variant has a place, or none of those that have one has a p-value.
    """
    chromosomes, places = as_chromosomes(chromosome), np.asarray(position)
    heights = numbers_of(neg_log_10_p_value, "neg_log_10_p_value", len(chromosomes))
    axis = axis or genome_axis((chromosomes, places))
    codes = axis.codes(chromosomes)
    drawable = (codes >= 0) & (places > 0) & (heights >= 0)
    n_variants = int(drawable.sum())
    if not n_variants:
        raise GwasmetaError("no variant has both a place and a p-value: there is nothing to draw")
    threshold, lower_line = minus_log_10(significance), minus_log_10(suggestive)
    candidates = np.flatnonzero(drawable & (heights >= threshold))
    leads = candidates[lead_rows(codes[candidates], places[candidates], heights[candidates], window=window)]
    top = drawn_top(heights, drawable)
    lines = [line for line in (threshold, lower_line) if math.isfinite(line)]
    least = max(_LEAST_TOP, *(line * 1.1 for line in lines)) if lines else _LEAST_TOP
    y_axis = peak_axis(np.minimum(heights[leads], top), top, least=least, may_break=break_axis)
    frame = Frame(axis.begin, axis.end, 0.0, y_axis.limit, y_axis.break_at, y_axis.compression, top)
    shown = np.where(drawable, codes, np.int16(-1))
    rows = visible_rows(places, heights, frame, canvas, group=shown, x_origin=axis.starts, keep_above=threshold)
    y = np.minimum(heights[rows], top)
    return ManhattanData(
        rows,
        axis.starts[codes[rows]] + places[rows],
        y,
        y_axis.drawn(y),
        codes[rows],
        axis,
        y_axis,
        threshold,
        lower_line,
        leads,
        axis.starts[codes[leads]] + places[leads],
        np.minimum(heights[leads], top),
        n_variants,
        len(heights) - n_variants,
    )
