"""YAML whose every value knows its line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import yaml

from gwasmeta.errors import GwasmetaError


@dataclass(frozen=True)
class YamlNode:
    """A part of a YAML file.

    Attributes
    ----------
    file : str
    node : yaml.Node
    line : int
        Of its key, where it has one.
    """

    file: str
    node: Any
    line: int
    _loader: Any

    @classmethod
    def root(cls, file: str, text: str) -> YamlNode:
        """Return the whole of a file.

        Raises
        ------
        GwasmetaError
            If it is no YAML, or empty.
        """
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(text)  # the former in C, some ten times as fast
        try:
            node = loader.get_single_node()
        except yaml.YAMLError as error:
            raise GwasmetaError(f"{file}: is no YAML: {error}") from error
        if node is None:
            raise GwasmetaError(f"{file}: is empty")
        return cls(file, node, 1, loader)

    @property
    def is_mapping(self) -> bool:
        """Whether it has names with values."""
        return isinstance(self.node, yaml.MappingNode)

    @property
    def is_sequence(self) -> bool:
        """Whether it is a list."""
        return isinstance(self.node, yaml.SequenceNode)

    @property
    def value(self) -> Any:
        """What it stands for in Python."""
        return self._loader.construct_document(self.node)

    @property
    def where(self) -> str:
        """What messages call its place."""
        return f"{self.file}, line {self.line}"

    def error(self, problem: str) -> GwasmetaError:
        """Return an error that says where this is."""
        return GwasmetaError(f"{self.where}: {problem}")

    @contextmanager
    def placed(self) -> Iterator[None]:
        """Put this place before the message of an error that is raised within."""
        try:
            yield
        except GwasmetaError as error:
            raise self.error(str(error)) from error

    def items(self) -> Iterator[YamlNode]:
        """Yield the parts of a list."""
        for node in self.node.value:
            yield YamlNode(self.file, node, node.start_mark.line + 1, self._loader)

    def pairs(self) -> dict[str, YamlNode]:
        """Return the values of a mapping by their names.

        Raises
        ------
        GwasmetaError
            If a name stands there twice.
        """
        lines: dict[str, int] = {}
        for key, _ in self.node.value:
            line = key.start_mark.line + 1
            if key.value in lines and key.value != "<<":
                raise GwasmetaError(f"{self.file}, line {line}: {key.value} stands in line {lines[key.value]} already")
            lines[str(key.value)] = line
        self._loader.flatten_mapping(self.node)  # what << takes over stands first, and gives way
        return {
            str(key.value): YamlNode(self.file, value, key.start_mark.line + 1, self._loader)
            for key, value in self.node.value
        }
