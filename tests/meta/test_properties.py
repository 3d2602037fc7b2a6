"""What must not change a result, and what must change it just so."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from gwasmeta import GwasmetaError, Study, effective_sample_size, fixed_effects, heterogeneity, meta_analyze, weighted_z
from gwasmeta.stats.between_study_variance import between_study_variance
from gwasmeta.stats.leave_one_out import leave_one_out
from gwasmeta.stats.random_effects import random_effects
from gwasmeta.stats.sample_size import weighted_z_heterogeneity

from .study_tables import (
    NOT_PALINDROMIC,
    Columns,
    as_gwama,
    as_metal,
    as_plink2,
    as_regenie,
    as_ssf,
    assert_same_table,
    by_id,
    complemented,
    gzipped,
    matrices,
    one_variant,
    oriented,
    rows_of,
    simulated_studies,
    study_sets,
    swapped,
    table_bytes,
)

few = settings(max_examples=15, deadline=None)
EVERYTHING: dict[str, Any] = {
    "methods": ("fixed", "random", "sample_size"),
    "leave_one_out": True,
    "genomic_control": True,
}
EFFECTS: dict[str, Any] = {"methods": ("fixed", "random"), "leave_one_out": True, "genomic_control": True}
SEVEN_DIGITS = 5e-7  # the engine keeps the extremes in single precision
FREQUENCIES = tuple(f"effect_allele_frequency{which}" for which in ("", "_sd", "_min", "_max"))


def named(studies: Sequence[Any]) -> dict[str, Any]:
    return {f"cohort{number}": study for number, study in enumerate(studies)}


# --- alleles and strands --------------------------------------------------------------------------------


@few
@given(study_sets(), st.data())
def test_which_allele_a_study_calls_the_effect_allele_is_irrelevant(
    studies: list[Columns], data: st.DataObject
) -> None:
    number = data.draw(st.integers(0, len(studies) - 1))
    rows = data.draw(st.sets(st.integers(0, len(studies[number]["beta"]) - 1), min_size=1))
    turned = [*studies[:number], swapped(studies[number], sorted(rows)), *studies[number + 1 :]]
    kept, other = (oriented(meta_analyze(named(s), **EVERYTHING)) for s in (studies, turned))
    assert_same_table(other, kept, skipped=FREQUENCIES)
    assert_same_table(other, kept, tolerance=1e-12)  # 1 - (1 - frequency) is rounded


@few
@given(study_sets(pairs=NOT_PALINDROMIC), st.data())
def test_the_strand_that_a_study_gives_is_irrelevant(studies: list[Columns], data: st.DataObject) -> None:
    number = data.draw(st.integers(0, len(studies) - 1))
    turned = [*studies[:number], complemented(studies[number]), *studies[number + 1 :]]
    kept, other = (oriented(meta_analyze(named(s), **EVERYTHING)) for s in (studies, turned))
    assert_same_table(other, kept)


@few
@given(study_sets(pairs=NOT_PALINDROMIC))
def test_the_strand_column_and_the_strand_found_by_matching_agree(studies: list[Columns]) -> None:
    reverse = complemented(studies[-1]) | {"strand": ["-"] * len(studies[-1]["beta"])}
    kept, other = (oriented(meta_analyze(named(s), **EVERYTHING)) for s in (studies, [*studies[:-1], reverse]))
    assert_same_table(other, kept)


@few
@given(study_sets())
def test_the_case_of_the_alleles_is_irrelevant(studies: list[Columns]) -> None:
    lower = {name: [allele.lower() for allele in studies[0][name]] for name in ("effect_allele", "other_allele")}
    kept, other = (by_id(meta_analyze(named(s), **EVERYTHING)) for s in (studies, [studies[0] | lower, *studies[1:]]))
    assert_same_table(other, kept)


# --- rows and files -------------------------------------------------------------------------------------


@few
@given(study_sets(), st.randoms(use_true_random=False))
def test_the_order_of_rows_is_irrelevant(studies: list[Columns], random: Any) -> None:
    permuted = []
    for study in studies:
        rows = list(range(len(study["beta"])))
        random.shuffle(rows)
        permuted.append(rows_of(study, rows))
    results = [meta_analyze(named(s), **EVERYTHING) for s in (studies, permuted)]
    assert_same_table(by_id(results[1]), by_id(results[0]))
    pd.testing.assert_frame_equal(results[1].studies, results[0].studies)
    assert results[1].inflation_factors == results[0].inflation_factors


@few
@given(study_sets(), st.data())
def test_a_study_may_come_in_one_file_a_chromosome(studies: list[Columns], data: st.DataObject) -> None:
    number = data.draw(st.integers(0, len(studies) - 1))
    study = studies[number]
    parts = [
        rows_of(study, [row for row, name in enumerate(study["chromosome"]) if name == chromosome])
        for chromosome in dict.fromkeys(study["chromosome"])
    ]
    whole = by_id(meta_analyze(studies, methods=("fixed", "sample_size")))
    split = by_id(meta_analyze([*studies[:number], *parts, *studies[number + 1 :]], methods=("fixed", "sample_size")))
    assert_same_table(split, whole, skipped=["direction"])
    assert [word.replace("?", "") for word in split["direction"]] == [
        word.replace("?", "") for word in whole["direction"]
    ]


@few
@given(study_sets(), st.randoms(use_true_random=False))
def test_the_order_of_studies_decides_the_reference_alleles_and_nothing_else(
    studies: list[Columns], random: Any
) -> None:
    order = list(range(len(studies)))
    random.shuffle(order)
    reordered = {f"cohort{number}": studies[number] for number in order}
    kept, other = (oriented(meta_analyze(s, **EVERYTHING)) for s in (named(studies), reordered))
    back = np.argsort(order)
    other["direction"] = ["".join(word[k] for k in back) for word in other["direction"]]
    assert_same_table(other[kept.columns], kept, tolerance=1e-12)


def same_numbers_as_gwas_ssf(study: Columns) -> Columns:
    return as_ssf(study) | {"chromosome": [{"X": "23"}.get(name, name) for name in study["chromosome"]]}


def nullable(study: Columns) -> pd.DataFrame:
    return pd.DataFrame(study).convert_dtypes()


TEXTS: dict[str, Callable[[Columns], bytes]] = {
    "gwama": lambda study: table_bytes(as_gwama(study)),
    "gwama, blanks": lambda study: table_bytes(as_gwama(study), separator="  "),
    "metal": lambda study: table_bytes(as_metal(study)),
    "metal, blanks, gz": lambda study: gzipped(table_bytes(as_metal(study), separator=" ")),
    "plink2": lambda study: table_bytes(as_plink2(study)),
    "plink2, gz": lambda study: gzipped(table_bytes(as_plink2(study))),
    "regenie": lambda study: table_bytes(as_regenie(study), separator=" "),
    "ssf": lambda study: table_bytes(same_numbers_as_gwas_ssf(study)),
    "ssf, CRLF": lambda study: table_bytes(same_numbers_as_gwas_ssf(study), line_end="\r\n"),
    "ssf, CRLF, gz": lambda study: gzipped(table_bytes(same_numbers_as_gwas_ssf(study), line_end="\r\n")),
    "ssf, commas": lambda study: table_bytes(same_numbers_as_gwas_ssf(study), separator=","),
    "ssf, semicolons, CRLF": lambda study: table_bytes(study, separator=";", line_end="\r\n"),
    "ssf, blanks, CRLF": lambda study: table_bytes(study, separator=" ", line_end="\r\n"),
    "ssf, quotes": lambda study: table_bytes({f'"{k}"': [f'"{v}"' for v in values] for k, values in study.items()}),
    "ssf, preamble": lambda study: table_bytes(study, preamble="## made by a test\n\n"),
    "ssf, blank lines at the end": lambda study: table_bytes(study) + b"\n\r\n \n",
    "ssf, no last line end": lambda study: table_bytes(study).rstrip(b"\n"),
    "ssf, byte order mark": lambda study: b"\xef\xbb\xbf" + table_bytes(study),
}
FRAMES: dict[str, Callable[[Columns], Any]] = {
    "pandas": pd.DataFrame,
    "pandas, nullable": nullable,
    "pandas, categories": lambda study: pd.DataFrame(study).astype(
        dict.fromkeys(["chromosome", "effect_allele", "other_allele"], "category")
    ),
    "pandas, other index": lambda study: pd.DataFrame(study).set_axis(range(7, 7 + len(study["beta"]))),
    "polars": pl.DataFrame,
    "polars, lazy": lambda study: pl.DataFrame(study).lazy(),
    "polars, categories": lambda study: pl.DataFrame(study).cast({"effect_allele": pl.Categorical}),
    "mapping of arrays": lambda study: {name: np.array(values) for name, values in study.items()},
    "mapping, words for the numbers": lambda study: {name: list(map(str, values)) for name, values in study.items()},
    "gwama columns": lambda study: pl.DataFrame(as_gwama(study)),
}


@pytest.mark.parametrize("form", TEXTS)
@settings(max_examples=4, deadline=None)
@given(study_sets())
def test_the_format_of_a_file_is_irrelevant(form: str, studies: list[Columns]) -> None:
    sources = named([*studies[:-1], Study(io.BytesIO(TEXTS[form](studies[-1])))])
    assert_same_table(by_id(meta_analyze(sources, **EFFECTS)), by_id(meta_analyze(named(studies), **EFFECTS)))


@pytest.mark.parametrize("form", FRAMES)
@settings(max_examples=4, deadline=None)
@given(study_sets())
def test_the_kind_of_a_frame_is_irrelevant(form: str, studies: list[Columns]) -> None:
    sources = named([*studies[:-1], Study(FRAMES[form](studies[-1]))])
    assert_same_table(by_id(meta_analyze(sources, **EVERYTHING)), by_id(meta_analyze(named(studies), **EVERYTHING)))


@pytest.mark.parametrize("row_group_size", [None, 7])
def test_parquet_gives_what_the_text_gives(row_group_size: int | None, tmp_path: Path) -> None:
    studies = simulated_studies(np.random.default_rng(5), 2, 40)
    pl.DataFrame(studies[0]).write_parquet(tmp_path / "study.parquet", row_group_size=row_group_size)
    (tmp_path / "study.tsv").write_bytes(table_bytes(studies[0]))
    tables = [
        by_id(meta_analyze({"a": tmp_path / f"study.{ending}", "b": studies[1]}, **EVERYTHING))
        for ending in ("parquet", "tsv")
    ]
    assert_same_table(tables[0], tables[1])


@pytest.mark.parametrize("text", ["NA", "nan", ".", "", "null", "#NA", "-", "two"])
@pytest.mark.parametrize("form", ["text", "mapping"])
def test_a_frequency_that_is_no_number_is_missing(form: str, text: str) -> None:
    study = simulated_studies(np.random.default_rng(6), 1, 3)[0]
    study["effect_allele_frequency"] = ["0.2", text, "0.3"]
    source = Study(io.BytesIO(table_bytes(study)), name="a") if form == "text" else Study(study, name="a")
    table = by_id(meta_analyze([source]))
    assert np.isnan(table["effect_allele_frequency"]).tolist() == [False, True, False]
    assert table["n_studies"].tolist() == [1, 1, 1]


@pytest.mark.parametrize(
    "frame",
    [
        lambda study: pd.DataFrame(study),
        lambda study: pd.DataFrame(study, dtype=object),
        lambda study: pd.DataFrame(study).convert_dtypes(),
        lambda study: pl.DataFrame(study),
        lambda study: study,
    ],
    ids=["pandas", "pandas objects", "pandas nullable", "polars", "mapping"],
)
def test_missing_values_of_a_frame_are_missing(frame: Callable[[Columns], Any]) -> None:
    study = simulated_studies(np.random.default_rng(6), 1, 3)[0]
    study["effect_allele_frequency"][1] = None
    study["effect_allele"][2] = None
    result = meta_analyze([Study(frame(study), name="a")])
    assert np.isnan(by_id(result)["effect_allele_frequency"]).tolist() == [False, True]
    assert result.studies["excluded_by"][0] == {"effect_allele_missing": 1}


def test_a_column_of_a_frame_called_name_is_no_name_of_the_study() -> None:
    frame = pd.DataFrame(one_variant(name="rs1"))
    assert meta_analyze([Study(frame)]).studies["file"].tolist() == ["data frame"]


def test_odds_ratios_give_what_their_logarithms_give() -> None:
    studies = simulated_studies(np.random.default_rng(7), 3, 20)
    as_odds = [study | {"odds_ratio": [float(np.exp(value)) for value in study["beta"]]} for study in studies]
    for study in as_odds:
        del study["beta"]
    kept, other = (by_id(meta_analyze(named(s), **EFFECTS)) for s in (studies, as_odds))
    assert_allclose(other["odds_ratio"], np.exp(kept["beta"]), rtol=1e-12)
    assert_same_table(other.drop(columns=[name for name in other if name not in kept]), kept, tolerance=1e-12)


@pytest.mark.parametrize("ending", [".tsv", ".tsv.gz", ".tsv.bgz", ".tsv.zst", ".parquet"])
def test_two_runs_write_the_same_bytes(tmp_path: Path, ending: str) -> None:
    studies = simulated_studies(np.random.default_rng(8), 3, 3000, share=0.8)
    paths = [tmp_path / f"cohort{number}.txt.gz" for number in range(3)]
    for path, study in zip(paths, studies, strict=True):
        path.write_bytes(gzipped(table_bytes(study)))
    written = []
    for run in ("first", "second"):
        (tmp_path / run).mkdir()
        result = meta_analyze(paths, **EVERYTHING, palindromic="infer")
        written.append(result.write(tmp_path / run / f"result{ending}"))
    for first, second in zip(*written, strict=True):
        assert first.read_bytes() == second.read_bytes(), first.name


# --- what combining means -------------------------------------------------------------------------------


@few
@given(study_sets())
def test_one_study_returns_itself(studies: list[Columns]) -> None:
    study = studies[0]
    table = meta_analyze([study], methods=("fixed", "random")).table
    assert table["variant_id"].tolist() == study["variant_id"]
    assert table["beta"].tolist() == study["beta"]
    assert_allclose(table["standard_error"], study["standard_error"], rtol=1e-15)  # the root of a rounded square
    assert table["effect_allele_frequency"].tolist() == study["effect_allele_frequency"]
    assert table["n"].tolist() == study["n"]
    assert_allclose(table["random_beta"], study["beta"], rtol=1e-15)
    assert_allclose(table["random_standard_error"], study["standard_error"], rtol=1e-15)
    for name in ("cochran_q", "cochran_q_neg_log_10_p_value", "tau_squared", "effect_allele_frequency_sd"):
        assert not table[name].any(), name
    assert table["i_squared"].isna().all()
    assert (table["n_studies"] == 1).all()


@few
@given(study_sets(), st.integers(2, 5))
def test_equal_studies_divide_the_variance(studies: list[Columns], copies: int) -> None:
    table = meta_analyze([studies[0]] * copies).table
    assert_allclose(table["beta"], studies[0]["beta"], rtol=1e-15)
    assert_allclose(table["standard_error"], np.array(studies[0]["standard_error"]) / np.sqrt(copies), rtol=1e-15)
    assert not table["cochran_q"].any()
    assert not table["tau_squared"].any()
    assert (table["n"] == copies * np.array(studies[0]["n"])).all()


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([0, 1, 10, 1e3, 1e6]), st.integers(1, 8))
def test_running_sums_are_as_good_as_two_passes(seed: int, size: float, n_studies: int) -> None:
    rng = np.random.default_rng(seed)
    standard_error = np.exp(rng.uniform(np.log(0.003), np.log(0.03), (30, n_studies)))
    beta = size + rng.normal(0, standard_error)
    table = meta_analyze([columns_of(beta[:, k], standard_error[:, k]) for k in range(n_studies)]).table
    # Rounding the effects themselves moves the residuals that Q is made of by this much, whatever the formula.
    conditioned = 4 * np.finfo(float).eps * size / standard_error.min()
    expected, spread = fixed_effects(beta, standard_error), heterogeneity(beta, standard_error)
    assert_allclose(table["beta"], expected.beta, rtol=1e-12, atol=1e-15)
    assert_allclose(table["standard_error"], expected.standard_error, rtol=1e-12)
    assert_allclose(table["z"], expected.z, rtol=1e-12, atol=1e-12)
    assert_allclose(table["neg_log_10_p_value"], expected.neg_log_10_p_value, rtol=1e-12, atol=1e-12)
    tolerance = max(1e-12, conditioned)
    assert_allclose(table["cochran_q"], spread.q, rtol=tolerance, atol=tolerance)
    assert_allclose(table["i_squared"], spread.i_squared, rtol=tolerance, atol=100 * tolerance)


def columns_of(beta: Any, standard_error: Any, **more: list[Any]) -> Columns:
    names = [f"rs{number}" for number in range(len(beta))]
    columns: Columns = {"variant_id": names, "effect_allele": ["A"] * len(names), "other_allele": ["C"] * len(names)}
    return columns | {"beta": list(beta), "standard_error": list(standard_error)} | more


@pytest.mark.parametrize("ratio", [1.0, 30.0, 1000.0, 30000.0])
def test_tau_squared_beside_fixed_effects_is_that_of_dersimonian_and_laird(ratio: float) -> None:
    """Also where one study has nearly all the weight, where W - Σw²/W would lose its digits."""
    rng = np.random.default_rng(11)
    standard_error = np.column_stack([np.full(50, 0.3 / ratio), rng.uniform(0.2, 0.4, (50, 3))])
    beta = rng.normal(0, 0.8, (50, 4))
    table = meta_analyze([columns_of(beta[:, k], standard_error[:, k]) for k in range(4)]).table
    expected = between_study_variance(beta, standard_error, "DL")
    assert (expected > 0).any()
    assert_allclose(table["tau_squared"], expected, rtol=1e-12, atol=1e-15)


@few
@given(study_sets(), st.sampled_from(["DL", "PM", "REML", "SJ", "HE"]), st.booleans())
def test_random_effects_are_those_of_the_statistical_core(
    studies: list[Columns], estimator: Any, hartung_knapp: bool
) -> None:
    names, beta, standard_error = matrices(studies)
    expected = random_effects(beta, standard_error, estimator, hartung_knapp)
    result = meta_analyze(studies, methods="random", tau_squared=estimator, hartung_knapp=hartung_knapp)
    table = result.table
    assert table["variant_id"].tolist() == names
    assert_allclose(table["beta"], expected.beta, rtol=1e-12, atol=1e-12)
    assert_allclose(table["standard_error"], expected.standard_error, rtol=1e-12)
    assert_allclose(table["neg_log_10_p_value"], expected.neg_log_10_p_value, rtol=1e-12, atol=1e-12)
    assert_allclose(table["tau_squared"], expected.tau_squared, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("hartung_knapp", [False, True])
def test_the_confidence_interval_is_that_of_the_method(hartung_knapp: bool) -> None:
    """With Hartung and Knapp it is one of Student's t, three times as wide for two studies."""
    studies = simulated_studies(np.random.default_rng(12), 2, 20)
    _, beta, standard_error = matrices(studies)
    as_odds = [study | {"odds_ratio": [float(np.exp(value)) for value in study["beta"]]} for study in studies]
    for study in as_odds:
        del study["beta"]
    table = meta_analyze(as_odds, methods="random", hartung_knapp=hartung_knapp).table
    expected = random_effects(beta, standard_error, "DL", hartung_knapp)
    assert_allclose(table["ci_lower"], np.exp(expected.ci_lower), rtol=1e-12)
    assert_allclose(table["ci_upper"], np.exp(expected.ci_upper), rtol=1e-12)


