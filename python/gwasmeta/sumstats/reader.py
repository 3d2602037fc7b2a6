"""One study as a stream of checked blocks: opened, understood, parsed, and every row's fate written down."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from gwasmeta.errors import GwasmetaError
from gwasmeta.sumstats.effects import (
    EFFECT_RECIPES,
    P_VALUE_COLUMNS,
    Z_RECIPES,
    FloatArray,
    Recipe,
    choose,
)
from gwasmeta.sumstats.filters import RowFilter, parse_filter
from gwasmeta.sumstats.header import HeaderReading, read_header
from gwasmeta.sumstats.raw_blocks import Layout, RawBlock, TextBlock, frame_blocks
from gwasmeta.sumstats.row_log import MAX_EXAMPLES, Action, Example, Finding
from gwasmeta.sumstats.rules import VALUE_RULES, RowRule
from gwasmeta.sumstats.source import TextSource
from gwasmeta.sumstats.study import Study
from gwasmeta.sumstats.vocabulary import NUMBER_COLUMNS, TEXT_COLUMNS
from gwasmeta.sumstats.words import MISSING_ALLELE, Words, same_words

if TYPE_CHECKING:
    import polars as pl

BoolArray = npt.NDArray[np.bool_]

_PARQUET_MAGIC = b"PAR1"


@dataclass(frozen=True)
class Wanted:
    """What a caller wants to know of each row.

    Attributes
    ----------
    effect : {"required", "optional", "no"}
        `beta` and `standard_error`.
    z : {"required", "optional", "no"}
        `z`, and the study's own p-value where it is worked out from that.
    columns : frozenset of str
        Canonical columns to read where the file has them.
    match : {"id", "position"}
        What a variant is known by; rows without it are excluded.
    """

    effect: Literal["required", "optional", "no"]
    z: Literal["required", "optional", "no"]
    columns: frozenset[str]
    match: Literal["id", "position"] = "id"


@dataclass(frozen=True)
class RowBlock:
    """Rows that passed the checks, in canonical columns.

    Attributes
    ----------
    n_read : int
        Rows read, the excluded ones included.
    numbers, words : mapping of str to column
    effect_codes, other_codes : int32 arrays, shape (n_rows,)
        The alleles as `Words.allele_codes` numbers them.
    findings : list of Finding
        What the rules caught in this block.
    """

    n_read: int
    numbers: dict[str, FloatArray]
    words: dict[str, Words]
    effect_codes: npt.NDArray[np.int32]
    other_codes: npt.NDArray[np.int32]
    findings: list[Finding]
    _example: Callable[[int, str], Example] = field(repr=False)

    def __len__(self) -> int:
        return len(self.effect_codes)

    def kept(self, rows: BoolArray) -> RowBlock:
        """Return the block with only the rows of a mask."""
        kept = np.flatnonzero(rows)
        return RowBlock(
            self.n_read,
            {name: values[kept] for name, values in self.numbers.items()},
            {name: values.take(kept) for name, values in self.words.items()},
            self.effect_codes[kept],
            self.other_codes[kept],
            self.findings,
            lambda row, column: self._example(int(kept[row]), column),
        )

    def without(self, rule: str, reason: str, column: str, broken: BoolArray) -> RowBlock:
        """Return the block without the rows that break a rule, and with the finding of it."""
        if not broken.any():
            return self
        kept = self.kept(~broken)
        kept.findings.append(self.finding(rule, reason, column, broken, "excluded"))
        return kept

    def with_number(self, name: str, values: FloatArray) -> RowBlock:
        """Return the block with one more column of numbers."""
        return replace(self, numbers={**self.numbers, name: values})

    def finding(self, rule: str, reason: str, column: str, broken: BoolArray, action: Action) -> Finding:
        """Describe what a rule caught among the rows of this block, with the first examples."""
        rows = np.flatnonzero(broken)
        examples = tuple(self._example(int(row), column) for row in rows[:MAX_EXAMPLES])
        return Finding(rule, reason, action, len(rows), examples)


@dataclass(frozen=True)
class _Plan:
    """How the columns of one file become what is wanted."""

    layout: Layout
    reading: HeaderReading
    recipes: tuple[Recipe, ...]
    rules: tuple[RowRule, ...]
    filters: tuple[RowFilter, ...]
    constants: Mapping[str, float]
    required_words: tuple[str, ...]

    def position(self, column: str) -> int | None:
        """Where the file has a canonical column, or the one that it is worked out from."""
        candidates = (column, *P_VALUE_COLUMNS) if column == "neg_log_10_p_value" else (column,)
        return next((self.reading.positions[name] for name in candidates if name in self.reading.positions), None)


class StudyReader:
    """A study whose header has been understood, ready to be streamed.

    Parameters
    ----------
    study : Study
    wanted : Wanted

    Attributes
    ----------
    dialect : str
        Name of the dialect that its header was recognised as.
    columns : mapping of str to str
        Canonical column to the header's word for it.
    checksum : str
        SHA-256 of the file, once it has been read; empty for frames.

    Raises
    ------
    GwasmetaError
        If the file cannot be read, its header is not understood, or it lacks what is required.
    """

    def __init__(self, study: Study, wanted: Wanted) -> None:
        self.study = study
        self.checksum = ""
        self._stream: TextSource | None = None
        self._frame: pl.LazyFrame | None = _as_frame(study)
        if self._frame is not None:
            header, separator, where = tuple(self._frame.collect_schema().names()), "\t", study.file
        else:
            source = TextSource(study.source, name=study.file)  # type: ignore[arg-type]
            header, separator = source.header, source.separator
            where = f"{study.file}, line {source.header_line_number}"
            if study.path is None or study.path == "-":
                self._stream = source  # cannot be opened twice
            else:
                source.close()
        reading = read_header(header, dialect=study.dialect, columns=study.columns, where=where)
        self.dialect = reading.dialect
        self.columns = {name: header[position] for name, position in reading.positions.items()}
        self._plan = _make_plan(study, wanted, reading, separator)
        self.recipes = tuple(recipe.name for recipe in self._plan.recipes)

    def tasks(self) -> Iterator[Callable[[], RowBlock]]:
        """Yield, block by block, a function that parses and checks it; they may run in parallel."""
        layout = self._plan.layout
        if self._frame is not None:
            for frame_block in frame_blocks(self._frame, layout):
                yield partial(_checked, frame_block, self._plan)
            return
        with self._stream or TextSource(self.study.source, name=self.study.file) as source:  # type: ignore[arg-type]
            for line_block in source.blocks():
                yield partial(lambda block: _checked(TextBlock(block, layout), self._plan), line_block)
            self.checksum = source.checksum


def _as_frame(study: Study) -> pl.LazyFrame | None:
    """Return the study's rows as a frame if they are one or come from Parquet; None for text."""
    source = study.source
    if study.path is not None and study.path != "-":
        path = Path(study.path)
        if not path.is_file():
            return None
        try:
            with path.open("rb") as file:
                if file.read(4) != _PARQUET_MAGIC:
                    return None
        except OSError:
            return None  # TextSource says what is wrong
        return _scan_parquet(path)
    if study.path == "-" or hasattr(source, "read"):
        return None
    import polars as pl

    if isinstance(source, pl.DataFrame | pl.LazyFrame):
        return source.lazy()
    try:
        if isinstance(source, Mapping):
            return pl.DataFrame(dict(source)).lazy()
        columns = {str(name): np.asarray(source[name]) for name in source.columns}  # type: ignore[union-attr, index]
        return pl.DataFrame({name: _plain(values) for name, values in columns.items()}).lazy()
    except (AttributeError, TypeError, ValueError, pl.exceptions.PolarsError) as error:
        raise GwasmetaError(
            f"{study.file}: cannot read a study from {type(source).__name__} ({error})\n"
            "  Give a path, a pandas or Polars frame, or a mapping of columns."
        ) from error


