"""Checks of the studies before and after they are combined."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from gwasmeta.plots.data.comparisons import ScatterData
from gwasmeta.plots.data.study_quality import OTHER_RULES, USED, AttritionData, Boxes, StudyPoints
from gwasmeta.plots.drawing.comparison import draw_scatter
from gwasmeta.plots.drawing.labels import place_labels
from gwasmeta.plots.drawing.numbers import shortened
from gwasmeta.plots.drawing.style import (
    DARK_CHROMOSOME,
    GREEN,
    GREY,
    INK,
    LIGHT_CHROMOSOME,
    LINE,
    MINUS_LOG_10_P,
    ORANGE,
    PURPLE,
    SKY,
    YELLOW,
    new_axes,
    styled,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_RULE_COLOURS: Final = (ORANGE, YELLOW, PURPLE, GREEN, SKY, "#4B4B9B")
_MOST_NAMED: Final = 40
_LONGEST_RULE, _LONGEST_NAME = 34, 24  # letters
_LETTER: Final = 0.095  # inches, at 12 points


def p_z(data: ScatterData, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Draw reported p-values against those of the z statistics; see `gwasmeta.plots.data.p_z_data`.

    Parameters
    ----------
    data : ScatterData
    ax : Axes, optional
        Where to draw; a new figure if not given.
    title : str, optional

    Returns
    -------
    Axes
    """
    ax = ax or new_axes(5.6, 5.6 if title else 5.3, top=0.55 if title else 0.25)
    with styled():
        draw_scatter(ax, data, 4.5)
        ax.axline((0, 0), slope=1, color=LINE, linewidth=0.9, zorder=1)
        _note(ax, f"r = {data.correlation:.4f}\n{data.n_marked:,} of {data.n_variants:,} differ")
        ax.set_xlabel(f"{MINUS_LOG_10_P} of effect / standard error")
        ax.set_ylabel(f"reported {MINUS_LOG_10_P}")
        ax.set_title(title or "")
    return ax


def frequencies(
    data: ScatterData, *, ax: Axes | None = None, title: str | None = None, reference: str = "the meta-analysis"
) -> Axes:
    """Draw a study's allele frequencies against others; see `gwasmeta.plots.data.frequency_data`.

    Parameters
    ----------
    data : ScatterData
    ax : Axes, optional
        Where to draw; a new figure if not given.
    title : str, optional
    reference : str
        What the others are those of.

    Returns
    -------
    Axes
    """
    ax = ax or new_axes(5.6, 5.6 if title else 5.3, top=0.55 if title else 0.25)
    with styled():
        draw_scatter(ax, data, 3.5)
        for slope, start in ((1, 0), (-1, 1)):
            ax.axline((0, start), slope=slope, color=LINE, linewidth=0.8, linestyle="-" if slope > 0 else (0, (2, 4)),
                      zorder=2.5)  # fmt: skip
        _note(ax, f"r = {data.correlation:.4f}\n{data.n_marked:,} of {data.n_variants:,} differ")
        ax.set_xlabel(f"frequency in {reference}")
        ax.set_ylabel("frequency in the study")
        ax.set_title(title or "")
    return ax


