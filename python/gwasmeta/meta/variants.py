"""The variants of a meta-analysis: their names, reference alleles and places, and the matching of rows to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from gwasmeta.compiled import compiled
from gwasmeta.sumstats.row_block import RowBlock
from gwasmeta.sumstats.text_index import TextIndex, grow
from gwasmeta.sumstats.vocabulary import LONGEST_CHROMOSOME, canonical_chromosome
from gwasmeta.sumstats.words import BASES, LONGER_ALLELE, Words

Int32Array = npt.NDArray[np.int32]

# What matching can say of a row. The first four are matches.
SAME = 0
SWAPPED = 1
COMPLEMENTED = 2
COMPLEMENTED_AND_SWAPPED = 3
DUPLICATE = 4
ALLELES_DIFFER = 5
MOVED = 6

_UNSET = -1
_UNKNOWN_CHROMOSOME = -1


@dataclass(frozen=True)
class Placement:
    """Where the rows of a block belong.

    Attributes
    ----------
    variants : int32 array, shape (n_rows,)
        Number of each row's variant.
    outcomes : uint8 array, shape (n_rows,)
        How its alleles compare with the variant's: `SAME` to `MOVED`.
    palindromic : bool array, shape (n_rows,)
        A/T or C/G: the alleles do not tell the strand.
    moved : bool array, shape (n_rows,)
        The row gives another chromosome or position than the variant has had so far.
    """

    variants: Int32Array
    outcomes: npt.NDArray[np.uint8]
    palindromic: npt.NDArray[np.bool_]
    moved: npt.NDArray[np.bool_]

    @property
    def used(self) -> npt.NDArray[np.bool_]:
        """Which rows match their variant."""
        return np.asarray(self.outcomes < DUPLICATE)

    @property
    def flipped(self) -> npt.NDArray[np.bool_]:
        """Which rows give the effect of the variant's other allele."""
        return np.asarray((self.outcomes == SWAPPED) | (self.outcomes == COMPLEMENTED_AND_SWAPPED))


class Variants(Protocol):
    """What sums and columns ask of the variants of an analysis."""

    def __len__(self) -> int: ...
    def forget_study_of(self, variants: Int32Array) -> None: ...  # noqa: D102
    def seen(self, start: int, stop: int) -> npt.NDArray[np.bool_]: ...  # noqa: D102
    def names(self, start: int, stop: int) -> Words: ...  # noqa: D102
    def effect_alleles(self, start: int, stop: int) -> Words: ...  # noqa: D102
    def other_alleles(self, start: int, stop: int) -> Words: ...  # noqa: D102
    def chromosomes(self, start: int, stop: int) -> Words: ...  # noqa: D102
    def positions(self, start: int, stop: int) -> npt.NDArray[np.float64]: ...  # noqa: D102


