"""From a raw block to checked rows in canonical columns: every rule applied, every excluded row accounted for."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from gwasmeta.sumstats.columns_to_read import ALLELE_1, ALLELE_2, KEPT_BY
from gwasmeta.sumstats.derived import same_letters, work_out
from gwasmeta.sumstats.dialects import RowSelector
from gwasmeta.sumstats.effects import FloatArray
from gwasmeta.sumstats.filters import RowFilter
from gwasmeta.sumstats.plan import ReadingPlan
from gwasmeta.sumstats.raw_blocks import RawBlock
from gwasmeta.sumstats.row_block import BoolArray, RowBlock, ValidRows
from gwasmeta.sumstats.row_log import Action, AllExamples, Example, Finding
from gwasmeta.sumstats.rules import RowRule
from gwasmeta.sumstats.vocabulary import LONGEST_CHROMOSOME
from gwasmeta.sumstats.word_parts import part
from gwasmeta.sumstats.words import MISSING_ALLELE, Words, chosen_words

if TYPE_CHECKING:
    import polars as pl


SHOWN_OF_A_FIELD = 60
"""Characters of a text that the log shows."""


def checked_block(raw: RawBlock, plan: ReadingPlan) -> RowBlock:
    """Derive what is wanted from a raw block, apply every rule, and keep the rows that pass.

    A pure function of its arguments: blocks can be checked in any order, on any thread.
    """
    words = dict(raw.words)
    numbers = _without_missing_codes(raw, plan)
    if plan.derived:
        work_out(plan.derived, words, numbers)
    if plan.side is not None and plan.side_columns:
        plan.side.add_to(words, numbers, plan.side_columns)
    numbers = _completed_numbers(numbers, plan, raw.n_rows)
    if ALLELE_1 in words:
        words["other_allele"] = _the_other(words["effect_allele"], words[ALLELE_1], words[ALLELE_2])
    if "effect_direction" in words:
        numbers["effect_direction"] = _signs(words["effect_direction"])
    if plan.wanted.alleles == "none":  # as if all had the same
        effect_codes, other_codes = np.zeros(raw.n_rows, np.int32), np.ones(raw.n_rows, np.int32)
    else:
        effect_codes, other_codes = words["effect_allele"].allele_codes(), words["other_allele"].allele_codes()

    checks = _Checks(raw, plan, words)
    checks.note_uneven_lines()
    for number, (_, selector) in enumerate(plan.reading.keep_rows):
        column = f"{KEPT_BY}{number}"
        checks.exclude(selector.rule, selector.explained, column, ~_selected(words[column], selector))
    _check_variants(checks, plan, numbers, words)
    if plan.wanted.alleles != "none":
        _check_alleles(checks, plan, words, effect_codes, other_codes)
    as_read = dict(numbers)  # what exclusions are about, possible or not
    _work_out_effects(checks, plan, numbers)
    passed_filters = _apply_filters(checks, plan, numbers, as_read, words)
    _add_sums(checks, plan, numbers)
    if plan.wanted.lines:
        numbers["line"] = raw.lines.astype(np.float64)
    if plan.flip_effects:
        numbers |= {name: -numbers[name] for name in ("beta", "z") if name in numbers}
    block = RowBlock(
        raw.n_rows + len(raw.uneven),
        numbers,
        words,
        effect_codes,
        other_codes,
        checks.findings,
        checks.example,
        plan.wanted.max_examples,
        _valid_rows(plan, numbers, checks.no_effect, passed_filters) if plan.wanted.valid_rows else None,
        checks.observed,
    )
    return block.kept(~checks.excluded) if checks.excluded.any() else block


def _work_out_effects(checks: _Checks, plan: ReadingPlan, numbers: dict[str, FloatArray]) -> None:
    """Apply the rules about values, and then the formulas of what is wanted."""
    for column in ("n", "effect_allele_frequency"):
        if column in numbers and not (column == "n" and plan.wanted.z):  # there a rule of its own excludes the row
            checks.observe_missing(column, numbers[column])
    gives_z = _give_z(plan.rules_of_z, numbers)
    for rule in plan.rules:
        if all(name in numbers for name in rule.needs):
            checks.apply(rule, numbers, gives_z)
    for recipe in plan.recipes:
        with np.errstate(divide="ignore", invalid="ignore"):
            numbers.update(recipe.formula(numbers))


def _give_z(rules: tuple[RowRule, ...] | None, numbers: dict[str, FloatArray]) -> BoolArray | None:
    """Say from which rows z can be had; None where that is not asked for."""
    if rules is None:
        return None
    gives: BoolArray = np.ones(len(next(iter(numbers.values()))), dtype=np.bool_)
    for rule in rules:
        gives &= ~rule.broken(numbers)
    return gives


def _apply_filters(
    checks: _Checks,
    plan: ReadingPlan,
    numbers: dict[str, FloatArray],
    as_read: dict[str, FloatArray],
    words: dict[str, Words],
) -> BoolArray:
    """Leave out what the caller's conditions do not keep; return the rows that pass them all."""
    passed = np.ones(len(checks.excluded), dtype=np.bool_)
    for row_filter in plan.filters + plan.exclusions:
        excludes = row_filter in plan.exclusions
        wrong = fail_filter(row_filter, plan, numbers | as_read if excludes else numbers, words)
        shown = plan.filter_columns[row_filter.names[0]] if row_filter.names else "variant_id"
        checks.exclude(*plan.filter_rule(row_filter), shown, wrong)
        passed &= ~wrong
    return passed


