"""What R calls for pictures: the points, axes and words that ggplot2 draws, computed as for Python's own pictures."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from gwasmeta.cli.progress import LinePerStudy
from gwasmeta.errors import GwasmetaError
from gwasmeta.interop.messages import Say
from gwasmeta.interop.r_studies import study_of
from gwasmeta.meta.result import MetaResult
from gwasmeta.multitrait.result import MtagResult
from gwasmeta.plots.data.broken_axis import PeakAxis
from gwasmeta.plots.data.canvas import Canvas
from gwasmeta.plots.data.forest import ForestData, forest_data
from gwasmeta.plots.data.genome import GenomeAxis, genome_axis
from gwasmeta.plots.data.manhattan import ManhattanData, manhattan_data
from gwasmeta.plots.data.quantiles import qq_data, qq_series_data
from gwasmeta.plots.data.strata import frequency_strata
from gwasmeta.plots.data.study_quality import attrition_data, inflation_n_data, standard_error_n_data
from gwasmeta.plots.drawing.forest import forest_statistics
from gwasmeta.plots.drawing.numbers import p_value_text
from gwasmeta.plots.sources import Associations, associations
from gwasmeta.plots.study_values import StudyValues, read_study_values

_POINT = 6.7  # pixels at 150 a inch: 3.2 points, as Python draws them
_WIDE, _HALF = Canvas(1695, 570, marker=_POINT), Canvas(1695, 510, marker=_POINT)
_SQUARE = Canvas(772, 727)
_LABELLED = 30


def manhattan(_say: Say, source: Any, method: str | None, **options: Any) -> dict[str, Any]:
    """Return what a Manhattan plot is drawn from."""
    table = associations(_source(source), method=method)
    return _manhattan(table, None, _WIDE, options)


def miami(
    _say: Say, upper: Any, lower: Any, methods: Sequence[str | None] | None, names: Sequence[str] | None, **options: Any
) -> dict[str, Any]:
    """Return what both halves of a Miami plot are drawn from."""
    sources = [_source(upper), _source(lower)]
    tables = [associations(one, method=method) for one, method in zip(sources, methods or (None, None), strict=True)]
    axis = genome_axis(*((table.chromosomes, table.position) for table in tables))
    halves = [_manhattan(table, axis, _HALF, options) for table in tables]
    shown = names or [table.label for table in tables]
    return {"halves": [half | {"name": name} for half, name in zip(halves, shown, strict=True)]}


def qq(_say: Say, source: Any, method: str | None, by_frequency: bool, break_axis: bool) -> dict[str, Any]:
    """Return what a QQ plot is drawn from; several named sources give one series each."""
    if isinstance(source, list):
        series = {}
        for one in map(_source, source):
            table = associations(one, method=method)
            series[getattr(one, "name", None) or table.label] = table.neg_log_10_p_value
        data = qq_series_data(series, canvas=_SQUARE, break_axis=break_axis)
    else:
        table = associations(
            _source(source), method=method, columns=["effect_allele_frequency"] if by_frequency else []
        )
        strata = None
        if by_frequency:
            strata = frequency_strata(table.number("effect_allele_frequency", "a QQ plot by classes of it"))
        data = qq_data(table.neg_log_10_p_value, strata=strata, canvas=_SQUARE, break_axis=break_axis)
    drawn = data.y_axis.drawn
    diagonal = np.linspace(0, data.x_limit, 50)
    return {
        "points": pd.DataFrame({"x": data.x, "y": data.y, "y_drawn": drawn(data.y), "stratum": data.stratum}),
        "series": pd.DataFrame({"name": data.names, "n": data.n, "inflation_factor": data.inflation_factor}),
        "band": pd.DataFrame({"x": data.band_x, "lower": drawn(data.band_lower), "upper": drawn(data.band_upper)}),
        "diagonal": pd.DataFrame({"x": diagonal, "y": drawn(diagonal)}),
        "x_limit": data.x_limit,
        "y_axis": _heights(data.y_axis),
    }


def forest(
    _say: Say,
    result: MetaResult | None,
    variant: str | None,
    study: Sequence[str] | None,
    beta: Sequence[float] | None,
    standard_error: Sequence[float] | None,
    n: Sequence[float] | None,
    tau_squared: str,
) -> dict[str, Any]:
    """Return what a forest plot is drawn from: of a result's variant, or of effects."""
    if result is None:
        if study is None or beta is None or standard_error is None:
            raise GwasmetaError("a forest plot needs a result and a variant, or studies with effects and errors")
        return _forest(forest_data(study, beta, standard_error, n, tau_squared=tau_squared)) | {"title": ""}  # type: ignore[arg-type]
    if variant is None:
        raise GwasmetaError("a forest plot is of one variant: say which")
    effects = result.study_effects([variant], None)
    options = result.options
    data = forest_data(
        effects.studies,
        effects.beta[0],
        effects.standard_error[0],
        effects.n[0],
        tau_squared=options.tau_squared,
        hartung_knapp=options.hartung_knapp,
    )
    allele = effects.effect_allele[0]
    return _forest(data) | {"title": f"{variant}, allele {allele}" if allele else variant}


