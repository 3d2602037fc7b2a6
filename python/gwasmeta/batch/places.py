"""The folder of a batch: who works in it, what is remembered of its runs, and what a killed batch has left there."""

from __future__ import annotations

import logging
import os
import re
import socket
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from gwasmeta.batch.record import RunRecord
from gwasmeta.batch.runs import Run
from gwasmeta.errors import GwasmetaError

INDEX: Final = "index.tsv"
FAILURES: Final = "failures.tsv"
_OWN, _LOCK, _RUNS = ".batch", "lock", "runs"
_logger = logging.getLogger(__name__)
_LEFT = re.compile(r"\.(.+)\.\d+\.part")  # as `whole_files` names what is not whole


class BatchPlaces:
    """Where things are in the folder of a batch.

    Results, index.tsv and failures.tsv lie in the folder itself; `.batch/runs/` remembers from what each result was
    made, and `.batch/lock` is held by the batch at work.

    Parameters
    ----------
    folder : Path
        Absolute.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.index = folder / INDEX
        self.failures = folder / FAILURES

    @contextmanager
    def held(self) -> Iterator[None]:
        """Make the folder, and keep other batches out of it; the system frees it if this process is killed.

        Raises
        ------
        GwasmetaError
            If another batch is at work in it, or it cannot be made.
        """
        import fcntl

        try:
            (self.folder / _OWN / _RUNS).mkdir(parents=True, exist_ok=True)
            lock = (self.folder / _OWN / _LOCK).open("a+", encoding="utf-8")
        except OSError as error:
            raise GwasmetaError(
                f"{self.folder}: cannot be the folder of the results: {error.strerror or error}"
            ) from error
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                lock.seek(0)
                raise GwasmetaError(
                    f"{self.folder}: another batch is at work there ({lock.read().strip()})\n"
                    "  Wait for it, or give another folder: --out FOLDER."
                ) from None
            except OSError as error:  # of a disk that knows no locks
                _logger.warning("%s: cannot be locked (%s): see that no other batch is at work there", lock.name, error)
            lock.truncate(0)
            started = datetime.now(UTC).isoformat(timespec="seconds")
            lock.write(f"process {os.getpid()} on {socket.gethostname()}, since {started}\n")
            lock.flush()
            yield

    def record(self, run: Run) -> RunRecord:
        """Return what is remembered of a run."""
        return RunRecord(self.folder / _OWN / _RUNS / f"{run.name}.json", run, self.folder)

    def clear_leftovers(self, runs: Collection[Run]) -> None:
        """Remove the beginnings of files that a killed batch has left; the folder must be held."""
        ours = {path.name for run in runs for path in run.paths(self.folder)} | {INDEX, FAILURES}
        for folder in (self.folder, self.folder / _OWN / _RUNS):
            for path in folder.glob(".*.part"):
                found = _LEFT.fullmatch(path.name)
                if found and (found[1] in ours or folder != self.folder):
                    with suppress(OSError):
                        path.unlink()
