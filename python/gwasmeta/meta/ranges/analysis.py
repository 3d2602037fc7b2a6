"""An analysis in ranges of variants, from studies to a result whose columns lie on disk."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from gwasmeta.cluster import Workers
from gwasmeta.errors import GwasmetaError
from gwasmeta.meta.columns import applied_to_result
from gwasmeta.meta.engine import ProgressCallback, opened_studies, refuse_no_variants
from gwasmeta.meta.held_rows import inflation_factors
from gwasmeta.meta.options import MetaOptions
from gwasmeta.meta.overlap import BLOCK_ROWS, estimated_correlation, given_correlation
from gwasmeta.meta.preparation import Preparation
from gwasmeta.meta.ranges.kept_studies import can_be_kept, kept_studies
from gwasmeta.meta.ranges.memory_limit import variants_of_range
from gwasmeta.meta.ranges.numbered_studies import numbered_studies
from gwasmeta.meta.ranges.range_sums import Factors
from gwasmeta.meta.ranges.result import RangedColumns, RangedStudies, inflation_of_result
from gwasmeta.meta.ranges.study_rows import KINDS, Bounds, Key, Which, needed_statistics, wanted_in_ranges
from gwasmeta.meta.ranges.tasks import (
    Plan,
    RangeOutcome,
    RangeSizes,
    RangeTask,
    outcome_of_range,
    pairs_of_range,
    sizes_of_range,
)
from gwasmeta.meta.study_summary import InflationFactors
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
    scratch = Scratch()
    try:
        return _combined(readers, options, workers, scratch, memory, progress)
    except BaseException:
        scratch.remove()  # an error that is kept would keep it
        raise


def _combined(
    readers: Sequence[StudyReader],
    options: MetaOptions,
    workers: Workers,
    scratch: Scratch,
    memory: int | None,
    progress: ProgressCallback | None,
) -> RangedStudies:
    workers.refuse_unshared(scratch.folder)
    if can_be_kept([reader.study for reader in readers], options):
        numbered, catalogue = kept_studies(readers, options, workers, memory, progress)
    else:
        numbered, catalogue = numbered_studies(readers, options, workers, scratch.folder / "studies", memory, progress)
    analysis = _Analysis(Plan(numbered, options, catalogue), workers, scratch, memory, progress)
    outcomes, correlation = analysis.run()
    shutil.rmtree(scratch.folder / "studies", ignore_errors=True)
    columns = RangedColumns(outcomes, correlation, analysis.inflation, analysis.applied, scratch)
    return RangedStudies(readers, analysis.plan, analysis.factors, outcomes, columns)


class Scratch:
    """A temporary folder, which goes when this does."""

    def __init__(self) -> None:
        try:
            self.folder = Path(tempfile.mkdtemp(prefix="gwasmeta-"))
        except OSError as error:
            raise GwasmetaError(
                f"{error.filename or tempfile.gettempdir()}: cannot hold temporary files: {error.strerror}\n"
                "  Set TMPDIR to a folder that can."
            ) from error
        self.remove = weakref.finalize(self, shutil.rmtree, self.folder, ignore_errors=True)


class _Analysis:
    """The steps from rows that lie by variant to the outcomes of all ranges."""

    def __init__(
        self,
        plan: Plan,
        workers: Workers,
        scratch: Scratch,
        memory: int | None,
        progress: ProgressCallback | None,
    ) -> None:
        self.plan, self._options = plan, plan.options
        self._workers, self._scratch, self._progress = workers, scratch, progress
        self.inflation: dict[str, float] = {}
        self.applied: dict[str, float] = {}
        self._bounds = tuple(_wanted_of(study.rows.bounds, plan.options) for study in plan.studies)
        self.factors: tuple[Factors, ...] = ()
        n_variants = variants_of_range(memory, plan.options, len(plan.studies), workers.n_workers, RANGE_VARIANTS)
        hold = workers.is_local and memory is None and not plan.options.needs_matrix
        plan_file = scratch.folder / "plan"
        plan.write(plan_file)
        n = plan.catalogue.n_variants
        self._tasks = [
            RangeTask(plan_file, start, min(start + n_variants, n), folder=scratch.folder / "result", hold=hold)
            for start in range(0, max(n, 1), n_variants)
        ]

    def run(self) -> tuple[list[RangeOutcome], dict[str, FloatArray]]:
        """Combine the studies in every range; return what became of them, and the correlations allowed for."""
        if self._options.genomic_control:
            self._find_factors(self._over_ranges("inflation", sizes_of_range, bounds=self._bounds))
            bounds: tuple[Bounds, ...] = ()
        else:  # nothing depends on the inflation, and it is estimated on the way
            self.factors = tuple(self._factors_of(number, {}) for number in range(len(self.plan.studies)))
            bounds = self._bounds
        correlation = self._correlation()
        outcomes = self._outcomes(bounds=bounds, correlation=correlation)
        if bounds:
            self._find_factors([outcome.sizes for outcome in outcomes])
        self.inflation = inflation_of_result(outcomes, self._options)
        if self._options.genomic_control_result:
            self.applied = applied_to_result(self.inflation)
            shutil.rmtree(self._scratch.folder / "result", ignore_errors=True)
            outcomes = self._outcomes(correlation=correlation, applied=self.applied)
        return outcomes, correlation

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

    def _find_factors(self, sizes: Sequence[RangeSizes]) -> None:
        """Find each study's inflation; count once more, between other bounds, where the median is not within them."""
        listed = self._options.genomic_control_variants
        if listed is not None:
            refuse_no_variants(self._options, Preparation(self._options), any(s.any_for_genomic_control for s in sizes))
        while True:
            joined = [_joined([part.of_studies[k] for part in sizes]) for k in range(len(self.plan.studies))]
            found = [{key: self._inflation(counts) for key, counts in of_study.items()} for of_study in joined]
            if not any(factor is None for of_study in found for factor in of_study.values()):
                break
            self._bounds = tuple(_wider(of_study) for of_study in joined)
            sizes = self._over_ranges("inflation", sizes_of_range, bounds=self._bounds)
        self.factors = tuple(
            self._factors_of(number, {key: (factor, joined[number][key].n) for key, factor in of_study.items()})
            for number, of_study in enumerate(found)
        )

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


def _wanted_of(bounds: Bounds, options: MetaOptions) -> Bounds:
    return {of: bounds[of] for of in needed_statistics(options)}


def _joined(parts: Sequence[Mapping[Key, SizeCounts]]) -> dict[Key, SizeCounts]:
    return {key: joined_counts(part[key] for part in parts) for key in parts[0]} if parts else {}


def _wider(joined: Mapping[Key, SizeCounts]) -> Bounds:
    """Return bounds that hold the medians of imputed and other variants."""
    bounds: dict[Which, tuple[float, float]] = {}
    for (of, _), counts in joined.items():
        if counts.n:
            low, high = bounds_from_histogram(counts)
            known = bounds.get(of, (low, high))
            bounds[of] = min(low, known[0]), max(high, known[1])
    return {of: bounds.get(of, ALL_SIZES) for of, _ in joined}
