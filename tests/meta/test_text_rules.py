"""Texts that are split by another program's rules, and conditions that leave rows out."""

from __future__ import annotations

import io
from typing import Any

import polars as pl
import pytest

from gwasmeta import GwasmetaError, MetaResult, Study, TextRules, meta_analyze

from .study_tables import Columns, logged, one_variant
from .test_matching import joined

HEADER = "MARKERNAME EA NEA BETA SE N"


def analysed(text: str, *, columns: dict[str, str] | None = None, filters: Any = (), **rules: Any) -> MetaResult:
    source = io.BytesIO(text.encode())
    return meta_analyze(
        [Study(source, name="mine", columns=columns or {}, filters=filters, text_rules=TextRules(**rules))]
    )


def balances(result: MetaResult) -> bool:
    books = result.studies
    excluded = [sum(rules.values()) for rules in books["excluded_by"]]
    return list(books["rows_read"]) == list(books["rows_used"] + excluded)


# --- separators -------------------------------------------------------------------------------------------------

SEPARATED = {
    "tab": ("\t", "{}\t{}\t{}\t{}\t{}\t{}"),
    "tab, blanks in words": ("\t", "{} \t {}\t{}\t {}\t{}\t{} "),
    "comma": (",", "{},{},{},{},{},{}"),
    "comma and blanks": (",", "{}, {}, {} ,{}\t,{}, {}"),
    "semicolon": (";", "{};{};{};{};{};{}"),
    "blanks": (" ", "{} {}   {} {}\t{} \t {}"),
    "blanks before and after": (" ", "  {} {} {} {} {} {}  "),
    "runs of everything": (" ,", "{} , {},,{}\t,\t{} {},{}"),
    "commas before and after": (" ,", ",{},{} {},{},{},{},"),
}
ROWS = (("rs1", "A", "C", "0.25", "0.5", "100"), ("rs2", "G", "T", "-1.5", "0.125", "70"))


@pytest.mark.parametrize("case", SEPARATED)
def test_a_separator_that_is_given_is_used(case: str) -> None:
    separator, form = SEPARATED[case]
    lines = [form.format(*words) for words in (HEADER.split(), *ROWS)]
    table = analysed("\n".join(lines) + "\n", separator=separator).table
    assert table["variant_id"].tolist() == ["rs1", "rs2"]
    assert table[["effect_allele", "other_allele"]].values.tolist() == [["A", "C"], ["G", "T"]]
    assert table[["beta", "standard_error", "n"]].values.tolist() == [[0.25, 0.5, 100], [-1.5, 0.125, 70]]


def test_a_separator_that_is_given_wins_over_the_one_the_header_suggests() -> None:
    """A word with a comma in it, in a header without another one."""
    text = "MARKERNAME EA NEA BETA SE freq,all\nrs1 A C 0.25 0.5 0.1\n"
    assert analysed(text, separator=" ").table["beta"].tolist() == [0.25]
    with pytest.raises(GwasmetaError):
        analysed(text)


@pytest.mark.parametrize("separator", [",", "\t", ";"])
def test_an_empty_field_is_missing_unless_separators_come_in_runs(separator: str) -> None:
    lines = [separator.join(line) for line in (HEADER.split(), ("rs1", "A", "C", "", "0.5", "100"), ROWS[1])]
    result = analysed("\n".join(lines) + "\n", separator=separator)
    assert logged(result, "beta_missing") == ("excluded", 1, [(2, "rs1", "")])


# --- lines with more or fewer fields ----------------------------------------------------------------------------

UNEVEN = [
    "rs1 A C 0.1 0.2 100",
    "rs2 A C 0.1 0.2",  # N is missing
    "rs3 A C 0.1 0.2 100 extra",
    "rs4 A C",
    "",  # no line at all
    "rs5 A C 0.1 0.2 100",
    "rs6",
    "rs7 A C 0.1 0.2 100 a b c d",
]
RULES = {
    "skip": (["rs1", "rs5"], [(3, "rs2", "5"), (4, "rs3", "7"), (5, "rs4", "3"), (8, "rs6", "1"), (9, "rs7", "10")]),
    "lenient": (["rs1", "rs3", "rs5", "rs7"], [(3, "rs2", "5"), (5, "rs4", "3"), (8, "rs6", "1")]),
}


