"""From the header of a file to the place of each canonical column."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from gwasmeta.errors import GwasmetaError
from gwasmeta.sumstats.derived import FORMULAS, DerivedColumn
from gwasmeta.sumstats.dialects import DIALECTS, Derived, Dialect, RowSelector
from gwasmeta.sumstats.effects import P_VALUE_COLUMNS
from gwasmeta.sumstats.header_complaints import (
    ambiguous_dialects,
    incomplete,
    listed,
    no_such_trait,
    perhaps,
    several_traits,
    unknown_dialect,
)
from gwasmeta.sumstats.header_reading import HeaderReading, effect_allele_explained
from gwasmeta.sumstats.header_synonyms import dialect_of_synonyms
from gwasmeta.sumstats.header_words import HeaderWords
from gwasmeta.sumstats.vocabulary import COLUMNS, NUMBER_COLUMNS

__all__ = ["HeaderReading", "effect_allele_explained", "read_header"]

CUSTOM = Dialect(name="custom", title="columns named by the caller", columns={}, signature=(), source="")

# Columns that give one quantity in several ways: who names one does not want the dialect's other.
_SAME_QUANTITY = (("beta", "odds_ratio"), P_VALUE_COLUMNS)

Beside = Callable[[Dialect], Mapping[str, str]]


def _nothing_beside(_: Dialect) -> Mapping[str, str]:
    return {}


def read_header(
    header: Sequence[str],
    *,
    dialect: str | Dialect | None = None,
    columns: Mapping[str, str] | None = None,
    where: str,
    alleles_needed: bool = True,
    effect_needed: bool = True,
    trait: str | None = None,
    beside: Beside = _nothing_beside,
) -> HeaderReading:
    """Find out what the columns of a file mean.

    Words are compared without regard to case, unless two words of the header differ by case only: then the
    one spelled as declared is meant.

    Parameters
    ----------
    header : sequence of str
        The words of the header.
    dialect : str or Dialect, optional
        The format; recognised from the header if not given.
    columns : mapping of str to str, optional
        Canonical column -> the header's word for it; wins over the dialect.
    where : str
        The place that errors name, such as "cohort7.txt.gz, line 1".
    alleles_needed : bool
        Whether a file without allele columns is an error.
    effect_needed : bool
        Whether a file with p-values and nothing else about effects is an error.
    trait : str, optional
        Which one is meant, where a header has several traits.
    beside : callable, optional
        From the dialect to the columns that other files of the study give, and where.

    Returns
    -------
    HeaderReading

    Raises
    ------
    GwasmetaError
        If the dialect or a name in `columns` is not known; if a word that is used occurs twice; if two
        dialects fit and differ in the effect allele, or words that name columns can be read in two ways; if there are
        several traits and none is chosen; if the columns found do not name the variant, both alleles and an effect.
    """
    words = HeaderWords(header, where)
    named = _named_positions(columns or {}, words)
    if isinstance(dialect, Dialect):
        chosen = dialect
    elif dialect is None:
        chosen = _recognise(words, named, trait)
    else:
        chosen = _dialect_called(dialect, where)

    reading = _read(chosen, words, named, trait, beside)
    lacking = reading.lacking(alleles_needed, effect_needed)
    if chosen is CUSTOM:
        synonyms = dialect_of_synonyms(words, named, alleles_needed, effect_needed, named_suffice=not lacking)
        if synonyms is not None:
            return _read(synonyms, words, named, trait, beside)
    if lacking:
        raise incomplete(reading, chosen, lacking, where, recognised=dialect is None, known=DIALECTS)
    return reading


def _named_positions(columns: Mapping[str, str], words: HeaderWords) -> dict[str, int]:
    """Return where the columns are that the caller named."""
    positions: dict[str, int] = {}
    for column, word in columns.items():
        if column not in COLUMNS:
            raise GwasmetaError(
                f"{words.where}: {word!r} is named as {column!r}, which is no column of gwasmeta"
                f"{perhaps(column, COLUMNS)}\n"
                f"  The columns that can be named: {', '.join(COLUMNS)}"
            )
        position = words.position(word, column)
        if position is None:
            raise GwasmetaError(
                f"{words.where}: {word!r}, named as {column}, is not in the header"
                f"{perhaps(word, words.header)}\n"
                f"  The header: {listed(words.header)}"
            )
        positions.setdefault(column, position)
        if list(positions.values()).count(position) > 1:
            both = [name for name, place in positions.items() if place == position]
            raise GwasmetaError(
                f"{words.where}: {words.header[position]} is named as {both[0]} and as {both[1]}\n"
                "  A column has one meaning: name another word of the header for one of the two."
            )
    return positions


def _dialect_called(name: str, where: str) -> Dialect:
    known = {dialect.name: dialect for dialect in DIALECTS}
    if name not in known:
        raise unknown_dialect(name, DIALECTS, where)
    return known[name]


def _recognise(words: HeaderWords, named: Mapping[str, int], trait: str | None) -> Dialect:
    """Return the dialect of a header, `CUSTOM` if it is of none."""
    signatures = ((dialect, _signature(dialect, words)) for dialect in DIALECTS)
    fits = [(dialect, signature) for dialect, signature in signatures if signature]
    best = [fit for fit in fits if not any(fit[1] < signature for _, signature in fits)]
    if not best:
        return CUSTOM
    if len(best) > 1:
        readings = [_read(dialect, words, named, trait, _nothing_beside) for dialect, _ in best]
        if len({_alleles(reading) for reading in readings}) > 1:
            raise ambiguous_dialects(readings, words.where)
    return max(best, key=lambda fit: len(fit[1]))[0]


def _signature(dialect: Dialect, words: HeaderWords) -> frozenset[str]:
    """Return the words by which a header is recognised as of this dialect; none if it is not."""
    if dialect.nothing_else and {word.casefold() for word in words.header} - {
        word.casefold() for word in dialect.columns
    }:
        return frozenset()
    found = [signature for signature in dialect.signature if words.has_all(signature, dialect.case_sensitive)]
    return frozenset(word.casefold() for word in max(found, key=len, default=frozenset()))


def _alleles(reading: HeaderReading) -> tuple[str, str]:
    return reading.meaning("effect_allele"), reading.meaning("other_allele")


def _read(
    dialect: Dialect, words: HeaderWords, named: Mapping[str, int], trait: str | None, beside: Beside
) -> HeaderReading:
    """Give the header's words the meaning that the caller says, and else the dialect's."""
    traits = _traits(dialect, words, named)
    chosen = _chosen_trait(traits, trait, words.where)
    positions = _declared_positions(dialect, words, named, chosen) | dict(named)
    derived = _derived(dialect, words, named, positions, chosen)
    keep_rows = _keep_rows(dialect, words, chosen)
    elsewhere = {column: place for column, place in beside(dialect).items() if column not in positions | derived}
    other_allele_of = None
    if "other_allele" not in positions | derived | elsewhere:
        other_allele_of = _other_allele_of(dialect, words)

    used = {*positions.values(), *(place for place, _ in keep_rows), *(other_allele_of or ())}
    used |= {place for column in derived.values() for place in column.places.values()}
    everywhere = dialect.missing_codes.get("*", ())
    codes = {column: everywhere + tuple(dialect.missing_codes.get(column, ())) for column in positions}
    return HeaderReading(
        dialect=dialect.name,
        header=words.header,
        positions={column: positions[column] for column in COLUMNS if column in positions},
        unused=tuple(word for position, word in enumerate(words.header) if position not in used),
        missing_codes={column: codes[column] for column in NUMBER_COLUMNS if codes.get(column)},
        keep_rows=keep_rows,
        other_allele_of=other_allele_of,
        derived=derived,
        constants=_header_numbers(dialect, words),
        beside=elsewhere,
        trait=chosen,
        traits=traits,
        named=frozenset(named),
        effect_allele_rule=dialect.effect_allele_rule,
    )


def _traits(dialect: Dialect, words: HeaderWords, named: Mapping[str, int]) -> tuple[str, ...]:
    """Return the traits of a header that gives the effects of each in a column of its own."""
    effects = [word for word, column in dialect.columns.items() if column in {"beta", "odds_ratio"}]
    patterns = [word for word in effects if "{trait}" in word]
    plain = [word for word in effects if "{trait}" not in word]
    if not patterns or {"beta", "odds_ratio"} & set(named) or words.has_any(plain, dialect.case_sensitive):
        return ()
    fits = [fit.text for word in patterns for fit in words.matches(word, dialect.case_sensitive)]
    return tuple(dict.fromkeys(fits))


def _chosen_trait(traits: tuple[str, ...], trait: str | None, where: str) -> str:
    if trait is None:
        if len(traits) > 1:
            raise several_traits(traits, where)
        return traits[0] if traits else ""
    chosen = [name for name in traits if name == trait] or [
        name for name in traits if name.casefold() == trait.casefold()
    ]
    if len(chosen) != 1:
        raise no_such_trait(trait, traits, where)
    return chosen[0]


def _declared_positions(dialect: Dialect, words: HeaderWords, named: Mapping[str, int], trait: str) -> dict[str, int]:
    """Return where the dialect's columns are, leaving alone what the caller has named."""
    positions: dict[str, int] = {}
    for word, column in dialect.columns.items():
        if column in positions or column in named:
            continue
        position = words.position(word, column, dialect.case_sensitive, trait)
        if position is not None and position not in named.values():
            positions[column] = position
    for column in _rivals_of(named):
        positions.pop(column, None)
    return positions


