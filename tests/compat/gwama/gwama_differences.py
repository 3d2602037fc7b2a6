"""The differences from GWAMA, each by the name that docs/differences.md has for it, and what it explains.

Where it can be done, a difference is also taken away: the studies' rows are rewritten to say plainly what GWAMA made of
them. Then everything has to agree that the difference explained before; so it is the explanation, and not only there.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
from golden_gwama import effect_and_error, gwama_neg_log_10_p_value
from golden_reasons import (
    allele_missing,
    alleles_identical,
    frequency_missing,
    n_missing,
    no_rows,
    number,
)
from gwama_comparison import CORRECTION, of_messages, printed
from gwama_difference import (
    ESTIMATES,
    HETEROGENEITY,
    BoolArray,
    Difference,
    by_rows,
    changed,
    every_row,
    with_option,
    without_rows,
)
from gwama_rows import StudyRows
from gwama_runs import GoldenRun, Output
from scipy.stats import norm

_FREQUENCIES = frozenset({"eaf", "male_eaf", "female_eaf"})
_SAMPLES = frozenset({"n_samples", "male_n_samples", "female_n_samples"})
_DISCREPANCY = of_messages("discrepancy") | printed("Strand problems")
_LARGEST_INT32 = 2**31 - 1


# --- values -------------------------------------------------------------------------------------------


def _effect_is_text(rows: pd.DataFrame) -> BoolArray:
    if "beta" not in rows:
        return no_rows(rows)
    return np.isnan(number(rows, "beta")) & ~_not_finite(rows)


def _not_finite(rows: pd.DataFrame) -> BoolArray:
    """Say which effects or standard errors are written as infinite or as not a number; C reads both."""
    written = re.compile(r"[-+]?(nan|inf|infinity)$", re.IGNORECASE)
    columns = [column for column in ("beta", "standard_error") if column in rows]
    return np.array([any(written.match(word) for word in words) for words in rows[columns].to_numpy()], dtype=np.bool_)


def _n_is_no_integer(rows: pd.DataFrame) -> BoolArray:
    n = number(rows, "n")
    exponent = rows["n"].str.contains("e").to_numpy() if "n" in rows else no_rows(rows)
    return np.asarray((n > _LARGEST_INT32) | (n != np.floor(n)) & ~np.isnan(n) | exponent)


def _as_int32(rows: pd.DataFrame) -> pd.Series:
    """Read n as C's atoi does: to the first character that is no digit, and negative beyond 32 bits."""
    digits = rows["n"].str.extract(r"^(\d+)")[0]
    return digits.where(pd.to_numeric(digits) <= _LARGEST_INT32, "-1")


def _frequency_or_n_missing(run: GoldenRun, study: StudyRows) -> BoolArray:
    """Say which rows do not give both; all, if a study has no column n and frequencies are weighted otherwise."""
    if any("n" not in other.rows for other in run.studies):
        return every_row(run, study)
    return np.asarray(frequency_missing(study.rows) | n_missing(study.rows))


# --- alleles ------------------------------------------------------------------------------------------


def _behind_other_alleles(rows: pd.DataFrame) -> BoolArray:
    """Say which rows come behind one of their marker that GWAMA took, and that has other alleles."""
    valid = rows[(effect_and_error(rows)[1] > 0) & ~allele_missing(rows) & ~alleles_identical(rows)]
    same_alleles = valid.duplicated(["variant_id", "effect_allele", "other_allele"])
    return np.asarray(rows.index.isin(valid.index[valid.duplicated("variant_id") & ~same_alleles]))


def _with_alleles_of_first_row(study: StudyRows, mask: BoolArray) -> StudyRows:
    """Let rows have the alleles of the row of their marker that GWAMA took before them."""
    alleles = ["effect_allele", "other_allele"]
    first = study.rows[effect_and_error(study.rows)[1] > 0].drop_duplicates("variant_id").set_index("variant_id")
    rows = study.rows.copy()
    rows.loc[mask, alleles] = first.loc[rows.loc[mask, "variant_id"], alleles].to_numpy()
    return study.with_rows(rows)


