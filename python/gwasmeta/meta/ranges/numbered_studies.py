"""All studies of an analysis, read by workers, numbered one after the other, and sorted by workers."""

from __future__ import annotations

import shutil
from collections.abc import Generator, Sequence
from contextlib import closing
from pathlib import Path

from gwasmeta.cluster import Workers
from gwasmeta.meta.engine import ProgressCallback
from gwasmeta.meta.options import MetaOptions
from gwasmeta.meta.ranges.catalogue import Catalogue, CatalogueFiles
from gwasmeta.meta.ranges.memory_limit import refuse_beyond
from gwasmeta.meta.ranges.numbered_study import NumberedStudy, number_study, sorted_by_variant
from gwasmeta.meta.ranges.study_rows import StudyRows, lay_down
from gwasmeta.meta.ranges.tasks import LayDownTask, laid_down
from gwasmeta.sumstats.reader import StudyReader


def numbered_studies(
    readers: Sequence[StudyReader],
    options: MetaOptions,
    workers: Workers,
    folder: Path,
    memory: int | None = None,
    progress: ProgressCallback | None = None,
) -> tuple[tuple[NumberedStudy, ...], CatalogueFiles]:
    """Lay the rows of studies down by variant.

    Parameters
    ----------
    readers : sequence of StudyReader
        Their headers have been understood; those on disk are opened again by the workers.
    options : MetaOptions
    workers : Workers
    folder : Path
        That all workers see.
    memory : int, optional
        Bytes that this process may take.
    progress : callable, optional

    Raises
    ------
    GwasmetaError
        If a study cannot be read, or the folder not be written to.
    """
    catalogue = Catalogue()
    folders = [folder] * len(readers)
    numbered = number_all(catalogue, readers, options, workers, folders, memory, progress)
    files = catalogue.save(folder / "catalogue")
    del catalogue  # its memory is needed no more
    return sorted_studies(numbered, workers), files


def number_all(
    catalogue: Catalogue,
    readers: Sequence[StudyReader],
    options: MetaOptions,
    workers: Workers,
    folders: Sequence[Path],
    memory: int | None,
    progress: ProgressCallback | None,
) -> list[NumberedStudy]:
    """Lay each study down in its folder, and number its rows; they are not sorted yet."""
    numbered = []
    rows = 0
    with closing(_laid_down_studies(readers, options, workers, folders)) as studies:
        for n_done, study in enumerate(studies, start=1):
            numbered.append(number_study(catalogue, study))
            refuse_beyond(memory, len(catalogue))
            rows += study.rows_read
            if progress is not None:
                progress(study.study.label, n_done, len(readers), rows)
    return numbered


def sorted_studies(numbered: Sequence[NumberedStudy], workers: Workers) -> tuple[NumberedStudy, ...]:
    """Bring the rows of studies into the order of their variants, and remove those in the order of the studies."""
    in_order = []
    for before, after in zip(numbered, workers.in_order(sorted_by_variant, numbered), strict=True):
        shutil.rmtree(before.rows.files.folder, ignore_errors=True)
        in_order.append(after)
    return tuple(in_order)


def _laid_down_studies(
    readers: Sequence[StudyReader], options: MetaOptions, workers: Workers, folders: Sequence[Path]
) -> Generator[StudyRows, None, None]:
    """Yield each study's rows in turn; those in memory or on standard input are read here, the others by workers."""
    placed = list(zip(readers, folders, strict=True))
    tasks = [LayDownTask(reader.study, options, folder) for reader, folder in placed if reader.is_on_disk]
    if not workers.is_local:  # they may have been started in another folder
        tasks = [LayDownTask(task.study.findable(), options.findable(), task.folder) for task in tasks]
    with closing(workers.in_order(laid_down, tasks)) as elsewhere:  # nothing is written any more when this ends
        for reader, folder in placed:
            yield next(elsewhere) if reader.is_on_disk else lay_down(reader, options, folder)
