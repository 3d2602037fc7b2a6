"""Munging and LD score regression of simulated traits: known truth, identities, and what cannot be done."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from trait_files import simulated_traits, swapped, write_ld_scores

import gwasmeta
from gwasmeta import cli
from gwasmeta.errors import GwasmetaError

_N_SNPS = 4000
_N = [80_000.0, 60_000.0, 50_000.0]
_SIGMA = np.array([[1.05, 0.15, 0.1], [0.15, 1.02, 0.05], [0.1, 0.05, 1.03]])
_GENETIC = np.array([[0.4, 0.2, -0.1], [0.2, 0.5, 0.1], [-0.1, 0.1, 0.3]])  # heritabilities and covariances
_M = 40_000
_COMPLEMENT = {"A": "T", "C": "G", "G": "C", "T": "A"}


@pytest.fixture(scope="module")
def traits() -> dict[str, pd.DataFrame]:
    """Traits whose z² grow with the LD score as heritabilities say."""
    random = np.random.default_rng(4)
    frames = simulated_traits(_N_SNPS, np.zeros((3, 3)), _SIGMA, _N, seed=21)
    effects = random.multivariate_normal(np.zeros(3), _GENETIC / _M, size=_N_SNPS) * np.sqrt(_ld_score())[:, None]
    for place, frame in enumerate(frames):
        frame["z"] += effects[:, place] * np.sqrt(_N[place])
    return dict(zip("abc", frames, strict=True))


def _ld_score() -> np.ndarray:
    return np.random.default_rng(8).gamma(2.0, 10.0, _N_SNPS) + 1


@pytest.fixture(scope="module")
def panel(traits: dict[str, pd.DataFrame], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_ld_scores(tmp_path_factory.mktemp("ld") / "panel", traits["a"], _ld_score(), _M)


def test_simulated_heritabilities_covariances_and_intercepts_are_found_again(traits, panel) -> None:
    result = gwasmeta.ldsc_rg(traits, ld_scores=panel)
    for found, error, truth in (
        (result.genetic_covariance, result.genetic_covariance_standard_error, _GENETIC),
        (result.intercept, result.intercept_standard_error, _SIGMA),
    ):
        assert list(found.columns) == list(found.index) == list("abc")
        assert (np.abs(found.to_numpy() - truth) < 3.5 * error.to_numpy()).all()
    h2 = np.diag(_GENETIC)
    correlation = _GENETIC / np.sqrt(np.outer(h2, h2))
    distance = np.abs(result.genetic_correlation.to_numpy() - correlation)
    assert (distance <= 3.5 * result.genetic_correlation_standard_error.to_numpy()).all()
    assert result.genetic_correlation_standard_error.to_numpy().max() < 0.3
    own = gwasmeta.ldsc_h2(traits, ld_scores=panel, two_step=None).table
    assert_allclose(own["h2"], np.diag(result.genetic_covariance), rtol=1e-10)


def test_a_trait_correlates_with_itself_by_1_and_with_its_mirror_by_minus_1(traits, panel) -> None:
    trait = gwasmeta.munge(traits["a"], name="a")
    mirrored = traits["a"].assign(z=-traits["a"]["z"])
    result = gwasmeta.ldsc_rg([trait, trait, gwasmeta.Study(mirrored, name="mirror")], ld_scores=panel)
    assert result.names == ("a", "a_2", "mirror")
    assert_allclose(result.genetic_correlation.loc["a"], [1, 1, -1], atol=1e-5)
    assert_allclose(result.table["n_snps"], _N_SNPS)


def test_order_of_traits_is_irrelevant(traits, panel) -> None:
    one = gwasmeta.ldsc_rg(traits, ld_scores=panel)
    other = gwasmeta.ldsc_rg({name: traits[name] for name in "cab"}, ld_scores=panel)
    for name in ("genetic_correlation", "genetic_covariance", "intercept", "genetic_correlation_standard_error"):
        assert_allclose(getattr(other, name).loc[list("abc"), list("abc")], getattr(one, name), rtol=1e-9, atol=1e-12)


def test_order_and_strand_of_alleles_and_order_of_rows_are_irrelevant(traits, panel) -> None:
    turned = swapped(traits["b"], np.arange(0, _N_SNPS, 3))
    flipped = np.arange(0, _N_SNPS, 2)
    for column in ("effect_allele", "other_allele"):
        turned.loc[flipped, column] = turned.loc[flipped, column].map(_COMPLEMENT)
    turned = turned.sample(frac=1, random_state=5)
    one, other = (gwasmeta.ldsc_rg(given, ld_scores=panel, pairs="first") for given in (traits, traits | {"b": turned}))
    pd.testing.assert_frame_equal(other.table, one.table, rtol=1e-9)


def test_a_pair_does_not_depend_on_the_other_traits(traits, panel) -> None:
    """Where trait a has other alleles than b and c, these are still regressed on each other."""
    other = traits["a"].copy()
    rows = other.index[:500]
    other.loc[rows, "effect_allele"] = "A"
    other.loc[rows, "other_allele"] = np.where(traits["b"].loc[rows, "other_allele"] == "G", "C", "G")
    three = gwasmeta.ldsc_rg({"a": other, "b": traits["b"], "c": traits["c"]}, ld_scores=panel)
    two = gwasmeta.ldsc_rg({name: traits[name] for name in "bc"}, ld_scores=panel)
    pd.testing.assert_series_equal(three.table.iloc[2], two.table.iloc[0], check_names=False)
    assert three.table["n_snps"].iloc[0] < _N_SNPS


def test_intercepts_that_are_given_are_kept(traits, panel) -> None:
    known = np.array([[1.05, 0.15, np.nan], [0.15, 1.02, np.nan], [np.nan, np.nan, np.nan]])
    result = gwasmeta.ldsc_rg(traits, ld_scores=panel, intercepts=known)
    assert_allclose(result.intercept.to_numpy()[:2, :2], known[:2, :2])
    assert np.isnan(result.intercept_standard_error.loc["a", "b"])
    assert result.intercept_standard_error.loc["a", "c"] > 0
    h2 = gwasmeta.ldsc_h2(traits, ld_scores=panel, intercept={"b": 1.02}).table.set_index("trait")
    assert h2.loc["b", "intercept"] == 1.02
    assert h2["intercept_standard_error"].notna().tolist() == [True, False, True]
    assert (
        "Intercept: constrained to 1.0200" in gwasmeta.ldsc_h2(traits["b"], ld_scores=panel, intercept=1.02).summary()
    )


def test_weights_of_another_panel_and_a_given_m(traits, panel, tmp_path: Path) -> None:
    """Weights that are all the same are those of 1 / w in no regression; h2 grows as m, and SNPs without one go."""
    weights = write_ld_scores(tmp_path / "weights", traits["a"].iloc[100:], _ld_score()[100:], 1)
    (weights / "all.l2.M_5_50").unlink()  # panels of weights come without it
    own = gwasmeta.ldsc_h2(traits["a"].iloc[100:], ld_scores=panel).table.iloc[0]
    found = gwasmeta.ldsc_h2(traits["a"], ld_scores=panel, weights=weights, m=2 * _M)
    assert_allclose(found.table.iloc[0]["h2"], 2 * own["h2"], rtol=1e-9)
    assert found.log.set_index("rule").loc["not_in_weights", "removed"] == 100
    assert found.table.iloc[0]["n_snps"] == _N_SNPS - 100


def test_written_files_say_what_was_done(traits, panel, tmp_path: Path) -> None:
    result = gwasmeta.ldsc_rg(traits, ld_scores=panel, sample_prevalence={"a": 0.4}, population_prevalence={"a": 0.1})
    paths = result.write(tmp_path / "rg")
    assert [path.name for path in paths] == ["rg.tsv", "rg.log", "rg.log.tsv", "rg.json"]
    sidecar = json.loads(paths[3].read_text())
    assert sidecar["gwasmeta"] == gwasmeta.__version__
    assert_allclose(sidecar["genetic_covariance"], result.genetic_covariance)
    factor = 0.1**2 * 0.9**2 / (0.4 * 0.6 * 0.17549833**2)  # the normal density at the threshold of 10 % is 0.17549833
    plain = gwasmeta.ldsc_rg(traits, ld_scores=panel)
    assert_allclose(result.genetic_covariance.loc["a", "a"] / plain.genetic_covariance.loc["a", "a"], factor, rtol=1e-6)
    assert_allclose(result.genetic_correlation, plain.genetic_correlation)
    table = pd.read_csv(paths[0], sep="\t").drop(columns="note")
    pd.testing.assert_frame_equal(table, result.table.drop(columns="note"), rtol=1e-12)
    with pytest.raises(GwasmetaError, match="there is no folder"):
        result.write(tmp_path / "none" / "rg")


def test_checksums_of_input_files_are_in_the_sidecars(traits, panel, tmp_path: Path) -> None:
    import hashlib

    traits["a"].to_csv(tmp_path / "a.tsv", sep="\t", index=False)
    digest = hashlib.sha256((tmp_path / "a.tsv").read_bytes()).hexdigest()
    scores = hashlib.sha256((panel / "all.l2.ldscore").read_bytes()).hexdigest()
    trait = gwasmeta.munge(tmp_path / "a.tsv")
    assert trait.parameters()["trait"]["sha256"] == digest
    for facts in (gwasmeta.ldsc_h2(trait, ld_scores=panel).parameters(), _mtag_facts(tmp_path / "a.tsv", panel)):
        assert facts["traits"][0]["sha256"] == digest
        assert scores in json.dumps(facts)


def _mtag_facts(path: Path, panel: Path) -> dict[str, object]:
    return gwasmeta.mtag([path], ld_scores=panel, median_z_max=1).parameters()


# --- munging ---


def _file(**columns: object) -> pd.DataFrame:
    n_rows = 20
    usual = {"variant_id": [f"rs{row}" for row in range(n_rows)], "effect_allele": "A", "other_allele": "G"}
    return pd.DataFrame(usual | {"beta": np.resize([0.1, -0.1], n_rows), "p_value": 0.01, "n": 1000} | columns)


def test_z_has_the_size_of_the_p_value_and_the_sign_of_the_effect() -> None:
    trait = gwasmeta.munge(_file(z=np.resize([5.0, -5.0], 20)))
    assert_allclose(trait.table["z"], np.resize([2.5758293, -2.5758293], 20))  # two-sided, 1 %
    as_in_file = gwasmeta.munge(_file(z=np.resize([5.0, -5.0], 20)), z_from="file")
    assert_allclose(np.abs(as_in_file.table["z"]), 5)


def test_p_values_that_a_double_cannot_hold_are_kept() -> None:
    p_value = ["1e-400", "0", "0", "0.5"] + ["0.01"] * 16
    z = [40.0, -45.0, 2.0, 0.6, *np.resize([2.0, -2.0], 16)]
    trait = gwasmeta.munge(_file(z=z, p_value=p_value), median_z_max=5)
    found = trait.table.set_index("variant_id")["z"]
    assert found["rs0"] == pytest.approx(42.8, abs=0.05)  # scipy: norm.logsf(42.8) + log(2) = -921 = log(1e-400)
    assert found["rs1"] == pytest.approx(-45.0)
    assert "rs2" not in found  # a z of 2 has no p-value of 0
    assert trait.log.set_index("rule").loc["missing_value", "removed"] == 1


def test_ambiguous_snps_rare_ones_and_badly_imputed_ones_go_and_are_counted() -> None:
    frequency, info = np.full(20, 0.3), np.full(20, 0.95)
    frequency[2], info[3] = 0.995, 0.89
    given = _file(effect_allele_frequency=frequency, info=info)
    given.loc[1, "other_allele"] = "T"
    trait = gwasmeta.munge(given, median_z_max=5)
    removed = trait.log.set_index("rule")["removed"]
    assert {rule: count for rule, count in removed.items() if count} == {
        "ambiguous": 1,
        "maf_not_above_minimum": 1,
        "info_below_minimum": 1,
    }
    assert len(gwasmeta.munge(given, ambiguous=True, maf_min=None, info_min=None)) == 20
    assert "largest z²" in repr(trait)
    assert "no allele frequencies" in gwasmeta.munge(_file()).warnings[0]


def test_a_list_of_snps_restricts_to_its_alleles_on_any_strand(tmp_path: Path) -> None:
    (tmp_path / "list").write_text("SNP A1 A2\nrs5 C T\nrs3 G A\nrs99 A G\nrs4 A C\nrs2 A G\n")
    trait = gwasmeta.munge(_file(), merge_alleles=tmp_path / "list", median_z_max=5)
    assert trait.table["variant_id"].tolist() == ["rs2", "rs3", "rs5"]
    (table, _, _) = trait.write(tmp_path / "x.sumstats")
    lines = table.read_text().splitlines()
    z = {"rs5": -2.576, "rs3": -2.576, "rs2": 2.576}
    expected = [
        f"{snp}\tA\tG\t{z[snp]:.3f}\t1000.000" if snp in z else f"{snp}\t\t\t\t"
        for snp in ("rs5", "rs3", "rs99", "rs4", "rs2")
    ]
    assert lines == ["SNP\tA1\tA2\tZ\tN", *expected]
    (tmp_path / "list").write_text("SNP A1\nrs5 C\n")
    with pytest.raises(GwasmetaError, match="needs the columns SNP, A1, A2, and has no A2"):
        gwasmeta.munge(_file(), merge_alleles=tmp_path / "list")


def test_a_munged_file_is_not_cleaned_again(traits, panel, tmp_path: Path) -> None:
    """Few samples for one half of the SNPs: a rule that has been applied once would remove some at each time."""
    trait = gwasmeta.munge(traits["a"].assign(n=np.linspace(1000, 9000, _N_SNPS)), name="a", median_z_max=1)
    trait.write(tmp_path / "a")
    result = gwasmeta.ldsc_h2(tmp_path / "a.sumstats.gz", ld_scores=panel)
    assert list(result.regressions) == ["a"]
    assert result.table["n_snps"][0] == len(trait) < _N_SNPS


# --- what cannot be done ---


def test_too_few_snps(traits, panel) -> None:
    with pytest.raises(GwasmetaError, match=r"(?s)150 SNPs are left.*\(trait 1 is b\)"):
        gwasmeta.ldsc_h2({"b": gwasmeta.munge(traits["b"].iloc[:150], median_z_max=1)}, ld_scores=panel)
    with pytest.raises(GwasmetaError, match=r"(?s)100 SNPs.*trait 1 is a; trait 2 is b"):
        gwasmeta.ldsc_rg(
            {"a": traits["a"], "b": gwasmeta.munge(traits["b"].iloc[:100], median_z_max=1)}, ld_scores=panel
        )


def test_panel_without_the_snps(traits, panel) -> None:
    other = traits["b"].assign(variant_id=[f"chr1:{place}" for place in traits["b"].base_pair_location])
    with pytest.raises(GwasmetaError, match=r"(?s)none of the 4,000 SNPs of trait b .*like chr1:1000, .*like rs1, rs2"):
        gwasmeta.ldsc_rg({"a": traits["a"], "b": other}, ld_scores=panel)


def test_little_signal_is_warned_of(traits, panel) -> None:
    weak = traits["a"].assign(z=np.random.default_rng(1).normal(0, 0.9, _N_SNPS))
    result = gwasmeta.ldsc_h2({"weak": weak}, ld_scores=panel)
    assert re.search(r"weak: mean of z² is 0\.8\d+, less than 1.02", "\n".join(result.warnings))
    assert "Ratio: NA (mean chi^2 < 1)" in result.summary()


def test_negative_heritability_leaves_no_correlation_and_says_why(traits, panel, tmp_path: Path) -> None:
    score = _ld_score()
    falling = np.random.default_rng(2).normal(0, 1, _N_SNPS) * np.sqrt(2 - score / score.max())
    result = gwasmeta.ldsc_rg({"a": traits["a"], "falling": traits["b"].assign(z=falling)}, ld_scores=panel)
    row = result.table.iloc[0]
    assert row["h2_2"] < 0
    assert np.isnan(row["rg"])
    assert re.match(r"the heritability of falling is -\d.*: without one, no correlation", row["note"])
    assert any("falling" in warning and "without one" in warning for warning in result.warnings)
    assert "note: the heritability of falling" in result.summary()
    assert json.loads(result.write(tmp_path / "x")[3].read_text())["pairs"][0]["rg"] is None


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"pairs": "some"}, 'choose "all" or "first"'),
        ({"intercepts": [[1.0]]}, r"intercepts have shape \(1, 1\)"),
        ({"sample_prevalence": {"d": 0.5}}, "sample_prevalence: there is no trait 'd'; the traits are a, b, c"),
        ({"sample_prevalence": [0.5, 0.4]}, "2 numbers for 3 traits"),
        ({"sample_prevalence": {"b": 0.5}}, r"(?s)trait 2 has sample prevalence.*trait 2 is b"),
        ({"traits": []}, "give at least one"),
        ({"traits": [pd.DataFrame({"x": [1]})]}, "the header is of no format"),
    ],
)
def test_impossible_requests_say_what_to_do(traits, panel, arguments, message) -> None:
    with pytest.raises(GwasmetaError, match=message):
        gwasmeta.ldsc_rg(**({"traits": traits, "ld_scores": panel} | arguments))


def test_one_trait_has_no_correlation(traits, panel) -> None:
    with pytest.raises(GwasmetaError, match="at least two traits, and there is a"):
        gwasmeta.ldsc_rg({"a": traits["a"]}, ld_scores=panel)


# --- the commands ---


@pytest.fixture
def files(traits, panel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name, trait in traits.items():
        gwasmeta.munge(trait, name=name).write(name)
    (tmp_path / "panel").symlink_to(panel)
    return tmp_path


def _table(prefix: str) -> pd.DataFrame:
    return pd.read_csv(f"{prefix}.tsv", sep="\t")


@pytest.mark.parametrize(
    ("words", "arguments"),
    [
        ("h2 a.sumstats.gz b.sumstats.gz", {}),
        ("--h2 a.sumstats.gz,b.sumstats.gz", {}),
        ("h2 --two-step 5 a.sumstats.gz b.sumstats.gz", {"two_step": 5.0}),
        ("h2 a.sumstats.gz b.sumstats.gz --no-intercept", {"intercept": 1.0}),
        ("--h2=a.sumstats.gz,b.sumstats.gz --intercept-h2 1.1,nan", {"intercept": [1.1, np.nan]}),
        ("h2 a.sumstats.gz b.sumstats.gz --chisq-max 9 --n-blocks 50", {"chi_squared_max": 9.0, "n_blocks": 50}),
        ("h2 a.sumstats.gz b.sumstats.gz --M 1000", {"m": 1000.0}),
        (
            "h2 a.sumstats.gz b.sumstats.gz --samp-prev 0.5,nan --pop-prev 0.1,nan",
            {"sample_prevalence": {"a": 0.5}, "population_prevalence": {"a": 0.1}},
        ),
    ],
)
def test_options_of_h2_arrive(files: Path, capsys, words: str, arguments: dict[str, object]) -> None:
    assert cli.main(["ldsc", *words.split(), "--ref-ld-chr", "panel", "--out", "out"]) == 0
    expected = gwasmeta.ldsc_h2(["a.sumstats.gz", "b.sumstats.gz"], ld_scores="panel", **arguments)
    pd.testing.assert_frame_equal(_table("out"), expected.table, check_dtype=False, rtol=1e-12)
    assert capsys.readouterr().out.rstrip() == expected.summary()


@pytest.mark.parametrize(
    ("words", "arguments"),
    [
        ("rg a.sumstats.gz b.sumstats.gz c.sumstats.gz", {}),
        ("--rg a.sumstats.gz,b.sumstats.gz,c.sumstats.gz", {"pairs": "first"}),
        ("rg a.sumstats.gz b.sumstats.gz c.sumstats.gz --no-intercept", {"intercepts": np.eye(3)}),
        (
            "--rg a.sumstats.gz,b.sumstats.gz,c.sumstats.gz --intercept-gencov 0,0.1,N0.2",
            {"pairs": "first", "intercepts": [[np.nan, 0.1, -0.2], [0.1, np.nan, np.nan], [-0.2, np.nan, np.nan]]},
        ),
        (
            "rg a.sumstats.gz b.sumstats.gz c.sumstats.gz --intercept-gencov 0 --intercept-h2 1,1.1,1",
            {"intercepts": np.diag([1, 1.1, 1])},
        ),
        ("rg a.sumstats.gz b.sumstats.gz c.sumstats.gz --two-step 9", {"two_step": 9.0}),
    ],
)
def test_options_of_rg_arrive(files: Path, words: str, arguments: dict[str, object]) -> None:
    assert cli.main(["ldsc", *words.split(), "--ref-ld", "panel", "--w-ld", "panel", "--out", "out", "-q"]) == 0
    names = [f"{name}.sumstats.gz" for name in "abc"]
    expected = gwasmeta.ldsc_rg(names, ld_scores="panel", **arguments).table
    pd.testing.assert_frame_equal(_table("out").drop(columns="note"), expected.drop(columns="note"), rtol=1e-12)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("ldsc h2 a.sumstats.gz --no-intercept --two-step 30 --ref-ld panel", "leave one of the two out"),
        ("ldsc h2 a.sumstats.gz --no-intercept --intercept-h2 1 --ref-ld panel", "give one of them"),
        ("ldsc rg a.sumstats.gz --intercept-h2 1,2,x --ref-ld panel", "write numbers with commas"),
        ("ldsc h2 a.sumstats.gz --samp-prev 0.1,0.2 --ref-ld panel", "2 numbers for 1 traits"),
        ("ldsc --h2-cts a.sumstats.gz", "annotations are not part of gwasmeta"),
        ("ldsc --h2 --out x", "--h2: which files"),
        ("ldsc h2 none.sumstats.gz --ref-ld panel", "none.sumstats.gz: there is no such file"),
        ("ldsc h2 a.sumstats.gz --out none/x --ref-ld panel", "there is no folder none"),
        ("munge --out x", "give one file"),
        ("munge a.sumstats.gz --sumstats a.sumstats.gz --out x", "give one file"),
        ("munge a.sumstats.gz --snp WORD --out x", "'WORD', named as variant_id, is not in the header"),
        ("munge --sumstats a.sumstats.gz --signed-sumstats Z,5 --out x", "such as BETA,0 or OR,1"),
        ("munge a.sumstats.gz --out a.sumstats.gz", "is part of the input"),
    ],
)
def test_what_cannot_be_done_is_told_and_leaves_nothing_behind(files: Path, capsys, words: str, message: str) -> None:
    before = sorted(files.iterdir())
    assert cli.main(words.split()) == 2
    assert message in capsys.readouterr().err
    assert sorted(files.iterdir()) == before


def test_munge_understands_the_options_of_munge_sumstats(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    lines = [f"rs{row} a g {1.1 if row % 2 else 0.9} 0.01 7 0.3 {1 if row else 0.5}" for row in range(20)]
    Path("t.txt").write_text("\n".join(["MARKERNAME EA NEA OR P.VALUE N AF1 INFO", *lines]) + "\n")
    words = "munge --sumstats t.txt --N 500 --frq AF1 --chunksize 5e6 --keep-maf --out t -q --median-z-max 5"
    assert cli.main([*words.split(), "--signed-sumstats", "OR,1"]) == 0
    table = pd.read_csv("t.sumstats.gz", sep="\t")
    assert table.columns.tolist() == ["SNP", "A1", "A2", "Z", "N", "FRQ"]
    assert table["N"].unique().tolist() == [500.0]  # --N is used in the place of the column, as LDSC's help says
    assert table["FRQ"].unique().tolist() == [0.3]
    assert_allclose(table["Z"], np.resize([2.576, -2.576], 19))
    assert cli.main([*words.split(), "--ignore", "INFO"]) == 0
    assert len(pd.read_csv("t.sumstats.gz", sep="\t")) == 20
    with pytest.raises(SystemExit, match="2"):
        cli.main(["munge", "--sumstats", "t.txt", "--daner", "--out", "t"])
