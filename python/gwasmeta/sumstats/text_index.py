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
from gwasmeta.sumstats.eight_bytes import load_eight
from gwasmeta.sumstats.words import Words

_LOOK_AHEAD = 4
_FULLEST = 0.7  # of the slots, before the table is doubled
_NOT_FOUND = -1
_LARGE_ARRAY = 1 << 23  # bytes


class TextIndex:
    """Texts numbered 0, 1, 2, ... in order of their first appearance.

    Memory: the bytes of the texts, 4 bytes a text, and 8 bytes a slot.
    """

    def __init__(self) -> None:
        self._bytes = np.zeros(1 << 12, dtype=np.uint8)
        self._ends = np.zeros(1 << 8, dtype=np.uint32)  # text k lies between ends[k] and ends[k + 1]
        self._slots = np.zeros(1 << 9, dtype=np.uint64)  # upper half of the hash, and 1 + number; 0 is empty
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
            raise MemoryError("the names of the variants take more than 4 GB")
        grow(self._bytes, n_bytes)
        grow(self._ends, self._length + n_texts + 1)
        while self._length + n_texts > _FULLEST * self._slots.size:
            self._slots = _rehash(self._bytes, self._ends, self._length, self._slots.size * 2)


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
def _hash(data: Any, start: Any, stop: Any) -> Any:
    """FNV-1a, with the finalizer of MurmurHash3 so that every bit counts."""
    value = np.uint64(0xCBF29CE484222325)
    for i in range(start, stop):
        value = (value ^ np.uint64(data[i])) * np.uint64(0x100000001B3)
    value = (value ^ (value >> np.uint64(33))) * np.uint64(0xFF51AFD7ED558CCD)
    value = (value ^ (value >> np.uint64(33))) * np.uint64(0xC4CEB9FE1A85EC53)
    return value ^ (value >> np.uint64(33))


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
            code = _hash(data, start, start + length)
            tag = code >> np.uint64(32)
            slot = code & mask
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
def _rehash(texts: Any, ends: Any, n_texts: int, size: int) -> Any:
    slots = np.zeros(size, dtype=np.uint64)
    mask = np.uint64(size - 1)
    for number in range(n_texts):
        code = _hash(texts, np.uint64(ends[number]), np.uint64(ends[number + 1]))
        slot = code & mask
        while slots[slot] != np.uint64(0):
            slot = (slot + np.uint64(1)) & mask
        slots[slot] = ((code >> np.uint64(32)) << np.uint64(32)) | np.uint64(number + 1)
    return slots
