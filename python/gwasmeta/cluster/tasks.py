"""What a worker does with a task."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from gwasmeta._version import __version__
from gwasmeta.cores import using_cores
from gwasmeta.errors import GwasmetaError

Task = TypeVar("Task")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Refusal:
    """A GwasmetaError as a value: raised on the worker, it would be logged there as a failure, with a traceback."""

    error: GwasmetaError


@dataclass(frozen=True)
class Work(Generic[Task, Result]):
    """A function as workers run it.

    Attributes
    ----------
    function : callable
    n_cores : int
        How many of its machine's cores a task may use.
    version : str
        Of gwasmeta, where the work comes from.
    """

    function: Callable[[Task], Result]
    n_cores: int
    version: str = __version__

    def __call__(self, task: Task) -> Result | Refusal:
        """Return the result, or why there is none."""
        if self.version != __version__:  # of a worker that has come after the others were looked at
            return Refusal(GwasmetaError(other_version(f"a worker has gwasmeta {__version__}")))
        try:
            with using_cores(self.n_cores):
                return self.function(task)
        except GwasmetaError as error:
            return Refusal(error)


def other_version(found: str) -> str:
    """Return the message that says what was found elsewhere than here."""
    return (
        f"{found}, and this process has {__version__}\n"
        "  Their results may differ. Start the scheduler and its workers in the environment that gwasmeta runs in here."
    )
