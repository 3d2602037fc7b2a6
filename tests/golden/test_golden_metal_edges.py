"""METAL on the synthetic studies with planted faults: what differs has a named reason, and is as counted here.

Each run is done twice: on the files as they are, and on rows from which the reasons were taken away. What then remains
are alleles that METAL takes for such and we do not, and its frequencies and weights of missing values.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
import pytest
from golden_files import metal_inflation_factors, metal_input_files, read_metal
from golden_metal import accepted_chi_squared, compare_with_metal, metal_inflation_factor
from golden_reasons import (
    BoolArray,
    Reason,
    allele_missing,
    alleles_identical,
    explained_counts,
    frequency_missing,
    n_missing,
    no_bases,
    no_rows,
    number,
    read_study,
    with_column,
    without_reasons,
    write_study,
)

from gwasmeta import Study, meta_analyze
from gwasmeta.meta.options import Method
from gwasmeta.sumstats.dialects import Dialect


def _dialect(name: str, more: Mapping[str, str]) -> Dialect:
    """Return what METAL was told to read; the strand only where it was told so, unlike GWAMA's dialect."""
    marker = {"MARKERNAME": "variant_id", "EA": "effect_allele", "NEA": "other_allele"}
    return Dialect(name, "as METAL reads it", marker | dict(more), signature=(), source="")


_FREQUENCY = {"EAF": "effect_allele_frequency"}
_N = {"N": "n"}
_EFFECT = {"BETA": "beta", "SE": "standard_error"}
EFFECTS = _dialect("effects", _EFFECT | _N)
EFFECTS_BY_STRAND = _dialect("effects_by_strand", _EFFECT | _N | {"STRAND": "strand"})
# METAL averages frequencies by 1/SE^2 in its STDERR scheme; we do so where a study lacks n.
EFFECTS_WITHOUT_N = _dialect("effects_without_n", _EFFECT | _FREQUENCY)
EFFECTS_TO_FILTER = _dialect("effects_to_filter", _EFFECT | _N | {"CHR": "chromosome", "IMPUTED": "imputed"})
P_VALUES = _dialect("p_values", {"BETA": "beta", "PVAL": "p_value"} | _N | _FREQUENCY)
P_VALUES_WITHOUT_N = _dialect("p_values_without_n", {"BETA": "beta", "PVAL": "p_value"})
ODDS_RATIOS = _dialect("odds_ratios", {"OR": "odds_ratio", "LOGSE": "standard_error"} | _N)
ODDS_RATIOS_AND_P = _dialect("odds_ratios_and_p", {"OR": "odds_ratio", "PVAL": "p_value"} | _N)
OVERLAPPING = Dialect(
    "overlapping",
    "ov*.txt",
    {"SNP": "variant_id", "A1": "effect_allele", "A2": "other_allele", "N": "n", "BETA": "beta", "P": "p_value"},
    signature=(),
    source="",
)

_FREQUENCIES = frozenset({"Freq1", "FreqSE", "MinFreq", "MaxFreq"})


def _effect_is_text(rows: pd.DataFrame) -> BoolArray:
    return np.isnan(number(rows, "beta")) if "beta" in rows else no_rows(rows)


def _has_no_direction(rows: pd.DataFrame) -> BoolArray:
    if "beta" in rows:
        return ~(np.abs(number(rows, "beta")) > 0)
    return np.asarray(number(rows, "odds_ratio") == 1)


def _with_direction(rows: pd.DataFrame) -> pd.DataFrame:
    """Write plainly which direction METAL sees: down where the word begins with a minus, up otherwise."""
    if "beta" in rows:
        return rows.assign(beta=np.where(rows["beta"].str.startswith("-"), "-1", "1"))
    return rows.assign(odds_ratio="2")


