"""One trait cleaned for LD score regression: the public function, and its result."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gwasmeta._version import __version__
from gwasmeta.errors import GwasmetaError
from gwasmeta.multitrait.munge import CleaningOptions, Step, TraitSummary
from gwasmeta.multitrait.munge import munge as cleaned
from gwasmeta.multitrait.read_trait import TraitSource, ZFrom, read_trait
from gwasmeta.multitrait.snp_list import SnpList, read_snp_list
from gwasmeta.multitrait.trait_rows import Names, TraitRows
from gwasmeta.stats.genomic_control import inflation_factor
from gwasmeta.stats.ld_score_regression import LDSC_CHI_SQUARED_MEDIAN
from gwasmeta.sumstats.one_study import one_study
from gwasmeta.sumstats.result_files import file_prefix, possible_paths, write_json, write_rows
from gwasmeta.sumstats.sink import compressed_text, whole_files
from gwasmeta.sumstats.study import Study
from gwasmeta.sumstats.table_text import Fixed, NumberColumn, table_text
from gwasmeta.sumstats.words import BASES, Words

if TYPE_CHECKING:
    import pandas as pd

    from gwasmeta.sumstats.dialects import Dialect
    from gwasmeta.sumstats.effects import FloatArray
    from gwasmeta.sumstats.study import StudySource

LOG_COLUMNS = ("trait", "file", "rule", "removed", "left", "reason")
LOW_MEAN_CHI_SQUARED = 1.02
_ENDINGS = (".sumstats", ".sumstats.gz", ".sumstats.bgz", ".sumstats.zst")
_DIGITS = 3  # behind the point, as LDSC writes them


@dataclass(frozen=True)
class MungedTrait:
    """One trait's SNPs as LD score regression takes them.

    Attributes
    ----------
    name : str
    summary : TraitSummary
        What each rule removed.
    source : TraitSource
        Where the trait came from, and how it was read.
    options : mapping
        What was asked for.
    warnings : tuple of str
        What is not as it should be, a sentence each.
    rows : TraitRows
    names : Names
        Those of the SNPs in `rows`.
    listed : SnpList, optional
        What the trait was restricted to.
    """

    name: str
    summary: TraitSummary
    source: TraitSource
    options: Mapping[str, Any]
    warnings: tuple[str, ...]
    rows: TraitRows = field(repr=False)
    names: Names = field(repr=False)
    listed: SnpList | None = field(default=None, repr=False)

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def variant_ids(self) -> Words:
        """The ids of the SNPs."""
        return self.names.variants.words().take(self.rows.variant)

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row a SNP, in the order of the file: variant_id, alleles, z, n, and the frequency where it is known."""
        import pandas as pd

        rows, bases = self.rows, np.array(list(BASES), dtype=object)
        columns: dict[str, Any] = {
            "variant_id": self.variant_ids.to_list(),
            "effect_allele": bases[rows.effect_allele],
            "other_allele": bases[rows.other_allele],
            "z": rows.z,
            "n": rows.n,
        }
        if rows.frequency is not None:
            columns["effect_allele_frequency"] = rows.frequency
        return pd.DataFrame(columns)

    @property
    def log(self) -> pd.DataFrame:
        """What each rule removed."""
        import pandas as pd

        return pd.DataFrame(self.log_rows(), columns=list(LOG_COLUMNS))

    @cached_property
    def lambda_gc(self) -> float:
        """Median of z² / 0.4549."""
        return inflation_factor(self.rows.z, chi_squared_median=LDSC_CHI_SQUARED_MEDIAN)

    def log_rows(self) -> list[tuple[Any, ...]]:
        """Return the rows of the log."""
        return [
            (self.name, self.source.file, step.rule, step.removed, step.left, step.reason)
            for step in self.summary.steps
        ]

    def write(self, out: str | os.PathLike[str], *, frequency: bool = False) -> list[Path]:
        """Write the trait in LDSC's format, with the log and a sidecar.

        Where the trait was restricted to a list of SNPs, the file has all of them in the list's order, those without
        statistics empty.

        Parameters
        ----------
        out : path
            Of the table if it ends in .sumstats (also with .gz, .bgz or .zst behind it); otherwise the beginning of
            the names, and the table is `out`.sumstats.gz.
        frequency : bool
            Write the frequency of A1 too, as FRQ.

        Returns
        -------
        list of Path
            The table, `PREFIX.log.tsv` and `PREFIX.json`. All of them appear, or none.

        Raises
        ------
        GwasmetaError
            If a file cannot be written, or frequencies are asked for and not known.
        """
        if frequency and self.rows.frequency is None:
            raise GwasmetaError(f"trait {self.name} ({self.source.file}): has no allele frequencies to be written")
        paths = sumstats_paths(out)
        with whole_files(*paths) as (table_beside, log_beside, sidecar_beside):
            with compressed_text(table_beside, paths[0]) as sink:
                sink.write(("SNP\tA1\tA2\tZ\tN" + "\tFRQ" * frequency + "\n").encode())
                sink.write(table_text(self._text_columns(frequency), missing=""))
            write_rows(log_beside, paths[1], LOG_COLUMNS, self.log_rows())
            write_json(sidecar_beside, paths[2], self.parameters())
        return paths

    def _text_columns(self, frequency: bool) -> list[Words | NumberColumn]:
        rows, ids = self.rows, self.variant_ids
        places = np.arange(len(rows))
        if self.listed is not None:
            row_of = np.full(len(self.names.variants), -1)
            row_of[rows.variant] = places
            places = row_of[self.listed.variant]
            ids = self.names.variants.words().take(self.listed.variant)
        bases = Words.of([*BASES, ""])

        def allele(codes: Any) -> Words:
            return bases.take(np.where(places < 0, len(BASES), codes[places]))

        def number(values: FloatArray) -> NumberColumn:
            return NumberColumn(np.where(places < 0, np.nan, values[places]), Fixed(_DIGITS))

        last = [number(rows.frequency)] if frequency and rows.frequency is not None else []
        return [ids, allele(rows.effect_allele), allele(rows.other_allele), number(rows.z), number(rows.n), *last]

    def parameters(self) -> dict[str, Any]:
        """Return what the JSON sidecar holds."""
        return {
            "gwasmeta": __version__,
            "options": dict(self.options),
            "trait": self.source.as_json(),
            "rows_read": self.summary.n_read,
            "snps": len(self),
            "mean_chi_squared": self.summary.mean_chi_squared,
            "lambda_gc": self.lambda_gc,
            "median_z": self.summary.median_z,
            "warnings": list(self.warnings),
        }

    def __str__(self) -> str:
        lines = [f"{self.name}: {len(self):,} of {self.summary.n_read:,} rows, read as {self.source.dialect}"]
        lines += [f"  {step.removed:>10,} removed: {step.reason}" for step in self.summary.steps if step.removed]
        lines.append(
            f"  mean of z² {self.summary.mean_chi_squared:.3f}, lambda {self.lambda_gc:.3f},"
            f" largest z² {float(np.max(self.rows.z**2)):.3f}, median of z {self.summary.median_z:.3g}"
        )
        return "\n".join([*lines, *(f"  warning: {warning}" for warning in self.warnings)])

    def __repr__(self) -> str:
        return f"{self}\n{self.table.head().to_string(index=False)}"


