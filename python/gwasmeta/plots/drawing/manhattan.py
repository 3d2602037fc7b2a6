"""Manhattan and Miami plots, and regions."""

from __future__ import annotations

import itertools
import math
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from gwasmeta.errors import GwasmetaError
from gwasmeta.plots.data.broken_axis import round_ticks
from gwasmeta.plots.data.genome import GenomeAxis, genome_axis
from gwasmeta.plots.data.manhattan import GENOME_WIDE, SUGGESTIVE, ManhattanData, manhattan_data
from gwasmeta.plots.drawing.axes import mark_heights
from gwasmeta.plots.drawing.highlights import Highlight, all_of, as_sets
from gwasmeta.plots.drawing.labels import place_labels
from gwasmeta.plots.drawing.numbers import p_value_text
from gwasmeta.plots.drawing.style import (
    DARK_CHROMOSOME,
    LIGHT_CHROMOSOME,
    LINE,
    MINUS_LOG_10_P,
    ORANGE,
    SERIES,
    canvas_of,
    draw_points,
    figure_of,
    new_axes,
    new_panels,
    styled,
)
from gwasmeta.plots.sources import Associations, Places, associations

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from gwasmeta.plots.sources import Source

_POINT: Final = 3.2  # diameter in points of 1/72 inch
_LABELLED: Final = 30
_MEGABASE: Final = 1e6
_TICK_LETTERS: Final = 11.0


def manhattan(
    source: Source,
    *,
    ax: Axes | None = None,
    method: str | None = None,
    significance: float | None = GENOME_WIDE,
    suggestive: float | None = SUGGESTIVE,
    labels: bool | Mapping[str, str] = True,
    highlight: Highlight = (),
    window: float = 500_000,
    break_axis: bool = True,
    title: str | None = None,
    places: Places | None = None,
) -> Axes:
    """Draw a Manhattan plot.

    Parameters
    ----------
    source : MetaResult, trait of an MtagResult, path, frame or mapping of columns
        See `gwasmeta.plots.associations`.
    ax : Axes, optional
        Where to draw; a new figure if not given.
    method : str, optional
        Which method's p-values, where there are several.
    significance, suggestive : float, optional
        p-values of the lines.
    labels : bool or mapping
        Whether to name the lead variants (the strongest thirty, as far as there is room); or the variants to name and
        what to call them, by their ids, such as ``{"rs1421085": "FTO"}``.
    highlight : collection of str, or mapping of str to these
        Ids of variants in another colour; with names, for a legend.
    window : float
        Base pairs from a lead variant to those of other loci.
    break_axis : bool
        Whether the axis may be broken to make room for extreme peaks.
    title : str, optional
    places : callable, optional
        See `gwasmeta.plots.associations`.

    Returns
    -------
    Axes

    Raises
    ------
    GwasmetaError
        If there is nothing to draw: no places, or no p-values.
    """
    sets = as_sets(highlight)
    table = associations(source, method=method, places=places, variants=[*all_of(sets), *_asked(labels)])
    headed = bool(title or sets)
    ax = ax or new_axes(13.3, 5.2 if headed else 4.8, left=0.95, right=1.05, top=0.6 if headed else 0.2)
    with styled():
        data = _data(table, ax, None, significance, suggestive, window, break_axis)
        _draw(ax, data, table, labels=labels, sets=sets)
        _mark_genome(ax, data.axis)
        ax.set_title(title or "")
    return ax


