"""What a difference from GWAMA is: in which rows it is found, what it explains, and how it is taken away."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from gwama_comparison import CORRECTION, FACTORS, printed
from gwama_rows import StudyRows
from gwama_runs import GoldenRun

BoolArray = npt.NDArray[np.bool_]
Mask = Callable[[GoldenRun, StudyRows], BoolArray]

ESTIMATES = frozenset(
    f"{sex}{column}"
    for sex in ("", "male_", "female_")
    for column in ("beta", "se", "beta_95L", "beta_95U", "OR", "OR_se", "OR_95L", "OR_95U", "z", "p-value")
) | {"_-log10_p-value", "gender_differentiated_p-value", "gender_heterogeneity_p-value"}
HETEROGENEITY = frozenset({"q_statistic", "q_p-value", "i2"})


def follows_lambda(column: str) -> bool:
    """Say whether a study's inflation factor changes a column of ROOT.out, or what -gco makes of it."""
    return column in ESTIMATES | HETEROGENEITY | printed("GC lambda") | {"effects", FACTORS, CORRECTION}


@dataclass(frozen=True)
class Difference:
    """One difference, found in the rows that were read.

    Attributes
    ----------
    rows : callable
        From the run and a study to the mask of its rows that the difference is about.
    columns : frozenset of str, optional
        What differs for the markers of these rows; everything if not given.
    moves_lambda : bool
        With -gc these rows change their study's inflation factor, and so every marker's effect.
    taken_away : callable, optional
        From a study and the mask to the study as our reader must be given it.
    leaves : frozenset of str, optional
        What differs all the same when it is taken away; everything if None.
    in_run, stays_in_run : callable
        In which runs it can be at work at all, and in which it cannot be taken away.
    """

    rows: Mask
    columns: frozenset[str] | None = None
    moves_lambda: bool = False
    taken_away: Callable[[StudyRows, BoolArray], StudyRows] | None = None
    leaves: frozenset[str] | None = frozenset()
    in_run: Callable[[GoldenRun], bool] = lambda _: True
    stays_in_run: Callable[[GoldenRun], bool] = lambda _: False

    def take_away(self, run: GoldenRun, studies: Sequence[StudyRows]) -> list[StudyRows] | None:
        """Return the studies without the difference; None where it stays."""
        if self.taken_away is None or not self.in_run(run) or self.stays_in_run(run):
            return None
        masks = [self.rows(run, study) for study in studies]
        return [
            self.taken_away(study, mask) if mask.any() else study for study, mask in zip(studies, masks, strict=True)
        ]

    def explains(
        self, run: GoldenRun, studies: Sequence[StudyRows], cells: pd.DataFrame, *, when_taken_away: bool
    ) -> BoolArray:
        """Say which differing cells this difference is a reason for."""
        masks = [self.rows(run, study) for study in studies] if self.in_run(run) else []
        if not any(mask.any() for mask in masks):
            return np.zeros(len(cells), dtype=np.bool_)
        names = {""}
        for study, mask in zip(studies, masks, strict=True):
            about = study.rows[mask]
            names |= {*about["variant_id"], *(f"row {line}" for line in about["line"])}
        columns = self.leaves if when_taken_away else self.columns
        explained = cells["variant"].isin(names) & (cells["column"].isin(columns) if columns is not None else True)
        if self.moves_lambda and "-gc" in run.words and not when_taken_away:
            explained |= cells["column"].map(follows_lambda)
        return explained.to_numpy(dtype=np.bool_)


def by_rows(rows: Callable[[pd.DataFrame], BoolArray]) -> Mask:
    """Return the same question for rows whose run and study do not matter."""
    return lambda _, study: rows(study.rows)


def every_row(_run: GoldenRun, study: StudyRows) -> BoolArray:
    """Return the mask of all rows."""
    return np.ones(len(study.rows), dtype=np.bool_)


def changed(
    column: str, words: Callable[[pd.DataFrame], pd.Series | str]
) -> Callable[[StudyRows, BoolArray], StudyRows]:
    """Return what rewrites a column of some rows."""

    def taken_away(study: StudyRows, mask: BoolArray) -> StudyRows:
        rows = study.rows.copy()
        rows.loc[mask, column] = words(rows[mask])
        return study.with_rows(rows)

    return taken_away


def without_rows(study: StudyRows, mask: BoolArray) -> StudyRows:
    """Take rows away."""
    return study.with_rows(study.rows[~mask])


def with_option(option: str) -> Callable[[GoldenRun], bool]:
    """Return the question whether a run has an option."""
    return lambda run: option in run.words
