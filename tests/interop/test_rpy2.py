"""R in the same process: values cross unchanged, gwasmeta takes R's data frames, and metafor gets the same numbers."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

import gwasmeta
from gwasmeta.stats.between_study_variance import Estimator

try:
    from gwasmeta.interop.rpy2 import call, converter, from_r, ri, ro, to_r
except gwasmeta.GwasmetaError as error:
    if os.environ.get("GWASMETA_REQUIRE_R") == "1":
        raise
    pytest.skip(str(error), allow_module_level=True)

STUDIES = ("alder", "maple")  # with tabs between their columns
ESTIMATORS: tuple[Estimator, ...] = ("DL", "PM", "REML", "ML", "SJ", "HE", "HS", "EB")

FRAME = """data.frame(
    whole = c(1L, NA, 3L), real = c(NA, 2.5, NaN), text = c("NA", NA, "\u00e9\u4e2d"), truth = c(TRUE, NA, FALSE),
    group = factor(c("b", NA, "a")), day = as.Date("2024-02-28") + 0:2, large = c(3e9, 2^53, NA))"""
COLUMNS = {
    "whole": pd.array([1, None, 3], dtype="Int64"),
    "real": [np.nan, 2.5, np.nan],
    "text": pd.array(["NA", None, "é中"], dtype=pd.StringDtype(na_value=np.nan)),
    "truth": pd.array([True, None, False], dtype="boolean"),
    "group": pd.array(["b", None, "a"], dtype=pd.StringDtype(na_value=np.nan)),
    "day": pd.array(["2024-02-28", "2024-02-29", "2024-03-01"], dtype=pd.StringDtype(na_value=np.nan)),
    "large": [3e9, 2.0**53, np.nan],
}


def same_in_r(value: Any, code: str) -> bool:
    """R's own judgement, which tells integers from doubles and NA from NaN."""
    (same,) = ro.r(f"function(x) identical(x, {{ {code} }})")(value)
    return bool(same)


def test_a_data_frame_keeps_its_types_and_missing_values() -> None:
    pd.testing.assert_frame_equal(from_r(ro.r(FRAME)), pd.DataFrame(COLUMNS))


def test_a_frame_arrives_in_r_with_rs_types_and_missing_values() -> None:
    expected = f"x <- {FRAME}; x$real[3] <- NA; x$group <- as.character(x$group); x$day <- as.character(x$day); x"
    assert same_in_r(to_r(pd.DataFrame(COLUMNS)), expected)


@pytest.mark.parametrize("rows", [0, 1])
def test_few_rows_keep_their_types(rows: int) -> None:
    code = f"data.frame(a = 5L, b = 'x', c = 0.5, d = NA)[seq_len({rows}), ]"
    frame = from_r(ro.r(code))
    assert len(frame) == rows
    assert [str(kind) for kind in frame.dtypes][:3] == ["int64", "str", "float64"]
    assert same_in_r(to_r(frame), code)


def test_tibbles_are_data_frames_and_latin1_is_text() -> None:
    attributes = 'class = c("tbl_df", "tbl", "data.frame"), row.names = 1L'
    table = ro.r(f'structure(list(a = iconv("\u00e9", "UTF-8", "latin1")), {attributes})')
    assert from_r(table)["a"].tolist() == ["é"]


def test_text_crosses_where_rs_own_encoding_is_ascii() -> None:
    program = """
from gwasmeta.interop.rpy2 import call, from_r, to_r
text = from_r(to_r(["é中", None]))
assert text == ["é中", None], text
assert call("Encoding", text)[0] == "UTF-8"
"""
    words = [sys.executable, "-X", "utf8", "-c", program]
    done = subprocess.run(words, env=os.environ | {"LC_ALL": "C"}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_integers_of_64_bits_arrive_whole() -> None:
    ids = ro.r('structure(readBin(as.raw(c(1, rep(0, 5), 32, 0)), "double"), class = "integer64")')
    assert from_r(ids) == 2**53 + 1
    assert from_r(ro.r("function(x) data.frame(id = I(x))")(ids))["id"].tolist() == [2**53 + 1]


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (None, "NULL"),
        (True, "TRUE"),
        (3, "3L"),
        (-(2**31), "-2147483648"),
        (2**40, "2^40"),
        (2.5, "2.5"),
        ("é", '"\u00e9"'),
        ([1, 2], "1:2"),
        ([3_000_000_000, 1], "c(3e9, 1)"),
        (["a", None], 'c("a", NA)'),
        ([True, None], "c(TRUE, NA)"),
        ([0.5, None], "c(0.5, NA)"),
        ([], "list()"),
        ([1, "a"], 'list(1L, "a")'),
        ({"a": 1, "b": {"c": [0.5]}}, "list(a = 1L, b = list(c = 0.5))"),
        (np.array([[1.0, 2.0], [3.0, 4.0]]), "matrix(c(1, 3, 2, 4), 2)"),
        (pd.Series([1, 2], index=["x", "y"]), "c(x = 1L, y = 2L)"),
        (
            pd.DataFrame([[1.0, 0.5], [0.5, 1.0]], ["p", "q"], ["p", "q"]),
            'matrix(c(1, .5, .5, 1), 2, dimnames = list(c("p", "q"), c("p", "q")))',
        ),
        (pd.DataFrame({"a": pd.Series([1, 2], dtype=object)}), "data.frame(a = 1:2)"),
        (pd.DataFrame({"b": [1]}, index=pd.Index(["rs1"], name="id")), 'data.frame(id = "rs1", b = 1L)'),
    ],
)
def test_values_become_rs(value: Any, code: str) -> None:
    assert same_in_r(to_r(value), code)


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("NULL", None),
        ("NA", None),
        ("NA_integer_", None),
        ("7L", 7),
        ('c("a", NA)', ["a", None]),
        ('c(a = "x", b = "y")', {"a": "x", "b": "y"}),
        ("character()", []),
        ('list(1, "a")', [1.0, "a"]),
        ("list(a = 1, b = NULL)", {"a": 1.0, "b": None}),
        ("list(a = 1, a = 2)", [1.0, 2.0]),
    ],
)
def test_values_of_r_become_pythons(code: str, value: Any) -> None:
    assert from_r(ro.r(code)) == value
    assert type(from_r(ro.r(code))) is type(value)


