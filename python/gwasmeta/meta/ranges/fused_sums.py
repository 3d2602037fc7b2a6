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
    n_imputed : int
        Of those that are used.
    largest_n : float
    any_far : bool
        Whether a frequency is far from the others.
    """

    n_used: int
    n_without_n: int
    n_without_frequency: int
    n_imputed: int
    largest_n: float
    any_far: bool


@compiled
def add_rows(
    variants: Any, outcomes: Any, values: RowValues, sums: SumArrays, manner: Manner, far_means: Any, z: Any
) -> Counts:
    """Add the rows of a study that have matched.

    Parameters
    ----------
    variants : int32 array, shape (n_rows,)
    outcomes : uint8 array, shape (n_rows,)
        As `match_rows` gives them.
    values : RowValues
    sums : SumArrays
    manner : Manner
    far_means : float64 array, shape (n_rows,)
        Filled in: the mean frequency before where the row's is far from it; NaN elsewhere.
    z : two float64 arrays, shape (n_rows,)
        Filled from the beginning with the uncorrected z statistics of the rows that are used, of genotyped and of
        imputed variants; without elements if they are not wanted.
    """
    betas, errors, frequencies, ns, imputed = values
    mean, weights, pairs, q, n_studies = sums.effects
    f_mean, f_weight, f_squares, f_lowest, f_highest = sums.frequencies
    n_total, directions = sums.n, sums.directions
    column_effect, column_weight, z_genotyped, z_imputed = sums.effect, sums.weight, z[0], z[1]
    byte, shift = manner.study // 4, np.uint8(2 * (manner.study % 4))
    threshold, limit = manner.direction_threshold, manner.frequency_limit
    n_used = n_without_n = n_without_frequency = n_imputed = 0
    largest_n, any_far, with_z = np.nan, False, z_genotyped.size > 0
    for row in range(variants.size):
        far_means[row] = np.nan
        outcome = outcomes[row] & np.uint8((1 << MOVED_BIT) - 1)
        if outcome >= DUPLICATE:
            continue
        variant = np.uint64(variants[row])
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
                far,
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
            far_means[row] = far
            any_far |= far == far
        else:
            n_without_frequency += 1
        effect = -betas[row] if flipped else betas[row]
        statistic = effect * np.sqrt(weight) if with_z else 0.0
        if imputed.size and imputed[row]:
            if with_z:
                z_imputed[n_imputed] = statistic
            n_imputed += 1
            weight = weight / manner.imputed
        else:
            if with_z:
                z_genotyped[n_used - n_imputed] = statistic
            weight = weight / manner.genotyped
        n_used += 1
        mean[variant], weights[variant], pairs[variant], q[variant] = with_effect(
            mean[variant], weights[variant], pairs[variant], q[variant], effect, weight
        )
        n_studies[variant] += 1
        direction = effect * np.sqrt(weight) if threshold > 0 else effect
        directions[variant, byte] |= direction_code(direction, threshold) << shift
        if column_effect.size:
            column_effect[variant], column_weight[variant] = effect, weight
    return Counts(n_used, n_without_n, n_without_frequency, n_imputed, largest_n, any_far)


@compiled
def z_of_rows(outcomes: Any, values: RowValues, z_genotyped: Any, z_imputed: Any) -> tuple[int, int]:
    """Write the z statistics of the rows that have matched, of both kinds of variants.

    Returns
    -------
    n_genotyped, n_imputed : int
        How many have been written.
    """
    betas, errors, imputed = values.beta, values.standard_error, values.imputed
    n_genotyped = n_imputed = 0
    for row in range(outcomes.size):
        if outcomes[row] & np.uint8((1 << MOVED_BIT) - 1) >= DUPLICATE:
            continue
        z = betas[row] * np.sqrt(1 / (errors[row] * errors[row]))
        if imputed.size and imputed[row]:
            z_imputed[n_imputed] = z
            n_imputed += 1
        else:
            z_genotyped[n_genotyped] = z
            n_genotyped += 1
    return n_genotyped, n_imputed
