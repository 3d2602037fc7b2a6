"""Columns of words, and what is asked of them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gwasmeta.sumstats.words import BASES, LONGER_ALLELE, MISSING_ALLELE, Words, same_words

# No surrogates: they are no text that a file could hold.
texts = st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=20), max_size=30)


@settings(deadline=None)
@given(texts)
def test_words_are_what_was_laid_out(words: list[str]) -> None:
    laid_out = Words.of(words)
    assert len(laid_out) == len(words)
    assert laid_out.to_list() == words
    assert [laid_out[row] for row in range(len(words))] == words


def test_a_byte_follows_each_word() -> None:
    laid_out = Words.of(["1", "", "23"])
    assert [laid_out.data[stop] for stop in laid_out.starts + laid_out.lengths] == [10, 10, 10]


def test_bytes_that_are_no_utf8_are_shown_as_such() -> None:
    data = np.frombuffer(bytearray(b"caf\xe9\n"), dtype=np.uint8)
    words = Words(data, np.array([0], dtype=np.int32), np.array([4], dtype=np.int32))
    assert words[0] == "caf\ufffd"
    assert words.to_list() == ["caf\ufffd"]


def test_rows_are_taken_by_mask_and_by_index() -> None:
    words = Words.of(["a", "bb", "ccc"])
    assert words.take(np.array([True, False, True])).to_list() == ["a", "ccc"]
    assert words.take(np.array([2, 0, 0])).to_list() == ["ccc", "a", "a"]
    assert words.take(np.array([], dtype=np.int64)).to_list() == []


# --- missing, equal -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "word", ["", ".", "NA", "na", "Na", "NaN", "nan", "N/A", "n/a", "#NA", "#N/A", "NULL", "null", "None", "-nan"]
)
def test_what_means_that_there_is_nothing(word: str) -> None:
    assert Words.of(["rs1", word, "rs2"]).missing().tolist() == [False, True, False]


@pytest.mark.parametrize(
    "word", ["..", "N", "NAB", "NANA", "A", "0", "-9", "-", "?", "nulls", "NON", " ", "#N/A!", "变"]
)
def test_what_is_no_way_to_say_that_there_is_nothing(word: str) -> None:
    assert Words.of([word]).missing().tolist() == [False]


def test_words_are_equal_in_any_case_and_whole() -> None:
    words = Words.of(["ADD", "add", "AdD", "ADDITIVE", "AD", "", "DOM"])
    expected = [True, True, True, False, False, False, False]
    assert words.equal("ADD").tolist() == expected
    assert words.equal("add").tolist() == expected


# --- numbers --------------------------------------------------------------------------------------------


def test_words_are_parsed_as_numbers_only_if_all_of_them_is_one() -> None:
    words = Words.of(["1.5", "-2e3", "", "1.5x", "x", "7 ", "NA"])
    nan = np.nan
    np.testing.assert_array_equal(words.numbers(), [1.5, -2000, nan, nan, nan, nan, nan])


def test_a_number_ends_where_its_word_ends() -> None:
    data = np.frombuffer(bytearray(b"12345\n"), dtype=np.uint8)
    words = Words(data, np.array([0, 3], dtype=np.int32), np.array([3, 2], dtype=np.int32))
    # 123 runs on into 45, and is no number of its own; 45 is one
    np.testing.assert_array_equal(words.numbers(), [np.nan, 45])


def test_words_are_parsed_as_logarithms_of_p_values() -> None:
    values = Words.of(["1e-400", "0.01", "0", "NA"]).numbers(as_minus_log_10=True)
    np.testing.assert_array_equal(values, [400, 2, np.nan, np.nan])


# --- alleles --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("code", "base"), list(enumerate(BASES)))
def test_a_base_has_its_code_in_either_case_and_as_a_number(code: int, base: str) -> None:
    number = str(code + 1)  # as PLINK and METAL write it
    assert Words.of([base, base.lower(), number]).allele_codes().tolist() == [code, code, code]


def test_the_complement_of_a_base_is_3_minus_it() -> None:
    codes = Words.of(list("ACGT")).allele_codes()
    assert [BASES[3 - code] for code in codes] == list("TGCA")


@pytest.mark.parametrize("word", ["", ".", "0", "N", "n", "?", "NA", "nan", "NULL", "N/A"])
def test_a_missing_allele(word: str) -> None:
    assert Words.of([word]).allele_codes().tolist() == [MISSING_ALLELE]


@pytest.mark.parametrize(
    "word", ["AC", "ac", "<DEL>", "I", "D", "R", "-", "*", "5", "NN", "00", "<CN0>", "É", "A" * 999]
)
def test_any_other_allele_is_left_to_the_caller(word: str) -> None:
    assert Words.of([word]).allele_codes().tolist() == [LONGER_ALLELE]


# --- in pairs -------------------------------------------------------------------------------------------


def test_words_in_one_case_are_copies() -> None:
    words = Words.of(["acGt", "", "<del:Me>", "é9z", "É7"]).take(np.array([2, 0, 1, 3, 4]))
    assert words.upper_case().to_list() == ["<DEL:ME>", "ACGT", "", "é9Z", "É7"]  # of the letters that alleles have
    assert words.lower_case().to_list() == ["<del:me>", "acgt", "", "é9z", "É7"]
    assert words.to_list() == ["<del:Me>", "acGt", "", "é9z", "É7"]  # the original is as it was


@pytest.mark.parametrize("length", [1, 7, 8, 9, 17])
@pytest.mark.parametrize("place", [0, 6, 7, 8, 16])
@pytest.mark.parametrize("letter", "AZ@[aÀ")
def test_words_without_an_upper_case_letter_are_their_own_lower_case(length: int, place: int, letter: str) -> None:
    for behind in ("", "RS"):  # words at the end of the bytes are looked at in another way
        words = Words.of(["r" * min(place, length - 1) + letter, "r" * length, behind]).take(np.array([1, 0]))
        lowered = words.lower_case()
        assert (lowered is words) == (letter not in "AZ")
        assert lowered.to_list() == ["r" * length, "r" * min(place, length - 1) + letter.translate({65: 97, 90: 122})]


def test_numbers_can_be_read_of_words_in_another_case() -> None:
    assert Words.of(["1E5", "2"]).lower_case().numbers().tolist() == [1e5, 2.0]  # a byte must follow each word


def test_words_that_are_spelled_otherwise_differ() -> None:
    words = Words.of(["rs1", "RS2", "", "rs3"])
    assert words.differ(words.lower_case()).tolist() == [False, True, False, False]


ascii_words = st.text("acgtACGT<>[]@`{", max_size=4)


@settings(deadline=None, max_examples=200)
@given(st.lists(st.tuples(ascii_words, ascii_words), max_size=20))
def test_words_are_the_same_in_any_case(pairs: list[tuple[str, str]]) -> None:
    words = Words.of([word for pair in pairs for word in pair])
    starts, lengths = words.starts, words.lengths
    same = same_words(
        words.data, starts[::2].copy(), lengths[::2].copy(), words.data, starts[1::2].copy(), lengths[1::2].copy()
    )
    assert same.tolist() == [first.upper() == second.upper() for first, second in pairs]


@pytest.mark.parametrize("pair", [("@", "`"), ("[", "{"), ("A", "B"), ("A", ""), ("AC", "A"), ("é", "É")])
def test_only_the_letters_from_a_to_z_have_two_cases(pair: tuple[str, str]) -> None:
    words = Words.of(pair)
    first, second = words.take(np.array([0])), words.take(np.array([1]))
    same = same_words(first.data, first.starts, first.lengths, second.data, second.starts, second.lengths)
    assert same.tolist() == [False]
