"""What all plot data of points share."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gwasmeta.errors import GwasmetaError

FloatArray = NDArray[np.float64]

_DRAWN_INFINITY = 324.0  # p-values that were read as 0 are below what a double can hold


@dataclass(frozen=True)
class Points:
    """Base of the plot data that hold one value a point.

    Attributes
    ----------
    row : int array, shape (n_points,)
        The row of the input that each point stands for, counted from 0.
    """

    row: NDArray[np.intp]

    def columns(self) -> dict[str, NDArray[Any]]:
        """Return the arrays that have one value a point, by name."""
        return {name: values for name in _names(self) if _of_points(values := getattr(self, name), len(self.row))}


def _names(points: Points) -> list[str]:
    names = [field.name for field in fields(points)]
    return [*names[1:], names[0]]


def _of_points(values: Any, n_points: int) -> bool:
    return isinstance(values, np.ndarray) and values.shape == (n_points,)


def minus_log_10(p: float | None) -> float:
    """Return -log10 of a threshold; infinite for none."""
    if p is None:
        return float("inf")
    if not 0 < p <= 1:
        raise GwasmetaError(f"threshold p = {p}: must be above 0 and at most 1")
    return float(-np.log10(p))


def drawn_top(heights: FloatArray, where: Any = True) -> float:
    """Return the largest -log10 p; where some are infinite (p was read as 0), a height above all others for them."""
    finite = float(np.max(heights, where=where & np.isfinite(heights), initial=0.0))
    infinite = bool(np.any(np.isinf(heights) & where))
    return max(_DRAWN_INFINITY, 1.05 * finite) if infinite else finite


def numbers_of(values: ArrayLike, what: str, n_rows: int | None = None) -> FloatArray:
    """Return a column of numbers, refusing one of another length."""
    column = np.asarray(values, dtype=np.float64)
    if column.ndim != 1 or (n_rows is not None and len(column) != n_rows):
        raise GwasmetaError(f"{what}: has shape {column.shape}, where {n_rows or 'some'} values in one row are needed")
    return column
