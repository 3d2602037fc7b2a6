"""From the header of a file to the place of each canonical column."""

from __future__ import annotations

import difflib
import json
import shlex
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from gwasmeta.errors import GwasmetaError
from gwasmeta.sumstats.dialects import DIALECTS, Dialect
from gwasmeta.sumstats.vocabulary import COLUMNS, NUMBER_COLUMNS

_CUSTOM = Dialect(name="custom", title="columns named by the caller", columns={}, signature=(), source="")

_P_VALUES = ("p_value", "neg_log_10_p_value", "log_10_p_value")

# Columns that give one quantity in several ways: who names one does not want the dialect's other.
_SAME_QUANTITY = (("beta", "odds_ratio"), _P_VALUES)

# Any of these sets makes an effect. The interval's upper limit is not asked for: GWAMA's input may lack it.
_EFFECTS: tuple[tuple[str, ...], ...] = (
    ("beta", "standard_error"),
    ("odds_ratio", "standard_error"),
    ("odds_ratio", "ci_lower"),
    ("z",),
    *((p_value, sign) for p_value in _P_VALUES for sign in ("beta", "odds_ratio", "effect_direction")),
)

_WRONG_ALLELE = "A wrong effect allele turns every effect around, so gwasmeta does not guess it."


@dataclass(frozen=True)
class HeaderReading:
    """What the columns of one file mean.

    Attributes
    ----------
    dialect : str
        Name of the dialect; "custom" where the caller's names alone gave the columns their meaning.
    header : tuple of str
        The words of the header.
    positions : dict of str to int
        Canonical column -> its place in the header, counted from 0.
    unused : tuple of str
        Words of the header without meaning here.
    missing_codes : dict of str to tuple of float
        Canonical number column -> numbers that mean "missing" in it; only columns that have such.
    keep_rows : tuple of (int, str) or None
        A place in the header and the value that a row needs there to be about the variant.
    other_allele_of : tuple of (int, int) or None
        Where no column names the other allele: two places, one of which holds it and one the effect allele.
    """

    dialect: str
    header: tuple[str, ...]
    positions: dict[str, int]
    unused: tuple[str, ...]
    missing_codes: dict[str, tuple[float, ...]]
    keep_rows: tuple[int, str] | None
    other_allele_of: tuple[int, int] | None


