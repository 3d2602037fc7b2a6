"""Every golden run of METAL, replayed by `gwasmeta metal`: what differs is a named difference, and as counted.

Scripts run twice: on METAL's input, and on input from which the differences in single rows were taken away. There,
genomic control and the correction for overlap, which depend on all rows of a file, must agree as well.
"""

from __future__ import annotations

import gzip
import re
from collections import defaultdict
from pathlib import Path

import pandas as pd
import pytest
from metal_differences import (
    RowDifference,
    as_metal_prints,
    difference_of_cell,
    possible_differences,
    rewritten,
)
from metal_replay import Outcome, differing_cells, files_of, read_rows, read_table, replay, results_of
from metal_runs import RUNS

from gwasmeta.compat import metal_report

# What a row can change in no other row, neither by its file's inflation nor by the correlation with others.
_OF_THE_ROW = frozenset({"row", "MarkerName", "Allele1", "Allele2", "Direction", "HetDf"})
_HETEROGENEITY = ["HetISq", "HetChiSq", "HetDf", "HetPVal"]
# Lines of METAL's report that ours has as well.
_REPORTED = re.compile(r"## (?:Processed \d+|Genomic control parameter is|Completed) .*")
_ABORTED = ("edge_metal/se_gc_novalid", "edge_metal/ss_gc_novalid_first", "edge_metal/ss_pfatal")


def _script(golden_meta: Path, name: str) -> str:
    return (golden_meta / "runs" / name / "metal.txt").read_text()


def _script_as_metal_took_it(golden_meta: Path, name: str) -> str:
    script = _script(golden_meta, name)
    for line in RUNS[name].passed_over:
        script = _without(line, script)
    return script


def _without(line: str, script: str) -> str:
    assert f"{line}\n" in script
    return script.replace(f"{line}\n", "", 1)


def test_every_run_of_metal_is_replayed(golden_meta: Path) -> None:
    golden = {f"{path.parent.name}/{path.name}" for path in golden_meta.glob("runs/*_metal/*")}
    assert set(RUNS) == golden


@pytest.mark.parametrize("name", [name for name, run in RUNS.items() if run.compared])
def test_what_differs_has_a_name(name: str, golden_meta: Path, tmp_path: Path) -> None:
    script = _script_as_metal_took_it(golden_meta, name)
    outcome = replay(golden_meta, name, script, tmp_path)
    assert outcome.exit_code == 0, outcome.errors
    assert _explained(golden_meta, name, script, outcome, rewritten_rows=False) == RUNS[name].differing
    _compare_descriptions(golden_meta / "runs" / name, outcome)


@pytest.mark.parametrize("name", [name for name, run in RUNS.items() if run.compared and run.remaining is not None])
def test_nothing_else_differs_without_the_differences_in_rows(name: str, golden_meta: Path, tmp_path: Path) -> None:
    script = _script_as_metal_took_it(golden_meta, name)
    differences = possible_differences(script)
    outcome = replay(golden_meta, name, script, tmp_path, lambda rows: rewritten(rows, differences))
    assert outcome.exit_code == 0, outcome.errors
    assert _explained(golden_meta, name, script, outcome, rewritten_rows=True) == RUNS[name].remaining
    if name not in _ABORTED and not {"half_complemented", "no_abort"} & set(RUNS[name].remaining or ()):
        assert _REPORTED.findall(outcome.output) == _REPORTED.findall(_report(golden_meta / "runs" / name))


def _report(home: Path) -> str:
    path = home / "stdout.txt"
    return path.read_text() if path.exists() else gzip.decompress(path.with_suffix(".txt.gz").read_bytes()).decode()


