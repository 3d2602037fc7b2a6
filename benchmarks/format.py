"""Time how a gzipped study is read and brought to canonical rows, beside what Polars takes to parse it."""

from __future__ import annotations

import argparse
import importlib.util
import os
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from measure import Usage, measure
from simulated_studies import StudySet, write_studies

_WARM_UP_VARIANTS = 2_000
_LEAST_SHARE_OF_POLARS, _LEAST_GAIN_ON_GWASLAB = 0.5, 8.0

# Each is a program of its own, given the study as its argument.
_POLARS = """
import sys, polars as pl
frame = pl.read_csv(sys.argv[1], separator="\\t", null_values=["NA"])
assert frame.height
"""
_READ = """
import sys
from gwasmeta.cores import in_order
from gwasmeta.sumstats.canonical import canonical_rows
from gwasmeta.sumstats.reader import StudyReader
from gwasmeta.sumstats.study import Study
reader = StudyReader(Study(sys.argv[1]))
rows = sum(len(block) for block in in_order((lambda task=task: canonical_rows(task())) for task in reader.tasks()))
assert rows
"""
_FORMAT = """
import sys, gwasmeta
gwasmeta.format_sumstats(sys.argv[1], sys.argv[2], to=sys.argv[3], sort=sys.argv[3] == "vcf")
"""
_GWASLAB = """
import sys, gwaslab
study = gwaslab.Sumstats(
    sys.argv[1], snpid="MARKERNAME", chrom="CHR", pos="POS", ea="EA", nea="NEA", eaf="EAF", beta="BETA", se="SE", n="N",
    verbose=False,
)
study.basic_check(verbose=False)
"""


class RunFailedError(Exception):
    """A program ended with an error."""


def _run(program: str, words: Sequence[str | Path], folder: Path) -> Usage:
    usage = measure([sys.executable, "-c", program, *map(str, words)], folder, folder / "log.txt")
    if usage.exit_code:
        raise RunFailedError((folder / "log.txt").read_text())
    return usage


def _median(program: str, words: Sequence[str | Path], folder: Path, repeat: int) -> Usage:
    runs = [_run(program, words, folder) for _ in range(repeat)]
    return Usage(
        statistics.median(run.wall_seconds for run in runs),
        statistics.median(run.cpu_seconds for run in runs),
        max(run.peak_bytes for run in runs),
        0,
    )


def _print_row(what: str, usage: Usage) -> None:
    print(f"{what:44}{usage.wall_seconds:>8.2f}{usage.cpu_seconds:>8.2f}{usage.peak_bytes / 1e6:>9.0f}", flush=True)


def compare(study: Path, folder: Path, repeat: int) -> bool:
    """Print what each program costs, and say whether gwasmeta is as fast as it has to be."""
    print(f"{study.stat().st_size / 1e6:.0f} MB of gzipped text\n{'':44}{'wall s':>8}{'cpu s':>8}{'peak MB':>9}")
    polars = _median(_POLARS, [study], folder, repeat)
    _print_row("Polars: decompressed and parsed", polars)
    read = _median(_READ, [study], folder, repeat)
    _print_row("gwasmeta: read, checked, canonical", read)
    for to in ("ssf", "metal", "parquet", "vcf"):
        _print_row(f"gwasmeta format --to {to}", _median(_FORMAT, [study, folder / f"out_{to}", to], folder, 1))
    share = polars.wall_seconds / read.wall_seconds
    print(f"speed of Polars alone times {share:.2f}; at least {_LEAST_SHARE_OF_POLARS} is asked for")
    enough = share >= _LEAST_SHARE_OF_POLARS
    if importlib.util.find_spec("gwaslab") is None:
        print("gwaslab is not installed and left out")
        return enough
    gwaslab = _median(_GWASLAB, [study], folder, 1)
    _print_row("gwaslab: read, basic_check", gwaslab)
    gain = gwaslab.wall_seconds / read.wall_seconds
    print(f"gwaslab takes {gain:.1f} times as long; at least {_LEAST_GAIN_ON_GWASLAB:g} times is asked for")
    return enough and gain >= _LEAST_GAIN_ON_GWASLAB


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--variants", type=int, default=10_000_000)
    parser.add_argument("--repeat", type=int, default=3, help="runs of which the median time is shown")
    parser.add_argument("--work-dir", type=Path, default=Path(tempfile.gettempdir()) / "gwasmeta-benchmarks")
    options = parser.parse_args()
    folder = options.work_dir / "format"
    folder.mkdir(parents=True, exist_ok=True)
    (small,) = write_studies(StudySet(1, _WARM_UP_VARIANTS, gzip=True), options.work_dir)
    for program, words in ((_READ, ()), (_FORMAT, (folder / "warm", "ssf")), (_FORMAT, (folder / "warm", "vcf"))):
        _run(program, [small, *words], folder)  # compiled, and not timed
    (study,) = write_studies(StudySet(1, options.variants, gzip=True), options.work_dir)
    os.sync()
    study.read_bytes()
    return 0 if compare(study, folder, options.repeat) else 1


if __name__ == "__main__":
    sys.exit(main())
