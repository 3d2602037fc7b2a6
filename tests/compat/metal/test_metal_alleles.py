"""The order in which METAL prints a pair of alleles."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gwasmeta.compat.metal_alleles import exchanged, printed_order, turned_alleles
from gwasmeta.sumstats.words import Words

# From METAL's golden tables; RULES_METAL 4 gives the rule.
PRINTED = [
    ("a", "c"),
    ("a", "g"),
    ("a", "t"),
    ("c", "g"),
    ("t", "c"),
    ("t", "g"),
    ("d", "i"),
    ("d", "r"),
    ("a", "at"),
    ("-", "a"),
    ("ct", "c"),
    ("ctg", "c"),
    ("t", "ca"),
    ("t", "taa"),
    ("ca", "tg"),
    ("ac", "gt"),
    ("g", "gggggggggggggggggggggggggggg"),
]


@pytest.mark.parametrize("pair", PRINTED, ids="/".join)
def test_pairs_are_printed_as_in_metals_tables(pair: tuple[str, str]) -> None:
    assert printed_order(*pair) == pair
    assert printed_order(*reversed(pair)) == pair


def test_digits_are_compared_by_their_number() -> None:
    # "<CN10>" has the longer run of digits; a digit comes behind all that is none.
    assert printed_order("<cn10>", "<cn9>") == ("<cn9>", "<cn10>")
    assert printed_order("r1", "rx") == ("rx", "r1")


@given(st.text("ACGTDI<>12", min_size=1, max_size=4), st.text("ACGTDI<>12", min_size=1, max_size=4))
def test_the_order_does_not_depend_on_which_allele_the_first_file_gives_first(first: str, second: str) -> None:
    assert printed_order(first, second) == printed_order(second, first)
    assert sorted(printed_order(first, second)) == sorted((first, second))


def test_columns_are_turned_where_the_order_is_another_one() -> None:
    effect, other = Words.of(["C", "A", "T", "G", "CT", "I", "A"]), Words.of(["A", "G", "C", "T", "C", "D", "AT"])
    turned = turned_alleles(effect, other)
    assert turned.tolist() == [True, False, False, True, False, True, False]
    first, second = exchanged(effect, other, turned)
    assert first.to_list() == ["A", "A", "T", "T", "CT", "D", "A"]
    assert second.to_list() == ["C", "G", "C", "G", "C", "I", "AT"]
