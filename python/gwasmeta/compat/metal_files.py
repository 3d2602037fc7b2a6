"""One file of a METAL analysis: its header is understood by the labels that are set when it is processed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gwasmeta.compat.metal_filters import MetalFilter
from gwasmeta.compat.metal_settings import Settings
from gwasmeta.errors import GwasmetaError
from gwasmeta.sumstats.dialects import Dialect
from gwasmeta.sumstats.source import TextSource
from gwasmeta.sumstats.study import Study, TextRules
from gwasmeta.sumstats.vocabulary import NUMBER_COLUMNS

_DIALECT = Dialect("metal script", "columns that a METAL script names", columns={}, signature=(), source="")


@dataclass(frozen=True)
class MetalFile:
    """A processed file.

    Attributes
    ----------
    settings : Settings
        Those at the time.
    study : Study
        What the engine is told of it.
    warnings : tuple of str
        What METAL warns of when it looks at the header.
    filters : mapping of str to MetalFilter
        The rules by which the log counts filtered rows, and the filters that they are.
    """

    settings: Settings
    study: Study
    warnings: tuple[str, ...]
    filters: dict[str, MetalFilter]

    @property
    def has_alleles(self) -> bool:
        """Whether effects are known to be of an allele."""
        return "effect_allele" in self.study.columns


def processed_file(path: str, settings: Settings) -> MetalFile:
    """Find the columns of a file by the labels that are set.

    Raises
    ------
    GwasmetaError
        If the file cannot be read, or lacks a column that the analysis needs.
    """
    with TextSource(path, separator=settings.separator) as source:
        header = _Header(source.header)
    warnings: list[str] = []
    columns = {"variant_id": header.needed(settings.marker, "marker names, set by MARKERLABEL")}
    columns |= _allele_columns(header, settings, warnings)
    columns |= _effect_columns(header, settings, warnings)
    columns |= _tracked_columns(header, settings)
    filters = _used_filters(header, settings, columns, warnings)
    without_n = settings.scheme == "SAMPLESIZE" and "n" not in columns
    control = settings.genomic_control
    study = Study(
        path,
        n=settings.default_weight if without_n else None,
        dialect=_DIALECT,
        columns=columns,
        filters=tuple(filters),
        inflation_factor=control.factor if control.on else 1.0,
        flip_effects=settings.flip,
        sums={
            f"custom:{name}": header.needed(label, f"the custom variable {name}, set by LABEL")
            for name, label in settings.custom
        },
        text_rules=TextRules(
            separator=settings.separator,
            uneven_lines="skip" if settings.strict_counting else "lenient",
            repeated_words="first",
            lower_case_filters=True,
        ),
    )
    shown = {f"filter: {condition}": chosen for condition, chosen in filters.items()}
    return MetalFile(settings, study, tuple(warnings), shown)


class _Header:
    """The words of a header; case means nothing in them, and of several that are alike the first counts."""

    def __init__(self, words: Sequence[str]) -> None:
        self._words = words
        self._by_letters = {word.casefold(): word for word in reversed(words)}

    def find(self, label: str) -> str | None:
        plain = label.strip('"')  # quotes and the # before a header are not counted as parts of its words
        return self._by_letters.get(plain.casefold()) or self._by_letters.get(plain.removeprefix("#").casefold())

    def needed(self, label: str, what: str) -> str:
        found = self.find(label)
        if found is None:
            raise GwasmetaError(f"there is no column {label} ({what})\n  The file has: {' '.join(self._words)}")
        return found


def _allele_columns(header: _Header, settings: Settings, warnings: list[str]) -> dict[str, str]:
    first, second = header.find(settings.allele_1), header.find(settings.allele_2)
    if first is None and second is None:
        labels = f"'{settings.allele_1}', '{settings.allele_2}'"
        warnings.append(f"Columns {labels} not found -- assuming all effects refer to same allele")
        return {}
    return {
        "effect_allele": header.needed(settings.allele_1, "the effect's allele, set by ALLELELABELS"),
        "other_allele": header.needed(settings.allele_2, "the other allele, set by ALLELELABELS"),
    }


def _effect_columns(header: _Header, settings: Settings, warnings: list[str]) -> dict[str, str]:
    label, of_odds_ratios = settings.effect, False
    if header.find(label) is None and label.lower().startswith("log(") and label.endswith(")"):
        label, of_odds_ratios = label[4:-1].strip(), True
    effect = header.needed(label, f"effects, set by EFFECTLABEL {settings.effect}")
    if settings.scheme == "STDERR":
        return {
            "odds_ratio" if of_odds_ratios else "beta": effect,
            "standard_error": header.needed(settings.standard_error, "standard errors, set by STDERRLABEL"),
        }
    columns = {
        "odds_ratio" if of_odds_ratios else "effect_direction": effect,
        "p_value": header.needed(settings.p_value, "p-values, set by PVALUELABEL"),
    }
    weight = header.find(settings.weight)
    if weight is None:
        warnings.append(f"No '{settings.weight}' column found -- using DEFAULTWEIGHT = {settings.default_weight:g}")
    else:
        columns["n"] = weight
    return columns


def _tracked_columns(header: _Header, settings: Settings) -> dict[str, str]:
    """Return the columns that are read only if asked for, and then must be there."""
    columns = {}
    if settings.uses_frequencies:
        columns["effect_allele_frequency"] = header.needed(settings.frequency, "frequencies, set by FREQLABEL")
    if settings.use_strand:
        columns["strand"] = header.needed(settings.strand, "strands, set by STRANDLABEL; USESTRAND is ON")
    if settings.track_positions:
        columns["chromosome"] = header.needed(settings.chromosome, "chromosomes, set by CHROMOSOMELABEL")
        columns["base_pair_location"] = header.needed(settings.position, "positions, set by POSITIONLABEL")
    return columns


def _used_filters(
    header: _Header, settings: Settings, columns: dict[str, str], warnings: list[str]
) -> dict[str, MetalFilter]:
    """Return the filters on columns that the file has, each behind its condition in gwasmeta's words."""
    read_as_numbers = {word for name, word in columns.items() if name in NUMBER_COLUMNS}
    filters = {}
    for chosen in settings.filters:
        word = header.find(chosen.label)
        if word is None:
            warnings.append(f"No '{chosen.label}' column found -- filter based on this column will be ignored")
        else:
            filters[chosen.condition(word, of_numbers=word in read_as_numbers)] = chosen
    return filters
