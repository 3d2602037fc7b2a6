"""Pictures that need more than a table: the studies again, or a whole analysis."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from gwasmeta.errors import GwasmetaError
from gwasmeta.meta.analyze import as_studies
from gwasmeta.meta.options import MetaOptions
from gwasmeta.meta.study_effects import StudyEffects, read_study_effects
from gwasmeta.meta.study_frequencies import matched_frequencies
from gwasmeta.plots.data.forest import forest_data
from gwasmeta.plots.data.study_quality import (
    Boxes,
    attrition_data,
    frequency_data,
    inflation_n_data,
    standard_error_n_data,
)
from gwasmeta.plots.data.traits import max_fdr_surface_data
from gwasmeta.plots.drawing import quality as draw
from gwasmeta.plots.drawing.forest import forest
from gwasmeta.plots.drawing.style import canvas_of, figure_of, new_axes, new_panels, styled
from gwasmeta.plots.drawing.traits import max_fdr_surface
from gwasmeta.plots.study_values import StudyValues, read_study_values
from gwasmeta.stats.max_fdr import plan_max_fdr
from gwasmeta.sumstats.study import Study

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from gwasmeta.meta.result import MetaResult
    from gwasmeta.plots.data.points import FloatArray
    from gwasmeta.sumstats.study import StudySource

    Studies = Iterable[Study | StudySource] | Mapping[str, Study | StudySource]

_P_Z_SIDE = 2.6  # inches
_P_Z_IN_A_ROW = 4
_MOST_P_Z = 24
_SURFACE_INTERVALS = 50


def forest_of(
    source: MetaResult | Studies,
    variant: str,
    *,
    ax: Axes | None = None,
    title: str | None = None,
    odds_ratio: bool = False,
    progress: Any = None,
) -> Axes:
    """Draw the forest plot of one variant, reading its effects in the studies again.

    Parameters
    ----------
    source : MetaResult, or studies as for `gwasmeta.meta_analyze`
        Of a result: aligned to its alleles, with its genomic control and its estimator of tau².
    variant : str
        As in the table's `variant_id`.
    ax : Axes, optional
        Where to draw; a new figure if not given.
    title : str, optional
        The variant and its effect allele if not given.
    odds_ratio : bool
        Whether the effects are logarithms of odds ratios, to be shown as these.
    progress : callable, optional

    Returns
    -------
    Axes

    Raises
    ------
    GwasmetaError
        If no study has the variant, or one cannot be read again.
    """
    from gwasmeta.meta.result import MetaResult

    if isinstance(source, MetaResult):
        effects, options = source.study_effects([variant], progress), source.options
    else:
        options = MetaOptions()
        effects = read_study_effects(as_studies(source, ()), [variant], options=options, progress=progress)
    return draw_forest(effects, 0, options, ax=ax, title=title, odds_ratio=odds_ratio)


def draw_forest(
    effects: StudyEffects,
    row: int,
    options: MetaOptions,
    *,
    ax: Axes | None = None,
    title: str | None = None,
    odds_ratio: bool = False,
) -> Axes:
    """Draw the forest plot of one of several variants whose effects have been read."""
    data = forest_data(
        effects.studies,
        effects.beta[row],
        effects.standard_error[row],
        effects.n[row],
        tau_squared=options.tau_squared,
        hartung_knapp=options.hartung_knapp,
    )
    allele = effects.effect_allele[row]
    heading = f"{effects.variants[row]}, allele {allele}" if allele else effects.variants[row]
    return forest(data, ax=ax, title=heading if title is None else title, odds_ratio=odds_ratio)


def frequencies_of(
    study: Study | StudySource,
    reference: Study | StudySource | MetaResult,
    *,
    ax: Axes | None = None,
    tolerance: float = 0.2,
    title: str | None = None,
    progress: Any = None,
) -> Axes:
    """Draw a study's allele frequencies against those of the meta-analysis, or of another study.

    Parameters
    ----------
    study : path, frame or Study
    reference : MetaResult, path, frame or Study
        Variants are matched by id, frequencies turned to the same allele.
    ax : Axes, optional
        Where to draw; a new figure if not given.
    tolerance : float
        Variants whose frequencies differ by more are marked.
    title : str, optional
        The study's name if not given.
    progress : callable, optional

    Returns
    -------
    Axes

    Raises
    ------
    GwasmetaError
        If one has no frequencies, or they have no variant in common.
    """
    (own,) = as_studies([study], ())
    (other,) = as_studies([getattr(reference, "table", reference)], ())
    label = "the meta-analysis" if hasattr(reference, "table") else other.label
    x, y = matched_frequencies(replace(other, name="reference"), replace(own, name="study"), progress)
    ax = ax or new_axes(5.6, 5.6)
    data = frequency_data(y, x, tolerance=tolerance, canvas=canvas_of(ax))
    return draw.frequencies(data, ax=ax, title=own.label if title is None else title, reference=label)


def quality(studies: Studies, *, title: str | None = None, progress: Any = None) -> Figure:
    """Draw the checks of studies in one figure: SE-N, lambda-N, effect sizes, rows used, and P-Z of each study.

    Parameters
    ----------
    studies : as for `gwasmeta.meta_analyze`
        Each is read once.
    title : str, optional
    progress : callable, optional
        Called when a study has been read; see `gwasmeta.meta.engine.ProgressCallback`.

    Returns
    -------
    Figure

    Raises
    ------
    GwasmetaError
        If a study cannot be read or gives no effects with standard errors.

    References
    ----------
    Winkler et al. (2014), Nature Protocols 9:1192 (EasyQC).
    """
    chosen = as_studies(studies, ())
    axes, p_z_axes = _quality_axes([study.label for study in chosen], bool(title))
    values: list[StudyValues] = []
    rows = 0
    for number, study in enumerate(chosen):
        panel = p_z_axes[number] if number < len(p_z_axes) else axes[0]
        values.append(read_study_values(study, canvas_of(panel, 4.5)))
        rows += values[-1].rows_used + sum(values[-1].excluded_by.values())
        if progress is not None:
            progress(study.label, number + 1, len(chosen), rows)
    _draw_quality(axes, values)
    for panel, one in zip(p_z_axes, values, strict=False):
        _draw_p_z(panel, one)
    figure = figure_of(axes[0])
    if title:
        with styled():
            top = 1 - 0.15 / figure.get_figheight()
            figure.suptitle(title, fontsize=16, fontweight="bold", x=0.04, y=top, ha="left")
    return figure


def _quality_axes(names: Sequence[str], titled: bool) -> tuple[list[Axes], list[Axes]]:
    """Lay out two scatter plots, two bar charts below them, and rows of P-Z plots."""
    n_studies = len(names)
    shown = min(n_studies, _MOST_P_Z)
    beside_bars = draw.room_for_names(names)
    p_z_rows = math.ceil(shown / _P_Z_IN_A_ROW)
    bars = max(1.2, 0.34 * n_studies) if n_studies <= 60 else 0.12 * n_studies
    cell = _P_Z_SIDE + 0.95
    bottom = 0.15 + p_z_rows * cell
    height = bottom + (0.9 + bars + 1.2) + (0.8 + 3.9 + 0.5) + 0.5 * titled
    low, high = bottom + 0.9, bottom + 0.9 + bars + 1.2 + 0.8
    panels = [
        (0.95, high, 5.4, 3.9),
        (7.7, high, 5.4, 3.9),
        (beside_bars, low, 6.35 - beside_bars, bars),
        (6.75 + beside_bars, low, 6.35 - beside_bars, bars),
    ]
    for k in range(shown):
        row, column = divmod(k, _P_Z_IN_A_ROW)
        panels.append((0.95 + column * 3.3, bottom - 0.4 - row * cell - _P_Z_SIDE, _P_Z_SIDE - 0.3, _P_Z_SIDE - 0.3))
    axes = new_panels(13.6, height, panels)
    return axes[:4], axes[4:]


def _draw_quality(axes: list[Axes], values: list[StudyValues]) -> None:
    names = [one.name for one in values]
    n = [one.n for one in values]
    errors, constants = [one.median_standard_error for one in values], [one.constant for one in values]
    boxes = Boxes(tuple(names), np.array([one.effect_quantiles for one in values]))
    counts = attrition_data(names, [one.rows_used for one in values], [one.excluded_by for one in values])
    with _excused(axes[0], "Standard errors and sample sizes") as heading:
        draw.standard_error_n(standard_error_n_data(names, errors, constants, n), ax=axes[0], title=heading)
    with _excused(axes[1], "Genomic inflation and sample sizes") as heading:
        factors = [one.inflation_factor for one in values]
        draw.inflation_n(inflation_n_data(names, factors, n), ax=axes[1], title=heading)
    draw.effect_sizes(boxes, ax=axes[2], title="Effect sizes")
    draw.attrition(counts, ax=axes[3], title="Rows")


@contextmanager
def _excused(ax: Axes, heading: str) -> Iterator[str]:
    """Say in the picture's place why it cannot be drawn: one picture less is no reason to show none."""
    try:
        yield heading
    except GwasmetaError as error:
        _say(ax, f"{heading}\n\n{error}")