@few
@given(study_sets())
def test_leaving_a_study_out_is_what_leave_one_out_shows(studies: list[Columns]) -> None:
    shown = oriented(meta_analyze(named(studies), leave_one_out=True, genomic_control=True))
    for number, study in enumerate(studies):
        columns = [f"without_cohort{number}_{name}" for name in ("beta", "standard_error", "neg_log_10_p_value")]
        left = {name: other for name, other in named(studies).items() if name != f"cohort{number}"}
        measured = shown.index.isin(study["variant_id"])
        assert shown.loc[~measured, columns].isna().all(axis=None)
        if not left:
            assert shown[columns].isna().all(axis=None)
            continue
        without = oriented(meta_analyze(left, genomic_control=True)).reindex(shown.index[measured])
        for column, name in zip(columns, ("beta", "standard_error", "neg_log_10_p_value"), strict=True):
            assert_allclose(shown.loc[measured, column], without[name], rtol=1e-12, atol=1e-12)


def test_leave_one_out_is_that_of_the_statistical_core() -> None:
    studies = simulated_studies(np.random.default_rng(13), 4, 30, share=0.7)
    names, beta, standard_error = matrices(studies)
    table = meta_analyze(named(studies), leave_one_out=True).table
    expected = leave_one_out(beta, standard_error)
    assert table["variant_id"].tolist() == names
    for number in range(4):
        assert_allclose(table[f"without_cohort{number}_beta"], expected.beta[:, number], rtol=1e-12, atol=1e-14)
        assert_allclose(table[f"without_cohort{number}_standard_error"], expected.standard_error[:, number], rtol=1e-12)


