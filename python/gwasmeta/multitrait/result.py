"""The result of a multi-trait analysis: tables to look at, files to write."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gwasmeta._version import __version__
from gwasmeta.cluster import Cluster, workers_of
from gwasmeta.errors import GwasmetaError
from gwasmeta.multitrait.estimates import Gain, gains, little_signal
from gwasmeta.multitrait.estimation import Analysis
from gwasmeta.multitrait.munge import TraitSummary
from gwasmeta.multitrait.read_trait import TraitSource
from gwasmeta.multitrait.tables import write_table
from gwasmeta.multitrait.trait_result import TraitResult
from gwasmeta.sumstats.effects import FloatArray
from gwasmeta.sumstats.result_files import as_json, file_prefix, possible_paths, write_json, write_rows
from gwasmeta.sumstats.sink import whole_files

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from gwasmeta.stats.max_fdr import MaxFdr, Progress

_ENDINGS = (".log.tsv", ".json")
_LOG_COLUMNS = ("trait", "file", "rule", "removed", "left", "reason")
_WHOLE, _DECIMAL = "{:.0f}".format, "{:.3f}".format
_SHOWN_AS = {
    **dict.fromkeys(("n_max", "n_mean", "equivalent_n"), _WHOLE),
    **dict.fromkeys(("mean_chi_squared_before", "mean_chi_squared_after"), _DECIMAL),
}
_COMBINED = "combined"
_LONG_SECONDS = 10  # a wait that nobody expects without being told
_TABLE_COLUMNS = (
    *("variant_id", "chromosome", "base_pair_location", "effect_allele", "other_allele"),
    *("study_z", "n", "effect_allele_frequency", "beta", "standard_error", "z", "neg_log_10_p_value", "p_value"),
)


logger = logging.getLogger(__name__)


def result_paths(out: str | os.PathLike[str], traits: Sequence[str]) -> list[Path]:
    """Return the paths of the traits' tables, the log and the sidecar, once it is clear that they can be written."""
    prefix = file_prefix(out, "mtag")
    if "log" in traits:
        raise GwasmetaError(
            f"trait log: {prefix}.log.tsv would be the file of this trait and of what was left out\n"
            "  Give the trait another name: a mapping of names to files, or Study(..., name=...)."
        )
    return possible_paths(f"{prefix}{ending}" for ending in (*(f".{name}.tsv" for name in traits), *_ENDINGS))


