"""Which rows are the same variant, and which way round their alleles are."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose

from gwasmeta import GwasmetaError, MetaResult, Study, meta_analyze

from .study_tables import Columns, by_id, logged, one_variant, table_bytes

COMBINED = {+1: 0.3, -1: -0.1}  # of 0.2 and plus or minus 0.4, equally weighted


def pair(first: str, second: str, **options: Any) -> MetaResult:
    """Combine an effect of 0.2 for one pair of alleles with one of 0.4 for another."""
    return meta_analyze([alleles(first, beta=0.2), alleles(second, beta=0.4)], **options)


def alleles(written: str, **values: Any) -> Columns:
    effect, other = written.split("/")
    return one_variant(effect_allele=effect, other_allele=other, **values)


def joined(*studies: Columns) -> Columns:
    """Return one study with the rows of several."""
    return {name: [value for study in studies for value in study[name]] for name in studies[0]}


# --- alleles --------------------------------------------------------------------------------------------

MATCHES = [
    ("A/C", "A/C", +1, False),
    ("A/C", "C/A", -1, False),
    ("A/C", "T/G", +1, True),
    ("A/C", "G/T", -1, True),
    ("T/C", "A/G", +1, True),
    ("T/C", "G/A", -1, True),
    ("C/G", "C/G", +1, False),
    ("C/G", "G/C", -1, False),
    ("A/T", "A/T", +1, False),
    ("A/T", "T/A", -1, False),
    ("A/C", "a/c", +1, False),
    ("a/c", "C/A", -1, False),
    ("A/C", "t/G", +1, True),
    ("1/2", "A/C", +1, False),
    ("A/C", "2/1", -1, False),
    ("A/C", "4/3", +1, True),
    ("4/2", "1/3", +1, True),
    ("AT/A", "AT/A", +1, False),
    ("AT/A", "A/AT", -1, False),
    ("AT/A", "at/a", +1, False),
    ("at/A", "a/aT", -1, False),
    ("ACGT/TT", "TT/ACGT", -1, False),
    ("I/D", "D/I", -1, False),
    ("<DEL>/G", "G/<del>", -1, False),
    ("-/A", "A/-", -1, False),
]


@pytest.mark.parametrize(("first", "second", "sign", "on_other_strand"), MATCHES)
@pytest.mark.parametrize("match", ["id", "position"])
def test_alleles_that_match(match: Any, first: str, second: str, sign: int, on_other_strand: bool) -> None:
    result = pair(first, second, match=match)
    (row,) = result.table.to_dict("records")
    assert row["beta"] == pytest.approx(COMBINED[sign], rel=1e-12)
    assert row["n_studies"] == 2
    assert row["effect_allele_frequency"] == pytest.approx(0.3 if sign > 0 else 0.5, rel=1e-12)
    assert row["direction"] == ("++" if sign > 0 else "+-")
    expected = [(1, "rs1", second)] if on_other_strand else []
    assert logged(result, "other_strand", 1) == (("warned", 1, expected) if on_other_strand else ("", 0, []))


@pytest.mark.parametrize(("first", "second", "sign", "on_other_strand"), MATCHES)
def test_the_first_study_sets_the_alleles_in_capital_letters(
    first: str, second: str, sign: int, on_other_strand: bool
) -> None:
    bases = str.maketrans("1234", "ACGT")
    table = pair(first, second).table
    assert table[["effect_allele", "other_allele"]].values.tolist() == [first.upper().translate(bases).split("/")]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("A/C", "A/G"),
        ("A/C", "A/T"),
        ("A/C", "C/G"),
        ("A/T", "C/G"),
        ("AT/A", "AG/A"),
        ("AT/A", "AT/C"),
        ("AT/A", "A/ATT"),
        ("AT/A", "TA/T"),  # longer alleles are not complemented
        ("AT/A", "A/C"),
        ("A/C", "I/D"),
    ],
)
def test_alleles_that_differ_are_left_out(first: str, second: str) -> None:
    result = pair(first, second)
    assert result.table["beta"].tolist() == [0.2]
    assert result.table["n"].tolist() == [1000]
    assert logged(result, "alleles_differ", 1) == ("excluded", 1, [(1, "rs1", second)])
    assert result.studies["rows_used"].tolist() == [1, 0]


def test_alleles_that_differ_are_counted_and_do_not_touch_other_rows() -> None:
    good = joined(*(alleles("A/C", variant_id=f"rs{k}", beta=0.2) for k in range(8)))
    bad = good | {"effect_allele": ["A", "G", "G", "A", "G", "G", "G", "G"], "beta": [0.4] * 8}
    result = meta_analyze([good, bad])
    assert by_id(result)["n_studies"].tolist() == [2, 1, 1, 2, 1, 1, 1, 1]
    action, count, examples = logged(result, "alleles_differ", 1)
    assert (action, count) == ("excluded", 6)
    assert examples == [
        (row + 1, f"rs{row}", f"{bad['effect_allele'][row]}/{bad['other_allele'][row]}") for row in (1, 2, 4, 5, 6)
    ]
    assert result.studies["excluded_by"].tolist() == [{}, {"alleles_differ": 6}]


@pytest.mark.parametrize(
    ("written", "strand", "sign"),
    [
        ("A/C", "+", +1),
        ("T/G", "-", +1),
        ("G/T", "-", -1),
        ("t/g", "-", +1),
        ("A/C", "-", +1),  # taken for C/A's complement by the column, and back by the match
        ("A/C", "", +1),
        ("A/C", "NA", +1),
        ("C/A", ".", -1),
    ],
)
def test_the_strand_column(written: str, strand: str, sign: int) -> None:
    result = meta_analyze([alleles("A/C", beta=0.2), alleles(written, beta=0.4, strand=strand)])
    assert result.table["beta"][0] == pytest.approx(COMBINED[sign], rel=1e-12)


@pytest.mark.parametrize(("strand", "sign"), [("+", +1), ("-", -1)])
@pytest.mark.parametrize("written", ["A/T", "C/G"])
def test_the_strand_column_tells_what_palindromic_alleles_do_not(written: str, strand: str, sign: int) -> None:
    result = meta_analyze([alleles(written, beta=0.2), alleles(written, beta=0.4, strand=strand)])
    (row,) = result.table.to_dict("records")
    assert row["beta"] == pytest.approx(COMBINED[sign], rel=1e-12)
    assert row["effect_allele_frequency"] == pytest.approx(0.3 if sign > 0 else 0.5, rel=1e-12)


def test_a_strand_column_of_the_first_study_sets_the_alleles_of_the_forward_strand() -> None:
    table = meta_analyze([alleles("T/G", strand="-")]).table
    assert table[["effect_allele", "other_allele"]].values.tolist() == [["A", "C"]]


# --- duplicates -----------------------------------------------------------------------------------------


def test_the_first_row_of_a_variant_counts() -> None:
    twice = joined(*(alleles("A/C", beta=beta, n=n) for beta, n in ((0.2, 10.0), (0.9, 20.0), (0.7, 40.0))))
    result = meta_analyze([twice, alleles("A/C", beta=0.4, n=80.0)])
    assert result.table["beta"][0] == pytest.approx(0.3, rel=1e-12)
    assert result.table["n"].tolist() == [90]
    assert result.table["n_studies"].tolist() == [2]
    assert logged(result, "duplicate") == ("excluded", 2, [(2, "rs1", "rs1"), (3, "rs1", "rs1")])
    assert result.studies[["rows_read", "rows_used"]].values.tolist() == [[3, 1], [1, 1]]


@pytest.mark.parametrize(
    "bad",
    [
        {"standard_error": -0.1},
        {"beta": float("nan")},
        {"effect_allele": "G"},  # alleles_differ
        {"other_allele": "A"},
        {"effect_allele": "."},
    ],
)
def test_a_bad_first_row_does_not_block_a_later_good_one(bad: dict[str, Any]) -> None:
    second = joined(one_variant(**bad), one_variant(beta=0.4), one_variant(beta=0.9))
    result = meta_analyze([one_variant(), second])
    assert result.table["beta"][0] == pytest.approx(0.3, rel=1e-12)
    assert logged(result, "duplicate", 1)[:2] == ("excluded", 1)


def far_apart(*studies: Columns) -> Study:
    """Write rows into one file, comment lines of more than a block of the reader's between them."""
    lines = table_bytes(joined(*studies)).splitlines(keepends=True)
    filler = (b"#" + b"-" * 126 + b"\n") * 40_000
    return Study(io.BytesIO(lines[0] + filler.join(lines[1:])))