def _explained(golden_meta: Path, name: str, script: str, outcome: Outcome, *, rewritten_rows: bool) -> dict[str, int]:
    """Count the markers that each difference explains; fail at a cell that none does."""
    home = golden_meta / "runs" / name
    by_row = _markers_of_differences(home, script, remaining=rewritten_rows)
    spread = not rewritten_rows and re.search("GENOMICCONTROL (ON|LIST)|OVERLAP ON", script)
    explained: dict[str, set[str]] = defaultdict(set)
    for table in results_of(home):
        ours, theirs = read_table(outcome.folder, table), read_table(home, table)
        if list(ours.columns) != list(theirs.columns):
            assert list(ours.columns) == [*theirs.columns, *_HETEROGENEITY]
            explained["heterogeneity_always"].update(ours.index)
        cells = differing_cells(as_metal_prints(ours) if rewritten_rows else ours, theirs)
        for cell in cells[cells["column"].isin(_OF_THE_ROW)].to_dict("records") if spread else cells.to_dict("records"):
            difference = difference_of_cell(cell, by_row, RUNS[name].columns)
            assert difference is not None, cell
            explained[difference].add(cell["marker"])
    return {difference: len(markers) for difference, markers in sorted(explained.items())}


def _markers_of_differences(home: Path, script: str, *, remaining: bool) -> dict[str, tuple[RowDifference, set[str]]]:
    """Return the markers that each difference in single rows can be at work in."""
    studies = _studies(home, script)
    found = {}
    for difference in possible_differences(script):
        rows = difference.remaining if remaining else difference.rows
        markers = {marker for study in studies for marker in study.loc[rows(study), "variant_id"].str.lower()}
        found[difference.name] = (difference, markers)
    return found


def _studies(home: Path, script: str) -> list[pd.DataFrame]:
    if "COLUMNCOUNTING" in script:  # their lines are ragged, and no other difference is in them
        return []
    chosen = re.search(r"^SEPARATOR (\w+)", script, re.MULTILINE)
    separator = {"TAB": "\t", "COMMA": ",", "BOTH": r"[\s,]+"}[chosen[1]] if chosen else r"\s+"
    return [read_rows((home / path).resolve(), separator) for path in dict.fromkeys(files_of(script))]


def _compare_descriptions(home: Path, outcome: Outcome) -> None:
    for table in results_of(home):
        if not (home / f"{table}.info").exists():
            continue  # METAL died before it wrote it
        ours, theirs = ((folder / f"{table}.info").read_text().splitlines() for folder in (outcome.folder, home))
        of_alleles = [line for line in theirs if line.startswith("# Allele")]
        assert len(of_alleles) == 2
        added = [line for line in ours if line not in theirs]
        assert added[:2] == [
            "# Allele1     - the allele that effects, directions and frequencies are of",
            "# Allele2     - the other allele",
        ]
        assert [line.split()[1] for line in added[2:]] in ([], ["HetISq", "HetChiSq", "df", "HetPVal"])
        assert [line for line in ours if line not in added] == [line for line in theirs if line not in of_alleles]


_REFUSED = [
    (name, line, message)
    for name, run in RUNS.items()
    for line, (_, message) in run.passed_over.items()
    if message is not None
]


@pytest.mark.parametrize(("name", "line", "message"), _REFUSED)
def test_what_metal_passes_over_stops_the_script(
    name: str, line: str, message: str, golden_meta: Path, tmp_path: Path
) -> None:
    script = _script(golden_meta, name)
    for other in RUNS[name].passed_over:
        if other != line:
            script = _without(other, script)
    outcome = replay(golden_meta, name, script, tmp_path)
    assert outcome.exit_code == 2
    number = script.splitlines().index(line) + 1
    assert f"metal.txt, line {number}: " in outcome.errors
    assert message in outcome.errors
    assert not list(results_of(outcome.folder))


def test_the_header_is_the_first_line_that_is_not_blank(golden_meta: Path, tmp_path: Path) -> None:
    name = "edge_metal/se_strict_ragged"
    outcome = replay(golden_meta, name, _script(golden_meta, name), tmp_path)
    table = read_table(outcome.folder, "METAANALYSIS1.TBL")
    assert set(table["Direction"].str.len()) == {4}
    assert "?" not in set(table["Direction"].str[3])  # blankfirst.txt has the same markers as the others


