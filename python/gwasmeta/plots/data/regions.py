"""One region of the genome."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from gwasmeta.errors import GwasmetaError
from gwasmeta.plots.data.canvas import WIDE_CANVAS, Canvas, Frame, visible_rows
from gwasmeta.plots.data.chromosomes import Chromosomes, as_chromosomes
from gwasmeta.plots.data.manhattan import GENOME_WIDE
from gwasmeta.plots.data.points import FloatArray, Points, drawn_top, minus_log_10, numbers_of
from gwasmeta.sumstats.vocabulary import canonical_chromosome

_LEAST_TOP = 8.0
_HEADROOM = 1.12


@dataclass(frozen=True)
class RegionData(Points):
    """Points of a regional plot.

    Attributes
    ----------
    row : int array, shape (n_points,)
        The variant that each point stands for, counted from 0.
    position, y : float64 arrays, shape (n_points,)
        In base pairs, and -log10 p.
    chromosome : str
    start, stop : float
        Limits of the axis, in base pairs.
    limit : float
        The end of the axis of -log10 p.
    index_row : int
        The most significant variant of the region.
    index_position, index_y : float
    significance : float
        -log10 p of the line; infinite for none.
    n_variants : int
        In the region.
    """

    position: FloatArray
    y: FloatArray
    chromosome: str
    start: float
    stop: float
    limit: float
    index_row: int
    index_position: float
    index_y: float
    significance: float
    n_variants: int


def region_data(
    chromosome: ArrayLike | Chromosomes,
    position: ArrayLike,
    neg_log_10_p_value: ArrayLike,
    *,
    at: tuple[str | int, float, float],
    canvas: Canvas = WIDE_CANVAS,
    significance: float | None = GENOME_WIDE,
) -> RegionData:
    """Cut one region out of a table.

    Parameters
    ----------
    chromosome, position, neg_log_10_p_value : array_like, shape (n_variants,)
    at : tuple of chromosome, start and stop
        In base pairs; both ends belong to the region.
    canvas : Canvas
        What it is drawn on: points that set no further pixel are left out.
    significance : float, optional
        p-value of the line.

    Returns
    -------
    RegionData

    Raises
    ------
    GwasmetaError
        If there is no variant in the region.
    """
    chromosomes, places = as_chromosomes(chromosome), np.asarray(position)
    heights = numbers_of(neg_log_10_p_value, "neg_log_10_p_value", len(chromosomes))
    name, (start, stop) = canonical_chromosome(str(at[0])), at[1:]
    code = chromosomes.names.index(name) if name in chromosomes.names else -2
    inside = np.flatnonzero((chromosomes.codes == code) & (places >= start) & (places <= stop) & (heights >= 0))
    if not inside.size:
        raise GwasmetaError(
            f"region {name}:{start:,.0f}-{stop:,.0f}: has no variant with a p-value; the chromosomes are"
            f" {', '.join(chromosomes.names) or 'not given'}"
        )
    x, top = places[inside].astype(np.float64), drawn_top(heights[inside])
    y = np.minimum(heights[inside], top)
    threshold = minus_log_10(significance)
    limit = max(top, _LEAST_TOP) * _HEADROOM
    chosen = visible_rows(x, y, Frame(start, stop, 0.0, limit), canvas, keep_above=threshold)
    best = int(np.argmax(y))
    return RegionData(
        inside[chosen],
        x[chosen],
        y[chosen],
        name,
        float(start),
        float(stop),
        limit,
        int(inside[best]),
        float(x[best]),
        float(y[best]),
        threshold,
        len(inside),
    )
