"""How a run was made: its parameters and its inputs."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gwasmeta.report.numbers import in_words
from gwasmeta.report.runs import Run


@dataclass(frozen=True)
class Input:
    """A file that went into a run.

    Attributes
    ----------
    name : str
    file : str
    read_as : str
        The format, and which of its columns the statistics were taken from.
    filters : str
    sha256 : str
        Empty for data in memory.
    """

    name: str
    file: str
    read_as: str
    filters: str
    sha256: str


def parameters_of(run: Run) -> tuple[tuple[str, str], ...]:
    """Return every option of a run in words, in its order."""
    told = run.parameters
    shown = [(in_words(name), text) for name, value in told.get("options", {}).items() for text in _texts(value)]
    shown += [(in_words(name), text) for name, value in told.get("conventions", {}).items() for text in _texts(value)]
    return tuple(shown)


def inputs_of(run: Run) -> tuple[Input, ...]:
    """Return the studies or traits, and the panel of LD scores, with their checksums."""
    told = run.parameters
    found = [_input(entry, str(entry["study"])) for entry in told.get("studies", [])]
    found += [_input(entry, str(entry["name"])) for entry in told.get("traits", [])]
    panel = told.get("options", {}).get("ld_scores")
    if isinstance(panel, Mapping):
        files = panel.get("files", {})
        found += [
            Input("LD scores", os.path.join(str(panel["name"]), name), "", "", sha) for name, sha in files.items()
        ]
    return tuple(found)


def _input(entry: Mapping[str, Any], name: str) -> Input:
    read_as = f"{entry['dialect']}: {entry['read_as']}" if entry.get("read_as") else str(entry["dialect"])
    filters = "; ".join(entry.get("filters", []))
    return Input(name, str(entry["file"]), read_as, filters, str(entry.get("sha256") or ""))


def _texts(value: Any) -> Iterator[str]:
    """Yield what an option was, unless it was not given."""
    if value is None or value == [] or isinstance(value, Mapping):
        return
    if isinstance(value, bool):
        yield "yes" if value else "no"
    elif isinstance(value, list | tuple):
        words = ["; ".join(map(str, part)) if isinstance(part, list | tuple) else str(part) for part in value]
        if any(words):
            yield ", ".join(words)
    else:
        yield f"{value:g}" if isinstance(value, float) else str(value)