def test_vectors_and_matrices_of_numbers() -> None:
    assert math.isnan(from_r(ro.r("NA_real_")))
    pd.testing.assert_series_equal(from_r(ro.r("c(a = 1L, b = NA)")), pd.Series([1, None], ["a", "b"], dtype="Int64"))
    np.testing.assert_array_equal(from_r(ro.r("matrix(c(1:3, NA), 2)")), [[1, 3], [2, np.nan]])


def test_what_has_no_form_stays_rs_or_is_refused() -> None:
    assert from_r(ro.r("sum")).rclass[0] == "function"
    with pytest.raises(gwasmeta.GwasmetaError, match="column z of the data frame is of class complex"):
        from_r(ro.r("data.frame(z = 1i)"))
    with pytest.raises(gwasmeta.GwasmetaError, match="two columns named a"):
        from_r(ro.r("data.frame(a = 1, a = 2, check.names = FALSE)"))
    with pytest.raises(gwasmeta.GwasmetaError, match="no form for a value of Python's class object"):
        to_r({"x": object()})
    with pytest.raises(gwasmeta.GwasmetaError, match="zero byte"):
        to_r(["a\0b", "c"])


@pytest.fixture(scope="module")
def r_studies() -> Any:
    """Studies of the example as R reads them: a named list of data frames."""
    return call("lapply", {name: gwasmeta.example_studies()[name] for name in STUDIES}, ro.r("read.delim"))


def test_data_frames_of_r_are_studies(r_studies: Any) -> None:
    frames = {name: pd.read_csv(gwasmeta.example_studies()[name], sep="\t") for name in STUDIES}
    found, expected = (
        gwasmeta.meta_analyze(r_studies, methods="random"),
        gwasmeta.meta_analyze(frames, methods="random"),
    )
    pd.testing.assert_frame_equal(found.table, expected.table)
    one, other = gwasmeta.read_sumstats(r_studies["alder"]), gwasmeta.read_sumstats(frames["alder"])
    pd.testing.assert_frame_equal(one.table, other.table)


def test_a_meta_analysis_is_a_list_in_r() -> None:
    result = gwasmeta.meta_analyze(gwasmeta.example_studies(), genomic_control=True)
    in_r = to_r(result)
    back = from_r(in_r.rx2("table"))
    pd.testing.assert_frame_equal(back, result.table, check_dtype=False)
    assert call("typeof", in_r.rx2("table").rx2("n_studies")) == "integer"
    assert from_r(in_r.rx2("inflation_factors"))["fixed"] == result.inflation_factors["fixed"]
    excluded = "; ".join(f"{rule} {count}" for rule, count in result.studies["excluded_by"][0].items())
    assert from_r(in_r.rx2("studies"))["excluded_by"][0] == excluded != ""
    assert from_r(in_r.rx2("log"))["count"].tolist() == result.log["count"].tolist()


def test_traits_of_r_and_their_results_in_r() -> None:
    traits = call("lapply", gwasmeta.example_traits(), ro.r("read.delim"))
    result = gwasmeta.mtag(traits, sigma=from_r(ro.r("diag(3)")))
    expected = gwasmeta.mtag(gwasmeta.example_traits(), sigma=np.eye(3))
    assert_allclose(result.omega, expected.omega, rtol=1e-12)
    in_r = from_r(to_r(result))
    assert set(in_r["traits"]) == set(traits)
    assert_allclose(in_r["traits"]["height"]["z"], result.traits["height"].table["z"], rtol=0)
    np.testing.assert_array_equal(in_r["omega"], result.omega)
    assert call("rownames", to_r(result).rx2("omega")) == [*result.omega.index]


