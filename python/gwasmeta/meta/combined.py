"""What a result is made of, however the studies were combined: in memory, or range by range."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from gwasmeta.meta.columns import Column, MostSignificant
from gwasmeta.meta.options import MetaOptions
from gwasmeta.meta.study_summary import StudySummary
from gwasmeta.sumstats.reader import StudyReader


class Columns(Protocol):
    """The columns of a result, handed out by ranges: `ResultColumns`, or `RangedColumns`."""

    n_rows: int
    n_left_out: dict[str, int]
    inflation: dict[str, float]
    applied: dict[str, float]
    correlation: dict[str, npt.NDArray[np.float64]]
    has_odds_ratios: bool

    def ranges(self) -> list[tuple[int, int]]: ...  # noqa: D102
    def block(self, start: int, stop: int) -> dict[str, Column]: ...  # noqa: D102
    def most_significant(self) -> MostSignificant | None: ...  # noqa: D102


class CombinedStudies(Protocol):
    """What became of the studies of an analysis: `MetaEngine`, or `RangedStudies`."""

    @property
    def options(self) -> MetaOptions: ...  # noqa: D102
    @property
    def readers(self) -> Sequence[StudyReader]: ...  # noqa: D102
    @property
    def summaries(self) -> Sequence[StudySummary]: ...  # noqa: D102
    @property
    def samples(self) -> Collection[str]: ...  # noqa: D102
    def columns(self) -> Columns: ...  # noqa: D102