@pytest.mark.parametrize("uneven_lines", RULES)
@pytest.mark.parametrize("separator", [" ", ",", "\t", " ,"])
def test_lines_that_are_no_rows_are_left_out_and_counted(uneven_lines: str, separator: str) -> None:
    used, examples = RULES[uneven_lines]
    text = "\n".join([HEADER, *UNEVEN]) + "\n"
    result = analysed(text.replace(" ", separator[-1]), separator=separator, uneven_lines=uneven_lines)
    assert result.table["variant_id"].tolist() == used
    assert logged(result, "column_count") == ("excluded", len(examples), examples[:5])
    assert result.studies["rows_read"].tolist() == [7]
    assert balances(result)
    reasons = result.log.loc[result.log["rule"] == "column_count", "reason"]
    assert reasons.unique().tolist() == ["it has more or fewer fields than the header"]


def test_lenient_needs_only_the_columns_that_are_read() -> None:
    lines = ["note MARKERNAME EA NEA BETA SE comment more", "x rs1 A C 0.1 0.2", "x rs2 A C 0.1 0.2 y", "x rs3 A C 0.1"]
    text = "\n".join(lines) + "\n"
    result = analysed(text, uneven_lines="lenient")
    assert result.table["variant_id"].tolist() == ["rs1", "rs2"]
    assert logged(result, "column_count") == ("excluded", 1, [(4, "rs3", "5")])
    filtered = analysed(text, uneven_lines="lenient", filters="comment != 'z'")  # then that column is read as well
    assert filtered.table["variant_id"].tolist() == ["rs2"]
    assert logged(filtered, "column_count")[1] == 2


def test_lines_that_are_no_rows_are_refused_unless_asked_otherwise() -> None:
    with pytest.raises(GwasmetaError, match="mine, line 3: 5 fields, but the header has 6"):
        analysed("\n".join([HEADER, *UNEVEN]) + "\n")


def test_uneven_lines_are_counted_over_many_blocks() -> None:
    lines = [f"rs{k} A C 0.1 0.2 100" + " extra" * (k % 7 == 0) for k in range(200_000)]
    result = analysed("\n".join([HEADER, *lines]) + "\n", uneven_lines="skip")
    n_uneven = len(range(0, 200_000, 7))
    examples = [(k + 2, f"rs{k}", "7") for k in range(0, 35, 7)]
    assert logged(result, "column_count") == ("excluded", n_uneven, examples)
    assert result.studies[["rows_read", "rows_used"]].values.tolist() == [[200_000, 200_000 - n_uneven]]


def test_uneven_lines_and_other_rules_are_counted_apart() -> None:
    lines = ["rs1 A C 0.1 0.2 100", "rs2 A C NA 0.2", "rs3 A C NA 0.2 100", "rs1 A C 0.5 0.2 100"]
    result = analysed("\n".join([HEADER, *lines]) + "\n", uneven_lines="skip")
    assert result.studies["excluded_by"].tolist() == [{"column_count": 1, "beta_missing": 1, "duplicate": 1}]
    assert balances(result)


# --- words that a header has twice ------------------------------------------------------------------------------

REPEATED = {
    "spelled alike": "MARKERNAME EA NEA BETA SE BETA",
    "in another case": "MARKERNAME EA NEA BETA SE beta",
}


@pytest.mark.parametrize("case", REPEATED)
@pytest.mark.parametrize(("which", "beta"), [("first", 0.25), ("last", 0.75)])
def test_the_first_or_the_last_of_equal_words_counts(case: str, which: str, beta: float) -> None:
    result = analysed(f"{REPEATED[case]}\nrs1 A C 0.25 0.5 0.75\n", repeated_words=which)
    assert result.table["beta"].tolist() == [beta]


@pytest.mark.parametrize(("which", "used"), [("first", ["rs1"]), ("last", ["rs2"])])
def test_filters_and_columns_that_are_named_mean_the_same_one(which: str, used: list[str]) -> None:
    text = "MARKERNAME EA NEA BETA SE X x\nrs1 A C 0.25 0.5 0.9 0.1\nrs2 A C 0.25 0.5 0.1 0.9\n"
    assert analysed(text, repeated_words=which, filters="X > 0.5").table["variant_id"].tolist() == used
    frequencies = {"effect_allele_frequency": "x"}
    table = analysed(text, repeated_words=which, columns=frequencies).table
    assert table["effect_allele_frequency"].tolist() == ([0.9, 0.1] if which == "first" else [0.1, 0.9])


