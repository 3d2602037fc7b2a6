"""The books: every rule that leaves out or changes a row, what the log says of it, and the files that say so."""

from __future__ import annotations

import ast
import csv
import hashlib
import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gwasmeta
from gwasmeta import MetaResult, Study, meta_analyze
from gwasmeta.sumstats.row_log import MAX_EXAMPLES
from gwasmeta.sumstats.rules import VALUE_RULES

from .study_tables import Columns, gzipped, logged, one_variant, table_bytes

# --- rows that break a rule -----------------------------------------------------------------------------

_ALLELES = {"variant_id": "rs{row}", "effect_allele": "A", "other_allele": "C"}
EFFECT = _ALLELES | {
    "chromosome": "1",
    "base_pair_location": "{row}000",
    "effect_allele_frequency": "0.3",
    "beta": "0.1",
    "standard_error": "0.02",
    "n": "1000",
}
ODDS = _ALLELES | {"odds_ratio": "1.2", "standard_error": "0.02"}
INTERVAL = _ALLELES | {"odds_ratio": "1.2", "ci_lower": "1.1", "ci_upper": "1.4"}
Z = _ALLELES | {"z": "1.5", "n": "1000"}
SIGNED = _ALLELES | {"effect_direction": "+", "p_value": "0.02", "n": "1000"}
REGENIE = {
    "CHROM": "1",
    "GENPOS": "{row}000",
    "ID": "rs{row}",
    "ALLELE0": "C",
    "ALLELE1": "A",
    "N": "1000",
    "TEST": "ADD",
    "BETA": "0.1",
    "SE": "0.02",
    "LOG10P": "6",
}
PLINK2 = {
    "#CHROM": "1",
    "POS": "{row}000",
    "ID": "rs{row}",
    "REF": "C",
    "ALT": "A",
    "A1": "A",
    "TEST": "ADD",
    "OBS_CT": "1000",
    "BETA": "0.1",
    "SE": "0.02",
}


@dataclass(frozen=True)
class Case:
    """A rule, what a row must have to break it, and what the log then shows."""

    rule: str
    column: str
    text: str
    action: str = "excluded"
    row: Mapping[str, str] = field(default_factory=lambda: EFFECT)
    more: Mapping[str, str] = field(default_factory=dict)  # besides the text, in the same row
    options: Mapping[str, Any] = field(default_factory=dict)
    shown: str | None = None  # if not the text
    after: Mapping[str, str] | None = None  # how the same row is in a study before this one, beside good values
    filters: tuple[str, ...] = ()
    also: tuple[str, ...] = ()  # other rules that the same row breaks

    def __str__(self) -> str:
        return f"{self.rule}, {self.column}={self.text}".replace(" ", "_")


_BY_POSITION = {"match": "position"}
_BY_N = {"methods": "sample_size"}
_CONTROLLED = {"genomic_control": True}
_INFERRED = {"palindromic": "infer"}
_A_T = {"effect_allele": "A", "other_allele": "T"}

