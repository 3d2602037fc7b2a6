"""Time gwasmeta's meta-analysis beside GWAMA, METAL and PLINK 1.9, on simulated studies, in one run."""

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

from measure import Usage, measure
from meta_agreement import compare_effects
from meta_tools import TOOLS, Job, Tool
from simulated_studies import StudySet, write_studies

_GWASMETA = TOOLS["gwasmeta"]
_N_WARM_UP_VARIANTS = 1_000
_MEMORY_GROWTH_STUDIES = (8, 32)
_SCALING_DIVISORS = (4, 2, 1)
_LOG = "log.txt"


class RunFailedError(Exception):
    """A program ended with an error, or without its result."""


@dataclass(frozen=True)
class Settings:
    """What holds for every run of one benchmark."""

    work_dir: Path
    methods: str
    repeat: int


# --- running ---


def run_tool(tool: Tool, studies: StudySet, settings: Settings, genomic_control: bool = True) -> Usage:
    """Let a program analyse the studies once, and return what it used.

    Raises
    ------
    RunFailedError
        If it ends with an error or writes no result.
    """
    executable = tool.find()
    if executable is None:
        raise RunFailedError(f"{tool.name} is not installed")
    paths = write_studies(studies, settings.work_dir)
    directory = _run_directory(tool, settings, genomic_control)
    shutil.rmtree(directory, ignore_errors=True)  # an older result must not pass for this run's
    directory.mkdir(parents=True)
    names = tuple(os.path.relpath(path, directory) for path in paths)
    arguments = tool.prepare(Job(names, directory, settings.methods, genomic_control))
    _settle_disk(paths)
    usage = measure([executable, *arguments], directory, directory / _LOG)
    if usage.exit_code != 0 or not (directory / tool.output).exists():
        raise RunFailedError(_describe_failure(tool, usage, directory / _LOG))
    return usage


def _run_directory(tool: Tool, settings: Settings, genomic_control: bool) -> Path:
    name = tool.name if genomic_control else f"{tool.name}_without_genomic_control"
    return settings.work_dir / "runs" / name


def _settle_disk(paths: Sequence[Path]) -> None:
    """Write out what earlier runs left to the disk, and read the studies into memory: same start for all."""
    os.sync()
    for path in paths:
        with path.open("rb", buffering=0) as stream:
            while stream.read(1 << 24):
                pass


def _describe_failure(tool: Tool, usage: Usage, log: Path) -> str:
    if usage.exit_code == 0:
        what = f"{tool.name} wrote no {tool.output}"
    else:
        what = f"{tool.name} ended with exit code {usage.exit_code}"
    last_lines = log.read_text(errors="replace").splitlines()[-5:]
    return "\n".join([f"{what}; the end of {log}:", *(f"    {line}" for line in last_lines)])


def _warm_up(studies: StudySet, settings: Settings) -> None:
    _progress("gwasmeta, not timed: tiny studies, to have it compiled")
    run_tool(_GWASMETA, replace(studies, n_variants=_N_WARM_UP_VARIANTS), settings)
    print("gwasmeta ran once on tiny studies first, so that its compilation is not timed.", flush=True)


def _run_repeatedly(tools: Sequence[Tool], studies: StudySet, settings: Settings) -> tuple[dict[str, Usage], list[str]]:
    """Run each tool `repeat` times, in turns: what slows the machine for a while then slows all of them."""
    usages: dict[str, list[Usage]] = {tool.name: [] for tool in tools}
    failures: dict[str, str] = {}
    for turn in range(1, settings.repeat + 1):
        for tool in tools:
            if tool.name in failures:
                continue
            _progress(f"{tool.name}, run {turn} of {settings.repeat}")
            try:
                if tool is _GWASMETA and turn == 1:
                    _warm_up(studies, settings)
                usages[tool.name].append(run_tool(tool, studies, settings))
            except RunFailedError as error:
                failures[tool.name] = str(error)
    done = {name: _typical(runs) for name, runs in usages.items() if name not in failures}
    return done, list(failures.values())


