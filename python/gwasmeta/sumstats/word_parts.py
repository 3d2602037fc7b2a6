"""Parts of words, located without copying: `1:1000:A:G` between its colons, `SE=0.1;MAC=7` by its tags."""

from __future__ import annotations

from typing import Any

import numpy as np

from gwasmeta.compiled import compiled
from gwasmeta.sumstats.words import Words


def part(words: Words, separator: str, number: int) -> Words:
    """Return the part before the first separator (number 0), behind it (1), ...; empty where there are fewer."""
    return Words(words.data, *_located_parts(words.data, words.starts, words.lengths, ord(separator), number))


def tag(words: Words, name: str) -> Words:
    """Return what stands behind `name=` in lists such as `A=1;B=2`; empty where the name is not in the list."""
    wanted = np.frombuffer(f"{name}=".encode(), dtype=np.uint8)
    return Words(words.data, *_located_tags(words.data, words.starts, words.lengths, wanted))


@compiled
def _located_parts(data: Any, starts: Any, lengths: Any, separator: int, number: int) -> tuple[Any, Any]:
    part_starts, part_lengths = np.empty_like(starts), np.empty_like(lengths)
    for row in range(starts.size):
        begin, stop = starts[row], starts[row] + lengths[row]
        passed = 0
        while passed < number and begin < stop:
            passed += data[begin] == separator
            begin += 1
        end = begin
        while end < stop and data[end] != separator:
            end += 1
        part_starts[row] = begin
        part_lengths[row] = end - begin if passed == number else 0
    return part_starts, part_lengths


@compiled
def _located_tags(data: Any, starts: Any, lengths: Any, wanted: Any) -> tuple[Any, Any]:
    value_starts, value_lengths = np.empty_like(starts), np.zeros_like(lengths)
    for row in range(starts.size):
        begin, stop = starts[row], starts[row] + lengths[row]
        value_starts[row] = begin
        while begin < stop:
            end = begin
            while end < stop and data[end] != 59:  # a semicolon
                end += 1
            is_wanted = end - begin >= wanted.size
            for i in range(wanted.size):
                is_wanted = is_wanted and data[begin + i] == wanted[i]
            if is_wanted:
                value_starts[row] = begin + wanted.size
                value_lengths[row] = end - begin - wanted.size
                break
            begin = end + 1
    return value_starts, value_lengths
