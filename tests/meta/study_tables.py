"""What the tests of the engine share: small studies as columns, as files in many formats, and compared results."""

from __future__ import annotations

import gzip
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from numpy.typing import NDArray

from gwasmeta.meta.result import MetaResult

FloatArray = NDArray[np.float64]
Columns = dict[str, list[Any]]

CHROMOSOMES = ("1", "2", "X")
COMPLEMENT = {"A": "T", "C": "G", "G": "C", "T": "A"}
NOT_PALINDROMIC = (("A", "C"), ("G", "T"), ("A", "G"), ("T", "C"))
ALLELE_PAIRS = (*NOT_PALINDROMIC, ("A", "T"), ("G", "C"), ("AT", "A"), ("G", "GCC"))


# --- making studies -------------------------------------------------------------------------------------


def simulated_studies(
    rng: np.random.Generator,
    n_studies: int = 3,
    n_variants: int = 6,
    *,
    pairs: Sequence[tuple[str, str]] = ALLELE_PAIRS,
    share: float = 1.0,
) -> list[Columns]:
    """Simulate studies of the same variants, of which each study has about this share, and at least one."""
    alleles = [pairs[k] for k in rng.integers(len(pairs), size=n_variants)]
    truth = rng.normal(0, 0.1, n_variants)
    frequency = rng.uniform(0.15, 0.85, n_variants)
    studies = []
    for study in range(n_studies):
        has = rng.random(n_variants) < share
        has[rng.integers(n_variants)] = True
        rows = np.flatnonzero(has)
        standard_error = np.exp(rng.uniform(np.log(0.02), np.log(0.3), n_variants))
        beta = rng.normal(truth, standard_error)
        own_frequency = np.clip(frequency + rng.uniform(-0.1, 0.1, n_variants), 0.05, 0.95)
        studies.append(
            {
                "variant_id": [f"rs{k}" for k in rows],
                "chromosome": [CHROMOSOMES[k % len(CHROMOSOMES)] for k in rows],
                "base_pair_location": [1000 * (int(k) + 1) for k in rows],
                "effect_allele": [alleles[k][0] for k in rows],
                "other_allele": [alleles[k][1] for k in rows],
                "effect_allele_frequency": own_frequency[rows].tolist(),
                "beta": beta[rows].tolist(),
                "standard_error": standard_error[rows].tolist(),
                "n": [float(1000 * (study + 1))] * len(rows),
            }
        )
    return studies


