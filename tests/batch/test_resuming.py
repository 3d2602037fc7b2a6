"""What a second batch in the same folder makes again, and what it keeps."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from batch_data import STUDIES, TRAITS, result_files, studies_of, write_studies

import gwasmeta
from gwasmeta.batch import record


@pytest.fixture
def made(studies: Path, tmp_path: Path) -> Callable[..., list[str]]:
    """Return a function that runs the batch once more, and returns the traits that it made; one has run already."""

    def run(**options: object) -> list[str]:
        found = []

        def listen(name, done, total, outcome):
            if outcome is not None and not outcome.kept:
                found.append(name)

        result = gwasmeta.run_batch(studies / "traits.tsv", tmp_path / "out", progress=listen, **options)
        assert (result.n_made + result.n_failed, result.n_kept) == (len(found), 3 - len(found))
        return found

    assert run() == list(TRAITS)
    return run


def test_nothing_is_made_twice_and_the_index_stays(made, tmp_path):
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").glob("*.json")}
    index = (tmp_path / "out" / "index.tsv").read_bytes()
    assert made() == []
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "out").glob("*.json")} == before
    assert (tmp_path / "out" / "index.tsv").read_bytes() == index  # the seconds too


def test_a_study_that_is_sent_again_concerns_its_trait_only(made, studies, tmp_path):
    lines = (studies / "bmi.finns.tsv").read_text().splitlines()
    (studies / "bmi.finns.tsv").write_text("\n".join(lines[:-1]) + "\n")
    assert made() == ["bmi"]
    gwasmeta.meta_analyze(studies_of(studies, "bmi")).write(tmp_path / "bmi")
    assert (tmp_path / "out" / "bmi.tsv").read_bytes() == (tmp_path / "bmi.tsv").read_bytes()
    assert made() == []


def test_another_digit_in_a_file_of_the_same_size_is_seen(made, studies):
    path = studies / "waist.ukb.tsv"
    text = path.read_bytes()
    changed = text.replace(b"0.05", b"0.06", 1)
    assert changed != text
    path.write_bytes(changed)
    assert made() == ["waist"]


def test_a_longer_file_of_the_same_time_is_seen(made, studies):
    path = studies / "waist.ukb.tsv"
    times = path.stat().st_atime_ns, path.stat().st_mtime_ns
    path.write_bytes(path.read_bytes() + b"rs9999\t9\t5\tA\tC\t0.5\t0.1\t0.1\t900\n")
    os.utime(path, ns=times)
    assert made() == ["waist"]


def test_the_same_file_copied_anew_is_the_same_study(made, studies, monkeypatch):
    for trait in TRAITS:
        for path in studies_of(studies, trait).values():
            shutil.copyfile(path, f"{path}.new")
            os.utime(f"{path}.new", ns=(1, 1))
            os.replace(f"{path}.new", path)
    assert made() == []

    def refuse(path):
        raise AssertionError(f"{path} is read again, though its new time is known")

    monkeypatch.setattr(record, "file_checksum", refuse)
    assert made() == []


def test_other_options_make_all_traits_again(made):
    assert made(genomic_control=True) == list(TRAITS)
    assert made(genomic_control=True) == []
    assert made(genomic_control=True, lead_p=1e-5) == list(TRAITS)
    assert made() == list(TRAITS)


def test_a_limit_of_memory_changes_no_result(made, tmp_path):
    expected = result_files(tmp_path / "out")
    assert made(memory="4GB") == []
    for path in (tmp_path / "out" / ".batch" / "runs").iterdir():
        path.unlink()
    assert made(memory="4GB") == list(TRAITS)
    assert result_files(tmp_path / "out") == expected
    assert made() == []


def test_another_version_of_gwasmeta_makes_all_traits_again(made, monkeypatch):
    monkeypatch.setattr(record, "__version__", "0.0.1")
    assert made() == list(TRAITS)


@pytest.mark.parametrize("ending", [".tsv", ".log.tsv", ".json"])
def test_a_missing_or_cut_file_is_made_again(made, tmp_path, ending):
    expected = result_files(tmp_path / "out")
    (tmp_path / "out" / f"height{ending}").unlink()
    path = tmp_path / "out" / f"waist{ending}"
    path.write_bytes(path.read_bytes()[:-1])
    assert made() == ["height", "waist"]
    assert result_files(tmp_path / "out") == expected


@pytest.mark.parametrize("text", ["", "{", "[]", '{"layout": 0}', '{"layout": 1}', "null", "\udcff"])
def test_a_damaged_memory_of_a_run_is_no_memory(made, tmp_path, text):
    path = tmp_path / "out" / ".batch" / "runs" / "bmi.json"
    path.write_text(text, errors="surrogateescape")
    assert made() == ["bmi"]
    assert made() == []


def test_a_trait_with_one_more_study_is_made_again(made, studies):
    with (studies / "traits.tsv").open("a") as manifest:
        manifest.write("bmi\twaist.ukb.tsv\tmore\n")
    assert made() == ["bmi"]


def test_a_new_list_of_variants_for_genomic_control_is_seen(made, studies):
    chosen = studies / "list.txt"
    chosen.write_text("".join(f"rs{k}\n" for k in range(100)))
    options = {"genomic_control": True, "genomic_control_variants": str(chosen)}
    assert made(**options) == list(TRAITS)
    assert made(**options) == []
    chosen.write_text("".join(f"rs{k}\n" for k in range(50)))
    assert made(**options) == list(TRAITS)


def test_a_side_file_that_appears_beside_a_study_is_seen(studies, tmp_path):
    rows = pd.read_csv(studies / "bmi.ukb.tsv", sep="\t")
    columns = {"CHR": rows["chromosome"], "SNP": rows["variant_id"], "BP": rows["base_pair_location"], "A1": "A"}
    columns |= {"TEST": "ADD", "NMISS": 1000, "BETA": rows["beta"], "STAT": rows["beta"] / 0.1, "P": 0.5}
    pd.DataFrame(columns).to_csv(studies / "old.assoc.linear", sep=" ", index=False)
    (studies / "old.csv").write_text("trait,path\nbmi,old.assoc.linear\n")
    failed = gwasmeta.run_batch(studies / "old.csv", tmp_path / "out")
    assert failed.n_failed == 1
    frequencies = pd.DataFrame({"CHR": 1, "SNP": rows["variant_id"], "A1": "A", "A2": "C", "MAF": 0.3, "NCHROBS": 2000})
    frequencies.to_csv(studies / "old.frq", sep=" ", index=False)
    assert gwasmeta.run_batch(studies / "old.csv", tmp_path / "out").n_made == 1
    assert gwasmeta.run_batch(studies / "old.csv", tmp_path / "out").n_kept == 1
    frequencies.assign(MAF=0.25).to_csv(studies / "old.frq", sep=" ", index=False)
    assert gwasmeta.run_batch(studies / "old.csv", tmp_path / "out").n_made == 1


def test_a_study_that_is_replaced_in_its_store_is_seen(studies, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    store = gwasmeta.StudyStore("gwasmeta-store")
    for name, path in studies_of(studies, "bmi").items():
        store.add(path, name=name)
    lines = [f"{trait},store:{name}" for trait in ("one", "other") for name in STUDIES[: 2 if trait == "one" else 3]]
    (tmp_path / "stored.csv").write_text("\n".join(["trait,path", *lines]) + "\n")
    assert gwasmeta.run_batch("stored.csv", "out").n_made == 2
    assert store.add(studies / "bmi.ours.tsv", name="ours").outcome == "unchanged"
    assert gwasmeta.run_batch("stored.csv", "out").n_kept == 2
    assert store.add(studies / "waist.ours.tsv", name="ours").outcome == "replaced"
    result = gwasmeta.run_batch("stored.csv", "out")
    assert (result.n_made, result.n_kept) == (1, 1)


def test_results_for_other_options_are_not_kept_after_a_change_that_failed(made, studies):
    """A trait whose new run fails is not whole, though the files of its old run are still there."""
    path = studies / "bmi.ukb.tsv"
    text, times = path.read_bytes(), (path.stat().st_atime_ns, path.stat().st_mtime_ns)
    path.write_text("nonsense\n")
    assert made() == ["bmi"]
    path.write_bytes(text)
    os.utime(path, ns=times)
    assert made() == ["bmi"]


_HOLDER = """
import sys, pathlib
from gwasmeta.batch.places import BatchPlaces
with BatchPlaces(pathlib.Path(sys.argv[1])).held():
    print("held", flush=True)
    sys.stdin.read()
"""


def test_two_batches_in_one_folder_are_refused_until_the_first_ends(studies, tmp_path):
    command = [sys.executable, "-c", _HOLDER, str(tmp_path / "out")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(gwasmeta.GwasmetaError) as refusal:
            gwasmeta.run_batch(studies / "traits.tsv", tmp_path / "out")
        assert f"another batch is at work there (process {holder.pid} on " in str(refusal.value)
        assert not (tmp_path / "out" / "index.tsv").exists()
        holder.kill()
    write_studies(studies)
    assert gwasmeta.run_batch(studies / "traits.tsv", tmp_path / "out").n_made == 3
