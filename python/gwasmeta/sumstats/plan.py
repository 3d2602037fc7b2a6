"""What to read of one file, and how its columns become what is wanted; decided before a row is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from gwasmeta.errors import GwasmetaError
from gwasmeta.sumstats.effects import EFFECT_RECIPES, P_VALUE_COLUMNS, Z_RECIPES, Recipe, choose
from gwasmeta.sumstats.filters import RowFilter, parse_filter
from gwasmeta.sumstats.header import HeaderReading
from gwasmeta.sumstats.raw_blocks import Layout
from gwasmeta.sumstats.row_log import MAX_EXAMPLES
from gwasmeta.sumstats.rules import CLOSED_FREQUENCY_RULE, VALUE_RULES, RowRule
from gwasmeta.sumstats.study import Study
from gwasmeta.sumstats.vocabulary import COLUMNS, NUMBER_COLUMNS, TEXT_COLUMNS

# Columns read beside the canonical ones: what selects rows, and two alleles of which one is the other allele.
KEPT_BY = "_kept_by"
ALLELE_1, ALLELE_2 = "_allele_1", "_allele_2"

AlleleWords = Literal["words", "bases", "none"]

_SAMPLES = ("n", "n_cases", "n_controls")
_ALWAYS_READ = {"variant_id", "effect_allele", "other_allele", "strand"}


@dataclass(frozen=True)
class Wanted:
    """What a caller wants to know of each row.

    Attributes
    ----------
    effect : bool
        Whether `beta` and `standard_error` must be had.
    z : bool
        Whether `z` must be had.
    columns : frozenset of str
        Canonical columns to read where the file has them.
    match : {"id", "position"}
        What a variant is known by; rows without it are excluded.
    alleles : {"words", "bases", "none"}
        What an allele may be: any word; A, C, G or T; or they are not read.
    valid_rows : bool
        Whether `RowBlock.valid` is wanted.
    observed : bool
        Whether `RowBlock.observed` is wanted.
    max_examples : int
        How many rows a rule's finding describes.
    closed_frequencies : bool
        Whether an allele may have frequency 0 or 1.
    """

    effect: bool
    z: bool
    columns: frozenset[str]
    match: Literal["id", "position"] = "id"
    alleles: AlleleWords = "words"
    valid_rows: bool = False
    observed: bool = False
    max_examples: int = MAX_EXAMPLES
    closed_frequencies: bool = False

    @classmethod
    def all_of(cls, reading: HeaderReading) -> Wanted:
        """Everything that a file has: its effects, or z if it gives none."""
        effect = choose(EFFECT_RECIPES, reading.positions) is not None
        match: Literal["id", "position"] = "id" if "variant_id" in reading.positions else "position"
        return cls(effect, not effect, frozenset(COLUMNS), match)


@dataclass(frozen=True)
class ReadingPlan:
    """How the columns of one file become what is wanted.

    Attributes
    ----------
    layout : Layout
        The columns to read.
    reading : HeaderReading
    recipes : tuple of Recipe
        How effect and z are worked out.
    rules : tuple of RowRule
        Those that apply to what is read.
    filters : tuple of RowFilter
        Conditions that rows must satisfy.
    exclusions : tuple of RowFilter
        Conditions that they must not satisfy.
    filter_columns : mapping of str to str
        The name that a filter uses to the column that it means.
    constants : mapping of str to float
        Sample counts for rows that give none.
    wanted : Wanted
    sums : mapping of str to str
        Name of a sum over studies to the column of numbers read for it.
    flip_effects : bool
    lower_case_filters : bool
    """

    layout: Layout
    reading: HeaderReading
    recipes: tuple[Recipe, ...]
    rules: tuple[RowRule, ...]
    filters: tuple[RowFilter, ...]
    exclusions: tuple[RowFilter, ...]
    filter_columns: Mapping[str, str]
    constants: Mapping[str, float]
    wanted: Wanted
    sums: Mapping[str, str]
    flip_effects: bool
    lower_case_filters: bool
    _places: dict[str, int | None] = field(default_factory=dict, compare=False, repr=False)

    def position(self, column: str) -> int | None:
        """Where the file has a column, or one that it is worked out from; None if it has neither."""
        if column not in self._places:
            self._places[column] = self._found_position(column)
        return self._places[column]

    def _found_position(self, column: str) -> int | None:
        candidates = (column, *P_VALUE_COLUMNS) if column == "neg_log_10_p_value" else (column,)
        for positions in (self.reading.positions, self.layout.words, self.layout.numbers):
            for name in candidates:
                if name in positions:
                    return positions[name]
        return None


def make_plan(study: Study, wanted: Wanted, reading: HeaderReading, separator: str) -> ReadingPlan:
    """Decide how to read one file.

    Raises
    ------
    GwasmetaError
        If the file lacks what is wanted of it, or a column that a filter asks for.
    """
    recipes = _choose_recipes(study, wanted, reading)
    required = {name for recipe in recipes for name in recipe.needs}
    words, numbers = _columns_to_read(study, reading, set(wanted.columns) | required, wanted)
    sums = _add_sums(study, reading, words, numbers)
    filters = tuple(parse_filter(text) for text in study.conditions)
    exclusions = tuple(parse_filter(text) for text in study.exclusions)
    filter_columns: dict[str, str] = {}
    made = {name for recipe in recipes for name in recipe.makes} | ({"z"} if wanted.effect else set())
    for row_filter in sorted(
        filters + exclusions, key=lambda one: not one.text_names
    ):  # words can be read as numbers as well
        filter_columns |= _add_filter_columns(study, reading, row_filter, words, numbers, made)
    rules = tuple(
        CLOSED_FREQUENCY_RULE if wanted.closed_frequencies and rule.name == CLOSED_FREQUENCY_RULE.name else rule
        for rule in VALUE_RULES
        if required.issuperset(rule.needs)
        or (rule.action == "blanked" and (rule.needs[0] in numbers or rule.needs[0] in _SAMPLES))
    )
    return ReadingPlan(
        layout=Layout(
            study.file,
            reading.header,
            numbers,
            words,
            frozenset({"p_value"}),
            separator,
            study.text_rules.uneven_lines,
        ),
        reading=reading,
        recipes=recipes,
        rules=rules,
        filters=filters,
        exclusions=exclusions,
        filter_columns=filter_columns,
        constants={name: value for name in _SAMPLES if (value := getattr(study, name)) is not None},
        wanted=wanted,
        sums=sums,
        flip_effects=study.flip_effects,
        lower_case_filters=study.text_rules.lower_case_filters,
    )


def _add_sums(
    study: Study, reading: HeaderReading, words: Mapping[str, int], numbers: dict[str, int]
) -> dict[str, str]:
    """Have the columns that are added up read as numbers."""
    sums = {}
    for name, word in study.sums.items():
        position = _header_position(word, reading)
        if position is None:
            raise GwasmetaError(
                f"{study.file}: no column {word}, which is to be added up as {name}\n"
                f"  It has: {', '.join(reading.header)}."
            )
        if position in words.values():
            raise GwasmetaError(f"{study.file}: {word}, to be added up as {name}, is a column of words")
        if position in (reading.positions.get(column) for column in P_VALUE_COLUMNS):
            raise GwasmetaError(f"{study.file}: {word}, to be added up as {name}, holds p-values, which have no sum")
        known = next((column for column, place in numbers.items() if place == position), None)
        sums[name] = known or reading.header[position]
        numbers.setdefault(sums[name], position)
    return sums


def _choose_recipes(study: Study, wanted: Wanted, reading: HeaderReading) -> tuple[Recipe, ...]:
    chosen = []
    for required, recipes, what in (
        (wanted.effect, EFFECT_RECIPES, "an effect with its standard error"),
        (wanted.z, Z_RECIPES, "z, or a p-value with the direction of the effect"),
    ):
        if not required:
            continue
        recipe = choose(recipes, reading.positions)
        if recipe is None:
            raise GwasmetaError(
                f"{study.file}: {what} is needed, and the {reading.dialect} columns of this file do not give it\n"
                f"  Any of these would do: {'; '.join(recipe.name for recipe in recipes)}.\n"
                f"  The file has: {', '.join(reading.header)}.\n"
                f"  Name a column by --column beta=WORD (Python: columns={{'beta': 'WORD'}}){_other_method(reading)}."
            )
        chosen.append(recipe)
    return tuple(chosen)


def _other_method(reading: HeaderReading) -> str:
    if choose(Z_RECIPES, reading.positions) is None:
        return ""
    return ", or combine what it gives, z, by --method sample-size"


def _columns_to_read(
    study: Study, reading: HeaderReading, needed: set[str], wanted: Wanted
) -> tuple[dict[str, int], dict[str, int]]:
    """Return the positions of the columns to read as words, and of those to read as numbers."""
    needed = needed | ({"variant_id"} if wanted.alleles == "none" else _ALWAYS_READ)
    if needed & set(P_VALUE_COLUMNS):
        needed |= set(P_VALUE_COLUMNS)
    if wanted.match == "position":
        needed |= {"chromosome", "base_pair_location"}
    for name in ("variant_id",) if wanted.match == "id" else ("chromosome", "base_pair_location"):
        if name not in reading.positions:
            other = "position (--match position)" if wanted.match == "id" else "id (--match id)"
            raise GwasmetaError(
                f"{study.file}: no column for {name}, which matching variants by {wanted.match} needs\n"
                f"  Name it by --column {name}=WORD, or match by {other}. The file has: {', '.join(reading.header)}."
            )
    words = {name: reading.positions[name] for name in TEXT_COLUMNS if name in reading.positions and name in needed}
    numbers = {name: reading.positions[name] for name in NUMBER_COLUMNS if name in reading.positions and name in needed}
    if reading.keep_rows is not None:
        words[KEPT_BY] = reading.keep_rows[0]
    if wanted.alleles != "none" and reading.other_allele_of is not None and "other_allele" not in words:
        words[ALLELE_1], words[ALLELE_2] = reading.other_allele_of
    return words, numbers


def _add_filter_columns(
    study: Study,
    reading: HeaderReading,
    row_filter: RowFilter,
    words: dict[str, int],
    numbers: dict[str, int],
    made: set[str],
) -> dict[str, str]:
    """Have the columns of a filter read; return which column each of its names means."""
    meant = {}
    for name in row_filter.names:
        column, position = _meant_column(name, reading)
        meant[name] = column
        positions = _positions_for(column, reading) if position is None else {column: position}
        if not positions and column not in made | _given(study):
            raise GwasmetaError(
                f"{study.file}: the filter '{row_filter.text}' asks for {name}, which this file does not have\n"
                f"  It has: {', '.join(reading.header)}. A filter can be given to single studies."
            )
        for known, position in positions.items():
            if name in row_filter.text_names and position in numbers.values():
                raise GwasmetaError(
                    f"{study.file}: the filter '{row_filter.text}' compares {name} with text; it is a column of numbers"
                )
            if position not in words.values() and position not in numbers.values():
                (words if name in row_filter.text_names else numbers)[known] = position
    return meant


def _meant_column(name: str, reading: HeaderReading) -> tuple[str, int | None]:
    """Return the canonical column that a filter's name means; or a word of the header and its place there."""
    position = _header_position(name, reading)
    if name in reading.positions or position is None:
        return name, None
    canonical = {position: column for column, position in reading.positions.items()}
    if position in canonical:
        return canonical[position], None
    word = reading.header[position]
    return (f"the file's {word}" if word in COLUMNS else word), position


def _positions_for(column: str, reading: HeaderReading) -> dict[str, int]:
    """Return the columns to read for a canonical one that a filter asks for."""
    candidates = P_VALUE_COLUMNS if column in P_VALUE_COLUMNS else (column,)
    positions = {known: reading.positions[known] for known in candidates if known in reading.positions}
    if not positions and column == "n":  # the sum of cases and controls
        parts = {known: reading.positions[known] for known in _SAMPLES if known in reading.positions}
        return parts if len(parts) == 2 else {}
    return positions


def _header_position(word: str, reading: HeaderReading) -> int | None:
    by_word = {known.casefold(): position for position, known in enumerate(reading.header)}
    return by_word.get(word.casefold())


def _given(study: Study) -> set[str]:
    """Return the sample counts that the caller gives for a study."""
    given = {name for name in _SAMPLES if getattr(study, name) is not None}
    return given | {"n"} if {"n_cases", "n_controls"} <= given else given
