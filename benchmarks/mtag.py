"""Time gwasmeta's MTAG, beside the original where there is one, on simulated traits at the SNPs of a real panel."""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

import numpy as np
import polars as pl
from measure import Usage, measure
from numpy.typing import NDArray
from simulated_traits import TraitSet, write_traits

_N_WARM_UP_SNPS = 5_000
_OUTPUT = "result"
_LOG = "log.txt"
_LARGEST_DIFFERENCE = 1e-9  # of two programs that do the same
_SIGMA_ERROR, _CORRELATION_ERROR = 0.03, 0.1  # from the simulated: more than chance allows with a million SNPs


class RunFailedError(Exception):
    """A program ended with an error, or without its result."""


@dataclass(frozen=True)
class Program:
    """A program that reads MTAG's command line.

    Attributes
    ----------
    name : str
    words : tuple of str
        What it is started by.
    """

    name: str
    words: tuple[str, ...]


@dataclass(frozen=True)
class Settings:
    """What holds for every run of one benchmark."""

    work_dir: Path
    repeat: int
    more_words: tuple[str, ...]


_GWASMETA = Program("gwasmeta", (sys.executable, "-m", "gwasmeta", "mtag"))


# --- running ---


def run_program(program: Program, traits: TraitSet, settings: Settings) -> Usage:
    """Let a program analyse the traits once, and return what it used.

    Raises
    ------
    RunFailedError
        If it ends with an error or writes no result; the original's exit status does not tell.
    """
    paths = write_traits(traits, settings.work_dir)
    directory = _run_directory(program, traits, settings)
    shutil.rmtree(directory, ignore_errors=True)  # an older result must not pass for this run's
    directory.mkdir(parents=True)
    words = ["--sumstats", ",".join(map(str, paths)), "--ld_ref_panel", f"{traits.panel}{os.sep}"]
    out = ["--out", str(directory / _OUTPUT)]  # with a folder, or the original fails
    _settle_disk(paths)
    usage = measure([*program.words, *words, *out, *settings.more_words], directory, directory / _LOG)
    if usage.exit_code != 0 or not (directory / f"{_OUTPUT}_trait_1.txt").exists():
        last_lines = (directory / _LOG).read_text(errors="replace").splitlines()[-5:]
        raise RunFailedError("\n".join([f"{program.name} has no result; the end of {directory / _LOG}:", *last_lines]))
    return usage


def _run_directory(program: Program, traits: TraitSet, settings: Settings) -> Path:
    return settings.work_dir / "mtag_runs" / f"{program.name}_{traits.n_traits}"


def _settle_disk(paths: Sequence[Path]) -> None:
    """Write out what earlier runs left to the disk, and read the traits into memory: same start for all."""
    os.sync()
    for path in paths:
        path.read_bytes()


def _warm_up(traits: TraitSet, settings: Settings) -> None:
    _progress("gwasmeta, not timed: few SNPs, to have it compiled and the panel in its cache")
    run_program(_GWASMETA, replace(traits, n_snps=_N_WARM_UP_SNPS), replace(settings, more_words=("--force",)))


def _typical(runs: Sequence[Usage]) -> Usage:
    return Usage(
        wall_seconds=median(run.wall_seconds for run in runs),
        cpu_seconds=median(run.cpu_seconds for run in runs),
        peak_bytes=max(run.peak_bytes for run in runs),
        exit_code=0,
    )


# --- the report ---


def compare_programs(programs: Sequence[Program], traits: TraitSet, settings: Settings) -> bool:
    """Print what each program used, and whether the estimates are right and the same; return whether they are."""
    n_bytes = sum(path.stat().st_size for path in write_traits(traits, settings.work_dir))
    print(f"\n{traits.n_traits} traits, {traits.n_snps:,} SNPs in all together, {n_bytes / 1e6:,.0f} MB of gzip")
    _warm_up(traits, settings)
    runs: dict[str, list[Usage]] = {program.name: [] for program in programs}
    for turn in range(1, settings.repeat + 1):  # in turns: what slows the machine for a while then slows all of them
        for program in programs:
            _progress(f"{program.name}, run {turn} of {settings.repeat}")
            runs[program.name].append(run_program(program, traits, settings))
    used = {name: _typical(usages) for name, usages in runs.items()}
    _print_usage_table(used)
    folders = [_run_directory(program, traits, settings) for program in programs]
    right = _print_truth(folders[0], traits) or bool(settings.more_words)  # other models have another truth
    return all([right, *(_print_agreement(folders[0], it, traits) for it in folders[1:])])


def _progress(message: str) -> None:
    print(f"... {message}", file=sys.stderr, flush=True)


