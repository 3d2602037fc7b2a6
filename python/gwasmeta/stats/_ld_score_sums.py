"""The passes over the SNPs that LD score regression consists of: weigh each, and add up block by block.

All that is compiled stands in this file: the cache of machine code does not notice a change in another one.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from gwasmeta.compiled import compiled
from gwasmeta.stats._matrices import FloatArray

# Weighed in one loop and added up in the next: the compiler then weighs several SNPs at a time.
_TILE: Final = 256

N_SUMS: Final = 5  # of w, wx, wx², wy and wxy


@compiled
def product_means(
    z1: FloatArray, n1: FloatArray, z2: FloatArray, n2: FloatArray, ld_score: FloatArray
) -> tuple[float, float, float]:
    """Return the means of z1 z2, of n = sqrt(n1 n2), and of n times the LD score."""
    sum_product = sum_n = sum_scaled = 0.0
    for start in range(0, z1.size, _TILE):
        tile_product = tile_n = tile_scaled = 0.0  # sums of sums lose fewer digits
        for snp in range(start, min(start + _TILE, z1.size)):
            n = np.sqrt(n1[snp] * n2[snp])
            tile_product += z1[snp] * z2[snp]
            tile_n += n
            tile_scaled += n * ld_score[snp]
        sum_product += tile_product
        sum_n += tile_n
        sum_scaled += tile_scaled
    return sum_product / z1.size, sum_n / z1.size, sum_scaled / z1.size


@compiled
def weighted_block_sums(
    z1: FloatArray,
    n1: FloatArray,
    z2: FloatArray,
    n2: FloatArray,
    ld_score: FloatArray,
    weight_ld_score: FloatArray,
    mean_n: float,
    lines: FloatArray,
    scaled_in_weights: bool,
    borders: NDArray[np.int64],
) -> tuple[FloatArray, float]:
    """Return each block's sums of w, wx, wx², wy and wxy, and the smallest weight of all.

    y is z1 z2, and x the LD score times n / `mean_n`, n = sqrt(n1 n2). The rows of `lines` say what z1², z2² and y
    are expected to be: (slope on n times the LD score, intercept). With `scaled_in_weights`, x takes the place of
    the LD score there.
    """
    sums = np.zeros((borders.size - 1, N_SUMS))
    n, x, y, weight = np.empty(_TILE), np.empty(_TILE), np.empty(_TILE), np.empty(_TILE)
    smallest = np.inf
    for block in range(borders.size - 1):
        for start in range(borders[block], borders[block + 1], _TILE):
            stop = min(start + _TILE, borders[block + 1])
            tile, size = slice(start, stop), stop - start
            _products(z1[tile], n1[tile], z2[tile], n2[tile], ld_score[tile], 1 / mean_n, n, x, y)
            in_weights = x[:size] if scaled_in_weights else ld_score[tile]
            _weights(n1[tile], n2[tile], n, in_weights, weight_ld_score[tile], lines, weight)
            smallest = min(smallest, _add(weight[:size], x, y, sums[block]))
    return sums, smallest


@compiled
def _products(
    z1: FloatArray,
    n1: FloatArray,
    z2: FloatArray,
    n2: FloatArray,
    ld_score: FloatArray,
    inverse_mean_n: float,
    n: FloatArray,
    x: FloatArray,
    y: FloatArray,
) -> None:
    """Write n, x and y of a tile."""
    for snp in range(z1.size):
        n[snp] = np.sqrt(n1[snp] * n2[snp])
        x[snp] = n[snp] * ld_score[snp] * inverse_mean_n
        y[snp] = z1[snp] * z2[snp]


@compiled
def _weights(
    n1: FloatArray,
    n2: FloatArray,
    n: FloatArray,
    ld_score: FloatArray,
    weight_ld_score: FloatArray,
    lines: FloatArray,
    weight: FloatArray,
) -> None:
    """Write 1 / (variance of y times the LD score to other SNPs of the regression, which repeat what it says)."""
    for snp in range(n1.size):
        tagged = max(ld_score[snp], 1.0)
        square1 = lines[0, 0] * n1[snp] * tagged + lines[0, 1]
        square2 = lines[1, 0] * n2[snp] * tagged + lines[1, 1]
        product = lines[2, 0] * n[snp] * tagged + lines[2, 1]
        weight[snp] = 1 / ((square1 * square2 + product * product) * max(weight_ld_score[snp], 1.0))


@compiled
def _add(weight: FloatArray, x: FloatArray, y: FloatArray, sums: FloatArray) -> float:
    """Add a tile's sums to those of its block, and return its smallest weight."""
    w_sum = wx_sum = wxx_sum = wy_sum = wxy_sum = 0.0
    smallest = np.inf
    for snp in range(weight.size):
        w, wx = weight[snp], weight[snp] * x[snp]
        w_sum += w
        wx_sum += wx
        wxx_sum += wx * x[snp]
        wy_sum += w * y[snp]
        wxy_sum += wx * y[snp]
        smallest = min(smallest, w)
    sums[0] += w_sum
    sums[1] += wx_sum
    sums[2] += wxx_sum
    sums[3] += wy_sum
    sums[4] += wxy_sum
    return smallest
