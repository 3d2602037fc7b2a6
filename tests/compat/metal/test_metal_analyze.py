"""ANALYZE on small files: what the golden runs do not show, against numbers worked out here."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from metal_replay import Outcome, run_metal
from scipy.stats import norm

LABELS = (
    "MARKER SNP\nALLELE A1 A2\nEFFECT BETA\nSTDERR SE\nPVALUE P\nFREQ F\nCHROMOSOME CHR\nPOSITION BP\nSTRANDLABEL S\n"
)
HEADER = "SNP A1 A2 BETA SE P N F CHR BP"

Metal = Callable[..., Outcome]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two studies: rs1 with its alleles exchanged, rs2 on the other strand, rs3 in one of them only."""
    write(tmp_path / "a.txt", "rs1 A G 0.10 0.05 0.0455 100 0.2 7 1000", "rs2 T C -0.2 0.1 0.0455 200 0.4 7 2000")
    write(
        tmp_path / "b.txt",
        "RS1 G A 0.30 0.04 6.4e-14 300 0.7 7 1000",
        "rs2 a g 0.4 0.2 0.0455 400 0.5 7 2000",
        "rs3 C T 0.5 0.1 5.7e-7 500 0.1 X 3000",
    )
    return tmp_path


@pytest.fixture
def metal(folder: Path) -> Metal:
    def run(*lines: str, code: int = 0) -> Outcome:
        (folder / "metal.txt").write_text(LABELS + "\n".join(lines) + "\n")
        outcome = run_metal(["metal.txt"], folder)
        assert outcome.exit_code == code, outcome.errors
        return outcome

    return run


def write(path: Path, *rows: str, header: str = HEADER) -> None:
    path.write_text("\n".join([header, *rows]) + "\n")


def table_of(outcome: Outcome, name: str = "METAANALYSIS1.TBL") -> pd.DataFrame:
    return pd.read_csv(outcome.folder / name, sep="\t", dtype=str, keep_default_na=False).set_index("MarkerName")


BOTH = ("PROCESS a.txt", "PROCESS b.txt")


def test_effects_are_those_of_the_allele_that_is_printed_first(metal: Metal) -> None:
    table = table_of(metal("SCHEME STDERR", "EFFECT_PRINT_PRECISION 6", *BOTH, "ANALYZE"))
    weights = 1 / np.array([0.05, 0.04]) ** 2
    assert list(table.index) == ["rs1", "rs2", "rs3"]
    assert table.loc["rs1"].tolist()[:4] == ["a", "g", f"{weights @ [0.10, -0.30] / weights.sum():.6f}", "0.0312"]
    assert table.loc["rs1", "Direction"] == "+-"
    # T/C and A/G are one pair on two strands; METAL prints t/c
    assert table.loc["rs2"].tolist()[:3] == ["t", "c", f"{(100 * -0.2 + 25 * 0.4) / 125:.6f}"]
    assert table.loc["rs2", "Direction"] == "-+"
    assert table.loc["rs3"].tolist()[:3] == ["t", "c", "-0.500000"]
    assert table.loc["rs3", "Direction"] == "?-"


def test_more_decimals_than_a_number_has_are_those_of_the_number(metal: Metal) -> None:
    outcome = metal(
        "SCHEME STDERR", "EFFECT_PRINT_PRECISION 17", "STDERR_PRINT_PRECISION 30", "PROCESS a.txt", "ANALYZE"
    )
    table = table_of(outcome)
    assert table["Effect"].tolist() == [f"{0.1:.17f}", f"{-0.2:.17f}"]
    assert table["StdErr"].tolist() == [f"{0.05:.30f}", f"{0.1:.30f}"]


