"""Single rows that are hard to keep as numbers: what ranges make of them, and say of them, is what memory does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gwasmeta import MetaResult, Study

from .ranges_comparison import assert_same_in_ranges, both, streams, text_of
from .study_tables import Columns, by_id, logged, one_variant

pytestmark = pytest.mark.usefixtures("small_ranges")


def rows(*given: dict[str, Any]) -> Columns:
    """Return a study of rows that are those of `one_variant` but for what is given."""
    variants = [one_variant(**row) for row in given]
    return {name: [variant[name][0] for variant in variants] for name in variants[0]}


def rules_of(result: MetaResult, study: str) -> list[str]:
    """Return the rules that caught rows of a study, in the order of the log."""
    found = result.log[(result.log["study"] == study) & result.log["action"].isin(["excluded", "warned"])]
    return list(dict.fromkeys(found["rule"]))


def without(study: Columns, *names: str) -> Columns:
    return {name: values for name, values in study.items() if name not in names}


# --- places ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("written", ["2000", "2000.0", "2e3", "002000"])
@pytest.mark.parametrize("conflicts", ["warn", "exclude"])
def test_a_place_that_differs_is_shown(written: str, conflicts: Any, tmp_path: Path) -> None:
    """As a number: the text is not kept."""
    studies = streams([one_variant(), one_variant(base_pair_location=written)])
    in_ranges = both(studies, position_conflicts=conflicts)[1]
    action = "excluded" if conflicts == "exclude" else "warned"
    assert logged(in_ranges, "position_differs", 1) == (action, 1, [(2, "rs1", "2000")])
    if written == "2000":
        assert_same_in_ranges(studies, tmp_path, position_conflicts=conflicts)


@pytest.mark.parametrize("written", ["NA", ".", "0", "-5", "1e12", "2147483647", "1000.7"])
@pytest.mark.parametrize("of_first", [True, False])
def test_places_that_are_none(written: str, of_first: bool, tmp_path: Path) -> None:
    odd, usual = one_variant(base_pair_location=written), one_variant()
    assert_same_in_ranges(streams([odd, usual, usual] if of_first else [usual, odd, usual]), tmp_path)


@pytest.mark.parametrize("first", ["1", "chr1", "01", "X", "23", "chrx", "MT", "26", "ctg7_alt", "NA", "0"])
@pytest.mark.parametrize("second", ["1", "CHR01", "chrX", "M", "CTG7_ALT", "NA"])
def test_spellings_of_chromosomes(first: str, second: str, tmp_path: Path) -> None:
    studies = [one_variant(chromosome=first), one_variant(chromosome=second)]
    assert_same_in_ranges(streams(studies), tmp_path, position_conflicts="exclude")


def test_a_study_whose_rows_are_all_elsewhere(tmp_path: Path) -> None:
    """Its places follow from no variant's, and nothing does that is not taken from its own rows."""
    variants = range(150)
    one = rows(*({"variant_id": f"rs{k}", "base_pair_location": 100 + k} for k in variants))
    other = rows(*({"variant_id": f"rs{k}", "base_pair_location": 105 + k, "beta": 0.3} for k in reversed(variants)))
    for conflicts, n_studies in (("warn", 2), ("exclude", 1)):
        result = assert_same_in_ranges(streams([one, other]), tmp_path, position_conflicts=conflicts)
        assert result.table["n_studies"].tolist() == [n_studies] * 150
        assert logged(result, "position_differs", 1)[1] == 150
    last = streams([without(one, "base_pair_location", "chromosome"), other])
    assert assert_same_in_ranges(last, tmp_path).table["base_pair_location"].tolist() == [105 + k for k in variants]