@pytest.mark.parametrize("in_one_block", [True, False])
def test_an_unclear_first_row_does_not_block_a_later_clear_one(in_one_block: bool) -> None:
    """Where the blocks of the reader end must not matter."""
    unclear, clear = alleles("A/T", effect_allele_frequency=0.5), alleles("A/T", beta=0.4)
    first, again = alleles("A/T"), alleles("A/T", beta=0.9)
    second = joined(unclear, clear, again) if in_one_block else far_apart(unclear, clear, again)
    result = meta_analyze([first, second], palindromic="infer")
    assert result.table["beta"][0] == pytest.approx(0.3, rel=1e-12)
    assert result.studies["excluded_by"][1] == {"palindromic_not_inferable": 1, "duplicate": 1}


def test_a_duplicate_in_a_later_block_is_found() -> None:
    result = meta_analyze([far_apart(one_variant(), one_variant(beta=0.9))])
    assert result.table["beta"].tolist() == [0.2]
    assert logged(result, "duplicate") == ("excluded", 1, [(40_003, "rs1", "rs1")])


# --- palindromic variants -------------------------------------------------------------------------------


def test_palindromic_variants_are_taken_as_given_unless_asked_otherwise() -> None:
    studies = [alleles("A/T", effect_allele_frequency=0.1), alleles("A/T", beta=0.4, effect_allele_frequency=0.95)]
    result = meta_analyze(studies)
    assert result.table["beta"][0] == pytest.approx(0.3, rel=1e-12)
    assert set(result.log["rule"]) == {"rows_read", "rows_used", "frequency_far_from_others"}


