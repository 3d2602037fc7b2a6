"""Messages in R's words: what they say of the command line's options, and of Python, as arguments in R."""

from __future__ import annotations

import re
import shlex
from typing import Final

_OF_PYTHON: Final = re.compile(
    r"""
    \n[ ]*in[ ]Python:[ ][^\n]*             # a line of its own
    | [ ]{2,}in[ ]Python:[ ][^\n]*          # behind the options
    | ,[ ]in[ ]Python[ ][\w=]+              # within brackets
    | [ ]+\((?:Python|gwasmeta[ ]mtag):[ ](?:[^()]|\([^()]*\))*\)
    | ;[ ]Python:[ ](?:[^()]|\([^()]*\))*(?=\))
    """,
    re.VERBOSE,
)
_VALUE: Final = r"""(?:'[^']*'|"[^"]*"|[^\s'"),\\]|,(?=\w+=))+"""
_COLUMNS: Final = re.compile(rf"--column {_VALUE}(?: --column {_VALUE})*")
_OF_STUDIES: Final = {
    "--dialect": "dialect",
    "--n": "n",
    "--sex": "sex",
    "--side-file": "side_files",
    "--trait": "trait",
}
_OF_RUNS: Final = {"--match": "match", "--method": "methods", "--z-cutoff": "z_cutoff"}
_WITH_VALUE: Final = re.compile(rf"({'|'.join([*_OF_STUDIES, *_OF_RUNS])}) ({_VALUE})")
_ALONE: Final = {
    "--chr_name": 'columns = c(chromosome = "WORD")',
    "--force": "mean_chi_squared_min = 0",
    "--gencov_path": "omega",
    "--genomic-control": "genomic_control = TRUE",
    "--include": "include",
    "--median-z-max": "median_z_max",
    "--out": "out",
    "--reference": "reference",
    "--sort": "sort = TRUE",
}
_ALONE_PATTERN: Final = re.compile(rf"({'|'.join(_ALONE)})(?![\w-])")
_FETCH: Final = re.compile(r"gwasmeta ldscores fetch (\w+)")
_COMPUTE: Final = re.compile(r"gwasmeta ldscores compute")  # R has no function for it
_PIP: Final = re.compile(r"pip install 'gwasmeta\[\w+\]'")
_FORMAT: Final = re.compile(r"`gwasmeta format`")
_WORD: Final = r"""(?:'[^']*'|"[^"]*"|[^\s'"),;\\])+"""
_STORE_COMMAND: Final = re.compile(
    rf"gwasmeta store (?:(add|remove) ({_WORD})|(check|list))(?: --name ({_WORD}))?(?: --store ({_WORD}))?"
)
_STORE_PLACE: Final = re.compile(rf"--store ({_WORD})")
_ABOUT_STUDY: Final = '\n  These are arguments of study(), which stands in the place of the path: study("FILE", ...)'


def in_r_words(message: str) -> str:
    """Return a message for somebody who calls from R.

    >>> in_r_words("or combine z, by --method sample-size (Python: methods='sample_size').")
    'or combine z, by methods = "sample_size".'
    """
    told = _FETCH.sub(r'fetch_ld_scores("\1")', _OF_PYTHON.sub("", message))
    told = _PIP.sub("install_gwasmeta()", told)
    told = _FORMAT.sub("format_sumstats()", _COMPUTE.sub(r"\g<0> in a shell", told))
    told = _STORE_PLACE.sub(lambda found: _store(found[1]), _STORE_COMMAND.sub(_store_function, told))
    told, n_columns = _COLUMNS.subn(lambda found: _columns(found.group()), told)
    is_of_study = n_columns > 0 or any(found[1] in _OF_STUDIES for found in _WITH_VALUE.finditer(told))
    told = _WITH_VALUE.sub(lambda found: _argument(found[1], found[2]), told)
    told = _ALONE_PATTERN.sub(lambda found: _ALONE[found[1]], told)
    return told + (_ABOUT_STUDY if is_of_study else "")


def _columns(options: str) -> str:
    """Write `--column a=B --column c=D` as a named vector."""
    options, dot = _without_full_stop(options)
    named = []
    for value in shlex.split(options)[1::2]:
        for pair in re.split(r",(?=\w+=)", value):
            column, _, word = pair.rpartition(":")[2].partition("=")
            named.append(f"{column} = {_quoted(word)}")
    return f"columns = c({', '.join(named)}){dot}"


def _argument(option: str, value: str) -> str:
    value, dot = _without_full_stop(value)
    value = shlex.split(value)[0]
    if option in ("--n", "--sex"):
        value = value.rpartition("=")[2]  # behind the study's name
    is_number = value == "NUMBER" or re.fullmatch(r"[\d.e-]+", value) is not None
    name = (_OF_STUDIES | _OF_RUNS)[option]
    return f"{name} = {value if is_number else _quoted(value.replace('sample-size', 'sample_size'))}{dot}"


def _store_function(command: re.Match[str]) -> str:
    """Write `gwasmeta store add FILE --name NAME --store FOLDER` as a call."""
    act, subject, act_on_all, name, folder = command.groups()
    if act is None:
        return f"store_{act_on_all}({_store(folder) if folder else ''})"
    arguments = [_store(folder or ""), _unquoted(subject)]
    arguments += [f"name = {_unquoted(name)}"] if name else []
    return f"store_{act}({', '.join(arguments)})"


def _store(folder: str) -> str:
    return f"study_store({_unquoted(folder) if folder else ''})"


def _unquoted(shell_word: str) -> str:
    """Write a word of the shell as a text of R."""
    return _quoted("".join(shlex.split(shell_word)))


def _without_full_stop(text: str) -> tuple[str, str]:
    return (text[:-1], ".") if text.endswith(".") else (text, "")


def _quoted(word: str) -> str:
    escaped = word.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
