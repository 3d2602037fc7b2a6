"""The build of the genome: from well-known variants, from the ends of chromosomes, and when it does not tell."""

from __future__ import annotations

import numpy as np
import pytest

from gwasmeta.sumstats.builds import BuildEvidence, contig_lengths, standard_build
from gwasmeta.sumstats.chromosomes import chromosome_number, chromosome_numbers
from gwasmeta.sumstats.words import Words


def _guess(rows: list[tuple[int, int, str]]) -> str:
    evidence = BuildEvidence()
    for chunk in (rows[:1], rows[1:]):
        codes, positions = (np.array([row[i] for row in chunk]) for i in (0, 1))
        evidence.add(codes, positions.astype(float), Words.of(row[2] for row in chunk))
    return evidence.guess().build


# APOE and TCF7L2, from dbSNP.
APOE_37, APOE_38 = (19, 45411941, "rs429358"), (19, 44908684, "rs429358")
TCF7L2_37, TCF7L2_38 = (10, 114758349, "rs7903146"), (10, 112998590, "rs7903146")


@pytest.mark.parametrize(
    ("rows", "build"),
    [
        ([(1, 5, "a"), APOE_37, TCF7L2_37], "GRCh37"),
        ([(1, 5, "a"), APOE_38, TCF7L2_38], "GRCh38"),
        ([(1, 5, "rs42935"), APOE_38, (2, 7, "rs4293588")], "GRCh38"),
        ([APOE_37, TCF7L2_38], "unknown"),  # a mixture
        ([(1, 249_240_000, "a")] * 10, "GRCh37"),  # beyond the end in 36 and 38
        ([(17, 83_000_000, "a")] * 10, "GRCh38"),
        ([(19, 63_800_000, "a")] * 10, "GRCh36"),
        ([(17, 83_000_000, "a"), *[(1, 5, "b")] * 10], "unknown"),  # one row may be a slip
        ([(1, 1_000_000_000, "a")] * 10, "unknown"),  # no build of man
        ([(0, 5, "a")] * 10, "unknown"),  # no chromosomes
    ],
)
def test_guesses(rows: list[tuple[int, int, str]], build: str) -> None:
    assert _guess(rows) == build


@pytest.mark.parametrize(
    ("name", "build"),
    [("hg19", "GRCh37"), ("b37", "GRCh37"), ("GRCh38.p13", "GRCh38"), ("NCBI36", "GRCh36"), ("T2T", "T2T")],
)  # fmt: skip
def test_builds_have_many_names(name: str, build: str) -> None:
    assert standard_build(name) == build


def test_lengths_are_those_that_ucsc_lists() -> None:
    # hg38.chrom.sizes and hg19.chrom.sizes
    assert contig_lengths("GRCh38")["1"] == 248956422
    assert contig_lengths("GRCh38")["Y"] == 57227415
    assert contig_lengths("GRCh37")["22"] == 51304566
    assert contig_lengths("GRCh37")["X"] == 155270560
    assert contig_lengths("T2T") == {}


def test_chromosomes_by_any_name() -> None:
    names = ["1", "chr1", "01", "chrX", "23", "Y", "24", "MT", "M", "chrM", "26", "GL000192.1", "0", "NA", "22"]
    numbers = [1, 1, 1, 23, 23, 24, 24, 25, 25, 25, 25, 0, 0, 0, 22]
    assert chromosome_numbers(Words.of(names)).tolist() == numbers
    assert [chromosome_number(name) for name in names] == numbers
