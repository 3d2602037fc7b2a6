"""What to read of one file, and how its columns become what is wanted; decided before a row is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from gwasmeta.errors import GwasmetaError
from gwasmeta.sumstats.columns_to_read import (
    ALLELE_1,
    ALLELE_2,
    KEPT_BY,
    SAMPLES,
    ColumnsToRead,
    add_filter_columns,
    add_sums,
    sample_counts,
)
from gwasmeta.sumstats.derived import DerivedColumn
from gwasmeta.sumstats.effects import EFFECT_RECIPES, P_VALUE_COLUMNS, Z_RECIPES, Recipe, choose
from gwasmeta.sumstats.filters import RowFilter, parse_filter
from gwasmeta.sumstats.header_reading import HeaderReading
from gwasmeta.sumstats.raw_blocks import Layout
from gwasmeta.sumstats.row_log import MAX_EXAMPLES
from gwasmeta.sumstats.rules import CLOSED_FREQUENCY_RULE, VALUE_RULES, RowRule
from gwasmeta.sumstats.side_files import SideTable
from gwasmeta.sumstats.study import Study
from gwasmeta.sumstats.vocabulary import COLUMNS

AlleleWords = Literal["words", "bases", "none"]

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
    match : {"id", "position", "either"}
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
    or_z : bool
        Whether a row whose effect cannot be used is kept, as it is, if z can be had from it.
    lines : bool
        Whether the number `line` is wanted: where in the file a row stands.
    """

    effect: bool
    z: bool
    columns: frozenset[str]
    match: Literal["id", "position", "either"] = "id"
    alleles: AlleleWords = "words"
    valid_rows: bool = False
    observed: bool = False
    max_examples: int = MAX_EXAMPLES
    closed_frequencies: bool = False
    or_z: bool = False
    lines: bool = False

    @classmethod
    def all_of(cls, reading: HeaderReading) -> Wanted:
        """Everything that a file has: its effects, or z if it gives none."""
        effect = choose(EFFECT_RECIPES, reading.available) is not None
        match: Literal["id", "position"] = "id" if "variant_id" in reading.available else "position"
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
    rules_of_z : tuple of RowRule or None
        Those that a row must pass for z to be had, where that suffices.
    filters : tuple of RowFilter
        Conditions that rows must satisfy.
    exclusions : tuple of RowFilter
        Conditions that they must not satisfy.
    filter_columns : mapping of str to str
        The name that a filter uses to the column that it means.
    constants : mapping of str to float
        Sample counts for rows that give none.
    derived : tuple of DerivedColumn
        Columns to be worked out before anything else.
    side_columns : frozenset of str
        Those to be taken from `side`.
    side : SideTable or None
        What other files of the study say of its variants.
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
    rules_of_z: tuple[RowRule, ...] | None
    filters: tuple[RowFilter, ...]
    exclusions: tuple[RowFilter, ...]
    filter_columns: Mapping[str, str]
    constants: Mapping[str, float]
    derived: tuple[DerivedColumn, ...]
    side_columns: frozenset[str]
    side: SideTable | None
    wanted: Wanted
    sums: Mapping[str, str]
    flip_effects: bool
    lower_case_filters: bool
    _places: dict[str, int | None] = field(default_factory=dict, compare=False, repr=False)

    def filter_rule(self, row_filter: RowFilter) -> tuple[str, str]:
        """Return how the log calls a filter or an exclusion, and why there is one."""
        return f"{'exclusion' if row_filter in self.exclusions else 'filter'}: {row_filter.text}", "asked for"

    def position(self, column: str) -> int | None:
        """Where the file has a column, or one that it is worked out from; None if it has neither."""
        if column not in self._places:
            self._places[column] = self._found_position(column)
        return self._places[column]

    def _found_position(self, column: str) -> int | None:
        candidates = (column, *P_VALUE_COLUMNS) if column == "neg_log_10_p_value" else (column,)
        inputs = {name: next(iter(made.places.values()), None) for name, made in self.reading.derived.items()}
        for positions in (self.reading.positions, self.layout.words, self.layout.numbers, inputs):
            for name in candidates:
                if name in positions:
                    return positions[name]
        return None


