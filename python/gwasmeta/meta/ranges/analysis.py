"""An analysis in ranges of variants, from studies to a result whose columns lie on disk."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from gwasmeta.cluster import Workers
from gwasmeta.errors import GwasmetaError
from gwasmeta.meta.engine import ProgressCallback, opened_studies, refuse_no_variants
from gwasmeta.meta.held_rows import inflation_factors
from gwasmeta.meta.options import MetaOptions
from gwasmeta.meta.overlap import BLOCK_ROWS, estimated_correlation, given_correlation
from gwasmeta.meta.preparation import Preparation
from gwasmeta.meta.ranges.column_files import ColumnFiles
from gwasmeta.meta.ranges.fused_range import is_usual
from gwasmeta.meta.ranges.kept_studies import can_be_kept, kept_studies
from gwasmeta.meta.ranges.memory_limit import variants_of_range
from gwasmeta.meta.ranges.numbered_studies import numbered_studies
from gwasmeta.meta.ranges.range_sums import Factors
from gwasmeta.meta.ranges.result import RangedColumns, RangedStudies, inflation_of_result
from gwasmeta.meta.ranges.study_rows import (
    KINDS,
    Bounds,
    Key,
    KeyBounds,
    Which,
    needed_statistics,
    wanted_in_ranges,
)
from gwasmeta.meta.ranges.study_sizes import bounds_of_set, counts_of_set, sets_of_kinds
from gwasmeta.meta.ranges.tasks import (
    Plan,
    RangeOutcome,
    RangeSizes,
    RangeTask,
    left_out_of_range,
    outcome_of_range,
    pairs_of_range,
    sizes_of_range,
)
from gwasmeta.meta.result_columns import applied_to_result
from gwasmeta.meta.study_summary import InflationFactors
from gwasmeta.meta.temporary_folder import TemporaryFolder
from gwasmeta.stats.spread_median import (
    ALL_SIZES,
    SizeCounts,
    bounds_from_histogram,
    inflation_factor_of_counts,
    joined_counts,
)
from gwasmeta.sumstats.reader import StudyReader
from gwasmeta.sumstats.study import Study

FloatArray = npt.NDArray[np.float64]
Outcome = TypeVar("Outcome")

RANGE_VARIANTS = 2 * BLOCK_ROWS
"""Variants of a range; their sums fit into the caches of a core, and few enough are left to do at the end."""


def analyze_in_ranges(
    studies: Sequence[Study],
    options: MetaOptions,
    workers: Workers,
    memory: int | None = None,
    progress: ProgressCallback | None = None,
) -> RangedStudies:
    """Combine studies range by range of variants, with the numbers of `MetaEngine` to the bit.

    The studies' rows are laid down on disk by variant: in their store, if they come from one, or else in a temporary
    folder (TMPDIR decides where). All workers must see it; what is done for a range of variants depends on nothing else
    then.

    Parameters
    ----------
    studies : sequence of Study
    options : MetaOptions
        With gwasmeta's own conventions.
    workers : Workers
    memory : int, optional
        Bytes that this process may take.
    progress : callable, optional

    Raises
    ------
    GwasmetaError
        If a study cannot be read, the disk is full, or the workers are gone.
    """
    readers = opened_studies(studies, options, wanted_in_ranges(options))
    scratch = TemporaryFolder()
    try:
        return _combined(readers, options, workers, scratch, memory, progress)
    except BaseException:
        scratch.remove()  # an error that is kept would keep it
        raise


def _combined(
    readers: Sequence[StudyReader],
    options: MetaOptions,
    workers: Workers,
    scratch: TemporaryFolder,
    memory: int | None,
    progress: ProgressCallback | None,
) -> RangedStudies:
    workers.refuse_unshared(scratch.path)
    if can_be_kept([reader.study for reader in readers], options):
        numbered, catalogue = kept_studies(readers, options, workers, memory, progress)
    else:
        numbered, catalogue = numbered_studies(readers, options, workers, scratch.path / "studies", memory, progress)
    analysis = _Analysis(Plan(numbered, options, catalogue), workers, scratch, memory, progress)
    outcomes, correlation = analysis.run()
    shutil.rmtree(scratch.path / "studies", ignore_errors=True)
    columns = RangedColumns(outcomes, correlation, analysis.inflation, analysis.applied, scratch)
    return RangedStudies(readers, analysis.plan, analysis.factors, outcomes, columns)


class _Analysis:
    """The steps from rows that lie by variant to the outcomes of all ranges."""

    def __init__(
        self,
        plan: Plan,
        workers: Workers,
        scratch: TemporaryFolder,
        memory: int | None,
        progress: ProgressCallback | None,
    ) -> None:
        self.plan, self._options = plan, plan.options
        self._workers, self._scratch, self._progress = workers, scratch, progress
        self.inflation: dict[str, float] = {}
        self.applied: dict[str, float] = {}
        self.factors: tuple[Factors, ...] = ()
        n_variants = variants_of_range(memory, plan.options, len(plan.studies), workers.n_workers, RANGE_VARIANTS)
        hold = workers.is_local and memory is None and not plan.options.needs_matrix
        plan_file = scratch.path / "plan"
        plan.write(plan_file)
        n = plan.catalogue.n_variants
        self._tasks = [
            RangeTask(plan_file, start, min(start + n_variants, n), folder=scratch.path / "result", hold=hold)
            for start in range(0, max(n, 1), n_variants)
        ]

    def run(self) -> tuple[list[RangeOutcome], dict[str, FloatArray]]:
        """Combine the studies in every range; return what became of them, and the correlations allowed for."""
        to_count = self._factors_or_bounds()
        correlation = self._correlation()
        outcomes = self._outcomes(bounds=to_count, correlation=correlation)
        if to_count:
            self._find_factors(self._joined([outcome.sizes for outcome in outcomes]))
        self.inflation = inflation_of_result(outcomes, self._options)
        if self._options.genomic_control_result:
            self.applied = applied_to_result(self.inflation)
            shutil.rmtree(self._scratch.path / "result", ignore_errors=True)
            outcomes = self._outcomes(correlation=correlation, applied=self.applied)
        return outcomes, correlation

    def _factors_or_bounds(self) -> tuple[KeyBounds, ...]:
        """Find each study's inflation; or return bounds to count by while studies are combined, if that can wait."""
        studies = self.plan.studies
        if is_usual(studies, self._options):
            self._find_factors(self._less_left_out())
            return ()
        bounds = tuple(_by_key(study.rows.bounds, self._options) for study in studies)
        if self._options.genomic_control:
            self._find_factors(self._joined(self._over_ranges("inflation", sizes_of_range, bounds=bounds)))
            return ()
        self.factors = tuple(self._factors_of(number, {}) for number in range(len(studies)))
        return bounds

    def _outcomes(self, **known: Any) -> list[RangeOutcome]:
        return self._over_ranges("combining", outcome_of_range, **known)

    def _over_ranges(self, what: str, function: Callable[[RangeTask], Outcome], **known: Any) -> list[Outcome]:
        """Return what a function makes of every range, with what is known by now."""
        tasks = [replace(task, factors=self.factors, **known) for task in self._tasks]
        n_studies = len(self.plan.studies)
        rows = sum(study.rows.rows_read for study in self.plan.studies)

        def report(done: int) -> None:
            if self._progress is not None:
                self._progress(f"{what}, {done:,} of {len(tasks):,} ranges", n_studies, n_studies, rows)

        return list(self._workers.in_order(function, tasks, report))

    def _less_left_out(self) -> Iterator[dict[Key, SizeCounts]]:
        """Yield, study by study, what was counted of all rows less those that are left out."""
        files = [study.rows.files for study in self.plan.studies]
        sets = [sets_of_kinds(of_study, self._options.genomic_control) for of_study in files]
        bounds: tuple[KeyBounds, ...] = tuple(
            {("effects", kind): bounds_of_set(of_study, name) for kind, name in of_kinds.items()}
            for of_study, of_kinds in zip(files, sets, strict=True)
        )
        left_out = self._over_ranges("inflation", left_out_of_range, bounds=bounds)
        for number, (of_study, of_kinds) in enumerate(zip(files, sets, strict=True)):
            counts = {}
            for kind, name in of_kinds.items():
                key: Key = ("effects", kind)
                parts = [part.of_studies[number][key] for part in left_out if key in part.of_studies[number]]
                counts[key] = _without(counts_of_set(of_study, name), joined_counts(parts), of_study)
            yield counts

    def _find_factors(self, sizes: Iterable[Mapping[Key, SizeCounts]]) -> None:
        """Find each study's inflation; count once more, between other bounds, where the median is not within them."""
        while True:
            found, bounds = [], []
            for counts in sizes:  # one study's at a time: of all together they may be many
                found.append({key: (self._inflation(of), of.n) for key, of in counts.items()})
                bounds.append({key: bounds_from_histogram(of) if of.n else ALL_SIZES for key, of in counts.items()})
            if not any(factor is None for of_study in found for factor, _ in of_study.values()):
                break
            sizes = self._joined(self._over_ranges("inflation", sizes_of_range, bounds=tuple(bounds)))
        self.factors = tuple(self._factors_of(number, of_study) for number, of_study in enumerate(found))

    def _joined(self, of_ranges: Sequence[RangeSizes]) -> Iterator[dict[Key, SizeCounts]]:
        """Yield, study by study, what was counted in all ranges."""
        if self._options.genomic_control_variants is not None:
            any_listed = any(sizes.any_for_genomic_control for sizes in of_ranges)
            refuse_no_variants(self._options, Preparation(self._options), any_listed)
        for parts in zip(*(sizes.of_studies for sizes in of_ranges), strict=True):
            yield {key: joined_counts(part[key] for part in parts) for key in parts[0]}

    def _inflation(self, counts: SizeCounts) -> float | None:
        conventions = self._options.conventions
        return inflation_factor_of_counts(
            counts, median=conventions.lambda_median, chi_squared_median=conventions.chi_squared_median
        )

    def _factors_of(self, number: int, found: Mapping[Key, tuple[float | None, int]]) -> Factors:
        """Return what corrects a study; nothing but the caller's factor does, where none has been estimated."""
        given = self.plan.studies[number].rows.study.inflation_factor

        def of(which: Which) -> InflationFactors:
            estimates = (found.get((which, kind), (None, 0)) for kind in KINDS)
            genotyped, imputed = ((float("nan") if factor is None else factor, n) for factor, n in estimates)
            return inflation_factors(genotyped, imputed, self._options, given)

        return (
            of("effects") if self._options.needs_effects else None,
            of("z") if self._options.needs_z else None,
        )

    def _correlation(self) -> dict[str, FloatArray]:
        """Return the correlations of the studies, by method, where they are allowed for."""
        options, n_studies = self._options, len(self.plan.studies)
        if not options.correlates_studies:
            return {}
        methods = [
            name for name, needed in (("fixed", options.needs_effects), ("sample_size", options.needs_z)) if needed
        ]
        if isinstance(options.overlap, tuple):
            return {method: given_correlation(options.overlap, n_studies) for method in methods}
        pairs = self._over_ranges("correlation", pairs_of_range)
        return {
            method: estimated_correlation(
                (block for of_range in pairs for block in of_range[method]), n_studies, options.z_cutoff
            )
            for method in methods
        }


def _by_key(bounds: Bounds, options: MetaOptions) -> KeyBounds:
    return {(of, kind): bounds[of] for of in needed_statistics(options) for kind in KINDS}


def _without(counts: SizeCounts, left_out: SizeCounts, files: ColumnFiles) -> SizeCounts:
    try:
        return counts.without(left_out)
    except ValueError as error:
        raise GwasmetaError(f"{files.folder}: its files do not belong together ({error}); remove it") from error
