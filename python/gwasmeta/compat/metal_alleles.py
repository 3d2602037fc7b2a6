"""Which of a variant's alleles METAL prints first: effects, frequencies and directions are those of that one."""

from __future__ import annotations

import re
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from gwasmeta.sumstats.words import BASES, Words

_COMPLEMENT = dict(zip("acgt", "tgca", strict=True))


@lru_cache(maxsize=1 << 16)
def printed_order(first: str, second: str) -> tuple[str, str]:
    """Return two alleles, in lower case, in the order in which METAL prints them.

    METAL sorts them, and unless the first is then A, or they are C and G, sorts the complements of those that are
    single bases once more. So it prints a/c, a/g, a/t, c/g, t/c and t/g.
    """
    first, second = sorted((first, second), key=_sorting_key)
    if first == "a" or (first, second) == ("c", "g"):
        return first, second
    given = {_COMPLEMENT.get(allele, allele): allele for allele in (second, first)}
    complements = sorted(given, key=_sorting_key)
    return given[complements[0]], given[complements[-1]]


def _sorting_key(allele: str) -> tuple[tuple[int, str], ...]:
    """Digits come behind all else, and of two numbers that differ the one with more digits is the larger."""
    parts = re.findall(r"\d+|\D", allele)
    return tuple((len(part) if part[0].isdigit() else 0, part) for part in parts)


def _turned_bases() -> npt.NDArray[np.bool_]:
    """Say, for each pair of bases, whether METAL prints the second one first."""
    letters = BASES.lower()
    return np.array([[printed_order(a, b)[0] != a for b in letters] for a in letters])


_TURNED_BASES = _turned_bases()


def turned_alleles(effect: Words, other: Words) -> npt.NDArray[np.bool_]:
    """Say for which variants METAL prints the other allele first."""
    first, second = effect.allele_codes(), other.allele_codes()
    bases = (first >= 0) & (second >= 0)
    turned = np.zeros(len(effect), dtype=np.bool_)
    turned[bases] = _TURNED_BASES[first[bases], second[bases]]
    longer = np.flatnonzero(~bases)
    pairs = zip(effect.take(longer).lower_case().to_list(), other.take(longer).lower_case().to_list(), strict=True)
    turned[longer] = [printed_order(*pair)[0] != pair[0] for pair in pairs]
    return turned


def exchanged(first: Words, second: Words, rows: npt.NDArray[np.bool_]) -> tuple[Words, Words]:
    """Exchange the words of two columns in some rows."""
    data = np.concatenate((first.data, second.data))
    starts = np.array((first.starts, second.starts + first.data.size))
    lengths = np.array((first.lengths, second.lengths))
    starts[:, rows], lengths[:, rows] = starts[::-1, rows], lengths[::-1, rows]
    return Words(data, starts[0], lengths[0]), Words(data, starts[1], lengths[1])
