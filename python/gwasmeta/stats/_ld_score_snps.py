"""The door of LD score regression: a column for each trait, and SNPs in the order of the genome."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gwasmeta.cluster import Scratch, SharedArray
from gwasmeta.errors import GwasmetaError
from gwasmeta.stats._ld_score_sums import product_means
from gwasmeta.stats._matrices import FloatArray

FEWEST_SNPS: Final = 200


@dataclass(frozen=True)
class Snps:
    """What one regression is run on: two traits, or one twice; arrays of shape (n_snps,), each in one piece.

    n is sqrt(n1 n2). The means stay those of all SNPs where a first step uses some of them only.
    """

    name: str
    z1: FloatArray
    n1: FloatArray
    z2: FloatArray
    n2: FloatArray
    ld_score: FloatArray
    weight_ld_score: FloatArray
    m: float
    mean_product: float
    mean_n: float
    mean_n_ld_score: float

    def at(self, rows: NDArray[np.intp]) -> Snps:
        """Return some of the SNPs, with the means of all."""
        return replace(
            self,
            z1=_in_one_piece(self.z1[rows]),
            n1=_in_one_piece(self.n1[rows]),
            z2=_in_one_piece(self.z2[rows]),
            n2=_in_one_piece(self.n2[rows]),
            ld_score=_in_one_piece(self.ld_score[rows]),
            weight_ld_score=_in_one_piece(self.weight_ld_score[rows]),
        )


@dataclass(frozen=True)
class Traits:
    """Statistics of traits at the same SNPs; arrays of shape (n_snps,), NaN where a trait was not measured.

    `numbers` are those that the traits have in messages.
    """

    numbers: tuple[int, ...]
    z: tuple[FloatArray, ...]
    n: tuple[FloatArray, ...]
    ld_score: FloatArray
    weight_ld_score: FloatArray
    m: float

    def usable(self, one: int, other: int, chi_squared_max: float | None) -> NDArray[np.bool_]:
        """Return at which SNPs both traits were measured and the product of their z² is below the maximum's square."""
        usable = ~(np.isnan(self.z[one]) | np.isnan(self.n[one]) | np.isnan(self.z[other]) | np.isnan(self.n[other]))
        if chi_squared_max is not None:
            usable &= self.z[one] ** 2 * self.z[other] ** 2 < chi_squared_max**2
        return usable

    def at(self, chosen: NDArray[np.bool_], *traits: int) -> Traits:
        """Return some of the traits at the chosen SNPs."""
        rows = None if chosen.all() else np.flatnonzero(chosen)

        def take(column: FloatArray) -> FloatArray:
            return column if rows is None else _in_one_piece(column[rows])

        return Traits(
            tuple(self.numbers[trait] for trait in traits),
            tuple(take(self.z[trait]) for trait in traits),
            tuple(take(self.n[trait]) for trait in traits),
            take(self.ld_score),
            take(self.weight_ld_score),
            self.m,
        )

    def pair(self, one: int, other: int, n_blocks: int) -> Snps:
        """Return what a regression of these two traits, or of one with itself, is run on; all must be measured."""
        first, second = self.numbers[one], self.numbers[other]
        name = f"trait {first}" if first == second else f"traits {first} and {second}"
        refuse_too_few(name, self.ld_score.size, n_blocks)
        statistics = self.z[one], self.n[one], self.z[other], self.n[other]
        means = product_means(*statistics, self.ld_score)
        return Snps(name, *statistics, self.ld_score, self.weight_ld_score, self.m, *means)