def test_the_place_comes_from_the_first_row_that_is_used(tmp_path: Path) -> None:
    """Which need not be the first row of the variant."""
    first = rows({"chromosome": "NA"}, {"variant_id": "rs2", "effect_allele": "G", "beta": "NA"})
    second = rows(
        {"effect_allele": "T", "base_pair_location": 7},  # T/C is no A/C
        {"base_pair_location": 8},
        {"base_pair_location": 9},
        {"variant_id": "rs2", "base_pair_location": 11},
    )
    result = assert_same_in_ranges(streams([first, second, one_variant()]), tmp_path)
    assert by_id(result)["base_pair_location"].tolist() == [8, 11]


def test_a_row_that_is_elsewhere_leaves_its_place_to_the_next(tmp_path: Path) -> None:
    second = rows({"base_pair_location": 5, "beta": 9.0}, {"beta": 0.4}, {"beta": 7.0})
    result = assert_same_in_ranges(streams([one_variant(), second]), tmp_path, position_conflicts="exclude")
    assert result.table["beta"].tolist() == [pytest.approx(0.3)]
    assert rules_of(result, "study 1") == ["position_differs", "duplicate"]


# --- alleles ---------------------------------------------------------------------------------------------

WRITTEN = ["A/C", "c/a", "T/G", "g/t", "1/2", "4/3", "at/A", "A/AT", "<DEL>/a", "I/D", "-/A", "A/G", "A/T", "C/G"]


@pytest.mark.parametrize("first", WRITTEN)
@pytest.mark.parametrize("palindromic", ["keep", "infer"])
def test_alleles_as_they_are_written(first: str, palindromic: Any, tmp_path: Path) -> None:
    def of(pair: str, **values: Any) -> Columns:
        effect, other = pair.split("/")
        return one_variant(effect_allele=effect, other_allele=other, **values)

    for strand in (None, "+", "-"):
        studies = [of(first), *(of(pair, beta=0.1 * k) for k, pair in enumerate(WRITTEN))]
        if strand is not None:
            studies = [study | {"strand": [strand if k % 2 else "+"]} for k, study in enumerate(studies)]
        assert_same_in_ranges(streams(studies), tmp_path, palindromic=palindromic)


@pytest.mark.parametrize("length", [59, 60, 61, 300])
def test_long_alleles_that_differ(length: int, tmp_path: Path) -> None:
    result = assert_same_in_ranges(
        streams([one_variant(), one_variant(effect_allele="A" * length, variant_id="rs1")]), tmp_path
    )
    assert logged(result, "alleles_differ", 1)[1] == 1


def test_alleles_that_are_no_utf_8(tmp_path: Path) -> None:
    """Two bytes that mean nothing are two alleles all the same."""
    header = "variant_id\teffect_allele\tother_allele\tbeta\tstandard_error\n"
    paths = []
    for number, letters in enumerate(("ÄAÄ", "ÖAÄ", "ÖAä")):
        lines = (f"rs{k}\t{letter}\tC\t0.{number}5\t0.1\n" for k, letter in enumerate(letters))
        paths.append(tmp_path / f"study{number}.txt")
        paths[-1].write_bytes((header + "".join(lines)).encode("latin-1"))
    results = both(paths)
    tables = [result.write(tmp_path / f"{k}.tsv")[0].read_bytes() for k, result in enumerate(results)]
    assert tables[1] == tables[0]  # which are no text
    assert [result.table["n_studies"].tolist() for result in results] == [[1, 3, 2]] * 2


# --- variants by position ----------------------------------------------------------------------------------


