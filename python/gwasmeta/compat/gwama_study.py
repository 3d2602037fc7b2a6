"""A study as GWAMA takes it: by the words of its header, and only those that GWAMA knows."""

from __future__ import annotations

from dataclasses import dataclass

from gwasmeta.compat.gwama_options import Exclusion, GwamaOptions, ListedStudy
from gwasmeta.errors import GwasmetaError
from gwasmeta.sumstats.dialects import Dialect
from gwasmeta.sumstats.source import TextSource
from gwasmeta.sumstats.study import Study, TextRules

NO_STRAND = "Strand column missing! Expecting always positive strand."

_SEPARATOR = " "  # runs of blanks and tabs
_ALLELES = {"effect_allele": "EA", "other_allele": "NEA"}
_OPTIONAL = {"effect_allele_frequency": "EAF", "strand": "STRAND", "n": "N", "imputed": "IMPUTED"}
_OPTIONS_FOR = {
    "variant_id": "--name_marker",
    "effect_allele": "--name_ea",
    "other_allele": "--name_nea",
    "beta": "--name_beta",
    "standard_error": "--name_se",
    "odds_ratio": "--name_or",
    "ci_lower": "--name_or_95l",
}
# The header's words have been looked up already: nothing else is to be recognised.
_NO_DIALECT = Dialect("gwama", "input of GWAMA", {}, signature=(), source="https://www.geenivaramu.ee/en/tools/gwama")


@dataclass(frozen=True)
class GwamaStudy:
    """A study, and what GWAMA's messages say of it.

    Attributes
    ----------
    path : str
        As in the list of studies.
    study : Study
    header_line, n_columns : int
        Physical line of the header, counted from 1, and its number of words.
    has_strand, uses_last_column : bool
    exclusions : dict of Exclusion to str
        Those whose column the file has, and what gwasmeta calls the rows that they leave out.
    """

    path: str
    study: Study
    header_line: int
    n_columns: int
    has_strand: bool
    uses_last_column: bool
    exclusions: dict[Exclusion, str]


def gwama_study(listed: ListedStudy, options: GwamaOptions) -> GwamaStudy:
    """Look at a file's header and say how the file is to be read.

    Raises
    ------
    GwasmetaError
        If the file cannot be read, or lacks a column that is needed.
    """
    with TextSource(listed.path, separator=_SEPARATOR) as source:
        header, header_line = source.header, source.header_line_number
    columns, missing = _find_columns(header, options)
    if missing:
        names = " ".join(f"{_OPTIONS_FOR[column]} WORD" for column in missing)
        other_trait = "without" if options.quantitative else "with"
        raise GwasmetaError(
            f"{listed.path}, line {header_line}: no column {', '.join(missing.values())}\n"
            f"  The header has: {' '.join(header)}\n"
            f"  Say which words it has for them:  {names}\n"
            f"  ({other_trait} -qt, {'OR and OR_95L' if options.quantitative else 'BETA and SE'} are the effect)"
        )
    there = {word.upper() for word in header}
    # In upper case, as no canonical column's name is: it is a word of the header that is meant.
    conditions = {
        exclusion: f"`{exclusion.column.upper()}` {exclusion.operator} {exclusion.value!r}"
        for exclusion in options.exclusions
        if exclusion.column.upper() in there
    }
    study = Study(
        listed.path,
        name=listed.path,
        dialect=_NO_DIALECT,
        columns=columns,
        exclusions=tuple(dict.fromkeys(conditions.values())),
        sex=listed.sex,
        text_rules=TextRules(_SEPARATOR, uneven_lines="skip", repeated_words="last"),
    )
    rules = {exclusion: f"exclusion: {condition}" for exclusion, condition in conditions.items()}
    last = header[-1].upper()
    used = {word.upper() for word in columns.values()} | {exclusion.column.upper() for exclusion in rules}
    return GwamaStudy(listed.path, study, header_line, len(header), "strand" in columns, last in used, rules)


def _find_columns(header: tuple[str, ...], options: GwamaOptions) -> tuple[dict[str, str], dict[str, str]]:
    """Return gwasmeta's column -> the header's word, and those that are missing -> GWAMA's word for them.

    Of several words for a column, the last in the header counts.
    """
    effect = {"odds_ratio": "OR", "ci_lower": "OR_95L"}  # GWAMA does not look at OR_95U
    if options.quantitative:
        effect = {"beta": "BETA", "standard_error": "SE"}
    needed = {"variant_id": "MARKERNAME"} | ({} if options.no_alleles else _ALLELES) | effect
    columns = {}
    for column, word in (needed | _OPTIONAL).items():
        known = {word, *options.names.get(column, ())}
        found = [word for word in header if word.upper() in known]
        if found:
            columns[column] = found[-1]
    return columns, {column: word for column, word in needed.items() if column not in columns}
