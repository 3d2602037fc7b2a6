"""The door for covariance matrices of traits, which may come from a file of the user's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from gwasmeta.errors import GwasmetaError
from gwasmeta.stats._matrices import FloatArray
from gwasmeta.stats._pair_matrices import AS_IN_THE_OTHER_HALF, refuse_elements

_ROUNDING: Final = 1e-6  # of a matrix that was written to a file with seven digits
_SMALLEST_EIGENVALUE: Final = 1e-10


def covariance_matrix(
    name: str, values: ArrayLike, n_traits: int | None = None, labels: Sequence[str] = ()
) -> FloatArray:
    """Return a copy that is exactly symmetric.

    Parameters
    ----------
    name : str
        What messages call the matrix.
    values : array_like, shape (n_traits, n_traits)
    n_traits : int, optional
        Any number by default.
    labels : sequence of str
        What messages call the traits beside their numbers, if given.

    Raises
    ------
    GwasmetaError
        If it is not square, or not for this number of traits, has an element that is no finite number, is not
        symmetric to within 1e-6 of its diagonal, or has no positive diagonal.
    """
    matrix = np.array(values, dtype=np.float64)
    expected = matrix.shape[:1] if n_traits is None else (n_traits,)
    if matrix.shape != expected * 2:
        traits = "" if n_traits is None else f", and there are {n_traits} traits"
        raise GwasmetaError(
            f"{name} has shape {matrix.shape}{traits}\n"
            "  Give one row and one column for each trait, in the order of the traits."
        )
    refuse_elements(name, matrix, ~np.isfinite(matrix), "every pair of traits needs a finite number", labels)
    diagonal = np.eye(len(matrix), dtype=bool)
    not_positive = "a variance must be positive; leave out that trait"
    refuse_elements(name, matrix, diagonal & (matrix <= 0), not_positive, labels)
    scale = np.sqrt(np.outer(matrix.diagonal(), matrix.diagonal()))
    refuse_elements(name, matrix, np.abs(matrix - matrix.T) > _ROUNDING * scale, AS_IN_THE_OTHER_HALF, labels)
    return np.asarray((matrix + matrix.T) / 2)


def positive_definite_matrix(name: str, values: ArrayLike, n_traits: int | None = None) -> FloatArray:
    """Return the same, if all eigenvalues of the matrix of its correlations are positive; else a GwasmetaError."""
    matrix = covariance_matrix(name, values, n_traits)
    root = np.sqrt(matrix.diagonal())
    smallest = float(np.linalg.eigvalsh(matrix / np.outer(root, root)).min(initial=1.0))
    if smallest < _SMALLEST_EIGENVALUE:
        raise GwasmetaError(
            f"{name} is not positive definite: the smallest eigenvalue of its correlations is {smallest:.3g}\n"
            "  Two traits from the same people and measurements make it so, or elements that contradict each other:\n"
            "  leave out one of such traits, or correct the matrix."
        )
    return matrix
