"""`gwasmeta gwama` at work on small files; what is expected was printed and written by GWAMA 2.2.2 itself."""

from __future__ import annotations

import gzip
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

import gwasmeta
from gwasmeta.cli import main

MEN = """\
MARKERNAME	EA	NEA	EAF	N	BETA	SE	IMPUTED	INFO
m1	A	G	0.2	1000	0.10	0.05	0	1.0
m2	C	T	0.4	1000	-0.02	0.04	1	0.8
m3	A	T	0.3	1000	0.30	0.06	1	0.3
m4	G	GA	0.3	0	0.30	0.06	1	0.9
m5	G	C	1.2	-1	0.01	0.05	0	1.0
m6	T	G	0.7	1000	0.05	0	0	1.0
m2	C	T	0.4	1000	-0.03	0.04	1	0.8
m7	a	c	0.5	1000	0.00	0.05	0	1.0
"""
WOMEN = """\
markername strand ea nea eaf n beta se imputed info
m2 - G A 0.45 2000 0.01 0.03 1 0.9
m1 + G A 0.75 2000 -0.20 0.04 0 1
m3 + A C 0.3 2000 0.1 0.05 1 0.7
m5 + C G 0.6 2000 0.02 0.03 0 1
m7 + G T 0.9 2000 0.03 0.03 1 0.95
m8 + 1 4 0.1 2000 0.07 0.05 0 1
"""
MAP = "chr marker pos\n1 m1 100\n2 m2 200\n7 m8 800\n"

