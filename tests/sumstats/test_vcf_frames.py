"""GWAS-VCF read: versions 1.0 and 1.1, plain, bgzipped and as BCF, and what cannot be read."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from numpy.testing import assert_allclose

import gwasmeta

pytest.importorskip("pysam")

HEADER = """\
##fileformat=VCFv4.2
##contig=<ID=1,length=249250621,assembly=GRCh37>
##INFO=<ID=RSID,Number=1,Type=String,Description="dbSNP identifier">
{formats}
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tBMI
"""
FORMATS = "\n".join(
    f'##FORMAT=<ID={name},Number=A,Type=Float,Description="x">' for name in ("NS", "SS", "NC", "ES", "SE", "LP", "AF")
)
# The example of the specification of version 1.1, and lines as those of version 1.0 are.
ROWS = [
    "1\t49298\t.\tT\tC\t.\tPASS\tRSID=rs10399793\tNS:NC:ES:SE:LP:AF\t463005:2972:0.00103892:0.0034984:0.113509:0.613764",
    "1\t91536\trs6702460\tGTC\tG\t.\tPASS\t.\tES:SE:LP:AF:SS\t0.00410514:0.0034125:400.5:0.456845:463005",
    "1\t91537\trs1\tA\tG\t.\tPASS\t.\tES:SE:LP\t-0.5:0.1:.",
]


@pytest.fixture
def vcf(tmp_path: Path) -> Path:
    path = tmp_path / "study.vcf"
    path.write_text(HEADER.format(formats=FORMATS) + "\n".join(ROWS) + "\n")
    return path


def _check(path: Path, rtol: float) -> None:
    study = gwasmeta.read_sumstats(path)
    assert study.dialect == "gwas_vcf"
    table = study.table
    assert table["variant_id"].tolist() == ["rs10399793", "rs6702460", "rs1"]
    assert table["effect_allele"].tolist() == ["C", "G", "G"]
    assert table["other_allele"].tolist() == ["T", "GTC", "A"]
    assert table["base_pair_location"].tolist() == [49298, 91536, 91537]
    assert_allclose(table["beta"], [0.00103892, 0.00410514, -0.5], rtol=rtol)
    assert_allclose(table["neg_log_10_p_value"], [0.113509, 400.5, float("nan")], rtol=rtol)
    assert_allclose(table["effect_allele_frequency"], [0.613764, 0.456845, float("nan")], rtol=rtol)
    assert_allclose(table["n_cases"], [2972, float("nan"), float("nan")])


def test_a_text_is_read_to_its_last_digit(vcf: Path) -> None:
    _check(vcf, rtol=1e-15)


@pytest.mark.parametrize("kind", ["z", "b", "u"])
def test_what_bcftools_writes_of_it_reads_the_same(vcf: Path, tmp_path: Path, kind: str) -> None:
    if shutil.which("bcftools") is None:
        pytest.skip("needs bcftools")
    path = tmp_path / "converted"
    subprocess.run(["bcftools", "view", f"-O{kind}", "-o", path, vcf], check=True, capture_output=True)
    _check(path, rtol=1e-5)  # htslib holds numbers in 32 bits, and prints six digits


def test_the_build_is_that_of_the_header(vcf: Path) -> None:
    inspection = gwasmeta.inspect_sumstats(vcf)
    assert (inspection.build.build, inspection.build.reason) == ("GRCh37", "the header of the VCF says so")
    assert inspection.columns[4].first_values == ("C", "G", "G")


def test_a_vcf_of_several_studies_is_refused(vcf: Path) -> None:
    text = vcf.read_text().replace("FORMAT\tBMI", "FORMAT\tBMI\tT2D")
    vcf.write_text("\n".join(line if line.startswith("#") else line + "\t." for line in text.splitlines()) + "\n")
    with pytest.raises(gwasmeta.GwasmetaError, match=r"(?s)has 2 samples \(BMI, T2D\).*bcftools view -s NAME"):
        gwasmeta.read_sumstats(vcf)


def test_several_alleles_on_a_line_are_refused(vcf: Path) -> None:
    vcf.write_text(vcf.read_text().replace("91537\trs1\tA\tG", "91537\trs1\tA\tG,T"))
    with pytest.raises(gwasmeta.GwasmetaError, match=r"(?s)1:91537 has several alternate alleles.*bcftools norm -m -"):
        gwasmeta.read_sumstats(vcf)
