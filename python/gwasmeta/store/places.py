"""The folders of a store, and what makes a change in them safe: locks, and data on the disk before it is named."""

from __future__ import annotations

import json
import logging
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gwasmeta._version import __version__
from gwasmeta.errors import GwasmetaError
from gwasmeta.sumstats.sink import whole_file
from gwasmeta.sumstats.stored_study import ENTRY, LAYOUT, MARKER, STUDIES, StoredStudy, refuse_no_store

_INCOMING, _LOCKS = "incoming", "locks"
_BETWEEN = "~"  # in no name of a study

_logger = logging.getLogger(__name__)


class StorePlaces:
    """Where things are in one store.

    Studies lie in `studies/NAME/`: `entry.json` names the folder beside it that holds the rows. A study is made in
    `incoming/`, moved beside the entry, and exists once the entry, replaced as a whole, names it.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def make(self) -> None:
        """Make the store if there is none.

        Raises
        ------
        GwasmetaError
            If that is not possible, or the folder holds other things, or a store of another layout.
        """
        if not (self.root / MARKER).exists():
            try:
                if self.root.is_dir() and self._holds_other_things():
                    raise GwasmetaError(
                        f"{self.root}: is a folder with other things in it; give a new or empty one for the store"
                    )
                for name in (STUDIES, _INCOMING, _LOCKS):
                    (self.root / name).mkdir(parents=True, exist_ok=True)
                write_durably(
                    self.root / MARKER,
                    json.dumps({"format": "gwasmeta study store", "layout": LAYOUT, "version": __version__}) + "\n",
                )
            except OSError as error:
                raise GwasmetaError(f"{self.root}: cannot be made a store: {error.strerror or error}") from error
        refuse_no_store(self.root)

    def study(self, name: str) -> Path:
        """Return the folder of a study."""
        return self.root / STUDIES / name

    def new_folder(self, name: str) -> Path:
        """Make a folder in which a study is prepared."""
        folder = self.root / _INCOMING / f"{name}{_BETWEEN}{uuid.uuid4().hex[:12]}"
        folder.mkdir(parents=True)
        return folder

    def publish(self, folder: Path, entry: StoredStudy) -> None:
        """Put a prepared study in the place of what was stored by its name, at once and for good."""
        study = self.study(entry.name)
        study.mkdir(exist_ok=True)
        folder.rename(study / entry.data)
        sync(study)
        write_durably(study / ENTRY, entry.as_json())
        sync(study.parent)
        self._clear(entry.name, entry.data)

    def withdraw(self, name: str) -> None:
        """Take a study out of the store at once, and then remove it."""
        removed = self.new_folder(name)
        self.study(name).rename(removed / name)
        sync(self.root / STUDIES)
        shutil.rmtree(removed, ignore_errors=True)

    @contextmanager
    def locked(self, name: str) -> Iterator[None]:
        """Hold a study so that no other process changes it; the system frees it if this process is killed."""
        import fcntl

        (self.root / _LOCKS).mkdir(exist_ok=True)
        with (self.root / _LOCKS / name).open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                _logger.warning("%s: another process is changing %s; waiting for it", self.root, name)
                fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def clear_leftovers(self, name: str) -> None:
        """Remove what an addition that was killed left of a study; its lock must be held."""
        try:
            current = StoredStudy.read(self.study(name)).data
        except FileNotFoundError:
            current = ""
        self._clear(name, current)

    def leftovers(self) -> list[Path]:
        """Return the folders that additions which were killed, or are at work, have made."""
        left = list((self.root / _INCOMING).glob(f"*{_BETWEEN}*"))
        for study in (self.root / STUDIES).glob("*"):
            try:
                current = StoredStudy.read(study).data
            except (FileNotFoundError, GwasmetaError):
                current = ""
            left += [path for path in study.iterdir() if path.is_dir() and path.name != current]
        return sorted(left)

    def _clear(self, name: str, current: str) -> None:
        stale = list((self.root / _INCOMING).glob(f"{name}{_BETWEEN}*"))
        if self.study(name).is_dir():
            stale += [path for path in self.study(name).iterdir() if path.is_dir() and path.name != current]
        for path in stale:
            shutil.rmtree(path, ignore_errors=True)

    def _holds_other_things(self) -> bool:
        ours = (MARKER, STUDIES, _INCOMING, _LOCKS)  # another process may be making the store
        return any(path.name not in ours and not path.name.startswith(f".{MARKER}") for path in self.root.iterdir())


def write_durably(path: Path, text: str) -> None:
    """Write a file that is there as a whole, on the disk, or not at all."""
    with whole_file(path) as beside:
        beside.write_text(text, encoding="utf-8")
        sync(beside)
    sync(path.parent)


def sync(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
