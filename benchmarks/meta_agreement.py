"""Whether two programs' meta-analyses of the same studies have the same effects."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl
import polars.selectors as cs
from meta_tools import Tool

# gwasmeta's six significant digits are right to 5e-7
_ACCEPTED_RELATIVE_DIFFERENCE = 1e-6


@dataclass(frozen=True)
class Agreement:
    """How far a program's effects are from those of the reference program.

    Attributes
    ----------
    n_shared : int
        Variants in both results.
    n_only_in_one : int
    n_incomparable : int
        Variants in both whose alleles are not the same two, or for which either has no number as effect.
    largest_difference : float
        Of beta, in its units.
    largest_relative_difference : float
        What of a difference the printed decimals cannot explain, relative to the effect's size or, where that
        is larger, its standard error: an effect that is zero by chance has no relative precision.
    """

    n_shared: int
    n_only_in_one: int
    n_incomparable: int
    largest_difference: float
    largest_relative_difference: float

    @property
    def holds(self) -> bool:
        same_variants = self.n_shared > 0 and self.n_only_in_one == 0 and self.n_incomparable == 0
        return same_variants and self.largest_relative_difference <= _ACCEPTED_RELATIVE_DIFFERENCE


def compare_effects(reference: Tool, reference_path: Path, tool: Tool, path: Path) -> Agreement:
    """Compare the effects in two output tables, after turning them to the same effect allele.

    `reference` must print standard errors.
    """
    ours, theirs = _read_effects(reference, reference_path), _read_effects(tool, path)
    both = ours.join(theirs, on="variant_id", suffix="_theirs")
    is_same = _same_alleles("effect_allele", "other_allele")
    is_swapped = _same_alleles("other_allele", "effect_allele")
    sign = pl.when(is_same).then(1.0).when(is_swapped).then(-1.0)  # null otherwise
    difference = (pl.col("beta") - sign * pl.col("beta_theirs")).abs()
    # a printed nan or inf is as incomparable as a missing value
    differences = both.select("beta", "standard_error", difference=difference).filter(
        pl.col("difference").is_finite() & pl.col("standard_error").is_finite()
    )
    unexplained = (pl.col("difference") - _half_a_unit(reference) - _half_a_unit(tool)).clip(lower_bound=0)
    scale = pl.max_horizontal(pl.col("beta").abs(), "standard_error")
    largest = differences.select(absolute=pl.col("difference").max(), relative=(unexplained / scale).max())
    return Agreement(
        n_shared=both.height,
        n_only_in_one=ours.height + theirs.height - 2 * both.height,
        n_incomparable=both.height - differences.height,
        largest_difference=largest["absolute"][0] or 0.0,
        largest_relative_difference=largest["relative"][0] or 0.0,
    )


def _same_alleles(effect_allele: str, other_allele: str) -> pl.Expr:
    """Whether the reference's effect and other allele are, in the other result, these two."""
    return (pl.col("effect_allele") == pl.col(f"{effect_allele}_theirs")) & (
        pl.col("other_allele") == pl.col(f"{other_allele}_theirs")
    )


def _half_a_unit(tool: Tool) -> float:
    return 0.0 if tool.beta_decimals is None else 0.5 * 10.0**-tool.beta_decimals


def _read_effects(tool: Tool, path: Path) -> pl.DataFrame:
    """Read a program's table, under our column names and with capital alleles."""
    read = _read_tab_separated if "\t" in _first_line(path) else _read_padded
    text = read(path).select(pl.col(theirs).alias(name) for name, theirs in tool.columns.items())
    numbers = cs.by_name("beta", "standard_error", require_all=False)
    return text.with_columns(
        pl.col("effect_allele", "other_allele").str.to_uppercase(),
        numbers.cast(pl.Float64, strict=False),  # NA becomes null
    )


def _read_tab_separated(path: Path) -> pl.DataFrame:
    return pl.read_csv(path, separator="\t", infer_schema=False, quote_char=None)


def _read_padded(path: Path) -> pl.DataFrame:
    """Read a table whose columns are padded with blanks, and never empty: PLINK's."""
    # no separator occurs, so that each line is one field
    lines = pl.read_csv(path, separator="\0", infer_schema=False, quote_char=None).to_series()
    fields = lines.str.extract_all(r"\S+")
    return pl.DataFrame({name: fields.list.get(at) for at, name in enumerate(_first_line(path).split())})


def _first_line(path: Path) -> str:
    with path.open() as stream:
        return stream.readline()
