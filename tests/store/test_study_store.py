"""What a store keeps of a study, and what it says of it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest

import gwasmeta
from gwasmeta import GwasmetaError, Study, StudyStore

# (chromosome, position, id, line of the file) of the rows that pass the checks, in the order of the store
ODD_ROWS = [
    ("1", 50, None, 8),
    ("1", 100, "rs3", 4),
    ("1", 100, "rs10", 12),
    ("1", 900, "rs2", 3),  # no effect that can be used, but a p-value with a direction
    ("2", 500, "rs1", 2),
    ("X", 60, "rs8", 9),
    ("HLA*A/1%", 1, "rs9", 10),
    (None, None, "rs5", 6),
    (None, None, "rs6", 7),
]


def _rows_of_files(store: StudyStore, name: str) -> pl.DataFrame:
    """Read the study's files as somebody without gwasmeta would."""
    entry = json.loads((store.path / "studies" / name / "entry.json").read_text())
    rows = store.path / "studies" / name / entry["data"] / "rows"
    return pl.scan_parquet(rows, hive_partitioning=True, hive_schema={"chromosome": pl.String}).collect()


def test_rows_are_partitioned_and_sorted(tmp_path: Path, study_file: Path) -> None:
    store = StudyStore(tmp_path / "store")
    store.add(study_file)
    columns = ["chromosome", "base_pair_location", "variant_id", "source_line"]
    read = _rows_of_files(store, "odd")
    assert sorted(read.select(columns).rows(), key=str) == sorted(ODD_ROWS, key=str)
    assert store.scan("odd").select(columns).collect().rows() == ODD_ROWS
    assert store.scan("odd").filter(pl.col("chromosome").is_null()).collect()["variant_id"].to_list() == ["rs5", "rs6"]


def test_values_are_those_of_the_file(tmp_path: Path, study_file: Path) -> None:
    store = StudyStore(tmp_path / "store")
    store.add(study_file)
    rows = {row["source_line"]: row for row in _rows_of_files(store, "odd").to_dicts()}
    assert (rows[4]["effect_allele"], rows[4]["other_allele"]) == ("AT", "A")
    assert rows[4]["effect_allele_frequency"] is None
    assert rows[12]["n"] is None
    assert rows[8]["beta"] == 0.015625
    assert rows[4]["neg_log_10_p_value"] == pytest.approx(320, rel=1e-15)  # no double holds the p-value itself
    types = _rows_of_files(store, "odd").schema
    assert types["base_pair_location"] == pl.Int32
    assert types["beta"] == pl.Float64


def test_any_hive_reader_finds_the_partitions(example_store: StudyStore) -> None:
    rows = _rows_of_files(example_store, "alder")
    text = pl.read_csv(gwasmeta.example_studies("quantitative")["alder"], separator="\t", null_values="NA")
    text = text.filter(pl.col("BETA").is_not_null(), pl.col("SE") > 0)
    assert rows.height == text.height
    counts = dict(rows["chromosome"].value_counts().rows())
    assert counts == {str(name): n for name, n in text["CHR"].value_counts().rows()}


def test_the_log_and_the_entry_account_for_every_row(tmp_path: Path, study_file: Path) -> None:
    store = StudyStore(tmp_path / "store")
    addition = store.add(Study(study_file, name="ODD", sex="female"))
    about = addition.study
    assert addition.outcome == "added"
    assert (about.rows_read, about.rows) == (11, 9)
    found = {finding.rule: (finding.action, finding.count) for finding in about.findings}
    assert found == {
        "effect_allele_frequency_not_within_0_1": ("blanked", 1),
        "variant_id_and_position_missing": ("excluded", 1),
        "beta_missing": ("excluded", 1),
        "place_incomplete": ("warned", 1),
    }
    assert about.sha256 == hashlib.sha256(study_file.read_bytes()).hexdigest()
    z = np.array([0.1 / 0.02, -0.1 / 0.02, 0.25 / 0.03, 0.05 / 0.03, 0.015625 / 0.02, -0.125 / 0.02, -0.3 / 0.02, -15])
    assert about.inflation_factor == pytest.approx(gwasmeta.inflation_factor(z), rel=1e-12)
    assert (about.n, about.version) == (1000, gwasmeta.__version__)
    log = (store.path / "studies" / "ODD" / about.data / "log.tsv").read_text().splitlines()
    assert "\t".join(("beta_missing", "excluded", "1", "the effect is missing or no number", "5", "rs4", "NA")) in log


