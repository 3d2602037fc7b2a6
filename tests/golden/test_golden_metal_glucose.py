"""METAL's example of three glucose studies, read from METAL's own input files."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from golden_comparison import assert_no_difference
from golden_files import metal_inflation_factors, read_metal, read_words
from golden_metal import compare_with_metal, metal_inflation_factor
from scipy.stats import norm

from gwasmeta import Study, meta_analyze
from gwasmeta.sumstats.dialects import Dialect

_FILES = ("DGI_three_regions.txt", "MAGIC_FUSION_Results.txt.gz", "magic_SARDINIA.tbl")
_COMMON = {"chromosome": "CHR", "base_pair_location": "POS", "variant_id": "SNP", "standard_error": "SE"}
_COLUMNS: tuple[dict[str, str], ...] = (
    _COMMON
    | {"effect_allele": "EFFECT_ALLELE", "other_allele": "NON_EFFECT_ALLELE", "beta": "BETA", "n": "N"}
    | {"effect_allele_frequency": "EFFECT_ALLELE_FREQ", "p_value": "P_VAL"},
    _COMMON
    | {"effect_allele": "EFFECT_ALLELE", "other_allele": "NON_EFFECT_ALLELE", "beta": "BETA", "n": "N"}
    | {"effect_allele_frequency": "FREQ_EFFECT", "p_value": "PVALUE"},
    _COMMON
    | {"effect_allele": "AL1", "other_allele": "AL2", "beta": "EFFECT"}
    | {"effect_allele_frequency": "FREQ1", "p_value": "PVALUE"},
)
_SARDINIA_N = 4106


@dataclass(frozen=True)
class Run:
    """One run of METAL, and what it is for us."""

    name: str
    variants: int = 2495
    options: dict[str, Any] = field(default_factory=dict)
    without_n: bool = False  # METAL's STDERR scheme averages frequencies by 1/SE^2; we do so if a study lacks n
    n: tuple[float, float, float] | None = None  # DEFAULTWEIGHT
    filters: tuple[tuple[str, ...], ...] = ((), (), ())
    not_compared: tuple[str, ...] = ()