def _print_usage_table(used: dict[str, Usage]) -> None:
    print(f"{'':10}{'wall s':>10}{'CPU s':>10}{'peak MB':>10}{'wall x':>10}{'CPU x':>10}{'memory x':>10}")
    ours = used[_GWASMETA.name]
    for name, usage in used.items():
        print(
            f"{name:10}{usage.wall_seconds:>10.2f}{usage.cpu_seconds:>10.2f}{usage.peak_bytes / 1e6:>10.0f}"
            f"{usage.wall_seconds / ours.wall_seconds:>10.2f}"
            f"{usage.cpu_seconds / ours.cpu_seconds:>10.2f}"
            f"{usage.peak_bytes / ours.peak_bytes:>10.2f}"
        )
    print("x: how many times what gwasmeta used", flush=True)


def _print_truth(directory: Path, traits: TraitSet) -> bool:
    """Print how far the estimates are from what was simulated; return whether that can be chance."""
    sigma, omega = _matrix(directory, "sigma"), _matrix(directory, "omega")
    scale = np.sqrt(omega.diagonal())
    sigma_error = np.abs(sigma - traits.sigma).max()
    correlation_error = np.abs(omega / np.outer(scale, scale) - traits.genetic_correlation).max()
    print(
        f"Sigma is within {sigma_error:.4f} of the simulated one, genetic correlations within {correlation_error:.4f}."
    )
    return bool(sigma_error < _SIGMA_ERROR and correlation_error < _CORRELATION_ERROR)


def _print_agreement(ours: Path, theirs: Path, traits: TraitSet) -> bool:
    """Print how far two programs are apart; return whether by no more than rounding."""
    differences = {name: _difference(_matrix(ours, name), _matrix(theirs, name)) for name in ("sigma", "omega")}
    for trait in range(1, traits.n_traits + 1):
        one, other = (
            pl.read_csv(folder / f"{_OUTPUT}_trait_{trait}.txt", separator="\t", columns=["SNP", "mtag_z"])
            for folder in (ours, theirs)
        )
        if not one["SNP"].equals(other["SNP"]):
            print(f"trait {trait}: the SNPs DIFFER")
            return False
        differences[f"z of trait {trait}"] = float((one["mtag_z"] - other["mtag_z"]).abs().max())  # type: ignore[arg-type]
    shown = ", ".join(f"{name} {difference:.1e}" for name, difference in differences.items())
    agree = max(differences.values()) < _LARGEST_DIFFERENCE
    print(f"The original {'agrees' if agree else 'DISAGREES'}: largest differences: {shown}", flush=True)
    return agree


def _matrix(directory: Path, name: str) -> NDArray[np.float64]:
    return np.loadtxt(directory / f"{_OUTPUT}_{name}_hat.txt", ndmin=2)


def _difference(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Return the largest difference, in units of the largest element."""
    return float(np.abs(one - other).max() / np.abs(other).max())


# --- the command line ---


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, epilog="Words behind -- are added to the command line: -- --fdr --intervals 10"
    )
    parser.add_argument("--panel", type=Path, required=True, help="folder of LD scores: eur_w_ld_chr")
    parser.add_argument("--traits", type=int, nargs="+", default=[3, 10], help="how many: one table for each (3 10)")
    parser.add_argument("--snps", type=int, default=1_187_175, help="in all traits together (1187175)")
    parser.add_argument("--python2", help="a Python 2.7 with what the original needs")
    parser.add_argument("--original", type=Path, help="the original's mtag.py, run by that Python")
    parser.add_argument("--repeat", type=int, default=1, help="runs of each program (1)")
    parser.add_argument(
        "--work-dir",
        type=Path,
        default=Path(tempfile.gettempdir()) / "gwasmeta_benchmark",
        help="where traits and results are kept; traits found there are reused",
    )
    return parser


def _original(python2: str | None, script: Path | None) -> list[Program]:
    """Return the original, if its two options are given."""
    if python2 is None or script is None:
        print("original: --python2 and --original do not say where it is, left out")
        return []
    executable = shutil.which(python2)
    if executable is None or not script.is_file():
        raise SystemExit(f"{python2 if executable is None else script}: there is no such program")
    return [Program("original", (str(Path(executable).absolute()), str(script.resolve())))]


def main(argv: Sequence[str] | None = None) -> int:
    """Run the benchmark; return 0 if every program ran, and the estimates are right and agree."""
    words = list(sys.argv[1:] if argv is None else argv)
    end = words.index("--") if "--" in words else len(words)
    options = _parser().parse_args(words[:end])
    programs = [_GWASMETA, *_original(options.python2, options.original)]
    settings = Settings(options.work_dir.resolve(), options.repeat, tuple(words[end + 1 :]))
    print(f"{platform.platform()}, {os.cpu_count()} processors, Python {platform.python_version()}")
    print("All files are read once before each run, untimed; of repeated runs the median is shown.")
    well = True
    try:
        for n_traits in options.traits:
            traits = TraitSet(n_traits, options.snps, options.panel.resolve())
            well &= compare_programs(programs, traits, settings)
    except RunFailedError as error:
        print(error, file=sys.stderr)
        return 1
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
