"""MTAG's estimate of each trait's effect from the estimates of all traits.

The formula inverts a matrix for every trait of every SNP. Here a SNP has one small factorisation for all its traits.
Let S be the covariance of the errors of a SNP's effects, f_t the row of trait t of an F with F J F' = Omega (J has the
signs of the eigenvalues: all 1, unless a matrix was given that is no covariance matrix), and M = J + F' S⁻¹ F. Then,
with V and w as in the paper,

    spread_t = f_t' M⁻¹ f_t              what remains unknown of an effect beside all estimates
    w' V⁻¹ w = (omega_tt / spread_t - 1) / omega_tt
    w' V⁻¹ b = f_t' M⁻¹ F' S⁻¹ b / spread_t

These keep their digits where the errors are small against the effects, which the inverse of Omega + S does not.

All that is compiled stands in this file: the cache of machine code does not notice a change in another one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gwasmeta.cluster import THREADS, Scratch, SharedArray, Workers, scratch_of
from gwasmeta.compiled import compiled
from gwasmeta.errors import GwasmetaError
from gwasmeta.stats._covariance_matrices import covariance_matrix, positive_definite_matrix
from gwasmeta.stats._matrices import FloatArray, sample_size_matrices

_Index: TypeAlias = slice | NDArray[np.intp]

_BLOCK_ROWS: Final = 65_000  # not a power of 2: the traits' values would contend for the same lines of the cache
_BITS: Final = 32  # of a whole number that say which traits a SNP has; the others hold the number of a row

# An eigenvalue of a correlation matrix: rounding leaves as much of those that are 0.
_NEGLIGIBLE_EIGENVALUE: Final = 1e-13


@dataclass(frozen=True)
class MtagEstimates:
    """Arrays of shape (n_snps, n_traits), columns in one piece, NaN where a trait was not measured.

    Attributes
    ----------
    beta : ndarray
        Effect of a genotype of variance 1 on a trait of variance 1. Divided by sqrt(2 f (1 - f)), with f the
        frequency of the effect allele, it is the effect per copy of the allele.
    standard_error : ndarray
        In the units of `beta`.
    z : ndarray
        beta / standard_error.
    mean_weight_sums : ndarray, shape (n_traits,)
        Of the weights that the traits' effects have in an estimate, the sum; its mean over the SNPs that all traits
        have, NaN without such SNPs. MTAG calls it the weight factors.
    """

    beta: FloatArray
    standard_error: FloatArray
    z: FloatArray
    mean_weight_sums: FloatArray


def mtag(
    z: ArrayLike, n: ArrayLike, omega: ArrayLike, sigma: ArrayLike, *, workers: Workers = THREADS
) -> MtagEstimates:
    """Estimate each SNP's effect on each trait from its estimates for all traits.

    Parameters
    ----------
    z : array_like, shape (n_snps, n_traits)
        z statistics, signed by the same allele in all traits; NaN where a trait was not measured. Columns that each
        are in one piece (Fortran order) are not copied.
    n : array_like, shape (n_snps, n_traits)
        Sample sizes; not looked at where `z` is NaN.
    omega : array_like, shape (n_traits, n_traits)
        Covariance of the true effects. Its scale is irrelevant where all its correlations are 1 and all its
        variances equal: ones make the estimates those of one trait, the same in every column.
    sigma : array_like, shape (n_traits, n_traits)
        Covariance of the errors of the z statistics.
    workers : Workers
        What computes blocks of SNPs. A million SNPs take a third of a second for 3 traits, and minutes for 100: only
        then do others than threads win what the files cost by which they share the arrays.

    Returns
    -------
    MtagEstimates
        Of a SNP that some traits lack, those of the others, from their rows and columns of omega and sigma.

    Raises
    ------
    ValueError
        If the shapes differ, a z statistic is infinite, or has no positive finite sample size.
    GwasmetaError
        If omega or sigma cannot be covariance matrices of these traits, sigma is not positive definite, or omega
        has negative eigenvalues that leave some estimate without a variance.

    References
    ----------
    Turley et al. (2018), Nature Genetics 50:229, equation (1), and Online Methods for its variance.
    """
    z, n = sample_size_matrices(z, n)
    n_traits = z.shape[1]
    effects = covariance_matrix("omega", omega, n_traits)
    errors = positive_definite_matrix("sigma", sigma, n_traits)
    measured = ~np.isnan(z)
    found = np.full((3, n_traits, len(z)), np.nan)
    sums_of_all_traits = []
    with scratch_of(workers) as scratch:
        blocks = list(_blocks(_Shared.of(z, n, scratch), measured, effects, errors))
        for block, part in zip(blocks, workers.in_order(_estimated, blocks), strict=True):
            found[:, *block.place] = part.estimates.taken()
            if block.traits.size == n_traits:
                sums_of_all_traits.append(part.weight_sums)
    with np.errstate(invalid="ignore"):
        mean = np.sum(sums_of_all_traits, axis=0) / np.count_nonzero(measured.all(axis=1))
    estimates = MtagEstimates(found[0].T, found[1].T, found[2].T, np.broadcast_to(mean, n_traits))
    _refuse_estimates_without_variance(z, estimates, effects)
    return estimates


@dataclass(frozen=True)
class _Model:
    """What the compiled loop needs of omega and sigma of the traits that some SNPs have.

    F (`factor`, with a column for each eigenvalue that is not 0) and the diagonal of J (`sign`) with F J F' = omega;
    the diagonal of omega; and the lower triangular R with R' R = sigma⁻¹.
    """

    factor: FloatArray
    sign: FloatArray
    variance: FloatArray
    whitener: FloatArray

    @classmethod
    def of(cls, omega: FloatArray, sigma: FloatArray) -> _Model:
        variance = omega.diagonal().copy()  # a view would be read-only, for which machine code would be made anew
        scale = np.sqrt(variance)
        eigenvalues, vectors = np.linalg.eigh(omega / np.outer(scale, scale))
        eigenvalues, vectors = eigenvalues[::-1], vectors[:, ::-1]  # negative ones last: M needs no pivoting then
        kept = np.abs(eigenvalues) > _NEGLIGIBLE_EIGENVALUE
        factor = scale[:, np.newaxis] * vectors[:, kept] * np.sqrt(np.abs(eigenvalues[kept]))
        whitener = np.linalg.inv(np.linalg.cholesky(sigma))
        return cls(np.ascontiguousarray(factor), np.sign(eigenvalues[kept]), variance, np.ascontiguousarray(whitener))


@dataclass(frozen=True)
class _Shared:
    """z and n of all traits at all SNPs, shape (n_traits, n_snps), as tasks carry them; and where results are left."""

    z: SharedArray
    n: SharedArray
    scratch: Scratch

    @classmethod
    def of(cls, z: FloatArray, n: FloatArray, scratch: Scratch) -> _Shared:
        # A trait in one piece: other layouts would each be compiled anew.
        z_of_traits, n_of_traits = (scratch.share(np.ascontiguousarray(columns.T)) for columns in (z, n))
        return cls(z_of_traits, n_of_traits, scratch)


@dataclass(frozen=True)
class _Block:
    """Some SNPs that the same traits have: a task."""

    shared: _Shared
    model: _Model
    traits: NDArray[np.intp]
    snps: _Index

    @property
    def place(self) -> tuple[_Index, _Index]:
        """The index of the block in an array of shape (n_traits, n_snps)."""
        traits = _as_slice(self.traits)
        if isinstance(traits, slice) or isinstance(self.snps, slice):
            return traits, self.snps
        return traits[:, np.newaxis], self.snps


def _as_slice(rising: NDArray[np.intp]) -> _Index:
    """Return numbers that rise as a slice, which needs no copy, if they have no gaps."""
    first, last = int(rising[0]), int(rising[-1])
    return slice(first, last + 1) if last - first == rising.size - 1 else rising


@dataclass(frozen=True)
class _Estimated:
    """The estimates of a block, shape (3, n_traits, n_snps): effects, errors, z; and the sums of the weights."""

    estimates: SharedArray
    weight_sums: FloatArray


def _estimated(block: _Block) -> _Estimated:
    z, n = (np.ascontiguousarray(shared.array[block.place]) for shared in (block.shared.z, block.shared.n))
    traits, snps = (np.arange(size) for size in z.shape)
    found = np.empty((3, *z.shape))
    weight_sums = np.zeros(traits.size)
    model = block.model.factor, block.model.sign, block.model.variance, block.model.whitener
    _estimate(z, n, snps, traits, *model, found[0], found[1], found[2], weight_sums)
    return _Estimated(block.shared.scratch.share(found), weight_sums)


def _blocks(shared: _Shared, measured: NDArray[np.bool_], omega: FloatArray, sigma: FloatArray) -> Iterator[_Block]:
    """Yield the traits and the rows of SNPs that the same traits have, with what their estimator needs."""
    for snps in _groups_by_presence(measured):
        traits = np.flatnonzero(measured[snps[0]])
        if traits.size == 0:
            continue
        model = _Model.of(omega[np.ix_(traits, traits)], sigma[np.ix_(traits, traits)])
        for start in range(0, snps.size, _BLOCK_ROWS):
            yield _Block(shared, model, traits, _as_slice(snps[start : start + _BLOCK_ROWS]))


def _groups_by_presence(measured: NDArray[np.bool_]) -> list[NDArray[np.intp]]:
    """Return the rows of each group of SNPs that the same traits have."""
    if measured.all():
        return [np.arange(len(measured))] if len(measured) else []
    group = np.zeros(len(measured), dtype=np.int64)
    for start in range(0, measured.shape[1], _BITS):
        columns = measured[:, start : start + _BITS]
        pattern = columns @ (1 << np.arange(columns.shape[1], dtype=np.int64))
        _, group = np.unique((group << _BITS) + pattern, return_inverse=True)
    order = np.argsort(group, kind="stable")
    return np.split(order, np.cumsum(np.bincount(group))[:-1])


def _refuse_estimates_without_variance(z: FloatArray, estimates: MtagEstimates, omega: FloatArray) -> None:
    without = ~np.isnan(z) & ~(estimates.standard_error < np.inf)
    if without.any():
        snp, trait = np.unravel_index(int(without.argmax()), without.shape)
        raise GwasmetaError(
            f"trait {trait + 1}, SNP {snp + 1}: no MTAG estimate has a variance, nor of {without.sum() - 1} others\n"
            f"  Omega is no covariance matrix: it has a negative eigenvalue{_beyond_one(omega)}\n"
            "  Give another one (omega, --gencov_path), or let it be estimated."
        )


def _beyond_one(omega: FloatArray) -> str:
    """Return which element is impossible in itself, if one is."""
    root = np.sqrt(omega.diagonal())
    correlation = omega / np.outer(root, root)
    np.fill_diagonal(correlation, 0)
    row, column = map(int, np.unravel_index(int(np.abs(correlation).argmax()), correlation.shape))
    if abs(correlation[row, column]) <= 1:
        return ""
    return f"; row {row + 1}, column {column + 1} would be a correlation of {correlation[row, column]:.4g}"


@compiled
def _estimate(
    z: FloatArray,
    n: FloatArray,
    snps: NDArray[np.intp],
    traits: NDArray[np.intp],
    factor: FloatArray,
    sign: FloatArray,
    variance: FloatArray,
    whitener: FloatArray,
    beta: FloatArray,
    standard_error: FloatArray,
    mtag_z: FloatArray,
    weight_sums: FloatArray,
) -> None:
    """Write the estimates of these SNPs for these traits, and add the sums of their weights."""
    k, rank = factor.shape
    root_n = np.zeros(k)
    design = np.empty((k, rank))  # R D F, where D has the roots of the sample sizes on its diagonal
    triangle = np.empty((rank, rank))
    pivot = np.empty(rank)
    solved = np.empty((k, rank))  # rows: L⁻¹ f_t, where L D L' = M
    scale, error, score = np.empty(k), np.empty(k), np.empty(rank)
    statistic, effect, sum_of_weights = np.empty(k), np.empty(k), np.empty(k)
    for snp in snps:
        if _take_sample_sizes(n, snp, traits, root_n):
            _write_design(root_n, factor, whitener, design)
            _factorise(design, sign, triangle, pivot)
            _write_scales(factor, triangle, pivot, variance, solved, scale, error)
            # Where all effects are 1, an estimate is the sum of its weights.
            _write_effects(root_n, whitener, design, triangle, pivot, solved, scale, score, sum_of_weights)
        for i in range(k):
            statistic[i] = z[traits[i], snp]
            weight_sums[i] += sum_of_weights[i]
        _write_effects(statistic, whitener, design, triangle, pivot, solved, scale, score, effect)
        for i in range(k):
            beta[traits[i], snp] = effect[i]
            standard_error[traits[i], snp] = error[i]
            mtag_z[traits[i], snp] = effect[i] / error[i]


@compiled
def _write_effects(
    z: FloatArray,
    whitener: FloatArray,
    design: FloatArray,
    triangle: FloatArray,
    pivot: FloatArray,
    solved: FloatArray,
    scale: FloatArray,
    score: FloatArray,
    effect: FloatArray,
) -> None:
    """Write a SNP's effects from its z statistics."""
    k, rank = design.shape
    score[:] = 0.0
    for i in range(k):
        response = 0.0
        for j in range(i + 1):
            response += whitener[i, j] * z[j]
        for a in range(rank):
            score[a] += design[i, a] * response
    for a in range(rank):
        for b in range(a):
            score[a] -= triangle[a, b] * score[b]
    for i in range(k):
        total = 0.0
        for a in range(rank):
            total += solved[i, a] * score[a] / pivot[a]
        effect[i] = total * scale[i]


