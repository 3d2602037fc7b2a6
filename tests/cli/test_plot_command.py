"""`gwasmeta plot`: pictures from tables, maps, studies and sidecars; what it refuses."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gwasmeta
from gwasmeta import cli, plots
from gwasmeta.plots.id_places import places_in_ids
from gwasmeta.sumstats.words import Words

PNG = b"\x89PNG"
HEADER = "variant_id chromosome base_pair_location effect_allele other_allele effect_allele_frequency beta"
TABLE = f"{HEADER} standard_error p_value n\n" + "".join(
    f"rs{k} {1 + k % 3} {1000 * (k + 1)} A C 0.{1 + k % 9} {0.01 * (k % 7 - 3)} 0.01 {0.9 - 0.01 * k} 1000\n"
    for k in range(60)
)
EXAMPLE = Path(gwasmeta.__path__[0]) / "example" / "quantitative"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with a table in it."""
    pytest.importorskip("matplotlib")
    monkeypatch.chdir(tmp_path)
    Path("a.txt").write_text(TABLE)
    Path("ids.txt").write_text("rs3 FTO\nrs5\n")
    return tmp_path


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The pictures that are saved."""
    pictures: list[Any] = []
    monkeypatch.setattr("gwasmeta.plots.drawing.style.save", lambda picture, _path: pictures.append(picture))
    return pictures


def plot(command: str) -> int:
    return cli.main(["plot", *shlex.split(command), "--quiet"])


def axes_of(picture: Any) -> list[Any]:
    return picture.get_figure(root=True).axes


def words(picture: Any) -> str:
    return "\n".join(text.get_text() for ax in axes_of(picture) for text in ax.texts)


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The prefix of a result of the example, with two methods."""
    prefix = tmp_path_factory.mktemp("result") / "height"
    studies = gwasmeta.example_studies("quantitative")
    gwasmeta.meta_analyze(studies, methods=("fixed", "random"), genomic_control=True).write(prefix)
    return prefix


@pytest.mark.parametrize("ending", ["png", "pdf", "svg"])
def test_a_table_becomes_a_picture(ending, capsys):
    assert cli.main(["plot", "manhattan", "a.txt", "--out", f"out.{ending}"]) == 0
    assert Path(f"out.{ending}").stat().st_size > 1000
    assert f"written: out.{ending}" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("command", "shown"),
    [
        ("manhattan a.txt --title Height --labels ids.txt --significance 0.6", ["FTO"]),
        ("manhattan a.txt --no-labels --highlight known=ids.txt --suggestive 0", []),
        ("miami up=a.txt down=a.txt", ["up", "down"]),
        ("qq one=a.txt two=a.txt", []),
        ("qq a.txt --by frequency --edges 0.2,0.4", []),
        ("region a.txt --at rs9 --window 10000 --significance 0", []),
        ("region a.txt --at 1:1-20000", []),
        ("volcano a.txt", []),
        ("forest one=a.txt two=a.txt --variant rs8", ["one", "two", "Q = 0.00"]),
        ("qc one=a.txt two=a.txt", ["of 60 differ"]),
        ("frequency a.txt --reference a.txt", ["r = 1.0000\n0 of 60 differ"]),
    ],
)
def test_every_picture_can_be_drawn(drawn, command, shown):
    assert plot(f"{command} --out out.png") == 0
    assert all(text in words(drawn[0]) for text in shown)


def test_the_forest_plot_of_a_sidecar_is_that_of_the_result(result, drawn):
    studies = gwasmeta.example_studies("quantitative")
    lead = gwasmeta.meta_analyze(studies, methods=("fixed", "random"), genomic_control=True).lead_variants().iloc[0]
    assert plot(f"forest {result}.json --variant {lead['variant_id']} --out out.png") == 0
    assert f"Q = {lead['cochran_q']:.2f}, df = {lead['n_studies'] - 1}" in words(drawn[0])


def test_the_methods_of_one_table_are_drawn_against_each_other(result, drawn):
    assert plot(f"miami {result}.tsv {result}.tsv --method fixed,random --out out.png") == 0
    assert {"fixed", "random"} <= set(words(drawn[0]).splitlines())
    assert plot(f"compare {result}.tsv {result}.tsv --method fixed,random --p 1e-4 --out out.png") == 0
    assert "slope" in words(drawn[1])
    assert plot(f"heterogeneity {result}.tsv --method random --out out.png") == 0


