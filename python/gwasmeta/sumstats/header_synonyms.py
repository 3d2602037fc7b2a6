"""Reading a header of no dialect by words that mean one thing only; refused where it can be read in two ways."""

from __future__ import annotations

from collections.abc import Mapping

from gwasmeta.errors import GwasmetaError
from gwasmeta.sumstats.dialects import Derived, Dialect
from gwasmeta.sumstats.dialects.synonyms import ALLELE_PAIRS, LOGARITHMS_OF_P_VALUES, SYNONYMS
from gwasmeta.sumstats.effects import P_VALUE_COLUMNS, says_effect
from gwasmeta.sumstats.header_words import HeaderWords, letters_of

_SIGNLESS = "neg_log_10_p_value"


def dialect_of_synonyms(
    words: HeaderWords, named: Mapping[str, int], alleles_needed: bool, effect_needed: bool, *, named_suffice: bool
) -> Dialect | None:
    """Return a dialect made for this header alone; None if its words do not say all that is needed.

    Parameters
    ----------
    words : HeaderWords
    named : mapping of str to int
        Places of the columns that the caller has named.
    alleles_needed, effect_needed : bool
        What is needed besides the variant.
    named_suffice : bool
        Whether those columns are all that is needed: of the rest, what can be read in two ways is then left alone.

    Raises
    ------
    GwasmetaError
        If what is needed is said in more than one way.
    """
    candidates = _candidates(words, named)
    pair = _allele_pair(words, named) if "other_allele" not in candidates.keys() | named.keys() else None
    found = {*candidates, *named}
    if pair is not None:
        found.add("other_allele")
    needed = {"effect_allele", "other_allele"} if alleles_needed else set()
    names_variant = "variant_id" in found or found >= {"chromosome", "base_pair_location"}
    says_enough = says_effect(found) or (not effect_needed and found & set(P_VALUE_COLUMNS))
    if not (names_variant and found >= needed and says_enough):
        return None

    doubts = {column: fits for column, fits in candidates.items() if len(fits) > 1}
    if doubts and not named_suffice:
        raise _two_readings(doubts, words.where)
    candidates = {column: fits for column, fits in candidates.items() if column not in doubts}
    if _scale_of_error_is_unknown(candidates, named):
        if "ci_lower" not in found and not named_suffice:
            raise _error_of_what(candidates, words.where)
        del candidates["standard_error"]  # the limits say it without doubt, or it is not needed
    logarithm = candidates.pop(_SIGNLESS, None)
    return Dialect(
        name="custom" if named_suffice else "synonyms",
        title="recognised by words that can mean one thing only",
        columns={fits[0]: column for column, fits in candidates.items()},
        signature=(),
        source="",
        effect_allele_rule="the column says so",
        other_allele_of=pair,
        derived=(Derived(_SIGNLESS, "magnitude", (logarithm[0],)),) if logarithm else (),
        case_sensitive=True,
    )


def _candidates(words: HeaderWords, named: Mapping[str, int]) -> dict[str, list[str]]:
    """Return, for columns that the caller has not named, the free words of the header that may mean them."""
    meanings = {letters: column for column, texts in SYNONYMS.items() for letters in texts.split()}
    meanings |= dict.fromkeys(LOGARITHMS_OF_P_VALUES.split(), _SIGNLESS)
    candidates: dict[str, list[str]] = {}
    for position, word in enumerate(words.header):
        column = meanings.get(letters_of(word))
        if column is not None and column not in named and position not in named.values():
            candidates.setdefault(column, []).append(word)
    return candidates


def _allele_pair(words: HeaderWords, named: Mapping[str, int]) -> tuple[str, str] | None:
    """Return two words for alleles, of which one is the effect allele of another column; None if there are no such."""
    taken = {words.header[position] for position in named.values()}
    by_letters = {letters_of(word): word for word in words.header if word not in taken}
    pairs = [(by_letters[a], by_letters[b]) for a, b in ALLELE_PAIRS if a in by_letters and b in by_letters]
    return pairs[0] if len(pairs) == 1 else None


def _scale_of_error_is_unknown(candidates: Mapping[str, list[str]], named: Mapping[str, int]) -> bool:
    """Say whether a standard error may be that of an odds ratio or of its logarithm."""
    return "standard_error" in candidates and "odds_ratio" in candidates and "beta" not in {*candidates, *named}


def _two_readings(doubts: Mapping[str, list[str]], where: str) -> GwasmetaError:
    lines = [f"{where}: the header is of no format that gwasmeta knows, and can be read in two ways"]
    for column, fits in doubts.items():
        options = "  or  ".join(f"--column {column}={word}" for word in fits)
        lines.append(f"  {column}: {' or '.join(fits)}?   Say which:  {options}")
    column, fits = next(iter(doubts.items()))
    lines.append(f'  in Python:  columns={{"{column}": "{fits[0]}"}}')
    return GwasmetaError("\n".join(lines))


def _error_of_what(candidates: Mapping[str, list[str]], where: str) -> GwasmetaError:
    ratio, error = candidates["odds_ratio"][0], candidates["standard_error"][0]
    return GwasmetaError(
        f"{where}: the header is of no format that gwasmeta knows, and can be read in two ways\n"
        f"  standard_error: is {error} that of the logarithm of {ratio}, as most tools write it, or that of {ratio}?\n"
        f"  If of the logarithm:  --column standard_error={error}"
        f'      in Python:  columns={{"standard_error": "{error}"}}\n'
        f"  If of {ratio} itself: add a column of {error} / {ratio} to the file and name that one."
    )