CASES = [
    *(Case("beta_missing", "beta", text) for text in ("NA", "nan", "inf", "1e400", ".", "0.1x", "1,2", "#NA")),
    *(Case("odds_ratio_missing", "odds_ratio", text, row=ODDS) for text in ("NA", "inf", "one")),
    *(Case("odds_ratio_not_positive", "odds_ratio", text, row=ODDS) for text in ("0", "-1.2")),
    *(Case("standard_error_missing", "standard_error", text) for text in ("NA", "inf", "0.02*", "--1")),
    *(Case("standard_error_out_of_range", "standard_error", text) for text in ("1e-50", "1e-200", "1e50", "1e200")),
    *(Case("standard_error_not_positive", "standard_error", text) for text in ("0", "-0.02", "0.000", "-0")),
    *(
        Case("confidence_interval_not_around_odds_ratio", "ci_lower", text, row=INTERVAL)
        for text in ("1.3", "1.2", "0", "-1", "NA", "inf")
    ),
    *(
        Case("confidence_interval_not_around_odds_ratio", "ci_upper", text, row=INTERVAL, shown="1.1")
        for text in ("1.15", "NA")
    ),
    *(Case("z_missing", "z", text, row=Z, options=_BY_N) for text in ("NA", "1e400", "-")),
    *(
        Case("effect_direction_missing", "effect_direction", text, row=SIGNED, options=_BY_N)
        for text in ("?", "NA", "x")
    ),
    *(
        Case("p_value_not_within_0_1", "p_value", text, row=SIGNED, options=_BY_N)
        for text in ("0", "-0.1", "1.01", "NA", "0e-5")
    ),
    *(
        Case(
            "p_value_not_within_0_1",
            "neg_log_10_p_value",
            text,
            row=SIGNED | {"neg_log_10_p_value": "4"},
            options=_BY_N,
        )
        for text in ("-0.5", "1e400", "NA")
    ),
    *(
        Case("effect_allele_frequency_not_within_0_1", "effect_allele_frequency", text, "blanked")
        for text in ("0", "1", "1.2", "-0.3", "-9")
    ),
    *(
        Case("imputed_not_0_or_1", "imputed", text, "blanked", EFFECT | {"imputed": "1"}, options=_CONTROLLED)
        for text in ("2", "NA", "yes", "0.5")
    ),
    *(Case("n_not_positive", "n", text, "blanked", also=("rows_without_n",)) for text in ("0", "-9", "1e400")),
    *(
        Case(f"{name}_not_positive", name, text, "blanked", EFFECT | {"n_cases": "300", "n_controls": "700"})
        for name in ("n_cases", "n_controls")
        for text in ("0", "-9")
    ),
    Case("n_missing", "n", "NA", options=_BY_N, row=Z),
    Case("n_missing", "n", "-5", options=_BY_N, row=Z, also=("n_not_positive",)),
    Case("row_of_another_test", "TEST", "DOM", row=REGENIE),
    Case("row_of_another_test", "TEST", "ADD-INT_SNP", row=REGENIE),
    Case("row_of_another_test", "TEST", "AGE", row=PLINK2, more={"BETA": "NA"}),
    *(Case("variant_id_missing", "variant_id", text) for text in ("NA", ".", "nan", "")),
    *(Case("chromosome_missing", "chromosome", text, options=_BY_POSITION) for text in ("NA", ".", "")),
    *(
        Case("position_missing", "base_pair_location", text, options=_BY_POSITION)
        for text in ("NA", "0", "-5", "1e400")
    ),
    *(Case("effect_allele_missing", "effect_allele", text) for text in (".", "N", "0", "NA", "n", "")),
    *(Case("other_allele_missing", "other_allele", text) for text in (".", "N", "0", "?", "-NAN", "")),
    Case("other_allele_missing", "REF", ".", row=PLINK2),
    Case("alleles_identical", "effect_allele", "c", shown="c/C"),
    Case("alleles_identical", "effect_allele", "2", shown="2/C"),
    Case("alleles_identical", "effect_allele", "atT", more={"other_allele": "ATt"}, shown="atT/ATt"),
    Case("filter: info >= 0.4", "info", "0.39", row=EFFECT | {"info": "0.4"}, filters=("info >= 0.4",)),
    Case("filter: info >= 0.4", "info", "NA", row=EFFECT | {"info": "0.4"}, filters=("info >= 0.4",)),
    Case(
        "filter: QUALITY in ['good']",
        "QUALITY",
        "bad",
        row=EFFECT | {"QUALITY": "good"},
        filters=("QUALITY in ['good']",),
    ),
    Case("filter: p < 0.1", "p_value", "0.20", row=EFFECT | {"p_value": "0.01"}, filters=("p < 0.1",)),
    Case("filter: chr != 'X'", "chromosome", "X", filters=("chr != 'X'",)),
    *(
        Case("palindromic", "effect_allele", allele, more={"other_allele": other}, options={"palindromic": "drop"})
        for allele, other in ("AT", "ta", "CG", "gC", "41")
    ),
    *(
        Case("palindromic_not_inferable", "effect_allele_frequency", text, more=_A_T, options=_INFERRED)
        for text in ("0.5", "0.45", "NA")
    ),
    Case(
        "palindromic_strand_turned",
        "effect_allele_frequency",
        "0.71",
        "warned",
        more=_A_T,
        options=_INFERRED,
        after=_A_T,
    ),
    Case("alleles_differ", "effect_allele", "g", after={}, shown="g/C"),
    Case("other_strand", "effect_allele", "t", "warned", more={"other_allele": "G"}, after={}, shown="t/G"),
    Case(
        "other_strand",
        "effect_allele",
        "G",
        "warned",
        more={"other_allele": "T", "effect_allele_frequency": "0.7"},
        after={},
        shown="G/T",
    ),
    Case("position_differs", "base_pair_location", "77", "warned", after={}),
    Case("position_differs", "chromosome", "2", "warned", after={}, shown="{row}000"),
    Case("frequency_far_from_others", "effect_allele_frequency", "0.610", "warned", after={}, shown="0.61/0.3"),
]


