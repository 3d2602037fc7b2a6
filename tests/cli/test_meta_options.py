"""`gwasmeta meta` with sexes, shared samples, sums, flipped effects, conflicting places: what it does and refuses."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from scipy.stats import chi2, norm

import gwasmeta
from gwasmeta import cli
from gwasmeta.errors import GwasmetaError

HEADER = "MARKERNAME CHR POS EA NEA EAF BETA SE N EVENTS"
MEN = ("rs1 1 100 A C 0.3 0.1 0.05 1000 12", "rs2 1 200 G T 0.4 0.2 0.05 1000 3.5")
WOMEN = ("rs1 1 100 C A 0.6 -0.3 0.05 500 NA", "rs2 7 200 G T 0.5 0.4 0.05 500 4", "rs3 2 9 A G 0.1 0.3 0.06 500 1")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with two studies in it."""
    monkeypatch.chdir(tmp_path)
    for name, rows in (("men", MEN), ("women", WOMEN)):
        (tmp_path / f"{name}.txt").write_text("\n".join([HEADER, *rows]) + "\n")
    return tmp_path


def meta(command: str) -> int:
    return cli.main(["meta", *shlex.split(command), "--out", "out"])


def result_of(options: str) -> pd.DataFrame:
    assert meta(f"men.txt women.txt --quiet {options}") == 0
    return pd.read_csv("out.tsv", sep="\t").set_index("variant_id")


# --- sexes ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words", ["men=male women=female", "men=M women=f", "women=Female men=MALE", "male women=female"]
)
def test_each_sex_has_its_columns_and_the_tests_compare_them(folder, words):
    table = result_of(" ".join(f"--sex {word}" for word in words.split()))
    first = table.loc["rs1"]
    assert_allclose(first[["male_beta", "male_standard_error", "male_n"]].astype(float), [0.1, 0.05, 1000], rtol=1e-7)
    assert_allclose(first[["female_beta", "female_standard_error"]].astype(float), [0.3, 0.05], rtol=1e-7)
    assert first["female_effect_allele_frequency"] == 0.4
    assert first["sex_differentiated_p_value"] == pytest.approx(chi2.sf(2**2 + 6**2, 2), rel=1e-3)
    assert first["sex_heterogeneity_p_value"] == pytest.approx(chi2.sf(0.2**2 / (2 * 0.05**2), 1), rel=1e-3)
    last = table.loc["rs3"]
    assert (last["male_n_studies"], last["female_n_studies"]) == (0, 1)
    absent = ["male_beta", "male_p_value", "male_n", "sex_differentiated_p_value", "sex_heterogeneity_p_value"]
    assert last[absent].isna().all()


REFUSED = {
    "--sex men=male": "women.txt: sex-differentiated analysis needs the sex of every study",
    "--sex men=male --sex women=w": "women.txt: sex 'w': write male or female",
    "--sex men=male --sex others=male": "--sex others=male: there is no study 'others'; the studies are men, women",
    "--sex male --method sample-size": "sex-differentiated analysis compares effects",
    "--flip men --flip others": "--flip others: there is no such study; the studies are men, women",
    "--sum events": "--sum events: write it as NAME=WORD",
    "--sum =EVENTS": "--sum =EVENTS: write it as NAME=WORD",
    "--sum events=EVENT": "men.txt: no column EVENT, which is to be added up as events",
    "--sum 'others:events=EVENTS'": "there is no study 'others'; the studies are men, women",
    "--sum alleles=EA": "men.txt: EA, to be added up as alleles, is a column of words",
    "--sum beta=EVENTS": "men.txt: beta cannot be the name of a sum",
    "--overlap shared.txt": "shared.txt",
    "--overlap men.txt": "men.txt, line 1: has no study 'men'",
    "--overlap estimated --method random": "not in random effects",
    "--overlap estimated --leave-one-out": "not allowed for in leave-one-out",
    "--overlap estimated --z-cutoff 0": "z cutoff = 0",
}


@pytest.mark.parametrize("options", REFUSED)
def test_what_cannot_be_is_refused_and_nothing_is_written(folder, capsys, options):
    assert meta(f"men.txt women.txt {options}") == 2
    said = capsys.readouterr()
    assert said.err.startswith("gwasmeta: error: ")
    assert REFUSED[options] in said.err
    assert "Traceback" not in said.err
    assert sorted(path.name for path in folder.iterdir()) == ["men.txt", "women.txt"]


@pytest.mark.parametrize(
    "options", ["--z-cutoff high", "--position-conflicts drop", "--overlap", "--sex", "--sum", "--flip"]
)
def test_words_that_the_command_line_does_not_know_are_refused(folder, capsys, options):
    with pytest.raises(SystemExit) as refused:
        meta(f"men.txt women.txt {options}")
    assert refused.value.code == 2
    assert options.split()[0] in capsys.readouterr().err


