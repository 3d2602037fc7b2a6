"""What writers of other programs' files take from a result: its rows in any shape, and its most significant variant."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gwasmeta import MetaResult, meta_analyze
from gwasmeta.meta.columns import Column
from gwasmeta.meta.formats import FORMATS, Format, OutputColumn
from gwasmeta.sumstats.table_text import Fixed
from gwasmeta.sumstats.words import Words

from .study_tables import Columns, one_variant, simulated_studies

# --- rows in a shape -----------------------------------------------------------------------------------------------


def many_variants(n: int = 20_000) -> MetaResult:
    rng = np.random.default_rng(13)
    columns: Columns = {
        "variant_id": [f"rs{k}" for k in range(n)],
        "effect_allele": ["A"] * n,
        "other_allele": ["C"] * n,
    }
    columns |= {"beta": rng.normal(size=n).tolist(), "standard_error": rng.uniform(0.5, 2, n).tolist()}
    half = {name: values[::2] for name, values in columns.items()}
    return meta_analyze([columns, half])


def derived(values: Mapping[str, Column]) -> dict[str, Column]:
    """Make a column of words, a column of numbers, and another effect in place of the known one."""
    beta, n_studies = values["beta"], values["n_studies"]
    assert isinstance(beta, np.ndarray)
    assert isinstance(n_studies, np.ndarray)
    words = Words.of(["up" if effect > 0 else "down" for effect in beta])
    return {"trend": words, "per_study": np.where(n_studies > 1, beta / n_studies, np.nan), "beta": -beta}


SHAPE = Format(
    "own",
    (
        OutputColumn("Name", "variant_id"),
        OutputColumn("Trend", "trend"),
        OutputColumn("MinusEffect", "beta", Fixed(3)),
        OutputColumn("PerStudy", "per_study", Fixed(2), scale=100),
        OutputColumn("N", "n", Fixed(0)),
        OutputColumn("Freq", "effect_allele_frequency", Fixed(4)),
        OutputColumn("HowMany", "n_studies", Fixed(0)),
    ),
    missing="-9",
    required=frozenset({"n"}),
    derive=derived,
)


def test_a_shape_has_its_own_columns_of_all_rows_in_order() -> None:
    result = many_variants()
    texts = list(result.table_texts(SHAPE))
    assert len(texts) > 3  # blocks
    header, *lines = b"".join(texts).decode().splitlines()
    assert header.split("\t") == [
        "Name",
        "Trend",
        "MinusEffect",
        "PerStudy",
        "N",
        "HowMany",
    ]  # no study has frequencies
    expected = [
        [
            row.variant_id,
            "up" if row.beta > 0 else "down",
            f"{-row.beta:.3f}",
            "-9" if row.n_studies < 2 else f"{100 * row.beta / row.n_studies:.2f}",
            "-9",
            str(row.n_studies),
        ]
        for row in result.table.itertuples()
    ]
    assert [line.split("\t") for line in lines] == expected


@pytest.mark.parametrize("name", FORMATS)
def test_the_texts_are_what_is_written(name: str, tmp_path: Path) -> None:
    result = meta_analyze(simulated_studies(np.random.default_rng(14), 3, 20))
    path, *_ = result.write(tmp_path / "out", format=name)
    assert b"".join(result.table_texts(FORMATS[name])) == path.read_bytes()


def test_without_variants_there_is_a_header() -> None:
    result = meta_analyze([one_variant()], min_studies=2)
    assert b"".join(result.table_texts(SHAPE)) == (b"Name\tTrend\tMinusEffect\tPerStudy\tN\tFreq\tHowMany\n")


# --- the most significant variant --------------------------------------------------------------------------------

OPTIONS: list[dict[str, Any]] = [
    {},
    {"genomic_control": True},
    {"genomic_control_result": True},
    {"min_studies": 4},
    {"min_n": 9000},
    {"match": "position"},
    {"methods": ("random", "fixed")},
    {"methods": ("fixed", "random")},
    {"methods": "random", "hartung_knapp": True},
    {"methods": "random", "hartung_knapp": True, "genomic_control_result": True},
    {"methods": "sample_size"},
    {"overlap": [[1 if i == j else 0.2 for j in range(5)] for i in range(5)]},
]


@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("seed", [1, 2])
def test_the_most_significant_variant_has_the_smallest_p_value_of_the_table(options: dict[str, Any], seed: int) -> None:
    result = meta_analyze(simulated_studies(np.random.default_rng(seed), 5, 60, share=0.6), **options)
    table = result.table.set_index("variant_id")["neg_log_10_p_value"]
    assert result.most_significant is not None
    name, neg_log_10_p = result.most_significant
    assert name == table.idxmax()
    assert neg_log_10_p == pytest.approx(table.max(), rel=1e-12)


def test_the_most_significant_variant_may_be_in_any_block() -> None:
    result = many_variants()
    assert result.most_significant is not None
    row = int(result.table["z"].abs().argmax())
    assert row > 8192
    assert result.most_significant[0] == f"rs{row}"


def test_without_variants_none_is_the_most_significant() -> None:
    assert meta_analyze([one_variant()], min_studies=2).most_significant is None
