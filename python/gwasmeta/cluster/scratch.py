"""Arrays that tasks need or return: handed over as they are in one process, by files between processes."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import numpy as np
import numpy.typing as npt

from gwasmeta.cluster.workers import Workers

_TRAVELS: Final = 1 << 20  # bytes: a smaller array goes with its task, or comes with its result


@dataclass(frozen=True)
class SharedArray:
    """An array that a task can carry: the array itself, or the file that has it."""

    _held: npt.NDArray[Any] | None
    _file: Path | None = None
    _is_writable: bool = True

    @property
    def array(self) -> npt.NDArray[Any]:
        """The array; what a task writes into one that comes from a file stays with the task."""
        if self._held is not None:
            return self._held
        assert self._file is not None
        # Whether an array can be written to is part of its type where functions are compiled.
        return np.asarray(np.load(self._file, mmap_mode="c" if self._is_writable else "r"))

    def taken(self) -> npt.NDArray[Any]:
        """Return the array for the last time: its file is removed."""
        array = self.array
        if self._file is not None:
            self._file.unlink()  # what is mapped stays readable
        return array


@dataclass(frozen=True)
class Scratch:
    """Where shared arrays lie: a folder that all workers see, or the memory of this process if there is none."""

    folder: Path | None = None

    def share(self, array: npt.NDArray[Any]) -> SharedArray:
        """Make an array one that tasks can carry; it must not change any more."""
        if self.folder is None or array.nbytes <= _TRAVELS:
            return SharedArray(array)
        file = self.folder / f"{uuid4().hex}.npy"  # a task that is done twice writes two
        np.save(file, array)
        return SharedArray(None, file, array.flags.writeable)


@contextmanager
def scratch_of(workers: Workers) -> Iterator[Scratch]:
    """Hand out where arrays are shared with workers, and remove what is left there.

    The folder is made in that of the environment variable TMPDIR.

    Raises
    ------
    GwasmetaError
        If a worker does not see the folder.
    """
    if workers.is_local:
        yield Scratch()
        return
    with tempfile.TemporaryDirectory(prefix="gwasmeta-scratch-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        workers.refuse_unshared(folder)
        yield Scratch(folder)
