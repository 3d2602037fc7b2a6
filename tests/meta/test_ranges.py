"""An analysis in ranges of variants gives the table, log and sidecar of one in memory, byte by byte: the options."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gwasmeta import meta_analyze

from .ranges_comparison import (
    RANGE,
    assert_same_files,
    assert_same_in_ranges,
    both,
    n_variants_of,
    odd_study,
    odd_variants,
    streams,
    told_of,
    written,
)
from .study_tables import Columns, simulated_studies

pytestmark = pytest.mark.usefixtures("small_ranges")

N_VARIANTS = 200


def odd_studies(seed: int = 0, **of_last: Any) -> list[Columns]:
    """Return four studies that share most of their variants, each with its rows in another order."""
    rng = np.random.default_rng(seed)
    variants = odd_variants(rng, N_VARIANTS)
    return [
        odd_study(rng, variants[: N_VARIANTS // 2], order="same"),
        odd_study(rng, variants, order="reversed", has=("strand", "imputed")),
        odd_study(rng, variants[N_VARIANTS // 4 :], share=0.5, has=("imputed",), lacks=("effect_allele_frequency",)),
        odd_study(rng, variants, **({"build": 50, "lacks": ("n",)} | of_last)),
    ]


OPTIONS: dict[str, dict[str, Any]] = {
    "fixed": {},
    "genomic control": {"genomic_control": True},
    "genomic control of the result": {"genomic_control": True, "genomic_control_result": True},
    "genomic control by a list": {
        "genomic_control": True,
        "genomic_control_variants": [f"rs{k}" for k in range(0, N_VARIANTS, 3)],
    },
    "random": {"methods": "random"},
    "random by REML with Hartung-Knapp": {
        "methods": ("random", "fixed"),
        "tau_squared": "REML",
        "hartung_knapp": True,
    },
    "leave one out": {"leave_one_out": True, "genomic_control": True},
    "enough studies and samples": {"min_studies": 2, "min_n": 3000},
    "places that differ": {"position_conflicts": "exclude"},
    "no palindromic variants": {"palindromic": "drop"},
    "strands inferred": {"palindromic": "infer", "palindromic_window": 0.12, "genomic_control": True},
    "filters": {"filters": ("se < 0.25", "chromosome != 22")},
    "directions of small p-values": {"direction_p": 0.2, "frequency_difference": 0.05},
    "matrix of correlations": {"overlap": [[1, 0.1, 0.1, 0], [0.1, 1, 0.2, 0], [0.1, 0.2, 1, 0], [0, 0, 0, 1]]},
}


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
def test_options_with_odd_studies(options: dict[str, Any], tmp_path: Path) -> None:
    result = assert_same_in_ranges(streams(odd_studies()), tmp_path, **options)
    assert len(result.table) > 2 * RANGE
    if options.get("min_studies", 1) == 1:
        assert {"alleles_differ", "duplicate", "other_strand", "position_differs"} <= set(result.log["rule"])


SAMPLE_SIZE: dict[str, dict[str, Any]] = {
    "alone": {"methods": "sample_size", "genomic_control": True},
    "with the others": {"methods": ("sample_size", "random", "fixed"), "genomic_control": True, "direction_p": 0.3},
    "shared samples": {
        "methods": "sample_size",
        "overlap": [[9000, 100, 90, 0], [100, 9000, 80, 0], [90, 80, 9000, 0], [0, 0, 0, 9000]],
    },
}


@pytest.mark.parametrize("options", SAMPLE_SIZE.values(), ids=SAMPLE_SIZE)
def test_sample_sizes(options: dict[str, Any], tmp_path: Path) -> None:
    """Of cases and controls in one study, from the caller in another."""
    studies = odd_studies(has=("n_cases",), lacks=("n",))
    given = [None, None, 1500.0, None]
    studies[2].pop("n")
    result = assert_same_in_ranges(streams(studies, n=given), tmp_path, **options)
    assert {"n", "n_cases", "n_controls"} <= set(result.table.columns)


@pytest.mark.parametrize("methods", ["fixed", ("random", "fixed", "sample_size")])
@pytest.mark.parametrize("genomic_control_result", [False, True])
def test_sexes(methods: Any, genomic_control_result: bool, tmp_path: Path) -> None:
    sexes = ["male", "female", "female", "male"]
    result = assert_same_in_ranges(
        streams(odd_studies(lacks=()), sex=sexes),
        tmp_path,
        methods=methods,
        sex_differentiated=True,
        genomic_control=True,
        genomic_control_result=genomic_control_result,
    )
    assert result.table["sex_heterogeneity_p_value"].notna().any()


def test_given_inflation_factors(tmp_path: Path) -> None:
    factors = [1.3, None, 0.7, None]
    for options in ({}, {"genomic_control": True}, {"genomic_control": True, "methods": "sample_size"}):
        studies = streams(odd_studies(lacks=()), inflation_factor=factors)
        result = assert_same_in_ranges(studies, tmp_path, **options)
        assert result.studies["applied_inflation_factor"].tolist()[:3:2] == [1.3, 1.0]


def test_sums_of_some_studies(tmp_path: Path) -> None:
    studies = odd_studies(has=("sums",))
    sums = [{}, {}, {}, {"carriers": "carriers"}]
    result = assert_same_in_ranges(streams(studies, sums=sums), tmp_path)
    assert result.table["carriers"].gt(0).any()
    assert "sum_missing" in set(result.log["rule"])


def test_odds_ratios(tmp_path: Path) -> None:
    studies = odd_studies()
    for study in studies:
        study["odds_ratio"] = [repr(float(np.exp(float(b)))) if b != "NA" else b for b in study.pop("beta")]
    result = assert_same_in_ranges(streams(studies), tmp_path, leave_one_out=True, methods=("fixed", "random"))
    assert result.parameters()["studies"][0]["read_as"] != []
    assert_same_files(*both(streams(studies)), tmp_path, format="gwama")


@pytest.mark.parametrize("format", ["ssf", "gwama", "metal"])
def test_the_other_formats(format: str, tmp_path: Path) -> None:
    assert_same_files(*both(streams(odd_studies(lacks=()))), tmp_path, format)


def test_what_a_caller_looks_at(tmp_path: Path) -> None:
    in_memory, in_ranges = both(written(odd_studies(), tmp_path), genomic_control=True, methods=("random", "fixed"))
    for what in ("table", "studies", "log"):
        assert getattr(in_ranges, what).equals(getattr(in_memory, what)), what
    assert in_ranges.lead_variants().equals(in_memory.lead_variants())
    assert in_ranges.summary() == in_memory.summary()
    assert in_ranges.most_significant == in_memory.most_significant


# --- many studies, and statistics that depend on all variants -------------------------------------------------


def spread_studies(n_studies: int, n_variants: int = 500) -> list[Columns]:
    """Return studies whose variants overlap partly, in an order of their own each."""
    rng = np.random.default_rng(n_studies)
    studies = simulated_studies(rng, n_studies, n_variants, share=0.7)
    orders = [rng.permutation(len(study["beta"])) if k % 2 else None for k, study in enumerate(studies)]
    return [
        study if order is None else {name: [values[row] for row in order] for name, values in study.items()}
        for study, order in zip(studies, orders, strict=True)
    ]


@pytest.mark.parametrize("tau_squared", ["DL", "PM", "REML", "ML", "SJ", "HE", "HS", "EB"])
def test_random_effects_of_many_studies(tau_squared: Any, tmp_path: Path) -> None:
    studies = spread_studies(12, 150)
    options = {"methods": ("random", "fixed"), "tau_squared": tau_squared, "genomic_control": True}
    assert_same_in_ranges(studies, tmp_path, **options)


def test_seventy_studies_without_each_of_them(tmp_path: Path) -> None:
    """More than there are bits of direction in a word of 64."""
    assert_same_in_ranges(spread_studies(70, 60), tmp_path, leave_one_out=True)


@pytest.mark.parametrize("methods", ["fixed", "sample_size", ("sample_size", "fixed")])
def test_overlap_that_is_estimated(methods: Any, tmp_path: Path) -> None:
    options = {"methods": methods, "overlap": "estimated", "z_cutoff": 1.5, "genomic_control_result": True}
    result = assert_same_in_ranges(spread_studies(4, 700), tmp_path, **options)
    assert set(result.parameters()["correlations"]) == ({methods} if isinstance(methods, str) else {*methods})


@pytest.mark.parametrize(
    "options",
    [
        {"methods": ("random", "sample_size"), "hartung_knapp": True},
        {"methods": "random", "tau_squared": "PM"},
        {"overlap": [[1, 0.3, 0.1], [0.3, 1, 0.2], [0.1, 0.2, 1]], "methods": ("fixed", "sample_size")},
    ],
)
def test_the_inflation_of_the_result_is_that_before_its_correction(options: dict[str, Any], tmp_path: Path) -> None:
    studies = spread_studies(3, 200)
    for study in studies:
        study["beta"] = [2 * beta for beta in study["beta"]]
    in_memory, in_ranges = both(studies, genomic_control_result=True, **options)
    inflation = in_memory.parameters()["inflation_factors"]
    assert min(inflation.values()) > 1.05
    assert in_ranges.parameters()["inflation_factors"] == inflation
    assert_same_files(in_memory, in_ranges, tmp_path)


# --- how the work is cut ---------------------------------------------------------------------------------


def test_each_range_is_combined_once_and_told() -> None:
    studies = spread_studies(3, 200)
    n_ranges = -(-n_variants_of(studies) // RANGE)
    assert n_ranges > 5
    told = told_of(studies)
    expected = [f"combining, {done} of {n_ranges} ranges" for done in range(1, n_ranges + 1)]
    assert [line for line in told if "combining" in line] == expected
    assert len([line for line in told if "inflation" in line]) == n_ranges  # a look at what is left out
    of_z = told_of(studies, methods="sample_size")
    assert not [line for line in of_z if "inflation" in line]  # estimated on the way


@pytest.mark.parametrize("n_variants", [1, 15, 16, 17, 31, 32, 33, 64, 65])
def test_numbers_of_variants_around_those_of_ranges(n_variants: int, tmp_path: Path) -> None:
    studies = simulated_studies(np.random.default_rng(n_variants), 3, n_variants, share=0.6)
    assert_same_in_ranges(studies, tmp_path, methods=("random", "fixed", "sample_size"), genomic_control=True)


def test_studies_that_share_nothing(tmp_path: Path) -> None:
    studies = simulated_studies(np.random.default_rng(1), 3, 90)
    apart = [{name: values[30 * k : 30 * k + 30] for name, values in study.items()} for k, study in enumerate(studies)]
    result = assert_same_in_ranges(apart, tmp_path, genomic_control=True, leave_one_out=True)
    assert result.table["n_studies"].tolist() == [1] * 90


def test_a_result_without_variants(tmp_path: Path) -> None:
    studies = simulated_studies(np.random.default_rng(2), 3, 50)
    options: dict[str, Any] = {"min_studies": 4, "methods": ("random", "fixed"), "genomic_control_result": True}
    assert assert_same_in_ranges(studies, tmp_path, **options).table.empty


def test_without_cluster_or_memory_it_is_in_memory() -> None:
    """Or the comparisons above would be of one thing with itself."""
    told: list[str] = []
    meta_analyze(spread_studies(2, 50), progress=lambda what, *_: told.append(what))
    assert not [line for line in told if "ranges" in line]