def standard_error_n(data: StudyPoints, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Draw the studies' standard errors against their sample sizes; see `standard_error_n_data`.

    Parameters
    ----------
    data : StudyPoints
    ax : Axes, optional
        Where to draw; a new figure if not given.
    title : str, optional

    Returns
    -------
    Axes
    """
    ax = ax or new_axes(6.4, 5.6, top=0.55 if title else 0.25)
    with styled():
        top = 1.12 * float(max(data.x.max(), data.y.max()))
        ax.set_xlim(0, max(1.12 * float(data.x.max()), 0.3 * top))
        ax.set_ylim(0, 1.12 * float(data.y.max()))
        slope = float(np.median(data.y / data.x))
        ax.axline((0, 0), slope=slope, color=LIGHT_CHROMOSOME, linewidth=1.4, zorder=1, label="median of the studies")
        ax.axline((0, 0), slope=1, color=LINE, linewidth=0.9, linestyle=(0, (4, 3)), zorder=0.9,
                  label="a trait of variance 1")  # fmt: skip
        _draw_studies(ax, data, "more than a half off the median")
        ax.legend(loc="lower right")
        ax.set_xlabel("√N")
        ax.set_ylabel("C / median standard error")
        ax.set_title(title or "")
    return ax


def inflation_n(data: StudyPoints, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Draw the studies' genomic inflation factors against their sample sizes; see `inflation_n_data`.

    Parameters
    ----------
    data : StudyPoints
    ax : Axes, optional
        Where to draw; a new figure if not given.
    title : str, optional

    Returns
    -------
    Axes
    """
    ax = ax or new_axes(6.4, 5.2, top=0.55 if title else 0.25)
    with styled():
        low, high = min(float(data.y.min()), 1.0), max(float(data.y.max()), 1.1)
        ax.set_ylim(low - 0.15 * (high - low), high + 0.2 * (high - low))
        ax.set_xlim(0, 1.15 * float(data.x.max()))
        ax.axhline(1, color=LINE, linewidth=0.9, zorder=0.9)
        ax.axhline(1.1, color=ORANGE, linewidth=0.9, linestyle=(0, (4, 3)), zorder=0.9)
        _draw_studies(ax, data, "λ and λ$_{1000}$ above 1.1")
        if data.outlying.any():
            ax.legend(loc="best", handletextpad=0.2)
        ax.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
        ax.locator_params(axis="x", nbins=6)
        ax.set_xlabel("N")
        ax.set_ylabel("genomic inflation factor λ")
        ax.set_title(title or "")
    return ax


def effect_sizes(data: Boxes, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Draw the distribution of the effects in each study: median, quartiles, and 1 % and 99 % quantiles.

    Parameters
    ----------
    data : Boxes
    ax : Axes, optional
        Where to draw; a new figure if not given.
    title : str, optional

    Returns
    -------
    Axes
    """
    ax = ax or _bar_axes(data.study, title)
    with styled():
        rows = np.arange(len(data.study))[::-1]
        low, first, middle, third, high = data.quantiles.T
        ax.hlines(rows, low, high, color=INK, linewidth=1.0, zorder=1)
        ax.barh(rows, third - first, left=first, height=0.55, color=LIGHT_CHROMOSOME, zorder=2)
        ax.vlines(middle, rows - 0.275, rows + 0.275, color=DARK_CHROMOSOME, linewidth=2, zorder=3)
        ax.axvline(0, color=LINE, linewidth=0.8, zorder=0.8)
        _name_rows(ax, data.study, rows)
        ax.set_xlabel("effect: 1 %, quartiles, 99 %")
        ax.set_title(title or "")
    return ax


def attrition(data: AttritionData, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Draw how many of each study's rows were used, and which rules excluded the others.

    Parameters
    ----------
    data : AttritionData
    ax : Axes, optional
        Where to draw; a new figure if not given.
    title : str, optional

    Returns
    -------
    Axes
    """
    studies = tuple(dict.fromkeys(data.study))
    ax = ax or _bar_axes(studies, title, legend=0.25 * ((len(data.rules) + 1) // 2) + 0.2)
    with styled():
        rows = np.arange(len(studies))[::-1]
        counts = data.count.reshape(len(studies), len(data.rules))
        left = np.zeros(len(studies))
        colours = {USED: LIGHT_CHROMOSOME, OTHER_RULES: GREY}
        others = iter(_RULE_COLOURS)
        for k, rule in enumerate(data.rules):
            colour = colours.get(rule) or next(others)
            ax.barh(rows, counts[:, k], left=left, height=0.65, color=colour, label=_words(rule))
            left += counts[:, k]
        _name_rows(ax, studies, rows)
        for row, used, total in zip(rows, counts[:, 0], left, strict=True):
            share = 100 * used / total if total else 0.0
            ax.text(total, row, f"  {share:.1f} % used", va="center", fontsize=10.5)
        ax.set_xlim(0, 1.2 * max(float(left.max()), 1.0))
        ax.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
        ax.locator_params(axis="x", nbins=5)
        ax.set_xlabel("rows")
        ax.legend(
            loc="lower left",
            bbox_to_anchor=(0, 1),
            ncols=2,
            borderaxespad=0.2,
            handlelength=1.0,
            fontsize=9.5,
            columnspacing=1.0,
        )
        ax.set_title(title or "", pad=12 + 72 * (0.25 * ((len(data.rules) + 1) // 2)))
    return ax


def _words(rule: str) -> str:
    """Return a rule as words, short enough for a legend."""
    return shortened(rule.replace("_", " "), _LONGEST_RULE)


def _bar_axes(studies: tuple[str, ...], title: str | None, legend: float = 0.0) -> Axes:
    left = room_for_names(studies)
    row = 0.42 if len(studies) <= 60 else 0.2
    top = (0.6 if title else 0.25) + legend
    return new_axes(left + 6.8, 0.8 + top + row * max(len(studies), 2), left=left, top=top)


def room_for_names(studies: Sequence[str]) -> float:
    """Return the inches that the names of studies take beside bars."""
    return 0.45 + _LETTER * min(max(map(len, studies)), _LONGEST_NAME)


def _name_rows(ax: Axes, studies: tuple[str, ...], rows: np.ndarray) -> None:
    ax.set_yticks(rows, [shortened(name, _LONGEST_NAME) for name in studies], fontsize=11 if len(studies) <= 60 else 7)
    ax.set_ylim(-0.7, len(studies) - 0.3)
    ax.tick_params(axis="y", length=0)


def _draw_studies(ax: Axes, data: StudyPoints, why_outlying: str) -> None:
    for chosen, colour, why in ((~data.outlying, DARK_CHROMOSOME, None), (data.outlying, ORANGE, why_outlying)):
        if chosen.any():
            ax.plot(data.x[chosen], data.y[chosen], "o", color=colour, markersize=8, markeredgewidth=0, zorder=3,
                    label=why)  # fmt: skip
    first = np.argsort(~data.outlying, kind="stable")
    if len(data.study) > _MOST_NAMED:
        first = first[: int(data.outlying.sum())]
    place_labels(ax, data.x[first], data.y[first], [data.study[k] for k in first], obstacles=(data.x, data.y), size=10)


def _note(ax: Axes, text: str) -> None:
    ax.text(0.04, 0.96, text, transform=ax.transAxes, va="top",
            bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.85, "pad": 3}, zorder=4)  # fmt: skip
