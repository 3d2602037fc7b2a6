"""What a whole run says of traits that it cannot use: which one, and what to do; by function and by command line."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm
from trait_files import simulated_traits, write_ld_scores

import gwasmeta
from gwasmeta.cli import main

_N_SNPS = 3000
_OMEGA = 1e-5 * np.array([[1.0, 0.6], [0.6, 1.2]])
_WORDS = {"variant_id": "snpid", "chromosome": "chr", "base_pair_location": "bpos", "effect_allele": "a1"}
_WORDS |= {"other_allele": "a2", "effect_allele_frequency": "freq"}


@dataclass(frozen=True)
class Input:
    """Two traits as MTAG's input has them, their LD scores, and a folder with the panel."""

    height: pd.DataFrame
    weight: pd.DataFrame
    ld_score: np.ndarray
    panel: Path


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Input:
    rng = np.random.default_rng(41)
    ld_score = rng.gamma(2.0, 10.0, _N_SNPS) + 1
    traits = simulated_traits(_N_SNPS, np.zeros((2, 2)), np.eye(2), [1e5, 8e4], seed=42)
    effect = rng.multivariate_normal(np.zeros(2), _OMEGA, _N_SNPS) * np.sqrt(ld_score / ld_score.mean())[:, None]
    for trait, frame in enumerate(traits):
        frame["z"] += effect[:, trait] * np.sqrt(frame["n"])
        frame["z"] -= frame["z"].median()
    panel = write_ld_scores(tmp_path_factory.mktemp("bad_input") / "panel", traits[0], ld_score, _N_SNPS)
    height, weight = (frame.rename(columns=_WORDS).assign(p=2 * norm.sf(np.abs(frame["z"]))) for frame in traits)
    return Input(height, weight, ld_score, panel)


def without_signal(good: Input) -> pd.DataFrame:
    z = np.random.default_rng(43).normal(size=_N_SNPS)
    return good.weight.assign(z=z - np.median(z))


def with_signal_where_there_is_no_ld(good: Input) -> pd.DataFrame:
    """Let z fall with the LD score: the heritability is negative, and the intercept above the mean of z²."""
    size = np.sort(np.abs(good.weight["z"].to_numpy()))[::-1][good.ld_score.argsort().argsort()]
    z = size * np.random.default_rng(44).choice([-1, 1], _N_SNPS)
    return good.weight.assign(z=z - np.median(z))


def with_odds_ratios_for_z(good: Input) -> pd.DataFrame:
    return good.weight.assign(z=np.exp(good.weight["z"] / 10))


def with_other_words(good: Input) -> pd.DataFrame:
    return good.weight.rename(columns={"z": "effect_size", "n": "samples"}).drop(columns="p")


def with_other_ids(good: Input) -> pd.DataFrame:
    return good.weight.assign(snpid=[f"1:{place}" for place in good.weight["bpos"]])


WEIGHTS: list[tuple[Callable[[Input], pd.DataFrame], str, str]] = [
    # Each with what is wrong, and what to do about it.
    (
        without_signal,
        r"trait (2|weight) .*mean of z² is 0\.9\d+, less than 1\.02.*too little power",
        "Leave the trait out",
    ),
    (with_signal_where_there_is_no_ld, r"trait (2|weight)\S*: no genetic variance is left", "Leave it out"),
    (
        with_odds_ratios_for_z,
        r"trait (2|weight) .*median of z is 1\S*, more than 0\.1 from 0",
        "odds ratios .*are not signed",
    ),
    (with_other_words, "weight.txt, line 1: ", r"(--n_name WORD --z_name WORD|columns=\{)"),
    (with_other_ids, r"have no SNP in common: 3,000: trait (2|weight) does not have it", "the same kind of ids"),
]


@pytest.fixture(params=WEIGHTS, ids=[case[0].__name__ for case in WEIGHTS])
def faulty(request: pytest.FixtureRequest, good: Input, tmp_path: Path) -> tuple[Path, str, str]:
    """Write both traits, the second one faulty; return the folder, and what is to be said."""
    make, wrong, remedy = request.param
    good.height.to_csv(tmp_path / "height.txt", sep="\t", index=False)
    make(good).to_csv(tmp_path / "weight.txt", sep="\t", index=False)
    return tmp_path, wrong, remedy


