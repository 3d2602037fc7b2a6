"""What can be worked out of a block without knowing the others; done where blocks are parsed, in parallel."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from gwasmeta.errors import GwasmetaError
from gwasmeta.meta.options import MetaOptions
from gwasmeta.meta.position_keys import position_keys
from gwasmeta.stats.sample_size import effective_sample_size
from gwasmeta.sumstats.byte_streams import read_stored
from gwasmeta.sumstats.plan import Wanted
from gwasmeta.sumstats.row_block import RowBlock
from gwasmeta.sumstats.study import Study
from gwasmeta.sumstats.text_index import TextIndex
from gwasmeta.sumstats.words import Words

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

# Frequencies are decimal numbers: 0.58 is not further from one half than 0.42 is.
ROUNDING = 1e-9


class OpenedStudy(Protocol):
    """A study whose header has been understood, as `StudyReader` says it."""

    @property
    def study(self) -> Study: ...  # noqa: D102
    @property
    def header(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def columns(self) -> Mapping[str, str]: ...  # noqa: D102
    @property
    def dialect(self) -> str: ...  # noqa: D102
    @property
    def recipes(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def checksum(self) -> str: ...  # noqa: D102


@dataclass(frozen=True)
class PreparedBlock:
    """A block, and what can be said of its rows.

    Attributes
    ----------
    block : RowBlock
    names : Words
        What the variants are known by.
    spellings : Words or None
        What they are called, if the names do not say.
    for_genomic_control : bool array, shape (n_rows,), or None
        The rows that estimate the genomic inflation; None: all.
    """

    block: RowBlock
    names: Words
    spellings: Words | None
    for_genomic_control: BoolArray | None


class Preparation:
    """Prepares blocks for one analysis; called from several threads at once, it changes nothing."""

    def __init__(self, options: MetaOptions) -> None:
        self._options = options
        self.genomic_control_variants = _read_variant_list(options)

    def __call__(self, block: RowBlock) -> PreparedBlock:
        """Leave out the palindromic rows that are not wanted, and add the columns that the sums need."""
        options = self._options
        if options.palindromic != "keep":
            block = self._without_unwanted_palindromic(block)
        if options.needs_effects:
            error = block.numbers["standard_error"]
            block = block.with_number("_weight", 1 / (error * error))
        if options.needs_z:
            block = _with_samples(block)
        ids = block.words.get("variant_id")
        spellings = None
        if ids is not None and options.conventions.ignore_case_of_ids and options.match == "id":
            as_given, ids = ids, ids.lower_case()
            spellings = None if ids is as_given else as_given
        names = position_keys(block) if options.match == "position" or ids is None else ids
        chosen = self.genomic_control_variants
        in_list = None if chosen is None or ids is None else chosen.find(ids) >= 0
        return PreparedBlock(block, names, spellings, in_list)

    def _without_unwanted_palindromic(self, block: RowBlock) -> RowBlock:
        palindromic = (block.effect_codes >= 0) & (block.other_codes >= 0)
        palindromic &= block.effect_codes + block.other_codes == 3
        if self._options.palindromic == "drop":
            reason = "its alleles do not tell the strand (palindromic=drop)"
            return block.without("palindromic", reason, "effect_allele", palindromic)
        # Here already, so that such a row does not stand in the way of the variant's later rows.
        own = block.numbers.get("effect_allele_frequency", np.full(len(block), np.nan))
        unclear = palindromic & ~tells_strand(own, self._options)
        return block.without(*not_inferable(self._options), unclear)


def tells_strand(frequency: FloatArray, options: MetaOptions) -> BoolArray:
    """Say which frequencies lie outside the window around one half; its edges belong to it."""
    return np.asarray(np.abs(frequency - 0.5) > options.palindromic_window + ROUNDING)


def not_inferable(options: MetaOptions) -> tuple[str, str, str]:
    """Return rule, reason and column of palindromic rows whose strand cannot be told."""
    reason = f"a frequency is missing or within {options.palindromic_window:g} of one half"
    return "palindromic_not_inferable", reason, "effect_allele_frequency"


def wanted_of_rows(options: MetaOptions, *, observed: bool, max_examples: int) -> Wanted:
    """Return what an analysis reads of every study's rows."""
    columns = {"effect_allele_frequency", "n", "n_cases", "n_controls", "chromosome", "base_pair_location"}
    if options.genomic_control or observed:
        columns.add("imputed")
    return Wanted(
        effect=options.needs_effects,
        z=options.needs_z,
        columns=frozenset(columns),
        match=options.match,
        alleles=options.conventions.alleles,
        valid_rows=options.genomic_control and options.conventions.lambda_rows == "valid",
        observed=observed,
        max_examples=max_examples,
        closed_frequencies=options.conventions.closed_frequencies,
    )


def gives(reader: OpenedStudy, name: str) -> bool:
    """Say whether a study has a sample count, in a column or from the caller."""
    known = {
        *reader.columns,
        *(what for what in ("n", "n_cases", "n_controls") if getattr(reader.study, what) is not None),
    }
    return name in known or (name == "n" and {"n_cases", "n_controls"} <= known)


def _with_samples(block: RowBlock) -> RowBlock:
    """Add the weight of the sample-size method: effective n where cases and controls are known, otherwise n."""
    n = block.numbers.get("n", np.full(len(block), np.nan))
    if "n_cases" in block.numbers and "n_controls" in block.numbers:
        with np.errstate(divide="ignore", invalid="ignore"):
            effective = effective_sample_size(block.numbers["n_cases"], block.numbers["n_controls"])
        n = np.where(np.isnan(effective), n, effective)
    block = block.with_number("_samples", n)
    return block.without("n_missing", "the sample-size method has no weight for it", "n", ~(n > 0))


def _read_variant_list(options: MetaOptions) -> TextIndex | None:
    chosen = options.genomic_control_variants
    if chosen is None:
        return None
    if isinstance(chosen, str | os.PathLike):
        where = os.fspath(chosen)
        names = read_stored(where).split()
    else:
        where, names = "the list of variants for genomic control", list(chosen)
    if not names:
        raise GwasmetaError(f"{where}: is empty; genomic control needs variants to estimate the factors from")
    words = Words.of(names)
    index = TextIndex()
    index.number(words.lower_case() if options.conventions.ignore_case_of_ids else words)
    return index