# --- sample sizes ---------------------------------------------------------------------------------------


@few
@given(study_sets())
def test_the_sample_size_method_is_stouffers_with_heterogeneity_as_in_metal(studies: list[Columns]) -> None:
    names, beta, standard_error = matrices(studies)
    n = np.where(np.isnan(beta), np.nan, [study["n"][0] for study in studies])
    table = meta_analyze(studies, methods="sample_size").table
    expected = weighted_z(beta / standard_error, n)
    spread = weighted_z_heterogeneity(beta / standard_error, n)
    assert table["variant_id"].tolist() == names
    assert_allclose(table["z"], expected.z, rtol=1e-12, atol=1e-12)
    assert_allclose(table["neg_log_10_p_value"], expected.neg_log_10_p_value, rtol=1e-12, atol=1e-12)
    assert_allclose(table["n"], expected.n, rtol=1e-15)
    assert_allclose(table["cochran_q"], spread.q, rtol=1e-12, atol=1e-12)
    assert "beta" not in table
    assert "tau_squared" not in table


def test_cases_and_controls_give_the_effective_sample_size() -> None:
    cases, controls = np.array([[100.0, 5000.0]]), np.array([[900.0, 5000.0]])
    studies = [
        one_variant(beta=beta, n_cases=float(cases[0, k]), n_controls=float(controls[0, k]))
        for k, beta in enumerate([0.2, -0.1])
    ]
    for study in studies:
        del study["n"]
    table = meta_analyze(studies, methods=("sample_size", "fixed")).table
    assert effective_sample_size(100, 900) == pytest.approx(360, rel=1e-15)
    expected = weighted_z([[2.0, -1.0]], effective_sample_size(cases, controls))
    assert_allclose(table["z"], expected.z, rtol=1e-12)
    assert table[["n", "n_cases", "n_controls"]].values.tolist() == [[11000, 5100, 5900]]


