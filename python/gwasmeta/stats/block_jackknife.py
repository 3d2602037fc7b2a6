"""The block jackknife: how much an estimate moves when a stretch of the genome is left out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gwasmeta.stats._matrices import FloatArray
from gwasmeta.stats.normal import neg_log_10_p_value


@dataclass(frozen=True)
class Estimate:
    """An estimate with its jackknife standard error.

    Attributes
    ----------
    value : float
        NaN where there is none.
    standard_error : float
        NaN where the value was given and not estimated, or where leaving out some block leaves no estimate.
    delete_values : ndarray, shape (n_blocks,)
        The estimate without each block in turn.
    """

    value: float
    standard_error: float
    delete_values: FloatArray

    @property
    def z(self) -> float:
        """The value in units of its standard error; NaN where it has none."""
        return float(np.divide(self.value, self.standard_error))

    @property
    def neg_log_10_p_value(self) -> float:
        """Of the two-sided normal test that the value is 0."""
        return float(neg_log_10_p_value(self.z))

    def scaled(self, factor: float) -> Estimate:
        """Return the same estimate in other units: all of it multiplied by a positive number."""
        return Estimate(self.value * factor, self.standard_error * factor, self.delete_values * factor)


def block_borders(n_rows: int, n_blocks: int) -> NDArray[np.int64]:
    """Return where contiguous blocks of nearly equal size begin and end.

    Parameters
    ----------
    n_rows, n_blocks : int

    Returns
    -------
    ndarray of int64, shape (n_blocks + 1,)
        Block b is the rows from borders[b] up to, not including, borders[b + 1]: n_blocks + 1 equally spaced
        points from 0 to `n_rows`, rounded down, as LDSC has them.
    """
    return np.floor(np.linspace(0, n_rows, n_blocks + 1)).astype(np.int64)


def jackknife(value: float, delete_values: ArrayLike) -> Estimate:
    """Return an estimate with the standard error that its delete values give.

    Parameters
    ----------
    value : float
        From all blocks.
    delete_values : array_like, shape (n_blocks,)
        Without each block in turn.

    Returns
    -------
    Estimate
        The variance is that of the mean of the pseudo-values n_blocks value - (n_blocks - 1) delete_value.

    References
    ----------
    Efron (1982), The Jackknife, the Bootstrap and Other Resampling Plans, chapter 3; Künsch (1989), Annals of
    Statistics 17:1217, for blocks of neighbours that depend on each other.
    """
    deleted = np.asarray(delete_values, dtype=np.float64)
    n_blocks = deleted.size
    # The pseudo-values spread n_blocks - 1 times as wide as the delete values.
    return Estimate(float(value), float(deleted.std(ddof=1) * (n_blocks - 1) / np.sqrt(n_blocks)), deleted)
