"""NAME=WORD[,NAME=WORD...] and NAME=FILE of a command line."""

from __future__ import annotations

import os
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


def named_file(word: str) -> tuple[str | None, str]:
    """Split NAME=FILE; a word that is the path of a file has no name, whatever is in it.

    Parameters
    ----------
    word : str

    Returns
    -------
    name : str, optional
    path : str

    Raises
    ------
    GwasmetaError
        If there is a name without a path.
    """
    name, equals, path = word.partition("=")
    if not equals or not name or "/" in name or os.path.exists(word):
        return None, word
    if not path:
        raise GwasmetaError(f"{word}: there is no path behind the name; write it as {name}=FILE")
    return name, path
