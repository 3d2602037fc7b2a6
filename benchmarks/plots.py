"""Time a Manhattan plot of a large table, beside R's qqman; and plot data alone."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import polars as pl
from measure import Usage, measure

_LENGTHS = np.array(  # of the chromosomes of GRCh38, in Mb
    [248, 242, 198, 190, 181, 171, 159, 145, 138, 134, 135, 133, 114, 107, 102, 90, 83, 80, 59, 64, 47, 51]
)
_LOCI = 60
_WARM_UP_VARIANTS = 2_000
_QQMAN = """
table <- data.table::fread("{table}", select = c("variant_id", "chromosome", "base_pair_location", "p_value"))
names(table) <- c("SNP", "CHR", "BP", "P")
png("{out}", width = 1995, height = 780, res = 150)
qqman::manhattan(table, annotatePval = NULL)
invisible(dev.off())
"""


class RunFailedError(Exception):
    """A command ended with an error."""


def simulated_table(n: int) -> pl.DataFrame:
    """Return a result with some sixty loci, in the columns of GWAS-SSF."""
    rng = np.random.default_rng(1)
    chromosome = np.repeat(np.arange(1, 23), np.round(_LENGTHS / _LENGTHS.sum() * n).astype(int))
    position = np.empty(len(chromosome), dtype=np.int64)
    for number, length in enumerate(_LENGTHS, start=1):
        own = chromosome == number
        position[own] = np.sort(rng.integers(1, length * 1_000_000, own.sum()))
    heights = rng.exponential(1.03 / np.log(10), len(chromosome))
    for lead in rng.integers(0, len(chromosome), _LOCI):
        near = slice(max(lead - 300, 0), lead + 300)
        peak = rng.uniform(8, 60) * np.exp(-np.abs(np.arange(*near.indices(len(heights))) - lead) / 80)
        heights[near] = np.maximum(heights[near], peak * rng.random(len(peak)))
    return pl.DataFrame(
        {
            "variant_id": "rs" + pl.Series(range(len(chromosome))).cast(pl.String),
            "chromosome": chromosome,
            "base_pair_location": position,
            "effect_allele": pl.Series(["A"]).extend_constant("A", len(chromosome) - 1),
            "other_allele": pl.Series(["G"]).extend_constant("G", len(chromosome) - 1),
            "beta": np.round(rng.normal(0, 0.01, len(chromosome)), 5),
            "standard_error": np.full(len(chromosome), 0.01),
            "p_value": 10.0**-heights,
        }
    )


def run(command: list[str], folder: Path) -> Usage:
    """Run a command, and fail loudly if it does."""
    usage = measure(command, folder, folder / "log.txt")
    if usage.exit_code:
        raise RunFailedError((folder / "log.txt").read_text())
    return usage


def print_row(what: str, usage: Usage) -> None:
    """Print wall time, processor time and peak memory."""
    print(f"{what:52}{usage.wall_seconds:>8.1f}{usage.cpu_seconds:>8.1f}{usage.peak_bytes / 1e6:>9.0f}", flush=True)


def time_pictures(n_variants: int, folder: Path) -> bool:
    """Draw the same table by gwasmeta and by qqman; say whether gwasmeta is fast and small enough."""
    table = folder / f"{n_variants}.tsv"
    for n, path in ((_WARM_UP_VARIANTS, folder / "small.tsv"), (n_variants, table)):
        if not path.exists():
            simulated_table(n).write_csv(path, separator="\t", float_scientific=True)
    executable = shutil.which("gwasmeta", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    for picture in ("manhattan", "qq"):
        run([str(executable), "plot", picture, "small.tsv", "--out", "small.png"], folder)  # compiles
    print(f"{n_variants:,} variants{'':30}{'wall s':>8}{'CPU s':>8}{'peak MB':>9}")
    ours = run([str(executable), "plot", "manhattan", table.name, "--out", "gwasmeta.png"], folder)
    print_row("gwasmeta plot manhattan", ours)
    print_row("gwasmeta plot qq", run([str(executable), "plot", "qq", table.name, "--out", "qq.png"], folder))
    rscript = shutil.which("Rscript")
    packages = [str(rscript), "-e", "library(qqman); library(data.table)"]
    if rscript is None or measure(packages, folder, folder / "log.txt").exit_code:
        print("qqman: is not installed (Debian: r-cran-qqman, r-cran-data.table)")
        return ours.peak_bytes < 1e9
    (folder / "qqman.R").write_text(_QQMAN.format(table=table.name, out="qqman.png"))
    theirs = run([rscript, "qqman.R"], folder)
    print_row("qqman::manhattan, read by data.table", theirs)
    print(f"times as fast: {theirs.wall_seconds / ours.wall_seconds:.1f}")
    return ours.peak_bytes < 1e9 and theirs.wall_seconds >= 10 * ours.wall_seconds


def time_plot_data(n_variants: int) -> None:
    """Print what plot data of arrays costs."""
    from gwasmeta.plots import data

    rng = np.random.default_rng(1)
    for n in (_WARM_UP_VARIANTS, n_variants):  # the first compiles
        codes = np.sort(rng.integers(0, 22, n)).astype(np.int16)
        chromosomes = data.Chromosomes(codes, tuple(str(number) for number in range(1, 23)))
        position = rng.integers(1, 240_000_000, n).astype(np.int32)
        heights = rng.exponential(1 / np.log(10), n)
        started = time.perf_counter()
        points = data.manhattan_data(chromosomes, position, heights, canvas=data.Canvas(marker=6.0))
        between = time.perf_counter()
        quantiles = data.qq_data(heights)
        ended = time.perf_counter()
    print(
        f"plot data of {n_variants:,} variants: Manhattan {between - started:.2f} s ({len(points.x):,} points),"
        f" QQ {ended - between:.2f} s ({len(quantiles.x):,} points)"
    )


def main() -> int:
    """Run what is asked for; 0 if gwasmeta is fast and small enough."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--variants", type=int, default=10_000_000, help="of the table (10 million)")
    parser.add_argument("--data-variants", type=int, default=20_000_000, help="of the arrays (20 million)")
    parser.add_argument("--work-dir", type=Path, default=Path(tempfile.gettempdir()) / "gwasmeta-plots")
    options = parser.parse_args()
    options.work_dir.mkdir(parents=True, exist_ok=True)
    enough = time_pictures(options.variants, options.work_dir)
    time_plot_data(options.data_variants)
    return 0 if enough else 1


if __name__ == "__main__":
    sys.exit(main())