def test_the_function_names_the_trait_and_says_what_to_do(faulty: tuple[Path, str, str], good: Input) -> None:
    folder, wrong, remedy = faulty
    traits = [folder / "height.txt", folder / "weight.txt"]
    with pytest.raises(gwasmeta.GwasmetaError) as error:
        gwasmeta.mtag(traits, ld_scores=good.panel, maf_min=None)
    first, *others = str(error.value).splitlines()
    assert re.search(wrong, first)
    assert re.search(remedy, "\n".join(others))


def test_the_command_does_so_too_and_leaves_nothing(
    faulty: tuple[Path, str, str], good: Input, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, wrong, remedy = faulty
    monkeypatch.chdir(folder)
    words = ["--sumstats", "height.txt,weight.txt", "--ld_ref_panel", str(good.panel), "--out", "both"]
    assert main(["mtag", *words]) == 2
    first, *others = capsys.readouterr().err.splitlines()
    assert re.search(wrong, first)
    assert re.search(remedy, "\n".join(others))
    assert sorted(path.name for path in folder.iterdir()) == ["height.txt", "weight.txt"]


def test_the_same_files_in_order_are_analysed(good: Input, tmp_path: Path) -> None:
    result = gwasmeta.mtag({"height": good.height, "weight": good.weight}, ld_scores=good.panel)
    assert len(result) == _N_SNPS


def test_a_panel_that_matches_no_snp_is_named_with_examples_of_both(
    good: Input, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    canonical = good.height.rename(columns={word: name for name, word in _WORDS.items()})
    others = canonical.assign(variant_id=[f"chr1:{place}" for place in canonical["base_pair_location"]])
    panel = write_ld_scores(tmp_path / "other_build", others, good.ld_score, _N_SNPS)
    for name, trait in (("height", good.height), ("weight", good.weight)):
        trait.to_csv(tmp_path / f"{name}.txt", sep="\t", index=False)
    files = f"{tmp_path}/height.txt,{tmp_path}/weight.txt"
    assert main(["mtag", "--sumstats", files, "--ld_ref_panel", str(panel), "--out", str(tmp_path / "both")]) == 2
    said = capsys.readouterr().err
    assert re.search(r"other_build: the panel of LD scores has none of the 3,000 SNPs", said)
    assert re.search(r"rs1, rs2, rs3; the panel's are like chr1:1000, chr1:2000, chr1:3000", said)


@pytest.mark.parametrize(
    ("omega", "message"),
    [
        (
            [[1e-6, 5e-6], [5e-6, 1e-6]],
            r"negative eigenvalue; row 1, column 2 would be a correlation of 5\n  Give another",
        ),
        (
            [[1e-6, 0], [0, 0]],
            r"omega, row 2 \(weight\), column 2 \(weight\): 0.0\n.*a variance must be positive; leave out that trait",
        ),
        (
            [[1e-6, 0], [1e-6, 1e-6]],
            r"omega, row 1 \(height\), column 2 \(weight\): 0.0\n.*same number as in the other half",
        ),
    ],
)
def test_a_given_omega_that_cannot_be_is_refused_by_its_element(
    good: Input, omega: list[list[float]], message: str
) -> None:
    with pytest.raises(gwasmeta.GwasmetaError, match=message):
        gwasmeta.mtag({"height": good.height, "weight": good.weight}, ld_scores=good.panel, omega=omega)


def test_a_singular_omega_is_that_of_perfectly_correlated_traits(good: Input) -> None:
    traits = {"height": good.height, "weight": good.weight}
    perfect = gwasmeta.mtag(traits, ld_scores=good.panel, covariance="perfect_correlation")
    omega = perfect.omega.to_numpy()
    assert abs(np.linalg.det(omega)) < 1e-12 * omega[0, 0] * omega[1, 1]
    given = gwasmeta.mtag(traits, ld_scores=good.panel, omega=omega)
    for name in traits:
        pd.testing.assert_frame_equal(given.traits[name].table, perfect.traits[name].table)
        assert np.isfinite(given.traits[name].table["z"]).all()
    z = np.column_stack([perfect.traits[name].table["z"] for name in traits])
    np.testing.assert_allclose(z[:, 0], z[:, 1], rtol=1e-6, atol=1e-8)  # they estimate the same
