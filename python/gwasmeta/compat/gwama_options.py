"""GWAMA's command line and its list of studies."""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Literal

from gwasmeta._version import __version__
from gwasmeta.errors import GwasmetaError
from gwasmeta.sumstats.byte_streams import read_stored

Sex = Literal["male", "female"]

HELP = """\
usage: gwasmeta gwama [option ...]

Does what GWAMA 2.2.2 does, from the same options and files to the same output; what it does better is listed in
docs/differences.md. gwasmeta meta has the same methods, and more, for files of any program.

  -i, --filelist FILE     list of the studies' files, one a line (default: gwama.in)
  -o, --output ROOT       beginning of the names of ROOT.out, ROOT.gc.out, ROOT.err.out, ROOT.log.out (default: gwama)
  -qt, --quantitative     the trait is quantitative: columns BETA and SE (default: OR and OR_95L)
  -r, --random            random effects (DerSimonian and Laird)
  -gc, --genomic_control  correct each study by its inflation factor, genotyped and imputed markers apart
  -gco, --genomic_control_output
                          correct the p-values of the result by its inflation factor
  -t, --threshold P       show a study's direction only where its own p-value is at most P (default: 1)
  -m, --map FILE          chromosomes and positions: chromosome, marker, position; or as PLINK's .map
  --no_alleles            the files have no alleles: all effects are of the same one
  --indel_alleles         alleles may be words of several letters
  --sex                   analyse men and women apart as well; the list has M or F behind each file
  --filter COLUMN OPERATOR VALUE
                          leave out rows that satisfy it; < <= > >= == !=; may be given several times
  --name_marker, --name_strand, --name_ea, --name_nea, --name_n, --name_eaf, --name_beta, --name_se, --name_or,
  --name_or_95l, --name_or_95u WORD
                          another word for a column of the header; may be given several times
  -h, --help              print this
  -v, --version           print the version"""

_FLAGS: dict[str, tuple[str, str]] = {  # option -> field, and what GWAMA says to it
    "-qt": ("quantitative", "Quantitative trait (BETA+SE)"),
    "-r": ("random", "Using random effect correction"),
    "-gc": ("genomic_control", "Genomic control enabled"),
    "-gco": ("genomic_control_output", "Genomic control for meta-analysis output enabled"),
    "--no_alleles": ("no_alleles", "All effects are expected to be according to the same allele."),
    "--indel_alleles": ("indel_alleles", "Indel allele names enabled. No strand checks"),
    "--sex": ("by_sex", "Gender-specific heterogeneity analysis enabled"),
}
_VALUES = {"-i": "file_list", "-o": "root", "-m": "map_file", "-t": "threshold"}
_NAMES = {  # option -> column, and GWAMA's words for it
    "--name_marker": ("variant_id", "marker"),
    "--name_strand": ("strand", "strand"),
    "--name_ea": ("effect_allele", "effect allele"),
    "--name_nea": ("other_allele", "other allele"),
    "--name_n": ("n", "sample size"),
    "--name_eaf": ("effect_allele_frequency", "effect allele frequency"),
    "--name_beta": ("beta", "beta"),
    "--name_se": ("standard_error", "std. error"),
    "--name_or": ("odds_ratio", "OR"),
    "--name_or_95l": ("ci_lower", "lower CI of OR"),
    "--name_or_95u": ("ci_upper", "upper CI of OR"),
}
_SHORT = {
    "--filelist": "-i",
    "--output": "-o",
    "--map": "-m",
    "--threshold": "-t",
    "--quantitative": "-qt",
    "--random": "-r",
    "--genomic_control": "-gc",
    "--genomic_control_output": "-gco",
    "--help": "-h",
    "--version": "-v",
}
_OPERATORS = ("==", "!=", ">", ">=", "<", "<=")


@dataclass(frozen=True)
class Exclusion:
    """Rows whose value in a column satisfies this are left out."""

    column: str
    operator: str
    value: float

    def __str__(self) -> str:
        return f"{self.column} {self.operator} {self.value:g}"


@dataclass(frozen=True)
class GwamaOptions:
    """What a command line of GWAMA asks for.

    Attributes
    ----------
    names : dict of str to tuple of str
        gwasmeta's column -> further words for it.
    announcements : tuple of str
        What GWAMA prints while it reads the options, in their order.
    answer : str, optional
        To be printed instead of anything done: the help or the version.
    """

    file_list: str = "gwama.in"
    root: str = "gwama"
    map_file: str | None = None
    quantitative: bool = False
    random: bool = False
    genomic_control: bool = False
    genomic_control_output: bool = False
    threshold: float = 1.0
    no_alleles: bool = False
    indel_alleles: bool = False
    by_sex: bool = False
    exclusions: tuple[Exclusion, ...] = ()
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    announcements: tuple[str, ...] = ()
    answer: str | None = None


