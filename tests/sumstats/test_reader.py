"""One study as a stream of checked blocks: what is derived, what is left out, and what the log says."""

from __future__ import annotations

import gzip
import hashlib
import io
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from gwasmeta.errors import GwasmetaError
from gwasmeta.sumstats.plan import Wanted
from gwasmeta.sumstats.reader import StudyReader
from gwasmeta.sumstats.row_block import RowBlock
from gwasmeta.sumstats.row_log import MAX_EXAMPLES, Finding, StudyLog
from gwasmeta.sumstats.study import Study
from gwasmeta.sumstats.vocabulary import COLUMNS
from gwasmeta.sumstats.words import LONGER_ALLELE

ALL = frozenset(COLUMNS)
EFFECT = Wanted(effect=True, z=False, columns=ALL)
Z = Wanted(effect=False, z=True, columns=ALL)
BY_POSITION = Wanted(effect=True, z=False, columns=ALL, match="position")


def stream(header: str, *rows: str) -> io.BytesIO:
    return io.BytesIO("\n".join((header, *rows, "")).encode())


def read(header: str, *rows: str, wanted: Wanted | None = EFFECT, **options: Any) -> RowBlock:
    """Read a table that fits into one block, and see that its books balance."""
    reader = StudyReader(Study(stream(header, *rows), **options), wanted)
    (block,) = (task() for task in reader.tasks())
    log = StudyLog("study", "file", rows_read=block.n_read, rows_used=len(block))
    log.add(block.findings)
    log.check_balance()
    assert block.n_read == len(rows)
    return block


def ids(block: RowBlock) -> list[str]:
    return block.words["variant_id"].to_list()


def caught(block: RowBlock) -> dict[str, list[tuple[int, str, str]]]:
    """Return what each rule caught, as line, variant and value."""
    return {
        finding.rule: [(example.line, example.variant_id, example.value) for example in finding.examples]
        for finding in block.findings
    }


def only_finding(block: RowBlock) -> Finding:
    (finding,) = block.findings
    return finding


SSF = "variant_id effect_allele other_allele beta standard_error"
SSF_POSITION = "chromosome base_pair_location effect_allele other_allele beta standard_error"


# --- alleles and names ----------------------------------------------------------------------------------


def test_rows_without_a_name_or_an_allele_are_excluded_under_a_rule_of_their_own() -> None:
    block = read(SSF, "rs1 A C 0.1 0.02", ". A C 0.1 0.02", "rs3 NA C 0.1 0.02", "rs4 A 0 0.1 0.02", "rs5 G g 0.1 0.02")
    assert ids(block) == ["rs1"]
    assert caught(block) == {
        "variant_id_missing": [(3, ".", ".")],
        "effect_allele_missing": [(4, "rs3", "NA")],
        "other_allele_missing": [(5, "rs4", "0")],
        "alleles_identical": [(6, "rs5", "G/g")],
    }
    assert {finding.action for finding in block.findings} == {"excluded"}


def test_a_row_is_counted_under_the_first_rule_that_it_breaks_and_no_other() -> None:
    block = read(SSF, "NA NA NA NA NA", "rs2 NA NA 1 0", "rs3 A C NA 0", "rs4 A C inf -1", "rs5 A C 1 0")
    log = StudyLog("study", "file")
    log.add(block.findings)
    assert log.excluded == {
        "variant_id_missing": 1,
        "effect_allele_missing": 1,
        "beta_missing": 2,
        "standard_error_not_positive": 1,
    }
    assert len(block) == 0


@pytest.mark.parametrize(
    ("effect", "other", "identical"),
    [
        ("AC", "ac", True),
        ("<DEL>", "<del>", True),
        ("AC", "AG", False),
        ("A", "1", True),  # PLINK's number for it
        ("a", "T", False),
        ("I", "D", False),
        ("AC", "A", False),
    ],
)
def test_alleles_are_compared_in_any_case_and_whole(effect: str, other: str, identical: bool) -> None:
    block = read(SSF, f"rs1 {effect} {other} 0.1 0.02", "rs2 A C 0.1 0.02", "rs3 AT AC 0.1 0.02")
    assert ids(block) == (["rs2", "rs3"] if identical else ["rs1", "rs2", "rs3"])
    rows = [(f"rs{k}", *pair, 0.1, 0.02) for k, pair in enumerate([(effect, other), ("AT", "AC")])]
    frame = pl.DataFrame(rows, schema=SSF.split(), orient="row")
    (of_frame,) = (task() for task in StudyReader(Study(frame), EFFECT).tasks())
    assert len(of_frame) == (1 if identical else 2)