def test_a_column_of_sample_sizes_wins_over_what_the_caller_says_where_it_has_a_value() -> None:
    study = simulated_studies(np.random.default_rng(15), 1, 3)[0]
    study["n"] = [500.0, None, 700.0]
    table = meta_analyze([Study(study, n=90)]).table
    assert table["n"].tolist() == [500, 90, 700]


def test_sample_sizes_add_up_over_the_studies_that_have_the_variant() -> None:
    table = by_id(meta_analyze([one_variant(n=10.0), one_variant(variant_id="rs2", n=100.0), one_variant(n=1000.0)]))
    assert table["n"].to_dict() == {"rs1": 1010, "rs2": 100}


@few
@given(study_sets(), st.integers(1, 5), st.sampled_from([0, 1000, 3000.5, 6000]))
def test_variants_of_few_studies_or_samples_are_left_out(
    studies: list[Columns], min_studies: int, min_n: float
) -> None:
    complete = meta_analyze(studies, leave_one_out=True)
    restricted = meta_analyze(studies, leave_one_out=True, min_studies=min_studies, min_n=min_n)
    table = complete.table
    kept = (table["n_studies"] >= min_studies) & (table["n"] >= min_n)
    pd.testing.assert_frame_equal(restricted.table, table[kept].reset_index(drop=True))
    assert len(restricted) == kept.sum()
    left_out = restricted.parameters()["variants_left_out"]
    too_few = int((table["n_studies"] < min_studies).sum())
    assert left_out == {"no_study": 0, "min_studies": too_few, "min_n": int((~kept).sum()) - too_few}
    assert len(restricted) + sum(left_out.values()) == len(complete)


