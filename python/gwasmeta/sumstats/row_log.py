"""The books of one study: what was left out of it, by which rule, and the first examples."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from dataclasses import field as dataclass_field
from typing import Literal, overload

import numpy as np
import numpy.typing as npt

MAX_EXAMPLES = 5

Action = Literal["excluded", "blanked", "warned"]


@dataclass(frozen=True)
class Example:
    """One row that a rule caught: its line in the file, its variant, and the texts that the rule looked at.

    While a run is observed, `field` gives the text of any other column of the row by its canonical name.
    """

    line: int
    variant_id: str
    values: tuple[str, ...]
    field: Callable[[str], str] | None = dataclass_field(default=None, compare=False, repr=False)

    @property
    def value(self) -> str:
        """The texts in one, as the log shows them."""
        return "/".join(self.values)


class AllExamples(Sequence[Example]):
    """Every row that a rule caught, described when it is looked at: there may be a million that nobody asks for."""

    def __init__(self, rows: npt.NDArray[np.intp], describe: Callable[[int], Example]) -> None:
        self._rows = rows
        self._describe = describe

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, place: int) -> Example: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[Example]: ...

    def __getitem__(self, place: int | slice) -> Example | Sequence[Example]:
        if isinstance(place, slice):
            return AllExamples(self._rows[place], self._describe)
        return self._describe(int(self._rows[place]))


@dataclass(frozen=True)
class Finding:
    """How many rows of a study a rule caught, and what happened to them."""

    rule: str
    reason: str
    action: Action
    count: int
    examples: Sequence[Example] = ()

    def joined_with(self, later: Finding, max_examples: int) -> Finding:
        """Add what the same rule caught further down the file."""
        examples = (*self.examples, *later.shortened(max_examples - len(self.examples)).examples)
        return Finding(self.rule, self.reason, self.action, self.count + later.count, examples)

    def shortened(self, max_examples: int) -> Finding:
        """Return the finding with no more examples than that, and none that holds on to its block."""
        return replace(self, examples=tuple(replace(example, field=None) for example in self.examples[:max_examples]))


@dataclass
class StudyLog:
    """Rows read, rows used, and every finding of one study. Rows read = rows used + rows excluded."""

    study: str
    file: str
    rows_read: int = 0
    rows_used: int = 0
    max_examples: int = MAX_EXAMPLES
    _findings: dict[str, Finding] = dataclass_field(default_factory=dict)

    def add(self, findings: Iterable[Finding]) -> None:
        """Enter findings; those of a rule that is in the book already are added to it."""
        for finding in findings:
            if finding.count:
                known = self._findings.get(finding.rule)
                self._findings[finding.rule] = (
                    known.joined_with(finding, self.max_examples) if known else finding.shortened(self.max_examples)
                )

    def sort(self) -> None:
        """Bring the findings into the order of the first row of each, whatever order they were found in."""
        self._findings = {finding.rule: finding for finding in sorted(self, key=_first_line)}

    def __iter__(self) -> Iterator[Finding]:
        return iter(self._findings.values())

    @property
    def excluded(self) -> dict[str, int]:
        """Number of rows excluded by each rule that excluded any."""
        return {finding.rule: finding.count for finding in self if finding.action == "excluded"}

    def check_balance(self) -> None:
        """Raise RuntimeError if a row was lost between reading and using; a fault of the program."""
        if self.rows_read != self.rows_used + sum(self.excluded.values()):
            raise RuntimeError(
                f"{self.study}: {self.rows_read} rows read, but {self.rows_used} used and {self.excluded} excluded"
            )


def _first_line(finding: Finding) -> float:
    return finding.examples[0].line if finding.examples else math.inf