def test_there_is_a_case_for_every_rule_of_the_table() -> None:
    assert {rule.name for rule in VALUE_RULES} <= {case.rule for case in CASES}
    actions = {case.rule: case.action for case in CASES}
    assert {rule.name: rule.action for rule in VALUE_RULES}.items() <= actions.items()


def test_there_is_a_case_for_every_rule_named_in_the_code() -> None:
    """So that a new rule cannot come without a test of what the log says about it."""
    named = _rules_named_in("meta") | _rules_named_in("sumstats")
    assert {"duplicate", "n_missing", "alleles_identical"} <= named  # the search finds what it should
    # Those that dialects declare, row_of_another_test among them, are in tests/sumstats/test_dialect_rules.py.
    with_tests_of_their_own = {"duplicate", "allele_not_a_base", "sum_missing"}
    of_study_effects = {"not_asked_for"}  # which writes no log
    of_other_rooms = named & _rules_quoted_in("harmonise", "store")
    assert named - with_tests_of_their_own - of_study_effects - of_other_rooms <= {case.rule for case in CASES}


def test_the_rules_of_other_rooms_are_in_their_tests() -> None:
    assert _rules_named_in("harmonise") | _rules_named_in("store") <= _rules_quoted_in("harmonise", "store")


def _rules_named_in(package: str) -> set[str]:
    named = set()
    for path in (Path(gwasmeta.__file__).parent / package).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
                first = node.args[0]
                if node.func.attr in {"exclude", "without", "finding"} and isinstance(first, ast.Constant):
                    named.add(first.value)
    return named


def _rules_quoted_in(*rooms: str) -> set[str]:
    """Return every text that the tests of some rooms have in quotes."""
    folders = (Path(__file__).parents[1] / room for room in rooms)
    trees = (ast.parse(path.read_text()) for folder in folders for path in folder.glob("*.py"))
    nodes = (node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Constant))
    return {node.value for node in nodes if isinstance(node.value, str)}


# --- containers of rows ---------------------------------------------------------------------------------

N_ROWS = 12
BROKEN_ROWS = (3, 8)
LINES_ABOVE_8 = (b"#" + b"-" * 98 + b"\n") * 45_000  # 4.5 MB: more than a block of the reader


def text_lines(columns: Columns, **options: Any) -> list[bytes]:
    return table_bytes(columns, **options).splitlines(keepends=True)


def plain(columns: Columns) -> bytes:
    return table_bytes(columns)


def with_crlf(columns: Columns) -> bytes:
    return table_bytes(columns, line_end="\r\n")


def with_preamble(columns: Columns) -> bytes:
    return table_bytes(columns, preamble="## two lines\n\n## and a blank one\n")


def with_comments(columns: Columns) -> bytes:
    lines = text_lines(columns, separator=";", line_end="\r\n")
    return b"".join([*lines[:6], b"# a remark\r\n", b"  \r\n", *lines[6:]])


def over_two_blocks(columns: Columns) -> bytes:
    lines = text_lines(columns)
    return b"".join([*lines[:6], LINES_ABOVE_8, *lines[6:]])


