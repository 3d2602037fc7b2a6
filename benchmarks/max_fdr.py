"""Time maxFDR: grids of two to five traits, with strong and with weak genetic correlations, and the search beyond.

Compilation and the start of Python are not timed. The fewer correlations there are, the more points of a grid are
possible, and the longer it takes.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from gwasmeta.stats.max_fdr import Method, plan_max_fdr

_MEAN_N = np.array([240e3, 115e3, 58e3, 390e3, 77e3, 150e3, 100e3, 90e3, 70e3, 110e3, 130e3, 200e3, 50e3, 80e3])
_SIGMA_OVERLAP = 0.08


def model(n_traits: int, correlation: float) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return an Omega whose correlations are all the same or nearly so, a Sigma, and sample sizes."""
    apart = np.abs(np.subtract.outer(np.arange(n_traits), np.arange(n_traits)))
    omega = 3e-6 * np.where(apart == 0, 1.0, correlation * 0.95**apart)
    sigma = np.where(apart == 0, 1.03, _SIGMA_OVERLAP)
    return omega, sigma, np.resize(_MEAN_N, n_traits)


def time_one(n_traits: int, correlation: float, intervals: int, method: Method, n_starts: int) -> None:
    """Print a row: what there was to do, how long it was said to take, and how long it took."""
    plan = plan_max_fdr(*model(n_traits, correlation), intervals=intervals, method=method, n_starts=n_starts)
    estimated = plan.estimated_seconds()
    started, cpu = time.perf_counter(), time.process_time()
    result = plan.run()
    seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
    what = f"{n_traits} traits, correlation {correlation}, {plan.method}, 1/{plan.grid_intervals}"
    print(
        f"{what:44}{result.n_points:>15,}{result.n_possible:>13,}{estimated:>9.2f}{seconds:>9.2f}{cpu:>9.2f}",
        flush=True,
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--traits", type=int, nargs="+", default=[2, 3, 4, 5], help="of the grids (2 3 4 5)")
    parser.add_argument("--searched", type=int, nargs="*", default=[6, 8], help="traits of the searches (6 8)")
    parser.add_argument("--correlations", type=float, nargs="+", default=[0.6, 0.2])
    parser.add_argument("--intervals", type=int, default=10)
    parser.add_argument("--starts", type=int, default=30, help="of a search, for each trait (30)")
    options = parser.parse_args(argv)
    plan_max_fdr(*model(2, 0.5), method="search", n_starts=1).run()  # compiles
    print(f"{'':44}{'points':>15}{'possible':>13}{'est. s':>9}{'wall s':>9}{'CPU s':>9}")
    for correlation in options.correlations:
        for n_traits in options.traits:
            time_one(n_traits, correlation, options.intervals, "grid", options.starts)
        for n_traits in options.searched:
            time_one(n_traits, correlation, options.intervals, "search", options.starts)
    return 0


if __name__ == "__main__":
    sys.exit(main())