def test_random_effects_stand_beside_the_fixed_ones(metal: Metal) -> None:
    precision = ("EFFECT_PRINT_PRECISION 10", "STDERR_PRINT_PRECISION 10")
    outcome = metal("SCHEME STDERR", *precision, *BOTH, "ANALYZE RANDOM", "ANALYZE HETEROGENEITY")
    table, fixed = table_of(outcome), table_of(outcome, "METAANALYSIS2.TBL")
    added = ["EffectARE", "StdErrARE", "PvalueARE", "tausq"]
    assert list(table.columns) == [*fixed.columns, *added]
    pd.testing.assert_frame_equal(table.drop(columns=added), fixed)
    # DerSimonian and Laird (1986), by hand
    beta, error = np.array([0.10, -0.30]), np.array([0.05, 0.04])
    weight = error**-2
    mean = weight @ beta / weight.sum()
    q = weight @ (beta - mean) ** 2
    tau_squared = (q - 1) / (weight.sum() - (weight**2).sum() / weight.sum())
    weight = 1 / (error**2 + tau_squared)
    effect, standard_error = weight @ beta / weight.sum(), weight.sum() ** -0.5
    p = 2 * norm.sf(abs(effect / standard_error))
    expected = [f"{effect:.10f}", f"{standard_error:.10f}", f"{p:.4g}", f"{tau_squared:.6g}"]
    assert table.loc["rs1", added].tolist() == expected
    assert table.loc["rs3", added].tolist() == ["-0.5000000000", "0.1000000000", fixed.loc["rs3", "P-value"], "0"]
    described = (outcome.folder / "METAANALYSIS1.TBL.info").read_text()
    for name in added:
        assert f"# {name:<11} - " in described


def test_random_effects_need_standard_errors(metal: Metal) -> None:
    outcome = metal(*BOTH, "ANALYZE RANDOM", code=2)
    assert "random effects are those of effects and standard errors: SCHEME STDERR" in outcome.errors
    assert not (outcome.folder / "METAANALYSIS1.TBL").exists()


def test_words_of_filters_are_compared_in_any_case(metal: Metal) -> None:
    assert list(table_of(metal("ADDFILTER snp IN (Rs1,rs3)", *BOTH, "ANALYZE")).index) == ["rs1", "rs3"]
    assert list(table_of(metal("ADDFILTER CHR IN (x)", *BOTH, "ANALYZE")).index) == ["rs3"]


def test_numbers_are_filtered_as_the_file_has_them(metal: Metal, folder: Path) -> None:
    # of BETA only the sign is used in the sample-size scheme, and the p-value is read as its logarithm
    table = table_of(metal("ADDFILTER BETA > 0.25", "ADDFILTER P < 1e-3", *BOTH, "ANALYZE"))
    assert list(table.index) == ["RS1", "rs3"]
    write(
        folder / "a.txt",
        "rs1 A G 0.10 0.05 NA 100 0.2 7 1000 low",
        "rs2 T C 1 1 0.5 NA 0.4 7 2000 NA",
        header=HEADER + " Q",
    )
    table = table_of(metal("SCHEME STDERR", "ADDFILTER Q != 3", "PROCESS b.txt", "PROCESS a.txt", "ANALYZE"))
    assert set(table["Direction"].str[1]) == {"?"}  # words fail every test of numbers, also that for being another one


def test_positions_that_differ_are_left_out_and_chromosomes_printed_as_they_are(metal: Metal, folder: Path) -> None:
    write(
        folder / "c.txt",
        "rs1 A G 1 0.1 0.5 1 0.5 7 1001",
        "rs2 A G 1 0.1 0.5 1 0.5 chr7 2000",
        "rs3 C T 1 0.1 0.5 1 0.5 x 3000",
    )
    outcome = metal("SCHEME STDERR", "TRACKPOSITIONS ON", *BOTH, "PROCESS c.txt", "ANALYZE HETEROGENEITY")
    table = table_of(outcome)
    assert table.loc["rs1", ["Chromosome", "Position", "Direction", "HetDf"]].tolist() == ["7", "1000", "+-?", "1"]
    assert table.loc["rs2", ["Chromosome", "Direction"]].tolist() == ["7", "-+?"]
    assert table.loc["rs3", ["Chromosome", "Direction"]].tolist() == ["X", "?--"]
    assert "WARNING: Bad position for marker 'rs1', line 2: '1001'" in outcome.output


def test_custom_sums_have_all_digits(metal: Metal, folder: Path) -> None:
    write(folder / "c.txt", "rs1 A G 1 0.1 0.5 123456789 0.5 7 1000", "rs3 A G 1 0.1 0.5 NA 0.5 7 1000")
    lines = ("SCHEME STDERR", "CUSTOMVARIABLE TotalN", "LABEL TotalN AS N", "PROCESS a.txt", "PROCESS c.txt", "ANALYZE")
    assert table_of(metal(*lines))["TotalN"].tolist() == ["123456889", "200", "0"]


