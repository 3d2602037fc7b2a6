"""examples/consortium: shell, R and Python in one project, from the cohorts' files to the report."""

from __future__ import annotations

import csv
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import gwasmeta

EXAMPLE = Path(__file__).parents[1] / "examples" / "consortium"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, r_environment: dict[str, str]) -> Path:
    """The project's folder after all steps."""
    pytest.importorskip("jinja2", reason="the report needs the extra [report]")
    folder = tmp_path_factory.mktemp("project") / "with blank"
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns("incoming", "results"))
    done = subprocess.run(
        ["./run.sh"], cwd=folder, env=r_environment, capture_output=True, text=True, check=False, timeout=600
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (folder / "printed").write_text(done.stdout)
    return folder


@pytest.fixture(scope="module")
def loci(project: Path) -> pd.DataFrame:
    return pd.read_csv(project / "results" / "loci.tsv", sep="\t").set_index("variant_id")


def truth() -> pd.DataFrame:
    folder = Path(gwasmeta.example_studies()["alder"]).parents[1]
    return pd.read_csv(folder / "truth.tsv.gz", sep="\t").set_index("variant_id")


def test_every_file_that_the_readme_names_is_there(project: Path) -> None:
    table = [line.split("|") for line in (EXAMPLE / "README.md").read_text().splitlines() if line.startswith("|")][2:]
    written = {name for row in table for name in re.findall(r"`([\w.*/]+)`", row[4])}
    assert {"height.tsv", "loci.tsv", "heritability.*", "height.html"} <= written
    for name in written:
        where = project if name.endswith("/") else project / "results"
        assert list(where.glob(name.rstrip("/"))), name


def test_each_cohort_is_read_in_its_own_format(project: Path) -> None:
    with (project / "results" / "height.log.tsv").open() as lines:
        used = {
            row["study"]: int(row["count"])
            for row in csv.DictReader(lines, delimiter="\t")
            if row["rule"] == "rows_used"
        }
    assert used.keys() == gwasmeta.example_studies().keys()
    assert min(used.values()) > 4000
    cells = (project / "results" / "height.json").read_text()
    assert all(f'"{dialect}"' in cells for dialect in ("gwama", "plink2", "regenie", "custom", "metal"))


def test_the_spreadsheets_effects_are_those_of_the_cohort(project: Path) -> None:
    (maple,) = (study for study in gwasmeta.read_manifest(project / "studies.yaml") if study.name == "maple")
    sent, own = gwasmeta.read_sumstats(maple).table, gwasmeta.read_sumstats(gwasmeta.example_studies()["maple"]).table
    own = own[own["info"] >= 0.6].reset_index(drop=True)
    assert len(own) > 5000
    pd.testing.assert_frame_equal(sent[own.columns], own)


def test_rs_numbers_are_the_shells(project: Path, loci: pd.DataFrame) -> None:
    shell = pd.read_csv(project / "results" / "height.tsv", sep="\t").set_index("variant_id").loc[loci.index]
    for name in ("beta", "p_value", "i_squared"):
        np.testing.assert_allclose(loci[name], shell[name], rtol=1e-3 if name != "beta" else 1e-7)
    assert len(loci) == len(gwasmeta.meta_analyze(gwasmeta.read_manifest(project / "studies.yaml")).lead_variants())


def test_the_loci_that_differ_between_cohorts_do_not_stand(loci: pd.DataFrame) -> None:
    kinds = truth()["kind"]
    found = loci.join(kinds)
    assert (found["kind"] == "heterogeneous").sum() == 3
    assert not found.loc[found["kind"] == "heterogeneous", "stands"].any()
    strong = found[(found["kind"] == "large") & (found["p_value"] < 1e-12)]
    assert len(strong) >= 5
    assert strong["stands"].all()


def test_what_stands_is_followed_up(project: Path, loci: pd.DataFrame) -> None:
    chosen = pd.read_csv(project / "results" / "follow_up.tsv", sep="\t")
    assert set(chosen["variant_id"]) == set(loci.index[loci["stands"]])
    assert chosen["effect_allele"].isin([*"ACGT"]).all()
    printed = (project / "printed").read_text()
    assert f"{len(chosen)} of {len(loci)} loci" in printed
    assert f"{len(loci)} loci, {len(chosen)} of them stand" in printed


def test_the_report_has_the_loci(project: Path, loci: pd.DataFrame) -> None:
    page = (project / "results" / "height.html").read_text()
    assert "Height in five cohorts" in page
    assert all(variant in page for variant in loci.index[:5])
