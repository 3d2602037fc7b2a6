"""A Dask scheduler: asked, and told of when it does not answer."""

from __future__ import annotations

import logging
import os
import pkgutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from distributed import CancelledError, Client, Future

from gwasmeta._version import __version__
from gwasmeta.cluster.tasks import other_version
from gwasmeta.errors import GwasmetaError

GONE_AFTER: Final = 20.0  # seconds without an answer, after which a scheduler counts as gone
WITHOUT_WORKERS: Final = 300.0  # seconds: a busy queue may take its time to start some

# What a connection raises when the other side is no longer there.
_LOST = (OSError, TimeoutError, CancelledError)

_logger = logging.getLogger(__name__)


class Scheduler:
    """A scheduler, seen from its client.

    Parameters
    ----------
    client : distributed.Client

    Attributes
    ----------
    client : distributed.Client
    address : str
    """

    def __init__(self, client: Client) -> None:
        if client.asynchronous:
            raise GwasmetaError("the Dask client is asynchronous\n  Give one made without asynchronous=True.")
        self.client = client
        self.address = getattr(client.scheduler, "address", "of the given client")
        self._seen_workers = time.monotonic()
        self._told = False

    @contextmanager
    def answering(self) -> Iterator[None]:
        """Turn what a lost connection raises into a GwasmetaError that says so."""
        try:
            yield
        except Exception as error:
            if isinstance(error, _LOST) or self.client.status != "running":
                raise GwasmetaError(
                    f"the Dask scheduler {self.address} is gone, or cannot be reached any more\n"
                    "  Nothing half-written is left. Start a scheduler and workers again, and run the same once more."
                ) from error
            raise

    def result_of(self, future: Future[Any]) -> Any:
        """Fetch the result of a task that is done."""
        with self.answering():
            return future.result(timeout=GONE_AFTER)

    def count_threads(self) -> int:
        """Return how many tasks the workers run at once; a GwasmetaError if there is no answer, or no worker for long.

        A scheduler may have none at first, and between those of two jobs of a queue.
        """
        with self.answering():
            n_threads = int(sum(self.client.nthreads(callback_timeout=GONE_AFTER).values()))
        if n_threads:
            self._seen_workers = time.monotonic()
            return n_threads
        if time.monotonic() - self._seen_workers > WITHOUT_WORKERS:
            raise GwasmetaError(
                f"the Dask scheduler {self.address} has had no worker for {WITHOUT_WORKERS:.0f} seconds\n"
                f"  Start some:  dask worker {self.address}      or wait until the queue does, and run the same again."
            )
        if not self._told:
            self._told = True
            _logger.warning("waiting for a worker of the Dask scheduler %s", self.address)
        return 0

    def refuse_other_versions(self) -> None:
        """Raise a GwasmetaError if the scheduler or a worker has another gwasmeta, or none."""
        look_up = (pkgutil.resolve_name, "gwasmeta._version:__version__")  # of the standard library: known to all
        with self.answering():
            found: dict[str, Any] = {
                f"the worker {worker}": version
                for worker, version in self.client.run(*look_up, on_error="return").items()
            }
            try:
                found["the scheduler"] = self.client.run_on_scheduler(*look_up)
            except (ModuleNotFoundError, AttributeError) as error:
                found["the scheduler"] = error
        for place, version in found.items():
            if isinstance(version, Exception):
                raise GwasmetaError(other_version(f"{place} of {self.address} has no gwasmeta ({version})"))
            if version != __version__:
                raise GwasmetaError(other_version(f"{place} of {self.address} has gwasmeta {version}"))

    def refuse_unshared(self, folder: Path) -> None:
        """Raise a GwasmetaError if a worker does not see a folder of this process."""
        mark = folder / f".seen-{uuid4().hex}"
        mark.touch()
        try:
            with self.answering():
                seen = self.client.run(os.path.exists, str(mark))
        finally:
            mark.unlink()
        for worker, sees in seen.items():
            if not sees:
                raise GwasmetaError(
                    f"{folder}: the worker {worker} does not see this folder, which is to hold what all work on\n"
                    "  Set TMPDIR to a folder that all machines have under the same path, such as one of your home."
                )
