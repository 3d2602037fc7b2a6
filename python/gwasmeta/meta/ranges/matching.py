"""Rows of numbered studies matched to the variants of a range, by how both compare with the catalogue."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from gwasmeta.compiled import compiled
from gwasmeta.meta.ranges.catalogue import NO_PLACE, OTHER_PLACE, PLACE_SHIFT
from gwasmeta.meta.variants import ALLELES_DIFFER, DUPLICATE, MOVED, compared_alleles

UNKNOWN, EXPLICIT = 254, 255
"""In place of a code from 0 to 3: no row has been met yet; the alleles do not follow from the catalogue's."""

NOWHERE, AS_LISTED, ELSEWHERE = 0, 1, 2
"""Whether a variant has a place so far: none, that of the catalogue, another one."""

MOVED_BIT = 3
"""Behind the outcome of a row: whether it is elsewhere than its variant."""

Array = npt.NDArray[Any]


class KnownVariants(NamedTuple):
    """What is known of the variants of a range; arrays of shape (n_variants,).

    Attributes
    ----------
    listed_effect, listed_other : int32
        Alleles in the catalogue.
    palindromic : bool
        Whether these are each other's complement.
    code : uint8
        How the alleles of the first row compare with the catalogue's; or `UNKNOWN`, or `EXPLICIT`.
    effect, other : int32
        The alleles of the first row, where they are explicit.
    place : uint8
        Whether there is a place so far.
    chromosome, position : int
        Where the variant is, if not where the catalogue has it.
    last_study : int16
        The last study whose row has matched.
    """

    listed_effect: Array
    listed_other: Array
    palindromic: Array
    code: Array
    effect: Array
    other: Array
    place: Array
    chromosome: Array
    position: Array
    last_study: Array

    @classmethod
    def none(cls, listed_effect: Array, listed_other: Array) -> KnownVariants:
        """Nothing is known yet but the catalogue's alleles."""
        n = len(listed_effect)
        single = (listed_effect < 4) & (listed_other < 4) & (listed_effect >= 0) & (listed_other >= 0)
        number = np.int32
        return cls(
            listed_effect,
            listed_other,
            single & (listed_effect + listed_other == 3),
            np.full(n, UNKNOWN, np.uint8),
            np.empty(n, number),
            np.empty(n, number),
            np.full(n, NOWHERE, np.uint8),
            np.empty(n, np.int16),
            np.empty(n, number),
            np.full(n, -1, np.int16),
        )


class RowPlaces(NamedTuple):
    """What the rows of a study say of their variants; arrays of shape (n_rows,), and (n_unlike,) those of unlike rows.

    Attributes
    ----------
    numbers : int32
        Of the variants, in the catalogue.
    first : int
        The number of the first variant of the range.
    codes : uint8
        How alleles and place compare with the catalogue's.
    unlike : int64
        The rows that differ from it, ascending; the other arrays say how.
    """

    numbers: Array
    first: int
    codes: Array
    unlike: Array
    effect: Array
    other: Array
    chromosome: Array
    position: Array

    @property
    def variants(self) -> Array:
        """The variants, counted from the first of the range."""
        return np.asarray(self.numbers - np.int32(self.first))


@compiled
def turned(code: int, effect: int, other: int) -> tuple[int, int]:
    """Return the alleles that compare with others as a code from 0 to 3 says."""
    if code & 1:
        effect, other = other, effect
    if code & 2:
        effect, other = 3 - effect, 3 - other
    return effect, other


@compiled
def match_rows(places: Any, study: int, moved_do_not_match: bool, known: Any, outcomes: Any) -> Any:
    """Match the rows of a study in a range to their variants.

    Parameters
    ----------
    places : RowPlaces
    study : int
    moved_do_not_match : bool
    known : KnownVariants
    outcomes : uint8 array, shape (n_rows,)
        Filled in: as of `Placement`; and from `MOVED_BIT` on, whether the row is elsewhere than its variant.

    Returns
    -------
    int
        0 where every row has matched on the same strand, in the same place.
    """
    numbers, first_number, codes, unlike, unlike_effect, unlike_other, unlike_chromosome, unlike_position = places
    listed_effect, listed_other, palindromic, first_codes, effects, others = known[:6]
    wheres, chromosomes, positions, last_study = known[6:]
    of_unlike, unusual = 0, np.uint8(0)
    for row in range(numbers.size):
        variant = np.uint64(numbers[row] - first_number)
        code, place = codes[row] & np.uint8(7), codes[row] >> np.uint8(PLACE_SHIFT)
        first = first_codes[variant]
        if code < 4 and first != EXPLICIT:
            if first == UNKNOWN:
                first_codes[variant] = first = code
            outcome = first ^ code  # to swap and to complement are their own inverses
            # Where alleles are palindromic, to complement is to swap; without a branch, which nothing foretells.
            both = np.uint8(palindromic[variant])
            outcome = (outcome ^ ((outcome >> np.uint8(1)) & both)) & (np.uint8(3) >> both)
        else:  # a pair of alleles does not follow from the catalogue's
            listed = listed_effect[variant], listed_other[variant]
            if code < 4:
                effect, other = turned(code, *listed)
            else:
                while unlike[of_unlike] < row:
                    of_unlike += 1
                effect, other = unlike_effect[of_unlike], unlike_other[of_unlike]
            if first == UNKNOWN:
                first_codes[variant] = first = np.uint8(EXPLICIT)
                effects[variant], others[variant] = effect, other
            first_pair = (effects[variant], others[variant]) if first == EXPLICIT else turned(first, *listed)
            outcome = np.uint8(compared_alleles(effect, other, *first_pair))
        if last_study[variant] == study:
            outcome = np.uint8(DUPLICATE)
        elif outcome != ALLELES_DIFFER:
            moved = False
            if place == OTHER_PLACE:
                while unlike[of_unlike] < row:
                    of_unlike += 1
                chromosome, position = unlike_chromosome[of_unlike], unlike_position[of_unlike]
                if wheres[variant] == NOWHERE:
                    wheres[variant] = ELSEWHERE
                    chromosomes[variant], positions[variant] = chromosome, position
                elif wheres[variant] == AS_LISTED:
                    moved = True
                else:
                    moved = chromosomes[variant] != chromosome or positions[variant] != position
            elif place != NO_PLACE:
                if wheres[variant] == NOWHERE:
                    wheres[variant] = AS_LISTED
                moved = wheres[variant] == ELSEWHERE
            if moved:
                outcome = np.uint8(MOVED if moved_do_not_match else outcome) | np.uint8(1 << MOVED_BIT)
            if not (moved and moved_do_not_match):
                last_study[variant] = study
        outcomes[row] = outcome
        unusual |= outcome & np.uint8(0xFE)
    return unusual
