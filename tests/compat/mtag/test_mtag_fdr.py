"""--fdr and its options on two simulated traits, against every point of the grid worked out here."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from scipy.stats import norm

from gwasmeta.cli import main
from gwasmeta.stats import max_fdr

_N_SNPS = 4000
_SIGMA = np.array([[1.04, 0.12], [0.12, 1.02]])
_STATES = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
_CAUSAL = (0.6, 0.4)

FloatArray = npt.NDArray[np.float64]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Write two traits that share most of their causal SNPs, and Sigma; work there."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(61)
    affects = _STATES[rng.choice(4, _N_SNPS, p=[0.38, 0.02, 0.22, 0.38])]
    effect = affects * rng.multivariate_normal(np.zeros(2), [[8e-5, 5e-5], [5e-5, 9e-5]], _N_SNPS)
    error = rng.multivariate_normal(np.zeros(2), _SIGMA, _N_SNPS)
    for trait, largest in enumerate((120e3, 60e3)):
        n = np.round(rng.uniform(0.8, 1.0, _N_SNPS) * largest, 1)
        z = effect[:, trait] * np.sqrt(n) + error[:, trait]
        frame = {"snpid": [f"rs{snp}" for snp in range(_N_SNPS)], "chr": 1, "bpos": range(_N_SNPS), "a1": "A"}
        frame |= {"a2": "G", "freq": 0.3, "z": z - np.median(z), "n": n}
        table = pd.DataFrame(frame).assign(p=lambda rows: 2 * norm.sf(np.abs(rows["z"])))
        table.to_csv(f"trait{trait + 1}.txt", sep="\t", index=False)
    np.savetxt("sigma.txt", _SIGMA)
    return tmp_path


def run(*words: str) -> int:
    traits = [] if "--skip_mtag" in words else ["--sumstats", "trait1.txt,trait2.txt", "--residcov_path", "sigma.txt"]
    return main(["mtag", *traits, "--out", "both", "--fdr", *words])


def estimates() -> tuple[FloatArray, FloatArray]:
    """Return Omega and the mean sample sizes of the run, these of whole numbers."""
    n = [np.round(pd.read_csv(f"both_trait_{trait}.txt", sep="\t")["N"]).mean() for trait in (1, 2)]
    return np.loadtxt("both_omega_hat.txt"), np.array(n)


def rates_at(point: FloatArray, p_significant: float, omega: FloatArray, n: FloatArray) -> FloatArray | None:
    """Return both traits' rates by the definition, or None where the point is not possible."""
    joint = np.einsum("s,sa,sb->ab", point, _STATES, _STATES)
    if joint.min() <= 0:
        return None
    at_shared = omega / joint
    if at_shared[0, 0] * at_shared[1, 1] < (1 - 1e-9) * at_shared[0, 1] ** 2:
        return None
    errors = _SIGMA / np.sqrt(np.outer(n, n))
    rates = []
    for trait in (0, 1):
        weight = omega[:, trait] / omega[trait, trait]
        v = omega - np.outer(weight, weight) * omega[trait, trait] + errors
        of_effects = np.linalg.solve(v, weight) / np.sqrt(weight @ np.linalg.solve(v, weight))
        variances = [of_effects @ (at_shared * np.outer(state, state) + errors) @ of_effects for state in _STATES]
        discoveries = point * 2 * norm.sf(norm.isf(p_significant / 2) / np.sqrt(variances))
        rates.append(discoveries[_STATES[:, trait] == 0].sum() / discoveries.sum())
    return np.array(rates)


def grid(intervals: int) -> FloatArray:
    steps = np.indices((intervals + 1,) * 4).reshape(4, -1).T
    return steps[steps.sum(axis=1) == intervals] / intervals


def possible(points: FloatArray, p_significant: float) -> tuple[FloatArray, FloatArray]:
    estimates_of_run = estimates()
    rates = [rates_at(point, p_significant, *estimates_of_run) for point in points]
    kept = [place for place, rate in enumerate(rates) if rate is not None]
    return points[kept], np.array([rates[place] for place in kept])


def written() -> tuple[FloatArray, FloatArray]:
    return np.loadtxt("both_prob_grid.txt", ndmin=2), np.loadtxt("both_fdr_mat.txt", ndmin=2)


@pytest.mark.parametrize(("words", "intervals", "p_significant"), [([], 10, 5e-8), (["--p_sig", "1e-4"], 6, 1e-4)])
def test_the_files_have_every_possible_point_and_its_rates(
    words: list[str], intervals: int, p_significant: float, folder: Path
) -> None:
    assert run("--intervals", str(intervals), *words) == 0
    points, rates = possible(grid(intervals), p_significant)
    found_points, found_rates = written()
    assert 10 < len(points) < len(grid(intervals))
    assert_allclose(found_points, points, atol=1e-12)
    assert_allclose(found_rates, rates, rtol=1e-9)
    log = Path("both.log").read_text()
    for trait in (1, 2):
        largest = re.search(rf"Max FDR of Trait {trait}: (\S+) at", log)
        assert largest is not None
        assert_allclose(float(largest[1]), rates[:, trait - 1].max(), rtol=1e-9)
    assert re.search(rf"grid of {len(grid(intervals))} points .*1/{intervals}\), about \d+\.\d s", log)
    assert f"{len(points)} of {len(grid(intervals))} points are possible" in log


