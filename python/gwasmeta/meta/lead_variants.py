"""The most significant variant of each locus."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from gwasmeta.errors import GwasmetaError
from gwasmeta.stats.lead_variants import lead_rows

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
    if not 0 < p <= 1:
        raise GwasmetaError(f"p = {p}: must be above 0 and at most 1")
    if table["base_pair_location"].isna().all() and len(table):
        raise GwasmetaError("lead variants need chromosomes and positions, and no study gives them")
    candidates = table[(table["neg_log_10_p_value"] >= -math.log10(p)) & table["base_pair_location"].notna()]
    chromosome = candidates["chromosome"].astype("category").cat.codes
    places = chromosome, candidates["base_pair_location"], candidates["neg_log_10_p_value"]
    return candidates.iloc[lead_rows(*places, window=window)].reset_index(drop=True)
