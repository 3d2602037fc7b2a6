"""Every run of MTAG 1.0.8 again, through our command, against what the original wrote."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from golden_cases import TEXT_COLUMNS, GoldenCase, GoldenTable, order_hash, read_table, summary_of
from mtag_differences import DIFFERENCES, REFUSED, WORKS_HERE, Difference
from numpy.testing import assert_allclose

from gwasmeta.cli import main
from gwasmeta.stats.genetic_covariance_likelihood import log_likelihood

_SAME = [
    *("01_two_default", "02_three_default", "03_no_overlap", "04_perfect_gencov", "05_perfect_gencov_equal_h2"),
    *("07_nometa_no3only", "11_std_betas", "12_incld_ambig", "13_homogNs_frac", "13b_homogNs_dist"),
    *("14c_include_exclude", "14d_only_chr", "15_gencov_residcov_path", "16_n_value", "17_five_default"),
    *("19_renamed_columns", "22b_low_chi2_force", "23_maf_min_renamed_eaf", "25_npy_paths", "26_single_trait"),
    *("08_two_fdr10", "09_three_fdr5", "09b_three_fdr10", "10_two_fdr_fit_ss", "32_fdr_psig", "33_three_fdr3_fit_ss"),
    *("43_fdr_equal_h2", "44_cores2_fdr_perfect"),
    *("28_allele_flipping_ref", "30_residcov_nonpsd3", "31_omega_adjusted", "45_gencov_nonpsd"),
]


@pytest.fixture
def run(golden_mtag: Path, european_panel: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(golden_mtag)

    def replay(name: str, *more: str) -> tuple[GoldenCase, Path, int]:
        case, out = GoldenCase(golden_mtag, name), tmp_path / "mtag"
        return case, out, main(["mtag", *case.words(out, european_panel), *more])

    return replay


@pytest.mark.parametrize("name", [*_SAME, *DIFFERENCES])
def test_same_as_the_original(name: str, run) -> None:
    difference = DIFFERENCES.get(name, Difference(""))
    case, out, status = run(name)
    assert status == 0
    for ending in case.endings:
        if ending.endswith("_hat.txt") and not difference.matrices:
            assert_allclose(np.loadtxt(f"{out}{ending}", ndmin=2), case.matrix(ending), rtol=1e-9, atol=1e-14)
        if ending in ("_fdr_mat.txt", "_prob_grid.txt"):
            assert_allclose(np.loadtxt(f"{out}{ending}", ndmin=2), case.matrix(ending), rtol=0, atol=1e-12)
    if not difference.tables:
        assert case.tables
        for ending in case.tables:
            _compare_tables(read_table(Path(f"{out}{ending}").read_bytes()), case.table(ending))
    if not difference.summary:
        assert summary_of(Path(f"{out}.log").read_text()) == case.summary()
    written = {path.name.removeprefix("mtag") for path in out.parent.iterdir()}
    assert written == {*case.endings, ".log", ".log.tsv"}


def test_earlier_run_has_the_same_false_discovery_rates(run, golden_mtag: Path, tmp_path: Path) -> None:
    """18: --skip_mtag on what 01 has written, beside a left-over copy that the original would take for a trait."""
    _, out, _ = run("01_two_default")
    (tmp_path / "mtag_trait_1.txt.gz").write_text("left over")
    case = GoldenCase(golden_mtag, "08_two_fdr10")
    before = {path.name for path in tmp_path.iterdir()}
    assert main(["mtag", "--skip_mtag", "--fdr", "--out", str(out)]) == 0
    for ending in ("_fdr_mat.txt", "_prob_grid.txt"):
        assert_allclose(np.loadtxt(f"{out}{ending}"), case.matrix(ending), rtol=0, atol=1e-12)
    new = {path.name for path in tmp_path.iterdir()} - before
    assert new == {"mtag_fdr_mat.txt", "mtag_prob_grid.txt", "mtag.FDR.log"}


def test_points_of_a_file_are_looked_at(run) -> None:
    """20: of six points one sums up to 2, and of the others the possible ones are kept as they are."""
    _, out, status = run("20_grid_file")
    assert status == 0
    kept = np.loadtxt(f"{out}_prob_grid.txt", ndmin=2)
    given = np.loadtxt("inputs/grid2.txt")
    assert 0 < len(kept) < len(given)
    assert all((given == point).all(axis=1).any() for point in kept)
    assert_allclose(kept.sum(axis=1), 1)
    assert np.loadtxt(f"{out}_fdr_mat.txt", ndmin=2).shape == (len(kept), 2)


def _compare_tables(ours: pl.DataFrame, original: GoldenTable) -> None:
    assert ours.columns == original.columns
    assert order_hash(ours["SNP"]) == original.snp_order
    for column, sums in original.sums.items():
        values = ours[column].cast(pl.Float64)
        assert values.null_count() == sums["n_nan"]
        assert_allclose(values.abs().sum(), sums["sum_abs"], rtol=1e-9)
        assert_allclose((values**2).sum(), sums["sum_sq"], rtol=1e-9)
    both = original.rows.join(ours, on="SNP", how="left", suffix=" of ours", maintain_order="left")
    for column in original.columns[1:]:
        one, other = both[f"{column} of ours"], both[column]
        if column in TEXT_COLUMNS:
            assert one.equals(other.str.strip_suffix(".0")), column  # the original's union has chromosome 1.0
            continue
        ours_of_it, originals = (values.cast(pl.Float64).fill_null(np.nan).to_numpy() for values in (one, other))
        if column == "mtag_pval":
            ours_of_it, originals = np.log10(ours_of_it), np.log10(originals)
        assert_allclose(ours_of_it, originals, rtol=1e-9, atol=1e-9 * np.nanmean(np.abs(originals)), err_msg=column)


@pytest.mark.parametrize("name", WORKS_HERE)
def test_where_the_original_stops(name: str, run) -> None:
    _, out, status = run(name)
    assert status == 0
    for ending in ("_trait_1.txt", "_trait_2.txt"):
        table = read_table(Path(f"{out}{ending}").read_bytes())
        assert table.height > 4000
        assert table["mtag_z"].null_count() == 0


@pytest.mark.parametrize("name", REFUSED)
def test_refusals_name_the_trait_and_leave_nothing(name: str, run, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, status = run(name)
    assert status == 2
    assert re.search(REFUSED[name], capsys.readouterr().err)
    assert list(out.parent.iterdir()) == []


def test_every_difference_is_documented() -> None:
    document = Path(__file__).resolve().parents[3] / "docs" / "differences.md"
    text = document.read_text().partition("and MTAG")[2].partition("## ")[0]
    for name in {*WORKS_HERE.values(), *(difference.name for difference in DIFFERENCES.values())}:
        assert f"| `{name}` |" in text


def test_given_maf_min_does_what_it_does_where_the_original_heeds_it(run, golden_mtag: Path, tmp_path: Path) -> None:
    """The original filters by a column that is not called freq: the same file renamed is the reference."""
    _, out, _ = run("23_maf_min_renamed_eaf")
    reference = Path(f"{out}_trait_1.txt").read_bytes()
    inputs = [tmp_path / f"renamed_{trait}.txt" for trait in (1, 2)]
    for trait, path in enumerate(inputs, start=1):
        text = gzip.decompress((golden_mtag / "inputs" / f"renamed_t{trait}.txt.gz").read_bytes()).decode()
        path.write_text(text.replace("rsid\tchrom\tposition\teffA\totherA\teaf\tzstat\tP_val\tNeff",
                                     "snpid\tchr\tbpos\ta1\ta2\tfreq\tz\tp\tn", 1))  # fmt: skip
    words = ["--sumstats", ",".join(map(str, inputs)), "--residcov_path", "inputs/residcov2.txt", "--out", str(out)]
    assert main(["mtag", *words, "--maf_min", "0.05,0.02"]) == 0
    assert Path(f"{out}_trait_1.txt").read_bytes() == reference
    assert main(["mtag", *words]) == 0
    assert len(Path(f"{out}_trait_1.txt").read_bytes()) > len(reference)


@pytest.mark.parametrize("name", [name for name in DIFFERENCES if "numerical_omega" in name])
def test_numerical_omega_is_at_least_as_likely_as_the_original(name: str, run) -> None:
    """06c stopped far from the maximum; the other two are at it."""
    case, out, _ = run(name)
    tables = [read_table(Path(f"{out}{ending}").read_bytes()) for ending in case.tables]
    z, n = (np.column_stack([table[column].to_numpy() for table in tables]) for column in ("Z", "N"))
    ours, original = np.loadtxt(f"{out}_omega_hat.txt"), case.matrix("_omega_hat.txt")
    sigma = case.matrix("_sigma_hat.txt")
    gain = log_likelihood(z, n, ours, sigma) - log_likelihood(z, n, original, sigma)
    if name == "06c_numerical_omega_three":
        assert gain > 10
    else:
        assert gain > -1e-6
        assert_allclose(ours, original, rtol=1e-3)


def test_effects_do_not_depend_on_given_beta_and_se(run, golden_mtag: Path, tmp_path: Path) -> None:
    """--use_beta_se: beta / se is the z that the same file has."""
    for trait in (1, 2):
        lines = gzip.decompress((golden_mtag / "inputs" / f"small_t{trait}.txt.gz").read_bytes()).decode().splitlines()
        rows = [line.split("\t") for line in lines[1:]]
        text = ["snpid\tchr\tbpos\ta1\ta2\tfreq\tb\tstderr\tpval\tn"]
        text += ["\t".join([*row[:6], row[6], "1", *row[7:]]) for row in rows]
        (tmp_path / f"beta_{trait}.txt").write_text("\n".join(text) + "\n")
    _, out, _ = run("28_allele_flipping_ref")
    reference = Path(f"{out}_trait_2.txt").read_bytes()
    files = ",".join(str(tmp_path / f"beta_{trait}.txt") for trait in (1, 2))
    words = ["--sumstats", files, "--use_beta_se", "--beta_name", "b", "--se_name", "stderr", "--out", str(out)]
    assert main(["mtag", *words, "--residcov_path", "inputs/residcov2.txt"]) == 0
    assert Path(f"{out}_trait_2.txt").read_bytes() == reference
