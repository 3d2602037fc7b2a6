"""The machine's cores: how many there are to use, and work spread over them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


def n_cores() -> int:
    """Return the number of cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def on_all_cores(work: Callable[[_Item], _Result], items: Iterable[_Item]) -> list[_Result]:
    """Return what `work` makes of each item, in the items' order, done on threads: for work without the interpreter."""
    with ThreadPoolExecutor(n_cores(), thread_name_prefix="gwasmeta-core") as pool:
        return list(pool.map(work, items))
