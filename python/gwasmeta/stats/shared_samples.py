"""How studies' statistics correlate, worked out from how many people the studies share."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from gwasmeta.errors import GwasmetaError
from gwasmeta.stats._matrices import FloatArray
from gwasmeta.stats._pair_matrices import AS_IN_THE_OTHER_HALF, pair_matrix, refuse_elements


def correlation_of_shared_samples(n_shared: ArrayLike) -> FloatArray:
    """Return the correlation of the statistics of a quantitative trait in studies that share people.

    Parameters
    ----------
    n_shared : array_like, shape (n_studies, n_studies)
        Element (k, l): how many people are in both studies. On the diagonal the studies' sample sizes.

    Returns
    -------
    ndarray, shape (n_studies, n_studies)
        n_kl / sqrt(n_k n_l).

    Raises
    ------
    GwasmetaError
        If this is no symmetric square matrix, a study has no sample, or two share more people than one has.

    References
    ----------
    Lin & Sullivan (2009), American Journal of Human Genetics 85:862: studies of the same trait, analysed with
    the same covariates. With other measurements of a trait, multiply by their correlation.
    """
    shared = _checked_counts("people", n_shared)
    root_n = np.sqrt(np.diag(shared))
    return np.asarray(shared / np.outer(root_n, root_n))


def correlation_of_shared_cases_and_controls(n_shared_cases: ArrayLike, n_shared_controls: ArrayLike) -> FloatArray:
    """Return the correlation of the statistics of a disease in studies that share cases or controls.

    Parameters
    ----------
    n_shared_cases : array_like, shape (n_studies, n_studies)
        Element (k, l): how many people are cases of both studies. On the diagonal the studies' numbers of cases.
    n_shared_controls : array_like, shape (n_studies, n_studies)
        The same of controls. A case of one study that is a control of another is not allowed for.

    Returns
    -------
    ndarray, shape (n_studies, n_studies)
        With n_k1 cases and n_k0 controls of study k, n_k in all, and n_kl1 and n_kl0 of them shared with study l:
        (n_kl0 sqrt(n_k1 n_l1 / (n_k0 n_l0)) + n_kl1 sqrt(n_k0 n_l0 / (n_k1 n_l1))) / sqrt(n_k n_l).

    Raises
    ------
    GwasmetaError
        If these are no symmetric square matrices of one shape, a study has no case or no control, or two share
        more people than one has.

    References
    ----------
    Lin & Sullivan (2009), American Journal of Human Genetics 85:862.
    """
    shared_cases = _checked_counts("cases", n_shared_cases)
    shared_controls = _checked_counts("controls", n_shared_controls)
    if shared_cases.shape != shared_controls.shape:
        raise GwasmetaError(
            f"shared cases are given for {len(shared_cases)} studies and shared controls for {len(shared_controls)}\n"
            "  Give both matrices for the same studies in the same order."
        )
    cases, controls = np.diag(shared_cases), np.diag(shared_controls)
    odds = np.sqrt(cases / controls)
    odds_of_pair, root_n = np.outer(odds, odds), np.sqrt(cases + controls)
    return np.asarray((shared_controls * odds_of_pair + shared_cases / odds_of_pair) / np.outer(root_n, root_n))


def _checked_counts(people: str, n_shared: ArrayLike) -> FloatArray:
    """Return the matrix of shared numbers if it can be one."""
    name = f"matrix of shared {people}"
    shared = pair_matrix(name, n_shared)
    own = np.diag(shared)
    on_diagonal = np.eye(len(own), dtype=bool)
    without_people = on_diagonal & ~((shared > 0) & (shared < np.inf))
    refuse_elements(name, shared, without_people, f"a study must have {people}, and their number is finite")
    refuse_elements(name, shared, ~(shared >= 0), "it must be 0 or positive")
    refuse_elements(name, shared, shared != shared.T, AS_IN_THE_OTHER_HALF)
    too_many = shared > np.minimum.outer(own, own)
    refuse_elements(name, shared, too_many, "two studies cannot share more than the smaller one has")
    return shared
