"""From sums to the columns of the result, for any range of variants."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from gwasmeta.compiled import compiled
from gwasmeta.meta.options import Method, Sex
from gwasmeta.meta.study_sums import StudySums
from gwasmeta.meta.sums import EffectSums
from gwasmeta.stats.correlated_studies import correlated_fixed_effects, correlated_z
from gwasmeta.stats.heterogeneity import heterogeneity_of_q
from gwasmeta.stats.leave_one_out import leave_one_out
from gwasmeta.stats.normal import neg_log_10_p_value, neg_log_10_t_p_value
from gwasmeta.stats.random_effects import random_effects
from gwasmeta.stats.sex_differences import sex_differentiated, sex_heterogeneity
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
    weight: FloatArray | None = None  # the variance of the weighted sum of z
    q: FloatArray | None = None  # where it is not that of the sums


@dataclass(frozen=True)
class MostSignificant:
    """The variant with the smallest p-value.

    Attributes
    ----------
    score : float
        What p-values are compared by, exactly: |z|, or -log10 p.
    variant_id : str
    neg_log_10_p_value : float
    """

    score: float
    variant_id: str
    neg_log_10_p_value: float


def most_significant(found: Iterable[MostSignificant]) -> MostSignificant | None:
    """Return the most significant of several variants, the first of equal ones."""
    return max(found, key=lambda one: one.score, default=None)


class ColumnsOfSums:
    """What the sums over studies say of their variants, computed by ranges; what is not asked for is never in memory.

    Parameters
    ----------
    sums : StudySums
    has_frequencies : bool
        Whether there are columns of allele frequencies.
    applied : mapping of str to float, optional
        What the variances of each method (and of each sex, as in male_fixed) are multiplied by.
    correlation : mapping of str to array of shape (n_studies, n_studies), optional
        For each method that allows for shared samples: the correlations of the studies' statistics.

    Attributes
    ----------
    n_left_out : dict of rule to int
        Variants counted so far that are not in the result because too few studies or samples have them.
    n_rows : int
        Variants counted so far that are.
    """

    def __init__(
        self,
        sums: StudySums,
        has_frequencies: bool,
        applied: Mapping[str, float] | None = None,
        correlation: Mapping[str, FloatArray] | None = None,
    ) -> None:
        self._engine = sums
        self._has_frequencies = has_frequencies
        self.n_variants = len(sums.variants)
        self.has_odds_ratios = any("odds ratio" in recipe for summary in sums.summaries for recipe in summary.recipes)
        self._sex_methods = [method for method in sums.options.methods if method != "sample_size"]
        of_sexes = [f"{sex}_{method}" for sex in sums.groups for method in self._sex_methods]
        self.tested = [*map(str, sums.options.methods), *of_sexes]
        self.applied = dict.fromkeys(self.tested, 1.0) | dict(applied or {})
        self.correlation = dict(correlation or {})
        self.n_left_out = {"no_study": 0, "min_studies": 0, "min_n": 0}
        self.n_rows = 0
        self._last_random: tuple[tuple[int, int, float], MethodResult] | None = None

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
            "effect_allele": self._alleles(engine.variants.effect_alleles, start, stop),
            "other_allele": self._alleles(engine.variants.other_alleles, start, stop),
        }
        results = {method: self._method_result(method, start, stop) for method in engine.options.methods}
        for method, result in results.items():
            prefix = "" if method == engine.options.main_method else f"{method}_"
            columns |= self._method_columns(result, prefix)
        columns |= self._frequency_columns(start, stop)
        for name, samples in engine.samples.items():
            columns[name] = samples.known(start, stop, complete=engine.options.conventions.incomplete_n_is_missing)
        if engine.sequential is not None:
            columns["overlap_n"] = engine.sequential.n[start:stop]
        columns["n_studies"] = self._main_sums.n_studies[start:stop].astype(np.float64)
        columns["direction"] = self._direction_words(start, stop)
        random = results.get("random")
        main_q = results[engine.options.main_method].q
        columns |= self._heterogeneity_columns(start, stop, random.tau_squared if random else None, main_q)
        columns |= {name: sums.total[start:stop] for name, sums in engine.sums.items()}
        if engine.groups:
            columns |= self._sex_columns(start, stop)
        if engine.options.leave_one_out:
            columns |= self._leave_one_out_columns(start, stop)
        if len(rows) == stop - start:
            return columns
        return {
            name: column.take(rows) if isinstance(column, Words) else column[rows] for name, column in columns.items()
        }

    def _sex_columns(self, start: int, stop: int) -> dict[str, FloatArray]:
        """Return each sex's estimates by the main method, and the two tests that compare them."""
        complete = self._engine.options.conventions.incomplete_n_is_missing
        columns: dict[str, FloatArray] = {}
        for sex, group in self._engine.groups.items():
            columns |= self._method_columns(
                self._sex_result(sex, self._engine.options.main_method, start, stop), f"{sex}_"
            )
            frequency = np.where(group.frequencies.weight > 0, group.frequencies.mean, np.nan)[start:stop]
            columns[f"{sex}_effect_allele_frequency"] = frequency
            columns[f"{sex}_n"] = group.n.known(start, stop, complete=complete)
            columns[f"{sex}_n_studies"] = group.effects.n_studies[start:stop].astype(np.float64)
        columns["sex_differentiated_neg_log_10_p_value"] = sex_differentiated(columns["male_z"], columns["female_z"])
        columns["sex_heterogeneity_neg_log_10_p_value"] = sex_heterogeneity(
            columns["male_beta"],
            columns["male_standard_error"],
            columns["female_beta"],
            columns["female_standard_error"],
        )
        return columns

    def _sex_result(self, sex: Sex, method: Method, start: int, stop: int) -> MethodResult:
        engine, group = self._engine, self._engine.groups[sex]
        scale = self.applied[f"{sex}_{method}"]
        if method == "random":
            assert engine.matrix is not None
            effect, error = (matrix[:, group.studies] for matrix in engine.matrix.block(start, stop))
            return self._random_result(effect, error, group.effects.n_studies[start:stop], scale)
        return _fixed_result(group.effects, start, stop, scale)

    def _alleles(self, of_variants: Callable[[int, int], Words], start: int, stop: int) -> Words:
        if self._engine.options.conventions.alleles == "none":
            return Words.of([""] * (stop - start))
        return of_variants(start, stop)

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

    def counted(self, start: int, stop: int) -> Iterator[tuple[str, FloatArray]]:
        """Count which variants of a range are in the result, and yield the z statistics of each method and sex."""
        kept = self._in_result(start, stop)
        studied = self._main_sums.n_studies[start:stop]
        self.n_left_out["no_study"] += int(((studied == 0) & self._engine.variants.seen(start, stop)).sum())
        too_few = (studied > 0) & (studied < self._engine.options.min_studies)
        self.n_left_out["min_studies"] += int(too_few.sum())
        self.n_left_out["min_n"] += int((~kept & (studied > 0) & ~too_few).sum())
        self.n_rows += int(kept.sum())
        for method in self._engine.options.methods:
            yield method, _known(self._method_z(method, start, stop)[kept])
        for sex, group in self._engine.groups.items():
            with_sex = kept & (group.effects.n_studies[start:stop] > 0)
            for method in self._sex_methods:
                yield f"{sex}_{method}", _known(self._sex_result(sex, method, start, stop).z[with_sex])

    def most_significant(self) -> MostSignificant | None:
        """Return the variant with the smallest p-value by the main method; None without any."""
        return most_significant(filter(None, (self.most_significant_of(start, stop) for start, stop in self.ranges())))

    def most_significant_of(self, start: int, stop: int) -> MostSignificant | None:
        """Return that of a range of variants."""
        method = self._engine.options.main_method
        if method == "random":  # whose p-values may be of t, with as many degrees of freedom as there are studies
            score = self._method_result(method, start, stop).neg_log_10_p_value
        else:
            score = np.abs(self._method_z(method, start, stop))
        score = np.where(self._in_result(start, stop) & ~np.isnan(score), score, -np.inf)
        row = int(np.argmax(score)) if len(score) else -1
        if row < 0 or score[row] == -np.inf:
            return None
        best = start + row
        neg_log_10 = float(self._method_result(method, best, best + 1).neg_log_10_p_value[0])
        return MostSignificant(float(score[row]), self._engine.variants.names(best, best + 1)[0], neg_log_10)

    def _method_z(self, method: Method, start: int, stop: int) -> FloatArray:
        if method == "random" or method in self.correlation:
            return self._method_result(method, start, stop).z
        if self._engine.sequential is not None:
            return self._engine.sequential.z(start, stop)
        sums = self._engine.z if method == "sample_size" else self._engine.effects
        assert sums is not None
        return _z_of(sums, start, stop)

    def _correlated_result(self, method: Method, start: int, stop: int, scale: float) -> MethodResult:
        """Combine studies that share samples by generalised least squares."""
        engine, correlation = self._engine, self.correlation[method]
        if method == "fixed":
            assert engine.matrix is not None
            effects = correlated_fixed_effects(*engine.matrix.block(start, stop), correlation)
            error, z = effects.standard_error * np.sqrt(scale), effects.z / np.sqrt(scale)
            half_width = _NORMAL_QUANTILE_975 * error
            return MethodResult(effects.beta, error, z, neg_log_10_p_value(z), half_width, q=effects.q)
        assert engine.z_matrix is not None
        effect, root = engine.z_matrix.block(start, stop)
        combined = correlated_z(effect / root, root**-2, correlation)
        z = combined.z / np.sqrt(scale)
        weight = combined.n**2 / combined.effective_n
        q = correlated_fixed_effects(effect, root, correlation).q  # of the model z = sqrt(n) delta
        return MethodResult(None, None, z, neg_log_10_p_value(z), None, weight=weight, q=q)

    def _method_result(self, method: Method, start: int, stop: int) -> MethodResult:
        engine, scale = self._engine, self.applied[method]
        if method in self.correlation:
            return self._correlated_result(method, start, stop, scale)
        if method == "random":
            return self._kept_random_result(start, stop, scale)
        if method == "sample_size":
            z = self._method_z(method, start, stop) / np.sqrt(scale)
            sums = engine.z if engine.sequential is None else engine.sequential
            assert sums is not None
            return MethodResult(None, None, z, neg_log_10_p_value(z), None, weight=sums.weight[start:stop])
        assert engine.effects is not None
        return _fixed_result(engine.effects, start, stop, scale)

    def _kept_random_result(self, start: int, stop: int, scale: float) -> MethodResult:
        """Return what the estimator was last asked for, if it is asked for the same again: it may take its time."""
        known = self._last_random
        if known is None or known[0] != (start, stop, scale):
            assert self._engine.matrix is not None
            n_studies = self._main_sums.n_studies[start:stop]
            result = self._random_result(*self._engine.matrix.block(start, stop), n_studies, scale)
            self._last_random = known = (start, stop, scale), result
        return known[1]

    def _random_result(
        self, effect: FloatArray, error: FloatArray, n_studies: npt.NDArray[np.uint16], scale: float
    ) -> MethodResult:
        options = self._engine.options
        result = random_effects(effect, error, options.tau_squared, options.hartung_knapp)
        statistic, neg_log_10 = result.statistic, result.neg_log_10_p_value
        if scale != 1:
            statistic = statistic / np.sqrt(scale)
            degrees_of_freedom = n_studies.astype(np.float64) - 1
            neg_log_10 = (
                neg_log_10_t_p_value(statistic, degrees_of_freedom)
                if options.hartung_knapp
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
        if result.weight is not None:
            columns["weight"] = result.weight
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

    def _heterogeneity_columns(
        self, start: int, stop: int, tau_squared: FloatArray | None, q: FloatArray | None
    ) -> dict[str, FloatArray]:
        """Return Q and what follows from it; tau-squared is DerSimonian-Laird's if no other is given."""
        sums = self._main_sums
        result = heterogeneity_of_q(sums.q[start:stop] if q is None else q, sums.n_studies[start:stop])
        heterogeneity = {
            "cochran_q": result.q,
            "cochran_q_neg_log_10_p_value": result.neg_log_10_p_value,
            "i_squared": result.i_squared,
            "i_squared_lower": result.i_squared_lower,
            "i_squared_upper": result.i_squared_upper,
            "h_squared": result.h_squared,
        }
        if self._engine.options.main_method != "sample_size" and q is None:
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


def _known(values: FloatArray) -> FloatArray:
    return values[~np.isnan(values)]


def _z_of(sums: EffectSums, start: int, stop: int) -> FloatArray:
    return np.asarray(sums.mean[start:stop] * np.sqrt(sums.weight[start:stop]))


def _fixed_result(sums: EffectSums, start: int, stop: int, scale: float) -> MethodResult:
    """Return the fixed-effects estimates of a range of variants, NaN where no study adds to them."""
    weight = np.where(sums.n_studies[start:stop] > 0, sums.weight[start:stop], np.nan)
    z = sums.mean[start:stop] * np.sqrt(weight / scale)
    error = np.sqrt(scale / weight)
    beta = np.where(sums.n_studies[start:stop] > 0, sums.mean[start:stop], np.nan)
    return MethodResult(beta, error, z, neg_log_10_p_value(z), _NORMAL_QUANTILE_975 * error)


def decimal_of_single(frequencies: FloatArray) -> FloatArray:
    """Return frequencies that were held in single precision as the decimal numbers that they were read from."""
    return np.asarray(_with_seven_digits(frequencies))


@compiled
def _with_seven_digits(values: Any) -> Any:
    rounded = np.empty_like(values)
    for row in range(values.size):
        value, scale = values[row], 1e6
        while 0 < abs(value) * scale < 1e6 and scale < 1e300:
            scale *= 10
        rounded[row] = np.rint(value * scale) / scale
    return rounded
