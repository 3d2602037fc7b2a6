"""The rows of a range that an analysis leaves out, found without a look at the others.

A row whose alleles compare with the catalogue's as its code says, and whose variant its study has once, is used, unless
another study has other alleles. So only the rows of contested variants have to be matched.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from gwasmeta.meta.ranges.matching import MOVED_BIT, KnownVariants, RowPlaces, match_rows
from gwasmeta.meta.ranges.numbered_study import NumberedStudy, VariantsOfRange, read_places
from gwasmeta.meta.ranges.study_sizes import IMPUTED, sets_of_kinds, z_statistics
from gwasmeta.meta.variants import DUPLICATE

FloatArray = npt.NDArray[np.float64]
Rows = npt.NDArray[np.intp]


def left_out_z(
    studies: Sequence[NumberedStudy], of: VariantsOfRange, by_kind: bool
) -> Iterator[dict[bool, FloatArray]]:
    """Yield, study by study, the z statistics of the effects that are left out.

    Parameters
    ----------
    studies : sequence of NumberedStudy
    of : VariantsOfRange
    by_kind : bool
        Tell those of imputed variants apart; or else all are under False.

    Yields
    ------
    dict of bool to float64 array
        By whether variants are imputed; without those of which nothing is left out.
    """
    contested = np.unique(np.concatenate([study.read_contested(of.start, of.stop) for study in studies]))
    if not contested.size:
        yield from ({} for _ in studies)
        return
    known = KnownVariants.none(of.effect[contested - of.start], of.other[contested - of.start])
    for number, study in enumerate(studies):
        rows, places = _rows_of(contested, read_places(study, of))
        outcomes = np.empty(len(rows), dtype=np.uint8)
        match_rows(places, number, False, known, outcomes)
        left_out = (outcomes & np.uint8((1 << MOVED_BIT) - 1)) >= DUPLICATE
        yield _z(study, of, rows[left_out], by_kind) if left_out.any() else {}


def _rows_of(contested: npt.NDArray[np.int32], places: RowPlaces) -> tuple[Rows, RowPlaces]:
    """Return the rows of some variants, and their places, with these variants counted from 0."""
    begins, ends = (np.searchsorted(places.numbers, contested, side) for side in ("left", "right"))
    variants = np.repeat(np.arange(len(contested), dtype=np.int32), ends - begins)
    before = np.cumsum(ends - begins) - (ends - begins)
    rows = np.arange(len(variants)) + (begins - before)[variants]
    unlike = np.flatnonzero(np.isin(places.unlike, rows, assume_unique=True))
    chosen = places._replace(
        numbers=variants,
        first=0,
        codes=places.codes[rows],
        unlike=np.searchsorted(rows, places.unlike[unlike]),
        effect=places.effect[unlike],
        other=places.other[unlike],
        chromosome=places.chromosome[unlike],
        position=places.position[unlike],
    )
    return rows, chosen


def _z(study: NumberedStudy, of: VariantsOfRange, rows: Rows, by_kind: bool) -> dict[bool, FloatArray]:
    files, span = study.rows.files, study.rows_of(of.start, of.stop)
    z = z_statistics(*(files.read(name, *span)[rows] for name in ("beta", "standard_error")))
    sets = sets_of_kinds(files, by_kind)
    if IMPUTED not in sets.values():
        return {False: z}
    imputed = files.read("imputed", *span)[rows]
    return {kind: z[imputed == kind] for kind in sets}