def test_alleles_come_with_their_codes() -> None:
    block = read(SSF, "rs1 A c 0.1 0.02", "rs2 T G 0.1 0.02", "rs3 AC A 0.1 0.02")
    assert block.effect_codes.tolist() == [0, 3, LONGER_ALLELE]
    assert block.other_codes.tolist() == [1, 2, 0]


PLINK = "ID REF ALT A1 TEST OBS_CT BETA SE P ERRCODE"


def test_the_other_allele_is_the_one_of_two_that_is_not_the_effect_allele() -> None:
    block = read(
        PLINK,
        "rs1 A C C ADD 90 0.1 0.02 0.5 .",
        "rs2 A C a ADD 90 0.1 0.02 0.5 .",
        "rs3 AT A A ADD 90 0.1 0.02 0.5 .",
    )
    assert block.words["other_allele"].to_list() == ["A", "C", "AT"]
    assert block.other_codes.tolist() == [0, 1, LONGER_ALLELE]


def test_rows_of_other_tests_than_the_additive_one_are_excluded() -> None:
    row = "{} A C C {} 90 0.1 0.02 0.5 ."
    block = read(PLINK, *(row.format(f"rs{k}", test) for k, test in enumerate(["ADD", "DOMDEV", "add", "COVAR1"])))
    assert ids(block) == ["rs0", "rs2"]
    assert caught(block) == {"row_of_another_test": [(3, "rs1", "DOMDEV"), (5, "rs3", "COVAR1")]}
    assert "ADD" in only_finding(block).reason


# --- matching by position -------------------------------------------------------------------------------


def test_by_position_a_variant_needs_a_chromosome_and_a_place_on_it_but_no_name() -> None:
    places = ["1 100", "NA 100", "X 0", "2 -9", "3 NA", "4 2147483647", "5 2147483648"]
    block = read(SSF_POSITION, *(f"{place} A C 0.1 0.02" for place in places), wanted=BY_POSITION)
    assert block.words["chromosome"].to_list() == ["1", "4"]
    assert block.numbers["base_pair_location"].tolist() == [100, 2**31 - 1]
    assert caught(block) == {
        "chromosome_missing": [(3, "NA", "NA")],
        "position_missing": [(4, "X", "0"), (5, "2", "-9"), (6, "3", "NA"), (8, "5", "2147483648")],
    }


def test_a_file_without_positions_cannot_be_matched_by_them() -> None:
    with pytest.raises(GwasmetaError) as caught_error:
        read(SSF, "rs1 A C 0.1 0.02", wanted=BY_POSITION, name="Estonia")
    message = str(caught_error.value)
    assert message.startswith("Estonia: no column for chromosome, which matching variants by position needs\n")
    assert "--column chromosome=WORD" in message


def test_a_file_without_names_cannot_be_matched_by_them() -> None:
    with pytest.raises(GwasmetaError, match="no column for variant_id"):
        read(SSF_POSITION, "1 100 A C 0.1 0.02")


# --- effects --------------------------------------------------------------------------------------------


def test_a_file_that_does_not_give_what_is_wanted_is_refused_with_the_ways_that_would_do() -> None:
    with pytest.raises(GwasmetaError) as no_effect:
        read("SNP A1 A2 Z N", "rs1 A C 2 90", name="Estonia")
    message = str(no_effect.value)
    assert message.startswith("Estonia: an effect with its standard error is needed, and the ldsc columns")
    assert "odds ratio, 95 % confidence limits" in message
    assert "SNP, A1, A2, Z, N" in message


def test_z_is_worked_out_of_any_effect() -> None:
    block = read("MARKERNAME EA NEA OR OR_95L", "rs1 A C 1.1 1", wanted=Z)
    assert block.numbers["z"].tolist() == pytest.approx([1.96], rel=1e-12)  # the interval begins at no effect