def read_header(
    header: Sequence[str],
    *,
    dialect: str | Dialect | None = None,
    columns: Mapping[str, str] | None = None,
    where: str,
    alleles_needed: bool = True,
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

    Returns
    -------
    HeaderReading

    Raises
    ------
    GwasmetaError
        If the dialect or a name in `columns` is not known; if a word that is used occurs twice; if two
        dialects fit and differ in the effect allele; if the columns found do not name the variant, both
        alleles and an effect.
    """
    words = _HeaderWords(header, where)
    named = _named_positions(columns or {}, words)
    if dialect is None:
        chosen = _recognise(words, named)
    elif isinstance(dialect, Dialect):
        chosen = dialect
    else:
        chosen = _dialect_called(dialect, where)

    reading = _read(chosen, words, named)
    missing = _missing(reading, alleles_needed)
    if missing:
        raise _incomplete(reading, chosen, missing, where, recognised=dialect is None)
    return reading


class _HeaderWords:
    """The words of a header, found by their names."""

    def __init__(self, header: Sequence[str], where: str) -> None:
        self.header = tuple(header)
        self.where = where
        self._by_spelling: dict[str, list[int]] = {}
        self._by_letters: dict[str, list[int]] = {}
        for position, word in enumerate(self.header):
            self._by_spelling.setdefault(word, []).append(position)
            self._by_letters.setdefault(word.casefold(), []).append(position)

    def has_all(self, words: Collection[str], case_sensitive: bool) -> bool:
        if case_sensitive:
            return all(word in self._by_spelling for word in words)
        return all(word.casefold() in self._by_letters for word in words)

    def position(self, word: str, meaning: str, case_sensitive: bool = False) -> int | None:
        """Return where a word is, None if nowhere; an error if it is in several places."""
        found = self._by_spelling.get(word, [])
        if not found and not case_sensitive:
            found = self._by_letters.get(word.casefold(), [])
        if len(found) > 1:
            raise self._twice(word, meaning, found)
        return found[0] if found else None

    def _twice(self, word: str, meaning: str, found: list[int]) -> GwasmetaError:
        spellings = [self.header[position] for position in found]
        places = ", ".join(f"{self.header[position]} in column {position + 1}" for position in found)
        if len(set(spellings)) == 1:
            remedy = "Which one is meant cannot be told: remove or rename the others in the file."
        else:
            remedy = f"Say which one is meant:  --column {meaning}={spellings[0]}"
            remedy += f'      in Python:  columns={{"{meaning}": "{spellings[0]}"}}'
        return GwasmetaError(
            f"{self.where}: the header has {word}, wanted as {meaning}, {len(found)} times: {places}\n  {remedy}"
        )


def _named_positions(columns: Mapping[str, str], words: _HeaderWords) -> dict[str, int]:
    """Return where the columns are that the caller named."""
    positions: dict[str, int] = {}
    for column, word in columns.items():
        if column not in COLUMNS:
            raise GwasmetaError(
                f"{words.where}: {word!r} is named as {column!r}, which is no column of gwasmeta"
                f"{_perhaps(column, COLUMNS)}\n"
                f"  The columns that can be named: {', '.join(COLUMNS)}"
            )
        position = words.position(word, column)
        if position is None:
            raise GwasmetaError(
                f"{words.where}: {word!r}, named as {column}, is not in the header"
                f"{_perhaps(word, words.header)}\n"
                f"  The header: {_listed(words.header)}"
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
        described = "\n".join(f"    {dialect.name:<10} {dialect.title}" for dialect in DIALECTS)
        raise GwasmetaError(
            f"{where}: there is no dialect {name!r}{_perhaps(name, known)}\n  Known are:\n{described}\n"
            "  A file of another format needs no dialect: name its columns,  --column effect_allele=Allele2"
            '      in Python:  columns={"effect_allele": "Allele2"}'
        )
    return known[name]


def _recognise(words: _HeaderWords, named: Mapping[str, int]) -> Dialect:
    """Return the dialect of a header, `_CUSTOM` if it is of none."""
    signatures = ((dialect, _signature(dialect, words)) for dialect in DIALECTS)
    fits = [(dialect, signature) for dialect, signature in signatures if signature]
    best = [fit for fit in fits if not any(fit[1] < signature for _, signature in fits)]
    if not best:
        return _CUSTOM
    readings = [_read(dialect, words, named) for dialect, _ in best]
    if len({_alleles(reading) for reading in readings}) > 1:
        raise _ambiguous(readings, words.where)
    return max(best, key=lambda fit: len(fit[1]))[0]


def _signature(dialect: Dialect, words: _HeaderWords) -> frozenset[str]:
    """Return the words by which a header is recognised as of this dialect; none if it is not."""
    if dialect.nothing_else and {word.casefold() for word in words.header} - {
        word.casefold() for word in dialect.columns
    }:
        return frozenset()
    found = [signature for signature in dialect.signature if words.has_all(signature, dialect.case_sensitive)]
    return frozenset(word.casefold() for word in max(found, key=len, default=frozenset()))


def _alleles(reading: HeaderReading) -> tuple[object, ...]:
    other = reading.positions.get("other_allele", reading.other_allele_of)
    return reading.positions.get("effect_allele"), other


def _ambiguous(readings: Sequence[HeaderReading], where: str) -> GwasmetaError:
    claims = [
        f"{reading.dialect} (effect allele {_word_of(reading, 'effect_allele')},"
        f" other allele {_word_of(reading, 'other_allele')})"
        for reading in readings
    ]
    options = " or ".join(f"--dialect {reading.dialect}" for reading in readings)
    return GwasmetaError(
        f"{where}: the header fits several formats that differ in the alleles: {', '.join(claims)}\n"
        f"  {_WRONG_ALLELE}\n"
        f'  Say which tool wrote the file:  {options}      in Python:  dialect="{readings[0].dialect}"'
    )


def _word_of(reading: HeaderReading, column: str) -> str:
    if column in reading.positions:
        return reading.header[reading.positions[column]]
    if column == "other_allele" and reading.other_allele_of is not None:
        return " or ".join(reading.header[position] for position in reading.other_allele_of)
    return "not there"


def _read(dialect: Dialect, words: _HeaderWords, named: Mapping[str, int]) -> HeaderReading:
    """Give the header's words the meaning that the caller says, and else the dialect's."""
    positions = _declared_positions(dialect, words, named) | dict(named)
    keep_rows = None
    if dialect.keep_rows is not None:
        word, value = dialect.keep_rows
        position = words.position(word, "the test of the row", dialect.case_sensitive)
        keep_rows = None if position is None else (position, value)

    used = set(positions.values()) | ({keep_rows[0]} if keep_rows else set())
    other_allele_of = None
    if dialect.other_allele_of is not None and "other_allele" not in positions:
        first, second = (
            words.position(word, "other_allele", dialect.case_sensitive) for word in dialect.other_allele_of
        )
        if first is not None and second is not None:
            other_allele_of = (first, second)
            used |= {first, second}
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
    )


def _declared_positions(dialect: Dialect, words: _HeaderWords, named: Mapping[str, int]) -> dict[str, int]:
    """Return where the dialect's columns are, leaving alone what the caller has named."""
    positions: dict[str, int] = {}
    for word, column in dialect.columns.items():
        if column in positions or column in named:
            continue
        position = words.position(word, column, dialect.case_sensitive)
        if position is not None and position not in named.values():
            positions[column] = position
    for quantity in _SAME_QUANTITY:
        if not any(column in named for column in quantity):
            continue
        rivals = [column for column in quantity if column in positions]
        if rivals and "beta" in quantity:
            rivals += ["ci_lower", "ci_upper"]  # they are on the scale of the effect that goes
        for column in rivals:
            positions.pop(column, None)
    return positions


def _missing(reading: HeaderReading, alleles_needed: bool) -> list[tuple[str, ...]]:
    """Return, for each thing that a study must say and this one does not, the columns that would say it."""
    have = set(reading.positions)
    missing: list[tuple[str, ...]] = []
    if "variant_id" not in have and not have >= {"chromosome", "base_pair_location"}:
        missing.append(("variant_id",))
    if alleles_needed and "effect_allele" not in have:
        missing.append(("effect_allele",))
    if alleles_needed and "other_allele" not in have and reading.other_allele_of is None:
        missing.append(("other_allele",))
    if not any(have.issuperset(effect) for effect in _EFFECTS):
        missing.append(_nearest_effect(reading))
    return missing


def _nearest_effect(reading: HeaderReading) -> tuple[str, ...]:
    """Return the columns to name for an effect: those that the header seems to have, else the usual ones."""
    for effect in _EFFECTS:
        lacking = tuple(column for column in effect if column not in reading.positions)
        if len(_guesses(lacking, reading.unused)) == len(lacking):
            return lacking
    return tuple(column for column in _EFFECTS[0] if column not in reading.positions)


_EXPLAINED = {
    "variant_id": "variant_id, or chromosome and base_pair_location",
    "effect_allele": "effect_allele",
    "other_allele": "other_allele",
}
_EFFECT_EXPLAINED = (
    "an effect: beta and standard_error; or odds_ratio and standard_error or ci_lower; or z; or a p-value"
    " with beta, odds_ratio or effect_direction"
)


def _incomplete(
    reading: HeaderReading, dialect: Dialect, missing: list[tuple[str, ...]], where: str, *, recognised: bool
) -> GwasmetaError:
    if dialect is _CUSTOM:
        start = "the header is of no format that gwasmeta knows"
        if reading.positions:
            start += f", and the columns named ({', '.join(reading.positions)}) are not enough"
    elif recognised:
        start = f"the header looks like {dialect.name} ({dialect.title}), but lacks columns"
    else:
        start = f"the header is not one of {dialect.name} ({dialect.title})"
    lines = [f"{where}: {start}", "  Missing:"]
    if sum(map(_is_number, reading.header)) > 1:
        lines.insert(1, "  It has numbers in it: is the line that names its columns there?")
    for group in missing:
        words = [word for word, column in dialect.columns.items() if column in group]
        called = f"; {dialect.name} calls it {' or '.join(words)}" if words else ""
        lines.append(f"    {_EXPLAINED.get(group[0], _EFFECT_EXPLAINED)}{called}")
    lines.append(f"  Free words of the header: {_listed(reading.unused)}")
    if any(group[0] in {"effect_allele", "other_allele"} for group in missing):
        lines.append(f"  {_WRONG_ALLELE}")
    lines += _how_to_name([column for group in missing for column in group], reading.unused)
    if recognised:
        names = ", ".join(dialect.name for dialect in DIALECTS)
        lines.append(f"  Or say which tool wrote the file:  --dialect NAME, one of {names}")
    return GwasmetaError("\n".join(lines))


def _is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True


def _how_to_name(columns: Sequence[str], free: Sequence[str]) -> list[str]:
    guesses = _guesses(columns, free)
    words = {column: guesses.get(column, "WORD") for column in columns}
    options = " ".join("--column " + shlex.quote(f"{column}={word}") for column, word in words.items())
    lines = [
        f"  Name the columns:  {options}",
        f"  in Python:  columns={json.dumps(words, ensure_ascii=False)}",
    ]
    if len(guesses) < len(columns):
        lines.append("  WORD stands for a word of the header.")
    if guesses:
        lines.append("  The words put there are guesses from their names: check them.")
    return lines


# Which allele is the effect's differs from tool to tool (METAL's is Allele1, SAIGE's Allele2), and so does
# the sign of LOG10P: for these, no tool's word and no similar one is a hint, only the name itself.
_NOT_TO_BE_GUESSED = frozenset({"effect_allele", "other_allele", "neg_log_10_p_value", "log_10_p_value"})


def _guesses(columns: Iterable[str], free: Sequence[str]) -> dict[str, str]:
    """Return, for columns without one, the header word whose name comes close."""
    free_words = {_letters(word): word for word in free}
    guesses: dict[str, str] = {}
    for column in columns:
        names = [_letters(column)]
        if column not in _NOT_TO_BE_GUESSED:
            for dialect in DIALECTS:
                names += [_letters(word) for word, meaning in dialect.columns.items() if meaning == column]
        close = [name for name in names if name in free_words]
        if not close and column not in _NOT_TO_BE_GUESSED:
            long_names = [name for name in names if len(name) > 4]  # short ones come close to anything
            for name in long_names:
                close += difflib.get_close_matches(name, free_words, n=1, cutoff=0.8)
        if close:
            guesses[column] = free_words.pop(close[0])
    return guesses


def _letters(word: str) -> str:
    return "".join(letter for letter in word.casefold() if letter.isalnum())


def _perhaps(word: str, known: Iterable[str]) -> str:
    spelled = {name.casefold(): name for name in known}
    close = difflib.get_close_matches(word.casefold(), spelled, n=3, cutoff=0.6)
    return f"; perhaps {' or '.join(spelled[name] for name in close)}?" if close else ""


def _listed(words: Sequence[str], most: int = 60) -> str:
    shown = " ".join(words[:most]) or "none"
    return shown if len(words) <= most else f"{shown} and {len(words) - most} more"
