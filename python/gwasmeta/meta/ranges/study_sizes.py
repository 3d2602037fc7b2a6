"""How large a study's z statistics are, counted once over all its rows: inflation is then found from what is left out.

An analysis uses nearly all rows of a study. It counts those that it does not use, and takes them from the counts of
all, so that no other row has to be read before it is corrected.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from gwasmeta.compiled import compiled
from gwasmeta.errors import GwasmetaError
from gwasmeta.meta.ranges.column_files import ColumnFiles, told_of_disk
from gwasmeta.stats.spread_median import ALL_SIZES, SizeCounts, bounds_around_median, count_sizes

FloatArray = npt.NDArray[np.float64]

_BLOCK = 1 << 16  # rows; their statistics stay in a core's cache
_ALL = "all"
_OF_KIND = {False: "genotyped", True: "imputed"}


@dataclass(frozen=True)
class StudySizes:
    """The z statistics of the effects of a study, counted.

    Attributes
    ----------
    bounds : (float, float)
        Between which their sizes are kept one by one.
    counts : SizeCounts
    """

    bounds: tuple[float, float]
    counts: SizeCounts

    @classmethod
    def none(cls) -> StudySizes:
        """Of a study without rows."""
        return cls(ALL_SIZES, count_sizes([], ALL_SIZES))


def count_study(files: ColumnFiles) -> None:
    """Count the z statistics of a study's effects, and write that beside its columns: of all, and of each kind."""
    if not _has_effects(files):
        return
    _count(files, _ALL, None)
    if "imputed" in files:
        for imputed, name in _OF_KIND.items():
            _count(files, name, imputed)


def sizes_of_study(files: ColumnFiles, by_kind: bool) -> dict[bool, StudySizes]:
    """Return what was counted of a study's genotyped and imputed variants; all are genotyped where kinds do not matter.

    Raises
    ------
    GwasmetaError
        If the file is gone or damaged.
    """
    if not _has_effects(files):  # no row was left
        return dict.fromkeys(_OF_KIND, StudySizes.none())
    if by_kind and "imputed" in files:
        return {imputed: _read(files.folder, name) for imputed, name in _OF_KIND.items()}
    return {False: _read(files.folder, _ALL), True: StudySizes.none()}


def size_files(folder: Path) -> list[Path]:
    """Return the files in which it was written."""
    return sorted(folder.glob("sizes-*.npz"))


def _has_effects(files: ColumnFiles) -> bool:
    return "beta" in files and "standard_error" in files


@compiled
def z_statistics(beta: Any, standard_error: Any) -> Any:
    """Return z with the digits that it has where effects are weighted by their inverse variances."""
    z = np.empty(beta.size)
    for row in range(beta.size):
        z[row] = beta[row] * np.sqrt(1 / (standard_error[row] * standard_error[row]))
    return z


def _count(files: ColumnFiles, name: str, imputed: bool | None) -> None:
    bounds = bounds_around_median(count_sizes(_blocks(files, imputed), (0.0, 0.0)))
    counts = count_sizes(_blocks(files, imputed), bounds)
    with told_of_disk(files.folder):
        np.savez(
            _path(files.folder, name),
            bounds=bounds,
            n=counts.n,
            n_below=counts.n_below,
            within=counts.within,
            histogram=counts.histogram,
        )


def _blocks(files: ColumnFiles, imputed: bool | None) -> Iterator[FloatArray]:
    for start in range(0, files.n_rows, _BLOCK):
        rows = start, min(start + _BLOCK, files.n_rows)
        z = z_statistics(files.read("beta", *rows), files.read("standard_error", *rows))
        yield z if imputed is None else z[files.read("imputed", *rows) == imputed]


def _read(folder: Path, name: str) -> StudySizes:
    path = _path(folder, name)
    try:
        with np.load(path) as told:
            low, high = told["bounds"].tolist()
            counts = SizeCounts(int(told["n"]), int(told["n_below"]), told["within"], told["histogram"])
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise GwasmetaError(f"{path}: cannot be read ({error}); was the folder changed meanwhile?") from error
    return StudySizes((low, high), counts)


def _path(folder: Path, name: str) -> Path:
    return folder / f"sizes-{name}.npz"
