"""Forest plots: one variant across studies."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from gwasmeta.plots.data.broken_axis import round_ticks
from gwasmeta.plots.data.forest import ForestData, Summary
from gwasmeta.plots.drawing.numbers import power_of_ten, shortened
from gwasmeta.plots.drawing.style import DARK_CHROMOSOME, FAINT, GREEN, INK, LINE, ORANGE, new_axes, styled

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_ROW: Final = 0.32  # inches a study
_LEAST_ROW: Final = 0.13
_MANY: Final = 60  # studies; beyond, rows are narrower and letters smaller
_TALLEST: Final = 30.0  # inches
_LONGEST_NAME: Final = 34
_LARGEST_BOX: Final = 13.0  # points


def forest(
    data: ForestData,
    *,
    ax: Axes | None = None,
    title: str | None = None,
    effect: str = "effect",
    odds_ratio: bool = False,
) -> Axes:
    """Draw the effects of one variant in each study, and the combined ones.

    Parameters
    ----------
    data : ForestData
        See `gwasmeta.plots.data.forest_data`; of a result, `MetaResult.forest` draws it.
    ax : Axes, optional
        Where to draw; a new figure, as high as the studies need, if not given.
    title : str, optional
    effect : str
        What the axis is called.
    odds_ratio : bool
        Whether the effects are logarithms of odds ratios, to be shown as these.

    Returns
    -------
    Axes

    Notes
    -----
    The area of a study's box is proportional to its sample size, or to its weight in the fixed-effects mean where a
    sample size is not known. Diamonds are as wide as the 95 % confidence intervals of the combined effects.
    """
    n_studies = len(data.study)
    row = _ROW if n_studies <= _MANY else max(_LEAST_ROW, min(_ROW, _TALLEST / n_studies))
    letters = 11.0 if n_studies <= _MANY else max(5.0, 72 * row * 0.75)
    height = row * n_studies + 3.6 * _ROW + 2.1
    ax = ax or new_axes(9.6, height, left=_left(data, letters), right=3.1, bottom=1.35, top=0.75)
    with styled():
        heights = np.arange(n_studies)[::-1] + 3.0
        _draw_studies(ax, data, heights, letters)
        for summary, name, place, colour in (
            (data.fixed, "fixed effects", 1.2, ORANGE),
            (data.random, "random effects", 0.0, GREEN),
        ):
            _draw_diamond(ax, summary, place, colour)
            ax.text(-0.02, place, name, transform=ax.get_yaxis_transform(), ha="right", va="center", fontweight="bold")
            _write_row(ax, summary.beta, summary.lower, summary.upper, place, odds_ratio, 11.0, bold=True)
        ax.axvline(0, color=LINE, linewidth=0.9, zorder=0.8)
        ax.axvline(data.fixed.beta, color=ORANGE, linewidth=0.9, linestyle=(0, (3, 3)), zorder=0.7)
        _finish(ax, data, effect, odds_ratio, title)
        beside: dict[str, Any] = {
            "transform": ax.get_yaxis_transform(),
            "ha": "right",
            "va": "center",
            "fontsize": letters,
        }
        for k, at in enumerate(heights):
            ax.text(-0.02, at, shortened(data.study[k], _LONGEST_NAME), **beside)
            _write_row(ax, data.beta[k], data.lower[k], data.upper[k], at, odds_ratio, letters)
    return ax


def _left(data: ForestData, letters: float) -> float:
    longest = max(max(len(shortened(name, _LONGEST_NAME)) for name in data.study) * letters, 16.5 * 12)
    return 0.25 + longest * 0.58 / 72


def _draw_studies(ax: Axes, data: ForestData, heights: Any, letters: float) -> None:
    size = data.n if np.isfinite(data.n).all() else data.weight
    largest = _LARGEST_BOX * min(1.0, letters / 11.0)
    ax.hlines(heights, data.lower, data.upper, color=INK, linewidth=1.1, zorder=2)
    ax.scatter(
        data.beta, heights, s=largest**2 * size / size.max(), marker="s", color=DARK_CHROMOSOME, linewidth=0, zorder=3
    )


def _draw_diamond(ax: Axes, summary: Summary, at: float, colour: str) -> None:
    x = [summary.lower, summary.beta, summary.upper, summary.beta]
    ax.fill(x, [at, at + 0.36, at, at - 0.36], color=colour, linewidth=0, zorder=3)


def _write_row(
    ax: Axes, beta: float, lower: float, upper: float, at: float, odds_ratio: bool, letters: float, bold: bool = False
) -> None:
    shown = np.exp([beta, lower, upper]) if odds_ratio else [beta, lower, upper]
    text = f"{_number(shown[0])}  [{_number(shown[1])}, {_number(shown[2])}]"
    ax.text(1.02, at, text, transform=ax.get_yaxis_transform(), va="center", fontsize=letters,
            fontweight="bold" if bold else "normal")  # fmt: skip


def _number(value: float) -> str:
    return (f"{value:.3f}" if abs(value) < 10 else f"{value:.3g}").replace("-", "−")


def _finish(ax: Axes, data: ForestData, effect: str, odds_ratio: bool, title: str | None) -> None:
    low, high = min(float(data.lower.min()), 0.0), max(float(data.upper.max()), 0.0)
    low, high = _calmed(data, low, high)
    margin = 0.05 * (high - low)
    ax.set_xlim(low - margin, high + margin)
    ax.set_ylim(-0.8, len(data.study) + 3.4)
    ax.axhline(2.2, color=FAINT, linewidth=0.9)
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    if odds_ratio:
        ticks = _odds_ratio_ticks(low, high)
        ax.set_xticks(np.log(ticks), [f"{tick:g}" for tick in ticks])
        ax.set_xlabel("odds ratio" if effect == "effect" else effect)
    else:
        ticks = round_ticks(low, high, 6)
        ax.set_xticks(ticks, [f"{tick:g}".replace("-", "−") for tick in ticks])
        ax.set_xlabel(effect)
    ax.set_title(title or "")
    ax.annotate(forest_statistics(data), (0, 0), xycoords="axes fraction", xytext=(0, -46), textcoords="offset points",
                va="top", fontsize=10.5, color=INK, annotation_clip=False)  # fmt: skip
    ax.text(1.02, len(data.study) + 2.75, "odds ratio [95 % CI]" if odds_ratio else "effect [95 % CI]",
            transform=ax.get_yaxis_transform(), va="center", fontsize=10.5, color=LINE)  # fmt: skip


def _calmed(data: ForestData, low: float, high: float) -> tuple[float, float]:
    """Keep a few very wide intervals from flattening all others: they run out of the picture."""
    half_widths = (data.upper - data.lower) / 2
    widest = 4 * float(np.median(half_widths))
    inner_low = min(float(np.min(data.beta - np.minimum(half_widths, widest))), 0.0)
    inner_high = max(float(np.max(data.beta + np.minimum(half_widths, widest))), 0.0)
    return max(low, inner_low), min(high, inner_high)


def _odds_ratio_ticks(low: float, high: float) -> Any:
    candidates = round_ticks(float(np.exp(low)), float(np.exp(high)), 5)
    return candidates[candidates > 0]


def forest_statistics(data: ForestData) -> str:
    """Return the tests and the heterogeneity in two lines."""
    tests = f"fixed effects {_p_value(data.fixed.neg_log_10_p_value)}"
    if data.degrees_of_freedom == 0:
        return f"{tests}\none study: no heterogeneity to test"
    return (
        f"{tests}      random effects {_p_value(data.random.neg_log_10_p_value)}\n"
        f"Q = {data.q:.2f}, df = {data.degrees_of_freedom}, {_p_value(data.q_neg_log_10_p_value)}      "
        f"I² = {data.i_squared:.1f} %      τ² = {data.tau_squared:.3g}"
    )


def _p_value(neg_log_10: float) -> str:
    if neg_log_10 < 3:
        return f"p = {10.0**-neg_log_10:.2g}"
    power = -math.ceil(neg_log_10)
    return f"p = {10.0 ** (-neg_log_10 - power):.1f} × {power_of_ten(power)}"