ALWAYS = (
    Reason(
        "marker_case",
        "RS1 and rs1 are one marker for METAL, two for us",
        lambda rows: (rows["variant_id"] != rows["variant_id"].str.lower()).to_numpy(),
        with_column("variant_id", lambda rows: rows["variant_id"].str.lower()),
    ),
    Reason("allele_missing", "NA and . are alleles for METAL", allele_missing),
    Reason("alleles_identical", "A/A is a pair of alleles for METAL", alleles_identical),
    Reason(
        "frequency_missing",
        "a frequency that is missing is 0 for METAL, and none is out of range",
        frequency_missing,
        columns=_FREQUENCIES,
    ),
)
EFFECT_IS_TEXT = Reason(
    "effect_is_text",
    "METAL reads an effect that is no number as 0; we leave the row out",
    _effect_is_text,
    with_column("beta", lambda rows: "0"),
)
NO_DIRECTION = Reason(
    "no_direction",
    "an effect that is 0 or no number goes up for METAL, or down if it begins with a minus",
    _has_no_direction,
    _with_direction,
)
HALF_COMPLEMENTED = Reason(
    "half_complemented",
    "of an indel on the other strand, METAL complements the allele of one base and not the longer one",
    lambda rows: (rows["strand"] == "-").to_numpy() & no_bases(rows) if "strand" in rows else no_rows(rows),
)
N_MISSING = Reason(
    "n_missing",
    "where the column has no positive n, METAL gives a row the weight 0 or a negative one",
    lambda rows: n_missing(rows) if "n" in rows else no_rows(rows),
)

Scheme = Literal["STDERR", "SAMPLESIZE"]


@dataclass(frozen=True)
class Run:
    """One run of METAL, and how to repeat it.

    Attributes
    ----------
    name, dialect, options
        Options are those of `meta_analyze`.
    differing : dict of str to int
        Variants that each reason makes differ on the files as they are.
    remaining : dict of str to int
        Those that are left when the reasons are taken away that can be.
    genomic_control : bool or float or "list"
        METAL's lambda is the upper median, over the rows that it accepts, or those of them that a list names; so it
        is given to each study. Or one value for all.
    n : tuple of float
        Of each study, for DEFAULTWEIGHT.
    """

    name: str
    dialect: Dialect
    differing: Mapping[str, int]
    remaining: Mapping[str, int]
    scheme: Scheme = "STDERR"
    options: Mapping[str, Any] = field(default_factory=dict)
    genomic_control: bool | float | Literal["list"] = False
    n: tuple[float, ...] = ()
    not_compared: tuple[str, ...] = ()

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """The reasons that can be at work."""
        if self.dialect is EFFECTS_BY_STRAND:
            return (*ALWAYS, EFFECT_IS_TEXT, HALF_COMPLEMENTED)
        return (*ALWAYS, EFFECT_IS_TEXT) if self.scheme == "STDERR" else (*ALWAYS, NO_DIRECTION, N_MISSING)


