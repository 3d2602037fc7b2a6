"""From studies to sums: the blocks are matched, aligned, corrected by genomic control, and added up."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gwasmeta.errors import GwasmetaError
from gwasmeta.meta.held_rows import HeldRows
from gwasmeta.meta.options import MetaOptions
from gwasmeta.meta.position_keys import position_keys
from gwasmeta.meta.stream import stream_studies
from gwasmeta.meta.study_matrix import StudyMatrix
from gwasmeta.meta.study_summary import InflationFactors, StudySummary
from gwasmeta.meta.sums import Directions, EffectSums, FrequencySums, SampleSums
from gwasmeta.meta.variants import (
    ALLELES_DIFFER,
    COMPLEMENTED,
    COMPLEMENTED_AND_SWAPPED,
    DUPLICATE,
    SWAPPED,
    Placement,
    VariantTable,
)
from gwasmeta.stats.genomic_control import inflation_factor
from gwasmeta.stats.normal import z_from_neg_log_10_p_value
from gwasmeta.stats.sample_size import effective_sample_size
from gwasmeta.sumstats.byte_streams import read_stored
from gwasmeta.sumstats.plan import Wanted
from gwasmeta.sumstats.reader import StudyReader
from gwasmeta.sumstats.row_block import RowBlock
from gwasmeta.sumstats.study import Study
from gwasmeta.sumstats.text_index import TextIndex
from gwasmeta.sumstats.words import Words

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

# Frequencies are decimal numbers: 0.58 is not further from one half than 0.42 is.
_ROUNDING = 1e-9

_ADDED_PER_BLOCK = 2

ProgressCallback = Callable[[str, int, int, int], None]
"""Called with the study's name, its number from 0, the number of studies, and the rows read of all studies."""


@dataclass(frozen=True)
class _Prepared:
    """A block with what can be worked out of it without knowing the others."""

    block: RowBlock
    names: Words
    for_genomic_control: BoolArray | None


