"""Folders with studies of three traits."""

from __future__ import annotations

from pathlib import Path

import pytest
from batch_data import table_manifest, write_studies


@pytest.fixture
def studies(tmp_path: Path) -> Path:
    """Return a folder with three studies of each of three traits, and traits.tsv, which lists them."""
    folder = tmp_path / "studies"
    write_studies(folder)
    table_manifest(folder / "traits.tsv")
    return folder
