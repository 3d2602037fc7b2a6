"""A trait's file as MTAG reads it: by the words of its header, which options change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from gwasmeta.compat.mtag_options import MtagOptions
from gwasmeta.cores import in_order
from gwasmeta.errors import GwasmetaError
from gwasmeta.multitrait.trait_rows import Names, TraitBlock, TraitRows, allele_codes, collect_rows
from gwasmeta.sumstats.raw_blocks import Layout, TextBlock
from gwasmeta.sumstats.source import LineBlock, TextSource

_SEPARATOR = " "  # runs of blanks and tabs

# Words for a column beside the one that its option gives, in upper case, points and hyphens as underscores.
_SYNONYMS = {
    "variant_id": ("SNP", "MARKERNAME", "SNPID", "RS", "RSID", "RS_NUMBER", "RS_NUMBERS"),
    "effect_allele": (*("A1", "ALLELE1", "ALLELE_1", "EFFECT_ALLELE", "REFERENCE_ALLELE", "INC_ALLELE", "EA"),),
    "other_allele": ("A2", "ALLELE2", "ALLELE_2", "OTHER_ALLELE", "NON_EFFECT_ALLELE", "DEC_ALLELE", "NEA"),
    "p_value": ("P", "PVALUE", "P_VALUE", "PVAL", "P_VAL", "GC_PVALUE"),
    "n": ("N", "WEIGHT"),
    "z": ("Z",),
    "beta": ("BETA",),
    "standard_error": ("SE",),
    "frequency": ("FREQ", "AF", "EAF", "FRQ", "MAF", "FRQ_U", "F_U"),
    "chromosome": ("CHR", "CHROM", "CHROMOSOME"),
    "base_pair_location": ("BPOS", "BP", "POS", "POSITION", "BASE_PAIR"),
    "info": ("INFO",),
}
_OPTION_FOR = {
    "variant_id": "snp_name",
    "effect_allele": "a1_name",
    "other_allele": "a2_name",
    "p_value": "p_name",
    "n": "n_name",
    "z": "z_name",
    "beta": "beta_name",
    "standard_error": "se_name",
    "frequency": "eaf_name",
    "chromosome": "chr_name",
    "base_pair_location": "bpos_name",
}
_WORDS = ("variant_id", "effect_allele", "other_allele", "chromosome")
_UNFILTERED_FREQUENCY = "freq"


@dataclass(frozen=True)
class TraitFile:
    """A trait's file whose header has been understood.

    Attributes
    ----------
    name, path : str
    columns : dict of str to str
        Column to the header's word for it.
    filters_frequency : bool
        Whether there is a rule about allele frequencies. MTAG has none where the column has the default name.
    """

    name: str
    path: str
    columns: Mapping[str, str]
    filters_frequency: bool


def trait_file(path: str, name: str, options: MtagOptions) -> TraitFile:
    """Look at the header of a trait's file.

    Raises
    ------
    GwasmetaError
        If the file cannot be read, or lacks a column that is needed.
    """
    with TextSource(path, separator=_SEPARATOR) as source:
        header, line = source.header, source.header_line_number
    columns = {}
    for column in _wanted(options):
        word = _word_for(column, header, options, f"{path}, line {line}")
        if word is not None:
            columns[column] = word
    missing = [column for column in _needed(options) if column not in columns]
    if missing:
        names = " ".join(f"--{_OPTION_FOR[column]} WORD" for column in missing if column in _OPTION_FOR)
        remedies = f"  Say which words it has for them:  {names}"
        if "n" in missing:
            remedies += "\n  Or give the sample sizes by --n_value."
        if "frequency" in missing:
            remedies += "\n  Without frequencies, effects can be written per standard deviation: --std_betas."
        if "chromosome" in missing or "base_pair_location" in missing:
            remedies += "\n  Or do without positions: --no_chr_data."
        raise GwasmetaError(
            f"{path}, line {line}: trait {name} has no column for {', '.join(missing)}\n"
            f"  The header has: {' '.join(header)}\n{remedies}"
        )
    word = columns.get("frequency", _UNFILTERED_FREQUENCY)
    named = options.eaf_name != _UNFILTERED_FREQUENCY or _plain(word) != _plain(_UNFILTERED_FREQUENCY)
    return TraitFile(name, path, columns, "frequency" in columns and (named or options.maf_min is not None))


def read_trait(file: TraitFile, n_value: float | None, names: Names) -> TraitRows:
    """Read a trait's rows, as they are.

    Raises
    ------
    GwasmetaError
        If the file is damaged, or a line has more or fewer fields than the header.
    """
    with TextSource(file.path, separator=_SEPARATOR) as source:
        layout = _layout(file, source.header)
        tasks = (partial(_block, lines, layout, n_value) for lines in source.blocks())
        return collect_rows(file.name, file.path, in_order(tasks), names)


def _wanted(options: MtagOptions) -> list[str]:
    unwanted = {"z"} if options.use_beta_se else {"beta", "standard_error"}
    if options.n_value is not None:
        unwanted.add("n")
    if options.no_chr_data:
        unwanted |= {"chromosome", "base_pair_location"}
    if options.info_min is None:
        unwanted.add("info")
    return [column for column in _SYNONYMS if column not in unwanted]


def _needed(options: MtagOptions) -> list[str]:
    optional = {"frequency"} if options.std_betas else set()
    return [column for column in _wanted(options) if column not in optional]


def _word_for(column: str, header: tuple[str, ...], options: MtagOptions, where: str) -> str | None:
    """Return the header's word for a column: that of the option, or one that MTAG knows."""
    given = getattr(options, _OPTION_FOR[column]) if column in _OPTION_FOR else None
    if given in header:
        return str(given)
    known = {_plain(given), *_SYNONYMS[column]} if given is not None else set(_SYNONYMS[column])
    found = [word for word in header if _plain(word) in known]
    if len(found) > 1:
        raise GwasmetaError(
            f"{where}: {' and '.join(found)} may each be the column for {column}\n"
            + (f"  Say which it is:  --{_OPTION_FOR[column]} {found[0]}" if column in _OPTION_FOR else "  Rename one.")
        )
    return found[0] if found else None


def _plain(word: str) -> str:
    return word.upper().replace("-", "_").replace(".", "_")


def _layout(file: TraitFile, header: tuple[str, ...]) -> Layout:
    places = {column: header.index(word) for column, word in file.columns.items()}
    return Layout(
        file.path,
        header,
        {column: place for column, place in places.items() if column not in _WORDS},
        {column: place for column, place in places.items() if column in _WORDS},
        frozenset(),
        _SEPARATOR,
    )


def _block(lines: LineBlock, layout: Layout, n_value: float | None) -> TraitBlock:
    raw = TextBlock(lines, layout)
    ids, effect, other = (raw.words[column] for column in _WORDS[:3])
    columns: dict[str, npt.NDArray[Any]] = {name: values.copy() for name, values in raw.numbers.items()}
    if n_value is not None:
        columns["n"] = np.full(len(ids), n_value)
    if "beta" in columns:
        with np.errstate(divide="ignore", invalid="ignore"):
            columns["z"] = columns.pop("beta") / columns["standard_error"]
    columns["effect_allele"], columns["other_allele"] = allele_codes(effect), allele_codes(other)
    columns["incomplete"] = ids.missing() | effect.missing() | other.missing()
    return TraitBlock(ids, raw.words.get("chromosome"), columns)
