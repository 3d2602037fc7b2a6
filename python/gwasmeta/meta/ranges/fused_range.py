"""The sums of a range where nothing but effects, frequencies and sample sizes is added up, which is the usual case."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from gwasmeta.meta.match_findings import frequency_finding, match_findings, position_finding
from gwasmeta.meta.options import MetaOptions
from gwasmeta.meta.preparation import ROUNDING
from gwasmeta.meta.ranges.fused_sums import Counts, FarRows, Manner, RowValues, SumArrays, add_rows
from gwasmeta.meta.ranges.numbered_study import NumberedBlock, NumberedStudy, read_block
from gwasmeta.meta.ranges.range_sums import Factors, RangeSums, ZBlocks
from gwasmeta.meta.ranges.study_sizes import only_effects_are_added
from gwasmeta.meta.ranges.variant_range import placement_of
from gwasmeta.meta.study_matrix import HeldMatrix
from gwasmeta.meta.variants import Placement
from gwasmeta.sumstats.columns_to_read import SAMPLES

FloatArray = npt.NDArray[np.float64]

_NONE = np.empty(0)
_EFFECTS = ("beta", "standard_error")


def is_usual(studies: Sequence[NumberedStudy], options: MetaOptions) -> bool:
    """Say whether nothing but what can be added up here is asked for."""
    return only_effects_are_added(options) and not any(study.rows.study.sums for study in studies)


class FusedRangeSums(RangeSums):
    """Sums that are added up row by row in one compiled loop, with the numbers of `RangeSums` to the bit."""

    def add_up(self, factors: Sequence[Factors], with_z: bool = False) -> Iterator[ZBlocks]:
        """Add the studies up, corrected by their inflation; their statistics are not told again."""
        assert not with_z
        flags = ("imputed",) if self.options.genomic_control else ()
        self._reserve_all()
        for number, study in enumerate(self.studies):
            self.summaries[number].effects = factors[number][0]
            self._add(number, read_block(study, self.of, [*_EFFECTS, *flags, "effect_allele_frequency", *SAMPLES]))
            yield {}

    def _reserve_all(self) -> None:
        for sums in (*self._sums_of_taking, *self._sums_of_adding):
            sums.reserve(len(self.variants))

    def _add(self, number: int, prepared: NumberedBlock) -> None:
        """Add the rows of a study that match."""
        places, values = prepared.places, self._values(prepared)
        factors = self.summaries[number].effects
        assert factors is not None
        manner = Manner(
            number,
            factors.applied_to_genotyped,
            factors.applied_to_imputed,
            self.frequencies_weighted_by_n,
            self.options.frequency_difference + ROUNDING,
            self._direction_threshold,
        )
        sums = self._sum_arrays()
        outcomes, unusual = self.range.outcomes(places, number)
        far = FarRows(np.empty(len(outcomes), dtype=np.int64), np.empty(len(outcomes)))
        counts = add_rows(places.numbers, places.first, outcomes, values, sums, manner, far)
        if self.matrix is not None:
            assert isinstance(self.matrix, HeldMatrix)
            self.matrix.take_column(sums.effect, sums.weight**-0.5)
        placement = placement_of(places, outcomes, self.range.known) if unusual or counts.n_far else None
        self._tell(number, prepared, counts, placement, far)

    def _sum_arrays(self) -> SumArrays:
        effects, frequencies = self.effects, self.frequencies
        assert effects is not None
        n = len(self.variants)
        # Two arrays, for the matrix keeps the one and not the other.
        effect, weight = (np.full(n if self.matrix is not None else 0, np.nan) for _ in range(2))
        return SumArrays(
            (effects.mean, effects.weight, effects.pair_weight, effects.q, effects.n_studies),
            (
                frequencies.mean,
                frequencies.weight,
                frequencies.sum_of_squares,
                frequencies.lowest,
                frequencies.highest,
            ),
            self.samples["n"].total if "n" in self.samples else np.zeros(n),
            self.directions.packed,
            effect,
            weight,
        )

    @staticmethod
    def _values(prepared: NumberedBlock) -> RowValues:
        numbers = prepared.block.numbers
        return RowValues(
            numbers.get("beta", _NONE),  # a study without rows has no columns
            numbers.get("standard_error", _NONE),
            numbers.get("effect_allele_frequency", _NONE),
            numbers.get("n", _NONE),
            numbers.get("imputed", np.empty(0, dtype=np.bool_)),
        )

    def _tell(
        self,
        number: int,
        prepared: NumberedBlock,
        counts: Counts,
        placement: Placement | None,
        far: FarRows,
    ) -> None:
        """Enter into the study's books what became of its rows; without a placement, nothing unusual has."""
        summary, block = self.summaries[number], prepared.block
        summary.log.rows_used += counts.n_used
        summary.rows_without_n += counts.n_without_n
        summary.rows_without_frequency += counts.n_without_frequency
        summary.n = float(np.fmax(summary.n, counts.largest_n))
        used = None if placement is None else placement.used
        for name in ("n_cases", "n_controls"):
            if name in block.numbers:
                rows = slice(None) if used is None else used
                self._add_count(number, name, prepared.places.variants[rows], block.numbers[name][rows])
        if placement is None or used is None:
            return
        findings = [position_finding(block, placement.moved, "warned"), *match_findings(block, placement, used)]
        frequency = block.numbers.get("effect_allele_frequency")
        if frequency is not None:
            aligned = np.where(placement.flipped, 1 - frequency, frequency)
            far_means = np.full(len(aligned), np.nan)
            far_means[far.rows[: counts.n_far]] = far.means[: counts.n_far]
            limit = self.options.frequency_difference
            findings.append(frequency_finding(block, aligned, far_means, limit))
        summary.log.add(findings)
