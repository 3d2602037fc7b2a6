"""Traits that cannot be analysed together: a message says which they are, by function and by command line."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm
from trait_files import simulated_traits, write_ld_scores

import gwasmeta
from gwasmeta.cli import main

_N_SNPS = 1000
_OMEGA = 1e-5 * np.array([[1.0, 0.6, 0.3], [0.6, 1.2, 0.2], [0.3, 0.2, 1.5]])
_WORDS = {"variant_id": "snpid", "chromosome": "chr", "base_pair_location": "bpos", "effect_allele": "a1"}
_WORDS |= {"other_allele": "a2", "effect_allele_frequency": "freq"}


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, pd.DataFrame]:
    """Write three traits as MTAG's input, and panels of all SNPs and of 150; return the traits."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(51)
    ld_score = rng.gamma(2.0, 10.0, _N_SNPS) + 1
    frames = simulated_traits(_N_SNPS, np.zeros((3, 3)), np.eye(3), [1e5, 8e4, 9e4], seed=52)
    effect = rng.multivariate_normal(np.zeros(3), _OMEGA, _N_SNPS) * np.sqrt(ld_score / ld_score.mean())[:, None]
    traits = {}
    for trait, (name, frame) in enumerate(zip(("height", "weight", "waist"), frames, strict=True)):
        frame["z"] += effect[:, trait] * np.sqrt(frame["n"])
        frame["z"] -= frame["z"].median()
        traits[name] = frame.rename(columns=_WORDS).assign(p=2 * norm.sf(np.abs(frame["z"])))
        traits[name].to_csv(f"{name}.txt", sep="\t", index=False)
    write_ld_scores(tmp_path / "panel", frames[0], ld_score, _N_SNPS)
    write_ld_scores(tmp_path / "chromosome1", frames[0].iloc[:150], ld_score[:150], _N_SNPS)
    return traits


def messages(names: list[str], capsys: pytest.CaptureFixture[str], *words: str, panel: str = "panel") -> list[str]:
    """Return what the function and the command say."""
    options = {"omega": "likelihood"} if "--numerical_omega" in words else {}
    options |= {"mean_chi_squared_min": 0.0} if "--force" in words else {}
    with pytest.raises(gwasmeta.GwasmetaError) as error:
        gwasmeta.mtag([f"{name}.txt" for name in names], ld_scores=panel, maf_min=None, **options)  # type: ignore[arg-type]
    files = ",".join(f"{name}.txt" for name in names)
    assert main(["mtag", "--sumstats", files, "--ld_ref_panel", panel, "--out", "out", *words]) == 2
    assert not list(Path().glob("out*"))
    return [str(error.value), capsys.readouterr().err]


def test_too_few_common_snps_name_the_trait_that_lacks_them(
    files: dict[str, pd.DataFrame], capsys: pytest.CaptureFixture[str]
) -> None:
    few = files["weight"].iloc[:150]
    few.assign(z=few["z"] - few["z"].median()).to_csv("weight.txt", sep="\t", index=False)
    for said in messages(["height", "weight", "waist"], capsys):
        assert re.search(r"only 150 SNPs that can be used; LD score regression needs 200 or more", said)
        assert re.search(r"850: trait (2|weight) does not have it", said)
        assert re.search(r"trait 2 is weight", said)
        assert "leave out the trait that has so few" in said


def test_one_trait_of_few_snps(files: dict[str, pd.DataFrame], capsys: pytest.CaptureFixture[str]) -> None:
    few = files["weight"].iloc[:150]
    few.assign(z=few["z"] - few["z"].median()).to_csv("weight.txt", sep="\t", index=False)
    for said in messages(["weight"], capsys):
        assert re.search(r"trait weight\S* has only 150 SNPs that can be used", said)


def test_too_few_snps_in_the_panel_name_the_panel(
    files: dict[str, pd.DataFrame], capsys: pytest.CaptureFixture[str]
) -> None:
    for said in messages(["height", "weight"], capsys, panel="chromosome1"):
        assert re.search(r"chromosome1: the panel of LD scores has only 150 of the traits' 1,000 SNPs", said)
        assert "Are all its chromosomes there" in said


@pytest.mark.parametrize("names", [["height", "height"], ["height", "waist", "weight", "waist"]])
def test_the_same_file_twice_is_told(
    names: list[str], files: dict[str, pd.DataFrame], capsys: pytest.CaptureFixture[str]
) -> None:
    twice = names[-1]
    for said in messages(names, capsys):
        assert re.search(rf"errors of the traits {twice}\S* and {twice}\S* follow from each other", said)
        assert "Is it the same file" in said


