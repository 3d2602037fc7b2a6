"""The R package: that its parts agree with the Python ones, and that the repository's root installs the same."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

import gwasmeta

ROOT = Path(__file__).resolve().parents[2]
LINKED = ("DESCRIPTION", "NAMESPACE", "NEWS.md", "R", "man")


def fields(path: Path) -> dict[str, str]:
    """Return the fields of a DESCRIPTION."""
    entries = re.split(r"\n(?=\S)", path.read_text(encoding="utf-8").strip())
    return {name: " ".join(value.split()) for name, _, value in (entry.partition(":") for entry in entries)}


def test_the_version_is_pythons() -> None:
    assert fields(ROOT / "rpkg" / "DESCRIPTION")["Version"] == gwasmeta.__version__
    news = (ROOT / "rpkg" / "NEWS.md").read_text(encoding="utf-8")
    assert news.startswith(f"# gwasmeta {gwasmeta.__version__}")


@pytest.mark.parametrize("name", LINKED)
def test_the_root_has_the_parts_of_the_package(name: str) -> None:
    assert (ROOT / name).is_symlink()
    assert (ROOT / name).resolve() == ROOT / "rpkg" / name


def test_the_root_describes_the_same_package() -> None:
    assert fields(ROOT / "DESCRIPTION") == fields(ROOT / "rpkg" / "DESCRIPTION")


def test_every_part_that_is_installed_is_linked_or_only_for_development() -> None:
    only_for_development = {"tests", "vignettes", "LICENSE", ".Rbuildignore", ".lintr"}
    assert {path.name for path in (ROOT / "rpkg").iterdir()} - only_for_development == set(LINKED)


def test_one_file_knows_of_python() -> None:
    sources = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "rpkg" / "R").glob("*.R")}
    assert {name for name, text in sources.items() if "reticulate::" in text} == {"python.R"}


def in_r(*words: str, library: Path) -> None:
    found = subprocess.run(
        ["R", "CMD", *words], capture_output=True, text=True, check=False, env=os.environ | {"R_LIBS": str(library)}
    )
    assert found.returncode == 0, found.stdout + found.stderr


@pytest.fixture
def needs_r() -> None:
    if shutil.which("R") is None:
        if os.environ.get("GWASMETA_REQUIRE_R") == "1":
            pytest.fail("R is needed: GWASMETA_REQUIRE_R=1")
        pytest.skip("R is not installed: tools/test_programs.sh installs it")


@pytest.mark.usefixtures("needs_r")
def test_the_root_installs_the_same_package_as_the_folder(tmp_path: Path) -> None:
    """By R CMD INSTALL, and by R CMD build before it, as remotes::install_github does."""
    checkout = tmp_path / "checkout"
    tracked = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True)
    for name in tracked.stdout.split("\n")[:-1]:
        if (ROOT / name).is_symlink() or (ROOT / name).is_file():
            (checkout / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, checkout / name, follow_symlinks=False)
    libraries = {name: tmp_path / name for name in ("folder", "root", "built")}
    for library in libraries.values():
        library.mkdir()
    in_r("INSTALL", "-l", str(libraries["folder"]), str(checkout / "rpkg"), library=libraries["folder"])
    in_r("INSTALL", "-l", str(libraries["root"]), str(checkout), library=libraries["root"])
    subprocess.run(["R", "CMD", "build", str(checkout)], cwd=tmp_path, check=True, capture_output=True)
    (tarball,) = tmp_path.glob("gwasmeta_*.tar.gz")
    in_r("INSTALL", "-l", str(libraries["built"]), str(tarball), library=libraries["built"])
    trees = {name: installed_files(library / "gwasmeta") for name, library in libraries.items()}
    assert trees["root"] == trees["folder"] == trees["built"]
    assert "R/gwasmeta.rdb" in trees["root"]
    exports = {name: (library / "gwasmeta" / "NAMESPACE").read_text() for name, library in libraries.items()}
    assert "export(meta_analyze)" in exports["root"]
    assert len(set(exports.values())) == 1


def installed_files(package: Path) -> dict[str, str | None]:
    """Return the files of an installed package with their text; what has the time of building in it, by name only."""
    texts = {}
    for path in sorted(package.rglob("*")):
        name = str(path.relative_to(package))
        if path.is_file():
            varies = path.suffix in (".rds", ".rdb", ".rdx") or name in ("DESCRIPTION", "LICENSE")
            texts[name] = None if varies else path.read_text(encoding="utf-8", errors="replace")
    return texts
