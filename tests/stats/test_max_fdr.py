"""maxFDR: every point of small grids worked out one after the other, and simulations with known null SNPs."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from mtag_data import OMEGA, SIGMA, Array, random_covariance
from numpy.testing import assert_allclose, assert_array_equal
from scipy.stats import norm

from gwasmeta.errors import GwasmetaError
from gwasmeta.stats import max_fdr_search
from gwasmeta.stats.causal_mixture import causal_mixture
from gwasmeta.stats.causal_states import causal_states, probability_vectors
from gwasmeta.stats.max_fdr import MaxFdr, max_fdr_of_points, plan_max_fdr
from gwasmeta.stats.max_fdr_grid import CausalProbabilities, walk_grid
from gwasmeta.stats.max_fdr_search import MaxFdrSearch
from gwasmeta.stats.max_fdr_starts import nested_mixture, random_starts
from gwasmeta.stats.mtag_estimator import mtag

MEAN_N = np.array([240e3, 115e3, 58e3])


def reference(omega: Array, sigma: Array, n: Array, point: Array, p_significant: float = 5e-8) -> Array | None:
    """Return the false discovery rates at one point, or None if it is not possible."""
    states, n_traits = causal_states(len(omega)), len(omega)
    joint = np.einsum("s,sa,sb->ab", point, states.astype(float), states.astype(float))
    if joint.min() <= 0:
        return None
    at_shared = omega / joint
    root = np.sqrt(at_shared.diagonal())
    if np.linalg.eigvalsh(at_shared / np.outer(root, root)).min() < -1e-10:
        return None
    rates = np.empty(n_traits)
    for trait in range(n_traits):
        weight = omega[:, trait] / omega[trait, trait]
        v = omega - np.outer(weight, weight) * omega[trait, trait] + sigma / np.sqrt(np.outer(n, n))
        weights = np.linalg.solve(v, weight) / np.sqrt(weight @ np.linalg.solve(v, weight))  # of beta, for z
        power = np.empty(len(states))
        for number, state in enumerate(states):
            variance = at_shared * np.outer(state, state) + sigma / np.sqrt(np.outer(n, n))
            power[number] = 2 * norm.sf(norm.isf(p_significant / 2) / np.sqrt(weights @ variance @ weights))
        is_false = ~states[:, trait]
        rates[trait] = (point * power)[is_false].sum() / (point * power).sum()
    return rates


def all_points(n_traits: int, intervals: int) -> Array:
    units = product(range(intervals + 1), repeat=2**n_traits)
    return np.array([point for point in units if sum(point) == intervals]) / intervals


def random_model(seed: int, n_traits: int) -> tuple[Array, Array, Array]:
    generator = np.random.default_rng(seed)
    sigma = 0.9 * np.eye(n_traits) + 0.03 * random_covariance(generator, n_traits)
    return random_covariance(generator, n_traits, 1e-6), sigma, generator.uniform(4e4, 4e5, n_traits)


@pytest.mark.parametrize(("n_traits", "intervals"), [(1, 10), (2, 8), (3, 3)])
@pytest.mark.parametrize("seed", range(4))
def test_the_grid_is_that_of_all_possible_points(n_traits: int, intervals: int, seed: int) -> None:
    omega, sigma, n = random_model(seed, n_traits)
    points, rates = [], []
    for point in all_points(n_traits, intervals):
        fdr = reference(omega, sigma, n, point)
        if fdr is not None:
            points.append(point)
            rates.append(fdr)

    seen: list[tuple[Array, Array]] = []
    plan = plan_max_fdr(omega, sigma, n, intervals=intervals)
    result = plan.run(on_points=lambda probability, fdr: seen.append((probability, fdr)))

    assert plan.n_points == result.n_points == len(all_points(n_traits, intervals))
    assert_array_equal(np.concatenate([probability for probability, _ in seen]), points)
    assert_allclose(np.concatenate([fdr for _, fdr in seen]), rates, rtol=1e-9, atol=1e-300)
    assert result.method == "grid"
    assert result.n_possible == len(points)
    assert_allclose(result.fdr, np.max(rates, axis=0), rtol=1e-9)
    assert_array_equal(result.probability, np.array(points)[np.argmax(rates, axis=0)])
    assert_array_equal(result.grid_fdr, result.fdr)
    assert result.n_starts == 0


def test_given_points_are_evaluated_as_those_of_a_grid() -> None:
    generator = np.random.default_rng(1)
    points = 0.7 * generator.dirichlet(np.full(8, 0.3), 100)
    points[:, 7] += 0.3
    impossible = [reference(OMEGA, SIGMA, MEAN_N, point) is None for point in points]
    assert 10 < sum(impossible) < 90
    given = np.vstack([points, [[0.5] * 8, [-0.1, *[0] * 6, 1.1]]])  # two are no probabilities

    seen: list[tuple[Array, Array]] = []
    result = max_fdr_of_points(OMEGA, SIGMA, MEAN_N, given, on_points=lambda *some: seen.append(some))
    expected = np.array([reference(OMEGA, SIGMA, MEAN_N, point) for point in points[~np.array(impossible)]])
    assert result.method == "points"
    assert (result.n_points, result.n_possible) == (102, 100 - sum(impossible))
    assert_array_equal(seen[0][0], points[~np.array(impossible)])
    assert_allclose(seen[0][1], expected, rtol=1e-9)
    assert_allclose(result.fdr, expected.max(axis=0), rtol=1e-9)


def test_the_p_value_of_a_discovery_is_used() -> None:
    point = np.array([0.3, 0.2, 0.1, 0.4])
    omega, sigma, n = OMEGA[:2, :2], SIGMA[:2, :2], MEAN_N[:2]
    for p_significant in (1e-2, 1e-5, 5e-8):
        result = max_fdr_of_points(omega, sigma, n, point, p_significant=p_significant)
        expected = reference(omega, sigma, n, point, p_significant)
        assert expected is not None
        assert_allclose(result.fdr, expected, rtol=1e-9)


def simulated_rates(generator: np.random.Generator, point: Array, p_significant: float) -> tuple[Array, Array]:
    """Return the realised false discovery rates of SNPs whose causal states are known, and their standard errors."""
    states = causal_states(3)
    joint = np.einsum("s,sa,sb->ab", point, states.astype(float), states.astype(float))
    false, discoveries = np.zeros(3), np.zeros(3)
    for _ in range(10):
        state = states[generator.choice(8, 200_000, p=point)]
        effect = state * generator.multivariate_normal(np.zeros(3), OMEGA / joint, 200_000)
        error = generator.multivariate_normal(np.zeros(3), SIGMA, 200_000)
        result = mtag(np.sqrt(MEAN_N) * effect + error, np.broadcast_to(MEAN_N, error.shape), OMEGA, SIGMA)
        significant = np.abs(result.z) > norm.isf(p_significant / 2)
        discoveries += significant.sum(axis=0)
        false += (significant & ~state).sum(axis=0)
    rate = false / discoveries
    return rate, np.sqrt(rate * (1 - rate) / discoveries)


def test_realised_rates_are_as_predicted_and_below_the_maximum() -> None:
    p_significant = 1e-3  # more discoveries, and more false ones, than at 5e-8
    plan = plan_max_fdr(OMEGA, SIGMA, MEAN_N, p_significant=p_significant)
    result = plan.run()
    generator = np.random.default_rng(2)
    worst = result.probability[2]
    usual = np.array([0.4, 0.0, 0.1, 0.0, 0.0, 0.0, 0.05, 0.45])
    for point in (worst, usual):
        expected = reference(OMEGA, SIGMA, MEAN_N, point, p_significant)
        assert expected is not None
        rate, standard_error = simulated_rates(generator, point, p_significant)
        assert (standard_error < 0.1 * rate).all()
        assert (np.abs(rate - expected) < 4 * standard_error).all()
        assert (rate < result.fdr + 4 * standard_error).all()
    assert (simulated_rates(generator, usual, p_significant)[0] < result.fdr).all()


def test_known_causal_probabilities_restrict_the_grid() -> None:
    known = np.array([0.65, 0.6, 0.52])
    possible = []
    for point in all_points(3, 4):
        often = point @ causal_states(3)
        rates = reference(OMEGA, SIGMA, MEAN_N, point)
        if rates is not None and (np.abs(often - known) < 0.25).all():
            possible.append(rates)
    result = plan_max_fdr(OMEGA, SIGMA, MEAN_N, intervals=4, causal_probabilities=known).run()
    assert result.n_possible == len(possible) > 5
    assert_allclose(result.fdr, np.max(possible, axis=0), rtol=1e-9)
    assert result.n_possible < plan_max_fdr(OMEGA, SIGMA, MEAN_N, intervals=4).run().n_possible


def test_perfectly_correlated_traits_share_all_their_snps() -> None:
    root = np.array([1.0, 2.0, 1.5]) * 1e-3
    for method in ("grid", "search"):
        result = plan_max_fdr(np.outer(root, root), SIGMA, MEAN_N, method=method, n_starts=3).run()
        assert result.n_possible == 10  # all or none, with probabilities 0.1 to 1 of all
        assert_allclose(result.probability[:, 1:-1], 0, atol=1e-9)
        assert_allclose(result.fdr, result.fdr[0], rtol=1e-6)


def test_the_order_of_the_traits_is_irrelevant() -> None:
    order = [2, 0, 1]
    block = np.ix_(order, order)
    result = plan_max_fdr(OMEGA, SIGMA, MEAN_N, intervals=6).run()
    reordered = plan_max_fdr(OMEGA[block], SIGMA[block], MEAN_N[order], intervals=6).run()
    assert reordered.n_possible == result.n_possible
    assert_allclose(reordered.fdr, result.fdr[order], rtol=1e-9)


def test_the_parts_of_a_grid_do_not_matter() -> None:
    mixture, causal = causal_mixture(OMEGA, SIGMA, MEAN_N), CausalProbabilities.any(3)
    whole = list(walk_grid(mixture, 5, causal))
    parts = list(walk_grid(mixture, 5, causal, part_points=7))
    assert len(whole) == 1 < len(parts)
    assert sum(part.n_points for part in parts) == whole[0].n_points == 792
    assert_array_equal(np.concatenate([part.units for part in parts]), whole[0].units)
    assert_array_equal(np.concatenate([part.fdr for part in parts]), whole[0].fdr)


def finest_grid(omega: Array, sigma: Array, n: Array, intervals: int) -> Array:
    """Return the maxima over a fine grid, of points under which every two traits share a tenth of the SNPs."""
    mixture = causal_mixture(omega, sigma, n)
    best = np.zeros(len(omega))
    for part in walk_grid(mixture, intervals, CausalProbabilities.any(len(omega))):
        joint = probability_vectors(part.units, len(mixture.states)) @ mixture.has_pair
        enough = (joint > 0.1 - 1e-12).all(axis=1)
        best = np.maximum(best, part.fdr[enough].max(axis=0, initial=0))
    return best


@pytest.mark.parametrize(("n_traits", "intervals"), [(2, 100), (3, 20)])
def test_a_search_finds_all_that_a_fine_grid_has(n_traits: int, intervals: int) -> None:
    omega, sigma, n = OMEGA[:n_traits, :n_traits], SIGMA[:n_traits, :n_traits], MEAN_N[:n_traits]
    fine = finest_grid(omega, sigma, n, intervals)
    result = plan_max_fdr(omega, sigma, n, method="search").run()
    assert (result.fdr >= fine * (1 - 1e-6)).all()
    assert_possible_and_no_less_than_the_grid(result, omega, sigma, n)


def test_climbs_that_do_not_know_the_grid_find_all_that_the_grid_of_four_traits_has() -> None:
    omega, sigma, n = random_model(7, 4)
    mixture, causal = causal_mixture(omega, sigma, n), CausalProbabilities.any(4)
    grid = plan_max_fdr(omega, sigma, n, intervals=8, method="grid").run()
    assert grid.n_points == 490_314
    search = MaxFdrSearch(mixture, 1 / 8, causal)
    starts = random_starts(mixture, 1 / 8, causal, 8, np.random.default_rng(7))
    for trait in range(4):
        rates, points = zip(*(search.climb(trait, start) for start in starts), strict=True)
        best = int(np.argmax(rates))
        assert rates[best] >= grid.fdr[trait] * (1 - 1e-6)
        expected = reference(omega, sigma, n, points[best])
        assert expected is not None
        assert_allclose(rates[best], expected[trait], rtol=1e-8)


def test_a_search_finds_no_more_than_is_between_the_points_of_a_fine_grid() -> None:
    omega, sigma, n = OMEGA[:2, :2], SIGMA[:2, :2], MEAN_N[:2]
    coarse, fine = (finest_grid(omega, sigma, n, intervals) for intervals in (50, 200))
    result = plan_max_fdr(omega, sigma, n, method="search").run()
    assert (result.fdr <= fine + np.maximum(fine - coarse, 0.01 * fine)).all()


def assert_possible_and_no_less_than_the_grid(result: MaxFdr, omega: Array, sigma: Array, n: Array) -> None:
    states = causal_states(len(omega)).astype(float)
    for trait, point in enumerate(result.probability):
        expected = reference(omega, sigma, n, point)
        assert expected is not None
        assert_allclose(result.fdr[trait], expected[trait], rtol=1e-8)
        assert_allclose(point.sum(), 1, rtol=1e-12)
        assert np.einsum("s,sa,sb->ab", point, states, states).min() > 0.1 - 1e-9
    assert (result.fdr >= result.grid_fdr).all()
    assert (result.n_reached >= 1).all()
    assert (result.n_reached <= result.n_starts).all()


def test_six_traits_are_searched() -> None:
    omega, sigma, n = random_model(3, 6)
    plan = plan_max_fdr(omega, sigma, n, n_starts=2)
    assert (plan.method, plan.grid_intervals, plan.intervals) == ("search", 4, 10)
    done: list[tuple[str, int, int]] = []
    result = plan.run(progress=lambda *step: done.append(step))
    assert result.method == "search"
    assert_possible_and_no_less_than_the_grid(result, omega, sigma, n)
    points = [step[1:] for step in done if step[0] == "points"]
    starts = [step[1:] for step in done if step[0] == "starts"]
    assert points[-1] == (plan.n_points, plan.n_points)
    assert starts == [(number, 12) for number in range(1, 13)]
    again = plan.run()
    assert_array_equal(again.fdr, result.fdr)


def test_a_search_among_known_causal_probabilities_keeps_them() -> None:
    known = np.array([0.65, 0.6, 0.52])
    result = plan_max_fdr(OMEGA, SIGMA, MEAN_N, causal_probabilities=known, method="search", n_starts=5).run()
    assert (np.abs(result.probability @ causal_states(3) - known) < 0.1).all()
    assert (result.fdr >= result.grid_fdr).all()
    assert (result.grid_fdr > 0).all()


def test_results_say_what_they_are_maxima_over_and_how_sure_that_is() -> None:
    omega, sigma, n = OMEGA[:2, :2], SIGMA[:2, :2], MEAN_N[:2]
    grid = plan_max_fdr(omega, sigma, n).run()
    first, *traits = repr(grid).splitlines()
    assert f"{grid.n_possible} possible ones of 286 points of a grid in steps of 1/10" in first
    assert traits == [f"  trait {trait + 1}: {rate:.6g}" for trait, rate in enumerate(grid.fdr)]
    search = plan_max_fdr(omega, sigma, n, method="search", n_starts=3).run()
    first, *traits = repr(search).splitlines()
    assert first.endswith("grid in steps of 1/10, and of a search from 3 starts for each trait")
    for line, rate, reached, grid_rate in zip(traits, search.fdr, search.n_reached, search.grid_fdr, strict=True):
        assert line.endswith(
            f"{rate:.6g} ({reached} of 3 starts led to within 1 % of it; the grid alone: {grid_rate:.6g})"
        )
    given = max_fdr_of_points(omega, sigma, n, grid.probability)
    assert repr(given).startswith("maxFDR, the largest over 2 possible ones of 2 points\n")


def test_climbs_take_in_the_states_that_they_lack(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there are many states, a climb begins with those of its start: here five of sixteen."""
    omega, sigma, n = random_model(7, 4)
    mixture, causal = causal_mixture(omega, sigma, n), CausalProbabilities.any(4)
    start = nested_mixture(mixture.states, 1 / 8, causal, 0.5)
    search = MaxFdrSearch(mixture, 1 / 8, causal)
    monkeypatch.setattr(max_fdr_search, "_ALL_AT_ONCE", 4)
    with_others = np.array([search.climb(trait, start)[0] for trait in range(4)])
    monkeypatch.setattr(max_fdr_search, "_MOST_ROUNDS", 1)
    without = np.array([search.climb(trait, start)[0] for trait in range(4)])
    assert (with_others >= without).all()
    assert np.count_nonzero(with_others > 1.5 * without) >= 3