def munge(
    source: StudySource | Study,
    *,
    name: str | None = None,
    dialect: str | Dialect | None = None,
    columns: Mapping[str, str] | None = None,
    n: float | None = None,
    n_cases: float | None = None,
    n_controls: float | None = None,
    filters: str | Iterable[str] = (),
    maf_min: float | None = 0.01,
    info_min: float | None = 0.9,
    n_min: float | None = None,
    n_max: float | None = None,
    ambiguous: bool = False,
    merge_alleles: str | os.PathLike[str] | None = None,
    median_z_max: float = 0.1,
    z_from: ZFrom = "p_value",
) -> MungedTrait:
    """Clean one trait for LD score regression, by the rules of LDSC's munge_sumstats.py.

    Parameters
    ----------
    source : path, binary stream, pandas or Polars frame, mapping of columns, or Study
        Of any format. A `Study` says everything of itself.
    name, dialect, columns, n, n_cases, n_controls, filters
        As for `gwasmeta.Study`.
    maf_min : float, optional
        Minor allele frequencies must be above this, where the file has frequencies; None for no such rule.
    info_min : float, optional
        Imputation quality must be at least this, where the file has it; None for no such rule.
    n_min, n_max : float, optional
        Limits of the sample size. The lower one is the trait's 90th percentile divided by 1.5 if not given.
    ambiguous : bool
        Keep A/T and C/G SNPs.
    merge_alleles : path, optional
        A list of SNPs with the columns SNP, A1 and A2, to restrict to; alleles must be those of the list, in any order
        and on any strand.
    median_z_max : float
        A trait whose median z is further from 0 is refused.
    z_from : {"p_value", "file"}
        Whether the size of z comes from the p-value, where there is one (it may be that of a likelihood ratio or a
        saddle-point approximation), or z is taken as the file has it.

    Returns
    -------
    MungedTrait
        `.write(path)` writes LDSC's .sumstats; `ldsc_h2` and `ldsc_rg` take it as it is.

    Raises
    ------
    GwasmetaError
        If the file cannot be read or understood, no row is left, or the median of z is far from 0. The message names
        the trait and says what to do.

    References
    ----------
    Bulik-Sullivan et al. (2015), Nature Genetics 47:291, Online Methods.

    Examples
    --------
    >>> import gwasmeta
    >>> trait = gwasmeta.munge("height.regenie.gz", merge_alleles="w_hm3.snplist")  # doctest: +SKIP
    >>> trait.write("height")  # doctest: +SKIP
    """
    study = one_study(source, name, dialect, columns, n, n_cases, n_controls, filters)
    names = Names()
    listed = None if merge_alleles is None else read_snp_list(merge_alleles, names)
    read = read_trait(study, names, z_from=z_from)
    rows, steps = read.rows, list(read.steps)
    has_frequency, has_info = rows.frequency is not None, rows.info is not None
    if listed is not None:
        rows = _restricted(rows, listed.has(rows), Step("not_listed", "the list of SNPs does not have it", 0, 0), steps)
    options = CleaningOptions(
        maf_min if has_frequency else None, info_min if has_info else None, n_min, n_max, median_z_max, 0.0, ambiguous
    )
    rows, summary = cleaned(rows, options, steps)
    if listed is not None:
        last: list[Step] = []
        other = Step("other_alleles", "the list of SNPs has other alleles", 0, 0)
        rows = _restricted(rows, listed.agrees_with(rows), other, last)
        summary = _of_rows(replace(summary, steps=(*summary.steps, *last)), rows)
    warnings = tuple(_warnings(summary, unfiltered=maf_min is not None and not has_frequency))
    asked = asdict(options) | {"maf_min": maf_min, "info_min": info_min, "z_from": z_from}
    asked |= {"merge_alleles": None if merge_alleles is None else os.fspath(merge_alleles)}
    asked |= {"filters": list(study.conditions), "n": study.n, "n_cases": study.n_cases, "n_controls": study.n_controls}
    return MungedTrait(study.label, summary, read.source, asked, warnings, rows, names, listed)


