"""METAL's result files: the table (.TBL) and the description of its columns (.TBL.info)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gwasmeta.compat.metal_alleles import exchanged, turned_alleles
from gwasmeta.compat.metal_settings import Analysis, Settings
from gwasmeta.meta.columns import Column, decimal_of_single
from gwasmeta.meta.formats import Format, OutputColumn
from gwasmeta.sumstats.table_text import Fixed, General, MetalPValue, NumberStyle, PValue, Significant
from gwasmeta.sumstats.words import Words

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class _Described:
    """A column of the table, and its line in the description: METAL calls some of them otherwise there."""

    column: OutputColumn
    name: str
    meaning: str


def _described(header: str, source: str, style: NumberStyle, meaning: str, name: str = "") -> _Described:
    return _Described(OutputColumn(header, source, style), name or header, meaning)


_WHOLE = Significant(15)
_PLACES = (
    _described("Chromosome", "chromosome", _WHOLE, "chromosome name"),
    _described("Position", "base_pair_location", _WHOLE, "chromosomal position"),
)
_MARKER = (
    _described("MarkerName", "variant_id", _WHOLE, "this is the marker name", name="Marker"),
    _described("Allele1", "allele_1", _WHOLE, "the allele that effects, directions and frequencies are of"),
    _described("Allele2", "allele_2", _WHOLE, "the other allele"),
)
_AVERAGE = (
    _described("Freq1", "freq_1", Fixed(4), "weighted average of frequency for allele 1 across all studies"),
    _described(
        "FreqSE",
        "effect_allele_frequency_sd",
        Fixed(4),
        "corresponding standard error for allele frequency estimate",
    ),
)
_EXTREMES = (
    _described("MinFreq", "min_freq", Fixed(4), "minimum frequency for allele 1 across all studies"),
    _described("MaxFreq", "max_freq", Fixed(4), "maximum frequency for allele 1 across all studies"),
)
_Z = (
    _described(
        "Weight",
        "weight",
        Fixed(2),
        "the sum of the individual study weights (typically, N) for this marker",
    ),
    _described("Zscore", "z", Fixed(3), "the combined z-statistic for this marker", name="Z-score"),
)
_OVERLAP = (_described("N", "overlap_n", Fixed(2), "sample size corrected for overlap between studies"),)
_P_VALUE = (_described("P-value", "neg_log_10_p_value", MetalPValue(), "meta-analysis p-value"),)
_LOG_P_VALUE = (_described("log(P)", "log_10_p_value", Fixed(2), "log of meta-analysis p-value"),)
_DIRECTION = (
    _described(
        "Direction",
        "direction",
        _WHOLE,
        "summary of effect direction for each study, with one '+' or '-' per study",
    ),
)
_HETEROGENEITY = (
    _described(
        "HetISq",
        "i_squared",
        Fixed(1),
        "I^2 statistic which measures heterogeneity on scale of 0-100%",
    ),
    _described(
        "HetChiSq",
        "cochran_q",
        Fixed(3),
        "chi-squared statistic in simple test of heterogeneity",
    ),
    _described(
        "HetDf",
        "degrees_of_freedom",
        _WHOLE,
        "degrees of freedom for heterogeneity statistic",
        name="df",
    ),
)
_HET_P = (
    _described(
        "HetPVal",
        "cochran_q_neg_log_10_p_value",
        PValue(4),
        "P-value for heterogeneity statistic",
    ),
)
_LOG_HET_P = (
    _described(
        "logHetP",
        "cochran_q_log_10_p_value",
        General(4),
        "log of p-value for heterogeneity statistic",
    ),
)


def _effects(settings: Settings) -> tuple[_Described, ...]:
    return (
        _described(
            "Effect",
            "beta",
            Fixed(settings.effect_precision),
            "overall estimated effect size for allele1",
        ),
        _described(
            "StdErr",
            "standard_error",
            Fixed(settings.standard_error_precision),
            "overall standard error for effect size estimate",
        ),
    )


def _random_effects(settings: Settings) -> tuple[_Described, ...]:
    """Return what the forks of METAL add: additive random effects."""
    return (
        _described(
            "EffectARE",
            "random_beta",
            Fixed(settings.effect_precision),
            "random-effects estimate (DerSimonian-Laird)",
        ),
        _described(
            "StdErrARE",
            "random_standard_error",
            Fixed(settings.standard_error_precision),
            "standard error of random-effects estimate",
        ),
        _described("PvalueARE", "random_log_10_p_value", Fixed(2), "log of random-effects p-value")
        if settings.log_p_value
        else _described("PvalueARE", "random_neg_log_10_p_value", MetalPValue(), "random-effects p-value"),
        _described("tausq", "tau_squared", Significant(6), "estimated variance of the effect between studies"),
    )


def _columns(settings: Settings, analysis: Analysis) -> tuple[_Described, ...]:
    """Return the columns of the table in METAL's order."""
    columns = (_PLACES if settings.track_positions else ()) + _MARKER
    columns += _AVERAGE if settings.average_frequencies else ()
    columns += _EXTREMES if settings.extreme_frequencies else ()
    columns += _effects(settings) if settings.scheme == "STDERR" else _Z
    columns += _OVERLAP if settings.overlap else ()
    columns += (_LOG_P_VALUE if settings.log_p_value else _P_VALUE) + _DIRECTION
    if analysis != "plain":
        columns += _HETEROGENEITY + (_LOG_HET_P if settings.log_p_value else _HET_P)
    if analysis == "random":
        columns += _random_effects(settings)
    return columns


