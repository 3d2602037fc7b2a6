"""METAL's ADDFILTER as conditions of gwasmeta's own."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_COMPARISONS = {
    "<": "<",
    "<=": "<=",
    ">": ">",
    ">=": ">=",
    "=": "==",
    "==": "==",
    "IS": "==",
    "!=": "!=",
    "<>": "!=",
    "ISNOT": "!=",
}
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?", re.IGNORECASE)


@dataclass(frozen=True)
class MetalFilter:
    """A condition that rows must satisfy to be used.

    Attributes
    ----------
    label : str
        The column's header.
    comparison : str
        One of < <= > >= == !=, or IN.
    values : tuple of str
        One number; or, for IN, words.
    """

    label: str
    comparison: str
    values: tuple[str, ...]

    @classmethod
    def of(cls, words: Sequence[str]) -> MetalFilter:
        """Read the arguments of ADDFILTER: label, condition, value.

        Raises
        ------
        ValueError
            If METAL would not understand it either; its message says what is wrong.
        """
        label, condition, *rest = words
        value = "".join(rest)
        if condition.upper() == "IN":
            if not re.fullmatch(r"\(.+\)", value):
                raise ValueError("the values of IN stand in brackets, with commas between them: IN (A,B)")
            return cls(label, "IN", tuple(value[1:-1].split(",")))
        if condition.upper() not in _COMPARISONS:
            raise ValueError(f"there is no condition {condition}; known are {' '.join(_COMPARISONS)} IN")
        if not _NUMBER.fullmatch(rest[0]):
            raise ValueError(f"{condition} compares with a number, and {rest[0]} is none; words are tested by IN (A,B)")
        return cls(label, _COMPARISONS[condition.upper()], (rest[0],))

    @property
    def text(self) -> str:
        """The filter as METAL writes it in its report."""
        values = f"({','.join(self.values)})" if self.comparison == "IN" else self.values[0]
        return f"{self.label} {self.comparison} {values}"

    def condition(self, header: str, *, of_numbers: bool) -> str:
        """Return the filter as gwasmeta understands it.

        Parameters
        ----------
        header : str
            The file's own word for the column.
        of_numbers : bool
            Whether the column is read as numbers, and words can stand in it only as such.
        """
        column = f"`{header.upper()}`"  # no name in capitals is a canonical column's: it means the file's header
        numbers = [repr(float(value)) for value in self.values if _NUMBER.fullmatch(value)]  # 07 is no Python
        if self.comparison != "IN":
            return f"{column} {self.comparison} {numbers[0]}"
        if of_numbers:
            return f"{column} in [{', '.join(numbers)}]" if numbers else f"{column} != {column}"
        return f"{column} in [{', '.join(map(_quoted, map(str.lower, self.values)))}]"


def _quoted(word: str) -> str:
    return f'"{word}"' if "'" in word else f"'{word}'"
