"""Sets of variants that a picture shows in colours of their own."""

from __future__ import annotations

from collections.abc import Collection, Mapping

Highlight = Collection[str] | Mapping[str, Collection[str]]


def as_sets(highlight: Highlight) -> dict[str, Collection[str]]:
    """Return the sets by their names; the name of a single one is empty."""
    if isinstance(highlight, Mapping):
        return dict(highlight)
    if isinstance(highlight, str):
        return {"": (highlight,)}
    return {"": highlight} if len(highlight) else {}


def all_of(sets: Mapping[str, Collection[str]]) -> list[str]:
    """Return the members of all sets."""
    return [name for members in sets.values() for name in members]
