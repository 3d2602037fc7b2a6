"""The sums over studies of one range of variants, from rows that lie on disk by variant."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from gwasmeta.meta.held_rows import HeldRows
from gwasmeta.meta.options import MetaOptions
from gwasmeta.meta.preparation import PreparedBlock
from gwasmeta.meta.ranges.catalogue import UNSET
from gwasmeta.meta.ranges.numbered_study import NumberedBlock, NumberedStudy, VariantsOfRange, read_block
from gwasmeta.meta.ranges.study_rows import NO_CHROMOSOME
from gwasmeta.meta.study_matrix import HeldMatrix
from gwasmeta.meta.study_summary import InflationFactors
from gwasmeta.meta.study_sums import StudySums
from gwasmeta.meta.variants import Placement, VariantTable
from gwasmeta.sumstats.words import Words

_OF_EFFECTS = ("beta", "standard_error")
_OF_Z = ("z", "_samples")


class VariantRange(VariantTable):
    """A range of a catalogue's variants; which of them are there, and their alleles, the studies' rows decide."""

    def __init__(self, of: VariantsOfRange, options: MetaOptions) -> None:
        super().__init__(moved_do_not_match=options.position_conflicts == "exclude")
        self._of = of
        n = len(self)
        self._effect_allele, self._other_allele = np.full((2, n), UNSET, dtype=np.int32)
        self._chromosome = np.full(n, NO_CHROMOSOME, dtype=np.int16)
        self._position = np.zeros(n, dtype=np.int32)
        self._last_study = np.full(n, UNSET, dtype=np.int16)
        self._alleles.number(Words.of(of.files.alleles))
        self._chromosome_names = {name: name for name in of.files.chromosomes}

    def __len__(self) -> int:
        return self._of.stop - self._of.start

    def place_numbered(self, block: NumberedBlock, study: int) -> Placement:
        """Match the rows of a study to the variants."""
        codes = block.block.effect_codes, block.block.other_codes
        return self._matched(block.variants, *codes, block.chromosomes, block.positions, study)

    def names(self, start: int, stop: int) -> Words:
        """Return the names of the variants from `start` to before `stop`."""
        return self._of.names.take(np.arange(start, stop))


class RangeSums(StudySums):
    """The sums of one range of variants.

    Parameters
    ----------
    studies : sequence of NumberedStudy
    options : MetaOptions
    of : VariantsOfRange
    """

    def __init__(self, studies: Sequence[NumberedStudy], options: MetaOptions, of: VariantsOfRange) -> None:
        variants = VariantRange(of, options)
        super().__init__([study.rows for study in studies], options, variants, HeldMatrix)
        self._studies, self._of = studies, of
        self._range = variants

    def taken(self) -> Iterator[HeldRows]:
        """Take in the studies one by one, and yield the rows of each that are used."""
        columns = [*_numbers_wanted(self.options), "effect_allele_frequency", "n", "n_cases", "n_controls"]
        for number, study in enumerate(self._studies):
            held = HeldRows()
            if study.n_rows_of(self._of.start, self._of.stop) == 0:
                yield held
                continue
            sums = [f"sum:{name}" for name in study.rows.study.sums]
            self._take(number, self._prepared(study, [*columns, *sums]), held)
            yield held

    def matched(self) -> Iterator[HeldRows]:
        """Yield of each study the effects that are used, with nothing else taken in: the same rows as `taken`."""
        if self.options.palindromic == "infer":  # the frequencies of the studies before decide
            yield from self.taken()
            return
        columns = _numbers_wanted(self.options)
        for number, study in enumerate(self._studies):
            held = HeldRows()
            if study.n_rows_of(self._of.start, self._of.stop) == 0:
                yield held
                continue
            prepared = self._prepared(study, columns)
            placement = self._placed(number, prepared)
            used = placement.used
            rows: slice | npt.NDArray[np.bool_] = slice(None) if used.all() else used
            self._hold(held, prepared, rows, placement.variants[rows], placement.flipped)
            yield held

    def add_up(self, factors: Sequence[Factors]) -> Iterator[HeldRows]:
        """Take in the studies and add them up, corrected by their inflation; yield the rows of each before it."""
        for number, held in enumerate(self.taken()):
            yield held
            self.summaries[number].effects, self.summaries[number].z = factors[number]
            self._add_up(number, held, len(self.variants))

    def _placed(self, number: int, prepared: PreparedBlock) -> Placement:
        assert isinstance(prepared, NumberedBlock)
        return self._range.place_numbered(prepared, number)

    def _prepared(self, study: NumberedStudy, columns: Sequence[str]) -> NumberedBlock:
        prepared = read_block(study, self._of, columns)
        if self.options.needs_effects:
            error = prepared.block.numbers["standard_error"]
            prepared.block.numbers["_weight"] = 1 / (error * error)
        return prepared


Factors = tuple[InflationFactors | None, InflationFactors | None]
"""The inflation of a study's effects, and of its z statistics."""


def _numbers_wanted(options: MetaOptions) -> list[str]:
    """Return the columns that a study's inflation is estimated from."""
    columns = [*(_OF_EFFECTS if options.needs_effects else ()), *(_OF_Z if options.needs_z else ())]
    return [*columns, "imputed"] if options.genomic_control else columns