class MetaEngine:
    """Everything that is known of the variants while, and after, the studies are streamed.

    Memory grows with the variants; of each study 20 bytes a row are held until it has been read.
    """

    def __init__(self, studies: Sequence[Study], options: MetaOptions) -> None:
        self.options = options
        if sum(study.path == "-" for study in studies) > 1:
            raise GwasmetaError("standard input: is given twice, and can be read only once")
        self.readers = [StudyReader(study, _wanted(options)) for study in studies]
        self._refuse_what_cannot_be()
        self.summaries = [StudySummary.of(reader) for reader in self.readers]
        self.variants = VariantTable()
        self.effects = EffectSums() if options.needs_effects else None
        self.z = EffectSums() if options.needs_z else None
        self.frequencies = FrequencySums()
        self.samples = {
            name: SampleSums()
            for name in ("n", "n_cases", "n_controls")
            if any(_gives(reader, name) for reader in self.readers)
        }
        # One kind of weight for all studies, or their frequencies could not be averaged.
        self.frequencies_weighted_by_n = all(_gives(reader, "n") for reader in self.readers) or self.effects is None
        self.directions = Directions(len(studies))
        self.matrix = StudyMatrix() if options.needs_matrix else None
        self._genomic_control_variants = _read_variant_list(options)
        self._any_for_genomic_control = False
        self._direction_threshold = np.inf
        if options.direction_p > 0:
            self._direction_threshold = float(z_from_neg_log_10_p_value(-np.log10(options.direction_p)))

    def _refuse_what_cannot_be(self) -> None:
        """Check what the options ask of the studies before hours of reading."""
        for reader in self.readers:
            study = reader.study
            if self.options.needs_z and not _gives(reader, "n"):
                raise GwasmetaError(
                    f"{study.file}: the sample-size method needs the number of samples, and there is no such column\n"
                    f"  Give it:  --n {study.label}=NUMBER  or name the column:  --column {study.label}:n=WORD"
                    f"  (Python: Study(..., n=NUMBER)).  The file has: {', '.join(reader.header)}."
                )
            if self.options.genomic_control_variants is not None and "variant_id" not in reader.columns:
                raise GwasmetaError(
                    f"{study.file}: no column for variant_id, which the list of variants for genomic control needs\n"
                    f"  Name it by --column variant_id=WORD. The file has: {', '.join(reader.header)}."
                )

    def run(self, progress: ProgressCallback | None = None) -> None:
        """Stream all studies once."""
        held = HeldRows()
        rows = 0
        adding: Iterator[None] = iter(())
        for number, prepared in stream_studies(self.readers, self._prepare):
            summary = self.summaries[number]
            if prepared is not None:
                rows += prepared.block.n_read
                self._take(number, summary, prepared, held)
                # A study is added up while the next one is taken in: done at once, it would leave the parsers idle.
                for _ in range(_ADDED_PER_BLOCK):
                    next(adding, None)
            else:
                _exhaust(adding)
                adding = self._add_up(number, summary, held)
                next(adding)
                held = HeldRows()
            if progress is not None:
                progress(summary.name, number + (prepared is None), len(self.readers), rows)
        _exhaust(adding)
        if self._genomic_control_variants is not None and not self._any_for_genomic_control:
            listed = self.options.genomic_control_variants
            where = os.fspath(listed) if isinstance(listed, str | os.PathLike) else "the list for genomic control"
            raise GwasmetaError(
                f"{where}: none of its {len(self._genomic_control_variants):,} variants is in any study"
            )

    def _prepare(self, block: RowBlock) -> _Prepared:
        if self.options.palindromic != "keep":
            palindromic = (block.effect_codes >= 0) & (block.other_codes >= 0)
            palindromic &= block.effect_codes + block.other_codes == 3
            if self.options.palindromic == "drop":
                reason = "its alleles do not tell the strand (palindromic=drop)"
                block = block.without("palindromic", reason, "effect_allele", palindromic)
            else:  # here, so that such a row does not stand in the way of the variant's later rows
                own = block.numbers.get("effect_allele_frequency", np.full(len(block), np.nan))
                block = block.without(*self._not_inferable(), palindromic & ~self._tells_strand(own))
        if self.options.needs_effects:
            error = block.numbers["standard_error"]
            block = block.with_number("_weight", 1 / (error * error))
        if self.options.needs_z:
            block = _with_samples(block)
        chosen = self._genomic_control_variants
        in_list = None if chosen is None else chosen.find(block.words["variant_id"]) >= 0
        names = block.words["variant_id"] if self.options.match == "id" else position_keys(block)
        return _Prepared(block, names, in_list)

    def _take(self, number: int, summary: StudySummary, prepared: _Prepared, held: HeldRows) -> None:
        """Match one block to the variants, align it to their alleles, and add what needs no genomic control."""
        block = prepared.block
        summary.log.rows_read += block.n_read
        summary.log.add(block.findings)
        placement = self.variants.place(prepared.names, block, number)
        self._reserve()
        flipped = (placement.outcomes == SWAPPED) | (placement.outcomes == COMPLEMENTED_AND_SWAPPED)
        used = placement.outcomes < DUPLICATE
        frequency = block.numbers.get("effect_allele_frequency")
        if self.options.palindromic == "infer":
            flipped, used = self._infer_strands(summary, block, placement, flipped, used, frequency)
        if frequency is not None:
            frequency = np.where(flipped, 1 - frequency, frequency)
        self._note_matches(summary, block, placement, used)
        summary.log.rows_used += int(used.sum())

        rows: slice | BoolArray = slice(None) if used.all() else used
        variants = placement.variants[rows]
        self._add_samples(summary, variants, block, rows, frequency)
        held.variants.append(variants)
        for name, column in (("beta", held.beta), ("z", held.z)):
            if (self.effects if name == "beta" else self.z) is not None:
                values = block.numbers[name]
                column.append(np.where(flipped, -values, values)[rows])
        if self.effects is not None:
            held.weight.append(block.numbers["_weight"][rows])
        if self.z is not None:
            held.n.append(block.numbers["_samples"][rows])
        if "imputed" in block.numbers:
            held.imputed.append(block.numbers["imputed"][rows] == 1)
        if prepared.for_genomic_control is not None:
            chosen = prepared.for_genomic_control[rows]
            self._any_for_genomic_control |= bool(chosen.any())
            held.for_genomic_control.append(chosen)

    def _reserve(self) -> None:
        n_variants = len(self.variants)
        for sums in (self.effects, self.z, self.frequencies, self.directions, *self.samples.values()):
            if sums is not None:
                sums.reserve(n_variants)

    def _tells_strand(self, frequency: FloatArray) -> BoolArray:
        """Say which frequencies lie outside the window around one half; its edges belong to it."""
        return np.asarray(np.abs(frequency - 0.5) > self.options.palindromic_window + _ROUNDING)

    def _not_inferable(self) -> tuple[str, str, str]:
        reason = f"a frequency is missing or within {self.options.palindromic_window:g} of one half"
        return "palindromic_not_inferable", reason, "effect_allele_frequency"

    def _infer_strands(
        self,
        summary: StudySummary,
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
        clear = self._tells_strand(own) & self._tells_strand(reference)
        unclear = used & placement.palindromic & ~clear
        turned = used & placement.palindromic & clear & ((own - 0.5) * (reference - 0.5) < 0)
        summary.log.add(
            [
                block.finding(*self._not_inferable(), unclear, "excluded"),
                block.finding(
                    "palindromic_strand_turned",
                    "the frequencies say that it is given on the other strand",
                    "effect_allele_frequency",
                    turned,
                    "warned",
                ),
            ]
        )
        self.variants.forget_study_of(placement.variants[unclear])
        return flipped ^ turned, used & ~unclear

    def _note_matches(
        self,
        summary: StudySummary,
        block: RowBlock,
        placement: Placement,
        used: BoolArray,
    ) -> None:
        outcomes = placement.outcomes
        on_other_strand = used & ((outcomes == COMPLEMENTED) | (outcomes == COMPLEMENTED_AND_SWAPPED))
        findings = [
            block.finding(
                "duplicate",
                "the first row of a variant counts",
                "variant_id",
                outcomes == DUPLICATE,
                "excluded",
            ),
            block.finding(
                "alleles_differ",
                "they are not those of the first study that has the variant, on either strand",
                "effect_allele",
                outcomes == ALLELES_DIFFER,
                "excluded",
            ),
            block.finding(
                "other_strand",
                "the alleles match on the other strand",
                "effect_allele",
                on_other_strand,
                "warned",
            ),
            block.finding(
                "position_differs",
                "another study has the variant elsewhere: another build?",
                "base_pair_location",
                placement.moved & used,
                "warned",
            ),
        ]
        summary.log.add(findings)

    def _add_samples(
        self,
        summary: StudySummary,
        variants: npt.NDArray[np.int32],
        block: RowBlock,
        rows: slice | BoolArray,
        frequency: FloatArray | None,
    ) -> None:
        for name, sums in self.samples.items():
            if name in block.numbers:
                count = block.numbers[name][rows]
                sums.add(variants, count)
                if count.size and not np.isnan(count).all():
                    setattr(summary, name, float(np.fmax(getattr(summary, name), np.nanmax(count))))
        n = block.numbers.get("n")
        summary.rows_without_n += len(variants) if n is None else int(np.isnan(n[rows]).sum())
        if frequency is not None:
            weight = n if self.frequencies_weighted_by_n else block.numbers["_weight"]
            weights = np.full(len(variants), np.nan) if weight is None else weight[rows]
            far = np.zeros(len(block), dtype=np.bool_)
            far[rows] = self.frequencies.add(
                variants, frequency[rows], weights, self.options.frequency_difference + _ROUNDING
            )
            self._note_frequencies(summary, block, far)

    def _note_frequencies(self, summary: StudySummary, block: RowBlock, far: BoolArray) -> None:
        limit = self.options.frequency_difference
        reason = f"by more than {limit:g} from the mean of the studies before: other strand, allele or population?"
        column = "effect_allele_frequency"
        summary.log.add([block.finding("frequency_far_from_others", reason, column, far, "warned")])

    def _add_up(self, number: int, summary: StudySummary, held: HeldRows) -> Iterator[None]:
        """Estimate the study's inflation; then, a block a step, correct for it and add the effects."""
        summary.checksum = self.readers[number].checksum
        summary.log.check_balance()
        given = self.readers[number].study.inflation_factor
        if self.effects is not None:
            pieces = (beta * np.sqrt(weight) for beta, weight in zip(held.beta, held.weight, strict=True))
            summary.effects = self._inflation(pieces, held, given)
        if self.z is not None:
            summary.z = self._inflation(held.z, held, given)
        yield
        for k, variants in enumerate(held.variants):
            direction = np.empty(0)
            if self.z is not None and summary.z is not None:
                z = held.z[k] / np.sqrt(held.scale(summary.z, k))
                # Stouffer's sum is the inverse-variance one of the effects z / sqrt(n) with variances 1 / n.
                self.z.add(variants, z / np.sqrt(held.n[k]), held.n[k])
                direction = z
            if self.effects is not None and summary.effects is not None:
                held.weight[k] = held.weight[k] / held.scale(summary.effects, k)
                self.effects.add(variants, held.beta[k], held.weight[k])
                if self.options.main_method != "sample_size":
                    direction = held.beta[k] * np.sqrt(held.weight[k])
            self.directions.add(variants, number, direction, self._direction_threshold)
            if self.matrix is None:
                held.forget(k)
            yield
        if self.matrix is not None:
            self.matrix.append(
                len(self.variants),
                np.concatenate([*held.variants, np.empty(0, dtype=np.int32)]),
                np.concatenate([*held.beta, np.empty(0)]),
                np.concatenate([*held.weight, np.empty(0)]) ** -0.5,
            )

    def _inflation(self, statistics: Iterable[FloatArray], held: HeldRows, given: float | None) -> InflationFactors:
        z = np.empty(sum(map(len, held.variants)))
        end = 0
        for piece in statistics:
            z[end : end + len(piece)] = piece
            end += len(piece)
        if held.for_genomic_control:
            z[~np.concatenate(held.for_genomic_control)] = np.nan
        if held.imputed:
            imputed = np.concatenate(held.imputed)
            genotyped, of_imputed = inflation_factor(z[~imputed]), inflation_factor(z[imputed])
        else:
            genotyped, of_imputed = inflation_factor(z, overwrite_z=True), float("nan")
        if given is not None:
            return InflationFactors(genotyped, of_imputed, max(1.0, given), max(1.0, given))
        if not self.options.genomic_control:
            return InflationFactors(genotyped, of_imputed, 1.0, 1.0)
        return InflationFactors(genotyped, of_imputed, float(np.fmax(1.0, genotyped)), float(np.fmax(1.0, of_imputed)))


def _exhaust(steps: Iterator[None]) -> None:
    for _ in steps:
        pass


def _wanted(options: MetaOptions) -> Wanted:
    columns = {"effect_allele_frequency", "n", "n_cases", "n_controls", "chromosome", "base_pair_location"}
    if options.genomic_control:
        columns.add("imputed")
    return Wanted(
        effect=options.needs_effects,
        z=options.needs_z,
        columns=frozenset(columns),
        match=options.match,
    )


def _gives(reader: StudyReader, name: str) -> bool:
    """Say whether a study has a sample count, in a column or from the caller."""
    known = {
        *reader.columns,
        *(what for what in ("n", "n_cases", "n_controls") if getattr(reader.study, what) is not None),
    }
    return name in known or (name == "n" and {"n_cases", "n_controls"} <= known)


def _with_samples(block: RowBlock) -> RowBlock:
    """Add the weight of the sample-size method: effective n where cases and controls are known, otherwise n."""
    n = block.numbers.get("n", np.full(len(block), np.nan))
    if "n_cases" in block.numbers and "n_controls" in block.numbers:
        with np.errstate(divide="ignore", invalid="ignore"):
            effective = effective_sample_size(block.numbers["n_cases"], block.numbers["n_controls"])
        n = np.where(np.isnan(effective), n, effective)
    block = block.with_number("_samples", n)
    return block.without("n_missing", "the sample-size method has no weight for it", "n", ~(n > 0))


def _read_variant_list(options: MetaOptions) -> TextIndex | None:
    chosen = options.genomic_control_variants
    if chosen is None:
        return None
    if isinstance(chosen, str | os.PathLike):
        where = os.fspath(chosen)
        names = read_stored(where).split()
    else:
        where, names = "the list of variants for genomic control", list(chosen)
    if not names:
        raise GwasmetaError(f"{where}: is empty; genomic control needs variants to estimate the factors from")
    index = TextIndex()
    index.number(Words.of(names))
    return index
