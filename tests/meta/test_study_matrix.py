"""Effects and standard errors on disk, and handed out again by ranges of variants."""

from __future__ import annotations

import gc
import shutil
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from gwasmeta import GwasmetaError, meta_analyze
from gwasmeta.meta.columns import BLOCK_ROWS
from gwasmeta.meta.study_matrix import StudyMatrix
from gwasmeta.stats.leave_one_out import leave_one_out
from gwasmeta.stats.random_effects import random_effects

from .study_tables import FloatArray, simulated_studies


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def fill(matrix: StudyMatrix, beta: FloatArray, standard_error: FloatArray, known: list[int]) -> None:
    """Write the columns of two dense matrices, so many variants being known by the end of each study."""
    for study, n_variants in enumerate(known):
        rows = np.flatnonzero(~np.isnan(beta[:n_variants, study])).astype(np.int32)
        matrix.append(n_variants, rows, beta[rows, study], standard_error[rows, study])


def random_matrices(
    rng: np.random.Generator, n_variants: int, n_studies: int
) -> tuple[FloatArray, FloatArray, list[int]]:
    """Draw matrices; variants from a row on were not known when an early study was written."""
    known = np.sort(rng.integers(1, n_variants + 1, n_studies))
    beta, standard_error = rng.normal(size=(n_variants, n_studies)), rng.uniform(size=(n_variants, n_studies))
    absent = (rng.random(beta.shape) < 0.3) | (np.arange(n_variants)[:, np.newaxis] >= known)
    beta[absent] = standard_error[absent] = np.nan
    return beta, standard_error, known.tolist()


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 40), st.integers(1, 5), st.data())
def test_any_range_is_that_of_the_dense_matrices(
    seed: int, n_variants: int, n_studies: int, data: st.DataObject
) -> None:
    beta, standard_error, known = random_matrices(np.random.default_rng(seed), n_variants, n_studies)
    matrix = StudyMatrix()
    fill(matrix, beta, standard_error, known)
    start = data.draw(st.integers(0, n_variants))
    stop = data.draw(st.integers(start, n_variants))
    effects, errors = matrix.block(start, stop)
    assert effects.shape == errors.shape == (stop - start, n_studies)
    assert_array_equal(effects, beta[start:stop])
    assert_array_equal(errors, standard_error[start:stop])


def test_rows_need_not_come_in_the_order_of_the_variants() -> None:
    matrix = StudyMatrix()
    matrix.append(4, np.array([3, 0], dtype=np.int32), np.array([0.3, 0.1]), np.array([3.0, 1.0]))
    effects, errors = matrix.block(0, 4)
    assert_array_equal(effects[:, 0], [0.1, np.nan, np.nan, 0.3])
    assert_array_equal(errors[:, 0], [1, np.nan, np.nan, 3])


def test_a_study_without_rows_is_a_column_without_values() -> None:
    nothing = np.empty(0)
    matrix = StudyMatrix()
    matrix.append(0, np.empty(0, dtype=np.int32), nothing, nothing)
    matrix.append(3, np.array([1], dtype=np.int32), np.array([0.5]), np.array([0.1]))
    effects, _ = matrix.block(0, 3)
    assert_array_equal(effects, [[np.nan, np.nan], [np.nan, 0.5], [np.nan, np.nan]])


def test_the_files_lie_in_the_temporary_folder_and_go(folder: Path) -> None:
    matrix = StudyMatrix()
    fill(matrix, *random_matrices(np.random.default_rng(1), 10, 3))
    (own_folder,) = folder.iterdir()
    assert len(list(own_folder.iterdir())) == 6
    del matrix
    gc.collect()
    assert not list(folder.iterdir())


def test_the_files_go_with_the_result(folder: Path) -> None:
    result = meta_analyze(simulated_studies(np.random.default_rng(2)), methods="random")
    assert len(list(folder.iterdir())) == 1
    assert np.isfinite(result.table["beta"]).all()
    del result
    gc.collect()
    assert not list(folder.iterdir())


def test_the_files_go_with_a_run_that_fails(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    study = tmp_path_factory.mktemp("studies") / "study.txt"
    study.write_text("variant_id effect_allele other_allele beta standard_error\nrs1 A C 0.1\n")
    good = simulated_studies(np.random.default_rng(2), 1)[0]
    with pytest.raises(GwasmetaError, match="line 2: 4 fields"):
        meta_analyze([good, study], methods="random")
    gc.collect()
    assert not list(folder.iterdir())


def test_methods_that_need_no_matrix_write_none(folder: Path) -> None:
    result = meta_analyze(simulated_studies(np.random.default_rng(2)), methods=("fixed", "sample_size"))
    assert len(result.table) == 6
    assert not list(folder.iterdir())


def test_a_folder_that_cannot_be_written_to_is_named(folder: Path) -> None:
    matrix = StudyMatrix()
    (own_folder,) = folder.iterdir()
    shutil.rmtree(own_folder)
    with pytest.raises(GwasmetaError, match="set TMPDIR to a folder with room") as caught:
        matrix.append(1, np.zeros(1, dtype=np.int32), np.zeros(1), np.ones(1))
    assert str(own_folder) in str(caught.value)


def test_results_are_the_same_in_every_block_of_variants() -> None:
    """One block and a half: what is computed block by block is what is computed at once."""
    n_variants = BLOCK_ROWS + BLOCK_ROWS // 2
    rng = np.random.default_rng(3)
    names = [f"rs{k}" for k in range(n_variants)]
    studies: dict[str, dict[str, Any]] = {}
    for study in "abc":
        rows = np.flatnonzero(rng.random(n_variants) < 0.8)
        studies[study] = {
            "variant_id": [names[row] for row in rows],
            "effect_allele": ["A"] * len(rows),
            "other_allele": ["C"] * len(rows),
            "beta": rng.normal(size=len(rows)),
            "standard_error": rng.uniform(0.1, 0.5, len(rows)),
        }
    table = meta_analyze(studies, methods=("fixed", "random"), leave_one_out=True).table.set_index("variant_id")
    number = {name: k for k, name in enumerate(table.index)}
    beta, standard_error = np.full((2, len(number), 3), np.nan)
    for column, values in enumerate(studies.values()):
        order = [number[name] for name in values["variant_id"]]
        beta[order, column], standard_error[order, column] = values["beta"], values["standard_error"]
    expected, without = random_effects(beta, standard_error), leave_one_out(beta, standard_error)
    np.testing.assert_allclose(table["random_beta"], expected.beta, rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(table["tau_squared"], expected.tau_squared, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(table["without_b_beta"], without.beta[:, 1], rtol=1e-12, atol=1e-13)
