"""A trait of any format, through the reader that all of gwasmeta shares."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from gwasmeta.cores import in_order
from gwasmeta.errors import GwasmetaError
from gwasmeta.multitrait.munge import Step
from gwasmeta.multitrait.trait_rows import Names, TraitBlock, TraitRows, collect_rows
from gwasmeta.stats.normal import neg_log_10_p_value, z_from_neg_log_10_p_value
from gwasmeta.sumstats.plan import Wanted
from gwasmeta.sumstats.reader import StudyReader
from gwasmeta.sumstats.row_block import RowBlock
from gwasmeta.sumstats.row_log import StudyLog
from gwasmeta.sumstats.study import Study

_NUMBERS = {"effect_allele_frequency": "frequency", "info": "info", "base_pair_location": "base_pair_location"}


ZFrom: TypeAlias = Literal["file", "p_value"]

_SMALLEST_P_VALUE = 308.0  # minus the decimal logarithm, from which on a writer's double may have become 0


@dataclass(frozen=True)
class TraitSource:
    """Where a trait came from, and how it was read.

    Attributes
    ----------
    name, file : str
    dialect : str
        Format that its header was recognised as.
    read_as : tuple of str
        How z was had.
    columns : mapping of str to str
        Canonical column to the header's word for it.
    sha256 : str
        Of the file; empty for a frame.
    """

    name: str
    file: str
    dialect: str
    read_as: tuple[str, ...]
    columns: Mapping[str, str]
    sha256: str

    def as_json(self) -> dict[str, Any]:
        """Return what a sidecar holds of it."""
        return asdict(self) | {"columns": dict(self.columns), "read_as": "; ".join(self.read_as)}


@dataclass(frozen=True)
class ReadTrait:
    """A trait's rows that passed the checks of values.

    Attributes
    ----------
    rows : TraitRows
    steps : tuple of Step
        What the checks removed; the first says how many rows there were.
    source : TraitSource
    """

    rows: TraitRows
    steps: tuple[Step, ...]
    source: TraitSource


def read_trait(study: Study, names: Names, *, z_from: ZFrom = "file") -> ReadTrait:
    """Read a trait's rows that pass the checks of values.

    Parameters
    ----------
    study : Study
    names : Names
        Gets the names of SNPs and chromosomes that it does not have yet.
    z_from : {"file", "p_value"}
        z is the file's z, or comes from its p-value and the sign of its effect, or from its effect; whichever is the
        first that it has. With "p_value", the p-value gives the size of z wherever there is one, and is what the rules
        of cleaning look at; where it is 0 or missing beside a z for which a double has no p-value, z stays.

    Returns
    -------
    ReadTrait

    Raises
    ------
    GwasmetaError
        If the file cannot be read or understood, or gives no sample sizes.
    """
    columns = {"n", "n_cases", "n_controls", "chromosome", *_NUMBERS}
    if z_from == "p_value":
        columns.add("neg_log_10_p_value")
    reader = StudyReader(study, Wanted(effect=False, z=True, columns=frozenset(columns), alleles="bases"))
    log = StudyLog(study.label, study.file)
    rows = collect_rows(study.label, study.file, _booked(reader, log, z_from), names)
    log.check_balance()
    if len(rows) and np.isnan(rows.n).all():
        raise GwasmetaError(
            f"trait {study.label} ({study.file}): no row says from how many samples it is\n"
            "  Name the column (columns={'n': 'WORD'}), or give the number: Study(..., n=100000)."
        )
    source = TraitSource(study.label, study.file, reader.dialect, reader.recipes, reader.columns, reader.checksum)
    return ReadTrait(rows, tuple(_steps(log)), source)


def _booked(reader: StudyReader, log: StudyLog, z_from: ZFrom) -> Iterator[TraitBlock]:
    """Yield the blocks of a study, and enter into its log what was left out of them."""
    for block in in_order(partial(_block, task, z_from) for task in reader.tasks()):
        log.rows_read += block.n_read
        log.rows_used += len(block)
        log.add(block.findings)
        yield _as_trait_block(block)


def _block(task: Callable[[], RowBlock], z_from: ZFrom) -> RowBlock:
    block = task()
    if z_from == "file" or "neg_log_10_p_value" not in block.numbers:
        return block
    z, neg_log_10 = block.numbers["z"], block.numbers["neg_log_10_p_value"]
    own = neg_log_10_p_value(z)
    neg_log_10 = np.where(~np.isfinite(neg_log_10) & (own > _SMALLEST_P_VALUE), own, neg_log_10)
    possible = (neg_log_10 >= 0) & np.isfinite(neg_log_10)
    size = z_from_neg_log_10_p_value(np.where(possible, neg_log_10, 0.0))
    signed = np.where(z < 0, -size, size)  # an effect of 0 is taken for a positive one, as LDSC does
    tiny = np.finfo(np.float64).tiny
    p_value = np.where(possible, np.maximum(10.0**-neg_log_10, tiny), 10.0**-neg_log_10)
    return block.with_number("z", np.where(possible, signed, z)).with_number("p_value", p_value)


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
    if "p_value" in block.numbers:
        columns["p_value"] = block.numbers["p_value"]
    return TraitBlock(ids, block.words.get("chromosome"), columns)


def _steps(log: StudyLog) -> list[Step]:
    left = log.rows_read
    steps = [Step("rows_read", "", 0, left)]
    for finding in log:
        if finding.action == "excluded":
            left -= finding.count
            example = next((f"{one.value!r} in line {one.line}" for one in finding.examples), "")
            steps.append(Step(finding.rule, finding.reason, finding.count, left, example))
    return steps
