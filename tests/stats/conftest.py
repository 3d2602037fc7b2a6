"""Compile the statistical core once, so that no single example is blamed for the compiler's time."""

from __future__ import annotations

from typing import get_args

import pytest

from gwasmeta.stats.between_study_variance import Estimator, between_study_variance


@pytest.fixture(scope="session", autouse=True)
def compiled_estimators() -> None:
    for estimator in get_args(Estimator):
        between_study_variance([[0.1, 0.5]], [[0.1, 0.1]], estimator)
