"""Splitting of lines: a plain Python split is the reference."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gwasmeta.errors import GwasmetaError
from gwasmeta.sumstats.field_marks import BLANKS
from gwasmeta.sumstats.raw_blocks import FrameBlock, Layout, TextBlock, UnevenLine
from gwasmeta.sumstats.source import LineBlock
from gwasmeta.sumstats.tokens import tokenise

SEPARATORS = {"tab": "\t", "comma": ",", "semicolon": ";", "blanks": " "}
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)

each_separator = pytest.mark.parametrize("separator", SEPARATORS.values(), ids=SEPARATORS.keys())


@dataclass
class Tokens:
    n_rows: int
    uneven: list[tuple[int, int, int]]  # line, start, number of fields
    numbers: np.ndarray
    words: list[list[str]]
    lines: list[str]
    line_numbers: list[int]


def tokens(
    text: str,
    separator: str,
    n_fields: int | tuple[int, int],
    words: Sequence[int] = (),
    numbers: Sequence[int] = (),
    logarithms: Sequence[bool] | None = None,
) -> Tokens:
    encoded = text.encode()
    capacity = encoded.count(b"\n")
    values = np.full((len(numbers), capacity), 999.0)
    starts, lengths = np.full((2, len(words), capacity), -7, dtype=np.int32)
    line_starts, line_numbers = np.empty((2, capacity), dtype=np.int32)
    uneven = np.empty((capacity, 3), dtype=np.int32)
    n_rows, n_uneven = tokenise(
        np.frombuffer(bytearray(encoded), dtype=np.uint8),
        BLANKS if separator == " " else ord(separator),
        n_fields if isinstance(n_fields, tuple) else (n_fields, n_fields),
        np.array(numbers, dtype=np.int64),
        np.array(logarithms or [False] * len(numbers), dtype=np.bool_),
        np.array(words, dtype=np.int64),
        values,
        starts,
        lengths,
        line_starts,
        line_numbers,
        uneven,
    )
    found = [
        [encoded[s : s + n].decode() for s, n in zip(column, sizes, strict=True)]
        for column, sizes in zip(starts[:, :n_rows].tolist(), lengths[:, :n_rows].tolist(), strict=True)
    ]
    lines = [encoded[start : encoded.index(b"\n", start)].decode() for start in line_starts[:n_rows].tolist()]
    passed_over = [(line, start, fields) for line, start, fields in uneven[:n_uneven].tolist()]
    return Tokens(n_rows, passed_over, values[:, :n_rows], found, lines, line_numbers[:n_rows].tolist())


def plain_split(text: str, separator: str) -> list[tuple[int, list[str]]]:
    """Return the number of each line that is a row, and its fields, without any of the code under test."""
    padding = ' "\r' if separator == "\t" else ' "\r\t'
    rows = []
    for number, line in enumerate(text.split("\n")[:-1]):
        if line.startswith("#") or not line.strip(" \r"):
            continue
        fields = re.split("[ \t]+", line.strip(" \t\r")) if separator == " " else line.split(separator)
        rows.append((number, [field.strip(padding) for field in fields]))
    return rows


def plain_number(field: str) -> float:
    return float(field) if NUMBER.fullmatch(field) else np.nan


def assert_equal_to_plain_split(text: str, separator: str, n_columns: int) -> None:
    rows = plain_split(text, separator)
    columns = [[fields[k] for _, fields in rows] for k in range(n_columns)]

    as_words = tokens(text, separator, n_columns, words=range(n_columns))
    assert as_words.uneven == []
    assert as_words.line_numbers == [number for number, _ in rows]
    assert as_words.lines == [text.split("\n")[number] for number, _ in rows]
    assert as_words.words == columns

    as_numbers = tokens(text, separator, n_columns, numbers=range(n_columns))
    expected = np.array([[plain_number(field) for field in column] for column in columns]).reshape(n_columns, -1)
    np.testing.assert_array_equal(as_numbers.numbers, expected)


# --- random tables --------------------------------------------------------------------------------------

decimals = st.one_of(
    st.integers(-99999, 99999).map(str),
    st.floats(allow_nan=False, allow_infinity=False, allow_subnormal=False).map(repr),
)
names = st.text("ACGTrs:_|=<>#.-+é変0123456789", min_size=1, max_size=12)
nearly_numbers = st.sampled_from(["NA", ".", "1.5x", "1e", "-", "+.", "1e5e5", "nan", "inf", "0x1", "+5", ".5", "5."])
plain_fields = st.one_of(decimals, names, nearly_numbers)
quoted_fields = plain_fields.map('"{}"'.format)
padded_fields = st.tuples(st.sampled_from(["", " ", "  "]), st.one_of(plain_fields, quoted_fields)).map(
    lambda parts: f"{parts[0]}{parts[1]}{parts[0]}"
)
# Within quotes or not, a blank inside a field and a missing field are possible where blanks do not separate.
fields_between_signs = st.one_of(padded_fields, st.sampled_from(["", " ", '""', "a b", '"1.5 2"', '" 7 "', "1 2"]))


@st.composite
def tables(draw: st.DrawFn, separator: str) -> tuple[str, int]:
    n_columns = draw(st.integers(2, 6))
    field = st.one_of(plain_fields, quoted_fields) if separator == " " else fields_between_signs
    row = st.lists(field, min_size=n_columns, max_size=n_columns)
    lines = []
    for _ in range(draw(st.integers(0, 6))):
        between = st.sampled_from([" ", "\t", "   ", " \t "]) if separator == " " else st.just(separator)
        fields = draw(row)
        line = fields[0] + "".join(draw(between) + field for field in fields[1:])
        if not line.startswith("#") and line.strip(" "):
            lines.append(line)
        lines += draw(st.lists(st.sampled_from(["# a comment", "", "   ", "##", "#1\t2,3"]), max_size=1))
    end = draw(st.sampled_from(["\n", "\r\n"]))
    return "".join(line + end for line in lines), n_columns


@each_separator
@settings(deadline=None, max_examples=120)
@given(data=st.data())
def test_a_table_is_split_as_python_splits_it(separator: str, data: st.DataObject) -> None:
    text, n_columns = data.draw(tables(separator))
    assert_equal_to_plain_split(text, separator, n_columns)


def long_table(separator: str, end: str) -> str:
    """More lines than are looked at together, with fields of every width."""
    source = random.Random(separator + end)
    between = [" ", "  ", "\t", " \t  "] if separator == " " else [separator]
    lines = []
    for _ in range(4_000):
        number = format(
            source.gauss(0, 10.0 ** source.randint(-5, 7)), f".{source.randint(0, 9)}{source.choice('feg')}"
        )
        name = "rs" + "7" * source.randint(1, 40 if source.random() < 0.02 else 9)
        fields = [name, number, source.choice("ACGT"), source.choice([number, f'"{number}"', "NA", "-1", "0.5"])]
        lines.append("".join(field + source.choice(between) for field in fields) + str(source.randint(0, 10**16)))
        if source.random() < 0.05:
            lines.append(source.choice(["", "# a comment", "#", "   "]))
    return "".join(line + end for line in lines)


@each_separator
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_long_table_is_split_as_python_splits_it(separator: str, end: str) -> None:
    assert_equal_to_plain_split(long_table(separator, end), separator, 5)


@each_separator
def test_texts_of_every_length(separator: str) -> None:
    for length in range(1, 200):
        assert_equal_to_plain_split(f"{'x' * length}{separator}-1.25\n{separator.join('ab')}\n", separator, 2)
        assert_equal_to_plain_split(f"-0.5{separator}{'7' * length}\n", separator, 2)


@each_separator
@pytest.mark.parametrize("n_surplus", [100, 2_000, 3_000, 20_000])
def test_a_line_of_any_number_of_fields_is_counted_right(separator: str, n_surplus: int) -> None:
    good, long = separator.join(["rs1", "2.5"]), separator.join(["rs2", "-1"] + ["x"] * n_surplus)
    text = f"{good}\n" * 700 + f"{long}\n" + f"{good}\n" * 700
    strict = tokens(text, separator, 2, words=[0], numbers=[1])
    assert strict.uneven == [(700, 700 * (len(good) + 1), n_surplus + 2)]
    assert strict.words == [["rs1"] * 1_400]
    assert strict.numbers.tolist() == [[2.5] * 1_400]
    lenient = tokens(text, separator, (2, 10**6), words=[0], numbers=[1])
    assert lenient.uneven == []
    assert lenient.words == [["rs1"] * 700 + ["rs2"] + ["rs1"] * 700]
    assert lenient.numbers.tolist() == [[2.5] * 700 + [-1.0] + [2.5] * 700]


@each_separator
@pytest.mark.parametrize("passed_over", ["\n", " \n", "#\n", "# x,y;z a\tb\n"])
def test_any_number_of_lines_can_be_passed_over(separator: str, passed_over: str) -> None:
    row = separator.join(["rs1", "2.5"]) + "\n"
    found = tokens(passed_over * 5_000 + row + passed_over * 300 + row, separator, 2, words=[0], numbers=[1])
    assert found.line_numbers == [5_000, 5_301]
    assert (found.words, found.numbers.tolist()) == ([["rs1"] * 2], [[2.5] * 2])


@st.composite
def ragged_tables(draw: st.DrawFn, separator: str) -> tuple[str, int]:
    rows = draw(st.lists(st.lists(st.sampled_from(["x", "-1.5", "rs1", "2e-7"]), min_size=1, max_size=9), max_size=8))
    lines = [line for row in rows for line in [*draw(st.sampled_from([[], ["#a,b"], [""]])), separator.join(row)]]
    return "".join(line + "\n" for line in lines), draw(st.integers(2, 7))


@each_separator
@settings(deadline=None, max_examples=80)
@given(data=st.data())
def test_lines_with_too_few_or_too_many_fields_are_passed_over_and_reported(
    separator: str, data: st.DataObject
) -> None:
    text, n_columns = data.draw(ragged_tables(separator))
    fewest = data.draw(st.integers(1, n_columns))
    most = data.draw(st.integers(n_columns, 9))
    found = tokens(text, separator, (fewest, most), words=[0])

    rows = plain_split(text, separator)
    used = [(number, fields) for number, fields in rows if fewest <= len(fields) <= most]
    assert found.line_numbers == [number for number, _ in used]
    assert found.words == [[fields[0] for _, fields in used]]
    assert [(line, n_fields) for line, _, n_fields in found.uneven] == [
        (number, len(fields)) for number, fields in rows if not fewest <= len(fields) <= most
    ]
    lines = text.splitlines(keepends=True)
    assert [start for _, start, _ in found.uneven] == [len("".join(lines[:line])) for line, _, _ in found.uneven]


# --- single cases ---------------------------------------------------------------------------------------


@each_separator
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_columns_come_in_the_order_asked_for(separator: str, end: str) -> None:
    text = separator.join(["rs1", "skipped", "0.5", "A", "1e-400"]) + end
    found = tokens(text, separator, 5, words=[3, 0], numbers=[4, 2], logarithms=[True, False])
    assert found.words == [["A"], ["rs1"]]
    assert found.numbers.tolist() == [[400.0], [0.5]]


@pytest.mark.parametrize("field", ["NA", ".", "", "1.5x", "1 2", '1"2', "abc", "1,5", "1e", "nan", "inf"])
def test_text_in_a_column_of_numbers_is_nan(field: str) -> None:
    assert np.isnan(tokens(f"{field}\tx\n", "\t", 2, numbers=[0]).numbers).all()


@pytest.mark.parametrize("field", ["1.5", '"1.5"', " 1.5", "1.5 ", '" 1.5 "', '1.5 "', "+1.5", "15e-1"])
def test_padding_around_a_number_is_none_of_it(field: str) -> None:
    for line in (f"{field}\tx\n", f"{field}\tx\r\n"):
        assert tokens(line, "\t", 2, numbers=[0]).numbers.tolist() == [[1.5]]
    assert tokens(f"x\t{field}\r\n", "\t", 2, numbers=[1]).numbers.tolist() == [[1.5]]


def test_quotes_inside_a_word_stay() -> None:
    assert tokens('"5"UTR"\ta\n', "\t", 2, words=[0]).words == [['5"UTR']]


@each_separator
def test_only_a_mark_at_the_beginning_of_the_line_makes_a_comment(separator: str) -> None:
    text = "\n".join(separator.join(row) for row in (["a", "#b"], ["#a", "b"], ["a#", "b"])) + "\n"
    found = tokens(text, separator, 2, words=[0, 1])
    assert found.words == [["a", "a#"], ["#b", "b"]]
    assert found.line_numbers == [0, 2]


@pytest.mark.parametrize("separator", ["\t", ",", ";"])
def test_missing_fields_at_both_ends_of_a_line_count(separator: str) -> None:
    found = tokens(f"{separator}b{separator}\n", separator, 3, words=[0, 1, 2])
    assert found.words == [[""], ["b"], [""]]


def test_a_line_of_tabs_alone_is_a_row_of_missing_fields() -> None:
    found = tokens("\t\t\n", "\t", 3, words=[0], numbers=[1])
    assert found.words == [[""]]
    assert np.isnan(found.numbers).all()


def test_blanks_at_both_ends_of_a_line_separate_nothing() -> None:
    assert tokens("  a \t b \t\r\n\tc d\n", " ", 2, words=[0, 1]).words == [["a", "c"], ["b", "d"]]


def test_between_blanks_a_carriage_return_is_a_blank_wherever_it_stands() -> None:
    found = tokens("a b\r\n\ra\rb \r\n", " ", 2, words=[0, 1])
    assert (found.words, found.uneven) == ([["a", "a"], ["b", "b"]], [])


def test_between_blanks_an_empty_pair_of_quotes_is_a_field() -> None:
    # as R's write.table writes an empty text
    found = tokens('rs1 "" "A" 0.5\nrs2 "C" "" 0.7\n', " ", 4, words=[0, 1, 2], numbers=[3])
    assert found.uneven == []
    assert found.words == [["rs1", "rs2"], ["", "C"], ["A", ""]]
    assert found.numbers.tolist() == [[0.5, 0.7]]


@pytest.mark.parametrize("blank", ["\t", " \t ", "\t\r"])
def test_between_blanks_a_line_of_tabs_alone_is_a_blank_line(blank: str) -> None:
    found = tokens(f"a b\n{blank}\nc d\n", " ", 2, words=[0, 1])
    assert found.uneven == []
    assert found.words == [["a", "c"], ["b", "d"]]
    assert found.line_numbers == [0, 2]


def test_no_line_is_no_row() -> None:
    assert tokens("", "\t", 2, words=[0], numbers=[1]).n_rows == 0
    assert tokens("# comment\n\n \n", "\t", 2, words=[0], numbers=[1]).n_rows == 0


# --- as a block of a file -------------------------------------------------------------------------------


def text_block(
    text: str,
    separator: str = "\t",
    first_line: int = 2,
    uneven_lines: Literal["refuse", "skip", "lenient"] = "refuse",
) -> TextBlock:
    layout = Layout(
        file="study.txt",
        header=("ID", "A", "P", "NOTE"),
        numbers={"p_value": 2},
        words={"variant_id": 0, "effect_allele": 1},
        logarithms=frozenset({"p_value"}),
        separator=separator,
        uneven_lines=uneven_lines,
    )
    return TextBlock(LineBlock(np.frombuffer(bytearray(text.encode()), dtype=np.uint8), first_line), layout)


def test_a_block_names_its_columns_and_knows_the_lines_of_the_file() -> None:
    block = text_block('rs1\tA\t1e-5\tx\n# between\n\n"rs2"\tC\tNA\t"a note"\r\n', first_line=11)
    assert {name: words.to_list() for name, words in block.words.items()} == {
        "variant_id": ["rs1", "rs2"],
        "effect_allele": ["A", "C"],
    }
    np.testing.assert_array_equal(block.numbers["p_value"], [5.0, np.nan])
    assert block.lines.tolist() == [11, 14]
    assert [block.field(0, 2), block.field(1, 2), block.field(1, 3)] == ["1e-5", "NA", "a note"]


def test_a_long_field_is_shown_whole() -> None:
    block = text_block(f"rs1\tA\t1\t{'x' * 500}\n")
    assert block.field(0, 3) == "x" * 500


@each_separator
@pytest.mark.parametrize("n_fields", [1, 3, 5])
def test_a_row_of_a_wrong_length_is_an_error_that_names_the_line(separator: str, n_fields: int) -> None:
    good, bad = separator.join("abcd"), separator.join("abcdefg"[:n_fields])
    text = f"{good}\n# comment\n\n{good}\n{bad}\n{good}\n"
    with pytest.raises(GwasmetaError) as caught:
        text_block(text, separator, first_line=100)
    message = str(caught.value)
    assert message.startswith(f"study.txt, line 104: {n_fields} field{'s' * (n_fields > 1)}, but the header has 4\n")
    assert "repair or remove the line" in message


UNEVEN = [["rs1", "A", "0.1", "x"], ["rs2", "C"], ["rs3", "G", "0.001"], ["rs4", "T", "0.01", "y", "z"]]


def uneven_text(separator: str) -> str:
    return "# comment\n" + "".join(separator.join(fields) + "\r\n" for fields in UNEVEN)


@each_separator
def test_rows_of_another_length_than_the_header_can_be_left_out_and_are_listed(separator: str) -> None:
    block = text_block(uneven_text(separator), separator, 100, "skip")
    assert block.words["variant_id"].to_list() == ["rs1"]
    assert block.numbers["p_value"].tolist() == [1.0]
    assert block.lines.tolist() == [101]
    assert block.uneven == tuple(
        UnevenLine(line, len(UNEVEN[line - 101]), tuple(UNEVEN[line - 101])) for line in (102, 103, 104)
    )


@each_separator
def test_with_lenience_only_rows_too_short_for_a_column_that_is_read_are_left_out(separator: str) -> None:
    block = text_block(uneven_text(separator), separator, 100, "lenient")
    assert block.words["variant_id"].to_list() == ["rs1", "rs3", "rs4"]
    assert block.numbers["p_value"].tolist() == [1.0, 3.0, 2.0]
    assert block.lines.tolist() == [101, 103, 104]
    assert block.uneven == (UnevenLine(102, 2, ("rs2", "C")),)
    assert [block.field(row, 3) for row in range(3)] == ["x", "", "y"]


def test_a_frame_has_no_uneven_line() -> None:
    layout = Layout("frame", ("ID",), {}, {"variant_id": 0}, frozenset())
    assert FrameBlock(pl.DataFrame({"ID": ["rs1"]}), 0, layout).uneven == ()