def test_words_that_a_header_has_twice_are_refused_unless_asked_otherwise() -> None:
    with pytest.raises(GwasmetaError, match=r"(?i)beta"):
        analysed(f"{REPEATED['spelled alike']}\nrs1 A C 0.25 0.5 0.75\n")


# --- filters and exclusions -------------------------------------------------------------------------------------

TEXTS = "MARKERNAME EA NEA BETA SE Batch\nrs1 A C 0.25 0.5 North\nrs2 A C 0.25 0.5 SOUTH\nRS3 A C 0.25 0.5 NA\n"
LOWER_CASE = {
    "Batch == 'north'": ["rs1"],
    "batch in ('north', 'south')": ["rs1", "rs2"],
    "batch != 'south'": ["rs1"],  # a value that is missing satisfies no condition
    "MARKERNAME in ('rs1', 'rs3')": ["rs1", "RS3"],
}


@pytest.mark.parametrize("condition", LOWER_CASE)
def test_filters_can_compare_in_lower_case(condition: str) -> None:
    result = analysed(TEXTS, lower_case_filters=True, filters=condition)
    assert result.table["variant_id"].tolist() == LOWER_CASE[condition]
    assert analysed(TEXTS, filters="Batch == 'North'").table["variant_id"].tolist() == ["rs1"]
    with pytest.raises(GwasmetaError, match="no row of any study can be used"):
        analysed(TEXTS, filters="Batch == 'north'")


def with_info(*values: float | None) -> Columns:
    return joined(*(one_variant(variant_id=f"rs{k}", INFO=value) for k, value in enumerate(values)))


@pytest.mark.parametrize(
    ("filters", "exclusions", "used"),
    [
        ((), ("info < 0.5",), ["rs0", "rs2", "rs3"]),
        (("info >= 0.5",), (), ["rs0", "rs3"]),
        ((), ("info < 0.5", "info > 0.95"), ["rs0", "rs2"]),
        (("info < 0.95",), ("info < 0.5",), ["rs0"]),
        ((), ("not (info >= 0.5)",), ["rs0", "rs2", "rs3"]),
    ],
)
def test_an_exclusion_leaves_rows_without_the_value_in_and_a_filter_does_not(
    filters: tuple[str, ...], exclusions: tuple[str, ...], used: list[str]
) -> None:
    study = Study(with_info(0.8, 0.3, None, 0.99), name="mine", filters=filters, exclusions=exclusions)
    result = meta_analyze([study])
    assert result.table["variant_id"].tolist() == used
    assert balances(result)


def test_the_log_names_the_exclusion_and_shows_its_rows() -> None:
    result = meta_analyze([Study(with_info(0.8, 0.3, None), name="mine", exclusions=("info < 0.5",))])
    assert logged(result, "exclusion: info < 0.5") == ("excluded", 1, [(2, "rs1", "0.3")])


def test_an_exclusion_sees_values_as_they_are_in_the_file_and_a_filter_as_they_are_used() -> None:
    rows = joined(*(one_variant(variant_id=f"rs{k}", n=n) for k, n in enumerate([500.0, -5.0, 50.0, float("nan")])))
    without = {"exclusions": ("n < 100",)}, {"filters": "n < 100"}
    excluded, kept = (meta_analyze([Study(rows, name="mine", **conditions)]) for conditions in without)  # type: ignore[arg-type]
    assert excluded.table["variant_id"].tolist() == ["rs0", "rs3"]
    assert kept.table["variant_id"].tolist() == ["rs2"]  # -5 samples are none


def test_an_exclusion_by_a_column_that_is_not_there_is_an_error() -> None:
    with pytest.raises(GwasmetaError, match="asks for quality, which this file does not have"):
        meta_analyze([Study(with_info(0.8), name="mine", exclusions=("quality < 0.5",))])


# --- what rules can be ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "rules", [{"uneven_lines": "skipp"}, {"repeated_words": "lst"}, {"separator": "|"}, {"separator": ""}], ids=str
)
def test_rules_that_there_are_not_are_refused(rules: Any) -> None:
    with pytest.raises(GwasmetaError, match=next(iter(rules))):
        TextRules(**rules)


def test_a_frame_has_columns_already() -> None:
    frame = pl.DataFrame(dict(zip(HEADER.split(), zip(*ROWS, strict=True), strict=True)))
    rules = TextRules(separator=",", uneven_lines="skip")
    assert meta_analyze([Study(frame, name="mine", text_rules=rules)]).table["n"].tolist() == [100, 70]