def test_variants_by_position(tmp_path: Path) -> None:
    """One study has ids of its own, one the first's, one none."""
    first = rows(*({"variant_id": f"rs{k}", "base_pair_location": 10 + k // 2, "chromosome": "X"} for k in range(80)))
    first["other_allele"] = ["G", "C"] * 40
    ids = [f"other{k}" for k in range(80)]
    second = first | {"variant_id": ids, "effect_allele": ["T"] * 80, "other_allele": ["C", "G"] * 40}
    second["chromosome"] = ["chr23"] * 80
    third = without({name: values[::-1] for name, values in first.items()}, "variant_id")
    third["beta"] = [0.3] * 80
    result = assert_same_in_ranges(streams([first, second, third]), tmp_path, match="position")
    assert result.table["n_studies"].tolist() == [3] * 80
    assert logged(result, "other_strand", 1)[2][0] == (2, "other0", "T/C")


def test_rows_without_ids_are_told_as_in_memory(tmp_path: Path) -> None:
    rowless = without(rows({}, {"effect_allele": "C", "other_allele": "A"}), "variant_id")
    result = assert_same_in_ranges(streams([rowless, one_variant(effect_allele="T")]), tmp_path, match="position")
    assert logged(result, "duplicate")[1] == 1


# --- numbers ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("written", ["0.8", "0.8000", "8e-1", ".80"])
def test_a_frequency_that_turns_a_strand_is_shown(written: str, tmp_path: Path) -> None:
    """As a number: the text is not kept."""
    palindromic = {"effect_allele": "A", "other_allele": "T"}
    studies = [one_variant(**palindromic), one_variant(**palindromic, effect_allele_frequency=written)]
    in_ranges = both(streams(studies), palindromic="infer")[1]
    assert logged(in_ranges, "palindromic_strand_turned", 1) == ("warned", 1, [(2, "rs1", "0.8")])
    if written == "0.8":
        assert_same_in_ranges(streams(studies), tmp_path, palindromic="infer")


def test_numbers_that_are_all_alike_or_zero_or_missing(tmp_path: Path) -> None:
    """They are kept without a file; the sign of a zero and the lack of a number are kept too."""
    numbers = {"beta": "-0.0", "standard_error": "0.1", "effect_allele_frequency": "NA", "n": "NA"}
    constant = rows(*({"variant_id": f"rs{k}", **numbers} for k in range(70)))
    usual = rows(*({"variant_id": f"rs{k}", "n": k + 1.0} for k in range(0, 70, 2)))
    for studies in ([constant], [constant, constant], [usual, constant], [constant, usual]):
        result = assert_same_in_ranges(streams(studies), tmp_path, leave_one_out=True)
        assert len(result.table) == 70


def test_frequencies_far_from_the_others(tmp_path: Path) -> None:
    near = rows(*({"variant_id": f"rs{k}", "effect_allele_frequency": 0.1 + 0.002 * k} for k in range(90)))
    far = near | {"effect_allele_frequency": [1 - f for f in near["effect_allele_frequency"]]}
    far = {name: values[::-1] for name, values in far.items()}
    result = assert_same_in_ranges(streams([near, far, far]), tmp_path, frequency_difference=0.45)
    action, count, examples = logged(result, "frequency_far_from_others", 1)
    assert (action, count) == ("warned", 88)
    assert examples[0] == (4, "rs87", "0.726/0.274")


# --- the log ---------------------------------------------------------------------------------------------


def test_examples_are_the_first_rows_of_the_study_wherever_their_variants_are(tmp_path: Path) -> None:
    """Rows of the last ranges come first in the second study, and are its examples."""
    first = rows(*({"variant_id": f"rs{k}"} for k in range(200)))
    second = {name: values[::-1] for name, values in first.items()}
    second["effect_allele"] = ["G" if k % 11 == 3 else "T" if k % 11 == 5 else "A" for k in range(200)]
    second["other_allele"] = ["G" if letter == "T" else "C" for letter in second["effect_allele"]]
    result = assert_same_in_ranges(streams([first, second]), tmp_path)
    expected = [(k + 2, f"rs{199 - k}", "G/C") for k in range(3, 58, 11)]
    assert logged(result, "alleles_differ", 1) == ("excluded", 18, expected)
    expected = [(k + 2, f"rs{199 - k}", "T/G") for k in range(5, 60, 11)]
    assert logged(result, "other_strand", 1) == ("warned", 18, expected)


def test_findings_are_in_the_order_of_their_first_rows(tmp_path: Path) -> None:
    """And those that have the same first row, in the order in which they are looked for."""
    first = rows(*({"variant_id": f"rs{k}"} for k in range(100)))
    moved_far = {"effect_allele": "T", "other_allele": "G", "effect_allele_frequency": 0.9, "base_pair_location": 5}
    second = rows(*({"variant_id": f"rs{k}", **(moved_far if k % 3 == 1 else {})} for k in reversed(range(100))))
    second["standard_error"][50] = 0
    second["effect_allele"][10] = "G"
    for studies in ([first, second], [first, second, second]):
        result = assert_same_in_ranges(streams(studies), tmp_path)
    assert rules_of(result, "study 1") == [
        *("position_differs", "other_strand", "frequency_far_from_others"),
        *("alleles_differ", "standard_error_not_positive"),
    ]


@pytest.mark.parametrize("n_unlike", [1, 2, 5])
@pytest.mark.parametrize("unlike", [{"effect_allele": "G"}, {"base_pair_location": 5}, {"other_allele": "gattaca"}])
def test_few_rows_that_do_not_follow_from_their_variants(unlike: dict[str, Any], n_unlike: int, tmp_path: Path) -> None:
    first = rows(*({"variant_id": f"rs{k}"} for k in range(90)))
    second = rows(
        *({"variant_id": f"rs{k}", **(unlike if k // 7 < n_unlike and k % 7 == 6 else {})} for k in range(90))
    )
    second = {name: values[50:] + values[:50] for name, values in second.items()}
    result = assert_same_in_ranges(streams([first, second]), tmp_path, position_conflicts="exclude")
    expected = [1 if k // 7 < n_unlike and k % 7 == 6 else 2 for k in range(90)]
    assert by_id(result)["n_studies"][[f"rs{k}" for k in range(90)]].tolist() == expected


def test_duplicates_far_apart_in_a_study(tmp_path: Path) -> None:
    """The first of them counts, also where others lie between, and its file is in many pieces."""
    order = [*range(60), *range(0, 60, 5), *range(59, 0, -7)]
    study = rows(*({"variant_id": f"rs{k}", "beta": 0.001 * row} for row, k in enumerate(order)))
    other = {name: values[::-1] for name, values in study.items()}
    result = assert_same_in_ranges([study, other], tmp_path)
    assert logged(result, "duplicate")[1] == len(order) - 60
    alone = assert_same_in_ranges(streams([study]), tmp_path)
    assert by_id(alone)["beta"]["rs5"] == 0.005


def test_a_study_that_stands_for_nothing_new(tmp_path: Path) -> None:
    """Its rows are none of the result's: all are other alleles."""
    study = rows(*({"variant_id": f"rs{k}"} for k in range(40)))
    other = study | {"effect_allele": ["G"] * 40}
    result = assert_same_in_ranges(streams([study, other, study]), tmp_path, genomic_control=True)
    assert result.studies["rows_used"].tolist() == [40, 0, 40]


@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize("spoiled", [{"beta": "NA"}, None])
def test_a_study_without_any_row(place: int, spoiled: dict[str, Any] | None, tmp_path: Path) -> None:
    """All are left out by the checks; or the file has nothing but its header."""
    empty = one_variant(**spoiled) if spoiled else {name: [] for name in one_variant()}
    studies = [one_variant(), one_variant(beta=0.4)]
    studies.insert(place, empty)
    for options in ({"genomic_control": True}, {"methods": ("random", "sample_size")}, {"leave_one_out": True}):
        result = assert_same_in_ranges(streams(studies), tmp_path, **options)
        assert sorted(result.studies["rows_used"]) == [0, 1, 1]


def test_a_sum_of_one_study(tmp_path: Path) -> None:
    def make() -> list[Study]:
        summed = one_variant() | {"carriers": ["5"]}
        return [Study(text_of(one_variant()), name="a"), Study(text_of(summed), name="b", sums={"all": "carriers"})]

    assert assert_same_in_ranges(make, tmp_path).table["all"].tolist() == [5]
