"""The sums of a range where nothing but effects, frequencies and sample sizes is added up, which is the usual case."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from gwasmeta.meta.match_findings import frequency_finding, match_findings, position_finding
from gwasmeta.meta.options import MetaOptions
from gwasmeta.meta.preparation import ROUNDING
from gwasmeta.meta.ranges.fused_sums import Counts, Manner, RowValues, SumArrays, add_rows, z_of_rows
from gwasmeta.meta.ranges.numbered_study import NumberedBlock, NumberedStudy, VariantsOfRange, read_block
from gwasmeta.meta.ranges.range_sums import Factors, RangeSums, ZBlocks
from gwasmeta.meta.ranges.variant_range import placement_of
from gwasmeta.meta.study_matrix import HeldMatrix
from gwasmeta.meta.variants import Placement
from gwasmeta.sumstats.columns_to_read import SAMPLES

FloatArray = npt.NDArray[np.float64]

_NONE = np.empty(0)
_EFFECTS = ("beta", "standard_error")


def sums_of_range(studies: Sequence[NumberedStudy], options: MetaOptions, of: VariantsOfRange) -> RangeSums:
    """Return what adds up the studies in a range of variants, with nothing added yet."""
    usual = (
        options.needs_effects
        and not options.needs_z
        and not options.sex_differentiated
        and options.palindromic == "keep"
        and options.position_conflicts == "warn"
        and options.genomic_control_variants is None
        and not any(study.rows.study.sums for study in studies)
    )
    return (FusedRangeSums if usual else RangeSums)(studies, options, of)


class FusedRangeSums(RangeSums):
    """Sums that are added up row by row in one compiled loop, with the numbers of `RangeSums` to the bit."""

    def z_statistics(self) -> Iterator[ZBlocks]:
        """Yield, study by study, the statistics that its inflation is estimated from."""
        for number, study in enumerate(self.studies):
            prepared = read_block(study, self.of, [*_EFFECTS, *self._flags])
            genotyped, imputed = self._room_for_z(prepared)
            values = self._values(prepared)
            outcomes, _ = self.range.outcomes(prepared.places, number)
            n = z_of_rows(outcomes, values, genotyped, imputed)
            yield _as_blocks(genotyped[: n[0]], imputed[: n[1]])

    def add_up(self, factors: Sequence[Factors], with_z: bool) -> Iterator[ZBlocks]:
        """Add the studies up, corrected by their inflation; yield of each its uncorrected statistics, if wanted."""
        self._reserve_all()
        for number, study in enumerate(self.studies):
            self.summaries[number].effects = factors[number][0]
            columns = [*_EFFECTS, *self._flags, "effect_allele_frequency", *SAMPLES]
            yield self._add(number, read_block(study, self.of, columns), with_z)

    @property
    def _flags(self) -> tuple[str, ...]:
        return ("imputed",) if self.options.genomic_control else ()

    def _reserve_all(self) -> None:
        for sums in (*self._sums_of_taking, *self._sums_of_adding):
            sums.reserve(len(self.variants))

    def _add(self, number: int, prepared: NumberedBlock, with_z: bool) -> ZBlocks:
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
        far_means = np.empty(len(outcomes))
        z = self._room_for_z(prepared) if with_z else (_NONE, _NONE)
        counts = add_rows(places.variants, outcomes, values, sums, manner, far_means, z)
        if self.matrix is not None:
            assert isinstance(self.matrix, HeldMatrix)
            self.matrix.take_column(sums.effect, sums.weight**-0.5)
        placement = placement_of(places, outcomes, self.range.known) if unusual or counts.any_far else None
        self._tell(number, prepared, counts, placement, far_means)
        if not with_z:
            return {}
        return _as_blocks(z[0][: counts.n_used - counts.n_imputed], z[1][: counts.n_imputed])

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

    @staticmethod
    def _room_for_z(prepared: NumberedBlock) -> tuple[FloatArray, FloatArray]:
        n = len(prepared.block)
        return np.empty(n), np.empty(n if "imputed" in prepared.block.numbers else 0)

    def _tell(
        self,
        number: int,
        prepared: NumberedBlock,
        counts: Counts,
        placement: Placement | None,
        far_means: FloatArray,
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
            limit = self.options.frequency_difference
            findings.append(frequency_finding(block, aligned, far_means, limit))
        summary.log.add(findings)


def _as_blocks(genotyped: FloatArray, imputed: FloatArray) -> ZBlocks:
    return {("effects", False): iter([genotyped]), ("effects", True): iter([imputed])}
