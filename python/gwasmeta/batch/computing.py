"""One run, computed and written; what the index says of it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gwasmeta.batch.findings import TableFindings, block_findings, table_findings, trait_columns
from gwasmeta.batch.outcome import IndexRow
from gwasmeta.batch.runs import Run
from gwasmeta.stats.genomic_control import inflation_factor_of_blocks
from gwasmeta.sumstats.byte_streams import read_stored

if TYPE_CHECKING:
    from gwasmeta.meta.result import MetaResult
    from gwasmeta.multitrait.trait_result import TraitResult

Telling = Callable[[str], None]
"""Told what is being done, for the message if it fails."""


@dataclass(frozen=True)
class Computed:
    """A run that is done.

    Attributes
    ----------
    rows : tuple of IndexRow
        One a trait, without the seconds.
    checksums : dict of str to str
        SHA-256 of the studies' files as they were read, by their paths.
    """

    rows: tuple[IndexRow, ...]
    checksums: dict[str, str]


def compute(run: Run, folder: Path, tell: Telling) -> Computed:
    """Combine, write the result, and gather what the index says of it.

    Raises
    ------
    GwasmetaError
        If a study cannot be read or used, or a file cannot be written.
    """
    return (_combine_studies if run.kind == "meta" else _combine_traits)(run, folder, tell)


def _combine_studies(run: Run, folder: Path, tell: Telling) -> Computed:
    from gwasmeta.meta.analyze import meta_analyze

    tell("combining the studies")
    result = meta_analyze(run.studies, **run.arguments)
    tell("writing the result")
    result.write(run.out(folder), format=run.options.get("format", "gwasmeta"))
    tell("looking for lead variants")
    studies = result.parameters()["studies"]
    factors = [study["inflation_factor"] for study in studies if study["inflation_factor"] is not None]
    row = _row(
        run,
        run.name,
        run.tables(folder)[0],
        _findings_of_result(run, result),
        variants=len(result),
        inflation_factor=_known(result.inflation_factors[result.options.main_method]),
        study_inflation_factor_min=min(factors, default=None),
        study_inflation_factor_max=max(factors, default=None),
    )
    return Computed((row,), {study["file"]: study["sha256"] for study in studies if study["sha256"]})


def _findings_of_result(run: Run, result: MetaResult) -> TableFindings:
    threshold = -math.log10(run.lead_p)
    return table_findings(result.map_blocks(partial(block_findings, threshold)), run.lead_window)


def _combine_traits(run: Run, folder: Path, tell: Telling) -> Computed:
    from gwasmeta.multitrait.analyze import mtag

    tell("combining the traits")
    result = mtag(run.studies, **_with_lists(run.arguments))
    tell("writing the results")
    result.write(run.out(folder))
    tell("looking for lead variants")
    traits = zip(result.traits.values(), run.tables(folder), strict=True)
    rows = tuple(_row_of_trait(run, trait, table) for trait, table in traits)
    sources = result.parameters()["traits"]
    return Computed(rows, {source["file"]: source["sha256"] for source in sources if source["sha256"]})


def _with_lists(arguments: dict[str, Any]) -> dict[str, Any]:
    """Put the ids of SNPs in the places of the files that list them."""
    lists = {name: read_stored(arguments[name]).split() for name in ("include", "exclude") if name in arguments}
    return arguments | lists


def _row_of_trait(run: Run, trait: TraitResult, table: Path) -> IndexRow:
    threshold = -math.log10(run.lead_p)
    before: list[Any] = []
    after: list[Any] = []

    def kept(columns: dict[str, Any]) -> Any:
        measured = ~np.isnan(columns["z"])
        after.append(columns["z"][measured])
        if "study_z" in columns:  # not where all traits are the same
            before.append(columns["study_z"][measured])
        return block_findings(threshold, columns)

    found = table_findings(map(kept, trait_columns(trait.statistics)), run.lead_window)
    factor, n_snps = inflation_factor_of_blocks(lambda: after)
    own = _known(inflation_factor_of_blocks(lambda: before)[0]) if before else None
    return _row(
        run,
        trait.name,
        table,
        found,
        variants=n_snps,
        inflation_factor=_known(factor),
        study_inflation_factor_min=own,
        study_inflation_factor_max=own,
    )


def _row(run: Run, trait: str, table: Path, found: TableFindings, **facts: Any) -> IndexRow:
    return IndexRow(
        trait,
        run.group,
        "done",
        len(run.studies),
        lead_variants=found.lead_variants,
        top_variant=found.top_variant,
        top_neg_log_10_p_value=_known(found.top_neg_log_10_p_value),
        n_max=_known(found.n_max),
        table=table.name,
        **facts,
    )


def _known(number: float) -> float | None:
    return number if math.isfinite(number) else None
