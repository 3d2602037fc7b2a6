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
import threading
import time
from dataclasses import asdict, dataclass
from pathlib import Path

_LOOK_EVERY = 0.05  # seconds


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
    largest_child_bytes : int
        Where its processes are followed: the largest peak of those that it started, `peak_bytes` being its own.
    """

    wall_seconds: float
    cpu_seconds: float
    peak_bytes: int
    exit_code: int
    largest_child_bytes: int = 0


def measure(command: list[str], directory: Path, log: Path, follow: bool = False) -> Usage:
    """Run `command` in `directory`, with what it prints written to `log`, and return what it used.

    With `follow`, on Linux, its processes are watched one by one while they run, also those that it ends without
    waiting for them: what they use is otherwise counted nowhere.

    Raises
    ------
    subprocess.CalledProcessError
        If the command cannot be started. That it ends with an error is told by `Usage.exit_code`.
    """
    # -I and -S: nothing that the user installed is loaded, so that the starting process stays small
    how = "follow" if follow else "alone"
    starter = [sys.executable, "-I", "-S", __file__, how, str(log.resolve()), *command]
    done = subprocess.run(starter, cwd=directory, check=True, stdout=subprocess.PIPE, text=True)
    return Usage(**json.loads(done.stdout))


def _run_and_wait(log: str, command: list[str], follow: bool) -> Usage:
    to_log = (os.POSIX_SPAWN_OPEN, 1, log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    errors_too = (os.POSIX_SPAWN_DUP2, 1, 2)
    no_input = (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0)
    started = time.perf_counter()
    process = os.posix_spawnp(command[0], command, os.environ, file_actions=[to_log, errors_too, no_input])
    followed = _Followed(process) if follow else None
    _, status, usage = os.wait4(process, 0)
    wall_seconds = time.perf_counter() - started
    if followed is not None:
        return followed.usage(wall_seconds, os.waitstatus_to_exitcode(status))
    bytes_per_unit = 1 if sys.platform == "darwin" else 1024  # macOS alone counts ru_maxrss in bytes
    return Usage(
        wall_seconds,
        usage.ru_utime + usage.ru_stime,
        usage.ru_maxrss * bytes_per_unit,
        os.waitstatus_to_exitcode(status),
    )


class _Followed:
    """A process and all that it starts, looked at many times a second; the system keeps their peaks itself."""

    def __init__(self, process: int) -> None:
        self._process = process
        self._peaks: dict[int, int] = {process: 0}
        self._seconds: dict[int, float] = {process: 0.0}
        self._ended = threading.Event()
        self._watching = threading.Thread(target=self._watch)
        self._watching.start()

    def usage(self, wall_seconds: float, exit_code: int) -> Usage:
        """Return what the process, which has ended, and the others used."""
        self._ended.set()
        self._watching.join()
        children = [peak for process, peak in self._peaks.items() if process != self._process]
        peak = self._peaks[self._process]
        return Usage(wall_seconds, sum(self._seconds.values()), peak, exit_code, max(children, default=0))

    def _watch(self) -> None:
        while not self._ended.wait(_LOOK_EVERY):
            for process in list(self._peaks):
                self._look_at(process)

    def _look_at(self, process: int) -> None:
        folder = Path(f"/proc/{process}")
        try:
            status = (folder / "status").read_text()
            times = (folder / "stat").read_text().rpartition(")")[2].split()[11:13]  # user and system, in ticks
            for task in (folder / "task").iterdir():
                for child in (task / "children").read_text().split():
                    self._peaks.setdefault(int(child), 0)
        except OSError:  # it has ended
            return
        for line in status.splitlines():
            if line.startswith("VmHWM:"):  # no such line of a process that has ended
                # The last reading: between fork and exec, it is the parent's.
                self._peaks[process] = int(line.split()[1]) * 1024
        self._seconds[process] = sum(map(int, times)) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    print(json.dumps(asdict(_run_and_wait(sys.argv[2], sys.argv[3:], follow=sys.argv[1] == "follow"))))
