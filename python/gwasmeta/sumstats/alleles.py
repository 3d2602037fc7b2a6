"""Alleles of a block of rows: written in one way, turned to the other strand, exchanged."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from gwasmeta.compiled import compiled
from gwasmeta.sumstats.row_block import BoolArray, RowBlock
from gwasmeta.sumstats.variant_numbers import COMPLEMENTS
from gwasmeta.sumstats.words import BASES, Words, chosen_words

_BASES = np.frombuffer(f"{BASES}\n".encode(), dtype=np.uint8)
_TO_UPPER = 0xDF
# Signed by the effect allele, and so turned around with it.
_SIGNED = ("beta", "z")


def with_letters(block: RowBlock) -> RowBlock:
    """Return the block with alleles in capital letters, those given as 1 to 4 included."""
    alleles = {
        "effect_allele": _in_letters(block.words["effect_allele"], block.effect_codes),
        "other_allele": _in_letters(block.words["other_allele"], block.other_codes),
    }
    return replace(block, words=block.words | alleles)


def _in_letters(words: Words, codes: Any) -> Words:
    single = codes >= 0
    if single.all():
        return Words(_BASES, codes, np.ones(len(codes), dtype=np.int32))
    longer = words.take(np.flatnonzero(~single)).upper_case()
    starts, lengths = np.array(codes, dtype=np.int32), np.ones(len(codes), dtype=np.int32)
    starts[~single] = longer.starts + len(_BASES)
    lengths[~single] = longer.lengths
    return Words(np.concatenate([_BASES, longer.data]), starts, lengths)


def are_bases(words: Words) -> BoolArray:
    """Say which alleles consist of A, C, G and T."""
    return np.asarray(_are_bases(words.data, words.starts, words.lengths))


def is_palindromic(block: RowBlock) -> BoolArray:
    """Say which rows have A/T or C/G, alleles that do not tell the strand."""
    single = (block.effect_codes >= 0) & (block.other_codes >= 0)
    return np.asarray(single & (block.effect_codes + block.other_codes == 3))


def on_other_strand(block: RowBlock, rows: BoolArray) -> RowBlock:
    """Return the block with some rows' alleles given on the other strand: the reverse complement of each."""
    if not rows.any():
        return block
    turned = {name: _reverse_complement(block.words[name], rows) for name in ("effect_allele", "other_allele")}
    return replace(
        block,
        words=block.words | turned,
        effect_codes=np.where(rows & (block.effect_codes >= 0), 3 - block.effect_codes, block.effect_codes),
        other_codes=np.where(rows & (block.other_codes >= 0), 3 - block.other_codes, block.other_codes),
    )


def exchanged(block: RowBlock, rows: BoolArray) -> RowBlock:
    """Return the block with some rows' effects given of the other allele: signs and frequencies turned around."""
    if not rows.any():
        return block
    effect, other = block.words["effect_allele"], block.words["other_allele"]
    numbers = dict(block.numbers)
    for name in _SIGNED:
        if name in numbers:
            numbers[name] = np.where(rows, 0.0 - numbers[name], numbers[name])
    if "effect_allele_frequency" in numbers:
        frequency = numbers["effect_allele_frequency"]
        numbers["effect_allele_frequency"] = np.where(rows, 1 - frequency, frequency)
    alleles = {"effect_allele": chosen_words(rows, other, effect), "other_allele": chosen_words(rows, effect, other)}
    return replace(
        block,
        numbers=numbers,
        words=block.words | alleles,
        effect_codes=np.where(rows, block.other_codes, block.effect_codes),
        other_codes=np.where(rows, block.effect_codes, block.other_codes),
    )


def _reverse_complement(words: Words, rows: BoolArray) -> Words:
    data, starts = _turned(words.data, words.starts, words.lengths, rows)
    return Words(data, starts, words.lengths)


@compiled
def _are_bases(data: Any, starts: Any, lengths: Any) -> Any:
    result = np.ones(starts.size, dtype=np.bool_)
    for row in range(starts.size):
        for i in range(lengths[row]):
            upper = data[starts[row] + i] & _TO_UPPER
            if COMPLEMENTS[upper] == upper:
                result[row] = False
                break
    return result


@compiled
def _turned(data: Any, starts: Any, lengths: Any, rows: Any) -> tuple[Any, Any]:
    """Copy words, those of some rows as their reverse complement, a line feed behind each."""
    copied = np.empty(lengths.sum() + starts.size, dtype=np.uint8)
    begins = np.empty(starts.size, dtype=np.int32)
    end = 0
    for row in range(starts.size):
        begins[row] = end
        length = lengths[row]
        for i in range(length):
            if rows[row]:
                copied[end + i] = COMPLEMENTS[data[starts[row] + length - 1 - i]]
            else:
                copied[end + i] = data[starts[row] + i]
        copied[end + length] = 10
        end += length + 1
    return copied, begins
