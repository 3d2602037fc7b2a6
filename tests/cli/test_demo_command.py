"""`gwasmeta demo`: prints and writes what the embedded example holds."""

from __future__ import annotations

import importlib.util
import io
import json
from contextlib import redirect_stdout
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import gwasmeta
from gwasmeta.cli import main

FOLDER = Path(gwasmeta.__file__).parent / "example"
TRAITS = ("height", "weight", "waist")


@pytest.fixture(scope="module")
def demo_and_words(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    out = tmp_path_factory.mktemp("demo") / "results"
    printed = io.StringIO()
    with redirect_stdout(printed):
        assert main(["demo", str(out)]) == 0
    return out, printed.getvalue()


@pytest.fixture(scope="module")
def demo(demo_and_words: tuple[Path, str]) -> Path:
    return demo_and_words[0]


def test_every_analysis_leaves_its_files(demo: Path) -> None:
    meta = {
        f"{trait}{ending}"
        for trait in ("quantitative", "case_control")
        for ending in (".tsv", ".log.tsv", ".json", ".html")
    }
    mtag = {f"traits.{trait}.tsv" for trait in TRAITS} | {"traits.log.tsv", "traits.json", "traits.html"}
    assert {path.name for path in demo.iterdir()} == meta | mtag


def test_the_meta_analysis_is_of_the_true_effects(demo: Path) -> None:
    truth = pd.read_csv(FOLDER / "truth.tsv.gz", sep="\t", index_col="variant_id").query("kind == 'large'")
    table = pd.read_csv(demo / "quantitative.tsv", sep="\t", index_col="variant_id").loc[truth.index]
    same = table["effect_allele"] == truth["effect_allele"]
    expected = truth["marginal_quantitative"].where(same, -truth["marginal_quantitative"])
    assert np.abs((table["beta"] - expected) / table["standard_error"]).max() < 4
    assert (table["neg_log_10_p_value"] > 8).sum() >= 10


def test_mtag_is_of_the_true_covariances(demo: Path) -> None:
    truth = json.loads((FOLDER / "traits" / "truth.json").read_text())
    found = json.loads((demo / "traits.json").read_text())
    assert [trait["name"] for trait in found["traits"]] == truth["traits"]
    np.testing.assert_allclose(found["sigma"], truth["sigma"], atol=0.1)
    np.testing.assert_allclose(found["omega"], truth["omega"], rtol=0.25)


def test_it_prints_what_each_trait_gained_and_where_it_is(demo_and_words: tuple[Path, str]) -> None:
    out, printed = demo_and_words
    assert printed.index("quantitative trait") < printed.index("case-control trait") < printed.index("three traits")
    lines = [line.split() for line in printed[printed.index("three traits") :].splitlines()]
    gains = {words[0]: words for words in lines if words and words[0] in TRAITS and len(words) == 7}
    for trait in TRAITS:
        table = pd.read_csv(out / f"traits.{trait}.tsv", sep="\t")
        assert int(gains[trait][1].replace(",", "")) == len(table)
        assert float(gains[trait][5]) == pytest.approx((table["z"] ** 2).mean(), rel=1e-3)
        assert str(out / f"traits.{trait}.tsv") in printed


def test_quiet_prints_nothing_and_without_its_libraries_there_is_no_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "jinja2" else found(name))
    assert main(["demo", "-q", str(tmp_path)]) == 0
    said = capsys.readouterr()
    assert said.out == ""
    assert "no report: the report is made with Jinja2" in said.err
    assert not list(tmp_path.glob("*.html"))
    assert (tmp_path / "quantitative.tsv").exists()


def test_a_folder_that_cannot_be_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("")
    assert main(["demo", str(tmp_path / "file" / "results")]) == 2
    assert f"{tmp_path / 'file' / 'results'}: cannot be created" in capsys.readouterr().err
