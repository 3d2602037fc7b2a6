"""How far a run is: a bar on a terminal, lines elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from gwasmeta.meta.engine import ProgressCallback

CountCallback: TypeAlias = Callable[[str, int, int], None]  # of what, how many are done, and how many there are

COMPILING = "gwasmeta: compiling inner loops; a command does so once on a machine"


@contextmanager
def shown_progress(quiet: bool) -> Iterator[ProgressCallback | None]:
    """Hand out what `meta_analyze` reports its progress to."""
    if not quiet:
        announce_compilation()
    if quiet:
        yield None
    elif sys.stderr.isatty():
        with _bar() as report:
            yield report
    else:
        yield LinePerStudy(_print_to_stderr)


@contextmanager
def _bar() -> Iterator[ProgressCallback]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("studies  {task.fields[rows]:,} rows"),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
    ) as progress:
        task = progress.add_task("starting", total=None, rows=0)

        def report(study: str, done: int, n_studies: int, rows: int) -> None:
            progress.update(task, description=study, completed=done, total=n_studies, rows=rows)

        yield report


def _print_to_stderr(line: str) -> None:
    print(line, file=sys.stderr)


class LinePerStudy:
    """Says when a study has been read."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._done = 0
        self._rows = 0

    def __call__(self, study: str, done: int, n_studies: int, rows: int) -> None:
        """Take how far the run is; see `gwasmeta.meta.engine.ProgressCallback`."""
        if done > self._done:
            self._say(f"{study}: {rows - self._rows:,} rows read ({done}/{n_studies} studies)")
            self._done, self._rows = done, rows


@contextmanager
def shown_counts(title: str, quiet: bool) -> Iterator[CountCallback | None]:
    """Hand out what is told how many of something are done; on a terminal the bar appears when it is told first."""
    if quiet:
        yield None
    elif sys.stderr.isatty():
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        of_what = TextColumn("{task.fields[of_what]}")
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), of_what, TimeElapsedColumn())
        bar = Progress(*columns, console=Console(stderr=True), transient=True)

        def update(of_what: str, done: int, total: int) -> None:
            task = bar.task_ids[0] if bar.task_ids else bar.add_task(title, of_what=of_what)  # its clock begins here
            bar.update(task, completed=done, total=total, of_what=of_what)
            bar.start()

        try:
            yield update
        finally:
            bar.stop()
    else:
        yield LinePerTenth(title, _print_to_stderr)


class LinePerTenth:
    """Says when another tenth is done."""

    def __init__(self, title: str, say: Callable[[str], None]) -> None:
        self._title = title
        self._say = say
        self._tenth = 0

    def __call__(self, of_what: str, done: int, total: int) -> None:
        """Take how many are done."""
        if 10 * done // total != self._tenth:
            self._tenth = 10 * done // total
            self._say(f"{self._title}: {done:,} of {total:,} {of_what}")


def announce_compilation() -> None:
    """Have the first run on a machine say why it takes so long to start."""
    from numba.core import event

    class Announcement(event.Listener):
        announced = False

        def on_start(self, _event: event.Event) -> None:
            if not self.announced:
                self.announced = True
                _print_to_stderr(COMPILING)

        def on_end(self, _event: event.Event) -> None:
            """Say nothing more."""

    event.register("numba:compile", Announcement())  # type: ignore[no-untyped-call]
