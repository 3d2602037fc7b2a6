"""Correlation from shared people: closed forms, and studies simulated person by person."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from study_matrices_data import FloatArray

from gwasmeta.errors import GwasmetaError
from gwasmeta.stats.shared_samples import correlation_of_shared_cases_and_controls, correlation_of_shared_samples

N_VARIANTS = 4000


def genotypes(rng: np.random.Generator, n_people: int) -> FloatArray:
    """Draw the genotypes of variants that have nothing to do with any trait; shape (N_VARIANTS, n_people)."""
    frequency = rng.uniform(0.1, 0.5, (N_VARIANTS, 1))
    return rng.binomial(2, frequency, (N_VARIANTS, n_people)).astype(np.float64)


def test_quantitative_trait_agrees_with_a_simulation() -> None:
    rng = np.random.default_rng(20240602)
    people = [np.arange(0, 400), np.arange(100, 700), np.arange(600, 900)]  # 300, 0 and 100 shared
    dosage, trait = genotypes(rng, 900), rng.normal(size=900)
    z = []
    for study in people:
        x = dosage[:, study] - dosage[:, study].mean(axis=1, keepdims=True)
        y = trait[study] - trait[study].mean()
        z.append(x @ y / np.sqrt((x**2).sum(axis=1) * (y**2).mean()))
    shared = [[len(np.intersect1d(one, other)) for other in people] for one in people]
    expected = correlation_of_shared_samples(shared)
    assert_allclose(expected[0, 1], 300 / np.sqrt(400 * 600), rtol=1e-14)
    # The people's traits are random: sums over them vary by a few per cent as well.
    assert_allclose(np.corrcoef(z), expected, rtol=0, atol=4 * np.sqrt(1 / N_VARIANTS + 1 / 900))


def test_disease_agrees_with_a_simulation() -> None:
    rng = np.random.default_rng(20240603)
    # Cases and controls by number of person: the second study has much the same controls, and some of the cases.
    studies = [
        (np.arange(0, 150), np.arange(400, 1000)),
        (np.arange(100, 400), np.arange(500, 1100)),
        (np.arange(350, 400), np.arange(1050, 1100)),
    ]
    dosage = genotypes(rng, 1100)
    z = []
    for cases, controls in studies:
        difference = dosage[:, cases].mean(axis=1) - dosage[:, controls].mean(axis=1)
        variance = dosage[:, np.append(cases, controls)].var(axis=1)
        z.append(difference / np.sqrt(variance * (1 / len(cases) + 1 / len(controls))))
    shared_cases, shared_controls = (
        [[len(np.intersect1d(one[group], other[group])) for other in studies] for one in studies] for group in (0, 1)
    )
    expected = correlation_of_shared_cases_and_controls(shared_cases, shared_controls)
    assert_allclose(np.corrcoef(z), expected, rtol=0, atol=4 / np.sqrt(N_VARIANTS))


def test_closed_forms_of_a_disease() -> None:
    # Balanced studies: cases and controls count alike.
    balanced = correlation_of_shared_cases_and_controls([[100, 30], [30, 100]], [[100, 50], [50, 100]])
    assert_allclose(balanced, [[1, 0.4], [0.4, 1]], rtol=1e-14)
    # All controls shared, no cases: 1000 controls, 100 and 400 cases.
    one_panel = correlation_of_shared_cases_and_controls([[100, 0], [0, 400]], np.full((2, 2), 1000))
    assert_allclose(one_panel[0, 1], 1000 * np.sqrt(100 * 400 / 1000**2) / np.sqrt(1100 * 1400), rtol=1e-14)
    # The same study under two names; studies without a common person.
    assert_allclose(correlation_of_shared_cases_and_controls(np.full((2, 2), 7), np.full((2, 2), 20)), 1, rtol=1e-14)
    assert_allclose(correlation_of_shared_cases_and_controls(np.diag([3, 9]), np.diag([5, 2])), np.eye(2), rtol=1e-14)


def test_closed_forms_of_a_quantitative_trait() -> None:
    assert_array_equal(correlation_of_shared_samples(np.diag([100, 4])), np.eye(2))
    assert_allclose(correlation_of_shared_samples(np.full((2, 2), 77)), 1, rtol=1e-14)
    within_the_other = correlation_of_shared_samples([[100, 25], [25, 25]])
    assert_allclose(within_the_other, [[1, 0.5], [0.5, 1]], rtol=1e-14)


@pytest.mark.parametrize(
    ("shared", "message"),
    [
        ([[100, 20]], r"matrix of shared people has shape \(1, 2\)\n.*one row and one column for each study"),
        ([[100, 20], [30, 50]], r"people, row 1, column 2: 20.0\n.*the other half"),
        ([[100, 60], [60, 50]], r"people, row 1, column 2: 60.0\n.*more than the smaller one has"),
        ([[100, -1], [-1, 50]], r"people, row 1, column 2: -1.0\n.*0 or positive"),
        ([[100, np.nan], [np.nan, 50]], r"people, row 1, column 2: nan\n.*0 or positive"),
        ([[100, 0], [0, 0]], r"people, row 2, column 2: 0.0\n.*must have people"),
        ([[np.inf, 0], [0, 5]], r"people, row 1, column 1: inf\n.*finite"),
    ],
)
def test_numbers_that_cannot_be_are_refused(shared: list[list[float]], message: str) -> None:
    with pytest.raises(GwasmetaError, match=message):
        correlation_of_shared_samples(shared)
    with pytest.raises(GwasmetaError, match=message.replace("people", "cases")):
        correlation_of_shared_cases_and_controls(shared, np.diag([10, 10]))
    with pytest.raises(GwasmetaError, match=message.replace("people", "controls")):
        correlation_of_shared_cases_and_controls(np.diag([10, 10]), shared)


def test_cases_and_controls_of_different_studies_are_refused() -> None:
    with pytest.raises(GwasmetaError, match=r"for 2 studies and shared controls for 3\n.*same studies"):
        correlation_of_shared_cases_and_controls(np.eye(2), np.eye(3))
