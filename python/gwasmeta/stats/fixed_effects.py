"""Fixed-effects meta-analysis: one true effect, estimated by every study."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from gwasmeta.stats._matrices import FloatArray, study_matrices
from gwasmeta.stats.normal import neg_log_10_p_value


@dataclass(frozen=True)
class FixedEffects:
    """The combined effect of each variant; arrays of shape (n_variants,), NaN where no study measured.

    Attributes
    ----------
    beta : ndarray
        In the units of the studies' effects.
    standard_error : ndarray
        In the same units.
    z : ndarray
        beta / standard_error.
    neg_log_10_p_value : ndarray
        Of the two-sided normal test of `z`.
    """

    beta: FloatArray
    standard_error: FloatArray
    z: FloatArray
    neg_log_10_p_value: FloatArray


def fixed_effects(beta: ArrayLike, standard_error: ArrayLike) -> FixedEffects:
    """Combine the studies' effects, each weighted by its inverse variance.

    Parameters
    ----------
    beta : array_like, shape (n_variants, n_studies)
        Effect per copy of the effect allele, in units of the trait (log odds for a disease).
        NaN where a study did not measure the variant.
    standard_error : array_like, shape (n_variants, n_studies)
        In the units of `beta`.

    Returns
    -------
    FixedEffects
        Arrays of shape (n_variants,); NaN for a variant that no study measured.

    Raises
    ------
    ValueError
        If the shapes differ, a measured effect is infinite, or has no standard error within 1e-50 and 1e50.

    References
    ----------
    Willer, Li & Abecasis (2010), Bioinformatics 26:2190, Table 1, inverse variance.
    """
    beta, standard_error = study_matrices(beta, standard_error)

    weight = standard_error**-2.0  # 0 where not measured
    total_weight = weight.sum(axis=1)
    total_weight[total_weight == 0] = np.nan  # measured by no study

    combined = np.nansum(weight * beta, axis=1) / total_weight
    combined_error = total_weight**-0.5
    z = combined / combined_error
    return FixedEffects(combined, combined_error, z, neg_log_10_p_value(z))
