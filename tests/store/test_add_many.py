"""Several studies added at once, here or on processes: each as if alone, and one that fails keeps out no other."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from distributed import Client

import gwasmeta
from gwasmeta.cli import main
from gwasmeta.cluster.connections import processes_here


@pytest.fixture(scope="module")
def two_processes() -> Iterator[Client]:
    with processes_here(2, 1) as client:
        yield client


def studies() -> list[gwasmeta.Study]:
    return [gwasmeta.Study(path, name=name) for name, path in gwasmeta.example_studies("quantitative").items()]


def rows_of(store: gwasmeta.StudyStore) -> dict[str, bytes]:
    """Return the contents of all files of rows and logs, without the names of folders that are drawn at random."""
    files = [path for path in (store.path / "studies").rglob("*") if path.suffix in (".parquet", ".tsv")]
    parts = {path: path.relative_to(store.path).parts for path in files}
    return {"/".join((*parts[path][:2], *parts[path][3:])): path.read_bytes() for path in files}


@pytest.mark.parametrize("on_processes", [False, True])
def test_they_are_stored_as_if_each_was_added_alone(
    on_processes: bool, tmp_path: Path, example_store: gwasmeta.StudyStore, request: pytest.FixtureRequest
) -> None:
    cluster = request.getfixturevalue("two_processes") if on_processes else None
    store = gwasmeta.StudyStore(tmp_path / "store")
    told: list[tuple[int, int]] = []
    added = store.add_all(studies(), cluster=cluster, progress=lambda *step: told.append(step))
    assert [addition.outcome for addition in added] == ["added"] * 5
    assert [addition.study.name for addition in added] == [study.label for study in studies()]
    assert told[-1] == (5, 5)
    assert len(store.check()) == 0
    assert rows_of(store) == rows_of(example_store)
    entries = [store.about(name) for name in store.names]
    assert [entry.options for entry in entries] == [example_store.about(name).options for name in store.names]
    again = store.add_all(studies(), cluster=cluster)
    assert [addition.outcome for addition in again] == ["unchanged"] * 5


def test_one_that_cannot_be_added_keeps_out_no_other(tmp_path: Path, two_processes: Client) -> None:
    broken = tmp_path / "broken.tsv"
    broken.write_text("variant_id\tp_value\nrs1\t0.5\n")
    store = gwasmeta.StudyStore(tmp_path / "store")
    for cluster in (None, two_processes):
        with pytest.raises(gwasmeta.GwasmetaError) as caught:
            store.add_all([broken, *studies()[:2], tmp_path / "absent.tsv"], cluster=cluster)
        message = str(caught.value)
        assert "2 of 4 studies were not added; 2 are in the store" in message
        assert str(broken) in message
        assert "absent.tsv" in message
        assert store.names == tuple(sorted(study.label for study in studies()[:2]))
        assert len(store.check()) == 0
        assert not store.leftovers()


def test_a_killed_worker_leaves_a_whole_store(
    tmp_path: Path, two_processes: Client, example_store: gwasmeta.StudyStore
) -> None:
    store = gwasmeta.StudyStore(tmp_path / "store")
    killed: list[int] = []

    def kill_one(_done: int, _total: int) -> None:
        if not killed:
            killed.append(next(iter(two_processes.run(os.getpid).values())))
            os.kill(killed[0], signal.SIGKILL)

    store.add_all(studies(), cluster=two_processes, progress=kill_one)
    assert killed
    assert len(store.check()) == 0
    assert rows_of(store) == rows_of(example_store)


def test_names_are_distinct_and_streams_are_refused(tmp_path: Path) -> None:
    store = gwasmeta.StudyStore(tmp_path / "store")
    path = studies()[0].path
    with pytest.raises(gwasmeta.GwasmetaError, match="2 studies are called UKB"):
        store.add_all([gwasmeta.Study(path, name="UKB")] * 2)
    with pytest.raises(gwasmeta.GwasmetaError, match="standard input: is not among several"):
        store.add_all([gwasmeta.Study("-"), gwasmeta.Study(path)])
    assert not store.path.exists()


def test_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], two_processes: Client
) -> None:
    monkeypatch.chdir(tmp_path)
    (first, path), (second, other) = list(gwasmeta.example_studies("quantitative").items())[:2]
    files = [shutil.copy(path, tmp_path / Path(path).name), shutil.copy(other, tmp_path / Path(other).name)]
    words = [f"{name}={Path(file).name}" for name, file in zip((first, second), files, strict=True)]
    assert main(["store", "add", *words, "--scheduler", two_processes.scheduler.address]) == 0
    lines = [line for line in capsys.readouterr().out.splitlines() if not line.startswith(" ")]
    assert [line.split(",")[0] for line in lines] == [f"{first}: added", f"{second}: added"]
    assert main(["store", "add", *words]) == 0
    assert capsys.readouterr().out.count("nothing to do") == 2
    assert main(["store", "add", *words, "THIRD=absent.tsv"]) == 2
    assert "1 of 3 studies were not added; 2 are in the store" in capsys.readouterr().err
    assert main(["store", "add", *words, "--name", "one"]) == 2
    assert "write NAME=FILE" in capsys.readouterr().err
