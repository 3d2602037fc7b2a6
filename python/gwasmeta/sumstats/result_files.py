"""Files beside each other that a result is written to: their names, lists of rows, and the sidecar in JSON."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from gwasmeta.errors import GwasmetaError
from gwasmeta.sumstats.sink import compressed_text, refuse_impossible


def file_prefix(out: str | os.PathLike[str], example: str) -> str:
    """Return the beginning of the files' names; a GwasmetaError that shows an example if it is only a folder."""
    prefix = os.fspath(out)
    if not Path(prefix).name or prefix.endswith(("/", os.sep)):
        raise GwasmetaError(
            f"{prefix or 'out'}: is no name for files; add one, such as {os.path.join(prefix, example)}"
        )
    return prefix


def possible_paths(names: Iterable[str]) -> list[Path]:
    """Return the files' paths; a GwasmetaError if one of them cannot be written."""
    paths = [Path(name) for name in names]
    for path in paths:
        refuse_impossible(path)
    return paths


def write_rows(beside: Path, target: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a header and rows, their fields between tabs, to the file beside `target`."""
    with compressed_text(beside, target) as sink:
        for row in (header, *rows):
            sink.write(("\t".join(map(str, row)) + "\n").encode())


def write_json(beside: Path, target: Path, facts: Mapping[str, Any]) -> None:
    """Write a sidecar to the file beside `target`."""
    with compressed_text(beside, target) as sink:
        sink.write(json.dumps(as_json(facts), indent=2, allow_nan=False).encode() + b"\n")


def as_json(value: Any) -> Any:
    """Return the same for JSON, which has neither NaN nor arrays: None says that there is no such number."""
    if isinstance(value, Mapping):
        return {name: as_json(one) for name, one in value.items()}
    if isinstance(value, np.ndarray | list | tuple):
        return [as_json(one) for one in value]
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not np.isfinite(value) else value
