"""LD score regression of pairs of traits: the public function, and its result."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from gwasmeta._version import __version__
from gwasmeta.cluster import Cluster, workers_of
from gwasmeta.errors import GwasmetaError
from gwasmeta.multitrait.ldsc_files import log_rows, write_regression
from gwasmeta.multitrait.ldsc_report import correlation_text, covariance_text, heritability_text
from gwasmeta.multitrait.ldsc_trait import LOG_COLUMNS
from gwasmeta.multitrait.ldsc_traits import (
    PanelRows,
    ScorePanel,
    TraitLog,
    few_snps,
    per_trait,
    read_at_panel,
    traits_named,
)
from gwasmeta.stats.block_jackknife import Estimate
from gwasmeta.stats.genetic_correlation import CrossTraitRegressions, GeneticCorrelation, cross_trait_regressions
from gwasmeta.stats.ld_score_regression import N_BLOCKS, HeritabilityRegression
from gwasmeta.stats.liability_scale import liability_scale
from gwasmeta.sumstats.result_files import as_json

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import ArrayLike

    from gwasmeta.ldscores.panel_files import MFile
    from gwasmeta.multitrait.ldsc_traits import Panel, PerTrait, Traits
    from gwasmeta.sumstats.effects import FloatArray

Pairs = Literal["all", "first"]

_LARGEST_CORRELATION = 1.2  # LDSC prints none beyond it
_CERTAIN = Estimate(1.0, 0.0, np.empty(0))


@dataclass(frozen=True)
class CorrelationResult:
    """What `gwasmeta.ldsc_rg` returns.

    Attributes
    ----------
    names : tuple of str
        Of the traits.
    regressions : CrossTraitRegressions
        With the estimates without each block of the jackknife.
    liability_factors : float64 array, shape (n_traits,)
        What heritabilities are multiplied by to be those of liabilities; 1 for a quantitative trait.
    traits : tuple of TraitLog
    options : mapping
        What was asked for.
    panel : ScorePanel
    """

    names: tuple[str, ...]
    regressions: CrossTraitRegressions
    liability_factors: FloatArray
    traits: tuple[TraitLog, ...]
    options: Mapping[str, Any]
    panel: ScorePanel

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row a pair of traits: genetic correlation and covariance, and each trait's own regression.

        All from the SNPs that both traits have. `neg_log_10_p_value` is exact; `p_value` is 0 where a double cannot
        hold it. Covariances and heritabilities are on the scale of the liability where prevalences are given. `note`
        says why there is no genetic correlation, or why not to trust it.
        """
        import pandas as pd

        return pd.DataFrame([self._row(*pair) for pair in self.regressions.pairs])

    @property
    def genetic_correlation(self) -> pd.DataFrame:
        """Matrix of genetic correlations by the traits' names; NaN for a pair that was not asked for."""
        return self._matrix(lambda found: found.correlation, lambda _: _CERTAIN)[0]

    @property
    def genetic_correlation_standard_error(self) -> pd.DataFrame:
        """Standard errors of `genetic_correlation`."""
        return self._matrix(lambda found: found.correlation, lambda _: _CERTAIN)[1]

    @property
    def genetic_covariance(self) -> pd.DataFrame:
        """Matrix of genetic covariances, with heritabilities on its diagonal."""
        root = np.sqrt(self.liability_factors)
        matrix = self._matrix(lambda found: found.covariance.covariance, lambda own: own.heritability)[0]
        return matrix * np.outer(root, root)

    @property
    def genetic_covariance_standard_error(self) -> pd.DataFrame:
        """Standard errors of `genetic_covariance`."""
        root = np.sqrt(self.liability_factors)
        matrix = self._matrix(lambda found: found.covariance.covariance, lambda own: own.heritability)[1]
        return matrix * np.outer(root, root)

    @property
    def intercept(self) -> pd.DataFrame:
        """Matrix of intercepts: of each pair's product of z, and of each trait's z² on the diagonal."""
        return self._matrix(lambda found: found.covariance.intercept, lambda own: own.intercept)[0]

    @property
    def intercept_standard_error(self) -> pd.DataFrame:
        """Standard errors of `intercept`; NaN where it was given."""
        return self._matrix(lambda found: found.covariance.intercept, lambda own: own.intercept)[1]

    @property
    def log(self) -> pd.DataFrame:
        """What each rule removed of each trait."""
        import pandas as pd

        return pd.DataFrame(log_rows(self.traits), columns=list(LOG_COLUMNS))

    @property
    def warnings(self) -> list[str]:
        """What is not as it should be, a sentence each."""
        found = [f"{trait.source.name}: {warning}" for trait in self.traits for warning in trait.warnings]
        for (one, other), pair in self.regressions.pairs.items():
            name = f"{self.names[one]} and {self.names[other]}"
            found += few_snps(name, pair.covariance.n_snps)
            note = self._note(one, other)
            found += [f"{name}: {note}"] if note else []
        return found

    def summary(self) -> str:
        """Return the estimates as LDSC words them, and the table of all pairs."""
        parts = [self._pair_text(*pair) for pair in self.regressions.pairs]
        parts.append(f"Summary of Genetic Correlation Results\n{self!r}")
        return "\n\n".join([*parts, *(["\n".join(f"warning: {text}" for text in self.warnings)] * bool(self.warnings))])

    def write(self, out: str | os.PathLike[str]) -> list[Path]:
        """Write the table, the summary, the log and a sidecar, which has the matrices too.

        Parameters
        ----------
        out : path
            Beginning of the names: `out`.tsv, `out`.log (the summary), `out`.log.tsv and `out`.json.

        Returns
        -------
        list of Path
            All of them appear, or none.

        Raises
        ------
        GwasmetaError
            If a file cannot be written.
        """
        return write_regression(out, self.table, self.summary(), self.traits, self.parameters())

    def parameters(self) -> dict[str, Any]:
        """Return what the JSON sidecar holds."""
        matrices = ("genetic_correlation", "genetic_covariance", "intercept")
        facts = {
            "gwasmeta": __version__,
            "options": dict(self.options),
            **self.panel.as_json(),
            "traits": [trait.as_json() for trait in self.traits],
            **{name: getattr(self, name).to_numpy() for name in matrices},
            **{f"{name}_standard_error": getattr(self, f"{name}_standard_error").to_numpy() for name in matrices},
            "pairs": self.table.to_dict("records"),
            "warnings": self.warnings,
        }
        return dict(as_json(facts))

    def __str__(self) -> str:
        return self.summary()

    def __repr__(self) -> str:
        shown = ["trait_1", "trait_2", "rg", "rg_standard_error", "z", "neg_log_10_p_value", "gencov_intercept"]
        table = self.table[[*shown, "gencov_intercept_standard_error", "n_snps"]]
        return table.to_string(index=False, float_format=lambda number: f"{number:.4f}", na_rep="NA")

    def _row(self, one: int, other: int) -> dict[str, Any]:
        found = self.regressions.pairs[one, other]
        factors = self.liability_factors[[one, other]]
        covariance = found.covariance.covariance.scaled(float(np.sqrt(factors.prod())))
        row: dict[str, Any] = {
            "trait_1": self.names[one],
            "trait_2": self.names[other],
            "rg": found.correlation.value,
            "rg_standard_error": found.correlation.standard_error,
            "z": found.correlation.z,
            "neg_log_10_p_value": found.correlation.neg_log_10_p_value,
            "p_value": 10.0**-found.correlation.neg_log_10_p_value,
            "gencov": covariance.value,
            "gencov_standard_error": covariance.standard_error,
            "gencov_intercept": found.covariance.intercept.value,
            "gencov_intercept_standard_error": found.covariance.intercept.standard_error,
        }
        for number, own, factor in zip((1, 2), found.heritabilities, factors, strict=True):
            row[f"h2_{number}"] = own.heritability.value * factor
            row[f"h2_{number}_standard_error"] = own.heritability.standard_error * factor
            row[f"intercept_{number}"] = own.intercept.value
            row[f"intercept_{number}_standard_error"] = own.intercept.standard_error
        return row | {"n_snps": found.covariance.n_snps, "note": self._note(one, other)}

    def _note(self, one: int, other: int) -> str:
        found = self.regressions.pairs[one, other]
        for name, own in zip((self.names[one], self.names[other]), found.heritabilities, strict=True):
            if not own.heritability.value > 0:
                return f"the heritability of {name} is {own.heritability.value:.4f}: without one, no correlation"
        if np.isnan(found.correlation.standard_error):
            return "without some block of the jackknife a heritability is not positive: no standard error"
        if abs(found.correlation.value) > _LARGEST_CORRELATION:
            return f"beyond {_LARGEST_CORRELATION}: a heritability is too uncertain for it"
        return ""

    def _pair_text(self, one: int, other: int) -> str:
        found = self.regressions.pairs[one, other]
        factors = [float(self.liability_factors[trait]) for trait in (one, other)]
        parts = [
            heritability_text(self.names[trait], own, factor)
            for trait, own, factor in zip((one, other), found.heritabilities, factors, strict=True)
        ]
        parts.append(covariance_text(found.covariance, float(np.sqrt(np.prod(factors)))))
        return "\n\n".join([*parts, correlation_text(found, self._note(one, other))])

    def _matrix(
        self, of_pair: Callable[[GeneticCorrelation], Estimate], of_trait: Callable[[HeritabilityRegression], Estimate]
    ) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Return a matrix by the traits' names, and its standard errors."""
        import pandas as pd

        estimates = {(trait, trait): of_trait(own) for trait, own in enumerate(self.regressions.heritabilities)}
        estimates |= {pair: of_pair(found) for pair, found in self.regressions.pairs.items()}
        values, errors = (np.full((len(self.names),) * 2, np.nan) for _ in range(2))
        for (one, other), estimate in estimates.items():
            values[one, other] = values[other, one] = estimate.value
            errors[one, other] = errors[other, one] = estimate.standard_error
        names = list(self.names)
        return pd.DataFrame(values, names, names), pd.DataFrame(errors, names, names)


