"""One study on its way into a store: read, checked, sorted into chromosomes, and then named in one step."""

from __future__ import annotations

import math
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Literal

import numpy as np

from gwasmeta._version import __version__
from gwasmeta.cores import in_order
from gwasmeta.errors import GwasmetaError
from gwasmeta.harmonise.formatted import log_rows
from gwasmeta.stats.genomic_control import inflation_factor_of_blocks
from gwasmeta.store.partitions import Partitions
from gwasmeta.store.places import StorePlaces, sync
from gwasmeta.store.stored_frame import STORED_COLUMNS, stored_rows
from gwasmeta.sumstats.byte_streams import file_checksum
from gwasmeta.sumstats.columns_to_read import SAMPLES
from gwasmeta.sumstats.effects import FloatArray
from gwasmeta.sumstats.header_reading import HeaderReading
from gwasmeta.sumstats.plan import Wanted
from gwasmeta.sumstats.reader import RowProgress, StudyReader
from gwasmeta.sumstats.row_block import RowBlock
from gwasmeta.sumstats.row_log import StudyLog
from gwasmeta.sumstats.stored_study import LOG, ROWS, StoredStudy, checked_name, is_stored
from gwasmeta.sumstats.study import Study

_SPILL = "spill"


@dataclass(frozen=True)
class Addition:
    """What became of a study that was to be added.

    Attributes
    ----------
    outcome : {"added", "replaced", "unchanged"}
        "unchanged" where the store has it already, from the same file read by the same options.
    study : StoredStudy
        What the store says of it now.
    """

    outcome: Literal["added", "replaced", "unchanged"]
    study: StoredStudy

    def __str__(self) -> str:
        stored = self.study
        if self.outcome == "unchanged":
            return f"{stored.name}: nothing to do; the store has this file, read by these options, since {stored.added}"
        lambda_ = "" if stored.inflation_factor is None else f", lambda {stored.inflation_factor:.4f}"
        lines = [
            f"{stored.name}: {self.outcome}, {stored.rows:,} of {stored.rows_read:,} rows, read as {stored.dialect}"
            + lambda_
        ]
        for finding in stored.findings:
            lines.append(f"  {finding.action:<8}  {finding.count:>10,}  {finding.rule}: {finding.reason}")
        return "\n".join(lines)


def add_study(places: StorePlaces, study: Study, progress: RowProgress | None = None) -> Addition:
    """Add a study to a store, or replace what the store has by its name."""
    name = checked_name(study.label)
    if is_stored(study.path):
        raise GwasmetaError(f"{study.file}: is in a store already; add the file that it came from")
    if study.sums:
        raise GwasmetaError(f"{study.file}: a store keeps canonical columns only, so that no other can be added up")
    places.make()
    with places.locked(name):
        options = _as_options(study)
        try:
            known = StoredStudy.read(places.study(name))
        except FileNotFoundError:
            known = None
        if known is not None and known.options == options and known.sha256 == _checksum(study.path) != "":
            return Addition("unchanged", known)
        places.clear_leftovers(name)
        with _told_of_disk(places.root, name):
            folder = places.new_folder(name)
            try:
                entry = _Adding(study, folder, options).run(progress)
                places.publish(folder, entry)
            finally:
                shutil.rmtree(folder, ignore_errors=True)
    return Addition("added" if known is None else "replaced", entry)


