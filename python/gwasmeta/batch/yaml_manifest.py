"""A batch as YAML: traits with their studies, groups of traits, groups for MTAG, and options for each level."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from gwasmeta.batch.draft import TRAIT_IN_FILE, merged_options, run_of
from gwasmeta.batch.options import FOR_ALL_KINDS, read_option
from gwasmeta.batch.problems import Problems
from gwasmeta.batch.runs import Run
from gwasmeta.batch.yaml_nodes import YamlNode
from gwasmeta.errors import GwasmetaError
from gwasmeta.sumstats.header_complaints import perhaps
from gwasmeta.sumstats.manifest import STUDY_FIELDS, ManifestEntry, listed_study, manifest_text
from gwasmeta.sumstats.study import Study

_TOP: Final = ("defaults", "traits", "groups")
_GROUP: Final = ("kind", "defaults", "traits")
_TRAIT: Final = ("defaults", "studies")
_KINDS: Final = ("meta", "mtag")


@dataclass(frozen=True)
class _Level:
    """What is said for everything below.

    Attributes
    ----------
    options : mapping
        Of the runs.
    defaults : mapping
        Fields of the studies.
    """

    options: Mapping[str, Any] = field(default_factory=dict)
    defaults: Mapping[str, Any] = field(default_factory=dict)


class YamlManifest:
    """Reads one file.

    Parameters
    ----------
    file : str
    problems : Problems
        Takes what is wrong in it.
    """

    def __init__(self, file: str, problems: Problems) -> None:
        self._root = YamlNode.root(file, manifest_text(file))
        self._folder = Path(file).parent
        self._problems = problems

    def runs(self) -> list[Run]:
        """Return the runs, in the order of the file.

        Raises
        ------
        GwasmetaError
            If the file has not the form of a manifest at all.
        """
        root = self._root
        parts = root.pairs() if root.is_mapping else {}
        if not {"traits", "groups"} & parts.keys():
            raise GwasmetaError(
                f"{root.file}: is no list of traits: write  traits:  and below it  NAME:  with its studies, or  groups:"
            )
        level = self._level(parts, _TOP, "meta", _Level())
        runs = list(self._traits(parts["traits"], "", level)) if "traits" in parts else []
        if "groups" in parts:
            with self._problems.collected():
                for name, group in self._named(parts["groups"], "groups").items():
                    with self._problems.collected():
                        runs += self._group(name, group, level)
        return runs

    def _level(self, parts: Mapping[str, YamlNode], structure: tuple[str, ...], kind: str, above: _Level) -> _Level:
        """Return what applies below a mapping: what is said above, and what it says itself."""
        own: dict[str, Any] = {}
        defaults = above.defaults
        for name, part in parts.items():
            with self._problems.collected():
                if name == "defaults":
                    defaults = {**defaults, **self._defaults(part)}
                elif name not in structure:
                    with part.placed():
                        option, value = read_option(kind, name, part.value, self._folder, structure)
                    own[option] = value
        return _Level(merged_options(above.options, own), defaults)

    def _defaults(self, node: YamlNode) -> dict[str, Any]:
        if not node.is_mapping:
            raise node.error("defaults: fields of studies are needed, such as  dialect: regenie")
        known = {}
        for name, part in node.pairs().items():
            if name in STUDY_FIELDS:
                known[name] = part.value
            else:
                hint = perhaps(name, STUDY_FIELDS)
                self._problems.add(f"{part.where}: {name}: there is no such field of a study{hint}")
        return known

    def _named(self, node: YamlNode, what: str) -> dict[str, YamlNode]:
        if not node.is_mapping:
            raise node.error(f"{what}: write a name and a colon before each, such as  height:")
        return node.pairs()

    def _group(self, name: str, node: YamlNode, above: _Level) -> Iterator[Run]:
        parts = self._named(node, name)
        kind = parts["kind"].value if "kind" in parts else "meta"
        if kind not in _KINDS:
            raise parts["kind"].error(f"kind: {kind!r}: choose among {', '.join(_KINDS)}")
        if "traits" not in parts:
            raise node.error(f"{name}: has no traits")
        if kind == "meta":
            yield from self._traits(parts["traits"], name, self._level(parts, _GROUP, kind, above))
            return
        common = {option: value for option, value in above.options.items() if option in FOR_ALL_KINDS}
        level = self._level(parts, _GROUP, kind, _Level(common, above.defaults))
        traits = tuple(self._studies(parts["traits"], level.defaults))
        yield run_of("mtag", name, traits, level.options, name, f"{node.where}, group {name}")

    def _traits(self, node: YamlNode, group: str, level: _Level) -> Iterator[Run]:
        with self._problems.collected():
            for name, trait in self._named(node, "traits").items():
                with self._problems.collected():
                    yield self._trait(name, trait, group, level)

    def _trait(self, name: str, node: YamlNode, group: str, level: _Level) -> Run:
        listed = node
        if node.is_mapping:
            parts = node.pairs()
            level = self._level(parts, _TRAIT, "meta", level)
            if "studies" not in parts:
                raise node.error(f"trait {name}: has no studies")
            listed = parts["studies"]
        studies = tuple(self._studies(listed, level.defaults))
        return run_of("meta", name, studies, level.options, group, f"{node.where}, trait {name}")

    def _studies(self, node: YamlNode, defaults: Mapping[str, Any]) -> Iterator[Study]:
        if not node.is_sequence:
            raise node.error("a list is needed:  - path: FILE  for each, or  [FILE, FILE]")
        for item in node.items():
            with self._problems.collected():
                yield listed_study(_entry(item, defaults), self._folder)


def _entry(item: YamlNode, defaults: Mapping[str, Any]) -> ManifestEntry:
    if isinstance(item.value, str):
        return ManifestEntry(item.file, item.line, {**defaults, "path": item.value}, {})
    if not item.is_mapping:
        raise item.error(f"{item.value!r}: write a path, or fields such as  path: cohort1.txt")
    parts = item.pairs()
    named = {"trait" if name == TRAIT_IN_FILE else name: part for name, part in parts.items()}
    fields = {**defaults, **{name: part.value for name, part in named.items()}}
    return ManifestEntry(item.file, item.line, fields, {name: part.line for name, part in named.items()})
