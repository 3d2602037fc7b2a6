"""Positions carried over by a hand-made chain file, forward and reverse: by hand, and as pyliftover does it."""

from __future__ import annotations

from pathlib import Path

import pytest
from format_data import write_gwama
from numpy.testing import assert_allclose

import gwasmeta
from gwasmeta.harmonise.liftover import Liftover

# Of chr1: 1-100 goes to 1051-1150 of chr1 and 401-500 to chr2, read backwards: its base 401 is base 700 there.
# 601-650 goes to two places, 701-750 to a contig that is no chromosome.
CHAIN = """\
chain 1000 chr1 1000 + 0 300 chr1 2000 + 1050 1350 1
100 50 50
150

chain 900 chr1 1000 + 400 500 chr2 800 - 100 200 2
100

chain 800 chr1 1000 + 600 650 chr3 800 + 0 50 3
50

chain 700 chr1 1000 + 600 650 chr4 800 + 0 50 4
50

chain 600 chr1 1000 + 700 750 chr1_KI270706v1_random 800 + 0 50 5
50

"""


@pytest.fixture
def chain(tmp_path: Path) -> Path:
    pytest.importorskip("liftover")
    path = tmp_path / "hg19ToHg38.over.chain"
    path.write_text(CHAIN)
    return path


def _lifted(tmp_path: Path, chain: Path, rows: list[str], **options: object) -> gwasmeta.FormatResult:
    study = write_gwama(tmp_path / "study.txt", rows)
    return gwasmeta.format_sumstats(study, tmp_path / "out.parquet", to="parquet", liftover=chain, **options)


@pytest.mark.parametrize(
    ("position", "alleles", "place", "new_alleles"),
    [
        (1, "A G", ("1", 1051), ("A", "G")),
        (100, "A ACC", ("1", 1150), ("A", "ACC")),
        (151, "A G", ("1", 1201), ("A", "G")),
        (401, "A G", ("2", 700), ("T", "C")),
        (500, "A T", ("2", 601), ("T", "A")),
    ],
)
def test_places_and_strands(
    tmp_path: Path, chain: Path, position: int, alleles: str, place: tuple[str, int], new_alleles: tuple[str, str]
) -> None:
    result = _lifted(tmp_path, chain, [f"rs1 chr1 {position} {alleles} 0.2 1000 0.5 0.1 0.9"])
    row = gwasmeta.read_sumstats(result.path).table.iloc[0]
    assert (row["chromosome"], row["base_pair_location"]) == place
    assert (row["effect_allele"], row["other_allele"]) == new_alleles
    assert_allclose((row["beta"], row["effect_allele_frequency"]), (0.5, 0.2))  # the same allele as before
    assert result.build == "GRCh38"
    assert result.log["rule"].tolist() == (["strand_of_other_build"] if place[0] == "2" else [])


@pytest.mark.parametrize(
    ("place", "alleles", "rule"),
    [
        ("1 101", "A G", "position_not_in_other_build"),
        ("2 100", "A G", "position_not_in_other_build"),
        ("1 601", "A G", "position_several_in_other_build"),
        ("1 701", "A G", "position_on_other_contig"),
        ("1 401", "A ACC", "longer_allele_on_other_strand"),
    ],
)
def test_what_has_no_place_is_left_out_and_logged(
    tmp_path: Path, chain: Path, place: str, alleles: str, rule: str
) -> None:
    rows = [f"rs1 {place} {alleles} 0.2 1000 0.5 0.1 0.9", "rs2 1 1 A G 0.2 1000 0.5 0.1 0.9"]
    result = _lifted(tmp_path, chain, rows)
    assert (result.rows_read, result.rows_written) == (2, 1)
    assert result.log["rule"].tolist() == [rule]


def test_every_base_goes_where_pyliftover_puts_it(tmp_path: Path, chain: Path) -> None:
    pyliftover = pytest.importorskip("pyliftover")
    peer = pyliftover.LiftOver(str(chain))
    result = _lifted(tmp_path, chain, [f"rs{p} 1 {p} A G 0.2 1000 0.5 0.1 0.9" for p in range(1, 1000)])
    table = gwasmeta.read_sumstats(result.path).table.set_index("variant_id")
    expected = {}
    for position in range(1, 1000):
        places = peer.convert_coordinate("chr1", position - 1)
        if len(places) == 1 and "_" not in places[0][0]:
            contig, zero_based, strand, _ = places[0]
            expected[f"rs{position}"] = (contig[3:], zero_based + 1, "A" if strand == "+" else "T")
    columns = ["chromosome", "base_pair_location", "effect_allele"]
    assert {name: tuple(row) for name, row in zip(table.index, table[columns].to_numpy(), strict=True)} == expected
    assert len(expected) == 350


def test_after_the_liftover_the_reference_is_that_of_the_new_build(tmp_path: Path, chain: Path) -> None:
    (tmp_path / "r.tsv").write_text("CHROM\tPOS\tID\tREF\tALT\tAF\n2\t700\trs7\tT\tC\t0.8\n")
    result = _lifted(tmp_path, chain, ["x 1 401 A G 0.2 1000 0.5 0.1 0.9"], reference=tmp_path / "r.tsv")
    row = gwasmeta.read_sumstats(result.path).table.iloc[0]
    assert (row["variant_id"], row["effect_allele"], row["other_allele"]) == ("rs7", "C", "T")
    assert_allclose((row["beta"], row["effect_allele_frequency"]), (-0.5, 0.8))


def test_a_file_that_is_no_chain_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("liftover")
    (tmp_path / "x.chain").write_text("1 2 3\n")
    with pytest.raises(gwasmeta.GwasmetaError, match=r"x\.chain: cannot be read as a chain file"):
        Liftover(tmp_path / "x.chain")
    with pytest.raises(gwasmeta.GwasmetaError, match="there is no such file"):
        Liftover(tmp_path / "y.chain")


@pytest.mark.parametrize(
    ("name", "build"),
    [
        ("hg19ToHg38.over.chain.gz", "GRCh38"),
        ("GRCh38_to_GRCh37.chain.gz", "GRCh37"),
        ("hg38ToHg19.over.chain", "GRCh37"),
        ("mine.chain", "unknown"),
    ],
)
def test_the_name_of_a_chain_says_where_it_leads(tmp_path: Path, name: str, build: str) -> None:
    import gzip

    pytest.importorskip("liftover")
    path = tmp_path / name
    path.write_bytes(gzip.compress(CHAIN.encode()) if name.endswith(".gz") else CHAIN.encode())
    assert Liftover(path).to_build == build