# GWAMA -qt -gc --sex -m map.txt -t 0.05; without p-values, which it approximates, and with i2 of one study 0 for -nan.
TABLE = """\
chromosome position rs_number reference_allele other_allele eaf beta se beta_95L beta_95U z q_statistic i2 n_studies \
n_samples effects male_eaf male_beta male_se male_beta_95L male_beta_95U male_z male_n_studies male_n_samples \
female_eaf female_beta female_se female_beta_95L female_beta_95U female_z female_n_studies female_n_samples
1 100 m1 A G 0.233333 0.126615 0.042833 0.042663 0.210567 2.956039 1.064592 0.060673 2 3000 ++ 0.200000 0.100000 \
0.050000 0.002000 0.198000 2.000000 1 1000 0.250000 0.200000 0.083026 0.037270 0.362730 2.408892 1 2000
2 200 m2 C T 0.433333 0.008735 0.043530 -0.076584 0.094055 0.200672 0.019178 0.000000 2 3000 ?? 0.400000 -0.020000 \
0.212017 -0.435554 0.395554 -0.094332 1 1000 0.450000 0.010000 0.044478 -0.077177 0.097177 0.224830 1 2000
-9 -9 m3 A T 0.300000 0.300000 0.318026 -0.323331 0.923331 0.943319 0.000000 0.000000 1 1000 ?? 0.300000 0.300000 \
0.318026 -0.323331 0.923331 0.943319 1 1000 -9 -9 -9 -9 -9 -9 -9 -9
-9 -9 m5 G C 0.400000 -0.001760 0.038987 -0.078175 0.074654 -0.045147 0.141122 0.000000 2 -9 ?? -9 0.010000 \
0.050000 -0.088000 0.108000 0.200000 1 -9 0.400000 -0.020000 0.062269 -0.142048 0.102048 -0.321186 1 -9
-9 -9 m7 A C 0.233333 -0.016747 0.033232 -0.081883 0.048388 -0.503952 0.200969 0.000000 2 3000 ?? 0.500000 0.000000 \
0.050000 -0.098000 0.098000 0.000000 1 1000 0.100000 -0.030000 0.044478 -0.117177 0.057177 -0.674490 1 2000
7 800 m8 A T 0.100000 0.070000 0.103782 -0.133413 0.273413 0.674490 0.000000 0.000000 1 2000 ?? -9 -9 -9 -9 -9 -9 \
-9 -9 0.100000 0.070000 0.103782 -0.133413 0.273413 0.674490 1 2000
"""
FACTORS = """\
Cohort	directly_genotyped_markers_lambda		directly_genotyped_markers_count\
	imputed_markers_lambda	imputed_markers_count
men.txt	0.0879	3	28.0946	4
women.txt	4.3083	3	2.1981	3
"""
ERRORS = """\
E000000001 men.txt has problem with alleles for marker m4!
E000000001 men.txt Given alleles: G/GA. Skipping marker!
E000000002 men.txt has problem with sample size for m4!
E000000002 men.txt Given values: N=0Value must be larger than zero.
E000000003 men.txt has problem with effect allele frequency m5!
E000000003 men.txt Given value: 1.2. Value not used!
E000000004 men.txt has problem with sample size for m5!
E000000004 men.txt Given values: N=-1Value must be larger than zero.
E000000005 men.txt has problem with odds ratio or its CI of m6!
E000000005 men.txt Given values: BETA=0.05 SE=0. Marker not used!
E000000006 women.txt error: Marker m3 has wrong alleles. Marker dropped.
W000000007 women.txt warning: Marker m7 has wrong strand. Strand flipped.
W000000008 Warning: Marker m7 has large effect allele frequency discrepancy.
W000000008 Weighted EAF: 0.5, but file women.txt has EAF: 0.1
"""
LOG = """\
Running GWAMA 2.1
Reading input file list:
	men.txt
	women.txt
END-OF-FILE
Study count: 2
 [1] Reading file: men.txt
Strand column missing! Expecting always positive strand.
men.txt has problem with alleles for marker m4!(E000000001)
men.txt has problem with sample size for marker m4!(E000000002)
men.txt has problem with effect allele frequency for marker m5!(E000000003)
men.txt has problem with sample size for marker m5!(E000000004)
men.txt has problem with beta and se for marker m6!(E000000005)
 [2] Reading file: women.txt
Error: Marker m3 has wrong alleles. (E000000006)
Warning: Marker m7 has wrong strand. (W000000007)
Warning: Marker m7 has large effect allele frequency discrepancy. (W000000008)
Analysis finished.
"""
PRINTED = """\
Quantitative trait (BETA+SE)
Genomic control enabled
Gender-specific heterogeneity analysis enabled
File gwama.in contained 2 studies.
------------------------------------
Reading file: men.txt
Gender status: M
Strand column missing! Expecting always positive strand.
GC lambda genotyped: 0.0879244 (3) imputed: 28.0946 (4)
Marker count: 8 Markers passing sanity check (and filters): 5
Strand problems: 0 Wrong alleles: 1
Effect problems: 1 Multiple occurrences: 1
------------------------------------
Reading file: women.txt
Gender status: F
GC lambda genotyped: 4.30829 (3) imputed: 2.19811 (3)
Marker count: 6 Markers passing sanity check (and filters): 5
Strand problems: 2 Wrong alleles: 1
Effect problems: 0 Multiple occurrences: 0
------------------------------------
Reading map file
Reading map: map.txt
------------------------------------
Preparing output...
------------------------------------
GWAMA program finished current job successfully!
Please check gwama.log.out for full information.
Analysis finished.
"""
OUTPUT = {"gwama.out", "gwama.gc.out", "gwama.err.out", "gwama.log.out"}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with two studies, their list and a map in it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "men.txt").write_text(MEN)
    (tmp_path / "women.txt").write_bytes(WOMEN.replace("\n", "\r\n").encode())
    (tmp_path / "gwama.in").write_text("men.txt M\n\n  women.txt\tF\n")
    (tmp_path / "map.txt").write_text(MAP)
    return tmp_path


def gwama(command: str = "") -> int:
    return main(["gwama", *shlex.split(command)])


def written(folder: Path) -> set[str]:
    """Return the names of the files that were not there before."""
    return {path.name for path in folder.iterdir()} - {"men.txt", "women.txt", "gwama.in", "map.txt"}


def table(path: str = "gwama.out") -> list[dict[str, str]]:
    header, *rows = [line.split("\t") for line in Path(path).read_text().splitlines()]
    return [dict(zip(header, row, strict=True)) for row in rows]


def refused(capsys: pytest.CaptureFixture[str], command: str, told: str) -> None:
    """Check that a command ends with status 2, says so, and leaves nothing."""
    before = {path: path.read_bytes() for path in Path.cwd().iterdir()}
    assert gwama(command) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"gwasmeta: error: {told}"), error
    assert "Traceback" not in error
    assert {path: path.read_bytes() for path in Path.cwd().iterdir()} == before