def test_starts_are_counted_that_lead_to_the_maximum() -> None:
    omega, sigma, n = random_model(6, 4)
    first = [3, 0, 1, 2]
    omega, sigma, n = omega[np.ix_(first, first)], sigma[np.ix_(first, first)], n[first]
    result = plan_max_fdr(omega, sigma, n, intervals=5, method="search", n_starts=12).run()
    mixture, causal = causal_mixture(omega, sigma, n), CausalProbabilities.any(4)
    search = MaxFdrSearch(mixture, 1 / 5, causal)
    starts = random_starts(mixture, 1 / 5, causal, 11, np.random.default_rng(20180101))  # those of the first trait
    rates = [search.climb(0, start)[0] for start in starts]
    reached = np.count_nonzero(rates >= 0.99 * result.fdr[0])
    assert 0 < reached < 11
    assert result.n_reached[0] in (reached, reached + 1)  # there is one more, from the best point of the grid


def test_time_is_estimated_before_the_start() -> None:
    for method in ("grid", "search"):
        plan = plan_max_fdr(OMEGA, SIGMA, MEAN_N, method=method)
        plan.estimated_seconds()  # compiles
        assert 0 < plan.estimated_seconds() < 60


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"intervals": 0}, "the number of intervals is 0"),
        ({"n_starts": 0}, "the number of starts is 0"),
        ({"p_significant": 0.0}, "the p-value of a discovery is 0.0"),
        ({"omega": np.eye(15), "sigma": np.eye(15), "mean_n": np.ones(15)}, "15 traits"),
        ({"omega": OMEGA[:2]}, r"omega has shape \(2, 3\)"),
        ({"sigma": SIGMA[:2, :2]}, r"sigma has shape \(2, 2\), and there are 3 traits"),
    ],
)
def test_faulty_input_is_refused(options: dict[str, object], complaint: str) -> None:
    usual = {"omega": OMEGA, "sigma": SIGMA, "mean_n": MEAN_N}
    with pytest.raises(GwasmetaError, match=complaint):
        plan_max_fdr(**(usual | options))  # type: ignore[arg-type]


def test_where_nothing_is_possible_an_error_says_why() -> None:
    omega = np.where(np.eye(3), OMEGA, 2 * OMEGA.max())
    with pytest.raises(GwasmetaError, match="Omega is no covariance matrix"):
        plan_max_fdr(omega, SIGMA, MEAN_N, intervals=3).run()
    unequal = plan_max_fdr(OMEGA, SIGMA, MEAN_N, causal_probabilities=[0.05, 0.95, 0.5])
    with pytest.raises(GwasmetaError, match="causal probabilities may differ too much"):
        unequal.run()
    with pytest.raises(GwasmetaError, match="of the given grid are possible"):
        max_fdr_of_points(OMEGA, SIGMA, MEAN_N, [[0.5] * 8])
    with pytest.raises(GwasmetaError, match="the grid has 4 columns, and 3 traits have 8"):
        max_fdr_of_points(OMEGA, SIGMA, MEAN_N, [[0.25] * 4])
    with pytest.raises(ValueError, match="causal_probabilities must be 3 numbers"):
        plan_max_fdr(OMEGA, SIGMA, MEAN_N, causal_probabilities=[0.5, 1.5, 0.5])