def test_studies_are_counted_by_the_rows_that_are_used() -> None:
    studies = simulated_studies(np.random.default_rng(4), 3, 9, share=0.5)
    names, beta, _ = matrices(studies)
    table = meta_analyze(studies).table
    assert table["variant_id"].tolist() == names
    assert table["n_studies"].tolist() == (~np.isnan(beta)).sum(axis=1).tolist()


# --- directions -----------------------------------------------------------------------------------------


def test_directions_are_those_of_the_effect_allele_of_the_result() -> None:
    studies = [
        one_variant(beta=0.2),
        one_variant(beta=0.2, effect_allele="C", other_allele="A"),
        one_variant(variant_id="rs2"),
        one_variant(beta=0.0),
        one_variant(beta=-0.2, effect_allele="G", other_allele="T"),
    ]
    assert by_id(meta_analyze(studies))["direction"].to_dict() == {"rs1": "+-?0+", "rs2": "??+??"}


def test_directions_are_shown_up_to_the_p_value_that_is_asked_for() -> None:
    z = [1.0, -1.95, 1.97, -3.0, 6.0]  # the p-value of 1.96 is 0.04999579...
    studies = [one_variant(beta=value / 10) for value in z]
    shown = {p: meta_analyze(studies, direction_p=p).table["direction"][0] for p in (1, 0.05, 1e-8, 0)}
    assert shown == {1: "+-+-+", 0.05: "??+-+", 1e-8: "????+", 0: "?????"}


