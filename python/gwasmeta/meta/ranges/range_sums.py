"""The sums over studies of one range of variants, from rows that lie on disk by variant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from gwasmeta.meta.held_rows import HeldRows
from gwasmeta.meta.options import MetaOptions
from gwasmeta.meta.preparation import PreparedBlock
from gwasmeta.meta.ranges.numbered_study import NumberedBlock, NumberedStudy, VariantsOfRange, read_block
from gwasmeta.meta.ranges.study_rows import KINDS, Key, needed_statistics
from gwasmeta.meta.ranges.variant_range import VariantRange
from gwasmeta.meta.study_matrix import HeldMatrix
from gwasmeta.meta.study_summary import InflationFactors
from gwasmeta.meta.study_sums import StudySums
from gwasmeta.meta.variants import Placement

FloatArray = npt.NDArray[np.float64]

Factors = tuple[InflationFactors | None, InflationFactors | None]
"""The inflation of a study's effects, and of its z statistics."""

ZBlocks = Mapping[Key, Iterator[FloatArray]]
"""The z statistics that a study's inflation is estimated from."""


class RangeSums(StudySums):
    """The sums of one range of variants.

    Parameters
    ----------
    studies : sequence of NumberedStudy
    options : MetaOptions
    of : VariantsOfRange
    """

    def __init__(self, studies: Sequence[NumberedStudy], options: MetaOptions, of: VariantsOfRange) -> None:
        self.studies, self.of = studies, of
        self.range = VariantRange(of, options.position_conflicts == "exclude")
        super().__init__([study.rows for study in studies], options, self.range, HeldMatrix)

    def z_statistics(self) -> Iterator[ZBlocks]:
        """Yield, study by study, the statistics that its inflation is estimated from."""
        yield from map(self._z_of_held, self._taken())

    def add_up(self, factors: Sequence[Factors], with_z: bool) -> Iterator[ZBlocks]:
        """Add the studies up, corrected by their inflation; yield of each its uncorrected statistics, if wanted."""
        for number, held in enumerate(self._taken()):
            yield self._z_of_held(held) if with_z else {}
            self.summaries[number].effects, self.summaries[number].z = factors[number]
            self._add_up(number, held, len(self.variants))

    def _taken(self) -> Iterator[HeldRows]:
        """Take in the studies one by one, and yield the rows of each that are used."""
        for number, study in enumerate(self.studies):
            held = HeldRows()
            begin, end = study.rows_of(self.of.start, self.of.stop)
            if begin < end:
                prepared = read_block(study, self.of, [*_columns(self.options), *_sums(study)])
                if self.options.needs_effects:
                    error = prepared.block.numbers["standard_error"]
                    prepared.block.numbers["_weight"] = 1 / (error * error)
                self._take(number, prepared, held)
            yield held

    def _placed(self, number: int, prepared: PreparedBlock) -> Placement:
        assert isinstance(prepared, NumberedBlock)
        return self.range.place(prepared.places, number)

    def _z_of_held(self, held: HeldRows) -> ZBlocks:
        return {(of, kind): held.statistics(of, kind) for of in needed_statistics(self.options) for kind in KINDS}


def _columns(options: MetaOptions) -> list[str]:
    """Return the columns that an analysis takes of a study's rows, where it has them."""
    return [
        *(("beta", "standard_error") if options.needs_effects else ()),
        *(("z", "_samples") if options.needs_z else ()),
        *(("imputed",) if options.genomic_control else ()),
        *("effect_allele_frequency", "n", "n_cases", "n_controls"),
    ]


def _sums(study: NumberedStudy) -> list[str]:
    return [f"sum:{name}" for name in study.rows.study.sums]
