"""The door for matrices with a row and a column for each study, which come from the user."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gwasmeta.errors import GwasmetaError
from gwasmeta.stats._matrices import FloatArray

AS_IN_THE_OTHER_HALF = "it must be the same number as in the other half of the matrix"


def pair_matrix(name: str, values: ArrayLike, n_studies: int | None = None) -> FloatArray:
    """Return a copy of the matrix; a GwasmetaError if it is not square, or not for this number of studies."""
    matrix = np.array(values, dtype=np.float64)
    expected = matrix.shape[:1] if n_studies is None else (n_studies,)
    if matrix.shape != expected * 2:
        studies = "" if n_studies is None else f", and there are {n_studies} studies"
        raise GwasmetaError(
            f"the {name} has shape {matrix.shape}{studies}\n"
            "  Give one row and one column for each study, in the order of the studies."
        )
    return matrix


def refuse_elements(
    name: str, matrix: FloatArray, faulty: NDArray[np.bool_], remedy: str, labels: Sequence[str] = ()
) -> None:
    """Raise a GwasmetaError that names the first faulty element, if there is one; `labels` are those of the rows."""
    if faulty.any():
        row, column = map(int, np.unravel_index(int(faulty.argmax()), faulty.shape))
        of_row, of_column = (f" ({labels[place]})" if labels else "" for place in (row, column))
        raise GwasmetaError(
            f"{name}, row {row + 1}{of_row}, column {column + 1}{of_column}: {float(matrix[row, column])}\n"
            f"  Correct it: {remedy}."
        )
