"""False discoveries of a whole analysis, among SNPs of which it is known what they affect."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from trait_files import simulated_traits, write_ld_scores

import gwasmeta
from gwasmeta.multitrait.result import MtagResult
from gwasmeta.stats.causal_states import causal_states
from gwasmeta.stats.max_fdr import plan_max_fdr

_N_SNPS = 80_000
_OMEGA = 4e-6 * np.array([[1.0, 0.9, 0.5], [0.9, 1.8, 0.4], [0.5, 0.4, 1.5]])
_SIGMA = np.array([[1.04, 0.12, 0.06], [0.12, 1.02, 0.15], [0.06, 0.15, 1.03]])
_N = np.array([60e3, 200e3, 120e3])
_P_SIGNIFICANT = 1e-4  # more discoveries, and more false ones, than at 5e-8

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Simulated:
    """Traits, a panel, and which traits each SNP affects: shape (n_snps, n_traits)."""

    traits: dict[str, pd.DataFrame]
    panel: Path
    affects: npt.NDArray[np.bool_]

    def analysed(self) -> MtagResult:
        return gwasmeta.mtag(self.traits, ld_scores=self.panel)

    def realised_fdr(self, result: MtagResult) -> tuple[FloatArray, FloatArray]:
        """Return for each trait the share of discoveries at SNPs that do not affect it, and its standard error."""
        rates, errors = [], []
        for trait, estimates in enumerate(result.traits.values()):
            discovered = (estimates.table["neg_log_10_p_value"] > -np.log10(_P_SIGNIFICANT)).to_numpy()
            assert discovered.size == _N_SNPS
            rate = float((~self.affects[discovered, trait]).mean())
            rates.append(rate)
            errors.append(np.sqrt(max(rate, 1 / discovered.sum()) / discovered.sum()))
        return np.array(rates), np.array(errors)


def simulate(folder: Path, probability: FloatArray, n_traits: int, seed: int) -> Simulated:
    """Draw causal states, and normal effects where a state has them, the larger the higher the SNP's LD score."""
    rng = np.random.default_rng(seed)
    omega, sigma, n = _OMEGA[:n_traits, :n_traits], _SIGMA[:n_traits, :n_traits], _N[:n_traits]
    states = causal_states(n_traits)
    joint = np.einsum("s,sa,sb->ab", probability, states.astype(float), states.astype(float))
    affects = states[rng.choice(len(states), _N_SNPS, p=probability)]
    ld_score = rng.gamma(4.0, 5.0, _N_SNPS)
    size = np.sqrt(ld_score / ld_score.mean())[:, None]
    effect = affects * size * rng.multivariate_normal(np.zeros(n_traits), omega / joint, _N_SNPS)
    frames = simulated_traits(_N_SNPS, np.zeros((n_traits, n_traits)), sigma, list(n), seed)
    for trait, frame in enumerate(frames):
        frame["z"] += effect[:, trait] * np.sqrt(n[trait])
    panel = write_ld_scores(folder / "panel", frames[0], ld_score, _N_SNPS)
    return Simulated(dict(zip("abc", frames, strict=False)), panel, affects)


def worst_probability(n_traits: int, trait: int) -> FloatArray:
    """Return where on the grid the trait's rate would be the largest, were Omega and Sigma known."""
    omega, sigma = _OMEGA[:n_traits, :n_traits], _SIGMA[:n_traits, :n_traits]
    plan = plan_max_fdr(omega, sigma, _N[:n_traits], p_significant=_P_SIGNIFICANT)
    return plan.run().probability[trait]


@pytest.mark.parametrize("n_traits", [2, 3])
def test_where_the_rate_is_the_largest_it_is_nearly_the_bound_and_not_above(n_traits: int, tmp_path: Path) -> None:
    data = simulate(tmp_path, worst_probability(n_traits, trait=0), n_traits, seed=n_traits)
    result = data.analysed()
    bound = result.max_fdr(p_significant=_P_SIGNIFICANT)
    rate, standard_error = data.realised_fdr(result)
    assert bound.method == "grid"
    assert 0.02 < rate[0] < 0.5
    assert (rate < bound.fdr + 4 * standard_error).all()
    assert abs(rate[0] / bound.fdr[0] - 1) < 0.2  # Omega and Sigma are estimated


# Probabilities of the states: no trait, the last one, the last but one, both, ...
_FEW_CAUSAL = [[0.7, 0.0, 0.1, 0.2], [0.5, 0.05, 0.05, 0.0, 0.05, 0.0, 0.1, 0.25]]
_MANY_CAUSAL = [[0.05, 0.4, 0.05, 0.5], [0.1, 0.1, 0.1, 0.0, 0.0, 0.05, 0.25, 0.4]]


@pytest.mark.parametrize("probability", _MANY_CAUSAL)
def test_the_rate_is_below_the_bound_where_traits_have_snps_of_their_own(
    probability: list[float], tmp_path: Path
) -> None:
    data = simulate(tmp_path, np.array(probability), n_traits=len(probability).bit_length() - 1, seed=10)
    result = data.analysed()
    rate, standard_error = data.realised_fdr(result)
    assert rate.max() > 0.005
    assert (rate < result.max_fdr(p_significant=_P_SIGNIFICANT).fdr + 4 * standard_error).all()


@pytest.mark.parametrize("probability", _FEW_CAUSAL)
def test_fitted_causal_probabilities_give_a_smaller_bound_that_still_holds(
    probability: list[float], tmp_path: Path
) -> None:
    data = simulate(tmp_path, np.array(probability), n_traits=len(probability).bit_length() - 1, seed=20)
    result = data.analysed()
    rate, standard_error = data.realised_fdr(result)
    bound, fitted = (result.max_fdr(p_significant=_P_SIGNIFICANT, fit=fit) for fit in (False, True))
    assert fitted.n_possible < bound.n_possible
    assert (fitted.fdr <= bound.fdr).all()
    assert fitted.fdr[0] < 0.7 * bound.fdr[0]
    often = data.affects.mean(axis=0)
    assert (np.abs(fitted.probability @ causal_states(len(often)) - often) < 0.2).all()
    assert (rate < fitted.fdr + 4 * standard_error).all()