def make_plan(
    study: Study, wanted: Wanted, reading: HeaderReading, separator: str, side: SideTable | None = None
) -> ReadingPlan:
    """Decide how to read one file.

    Raises
    ------
    GwasmetaError
        If the file lacks what is wanted of it, or a column that a filter asks for.
    """
    recipes = _choose_recipes(study, wanted, reading)
    required = {name for recipe in recipes for name in recipe.needs}
    columns = ColumnsToRead(reading)
    _add_wanted(columns, study, set(wanted.columns) | required, wanted)
    sums = add_sums(study, reading, columns)
    filters = tuple(parse_filter(text) for text in study.conditions)
    exclusions = tuple(parse_filter(text) for text in study.exclusions)
    filter_columns: dict[str, str] = {}
    made = {name for recipe in recipes for name in recipe.makes} | ({"z"} if wanted.effect else set())
    for row_filter in sorted(
        filters + exclusions, key=lambda one: not one.text_names
    ):  # words can be read as numbers as well
        filter_columns |= add_filter_columns(study, reading, row_filter, columns, made)
    rules = tuple(
        CLOSED_FREQUENCY_RULE if wanted.closed_frequencies and rule.name == CLOSED_FREQUENCY_RULE.name else rule
        for rule in VALUE_RULES
        if required.issuperset(rule.needs)
        or (rule.action == "blanked" and (columns.has(rule.needs[0]) or rule.needs[0] in SAMPLES))
    )
    by_z = choose(Z_RECIPES, reading.available) if wanted.or_z else None
    layout = Layout(
        study.file,
        reading.header,
        columns.numbers,
        columns.words,
        frozenset({"p_value"}),
        separator,
        study.text_rules.uneven_lines,
    )
    return ReadingPlan(
        layout=layout,
        reading=reading,
        recipes=recipes,
        rules=rules,
        rules_of_z=None
        if by_z is None
        else tuple(rule for rule in VALUE_RULES if set(by_z.needs).issuperset(rule.needs)),
        filters=filters,
        exclusions=exclusions,
        filter_columns=filter_columns,
        constants=sample_counts(study, reading),
        derived=tuple(columns.derived.values()),
        side_columns=frozenset(columns.beside),
        side=side,
        wanted=wanted,
        sums=sums,
        flip_effects=study.flip_effects,
        lower_case_filters=study.text_rules.lower_case_filters,
    )


def _add_wanted(columns: ColumnsToRead, study: Study, needed: set[str], wanted: Wanted) -> None:
    """Have read what the caller wants of every file, and what selects rows."""
    reading = columns.reading
    needed = needed | ({"variant_id"} if wanted.alleles == "none" else _ALWAYS_READ)
    if needed & set(P_VALUE_COLUMNS):
        needed |= set(P_VALUE_COLUMNS)
    if wanted.match != "id":
        needed |= {"chromosome", "base_pair_location"}
    by_id = wanted.match == "id" or (wanted.match == "either" and "variant_id" in reading.available)
    for name in ("variant_id",) if by_id else ("chromosome", "base_pair_location"):
        if name not in reading.available:
            other = "position (--match position)" if wanted.match == "id" else "id (--match id)"
            raise GwasmetaError(
                f"{study.file}: no column for {name}, which matching variants by {wanted.match} needs\n"
                f"  Name it by --column {name}=WORD, or match by {other}. The file has: {', '.join(reading.header)}."
            )
    for name in COLUMNS:
        if name in needed:
            columns.add(name)
    for number, (position, _) in enumerate(reading.keep_rows):
        columns.words[f"{KEPT_BY}{number}"] = position
    if wanted.alleles != "none" and reading.other_allele_of is not None and "other_allele" not in columns.words:
        columns.words[ALLELE_1], columns.words[ALLELE_2] = reading.other_allele_of


def _choose_recipes(study: Study, wanted: Wanted, reading: HeaderReading) -> tuple[Recipe, ...]:
    chosen = []
    for required, recipes, what in (
        (wanted.effect, EFFECT_RECIPES, "an effect with its standard error"),
        (wanted.z, Z_RECIPES, "z, or a p-value with the direction of the effect"),
    ):
        if not required:
            continue
        recipe = choose(recipes, reading.available)
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
    if choose(Z_RECIPES, reading.available) is None:
        return ""
    return ", or combine what it gives, z, by --method sample-size"