class _Adding:
    """One study while it is written into a folder of its own."""

    def __init__(self, study: Study, folder: Path, options: dict[str, Any]) -> None:
        self._study, self._folder, self._options = study, folder, options
        self._log = StudyLog(study.label, study.file)
        self._z: list[FloatArray] = []
        self._most: dict[str, float] = {}
        self._columns: tuple[str, ...] = ()

    def run(self, progress: RowProgress | None) -> StoredStudy:
        """Read and write everything, and return what is to be said of it."""
        reader = StudyReader(self._study, _wanted)
        spill = self._folder / _SPILL
        partitions = Partitions(self._folder / ROWS, spill)
        for block, rows in in_order(partial(stored_rows, task) for task in reader.tasks()):
            self._log.rows_read += block.n_read
            self._log.rows_used += len(block)
            self._log.add(block.findings)
            if len(block):
                self._learn(block)
                self._columns = tuple(name for name in STORED_COLUMNS if name in rows.columns)
                partitions.add(rows)
            if progress is not None:
                progress(self._log.rows_read)
        self._log.check_balance()
        if not self._log.rows_used:
            raise GwasmetaError(_nothing_left(self._log))
        (self._folder / ROWS).mkdir()
        files = tuple(partitions.write())
        shutil.rmtree(spill, ignore_errors=True)
        log = self._folder / LOG
        log.write_text("".join("\t".join(map(str, row)) + "\n" for row in log_rows(self._log)), encoding="utf-8")
        sync(log)
        sync(self._folder)
        return StoredStudy(
            name=self._study.label,
            data=f"v-{uuid.uuid4().hex[:12]}",
            added=datetime.now(UTC).isoformat(timespec="seconds"),
            version=__version__,
            source=_source(self._study),
            sha256=reader.checksum,
            dialect=reader.dialect,
            source_columns=dict(reader.columns),
            read_as=reader.recipes,
            options=self._options,
            rows_read=self._log.rows_read,
            rows=self._log.rows_used,
            columns=self._columns,
            n=self._most.get("n"),
            n_cases=self._most.get("n_cases"),
            n_controls=self._most.get("n_controls"),
            inflation_factor=self._inflation(),
            files=files,
            log_sha256=file_checksum(log),
            findings=tuple(self._log),
        )

    def _learn(self, block: RowBlock) -> None:
        numbers = block.numbers
        if "standard_error" in numbers:  # rows that are kept for their p-value only have none that can be divided by
            usable = (numbers["standard_error"] > 0) & np.isfinite(numbers["beta"])
            z = numbers["beta"][usable] / numbers["standard_error"][usable]
        else:
            z = numbers["z"]
        self._z.append(z[np.isfinite(z)])
        for name in SAMPLES:
            if name in numbers and not np.isnan(numbers[name]).all():
                self._most[name] = max(self._most.get(name, -math.inf), float(np.nanmax(numbers[name])))

    def _inflation(self) -> float | None:
        factor, n = inflation_factor_of_blocks(lambda: self._z)
        return factor if n else None


def _wanted(reading: HeaderReading) -> Wanted:
    return replace(Wanted.all_of(reading), match="either", or_z=True, lines=True)


def _as_options(study: Study) -> dict[str, Any]:
    """Return what was given to read a study, as JSON gives it back."""
    given: dict[str, Any] = {
        name: getattr(study, name)
        for name in ("n", "n_cases", "n_controls", "inflation_factor", "sex", "flip_effects", "trait")
    }
    dialect = study.dialect
    given["dialect"] = dialect if dialect is None or isinstance(dialect, str) else repr(dialect)
    given["columns"] = dict(study.columns)
    given["filters"], given["exclusions"] = list(study.conditions), list(study.exclusions)
    given["text_rules"] = asdict(study.text_rules)
    given["side_files"] = {os.path.abspath(path): _checksum(os.fspath(path)) for path in study.side_paths}
    return given


def _source(study: Study) -> str:
    return study.file if study.path is None or study.path == "-" else os.path.abspath(study.path)


def _checksum(path: str | None) -> str:
    """Return the SHA-256 of a file; empty where it is none that can be read twice."""
    return file_checksum(path) if path is not None and os.path.isfile(path) else ""


@contextmanager
def _told_of_disk(root: Path, name: str) -> Iterator[None]:
    """Turn what the system says of a full or forbidden disk into what the user can act on."""
    import polars as pl

    try:
        yield
    except (OSError, pl.exceptions.ComputeError) as error:
        reason = getattr(error, "strerror", None) or str(error).rpartition("IO error: ")[2]  # behind words of Parquet
        raise GwasmetaError(f"{root}: {name} cannot be written: {reason}\n  The store is as it was before.") from error


def _nothing_left(log: StudyLog) -> str:
    reasons = "\n".join(f"  {finding.rule}: {finding.count:,}, {finding.reason}" for finding in log)
    return f"{log.file}: none of its {log.rows_read:,} rows can be used\n{reasons or '  it has no rows'}"
