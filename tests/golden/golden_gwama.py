"""GWAMA's result beside ours: which column of theirs is which of ours, and what GWAMA does in its own way."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
from golden_comparison import Comparison, Printed
from golden_reasons import number
from scipy.stats import chi2

FloatArray = npt.NDArray[np.float64]

_EPSILON = np.finfo(np.float64).eps
_CHI_SQUARED_1_MEDIAN = 0.4549364  # as GWAMA has it
_CONFIDENCE_FACTOR = 1.96
_LARGEST_Z = 120  # beyond it GWAMA's p-value is 0
_SMALLEST_EXACT = np.finfo(np.float64).tiny  # smaller doubles have fewer digits


def gwama_neg_log_10_p_value(z: npt.ArrayLike) -> FloatArray:
    """Evaluate GWAMA's approximation of the normal tail (Abramowitz & Stegun 26.2.16, its rounded constants).

    GWAMA doubles a tail that a double holds: next to the smallest double it is a small multiple of that, below it 0.
    """
    z = np.abs(np.asarray(z, dtype=np.float64))
    t = 1 / (1 + 0.33267 * z)
    polynomial = t * (0.4361836 + t * (-0.1201676 + t * 0.937298))
    log_tail = np.log(0.39894228 * polynomial) - z**2 / 2
    with np.errstate(divide="ignore"):
        as_double = np.log10(10.0 ** (log_tail / np.log(10)))
    log_10_tail = np.where(log_tail < np.log(_SMALLEST_EXACT), as_double, log_tail / np.log(10))
    neg_log_10 = np.where(z == 0, 0.0, -(log_10_tail + np.log10(2)))
    return np.where(z > _LARGEST_Z, np.inf, neg_log_10)


def effect_and_error(rows: pd.DataFrame) -> tuple[FloatArray, FloatArray]:
    """Return effects and standard errors of a study as GWAMA reads them; without a valid error, it is not positive."""
    if "beta" in rows:
        return np.nan_to_num(number(rows, "beta")), np.nan_to_num(number(rows, "standard_error"))
    odds_ratio, lower = number(rows, "odds_ratio"), number(rows, "ci_lower")
    valid = (odds_ratio > 0) & (lower > 0) & (lower < odds_ratio)
    effect = np.log(np.where(valid, odds_ratio, 1))
    return effect, np.where(valid, (effect - np.log(np.where(valid, lower, 1))) / _CONFIDENCE_FACTOR, 0)


def gwama_inflation_factors(rows: pd.DataFrame) -> tuple[tuple[float, int], tuple[float, int]]:
    """Return lambda and number of rows, of genotyped and of imputed rows, over all rows that GWAMA takes for it.

    These are the rows with a valid standard error, whatever their alleles, also the second ones of a marker; an
    effect that is no number counts as 0 (RULES_GWAMA 6).
    """
    effect, error = effect_and_error(rows)
    used = error > 0
    chi_squared = (effect[used] / error[used]) ** 2
    imputed = (rows["imputed"] == "1").to_numpy()[used]
    genotyped_values, imputed_values = chi_squared[~imputed], chi_squared[imputed]
    return _lambda_and_count(genotyped_values), _lambda_and_count(imputed_values)


def _lambda_and_count(chi_squared: FloatArray) -> tuple[float, int]:
    factor = float(np.median(chi_squared)) / _CHI_SQUARED_1_MEDIAN if chi_squared.size else 1.0
    return factor, chi_squared.size


def reported_inflation_factors(run: Path) -> list[tuple[tuple[str, int], tuple[str, int]]]:
    """Return what the run's .gc.out says, a line a study: lambda as printed and count, genotyped and imputed."""
    lines = (run / "out.gc.out").read_text().splitlines()[1:]
    fields = [line.split("\t") for line in lines]
    return [((row[1], int(row[2])), (row[3], int(row[4]))) for row in fields]


def gwama_inflation_factor_of_result(z: npt.ArrayLike) -> float:
    """Return lambda of a fixed-effects result by GWAMA's rule: of an odd number of values, the one below the median."""
    chi_squared = np.sort(np.asarray(z, dtype=np.float64) ** 2)
    middle = len(chi_squared) // 2
    median = chi_squared[middle - 1] if len(chi_squared) % 2 else chi_squared[middle - 1 : middle + 1].mean()
    return float(median) / _CHI_SQUARED_1_MEDIAN


def reported_inflation_factor_of_result(run: Path) -> str:
    """Return lambda of the result as the run printed it, with six digits."""
    found = re.search(r"Output p-value is (?:not )?corrected.*?[Ll]ambda=(\S+)", (run / "stdout.txt").read_text())
    assert found is not None
    return found[1]


