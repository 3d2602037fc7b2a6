"""A study in a store: where it is, and what the store says of it. `gwasmeta.store` writes what is read here."""

from __future__ import annotations

import json
import os
import re
import shlex
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from gwasmeta.errors import GwasmetaError
from gwasmeta.sumstats.row_log import Example, Finding

PREFIX = "store:"
PLACE_VARIABLE = "GWASMETA_STORE"
DEFAULT_PLACE = "gwasmeta-store"

LAYOUT = 1
"""Number of the layout of folders and columns; a store of another one is refused."""

MARKER, STUDIES, ENTRY, ROWS, LOG = "store.json", "studies", "entry.json", "rows", "log.tsv"

BY_VARIANT = "by-variant"
"""Folder of a store, and of a study in it, with what analyses keep there: rows in the order of variants."""

_NAME = re.compile(r"\w[\w.+-]{0,99}")


@dataclass(frozen=True)
class StoredFile:
    """One file of a study's rows.

    Attributes
    ----------
    path : str
        Seen from the folder of the study's rows.
    chromosome : str or None
        By its usual name; None for rows without a place.
    rows, bytes : int
    sha256 : str
    """

    path: str
    chromosome: str | None
    rows: int
    bytes: int
    sha256: str


@dataclass(frozen=True)
class StoredStudy:
    """What a store says of one study.

    Attributes
    ----------
    name : str
    data : str
        Name of the folder with its rows and its log, beside the entry.
    added : str
        When, in universal time.
    version : str
        Of gwasmeta, which added it.
    source : str
        The file that it comes from.
    sha256 : str
        Of that file; empty for a frame.
    dialect : str
        Format that the file was recognised as.
    source_columns : mapping of str to str
        Canonical column to the file's word for it.
    read_as : tuple of str
        How effect or z were had.
    options : mapping
        What `Study` was given to read the file.
    rows_read, rows : int
        Rows of the file, and those of them in the store; `findings` account for the difference.
    columns : tuple of str
        Canonical columns, `chromosome` included.
    n, n_cases, n_controls : float or None
        The largest of a row.
    inflation_factor : float or None
        Genomic inflation factor lambda of all rows.
    files : tuple of StoredFile
        In the order of the genome.
    log_sha256 : str
    findings : tuple of Finding
        What the checks excluded, blanked or noted.
    """

    name: str
    data: str
    added: str
    version: str
    source: str
    sha256: str
    dialect: str
    source_columns: Mapping[str, str]
    read_as: tuple[str, ...]
    options: Mapping[str, Any]
    rows_read: int
    rows: int
    columns: tuple[str, ...]
    n: float | None
    n_cases: float | None
    n_controls: float | None
    inflation_factor: float | None
    files: tuple[StoredFile, ...]
    log_sha256: str
    findings: tuple[Finding, ...]

    def as_json(self) -> str:
        """Return the text of its entry."""
        fields = {name: value for name, value in vars(self).items() if name not in ("files", "findings")}
        fields["files"] = [asdict(file) for file in self.files]
        fields["findings"] = [finding_as_json(finding) for finding in self.findings]
        return json.dumps({"layout": LAYOUT, **fields}, indent=1, ensure_ascii=False) + "\n"

    @classmethod
    def read(cls, folder: Path) -> StoredStudy:
        """Read the entry in a study's folder.

        Raises
        ------
        GwasmetaError
            If it is damaged, or written by a gwasmeta with another layout.
        FileNotFoundError
            If there is none.
        """
        path = folder / ENTRY
        text = path.read_bytes()
        try:
            told: dict[str, Any] = json.loads(text)
            refuse_other_layout(path, told.pop("layout"))
            files = tuple(StoredFile(**file) for file in told.pop("files"))
            findings = tuple(map(finding_from_json, told.pop("findings")))
            told |= {name: tuple(told[name]) for name in ("read_as", "columns")}
            return cls(files=files, findings=findings, **told)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise GwasmetaError(
                f"{path}: is damaged ({error})\n"
                f"  Remove the study and add it again: gwasmeta store remove {folder.name}"
                f" --store {shlex.quote(str(_root_of(folder)))}"
            ) from None


