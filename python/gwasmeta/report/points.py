"""The points of the interactive Manhattan plot, in as few bytes as they need."""

from __future__ import annotations

import base64
import math
from collections.abc import Collection
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from gwasmeta.plots.data.canvas import Canvas, Frame, visible_rows
from gwasmeta.plots.data.manhattan import GENOME_WIDE, SUGGESTIVE, ManhattanData
from gwasmeta.report.scans import CANVAS, Scan

_MOST_POINTS: Final = 60_000
_LEAST_POINTS: Final = 6_000


def points_payload(scan: Scan, with_details: Collection[str], n_scans: int = 1) -> dict[str, Any] | None:
    """Return what the page's script draws a Manhattan plot from.

    Parameters
    ----------
    scan : Scan
    with_details : collection of str
        Variants that something opens for.
    n_scans : int
        Number of plots that share the page's room.

    Returns
    -------
    dict or None
        For JSON: the axes, the lead variants, and for each point, along the genome, its position (int32), chromosome
        (int16), -log10 p (float32), all little-endian in base64, and its id, 0 where the place stands for it. None
        without places.
    """
    data = scan.points
    if data is None:
        return None
    chosen = _chosen(data, max(_LEAST_POINTS, _MOST_POINTS // n_scans))
    rows = data.row[chosen]
    axis, peaks = data.axis, data.y_axis
    names = scan.table.names
    return {
        "name": scan.name,
        "chromosomes": list(axis.names),
        "starts": axis.starts.tolist(),
        "lengths": axis.lengths.tolist(),
        "limits": [axis.begin, axis.end],
        "top": peaks.limit,
        "break": [peaks.break_at, peaks.compression] if peaks.broken else None,
        "ticks": np.round(peaks.ticks, 6).tolist(),
        "ticksDrawn": peaks.ticks_drawn.tolist(),
        "lines": [-math.log10(GENOME_WIDE), -math.log10(SUGGESTIVE)],
        "position": _packed(scan.table.position[rows], "<i4"),
        "chromosome": _packed(data.chromosome[chosen], "<i2"),
        "height": _packed(data.y[chosen], "<f4"),
        "id": [names.get(int(row), 0) for row in rows],
        "leads": [_lead(scan, int(row), with_details) for row in scan.lead],
        "variants": data.n_variants,
    }


def _chosen(data: ManhattanData, most: int) -> npt.NDArray[np.intp]:
    """Return the points to send, along the genome: all, or those that set a pixel of their own on a coarser canvas."""
    frame = Frame(data.axis.begin, data.axis.end, 0.0, data.y_axis.limit)
    chosen = np.arange(len(data.x))
    coarseness = 1.0
    while chosen.size > most:
        canvas = Canvas(CANVAS.width * coarseness, CANVAS.height * coarseness, marker=CANVAS.marker)
        chosen = visible_rows(data.x, data.y_drawn, frame, canvas)
        coarseness *= 0.8
    return np.asarray(chosen[np.argsort(data.x[chosen], kind="stable")])


def _lead(scan: Scan, row: int, with_details: Collection[str]) -> dict[str, Any]:
    name = scan.table.name_of(row)
    height = float(scan.table.neg_log_10_p_value[row])
    assert scan.points is not None
    codes = scan.points.axis.codes(scan.table.chromosomes)
    return {
        "id": name,
        "chromosome": int(codes[row]),
        "position": int(scan.table.position[row]),
        "height": min(height, scan.points.y_axis.top),
        "opens": name in with_details,
    }


def _packed(values: npt.NDArray[Any], kind: str) -> str:
    return base64.b64encode(np.ascontiguousarray(values, dtype=kind).tobytes()).decode()
