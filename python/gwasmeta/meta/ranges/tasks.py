"""What is done for one range of variants: pure functions of small tasks, which run anywhere and again."""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import numpy as np

from gwasmeta.meta.columns import Column, ColumnsOfSums, MostSignificant, most_significant
from gwasmeta.meta.options import MetaOptions
from gwasmeta.meta.overlap import PairSums, pair_sums
from gwasmeta.meta.ranges.catalogue import CatalogueFiles
from gwasmeta.meta.ranges.column_files import ColumnFiles, ColumnWriter, new_folder
from gwasmeta.meta.ranges.fused_range import FusedRangeSums, is_usual
from gwasmeta.meta.ranges.left_out import left_out_z
from gwasmeta.meta.ranges.numbered_study import NumberedStudy, VariantsOfRange
from gwasmeta.meta.ranges.range_sums import Factors, RangeSums
from gwasmeta.meta.ranges.result_files import HeldRange, RangeResult, write_range
from gwasmeta.meta.ranges.study_rows import Key, KeyBounds, StudyRows, lay_down, wanted_in_ranges
from gwasmeta.meta.study_summary import StudySummary
from gwasmeta.stats._matrices import FloatArray
from gwasmeta.stats.spread_median import SizeCounts, count_sizes
from gwasmeta.sumstats.reader import StudyReader
from gwasmeta.sumstats.study import Study


@dataclass(frozen=True)
class Plan:
    """What is the same for all ranges of an analysis.

    Attributes
    ----------
    studies : tuple of NumberedStudy
    options : MetaOptions
    catalogue : CatalogueFiles
    """

    studies: tuple[NumberedStudy, ...]
    options: MetaOptions
    catalogue: CatalogueFiles

    def write(self, path: Path) -> None:
        """Put the plan where tasks find it."""
        path.write_bytes(pickle.dumps(self))


@lru_cache(maxsize=2)
def _plan(path: Path) -> Plan:
    plan: Plan = pickle.loads(path.read_bytes())
    return plan


@dataclass(frozen=True)
class LayDownTask:
    """A study to be read and laid down in a folder."""

    study: Study
    options: MetaOptions
    folder: Path


def laid_down(task: LayDownTask) -> StudyRows:
    """Read and check a study; see `lay_down`."""
    return lay_down(StudyReader(task.study, wanted_in_ranges(task.options)), task.options, task.folder)


@dataclass(frozen=True)
class RangeTask:
    """A range of variants, and what has been found out over all of them so far.

    Attributes
    ----------
    plan : Path
        Of the file with the `Plan`.
    start, stop : int
        Numbers of variants.
    bounds : tuple of KeyBounds
        For each study whose statistics are to be counted.
    factors : tuple of Factors
        For each study.
    correlation : mapping of str to array
        Of the studies, by method.
    applied : mapping of str to float
        Genomic control of the result.
    folder : Path
        For what is written.
    hold : bool
        Keep the sums in memory, and write nothing; for tasks of this process.
    """

    plan: Path
    start: int
    stop: int
    bounds: tuple[KeyBounds, ...] = ()
    factors: tuple[Factors, ...] = ()
    correlation: Mapping[str, FloatArray] = field(default_factory=dict)
    applied: Mapping[str, float] = field(default_factory=dict)
    folder: Path = Path()
    hold: bool = False

    def sums(self) -> RangeSums:
        """Return the sums of the range, with nothing in them."""
        plan = _plan(self.plan)
        # Statistics are told by the other sums only: the usual ones are known from what is left out.
        kind = FusedRangeSums if is_usual(plan.studies, plan.options) and not self.bounds else RangeSums
        return kind(plan.studies, plan.options, self._variants(plan))

    def left_out(self) -> Iterator[Mapping[Key, Iterable[FloatArray]]]:
        """Yield, study by study, the statistics of the effects that are left out of the range."""
        plan = _plan(self.plan)
        for by_kind in left_out_z(plan.studies, self._variants(plan), plan.options.genomic_control):
            yield {("effects", kind): [z] for kind, z in by_kind.items()}

    def _variants(self, plan: Plan) -> VariantsOfRange:
        return VariantsOfRange(plan.catalogue, self.start, self.stop)


@dataclass(frozen=True)
class RangeSizes:
    """The z statistics of a range, counted.

    Attributes
    ----------
    of_studies : tuple of mapping of Key to SizeCounts
        For each study.
    any_for_genomic_control : bool
        Whether any of the variants is on the list for genomic control.
    """

    of_studies: tuple[Mapping[Key, SizeCounts], ...]
    any_for_genomic_control: bool


