"""Each sex's estimates are those of its studies alone, and the tests between the sexes have scipy's tails."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.stats import chi2, norm
from statsmodels.stats.meta_analysis import combine_effects

from gwasmeta import GwasmetaError, MetaResult, Study, meta_analyze

from .study_tables import (
    Columns,
    FloatArray,
    assert_same_table,
    by_id,
    matrices,
    one_variant,
    rows_of,
    simulated_studies,
    swapped,
)

LN_10 = np.log(10)
MEDIAN = 0.454936423119572750  # R 4.2: qchisq(.5, 1)
SEXES: tuple[Any, ...] = ("male", "female", "male", "female", "male")
N_VARIANTS = 60


def five_studies(seed: int = 1) -> list[Columns]:
    """Three studies of men and two of women, inflated; the last variants are in those of one sex only."""
    studies = simulated_studies(np.random.default_rng(seed), 5, N_VARIANTS, share=0.75)
    lacking = {"male": ("rs57", "rs58"), "female": ("rs59",)}
    for number, (study, sex) in enumerate(zip(studies, SEXES, strict=True)):
        rows = [row for row, name in enumerate(study["variant_id"]) if name not in lacking[sex]]
        studies[number] = rows_of(study, rows)
    return studies


def with_sexes(studies: list[Columns], sexes: tuple[Any, ...] = SEXES) -> list[Study]:
    numbered = enumerate(zip(studies, sexes, strict=True))
    return [Study(study, name=f"study{number}", sex=sex) for number, (study, sex) in numbered]


def of_sex(sex: str, studies: list[Study]) -> list[Study]:
    return [study for study in studies if study.sex == sex]


def estimate(beta: FloatArray, error: FloatArray, method: str) -> tuple[float, float]:
    """Return the combined effect and its standard error, by statsmodels."""
    if len(beta) < 2:
        return (beta[0], error[0]) if len(beta) else (np.nan, np.nan)
    with np.errstate(invalid="ignore"):  # it takes roots of a variance that may be negative
        found = combine_effects(beta, error**2, method_re="dl")
    if method == "fixed":
        return found.mean_effect_fe, found.sd_eff_w_fe
    weight = 1 / (error**2 + max(found.tau2, 0))
    return float(np.sum(weight * beta) / weight.sum()), float(weight.sum() ** -0.5)


@pytest.mark.parametrize("method", ["fixed", "random"])
def test_the_estimates_of_each_sex_are_those_of_statsmodels(method: Any) -> None:
    studies = five_studies()
    names, beta, error = matrices(studies)
    turned = [swapped(study) if number in (2, 3) else study for number, study in enumerate(studies)]
    table = meta_analyze(with_sexes(turned), methods=method, sex_differentiated=True).table
    assert table["variant_id"].tolist() == names
    # The first study that has a variant sets its alleles: the sign is theirs.
    first = np.argmax(~np.isnan(beta), axis=1)
    sign = np.where(np.isin(first, (2, 3)), -1, 1)
    for sex in ("male", "female"):
        own = np.array(SEXES) == sex
        measured = ~np.isnan(beta) & own
        rows = [estimate(beta[k, has], error[k, has], method) for k, has in enumerate(measured)]
        expected = np.array(rows)
        assert_allclose(table[f"{sex}_beta"], sign * expected[:, 0], rtol=1e-9, atol=1e-12)
        assert_allclose(table[f"{sex}_standard_error"], expected[:, 1], rtol=1e-9)
        assert_allclose(table[f"{sex}_z"], sign * expected[:, 0] / expected[:, 1], rtol=1e-9, atol=1e-10)
        assert_array_equal(table[f"{sex}_n_studies"], measured.sum(axis=1))


ALONE: list[dict[str, Any]] = [
    {},
    {"genomic_control": True},
    {"genomic_control_result": True},
    {"genomic_control": True, "genomic_control_result": True},
    {"methods": "random"},
    {"methods": ("random", "fixed"), "tau_squared": "REML", "genomic_control": True},
    {"methods": "random", "genomic_control_result": True},
    {"methods": "random", "hartung_knapp": True},
    {"min_n": 0, "filters": "effect_allele_frequency > 0.2"},
]
SEX_COLUMNS = ("beta", "standard_error", "z", "neg_log_10_p_value", "effect_allele_frequency", "n", "n_studies")


@pytest.mark.parametrize("sex", ["male", "female"])
@pytest.mark.parametrize("options", ALONE, ids=str)
def test_each_sex_is_analysed_as_if_its_studies_were_all_there_are(options: dict[str, Any], sex: str) -> None:
    studies = with_sexes(five_studies())
    both = meta_analyze(studies, sex_differentiated=True, **options)
    alone = meta_analyze(of_sex(sex, studies), **options)
    found, expected = by_id(both), by_id(alone)
    in_both = found.loc[expected.index]
    for column in SEX_COLUMNS:
        assert_allclose(in_both[f"{sex}_{column}"], expected[column], rtol=1e-11, atol=1e-13, err_msg=column)
    others = found.drop(expected.index)
    assert len(others) > 0
    assert others[[f"{sex}_{column}" for column in SEX_COLUMNS[:-1]]].isna().all(axis=None)
    assert (others[f"{sex}_n_studies"] == 0).all()


@pytest.mark.parametrize("methods", ["fixed", ("random", "fixed")])
def test_each_sex_is_corrected_by_its_own_inflation(methods: Any) -> None:
    studies = five_studies()
    for study, sex in zip(studies, SEXES, strict=True):
        study["beta"] = (np.array(study["beta"]) * (6 if sex == "male" else 3)).tolist()
    plain, corrected = (
        meta_analyze(with_sexes(studies), methods=methods, sex_differentiated=True, genomic_control_result=asked)
        for asked in (False, True)
    )
    main = plain.options.main_method
    for sex in ("male", "female"):
        z = plain.table[f"{sex}_z"].to_numpy()
        factor = np.nanmedian(z**2) / MEDIAN
        assert factor > 1
        for result in (plain, corrected):
            assert result.inflation_factors[f"{sex}_{main}"] == pytest.approx(factor, rel=1e-11)
        assert_allclose(corrected.table[f"{sex}_z"], z / np.sqrt(factor), rtol=1e-11)
        assert f"lambda of the {sex}-{main} result: {factor:.4f}, corrected by {factor:.4f}" in corrected.summary()
    names = [
        *plain.options.methods,
        *(f"{sex}_{method}" for sex in ("male", "female") for method in plain.options.methods),
    ]
    assert sorted(corrected.inflation_factors) == sorted(names)
    assert len(set(corrected.inflation_factors.values())) == len(names)


def test_what_is_said_of_both_sexes_together_stays() -> None:
    studies = with_sexes(five_studies())
    with_tests, without = (by_id(meta_analyze(studies, sex_differentiated=asked)) for asked in (True, False))
    assert set(without.columns) < set(with_tests.columns)
    assert_same_table(with_tests[list(without.columns)], without)


def test_odds_ratios_of_a_disease_are_given_for_each_sex() -> None:
    odds: Columns = {"variant_id": ["rs1"], "effect_allele": ["A"], "other_allele": ["C"]}
    odds |= {"odds_ratio": [1.25], "standard_error": [0.1]}
    studies = with_sexes([odds, odds | {"odds_ratio": [0.8]}], ("male", "female"))
    row = meta_analyze(studies, sex_differentiated=True).table.loc[0]
    half_width = norm.ppf(0.975) * 0.1
    for sex, ratio in (("male", 1.25), ("female", 0.8)):
        expected = ratio * np.exp([0, -half_width, half_width])
        found = row[[f"{sex}_odds_ratio", f"{sex}_ci_lower", f"{sex}_ci_upper"]].astype(float)
        assert_allclose(found, expected, rtol=1e-12)


# --- the tests between the sexes ------------------------------------------------------------------------------


@pytest.mark.parametrize("options", [{}, {"methods": "random"}, {"genomic_control_result": True}], ids=str)
def test_the_tests_have_the_tails_of_scipy(options: dict[str, Any]) -> None:
    table = meta_analyze(with_sexes(five_studies(2)), sex_differentiated=True, **options).table
    both = -chi2.logsf(table["male_z"] ** 2 + table["female_z"] ** 2, 2) / LN_10
    assert_allclose(table["sex_differentiated_neg_log_10_p_value"], both, rtol=1e-11, atol=1e-14)
    variance = table["male_standard_error"] ** 2 + table["female_standard_error"] ** 2
    difference = (table["male_beta"] - table["female_beta"]) ** 2 / variance
    expected = -chi2.logsf(difference, 1) / LN_10
    assert_allclose(table["sex_heterogeneity_neg_log_10_p_value"], expected, rtol=1e-10, atol=1e-12)
    for name in ("sex_differentiated", "sex_heterogeneity"):
        assert_allclose(table[f"{name}_p_value"], 10 ** -table[f"{name}_neg_log_10_p_value"], rtol=1e-13)


def test_a_sex_that_lacks_a_variant_leaves_the_tests_without_a_number() -> None:
    table = by_id(meta_analyze(with_sexes(five_studies()), sex_differentiated=True))
    lacking = (table["male_n_studies"] == 0) | (table["female_n_studies"] == 0)
    assert {"rs57", "rs58", "rs59"} <= set(table.index[lacking])
    for name in ("sex_differentiated", "sex_heterogeneity"):
        assert_array_equal(table[f"{name}_neg_log_10_p_value"].isna(), lacking)
        assert_array_equal(table[f"{name}_p_value"].isna(), lacking)


def two_sexes(male: float, female: float, error: float) -> MetaResult:
    studies = [one_variant(beta=beta, standard_error=error) for beta in (male, female)]
    return meta_analyze(with_sexes(studies, ("male", "female")), sex_differentiated=True)


def test_no_p_value_is_too_small() -> None:
    row = two_sexes(3.0, -4.0, 1e-4).table.loc[0]
    assert row["sex_differentiated_neg_log_10_p_value"] == pytest.approx(25e8 / 2 / LN_10, rel=1e-13)
    z = 7e4 / np.sqrt(2)
    tail = -(norm.logsf(z) + np.log(2)) / LN_10
    assert row["sex_heterogeneity_neg_log_10_p_value"] == pytest.approx(tail, rel=1e-12)


def test_a_p_value_that_no_double_holds_is_written(tmp_path: Any) -> None:
    path, *_ = two_sexes(0.6, 0.8, 0.02).write(tmp_path / "both")
    row = pd.read_csv(path, sep="\t", dtype=str).loc[0]
    # exp(-2500 / 2) = 10^-542.868...: 10^0.1319 = 1.355
    assert row["sex_differentiated_p_value"] == "1.355e-543"
    assert float(row["sex_differentiated_neg_log_10_p_value"]) == pytest.approx(1250 / LN_10, rel=1e-7)
    assert row["male_p_value"] == "9.813e-198"  # scipy: 2 * norm.sf(30)


def test_an_effect_in_opposite_directions_is_found_by_the_differentiated_test_alone() -> None:
    row = two_sexes(0.5, -0.5, 0.1).table.loc[0]
    assert row["beta"] == pytest.approx(0, abs=1e-15)
    assert row["p_value"] == pytest.approx(1, rel=1e-12)
    assert row["sex_differentiated_p_value"] == pytest.approx(np.exp(-25), rel=1e-11)
    assert row["sex_heterogeneity_p_value"] == pytest.approx(chi2.sf(50, 1), rel=1e-11)


# --- what cannot be -------------------------------------------------------------------------------------------


def test_a_study_without_a_sex_is_named_before_anything_is_read() -> None:
    studies = with_sexes([one_variant(), one_variant()], ("male", None))
    read: list[Any] = []
    with pytest.raises(GwasmetaError, match=r"(?s)study1: sex-differentiated.*--sex study1=male"):
        meta_analyze(studies, sex_differentiated=True, progress=lambda *state: read.append(state))
    assert read == []


@pytest.mark.parametrize("methods", ["sample_size", ("sample_size", "fixed")])
def test_the_sample_size_method_has_no_effects_to_compare(methods: Any) -> None:
    with pytest.raises(GwasmetaError, match="compares effects: give fixed or random"):
        meta_analyze(with_sexes([one_variant()], ("male",)), methods=methods, sex_differentiated=True)


@pytest.mark.parametrize("sex", ["m", "Male", "", "other"])
def test_a_sex_is_male_or_female(sex: Any) -> None:
    with pytest.raises(GwasmetaError, match="write male or female"):
        Study("cohort.txt", sex=sex)


def test_a_study_may_have_a_sex_without_sex_differentiated_analysis() -> None:
    result = meta_analyze(with_sexes([one_variant(), one_variant()], ("male", None)))
    assert not any(name.startswith(("male", "female", "sex")) for name in result.table.columns)
    assert set(result.inflation_factors) == {"fixed"}
