"""The whole analysis on simulated traits: identities that hold whatever the numbers are."""

from __future__ import annotations

import json
import logging
import math
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from scipy.special import ndtr
from trait_files import simulated_traits, swapped, write_ld_scores

from gwasmeta.errors import GwasmetaError
from gwasmeta.multitrait.analyze import mtag
from gwasmeta.stats.max_fdr import MaxFdrPlan

_OMEGA = 1e-5 * np.array([[1.0, 0.6, 0.3], [0.6, 0.9, 0.2], [0.3, 0.2, 1.2]])
_SIGMA = np.array([[1.05, 0.15, 0.1], [0.15, 1.02, 0.05], [0.1, 0.05, 1.03]])
_N = [100_000.0, 60_000.0, 80_000.0]
_ARGUMENTS = {"sigma": _SIGMA, "median_z_max": 1.0}


@pytest.fixture(scope="module")
def traits() -> dict[str, pd.DataFrame]:
    return dict(zip("abc", simulated_traits(3000, _OMEGA, _SIGMA, _N, seed=7), strict=True))


def test_one_trait_is_returned_as_it_is(traits: dict[str, pd.DataFrame]) -> None:
    table = mtag({"a": traits["a"]}, sigma=[[1.0]], median_z_max=1).traits["a"].table
    assert_allclose(table["z"], traits["a"]["z"], rtol=1e-12)
    frequency = traits["a"]["effect_allele_frequency"]
    assert_allclose(table["standard_error"], (2 * frequency * (1 - frequency) * _N[0]) ** -0.5, rtol=1e-12)


def test_identical_traits_without_overlap_are_combined_by_inverse_variance(traits: dict[str, pd.DataFrame]) -> None:
    """Effects z / sqrt(n) with variances intercept / n, one for each trait."""
    intercepts = np.diag(_SIGMA)
    result = mtag(traits, sigma=np.diag(intercepts), covariance="identical_traits", standardised=True, median_z_max=1.0)
    weight = np.array(_N) / intercepts
    effects = np.column_stack([trait["z"] / np.sqrt(n) for trait, n in zip(traits.values(), _N, strict=True)])
    table = result.traits["combined"].table
    assert_allclose(table["beta"], effects @ weight / weight.sum(), rtol=1e-10, atol=1e-14)
    assert_allclose(table["standard_error"], weight.sum() ** -0.5, rtol=1e-10)


def test_order_of_traits_is_irrelevant(traits: dict[str, pd.DataFrame]) -> None:
    order = ["c", "a", "b"]
    places = ["abc".index(name) for name in order]
    one = mtag(traits, **_ARGUMENTS)
    other = mtag({name: traits[name] for name in order}, sigma=_SIGMA[np.ix_(places, places)], median_z_max=1)
    assert_allclose(other.omega.loc[list("abc"), list("abc")], one.omega, rtol=1e-12)
    for name in "abc":
        pd.testing.assert_frame_equal(other.traits[name].table, one.traits[name].table, rtol=1e-10)


def test_order_of_alleles_in_a_file_is_irrelevant(traits: dict[str, pd.DataFrame]) -> None:
    turned = {"a": traits["a"], "b": swapped(traits["b"], np.arange(0, 3000, 3)), "c": traits["c"]}
    one, other = mtag(traits, **_ARGUMENTS), mtag(turned, **_ARGUMENTS)
    for name in "abc":
        pd.testing.assert_frame_equal(other.traits[name].table, one.traits[name].table, rtol=1e-12)


def test_order_of_rows_in_later_files_is_irrelevant(traits: dict[str, pd.DataFrame]) -> None:
    shuffled = traits["b"].sample(frac=1, random_state=1)
    one, other = mtag(traits, **_ARGUMENTS), mtag(traits | {"b": shuffled}, **_ARGUMENTS)
    for name in "abc":
        pd.testing.assert_frame_equal(other.traits[name].table, one.traits[name].table)


def test_all_snps_are_estimated_from_the_traits_that_have_them(traits: dict[str, pd.DataFrame]) -> None:
    """A SNP that lacks a trait is estimated as if that trait did not exist."""
    lacking = traits | {"c": traits["c"].iloc[500:]}
    union = mtag(lacking, snps="all", omega=_OMEGA, **_ARGUMENTS)
    two = mtag({name: traits[name] for name in "ab"}, omega=_OMEGA[:2, :2], sigma=_SIGMA[:2, :2], median_z_max=1)
    for name in "ab":
        table = union.traits[name].table.set_index("variant_id")
        expected = two.traits[name].table.set_index("variant_id").iloc[:500]
        assert_allclose(table.loc[expected.index, "z"], expected["z"], rtol=1e-10)
        assert len(table) == 3000
    assert len(union.traits["c"].table) == 2500


