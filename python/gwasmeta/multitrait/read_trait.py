"""A trait of any format, through the reader that all of gwasmeta shares."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from gwasmeta.errors import GwasmetaError
from gwasmeta.multitrait.munge import Step
from gwasmeta.multitrait.trait_rows import Names, TraitBlock, TraitRows, collect_rows, in_order
from gwasmeta.sumstats.plan import Wanted
from gwasmeta.sumstats.reader import StudyReader
from gwasmeta.sumstats.row_block import RowBlock
from gwasmeta.sumstats.row_log import StudyLog
from gwasmeta.sumstats.study import Study

_NUMBERS = {"effect_allele_frequency": "frequency", "info": "info", "base_pair_location": "base_pair_location"}


def read_trait(study: Study, names: Names) -> tuple[TraitRows, list[Step]]:
    """Read a trait's rows that pass the checks of values.

    Parameters
    ----------
    study : Study
    names : Names
        Gets the names of SNPs and chromosomes that it does not have yet.

    Returns
    -------
    rows : TraitRows
        z comes from the file's z, or from its p-value and the sign of its effect, or from its effect.
    steps : list of Step
        What the checks removed; the first says how many rows there were.

    Raises
    ------
    GwasmetaError
        If the file cannot be read or understood, or gives no sample sizes.
    """
    wanted = Wanted(
        effect=False,
        z=True,
        columns=frozenset({"n", "n_cases", "n_controls", "chromosome", *_NUMBERS}),
        alleles="bases",
    )
    reader = StudyReader(study, wanted)
    log = StudyLog(study.label, study.file)
    rows = collect_rows(study.label, study.file, _booked(reader, log), names)
    log.check_balance()
    if len(rows) and np.isnan(rows.n).all():
        raise GwasmetaError(
            f"trait {study.label} ({study.file}): no row says from how many samples it is\n"
            "  Name the column (columns={'n': 'WORD'}), or give the number: Study(..., n=100000)."
        )
    return rows, _steps(log)


def _booked(reader: StudyReader, log: StudyLog) -> Iterator[TraitBlock]:
    """Yield the blocks of a study, and enter into its log what was left out of them."""
    for block in in_order(reader.tasks()):
        log.rows_read += block.n_read
        log.rows_used += len(block)
        log.add(block.findings)
        yield _as_trait_block(block)


def _as_trait_block(block: RowBlock) -> TraitBlock:
    ids = block.words["variant_id"]
    columns: dict[str, npt.NDArray[Any]] = {
        "effect_allele": block.effect_codes.astype(np.int8),
        "other_allele": block.other_codes.astype(np.int8),
        "incomplete": ids.missing(),
        "z": block.numbers["z"].copy(),
        "n": block.numbers.get("n", np.full(len(block), np.nan)).copy(),
    }
    columns |= {ours: block.numbers[name].copy() for name, ours in _NUMBERS.items() if name in block.numbers}
    return TraitBlock(ids, block.words.get("chromosome"), columns)


def _steps(log: StudyLog) -> list[Step]:
    left = log.rows_read
    steps = [Step("rows_read", "", 0, left)]
    for finding in log:
        if finding.action == "excluded":
            left -= finding.count
            steps.append(Step(finding.rule, finding.reason, finding.count, left))
    return steps
