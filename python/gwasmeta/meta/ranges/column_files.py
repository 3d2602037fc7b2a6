"""Columns of numbers on disk: a file a column, written from top to bottom, read back by ranges of rows."""

from __future__ import annotations

import mmap
import os
import uuid
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from gwasmeta.errors import GwasmetaError
from gwasmeta.meta.ranges.narrow_numbers import narrowed, widened
from gwasmeta.sumstats.stored_study import BY_VARIANT

Array = npt.NDArray[Any]

_WORTH_MAPPING = 1 << 16  # bytes


@dataclass(frozen=True)
class StoredColumn:
    """How a column is kept.

    Attributes
    ----------
    dtype : str
        NumPy's name of its type.
    constant : number or None
        The value of every row, where they are all the same; there is no file then.
    divisor : float, optional
        What the numbers of the file are divided by, where they have been narrowed.
    """

    dtype: str
    constant: float | None = None
    divisor: float | None = None


@dataclass(frozen=True)
class ColumnFiles:
    """Columns of the same length in one folder.

    Attributes
    ----------
    folder : Path
    n_rows : int
    columns : mapping of str to StoredColumn
    """

    folder: Path
    n_rows: int
    columns: Mapping[str, StoredColumn]

    def __contains__(self, name: str) -> bool:
        return name in self.columns

    def read(self, name: str, start: int = 0, stop: int | None = None) -> Array:
        """Return the rows of a column from `start` to before `stop`.

        Raises
        ------
        GwasmetaError
            If the file is gone or too short.
        """
        column = self.columns[name]
        count = (self.n_rows if stop is None else stop) - start
        if not count:  # no look at the file: of unlike rows most ranges have none
            return np.empty(0, dtype=column.dtype if column.divisor is None else np.float64)
        if column.constant is not None:
            return np.full(count, column.constant, dtype=column.dtype)
        numbers = read_numbers(self.folder / name, column.dtype, start, count)
        return numbers if column.divisor is None else widened(numbers, column.divisor)

    def without(self, names: Collection[str]) -> ColumnFiles:
        """Remove columns that are not needed any more."""
        for name in names:
            (self.folder / name).unlink(missing_ok=True)
        return replace(self, columns={name: column for name, column in self.columns.items() if name not in names})

    def copied(self, folder: Path, order: npt.NDArray[np.intp] | slice, known: Mapping[str, Array]) -> ColumnFiles:
        """Write the columns into another folder with their rows in another order; one at a time is in memory.

        Those in `known` are in that order already; they are added, or take the place of a column. Doubles are
        narrowed where they can be.
        """
        folder.mkdir(parents=True, exist_ok=True)
        written = {
            name: _write_narrowed(folder / name, self.read(name)[order])
            for name, column in self.columns.items()
            if column.constant is None and name not in known
        }
        for name, values in known.items():
            write_numbers(folder / name, values)
            written[name] = StoredColumn(values.dtype.str)
        return replace(self, folder=folder, columns={**self.columns, **written})


