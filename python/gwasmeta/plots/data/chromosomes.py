"""Chromosomes as numbers in the order of the genome, however they are spelled."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gwasmeta.sumstats.vocabulary import canonical_chromosome

_BEHIND_THE_NUMBERS = ("X", "Y", "MT")


@dataclass(frozen=True)
class Chromosomes:
    """The chromosome of each variant.

    Attributes
    ----------
    codes : int16 array, shape (n_variants,)
        Indices into `names`; -1 where a variant has no chromosome.
    names : tuple of str
        In the order of the genome: 1, 2, ..., X, Y, MT, and behind them any other.
    """

    codes: NDArray[np.int16]
    names: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.codes)


def as_chromosomes(chromosome: ArrayLike | Chromosomes) -> Chromosomes:
    """Give the chromosomes of variants their numbers.

    Parameters
    ----------
    chromosome : array_like, shape (n_variants,), or Chromosomes
        Numbers or words in any spelling: 1, "chr1", "01"; 23 is X, 24 Y, 25 and 26 MT.

    Returns
    -------
    Chromosomes
    """
    if isinstance(chromosome, Chromosomes):
        return chromosome
    import pandas as pd

    given: Any = chromosome if isinstance(chromosome, pd.Series | np.ndarray) else np.asarray(chromosome)
    codes, words = pd.factorize(given)
    return renamed_chromosomes(codes, [_word(word) for word in words])


def renamed_chromosomes(codes: NDArray[Any], words: Sequence[str]) -> Chromosomes:
    """Bring numbered words to the usual names in the order of the genome; numbers below 0 are no chromosome."""
    canonical = [canonical_chromosome(word) for word in words]
    names = sorted({name for name in canonical if name}, key=_along_genome)
    translation = np.array([names.index(name) if name else -1 for name in canonical] + [-1], dtype=np.int16)
    return Chromosomes(translation[codes], tuple(names))  # -1 meets the last entry


def common_names(*chromosomes: Chromosomes) -> tuple[str, ...]:
    """Return the names of several tables' chromosomes in the order of the genome."""
    return tuple(sorted({name for one in chromosomes for name in one.names}, key=_along_genome))


def _word(value: Any) -> str:
    return str(int(value)) if isinstance(value, float | np.floating) and value.is_integer() else str(value)


def _along_genome(name: str) -> tuple[int, int, str]:
    if name.isdecimal():
        return 0, int(name), ""
    if name in _BEHIND_THE_NUMBERS:
        return 1, _BEHIND_THE_NUMBERS.index(name), ""
    number = re.search(r"\d+", name)
    return 2, int(number.group()) if number else 0, name
