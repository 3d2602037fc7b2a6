"""How the traits covary: Sigma, of what is no genetic signal, and Omega, of genetic effects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt

from gwasmeta.cluster import THREADS, Workers
from gwasmeta.errors import GwasmetaError
from gwasmeta.ldscores.panel import LdScorePanel
from gwasmeta.multitrait.refusals import (
    naming,
    refuse_few_in_panel,
    refuse_few_snps,
    refuse_singular_sigma,
    refuse_without_signal,
)
from gwasmeta.multitrait.snps import CommonSnps
from gwasmeta.stats.genetic_correlation import CrossTraitRegressions, residual_regressions
from gwasmeta.stats.genetic_covariance import make_positive_semidefinite, omega_moments, perfectly_correlated
from gwasmeta.sumstats.effects import FloatArray

if TYPE_CHECKING:
    from gwasmeta.stats.genetic_covariance_likelihood import OmegaLikelihood

Covariance = Literal["free", "perfect_correlation", "identical_traits"]
_SHOWN_IDS = 3


@dataclass(frozen=True)
class ModelOptions:
    """What is taken as known of how the traits covary.

    Attributes
    ----------
    covariance : {"free", "perfect_correlation", "identical_traits"}
        Of the genetic effects: any; all genetic correlations 1; or all traits the same.
    overlap : bool
        False if the traits' studies have nobody in common.
    likelihood : bool
        Estimate Omega by maximum likelihood, not by moments.
    sigma, omega : float64 array, shape (n_traits, n_traits), optional
        To be used instead of estimates.
    """

    covariance: Covariance = "free"
    overlap: bool = True
    likelihood: bool = False
    sigma: FloatArray | None = None
    omega: FloatArray | None = None


@dataclass(frozen=True)
class Covariances:
    """The estimates, and what is worth knowing of them.

    Attributes
    ----------
    sigma, omega : float64 arrays, shape (n_traits, n_traits)
        Of the z statistics' errors; of standardised effects of one SNP.
    sigma_standard_error : float64 array, optional
        None if Sigma was given.
    sigma_shrunk, omega_shrunk : bool
        Whether covariances had to be made smaller for the matrix to be one of covariances.
    n_snps, n_snps_in_panel : int
        SNPs that Omega and Sigma were estimated from; the latter 0 if Sigma was given.
    likelihood : OmegaLikelihood, optional
        How Omega was found, if by maximum likelihood.
    regressions : CrossTraitRegressions, optional
        Of which Sigma is the intercepts, if it was not given.
    """

    sigma: FloatArray
    omega: FloatArray
    sigma_standard_error: FloatArray | None
    sigma_shrunk: bool
    omega_shrunk: bool
    n_snps: int
    n_snps_in_panel: int
    likelihood: OmegaLikelihood | None = None
    regressions: CrossTraitRegressions | None = None


def estimate_covariances(
    snps: CommonSnps,
    names: Sequence[str],
    panel: LdScorePanel | None,
    options: ModelOptions,
    workers: Workers = THREADS,
) -> Covariances:
    """Estimate Sigma and Omega from the SNPs whose strand can be told.

    Parameters
    ----------
    snps : CommonSnps
        Those that all traits have.
    names : sequence of str
        Of the traits, for messages.
    panel : LdScorePanel, optional
        Needed unless `options` gives Sigma.
    options : ModelOptions
    workers : Workers
        What runs the regressions for Sigma.

    Returns
    -------
    Covariances

    Raises
    ------
    GwasmetaError
        If too few SNPs are left or in the panel, or no covariances fit the traits.

    References
    ----------
    Turley et al. (2018), Nature Genetics 50:229, Online Methods.
    """
    used = snps.kept(~snps.is_ambiguous)
    if not len(used):
        raise GwasmetaError("the traits have no SNP in common whose strand can be told: nothing can be estimated")
    with naming(names):
        regressions, n_in_panel = None, 0
        sigma = options.sigma
        if sigma is None:
            assert panel is not None
            refuse_few_snps(snps, len(used), names)
            regressions, n_in_panel = _residual_regressions(used, panel, options.overlap, workers)
            sigma = regressions.residual_covariance.value
        repaired = make_positive_semidefinite(sigma, "sigma")
        refuse_singular_sigma(sigma, names)
        omega, omega_shrunk, likelihood = _omega(used, names, repaired.matrix, options)
    return Covariances(
        repaired.matrix,
        omega,
        None if regressions is None else regressions.residual_covariance.standard_error,
        repaired.was_needed,
        omega_shrunk,
        len(used),
        n_in_panel,
        likelihood,
        regressions,
    )


def _residual_regressions(
    snps: CommonSnps, panel: LdScorePanel, overlap: bool, workers: Workers
) -> tuple[CrossTraitRegressions, int]:
    places, rows = _in_order_of(panel, snps)
    if not places.size:
        ids = ", ".join(snps.names.variants.words().take(snps.snps.variant[:_SHOWN_IDS]).to_list())
        known = ", ".join(panel.variant_ids.take(np.arange(min(_SHOWN_IDS, len(panel)))).to_list())
        raise GwasmetaError(
            f"{panel.name}: the panel of LD scores has none of the {len(snps):,} SNPs\n"
            f"  The traits' ids are like {ids}; the panel's are like {known}. They have to be of one kind."
        )
    refuse_few_in_panel(places.size, len(snps), panel.name)
    used = snps.at(places)
    z = used.z
    if used.frequency is not None and (unknown := np.isnan(used.frequency)).any():
        z = np.where(unknown, np.nan, z)  # LDSC wants every column of a row
    score = panel.ld_score[rows]
    regressions = residual_regressions(z, used.n, score, score, panel.m, overlap=overlap, workers=workers)
    return regressions, len(places)


def _in_order_of(panel: LdScorePanel, snps: CommonSnps) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Return where the panel's SNPs are among these, in the panel's order, and the rows of the panel that they are."""
    known = snps.names.variants.find(panel.variant_ids)  # files and panel are as a rule in the same order
    place_of_name = np.full(len(snps.names.variants) + 1, -1, dtype=np.int32)  # the last for what has no name here
    place_of_name[snps.snps.variant] = np.arange(len(snps), dtype=np.int32)
    places = place_of_name[known]
    rows = np.flatnonzero(places >= 0)
    return places[rows].astype(np.intp), rows


def _omega(
    snps: CommonSnps, names: Sequence[str], sigma: FloatArray, options: ModelOptions
) -> tuple[FloatArray, bool, OmegaLikelihood | None]:
    """Return Omega, whether it had to be shrunk, and how it was found if by maximum likelihood."""
    perfect = options.covariance == "perfect_correlation"
    if options.covariance == "identical_traits":
        return np.ones_like(sigma), False, None
    if options.omega is not None:
        return perfectly_correlated(options.omega) if perfect else options.omega, False, None
    moments = omega_moments(snps.z, snps.n, sigma)
    refuse_without_signal(moments, snps, names, sigma)
    if options.likelihood:
        from gwasmeta.stats.genetic_covariance_likelihood import omega_maximum_likelihood

        likelihood = omega_maximum_likelihood(snps.z, snps.n, sigma, perfect_correlation=perfect)
        return likelihood.omega, False, likelihood
    repaired = make_positive_semidefinite(moments, "omega")
    return perfectly_correlated(repaired.matrix) if perfect else repaired.matrix, repaired.was_needed, None
