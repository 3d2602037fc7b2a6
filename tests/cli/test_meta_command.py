"""`gwasmeta meta` at work: what it writes, what it prints, and that every option arrives where it belongs."""

from __future__ import annotations

import gzip
import hashlib
import inspect
import io
import json
import re
import shlex
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pytest
import zstandard
from numpy.testing import assert_allclose

import gwasmeta
from gwasmeta import cli
from gwasmeta.errors import GwasmetaError

HEADER = "MARKERNAME CHR POS EA NEA EAF BETA SE N"
UKB = ("rs1 1 100 A C 0.3 0.1 0.05 1000", "rs2 1 200 G T 0.4 0.2 0.05 1000", "rs3 2 300 A G 0.2 -0.1 0.04 1000")
# rs1 with its alleles swapped, rs2 without an effect, rs3 not there, rs4 on a sex chromosome
FINNS = ("rs1 1 100 C A 0.6 -0.3 0.05 500", "rs2 1 200 G T 0.5 NA 0.05 500", "rs4 X 400 A G 0.1 0.3 0.06 500")

SUMMARY = f"""\
gwasmeta {gwasmeta.__version__}: fixed; 2 studies, 4 variants
  ukb             3 rows used         0 excluded  lambda 13.738  (gwama)
  finns           2 rows used         1 excluded  lambda 67.042  (gwama)
  lambda of the fixed result: 45.0612
"""


def table(*rows: str, header: str = HEADER, separator: str = "\t") -> bytes:
    """Text whose words, here between blanks, are separated as asked."""
    return "".join(separator.join(line.split()) + "\n" for line in (header, *rows)).encode()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with two studies in it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "ukb.txt").write_bytes(table(*UKB))
    (tmp_path / "finns.txt").write_bytes(table(*FINNS))
    return tmp_path


def meta(command: str) -> int:
    return cli.main(["meta", *shlex.split(command)])


def result_of(command: str, name: str = "out.tsv") -> pd.DataFrame:
    """The table that a command writes, by variant."""
    assert meta(f"{command} --quiet --out {name}") == 0
    return pd.read_csv(name, sep="\t").set_index("variant_id")


def log_rows(prefix: str = "out") -> list[dict[str, str]]:
    header, *rows = (line.split("\t") for line in Path(f"{prefix}.log.tsv").read_text().splitlines())
    return [dict(zip(header, row, strict=True)) for row in rows]


def sidecar(prefix: str = "out") -> dict[str, Any]:
    content: dict[str, Any] = json.loads(Path(f"{prefix}.json").read_text())
    return content


# --- what is printed ------------------------------------------------------------------------------------------


def test_the_summary_is_printed_and_what_happens_is_told_beside_it(folder, capsys):
    assert meta("ukb.txt finns.txt --out height") == 0
    said = capsys.readouterr()
    assert said.out == SUMMARY
    assert said.err == (
        "ukb: 3 rows read (1/2 studies)\n"
        "finns: 3 rows read (2/2 studies)\n"
        "written: height.tsv, height.log.tsv, height.json\n"
    )


def test_a_study_of_many_blocks_is_one_line_of_progress(folder, capsys):
    rows = (f"rs{row} 1 {row + 1} A C 0.3 0.1 0.05 1000" for row in range(120_000))
    (folder / "large.txt").write_bytes(table(*rows))
    assert meta("ukb.txt large.txt finns.txt --out height") == 0
    assert capsys.readouterr().err.splitlines()[:-1] == [
        "ukb: 3 rows read (1/3 studies)",
        "large: 120,000 rows read (2/3 studies)",
        "finns: 3 rows read (3/3 studies)",
    ]


@pytest.mark.parametrize("word", ["-q", "--quiet"])
def test_quiet_prints_nothing_and_writes_the_same(folder, capsys, word):
    assert meta(f"ukb.txt finns.txt --out quiet {word}") == 0
    assert capsys.readouterr() == ("", "")
    meta("ukb.txt finns.txt --out loud")
    for ending in (".tsv", ".log.tsv", ".json"):
        assert (folder / f"quiet{ending}").read_bytes() == (folder / f"loud{ending}").read_bytes()


