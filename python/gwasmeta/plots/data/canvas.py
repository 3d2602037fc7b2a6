"""The pixels that points are drawn on, and which points they need."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gwasmeta.compiled import compiled
from gwasmeta.cores import n_cores, on_all_cores

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Canvas:
    """The pixels that the area between the axes covers.

    Attributes
    ----------
    width, height : float
        In pixels.
    x_offset, y_offset : float
        What is added before a position is cut to a whole pixel: where the area's corner is not that of a pixel,
        and a half if the renderer rounds.
    marker : float
        Diameter of an opaque round marker in pixels. Points whose marker would be wholly covered by the markers of
        others of the same colour are left out. 0: one point is kept in each pixel.
    """

    width: float = 1500.0
    height: float = 600.0
    x_offset: float = 0.0
    y_offset: float = 0.0
    marker: float = 0.0


WIDE_CANVAS, SQUARE_CANVAS = Canvas(), Canvas(600.0, 600.0)


@dataclass(frozen=True)
class Frame:
    """What part of the plane the canvas shows.

    Attributes
    ----------
    x_low, x_high, y_low, y_high : float
        The limits of the axes; points outside are not drawn.
    bend : float
        Values of y above it are brought together: drawn at bend + compression (y - bend). `y_high` is a drawn height.
    compression : float
    ceiling : float
        Larger values of y, infinite ones for instance, are drawn here.
    """

    x_low: float
    x_high: float
    y_low: float
    y_high: float
    bend: float = math.inf
    compression: float = 1.0
    ceiling: float = math.inf


def visible_rows(
    x: NDArray[Any],
    y: FloatArray,
    frame: Frame,
    canvas: Canvas,
    *,
    group: NDArray[Any] | None = None,
    x_origin: FloatArray | None = None,
    keep_above: float = math.inf,
) -> NDArray[np.intp]:
    """Choose points that set the same pixels as all points do.

    Parameters
    ----------
    x, y : arrays, shape (n_points,)
        NaN where there is no point.
    frame : Frame
    canvas : Canvas
    group : array of int, shape (n_points,), optional
        Points of different groups have different colours, and do not stand for each other; -1: no point.
    x_origin : float64 array, shape (n_groups,), optional
        What is added to `x` in each group. If given, the groups lie one behind the other.
    keep_above : float
        Points with a larger y are all kept.

    Returns
    -------
    ndarray of int
        Rows of the chosen points, in their order.
    """
    groups = np.zeros(len(y), dtype=np.int8) if group is None else group
    in_a_row = x_origin is not None
    n_groups = len(x_origin) if x_origin is not None else int(groups.max(initial=0)) + 1
    origin = np.zeros(n_groups) if x_origin is None else x_origin
    wide, high, reach = math.ceil(canvas.width) + 2, math.ceil(canvas.height) + 2, math.ceil(canvas.marker / 2) + 1
    shift = np.arange(n_groups) * (2 * reach if in_a_row else wide + 2 * reach) + reach
    grid = _Grid(
        (wide + int(shift[-1]) + reach, high + 2 * reach),
        (frame.x_low, canvas.width / (frame.x_high - frame.x_low), canvas.x_offset, float(wide)),
        (frame.y_low, canvas.height / (frame.y_high - frame.y_low), canvas.y_offset + reach),
        (frame.bend, frame.compression, frame.ceiling),
    )
    edges = np.linspace(0, len(y), n_cores() + 1).astype(np.int64)

    def first_in_cells(part: int) -> NDArray[np.int32]:
        cells = np.zeros(grid.shape, dtype=np.int32)
        limits = (edges[part], edges[part + 1])
        _enter(limits, groups, x, y, origin, shift, grid.x_scale, grid.y_scale, grid.bend, keep_above, cells)
        return cells

    parts = on_all_cores(first_in_cells, range(len(edges) - 1))
    cells = parts[0]
    for later in parts[1:]:
        np.copyto(cells, later, where=cells == 0)
    if canvas.marker > 0:
        _leave_out_covered(cells, *_marker_pixels(canvas.marker), reach)
    rows = cells[cells > 0].astype(np.intp) - 1
    if keep_above < math.inf:
        above = np.flatnonzero(y > keep_above)
        rows = np.concatenate([rows, above[(groups[above] >= 0) & ~np.isnan(x[above].astype(np.float64))]])
    return np.sort(rows)


@dataclass(frozen=True)
class _Grid:
    shape: tuple[int, int]
    x_scale: tuple[float, float, float, float]
    y_scale: tuple[float, float, float]
    bend: tuple[float, float, float]


@compiled
def _enter(
    limits: Any,
    group: Any,
    x: Any,
    y: Any,
    origin: Any,
    shift: Any,
    x_scale: Any,
    y_scale: Any,
    bend: Any,
    keep_above: float,
    cells: Any,
) -> None:
    """Enter the first row of each pixel, counted from 1."""
    x_low, x_factor, x_offset, wide = x_scale
    y_low, y_factor, y_offset = y_scale
    bend_at, compression, ceiling = bend
    for row in range(limits[0], limits[1]):
        colour, height = group[row], y[row]
        if colour < 0 or not height <= keep_above:
            continue
        height = min(height, ceiling)
        if height > bend_at:
            height = bend_at + (height - bend_at) * compression
        across = (origin[colour] + x[row] - x_low) * x_factor + x_offset
        up = (height - y_low) * y_factor + y_offset
        if 0 <= across < wide and 0 <= up < cells.shape[1]:
            column, line = int(across) + shift[colour], int(up)
            if cells[column, line] == 0:
                cells[column, line] = row + 1


def _marker_pixels(diameter: float) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the pixels that a marker fills wholly, and those that it touches, relative to the one right above it.

    Its centre is a corner of pixels: renderers cut positions to whole numbers.
    """
    radius = diameter / 2
    side = np.arange(-math.ceil(radius) - 1, math.ceil(radius) + 1)
    column, line = (axis.reshape(-1) for axis in np.meshgrid(side, side))
    furthest = np.hypot(np.maximum(-column, column + 1), np.maximum(-line, line + 1))
    nearest = np.hypot(np.maximum(0, np.maximum(column, -column - 1)), np.maximum(0, np.maximum(line, -line - 1)))
    pixels = np.column_stack([column, line])
    # A curve is drawn as a polygon, a little inside of it.
    return pixels[furthest <= radius - _POLYGON_ERROR], pixels[nearest < radius]


