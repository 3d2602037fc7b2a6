"""A study written in each format and read back; sorted, indexed; accepted by the tools of the formats' authors."""

from __future__ import annotations

import gzip
import itertools
import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from format_data import random_study, write_gwama
from numpy.testing import assert_allclose

import gwasmeta
from gwasmeta.sumstats.study_formats import STUDY_FORMATS

N_ROWS = 2300
TEXT_FORMATS = ("ssf", "gwama", "metal", "mtag", "vcf")
EFFECT_FORMATS = (*TEXT_FORMATS, "parquet")


@pytest.fixture(scope="module")
def study() -> pd.DataFrame:
    return random_study(N_ROWS)


@pytest.fixture(scope="module")
def written(study: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The study in every format."""
    folder = tmp_path_factory.mktemp("formats")
    return {to: gwasmeta.format_sumstats(study, folder / to, to=to).path for to in STUDY_FORMATS}


def _read(path: Path) -> pd.DataFrame:
    return gwasmeta.read_sumstats(path).table.set_index("variant_id").sort_index()


def _assert_same(table: pd.DataFrame, study: pd.DataFrame, columns: list[str], rtol: float = 1e-7) -> None:
    expected = study.set_index("variant_id").sort_index()
    assert table.index.tolist() == expected.index.tolist()
    for column in columns:
        if column in ("chromosome", "effect_allele", "other_allele"):
            names = table[column].replace({"23": "X"}) if column == "chromosome" else table[column]
            assert names.tolist() == expected[column].tolist(), column
        else:
            assert_allclose(table[column], expected[column], rtol=rtol, err_msg=column)


ALL_COLUMNS = [name for name in random_study(1).columns if name != "variant_id"]


@pytest.mark.parametrize("to", EFFECT_FORMATS)
def test_what_is_written_reads_back_the_same(to: str, written: dict[str, Path], study: pd.DataFrame) -> None:
    _assert_same(_read(written[to]), study, ALL_COLUMNS)


@pytest.mark.parametrize(("first", "second"), list(itertools.permutations(EFFECT_FORMATS, 2)))
def test_from_every_format_to_every_other(
    first: str, second: str, written: dict[str, Path], study: pd.DataFrame, tmp_path: Path
) -> None:
    result = gwasmeta.format_sumstats(written[first], tmp_path / "out", to=second)
    assert (result.rows_read, result.rows_written) == (N_ROWS, N_ROWS)
    _assert_same(_read(result.path), study, ALL_COLUMNS)


@pytest.mark.parametrize("to", EFFECT_FORMATS)
def test_to_ldsc_goes_z(to: str, written: dict[str, Path], study: pd.DataFrame, tmp_path: Path) -> None:
    table = _read(gwasmeta.format_sumstats(written[to], tmp_path / "out", to="ldsc").path)
    expected = study.assign(z=study["beta"] / study["standard_error"])
    # beta and its error have eight digits each, and so has z.
    _assert_same(table, expected, ["effect_allele", "other_allele", "z", "n", "effect_allele_frequency"], rtol=1.5e-7)


@pytest.mark.parametrize("to", ["metal", "mtag", "parquet"])
def test_from_ldsc_goes_z(to: str, written: dict[str, Path], study: pd.DataFrame, tmp_path: Path) -> None:
    result = gwasmeta.format_sumstats(written["ldsc"], tmp_path / "out", to=to)
    back = gwasmeta.format_sumstats(result.path, tmp_path / "back", to="ldsc")
    expected = study.assign(z=study["beta"] / study["standard_error"])
    table = _read(back.path)
    assert_allclose(table["z"], expected.set_index("variant_id").sort_index()["z"], rtol=1e-6, atol=1e-7)
    assert_allclose(table["n"], expected.set_index("variant_id").sort_index()["n"])


def test_p_values_below_the_smallest_number_pass_through_text(tmp_path: Path) -> None:
    row = {"variant_id": ["rs1"], "chromosome": [1], "base_pair_location": [5], "effect_allele": ["A"], "n": [9]}
    row |= {"other_allele": ["G"], "beta": [1.0], "standard_error": [0.02], "p_value": ["3.2e-412"]}
    for to in ("metal", "mtag", "ssf", "vcf"):
        result = gwasmeta.format_sumstats(row, tmp_path / "out", to=to)
        table = gwasmeta.read_sumstats(result.path).table
        assert_allclose(table["neg_log_10_p_value"], 412 - np.log10(3.2), rtol=1e-7)
    assert "3.2e-412" in gzip.decompress((tmp_path / "out.txt.gz").read_bytes()).decode()


def test_p_values_of_0_are_worked_out_and_logged(tmp_path: Path) -> None:
    from scipy import stats

    row = {"variant_id": ["rs1", "rs2"], "chromosome": [1, 1], "base_pair_location": [5, 6], "n": [9, 9]}
    row |= {"effect_allele": ["A", "A"], "other_allele": ["G", "G"], "beta": [1.0, 1.0], "standard_error": [0.02, 1.0]}
    row |= {"effect_allele_frequency": [0.1, 0.2], "p_value": ["0", "0.3"]}
    result = gwasmeta.format_sumstats(row, tmp_path / "out", to="ssf")
    table = gwasmeta.read_sumstats(result.path).table
    expected = -(stats.norm.logsf(50) + np.log(2)) / np.log(10)
    assert_allclose(table["neg_log_10_p_value"], [expected, -np.log10(0.3)], rtol=1e-7)
    assert result.log[["rule", "count", "line"]].to_numpy().tolist() == [["p_value_worked_out", 1, 1]]


def test_odds_ratios_of_a_disease_stay_odds_ratios_for_gwama(tmp_path: Path) -> None:
    header = "MARKERNAME EA NEA OR OR_95L OR_95U N"
    file = write_gwama(tmp_path / "t2d.txt", ["rs1 A G 1.2 1.1 1.3090909 100"], header)
    result = gwasmeta.format_sumstats(file, tmp_path / "out.txt", to="gwama")
    names, values = (line.split("\t") for line in (tmp_path / "out.txt").read_text().splitlines())
    row = dict(zip(names, values, strict=True))
    assert_allclose([float(row[name]) for name in ("OR", "OR_95L", "OR_95U")], [1.2, 1.1, 1.3090909], rtol=1e-6)
    assert_allclose(float(row["BETA"]), np.log(1.2), rtol=1e-6)
    assert result.rows_written == 1


def test_reverse_strands_and_numbered_alleles_are_written_forward(tmp_path: Path) -> None:
    header = "MARKERNAME CHR POS EA NEA EAF N BETA SE STRAND"
    rows = ["rs1 01 10 a g 0.2 9 0.5 0.1 -", "rs2 chrX 20 1 ACC 0.2 9 0.5 0.1 +", "rs3 25 30 D I 0.2 9 0.5 0.1 -"]
    result = gwasmeta.format_sumstats(write_gwama(tmp_path / "s.txt", rows, header), tmp_path / "out.txt", to="gwama")
    table = gwasmeta.read_sumstats(result.path).table
    alleles = table[["chromosome", "effect_allele", "other_allele"]].to_numpy().tolist()
    assert alleles == [["1", "T", "C"], ["X", "A", "ACC"]]
    assert_allclose(table["beta"], 0.5)
    assert set(result.log["rule"]) == {"strand_turned", "alleles_without_complement"}


def test_rows_without_an_id_get_one_of_their_place(tmp_path: Path) -> None:
    rows = [". 1 10 A G 0.2 9 0.5 0.1 1", "rs2 1 20 A G 0.2 9 0.5 0.1 1"]
    file = write_gwama(tmp_path / "s.txt", rows)
    result = gwasmeta.format_sumstats(file, tmp_path / "out.parquet", to="parquet", sort=True)
    assert gwasmeta.read_sumstats(result.path).table["variant_id"].tolist() == ["1:10:G:A", "rs2"]


@pytest.mark.parametrize("to", ["ssf", "metal", "parquet", "vcf"])
def test_sorted_by_chromosome_and_position(to: str, study: pd.DataFrame, tmp_path: Path) -> None:
    result = gwasmeta.format_sumstats(study, tmp_path / "out", to=to, sort=True)
    table = gwasmeta.read_sumstats(result.path).table
    numbers = table["chromosome"].replace({"X": "23"}).astype(int)
    places = list(zip(numbers, table["base_pair_location"], strict=True))
    assert places == sorted(places)
    _assert_same(table.set_index("variant_id").sort_index(), study, ALL_COLUMNS)


def test_unsorted_rows_keep_their_order(study: pd.DataFrame, tmp_path: Path) -> None:
    result = gwasmeta.format_sumstats(study, tmp_path / "out", to="ssf")
    assert gwasmeta.read_sumstats(result.path).table["variant_id"].tolist() == study["variant_id"].tolist()


# --- what a format cannot hold ---


def test_ssf_leaves_out_what_it_cannot_hold_and_says_so(tmp_path: Path) -> None:
    rows = [
        "rs1 1 10 A G 0.2 9.4 0.5 0.1 1.3",
        "rs2 GL000192.1 20 A G 0.2 9 0.5 0.1 1",
        "rs3 2 30 <DEL> G 0.2 9 0.5 0.1 1",
        "rs4 MT 40 A G NA 9 0.5 0.1 1",
    ]
    result = gwasmeta.format_sumstats(write_gwama(tmp_path / "s.txt", rows), tmp_path / "out.tsv")
    lines = [line.split("\t") for line in (tmp_path / "out.tsv").read_text().splitlines()]
    table = pd.DataFrame(lines[1:], columns=lines[0])
    assert table[["chromosome", "rsid", "effect_allele_frequency", "info", "n"]].to_numpy().tolist() == [
        ["1", "rs1", "0.2", "#NA", "9"],
        ["25", "rs4", "#NA", "1", "9"],
    ]
    assert dict(zip(result.log["rule"], result.log["action"], strict=True)) == {
        "no_chromosome_of_format": "excluded",
        "alleles_not_bases": "excluded",
        "info_not_within_0_1": "blanked",
        "effect_allele_frequency_missing": "warned",
    }
    log = pd.read_csv(tmp_path / "out.log.tsv", sep="\t")
    assert log.loc[log["rule"] == "rows_written", "count"].tolist() == [2]
    assert "2 of 4 rows written as ssf" in str(result)


def test_ssf_has_rsids_only_if_the_study_has_any(tmp_path: Path) -> None:
    for ids, expected in (("affx-1 affx-2", False), ("affx-1 rs2", True)):
        rows = [f"{name} 1 {place}0 A G 0.2 9 0.5 0.1 1" for place, name in enumerate(ids.split(), start=1)]
        result = gwasmeta.format_sumstats(write_gwama(tmp_path / "s.txt", rows), tmp_path / "out.tsv")
        table = pd.read_csv(result.path, sep="\t", dtype=str)
        assert ("rsid" in table) == expected
        assert table["variant_id"].tolist() == ids.replace("-", "_").split()
        assert gwasmeta.read_sumstats(result.path).table["variant_id"].tolist() == ids.replace("-", "_").split()


def test_z_without_effects_goes_into_the_column_that_the_standard_has_for_it(tmp_path: Path) -> None:
    file = tmp_path / "z.txt"
    file.write_text("SNP CHR BP A1 A2 Z N P\nrs1 1 10 A G 2.5 100 0.0124\n")
    words = {"variant_id": "SNP", "chromosome": "CHR", "base_pair_location": "BP", "effect_allele": "A1"}
    words |= {"other_allele": "A2", "z": "Z", "n": "N", "p_value": "P"}
    result = gwasmeta.format_sumstats(file, tmp_path / "out.tsv", columns=words)
    header, row = ((tmp_path / "out.tsv").read_text().splitlines()[i].split("\t") for i in (0, 1))
    assert header[4:6] == ["z-score", "standard_error"]
    assert row[4:6] == ["2.5", "#NA"]
    assert_allclose(gwasmeta.read_sumstats(result.path).table["z"], 2.5)


@pytest.mark.parametrize(
    ("header", "to", "options", "message"),
    [
        ("MARKERNAME EA NEA BETA SE", "ssf", {}, "no column for chromosome, which GWAS-SSF"),
        ("MARKERNAME EA NEA BETA SE", "ldsc", {}, "no column for n, which LD score regression's .sumstats needs"),
        ("MARKERNAME EA NEA BETA SE", "metal", {"sort": True}, "no column for chromosome, which sorting"),
        ("MARKERNAME CHR POS EA NEA BETA SE", "nexus", {}, "format 'nexus': choose among"),
        ("MARKERNAME CHR POS EA NEA BETA SE", "ssf", {"palindromic": "maybe"}, "choose among infer, keep and drop"),
        ("MARKERNAME CHR POS EA NEA BETA SE", "ssf", {"metadata": {"trait": "x"}}, "trait: no field of the metadata"),
        ("MARKERNAME CHR POS EA NEA BETA SE", "parquet", {"tabix": True}, "tabix does not index Parquet"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_left_behind(
    tmp_path: Path, header: str, to: str, options: dict, message: str
) -> None:
    row = " ".join(
        {"MARKERNAME": "rs1", "CHR": "1", "POS": "5", "EA": "A", "NEA": "G"}.get(w, "1") for w in header.split()
    )
    file = write_gwama(tmp_path / "s.txt", [row], header)
    with pytest.raises(gwasmeta.GwasmetaError, match=message):
        gwasmeta.format_sumstats(file, tmp_path / "out.gz", to=to, **options)
    assert [path.name for path in tmp_path.iterdir()] == ["s.txt"]


def test_a_study_is_not_written_over_itself(tmp_path: Path) -> None:
    file = write_gwama(tmp_path / "s.txt", ["rs1 1 5 A G 0.2 9 1 1 1"])
    with pytest.raises(gwasmeta.GwasmetaError, match="is part of the input"):
        gwasmeta.format_sumstats(file, file, to="metal")


def test_no_row_left_says_why(tmp_path: Path) -> None:
    file = write_gwama(tmp_path / "s.txt", ["rs1 1 5 A G 0.2 9 NA 1 1"])
    with pytest.raises(gwasmeta.GwasmetaError, match=r"(?s)none of its 1 rows can be written.*beta_missing: 1 rows"):
        gwasmeta.format_sumstats(file, tmp_path / "out", to="metal")
    assert [path.name for path in tmp_path.iterdir()] == ["s.txt"]


# --- metadata, and what other programs say ---


def test_metadata_hold_what_is_known(study: pd.DataFrame, tmp_path: Path) -> None:
    import hashlib

    given = {"trait_description": ["height"], "gwas_id": "GCST90000123"}
    cohort = gwasmeta.Study(study, n_cases=300, n_controls=600, sex="female")
    result = gwasmeta.format_sumstats(cohort, tmp_path / "out.tsv", build="hg19", metadata=given, sort=True)
    metadata = yaml.safe_load((tmp_path / "out.tsv-meta.yaml").read_text())
    assert metadata["genome_assembly"] == "GRCh37"
    assert metadata["data_file_name"] == "out.tsv"
    assert metadata["data_file_md5sum"] == hashlib.md5((tmp_path / "out.tsv").read_bytes()).hexdigest()
    assert metadata["samples"] == [
        {"sample_size": 999, "case_control_study": True, "case_count": 300, "control_count": 600}
    ]
    assert (metadata["sex"], metadata["is_sorted"], metadata["is_harmonised"]) == ("F", True, False)
    assert metadata["trait_description"] == ["height"]
    assert result.build == "GRCh37"


def _validator() -> str:
    """Return the Python that has EBI's gwas-sumstats-tools, whose pins of pandas and pydantic clash with ours."""
    python = os.environ.get("GWASMETA_SSF_PYTHON") or Path(__file__).parents[2] / ".ssf-validator" / "bin" / "python"
    if not Path(python).exists():
        pytest.skip("needs gwas-sumstats-tools in an environment of its own: make ssf-validator")
    return str(python)


_VALIDATION = """
import sys, pathlib, yaml
from gwas_sumstats_tools.validate import validate
from gwas_sumstats_tools.schema.metadata import SumStatsMetadata
path = pathlib.Path(sys.argv[1])
valid, message, errors, kind = validate(path, minimum_rows=int(sys.argv[2]))
print(errors)
SumStatsMetadata.parse_obj(yaml.safe_load(open(f"{path}-meta.yaml")))
sys.exit(f"{message} {kind}" if not valid else 0)
"""


def _own_reference(study: pd.DataFrame, folder: Path) -> Path:
    """A reference that has the study's variants as they are."""
    columns = ["chromosome", "base_pair_location", "effect_allele", "other_allele", "variant_id"]
    study[columns].to_csv(folder / "r.tsv", sep="\t", index=False)
    return folder / "r.tsv"


@pytest.mark.parametrize("harmonised", [False, True])
def test_ebis_validator_accepts_table_and_metadata(study: pd.DataFrame, tmp_path: Path, harmonised: bool) -> None:
    python, options = _validator(), {}
    if harmonised:
        options = {"reference": _own_reference(study, tmp_path), "palindromic": "keep"}
    result = gwasmeta.format_sumstats(study, tmp_path / "out.tsv.gz", sort=True, **options)
    assert result.rows_written == N_ROWS
    words = [python, "-c", _VALIDATION, str(result.path), str(N_ROWS)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def _run(*words: str | Path) -> str:
    if shutil.which(str(words[0])) is None:
        pytest.skip(f"needs {words[0]}")
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert not done.stderr, done.stderr
    return done.stdout


def test_bcftools_reads_the_vcf_as_we_do(study: pd.DataFrame, tmp_path: Path) -> None:
    result = gwasmeta.format_sumstats(
        gwasmeta.Study(study, name="my study"), tmp_path / "out", to="vcf", tabix=True, build="GRCh38"
    )
    query = "%CHROM %POS %ID %REF %ALT[ %ES %SE %LP %AF %NS %SI]\\n"
    rows = [line.split() for line in _run("bcftools", "query", "-f", query, result.path).splitlines()]
    names = ["chromosome", "base_pair_location", "variant_id", "other_allele", "effect_allele", "beta"]
    names += ["standard_error", "neg_log_10_p_value", "effect_allele_frequency", "n", "info"]
    table = pd.DataFrame(rows, columns=names).set_index("variant_id").sort_index()
    numbers = [name for name in names[5:] if name != "neg_log_10_p_value"] + ["base_pair_location"]
    table = table.astype(dict.fromkeys(numbers, float))
    expected = study.set_index("variant_id").sort_index()
    for name in numbers:
        assert_allclose(table[name], expected[name], rtol=1e-5)  # bcftools prints six digits
    for name in ("chromosome", "other_allele", "effect_allele"):
        assert table[name].tolist() == expected[name].tolist()
    assert _run("bcftools", "query", "-l", result.path).split() == ["my_study"]
    on_seven = study[study["chromosome"] == "7"]
    region = _run("bcftools", "view", "-H", "-r", "7", result.path)
    assert len(region.splitlines()) == len(on_seven)
    harmonised = gwasmeta.format_sumstats(
        study, tmp_path / "harmonised", to="vcf", reference=_own_reference(study, tmp_path), palindromic="drop"
    )
    codes = _run("bcftools", "query", "-f", "%INFO/HM\\n", harmonised.path).split()
    assert set(codes) == {"10"}
    header = _run("bcftools", "view", "-h", result.path)
    assert "##contig=<ID=7,length=159345973,assembly=GRCh38>" in header
    assert f"TotalSamples=999,TotalVariants={N_ROWS}" in header


def test_tabix_finds_regions_of_ssf(study: pd.DataFrame, tmp_path: Path) -> None:
    result = gwasmeta.format_sumstats(study, tmp_path / "out.tsv.gz", tabix=True)
    lowest, highest = 50_000, 150_000
    found = {line.split("\t")[8] for line in _run("tabix", result.path, f"23:{lowest}-{highest}").splitlines()}
    inside = study["base_pair_location"].between(lowest, highest) & (study["chromosome"] == "X")
    assert found == set(study["variant_id"][inside])
    assert found
    assert len(_run("bgzip", "-dc", result.path).splitlines()) == N_ROWS + 1
