"""The words of one header, found by the names and patterns that dialects declare."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from functools import cache
from typing import NamedTuple

from gwasmeta.errors import GwasmetaError

_PLACEHOLDERS = {"{trait}": "(?P<trait>.+)", "{number}": r"(?P<number>\d+(?:\.\d+)?)"}


class Match(NamedTuple):
    """A place in the header that a pattern fits, and the text that stands for its placeholder."""

    position: int
    text: str


@cache
def _pattern(word: str, case_sensitive: bool) -> re.Pattern[str] | None:
    """Return the expression for a word with a placeholder; None for a plain word."""
    name = next((name for name in _PLACEHOLDERS if name in word), None)
    if name is None:
        return None
    before, _, after = word.partition(name)
    expression = re.escape(before) + _PLACEHOLDERS[name] + re.escape(after)
    return re.compile(expression, 0 if case_sensitive else re.IGNORECASE)


class HeaderWords:
    """The words of a header, found by their names.

    Parameters
    ----------
    header : sequence of str
    where : str
        The place that errors name.
    """

    def __init__(self, header: Sequence[str], where: str) -> None:
        self.header = tuple(header)
        self.where = where
        self._by_spelling: dict[str, list[int]] = {}
        self._by_letters: dict[str, list[int]] = {}
        for position, word in enumerate(self.header):
            self._by_spelling.setdefault(word, []).append(position)
            self._by_letters.setdefault(word.casefold(), []).append(position)

    def has_all(self, words: Collection[str], case_sensitive: bool) -> bool:
        """Say whether each word, or a word of each pattern, is in the header."""
        return all(self._has(word, case_sensitive) for word in words)

    def has_any(self, words: Collection[str], case_sensitive: bool) -> bool:
        """Say whether one of the words, or a word of one of the patterns, is in the header."""
        return any(self._has(word, case_sensitive) for word in words)

    def _has(self, word: str, case_sensitive: bool) -> bool:
        if _pattern(word, case_sensitive) is not None:
            return bool(self.matches(word, case_sensitive))
        return word in self._by_spelling if case_sensitive else word.casefold() in self._by_letters

    def matches(self, word: str, case_sensitive: bool = False) -> list[Match]:
        """Return where words stand that a pattern fits, in the header's order; nothing for a plain word."""
        pattern = _pattern(word, case_sensitive)
        if pattern is None:
            return []
        fits = [(position, pattern.fullmatch(known)) for position, known in enumerate(self.header)]
        return [Match(position, fit.group(1)) for position, fit in fits if fit]

    def position(self, word: str, meaning: str, case_sensitive: bool = False, trait: str = "") -> int | None:
        """Return where a word is, None if nowhere; an error if it is in several places.

        Of the words that a pattern fits, the one whose placeholder stands for `trait`; the first, for a number.
        """
        if _pattern(word, case_sensitive) is not None:
            fits = self.matches(word, case_sensitive)
            if "{trait}" in word:
                fits = [fit for fit in fits if fit.text == trait]
            return fits[0].position if fits else None
        found = self._by_spelling.get(word, [])
        if not found and not case_sensitive:
            found = self._by_letters.get(word.casefold(), [])
        if len(found) > 1:
            raise self._twice(word, meaning, found)
        return found[0] if found else None

    def _twice(self, word: str, meaning: str, found: list[int]) -> GwasmetaError:
        spellings = [self.header[position] for position in found]
        places = ", ".join(f"{self.header[position]} in column {position + 1}" for position in found)
        if len(set(spellings)) == 1:
            remedy = "Which one is meant cannot be told: remove or rename the others in the file."
        else:
            remedy = f"Say which one is meant:  --column {meaning}={spellings[0]}"
            remedy += f'      in Python:  columns={{"{meaning}": "{spellings[0]}"}}'
        return GwasmetaError(
            f"{self.where}: the header has {word}, wanted as {meaning}, {len(found)} times: {places}\n  {remedy}"
        )


def letters_of(word: str) -> str:
    """Return the letters and digits of a word, in lower case."""
    return "".join(letter for letter in word.casefold() if letter.isalnum())
