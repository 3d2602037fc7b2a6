"""Alleles as numbers that can be compared, on either strand; and the numbers of rsids."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from gwasmeta.compiled import compiled
from gwasmeta.sumstats.words import Words

CodeArray = npt.NDArray[np.uint64]

NO_NUMBER = -1
"""The number of an id that is no rsid."""

_LONGEST_EXACT = 20  # bases in 62 bits, the first of which marks the length
_HASHED = np.uint64(1 << 63)


def allele_numbers(words: Words, reverse_complement: bool = False) -> CodeArray:
    """Give each allele, or any other word, a number, the same for the same word in any case.

    Up to 20 bases are packed, so that the number is theirs alone; anything else is hashed to 63 bits.

    Parameters
    ----------
    words : Words
    reverse_complement : bool
        Number the allele as it reads on the other strand.
    """
    return np.asarray(_allele_numbers(words.data, words.starts, words.lengths, reverse_complement))


def rs_numbers(words: Words) -> npt.NDArray[np.int64]:
    """Return 123 for rs123, in any case; `NO_NUMBER` for what is no rsid."""
    return np.asarray(_rs_numbers(words.data, words.starts, words.lengths))


def _complements() -> npt.NDArray[np.uint8]:
    table = np.arange(256).astype(np.uint8)
    for one, other in ("AT", "CG", "TA", "GC"):
        table[ord(one)] = ord(other)
    return table


COMPLEMENTS = _complements()
"""The letter of each base on the other strand, by its byte; any other byte is its own."""

_CODES = np.full(256, 255, dtype=np.uint8)
_CODES[[ord(base) for base in "ACGT"]] = range(4)


@compiled
def _allele_numbers(data: Any, starts: Any, lengths: Any, reverse_complement: bool) -> Any:
    numbers = np.empty(starts.size, dtype=np.uint64)
    for row in range(starts.size):
        start, length = starts[row], lengths[row]
        packed = np.uint64(1)
        hashed = np.uint64(0xCBF29CE484222325)  # FNV-1a
        exact = length <= _LONGEST_EXACT
        for i in range(length):
            byte = data[start + length - 1 - i] if reverse_complement else data[start + i]
            if 97 <= byte <= 122:
                byte -= 32
            if reverse_complement:
                byte = COMPLEMENTS[byte]
            if _CODES[byte] == 255:
                exact = False
            packed = (packed << np.uint64(2)) | np.uint64(_CODES[byte] & 3)
            hashed = (hashed ^ np.uint64(byte)) * np.uint64(0x100000001B3)
        numbers[row] = packed if exact else hashed | _HASHED
    return numbers


@compiled
def _rs_numbers(data: Any, starts: Any, lengths: Any) -> Any:
    numbers = np.full(starts.size, NO_NUMBER, dtype=np.int64)
    for row in range(starts.size):
        start, length = starts[row], lengths[row]
        if length < 3 or length > 18 or (data[start] | 32) != 114 or (data[start + 1] | 32) != 115:
            continue
        number = np.int64(0)
        for i in range(2, length):
            digit = np.int64(data[start + i]) - 48
            if digit < 0 or digit > 9:
                number = np.int64(NO_NUMBER)
                break
            number = number * 10 + digit
        numbers[row] = number
    return numbers
