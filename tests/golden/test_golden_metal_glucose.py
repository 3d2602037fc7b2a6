"""METAL's example of three glucose studies, read from METAL's own input files."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import pandas as pd
import pytest
from golden_comparison import assert_no_difference
from golden_files import metal_inflation_factors, read_metal
from golden_metal import accepted_chi_squared, compare_with_metal, metal_inflation_factor
from golden_reasons import Reason, explained_counts, number, read_study, with_column, without_reasons, write_study

from gwasmeta import Study, meta_analyze
from gwasmeta.sumstats.dialects import Dialect

_PLACE = {"chromosome": "CHR", "base_pair_location": "POS", "variant_id": "SNP"}
_LONG_ALLELES = {"effect_allele": "EFFECT_ALLELE", "other_allele": "NON_EFFECT_ALLELE"}
FILES: dict[str, dict[str, str]] = {
    "DGI_three_regions.txt": _PLACE
    | _LONG_ALLELES
    | {"beta": "BETA", "standard_error": "SE", "p_value": "P_VAL", "n": "N"}
    | {"effect_allele_frequency": "EFFECT_ALLELE_FREQ"},
    "MAGIC_FUSION_Results.txt.gz": _PLACE
    | _LONG_ALLELES
    | {"beta": "BETA", "standard_error": "SE", "p_value": "PVALUE", "n": "N"}
    | {"effect_allele_frequency": "FREQ_EFFECT"},
    "magic_SARDINIA.tbl": _PLACE
    | {"effect_allele": "AL1", "other_allele": "AL2"}
    | {"beta": "EFFECT", "standard_error": "SE", "p_value": "PVALUE"}
    | {"effect_allele_frequency": "FREQ1"},
}
SARDINIA_N = 4106
N_VARIANTS = 2495

UP_WITHOUT_EFFECT = Reason(
    "up_without_effect",
    "METAL's sample-size scheme takes the p-value of an effect of 0, as rounded in the file, for one that goes up",
    lambda rows: number(rows, "beta") == 0,
    with_column("beta", lambda rows: "1"),
)


@dataclass(frozen=True)
class Run:
    """One run of METAL, and how to repeat it.

    Attributes
    ----------
    name : str
    options : dict
        Of `meta_analyze`.
    genomic_control : bool or float
        METAL's lambda has the upper median of an even number of values, ours the mean of the middle two; so METAL's,
        worked out by its rule, is given to each study. Or one value for all.
    n : tuple of float
        DEFAULTWEIGHT, instead of the columns with n.
    without_n : bool
        Read no n: METAL's STDERR scheme averages frequencies by 1/SE^2, which we do where a study lacks n.
    filters : tuple of tuple of str
        Of each study.
    """

    name: str
    options: dict[str, Any] = field(default_factory=dict)
    genomic_control: bool | float = False
    n: tuple[float, ...] = ()
    without_n: bool = False
    filters: tuple[tuple[str, ...], ...] = ((), (), ())
    variants: int = N_VARIANTS
    not_compared: tuple[str, ...] = ()


EFFECT_RUNS = (
    Run("se_hp"),
    Run("se_het_hp"),
    Run("se_freq_hp", without_n=True),
    Run("se_gc_hp", genomic_control=True),
    Run("se_gc_het_hp", genomic_control=True),
    # METAL weights frequencies by 1/SE^2 after genomic control, we before it.
    Run("se_track_het_freq_gc_hp", genomic_control=True, without_n=True, not_compared=("Freq1", "FreqSE")),
    Run("gc_value", genomic_control=1.1),
    Run("gc_value_lt1", genomic_control=0.5),
    Run("logpvalue"),
    Run("custom_total", not_compared=("TotalInfo", "PosSum")),
    Run("minweight_se"),
    Run(
        "filter_num",
        filters=(("r2hat >= 0.9", "EFFECT_ALLELE_FREQ > 0.1"), ("r2hat >= 0.9", "STRAND == '+'"), ("Rsq >= 0.9",)),
        variants=2037,
    ),
    Run(
        "filter_in_verbose_se",
        {"filters": "variant_id in ['rs10830963', 'rs563694']"},
        without_n=True,
        variants=2,
    ),
)
SAMPLE_SIZE_RUNS = (
    (Run("ss"), 57),
    (Run("ss_het"), 57),
    (Run("ss_freq"), 57),
    (Run("ss_track"), 57),
    (Run("ss_gc", genomic_control=True), 57),
    (Run("ss_gc_het", genomic_control=True), 57),
    (Run("ss_gc_freq", genomic_control=True), 57),
    (Run("minweight", {"min_n": 5000}, variants=2281), 57),
    (Run("default_weight", n=(1000, 2000, 500)), 57),
    (Run("filter_in_verbose", {"filters": "variant_id in ['rs10830963', 'rs563694']"}, variants=2), 0),
)


@pytest.mark.parametrize("run", EFFECT_RUNS, ids=lambda run: run.name)
def test_effects(run: Run, golden_meta: Path) -> None:
    theirs = read_metal(golden_meta / "runs" / "real_metal" / run.name)
    table = meta_analyze(_studies(run, golden_meta, needs_p=False), methods="fixed", **run.options).table
    assert_no_difference(compare_with_metal(table, theirs, run.not_compared), run.variants)


@pytest.mark.parametrize(("run", "differing"), SAMPLE_SIZE_RUNS, ids=lambda value: getattr(value, "name", ""))
def test_sample_sizes(run: Run, differing: int, golden_meta: Path) -> None:
    theirs = read_metal(golden_meta / "runs" / "real_metal" / run.name)
    table = meta_analyze(_studies(run, golden_meta, needs_p=True), methods="sample_size", **run.options).table
    comparison = compare_with_metal(table, theirs, run.not_compared)
    rows = [read_study(golden_meta / "data_real" / name, _dialect(name, needs_p=True)) for name in FILES]
    counts = explained_counts(comparison.differences, rows, [(UP_WITHOUT_EFFECT,)] * len(rows))
    assert counts == ({UP_WITHOUT_EFFECT.name: differing} if differing else {})
    assert len(comparison.variants) == run.variants


@pytest.mark.parametrize(("run", "differing"), SAMPLE_SIZE_RUNS, ids=lambda value: getattr(value, "name", ""))
def test_sample_sizes_where_no_effect_is_0(run: Run, differing: int, golden_meta: Path, tmp_path: Path) -> None:
    pass
