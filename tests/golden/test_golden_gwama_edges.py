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
_SAMPLES = frozenset({"n_samples"})
_FREQUENCY = frozenset({"eaf"})


def _effect_is_text(rows: pd.DataFrame) -> BoolArray:
    return np.isnan(number(rows, "beta")) if "beta" in rows else np.zeros(len(rows), dtype=np.bool_)


def _n_is_no_integer(rows: pd.DataFrame) -> BoolArray:
    n = number(rows, "n")
    if "n" not in rows:
        return np.zeros(len(rows), dtype=np.bool_)
    return rows["n"].str.contains(r"[.eE]").to_numpy() & ~np.isnan(n) | (n > _LARGEST_INT32)


def _as_int32(rows: pd.DataFrame) -> pd.Series:
    """Read n as C's atoi does: to the first character that is no digit, and negative beyond 32 bits."""
    digits = rows["n"].str.extract(r"^(\d+)")[0]
    return digits.where(pd.to_numeric(digits) <= _LARGEST_INT32, "NA")


def _behind_wrong_alleles(rows: pd.DataFrame) -> BoolArray:
    """Return second rows of a marker in one study."""
    return rows.duplicated("variant_id").to_numpy()


REASONS = {
    reason.name: reason
    for reason in (
        Reason(
            "effect_is_text",
            "GWAMA reads an effect that is no number as 0; we leave the row out",
            _effect_is_text,
            with_column("beta", lambda rows: "0"),
        ),
        Reason(
            "n_is_no_integer",
            "GWAMA reads 1.5e3 as 1, 1234.75 as 1234, and overflows at 3e9",
            _n_is_no_integer,
            with_column("n", _as_int32),
            _SAMPLES | _FREQUENCY,
        ),
        Reason(
            "allele_of_several_bases",
            "GWAMA leaves out what is no base A, C, G or T, unless --indel_alleles; we take all alleles",
            no_bases,
            dropped,
        ),
        Reason("n_missing", "GWAMA's total n is then -9; ours is of the others", n_missing, columns=_SAMPLES | _FREQUENCY),
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
            columns=_SAMPLES | _FREQUENCY,
        ),
    )
}