CONTAINERS: dict[str, tuple[Callable[[Columns], bytes], tuple[int, int]]] = {
    # How the columns become a file, and the lines of the two broken rows.
    "plain": (plain, (5, 10)),
    "gz": (lambda columns: gzipped(plain(columns)), (5, 10)),
    "CRLF": (with_crlf, (5, 10)),
    "preamble, gz": (lambda columns: gzipped(with_preamble(columns)), (8, 13)),
    "comments, semicolons, CRLF": (with_comments, (5, 12)),
    "second block": (over_two_blocks, (5, 45_010)),
    "second block, gz": (lambda columns: gzipped(over_two_blocks(columns)), (5, 45_010)),
}


def rows_of_case(case: Case, broken_rows: tuple[int, ...] = BROKEN_ROWS, n_rows: int = N_ROWS) -> Columns:
    rows = []
    for row in range(n_rows):
        values = {**case.row}
        if row in broken_rows:
            values |= {**case.more, case.column: case.text}
        rows.append({name: text.replace("{row}", str(row + 1)) for name, text in values.items()})
    return {name: [row[name] for row in rows] for name in rows[0]}


def study_before(case: Case, n_rows: int = N_ROWS) -> list[Study]:
    if case.after is None:
        return []
    rows = [{**case.row, **(case.after if row in BROKEN_ROWS else {})} for row in range(n_rows)]
    columns = {name: [row[name].replace("{row}", str(k + 1)) for k, row in enumerate(rows)] for name in rows[0]}
    return [Study(columns, name="before")]


def assert_in_the_log(case: Case, result: MetaResult, lines: tuple[int, ...], n_rows: int = N_ROWS) -> None:
    number = len(result.studies) - 1
    broken = sorted(BROKEN_ROWS)
    identifier = "chromosome" if "variant_id" not in case.row and "ID" not in case.row else "variant_id"
    id_text = case.text if case.column == identifier else None
    shown = case.text if case.shown is None else case.shown
    examples = [
        (line, id_text if id_text is not None else f"rs{row + 1}", shown.replace("{row}", str(row + 1)))
        for line, row in zip(lines, broken, strict=True)
    ]
    assert logged(result, case.rule, number) == (case.action, len(lines), examples)
    rules = set(result.log[result.log["study"] == result.studies["study"][number]]["rule"])
    assert rules == {"rows_read", "rows_used", case.rule, *case.also}
    excluded = len(lines) if case.action == "excluded" else 0
    row = result.studies.loc[number]
    assert (row["rows_read"], row["rows_used"], row["rows_excluded"]) == (n_rows, n_rows - excluded, excluded)
    assert row["excluded_by"] == ({case.rule: excluded} if excluded else {})


ONE_CASE_A_RULE = {case.rule: case for case in reversed(CASES)}.values()


@pytest.mark.parametrize(
    ("case", "container"),
    [
        *((case, container) for case in ONE_CASE_A_RULE for container in CONTAINERS if container != "plain"),
        *((case, "plain") for case in CASES),
    ],
    ids=str,
)
def test_a_row_that_breaks_a_rule_is_in_the_log_as_it_is_in_the_file(
    case: Case, container: str, tmp_path: Path
) -> None:
    write, lines = CONTAINERS[container]
    path = tmp_path / "cohort.txt"
    path.write_bytes(write(rows_of_case(case)))
    result = meta_analyze([*study_before(case), Study(path, filters=case.filters)], **case.options)
    assert_in_the_log(case, result, lines)
    assert set(result.log[result.log["study"] == "cohort"]["file"]) == {str(path)}


@pytest.mark.parametrize("case", [case for case in CASES if case.text], ids=str)
def test_a_row_of_a_frame_is_in_the_log_by_its_number(case: Case) -> None:
    frame = pl.DataFrame(rows_of_case(case))
    result = meta_analyze([*study_before(case), Study(frame, name="frame", filters=case.filters)], **case.options)
    assert_in_the_log(case, result, (4, 9))


def test_duplicates_are_in_the_log(tmp_path: Path) -> None:
    columns = rows_of_case(Case("", "beta", "0.1"))
    columns["variant_id"][3] = columns["variant_id"][1]
    columns["variant_id"][8] = columns["variant_id"][1]
    path = tmp_path / "cohort.txt.gz"
    path.write_bytes(gzipped(over_two_blocks(columns)))
    result = meta_analyze([path])
    assert logged(result, "duplicate") == ("excluded", 2, [(5, "rs2", "rs2"), (45_010, "rs2", "rs2")])
    assert result.studies["rows_used"].tolist() == [10]