# --- the same as GWAMA --------------------------------------------------------------------------------


def test_everything_that_gwama_puts_out(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert gwama("-qt -gc --sex -m map.txt -t 0.05") == 0
    header, *rows = [line.split() for line in TABLE.splitlines()]
    assert [[row[column] for column in header] for row in table()] == rows
    assert Path("gwama.gc.out").read_text() == FACTORS
    assert Path("gwama.err.out").read_text() == ERRORS
    assert Path("gwama.log.out").read_text() == LOG
    printed = capsys.readouterr()
    lines = printed.out.splitlines(keepends=True)
    assert "".join(line for line in lines if not line.startswith("gwasmeta: ")) == PRINTED
    assert {line for line in printed.err.splitlines() if "compiling" not in line} == set()  # in a fresh checkout
    assert written(folder) == OUTPUT


def test_p_values_are_exact(folder: Path) -> None:
    assert gwama("-qt -gc --sex") == 0
    m1 = table()[0]
    # R 4.2.2: 2 * pnorm(-2.956039), -log10 of it, 2 * pnorm(-2), 2 * pnorm(-2.408892), exp(-(2^2 + 2.408892^2) / 2)
    assert [m1["p-value"], m1["_-log10_p-value"]] == ["0.003116", "2.506378"]
    assert [m1["male_p-value"], m1["female_p-value"]] == ["0.045500", "0.016001"]
    assert m1["gender_differentiated_p-value"] == "0.007436"


@pytest.mark.parametrize("separator", ["\t", "  ", " \t "])
def test_runs_of_blanks_and_tabs_separate(folder: Path, separator: str) -> None:
    gwama("-qt -o as_it_is")
    (folder / "men.txt").write_text(MEN.replace("\t", separator))
    gwama("-qt")
    assert Path("gwama.out").read_text() == Path("as_it_is.out").read_text()


def test_compression_is_found_by_the_content(folder: Path) -> None:
    gwama("-qt -o plain")
    (folder / "men.txt").write_bytes(gzip.compress(MEN.encode()))
    gwama("-qt")
    assert Path("gwama.out").read_text() == Path("plain.out").read_text()


def test_the_last_of_several_columns_of_a_name_counts(folder: Path) -> None:
    (folder / "gwama.in").write_text("men.txt\n")
    (folder / "men.txt").write_text("b markername ea nea beta se beta\n0.7 m1 A C 0.1 0.1 0.3\n")
    gwama("-qt --name_beta b")
    assert table()[0]["beta"] == "0.300000"
    (folder / "men.txt").write_text("markername ea nea beta se beta b\nm1 A C 0.1 0.1 0.3 0.7\n")
    gwama("-qt --name_beta B")
    assert table()[0]["beta"] == "0.700000"


def test_odds_ratios_have_limits_by_1_96(folder: Path) -> None:
    (folder / "gwama.in").write_text("men.txt\n")
    (folder / "men.txt").write_text("MARKERNAME EA NEA OR OR_95L OR_95U\nm1 A C 1.5 1.2 9\nm2 A C 1.5 1.6 1.9\n")
    assert gwama() == 0
    (row,) = table()
    # exp(ln 1.5 + (ln 1.5 - ln 1.2)) and (1.5 - 1.2) / 1.96: the upper limit of the file does not count
    assert [row[name] for name in ("OR", "OR_se", "OR_95L", "OR_95U")] == [
        "1.500000",
        "0.153061",
        "1.200000",
        "1.875000",
    ]
    assert (
        "m2!\nE000000001 men.txt Given values: OR=1.5 CI_95L=1.6. Marker not used!" in Path("gwama.err.out").read_text()
    )


def test_without_alleles_all_effects_are_of_the_same(folder: Path) -> None:
    (folder / "gwama.in").write_text("men.txt\nwomen.txt\n")
    (folder / "men.txt").write_text("MARKERNAME BETA SE\nm1 0.1 0.1\n")
    assert gwama("-qt --no_alleles") == 0
    first = table()[0]
    assert [first["reference_allele"], first["other_allele"], first["effects"]] == ["N", "N", "+-"]


def test_alleles_of_several_letters_are_taken_if_asked_for(folder: Path) -> None:
    gwama("-qt --indel_alleles")
    assert ("m4", "G", "GA") in [(row["rs_number"], row["reference_allele"], row["other_allele"]) for row in table()]
    assert "Given alleles" not in Path("gwama.err.out").read_text()


# --- filters ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("condition", "kept"),
    [
        ("INFO '<' 0.8", "m1 m2 m5 m7 m8"),
        ("INFO '<' 0.7", "m1 m2 m5 m7 m3 m8"),  # m3 of the women is left
        ("info '<=' 0.8", "m1 m5 m7 m2 m8"),
        ("N '!=' 1000", "m1 m2 m3 m7"),
        ("imputed '==' 1", "m1 m5 m7 m8"),
        ("BETA '>' 0.2", "m1 m2 m5 m7 m3 m8"),
        ("EAF '>' 1", "m1 m2 m3 m7 m5 m8"),  # 1.2 is no frequency, but a number
        ("nosuch '>' 0", "m1 m2 m3 m5 m7 m8"),
    ],
)
def test_a_filter_leaves_out_what_satisfies_it(folder: Path, condition: str, kept: str) -> None:
    assert gwama(f"-qt --filter {condition}") == 0
    assert [row["rs_number"] for row in table()] == kept.split()