def test_palindromic_variants_are_left_out_if_asked_for() -> None:
    written = ["A/T", "t/a", "C/G", "G/C", "1/4", "A/C", "AT/TA", "G/T"]
    study = joined(*(alleles(pair, variant_id=f"rs{row}") for row, pair in enumerate(written)))
    result = meta_analyze([study], palindromic="drop")
    assert result.table["variant_id"].tolist() == ["rs5", "rs6", "rs7"]
    effect_alleles = enumerate(["A", "t", "C", "G", "1"])
    examples = [(row + 1, f"rs{row}", allele) for row, allele in effect_alleles]
    assert logged(result, "palindromic") == ("excluded", 5, examples)


# Frequency in the first study; alleles and frequency in the second; what becomes of the second.
INFERRED: list[tuple[float | None, str, float | None, str]] = [
    (0.2, "A/T", 0.25, "as given"),
    (0.2, "A/T", 0.75, "turned"),
    (0.2, "T/A", 0.75, "swapped"),
    (0.2, "T/A", 0.25, "swapped and turned"),
    (0.8, "A/T", 0.9, "as given"),
    (0.8, "A/T", 0.1, "turned"),
    (0.8, "T/A", 0.1, "swapped"),
    (0.8, "T/A", 0.9, "swapped and turned"),
    (0.2, "A/T", 0.41, "as given"),
    (0.2, "A/T", 0.59, "turned"),
    (0.2, "A/T", 0.42, "unclear"),  # the edges of the window belong to it
    (0.2, "A/T", 0.58, "unclear"),
    (0.2, "T/A", 0.42, "unclear"),
    (0.2, "T/A", 0.58, "unclear"),
    (0.2, "A/T", 0.5, "unclear"),
    (0.2, "A/T", None, "unclear"),
    (0.42, "A/T", 0.2, "alone"),
    (0.58, "A/T", 0.2, "alone"),
    (0.5, "A/T", 0.2, "alone"),
    (None, "A/T", 0.2, "alone"),
]
EFFECTS_INFERRED = {
    "as given": 0.3,
    "turned": -0.1,
    "swapped": -0.1,
    "swapped and turned": 0.3,
    "unclear": 0.2,
    "alone": 0.4,
}