def fail_filter(
    row_filter: RowFilter, plan: ReadingPlan, numbers: Mapping[str, FloatArray], words: Mapping[str, Words]
) -> BoolArray:
    """Say which rows a filter, or an exclusion, of the caller leaves out."""
    frame = _filter_frame(row_filter, plan, numbers, words)
    satisfied: BoolArray = frame.select(row_filter.expression()).to_series().to_numpy()
    return satisfied if row_filter in plan.exclusions else ~satisfied


def _add_sums(checks: _Checks, plan: ReadingPlan, numbers: dict[str, FloatArray]) -> None:
    """Set apart what is added up over studies."""
    for name, column in plan.sums.items():
        missing = np.isnan(numbers[column])
        checks.exclude("sum_missing", "no number, which adds nothing to the sum", column, missing, "warned")
        numbers[f"sum:{name}"] = numbers[column]


class _Checks:
    """The rows of one block that are excluded so far, and under which rule."""

    def __init__(self, raw: RawBlock, plan: ReadingPlan, words: dict[str, Words]) -> None:
        self.excluded: BoolArray = np.zeros(raw.n_rows, dtype=np.bool_)
        self.no_effect: BoolArray = np.zeros(raw.n_rows, dtype=np.bool_)
        self.findings: list[Finding] = []
        self.observed: list[Finding] | None = [] if plan.wanted.observed else None
        self._raw, self._plan, self._words = raw, plan, words

    def example(self, row: int, columns: tuple[str, ...]) -> Example:
        """Describe one row by its line, its variant, and what it has in some columns."""
        names = self._words.get("variant_id") or self._words.get("chromosome")
        return Example(
            int(self._raw.lines[row]),
            "" if names is None else names[row],
            tuple(self._text(row, column)[:SHOWN_OF_A_FIELD] for column in columns),
            partial(self._text, row) if self.observed is not None else None,
        )

    def _text(self, row: int, column: str) -> str:
        position = self._plan.position(column)
        if position is not None:
            return self._raw.field(row, position)
        return self._words[column][row] if column in self._words else ""

    def note_uneven_lines(self) -> None:
        """Enter the lines that are no rows because they have too many or too few fields."""
        if self._raw.uneven:
            position = self._plan.position("variant_id")
            examples = tuple(
                Example(
                    line.number,
                    line.fields[position] if position is not None and position < len(line.fields) else "",
                    (str(line.n_fields),),
                )
                for line in self._raw.uneven
            )
            reason = "it has more or fewer fields than the header"
            finding = Finding("column_count", reason, "excluded", len(self._raw.uneven), examples)
            self.findings.append(finding.shortened(self._plan.wanted.max_examples))
            if self.observed is not None:
                self.observed.append(finding)

    def observe_missing(self, column: str, values: FloatArray) -> None:
        """Tell an observer of the rows that have no number in a column that the file has."""
        missing = np.isnan(values)
        if self.observed is not None and column in self._plan.layout.numbers and missing.any():
            examples = AllExamples(np.flatnonzero(missing), lambda row: self.example(row, (column,)))
            self.observed.append(Finding(f"{column}_missing", "it has no value", "warned", len(examples), examples))

    def exclude(
        self,
        rule: str,
        reason: str,
        columns: str | tuple[str, ...],
        broken: BoolArray,
        action: Action = "excluded",
    ) -> None:
        """Enter the rows that break a rule, except those excluded before."""
        if not broken.any():  # as for nearly every rule and block
            return
        shown = (columns,) if isinstance(columns, str) else columns

        def describe(row: int) -> Example:
            return self.example(row, shown)

        rows = np.flatnonzero(broken & ~self.excluded)
        examples = tuple(map(describe, rows[: self._plan.wanted.max_examples].tolist()))
        self.findings.append(Finding(rule, reason, action, len(rows), examples))
        if self.observed is not None:
            every = AllExamples(np.flatnonzero(broken), describe)
            self.observed.append(Finding(rule, reason, action, len(every), every))
        if action == "excluded":
            self.excluded[rows] = True

    def apply(self, rule: RowRule, numbers: dict[str, FloatArray], spared: BoolArray | None = None) -> None:
        """Apply a rule of the table; it excludes no row that is spared."""
        broken = rule.broken(numbers)
        if spared is not None and rule.action == "excluded":
            broken &= ~spared
        if not broken.any():
            return
        self.exclude(rule.name, rule.reason, rule.needs[0], broken, rule.action)
        if rule.action == "excluded":
            self.no_effect |= broken
        else:
            numbers[rule.needs[0]] = np.where(broken, np.nan, numbers[rule.needs[0]])