def test_a_filter_counts_and_leaves_missing_values_alone(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "men.txt").write_text(MEN.replace("0.8\n", "NA\n"))
    assert gwama("-qt --filter INFO '<' 0.95 --filter nosuch '>' 1") == 0
    printed = capsys.readouterr().out
    assert "FILTER INFO < 0.95 :2\n" in printed  # m3 and m4, which has no bases for alleles either
    assert "FILTER nosuch" not in printed
    assert table()[1]["rs_number"] == "m2"
    assert table()[1]["effects"] == "-?"


# --- differences without a golden run -----------------------------------------------------------------


def with_rows(folder: Path, *rows: str) -> None:
    (folder / "men.txt").write_text("MARKERNAME EA NEA BETA SE\n" + "".join(f"{row}\n" for row in rows))
    (folder / "gwama.in").write_text("men.txt\n")


def test_marker_missing(folder: Path) -> None:
    with_rows(folder, "m1 A C 0.1 0.1", "NA A C 0.2 0.1", ". A C 0.3 0.1")
    gwama("-qt")
    assert [row["rs_number"] for row in table()] == ["m1"]
    assert Path("gwama.err.out").read_text().splitlines() == [
        "E000000001 men.txt has no marker name in row 2! Skipping line!",
        "E000000002 men.txt has no marker name in row 3! Skipping line!",
    ]


def test_comment_lines_and_quoted_words(folder: Path) -> None:
    with_rows(folder, '"m1" "A" "C" 0.1 0.1', "#m2 A C 0.1 0.1")
    gwama("-qt")
    assert [(row["rs_number"], row["reference_allele"]) for row in table()] == [("m1", "A")]


@pytest.mark.parametrize("error", ["1e-60", "1e60"])
def test_standard_error_out_of_range(folder: Path, error: str) -> None:
    with_rows(folder, "m1 A C 0.1 0.1", f"m2 A C 0.1 {error}")
    gwama("-qt")
    assert [row["rs_number"] for row in table()] == ["m1"]
    assert f"Given values: BETA=0.1 SE={error}. Marker not used!" in Path("gwama.err.out").read_text()


@pytest.mark.parametrize(
    ("first", "second", "warned"), [("0.5", "0.8", False), ("0.2", "0.5", False), ("0.5", "0.801", True)]
)
def test_discrepancy_of_0_3(folder: Path, first: str, second: str, warned: bool) -> None:
    (folder / "gwama.in").write_text("men.txt\nwomen.txt\n")
    for name, frequency in (("men.txt", first), ("women.txt", second)):
        (folder / name).write_text(f"MARKERNAME EA NEA EAF N BETA SE\nm1 A C {frequency} 100 0.1 0.1\n")
    gwama("-qt")
    assert ("discrepancy" in Path("gwama.err.out").read_text()) == warned


