"""A multi-trait analysis of the past, as its JSON sidecar describes it."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from gwasmeta.errors import GwasmetaError
from gwasmeta.plots.data.traits import GainData, gain_data
from gwasmeta.sumstats.byte_streams import read_stored

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class MtagRun:
    """What pictures need of a run.

    Attributes
    ----------
    names : tuple of str
        Of the traits.
    omega, sigma : float64 arrays, shape (n_traits, n_traits)
    mean_n : float64 array, shape (n_traits,)
    gain : GainData
    """

    names: tuple[str, ...]
    omega: FloatArray
    sigma: FloatArray
    mean_n: FloatArray
    gain: GainData

    @property
    def genetic_correlation(self) -> FloatArray:
        """That of omega."""
        scale = np.sqrt(self.omega.diagonal())
        return np.asarray(self.omega / np.outer(scale, scale))


def read_mtag_run(path: str | os.PathLike[str]) -> MtagRun:
    """Read the `PREFIX.json` of `MtagResult.write`.

    Raises
    ------
    GwasmetaError
        If it is none.
    """
    where = os.fspath(path)
    try:
        told: Any = json.loads(read_stored(where))
        summary = told["summary"]
        columns = {name: np.array([_number(row[name]) for row in summary]) for name in summary[0] if name != "trait"}
        names = tuple(str(row["trait"]) for row in summary)
        before, after = columns["mean_chi_squared_before"], columns["mean_chi_squared_after"]
        gained = gain_data(names, before, after, columns["equivalent_n"], columns["n_max"])
        return MtagRun(names, np.array(told["omega"]), np.array(told["sigma"]), columns["n_mean"], gained)
    except (json.JSONDecodeError, KeyError, TypeError, IndexError) as error:
        raise GwasmetaError(
            f"{where}: is not the JSON file that gwasmeta.mtag(...).write(PREFIX) writes ({error})"
        ) from None


def _number(value: float | None) -> float:
    return float("nan") if value is None else float(value)