def test_sigma_and_omega_are_found_again(tmp_path: Path) -> None:
    n_snps, m = 40_000, 40_000
    random = np.random.default_rng(5)
    ld_score = random.gamma(2.0, 10.0, n_snps) + 1
    plain = simulated_traits(n_snps, np.zeros((3, 3)), _SIGMA, _N, seed=11)
    signal = random.multivariate_normal(np.zeros(3), 0.05 * _OMEGA, size=n_snps) * np.sqrt(ld_score)[:, np.newaxis]
    for trait, frame in enumerate(plain):
        frame["z"] += signal[:, trait] * np.sqrt(_N[trait])
    panel = write_ld_scores(tmp_path / "panel", plain[0], ld_score, m)
    result = mtag(dict(zip("abc", plain, strict=True)), ld_scores=panel, median_z_max=1, mean_chi_squared_min=0)
    error = np.array(result.parameters()["sigma_standard_error"])
    assert (np.abs(result.sigma.to_numpy() - _SIGMA) < 4 * error).all()
    assert error.max() < 0.1
    expected = 0.05 * _OMEGA * ld_score.mean()
    scale = np.sqrt(np.outer(np.diag(expected), np.diag(expected)))
    assert (np.abs(result.omega.to_numpy() - expected) < 0.1 * scale).all()
    independent = mtag(
        dict(zip("abc", plain, strict=True)), ld_scores=panel, overlap=False, median_z_max=1, mean_chi_squared_min=0
    )
    assert_allclose(independent.sigma, np.diag(np.diag(result.sigma)))


def test_errors_of_sigma_do_not_depend_on_the_order_of_the_files(
    traits: dict[str, pd.DataFrame], tmp_path: Path
) -> None:
    """The blocks of the jackknife are neighbours in the genome, not in a file."""
    ld_score = np.random.default_rng(3).gamma(2.0, 10.0, 3000) + 1
    panel = write_ld_scores(tmp_path / "panel", traits["a"], ld_score, 3000)
    shuffled = {name: trait.sample(frac=1, random_state=2) for name, trait in traits.items()}
    one, other = (
        mtag(files, ld_scores=panel, omega=_OMEGA, median_z_max=1).parameters() for files in (traits, shuffled)
    )
    assert_allclose(other["sigma_standard_error"], one["sigma_standard_error"], rtol=1e-9)


def test_max_fdr_is_the_same_for_a_trait_whatever_the_order(traits: dict[str, pd.DataFrame]) -> None:
    arguments = {"omega": _OMEGA[:2, :2], "sigma": _SIGMA[:2, :2], "median_z_max": 1}
    one = mtag({name: traits[name] for name in "ab"}, **arguments).max_fdr()
    arguments |= {"omega": _OMEGA[1::-1, 1::-1], "sigma": _SIGMA[1::-1, 1::-1]}
    other = mtag({name: traits[name] for name in "ba"}, **arguments).max_fdr()
    assert (one.method, one.n_points) == ("grid", 286)
    assert 0 < one.fdr.min() <= one.fdr.max() < 1
    assert_allclose(other.fdr, one.fdr[::-1], rtol=1e-9)


