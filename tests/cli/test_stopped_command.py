"""Commands that are stopped: what they say, and that they leave nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import gwasmeta


def once_at_work(temporary: Path, process: subprocess.Popen[bytes]) -> None:
    """Return as soon as the run has made its temporary files."""
    deadline = time.monotonic() + 60
    while not any(temporary.iterdir()):
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.005)


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "terminated"])
def test_a_run_that_is_stopped_leaves_nothing_behind(tmp_path: Path, stop: signal.Signals) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    studies = [tmp_path / f"cohort{number}.txt.gz" for number in range(40)]  # they take seconds
    for study in studies:
        study.symlink_to(gwasmeta.example_studies()["alder"])
    with subprocess.Popen(
        [sys.executable, "-m", "gwasmeta", "meta", *studies, "--method", "random", "--out", tmp_path / "out"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=os.environ | {"TMPDIR": str(temporary)},
    ) as process:
        try:
            once_at_work(temporary, process)
            process.send_signal(stop)
            told = process.communicate(timeout=60)[1].decode()
        finally:
            process.kill()
    assert process.returncode == 130
    assert told.splitlines()[-1] == "gwasmeta: interrupted; no output was written"
    assert not [*tmp_path.glob("out*")]
    assert not [*temporary.iterdir()]
