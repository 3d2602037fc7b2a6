"""Meta-analysis on two processes: the bits of memory, also when a worker is killed; nothing without a scheduler."""

from __future__ import annotations

import filecmp
import gc
import os
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from distributed import Client

from gwasmeta import GwasmetaError, MetaResult, Study, StudyStore, meta_analyze
from gwasmeta.cluster import scheduler as scheduler_module
from gwasmeta.cluster.connections import processes_here
from gwasmeta.meta.ranges import analysis
from gwasmeta.meta.ranges.numbered_study import GRAIN

N_VARIANTS = 9 * GRAIN + 100  # the workers know no other grain than the one that is
N_RANGES = 10


@pytest.fixture(scope="module")
def studies(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Return files of three studies: some variants in each alone, rows in other orders, alleles turned."""
    rng = np.random.default_rng(3)
    folder = tmp_path_factory.mktemp("studies")
    frequency = rng.uniform(0.05, 0.95, N_VARIANTS).round(4)
    paths = []
    for k, kind in enumerate(("parquet", "tsv", "tsv")):
        rows = rng.permutation(N_VARIANTS)[: N_VARIANTS * 9 // 10] if k else np.arange(N_VARIANTS)
        turned = rng.random(len(rows)) < 0.3
        beta = rng.normal(0, 0.02, len(rows)).round(5)
        frame = pl.DataFrame(
            {
                "variant_id": [f"rs{row}" for row in rows],
                "effect_allele": np.where(turned, "C", "A"),
                "other_allele": np.where(turned, "A", "C"),
                "effect_allele_frequency": np.where(turned, 1 - frequency[rows], frequency[rows]),
                "beta": beta,
                "standard_error": rng.uniform(0.015, 0.02, len(rows)).round(5),
                "n": rng.integers(900, 1000, len(rows)),
            }
        )
        paths.append(folder / f"study{k}.{kind}")
        if kind == "parquet":
            frame.write_parquet(paths[-1])
        else:
            frame.write_csv(paths[-1], separator="\t")
    return paths


@pytest.fixture(autouse=True)
def ten_ranges(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(analysis, "RANGE_VARIANTS", GRAIN)


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of this process for temporary files."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


OPTIONS: dict[str, dict[str, Any]] = {
    "fixed": {},
    "genomic control": {"genomic_control": True, "genomic_control_result": True},
    "random": {"methods": ("random", "fixed"), "tau_squared": "REML", "hartung_knapp": True, "leave_one_out": True},
    "overlap": {"methods": ("fixed", "sample_size"), "overlap": "estimated"},
}


@pytest.fixture(scope="module")
def in_memory(studies: list[Path]) -> Callable[[str], MetaResult]:
    """Return a function that combines the studies in memory, once for each of the options."""
    known: dict[str, MetaResult] = {}

    def result(name: str) -> MetaResult:
        if name not in known:
            known[name] = meta_analyze(studies, **OPTIONS[name])
        return known[name]

    return result


def assert_same_files(one: MetaResult, other: MetaResult, folder: Path) -> None:
    for name in ("one", "other"):
        (folder / name).mkdir()
    written = [result.write(folder / name / "out") for name, result in (("one", one), ("other", other))]
    for path, beside in zip(*written, strict=True):
        assert filecmp.cmp(path, beside, shallow=False), path.name


@pytest.mark.parametrize("name", OPTIONS)
def test_the_same_bits(
    name: str,
    studies: list[Path],
    in_memory: Callable[[str], MetaResult],
    two_processes: Client,
    temporary: Path,
    tmp_path: Path,
) -> None:
    expected = in_memory(name)
    before = len(list(temporary.iterdir()))
    on_workers = meta_analyze(studies, **OPTIONS[name], cluster=two_processes)
    assert_same_files(expected, on_workers, tmp_path)
    assert len(list(temporary.iterdir())) == before + 1  # the columns of the result
    del on_workers
    gc.collect()
    assert len(list(temporary.iterdir())) == before


# --- a worker is killed ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def own_processes() -> Iterator[Client]:
    """Return the client of two worker processes that may be killed."""
    with processes_here(2, 1) as client:
        yield client


class Killer:
    """Kills a worker that is at a task, once."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._processes: dict[str, int] = client.run(os.getpid)
        self.interrupted = 0  # tasks that the worker had

    def __call__(self) -> bool:
        """Kill a worker that has a task; say whether there was one."""
        for address, keys in self._client.processing().items():
            if keys:
                process = self._processes[address]
                os.kill(process, signal.SIGSTOP)  # it ends no task any more
                time.sleep(0.05)
                self.interrupted = len(self._client.processing().get(address, ()))
                if self.interrupted:
                    os.kill(process, signal.SIGKILL)
                    return True
                os.kill(process, signal.SIGCONT)
        return False

    def wait_and_kill(self) -> None:
        deadline = time.monotonic() + 60
        while not self() and time.monotonic() < deadline:
            time.sleep(0.005)

    @property
    def replaced(self) -> bool:
        """Whether there is another process by now."""
        self._client.wait_for_workers(2, timeout=60)
        return {*self._client.run(os.getpid).values()} != {*self._processes.values()}


def test_a_worker_that_is_killed_at_a_range(
    studies: list[Path], in_memory: Callable[[str], MetaResult], own_processes: Client, tmp_path: Path
) -> None:
    name = "genomic control"
    killer, killed_after = Killer(own_processes), []

    def kill(what: str, *_: Any) -> None:
        if what.startswith("combining") and not killed_after and killer():
            killed_after.append(what)

    on_workers = meta_analyze(studies, **OPTIONS[name], cluster=own_processes, progress=kill)
    (said,) = killed_after
    assert int(said.split()[1]) < N_RANGES
    assert said.endswith(f"of {N_RANGES} ranges")
    assert killer.interrupted
    assert killer.replaced
    assert_same_files(in_memory(name), on_workers, tmp_path)


def test_a_worker_that_is_killed_while_it_reads(
    studies: list[Path], in_memory: Callable[[str], MetaResult], own_processes: Client, tmp_path: Path
) -> None:
    """Half a study has been laid down then, and is laid down again."""
    killer = Killer(own_processes)
    thread = threading.Thread(target=killer.wait_and_kill)
    thread.start()
    on_workers = meta_analyze(studies, cluster=own_processes)
    thread.join()
    assert killer.interrupted
    assert killer.replaced
    assert_same_files(in_memory("fixed"), on_workers, tmp_path)


# --- the scheduler is gone ---------------------------------------------------------------------------------------


def test_a_scheduler_that_goes(
    studies: list[Path],
    scheduler: tuple[str, subprocess.Popen[bytes]],
    start_worker: Callable[..., subprocess.Popen[bytes]],
    temporary: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(scheduler_module, "GONE_AFTER", 3.0)
    address, process = scheduler
    start_worker(address)
    out = tmp_path / "out"
    out.mkdir()

    def kill(what: str, *_: Any) -> None:
        if what.startswith("combining"):
            process.kill()

    with pytest.raises(GwasmetaError, match=rf"{address} is gone"):
        meta_analyze(studies, cluster=address, progress=kill).write(out / "result")
    gc.collect()
    assert list(out.iterdir()) == []
    assert list(temporary.iterdir()) == []


def test_workers_in_another_folder_find_relative_paths(
    two_processes: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Studies, the list for genomic control, and a store; the log calls them as the user did."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GWASMETA_STORE", raising=False)
    for k in range(2):
        rows = "".join(f"rs{i} A C {0.01 * (i + k):.2f} 0.1\n" for i in range(40))
        Path(f"s{k}.txt").write_text(f"SNP effect_allele other_allele beta se\n{rows}")
        StudyStore("kept").add(Study(f"s{k}.txt"))
    Path("list.txt").write_text("rs1 rs2 rs3\n")
    for studies, options in (
        (["s0.txt", "s1.txt"], {"genomic_control": True, "genomic_control_variants": "list.txt"}),
        (["store:kept/s0", "store:kept/s1"], {}),
    ):
        written = [
            meta_analyze(studies, **options, cluster=cluster).write(tmp_path / name)
            for cluster, name in ((None, "here"), (two_processes, "there"))
        ]
        for one, other in zip(*written, strict=True):
            assert one.read_bytes() == other.read_bytes()
