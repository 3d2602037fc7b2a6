"""Compiled functions are kept by what all sources are: Numba looks only at the file that a function stands in."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

_ROOT = Path(__file__).parents[1]


def _fingerprint() -> str:
    digest = hashlib.sha256()
    for path in sorted((_ROOT / "python").rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


os.environ.setdefault("NUMBA_CACHE_DIR", str(_ROOT / ".pytest_cache" / "compiled" / _fingerprint()))
