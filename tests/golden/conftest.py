"""Where the results of the original programs are; without them the golden tests are skipped, or fail if told so."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

_SHARED = Path(__file__).resolve().parents[3] / "shared"


@pytest.fixture(scope="session")
def golden_meta() -> Path:
    """Return the folder with the meta-analyses of GWAMA, METAL and metafor."""
    folder = _SHARED / "golden" / "meta"
    if not folder.is_dir():
        reason = "needs golden/meta of the folder `shared` beside the checkout"
        if os.environ.get("GWASMETA_REQUIRE_SHARED") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    return folder