def test_markers_with_little_weight_are_left_out_and_counted(metal: Metal) -> None:
    outcome = metal("MINWEIGHT 450", *BOTH, "ANALYZE")
    assert list(table_of(outcome).index) == ["rs2", "rs3"]
    assert "## A total of 1 markers with less than MINWEIGHT = 450 were skipped" in outcome.output


def test_verbose_shows_the_rows_that_are_used(metal: Metal) -> None:
    outcome = metal("SCHEME STDERR", "AVERAGEFREQ ON", "PROCESS a.txt", "VERBOSE ON", "PROCESS b.txt", "ANALYZE")
    shown = [line for line in outcome.output.splitlines() if line.count("\t") > 3]
    assert shown == [
        "# MARKER\tAL1\tAL2\tEFF\tSTDERR\tPVAL\tFREQ\tSOURCE",
        "# RS1\ta\tg\t-0.3\t0.04\t6.382e-14\t0.300\tb.txt",
        "# rs2\ta\tg\t0.4\t0.2\t0.0455\t0.500\tb.txt",
        "# rs3\tt\tc\t-0.5\t0.1\t5.733e-07\t0.900\tb.txt",
    ]


def test_no_more_warnings_of_a_kind_than_asked_for(metal: Metal, folder: Path) -> None:
    write(folder / "a.txt", *(f"rs{k} A G {value} 0.1 0.5 1 0.5 7 {k}" for k, value in enumerate(["NA"] * 9 + [1])))
    outcome = metal("SCHEME STDERR", "MAXWARNINGS 7", "PROCESS a.txt", "ANALYZE")
    assert outcome.output.count("## WARNING: Beta missing for marker") == 7
    assert "## Beta missing: 9 lines ignored; the effect is missing or no number" in outcome.output
    assert "(effect_is_text)" in outcome.output


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (
            ["OVERLAP ON", "PROCESS a.txt", "PROCESS b.txt", "OVERLAP OFF", "PROCESS a.txt", "ANALYZE"],
            "OVERLAP and ZCUTOFF must be the same for all files of one analysis but the first",
        ),
        (
            ["GENOMICCONTROL ON", "PROCESS a.txt", "GENOMICCONTROL LIST list.txt", "PROCESS b.txt", "ANALYZE"],
            "must use the same one for all files",
        ),
        (["GENOMICCONTROL LIST list.txt", *BOTH, "ANALYZE"], "none of its 1 variants is in any study"),
        (
            ["SCHEME STDERR", *BOTH, "PROCESS bare.txt", "ANALYZE"],
            "bare.txt: has no alleles, and other files do",
        ),
        (["OUTFILE a .txt", "SCHEME STDERR", "PROCESS a1.txt", "ANALYZE"], "a1.txt: is part of the input"),
        (["OUTFILE no/such/ .TBL", *BOTH, "ANALYZE"], "no/such/1.TBL: there is no folder no/such"),
        (["PROCESS a.txt", "PROCESS torn.txt.gz", "ANALYZE"], "torn.txt.gz"),
    ],
)
def test_what_cannot_be_combined_is_an_error_and_leaves_nothing(
    lines: list[str], says: str, metal: Metal, folder: Path
) -> None:
    (folder / "list.txt").write_text("rs77\n")
    write(folder / "bare.txt", "rs1 0.1 0.1", header="SNP BETA SE")
    write(folder / "a1.txt", "rs1 A G 0.10 0.05 0.0455 100 0.2 7 1000")
    rows = "\n".join(f"rs{k} A G 0.1 0.1 0.5 {k * k} 0.5 7 {k}" for k in range(5000))
    (folder / "torn.txt.gz").write_bytes(gzip.compress(f"{HEADER}\n{rows}\n".encode())[:-2000])
    before = {path: path.read_bytes() for path in folder.iterdir()}
    outcome = metal(*lines, code=2)
    assert says in outcome.errors
    assert {path: path.read_bytes() for path in folder.iterdir() if path.name != "metal.txt"} == before


