"""Those who watch a run are told of every row that a rule catches; the log stays what it is without them."""

from __future__ import annotations

import io
from collections import defaultdict
from typing import Any

import numpy as np
import pytest

from gwasmeta import MetaResult, Study, TextRules
from gwasmeta.meta.engine import BlockNotes, MetaEngine
from gwasmeta.meta.options import Conventions, MetaOptions
from gwasmeta.sumstats.row_log import Example

from .study_tables import Columns, one_variant, table_bytes
from .test_matching import far_apart, joined


def observed(studies: list[Study], **options: Any) -> tuple[MetaResult, list[BlockNotes]]:
    notes: list[BlockNotes] = []
    engine = MetaEngine(studies, MetaOptions(**options), observer=notes.append)
    engine.run()
    return MetaResult(engine), notes


def caught(notes: list[BlockNotes], study: int) -> dict[str, list[Example]]:
    """Return the rows that each rule caught in a study."""
    rows: dict[str, list[Example]] = defaultdict(list)
    for of_block in notes:
        for finding in of_block.findings:
            if of_block.study == study and finding.count:
                assert finding.count == len(finding.examples)
                rows[finding.rule] += finding.examples
    return dict(rows)


def lines(examples: list[Example]) -> list[int]:
    return sorted(example.line for example in examples)


# What is wrong with a row, and the rules that it breaks with the texts that they show.
FAULTS: list[tuple[dict[str, Any], list[tuple[str, tuple[str, ...]]]]] = [
    ({}, []),
    ({"variant_id": "NA"}, [("variant_id_missing", ("NA",))]),
    ({"effect_allele": "."}, [("effect_allele_missing", (".",))]),
    ({"other_allele": "a"}, [("alleles_identical", ("A", "a"))]),
    ({"beta": "NA"}, [("beta_missing", ("NA",))]),
    (
        {"beta": "x", "standard_error": "-0.5", "effect_allele": "0"},
        [
            ("effect_allele_missing", ("0",)),
            ("beta_missing", ("x",)),
            ("standard_error_not_positive", ("-0.5",)),
            ("standard_error_out_of_range", ("-0.5",)),
        ],
    ),
    ({"effect_allele_frequency": "1.5"}, [("effect_allele_frequency_not_within_0_1", ("1.5",))]),
    ({"effect_allele_frequency": "NA"}, [("effect_allele_frequency_missing", ("NA",))]),
    ({"n": "."}, [("n_missing", (".",))]),
    ({"n": "-7"}, [("n_not_positive", ("-7",))]),
    ({"imputed": "2"}, [("imputed_not_0_or_1", ("2",))]),
    ({"variant_id": "rs0", "beta": "5"}, [("duplicate", ("rs0",))]),
    ({"effect_allele": "G"}, [("alleles_differ", ("G", "C"))]),
    ({"effect_allele": "T", "other_allele": "G"}, [("other_strand", ("T", "G"))]),
    ({"base_pair_location": "77"}, [("position_differs", ("77",))]),
    ({"effect_allele_frequency": "0.9"}, [("frequency_far_from_others", ("0.9", "0.3"))]),
    ({"info": "0.1", "beta": "7"}, [("filter: info > 0.5", ("0.1",))]),
    ({"info": "0.1", "beta": "NA"}, [("beta_missing", ("NA",)), ("filter: info > 0.5", ("0.1",))]),
]
WARNED = {
    "other_strand",
    "position_differs",
    "frequency_far_from_others",
    "n_missing",
    "effect_allele_frequency_missing",
}


def faulty_study() -> Columns:
    """Return every fault ten times over, so that no log shows them all."""
    rows = []
    for repeat in range(10):
        for k, (fault, _) in enumerate(FAULTS):
            row = {
                name: str(values[0]) for name, values in one_variant(variant_id=f"rs{len(FAULTS) * repeat + k}").items()
            }
            rows.append({name: [value] for name, value in (row | {"imputed": "0", "info": "0.9"} | fault).items()})
    return joined(*rows)