_N_PRESENT = {"filters": "n > 0"}
_SE_LEFT = {"allele_missing": 3, "alleles_identical": 1}
_SE = _SE_LEFT | {"effect_is_text": 44, "marker_case": 17}
_SS_LEFT = {"allele_missing": 3, "alleles_identical": 1}
_SS = {"allele_missing": 3, "alleles_identical": 2, "marker_case": 17, "no_direction": 66}
_B_LEFT = {"allele_missing": 7, "alleles_identical": 4}
_B_SE = _B_LEFT | {"marker_case": 13}
_B_SS = {"allele_missing": 8, "alleles_identical": 4, "marker_case": 13, "no_direction": 15}
_OTHER_ORDER = {"allele_missing": 5, "alleles_identical": 4}
_FREQUENCY_SE = {"allele_missing": 4, "frequency_missing": 79}
_FREQUENCY_SS = {"allele_missing": 5, "frequency_missing": 79, "n_missing": 48}
RUNS = (
    Run("se_hp_het", EFFECTS, _SE, _SE_LEFT),
    Run("se_order_hp", EFFECTS, _SE | _OTHER_ORDER, _SE_LEFT | _OTHER_ORDER),
    Run("se_strand_het", EFFECTS_BY_STRAND, _SE | {"half_complemented": 2}, _SE_LEFT | {"half_complemented": 2}),
    Run("se_freq_hp", EFFECTS_WITHOUT_N, _SE | _FREQUENCY_SE, _SE_LEFT | _FREQUENCY_SE),
    Run(
        "se_filter_eq",
        EFFECTS_TO_FILTER,
        {"effect_is_text": 1},
        {},
        options={"filters": ("chromosome == '7'", "imputed == 1")},
    ),
    Run("se_gc_hp_het", EFFECTS, _SE, _SE_LEFT, genomic_control=True),
    Run("se_gcvalue", EFFECTS, _SE, _SE_LEFT, genomic_control=1.2),
    Run("se_gclist", EFFECTS, _SE, _SE_LEFT, genomic_control="list"),
    Run("b_se_hp", ODDS_RATIOS, _B_SE, _B_LEFT),
    Run("b_se_gc_hp", ODDS_RATIOS, _B_SE, _B_LEFT, genomic_control=True, not_compared=tuple(sorted(_FREQUENCIES))),
    Run("ss_het", P_VALUES, _SS, _SS_LEFT, "SAMPLESIZE", _N_PRESENT),
    Run("ss_gc_het", P_VALUES, _SS, _SS_LEFT, "SAMPLESIZE", _N_PRESENT, genomic_control=True),
    Run("ss_freq", P_VALUES, _SS | _FREQUENCY_SS, _SS_LEFT | _FREQUENCY_SS, "SAMPLESIZE"),
    Run(
        "ss_minweight",
        P_VALUES,
        _SS | {"n_missing": 48, "no_direction": 65},
        _SS_LEFT | {"n_missing": 48},
        "SAMPLESIZE",
        {"min_n": 3000},
    ),
    Run(
        "ss_noN",
        P_VALUES_WITHOUT_N,
        {"allele_missing": 2, "alleles_identical": 1, "marker_case": 2, "no_direction": 26},
        {"allele_missing": 2, "alleles_identical": 1},
        "SAMPLESIZE",
        n=(100, 300),
    ),
    Run("b_ss", ODDS_RATIOS_AND_P, _B_SS | {"n_missing": 27}, _B_LEFT | {"n_missing": 27}, "SAMPLESIZE"),
    Run("b_ss_gc", ODDS_RATIOS_AND_P, _B_SS, _B_LEFT, "SAMPLESIZE", _N_PRESENT, genomic_control=True),
    Run("ov_off", OVERLAPPING, {}, {}, "SAMPLESIZE"),
)
every_run = pytest.mark.parametrize("run", RUNS, ids=lambda run: run.name)


@every_run
@pytest.mark.parametrize("taken_away", [False, True], ids=["as_given", "reasons_taken_away"])
def test_every_difference_has_a_named_reason(run: Run, taken_away: bool, golden_meta: Path, tmp_path: Path) -> None:
    folder = golden_meta / "runs" / "edge_metal" / run.name
    paths = metal_input_files(folder)
    rows = [read_study(path, run.dialect) for path in paths]
    cleaned = [without_reasons(study, run.reasons) for study in rows]
    factors = _inflation_factors(run, folder, cleaned)
    if taken_away:
        rows = cleaned
        studies = [write_study(study, tmp_path / f"{place}.txt") for place, study in enumerate(rows)]
    else:
        studies = [Study(path, dialect=run.dialect) for path in paths]
    studies = [
        replace(study, inflation_factor=factor, n=n)
        for study, factor, n in zip(studies, factors, run.n or [None] * len(studies), strict=True)
    ]
    table = meta_analyze(studies, methods=_method(run), **run.options).table
    comparison = compare_with_metal(table, read_metal(folder), run.not_compared)
    counts = explained_counts(comparison.differences, rows, [run.reasons] * len(rows))
    assert counts == (run.remaining if taken_away else run.differing)


def _method(run: Run) -> Method:
    return "fixed" if run.scheme == "STDERR" else "sample_size"


def _inflation_factors(run: Run, folder: Path, rows: Sequence[pd.DataFrame]) -> Sequence[float | None]:
    """Return METAL's lambda of each study, worked out by its rule and checked against what it reports."""
    if not run.genomic_control:
        return [None] * len(rows)
    if not isinstance(run.genomic_control, str | bool):
        return [run.genomic_control] * len(rows)
    theirs = read_metal(folder)
    chosen = None
    if run.genomic_control == "list":
        chosen = set((folder / "../../../data_edge/gclist.txt").read_text().split())
    accepted = [accepted_chi_squared(study, theirs, place, chosen) for place, study in enumerate(rows)]
    factors = [metal_inflation_factor(values) for values in accepted]
    assert [round(factor, 3) for factor in factors] == metal_inflation_factors(folder)
    return factors
