"""The columns of GWAMA's ROOT.out."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np
import numpy.typing as npt

from gwasmeta.compat.gwama_map import MarkerMap
from gwasmeta.compat.gwama_options import GwamaOptions
from gwasmeta.meta.columns import Column
from gwasmeta.meta.formats import Format, OutputColumn
from gwasmeta.stats.normal import neg_log_10_p_value
from gwasmeta.stats.sex_differences import sex_differentiated, sex_heterogeneity
from gwasmeta.sumstats.table_text import Fixed, GwamaPValue, Significant
from gwasmeta.sumstats.words import Words

FloatArray = npt.NDArray[np.float64]

_CONFIDENCE_FACTOR = 1.96
_SIX, _COUNT, _P_VALUE = Fixed(6), Significant(15), GwamaPValue()
_MISSING = "-9"
_SEXES = ("male", "female")


def output_format(options: GwamaOptions, marker_map: MarkerMap | None, factors: Mapping[str, float]) -> Format:
    """Return the shape of ROOT.out.

    Parameters
    ----------
    factors : dict of str to float
        What -gco divides the chi-squared statistics of the "fixed" effects and of each sex by, where it is above 1,
        for the p-values; z and errors stay as they are.
    """
    columns = _columns(options, with_places=marker_map is not None)
    applied = {name: max(1.0, factors.get(name, 1.0)) for name in ("fixed", *_SEXES)}
    required = frozenset(column.source for column in columns)
    return Format("gwama", columns, _MISSING, required, derive=partial(_derived, options, marker_map, applied))


def _columns(options: GwamaOptions, *, with_places: bool) -> tuple[OutputColumn, ...]:
    columns = [
        OutputColumn("rs_number", "variant_id"),
        OutputColumn("reference_allele", "effect_allele"),
        OutputColumn("other_allele", "other_allele"),
        *_effect_columns("", options.quantitative),
        OutputColumn("_-log10_p-value", "neg_log_10_p_value", _SIX),
        OutputColumn("q_statistic", "cochran_q", _SIX),
        OutputColumn("q_p-value", "cochran_q_neg_log_10_p_value", _P_VALUE),
        OutputColumn("i2", "i_squared", _SIX, scale=0.01),
        *_count_columns(""),
        OutputColumn("effects", "direction"),
    ]
    if with_places:
        columns = [OutputColumn("chromosome", "chromosome"), OutputColumn("position", "position", _COUNT), *columns]
    if options.by_sex:
        for sex in _SEXES:
            columns += [*_effect_columns(f"{sex}_", options.quantitative), *_count_columns(f"{sex}_")]
        columns += [
            OutputColumn("gender_differentiated_p-value", "sex_differentiated_neg_log_10_p_value", _P_VALUE),
            OutputColumn("gender_heterogeneity_p-value", "sex_heterogeneity_neg_log_10_p_value", _P_VALUE),
        ]
    return tuple(columns)


def _effect_columns(prefix: str, quantitative: bool) -> list[OutputColumn]:
    """Return frequency, effect, z and p-value of the whole (no prefix) or of a sex."""
    effects = ("beta", "se", "beta_95L", "beta_95U") if quantitative else ("OR", "OR_se", "OR_95L", "OR_95U")
    sources = {"beta": "beta", "se": "standard_error"}
    return [
        OutputColumn(f"{prefix}eaf", f"{prefix}effect_allele_frequency", _SIX),
        *(OutputColumn(prefix + header, prefix + sources.get(header, header), _SIX) for header in effects),
        OutputColumn(f"{prefix}z", f"{prefix}z", _SIX),
        OutputColumn(f"{prefix}p-value", f"{prefix}neg_log_10_p_value", _P_VALUE),
    ]


def _count_columns(prefix: str) -> list[OutputColumn]:
    return [
        OutputColumn(f"{prefix}n_studies", f"{prefix}n_studies", _COUNT),
        OutputColumn(f"{prefix}n_samples", f"{prefix}n", _COUNT),
    ]


def _derived(
    options: GwamaOptions, marker_map: MarkerMap | None, applied: Mapping[str, float], values: Mapping[str, Column]
) -> dict[str, Column]:
    """Return what ROOT.out has beside, or in place of, the columns of the result."""
    derived: dict[str, Column] = dict(_effects(values, "", options, applied["fixed"]))
    derived["i_squared"] = np.where(_numbers(values, "n_studies") == 1, 0.0, _numbers(values, "i_squared"))
    if options.by_sex:
        derived |= _sex_columns(values, options, applied)
    markers = values["variant_id"]
    assert isinstance(markers, Words)
    if options.no_alleles:
        unknown = Words.of(["N"]).take(np.zeros(len(markers), dtype=np.int64))
        derived |= {"effect_allele": unknown, "other_allele": unknown}
    if marker_map is not None:
        derived["chromosome"], derived["position"] = marker_map.places(markers)
    return derived


def _effects(values: Mapping[str, Column], prefix: str, options: GwamaOptions, applied: float) -> dict[str, FloatArray]:
    """Return limits, odds ratios and, if it is corrected, the p-value of the whole (no prefix) or of a sex."""
    beta, error, z = (_numbers(values, prefix + name) for name in ("beta", "standard_error", "z"))
    lower, upper = beta - _CONFIDENCE_FACTOR * error, beta + _CONFIDENCE_FACTOR * error
    if options.quantitative:
        derived = {"beta_95L": lower, "beta_95U": upper}
    else:
        with np.errstate(over="ignore", invalid="ignore"):
            odds_ratio, odds_ratio_lower, odds_ratio_upper = np.exp(beta), np.exp(lower), np.exp(upper)
            odds_ratio_error = (odds_ratio - odds_ratio_lower) / _CONFIDENCE_FACTOR
        derived = {
            "OR": odds_ratio,
            "OR_se": odds_ratio_error,
            "OR_95L": odds_ratio_lower,
            "OR_95U": odds_ratio_upper,
        }
    if applied > 1:
        derived["neg_log_10_p_value"] = neg_log_10_p_value(z / np.sqrt(applied))
    return {prefix + name: column for name, column in derived.items()}


def _sex_columns(
    values: Mapping[str, Column], options: GwamaOptions, applied: Mapping[str, float]
) -> dict[str, FloatArray]:
    """Return what differs from the columns that the engine has of each sex, and the tests if -gco changes them."""
    derived: dict[str, FloatArray] = {}
    n_incomplete = np.isnan(_numbers(values, "n")) if "n" in values else np.True_
    for sex in _SEXES:
        derived |= _effects(values, f"{sex}_", options, applied[sex])
        n_studies = _numbers(values, f"{sex}_n_studies")
        derived[f"{sex}_n_studies"] = np.where(n_studies > 0, n_studies, np.nan)
        derived[f"{sex}_n"] = np.where(n_incomplete | (n_studies == 0), np.nan, _numbers(values, f"{sex}_n"))
    z, beta, error = ([_numbers(values, f"{sex}_{name}") for sex in _SEXES] for name in ("z", "beta", "standard_error"))
    scale = [np.sqrt(applied[sex]) for sex in _SEXES]
    derived["sex_differentiated_neg_log_10_p_value"] = sex_differentiated(z[0] / scale[0], z[1] / scale[1])
    derived["sex_heterogeneity_neg_log_10_p_value"] = sex_heterogeneity(
        beta[0], error[0] * scale[0], beta[1], error[1] * scale[1]
    )
    return derived


def _numbers(values: Mapping[str, Column], name: str) -> FloatArray:
    column = values[name]
    assert not isinstance(column, Words)
    return column
