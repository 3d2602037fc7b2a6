"""Numbers for texts: a Python dict is the reference."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gwasmeta.errors import GwasmetaError
from gwasmeta.sumstats.text_index import TextIndex, _hash, grow
from gwasmeta.sumstats.words import Words

# Pairs that share the 32 bits of the hash: only the comparison of the texts themselves tells them apart.
LOOK_ALIKES = [
    ("rs4900217", "rs6842630"),
    ("rs5165729", "rs9632616"),
    ("rs2651318", "rs4465377"),
    ("rs7307393", "rs7367104"),
    ("rs2617337", "rs3451858"),
    ("rs4378521", "rs9596476"),
    ("rs0753963", "rs6552143"),
    ("rs3765379", "rs7099346"),
]


class DictIndex:
    """The same numbering in a few lines."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}

    def number(self, texts: list[str]) -> list[int]:
        return [self.numbers.setdefault(text, len(self.numbers)) for text in texts]

    def find(self, texts: list[str]) -> list[int]:
        return [self.numbers.get(text, -1) for text in texts]


def assert_numbered_like_a_dict(batches: list[list[str]]) -> TextIndex:
    index, reference = TextIndex(), DictIndex()
    for batch in batches:
        assert index.number(Words.of(batch)).tolist() == reference.number(batch)
        assert len(index) == len(reference.numbers)
    known = list(reference.numbers)
    assert index.words().to_list() == known
    assert index.find(Words.of(known)).tolist() == list(range(len(known)))
    return index


def ids(n: int, seed: int = 0) -> list[str]:
    source = random.Random(seed)
    shapes = (
        lambda: f"rs{source.randrange(10**9)}",
        lambda: f"{source.randint(1, 22)}:{source.randrange(10**8)}:{source.choice('ACGT')}:{source.choice('ACGT')}",
        lambda: f"chr{source.randint(1, 22)}_{source.randrange(10**8)}_变_é",
    )
    return list({source.choice(shapes)(): None for _ in range(n)})


# Few distinct letters, so that texts repeat, begin alike and are prefixes of one another.
texts = st.text("ab\u00e9\u53d8", max_size=5)


@settings(deadline=None, max_examples=200)
@given(st.lists(st.lists(texts, max_size=40), max_size=6))
def test_any_texts_are_numbered_as_a_dict_numbers_them(batches: list[list[str]]) -> None:
    assert_numbered_like_a_dict(batches)


def test_many_ids_through_several_rehashes() -> None:
    many = ids(160_000)
    assert len(many) > 150_000
    shuffled = random.Random(1).sample(many, len(many))
    repeated = random.Random(2).choices(many, k=50_000)
    # in file order, file order again, shuffled, drawn at random, and the rest as new ones among known ones
    batches = [many[:70_000], many[:70_000], shuffled[:60_000], repeated, many]
    assert_numbered_like_a_dict(batches)


def test_one_batch_that_needs_more_than_one_doubling() -> None:
    assert_numbered_like_a_dict([ids(5), ids(20_000, seed=3)])


def test_gaps_and_steps_back_in_the_order_of_a_file() -> None:
    file = [f"rs{k}" for k in range(1_000)]
    others = [file[::2], file[::7], file[::-1], [text for text in file for _ in range(3)], file[500:] + file[:500]]
    for other in others:
        assert_numbered_like_a_dict([file, other])
        assert_numbered_like_a_dict([other, file])


def test_long_texts() -> None:
    long = ["A" * 100_000, "A" * 99_999, "A" * 99_999 + "C", "C" + "A" * 99_999, "<INS:" + "ACGT" * 50_000 + ">"]
    assert_numbered_like_a_dict([long, long[::-1], ["A"], long])


def test_an_empty_text_is_a_text() -> None:
    assert_numbered_like_a_dict([["", "a", ""], ["b", ""]])


def code(text: str) -> int:
    data = np.frombuffer(bytearray(text.encode()), dtype=np.uint8)
    return int(_hash(data, np.uint64(0), np.uint64(data.size)))


@pytest.mark.parametrize("pair", LOOK_ALIKES)
def test_texts_that_a_slot_cannot_tell_apart_get_their_own_numbers(pair: tuple[str, str]) -> None:
    assert code(pair[0]) == code(pair[1]), "the hash has changed: look for other pairs"
    index = TextIndex()
    assert index.number(Words.of(pair)).tolist() == [0, 1]
    # The texts found last are tried first; these keep that from finding the two before the hash does.
    between = [f"filler{k}" for k in range(20)]
    index.number(Words.of(between))
    assert index.find(Words.of([between[-1], pair[1], between[-1], pair[0]])).tolist() == [21, 1, 21, 0]


def test_the_second_of_two_look_alikes_is_not_found_in_place_of_the_first() -> None:
    index = TextIndex()
    index.number(Words.of([first for first, _ in LOOK_ALIKES]))
    assert index.find(Words.of([second for _, second in LOOK_ALIKES])).tolist() == [-1] * len(LOOK_ALIKES)


# --- find -----------------------------------------------------------------------------------------------


def test_finding_adds_nothing() -> None:
    index = TextIndex()
    assert index.find(Words.of(["a", "b"])).tolist() == [-1, -1]
    assert len(index) == 0
    index.number(Words.of(["a", "c"]))
    assert index.find(Words.of(["b", "c", "a", "b"])).tolist() == [-1, 1, 0, -1]
    assert len(index) == 2
    assert index.number(Words.of(["b"])).tolist() == [2]


def test_nothing_is_numbered_and_found_as_nothing() -> None:
    index = TextIndex()
    assert index.number(Words.of([])).tolist() == []
    assert index.find(Words.of([])).tolist() == []
    assert index.words().to_list() == []


# --- words ----------------------------------------------------------------------------------------------


def test_words_are_handed_out_by_their_numbers() -> None:
    known = ["a", "", "ccc", "变", "e"]
    index = TextIndex()
    index.number(Words.of(known))
    assert index.words().to_list() == known
    assert index.words(2).to_list() == known[2:]
    assert index.words(1, 4).to_list() == known[1:4]
    assert index.words(3, 3).to_list() == []


def test_more_than_4_gigabytes_are_refused_before_memory_is_asked_for() -> None:
    longest = np.full(3, 2**31 - 1, dtype=np.int32)
    words = Words(np.zeros(1, dtype=np.uint8), np.zeros(3, dtype=np.int32), longest)
    with pytest.raises(GwasmetaError, match=r"more than 4 GB(.|\n)*--filter"):
        TextIndex().number(words)


# --- grow -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [5, 6, 100, 10_000])
def test_a_grown_array_keeps_its_elements_and_ends_in_zeros(size: int) -> None:
    array = np.arange(1, 5, dtype=np.int32)
    grow(array, size)
    assert array.size >= size
    assert array[:4].tolist() == [1, 2, 3, 4]
    assert not array[4:].any()


def test_a_large_enough_array_stays_as_it_is() -> None:
    array = np.arange(4)
    grow(array, 4)
    assert array.tolist() == [0, 1, 2, 3]


def test_a_matrix_grows_by_rows() -> None:
    array = np.ones((2, 3))
    grow(array, 3)
    assert array.shape == (3, 3)
    assert array.tolist() == [[1, 1, 1], [1, 1, 1], [0, 0, 0]]


def test_repeated_growth_by_one_copies_seldom() -> None:
    sizes = set()
    array = np.zeros(64)
    for size in range(65, 10_000):
        grow(array, size)
        sizes.add(array.size)
    assert len(sizes) < 15
