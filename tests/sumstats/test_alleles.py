"""Alleles turned and exchanged, against plain Python; their numbers."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from gwasmeta.sumstats.alleles import are_bases, exchanged, is_palindromic, on_other_strand, with_letters
from gwasmeta.sumstats.row_block import RowBlock
from gwasmeta.sumstats.variant_numbers import allele_numbers, rs_numbers
from gwasmeta.sumstats.words import Words

ALLELES = st.text("ACGT", min_size=1, max_size=30)
ROWS = st.lists(st.tuples(ALLELES, ALLELES, st.booleans()), min_size=1, max_size=20)
COMPLEMENT = str.maketrans("ACGT", "TGCA")


def _block(effect: list[str], other: list[str]) -> RowBlock:
    words = {"effect_allele": Words.of(effect), "other_allele": Words.of(other)}
    numbers = {"beta": np.arange(1.0, len(effect) + 1), "z": np.full(len(effect), -2.0)}
    numbers["effect_allele_frequency"] = np.full(len(effect), 0.3)
    codes = (words["effect_allele"].allele_codes(), words["other_allele"].allele_codes())
    return RowBlock(len(effect), numbers, words, *codes, [], lambda *_: None)  # type: ignore[arg-type, return-value]


def _alleles(block: RowBlock) -> list[tuple[str, str]]:
    return list(zip(block.words["effect_allele"].to_list(), block.words["other_allele"].to_list(), strict=True))


@settings(max_examples=50, deadline=None)
@given(ROWS)
def test_the_other_strand_is_the_reverse_complement(rows: list[tuple[str, str, bool]]) -> None:
    effect, other, chosen = map(list, zip(*rows, strict=True))
    block = on_other_strand(with_letters(_block(effect, other)), np.array(chosen))
    expected = [tuple(a.translate(COMPLEMENT)[::-1] if turn else a for a in pair) for *pair, turn in rows]
    assert _alleles(block) == expected
    assert block.effect_codes.tolist() == Words.of([a for a, _ in expected]).allele_codes().tolist()
    assert_allclose(block.numbers["beta"], np.arange(1, len(rows) + 1))


@settings(max_examples=50, deadline=None)
@given(ROWS)
def test_exchanged_alleles_turn_effects_and_frequencies(rows: list[tuple[str, str, bool]]) -> None:
    effect, other, chosen = map(list, zip(*rows, strict=True))
    block = exchanged(with_letters(_block(effect, other)), np.array(chosen))
    assert _alleles(block) == [(b, a) if swap else (a, b) for a, b, swap in rows]
    sign = np.where(chosen, -1, 1)
    assert_allclose(block.numbers["beta"], sign * np.arange(1, len(rows) + 1))
    assert_allclose(block.numbers["z"], sign * -2.0)
    assert_allclose(block.numbers["effect_allele_frequency"], np.where(chosen, 0.7, 0.3))
    assert block.other_codes.tolist() == block.words["other_allele"].allele_codes().tolist()


def test_numbers_and_small_letters_become_capitals() -> None:
    block = with_letters(_block(["a", "2", "acg", "<DEL>", "T"], ["3", "t", "A", "g", "4"]))
    assert _alleles(block) == [("A", "G"), ("C", "T"), ("ACG", "A"), ("<DEL>", "G"), ("T", "T")]
    assert are_bases(block.words["effect_allele"]).tolist() == [True, True, True, False, True]


def test_palindromic_pairs() -> None:
    pairs = [("A", "T"), ("G", "C"), ("t", "a"), ("A", "C"), ("AT", "A"), ("C", "T")]
    block = _block([a for a, _ in pairs], [b for _, b in pairs])
    assert is_palindromic(block).tolist() == [True, True, True, False, False, False]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.text("ACGTacgt<>*N", min_size=1, max_size=30), min_size=2, max_size=30))
def test_alleles_have_the_same_number_if_they_are_the_same(alleles: list[str]) -> None:
    numbers = allele_numbers(Words.of(alleles)).tolist()
    assert len(set(numbers)) == len({allele.upper() for allele in alleles})
    reverse = [allele.upper().translate(COMPLEMENT)[::-1] for allele in alleles]
    assert allele_numbers(Words.of(alleles), True).tolist() == allele_numbers(Words.of(reverse)).tolist()


def test_numbers_of_rsids() -> None:
    names = ["rs1", "RS0012", "rs", "rs1a", "1:5:A:G", "", "rs999999999999", "ss5", "rs-1"]
    assert rs_numbers(Words.of(names)).tolist() == [1, 12, -1, -1, -1, -1, 999999999999, -1, -1]
