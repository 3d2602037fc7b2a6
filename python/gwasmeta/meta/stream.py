"""Blocks of all studies in order, parsed and checked ahead of their use on the machine's cores."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from gwasmeta.cores import n_cores
from gwasmeta.sumstats.reader import StudyReader
from gwasmeta.sumstats.row_block import RowBlock

_Prepared = TypeVar("_Prepared")

# Blocks parsed or waiting to be used; more would cost memory and win nothing.
_AHEAD = 3


def stream_studies(
    readers: Sequence[StudyReader], prepare: Callable[[RowBlock], _Prepared]
) -> Iterator[tuple[int, _Prepared | None]]:
    """Yield (number of the study, prepared block), and (number of the study, None) behind its last block.

    The order is that of the files, however the work is spread over the cores, so that results are the same from
    run to run. While one study's last blocks are used, the next one's first are read already.
    """
    with ThreadPoolExecutor(n_cores(), thread_name_prefix="gwasmeta-parse") as pool:
        waiting: deque[tuple[int, Future[_Prepared] | None]] = deque()
        submitted = _submitted(readers, prepare, pool)
        try:
            while True:
                while len(waiting) <= _AHEAD and (item := next(submitted, None)) is not None:
                    waiting.append(item)
                if not waiting:
                    return
                study, future = waiting.popleft()
                yield study, None if future is None else future.result()
        finally:
            submitted.close()
            for _, future in waiting:
                if future is not None:
                    future.cancel()


def _submitted(
    readers: Sequence[StudyReader], prepare: Callable[[RowBlock], _Prepared], pool: ThreadPoolExecutor
) -> Generator[tuple[int, Future[_Prepared] | None], None, None]:
    for study, reader in enumerate(readers):
        for task in reader.tasks():
            yield study, pool.submit(_in_turn, task, prepare)
        yield study, None


def _in_turn(task: Callable[[], RowBlock], prepare: Callable[[RowBlock], _Prepared]) -> _Prepared:
    return prepare(task())
