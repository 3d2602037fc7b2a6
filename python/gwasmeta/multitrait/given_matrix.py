"""Sigma or Omega as the user gives it: taken or read from a file, and refused where it cannot be of these traits."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from gwasmeta.errors import GwasmetaError
from gwasmeta.stats._covariance_matrices import covariance_matrix
from gwasmeta.sumstats.effects import FloatArray

Matrix: TypeAlias = "ArrayLike | str | os.PathLike[str]"


def given_matrix(given: Matrix, called: str, traits: Sequence[str]) -> FloatArray:
    """Return a matrix that the user gives.

    Parameters
    ----------
    given : matrix or path
        Files are text with blanks or of NumPy (.npy).
    called : str
        The argument or the option by which it is given, for messages.
    traits : sequence of str
        Names, for which it has a row and a column each.

    Raises
    ------
    GwasmetaError
        If it cannot be read, has not as many rows and columns as there are traits, or an element that no matrix of
        covariances has. Negative eigenvalues are another matter.
    """
    if isinstance(given, str | os.PathLike):
        called = f"{called} {os.fspath(given)}"
        matrix = _read(given, called)
    else:
        matrix = np.asarray(given, dtype=np.float64)
    if matrix.shape != (len(traits), len(traits)):
        raise GwasmetaError(
            f"{called}: is a matrix of shape {matrix.shape}, but there are {len(traits)} traits: {', '.join(traits)}\n"
            "  It must have a row and a column for each, in their order."
        )
    return covariance_matrix(called, matrix, labels=traits)


def _read(path: str | os.PathLike[str], called: str) -> FloatArray:
    try:
        matrix = np.load(path) if os.fspath(path).endswith(".npy") else np.loadtxt(path, ndmin=2)
        return np.atleast_2d(np.asarray(matrix, dtype=np.float64))
    except (OSError, ValueError) as error:
        raise GwasmetaError(f"{called}: cannot be read as a matrix: {error}") from error
