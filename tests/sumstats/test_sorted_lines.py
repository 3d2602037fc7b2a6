"""Lines sorted on disk, against Python's own sort."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gwasmeta.sumstats import sorted_lines
from gwasmeta.sumstats.sorted_lines import SortedLines

LINES = st.lists(st.tuples(st.integers(-3, 3), st.text("abc", max_size=5)), max_size=30)


@settings(max_examples=50, deadline=None)
@given(st.lists(LINES, max_size=4))
def test_as_pythons_stable_sort(parts: list[list[tuple[int, str]]]) -> None:
    with SortedLines() as lines:
        for part in parts:
            text = "".join(word + "\n" for _, word in part).encode()
            lines.add(text, np.array([key for key, _ in part], dtype=np.int64))
        got = b"".join(lines.texts())
    every = [pair for part in parts for pair in part]
    assert got == "".join(word + "\n" for _, word in sorted(every, key=lambda pair: pair[0])).encode()


def test_given_back_in_several_texts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sorted_lines, "_LINES_AT_ONCE", 2)
    with SortedLines() as lines:
        lines.add(b"c\nb\na\n", np.array([3, 2, 1]))
        assert list(lines.texts()) == [b"a\nb\n", b"c\n"]