def test_errors_that_follow_from_those_of_two_others(files: dict[str, pd.DataFrame]) -> None:
    sigma = np.array([[1.0, 0.0, 1.0], [0.0, 1.0, 1.0], [1.0, 1.0, 2.0]])
    with pytest.raises(gwasmeta.GwasmetaError, match="errors of the traits height and weight and waist follow"):
        gwasmeta.mtag(files, sigma=sigma)


@pytest.mark.parametrize("words", [["--force"], ["--force", "--numerical_omega"]])
def test_a_trait_without_heritability_is_named_however_omega_is_estimated(
    words: list[str], files: dict[str, pd.DataFrame], capsys: pytest.CaptureFixture[str]
) -> None:
    z = np.sort(np.abs(np.random.default_rng(53).normal(size=_N_SNPS)))
    ld_score = pd.read_csv("panel/all.l2.ldscore", sep="\t")["L2"]
    falling = z[::-1][ld_score.argsort().argsort()] * np.where(np.arange(_N_SNPS) % 2, 1, -1)
    falling -= np.median(falling)
    files["weight"].assign(z=falling).to_csv("weight.txt", sep="\t", index=False)
    for said in messages(["height", "weight"], capsys, *words):
        assert re.search(r"trait weight\S*: no genetic variance is left: its mean z² is .*, not above", said)
        assert re.search(r"heritability would be negative\n  Leave it out", said)


def test_a_trait_none_of_whose_rows_can_be_read_says_how_many_and_why(files: dict[str, pd.DataFrame]) -> None:
    spoiled = files["weight"].assign(z="high", p=0.5)
    with pytest.raises(
        gwasmeta.GwasmetaError,
        match=r"trait weight .*none of its 1,000 rows can be used: 1,000 by z_missing: .*such as 'high' in line 1\)",
    ):
        gwasmeta.mtag({"height": files["height"], "weight": spoiled}, ld_scores="panel")
    partly = files["weight"].assign(z=["high"] * 400 + ["1.0"] * 600, n=10)
    with pytest.raises(
        gwasmeta.GwasmetaError,
        match=r"its 1,000 rows can be used: 400 by z_missing: .*; 600 by n_below_minimum: n is below 100",
    ):
        gwasmeta.mtag({"height": files["height"], "weight": partly}, ld_scores="panel", n_min=100)


@pytest.mark.parametrize(
    ("elements", "wrong"),
    [
        ("1 0\n0 0\n", "row 2 (weight), column 2 (weight): 0.0\n  Correct it: a variance must be positive"),
        ("1 2\n3 1\n", "row 1 (height), column 2 (weight): 2.0\n  Correct it: it must be the same number"),
        ("1 nan\nnan 1\n", "row 1 (height), column 2 (weight): nan\n  Correct it: every pair of traits"),
        ("1\n", ": is a matrix of shape (1, 1), but there are 2 traits: height, weight"),
        ("1 x\n", ": cannot be read as a matrix"),
    ],
)
@pytest.mark.parametrize(("argument", "option"), [("sigma", "--residcov_path"), ("omega", "--gencov_path")])
def test_a_given_matrix_is_refused_by_its_option_its_traits_and_the_element(
    argument: str,
    option: str,
    elements: str,
    wrong: str,
    files: dict[str, pd.DataFrame],
    capsys: pytest.CaptureFixture[str],
) -> None:
    Path("given.txt").write_text(elements)
    with pytest.raises(gwasmeta.GwasmetaError, match=f"^{argument} given.txt") as error:
        gwasmeta.mtag(_two(files), **{argument: "given.txt"})  # type: ignore[arg-type]
    assert wrong in str(error.value)
    words = ["--sumstats", "height.txt,weight.txt", "--ld_ref_panel", "panel", "--out", "out"]
    assert main(["mtag", *words, option, "given.txt"]) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"gwasmeta: error: {option} given.txt")
    assert wrong.replace("height", "height.txt").replace("weight", "weight.txt") in said


def test_an_omega_that_leaves_no_variance_names_the_traits(files: dict[str, pd.DataFrame]) -> None:
    with pytest.raises(
        gwasmeta.GwasmetaError,
        match=r"negative eigenvalue; row 1, column 2 .*\n.*\n  \(trait 1 is height; trait 2 is weight\)",
    ):
        gwasmeta.mtag(_two(files), sigma=np.eye(2), omega=[[1e-6, 5e-6], [5e-6, 1e-6]])


def test_a_trait_whose_file_would_be_that_of_the_log(files: dict[str, pd.DataFrame], tmp_path: Path) -> None:
    result = gwasmeta.mtag({"log": files["height"], "weight": files["weight"]}, ld_scores="panel", maf_min=None)
    with pytest.raises(gwasmeta.GwasmetaError, match=r"trait log: out.log.tsv .*\n  Give the trait another name"):
        result.write("out")
    assert not list(tmp_path.glob("*out*"))


def _two(files: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    return {name: files[name] for name in ("height", "weight")}
