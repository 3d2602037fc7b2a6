"""Lists of traits in several formats: the analysis that the same numbers give as frames, in Python and as a command."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from scipy.special import log_ndtr
from trait_files import simulated_traits, swapped

import gwasmeta
from gwasmeta.cli import main

_OMEGA = 1e-5 * np.array([[1.0, 0.6, 0.3], [0.6, 0.9, 0.2], [0.3, 0.2, 1.2]])
_SIGMA = np.array([[1.05, 0.15, 0.1], [0.15, 1.02, 0.05], [0.1, 0.05, 1.03]])
_N = [100_000.0, 60_000.0, 80_000.0]
_BADLY_IMPUTED = 100  # SNPs of the third trait
_LIST = """\
defaults: {filters: []}
traits:
  - {path: height.regenie, name: height}
  - {path: weight.glm.linear, name: weight, dialect: plink2}
  - path: waist.txt
    name: waist
    n: 80000
    columns: {variant_id: marker, effect_allele: coded, other_allele: uncoded, beta: b, standard_error: stderr,
      effect_allele_frequency: coded_freq, info: quality, chromosome: chr, base_pair_location: pos}
    filters: [info >= 0.4]
"""
_TABLE = (
    "path\tname\tn\tcolumns\tfilters\n"
    "height.regenie\theight\t\t\t\n"
    "weight.glm.linear\tweight\t\t\t\n"
    "waist.txt\twaist\t80000\tvariant_id=marker,effect_allele=coded,other_allele=uncoded,beta=b,standard_error=stderr,"
    "effect_allele_frequency=coded_freq,info=quality,chromosome=chr,base_pair_location=pos\tinfo >= 0.4\n"
)
_ARGUMENTS = {"sigma": _SIGMA, "median_z_max": 1.0}


@pytest.fixture(scope="module")
def frames() -> dict[str, pd.DataFrame]:
    """The traits; their rows count the alleles as the files of their formats do."""
    height, weight, waist = simulated_traits(2500, _OMEGA, _SIGMA, _N, seed=11)
    height.loc[:1500, "n"], weight.loc[:1000, "n"] = 90_000.0, 30_000.0
    return {"height": height, "weight": swapped(weight, np.arange(0, 2500, 3)), "waist": waist}


@pytest.fixture
def folder(frames: dict[str, pd.DataFrame], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the traits in three formats, a list of them, and Sigma."""
    studies = tmp_path / "studies"
    studies.mkdir()
    height, weight, waist = (trait.assign(se=_error_per_allele(trait)) for trait in frames.values())
    regenie = {"CHROM": height.chromosome, "GENPOS": height.base_pair_location, "ID": height.variant_id}
    regenie |= {"ALLELE0": height.other_allele, "ALLELE1": height.effect_allele}
    regenie |= {"A1FREQ": height.effect_allele_frequency, "N": height.n, "TEST": "ADD", "BETA": height.z * height.se}
    regenie |= {"SE": height.se, "CHISQ": height.z**2, "LOG10P": -_log_p_value(height.z) / np.log(10), "EXTRA": "NA"}
    pd.DataFrame(regenie).to_csv(studies / "height.regenie", sep=" ", index=False)
    plink = {"#CHROM": weight.chromosome, "POS": weight.base_pair_location, "ID": weight.variant_id}
    plink |= {"REF": weight.effect_allele, "ALT": weight.other_allele, "A1": weight.effect_allele}
    plink |= {
        "A1_FREQ": weight.effect_allele_frequency,
        "TEST": "ADD",
        "OBS_CT": weight.n,
        "BETA": weight.z * weight.se,
    }
    plink |= {"SE": weight.se, "T_STAT": weight.z, "P": np.exp(_log_p_value(weight.z)), "ERRCODE": "."}
    pd.DataFrame(plink).to_csv(studies / "weight.glm.linear", sep="\t", index=False)
    own = {"marker": waist.variant_id, "coded": waist.effect_allele, "uncoded": waist.other_allele}
    own |= {"chr": waist.chromosome, "pos": waist.base_pair_location, "coded_freq": waist.effect_allele_frequency}
    own |= {"b": waist.z * waist.se, "stderr": waist.se, "quality": 1 - 0.9 * (np.arange(2500) < _BADLY_IMPUTED)}
    pd.DataFrame(own).to_csv(studies / "waist.txt", sep="\t", index=False)
    (studies / "traits.yaml").write_text(_LIST)
    (studies / "traits.tsv").write_text(_TABLE)
    np.savetxt(tmp_path / "sigma.txt", _SIGMA)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _error_per_allele(trait: pd.DataFrame) -> pd.Series:
    frequency = trait.effect_allele_frequency
    return (2 * frequency * (1 - frequency) * trait.n) ** -0.5


