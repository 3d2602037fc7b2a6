"""The one way in which work is spread: pure functions of small tasks, their results in the tasks' order."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias, TypeVar

from gwasmeta.cores import in_order, n_cores
from gwasmeta.errors import GwasmetaError

if TYPE_CHECKING:
    from distributed import Client

Cluster: TypeAlias = "int | str | Client | None"
"""None: threads of this process; a number: processes on this machine; a text: a scheduler's address; or its client."""

Task = TypeVar("Task")
Result = TypeVar("Result")

_WITHOUT_DASK = (
    "work on several processes or machines needs Dask, which is not installed\n"
    "  Install it:  pip install 'gwasmeta[dask]'      or leave out the workers and the scheduler"
)


class Workers(Protocol):
    """What runs tasks.

    Attributes
    ----------
    is_local : bool
        The tasks run on threads of this process, and see its memory.
    n_workers : int
        How many tasks run at once.
    """

    @property
    def is_local(self) -> bool: ...  # noqa: D102

    @property
    def n_workers(self) -> int: ...  # noqa: D102

    def in_order(
        self,
        function: Callable[[Task], Result],
        tasks: Iterable[Task],
        progress: Callable[[int], None] | None = None,
    ) -> Generator[Result, None, None]:
        """Yield what a function makes of each task, in the tasks' order.

        The tasks are taken one by one, and only a few more than can run at once are on their way. Who needs no more
        results closes the iterator, and what has not begun is given up.

        Parameters
        ----------
        function : callable
            A function of a module, and pure: its result depends on nothing but the task, and it changes nothing that
            matters if it is done twice, because a task is done again when the worker that had it has died. It may
            raise a GwasmetaError, which arrives as it was raised.
        tasks : iterable
            Small values: paths, ranges, numbers.
        progress : callable, optional
            Called with the number of results that are there, by the thread that asks for results.

        Raises
        ------
        GwasmetaError
            The function's own; or if the scheduler is gone, has had no worker for minutes, or a task ends every worker
            that takes it.
        """
        ...

    def refuse_unshared(self, folder: Path) -> None:
        """Raise a GwasmetaError if a worker does not see a folder of this process, so that paths in it mean nothing."""
        ...


class Threads:
    """Runs tasks on threads of this process."""

    is_local = True

    @property
    def n_workers(self) -> int:
        """Return the number of cores."""
        return n_cores()

    def in_order(
        self,
        function: Callable[[Task], Result],
        tasks: Iterable[Task],
        progress: Callable[[int], None] | None = None,
    ) -> Generator[Result, None, None]:
        """See `Workers.in_order`."""
        with closing(in_order(partial(function, task) for task in tasks)) as results:
            for n_done, result in enumerate(results, start=1):
                if progress is not None:
                    progress(n_done)
                yield result

    def refuse_unshared(self, folder: Path) -> None:
        """Do nothing: threads see what the process sees."""


THREADS: Final[Workers] = Threads()


@contextmanager
def workers_of(cluster: Cluster) -> Iterator[Workers]:
    """Hand out what runs tasks; what was started or connected for it ends with it, a given client stays open.

    Parameters
    ----------
    cluster : int, str, distributed.Client or None
        None: threads of this process. A number: so many processes on this machine, which share its cores. A text: the
        address of a Dask scheduler, such as tcp://login1:8786. Or the client of one.

    Yields
    ------
    Workers

    Raises
    ------
    GwasmetaError
        If Dask is not installed, there is no scheduler at the address, the number of processes is not positive, or
        there is another version of gwasmeta at work.
    """
    if cluster is None:
        yield THREADS
        return
    try:
        from gwasmeta.cluster.dask_workers import dask_workers
    except ModuleNotFoundError as error:
        if error.name not in ("dask", "distributed"):
            raise
        raise GwasmetaError(_WITHOUT_DASK) from error
    with dask_workers(cluster) as workers:
        yield workers