def test_rows_without_n_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "cohort.txt"
    path.write_bytes(table_bytes(rows_of_case(Case("", "n", "NA"))))
    result = meta_analyze([path])
    assert logged(result, "rows_without_n")[:2] == ("warned", 2)
    assert result.studies["rows_used"].tolist() == [12]


def test_a_study_that_is_there_twice_is_warned_of(tmp_path: Path) -> None:
    first, copy = tmp_path / "first.txt", tmp_path / "copy.txt"
    rows = one_variant() | {"other_beta": [0.25]}
    for path in (first, copy):
        path.write_bytes(table_bytes(rows))
    (tmp_path / "own.txt").write_bytes(table_bytes(rows | {"n": [1001]}))
    other_column = Study(first, name="other", columns={"beta": "other_beta"})
    result = meta_analyze([first, other_column, tmp_path / "own.txt", copy])
    assert result.summary().count("warning") == 1
    assert "  warning: copy has the same file and numbers as first; its samples count twice" in result.summary()
    assert [logged(result, "same_as_another_study", study)[:2] for study in range(4)] == [("", 0)] * 3 + [("warned", 1)]


def test_the_text_is_shown_as_it_is_written_in_a_long_file(tmp_path: Path) -> None:
    """Real rows, no comments: the second block of more than 4 MB begins in the middle of nowhere."""
    n_rows = 110_000
    columns = {name: [text.replace("{row}", str(row)) for row in range(n_rows)] for name, text in EFFECT.items()}
    broken = {77: "  NA ", 50_000: "nothing", 109_999: "1e-5e"}
    for row, text in broken.items():
        columns["beta"][row] = text
    stored = table_bytes(columns, line_end="\r\n")
    assert len(stored) > 4 << 20
    path = tmp_path / "cohort.txt.gz"
    path.write_bytes(gzipped(stored))
    result = meta_analyze([path])
    examples = [(row + 2, f"rs{row}", text.strip()) for row, text in broken.items()]
    assert logged(result, "beta_missing") == ("excluded", 3, examples)
    assert result.studies["rows_read"].tolist() == [n_rows]


@pytest.mark.parametrize("container", [plain, over_two_blocks])
def test_all_rows_are_counted_and_the_first_few_are_shown(
    container: Callable[[Columns], bytes], tmp_path: Path
) -> None:
    broken = (0, 2, 3, 6, 7, 9, 11)
    path = tmp_path / "cohort.txt"
    path.write_bytes(container(rows_of_case(Case("", "standard_error", "0"), broken)))
    action, count, examples = logged(meta_analyze([path]), "standard_error_not_positive")
    assert (action, count) == ("excluded", 7)
    assert MAX_EXAMPLES == 5
    assert [name for _, name, _ in examples] == ["rs1", "rs3", "rs4", "rs7", "rs8"]


def test_a_row_is_counted_under_the_first_rule_that_it_breaks() -> None:
    row = one_variant(beta="NA", standard_error="-1", effect_allele_frequency="2", effect_allele="C", n="-1")
    good = one_variant(variant_id="rs2", beta="0.2", standard_error="0.1", effect_allele_frequency="0.2", n="9")
    both = {name: [*row[name], *good[name]] for name in row}
    result = meta_analyze([Study(both, name="a")])
    assert set(result.log["rule"]) == {"rows_read", "rows_used", "alleles_identical"}
    assert logged(result, "alleles_identical") == ("excluded", 1, [(1, "rs1", "C/C")])


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_rows_read_are_rows_used_and_rows_excluded(seed: int) -> None:
    rng = np.random.default_rng(seed)
    of_one_header = [case for case in CASES if case.row is EFFECT and case.after is None and not case.filters]
    possible = [case for case in of_one_header if not case.options and case.text]
    rows, planted = [], Counter[str]()
    for number in range(60):
        case = possible[rng.integers(len(possible))] if rng.random() < 0.6 else None
        values = EFFECT | ({**case.more, case.column: case.text} if case else {})
        rows.append({name: text.replace("{row}", str(number)) for name, text in values.items()})
        if case and case.action == "excluded":
            planted[case.rule] += 1
    study = {name: [row[name] for row in rows] for name in EFFECT}
    result = meta_analyze([Study(study, name="a")])
    row = result.studies.loc[0]
    assert row["excluded_by"] == dict(planted)
    assert row["rows_read"] == 60 == row["rows_used"] + row["rows_excluded"]
    assert row["rows_excluded"] == planted.total()
    assert len(result) == row["rows_used"]


