"""The result's columns of one range of variants, on disk until they are written or looked at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from gwasmeta.meta.columns import Column, ColumnsOfSums
from gwasmeta.meta.ranges.column_files import ColumnFiles, ColumnWriter, read_numbers, write_numbers
from gwasmeta.sumstats.words import Words, packed_bytes

_END = ".end"


@dataclass(frozen=True)
class RangeResult:
    """Where the columns of a range are.

    Attributes
    ----------
    names : tuple of str
        Of the columns, in their order.
    files : ColumnFiles
        Numbers, and of each column of words where a row's word ends; the bytes of the words are in files beside.
    """

    names: tuple[str, ...]
    files: ColumnFiles

    @property
    def length(self) -> int:
        """How far `read` goes: the rows of the result."""
        return self.files.n_rows

    def read(self, start: int, stop: int) -> dict[str, Column]:
        """Return some rows of the columns."""
        return {
            name: self._words(name, start, stop) if name + _END in self.files else self.files.read(name, start, stop)
            for name in self.names
        }

    def _words(self, name: str, start: int, stop: int) -> Words:
        ends = self.files.read(name + _END, max(start - 1, 0), stop).astype(np.int64)
        begins = np.concatenate([np.zeros(1, dtype=np.int64), ends])[: stop - start] if start == 0 else ends[:-1]
        ends = ends[len(ends) - (stop - start) :]
        first = int(begins[0]) if len(begins) else 0
        last = int(ends[-1]) if len(ends) else first
        data = read_numbers(self.files.folder / name, "u1", first, last - first)
        return Words(data, (begins - first).astype(np.int32), (ends - begins).astype(np.int32))


@dataclass(frozen=True)
class HeldRange:
    """The sums of a range in memory, from which its columns are worked out when they are asked for."""

    columns: ColumnsOfSums

    @property
    def length(self) -> int:
        """How far `read` goes: the variants of the range."""
        return self.columns.n_variants

    def read(self, start: int, stop: int) -> dict[str, Column]:
        """Return the columns of those of some variants that are in the result."""
        return self.columns.block(start, stop)


def write_range(folder: Path, blocks: Iterable[Mapping[str, Column]]) -> RangeResult:
    """Write the columns of a range, given block by block."""
    writer = ColumnWriter(folder)
    words: dict[str, list[npt.NDArray[np.uint8]]] = {}
    n_bytes: dict[str, int] = {}
    names: tuple[str, ...] = ()
    for block in blocks:
        names = tuple(block)
        numbers: dict[str, npt.NDArray[Any]] = {}
        for name, column in block.items():
            if isinstance(column, Words):
                words.setdefault(name, []).append(packed_bytes(column))
                ends = n_bytes.get(name, 0) + np.cumsum(column.lengths, dtype=np.int64)
                n_bytes[name] = int(ends[-1]) if len(ends) else n_bytes.get(name, 0)
                numbers[name + _END] = ends.astype(np.uint32)
            else:
                numbers[name] = column
        writer.append(numbers)
    for name, pieces in words.items():
        write_numbers(folder / name, np.concatenate(pieces))
    return RangeResult(names, writer.close())
