"""Regressions of the embedded example, on one variant at a time and for all variants at once."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]


def sums_by_genotype(
    genotypes: NDArray[np.int8], observed: BoolArray, values: Mapping[str, ArrayLike]
) -> dict[str, FloatArray]:
    """Sum over the people with each genotype: all that a regression on one variant needs of the data.

    Parameters
    ----------
    genotypes, observed : ndarray, shape (n_variants, people)
    values : mapping of str to array_like, shape (people,)

    Returns
    -------
    dict of str to ndarray, shape (n_variants, 3)
        For 0, 1 and 2 copies: the number of `people`, and the sums of the values by their names.
    """
    columns = np.column_stack([np.ones(genotypes.shape[1]), *values.values()])
    sums = np.stack([((genotypes == copies) & observed) @ columns for copies in range(3)], axis=1)
    return dict(zip(("people", *values), np.moveaxis(sums, 2, 0), strict=True))


def linear_regression(sums: Mapping[str, FloatArray]) -> tuple[FloatArray, FloatArray]:
    """Regress a trait on the copies of the alternative allele, with an intercept.

    Parameters
    ----------
    sums : mapping of str to ndarray, shape (n_variants, 3)
        `people`, and the sums of the `trait` and of its `square`.

    Returns
    -------
    beta, standard_error : ndarray, shape (n_variants,)
    """
    copies = np.arange(3)
    n = sums["people"].sum(axis=1)
    mean_copies = sums["people"] @ copies / n
    trait = sums["trait"].sum(axis=1)
    spread = sums["people"] @ copies**2 - n * mean_copies**2
    beta = (sums["trait"] @ copies - mean_copies * trait) / spread
    residual = sums["square"].sum(axis=1) - trait**2 / n - beta**2 * spread
    return beta, np.sqrt(residual / (n - 2) / spread)


def logistic_regression(cases: FloatArray, people: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Regress case status on the copies of the alternative allele, with an intercept, by Newton's method.

    Parameters
    ----------
    cases, people : ndarray, shape (n_variants, 3)
        How many there are with 0, 1 and 2 copies.

    Returns
    -------
    beta, standard_error : ndarray, shape (n_variants,)
        Log odds ratio per copy.
    """
    copies = np.arange(3)
    share = cases.sum(axis=1) / people.sum(axis=1)
    intercept, beta = np.log(share / (1 - share)), np.zeros(len(cases))
    for _ in range(10):  # the step is below 1e-12 from the sixth on
        expected = 1 / (1 + np.exp(-(intercept[:, None] + beta[:, None] * copies)))
        weight = people * expected * (1 - expected)
        w0, w1, w2 = (weight @ copies**power for power in range(3))
        score0, score1 = ((cases - people * expected) @ copies**power for power in range(2))
        determinant = w0 * w2 - w1**2
        intercept = intercept + (w2 * score0 - w1 * score1) / determinant
        beta = beta + (w0 * score1 - w1 * score0) / determinant
    return beta, np.sqrt(w0 / determinant)
