"""Analyses of a store give what the files themselves give: the same bits, and the same books."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import gwasmeta
from gwasmeta import Study, StudyStore
from gwasmeta.cli import main

_RUNS: dict[str, dict[str, Any]] = {
    "fixed": {},
    "genomic control": {"genomic_control": True},
    "random": {"methods": ("random", "fixed"), "tau_squared": "REML", "genomic_control": True},
    "sample size": {"methods": "sample_size", "genomic_control": True},
    "infer": {"palindromic": "infer", "position_conflicts": "exclude"},
    "leave one out": {"leave_one_out": True},
    "filters": {"filters": ("eaf > 0.05", "n > 1000")},
}


def _log(result: gwasmeta.MetaResult) -> pd.DataFrame:
    """Return the books without the columns that say where the rows came from, and the texts as they were written."""
    return result.log.drop(columns=["file", "value"])


@pytest.mark.parametrize("run", _RUNS)
def test_meta_analysis_of_five_formats(example_store: StudyStore, run: str) -> None:
    files = gwasmeta.example_studies("quantitative")
    of_files = gwasmeta.meta_analyze(files, **_RUNS[run])
    of_store = gwasmeta.meta_analyze([example_store.study(name) for name in files], **_RUNS[run])
    pd.testing.assert_frame_equal(of_store.table, of_files.table, check_exact=True)
    if run != "sample size":  # a row with neither effect nor z is counted under the effect when it is added
        pd.testing.assert_frame_equal(_log(of_store), _log(of_files))
    same = ["study", "sha256", "rows_read", "rows_used", "inflation_factor", "applied_inflation_factor"]
    pd.testing.assert_frame_equal(of_store.studies[same], of_files.studies[same], check_exact=True)


def test_meta_analysis_by_position(example_store: StudyStore) -> None:
    files = gwasmeta.example_studies("quantitative")
    with_places = [name for name in files if name != "rowan"]
    of_files = gwasmeta.meta_analyze({name: files[name] for name in with_places}, match="position")
    of_store = gwasmeta.meta_analyze([example_store.study(name) for name in with_places], match="position")
    pd.testing.assert_frame_equal(of_store.table, of_files.table, check_exact=True)


def test_odds_ratios_and_case_control_counts(tmp_path: Path) -> None:
    store = StudyStore(tmp_path / "store")
    files = gwasmeta.example_studies("case_control")
    for name, path in files.items():
        store.add(path, name=name)
    for options in ({"methods": ("fixed", "random")}, {"methods": "sample_size"}):
        of_files = gwasmeta.meta_analyze(files, genomic_control=True, **options)
        of_store = gwasmeta.meta_analyze([store.study(name) for name in files], genomic_control=True, **options)
        pd.testing.assert_frame_equal(of_store.table, of_files.table, check_exact=True)
        told = [[study["read_as"] for study in result.parameters()["studies"]] for result in (of_store, of_files)]
        if options["methods"] != "sample_size":
            assert told[0] == told[1]


def test_rows_out_of_order_give_the_same_variants(tmp_path: Path, study_file: Path) -> None:
    """Rows on the disk lie by position; the table has the variants in the order in which they are met."""
    store = StudyStore(tmp_path / "store")
    store.add(Study(study_file, name="odd"))
    for match in ("id", "position"):
        of_file = gwasmeta.meta_analyze([Study(study_file, name="odd")], match=match)
        of_store = gwasmeta.meta_analyze([store.study("odd")], match=match)
        tables = [result.table.sort_values("variant_id", ignore_index=True) for result in (of_store, of_file)]
        pd.testing.assert_frame_equal(*tables, check_exact=True)
        excluded = [
            result.log[result.log["action"] == "excluded"].groupby("rule")["count"].first().to_dict()
            for result in (of_store, of_file)
        ]
        # The row with neither is counted under the one that is asked for where the file itself is read; the one with
        # a chromosome alone has lost it in the store.
        assert excluded[0].pop("variant_id_and_position_missing") == 1
        lacking = "variant_id_missing" if match == "id" else "chromosome_missing"
        excluded[1][lacking] += excluded[1].pop("position_missing", 0) - 1
        assert excluded[0] == excluded[1]


def test_a_filter_by_chromosome_reads_its_files_only(example_store: StudyStore, tmp_path: Path) -> None:
    store = StudyStore(tmp_path / "store")
    path = gwasmeta.example_studies("quantitative")["alder"]
    store.add(path, name="alder")
    about = store.about("alder")
    for file in about.files:
        if file.chromosome not in ("2", "3", "1"):
            (store.path / "studies" / "alder" / about.data / "rows" / file.path).write_bytes(b"not to be read")
    # An example of a row that is left out comes from the first chromosome that is not read.
    filters = ("chromosome in (2, 3)", "eaf > 0.1")
    of_file = gwasmeta.meta_analyze({"alder": path}, filters=filters)
    of_store = gwasmeta.meta_analyze([store.study("alder")], filters=filters)
    pd.testing.assert_frame_equal(of_store.table, of_file.table, check_exact=True)
    counts = [result.log.groupby("rule")["count"].first() for result in (of_store, of_file)]
    assert counts[0]["filter: eaf > 0.1"] == counts[1]["filter: eaf > 0.1"]
    assert of_store.studies["rows_read"].tolist() == of_file.studies["rows_read"].tolist()
    with pytest.raises(gwasmeta.GwasmetaError, match="no row of any study can be used"):
        gwasmeta.meta_analyze([store.study("alder")], filters='chromosome == "none"')


def test_what_a_store_says_of_a_study_is_used(tmp_path: Path) -> None:
    store = StudyStore(tmp_path / "store")
    files = gwasmeta.example_studies("quantitative")
    for name, sex in (("alder", "male"), ("birch", "female")):
        store.add(Study(files[name], name=name, sex=sex, filters="eaf > 0.2"))
    of_files = gwasmeta.meta_analyze(
        [
            Study(files[name], name=name, sex=sex, filters="eaf > 0.2")
            for name, sex in (("alder", "male"), ("birch", "female"))
        ],
        sex_differentiated=True,
    )
    of_store = gwasmeta.meta_analyze(
        ["store:" + str(store.path / name) for name in ("alder", "birch")], sex_differentiated=True
    )
    pd.testing.assert_frame_equal(of_store.table, of_files.table, check_exact=True)


def test_other_functions_take_studies_of_a_store(example_store: StudyStore, tmp_path: Path) -> None:
    path, stored = gwasmeta.example_studies("quantitative")["alder"], example_store.study("alder")
    pd.testing.assert_frame_equal(
        gwasmeta.read_sumstats(stored).table.sort_values("variant_id", ignore_index=True),
        gwasmeta.read_sumstats(path)
        .table[gwasmeta.read_sumstats(stored).table.columns]
        .sort_values("variant_id", ignore_index=True),
    )
    inspections = [gwasmeta.inspect_sumstats(source) for source in (stored, path)]
    for of in ("rows_read", "rows_usable", "inflation_factor", "build", "share_palindromic", "n"):
        assert getattr(inspections[0], of) == getattr(inspections[1], of), of
    for name, source in (("store", stored), ("file", path)):
        gwasmeta.format_sumstats(source, tmp_path / f"{name}.txt", to="metal", sort=True)
        gwasmeta.munge(source).write(tmp_path / name)
    assert (tmp_path / "store.txt").read_text() == (tmp_path / "file.txt").read_text()
    assert (tmp_path / "store.sumstats.gz").read_bytes() == (tmp_path / "file.sumstats.gz").read_bytes()


def test_a_report_of_a_stored_study_is_that_of_its_file(
    example_store: StudyStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("jinja2")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "alder.json").write_text('{"gwasmeta": "0.1.0", "traits": []}')  # another result's; it is not read
    leads = []
    for source, report in (
        (f"store:{example_store.path / 'alder'}", "alder.html"),
        (str(gwasmeta.example_studies("quantitative")["alder"]), "file.html"),
    ):
        out = ["--out", report] if report == "file.html" else []
        assert main(["report", source, "-q", *out]) == 0
        leads.append(re.findall(r'data-variant="([^"]+)"', Path(report).read_text(encoding="utf-8")))
    assert leads[0] == leads[1] != []


def test_mtag_of_a_store(tmp_path: Path) -> None:
    store = StudyStore(tmp_path / "store")
    files = gwasmeta.example_traits()
    for name, path in files.items():
        store.add(path, name=name)
    covariances = {"sigma": np.eye(3), "omega": np.eye(3) / 1e4}
    of_files = gwasmeta.mtag(files, **covariances)
    of_store = gwasmeta.mtag([store.study(name) for name in files], **covariances)
    for name in files:
        pd.testing.assert_frame_equal(of_store.traits[name].table, of_files.traits[name].table, check_exact=True)


def test_a_list_of_studies_may_name_those_of_a_store(example_store: StudyStore, tmp_path: Path) -> None:
    path = tmp_path / "studies.yaml"
    path.write_text(f"- path: store:{example_store.path}/alder\n  sex: female\n")
    (study,) = gwasmeta.read_manifest(path)
    assert (study.label, study.sex, study.path) == ("alder", "female", f"store:{example_store.path}/alder")


def test_studies_of_a_store_are_read_again_for_a_forest_plot(example_store: StudyStore, tmp_path: Path) -> None:
    result = gwasmeta.meta_analyze([example_store.study(name) for name in ("alder", "birch")])
    paths = result.write(tmp_path / "both")
    told = json.loads(next(path for path in map(Path, paths) if path.suffix == ".json").read_text())
    assert [study["file"] for study in told["studies"]] == [
        f"store:{example_store.path}/{n}" for n in ("alder", "birch")
    ]
    from gwasmeta.meta.sidecar import read_sidecar

    variant = result.lead_variants()["variant_id"].iloc[0]
    again = read_sidecar(tmp_path / "both.json").study_effects([variant])
    direct = result.study_effects([variant])
    assert repr(again) == repr(direct)