def test_on_a_terminal_a_bar_takes_the_place_of_the_lines(folder, capsys, monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    assert meta("ukb.txt finns.txt --out height") == 0
    said = capsys.readouterr()
    assert said.out == SUMMARY
    assert "rows read" not in said.err
    assert "2/2" in said.err
    assert said.err.endswith("written: height.tsv, height.log.tsv, height.json\n")


def test_the_summary_says_what_was_left_out_and_what_was_corrected(folder, capsys):
    assert meta("ukb.txt finns.txt --min-studies 2 --genomic-control --method random,fixed --out height") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"gwasmeta {gwasmeta.__version__}: random, fixed; 2 studies, 1 variants"
    assert lines[3] == "  left out of the result: 3 by min_studies"
    assert [line.split(":")[0] for line in lines[4:]] == [
        "  lambda of the random result",
        "  lambda of the fixed result",
    ]


def test_a_reader_of_the_summary_that_goes_away_does_no_harm(folder):
    command = [sys.executable, "-m", "gwasmeta", "meta", "ukb.txt", "finns.txt", "--out", "out"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        told = process.stderr.read().decode()
    assert process.returncode == 0
    assert "Traceback" not in told
    assert "Broken" not in told
    assert Path("out.json").exists()


# --- what is written ------------------------------------------------------------------------------------------


def test_the_table_has_what_one_works_out_by_hand(folder):
    result = result_of("ukb.txt finns.txt")
    first = result.loc["rs1"]
    assert list(result.index) == ["rs1", "rs2", "rs3", "rs4"]
    assert list(result["direction"]) == ["++", "+?", "-?", "?+"]
    assert list(result["n_studies"]) == [2, 1, 1, 1]
    assert list(result["n"]) == [1500, 1000, 1000, 500]
    # Equal weights: the mean of 0.1 and 0.3, the error divided by the root of 2, Q = 2 (0.1 / 0.05)^2.
    assert_allclose(first[["beta", "standard_error", "z"]].astype(float), [0.2, 0.05 / 2**0.5, 0.2 / 0.05 * 2**0.5])
    assert_allclose(first[["cochran_q", "i_squared", "tau_squared"]].astype(float), [8, 87.5, 0.0175])
    # R 4.2: 2 * pnorm(-4 * sqrt(2)), pchisq(8, 1, lower.tail = FALSE)
    assert (first["p_value"], first["cochran_q_p_value"]) == (1.542e-08, 0.004678)
    assert_allclose(first["effect_allele_frequency"], (0.3 * 1000 + 0.4 * 500) / 1500, atol=1e-6)
    assert (result.loc["rs4", "beta"], result.loc["rs4", "standard_error"]) == (0.3, 0.06)


FORMATS = {
    "gwasmeta": (
        "variant_id chromosome base_pair_location effect_allele other_allele beta standard_error z p_value"
        " neg_log_10_p_value effect_allele_frequency effect_allele_frequency_sd effect_allele_frequency_min"
        " effect_allele_frequency_max n n_studies direction cochran_q cochran_q_p_value i_squared i_squared_lower"
        " i_squared_upper h_squared tau_squared",
        "rs4 X 400 A G 0.3 0.06 5 5.733e-07 6.2416157 0.1 0 0.1 0.1 500 1 ?+ 0 1 NA NA NA NA 0",
    ),
    "ssf": (
        "chromosome base_pair_location effect_allele other_allele beta standard_error effect_allele_frequency"
        " neg_log_10_p_value variant_id n",
        "23 400 A G 0.3 0.06 0.1 6.2416157 rs4 500",
    ),
    "gwama": (
        "chromosome position rs_number reference_allele other_allele eaf beta se beta_95L beta_95U z p-value"
        " _-log10_p-value q_statistic q_p-value i2 n_studies n_samples effects",
        "X 400 rs4 A G 0.100000 0.300000 0.060000 0.182400 0.417600 5.000000 5.733e-07 6.241616 0.000000 1 -9 1 500 ?+",
    ),
    "metal": (
        "Chromosome Position MarkerName Allele1 Allele2 Freq1 FreqSE MinFreq MaxFreq Effect StdErr P-value Direction"
        " HetISq HetChiSq HetDf HetPVal TotalN",
        "X 400 rs4 a g 0.1000 0.0000 0.1000 0.1000 0.300000 0.060000 5.733e-07 ?+ NA 0.000 0 1 500",
    ),
}


@pytest.mark.parametrize("name", FORMATS)
def test_a_format_has_its_columns_and_its_way_with_numbers(folder, name):
    assert meta(f"ukb.txt finns.txt --quiet --out out --format {name}") == 0
    header, *rows = Path("out.tsv").read_text().splitlines()
    assert [header.split("\t"), rows[-1].split("\t")] == [line.split() for line in FORMATS[name]]
    assert len(rows) == 4


@pytest.mark.parametrize("name", FORMATS)
def test_a_result_can_be_a_study_again(folder, name):
    assert meta(f"ukb.txt finns.txt --quiet --out first --format {name}") == 0
    again, once = result_of("first.tsv"), result_of("ukb.txt finns.txt")
    assert list(again.index) == list(once.index)
    assert_allclose(again["beta"], once["beta"], rtol=1e-5)
    assert_allclose(again["standard_error"], once["standard_error"], rtol=2e-5)
    assert list(again["effect_allele"]) == list(once["effect_allele"])
    assert list(again["n"]) == list(once["n"])


def zstd_text(stored: bytes) -> bytes:
    return zstandard.ZstdDecompressor().stream_reader(io.BytesIO(stored)).read()


@pytest.mark.parametrize(
    ("out", "table_name", "unpack"),
    [
        ("height", "height.tsv", bytes),
        ("height.tsv", "height.tsv", bytes),
        ("height.txt", "height.txt", bytes),
        ("height.tsv.gz", "height.tsv.gz", gzip.decompress),
        ("height.TSV.GZ", "height.TSV.GZ", gzip.decompress),
        ("height.txt.bgz", "height.txt.bgz", gzip.decompress),
        ("height.tsv.zst", "height.tsv.zst", zstd_text),
        ("height.v2", "height.v2.tsv", bytes),
    ],
)
def test_the_name_says_how_the_table_is_stored(folder, capsys, out, table_name, unpack):
    assert meta("ukb.txt finns.txt --quiet --out plain") == 0
    assert meta(f"ukb.txt finns.txt --out {out}") == 0
    assert unpack((folder / table_name).read_bytes()) == (folder / "plain.tsv").read_bytes()
    prefix = "height.v2" if out == "height.v2" else "height"
    written = f"written: {table_name}, {prefix}.log.tsv, {prefix}.json\n"
    assert capsys.readouterr().err.endswith(written)
    assert Path(f"{prefix}.log.tsv").read_bytes() == Path("plain.log.tsv").read_bytes()


@pytest.mark.parametrize("name", ["out.parquet", "OUT.PARQUET"])
def test_parquet_has_the_same_numbers(folder, name):
    text = result_of("ukb.txt finns.txt", "text.tsv")
    assert meta(f"ukb.txt finns.txt --quiet --out {name}") == 0
    columns = pl.read_parquet(name)
    assert columns["variant_id"].to_list() == list(text.index)
    assert set(columns.columns) >= set(text.columns)
    for column in ("beta", "standard_error", "neg_log_10_p_value", "n", "cochran_q", "base_pair_location"):
        assert_allclose(columns[column].to_numpy(), text[column], rtol=1e-7, err_msg=column)
    assert columns["direction"].to_list() == list(text["direction"])


def test_an_older_result_is_replaced(folder):
    for name in ("out.tsv", "out.log.tsv", "out.json"):
        Path(name).write_text("older\n" * 10_000)
    assert len(result_of("ukb.txt finns.txt")) == 4
    assert sidecar()["variants"] == 4
    assert "older" not in Path("out.log.tsv").read_text()
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        ["ukb.txt", "finns.txt", "out.tsv", "out.log.tsv", "out.json"]
    )


def test_the_log_accounts_for_every_row(folder):
    assert meta("ukb.txt finns.txt --quiet --out out --filter 'eaf > 0.25'") == 0
    for study, n_rows in (("ukb", 3), ("finns", 3)):
        counts = {row["rule"]: int(row["count"]) for row in log_rows() if row["study"] == study}
        read, used = counts.pop("rows_read"), counts.pop("rows_used")
        assert read == n_rows == used + sum(counts.values())
    row = next(row for row in log_rows() if row["rule"] == "beta_missing")
    assert row == {
        "study": "finns",
        "file": "finns.txt",
        "rule": "beta_missing",
        "action": "excluded",
        "count": "1",
        "reason": "the effect is missing or no number",
        "line": "3",
        "variant_id": "rs2",
        "value": "NA",
    }


def test_the_sidecar_tells_how_to_repeat_the_run(folder):
    (folder / "ukb.txt.gz").write_bytes(gzip.compress(table(*UKB)))
    assert meta("ukb.txt.gz finns.txt --quiet --out out --method random --tau-squared REML --min-n 600") == 0
    content = sidecar()
    assert content["gwasmeta"] == gwasmeta.__version__
    assert content["options"]["methods"] == ["random"]
    assert (content["options"]["tau_squared"], content["options"]["min_n"]) == ("REML", 600)
    assert [study["study"] for study in content["studies"]] == ["ukb", "finns"]
    for study, name in zip(content["studies"], ("ukb.txt.gz", "finns.txt"), strict=True):
        assert study["sha256"] == hashlib.sha256((folder / name).read_bytes()).hexdigest()
    assert content["variants"] == 3
    assert content["variants_left_out"]["min_n"] == 1


# --- the studies -------------------------------------------------------------------------------------------------


def with_stdin(monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
@pytest.mark.parametrize(("word", "name"), [("-", "standard input"), ("finns=-", "finns")])
def test_standard_input_is_a_study(folder, monkeypatch, pack, word, name):
    expected = result_of("ukb.txt finns.txt")
    with_stdin(monkeypatch, pack(table(*FINNS)))
    pd.testing.assert_frame_equal(result_of(f"ukb.txt {word}", "piped.tsv"), expected)
    assert [study["study"] for study in sidecar("piped")["studies"]] == ["ukb", name]
    assert sidecar("piped")["studies"][1]["file"] == "standard input"


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("ukb.txt", ["ukb"]),
        ("british=ukb.txt", ["british"]),
        ("british=./ukb.txt finns.txt", ["british", "finns"]),
        ("UK-Biobank_1=ukb.txt finns=finns.txt", ["UK-Biobank_1", "finns"]),
        ("cohorts/a=b.txt", ["a=b"]),  # not the name of a study, but part of a path
        ("third=cohorts/a=b.txt", ["third"]),
        ("ukb.txt cohorts/ukb.txt.gz", ["ukb_1", "ukb_2"]),
        ("cohorts/ukb.txt.gz british=ukb.txt", ["ukb", "british"]),
    ],
)
def test_a_study_is_called_by_its_name_or_its_file(folder, capsys, words, names):
    (folder / "cohorts").mkdir()
    (folder / "cohorts/a=b.txt").write_bytes(table(*UKB))
    (folder / "cohorts/ukb.txt.gz").write_bytes(gzip.compress(table(*UKB)))
    assert meta(f"{words} --out out") == 0
    assert [study["study"] for study in sidecar()["studies"]] == names
    assert list(dict.fromkeys(row["study"] for row in log_rows())) == names
    assert [line.split(":")[0] for line in capsys.readouterr().err.splitlines()[:-1]] == names


