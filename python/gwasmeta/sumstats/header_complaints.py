"""What is said of a header that cannot be read: what is wrong with it, and the option that mends it."""

from __future__ import annotations

import difflib
import json
import shlex
from collections.abc import Iterable, Sequence

from gwasmeta.errors import GwasmetaError
from gwasmeta.sumstats.dialects import Dialect
from gwasmeta.sumstats.dialects.synonyms import ALLELE_PAIRS
from gwasmeta.sumstats.effects import EFFECTS_FROM
from gwasmeta.sumstats.header_reading import HeaderReading
from gwasmeta.sumstats.header_words import letters_of

_WRONG_ALLELE = "A wrong effect allele turns every effect around, so gwasmeta does not guess it."
_EXPLAINED = {
    "variant_id": "variant_id, or chromosome and base_pair_location",
    "effect_allele": "effect_allele",
    "other_allele": "other_allele",
}
_EFFECT_EXPLAINED = (
    "an effect: beta and standard_error; or odds_ratio and standard_error or ci_lower; or z; or a p-value"
    " with beta, odds_ratio or effect_direction"
)

# Which allele is the effect's differs from tool to tool (METAL's is Allele1, SAIGE's Allele2), and so does
# the sign of LOG10P: for these, no tool's word and no similar one is a hint, only the name itself.
_NOT_TO_BE_GUESSED = frozenset({"effect_allele", "other_allele", "neg_log_10_p_value", "log_10_p_value"})


def unknown_dialect(name: str, known: Sequence[Dialect], where: str) -> GwasmetaError:
    """Complain of a dialect's name, and show those that there are."""
    width = max(len(dialect.name) for dialect in known)
    described = "\n".join(f"    {dialect.name:<{width}} {dialect.title}" for dialect in known)
    return GwasmetaError(
        f"{where}: there is no dialect {name!r}{perhaps(name, [dialect.name for dialect in known])}\n"
        f"  Known are:\n{described}\n"
        "  A file of another format needs no dialect: name its columns,  --column effect_allele=Allele2"
        '      in Python:  columns={"effect_allele": "Allele2"}'
    )


def ambiguous_dialects(readings: Sequence[HeaderReading], where: str) -> GwasmetaError:
    """Complain of a header that fits formats which differ in the alleles."""
    claims = [
        f"{reading.dialect} (effect allele {reading.meaning('effect_allele') or 'not there'},"
        f" other allele {reading.meaning('other_allele') or 'not there'})"
        for reading in readings
    ]
    options = " or ".join(f"--dialect {reading.dialect}" for reading in readings)
    return GwasmetaError(
        f"{where}: the header fits several formats that differ in the alleles: {', '.join(claims)}\n"
        f"  {_WRONG_ALLELE}\n"
        f'  Say which tool wrote the file:  {options}      in Python:  dialect="{readings[0].dialect}"'
    )


def several_traits(traits: Sequence[str], where: str) -> GwasmetaError:
    """Complain of a file with several traits of which none is chosen."""
    return GwasmetaError(
        f"{where}: the file has effects on {len(traits)} traits, of which one is to be read\n"
        f"  They are: {listed(traits)}\n"
        f'  Choose one:  --trait {shlex.quote(traits[0])}      in Python:  Study(..., trait="{traits[0]}")'
    )


def no_such_trait(trait: str, traits: Sequence[str], where: str) -> GwasmetaError:
    """Complain of the choice of a trait that a file does not have."""
    if not traits:
        return GwasmetaError(
            f"{where}: the trait {trait!r} is asked for, and this file has one trait only, without a name\n"
            "  Leave the option out for this study."
        )
    return GwasmetaError(
        f"{where}: there is no trait {trait!r}{perhaps(trait, traits)}\n  The file has: {listed(traits)}"
    )


