"""The machine's cores: how many there are to use, and work spread over them."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final, TypeVar

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")

# Results waiting to be used, beside those being worked on; more would cost memory and win nothing.
_AHEAD = 2

_share: ContextVar[int | None] = ContextVar("gwasmeta_cores", default=None)


def n_cores() -> int:
    """Return the number of cores this process may use; within `using_cores`, those given there."""
    return _share.get() or machine_cores()


@contextmanager
def using_cores(share: int) -> Iterator[None]:
    """Have the caller's thread count on so many cores, where other work has the rest of them."""
    before = _share.set(share)
    try:
        yield
    finally:
        _share.reset(before)


def machine_cores() -> int:
    """Return the number of cores this process may use, whoever else works on them."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class _OneBlasThread:
    """A limit that lasts as long as any thread is within it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._n_within = 0
        self._limit: Any = None

    def __enter__(self) -> None:
        from threadpoolctl import threadpool_limits

        with self._lock:
            if self._n_within == 0:
                self._limit = threadpool_limits(1, user_api="blas")
            self._n_within += 1

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._n_within -= 1
            if self._n_within == 0:
                self._limit.restore_original_limits()


# Within it, products of matrices are the same to the bit on every machine, however many cores it has.
ONE_BLAS_THREAD: Final = _OneBlasThread()


def on_all_cores(work: Callable[[_Item], _Result], items: Iterable[_Item]) -> list[_Result]:
    """Return what `work` makes of each item, in the items' order, done on threads: for work without the interpreter."""
    with ThreadPoolExecutor(n_cores(), thread_name_prefix="gwasmeta-core") as pool:
        return list(pool.map(work, items))


def in_order(tasks: Iterable[Callable[[], _Result]]) -> Generator[_Result, None, None]:
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