def miami(
    upper: Source,
    lower: Source,
    *,
    methods: tuple[str | None, str | None] = (None, None),
    names: tuple[str, str] | None = None,
    significance: float | None = GENOME_WIDE,
    suggestive: float | None = SUGGESTIVE,
    labels: bool | Mapping[str, str] = True,
    highlight: Highlight = (),
    window: float = 500_000,
    break_axis: bool = True,
    title: str | None = None,
    places: Places | None = None,
) -> Figure:
    """Draw two results against each other, one upwards, one downwards.

    Parameters
    ----------
    upper, lower : MetaResult, trait of an MtagResult, path, frame or mapping of columns
    methods : pair of str, optional
        Of each, such as ``("fixed", "random")`` for the same result twice.
    names : pair of str, optional
        What they are called in the picture.
    significance, suggestive, labels, highlight, window, break_axis, title, places
        As for `manhattan`.

    Returns
    -------
    Figure

    Raises
    ------
    GwasmetaError
        If there is nothing to draw in one of them.
    """
    sets = as_sets(highlight)
    tables = [
        associations(source, method=method, places=places, variants=[*all_of(sets), *_asked(labels)])
        for source, method in zip((upper, lower), methods, strict=True)
    ]
    axis = genome_axis(*((table.chromosomes, table.position) for table in tables))
    halves = new_panels(13.3, 7.6 + 0.5 * bool(title), [(0.95, 4.0, 11.3, 3.4), (0.95, 0.2, 11.3, 3.4)])
    with styled():
        for half, table, name, turned in zip(
            halves, tables, names or tuple(table.label for table in tables), (False, True), strict=True
        ):
            data = _data(table, half, axis, significance, suggestive, window, break_axis)
            half.text(0.008, 0.03 if turned else 0.97, name, transform=half.transAxes, fontweight="bold",
                      va="bottom" if turned else "top")  # fmt: skip
            _draw(half, data, table, labels=labels, sets=sets, turned=turned)
        _mark_genome(halves[0], axis, name=False)
        halves[1].tick_params(bottom=False, labelbottom=False)
        halves[1].spines["bottom"].set_visible(False)
        halves[1].spines["top"].set_visible(True)
        halves[0].set_title(title or "")
    return figure_of(halves[0])


def _data(
    table: Associations,
    ax: Axes,
    axis: GenomeAxis | None,
    significance: float | None,
    suggestive: float | None,
    window: float,
    break_axis: bool,
) -> ManhattanData:
    try:
        return manhattan_data(
            table.chromosomes,
            table.position,
            table.neg_log_10_p_value,
            canvas=canvas_of(ax, _POINT),
            axis=axis,
            significance=significance,
            suggestive=suggestive,
            window=window,
            break_axis=break_axis,
        )
    except GwasmetaError as error:
        if table.chromosomes.names:
            raise GwasmetaError(f"{table.label}: {error}") from None
        raise GwasmetaError(
            f"{table.label}: has no chromosomes and positions, and the picture is drawn along the genome\n"
            "  Give a map of the markers:  --map FILE  (chromosome, marker, position; Python: places=...)."
        ) from None


def _draw(
    ax: Axes,
    data: ManhattanData,
    table: Associations,
    *,
    labels: bool | Mapping[str, str],
    sets: Mapping[str, Collection[str]],
    turned: bool = False,
) -> None:
    """Draw points, lines, highlighted sets and names, and set the axes."""
    limits = (0, data.y_axis.limit)
    ax.set_xlim(data.axis.begin, data.axis.end)
    ax.set_ylim(*(limits[::-1] if turned else limits))
    for colour, which in ((DARK_CHROMOSOME, data.chromosome % 2 == 0), (LIGHT_CHROMOSOME, data.chromosome % 2 == 1)):
        draw_points(ax, data.x[which], data.y_drawn[which], colour, _POINT, clip_on=False)
    _draw_lines(ax, data)
    _draw_sets(ax, data, table, sets)
    mark_heights(ax, data.y_axis)
    ax.set_ylabel(MINUS_LOG_10_P)
    if labels:
        rows = _named_rows(data, table, labels)
        called = [_called(table.name_of(row), labels) for row in rows]
        high = data.y > min(data.significance, data.suggestive, 5.0)
        place_labels(
            ax, *_on_axes(rows, data, table), called, obstacles=(data.x[high], data.y_drawn[high]), upwards=not turned
        )


def _asked(labels: bool | Mapping[str, str]) -> list[str]:
    return list(labels) if isinstance(labels, Mapping) else []


