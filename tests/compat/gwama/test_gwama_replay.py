"""Every golden run of GWAMA through `gwasmeta gwama`: what differs has a name, and nothing else differs.

The names are those of docs/differences.md, and each is at work in the run that is said to show it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from golden_gwama import gwama_inflation_factors
from golden_reasons import number
from gwama_comparison import compare
from gwama_difference import Difference
from gwama_differences import DIFFERENCES, REFUSED, SEEN_ELSEWHERE, WORKS_HERE, satisfies_filters
from gwama_rows import StudyRows
from gwama_runs import GoldenRun, Output, repeat

from gwasmeta.compat.gwama_notes import NOTES

_ROOT = Path(__file__).parents[3]
_RUNS = _ROOT.parent / "shared" / "golden" / "meta" / "runs"
_DOCUMENT = _ROOT / "docs" / "differences.md"

_ALL = [GoldenRun(folder) for group in ("real_gwama", "edge_gwama") for folder in sorted((_RUNS / group).glob("*"))]
_BY_NAME = {run.name: run for run in _ALL}
every_completed_run = pytest.mark.parametrize(
    "run", [run for run in _ALL if run.name not in REFUSED | WORKS_HERE], ids=lambda run: run.name
)


@pytest.fixture(scope="session")
def replay(tmp_path_factory: pytest.TempPathFactory, golden_meta: Path) -> Callable[[GoldenRun], Output]:
    """Return a function that repeats a run on the files as they are, once."""

    @cache
    def repeated(run: GoldenRun) -> Output:
        return repeat(run, tmp_path_factory.mktemp(run.name))

    return repeated


def unexplained(
    run: GoldenRun,
    cells: pd.DataFrame,
    rewritten: Sequence[StudyRows] | None = None,
    differences: Iterable[Difference] = DIFFERENCES.values(),
) -> pd.DataFrame:
    """Return the cells that differ for no reason; of rewritten studies, for none that could not be taken away."""
    explained = np.zeros(len(cells), dtype=np.bool_)
    for difference in differences:
        taken_away = rewritten is not None and difference.take_away(run, rewritten) is not None
        studies = run.studies if rewritten is None or taken_away else rewritten
        explained |= difference.explains(run, studies, cells, when_taken_away=taken_away)
    return cells[~explained]


def assert_explained(cells: pd.DataFrame) -> None:
    counts, examples = cells["column"].value_counts().to_dict(), cells.groupby("column").head(3).to_string()
    assert cells.empty, f"{len(cells)} cells differ for no reason {counts}:\n{examples}"


@every_completed_run
def test_every_difference_has_a_name(run: GoldenRun, replay: Callable[[GoldenRun], Output]) -> None:
    ours = replay(run)
    assert ours.status == 0, ours.stderr
    assert_explained(unexplained(run, compare(ours, run)))


@every_completed_run
def test_without_what_can_be_taken_away_the_rest_is_the_same(run: GoldenRun, golden_meta: Path, tmp_path: Path) -> None:
    studies = run.studies
    for difference in DIFFERENCES.values():
        studies = difference.take_away(run, studies) or studies
    ours = repeat(run, tmp_path, studies)
    assert ours.status == 0, ours.stderr
    assert_explained(unexplained(run, compare(ours, run), studies))


@pytest.mark.parametrize("name", REFUSED)
def test_a_run_that_cannot_be_right_is_refused(name: str, replay: Callable[[GoldenRun], Output]) -> None:
    _, told = REFUSED[name]
    ours = replay(_BY_NAME[name])
    assert ours.status == 2
    assert ours.stderr.startswith("gwasmeta: error: ")
    assert told in ours.stderr
    assert ours.files == {}


# --- runs that GWAMA did not complete -----------------------------------------------------------------


def test_a_filter_on_text_removes_nothing(replay: Callable[[GoldenRun], Output]) -> None:
    ours, without_filter = replay(_BY_NAME["q_filter_text"]), replay(_BY_NAME["q_filter_nocol"])
    assert ours.files == without_filter.files


def test_a_short_line_is_left_out(replay: Callable[[GoldenRun], Output]) -> None:
    run = _BY_NAME["q_shortcrash"]
    ours, (study,) = replay(run), run.studies
    uneven = study.rows["n_words"] != len(study.header)
    assert uneven.sum() == 3
    for row in study.rows[uneven].itertuples():
        told = f"Error: {study.path} row {row.line} has different number of columns compared to header line"
        assert f"{told} ( {row.n_words}, 14) Skipping line!" in ours.files["err.out"]
        assert row.variant_id not in ours.table.index
    effects = study.rows[~uneven].set_index("variant_id")["beta"].astype(float)[ours.table.index]
    np.testing.assert_allclose(ours.table["beta"].astype(float), effects, atol=0.51e-6)
    assert len(ours.table) == 53


def test_a_bad_imputation_status_is_reported_of_odds_ratios(replay: Callable[[GoldenRun], Output]) -> None:
    run = _BY_NAME["b_badimputed"]
    ours, (study,) = replay(run), run.studies
    bad = study.rows[~study.rows["imputed"].isin(["0", "1"])]
    assert len(bad) > 1
    for row in bad.itertuples():
        assert f"has problem with imputation status for {row.variant_id}!" in ours.files["err.out"]
        assert f"Given values: IMPUTED={row.imputed}Value must be" in ours.files["err.out"]
    odds_ratios = study.rows.drop_duplicates("variant_id").set_index("variant_id")["odds_ratio"]
    np.testing.assert_allclose(
        ours.table["OR"].astype(float), odds_ratios[ours.table.index].astype(float), atol=0.51e-6
    )


def test_a_sex_without_studies_is_not_corrected(replay: Callable[[GoldenRun], Output]) -> None:
    run = _BY_NAME["sex_only_males_gco"]
    ours = replay(run)
    of_all, of_males = re.findall(r"Output p-value is (?:not )?corrected.*ambda=(\S+)", ours.stdout)
    assert of_all == of_males
    table = ours.table
    for column in ("eaf", "beta", "se", "beta_95L", "beta_95U", "z", "p-value", "n_studies", "n_samples"):
        assert table[f"male_{column}"].equals(table[column])
        assert (table[f"female_{column}"] == "-9").all()
    assert (table[["gender_differentiated_p-value", "gender_heterogeneity_p-value"]] == "-9").all(axis=None)


# --- inflation factors by other ways than GWAMA's -----------------------------------------------------


@pytest.mark.parametrize("name", [run.name for run in _ALL if "-gco" in run.words and run.name not in WORKS_HERE])
def test_inflation_of_the_result_is_from_the_true_median(
    name: str, replay: Callable[[GoldenRun], Output], tmp_path: Path
) -> None:
    run = _BY_NAME[name]
    ours = replay(run)
    fixed = replay(run.fixed_twin or run).table
    assert run.fixed_twin or "-r" not in run.words
    lines = [line for line in ours.stdout.splitlines() if line.startswith("Output p-value")]
    assert lines == [line for line in ours.files["log.out"].splitlines() if line.startswith("Output p-value")]
    assert len(lines) == (3 if "--sex" in run.words else 1)
    for line, column in zip(lines, ("z", "male_z", "female_z"), strict=False):
        text, _, factor = line.rpartition("ambda=")
        assert text == f"Output p-value is {'corrected with l' if float(factor) > 1 else 'not corrected. L'}"
        z = fixed.loc[fixed[column] != "-9", column].astype(float)
        assert float(factor) == pytest.approx(np.median(z**2) / 0.4549364, rel=2e-6 / np.median(np.abs(z)) + 1e-5)


@pytest.mark.parametrize("name", ["qt_filter2_gc", "q_filter_le_gc", "q_filter_multi_gc"])
def test_inflation_of_a_filtered_study_is_that_of_the_rows_that_pass(
    name: str, replay: Callable[[GoldenRun], Output]
) -> None:
    run = _BY_NAME[name]
    lines = [line.split("\t") for line in replay(run).files["gc.out"].splitlines()[1:]]
    assert [line[0] for line in lines] == run.paths
    for line, study in zip(lines, run.studies, strict=True):
        passing = study.with_rows(study.rows[~satisfies_filters(run, study)]).rows
        passing = passing[np.isfinite(number(passing, "beta"))]
        expected = gwama_inflation_factors(passing)
        printed = [word for factor, count in expected for word in (f"{factor:.4f}", str(count))]
        assert line[1:] == printed


# --- the document -------------------------------------------------------------------------------------


def documented() -> dict[str, list[str]]:
    """Return the names of the document and the runs that show each."""
    of_gwama = _DOCUMENT.read_text().partition("and GWAMA")[2].partition("## ")[0]
    rows = [line.strip("| ").split(" | ") for line in of_gwama.splitlines() if line.startswith("| `")]
    return {row[0].strip("`"): re.findall(r"`(\w+)`", row[-1]) for row in rows}


def test_the_document_and_the_tests_know_the_same_differences() -> None:
    known = {*DIFFERENCES, *SEEN_ELSEWHERE, *(name for name, _ in REFUSED.values()), *WORKS_HERE.values()}
    assert set(documented()) == known


def test_every_line_that_is_printed_is_about_a_documented_difference() -> None:
    assert {name for name, _, _ in NOTES} <= set(documented())


@pytest.mark.parametrize(("name", "run_name"), [(name, run) for name, runs in documented().items() for run in runs])
def test_a_difference_is_at_work_in_the_run_that_shows_it(
    name: str, run_name: str, replay: Callable[[GoldenRun], Output]
) -> None:
    run = _BY_NAME[run_name]
    if run_name in REFUSED:
        assert REFUSED[run_name][0] == name
    elif run_name in WORKS_HERE:
        assert WORKS_HERE[run_name] == name
    elif name in SEEN_ELSEWHERE:
        assert SEEN_ELSEWHERE[name](replay(run), run.output)
    else:
        others = [difference for other, difference in DIFFERENCES.items() if other != name]
        assert not unexplained(run, compare(replay(run), run), differences=others).empty
