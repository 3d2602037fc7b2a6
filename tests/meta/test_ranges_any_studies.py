"""Whatever the studies and the options are, ranges give the bytes of memory, or its error."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gwasmeta import GwasmetaError, Study, meta_analyze

from .ranges_comparison import MEMORY, odd_study, odd_variants, text_of, use_small_ranges
from .study_tables import Columns


@pytest.fixture(scope="module", autouse=True)
def small_ranges() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        use_small_ranges(patch)
        yield


OF_STUDY = st.fixed_dictionaries(
    {
        "order": st.sampled_from(["same", "reversed", "shuffled"]),
        "share": st.sampled_from([0.05, 0.5, 0.9]),
        "has": st.lists(st.sampled_from(["strand", "imputed", "n_cases"]), unique=True),
        "lacks": st.lists(st.sampled_from(["effect_allele_frequency", "n", "chromosome"]), unique=True),
        "build": st.sampled_from([0, 0, 3]),
    }
)
GIVEN = st.fixed_dictionaries(
    {},
    optional={
        "n": st.sampled_from([800.0, 4000.0]),
        "inflation_factor": st.sampled_from([0.9, 1.2]),
        "filters": st.sampled_from(["se < 0.2", "beta > -0.3"]),
    },
)
MATRIX = [[1, 0.2, 0.1, 0], [0.2, 1, 0.1, 0], [0.1, 0.1, 1, 0], [0, 0, 0, 1]]
COMMON = {
    "genomic_control": st.booleans(),
    "genomic_control_result": st.booleans(),
    "match": st.sampled_from(["id", "id", "position"]),
    "palindromic": st.sampled_from(["keep", "drop", "infer"]),
    "position_conflicts": st.sampled_from(["warn", "exclude"]),
    "min_studies": st.sampled_from([1, 1, 2]),
    "min_n": st.sampled_from([0, 0, 2500]),
    "direction_p": st.sampled_from([1.0, 0.3]),
    "frequency_difference": st.sampled_from([0.3, 0.1]),
}
OPTIONS = st.one_of(
    st.fixed_dictionaries({"methods": st.sampled_from(["fixed", ("fixed", "sample_size")]), **COMMON}),
    st.fixed_dictionaries({"methods": st.just("sample_size"), **COMMON}),
    st.fixed_dictionaries(
        {
            "methods": st.sampled_from(["random", ("random", "fixed"), ("fixed", "random", "sample_size")]),
            "tau_squared": st.sampled_from(["DL", "REML", "PM"]),
            "hartung_knapp": st.booleans(),
            **COMMON,
        }
    ),
    st.fixed_dictionaries({"methods": st.just("fixed"), "leave_one_out": st.just(True), **COMMON}),
    st.fixed_dictionaries({"methods": st.sampled_from(["fixed", "sample_size"]), "overlap": st.just(MATRIX), **COMMON}),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.integers(0, 2**32 - 1),
    st.sampled_from([3, 40, 110]),
    st.lists(st.tuples(OF_STUDY, GIVEN), min_size=1, max_size=4),
    OPTIONS,
)
def test_the_same_bytes(
    seed: int, n_variants: int, studies: list[tuple[dict[str, Any], dict[str, Any]]], options: dict[str, Any]
) -> None:
    rng = np.random.default_rng(seed)
    variants = odd_variants(rng, n_variants)
    drawn = [(odd_study(rng, variants, **of_study), given) for of_study, given in studies]
    if "overlap" in options:
        options["overlap"] = [row[: len(drawn)] for row in MATRIX[: len(drawn)]]
    in_memory, in_ranges = (outcome(drawn, options | {"memory": memory}) for memory in (None, MEMORY))
    assert in_ranges == in_memory


def outcome(studies: list[tuple[Columns, dict[str, Any]]], options: dict[str, Any]) -> dict[str, str]:
    """Return the files of the result, or the error."""
    named = [Study(text_of(study), name=f"study {k}", **given) for k, (study, given) in enumerate(studies)]
    try:
        result = meta_analyze(named, **options)
    except GwasmetaError as error:
        return {"error": str(error)}
    with tempfile.TemporaryDirectory() as folder:
        return {path.name: path.read_text() for path in result.write(Path(folder, "out"))}