def is_stored(path: str | None) -> bool:
    """Say whether a path means a study in a store."""
    return path is not None and path.startswith(PREFIX)


def store_place(given: str | os.PathLike[str] | None = None) -> Path:
    """Return the folder of the store: the given one, else that of GWASMETA_STORE, else gwasmeta-store here."""
    return Path(given if given is not None else os.environ.get(PLACE_VARIABLE) or DEFAULT_PLACE)


def checked_name(name: str) -> str:
    """Return a study's name if a store can have it.

    Raises
    ------
    GwasmetaError
        If it cannot.
    """
    if not _NAME.fullmatch(name):
        raise GwasmetaError(
            f"{name!r} cannot be the name of a study in a store: letters, digits, _ . + - only, first a letter or"
            " digit, 100 at most\n  Give another one: gwasmeta store add FILE --name NAME"
        )
    return name


def stored_study(path: str) -> tuple[Path, StoredStudy]:
    """Return the folder of a study called `store:NAME` or `store:PATH/NAME`, and what its store says of it.

    Raises
    ------
    GwasmetaError
        If there is no such store or study, or its entry is damaged.
    """
    place, _, name = path.removeprefix(PREFIX).rpartition("/")
    root = store_place(place or None)
    if path.startswith(f"{PREFIX}/") and not place:
        root = Path("/")
    refuse_no_store(root)
    folder = root / STUDIES / checked_name(name)
    try:
        return folder, StoredStudy.read(folder)
    except FileNotFoundError:
        known = sorted(entry.parent.name for entry in (root / STUDIES).glob(f"*/{ENTRY}"))
        raise GwasmetaError(
            f"{path}: the store {root} has no study {name}\n  It has: {', '.join(known) or 'none'}."
        ) from None


def refuse_no_store(root: Path) -> None:
    """Raise an error if there is no store in a folder, or one of another layout."""
    marker = root / MARKER
    try:
        told = json.loads(marker.read_bytes())
        layout = told["layout"]
    except (FileNotFoundError, NotADirectoryError):
        raise GwasmetaError(
            f"{root}: there is no study store\n"
            "  gwasmeta store add FILE makes one here. Another place is given by --store FOLDER, by the variable"
            f" {PLACE_VARIABLE}, or as store:FOLDER/NAME."
        ) from None
    except (ValueError, KeyError, TypeError) as error:
        raise GwasmetaError(
            f'{marker}: is damaged ({error}); write {{"layout": {LAYOUT}}} into it if its studies were added by'
            " this version of gwasmeta"
        ) from None
    refuse_other_layout(marker, layout)


def refuse_other_layout(path: Path, layout: Any) -> None:
    """Raise an error if a store was written with another layout of folders and columns."""
    if layout != LAYOUT:
        raise GwasmetaError(
            f"{path}: the store has layout {layout}, and this version of gwasmeta reads and writes layout {LAYOUT}\n"
            "  Use the version that wrote it, or add the studies to a new store (--store FOLDER) from their files."
        )


def _root_of(folder: Path) -> Path:
    return folder.parent.parent


def finding_as_json(finding: Finding) -> dict[str, Any]:
    """Return a finding as JSON can hold it."""
    examples = [[example.line, example.variant_id, list(example.values)] for example in finding.examples]
    return {
        "rule": finding.rule,
        "reason": finding.reason,
        "action": finding.action,
        "count": finding.count,
        "examples": examples,
    }


def finding_from_json(told: dict[str, Any]) -> Finding:
    """Return the finding that `finding_as_json` told of."""
    examples = tuple(Example(line, variant, tuple(values)) for line, variant, values in told["examples"])
    return Finding(told["rule"], told["reason"], told["action"], told["count"], examples)
