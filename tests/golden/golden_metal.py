"""METAL's result beside ours: which column of theirs is which of ours, aligned to METAL's Allele1."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
from golden_comparison import Comparison, Printed
from golden_reasons import number
from scipy.stats import norm

FloatArray = npt.NDArray[np.float64]

# Of METAL's approximations, in decades: relative errors of 3e-8 (normal) and 3e-7 (chi-squared) by RULES_METAL 5, 6.
_NORMAL_SLACK = 3e-8 / np.log(10)
_CHI_SQUARED_SLACK = 3e-7 / np.log(10)
_SINGLE_PRECISION = 2.0**-24  # in which we keep the extremes of the frequencies
_OPPOSITE = str.maketrans("+-", "-+")
_CHI_SQUARED_1_MEDIAN = 0.4549364  # as METAL has it


def metal_inflation_factor(chi_squared: npt.ArrayLike) -> float:
    """Return lambda by METAL's rule: of an even number of values, the median is the upper of the middle two."""
    values = np.sort(np.asarray(chi_squared, dtype=np.float64))
    return float(values[len(values) // 2]) / _CHI_SQUARED_1_MEDIAN


def compare_with_metal(table: pd.DataFrame, theirs: pd.DataFrame, not_compared: Sequence[str] = ()) -> Comparison:
    """Compare every column of METAL's that we have."""
    ours = table.set_index(table["variant_id"].str.lower())
    ours = ours[~ours.index.duplicated()]  # RS1 and rs1 are two variants for us: compared is the first
    comparison = Comparison.of_rows(ours, theirs)
    ours, theirs = ours.loc[comparison.variants], theirs.loc[comparison.variants].drop(columns=list(not_compared))
    alleles = ours[["effect_allele", "other_allele"]].apply(lambda column: column.str.lower())
    flipped = (alleles["effect_allele"] != theirs["Allele1"]).to_numpy()
    pairs = (table.to_numpy(dtype=object).tolist() for table in (alleles, theirs[["Allele1", "Allele2"]]))
    comparison.same("alleles", *(["/".join(sorted(pair)) for pair in of_result] for of_result in pairs))
    _compare_effects(comparison, ours, theirs, np.where(flipped, -1.0, 1.0))
    if "Freq1" in theirs:
        _compare_frequencies(comparison, ours, theirs, flipped)
    if "HetDf" in theirs:
        _compare_heterogeneity(comparison, ours, theirs)
    if "Chromosome" in theirs:
        comparison.same("Chromosome", ours["chromosome"], theirs["Chromosome"])
        comparison.within("Position", ours["base_pair_location"], Printed.numbers(theirs["Position"]))
    directions = zip(ours["direction"], flipped, strict=True)
    ours_turned = [word.translate(_OPPOSITE) if turned else word for word, turned in directions]
    comparison.same("Direction", ours_turned, theirs["Direction"])
    return comparison


def _compare_effects(comparison: Comparison, ours: pd.DataFrame, theirs: pd.DataFrame, sign: FloatArray) -> None:
    for column, name, factor in (
        ("Effect", "beta", sign),
        ("StdErr", "standard_error", 1),
        ("Weight", "n", 1),
        ("Zscore", "z", sign),
        ("log(P)", "neg_log_10_p_value", -1),
    ):
        if column in theirs:
            comparison.within(
                column, ours[name] * factor, Printed.numbers(theirs[column]), slack=_NORMAL_SLACK * (column == "log(P)")
            )
    if "P-value" in theirs:
        # "%.4g" from 1 down to |z| = 20, below that two decimals.
        below = (np.abs(ours["z"]) >= 20).to_numpy()
        for rows, significant in ((~below, 4), (below, None)):
            printed = Printed.minus_log_10(theirs["P-value"].where(rows, "1"), significant)
            comparison.within("P-value", ours["neg_log_10_p_value"], printed, slack=_NORMAL_SLACK, unless=~rows)


def _compare_frequencies(
    comparison: Comparison, ours: pd.DataFrame, theirs: pd.DataFrame, flipped: npt.NDArray[np.bool_]
) -> None:
    frequency = ours["effect_allele_frequency"]
    low, high = ours["effect_allele_frequency_min"], ours["effect_allele_frequency_max"]
    for column, values, slack in (
        ("Freq1", np.where(flipped, 1 - frequency, frequency), 0),
        ("FreqSE", ours["effect_allele_frequency_sd"], 0),
        ("MinFreq", np.where(flipped, 1 - high, low), _SINGLE_PRECISION),
        ("MaxFreq", np.where(flipped, 1 - low, high), _SINGLE_PRECISION),
    ):
        comparison.within(column, values, Printed.numbers(theirs[column]), slack=slack)


def _compare_heterogeneity(comparison: Comparison, ours: pd.DataFrame, theirs: pd.DataFrame) -> None:
    # Of a single study, METAL calls I-squared 0 where we call it unknown.
    i_squared = np.where(ours["n_studies"] == 1, 0.0, ours["i_squared"])
    comparison.within("HetISq", i_squared, Printed.numbers(theirs["HetISq"]))
    comparison.within("HetChiSq", ours["cochran_q"], Printed.numbers(theirs["HetChiSq"]))
    comparison.same("HetDf", ours["n_studies"] - 1, theirs["HetDf"].astype(int))
    neg_log_10_p = ours["cochran_q_neg_log_10_p_value"]
    if "HetPVal" in theirs:
        comparison.within("HetPVal", neg_log_10_p, Printed.minus_log_10(theirs["HetPVal"], 4), slack=_CHI_SQUARED_SLACK)
    else:
        comparison.within("logHetP", -neg_log_10_p, Printed.numbers(theirs["logHetP"], 4), slack=_CHI_SQUARED_SLACK)


def accepted_chi_squared(
    rows: pd.DataFrame, theirs: pd.DataFrame, study: int, variants: set[str] | None = None
) -> FloatArray:
    """Return the chi-squared statistics of the rows of a study that METAL accepted.

    Parameters
    ----------
    rows : DataFrame
        The study's, as words under gwasmeta's names.
    theirs : DataFrame
        METAL's result: its directions tell of which variants it accepted a row.
    study : int
        Its number.
    variants : set of str, optional
        Only these, for GENOMICCONTROL LIST.
    """
    accepted = set(theirs.index[theirs["Direction"].str[study] != "?"])
    if "p_value" in rows:
        p_value = number(rows, "p_value")
        chi_squared = np.where((p_value >= 0) & (p_value <= 1), norm.isf(p_value / 2) ** 2, np.nan)
    else:
        with np.errstate(divide="ignore", invalid="ignore"):
            effect = number(rows, "beta") if "beta" in rows else np.log(number(rows, "odds_ratio"))
        error = number(rows, "standard_error")
        chi_squared = np.where(error > 0, effect / np.where(error > 0, error, 1), np.nan) ** 2
    statistics = pd.Series(chi_squared, index=rows["variant_id"]).dropna()
    statistics = statistics[~statistics.index.duplicated()]  # the first row of a marker counts
    wanted = accepted if variants is None else accepted & variants
    return np.asarray(statistics[statistics.index.isin(wanted)], dtype=np.float64)
