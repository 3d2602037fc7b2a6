"""The runs of a batch, from any form of manifest; checked as a whole before the first of them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from gwasmeta.batch.draft import TRAIT_IN_FILE, merged_options, run_of
from gwasmeta.batch.options import FOR_ALL_KINDS, read_option, refuse_impossible_options
from gwasmeta.batch.places import FAILURES, INDEX
from gwasmeta.batch.problems import Problems
from gwasmeta.batch.runs import Run
from gwasmeta.batch.yaml_manifest import YamlManifest
from gwasmeta.errors import GwasmetaError
from gwasmeta.meta.analyze import as_studies
from gwasmeta.sumstats.dialects import DIALECTS
from gwasmeta.sumstats.filters import parse_filter
from gwasmeta.sumstats.header_complaints import perhaps
from gwasmeta.sumstats.manifest import (
    STUDY_FIELDS,
    ManifestEntry,
    is_yaml,
    listed_study,
    manifest_text,
    table_entries,
)
from gwasmeta.sumstats.study import Study

if TYPE_CHECKING:
    from gwasmeta.sumstats.study import StudySource

    Traits = Mapping[str, Iterable[Study | StudySource] | Mapping[str, Study | StudySource]]

_TRAIT = "trait"
_TABLE_FIELDS: Final = (_TRAIT, *(name for name in STUDY_FIELDS if name != _TRAIT), TRAIT_IN_FILE)
_DIALECTS = frozenset(dialect.name for dialect in DIALECTS)
_NAME = re.compile(r"[^\W_][\w.+=@,() -]{0,119}", re.ASCII)


def read_runs(manifest: str | os.PathLike[str] | Traits, options: Mapping[str, Any], folder: Path) -> list[Run]:
    """Return the runs that a manifest lists, once it is clear that all of them can be tried.

    Parameters
    ----------
    manifest : path, or mapping of trait to its studies
    options : mapping
        Options for all runs, which win over those of the manifest.
    folder : Path
        Of the results.

    Raises
    ------
    GwasmetaError
        With everything that is wrong: the places in the manifest, all missing files, traits that are listed twice.
    """
    problems = Problems()
    given = dict(read_option("meta", name, value, Path()) for name, value in options.items())
    if isinstance(manifest, Mapping):
        file, runs = "the traits", _given_runs(manifest, problems)
    else:
        file = os.fspath(manifest)
        runs = YamlManifest(file, problems).runs() if is_yaml(file) else _table_runs(file, problems)
    runs = [_with_options(run, given) for run in runs]
    for run in runs:
        _check(run, problems)
    _check_names(runs, folder, problems)
    problems.refuse(file)
    if not runs:
        raise GwasmetaError(f"{file}: lists no trait")
    return runs


def _given_runs(traits: Traits, problems: Problems) -> list[Run]:
    runs = []
    for name, studies in traits.items():
        where = f"trait {name}"
        with problems.collected(where):
            given = tuple(as_studies(studies, ()))
            with problems.collected():
                runs.append(run_of("meta", str(name), given, {}, "", where))
    return runs


def _table_runs(file: str, problems: Problems) -> list[Run]:
    """Return the runs of a table with a line for each study of each trait."""
    studies: dict[str, list[Study]] = {}
    lines: dict[str, int] = {}
    for entry in table_entries(file, manifest_text(file)):
        _refuse_unknown_fields(entry)
        fields = dict(entry.fields)
        trait = fields.pop(_TRAIT)
        lines.setdefault(trait, entry.line)
        if TRAIT_IN_FILE in fields:
            fields[_TRAIT] = fields.pop(TRAIT_IN_FILE)
        with problems.collected():
            if not trait:
                raise entry.error(_TRAIT, "every line needs the trait that its study is of")
            studies.setdefault(trait, []).append(listed_study(replace(entry, fields=fields), Path(file).parent))
    runs = []
    for trait, of_trait in studies.items():
        with problems.collected():
            where = f"{file}, line {lines[trait]}, trait {trait}"
            runs.append(run_of("meta", trait, tuple(of_trait), {}, "", where))
    return runs


def _refuse_unknown_fields(entry: ManifestEntry) -> None:
    for name in entry.fields:
        if name not in _TABLE_FIELDS:
            raise GwasmetaError(
                f"{entry.file}: its header has {name}, and there is no such field{perhaps(name, _TABLE_FIELDS)}\n"
                f"  The fields are {', '.join(_TABLE_FIELDS)}.\n"
                "  Options of a run are given on the command line, or in a manifest in YAML (docs/batch.md)."
            )
    if _TRAIT not in entry.fields:
        raise GwasmetaError(
            f"{entry.file}: its header has no field {_TRAIT}, which says what trait a line's study is of\n"
            "  The header of such a table is for instance:  trait  path  name  n"
        )


def _with_options(run: Run, given: Mapping[str, Any]) -> Run:
    chosen = {name: value for name, value in given.items() if run.kind == "meta" or name in FOR_ALL_KINDS}
    return replace(run, options=merged_options(run.options, chosen))


def _check(run: Run, problems: Problems) -> None:
    """Find out what of a run cannot be, as far as the manifest and the names of files tell."""
    for name in (run.name, *(run.traits if run.kind == "mtag" else ())):
        if not _NAME.fullmatch(name):
            problems.add(
                f"{run.where}: {name!r} cannot be part of a file's name here: letters, digits, blanks and"
                " _ . + = @ , ( ) - only, first a letter or digit, 120 at most"
            )
    with problems.collected(run.where):
        refuse_impossible_options(run.kind, run.options)
    for study in run.studies:
        if isinstance(study.dialect, str) and study.dialect not in _DIALECTS:
            hint = perhaps(study.dialect, _DIALECTS)
            problems.add(f"{run.where}: {study.file}: there is no dialect {study.dialect!r}{hint}")
        with problems.collected(f"{run.where}: {study.file}"):
            for condition in study.conditions:
                parse_filter(condition)
    for path in run.named_files():
        if not os.path.isfile(path):
            what = "is a folder" if os.path.isdir(path) else "there is no such file"
            problems.add(f"{run.where}: {path}: {what}")
    if run.kind == "mtag":
        with problems.collected(run.where):
            list(run.files())  # a panel that is missing is told


def _check_names(runs: Sequence[Run], folder: Path, problems: Problems) -> None:
    """Refuse traits whose files would be the same, also on disks that do not tell capital letters from small ones."""
    taken = {INDEX: "", FAILURES: ""}
    names: dict[str, str] = {}
    written: set[str] = set()
    for run in runs:
        if run.name in names:
            problems.add(f"{run.where}: the name {run.name!r} is taken already: {names[run.name]}")
            continue
        names[run.name] = run.where
        with suppress(GwasmetaError):  # of an impossible ending, which has been told
            for path in run.paths(folder):
                written.add(os.fspath(path))
                other = taken.setdefault(path.name.casefold(), run.where)
                if other != run.where:
                    problems.add(f"{run.where}: its file {path.name} is one of {other or 'the batch itself'} already")
    for run in runs:
        for read in sorted(written.intersection(run.named_files())):
            problems.add(f"{run.where}: {read} is read, and would be written over; choose another folder")
