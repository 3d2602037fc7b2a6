"""MTAG, its false discovery rate, and genetic correlations: the same bits from processes as from threads."""

from __future__ import annotations

import os
import signal
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from distributed import Client
from numpy.testing import assert_array_equal

import gwasmeta
from gwasmeta.cli import main
from gwasmeta.cluster import Workers, connections, scratch_of, workers_of
from gwasmeta.stats.genetic_correlation import cross_trait_regressions
from gwasmeta.stats.max_fdr import MaxFdr, plan_max_fdr
from gwasmeta.stats.mtag_estimator import mtag

N_SNPS = 150_000  # arrays that are shared by files, and more than one block


@cache
def statistics() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return z and n of three traits, some of which some SNPs lack, and LD scores."""
    generator = np.random.default_rng(8)
    ld_score = generator.gamma(2, 20, N_SNPS) + 1
    effects = generator.multivariate_normal(np.zeros(3), 0.5 * np.eye(3) + 0.5, N_SNPS)
    z = effects * np.sqrt(0.5 * ld_score / ld_score.mean())[:, np.newaxis] + generator.normal(size=(N_SNPS, 3))
    z[generator.random(z.shape) < 0.1] = np.nan
    return z, generator.integers(90_000, 100_000, z.shape).astype(float), ld_score


@pytest.fixture
def processes(two_processes: Client) -> Workers:
    with workers_of(two_processes) as workers:
        yield workers


def assert_same(one: Any, other: Any) -> None:
    """Compare what two results hold, to the bit."""
    assert type(one) is type(other)
    if is_dataclass(one):
        for field in fields(one):
            assert_same(getattr(one, field.name), getattr(other, field.name))
    elif isinstance(one, tuple | list):
        assert len(one) == len(other)
        for a, b in zip(one, other, strict=True):
            assert_same(a, b)
    elif isinstance(one, dict):
        assert_same(list(one.items()), list(other.items()))
    else:
        assert_array_equal(one, other)


def model(n_traits: int) -> dict[str, Any]:
    correlation = 0.6 ** np.abs(np.subtract.outer(range(n_traits), range(n_traits)))
    return {"omega": correlation * 2e-6, "sigma": np.eye(n_traits) + 0.1, "mean_n": np.full(n_traits, 1e5)}


@pytest.mark.parametrize("whole", [True, False])
def test_estimates(whole: bool, processes: Workers) -> None:
    z, n, _ = statistics()
    z = np.nan_to_num(z) if whole else z
    given = z, n, model(3)["omega"], model(3)["sigma"]
    assert_same(mtag(*given, workers=processes), mtag(*given))


def test_regressions(processes: Workers) -> None:
    z, n, ld_score = statistics()
    options = {"chi_squared_max": 60.0, "intercepts": np.where(np.eye(3, dtype=bool), 1.0, np.nan)}
    told: list[int] = []
    here = cross_trait_regressions(z, n, ld_score, ld_score, 1e6, **options)
    there = cross_trait_regressions(z, n, ld_score, ld_score, 1e6, **options, workers=processes, progress=told.append)
    assert_same(there, here)
    assert told[-1] == len(here.pairs) == 6


def test_an_error_of_a_regression_names_the_same_traits(processes: Workers) -> None:
    z, n, ld_score = statistics()
    few = z.copy()
    few[300:, 1], few[:250, 2] = np.nan, np.nan
    messages = []
    for workers in ({}, {"workers": processes}):
        with pytest.raises(gwasmeta.GwasmetaError) as caught:
            cross_trait_regressions(few, n, ld_score, ld_score, 1e6, **workers)
        messages.append(str(caught.value))
    assert messages[0] == messages[1]
    assert messages[0].startswith("traits 2 and 3: ")


def test_the_grid_of_the_false_discovery_rate(processes: Workers) -> None:
    plan = plan_max_fdr(**model(4))
    told: list[tuple[str, int, int]] = []
    assert_same(plan.run(lambda *step: told.append(step), workers=processes), plan.run())
    assert told[-1] == ("points", plan.n_points, plan.n_points)


def test_the_points_of_the_grid_have_the_maxima_of_its_parts() -> None:
    plan = plan_max_fdr(**model(3))
    seen: list[np.ndarray] = []
    with_points = plan.run(on_points=lambda _, fdr: seen.append(fdr))
    assert_same(with_points, plan.run())
    assert_array_equal(np.concatenate(seen).max(axis=0), with_points.fdr)


def test_the_search_for_the_false_discovery_rate(processes: Workers) -> None:
    plan = plan_max_fdr(**model(4), intervals=5, method="search", n_starts=3)
    assert_same(plan.run(workers=processes), plan.run())


def test_a_worker_is_killed_in_the_middle_of_the_grid(two_processes: Client, processes: Workers) -> None:
    plan = plan_max_fdr(**model(4), intervals=11)
    killed: list[int] = []

    def kill_one(_what: str, done: int, n_points: int) -> None:
        if not killed and done > n_points / 4:
            killed.append(next(iter(two_processes.run(os.getpid).values())))
            os.kill(killed[0], signal.SIGKILL)

    there = plan.run(kill_one, workers=processes)
    assert killed
    assert killed[0] not in two_processes.run(os.getpid).values()
    assert_same(there, plan.run())


def test_the_analysis_of_an_example(two_processes: Client) -> None:
    traits, panel = gwasmeta.example_traits(), gwasmeta.example_ld_scores()
    here = gwasmeta.mtag(traits, ld_scores=panel)
    there = gwasmeta.mtag(traits, ld_scores=panel, cluster=two_processes)
    assert_array_equal(there.sigma, here.sigma)
    for name, trait in here.traits.items():
        assert there.traits[name].table.equals(trait.table)
    assert_same(there.max_fdr(cluster=two_processes), here.max_fdr())
    assert isinstance(there.max_fdr(), MaxFdr)


def test_genetic_correlations_of_an_example(two_processes: Client) -> None:
    traits, panel = gwasmeta.example_traits(), gwasmeta.example_ld_scores()
    told: list[tuple[int, int]] = []
    here = gwasmeta.ldsc_rg(traits, ld_scores=panel)
    there = gwasmeta.ldsc_rg(traits, ld_scores=panel, cluster=two_processes, progress=lambda *step: told.append(step))
    assert there.table.equals(here.table)
    assert told[-1] == (3, 3)


def written(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.suffix != ".log"}


def test_the_commands_write_the_same_files(tmp_path: Path, two_processes: Client) -> None:
    panel = str(gwasmeta.example_ld_scores())
    traits = list(gwasmeta.example_traits().values())
    manifest = tmp_path / "traits.tsv"
    manifest.write_text("path\tname\n" + "".join(f"{path}\ttrait{place}\n" for place, path in enumerate(traits)))
    files = {}
    for name, where in (("here", []), ("there", ["--scheduler", two_processes.scheduler.address])):
        out = tmp_path / name
        out.mkdir()
        words = ["--studies", str(manifest), "--ld_ref_panel", panel, "--out", str(out / "mtag")]
        assert main(["mtag", *words, *where]) == 0
        words = [*map(str, traits), "--ref-ld-chr", panel, "--out", str(out / "rg"), "--quiet"]
        assert main(["ldsc", "rg", *words, *where]) == 0
        files[name] = written(out)
    assert len(files["here"]) >= 7
    assert files["there"] == files["here"]


def test_without_a_scheduler_a_command_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(connections, "CONNECT_WITHIN", 0.5)
    traits = ",".join(map(str, gwasmeta.example_traits().values()))
    assert main(["mtag", "--sumstats", traits, "--out", str(tmp_path / "x"), "--scheduler", "tcp://127.0.0.1:9"]) == 2
    assert "there is no Dask scheduler at tcp://127.0.0.1:9" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_workers_and_scheduler_are_one_or_the_other(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["mtag", "--sumstats", "a,b", "--workers", "2", "--scheduler", "tcp://there:1"]) == 2
    assert "not allowed with" in capsys.readouterr().err
    assert main(["mtag", "--sumstats", "a,b", "--workers", "0"]) == 2
    assert "'0' is not a positive whole number" in capsys.readouterr().err


# --- arrays between processes ---------------------------------------------------------------------------


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("writable", [True, False])
def test_a_shared_array_arrives_as_it_was(order: str, writable: bool, processes: Workers) -> None:
    array = np.array(np.random.default_rng(1).random((700, 300)), order=order)  # type: ignore[call-overload]
    array.flags.writeable = writable
    with scratch_of(processes) as scratch:
        shared = scratch.share(array)
        found, is_writable, is_fortran = next(processes.in_order(_seen, [shared]))
        assert list(scratch.folder.iterdir())
        taken = shared.taken()
        assert not list(scratch.folder.iterdir())
        assert_array_equal(taken, array)
    assert_array_equal(found, array[::100])
    assert (is_writable, is_fortran) == (writable, order == "F")
    assert not scratch.folder.exists()


def _seen(shared: Any) -> tuple[np.ndarray, bool, bool]:
    array = shared.array
    return array[::100].copy(), array.flags.writeable, array.flags.f_contiguous


def test_a_folder_that_a_worker_does_not_see_is_refused(
    two_processes: Client, processes: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(two_processes, "run", lambda *_: {"tcp://node7:4000": False})
    message = r"tcp://node7:4000 does not see(.|\n)*TMPDIR"
    with pytest.raises(gwasmeta.GwasmetaError, match=message), scratch_of(processes):
        pass
