"""docs/r.md and docs/mixed-language.md: what they show is run, a session a language, and prints that."""

from __future__ import annotations

import importlib.util
import itertools
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from documents import DOCS, Block, blocks, dead_links, first_difference

PAGES = (DOCS / "r.md", DOCS / "mixed-language.md")
MARK = "==== end of a block ===="

NOTEBOOK = """
import json, sys, tempfile
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance(ipython_dir=tempfile.mkdtemp())
for cell in json.load(open(sys.argv[1])):
    shell.run_cell(cell).raise_error()
    print({mark!r}, flush=True)
"""


def shown_blocks(page: Path, language: str) -> list[tuple[str, str | None]]:
    """Return the page's blocks in a language, each with what it is shown to print."""
    every = blocks(page)
    following: list[Block | None] = [*every[1:], None]
    return [
        (block.text, after.text if after is not None and not after.language else None)
        for block, after in zip(every, following, strict=True)
        if block.language == language
    ]


def program(language: str, texts: list[str], folder: Path) -> list[str]:
    """Return the words of a command that runs all texts in one session and marks the end of each."""
    if language == "r":
        # Echoed values only: source() prints as the prompt does.
        for number, text in enumerate(texts):
            (folder / f"{number}.R").write_text(text)
        steps = [f'source("{number}.R", print.eval = TRUE); cat("\\n{MARK}\\n")' for number in range(len(texts))]
        (folder / "all.R").write_text("options(gwasmeta.progress = FALSE)\n" + "\n".join(steps))
        return ["Rscript", "all.R"]
    if language == "python":
        (folder / "all.py").write_text("\n".join(f"{text}\nprint({MARK!r})" for text in texts))
        return [sys.executable, "all.py"]
    (folder / "cells.json").write_text(json.dumps(texts))
    (folder / "notebook.py").write_text(NOTEBOOK.format(mark=MARK))
    return [sys.executable, "notebook.py", "cells.json"]


@pytest.mark.parametrize(
    ("page", "language", "n_compared"),
    [(PAGES[0], "r", 8), (PAGES[1], "r", 1), (PAGES[1], "python", 2), (PAGES[1], "ipython", 2)],
    ids=lambda value: value.stem if isinstance(value, Path) else str(value),
)
def test_a_page_prints_what_it_shows(
    page: Path, language: str, n_compared: int, tmp_path: Path, r_environment: dict[str, str]
) -> None:
    if language != "r":
        _need_rpy2()
    shown = shown_blocks(page, language)
    words = program(language, [text for text, _ in shown], tmp_path)
    done = subprocess.run(words, cwd=tmp_path, env=r_environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    printed = done.stdout.split(MARK)
    assert len(printed) == len(shown) + 1
    for (text, expected), found in zip(shown, itertools.islice(printed, len(shown)), strict=True):
        if expected is not None:
            difference = first_difference(found.strip("\n"), expected, last_digit=1)
            assert difference is None, f"{text}\nprints\n{found}\nand not\n{difference}"
    assert sum(expected is not None for _, expected in shown) == n_compared


def _need_rpy2() -> None:
    missing = [name for name in ("rpy2", "IPython") if importlib.util.find_spec(name) is None]
    if missing:
        reason = f"{missing[0]} is not installed: pip install 'gwasmeta[r,dev]'"
        if os.environ.get("GWASMETA_REQUIRE_R") == "1":
            pytest.fail(reason)
        pytest.skip(reason)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_leads_to_documents_that_there_are(page: Path) -> None:
    assert dead_links(page) == set()


def test_the_functions_that_r_md_names_are_there() -> None:
    exported = set(re.findall(r"export\((\w+)\)", (DOCS.parent / "rpkg" / "NAMESPACE").read_text()))
    of_r = {"library", "options", "suppressMessages", "withCallingHandlers", "warning", "system", "saveRDS"}
    named = set(re.findall(r"`(\w+)\(", PAGES[0].read_text())) - of_r
    assert len(named) > 15
    assert named <= exported
