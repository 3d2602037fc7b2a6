"""`gwasmeta report` and `gwasmeta meta --report`: from files to the page."""

from __future__ import annotations

import importlib.util
import re
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import gwasmeta
from gwasmeta.cli import main

STUDIES = list(map(str, gwasmeta.example_studies("case_control").values()))[:2]
METAL = """\
MarkerName\tAllele1\tAllele2\tEffect\tStdErr\tP-value\tDirection\tHetISq\tHetChiSq\tHetDf\tHetPVal
rs1\ta\tg\t0.5000\t0.0500\t1.524e-23\t+++\t10.5\t2.2\t2\t0.33
rs2\tc\tt\t-0.0100\t0.0500\t0.8415\t-+-\t0.0\t1.0\t2\t0.61
rs3\tc\tt\t0.0300\t0.0500\t0.5485\t+?-\t80.0\t5.0\t1\t0.02
"""


def words_of(path: Path) -> str:
    """Return what a page says."""
    text = re.sub(r"<(script|style|pre)\b.*?</\1>", " ", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]*>", " ", text).split())


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the prefix of a result with a report."""
    prefix = tmp_path_factory.mktemp("meta") / "disease"
    report = prefix.with_name("at_once.html")
    words = ["meta", *STUDIES, "--method", "fixed,random", "-q", "--out", str(prefix), "--report", str(report)]
    assert main(words) == 0
    return prefix


def test_the_report_of_a_run_and_of_its_files_say_the_same(written: Path, tmp_path: Path) -> None:
    said = []
    for name in (str(written), f"{written}.json"):
        assert main(["report", name, "--out", str(tmp_path / "report.html"), "-q"]) == 0
        said.append(words_of(tmp_path / "report.html"))
    assert said[0] == said[1] == words_of(written.with_name("at_once.html"))
    leads = re.findall(r'data-variant="([^"]+)"', (tmp_path / "report.html").read_text(encoding="utf-8"))
    table = pd.read_csv(f"{written}.tsv", sep="\t")
    assert leads[0] == table.loc[table["neg_log_10_p_value"].idxmax(), "variant_id"]


def test_without_its_studies_a_result_still_has_a_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    copies = [shutil.copy(path, tmp_path) for path in STUDIES]
    assert main(["meta", *copies, "-q", "--out", str(tmp_path / "moved")]) == 0
    Path(copies[1]).unlink()
    assert main(["report", str(tmp_path / "moved"), "-q"]) == 0, capsys.readouterr().err
    said = words_of(tmp_path / "moved.html")
    assert "No forest plots and pictures of studies" in said
    assert f"its study {copies[1]} is not there" in said
    assert "rs" in said


def test_a_table_of_metal_is_shown_with_what_it_has(tmp_path: Path) -> None:
    (tmp_path / "METAANALYSIS1.TBL").write_text(METAL)
    assert main(["report", str(tmp_path / "METAANALYSIS1.TBL"), "-q"]) == 0
    said = words_of(tmp_path / "METAANALYSIS1.TBL.html")
    assert "1 of 3 variants reach p ≤ 5 × 10⁻⁸" in said
    assert re.search(r"rs1 A/G 0\.5000 0\.0500 10 1\.52e-23 ", said)
    assert "what was left out of the studies is not known" in said


def test_a_variant_cannot_change_the_page_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "old.TBL").write_text(METAL.replace("rs1", "</script><i>1"))
    (tmp_path / "markers.map").write_text("CHR MARKER POS\n2 </script><i>1 1234567\n")
    words = ["report", str(tmp_path / "old.TBL"), "-q", "-o", str(tmp_path / "x.html")]
    assert main([*words, "--map", str(tmp_path / "markers.map")]) == 0
    text = (tmp_path / "x.html").read_text(encoding="utf-8")
    assert "</script><i>" not in text
    assert "&lt;/script&gt;&lt;i&gt;1" in text
    (numbers,) = re.findall(r'id="plots">(.*)</script>$', text, flags=re.MULTILINE)
    assert r"\u003c/script\u003e\u003ci\u003e1" in numbers
    assert "<" not in numbers


def test_heterogeneity_is_in_per_cent_whatever_the_program_writes(tmp_path: Path) -> None:
    (tmp_path / "fraction.TBL").write_text(METAL.replace("10.5", "0.105").replace("80.0", "0.800"))
    assert main(["report", str(tmp_path / "fraction.TBL"), "-q"]) == 0
    assert re.search(r"rs1 A/G 0\.5000 0\.0500 10 1\.52e-23 ", words_of(tmp_path / "fraction.TBL.html"))


def test_the_report_stands_beside_the_result_if_nothing_is_said(tmp_path: Path) -> None:
    (tmp_path / "old.tsv").write_text(METAL)
    assert main(["report", str(tmp_path / "old.tsv"), "-q", "--title", "Our disease"]) == 0
    assert words_of(tmp_path / "old.html").startswith("Our disease – gwasmeta report")


def test_a_map_gives_the_places_that_a_table_lacks(tmp_path: Path) -> None:
    (tmp_path / "METAANALYSIS1.TBL").write_text(METAL)
    (tmp_path / "markers.map").write_text("CHR MARKER POS\n2 rs1 1234567\n2 rs2 5\n3 rs3 9\n")
    words = ["report", str(tmp_path / "METAANALYSIS1.TBL"), "-q", "-o", str(tmp_path / "x.html")]
    assert main([*words, "--map", str(tmp_path / "markers.map")]) == 0
    assert "rs1 2 1,234,567 A/G" in words_of(tmp_path / "x.html")


def test_mtag_has_a_report(tmp_path: Path) -> None:
    gwasmeta.mtag(gwasmeta.example_traits(), ld_scores=gwasmeta.example_ld_scores()).write(tmp_path / "three")
    assert main(["report", str(tmp_path / "three"), "-q"]) == 0
    said = words_of(tmp_path / "three.html")
    assert "Multi-trait analysis (MTAG) of 3 traits" in said
    assert "Σ: covariance of the errors" in said
    (tmp_path / "three.waist.tsv").unlink()
    assert main(["report", str(tmp_path / "three"), "-q"]) == 2


@pytest.mark.parametrize(
    ("table", "complaint"),
    [
        (None, "there is no such result"),
        ("rs1\t1\t5\tA\tG\tNA\tNA\n", "has no variant with a p-value"),
        ("", "table.tsv: has no"),
    ],
)
def test_what_cannot_be_reported_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], table: str | None, complaint: str
) -> None:
    if table is not None:
        header = "variant_id\tchromosome\tbase_pair_location\teffect_allele\tother_allele\tbeta\tstandard_error\n"
        (tmp_path / "table.tsv").write_text(header + table)
    assert main(["report", str(tmp_path / "table"), "-q"]) == 2
    assert complaint in capsys.readouterr().err
    assert not (tmp_path / "table.html").exists()


def test_no_variant_reaches_significance(tmp_path: Path) -> None:
    rows = [f"rs{k}\t1\t{k}\tA\tG\t{0.1 * (k % 7 - 3)}\t0.1\n" for k in range(1, 200)]
    header = "variant_id\tchromosome\tbase_pair_location\teffect_allele\tother_allele\tbeta\tstandard_error\n"
    (tmp_path / "null.tsv").write_text(header + "".join(rows))
    assert main(["report", str(tmp_path / "null.tsv"), "-q"]) == 0
    assert "No variant reaches p ≤ 10⁻⁵." in words_of(tmp_path / "null.html")


def test_a_report_that_cannot_be_made_stops_the_run_before_it_starts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["meta", *STUDIES, "-q", "--out", str(tmp_path / "x"), "--report", str(tmp_path / "no" / "x.html")]
    assert main(words) == 2
    assert f"there is no folder {tmp_path / 'no'}" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_missing_library_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = importlib.util.find_spec

    def without_jinja(name: str, *rest: Any) -> Any:
        return None if name == "jinja2" else found(name, *rest)

    monkeypatch.setattr(importlib.util, "find_spec", without_jinja)
    (tmp_path / "METAANALYSIS1.TBL").write_text(METAL)
    assert main(["report", str(tmp_path / "METAANALYSIS1.TBL")]) == 2
    complaint = "made with Jinja2, which is not installed\n  Get it:  pip install 'gwasmeta[report]'"
    assert complaint in capsys.readouterr().err