def _typical(runs: Sequence[Usage]) -> Usage:
    return Usage(
        wall_seconds=median(run.wall_seconds for run in runs),
        cpu_seconds=median(run.cpu_seconds for run in runs),
        peak_bytes=max(run.peak_bytes for run in runs),
        exit_code=0,
    )


# --- the three reports ---


def compare_tools(names: Sequence[str], studies: StudySet, settings: Settings) -> bool:
    """Print what each program used, and whether they agree; return whether all went well."""
    tools = [TOOLS[name] for name in names if TOOLS[name].find()]
    absent = [name for name in names if not TOOLS[name].find()]
    n_bytes = sum(path.stat().st_size for path in write_studies(studies, settings.work_dir))
    print(f"{studies.n_studies} studies, {studies.n_rows:,} rows, {n_bytes / 1e6:,.0f} MB", flush=True)
    used, failures = _run_repeatedly(tools, studies, settings)

    _print_usage_table(used)
    for name in absent:
        print(f"{name}: not installed, left out")
    for failure in failures:
        print(failure)
    agree = _print_agreement([TOOLS[name] for name in used], studies, settings)
    return agree and not failures


def report_memory_growth(studies: StudySet, settings: Settings) -> bool:
    """Print gwasmeta's peak memory with few and with many studies, however many `studies` has."""
    few, many = _MEMORY_GROWTH_STUDIES
    _warm_up(studies, settings)
    peak_bytes = {}
    print(f"\n{'studies':>8}{'rows':>14}{'wall s':>10}{'CPU s':>10}{'peak MB':>10}")
    for n_studies in (few, many):
        grown = replace(studies, n_studies=n_studies)
        used = _typical([run_tool(_GWASMETA, grown, settings) for _ in range(settings.repeat)])
        print(f"{n_studies:>8}{grown.n_rows:>14,}{_usage_cells(used)}", flush=True)
        peak_bytes[n_studies] = used.peak_bytes
    print(f"Memory with {many} studies: {peak_bytes[many] / peak_bytes[few]:.2f} times that with {few}.")
    return True


