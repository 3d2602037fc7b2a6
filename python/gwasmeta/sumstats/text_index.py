"""Numbers for texts: each distinct text gets the next number, through one open-addressing hash table.

The texts themselves are kept and compared, byte by byte, so two texts are never taken for one. Files list the
variants in nearly the same order, so each look-up first tries the numbers that follow the one found last:
then no hash is computed at all, and memory is read in its order.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from gwasmeta.compiled import compiled
from gwasmeta.errors import GwasmetaError
from gwasmeta.sumstats.eight_bytes import load_eight
from gwasmeta.sumstats.words import Words

_LOOK_AHEAD = 4
_FULLEST = 0.7  # of the slots, before the table is doubled
_NOT_FOUND = -1
_LARGE_ARRAY = 1 << 23  # bytes
_FACTOR = np.uint64(0x9E3779B97F4A7C15)  # odd, with bits in no pattern: 2^64 divided by the golden ratio


class TextIndex:
    """Texts numbered 0, 1, 2, ... in order of their first appearance.

    Memory: the bytes of the texts, 4 bytes a text, and 8 bytes a slot.
    """

    def __init__(self) -> None:
        self._bytes = np.zeros(1 << 12, dtype=np.uint8)
        self._ends = np.zeros(1 << 8, dtype=np.uint32)  # text k lies between ends[k] and ends[k + 1]
        self._slots = np.zeros(1 << 9, dtype=np.uint64)  # upper half: the hash; lower half: 1 + number, 0 is empty
        self._length = 0

    def __len__(self) -> int:
        return self._length

    def number(self, words: Words) -> npt.NDArray[np.int32]:
        """Return the number of each word, giving the next numbers to new ones."""
        self._reserve(len(words), int(words.lengths.sum(dtype=np.int64)))
        numbers, self._length = self._looked_up(words, add=True)
        return numbers

    def find(self, words: Words) -> npt.NDArray[np.int32]:
        """Return the number of each word, -1 for one that is not here."""
        return self._looked_up(words, add=False)[0]

    def _looked_up(self, words: Words, *, add: bool) -> tuple[npt.NDArray[np.int32], int]:
        """Return the number of each word, and how many texts there are now."""
        numbers = np.empty(len(words), dtype=np.int32)
        table = (self._slots, self._bytes, self._ends)
        length = _look_up(words.data, words.starts, words.lengths, *table, self._length, add, numbers)
        return numbers, length

    def words(self, start: int = 0, stop: int | None = None) -> Words:
        """Return the texts numbered from `start` to before `stop`."""
        ends = self._ends[start : (self._length if stop is None else stop) + 1].astype(np.int64)
        first = int(ends[0])
        return Words(
            self._bytes[first : int(ends[-1])].copy(),  # the array may move when it grows
            (ends[:-1] - first).astype(np.int32),
            np.diff(ends).astype(np.int32),
        )

    def _reserve(self, n_texts: int, n_bytes: int) -> None:
        """Make room for so many more texts, should all of them be new."""
        n_bytes += int(self._ends[self._length])
        if n_bytes > 0xFFFF_FFFF:
            raise GwasmetaError(
                "the names of all variants take more than 4 GB, which is more than can be held"
                "\n  Combine the chromosomes one by one, as with --filter 'chromosome == 1'."
            )
        grow(self._bytes, n_bytes)
        grow(self._ends, self._length + n_texts + 1)
        while self._length + n_texts > _FULLEST * self._slots.size:
            larger = np.zeros(self._slots.size * 2, dtype=np.uint64)
            _move_all(self._slots, larger)
            self._slots = larger


def grow(array: npt.NDArray[Any], size: int) -> None:
    """Enlarge an array in place; new elements are zero.

    In place, because large arrays then move by page tables, without a copy beside the original; by a sixteenth at
    least, and small ones, which are copied, by a half.
    """
    if size > array.shape[0]:
        share = 16 if array.nbytes > _LARGE_ARRAY else 2
        enlarged = max(size, array.shape[0] + array.shape[0] // share)
        array.resize((enlarged, *array.shape[1:]), refcheck=False)


@compiled
def _hash(data: Any, start: Any, length: Any) -> Any:
    """Return 32 bits that depend on every byte, taken in by eight at a time."""
    eight = np.uint64(8)
    value = length * _FACTOR
    done = np.uint64(0)
    while done + eight <= length:
        value = _mixed(value ^ load_eight(data, start + done))
        done += eight
    if done < length:
        rest = np.uint64(0)
        if start + done + eight <= np.uint64(data.size):
            rest = load_eight(data, start + done) << (np.uint64(64) - ((length - done) << np.uint64(3)))
        else:
            for i in range(length - done):
                rest |= np.uint64(data[start + done + i]) << (np.uint64(64) - ((length - done - i) << np.uint64(3)))
        value = _mixed(value ^ rest)
    return value >> np.uint64(32)


@compiled
def _mixed(value: Any) -> Any:
    """Spread every bit over the upper ones: a multiplication carries up only, so that what was up comes down first."""
    value ^= value >> np.uint64(32)
    value *= _FACTOR
    value ^= value >> np.uint64(29)
    return value * _FACTOR


@compiled
def _same(data: Any, start: Any, length: Any, texts: Any, ends: Any, number: Any) -> bool:
    begin = np.uint64(ends[number])
    if np.uint64(ends[number + 1]) - begin != length:
        return False
    compared = np.uint64(0)
    both_hold = min(np.uint64(data.size) - start, np.uint64(texts.size) - begin)
    while compared + np.uint64(8) <= both_hold and compared < length:
        different = load_eight(data, start + compared) ^ load_eight(texts, begin + compared)
        left = length - compared
        if left < np.uint64(8):
            different <<= np.uint64(64) - (left << np.uint64(3))
        if different:
            return False
        compared += np.uint64(8)
    for i in range(compared, length):  # noqa: SIM110 - at the ends of the arrays; compiled, a loop is what it wants
        if data[start + i] != texts[begin + i]:
            return False
    return True


@compiled
def _look_up(
    data: Any,
    starts: Any,
    lengths: Any,
    slots: Any,
    texts: Any,
    ends: Any,
    n_texts: int,
    add: bool,
    numbers: Any,
) -> int:
    """Fill in the number of each word, add the unknown ones if asked to, return how many texts there are now."""
    mask = np.uint64(slots.size - 1)  # indices are unsigned, or each access would test for one from the end
    guess: Any = 0
    for row in range(starts.size):
        start = np.uint64(starts[row])
        length = np.uint64(lengths[row])
        number: Any = _NOT_FOUND
        for candidate in range(guess, min(guess + _LOOK_AHEAD, n_texts)):
            if _same(data, start, length, texts, ends, candidate):
                number = candidate
                break
        if number == _NOT_FOUND:
            tag = _hash(data, start, length)
            slot = tag & mask
            while slots[slot] != np.uint64(0):
                if slots[slot] >> np.uint64(32) == tag:
                    holder = np.int64(slots[slot] & np.uint64(0xFFFFFFFF)) - 1
                    if _same(data, start, length, texts, ends, holder):
                        number = holder
                        break
                slot = (slot + np.uint64(1)) & mask
            if number == _NOT_FOUND and add:
                begin = np.uint64(ends[n_texts])
                for i in range(length):
                    texts[begin + i] = data[start + i]
                ends[n_texts + 1] = begin + length
                number = n_texts
                n_texts += 1
                slots[slot] = (tag << np.uint64(32)) | np.uint64(n_texts)
        numbers[row] = number
        if number != _NOT_FOUND:
            guess = number + 1
    return n_texts


@compiled
def _move_all(slots: Any, larger: Any) -> None:
    """Enter all numbers into a larger table, in the slots' order, in which memory is written nearly in its order."""
    mask = np.uint64(larger.size - 1)
    for taken in slots:
        if taken != np.uint64(0):
            slot = (taken >> np.uint64(32)) & mask
            while larger[slot] != np.uint64(0):
                slot = (slot + np.uint64(1)) & mask
            larger[slot] = taken
