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
from golden_files import gwama_input_files, read_gwama
from golden_gwama import (
    compare_with_gwama,
    effect_and_error,
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
    no_rows,
    number,
    read_study,
    with_column,
    without_reasons,
    write_study,
)
from scipy.stats import norm

from gwasmeta import Study, meta_analyze
from gwasmeta.stats.genomic_control import inflation_factor
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

RANDOM: Mapping[str, Any] = {"methods": ("random", "fixed")}  # fixed, to bound the rounding errors of GWAMA's Q
_LARGEST_INT32 = 2**31 - 1
_SAMPLES = frozenset({"n_samples", "eaf"})  # GWAMA weights the one by the other
_FREQUENCY = frozenset({"eaf"})


def _effect_is_text(rows: pd.DataFrame) -> BoolArray:
    return np.isnan(number(rows, "beta")) if "beta" in rows else no_rows(rows)


def _n_is_no_integer(rows: pd.DataFrame) -> BoolArray:
    n = number(rows, "n")
    return np.asarray((n > _LARGEST_INT32) | (n != np.floor(n)) & ~np.isnan(n) | _written_with_exponent(rows))


def _written_with_exponent(rows: pd.DataFrame) -> BoolArray:
    return rows["n"].str.contains("e").to_numpy() if "n" in rows else no_rows(rows)


def _as_int32(rows: pd.DataFrame) -> pd.Series:
    """Read n as C's atoi does: to the first character that is no digit, and negative beyond 32 bits."""
    digits = rows["n"].str.extract(r"^(\d+)")[0]
    return digits.where(pd.to_numeric(digits) <= _LARGEST_INT32, "NA")


def _with_other_alleles_before(rows: pd.DataFrame) -> BoolArray:
    """Say which rows come behind one of their marker that GWAMA took, and that has other alleles."""
    valid = rows[(effect_and_error(rows)[1] > 0) & ~allele_missing(rows) & ~alleles_identical(rows)]
    same_alleles = valid.duplicated(["variant_id", "effect_allele", "other_allele"])
    return np.asarray(rows.index.isin(valid.index[valid.duplicated("variant_id") & ~same_alleles]))