class MtagResult:
    """What `gwasmeta.mtag` returns.

    Attributes
    ----------
    options : dict
        What was asked for, as far as it can be said in JSON.
    traits : dict of str to TraitResult
        By the traits' names; one called "combined" if all traits were taken to be the same.
    sigma, omega : pandas.DataFrame
        Covariance of the z statistics' errors, and of the standardised effects of one SNP, by the traits' names.
    genetic_correlation : pandas.DataFrame
        That of omega.
    summary : pandas.DataFrame
        One row a trait: mean chi-squared before (divided by sigma) and after, and the sample size that a study of the
        trait alone would need for the latter.
    log : pandas.DataFrame
        For each trait and rule: how many rows it removed, how many were left, and why. What was removed when the traits
        were combined is that of "result".
    """

    def __init__(
        self,
        analysis: Analysis,
        traits: Sequence[TraitSummary],
        sources: Sequence[TraitSource],
        options: Mapping[str, Any],
        *,
        standardised: bool,
        combined: bool,
    ) -> None:
        self._analysis = analysis
        self._traits = tuple(traits)
        self._sources = tuple(sources)
        self._names = [trait.name for trait in traits]
        self.options = dict(options)
        columns: dict[str, int | None] = {name: column for column, name in enumerate(self._names)}
        if combined:
            columns = {_COMBINED: None}
        self.traits = {name: TraitResult(name, analysis, column, standardised) for name, column in columns.items()}

    def __len__(self) -> int:
        return len(self._analysis.snps)

    @property
    def sigma(self) -> pd.DataFrame:
        """Covariance of the errors of the z statistics."""
        return self._named(self._analysis.covariances.sigma)

    @property
    def omega(self) -> pd.DataFrame:
        """Covariance of the standardised effects of one SNP."""
        return self._named(self._analysis.covariances.omega)

    @property
    def genetic_correlation(self) -> pd.DataFrame:
        """Correlation of the effects, from `omega`."""
        omega = self._analysis.covariances.omega
        scale = np.sqrt(omega.diagonal())
        return self._named(omega / np.outer(scale, scale))

    @cached_property
    def gains(self) -> list[Gain]:
        """What each trait gained, at the SNPs that all traits have."""
        snps, z = self._analysis.of_all_traits()
        return gains(snps, z, self._analysis.covariances.sigma, self._names)

    @property
    def summary(self) -> pd.DataFrame:
        """What each trait gained from the others."""
        import pandas as pd

        return pd.DataFrame([asdict(gain) for gain in self.gains]).set_index("trait")

    @property
    def warnings(self) -> list[str]:
        """What is not as it should be, a sentence each."""
        return [*little_signal(self.gains)]

    @property
    def log(self) -> pd.DataFrame:
        """What each rule removed."""
        import pandas as pd

        return pd.DataFrame(self._log_rows(), columns=list(_LOG_COLUMNS))

    def max_fdr(
        self,
        *,
        intervals: int = 10,
        p_significant: float = 5e-8,
        fit: bool = False,
        progress: Progress | None = None,
        cluster: Cluster = None,
    ) -> MaxFdr:
        """Compute the largest false discovery rate that each trait's result may have.

        Parameters
        ----------
        intervals : int
            Probabilities of the causal states are multiples of 1 / intervals.
        p_significant : float
            Threshold of significance.
        fit : bool
            Restrict the probabilities to those that fit the share of causal SNPs of each trait, which is estimated.
        progress : callable, optional
            Called now and then with "points" or "starts", how many are done, and how many there are.
        cluster : int, str or distributed.Client, optional
            Where the parts of the grid, and the climbs of a search, are computed, to the same bits; as for
            `gwasmeta.mtag`. It wins time from five traits on.

        Returns
        -------
        MaxFdr
            `fdr` has a rate for each trait; `method` says whether it is that of a grid or of a search.

        Raises
        ------
        GwasmetaError
            If no probabilities are possible with these covariances.

        Notes
        -----
        How many points there are, and how long they will take, is told beforehand by Python's `logging`: as a warning,
        which is seen by default, if it will take more than ten seconds.
        """
        from gwasmeta.multitrait.false_discovery import FdrInput

        given = FdrInput.of(self._analysis)
        plan = given.plan(intervals, p_significant, given.causal_probabilities() if fit else None)
        with workers_of(cluster) as workers:
            seconds = plan.estimated_seconds(workers)
            logger.log(logging.WARNING if seconds > _LONG_SECONDS else logging.INFO, plan.announcement(seconds))
            return replace(plan.run(progress, workers=workers), traits=tuple(self._names))

    def write(self, out: str | os.PathLike[str]) -> list[Path]:
        """Write a table for each trait, the log, and a sidecar with the estimates and what was used for them.

        Parameters
        ----------
        out : path
            Beginning of the names: `out`.TRAIT.tsv, `out`.log.tsv and `out`.json.

        Returns
        -------
        list of Path
            All of them appear, or none.

        Raises
        ------
        GwasmetaError
            If a file cannot be written, or a trait is called "log".
        """
        paths = result_paths(out, [*self.traits])
        with whole_files(*paths) as (*tables, log, sidecar):
            headers = {name: name for name in _TABLE_COLUMNS}
            for trait, beside in zip(self.traits.values(), tables, strict=True):
                write_table(beside, trait.statistics, headers, missing="NA", measured_only=True)
            write_rows(log, paths[-2], _LOG_COLUMNS, self._log_rows())
            write_json(sidecar, paths[-1], self.parameters())
        return paths

    def correlation_map(self, **options: Any) -> Axes:
        """Draw the genetic correlations of the traits.

        Parameters
        ----------
        **options
            As for `gwasmeta.plots.correlation_map`.

        Returns
        -------
        matplotlib.axes.Axes
        """
        from gwasmeta.plots import correlation_map

        return correlation_map(self._names, self.genetic_correlation, **options)

    def gain_plot(self, **options: Any) -> Axes:
        """Draw each trait's mean chi-squared before and after, and the sample size that it is worth.

        Parameters
        ----------
        **options
            As for `gwasmeta.plots.gain`.

        Returns
        -------
        matplotlib.axes.Axes
        """
        from gwasmeta.plots import data, gain

        summary = self.summary
        before, after = summary["mean_chi_squared_before"], summary["mean_chi_squared_after"]
        gained = data.gain_data(list(summary.index), before, after, summary["equivalent_n"], summary["n_max"])
        return gain(gained, **options)

    def max_fdr_surface(self, trait: str, other: str, **options: Any) -> Axes:
        """Draw the largest false discovery rate of a trait over two traits' shares of causal SNPs.

        Parameters
        ----------
        trait, other : str
            Whose rate is drawn, and the trait on the other axis.
        **options
            As for `gwasmeta.plots.max_fdr_surface_of`.

        Returns
        -------
        matplotlib.axes.Axes
        """
        from gwasmeta.multitrait.false_discovery import FdrInput
        from gwasmeta.plots import max_fdr_surface_of

        given = FdrInput.of(self._analysis)
        return max_fdr_surface_of(self._names, given.omega, given.sigma, given.mean_n, trait, other, **options)

    def report(self, path: str | os.PathLike[str], **options: Any) -> Path:
        """Write one HTML file with the lead SNPs, the pictures and the matrices of the analysis.

        Parameters
        ----------
        path : path
        **options
            As for `gwasmeta.write_report`.

        Returns
        -------
        Path
        """
        from gwasmeta.report.write import write_report

        return write_report(self, path, **options)

    def parameters(self) -> dict[str, Any]:
        """Return what the JSON sidecar holds."""
        found = self._analysis.covariances
        facts = {
            "gwasmeta": __version__,
            "options": self.options,
            "snps": len(self),
            "traits": [
                source.as_json() | {"median_z": trait.median_z, "mean_chi_squared": trait.mean_chi_squared}
                for source, trait in zip(self._sources, self._traits, strict=True)
            ],
            "sigma": found.sigma,
            "sigma_standard_error": found.sigma_standard_error,
            "sigma_shrunk": found.sigma_shrunk,
            "omega": found.omega,
            "omega_shrunk": found.omega_shrunk,
            "snps_for_omega": found.n_snps,
            "snps_for_sigma": found.n_snps_in_panel,
            "summary": [asdict(gain) for gain in self.gains],
            "warnings": self.warnings,
        }
        return dict(as_json(facts))

    def __repr__(self) -> str:
        shown = self.summary.to_string(formatters=_SHOWN_AS)
        lines = [f"{len(self):,} SNPs of {len(self._names)} traits", shown]
        return "\n".join([*lines, *(f"warning: {warning}" for warning in self.warnings)])

    def _named(self, matrix: FloatArray) -> pd.DataFrame:
        import pandas as pd

        return pd.DataFrame(matrix, self._names, self._names)

    def _log_rows(self) -> list[tuple[Any, ...]]:
        rows = [(trait.name, trait.file, step) for trait in self._traits for step in trait.steps]
        rows += [("result", "", step) for step in self._analysis.snps.steps]
        return [(name, file, step.rule, step.removed, step.left, step.reason) for name, file, step in rows]
