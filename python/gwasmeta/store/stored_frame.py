"""A block of checked rows as the columns that a store keeps."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from gwasmeta.sumstats.alleles import with_letters
from gwasmeta.sumstats.row_block import BoolArray, RowBlock
from gwasmeta.sumstats.row_log import Finding
from gwasmeta.sumstats.stored_rows import SOURCE_LINE
from gwasmeta.sumstats.table_text import table_text
from gwasmeta.sumstats.vocabulary import LONGEST_CHROMOSOME, canonical_chromosome
from gwasmeta.sumstats.words import Words

if TYPE_CHECKING:
    import polars as pl

# As they were read, so that every analysis finds what it would have found in the file: z only where the file has it.
STORED_COLUMNS = (
    *("chromosome", "base_pair_location", "variant_id", "effect_allele", "other_allele", "strand"),
    *("beta", "standard_error", "z", "neg_log_10_p_value", "effect_allele_frequency"),
    *("n", "n_cases", "n_controls", "info", "imputed"),
)
_NUMBERS = STORED_COLUMNS[6:-1]


def stored_rows(task: Callable[[], RowBlock]) -> tuple[RowBlock, pl.DataFrame]:
    """Return a block of a study, and its rows as they are stored."""
    import polars as pl

    block = with_letters(task())
    columns = [_chromosomes(block)] if "chromosome" in block.words else [pl.Series("chromosome", [None] * len(block))]
    columns = [columns[0].cast(pl.String)]
    if "base_pair_location" in block.numbers:
        columns.append(_positions(block))
    for name in ("variant_id", "effect_allele", "other_allele", "strand"):
        if name in block.words:
            columns.append(series_of_words(name, block.words[name]))
    for name in _NUMBERS:
        if name in block.numbers:
            columns.append(pl.Series(name, block.numbers[name], nan_to_null=True))
    if "imputed" in block.numbers:
        columns.append(pl.Series("imputed", block.numbers["imputed"], nan_to_null=True).cast(pl.Boolean))
    columns.append(pl.Series(SOURCE_LINE, block.numbers["line"]).cast(pl.Int64))
    return block, _without_half_places(block, pl.DataFrame(columns))


def series_of_words(name: str, words: Words, missing: BoolArray | None = None) -> pl.Series:
    """Return words as a column of texts; the missing ones are null, by default those that mean that there is none."""
    import polars as pl

    if not len(words):
        return pl.Series(name, [], dtype=pl.String)
    lines = table_text([words])[:-1].decode(errors="replace")
    texts = pl.Series(name, [lines]).str.split("\n").explode()
    missing = words.missing() if missing is None else missing
    if not missing.any():
        return texts
    return texts.to_frame().select(pl.when(pl.Series(missing)).then(None).otherwise(pl.col(name)).alias(name))[name]


def _chromosomes(block: RowBlock) -> pl.Series:
    """Return the usual name of each row's chromosome, null where it has none."""
    import polars as pl

    words = block.words["chromosome"]
    begins = words.runs()
    names = pl.Series([canonical_chromosome(name) or None for name in words.take(begins).to_list()], dtype=pl.String)
    runs = np.repeat(np.arange(len(begins)), np.diff(begins, append=len(words)))
    return names.gather(runs).alias("chromosome")


def _positions(block: RowBlock) -> pl.Series:
    import polars as pl

    positions = block.numbers["base_pair_location"]
    possible = (positions > 0) & (positions < LONGEST_CHROMOSOME)
    whole = pl.Series("base_pair_location", np.where(possible, positions, np.nan), nan_to_null=True)
    return whole.cast(pl.Int32)


def _without_half_places(block: RowBlock, rows: pl.DataFrame) -> pl.DataFrame:
    """Take the chromosome from rows without a position and the position from those without a chromosome."""
    import polars as pl

    if "base_pair_location" not in rows.columns:
        rows = rows.with_columns(base_pair_location=pl.lit(None, pl.Int32))
    half = rows.select(pl.col("chromosome").is_null() != pl.col("base_pair_location").is_null()).to_series()
    if half.any():
        reason = "it has a chromosome or a position, but not both; it is stored without a place"
        block.findings.append(_half_placed(block, reason, half.to_numpy()))
        rows = rows.with_columns(
            pl.when(half).then(None).otherwise(pl.col(name)).alias(name)
            for name in ("chromosome", "base_pair_location")
        )
    return rows


def _half_placed(block: RowBlock, reason: str, half: BoolArray) -> Finding:
    return block.finding("place_incomplete", reason, ("chromosome", "base_pair_location"), half, "warned")