def test_a_reader_says_how_it_understood_the_file() -> None:
    reader = StudyReader(Study(stream("MARKERNAME EA NEA OR OR_95L N", "rs1 A C 1.1 1 90")), EFFECT)
    assert reader.dialect == "gwama"
    assert reader.columns == {
        "variant_id": "MARKERNAME",
        "effect_allele": "EA",
        "other_allele": "NEA",
        "odds_ratio": "OR",
        "ci_lower": "OR_95L",
        "n": "N",
    }
    assert reader.recipes == ("odds ratio, lower 95 % confidence limit",)


def test_without_a_wish_a_file_gives_its_effects_or_else_its_z() -> None:
    both = "variant_id effect_allele other_allele beta standard_error z n"
    assert read(both, "rs1 A C 0.1 0.02 9 90", wanted=None).numbers["beta"].tolist() == [0.1]
    assert read("SNP A1 A2 Z N", "rs1 A C 2 90", wanted=None).numbers["z"].tolist() == [2]
    by_place = read(SSF_POSITION, "1 100 A C 0.1 0.02", wanted=None)
    assert by_place.words["chromosome"].to_list() == ["1"]


def test_only_columns_that_were_asked_for_are_read() -> None:
    few = Wanted(effect=True, z=False, columns=frozenset({"n"}))
    block = read(SSF + " n info p_value", "rs1 A C 0.1 0.02 90 0.9 1e-5", wanted=few)
    assert set(block.numbers) == {"beta", "standard_error", "n"}


P_HEADER = "variant_id effect_allele other_allele beta {}"


@pytest.mark.parametrize(
    ("column", "values", "bad"),
    [
        ("p_value", ["1e-400", "0.01", "1"], ["0", "-0.1", "1.5", "NA"]),
        ("neg_log_10_p_value", ["400", "2", "0"], ["-1", "inf", "NA", "."]),
        ("log_10_p_value", ["-400", "-2", "0"], ["1", "inf", "NA", "."]),
    ],
)
def test_any_kind_of_p_value_becomes_minus_its_logarithm(column: str, values: list[str], bad: list[str]) -> None:
    rows = [f"rs{k} A C -1 {value}" for k, value in enumerate(values + bad)]
    block = read(P_HEADER.format(column), *rows, wanted=Z)
    assert block.numbers["neg_log_10_p_value"].tobytes() == np.array([400.0, 2.0, 0.0]).tobytes()
    np.testing.assert_allclose(block.numbers["z"], [-42.7958, -2.575829, 0], rtol=1e-2)
    line = 2 + len(values)
    assert caught(block) == {"p_value_not_within_0_1": [(line + k, f"rs{3 + k}", value) for k, value in enumerate(bad)]}


DIRECTION = "variant_id effect_allele other_allele p_value effect_direction"


@pytest.mark.parametrize(
    ("direction", "sign"),
    [("+", 1), ("-", -1), ("+-?", 1), ("-+", -1), ("0", 0), ("0.3", 1), ("-0.3", -1), ("7e-3", 1), (".5", 1)],
)
def test_a_direction_is_the_sign_of_its_first_character_or_of_the_number(direction: str, sign: int) -> None:
    block = read(DIRECTION, f"rs1 A C 0.01 {direction}", wanted=Z)
    assert np.sign(block.numbers["z"]).tolist() == [sign]


@pytest.mark.parametrize("direction", ["?", "NA", ".", "n/a", "x", "nan"])
def test_a_direction_that_is_missing_excludes_the_row(direction: str) -> None:
    block = read(DIRECTION, "rs1 A C 0.01 +", f"rs2 A C 0.01 {direction}", wanted=Z)
    assert ids(block) == ["rs1"]
    assert caught(block) == {"effect_direction_missing": [(3, "rs2", direction)]}


# --- samples --------------------------------------------------------------------------------------------


def test_the_study_s_own_number_of_samples_stands_in_where_a_row_has_none() -> None:
    with_column = read(SSF + " n", "rs1 A C 0.1 0.02 90", "rs2 A C 0.1 0.02 NA", n=500)
    assert with_column.numbers["n"].tolist() == [90, 500]
    without = read(SSF, "rs1 A C 0.1 0.02", "rs2 A C 0.1 0.02", n=500, n_cases=200)
    assert without.numbers["n"].tolist() == [500, 500]
    assert without.numbers["n_cases"].tolist() == [200, 200]


def test_cases_and_controls_add_up_to_samples() -> None:
    header = SSF + " n_cases"
    block = read(header, "rs1 A C 0.1 0.02 30", "rs2 A C 0.1 0.02 NA", n_cases=40, n_controls=1000)
    assert block.numbers["n"].tolist() == [1030, 1040]
    given = read(SSF + " n", "rs1 A C 0.1 0.02 7", n_cases=40, n_controls=1000)
    assert given.numbers["n"].tolist() == [7]