def _no_alleles(rows: pd.DataFrame) -> BoolArray:
    return np.asarray(allele_missing(rows) | alleles_identical(rows))


def _on_minus(_run: GoldenRun, study: StudyRows) -> BoolArray:
    text_file = not study.path.endswith("gz") and "strand" in study.rows
    return (study.rows["strand"] == "-").to_numpy() if text_file else no_rows(study.rows)


def _imputed_unknown(rows: pd.DataFrame) -> BoolArray:
    return ~rows["imputed"].isin(["0", "1"]).to_numpy() if "imputed" in rows else no_rows(rows)


# --- filters ------------------------------------------------------------------------------------------

_OPERATORS = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_CANONICAL = {"N": "n", "EAF": "effect_allele_frequency", "IMPUTED": "imputed", "OR": "odds_ratio"}


def satisfies_filters(run: GoldenRun, study: StudyRows) -> BoolArray:
    """Say which rows the filters leave out by a number that is read from them."""
    rows = study.rows
    found = no_rows(rows)
    for column, comparison, limit in _filters_of(run, rows):
        found |= _OPERATORS[comparison](number(rows, column), limit)
    return found


def _filters_of(run: GoldenRun, rows: pd.DataFrame) -> list[tuple[str, str, float]]:
    """Return the filters of a run whose columns a study has, under our names."""
    named = ((_CANONICAL.get(word, word), comparison, limit) for word, comparison, limit in run.filters)
    return [one for one in named if one[0] in rows]


def _filtered_on_nothing(run: GoldenRun, study: StudyRows) -> BoolArray:
    """Say which rows satisfy a filter of GWAMA's by a value that is no number, and so 0."""
    rows = study.rows
    found = no_rows(rows)
    for column, comparison, limit in _filters_of(run, rows):
        value = number(rows, column)
        found |= np.isnan(value) & _OPERATORS[comparison](np.nan_to_num(value), limit)
    return found


def _with_zeros(study: StudyRows, mask: BoolArray) -> StudyRows:
    """Write 0 for what is no number in the columns that are nothing but filtered on."""
    rows = study.rows.copy()
    for column in {"INFO", "NOTE"} & set(rows):
        rows.loc[mask & np.isnan(number(rows, column)), column] = "0"
    return study.with_rows(rows)


# --- files --------------------------------------------------------------------------------------------


def _uneven(_run: GoldenRun, study: StudyRows) -> BoolArray:
    return (study.rows["n_words"] != len(study.header)).to_numpy()


def _last_column_lost(_run: GoldenRun, study: StudyRows) -> BoolArray:
    lost = study.path.endswith("gz") and not study.carriage_returns
    return np.full(len(study.rows), lost)


def _without_last_column(study: StudyRows, _mask: BoolArray) -> StudyRows:
    lost = {study.rows.columns[len(study.header) - 1]: "LOST"}
    return replace(study, header=(*study.header[:-1], "LOST"), rows=study.rows.rename(columns=lost))


def _below_blank_line(_run: GoldenRun, study: StudyRows) -> BoolArray:
    return np.full(len(study.rows), study.header_line > 0)


# --- estimates ----------------------------------------------------------------------------------------


def _crosses_threshold(run: GoldenRun, study: StudyRows) -> BoolArray:
    """Say which rows GWAMA's approximate p-value puts on the other side of the threshold than the exact one."""
    threshold = float(run.words[run.words.index("-t") + 1])
    effect, error = effect_and_error(study.rows)
    z = effect / np.where(error > 0, error, np.inf)
    factors = {line.split("\t")[0]: line.split("\t") for line in run.output.files["gc.out"].splitlines()[1:]}
    if study.path in factors:
        genotyped, imputed = (max(1.0, float(factors[study.path][place])) for place in (1, 3))
        if "imputed" in study.rows:
            genotyped = np.where(study.rows["imputed"] == "1", imputed, genotyped)
        z = z / np.sqrt(genotyped)
    exact = 2 * norm.sf(np.abs(z)) <= threshold
    return np.asarray((gwama_neg_log_10_p_value(z) >= -np.log10(threshold)) != exact)


