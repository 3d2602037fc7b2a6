"""The books of one study: what was left out of it, by which rule, and the first examples."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal

MAX_EXAMPLES = 5

Action = Literal["excluded", "blanked", "warned"]


@dataclass(frozen=True)
class Example:
    """One row that a rule caught: its line in the file, its variant, and the text that the rule objects to."""

    line: int
    variant_id: str
    value: str


@dataclass(frozen=True)
class Finding:
    """How many rows of a study a rule caught, and what happened to them."""

    rule: str
    reason: str
    action: Action
    count: int
    examples: tuple[Example, ...] = ()

    def joined_with(self, later: Finding) -> Finding:
        """Add what the same rule caught further down the file."""
        examples = (self.examples + later.examples)[:MAX_EXAMPLES]
        return Finding(self.rule, self.reason, self.action, self.count + later.count, examples)


@dataclass
class StudyLog:
    """Rows read, rows used, and every finding of one study. Rows read = rows used + rows excluded."""

    study: str
    file: str
    rows_read: int = 0
    rows_used: int = 0
    _findings: dict[str, Finding] = field(default_factory=dict)

    def add(self, findings: Iterable[Finding]) -> None:
        """Enter findings; those of a rule that is in the book already are added to it."""
        for finding in findings:
            if finding.count:
                known = self._findings.get(finding.rule)
                self._findings[finding.rule] = known.joined_with(finding) if known else finding

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
