"""The unit of work of a batch: one run, on any machine that sees the files. It never fails, but says why it did."""

from __future__ import annotations

import time
import traceback
from dataclasses import dataclass, replace
from pathlib import Path

from gwasmeta.batch.computing import compute
from gwasmeta.batch.outcome import Failure, Outcome, one_line, rows_without_result
from gwasmeta.batch.places import BatchPlaces
from gwasmeta.batch.runs import Run
from gwasmeta.errors import GwasmetaError


@dataclass(frozen=True)
class Task:
    """A run, and the folder for its result."""

    run: Run
    folder: Path


def run_task(task: Task) -> Outcome:
    """Make a run's result, unless it is there already and made from the same; return what the index says of it."""
    steps = ["looking at its files"]
    try:
        return _outcome(task, steps)
    except GwasmetaError as error:
        message = str(error)
    except Exception as error:  # a fault of ours in one trait must not take the others along
        place = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(place.filename).name}, line {place.lineno}"
        message = f"a fault of gwasmeta, please report it: {type(error).__name__}: {error} ({where})"
    failure = Failure(steps[-1], one_line(message))
    return Outcome(task.run.name, rows_without_result(task.run, "failed"), failure=failure)


def _outcome(task: Task, steps: list[str]) -> Outcome:
    run = task.run
    record = BatchPlaces(task.folder).record(run)
    state = record.state()
    earlier = record.kept(state)
    if earlier is not None:
        return earlier
    started = time.perf_counter()
    record.forget()
    computed = compute(run, task.folder, steps.append)
    seconds = round(time.perf_counter() - started, 3)
    outcome = Outcome(run.name, tuple(replace(row, seconds=seconds) for row in computed.rows))
    steps.append("remembering the result")
    record.save(state, outcome, computed.checksums)
    return outcome