def metal_format(settings: Settings, analysis: Analysis, *, has_alleles: bool) -> Format:
    """Return the shape of the table; without alleles, their columns are empty."""
    columns = [described.column for described in _columns(settings, analysis)]
    columns += [OutputColumn(name, f"custom:{name}", _WHOLE) for name, _ in settings.custom]
    return Format(
        "METAL",
        tuple(columns),
        missing="NA" if has_alleles else "",
        derive=_derived if has_alleles else _derived_without_alleles,
    )


def metal_description(settings: Settings, analysis: Analysis, table: str, files: Sequence[str]) -> str:
    """Return the text that describes the columns of a table, and names the files that are in it."""
    described = [f"# {column.name:<11} - {column.meaning}" for column in _columns(settings, analysis)]
    custom = [f"# {name:<9} - custom variable {number}" for number, (name, _) in enumerate(settings.custom, start=1)]
    inputs = [f"# --> Input File {number} : {path}" for number, path in enumerate(files, start=1)]
    return "\n".join(
        (
            "# This file contains a short description of the columns in the",
            f"# meta-analysis summary file, named '{table}'",
            "",
            *described,
            *custom,
            "",
            "# Input for this meta-analysis was stored in the files:",
            *inputs,
            "",
            "",
        )
    )


def _derived(values: Mapping[str, Column]) -> dict[str, Column]:
    """Turn everything to the allele that METAL prints first."""
    effect, other, direction = (values[name] for name in ("effect_allele", "other_allele", "direction"))
    assert isinstance(effect, Words)
    assert isinstance(other, Words)
    assert isinstance(direction, Words)
    turned = turned_alleles(effect, other)
    allele_1, allele_2 = exchanged(effect.lower_case(), other.lower_case(), turned)
    derived: dict[str, Column] = {
        "allele_1": allele_1,
        "allele_2": allele_2,
        "direction": _opposite(direction, turned),
    }
    sign = np.where(turned, -1.0, 1.0)
    for name in ("beta", "z", "random_beta"):
        if name in values:
            derived[name] = _numbers(values[name]) * sign
    return derived | _frequencies(values, turned) | _in_metals_terms(values)


def _derived_without_alleles(values: Mapping[str, Column]) -> dict[str, Column]:
    n_rows = len(values["variant_id"])
    empty = Words.of([""] * n_rows)
    nothing_turned = np.zeros(n_rows, dtype=np.bool_)
    return {"allele_1": empty, "allele_2": empty} | _frequencies(values, nothing_turned) | _in_metals_terms(values)


def _frequencies(values: Mapping[str, Column], turned: BoolArray) -> dict[str, Column]:
    if "effect_allele_frequency" not in values:
        return {name: np.full(len(turned), np.nan) for name in ("freq_1", "min_freq", "max_freq")}
    mean = _numbers(values["effect_allele_frequency"])
    extremes = (_numbers(values[f"effect_allele_frequency_{end}"]) for end in ("min", "max"))
    low, high = map(decimal_of_single, extremes)  # as METAL has them: its printed digits are rounded from doubles
    return {
        "freq_1": np.where(turned, 1 - mean, mean),
        "min_freq": np.where(turned, 1 - high, low),
        "max_freq": np.where(turned, 1 - low, high),
    }


def _in_metals_terms(values: Mapping[str, Column]) -> dict[str, Column]:
    """METAL has logarithms without a minus, and no word for what a single study cannot tell: its I-squared is 0."""
    logarithms = {name: 0.0 - _numbers(values[name]) for name in values if name.endswith("neg_log_10_p_value")}
    return {
        **{name.replace("neg_log", "log"): logarithm for name, logarithm in logarithms.items()},
        "i_squared": np.nan_to_num(_numbers(values["i_squared"])),
        "degrees_of_freedom": _numbers(values["n_studies"]) - 1,
    }


_OPPOSITE = np.arange(256, dtype=np.uint8)
_OPPOSITE[[ord("+"), ord("-")]] = ord("-"), ord("+")


def _opposite(directions: Words, turned: BoolArray) -> Words:
    """Exchange + and - in some of the words, which are all of the same length."""
    width = int(directions.lengths[0]) if len(directions) else 0
    symbols = directions.data[directions.starts[:, np.newaxis] + np.arange(width)]
    symbols[turned] = _OPPOSITE[symbols[turned]]
    starts = np.arange(len(directions), dtype=np.int32) * np.int32(width)
    return Words(symbols.reshape(-1), starts, directions.lengths)


def _numbers(column: Column) -> FloatArray:
    assert not isinstance(column, Words)
    return column
