"""Rows of the golden input in which a program and ours may see different things."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

BoolArray = npt.NDArray[np.bool_]


def number(rows: pd.DataFrame, column: str) -> npt.NDArray[np.float64]:
    """Return a column as numbers, NaN where it has none."""
    if column not in rows:
        return np.full(len(rows), np.nan)
    return pd.to_numeric(rows[column], errors="coerce").to_numpy(dtype=np.float64)


def no_rows(rows: pd.DataFrame) -> BoolArray:
    """Return the mask of none of the rows."""
    return np.zeros(len(rows), dtype=np.bool_)


_NO_ALLELE = ("NA", ".")


def allele_missing(rows: pd.DataFrame) -> BoolArray:
    """Say in which rows an allele is NA or a point."""
    return (rows["effect_allele"].isin(_NO_ALLELE) | rows["other_allele"].isin(_NO_ALLELE)).to_numpy()


def alleles_identical(rows: pd.DataFrame) -> BoolArray:
    """Say in which rows both alleles are the same."""
    pairs = zip(rows["effect_allele"], rows["other_allele"], strict=True)
    return np.array([effect.upper() == other.upper() for effect, other in pairs], dtype=np.bool_)


def no_bases(rows: pd.DataFrame) -> BoolArray:
    """Say in which rows an allele is there but no single base, by its letter or its number."""
    bases = list("ACGTacgt1234")
    no_base = ~rows["effect_allele"].isin(bases) | ~rows["other_allele"].isin(bases)
    return no_base.to_numpy() & ~allele_missing(rows)


def frequency_missing(rows: pd.DataFrame) -> BoolArray:
    """Say in which rows the frequency is none between 0 and 1."""
    frequency = number(rows, "effect_allele_frequency")
    return ~((frequency > 0) & (frequency < 1))


def n_missing(rows: pd.DataFrame) -> BoolArray:
    """Say in which rows there is no positive n."""
    return ~(number(rows, "n") > 0)