# --- options that can be of one study -----------------------------------------------------------------------------


def studies_of(command: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, gwasmeta.Study]:
    """The studies as `meta_analyze` gets them, by their names."""
    return {study.label: study for study in arguments_of(command, monkeypatch)["studies"]}


def arguments_of(command: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What `meta_analyze` is called with; nothing is computed."""
    given: dict[str, Any] = {}

    def noting(studies: list[gwasmeta.Study], **options: Any) -> None:
        given.update(studies=studies, **options)
        raise GwasmetaError("noted")

    with monkeypatch.context() as inside:
        inside.setattr("gwasmeta.meta_analyze", noting)
        assert meta(f"{command} --out out") == 2
    return given


NOTHING_SAID: Mapping[str, Any] = {
    "n": None,
    "n_cases": None,
    "n_controls": None,
    "dialect": None,
    "columns": {},
    "filters": (),
    "inflation_factor": None,
}


def said_of(study: gwasmeta.Study) -> dict[str, Any]:
    return {name: getattr(study, name) for name in NOTHING_SAID if getattr(study, name) != NOTHING_SAID[name]}


@pytest.mark.parametrize(
    ("words", "ukb", "finns"),
    [
        ("", {}, {}),
        ("--n 700", {"n": 700}, {"n": 700}),
        ("--n finns=700", {}, {"n": 700}),
        ("--n finns=700 --n 1e5", {"n": 1e5}, {"n": 700}),  # its own wins, wherever it stands
        ("--n 100 --n 200", {"n": 200}, {"n": 200}),
        ("--n ukb=100 --n finns=200", {"n": 100}, {"n": 200}),
        ("--n-cases finns=70 --n-controls 90", {"n_controls": 90}, {"n_cases": 70, "n_controls": 90}),
        ("--inflation-factor ukb=1.05", {"inflation_factor": 1.05}, {}),
        ("--dialect gwama", {"dialect": "gwama"}, {"dialect": "gwama"}),
        ("--dialect finns=metal --dialect gwama", {"dialect": "gwama"}, {"dialect": "metal"}),
        ("--column effect_allele=A2", {"columns": {"effect_allele": "A2"}}, {"columns": {"effect_allele": "A2"}}),
        ("--column ukb:effect_allele=A2", {"columns": {"effect_allele": "A2"}}, {}),
        ("--column finns:beta=b --column beta=B", {"columns": {"beta": "B"}}, {"columns": {"beta": "b"}}),
        ("--column finns:beta=b --column finns:n=N", {}, {"columns": {"beta": "b", "n": "N"}}),
        ("--column 'beta=log(OR)=x:y'", {"columns": {"beta": "log(OR)=x:y"}}, {"columns": {"beta": "log(OR)=x:y"}}),
        ("--filter 'info > 0.3'", {"filters": ("info > 0.3",)}, {"filters": ("info > 0.3",)}),
        ("--filter 'finns:info > 0.3'", {}, {"filters": ("info > 0.3",)}),
        (
            "--filter 'finns:n > 5' --filter 'eaf > 0.1'",  # a filter of its own comes on top
            {"filters": ("eaf > 0.1",)},
            {"filters": ("eaf > 0.1", "n > 5")},
        ),
    ],
)
def test_what_is_said_of_a_study_reaches_that_study(folder, monkeypatch, words, ukb, finns):
    studies = studies_of(f"ukb.txt finns.txt {words}", monkeypatch)
    assert {name: said_of(study) for name, study in studies.items()} == {"ukb": ukb, "finns": finns}


def test_a_study_is_addressed_by_the_name_it_was_given(folder, monkeypatch):
    studies = studies_of("british=ukb.txt finns.txt --n british=70 --filter 'british:eaf > 0.1'", monkeypatch)
    assert said_of(studies["british"]) == {"n": 70, "filters": ("eaf > 0.1",)}
    assert said_of(studies["finns"]) == {}


def test_sample_sizes_of_one_study_fill_its_gaps(folder):
    without = [row.rsplit(" ", 1)[0] for row in FINNS]
    (folder / "finns.txt").write_bytes(table(*without, header=HEADER.removesuffix(" N")))
    result = result_of("ukb.txt finns.txt --n finns=18500 --n 7")
    assert list(result["n"]) == [19500, 1000, 1000, 18500]


def test_cases_and_controls_of_one_study_are_counted(folder):
    result = result_of("ukb.txt finns.txt --n-cases finns=100 --n-controls finns=300")
    assert list(result["n_cases"].fillna(-1)) == [100, -1, -1, 100]
    assert list(result["n_controls"].fillna(-1)) == [300, -1, -1, 300]


def test_a_column_of_one_study_turns_its_effects_and_no_others(folder):
    words = "--column ukb:effect_allele=NEA --column ukb:other_allele=EA"
    turned, usual = result_of(f"ukb.txt finns.txt {words}"), result_of("ukb.txt finns.txt")
    assert list(turned["effect_allele"]) == ["C", "T", "G", "A"]
    assert list(turned["beta"]) == [-0.1, 0.2, -0.1, 0.3]  # rs1: the mean of 0.1 and -0.3 for C
    assert turned.loc["rs4"].equals(usual.loc["rs4"])


def test_a_filter_of_one_study_leaves_the_others_their_rows(folder):
    result = result_of("ukb.txt finns.txt --filter 'ukb:eaf < 0.35' --filter 'beta < 0.25'")
    assert list(result["direction"]) == ["++", "-?"]
    assert {(row["study"], row["rule"], row["count"]) for row in log_rows() if row["action"]} == {
        ("ukb", "filter: eaf < 0.35", "1"),
        ("finns", "filter: beta < 0.25", "1"),
        ("finns", "beta_missing", "1"),
    }


def test_a_dialect_of_one_study_is_not_that_of_the_others(folder, capsys):
    header = "MARKER CHROMOSOME POSITION ALLELE1 ALLELE2 FREQ EFFECT STDERR OBS_CT ID A1"  # also one of PLINK 2
    (folder / "finns.txt").write_bytes(table(*(f"{row} . G" for row in FINNS), header=header))
    assert meta("ukb.txt finns.txt --quiet --out out") == 2
    assert "finns.txt, line 1: the header fits several formats" in capsys.readouterr().err
    assert result_of("ukb.txt finns.txt --dialect finns=metal").loc["rs1", "beta"] == 0.2
    assert [study["dialect"] for study in sidecar()["studies"]] == ["gwama", "metal"]


def test_an_inflation_factor_of_one_study_widens_its_errors_only(folder):
    result, usual = result_of("ukb.txt finns.txt --inflation-factor finns=1.44"), result_of("ukb.txt finns.txt")
    assert_allclose(result.loc["rs4", "standard_error"], 0.06 * 1.2)
    assert result.loc["rs2"].equals(usual.loc["rs2"])
    assert_allclose(result.loc["rs1", "standard_error"], (0.05**-2 + 0.05**-2 / 1.44) ** -0.5, rtol=1e-7)


# --- options of the whole analysis --------------------------------------------------------------------------------


def test_without_options_the_command_does_what_the_function_does(folder, monkeypatch):
    given = arguments_of("ukb.txt", monkeypatch)
    del given["studies"], given["progress"]
    defaults = {name: p.default for name, p in inspect.signature(gwasmeta.meta_analyze).parameters.items()}
    assert given.pop("methods") == [defaults["methods"]]
    assert given == {name: defaults[name] for name in given}
    assert set(defaults) - set(given) == {"studies", "methods", "filters", "progress"}


@pytest.mark.parametrize(
    ("words", "name", "value"),
    [
        ("--method random", "methods", ["random"]),
        ("--method sample-size", "methods", ["sample_size"]),
        ("--method random,fixed", "methods", ["random", "fixed"]),
        ("--method 'fixed, sample-size'", "methods", ["fixed", "sample_size"]),
        ("--tau-squared REML", "tau_squared", "REML"),
        ("--tau-squared reml", "tau_squared", "REML"),
        ("--hartung-knapp", "hartung_knapp", True),
        ("--leave-one-out", "leave_one_out", True),
        ("--genomic-control", "genomic_control", True),
        ("--genomic-control-variants list.txt", "genomic_control_variants", "list.txt"),
        ("--genomic-control-result", "genomic_control_result", True),
        ("--match position", "match", "position"),
        ("--palindromic infer", "palindromic", "infer"),
        ("--palindromic-window 0.1", "palindromic_window", 0.1),
        ("--frequency-difference 0.2", "frequency_difference", 0.2),
        ("--min-studies 3", "min_studies", 3),
        ("--min-n 1e4", "min_n", 10_000),
        ("--direction-p 0.05", "direction_p", 0.05),
    ],
)
def test_an_option_sets_what_it_is_called_after_and_nothing_else(folder, monkeypatch, words, name, value):
    usual, given = (arguments_of(f"ukb.txt {some}", monkeypatch) for some in ("", words))
    assert given[name] == value != usual[name]
    ignored = ("studies", "progress")
    assert {key for key in given if given[key] != usual[key] and key not in ignored} == {name}


def test_all_methods_stand_side_by_side_the_first_one_plain(folder):
    words = "--method random,fixed,sample-size --tau-squared PM --hartung-knapp --leave-one-out"
    result = result_of(f"ukb.txt finns.txt {words}")
    assert_allclose(result.loc["rs1", "fixed_standard_error"], 0.05 / 2**0.5, rtol=1e-7)
    # Equal weights: Hartung and Knapp's error is that of a mean, its p-value Student's: atan(1 / 2) / (pi / 2).
    assert_allclose(result.loc["rs1", "standard_error"], 0.1, rtol=1e-7)
    assert_allclose(result.loc["rs1", "p_value"], 0.2952, rtol=1e-3)
    # Stouffer: (2 sqrt(1000) + 6 sqrt(500)) / sqrt(1500)
    assert_allclose(result.loc["rs1", "sample_size_z"], 5.0970949, rtol=1e-6)
    left_out = [name for name in result.columns if "without" in name or "left_out" in name]
    assert left_out


def test_genomic_control_uses_the_variants_of_the_list(folder):
    (folder / "list.txt").write_text("rs2 rs4\nrs999\n")
    words = "--genomic-control --genomic-control-variants list.txt"
    result = result_of(f"ukb.txt finns.txt {words}")
    # z of rs2 in ukb is 4 and of rs4 in finns 5, alone each; 0.4549364 is the median of chi-squared.
    assert_allclose(result.loc["rs2", "standard_error"], 0.05 * 4 / 0.4549364**0.5, rtol=1e-6)
    assert_allclose(result.loc["rs4", "standard_error"], 0.06 * 5 / 0.4549364**0.5, rtol=1e-6)
    assert [round(study["inflation_factor"], 3) for study in sidecar()["studies"]] == [35.170, 54.953]


def test_matching_by_position_overlooks_the_ids(folder):
    (folder / "finns.txt").write_bytes(table(*(row.replace("rs", "finns_") for row in FINNS)))
    assert len(result_of("ukb.txt finns.txt")) == 5
    by_position = result_of("ukb.txt finns.txt --match position")
    assert list(by_position.index) == ["1:100:A:C", "1:200:A:C", "2:300:A:G", "X:400:A:G"]
    assert list(by_position["direction"]) == ["++", "+?", "-?", "?+"]


# --- help -----------------------------------------------------------------------------------------------------------


def help_text(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    with pytest.raises(SystemExit) as caught:
        cli.main([*words, "--help"])
    assert caught.value.code == 0
    return capsys.readouterr().out


def test_the_help_explains_every_option(capsys):
    text = help_text(capsys, "meta")
    options = dict(re.findall(r"^  (?:-\w(?: \w+)?, )?(--[a-z-]+)(.*(?:\n {24}.*)*)", text, re.MULTILINE))
    assert len(options) > 20
    assert [name for name, explained in options.items() if len(explained.split()) < 3] == []


def test_the_examples_of_the_help_are_right(folder, capsys, monkeypatch):
    examples = re.findall(r"^  gwasmeta meta (.*)", help_text(capsys, "meta"), re.MULTILINE)
    assert len(examples) >= 3
    (folder / "studies.yaml").write_text("- ukb.txt\n- finns.txt\n")
    for name in ("UKB", "FINNS"):
        gwasmeta.StudyStore("gwasmeta-store").add(f"{name.lower()}.txt", name=name)
    for example in examples:
        given = arguments_of(example.replace("*.txt.gz", "a.txt.gz b.txt.gz"), monkeypatch)
        assert "noted" in capsys.readouterr().err
        assert len(given["studies"]) >= 2


def test_the_program_lists_its_commands_and_tells_its_version(capsys):
    assert re.search(r"^ +meta +combine one trait over studies$", help_text(capsys), re.MULTILINE)
    with pytest.raises(SystemExit) as caught:
        cli.main(["--version"])
    assert caught.value.code == 0
    assert capsys.readouterr().out == f"gwasmeta {gwasmeta.__version__}\n"