def test_the_same_file_read_by_the_same_options_is_left_alone(tmp_path: Path, study_file: Path) -> None:
    store = StudyStore(tmp_path / "store")
    first = store.add(Study(study_file, n=2000))
    again = store.add(Study(study_file, n=2000))
    assert (again.outcome, again.study) == ("unchanged", first.study)
    other_options = store.add(Study(study_file, n=3000))
    assert (other_options.outcome, other_options.study.n) == ("replaced", 3000)
    study_file.write_text(study_file.read_text().replace("0.25", "0.75"))
    assert store.add(Study(study_file, n=3000)).outcome == "replaced"
    assert 0.75 in _rows_of_files(store, "odd")["beta"].to_list()
    assert store.leftovers() == ()
    assert not store.check().size


def test_a_changed_side_file_is_another_study(tmp_path: Path) -> None:
    results = tmp_path / "height.qassoc"
    results.write_text("CHR SNP BP NMISS BETA SE R2 T P\n1 rs1 100 900 0.5 0.1 0.1 5 1e-6\n")
    alleles = tmp_path / "height.frq"
    alleles.write_text("CHR SNP A1 A2 MAF NCHROBS\n1 rs1 A G 0.2 1800\n")
    store = StudyStore(tmp_path / "store")
    assert store.add(Study(results, side_files=alleles)).outcome == "added"
    assert store.add(Study(results, side_files=alleles)).outcome == "unchanged"
    alleles.write_text("CHR SNP A1 A2 MAF NCHROBS\n1 rs1 C G 0.2 1800\n")
    assert store.add(Study(results, side_files=alleles)).outcome == "replaced"
    assert _rows_of_files(store, "height.qassoc")["effect_allele"].to_list() == ["C"]


def test_a_study_that_cannot_be_read_leaves_the_old_one(tmp_path: Path, study_file: Path) -> None:
    store = StudyStore(tmp_path / "store")
    before = store.add(study_file).study
    lines = study_file.read_text().splitlines()
    study_file.write_text("\n".join([*lines[:5], "rs4\t1"]))
    with pytest.raises(GwasmetaError, match="line 6: 2 fields"):
        store.add(study_file)
    study_file.write_text("\n".join(lines[:1]))
    with pytest.raises(GwasmetaError, match="none of its 0 rows"):
        store.add(study_file)
    assert store.about("odd") == before
    assert store.leftovers() == ()