def _check_variants(
    checks: _Checks, plan: ReadingPlan, numbers: dict[str, FloatArray], words: dict[str, Words]
) -> None:
    reason = "the variant cannot be matched"
    by_id, by_place = plan.wanted.match != "position", plan.wanted.match != "id"
    without_id = words["variant_id"].missing() if by_id and "variant_id" in words else None
    if not (by_place and "chromosome" in words and "base_pair_location" in numbers):
        if without_id is not None:
            checks.exclude("variant_id_missing", reason, "variant_id", without_id)
        return
    position = numbers["base_pair_location"]
    off_chromosomes = ~((position > 0) & (position < LONGEST_CHROMOSOME))
    without_chromosome = words["chromosome"].missing()
    if without_id is not None:
        broken = without_id & (without_chromosome | off_chromosomes)
        checks.exclude("variant_id_and_position_missing", reason, "variant_id", broken)
        return
    checks.exclude("chromosome_missing", reason, "chromosome", without_chromosome)
    checks.exclude("position_missing", reason, "base_pair_location", off_chromosomes)


def _check_alleles(
    checks: _Checks,
    plan: ReadingPlan,
    words: dict[str, Words],
    effect_codes: npt.NDArray[np.int32],
    other_codes: npt.NDArray[np.int32],
) -> None:
    reason = "the direction of the effect is unknown"
    both = ("effect_allele", "other_allele")
    if plan.wanted.alleles == "bases":
        no_base = (effect_codes < 0) | (other_codes < 0)
        checks.exclude("allele_not_a_base", "only A, C, G and T are asked for", both, no_base)
    checks.exclude("effect_allele_missing", reason, "effect_allele", effect_codes == MISSING_ALLELE)
    checks.exclude("other_allele_missing", reason, "other_allele", other_codes == MISSING_ALLELE)
    identical = effect_codes == other_codes
    longer = np.flatnonzero(identical & (effect_codes < 0))
    if longer.size:
        identical[longer] = same_letters(words["effect_allele"].take(longer), words["other_allele"].take(longer))
    checks.exclude("alleles_identical", reason, both, identical)


