"""MTAG's largest false discovery rate: --fdr, and --skip_mtag for the results of an earlier run."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from pathlib import Path

import numpy as np

from gwasmeta.cluster import Workers
from gwasmeta.compat.mtag_options import MtagOptions
from gwasmeta.compat.mtag_tables import matrix_lines
from gwasmeta.errors import GwasmetaError
from gwasmeta.multitrait.false_discovery import FdrInput
from gwasmeta.multitrait.given_matrix import given_matrix
from gwasmeta.stats.max_fdr import MaxFdr, OnPoints, Progress, max_fdr_of_points
from gwasmeta.sumstats.effects import FloatArray

_ONE_LINE = 1_000_000  # letters, more than a point has
_MOST_WRITTEN = 5_000_000  # points of a grid whose possible ones are written; four traits have 3 million


def read_earlier_run(options: MtagOptions) -> FdrInput:
    """Read what an earlier run has written to --out.

    Raises
    ------
    GwasmetaError
        If a file is missing or cannot be understood.
    """
    import polars as pl

    out = Path(options.out)
    pattern = re.compile(re.escape(out.name) + r"_trait_(\d+)\.txt")
    numbers = sorted(int(found[1]) for path in out.parent.glob("*") if (found := pattern.fullmatch(path.name)))
    if numbers != list(range(1, len(numbers) + 1)) or not numbers:
        raise GwasmetaError(
            f"{options.out}_trait_1.txt, _2.txt, ...: --skip_mtag needs all of them, and there is"
            f" {', '.join(map(str, numbers)) or 'none'}\n  Give as --out what the earlier run was given."
        )
    columns, traits = [], [f"{options.out}_trait_{number}.txt" for number in numbers]
    for path in traits:
        try:
            columns.append(pl.read_csv(path, separator="\t", columns=["Z", "N"], null_values=["", "NA"]))
        except (OSError, pl.exceptions.PolarsError) as error:
            raise GwasmetaError(f"{path}: cannot be read as the output of MTAG: {error}") from error
    if len({len(table) for table in columns}) > 1:
        raise GwasmetaError(
            f"{options.out}_trait_*.txt: have different numbers of SNPs\n"
            "  --skip_mtag needs the SNPs that all traits have: run MTAG without --meta_format, or with --fdr at once."
        )
    z, n = (np.column_stack([table[name].cast(pl.Float64).to_numpy() for table in columns]) for name in ("Z", "N"))
    omega, sigma = (given_matrix(f"{options.out}_{name}_hat.txt", "--skip_mtag", traits) for name in ("omega", "sigma"))
    return FdrInput(z, n, omega, sigma)


def fdr_lines(
    given: FdrInput,
    options: MtagOptions,
    rates_path: Path,
    points_path: Path,
    progress: Progress | None,
    workers: Workers,
) -> Iterator[str]:
    """Compute the rates, write both files, and say what was found.

    Raises
    ------
    GwasmetaError
        If the file of points cannot be understood, or no point is possible.
    """
    with rates_path.open("wb") as rates_file, points_path.open("wb") as points_file:

        def write(points: FloatArray, rates: FloatArray) -> None:
            points_file.write(matrix_lines(points))
            rates_file.write(matrix_lines(rates))

        if options.grid_file is not None:
            points = _read_points(options.grid_file)
            yield f"maxFDR: the largest false discovery rate at the {len(points)} points of {options.grid_file}"
            found = _at_points(given, points, options, write)
        else:
            found = yield from _over_grid(given, options, progress, write, workers)
    yield from _result_lines(found)


def _over_grid(
    given: FdrInput, options: MtagOptions, progress: Progress | None, write: OnPoints, workers: Workers
) -> Generator[str, None, MaxFdr]:
    causal = None
    if options.fit_ss:
        causal = given.causal_probabilities()
        shares = (f"trait {trait} {share:.3f}" for trait, share in enumerate(causal, start=1))
        yield f"Causal probabilities fitted by a spike and a slab: {', '.join(shares)}"
    plan = given.plan(options.intervals, options.p_sig, causal)
    yield plan.announcement(plan.estimated_seconds(workers))
    if plan.n_points <= _MOST_WRITTEN and plan.method == "grid":
        return plan.run(progress, write)
    found = plan.run(progress, workers=workers)
    _at_points(given, found.probability, options, write)
    yield "  the files have only the points of the maxima, a line each; all possible ones would fill a disk"
    return found


def _at_points(given: FdrInput, points: FloatArray, options: MtagOptions, write: OnPoints) -> MaxFdr:
    return max_fdr_of_points(
        given.omega, given.sigma, given.mean_n, points, p_significant=options.p_sig, on_points=write
    )


def _result_lines(found: MaxFdr) -> Iterator[str]:
    yield f"{found.n_possible} of {found.n_points} points are possible"
    yield "Maximum FDR"
    for trait, (rate, point) in enumerate(zip(found.fdr, found.probability, strict=True)):
        shown = np.array2string(point, precision=3, max_line_width=_ONE_LINE)
        line = f"Max FDR of Trait {trait + 1}: {rate:.12g} at probs = {shown}"
        if found.method == "search":
            line += (
                f" ({found.n_reached[trait]} of {found.n_starts} starts led to within 1 % of it;"
                f" the grid alone has {found.grid_fdr[trait]:.6g})"
            )
        yield line


def _read_points(path: str) -> FloatArray:
    try:
        return np.asarray(np.loadtxt(path, ndmin=2))
    except (OSError, ValueError) as error:
        raise GwasmetaError(f"{path}: cannot be read as points, a line each: {error}") from error
