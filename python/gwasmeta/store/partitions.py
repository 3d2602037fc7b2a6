"""Rows sorted into one set of files a chromosome, with no more of them in memory than one chromosome."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from gwasmeta.store.places import sync
from gwasmeta.sumstats.byte_streams import file_checksum
from gwasmeta.sumstats.chromosomes import CHROMOSOMES
from gwasmeta.sumstats.stored_rows import ROW_GROUP
from gwasmeta.sumstats.stored_study import StoredFile

if TYPE_CHECKING:
    import polars as pl

_HELD_ROWS = 1 << 20  # of all chromosomes together, before they are written to the disk
_FILE_ROWS = ROW_GROUP * 32  # of one file, where the rows come in order and need not be sorted together
_NO_CHROMOSOME = "__HIVE_DEFAULT_PARTITION__"  # what Polars, DuckDB and arrow read as missing
_POSITION = "base_pair_location"


@dataclass
class _Partition:
    """The rows of one chromosome so far."""

    folder: Path
    held: list[pl.DataFrame] = field(default_factory=list)
    spilled: list[tuple[Path, int]] = field(default_factory=list)
    in_order: bool = True
    last_position: int = 0

    def add(self, rows: pl.DataFrame, has_place: bool) -> None:
        self.held.append(rows)
        if has_place:
            positions = rows[_POSITION]
            first, last = int(positions[0]), int(positions[-1])
            self.in_order &= first >= self.last_position and positions.is_sorted()
            self.last_position = last

    def spill(self) -> None:
        import polars as pl

        if self.held:
            path = self.folder / f"{len(self.spilled)}.arrow"
            self.folder.mkdir(parents=True, exist_ok=True)
            rows = pl.concat(self.held)
            rows.write_ipc(path, compression="uncompressed")
            self.spilled.append((path, rows.height))
            self.held.clear()

    def frames(self) -> Iterator[pl.DataFrame]:
        """Yield the rows in their order, one frame a file to be written."""
        import polars as pl

        paths: list[Path] = []
        n_rows = 0
        for path, rows in self.spilled:
            paths.append(path)
            n_rows += rows
            if self.in_order and n_rows >= _FILE_ROWS:
                yield _read(paths)
                paths, n_rows = [], 0
        rest = [*([_read(paths)] if paths else []), *self.held]
        if rest:
            joined = pl.concat(rest)
            yield joined if self.in_order else joined.sort(_POSITION, maintain_order=True)


class Partitions:
    """Rows on their way into the files of a study.

    Parameters
    ----------
    rows : Path
        The folder that the files are written into, one folder a chromosome.
    spill : Path
        A folder for what does not stay in memory.
    """

    def __init__(self, rows: Path, spill: Path) -> None:
        self._rows, self._spill = rows, spill
        self._partitions: dict[str | None, _Partition] = {}
        self._n_held = 0

    def add(self, rows: pl.DataFrame) -> None:
        """Take rows, with their usual chromosome in `chromosome`, in the order of the study's file."""
        for (chromosome,), part in rows.partition_by("chromosome", as_dict=True, include_key=False).items():
            known = self._partitions.setdefault(chromosome, _Partition(self._spill / str(len(self._partitions))))
            known.add(part, has_place=chromosome is not None)
        self._n_held += rows.height
        if self._n_held >= _HELD_ROWS:
            for partition in self._partitions.values():
                partition.spill()
            self._n_held = 0

    def write(self) -> Iterator[StoredFile]:
        """Write the files, chromosome by chromosome, and yield what is in them once they are on the disk."""
        for chromosome in sorted(self._partitions, key=_place_in_genome):
            folder = self._rows / f"chromosome={_NO_CHROMOSOME if chromosome is None else quote(chromosome, safe='')}"
            folder.mkdir(parents=True)
            partition = self._partitions.pop(chromosome)
            for number, frame in enumerate(partition.frames()):
                path = folder / f"part-{number}.parquet"
                frame.write_parquet(path, compression="zstd", compression_level=1, row_group_size=ROW_GROUP)
                sync(path)
                name = str(path.relative_to(self._rows))
                yield StoredFile(name, chromosome, frame.height, path.stat().st_size, file_checksum(path))
            sync(folder)
            for path, _ in partition.spilled:
                path.unlink()
        sync(self._rows)


def _place_in_genome(chromosome: str | None) -> tuple[int, str]:
    if chromosome is None:
        return len(CHROMOSOMES) + 1, ""
    known = CHROMOSOMES.index(chromosome) if chromosome in CHROMOSOMES else len(CHROMOSOMES)
    return known, chromosome


def _read(paths: list[Path]) -> pl.DataFrame:
    import polars as pl

    return pl.concat([pl.read_ipc(path) for path in paths])