def report_scaling(studies: StudySet, settings: Settings) -> bool:
    """Print gwasmeta's time per million rows at a quarter, half and all of the variants."""
    print(f"{studies.n_studies} studies", flush=True)
    _warm_up(studies, settings)
    print(f"\n{'variants':>12}{'rows':>14}{'wall s':>10}{'CPU s':>10}{'peak MB':>10}{'s per million rows':>20}")
    for divisor in _SCALING_DIVISORS:
        part = replace(studies, n_variants=max(1, studies.n_variants // divisor))
        used = _typical([run_tool(_GWASMETA, part, settings) for _ in range(settings.repeat)])
        rate = used.wall_seconds / (part.n_rows / 1e6)
        print(f"{part.n_variants:>12,}{part.n_rows:>14,}{_usage_cells(used)}{rate:>20.3f}", flush=True)
    return True


# --- printing ---


def _progress(message: str) -> None:
    print(f"... {message}", file=sys.stderr, flush=True)


def _print_heading(studies: StudySet, settings: Settings) -> None:
    order = "random order" if studies.shuffle else "genome order"
    compressed = ", gzip" if studies.gzip else ""
    print(f"{studies.n_variants:,} variants in all studies together; files in {order}{compressed}")
    print(f"{platform.platform()}, {os.cpu_count()} processors, Python {platform.python_version()}")
    print("Genomic control, fixed effects, heterogeneity; gwasmeta --method", settings.methods)
    print("All files are read once before each run, untimed; of repeated runs the median is shown.", flush=True)


def _usage_cells(used: Usage) -> str:
    return f"{used.wall_seconds:>10.2f}{used.cpu_seconds:>10.2f}{used.peak_bytes / 1e6:>10.0f}"


def _print_usage_table(used: dict[str, Usage]) -> None:
    print(f"\n{'':10}{'wall s':>10}{'CPU s':>10}{'peak MB':>10}{'wall x':>10}{'CPU x':>10}{'memory x':>10}")
    ours = used.get(_GWASMETA.name)
    for name, usage in used.items():
        ratios = f"{'-':>10}" * 3
        if ours:
            ratios = (
                f"{usage.wall_seconds / ours.wall_seconds:>10.2f}"
                f"{usage.cpu_seconds / ours.cpu_seconds:>10.2f}"
                f"{usage.peak_bytes / ours.peak_bytes:>10.2f}"
            )
        print(f"{name:10}{_usage_cells(usage)}{ratios}  {TOOLS[name].note}".rstrip())
    print("x: how many times what gwasmeta used\n", flush=True)


def _print_agreement(tools: Sequence[Tool], studies: StudySet, settings: Settings) -> bool:
    """Print how far each tool's effects are from those of the first; return whether all agree."""
    all_agree = True
    for tool in tools[1:]:
        reference = tools[0]
        genomic_control = tool.has_genomic_control
        if not genomic_control:
            _progress(f"{reference.name}, not timed: without genomic control, to compare with {tool.name}")
            run_tool(reference, studies, settings, genomic_control=False)
        agreement = compare_effects(
            reference,
            _run_directory(reference, settings, genomic_control) / reference.output,
            tool,
            _run_directory(tool, settings, genomic_control=True) / tool.output,
        )
        all_agree &= agreement.holds
        print(
            f"beta of {tool.name} {'agrees' if agreement.holds else 'DISAGREES'} with {reference.name}"
            f"{'' if genomic_control else ' run without genomic control'}: "
            f"largest relative difference beyond the printed decimals "
            f"{agreement.largest_relative_difference:.1e}, absolute {agreement.largest_difference:.1e}; "
            f"{agreement.n_shared:,} variants in both, {agreement.n_only_in_one:,} in one only, "
            f"{agreement.n_incomparable:,} incomparable"
        )
    return all_agree


# --- the command line ---


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a positive number")
    return number


def _tool_names(text: str) -> list[str]:
    names = text.split(",")
    unknown = [name for name in names if name not in TOOLS]
    if unknown:
        raise argparse.ArgumentTypeError(f"no tool {unknown[0]!r}; there are {', '.join(TOOLS)}")
    return [name for name in TOOLS if name in names]  # the table's order: gwasmeta is the reference


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--studies", type=_positive, default=8, help="number of studies (8)")
    parser.add_argument("--variants", type=_positive, default=2_500_000, help="in all studies together (2500000)")
    parser.add_argument(
        "--work-dir",
        type=Path,
        default=Path(tempfile.gettempdir()) / "gwasmeta_benchmark",
        help="where studies and results are kept; studies found there are reused",
    )
    parser.add_argument("--tools", type=_tool_names, default=list(TOOLS), help=f"from {','.join(TOOLS)} (all)")
    parser.add_argument(
        "--methods", choices=("fixed", "fixed,random"), default="fixed", help="for gwasmeta alone (fixed)"
    )
    parser.add_argument("--gzip", action="store_true", help="compressed studies")
    parser.add_argument("--shuffle", action="store_true", help="each study in its own random order")
    parser.add_argument("--repeat", type=_positive, default=1, help="runs of each tool (1)")
    report = parser.add_mutually_exclusive_group()
    report.add_argument("--memory-growth", action="store_true", help="gwasmeta's memory with 8 and with 32 studies")
    report.add_argument("--scaling", action="store_true", help="gwasmeta's speed with 1/4, 1/2, all variants")
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run the benchmark; return 0 if every program ran and all agree."""
    options = _parser().parse_args(argv)
    studies = StudySet(options.studies, options.variants, options.shuffle, options.gzip)
    settings = Settings(options.work_dir.resolve(), options.methods, options.repeat)
    _print_heading(studies, settings)
    try:
        if options.memory_growth:
            went_well = report_memory_growth(studies, settings)
        elif options.scaling:
            went_well = report_scaling(studies, settings)
        else:
            went_well = compare_tools(options.tools, studies, settings)
    except RunFailedError as error:
        print(error, file=sys.stderr)
        return 1
    return 0 if went_well else 1


if __name__ == "__main__":
    sys.exit(main())
