"""Studies of a store that stay laid down by variant: only the first analysis of one has to read and match it."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from gwasmeta.cluster import Workers
from gwasmeta.errors import GwasmetaError
from gwasmeta.meta.engine import ProgressCallback
from gwasmeta.meta.options import Conventions, MetaOptions, Method
from gwasmeta.meta.ranges.catalogue import Catalogue, CatalogueFiles
from gwasmeta.meta.ranges.column_files import ColumnFiles, StoredColumn
from gwasmeta.meta.ranges.numbered_studies import number_all, sorted_studies
from gwasmeta.meta.ranges.numbered_study import NumberedStudy
from gwasmeta.meta.ranges.study_rows import StudyRows, needed_statistics
from gwasmeta.store.places import StorePlaces, sync, write_durably
from gwasmeta.sumstats.reader import StudyReader
from gwasmeta.sumstats.stored_rows import StoredRows
from gwasmeta.sumstats.stored_study import BY_VARIANT, finding_as_json, finding_from_json, is_stored, stored_study
from gwasmeta.sumstats.study import Study

_LAYOUT = 3  # of the files; those of another one are made again
_ENTRY = "study.json"
_FREE = ("source", "name", "sex", "inflation_factor")  # what may be said of a study without its rows being others


def can_be_kept(studies: Sequence[Study], options: MetaOptions) -> bool:
    """Say whether an analysis takes the rows of studies of one store just as they are there."""
    paths = [study.path for study in studies if is_stored(study.path)]
    if len(paths) < len(studies) or not all(map(_is_plain, studies)):
        return False
    places = [stored_study(path) for path in paths if path is not None]
    roots = {folder.parent.parent for folder, _ in places}
    return (
        len(roots) == 1
        and all(map(_is_writable, [*roots, *(folder / entry.data for folder, entry in places)]))
        and options.palindromic == "keep"
        and options.genomic_control_variants is None
        and options.conventions == Conventions()
    )


def _is_writable(folder: Path) -> bool:
    """Say whether what is kept in a folder of a store can be added to: a store may be shared, or only be read."""
    kept = folder / BY_VARIANT
    return os.access(kept if kept.exists() else folder, os.W_OK)


def _is_plain(study: Study) -> bool:
    """Say whether nothing is said of a study that leaves rows out or changes them."""
    plain = Study(study.source)
    return all(getattr(study, one.name) == getattr(plain, one.name) for one in fields(Study) if one.name not in _FREE)


def kept_studies(
    readers: Sequence[StudyReader],
    options: MetaOptions,
    workers: Workers,
    memory: int | None = None,
    progress: ProgressCallback | None = None,
) -> tuple[tuple[NumberedStudy, ...], CatalogueFiles]:
    """Return studies of a store as they are kept there by variant; those that are not yet are laid down first.

    What is kept belongs to the rows of the study, and goes when these are replaced or removed. Variants are numbered
    in one catalogue for the whole store, in the order in which its studies are first analysed.

    Parameters
    ----------
    readers : sequence of StudyReader
        Of studies that `can_be_kept`.
    options : MetaOptions
    workers : Workers
    memory : int, optional
        Bytes that this process may take.
    progress : callable, optional

    Raises
    ------
    GwasmetaError
        If a study cannot be read or is removed meanwhile, or the store not be written to.
    """
    keeper = _Keeper(readers, options)
    kept = keeper.known()
    if kept is not None:
        return kept
    try:
        with keeper.locked():
            keeper.complete(workers, memory, progress)
            kept = keeper.known()
    except (GwasmetaError, OSError) as error:
        keeper.refuse_gone()
        if isinstance(error, GwasmetaError):
            raise
        raise GwasmetaError(f"{keeper.root}: cannot keep its studies by variant: {error.strerror or error}") from error
    if kept is None:
        keeper.refuse_gone()
        raise GwasmetaError(f"{keeper.root}: {BY_VARIANT} was changed while studies were added to it; start again")
    return kept


class _Keeper:
    """What is kept of the studies of one store for analyses of one kind."""

    def __init__(self, readers: Sequence[StudyReader], options: MetaOptions) -> None:
        kind = "-".join([*needed_statistics(options), options.match])
        self._readers = readers
        self._rows = [reader.frame for reader in readers if isinstance(reader.frame, StoredRows)]
        self.root = self._rows[0].root
        self._places = StorePlaces(self.root)
        self._lock = f"{BY_VARIANT}~{kind}"  # as no study is named
        # Whole paths, for workers may have been started in another folder.
        self._folders = [rows.data.absolute() / BY_VARIANT / kind for rows in self._rows]
        self._catalogue = self.root.absolute() / BY_VARIANT / kind
        methods: tuple[Method, ...] = ("fixed",) if options.needs_effects else ()
        # All that any analysis of the kind asks of the rows, which differ in nothing else.
        self._options = MetaOptions(
            methods=(*methods, *(("sample_size",) if options.needs_z else ())),
            genomic_control=True,
            match=options.match,
        )

    def refuse_gone(self) -> None:
        """Raise an error if a study is not in the store any more."""
        for reader, rows in zip(self._readers, self._rows, strict=True):
            if not rows.data.is_dir():
                raise GwasmetaError(f"{reader.study.file}: was replaced or removed while it was read; start again")

    def locked(self) -> AbstractContextManager[None]:
        """Hold the catalogue so that no other process adds to it."""
        return self._places.locked(self._lock)

    def known(self) -> tuple[tuple[NumberedStudy, ...], CatalogueFiles] | None:
        """Return the studies; None where one of them has to be laid down first."""
        catalogue = CatalogueFiles.read(self._catalogue)
        studies = [self._read(number, catalogue) for number in range(len(self._readers))]
        if catalogue is None or any(study is None for study in studies):
            return None
        return tuple(study for study in studies if study is not None), catalogue

    def _read(self, number: int, catalogue: CatalogueFiles | None) -> NumberedStudy | None:
        folder = self._folders[number]
        try:
            told = json.loads((folder / _ENTRY).read_bytes())
        except FileNotFoundError:
            return None
        if catalogue is None or told["layout"] != _LAYOUT or told["catalogue"] not in catalogue.states:
            return None
        return _from_json(self._readers[number], folder, told)

    def complete(self, workers: Workers, memory: int | None, progress: ProgressCallback | None) -> None:
        """Lay down the studies that are not kept yet. The catalogue must be held."""
        files = CatalogueFiles.read(self._catalogue)
        first_of = {folder: number for number, folder in reversed(list(enumerate(self._folders)))}
        missing = [number for number in sorted(first_of.values()) if self._read(number, files) is None]
        if not missing:
            return  # another process has laid them down while this one waited
        for number in missing:
            self._make_room(number)
        try:
            self._lay_down(missing, workers, memory, progress)
        except BaseException:
            for number in missing:
                if not (self._folders[number] / _ENTRY).exists():
                    shutil.rmtree(self._folders[number], ignore_errors=True)
            raise

    def _lay_down(
        self, missing: Sequence[int], workers: Workers, memory: int | None, progress: ProgressCallback | None
    ) -> None:
        readers = [self._readers[number] for number in missing]
        catalogue = Catalogue.load(self._catalogue)
        folders = [self._folders[number] for number in missing]
        numbered = number_all(catalogue, readers, self._options, workers, folders, memory, progress)
        files = catalogue.save(self._catalogue, durably=True)
        del catalogue
        for number, in_order in zip(missing, sorted_studies(numbered, workers), strict=True):
            folder = in_order.rows.files.folder
            _remove_beside(folder)  # what workers have left that were killed, and replaced
            for path in (folder, *folder.rglob("*")):
                sync(path)
            told = {"layout": _LAYOUT, "catalogue": files.states[-1]} | _as_json(in_order)
            write_durably(self._folders[number] / _ENTRY, json.dumps(told))

    def _make_room(self, number: int) -> None:
        """Make the folder of a study, empty of what a process that was killed has left."""
        folder = self._folders[number]
        shutil.rmtree(folder, ignore_errors=True)
        folder.parent.mkdir(exist_ok=True)  # no parents: the study itself must be there
        folder.mkdir()


def _remove_beside(folder: Path) -> None:
    for path in folder.parent.iterdir():
        if path != folder:
            shutil.rmtree(path, ignore_errors=True)


def _as_json(study: NumberedStudy) -> dict[str, Any]:
    rows = study.rows
    return {
        "folder": rows.files.folder.name,
        "rows_read": rows.rows_read,
        "rows": rows.files.n_rows,
        "columns": {name: asdict(column) for name, column in rows.files.columns.items()},
        "shown_bytes": rows.shown.n_rows,
        "shown": {name: asdict(column) for name, column in rows.shown.columns.items()},
        "alleles": rows.alleles,
        "chromosomes": rows.chromosomes,
        "bounds": rows.bounds,
        "findings": [finding_as_json(finding) for finding in rows.findings],
        "unlike_rows": study.unlike.n_rows,
        "unlike": {name: asdict(column) for name, column in study.unlike.columns.items()},
        "contested_rows": study.contested.n_rows,
        "contested": {name: asdict(column) for name, column in study.contested.columns.items()},
        "begins": study.begins,
        "unlike_begins": study.unlike_begins,
        "contested_begins": study.contested_begins,
    }


def _from_json(reader: StudyReader, parent: Path, told: Mapping[str, Any]) -> NumberedStudy:
    def files(folder: Path, n_rows: int, columns: Mapping[str, Any]) -> ColumnFiles:
        return ColumnFiles(folder, n_rows, {name: StoredColumn(**column) for name, column in columns.items()})

    folder = parent / told["folder"]
    assert isinstance(reader.frame, StoredRows)
    rows = StudyRows(
        reader.study,
        reader.header,
        reader.columns,
        reader.dialect,
        reader.recipes,
        reader.frame.checksum,
        told["rows_read"],
        tuple(map(finding_from_json, told["findings"])),
        files(folder, told["rows"], told["columns"]),
        ColumnFiles(folder / "names", 0, {}),
        files(folder / "shown", told["shown_bytes"], told["shown"]),
        tuple(told["alleles"]),
        tuple(told["chromosomes"]),
        {of: (low, high) for of, (low, high) in told["bounds"].items()},
    )
    return NumberedStudy(
        rows,
        files(folder / "unlike", told["unlike_rows"], told["unlike"]),
        files(folder / "contested", told["contested_rows"], told["contested"]),
        *(tuple(told[name]) for name in ("begins", "unlike_begins", "contested_begins")),
    )
