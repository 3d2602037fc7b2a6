"""Numbers in four bytes come back to the bit, or are not narrowed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from gwasmeta.meta.ranges.narrow_numbers import narrowed, widened

DECIMALS = st.tuples(st.integers(-99_999, 99_999), st.integers(0, 9)).map(lambda pair: float(f"{pair[0]}e-{pair[1]}"))
ANY = st.floats() | DECIMALS | st.sampled_from([0.0, -0.0, np.nan, np.inf, 5e-324, 1.7e308, 2.0**31, 2.0**31 - 1])


def bits(values: np.ndarray) -> list[int]:
    return values.view(np.uint64).tolist()


@settings(deadline=None, max_examples=500)
@given(arrays.arrays(np.float64, st.integers(0, 6), elements=ANY))
def test_every_bit_comes_back(values: np.ndarray) -> None:
    narrow = narrowed(values)
    if narrow is not None:
        assert narrow[0].itemsize == 4
        assert bits(widened(*narrow)) == bits(values)


@pytest.mark.parametrize("decimals", range(10))
def test_what_was_printed_with_few_decimals_is_narrowed(decimals: int) -> None:
    """Read by Python's own float, as by any reader that rounds correctly; missing values and -0 are among it."""
    texts = [f"{number / 10**decimals:.{decimals}f}" for number in range(-200_000, 200_001, 7)]
    values = np.array([float(text) for text in [*texts, "nan", "-0.000"]])
    narrow = narrowed(values)
    assert narrow is not None
    assert bits(widened(*narrow)) == bits(values)


@pytest.mark.parametrize("kind", [np.float32, np.int32])
def test_sample_sizes_and_single_precision(kind: type) -> None:
    values = np.array([1, 17, 482_730, 2**24 + 1 if kind is np.int32 else 0.1], dtype=kind).astype(np.float64)
    narrow = narrowed(values)
    assert narrow is not None
    assert narrow[0].dtype == kind


@pytest.mark.parametrize("values", [[1 / 3], [0.1, 3e9], [0.0000000001], [0.123456789, 123.0], [0.1, np.inf]])
def test_what_needs_its_eight_bytes_keeps_them(values: list[float]) -> None:
    assert narrowed(np.array(values)) is None


def test_integers_next_to_those_that_stand_for_others() -> None:
    for integer in (2**31 - 3, 2**31 - 2, 2**31 - 1, 2**31):
        values = np.array([-float(integer), 0.5, float(integer)])
        narrow = narrowed(values)
        assert narrow is None or bits(widened(*narrow)) == bits(values)