def test_a_full_disk_is_told_with_the_study_and_without_words_of_parquet(
    tmp_path: Path, study_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fill(*_: object) -> None:
        reason = "No space left on device (os error 28)"
        raise pl.exceptions.ComputeError(f"parquet: File out of specification: underlying IO error: {reason}")

    monkeypatch.setattr(gwasmeta.store.adding._Adding, "run", fill)
    store = StudyStore(tmp_path / "store")
    with pytest.raises(GwasmetaError) as caught:
        store.add(study_file, name="odd")
    assert str(caught.value) == (
        f"{store.path}: odd cannot be written: No space left on device (os error 28)\n  The store is as it was before."
    )


def test_inspection_of_a_stored_study_does_not_call_it_undocumented(example_store: StudyStore) -> None:
    text = str(gwasmeta.inspect_sumstats(f"store:{example_store.path}/{example_store.names[0]}"))
    assert "  dialect        store\n" in text


def test_frames_and_results_can_be_stored(tmp_path: Path) -> None:
    studies = gwasmeta.example_studies("quantitative")
    result = gwasmeta.meta_analyze({name: studies[name] for name in ("alder", "birch")}, genomic_control=True)
    (path, *_) = result.write(tmp_path / "both")
    store = StudyStore(tmp_path / "store")
    store.add(path)
    store.add(result.table, name="frame")
    columns = ["variant_id", "effect_allele", "beta", "standard_error", "n"]
    for name in ("both", "frame"):
        rows = store.scan(name).sort("source_line").select(columns).collect()
        stored = pd.DataFrame(rows.to_dict(as_series=False))
        pd.testing.assert_frame_equal(stored, result.table[columns], check_dtype=False, rtol=1e-5)


def test_list_has_a_row_a_study(example_store: StudyStore) -> None:
    listed = example_store.list().set_index("name")
    assert example_store.names == ("alder", "birch", "cedar", "maple", "rowan")
    assert listed["dialect"].to_dict() == {
        "alder": "gwama",
        "birch": "plink2",
        "cedar": "regenie",
        "maple": "ssf",
        "rowan": "metal",
    }
    for name, path in gwasmeta.example_studies("quantitative").items():
        table = gwasmeta.read_sumstats(path).table
        assert len(gwasmeta.read_sumstats(example_store.study(name))) == len(table) <= listed.loc[name, "rows"]
        lambda_ = gwasmeta.inflation_factor(table["beta"] / table["standard_error"])
        assert listed.loc[name, "inflation_factor"] == pytest.approx(lambda_, rel=1e-12)


def test_a_removed_study_is_gone(tmp_path: Path, study_file: Path) -> None:
    store = StudyStore(tmp_path / "store")
    store.add(study_file)
    store.add(study_file, name="other")
    store.remove("odd")
    assert store.names == ("other",)
    assert not (store.path / "studies" / "odd").exists()
    assert store.leftovers() == ()
    with pytest.raises(GwasmetaError, match=r"has no study odd\n  It has: other"):
        store.remove("odd")


def test_damage_is_found_and_the_remedy_works(tmp_path: Path, study_file: Path) -> None:
    store = StudyStore(tmp_path / "store")
    for name in ("whole", "bytes", "short", "missing", "entry", "extra"):
        store.add(study_file, name=name)

    def file_of(name: str) -> Path:
        about = store.about(name)
        return store.path / "studies" / name / about.data / "rows" / about.files[0].path

    changed = bytearray(file_of("bytes").read_bytes())
    changed[len(changed) // 2] ^= 1
    file_of("bytes").write_bytes(changed)
    file_of("short").write_bytes(file_of("short").read_bytes()[:-10])
    file_of("missing").unlink()
    file_of("extra").with_name("copy.parquet").write_bytes(b"")
    (store.path / "studies" / "entry" / "entry.json").write_text('{"layout": 1')
    problems = store.check().set_index("study")["problem"].to_dict()
    assert set(problems) == {"bytes", "short", "missing", "entry", "extra"}
    assert "SHA-256" in problems["bytes"]
    assert "bytes instead of" in problems["short"]
    assert problems["missing"] == "is missing"
    with pytest.raises(GwasmetaError, match=r"part-0.parquet cannot be read(.|\n)*gwasmeta store check"):
        gwasmeta.meta_analyze([store.study("short")])
    for name in problems:
        store.remove(name)
        store.add(study_file, name=name)
    assert not store.check().size


@pytest.mark.parametrize("name", ["..", "a/b", "a b", "-x", ".hidden", "x" * 101, "a:b", "a~b", "a\n"])
def test_impossible_names_are_refused(tmp_path: Path, study_file: Path, name: str) -> None:
    store = StudyStore(tmp_path / "store")
    with pytest.raises(GwasmetaError, match="cannot be the name of a study in a store"):
        store.add(study_file, name=name)
    assert not store.path.exists()


def test_what_is_no_store_is_refused(tmp_path: Path, study_file: Path) -> None:
    with pytest.raises(GwasmetaError, match=r"there is no study store\n  gwasmeta store add"):
        StudyStore(tmp_path / "nowhere").list()
    with pytest.raises(GwasmetaError, match="folder with other things in it"):
        StudyStore(tmp_path).add(study_file)
    store = StudyStore(tmp_path / "store")
    store.add(study_file)
    (store.path / "store.json").write_text('{"layout": 0}')
    for use in (store.list, store.check, lambda: store.study("odd"), lambda: store.add(study_file)):
        with pytest.raises(GwasmetaError, match="has layout 0, and this version of gwasmeta reads and writes layout 1"):
            use()
    (store.path / "store.json").write_text("{")
    with pytest.raises(GwasmetaError, match="is damaged"):
        store.list()


def test_a_study_of_a_store_is_not_added_and_its_format_not_given(example_store: StudyStore, tmp_path: Path) -> None:
    with pytest.raises(GwasmetaError, match="is in a store already"):
        StudyStore(tmp_path / "store").add(example_store.study("alder"))
    with pytest.raises(GwasmetaError, match=r"It was read as gwama"):
        gwasmeta.read_sumstats(Study(f"store:{example_store.path}/alder", dialect="gwama"))
    with pytest.raises(GwasmetaError, match="canonical columns only"):
        StudyStore(tmp_path / "store").add(Study(example_store.path, sums={"total": "N"}))


def test_the_place_of_the_store(
    tmp_path: Path, study_file: Path, example_store: StudyStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GWASMETA_STORE", raising=False)
    monkeypatch.chdir(tmp_path)
    StudyStore().add(study_file)
    assert (tmp_path / "gwasmeta-store" / "store.json").is_file()
    assert Study("store:odd").label == "odd"
    monkeypatch.setenv("GWASMETA_STORE", str(example_store.path))
    assert StudyStore().path == example_store.path
    assert len(gwasmeta.read_sumstats("store:alder")) == example_store.about("alder").rows
    assert Study("store:gwasmeta-store/odd").label == "odd"
