"""What other programs decide otherwise, each convention alone: the numbers by hand, and gwasmeta's own beside them."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose

from gwasmeta import GwasmetaError, MetaResult, Study
from gwasmeta.meta.engine import MetaEngine
from gwasmeta.meta.options import Conventions, MetaOptions

from .study_tables import Columns, FloatArray, by_id, logged, one_variant, simulated_studies, swapped
from .test_matching import joined

MEDIAN = 0.454936423119572750  # R 4.2: qchisq(.5, 1)


def analysed(studies: list[Any], conventions: dict[str, Any] | None = None, **options: Any) -> MetaResult:
    """Run the engine on studies named a, b, c and so on."""
    named = [s if isinstance(s, Study) else Study(s, name=name) for name, s in zip("abcdefgh", studies, strict=False)]
    engine = MetaEngine(named, MetaOptions(conventions=Conventions(**(conventions or {})), **options))
    engine.run()
    return MetaResult(engine)


def variants(**lists: list[Any]) -> Columns:
    """Return a study with a row for each value of some columns; the ids differ unless they are given."""
    n_rows = len(next(iter(lists.values())))
    rows = joined(*(one_variant(variant_id=f"rs{k}") for k in range(n_rows)))
    return rows | lists


# --- alleles ----------------------------------------------------------------------------------------------------

PAIRS = ["A/C", "g/t", "1/4", "AT/A", "I/D", "A/N", "./C", "A/NA", "A/<DEL>", "A/A", "a/A", "R/A", "C/G"]


def test_only_bases_are_alleles_where_that_is_the_convention() -> None:
    effect, other = zip(*(pair.split("/") for pair in PAIRS), strict=True)
    study = variants(effect_allele=list(effect), other_allele=list(other))
    result = analysed([study], {"alleles": "bases"})
    table = by_id(result)
    assert table[["effect_allele", "other_allele"]].to_dict("split")["data"] == [
        ["A", "C"],
        ["G", "T"],
        ["C", "G"],
        ["A", "T"],
    ]
    assert set(table.index) == {"rs0", "rs1", "rs2", "rs12"}
    no_bases = [(k + 1, f"rs{k}", PAIRS[k]) for k in (3, 4, 5, 6, 7, 8, 11)]
    assert logged(result, "allele_not_a_base") == ("excluded", 7, no_bases[:5])
    assert logged(result, "alleles_identical") == ("excluded", 2, [(10, "rs9", "A/A"), (11, "rs10", "a/A")])
    assert result.studies["excluded_by"].tolist() == [{"allele_not_a_base": 7, "alleles_identical": 2}]


def test_other_alleles_are_words_as_well_unless_told_otherwise() -> None:
    effect, other = zip(*(pair.split("/") for pair in PAIRS), strict=True)
    result = analysed([variants(effect_allele=list(effect), other_allele=list(other))])
    assert {"rs3", "rs4", "rs8", "rs11"} < set(result.table["variant_id"])
    assert logged(result, "allele_not_a_base")[1] == 0


def test_without_alleles_all_effects_are_of_the_same_one() -> None:
    first = one_variant(effect_allele="A", other_allele="C")
    alleles = [("C", "A"), ("G", "T"), ("A", "A"), (".", ""), ("AT", "I")]
    others: list[Any] = [one_variant(effect_allele=effect, other_allele=other, beta=0.4) for effect, other in alleles]
    without = {name: values for name, values in one_variant(beta=0.4).items() if not name.endswith("_allele")}
    others[-1] = Study(without, name="f", columns={name: name for name in without})
    result = analysed([first, *others], {"alleles": "none"})
    row = result.table.loc[0]
    assert row["beta"] == pytest.approx((0.2 + 5 * 0.4) / 6, rel=1e-12)
    assert row["effect_allele_frequency"] == pytest.approx(0.3, rel=1e-12)
    assert row["direction"] == "++++++"
    assert result.table[["effect_allele", "other_allele"]].isna().all(axis=None)
    assert (result.studies["rows_used"] == 1).all()
    assert result.studies["excluded_by"].tolist() == [{}] * 6


# --- ids that differ in case --------------------------------------------------------------------------------------

ANY_CASE = {"ignore_case_of_ids": True}


def test_the_first_spelling_of_an_id_is_kept() -> None:
    studies = [
        variants(variant_id=["rs1", "RS2", "Rs3"]),
        variants(variant_id=["RS1", "rs2", "rS3", "NEW4"]),
        variants(variant_id=["rs3", "new4", "NEW5"]),
    ]
    table = analysed(studies, ANY_CASE).table
    assert table["variant_id"].tolist() == ["rs1", "RS2", "Rs3", "NEW4", "NEW5"]
    assert table["n_studies"].tolist() == [2, 2, 3, 2, 1]
    assert analysed(studies).table["n_studies"].tolist() == [1] * 10


def test_ids_that_differ_in_case_alone_are_duplicates() -> None:
    result = analysed([variants(variant_id=["rs1", "RS1", "rs2", "Rs2"], beta=[0.1, 0.2, 0.3, 0.4])], ANY_CASE)
    assert result.table["beta"].tolist() == [0.1, 0.3]
    assert logged(result, "duplicate") == ("excluded", 2, [(2, "RS1", "RS1"), (4, "Rs2", "Rs2")])


@pytest.mark.parametrize("seed", [1, 2])
def test_spellings_are_kept_over_many_blocks_in_some_of_which_all_are_in_small_letters(seed: int) -> None:
    """Several blocks of text: small letters alone, then both, then capitals alone; the next study turns them about."""
    rng = np.random.default_rng(seed)
    names = np.array([f"rs{k}:{'acgt'[k % 4]}_name" for k in range(150_000)])
    capitals = np.char.upper(names)
    mixed = np.where(rng.random(150_000) < 0.5, names, capitals)
    first = np.concatenate([names[:50_000], mixed[50_000:100_000], capitals[100_000:]])
    second = np.concatenate([capitals[:75_000], names[75_000:]])[rng.permutation(150_000)]
    texts = (
        b"MARKERNAME EA NEA BETA SE\n" + b"".join(f"{name} A C 0.1 0.2\n".encode() for name in order)
        for order in (first, second)
    )
    table = analysed(
        [Study(io.BytesIO(text), name=name) for text, name in zip(texts, "ab", strict=True)], ANY_CASE
    ).table
    assert table["variant_id"].tolist() == first.tolist()
    assert (table["n_studies"] == 2).all()


@pytest.mark.parametrize(("conventions", "n_found"), [(ANY_CASE, 3), ({}, 1)])
def test_the_list_for_genomic_control_is_in_any_case_too(conventions: dict[str, Any], n_found: int) -> None:
    study = variants(variant_id=["rs1", "RS2", "rs3", "rs4"])
    result = analysed([study], conventions, genomic_control=True, genomic_control_variants=("RS1", "rs2", "rs3", "RS9"))
    factors = result._combined.summaries[0].effects
    assert factors is not None
    assert factors.n_genotyped == n_found


# --- genomic control ------------------------------------------------------------------------------------------------


def rows_of_every_kind() -> tuple[Columns, FloatArray, FloatArray]:
    """Return a study of which some rows cannot be used, z of all rows, and which have an effect at all."""
    rng = np.random.default_rng(7)
    n = 400
    study = variants(
        beta=rng.normal(0, 0.3, n).tolist(),
        standard_error=rng.uniform(0.05, 0.2, n).tolist(),
        imputed=(rng.random(n) < 0.4).astype(int).tolist(),
        info=np.where(np.arange(n) % 10 == 9, 0.1, 0.9).tolist(),
    )
    for row in range(n):
        kind = row % 10
        if kind == 1:
            study["variant_id"][row] = "NA"
        elif kind == 2:
            study["effect_allele"][row] = "."
        elif kind == 3:
            study["variant_id"][row] = "rs0"
        elif kind == 4:
            study["other_allele"][row] = "A"
        elif kind == 5:
            study["standard_error"][row] *= -1
        elif kind == 6:
            study["beta"][row] = float("nan")
        elif kind == 7:
            study["effect_allele_frequency"][row] = 2.0  # blanked: the row is used
    z = np.array(study["beta"]) / np.array(study["standard_error"])
    kinds = np.arange(n) % 10
    return study, z, ~np.isin(kinds, (5, 6, 9))


@pytest.mark.parametrize("how", ["filters", "exclusions"])
def test_the_inflation_can_be_that_of_all_rows_with_an_effect(how: str) -> None:
    columns, z, valid = rows_of_every_kind()
    conditions: Any = {"filters": "info > 0.5"} if how == "filters" else {"exclusions": ("info <= 0.5",)}
    study = Study(columns, name="a", **conditions)
    imputed = np.array(columns["imputed"]) == 1
    used = valid & ~np.isin(np.arange(400) % 10, (1, 2, 3, 4))
    for rows, chosen in (("valid", valid), ("used", used)):
        result = analysed([study], {"lambda_rows": rows}, genomic_control=True)
        factors = result._combined.summaries[0].effects
        assert factors is not None
        assert (factors.n_genotyped, factors.n_imputed) == ((chosen & ~imputed).sum(), (chosen & imputed).sum())
        expected = [np.median(z[chosen & of_kind] ** 2) / MEDIAN for of_kind in (~imputed, imputed)]
        assert_allclose([factors.genotyped, factors.imputed], expected, rtol=1e-12)
        assert_allclose([factors.applied_to_genotyped, factors.applied_to_imputed], expected, rtol=1e-12)
        assert result.studies["rows_used"].tolist() == [used.sum()]
        row = by_id(result).loc["rs7"]
        factor = expected[columns["imputed"][7]]
        assert row["standard_error"] == pytest.approx(columns["standard_error"][7] * np.sqrt(factor), rel=1e-12)


def test_the_inflation_of_all_rows_is_that_of_all_blocks() -> None:
    rng = np.random.default_rng(8)
    n = 120_000
    z = rng.normal(0, 1.2, n)
    rows = "".join(f"rs{k} {'A' if k % 3 else '.'} C {z[k]:.6f} 1\n" for k in range(n))
    source = Study(io.BytesIO(("MARKERNAME EA NEA BETA SE\n" + rows).encode()), name="a")
    factor = analysed([source], {"lambda_rows": "valid"}, genomic_control=True).studies["inflation_factor"][0]
    assert factor == pytest.approx(np.median(np.round(z, 6) ** 2) / MEDIAN, rel=1e-12)


@pytest.mark.parametrize("n_rows", [1, 2, 7, 8])
@pytest.mark.parametrize("method", ["fixed", "sample_size"])
def test_the_median_of_an_even_number_can_be_the_upper_one(n_rows: int, method: Any) -> None:
    beta = np.random.default_rng(9).normal(0, 0.3, n_rows)
    study = variants(beta=beta.tolist())
    squares = np.sort((beta / 0.1) ** 2)
    for median, expected in (("upper", squares[n_rows // 2]), ("middle", np.median(squares))):
        result = analysed([study], {"lambda_median": median}, methods=(method,), genomic_control=True)
        assert result.studies["inflation_factor"][0] == pytest.approx(expected / MEDIAN, rel=1e-12)


def test_the_median_of_chi_squared_can_be_a_rounded_one() -> None:
    studies = simulated_studies(np.random.default_rng(10), 3, 41)
    rounded, exact = (
        analysed(studies, {"chi_squared_median": value}, genomic_control=True, genomic_control_result=True)
        for value in (0.4549, MEDIAN)
    )
    assert_allclose(
        rounded.studies["inflation_factor"] * 0.4549, exact.studies["inflation_factor"] * MEDIAN, rtol=1e-12
    )
    z = rounded.table["z"] * np.sqrt(rounded.parameters()["applied_to_result"]["fixed"])
    assert rounded.inflation_factors["fixed"] == pytest.approx(np.median(z**2) / 0.4549, rel=1e-11)


# --- frequencies ----------------------------------------------------------------------------------------------------


def weighted(frequency: FloatArray, weight: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the mean and the standard deviation of each row."""
    weight = np.where(np.isnan(frequency), 0, weight)
    known = np.nan_to_num(frequency)
    mean = (weight * known).sum(axis=1) / weight.sum(axis=1)
    spread = (weight * (known - mean[:, None]) ** 2).sum(axis=1) / weight.sum(axis=1)
    return mean, np.sqrt(spread)