# --- what cannot be done ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("--foo", "--foo: GWAMA has no such option"),
        ("-qt -i nosuch.in", "nosuch.in: there is no such file"),
        ("-qt -m nosuch.map", "nosuch.map: the map cannot be read: No such file"),
        ("-qt -m men.txt", "men.txt, line 2: no chromosome, marker and position"),
        ("", "men.txt, line 1: no column OR, OR_95L"),
        ("-qt --name_marker a -o nosuch/x", "nosuch/x.out: there is no folder nosuch"),
        ("-qt --filter N '!=' 0.5", "no marker is left"),
        ("-qt -t abc", "-t abc: 'abc' is no number"),
        ("-qt --filter INFO '<' abc", "--filter INFO < abc: 'abc' is no number"),
    ],
)
def test_what_is_wrong_is_named(folder: Path, capsys: pytest.CaptureFixture[str], command: str, told: str) -> None:
    refused(capsys, command, told)


def test_a_missing_column_is_named_with_its_option(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "women.txt").write_text("\nmarkername effect_allele nea b se\nm1 A C 0.1 0.1\n")
    assert gwama("-qt") == 2
    error = capsys.readouterr().err
    assert "women.txt, line 2: no column EA, BETA\n" in error
    assert "--name_ea WORD --name_beta WORD\n" in error


def test_a_missing_study_is_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "gwama.in").write_text("men.txt\nnosuch.txt.gz\n")
    refused(capsys, "-qt", "nosuch.txt.gz: there is no such file")


def test_a_fault_far_down_leaves_older_output_as_it_was(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "women.txt").write_bytes(gzip.compress(WOMEN.encode())[:-12])
    for name in OUTPUT:
        (folder / name).write_text("older")
    refused(capsys, "-qt", "women.txt")


def test_output_that_cannot_be_is_refused_before_anything_is_read(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "x.log.out").mkdir()
    assert gwama("-qt -o x") == 2
    printed = capsys.readouterr()
    assert printed.err.startswith("gwasmeta: error: x.log.out: cannot be written: Is a directory")
    assert "Reading file" not in printed.out
    assert written(folder) == {"x.log.out"}


def test_input_is_not_written_over(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "x.gc.out").write_text(MEN)
    (folder / "gwama.in").write_text("x.gc.out\n")
    refused(capsys, "-qt -o x", "x.gc.out: is part of the input")


# --- lines about differences --------------------------------------------------------------------------


def remarks(capsys: pytest.CaptureFixture[str], command: str) -> str:
    capsys.readouterr()
    assert gwama(command) == 0
    return "\n".join(line for line in capsys.readouterr().out.splitlines() if line.startswith("gwasmeta: "))


def test_a_run_without_other_differences_only_says_that_p_values_are_exact(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "gwama.in").write_text("men.txt\nwomen.txt\n")
    (folder / "men.txt").write_text("MARKERNAME EA NEA BETA SE\nm1 A G 0.1 0.1\n")
    (folder / "women.txt").write_text("MARKERNAME EA NEA BETA SE\nm1 A G 0.2 0.1\n")
    assert remarks(capsys, "-qt").count("gwasmeta: ") == 1
    assert "p-values are exact" in remarks(capsys, "-qt")


def test_a_filter_on_a_column_that_no_file_has_is_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "no file has a column NOSUCH" in remarks(capsys, "-qt --filter NOSUCH < 3")
    assert "no file has a column" not in remarks(capsys, "-qt --filter EAF < 0.1")