def _log_p_value(z: pd.Series) -> pd.Series:
    return np.log(2) + log_ndtr(-z.abs())


def _expected(frames: dict[str, pd.DataFrame], **options: object) -> gwasmeta.MtagResult:
    return gwasmeta.mtag(frames | {"waist": frames["waist"].iloc[_BADLY_IMPUTED:]}, **(_ARGUMENTS | options))


def _assert_same(found: pd.DataFrame, expected: pd.DataFrame) -> None:
    assert list(found["variant_id"]) == list(expected["variant_id"])
    assert list(found["effect_allele"]) == list(expected["effect_allele"])
    columns = {"study_z", "n", "effect_allele_frequency"} & set(expected)  # a table for all traits has no z of one
    for column in (*columns, "beta", "standard_error", "z", "neg_log_10_p_value"):
        assert_allclose(found[column], expected[column], rtol=1e-6, atol=1e-12, err_msg=column)


@pytest.mark.parametrize("file", ["traits.yaml", "traits.tsv"])
def test_a_list_of_mixed_formats_gives_what_the_same_numbers_give_as_frames(
    folder: Path, frames: dict[str, pd.DataFrame], file: str
) -> None:
    result = gwasmeta.mtag(gwasmeta.read_manifest(folder / "studies" / file), **_ARGUMENTS)
    expected = _expected(frames)
    assert list(result.traits) == ["height", "weight", "waist"]
    assert 1000 < len(result) < 1500
    assert_allclose(result.omega, expected.omega, rtol=1e-9)
    for name, trait in result.traits.items():
        _assert_same(trait.table, expected.traits[name].table)


def test_a_list_is_the_same_as_its_studies(folder: Path) -> None:
    studies = folder / "studies"
    words = {"variant_id": "marker", "effect_allele": "coded", "other_allele": "uncoded"}
    words |= {"beta": "b", "standard_error": "stderr", "effect_allele_frequency": "coded_freq", "info": "quality"}
    words |= {"chromosome": "chr", "base_pair_location": "pos"}
    given = [
        gwasmeta.Study(studies / "height.regenie", name="height"),
        gwasmeta.Study(studies / "weight.glm.linear", name="weight", dialect="plink2"),
        gwasmeta.Study(studies / "waist.txt", name="waist", n=80_000, columns=words, filters=("info >= 0.4",)),
    ]
    listed = gwasmeta.mtag(gwasmeta.read_manifest(studies / "traits.yaml"), **_ARGUMENTS)
    told = gwasmeta.mtag(given, **_ARGUMENTS)
    pd.testing.assert_frame_equal(listed.log, told.log)
    for name, trait in listed.traits.items():
        pd.testing.assert_frame_equal(trait.table, told.traits[name].table)


def _command(*words: str) -> list[str]:
    common = ["--residcov_path", "sigma.txt", "--median_z_cutoff", "1", "--out", "results"]
    return ["mtag", "--studies", "studies/traits.yaml", *common, *words]


def _table(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, sep="\t")


