"""Columns that are added up, effects of the other allele, and rows that are elsewhere: by hand and by turning back."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from numpy.testing import assert_allclose

from gwasmeta import GwasmetaError, MetaResult, Study, TextRules, meta_analyze

from .study_tables import (
    Columns,
    as_gwama,
    assert_same_table,
    by_id,
    logged,
    one_variant,
    study_sets,
    swapped,
    table_bytes,
)
from .test_matching import far_apart, joined

# --- columns that are added up ----------------------------------------------------------------------------------


def three_studies() -> list[Columns]:
    """Three variants with counts, which the second study calls otherwise and the third does not have."""
    rows = [one_variant(variant_id=f"rs{k}", EVENTS=value) for k, value in enumerate([3.0, 5.5, 12345678901.0])]
    first = joined(*rows)
    second = joined(*(one_variant(variant_id=f"rs{k}", Happened=value) for k, value in ((0, -1.25), (2, 2.0))))
    return [first, second, joined(*(one_variant(variant_id=f"rs{k}") for k in range(3)))]


def summed(studies: list[Columns], form: str = "frame") -> MetaResult:
    words: list[dict[str, str]] = [{"events": "EVENTS"}, {"events": "happened"}, {}]
    return meta_analyze(
        [
            Study(study if form == "frame" else io.BytesIO(table_bytes(study)), name=f"study{k}", sums=sums)
            for k, (study, sums) in enumerate(zip(studies, words, strict=True))
        ]
    )


@pytest.mark.parametrize("form", ["frame", "text"])
def test_numbers_are_added_up_over_the_studies_that_have_them(form: str) -> None:
    result = summed(three_studies(), form)
    assert result.table["events"].tolist() == [1.75, 5.5, 12345678903.0]
    without = meta_analyze([Study(study, name=f"study{k}") for k, study in enumerate(three_studies())])
    assert_same_table(by_id(result).drop(columns="events"), by_id(without))


def test_sums_are_written_with_the_other_columns(tmp_path: Path) -> None:
    path, *_ = summed(three_studies()).write(tmp_path / "out")
    assert pd.read_csv(path, sep="\t")["events"].tolist() == pytest.approx([1.75, 5.5, 12345678903.0], rel=1e-7)


def test_rows_that_are_left_out_do_not_count_nor_do_values_that_are_missing() -> None:
    studies = three_studies()
    studies[0]["standard_error"][0] = -1.0
    studies[0]["EVENTS"][1] = float("nan")
    studies[0] = joined(studies[0], one_variant(variant_id="rs2", EVENTS=7.0))  # a duplicate
    assert by_id(summed(studies))["events"][["rs0", "rs2"]].tolist() == [-1.25, 12345678903.0]
    studies[1]["Happened"][1] = float("nan")
    assert by_id(summed(studies))["events"]["rs2"] == 12345678901.0


@pytest.mark.parametrize("form", ["frame", "text"])
def test_values_that_are_no_numbers_are_noted(form: str) -> None:
    rows: list[Any] = ["7", "NA", "many", "1e3", "-2"]
    study = joined(*(one_variant(variant_id=f"rs{k}", EVENTS=value) for k, value in enumerate(rows)))
    study["beta"][1] = float("nan")  # left out anyway
    result = summed([study, *three_studies()[1:]], form)
    assert by_id(result)["events"][["rs0", "rs2", "rs3", "rs4"]].tolist() == [5.75, 2, 1000, -2]
    assert logged(result, "sum_missing") == ("warned", 1, [(4 if form == "text" else 3, "rs2", "many")])
    assert logged(result, "sum_missing", 1)[1] == 0


def test_a_column_can_be_added_up_twice_and_one_that_is_read_anyway_once_more() -> None:
    sums = {"weight_total": "N", "again": "n", "frequencies": "EFFECT_ALLELE_FREQUENCY"}
    studies = [
        Study(one_variant(n=n, effect_allele_frequency=f), name=str(n), sums=sums) for n, f in ((70, 0.25), (9, 0.5))
    ]
    row = meta_analyze(studies).table.loc[0]
    assert row[["n", "weight_total", "again", "frequencies"]].tolist() == [79, 79, 79, 0.75]


def test_an_impossible_value_that_is_taken_as_missing_adds_nothing() -> None:
    study = joined(*(one_variant(variant_id=f"rs{k}", n=n) for k, n in enumerate([70.0, -5.0])))
    result = meta_analyze([Study(as_gwama(study), name="a", sums={"total": "N"})])
    assert result.table["total"].tolist() == [70, 0]
    assert logged(result, "sum_missing") == ("warned", 1, [(2, "rs1", "-5.0")])


@pytest.mark.parametrize("condition", ["EVENTS < 5", "events < 5"])
@pytest.mark.parametrize("what", ["filters", "exclusions"])
def test_a_column_that_is_added_up_can_be_filtered_too(what: str, condition: str) -> None:
    options: Any = {what: (condition,)}
    result = meta_analyze([Study(three_studies()[0], name="a", sums={"total": "EVENTS"}, **options)])
    expected = [3.0] if what == "filters" else [5.5, 12345678901.0]
    assert result.table["total"].tolist() == expected
    assert sum(result.studies["excluded_by"][0].values()) == 3 - len(expected)


@pytest.mark.parametrize(
    ("sums", "message"),
    [
        ({"events": "NONE_SUCH"}, r"(?s)mine: no column NONE_SUCH.*added up as events.*EVENTS"),
        ({"events": "effect_allele"}, "mine: effect_allele, to be added up as events, is a column of words"),
        *(({name: "EVENTS"}, name) for name in ("beta", "variant_id", "n", "direction", "p_value")),
    ],
)
def test_what_cannot_be_added_up_is_refused(sums: dict[str, str], message: str) -> None:
    with pytest.raises(GwasmetaError, match=message):
        meta_analyze([Study(three_studies()[0], name="mine", sums=sums)])


def test_p_values_that_z_comes_from_are_not_added_up_as_something_else() -> None:
    columns = one_variant(p_value=0.25)
    del columns["standard_error"]
    with pytest.raises(GwasmetaError, match="p_value"):
        meta_analyze([Study(columns, name="mine", sums={"total": "p_value"})], methods="sample_size")


def test_the_sidecar_says_what_the_caller_said_of_a_study(tmp_path: Path) -> None:
    said: dict[str, Any] = {"sums": {"events": "EVENTS"}, "flip_effects": True, "sex": "female", "n_cases": 70.0}
    said |= {"exclusions": ("EVENTS > 10",), "text_rules": TextRules(separator="\t", uneven_lines="skip")}
    text = io.BytesIO(table_bytes(three_studies()[0]))
    *_, sidecar = meta_analyze([Study(text, name="a", **said), one_variant()]).write(tmp_path / "out")
    first, second = json.loads(sidecar.read_text())["studies"]
    assert first["given"] == said | {"exclusions": ["EVENTS > 10"], "text_rules": vars(said["text_rules"])}
    assert second["given"] == {}


# --- effects of the other allele --------------------------------------------------------------------------------


@given(study_sets())
def test_flipping_is_changing_the_sign_of_every_effect(studies: list[Columns]) -> None:
    by_hand = [studies[0], *(study | {"beta": [-beta for beta in study["beta"]]} for study in studies[1:])]
    found = meta_analyze([Study(study, name=f"s{k}", flip_effects=k > 0) for k, study in enumerate(studies)])
    expected = meta_analyze([Study(study, name=f"s{k}") for k, study in enumerate(by_hand)])
    assert_same_table(by_id(found), by_id(expected))


SCALES: dict[str, tuple[dict[str, Any], Any]] = {
    "effects": ({"beta": [0.2], "standard_error": [0.1]}, "fixed"),
    "odds ratios": ({"odds_ratio": [1.25], "standard_error": [0.1]}, "fixed"),
    "z": ({"z": [2.0]}, "sample_size"),
    "p-values with directions": ({"p_value": [0.01], "effect_direction": ["+"]}, "sample_size"),
}


@pytest.mark.parametrize("scale", SCALES)
def test_a_flipped_study_alone_has_the_opposite_result(scale: str) -> None:
    values, method = SCALES[scale]
    columns = {"variant_id": ["rs1"], "effect_allele": ["A"], "other_allele": ["C"], "n": [500.0]} | values
    columns |= {"effect_allele_frequency": [0.3]}
    kept, flipped = (
        meta_analyze([Study(columns, name="a", flip_effects=flip)], methods=method).table.loc[0]
        for flip in (False, True)
    )
    assert (kept["direction"], flipped["direction"]) == ("+", "-")
    assert flipped["z"] == -kept["z"] < 0
    if "odds_ratio" in values:
        assert flipped["odds_ratio"] == pytest.approx(0.8, rel=1e-12)
    for column in ("effect_allele", "effect_allele_frequency", "neg_log_10_p_value"):
        assert flipped[column] == kept[column]


def test_flipped_and_swapped_effects_are_the_effects_again() -> None:
    studies = [one_variant(), swapped(one_variant(beta=0.4))]
    row = meta_analyze([Study(study, name=str(k), flip_effects=k == 1) for k, study in enumerate(studies)]).table.loc[0]
    assert row["beta"] == pytest.approx((0.2 - 0.4) / 2, rel=1e-12)
    assert row["direction"] == "+-"
    assert row["effect_allele_frequency"] == pytest.approx(0.3, rel=1e-12)  # of the same allele in both


@pytest.mark.parametrize(("condition", "n_used"), [("beta > 0", 1), ("beta < 0", 0), ("z > 1", 1)])
def test_filters_see_the_effects_as_they_are_in_the_file(condition: str, n_used: int) -> None:
    studies = [Study(one_variant(), name="a", flip_effects=True, filters=condition), one_variant(variant_id="rs2")]
    assert meta_analyze(studies).studies["rows_used"].tolist() == [n_used, 1]


# --- rows that are elsewhere ------------------------------------------------------------------------------------

# Where the second study has the variant that the first has on chromosome 1 at 1000, and whether that is elsewhere.
PLACES: list[tuple[Any, Any, bool]] = [
    ("1", 1001, True),
    ("2", 1000, True),
    ("X", 1000, True),
    ("1", 1000, False),
    ("chr1", 1000, False),
    ("01", 1000.0, False),
    ("1", None, False),
    ("", 1001, False),
    ("NA", 1001, False),
]


@pytest.mark.parametrize(("chromosome", "position", "elsewhere"), PLACES)
@pytest.mark.parametrize("conflicts", ["warn", "exclude"])
def test_rows_that_are_elsewhere_are_noted_or_left_out(
    conflicts: Any, chromosome: Any, position: Any, elsewhere: bool
) -> None:
    second = one_variant(beta=0.4, chromosome=chromosome, base_pair_location=position, EVENTS=3.0)
    studies = [Study(one_variant(), name="a"), Study(second, name="b", sums={"events": "EVENTS"})]
    result = meta_analyze(studies, position_conflicts=conflicts)
    row = result.table.loc[0]
    left_out = elsewhere and conflicts == "exclude"
    assert row["beta"] == pytest.approx(0.2 if left_out else 0.3, rel=1e-12)
    assert (row["chromosome"], row["base_pair_location"]) == ("1", 1000)
    assert row[["n_studies", "n", "events"]].tolist() == ([1, 1000, 0] if left_out else [2, 2000, 3])
    action, count, examples = logged(result, "position_differs", 1)
    assert (action, count) == (("excluded" if left_out else "warned", 1) if elsewhere else ("", 0))
    assert examples == ([(1, "rs1", str(position))] if elsewhere else [])
    assert result.studies["rows_used"].tolist() == [1, 0 if left_out else 1]
    assert result.studies["excluded_by"][1] == ({"position_differs": 1} if left_out else {})


@pytest.mark.parametrize("in_one_block", [True, False])
def test_a_row_that_is_elsewhere_does_not_block_a_later_one_in_place(in_one_block: bool) -> None:
    """Where the blocks of the reader end must not matter."""
    rows = [one_variant(beta=9.0, base_pair_location=5), one_variant(beta=0.4), one_variant(beta=7.0)]
    second = joined(*rows) if in_one_block else far_apart(*rows)
    result = meta_analyze([one_variant(), second], position_conflicts="exclude")
    assert result.table["beta"][0] == pytest.approx(0.3, rel=1e-12)
    assert result.studies["excluded_by"][1] == {"position_differs": 1, "duplicate": 1}


@pytest.mark.parametrize("palindromic", ["keep", "infer"])
def test_the_books_balance_over_many_rows_of_every_kind(palindromic: Any) -> None:
    rng = np.random.default_rng(6)
    studies = []
    for study in range(3):
        rows = rng.integers(0, 300, 600)
        pairs = np.array([("A", "C"), ("C", "A"), ("A", "T"), ("A", "G"), ("A", ".")])[
            rng.choice(5, 600, p=[0.6, 0.1, 0.1, 0.1, 0.1])
        ]
        studies.append(
            Study(
                {
                    "variant_id": [f"rs{k}" for k in rows],
                    "chromosome": np.where(rng.random(600) < 0.1, "2", "1").tolist(),
                    "base_pair_location": np.where(rng.random(600) < 0.1, 5, 1000 + rows).tolist(),
                    "effect_allele": pairs[:, 0].tolist(),
                    "other_allele": pairs[:, 1].tolist(),
                    "effect_allele_frequency": rng.uniform(0.05, 0.95, 600).tolist(),
                    "beta": rng.normal(size=600).tolist(),
                    "standard_error": rng.uniform(-0.05, 1, 600).tolist(),
                },
                name=f"study{study}",
            )
        )
    result = meta_analyze(studies, position_conflicts="exclude", palindromic=palindromic)
    books = result.studies
    assert (books["rows_read"] == 600).all()
    assert_allclose(books["rows_used"] + [sum(rules.values()) for rules in books["excluded_by"]], 600, rtol=0)
    assert result.table["n_studies"].sum() == books["rows_used"].sum()
    rules = set().union(*books["excluded_by"])
    assert {
        "position_differs",
        "duplicate",
        "alleles_differ",
        "other_allele_missing",
        "standard_error_not_positive",
    } <= rules