@few
@given(study_sets())
def test_directions_are_the_signs_of_the_effects(studies: list[Columns]) -> None:
    _, beta, _ = matrices(studies)
    symbols = {-1.0: "-", 0.0: "0", 1.0: "+"}
    expected = ["".join("?" if np.isnan(b) else symbols[np.sign(b)] for b in row) for row in beta]
    assert meta_analyze(studies).table["direction"].tolist() == expected


# --- frequencies ----------------------------------------------------------------------------------------


@few
@given(study_sets())
def test_frequencies_are_averaged_by_sample_size(studies: list[Columns]) -> None:
    names, beta, _ = matrices(studies)
    frequency, n = np.full((2, *beta.shape), np.nan)
    for number, study in enumerate(studies):
        rows = [names.index(name) for name in study["variant_id"]]
        frequency[rows, number], n[rows, number] = study["effect_allele_frequency"], study["n"]
    table = meta_analyze(studies).table
    weight = np.where(np.isnan(n), 0, n)
    mean = np.nansum(weight * frequency, axis=1) / weight.sum(axis=1)
    spread = np.sqrt(np.nansum(weight * (frequency - mean[:, np.newaxis]) ** 2, axis=1) / weight.sum(axis=1))
    assert_allclose(table["effect_allele_frequency"], mean, rtol=1e-12)
    assert_allclose(table["effect_allele_frequency_sd"], spread, rtol=1e-12, atol=1e-12)
    assert_allclose(table["effect_allele_frequency_min"], np.nanmin(frequency, axis=1), rtol=SEVEN_DIGITS)
    assert_allclose(table["effect_allele_frequency_max"], np.nanmax(frequency, axis=1), rtol=SEVEN_DIGITS)


