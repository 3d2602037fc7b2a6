"""Measure gwasmeta where studies and traits are many: the store, bounded memory, worker processes, batches.

The studies go into the store one at a time, so that their texts need not all lie on the disk.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from measure import Usage
from scale_runs import (
    TINY,
    RunFailedError,
    Scale,
    Tables,
    fill_store,
    forget_by_variant,
    in_turns,
    meta,
    progress,
    run,
    tiny_store,
    typical,
)
from simulated_studies import StudySet, write_studies

from gwasmeta.memory import as_bytes
from gwasmeta.sumstats.stored_study import BY_VARIANT

_METHODS = {
    "fixed": ("--genomic-control",),
    "random (REML)": ("--genomic-control", "--method", "fixed,random", "--tau-squared", "REML"),
}
_BATCH_TRAITS, _BATCH_STUDIES, _BATCH_VARIANTS = 200, 3, 200
_WIDTH = 46

_GAIN_OF_STORE = 5.0
_GROWTH_OF_MEMORY = 1.2
_GAIN_OF_WORKERS = 1.7
_OVERHEAD_OF_TRAIT = 0.3  # seconds

_TRAITS_ALONE = """
import json, sys, time
import gwasmeta
traits, seconds = json.loads(open(sys.argv[1]).read()), []
for studies in [traits[0], *traits]:
    started = time.perf_counter()
    gwasmeta.meta_analyze(studies, genomic_control=True).write(sys.argv[2])
    seconds.append(time.perf_counter() - started)
