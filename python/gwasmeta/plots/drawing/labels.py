"""Names beside points, placed so that none covers another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from gwasmeta.plots.drawing.style import INK, LINE

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FloatArray = NDArray[np.float64]
_Box = tuple[float, float, float, float]  # left, bottom, right, top, in pixels

_GAP: Final = 3.0  # points, between a name and what it must not touch
_FAR: Final = 1.2  # heights of a name: from here on a line leads to it
_ROWS: Final = 10  # how high above its point a name may stand, in heights
_ALONG_LEADER: Final = 24


def place_labels(
    ax: Axes,
    x: Sequence[float] | FloatArray,
    y: Sequence[float] | FloatArray,
    texts: Sequence[str],
    *,
    obstacles: tuple[FloatArray, FloatArray] | None = None,
    size: float = 9.5,
    upwards: bool = True,
) -> list[int]:
    """Write names beside points, the first ones first; a name for which there is no room is left out.

    They cover no words that are in the axes already.

    Parameters
    ----------
    ax : Axes
        With its final limits.
    x, y : sequence of float
        The points, in the coordinates of the axes.
    texts : sequence of str
    obstacles : pair of arrays, optional
        Points that names should not cover.
    size : float
        Of the letters, in points.
    upwards : bool
        Whether names stand above their points, or below.

    Returns
    -------
    list of int
        Which names were placed.
    """
    if not texts:
        return []
    area = ax.get_window_extent()
    frame = (area.x0, area.y0, area.x1, area.y1)
    points = _pixels(ax, x, y)
    occupied = _pixels(ax, *obstacles) if obstacles is not None else np.empty((0, 2))
    placed: list[_Box] = [text.get_window_extent().extents for text in ax.texts]
    shown = []
    for k, text in enumerate(texts):
        wide, high = _size_of(ax, text, size)
        box = _free_box(points[k], wide, high, frame, placed, occupied, 1 if upwards else -1)
        if box is None:
            continue
        placed.append(box)
        shown.append(k)
        leader = _leader(points[k], box)
        occupied = np.concatenate([occupied, leader])
        _write(ax, text, leader, box, size)
    return shown


def _pixels(ax: Axes, x: Any, y: Any) -> FloatArray:
    return np.asarray(ax.transData.transform(np.column_stack([np.asarray(x, float), np.asarray(y, float)])))


def _size_of(ax: Axes, text: str, size: float) -> tuple[float, float]:
    written = ax.text(0, 0, text, fontsize=size)
    extent = written.get_window_extent()
    written.remove()
    return extent.width, extent.height


def _free_box(
    point: FloatArray,
    wide: float,
    high: float,
    frame: _Box,
    placed: Sequence[_Box],
    occupied: FloatArray,
    direction: int,
) -> _Box | None:
    """Return the nearest place where a name covers nothing and its line crosses no other name."""
    near = occupied[np.abs(occupied[:, 0] - point[0]) < 3 * wide]
    for centre, offset in _offsets(wide, high):
        low = point[1] + offset if direction > 0 else point[1] - offset - high
        box = (point[0] + centre - wide / 2, low, point[0] + centre + wide / 2, low + high)
        if box[0] < frame[0] or box[2] > frame[2] or box[1] < frame[1] or box[3] > frame[3]:
            continue
        if any(_overlap(box, other) for other in placed) or _covers(box, near):
            continue
        leader = _leader(point, box)
        if not any(_covers(other, leader) for other in placed):
            return box
    return None


def _leader(point: FloatArray, box: _Box) -> FloatArray:
    """Return places along the line from a point to the nearest side of its name; none if the name is beside it."""
    high = box[3] - box[1]
    x = min(max(point[0], box[0]), box[2])
    y = box[1] if box[1] >= point[1] else box[3]
    if abs(y - point[1]) <= _FAR * high and abs((box[0] + box[2]) / 2 - point[0]) <= 0.7 * (box[2] - box[0]):
        return np.empty((0, 2))
    return np.linspace(point, (x, y), _ALONG_LEADER)


def _offsets(wide: float, high: float) -> Iterator[tuple[float, float]]:
    """Yield places of a name relative to its point, the nearest first."""
    across = [0.0, 0.35, -0.35, 0.6, -0.6, 1.0, -1.0, 1.5, -1.5, 2.0, -2.0]
    candidates = [(step * wide, 0.6 * high + row * high * 0.9) for row in range(_ROWS) for step in across]
    yield from sorted(candidates, key=lambda place: abs(place[0]) * 0.7 + place[1])


def _overlap(box: _Box, other: _Box) -> bool:
    return (
        box[0] - _GAP < other[2] and other[0] - _GAP < box[2] and box[1] - _GAP < other[3] and other[1] - _GAP < box[3]
    )


def _covers(box: _Box, points: FloatArray) -> bool:
    x, y = points[:, 0], points[:, 1]
    inside = (x > box[0] - _GAP) & (x < box[2] + _GAP) & (y > box[1] - _GAP) & (y < box[3] + _GAP)
    return bool(inside.any())


def _write(ax: Axes, text: str, leader: FloatArray, box: _Box, size: float) -> None:
    to_data = ax.transData.inverted()
    if leader.size:
        ends = to_data.transform(leader[[0, -1]])
        ax.plot(ends[:, 0], ends[:, 1], color=LINE, linewidth=0.6, zorder=4)
    x, y = to_data.transform(((box[0] + box[2]) / 2, (box[1] + box[3]) / 2))
    ax.text(x, y, text, fontsize=size, color=INK, ha="center", va="center", zorder=5)
