"""Leave-one-out: it is the fixed-effects estimate of the others, whatever their weight."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from numpy.testing import assert_allclose, assert_array_equal
from study_matrices_data import FloatArray, Studies, studies

from gwasmeta.stats.fixed_effects import fixed_effects
from gwasmeta.stats.leave_one_out import leave_one_out


def assert_is_recomputation(beta: FloatArray, standard_error: FloatArray) -> None:
    found = leave_one_out(beta, standard_error)
    for study in range(beta.shape[1]):
        others = fixed_effects(np.delete(beta, study, axis=1), np.delete(standard_error, study, axis=1))
        known = ~np.isnan(beta[:, study])
        unit = others.standard_error
        error = np.abs(found.beta[:, study] - others.beta) / unit
        assert np.nanmax(np.where(known, error, 0), initial=0) <= 1e-10
        assert_allclose(found.standard_error[known, study], unit[known], rtol=1e-10)
        expected = others.neg_log_10_p_value[known]
        assert_allclose(found.neg_log_10_p_value[known, study], expected, rtol=1e-9, atol=1e-10)
        assert_array_equal(found.beta[~known, study], np.nan)
        assert_array_equal(found.standard_error[~known, study], np.nan)
        assert_array_equal(found.neg_log_10_p_value[~known, study], np.nan)


@given(studies())
def test_is_the_estimate_of_the_other_studies(data: Studies) -> None:
    assert_is_recomputation(*data)


@pytest.mark.parametrize("position", range(4))
def test_one_study_of_nearly_all_the_weight_takes_no_digits(position: int) -> None:
    beta = np.array([[0.31, -0.22, 0.13, 0.54]])
    standard_error = np.array([[0.11, 0.23, 0.17, 0.31]])
    standard_error[0, position] = 1e-9
    assert_is_recomputation(beta, standard_error)


def test_of_two_studies_the_other_remains() -> None:
    found = leave_one_out([[0.1, np.nan, 0.7]], [[0.2, 0.1, 0.3]])
    assert_allclose(found.beta, [[0.7, np.nan, 0.1]], rtol=1e-15)
    assert_allclose(found.standard_error, [[0.3, np.nan, 0.2]], rtol=1e-15)


@pytest.mark.parametrize("beta", [[[0.1]], [[np.nan, 0.1, np.nan]], [[np.nan, np.nan]]])
def test_nothing_remains_of_a_single_study(beta: list[list[float]]) -> None:
    found = leave_one_out(beta, np.full(np.shape(beta), 0.1))
    for column in (found.beta, found.standard_error, found.neg_log_10_p_value):
        assert_array_equal(column, np.full(np.shape(beta), np.nan))
