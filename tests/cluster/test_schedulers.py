"""A scheduler at an address: reached or not, gone in the middle, with workers that do not fit."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from distributed import Client
from pure_functions import squared, squared_after_a_while

from gwasmeta import __version__
from gwasmeta.cluster import connections, workers_of
from gwasmeta.cluster import scheduler as scheduler_module
from gwasmeta.errors import GwasmetaError

Scheduler = tuple[str, subprocess.Popen[bytes]]
StartWorker = Callable[..., subprocess.Popen[bytes]]


def test_an_address_is_used_and_left(two_processes: Client) -> None:
    address = two_processes.scheduler.address
    with workers_of(address) as workers:
        assert list(workers.in_order(squared, range(5))) == [0, 1, 4, 9, 16]
    assert two_processes.submit(squared, 7).result() == 49


def test_where_no_scheduler_is_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "CONNECT_WITHIN", 1.0)
    message = r"no Dask scheduler at tcp://127\.0\.0\.1:9(.|\n)*see that it runs"
    with pytest.raises(GwasmetaError, match=message), workers_of("tcp://127.0.0.1:9"):
        pass


def test_a_scheduler_that_goes_is_told_soon(scheduler: Scheduler, start_worker: StartWorker) -> None:
    address, process = scheduler
    start_worker(address)
    with workers_of(address) as workers:
        results = workers.in_order(squared_after_a_while, ((number, 0.1) for number in range(1000)))
        assert [next(results), next(results)] == [0, 1]
        process.kill()
        killed = time.monotonic()
        with pytest.raises(GwasmetaError, match=rf"{address} is gone(.|\n)*Nothing half-written(.|\n)*run the same"):
            list(results)
    assert time.monotonic() - killed < 30


def test_a_scheduler_that_hangs_counts_as_gone(
    scheduler: Scheduler, start_worker: StartWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scheduler_module, "GONE_AFTER", 1.0)
    address, process = scheduler
    start_worker(address)
    with workers_of(address) as workers:
        results = workers.in_order(squared_after_a_while, ((number, 0.1) for number in range(1000)))
        next(results)
        process.send_signal(signal.SIGSTOP)
        with pytest.raises(GwasmetaError, match="is gone, or cannot be reached"):
            list(results)


def test_workers_may_come_late(
    scheduler: Scheduler, start_worker: StartWorker, caplog: pytest.LogCaptureFixture
) -> None:
    address, _ = scheduler
    with workers_of(address) as workers:
        assert workers.n_workers == 0
        start_worker(address)
        assert list(workers.in_order(squared, range(10))) == [number * number for number in range(10)]
    assert f"waiting for a worker of the Dask scheduler {address}" in caplog.text


def test_without_any_worker_it_ends(scheduler: Scheduler, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scheduler_module, "WITHOUT_WORKERS", 0.5)
    address, _ = scheduler
    message = rf"no worker for(.|\n)*dask worker {address}"
    with workers_of(address) as workers, pytest.raises(GwasmetaError, match=message):
        list(workers.in_order(squared, range(3)))


@pytest.mark.parametrize(
    ("version", "message"),
    [("0.0.1", f"has gwasmeta 0.0.1, and this process has {__version__}"), (None, "no gwasmeta")],
)
def test_workers_with_another_gwasmeta_are_refused(
    version: str | None, message: str, scheduler: Scheduler, start_worker: StartWorker, tmp_path: Path
) -> None:
    package = tmp_path / "elsewhere" / "gwasmeta"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    if version:
        (package / "_version.py").write_text(f'__version__ = "{version}"\n')
    address, _ = scheduler
    start_worker(address, path=package.parent)
    with Client(address, set_as_default=False) as client:
        client.wait_for_workers(1, timeout=60)
        with pytest.raises(GwasmetaError, match=message), workers_of(client):
            pass


def test_an_asynchronous_client_is_refused(scheduler: Scheduler) -> None:
    address, _ = scheduler

    async def ask() -> None:
        async with Client(address, asynchronous=True) as client:
            with pytest.raises(GwasmetaError, match="asynchronous"), workers_of(client):
                pass

    asyncio.run(ask())