@dataclass(frozen=True)
class SharedTraits:
    """Traits as tasks carry them: see `Traits`."""

    numbers: tuple[int, ...]
    z: tuple[SharedArray, ...]
    n: tuple[SharedArray, ...]
    ld_score: SharedArray
    weight_ld_score: SharedArray
    m: float

    @classmethod
    def of(cls, traits: Traits, scratch: Scratch) -> SharedTraits:
        """Share the columns of all traits."""
        return cls(
            traits.numbers,
            tuple(map(scratch.share, traits.z)),
            tuple(map(scratch.share, traits.n)),
            scratch.share(traits.ld_score),
            scratch.share(traits.weight_ld_score),
            traits.m,
        )

    def chosen(self, *traits: int) -> SharedTraits:
        """Return some of the traits."""
        z, n = (tuple(columns[trait] for trait in traits) for columns in (self.z, self.n))
        return replace(self, numbers=tuple(self.numbers[trait] for trait in traits), z=z, n=n)

    def traits(self) -> Traits:
        """Return the columns themselves."""
        z, n = (tuple(shared.array for shared in columns) for columns in (self.z, self.n))
        return Traits(self.numbers, z, n, self.ld_score.array, self.weight_ld_score.array, self.m)


def checked_traits(z: ArrayLike, n: ArrayLike, ld_score: ArrayLike, weight_ld_score: ArrayLike, m: float) -> Traits:
    """Check statistics of shape (n_snps, n_traits) and LD scores of shape (n_snps,)."""
    statistics, sizes = np.asarray(z, dtype=np.float64), np.asarray(n, dtype=np.float64)
    scores, weights = np.asarray(ld_score, dtype=np.float64), np.asarray(weight_ld_score, dtype=np.float64)
    if statistics.ndim != 2 or sizes.shape != statistics.shape:
        raise ValueError(f"z has shape {statistics.shape} and n {sizes.shape}: both must be (n_snps, n_traits)")
    for name, column in (("ld_score", scores), ("weight_ld_score", weights)):
        if column.shape != statistics.shape[:1]:
            raise ValueError(f"{name} has shape {column.shape}: it must be {statistics.shape[:1]}, one for each SNP")
        if not np.isfinite(column).all():
            raise ValueError(f"{name}[{np.isfinite(column).argmin()}] is not a finite number")
    if not 0 < m < np.inf:
        raise GwasmetaError(
            f"the number of SNPs that the LD scores were computed from is {m}\n"
            "  It must be positive: the sum of the panel's .l2.M_5_50 files."
        )
    traits = range(statistics.shape[1])
    for trait in traits:
        _refuse_faulty(trait + 1, statistics[:, trait], sizes[:, trait])
    return Traits(
        tuple(trait + 1 for trait in traits),
        tuple(_in_one_piece(statistics[:, trait]) for trait in traits),
        tuple(_in_one_piece(sizes[:, trait]) for trait in traits),
        _in_one_piece(scores),
        _in_one_piece(weights),
        float(m),
    )


def refuse_too_few(name: str, n_snps: int, n_blocks: int, among: str = "") -> None:
    """Raise a GwasmetaError if a regression has too few SNPs, which may be those `among` all with some property."""
    if n_snps < max(FEWEST_SNPS, n_blocks):
        raise GwasmetaError(
            f"{name}: {n_snps} SNPs{among} are left for LD score regression, at least "
            f"{max(FEWEST_SNPS, n_blocks)} are needed\n"
            "  Look in the log for what removed the others; variant ids that are not those of the LD score panel are "
            "the usual reason."
        )


def _refuse_faulty(trait: int, z: FloatArray, n: FloatArray) -> None:
    for name, faulty, remedy in (
        ("z", np.isinf(z), "a z statistic must be finite, or missing"),
        ("n", ((n <= 0) | np.isinf(n)) & ~np.isnan(z), "a sample size must be positive and finite, or missing"),
    ):
        if faulty.any():
            snp = int(faulty.argmax())
            value = float((z if name == "z" else n)[snp])
            raise GwasmetaError(
                f"trait {trait}, SNP {snp + 1}: {name} is {value:g}\n  Correct it or leave it out: {remedy}."
            )
    if (np.isnan(z) | np.isnan(n)).all():
        raise GwasmetaError(
            f"trait {trait} has no SNP with both a z statistic and a sample size\n"
            "  Look in the log for what removed them, or name the columns that have them."
        )


def _in_one_piece(column: FloatArray) -> FloatArray:
    """Return a column that is contiguous and not to be written to: machine code is made for this kind only."""
    whole = np.ascontiguousarray(column).view()
    whole.flags.writeable = False
    return whole
