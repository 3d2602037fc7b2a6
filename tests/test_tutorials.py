"""The tutorials: all that they show is run, from the first block to the last, and prints what is shown."""

from __future__ import annotations

import argparse
import inspect
import re
from pathlib import Path

import pytest

import gwasmeta
from documents import DOCS, Processes, Session, blocks, dead_links, first_difference, rows, run_as_documented
from gwasmeta.compat.mtag_help import add_options

PAGES = sorted((DOCS / "tutorials").glob("*.md"))
BY_NAME = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)


def _flags() -> set[str]:
    parser = argparse.ArgumentParser(add_help=False)
    add_options(parser)
    return set(re.findall(r"--\w+", parser.format_help()))


@BY_NAME
def test_a_page_prints_what_it_shows(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    # Sums in another order, as on other processors, can change a last digit.
    n_compared = run_as_documented(blocks(page), Session(Processes(tmp_path)), last_digit=1)
    assert n_compared >= 10


@BY_NAME
def test_a_page_leads_to_documents_that_there_are(page: Path) -> None:
    assert dead_links(page) == set()


@BY_NAME
def test_a_page_names_options_that_there_are(page: Path) -> None:
    code = re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```$", "", page.read_text(), flags=re.MULTILINE | re.DOTALL))
    named = {flag for words in code for flag in re.findall(r"(?<!\S)--[\w-]+", words)}
    assert named
    assert named <= _flags()


def test_the_table_of_special_options_gives_arguments_that_there_are() -> None:
    (page,) = (page for page in PAGES if page.stem == "2_special_options")
    table = [row for row in rows(page) if row.header[0] == "for the shell"]
    forms = [form for row in table for form in row.code(1)]
    assert len(forms) >= 15
    known = set(inspect.signature(gwasmeta.mtag).parameters)
    assert {form.partition("=")[0] for form in forms} <= known


@pytest.mark.parametrize(
    ("shown", "differs"),
    [
        ("a 1\nb 2.50\nc", False),
        ("a   1\n...\n", False),
        ("...\nc\n", False),
        ("...\nb 2.50\n...\n", False),
        ("a 1\n...\nc\n", False),
        ("a 1\n", True),  # more is printed
        ("a 1\nb 2.50\nc\nd\n", True),
        ("b 2.50\n...\n", True),
        ("...\nb 2.50\n", True),
        ("c\n...\n", True),
        ("...\nb 2.52\n...\n", True),
        ("...\nc\n...\nb 2.50\n...\n", True),  # not in this order
    ],
)
def test_shown_lines_are_found_where_they_are_printed(shown: str, differs: bool) -> None:
    assert (first_difference("a 1\nb 2.50\nc\n", shown, last_digit=1) is not None) == differs


def test_numbers_may_differ_by_a_unit_of_their_last_digit_if_told_so() -> None:
    assert first_difference("2.50 x", "2.51 x", last_digit=1) is None
    assert first_difference("2.50 x", "2.51 x") is not None
    assert first_difference("2.50 x", "2.50 y", last_digit=1) is not None
    assert first_difference("Time elapsed: 1.2 s", "Time elapsed: 45.0 s") is None
