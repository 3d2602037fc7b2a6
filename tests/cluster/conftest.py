"""Two worker processes for all tests, and schedulers of their own for those that end them."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from distributed import Client

from gwasmeta.cluster.connections import processes_here

_HERE = Path(__file__).parent  # where the functions of the tests are

StartProcess = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture(scope="session")
def two_processes() -> Iterator[Client]:
    """Return the client of two worker processes, as `cluster=2` starts them."""
    with processes_here(2, 1) as client:
        yield client


@pytest.fixture
def start_process() -> Iterator[StartProcess]:
    """Return a function that starts `python -m MODULE ...`, without a word; all are ended after the test."""
    with contextlib.ExitStack() as stack:

        def start(module: str, *words: str, path: Path = _HERE) -> subprocess.Popen[bytes]:
            environment = {**os.environ, "PYTHONPATH": str(path)}
            process = subprocess.Popen(
                [sys.executable, "-m", module, *words], env=environment, stderr=subprocess.DEVNULL
            )
            stack.callback(process.wait)
            stack.callback(process.kill)
            return process

        yield start


@pytest.fixture
def scheduler(start_process: StartProcess, tmp_path: Path) -> tuple[str, subprocess.Popen[bytes]]:
    """Return the address of a scheduler without workers, and its process."""
    file = tmp_path / "scheduler.json"
    words = ("--port", "0", "--host", "127.0.0.1", "--no-dashboard", "--scheduler-file", str(file))
    process = start_process("distributed.cli.dask_scheduler", *words)
    deadline = time.monotonic() + 60
    while not (file.exists() and file.stat().st_size):
        assert time.monotonic() < deadline, "the scheduler does not start"
        time.sleep(0.05)
    return json.loads(file.read_text())["address"], process


@pytest.fixture
def start_worker(start_process: StartProcess, tmp_path: Path) -> Callable[..., subprocess.Popen[bytes]]:
    """Return a function that starts a worker of a scheduler; `path` is searched for modules first."""

    def start(address: str, path: Path = _HERE) -> subprocess.Popen[bytes]:
        words = (address, "--nthreads", "1", "--no-nanny", "--no-dashboard", "--local-directory", str(tmp_path))
        return start_process("distributed.cli.dask_worker", *words, path=path)

    return start