def _draw_p_z(ax: Axes, values: StudyValues) -> None:
    if values.p_z is None:
        _say(ax, f"{values.name}\n\nreports no p-values")
        return
    draw.p_z(values.p_z, ax=ax, title=values.name)
    with styled():
        ax.set_title(values.name, fontsize=12)
        ax.set_xlabel(ax.get_xlabel(), fontsize=10)
        ax.set_ylabel(ax.get_ylabel(), fontsize=10)


def _say(ax: Axes, text: str) -> None:
    ax.set_axis_off()
    with styled():
        ax.text(0.5, 0.5, text, transform=ax.transAxes, ha="center", va="center", wrap=True)


def max_fdr_surface_of(
    names: Sequence[str],
    omega: FloatArray,
    sigma: FloatArray,
    mean_n: FloatArray,
    trait: str,
    other: str,
    *,
    title: str | None = None,
) -> Axes:
    """Draw the largest false discovery rate of a trait over its own and another trait's share of causal SNPs.

    Parameters
    ----------
    names : sequence of str
        Of the traits of an analysis.
    omega, sigma : float64 arrays, shape (n_traits, n_traits)
    mean_n : float64 array, shape (n_traits,)
    trait, other : str
        Two of them. The rates are those of an analysis of these two alone.
    title : str, optional

    Returns
    -------
    Axes

    Raises
    ------
    GwasmetaError
        If there is no such trait, or no probabilities are possible.
    """
    for name in (trait, other):
        if name not in names:
            raise GwasmetaError(f"trait {name!r}: there is none of this name; the traits are {', '.join(names)}")
    pair = [list(names).index(trait), list(names).index(other)]
    if pair[0] == pair[1]:
        raise GwasmetaError(f"trait {trait!r}: is given twice; the picture needs two traits")
    square = np.ix_(pair, pair)
    plan = plan_max_fdr(omega[square], sigma[square], mean_n[pair], intervals=_SURFACE_INTERVALS, p_significant=5e-8)
    points: list[tuple[Any, Any]] = []
    plan.run(on_points=lambda probability, fdr: points.append((probability.copy(), fdr.copy())))
    data = max_fdr_surface_data(
        (trait, other),
        plan.mixture.states,
        np.concatenate([probability for probability, _ in points]),
        np.concatenate([fdr for _, fdr in points]),
        intervals=plan.grid_intervals,
    )
    return max_fdr_surface(data, title=title)
