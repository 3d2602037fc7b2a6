"""Variants in classes: by frequency, imputation quality, sample size."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gwasmeta.errors import GwasmetaError


@dataclass(frozen=True)
class Strata:
    """The class of each variant.

    Attributes
    ----------
    codes : int8 array, shape (n_variants,)
        Indices into `names`; -1 for a variant in no class.
    names : tuple of str
    """

    codes: NDArray[np.int8]
    names: tuple[str, ...]


def strata_of(values: ArrayLike, edges: Sequence[float], what: str) -> Strata:
    """Sort variants into classes of a value.

    Parameters
    ----------
    values : array_like, shape (n_variants,)
        NaN: the variant is in no class.
    edges : sequence of float
        Between the classes, ascending; each belongs to the class above it.
    what : str
        What the value is called in the names of the classes.

    Returns
    -------
    Strata
        One class more than there are edges.

    Raises
    ------
    GwasmetaError
        If the edges do not ascend, or there are none.
    """
    if not edges or any(after <= before for before, after in itertools.pairwise(edges)):
        raise GwasmetaError(f"classes of {what}: the edges {', '.join(map(str, edges)) or '(none)'} do not ascend")
    numbers = np.asarray(values, dtype=np.float64)
    codes = np.searchsorted(np.asarray(edges), numbers, side="right").astype(np.int8)
    codes[np.isnan(numbers)] = -1
    middle = [f"{_short(low)} ≤ {what} < {_short(high)}" for low, high in itertools.pairwise(edges)]
    return Strata(codes, (f"{what} < {_short(edges[0])}", *middle, f"{what} ≥ {_short(edges[-1])}"))


def frequency_strata(effect_allele_frequency: ArrayLike, edges: Sequence[float] = (0.01, 0.05)) -> Strata:
    """Sort variants into classes of their minor allele frequency; see `strata_of`."""
    frequency = np.asarray(effect_allele_frequency, dtype=np.float64)
    return strata_of(np.minimum(frequency, 1 - frequency), edges, "MAF")


def sample_size_strata(n: ArrayLike, shares: Sequence[float] = (0.5, 0.9)) -> Strata:
    """Sort variants into classes of their sample size, as shares of the largest one; see `strata_of`."""
    sizes = np.asarray(n, dtype=np.float64)
    largest = float(np.nanmax(sizes, initial=0.0))
    return strata_of(sizes, [share * largest for share in shares], "N")


def _short(edge: float) -> str:
    return f"{edge:,.0f}" if edge >= 1000 else f"{edge:g}"
