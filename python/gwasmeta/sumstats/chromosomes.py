"""Chromosomes by number: 1 to 22, then X, Y and MT as 23 to 25, as GWAS-SSF writes them."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from gwasmeta.sumstats.vocabulary import canonical_chromosome
from gwasmeta.sumstats.words import Words

CHROMOSOMES = (*map(str, range(1, 23)), "X", "Y", "MT")
"""Their usual names; number 1 is the first."""

_NUMBERS = {name: number for number, name in enumerate(CHROMOSOMES, start=1)}
_NAMES = Words.of(("", *CHROMOSOMES))
_NUMBER_NAMES = Words.of(("", *map(str, range(1, 26))))


def chromosome_number(name: str) -> int:
    """Return a chromosome's number; 0 for a contig that is none of them."""
    return _NUMBERS.get(canonical_chromosome(name), 0)


def chromosome_numbers(words: Words) -> npt.NDArray[np.int32]:
    """Return the number of each row's chromosome, however it is written; 0 for any other contig."""
    begins = words.runs()
    known: dict[str, int] = {}
    numbers = []
    for name in words.take(begins).to_list():
        if name not in known:
            known[name] = chromosome_number(name)
        numbers.append(known[name])
    lengths = np.diff(begins, append=len(words))
    return np.repeat(np.array(numbers, dtype=np.int32), lengths)


def usual_names(numbers: npt.NDArray[Any]) -> Words:
    """Return chromosomes by their usual names; empty for 0."""
    return _NAMES.take(numbers)


def names_of_ssf(numbers: npt.NDArray[Any]) -> Words:
    """Return chromosomes as GWAS-SSF writes them: X, Y and MT as 23, 24 and 25."""
    return _NUMBER_NAMES.take(numbers)