print(sum(seconds[1:]))
"""  # the first one imports, and is not counted


def _warm_up(scale: Scale, parts: Sequence[str]) -> None:
    """Have compiled what will be timed."""
    progress("not timed: tiny studies, to have all compiled")
    folder = tiny_store(scale.work_dir)
    texts = [str(file) for file in write_studies(TINY, scale.work_dir)]
    stored = scale.from_store(TINY.n_studies)
    workers = [("--workers", "2")] if "workers" in parts else []
    for method in _METHODS.values():
        for words in (texts, [*texts, "--memory", scale.memory], stored, *([*stored, *more] for more in workers)):
            forget_by_variant(folder / "store")
            meta(folder, words, method)


# --- the parts ---


def report_store(scale: Scale) -> bool:
    """Print what adding the studies to a new store costs, and how large it is."""
    shutil.rmtree(scale.folder / "store", ignore_errors=True)
    added = fill_store(scale)
    rows, seconds = scale.n_rows(len(added)), sum(one.wall_seconds for one in added)
    n_bytes = sum(file.stat().st_size for file in (scale.folder / "store").rglob("*.parquet"))
    _print_heading("store add, a study at a time")
    _print_row("one study", scale.n_rows(1), typical(added))
    print(f"{len(added)} studies: {rows:,} rows in {seconds:,.0f} s, {rows / seconds:,.0f} rows/s")
    of_text = scale.texts[0].stat().st_size / scale.n_rows(1)
    print(f"The store: {n_bytes / 1e9:.2f} GB, {n_bytes / rows:.1f} bytes a row; text has {of_text:.1f}", flush=True)
    return True


def report_meta(scale: Scale) -> bool:
    """Print what an analysis costs from text, from the store at first, and later; return whether the store pays."""
    n_studies, n_texts = scale.studies.n_studies, len(scale.texts)
    print(f"\nText of {n_texts} of {n_studies} studies is kept", end="")
    print("." if n_texts == n_studies else "; beyond these, the text of a study stands for others too.")
    _print_heading("meta, from text and from the store")
    pays = [_compare_sources(scale, method) for method in _METHODS]  # of every method, though one may not
    return all(pays)


def _compare_sources(scale: Scale, method: str) -> bool:
    n_studies, n_texts = scale.studies.n_studies, len(scale.texts)
    used = {}
    for n in sorted({n_texts, n_studies}):
        tables = Tables(scale.folder)
        used = in_turns(_sources(scale, method, n, tables), scale.repeat)
        for name, usage in used.items():
            _print_row(name, scale.n_rows(n), usage)
        print(f"  the same rows: {', '.join(tables.agreeing())}", flush=True)
    text, _, later = used.values()
    laid_down = [file for file in (scale.folder / "store").rglob("*") if BY_VARIANT in file.parts and file.is_file()]
    n_bytes = sum(file.stat().st_size for file in laid_down)
    per_row = n_bytes / scale.n_rows(n_studies)
    print(f"  laid down by variant in the store: {n_bytes / 1e9:.2f} GB, {per_row:.1f} bytes a row")
    return _is_met("text : later run from the store", text.wall_seconds / later.wall_seconds, at_least=_GAIN_OF_STORE)


def _sources(scale: Scale, method: str, n: int, tables: Tables) -> dict[str, Callable[[], Usage]]:
    options, folder = _METHODS[method], scale.folder

    def text() -> Usage:
        usage = meta(folder, scale.from_texts(n), options)
        if n <= len(scale.texts):  # one that stands for other studies gives another table
            tables.take("text")
        return usage

    def first() -> Usage:
        forget_by_variant(folder / "store")
        return later("first run")

    def later(name: str = "later") -> Usage:
        usage = meta(folder, scale.from_store(n), options)
        tables.take(name)
        return usage

    return {
        f"{method}, {n} studies, text": text,
        f"{method}, {n} studies, store, first run": first,
        f"{method}, {n} studies, store, later": later,
    }


def report_memory(scale: Scale) -> bool:
    """Print the peaks with few and with all studies, and with a limit; return whether they are as they should be."""
    few, many = scale.few, scale.studies.n_studies
    fixed, random = _METHODS
    _print_heading(f"memory, {few} and {many} studies from the store")
    peaks = {}
    for n in (few, many):
        forget_by_variant(scale.folder / "store")
        for name, method in (("fixed, first run", fixed), ("fixed", fixed), ("random (REML)", random)):
            progress(f"{name}, {n} studies")
            usage = meta(scale.folder, scale.from_store(n), _METHODS[method])
            _print_row(f"{name}, {n} studies", scale.n_rows(n), usage)
            peaks[name, n] = usage.peak_bytes
    growth = [
        _is_met(
            f"{name}: peak, {many} : {few} studies", peaks[name, many] / peaks[name, few], at_most=_GROWTH_OF_MEMORY
        )
        for name in dict.fromkeys(name for name, _ in peaks)
    ]
    return all([*growth, _report_limit(scale)])


def _report_limit(scale: Scale) -> bool:
    n_texts, n_studies = len(scale.texts), scale.studies.n_studies
    _print_heading(f"--memory {scale.memory}")
    kept = []
    for what, n, words in (
        ("text", n_texts, scale.from_texts(n_texts)),
        ("store", n_studies, scale.from_store(n_studies)),
    ):
        forget_by_variant(scale.folder / "store")
        for method, options in _METHODS.items():
            progress(f"{method}, {what}, --memory {scale.memory}")
            usage = meta(scale.folder, words, (*options, "--memory", scale.memory))
            _print_row(f"{method}, {n} studies, {what}", scale.n_rows(n), usage)
            limit = as_bytes(scale.memory)
            told = f"peak {usage.peak_bytes / 1e6:,.0f} MB : limit {limit / 1e6:,.0f} MB"
            kept.append(_is_met(told, usage.peak_bytes / limit, at_most=1.0))
    return all(kept)


def report_workers(scale: Scale) -> bool:
    """Print what one and two worker processes take, with and without their start; return whether two pay."""
    folder, n = tiny_store(scale.work_dir), scale.studies.n_studies
    tiny = scale.from_store(TINY.n_studies)
    starts = {first: in_turns(_crews(folder, tiny, "fixed", first), max(3, scale.repeat)) for first in (True, False)}
    _print_heading(f"workers, {n} studies from the store; net: without the time that two tiny studies take")
    met = []
    for name, method, first in (
        ("fixed, first run", "fixed", True),
        ("fixed", "fixed", False),
        ("random (REML)", "random (REML)", False),
    ):
        used = in_turns(_crews(scale.folder, scale.from_store(n), method, first), scale.repeat)
        met.append(_print_crews(name, scale.n_rows(n), used, starts[first]))
    return all(met)


def _print_crews(name: str, n_rows: int, used: dict[str, Usage], starts: dict[str, Usage]) -> bool:
    net = {}
    for crew, usage in used.items():
        start = starts[crew].wall_seconds
        net[crew] = usage.wall_seconds - start
        worker = f"; largest worker {usage.largest_child_bytes / 1e6:.0f} MB" if usage.largest_child_bytes else ""
        _print_row(f"{name}, {crew}", n_rows, usage, f"  net {net[crew]:.2f} s, start {start:.2f} s{worker}")
    one, two = "--workers 1", "--workers 2"
    print(f"  one worker : two, raw: {used[one].wall_seconds / used[two].wall_seconds:.2f}")
    gain = net[one] / net[two] if min(net.values()) > 0 else float("nan")  # too little work to tell it from the start
    return _is_met("one worker : two, net", gain, at_least=_GAIN_OF_WORKERS)


def _crews(folder: Path, sources: Sequence[str], method: str, first: bool) -> dict[str, Callable[[], Usage]]:
    def way(words: Sequence[str]) -> Callable[[], Usage]:
        def once() -> Usage:
            if first:
                forget_by_variant(folder / "store")
            return meta(folder, sources, (*_METHODS[method], *words), follow=True)

        return once

    return {"threads": way(()), **{f"--workers {n}": way(("--workers", str(n))) for n in (1, 2)}}


def report_batch(scale: Scale) -> bool:
    """Print what a batch of small traits takes beyond their analyses; return whether that is little."""
    folder = scale.work_dir / "scale_batch"
    folder.mkdir(parents=True, exist_ok=True)
    files = write_studies(StudySet(_BATCH_TRAITS * _BATCH_STUDIES, _BATCH_VARIANTS), scale.work_dir)
    traits = [[str(file) for file in files[k::_BATCH_TRAITS]] for k in range(_BATCH_TRAITS)]
    lines = [f"trait_{k}\t{file}" for k, studies in enumerate(traits, start=1) for file in studies]
    (folder / "traits.tsv").write_text("\n".join(["trait\tpath", *lines]) + "\n")
    (folder / "traits.json").write_text(json.dumps(traits))
    command = ["-m", "gwasmeta", "batch", "traits.tsv", "--out", "results", "--genomic-control", "--quiet"]
    alone: list[float] = []

    def batch() -> Usage:
        shutil.rmtree(folder / "results", ignore_errors=True)
        return run(command, folder)

    def one_process() -> Usage:
        usage = run(["-c", _TRAITS_ALONE, "traits.json", "alone"], folder)
        alone.append(float((folder / "log.txt").read_text().split()[-1]))
        return usage

    batch()  # compiled, and not timed
    rows = _BATCH_TRAITS * StudySet(_BATCH_STUDIES, _BATCH_VARIANTS).n_rows
    _print_heading(f"batch, {_BATCH_TRAITS} traits x {_BATCH_STUDIES} studies x {_BATCH_VARIANTS} variants")
    ways = {"the analyses in one process": one_process, "batch": batch, "batch, again": lambda: run(command, folder)}
    used = in_turns(ways, max(3, scale.repeat))
    for name, usage in used.items():
        note = f"  {usage.wall_seconds / _BATCH_TRAITS:.4f} s a trait"
        _print_row(name, rows, usage, note)
    beyond = (used["batch"].wall_seconds - statistics.median(alone)) / _BATCH_TRAITS
    print(f"  one analysis alone, without any start: {statistics.median(alone) / _BATCH_TRAITS:.4f} s")
    return _is_met("seconds of a trait beyond its analysis", beyond, at_most=_OVERHEAD_OF_TRAIT)


# --- printing ---


def _print_heading(title: str) -> None:
    print(f"\n{title}")
    print(f"{'':{_WIDTH}}{'wall s':>9}{'cpu s':>9}{'peak MB':>9}{'rows/s':>13}", flush=True)


def _print_row(what: str, n_rows: int, usage: Usage, note: str = "") -> None:
    cost = f"{usage.wall_seconds:>9.2f}{usage.cpu_seconds:>9.2f}{usage.peak_bytes / 1e6:>9.0f}"
    print(f"{what:{_WIDTH}}{cost}{n_rows / usage.wall_seconds:>13,.0f}{note}", flush=True)


def _is_met(what: str, value: float, at_most: float | None = None, at_least: float | None = None) -> bool:
    """Print a figure beside what is wanted of it; return whether it is met."""
    met = (at_most is None or value <= at_most) and (at_least is None or value >= at_least)
    wanted = f"at most {at_most}" if at_least is None else f"at least {at_least}"
    print(f"  {what}: {value:.2f}; wanted: {wanted}: {'met' if met else 'NOT MET'}", flush=True)
    return met


# --- the command line ---

_PARTS: dict[str, Callable[[Scale], bool]] = {
    "store": report_store,
    "meta": report_meta,
    "memory": report_memory,
    "workers": report_workers,
    "batch": report_batch,
}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--studies", type=int, default=50, help="number of studies (50)")
    parser.add_argument("--variants", type=int, default=1_000_000, help="in all together (1000000; full size 10000000)")
    parser.add_argument("--only", nargs="+", choices=list(_PARTS), default=list(_PARTS), help="these parts (all)")
    parser.add_argument("--repeat", type=int, default=1, help="runs of which the median is shown; memory runs once (1)")
    parser.add_argument("--memory", default="4GB", help="the limit that is to be kept (4GB)")
    parser.add_argument(
        "--work-dir",
        type=Path,
        default=Path(tempfile.gettempdir()) / "gwasmeta-benchmarks",
        help="where studies, store, results and temporary files are kept, on a disk",
    )
    return parser


def main() -> int:
    """Run the parts; return 0 if all that is wanted is met."""
    options = _parser().parse_args()
    work_dir = options.work_dir.resolve()
    temporary = work_dir / "temporary"
    temporary.mkdir(parents=True, exist_ok=True)
    os.environ["TMPDIR"] = str(temporary)  # of the commands: where they spill, and lay down text by variant
    scale = Scale(StudySet(options.studies, options.variants), work_dir, options.repeat, options.memory)
    print(f"{options.studies} studies, {options.variants:,} variants, {scale.studies.n_rows:,} rows")
    print(f"{platform.platform()}, {os.cpu_count()} processors, Python {platform.python_version()}", flush=True)
    try:
        _warm_up(scale, options.only)
        if "store" not in options.only and options.only != ["batch"]:
            fill_store(scale)
    except RunFailedError as error:
        print(error, file=sys.stderr)
        return 1
    results = [_went_well(report, scale) for part, report in _PARTS.items() if part in options.only]
    return 0 if all(results) else 1


def _went_well(report: Callable[[Scale], bool], scale: Scale) -> bool:
    """Run a part; one that fails does not stop the others."""
    try:
        return report(scale)
    except RunFailedError as error:
        print(error, flush=True)
        return False


if __name__ == "__main__":
    sys.exit(main())
