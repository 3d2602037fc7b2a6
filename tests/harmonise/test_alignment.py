"""Every code of harmonisation, on hand-made rows; and what must hold of any row."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from format_data import write_gwama, write_vcf
from numpy.testing import assert_allclose

import gwasmeta
from gwasmeta.harmonise.alignment import CODES

REFERENCE = [
    "1 100 rs1 A G . . AF=0.2",
    "1 200 rs2 A T . . AF=0.2",
    "1 300 rs3 A T . . AF=0.45",
    "1 400 rs4 A T . . .",
    "1 500 rs5 ACG A . . AF=0.3",
    "1 600 rs6 C G . . AF=0.9",
    "1 700 rs7 A G,T . . AC=1,2;AF=0.1,0.3",
]
# Position, effect allele, other allele, frequency -> code, and what the row must read as: alleles, sign, frequency.
PATHS = [
    (100, "G", "A", 0.2, 10, "G", "A", 1, 0.2),
    (100, "A", "G", 0.8, 11, "G", "A", -1, 0.2),
    (100, "C", "T", 0.2, 12, "G", "A", 1, 0.2),
    (100, "T", "C", 0.8, 13, "G", "A", -1, 0.2),
    (200, "T", "A", 0.25, 1, "T", "A", 1, 0.25),
    (200, "A", "T", 0.75, 2, "T", "A", -1, 0.25),
    (200, "A", "T", 0.25, 3, "T", "A", 1, 0.25),
    (200, "T", "A", 0.75, 4, "T", "A", -1, 0.25),
    (600, "G", "C", 0.8, 1, "G", "C", 1, 0.8),
    (600, "C", "G", 0.9, 3, "G", "C", 1, 0.9),
    (500, "A", "ACG", 0.3, 10, "A", "ACG", 1, 0.3),
    (500, "CGT", "T", 0.7, 13, "A", "ACG", -1, 0.3),
    (700, "T", "A", 0.3, 1, "T", "A", 1, 0.3),
    (700, "a", "g", 0.9, 11, "G", "A", -1, 0.1),
]


@pytest.fixture
def reference(tmp_path: Path) -> Path:
    return write_vcf(tmp_path / "reference.vcf", REFERENCE)


def _formatted(tmp_path: Path, reference: Path, rows: list[str], **options: object) -> gwasmeta.FormatResult:
    study = write_gwama(tmp_path / "study.txt", rows)
    return gwasmeta.format_sumstats(study, tmp_path / "out.parquet", to="parquet", reference=reference, **options)


@pytest.mark.parametrize("path", PATHS, ids=lambda path: "-".join(map(str, path[:5])))
def test_each_way_to_the_reference(tmp_path: Path, reference: Path, path: tuple) -> None:
    position, effect, other, frequency, code, new_effect, new_other, sign, new_frequency = path
    result = _formatted(tmp_path, reference, [f"rs9 1 {position} {effect} {other} {frequency} 1000 0.5 0.1 0.9"])
    assert result.codes == {code: 1}
    row = gwasmeta.read_sumstats(result.path).table.iloc[0]
    assert (row["effect_allele"], row["other_allele"]) == (new_effect, new_other)
    assert_allclose(row["beta"], sign * 0.5)
    assert_allclose(row["effect_allele_frequency"], new_frequency)


@pytest.mark.parametrize(
    ("row", "options", "code", "rule"),
    [
        ("rs9 1 100 G C 0.2 1000 0.5 0.1 0.9", {}, 15, "not_in_reference"),
        ("rs9 2 100 G A 0.2 1000 0.5 0.1 0.9", {}, 15, "not_in_reference"),
        ("rs9 1 400 T A 0.2 1000 0.5 0.1 0.9", {}, 17, "palindromic_frequency_missing"),
        ("rs9 1 200 T A NA 1000 0.5 0.1 0.9", {}, 17, "palindromic_frequency_missing"),
        ("rs9 1 300 T A 0.2 1000 0.5 0.1 0.9", {}, 18, "palindromic_frequency_near_half"),
        ("rs9 1 200 T A 0.52 1000 0.5 0.1 0.9", {}, 18, "palindromic_frequency_near_half"),
        ("rs9 1 200 T A 0.2 1000 0.5 0.1 0.9", {"palindromic": "drop"}, 9, "palindromic_left_out"),
    ],
)
def test_what_does_not_fit_is_left_out_under_its_code(
    tmp_path: Path, reference: Path, row: str, options: dict, code: int, rule: str
) -> None:
    fitting = "rs1 1 100 G A 0.2 1000 0.5 0.1 0.9"
    result = _formatted(tmp_path, reference, [row, fitting], **options)
    assert (result.rows_read, result.rows_written, result.codes) == (2, 1, {10: 1})
    (logged,) = result.log.itertuples()
    assert (logged.rule, logged.action, logged.count, logged.line) == (rule, "excluded", 1, 2)
    assert f"hm_code {code}" in logged.reason
    assert CODES[code] in logged.reason


def test_a_wider_window_leaves_more_out(tmp_path: Path, reference: Path) -> None:
    rows = ["rs9 1 200 T A 0.35 1000 0.5 0.1 0.9", "rs1 1 100 G A 0.2 1000 0.5 0.1 0.9"]
    assert _formatted(tmp_path, reference, rows).codes == {1: 1, 10: 1}
    assert _formatted(tmp_path, reference, rows, palindromic_window=0.2).codes == {10: 1}


def test_kept_palindromic_variants_are_taken_as_forward(tmp_path: Path, reference: Path) -> None:
    rows = ["rs9 1 200 T A 0.75 1000 0.5 0.1 0.9", "rs9 1 200 A T 0.25 1000 0.5 0.1 0.9"]
    result = _formatted(tmp_path, reference, rows, palindromic="keep")
    assert result.codes == {5: 1, 6: 1}
    table = gwasmeta.read_sumstats(result.path).table
    assert table["effect_allele"].tolist() == ["T", "T"]
    assert_allclose(table["beta"], [0.5, -0.5])


def test_several_variants_that_fit_on_the_reverse_strand_only_are_left_out(tmp_path: Path) -> None:
    # C/T fits A/G on the reverse strand; A/G stands there twice, once each way around.
    reference = write_vcf(tmp_path / "r.vcf", ["1 100 . A G . . AF=0.2", "1 100 . G A . . AF=0.2", "1 9 . A C . . ."])
    rows = ["rs9 1 100 C T 0.2 1000 0.5 0.1 0.9", "rs1 1 9 C A 0.2 1000 0.5 0.1 0.9"]
    result = _formatted(tmp_path, reference, rows)
    assert result.codes == {10: 1}
    assert result.log["rule"].tolist() == ["several_in_reference"]


def test_a_variant_that_is_twice_in_the_reference_is_one(tmp_path: Path) -> None:
    reference = write_vcf(tmp_path / "r.vcf", ["1 100 rs1 A G . . AF=0.2", "1 100 rs1 A G . . AF=0.2"])
    assert _formatted(tmp_path, reference, ["rs9 1 100 A G 0.2 1000 0.5 0.1 0.9"]).codes == {11: 1}


def test_ids_become_the_rsids_of_the_reference(tmp_path: Path, reference: Path) -> None:
    rows = ["1:100 1 100 G A 0.2 1000 0.5 0.1 0.9", "affx-7 chr1 500 A ACG 0.2 1000 0.5 0.1 0.9"]
    table = gwasmeta.read_sumstats(_formatted(tmp_path, reference, rows).path).table
    assert table["variant_id"].tolist() == ["rs1", "rs5"]


def test_rsids_give_the_positions_that_a_study_lacks(tmp_path: Path, reference: Path) -> None:
    study = write_gwama(
        tmp_path / "study.txt",
        ["rs5 A ACG 0.1 0.01 100 0.5", "RS1 A G 0.2 0.02 100 0.5", "rs99 A G 0.2 0.02 100 0.5"],
        "MARKERNAME EA NEA BETA SE N EAF",
    )
    result = gwasmeta.format_sumstats(study, tmp_path / "out.tsv", reference=reference)
    table = gwasmeta.read_sumstats(result.path, columns={"variant_id": "rsid"}).table
    assert table["base_pair_location"].tolist() == [500, 100]
    assert table["chromosome"].tolist() == ["1", "1"]
    assert table["variant_id"].tolist() == ["rs5", "rs1"]
    assert result.log["rule"].tolist() == ["position_unknown"]


def test_the_code_is_written_with_each_row(tmp_path: Path, reference: Path) -> None:
    study = write_gwama(tmp_path / "study.txt", [f"x 1 {p} {a} {b} {f} 9 1 1 1" for p, a, b, f, *_ in PATHS[:4]])
    for to in ("ssf", "metal", "gwama", "mtag"):
        result = gwasmeta.format_sumstats(study, tmp_path / "out.txt", to=to, reference=reference)
        lines = [line.split("\t") for line in result.path.read_text().splitlines()]
        assert lines[0][-1] == "hm_code"
        assert [line[-1] for line in lines[1:]] == ["10", "11", "12", "13"]
    vcf = gwasmeta.format_sumstats(study, tmp_path / "out.vcf", to="vcf", reference=reference).path.read_text()
    assert [line.split("\t")[7] for line in vcf.splitlines()[-4:]] == ["HM=10", "HM=11", "HM=12", "HM=13"]
    assert "##gwasmeta_REF=as in reference.vcf" in vcf
    assert "##INFO=<ID=HM,Number=1,Type=Integer" in vcf


def test_references_of_every_kind_say_the_same(tmp_path: Path, reference: Path) -> None:
    import polars as pl

    table = pl.DataFrame(
        {
            "chromosome": [1, 1, 1, 1],
            "base_pair_location": [100, 200, 500, 600],
            "effect_allele": ["G", "T", "A", "C"],
            "other_allele": ["A", "A", "ACG", "G"],
            "effect_allele_frequency": [0.2, 0.2, 0.3, 0.1],
            "rsid": ["rs1", "rs2", "rs5", "rs6"],
            "ref_allele": ["OA", "OA", "OA", "EA"],
        }
    )
    table.write_parquet(tmp_path / "r.parquet")
    table.write_csv(tmp_path / "r.tsv", separator="\t")
    rows = [
        f"x {1} {position} {effect} {other} {frequency} 1000 0.5 0.1 0.9"
        for position, effect, other, frequency, *_ in PATHS
        if position in (100, 200, 500, 600)
    ]
    expected = None
    for file in (reference, tmp_path / "r.parquet", tmp_path / "r.tsv"):
        got = gwasmeta.read_sumstats(_formatted(tmp_path, file, rows).path).table
        expected = got if expected is None else expected
        assert got.equals(expected)
    assert len(expected) == len(rows)


def test_a_reference_without_alleles_is_refused(tmp_path: Path) -> None:
    (tmp_path / "r.tsv").write_text("chromosome\tposition\trsid\n1\t100\trs1\n")
    with pytest.raises(gwasmeta.GwasmetaError, match=r"r\.tsv: as a reference it needs a column for reference"):
        _formatted(tmp_path, tmp_path / "r.tsv", ["rs9 1 100 A G 0.2 1000 0.5 0.1 0.9"])


def test_turning_a_study_around_changes_nothing(tmp_path: Path, reference: Path) -> None:
    """Each row as it is, and with alleles exchanged, strands turned, and both: aligned, all four read the same."""
    complement = str.maketrans("ACGT", "TGCA")
    tables = []
    for exchange, reverse in ((False, False), (True, False), (False, True), (True, True)):
        rng = np.random.default_rng(3)
        rows = []
        for position, one, two in ((100, "G", "A"), (200, "T", "A"), (500, "A", "ACG"), (600, "G", "C")):
            frequency = {100: 0.3, 200: 0.1, 500: 0.4, 600: 0.8}[position]
            beta = float(rng.normal())
            if reverse:
                one, two = one.translate(complement)[::-1], two.translate(complement)[::-1]
            if exchange:
                one, two, beta, frequency = two, one, -beta, 1 - frequency
            rows.append(f"v{position} 1 {position} {one} {two} {frequency:.3f} 1000 {beta!r} 0.1 0.9")
        result = _formatted(tmp_path, reference, rows)
        tables.append(gwasmeta.read_sumstats(result.path).table)
    for table in tables[1:]:
        assert table["effect_allele"].tolist() == tables[0]["effect_allele"].tolist()
        assert_allclose(table["beta"], tables[0]["beta"])
        assert_allclose(table["effect_allele_frequency"], tables[0]["effect_allele_frequency"])