@pytest.mark.parametrize(("first", "written", "second", "fate"), INFERRED)
def test_palindromic_variants_are_turned_by_their_frequencies(
    first: float | None, written: str, second: float | None, fate: str
) -> None:
    studies = [
        alleles("A/T", beta=0.2, effect_allele_frequency=first),
        alleles(written, beta=0.4, effect_allele_frequency=second),
    ]
    result = meta_analyze(studies, palindromic="infer")
    assert result.table["beta"][0] == pytest.approx(EFFECTS_INFERRED[fate], rel=1e-12)
    unclear = {"unclear": [0, 1], "alone": [1, 0]}.get(fate, [0, 0])
    assert [logged(result, "palindromic_not_inferable", k)[1] for k in (0, 1)] == unclear
    assert logged(result, "palindromic_strand_turned", 1)[1] == ("turned" in fate)
    assert result.studies["rows_used"].tolist() == [1 - count for count in unclear]


@pytest.mark.parametrize(
    ("first", "written", "second", "fate"), [case for case in INFERRED if case[3] not in {"unclear", "alone"}]
)
def test_frequencies_are_turned_with_the_strand(first: float, written: str, second: float, fate: str) -> None:
    studies = [alleles("A/T", effect_allele_frequency=first), alleles(written, effect_allele_frequency=second)]
    aligned = second if fate in {"as given", "swapped and turned"} else 1 - second
    mean = meta_analyze(studies, palindromic="infer").table["effect_allele_frequency"][0]
    assert mean == pytest.approx((first + aligned) / 2, rel=1e-12)


@pytest.mark.parametrize(
    ("window", "second", "used"),
    [
        (0.08, 0.43, 0),
        (0.05, 0.43, 1),
        (0.0, 0.499, 1),
        (0.0, 0.5, 0),
        (0.3, 0.2, 0),
        (0.3, 0.8, 0),
        (0.3, 0.19, 1),
    ],
)
def test_the_width_of_the_window_can_be_chosen(window: float, second: float, used: int) -> None:
    studies = [alleles("A/T", effect_allele_frequency=0.1), alleles("A/T", effect_allele_frequency=second)]
    result = meta_analyze(studies, palindromic="infer", palindromic_window=window)
    assert result.studies["rows_used"].tolist() == [1, used]


def test_the_widest_window_leaves_nothing() -> None:
    studies = [alleles("A/T", effect_allele_frequency=frequency) for frequency in (0.01, 0.99)]
    with pytest.raises(GwasmetaError, match="palindromic_not_inferable 1"):
        meta_analyze(studies, palindromic="infer", palindromic_window=0.5)


def test_other_variants_need_no_frequency() -> None:
    studies = [alleles("A/C", effect_allele_frequency=None), alleles("T/G", effect_allele_frequency=0.5)]
    result = meta_analyze(studies, palindromic="infer")
    assert result.studies["rows_used"].tolist() == [1, 1]


def test_the_frequency_that_tells_the_strand_needs_no_sample_size() -> None:
    """A row without n adds nothing to the mean frequency, but its alleles are those that the others are turned to."""
    first = joined(alleles("A/T", beta=0.2, n=None), one_variant(variant_id="rs2"))
    second = joined(alleles("A/T", beta=0.4, effect_allele_frequency=0.7), one_variant(variant_id="rs2"))
    table = by_id(meta_analyze([first, second], palindromic="infer"))
    assert table["beta"]["rs1"] == pytest.approx(-0.1, rel=1e-12)