def _of_one_study(run: GoldenRun, study: StudyRows) -> BoolArray:
    """Say which rows are the only ones of their marker in GWAMA's result, or in that of a sex."""
    table = run.output.table
    counts = [table[column] == "1" for column in table if column.endswith("n_studies")]
    single = table.index[np.logical_or.reduce(counts)]
    return study.rows["variant_id"].isin(single).to_numpy()


def _digits_lost(rows: pd.DataFrame) -> BoolArray:
    """Say where the rounding of z² = w b² shows in the sixth decimal of Q, or one study outweighs all."""
    effect, error = effect_and_error(rows)
    with np.errstate(over="ignore"):
        z = effect / np.where(error > 0, error, np.inf)
    return np.asarray((np.abs(z) > 1.5e4) | (number(rows, "standard_error") == 1e-8))


# --- map ----------------------------------------------------------------------------------------------


def _map_lines(run: GoldenRun) -> pd.DataFrame:
    path = run.folder / run.words[next(k for k, word in enumerate(run.words) if word in {"-m", "--map"}) + 1]
    lines = [line.split() for line in path.read_text().splitlines()]
    return pd.DataFrame({"chromosome": [words[0] for words in lines], "variant_id": [words[1] for words in lines]})


def _chromosome_is_a_name(run: GoldenRun, study: StudyRows) -> BoolArray:
    lines = _map_lines(run)
    named = lines.loc[~lines["chromosome"].str.isdecimal(), "variant_id"]
    return study.rows["variant_id"].isin(named).to_numpy()


def _on_first_line_of_map(run: GoldenRun, study: StudyRows) -> BoolArray:
    return (study.rows["variant_id"] == _map_lines(run)["variant_id"][0]).to_numpy()


def _has_map(run: GoldenRun) -> bool:
    return not {"-m", "--map"}.isdisjoint(run.words)


DIFFERENCES: dict[str, Difference] = {
    "effect_not_a_number": Difference(
        by_rows(_effect_is_text), moves_lambda=True, taken_away=changed("beta", lambda rows: "0")
    ),
    "value_not_finite": Difference(by_rows(_not_finite), moves_lambda=True),
    "n_as_number": Difference(
        by_rows(_n_is_no_integer),
        _SAMPLES | _FREQUENCIES | of_messages("samples") | _DISCREPANCY,
        taken_away=changed("n", _as_int32),
        leaves=of_messages("samples"),
        stays_in_run=lambda run: "N" in (column for column, _, _ in run.filters),
    ),
    "n_overflow": Difference(
        by_rows(lambda rows: number(rows, "n") == 2_000_000_000), _SAMPLES | _FREQUENCIES | _DISCREPANCY
    ),
    "frequency_average": Difference(_frequency_or_n_missing, _FREQUENCIES | _DISCREPANCY),
    "rows_behind_wrong_alleles": Difference(
        by_rows(_behind_other_alleles),
        taken_away=_with_alleles_of_first_row,
        leaves=of_messages("other alleles") | printed("Strand problems", "Effect problems"),
    ),
    "indel_alleles": Difference(by_rows(_no_alleles), in_run=with_option("--indel_alleles")),
    "indel_strand": Difference(
        _on_minus, taken_away=changed("strand", lambda rows: "+"), in_run=with_option("--indel_alleles")
    ),
    "filter_value_missing": Difference(_filtered_on_nothing, taken_away=_with_zeros, leaves=None),
    "lambda_of_filtered_rows": Difference(
        every_row, frozenset(), moves_lambda=True, in_run=lambda run: bool(run.filters) and "-gc" in run.words
    ),
    "uneven_lines": Difference(
        _uneven, moves_lambda=True, taken_away=lambda study, _: study, leaves=of_messages("columns")
    ),
    "gz_last_column": Difference(_last_column_lost, taken_away=_without_last_column),
    "blank_first_line": Difference(
        _below_blank_line, taken_away=without_rows, leaves=of_messages() | printed("Reading file")
    ),
    "i2_of_one_study": Difference(_of_one_study, frozenset({"i2"})),
    "random_effects_of_one_study": Difference(
        _of_one_study, ESTIMATES, in_run=lambda run: "-r" in run.words and run.fixed_twin is None
    ),
    "rounding_errors": Difference(by_rows(_digits_lost), ESTIMATES | HETEROGENEITY),
    "lambda_of_result": Difference(every_row, frozenset({CORRECTION}), in_run=with_option("-gco")),
    "p_values": Difference(_crosses_threshold, frozenset({"effects"}), in_run=with_option("-t")),
    "map_chromosomes": Difference(_chromosome_is_a_name, frozenset({"chromosome"}), in_run=_has_map),
    "map_first_line": Difference(_on_first_line_of_map, frozenset({"chromosome", "position"}), in_run=_has_map),
    "imputed_message": Difference(by_rows(_imputed_unknown), of_messages("imputed")),
}


