"""Ranges of a few variants, and a folder for temporary files of which a test sees what is left in it."""

from __future__ import annotations

import gc
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from .ranges_comparison import use_small_ranges


@pytest.fixture
def small_ranges(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have ranges of 32 variants."""
    use_small_ranges(monkeypatch)


@pytest.fixture
def left_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[str]]:
    """Return a function that says which temporary files there are."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))

    def left() -> list[str]:
        gc.collect()
        return sorted(path.name for path in folder.iterdir())

    return left
