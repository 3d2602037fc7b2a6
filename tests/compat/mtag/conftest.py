"""Where the runs of the original MTAG are, and the panel that they used."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

_SHARED = Path(__file__).resolve().parents[4] / "shared"


def _folder(path: Path) -> Path:
    if not path.is_dir():
        pytest.skip(f"needs {path.relative_to(_SHARED)} of the folder `shared` beside the checkout")
    return path


@pytest.fixture(scope="session")
def golden_mtag() -> Path:
    return _folder(_SHARED / "golden" / "mtag")


@pytest.fixture(scope="session")
def european_panel() -> Path:
    return _folder(_SHARED / "data" / "eur_w_ld_chr")


@pytest.fixture(scope="session", autouse=True)
def _panels_cached_elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield
