"""Tasks on threads and on processes: the same results in the same order, errors as they were raised."""

from __future__ import annotations

import random
import sys
from pathlib import Path

import pytest
from distributed import Client
from pure_functions import (
    cores_to_use,
    faulty,
    killed,
    process_id,
    refused,
    squared,
    squared_after_a_while,
    squared_and_noted,
    squared_unless_killed,
)

from gwasmeta.cluster import Cluster, workers_of
from gwasmeta.cores import machine_cores
from gwasmeta.errors import GwasmetaError


@pytest.fixture(params=["threads", "processes"])
def cluster(request: pytest.FixtureRequest) -> Cluster:
    return None if request.param == "threads" else request.getfixturevalue("two_processes")


def test_results_have_the_order_of_the_tasks_whatever_takes_long(cluster: Cluster) -> None:
    generator = random.Random(1)
    tasks = [(number, generator.choice((0, 0, 0.05))) for number in range(60)]
    with workers_of(cluster) as workers:
        found = list(workers.in_order(squared_after_a_while, tasks))
    assert found == [number * number for number in range(60)]


def test_progress_counts_to_the_number_of_tasks(cluster: Cluster) -> None:
    told: list[int] = []
    with workers_of(cluster) as workers:
        assert list(workers.in_order(squared, range(40), told.append)) == [number**2 for number in range(40)]
    assert told[-1] == 40
    assert told == sorted(set(told))


def test_a_finished_task_counts_although_the_first_one_is_at_work(two_processes: Client) -> None:
    told: list[int] = []
    with workers_of(two_processes) as workers:
        results = workers.in_order(squared_after_a_while, [(0, 1.0), (1, 0), (2, 0)], told.append)
        assert next(results) == 0
    assert {1, 2} <= set(told)


def test_without_tasks_there_are_no_results(cluster: Cluster) -> None:
    with workers_of(cluster) as workers:
        assert list(workers.in_order(squared, [])) == []


def test_tasks_are_taken_as_they_are_needed(cluster: Cluster) -> None:
    taken = []

    def tasks():
        for number in range(1000):
            taken.append(number)
            yield number

    with workers_of(cluster) as workers:
        results = workers.in_order(squared, tasks())
        next(results)
        assert len(taken) <= 4 * max(2, workers.n_workers)
        results.close()
    assert len(taken) < 1000


def test_who_stops_early_leaves_the_rest_undone(cluster: Cluster, tmp_path: Path) -> None:
    with workers_of(cluster) as workers:
        results = workers.in_order(squared_and_noted, ((str(tmp_path), number) for number in range(500)))
        assert [next(results), next(results)] == [0, 1]
        results.close()
        assert list(workers.in_order(squared, range(20))) == [number**2 for number in range(20)]  # they still work
    assert len(list(tmp_path.iterdir())) < 50


def test_what_a_task_refuses_arrives_as_it_was_said(cluster: Cluster) -> None:
    with workers_of(cluster) as workers:
        results = workers.in_order(refused, range(100))
        assert [next(results) for _ in range(5)] == [0, 1, 2, 3, 4]
        with pytest.raises(GwasmetaError) as caught:
            next(results)
    assert str(caught.value) == "study.txt, line 5: no allele\n  Give one."
    assert caught.value.__notes__ == ["in study 5"]


def test_a_fault_arrives_as_a_fault_with_its_place(cluster: Cluster) -> None:
    with workers_of(cluster) as workers, pytest.raises(ZeroDivisionError) as caught:
        list(workers.in_order(faulty, range(100)))
    assert "faulty" in [entry.name for entry in caught.traceback]


def test_both_processes_work(two_processes: Client) -> None:
    with workers_of(two_processes) as workers:
        assert (workers.n_workers, workers.is_local) == (2, False)
        assert len(set(workers.in_order(process_id, range(8)))) == 2


def test_a_given_client_stays_open(two_processes: Client) -> None:
    with workers_of(two_processes):
        pass
    assert two_processes.status == "running"
    assert two_processes.submit(squared, 3).result() == 9


def test_the_task_of_a_killed_worker_is_done_again(two_processes: Client, tmp_path: Path) -> None:
    mark = tmp_path / "killed"
    with workers_of(two_processes) as workers:
        found = list(workers.in_order(squared_unless_killed, [(str(mark), number) for number in range(30)]))
    assert mark.exists()
    assert found == [number * number for number in range(30)]


def test_a_task_that_kills_every_worker_is_told(two_processes: Client) -> None:
    with workers_of(two_processes) as workers:
        with pytest.raises(GwasmetaError, match=r"a task ended 4 workers(.|\n)*memory"):
            list(workers.in_order(killed, range(1)))
        assert list(workers.in_order(squared, range(5))) == [0, 1, 4, 9, 16]


def test_processes_that_are_started_share_the_cores_and_end() -> None:
    with workers_of(2) as workers:
        shares = set(workers.in_order(cores_to_use, range(4)))
        processes = set(workers.in_order(process_id, range(8)))
    assert shares == {max(1, machine_cores() // 2)}
    assert len(processes) == 2
    assert not any(Path(f"/proc/{process}").exists() for process in processes)


def test_processes_see_every_folder(two_processes: Client, tmp_path: Path) -> None:
    with workers_of(two_processes) as workers:
        workers.refuse_unshared(tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("number", [0, -2])
def test_a_number_of_processes_is_positive(number: int) -> None:
    with pytest.raises(GwasmetaError, match=f"number of worker processes is {number}"), workers_of(number):
        pass


def test_without_dask_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "gwasmeta.cluster.dask_workers", None)
    monkeypatch.delitem(sys.modules, "gwasmeta.cluster.dask_workers")
    for module in [name for name in sys.modules if name.startswith("gwasmeta.cluster.")]:
        if module != "gwasmeta.cluster.workers":
            monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(GwasmetaError, match=r"pip install 'gwasmeta\[dask\]'"), workers_of(2):
        pass