@pytest.mark.parametrize(
    ("command", "row", "told"),
    [
        ("-qt", "m1\tA\tG\t0.2\t1000\tNA\t0.05\t0\t1.0", "rows without a number as BETA"),
        ("-qt", "m1\tA\tG\t0.2\t1000.5\t0.1\t0.05\t0\t1.0", "N is any number"),
        ("-qt", "m1\tA\tG\tNA\t1000\t0.1\t0.05\t0\t1.0", "eaf is the mean"),
        ("-qt", ".\tA\tG\t0.2\t1000\t0.1\t0.05\t0\t1.0", "rows without a marker's name"),
        ("-qt", "m1\tA\tG\t0.2\t1000\t0.1\t0.05", "lines with more or fewer columns"),
        ("-qt --indel_alleles", "m1\tA\tA\t0.2\t1000\t0.1\t0.05\t0\t1.0", "alleles are missing or identical"),
        ("-qt", "m1\tA\tG\t0.2\t1000\t0.1\t0.05\t2\t1.0", "messages about IMPUTED"),
    ],
)
def test_a_difference_in_a_row_is_told(
    folder: Path, capsys: pytest.CaptureFixture[str], command: str, row: str, told: str
) -> None:
    clean = "\n".join([*MEN.splitlines()[:4], ""])
    (folder / "men.txt").write_text(clean)
    (folder / "women.txt").write_text(clean)
    assert told not in remarks(capsys, command)
    (folder / "men.txt").write_text(clean + row.replace("m1", "m9") + "\n")
    assert told in remarks(capsys, command)


@pytest.mark.parametrize(
    ("option", "told"),
    [
        ("--indel_alleles", "STRAND counts"),
        ("--filter INFO '<' 0.1", "a filter leaves rows alone"),
        ("-gc --filter INFO '<' 0.1", "lambda is that of the rows that pass"),
        ("-gco", "from the true median"),
        ("-r", "random effects are fixed effects"),
        ("--sex -r", "gender_heterogeneity compares"),
        ("-m x.map", "chromosomes keep the names"),
        ("-m plink.map", "its first line counts"),
    ],
)
def test_a_difference_by_an_option_is_told(
    folder: Path, capsys: pytest.CaptureFixture[str], option: str, told: str
) -> None:
    (folder / "x.map").write_text(MAP + "X m3 300\n")
    (folder / "plink.map").write_text("1 m1 0 100\n")
    assert told not in remarks(capsys, "-qt -m map.txt")
    assert told in remarks(capsys, f"-qt {option}")


def test_differences_by_the_files_are_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = ("a row with wrong alleles", "i2 is 0", "header is below blank lines", "the last column of .gz files")
    (folder / "women.txt").write_text(MEN)
    assert not any(line in remarks(capsys, "-qt") for line in told)
    (folder / "women.txt").write_text("\n" + WOMEN)
    (folder / "men.gz").write_bytes(gzip.compress(b"MARKERNAME EA NEA BETA SE\nm1 A G 0.1 0.1\n"))
    (folder / "gwama.in").write_text("men.txt\nwomen.txt\nmen.gz\n")
    assert all(line in remarks(capsys, "-qt") for line in told)


# --- the command itself -------------------------------------------------------------------------------


@pytest.mark.parametrize("option", ["-h", "--help"])
def test_help(folder: Path, capsys: pytest.CaptureFixture[str], option: str) -> None:
    assert gwama(f"-qt {option}") == 0
    printed = capsys.readouterr().out
    assert "--indel_alleles" in printed
    assert "--traceback" not in printed
    assert written(folder) == set()


@pytest.mark.parametrize("option", ["-v", "--version"])
def test_version(capsys: pytest.CaptureFixture[str], option: str) -> None:
    assert gwama(option) == 0
    assert capsys.readouterr().out.startswith("GWAMA version: 2.2.2")


def test_gwasmeta_help_names_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    assert "gwama" in capsys.readouterr().out


def test_traceback_shows_an_error_with_the_way_to_it(folder: Path) -> None:
    with pytest.raises(gwasmeta.GwasmetaError):
        gwama("--foo --traceback")


def test_from_the_shell_nothing_but_the_output_is_printed(folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "gwasmeta", "gwama", "-qt", "-o", "x"], capture_output=True, text=True, check=True
    )
    assert done.stdout.endswith("Please check x.log.out for full information.\nAnalysis finished.\n")
    assert done.stderr == ""
    assert written(folder) == {"x.out", "x.gc.out", "x.err.out", "x.log.out"}


def test_files_are_written_though_nobody_reads_what_is_printed(folder: Path) -> None:
    command = f"{shlex.quote(sys.executable)} -u -m gwasmeta gwama -qt | head -n 1"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=True)
    assert done.stdout == "Quantitative trait (BETA+SE)\n"
    assert done.stderr == ""
    assert written(folder) == OUTPUT
