"""The pictures of the report, section by section."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np

from gwasmeta.plots.data.comparisons import scatter_data
from gwasmeta.plots.data.study_quality import Boxes, attrition_data, inflation_n_data
from gwasmeta.plots.drawing import quality
from gwasmeta.plots.drawing.comparison import draw_scatter, heterogeneity
from gwasmeta.plots.drawing.manhattan import manhattan
from gwasmeta.plots.drawing.qq import qq
from gwasmeta.plots.drawing.style import LINE, MINUS_LOG_10_P, canvas_of, new_axes, styled
from gwasmeta.plots.study_values import StudyValues
from gwasmeta.report.numbers import method_words
from gwasmeta.report.pictures import Picture, dots, drawn_or_excused, lines
from gwasmeta.report.scans import Scan
from gwasmeta.report.studies import StudyLine, standard_error_points
from gwasmeta.stats.normal import neg_log_10_p_value

_MOST_P_Z = 24
_SIDE = 5.6  # inches of a square picture


def manhattan_picture(scan: Scan, excuses: list[str]) -> Picture | None:
    """Draw the Manhattan plot that is printed."""
    alt = f"Manhattan plot of {scan.n_variants:,} variants; the lead variants are named."
    return next(drawn_or_excused(lambda: dots(manhattan(scan.table), alt), excuses), None)


def inflation_pictures(scan: Scan, excuses: list[str]) -> list[Picture]:
    """Draw the QQ plot, and one by allele frequency where it is known."""
    pictures = [*drawn_or_excused(lambda: dots(qq(scan.table), "QQ plot of the p-values.", "All variants"), excuses)]
    frequency = scan.table.numbers.get("effect_allele_frequency")
    if frequency is not None and np.isfinite(frequency).any():
        alt = "QQ plot of the p-values by minor allele frequency."
        pictures += drawn_or_excused(
            lambda: dots(qq(scan.table, by="frequency"), alt, "By minor allele frequency"), excuses
        )
    return pictures


def heterogeneity_pictures(scan: Scan, main_method: str, excuses: list[str]) -> list[Picture]:
    """Draw I² against p, and the p-values of the methods against each other."""
    pictures: list[Picture] = []
    spread = scan.table.numbers.get("i_squared")
    if spread is not None and np.isfinite(spread).any():
        alt = "I squared of each variant against its p-value."
        pictures += drawn_or_excused(lambda: dots(heterogeneity(scan.table), alt, "Heterogeneity"), excuses)
    for column, heights in scan.table.numbers.items():
        if column.endswith("_neg_log_10_p_value"):
            method = method_words(column.removesuffix("_neg_log_10_p_value"))
            draw = partial(_methods, scan, heights, main_method, method)
            pictures += drawn_or_excused(draw, excuses)
    return pictures


def mtag_picture(scan: Scan, excuses: list[str]) -> list[Picture]:
    """Draw MTAG's p-values of a trait against those of its own study."""
    study_z = scan.table.numbers.get("study_z")
    if study_z is None:
        return []
    return [*drawn_or_excused(lambda: _methods(scan, neg_log_10_p_value(study_z), "MTAG", "GWAS"), excuses)]


def _methods(scan: Scan, other: np.ndarray, main_name: str, other_name: str) -> Picture:
    heights = scan.table.neg_log_10_p_value
    top = 1.04 * max(float(np.nanmax(values[np.isfinite(values)], initial=8.0)) for values in (heights, other))
    ax = new_axes(_SIDE, _SIDE, top=0.3)
    with styled():
        data = scatter_data(heights, other, x_limits=(0.0, top), y_limits=(0.0, top), canvas=canvas_of(ax))
        draw_scatter(ax, data)
        ax.axline((0, 0), slope=1, color=LINE, linewidth=0.9, linestyle=(0, (4, 3)), zorder=0.8)
        ax.set_xlabel(f"{MINUS_LOG_10_P}, {main_name}")
        ax.set_ylabel(f"{MINUS_LOG_10_P}, {other_name}")
    alt = f"p-values by {other_name} against those by {main_name}, one point a variant."
    return dots(ax, alt, f"{main_name[0].upper()}{main_name[1:]} and {other_name}")


def attrition_picture(studies: Sequence[StudyLine], excuses: list[str]) -> list[Picture]:
    """Draw what became of each study's rows."""
    names = [line.name for line in studies]
    used = [int(line.told["rows_used"]) for line in studies]
    excluded = [line.told["excluded_by"] for line in studies]
    alt = "For each study, rows used and rows excluded by each rule."
    return [*drawn_or_excused(lambda: lines(quality.attrition(attrition_data(names, used, excluded)), alt), excuses)]


def study_pictures(values: Sequence[StudyValues], excuses: list[str]) -> list[Picture]:
    """Draw the checks of the studies against each other."""
    names = [one.name for one in values]
    pictures: list[Picture] = []
    points = standard_error_points(values)
    if points is not None:
        alt = "Standard errors of the studies against the root of their sample sizes."
        caption = "Standard errors and sample sizes (SE-N)"
        pictures += drawn_or_excused(lambda: lines(quality.standard_error_n(points), alt, caption), excuses)

    def inflation() -> Picture:
        data = inflation_n_data(names, [one.inflation_factor for one in values], [one.n for one in values])
        alt = "Genomic inflation factors of the studies against their sample sizes."
        return lines(quality.inflation_n(data), alt, "Inflation and sample sizes (λ-N)")

    def sizes() -> Picture:
        boxes = Boxes(tuple(names), np.array([one.effect_quantiles for one in values]))
        return lines(quality.effect_sizes(boxes), "Distributions of the studies' effects.", "Effect sizes")

    for draw in (inflation, sizes) if values else ():
        pictures += drawn_or_excused(draw, excuses)
    return pictures


def p_z_pictures(values: Sequence[StudyValues], excuses: list[str]) -> list[Picture]:
    """Draw each study's reported p-values against those of its effects."""
    pictures: list[Picture] = []
    for one in values[:_MOST_P_Z]:
        if one.p_z is not None:
            pictures += drawn_or_excused(partial(_p_z, one), excuses)
    return pictures


def _p_z(values: StudyValues) -> Picture:
    assert values.p_z is not None
    ax = new_axes(4.2, 4.2, top=0.2)
    alt = f"Reported p-values of {values.name} against computed ones."
    return dots(quality.p_z(values.p_z, ax=ax), alt, values.name)
