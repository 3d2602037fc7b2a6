"""What is remembered of a run that is whole, so that the next batch need not make it again."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, Final

from gwasmeta._version import __version__
from gwasmeta.batch.options import WITHOUT_EFFECT
from gwasmeta.batch.outcome import IndexRow, Outcome
from gwasmeta.batch.runs import Run
from gwasmeta.sumstats.byte_streams import file_checksum
from gwasmeta.sumstats.sink import whole_file
from gwasmeta.sumstats.study import Study

_LAYOUT: Final = 1
_CHECKSUM, _STAMP = "sha256", "mtime_ns"


class RunRecord:
    """The file that says from what a run's result was made; it is there only while the result is whole.

    Parameters
    ----------
    path : Path
    run : Run
    folder : Path
        Of the results.
    """

    def __init__(self, path: Path, run: Run, folder: Path) -> None:
        self._path, self._run, self._folder = path, run, folder

    def state(self) -> dict[str, Any]:
        """Return what the result depends on, as it is now; to be asked before the run reads it.

        Raises
        ------
        GwasmetaError
            If a study is no longer in its store, or a panel of LD scores is not there.
        """
        run = self._run
        described = {
            "gwasmeta": __version__,
            "kind": run.kind,
            "group": run.group,
            "options": {name: value for name, value in run.options.items() if name not in WITHOUT_EFFECT},
            "studies": [_as_json(study) for study in run.studies],
        }
        files = {path: _stat(path) for path in run.files()}
        return dict(json.loads(json.dumps({"described": described, "stored": run.stored(), "files": files})))

    def kept(self, state: Mapping[str, Any]) -> Outcome | None:
        """Return the outcome of an earlier batch; None if something is missing or was made from something else.

        Files with another time of change, but the same size, are compared by their checksums.
        """
        try:
            told = json.loads(self._path.read_bytes())
            if told["layout"] != _LAYOUT or any(told[part] != state[part] for part in ("described", "stored")):
                return None
            if {name: (self._folder / name).stat().st_size for name in told["outputs"]} != told["outputs"]:
                return None
            if told["files"].keys() != state["files"].keys():
                return None
            if not all(_same(path, told["files"][path], state["files"][path]) for path in told["files"]):
                return None
            rows = tuple(IndexRow(**row) for row in told["rows"])
        except (OSError, ValueError, KeyError, TypeError):  # none, or damaged: the run is made again
            return None
        if any(told["files"][path][_STAMP] != stamp[_STAMP] for path, stamp in state["files"].items()):
            files = {path: told["files"][path] | stamp for path, stamp in state["files"].items()}
            self._write(told | {"files": files})  # or every later batch would read the files again
        return Outcome(self._run.name, rows, kept=True)

    def forget(self) -> None:
        """Remove it, before the files that it vouches for are replaced."""
        self._path.unlink(missing_ok=True)

    def save(self, state: Mapping[str, Any], outcome: Outcome, checksums: Mapping[str, str]) -> None:
        """Write it, once all files of the result are whole."""
        files = {
            path: stamp | ({_CHECKSUM: checksums[path]} if path in checksums else {})
            for path, stamp in state["files"].items()
        }
        told = {
            "layout": _LAYOUT,
            **state,
            "files": files,
            "outputs": {path.name: path.stat().st_size for path in self._run.paths(self._folder)},
            "rows": [row.as_json() for row in outcome.rows],
        }
        self._write(told)

    def _write(self, told: Mapping[str, Any]) -> None:
        with whole_file(self._path) as beside:
            beside.write_text(json.dumps(told, ensure_ascii=False) + "\n", encoding="utf-8")


def _same(path: str, then: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    """Say whether a file is what it was."""
    if then["size"] != now["size"]:
        return False
    if then[_STAMP] == now[_STAMP]:
        return True
    return _CHECKSUM in then and then[_CHECKSUM] == file_checksum(path)


def _stat(path: str) -> dict[str, Any]:
    try:
        found = os.stat(path)
    except OSError:  # the run itself says what is wrong
        return {"size": None, _STAMP: None}
    return {"size": found.st_size, _STAMP: found.st_mtime_ns}


def _as_json(study: Study) -> dict[str, Any]:
    told = {one.name: getattr(study, one.name) for one in fields(study)}
    dialect = study.dialect
    told["dialect"] = dialect if dialect is None or isinstance(dialect, str) else repr(dialect)
    return told | {"source": study.path, "columns": dict(study.columns), "text_rules": asdict(study.text_rules)}
