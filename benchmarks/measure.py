"""Run one command and report what it alone cost: wall time, processor time and peak memory.

The command is started by a small process of its own, this file run as a script. Linux counts the memory of
the process that starts a child towards the child's peak, until the child replaces its program; started from
the benchmark itself, which has held millions of rows, every tool would seem to need as much as it did.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Usage:
    """What one run of a command used.

    Attributes
    ----------
    wall_seconds : float
        From its start to its end.
    cpu_seconds : float
        User and system time, of all its threads and of the processes that it started and waited for.
    peak_bytes : int
        Largest resident memory; where it started other processes, that of the largest one.
    exit_code : int
        Negative: the number of the signal that ended it.
    """

    wall_seconds: float
    cpu_seconds: float
    peak_bytes: int
    exit_code: int


def measure(command: list[str], directory: Path, log: Path) -> Usage:
    """Run `command` in `directory`, with what it prints written to `log`, and return what it used.

    Raises
    ------
    subprocess.CalledProcessError
        If the command cannot be started. That it ends with an error is told by `Usage.exit_code`.
    """
    # -I and -S: nothing that the user installed is loaded, so that the starting process stays small
    starter = [sys.executable, "-I", "-S", __file__, str(log.resolve()), *command]
    done = subprocess.run(starter, cwd=directory, check=True, stdout=subprocess.PIPE, text=True)
    return Usage(**json.loads(done.stdout))


def _run_and_wait(log: str, command: list[str]) -> Usage:
    to_log = (os.POSIX_SPAWN_OPEN, 1, log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    errors_too = (os.POSIX_SPAWN_DUP2, 1, 2)
    no_input = (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0)
    started = time.perf_counter()
    process = os.posix_spawnp(command[0], command, os.environ, file_actions=[to_log, errors_too, no_input])
    _, status, usage = os.wait4(process, 0)
    wall_seconds = time.perf_counter() - started
    bytes_per_unit = 1 if sys.platform == "darwin" else 1024  # macOS alone counts ru_maxrss in bytes
    return Usage(
        wall_seconds,
        usage.ru_utime + usage.ru_stime,
        usage.ru_maxrss * bytes_per_unit,
        os.waitstatus_to_exitcode(status),
    )


if __name__ == "__main__":
    print(json.dumps(asdict(_run_and_wait(sys.argv[1], sys.argv[2:]))))
