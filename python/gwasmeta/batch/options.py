"""What a manifest, or the caller, can say of a run: names of options, and the values that they take."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from gwasmeta.errors import GwasmetaError
from gwasmeta.memory import as_bytes
from gwasmeta.meta.formats import chosen_format
from gwasmeta.meta.options import MetaOptions
from gwasmeta.meta.output_paths import TABLE_ENDINGS
from gwasmeta.sumstats.filters import parse_filter
from gwasmeta.sumstats.header_complaints import perhaps

_Reading = Callable[[Any, Path], Any]
"""From a value as it is written, and the folder that paths start from, to the value as the functions take it."""

_TRUE, _FALSE = {"true", "yes", "1"}, {"false", "no", "0"}


def _flag(value: Any, _folder: Path) -> bool:
    if str(value).lower() not in _TRUE | _FALSE:
        raise ValueError("write true or false")
    return str(value).lower() in _TRUE


def _number(value: Any, _folder: Path) -> float:
    if isinstance(value, bool):
        raise ValueError("a number is needed")
    try:
        return float(str(value).replace("_", ""))  # YAML takes 5e-8 for a text
    except ValueError:
        raise ValueError("a number is needed") from None


def _number_or_none(value: Any, folder: Path) -> float | None:
    return None if value is None else _number(value, folder)


def _whole(value: Any, folder: Path) -> int:
    number = _number(value, folder)
    if number != int(number):
        raise ValueError("a whole number is needed")
    return int(number)


def _word(value: Any, _folder: Path) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError("one word is needed")
    return value


def _one_of(*choices: str) -> _Reading:
    def read(value: Any, _folder: Path) -> str:
        if value not in choices:
            raise ValueError(f"choose among {', '.join(choices)}")
        return str(value)

    return read


def _path(value: Any, folder: Path) -> str:
    if not isinstance(value, str | os.PathLike) or not os.fspath(value):
        raise ValueError("the path of a file is needed")
    return os.path.abspath(folder / value)


def _word_or_path(*words: str) -> _Reading:
    def read(value: Any, folder: Path) -> str:
        return str(value) if value in words else _path(value, folder)

    return read


def _words(value: Any, _folder: Path) -> tuple[str, ...]:
    values = [value] if isinstance(value, str | int) else value
    if not isinstance(values, Iterable) or isinstance(values, Mapping):
        raise ValueError("a text or a list of texts is needed")
    values = tuple(values)
    if not all(isinstance(one, str | int) and not isinstance(one, bool) for one in values):
        raise ValueError("a text or a list of texts is needed")
    return tuple(map(str, values))


def _methods(value: Any, folder: Path) -> tuple[str, ...]:
    names = value.split(",") if isinstance(value, str) else _words(value, folder)
    return tuple(name.strip().replace("-", "_") for name in names)


def _upper_case(value: Any, folder: Path) -> str:
    return _word(value, folder).upper()


def _amount(value: Any, _folder: Path) -> int:
    return as_bytes(value)


META_OPTIONS: Final[dict[str, _Reading]] = {
    "methods": _methods,
    "tau_squared": _upper_case,
    "hartung_knapp": _flag,
    "genomic_control": _flag,
    "genomic_control_variants": _path,
    "genomic_control_result": _flag,
    "match": _word,
    "palindromic": _word,
    "palindromic_window": _number,
    "frequency_difference": _number,
    "min_studies": _whole,
    "min_n": _number,
    "direction_p": _number,
    "leave_one_out": _flag,
    "sex_differentiated": _flag,
    "overlap": _word_or_path("estimated"),
    "z_cutoff": _number,
    "position_conflicts": _word,
    "memory": _amount,
}
"""Arguments of `gwasmeta.meta_analyze` that can be chosen for a trait."""

MTAG_OPTIONS: Final[dict[str, _Reading]] = {
    "ld_scores": _path,
    "covariance": _one_of("free", "perfect_correlation", "identical_traits"),
    "overlap": _flag,
    "sigma": _path,
    "omega": _word_or_path("moments", "likelihood"),
    "snps": _one_of("common", "all"),
    "standardised": _flag,
    "maf_min": _number_or_none,
    "info_min": _number_or_none,
    "n_min": _number_or_none,
    "n_max": _number_or_none,
    "ambiguous": _flag,
    "include": _path,
    "exclude": _path,
    "chromosomes": _words,
    "median_z_max": _number,
    "mean_chi_squared_min": _number,
}
"""Arguments of `gwasmeta.mtag` that can be chosen for a group; `include` and `exclude` are files with ids of SNPs."""

WITHOUT_EFFECT: Final = frozenset({"memory"})
"""Options by which results do not change."""

OUTPUT_OPTIONS: Final[dict[str, _Reading]] = {
    "format": _word,
    "ending": _word,
}
"""How the table of a meta-analysis is written: its columns, and the ending of its name."""

LEAD_OPTIONS: Final[dict[str, _Reading]] = {"lead_p": _number, "lead_window": _whole}
"""Which variants the index counts as lead variants."""

FILTERS: Final = "filters"

_ALIASES = {"method": "methods"}
_KNOWN: Final[dict[str, dict[str, _Reading]]] = {
    "meta": META_OPTIONS | OUTPUT_OPTIONS | LEAD_OPTIONS | {FILTERS: _words},
    "mtag": MTAG_OPTIONS | LEAD_OPTIONS | {FILTERS: _words},
}
FOR_ALL_KINDS: Final = frozenset({FILTERS, *LEAD_OPTIONS})
"""Options that, said for all runs, are for MTAG runs too; the others are those of meta-analyses."""


def read_option(kind: str, name: str, value: Any, folder: Path, others: Iterable[str] = ()) -> tuple[str, Any]:
    """Return the name and the value of an option, as the functions take them.

    Parameters
    ----------
    kind : {"meta", "mtag"}
    name : str
    value : object
        As it is written in YAML or given in Python.
    folder : Path
        That paths start from.
    others : iterable of str
        Further names that can stand in the same place, for suggestions.

    Raises
    ------
    GwasmetaError
        If there is no such option, or it takes no such value.
    """
    name = _ALIASES.get(name, name) if kind == "meta" else name
    known = _KNOWN[kind]
    if name not in known:
        words = [*others, *known]
        raise GwasmetaError(
            f"{name}: there is no such word here{perhaps(name, words)}\n  Known are {', '.join(words)}."
        )
    try:
        return name, known[name](value, folder)
    except ValueError as error:
        raise GwasmetaError(f"{name}: {value!r}: {error}") from None


def refuse_impossible_options(kind: str, options: Mapping[str, Any]) -> None:
    """Check the values of a run's options together.

    Raises
    ------
    GwasmetaError
        If a value is not one of the possible ones, or two do not go together.
    """
    for condition in options.get(FILTERS, ()):
        parse_filter(condition)
    if not 0 < options.get("lead_p", 0.5) <= 1:
        raise GwasmetaError(f"lead_p = {options['lead_p']}: must be above 0 and at most 1")
    if options.get("lead_window", 1) < 1:
        raise GwasmetaError(f"lead_window = {options['lead_window']}: must be at least 1 base pair")
    if kind == "mtag":
        return
    chosen_format(options.get("format", "gwasmeta"))
    if options.get("ending", ".tsv") not in TABLE_ENDINGS:
        raise GwasmetaError(f"ending {options['ending']!r}: choose among {', '.join(TABLE_ENDINGS)}")
    chosen = {name: value for name, value in options.items() if name in META_OPTIONS.keys() - WITHOUT_EFFECT}
    if chosen.get("overlap") is not None:
        chosen["overlap"] = "estimated"  # a matrix is read when the studies are
    MetaOptions(**chosen)