def sizes_of_range(task: RangeTask) -> RangeSizes:
    """Count the statistics that the inflation of each study is estimated from."""
    sums = task.sums()
    return RangeSizes(_counted(sums.z_statistics(), task), sums.any_for_genomic_control)


def left_out_of_range(task: RangeTask) -> RangeSizes:
    """Count the statistics of the effects that are left out, if any are; the analysis must be one that `is_usual`."""
    return RangeSizes(_counted(task.left_out(), task), any_for_genomic_control=False)


def _counted(
    of_studies: Iterable[Mapping[Key, Iterable[FloatArray]]], task: RangeTask
) -> tuple[dict[Key, SizeCounts], ...]:
    """Count what there is of each study."""
    return tuple(
        {key: count_sizes(blocks, task.bounds[number][key]) for key, blocks in z.items() if key in task.bounds[number]}
        for number, z in enumerate(of_studies)
    )


def pairs_of_range(task: RangeTask) -> dict[str, list[PairSums]]:
    """Return, by method, what the correlations of the studies are estimated from, block by block."""
    sums = task.sums()
    for _ in sums.add_up(task.factors, with_z=False):
        pass
    cutoff = sums.options.z_cutoff
    return {
        method: list(pair_sums(matrix, len(sums.variants), cutoff))
        for method, matrix in (("fixed", sums.matrix), ("sample_size", sums.z_matrix))
        if matrix is not None
    }


@dataclass(frozen=True)
class RangeOutcome:
    """What became of a range of variants.

    Attributes
    ----------
    result : RangeResult or HeldRange
        The columns of the result.
    summaries : tuple of StudySummary
        What the rows of the range add to the summaries of the studies.
    sizes : RangeSizes
        Of the studies whose statistics were to be counted.
    n_left_out : mapping of rule to int
    n_rows : int
    has_frequencies : bool
    most_significant : MostSignificant or None
    z : mapping of str to ColumnFiles or array
        The z statistics of the result by each method and sex.
    """

    result: RangeResult | HeldRange
    summaries: tuple[StudySummary, ...]
    sizes: RangeSizes
    n_left_out: Mapping[str, int]
    n_rows: int
    has_frequencies: bool
    most_significant: MostSignificant | None
    z: Mapping[str, ColumnFiles | FloatArray]


def outcome_of_range(task: RangeTask) -> RangeOutcome:
    """Combine the studies in a range of variants, and write the columns of the result, or hold their sums."""
    sums = task.sums()
    added = sums.add_up(task.factors, with_z=bool(task.bounds))
    counts = _counted(added, task)
    may_have_frequencies = any("effect_allele_frequency" in study.columns for study in sums.opened)
    columns = ColumnsOfSums(sums, may_have_frequencies, task.applied, task.correlation)
    if task.hold:
        sums.of.take_in()  # the result may outlive the store
    result, z, best = _held(columns) if task.hold else _written(columns, new_folder(task.folder))
    return RangeOutcome(
        result,
        tuple(sums.summaries),
        RangeSizes(counts, sums.any_for_genomic_control),
        columns.n_left_out,
        columns.n_rows,
        bool(sums.frequencies.weight.any()),
        best,
        z,
    )


def _held(columns: ColumnsOfSums) -> tuple[HeldRange, dict[str, FloatArray], MostSignificant | None]:
    z: dict[str, list[FloatArray]] = {name: [np.empty(0)] for name in columns.tested}
    for start, stop in columns.ranges():
        for name, statistics in columns.counted(start, stop):
            z[name].append(statistics)
    joined = {name: np.concatenate(pieces) for name, pieces in z.items()}
    return HeldRange(columns), joined, columns.most_significant()


def _written(
    columns: ColumnsOfSums, folder: Path
) -> tuple[RangeResult, dict[str, ColumnFiles], MostSignificant | None]:
    z = {name: ColumnWriter(folder / f"z-{name}") for name in columns.tested}
    for writer in z.values():
        writer.append({"z": np.empty(0)})
    best: list[MostSignificant] = []

    def blocks() -> Iterator[dict[str, Column]]:
        for start, stop in columns.ranges():
            for name, statistics in columns.counted(start, stop):
                z[name].append({"z": statistics})
            best.extend(filter(None, [columns.most_significant_of(start, stop)]))
            yield columns.block(start, stop)

    result = write_range(folder, blocks())
    return result, {name: writer.close() for name, writer in z.items()}, most_significant(best)