def _plain(values: npt.NDArray[Any]) -> pl.Series:
    import polars as pl

    if values.dtype.kind != "O":
        return pl.Series(values)
    missing = [value is None or value != value for value in values.tolist()]
    return pl.Series(
        [None if gone else value for gone, value in zip(missing, values.tolist(), strict=True)], strict=False
    )


def _scan_parquet(path: Path) -> pl.LazyFrame:
    import polars as pl

    try:
        frame = pl.scan_parquet(path)
        frame.collect_schema()
    except (pl.exceptions.PolarsError, OSError) as error:
        raise GwasmetaError(f"{path}: cannot be read as Parquet: {error}") from error
    return frame


def _make_plan(study: Study, wanted: Wanted, reading: HeaderReading, separator: str) -> _Plan:
    available = set(reading.positions)
    recipes = _choose_recipes(study, wanted, available, reading)
    filters = tuple(parse_filter(text) for text in study.filters)
    needed = set(wanted.columns) | {name for recipe in recipes for name in recipe.needs}
    if needed & set(P_VALUE_COLUMNS):
        needed |= set(P_VALUE_COLUMNS)
    words, numbers = _columns_to_read(study, reading, needed, filters, wanted)
    layout = Layout(
        file=study.file,
        header=reading.header,
        numbers=numbers,
        words=words,
        logarithms=frozenset({"p_value"}),
        separator=separator,
    )
    required = {name for recipe in recipes for name in recipe.needs}
    rules = tuple(
        rule
        for rule in VALUE_RULES
        if required.issuperset(rule.needs)
        or (rule.action == "blanked" and (rule.needs[0] in numbers or hasattr(study, rule.needs[0])))
    )
    constants = {name: value for name in ("n", "n_cases", "n_controls") if (value := getattr(study, name)) is not None}
    required_words = ("variant_id",) if wanted.match == "id" else ("chromosome",)
    return _Plan(layout, reading, recipes, rules, filters, constants, required_words)


