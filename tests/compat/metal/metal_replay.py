"""A golden run of METAL once more, through `gwasmeta metal`: its script, its files, and its tables beside ours."""

from __future__ import annotations

import contextlib
import csv
import gzip
import io
import os
import re
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from gwasmeta import cli

_PROCESS = re.compile(r"^PROCESS\s+(\S+)", re.MULTILINE)
# Headers of the input files, in capitals, in gwasmeta's words. All runs of a group label columns in the same way.
_EDGE_WORDS = {
    "MARKERNAME": "variant_id",
    "CHR": "chromosome",
    "POS": "base_pair_location",
    "STRAND": "strand",
    "EA": "effect_allele",
    "NEA": "other_allele",
    "EAF": "effect_allele_frequency",
    "N": "n",
    "BETA": "beta",
    "SE": "standard_error",
    "LOGSE": "standard_error",
    "OR": "odds_ratio",
    "PVAL": "p_value",
}
_OVERLAP_WORDS = {
    "SNP": "variant_id",
    "A1": "effect_allele",
    "A2": "other_allele",
    "FRQ": "effect_allele_frequency",
    "N": "n",
    "BETA": "beta",
    "SE": "standard_error",
    "P": "p_value",
}
_GLUCOSE_WORDS = {
    "SNP": "variant_id",
    "EFFECT_ALLELE": "effect_allele",
    "NON_EFFECT_ALLELE": "other_allele",
    "AL1": "effect_allele",
    "AL2": "other_allele",
    "EFFECT_ALLELE_FREQ": "effect_allele_frequency",
    "FREQ_EFFECT": "effect_allele_frequency",
    "FREQ1": "effect_allele_frequency",
    "N": "n",
    "BETA": "beta",
    "EFFECT": "beta",
    "SE": "standard_error",
    "P_VAL": "p_value",
    "PVALUE": "p_value",
}

Rewriting = Callable[[pd.DataFrame], pd.DataFrame]


@dataclass(frozen=True)
class Outcome:
    """What a command did."""

    exit_code: int
    output: str
    errors: str
    folder: Path


def files_of(script: str) -> list[str]:
    """Return the files that a script processes, as it names them."""
    return _PROCESS.findall(script)


def words_of(path: Path) -> Mapping[str, str]:
    """Return what the headers of an input file mean, in gwasmeta's words."""
    if "data_real" in path.parts:
        return _GLUCOSE_WORDS
    return _OVERLAP_WORDS if path.name.startswith("ov") else _EDGE_WORDS


def read_rows(path: Path, separator: str = r"\s+") -> pd.DataFrame:
    """Read an input file, every cell as text, under gwasmeta's names; other columns keep theirs, in capitals."""
    engine = "python" if separator.startswith("[") else "c"
    table = pd.read_csv(path, sep=separator, dtype=object, keep_default_na=False, quoting=csv.QUOTE_NONE, engine=engine)
    return table.rename(columns=str.upper).rename(columns=words_of(path))


def _write_rows(rows: pd.DataFrame, like: Path, target: Path) -> None:
    """Write rows under the headers of the file that they were read from."""
    headers = {name: header for header, name in words_of(like).items() if header in _header(like)}
    rows.rename(columns=headers).to_csv(target, sep="\t", index=False)


def _header(path: Path) -> list[str]:
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as file:
        return file.readline().upper().split()


def run_metal(arguments: Sequence[str], folder: Path) -> Outcome:
    """Run `gwasmeta metal` in a folder."""
    output, errors = io.StringIO(), io.StringIO()
    before = Path.cwd()
    os.chdir(folder)
    try:
        with contextlib.redirect_stdout(output), contextlib.redirect_stderr(errors):
            exit_code = cli.main(["metal", *arguments])
    finally:
        os.chdir(before)
    return Outcome(exit_code, output.getvalue(), errors.getvalue(), folder)


def replay(golden_meta: Path, run: str, script: str, home: Path, rewriting: Rewriting | None = None) -> Outcome:
    """Carry out a script where its relative paths lead to METAL's input, or to files rewritten from it.

    Parameters
    ----------
    golden_meta : Path
    run : str
        Group and name.
    script : str
        The run's, or a variant of it.
    home : Path
        An empty folder.
    rewriting : callable, optional
        From the rows of a file, under gwasmeta's names, to those of the file that is read in its place.
    """
    folder = home / "runs" / run
    folder.mkdir(parents=True)
    for data in ("data_real", "data_edge"):
        (home / data).mkdir()
    for name in dict.fromkeys(files_of(script)):
        source, target = golden_meta / "runs" / run / name, folder / name
        if source.exists() and rewriting is not None:
            _write_rows(rewriting(read_rows(source.resolve())), source.resolve(), target)
        elif source.exists():
            shutil.copy(source, target)
    shutil.copy(golden_meta / "data_edge" / "gclist.txt", home / "data_edge")
    (folder / "metal.txt").write_text(script)
    return run_metal(["metal.txt"], folder)


def results_of(folder: Path) -> Iterator[str]:
    """Yield the names of the tables that METAL wrote."""
    for path in sorted(folder.iterdir()):
        name = path.name.removesuffix(".gz")
        if name.upper().endswith(".TBL"):
            yield name


def read_table(folder: Path, name: str) -> pd.DataFrame:
    """Read a table, every cell as text, indexed by its marker in lower case."""
    path = folder / name
    path = path if path.exists() else folder / f"{name}.gz"
    table = pd.read_csv(path, sep="\t", dtype=object, keep_default_na=False, quoting=csv.QUOTE_NONE)
    return table.set_index(table["MarkerName"].str.lower())


def differing_cells(ours: pd.DataFrame, theirs: pd.DataFrame) -> pd.DataFrame:
    """Return the cells whose texts differ, and the markers that only one of two tables has, as column "row"."""
    common = theirs.index.intersection(ours.index)
    alone = [(marker, "row", "there", "absent") for marker in ours.index.difference(common)]
    alone += [(marker, "row", "absent", "there") for marker in theirs.index.difference(common)]
    cells = [pd.DataFrame(alone, columns=["marker", "column", "ours", "theirs"])]
    for column in theirs.columns.intersection(ours.columns):
        left, right = ours.loc[common, column], theirs.loc[common, column]
        differ = (left != right).to_numpy()
        texts = {"ours": left[differ].tolist(), "theirs": right[differ].tolist()}
        cells.append(pd.DataFrame({"marker": list(common[differ]), "column": column, **texts}))
    return pd.concat(cells, ignore_index=True)


def by_rounding(ours: str, theirs: str) -> bool:
    """Say whether two numbers differ by one unit in the last place, or behind the 15 digits that a double has."""
    try:
        first, second = float(ours), float(theirs)
    except ValueError:
        return False
    allowed = max(1.000001 * min(_unit(ours), _unit(theirs)), 1e-14 * abs(first))
    return abs(first - second) <= allowed and "." in ours + theirs


def _unit(word: str) -> float:
    mantissa, _, exponent = word.lower().partition("e")
    return 10.0 ** (int(exponent or 0) - len(mantissa.partition(".")[2]))