@pytest.mark.parametrize(
    ("method", "standard_error"),
    [
        *(("fixed", text) for text in ("1e-200", "1e-160", "1e160", "1e200")),
        *(("random", text) for text in ("1e-200", "1e-60", "1e60", "1e200")),
    ],
)
def test_a_standard_error_that_cannot_be_calculated_with_is_left_out(method: Any, standard_error: str) -> None:
    """Its square is 0 or infinite, or its weight is; the other studies' result must not go with it."""
    studies = [Study(one_variant(standard_error=standard_error), name="absurd"), Study(one_variant(beta=0.4), name="b")]
    result = meta_analyze(studies, methods=method)
    assert result.table["beta"].tolist() == [pytest.approx(0.4, rel=1e-12)]
    assert result.studies["rows_excluded"].tolist() == [1, 0]


# --- variants that are not in the result ----------------------------------------------------------------


def test_variants_left_out_of_the_result_are_in_the_log() -> None:
    studies = [one_variant(), one_variant(), one_variant(variant_id="rs2"), one_variant(variant_id="rs3", n=9.0)]
    of_result = meta_analyze(studies, min_studies=2).log.query("study == 'result'")
    assert of_result[["rule", "action", "count"]].values.tolist() == [["min_studies", "excluded", 2]]
    of_result = meta_analyze(studies, min_n=500).log.query("study == 'result'")
    assert of_result[["rule", "action", "count"]].values.tolist() == [["min_n", "excluded", 1]]


def test_a_variant_that_no_study_could_use_is_in_the_log() -> None:
    unclear = one_variant(variant_id="rs2", other_allele="T", effect_allele_frequency=0.5)
    result = meta_analyze([one_variant(), unclear], palindromic="infer")
    assert result.table["variant_id"].tolist() == ["rs1"]
    assert logged(result, "palindromic_not_inferable", 1) == ("excluded", 1, [(1, "rs2", "0.5")])


# --- PREFIX.log.tsv and PREFIX.json ---------------------------------------------------------------------


@pytest.fixture
def cohorts(tmp_path: Path) -> list[Path]:
    """Three files, plain, gzip and Parquet, with two bad rows each."""
    columns = rows_of_case(Case("", "standard_error", "0"))
    paths = [tmp_path / name for name in ("one.txt", "two.txt.gz", "three.parquet")]
    paths[0].write_bytes(table_bytes(columns))
    paths[1].write_bytes(gzipped(table_bytes(columns, line_end="\r\n")))
    pl.DataFrame(columns).write_parquet(paths[2])
    return paths


def strict_json(path: Path) -> Any:
    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is not JSON")

    return json.loads(path.read_text(), parse_constant=refuse)


def test_the_log_is_written_as_it_is(cohorts: list[Path], tmp_path: Path) -> None:
    result = meta_analyze(cohorts, min_n=1)
    _, log, _ = result.write(tmp_path / "result")
    assert log.name == "result.log.tsv"
    with log.open(newline="") as file:
        header, *rows = csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
    assert header == ["study", "file", "rule", "action", "count", "reason", "line", "variant_id", "value"]
    assert rows == [list(map(str, row)) for row in result.log.itertuples(index=False)]
    one = str(cohorts[0])
    expected = "its weight would be infinite or negative"
    assert rows[:4] == [
        ["one", one, "rows_read", "", "12", "", "", "", ""],
        ["one", one, "rows_used", "", "10", "", "", "", ""],
        ["one", one, "standard_error_not_positive", "excluded", "2", expected, "5", "rs4", "0"],
        ["one", one, "standard_error_not_positive", "excluded", "2", expected, "10", "rs9", "0"],
    ]


