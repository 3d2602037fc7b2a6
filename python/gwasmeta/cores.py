"""The machine's cores: how many there are to use, and work spread over them."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")

# Results waiting to be used, beside those being worked on; more would cost memory and win nothing.
_AHEAD = 2


def n_cores() -> int:
    """Return the number of cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def on_all_cores(work: Callable[[_Item], _Result], items: Iterable[_Item]) -> list[_Result]:
    """Return what `work` makes of each item, in the items' order, done on threads: for work without the interpreter."""
    with ThreadPoolExecutor(n_cores(), thread_name_prefix="gwasmeta-core") as pool:
        return list(pool.map(work, items))


def in_order(tasks: Iterable[Callable[[], _Result]]) -> Iterator[_Result]:
    """Yield what tasks return, in their order; a few of them run ahead on threads.

    The tasks are taken one by one, when there is a thread for them, by the thread that asks for results.
    """
    workers = n_cores()
    with ThreadPoolExecutor(workers, thread_name_prefix="gwasmeta-order") as pool:
        waiting: deque[Future[_Result]] = deque()
        try:
            for task in tasks:
                waiting.append(pool.submit(task))
                if len(waiting) >= workers + _AHEAD:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()
