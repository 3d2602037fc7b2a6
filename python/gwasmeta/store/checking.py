"""Whether what lies in a store is what was put there."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path

from gwasmeta.errors import GwasmetaError
from gwasmeta.store.places import StorePlaces
from gwasmeta.sumstats.byte_streams import file_checksum
from gwasmeta.sumstats.stored_study import ENTRY, LOG, ROWS, StoredFile, StoredStudy

PROBLEM_COLUMNS = ("study", "path", "problem", "remedy")

Problem = tuple[str, str, str, str]


def problems_of_store(places: StorePlaces, name: str) -> Iterator[Problem]:
    """Yield what is damaged of one study: its name, the path, what is wrong, and what to do."""
    folder = places.study(name)
    try:
        entry = StoredStudy.read(folder)
    except GwasmetaError as error:
        what, _, remedy = str(error).partition("\n")
        yield name, str(folder / ENTRY), what.removeprefix(f"{folder / ENTRY}: "), remedy.strip()
        return
    rows = folder / entry.data / ROWS
    again = _again(entry, places.root)
    for file in entry.files:
        problem = _problem_of(rows / file.path, file)
        if problem:
            yield name, str(rows / file.path), problem, again
    log = folder / entry.data / LOG
    if not log.is_file():
        yield name, str(log), "is missing", again
    elif file_checksum(log) != entry.log_sha256:
        yield name, str(log), "is not as it was written", again
    listed = {rows / file.path for file in entry.files}
    for path in sorted(rows.rglob("*")):
        if path.is_file() and path not in listed:
            yield name, str(path), "does not belong to the study, but others' programs would read it", "remove it"


def _problem_of(path: Path, file: StoredFile) -> str:
    import polars as pl

    try:
        size = path.stat().st_size
        if size != file.bytes:
            return f"has {size:,} bytes instead of {file.bytes:,}"
        if file_checksum(path) != file.sha256:
            return "is not as it was written: its SHA-256 is another one"
        n_rows = pl.scan_parquet(path, hive_partitioning=False, glob=False).select(pl.len()).collect().item()
    except FileNotFoundError:
        return "is missing"
    except (OSError, pl.exceptions.PolarsError) as error:
        return f"cannot be read: {error}"
    return "" if n_rows == file.rows else f"has {n_rows:,} rows instead of {file.rows:,}"


def _again(entry: StoredStudy, root: Path) -> str:
    """Say how the study is had again: a damaged one counts as there, so that it is removed first."""
    store = shlex.quote(str(root))
    source = shlex.quote(entry.source)
    return (
        f"gwasmeta store remove {entry.name} --store {store}; then add it again, with the options of its entry:"
        f" gwasmeta store add {source} --name {entry.name} --store {store}"
    )
