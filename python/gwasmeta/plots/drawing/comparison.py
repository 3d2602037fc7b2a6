"""Volcano plots, two results against each other, and heterogeneity against significance."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from gwasmeta.errors import GwasmetaError
from gwasmeta.plots.data.comparisons import ScatterData, heterogeneity_data, scatter_data, volcano_data
from gwasmeta.plots.data.manhattan import GENOME_WIDE
from gwasmeta.plots.drawing.labels import place_labels
from gwasmeta.plots.drawing.style import (
    LIGHT_CHROMOSOME,
    LINE,
    MINUS_LOG_10_P,
    ORANGE,
    canvas_of,
    draw_points,
    new_axes,
    styled,
)
from gwasmeta.plots.matching import matched_effects
from gwasmeta.plots.sources import as_per_cent, associations

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from gwasmeta.plots.sources import Source

_POINT: Final = 4.0
_MOST_NAMED: Final = 15
_MOST_WITH_BARS: Final = 400


def volcano(
    source: Source,
    *,
    ax: Axes | None = None,
    method: str | None = None,
    significance: float | None = GENOME_WIDE,
    title: str | None = None,
) -> Axes:
    """Draw -log10 p against the effect.

    Parameters
    ----------
    source : MetaResult, trait of an MtagResult, path, frame or mapping of columns
        With effects.
    ax : Axes, optional
        Where to draw; a new figure if not given.
    method : str, optional
        Which method's p-values and effects, where there are several.
    significance : float, optional
        p-value of the line; variants that reach it have another colour.
    title : str, optional

    Returns
    -------
    Axes

    Raises
    ------
    GwasmetaError
        If the table has no effects.
    """
    table = associations(source, method=method, columns=("beta",))
    ax = ax or new_axes(6.8, 5.8, top=0.55 if title else 0.3)
    with styled():
        beta = table.number("beta", "a volcano plot")
        data = volcano_data(beta, table.neg_log_10_p_value, significance=significance, canvas=canvas_of(ax, _POINT))
        draw_scatter(ax, data)
        _line_at(ax.axhline, significance)
        ax.axvline(0, color=LINE, linewidth=0.8, zorder=0.8)
        strongest = np.flatnonzero(data.marked)[np.argsort(-data.y[data.marked])]
        _name(ax, data, strongest, table)
        ax.set_xlabel("effect of the effect allele")
        ax.set_ylabel(MINUS_LOG_10_P)
        ax.set_title(title or "")
    return ax


def heterogeneity(
    source: Source,
    *,
    ax: Axes | None = None,
    method: str | None = None,
    significance: float | None = GENOME_WIDE,
    title: str | None = None,
) -> Axes:
    """Draw I² against -log10 p; significant variants on which the studies disagree (I² of 75 % or more) are named.

    Parameters
    ----------
    source : MetaResult, path, frame or mapping of columns
        With a column of I² in per cent.
    ax, method, significance, title
        As for `volcano`.

    Returns
    -------
    Axes

    Raises
    ------
    GwasmetaError
        If the table has no I².
    """
    table = associations(source, method=method, columns=("i_squared",))
    i_squared = as_per_cent(table.number("i_squared", "the picture of heterogeneity"))
    ax = ax or new_axes(7.4, 5.4, top=0.55 if title else 0.3)
    with styled():
        data = heterogeneity_data(
            i_squared, table.neg_log_10_p_value, significance=significance, canvas=canvas_of(ax, _POINT)
        )
        draw_scatter(ax, data)
        _line_at(ax.axvline, significance)
        ax.axhline(75, color=LINE, linewidth=0.9, linestyle=(0, (4, 3)), zorder=0.8)
        _name(ax, data, np.flatnonzero(data.marked)[np.argsort(-data.x[data.marked])], table)
        ax.set_xlabel(MINUS_LOG_10_P)
        ax.set_ylabel("I² (%)")
        ax.set_title(title or "")
    return ax


def compare(
    first: Source,
    second: Source,
    *,
    ax: Axes | None = None,
    methods: tuple[str | None, str | None] = (None, None),
    names: tuple[str, str] | None = None,
    p: float = GENOME_WIDE,
    title: str | None = None,
) -> Axes:
    """Draw the effects of two results against each other, with their standard errors.

    Parameters
    ----------
    first, second : MetaResult, trait of an MtagResult, path, frame or mapping of columns
        With effects and alleles. Variants are matched by id; effects are turned to the same allele.
    ax : Axes, optional
        Where to draw; a new figure if not given.
    methods : pair of str, optional
        Of each, where a result has several.
    names : pair of str, optional
        What they are called in the picture.
    p : float
        Variants are drawn that reach this p-value in either.
    title : str, optional

    Returns
    -------
    Axes

    Raises
    ------
    GwasmetaError
        If no variant of both reaches `p`.
    """
    pair = matched_effects(first, second, methods=methods, p=p)
    called = names or pair.labels
    if not len(pair.names):
        raise GwasmetaError(
            f"{pair.labels[0]}, {pair.labels[1]}: no variant that both have reaches p = {p:g} in either\n"
            "  Choose a larger p-value:  --p 1e-5  (Python: p=1e-5)."
        )
    ax = ax or new_axes(6.6, 6.3, top=0.6 if title else 0.35)
    with styled():
        differ = np.abs(pair.x - pair.y) > 1.96 * np.hypot(pair.x_error, pair.y_error)
        data = scatter_data(pair.x, pair.y, marked=differ, canvas=canvas_of(ax))
        if len(pair.names) <= _MOST_WITH_BARS:
            bars: dict[str, Any] = {"fmt": "none", "ecolor": "#B9C3CF", "elinewidth": 0.8, "zorder": 1.2}
            ax.errorbar(pair.x, pair.y, 1.96 * pair.y_error, 1.96 * pair.x_error, **bars)
        draw_scatter(ax, data)
        low, high = min(data.x_limits[0], data.y_limits[0]), max(data.x_limits[1], data.y_limits[1])
        ax.set_xlim(low, high)
        ax.set_ylim(low, high)
        ax.axline((0, 0), slope=1, color=LINE, linewidth=0.9, linestyle=(0, (4, 3)), zorder=0.8)
        ax.axhline(0, color=LINE, linewidth=0.6, zorder=0.7)
        ax.axvline(0, color=LINE, linewidth=0.6, zorder=0.7)
        text = f"{data.n_variants:,} variants\nr = {data.correlation:.3f}\nslope = {data.slope:.3f}"
        ax.text(0.03, 0.97, text, transform=ax.transAxes, va="top")
        ax.set_xlabel(f"effect, {called[0]}")
        ax.set_ylabel(f"effect, {called[1]}")
        ax.set_title(title or "")
    return ax


def draw_scatter(ax: Axes, data: ScatterData, size: float = _POINT) -> None:
    """Draw points, the marked ones above the others, and set the limits."""
    ax.set_xlim(*data.x_limits)
    ax.set_ylim(*data.y_limits)
    draw_points(ax, data.x[~data.marked], data.y[~data.marked], LIGHT_CHROMOSOME, size, zorder=1.5)
    draw_points(ax, data.x[data.marked], data.y[data.marked], ORANGE, size, zorder=2)


def _line_at(draw: Any, significance: float | None) -> None:
    if significance is not None:
        draw(-math.log10(significance), color=ORANGE, linewidth=1.0, zorder=1)


def _name(ax: Axes, data: ScatterData, points: Any, table: Any) -> None:
    chosen = points[:_MOST_NAMED]
    words = [table.name_of(int(data.row[point])) for point in chosen]
    place_labels(
        ax, data.x[chosen], data.y[chosen], words, obstacles=(data.x[data.marked], data.y[data.marked]), size=9
    )
