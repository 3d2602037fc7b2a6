"""LD scores from genotypes: products of blocks of SNPs with those in their windows, on all cores."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from gwasmeta.compiled import compiled
from gwasmeta.cores import on_all_cores
from gwasmeta.errors import GwasmetaError
from gwasmeta.ldscores.chromosome_pattern import AUTOSOMES, filled, is_pattern
from gwasmeta.ldscores.computed import ComputedLdScores, joined
from gwasmeta.ldscores.plink_files import PlinkFiles, open_plink_files
from gwasmeta.ldscores.windows import chosen_window, window_ends

Progress: TypeAlias = Callable[[int, int], None]
"""Told how many SNPs are done, and of how many; from any thread, one at a time."""

_SEGMENT = 1024  # SNPs whose windows are worked through by one core
_BLOCK = 128  # SNPs in one matrix product
_FEWEST_SAMPLES = 3  # r-squared is corrected by n - 2
_UNPLACED = "0"  # PLINK's chromosome for SNPs without a place


def compute_ld_scores(
    bfile: str | os.PathLike[str],
    *,
    window_kb: float | None = None,
    window_cm: float | None = None,
    window_snps: int | None = None,
    progress: Progress | None = None,
) -> ComputedLdScores:
    """Compute LD scores from genotypes in PLINK's format.

    The LD score of SNP j is the sum over the SNPs k of its window, itself included, of r² - (1 - r²) / (n - 2): the
    squared correlation of the genotypes of n people, less what chance adds to it. Genotypes that are missing are
    taken to be their SNP's mean. The window holds every SNP of the same chromosome that is no farther away than its
    width, and no other (LDSC's usual one reaches up to 49 SNPs farther; with `--chunk-size 1` it is the same).

    Parameters
    ----------
    bfile : path
        What the names of the .bed, .bim and .fam files begin with; an @ in it stands for the chromosomes 1 to 22.
    window_kb, window_cm, window_snps : float, optional
        Width of the window on either side: thousands of base pairs, centimorgans, or SNPs. Without any, 1 cM, or
        1000 kb if the .bim file has no genetic positions.
    progress : callable, optional
        Called with the number of SNPs done and the number of all.

    Returns
    -------
    ComputedLdScores

    Raises
    ------
    GwasmetaError
        If the files are missing, damaged or not sorted, have no SNP to compute with, or the window cannot be used.

    Notes
    -----
    Each core holds the genotypes of 1,024 SNPs and of a window's width behind them, 8 bytes each. All is computed
    in double precision: in single precision scores near 10 were off by 3e-5, for half of the time saved.

    References
    ----------
    Bulik-Sullivan et al. (2015), Nature Genetics 47:291, online methods, "Estimation of LD Score".
    """
    files = [open_plink_files(prefix) for prefix in _prefixes(os.fspath(bfile))]
    window = chosen_window(files[0], window_kb, window_cm, window_snps)
    kept = [_usable(plink) for plink in files]
    reported = _Reported(progress, sum(map(len, kept)))
    parts = []
    for plink, snps in zip(files, kept, strict=True):
        scores = _ld_scores(plink, snps, window_ends(plink, snps, window), reported)
        parts.append(ComputedLdScores.of(plink, snps, scores, window))
    return joined(parts)


def _prefixes(bfile: str) -> list[str]:
    if not is_pattern(bfile):
        return [bfile]
    prefixes = [
        name for name in (filled(bfile, chromosome) for chromosome in AUTOSOMES) if os.path.isfile(f"{name}.bed")
    ]
    if not prefixes:
        raise GwasmetaError(f"{bfile}.bed: no such file for any chromosome from 1 to 22 in place of @: check the path")
    return prefixes


def _usable(plink: PlinkFiles) -> npt.NDArray[np.intp]:
    """Return the SNPs that vary and have a place."""
    if plink.n_samples < _FEWEST_SAMPLES:
        raise GwasmetaError(
            f"{plink.prefix}.fam: holds {plink.n_samples} people; LD scores need at least {_FEWEST_SAMPLES}, and are"
            " noisy below some hundreds"
        )
    usable = np.flatnonzero(plink.varies & ~plink.chromosomes.equal(_UNPLACED))
    if not usable.size:
        raise GwasmetaError(f"{plink.prefix}: none of its {len(plink):,} SNPs varies and has a place")
    return usable


class _Reported:
    """Adds up what all threads have done."""

    def __init__(self, progress: Progress | None, n_snps: int) -> None:
        self._progress = progress
        self._n_snps = n_snps
        self._done = 0
        self._lock = threading.Lock()

    def add(self, n_snps: int) -> None:
        with self._lock:
            self._done += n_snps
            if self._progress is not None:
                self._progress(self._done, self._n_snps)


def _ld_scores(
    plink: PlinkFiles, snps: npt.NDArray[np.intp], last: npt.NDArray[np.int64], reported: _Reported
) -> npt.NDArray[np.float64]:
    """Return the LD scores of SNPs whose windows reach up to `last`."""

    def of_segment(start: int) -> npt.NDArray[np.float64]:
        stop = min(start + _SEGMENT, len(snps))
        reach = int(last[stop - 1]) + 1
        sums = _sums_of_squares(plink.standardised(snps[start:reach]), last[start:stop] - start)
        reported.add(stop - start)
        return sums

    starts = range(0, len(snps), _SEGMENT)
    squares = np.zeros(len(snps))
    with threadpool_limits(1, user_api="blas"):  # the segments use all cores already
        for start, sums in zip(starts, on_all_cores(of_segment, starts), strict=True):
            squares[start : start + len(sums)] += sums

    places = np.arange(len(snps))
    n_others = last - np.searchsorted(last, places)  # those behind a SNP and, windows being symmetric, those before it
    r_squared = squares / plink.n_samples**2
    return 1 + r_squared - (n_others - r_squared) / (plink.n_samples - 2)


def _sums_of_squares(genotypes: npt.NDArray[np.float64], last: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """Square the products of SNPs with those behind them in their windows; add each to the sums of both SNPs.

    Parameters
    ----------
    genotypes : float64 array, shape (n_snps, n_samples)
    last : int64 array, shape (n_first,)
        Up to where the windows of the first SNPs reach, in rows of `genotypes`.

    Returns
    -------
    float64 array, shape (n_snps,)
    """
    sums = np.zeros(len(genotypes))
    for start in range(0, len(last), _BLOCK):
        stop = min(start + _BLOCK, len(last))
        products = genotypes[start:stop] @ genotypes[start : last[stop - 1] + 1].T
        _add_squares(products, last[start:stop] - start, sums[start:])
    return sums


@compiled
def _add_squares(products: Any, last: Any, sums: Any) -> None:
    for j in range(products.shape[0]):
        of_row = 0.0
        for k in range(j + 1, last[j] + 1):
            square = products[j, k] * products[j, k]
            of_row += square
            sums[k] += square
        sums[j] += of_row
