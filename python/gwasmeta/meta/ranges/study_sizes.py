"""How large a study's z statistics are, counted once over all its rows: inflation is then found from what is left out.

An analysis uses nearly all rows of a study. It counts those that it does not use, and takes them from the counts of
all, so that no other row has to be read before it is corrected.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from gwasmeta.compiled import compiled
from gwasmeta.errors import GwasmetaError
from gwasmeta.meta.options import MetaOptions
from gwasmeta.meta.ranges.column_files import ColumnFiles, told_of_disk
from gwasmeta.stats.spread_median import SizeCounts, count_sizes

FloatArray = npt.NDArray[np.float64]
Bounds = tuple[float, float]

ALL, GENOTYPED, IMPUTED = "all", "genotyped", "imputed"
"""The sets of rows that are counted: of genomic control, imputed variants and the others have a factor each."""

_BLOCK = 1 << 16  # rows; their statistics stay in a core's cache


@dataclass(frozen=True)
class StudySizes:
    """The z statistics of a set of a study's rows, counted.

    Attributes
    ----------
    bounds : (float, float)
        Between which their sizes are kept one by one.
    counts : SizeCounts
    """

    bounds: Bounds
    counts: SizeCounts


def only_effects_are_added(options: MetaOptions) -> bool:
    """Say whether an analysis adds up effects, frequencies and sample sizes of matching rows, and nothing else."""
    return (
        options.needs_effects
        and not options.needs_z
        and not options.sex_differentiated
        and options.palindromic == "keep"
        and options.position_conflicts == "warn"
        and options.genomic_control_variants is None
    )


def count_study(files: ColumnFiles, bounds: Mapping[str, Bounds]) -> None:
    """Count the z statistics of a study's effects, and write that beside its columns.

    Parameters
    ----------
    files : ColumnFiles
    bounds : mapping of str to (float, float)
        Of the sets to be counted: between which sizes their medians are likely to be.
    """
    for name, of_set in bounds.items():
        counts = count_sizes(_blocks(files, name), of_set)
        with told_of_disk(files.folder):
            np.savez(
                _path(files.folder, name),
                bounds=of_set,
                n=counts.n,
                n_below=counts.n_below,
                within=counts.within,
                histogram=counts.histogram,
            )


def sets_of_kinds(files: ColumnFiles, by_kind: bool) -> dict[bool, str]:
    """Return which set of rows has the imputed variants, and which the others, or all if kinds do not matter."""
    if not files.n_rows:
        return {}
    return {False: GENOTYPED, True: IMPUTED} if by_kind and "imputed" in files else {False: ALL}


def bounds_of_set(files: ColumnFiles, name: str) -> Bounds:
    """Return between which sizes the statistics of a set of rows were kept.

    Raises
    ------
    GwasmetaError
        If the file is gone or damaged.
    """
    low, high = _read(files.folder, name, "bounds")[0].tolist()
    return low, high


def counts_of_set(files: ColumnFiles, name: str) -> SizeCounts:
    """Return what was counted of a set of rows.

    Raises
    ------
    GwasmetaError
        If the file is gone or damaged.
    """
    n, n_below, within, histogram = _read(files.folder, name, "n", "n_below", "within", "histogram")
    return SizeCounts(int(n), int(n_below), within, histogram)


def size_files(folder: Path) -> list[Path]:
    """Return the files in which it was written."""
    return sorted(folder.glob("sizes-*.npz"))


@compiled
def z_statistics(beta: Any, standard_error: Any) -> Any:
    """Return z with the digits that it has where effects are weighted by their inverse variances."""
    z = np.empty(beta.size)
    for row in range(beta.size):
        z[row] = beta[row] * np.sqrt(1 / (standard_error[row] * standard_error[row]))
    return z


def _blocks(files: ColumnFiles, name: str) -> Iterator[FloatArray]:
    for start in range(0, files.n_rows, _BLOCK):
        rows = start, min(start + _BLOCK, files.n_rows)
        z = z_statistics(files.read("beta", *rows), files.read("standard_error", *rows))
        yield z if name == ALL else z[files.read("imputed", *rows) == (name == IMPUTED)]


def _read(folder: Path, name: str, *members: str) -> list[npt.NDArray[Any]]:
    path = _path(folder, name)
    try:
        with path.open("rb") as file, np.load(file) as told:
            return [told[member] for member in members]
    except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise GwasmetaError(f"{path}: cannot be read ({error}); was the folder changed meanwhile?") from error


def _path(folder: Path, name: str) -> Path:
    return folder / f"sizes-{name}.npz"
