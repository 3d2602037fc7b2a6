"""A block of checked rows in canonical columns: what the reader hands out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from gwasmeta.sumstats.effects import FloatArray
from gwasmeta.sumstats.row_log import MAX_EXAMPLES, Action, AllExamples, Example, Finding
from gwasmeta.sumstats.words import Words

BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class ValidRows:
    """z of every row that has a valid effect and passes the filters, whatever its alleles are.

    Attributes
    ----------
    z : float64 array, shape (n_valid,)
    imputed : bool array, shape (n_valid,)
    """

    z: FloatArray
    imputed: BoolArray


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
    valid : ValidRows or None
        The statistics of all rows with an effect, where they are wanted.
    max_examples : int
        How many rows a finding describes.
    observed : list of Finding or None
        While a run is observed: for each rule every row that breaks it, those excluded before by another included.
    """

    n_read: int
    numbers: dict[str, FloatArray]
    words: dict[str, Words]
    effect_codes: npt.NDArray[np.int32]
    other_codes: npt.NDArray[np.int32]
    findings: list[Finding]
    _example: Callable[[int, tuple[str, ...]], Example] = field(repr=False)
    max_examples: int = MAX_EXAMPLES
    valid: ValidRows | None = None
    observed: list[Finding] | None = None

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
            lambda row, columns: self._example(int(kept[row]), columns),
            self.max_examples,
            self.valid,
            self.observed,
        )

    def without(self, rule: str, reason: str, columns: str | tuple[str, ...], broken: BoolArray) -> RowBlock:
        """Return the block without the rows that break a rule, and with the finding of it."""
        if not broken.any():
            return self
        kept = self.kept(~broken)
        finding = self.finding(rule, reason, columns, broken, "excluded")
        kept.findings.append(finding)
        if kept.observed is not None:
            kept.observed.append(finding)
        return kept

    def in_study_order(self, rows: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
        """Return rows of the block, given in its order, in the order in which the study has them."""
        return rows

    def with_number(self, name: str, values: FloatArray) -> RowBlock:
        """Return the block with one more column of numbers."""
        return replace(self, numbers={**self.numbers, name: values})

    def finding(
        self, rule: str, reason: str, columns: str | tuple[str, ...], broken: BoolArray, action: Action
    ) -> Finding:
        """Describe what a rule that looks at some columns caught among the rows of this block."""
        rows = self.in_study_order(np.flatnonzero(broken))
        columns = (columns,) if isinstance(columns, str) else columns
        examples = AllExamples(rows, lambda row: self._example(row, columns))
        if self.observed is None:
            return Finding(rule, reason, action, len(rows), tuple(examples[: self.max_examples]))
        return Finding(rule, reason, action, len(rows), examples)