@st.composite
def study_sets(draw: st.DrawFn, /, **options: Any) -> list[Columns]:
    """Draw a few studies of a few variants, which not every study has."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    share = draw(st.sampled_from([0.6, 1.0]))
    return simulated_studies(rng, draw(st.integers(1, 5)), draw(st.integers(1, 7)), share=share, **options)


def one_variant(**values: Any) -> Columns:
    """Return a study with a single row, of A over C unless said otherwise."""
    row = {
        "variant_id": "rs1",
        "chromosome": "1",
        "base_pair_location": 1000,
        "effect_allele": "A",
        "other_allele": "C",
        "effect_allele_frequency": 0.3,
        "beta": 0.2,
        "standard_error": 0.1,
        "n": 1000.0,
    }
    return {name: [value] for name, value in (row | values).items()}


def rows_of(studies: Columns, rows: Sequence[int]) -> Columns:
    return {name: [values[row] for row in rows] for name, values in studies.items()}


def matrices(studies: Sequence[Columns]) -> tuple[list[str], FloatArray, FloatArray]:
    """Return the ids in order of first appearance, and effects and standard errors as variants x studies."""
    names = list(dict.fromkeys(name for study in studies for name in study["variant_id"]))
    beta, standard_error = np.full((2, len(names), len(studies)), np.nan)
    for number, study in enumerate(studies):
        rows = [names.index(name) for name in study["variant_id"]]
        beta[rows, number] = study["beta"]
        standard_error[rows, number] = study["standard_error"]
    return names, beta, standard_error


# --- turning alleles ------------------------------------------------------------------------------------


def swapped(study: Columns, rows: Sequence[int] | None = None) -> Columns:
    """Give the effect of the other allele in some rows, in all of them by default."""
    turned = {name: list(values) for name, values in study.items()}
    for row in range(len(study["beta"])) if rows is None else rows:
        turned["effect_allele"][row] = study["other_allele"][row]
        turned["other_allele"][row] = study["effect_allele"][row]
        turned["beta"][row] = -study["beta"][row]
        turned["effect_allele_frequency"][row] = 1 - study["effect_allele_frequency"][row]
    return turned


def complemented(study: Columns) -> Columns:
    """Give the alleles on the other strand."""
    turned = {name: [COMPLEMENT[allele] for allele in study[name]] for name in ("effect_allele", "other_allele")}
    return study | turned


# --- writing studies ------------------------------------------------------------------------------------


def table_bytes(
    columns: Mapping[str, Sequence[Any]], separator: str = "\t", line_end: str = "\n", preamble: str = ""
) -> bytes:
    """Write columns as text; numbers keep every digit."""
    rows = zip(*columns.values(), strict=True)
    lines = [separator.join(columns), *(separator.join(map(_written, row)) for row in rows)]
    return (preamble + "".join(line + line_end for line in lines)).encode()


def _written(value: Any) -> str:
    return repr(value) if isinstance(value, float) else str(value)


def gzipped(text: bytes) -> bytes:
    return gzip.compress(text, compresslevel=1, mtime=0)


def as_gwama(study: Columns) -> Columns:
    words = ["MARKERNAME", "CHR", "POS", "EA", "NEA", "EAF", "BETA", "SE", "N"]
    return dict(zip(words, study.values(), strict=True)) | {"STRAND": ["+"] * len(study["beta"])}


def as_metal(study: Columns) -> Columns:
    words = ["MARKER", "CHROMOSOME", "POSITION", "ALLELE1", "ALLELE2", "FREQ", "EFFECT", "STDERR", "N"]
    return dict(zip(words, study.values(), strict=True))


def as_plink2(study: Columns) -> Columns:
    """With A1 by turns ALT and REF, and the rows of a covariate between those of the variants."""
    words = ["ID", "#CHROM", "POS", "A1", "OTHER", "A1_FREQ", "BETA", "SE", "OBS_CT"]
    named = dict(zip(words, study.values(), strict=True))
    pairs = zip(named["A1"], named.pop("OTHER"), strict=True)
    ordered = [pair if k % 2 else pair[::-1] for k, pair in enumerate(pairs)]
    named |= {"REF": [pair[0] for pair in ordered], "ALT": [pair[1] for pair in ordered]}
    named["TEST"] = ["ADD"] * len(ordered)
    covariate = {name: list(values) for name, values in named.items()}
    covariate |= {"TEST": ["AGE"] * len(ordered), "BETA": [9.0] * len(ordered)}
    order = ["#CHROM", "POS", "ID", "REF", "ALT", "A1", "A1_FREQ", "TEST", "OBS_CT", "BETA", "SE"]
    return {name: [row[k] for row in zip(named[name], covariate[name], strict=True) for k in (0, 1)] for name in order}


def as_regenie(study: Columns) -> Columns:
    words = ["ID", "CHROM", "GENPOS", "ALLELE1", "ALLELE0", "A1FREQ", "BETA", "SE", "N"]
    named = dict(zip(words, study.values(), strict=True))
    named |= {"TEST": ["ADD"] * len(study["beta"]), "LOG10P": [0.5] * len(study["beta"])}
    order = ["CHROM", "GENPOS", "ID", "ALLELE0", "ALLELE1", "A1FREQ", "N", "TEST", "BETA", "SE", "LOG10P"]
    return {name: named[name] for name in order}


def as_ssf(study: Columns) -> Columns:
    order = "chromosome base_pair_location effect_allele other_allele beta standard_error effect_allele_frequency"
    named = {name: study[name] for name in order.split()}
    return named | {"p_value": [0.5] * len(study["beta"]), "variant_id": study["variant_id"], "n": study["n"]}


# --- comparing results ----------------------------------------------------------------------------------

# Kept in single precision by the engine: one rounding of the frequency can move the last of their seven digits.
SINGLE_PRECISION = ("effect_allele_frequency_min", "effect_allele_frequency_max")
# In per cent, and differences of numbers near each other: they lose the two or three digits that this is wider.
PER_CENT = ("i_squared", "i_squared_lower", "i_squared_upper")


def by_id(result: MetaResult) -> pd.DataFrame:
    return result.table.set_index("variant_id").sort_index()


def oriented(result: MetaResult) -> pd.DataFrame:
    """Return the table by id, each variant turned to the alleles that come first in the alphabet."""
    table = by_id(result)
    turned = []
    pairs = []
    for effect, other in zip(table["effect_allele"], table["other_allele"], strict=True):
        choices = [((effect, other), False), ((other, effect), True)]
        if effect in COMPLEMENT and other in COMPLEMENT and COMPLEMENT[effect] != other:
            choices += [((COMPLEMENT[a], COMPLEMENT[b]), turn) for (a, b), turn in choices]
        pair, turn = min(choices)
        pairs.append(pair)
        turned.append(turn)
    table["effect_allele"], table["other_allele"] = zip(*pairs, strict=True)
    rows = np.array(turned, dtype=bool)
    low, high = (f"effect_allele_frequency_{which}" for which in ("min", "max"))
    for name in table.columns:
        if name.endswith(("beta", "_z")) or name == "z":
            table.loc[rows, name] = -table.loc[rows, name]
    if low in table:
        table.loc[rows, [low, high]] = 1 - table.loc[rows, [high, low]].to_numpy()
        table.loc[rows, "effect_allele_frequency"] = 1 - table.loc[rows, "effect_allele_frequency"]
    table.loc[rows, "direction"] = [word.translate(str.maketrans("+-", "-+")) for word in table.loc[rows, "direction"]]
    return table


def assert_same_table(
    table: pd.DataFrame, expected: pd.DataFrame, tolerance: float = 0.0, skipped: Sequence[str] = ()
) -> None:
    """Compare two tables of the same variants: words exactly, numbers exactly or to the tolerance."""
    assert list(table.index) == list(expected.index)
    assert list(table.columns) == list(expected.columns)
    for name in table.columns:
        if name in skipped:
            continue
        if table[name].dtype.kind in "if":
            allowed = tolerance
            if tolerance and name in SINGLE_PRECISION:
                allowed = max(tolerance, 2.0**-23)
            elif tolerance and name in PER_CENT:
                allowed = 1e3 * tolerance
            assert_allclose(table[name], expected[name], rtol=allowed, atol=allowed, err_msg=name)
        else:
            assert [word if isinstance(word, str) else None for word in table[name]] == [
                word if isinstance(word, str) else None for word in expected[name]
            ], name


def logged(result: MetaResult, rule: str, study: int = 0) -> tuple[str, int, list[tuple[int, str, str]]]:
    """Return what the log says of a rule and a study: action, count, and the examples as (line, id, value)."""
    name = result.studies["study"][study]
    rows = result.log[(result.log["rule"] == rule) & (result.log["study"] == name)]
    if rows.empty:
        return "", 0, []
    examples = [tuple(row) for row in rows[["line", "variant_id", "value"]].itertuples(index=False)]
    return str(rows["action"].iloc[0]), int(rows["count"].iloc[0]), examples