def test_a_map_gives_the_places(drawn):
    text = Path("a.txt").read_text().splitlines()
    Path("bare.txt").write_text("\n".join(" ".join(np.delete(line.split(), [1, 2])) for line in text))
    Path("a.map").write_text("".join(f"{1 + k % 3} rs{k} {1000 * (k + 1)}\n" for k in range(60)))
    assert plot("manhattan bare.txt --map a.map --out out.png") == 0
    assert plot("manhattan a.txt --out out.png") == 0
    for line, same in zip(axes_of(drawn[0])[0].lines, axes_of(drawn[1])[0].lines, strict=True):
        assert np.array_equal(line.get_xydata(), same.get_xydata())


def test_results_of_gwama_and_metal_can_be_drawn(golden_meta, drawn):
    for name in ("real_gwama/qt/out.out.gz", "real_metal/custom_N_missing_col/METAANALYSIS1.TBL.gz"):
        path = golden_meta / "runs" / name
        assert plot(f"qq {path} --out out.png") == 0
        table = plots.associations(path)
        assert len(table) > 1000
        assert (table.neg_log_10_p_value >= 0).all()
    assert len(drawn) == 2


REFUSED = {
    "manhattan a.txt --out out.gif": "out.gif: pictures are written as .png, .pdf, .svg",
    "manhattan a.txt --out nowhere/out.png": "there is no folder nowhere",
    "manhattan none.txt --out out.png": "none.txt: there is no such file",
    "manhattan a.txt --map none.map --out out.png": "none.map: the map cannot be read",
    "manhattan a.txt --significance 7 --out out.png": "threshold p = 7.0: must be above 0 and at most 1",
    "manhattan a.txt --method rando --out out.png": "a.txt: has no columns of the method 'rando'",
    "miami a.txt a.txt --method a,b,c --out out.png": "there are two tables",
    "qq a.txt --by info --out out.png": "a: has no column for info",
    "qq a.txt --by frequency --edges x --out out.png": "--edges x: not a number",
    "region a.txt --at rs999 --out out.png": "region rs999: is no variant of a, and no place",
    "forest a.txt --variant rs999 --out out.png": "no study has the variant rs999",
    "forest a.json --variant rs1 --out out.png": "a.json: there is no such file",
    "compare a.txt a.txt --out out.png": "no variant that both have reaches p = 5e-08",
    "heterogeneity a.txt --out out.png": "a: has no column for i_squared",
    "rg a.txt --out out.png": "a.txt: is not the JSON file that gwasmeta.mtag",
}


@pytest.mark.parametrize("command", REFUSED)
def test_what_cannot_be_drawn_is_said(command, capsys):
    assert plot(command) == 2
    assert REFUSED[command] in capsys.readouterr().err
    assert not list(Path().glob("out.*"))


def test_the_run_of_many_traits_is_drawn_from_its_sidecar(drawn):
    gain = '{"trait": "%s", "n_snps": 9, "n_max": 2e5, "n_mean": 1.5e5, "mean_chi_squared_before": 1.2,'
    gain += ' "mean_chi_squared_after": 1.5, "equivalent_n": null}'
    Path("both.json").write_text(
        '{"omega": [[2e-6, 1e-6], [1e-6, 2e-6]], "sigma": [[1, 0], [0, 1]], "summary": ['
        + ",".join(gain % name for name in ("height", "bmi"))
        + "]}"
    )
    assert plot("rg both.json --out out.png") == 0
    assert words(drawn[0]).split() == ["1.00", "0.50", "0.50", "1.00"]
    assert plot("gain both.json --out out.png") == 0
    assert plot("maxfdr both.json --traits bmi,height --out out.png") == 0
    assert axes_of(drawn[2])[0].get_xlabel() == "share of SNPs causal for bmi"
    assert plot("maxfdr both.json --traits bmi --out out.png") == 2


@pytest.mark.parametrize(
    ("name", "chromosome", "position"),
    [
        ("1:123", "1", 123), ("chr22:5:A:G", "chr22", 5), ("X_77_A_T", "X", 77), ("MT:9", "MT", 9),
        ("CHRX:8", "CHRX", 8),
        ("rs12", "", np.nan), ("rs_12", "", np.nan), ("1:", "", np.nan), (":5", "", np.nan), ("1:5x", "", np.nan),
        ("chr:5", "", np.nan), ("123:5:6", "", np.nan), ("1:12345678901234", "", np.nan), ("", "", np.nan),
    ],
)  # fmt: skip
def test_places_are_read_from_ids(name, chromosome, position):
    words, positions = places_in_ids(Words.of([name]))
    assert words.to_list() == [chromosome]
    np.testing.assert_equal(positions, [position])
