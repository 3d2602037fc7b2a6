"""What MTAG's false discovery rate is if each SNP is in one of the causal states, with given probabilities.

Omega says how the effects of all SNPs covary. If two traits share only some of their SNPs, effects covary the more at
these: by omega_ab / P(a and b causal). Where that is no covariance matrix, the probabilities are impossible.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from gwasmeta.errors import GwasmetaError
from gwasmeta.stats._covariance_matrices import covariance_matrix, positive_definite_matrix
from gwasmeta.stats._matrices import FloatArray
from gwasmeta.stats.causal_states import causal_states
from gwasmeta.stats.mtag_estimator import mtag


@dataclass(frozen=True)
class CausalMixture:
    """The model, all but the probabilities of the states.

    Attributes
    ----------
    states : ndarray of bool, shape (n_states, n_traits)
        Which traits each state affects.
    first, second : ndarray of int64, shape (n_pairs,)
        The traits of each pair: first each trait with itself, then all others.
    has_pair : ndarray, shape (n_states, n_pairs)
        1 where the state affects both traits of the pair, otherwise 0.
    correlation : ndarray, shape (n_pairs,)
        Of the two traits' effects.
    error_variance : ndarray, shape (n_traits,)
        Variance of each trait's MTAG z statistic at SNPs that affect no trait.
    pair_variance : ndarray, shape (n_traits, n_pairs)
        What a SNP adds to it that affects both traits of the pair, times their joint probability.
    threshold : float
        |z| beyond it is significant.
    """

    states: NDArray[np.bool_]
    first: NDArray[np.int64]
    second: NDArray[np.int64]
    has_pair: FloatArray
    correlation: FloatArray
    error_variance: FloatArray
    pair_variance: FloatArray
    threshold: float


def causal_mixture(omega: ArrayLike, sigma: ArrayLike, mean_n: ArrayLike, p_significant: float = 5e-8) -> CausalMixture:
    """Derive from MTAG's estimates what the false discovery rate depends on.

    Parameters
    ----------
    omega : array_like, shape (n_traits, n_traits)
        Covariance of the true effects.
    sigma : array_like, shape (n_traits, n_traits)
        Covariance of the errors of the z statistics.
    mean_n : array_like, shape (n_traits,)
        Sample size of each trait, the same for all SNPs: the mean.
    p_significant : float
        Two-sided p-value below which a SNP is a discovery.

    Returns
    -------
    CausalMixture

    Raises
    ------
    ValueError
        If there is not one positive sample size a trait.
    GwasmetaError
        If omega or sigma cannot be covariance matrices of these traits, there are too many traits, or the p-value is
        not between 0 and 1.

    Notes
    -----
    MTAG's z statistic of a trait is a weighted sum of all traits' z statistics, with weights W that depend on the
    sample sizes alone. If a SNP affects the traits of state s, it has variance W (Omega_s * sqrt(N N') + Sigma) W',
    where Omega_s has the elements omega_ab / P(a and b causal) of these traits, and 0 elsewhere.

    References
    ----------
    Turley et al. (2018), Nature Genetics 50:229, Online Methods and Supplementary Note on maxFDR.
    """
    effects = covariance_matrix("omega", omega)
    n_traits = len(effects)
    errors = positive_definite_matrix("sigma", sigma, n_traits)
    states = causal_states(n_traits)
    if not 0 < p_significant < 1:
        raise GwasmetaError(
            f"the p-value of a discovery is {p_significant}\n  It must be between 0 and 1; 5e-8 is usual."
        )
    sizes = np.asarray(mean_n, dtype=np.float64)
    if sizes.shape != (n_traits,):
        raise ValueError(f"mean_n has shape {sizes.shape}: it must be {(n_traits,)}, one for each trait")

    weights = mtag(np.eye(n_traits), np.broadcast_to(sizes, (n_traits, n_traits)), effects, errors).z.T
    one, other = np.triu_indices(n_traits, 1)
    first, second = np.r_[np.arange(n_traits), one], np.r_[np.arange(n_traits), other]
    root = np.sqrt(effects.diagonal())
    expected = effects * np.sqrt(np.outer(sizes, sizes))  # of products of z statistics
    times = np.where(first == second, 1, 2)  # both elements of a symmetric matrix
    return CausalMixture(
        states=states,
        first=first.astype(np.int64),
        second=second.astype(np.int64),
        has_pair=(states[:, first] & states[:, second]).astype(np.float64),
        correlation=(effects / np.outer(root, root))[first, second],
        error_variance=np.einsum("ta,ab,tb->t", weights, errors, weights),
        pair_variance=weights[:, first] * weights[:, second] * expected[first, second] * times,
        threshold=-float(special.ndtri(p_significant / 2)),
    )
