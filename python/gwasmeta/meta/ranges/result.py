"""The result of an analysis in ranges, as `MetaResult` takes it: what became of the studies, and columns on disk."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import numpy.typing as npt

from gwasmeta.meta.columns import BLOCK_ROWS, Column, MostSignificant, most_significant
from gwasmeta.meta.match_findings import MATCH_RULES
from gwasmeta.meta.options import MetaOptions
from gwasmeta.meta.preparation import gives
from gwasmeta.meta.ranges.column_files import ColumnFiles
from gwasmeta.meta.ranges.numbered_study import RankedExample
from gwasmeta.meta.ranges.range_sums import Factors
from gwasmeta.meta.ranges.study_rows import StudyRows
from gwasmeta.meta.ranges.tasks import Plan, RangeOutcome
from gwasmeta.meta.study_summary import StudySummary
from gwasmeta.stats.genomic_control import inflation_factor_of_blocks
from gwasmeta.sumstats.columns_to_read import SAMPLES
from gwasmeta.sumstats.reader import StudyReader
from gwasmeta.sumstats.row_log import MAX_EXAMPLES, Example, Finding

FloatArray = npt.NDArray[np.float64]

_OF_FREQUENCIES = "effect_allele_frequency"


class RangedColumns:
    """The columns of the result, read from the disk or worked out from sums in memory, by ranges.

    Attributes
    ----------
    n_rows : int
    n_left_out, inflation, applied, correlation, has_odds_ratios
        As of `ResultColumns`.
    """

    def __init__(
        self,
        outcomes: Sequence[RangeOutcome],
        correlation: Mapping[str, FloatArray],
        inflation: Mapping[str, float],
        applied: Mapping[str, float],
        kept: object,
    ) -> None:
        self._results = [outcome.result for outcome in outcomes]
        self._kept = kept  # the folder with the columns goes with it
        self._best = most_significant(filter(None, (outcome.most_significant for outcome in outcomes)))
        self._has_frequencies = any(outcome.has_frequencies for outcome in outcomes)
        self._ends = np.cumsum([result.length for result in self._results], dtype=np.int64)
        self.n_rows = sum(outcome.n_rows for outcome in outcomes)
        self.n_left_out = {
            rule: sum(outcome.n_left_out[rule] for outcome in outcomes) for rule in outcomes[0].n_left_out
        }
        self.correlation = dict(correlation)
        self.inflation = dict(inflation)
        self.applied = dict.fromkeys(self.inflation, 1.0) | dict(applied)
        summaries = outcomes[0].summaries
        self.has_odds_ratios = any("odds ratio" in recipe for summary in summaries for recipe in summary.recipes)

    def ranges(self) -> list[tuple[int, int]]:
        """Return the ranges that `block` is meant to be called with."""
        begins = np.concatenate([[0], self._ends[:-1]]).astype(np.int64)
        return [
            (start, min(start + BLOCK_ROWS, end))
            for begin, end in zip(begins.tolist(), self._ends.tolist(), strict=True)
            for start in range(begin, end, BLOCK_ROWS)
        ]

    def block(self, start: int, stop: int) -> dict[str, Column]:
        """Return the rows of the result of one of the `ranges`."""
        number = min(int(np.searchsorted(self._ends, start, side="right")), len(self._ends) - 1)
        begin = int(self._ends[number - 1]) if number else 0
        start, stop = (start - begin, stop - begin) if start < stop else (0, 0)
        columns = self._results[number].read(start, stop)
        if not self._has_frequencies:
            columns = {name: column for name, column in columns.items() if not name.startswith(_OF_FREQUENCIES)}
        return columns

    def most_significant(self) -> MostSignificant | None:
        """Return the variant with the smallest p-value by the main method; None without any."""
        return self._best


def inflation_of_result(outcomes: Sequence[RangeOutcome], options: MetaOptions) -> dict[str, float]:
    """Return the genomic inflation factor of the result by each method and sex, before any correction of it."""

    def statistics(name: str) -> Iterator[FloatArray]:
        for outcome in outcomes:
            z = outcome.z[name]
            yield z.read("z") if isinstance(z, ColumnFiles) else z

    median = options.conventions.chi_squared_median
    return {
        name: inflation_factor_of_blocks(partial(statistics, name), chi_squared_median=median)[0]
        for name in outcomes[0].z
    }


def _rank(example: Example) -> int:
    assert isinstance(example, RankedExample)
    return example.rank


class RangedStudies:
    """What became of the studies.

    Attributes
    ----------
    options : MetaOptions
    readers : sequence of StudyReader
    summaries : list of StudySummary
    samples : frozenset of str
        Sample counts that the result has.
    """

    def __init__(
        self,
        readers: Sequence[StudyReader],
        plan: Plan,
        factors: Sequence[Factors],
        outcomes: Sequence[RangeOutcome],
        columns: RangedColumns,
    ) -> None:
        self._columns = columns
        self.options, self.readers = plan.options, readers
        self.samples = frozenset(name for name in SAMPLES if any(gives(reader, name) for reader in readers))
        self.summaries = [
            _summary_of(reader, study.rows, [outcome.summaries[number] for outcome in outcomes])
            for number, (reader, study) in enumerate(zip(readers, plan.studies, strict=True))
        ]
        for summary, (effects, z) in zip(self.summaries, factors, strict=True):
            summary.effects, summary.z = effects, z

    def columns(self) -> RangedColumns:
        """Return the columns of the result."""
        return self._columns


def _summary_of(reader: StudyReader, rows: StudyRows, parts: Sequence[StudySummary]) -> StudySummary:
    """Put together what is known of a study from its reading and from all ranges."""
    summary = StudySummary.of(reader, MAX_EXAMPLES)
    summary.checksum = rows.checksum
    summary.log.rows_read = rows.rows_read
    summary.log.add(rows.findings)
    for part in parts:
        summary.log.rows_used += part.log.rows_used
        summary.rows_without_n += part.rows_without_n
        summary.rows_without_frequency += part.rows_without_frequency
        for name in SAMPLES:
            setattr(summary, name, float(np.fmax(getattr(summary, name), getattr(part, name))))
    found = [finding for part in parts for finding in part.log]
    for rule in MATCH_RULES:
        summary.log.add(_joined([finding for finding in found if finding.rule == rule]))
    summary.log.check_balance()
    summary.log.sort()
    return summary


def _joined(findings: Sequence[Finding]) -> Iterator[Finding]:
    """Join what a rule caught in all ranges; its examples are the first ones of the study."""
    if findings:
        examples = sorted((example for one in findings for example in one.examples), key=_rank)
        count = sum(finding.count for finding in findings)
        yield replace(findings[0], count=count, examples=tuple(examples[:MAX_EXAMPLES]))
