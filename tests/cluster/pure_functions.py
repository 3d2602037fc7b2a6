"""What the tests have workers do; a module that worker processes can import."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from gwasmeta.cores import n_cores
from gwasmeta.errors import GwasmetaError

Marked = tuple[str, int]  # a file that says that something was done once, and a number


def squared(number: int) -> int:
    return number * number


def squared_after_a_while(task: tuple[int, float]) -> int:
    number, seconds = task
    time.sleep(seconds)
    return number * number


def squared_and_noted(task: tuple[str, int]) -> int:
    """Leave a file for each time that it runs."""
    folder, number = task
    Path(folder, f"{number}.{time.time_ns()}").touch()
    time.sleep(0.02)
    return number * number


def squared_unless_killed(task: Marked) -> int:
    """Be killed as `kill -9` does it, the first time."""
    mark, number = task
    if number == 3 and not Path(mark).exists():
        Path(mark).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(0.02)
    return number * number


def killed(_task: int) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def refused(number: int) -> int:
    if number == 5:
        error = GwasmetaError(f"study.txt, line {number}: no allele\n  Give one.")
        error.add_note("in study 5")
        raise error
    return number


def faulty(number: int) -> float:
    return 1 / (number - 5)


def cores_to_use(_task: int) -> int:
    return n_cores()


def process_id(_task: int) -> int:
    time.sleep(0.1)
    return os.getpid()
