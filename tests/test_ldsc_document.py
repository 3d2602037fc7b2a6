"""docs/ldsc.md: its commands print what it says, and its tables name every option of the originals."""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from gwasmeta.cli import munge
from gwasmeta.cli.ldsc import in_own_words, ldsc_parser
from gwasmeta.errors import GwasmetaError

DOCUMENT = Path(__file__).parents[1] / "docs" / "ldsc.md"
SHARED = Path(__file__).resolve().parents[2] / "shared"

_TEXT = DOCUMENT.read_text(encoding="utf-8")
_BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", _TEXT, flags=re.MULTILINE | re.DOTALL)


def _forms(program: str) -> list[tuple[str, bool]]:
    """Return each option in the first column of a program's table, and whether it has a counterpart."""
    (section,) = re.findall(rf"^## Options of {re.escape(program)}\n(.*?)(?=^## |\Z)", _TEXT, re.MULTILINE | re.DOTALL)
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if line[:1] == "|"]
    return [(form, cells[1] != "none") for cells in rows[2:] for form in re.findall(r"`([^`]+)`", cells[0])]


def _munge_parser() -> argparse.ArgumentParser:
    return munge.register(argparse.ArgumentParser().add_subparsers())


@pytest.mark.parametrize(("form", "taken"), _forms("munge_sumstats.py"))
def test_options_of_munge_sumstats_are_taken_or_refused_as_documented(form: str, taken: bool) -> None:
    words = form.split() + (["--out", "x"] if not form.startswith("--out") else [])
    if taken:
        _munge_parser().parse_args(words)
    else:
        with pytest.raises(SystemExit, match="2"):
            _munge_parser().parse_args(words)


@pytest.mark.parametrize(("form", "taken"), _forms("ldsc.py"))
def test_options_of_ldsc_are_taken_or_refused_as_documented(form: str, taken: bool) -> None:
    words = form.split() if form.startswith(("--h2 ", "--rg ")) else ["--rg", "a,b", *form.split()]
    if taken:
        ldsc_parser().parse_args(in_own_words(words))
    else:
        with pytest.raises(GwasmetaError, match="is not taken here"):
            in_own_words(words)


def test_every_option_that_is_understood_is_documented() -> None:
    of_ldsc = {form.split()[0] for form, _ in _forms("ldsc.py")}
    of_munge = {form.split()[0] for form, _ in _forms("munge_sumstats.py")}
    ours = {"--help", "--out", "--quiet", "--pairs", "--workers", "--scheduler"}
    helps = [_help_of(analysis) for analysis in ("h2", "rg")]
    assert set(re.findall(r"--[\w-]+", " ".join(helps))) - ours <= of_ldsc
    own = {"--help", "--quiet", "--dialect", "--column", "--filter", "--n-max", "--median-z-max", "--n", "--n-cases"}
    assert {option for action in _munge_parser()._actions for option in action.option_strings if option[:2] == "--"} - (
        own | {"--n-controls"}
    ) <= of_munge


def _help_of(analysis: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "gwasmeta", "ldsc", analysis, "--help"], capture_output=True, text=True, check=True
    )
    return done.stdout.partition("positional arguments")[0]


@pytest.fixture
def run_block(tmp_path: Path, european_panel: Path) -> Callable[[str], str]:
    """Return a function that runs commands where the golden runs' inputs and the panel are, `gwasmeta` on the PATH."""
    inputs = SHARED / "golden" / "mtag" / "inputs"
    if not inputs.is_dir():
        pytest.skip("needs golden/mtag of the folder `shared` beside the checkout")
    for name in ("main_t1", "main_t2", "main_t3"):
        (tmp_path / f"{name}.txt.gz").symlink_to(inputs / f"{name}.txt.gz")
    (tmp_path / "eur_w_ld_chr").symlink_to(european_panel)
    command = tmp_path / "bin" / "gwasmeta"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m gwasmeta "$@"\n')
    command.chmod(0o755)
    environment = os.environ | {"PATH": f"{command.parent}:{os.environ['PATH']}", "XDG_CACHE_HOME": str(tmp_path)}

    def run(text: str) -> str:
        words = ["bash", "-euo", "pipefail", "-c", text]
        done = subprocess.run(words, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def test_the_examples_print_what_is_documented(run_block: Callable[[str], str]) -> None:
    compared = 0
    for (language, text), (following, printed) in zip(_BLOCKS, [*_BLOCKS[1:], ("end", "")], strict=True):
        if language == "bash":
            found = run_block(text)
            if not following:
                assert found.split() == printed.split()
                compared += 1
    assert compared == 2
