"""Batches that are killed, and those that come after them."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from batch_data import TRAITS, read_index, result_files

import gwasmeta
from gwasmeta.batch import run
from gwasmeta.batch.task import run_task
from gwasmeta.cli import main
from killed_children import END_OF_CHILD

_N_KILLS = 12
_N_RENAMES = 2 + len(TRAITS) * (3 + 1 + 2) + 2  # index and failures; each trait's files, its memory, these; these

# Runs batches in forked processes, so that gwasmeta is loaded and compiled once for all of them. Each line that it
# reads has the manifest, the folder, and when the process is to kill itself: after some seconds, or at a renaming.
_SERVER = (
    END_OF_CHILD
    + """
import pathlib, shlex, sys
import gwasmeta
gwasmeta.run_batch(sys.argv[1], sys.argv[2])
print("ready", flush=True)
for line in sys.stdin:
    manifest, out, when, moment = shlex.split(line)
    child = os.fork()
    if child == 0:
        if when == "renaming":
            left, rename = [int(moment)], pathlib.Path.replace
            def replace(self, target):
                if not left[0]:
                    os.kill(os.getpid(), signal.SIGKILL)
                left[0] -= 1
                return rename(self, target)
            pathlib.Path.replace = replace
        gwasmeta.run_batch(manifest, out)
        os._exit(0)
    print(end_of_child(child, time.monotonic() + (float(moment) if when == "after" else 60)), flush=True)
"""
)


class _Server:
    """A process that runs batches, and kills them."""

    def __init__(self, manifest: Path, folder: Path) -> None:
        command = [sys.executable, "-c", _SERVER, str(manifest), str(folder)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._answer() == "ready"

    def run(self, manifest: Path, out: Path, when: str = "after", moment: float = 60) -> str:
        assert self._process.stdin is not None
        print(f"'{manifest}' '{out}' {when} {moment}", file=self._process.stdin, flush=True)
        return self._answer()

    def close(self) -> None:
        self._process.communicate()

    def _answer(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()


@pytest.fixture
def server(studies: Path, tmp_path: Path) -> Iterator[_Server]:
    server = _Server(studies / "traits.tsv", tmp_path / "expected")
    yield server
    server.close()


def assert_whole_so_far(out: Path, expected: dict[str, bytes]) -> None:
    """Every file that is there is whole, and the index names none that is not."""
    found = {name: text for name, text in result_files(out).items() if not name.startswith(".")}
    for name, text in found.items():
        if name not in ("index.tsv", "failures.tsv"):
            assert text == expected[name]
    if "index.tsv" in found:
        index = read_index(out)
        assert list(index.index) == list(TRAITS)
        assert set(index.loc[index["status"] == "done", "table"]) <= set(found)


def test_a_batch_killed_at_any_renaming_is_resumed_to_the_same_files(studies, tmp_path, server):
    """Between two renamings nothing in the folder changes but what is not whole yet."""
    expected = result_files(tmp_path / "expected")
    for moment in range(_N_RENAMES + 1):
        out = tmp_path / f"out{moment}"
        end = server.run(studies / "traits.tsv", out, "renaming", moment)
        assert end == ("killed" if moment < _N_RENAMES else "ended-0")
        assert_whole_so_far(out, expected)
        assert server.run(studies / "traits.tsv", out) == "ended-0"
        assert result_files(out) == expected  # and nothing beside them


def test_a_batch_killed_at_any_moment_again_and_again_comes_to_the_same_end(studies, tmp_path, server):
    expected = result_files(tmp_path / "expected")
    started = time.monotonic()
    assert server.run(studies / "traits.tsv", tmp_path / "first") == "ended-0"
    takes = time.monotonic() - started
    moments = random.Random(8)
    ends = []
    for number in range(_N_KILLS):
        out = tmp_path / f"out{number % 3}"
        ends.append(server.run(studies / "traits.tsv", out, "after", moments.uniform(0, 0.9 * takes)))
        if out.is_dir():
            assert_whole_so_far(out, expected)
    assert ends.count("killed") >= _N_KILLS / 3
    for number in range(3):
        assert server.run(studies / "traits.tsv", tmp_path / f"out{number}") == "ended-0"
        assert result_files(tmp_path / f"out{number}") == expected


def test_a_change_that_is_killed_and_taken_back_leaves_no_mixture(studies, tmp_path, server):
    """Of a run that was killed between its files, some are of the new run and some of the old, all of the old sizes."""
    one, other = studies / "traits.tsv", studies / "turned.tsv"
    lines = one.read_text().splitlines()
    turned = [f"{line}\t{'true' if line.startswith('bmi') else 'false'}" for line in lines[1:]]
    other.write_text("\n".join([f"{lines[0]}\tflip_effects", *turned]) + "\n")
    expected = result_files(tmp_path / "expected")
    for moment in range(4, 9):  # the index twice, two files each; bmi.tsv, its log, its JSON, its memory; the index
        out = tmp_path / f"out{moment}"
        assert server.run(one, out) == "ended-0"
        assert server.run(other, out, "renaming", moment) == "killed"
        assert server.run(one, out) == "ended-0"
        assert result_files(out) == expected


def test_an_interrupted_batch_says_so_and_is_resumed(studies, tmp_path, monkeypatch, capsys):
    def interrupt(task):
        if task.run.name == "bmi":
            raise KeyboardInterrupt
        return run_task(task)

    monkeypatch.setattr(run, "run_task", interrupt)
    assert main(["batch", str(studies / "traits.tsv"), "--out", str(tmp_path / "out")]) == 130
    told = capsys.readouterr().err.splitlines()[-1]
    assert told == "gwasmeta: interrupted; what is done stays, and the same command goes on from there"
    monkeypatch.undo()
    assert read_index(tmp_path / "out")["status"].to_list() == ["done", "waiting", "waiting"]
    result = gwasmeta.run_batch(studies / "traits.tsv", tmp_path / "out")
    assert (result.n_made, result.n_kept) == (2, 1)
