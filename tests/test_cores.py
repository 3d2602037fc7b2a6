"""Work spread over the cores: results in the order of the items, and the first error comes out."""

from __future__ import annotations

import threading
import time

import pytest

from gwasmeta.cores import n_cores, on_all_cores


def test_results_keep_the_order_of_the_items() -> None:
    def slower_first(item: int) -> int:
        time.sleep(0.02 if item == 0 else 0)
        return item * item

    assert on_all_cores(slower_first, range(20)) == [item * item for item in range(20)]


@pytest.mark.skipif(n_cores() < 2, reason="needs two cores")
def test_items_are_worked_on_at_the_same_time() -> None:
    both_are_here = threading.Barrier(2, timeout=10)
    on_all_cores(lambda _: both_are_here.wait(), range(2))


def test_an_error_comes_out() -> None:
    with pytest.raises(ZeroDivisionError):
        on_all_cores(lambda item: 1 // item, [1, 0, 2])
