"""A block of checked rows in canonical columns: what the reader hands out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from gwasmeta.sumstats.effects import FloatArray
from gwasmeta.sumstats.row_log import MAX_EXAMPLES, Action, Example, Finding
from gwasmeta.sumstats.words import Words

BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class RowBlock:
    """Rows that passed the checks, in canonical columns.

    Attributes
    ----------
    n_read : int
        Rows read, the excluded ones included.
    numbers, words : mapping of str to column
    effect_codes, other_codes : int32 arrays, shape (n_rows,)
        The alleles as `Words.allele_codes` numbers them.
    findings : list of Finding
        What the rules caught in this block.
    """

    n_read: int
    numbers: dict[str, FloatArray]
    words: dict[str, Words]
    effect_codes: npt.NDArray[np.int32]
    other_codes: npt.NDArray[np.int32]
    findings: list[Finding]
    _example: Callable[[int, str], Example] = field(repr=False)

    def __len__(self) -> int:
        return len(self.effect_codes)

    def kept(self, rows: BoolArray) -> RowBlock:
        """Return the block with only the rows of a mask."""
        kept = np.flatnonzero(rows)
        return RowBlock(
            self.n_read,
            {name: values[kept] for name, values in self.numbers.items()},
            {name: values.take(kept) for name, values in self.words.items()},
            self.effect_codes[kept],
            self.other_codes[kept],
            self.findings,
            lambda row, column: self._example(int(kept[row]), column),
        )

    def without(self, rule: str, reason: str, column: str, broken: BoolArray) -> RowBlock:
        """Return the block without the rows that break a rule, and with the finding of it."""
        if not broken.any():
            return self
        kept = self.kept(~broken)
        kept.findings.append(self.finding(rule, reason, column, broken, "excluded"))
        return kept

    def with_number(self, name: str, values: FloatArray) -> RowBlock:
        """Return the block with one more column of numbers."""
        return replace(self, numbers={**self.numbers, name: values})

    def finding(self, rule: str, reason: str, column: str, broken: BoolArray, action: Action) -> Finding:
        """Describe what a rule caught among the rows of this block, with the first examples."""
        rows = np.flatnonzero(broken)
        examples = tuple(self._example(int(row), column) for row in rows[:MAX_EXAMPLES])
        return Finding(rule, reason, action, len(rows), examples)
