"""All that is wrong with a manifest, told at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from gwasmeta.errors import GwasmetaError

_MOST_SHOWN: Final = 30


class Problems:
    """Errors that are collected, so that the user can mend all of them before the first run."""

    def __init__(self) -> None:
        self._found: list[str] = []

    def add(self, problem: str) -> None:
        """Remember a problem."""
        self._found.append(problem)

    @contextmanager
    def collected(self, where: str = "") -> Iterator[None]:
        """Remember an error that is raised within, and go on behind it.

        Parameters
        ----------
        where : str
            To be put before the message, where that does not say it.
        """
        try:
            yield
        except GwasmetaError as error:
            self.add(f"{where}: {error}" if where else str(error))

    def refuse(self, manifest: str) -> None:
        """Raise an error with all problems, if there are any."""
        if not self._found:
            return
        n_found = len(self._found)
        shown = [problem.replace("\n", "\n  ") for problem in self._found[:_MOST_SHOWN]]
        if n_found > _MOST_SHOWN:
            shown.append(f"and {n_found - _MOST_SHOWN:,} more")
        what = "one problem" if n_found == 1 else f"{n_found:,} problems"
        raise GwasmetaError(f"{manifest}: {what}; nothing was run\n  " + "\n  ".join(shown))
