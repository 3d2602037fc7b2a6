"""Marks on axes that several pictures share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gwasmeta.plots.data.broken_axis import PeakAxis
from gwasmeta.plots.drawing.style import FAINT, INK

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def mark_heights(ax: Axes, axis: PeakAxis) -> None:
    """Write the true values beside the heights that they are drawn at, and mark where the axis is broken."""
    ax.set_yticks(axis.ticks_drawn, [f"{tick:g}" for tick in axis.ticks])
    if not axis.broken:
        return
    mark: dict[str, Any] = {"marker": [(-1, -0.5), (1, 0.5)], "markersize": 12, "clip_on": False, "linestyle": "none"}
    for shift in (-0.006, 0.006):  # of the height of the axes
        place = axis.break_at + shift * axis.limit
        ax.plot([0], [place], transform=ax.get_yaxis_transform(), color=INK, markeredgewidth=1.2, **mark)
    ax.axhline(axis.break_at, color=FAINT, linewidth=1.0, linestyle=(0, (1, 2)), zorder=0.5)