def test_the_command_writes_the_result_of_the_list(
    folder: Path, frames: dict[str, pd.DataFrame], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(_command()) == 0
    expected = _expected(frames)
    for name, trait in expected.traits.items():
        _assert_same(_table(folder / f"results.{name}.tsv"), trait.table)
    log = _table(folder / "results.log.tsv").set_index(["trait", "rule"])["removed"]
    assert log.xs("waist")[lambda removed: removed.index.str.contains("filter")].sum() == _BADLY_IMPUTED
    facts = json.loads((folder / "results.json").read_text())
    assert [trait["dialect"] for trait in facts["traits"]][:2] == ["regenie", "plink2"]
    shown = capsys.readouterr().out
    assert f"{len(expected):,} SNPs of 3 traits" in shown
    assert "written: results.height.tsv, results.weight.tsv, results.waist.tsv, results.log.tsv, results.json" in shown


def test_the_command_writes_a_report_of_the_result(folder: Path) -> None:
    assert main(_command("--report", "three.html")) == 0
    page = (folder / "three.html").read_text()
    assert "<title>results" in page
    assert all(f">{name}<" in page for name in ("height", "weight", "waist"))


@pytest.mark.parametrize(
    ("words", "options"),
    [
        (["--maf_min", "0.2"], {"maf_min": 0.2}),
        (["--n_min", "1000"], {"n_min": 1000}),
        (["--n_max", "95000", "--n_min", "0"], {"n_max": 95000, "n_min": 0}),
        (["--meta_format"], {"snps": "all"}),
        (["--perfect_gencov"], {"covariance": "perfect_correlation"}),
        (["--perfect_gencov", "--equal_h2", "--std_betas"], {"covariance": "identical_traits", "standardised": True}),
        (["--numerical_omega"], {"omega": "likelihood"}),
        (["--std_betas"], {"standardised": True}),
        (["--only_chr", "3,5,7,11"], {"chromosomes": [3, 5, 7, 11]}),
        (["--include", "LIST"], {"include": [f"rs{number}" for number in range(1, 1500)]}),
        (["--exclude", "LIST"], {"exclude": [f"rs{number}" for number in range(1, 1500)]}),
        (["--gencov_path", "omega.txt"], {"omega": _OMEGA}),
    ],
    ids=lambda given: " ".join(given) if isinstance(given, list) else "",
)
def test_options_of_mtag_do_beside_a_list_what_they_do_alone(
    folder: Path, frames: dict[str, pd.DataFrame], words: list[str], options: dict[str, object]
) -> None:
    (folder / "LIST").write_text("SNP\n" + "".join(f"rs{number}\n" for number in range(1, 1500)))
    np.savetxt(folder / "omega.txt", _OMEGA)
    plain = _expected(frames)
    expected = _expected(frames, **options)
    assert main(_command(*words)) == 0
    for name, trait in expected.traits.items():
        _assert_same(_table(folder / f"results.{name}.tsv"), trait.table)
    unlike = next(iter(expected.traits.values())).table, next(iter(plain.traits.values())).table
    assert unlike[0].shape != unlike[1].shape or not np.allclose(unlike[0]["beta"], unlike[1]["beta"], rtol=1e-6)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--sumstats", "a.txt,b.txt"], "--sumstats does not go together with --studies: the list has the files"),
        (["--n_value", "1000"], "--n_value does not go together.*field  n"),
        (["--z_name", "zscore"], "--z_name does not go together.*field  columns"),
        (["--use_beta_se"], "--use_beta_se does not go together.*field  columns"),
        (["--fdr"], "--fdr does not go together.*gwasmeta plot maxfdr"),
        (["--no_allele_flipping"], "--no_allele_flipping does not go together"),
        (["--chunksize", "1000"], "--chunksize does not go together"),
        (["--maf_min", "0.01,0.05"], "--maf_min 0.01,0.05: beside --studies there is one number for all"),
        (["--equal_h2"], "Add --perfect_gencov"),
        (["--out", "nowhere/results"], "there is no folder nowhere"),
        (["--report", "nowhere/three.html"], "there is no folder nowhere"),
        (["--studies", "other.yaml"], "other.yaml: cannot be read"),
    ],
)
def test_what_does_not_go_together_with_a_list_is_refused(
    folder: Path, words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(_command(*words)) == 2
    assert re.search(message, capsys.readouterr().err)
    assert not list(folder.glob("results*"))


def test_a_trait_is_not_written_over(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "studies" / "waist.txt").rename(folder / "results.waist.tsv")
    (folder / "studies" / "traits.yaml").write_text(_LIST.replace("waist.txt", "../results.waist.tsv"))
    before = (folder / "results.waist.tsv").read_bytes()
    assert main(_command()) == 2
    assert "results.waist.tsv: is part of the input" in capsys.readouterr().err
    assert (folder / "results.waist.tsv").read_bytes() == before


def test_the_folder_of_the_result_is_made_on_request(folder: Path) -> None:
    assert main(_command("--make_full_path", "--out", "new/folder/results")) == 0
    assert len(list((folder / "new" / "folder").iterdir())) == 5