# --- differences that no cell shows -------------------------------------------------------------------

# Runs that end with an error here: the difference, and what the error names.
REFUSED = {
    "q_unknown_option": ("exit_status", "--foo"),
    "q_filter_invalid": ("exit_status", "--filter INFO << 1"),
    "q_emptylist": ("exit_status", "gwama.in"),
    "sex_bad_status": ("exit_status", "../../../data_edge/sq1F.txt"),
    "sex_missing_status": ("exit_status", "../../../data_edge/sq1F.txt"),
    "q_missinggz": ("missing_file", "../../../data_edge/nosuch.txt.gz"),
    "q_missingfile": ("missing_file", "../../../data_edge/nosuch.txt"),
    "q_nolist": ("missing_file", "nosuch.in"),
    "q_map_missing": ("missing_file", "nosuchfile.txt"),
    "q_names_missing": (
        "missing_column",
        "../../../data_edge/q4alt.txt, line 1: no column MARKERNAME, EA, NEA, BETA, SE",
    ),
    "q_as_binary": ("missing_column", "../../../data_edge/q1.txt, line 1: no column OR, OR_95L"),
    "q_filter_m9999": ("filter_minus_9999", "no marker is left"),
}

# Runs that end with an error, or a crash, of GWAMA.
WORKS_HERE = {
    "q_filter_text": "filter_value_missing",
    "q_shortcrash": "uneven_lines",
    "b_badimputed": "imputed_message",
    "sex_only_males_gco": "lambda_of_result",
}


def _heterogeneity_differs(ours: Output, theirs: Output) -> bool:
    column = "gender_heterogeneity_p-value"
    both = ours.table.index.intersection(theirs.table.index)
    pairs = zip(ours.table.loc[both, column], theirs.table.loc[both, column], strict=True)
    return any(float(one) < 0.5 * float(other) for one, other in pairs if "-9" not in (one, other))


# What the comparison knows already, and what has no golden run: the tests of the command show those.
SEEN_ELSEWHERE: dict[str, Callable[[Output, Output], bool]] = {
    "console": lambda ours, theirs: "Line: 0\rFltering" in theirs.stdout and "\r" not in ours.stdout,
    "sex_heterogeneity": _heterogeneity_differs,
} | dict.fromkeys(
    (
        "option_value_not_a_number",
        "standard_error_out_of_range",
        "marker_missing",
        "comment_lines",
        "quoted_words",
        "discrepancy_of_0_3",
        "map_line_not_understood",
    ),
    lambda ours, theirs: False,
)