@dataclass(frozen=True)
class ListedStudy:
    """A line of the list of studies."""

    path: str
    sex: Sex | None


def parse_options(words: Sequence[str]) -> GwamaOptions:
    """Understand a command line as GWAMA does: options in any order, a value for whatever follows its option.

    Raises
    ------
    GwasmetaError
        If an option is not known, or lacks its value.
    """
    chosen: dict[str, Any] = {}
    names: dict[str, tuple[str, ...]] = {}
    exclusions: list[Exclusion] = []
    said: list[str] = []
    left = iter(words)
    for word in left:
        option = _SHORT.get(word, word)
        if option in _FLAGS:
            what, announcement = _FLAGS[option]
            chosen[what] = True
            said.append(announcement)
        elif option == "-t":
            threshold, remark = _threshold(_values_of(word, left)[0])
            chosen["threshold"] = threshold
            said += remark
        elif option in _VALUES:
            chosen[_VALUES[option]] = _values_of(word, left)[0]
        elif option in _NAMES:
            column, called = _NAMES[option]
            name = _values_of(word, left)[0].upper()
            names[column] = (*names.get(column, ()), name)
            said.append(f"Alternative {called} column name: {name}")
        elif option == "--filter":
            exclusion = _exclusion(*_values_of(word, left, 3))
            exclusions.append(exclusion)
            said.append(
                f"Setting filter for column: {exclusion.column} to filter out samples with values"
                f" {exclusion.operator} {exclusion.value:g}"
            )
        elif option == "-h":
            return GwamaOptions(answer=HELP)
        elif option == "-v":
            return GwamaOptions(answer=f"GWAMA version: 2.2.2, as gwasmeta {__version__} does it")
        else:
            raise _unknown(word)
    return GwamaOptions(**chosen, names=names, exclusions=tuple(exclusions), announcements=tuple(said))


def _values_of(option: str, left: Iterator[str], count: int = 1) -> list[str]:
    """Take the words behind an option."""
    values = list(islice(left, count))
    if len(values) < count:
        what = "a value" if count == 1 else "some of its three values: COLUMN OPERATOR VALUE"
        raise GwasmetaError(f"{option}: {what} is missing\n  gwasmeta gwama --help explains the options.")
    return values


def _threshold(word: str) -> tuple[float, list[str]]:
    """Return the threshold of -t, 1 for one that GWAMA ignores, and what is to be said of that."""
    value = _number(word, "-t")
    if 0 < value <= 1:
        return value, []
    return 1.0, [f"gwasmeta: -t {word} is not above 0 and up to 1: ignored, as by GWAMA"]


def _exclusion(column: str, operator: str, value: str) -> Exclusion:
    if operator not in _OPERATORS:
        raise GwasmetaError(
            f"--filter {column} {operator} {value}: there is no operator {operator!r};"
            f" write one of {' '.join(_OPERATORS)}, quoted from the shell"
        )
    return Exclusion(column, operator, _number(value, f"--filter {column} {operator}"))


def _number(word: str, option: str) -> float:
    try:
        value = float(word)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise GwasmetaError(f"{option} {word}: {word!r} is no number")
    return value


def _unknown(word: str) -> GwasmetaError:
    known = [*_FLAGS, *_VALUES, *_NAMES, *_SHORT, "--filter"]
    near = difflib.get_close_matches(word.lower(), known, n=2)
    perhaps = f"; did you mean {' or '.join(near)}?" if near else ""
    return GwasmetaError(f"{word}: GWAMA has no such option{perhaps}\n  gwasmeta gwama --help lists the options.")


def read_file_list(path: str, by_sex: bool) -> list[ListedStudy]:
    """Read the list of studies: a path a line, and M or F behind it if the analysis is by sex.

    Raises
    ------
    GwasmetaError
        If there is no such file, it names no study, or lacks a sex that is needed.
    """
    studies = []
    for number, line in enumerate(read_stored(path).splitlines(), start=1):
        words = line.split()
        if not words:
            continue
        sex: Sex | None = None
        if by_sex:
            sexes: dict[str, Sex] = {"M": "male", "F": "female"}
            given = words[1].upper() if len(words) > 1 else ""
            if given not in sexes:
                raise GwasmetaError(
                    f"{path}, line {number}: --sex needs M or F behind {words[0]}, and there is {given or 'nothing'}"
                )
            sex = sexes[given]
        studies.append(ListedStudy(words[0], sex))
    if not studies:
        raise GwasmetaError(f"{path}: names no study; write the path of a file on each line")
    return studies