def incomplete(
    reading: HeaderReading,
    dialect: Dialect,
    lacking: list[tuple[str, ...]],
    where: str,
    *,
    recognised: bool,
    known: Sequence[Dialect],
) -> GwasmetaError:
    """Complain of a header that does not say what a study must say."""
    lines = [f"{where}: {_start(reading, dialect, recognised)}", "  Missing:"]
    if sum(map(_is_number, reading.header)) > 1:
        lines.insert(1, "  It has numbers in it: is the line that names its columns there?")
    if lacking[-1][0] not in _EXPLAINED:
        lacking = [*lacking[:-1], _nearest_effect(reading, known)]
    for group in lacking:
        words = [word for word, column in dialect.columns.items() if column in group]
        called = f"; {dialect.name} calls it {' or '.join(words)}" if words else ""
        lines.append(f"    {_EXPLAINED.get(group[0], _EFFECT_EXPLAINED)}{called}")
    lines.append(f"  Free words of the header: {listed(reading.unused)}")
    if any(group[0] in {"effect_allele", "other_allele"} for group in lacking):
        lines += _about_alleles(reading, dialect)
    lines += _how_to_name([column for group in lacking for column in group], reading.unused, known)
    if recognised:
        names = ", ".join(dialect.name for dialect in known)
        lines.append(f"  Or say which tool wrote the file:  --dialect NAME, one of {names}")
    return GwasmetaError("\n".join(lines))


def _start(reading: HeaderReading, dialect: Dialect, recognised: bool) -> str:
    if dialect.name == "custom":
        start = "the header is of no format that gwasmeta knows"
        if reading.positions:
            start += f", and the columns named ({', '.join(reading.positions)}) are not enough"
        return start
    if recognised:
        return f"the header looks like {dialect.name} ({dialect.title}), but lacks columns"
    return f"the header is not one of {dialect.name} ({dialect.title})"


def _about_alleles(reading: HeaderReading, dialect: Dialect) -> list[str]:
    """Say where the alleles may be found, and what may not be guessed about them."""
    lines = []
    if dialect.side_files:
        lines.append("  The alleles are in another file, taken from beside this one or given by --side-file FILE:")
        known = "effect_allele" in reading.available
        helpful = [side for side in dialect.side_files if known or side.tells_effect_allele]
        lines += [f"    {side.ending}: {side.how}" for side in helpful]
    lines.append(f"  {_WRONG_ALLELE}")
    by_letters = {letters_of(word): word for word in reading.unused}
    for first, second in ALLELE_PAIRS:
        if first in by_letters and second in by_letters:
            a, b = by_letters[first], by_letters[second]
            either = f"--column effect_allele={a},other_allele={b}  or  --column effect_allele={b},other_allele={a}"
            lines.append(f"  {a} and {b} can be read in two ways:  {either}")
    return lines


def _nearest_effect(reading: HeaderReading, known: Sequence[Dialect]) -> tuple[str, ...]:
    """Return the columns to name for an effect: those that the header seems to have, else the usual ones."""
    for effect in EFFECTS_FROM:
        lacking = tuple(column for column in effect if column not in reading.available)
        if len(_guesses(lacking, reading.unused, known)) == len(lacking):
            return lacking
    return tuple(column for column in EFFECTS_FROM[0] if column not in reading.available)


def _is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True


def _how_to_name(columns: Sequence[str], free: Sequence[str], known: Sequence[Dialect]) -> list[str]:
    guesses = _guesses(columns, free, known)
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


def _guesses(columns: Iterable[str], free: Sequence[str], known: Sequence[Dialect]) -> dict[str, str]:
    """Return, for columns without one, the header word whose name comes close."""
    free_words = {letters_of(word): word for word in free}
    guesses: dict[str, str] = {}
    for column in columns:
        names = [letters_of(column)]
        if column not in _NOT_TO_BE_GUESSED:
            for dialect in known:
                names += [letters_of(word) for word, meaning in dialect.columns.items() if meaning == column]
        close = [name for name in names if name in free_words]
        if not close and column not in _NOT_TO_BE_GUESSED:
            long_names = [name for name in names if len(name) > 4]  # short ones come close to anything
            for name in long_names:
                close += difflib.get_close_matches(name, free_words, n=1, cutoff=0.8)
        if close:
            guesses[column] = free_words.pop(close[0])
    return guesses


def perhaps(word: str, known: Iterable[str]) -> str:
    """Suggest known words that resemble one that is not known."""
    spelled = {name.casefold(): name for name in known}
    close = difflib.get_close_matches(word.casefold(), spelled, n=3, cutoff=0.6)
    return f"; perhaps {' or '.join(spelled[name] for name in close)}?" if close else ""


def listed(words: Sequence[str], most: int = 60) -> str:
    """Return words as one text, shortened where there are too many to look at."""
    shown = " ".join(words[:most]) or "none"
    return shown if len(words) <= most else f"{shown} and {len(words) - most} more"
