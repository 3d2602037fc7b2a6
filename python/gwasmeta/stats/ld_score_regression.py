"""LD score regression: heritability, and what confounding adds, from how z² grows with the LD score.

A SNP that tags more of the genome tags more causal variants, so that polygenic signal grows with the LD score.
Stratification and people in common add the same everywhere: to the intercept.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from gwasmeta.stats._ld_score_fit import Line, fit_line
from gwasmeta.stats._ld_score_snps import Snps, checked_traits
from gwasmeta.stats.block_jackknife import Estimate
from gwasmeta.stats.genomic_control import inflation_factor

N_BLOCKS: Final = 200

FIRST_STEP_CHI_SQUARED: Final = 30.0
"""Below it SNPs enter the first of two steps in LDSC's regression of one trait with a free intercept."""

LDSC_CHI_SQUARED_MEDIAN: Final = 0.4549
"""Median of chi-squared, with the digits that LDSC has of it."""


@dataclass(frozen=True)
class HeritabilityRegression:
    """LD score regression of one trait's z².

    Attributes
    ----------
    heritability : Estimate
        h², on the observed scale.
    intercept : Estimate
        1 without confounding. If it was given, its standard error is NaN.
    mean_chi_squared : float
        Mean of z².
    lambda_gc : float
        Median of z² / 0.4549.
    n_snps : int
        SNPs in the regression.
    n_first_step : int
        SNPs in the first of two steps; all of them if there was one step only.
    """

    heritability: Estimate
    intercept: Estimate
    mean_chi_squared: float
    lambda_gc: float
    n_snps: int
    n_first_step: int

    @property
    def ratio(self) -> float:
        """Share of the inflation of z² that is not polygenic signal: (intercept - 1) / (mean z² - 1).

        NaN if the intercept was given, or z² is not inflated.
        """
        return self._share_of_inflation(self.intercept.value - 1)

    @property
    def ratio_standard_error(self) -> float:
        """That of the intercept, over (mean z² - 1), which is taken as known."""
        return self._share_of_inflation(self.intercept.standard_error)

    def _share_of_inflation(self, part: float) -> float:
        estimated = not np.isnan(self.intercept.standard_error)
        return part / (self.mean_chi_squared - 1) if estimated and self.mean_chi_squared > 1 else float("nan")


@dataclass(frozen=True)
class CovarianceRegression:
    """LD score regression of the product of two traits' z, which may be one trait twice.

    Attributes
    ----------
    covariance : Estimate
        Genetic covariance, on the observed scale.
    intercept : Estimate
        Correlation that z statistics without genetic signal have, from people in both studies; of a trait with
        itself, the variance. If it was given, its standard error is NaN.
    mean_product : float
        Mean of z1 z2.
    n_snps : int
        SNPs in the regression.
    n_first_step : int
        SNPs in the first of two steps; all of them if there was one step only.
    """

    covariance: Estimate
    intercept: Estimate
    mean_product: float
    n_snps: int
    n_first_step: int


def heritability(
    z: ArrayLike,
    n: ArrayLike,
    ld_score: ArrayLike,
    weight_ld_score: ArrayLike,
    m: float,
    *,
    intercept: float | None = None,
    two_step: float | None = None,
    chi_squared_max: float | None = None,
    n_blocks: int = N_BLOCKS,
) -> HeritabilityRegression:
    """Estimate the heritability of a trait, and the inflation of its z² that has other reasons.

    Parameters
    ----------
    z : array_like, shape (n_snps,)
        z statistics, the SNPs in the order of the genome; NaN where there is none.
    n : array_like, shape (n_snps,)
        Sample sizes; NaN where not known. SNPs without z or n are left out.
    ld_score : array_like, shape (n_snps,)
        Sum of r² of the SNP with those of the reference panel.
    weight_ld_score : array_like, shape (n_snps,)
        Sum of r² with the SNPs of the regression; those of the panel will do.
    m : float
        Number of SNPs that the LD scores are sums over (with minor allele frequency above 5 %).
    intercept : float, optional
        Take the intercept as known. It is estimated if not given.
    two_step : float, optional
        Estimate the intercept from SNPs with z² below this only, then the slope from all, so that few strong
        associations do not move the intercept. LDSC's ``--h2`` does this at `FIRST_STEP_CHI_SQUARED` unless the
        intercept is given; ``--rg`` and MTAG do not.
    chi_squared_max : float, optional
        Leave out SNPs with z² of this or more.
    n_blocks : int
        Of the jackknife.

    Returns
    -------
    HeritabilityRegression

    Raises
    ------
    ValueError
        If the shapes differ, an LD score is not finite, or there are not at least two blocks.
    GwasmetaError
        If there are fewer than 200 SNPs or fewer than blocks, a z is infinite, an n not positive, the LD scores
        are all the same, or both `intercept` and `two_step` are given.

    Notes
    -----
    E[z²] = n h² l / m + 1 + n a. The weights 1 / (w E[z²]²), with w the weight LD score, count SNPs that tag each
    other less and follow the variance of z². They are computed from a first guess and then twice from the
    estimates that they gave; LD scores in them are at least 1, h² is taken between 0 and 1.

    The numbers are those of LDSC 1.0.1, with its peculiarity that in the first of two steps n enters the weights
    twice (n l / mean n stands for l).

    References
    ----------
    Bulik-Sullivan et al. (2015), Nature Genetics 47:291, equation 1; weights and two steps in its Supplementary
    Note.
    """
    one_trait = np.asarray(z)[..., np.newaxis], np.asarray(n)[..., np.newaxis]
    traits = checked_traits(one_trait[0], one_trait[1], ld_score, weight_ld_score, m)
    snps = traits.at(traits.usable(0, 0, chi_squared_max), 0).pair(0, 0, n_blocks)
    return heritability_of(snps, intercept, two_step, n_blocks)


def heritability_of(
    snps: Snps, intercept: float | None, two_step: float | None, n_blocks: int
) -> HeritabilityRegression:
    """Run the regression of a trait's z²; arguments as for `heritability`."""
    fitted = fit_line(snps, None, intercept, two_step, n_blocks)
    return HeritabilityRegression(
        fitted.total,
        fitted.intercept,
        snps.mean_product,
        inflation_factor(snps.z1, chi_squared_median=LDSC_CHI_SQUARED_MEDIAN),
        snps.z1.size,
        fitted.n_first_step,
    )


def covariance_of(
    snps: Snps,
    one: HeritabilityRegression,
    other: HeritabilityRegression,
    intercept: float | None,
    two_step: float | None,
    n_blocks: int,
) -> CovarianceRegression:
    """Run the regression of z1 z2; both traits' own regressions on the same SNPs say how it varies.

    Var[z1 z2] = E[z1²] E[z2²] + E[z1 z2]²: Bulik-Sullivan et al. (2015), Nature Genetics 47:1236, Supplementary
    Note.
    """
    squares = _line(one), _line(other)
    fitted = fit_line(snps, squares, intercept, two_step, n_blocks)
    return CovarianceRegression(fitted.total, fitted.intercept, snps.mean_product, snps.z1.size, fitted.n_first_step)


def _line(regression: HeritabilityRegression) -> Line:
    return Line(regression.heritability.value, regression.intercept.value)