def _imputed_unknown(rows: pd.DataFrame) -> BoolArray:
    if "imputed" not in rows:
        return no_rows(rows)
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
        _with_other_alleles_before,
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
    lambda rows: (rows["strand"] == "-").to_numpy() if "strand" in rows else no_rows(rows),
    with_column("strand", lambda rows: "+"),
)
ONE_STUDY_OUTWEIGHS = Reason(
    "one_study_outweighs",
    "W - W2 / W, by which GWAMA's between-study variance divides, has few digits left beside a standard error of 1e-8",
    lambda rows: number(rows, "standard_error") == 1e-8,
    columns=frozenset({"beta", "se", "beta_95L", "beta_95U", "z", "p-value", "_-log10_p-value"}),
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
        effect, error = effect_and_error(rows)
        z = effect / np.where(error > 0, error, np.inf)
        exact = 2 * norm.sf(np.abs(z)) <= threshold
        return np.asarray((gwama_neg_log_10_p_value(z) >= -np.log10(threshold)) != exact)

    why = "GWAMA's approximate p-value is on the other side of the threshold"
    return Reason("approximate_p", why, crosses, columns=frozenset({"effects"}))


@dataclass(frozen=True)
class Run:
    """One run of GWAMA, and how to repeat it.

    Attributes
    ----------
    name, dialect, options
        Options are those of `meta_analyze`.
    differing : dict of str to int
        Variants that each reason makes differ on the files as they are.
    remaining : dict of str to int
        Those that are left when the reasons are taken away that can be.
    reasons : tuple of Reason
        Beyond those that are always there.
    indels : bool
        --indel_alleles
    genomic_control : bool
        -gc; GWAMA's lambda is over more rows than ours, so each study is given as two, with GWAMA's two factors.
    fixed_twin : str
        For random effects: the run whose rows stand for variants of a single study, for which GWAMA makes up a
        between-study variance from rounding errors. Without one they are left out.
    """

    name: str
    differing: Mapping[str, int]
    remaining: Mapping[str, int]
    dialect: Dialect = QUANTITATIVE
    options: Mapping[str, Any] = field(default_factory=dict)
    reasons: tuple[Reason, ...] = ()
    indels: bool = False
    genomic_control: bool = False
    fixed_twin: str = ""
    not_compared: tuple[str, ...] = ()

    def reasons_in(self, path: Path) -> tuple[Reason, ...]:
        """Return the reasons that can be at work in one study."""
        of_alleles = WITH_INDEL_ALLELES if self.indels else (ALLELE_OF_SEVERAL_BASES,)
        strand = (STRAND_NOT_READ,) if self.indels and path.suffix != ".gz" else ()
        random = (ONE_STUDY_OUTWEIGHS,) if self.options is RANDOM else ()
        return (*ALWAYS, *of_alleles, *strand, *random, *self.reasons)

    @property
    def leaves_single_studies_out(self) -> bool:
        """Whether variants of a single study cannot be compared."""
        return self.options is RANDOM and not self.fixed_twin


_Q = {
    "allele_of_several_bases": 93,
    "behind_wrong_alleles": 4,
    "effect_is_text": 44,
    "frequency_missing": 59,
    "n_is_no_integer": 41,
    "n_missing": 46,
}
_Q_LEFT = {"frequency_missing": 58, "n_missing": 66}
_Q_INDEL = {
    "allele_missing": 5,
    "alleles_identical": 1,
    "behind_wrong_alleles": 5,
    "effect_is_text": 44,
    "frequency_missing": 64,
    "n_is_no_integer": 44,
    "n_missing": 48,
    "strand_not_read": 142,
}
_Q_INDEL_LEFT = {"allele_missing": 5, "alleles_identical": 1, "frequency_missing": 63, "n_missing": 69}
_B = {
    "allele_of_several_bases": 104,
    "behind_wrong_alleles": 7,
    "frequency_missing": 63,
    "n_is_no_integer": 32,
    "n_missing": 22,
    "n_overflows": 1,
}
_B_LEFT = {"frequency_missing": 63, "n_missing": 31, "n_overflows": 1}
RUNS = (
    Run("q_fixed", _Q, _Q_LEFT),
    Run(
        "q_random",
        _Q | {"one_study_outweighs": 7},
        _Q_LEFT | {"one_study_outweighs": 7},
        options=RANDOM,
        fixed_twin="q_fixed",
    ),
    Run("q_gc", _Q, _Q_LEFT, genomic_control=True),
    Run(
        "q_two_r_gc",
        {
            "allele_of_several_bases": 74,
            "behind_wrong_alleles": 1,
            "effect_is_text": 9,
            "frequency_missing": 14,
            "n_is_no_integer": 13,
            "n_missing": 19,
            "one_study_outweighs": 1,
        },
        {"frequency_missing": 15, "n_missing": 27, "one_study_outweighs": 1},
        options=RANDOM,
        genomic_control=True,
    ),
    Run(
        "q_t05",
        _Q | {"approximate_p": 1},
        _Q_LEFT | {"approximate_p": 1},
        options={"direction_p": 0.05},
        reasons=(_approximate_p_crosses(0.05),),
    ),
    Run(
        "q_map3",
        _Q | {"behind_wrong_alleles": 5, "chromosome_x": 64, "position_moved": 3},
        _Q_LEFT | {"chromosome_x": 64, "position_moved": 3},
        reasons=MAP,
    ),
    Run(
        "q_filter_lt",
        {
            "allele_of_several_bases": 91,
            "behind_wrong_alleles": 1,
            "effect_is_text": 35,
            "frequency_missing": 46,
            "n_is_no_integer": 32,
            "n_missing": 40,
        },
        {"frequency_missing": 44, "n_missing": 55},
        options={"filters": "info >= 0.5"},
    ),
    Run(
        "q_filter_ne",
        {
            "allele_of_several_bases": 54,
            "behind_wrong_alleles": 3,
            "effect_is_text": 32,
            "frequency_missing": 30,
            "n_is_no_integer": 31,
            "n_missing": 29,
        },
        {"frequency_missing": 30, "n_missing": 46},
        options={"filters": "imputed == 1"},
    ),
    Run(
        "q_filter_eq",
        {"allele_of_several_bases": 6, "frequency_missing": 2, "imputed_unknown": 2, "n_missing": 1},
        {"frequency_missing": 2, "n_missing": 1},
        options={"filters": "imputed != 1"},
        reasons=(IMPUTED_UNKNOWN,),
    ),
    Run("q_order", _Q | {"frequency_missing": 53}, _Q_LEFT | {"frequency_missing": 49}),
    Run("q_names", _Q, _Q_LEFT),
    Run("q_single", {"allele_of_several_bases": 12, "n_is_no_integer": 2, "n_missing": 2}, {"n_missing": 3}),
    Run(
        "q_noN_noEAF",
        {
            "allele_of_several_bases": 91,
            "behind_wrong_alleles": 5,
            "effect_is_text": 18,
            "n_is_no_integer": 17,
            "n_missing": 1327,
            "n_overflows": 1,
        },
        {"n_missing": 1332, "n_overflows": 1},
        not_compared=("eaf",),
    ),
    Run("q_indel", _Q_INDEL, _Q_INDEL_LEFT, indels=True),
    Run(
        "q_indel_r_gc",
        _Q_INDEL | {"one_study_outweighs": 6},
        _Q_INDEL_LEFT | {"one_study_outweighs": 6},
        options=RANDOM,
        indels=True,
        genomic_control=True,
    ),
    Run("b_fixed", _B, _B_LEFT, BINARY),
    Run("b_random", _B, _B_LEFT, BINARY, RANDOM, fixed_twin="b_fixed"),
    Run("b_gc", _B, _B_LEFT, BINARY, genomic_control=True),
    Run(
        "b_indel",
        {
            "allele_missing": 9,
            "alleles_identical": 5,
            "behind_wrong_alleles": 8,
            "frequency_missing": 71,
            "n_is_no_integer": 34,
            "n_missing": 27,
            "n_overflows": 1,
            "strand_not_read": 137,
        },
        {"allele_missing": 7, "alleles_identical": 4, "frequency_missing": 70, "n_missing": 37, "n_overflows": 1},
        BINARY,
        indels=True,
    ),
    Run(
        "b_t001_map",  # the map is that of the quantitative studies
        _B,
        _B_LEFT,
        BINARY,
        {"direction_p": 0.001},
        (_approximate_p_crosses(0.001),),
        not_compared=("position",),
    ),
    Run(
        "b_filter",
        _B | {"frequency_missing": 62},
        _B_LEFT | {"frequency_missing": 62},
        BINARY,
        {"filters": ("odds_ratio <= 1.5", "odds_ratio >= 0.6667")},
    ),
)
every_run = pytest.mark.parametrize("run", RUNS, ids=lambda run: run.name)


@every_run
def test_every_difference_has_a_named_reason(run: Run, golden_meta: Path, tmp_path: Path) -> None:
    folder = golden_meta / "runs" / "edge_gwama" / run.name
    paths = gwama_input_files(folder)
    rows = [read_study(path, _dialect(run, path)) for path in paths]
    if run.genomic_control:
        studies = _split_by_imputation(rows, rows, folder, tmp_path)
    else:
        studies = [Study(path, dialect=_dialect(run, path)) for path in paths]
    table = _meta_analyze(run, studies)
    assert _explained(run, folder, table, rows) == run.differing


@every_run
def test_the_reasons_explain_the_differences(run: Run, golden_meta: Path, tmp_path: Path) -> None:
    folder = golden_meta / "runs" / "edge_gwama" / run.name
    paths = gwama_input_files(folder)
    original = [read_study(path, _dialect(run, path)) for path in paths]
    rows = [without_reasons(study, run.reasons_in(path)) for path, study in zip(paths, original, strict=True)]
    if run.genomic_control:
        studies = _split_by_imputation(rows, original, folder, tmp_path)
    else:
        studies = [write_study(study, tmp_path / f"{place}.txt") for place, study in enumerate(rows)]
    table = _meta_analyze(run, studies)
    assert _explained(run, folder, table, rows) == run.remaining
    if not run.indels and not run.genomic_control:  # in neither are all rows the same, in the same order
        assert table["variant_id"].tolist() == _expected(run, folder).index.tolist()


def test_correction_of_the_result_agrees(golden_meta: Path, tmp_path: Path) -> None:
    run = Run("q_gco", _Q, _Q_LEFT)
    folder = golden_meta / "runs" / "edge_gwama" / run.name
    rows = [without_reasons(read_study(path, run.dialect), run.reasons_in(path)) for path in gwama_input_files(folder)]
    studies = [write_study(study, tmp_path / f"{place}.txt") for place, study in enumerate(rows)]
    result = meta_analyze(studies, genomic_control_result=True)
    factor, theirs = result.inflation_factors["fixed"], read_gwama(folder)
    assert factor > 2
    # The z statistics have six decimals, so the median of their squares has as many, doubled by the square.
    z = theirs["z"].astype(float)
    assert factor == pytest.approx(inflation_factor(z), rel=2 * 0.5e-6 / np.median(np.abs(z)))
    # GWAMA leaves z and standard errors as they were, and corrects the p-values by the value below the median.
    table = result.table
    table = table.assign(z=table["z"] * np.sqrt(factor), standard_error=table["standard_error"] / np.sqrt(factor))
    their_factor = gwama_inflation_factor_of_result(table["z"])
    assert f"{their_factor:.6g}" == reported_inflation_factor_of_result(folder)
    comparison = compare_with_gwama(table, theirs, their_factor)
    reasons = [run.reasons_in(path) for path in gwama_input_files(folder)]
    assert explained_counts(comparison.differences, rows, reasons) == run.remaining


def _dialect(run: Run, path: Path) -> Dialect:
    return OTHER_WORDS if path.name == "q4alt.txt" else run.dialect


def _split_by_imputation(
    rows: Sequence[pd.DataFrame], original: Sequence[pd.DataFrame], folder: Path, tmp_path: Path
) -> list[Study]:
    """Make of each study one of the genotyped and one of the imputed rows, each with GWAMA's inflation factor."""
    factors = [gwama_inflation_factors(study) for study in original]
    as_printed = [tuple((f"{factor:.4f}", count) for factor, count in study) for study in factors]
    assert as_printed == reported_inflation_factors(folder)
    studies = []
    for place, (study, of_study) in enumerate(zip(rows, factors, strict=True)):
        imputed = (study["imputed"] == "1").to_numpy()
        for what, chosen, (factor, _) in zip(("genotyped", "imputed"), (~imputed, imputed), of_study, strict=True):
            studies.append(write_study(study[chosen], tmp_path / f"{place}_{what}.txt", factor))
    return studies


def _meta_analyze(run: Run, studies: Sequence[Study]) -> pd.DataFrame:
    table = meta_analyze(studies, **run.options).table
    if run.genomic_control:
        table["direction"] = [_joined_halves(word) for word in table["direction"]]
    return table[table["n_studies"] > 1] if run.leaves_single_studies_out else table


def _joined_halves(direction: str) -> str:
    """Make one character of the two of each study, of which one at least is a question mark."""
    return "".join(min(pair, key="?".__eq__) for pair in zip(direction[::2], direction[1::2], strict=True))


def _expected(run: Run, folder: Path) -> pd.DataFrame:
    theirs = read_gwama(folder)
    single = theirs["n_studies"] == "1"
    if run.leaves_single_studies_out:
        return theirs[~single]
    if run.fixed_twin:
        theirs[single] = read_gwama(folder.parent / run.fixed_twin)[single]
    return theirs


def _explained(run: Run, folder: Path, table: pd.DataFrame, rows: Sequence[pd.DataFrame]) -> dict[str, int]:
    comparison = compare_with_gwama(table, _expected(run, folder), not_compared=run.not_compared)
    reasons = [run.reasons_in(path) for path in gwama_input_files(folder)]
    return explained_counts(comparison.differences, rows, reasons)
