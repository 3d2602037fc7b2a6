"""Leave-one-out analysis: what the other studies say without this one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from gwasmeta.stats._matrices import FloatArray, study_matrices
from gwasmeta.stats.normal import neg_log_10_p_value


@dataclass(frozen=True)
class LeaveOneOut:
    """Fixed-effects estimates without one study; arrays of shape (n_variants, n_studies).

    Column i leaves out study i. NaN where study i did not measure the variant, or was the only one to.

    Attributes
    ----------
    beta : ndarray
        In the units of the studies' effects.
    standard_error : ndarray
        In the same units.
    neg_log_10_p_value : ndarray
        Of the two-sided normal test.
    """

    beta: FloatArray
    standard_error: FloatArray
    neg_log_10_p_value: FloatArray


def leave_one_out(beta: ArrayLike, standard_error: ArrayLike) -> LeaveOneOut:
    """Combine the studies by inverse variance, once without each of them.

    Parameters
    ----------
    beta : array_like, shape (n_variants, n_studies)
        Effect per copy of the effect allele; NaN where a study did not measure the variant.
    standard_error : array_like, shape (n_variants, n_studies)
        In the units of `beta`.

    Returns
    -------
    LeaveOneOut
        Arrays of shape (n_variants, n_studies).

    Raises
    ------
    ValueError
        If the shapes differ, a measured effect is infinite, or has no standard error within 1e-50 and 1e50.

    References
    ----------
    Willer, Li & Abecasis (2010), Bioinformatics 26:2190, Table 1, inverse variance, applied to the rest.
    """
    beta, standard_error = study_matrices(beta, standard_error)
    measured = ~np.isnan(beta)

    weight = standard_error**-2.0  # 0 where not measured
    others_weight = _sum_of_the_others(weight)
    others_weight[~measured | (others_weight == 0)] = np.nan

    others_beta = _sum_of_the_others(np.where(measured, weight * beta, 0)) / others_weight
    others_error = others_weight**-0.5
    return LeaveOneOut(others_beta, others_error, neg_log_10_p_value(others_beta / others_error))


def _sum_of_the_others(values: FloatArray) -> FloatArray:
    """Sum each row without the element itself.

    What stands before it and what stands behind it are added: to subtract it from the total would lose the
    digits of the others where it has nearly all the weight.
    """
    others = np.zeros_like(values)
    others[:, 1:] += values[:, :-1].cumsum(axis=1)
    others[:, :-1] += values[:, :0:-1].cumsum(axis=1)[:, ::-1]
    return others
