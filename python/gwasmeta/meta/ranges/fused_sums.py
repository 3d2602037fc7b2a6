"""The loop that adds up the rows of a study in a range, each read once: aligned, corrected, and added.

It does what `StudySums` does block by block where nothing but effects with their frequencies and sample sizes is asked
for, with the same formulas for a row (`meta.sums`), and puts nothing aside that is as long as the rows.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from gwasmeta.compiled import compiled
from gwasmeta.meta.ranges.matching import MOVED_BIT
from gwasmeta.meta.sums import direction_code, with_effect, with_frequency
from gwasmeta.meta.variants import DUPLICATE

Array = npt.NDArray[Any]


class RowValues(NamedTuple):
    """The numbers of a study's rows in a range; arrays of shape (n_rows,), without elements where it has none.

    Attributes
    ----------
    beta, standard_error, frequency, n : float64
    imputed : bool
    """

    beta: Array
    standard_error: Array
    frequency: Array
    n: Array
    imputed: Array


class SumArrays(NamedTuple):
    """What rows are added to; arrays of shape (n_variants,).

    Attributes
    ----------
    effects : tuple of arrays
        Those of `EffectSums`.
    frequencies : tuple of arrays
        Mean, weight, sum of squares, lowest and highest of `FrequencySums`.
    n : float64
    directions : uint8, shape (n_variants, n_bytes)
    effect, weight : float64
        A column of the matrix of effects; without elements where no method needs it.
    """

    effects: Any
    frequencies: Any
    n: Array
    directions: Array
    effect: Array
    weight: Array


class Manner(NamedTuple):
    """How the rows of a study are added.

    Attributes
    ----------
    study : int
    genotyped, imputed : float
        What variances are multiplied by.
    weighted_by_n : bool
        Whether frequencies are weighted by n, or by the inverse variance.
    frequency_limit : float
        A frequency further than this from the mean before is told.
    direction_threshold : float
    """

    study: int
    genotyped: float
    imputed: float
    weighted_by_n: bool
    frequency_limit: float
    direction_threshold: float


class Counts(NamedTuple):
    """What the log has to know of the rows.

    Attributes
    ----------
    n_used, n_without_n, n_without_frequency : int
    largest_n : float
    n_far : int
        How many frequencies are far from the others.
    """

    n_used: int
    n_without_n: int
    n_without_frequency: int
    largest_n: float
    n_far: int


class FarRows(NamedTuple):
    """Room for rows whose frequency is far from the others.

    Attributes
    ----------
    rows : int64 array, shape (n_rows,)
    means : float64 array, shape (n_rows,)
        The mean frequency before.
    """

    rows: Array
    means: Array


@compiled
def add_rows(
    numbers: Any, first: int, outcomes: Any, values: RowValues, sums: SumArrays, manner: Manner, far: FarRows
) -> Counts:
    """Add the rows of a study that have matched.

    Parameters
    ----------
    numbers : int32 array, shape (n_rows,)
        Of the variants, in the catalogue.
    first : int
        The number of the variant that the sums begin with.
    outcomes : uint8 array, shape (n_rows,)
        As `match_rows` gives them.
    values : RowValues
    sums : SumArrays
    manner : Manner
    far : FarRows
        Filled in, from their beginnings.
    """
    betas, errors, frequencies, ns, imputed = values
    mean, weights, pairs, q, n_studies = sums.effects
    f_mean, f_weight, f_squares, f_lowest, f_highest = sums.frequencies
    n_total, directions = sums.n, sums.directions
    column_effect, column_weight = sums.effect, sums.weight
    byte, shift = manner.study // 4, np.uint8(2 * (manner.study % 4))
    threshold, limit = manner.direction_threshold, manner.frequency_limit
    far_rows, far_means = far
    n_used = n_without_n = n_without_frequency = n_far = 0
    largest_n = np.nan
    for row in range(numbers.size):
        outcome = outcomes[row] & np.uint8((1 << MOVED_BIT) - 1)
        if outcome >= DUPLICATE:
            continue
        variant = np.uint64(numbers[row] - first)
        flipped = outcome & np.uint8(1) != 0  # codes from 0 to 3: swapped is the lowest bit
        weight = 1 / (errors[row] * errors[row])
        n = ns[row] if ns.size else np.nan
        if n == n:
            n_total[variant] += n
            largest_n = n if not largest_n >= n else largest_n
        else:
            n_without_n += 1
        frequency = frequencies[row] if frequencies.size else np.nan
        if frequency == frequency:
            frequency = 1 - frequency if flipped else frequency
            by = n if manner.weighted_by_n else weight
            (
                f_mean[variant],
                f_weight[variant],
                f_squares[variant],
                f_lowest[variant],
                f_highest[variant],
                far_mean,
            ) = with_frequency(
                f_mean[variant],
                f_weight[variant],
                f_squares[variant],
                f_lowest[variant],
                f_highest[variant],
                frequency,
                by,
                limit,
            )
            if far_mean == far_mean:
                far_rows[n_far], far_means[n_far] = row, far_mean
                n_far += 1
        else:
            n_without_frequency += 1
        effect = -betas[row] if flipped else betas[row]
        weight = weight / (manner.imputed if imputed.size and imputed[row] else manner.genotyped)
        n_used += 1
        mean[variant], weights[variant], pairs[variant], q[variant] = with_effect(
            mean[variant], weights[variant], pairs[variant], q[variant], effect, weight
        )
        n_studies[variant] += 1
        direction = effect * np.sqrt(weight) if threshold > 0 else effect
        directions[variant, byte] |= direction_code(direction, threshold) << shift
        if column_effect.size:
            column_effect[variant], column_weight[variant] = effect, weight
    return Counts(n_used, n_without_n, n_without_frequency, largest_n, n_far)
