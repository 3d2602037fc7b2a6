"""Windows around SNPs: how wide they are, and up to which other SNP each one reaches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from gwasmeta.compiled import compiled
from gwasmeta.errors import GwasmetaError
from gwasmeta.ldscores.plink_files import PlinkFiles

Unit = Literal["kb", "cM", "SNPs"]

_BASES_PER_KB = 1000
_USUAL_CM = 1.0
_USUAL_KB = 1000.0


@dataclass(frozen=True)
class Window:
    """How far from a SNP others may be, on either side, to belong to its window.

    Attributes
    ----------
    width : float
    unit : {"kb", "cM", "SNPs"}
    """

    width: float
    unit: Unit

    def __str__(self) -> str:
        return f"{self.width:g} {self.unit} on either side"


def chosen_window(
    plink: PlinkFiles, window_kb: float | None, window_cm: float | None, window_snps: int | None
) -> Window:
    """Return the window that was asked for; without any 1 cM, or 1000 kb where genetic positions are not known.

    Raises
    ------
    GwasmetaError
        If more than one was asked for, or a width is not positive.
    """
    widths: dict[Unit, float | None] = {"kb": window_kb, "cM": window_cm, "SNPs": window_snps}
    given = [Window(width, unit) for unit, width in widths.items() if width is not None]
    if not given:
        return Window(_USUAL_CM, "cM") if plink.centimorgans.any() else Window(_USUAL_KB, "kb")
    if len(given) > 1:
        raise GwasmetaError(f"windows of {' and of '.join(map(str, given))}: give one of them")
    if not 0 < given[0].width < np.inf:
        raise GwasmetaError(f"a window of {given[0]}: give a positive number")
    return given[0]


def window_ends(plink: PlinkFiles, snps: npt.NDArray[np.intp], window: Window) -> npt.NDArray[np.int64]:
    """Return for each of some SNPs the last of them in its window, which ends where the chromosome does.

    Parameters
    ----------
    plink : PlinkFiles
    snps : integer array, shape (n_snps,)
        Which SNPs there are to count and to reach, in the files' order.
    window : Window

    Returns
    -------
    int64 array, shape (n_snps,)
        Index among `snps`; that of the SNP itself if no other follows in its window. Windows are symmetric: SNP j is
        in the window of SNP k if k is in that of j.

    Raises
    ------
    GwasmetaError
        If the SNPs are not sorted by chromosome and position, or their genetic positions are asked for and not known.
    """
    chromosome = _chromosome_runs(plink)[snps]
    if window.unit == "SNPs":
        position, width = np.arange(len(snps), dtype=np.float64), window.width
    elif window.unit == "kb":
        position, width = plink.base_pair_location[snps], window.width * _BASES_PER_KB
    else:
        position, width = plink.centimorgans[snps], window.width
        _refuse_unknown_centimorgans(plink, chromosome, position)
    falls = np.flatnonzero((np.diff(position) < 0) & (np.diff(chromosome) == 0))
    if falls.size:
        before, behind = (plink.variant_ids[int(snps[falls[0] + i])] for i in (0, 1))
        raise GwasmetaError(
            f"{plink.prefix}.bim: {behind} ({position[falls[0] + 1]:.10g}) stands behind {before}"
            f" ({position[falls[0]]:.10g}): SNPs are not sorted by position\n"
            f"  Sort them:  plink --bfile {plink.prefix} --make-bed --out {plink.prefix}_sorted"
        )
    return np.asarray(_last_neighbours(position, chromosome, width))


def _chromosome_runs(plink: PlinkFiles) -> npt.NDArray[np.int64]:
    """Return for each SNP of the files the number of its chromosome, counted as they stand there."""
    runs = plink.chromosomes.runs()
    names = plink.chromosomes.take(runs).to_list()
    again = next((name for i, name in enumerate(names) if name in names[:i]), None)
    if again is not None:
        raise GwasmetaError(
            f"{plink.prefix}.bim: the SNPs of chromosome {again} do not stand together\n"
            f"  Sort them:  plink --bfile {plink.prefix} --make-bed --out {plink.prefix}_sorted"
        )
    return np.repeat(np.arange(len(runs)), np.diff(runs, append=len(plink)))


def _refuse_unknown_centimorgans(
    plink: PlinkFiles, chromosome: npt.NDArray[np.int64], position: npt.NDArray[np.float64]
) -> None:
    known = np.unique(chromosome[position != 0])
    unknown = np.setdiff1d(chromosome, known)
    if unknown.size:
        first = int(np.flatnonzero(_chromosome_runs(plink) == unknown[0])[0])
        raise GwasmetaError(
            f"{plink.prefix}.bim: has no genetic positions (third column) for chromosome {plink.chromosomes[first]}\n"
            "  Add them (plink --cm-map), or give the window in kb: --window-kb 1000"
        )


@compiled
def _last_neighbours(position: Any, chromosome: Any, width: float) -> Any:
    last = np.empty(position.size, dtype=np.int64)
    k = 0
    for j in range(position.size):
        k = max(k, j)
        while k + 1 < position.size and chromosome[k + 1] == chromosome[j] and position[k + 1] - position[j] <= width:
            k += 1
        last[j] = k
    return last