@pytest.mark.parametrize("frequency", [0.3, 0.00123456, 0.0000123456, 2e-8])
def test_the_extremes_of_rare_frequencies_have_seven_digits_too(frequency: float) -> None:
    table = meta_analyze(
        [one_variant(effect_allele_frequency=frequency), one_variant(effect_allele_frequency=0.4)]
    ).table
    assert_allclose(table["effect_allele_frequency_min"], [frequency], rtol=SEVEN_DIGITS)
    assert_allclose(table["effect_allele_frequency_max"], [0.4], rtol=SEVEN_DIGITS)


def test_frequencies_are_averaged_by_precision_where_a_study_has_no_sample_size() -> None:
    first, second = one_variant(standard_error=0.1), one_variant(effect_allele_frequency=0.6, standard_error=0.05)
    del second["n"]
    table = meta_analyze([first, second]).table
    assert table["effect_allele_frequency"][0] == pytest.approx((0.3 * 100 + 0.6 * 400) / 500, rel=1e-12)


# --- usage ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"methods": "mean"}, "method 'mean': choose among fixed, random, sample_size"),
        ({"methods": ()}, "no method"),
        ({"tau_squared": "XX"}, "tau-squared estimator 'XX': choose among DL"),
        ({"match": "name"}, "match 'name': choose among id, position"),
        ({"palindromic": "guess"}, "palindromic 'guess': choose among keep, drop, infer"),
        ({"palindromic_window": 0.6}, "palindromic window = 0.6: must be from 0 to 0.5"),
        ({"frequency_difference": -0.1}, "frequency difference = -0.1"),
        ({"min_studies": 0}, "min studies = 0"),
        ({"min_n": -1}, "min n = -1"),
        ({"direction_p": 2}, "direction p = 2"),
        ({"methods": "random", "leave_one_out": True}, "add fixed to the methods"),
        ({"genomic_control": True, "genomic_control_variants": []}, "is empty"),
        ({"genomic_control_variants": ["rs1"]}, "no genomic control is asked for"),
        ({"genomic_control": True, "genomic_control_variants": "no-such-file"}, "no-such-file: there is no such file"),
    ],
)
def test_impossible_options_are_named(options: dict[str, Any], message: str) -> None:
    with pytest.raises(GwasmetaError, match=message.replace("(", r"\(")):
        meta_analyze([one_variant()], **options)


