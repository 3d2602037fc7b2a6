"""Tasks run by the workers of a Dask scheduler."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TypeVar
from uuid import uuid4

from distributed import Client, Future, KilledWorker

from gwasmeta.cluster.connections import connected, processes_here
from gwasmeta.cluster.scheduler import Scheduler
from gwasmeta.cluster.tasks import Refusal, Work
from gwasmeta.cores import machine_cores
from gwasmeta.errors import GwasmetaError

Task = TypeVar("Task")
Result = TypeVar("Result")

_AHEAD: Final = 3  # tasks on their way for each that can run: while the first of them takes long, the others go on
_ROUND: Final = 2.0  # seconds between questions to the scheduler while nothing comes


@contextmanager
def dask_workers(cluster: int | str | Client) -> Iterator[DaskWorkers]:
    """Hand out the workers of a cluster; see `gwasmeta.cluster.workers_of`."""
    if isinstance(cluster, Client):
        yield DaskWorkers(cluster, cores_of_task=1)
    elif isinstance(cluster, str):
        with connected(cluster) as client:
            yield DaskWorkers(client, cores_of_task=1)
    else:
        if cluster < 1:
            raise GwasmetaError(f"the number of worker processes is {cluster}\n  It must be at least 1.")
        share = max(1, machine_cores() // cluster)
        with processes_here(cluster, share) as client:
            yield DaskWorkers(client, cores_of_task=share)


class DaskWorkers:
    """Runs tasks on the workers of a scheduler.

    Parameters
    ----------
    client : distributed.Client
    cores_of_task : int
        How many cores of its machine a task may use.

    Attributes
    ----------
    n_workers : int
        How many tasks the workers run at once, when the work begins; 0 if there is no worker yet.
    """

    is_local = False

    def __init__(self, client: Client, cores_of_task: int) -> None:
        self._scheduler = Scheduler(client)
        self._scheduler.refuse_other_versions()
        self._cores_of_task = cores_of_task
        self.n_workers = self._scheduler.count_threads()

    def in_order(
        self,
        function: Callable[[Task], Result],
        tasks: Iterable[Task],
        progress: Callable[[int], None] | None = None,
    ) -> Generator[Result, None, None]:
        """See `gwasmeta.cluster.Workers.in_order`."""
        run = _Run(self._scheduler, Work(function, self._cores_of_task), progress)
        try:
            for task in tasks:
                run.submit(task)
                if run.is_full:
                    yield run.next_result()
            while run.waiting:
                yield run.next_result()
        finally:
            for future in run.waiting:  # what has not begun will not
                future.release()

    def refuse_unshared(self, folder: Path) -> None:
        """Raise a GwasmetaError if a worker does not see a folder of this process."""
        self._scheduler.refuse_unshared(folder)


class _Run:
    """Tasks on their way, and what is waited for."""

    def __init__(self, scheduler: Scheduler, work: Work[Any, Any], progress: Callable[[int], None] | None) -> None:
        self.waiting: deque[Future[Any]] = deque()
        self._scheduler = scheduler
        self._work = work
        self._progress = progress
        self._n_taken = self._n_told = 0
        self._something_is_done = threading.Event()
        self._n_threads = scheduler.count_threads()
        self._asked = time.monotonic()

    @property
    def is_full(self) -> bool:
        """Whether more tasks would only wait for a worker."""
        return len(self.waiting) >= _AHEAD * max(1, self._n_threads)

    def submit(self, task: object) -> None:
        with self._scheduler.answering():
            # A key of its own: results of an earlier task of the same name are of no interest.
            future = self._scheduler.client.submit(self._work, task, key=f"gwasmeta-{uuid4().hex}", pure=False)
            future.add_done_callback(lambda _: self._something_is_done.set())
        self.waiting.append(future)

    def next_result(self) -> Any:
        """Return the result of the first task that waits, when it is there."""
        first = self.waiting[0]
        while True:
            self._something_is_done.clear()
            self._tell()
            if first.done():
                break
            self._something_is_done.wait(_ROUND)
            if time.monotonic() - self._asked > _ROUND:
                self._n_threads = self._scheduler.count_threads()
                self._asked = time.monotonic()
        result = self._result(first)
        self.waiting.popleft()
        self._n_taken += 1
        return result

    def _result(self, future: Future[Any]) -> Any:
        if future.status == "error":  # raised by the task
            error = future.exception()
            if isinstance(error, KilledWorker):
                raise _deadly(error) from None
            raise error.with_traceback(future.traceback())
        result = self._scheduler.result_of(future)
        if isinstance(result, Refusal):
            raise result.error
        return result

    def _tell(self) -> None:
        n_done = self._n_taken + sum(future.done() for future in self.waiting)
        if self._progress is not None and n_done > self._n_told:
            self._n_told = n_done
            self._progress(n_done)


def _deadly(error: KilledWorker) -> GwasmetaError:
    return GwasmetaError(
        f"a task ended {error.allowed_failures + 1} workers, one after the other; the last was"
        f" {error.last_worker.address}\n"
        "  Most often their memory does not suffice: run fewer workers on a machine, or give each more memory."
    )
