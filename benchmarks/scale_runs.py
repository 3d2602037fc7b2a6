"""What a benchmark of many studies is made of: their texts, their store, and the commands that are run on them."""

from __future__ import annotations

import hashlib
import os
import shutil
import statistics
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from measure import Usage, measure
from simulated_studies import LAYOUT, StudySet, passing_studies, write_studies

from gwasmeta.sumstats.stored_study import BY_VARIANT

TINY = StudySet(2, 2_000)
_OUT = "result"
_FEW = 5  # of so many studies, one is among the few


class RunFailedError(Exception):
    """A program ended with an error, or two of them give different tables."""


@dataclass(frozen=True)
class Scale:
    """What is measured, and where: `folder` holds the store and the results, and is every command's own folder."""

    studies: StudySet
    work_dir: Path
    repeat: int
    memory: str

    @property
    def folder(self) -> Path:
        return self.work_dir / f"scale_v{LAYOUT}_{self.studies.n_variants}"

    @property
    def few(self) -> int:
        """Studies whose texts are kept where those of all do not fit, and with which memory is compared: 10 of 50."""
        return max(1, self.studies.n_studies // _FEW)

    @cached_property
    def texts(self) -> tuple[Path, ...]:
        """The texts that are kept: of all studies if there is room, else of a few."""
        kept = write_studies(replace(self.studies, n_studies=1), self.work_dir)
        there = sum(file.stat().st_size for file in kept[0].parent.glob("*.txt"))
        room = shutil.disk_usage(self.work_dir).free + there
        # As much again is needed for the store, and for what lies by variant in it and among temporary files.
        fits = 4 * self.studies.n_studies * kept[0].stat().st_size <= room
        return write_studies(self.studies if fits else replace(self.studies, n_studies=self.few), self.work_dir)

    def n_rows(self, n_studies: int) -> int:
        return n_studies * self.studies.rows_per_study

    def from_texts(self, n_studies: int) -> list[str]:
        """Return the words for so many studies of text; where fewer texts are kept, they come several times."""
        return [f"{_name(k)}={self.texts[k % len(self.texts)]}" for k in range(n_studies)]

    def from_store(self, n_studies: int) -> list[str]:
        return [f"store:store/{_name(k)}" for k in range(n_studies)]


def _name(index: int) -> str:
    return f"study_{index + 1:02d}"


def run(words: Sequence[str], folder: Path, follow: bool = False) -> Usage:
    os.sync()
    usage = measure([sys.executable, *words], folder, folder / "log.txt", follow)
    if usage.exit_code:
        last_lines = (folder / "log.txt").read_text(errors="replace").splitlines()[-8:]
        raise RunFailedError("\n".join([f"failed: {' '.join(words)[:200]}", *last_lines]))
    return usage


def meta(folder: Path, sources: Sequence[str], options: Sequence[str], follow: bool = False) -> Usage:
    """Run `gwasmeta meta` once; no older table can pass for the one that it writes."""
    (folder / f"{_OUT}.tsv").unlink(missing_ok=True)
    return run(["-m", "gwasmeta", "meta", *sources, *options, "--quiet", "--out", _OUT], folder, follow)


def typical(runs: Sequence[Usage]) -> Usage:
    return Usage(
        statistics.median(run.wall_seconds for run in runs),
        statistics.median(run.cpu_seconds for run in runs),
        max(run.peak_bytes for run in runs),
        0,
        max(run.largest_child_bytes for run in runs),
    )


def in_turns(ways: dict[str, Callable[[], Usage]], repeat: int) -> dict[str, Usage]:
    """Return what each way typically uses: what slows the machine for a while then slows all of them."""
    runs: dict[str, list[Usage]] = {name: [] for name in ways}
    for turn in range(1, repeat + 1):
        for name, way in ways.items():
            progress(f"{name}, run {turn} of {repeat}")
            runs[name].append(way())
    return {name: typical(usages) for name, usages in runs.items()}


def forget_by_variant(store: Path) -> None:
    """Remove what analyses have laid down in a store, so that the next one is the first."""
    for folder in (store / BY_VARIANT, *store.glob(f"studies/*/*/{BY_VARIANT}")):
        shutil.rmtree(folder, ignore_errors=True)


def _add(files: Iterable[Path], folder: Path) -> list[Usage]:
    """Add studies to the store of a folder, each by a command of its own."""
    added = []
    for file in files:
        progress(f"store add {file.stem}")
        added.append(run(["-m", "gwasmeta", "store", "add", str(file), "--store", "store", "--quiet"], folder))
    return added


def fill_store(scale: Scale) -> list[Usage]:
    """Add the studies that the store does not have yet."""
    scale.folder.mkdir(parents=True, exist_ok=True)
    missing = [k for k in range(scale.studies.n_studies) if not _is_stored(scale.folder / "store", k)]
    kept = [scale.texts[k] for k in missing if k < len(scale.texts)]
    passing = [k + 1 for k in missing if k >= len(scale.texts)]
    added = _add(kept, scale.folder)
    return added + (_add(passing_studies(scale.studies, passing, scale.work_dir), scale.folder) if passing else [])


def _is_stored(store: Path, index: int) -> bool:
    return (store / "studies" / _name(index) / "entry.json").exists()


def tiny_store(work_dir: Path) -> Path:
    """Return a folder with a store of tiny studies, whose analysis is all start-up."""
    folder = work_dir / "scale_tiny"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    _add(write_studies(TINY, work_dir), folder)
    return folder


class Tables:
    """What is remembered of the tables that analyses of the same studies have written in a folder."""

    def __init__(self, folder: Path) -> None:
        self._table = folder / f"{_OUT}.tsv"
        self._digests: dict[str, set[tuple[int, int]]] = {}

    def take(self, name: str) -> None:
        """Remember the rows of the table that is there now, and remove it: of 10 million variants it is large."""
        self._digests.setdefault(name, set()).add(_digest_of_rows(self._table))
        self._table.unlink()

    def agreeing(self) -> list[str]:
        """Return the tables' names.

        Raises
        ------
        RunFailedError
            If they differ by more than the order of their rows.
        """
        if len(set.union(*self._digests.values())) > 1:
            raise RunFailedError(f"the tables have different rows: {', '.join(self._digests)}")
        return list(self._digests)


def _digest_of_rows(table: Path) -> tuple[int, int]:
    """Return a number that does not depend on the rows' order, and how many there are."""
    total = n_rows = 0
    with table.open("rb") as lines:
        for line in lines:
            total += int.from_bytes(hashlib.blake2b(line, digest_size=16).digest())
            n_rows += 1
    return total % (1 << 128), n_rows


def progress(message: str) -> None:
    print(f"... {message}", file=sys.stderr, flush=True)