def test_a_list_for_genomic_control_creates_no_markers(golden_meta: Path, tmp_path: Path) -> None:
    name = "edge_metal/ss_gclist_schemefail"
    outcome = replay(golden_meta, name, _script(golden_meta, name), tmp_path)
    same_settings = read_table(golden_meta / "runs" / "edge_metal" / "se_gclist", "METAANALYSIS1.TBL")
    assert list(read_table(outcome.folder, "METAANALYSIS1.TBL").columns) == [
        column for column in same_settings.columns if column not in _HETEROGENEITY
    ]


@pytest.mark.parametrize("name", _ABORTED[:2])
def test_a_file_without_valid_rows_changes_nothing(name: str, golden_meta: Path, tmp_path: Path) -> None:
    line = "PROCESS ../../../data_edge/novalid.txt"
    script = _script(golden_meta, name)
    ours = read_table(replay(golden_meta, name, script, tmp_path / "with").folder, "METAANALYSIS1.TBL")
    without = replay(golden_meta, name, _without(line, script), tmp_path / "without")
    place = files_of(script).index("../../../data_edge/novalid.txt")
    assert set(ours["Direction"].str[place]) == {"?"}
    ours["Direction"] = ours["Direction"].str[:place] + ours["Direction"].str[place + 1 :]
    pd.testing.assert_frame_equal(ours, read_table(without.folder, "METAANALYSIS1.TBL"))


def test_no_p_value_is_too_small(golden_meta: Path, tmp_path: Path) -> None:
    name = "edge_metal/ss_pfatal"
    outcome = replay(golden_meta, name, _script(golden_meta, name), tmp_path)
    table = read_table(outcome.folder, "METAANALYSIS1.TBL")
    rows = read_rows(golden_meta / "data_edge" / "pfatal.txt")
    (tiny,) = rows.loc[rows["p_value"] == "1e-1200", "variant_id"]
    assert table.loc[tiny.lower(), "P-value"] == "1.00e-1200"


def test_rows_are_in_the_order_of_first_appearance(golden_meta: Path, tmp_path: Path) -> None:
    name = "real_metal/se"
    script = _script(golden_meta, name)
    outcome = replay(golden_meta, name, script, tmp_path)
    markers = pd.concat([study["variant_id"] for study in _studies(golden_meta / "runs" / name, script)])
    assert list(read_table(outcome.folder, "METAANALYSIS1.TBL")["MarkerName"]) == list(markers.drop_duplicates())


# Differences that no count above shows, and the runs whose other tests show them.
_SHOWN_OTHERWISE = {
    "allele_description": {"real_metal/se"},
    "no_abort": {*_ABORTED, "edge_metal/ss_het_fail"},
    "row_order": {"real_metal/se"},
}


def test_the_differences_are_those_that_the_documentation_lists(golden_meta: Path) -> None:
    documented = _documented_differences()
    shown: dict[str, set[str]] = defaultdict(set)
    for name, run in RUNS.items():
        passed_over = [difference for difference, _ in run.passed_over.values()]
        for difference in (*run.differing, *(run.remaining or ()), *run.columns, *passed_over):
            shown[difference].add(name)
    for difference, names in _SHOWN_OTHERWISE.items():
        shown[difference] |= names
    assert {name for name, runs in documented.items() if runs} == set(shown)
    for difference, names in documented.items():
        assert names <= shown[difference], difference


def test_the_names_that_reports_give_are_in_the_documentation() -> None:
    source = Path(metal_report.__file__).read_text()
    names = re.findall(r"METAL [^\"]*\((\w+)\)", source)
    assert len(names) > 10
    assert set(names) <= set(_documented_differences())


def _documented_differences() -> dict[str, set[str]]:
    """Return the names in docs/differences.md for METAL, and the golden runs beside them; none for "-"."""
    text = (
        (Path(__file__).parents[3] / "docs" / "differences.md")
        .read_text()
        .partition("and METAL")[2]
        .partition("## ")[0]
    )
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("| `")
    ]
    return {row[0].strip("`"): set(re.findall(r"\w+_metal/\w+", row[-1])) for row in rows}