def test_max_fdr_says_beforehand_what_there_is_to_do(
    traits: dict[str, pd.DataFrame], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = mtag(traits, **_ARGUMENTS)
    n_points = math.comb(4 + 7, 7)  # ways of giving 4 intervals to 8 causal states
    said = f"over a grid of {n_points} points (8 causal states, probabilities in steps of 1/4), about "
    told: list[tuple[str, int, int]] = []
    with caplog.at_level(logging.INFO, "gwasmeta"):
        found = result.max_fdr(intervals=4, progress=lambda *report: told.append(report))
    ((_, level, text),) = caplog.record_tuples
    assert level == logging.INFO
    assert said in text
    assert told[-1] == ("points", n_points, n_points)
    assert re.findall(r"^  (\w+): \d", repr(found), re.MULTILINE) == [*traits]
    caplog.clear()
    monkeypatch.setattr(MaxFdrPlan, "estimated_seconds", lambda *_: 700.0)
    result.max_fdr(intervals=4)
    assert [record.levelno for record in caplog.records] == [logging.WARNING]  # what is long is seen by default
    assert f"{said}700.0 s" in caplog.text


def test_written_files_say_what_was_done(traits: dict[str, pd.DataFrame], tmp_path: Path) -> None:
    result = mtag(traits, **_ARGUMENTS)
    paths = result.write(tmp_path / "out")
    assert [path.name for path in paths] == ["out.a.tsv", "out.b.tsv", "out.c.tsv", "out.log.tsv", "out.json"]
    written = pd.read_csv(paths[0], sep="\t", dtype={"chromosome": str})
    pd.testing.assert_frame_equal(written, result.traits["a"].table, check_dtype=False, rtol=1e-12)
    assert json.loads(paths[-1].read_text())["sigma"] == _SIGMA.tolist()
    log = pd.read_csv(paths[-2], sep="\t")
    assert log.loc[log.rule == "rows_read", "left"].tolist() == [3000, 3000, 3000]


def test_tiny_p_values_are_written_in_full(traits: dict[str, pd.DataFrame], tmp_path: Path) -> None:
    strong = traits["a"].copy()
    strong.loc[0, "z"] = 60.0
    result = mtag({"a": strong}, sigma=[[1.0]], median_z_max=1)
    result.write(tmp_path / "out")
    text = pd.read_csv(tmp_path / "out.a.tsv", sep="\t", dtype=str)["p_value"][0]
    mantissa, exponent = text.split("e-")
    # scipy.stats.norm.logsf(60) / log(10) + log10(2) = -783.9
    assert int(exponent) - np.log10(float(mantissa)) == pytest.approx(result.traits["a"].table.neg_log_10_p_value[0])
    assert int(exponent) > 780


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"traits": {}}, "give at least one"),
        ({"sigma": [[1.0]]}, r"sigma: is a matrix of shape \(1, 1\), but there are 3 traits: a, b, c"),
        ({"covariance": "equal"}, "covariance 'equal': choose among"),
        ({"snps": "union"}, "snps 'union': choose"),
        ({"chromosomes": [99]}, "no SNP in common: .*none of the chosen chromosomes"),
        ({"info_min": 0.9}, "trait a .* no column for info"),
        ({"n_min": 1e9}, "trait a .*none of its 3,000 rows can be used: 3,000 by n_below_minimum: n is below"),
    ],
)
def test_impossible_requests_say_what_to_do(
    traits: dict[str, pd.DataFrame], change: dict[str, object], message: str
) -> None:
    with pytest.raises(GwasmetaError, match=message):
        mtag(**({"traits": traits} | _ARGUMENTS | change))


def test_trait_without_genetic_signal_is_named(traits: dict[str, pd.DataFrame]) -> None:
    weak = traits["b"].assign(z=np.random.default_rng(1).normal(size=3000))
    arguments = _ARGUMENTS | {"mean_chi_squared_min": 0}
    with pytest.raises(GwasmetaError, match=r"trait b: .*no genetic variance.*\n.*[Ll]eave it out"):
        mtag(traits | {"b": weak}, **arguments)


def test_panel_of_other_ids_is_named(traits: dict[str, pd.DataFrame], tmp_path: Path) -> None:
    other = traits["a"].assign(variant_id=[f"chr1:{place}" for place in traits["a"].base_pair_location])
    panel = write_ld_scores(tmp_path / "panel", other, np.ones(3000), 3000)
    with pytest.raises(GwasmetaError, match=r"panel: the panel of LD scores has none of the 3,000 SNPs\n.*rs1, rs2"):
        mtag(traits, ld_scores=panel, median_z_max=1)


def test_too_few_snps_in_the_panel(traits: dict[str, pd.DataFrame], tmp_path: Path) -> None:
    few = traits["a"].iloc[:150]
    panel = write_ld_scores(tmp_path / "panel", few, np.linspace(1, 50, 150), 3000)
    with pytest.raises(GwasmetaError, match=r"only 150 of the traits. 3,000 SNPs.*\n.*\n.*trait 1 is a; trait 2 is b"):
        mtag(traits, ld_scores=panel, median_z_max=1)


def test_p_values_that_a_double_cannot_hold_are_kept(traits: dict[str, pd.DataFrame], tmp_path: Path) -> None:
    """The original takes 1e-400 for 0 and drops the row."""
    p_value = 2 * ndtr(-np.abs(traits["a"]["z"]))
    rows = traits["a"].assign(beta=np.sign(traits["a"]["z"]), p_value=[f"{p:.12g}" for p in p_value]).drop(columns="z")
    rows.loc[0, ["p_value", "beta"]] = ["1e-400", -1.0]
    rows.to_csv(tmp_path / "a.tsv", sep="\t", index=False)
    table = mtag([tmp_path / "a.tsv"], sigma=[[1.0]], median_z_max=1).traits["a"].table
    assert len(table) == 3000
    assert_allclose(table["neg_log_10_p_value"][0], 400, rtol=1e-12)
    assert table["z"][0] < 0
    assert_allclose(table["z"][1:], traits["a"]["z"][1:], rtol=1e-9)
