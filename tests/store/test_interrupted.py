"""Additions that are killed, and additions at the same time."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import polars as pl
import pytest

from gwasmeta import StudyStore
from killed_children import END_OF_CHILD

_N_KILLS = 50

# Adds studies in forked processes, which it kills: so that gwasmeta is loaded once for all of them, and Polars, whose
# threads a fork would not have, not used before. It reads lines of FILE and
# seconds, and answers how the addition ended.
_SERVER = (
    END_OF_CHILD
    + """
import sys, importlib
store = sys.argv[1]
for name in ("gwasmeta.store.study_store", "polars", "scipy.special", "numba"):
    importlib.import_module(name)
from gwasmeta import StudyStore, read_sumstats
from gwasmeta.sumstats.table_text import table_text
from gwasmeta.sumstats.words import Words
read_sumstats(sys.argv[2])
table_text([Words.of("A")])
print("ready", flush=True)
for line in sys.stdin:
    path, seconds = line.rstrip("\\n").rsplit(" ", 1)
    child = os.fork()
    if child == 0:
        StudyStore(store).add(path, name="trait")
        os._exit(0)
    print(end_of_child(child, time.monotonic() + float(seconds)), flush=True)
"""
)


def _study(path: Path, beta: float, n_rows: int) -> Path:
    rows = (f"rs{k}\t{k % 22 + 1}\t{1000 + k}\tA\tC\t{beta}\t0.01" for k in range(n_rows))
    header = "variant_id\tchromosome\tbase_pair_location\teffect_allele\tother_allele\tbeta\tstandard_error"
    path.write_text("\n".join([header, *rows]) + "\n")
    return path


class _Server:
    """A process that adds studies to a store, and is told when to kill itself at it."""

    def __init__(self, store: Path) -> None:
        example = _study(store.with_suffix(".example"), 0.5, 30)
        self._process = subprocess.Popen(
            [sys.executable, "-c", _SERVER, str(store), str(example)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def wait(self) -> None:
        """Wait until gwasmeta is loaded."""
        assert self._answer() == "ready"

    def add(self, path: Path, seconds: float) -> str:
        """Add a study, and kill the addition after some time; return how it ended."""
        assert self._process.stdin is not None
        print(f"{path} {seconds}", file=self._process.stdin, flush=True)
        return self._answer()

    def close(self) -> None:
        self._process.communicate()

    def _answer(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[_Server]:
    server = _Server(tmp_path / "store")
    server.wait()
    yield server
    server.close()


def test_a_killed_addition_leaves_the_old_study_or_the_new(tmp_path: Path, server: _Server) -> None:
    """The store opens after every kill, and has all rows of one of two studies that have other values and lengths."""
    files = {1.0: _study(tmp_path / "one.tsv", 1.0, 300), 2.0: _study(tmp_path / "two.tsv", 2.0, 500)}
    rows = {1.0: 300, 2.0: 500}
    assert server.add(files[1.0], 60) == "ended-0"
    started = time.monotonic()
    assert server.add(files[2.0], 60) == "ended-0"
    takes = time.monotonic() - started
    store = StudyStore(tmp_path / "store")
    moments = random.Random(8)
    current, ends = 2.0, []
    for _ in range(_N_KILLS):
        new = 3.0 - current
        ends.append(server.add(files[new], moments.uniform(0, 1.1 * takes)))
        assert store.names == ("trait",)
        beta = store.scan("trait").select(pl.col("beta")).collect()["beta"]
        (value,) = beta.unique().to_list()
        assert value in (current, new)
        assert len(beta) == rows[value] == store.about("trait").rows
        assert store.check().empty
        current = value
    assert ends.count("killed") >= _N_KILLS / 3
    assert server.add(files[3.0 - current], 60) == "ended-0"
    assert store.scan("trait").select(pl.col("beta").unique()).collect().item() == 3.0 - current
    assert store.leftovers() == ()  # what the killed ones left is gone


def test_two_processes_add_at_once(tmp_path: Path) -> None:
    one, two = _study(tmp_path / "one.tsv", 1.0, 3000), _study(tmp_path / "two.tsv", 2.0, 5000)
    servers = [_Server(tmp_path / "store") for _ in range(2)]
    for server in servers:
        server.wait()
    with ThreadPoolExecutor(2) as pool:
        for _ in range(3):
            ends = pool.map(lambda server, path: server.add(path, 60), servers, (one, two))
            assert list(ends) == ["ended-0", "ended-0"]
    for server in servers:
        server.close()
    store = StudyStore(tmp_path / "store")
    beta = store.scan("trait").collect()["beta"]
    assert (beta.unique().to_list(), len(beta)) in (([1.0], 3000), ([2.0], 5000))
    assert store.check().empty
    assert store.leftovers() == ()