def sumstats_paths(out: str | os.PathLike[str]) -> list[Path]:
    """Return the paths that `MungedTrait.write` writes to.

    Raises
    ------
    GwasmetaError
        If the name is none of files, or a file cannot be written.
    """
    name = file_prefix(out, "trait")
    ending = next((ending for ending in _ENDINGS if name.endswith(ending) and Path(name).name != ending), None)
    prefix = name if ending is None else name.removesuffix(ending)
    return possible_paths((prefix + (ending or ".sumstats.gz"), f"{prefix}.log.tsv", f"{prefix}.json"))


def _restricted(rows: TraitRows, kept: Any, step: Step, steps: list[Step]) -> TraitRows:
    left = rows.kept(kept)
    steps.append(replace(step, removed=len(rows) - len(left), left=len(left)))
    return left


def _of_rows(summary: TraitSummary, rows: TraitRows) -> TraitSummary:
    """Return the summary with the counts and statistics of the rows that are left."""
    if not len(rows):
        raise GwasmetaError(
            f"trait {summary.name} ({summary.file}): no SNP has the alleles of the list of SNPs\n"
            "  Is the list one of the same SNPs?"
        )
    return replace(
        summary, n_left=len(rows), median_z=float(np.median(rows.z)), mean_chi_squared=float(np.mean(rows.z**2))
    )


def _warnings(summary: TraitSummary, unfiltered: bool) -> list[str]:
    warnings = []
    if unfiltered:
        warnings.append(
            "the file has no allele frequencies that are known as such: no SNP was removed for being rare"
            " (name the column: effect_allele_frequency=WORD)"
        )
    if summary.mean_chi_squared < LOW_MEAN_CHI_SQUARED:
        warnings.append(
            f"mean of z² is {summary.mean_chi_squared:.4f}, less than {LOW_MEAN_CHI_SQUARED}: there may be too little"
            " signal for LD score regression"
        )
    return warnings
