"""The rows of a range that an analysis leaves out, found without a look at the others.

A row that compares with the catalogue as its code says, of a variant that its study has once, and of which no other
study has anything else, is used. So only the rows of contested variants have to be matched.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from gwasmeta.meta.ranges.matching import MOVED_BIT, KnownVariants, RowPlaces, match_rows
from gwasmeta.meta.ranges.numbered_study import NumberedStudy, VariantsOfRange, read_places
from gwasmeta.meta.ranges.study_sizes import z_statistics
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
    """
    if not any(_has_unlike(study, of) for study in studies):
        yield from (_z(study, of, np.empty(0, dtype=np.intp), by_kind) for study in studies)
        return
    places = [read_places(study, of) for study in studies]
    contested = np.unique(np.concatenate([rows.numbers[rows.unlike] for rows in places]))
    of_range = contested - of.start
    known = KnownVariants.none(of.effect[of_range], of.other[of_range])
    for number, (study, rows) in enumerate(zip(studies, places, strict=True)):
        chosen, of_contested = _rows_of(contested, rows)
        outcomes = np.empty(len(chosen), dtype=np.uint8)
        match_rows(of_contested, number, False, known, outcomes)
        left_out = (outcomes & np.uint8((1 << MOVED_BIT) - 1)) >= DUPLICATE
        yield _z(study, of, chosen[left_out], by_kind)


def _rows_of(contested: npt.NDArray[np.int32], rows: RowPlaces) -> tuple[Rows, RowPlaces]:
    """Return the rows of some variants, and their places, with these variants counted from 0."""
    begins, ends = (np.searchsorted(rows.numbers, contested, side) for side in ("left", "right"))
    variants = np.repeat(np.arange(len(contested), dtype=np.int32), ends - begins)
    before = np.cumsum(ends - begins) - (ends - begins)
    chosen = np.arange(len(variants)) + (begins - before)[variants]
    unlike = np.searchsorted(chosen, rows.unlike)
    return chosen, rows._replace(numbers=variants, first=0, codes=rows.codes[chosen], unlike=unlike)


def _has_unlike(study: NumberedStudy, of: VariantsOfRange) -> bool:
    begin, end = study.unlike_of(of.start, of.stop)
    return begin < end


def _z(study: NumberedStudy, of: VariantsOfRange, rows: Rows, by_kind: bool) -> dict[bool, FloatArray]:
    if not rows.size:
        return dict.fromkeys((False, True), np.empty(0))
    files = study.rows.files
    span = study.rows_of(of.start, of.stop)
    z = z_statistics(*(files.read(name, *span)[rows] for name in ("beta", "standard_error")))
    if not (by_kind and "imputed" in files):
        return {False: z, True: np.empty(0)}
    imputed = files.read("imputed", *span)[rows]
    return {kind: z[imputed == kind] for kind in (False, True)}
