"""The files that a result is written to, by the name that the caller gives."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from gwasmeta.errors import GwasmetaError
from gwasmeta.sumstats.sink import refuse_impossible, refuse_overwriting

TABLE_ENDINGS = (
    ".tsv",
    ".tsv.gz",
    ".tsv.bgz",
    ".tsv.zst",
    ".txt",
    ".txt.gz",
    ".txt.bgz",
    ".txt.zst",
    ".parquet",
)
_UNKNOWN_ENDINGS = {".csv", ".gz", ".bgz", ".zst", ".bz2", ".xz", ".zip", ".xlsx", ".feather", ".vcf", ".html"}


def without_table_ending(name: str) -> str:
    """Return the beginning that the names of a result's files share, given the table's name or that beginning."""
    ending = next((ending for ending in TABLE_ENDINGS if name.lower().endswith(ending)), "")
    return name[: len(name) - len(ending)] if len(os.path.basename(name)) > len(ending) else name


def output_paths(out: str | os.PathLike[str]) -> list[Path]:
    """Return the paths of the table, the log and the sidecar."""
    name = os.fspath(out)
    if not Path(name).name or name.endswith(("/", os.sep)):
        raise GwasmetaError(f"{name or '--out'}: is no name for files; add one, such as {os.path.join(name, 'meta')}")
    prefix = without_table_ending(name)
    if prefix != name:
        return [Path(name), Path(f"{prefix}.log.tsv"), Path(f"{prefix}.json")]
    ending = Path(name).suffix.lower()
    if ending in _UNKNOWN_ENDINGS:
        raise GwasmetaError(f"{name}: {ending} is not written; choose one of {', '.join(TABLE_ENDINGS)}")
    return [Path(f"{name}.tsv"), Path(f"{name}.log.tsv"), Path(f"{name}.json")]


def refuse_impossible_output(out: str | os.PathLike[str], inputs: Sequence[str] = ()) -> list[Path]:
    """Return the paths that `MetaResult.write` writes to, once it is clear that it can.

    Raises
    ------
    GwasmetaError
        If one of them cannot be written, or is one of the inputs.
    """
    paths = output_paths(out)
    for path in paths:
        refuse_overwriting(path, inputs)
        refuse_impossible(path)
    return paths
