"""The header line of a text table: where it is, what separates its words, and whether it is text at all."""

from __future__ import annotations

import codecs
import re
import shlex
from typing import NamedTuple

import numpy as np

from gwasmeta.errors import GwasmetaError

_BYTE_ORDER_MARKS = (
    # UTF-32 first: its mark begins with that of UTF-16.
    (codecs.BOM_UTF32_LE, "UTF-32"),
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)
_ENCODING_OF_NUL_PATTERN = {  # which of four successive bytes are NUL in text of mostly Latin letters
    (False, True, True, True): "UTF-32LE",
    (True, True, True, False): "UTF-32BE",
    (False, True, False, True): "UTF-16LE",
    (True, False, True, False): "UTF-16BE",
}
_CONTROL_CHARACTER = re.compile(rb"[\x00-\x08\x0e-\x1f\x7f]")
_NUMBER = re.compile(rb"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")


def checked_encoding(text: bytes, name: str, unpack_command: str) -> bytes:
    """Return the text without its byte order mark, if it can be UTF-8 at all."""
    encoding = _wide_encoding(text)
    if encoding:
        quoted = shlex.quote(name)
        source, pipe = ("", f"{unpack_command} {quoted} | ") if unpack_command else (f" {quoted}", "")
        raise GwasmetaError(
            f"{name}: is text in {encoding}, not in UTF-8\n"
            f"  Convert it:  {pipe}iconv -f {encoding} -t UTF-8{source} > converted.txt"
        )
    nul = text.find(b"\0")
    if nul >= 0:
        raise _not_text(name, text.count(b"\n", 0, nul) + 1, "a NUL byte")
    return text.removeprefix(codecs.BOM_UTF8)


def _wide_encoding(text: bytes) -> str | None:
    for mark, encoding in _BYTE_ORDER_MARKS:
        if text.startswith(mark):
            return encoding
    sample = np.frombuffer(text[: min(len(text), 1024) // 4 * 4], np.uint8).reshape(-1, 4)
    if not sample.size:
        return None
    mostly_nul = (sample == 0).mean(axis=0) > 0.9
    return _ENCODING_OF_NUL_PATTERN.get(tuple(mostly_nul.tolist()))


class HeaderLine(NamedTuple):
    """The header, split into its words."""

    separator: str
    words: tuple[str, ...]
    number: int
    end: int  # where in the text the next line begins


def find_header(text: bytes, ended: bool, name: str, separator: str | None = None) -> HeaderLine | None:
    """Find the header in the beginning of a text, by the rule that `TextSource` states.

    Returns
    -------
    HeaderLine or None
        None if more text is needed to tell.

    Raises
    ------
    GwasmetaError
        If the text has ended and no line is a header, or if the header is none of a text table.
    """
    line = _header_line(text, ended)
    if line is not None:
        known = (separator or _separator(line.text.removeprefix(b"#")).decode()).encode()
        return HeaderLine(known.decode(), _header_words(line, known, name), line.number, line.end)
    if ended:
        raise _no_header(name, text)
    return None


class _Line(NamedTuple):
    text: bytes
    number: int
    end: int


def _header_line(text: bytes, ended: bool) -> _Line | None:
    marked: _Line | None = None
    start = number = 0
    while start < len(text):
        line_feed = text.find(b"\n", start)
        if line_feed < 0 and not ended:
            return None
        end = line_feed + 1 or len(text)
        number += 1
        line = _Line(text[start:end].rstrip(b"\r\n"), number, end)
        start = end
        if not line.text.strip() or line.text.startswith(b"##"):
            continue
        if not line.text.startswith(b"#"):
            return marked if marked and _heads(marked.text[1:], line.text) else line
        marked = line
    return marked if ended and marked and marked.text.strip().count(b"\t") >= 2 else None


def _heads(candidate: bytes, following: bytes) -> bool:
    """Judge whether a line that began with '#' is the header of the line that follows."""
    separator = _separator(candidate)
    words, values = _words(candidate, separator), _words(following, separator)
    return (
        len(words) >= 3
        and len(words) == len(values)
        and not any(_NUMBER.fullmatch(word) for word in words)
        and any(_NUMBER.fullmatch(value) for value in values)
    )


def _separator(line: bytes) -> bytes:
    if b"\t" in line.strip():
        return b"\t"
    # A file with decimal commas is separated by semicolons: the one that separates more words.
    comma_or_semicolon = max(b",", b";", key=line.count)
    return comma_or_semicolon if comma_or_semicolon in line else b" "


def _words(line: bytes, separator: bytes) -> list[bytes]:
    parts = line.split() if separator == b" " else line.split(separator)
    return [part.strip().strip(b'"').strip() for part in parts]


def _header_words(header: _Line, separator: bytes, name: str) -> tuple[str, ...]:
    line = header.text.removeprefix(b"#")
    junk = _CONTROL_CHARACTER.search(line)
    if junk:
        raise _not_text(name, header.number, f"the control character 0x{junk[0].hex()}")
    words = _words(line, separator)
    if len(words) < 2:
        raise GwasmetaError(
            f"{name}, line {header.number}: the header has one word only: {_decoded(line[:60])!r}\n"
            "  Neither tabs, commas, semicolons nor blanks separate it into columns.\n"
            "  Is this the right file, and is the line that names its columns there?"
        )
    words[0] = words[0].removeprefix(b"#").strip()
    return tuple(map(_decoded, words))


def _decoded(text: bytes) -> str:
    try:
        return text.decode()
    except UnicodeDecodeError:  # an old 8-bit encoding; which one matters only to names nobody asks for
        return text.decode("latin-1")


def _not_text(name: str, line: int, found: str) -> GwasmetaError:
    return GwasmetaError(
        f"{name}, line {line}: is not a text table: it has {found} in it\n"
        "  Give a table of summary statistics as text; it may be compressed by gzip, bzip2, xz, zstd or zip."
    )


def _no_header(name: str, text: bytes) -> GwasmetaError:
    if not text:
        return GwasmetaError(f"{name}: holds no text\n  Was it written or transferred completely?")
    return GwasmetaError(
        f"{name}: has no header: each of its lines is blank or begins with '#'\n"
        "  Is this the right file, and was it written completely?"
    )
