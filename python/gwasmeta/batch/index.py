"""index.tsv and failures.tsv, true at every moment of a batch."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import fields
from typing import Any, Final

from gwasmeta.batch.outcome import FAILURE_COLUMNS, IndexRow, Outcome, rows_without_result
from gwasmeta.batch.places import BatchPlaces
from gwasmeta.batch.runs import Run
from gwasmeta.sumstats.sink import whole_file

INDEX_COLUMNS: Final = tuple(field.name for field in fields(IndexRow))
_MISSING: Final = "NA"
_SECONDS_BETWEEN: Final = 1.0


class Index:
    """The state of all runs of a batch, and its two tables.

    Parameters
    ----------
    runs : sequence of Run
        In the order of the manifest.
    places : BatchPlaces
    """

    def __init__(self, runs: Sequence[Run], places: BatchPlaces) -> None:
        self._places = places
        self._rows = {run.name: rows_without_result(run, "waiting") for run in runs}
        self._lines = {name: _lines(rows) for name, rows in self._rows.items()}
        self._failures: dict[str, Outcome] = {}
        self.write()

    def take(self, outcome: Outcome) -> None:
        """Take in what became of a run, and write the tables; for runs that were made before, now and then only."""
        self._rows[outcome.run] = outcome.rows
        self._lines[outcome.run] = _lines(outcome.rows)
        if outcome.failure is not None:
            self._failures[outcome.run] = outcome
        if not outcome.kept or time.monotonic() - self._written >= _SECONDS_BETWEEN:
            self.write()

    @property
    def rows(self) -> list[IndexRow]:
        """One a trait, in the order of the manifest."""
        return [row for rows in self._rows.values() for row in rows]

    @property
    def failures(self) -> list[tuple[str, ...]]:
        """Trait, group, step and message of the traits that failed, in the order of the manifest."""
        failed = [self._failures[name] for name in self._rows if name in self._failures]
        return [
            (row.trait, row.group, outcome.failure.step, outcome.failure.message)
            for outcome in failed
            if outcome.failure is not None
            for row in outcome.rows
        ]

    def write(self) -> None:
        """Replace both tables as a whole.

        Raises
        ------
        GwasmetaError
            If they cannot be written.
        """
        self._written = time.monotonic()
        with whole_file(self._places.index) as beside:
            beside.write_text("\t".join(INDEX_COLUMNS) + "\n" + "".join(self._lines.values()), encoding="utf-8")
        with whole_file(self._places.failures) as beside:
            lines = ["\t".join(row) + "\n" for row in (FAILURE_COLUMNS, *self.failures)]
            beside.write_text("".join(lines), encoding="utf-8")


def _lines(rows: Iterable[IndexRow]) -> str:
    return "".join("\t".join(map(_text, row.as_json().values())) + "\n" for row in rows)


def _text(value: Any) -> str:
    if value is None:
        return _MISSING
    return f"{value:.8g}" if isinstance(value, float) else str(value)
