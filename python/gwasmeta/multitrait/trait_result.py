"""MTAG's result of one trait."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from gwasmeta.multitrait.estimation import Analysis
from gwasmeta.multitrait.tables import TraitStatistics, snp_table

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl
    from matplotlib.axes import Axes


class TraitResult:
    """MTAG's estimates of one trait.

    Attributes
    ----------
    name : str
    table : pandas.DataFrame
        One row a SNP: what it is; `study_z` and `n` of the trait's own study; `effect_allele_frequency`; and MTAG's
        `beta`, `standard_error`, `z`, `neg_log_10_p_value` (exact) and `p_value` (0 where a double cannot hold it).
    """

    def __init__(self, name: str, analysis: Analysis, column: int | None, standardised: bool) -> None:
        self.name = name
        # Without a column, all traits are the same.
        self.statistics = TraitStatistics(analysis.snps, analysis.estimates, column, standardised)

    @cached_property
    def table(self) -> pd.DataFrame:
        """All columns of the trait's result."""
        import pandas as pd

        frame = self.frame()
        columns: dict[str, Any] = {
            column.name: column.to_list() if column.dtype == frame["effect_allele"].dtype else column.to_numpy()
            for column in frame.get_columns()
        }
        table = pd.DataFrame(columns)
        table["p_value"] = 10.0 ** -table["neg_log_10_p_value"]
        return table

    def frame(self) -> pl.DataFrame:
        """Return the same as a Polars frame, without `p_value`."""
        statistics = self.statistics.frame()
        measured = statistics.get_column("z").is_not_null()
        return snp_table(self.statistics.snps).hstack(statistics).filter(measured)

    def manhattan(self, **options: Any) -> Axes:
        """Draw a Manhattan plot.

        Parameters
        ----------
        **options
            As for `gwasmeta.plots.manhattan`.

        Returns
        -------
        matplotlib.axes.Axes
        """
        from gwasmeta.plots import manhattan

        return manhattan(self, **options)

    def qq(self, **options: Any) -> Axes:
        """Draw a QQ plot.

        Parameters
        ----------
        **options
            As for `gwasmeta.plots.qq`.

        Returns
        -------
        matplotlib.axes.Axes
        """
        from gwasmeta.plots import qq

        return qq(self, **options)

    def __repr__(self) -> str:
        return f"{self.name}: {len(self.table):,} SNPs\n{self.table.head().to_string(index=False)}"
