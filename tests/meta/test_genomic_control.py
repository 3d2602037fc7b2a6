"""Genomic control of the studies and of the result."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose

from gwasmeta import GwasmetaError, MetaResult, Study, fixed_effects, meta_analyze, weighted_z
from gwasmeta.stats.normal import neg_log_10_p_value
from gwasmeta.stats.random_effects import random_effects

from .study_tables import Columns, FloatArray

MEDIAN = 0.454936423119572750  # R 4.2: qchisq(.5, 1)


def inflated(rng: np.random.Generator, inflation: float, n_variants: int = 201, **more: Any) -> Columns:
    """Simulate a study without any effect, whose z statistics are wider than they should be."""
    standard_error = rng.uniform(0.05, 0.2, n_variants)
    beta = rng.normal(0, standard_error) * np.sqrt(inflation)
    names = [f"rs{number}" for number in range(n_variants)]
    columns: Columns = {"variant_id": names, "effect_allele": ["A"] * n_variants, "other_allele": ["C"] * n_variants}
    return (
        columns | {"beta": beta.tolist(), "standard_error": standard_error.tolist(), "n": [800.0] * n_variants} | more
    )


def z_of(study: Columns) -> FloatArray:
    return np.asarray(np.array(study["beta"]) / np.array(study["standard_error"]))


def inflation_of(z: FloatArray) -> float:
    return float(np.median(z**2)) / MEDIAN


def studies_with(*inflations: float, seed: int = 1, n_variants: int = 201) -> list[Columns]:
    rng = np.random.default_rng(seed)
    return [inflated(rng, inflation, n_variants) for inflation in inflations]


def combined(studies: list[Columns], factors: list[Any]) -> Any:
    beta = np.column_stack([study["beta"] for study in studies])
    error = np.column_stack([study["standard_error"] for study in studies])
    roots = np.column_stack([np.sqrt(np.broadcast_to(factor, len(beta))) for factor in factors])
    return fixed_effects(beta, error * roots)


def assert_combined(result: MetaResult, expected: Any) -> None:
    for name in ("beta", "standard_error", "z", "neg_log_10_p_value"):
        assert_allclose(result.table[name], getattr(expected, name), rtol=1e-12, atol=1e-14, err_msg=name)


@pytest.mark.parametrize("n_variants", [1, 2, 200, 201])
def test_each_studys_factor_is_its_median_statistic_over_the_expected_one(n_variants: int) -> None:
    studies = studies_with(1.5, 1.0, 2.0, n_variants=n_variants)
    result = meta_analyze(studies)
    assert_allclose(result.studies["inflation_factor"], [inflation_of(z_of(study)) for study in studies], rtol=1e-13)
    assert result.studies["inflation_factor_imputed"].isna().all()


def test_without_genomic_control_nothing_is_corrected() -> None:
    studies = studies_with(1.5, 2.0)
    result = meta_analyze(studies)
    assert (result.studies["applied_inflation_factor"] == 1).all()
    assert_combined(result, combined(studies, [1, 1]))


def test_variances_are_multiplied_by_the_factor_where_it_is_above_one() -> None:
    studies = studies_with(1.5, 0.5, 2.0)
    factors = [inflation_of(z_of(study)) for study in studies]
    assert factors[1] < 1 < min(factors[0], factors[2])
    result = meta_analyze(studies, genomic_control=True)
    applied = [factors[0], 1.0, factors[2]]
    assert_allclose(result.studies["applied_inflation_factor"], applied, rtol=1e-13)
    assert_allclose(result.studies["inflation_factor"], factors, rtol=1e-13)
    assert_combined(result, combined(studies, applied))


def test_the_sample_size_method_divides_z_by_the_root_of_the_factor() -> None:
    studies = studies_with(1.5, 0.5)
    result = meta_analyze(studies, methods=("sample_size", "fixed"), genomic_control=True)
    factors = np.maximum(1, [inflation_of(z_of(study)) for study in studies])
    z = np.column_stack([z_of(study) for study in studies]) / np.sqrt(factors)
    assert_allclose(result.table["z"], weighted_z(z, np.full_like(z, 800)).z, rtol=1e-12, atol=1e-14)
    assert_allclose(result.studies["inflation_factor_of_z"], [inflation_of(z_of(s)) for s in studies], rtol=1e-13)
    assert_allclose(result.table["fixed_z"], combined(studies, list(factors)).z, rtol=1e-12, atol=1e-14)


def test_random_effects_and_leave_one_out_use_the_corrected_variances() -> None:
    studies = dict(zip("abc", studies_with(1.8, 0.5, 1.4), strict=True))
    table = meta_analyze(studies, methods=("fixed", "random"), genomic_control=True, leave_one_out=True).table
    factors = np.maximum(1, [inflation_of(z_of(study)) for study in studies.values()])
    beta = np.column_stack([study["beta"] for study in studies.values()])
    error = np.column_stack([study["standard_error"] for study in studies.values()]) * np.sqrt(factors)
    assert_allclose(table["random_standard_error"], random_effects(beta, error).standard_error, rtol=1e-12)
    assert_allclose(
        table["without_b_standard_error"], fixed_effects(beta[:, ::2], error[:, ::2]).standard_error, rtol=1e-12
    )


@pytest.mark.parametrize("in_words", [False, True])
def test_genotyped_and_imputed_variants_have_one_factor_each(in_words: bool) -> None:
    rng = np.random.default_rng(2)
    study = inflated(rng, 1.3)
    imputed = rng.random(201) < 0.4
    study["beta"] = (np.array(study["beta"]) * np.where(imputed, 1.5, 1.0)).tolist()
    study["imputed"] = [("1" if value else "0") if in_words else int(value) for value in imputed]
    other = inflated(rng, 1.0)
    result = meta_analyze([study, other], genomic_control=True)
    z = z_of(study)
    factors = inflation_of(z[~imputed]), inflation_of(z[imputed])
    assert factors[0] > 1
    assert factors[1] > 2
    row = result.studies.loc[0]
    assert row["inflation_factor"] == pytest.approx(factors[0], rel=1e-13)
    assert row["inflation_factor_imputed"] == pytest.approx(factors[1], rel=1e-13)
    assert row["applied_inflation_factor"] == row["inflation_factor"]
    assert row["applied_inflation_factor_imputed"] == row["inflation_factor_imputed"]
    own = np.where(imputed, factors[1], factors[0])
    assert_combined(result, combined([study, other], [own, max(1, inflation_of(z_of(other)))]))
    assert "genotyped" in result.summary()


def test_neither_kind_of_variants_is_corrected_by_a_factor_below_one() -> None:
    study = inflated(np.random.default_rng(2), 0.5) | {"imputed": [number % 2 for number in range(201)]}
    result = meta_analyze([study], genomic_control=True)
    row = result.studies.loc[0]
    assert max(row["inflation_factor"], row["inflation_factor_imputed"]) < 1
    assert row["applied_inflation_factor"] == row["applied_inflation_factor_imputed"] == 1
    assert_combined(result, combined([study], [1]))


def test_a_study_of_imputed_variants_alone_has_one_factor() -> None:
    study = inflated(np.random.default_rng(3), 2.0) | {"imputed": [1] * 201}
    row = meta_analyze([study], genomic_control=True).studies.loc[0]
    assert np.isnan(row["inflation_factor"])
    assert row["applied_inflation_factor"] == 1
    assert row["applied_inflation_factor_imputed"] == pytest.approx(inflation_of(z_of(study)), rel=1e-13)


@pytest.mark.parametrize("genomic_control", [False, True])
@pytest.mark.parametrize(("given", "applied"), [(1.7, 1.7), (1.0, 1.0), (0.6, 1.0)])
def test_a_factor_that_is_given_is_used_unless_below_one(given: float, applied: float, genomic_control: bool) -> None:
    studies = studies_with(1.5, 0.5)
    sources = [Study(studies[0], name="a", inflation_factor=given), Study(studies[1], name="b")]
    result = meta_analyze(sources, genomic_control=genomic_control)
    assert result.studies["applied_inflation_factor"].tolist() == [applied, 1.0]
    assert result.studies["inflation_factor"][0] == pytest.approx(inflation_of(z_of(studies[0])), rel=1e-13)
    assert_combined(result, combined(studies, [applied, 1]))


@pytest.mark.parametrize("given", [0, -1.5, float("nan")])
def test_a_factor_that_is_no_positive_number_is_refused(given: float) -> None:
    with pytest.raises(GwasmetaError, match="inflation_factor"):
        Study("cohort.txt", inflation_factor=given)


@pytest.mark.parametrize("form", ["file", "path as text", "list", "generator"])
def test_the_factor_can_be_estimated_from_a_list_of_variants(form: str, tmp_path: Path) -> None:
    studies = studies_with(1.5, 1.4)
    chosen = [f"rs{number}" for number in range(0, 201, 3)]
    path = tmp_path / "null_variants.txt"
    path.write_text("\n".join(chosen[:30]) + "\n" + " \t".join(chosen[30:]) + "  rs_not_there\n\n")
    lists: dict[str, Any] = {"file": path, "path as text": str(path)}
    lists |= {"list": chosen, "generator": iter(chosen)}
    result = meta_analyze(studies, genomic_control=True, genomic_control_variants=lists[form])
    factors = [inflation_of(z_of(study)[::3]) for study in studies]
    assert_allclose(result.studies["inflation_factor"], factors, rtol=1e-13)
    assert_combined(result, combined(studies, list(np.maximum(1, factors))))


def test_a_study_that_has_none_of_the_listed_variants_is_not_corrected() -> None:
    studies = studies_with(1.5, 2.0)
    studies[0]["variant_id"] = [f"other{number}" for number in range(201)]
    result = meta_analyze(studies, genomic_control=True, genomic_control_variants=[f"rs{k}" for k in range(50)])
    factor = inflation_of(z_of(studies[1])[:50])
    assert factor > 1
    assert np.isnan(result.studies["inflation_factor"][0])
    assert_allclose(result.studies["applied_inflation_factor"], [1.0, factor], rtol=1e-13)
    assert_allclose(result.table["standard_error"][:201], studies[0]["standard_error"], rtol=1e-14)


def test_a_list_of_which_no_study_has_a_variant_is_an_error() -> None:
    with pytest.raises(GwasmetaError, match="none of its 2 variants is in any study"):
        meta_analyze(studies_with(1.5), genomic_control=True, genomic_control_variants=["other", "another"])


def test_rows_that_are_left_out_do_not_count() -> None:
    study = inflated(np.random.default_rng(4), 1.5)
    z = z_of(study)
    for row in range(0, 201, 2):
        study["beta"][row] *= 100
        study["other_allele"][row] = "A"
    result = meta_analyze([study])
    assert result.studies["rows_used"].tolist() == [100]
    assert result.studies["inflation_factor"][0] == pytest.approx(inflation_of(z[1::2]), rel=1e-13)


# --- of the result --------------------------------------------------------------------------------------


def test_the_result_is_corrected_if_asked_for() -> None:
    studies = studies_with(2.0, 2.5)
    plain, corrected = (meta_analyze(studies, genomic_control_result=asked) for asked in (False, True))
    factor = inflation_of(plain.table["z"].to_numpy())
    assert factor > 1.2
    for result in (plain, corrected):
        assert result.inflation_factors == {"fixed": pytest.approx(factor, rel=1e-12)}
    assert_allclose(corrected.table["beta"], plain.table["beta"], rtol=0)
    assert_allclose(corrected.table["standard_error"], plain.table["standard_error"] * np.sqrt(factor), rtol=1e-12)
    z = plain.table["z"] / np.sqrt(factor)
    assert_allclose(corrected.table["z"], z, rtol=1e-12)
    assert_allclose(corrected.table["neg_log_10_p_value"], neg_log_10_p_value(z), rtol=1e-12)
    assert_allclose(corrected.table["cochran_q"], plain.table["cochran_q"], rtol=0)
    assert corrected.parameters()["applied_to_result"] == {"fixed": pytest.approx(factor, rel=1e-12)}
    assert plain.parameters()["applied_to_result"] == {"fixed": 1.0}
    assert f"corrected by {factor:.4f}" in corrected.summary()


def test_a_result_that_is_not_inflated_stays() -> None:
    studies = studies_with(0.4, 0.5)
    plain, corrected = (meta_analyze(studies, genomic_control_result=asked) for asked in (False, True))
    assert corrected.inflation_factors["fixed"] < 1
    assert_allclose(corrected.table["standard_error"], plain.table["standard_error"], rtol=0)


def test_each_method_has_its_own_factor() -> None:
    studies = studies_with(2.0, 3.0, 1.5)
    methods: Any = ("fixed", "random", "sample_size")
    plain, corrected = (meta_analyze(studies, methods=methods, genomic_control_result=asked) for asked in (False, True))
    for method, prefix in (("fixed", ""), ("random", "random_"), ("sample_size", "sample_size_")):
        z = plain.table[f"{prefix}z"].to_numpy()
        factor = inflation_of(z)
        assert corrected.inflation_factors[method] == pytest.approx(factor, rel=1e-12)
        assert_allclose(corrected.table[f"{prefix}z"], z / np.sqrt(max(1, factor)), rtol=1e-12)


def test_the_correction_of_the_result_counts_only_the_variants_in_it() -> None:
    studies = studies_with(2.0, 2.5)
    half = {name: values[:100] for name, values in studies[1].items()}
    result = meta_analyze([studies[0], half], min_studies=2)
    both = [{name: values[:100] for name, values in study.items()} for study in studies]
    assert result.inflation_factors["fixed"] == pytest.approx(inflation_of(combined(both, [1, 1]).z), rel=1e-12)


def test_a_corrected_hartung_knapp_test_is_still_one_of_student() -> None:
    """With two studies and one degree of freedom, the normal would make a hit of everything."""
    studies = studies_with(2.0, 2.5)
    options: Any = {"methods": "random", "hartung_knapp": True}
    plain, corrected = (meta_analyze(studies, genomic_control_result=asked, **options) for asked in (False, True))
    factor = inflation_of(plain.table["z"].to_numpy())
    # The factor is far above 1 because t statistics are, so all p-values must grow, none shrink.
    assert factor > 1
    assert (corrected.table["neg_log_10_p_value"] < plain.table["neg_log_10_p_value"]).all()
    tangent = np.abs(plain.table["z"]) / np.sqrt(factor)  # Student's t on one degree of freedom is Cauchy's
    expected = -np.log10(1 - 2 / np.pi * np.arctan(tangent))
    assert_allclose(corrected.table["neg_log_10_p_value"], expected, rtol=1e-12, atol=1e-12)


# --- rescaled to 1000 samples ---------------------------------------------------------------------------


def test_factors_are_rescaled_to_1000_samples() -> None:
    study = inflated(np.random.default_rng(5), 1.5, n=[4000.0] * 201)
    row = meta_analyze([study]).studies.loc[0]
    assert row["inflation_factor_1000"] == pytest.approx(1 + (row["inflation_factor"] - 1) / 4, rel=1e-12)


def test_factors_are_rescaled_to_1000_cases_and_1000_controls() -> None:
    study = inflated(np.random.default_rng(5), 1.5)
    row = meta_analyze([Study(study, name="a", n_cases=2000, n_controls=8000)]).studies.loc[0]
    size = (1 / 2000 + 1 / 8000) / (2 / 1000)
    assert row["inflation_factor_1000"] == pytest.approx(1 + (row["inflation_factor"] - 1) * size, rel=1e-12)


def test_without_sample_sizes_there_is_no_rescaled_factor() -> None:
    study = inflated(np.random.default_rng(5), 1.5)
    del study["n"]
    assert np.isnan(meta_analyze([study]).studies["inflation_factor_1000"][0])
