"""Pictures of a multi-trait analysis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gwasmeta.errors import GwasmetaError
from gwasmeta.plots.data.points import FloatArray, numbers_of


@dataclass(frozen=True)
class MatrixData:
    """A matrix in long form, one cell an entry, row by row.

    Attributes
    ----------
    names : tuple of str
        Of the rows, which are those of the columns.
    row, column : int arrays, shape (n_cells,)
    value : float64 array, shape (n_cells,)
    """

    names: tuple[str, ...]
    row: NDArray[np.intp]
    column: NDArray[np.intp]
    value: FloatArray

    def columns(self) -> dict[str, NDArray[Any]]:
        """Return the arrays that have one value a cell, by name."""
        return {"row": self.row, "column": self.column, "value": self.value}


def matrix_data(names: Sequence[str], matrix: ArrayLike) -> MatrixData:
    """Bring a square matrix, of genetic correlations for instance, to the cells of a heat map.

    Parameters
    ----------
    names : sequence of str
    matrix : array_like, shape (n_names, n_names)

    Returns
    -------
    MatrixData

    Raises
    ------
    GwasmetaError
        If the matrix has another shape.
    """
    values = np.asarray(matrix, dtype=np.float64)
    if values.shape != (len(names), len(names)):
        raise GwasmetaError(f"a matrix of shape {values.shape} does not have a row and a column for {len(names)} names")
    row, column = np.indices(values.shape)
    return MatrixData(tuple(names), row.reshape(-1), column.reshape(-1), values.reshape(-1))


@dataclass(frozen=True)
class GainData:
    """What each trait gained.

    Attributes
    ----------
    trait : tuple of str
    before, after : float64 arrays, shape (n_traits,)
        Mean chi-squared.
    equivalent_n, n : float64 arrays, shape (n_traits,)
        The sample size that a study of the trait alone would need, and the one that it has.
    """

    trait: tuple[str, ...]
    before: FloatArray
    after: FloatArray
    equivalent_n: FloatArray
    n: FloatArray

    def columns(self) -> dict[str, NDArray[Any]]:
        """Return the arrays that have one value a trait, by name."""
        arrays = {name: values for name, values in vars(self).items() if isinstance(values, np.ndarray)}
        return {"trait": np.array(self.trait, dtype=object), **arrays}


def gain_data(
    trait: Sequence[str], before: ArrayLike, after: ArrayLike, equivalent_n: ArrayLike, n: ArrayLike
) -> GainData:
    """Gather the mean chi-squared of each trait before and after.

    Parameters
    ----------
    trait : sequence of str
    before, after, equivalent_n, n : array_like, shape (n_traits,)

    Returns
    -------
    GainData
    """
    columns = (numbers_of(values, "gain", len(trait)) for values in (before, after, equivalent_n, n))
    return GainData(tuple(trait), *columns)


@dataclass(frozen=True)
class MaxFdrSurfaceData:
    """The largest false discovery rate of one trait, as a function of two shares of causal SNPs.

    Attributes
    ----------
    trait, other : str
    x, y : float64 arrays
        Shares of SNPs that are causal for `trait`, and for `other`: the grid's lines.
    fdr : float64 array, shape (n_y, n_x)
        The largest rate over all grid points with these shares; NaN where none is possible.
    maximum : float
        Of them all.
    """

    trait: str
    other: str
    x: FloatArray
    y: FloatArray
    fdr: FloatArray
    maximum: float


def max_fdr_surface_data(
    names: Sequence[str],
    states: ArrayLike,
    probability: ArrayLike,
    fdr: ArrayLike,
    *,
    trait: int = 0,
    other: int = 1,
    intervals: int = 10,
) -> MaxFdrSurfaceData:
    """Reduce the rates at the points of a grid to a surface over two traits' shares of causal SNPs.

    Parameters
    ----------
    names : sequence of str
    states : array_like of bool, shape (n_states, n_traits)
        Which traits a SNP is causal for in each state.
    probability : array_like, shape (n_points, n_states)
    fdr : array_like, shape (n_points, n_traits)
    trait, other : int
        The trait whose rate is shown, and the one on the other axis.
    intervals : int
        Probabilities are multiples of 1 / intervals.

    Returns
    -------
    MaxFdrSurfaceData
    """
    causal = np.asarray(probability, dtype=np.float64) @ np.asarray(states, dtype=np.float64)
    steps = np.clip(np.rint(causal * intervals).astype(np.int64), 0, intervals)
    rates = np.asarray(fdr, dtype=np.float64)[:, trait]
    surface = np.full((intervals + 1, intervals + 1), np.nan)
    for across, up, rate in zip(steps[:, trait], steps[:, other], rates, strict=True):
        surface[up, across] = np.fmax(surface[up, across], rate)
    lines = np.arange(intervals + 1) / intervals
    return MaxFdrSurfaceData(
        names[trait], names[other], lines, lines, surface, float(np.nanmax(rates, initial=float("nan")))
    )