def ldsc_rg(
    traits: Traits,
    *,
    ld_scores: Panel = None,
    weights: Panel = None,
    m: float | None = None,
    m_file: MFile = "M_5_50",
    pairs: Pairs = "all",
    intercepts: ArrayLike | None = None,
    two_step: float | None = None,
    chi_squared_max: float | None = None,
    n_blocks: int = N_BLOCKS,
    sample_prevalence: PerTrait = None,
    population_prevalence: PerTrait = None,
    progress: Callable[[int, int], None] | None = None,
    cluster: Cluster = None,
) -> CorrelationResult:
    """Estimate the genetic correlations of traits by LD score regression: all pairs, each trait read once.

    Parameters
    ----------
    traits : iterable of path, frame, Study or MungedTrait, or mapping of name to these
        At least two. What `gwasmeta.munge` returns, and a file in LDSC's format (.sumstats), is taken as it is. All
        else, of any format, is cleaned by the defaults of `munge` first.
    ld_scores, weights, m, m_file, chi_squared_max, n_blocks, sample_prevalence, population_prevalence
        As for `ldsc_h2`. A SNP is left out if the product of both z² is the square of `chi_squared_max` or more.
    pairs : {"all", "first"}
        Each trait with each other, or the first with all others, as LDSC does.
    intercepts : array_like, shape (n_traits, n_traits), optional
        Symmetric; intercepts that are known, NaN where they are to be estimated: on the diagonal those of a trait's z²
        (1 without confounding), elsewhere those of two traits' product (0 without people in common).
    two_step : float, optional
        Estimate intercepts from SNPs at which both z² are below this only; one step if not given, as in LDSC.
    progress : callable, optional
        Called with how many pairs are done, and how many there are.
    cluster : int, str or distributed.Client, optional
        Where the pairs are regressed, to the same bits: on so many processes of this machine, or on the workers of a
        Dask scheduler, at an address or by its client; on threads if not given. It wins time from a hundred traits on:
        a pair takes a hundredth of a second. The traits are read by this process. Workers and this process must see
        the folder of temporary files (TMPDIR) under the same path.

    Returns
    -------
    CorrelationResult

    Raises
    ------
    GwasmetaError
        If a trait or the panel cannot be read, there are fewer than two traits, or a pair has too few SNPs. The message
        names the traits and says what to do.

    Notes
    -----
    A SNP is the same in two traits if it has the same id and the same two alleles, in any order and on any strand; A/T
    and C/G SNPs are left out. Each pair is regressed at all SNPs that both traits have.

    References
    ----------
    Bulik-Sullivan et al. (2015), Nature Genetics 47:1236.

    Examples
    --------
    >>> import gwasmeta
    >>> result = gwasmeta.ldsc_rg({"height": "height.sumstats.gz", "bmi": "bmi.sumstats.gz"})  # doctest: +SKIP
    >>> result.genetic_correlation  # doctest: +SKIP
    """
    if pairs not in ("all", "first"):
        raise GwasmetaError(f'pairs {pairs!r}: choose "all" or "first"')
    with workers_of(cluster) as workers:  # before the traits are read: a scheduler that is not there is told at once
        panel = ScorePanel.of(ld_scores, weights, m, m_file)
        rows, logs = read_at_panel(traits, panel, with_alleles=True)
        names = [log.source.name for log in logs]
        if len(names) < 2:
            raise GwasmetaError(f"a genetic correlation needs at least two traits, and there is {', '.join(names)}")
        sample = per_trait(sample_prevalence, names, "sample_prevalence")
        population = per_trait(population_prevalence, names, "population_prevalence")
        with traits_named(names):
            factors = liability_scale(sample, population)
            z, n, place = _joined(rows, len(panel.panel))
            rows.clear()  # they are in z and n, and large
            wanted = _wanted(len(names), pairs)
            found = cross_trait_regressions(
                z,
                n,
                panel.panel.ld_score[place],
                panel.weight_ld_score[place],
                panel.m,
                pairs=wanted,
                intercepts=intercepts,
                two_step=two_step,
                chi_squared_max=chi_squared_max,
                n_blocks=n_blocks,
                workers=workers,
                progress=None if progress is None else lambda n_done: progress(n_done, len(wanted)),
            )
    options: dict[str, Any] = {
        "pairs": pairs,
        "two_step": two_step,
        "chi_squared_max": chi_squared_max,
        "n_blocks": n_blocks,
    }
    options |= {"intercepts": None if intercepts is None else np.asarray(intercepts, np.float64), "m_file": m_file}
    options |= {"sample_prevalence": sample, "population_prevalence": population}
    return CorrelationResult(tuple(names), found, factors, tuple(logs), options, panel)


def _wanted(n_traits: int, pairs: Pairs) -> list[tuple[int, int]]:
    if pairs == "first":
        return [(0, other) for other in range(1, n_traits)]
    return list(combinations(range(n_traits), 2))


def _joined(rows: Sequence[PanelRows], n_panel: int) -> tuple[FloatArray, FloatArray, np.ndarray[Any, Any]]:
    """Return z and n, shape (n_snps, n_traits), at the SNPs that any trait has, and their rows in the panel.

    A SNP that traits have with alleles of both classes takes two rows; no trait is in both.
    """
    present = np.zeros(2 * n_panel, dtype=bool)
    for trait in rows:
        present[trait.key] = True
    keys = np.flatnonzero(present)
    row_of = np.cumsum(present) - 1
    z, n = (np.full((len(keys), len(rows)), np.nan, order="F") for _ in range(2))
    for column, trait in enumerate(rows):
        z[row_of[trait.key], column] = trait.z
        n[row_of[trait.key], column] = trait.n
    return z, n, keys // 2
