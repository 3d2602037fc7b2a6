"""The public function: all runs of a manifest, one after another or on a cluster."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from gwasmeta.batch.index import Index
from gwasmeta.batch.manifest import read_runs
from gwasmeta.batch.outcome import Outcome
from gwasmeta.batch.places import BatchPlaces
from gwasmeta.batch.result import BatchResult
from gwasmeta.batch.runs import Run
from gwasmeta.batch.task import Task, run_task
from gwasmeta.cluster import Cluster, workers_of

if TYPE_CHECKING:
    from gwasmeta.batch.manifest import Traits

BatchProgress: TypeAlias = Callable[[str, int, int, "Outcome | None"], None]
"""Called with a run's name, how many runs are done, how many there are, and what became of it: None as it begins."""


def run_batch(
    manifest: str | os.PathLike[str] | Traits,
    out: str | os.PathLike[str],
    *,
    cluster: Cluster = None,
    progress: BatchProgress | None = None,
    **options: Any,
) -> BatchResult:
    """Run the meta-analyses and MTAG runs that a manifest lists, and index their results.

    A trait that fails does not stop the others. Results that an earlier batch has written to the folder are kept, if
    they are whole and would be made from the same files by the same options and the same version of gwasmeta. The
    whole manifest is checked before the first run.

    Parameters
    ----------
    manifest : path, or mapping of trait to studies
        A table with a line for each study of each trait: a column `trait`, and those of `gwasmeta.read_manifest`. Or
        YAML, with options, and groups of traits. `docs/batch.md` describes both. In Python also a mapping of each
        trait's name to its studies, as `gwasmeta.meta_analyze` takes them, that are files or stored studies.
    out : path
        Folder for the results, made if it is not there: for each trait what `MetaResult.write` writes, and for all of
        them index.tsv and failures.tsv.
    cluster : int, str, distributed.Client or None
        Where to run: None for one run after another in this process, which uses all cores for each; a number of
        processes on this machine; or a Dask scheduler, by its address or a client of it, whose workers must see the
        files by the same paths. The results are the same.
    progress : callable, optional
        Called with a run's name, how many runs are done, how many there are, and what became of it: None as it begins.
    **options
        For all runs, in the place of what the manifest says: those of `gwasmeta.meta_analyze`, a matrix or a list of
        variants as the path of a file; `format` and `ending` of the tables, such as "ssf" and ".tsv.gz"; `lead_p` and
        `lead_window` of the lead variants that are counted (5e-8 and 500,000 base pairs if not given). Conditions in
        `filters` are added to those of the manifest. For MTAG runs only `filters` and the lead variants' count.

    Returns
    -------
    BatchResult
        Its `index` has a row for each trait, its `failures` one for each without a result.

    Raises
    ------
    GwasmetaError
        If the manifest is not in order (the message has all that is wrong with it), another batch is at work in the
        folder, or it cannot be written to.

    Examples
    --------
    >>> import gwasmeta
    >>> result = gwasmeta.run_batch("traits.tsv", "results", genomic_control=True)  # doctest: +SKIP
    >>> result.index[["trait", "lead_variants", "inflation_factor"]]  # doctest: +SKIP
    """
    folder = Path(os.path.abspath(out))
    runs = read_runs(manifest, options, folder)
    places = BatchPlaces(folder)
    with places.held():
        places.clear_leftovers(runs)
        index = Index(runs, places)
        n_made = n_kept = 0
        try:
            for outcome in _outcomes(runs, folder, cluster, progress):
                index.take(outcome)
                n_kept += outcome.kept
                n_made += not outcome.kept and outcome.failure is None
        finally:
            index.write()
    return BatchResult(folder, index.rows, index.failures, n_made, n_kept)


def _outcomes(runs: Sequence[Run], folder: Path, cluster: Cluster, progress: BatchProgress | None) -> Iterator[Outcome]:
    """Yield what became of each run, in their order."""
    tell = progress or _nothing
    tasks = [Task(run, folder) for run in runs]
    if cluster is None:
        for done, task in enumerate(tasks):
            tell(task.run.name, done, len(tasks), None)
            outcome = run_task(task)
            tell(task.run.name, done + 1, len(tasks), outcome)
            yield outcome
        return
    with workers_of(cluster) as workers:
        workers.refuse_unshared(folder)
        tell(tasks[0].run.name, 0, len(tasks), None)
        for done, outcome in enumerate(workers.in_order(run_task, tasks), start=1):
            tell(outcome.run, done, len(tasks), outcome)
            yield outcome


def _nothing(_run: str, _done: int, _total: int, _outcome: Outcome | None) -> None:
    """Tell nobody."""
