"""Columns of words: where each word lies in a buffer of bytes, and compiled questions about them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from gwasmeta.compiled import compiled
from gwasmeta.sumstats.decimal import parse_number
from gwasmeta.sumstats.eight_bytes import load_eight, upper_case_among

# Codes of alleles. A single base is its own code, and its complement is 3 minus it.
BASES = "ACGT"
MISSING_ALLELE = -1
LONGER_ALLELE = -2  # more than one letter, or a symbol such as <DEL>: to be numbered by the caller

_LINE_FEED = 10
_MISSING_WORDS = ("", ".", "NA", "NAN", "N/A", "#NA", "#N/A", "NULL", "NONE", "-NAN")


@dataclass(frozen=True)
class Words:
    """One column of words.

    Attributes
    ----------
    data : uint8 array
        Bytes that hold the words, shared with other columns of the same block.
    starts, lengths : int32 arrays, shape (n_rows,)
        Where in `data` each word is.
    """

    data: npt.NDArray[np.uint8]
    starts: npt.NDArray[np.int32]
    lengths: npt.NDArray[np.int32]

    @classmethod
    def of(cls, words: Iterable[str]) -> Words:
        """Lay words out one behind the other, each followed by a line feed."""
        encoded = [word.encode(errors="surrogateescape") for word in words]
        lengths = np.fromiter(map(len, encoded), dtype=np.int32, count=len(encoded))
        starts = np.zeros(len(encoded), dtype=np.int32)
        np.cumsum(lengths[:-1] + 1, out=starts[1:])
        return cls(np.frombuffer(bytearray(b"\n".join(encoded) + b"\n"), dtype=np.uint8), starts, lengths)

    def __len__(self) -> int:
        return len(self.starts)

    def __getitem__(self, row: int) -> str:
        start = self.starts[row]
        return self.data[start : start + self.lengths[row]].tobytes().decode(errors="replace")

    def to_list(self, errors: Literal["replace", "surrogateescape"] = "replace") -> list[str]:
        """Return the words as Python strings; bytes that are no UTF-8 are replaced, or kept for `Words.of`."""
        data = self.data.tobytes()
        stops = self.starts + self.lengths
        return [
            data[start:stop].decode(errors=errors)
            for start, stop in zip(self.starts.tolist(), stops.tolist(), strict=True)
        ]

    def take(self, rows: npt.NDArray[Any]) -> Words:
        """Return the words of some rows, given as indices or as a mask."""
        return Words(self.data, self.starts[rows], self.lengths[rows])

    def upper_case(self) -> Words:
        """Return a copy of the words in upper case."""
        return Words(*_in_case(self.data, self.starts, self.lengths, True), self.lengths)

    def lower_case(self) -> Words:
        """Return the words in lower case: these ones if they are, or else a copy."""
        if not _any_in_upper_case(self.data, self.starts, self.lengths):
            return self
        return Words(*_in_case(self.data, self.starts, self.lengths, False), self.lengths)

    def differ(self, others: Words) -> npt.NDArray[np.bool_]:
        """Say in which rows the words of two columns of equal lengths are not the same letter by letter."""
        same = _same_spelling(self.data, self.starts, self.lengths, others.data, others.starts)
        return np.asarray(~same)

    def runs(self) -> npt.NDArray[np.intp]:
        """Return the rows whose word is not spelled as that of the row before, and so begins a run of equal ones."""
        return np.asarray(_begins_of_runs(self.data, self.starts, self.lengths))

    def missing(self) -> npt.NDArray[np.bool_]:
        """Say which words mean that there is none: empty, `.`, `NA`, `nan`, `#NA`, `null`, in any case."""
        return np.asarray(_are_in(self.data, self.starts, self.lengths, _MISSING_TABLE))

    def equal(self, *words: str) -> npt.NDArray[np.bool_]:
        """Say which words are one of these, in any case."""
        table = _table(tuple(word.upper() for word in words))
        return np.asarray(_are_in(self.data, self.starts, self.lengths, table))

    def numbers(self, as_minus_log_10: bool = False) -> npt.NDArray[np.float64]:
        """Parse the words as numbers; NaN where a word is none. A byte must follow each word."""
        return np.asarray(_parse(self.data, self.starts, self.lengths, as_minus_log_10))

    def allele_codes(self) -> npt.NDArray[np.int32]:
        """Give alleles their codes: 0 to 3 for A, C, G, T (also 1 to 4), `MISSING_ALLELE`, `LONGER_ALLELE`."""
        return np.asarray(_allele_codes(self.data, self.starts, self.lengths, _MISSING_TABLE))


def words_of_lines(text: bytes) -> Words:
    """Return the lines of a text, each ended by a line feed, as words."""
    data = np.frombuffer(bytearray(text), dtype=np.uint8)
    ends = np.flatnonzero(data == _LINE_FEED).astype(np.int32)
    starts = np.concatenate([np.zeros(min(1, ends.size), dtype=np.int32), ends[:-1] + 1]).astype(np.int32)
    return Words(data, starts, ends - starts)


def packed_bytes(words: Words) -> npt.NDArray[np.uint8]:
    """Return the bytes of words, one behind the other with nothing between."""
    return np.asarray(_packed(words.data, words.starts, words.lengths))


def chosen_words(rows: npt.NDArray[np.bool_], one: Words, other: Words) -> Words:
    """Take the words of one column in some rows, of another in the rest."""
    shift = 0 if one.data is other.data else one.data.size
    return Words(
        one.data if one.data is other.data else np.concatenate([one.data, other.data]),
        np.where(rows, one.starts, other.starts + shift).astype(np.int32),
        np.where(rows, one.lengths, other.lengths),
    )


def _table(words: tuple[str, ...]) -> npt.NDArray[np.uint8]:
    """Lay words out for the compiled code: in each row the length, then the letters."""
    table = np.zeros((len(words), max(map(len, words)) + 1), dtype=np.uint8)
    for row, word in zip(table, words, strict=True):
        row[0] = len(word)
        row[1 : len(word) + 1] = np.frombuffer(word.encode(), dtype=np.uint8)
    return table


_MISSING_TABLE = _table(_MISSING_WORDS)


def _single_letters() -> npt.NDArray[np.int32]:
    """Return the code of every allele of one character."""
    codes = np.full(256, LONGER_ALLELE, dtype=np.int32)
    for code, letters in enumerate(("Aa1", "Cc2", "Gg3", "Tt4")):  # 1 to 4 as PLINK and METAL write them
        codes[[ord(letter) for letter in letters]] = code
    codes[[ord(letter) for letter in "0Nn?"]] = MISSING_ALLELE
    return codes


_SINGLE_LETTERS = _single_letters()


@compiled
def _upper(byte: int) -> int:
    return byte - 32 if 97 <= byte <= 122 else byte


@compiled
def _lower(byte: int) -> int:
    return byte + 32 if 65 <= byte <= 90 else byte


@compiled
def _any_in_upper_case(data: Any, starts: Any, lengths: Any) -> bool:
    eight, bits = np.uint64(8), np.uint64(3)
    for row in range(starts.size):
        start, length = np.uint64(starts[row]), np.uint64(lengths[row])
        done = np.uint64(0)
        while done < length and start + done + eight <= np.uint64(data.size):
            left = min(length - done, eight)
            letters = load_eight(data, start + done) << (np.uint64(64) - (left << bits))
            if upper_case_among(letters):
                return True
            done += left
        for i in range(done, length):  # at the end of the data
            if _lower(data[start + i]) != data[start + i]:
                return True
    return False


@compiled
def _is_in(data: Any, start: int, length: int, table: Any) -> bool:
    if length >= table.shape[1]:
        return False
    for word in range(table.shape[0]):
        if table[word, 0] != length:
            continue
        same = True
        for i in range(length):
            if _upper(data[start + i]) != table[word, i + 1]:
                same = False
                break
        if same:
            return True
    return False


@compiled
def _are_in(data: Any, starts: Any, lengths: Any, table: Any) -> Any:
    found = np.empty(starts.size, dtype=np.bool_)
    for row in range(starts.size):
        found[row] = _is_in(data, starts[row], lengths[row], table)
    return found


@compiled
def _parse(data: Any, starts: Any, lengths: Any, as_minus_log_10: bool) -> Any:
    values = np.empty(starts.size, dtype=np.float64)
    for row in range(starts.size):
        value, end = parse_number(data, starts[row], as_minus_log_10)
        values[row] = value if end == starts[row] + lengths[row] else np.nan
    return values


@compiled
def _allele_codes(data: Any, starts: Any, lengths: Any, missing_table: Any) -> Any:
    codes = np.empty(starts.size, dtype=np.int32)
    for row in range(starts.size):
        code = LONGER_ALLELE
        if lengths[row] == 1:
            code = _SINGLE_LETTERS[data[np.uint64(starts[row])]]
        if code == LONGER_ALLELE and _is_in(data, starts[row], lengths[row], missing_table):
            code = MISSING_ALLELE
        codes[row] = code
    return codes


@compiled
def _in_case(data: Any, starts: Any, lengths: Any, upper: bool) -> tuple[Any, Any]:
    """Copy words in one case, a line feed behind each; return the bytes and where each begins."""
    copied = np.empty(lengths.sum() + starts.size + 1, dtype=np.uint8)
    begins = np.empty(starts.size, dtype=np.int32)
    position = 0
    for row in range(starts.size):
        begins[row] = position
        for i in range(lengths[row]):
            byte = data[starts[row] + i]
            copied[position] = _upper(byte) if upper else _lower(byte)
            position += 1
        copied[position] = 10
        position += 1
    return copied, begins


@compiled
def _packed(data: Any, starts: Any, lengths: Any) -> Any:
    packed = np.empty(lengths.sum(), dtype=np.uint8)
    end = 0
    for row in range(starts.size):
        for i in range(lengths[row]):
            packed[end] = data[starts[row] + i]
            end += 1
    return packed


@compiled
def _begins_of_runs(data: Any, starts: Any, lengths: Any) -> Any:
    begins = np.empty(starts.size, dtype=np.intp)
    n_runs = 0
    for row in range(starts.size):
        same = row > 0 and lengths[row] == lengths[row - 1]
        if same:
            for i in range(lengths[row]):
                if data[np.uint64(starts[row] + i)] != data[np.uint64(starts[row - 1] + i)]:
                    same = False
                    break
        if not same:
            begins[n_runs] = row
            n_runs += 1
    return begins[:n_runs].copy()


@compiled
def _same_spelling(data: Any, starts: Any, lengths: Any, other_data: Any, other_starts: Any) -> Any:
    same = np.ones(starts.size, dtype=np.bool_)
    for row in range(starts.size):
        for i in range(lengths[row]):
            if data[starts[row] + i] != other_data[other_starts[row] + i]:
                same[row] = False
                break
    return same


@compiled
def same_words(data: Any, starts: Any, lengths: Any, other_data: Any, other_starts: Any, other_lengths: Any) -> Any:
    """Say in which rows the words of two columns are the same, in any case."""
    same = np.empty(starts.size, dtype=np.bool_)
    for row in range(starts.size):
        equal = lengths[row] == other_lengths[row]
        for i in range(lengths[row]):
            if not equal:
                break
            equal = _upper(data[starts[row] + i]) == _upper(other_data[other_starts[row] + i])
        same[row] = equal
    return same
