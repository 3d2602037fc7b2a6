"""A store of the example's five studies, which come in five formats, one of them without places."""

from __future__ import annotations

from pathlib import Path

import pytest

import gwasmeta


@pytest.fixture(scope="session")
def example_store(tmp_path_factory: pytest.TempPathFactory) -> gwasmeta.StudyStore:
    """Return a store that no test changes."""
    store = gwasmeta.StudyStore(tmp_path_factory.mktemp("example") / "store")
    for name, path in gwasmeta.example_studies("quantitative").items():
        store.add(path, name=name)
    return store


@pytest.fixture
def study_file(tmp_path: Path) -> Path:
    """Return a study with rows that rules catch, out of order, some without a place, on odd contigs."""
    rows = [
        "rs1\t2\t500\tA\tC\t0.3\t0.1\t0.02\t1e-7\t1000",
        "rs2\t1\t900\tA\tG\t0.2\t0.1\t0\t0.5\t1000",  # no weight
        "rs3\tchr1\t100\tat\tA\t1.2\t-0.1\t0.02\t1e-320\t1000",  # no such frequency
        "rs4\tX\t70\tT\tG\t0.3\tNA\t0.02\t0.1\t1000",  # no effect
        "rs5\tNA\tNA\tT\tC\t0.3\t0.25\t0.03\t0.2\t900",  # no place
        "rs6\t1\tNA\tT\tC\t0.3\t0.05\t0.03\t0.2\t900",  # half a place
        ".\t1\t50\tG\tT\t0.4\t0.015625\t0.02\t0.6\t1000",  # a place and no id
        "rs8\t23\t60\tG\tA\t0.4\t-0.125\t0.02\t0.6\t1000",
        "rs9\tHLA*A/1%\t1\tG\tA\t0.4\t-0.3\t0.02\t0.6\t1000",
        ".\tNA\tNA\tG\tA\t0.4\t-0.3\t0.02\t0.6\t1000",  # neither place nor id
        "rs10\t1\t100\tG\tA\t0.4\t-0.3\t0.02\t0.6\tNA",
    ]
    header = "variant_id\tchromosome\tbase_pair_location\teffect_allele\tother_allele\teffect_allele_frequency"
    path = tmp_path / "odd.tsv"
    path.write_text("\n".join([f"{header}\tbeta\tstandard_error\tp_value\tn", *rows]) + "\n")
    return path