def test_an_impossible_number_of_samples_is_blanked_and_its_row_kept() -> None:
    block = read(SSF + " n", "rs1 A C 0.1 0.02 90", "rs2 A C 0.1 0.02 0", "rs3 A C 0.1 0.02 -9", n=None)
    np.testing.assert_array_equal(block.numbers["n"], [90, np.nan, np.nan])
    assert caught(block) == {"n_not_positive": [(3, "rs2", "0"), (4, "rs3", "-9")]}
    assert only_finding(block).action == "blanked"


def test_an_impossible_frequency_is_blanked_and_a_missing_one_is_no_finding() -> None:
    header = SSF + " effect_allele_frequency"
    block = read(header, "rs1 A C 0.1 0.02 0.3", "rs2 A C 0.1 0.02 1.3", "rs3 A C 0.1 0.02 NA")
    np.testing.assert_array_equal(block.numbers["effect_allele_frequency"], [0.3, np.nan, np.nan])
    assert caught(block) == {"effect_allele_frequency_not_within_0_1": [(3, "rs2", "1.3")]}


def test_a_dialect_s_code_for_missing_is_missing_and_no_finding() -> None:
    header = "rs_number reference_allele other_allele eaf beta se n_samples"
    block = read(header, "rs1 A C -9 -9 0.02 -9", "rs2 A C 0.3 0.1 0.02 90")
    np.testing.assert_array_equal(block.numbers["effect_allele_frequency"], [np.nan, 0.3])
    np.testing.assert_array_equal(block.numbers["n"], [np.nan, 90])
    assert block.numbers["beta"].tolist() == [-9, 0.1]  # a real effect
    assert block.findings == []


# --- filters --------------------------------------------------------------------------------------------


FILTERED = SSF + " info BATCH Array p_value"
ROWS = (
    "rs1 A C 0.1 0.02 0.9 3 UKBB 1e-400",
    "rs2 A C 0.2 0.02 0.3 4 BiLEVE 0.5",
    "rs3 A C 0.3 0.02 NA x UKBB 1e-9",
    "rs4 A C 0.4 0.20 0.8 5 NA 1e-9",
)


@pytest.mark.parametrize(
    ("condition", "kept"),
    [
        ("info >= 0.8", ["rs1", "rs4"]),
        ("not info >= 0.8", ["rs2"]),  # a missing value satisfies neither
        ("INFO >= 0.8", ["rs1", "rs4"]),  # the header's word in another case
        ("BATCH > 3", ["rs2", "rs4"]),  # a column without meaning, as numbers
        ("BATCH == '3'", ["rs1"]),  # and as text
        ("BATCH in ['x', '5']", ["rs3", "rs4"]),
        ("Array == 'UKBB'", ["rs1", "rs3"]),
        ("array == 'UKBB'", ["rs1", "rs3"]),
        ("Array != 'UKBB'", ["rs2"]),  # a missing text satisfies no comparison either
        ("variant_id in ['rs2', 'rs4']", ["rs2", "rs4"]),
        ("snp == 'rs2' or info > 0.8", ["rs1", "rs2"]),
        ("p < 1e-8", ["rs1", "rs3", "rs4"]),
        ("neg_log_10_p_value > 300", ["rs1"]),
        ("log_10_p_value < -300", ["rs1"]),
        ("abs(z) > 10", ["rs3"]),  # worked out: 5, 10, 15, 2
        ("beta / se < 4", ["rs4"]),
        ("n > 80", ["rs1", "rs2", "rs3", "rs4"]),  # of the study
    ],
)
def test_a_filter_keeps_the_rows_that_satisfy_it(condition: str, kept: list[str]) -> None:
    block = read(FILTERED, *ROWS, filters=(condition,), n=90)
    assert ids(block) == kept
    if len(kept) < len(ROWS):
        finding = only_finding(block)
        assert (finding.rule, finding.action, finding.count) == (f"filter: {condition}", "excluded", 4 - len(kept))