def before() -> Study:
    """Return a study that has all variants of the faulty one."""
    n_rows = 10 * len(FAULTS)
    return Study(joined(*(one_variant(variant_id=f"rs{k}") for k in range(n_rows))), name="before")


def faulty(form: str) -> Study:
    columns = faulty_study()
    source = io.BytesIO(table_bytes(columns)) if form == "text" else columns
    return Study(source, name="faulty", filters="info > 0.5")


@pytest.mark.parametrize("form", ["text", "frame"])
def test_every_row_is_told_of_under_every_rule_it_breaks(form: str) -> None:
    _, notes = observed([before(), faulty(form)])
    first_line = 2 if form == "text" else 1
    expected: dict[str, dict[int, tuple[str, ...]]] = defaultdict(dict)
    for row in range(10 * len(FAULTS)):
        for rule, values in FAULTS[row % len(FAULTS)][1]:
            expected[rule][row + first_line] = values
    found = caught(notes, 1)
    assert found.keys() == expected.keys()
    for rule, rows in expected.items():
        assert {example.line: example.values for example in found[rule]} == rows, rule
    assert caught(notes, 0) == {}
    actions = {finding.rule: finding.action for of_block in notes for finding in of_block.findings}
    assert {rule for rule in expected if actions[rule] == "warned"} == WARNED


@pytest.mark.parametrize("form", ["text", "frame"])
def test_a_field_of_such_a_row_can_be_asked_for(form: str) -> None:
    columns = faulty_study()
    _, notes = observed([before(), faulty(form)])
    first_line = 2 if form == "text" else 1
    for examples in caught(notes, 1).values():
        for example in examples:
            assert example.field is not None
            for name in ("variant_id", "beta", "standard_error", "effect_allele", "n", "base_pair_location"):
                assert example.field(name) == columns[name][example.line - first_line]
            assert example.field("n_cases") == ""  # there is none


@pytest.mark.parametrize("options", [{}, {"position_conflicts": "exclude"}, {"palindromic": "infer"}], ids=str)
def test_the_log_of_an_observed_run_is_that_of_any_other(options: dict[str, Any]) -> None:
    result, notes = observed([before(), faulty("text")], **options)
    engine = MetaEngine([before(), faulty("text")], MetaOptions(**options))
    engine.run()
    unobserved = MetaResult(engine)
    # Whether a variant is imputed is read for an observer, and otherwise for genomic control alone.
    of_imputed = "imputed_not_0_or_1"
    assert set(result.log["rule"]) - set(unobserved.log["rule"]) == {of_imputed}
    kept = result.log[result.log["rule"] != of_imputed].reset_index(drop=True)
    assert kept.equals(unobserved.log.reset_index(drop=True))
    assert result.table.equals(unobserved.table)
    assert result.log["rule"].value_counts().max() == 5
    assert [len(of_block.block) for of_block in notes] == [180, result.studies["rows_used"][1] + _left_out(notes)]


def _left_out(notes: list[BlockNotes]) -> int:
    """Return how many rows that passed the checks matched no variant."""
    return int(sum((~of_block.used).sum() for of_block in notes))


def test_the_rows_that_were_used_are_told_of_with_the_words_of_the_file() -> None:
    rows = [
        one_variant(variant_id="RS1"),
        one_variant(variant_id="rs2", effect_allele="g"),
        one_variant(variant_id="rs2"),
    ]
    _, notes = observed([Study(joined(*rows), name="a"), Study(joined(*rows[:2]), name="b")])
    assert [of_block.study for of_block in notes] == [0, 1]
    first, second = notes
    assert first.block.words["variant_id"].to_list() == ["RS1", "rs2", "rs2"]
    assert first.block.words["effect_allele"].to_list() == ["A", "g", "A"]
    assert first.used.tolist() == [True, True, False]
    assert second.used.tolist() == [True, True]


