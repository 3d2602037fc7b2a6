"""MTAG's command line: what is understood, what is refused, and what a refused run leaves behind."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gwasmeta.cli import main
from gwasmeta.compat.mtag_options import parse_options
from gwasmeta.errors import GwasmetaError

# Every option of MTAG 1.0.8, with a value that it takes (of the defaults, as its help and source give them).
_OPTIONS = {
    **{f"--{name}_name": "word" for name in ("snp", "z", "beta", "se", "n", "eaf", "chr", "bpos", "a1", "a2", "p")},
    **dict.fromkeys(("--n_value", "--maf_min", "--n_min", "--n_max", "--info_min"), "1,2"),
    **dict.fromkeys(("--gencov_path", "--residcov_path", "--ld_ref_panel", "--out", "--grid_file"), "x"),
    **dict.fromkeys(("--include", "--exclude", "--excludeSNPs", "--only_chr"), "x,y"),
    **{"--homogNs_frac": "0.1", "--homogNs_dist": "100", "--median_z_cutoff": "0.2", "--intervals": "5"},
    **{"--p_sig": "1e-6", "--cores": "2", "--tol": "1e-3", "--time_limit": "5", "--chunksize": "1e6"},
}
_FLAGS = [
    *("make_full_path", "meta_format", "no_chr_data", "incld_ambig_snps", "no_allele_flipping", "use_beta_se"),
    *("no_overlap", "perfect_gencov", "force", "fdr", "fit_ss", "n_approx", "std_betas", "numerical_omega"),
    *("verbose", "stream_stdout"),
]


@pytest.mark.parametrize("option", _OPTIONS)
def test_every_option_is_known(option: str) -> None:
    parse_options(["--sumstats", "a,b", option, _OPTIONS[option]])


@pytest.mark.parametrize("flag", _FLAGS)
def test_every_flag_is_known(flag: str) -> None:
    assert parse_options(["--sumstats", "a,b"]) != parse_options(["--sumstats", "a,b", f"--{flag}"])
    assert getattr(parse_options(["--sumstats", "a,b", f"--{flag}"]), flag, True) is True


def test_defaults_are_those_of_mtag() -> None:
    options = parse_options(["--sumstats", "a,b"])
    names = (options.snp_name, options.z_name, options.n_name, options.eaf_name, options.p_name)
    assert names == ("snpid", "z", "n", "freq", "p")
    assert (options.out, options.intervals, options.p_sig, options.median_z_cutoff) == ("./mtag_results", 10, 5e-8, 0.1)


def test_numbers_are_for_all_traits_or_for_each() -> None:
    options = parse_options(["--sumstats", "a,b", "--n_min", "0", "--maf_min", "0.01,0.05"])
    assert [options.of_trait("n_min", trait) for trait in (0, 1)] == [0, 0]
    assert [options.of_trait("maf_min", trait) for trait in (0, 1)] == [0.01, 0.05]
    assert options.of_trait("n_max", 1) is None


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "which traits"),
        (["--sumstats", "a,b", "--nonsense"], "--nonsense"),
        (["--sumstats"], "expected one argument"),
        (["--sumstats", "a,,b"], "something is missing beside a comma"),
        (["--sumstats", "a,b", "--n_min", "1,2,3"], "--n_min: 3 numbers for 2 traits"),
        (["--sumstats", "a,b", "--maf_min", "x"], "'x' is no number"),
        (["--sumstats", "a,b", "--equal_h2"], "Add --perfect_gencov"),
        (["--sumstats", "a,b", "--homogNs_frac", "1", "--homogNs_dist", "1"], "give one of them"),
        (["--skip_mtag"], "add --fdr"),
        (["--skip_mtag", "--fdr", "--report", "both.html"], "--report shows MTAG's result"),
    ],
)
def test_impossible_command_lines_are_refused(words: list[str], message: str) -> None:
    with pytest.raises(GwasmetaError, match=message):
        parse_options(words)


def test_help_lists_every_option(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["mtag", "--help"]) == 0
    text = capsys.readouterr().out
    for option in (*_OPTIONS, *(f"--{flag}" for flag in _FLAGS), "--sumstats", "--equal_h2", "--skip_mtag"):
        assert option in text


_HEADER = "snpid chr bpos a1 a2 freq z p n"


def _write(path: Path, header: str, rows: int = 3) -> str:
    lines = [header] + [f"rs{k} 1 {k} A G 0.3 {(-1) ** k * 1.5} 0.1 1000" for k in range(rows)]
    path.write_text("\n".join(lines) + "\n")
    return str(path)


@pytest.mark.parametrize(
    ("header", "words", "message"),
    [
        (_HEADER.replace(" z ", " effect "), [], "trait 2 has no column for z\n.*\n.*--z_name WORD"),
        (_HEADER.replace(" n", " samples"), [], "no column for n\n(.*\n)*.*--n_value"),
        (_HEADER.replace("freq", "f"), [], "no column for frequency\n(.*\n)*.*--std_betas"),
        (_HEADER.replace("chr", "c"), [], "no column for chromosome\n(.*\n)*.*--no_chr_data"),
        (_HEADER.replace("freq", "EAF").replace("bpos", "MAF"), [], "EAF and MAF may each|MAF and EAF may each"),
        (_HEADER, ["--info_min", "0.9"], "trait 1 has no column for info"),
        (_HEADER, ["--include", "LIST"], "a list of SNPs needs the header SNP or snpid"),
        (_HEADER, ["--residcov_path", "MATRIX"], r"shape \(1, 3\), but there are 2 traits"),
        (_HEADER, ["--out", "nowhere/mtag"], "no folder nowhere"),
    ],
)
def test_faults_name_the_trait_and_leave_nothing(
    header: str,
    words: list[str],
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    files = _write(tmp_path / "one.txt", _HEADER), _write(tmp_path / "two.txt", header)
    (tmp_path / "LIST").write_text("rs1\nrs2\n")
    (tmp_path / "MATRIX").write_text("1 0 0\n")
    before = sorted(tmp_path.iterdir())
    assert main(["mtag", "--sumstats", ",".join(files), "--out", "mtag", *words]) == 2
    assert re.search(message, capsys.readouterr().err)
    assert sorted(tmp_path.iterdir()) == before


def test_positions_and_frequencies_can_be_done_without(tmp_path: Path) -> None:
    lines = ["snpid a1 a2 z p n"] + [f"rs{k} A G {(-1) ** k * 1.5} 0.1 1000" for k in range(300)]
    (tmp_path / "one.txt").write_text("\n".join(lines) + "\n")
    (tmp_path / "sigma.txt").write_text("1\n")
    words = ["--sumstats", str(tmp_path / "one.txt"), "--residcov_path", str(tmp_path / "sigma.txt")]
    words += ["--no_chr_data", "--std_betas", "--make_full_path", "--out", str(tmp_path / "new" / "folder" / "mtag")]
    assert main(["mtag", *words]) == 0
    header, first = (tmp_path / "new" / "folder" / "mtag_trait.txt").read_text().splitlines()[:2]
    assert header.split("\t") == ["SNP", "A1", "A2", "Z", "N", "FRQ", "mtag_beta", "mtag_se", "mtag_z", "mtag_pval"]
    snp, _, _, z, _, frequency, _, error, mtag_z, _ = first.split("\t")
    assert (snp, float(z), frequency) == ("rs0", 1.5, "")
    assert (float(error), float(mtag_z)) == pytest.approx((1000**-0.5, 1.5))