def _choose_recipes(study: Study, wanted: Wanted, available: set[str], reading: HeaderReading) -> tuple[Recipe, ...]:
    chosen = []
    for how, recipes, what in (
        (wanted.effect, EFFECT_RECIPES, "an effect with its standard error"),
        (wanted.z, Z_RECIPES, "z, or a p-value with the direction of the effect"),
    ):
        recipe = choose(recipes, available) if how != "no" else None
        if recipe is not None:
            chosen.append(recipe)
        elif how == "required":
            raise GwasmetaError(
                f"{study.file}: {what} is needed, and the {reading.dialect} columns of this file do not give it\n"
                f"  Any of these would do: {'; '.join(recipe.name for recipe in recipes)}.\n"
                f"  The file has: {', '.join(reading.header)}.\n"
                "  Name a column by --column beta=WORD (Python: columns={'beta': 'WORD'}), or choose a method"
                " that needs less."
            )
    return tuple(chosen)


def _columns_to_read(
    study: Study, reading: HeaderReading, needed: set[str], filters: tuple[RowFilter, ...], wanted: Wanted
) -> tuple[dict[str, int], dict[str, int]]:
    """Return the positions of the columns to read as words, and of those to read as numbers."""
    words = {
        name: reading.positions[name]
        for name in TEXT_COLUMNS
        if name in reading.positions
        and (name in needed or name in {"variant_id", "effect_allele", "other_allele", "strand"})
    }
    numbers = {name: reading.positions[name] for name in NUMBER_COLUMNS if name in reading.positions and name in needed}
    if wanted.match == "position":
        for name, kind in (("chromosome", words), ("base_pair_location", numbers)):
            if name not in reading.positions:
                raise GwasmetaError(
                    f"{study.file}: no column for {name}, which matching by position needs\n"
                    f"  Name it by --column {name}=WORD, or match variants by their ids. The file has:"
                    f" {', '.join(reading.header)}."
                )
            kind[name] = reading.positions[name]
    if reading.keep_rows is not None:
        words["_kept_by"] = reading.keep_rows[0]
    if reading.other_allele_of is not None and "other_allele" not in words:
        words["_allele_1"], words["_allele_2"] = reading.other_allele_of
    for row_filter in filters:
        _add_filter_columns(study, reading, row_filter, words, numbers)
    return words, numbers


