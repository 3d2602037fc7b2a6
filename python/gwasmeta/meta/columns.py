"""From sums to the columns of the result, for any range of variants."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from gwasmeta.meta.engine import MetaEngine
from gwasmeta.meta.options import Method
from gwasmeta.meta.sums import EffectSums
from gwasmeta.stats.genomic_control import inflation_factor
from gwasmeta.stats.heterogeneity import heterogeneity_of_q
from gwasmeta.stats.leave_one_out import leave_one_out
from gwasmeta.stats.normal import neg_log_10_p_value, neg_log_10_t_p_value
from gwasmeta.stats.random_effects import random_effects
from gwasmeta.sumstats.words import Words

FloatArray = npt.NDArray[np.float64]
Column: TypeAlias = Words | FloatArray

BLOCK_ROWS = 1 << 13
_NORMAL_QUANTILE_975 = 1.959963984540054


@dataclass(frozen=True)
class MethodResult:
    """What one method says of a range of variants; arrays of shape (n_variants,)."""

    beta: FloatArray | None
    standard_error: FloatArray | None
    z: FloatArray
    neg_log_10_p_value: FloatArray
    half_width: FloatArray | None  # of the 95 % interval of beta
    tau_squared: FloatArray | None = None


class ResultColumns:
    """The columns of the result, computed by ranges of variants; what is not asked for is never in memory.

    Attributes
    ----------
    inflation : dict of method to float
        Genomic inflation factor of the result, before any correction of it.
    applied : dict of method to float
        What its variances are multiplied by.
    n_left_out : dict of rule to int
        Variants that are not in the result because too few studies or samples have them.
    """

    def __init__(self, engine: MetaEngine) -> None:
        self._engine = engine
        self.n_variants = len(engine.variants)
        self.has_odds_ratios = any("odds ratio" in recipe for summary in engine.summaries for recipe in summary.recipes)
        self.applied: dict[Method, float] = dict.fromkeys(engine.options.methods, 1.0)
        self._has_frequencies = bool(engine.frequencies.weight.any())
        self.n_left_out = {"no_study": 0, "min_studies": 0, "min_n": 0}
        self.n_rows = 0
        self.inflation = self._survey()
        if engine.options.genomic_control_result:
            self.applied = {method: float(np.fmax(1.0, factor)) for method, factor in self.inflation.items()}

    def ranges(self) -> list[tuple[int, int]]:
        """Return the ranges of variants that `block` is meant to be called with."""
        return [(start, min(start + BLOCK_ROWS, self.n_variants)) for start in range(0, self.n_variants, BLOCK_ROWS)]

    def block(self, start: int, stop: int) -> dict[str, Column]:
        """Return the columns for the variants of a range that are in the result, in the order of first appearance."""
        engine, rows = self._engine, np.flatnonzero(self._in_result(start, stop))
        columns: dict[str, Column] = {
            "variant_id": engine.variants.names(start, stop),
            "chromosome": engine.variants.chromosomes(start, stop),
            "base_pair_location": engine.variants.positions(start, stop),
            "effect_allele": engine.variants.effect_alleles(start, stop),
            "other_allele": engine.variants.other_alleles(start, stop),
        }
        results = {method: self._method_result(method, start, stop) for method in engine.options.methods}
        for method, result in results.items():
            prefix = "" if method == engine.options.main_method else f"{method}_"
            columns |= self._method_columns(result, prefix)
        columns |= self._frequency_columns(start, stop)
        for name, sums in engine.samples.items():
            columns[name] = sums.known(start, stop)
        columns["n_studies"] = self._main_sums.n_studies[start:stop].astype(np.float64)
        columns["direction"] = self._direction_words(start, stop)
        random = results.get("random")
        columns |= self._heterogeneity_columns(start, stop, random.tau_squared if random else None)
        if engine.options.leave_one_out:
            columns |= self._leave_one_out_columns(start, stop)
        if len(rows) == stop - start:
            return columns
        return {
            name: column.take(rows) if isinstance(column, Words) else column[rows] for name, column in columns.items()
        }

    @property
    def _main_sums(self) -> EffectSums:
        sums = self._engine.z if self._engine.options.main_method == "sample_size" else self._engine.effects
        assert sums is not None
        return sums

    def _in_result(self, start: int, stop: int) -> npt.NDArray[np.bool_]:
        options = self._engine.options
        kept = self._main_sums.n_studies[start:stop] >= options.min_studies
        if options.min_n > 0:
            samples = self._engine.samples.get("n")
            kept &= samples is not None and samples.total[start:stop] >= options.min_n
        return kept

    def _survey(self) -> dict[Method, float]:
        """Count the variants that are left out, and estimate the inflation over those that are not."""
        statistics: dict[Method, list[FloatArray]] = {method: [] for method in self._engine.options.methods}
        for start, stop in self.ranges():
            kept = self._in_result(start, stop)
            studied = self._main_sums.n_studies[start:stop]
            self.n_left_out["no_study"] += int((studied == 0).sum())
            too_few = (studied > 0) & (studied < self._engine.options.min_studies)
            self.n_left_out["min_studies"] += int(too_few.sum())
            self.n_left_out["min_n"] += int((~kept & (studied > 0) & ~too_few).sum())
            self.n_rows += int(kept.sum())
            for method in statistics:
                statistics[method].append(self._method_z(method, start, stop)[kept])
        return {
            method: inflation_factor(np.concatenate([*values, np.empty(0)])) for method, values in statistics.items()
        }

    def _method_z(self, method: Method, start: int, stop: int) -> FloatArray:
        if method == "random":
            return self._method_result(method, start, stop).z
        sums = self._engine.z if method == "sample_size" else self._engine.effects
        assert sums is not None
        return np.asarray(sums.mean[start:stop] * np.sqrt(sums.weight[start:stop]))

    def _method_result(self, method: Method, start: int, stop: int) -> MethodResult:
        engine, scale = self._engine, self.applied[method]
        if method == "random":
            assert engine.matrix is not None
            result = random_effects(
                *engine.matrix.block(start, stop), engine.options.tau_squared, engine.options.hartung_knapp
            )
            statistic, neg_log_10 = result.statistic, result.neg_log_10_p_value
            if scale != 1:
                statistic = statistic / np.sqrt(scale)
                degrees_of_freedom = self._main_sums.n_studies[start:stop].astype(np.float64) - 1
                hartung_knapp = engine.options.hartung_knapp
                neg_log_10 = (
                    neg_log_10_t_p_value(statistic, degrees_of_freedom)
                    if hartung_knapp
                    else neg_log_10_p_value(statistic)
                )
            return MethodResult(
                result.beta,
                result.standard_error * np.sqrt(scale),
                statistic,
                neg_log_10,
                (result.ci_upper - result.beta) * np.sqrt(scale),
                result.tau_squared,
            )
        z = self._method_z(method, start, stop) / np.sqrt(scale)
        if method == "sample_size":
            return MethodResult(None, None, z, neg_log_10_p_value(z), None)
        assert engine.effects is not None
        with np.errstate(divide="ignore"):
            error = np.sqrt(scale / engine.effects.weight[start:stop])
        half_width = _NORMAL_QUANTILE_975 * error
        return MethodResult(engine.effects.mean[start:stop], error, z, neg_log_10_p_value(z), half_width)

    def _method_columns(self, result: MethodResult, prefix: str) -> dict[str, FloatArray]:
        columns = {}
        if result.beta is not None and result.standard_error is not None and result.half_width is not None:
            columns["beta"] = result.beta
            columns["standard_error"] = result.standard_error
            if self.has_odds_ratios:
                columns["odds_ratio"] = np.exp(result.beta)
                columns["ci_lower"] = np.exp(result.beta - result.half_width)
                columns["ci_upper"] = np.exp(result.beta + result.half_width)
        columns["z"] = result.z
        columns["neg_log_10_p_value"] = result.neg_log_10_p_value
        return {prefix + name: values for name, values in columns.items()}

    def _frequency_columns(self, start: int, stop: int) -> dict[str, FloatArray]:
        sums = self._engine.frequencies
        if not self._has_frequencies:
            return {}
        weight = sums.weight[start:stop]
        known = weight > 0
        with np.errstate(divide="ignore", invalid="ignore"):
            spread = np.sqrt(np.maximum(sums.sum_of_squares[start:stop], 0) / weight)
        columns = {
            "effect_allele_frequency": sums.mean[start:stop],
            "effect_allele_frequency_sd": spread,
            "effect_allele_frequency_min": sums.lowest[start:stop].astype(np.float64),
            "effect_allele_frequency_max": sums.highest[start:stop].astype(np.float64),
        }
        return {name: np.where(known, values, np.nan) for name, values in columns.items()}

    def _direction_words(self, start: int, stop: int) -> Words:
        symbols = self._engine.directions.symbols(start, stop)
        width = symbols.shape[1]
        starts = np.arange(len(symbols), dtype=np.int32) * np.int32(width)
        return Words(symbols.reshape(-1), starts, np.full(len(symbols), width, dtype=np.int32))

    def _heterogeneity_columns(self, start: int, stop: int, tau_squared: FloatArray | None) -> dict[str, FloatArray]:
        """Return Q and what follows from it; tau-squared is DerSimonian-Laird's if no other is given."""
        sums = self._main_sums
        result = heterogeneity_of_q(sums.q[start:stop], sums.n_studies[start:stop])
        heterogeneity = {
            "cochran_q": result.q,
            "cochran_q_neg_log_10_p_value": result.neg_log_10_p_value,
            "i_squared": result.i_squared,
            "i_squared_lower": result.i_squared_lower,
            "i_squared_upper": result.i_squared_upper,
            "h_squared": result.h_squared,
        }
        if self._engine.options.main_method != "sample_size":
            if tau_squared is None:
                tau_squared = self._tau_squared(start, stop, result.q)
            heterogeneity["tau_squared"] = tau_squared
        return heterogeneity

    def _tau_squared(self, start: int, stop: int, q: FloatArray) -> FloatArray:
        """Return the variance between studies by DerSimonian and Laird."""
        sums = self._main_sums
        weight, k = sums.weight[start:stop], sums.n_studies[start:stop].astype(np.float64)
        with np.errstate(divide="ignore", invalid="ignore"):
            # W - sum(w^2) / W, without the cancellation where one study has nearly all the weight
            estimate = (q - (k - 1)) / (2 * sums.pair_weight[start:stop] / weight)
        return np.where(k > 1, np.maximum(estimate, 0), 0.0)

    def _leave_one_out_columns(self, start: int, stop: int) -> dict[str, FloatArray]:
        assert self._engine.matrix is not None
        result = leave_one_out(*self._engine.matrix.block(start, stop))
        columns = {}
        for number, summary in enumerate(self._engine.summaries):
            prefix = f"without_{summary.name}_"
            columns[prefix + "beta"] = result.beta[:, number]
            columns[prefix + "standard_error"] = result.standard_error[:, number]
            columns[prefix + "neg_log_10_p_value"] = result.neg_log_10_p_value[:, number]
        return columns
