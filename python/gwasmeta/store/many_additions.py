"""Several studies into a store, one after the other or on a cluster."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from gwasmeta.cluster import Cluster, workers_of
from gwasmeta.errors import GwasmetaError
from gwasmeta.store.adding import Addition, add_study
from gwasmeta.store.places import StorePlaces
from gwasmeta.sumstats.study import Study


@dataclass(frozen=True)
class _Task:
    store: Path
    study: Study


def add_studies(
    places: StorePlaces, studies: Sequence[Study], cluster: Cluster, progress: Callable[[int, int], None] | None
) -> list[Addition]:
    """Add studies to a store; what goes wrong with some is told when all others are in it."""
    _refuse_same_names(studies)
    tasks = [_Task(places.root, _findable(study)) for study in studies]
    outcomes = list(_outcomes(places, tasks, cluster, progress))
    failures = [error for error in outcomes if isinstance(error, GwasmetaError)]
    if len(failures) == 1 == len(studies):
        raise failures[0]
    if failures:
        n_added = len(studies) - len(failures)
        raise GwasmetaError(
            f"{places.root}: {len(failures)} of {len(studies)} studies were not added; {n_added} are in the store\n"
            + "\n".join(map(str, failures))
        )
    return [addition for addition in outcomes if isinstance(addition, Addition)]


def _outcomes(
    places: StorePlaces, tasks: Sequence[_Task], cluster: Cluster, progress: Callable[[int, int], None] | None
) -> Iterator[Addition | GwasmetaError]:
    tell = progress or (lambda _done, _total: None)
    if cluster is None:
        for done, task in enumerate(tasks, start=1):  # each on all cores
            yield _added(task)
            tell(done, len(tasks))
        return
    places.make()
    with workers_of(cluster) as workers:
        workers.refuse_unshared(places.root)
        yield from workers.in_order(_added, tasks, lambda n_done: tell(n_done, len(tasks)))


def _added(task: _Task) -> Addition | GwasmetaError:
    """Add one study; a second time, the store has it already. The others go on if it cannot be added."""
    try:
        return add_study(StorePlaces(task.store), task.study)
    except GwasmetaError as error:
        return error


def _findable(study: Study) -> Study:
    """Return a study that a process in another folder finds."""
    if study.path == "-" or hasattr(study.source, "read"):
        raise GwasmetaError(f"{study.file}: is not among several studies\n  Write it to a file, or add it alone.")
    return study.findable()


def _refuse_same_names(studies: Sequence[Study]) -> None:
    for name, count in Counter(study.label for study in studies).items():
        if count > 1:
            files = ", ".join(study.file for study in studies if study.label == name)
            raise GwasmetaError(
                f"{count} studies are called {name}: {files}\n  Give each a name of its own: NAME=FILE."
            )