def test_blocks_come_in_the_order_of_the_studies_and_of_their_rows() -> None:
    rng = np.random.default_rng(12)
    texts = []
    for _ in range(2):
        beta = np.where(rng.random(120_000) < 0.001, "NA", "0.1")
        rows = "".join(f"rs{k} A C {b} 0.2\n" for k, b in enumerate(beta))
        texts.append((("MARKERNAME EA NEA BETA SE\n" + rows).encode(), np.flatnonzero(beta == "NA") + 2))
    _, notes = observed([Study(io.BytesIO(text), name=name) for (text, _), name in zip(texts, "ab", strict=True)])
    numbers = [of_block.study for of_block in notes]
    assert numbers == sorted(numbers)
    assert min(numbers.count(0), numbers.count(1)) > 1
    for study, (_, expected) in enumerate(texts):
        examples = caught(notes, study)["beta_missing"]
        assert [example.line for example in examples] == expected.tolist()
    assert sum(of_block.block.n_read for of_block in notes) == 240_000


def test_lines_with_other_numbers_of_fields_are_told_of() -> None:
    text = b"MARKERNAME EA NEA BETA SE\nrs1 A C 0.1 0.2\nrs2 A C\nrs3 A C 0.1 0.2 9 9\n" + b"rs4 A\n" * 20
    study = Study(io.BytesIO(text), name="a", text_rules=TextRules(uneven_lines="skip"))
    result, notes = observed([study])
    examples = caught(notes, 0)["column_count"]
    assert lines(examples) == [3, 4, *range(5, 25)]
    assert [(e.variant_id, e.values) for e in examples[:3]] == [("rs2", ("3",)), ("rs3", ("7",)), ("rs4", ("2",))]
    assert result.log["rule"].value_counts()["column_count"] == 5


@pytest.mark.parametrize(
    ("options", "rule", "expected"),
    [
        ({"palindromic": "drop"}, "palindromic", [1, 2, 3]),
        ({"palindromic": "infer"}, "palindromic_not_inferable", [1, 3]),
        ({"methods": ("sample_size",)}, "n_missing", [4]),
        ({"conventions": Conventions(alleles="bases")}, "allele_not_a_base", [5]),
    ],
    ids=str,
)
def test_rows_that_an_option_leaves_out_are_told_of_once(
    options: dict[str, Any], rule: str, expected: list[int]
) -> None:
    rows = [
        one_variant(variant_id="rs1", effect_allele="A", other_allele="T", effect_allele_frequency=0.5),
        one_variant(variant_id="rs2", effect_allele="C", other_allele="G", effect_allele_frequency=0.2),
        one_variant(variant_id="rs3", effect_allele="T", other_allele="A", effect_allele_frequency=float("nan")),
        one_variant(variant_id="rs4", n=float("nan")),
        one_variant(variant_id="rs5", effect_allele="I", other_allele="D"),
    ]
    _, notes = observed([Study(joined(*rows), name="a")], **options)
    assert [example.line for example in caught(notes, 0)[rule]] == expected


def test_a_log_can_show_more_rows_of_each_rule_without_anybody_watching() -> None:
    rows = joined(*(one_variant(variant_id=f"rs{k}", beta=float("nan") if k % 2 else 0.1) for k in range(30)))
    duplicates = far_apart(*(one_variant() for _ in range(4)))
    engine = MetaEngine([Study(rows, name="a"), duplicates], MetaOptions(), max_examples=12)
    engine.run()
    first, second = (summary.log for summary in engine.summaries)
    assert [(f.rule, f.count, len(f.examples)) for f in first] == [("beta_missing", 15, 12)]
    assert [(f.rule, f.count, len(f.examples)) for f in second] == [("duplicate", 3, 3)]
    assert [example.line for example in next(iter(first)).examples] == list(range(2, 26, 2))


def test_what_the_log_keeps_holds_on_to_no_block() -> None:
    result, _ = observed([before(), faulty("text")])
    findings = [finding for summary in result._combined.summaries for finding in summary.log]
    assert len(findings) > 10
    assert all(example.field is None for finding in findings for example in finding.examples)
