"""Sex differences: an association that one sex may have and the other not, and whether the two sexes differ."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from gwasmeta.stats._matrices import FloatArray
from gwasmeta.stats.normal import neg_log_10_p_value

_LN_10: Final = float(np.log(10.0))


def sex_differentiated(z_male: ArrayLike, z_female: ArrayLike) -> FloatArray:
    """Test the association, allowing for another effect in each sex.

    Parameters
    ----------
    z_male, z_female : array_like
        z statistics of the combined male and of the combined female studies, of one shape; NaN where a sex
        has none.

    Returns
    -------
    ndarray
        Of the same shape: -log10 p of z_male² + z_female², chi-squared with 2 degrees of freedom; NaN where a
        sex is absent.

    Notes
    -----
    With 2 degrees of freedom, the tail of x is exp(-x / 2): the logarithm is exact, however small p is.

    References
    ----------
    Magi, Lindgren & Morris (2010), Genetic Epidemiology 34:846, "sex-differentiated" test.
    """
    chi_squared = np.square(np.asarray(z_male, np.float64)) + np.square(np.asarray(z_female, np.float64))
    return np.asarray(chi_squared / (2 * _LN_10))


def sex_heterogeneity(
    beta_male: ArrayLike,
    standard_error_male: ArrayLike,
    beta_female: ArrayLike,
    standard_error_female: ArrayLike,
) -> FloatArray:
    """Test whether the effect in men is the effect in women.

    Parameters
    ----------
    beta_male, beta_female : array_like
        Combined effects per copy of the effect allele, in the same units, of one shape; NaN where a sex has
        none.
    standard_error_male, standard_error_female : array_like
        Of the effects, in their units: positive.

    Returns
    -------
    ndarray
        Of the same shape: -log10 p of (beta_male - beta_female)² / (SE_male² + SE_female²), chi-squared with
        1 degree of freedom; NaN where a sex is absent.

    Notes
    -----
    This is Cochran's Q between the two sexes, which the paper writes as the difference between the statistic
    of `sex_differentiated` and that of both sexes together by inverse variance.

    References
    ----------
    Magi, Lindgren & Morris (2010), Genetic Epidemiology 34:846, test of heterogeneity between the sexes.
    """
    difference = np.asarray(beta_male, np.float64) - np.asarray(beta_female, np.float64)
    return neg_log_10_p_value(difference / np.hypot(standard_error_male, standard_error_female))
