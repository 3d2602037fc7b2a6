"""The most significant variant of each locus."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, NoReturn

import numpy as np

from gwasmeta.errors import GwasmetaError
from gwasmeta.meta.columns import Column
from gwasmeta.stats.lead_variants import lead_rows
from gwasmeta.sumstats.words import Words

if TYPE_CHECKING:
    import pandas as pd


def lead_variants(table: pd.DataFrame, p: float, window: int) -> pd.DataFrame:
    """Pick lead variants greedily: the most significant first, then those at least a window away from all before.

    Parameters
    ----------
    table : pandas.DataFrame
        With `chromosome`, `base_pair_location` and `neg_log_10_p_value`.
    p : float
        Variants with a larger p-value are no candidates.
    window : int
        In base pairs.

    Returns
    -------
    pandas.DataFrame
        Rows of the table, the most significant first; variants without a position are no candidates.

    Raises
    ------
    GwasmetaError
        If no variant has a position, or `p` is not from 0 to 1.
    """
    least = neg_log_10_of(p)
    if table["base_pair_location"].isna().all() and len(table):
        refuse_no_places()
    candidates = table[(table["neg_log_10_p_value"] >= least) & table["base_pair_location"].notna()]
    chromosome = candidates["chromosome"].astype("category").cat.codes
    places = chromosome, candidates["base_pair_location"], candidates["neg_log_10_p_value"]
    return candidates.iloc[lead_rows(*places, window=window)].reset_index(drop=True)


def candidates_of(values: Mapping[str, Column], least: float) -> tuple[dict[str, Column], bool]:
    """Return the rows of a block of a table that may be lead variants, and whether any of its rows has a place.

    They have a place, and at least the -log10 p asked for.
    """
    significance, place = (np.asarray(values[name]) for name in ("neg_log_10_p_value", "base_pair_location"))
    has_place = ~np.isnan(place)
    rows = np.flatnonzero((significance >= least) & has_place)
    # Words anew, or the texts of the whole block would stay.
    chosen = {
        name: Words.of(column.take(rows).to_list()) if isinstance(column, Words) else column[rows]
        for name, column in values.items()
    }
    return chosen, bool(has_place.any())


def neg_log_10_of(p: float) -> float:
    """Return -log10 p of a threshold, if it is one."""
    if not 0 < p <= 1:
        raise GwasmetaError(f"p = {p}: must be above 0 and at most 1")
    return -math.log10(p)


def refuse_no_places() -> NoReturn:
    """Raise the error that without places there are no loci."""
    raise GwasmetaError("lead variants need chromosomes and positions, and no study gives them")