def quality(say: Say, studies: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return what the checks of studies are drawn from; each is read once."""
    chosen = [study_of(study) for study in studies]
    progress = LinePerStudy(say)
    values, rows = [], 0
    for number, study in enumerate(chosen, start=1):
        values.append(read_study_values(study, Canvas(345, 345, marker=9.4)))
        rows += values[-1].rows_used + sum(values[-1].excluded_by.values())
        progress(study.label, number, len(chosen), rows)
    names, n = [one.name for one in values], [one.n for one in values]
    attrition = attrition_data(names, [one.rows_used for one in values], [one.excluded_by for one in values])
    quantiles = pd.DataFrame(
        [one.effect_quantiles for one in values], columns=["low", "first", "middle", "third", "high"]
    )
    return {
        "standard_error_n": _points_or_reason(
            lambda: standard_error_n_data(
                names, [one.median_standard_error for one in values], [one.constant for one in values], n
            )
        ),
        "inflation_n": _points_or_reason(lambda: inflation_n_data(names, [one.inflation_factor for one in values], n)),
        "effect_sizes": quantiles.assign(study=names),
        "attrition": pd.DataFrame({"study": attrition.study, "rule": attrition.rule, "count": attrition.count}),
        **_reported_p_values(values),
    }


def trait_of(_say: Say, result: MtagResult, trait: str) -> Any:
    """Return one trait of a multi-trait analysis, to be drawn."""
    return result.traits[trait]


def _source(given: Any) -> Any:
    """Make a study of what R says of one; results are taken as they are."""
    return study_of(given) if isinstance(given, Mapping) else given


def _manhattan(
    table: Associations, axis: GenomeAxis | None, canvas: Canvas, options: Mapping[str, Any]
) -> dict[str, Any]:
    if not table.chromosomes.names:
        raise GwasmetaError(f"{table.label}: has no chromosomes and positions, and the picture is along the genome")
    data = manhattan_data(
        table.chromosomes, table.position, table.neg_log_10_p_value, canvas=canvas, axis=axis, **options
    )
    lead = slice(0, _LABELLED)
    names = [table.name_of(int(row)) for row in data.lead_row[lead]]
    heights = data.y_axis.drawn(data.lead_y[lead])
    return {
        "points": pd.DataFrame(
            {"x": data.x, "y": data.y, "y_drawn": data.y_drawn, "chromosome": data.chromosome, "row": data.row}
        ),
        "chromosomes": pd.DataFrame({"name": data.axis.names, "tick": data.axis.ticks}),
        "begin": data.axis.begin,
        "end": data.axis.end,
        "y_axis": _heights(data.y_axis),
        "lines": _lines(data),
        "leads": pd.DataFrame({"x": data.lead_x[lead], "y_drawn": heights, "name": names}),
        "n_variants": data.n_variants,
        "n_left_out": data.n_left_out,
    }


def _lines(data: ManhattanData) -> pd.DataFrame:
    heights = {"significance": data.significance, "suggestive": data.suggestive}
    kept = {name: height for name, height in heights.items() if math.isfinite(height)}
    return pd.DataFrame(
        {
            "line": [*kept],
            "y_drawn": [float(data.y_axis.drawn(height)) for height in kept.values()],
            "text": [p_value_text(10.0**-height) for height in kept.values()],
        }
    ).astype({"line": "str", "y_drawn": "float64", "text": "str"})


def _heights(axis: PeakAxis) -> dict[str, Any]:
    return {
        "limit": axis.limit,
        "break_at": axis.break_at if axis.broken else None,
        "ticks": pd.DataFrame({"value": axis.ticks, "drawn": axis.ticks_drawn}),
    }


def _forest(data: ForestData) -> dict[str, Any]:
    summaries = {"fixed effects": data.fixed, "random effects": data.random}
    return {
        "studies": pd.DataFrame(data.columns()),
        "summaries": pd.DataFrame(
            [
                {"name": name, **{field: getattr(one, field) for field in ("beta", "lower", "upper")}}
                | {"neg_log_10_p_value": one.neg_log_10_p_value}
                for name, one in summaries.items()
            ]
        ),
        "q": data.q,
        "q_neg_log_10_p_value": data.q_neg_log_10_p_value,
        "degrees_of_freedom": data.degrees_of_freedom,
        "i_squared": data.i_squared,
        "tau_squared": data.tau_squared,
        "statistics": forest_statistics(data),
    }


def _reported_p_values(values: Sequence[StudyValues]) -> dict[str, Any]:
    """Return the points of the studies that report p-values, and what is written beside each study's."""
    reported = [(one.name, one.p_z) for one in values if one.p_z is not None]
    points = [pd.DataFrame({"study": name, "x": p_z.x, "y": p_z.y, "differs": p_z.marked}) for name, p_z in reported]
    return {
        "p_z": pd.concat(points, ignore_index=True) if points else pd.DataFrame({"study": []}),
        "p_z_notes": pd.DataFrame(
            {
                "study": [name for name, _ in reported],
                "text": [
                    f"r = {p_z.correlation:.4f}\n{p_z.n_marked:,} of {p_z.n_variants:,} differ" for _, p_z in reported
                ],
            }
        ),
    }


def _points_or_reason(points_of: Any) -> Any:
    """Return points, or why there are none: one picture less is no reason to show none."""
    try:
        points = points_of()
    except GwasmetaError as error:
        return str(error)
    return pd.DataFrame({"study": points.study, "x": points.x, "y": points.y, "outlying": points.outlying})
