"""A list of studies in a file, YAML or a table: their paths, and what the files do not say."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gwasmeta.errors import GwasmetaError
from gwasmeta.sumstats.header_complaints import perhaps
from gwasmeta.sumstats.stored_study import is_stored
from gwasmeta.sumstats.study import Study

# Field of an entry -> field of Study.
_FIELDS = {
    "path": "source",
    "name": "name",
    "n": "n",
    "n_cases": "n_cases",
    "n_controls": "n_controls",
    "sex": "sex",
    "dialect": "dialect",
    "columns": "columns",
    "filters": "filters",
    "lambda": "inflation_factor",
    "inflation_factor": "inflation_factor",
    "flip_effects": "flip_effects",
    "sums": "sums",
    "trait": "trait",
    "side_files": "side_files",
}
_NUMBERS = {"n", "n_cases", "n_controls", "lambda", "inflation_factor"}
_MAPPINGS = {"columns", "sums"}
_LISTS = {"filters", "side_files"}
_KNOWN_TO_STUDY = frozenset(Study.__dataclass_fields__)
STUDY_FIELDS = tuple(name for name, field in _FIELDS.items() if field in _KNOWN_TO_STUDY)
"""What an entry of a manifest can say of a study."""

_SEXES = {"m": "male", "male": "male", "f": "female", "female": "female"}
_TRUE, _FALSE = {"true", "yes", "1"}, {"false", "no", "0"}
_YAML_ENDINGS = {".yaml", ".yml", ".json"}


def read_manifest(path: str | os.PathLike[str]) -> list[Study]:
    """Read a list of studies, or of traits.

    Parameters
    ----------
    path : path
        YAML: a list of entries, or ``studies:`` with that list and ``defaults:`` with fields for all. Any other ending:
        a table with a header, separated by tabs (or by commas, .csv), a line a study.

    Returns
    -------
    list of Study
        Paths that are not absolute start from the manifest's folder.

    Raises
    ------
    GwasmetaError
        If it cannot be read, or a field is not known or its value impossible. The message names file, line and field.

    Notes
    -----
    Fields: ``path``; ``name``; ``n``, ``n_cases``, ``n_controls``; ``sex`` (male, female); ``dialect``; ``columns``
    (canonical column to the header's word; in a table ``effect_allele=A1,other_allele=A2``); ``filters`` (in a table
    separated by semicolons); ``lambda``, the inflation factor to use; ``flip_effects``; ``sums``.

    Examples
    --------
    ::

        defaults:
          filters: [info >= 0.4]
        studies:
          - path: ukb.regenie.gz
            name: ukb
          - path: finns.txt
            n: 18500
            sex: female
            columns: {effect_allele: Allele2, other_allele: Allele1}
    """
    file = os.fspath(path)
    text = manifest_text(file)
    entries = list(_yaml_entries(file, text) if is_yaml(file) else table_entries(file, text))
    if not entries:
        raise GwasmetaError(f"{file}: lists no study")
    studies = [listed_study(entry, Path(file).parent) for entry in entries]
    _refuse_repeated_names(studies, entries)
    return studies


def manifest_text(file: str) -> str:
    """Return the text of a manifest; a GwasmetaError if it cannot be read."""
    try:
        return Path(file).read_text(encoding="utf-8-sig")
    except OSError as error:
        raise GwasmetaError(f"{file}: cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise GwasmetaError(f"{file}: is no text in UTF-8: {error.reason}") from error


def is_yaml(file: str) -> bool:
    """Say whether a manifest is YAML, by its name; otherwise it is a table."""
    return Path(file).suffix.lower() in _YAML_ENDINGS


@dataclass(frozen=True)
class ManifestEntry:
    """One study of a manifest.

    Attributes
    ----------
    file : str
        The manifest.
    line : int
    fields : mapping
        What the entry says.
    lines : mapping
        The line that each field stands in, where they have lines of their own.
    """

    file: str
    line: int
    fields: Mapping[str, Any]
    lines: Mapping[str, int]

    def error(self, field: str, problem: str) -> GwasmetaError:
        """Return an error that says where the field is."""
        return GwasmetaError(f"{self.file}, line {self.lines.get(field, self.line)}, field {field}: {problem}")


def listed_study(entry: ManifestEntry, folder: Path) -> Study:
    """Return the study that an entry describes; its paths start from the folder.

    Raises
    ------
    GwasmetaError
        If a field is not known or its value impossible.
    """
    unknown = [name for name in entry.fields if name not in STUDY_FIELDS]
    if unknown:
        meant = perhaps(unknown[0], STUDY_FIELDS)
        raise entry.error(unknown[0], f"there is no such field; the fields are {', '.join(STUDY_FIELDS)}{meant}")
    if not entry.fields.get("path"):
        raise GwasmetaError(f"{entry.file}, line {entry.line}, field path: every study needs one")
    values = {}
    for name, value in entry.fields.items():
        if value is not None and value != "":
            values[_FIELDS[name]] = _value(entry, name, value, folder)
    try:
        return Study(**values)
    except GwasmetaError as error:
        raise GwasmetaError(f"{entry.file}, line {entry.line}: {error}") from error


def _value(entry: ManifestEntry, name: str, value: Any, folder: Path) -> Any:
    """Return a field's value as `Study` takes it."""
    if name in _NUMBERS:
        return _number(entry, name, value)
    if name in _MAPPINGS:
        return _mapping(entry, name, value)
    if name in _LISTS:
        values = [value] if isinstance(value, str) else value
        if not isinstance(values, list) or not all(isinstance(one, str) for one in values):
            raise entry.error(name, f"{value!r}: a text or a list of texts is needed")
        return tuple(values) if name == "filters" else tuple(str(folder / one) for one in values)
    if name == "sex":
        if str(value).lower() not in _SEXES:
            raise entry.error(name, f"{value!r}: write male or female")
        return _SEXES[str(value).lower()]
    if name == "flip_effects":
        if str(value).lower() not in _TRUE | _FALSE:
            raise entry.error(name, f"{value!r}: write true or false")
        return str(value).lower() in _TRUE
    if not isinstance(value, str | int | float):
        raise entry.error(name, f"{value!r}: one word is needed")
    if name == "path" and not is_stored(str(value)):
        return str(folder / str(value))
    return str(value)


