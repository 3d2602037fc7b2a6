"""One table of a result along the genome: its lead variants, its inflation, the points of its interactive plot."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from gwasmeta.errors import GwasmetaError
from gwasmeta.plots.data.canvas import Canvas
from gwasmeta.plots.data.manhattan import GENOME_WIDE, SUGGESTIVE, ManhattanData, manhattan_data
from gwasmeta.plots.sources import Associations, Places, as_per_cent, associations
from gwasmeta.stats.genomic_control import CHI_SQUARED_1_MEDIAN
from gwasmeta.stats.lead_variants import lead_rows
from gwasmeta.stats.normal import z_from_neg_log_10_p_value

FloatArray = npt.NDArray[np.float64]

WINDOW: Final = 500_000  # base pairs between lead variants
MOST_LEADS: Final = 2000
_MOST_WITHOUT_PLACES: Final = 50
# Coarser than the printed picture: the page holds every point of it with its name.
CANVAS: Final = Canvas(1100.0, 420.0, marker=3.0)


@dataclass(frozen=True)
class Scan:
    """What the report shows of one table.

    Attributes
    ----------
    name : str
    table : Associations
    lead : int array
        Rows of the most significant variant of each locus, the strongest first.
    threshold : float
        The p-value that they reach: 5e-8, or 1e-5 where no variant reaches that.
    n_significant : int
        Variants with p <= 5e-8.
    inflation_factor : float
    points : ManhattanData or None
        Of the interactive plot; None without places.
    """

    name: str
    table: Associations
    lead: npt.NDArray[np.intp]
    threshold: float
    n_significant: int
    inflation_factor: float
    points: ManhattanData | None

    @property
    def n_variants(self) -> int:
        """Number of variants with a p-value."""
        return int(np.isfinite(self.table.neg_log_10_p_value).sum())

    @property
    def significant_leads(self) -> npt.NDArray[np.intp]:
        """Rows of the lead variants with p <= 5e-8."""
        return self.lead[self.table.neg_log_10_p_value[self.lead] >= -math.log10(GENOME_WIDE)]


def scan(name: str, source: Any, columns: Collection[str], places: Places | None = None) -> Scan:
    """Read a table once, and find what the report shows of it.

    Parameters
    ----------
    name : str
    source : MetaResult, TraitResult, path or Study
    columns : collection of str
        Further columns of numbers that pictures need.
    places : callable, optional

    Returns
    -------
    Scan

    Raises
    ------
    GwasmetaError
        If the table cannot be read or has no p-values.
    """
    table = associations(source, columns=columns, places=places)
    if "i_squared" in table.numbers:
        table.numbers["i_squared"] = as_per_cent(table.numbers["i_squared"])
    heights = table.neg_log_10_p_value
    placed = (table.chromosomes.codes >= 0) & (table.position > 0)
    lead, threshold = _leads(table, placed)
    points = None
    if (placed & (heights >= 0)).any():
        points = manhattan_data(table.chromosomes, table.position, heights, canvas=CANVAS)
    n_significant = int((heights >= -math.log10(GENOME_WIDE)).sum())
    return Scan(name, table, lead, threshold, n_significant, _inflation_factor(heights), points)


def _leads(table: Associations, placed: npt.NDArray[np.bool_]) -> tuple[npt.NDArray[np.intp], float]:
    heights = table.neg_log_10_p_value
    for threshold in (GENOME_WIDE, SUGGESTIVE):
        reaches = heights >= -math.log10(threshold)
        candidates = np.flatnonzero(placed & reaches)
        if candidates.size:
            codes, positions = table.chromosomes.codes[candidates], table.position[candidates]
            chosen = lead_rows(codes, positions, heights[candidates], window=WINDOW)
            return candidates[chosen[:MOST_LEADS]], threshold
        if reaches.any():  # no places: neighbours cannot be told from other loci
            candidates = np.flatnonzero(reaches)
            strongest = np.argsort(-heights[candidates], kind="stable")
            return candidates[strongest[:_MOST_WITHOUT_PLACES]], threshold
    return np.empty(0, dtype=np.intp), GENOME_WIDE


def _inflation_factor(heights: FloatArray) -> float:
    known = heights[heights >= 0]
    if not known.size:
        return float("nan")
    return float(z_from_neg_log_10_p_value(np.median(known)) ** 2) / CHI_SQUARED_1_MEDIAN


def refuse_without_p_values(scans: Collection[Scan]) -> None:
    """Raise GwasmetaError if a table has no p-value at all."""
    for one in scans:
        if not one.n_variants:
            raise GwasmetaError(f"{one.table.label}: has no variant with a p-value: there is nothing to report")
