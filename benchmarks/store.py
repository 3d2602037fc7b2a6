"""Compare a meta-analysis from a store with the same one from text and from gzipped text."""

from __future__ import annotations

import argparse
import filecmp
import os
import shutil
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from measure import Usage, measure
from simulated_studies import StudySet, write_studies

_WARM_UP_VARIANTS = 2_000
_META = ("meta", "--genomic-control", "--quiet")
_READ = """
import sys
from gwasmeta.cores import in_order
from gwasmeta.meta.options import MetaOptions
from gwasmeta.meta.preparation import wanted_of_rows
from gwasmeta.sumstats.reader import StudyReader
from gwasmeta.sumstats.study import Study
wanted = wanted_of_rows(MetaOptions(genomic_control=True), observed=False, max_examples=5)
for file in sys.argv[1:]:
    assert sum(len(block) for block in in_order(StudyReader(Study(file), wanted).tasks()))
"""


class RunFailedError(Exception):
    """A program ended with an error."""


def _run(words: Sequence[str], folder: Path, repeat: int = 1) -> Usage:
    """Return the median time of some runs of Python with these words, and their largest memory."""
    runs = []
    for _ in range(repeat):
        usage = measure([sys.executable, *words], folder, folder / "log.txt")
        if usage.exit_code:
            raise RunFailedError((folder / "log.txt").read_text())
        runs.append(usage)
    return Usage(
        statistics.median(run.wall_seconds for run in runs),
        statistics.median(run.cpu_seconds for run in runs),
        max(run.peak_bytes for run in runs),
        0,
    )


def _gwasmeta(*words: str) -> list[str]:
    return ["-m", "gwasmeta", *words]


def _print_row(what: str, usage: Usage) -> None:
    print(f"{what:44}{usage.wall_seconds:>8.2f}{usage.cpu_seconds:>8.2f}{usage.peak_bytes / 1e6:>9.0f}", flush=True)


def _add_all(files: Sequence[Path], folder: Path) -> Usage:
    """Add studies to a new store, and return what the slowest cost."""
    shutil.rmtree(folder / "store", ignore_errors=True)
    runs = [_run(_gwasmeta("store", "add", str(file), "--store", "store", "--quiet"), folder) for file in files]
    return max(runs, key=lambda run: run.cpu_seconds)


def compare(texts: Sequence[Path], gzipped: Sequence[Path], folder: Path, repeat: int) -> None:
    """Print what each way costs, and how much less it is from the store.

    Raises
    ------
    RunFailedError
        If a run fails, or two of them give different tables.
    """
    sizes = [sum(file.stat().st_size for file in files) / 1e6 for files in (texts, gzipped)]
    print(f"{len(texts)} studies, {sizes[0]:.0f} MB of text, {sizes[1]:.0f} MB gzipped")
    print(f"{'':44}{'wall s':>8}{'cpu s':>8}{'peak MB':>9}")
    _print_row("store add, one study (of gzipped text)", _add_all(gzipped, folder))
    stored = sum(file.stat().st_size for file in (folder / "store").rglob("*.parquet")) / 1e6
    sources = {
        "text": [str(file) for file in texts],
        "gzipped text": [str(file) for file in gzipped],
        f"store ({stored:.0f} MB)": [f"store:store/{file.name.split('.')[0]}" for file in texts],
    }
    chromosome = ("--filter", "chromosome == 6")
    for what, command, options in (
        ("read and check", ["-c", _READ], ()),
        ("meta", _gwasmeta(*_META, "--out", "all"), ()),
        ("meta of chromosome 6", _gwasmeta(*_META, "--out", "one"), chromosome),
    ):
        costs = {}
        for source, words in sources.items():
            costs[source] = _run([*command, *words, *options], folder, repeat)
            _print_row(f"{what}, {source}", costs[source])
            if what != "read and check":
                _compare_tables(folder / f"{command[-1]}.tsv", folder / f"{command[-1]}_of_text.tsv", source == "text")
        *others, store = costs.values()
        gains = ", ".join(f"{one.cpu_seconds / store.cpu_seconds:.1f}" for one in others)
        print(f"  text, and gzipped text, take {gains} times the store's processor time", flush=True)


def _compare_tables(table: Path, of_text: Path, is_of_text: bool) -> None:
    if is_of_text:
        table.replace(of_text)
    elif not filecmp.cmp(table, of_text, shallow=False):
        raise RunFailedError(f"{table} is another one than that of the text files")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--studies", type=int, default=8)
    parser.add_argument("--variants", type=int, default=2_500_000)
    parser.add_argument("--repeat", type=int, default=3, help="runs of which the median time is shown")
    parser.add_argument("--work-dir", type=Path, default=Path(tempfile.gettempdir()) / "gwasmeta-benchmarks")
    options = parser.parse_args()
    folder = options.work_dir / "store"
    folder.mkdir(parents=True, exist_ok=True)
    small = write_studies(StudySet(2, _WARM_UP_VARIANTS), options.work_dir)
    _add_all(small, folder)  # compiled, and not timed
    _run(_gwasmeta(*_META, "--out", "warm", *map(str, small)), folder)
    sets = [write_studies(StudySet(options.studies, options.variants, gzip=g), options.work_dir) for g in (False, True)]
    os.sync()
    compare(*sets, folder, options.repeat)
    return 0


if __name__ == "__main__":
    sys.exit(main())
