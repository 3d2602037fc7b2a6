"""What the index says of a table of results, gathered block by block so that the table is never in memory."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from gwasmeta.cores import in_order
from gwasmeta.multitrait.tables import TraitStatistics
from gwasmeta.stats.lead_variants import lead_rows

FloatArray = npt.NDArray[np.float64]

_BLOCK_ROWS = 1 << 14


@dataclass(frozen=True)
class BlockFindings:
    """What is kept of one block.

    Attributes
    ----------
    chromosomes : tuple of str
        Of the variants that may lead a locus: with a place and a p-value below the threshold.
    positions, neg_log_10_p_values : float64 arrays, shape (n_candidates,)
    top_variant : str or None
        The one with the smallest p-value; None where there is no p-value.
    top_neg_log_10_p_value : float
    n_max : float
        NaN where no sample sizes are known.
    has_places : bool
        Whether any variant of the block has a position.
    """

    chromosomes: tuple[str, ...]
    positions: FloatArray
    neg_log_10_p_values: FloatArray
    top_variant: str | None
    top_neg_log_10_p_value: float
    n_max: float
    has_places: bool


@dataclass(frozen=True)
class TableFindings:
    """What the index says of one table.

    Attributes
    ----------
    lead_variants : int or None
        None where no variant has a place.
    top_variant : str or None
        The one with the smallest p-value.
    top_neg_log_10_p_value, n_max : float
        NaN where not known.
    """

    lead_variants: int | None
    top_variant: str | None
    top_neg_log_10_p_value: float
    n_max: float


def block_findings(threshold: float, columns: Mapping[str, Any]) -> BlockFindings:
    """Return what is kept of a block.

    Parameters
    ----------
    threshold : float
        -log10 p that lead variants reach.
    columns : mapping
        `variant_id`, `neg_log_10_p_value`, and `chromosome`, `base_pair_location` and `n` where they are known.
    """
    heights = columns["neg_log_10_p_value"]
    positions = columns.get("base_pair_location", np.full(len(heights), np.nan))
    placed = ~np.isnan(positions)
    rows = np.flatnonzero(placed & (heights >= threshold))
    top = int(np.argmax(np.where(np.isnan(heights), -np.inf, heights))) if len(heights) else -1
    known = top >= 0 and not math.isnan(heights[top])
    sizes = columns.get("n", np.empty(0))
    return BlockFindings(
        tuple(columns["chromosome"].take(rows).to_list()) if rows.size else (),
        positions[rows].copy(),
        heights[rows].copy(),
        columns["variant_id"].take(np.array([top])).to_list()[0] if known else None,
        float(heights[top]) if known else math.nan,
        float(np.fmax.reduce(sizes)) if len(sizes) else math.nan,
        bool(placed.any()),
    )


def table_findings(blocks: Iterable[BlockFindings], window: int) -> TableFindings:
    """Return what the blocks say together.

    Parameters
    ----------
    blocks : iterable of BlockFindings
        In the table's order: of equally significant variants the first counts as the more significant.
    window : int
        Base pairs that lead variants are apart at least.
    """
    chromosomes: list[str] = []
    positions, heights = [np.empty(0)], [np.empty(0)]
    top_variant, top, n_max, has_places = None, -math.inf, math.nan, False
    for block in blocks:
        chromosomes += block.chromosomes
        positions.append(block.positions)
        heights.append(block.neg_log_10_p_values)
        if block.top_neg_log_10_p_value > top:
            top_variant, top = block.top_variant, block.top_neg_log_10_p_value
        n_max = float(np.fmax(n_max, block.n_max))
        has_places |= block.has_places
    codes = {name: code for code, name in enumerate(dict.fromkeys(chromosomes))}
    places = [codes[name] for name in chromosomes], np.concatenate(positions)
    leads = len(lead_rows(*places, np.concatenate(heights), window=window)) if has_places else None
    return TableFindings(leads, top_variant, math.nan if top_variant is None else top, n_max)


def trait_columns(statistics: TraitStatistics) -> Iterator[dict[str, Any]]:
    """Yield the columns of an MTAG trait block by block, computed on all cores."""
    snps = statistics.snps
    names, chromosomes = snps.names.variants.words(), snps.names.chromosomes.words()

    def columns_from(start: int) -> dict[str, Any]:
        rows = slice(start, start + _BLOCK_ROWS)
        columns: dict[str, Any] = {"variant_id": names.take(snps.snps.variant[rows]), **statistics.at(rows)}
        if snps.snps.chromosome is not None and snps.snps.base_pair_location is not None:
            columns["chromosome"] = chromosomes.take(snps.snps.chromosome[rows])
            columns["base_pair_location"] = snps.snps.base_pair_location[rows]
        return columns

    yield from in_order(partial(columns_from, start) for start in range(0, len(snps), _BLOCK_ROWS))
