"""Batches on two processes: the same files, failures and index as in one; and a cluster that is gone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from batch_data import STUDIES, TRAITS, read_index, result_files

import gwasmeta
from gwasmeta.batch import run
from gwasmeta.cluster.workers import Threads


def test_two_processes_give_the_same_bits_failures_and_index(studies: Path, tmp_path: Path) -> None:
    pytest.importorskip("distributed")
    (studies / "bmi.finns.tsv").write_text("no\theader\nof\tours\n")
    told = []
    one = gwasmeta.run_batch(studies / "traits.tsv", tmp_path / "one", methods=("fixed", "random"))
    two = gwasmeta.run_batch(
        studies / "traits.tsv",
        tmp_path / "two",
        methods=("fixed", "random"),
        cluster=2,
        progress=lambda name, done, total, outcome: told.append((name, done, total)),
    )
    assert told == [("height", 0, 3), *((trait, number, 3) for number, trait in enumerate(TRAITS, start=1))]
    assert (two.n_made, two.n_failed, two.n_kept) == (one.n_made, one.n_failed, one.n_kept) == (2, 1, 0)
    assert len(STUDIES) * 2 + 2 == len(result_files(tmp_path / "two"))
    assert result_files(tmp_path / "two") == result_files(tmp_path / "one")
    assert gwasmeta.run_batch(studies / "traits.tsv", tmp_path / "two", methods=("fixed", "random")).n_kept == 2


class _Vanishing(Threads):
    """Workers whose scheduler is gone after the first task."""

    def in_order(self, function: Callable[[Any], Any], tasks: Iterable[Any], progress: Any = None) -> Iterator[Any]:
        yield function(next(iter(tasks)))
        raise gwasmeta.GwasmetaError("the scheduler is gone")


def test_what_was_done_before_the_scheduler_was_gone_is_kept(
    studies: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def workers_of(_cluster: object) -> Iterator[_Vanishing]:
        yield _Vanishing()

    monkeypatch.setattr(run, "workers_of", workers_of)
    with pytest.raises(gwasmeta.GwasmetaError, match="the scheduler is gone"):
        gwasmeta.run_batch(studies / "traits.tsv", tmp_path / "out", cluster="tcp://gone:8786")
    assert read_index(tmp_path / "out")["status"].to_list() == ["done", "waiting", "waiting"]
    again = gwasmeta.run_batch(studies / "traits.tsv", tmp_path / "out")
    assert (again.n_made, again.n_kept) == (2, 1)
    gwasmeta.run_batch(studies / "traits.tsv", tmp_path / "expected")
    assert result_files(tmp_path / "out") == result_files(tmp_path / "expected")
