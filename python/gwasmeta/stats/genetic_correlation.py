"""Genetic covariance and correlation of traits, two at a time or all pairs, by LD score regression."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from itertools import combinations_with_replacement

import numpy as np
from numpy.typing import ArrayLike

from gwasmeta.cluster import THREADS, Workers, scratch_of
from gwasmeta.errors import GwasmetaError
from gwasmeta.stats._ld_score_snps import SharedTraits, checked_traits
from gwasmeta.stats._matrices import FloatArray
from gwasmeta.stats.block_jackknife import Estimate, jackknife
from gwasmeta.stats.ld_score_regression import (
    N_BLOCKS,
    CovarianceRegression,
    HeritabilityRegression,
    covariance_of,
    heritability_of,
)


@dataclass(frozen=True)
class GeneticCorrelation:
    """LD score regressions of a pair of traits, at the SNPs that both have.

    Attributes
    ----------
    correlation : Estimate
        Genetic correlation; it may exceed 1. NaN if a heritability is not positive; its standard error is NaN if
        one is not without some block.
    covariance : CovarianceRegression
        Of the product of the two z.
    heritabilities : tuple of two HeritabilityRegression
        Of each trait's z².
    """

    correlation: Estimate
    covariance: CovarianceRegression
    heritabilities: tuple[HeritabilityRegression, HeritabilityRegression]


@dataclass(frozen=True)
class PairwiseEstimates:
    """Symmetric matrices of shape (n_traits, n_traits); NaN for a pair that was not asked for.

    Attributes
    ----------
    value : ndarray
    standard_error : ndarray
        Of the block jackknife.
    """

    value: FloatArray
    standard_error: FloatArray


@dataclass(frozen=True)
class CrossTraitRegressions:
    """LD score regressions of many traits.

    Attributes
    ----------
    heritabilities : tuple of HeritabilityRegression
        One for each trait, at all SNPs that it has.
    pairs : dict
        From (trait, trait), counted from 0, to the GeneticCorrelation.
    """

    heritabilities: tuple[HeritabilityRegression, ...]
    pairs: dict[tuple[int, int], GeneticCorrelation]

    @property
    def genetic_covariance(self) -> PairwiseEstimates:
        """Covariances; on the diagonal the heritabilities, where the pair of a trait with itself was asked for."""
        return self._matrices(lambda pair: pair.covariance.covariance)

    @property
    def intercept(self) -> PairwiseEstimates:
        """Covariances of z statistics without genetic signal; of a trait with itself, the variance."""
        return self._matrices(lambda pair: pair.covariance.intercept)

    @property
    def genetic_correlation(self) -> PairwiseEstimates:
        """Correlations, by construction near 1 on the diagonal."""
        return self._matrices(lambda pair: pair.correlation)

    @property
    def residual_covariance(self) -> PairwiseEstimates:
        """The intercepts; 0, known without error, for a pair that was not asked for."""
        found = self.intercept
        known = np.isnan(found.value)
        return PairwiseEstimates(np.where(known, 0.0, found.value), np.where(known, 0.0, found.standard_error))

    def _matrices(self, estimate: Callable[[GeneticCorrelation], Estimate]) -> PairwiseEstimates:
        shape = (len(self.heritabilities),) * 2
        value, standard_error = np.full(shape, np.nan), np.full(shape, np.nan)
        for (one, other), pair in self.pairs.items():
            for place in ((one, other), (other, one)):
                value[place], standard_error[place] = estimate(pair).value, estimate(pair).standard_error
        return PairwiseEstimates(value, standard_error)


@dataclass(frozen=True)
class _Options:
    """What holds for all regressions."""

    two_step: float | None
    chi_squared_max: float | None
    n_blocks: int


@dataclass(frozen=True)
class _Pair:
    """What the regressions of two traits, or of one with itself, are run on.

    `own` are the traits' own regressions at all SNPs that each has; intercepts are None where they are to be estimated:
    each trait's, and that of their product.
    """

    traits: SharedTraits
    own: tuple[HeritabilityRegression, HeritabilityRegression]
    own_intercepts: tuple[float | None, float | None]
    intercept: float | None


def genetic_correlation(
    z: ArrayLike,
    n: ArrayLike,
    ld_score: ArrayLike,
    weight_ld_score: ArrayLike,
    m: float,
    *,
    intercepts: ArrayLike | None = None,
    two_step: float | None = None,
    chi_squared_max: float | None = None,
    n_blocks: int = N_BLOCKS,
) -> GeneticCorrelation:
    """Estimate the genetic covariance and the genetic correlation of two traits.

    Parameters
    ----------
    z, n : array_like, shape (n_snps, 2)
    ld_score, weight_ld_score, m, intercepts, two_step, chi_squared_max, n_blocks
        As for `cross_trait_regressions`, which takes any number of traits.

    Returns
    -------
    GeneticCorrelation

    Raises
    ------
    ValueError, GwasmetaError
        As `cross_trait_regressions` does.
    """
    if np.shape(z)[1:] != (2,):
        raise ValueError(f"z has shape {np.shape(z)}: it must be (n_snps, 2)")
    regressions = cross_trait_regressions(
        z,
        n,
        ld_score,
        weight_ld_score,
        m,
        pairs=[(0, 1)],
        intercepts=intercepts,
        two_step=two_step,
        chi_squared_max=chi_squared_max,
        n_blocks=n_blocks,
    )
    return regressions.pairs[0, 1]


def cross_trait_regressions(
    z: ArrayLike,
    n: ArrayLike,
    ld_score: ArrayLike,
    weight_ld_score: ArrayLike,
    m: float,
    *,
    pairs: Iterable[tuple[int, int]] | None = None,
    intercepts: ArrayLike | None = None,
    two_step: float | None = None,
    chi_squared_max: float | None = None,
    n_blocks: int = N_BLOCKS,
    workers: Workers = THREADS,
    progress: Callable[[int], None] | None = None,
) -> CrossTraitRegressions:
    """Estimate heritabilities of traits, and genetic covariances and correlations of all pairs of them.

    Parameters
    ----------
    z : array_like, shape (n_snps, n_traits)
        z statistics, signed by the same allele in all traits, the SNPs in the order of the genome; NaN where there
        is none. Columns that each are in one piece (Fortran order) are not copied.
    n : array_like, shape (n_snps, n_traits)
        Sample sizes; NaN where not known. A pair is regressed at the SNPs at which both have z and n.
    ld_score, weight_ld_score : array_like, shape (n_snps,)
    m : float
        These three as for `heritability`.
    pairs : iterable of (int, int), optional
        Traits counted from 0. All pairs if not given, each trait with itself included.
    intercepts : array_like, shape (n_traits, n_traits), optional
        Symmetric; intercepts that are known, NaN where they are to be estimated. On the diagonal those of a trait's
        z² (1 without confounding), elsewhere those of two traits' product (0 without people in common).
    two_step : float, optional
        As for `heritability`; the first step uses SNPs at which both z² are below it.
    chi_squared_max : float, optional
        Leave out SNPs at which the product of both z² is the square of this or more.
    n_blocks : int
        Of the jackknife.
    workers : Workers
        What regresses the traits, and the pairs; a pair of a million SNPs takes a hundredth of a second.
    progress : callable, optional
        Called with the number of pairs that are done.

    Returns
    -------
    CrossTraitRegressions

    Raises
    ------
    ValueError
        If the shapes differ, an LD score is not finite, or there are not at least two blocks.
    GwasmetaError
        If a pair has fewer than 200 SNPs or fewer than blocks, a z is infinite, an n not positive, the LD scores
        are all the same, an intercept is given together with `two_step`, or intercepts are not symmetric.

    Notes
    -----
    E[z1 z2] = sqrt(n1 n2) rho l / m + rho_p n_s / sqrt(n1 n2), for a genetic covariance rho and n_s people in common
    whose traits correlate by rho_p. The weights are 1 / (w (E[z1²] E[z2²] + E[z1 z2]²)), with w the weight LD score,
    and are computed three times as those of `heritability`; rho is taken between -1 and 1 in them. The genetic
    correlation is rho / sqrt(h²_1 h²_2), and its delete values the same of theirs.

    A trait's own regression is run once for all pairs at whose SNPs it is the same, and the pairs in parallel.

    References
    ----------
    Bulik-Sullivan et al. (2015), Nature Genetics 47:1236, equation 1; weights in its Supplementary Note.
    """
    traits = checked_traits(z, n, ld_score, weight_ld_score, m)
    n_traits = len(traits.z)
    known = _checked_intercepts(intercepts, n_traits)
    options = _Options(two_step, chi_squared_max, n_blocks)
    wanted = list(combinations_with_replacement(range(n_traits), 2) if pairs is None else pairs)

    with scratch_of(workers) as scratch:
        shared = SharedTraits.of(traits, scratch)
        of_trait = ((shared.chosen(trait), known[trait][trait]) for trait in range(n_traits))
        own = list(workers.in_order(partial(_own_regression, options), of_trait))
        of_pair = (
            _Pair(
                shared.chosen(one, other),
                (own[one], own[other]),
                (known[one][one], known[other][other]),
                known[one][other],
            )
            for one, other in wanted
        )
        regressions = list(workers.in_order(partial(_pair_regressions, options), of_pair, progress))
    return CrossTraitRegressions(tuple(own), dict(zip(wanted, regressions, strict=True)))


def residual_covariance(
    z: ArrayLike,
    n: ArrayLike,
    ld_score: ArrayLike,
    weight_ld_score: ArrayLike,
    m: float,
    *,
    overlap: bool = True,
    n_blocks: int = N_BLOCKS,
) -> PairwiseEstimates:
    """Estimate the covariance of the z statistics that is not genetic signal: Sigma of MTAG.

    Parameters
    ----------
    z, n, ld_score, weight_ld_score, m, n_blocks
        As for `cross_trait_regressions`.
    overlap : bool
        False if the traits' studies have nobody in common: Sigma is then diagonal.

    Returns
    -------
    PairwiseEstimates
        The intercepts of `cross_trait_regressions`, all estimated in one step; on the diagonal those of the product
        of a trait's z with itself. Standard errors are 0 where Sigma is known to be.

    Raises
    ------
    ValueError, GwasmetaError
        As `cross_trait_regressions` does.

    References
    ----------
    Turley et al. (2018), Nature Genetics 50:229, Methods: estimation of Sigma by LD score regression.
    """
    return residual_regressions(
        z, n, ld_score, weight_ld_score, m, overlap=overlap, n_blocks=n_blocks
    ).residual_covariance


def residual_regressions(
    z: ArrayLike,
    n: ArrayLike,
    ld_score: ArrayLike,
    weight_ld_score: ArrayLike,
    m: float,
    *,
    overlap: bool = True,
    n_blocks: int = N_BLOCKS,
    workers: Workers = THREADS,
) -> CrossTraitRegressions:
    """Run the regressions that Sigma of MTAG comes from, on some workers; all else as for `residual_covariance`."""
    n_traits = np.shape(z)[-1]
    pairs = None if overlap else [(trait, trait) for trait in range(n_traits)]
    return cross_trait_regressions(z, n, ld_score, weight_ld_score, m, pairs=pairs, n_blocks=n_blocks, workers=workers)


def _own_regression(options: _Options, task: tuple[SharedTraits, float | None]) -> HeritabilityRegression:
    shared, intercept = task
    traits = shared.traits()
    usable = traits.usable(0, 0, options.chi_squared_max)
    snps = traits.at(usable, 0).pair(0, 0, options.n_blocks)
    return heritability_of(snps, intercept, options.two_step, options.n_blocks)


def _pair_regressions(options: _Options, pair: _Pair) -> GeneticCorrelation:
    traits = pair.traits.traits()
    usable = traits.usable(0, 1, options.chi_squared_max)
    both = traits.at(usable, 0, 1)
    products = both.pair(0, 1, options.n_blocks)

    def regression(place: int) -> HeritabilityRegression:
        if np.array_equal(usable, traits.usable(place, place, options.chi_squared_max)):
            return pair.own[place]
        squares = both.pair(place, place, options.n_blocks)
        return heritability_of(squares, pair.own_intercepts[place], options.two_step, options.n_blocks)

    one, other = regression(0), regression(1)
    covariance = covariance_of(products, one, other, pair.intercept, options.two_step, options.n_blocks)
    return GeneticCorrelation(_ratio(covariance, one, other), covariance, (one, other))


def _ratio(covariance: CovarianceRegression, one: HeritabilityRegression, other: HeritabilityRegression) -> Estimate:
    """Return the genetic correlation, by the jackknife of a ratio."""
    rho, h1, h2 = covariance.covariance, one.heritability, other.heritability
    if not (h1.value > 0 and h2.value > 0):
        return Estimate(float("nan"), float("nan"), np.full_like(rho.delete_values, np.nan))
    positive = (h1.delete_values > 0) & (h2.delete_values > 0)
    products = np.where(positive, h1.delete_values * h2.delete_values, np.nan)
    return jackknife(rho.value / np.sqrt(h1.value * h2.value), rho.delete_values / np.sqrt(products))


def _checked_intercepts(intercepts: ArrayLike | None, n_traits: int) -> list[list[float | None]]:
    """Return a row and a column for each trait, None where an intercept is to be estimated."""
    if intercepts is None:
        return [[None] * n_traits] * n_traits
    matrix = np.asarray(intercepts, dtype=np.float64)
    if matrix.shape != (n_traits, n_traits):
        raise GwasmetaError(
            f"the intercepts have shape {matrix.shape}, and there are {n_traits} traits\n"
            "  Give one row and one column for each trait; NaN for an intercept that is to be estimated."
        )
    if not np.array_equal(matrix, matrix.T, equal_nan=True) or np.isinf(matrix).any():
        raise GwasmetaError("the intercepts are not a symmetric matrix of finite numbers\n  Correct them.")
    return [[None if np.isnan(value) else float(value) for value in row] for row in matrix]
