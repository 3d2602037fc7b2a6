"""The result of a meta-analysis: tables to look at, files to write."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gwasmeta._version import __version__
from gwasmeta.cores import in_order
from gwasmeta.meta.columns import Column, decimal_of_single
from gwasmeta.meta.combined import CombinedStudies
from gwasmeta.meta.engine import ProgressCallback
from gwasmeta.meta.formats import Format, chosen_format, output_columns, written_columns
from gwasmeta.meta.lead_variants import candidates_of, lead_variants, neg_log_10_of, refuse_no_places
from gwasmeta.meta.options import Conventions
from gwasmeta.meta.output_paths import refuse_impossible_output
from gwasmeta.meta.result_parquet import write_result_parquet
from gwasmeta.meta.study_rows import as_json, earlier_same_studies, given_beside_file, study_row
from gwasmeta.sumstats.sink import compressed_text, whole_files
from gwasmeta.sumstats.table_text import table_text
from gwasmeta.sumstats.words import Words

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from gwasmeta.meta.sidecar import PastAnalysis
    from gwasmeta.meta.study_effects import StudyEffects

_SHOWN_ROWS = 5


class MetaResult:
    """What `gwasmeta.meta_analyze` returns.

    Nothing but sums is held in memory until `table` is asked for; `write` computes and writes block by block.

    Attributes
    ----------
    table : pandas.DataFrame
        One row a variant, in order of first appearance. `neg_log_10_p_value` is exact; `p_value` is 0 where a
        double cannot hold it.
    studies : pandas.DataFrame
        One row a study: rows read, used and excluded, samples, genomic inflation, checksum.
    log : pandas.DataFrame
        For each study and rule: how many rows, what happened to them, and the first examples.
    """

    def __init__(self, combined: CombinedStudies) -> None:
        self._combined = combined
        self._columns = combined.columns()
        self.options = combined.options
        self.inflation_factors: dict[str, float] = self._columns.inflation

    def __len__(self) -> int:
        return self._columns.n_rows

    @cached_property
    def table(self) -> pd.DataFrame:
        """All columns of the result."""
        return self._frame(list(self.map_blocks(dict)))

    def _frame(self, blocks: list[dict[str, Column]]) -> pd.DataFrame:
        """Return blocks of rows as a data frame."""
        import pandas as pd

        blocks = blocks or [self._columns.block(0, 0)]
        table = pd.DataFrame({name: _joined([block[name] for block in blocks]) for name in blocks[0]})
        for name in [name for name in table.columns if name.endswith("neg_log_10_p_value")]:
            place = list(table.columns).index(name)
            table.insert(place, name.replace("neg_log_10_p_value", "p_value"), 10.0 ** -table[name])
        for name in ("effect_allele_frequency_min", "effect_allele_frequency_max"):
            if name in table:
                table[name] = decimal_of_single(table[name].to_numpy())
        table["n_studies"] = table["n_studies"].astype("int64")
        table["base_pair_location"] = table["base_pair_location"].astype("Int64")
        return table

    @property
    def n_left_out(self) -> dict[str, int]:
        """Number of variants that are not in the result, by reason."""
        return dict(self._columns.n_left_out)

    @property
    def most_significant(self) -> tuple[str, float] | None:
        """The variant with the smallest p-value by the first method, and its -log10 p; None without any."""
        found = self._columns.most_significant()
        if found is None:
            return None
        return found.variant_id, found.neg_log_10_p_value

    @cached_property
    def studies(self) -> pd.DataFrame:
        """What became of each study."""
        import pandas as pd

        return pd.DataFrame([study_row(summary) for summary in self._combined.summaries])

    @cached_property
    def log(self) -> pd.DataFrame:
        """Every rule that caught a row, with its first examples, one a line."""
        import pandas as pd

        return pd.DataFrame(list(self._log_rows()), columns=list(_LOG_COLUMNS))

    @cached_property
    def correlations(self) -> dict[str, pd.DataFrame]:
        """Of the studies' statistics, for each method that allows for shared samples."""
        import pandas as pd

        names = [summary.name for summary in self._combined.summaries]
        return {method: pd.DataFrame(matrix, names, names) for method, matrix in self._columns.correlation.items()}

    def lead_variants(self, p: float = 5e-8, window: int = 500_000) -> pd.DataFrame:
        """Return the most significant variant of each locus.

        Parameters
        ----------
        p : float
            Variants with a larger p-value are no candidates.
        window : int
            Base pairs. A variant nearer than this to a more significant lead variant belongs to its locus.

        Returns
        -------
        pandas.DataFrame
            Rows of `table`, the most significant first.

        Raises
        ------
        GwasmetaError
            If no study gives chromosomes and positions.
        """
        least = neg_log_10_of(p)
        # Block by block, for the whole table may be too large.
        found = list(self.map_blocks(partial(candidates_of, least=least)))
        if len(self) and not any(has_places for _, has_places in found):
            refuse_no_places()
        return lead_variants(self._frame([rows for rows, _ in found]), p, window)

    def write(self, out: str | os.PathLike[str], format: str = "gwasmeta") -> list[Path]:
        """Write the table, the log and a sidecar with everything needed to repeat the run.

        Parameters
        ----------
        out : path
            Of the table if it ends in .tsv or .txt (also .gz, .bgz or .zst behind it) or .parquet; otherwise the
            beginning of the names, and the table is `out`.tsv.
        format : {"gwasmeta", "ssf", "gwama", "metal"}
            The table's columns and their names. Parquet is always gwasmeta's.

        Returns
        -------
        list of Path
            The table, `PREFIX.log.tsv` and `PREFIX.json`. Each appears whole or not at all.

        Raises
        ------
        GwasmetaError
            If a file cannot be written, or there is no such format.
        """
        shape = chosen_format(format)
        table, log, sidecar = paths = refuse_impossible_output(out)
        with whole_files(*paths) as (table_beside, log_beside, sidecar_beside):  # all three appear, or none
            if table.suffix.lower() == ".parquet":
                write_result_parquet(lambda: self.map_blocks(dict), self._columns.block(0, 0), table_beside, table)
            else:
                with compressed_text(table_beside, table) as sink:
                    for text in self.table_texts(shape):
                        sink.write(text)
            with compressed_text(log_beside, log) as sink:
                for row in (_LOG_COLUMNS, *self._log_rows()):
                    sink.write(("\t".join(map(str, row)) + "\n").encode())
            with compressed_text(sidecar_beside, sidecar) as sink:
                sink.write(json.dumps(self.parameters(), indent=2, allow_nan=False).encode() + b"\n")
        return paths

    def parameters(self) -> dict[str, Any]:
        """Return what the JSON sidecar holds: version, options, and the studies with checksums and inflation."""
        options = dict(vars(self.options))
        conventions = options.pop("conventions")
        if isinstance(options["genomic_control_variants"], os.PathLike):
            options["genomic_control_variants"] = os.fspath(options["genomic_control_variants"])
        return {
            "gwasmeta": __version__,
            "options": options,
            "conventions": {} if conventions == Conventions() else vars(conventions),
            "variants": len(self),
            "variants_left_out": self._columns.n_left_out,
            "inflation_factors": as_json(self.inflation_factors),
            "correlations": {method: matrix.tolist() for method, matrix in self._columns.correlation.items()},
            "applied_to_result": as_json(dict(self._columns.applied)),
            "studies": [
                as_json(study_row(summary))
                | {"columns": reader.columns, "filters": list(reader.study.conditions)}
                | {"given": given_beside_file(reader.study)}
                for summary, reader in zip(self._combined.summaries, self._combined.readers, strict=True)
            ],
        }

    def summary(self) -> str:
        """Return a few lines that say what was combined, what was left out, and how inflated it is."""
        return "\n".join(self._summary_lines())

    def __repr__(self) -> str:
        return f"{self.summary()}\n{self._head().to_string(index=False)}"

    def _repr_html_(self) -> str:
        import html

        return f"<pre>{html.escape(self.summary())}</pre>{self._head().to_html(index=False)}"

    def _head(self) -> pd.DataFrame:
        """Return the most significant rows, in the columns that are read first."""
        first = ["variant_id", "chromosome", "base_pair_location", "effect_allele", "other_allele", "beta"]
        names = [*first, "standard_error", "z", "neg_log_10_p_value", "n_studies", "direction", "i_squared"]
        return self.table.nlargest(_SHOWN_ROWS, "neg_log_10_p_value")[[n for n in names if n in self.table]]

    def _summary_lines(self) -> Iterator[str]:
        methods = ", ".join(self.options.methods).replace("_", "-")
        studies = f"{len(self._combined.summaries)} stud{'y' if len(self._combined.summaries) == 1 else 'ies'}"
        yield f"gwasmeta {__version__}: {methods}; {studies}, {len(self):,} variants"
        width = max(len(summary.name) for summary in self._combined.summaries)
        for summary in self._combined.summaries:
            excluded = summary.log.rows_read - summary.log.rows_used
            factors = summary.effects or summary.z
            inflation = f"lambda {factors.genotyped:.3f}" if factors else ""
            if factors and not np.isnan(factors.imputed):
                inflation = f"lambda {factors.genotyped:.3f} genotyped, {factors.imputed:.3f} imputed"
            yield (
                f"  {summary.name:{width}}  {summary.log.rows_used:>10,} rows used  {excluded:>8,} excluded"
                f"  {inflation}  ({summary.dialect})"
            )
        for name, earlier in earlier_same_studies(self._combined.summaries).items():
            yield f"  warning: {name} has the same file and numbers as {earlier}; its samples count twice"
        for method, correlation in self._columns.correlation.items():
            names = [summary.name for summary in self._combined.summaries]
            pairs = [
                f"{names[one]}, {names[other]} {correlation[one, other]:.3f}"
                for one, other in zip(*np.triu_indices(len(names), 1), strict=True)
                if correlation[one, other] != 0
            ]
            shown = "; ".join(pairs[:_SHOWN_PAIRS]) + ("; ..." if len(pairs) > _SHOWN_PAIRS else "")
            yield f"  correlation of the studies, {method.replace('_', '-')}: {shown or 'none'}"
        left_out = {rule: count for rule, count in self._columns.n_left_out.items() if count}
        if left_out:
            reasons = ", ".join(f"{count:,} by {rule}" for rule, count in left_out.items())
            yield f"  left out of the result: {reasons}"
        for method, factor in self.inflation_factors.items():
            applied = self._columns.applied[method]
            yield f"  lambda of the {method.replace('_', '-')} result: {factor:.4f}" + (
                f", corrected by {applied:.4f}" if applied > 1 else ""
            )

    def _log_rows(self) -> Iterator[tuple[Any, ...]]:
        same = earlier_same_studies(self._combined.summaries)
        for summary in self._combined.summaries:
            yield (summary.name, summary.file, "rows_read", "", summary.log.rows_read, "", "", "", "")
            yield (summary.name, summary.file, "rows_used", "", summary.log.rows_used, "", "", "", "")
            if summary.rows_without_n and "n" in self._combined.samples:
                why = "they add nothing to the total n"
                yield (
                    summary.name,
                    summary.file,
                    "rows_without_n",
                    "warned",
                    summary.rows_without_n,
                    why,
                    "",
                    "",
                    "",
                )
            if summary.name in same:
                why = f"file and numbers are those of {same[summary.name]}; its samples count twice"
                count = summary.log.rows_used
                yield (summary.name, summary.file, "same_as_another_study", "warned", count, why, "", "", "")
            for finding in summary.log:
                start = (
                    summary.name,
                    summary.file,
                    finding.rule,
                    finding.action,
                    finding.count,
                    finding.reason,
                )
                for example in finding.examples:
                    yield (*start, example.line, example.variant_id, example.value)
        for rule, count in self._columns.n_left_out.items():
            if count:
                yield ("result", "", rule, "excluded", count, "variants, not rows", "", "", "")

    def table_texts(self, shape: Format) -> Iterator[bytes]:
        """Give the table as text, piece by piece; the pieces are computed on all cores.

        Parameters
        ----------
        shape : Format

        Yields
        ------
        bytes
            The header line, and then lines of rows.
        """

        def values_of(block_range: tuple[int, int]) -> dict[str, Column]:
            values = self._columns.block(*block_range)
            return values | shape.derive(values)

        columns = output_columns(shape, list(values_of((0, 0))))
        yield ("\t".join(column.header for column in columns) + "\n").encode()

        def text_of(block_range: tuple[int, int]) -> bytes:
            return table_text(written_columns(columns, values_of(block_range)), missing=shape.missing)

        yield from in_order(partial(text_of, block_range) for block_range in self._columns.ranges())

    def map_blocks(self, choose: Callable[[dict[str, Column]], Any]) -> Iterator[Any]:
        """Yield what a function takes of each block of the table's rows, in their order, computed on all cores.

        Parameters
        ----------
        choose : callable
            From the columns of a block, by their names, to what is wanted of it.
        """

        def chosen(block_range: tuple[int, int]) -> Any:
            return choose(self._columns.block(*block_range))

        yield from in_order(partial(chosen, block_range) for block_range in self._columns.ranges())

    def study_effects(self, variants: Iterable[str], progress: ProgressCallback | None = None) -> StudyEffects:
        """Read every study's effect of a few variants again; see `gwasmeta.meta.study_effects.read_study_effects`.

        Parameters
        ----------
        variants : iterable of str
            As in the table's `variant_id`.
        progress : callable, optional

        Returns
        -------
        StudyEffects
            Aligned to the table's alleles, and corrected by the run's genomic control.

        Raises
        ------
        GwasmetaError
            If a study cannot be read again or gives no effects, or no study has one of the variants.
        """
        return self.analysis().study_effects(variants, progress)

    def analysis(self) -> PastAnalysis:
        """Return the studies and options, from which effects can be read again."""
        from gwasmeta.meta.sidecar import PastAnalysis

        inflation = tuple(factors for one in self._combined.summaries if (factors := one.effects or one.z) is not None)
        studies = tuple(reader.study for reader in self._combined.readers)
        return PastAnalysis(studies, self.options, inflation, self._columns.has_odds_ratios)

    def report(self, path: str | os.PathLike[str], **options: Any) -> Path:
        """Write one HTML file that says whether the result can be trusted and what was found.

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

    def volcano(self, **options: Any) -> Axes:
        """Draw -log10 p against the effects.

        Parameters
        ----------
        **options
            As for `gwasmeta.plots.volcano`.

        Returns
        -------
        matplotlib.axes.Axes
        """
        from gwasmeta.plots import volcano

        return volcano(self, **options)

    def heterogeneity(self, **options: Any) -> Axes:
        """Draw I² against -log10 p.

        Parameters
        ----------
        **options
            As for `gwasmeta.plots.heterogeneity`.

        Returns
        -------
        matplotlib.axes.Axes
        """
        from gwasmeta.plots import heterogeneity

        return heterogeneity(self, **options)

    def region(self, at: str, **options: Any) -> Axes:
        """Draw the p-values of one region.

        Parameters
        ----------
        at : str
            A region, a place or a variant's id.
        **options
            As for `gwasmeta.plots.region`.

        Returns
        -------
        matplotlib.axes.Axes
        """
        from gwasmeta.plots import region

        return region(self, at=at, **options)

    def forest(self, variant: str, **options: Any) -> Axes:
        """Draw the forest plot of one variant, reading its effects in the studies again.

        Parameters
        ----------
        variant : str
            As in the table's `variant_id`.
        **options
            As for `gwasmeta.plots.forest_of`.

        Returns
        -------
        matplotlib.axes.Axes
        """
        from gwasmeta.plots import forest_of

        return forest_of(self, variant, **{"odds_ratio": self._columns.has_odds_ratios, **options})


_SHOWN_PAIRS = 10
_LOG_COLUMNS = ("study", "file", "rule", "action", "count", "reason", "line", "variant_id", "value")


def _joined(blocks: list[Column]) -> Any:
    if not isinstance(blocks[0], Words):
        return np.concatenate(blocks)  # type: ignore[arg-type]
    import pandas as pd

    words = [word or None for block in blocks for word in block.to_list()]  # type: ignore[union-attr]
    return pd.array(words, dtype=pd.StringDtype(na_value=np.nan))