def test_the_sidecar_says_what_was_run(cohorts: list[Path], tmp_path: Path) -> None:
    result = meta_analyze(cohorts, genomic_control=True, methods=("random", "fixed"), tau_squared="REML")
    _, _, sidecar = result.write(tmp_path / "result")
    assert sidecar.name == "result.json"
    said = strict_json(sidecar)
    assert said["gwasmeta"] == gwasmeta.__version__
    assert said["variants"] == len(result) == 10
    assert said["variants_left_out"] == {"no_study": 0, "min_studies": 0, "min_n": 0}
    options = said["options"]
    assert (options["methods"], options["tau_squared"], options["genomic_control"]) == (
        ["random", "fixed"],
        "REML",
        True,
    )
    assert [study["study"] for study in said["studies"]] == ["one", "two", "three"]
    for study, path in zip(said["studies"], cohorts, strict=True):
        assert study["file"] == str(path)
        assert (study["rows_read"], study["rows_used"], study["rows_excluded"]) == (12, 10, 2)
        assert study["excluded_by"] == {"standard_error_not_positive": 2}
        assert study["dialect"] == "ssf"
        assert study["n"] == 1000
        assert study["n_cases"] is None


@pytest.mark.parametrize("number", [0, 1, 2], ids=["plain", "gz", "parquet"])
def test_checksums_are_those_of_the_files_as_they_are_stored(cohorts: list[Path], tmp_path: Path, number: int) -> None:
    result = meta_analyze(cohorts)
    _, _, sidecar = result.write(tmp_path / "result")
    expected = hashlib.sha256(cohorts[number].read_bytes()).hexdigest()
    assert strict_json(sidecar)["studies"][number]["sha256"] == expected
    assert result.studies["sha256"][number] == expected


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"methods": ("sample_size", "fixed"), "genomic_control": True, "min_n": 2000.0, "direction_p": 1e-5},
        {"methods": "random", "tau_squared": "PM", "hartung_knapp": True, "match": "position"},
        {"palindromic": "infer", "palindromic_window": 0.1, "frequency_difference": 0.2, "leave_one_out": True},
        {"genomic_control": True, "genomic_control_variants": ["rs1", "rs3", "rs4"]},
        {"genomic_control": True, "genomic_control_variants": iter(["rs1", "rs3"]), "genomic_control_result": True},
    ],
    ids=lambda options: ",".join(options) or "defaults",
)
def test_a_run_can_be_repeated_from_its_sidecar(cohorts: list[Path], tmp_path: Path, options: dict[str, Any]) -> None:
    first = meta_analyze(cohorts, **options).write(tmp_path / "first")
    said = strict_json(first[2])
    studies = {study["study"]: study["file"] for study in said["studies"]}
    second = meta_analyze(studies, **said["options"]).write(tmp_path / "second")
    for one, other in zip(first, second, strict=True):
        assert one.read_bytes() == other.read_bytes(), one.name


def test_the_sidecar_says_how_each_study_was_read(cohorts: list[Path], tmp_path: Path) -> None:
    text = cohorts[0].read_text().replace("beta", "B").replace("\tn\n", "\tignored\n")
    cohorts[0].write_text(text)
    study = Study(
        cohorts[0], columns={"beta": "B"}, filters=("n > 5",), dialect="ssf", n=77, inflation_factor=1.25, name="mine"
    )
    _, _, sidecar = meta_analyze([study], filters="chr == 1").write(tmp_path / "result")
    (said,) = strict_json(sidecar)["studies"]
    assert said["study"] == "mine"
    assert said["dialect"] == "ssf"
    assert said["columns"]["beta"] == "B"
    assert said["columns"]["effect_allele"] == "effect_allele"
    assert said["filters"] == ["chr == 1", "n > 5"]
    assert said["n"] == 77
    assert said["applied_inflation_factor"] == 1.25


def test_nothing_else_is_left_in_the_folder(cohorts: list[Path], tmp_path: Path) -> None:
    before = set(tmp_path.iterdir())
    written = meta_analyze(cohorts).write(tmp_path / "result")
    assert set(tmp_path.iterdir()) - before == set(written)
