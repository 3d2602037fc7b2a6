"""METAL's example of three glucose studies, read from METAL's own input files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

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
    variants : int
        In the result.
    not_compared : tuple of str
    by_p_value : bool
        SCHEME SAMPLESIZE
    differing : int
        Variants that differ there because of an effect of 0.
    """

    name: str
    options: dict[str, Any] = field(default_factory=dict)
    genomic_control: bool | float = False
    n: tuple[float, ...] = ()
    without_n: bool = False
    filters: tuple[tuple[str, ...], ...] = ((), (), ())
    variants: int = N_VARIANTS
    not_compared: tuple[str, ...] = ()
    by_p_value: bool = False
    differing: int = 57


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
SAMPLE_SIZE_RUNS = tuple(
    replace(run, by_p_value=True)
    for run in (
        Run("ss"),
        Run("ss_het"),
        Run("ss_freq"),
        Run("ss_track"),
        Run("ss_gc", genomic_control=True),
        Run("ss_gc_het", genomic_control=True),
        Run("ss_gc_freq", genomic_control=True),
        Run("minweight", {"min_n": 5000}, variants=2281),
        Run("default_weight", n=(1000, 2000, 500)),
        Run("filter_in_verbose", {"filters": "variant_id in ['rs10830963', 'rs563694']"}, variants=2, differing=0),
    )
)


@pytest.mark.parametrize("run", EFFECT_RUNS, ids=lambda run: run.name)
def test_effects_agree(run: Run, golden_meta: Path) -> None:
    theirs = read_metal(golden_meta / "runs" / "real_metal" / run.name)
    rows = [read_study(golden_meta / "data_real" / name, _dialect(run, name)) for name in FILES]
    studies = _with_what_files_lack(run, theirs, rows, golden_meta, _studies(run, golden_meta))
    table = meta_analyze(studies, methods="fixed", **run.options).table
    assert_no_difference(compare_with_metal(table, theirs, run.not_compared), run.variants)


@pytest.mark.parametrize("run", SAMPLE_SIZE_RUNS, ids=lambda run: run.name)
@pytest.mark.parametrize("taken_away", [False, True], ids=["as_given", "without_effects_of_0"])
def test_sample_size_weighted_z_agrees(run: Run, taken_away: bool, golden_meta: Path, tmp_path: Path) -> None:
    theirs = read_metal(golden_meta / "runs" / "real_metal" / run.name)
    rows = [read_study(golden_meta / "data_real" / name, _dialect(run, name)) for name in FILES]
    studies = _studies(run, golden_meta)
    if taken_away:
        rows = [without_reasons(study, (UP_WITHOUT_EFFECT,)) for study in rows]
        studies = [write_study(study, tmp_path / f"{place}.txt") for place, study in enumerate(rows)]
    studies = _with_what_files_lack(run, theirs, rows, golden_meta, studies)
    table = meta_analyze(studies, methods="sample_size", **run.options).table
    comparison = compare_with_metal(table, theirs, run.not_compared)
    counts = explained_counts(comparison.differences, rows, [(UP_WITHOUT_EFFECT,)] * len(rows))
    assert counts == ({} if taken_away or not run.differing else {UP_WITHOUT_EFFECT.name: run.differing})
    assert len(comparison.variants) == run.variants


def _columns(run: Run, name: str) -> dict[str, str]:
    """Return gwasmeta's column -> METAL's label."""
    return {column: word for column, word in FILES[name].items() if column != "n" or not (run.n or run.without_n)}


def _dialect(run: Run, name: str) -> Dialect:
    words = {word: column for column, word in _columns(run, name).items()}
    words.pop("SE" if run.by_p_value else FILES[name]["p_value"])  # of the two, what METAL's scheme reads
    return Dialect("metal_labels", name, words, signature=(), source="")


def _studies(run: Run, golden_meta: Path) -> list[Study]:
    return [
        Study(golden_meta / "data_real" / name, columns=_columns(run, name), filters=filters)
        for name, filters in zip(FILES, run.filters, strict=True)
    ]


def _with_what_files_lack(
    run: Run, theirs: pd.DataFrame, rows: Sequence[pd.DataFrame], golden_meta: Path, studies: Sequence[Study]
) -> list[Study]:
    """Add sample sizes and genomic-control factors."""
    sizes = run.n or (None, None, None if run.without_n else SARDINIA_N)
    factors: Sequence[float | None] = [None] * len(studies)
    if run.genomic_control is True:
        accepted = [accepted_chi_squared(study, theirs, place) for place, study in enumerate(rows)]
        by_rule = [metal_inflation_factor(values) for values in accepted]
        reported = metal_inflation_factors(golden_meta / "runs" / "real_metal" / run.name)
        assert [round(factor, 3) for factor in by_rule] == reported
        factors = by_rule
    elif run.genomic_control:
        factors = [float(run.genomic_control)] * len(studies)
    return [
        replace(study, n=n, inflation_factor=factor) for study, n, factor in zip(studies, sizes, factors, strict=True)
    ]