def test_no_study_is_an_error() -> None:
    with pytest.raises(GwasmetaError, match="no studies"):
        meta_analyze([])


def test_studies_of_the_same_name_are_told_apart_or_refused(tmp_path: Path) -> None:
    paths = []
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        paths.append(tmp_path / folder / "cohort.txt.gz")
        paths[-1].write_bytes(gzipped(table_bytes(one_variant())))
    assert meta_analyze(paths).studies["study"].tolist() == ["cohort_1", "cohort_2"]
    with pytest.raises(GwasmetaError, match="two studies are named 'x'"):
        meta_analyze([Study(path, name="x") for path in paths])


def test_a_number_made_up_to_tell_studies_apart_is_no_name_that_another_has(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "cohort.txt").write_bytes(table_bytes(one_variant()))
    studies: list[Any] = [
        tmp_path / "a" / "cohort.txt",
        tmp_path / "b" / "cohort.txt",
        Study(one_variant(), name="cohort_1"),
    ]
    assert meta_analyze(studies).studies["study"].is_unique


def test_nothing_left_says_why() -> None:
    with pytest.raises(GwasmetaError) as caught:
        meta_analyze([Study(one_variant(standard_error="-1"), name="mine")])
    assert "no row of any study can be used" in str(caught.value)
    assert "standard_error_not_positive 1" in str(caught.value)
    assert "line 1, rs1: standard_error_not_positive ('-1')" in str(caught.value)


def test_progress_counts_studies_and_rows() -> None:
    calls: list[tuple[str, int, int, int]] = []
    studies = named(simulated_studies(np.random.default_rng(16), 2, 5))
    meta_analyze(studies, progress=lambda *call: calls.append(call))
    assert calls == [("cohort0", 0, 2, 5), ("cohort0", 1, 2, 5), ("cohort1", 1, 2, 10), ("cohort1", 2, 2, 10)]
