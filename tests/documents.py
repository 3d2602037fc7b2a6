"""Documents whose commands are run and whose shown output is compared with what they print."""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, NamedTuple

from gwasmeta.cli import main

DOCS = Path(__file__).parents[1] / "docs"
LEFT_OUT = "..."  # a shown line that stands for any number of lines
_DURATION = re.compile(r"(?<=elapsed: )[\d.]+(?= s)|(?<=about )[\d.]+(?= s)")


class Block(NamedTuple):
    """A fenced block; `language` is empty for what the block before it prints."""

    section: str
    language: str
    text: str


class Row(NamedTuple):
    """A row of a table, with the table's header."""

    section: str
    header: list[str]
    cells: list[str]

    def code(self, column: int) -> list[str]:
        return re.findall(r"`([^`]+)`", self.cells[column])


def sections(document: Path) -> Iterator[tuple[str, str]]:
    """Yield each section's title and text; what stands before the first has an empty title."""
    first, *parts = re.split(r"^## (.*)\n", document.read_text(), flags=re.MULTILINE)
    yield "", first
    yield from zip(parts[::2], parts[1::2], strict=True)


def blocks(document: Path) -> list[Block]:
    return [
        Block(section, *fenced)
        for section, text in sections(document)
        for fenced in re.findall(r"^```(\w*)\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)
    ]


def rows(document: Path) -> Iterator[Row]:
    for section, text in sections(document):
        for table in re.findall(r"(?:^\|.*\n)+", text, flags=re.MULTILINE):
            header, _, *lines = ([cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines())
            yield from (Row(section, header, cells) for cells in lines)


def dead_links(document: Path) -> set[str]:
    targets = re.findall(r"\]\(([\w./]+)(?:#[\w-]+)?\)", document.read_text())
    return {target for target in targets if not (document.parent / target).exists()}


def run_as_documented(shown: Iterable[Block], run: Callable[[Block], str], *, last_digit: int = 0) -> int:
    """Run blocks, compare what they print with the blocks behind them, and return how many were compared.

    Numbers may differ by `last_digit` units of the last digit shown.
    """
    n_compared = 0
    command: Block | None = None
    for block in shown:
        if block.language:
            command, printed = block, run(block)
        else:
            assert command is not None, f"nothing prints this:\n{block.text}"
            difference = first_difference(printed, block.text, last_digit)
            assert difference is None, f"{command.text}\nprints\n{printed}\nand not\n{difference}"
            n_compared += 1
    return n_compared


def first_difference(printed: str, shown: str, last_digit: int = 0) -> str | None:
    """Return the first line or stretch of lines shown that is not printed; None if all is as shown."""
    lines = [_words(line) for line in printed.rstrip().splitlines()]
    stretches = re.split(rf"^ *{re.escape(LEFT_OUT)}\n", shown.rstrip() + "\n", flags=re.MULTILINE)
    place = 0
    for number, stretch in enumerate(stretches):
        wanted = [_words(line) for line in stretch.splitlines()]
        last = len(lines) - len(wanted)
        is_first, is_last = number == 0, number == len(stretches) - 1
        starts = range(last if is_last and wanted else place, (place if is_first else last) + 1)
        found = (start for start in starts if _agree(lines[start : start + len(wanted)], wanted, last_digit))
        if (start := next(found, None)) is None or start < place:
            return stretch
        place = start + len(wanted)
    return None


def _words(line: str) -> list[str]:
    return _DURATION.sub("0.0", line).replace("[", " [ ").replace("]", " ] ").split()


def _agree(printed: list[list[str]], shown: list[list[str]], last_digit: int) -> bool:
    return len(printed) == len(shown) and all(
        len(ours) == len(theirs) and all(_same(*pair, last_digit) for pair in zip(ours, theirs, strict=True))
        for ours, theirs in zip(printed, shown, strict=True)
    )


def _same(printed: str, shown: str, last_digit: int) -> bool:
    if printed == shown or not last_digit:
        return printed == shown
    try:
        one, other = Decimal(printed), Decimal(shown)
    except InvalidOperation:
        return False
    unit = Decimal(1).scaleb(int(other.as_tuple().exponent)) if other.is_finite() else Decimal(0)
    return abs(one - other) <= last_digit * unit


class Processes:
    """Runs each block in a process and a folder of its own, with `gwasmeta` on the PATH."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "home"
        command = folder / "command" / "gwasmeta"
        self.home.mkdir()
        command.parent.mkdir()
        command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m gwasmeta "$@"\n')
        command.chmod(0o755)
        self._environment = os.environ | {"HOME": str(self.home), "PATH": f"{command.parent}:{os.environ['PATH']}"}

    def __call__(self, block: Block) -> str:
        program = {"bash": ["bash", "-euo", "pipefail", "-c"], "python": [sys.executable, "-c"]}[block.language]
        return self.output_of([*program, block.text])

    def output_of(self, words: list[str]) -> str:
        done = subprocess.run(words, cwd=self.home, env=self._environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{words[-1]}\n{done.stdout}\n{done.stderr}"
        return done.stdout


class Session:
    """Runs the blocks of a page one after the other, as its reader does: Python's variables stay.

    Lines that are a command of gwasmeta run in this process, which spares the seconds that each start takes.
    """

    def __init__(self, processes: Processes) -> None:
        self._processes = processes
        self._names: dict[str, Any] = {"__name__": "__main__"}

    def __call__(self, block: Block) -> str:
        with contextlib.chdir(self._processes.home), contextlib.redirect_stdout(io.StringIO()) as printed:
            if block.language == "python":
                exec(compile(block.text, "block", "exec"), self._names)
            else:
                for command in block.text.replace("\\\n", " ").splitlines():
                    print(self._output_of(command), end="")
        return printed.getvalue()

    def _output_of(self, command: str) -> str:
        words = shlex.split(command, comments=True)
        if words[:1] != ["gwasmeta"] or {"|", ">"} & set(words):
            return self._processes(Block("", "bash", command))
        with contextlib.redirect_stdout(io.StringIO()) as printed, contextlib.redirect_stderr(io.StringIO()) as errors:
            status = main(words[1:])
        assert status == 0, f"{command}\n{errors.getvalue()}"
        return printed.getvalue()
