"""The variants of a range: which of them are there, and their alleles and places, the studies of an analysis decide."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from gwasmeta.compiled import compiled
from gwasmeta.meta.ranges.catalogue import has_explicit_alleles
from gwasmeta.meta.ranges.matching import (
    AS_LISTED,
    ELSEWHERE,
    EXPLICIT,
    MOVED_BIT,
    UNKNOWN,
    KnownVariants,
    RowPlaces,
    match_rows,
    turned,
)
from gwasmeta.meta.ranges.numbered_study import VariantsOfRange
from gwasmeta.meta.ranges.study_rows import NO_CHROMOSOME
from gwasmeta.meta.variants import Placement
from gwasmeta.sumstats.words import Words

Int32Array = npt.NDArray[np.int32]


class VariantRange:
    """A range of a catalogue's variants.

    Parameters
    ----------
    of : VariantsOfRange
    moved_do_not_match : bool
        Leave out rows that are elsewhere than their variant.
    """

    def __init__(self, of: VariantsOfRange, moved_do_not_match: bool) -> None:
        self._of, self._moved_do_not_match = of, moved_do_not_match
        self.known = KnownVariants.none(of.effect, of.other)

    def __len__(self) -> int:
        return self._of.stop - self._of.start

    def place(self, rows: RowPlaces, study: int) -> Placement:
        """Match the rows of a study."""
        return placement_of(rows, self.outcomes(rows, study)[0], self.known)

    def outcomes(self, rows: RowPlaces, study: int) -> tuple[npt.NDArray[np.uint8], bool]:
        """Return what `match_rows` says of each row of a study, and whether any of it is to be told."""
        outcomes = np.empty(len(rows.numbers), dtype=np.uint8)
        unusual = match_rows(rows, study, self._moved_do_not_match, self.known, outcomes)
        return outcomes, bool(unusual)

    def forget_study_of(self, variants: Int32Array) -> None:
        """Let a later row of the same study stand for variants whose row was not used after all."""
        self.known.last_study[variants] = -1

    def seen(self, start: int, stop: int) -> npt.NDArray[np.bool_]:
        """Say which variants a row of a study has been matched against."""
        return np.asarray(self.known.code[start:stop] != UNKNOWN)

    def names(self, start: int, stop: int) -> Words:
        """Return the names of the variants from `start` to before `stop`."""
        return self._of.names.take(np.arange(start, stop))

    def effect_alleles(self, start: int, stop: int) -> Words:
        """Return the reference (effect) alleles of a range of variants."""
        return self._alleles(start, stop)[0]

    def other_alleles(self, start: int, stop: int) -> Words:
        """Return the other alleles of a range of variants."""
        return self._alleles(start, stop)[1]

    def _alleles(self, start: int, stop: int) -> tuple[Words, Words]:
        effect, other = np.empty((2, stop - start), dtype=np.int32)
        _fill_alleles(self.known, start, effect, other)
        table = self._of.files.allele_words
        return _looked_up(table, effect), _looked_up(table, other)

    def chromosomes(self, start: int, stop: int) -> Words:
        """Return the chromosomes of a range of variants, empty where no study gives one."""
        return _looked_up(self._of.files.chromosome_words, self._chromosome(start, stop))

    def _chromosome(self, start: int, stop: int) -> npt.NDArray[np.int16]:
        where = self.known.place[start:stop]
        listed = np.where(where == AS_LISTED, self._of.chromosome[start:stop], np.int16(NO_CHROMOSOME))
        return np.where(where == ELSEWHERE, self.known.chromosome[start:stop], listed)

    def positions(self, start: int, stop: int) -> npt.NDArray[np.float64]:
        """Return the positions of a range of variants, NaN where no study gives one."""
        where = self.known.place[start:stop]
        listed = np.where(where == AS_LISTED, self._of.position[start:stop], np.nan)
        return np.where(where == ELSEWHERE, self.known.position[start:stop], listed)


def placement_of(rows: RowPlaces, outcomes: npt.NDArray[np.uint8], known: KnownVariants) -> Placement:
    """Return where rows belong, from what `match_rows` said of each."""
    variants = rows.variants
    palindromic = known.palindromic[variants]
    explicit = np.flatnonzero(has_explicit_alleles(rows.codes[rows.unlike]))
    effect, other = rows.effect[explicit], rows.other[explicit]
    palindromic[rows.unlike[explicit]] = (effect < 4) & (other < 4) & (effect + other == 3)
    mask = np.uint8((1 << MOVED_BIT) - 1)
    return Placement(variants, outcomes & mask, palindromic, outcomes > mask)


def _looked_up(table: Words, codes: npt.NDArray[Any]) -> Words:
    return Words(table.data, table.starts[codes], table.lengths[codes])


@compiled
def _fill_alleles(known: Any, start: int, effect: Any, other: Any) -> None:
    for row in range(effect.size):
        variant = start + row
        code = known.code[variant]
        if code == EXPLICIT:
            effect[row], other[row] = known.effect[variant], known.other[variant]
        else:
            first = 0 if code == UNKNOWN else code
            effect[row], other[row] = turned(first, known.listed_effect[variant], known.listed_other[variant])
