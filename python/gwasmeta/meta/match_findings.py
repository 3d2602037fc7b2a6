"""What the log says of how a block's rows match the variants."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from gwasmeta.meta.variants import ALLELES_DIFFER, COMPLEMENTED, COMPLEMENTED_AND_SWAPPED, DUPLICATE, Placement
from gwasmeta.sumstats.row_block import RowBlock
from gwasmeta.sumstats.row_log import Action, Finding

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

MATCH_RULES = (
    "palindromic_not_inferable",
    "palindromic_strand_turned",
    "position_differs",
    "duplicate",
    "alleles_differ",
    "other_strand",
    "frequency_far_from_others",
)
"""What can be found when rows are matched, in the order in which it is looked for."""

_BOTH_ALLELES = ("effect_allele", "other_allele")


def match_findings(block: RowBlock, placement: Placement, used: BoolArray) -> list[Finding]:
    """Return what matching caught: duplicates, other alleles, and alleles that match on the other strand."""
    outcomes = placement.outcomes
    on_other_strand = used & ((outcomes == COMPLEMENTED) | (outcomes == COMPLEMENTED_AND_SWAPPED))
    return [
        block.finding(
            "duplicate",
            "the first row of a variant counts",
            "variant_id",
            outcomes == DUPLICATE,
            "excluded",
        ),
        block.finding(
            "alleles_differ",
            "they are not those of the first study that has the variant, on either strand",
            _BOTH_ALLELES,
            outcomes == ALLELES_DIFFER,
            "excluded",
        ),
        block.finding(
            "other_strand",
            "the alleles match on the other strand",
            _BOTH_ALLELES,
            on_other_strand,
            "warned",
        ),
    ]


def position_finding(block: RowBlock, moved: BoolArray, action: Action) -> Finding:
    """Return which rows are elsewhere than their variant."""
    reason = "another study has the variant elsewhere: another build?"
    return block.finding("position_differs", reason, "base_pair_location", moved, action)


def frequency_finding(block: RowBlock, frequency: FloatArray, mean_before: FloatArray, limit: float) -> Finding:
    """Return which rows have a frequency far from the mean of the studies before; NaN where it is near."""
    reason = f"by more than {limit:g} from the mean of the studies before: other strand, allele or population?"
    far = ~np.isnan(mean_before)
    finding = block.finding("frequency_far_from_others", reason, "effect_allele_frequency", far, "warned")
    rows = block.in_study_order(np.flatnonzero(far))[: len(finding.examples)]
    examples = (
        replace(example, values=(f"{frequency[row]:g}", f"{mean_before[row]:g}"))
        for example, row in zip(finding.examples, rows, strict=True)
    )
    return replace(finding, examples=tuple(examples))