# --- frequencies far from each other --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "written", "second", "limit", "warned"),
    [
        (0.2, "A/C", 0.45, 0.3, 0),
        (0.2, "A/C", 0.51, 0.3, 1),
        (0.8, "A/C", 0.49, 0.3, 1),
        (0.2, "C/A", 0.8, 0.3, 0),  # alleles are turned first
        (0.2, "C/A", 0.2, 0.3, 1),
        (0.2, "T/G", 0.2, 0.3, 0),
        (0.2, "A/C", 0.31, 0.1, 1),
        (0.2, "A/C", 0.29, 0.1, 0),
        (0.2, "A/C", 0.9, 1.0, 0),
        (0.2, "A/C", 0.2, 0.0, 0),
        (0.2, "A/C", 0.201, 0.0, 1),
        (0.2, "A/C", 0.5, 0.3, 0),  # as far as the limit is not further
        (0.5, "A/C", 0.8, 0.3, 0),
        (0.2, "A/C", None, 0.3, 0),
        (None, "A/C", 0.9, 0.3, 0),
    ],
)
def test_frequencies_far_from_the_other_studies_are_noted(
    first: float | None, written: str, second: float | None, limit: float, warned: int
) -> None:
    studies = [alleles("A/C", effect_allele_frequency=first), alleles(written, effect_allele_frequency=second)]
    result = meta_analyze(studies, frequency_difference=limit)
    turned = second if written != "C/A" or second is None else round(1 - second, 9)
    examples = [(1, "rs1", f"{turned}/{first}")] if warned else []
    assert logged(result, "frequency_far_from_others", 1) == ("warned" if warned else "", warned, examples)
    assert result.studies["rows_used"].tolist() == [1, 1]


def test_frequencies_are_compared_with_the_mean_of_the_studies_before() -> None:
    studies = [
        one_variant(effect_allele_frequency=frequency, n=n)
        for frequency, n in ((0.1, 100.0), (0.35, 300.0), (0.64, 100.0), (0.61, 100.0))
    ]
    result = meta_analyze(studies)  # means before: none, 0.1, 0.2875, 0.358
    assert [logged(result, "frequency_far_from_others", k)[1] for k in range(4)] == [0, 0, 1, 0]


# --- matching by position -------------------------------------------------------------------------------


def at(chromosome: Any, position: Any = 1000, written: str = "A/C", **values: Any) -> Columns:
    return alleles(written, chromosome=chromosome, base_pair_location=position, **values)


@pytest.mark.parametrize(
    ("names", "usual"),
    [
        (["1", "chr1", "01", "Chr1", "CHR01", 1, 1.0], "1"),
        (["10", "chr10", 10], "10"),
        (["X", "x", "23", "chrX", "chr23", "CHRx", 23], "X"),
        (["Y", "24", "chrY"], "Y"),
        (["MT", "M", "chrM", "25", "26", "chrMT", "mt"], "MT"),
    ],
)
def test_a_chromosome_has_one_name(names: list[Any], usual: str) -> None:
    result = meta_analyze([at(name) for name in names], match="position")
    assert result.table["variant_id"].tolist() == [f"{usual}:1000:A:C"]
    assert result.table["chromosome"].tolist() == [usual]
    assert result.table["n_studies"].tolist() == [len(names)]
    by_names = meta_analyze([at(name) for name in names])
    assert by_names.table["chromosome"].tolist() == [usual]
    assert not set(by_names.log["rule"]) - {"rows_read", "rows_used"}


def test_chromosomes_with_like_names_are_different() -> None:
    result = meta_analyze(
        [joined(*(at(name) for name in ("1", "10", "11", "2", "20", "22", "X", "Y")))], match="position"
    )
    assert len(result) == 8


def test_different_alleles_in_one_place_are_different_variants() -> None:
    written = ["A/C", "A/G", "A/T", "C/G", "A/AT", "A/ATT", "AT/A"]
    study = joined(*(at("1", written=pair, variant_id="rs1") for pair in written))
    result = meta_analyze([study, study], match="position")
    expected = {f"1:1000:{name}" for name in ("A:C", "A:G", "A:T", "C:G", "A:AT", "A:ATT")}
    assert set(result.table["variant_id"]) == expected
    assert (result.table["n_studies"] == 2).all()
    assert logged(result, "duplicate")[:2] == ("excluded", 1)  # A/AT and AT/A are one variant