# --- shared samples -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    ["men women\n1 0.5\n0.5 1\n", "women,men\n1,0.5\n0.5,1\n", "men women\n1000 353.55339059\n353.55339059 500\n"],
)
def test_a_file_says_how_the_studies_overlap(folder, text):
    Path("shared.txt").write_text(text)
    table = result_of("--overlap shared.txt")
    # Two studies with one standard error: the mean, with variance (1 + correlation) / 2 of one study's.
    first = table.loc["rs1"]
    assert first["beta"] == pytest.approx(0.2, rel=1e-7)
    assert first["standard_error"] == pytest.approx(0.05 * 0.75**0.5, rel=1e-7)
    assert first["p_value"] == pytest.approx(2 * norm.sf(0.2 / (0.05 * 0.75**0.5)), rel=1e-3)
    assert table.loc["rs3", "standard_error"] == 0.06
    content = json.loads(Path("out.json").read_text())
    assert_allclose(content["correlations"]["fixed"], [[1, 0.5], [0.5, 1]], rtol=1e-8)


def test_the_overlap_is_estimated_from_variants_below_the_cutoff(folder):
    rng = np.random.default_rng(15)
    z = rng.multivariate_normal([0, 0], [[1, 0.6], [0.6, 1]], 20_000)
    for number, name in enumerate(("men", "women")):
        rows = (f"rs{k} 1 {k + 1} A C 0.3 {value:.5f} 1 1000 1" for k, value in enumerate(z[:, number]))
        Path(f"{name}.txt").write_text("\n".join([HEADER, *rows]) + "\n")
    found = []
    for options in ("--z-cutoff 2", "", "--method sample-size"):
        result_of(f"--overlap estimated {options}")
        content = json.loads(Path("out.json").read_text())
        assert content["options"]["z_cutoff"] == (2 if "cutoff" in options else 1)
        (matrix,) = content["correlations"].values()
        found.append(matrix[0][1])
    near = np.abs(z).max(axis=1) < 2
    assert_allclose(found, 0.6, rtol=0, atol=4 * 3.4 / np.sqrt(0.5 * 20_000))
    assert found[0] == pytest.approx(0.6, abs=4 * 1.3 / np.sqrt(near.sum()))
    assert found[0] != found[1] == pytest.approx(found[2], rel=1e-12)


# --- sums, flipped effects, places ------------------------------------------------------------------------------


def test_columns_are_added_up_over_studies(folder):
    table = result_of("--sum events=EVENTS --sum 'women:of_women=n'")
    assert table["events"].tolist() == [12, 7.5, 1]
    assert table["of_women"].tolist() == [500, 500, 500]
    assert "sum_missing" in Path("out.log.tsv").read_text()


def test_the_effects_of_a_study_are_flipped(folder):
    table = result_of("--flip women")
    assert_allclose(table["beta"], [-0.1, -0.1, -0.3], rtol=1e-7)
    assert table["direction"].tolist() == ["+-", "+-", "?-"]
    assert table["effect_allele_frequency"].tolist() == pytest.approx(
        [(300 + 200) / 1500, (400 + 250) / 1500, 0.1], rel=1e-5
    )


def test_rows_in_another_place_are_left_out_if_asked_for(folder):
    assert result_of("")["n_studies"].tolist() == [2, 2, 1]
    assert result_of("--position-conflicts exclude")["n_studies"].tolist() == [2, 1, 1]
    log = pd.read_csv("out.log.tsv", sep="\t").set_index("rule")
    assert log.loc["position_differs", ["study", "action", "count", "line"]].tolist() == ["women", "excluded", 1, 3]


# --- what arrives -------------------------------------------------------------------------------------------------


def arguments_of(command: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What `meta_analyze` is called with; nothing is computed."""
    given: dict[str, Any] = {}

    def noting(studies: list[gwasmeta.Study], **options: Any) -> None:
        given.update(studies={study.label: study for study in studies}, **options)
        raise GwasmetaError("noted")

    with monkeypatch.context() as inside:
        inside.setattr("gwasmeta.meta_analyze", noting)
        assert meta(command) == 2
    return given


def test_what_is_said_of_one_study_reaches_it_alone(folder, monkeypatch):
    given = arguments_of("men.txt women.txt --sum a=X --sum women:b=Y,c=Z --sex men=male --flip men", monkeypatch)
    men, women = given["studies"]["men"], given["studies"]["women"]
    assert (men.sums, women.sums) == ({"a": "X"}, {"a": "X", "b": "Y", "c": "Z"})
    assert (men.sex, women.sex) == ("male", None)
    assert (men.flip_effects, women.flip_effects) == (True, False)
    assert given["sex_differentiated"] is True


@pytest.mark.parametrize(
    ("words", "name", "value"),
    [
        ("", "overlap", None),
        ("--overlap estimated", "overlap", "estimated"),
        ("--overlap shared/m.txt", "overlap", "shared/m.txt"),
        ("", "z_cutoff", 1.0),
        ("--z-cutoff 1.5", "z_cutoff", 1.5),
        ("", "position_conflicts", "warn"),
        ("--position-conflicts exclude", "position_conflicts", "exclude"),
        ("", "sex_differentiated", False),
    ],
)
def test_options_arrive_with_their_values(folder, monkeypatch, words, name, value):
    assert arguments_of(f"men.txt women.txt {words}", monkeypatch)[name] == value


def test_the_command_starts_without_pandas(folder):
    """It takes longer to load than a small analysis does to run."""
    code = "import sys; from gwasmeta import cli; print(cli.main(sys.argv[1:]), 'pandas' in sys.modules)"
    command = [sys.executable, "-c", code, "meta", "men.txt", "women.txt", "--out", "out"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert said.splitlines()[-1] == "0 False"
