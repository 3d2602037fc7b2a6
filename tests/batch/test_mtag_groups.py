"""Groups for MTAG beside traits of their own: the files of `gwasmeta mtag --studies`, and rows of the index."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from batch_data import n_lead_variants, read_index
from numpy.testing import assert_allclose
from scipy.stats import chi2

import gwasmeta
from gwasmeta.cli import main

_TRAITS = ("height", "weight", "waist")
_N_SNPS = 3000
_LIST = "[{path: height.txt, name: height}, {path: weight.txt, name: weight, n: 60000}, {path: waist.txt, name: waist}]"


@pytest.fixture
def traits(tmp_path: Path) -> Path:
    """Return a folder with three correlated traits, Sigma, and a list of the traits."""
    rng = np.random.default_rng(4)
    folder = tmp_path / "traits"
    folder.mkdir()
    sigma = np.array([[1.05, 0.15, 0.1], [0.15, 1.02, 0.05], [0.1, 0.05, 1.03]])
    genetic = np.array([[1.0, 0.6, 0.3], [0.6, 0.9, 0.2], [0.3, 0.2, 1.2]])
    z = rng.multivariate_normal(np.zeros(3), sigma + genetic, size=_N_SNPS)
    z[100:104] = 9, 8, 7  # of genome-wide significance, within one window
    snps = {"variant_id": [f"rs{k}" for k in range(_N_SNPS)], "chromosome": np.arange(_N_SNPS) // 300 + 1}
    snps |= {"base_pair_location": 200_000 * (np.arange(_N_SNPS) % 300 + 1), "effect_allele": "A", "other_allele": "C"}
    snps |= {"effect_allele_frequency": rng.uniform(0.1, 0.9, _N_SNPS).round(4)}
    for number, trait in enumerate(_TRAITS):
        columns = snps | {"z": z[:, number].round(4)} | ({} if trait == "weight" else {"n": 50_000 + 100 * number})
        pd.DataFrame(columns).to_csv(folder / f"{trait}.txt", sep="\t", index=False)
    np.savetxt(folder / "sigma.txt", sigma)
    (folder / "include.txt").write_text("SNP\n" + "".join(f"rs{k}\n" for k in range(2000)))
    (folder / "list.yaml").write_text(f"traits: {_LIST}\n")
    return folder


def manifest(folder: Path, options: str) -> Path:
    path = folder / "batch.yaml"
    group = f"  body:\n    kind: mtag\n    sigma: sigma.txt\n    median_z_max: 1\n{options}    traits: {_LIST}\n"
    path.write_text(f"methods: sample_size\ntraits:\n  both: [height.txt, waist.txt]\ngroups:\n{group}")
    return path


def mtag_files(folder: Path, prefix: str) -> dict[str, bytes]:
    return {path.name.removeprefix(prefix): path.read_bytes() for path in folder.glob(f"{prefix}.*")}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ("", []),
        ("    snps: all\n    standardised: true\n", ["--meta_format", "--std_betas"]),
        ("    covariance: identical_traits\n", ["--equal_h2", "--perfect_gencov"]),
        ("    include: include.txt\n    maf_min: 0.2\n", ["--include", "include.txt", "--maf_min", "0.2"]),
        ("    chromosomes: [1, 2]\n    ambiguous: yes\n", ["--only_chr", "1,2", "--incld_ambig_snps"]),
    ],
)
def test_the_files_are_those_of_the_command(traits, tmp_path, monkeypatch, options, words):
    monkeypatch.chdir(traits)
    gwasmeta.run_batch(manifest(traits, options), tmp_path / "out")
    command = ["mtag", "--studies", str(traits / "list.yaml"), "--residcov_path", "sigma.txt", "--out", "alone"]
    assert main([*command, "--median_z_cutoff", "1", *words]) == 0
    expected = mtag_files(traits, "alone")
    assert len(expected) == (3 if "identical" in options else 5)
    assert mtag_files(tmp_path / "out", "body") == expected


def test_the_index_has_a_row_for_each_trait_of_the_group(traits, tmp_path):
    result = gwasmeta.run_batch(manifest(traits, ""), tmp_path / "out")
    index = read_index(tmp_path / "out")
    assert list(index.index) == ["both", *_TRAITS]
    assert index["group"].to_list() == ["", "body", "body", "body"]
    assert (result.n_made, len(result)) == (2, 4)
    for trait in _TRAITS:
        row = index.loc[trait]
        table = pd.read_csv(tmp_path / "out" / f"body.{trait}.tsv", sep="\t")
        strongest = table.loc[table["neg_log_10_p_value"].idxmax()]
        assert (row["table"], row["studies"], row["variants"]) == (f"body.{trait}.tsv", 3, len(table))
        assert (row["top_variant"], row["n_max"]) == (strongest["variant_id"], table["n"].max())
        assert_allclose(row["top_neg_log_10_p_value"], strongest["neg_log_10_p_value"], rtol=1e-6)
        assert row["lead_variants"] == n_lead_variants(table, 5e-8, 500_000) >= 1
        assert_allclose(row["inflation_factor"], np.median(table["z"] ** 2) / chi2.ppf(0.5, 1), rtol=1e-6)
        own = np.median(table["study_z"] ** 2) / chi2.ppf(0.5, 1)
        assert_allclose(row[["study_inflation_factor_min", "study_inflation_factor_max"]].astype(float), own, rtol=1e-6)


def test_a_group_is_made_again_when_sigma_or_a_trait_changes(traits, tmp_path):
    path = manifest(traits, "")
    assert gwasmeta.run_batch(path, tmp_path / "out").n_made == 2
    assert gwasmeta.run_batch(path, tmp_path / "out").n_kept == 2
    assert gwasmeta.run_batch(path, tmp_path / "out", overlap="estimated").n_kept == 1  # of the other trait's studies
    assert gwasmeta.run_batch(path, tmp_path / "out").n_kept == 1
    np.savetxt(traits / "sigma.txt", np.diag([1.1, 1.1, 1.1]))
    assert (gwasmeta.run_batch(path, tmp_path / "out").n_kept) == 1
    (traits / "weight.txt").write_text((traits / "weight.txt").read_text().replace("rs5\t", "rs5x\t"))
    assert (gwasmeta.run_batch(path, tmp_path / "out").n_kept) == 1
    assert gwasmeta.run_batch(path, tmp_path / "out").n_kept == 2


def test_a_group_that_fails_has_a_row_for_each_trait(traits, tmp_path):
    (traits / "weight.txt").write_text("variant_id\tchromosome\nrs1\t1\n")
    result = gwasmeta.run_batch(manifest(traits, ""), tmp_path / "out")
    assert read_index(tmp_path / "out")["status"].to_list() == ["done", "failed", "failed", "failed"]
    assert result.failures["trait"].to_list() == list(_TRAITS)
    assert set(result.failures["group"]) == {"body"}
    assert result.n_made == 1
    assert not list((tmp_path / "out").glob("body.*"))


def test_the_panel_of_ld_scores_is_one_of_the_files_that_a_group_is_made_from(traits, tmp_path):
    panel = traits / "panel"
    panel.mkdir()
    snps = {"CHR": np.arange(_N_SNPS) // 300 + 1, "SNP": [f"rs{k}" for k in range(_N_SNPS)]}
    z = [pd.read_csv(traits / f"{trait}.txt", sep="\t")["z"] for trait in _TRAITS]
    scores = np.random.default_rng(5).uniform(1, 50, _N_SNPS) + sum(one**2 for one in z)  # so that they tell of z
    scores = pd.DataFrame(snps | {"BP": 200_000 * (np.arange(_N_SNPS) % 300 + 1), "L2": scores})
    scores.to_csv(panel / "all.l2.ldscore", sep="\t", index=False)
    (panel / "all.l2.M_5_50").write_text(f"{_N_SNPS}\n")
    text = manifest(traits, "    ld_scores: panel\n").read_text().replace("    sigma: sigma.txt\n", "")
    (traits / "batch.yaml").write_text(text)
    result = gwasmeta.run_batch(traits / "batch.yaml", tmp_path / "out")
    assert result.failures.empty, result.failures["message"][0]
    assert gwasmeta.run_batch(traits / "batch.yaml", tmp_path / "out").n_kept == 2
    (panel / "all.l2.M_5_50").write_text(f"{_N_SNPS - 1000}\n")
    assert gwasmeta.run_batch(traits / "batch.yaml", tmp_path / "out").n_kept == 1
