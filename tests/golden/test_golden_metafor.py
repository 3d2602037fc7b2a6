"""Every estimator of the between-study variance, through files and the whole engine, against metafor."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from gwasmeta import Study, meta_analyze
from gwasmeta.meta.options import TauSquared

N_VARIANTS = 300
# Effects that are all equal: Hartung-Knapp has no standard error, and metafor gives Inf or a rounding error.
N_EQUAL_EFFECTS = 5


@pytest.fixture(scope="module")
def studies(golden_meta: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Study]:
    """Write one file a study; a variant is in as many as metafor was given effects of it."""
    folder = tmp_path_factory.mktemp("metafor")
    rows = pd.read_csv(golden_meta / "metafor_input.tsv", sep="\t", dtype=str)
    named = rows.rename(columns={"variant": "variant_id", "se": "standard_error"})
    written = []
    for study, of_study in named.assign(effect_allele="A", other_allele="G").groupby("study"):
        path = folder / f"study{study}.tsv"
        of_study.drop(columns="study").to_csv(path, sep="\t", index=False)
        written.append(Study(path, dialect="ssf"))
    assert len(written) == 8
    return written


@pytest.fixture(scope="module")
def metafor(golden_meta: Path) -> pd.DataFrame:
    table = pd.read_csv(golden_meta / "metafor.tsv.gz", sep="\t").set_index(["method", "test", "variant"]).sort_index()
    assert table.groupby(level=[0, 1]).size().eq(N_VARIANTS).all()
    return table


@pytest.mark.parametrize("hartung_knapp", [False, True], ids=["z", "hartung_knapp"])
@pytest.mark.parametrize("estimator", get_args(TauSquared))
def test_random_effects_agree(
    estimator: TauSquared, hartung_knapp: bool, studies: list[Study], metafor: pd.DataFrame
) -> None:
    result = meta_analyze(studies, methods="random", tau_squared=estimator, hartung_knapp=hartung_knapp)
    found = result.table.set_index("variant_id")
    expected = metafor.xs((estimator, "knha" if hartung_knapp else "z")).loc[found.index]
    assert len(found) == N_VARIANTS
    assert (found["n_studies"] == expected["k"]).all()
    # metafor iterates until a step is below 1e-12, which is up to 12 steps from the limit; where the limit is 0, it
    # stops that far above it.
    assert_allclose(found["tau_squared"], expected["tau2"], rtol=1e-8, atol=1.5e-11)
    assert_allclose(found["beta"], expected["beta"], rtol=1e-8)
    tested = (expected["Q"] > 1e-20) | (not hartung_knapp)
    assert tested.sum() == N_VARIANTS - hartung_knapp * N_EQUAL_EFFECTS
    assert_allclose(found["standard_error"][tested], expected["se"][tested], rtol=1e-8)
    assert_allclose(found["z"][tested], expected["zval"][tested], rtol=1e-8)
    assert_allclose(found["neg_log_10_p_value"][tested], -np.log10(expected["pval"][tested]), rtol=1e-8)


def test_fixed_effects_and_heterogeneity_agree(studies: list[Study], metafor: pd.DataFrame) -> None:
    found = meta_analyze(studies).table.set_index("variant_id")
    expected = metafor.xs(("FE", "z")).loc[found.index]
    for column, theirs in (("beta", "beta"), ("standard_error", "se"), ("z", "zval")):
        assert_allclose(found[column], expected[theirs], rtol=1e-8)
    assert_allclose(found["neg_log_10_p_value"], -np.log10(expected["pval"]), rtol=1e-8)
    # Q of effects that are all equal is 0 here, and a rounding error there.
    assert_allclose(found["cochran_q"], expected["Q"], rtol=1e-8, atol=1e-12)
    assert_allclose(found["cochran_q_neg_log_10_p_value"], -np.log10(expected["Qp"]), rtol=1e-8, atol=1e-12)
    assert_allclose(found["i_squared"], expected["I2"], rtol=1e-8, atol=1e-12)
    assert_allclose(found["h_squared"], expected["H2"], rtol=1e-8, atol=1e-12)
