"""Which files are a panel of LD scores: a folder, the beginning of their names, or a pattern with @."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from gwasmeta.errors import GwasmetaError
from gwasmeta.ldscores.chromosome_pattern import AUTOSOMES, filled, is_pattern
from gwasmeta.sumstats.byte_streams import read_stored

MFile = Literal["M_5_50", "M"]
"""Which number of SNPs: of those with a minor allele frequency above 0.05, or of all."""

SCORES = ".l2.ldscore"
_COMPRESSIONS = (".bz2", ".gz", ".parquet", "")  # the order in which LDSC looks for them
_FETCH_ADVICE = "  The European panel of MTAG and LDSC can be had by  gwasmeta ldscores fetch eur_w_ld_chr"


@dataclass(frozen=True)
class PanelFiles:
    """The files of a panel.

    Attributes
    ----------
    scores : tuple of Path
        One for each chromosome, in the chromosomes' order, or one for all.
    left_out : tuple of Path
        Files of LD scores beside them that do not belong to the panel.
    """

    scores: tuple[Path, ...]
    left_out: tuple[Path, ...] = ()

    def m_files(self, kind: MFile) -> tuple[Path, ...]:
        """Return the file with the number of SNPs that belongs to each file of scores."""
        return tuple(path.with_name(f"{_stem(path.name)}.l2.{kind}") for path in self.scores)


def find_panel_files(panel: str | os.PathLike[str]) -> PanelFiles:
    """Find the files of a panel.

    Parameters
    ----------
    panel : path
        A folder; or a pattern in which @ stands for the chromosomes 1 to 22; or the beginning of the names of files
        for each of them, or of one file for all; or the path of such a file.

    Raises
    ------
    GwasmetaError
        If there is no such file, or more than one panel can be meant.
    """
    given = os.fspath(panel)
    if os.path.isdir(given):
        return _in_folder(Path(given))
    if is_pattern(given):
        return _by_pattern(given)
    if os.path.isfile(given):
        return _one_file(Path(given))
    single, numbered = _score_file(given), _numbered(given + "@")
    if single and numbered:
        raise GwasmetaError(
            f"{given}: both {single.name} and {numbered[0].name} begin with it\n"
            f"  Write {given}@ for the files of single chromosomes, or {single} for the one."
        )
    if not single and not numbered:
        raise _no_panel(given)
    return PanelFiles((single,) if single else numbered)


def read_m(files: PanelFiles, kind: MFile = "M_5_50") -> float:
    """Return the number of SNPs that the LD scores of a panel were summed over, all chromosomes together.

    Raises
    ------
    GwasmetaError
        If a file is missing or does not hold one positive number.
    """
    return math.fsum(_number_in(path, kind) for path in files.m_files(kind))


def _number_in(path: Path, kind: MFile) -> float:
    if not path.is_file():
        other: MFile = "M" if kind == "M_5_50" else "M_5_50"
        beside = path.with_suffix(f".{other}")
        instead = f"\n  There is {beside.name}: ask for {other} if that is what you want." if beside.is_file() else ""
        raise GwasmetaError(
            f"{path}: there is no such file\n  It holds the number of SNPs that the LD scores beside it were summed"
            f" over, and comes with them: copy it there too.{instead}"
        )
    words = read_stored(path).split()
    try:
        (number,) = map(float, words)
    except ValueError:
        number = math.nan
    if not 0 < number < math.inf:
        shown = " ".join(words)[:60] or "nothing"
        raise GwasmetaError(
            f"{path}, line 1: holds {shown!r} where one positive number of SNPs is expected\n"
            "  Several numbers belong to a panel of several annotations, which is not supported: fetch or compute a"
            " panel of one."
        )
    return number


def _in_folder(folder: Path) -> PanelFiles:
    """Find the panel in a folder; `1.l2.ldscore.gz` and so on are preferred, as MTAG and LDSC read a folder."""
    found = sorted(path for path in folder.iterdir() if _stem(path.name) is not None)
    if not found:
        raise _no_panel(str(folder))
    patterns = sorted({_pattern(_stem(path.name) or "") for path in found})
    if "@" in patterns:
        patterns = ["@"]
    if len(patterns) > 1:
        names = "\n".join(f"    {folder / pattern}" for pattern in patterns)
        raise GwasmetaError(f"{folder}: holds {len(patterns)} panels of LD scores\n  Name one of them:\n{names}")
    if "@" not in patterns[0]:
        return _one_file(found[0])
    chosen = _numbered(str(folder / patterns[0]))
    stems = {_stem(path.name) for path in chosen}
    return PanelFiles(chosen, tuple(path for path in found if _stem(path.name) not in stems))


def _by_pattern(pattern: str) -> PanelFiles:
    files = _numbered(pattern)
    if not files:
        raise _no_panel(pattern)
    return PanelFiles(files)


def _one_file(path: Path) -> PanelFiles:
    if _stem(path.name) is None:
        raise GwasmetaError(f"{path}: is no file of LD scores, whose name ends in {SCORES}[.gz|.bz2|.parquet]")
    return PanelFiles((path,))


def _numbered(pattern: str) -> tuple[Path, ...]:
    """Return the files of the chromosomes that a pattern has."""
    found = (_score_file(filled(pattern, chromosome)) for chromosome in AUTOSOMES)
    return tuple(path for path in found if path)


def _score_file(beginning: str) -> Path | None:
    paths = (Path(f"{beginning}{SCORES}{compression}") for compression in _COMPRESSIONS)
    return next((path for path in paths if path.is_file()), None)


def _stem(name: str) -> str | None:
    """Return what stands before `.l2.ldscore`; None for the name of another file."""
    for compression in _COMPRESSIONS:
        if name.endswith(SCORES + compression):
            return name.removesuffix(SCORES + compression)
    return None


def _pattern(stem: str) -> str:
    """Return a stem with @ in place of the chromosome that it ends with, if it does."""
    number = re.search(r"[0-9]+$", stem)
    if number and number[0] in map(str, AUTOSOMES):
        return stem[: number.start()] + "@"
    return stem


def _no_panel(panel: str) -> GwasmetaError:
    folder = panel if os.path.isdir(panel) else os.path.dirname(panel) or "."
    names = f"*{SCORES}, .gz, .bz2 or .parquet"
    if not os.path.isdir(folder):
        return GwasmetaError(f"{panel}: there is no folder {folder}: check the path\n{_FETCH_ADVICE}")
    if os.path.isdir(panel):
        return GwasmetaError(f"{panel}: holds no LD scores ({names})\n{_FETCH_ADVICE}")
    there = "".join(f"\n    {path}" for path in _first(Path(folder)))
    advice = f"  In that folder there are LD scores of other names:{there}" if there else _FETCH_ADVICE
    return GwasmetaError(f"{panel}: no LD scores have names that begin so ({names})\n{advice}")


def _first(folder: Path, n: int = 3) -> Iterator[Path]:
    scores = sorted(path for path in folder.iterdir() if _stem(path.name) is not None)
    yield from scores[:n]