class ColumnWriter:
    """Writes columns piece by piece; a column without a file is one whose values are all the same.

    Parameters
    ----------
    folder : Path
        Made if it is not there.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._files: dict[str, BinaryIO] = {}
        self._constants: dict[str, Any] = {}
        self._types: dict[str, np.dtype[Any]] = {}
        self._n_rows = 0

    def append(self, pieces: Mapping[str, Array]) -> None:
        """Write the next rows, of the same columns each time."""
        count = len(next(iter(pieces.values())))
        for name, values in pieces.items():
            self._append(name, values)
        self._n_rows += count

    def _append(self, name: str, values: Array) -> None:
        if not len(values):
            self._types.setdefault(name, values.dtype)
            return
        if name not in self._files:
            constant = self._constants.setdefault(name, values[:1].copy())
            self._types.setdefault(name, values.dtype)
            if (_bits(values) == _bits(constant)).all():
                return
            with told_of_disk(self._folder):
                self._files[name] = (self._folder / name).open("wb")
            self._write(name, np.repeat(constant, self._n_rows))
        self._write(name, values)

    def _write(self, name: str, values: Array) -> None:
        with told_of_disk(self._folder):
            self._files[name].write(np.ascontiguousarray(values, dtype=self._types[name]).data)

    def close(self) -> ColumnFiles:
        """End the files, and return what is in them."""
        with told_of_disk(self._folder):
            for file in self._files.values():
                file.close()
        columns = {}
        for name, dtype in self._types.items():
            same = name not in self._files and name in self._constants
            columns[name] = StoredColumn(dtype.str, self._constants[name][0].item() if same else None)
            if name not in self._files and not same:
                write_numbers(self._folder / name, np.empty(0, dtype=dtype))
        return ColumnFiles(self._folder, self._n_rows, columns)


def _bits(values: Array) -> Array:
    """Return numbers as integers that are equal where every bit is: 0 is not -0, and NaN is NaN."""
    return values.view(f"u{values.dtype.itemsize}")


def write_numbers(path: Path, values: Array) -> None:
    """Write an array as its bytes.

    Raises
    ------
    GwasmetaError
        If the disk is full or the folder cannot be written to.
    """
    with told_of_disk(path.parent):
        values.tofile(path)


def _write_narrowed(path: Path, values: Array) -> StoredColumn:
    narrow = narrowed(values) if values.dtype == np.float64 else None
    numbers, divisor = narrow or (values, None)
    write_numbers(path, numbers)
    return StoredColumn(numbers.dtype.str, divisor=divisor)


def read_numbers(path: Path, dtype: str, start: int, count: int) -> Array:
    """Read some of the numbers of a file.

    Raises
    ------
    GwasmetaError
        If the file is gone or too short.
    """
    size = np.dtype(dtype).itemsize
    try:
        if count * size < _WORTH_MAPPING:
            values = np.fromfile(path, dtype=dtype, count=count, offset=start * size)
        else:
            values = _mapped(path, dtype, start * size, count)
    except OSError as error:
        raise GwasmetaError(f"{path}: cannot be read: {error.strerror or error}") from error
    if len(values) != count:
        raise GwasmetaError(f"{path}: is shorter than it was written; was the folder changed meanwhile?")
    return values


def _mapped(path: Path, dtype: str, offset: int, count: int) -> Array:
    """Return numbers of a file as memory that the system fills from it, which spares a copy; as many as it has."""
    with path.open("rb") as file:
        begin = offset - offset % mmap.ALLOCATIONGRANULARITY
        n_bytes = min(count * np.dtype(dtype).itemsize, os.fstat(file.fileno()).st_size - offset)
        if n_bytes <= 0:
            return np.empty(0, dtype=dtype)
        # Private, or arrays that are only read would be of another type to compiled code.
        mapped = mmap.mmap(file.fileno(), offset - begin + n_bytes, access=mmap.ACCESS_COPY, offset=begin)
    return np.frombuffer(mapped, dtype=dtype, offset=offset - begin, count=n_bytes // np.dtype(dtype).itemsize)


@contextmanager
def told_of_disk(folder: Path) -> Iterator[None]:
    """Turn what the system says of a full or forbidden disk into what the user can act on."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or error
        if BY_VARIANT in folder.parts:
            raise GwasmetaError(
                f"{folder}: the store cannot hold the studies' rows by variant ({reason})\n"
                "  Make room there: they take about as much as its Parquet does."
            ) from error
        raise GwasmetaError(
            f"{folder}: cannot hold the studies' rows while they are combined ({reason})\n"
            "  Set TMPDIR to a folder with more room; the rows take about as much as the studies' text does."
        ) from error


def new_folder(parent: Path) -> Path:
    """Return a folder of a name that no other process has: what is done twice does not meet itself."""
    folder = parent / uuid.uuid4().hex[:12]
    with told_of_disk(parent):
        folder.mkdir(parents=True)
    return folder