def test_the_same_alleles_in_different_places_are_different_variants() -> None:
    result = meta_analyze([joined(at("1", 1000), at("1", 1001), at("2", 1000))], match="position")
    assert result.table["variant_id"].tolist() == ["1:1000:A:C", "1:1001:A:C", "2:1000:A:C"]


def test_ids_are_irrelevant_by_position() -> None:
    studies = [at("1", variant_id=name) for name in ("rs1", "other", ".", "1:1000")]
    nameless = at("1")
    del nameless["variant_id"]
    result = meta_analyze([*studies, nameless], match="position")
    assert result.table["n_studies"].tolist() == [5]
    one_name = meta_analyze([at("1", 1000, variant_id="rs1"), at("1", 2000, variant_id="rs1")], match="position")
    assert one_name.table["n_studies"].tolist() == [1, 1]


def test_positions_are_irrelevant_by_id_but_noted() -> None:
    result = meta_analyze([at("1", 1000), at("1", 1000), at("1", 1005), at("2", 1000)])
    assert result.table["n_studies"].tolist() == [4]
    assert result.table[["chromosome", "base_pair_location"]].values.tolist() == [["1", 1000.0]]
    assert [logged(result, "position_differs", k)[:2] for k in range(4)] == [
        ("", 0),
        ("", 0),
        ("warned", 1),
        ("warned", 1),
    ]
    assert logged(result, "position_differs", 2)[2] == [(1, "rs1", "1005")]


def test_the_first_known_place_is_the_variants() -> None:
    placeless = one_variant()
    del placeless["chromosome"], placeless["base_pair_location"]
    table = meta_analyze([placeless, at("NA", 7), at("3", None), at("2", 70)]).table
    assert table[["chromosome", "base_pair_location"]].values.tolist() == [["2", 70.0]]


@pytest.mark.parametrize("match", ["id", "position"])
def test_a_position_beyond_any_genome_is_not_taken_for_another(match: Any) -> None:
    study = joined(at("1", 2147483647), at("1", 3_000_000_000, variant_id="rs2"))
    positions = meta_analyze([study], match=match).table["base_pair_location"].dropna().tolist()
    assert positions in ([2147483647], [2147483647, 3_000_000_000])  # left out, missing, or as it is


@pytest.mark.parametrize("missing", ["chromosome", "base_pair_location"])
def test_matching_by_position_needs_positions(missing: str) -> None:
    study = one_variant()
    del study[missing]
    with pytest.raises(GwasmetaError, match=f"no column for {missing}"):
        meta_analyze([study], match="position")


def test_matching_by_id_needs_ids() -> None:
    study = one_variant()
    del study["variant_id"]
    with pytest.raises(GwasmetaError, match="no column for variant_id"):
        meta_analyze([study])


def test_a_list_of_variants_for_genomic_control_needs_ids() -> None:
    study = one_variant()
    del study["variant_id"]
    with pytest.raises(GwasmetaError, match="variant_id"):
        meta_analyze([study], match="position", genomic_control=True, genomic_control_variants=["rs1"])


def test_both_ways_of_matching_give_the_same_numbers() -> None:
    rng = np.random.default_rng(3)
    studies = []
    for _ in range(3):
        rows = [at("2", 10 * (k + 1), variant_id=f"rs{k}", beta=rng.normal()) for k in rng.permutation(20)[:15]]
        studies.append(joined(*rows))
    tables = [
        meta_analyze(studies, match=match).table.sort_values("base_pair_location") for match in ("id", "position")
    ]
    for name in ("beta", "standard_error", "cochran_q", "n", "effect_allele_frequency"):
        assert_allclose(tables[1][name].to_numpy(), tables[0][name].to_numpy(), rtol=0, err_msg=name)
