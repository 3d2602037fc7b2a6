"""A table of reference variants, held so that rows can be looked up by position or by rsid."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from gwasmeta.errors import GwasmetaError
from gwasmeta.sumstats.chromosomes import chromosome_numbers
from gwasmeta.sumstats.raw_blocks import Layout, RawBlock, TextBlock, frame_blocks
from gwasmeta.sumstats.reader import parquet_frame
from gwasmeta.sumstats.source import TextSource
from gwasmeta.sumstats.variant_numbers import NO_NUMBER, CodeArray, allele_numbers, rs_numbers
from gwasmeta.sumstats.words import Words

# What a reference's header may call its columns, in order of preference.
_NAMES = {
    "chromosome": ("chromosome", "chrom", "chr", "hm_chrom"),
    "position": ("base_pair_location", "pos", "position", "bp", "hm_pos"),
    "id": ("rsid", "variant_id", "id", "snp"),
    "reference": ("ref", "reference", "other_allele"),
    "alternate": ("alt", "alternate", "effect_allele"),
    "frequency": ("effect_allele_frequency", "af", "alt_freq", "alt_frqs", "alt_freqs"),
    "which_is_reference": ("ref_allele",),
    "info": ("info",),
}
_NEEDED = ("chromosome", "position", "reference", "alternate")


@dataclass(frozen=True)
class Reference:
    """Variants in the order of their positions, one row for each alternate allele.

    Attributes
    ----------
    file : str
    place : int64 array, shape (n_variants,)
        Chromosome number times 2^32, plus position; ascending.
    reference, alternate : uint64 arrays, shape (n_variants,)
        Alleles as `allele_numbers` gives them.
    frequency : float32 array, shape (n_variants,)
        Of the alternate allele; NaN where it is not known.
    rs_number : int64 array, shape (n_variants,)
        `NO_NUMBER` for variants without an rsid.
    by_rs_number : int64 array
        Rows that have an rsid, in the order of its number.
    """

    file: str
    place: npt.NDArray[np.int64]
    reference: CodeArray
    alternate: CodeArray
    frequency: npt.NDArray[np.float32]
    rs_number: npt.NDArray[np.int64]
    by_rs_number: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.place)

    def places_of(self, numbers: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Return the place of each rsid's number; 0 for one that is not here."""
        if not len(self.by_rs_number):
            return np.zeros(len(numbers), dtype=np.int64)
        known = self.rs_number[self.by_rs_number]
        found = np.minimum(np.searchsorted(known, numbers), len(known) - 1)
        return np.where((numbers >= 0) & (known[found] == numbers), self.place[self.by_rs_number[found]], 0)


def places(chromosomes: npt.NDArray[Any], positions: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
    """Join chromosome numbers and positions to one ascending number."""
    return (np.asarray(chromosomes, dtype=np.int64) << 32) + positions.astype(np.int64)


def read_reference(path: str | os.PathLike[str]) -> Reference:
    """Read reference variants.

    Parameters
    ----------
    path : path
        A VCF, whose INFO field AF gives the frequencies; or a table (text or Parquet) with the columns of GWAS-SSF, or
        with CHROM, POS, ID, REF, ALT, AF. In a table of GWAS-SSF the other allele is the reference's, unless its
        column `ref_allele` says EA.

    Returns
    -------
    Reference
        Some 50 bytes a variant.

    Raises
    ------
    GwasmetaError
        If the file cannot be read, or lacks a column.
    """
    file = os.fspath(path)
    parts = [_part(block) for block in _blocks(file)]
    columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]} if parts else {}
    if not columns or not len(columns["place"]):
        raise GwasmetaError(f"{file}: has no variant with a chromosome, a position and two alleles")
    order = np.argsort(columns["place"], kind="stable")
    columns = {name: values[order] for name, values in columns.items()}
    numbers = columns["rs_number"]
    with_number = np.flatnonzero(numbers != NO_NUMBER)
    return Reference(file, **columns, by_rs_number=with_number[np.argsort(numbers[with_number], kind="stable")])


def _blocks(file: str) -> Iterator[RawBlock]:
    frame = parquet_frame(file)
    if frame is not None:
        yield from frame_blocks(frame, _layout(file, tuple(frame.collect_schema().names()), "\t"))
        return
    with TextSource(file) as source:
        layout = _layout(file, source.header, source.separator)
        for lines in source.blocks():
            yield TextBlock(lines, layout)


