"""Clients of Dask schedulers: of processes that are started here, or of a cluster elsewhere."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Final

from distributed import Client, LocalCluster

from gwasmeta.errors import GwasmetaError

CONNECT_WITHIN: Final = 10.0  # seconds: a scheduler may be starting
CLOSE_WITHIN: Final = 3.0  # seconds
START_WITHIN: Final = 60.0  # seconds
END_WITHIN: Final = 1.0  # seconds, after which the system ends what does not end by itself

# Memory is left to the system: Dask counts files that are mapped too, and would stop for good a worker that has many.
_WORKER: Final = (
    sys.executable, "-P", "-m", "distributed.cli.dask_worker",
    "--nthreads", "1", "--memory-limit", "0", "--no-dashboard",
)  # fmt: skip
_THREADS_OF_LIBRARIES: Final = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "POLARS_MAX_THREADS")
_CHATTY: Final = ("distributed", "tornado")


@contextmanager
def processes_here(n_processes: int, cores_of_process: int) -> Iterator[Client]:
    """Start worker processes on this machine, each for one task at a time, and end them.

    They are commands of their own, not children that Python's multiprocessing makes: those would run the user's script
    again, and Ctrl-C would reach them before this process can end them.

    Parameters
    ----------
    n_processes : int
    cores_of_process : int
        How many threads the libraries in each may start.
    """
    with _quiet(), ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gwasmeta-workers-")))
        scheduler = stack.enter_context(_scheduler_here(folder))
        client = stack.enter_context(Client(scheduler, set_as_default=False))
        words = [
            *_WORKER,
            scheduler.scheduler_address,
            "--nworkers",
            str(n_processes),
            "--local-directory",
            str(folder),
            "--death-timeout",  # or else, if this process is killed now, they would look for the scheduler for ever
            str(START_WITHIN),
        ]
        log = folder / "workers.log"
        process = stack.enter_context(_process(words, _environment(cores_of_process), log))
        _wait_for_workers(client, n_processes, process, log)
        yield client


def _wait_for_workers(client: Client, n_processes: int, process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until the workers have started; not longer than the process that starts them lives."""
    until = time.monotonic() + START_WITHIN
    while time.monotonic() < until:
        with suppress(TimeoutError):
            client.wait_for_workers(n_processes, timeout=1)
            return
        if process.poll() is not None:
            break
    how = "end again" if process.poll() is not None else f"do not start within {START_WITHIN:.0f} seconds"
    raise GwasmetaError(
        f"{n_processes} worker processes {how}\n  Run fewer; the end of what they say:\n{log.read_text()[-2000:]}"
    )


def _scheduler_here(folder: Path) -> LocalCluster:
    return LocalCluster(
        n_workers=0,
        dashboard_address=None,
        # Any free port, whoever has the usual one.
        scheduler_kwargs={"dashboard_address": "127.0.0.1:0", "local_directory": str(folder)},
        silence_logs=False,
    )


def _environment(cores_of_process: int) -> dict[str, str]:
    """Return that of worker processes: they import what this one imports."""
    threads = {name: str(cores_of_process) for name in _THREADS_OF_LIBRARIES}
    known = dict(os.environ)
    if "R_HOME" in known:  # R names its libraries there, beside which may lie the libpython of another Python
        known.pop("LD_LIBRARY_PATH", None)
    return {**known, **threads, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}


@contextmanager
def _process(words: Sequence[str], environment: Mapping[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command in a session of its own, so that Ctrl-C does not reach it; end it, and what it started."""
    with log.open("wb") as said:
        process = subprocess.Popen(words, env=environment, stdout=said, stderr=said, start_new_session=True)
    try:
        yield process
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(END_WITHIN)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@contextmanager
def connected(address: str) -> Iterator[Client]:
    """Connect to a scheduler, and leave it."""
    with _quiet():
        try:
            client = Client(address, timeout=CONNECT_WITHIN, set_as_default=False)
        except (OSError, ValueError) as error:
            raise GwasmetaError(
                f"there is no Dask scheduler at {address}: {error}\n"
                "  Give the address that it prints when it starts, such as tcp://login1:8786, and see that it runs."
            ) from error
        try:
            yield client
        finally:
            with suppress(TimeoutError):  # of a scheduler that does not answer any more
                client.close(timeout=CLOSE_WITHIN)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep to themselves what Dask's parts tell each other of; what matters comes as an error."""
    before = _silence(logging.CRITICAL)
    try:
        yield
    finally:
        for logger, level in before.items():
            logger.setLevel(level)


def _silence(level: int) -> dict[logging.Logger, int]:
    """Set the level of Dask's loggers, and return those that they had."""
    loggers = [logging.getLogger(name) for name in logging.root.manager.loggerDict if name.partition(".")[0] in _CHATTY]
    before = {logger: logger.level for logger in loggers}
    for logger in loggers:
        logger.setLevel(level)
    return before