def test_the_log_shows_what_a_filter_looked_at() -> None:
    block = read(FILTERED, *ROWS, filters=("BATCH < 4", "info > 0.95"))
    assert caught(block) == {
        "filter: BATCH < 4": [(3, "rs2", "4"), (4, "rs3", "x"), (5, "rs4", "5")],
        "filter: info > 0.95": [(2, "rs1", "0.9")],
    }


@pytest.mark.parametrize("turned", [False, True])
def test_one_column_can_be_text_in_one_filter_and_numbers_in_the_next(turned: bool) -> None:
    conditions = ("BATCH > 3", "BATCH != '5'")
    block = read(FILTERED, *ROWS, filters=conditions[::-1] if turned else conditions)
    assert ids(block) == ["rs2"]


@pytest.mark.parametrize("header", [SSF + " EAF", "MARKERNAME EA NEA BETA SE EAF"])
def test_a_filter_can_name_a_column_by_the_header_s_word(header: str) -> None:
    columns = {"effect_allele_frequency": "EAF"}
    rows = ("rs1 A C 0.1 0.02 0.3", "rs2 G C 0.1 0.02 0.4")
    word = header.split()[0]
    assert ids(read(header, *rows, columns=columns, filters=("EAF > 0.35",))) == ["rs2"]
    assert ids(read(header, *rows, columns=columns, filters=(f"{word} == 'rs1'",))) == ["rs1"]


def test_a_filter_can_ask_for_samples_that_are_the_sum_of_cases_and_controls() -> None:
    rows = ("rs1 A C 0.1 0.02 30 70", "rs2 A C 0.1 0.02 3 7")
    assert ids(read(SSF + " n_cases n_controls", *rows, filters=("n >= 100",))) == ["rs1"]
    assert ids(read(SSF, "rs1 A C 0.1 0.02", filters=("n >= 100",), n_cases=30, n_controls=70)) == ["rs1"]


def test_a_filter_about_a_column_that_is_not_there_is_refused() -> None:
    with pytest.raises(GwasmetaError) as refused:
        read(SSF, ROWS[0], filters=("info > 0.8",), name="Estonia")
    message = str(refused.value)
    assert message.startswith("Estonia: the filter 'info > 0.8' asks for info, which this file does not have\n")
    assert "variant_id, effect_allele, other_allele, beta, standard_error" in message


def test_a_filter_about_effects_in_a_file_of_z_is_refused() -> None:
    with pytest.raises(GwasmetaError, match="asks for beta, which this file does not have"):
        read("SNP A1 A2 Z N", "rs1 A C 2 90", wanted=Z, filters=("beta > 0",))


# --- blocks ---------------------------------------------------------------------------------------------


def test_a_log_has_the_first_examples_only() -> None:
    block = read(SSF, *(f"rs{k} A C NA 0.02" for k in range(20)))
    finding = only_finding(block)
    assert finding.count == 20
    assert [example.line for example in finding.examples] == list(range(2, 2 + MAX_EXAMPLES))


def long_table(n_rows: int, bad: Sequence[int]) -> bytes:
    beta = ["NA" if k in bad else f"0.{k % 1000:03d}" for k in range(n_rows)]
    rows = (f"rs{k}\tA\tC\t{beta[k]}\t0.02\t{'x' * 60}\n" for k in range(n_rows))
    return ("\t".join([*SSF.split(), "note"]) + "\n# comment\n" + "".join(rows)).encode()


def test_a_file_of_several_blocks_keeps_its_order_and_its_line_numbers(tmp_path: Path) -> None:
    n_rows, bad = 70_000, (0, 35_000, 69_999)
    path = tmp_path / "long.txt.gz"
    path.write_bytes(gzip.compress(long_table(n_rows, bad), 1))
    reader = StudyReader(Study(path), EFFECT)
    assert reader.checksum == ""
    blocks = [task() for task in reader.tasks()]

    assert len(blocks) > 1
    assert sum(block.n_read for block in blocks) == n_rows
    assert [name for block in blocks for name in ids(block)] == [f"rs{k}" for k in range(n_rows) if k not in bad]
    log = StudyLog("long", str(path))
    for block in blocks:
        log.add(block.findings)
    (finding,) = log
    assert [(example.line, example.variant_id) for example in finding.examples] == [(k + 3, f"rs{k}") for k in bad]
    assert reader.checksum == hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_frame_of_several_blocks_keeps_its_order_and_its_row_numbers() -> None:
    n_rows, bad = 600_000, (0, 70_000, 599_999)
    beta = np.arange(n_rows) / n_rows
    beta[list(bad)] = np.nan
    frame = pl.DataFrame({"variant_id": pl.Series(range(n_rows)).cast(pl.String), "beta": beta}).with_columns(
        effect_allele=pl.lit("A"), other_allele=pl.lit("C"), standard_error=pl.lit(0.1)
    )
    blocks = [task() for task in StudyReader(Study(frame), EFFECT).tasks()]
    assert len(blocks) > 1
    kept = [k for k in range(n_rows) if k not in bad]
    assert [int(name) for block in blocks for name in ids(block)] == kept
    assert [example.line for block in blocks for f in block.findings for example in f.examples] == [k + 1 for k in bad]


