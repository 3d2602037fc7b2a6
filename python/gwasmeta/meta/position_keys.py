"""What a variant is known by when ids are not trusted: chromosome, position and its pair of alleles."""

from __future__ import annotations

from typing import Any

import numpy as np

from gwasmeta.compiled import compiled
from gwasmeta.sumstats.row_block import RowBlock
from gwasmeta.sumstats.words import Words

_COLON = 58


def position_keys(block: RowBlock) -> Words:
    """Return `chromosome:position:allele:allele` for each row.

    The same whichever allele is the effect allele, and, for single bases, whichever strand they are given on:
    of the pair and its complement the one that is first in the alphabet, the first allele first. The alleles of
    longer variants are compared as they are written, in upper case.
    """
    chromosome = block.words["chromosome"]
    effect, other = block.words["effect_allele"], block.words["other_allele"]
    width = chromosome.lengths.astype(np.int64) + effect.lengths + other.lengths + 13
    keys = np.empty(int(width.sum()) + 1, dtype=np.uint8)
    starts, lengths = np.empty((2, len(block)), dtype=np.int32)
    _fill_keys(
        (chromosome.data, chromosome.starts, chromosome.lengths),
        block.numbers["base_pair_location"],
        (effect.data, effect.starts, effect.lengths),
        (other.data, other.starts, other.lengths),
        block.effect_codes,
        block.other_codes,
        keys,
        starts,
        lengths,
    )
    return Words(keys, starts, lengths)


@compiled
def _upper(byte: int) -> int:
    return byte - 32 if 97 <= byte <= 122 else byte


@compiled
def _put_chromosome(data: Any, start: int, length: int, keys: Any, end: int) -> int:
    """Write the chromosome by its usual name; see `variants.canonical_chromosome`."""
    stop = start + length
    if length > 3 and _upper(data[start]) == 67 and _upper(data[start + 1]) == 72 and _upper(data[start + 2]) == 82:
        start += 3
    while start < stop - 1 and data[start] == 48:
        start += 1
    if stop - start == 2 and data[start] == 50 and 51 <= data[start + 1] <= 54:  # 23 to 26
        keys[end] = (88, 89, 77, 77)[data[start + 1] - 51]
        end += 1
        if data[start + 1] >= 53:
            keys[end] = 84
            end += 1
        return end
    for i in range(start, stop):
        keys[end] = _upper(data[i])
        end += 1
    if stop - start == 1 and keys[end - 1] == 77:  # M is MT
        keys[end] = 84
        end += 1
    return end


@compiled
def _comes_first(a: Any, b: Any, row: int) -> Any:
    """Say whether the allele in `a` comes before the one in `b`, in upper case."""
    a_data, a_starts, a_lengths = a
    b_data, b_starts, b_lengths = b
    for i in range(min(a_lengths[row], b_lengths[row])):
        x, y = _upper(a_data[a_starts[row] + i]), _upper(b_data[b_starts[row] + i])
        if x != y:
            return x < y
    return a_lengths[row] <= b_lengths[row]


@compiled
def _put_word(words: Any, row: int, keys: Any, end: int) -> int:
    data, starts, lengths = words
    for i in range(lengths[row]):
        keys[end] = _upper(data[starts[row] + i])
        end += 1
    return end


@compiled
def _fill_keys(
    chromosomes: Any,
    positions: Any,
    effect: Any,
    other: Any,
    effect_codes: Any,
    other_codes: Any,
    keys: Any,
    starts: Any,
    lengths: Any,
) -> None:
    data, chromosome_starts, chromosome_lengths = chromosomes
    bases = (65, 67, 71, 84)
    end = 0
    for row in range(positions.size):
        starts[row] = end
        end = _put_chromosome(data, chromosome_starts[row], chromosome_lengths[row], keys, end)
        keys[end] = _COLON
        position = np.int64(positions[row])
        power = 1
        while power * 10 <= position:
            power *= 10
        while power > 0:
            end += 1
            keys[end] = 48 + position // power % 10
            power //= 10
        end += 1
        keys[end] = _COLON
        end += 1
        a, b = effect_codes[row], other_codes[row]
        if 0 <= a < 4 and 0 <= b < 4:
            low, high = min(a, b), max(a, b)
            if 3 - high < low:  # the complement comes first in the alphabet
                low, high = 3 - high, 3 - low
            keys[end] = bases[low]
            keys[end + 1] = _COLON
            keys[end + 2] = bases[high]
            end += 3
        else:
            first, second = (effect, other) if _comes_first(effect, other, row) else (other, effect)
            end = _put_word(first, row, keys, end)
            keys[end] = _COLON
            end = _put_word(second, row, keys, end + 1)
        lengths[row] = end - starts[row]