class VariantTable:
    """Variants numbered in order of first appearance; the first row of each sets its alleles."""

    def __init__(self, *, chromosomes_as_written: bool = False, moved_do_not_match: bool = False) -> None:
        self._chromosomes_as_written = chromosomes_as_written
        self._moved_do_not_match = moved_do_not_match
        self._names = TextIndex()
        self._spellings = TextIndex()  # of names that are not spelled as they are known
        self._spelling = np.empty(0, dtype=np.int32)
        self._alleles = TextIndex()
        self._alleles.number(Words.of(BASES))
        self._chromosomes = TextIndex()
        self._chromosome_names: dict[str, str] = {}  # canonical name to the one that is shown
        self._canonical_chromosome = np.empty(0, dtype=np.int16)
        self._effect_allele = np.empty(0, dtype=np.int32)
        self._other_allele = np.empty(0, dtype=np.int32)
        self._chromosome = np.empty(0, dtype=np.int16)
        self._position = np.empty(0, dtype=np.int32)
        self._last_study = np.empty(0, dtype=np.int16)

    def __len__(self) -> int:
        return len(self._names)

    def place(self, names: Words, block: RowBlock, study: int, spellings: Words | None = None) -> Placement:
        """Match the rows of a block to variants, adding those not seen before.

        Parameters
        ----------
        names : Words
            What each row's variant is known by.
        block : RowBlock
        study : int
            Number of the study, to know a variant's second row in it.
        spellings : Words, optional
            What each row's variant is called, if it is known by another name: the first one is kept.
        """
        n_known = len(self)
        variants = self._names.number(names)
        self._grow()
        if spellings is not None:
            self._keep_spellings(variants, names, spellings, n_known)
        effect = self._numbered(block.effect_codes, block, "effect_allele")
        other = self._numbered(block.other_codes, block, "other_allele")
        if "strand" in block.words:
            turned = begins_with_minus(block.words["strand"]) & (effect < len(BASES)) & (other < len(BASES))
            effect, other = np.where(turned, 3 - effect, effect), np.where(turned, 3 - other, other)
        chromosomes, positions = self._places(block)
        outcomes = np.empty(len(variants), dtype=np.uint8)
        moved = np.zeros(len(variants), dtype=np.bool_)
        _match(
            variants,
            (effect, other),
            (self._effect_allele, self._other_allele),
            (chromosomes, positions),
            (self._chromosome, self._position),
            self._moved_do_not_match,
            study,
            self._last_study,
            outcomes,
            moved,
        )
        single_letters = (effect < len(BASES)) & (other < len(BASES))
        return Placement(variants, outcomes, single_letters & (effect + other == 3), moved)

    def seen(self, start: int, stop: int) -> npt.NDArray[np.bool_]:
        """Say which variants of a range a row of a study has been matched against."""
        return np.asarray(self._effect_allele[start:stop] != _UNSET)

    def forget_study_of(self, variants: Int32Array) -> None:
        """Let a later row of the same study stand for variants whose row was not used after all."""
        self._last_study[variants] = _UNSET

    def _grow(self) -> None:
        for array, fill in (
            (self._effect_allele, _UNSET),
            (self._other_allele, _UNSET),
            (self._chromosome, _UNKNOWN_CHROMOSOME),
            (self._position, 0),
            (self._last_study, _UNSET),
        ):
            _grow_with(array, len(self), fill)
        if len(self._spellings):
            _grow_with(self._spelling, len(self), _UNSET)

    def _keep_spellings(self, variants: Int32Array, names: Words, spellings: Words, n_known: int) -> None:
        """Keep what the variants that are new are called, where it is not what they are known by."""
        _grow_with(self._spelling, len(self), _UNSET)
        new = np.flatnonzero(variants >= n_known)
        first = new[np.unique(variants[new], return_index=True)[1]]
        changed = first[names.take(first).differ(spellings.take(first))]
        self._spelling[variants[changed]] = self._spellings.number(spellings.take(changed))

    def _numbered(self, codes: Int32Array, block: RowBlock, column: str) -> Int32Array:
        """Replace the codes of longer alleles by their numbers in the table of alleles."""
        longer = np.flatnonzero(codes == LONGER_ALLELE)
        if not longer.size:
            return codes
        numbered = codes.copy()
        numbered[longer] = self._alleles.number(block.words[column].take(longer).upper_case())
        return numbered

    def _places(self, block: RowBlock) -> tuple[npt.NDArray[np.int16], npt.NDArray[np.float64]]:
        if "chromosome" in block.words and "base_pair_location" in block.numbers:
            return self._numbered_chromosomes(block.words["chromosome"]), block.numbers["base_pair_location"]
        return np.full(len(block), _UNKNOWN_CHROMOSOME, dtype=np.int16), np.zeros(len(block))

    def _numbered_chromosomes(self, words: Words) -> npt.NDArray[np.int16]:
        runs = words.runs()  # one after the other in most files: few words are looked up
        numbers = self._chromosomes.number(words.take(runs))
        for name in self._chromosomes.words(len(self._canonical_chromosome)).to_list():
            canonical = name.upper() if self._chromosomes_as_written else canonical_chromosome(name)
            code = _UNKNOWN_CHROMOSOME
            if canonical:
                self._chromosome_names.setdefault(canonical, name if self._chromosomes_as_written else canonical)
                code = list(self._chromosome_names).index(canonical)
            self._canonical_chromosome = np.append(self._canonical_chromosome, np.int16(code))
        return np.repeat(self._canonical_chromosome[numbers], np.diff(runs, append=len(words)))

    def names(self, start: int, stop: int) -> Words:
        """Return the names of the variants from `start` to before `stop`."""
        known = self._names.words(start, stop)
        spelling = self._spelling[start:stop]
        if not len(self._spellings) or not (spelling >= 0).any():
            return known
        spelled = self._spellings.words()
        return Words(
            np.concatenate([known.data, spelled.data]),
            np.where(spelling >= 0, spelled.starts[spelling] + np.int32(known.data.size), known.starts),
            np.where(spelling >= 0, spelled.lengths[spelling], known.lengths),
        )

    def effect_alleles(self, start: int, stop: int) -> Words:
        """Return the reference (effect) alleles of a range of variants."""
        return _looked_up(self._alleles.words(), self._effect_allele[start:stop])

    def other_alleles(self, start: int, stop: int) -> Words:
        """Return the other alleles of a range of variants."""
        return _looked_up(self._alleles.words(), self._other_allele[start:stop])

    def chromosomes(self, start: int, stop: int) -> Words:
        """Return the chromosomes of a range of variants, empty where no study gives one."""
        return _looked_up(Words.of([*self._chromosome_names.values(), ""]), self._chromosome[start:stop])

    def positions(self, start: int, stop: int) -> npt.NDArray[np.float64]:
        """Return the positions of a range of variants, NaN where no study gives one."""
        positions = self._position[start:stop].astype(np.float64)
        return np.where(self._chromosome[start:stop] == _UNKNOWN_CHROMOSOME, np.nan, positions)


