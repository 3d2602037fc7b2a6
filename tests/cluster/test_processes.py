"""Worker processes of this machine end with the process that started them, however that ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

_AT_WORK = """
import sys
from gwasmeta.cluster import workers_of
from pure_functions import process_id, squared_after_a_while

with workers_of(2) as workers:  # not under `if __name__ == "__main__":`
    print(*sorted(set(workers.in_order(process_id, range(8)))), flush=True)
    list(workers.in_order(squared_after_a_while, [(number, 60.0) for number in range(200)]))
"""

_KILLED_AT_THE_START = """
import os
import signal
from gwasmeta.cluster import connections, workers_of

connections.START_WITHIN = 3.0
connections.Client.wait_for_workers = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)
with workers_of(2):
    pass
"""


@pytest.fixture
def at_work(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], list[int]]]:
    """Start a script whose two worker processes are at work; return it, and their ids."""
    script = tmp_path / "script.py"
    script.write_text(_AT_WORK)
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent), "TMPDIR": str(tmp_path)}
    with subprocess.Popen(
        [sys.executable, str(script)],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        yield process, [int(word) for word in process.stdout.readline().split()]
        process.kill()


def test_ctrl_c_ends_all_of_them_at_once_and_quietly(
    at_work: tuple[subprocess.Popen[str], list[int]], tmp_path: Path
) -> None:
    process, workers = at_work
    assert len(workers) == 2
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does it
    _, errors = process.communicate(timeout=10)
    assert errors.count("Traceback") == 1  # Python's own, of the script
    assert errors.strip().endswith("KeyboardInterrupt")
    assert "distributed." not in errors.replace("distributed/", "")
    _assert_ended(workers)
    assert [path.name for path in tmp_path.iterdir()] == ["script.py"]


def test_they_end_when_their_process_is_killed(at_work: tuple[subprocess.Popen[str], list[int]]) -> None:
    process, workers = at_work
    assert len(workers) == 2
    process.kill()
    process.wait()
    _assert_ended(workers)


def test_they_end_when_their_process_is_killed_before_they_have_found_it(tmp_path: Path) -> None:
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", _KILLED_AT_THE_START], env=environment, check=False)
    assert done.returncode == -signal.SIGKILL
    left = _processes_with(f"TMPDIR={tmp_path}")
    assert left
    _assert_ended(left)
    assert not _processes_with(f"TMPDIR={tmp_path}")  # which these had started


def _processes_with(variable: str) -> list[int]:
    """Return the processes with a variable in their environment."""
    found = []
    for environment in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):  # ended meanwhile, or another user's
            if variable.encode() in environment.read_bytes().split(b"\0"):
                found.append(int(environment.parent.name))
    return found


def _assert_ended(processes: list[int]) -> None:
    deadline = time.monotonic() + 20
    while alive := [process for process in processes if _is_alive(process)]:
        assert time.monotonic() < deadline, f"{alive} are still there"
        time.sleep(0.1)


def _is_alive(process: int) -> bool:
    try:
        status = Path(f"/proc/{process}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return status.rpartition(")")[2].split()[0] != "Z"  # ended, and not yet taken note of
