"""NAME=WORD[,NAME=WORD...] of a command line."""

from __future__ import annotations

from collections.abc import Sequence

from gwasmeta.errors import GwasmetaError


def named_words(words: Sequence[str], option: str, form: str) -> dict[str, str]:
    """Return what each name stands for.

    Parameters
    ----------
    words : sequence of str
        What an option was given, each time.
    option, form : str
        What messages call the option, and the form that they advise.

    Raises
    ------
    GwasmetaError
        If a name or a word is missing.
    """
    pairs = {}
    for pair in ",".join(words).split(",") if words else ():
        name, equals, header_word = pair.partition("=")
        if not equals or not name.strip() or not header_word.strip():
            raise GwasmetaError(f"{option} {pair}: write it as {form}")
        pairs[name.strip()] = header_word.strip()
    return pairs