def _rivals_of(named: Mapping[str, int]) -> set[str]:
    """Return the columns that say in another way what the caller has named, and are not named themselves."""
    rivals: set[str] = set()
    for quantity in _SAME_QUANTITY:
        if any(column in named for column in quantity):
            rivals |= set(quantity) - set(named)
            if "beta" in quantity and "odds_ratio" not in named:
                rivals |= {"ci_lower", "ci_upper"} - set(named)  # they are on the scale of the effect that goes
    return rivals


def _derived(
    dialect: Dialect, words: HeaderWords, named: Mapping[str, int], positions: Mapping[str, int], trait: str
) -> dict[str, DerivedColumn]:
    """Return the columns that can be worked out from those of the header."""
    derived: dict[str, DerivedColumn] = {}
    unwanted = set(named) | _rivals_of(named)
    for declared in dialect.derived:
        known = declared.column in derived or (declared.column in positions and not declared.instead)
        if known or declared.column in unwanted:
            continue
        found = [words.position(word, declared.column, dialect.case_sensitive, trait) for word in declared.inputs]
        pairs = list(zip(declared.inputs, found, strict=True))
        others = ({*positions} | {*derived}) - {declared.column}
        if all(place is not None or word in others for word, place in pairs):
            derived[declared.column] = _derived_column(declared, pairs, words)
    return derived


