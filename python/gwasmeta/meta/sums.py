"""Running sums over studies, one row a variant: all that fixed effects, Q and frequencies need."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from gwasmeta.compiled import compiled
from gwasmeta.sumstats.text_index import grow

FloatArray = npt.NDArray[np.float64]
Int32Array = npt.NDArray[np.int32]


class EffectSums:
    """Weighted mean of the effects, its total weight, and Cochran's Q, updated study by study.

    West (1979), Communications of the ACM 22:532: mean and sum of squares are updated together, so that Q keeps its
    digits where effects are large against their spread (unlike sum(w b^2) - W mean^2), and only terms that are
    positive are added up.
    """

    def __init__(self) -> None:
        self.mean = np.zeros(0)
        self.weight = np.zeros(0)
        self.pair_weight = np.zeros(0)  # sum of w_i w_j over pairs of studies
        self.q = np.zeros(0)
        self.n_studies = np.zeros(0, dtype=np.uint16)

    def reserve(self, n_variants: int) -> None:
        """Make room for variants seen for the first time."""
        for array in (self.mean, self.weight, self.pair_weight, self.q, self.n_studies):
            grow(array, n_variants)

    def add(self, variants: Int32Array, effect: FloatArray, weight: FloatArray) -> None:
        """Add a block of one study, in which no variant may occur twice."""
        _add_effects(variants, effect, weight, self.mean, self.weight, self.pair_weight, self.q, self.n_studies)


@compiled
def _add_effects(
    variants: Any, effect: Any, weight: Any, mean: Any, total: Any, pairs: Any, q: Any, n_studies: Any
) -> None:
    for row in range(variants.size):
        variant = variants[row]
        mean[variant], total[variant], pairs[variant], q[variant] = with_effect(
            mean[variant], total[variant], pairs[variant], q[variant], effect[row], weight[row]
        )
        n_studies[variant] += 1


@compiled
def with_effect(mean: float, total: float, pairs: float, q: float, effect: float, weight: float) -> Any:
    """Return the sums of a variant with one more effect: mean, weight, weight of pairs, Q."""
    more = total + weight
    from_old_mean = effect - mean
    # Not w (b - old mean) (b - new mean): the last difference has no digits where w is nearly all the weight.
    q += weight * (total / more) * from_old_mean**2
    return mean + weight / more * from_old_mean, more, pairs + weight * total, q


class FrequencySums:
    """Weighted mean, weighted variance and extremes of the effect allele's frequency over studies.

    The extremes are kept in single precision (7 digits).
    """

    def __init__(self) -> None:
        self.mean = np.zeros(0)
        self.weight = np.zeros(0)
        self.sum_of_squares = np.zeros(0)
        self.lowest = np.zeros(0, dtype=np.float32)
        self.highest = np.zeros(0, dtype=np.float32)

    def reserve(self, n_variants: int) -> None:
        """Make room for variants seen for the first time."""
        for array in (self.mean, self.weight, self.sum_of_squares, self.lowest, self.highest):
            grow(array, n_variants)

    def add(self, variants: Int32Array, frequency: FloatArray, weight: FloatArray, limit: float) -> FloatArray:
        """Add a block of one study; rows without frequency are passed over.

        A row without weight does not count in the mean, but others are compared with it if there is no mean.

        Returns
        -------
        float64 array, shape (n_rows,)
            The mean before a row whose frequency is further than `limit` from it; NaN for other rows.
        """
        far_mean = np.full(variants.shape, np.nan)
        _add_frequencies(
            variants,
            frequency,
            weight,
            limit,
            self.mean,
            self.weight,
            self.sum_of_squares,
            self.lowest,
            self.highest,
            far_mean,
        )
        return far_mean

    def known(self, variants: Int32Array) -> FloatArray:
        """Return what the frequency of each variant is known to be so far, NaN where no study gave one."""
        return np.where(self.mean[variants] > 0, self.mean[variants], np.nan)


@compiled
def _add_frequencies(
    variants: Any,
    frequency: Any,
    weight: Any,
    limit: float,
    mean: Any,
    total: Any,
    sum_of_squares: Any,
    lowest: Any,
    highest: Any,
    far_mean: Any,
) -> None:
    for row in range(variants.size):
        if np.isnan(frequency[row]):
            continue
        variant = variants[row]
        mean[variant], total[variant], sum_of_squares[variant], lowest[variant], highest[variant], far_mean[row] = (
            with_frequency(
                mean[variant],
                total[variant],
                sum_of_squares[variant],
                lowest[variant],
                highest[variant],
                frequency[row],
                weight[row],
                limit,
            )
        )


@compiled
def with_frequency(
    mean: float,
    total: float,
    sum_of_squares: float,
    lowest: Any,
    highest: Any,
    frequency: float,
    weight: float,
    limit: float,
) -> Any:
    """Return the sums of a variant with one more frequency, and the mean before if that is far, or else NaN."""
    from_old_mean = frequency - mean
    far_mean = mean if mean > 0 and abs(from_old_mean) > limit else np.nan
    if weight > 0:
        value = np.float32(frequency)
        lowest = value if total == 0 or value < lowest else lowest
        highest = value if total == 0 or value > highest else highest
        more = total + weight
        sum_of_squares += weight * (total / more) * from_old_mean**2
        mean += weight / more * from_old_mean
        total = more
    elif mean == 0:
        mean = frequency  # without weight, but better than nothing to compare others with
    return mean, total, sum_of_squares, lowest, highest, far_mean


class SampleSums:
    """Sum of one kind of sample count (n, cases, controls) over the studies of each variant."""

    def __init__(self) -> None:
        self.total = np.zeros(0)
        self.incomplete = np.zeros(0, dtype=np.bool_)  # a study of the variant gave no count

    def known(self, start: int, stop: int, *, complete: bool = False) -> FloatArray:
        """Return the sums of a range of variants, NaN where no study gave a count, or not all if asked so."""
        known = self.total[start:stop] > 0
        if complete:
            known &= ~self.incomplete[start:stop]
        return np.where(known, self.total[start:stop], np.nan)

    def reserve(self, n_variants: int) -> None:
        """Make room for variants seen for the first time."""
        grow(self.total, n_variants)
        grow(self.incomplete, n_variants)

    def add(self, variants: Int32Array, count: FloatArray | None) -> None:
        """Add a block of one study; rows without a count add nothing."""
        if count is None:
            self.incomplete[variants] = True
        else:
            _add_counts(variants, count, self.total, self.incomplete)


class NumberSums:
    """Plain sum of a column over the studies of each variant; what is no number counts as zero."""

    def __init__(self) -> None:
        self.total = np.zeros(0)

    def reserve(self, n_variants: int) -> None:
        """Make room for variants seen for the first time."""
        grow(self.total, n_variants)

    def add(self, variants: Int32Array, values: FloatArray) -> None:
        """Add a block of one study."""
        _add_numbers(variants, values, self.total)


@compiled
def _add_numbers(variants: Any, values: Any, total: Any) -> None:
    for row in range(variants.size):
        if not np.isnan(values[row]):
            total[variants[row]] += values[row]


@compiled
def _add_counts(variants: Any, count: Any, total: Any, incomplete: Any) -> None:
    for row in range(variants.size):
        if np.isnan(count[row]):
            incomplete[variants[row]] = True
        else:
            total[variants[row]] += count[row]


class Directions:
    """For each variant and study: absent (or not significant enough), up, down, none. Two bits each."""

    SYMBOLS = np.frombuffer(bytearray(b"?+-0"), dtype=np.uint8)

    def __init__(self, n_studies: int) -> None:
        self.n_studies = n_studies
        self.packed = np.zeros((0, (n_studies + 3) // 4), dtype=np.uint8)

    def reserve(self, n_variants: int) -> None:
        """Make room for variants seen for the first time."""
        grow(self.packed, n_variants)

    def add(self, variants: Int32Array, study: int, z: FloatArray, threshold: float) -> None:
        """Enter the signs of a block of one study, where |z| is at least the threshold."""
        _add_directions(variants, z, threshold, study // 4, 2 * (study % 4), self.packed)

    def symbols(self, start: int, stop: int) -> npt.NDArray[np.uint8]:
        """Return one character per variant and study, shape (stop - start, n_studies)."""
        symbols = np.empty((stop - start, self.n_studies), dtype=np.uint8)
        _unpack_directions(self.packed[start:stop], self.SYMBOLS, symbols)
        return symbols


@compiled
def _add_directions(variants: Any, z: Any, threshold: float, byte: int, shift: int, packed: Any) -> None:
    for row in range(variants.size):
        packed[variants[row], byte] |= direction_code(z[row], threshold) << np.uint8(shift)


@compiled
def direction_code(z: float, threshold: float) -> Any:
    """Return how a direction is held: absent, up, down, none. Without a branch on the sign, which nothing foretells."""
    code = np.uint8(z > 0) | np.uint8(z < 0) << np.uint8(1) | np.uint8(z == 0) * np.uint8(3)
    return code * np.uint8(abs(z) >= threshold)


@compiled
def _unpack_directions(packed: Any, of_code: Any, symbols: Any) -> None:
    for row in range(symbols.shape[0]):
        for study in range(symbols.shape[1]):
            code = packed[row, study >> 2] >> np.uint8(2 * (study & 3)) & np.uint8(3)
            symbols[row, study] = of_code[np.uint64(code)]