def test_tasks_can_be_done_in_any_order(tmp_path: Path) -> None:
    path = tmp_path / "long.txt"
    path.write_bytes(long_table(70_000, (5, 69_000)))
    forward = [task() for task in StudyReader(Study(path), EFFECT).tasks()]
    backward = [task() for task in list(StudyReader(Study(path), EFFECT).tasks())[::-1]][::-1]
    for one, other in zip(forward, backward, strict=True):
        assert ids(one) == ids(other)
        assert one.findings == other.findings
        assert one.numbers["beta"].tobytes() == other.numbers["beta"].tobytes()


def test_a_file_can_be_read_twice_and_an_empty_table_has_no_rows(tmp_path: Path) -> None:
    path = tmp_path / "study.txt"
    path.write_text(f"{SSF}\nrs1 A C 0.1 0.02\n")
    reader = StudyReader(Study(path), EFFECT)
    for _ in range(2):
        assert [ids(task()) for task in reader.tasks()] == [["rs1"]]
    path.write_text(f"{SSF}\n")
    assert sum(len(task()) for task in StudyReader(Study(path), EFFECT).tasks()) == 0


# --- a block by itself ----------------------------------------------------------------------------------


@pytest.fixture
def block() -> RowBlock:
    rows = ["rs1 A C 0.1 0.02 9", "rs2 A C NA 0.02 9", "rs3 A G 0.3 0.02 8", "rs4 T G 0.4 0.02 7"]
    return read(SSF + " n", *rows)


def test_a_block_kept_in_part_keeps_all_its_columns_in_step(block: RowBlock) -> None:
    kept = block.kept(np.array([False, True, True]))
    assert len(kept) == 2
    assert ids(kept) == ["rs3", "rs4"]
    assert {name: values.tolist() for name, values in kept.numbers.items()} == {
        "beta": [0.3, 0.4],
        "standard_error": [0.02, 0.02],
        "n": [8, 7],
    }
    assert kept.effect_codes.tolist() == [0, 3]
    assert kept.other_codes.tolist() == [2, 2]
    assert kept.n_read == 4
    assert ids(block) == ["rs1", "rs3", "rs4"]


def test_a_further_rule_is_entered_with_the_lines_of_the_file(block: RowBlock) -> None:
    without = block.without("late", "because", "beta", np.array([False, True, False]))
    assert ids(without) == ["rs1", "rs4"]
    assert caught(without) == {"beta_missing": [(3, "rs2", "NA")], "late": [(4, "rs3", "0.3")]}
    again = without.without("later", "because", "n", np.array([False, True]))
    assert caught(again)["later"] == [(5, "rs4", "7")]
    assert [finding.action for finding in again.findings] == ["excluded"] * 3


def test_a_rule_that_catches_nothing_leaves_the_block_as_it_is(block: RowBlock) -> None:
    assert block.without("late", "because", "beta", np.zeros(3, dtype=np.bool_)) is block


def test_a_warning_is_a_finding_that_excludes_nothing(block: RowBlock) -> None:
    finding = block.finding("odd", "look at it", "n", np.array([True, False, True]), "warned")
    assert (finding.rule, finding.reason, finding.action, finding.count) == ("odd", "look at it", "warned", 2)
    assert [(example.line, example.value) for example in finding.examples] == [(2, "9"), (5, "7")]
    assert len(block) == 3


def test_a_column_is_added_to_a_copy(block: RowBlock) -> None:
    more = block.with_number("inflated", np.array([1.0, 2.0, math.inf]))
    assert more.numbers["inflated"].tolist() == [1, 2, math.inf]
    assert "inflated" not in block.numbers
    assert ids(more) == ids(block)