def _add_filter_columns(
    study: Study,
    reading: HeaderReading,
    row_filter: RowFilter,
    words: dict[str, int],
    numbers: dict[str, int],
) -> None:
    by_word = {word.casefold(): position for position, word in enumerate(reading.header)}
    for name in row_filter.names:
        candidates = P_VALUE_COLUMNS if name in P_VALUE_COLUMNS else (name,)
        positions = {column: reading.positions[column] for column in candidates if column in reading.positions}
        if not positions and name.casefold() in by_word:
            positions = {name: by_word[name.casefold()]}
        computed = name in {"beta", "standard_error", "z"} or (
            name in {"n", "n_cases", "n_controls"} and getattr(study, name) is not None
        )
        if not positions and not computed:
            raise GwasmetaError(
                f"{study.file}: the filter '{row_filter.text}' asks for {name}, which this file does not have\n"
                f"  It has: {', '.join(reading.header)}. A filter can be given to single studies."
            )
        taken = set(words.values()) | set(numbers.values())
        for column, position in positions.items():
            if position not in taken:
                (words if name in row_filter.text_names else numbers)[column] = position


def _checked(raw: RawBlock, plan: _Plan) -> RowBlock:
    """Derive what is wanted from a raw block, apply every rule, and keep the rows that pass."""
    n_read = len(raw.lines)
    words = dict(raw.words)
    numbers = _completed_numbers(raw, plan)
    if "_allele_1" in words:
        words["other_allele"] = _the_other(words["effect_allele"], words["_allele_1"], words["_allele_2"])
    if "effect_direction" in words:
        numbers["effect_direction"] = _signs(words["effect_direction"])

    checks = _Checks(raw, plan, words, n_read)
    if plan.reading.keep_rows is not None:
        _, value = plan.reading.keep_rows
        checks.exclude(
            "row_of_another_test",
            f"only rows with {value} are wanted",
            "_kept_by",
            ~words["_kept_by"].equal(value),
        )
    effect_codes, other_codes = words["effect_allele"].allele_codes(), words["other_allele"].allele_codes()
    _check_words(checks, numbers, words, effect_codes, other_codes)
    for rule in plan.rules:
        if all(name in numbers for name in rule.needs):
            checks.apply(rule, numbers)
    for recipe in plan.recipes:
        with np.errstate(divide="ignore", invalid="ignore"):
            numbers.update(recipe.formula(numbers))
    for row_filter in plan.filters:
        satisfied = _filter_frame(row_filter, numbers, words).select(row_filter.expression()).to_series().to_numpy()
        checks.exclude(f"filter: {row_filter.text}", "asked for", _shown_by(row_filter), ~satisfied)

    block = RowBlock(n_read, numbers, words, effect_codes, other_codes, checks.findings, checks.example)
    return block.kept(~checks.excluded) if checks.excluded.any() else block


class _Checks:
    """The rows of one block that are excluded so far, and under which rule."""

    def __init__(self, raw: RawBlock, plan: _Plan, words: dict[str, Words], n_rows: int) -> None:
        self.excluded: BoolArray = np.zeros(n_rows, dtype=np.bool_)
        self.findings: list[Finding] = []
        self._raw, self._plan, self._words = raw, plan, words

    def example(self, row: int, column: str) -> Example:
        """Describe one row by its line, its variant, and what it has in a column."""
        position = self._plan.position(column)
        if position is None:
            layout = self._plan.layout
            position = layout.words.get(column, layout.numbers.get(column))
        value = self._raw.field(row, position) if position is not None else ""
        names = self._words.get("variant_id") or self._words.get("chromosome")
        return Example(int(self._raw.lines[row]), names[row] if names is not None else "", value)

    def exclude(self, rule: str, reason: str, column: str, broken: BoolArray, action: Action = "excluded") -> None:
        """Enter the rows that break a rule, except those excluded before."""
        if not broken.any():  # as for nearly every rule and block
            return
        rows = np.flatnonzero(broken & ~self.excluded)
        examples = tuple(self.example(int(row), column) for row in rows[:MAX_EXAMPLES])
        self.findings.append(Finding(rule, reason, action, len(rows), examples))
        if action == "excluded":
            self.excluded[rows] = True

    def apply(self, rule: RowRule, numbers: dict[str, FloatArray]) -> None:
        """Apply a rule of the table."""
        broken = rule.broken(numbers)
        if not broken.any():
            return
        self.exclude(rule.name, rule.reason, rule.needs[0], broken, rule.action)
        if rule.action == "blanked":
            numbers[rule.needs[0]] = np.where(broken, np.nan, numbers[rule.needs[0]])