def _valid_rows(
    plan: ReadingPlan, numbers: dict[str, FloatArray], no_effect: BoolArray, passed_filters: BoolArray
) -> ValidRows:
    rows = passed_filters & ~no_effect
    with np.errstate(divide="ignore", invalid="ignore"):
        z = numbers["beta"] / numbers["standard_error"] if plan.wanted.effect else numbers["z"]
    imputed = numbers["imputed"] == 1 if "imputed" in numbers else np.zeros(len(rows), dtype=np.bool_)
    return ValidRows(z[rows], imputed[rows])


def _selected(words: Words, selector: RowSelector) -> BoolArray:
    """Say which rows satisfy the condition of a dialect."""
    if selector.must == "be given":
        return ~words.missing()
    if selector.must == "contain":
        return np.asarray(part(words, selector.values[0], 1).lengths > 0)
    equal = words.equal(*selector.values)
    return ~equal if selector.must == "differ" else equal


def _without_missing_codes(raw: RawBlock, plan: ReadingPlan) -> dict[str, FloatArray]:
    """Return the numbers as read, those that stand for a missing one blanked."""
    numbers = dict(raw.numbers)
    for name, codes in plan.reading.missing_codes.items():
        if name in numbers:
            numbers[name] = np.where(np.isin(numbers[name], codes), np.nan, numbers[name])
    return numbers


def _completed_numbers(numbers: dict[str, FloatArray], plan: ReadingPlan, n_rows: int) -> dict[str, FloatArray]:
    """Return the numbers with p-values as logarithms, and what the caller gave filled in."""
    if "p_value" in numbers:
        numbers.setdefault("neg_log_10_p_value", numbers.pop("p_value"))
    elif "log_10_p_value" in numbers:
        numbers.setdefault("neg_log_10_p_value", 0.0 - numbers["log_10_p_value"])
    for name, value in plan.constants.items():
        known = numbers.get(name)
        numbers[name] = np.full(n_rows, value) if known is None else np.where(np.isnan(known), value, known)
    if "n" not in numbers and "n_cases" in numbers and "n_controls" in numbers:
        numbers["n"] = numbers["n_cases"] + numbers["n_controls"]
    return numbers


def _the_other(effect: Words, first: Words, second: Words) -> Words:
    """Return, of two allele columns, the one that is not the effect allele."""
    return chosen_words(same_letters(effect, first), second, first)


def _signs(words: Words) -> FloatArray:
    """Read directions by their first character: +, -, 0, or a number's sign; NaN for anything else."""
    numbers = words.numbers()
    first = np.where(words.lengths > 0, words.data[np.minimum(words.starts, words.data.size - 1)], 0)
    sign = np.select([first == ord("-"), first == ord("+")], [-1.0, 1.0], np.nan)
    return np.where(np.isnan(numbers), sign, np.sign(numbers))


def _filter_frame(
    row_filter: RowFilter, plan: ReadingPlan, numbers: Mapping[str, FloatArray], words: Mapping[str, Words]
) -> pl.DataFrame:
    """Gather the columns that a filter looks at, under the names that it uses."""
    import polars as pl

    columns: dict[str, Any] = {}
    for name in row_filter.names:
        column = plan.filter_columns[name]
        if name in row_filter.text_names:
            texts = words[column].lower_case() if plan.lower_case_filters else words[column]
            missing = texts.missing().tolist()
            columns[name] = [None if gone else text for gone, text in zip(missing, texts.to_list(), strict=True)]
        elif column == "p_value":
            columns[name] = 10.0 ** -numbers["neg_log_10_p_value"]
        elif column == "log_10_p_value":
            columns[name] = -numbers["neg_log_10_p_value"]
        elif column == "z" and "z" not in numbers:
            columns[name] = numbers["beta"] / numbers["standard_error"]
        else:
            columns[name] = words[column].numbers() if column in words else numbers[column]
    return pl.DataFrame(columns)