def test_statistics_are_lists_of_vectors_in_r() -> None:
    fixed = gwasmeta.fixed_effects([[0.12, 0.05]], [[0.04, 0.03]])
    assert from_r(to_r(fixed).rx2("beta")) == fixed.beta[0]


def test_calling_a_function_of_r() -> None:
    assert call("sum", [1, 2, None], **{"na.rm": True}) == 3
    assert call("base::identity", None) is None
    assert call("paste", "a", "b", sep="-") == "a-b"


def test_what_r_says_is_heard() -> None:
    with pytest.raises(gwasmeta.GwasmetaError, match=r"^stop\(\): R says: no ä$"):
        call("stop", "no ä")
    with pytest.raises(gwasmeta.GwasmetaError, match="nothing"):
        call("nothing")
    with pytest.raises(gwasmeta.GwasmetaError, match="there is no package called"):
        call("nosuchpackage::nothing")
    with pytest.warns(UserWarning, match=r"as.numeric\(\): R warns: NAs introduced"):
        assert call("as.numeric", ["1", "x"])[0] == 1


def test_rpy2_converts_by_these_rules_where_told() -> None:
    with converter.context():
        ro.globalenv["shown"] = pd.DataFrame({"a": pd.array([1, None], dtype="Int64")})
        assert ro.r("nrow(shown)") == 2
        assert ro.r("shown")["a"].isna().tolist() == [False, True]
    assert same_in_r(ri.globalenv["shown"], "data.frame(a = c(1L, NA))")


RMA = """function(beta, se, method, test) t(sapply(seq_len(nrow(beta)), function(row) {
    measured <- !is.na(beta[row, ])
    fit <- metafor::rma(yi = beta[row, measured], sei = se[row, measured], method = method, test = test,
                        control = list(threshold = 1e-13, tol = 1e-13, maxiter = 10000, tau2.max = 100))
    with(fit, c(b, se, zval, -log10(pval), ci.lb, ci.ub, tau2, I2, H2, QE, -log10(QEp)))
}))"""


@pytest.fixture(scope="module")
def metafor() -> Callable[..., np.ndarray[Any, Any]]:
    try:
        call("loadNamespace", "metafor")
    except gwasmeta.GwasmetaError as error:
        if os.environ.get("GWASMETA_REQUIRE_R") == "1":
            raise
        pytest.skip(str(error))
    fit = ro.r(RMA)

    def fitted(beta: Any, error: Any, method: str, test: str = "z") -> np.ndarray[Any, Any]:
        with converter.context():
            return np.asarray(fit(beta, error, method, test)).T

    return fitted


@pytest.fixture(scope="module")
def effects() -> tuple[Any, Any]:
    """Effects of 40 variants in up to 7 studies: alike, different, and some not measured."""
    rng = np.random.default_rng(2026)
    error = rng.uniform(0.02, 0.2, (40, 7))
    spread = np.repeat([0.0, 0.05, 0.3, 1.0], 10)[:, np.newaxis]
    beta = 0.2 + rng.normal(size=(40, 7)) * np.hypot(error, spread)
    beta[::3, 4:] = np.nan
    return beta, error


def test_fixed_effects_and_heterogeneity_are_metafors(metafor: Any, effects: tuple[Any, Any]) -> None:
    beta, error, z, log_p, *_, q, log_p_of_q = metafor(*effects, "FE")
    fixed, differences = gwasmeta.fixed_effects(*effects), gwasmeta.heterogeneity(*effects)
    for ours, theirs in [
        (fixed.beta, beta),
        (fixed.standard_error, error),
        (fixed.z, z),
        (fixed.neg_log_10_p_value, log_p),
        (differences.q, q),
        (differences.neg_log_10_p_value, log_p_of_q),
    ]:
        finite = np.isfinite(theirs)  # R's p-values underflow
        assert finite.sum() > 25
        assert_allclose(ours[finite], theirs[finite], rtol=1e-9)
    dl = metafor(*effects, "DL")
    assert_allclose(differences.i_squared, dl[7], rtol=1e-9, atol=1e-9)
    assert_allclose(np.maximum(differences.h_squared, 1), dl[8], rtol=1e-9)


@pytest.mark.parametrize("hartung_knapp", [False, True])
@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_random_effects_are_metafors(
    metafor: Any, effects: tuple[Any, Any], estimator: Estimator, hartung_knapp: bool
) -> None:
    theirs = metafor(*effects, estimator, "knha" if hartung_knapp else "z")
    ours = gwasmeta.random_effects(*effects, estimator=estimator, hartung_knapp=hartung_knapp)
    names = ("beta", "standard_error", "statistic", "neg_log_10_p_value", "ci_lower", "ci_upper", "tau_squared")
    for name, values in zip((*names, "i_squared", "h_squared"), theirs, strict=False):
        finite = np.isfinite(values)
        assert finite.sum() > 25
        assert_allclose(getattr(ours, name)[finite], values[finite], rtol=1e-6, atol=1e-9, err_msg=name)