def _check_words(
    checks: _Checks,
    numbers: dict[str, FloatArray],
    words: dict[str, Words],
    effect_codes: npt.NDArray[np.int32],
    other_codes: npt.NDArray[np.int32],
) -> None:
    for name in checks._plan.required_words:
        checks.exclude(f"{name}_missing", "the variant cannot be matched", name, words[name].missing())
    if "chromosome" in checks._plan.required_words:
        position = numbers["base_pair_location"]
        checks.exclude(
            "position_missing",
            "the variant cannot be matched",
            "base_pair_location",
            ~(position > 0) | np.isinf(position),
        )
    checks.exclude("effect_allele_missing", "the direction is unknown", "effect_allele", effect_codes == MISSING_ALLELE)
    checks.exclude("other_allele_missing", "the direction is unknown", "other_allele", other_codes == MISSING_ALLELE)
    effect, other = words["effect_allele"], words["other_allele"]
    identical = effect_codes == other_codes
    if identical.any() and (identical & (effect_codes < 0)).any():
        if effect.data is other.data:
            identical &= same_words(effect.data, effect.starts, effect.lengths, other.starts, other.lengths)
        else:
            identical &= np.array(
                [a.upper() == b.upper() for a, b in zip(effect.to_list(), other.to_list(), strict=True)]
            )
    checks.exclude("alleles_identical", "the direction is unknown", "effect_allele", identical)


def _completed_numbers(raw: RawBlock, plan: _Plan) -> dict[str, FloatArray]:
    """Return the numbers with missing codes blanked, p-values as logarithms, and what the caller gave filled in."""
    numbers = dict(raw.numbers)
    for name, codes in plan.reading.missing_codes.items():
        if name in numbers:
            numbers[name] = np.where(np.isin(numbers[name], codes), np.nan, numbers[name])
    if "p_value" in numbers:
        numbers.setdefault("neg_log_10_p_value", numbers.pop("p_value"))
    elif "log_10_p_value" in numbers:
        numbers.setdefault("neg_log_10_p_value", 0.0 - numbers["log_10_p_value"])
    for name, value in plan.constants.items():
        known = numbers.get(name)
        numbers[name] = np.full(len(raw.lines), value) if known is None else np.where(np.isnan(known), value, known)
    if "n" not in numbers and "n_cases" in numbers and "n_controls" in numbers:
        numbers["n"] = numbers["n_cases"] + numbers["n_controls"]
    return numbers


def _the_other(effect: Words, first: Words, second: Words) -> Words:
    """Return, of two allele columns, the one that is not the effect allele."""
    if not (effect.data is first.data is second.data):
        pairs = zip(effect.to_list(), first.to_list(), second.to_list(), strict=True)
        return Words.of([b if a.upper() == one.upper() else one for a, one, b in pairs])
    is_first = same_words(effect.data, effect.starts, effect.lengths, first.starts, first.lengths)
    return Words(
        effect.data,
        np.where(is_first, second.starts, first.starts),
        np.where(is_first, second.lengths, first.lengths),
    )


def _signs(words: Words) -> FloatArray:
    """Read directions by their first character: +, -, 0, or a number's sign; NaN for anything else."""
    first = np.where(words.lengths > 0, words.data[np.minimum(words.starts, words.data.size - 1)], 0)
    sign = np.select([first == 45, first == 43, (first >= 46) & (first <= 57)], [-1.0, 1.0, 1.0], np.nan)
    return np.where(words.numbers() == 0, 0.0, sign)


def _shown_by(row_filter: RowFilter) -> str:
    return row_filter.names[0] if row_filter.names else "variant_id"


def _filter_frame(row_filter: RowFilter, numbers: dict[str, FloatArray], words: dict[str, Words]) -> pl.DataFrame:
    import polars as pl

    columns: dict[str, Any] = {}
    for name in row_filter.names:
        if name in row_filter.text_names:
            columns[name] = words[name].to_list()
        elif name == "p_value":
            columns[name] = 10.0 ** -numbers["neg_log_10_p_value"]
        elif name == "log_10_p_value":
            columns[name] = -numbers["neg_log_10_p_value"]
        elif name == "z" and "z" not in numbers:
            columns[name] = numbers["beta"] / numbers["standard_error"]
        else:
            columns[name] = numbers[name] if name in numbers else words[name].numbers()
    return pl.DataFrame(columns)