def test_a_terminal_is_told_of_the_points_before_they_are_looked_at(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("--intervals", "6") == 0
    assert capsys.readouterr() == ("", "")  # as MTAG
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    seen_before = []
    plan_run = max_fdr.MaxFdrPlan.run

    def watched(*given: object) -> object:
        seen_before.append(capsys.readouterr())
        return plan_run(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(max_fdr.MaxFdrPlan, "run", watched)
    assert run("--intervals", "6") == 0
    ((out, err),) = seen_before
    assert out == ""
    assert re.search(rf"^maxFDR: .* grid of {len(grid(6))} points .*, about \d+\.\d s$", err, re.MULTILINE)
    assert "84/84 points" in re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", capsys.readouterr().err)


def test_fitted_causal_probabilities_keep_the_points_near_them(folder: Path) -> None:
    assert run("--fit_ss", "--intervals", "8") == 0
    said = re.search(r"trait 1 (0\.\d+), trait 2 (0\.\d+)", Path("both.log").read_text())
    assert said is not None
    fitted = np.array(said.groups(), dtype=float)
    assert_allclose(fitted, _CAUSAL, atol=0.08)
    points, rates = possible(grid(8), 5e-8)
    near = (np.abs(points @ _STATES - fitted) < 1 / 8).all(axis=1)
    assert 0 < near.sum() < len(points)
    found_points, found_rates = written()
    assert_allclose(found_points, points[near], atol=1e-12)
    assert_allclose(found_rates, rates[near], rtol=1e-9)


def test_points_of_a_file_take_the_place_of_the_grid(folder: Path) -> None:
    given = np.array([[0.1, 0.1, 0.2, 0.6], [0.25, 0.25, 0.25, 0.25], [1.0, 0.0, 0.0, 0.0], [0.5, 0.5, 0.5, 0.5]])
    np.savetxt("points.txt", given)
    assert run("--grid_file", "points.txt") == 0
    points, rates = possible(given[:3], 5e-8)
    found_points, found_rates = written()
    assert_allclose(found_points, points)
    assert_allclose(found_rates, rates, rtol=1e-9)
    assert f"{len(points)} of 4 points are possible" in Path("both.log").read_text()


def test_the_rates_of_an_earlier_run_are_those_of_the_run_itself(folder: Path) -> None:
    assert run("--intervals", "5") == 0
    before = [Path(f"both{ending}").read_bytes() for ending in ("_prob_grid.txt", "_fdr_mat.txt")]
    for ending in ("_prob_grid.txt", "_fdr_mat.txt"):
        Path(f"both{ending}").unlink()
    for trait in (1, 2):
        Path(f"trait{trait}.txt").unlink()
    assert run("--skip_mtag", "--intervals", "5") == 0
    after = [Path(f"both{ending}").read_bytes() for ending in ("_prob_grid.txt", "_fdr_mat.txt")]
    assert after[0] == before[0]
    assert_allclose(np.loadtxt("both_fdr_mat.txt"), np.loadtxt(before[1].decode().splitlines()), rtol=1e-12)


def test_a_search_says_how_sure_it_is_and_writes_its_maxima(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(max_fdr, "_MOST_GRID_POINTS", 10)
    assert run("--intervals", "4") == 0
    log = Path("both.log").read_text()
    assert "the grid of 1/4 has too many points: from this one and 30 starts for each trait, a search beyond it" in log
    _, of_grid = possible(grid(4), 5e-8)
    points, rates = written()
    assert points.shape == (2, 4)
    for trait, line in enumerate(re.findall(r"Max FDR of Trait .*", log)):
        said = re.search(
            r": (\S+) at .* \((\d+) of 30 starts led to within 1 % of it; the grid alone has (\S+)\)", line
        )
        assert said is not None
        found, reached, grid_alone = (float(number) for number in said.groups())
        assert_allclose(grid_alone, of_grid[:, trait].max(), rtol=1e-5)
        assert found >= of_grid[:, trait].max()
        assert 1 <= reached <= 30
        here = rates_at(points[trait], 5e-8, *estimates())
        assert here is not None
        assert_allclose([found, rates[trait, trait]], here[trait], rtol=1e-8)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--grid_file", "three.txt"], "the grid has 3 columns, and 2 traits have 4 causal states\n  Give one column"),
        (["--grid_file", "letters.txt"], "letters.txt: cannot be read as points, a line each: .*'x'"),
        (["--grid_file", "nowhere.txt"], "nowhere.txt: cannot be read as points"),
        (["--grid_file", "none.txt"], "no probabilities of the given grid are possible"),
        (["--intervals", "0"], "the number of intervals is 0\n  It must be at least 1"),
        (["--p_sig", "2"], "the p-value of a discovery is 2.0\n  It must be between 0 and 1"),
        (["--skip_mtag"], r"both_trait_1.txt, _2.txt, ...: --skip_mtag needs all of them, and there is none"),
    ],
)
def test_impossible_requests_are_refused_and_leave_nothing(
    words: list[str], message: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("three.txt").write_text("0.2 0.2 0.6\n")
    Path("letters.txt").write_text("0.2 0.2 x 0.6\n")
    Path("none.txt").write_text("1 0 0 0\n")
    assert run(*words) == 2
    assert re.search(message, capsys.readouterr().err)
    assert not list(folder.glob("both*"))


def test_an_earlier_run_that_is_not_whole_is_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--intervals", "2") == 0
    whole = Path("both_trait_2.txt").read_text().splitlines(keepends=True)
    Path("both_trait_2.txt").write_text("".join(whole[:-1]))
    assert run("--skip_mtag") == 2
    assert "have different numbers of SNPs" in capsys.readouterr().err
    Path("both_trait_2.txt").rename("both_trait_3.txt")
    assert run("--skip_mtag") == 2
    assert "needs all of them, and there is 1, 3" in capsys.readouterr().err
    Path("both_trait_3.txt").rename("both_trait_2.txt")
    Path("both_trait_2.txt").write_text("".join(whole))
    Path("both_omega_hat.txt").unlink()
    assert run("--skip_mtag") == 2
    assert "both_omega_hat.txt: cannot be read as a matrix" in capsys.readouterr().err
