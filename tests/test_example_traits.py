"""The three correlated traits of the embedded example are what its README says, and show the truth that is in them.

Read with pandas and compared with the truth by moments and a plain regression: not by gwasmeta, nor the generator.
"""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import gwasmeta

FOLDER = Path(gwasmeta.__file__).parent / "example"
TRAITS = ("height", "weight", "waist")
PAIRS = list(itertools.combinations_with_replacement(range(3), 2))
COMPLEMENT = {"A": "T", "C": "G", "G": "C", "T": "A"}


@pytest.fixture(scope="module")
def files() -> dict[str, pd.DataFrame]:
    return {trait: pd.read_csv(FOLDER / "traits" / f"{trait}.txt.gz", sep="\t", index_col="snpid") for trait in TRAITS}


@pytest.fixture(scope="module")
def scores() -> pd.Series:
    return pd.read_csv(FOLDER / "ld_scores" / "traits" / "example.l2.ldscore.gz", sep="\t", index_col="SNP")["L2"]


@pytest.fixture(scope="module")
def truth() -> dict[str, Any]:
    contents: dict[str, Any] = json.loads((FOLDER / "traits" / "truth.json").read_text())
    return {name: np.array(values) for name, values in contents.items()}


@pytest.fixture(scope="module")
def common(files: dict[str, pd.DataFrame]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return z and n of the SNPs that all traits have in nearly all people, of height's a1."""
    first = files["height"]
    first = first[first["a1"].map(COMPLEMENT).ne(first["a2"]) & (first["a1"].str.len() + first["a2"].str.len() == 2)]
    z, n = {}, {}
    for trait, rows in files.items():
        rows = rows[rows["n"] > 0.9 * rows["n"].max()].dropna()
        both = rows.join(first[["a1", "a2"]].add_suffix(" of height"), how="inner")
        same = both["a1"] == both["a1 of height"]
        assert (same | (both["a1"] == both["a2 of height"])).all()
        assert trait == "height" or 0.2 < same.mean() < 0.8
        z[trait], n[trait] = both["z"].where(same, -both["z"]), both["n"]
    return pd.DataFrame(z).dropna(), pd.DataFrame(n).dropna()


def test_the_public_functions_give_these_files() -> None:
    assert gwasmeta.example_traits() == {trait: str(FOLDER / "traits" / f"{trait}.txt.gz") for trait in TRAITS}
    assert gwasmeta.example_ld_scores() == str(FOLDER / "ld_scores" / "traits")


@pytest.mark.parametrize("trait", TRAITS)
def test_each_file_has_the_columns_of_mtag_and_numbers_that_agree(
    trait: str, files: dict[str, pd.DataFrame], truth: dict[str, Any]
) -> None:
    rows = files[trait]
    assert " ".join(["snpid", *rows.columns]) == "snpid chr bpos a1 a2 freq beta se z pval n"
    assert rows.index.is_unique
    assert rows.isna().any(axis=1).sum() == 12
    people = truth["people"][TRAITS.index(trait)]
    assert rows["n"].max() <= people
    assert 0.01 < (rows["n"] < 0.65 * people).mean() < 0.03
    rows = rows.dropna()
    np.testing.assert_allclose(stats.norm.isf(rows["pval"] / 2), rows["z"].abs(), rtol=1e-3, atol=1e-3)
    well_known = rows[rows["se"] > 0.01]
    np.testing.assert_allclose(well_known["beta"] / well_known["se"], well_known["z"], atol=0.01)
    # Of a trait of variance 1, 2 f (1 - f) N SE^2 is 1 less the share that the SNP explains.
    variance = 2 * rows["freq"] * (1 - rows["freq"]) * rows["n"] * rows["se"] ** 2
    assert variance.median() == pytest.approx(1, abs=0.02)


def test_the_truth_is_consistent(truth: dict[str, Any]) -> None:
    assert list(truth["traits"]) == list(TRAITS)
    people, shared = truth["people"], truth["shared_people"]
    assert list(shared.diagonal()) == list(people)
    overlap = shared / np.sqrt(np.outer(people, people))
    np.testing.assert_allclose(truth["sigma"], overlap * truth["phenotypic_correlation"], rtol=1e-3)
    assert np.linalg.eigvalsh(truth["omega"]).min() > 0
    # Effects that LD carries along are in omega as well, in the same proportions up to chance.
    scale = np.sqrt(truth["omega"].diagonal())
    np.testing.assert_allclose(truth["omega"] / np.outer(scale, scale), truth["genetic_correlation"], atol=0.06)


def test_the_panel_is_of_the_traits_variants(files: dict[str, pd.DataFrame], scores: pd.Series) -> None:
    everything = set().union(*(rows.index for rows in files.values()))
    assert everything <= set(scores.index)
    assert len(everything) > 0.999 * len(scores)
    assert int((FOLDER / "ld_scores" / "traits" / "example.l2.M").read_text()) == len(scores)
    assert scores.quantile(0.95) > 5 * scores.quantile(0.05)  # so that a regression on them has something to go by


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_products_of_z_have_the_mean_of_the_truth(
    one: int, other: int, common: tuple[pd.DataFrame, pd.DataFrame], truth: dict[str, Any]
) -> None:
    z, n = (table.to_numpy() for table in common)
    products = z[:, one] * z[:, other]
    root_n = np.sqrt(n[:, one] * n[:, other])
    expected = truth["sigma"][one, other] + root_n.mean() * truth["omega"][one, other]
    # Neighbours are in LD: the standard error of the mean is that of 100 stretches of the genome.
    stretches = [part.mean() for part in np.array_split(products - expected, 100)]
    assert abs(np.mean(stretches)) < 3.3 * stats.sem(stretches)
    assert expected > 5 * stats.sem(stretches)  # or else that says little


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_a_regression_on_ld_scores_finds_the_genetic_covariance_and_the_overlap(
    one: int, other: int, common: tuple[pd.DataFrame, pd.DataFrame], scores: pd.Series, truth: dict[str, Any]
) -> None:
    z, n = common
    ld_score = scores[z.index].to_numpy()
    products = (z.iloc[:, one] * z.iloc[:, other]).to_numpy()
    design = np.column_stack([np.sqrt(n.iloc[:, one] * n.iloc[:, other]) * ld_score, np.ones(len(z))])
    weight = 1 / ld_score  # a SNP with many neighbours tells nothing new, and its z are noisier

    def fitted(rows: np.ndarray) -> np.ndarray:
        of_rows = design[rows] * weight[rows, None]
        return np.linalg.solve(of_rows.T @ design[rows], of_rows.T @ products[rows])

    rows = np.arange(len(z))
    blocks = np.array_split(rows, 100)
    left_out = np.array([fitted(np.delete(rows, block)) for block in blocks])
    error = np.sqrt(99 / 100 * ((left_out - left_out.mean(axis=0)) ** 2).sum(axis=0))
    slope, intercept = fitted(rows)
    assert abs(intercept - truth["sigma"][one, other]) < 3.3 * error[1]
    m = int((FOLDER / "ld_scores" / "traits" / "example.l2.M_5_50").read_text())
    covariance = truth["genetic_correlation"] * np.sqrt(np.outer(truth["heritability"], truth["heritability"]))
    assert abs(m * slope - covariance[one, other]) < 3.3 * m * error[0]
    assert error[1] < 0.15


def test_mtag_finds_the_truth_and_gains_from_it(truth: dict[str, Any]) -> None:
    result = gwasmeta.mtag(gwasmeta.example_traits(), ld_scores=gwasmeta.example_ld_scores())
    np.testing.assert_allclose(result.sigma, truth["sigma"], atol=0.1)
    np.testing.assert_allclose(result.omega, truth["omega"], rtol=0.25)
    np.testing.assert_allclose(result.genetic_correlation, truth["genetic_correlation"], atol=0.05)
    gain = result.summary["equivalent_n"] / result.summary["n_max"]
    assert gain.min() > 1.01
    assert gain["waist"] > 1.25