def _grow_with(array: npt.NDArray[Any], size: int, fill: int) -> None:
    known = array.shape[0]
    grow(array, size)
    array[known:] = fill


def _looked_up(table: Words, codes: npt.NDArray[Any]) -> Words:
    return Words(table.data, table.starts[codes], table.lengths[codes])


def begins_with_minus(words: Words) -> npt.NDArray[np.bool_]:
    """Say which words for a strand mean the reverse one."""
    first = words.data[np.minimum(words.starts, words.data.size - 1)]
    return np.asarray((words.lengths > 0) & (first == ord("-")))


@compiled
def compared_alleles(a: int, b: int, first: int, second: int) -> int:
    """Say how two alleles compare with a variant's."""
    if a == first and b == second:
        return SAME
    if a == second and b == first:
        return SWAPPED
    if a < 4 and b < 4:
        if 3 - a == first and 3 - b == second:
            return COMPLEMENTED
        if 3 - a == second and 3 - b == first:
            return COMPLEMENTED_AND_SWAPPED
    return ALLELES_DIFFER


@compiled
def _match(
    variants: Any,
    alleles: Any,
    known_alleles: Any,
    places: Any,
    known_places: Any,
    moved_do_not_match: bool,
    study: int,
    last_study: Any,
    outcomes: Any,
    moved: Any,
) -> None:
    effect, other = alleles
    known_effect, known_other = known_alleles
    chromosomes, positions = places
    known_chromosome, known_position = known_places
    for row in range(variants.size):
        variant = variants[row]
        if known_effect[variant] == _UNSET:
            known_effect[variant], known_other[variant] = effect[row], other[row]
        if last_study[variant] == study:
            outcomes[row] = DUPLICATE
            continue
        outcomes[row] = compared_alleles(effect[row], other[row], known_effect[variant], known_other[variant])
        if outcomes[row] == ALLELES_DIFFER:
            continue
        if chromosomes[row] >= 0 and 0 < positions[row] < LONGEST_CHROMOSOME:
            position = np.int32(positions[row])
            if known_chromosome[variant] < 0:
                known_chromosome[variant], known_position[variant] = chromosomes[row], position
            elif known_chromosome[variant] != chromosomes[row] or known_position[variant] != position:
                moved[row] = True
                if moved_do_not_match:
                    outcomes[row] = MOVED
                    continue
        last_study[variant] = study