@pytest.mark.parametrize("corrected", [True, False])
@pytest.mark.parametrize("with_n", [True, False])
def test_frequencies_can_be_weighted_by_the_corrected_variances(corrected: bool, with_n: bool) -> None:
    studies = simulated_studies(np.random.default_rng(11), 4, 30)
    studies[2] = swapped(studies[2])
    studies[3]["effect_allele_frequency"][5] = float("nan")
    if not with_n:
        del studies[1]["n"]
    result = analysed(studies, {"corrected_frequency_weights": corrected}, genomic_control=True)
    error = np.column_stack([study["standard_error"] for study in studies])
    frequency = np.column_stack([study["effect_allele_frequency"] for study in studies])
    frequency[:, 2] = 1 - frequency[:, 2]
    factors = result.studies["applied_inflation_factor"].to_numpy()
    assert factors.min() > 1
    weight = error**-2
    if corrected:
        weight = weight / factors
    elif with_n:
        weight = np.broadcast_to([1000.0, 2000.0, 3000.0, 4000.0], error.shape)
    mean, spread = weighted(frequency, weight)
    assert_allclose(result.table["effect_allele_frequency"], mean, rtol=1e-12)
    assert_allclose(result.table["effect_allele_frequency_sd"], spread, rtol=1e-10)
    assert_allclose(result.table["effect_allele_frequency_min"], np.nanmin(frequency, axis=1), rtol=5e-7)
    assert_allclose(result.table["effect_allele_frequency_max"], np.nanmax(frequency, axis=1), rtol=5e-7)


