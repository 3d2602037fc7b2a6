"""Rows turned to a reference's alleles: the effect allele becomes the alternate one, and a code says what was done."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from gwasmeta.compiled import compiled
from gwasmeta.harmonise.reference import Reference, places
from gwasmeta.sumstats.alleles import exchanged, is_palindromic, on_other_strand
from gwasmeta.sumstats.chromosomes import chromosome_numbers, usual_names
from gwasmeta.sumstats.row_block import BoolArray, RowBlock
from gwasmeta.sumstats.table_format import HARMONISATION_CODE
from gwasmeta.sumstats.variant_numbers import allele_numbers, rs_numbers
from gwasmeta.sumstats.words import Words, chosen_words

Palindromic = Literal["keep", "drop", "infer"]

CODES = {
    1: "palindromic, strand inferred: forward; alleles correct",
    2: "palindromic, strand inferred: forward; alleles flipped",
    3: "palindromic, strand inferred: reverse; alleles correct",
    4: "palindromic, strand inferred: reverse; alleles flipped",
    5: "palindromic, taken as forward; alleles correct",
    6: "palindromic, taken as forward; alleles flipped",
    9: "palindromic, left out",
    10: "forward strand; alleles correct",
    11: "forward strand; alleles flipped",
    12: "reverse strand; alleles correct",
    13: "reverse strand; alleles flipped",
    14: "no position, and no rsid of the reference, left out",
    15: "no such variant in the reference, left out",
    16: "several variants of the reference fit, left out",
    17: "palindromic, a frequency is not known, left out",
    18: "palindromic, a frequency is too near one half, left out",
}
"""What the GWAS Catalog's harmoniser calls `hm_code`, as far as it applies here.

