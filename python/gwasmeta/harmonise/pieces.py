"""A study's blocks on their way to a file: each step applied on the machine's cores, and what is learnt from them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
import numpy.typing as npt

from gwasmeta.cores import in_order
from gwasmeta.sumstats.builds import BuildEvidence
from gwasmeta.sumstats.chromosomes import chromosome_numbers
from gwasmeta.sumstats.reader import RowProgress, StudyReader
from gwasmeta.sumstats.row_block import RowBlock
from gwasmeta.sumstats.row_log import StudyLog
from gwasmeta.sumstats.study_formats import format_values
from gwasmeta.sumstats.table_format import HARMONISATION_CODE, Column

Step = Callable[[RowBlock], RowBlock]
_OTHER_CONTIGS = 99  # behind all chromosomes


@dataclass
class Learnt:
    """What is known of a study once its rows have passed.

    Attributes
    ----------
    most : dict of str to float
        Largest n, n_cases and n_controls.
    codes : Counter
        How many rows got each harmonisation code.
    chromosomes : set of int
        Numbers of those that occur.
    build : BuildEvidence
    """

    most: dict[str, float] = field(default_factory=dict)
    codes: Counter[int] = field(default_factory=Counter)
    chromosomes: set[int] = field(default_factory=set)
    build: BuildEvidence = field(default_factory=BuildEvidence)

    def add(self, block: RowBlock) -> None:
        """Take in the rows that are written."""
        for name in ("n", "n_cases", "n_controls"):
            if name in block.numbers and np.isfinite(block.numbers[name]).any():
                self.most[name] = max(self.most.get(name, 0.0), float(np.nanmax(block.numbers[name])))
        if HARMONISATION_CODE in block.numbers:
            codes, counts = np.unique(block.numbers[HARMONISATION_CODE].astype(np.int64), return_counts=True)
            self.codes.update(dict(zip(codes.tolist(), counts.tolist(), strict=True)))
        if "chromosome" in block.words and "base_pair_location" in block.numbers:
            numbers = chromosome_numbers(block.words["chromosome"])
            self.chromosomes.update(np.unique(numbers[numbers > 0]).tolist())
            self.build.add(numbers, block.numbers["base_pair_location"], block.words.get("variant_id"))


@dataclass(frozen=True)
class Piece:
    """A block's rows as they are written: as text, as columns, or both.

    Attributes
    ----------
    values : mapping of str to column
    text : bytes
    keys : int64 array, shape (n_rows,), or None
        By which the rows are sorted; None where they keep their order.
    """

    block: RowBlock
    values: dict[str, Column]
    text: bytes
    keys: npt.NDArray[np.int64] | None


def stepped(block: RowBlock, steps: Sequence[Step]) -> RowBlock:
    """Apply steps one after the other."""
    for step in steps:
        block = step(block)
    return block


def pieces(
    blocks: Iterator[Callable[[], RowBlock]],
    steps: Sequence[Step],
    text_of: Callable[[dict[str, Column]], bytes],
    is_sorted: bool,
    log: StudyLog,
    learnt: Learnt,
    progress: RowProgress | None,
) -> Iterator[Piece]:
    """Yield the pieces in their order, and enter into the books what became of the rows."""

    def made(task: Callable[[], RowBlock]) -> Piece:
        block = stepped(task(), steps)
        values = format_values(block)
        return Piece(block, values, text_of(values), _sorting_keys(block) if is_sorted else None)

    for piece in in_order(partial(made, task) for task in blocks):
        log.rows_read += piece.block.n_read
        log.rows_used += len(piece.block)
        log.add(piece.block.findings)
        learnt.add(piece.block)
        if progress is not None:
            progress(log.rows_read)
        yield piece


def first_block(reader: StudyReader) -> tuple[RowBlock | None, Iterator[Callable[[], RowBlock]]]:
    """Return the first block of a study, and all of them; None where it has no rows."""
    tasks = reader.tasks()
    first = next(tasks, None)
    if first is None:
        return None, iter(())
    block = first()
    # Steps enter what they find into the block's list, so that each use of the block needs a list of its own.
    return _with_own_findings(block), _chained(block, tasks)


def _chained(block: RowBlock, tasks: Iterator[Callable[[], RowBlock]]) -> Iterator[Callable[[], RowBlock]]:
    yield lambda: block
    yield from tasks


def _with_own_findings(block: RowBlock) -> RowBlock:
    return replace(block, findings=list(block.findings))


def _sorting_keys(block: RowBlock) -> npt.NDArray[np.int64]:
    numbers = chromosome_numbers(block.words["chromosome"]).astype(np.int64)
    positions = block.numbers["base_pair_location"].astype(np.int64)
    return np.where(numbers > 0, numbers, _OTHER_CONTIGS) << 32 | positions