def _named_rows(data: ManhattanData, table: Associations, labels: bool | Mapping[str, str]) -> list[int]:
    """Return the variants to name, the strongest first."""
    if not isinstance(labels, Mapping):
        return [int(row) for row in data.lead_row[:_LABELLED]]
    rows = _drawable([row for row in table.asked.tolist() if table.names[row] in labels], data, table)
    return [int(row) for row in rows[np.argsort(-table.neg_log_10_p_value[rows], kind="stable")]]


def _drawable(rows: list[int], data: ManhattanData, table: Associations) -> NDArray[np.intp]:
    """Return those of some variants that have a place and a p-value."""
    chosen = np.array(rows, dtype=np.intp)
    placed = (data.axis.codes(table.chromosomes)[chosen] >= 0) & (table.position[chosen] > 0)
    return chosen[placed & (table.neg_log_10_p_value[chosen] >= 0)]


def _on_axes(
    rows: list[int] | NDArray[np.intp], data: ManhattanData, table: Associations
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return where variants are drawn."""
    chosen = np.asarray(rows, dtype=np.intp)
    x = data.axis.starts[data.axis.codes(table.chromosomes)[chosen]] + table.position[chosen]
    return x, data.y_axis.drawn(table.neg_log_10_p_value[chosen])


def _called(name: str, labels: bool | Mapping[str, str]) -> str:
    return labels[name] if isinstance(labels, Mapping) else name


def _draw_lines(ax: Axes, data: ManhattanData) -> None:
    for height, colour, style in ((data.significance, ORANGE, "-"), (data.suggestive, LINE, (0, (4, 3)))):
        if math.isfinite(height):
            drawn = float(data.y_axis.drawn(height))
            ax.axhline(drawn, color=colour, linewidth=1.0, linestyle=style, zorder=1.5)
            ax.annotate(
                p_value_text(10.0**-height), (1.0, drawn), xycoords=("axes fraction", "data"), xytext=(6, 0),
                textcoords="offset points", va="center", fontsize=10, color=colour,
            )  # fmt: skip


def _draw_sets(ax: Axes, data: ManhattanData, table: Associations, sets: Mapping[str, Collection[str]]) -> None:
    for colour, (name, members) in zip(itertools.cycle(SERIES[1:]), sets.items(), strict=False):
        wanted = frozenset(members)
        rows = _drawable([row for row in table.asked.tolist() if table.names[row] in wanted], data, table)
        x, y = _on_axes(rows, data, table)
        draw_points(ax, x, y, colour, 1.5 * _POINT, zorder=3, label=name or None, clip_on=False)
    if any(sets):
        ax.legend(loc="upper right", bbox_to_anchor=(1.0, 1.1), ncols=len(sets), handletextpad=0.1)


def _mark_genome(ax: Axes, axis: GenomeAxis, *, name: bool = True) -> None:
    """Name the chromosomes, as far as there is room; a single one has positions."""
    if len(axis.names) == 1:
        ticks = round_ticks(axis.begin / _MEGABASE, axis.end / _MEGABASE, 10)
        ax.set_xticks(ticks * _MEGABASE, [f"{tick:g}" for tick in ticks])
        ax.set_xlabel(f"position on chromosome {axis.names[0]} (Mb)" if name else "")
        return
    pixels_per_base = ax.get_window_extent().width / (axis.end - axis.begin)
    letter = _TICK_LETTERS * float(ax.figure.dpi) / 72
    free_from, texts = -math.inf, []
    for tick, chromosome in zip(axis.ticks * pixels_per_base, axis.names, strict=True):
        half = (_width(chromosome) + 0.2) * letter / 2
        fits = tick - half >= free_from
        texts.append(chromosome if fits else "")
        free_from = tick + half if fits else free_from
    ax.set_xticks(axis.ticks, texts, fontsize=_TICK_LETTERS)
    ax.tick_params(axis="x", length=0)
    ax.set_xlabel("chromosome" if name else "")


def _width(name: str) -> float:
    """Return about how wide a name is, in units of its letters' size."""
    return sum(0.64 if letter.isdecimal() else 0.78 for letter in name)
