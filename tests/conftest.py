"""Where compiled functions are kept, and where the results of the original programs are."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

_ROOT = Path(__file__).resolve().parents[1]
_SHARED = _ROOT.parent / "shared"


def _fingerprint() -> str:
    digest = hashlib.sha256()
    for path in sorted((_ROOT / "python").rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


# By what all sources are: Numba itself looks only at the file that a function stands in.
os.environ.setdefault("NUMBA_CACHE_DIR", str(_ROOT / ".pytest_cache" / "compiled" / _fingerprint()))


@pytest.fixture(scope="session")
def golden_meta() -> Path:
    """Return the folder with the meta-analyses of GWAMA, METAL and metafor; skip, or fail if told so, without it."""
    folder = _SHARED / "golden" / "meta"
    if not folder.is_dir():
        reason = "needs golden/meta of the folder `shared` beside the checkout"
        if os.environ.get("GWASMETA_REQUIRE_SHARED") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    return folder
