"""The p-values of one region."""

from __future__ import annotations

import itertools
import math
import re
from typing import TYPE_CHECKING, Final

from gwasmeta.errors import GwasmetaError
from gwasmeta.plots.data.broken_axis import round_ticks
from gwasmeta.plots.data.manhattan import GENOME_WIDE
from gwasmeta.plots.data.regions import region_data
from gwasmeta.plots.drawing.highlights import Highlight, all_of, as_sets
from gwasmeta.plots.drawing.labels import place_labels
from gwasmeta.plots.drawing.style import (
    LIGHT_CHROMOSOME,
    MINUS_LOG_10_P,
    ORANGE,
    SERIES,
    canvas_of,
    draw_points,
    new_axes,
    styled,
)
from gwasmeta.plots.sources import Associations, Places, associations

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from gwasmeta.plots.sources import Source

_POINT: Final = 5.0  # diameter in points of 1/72 inch
_MEGABASE: Final = 1e6

Region = tuple[str | int, float, float]


def region(
    source: Source,
    *,
    at: str | Region,
    ax: Axes | None = None,
    method: str | None = None,
    window: float = 500_000,
    significance: float | None = GENOME_WIDE,
    highlight: Highlight = (),
    title: str | None = None,
    places: Places | None = None,
) -> Axes:
    """Draw the p-values of one region.

    Parameters
    ----------
    source : MetaResult, trait of an MtagResult, path, frame or mapping of columns
    at : str or tuple
        A region, "16:53500000-54200000" or (16, 53500000, 54200000); a place, "16:53800954"; or a variant's id.
    ax : Axes, optional
        Where to draw; a new figure if not given.
    method, significance, highlight, title, places
        As for `manhattan`.
    window : float
        Base pairs on either side of a place or variant.

    Returns
    -------
    Axes

    Raises
    ------
    GwasmetaError
        If there is no such variant, or no variant in the region.
    """
    sets = as_sets(highlight)
    asked = [at] if isinstance(at, str) else []
    table = associations(source, method=method, places=places, variants=[*all_of(sets), *asked])
    ax = ax or new_axes(9.0, 5.0, top=0.6)
    with styled():
        data = region_data(
            table.chromosomes, table.position, table.neg_log_10_p_value,
            at=_region_of(at, table, window), canvas=canvas_of(ax, _POINT), significance=significance,
        )  # fmt: skip
        ax.set_xlim(data.start, data.stop)
        ax.set_ylim(0, data.limit)
        draw_points(ax, data.position, data.y, LIGHT_CHROMOSOME, _POINT)
        for colour, (name, members) in zip(itertools.cycle(SERIES[2:]), sets.items(), strict=False):
            rows = [k for k, row in enumerate(data.row.tolist()) if table.names.get(row) in members]
            draw_points(ax, data.position[rows], data.y[rows], colour, _POINT, label=name or None, zorder=3)
        ax.plot(data.index_position, data.index_y, "D", color=ORANGE, markersize=8, zorder=4)
        if math.isfinite(data.significance):
            ax.axhline(data.significance, color=ORANGE, linewidth=1.0, zorder=1.5)
        place_labels(
            ax, [data.index_position], [data.index_y], [table.name_of(data.index_row)],
            obstacles=(data.position, data.y), size=11,
        )  # fmt: skip
        ticks = round_ticks(data.start / _MEGABASE, data.stop / _MEGABASE, 7)
        ax.set_xticks(ticks * _MEGABASE, [f"{tick:g}" for tick in ticks])
        ax.set_xlabel(f"position on chromosome {data.chromosome} (Mb)")
        ax.set_ylabel(MINUS_LOG_10_P)
        if any(sets):
            ax.legend(loc="upper right")
        ax.set_title(title or "")
    return ax


def _region_of(at: str | Region, table: Associations, window: float) -> tuple[str, float, float]:
    """Return chromosome, start and stop of a region, a place or a variant."""
    if not isinstance(at, str):
        return str(at[0]), *at[1:]
    found = [row for row in table.asked.tolist() if table.names[row] == at]
    if found:
        code, position = int(table.chromosomes.codes[found[0]]), int(table.position[found[0]])
        if code < 0 or position <= 0:
            raise GwasmetaError(f"region {at}: this variant has no chromosome and position in {table.label}")
        return table.chromosomes.names[code], max(position - window, 0.0), position + window
    given = re.fullmatch(r"(?P<name>[\w.]+):(?P<start>[\d,]+)(?:-(?P<stop>[\d,]+))?", at)
    if given is None:
        raise GwasmetaError(
            f"region {at}: is no variant of {table.label}, and no place\n"
            "  Write 16:53500000-54200000, or 16:53800954, or a variant's id."
        )
    start = float(given["start"].replace(",", ""))
    if given["stop"] is None:
        return given["name"], max(start - window, 0.0), start + window
    stop = float(given["stop"].replace(",", ""))
    if stop <= start:
        raise GwasmetaError(f"region {at}: ends before it begins")
    return given["name"], start, stop