def _layout(file: str, header: Sequence[str], separator: str) -> Layout:
    known = {word.casefold().lstrip("#"): position for position, word in reversed(list(enumerate(header)))}
    found = {
        column: known[next(name for name in names if name in known)]
        for column, names in _NAMES.items()
        if any(name in known for name in names)
    }
    lacking = [column for column in _NEEDED if column not in found]
    if lacking:
        raise GwasmetaError(
            f"{file}: as a reference it needs a column for {' and '.join(lacking)}"
            f" (one of {', '.join(_NAMES[lacking[0]])})\n"
            f"  It has: {', '.join(header)}. A VCF, GWAS-SSF, or a table with CHROM, POS, ID, REF, ALT, AF would do."
        )
    numbers: dict[str, int] = {column: found.pop(column) for column in ("position", "frequency") if column in found}
    return Layout(file, tuple(header), numbers, found, frozenset(), separator)


def _part(block: RawBlock) -> dict[str, npt.NDArray[Any]]:
    """Return what is kept of a block of reference variants."""
    words = block.words
    chromosomes, positions = chromosome_numbers(words["chromosome"]), block.numbers["position"]
    ids, frequency = words.get("id"), _frequencies(block)
    part: Mapping[str, npt.NDArray[Any]] = {
        "place": places(chromosomes, np.where(positions > 0, positions, 0)),
        "reference": allele_numbers(words["reference"]),
        "alternate": allele_numbers(words["alternate"]),
        "frequency": frequency.astype(np.float32),
        "rs_number": np.full(len(chromosomes), NO_NUMBER) if ids is None else rs_numbers(ids),
    }
    if "which_is_reference" in words:
        part = _with_reference_first(part, words["which_is_reference"].equal("EA"))
    usable = (chromosomes > 0) & (positions > 0)
    several = _contain_commas(words["alternate"])
    kept = {name: values[usable & ~several] for name, values in part.items()}
    if several.any():
        split = _split_alternates(block, np.flatnonzero(usable & several), part)
        kept = {name: np.concatenate([values, split[name]]) for name, values in kept.items()}
    return kept


def _with_reference_first(
    part: Mapping[str, npt.NDArray[Any]], exchanged: npt.NDArray[np.bool_]
) -> dict[str, npt.NDArray[Any]]:
    """Exchange the alleles of rows whose effect allele is the reference's."""
    return dict(part) | {
        "reference": np.where(exchanged, part["alternate"], part["reference"]),
        "alternate": np.where(exchanged, part["reference"], part["alternate"]),
        "frequency": np.where(exchanged, 1 - part["frequency"], part["frequency"]),
    }


def _frequencies(block: RawBlock) -> npt.NDArray[np.float64]:
    """Return the frequencies of the alternate alleles, of the first one where a VCF has several on a line."""
    n_rows = len(block.words["chromosome"])
    if "frequency" in block.numbers:
        return block.numbers["frequency"]
    if "info" not in block.words:
        return np.full(n_rows, np.nan)
    return Words.of(field.split(",")[0] for field in _allele_frequency_fields(block.words["info"].to_list())).numbers()


def _allele_frequency_fields(infos: Sequence[str]) -> Iterator[str]:
    for info in infos:
        fields = (";" + info).split(";AF=", 1)
        yield fields[1].split(";", 1)[0] if len(fields) == 2 else ""


def _contain_commas(words: Words) -> npt.NDArray[np.bool_]:
    """Say which words hold a comma, as lists of alternate alleles do."""
    result = np.zeros(len(words), dtype=np.bool_)
    for row in np.flatnonzero(words.lengths > 2).tolist():  # A,C is the shortest
        result[row] = "," in words[row]
    return result


def _split_alternates(
    block: RawBlock, rows: npt.NDArray[np.intp], part: Mapping[str, npt.NDArray[Any]]
) -> dict[str, npt.NDArray[Any]]:
    """Make a row of each alternate allele of lines that have several."""
    alternates = [block.words["alternate"][row].split(",") for row in rows.tolist()]
    times = np.array([len(alleles) for alleles in alternates], dtype=np.intp)
    split = {name: np.repeat(values[rows], times) for name, values in part.items()}
    split["alternate"] = allele_numbers(Words.of(allele for alleles in alternates for allele in alleles))
    if "info" in block.words and "frequency" not in block.numbers:
        infos = [block.words["info"][row] for row in rows.tolist()]
        texts = []
        for alleles, field in zip(alternates, _allele_frequency_fields(infos), strict=True):
            values = field.split(",")
            texts += values if len(values) == len(alleles) else [""] * len(alleles)
        split["frequency"] = Words.of(texts).numbers().astype(np.float32)
    else:
        split["frequency"] = np.full(int(times.sum()), np.nan, dtype=np.float32)
    return split
