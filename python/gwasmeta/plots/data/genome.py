"""The genome as one axis: where each chromosome begins, and where its name stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gwasmeta.compiled import compiled
from gwasmeta.cores import n_cores, on_all_cores
from gwasmeta.errors import GwasmetaError
from gwasmeta.plots.data.chromosomes import Chromosomes, as_chromosomes, common_names

FloatArray = NDArray[np.float64]

_GAP = 0.004  # between two chromosomes, of the length of all
_MARGIN = 0.015  # at either end of a single chromosome, of its length


@dataclass(frozen=True)
class GenomeAxis:
    """Chromosomes laid end to end, in base pairs.

    Attributes
    ----------
    names : tuple of str
        Of the chromosomes that have a variant, in the order of the genome.
    starts : float64 array, shape (n_chromosomes,)
        Where position 0 of each lies on the axis.
    lengths : float64 array, shape (n_chromosomes,)
        The largest position in the data: no genome build is assumed.
    ticks : float64 array, shape (n_chromosomes,)
        The middle of each chromosome.
    begin, end : float
        Limits of the axis. They are around the variants' positions if there is a single chromosome.
    """

    names: tuple[str, ...]
    starts: FloatArray
    lengths: FloatArray
    ticks: FloatArray
    begin: float
    end: float

    def codes(self, chromosomes: Chromosomes) -> NDArray[np.int16]:
        """Return the chromosomes' indices on this axis; -1 for those that it does not have."""
        if chromosomes.names == self.names:
            return chromosomes.codes
        places = [self.names.index(name) if name in self.names else -1 for name in chromosomes.names]
        return np.array([*places, -1], dtype=np.int16)[chromosomes.codes]


def genome_axis(*tables: tuple[ArrayLike | Chromosomes, ArrayLike]) -> GenomeAxis:
    """Lay out the chromosomes of one or several tables.

    Parameters
    ----------
    *tables : pairs of array_like
        The chromosome and the position of each variant of a table. Missing ones, and positions that are not above 0,
        are passed over.

    Returns
    -------
    GenomeAxis
        With gaps between the chromosomes that are a fixed share of the genome.

    Raises
    ------
    GwasmetaError
        If no variant has a chromosome and a position.
    """
    known = [(as_chromosomes(chromosome), np.asarray(position)) for chromosome, position in tables]
    all_names = common_names(*(chromosomes for chromosomes, _ in known))
    first, last = np.full(len(all_names), np.inf), np.full(len(all_names), -np.inf)
    for chromosomes, position in known:
        places = [all_names.index(name) for name in chromosomes.names]
        low, high = _extents(chromosomes, position)
        first[places], last[places] = np.minimum(first[places], low), np.maximum(last[places], high)
    used = np.isfinite(last)
    if not used.any():
        raise GwasmetaError("no variant has a chromosome and a position, and the picture is drawn along the genome")
    names = tuple(name for name, has_variants in zip(all_names, used, strict=True) if has_variants)
    return _laid_out(names, first[used], last[used])


def _laid_out(names: tuple[str, ...], first: FloatArray, last: FloatArray) -> GenomeAxis:
    if len(names) == 1:
        margin = max(_MARGIN * (last[0] - first[0]), 1.0)
        ticks = (first + last) / 2
        return GenomeAxis(names, np.zeros(1), last, ticks, float(first[0] - margin), float(last[0] + margin))
    gap = _GAP * last.sum()
    starts = np.concatenate([[0.0], np.cumsum(last[:-1] + gap)])
    return GenomeAxis(names, starts, last, starts + last / 2, float(-gap), float(starts[-1] + last[-1] + gap))


def _extents(chromosomes: Chromosomes, position: NDArray[Any]) -> tuple[FloatArray, FloatArray]:
    """Return the smallest and the largest position of each chromosome; infinite without any."""
    n_chromosomes = len(chromosomes.names)
    edges = np.linspace(0, len(position), n_cores() + 1).astype(np.int64)

    def of_part(part: int) -> tuple[FloatArray, FloatArray]:
        low, high = np.full(n_chromosomes, np.inf), np.full(n_chromosomes, -np.inf)
        _widen(edges[part], edges[part + 1], chromosomes.codes, position, low, high)
        return low, high

    parts = on_all_cores(of_part, range(len(edges) - 1))
    return np.min([low for low, _ in parts], axis=0), np.max([high for _, high in parts], axis=0)


@compiled
def _widen(start: int, stop: int, codes: Any, position: Any, low: Any, high: Any) -> None:
    for row in range(start, stop):
        code, place = codes[row], position[row]
        if code >= 0 and place > 0:  # not NaN, either
            low[code] = min(low[code], place)
            high[code] = max(high[code], place)