def test_corrected_weights_come_too_late_to_infer_strands_by() -> None:
    with pytest.raises(GwasmetaError, match="strands cannot be inferred"):
        analysed([one_variant()], {"corrected_frequency_weights": True}, palindromic="infer")


def test_frequencies_of_zero_and_one_can_count() -> None:
    first = variants(effect_allele_frequency=[0.0, 1.0, 0.2, -0.1, 1.5])
    second = swapped(variants(effect_allele_frequency=[0.2, 0.5, 0.0, 0.3, 0.3]))
    result = analysed([first, second], {"closed_frequencies": True})
    table = by_id(result)
    assert_allclose(table["effect_allele_frequency"], [0.1, 0.75, 0.1, 0.3, 0.3], rtol=1e-12)
    assert_allclose(table["effect_allele_frequency_min"], [0, 0.5, 0, 0.3, 0.3], rtol=1e-12)
    assert_allclose(table["effect_allele_frequency_max"], [0.2, 1, 0.2, 0.3, 0.3], rtol=1e-12)
    rule = "effect_allele_frequency_not_within_0_1"
    assert logged(result, rule) == ("blanked", 2, [(4, "rs3", "-0.1"), (5, "rs4", "1.5")])
    assert logged(analysed([first, second]), rule)[:2] == ("blanked", 4)