def _derived_column(declared: Derived, inputs: Sequence[tuple[str, int | None]], words: HeaderWords) -> DerivedColumn:
    names = tuple(word if place is None else f"{words.header[place]} for a formula" for word, place in inputs)
    shown = [word if place is None else words.header[place] for word, place in inputs]
    return DerivedColumn(
        column=declared.column,
        formula=declared.formula,
        inputs=names,
        places={name: place for name, (_, place) in zip(names, inputs, strict=True) if place is not None},
        argument=declared.argument,
        explained=FORMULAS[declared.formula].explained.format(*shown, argument=declared.argument),
    )


def _keep_rows(dialect: Dialect, words: HeaderWords, trait: str) -> tuple[tuple[int, RowSelector], ...]:
    places = (
        (words.position(selector.word, "the test of the row", dialect.case_sensitive, trait), selector)
        for selector in dialect.keep_rows
    )
    return tuple((place, selector) for place, selector in places if place is not None)


def _other_allele_of(dialect: Dialect, words: HeaderWords) -> tuple[int, int] | None:
    if dialect.other_allele_of is None:
        return None
    first, second = (words.position(word, "other_allele", dialect.case_sensitive) for word in dialect.other_allele_of)
    return None if first is None or second is None else (first, second)


def _header_numbers(dialect: Dialect, words: HeaderWords) -> dict[str, float]:
    """Return the sample counts that are part of the header's words."""
    found = {column: words.matches(word, dialect.case_sensitive) for column, word in dialect.header_numbers.items()}
    return {column: float(fits[0].text) for column, fits in found.items() if fits}
