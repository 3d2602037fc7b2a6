"""Pictures of a multi-trait analysis."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import ArrayLike

from gwasmeta.plots.data.traits import GainData, MaxFdrSurfaceData, matrix_data
from gwasmeta.plots.drawing.style import BLUE, DIVERGING, INK, LINE, ORANGE, figure_of, new_axes, new_panels, styled

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MOST_WRITTEN: Final = 20  # traits; beyond, cells are too small for numbers
_LETTER: Final = 0.095  # inches, at 12 points


def correlation_map(
    names: Sequence[str], matrix: ArrayLike, *, title: str | None = None, what: str = "genetic correlation"
) -> Axes:
    """Draw a heat map of correlations.

    Parameters
    ----------
    names : sequence of str
    matrix : array_like, shape (n_names, n_names)
    title : str, optional
    what : str
        What the colours stand for.

    Returns
    -------
    Axes
    """
    data = matrix_data(names, matrix)
    n = len(names)
    margin = 0.35 + _LETTER * max(map(len, names))
    side = max(3.0, min(0.75 * n, 9.0))
    top = 0.6 if title else 0.3
    width, height = margin + side + 1.5, side + margin + top
    panels = [(margin, margin, side, side), (margin + side + 0.3, margin + 0.1 * side, 0.18, 0.8 * side)]
    ax, bar = new_panels(width, height, panels)
    with styled():
        values = data.value.reshape(n, n)
        drawn = ax.imshow(values, cmap=DIVERGING, vmin=-1, vmax=1)
        turned = 45 if max(map(len, names)) > 4 else 0
        ax.set_xticks(range(n), names, rotation=turned, ha="right" if turned else "center", rotation_mode="anchor")
        ax.set_yticks(range(n), names)
        ax.tick_params(length=0)
        ax.set_xticks(np.arange(n + 1) - 0.5, minor=True)
        ax.set_yticks(np.arange(n + 1) - 0.5, minor=True)
        ax.grid(which="minor", color="white", linewidth=1.5)
        ax.tick_params(which="minor", length=0)
        for spine in ax.spines.values():
            spine.set_visible(False)
        if n <= _MOST_WRITTEN:
            letters = min(12.0, 60 * side / n / 4.2)
            for row, column, value in zip(data.row, data.column, data.value, strict=True):
                if np.isfinite(value):
                    text = f"{value:.2f}".replace("-", "−")
                    colour = "white" if abs(value) > 0.6 else INK
                    ax.text(column, row, text, ha="center", va="center", fontsize=letters, color=colour)
        figure_of(ax).colorbar(drawn, cax=bar, label=what)
        bar.spines["outline"].set_visible(False)
        ax.set_title(title or "")
    return ax


def gain(data: GainData, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Draw each trait's mean chi-squared before and after, and the sample size that it is worth.

    Parameters
    ----------
    data : GainData
    ax : Axes, optional
        Where to draw; a new figure if not given.
    title : str, optional

    Returns
    -------
    Axes
    """
    n = len(data.trait)
    left = 0.4 + _LETTER * max(map(len, data.trait))
    ax = ax or new_axes(left + 7.6, 1.5 + 0.55 * n, left=left, right=2.7, top=0.8 if title else 0.55)
    with styled():
        rows = np.arange(n)[::-1]
        ax.hlines(rows, data.before, data.after, color="#B9C3CF", linewidth=3, zorder=1)
        ax.plot(data.before, rows, "o", color=BLUE, markersize=10, label="GWAS", zorder=2)
        ax.plot(data.after, rows, "o", color=ORANGE, markersize=10, label="MTAG", zorder=2)
        for row, size, worth in zip(rows, data.n, data.equivalent_n, strict=True):
            text = f"N {size:,.0f} → {worth:,.0f}" if np.isfinite(worth) else f"N {size:,.0f}"
            ax.text(1.03, row, text, transform=ax.get_yaxis_transform(), va="center", fontsize=11)
        ax.axvline(1, color=LINE, linewidth=0.9, linestyle=(0, (4, 3)), zorder=0.5)
        ax.set_yticks(rows, data.trait)
        ax.set_ylim(-0.6, n - 0.4)
        ax.margins(x=0.06)
        ax.set_xlabel("mean χ²")
        ax.legend(loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=2, handletextpad=0.1, borderaxespad=0.1)
        ax.set_title(title or "", pad=28)
    return ax


def max_fdr_surface(data: MaxFdrSurfaceData, *, title: str | None = None) -> Axes:
    """Draw the largest false discovery rate over two traits' shares of causal SNPs.

    Parameters
    ----------
    data : MaxFdrSurfaceData
    title : str, optional

    Returns
    -------
    Axes
    """
    ax, bar = new_panels(7.4, 5.6, [(0.95, 0.8, 4.8, 4.2), (6.0, 1.2, 0.18, 3.4)])
    with styled():
        step = data.x[1] - data.x[0] if len(data.x) > 1 else 1.0
        edges = data.x[0] - step / 2, data.x[-1] + step / 2, data.y[0] - step / 2, data.y[-1] + step / 2
        drawn = ax.imshow(data.fdr, origin="lower", extent=edges, aspect="auto", cmap="viridis", vmin=0)
        up, across = np.unravel_index(np.nanargmax(np.nan_to_num(data.fdr, nan=-1.0)), data.fdr.shape)
        ax.plot(data.x[across], data.y[up], "o", markersize=11, color="none", markeredgecolor=ORANGE, markeredgewidth=2)
        ax.set_xlabel(f"share of SNPs causal for {data.trait}")
        ax.set_ylabel(f"share causal for {data.other}")
        figure_of(ax).colorbar(drawn, cax=bar, label=f"largest FDR of {data.trait}")
        ax.set_title(title if title is not None else f"maxFDR of {data.trait}: {data.maximum:.3g}")
    return ax