# --- chromosomes and sample sizes -----------------------------------------------------------------------------------


def test_chromosomes_can_be_given_as_the_first_study_spells_them() -> None:
    words = ["chr7", "07", "23", "x", "MT", "Chr7"]
    again = ["CHR7", "07", "23", "X", "mt", "chr7"]
    studies = [variants(chromosome=words), variants(chromosome=again)]
    for conventions, expected in (
        ({"chromosomes_as_written": True}, ["chr7", "07", "23", "x", "MT", "chr7"]),
        ({}, ["7", "7", "X", "X", "MT", "7"]),
    ):
        result = analysed(studies, conventions)
        assert result.table["chromosome"].tolist() == expected
        assert logged(result, "position_differs", 1)[1] == 0


def test_chromosomes_that_are_spelled_otherwise_are_others_then() -> None:
    studies = [variants(chromosome=["chr7", "23"]), variants(chromosome=["7", "X"])]
    assert logged(analysed(studies, {"chromosomes_as_written": True}), "position_differs", 1)[:2] == ("warned", 2)
    assert logged(analysed(studies), "position_differs", 1)[1] == 0


@pytest.mark.parametrize("first_has_it", [True, False])
def test_a_total_that_lacks_a_study_can_be_missing(first_has_it: bool) -> None:
    complete = variants(n=[100.0, 200.0, 300.0])
    gaps = variants(n=[10.0, float("nan"), 30.0])
    without = variants(n=[1.0])
    del without["n"]  # rs0 alone, in a study that says nothing of samples
    studies = [complete, gaps, without] if first_has_it else [without, gaps, complete]
    expected = by_id(analysed(studies))["n"]
    assert expected[["rs0", "rs1", "rs2"]].tolist() == [110, 200, 330]
    found = by_id(analysed(studies, {"incomplete_n_is_missing": True}))["n"]
    assert_allclose(found[["rs0", "rs1", "rs2"]], [np.nan, np.nan, 330], rtol=0)


def test_the_total_of_one_sex_can_be_missing_alone() -> None:
    without = one_variant(n=float("nan"))
    studies = [Study(one_variant(), name="a", sex="male"), Study(without, name="b", sex="female")]
    row = analysed(studies, {"incomplete_n_is_missing": True}, sex_differentiated=True).table.loc[0]
    assert_allclose(row[["male_n", "female_n", "n"]].astype(float), [1000, np.nan, np.nan], rtol=0)


# --- the record -----------------------------------------------------------------------------------------------------


def test_the_sidecar_says_which_conventions_a_run_followed(tmp_path: Path) -> None:
    assert analysed([one_variant()]).parameters()["conventions"] == {}
    result = analysed([one_variant()], {"alleles": "bases", "lambda_median": "upper"})
    *_, sidecar = result.write(tmp_path / "out")
    written = json.loads(sidecar.read_text())["conventions"]
    assert written == vars(Conventions(alleles="bases", lambda_median="upper"))
