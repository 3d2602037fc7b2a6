"""Where compiled functions are kept, where the originals' results are, and whether tests may be skipped."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
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


_LIBRARIES = os.environ.get("LD_LIBRARY_PATH")


def pytest_collection_finish() -> None:
    """Take back what the import of rpy2, by a file of tests, has set."""
    _forget_libraries_of_r()


@pytest.fixture(autouse=True)
def _libraries_of_python() -> None:
    """Take back what the import of rpy2, in a test before, has set."""
    _forget_libraries_of_r()


def _forget_libraries_of_r() -> None:
    """Let other processes find the libraries of their Python, not those that go with R."""
    if _LIBRARIES is None:
        os.environ.pop("LD_LIBRARY_PATH", None)
    else:
        os.environ["LD_LIBRARY_PATH"] = _LIBRARIES


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail where all that the tests need is to be there, and some were skipped all the same."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("GWASMETA_REQUIRE_ALL") == "1" and reporter.stats.get("skipped") and session.exitstatus == 0:
        reporter.write_line("GWASMETA_REQUIRE_ALL=1, and tests were skipped", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _shared_folder(path: str) -> Path:
    """Return a folder of `shared`; skip without it."""
    folder = _SHARED / path
    if not folder.is_dir():
        pytest.skip(f"needs {path} of the folder `shared` beside the checkout")
    return folder


@pytest.fixture(scope="session")
def golden_meta() -> Path:
    """Return the folder with the meta-analyses of GWAMA, METAL and metafor."""
    return _shared_folder("golden/meta")


@pytest.fixture(scope="session")
def golden_ld_scores() -> Path:
    """Return the folder with genotypes and the LD scores that LDSC computed from them."""
    return _shared_folder("golden/ldsc_l2")


@pytest.fixture(scope="session")
def european_panel() -> Path:
    """Return the folder with the LD scores of the European HapMap3 SNPs."""
    return _shared_folder("data/eur_w_ld_chr")


@pytest.fixture(scope="session")
def r_environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return an environment where R has the package, as it is in this checkout, and all languages this Python."""
    if shutil.which("R") is None:
        _skip_without_r("R is not installed: tools/test_programs.sh installs it")
    folder = tmp_path_factory.mktemp("with_r")
    library, commands = folder / "library", folder / "commands"
    library.mkdir()
    commands.mkdir()
    words = ["R", "CMD", "INSTALL", "--no-docs", f"--library={library}", str(_ROOT / "rpkg")]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if "not available for package" in done.stderr:
        _skip_without_r(done.stderr)
    assert done.returncode == 0, done.stderr
    for name, call in {"gwasmeta": "-m gwasmeta ", "python3": ""}.items():
        (commands / name).write_text(f'#!/bin/sh\nexec "{sys.executable}" {call}"$@"\n')
        (commands / name).chmod(0o755)
    return {
        **os.environ,
        "R_LIBS": str(library),
        "RETICULATE_PYTHON": sys.executable,
        "RETICULATE_MINICONDA_ENABLED": "FALSE",
        "PATH": f"{commands}:{os.environ['PATH']}",
    }


def _skip_without_r(reason: str) -> None:
    if os.environ.get("GWASMETA_REQUIRE_R") == "1":
        pytest.fail(reason)
    pytest.skip(reason)
