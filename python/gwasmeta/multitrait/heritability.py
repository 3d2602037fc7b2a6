"""LD score regression of single traits: the public function, and its result."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gwasmeta._version import __version__
from gwasmeta.cores import on_all_cores
from gwasmeta.multitrait.ldsc_files import log_rows, write_regression
from gwasmeta.multitrait.ldsc_report import heritability_text
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
from gwasmeta.stats.ld_score_regression import (
    FIRST_STEP_CHI_SQUARED,
    N_BLOCKS,
    HeritabilityRegression,
    heritability,
)
from gwasmeta.stats.liability_scale import liability_scale
from gwasmeta.sumstats.result_files import as_json

if TYPE_CHECKING:
    import pandas as pd

    from gwasmeta.ldscores.panel_files import MFile
    from gwasmeta.multitrait.ldsc_traits import Panel, PerTrait, Traits


@dataclass(frozen=True)
class HeritabilityResult:
    """What `gwasmeta.ldsc_h2` returns.

    Attributes
    ----------
    regressions : dict of str to HeritabilityRegression
        By the traits' names; with the estimates without each block of the jackknife.
    liability_factors : dict of str to float
        What heritabilities are multiplied by to be those of liabilities; 1 for a quantitative trait.
    traits : tuple of TraitLog
    options : mapping
        What was asked for.
    panel : ScorePanel
    """

    regressions: Mapping[str, HeritabilityRegression]
    liability_factors: Mapping[str, float]
    traits: tuple[TraitLog, ...]
    options: Mapping[str, Any]
    panel: ScorePanel

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row a trait: heritability, intercept, what the z statistics look like, and of how many SNPs.

        `h2` is on the observed scale, `h2_liability` on that of the liability where prevalences are given. `ratio` is
        the share of the inflation of z² that is not polygenic signal.
        """
        import pandas as pd

        return pd.DataFrame([self._row(name) for name in self.regressions])

    @property
    def log(self) -> pd.DataFrame:
        """What each rule removed of each trait."""
        import pandas as pd

        return pd.DataFrame(log_rows(self.traits), columns=list(LOG_COLUMNS))

    @property
    def warnings(self) -> list[str]:
        """What is not as it should be, a sentence each."""
        found = []
        for (name, regression), trait in zip(self.regressions.items(), self.traits, strict=True):
            found += [f"{name}: {warning}" for warning in trait.warnings]
            found += few_snps(name, regression.n_snps)
            if regression.heritability.value <= 0:
                found.append(f"{name}: the heritability is not positive: there is no polygenic signal to be seen")
        return found

    def summary(self) -> str:
        """Return the estimates as LDSC words them."""
        parts = [
            heritability_text(name, regression, self.liability_factors[name])
            for name, regression in self.regressions.items()
        ]
        return "\n\n".join([*parts, *(["\n".join(f"warning: {text}" for text in self.warnings)] * bool(self.warnings))])

    def write(self, out: str | os.PathLike[str]) -> list[Path]:
        """Write the table, the summary, the log and a sidecar.

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
        rows = self.table.to_dict("records")
        facts = {
            "gwasmeta": __version__,
            "options": dict(self.options),
            **self.panel.as_json(),
            "traits": [trait.as_json() | row for trait, row in zip(self.traits, rows, strict=True)],
            "warnings": self.warnings,
        }
        return dict(as_json(facts))

    def __str__(self) -> str:
        return self.summary()

    def __repr__(self) -> str:
        return self.table.to_string(index=False, float_format=lambda number: f"{number:.4f}")

    def _row(self, name: str) -> dict[str, Any]:
        found, factor = self.regressions[name], self.liability_factors[name]
        row: dict[str, Any] = {"trait": name}
        row |= {"h2": found.heritability.value, "h2_standard_error": found.heritability.standard_error}
        if any(one != 1 for one in self.liability_factors.values()):
            on_liability = found.heritability.scaled(factor)
            row |= {"h2_liability": on_liability.value, "h2_liability_standard_error": on_liability.standard_error}
        return row | {
            "intercept": found.intercept.value,
            "intercept_standard_error": found.intercept.standard_error,
            "ratio": found.ratio,
            "ratio_standard_error": found.ratio_standard_error,
            "mean_chi_squared": found.mean_chi_squared,
            "lambda_gc": found.lambda_gc,
            "n_snps": found.n_snps,
            "n_blocks": found.heritability.delete_values.size,
        }


def ldsc_h2(
    traits: Traits,
    *,
    ld_scores: Panel = None,
    weights: Panel = None,
    m: float | None = None,
    m_file: MFile = "M_5_50",
    intercept: PerTrait = None,
    two_step: float | None = FIRST_STEP_CHI_SQUARED,
    chi_squared_max: float | None = None,
    n_blocks: int = N_BLOCKS,
    sample_prevalence: PerTrait = None,
    population_prevalence: PerTrait = None,
) -> HeritabilityResult:
    """Estimate the heritability of traits by LD score regression, and what else inflates their statistics.

    Parameters
    ----------
    traits : path, frame, Study or MungedTrait, or several, or mapping of name to these
        What `gwasmeta.munge` returns, and a file in LDSC's format (.sumstats), is taken as it is. All else, of any
        format, is cleaned by the defaults of `munge` first.
    ld_scores : path or LdScorePanel, optional
        Folder or beginning of the names of the files of LD scores; those that ``gwasmeta ldscores fetch`` has fetched
        if not given.
    weights : path or LdScorePanel, optional
        LD scores with the SNPs of the regression, for its weights; `ld_scores` if not given.
    m : float, optional
        Number of SNPs that the LD scores are sums over; that of the panel if not given.
    m_file : {"M_5_50", "M"}
        Which of the panel's numbers: of the SNPs with a minor allele frequency above 5 %, or of all.
    intercept : float, several, or mapping of name to float, optional
        Take it as known; NaN for a trait whose intercept is to be estimated.
    two_step : float, optional
        Estimate the intercept from SNPs with z² below this only, then the slope from all; None for one step. Without
        effect where the intercept is given.
    chi_squared_max : float, optional
        Leave out SNPs with z² of this or more.
    n_blocks : int
        Of the jackknife.
    sample_prevalence, population_prevalence : float, several, or mapping of name to float, optional
        Share of cases in the study and in the population, for heritability on the scale of the liability; NaN for a
        quantitative trait.

    Returns
    -------
    HeritabilityResult

    Raises
    ------
    GwasmetaError
        If a trait or the panel cannot be read, or the regression has too few SNPs. The message names the trait and
        says what to do.

    References
    ----------
    Bulik-Sullivan et al. (2015), Nature Genetics 47:291. Liability: Lee et al. (2011), American Journal of Human
    Genetics 88:294.

    Examples
    --------
    >>> import gwasmeta
    >>> result = gwasmeta.ldsc_h2({"height": "height.regenie.gz"})  # doctest: +SKIP
    >>> result.table  # doctest: +SKIP
    """
    panel = ScorePanel.of(ld_scores, weights, m, m_file)
    rows, logs = read_at_panel(traits, panel, with_alleles=False)
    names = [log.source.name for log in logs]
    given = per_trait(intercept, names, "intercept")
    prevalences = [
        per_trait(sample_prevalence, names, "sample_prevalence"),
        per_trait(population_prevalence, names, "population_prevalence"),
    ]
    with traits_named(names):
        factors = liability_scale(*prevalences)

    def regress(place: int) -> HeritabilityRegression:
        known = None if np.isnan(given[place]) else float(given[place])
        step = two_step if known is None else None
        with traits_named([names[place]]):
            return _regression(rows[place], panel, known, step, chi_squared_max, n_blocks)

    found = on_all_cores(regress, range(len(rows)))
    options: dict[str, Any] = {
        "intercept": given,
        "two_step": two_step,
        "chi_squared_max": chi_squared_max,
        "n_blocks": n_blocks,
    }
    options |= {"sample_prevalence": prevalences[0], "population_prevalence": prevalences[1], "m_file": m_file}
    return HeritabilityResult(
        dict(zip(names, found, strict=True)),
        dict(zip(names, map(float, factors), strict=True)),
        tuple(logs),
        options,
        panel,
    )


def _regression(
    rows: PanelRows,
    panel: ScorePanel,
    intercept: float | None,
    two_step: float | None,
    chi_squared_max: float | None,
    n_blocks: int,
) -> HeritabilityRegression:
    return heritability(
        rows.z,
        rows.n,
        panel.panel.ld_score[rows.key],
        panel.weight_ld_score[rows.key],
        panel.m,
        intercept=intercept,
        two_step=two_step,
        chi_squared_max=chi_squared_max,
        n_blocks=n_blocks,
    )
