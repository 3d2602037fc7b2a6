"""Pairs of alleles whatever strand they are given on: 0 to 3 for A, C, G, T, so that the complement is 3 minus it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gwasmeta.multitrait.trait_rows import BoolArray

AlleleCodes = npt.NDArray[np.int8]


def pair_class(one: AlleleCodes, other: AlleleCodes) -> npt.NDArray[np.int8]:
    """Return a number for each pair of alleles: the same for two that are the same up to their order and strand."""
    return np.asarray(np.minimum(_unordered(one, other), _unordered(3 - one, 3 - other)), dtype=np.int8)


def is_transition(one: AlleleCodes, other: AlleleCodes) -> BoolArray:
    """Tell the two classes of pairs whose strand can be told apart: A/G and C/T, or A/C and G/T."""
    return np.asarray(np.abs(one - other) == 2)


def sign_of_weak_allele(effect: AlleleCodes) -> npt.NDArray[np.float64]:
    """Return 1 where the effect allele is A or T and -1 elsewhere.

    Of a pair whose strand can be told one allele is A or T, on either strand, so that effects multiplied by this sign
    are all about the same allele.
    """
    return np.where((effect == 0) | (effect == 3), 1.0, -1.0)


def _unordered(one: AlleleCodes, other: AlleleCodes) -> npt.NDArray[np.int8]:
    return np.asarray(4 * np.minimum(one, other) + np.maximum(one, other), dtype=np.int8)