def compare_with_gwama(
    table: pd.DataFrame, theirs: pd.DataFrame, inflation_factor: float = 1.0, not_compared: Sequence[str] = ()
) -> Comparison:
    """Compare every column of GWAMA's; by `inflation_factor`, -gco corrects the p-values of the result and no more."""
    ours = table.set_index("variant_id")
    comparison = Comparison.of_rows(ours, theirs)
    ours, theirs = ours.loc[comparison.variants], theirs.loc[comparison.variants]
    for column, name in (("reference_allele", "effect_allele"), ("other_allele", "other_allele")):
        comparison.same(column, ours[name], theirs[column])
    if "eaf" not in not_compared:
        frequency = ours.get("effect_allele_frequency", pd.Series(np.nan, index=ours.index))
        comparison.within("eaf", frequency, Printed.numbers(theirs["eaf"], missing="-9"))
    _compare_effects(comparison, ours, theirs)
    neg_log_10_p = gwama_neg_log_10_p_value(ours["z"] / np.sqrt(max(1.0, inflation_factor)))
    comparison.within("p-value", neg_log_10_p, Printed.minus_log_10(theirs["p-value"]))
    comparison.within("_-log10_p-value", neg_log_10_p, Printed.numbers(theirs["_-log10_p-value"]))
    _compare_heterogeneity(comparison, ours, theirs)
    comparison.same("n_studies", ours["n_studies"], theirs["n_studies"].astype(int))
    samples = ours["n"] if "n" in ours else pd.Series(np.nan, index=ours.index)
    comparison.within("n_samples", samples, Printed.numbers(theirs["n_samples"], missing="-9"))
    comparison.same("effects", ours["direction"], theirs["effects"])
    if "chromosome" in theirs and "position" not in not_compared:
        _compare_places(comparison, ours, theirs)
    return comparison


def _compare_effects(comparison: Comparison, ours: pd.DataFrame, theirs: pd.DataFrame) -> None:
    beta, error = ours["beta"], ours["standard_error"]
    lower, upper = beta - _CONFIDENCE_FACTOR * error, beta + _CONFIDENCE_FACTOR * error
    if "beta" in theirs:
        values: dict[str, npt.ArrayLike] = {"beta": beta, "se": error, "beta_95L": lower, "beta_95U": upper}
    else:
        odds_ratio = np.exp(beta)
        odds_ratio_error = (odds_ratio - np.exp(lower)) / _CONFIDENCE_FACTOR
        values = {"OR": odds_ratio, "OR_se": odds_ratio_error, "OR_95L": np.exp(lower), "OR_95U": np.exp(upper)}
    values["z"] = ours["z"]
    for column, numbers in values.items():
        comparison.within(column, numbers, Printed.numbers(theirs[str(column)]))


def _compare_heterogeneity(comparison: Comparison, ours: pd.DataFrame, theirs: pd.DataFrame) -> None:
    # Q = sum(w b^2) - W mean^2 of k <= 5 studies: each sum is off by up to (k + 2) / 2 epsilon of itself.
    fixed_z = ours["fixed_z"] if "fixed_z" in ours else ours["z"]
    cancellation = 8 * _EPSILON * (ours["cochran_q"] + fixed_z**2)
    comparison.within("q_statistic", ours["cochran_q"], Printed.numbers(theirs["q_statistic"]), slack=cancellation)
    # The p-value is 1 minus a probability, so it has the grain of numbers near 1, and follows what Q is off by.
    p_value = 10.0 ** -ours["cochran_q_neg_log_10_p_value"]
    q, degrees_of_freedom = ours["cochran_q"].to_numpy(), ours["n_studies"].to_numpy() - 1
    with np.errstate(invalid="ignore"):
        through_p = chi2.sf(np.maximum(q - cancellation, 0), degrees_of_freedom) - chi2.sf(q, degrees_of_freedom)
    slack = 4 * _EPSILON + np.nan_to_num(through_p)
    comparison.within("q_p-value", p_value, Printed.numbers(theirs["q_p-value"]), slack=slack)
    single = (ours["n_studies"] == 1).to_numpy()  # GWAMA divides 0 by 0
    with np.errstate(divide="ignore", invalid="ignore"):
        through_q = np.nan_to_num((ours["n_studies"] - 1) / ours["cochran_q"] ** 2 * cancellation, posinf=0.0)
    comparison.within("i2", ours["i_squared"] / 100, Printed.numbers(theirs["i2"]), slack=through_q, unless=single)


def _compare_places(comparison: Comparison, ours: pd.DataFrame, theirs: pd.DataFrame) -> None:
    """Compare where GWAMA's map has the marker; where it has none, we have what the studies say."""
    mapped = (theirs["chromosome"] != "-9").to_numpy()
    chromosomes = np.where(mapped, ours["chromosome"], theirs["chromosome"])
    comparison.same("chromosome", chromosomes, theirs["chromosome"])
    comparison.within("position", ours["base_pair_location"], Printed.numbers(theirs["position"]), unless=~mapped)
