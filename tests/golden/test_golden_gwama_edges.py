"""GWAMA on the synthetic studies with planted faults: what differs has a named reason, and is as counted here.

Each run is done twice: on the files as they are, and on rows from which the reasons were taken away, where only what
GWAMA does with frequencies and sample sizes (RULES_GWAMA 3) may remain.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from golden_comparison import ROW
from golden_files import gwama_input_files, read_gwama
from golden_gwama import (
    compare_with_gwama,
    gwama_inflation_factor_of_result,
    gwama_inflation_factors,
    gwama_neg_log_10_p_value,
    reported_inflation_factor_of_result,
    reported_inflation_factors,
)
from golden_reasons import (
    BoolArray,
    Reason,
    allele_missing,
    alleles_identical,
    dropped,
    explained_counts,
    frequency_missing,
    n_missing,
    no_bases,
    number,
    read_study,
    variants_of,
    with_column,
    without_reasons,
)

from gwasmeta import Study, meta_analyze
from gwasmeta.stats.normal import neg_log_10_p_value
from gwasmeta.sumstats.dialects import Dialect

_COMMON = {
    "MARKERNAME": "variant_id",
    "CHR": "chromosome",
    "POS": "base_pair_location",
    "STRAND": "strand",
    "EA": "effect_allele",
    "NEA": "other_allele",
    "EAF": "effect_allele_frequency",
    "N": "n",
    "IMPUTED": "imputed",
    "INFO": "info",
}
QUANTITATIVE = Dialect(
    "quantitative", "q*.txt", _COMMON | {"BETA": "beta", "SE": "standard_error"}, signature=(), source=""
)
# Without the upper limit, as GWAMA reads it: the standard error is (ln OR - ln OR_95L) / 1.96.
BINARY = Dialect("binary", "b*.txt", _COMMON | {"OR": "odds_ratio", "OR_95L": "ci_lower"}, signature=(), source="")
OTHER_WORDS = Dialect(
    "other_words",
    "q4alt.txt",
    _COMMON
    | {"SNP": "variant_id", "ori": "strand", "samples": "n", "Freq1": "effect_allele_frequency"}
    | {"b": "beta", "StdErr": "standard_error", "Effect_Allele": "effect_allele", "Other.Allele": "other_allele"},
    signature=(),
    source="",
)

_LARGEST_INT32 = 2**31 - 1
_SAMPLES = frozenset({"n_samples", "eaf"})  # GWAMA weights the one by the other
_FREQUENCY = frozenset({"eaf"})


def _effect_is_text(rows: pd.DataFrame) -> BoolArray:
    return np.isnan(number(rows, "beta")) if "beta" in rows else np.zeros(len(rows), dtype=np.bool_)


def _n_is_no_integer(rows: pd.DataFrame) -> BoolArray:
    n = number(rows, "n")
    return (n > _LARGEST_INT32) | (n != np.floor(n)) & ~np.isnan(n) | _written_with_exponent(rows)


def _written_with_exponent(rows: pd.DataFrame) -> BoolArray:
    return rows["n"].str.contains("e").to_numpy() if "n" in rows else np.zeros(len(rows), dtype=np.bool_)


def _as_int32(rows: pd.DataFrame) -> pd.Series:
    """Read n as C's atoi does: to the first character that is no digit, and negative beyond 32 bits."""
    digits = rows["n"].str.extract(r"^(\d+)")[0]
    return digits.where(pd.to_numeric(digits) <= _LARGEST_INT32, "NA")


def _second_of_its_name(rows: pd.DataFrame) -> BoolArray:
    """Say which rows come behind another of their marker that GWAMA took, though it may have dropped it for its alleles."""
    valid = rows[effect_valid(rows) & ~no_bases(rows) & ~allele_missing(rows)]
    return rows.index.isin(valid.index[valid.duplicated("variant_id")])


def _imputed_unknown(rows: pd.DataFrame) -> BoolArray:
    if "imputed" not in rows:
        return np.zeros(len(rows), dtype=np.bool_)
    return ~rows["imputed"].isin(["0", "1"]).to_numpy()


ALWAYS = (
    Reason(
        "effect_is_text",
        "GWAMA reads an effect that is no number as 0; we leave the row out",
        _effect_is_text,
        with_column("beta", lambda rows: "0"),
    ),
    Reason(
        "n_is_no_integer",
        "GWAMA reads 1.5e3 as 1, 1234.75 as 1234, and 3e9 as negative",
        _n_is_no_integer,
        with_column("n", _as_int32),
        _SAMPLES,
    ),
    Reason(
        "behind_wrong_alleles",
        "a row whose alleles are not those of the marker uses it up for its study in GWAMA, not here",
        _second_of_its_name,
        dropped,
    ),
    Reason("n_missing", "GWAMA's total n is then -9; ours is of the others", n_missing, columns=_SAMPLES),
    Reason(
        "frequency_missing",
        "GWAMA divides the mean frequency by the n of all studies, also of those without a frequency",
        frequency_missing,
        columns=_FREQUENCY,
    ),
    Reason(
        "n_overflows",
        "two studies of 2,000,000,000 samples: GWAMA's total has 32 bits",
        lambda rows: number(rows, "n") == 2_000_000_000,
        columns=_SAMPLES,
    ),
)
ALLELE_OF_SEVERAL_BASES = Reason(
    "allele_of_several_bases",
    "GWAMA leaves out what is no base A, C, G or T, unless --indel_alleles; we take all alleles",
    no_bases,
    dropped,
)
WITH_INDEL_ALLELES = (
    Reason("allele_missing", "--indel_alleles takes NA and . for alleles", allele_missing),
    Reason("alleles_identical", "--indel_alleles takes A/A for a marker", alleles_identical),
)
STRAND_NOT_READ = Reason(
    "strand_not_read",
    "--indel_alleles ignores the strand column of text files, but not of .gz files",
    lambda rows: (rows["strand"] == "-").to_numpy() if "strand" in rows else np.zeros(len(rows), dtype=np.bool_),
    with_column("strand", lambda rows: "+"),
)
IMPUTED_UNKNOWN = Reason(
    "imputed_unknown",
    "a status other than 0 and 1 is genotyped for GWAMA's filter, and unknown for ours",
    _imputed_unknown,
    with_column("imputed", lambda rows: "0"),
)
MAP = (
    Reason(
        "chromosome_x",
        "GWAMA's map reads X as 0; we read 23 as X",
        lambda rows: rows["chromosome"].isin(["X", "23"]).to_numpy(),
        columns=frozenset({"chromosome"}),
    ),
    Reason(
        "position_moved",
        "the first study has the marker one base off",
        lambda rows: rows["note"].str.contains("pos_shift").to_numpy(),
        columns=frozenset({"position"}),
    ),
)


def _approximate_p_crosses(threshold: float) -> Reason:
    """Return the reason that GWAMA's p-value of a study is on the other side of the threshold than the exact one."""

    def crosses(rows: pd.DataFrame) -> BoolArray:
        with np.errstate(invalid="ignore", divide="ignore"):
            z = study_z(rows)
        limit = -np.log10(threshold)
        return (gwama_neg_log_10_p_value(z) >= limit) != (neg_log_10_p_value(z) >= limit)

    why = "GWAMA's approximate p-value is on the other side of the threshold"
    return Reason("approximate_p", why, crosses, columns=frozenset({"effects"}))
