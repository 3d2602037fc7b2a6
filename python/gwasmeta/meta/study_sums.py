"""The sums of an analysis: blocks of studies are matched, aligned, corrected by genomic control, and added up."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from gwasmeta.meta.held_rows import HeldRows
from gwasmeta.meta.match_findings import frequency_finding, match_findings, position_finding
from gwasmeta.meta.options import MetaOptions, Sex
from gwasmeta.meta.overlap import SequentialOverlap
from gwasmeta.meta.preparation import ROUNDING, OpenedStudy, PreparedBlock, gives, not_inferable, tells_strand
from gwasmeta.meta.study_matrix import EffectMatrix
from gwasmeta.meta.study_summary import StudySummary
from gwasmeta.meta.sums import Directions, EffectSums, FrequencySums, NumberSums, SampleSums
from gwasmeta.meta.variants import Placement, Variants
from gwasmeta.stats.normal import z_from_neg_log_10_p_value
from gwasmeta.sumstats.row_block import RowBlock
from gwasmeta.sumstats.row_log import MAX_EXAMPLES, Finding
from gwasmeta.sumstats.study import Study

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class BlockNotes:
    """What became of a block of a study, for those who report on every row.

    Attributes
    ----------
    study : int
        Its number.
    findings : list of Finding
        Every row that a rule caught is described.
    block : RowBlock
        The rows that passed the checks, with the alleles as they are in the file.
    used : bool array, shape (n_rows,)
        Those of them that were matched to a variant.
    """

    study: int
    findings: list[Finding]
    block: RowBlock
    used: BoolArray


class StudyGroup:
    """Sums over the studies of one sex."""

    def __init__(self, studies: Sequence[int]) -> None:
        self.studies = list(studies)
        self.effects = EffectSums()
        self.frequencies = FrequencySums()
        self.n = SampleSums()


class StudySums:
    """Everything that is known of a set of variants while, and after, the rows of the studies are taken in.

    Memory grows with the variants; of each study 20 bytes a row are held until all of them have been taken.

    Parameters
    ----------
    opened : sequence of OpenedStudy
    options : MetaOptions
    variants : Variants
        Nothing is known of the studies' rows in it yet.
    new_matrix : callable
        Makes what keeps every study's value, where a method needs them all.
    observer : callable, optional
        Called with the `BlockNotes` of every block, in the order of the studies and of their rows.
    max_examples : int
        Rows that the log shows of each study and rule.
    """

    def __init__(
        self,
        opened: Sequence[OpenedStudy],
        options: MetaOptions,
        variants: Variants,
        new_matrix: Callable[[], EffectMatrix],
        observer: Callable[[BlockNotes], None] | None = None,
        max_examples: int = MAX_EXAMPLES,
    ) -> None:
        self.options, self.opened, self.variants = options, opened, variants
        self._observer = observer
        self.summaries = [StudySummary.of(study, max_examples) for study in opened]
        self.effects = EffectSums() if options.needs_effects else None
        self.z = EffectSums() if options.needs_z else None
        self.frequencies = FrequencySums()
        self.samples = {
            name: SampleSums() for name in ("n", "n_cases", "n_controls") if any(gives(study, name) for study in opened)
        }
        self.sums = {name: NumberSums() for one in opened for name in one.study.sums}
        self.groups = _groups([one.study for one in opened]) if options.sex_differentiated else {}
        # One kind of weight for all studies, or their frequencies could not be averaged.
        self.frequencies_weighted_by_n = self.effects is None or (
            all(gives(study, "n") for study in opened) and not options.conventions.corrected_frequency_weights
        )
        self.directions = Directions(len(opened))
        self.matrix = new_matrix() if options.needs_matrix else None
        self.z_matrix = new_matrix() if options.needs_z and options.correlates_studies else None
        self.sequential = SequentialOverlap(options.z_cutoff) if options.overlap == "sequential" else None
        # Whether frequencies are weighted by the corrected variances, which are known only then.
        self._frequencies_wait = options.conventions.corrected_frequency_weights and self.effects is not None
        self.any_for_genomic_control = False
        self._direction_threshold = np.inf
        if options.direction_p > 0:
            self._direction_threshold = float(z_from_neg_log_10_p_value(-np.log10(options.direction_p)))

    def _take(self, number: int, prepared: PreparedBlock, held: HeldRows) -> None:
        """Match one block to the variants, align it to their alleles, and add what needs no genomic control."""
        block = prepared.block
        findings: list[Finding] = []
        placement = self._placed(number, prepared)
        _reserve(self._sums_of_taking, len(self.variants))
        flipped, used = placement.flipped, placement.used
        frequency = block.numbers.get("effect_allele_frequency")
        if self.options.palindromic == "infer":
            flipped, used = self._infer_strands(findings, block, placement, flipped, used, frequency)
        excluding = self.options.position_conflicts == "exclude"
        findings.append(position_finding(block, placement.moved, "excluded" if excluding else "warned"))
        if frequency is not None:
            frequency = np.where(flipped, 1 - frequency, frequency)
        findings += match_findings(block, placement, used)

        rows: slice | BoolArray = slice(None) if used.all() else used
        variants = placement.variants[rows]
        self._add_samples(number, variants, block, rows)
        if frequency is not None:
            if self._frequencies_wait:
                held.frequency.append(frequency[rows])
            else:
                weight = block.numbers.get("n" if self.frequencies_weighted_by_n else "_weight")
                findings += self._add_frequencies(number, variants, block, rows, frequency, weight)
        self._hold(held, prepared, rows, variants, flipped)
        summary = self.summaries[number]
        without = len(variants) if frequency is None else int(np.isnan(frequency[rows]).sum())
        summary.rows_without_frequency += without
        summary.log.rows_read += block.n_read
        summary.log.rows_used += len(variants)
        summary.log.add(block.findings + findings)
        if self._observer is not None:
            self._observer(BlockNotes(number, [*(block.observed or ()), *findings], block, used))

    def _placed(self, number: int, prepared: PreparedBlock) -> Placement:
        """Match the rows of a block to the variants."""
        raise NotImplementedError

    def _hold(
        self,
        held: HeldRows,
        prepared: PreparedBlock,
        rows: slice | BoolArray,
        variants: npt.NDArray[np.int32],
        flipped: BoolArray,
    ) -> None:
        """Keep of a block what is added up when the study's inflation is known."""
        numbers = prepared.block.numbers
        held.variants.append(variants)
        for name, column, sums in (("beta", held.beta, self.effects), ("z", held.z, self.z)):
            if sums is not None:
                column.append(np.where(flipped, -numbers[name], numbers[name])[rows])
        if self.effects is not None:
            held.weight.append(numbers["_weight"][rows])
        if self.z is not None:
            held.n.append(numbers["_samples"][rows])
        if "imputed" in numbers:
            held.imputed.append(numbers["imputed"][rows] == 1)
        if prepared.block.valid is not None:
            held.valid.append(prepared.block.valid)
        if prepared.for_genomic_control is not None:
            chosen = prepared.for_genomic_control[rows]
            self.any_for_genomic_control |= bool(chosen.any())
            held.for_genomic_control.append(chosen)

    @property
    def _sums_of_taking(self) -> list[_Growing]:
        """What a block is added to when it is matched, in the main thread."""
        frequencies = [] if self._frequencies_wait else [self.frequencies]
        groups = [sums for group in self.groups.values() for sums in (group.n, group.frequencies)]
        return [*frequencies, *groups, *self.samples.values(), *self.sums.values()]

    @property
    def _sums_of_adding(self) -> list[_Growing]:
        """What a study is added to when its inflation is known, in a thread of its own."""
        frequencies = [self.frequencies] if self._frequencies_wait else []
        effects = [sums for sums in (self.effects, self.z, self.sequential) if sums is not None]
        return [*effects, *frequencies, *(group.effects for group in self.groups.values()), self.directions]

    def _infer_strands(
        self,
        findings: list[Finding],
        block: RowBlock,
        placement: Placement,
        flipped: BoolArray,
        used: BoolArray,
        frequency: FloatArray | None,
    ) -> tuple[BoolArray, BoolArray]:
        """Turn palindromic variants whose frequency says that they are on the other strand, leave out the unclear."""
        own = np.full(len(block), np.nan) if frequency is None else np.where(flipped, 1 - frequency, frequency)
        known = self.frequencies.known(placement.variants)
        reference = np.where(np.isnan(known), own, known)
        clear = tells_strand(own, self.options) & tells_strand(reference, self.options)
        unclear = used & placement.palindromic & ~clear
        turned = used & placement.palindromic & clear & ((own - 0.5) * (reference - 0.5) < 0)
        findings += [
            block.finding(*not_inferable(self.options), unclear, "excluded"),
            block.finding(
                "palindromic_strand_turned",
                "the frequencies say that it is given on the other strand",
                "effect_allele_frequency",
                turned,
                "warned",
            ),
        ]
        self.variants.forget_study_of(placement.variants[unclear])
        return flipped ^ turned, used & ~unclear

    def _add_samples(
        self, number: int, variants: npt.NDArray[np.int32], block: RowBlock, rows: slice | BoolArray
    ) -> None:
        summary = self.summaries[number]
        for name, sums in self.samples.items():
            count = block.numbers[name][rows] if name in block.numbers else None
            if count is None:
                sums.add(variants, None)
            else:
                self._add_count(number, name, variants, count)
            if name == "n" and self.groups:
                self._group_of(number).n.add(variants, count)
        for name in self.opened[number].study.sums:
            self.sums[name].add(variants, block.numbers[f"sum:{name}"][rows])
        n = block.numbers.get("n")
        summary.rows_without_n += len(variants) if n is None else int(np.isnan(n[rows]).sum())

    def _add_count(self, number: int, name: str, variants: npt.NDArray[np.int32], count: FloatArray) -> None:
        """Add sample counts of one kind, and remember the largest of the study."""
        self.samples[name].add(variants, count)
        if count.size and not np.isnan(count).all():
            summary = self.summaries[number]
            setattr(summary, name, float(np.fmax(getattr(summary, name), np.nanmax(count))))

    def _add_frequencies(
        self,
        number: int,
        variants: npt.NDArray[np.int32],
        block: RowBlock,
        rows: slice | BoolArray,
        frequency: FloatArray,
        weight: FloatArray | None,
    ) -> list[Finding]:
        weights = np.full(len(variants), np.nan) if weight is None else weight[rows]
        limit = self.options.frequency_difference
        mean_before = np.full(len(block), np.nan)
        mean_before[rows] = self.frequencies.add(variants, frequency[rows], weights, limit + ROUNDING)
        if self.groups:
            self._group_of(number).frequencies.add(variants, frequency[rows], weights, limit)
        return [frequency_finding(block, frequency, mean_before, limit)]

    def _group_of(self, number: int) -> StudyGroup:
        sex = self.opened[number].study.sex
        assert sex is not None  # or the study would have been refused
        return self.groups[sex]

    def _add_up(self, number: int, held: HeldRows, n_variants: int) -> None:
        """Correct a study by its inflation, which its summary says, and add its effects."""
        _reserve(self._sums_of_adding, n_variants)
        for k in range(len(held.variants)):
            self._add_block(number, held, k)
            if not self._needs_whole_study:
                held.forget(k)
        if self._needs_whole_study:
            self._add_whole_study(held, n_variants)

    def _add_block(self, number: int, held: HeldRows, k: int) -> None:
        summary, variants = self.summaries[number], held.variants[k]
        direction = np.empty(0)
        if self.z is not None and summary.z is not None:
            held.z[k] = direction = held.z[k] / np.sqrt(held.scale(summary.z, k))
            # Stouffer's sum is the inverse-variance one of the effects z / sqrt(n) with variances 1 / n.
            self.z.add(variants, direction / np.sqrt(held.n[k]), held.n[k])
        if self.effects is not None and summary.effects is not None:
            held.weight[k] = held.weight[k] / held.scale(summary.effects, k)
            self.effects.add(variants, held.beta[k], held.weight[k])
            if self.groups:
                self._group_of(number).effects.add(variants, held.beta[k], held.weight[k])
            if held.frequency:
                self.frequencies.add(variants, held.frequency[k], held.weight[k], np.inf)
            if self.options.main_method != "sample_size":
                direction = held.beta[k]
                if self._direction_threshold > 0:
                    direction = direction * np.sqrt(held.weight[k])
        self.directions.add(variants, number, direction, self._direction_threshold)

    @property
    def _needs_whole_study(self) -> bool:
        return not (self.matrix is None and self.z_matrix is None and self.sequential is None)

    def _add_whole_study(self, held: HeldRows, n_variants: int) -> None:
        """Pass a study on to what takes all its rows at once."""
        variants = _joined(held.variants, np.int32)
        if self.matrix is not None:
            self.matrix.append(n_variants, variants, _joined(held.beta), _joined(held.weight) ** -0.5)
        if self.z_matrix is not None:
            error = _joined(held.n) ** -0.5
            self.z_matrix.append(n_variants, variants, _joined(held.z) * error, error)
        if self.sequential is not None:
            self.sequential.add(variants, _joined(held.z), _joined(held.n))


def _joined(pieces: list[npt.NDArray[Any]], kind: type = np.float64) -> npt.NDArray[Any]:
    return np.concatenate([*pieces, np.empty(0, dtype=kind)])


def _groups(studies: Sequence[Study]) -> dict[Sex, StudyGroup]:
    sexes: tuple[Sex, ...] = ("male", "female")
    return {sex: StudyGroup([k for k, study in enumerate(studies) if study.sex == sex]) for sex in sexes}


class _Growing(Protocol):
    def reserve(self, n_variants: int) -> None:
        """Make room for variants seen for the first time."""


def _reserve(sums: Iterable[_Growing], n_variants: int) -> None:
    for one in sums:
        one.reserve(n_variants)