@compiled
def _take_sample_sizes(n: FloatArray, snp: int, traits: NDArray[np.intp], root_n: FloatArray) -> bool:
    """Write the roots of a SNP's sample sizes, and tell whether they are others than before."""
    others = False
    for i in range(traits.size):
        root = np.sqrt(n[traits[i], snp])
        others |= root != root_n[i]
        root_n[i] = root
    return others


@compiled
def _write_design(root_n: FloatArray, factor: FloatArray, whitener: FloatArray, design: FloatArray) -> None:
    k, rank = factor.shape
    for i in range(k):
        for a in range(rank):
            design[i, a] = 0.0
        for j in range(i + 1):
            weight = whitener[i, j] * root_n[j]
            for a in range(rank):
                design[i, a] += weight * factor[j, a]


@compiled
def _factorise(design: FloatArray, sign: FloatArray, triangle: FloatArray, pivot: FloatArray) -> None:
    """Write the L (its diagonal is 1) and the D of M = J + design' design = L D L'."""
    k, rank = design.shape
    for a in range(rank):
        for b in range(a + 1):
            element = sign[a] if a == b else 0.0
            for i in range(k):
                element += design[i, a] * design[i, b]
            for c in range(b):
                element -= triangle[a, c] * triangle[b, c] * pivot[c]
            if b < a:
                triangle[a, b] = element / pivot[b]
            else:
                pivot[a] = element


@compiled
def _write_scales(
    factor: FloatArray,
    triangle: FloatArray,
    pivot: FloatArray,
    variance: FloatArray,
    solved: FloatArray,
    scale: FloatArray,
    error: FloatArray,
) -> None:
    """Write L⁻¹ f_t, what makes an effect of f_t' M⁻¹ F' S⁻¹ b, and the standard error."""
    k, rank = factor.shape
    for i in range(k):
        spread = 0.0
        for a in range(rank):
            element = factor[i, a]
            for b in range(a):
                element -= triangle[a, b] * solved[i, b]
            solved[i, a] = element
            spread += element * element / pivot[a]
        explained = variance[i] - spread
        scale[i] = variance[i] / explained
        error[i] = np.sqrt(variance[i] * spread / explained)