def test_overlap_may_begin_with_the_second_file(metal: Metal) -> None:
    table = table_of(metal("PROCESS a.txt", "OVERLAP ON", "PROCESS b.txt", "ANALYZE"))
    assert list(table.columns)[2:5] == ["Weight", "Zscore", "N"]


def test_overlap_of_a_single_file_has_all_its_samples(metal: Metal) -> None:
    table = table_of(metal("OVERLAP ON", "PROCESS a.txt", "ANALYZE"))
    assert table[["Weight", "N"]].to_numpy().tolist() == [["100.00", "100.00"], ["200.00", "200.00"]]


def test_comments_and_blank_lines_between_rows_are_passed_over(metal: Metal, folder: Path) -> None:
    write(
        folder / "c.txt",
        "# rs9 A G 1 1 1 1 1 1 1",
        "",
        "rs1 A G 0.1 0.1 0.5 1 0.5 7 1",
        "#",
        "rs2 A G 0.2 0.1 0.5 1 0.5 7 1",
    )
    table = table_of(metal("SCHEME STDERR", "PROCESS c.txt", "ANALYZE"))
    assert table["Effect"].to_dict() == {"rs1": "0.1000", "rs2": "0.2000"}


def test_lines_of_another_length_are_left_out_or_used_as_asked(metal: Metal, folder: Path) -> None:
    long, short = "rs1 A G 0.1 0.1 0.5 1 0.5 7 1 more", "rs2 A G 0.2 0.1"
    write(folder / "c.txt", long, short, "rs3 A G 0.3 0.1 0.5 1 0.5 7 1", "rs4 A G 0.4")
    outcome = metal("SCHEME STDERR", "PROCESS c.txt", "ANALYZE")
    assert list(table_of(outcome).index) == ["rs3"]
    assert "## Column count: 3 lines ignored" in outcome.output
    table = table_of(metal("SCHEME STDERR", "COLUMNCOUNTING LENIENT", "PROCESS c.txt", "ANALYZE"))
    assert list(table.index) == ["rs1", "rs2", "rs3"]  # what rs4 lacks is needed


def test_a_file_may_be_processed_twice(metal: Metal) -> None:
    table = table_of(metal("SCHEME STDERR", "PROCESS a.txt", "PROCESS a.txt", "ANALYZE"))
    assert table["Direction"].tolist() == ["++", "--"]
    assert table["StdErr"].tolist() == [f"{0.05 / 2**0.5:.4f}", f"{0.1 / 2**0.5:.4f}"]


def test_without_a_row_to_use_there_is_a_table_without_rows(metal: Metal) -> None:
    outcome = metal("SCHEME STDERR", "ADDFILTER N > 1e6", *BOTH, "ANALYZE")
    assert table_of(outcome).empty
    assert "## Completed meta-analysis for 0 markers!\n\n" in outcome.output
    assert "lines filtered due to constraint N > 1e6" in outcome.output


def test_files_under_different_genomic_control(metal: Metal) -> None:
    lines = ("GENOMICCONTROL 4", "PROCESS a.txt", "GENOMICCONTROL OFF", "PROCESS b.txt", "ANALYZE")
    table = table_of(metal("SCHEME STDERR", "EFFECT_PRINT_PRECISION 6", *lines))
    weights = 1 / np.array([0.05 * 2, 0.04]) ** 2
    assert table.loc["rs1", "Effect"] == f"{weights @ [0.10, -0.30] / weights.sum():.6f}"


def test_without_alleles_their_columns_are_empty(metal: Metal, folder: Path) -> None:
    write(folder / "bare.txt", "rs1 0.1 0.1", "rs2 -0.2 0.1", header="SNP BETA SE")
    outcome = metal("SCHEME STDERR", "VERBOSE ON", "PROCESS bare.txt", "ANALYZE")
    table = table_of(outcome)
    assert "# rs1\t\t\t0.1\t0.1\t0.3173\tbare.txt\n" in outcome.output
    assert table[["Allele1", "Allele2", "Effect", "Direction"]].to_numpy().tolist() == [
        ["", "", "0.1000", "+"],
        ["", "", "-0.2000", "-"],
    ]
