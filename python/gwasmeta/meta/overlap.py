"""Studies that share samples: the correlation of their statistics, and METAL's step-by-step correction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from gwasmeta.errors import GwasmetaError
from gwasmeta.meta.study_matrix import EffectMatrix
from gwasmeta.stats.correlated_studies import checked_correlation
from gwasmeta.stats.sequential_overlap import OverlapBins, sequential_overlap_step
from gwasmeta.stats.shared_samples import correlation_of_shared_samples
from gwasmeta.stats.truncated_correlation import correlation_from_sums, near_null_sums
from gwasmeta.sumstats.byte_streams import read_stored
from gwasmeta.sumstats.text_index import grow

FloatArray = npt.NDArray[np.float64]
Rows: TypeAlias = tuple[tuple[float, ...], ...]

BLOCK_ROWS = 1 << 16
"""Variants that correlations are summed up over at a time."""

_FEWEST_VARIANTS = 100  # the correlation's standard error is 0.34 then, at the usual cutoff


class SequentialOverlap:
    """METAL's running result: each study is corrected for its overlap with all before it.

    Attributes
    ----------
    bins : list of OverlapBins
        One a study: the correlations found.
    """

    def __init__(self, cutoff: float) -> None:
        self.weighted_z, self.weight, self.n = np.zeros(0), np.zeros(0), np.zeros(0)
        self.bins: list[OverlapBins] = []
        self._cutoff = cutoff

    def reserve(self, n_variants: int) -> None:
        """Make room for variants seen for the first time."""
        for array in (self.weighted_z, self.weight, self.n):
            grow(array, n_variants)

    def add(self, variants: npt.NDArray[np.int32], z: FloatArray, n: FloatArray) -> None:
        """Add all rows of a study, in which no variant may occur twice."""
        known = (self.weighted_z[variants], self.weight[variants], self.n[variants])
        step = sequential_overlap_step(*known, z, n, self._cutoff)
        self.weighted_z[variants], self.weight[variants], self.n[variants] = step.weighted_z, step.weight, step.n
        self.bins.append(step.bins)

    def z(self, start: int, stop: int) -> FloatArray:
        """Return the combined z of a range of variants, NaN where no study has one."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(self.weighted_z[start:stop] / np.sqrt(self.weight[start:stop]))


@dataclass(frozen=True)
class PairSums:
    """Sums over variants for each pair of studies; arrays of shape (n_studies, n_studies).

    Attributes
    ----------
    n, sum_squares, sum_products
        Of the variants without association in both; see `near_null_sums`.
    n_shared
        Number of variants that both have.
    """

    n: npt.NDArray[Any]
    sum_squares: FloatArray
    sum_products: FloatArray
    n_shared: FloatArray


def pair_sums(matrix: EffectMatrix, n_variants: int, cutoff: float) -> Iterator[PairSums]:
    """Yield, block of variants by block, what the correlations of the studies' z statistics are estimated from."""
    for start in range(0, n_variants, BLOCK_ROWS):
        effect, error = matrix.block(start, min(start + BLOCK_ROWS, n_variants))
        sums = near_null_sums(effect / error, cutoff)
        measured = (~np.isnan(effect)).astype(np.float64)
        yield PairSums(sums.n, sums.sum_squares, sums.sum_products, measured.T @ measured)


def estimated_correlation(blocks: Iterable[PairSums], n_studies: int, cutoff: float) -> FloatArray:
    """Return the correlations of the studies' z statistics that variants without association show.

    A negative estimate is taken as 0: samples that are shared make statistics alike, never opposite.

    Parameters
    ----------
    blocks : iterable of PairSums
        In the order of the variants, which the last digits depend on.
    n_studies : int
    cutoff : float

    Raises
    ------
    GwasmetaError
        If two studies share variants, but too few without association.
    """
    n, sum_squares, sum_products, n_shared = np.zeros((4, n_studies, n_studies))
    for sums in blocks:
        n += sums.n
        sum_squares += sums.sum_squares
        sum_products += sums.sum_products
        n_shared += sums.n_shared
    pairs = np.triu_indices(n_studies, 1)
    for one, other in zip(*pairs, strict=True):
        if n_shared[one, other] and n[one, other] < _FEWEST_VARIANTS:
            raise GwasmetaError(
                f"studies {one + 1} and {other + 1} share {int(n_shared[one, other]):,} variants, of which"
                f" {int(n[one, other]):,} have |z| below {cutoff:g} in both; {_FEWEST_VARIANTS} are needed to estimate"
                " their correlation\n  Raise the cutoff (--z-cutoff 2), or give the matrix."
            )
    correlation = np.eye(n_studies)
    found = np.fmax(correlation_from_sums(n[pairs], sum_squares[pairs], sum_products[pairs], cutoff), 0.0)
    correlation[pairs] = found
    correlation.T[pairs] = found
    return checked_correlation(correlation, n_studies)


def given_correlation(values: Rows, n_studies: int) -> FloatArray:
    """Return the correlations that a caller gives: as such, or by the numbers of shared samples."""
    matrix = np.array(values, dtype=np.float64)
    if matrix.ndim == 2 and matrix.shape[0] == matrix.shape[1] and (np.diag(matrix) > 1).all():
        matrix = correlation_of_shared_samples(matrix)
    return checked_correlation(matrix, n_studies)


def read_overlap(path: str, labels: Sequence[str]) -> Rows:
    """Read a matrix of correlations or of shared samples, with the studies' names as its header.

    Parameters
    ----------
    path : str
        Text: the names of the studies on the first line, in any order; then one line a study: in that order, or
        each with its name in front.
    labels : sequence of str
        The studies in the order of the analysis.

    Raises
    ------
    GwasmetaError
        If a study is missing, a line has too few or too many numbers, or a field is no number.
    """
    lines = [line.replace(",", " ").split() for line in read_stored(path).splitlines() if line.strip()]
    if not lines:
        raise GwasmetaError(f"{path}: is empty; a matrix of the studies' overlap is expected")
    names = lines[0]
    missing = [label for label in labels if label not in names]
    if missing or len(set(names)) != len(names):
        raise GwasmetaError(
            f"{path}, line 1: " + (f"has no study {missing[0]!r}" if missing else "names a study twice") + "\n"
            f"  The first line names the studies: {' '.join(labels)}"
        )
    if len(lines) != len(names) + 1:
        raise GwasmetaError(f"{path}: has {len(lines) - 1} rows of numbers for {len(names)} studies")
    rows: dict[str, list[float]] = {}
    for line_number, (expected, words) in enumerate(zip(names, lines[1:], strict=True), start=2):
        has_name = len(words) == len(names) + 1
        name = words[0] if has_name else expected
        if name not in names or name in rows:
            fault = "is there a second time" if name in rows else "is not on the first line"
            raise GwasmetaError(f"{path}, line {line_number}: the study {name!r} {fault}")
        rows[name] = _numbers_of(path, line_number, words[has_name:], len(names))
    return tuple(tuple(rows[one][names.index(other)] for other in labels) for one in labels)


def _numbers_of(path: str, line_number: int, words: list[str], n_studies: int) -> list[float]:
    if len(words) != n_studies:
        raise GwasmetaError(f"{path}, line {line_number}: {len(words)} fields, but there are {n_studies} studies")
    try:
        return [float(word) for word in words]
    except ValueError as error:
        raise GwasmetaError(f"{path}, line {line_number}: a number is needed in each field: {error}") from None
