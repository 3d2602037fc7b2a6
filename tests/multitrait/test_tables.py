"""Tables as text, against pandas and scipy."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.stats import norm

from gwasmeta.errors import GwasmetaError
from gwasmeta.multitrait.snps import CommonSnps, Snps
from gwasmeta.multitrait.tables import TraitStatistics, snp_table, write_table
from gwasmeta.multitrait.trait_rows import Names
from gwasmeta.stats.mtag_estimator import MtagEstimates
from gwasmeta.sumstats.words import Words

_N_SNPS = 40_000  # several blocks of rows
_HEADERS = {
    "variant_id": "SNP",
    "chromosome": "CHR",
    "base_pair_location": "BP",
    "effect_allele": "A1",
    "other_allele": "A2",
    "study_z": "Z",
    "n": "N",
    "effect_allele_frequency": "FRQ",
    "beta": "mtag_beta",
    "standard_error": "mtag_se",
    "z": "mtag_z",
    "p_value": "mtag_pval",
}


@pytest.fixture
def statistics() -> TraitStatistics:
    """Make two traits, of which the first lacks every seventh SNP."""
    generator = np.random.default_rng(5)
    names = Names()
    variant = names.variants.number(Words.of([f"rs{number}" for number in range(_N_SNPS)]))
    chromosome = names.chromosomes.number(Words.of([str(1 + number * 22 // _N_SNPS) for number in range(_N_SNPS)]))
    effect = generator.integers(0, 4, _N_SNPS).astype(np.int8)
    position = generator.integers(1, 2**28, _N_SNPS).astype(np.float64)
    shape = _N_SNPS, 2
    z, beta = generator.standard_normal((2, *shape))
    error = generator.uniform(0.01, 0.02, shape)
    for matrix in (z, beta, error):
        matrix[::7, 0] = np.nan
    n, frequency = generator.integers(1000, 9999, shape).astype(float), generator.uniform(0.1, 0.9, shape)
    snps = CommonSnps(names, Snps(variant, effect, (effect + 1) % 4, chromosome, position), z, n, frequency)
    return TraitStatistics(snps, MtagEstimates(beta, error, beta / error, np.ones(2)), 0, standardised=False)


def test_all_rows_are_written_in_their_order_to_15_digits(statistics: TraitStatistics, tmp_path: Path) -> None:
    path = tmp_path / "trait.txt"
    write_table(path, statistics, _HEADERS, missing="")
    written = pd.read_csv(path, sep="\t", dtype={"CHR": str})
    assert list(written.columns) == list(_HEADERS.values())
    snps, estimates = statistics.snps, statistics.estimates
    assert_array_equal(written["SNP"], [f"rs{number}" for number in range(_N_SNPS)])
    assert_array_equal(written["A1"], np.array(list("ACGT"))[snps.snps.effect_allele])
    assert_array_equal(written["BP"], snps.snps.base_pair_location)
    assert_array_equal(written["N"], snps.n[:, 0])
    genotype_deviation = np.sqrt(2 * snps.frequency[:, 0] * (1 - snps.frequency[:, 0]))
    assert_allclose(written["mtag_beta"], estimates.beta[:, 0] / genotype_deviation, rtol=1e-14)
    assert_allclose(written["mtag_se"], estimates.standard_error[:, 0] / genotype_deviation, rtol=1e-14)
    log_p = np.log(2) + norm.logsf(np.abs(estimates.z[:, 0]))
    seen = log_p > -700
    assert_allclose(np.log(written["mtag_pval"][seen]), log_p[seen], rtol=1e-12, atol=1e-14)


def test_the_frame_holds_what_is_written(statistics: TraitStatistics, tmp_path: Path) -> None:
    path = tmp_path / "trait.txt"
    columns = [*list(_HEADERS)[:-1], "neg_log_10_p_value"]
    write_table(path, statistics, {name: name for name in columns}, missing="NA")
    frame = snp_table(statistics.snps).hstack(statistics.frame()).select(columns)
    written = pd.read_csv(path, sep="\t", dtype={"chromosome": str})
    for name in columns:
        if written[name].dtype.kind == "f":
            assert_allclose(written[name], frame[name].to_numpy(), rtol=1e-14, err_msg=name)
        else:
            assert_array_equal(written[name], frame[name].to_list(), err_msg=name)


def test_snps_that_the_trait_lacks_are_left_out_if_asked_for(statistics: TraitStatistics, tmp_path: Path) -> None:
    path = tmp_path / "trait.txt"
    write_table(path, statistics, {"variant_id": "SNP", "z": "Z"}, missing="NA", measured_only=True)
    written = pd.read_csv(path, sep="\t")
    assert_array_equal(written["SNP"], [f"rs{number}" for number in range(_N_SNPS) if number % 7])
    assert not written["Z"].isna().any()


def test_columns_that_nobody_knows_are_left_out(statistics: TraitStatistics, tmp_path: Path) -> None:
    snps = statistics.snps
    unplaced = Snps(snps.snps.variant, snps.snps.effect_allele, snps.snps.other_allele, None, None)
    known = CommonSnps(snps.names, unplaced, snps.z, snps.n, None)
    path = tmp_path / "trait.txt"
    write_table(path, TraitStatistics(known, statistics.estimates, 1, standardised=True), _HEADERS, missing="?")
    header, first = path.read_text().splitlines()[:2]
    assert header.split("\t") == [name for name in _HEADERS.values() if name not in ("CHR", "BP")]
    assert first.split("\t")[5] == "?"  # frequencies have a column, as they have in MTAG's files


def test_a_file_that_cannot_be_written_is_told(statistics: TraitStatistics, tmp_path: Path) -> None:
    with pytest.raises(GwasmetaError, match="there is no folder"):
        write_table(tmp_path / "nowhere" / "trait.txt", statistics, _HEADERS, missing="")