_POLYGON_ERROR = 0.05  # pixels


@compiled
def _leave_out_covered(cells: Any, filled: Any, touched: Any, reach: int) -> None:
    """Clear the cells whose marker touches only pixels that the markers of others, which stay, fill.

    What is filled once stays filled, so that what has been left out stays covered.
    """
    fillers = np.zeros(cells.shape, dtype=np.int16)
    for column in range(reach, cells.shape[0] - reach):
        for line in range(reach, cells.shape[1] - reach):
            if cells[column, line] > 0:
                for k in range(filled.shape[0]):
                    fillers[column + filled[k, 0], line + filled[k, 1]] += 1
    own = np.zeros((2 * reach + 1, 2 * reach + 1), dtype=np.int16)
    for k in range(filled.shape[0]):
        own[filled[k, 0] + reach, filled[k, 1] + reach] = 1
    for column in range(reach, cells.shape[0] - reach):
        for line in range(reach, cells.shape[1] - reach):
            if cells[column, line] == 0:
                continue
            covered = True
            for k in range(touched.shape[0]):
                across, up = touched[k, 0], touched[k, 1]
                if fillers[column + across, line + up] <= own[across + reach, up + reach]:
                    covered = False
                    break
            if covered:
                cells[column, line] = 0
                for k in range(filled.shape[0]):
                    fillers[column + filled[k, 0], line + filled[k, 1]] -= 1
