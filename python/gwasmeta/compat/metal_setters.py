"""The commands that give one setting a value: how they read it and what they report."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from gwasmeta.errors import GwasmetaError


@dataclass(frozen=True)
class Setter:
    """What one command does.

    Attributes
    ----------
    field : str
        The field of `Settings`.
    read : callable
        From the command's argument to the value; it raises GwasmetaError if it is none.
    report : callable
        From the value to the line that reports it.
    common : bool
        Whether the value must be the same for all files of one analysis.
    word : callable
        From the value to the argument that gives it.
    """

    field: str
    read: Callable[[str], Any]
    report: Callable[[Any], str]
    common: bool = False
    word: Callable[[Any], str] = str


def _label(field: str, what: str) -> Setter:
    return Setter(field, str, lambda label: f"Set {what} header to {label} ...")


def _switch(field: str, on: str, off: str, *, common: bool = False) -> Setter:
    return Setter(field, _on_or_off, lambda value: on if value else off, common, lambda value: "ON" if value else "OFF")


def _choice(field: str, choices: dict[str, tuple[Any, str]], *, common: bool = False) -> Setter:
    """Return a setter whose argument is one of some words, each with its value and the report of it."""

    def read(word: str) -> Any:
        for name, (value, _) in choices.items():
            if name.startswith(word.upper()):
                return value
        raise GwasmetaError(f"{word} is none of {', '.join(choices)}")

    names = {value: name for name, (value, _) in choices.items()}
    return Setter(field, read, dict(choices.values()).__getitem__, common, names.__getitem__)


def _on_or_off(word: str) -> bool:
    if word.upper() == "ON" or is_off(word):
        return word.upper() == "ON"
    raise GwasmetaError(f"{word} is neither ON nor OFF")


def is_off(word: str) -> bool:
    """Say whether a word means OFF."""
    return word.upper() in {"OF", "OFF"}


def positive_number(word: str) -> float:
    """Read a number above 0."""
    value = _number(word)
    if value == 0:
        raise GwasmetaError("a positive number is needed")
    return value


def _number(word: str) -> float:
    try:
        value = float(word)
    except ValueError:
        raise GwasmetaError(f"{word} is not a number") from None
    if not 0 <= value < float("inf"):
        raise GwasmetaError("a positive number is needed")
    return value


def _count(most: int) -> Callable[[str], int]:
    def read(word: str) -> int:
        if not word.isdecimal() or int(word) > most:
            raise GwasmetaError(f"a whole number from 0 to {most} is needed")
        return int(word)

    return read


_MOST_DIGITS = 30
SETTERS = {
    "MARKERLABEL": _label("marker", "marker"),
    "WEIGHTLABEL": _label("weight", "weight"),
    "PVALUELABEL": _label("p_value", "p-value"),
    "EFFECTLABEL": _label("effect", "effect"),
    "FREQLABEL": _label("frequency", "frequency"),
    "STDERRLABEL": _label("standard_error", "standard error"),
    "STRANDLABEL": _label("strand", "strand"),
    "CHROMOSOMELABEL": _label("chromosome", "chromosome"),
    "POSITIONLABEL": _label("position", "position"),
    "COLUMNCOUNTING": _choice(
        "strict_counting",
        {
            "STRICT": (True, "STRICT MODE: Every input line must have exactly the same number of columns"),
            "LENIENT": (False, "LENIENT MODE: Input lines can include extra columns, which will be ignored"),
        },
    ),
    "SEPARATOR": _choice(
        "separator",
        {
            "WHITESPACE": (" ", "Set column separator to WHITESPACE ..."),
            "COMMAS": (",", "Set column separator to COMMAS ..."),
            "TABS": ("\t", "Set column separator to TAB ..."),
            "BOTH": (" ,", "Set column separator to BOTH ..."),
        },
    ),
    "SCHEME": _choice(
        "scheme",
        {
            "SAMPLESIZE": (
                "SAMPLESIZE",
                "Meta-analysis will be based on sample sizes, p-values and direction of effect ...",
            ),
            "STDERR": ("STDERR", "Meta-analysis will be based on effect sizes and their standard errors ..."),
        },
        common=True,
    ),
    "DEFAULTWEIGHT": Setter("default_weight", positive_number, "Set default weight to {:.2f} ...".format),
    "MINWEIGHT": Setter("min_weight", _number, "Set minimum weight for meta-analysis to {:.2f} ...".format),
    "ZCUTOFF": Setter("z_cutoff", positive_number, "Set Z cutoff to {:.2f} ...".format),
    "MAXWARNINGS": Setter(
        "max_warnings", _count(10**9), "Set the maximum number of warnings per file to {} ...".format
    ),
    "EFFECT_PRINT_PRECISION": Setter(
        "effect_precision", _count(_MOST_DIGITS), "Set print precision for Effect to {} ...".format
    ),
    "STDERR_PRINT_PRECISION": Setter(
        "standard_error_precision", _count(_MOST_DIGITS), "Set print precision for StdErr to {} ...".format
    ),
    "LOGPVALUE": _switch("log_p_value", "Log(p-value) will be output", "Untransformed p-value will be output"),
    "USESTRAND": _switch(
        "use_strand",
        "Strand flipping according to strand column enabled",
        "Strand flipping according to strand column disabled",
    ),
    "VERBOSE": _switch(
        "verbose",
        "Verbose output during meta-analysis enabled",
        "Verbose output during meta-analysis disabled",
    ),
    "AVERAGEFREQUENCY": _switch(
        "average_frequencies",
        "Averaging of allele frequencies enabled",
        "Averaging of allele frequencies disabled",
        common=True,
    ),
    "MINMAXFREQUENCY": _switch(
        "extreme_frequencies",
        "Tracking of extreme allele frequencies enabled",
        "Tracking of extreme allele frequencies disabled",
        common=True,
    ),
    "TRACKPOSITIONS": _switch(
        "track_positions",
        "Tracking of chromosomes and positions is enabled",
        "Tracking of chromosomes and positions is disabled",
        common=True,
    ),
    "OVERLAP": _switch(
        "overlap",
        "Correction for samples overlap enabled",
        "Correction for samples overlap disabled",
    ),
}
