"""GWAMA on the glucose studies and on its own samples: no row is faulty, so every cell has to agree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from golden_comparison import assert_no_difference, describe
from golden_files import gwama_input_files, read_gwama, read_words
from golden_gwama import (
    compare_with_gwama,
    gwama_inflation_factor_of_result,
    gwama_neg_log_10_p_value,
    reported_inflation_factor_of_result,
    reported_inflation_factors,
)
from scipy.stats import norm

import gwasmeta.stats.genomic_control
from gwasmeta import Study, meta_analyze
from gwasmeta.meta.result import MetaResult

RANDOM: Mapping[str, Any] = {"methods": ("random", "fixed")}  # fixed, to bound the rounding errors of GWAMA's Q
GENOMIC_CONTROL: Mapping[str, Any] = {"genomic_control": True}
N_GLUCOSE = 2495
_SAMPLES = {"variant_id": "SNP", "effect_allele": "EFFECT_ALLELE", "other_allele": "NON_EFFECT_ALLELE"}


@dataclass(frozen=True)
class Run:
    """One run of GWAMA, and how to repeat it.

    Attributes
    ----------
    name : str
    options : dict
        Of `meta_analyze`.
    fixed_twin : str
        For random effects: the run whose rows stand for variants of a single study, for which GWAMA makes up a
        between-study variance from rounding errors.
    corrected : bool
        -gco, which corrects the p-values of the result by a factor that we take by GWAMA's rule.
    columns : dict
        Of `Study`.
    variants : int
    """

    name: str
    options: Mapping[str, Any] = field(default_factory=dict)
    fixed_twin: str = ""
    corrected: bool = False
    columns: Mapping[str, str] = field(default_factory=dict)
    variants: int = N_GLUCOSE


RUNS = (
    Run("qt"),
    Run("qt_numeric"),
    Run("qt_order"),
    Run("qt_map"),
    Run("qt_r", RANDOM, "qt"),
    Run("qt_gc", GENOMIC_CONTROL),
    Run("qt_r_gc", {**RANDOM, **GENOMIC_CONTROL}, "qt_gc"),
    Run("qt_gco", corrected=True),
    Run("qt_gc_gco_r", {**RANDOM, **GENOMIC_CONTROL}, "qt_gc", corrected=True),
    Run("qt_filter", {"filters": "info >= 0.9"}, variants=2069),
    Run("samples_fixed", columns=_SAMPLES, variants=12),
    Run("samples_random", RANDOM, "samples_fixed", columns=_SAMPLES, variants=12),
    # All factors are below 1, so nothing may be corrected.
    Run("samples_gc_gco", {**GENOMIC_CONTROL, "genomic_control_result": True}, columns=_SAMPLES, variants=12),
)


@pytest.fixture(autouse=True)
def median_as_gwama_rounds_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seven digits of the median of chi-squared would show in the seventh digit of everything corrected by it."""
    monkeypatch.setattr(gwasmeta.stats.genomic_control, "CHI_SQUARED_1_MEDIAN", 0.4549364)


@pytest.mark.parametrize("run", RUNS, ids=lambda run: run.name)
def test_every_cell_agrees(run: Run, golden_meta: Path) -> None:
    folder = golden_meta / "runs" / "real_gwama" / run.name
    table = _run(folder, run.columns, run.options).table
    theirs = read_gwama(folder)
    if run.fixed_twin:
        single = theirs["n_studies"] == "1"
        theirs[single] = read_gwama(folder.parent / run.fixed_twin)[single]
    factor = 1.0
    if run.corrected:
        factor = gwama_inflation_factor_of_result(table["fixed_z" if "fixed_z" in table else "z"])
        assert f"{factor:.6g}" == reported_inflation_factor_of_result(folder)
    assert_no_difference(compare_with_gwama(table, theirs, factor), run.variants)
    assert table["variant_id"].tolist() == theirs.index.tolist()


def test_direction_of_significant_studies_agrees(golden_meta: Path) -> None:
    folder = golden_meta / "runs" / "real_gwama" / "qt_t05"
    table = _run(folder, {}, {"direction_p": 0.05}).table
    differences = compare_with_gwama(table, read_gwama(folder)).differences
    # GWAMA's approximate p-value is above 0.05 where the exact one is not.
    crossing = set()
    for path in gwama_input_files(folder):
        rows = read_words(path)
        effect, error = rows["BETA"].astype(float), rows["SE"].astype(float)
        z = np.abs(effect / error)
        crossing |= set(
            rows.loc[(gwama_neg_log_10_p_value(z) >= -np.log10(0.05)) != (2 * norm.sf(z) <= 0.05), "MARKERNAME"]
        )
    assert crossing == {"rs17540154"}
    assert differences[["variant", "column"]].to_numpy().tolist() == [["rs17540154", "effects"]], describe(differences)


def test_inflation_factors_of_the_studies_agree(golden_meta: Path) -> None:
    folder = golden_meta / "runs" / "real_gwama" / "qt_gc"
    studies = _run(folder, {}, GENOMIC_CONTROL).studies
    ours = zip(studies["inflation_factor"], studies["inflation_factor_imputed"], strict=True)
    reported = [(genotyped, imputed) for (genotyped, _), (imputed, _) in reported_inflation_factors(folder)]
    assert [(f"{genotyped:.4f}", f"{imputed:.4f}") for genotyped, imputed in ours] == reported


def _run(folder: Path, columns: Mapping[str, str], options: Mapping[str, Any]) -> MetaResult:
    return meta_analyze(
        [Study(path, dialect="gwama", columns=columns) for path in gwama_input_files(folder)], **options
    )
