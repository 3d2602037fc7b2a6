"""QQ plots of one result, its classes of variants, or many studies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

from gwasmeta.errors import GwasmetaError
from gwasmeta.plots.data.quantiles import QqData, qq_data, qq_series_data
from gwasmeta.plots.data.strata import Strata, frequency_strata, sample_size_strata, strata_of
from gwasmeta.plots.drawing.axes import mark_heights
from gwasmeta.plots.drawing.style import (
    DARK_CHROMOSOME,
    GREY,
    INK,
    MINUS_LOG_10_P,
    SERIES,
    canvas_of,
    draw_points,
    new_axes,
    styled,
)
from gwasmeta.plots.sources import Associations, associations

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from gwasmeta.plots.sources import Source

StratifiedBy = Literal["frequency", "info", "n"]

_POINT: Final = 4.5
_BAND, _IDENTITY = "#DCE3EA", "#7A7A7A"
_MOST_IN_LEGEND: Final = 12
_COLOURS: Final = (DARK_CHROMOSOME, *SERIES[1:], GREY, SERIES[0], "#882255", "#999933", "#8B5A2B", INK)
_COLUMNS: Final = {"frequency": "effect_allele_frequency", "info": "info", "n": "n"}


def qq(
    source: Source | Mapping[str, Source],
    *,
    ax: Axes | None = None,
    method: str | None = None,
    by: StratifiedBy | None = None,
    edges: Sequence[float] | None = None,
    break_axis: bool = True,
    title: str | None = None,
) -> Axes:
    """Draw a QQ plot with the band in which 95 % of null quantiles lie; lambda is in the legend.

    Parameters
    ----------
    source : MetaResult, trait of an MtagResult, path, frame or mapping of columns; or mapping of names to paths
        Several: one series each, for many studies in one picture.
    ax : Axes, optional
        Where to draw; a new figure if not given.
    method : str, optional
        Which method's p-values, where there are several.
    by : {"frequency", "info", "n"}, optional
        Draw classes of variants beside all of them.
    edges : sequence of float, optional
        Between the classes: of minor allele frequency (0.01, 0.05 if not given), of info (0.6, 0.9), of n (half and
        nine tenths of the largest).
    break_axis : bool
        Whether the axis may be broken to make room for very small p-values.
    title : str, optional

    Returns
    -------
    Axes

    Raises
    ------
    GwasmetaError
        If there are no p-values, or no column for the classes.
    """
    ax = ax or new_axes(6.4, 6.2 if title else 5.9, top=0.55 if title else 0.25)
    with styled():
        data = _data(source, ax, method, by, edges, break_axis)
        ax.set_xlim(0, data.x_limit)
        ax.set_ylim(0, data.y_axis.limit)
        drawn = data.y_axis.drawn
        ax.fill_between(
            data.band_x, drawn(data.band_lower), drawn(data.band_upper), color=_BAND, linewidth=0, zorder=0.5
        )
        diagonal = np.linspace(0, data.x_limit, 50)
        ax.plot(diagonal, drawn(diagonal), color=_IDENTITY, linewidth=1.0, zorder=1)
        many = len(data.names) > _MOST_IN_LEGEND
        for k, (name, n, factor) in enumerate(zip(data.names, data.n, data.inflation_factor, strict=True)):
            own = data.stratum == k
            colour = DARK_CHROMOSOME if many else _COLOURS[k]
            label = f"λ = {factor:.3f}" if len(data.names) == 1 else f"{name}  λ = {factor:.3f}"
            draw_points(ax, data.x[own], drawn(data.y[own]), colour, _POINT, zorder=2 + (k == 0) * 0.5, clip_on=False,
                        label=f"{label}  ({n:,})" if not many else None)  # fmt: skip
        _finish(ax, data, many, title)
    return ax


def _data(
    source: Any,
    ax: Axes,
    method: str | None,
    by: StratifiedBy | None,
    edges: Sequence[float] | None,
    break_axis: bool,
) -> QqData:
    canvas = canvas_of(ax)
    if _several(source):
        if by is not None:
            raise GwasmetaError("classes of variants are drawn for one result at a time")
        series = {name: associations(one, method=method).neg_log_10_p_value for name, one in source.items()}
        return qq_series_data(series, canvas=canvas, break_axis=break_axis)
    table = associations(source, method=method, columns=[_COLUMNS[by]] if by else [])
    strata = _strata(table, by, edges) if by else None
    return qq_data(table.neg_log_10_p_value, strata=strata, canvas=canvas, break_axis=break_axis)


def _several(source: Any) -> bool:
    """Tell names of tables from names of columns."""
    from gwasmeta.sumstats.vocabulary import COLUMNS

    return isinstance(source, Mapping) and not set(source) & set(COLUMNS)


def _strata(table: Associations, by: StratifiedBy, edges: Sequence[float] | None) -> Strata:
    values = table.number(_COLUMNS[by], "a QQ plot by classes of it")
    if by == "frequency":
        return frequency_strata(values, edges or (0.01, 0.05))
    if by == "info":
        return strata_of(values, edges or (0.6, 0.9), "info")
    return sample_size_strata(values) if edges is None else strata_of(values, edges, "N")


def _finish(ax: Axes, data: QqData, many: bool, title: str | None) -> None:
    ax.set_xlabel(f"expected {MINUS_LOG_10_P}")
    ax.set_ylabel(f"observed {MINUS_LOG_10_P}")
    mark_heights(ax, data.y_axis)
    if many:
        low, middle, high = np.nanquantile(data.inflation_factor, (0, 0.5, 1))
        text = f"{len(data.names)} studies\nλ {low:.3f} to {high:.3f}, median {middle:.3f}"
        ax.text(0.03, 0.97, text, transform=ax.transAxes, va="top", color=INK)
    else:
        ax.legend(loc="upper left", handletextpad=0.2, borderaxespad=0.2, markerscale=1.4)
    ax.set_title(title or "")