https://ebispot.github.io/gwas-sumstats-harmoniser-documentation/Reference-guide/Hm_code
"""

_RULES = {
    9: "palindromic_left_out",
    14: "position_unknown",
    15: "not_in_reference",
    16: "several_in_reference",
    17: "palindromic_frequency_missing",
    18: "palindromic_frequency_near_half",
}
_REVERSE = (3, 4, 12, 13)
_FLIPPED = (2, 4, 6, 11, 13)
# How the alleles of a row and of a reference variant fit; added up, for palindromic ones fit on both strands.
_FORWARD, _FORWARD_FLIPPED, _REVERSED, _REVERSED_FLIPPED = 1, 2, 4, 8
_NONE, _SEVERAL = -1, -2


@dataclass(frozen=True)
class Alignment:
    """Turns blocks of rows to the alleles of a reference.

    Parameters
    ----------
    reference : Reference
    palindromic : {"infer", "keep", "drop"}
        A/T and C/G variants: turned by their frequencies, taken to be on the forward strand, or left out.
    window : float
        Frequencies within this of one half do not tell the strand.
    """

    reference: Reference
    palindromic: Palindromic = "infer"
    window: float = 0.08

    def __call__(self, block: RowBlock) -> RowBlock:
        """Return the rows that fit the reference, each with its code, place and rsid."""
        place = self._places(block)
        match, fit = self._matches(block, place)
        codes = self._codes(block, place, match, fit)
        block = on_other_strand(block, np.isin(codes, _REVERSE))
        block = exchanged(block, np.isin(codes, _FLIPPED))
        positions = (place & 0xFFFFFFFF).astype(np.float64)
        numbers = {HARMONISATION_CODE: codes.astype(np.float64), "base_pair_location": positions}
        words = {"chromosome": usual_names(place >> 32), "variant_id": self._ids(block, match)}
        block = replace(block, numbers=block.numbers | numbers, words=block.words | words)
        left = codes
        for code, rule in _RULES.items():
            out = left == code
            shown = "effect_allele_frequency" if code in (17, 18) else ("effect_allele", "other_allele")
            block = block.without(rule, f"{CODES[code]} (hm_code {code})", shown, out)
            left = left[~out]
        return block

    def _places(self, block: RowBlock) -> npt.NDArray[np.int64]:
        """Return where each row's variant is: as the file says, or else the reference of its rsid."""
        if "base_pair_location" in block.numbers and "chromosome" in block.words:
            positions = block.numbers["base_pair_location"]
            chromosomes = chromosome_numbers(block.words["chromosome"])
            given = (chromosomes > 0) & (positions > 0)
            place = np.where(given, places(chromosomes, np.where(given, positions, 0)), 0)
        else:
            place = np.zeros(len(block), dtype=np.int64)
        if "variant_id" in block.words and (place == 0).any():
            place = np.where(place == 0, self.reference.places_of(rs_numbers(block.words["variant_id"])), place)
        return place

    def _matches(
        self, block: RowBlock, place: npt.NDArray[np.int64]
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int8]]:
        """Return the row of the reference that each row is, and how their alleles fit."""
        alleles = [
            allele_numbers(block.words[name], reverse)
            for reverse in (False, True)
            for name in ("effect_allele", "other_allele")
        ]
        first = np.searchsorted(self.reference.place, place)
        known = self.reference
        match, fit = _find_matches(place, first, tuple(alleles), known.place, known.reference, known.alternate)
        return np.asarray(match), np.asarray(fit)

    def _codes(
        self,
        block: RowBlock,
        place: npt.NDArray[np.int64],
        match: npt.NDArray[np.int64],
        fit: npt.NDArray[np.int8],
    ) -> npt.NDArray[np.int64]:
        forward = np.where(fit & _FORWARD, 10, 11)
        codes = np.where(fit & (_FORWARD | _FORWARD_FLIPPED), forward, np.where(fit & _REVERSED, 12, 13))
        palindromic = is_palindromic(block)
        codes = np.where(palindromic, self._palindromic_codes(block, match, (fit & _FORWARD) != 0), codes)
        codes = np.where(match == _NONE, 15, np.where(match == _SEVERAL, 16, codes))
        return np.where(place == 0, 14, codes)

    def _palindromic_codes(
        self, block: RowBlock, match: npt.NDArray[np.int64], as_alternate: BoolArray
    ) -> npt.NDArray[np.int64]:
        """Return the codes of palindromic rows; `as_alternate` says whose effect allele reads as the alternate one."""
        if self.palindromic == "drop":
            return np.full(len(block), 9)
        if self.palindromic == "keep":
            return np.where(as_alternate, 5, 6)
        own = block.numbers.get("effect_allele_frequency", np.full(len(block), np.nan))
        alternate = self.reference.frequency[np.maximum(match, 0)].astype(np.float64)
        as_written = np.where(as_alternate, own, 1 - own)  # of the alternate allele, were the strand the forward one
        unknown = np.isnan(as_written) | np.isnan(alternate)
        unclear = (np.abs(as_written - 0.5) <= self.window) | (np.abs(alternate - 0.5) <= self.window)
        forward = (as_written < 0.5) == (alternate < 0.5)
        inferred = np.where(forward, np.where(as_alternate, 1, 2), np.where(as_alternate, 4, 3))
        return np.where(unknown, 17, np.where(unclear, 18, inferred))

    def _ids(self, block: RowBlock, match: npt.NDArray[np.int64]) -> Words:
        """Return the reference's rsid of each row, and the row's own id where the reference has none."""
        numbers = np.where(match >= 0, self.reference.rs_number[np.maximum(match, 0)], -1)
        own = block.words.get("variant_id")
        if own is None:
            own = Words.of([""] * len(block))
        changed = (numbers >= 0) & (numbers != rs_numbers(own))
        if not changed.any():
            return own
        new = Words.of(f"rs{number}" if number >= 0 else "" for number in numbers.tolist())
        return chosen_words(changed, new, own)


@compiled
def _find_matches(place: Any, first: Any, alleles: Any, known_place: Any, reference: Any, alternate: Any) -> Any:
    """Find the one variant of the reference at a row's place whose alleles are the row's, on either strand."""
    effect, other, effect_reversed, other_reversed = alleles
    match = np.full(place.size, _NONE, dtype=np.int64)
    fit = np.zeros(place.size, dtype=np.int8)
    for row in range(place.size):
        candidate = first[row]
        while place[row] != 0 and candidate < known_place.size and known_place[candidate] == place[row]:
            a, b = alternate[candidate], reference[candidate]
            fits = np.int8(0)
            if effect[row] == a and other[row] == b:
                fits |= _FORWARD
            if effect[row] == b and other[row] == a:
                fits |= _FORWARD_FLIPPED
            if effect_reversed[row] == a and other_reversed[row] == b:
                fits |= _REVERSED
            if effect_reversed[row] == b and other_reversed[row] == a:
                fits |= _REVERSED_FLIPPED
            is_forward = fits & (_FORWARD | _FORWARD_FLIPPED)
            was_forward = fit[row] & (_FORWARD | _FORWARD_FLIPPED)
            if fits != 0:
                same = match[row] >= 0 and alternate[match[row]] == a and reference[match[row]] == b
                if match[row] == _NONE or (is_forward and not was_forward):
                    match[row], fit[row] = candidate, fits
                elif not same and (is_forward or not was_forward):
                    match[row] = _SEVERAL
            candidate += 1
    return match, fit