def _number(entry: ManifestEntry, name: str, value: Any) -> float:
    try:
        number = float(str(value).replace("_", ""))
    except ValueError:
        raise entry.error(name, f"{value!r} is no number") from None
    if not 0 < number < float("inf"):
        raise entry.error(name, f"{value}: a positive number is needed")
    return number


def _mapping(entry: ManifestEntry, name: str, value: Any) -> dict[str, str]:
    if isinstance(value, str):
        pairs = [pair.partition("=") for pair in value.split(",")]
        if all(equals and key.strip() and word.strip() for key, equals, word in pairs):
            return {key.strip(): word.strip() for key, _, word in pairs}
    elif isinstance(value, Mapping) and all(isinstance(word, str | int | float) for word in value.values()):
        return {str(key): str(word) for key, word in value.items()}
    raise entry.error(name, f"{value!r}: write it as COLUMN=WORD,COLUMN=WORD, or in YAML as {{COLUMN: WORD}}")


def _refuse_repeated_names(studies: list[Study], entries: list[ManifestEntry]) -> None:
    lines: dict[str, int] = {}
    for study, entry in zip(studies, entries, strict=True):
        if study.name is not None and study.name in lines:
            raise entry.error("name", f"{study.name!r} is the name of the study in line {lines[study.name]} already")
        if study.name is not None:
            lines[study.name] = entry.lines.get("name", entry.line)


def table_entries(file: str, text: str) -> Iterator[ManifestEntry]:
    """Yield the lines of a table of studies.

    Raises
    ------
    GwasmetaError
        If it has no header with a field path, or a line has more or fewer fields.
    """
    separator = "," if file.lower().endswith(".csv") else "\t"
    header: list[str] | None = None
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        words = [word.strip().strip('"') for word in line.split(separator)]
        if header is None:
            header = [word.lower() for word in words]
            if "path" not in header:
                raise GwasmetaError(
                    f"{file}, line {number}: the header has no field path: {' '.join(words)}\n"
                    "  A table of studies has a header with tabs between its words, such as path, name, n."
                )
            continue
        if len(words) != len(header):
            raise GwasmetaError(f"{file}, line {number}: {len(words)} fields, but the header has {len(header)}")
        fields: dict[str, Any] = dict(zip(header, words, strict=True))
        for name in _LISTS & set(fields):
            fields[name] = [one.strip() for one in fields[name].split(";") if one.strip()] or None
        yield ManifestEntry(file, number, fields, {})


def _yaml_entries(file: str, text: str) -> Iterator[ManifestEntry]:
    import yaml

    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        raise GwasmetaError(f"{file}: is no YAML: {error}") from error
    loaded = yaml.safe_load(text)
    defaults, entries, nodes = _yaml_parts(file, root, loaded)
    for entry, node in zip(entries, nodes, strict=True):
        line = node.start_mark.line + 1
        if isinstance(entry, str):
            entry, lines = {"path": entry}, {}
        elif isinstance(entry, dict):
            lines = {str(key.value): key.start_mark.line + 1 for key, _ in node.value}
        else:
            raise GwasmetaError(f"{file}, line {line}: {entry!r}: write a path, or fields such as  path: cohort1.txt")
        yield ManifestEntry(file, line, {**defaults, **{str(name): value for name, value in entry.items()}}, lines)


def _yaml_parts(file: str, root: Any, loaded: Any) -> tuple[dict[str, Any], list[Any], list[Any]]:
    """Return the fields for all studies, the entries, and the entries' nodes, which know their lines."""
    if isinstance(loaded, list):
        return {}, loaded, root.value
    if not isinstance(loaded, dict) or not set(loaded) & {"studies", "traits"}:
        raise GwasmetaError(f"{file}: is no list of studies: write  studies:  and below it  - path: ...  for each")
    unknown = set(loaded) - {"studies", "traits", "defaults"}
    if unknown:
        raise GwasmetaError(f"{file}: {unknown.pop()!r}: beside studies (or traits) there can only be defaults")
    which = "studies" if "studies" in loaded else "traits"
    defaults = loaded.get("defaults") or {}
    if not isinstance(loaded[which], list) or not isinstance(defaults, dict):
        raise GwasmetaError(f"{file}: {which} has to be a list of entries, and defaults a list of fields")
    nodes = next(node for key, node in root.value if key.value == which)
    return defaults, loaded[which], nodes.value
