"""Which SNPs traits have in common, on rows small enough to be counted by hand."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from gwasmeta.errors import GwasmetaError
from gwasmeta.multitrait.combine import CombiningOptions, UsualSampleSize, all_snps, common_snps
from gwasmeta.multitrait.snps import CommonSnps
from gwasmeta.multitrait.trait_rows import Names, TraitBlock, TraitRows, allele_codes, collect_rows
from gwasmeta.sumstats.words import Words


def _trait(names: Names, name: str, rows: str, n: list[float] | None = None) -> TraitRows:
    """Make a trait of rows such as "rs1 A G 2.5 0.3", separated by commas; frequencies are optional."""
    fields = [row.split() for row in rows.split(",")]
    ids, effect, other, z, *frequency = (list(column) for column in zip(*fields, strict=True))
    columns = {
        "effect_allele": allele_codes(Words.of(effect)),
        "other_allele": allele_codes(Words.of(other)),
        "incomplete": np.zeros(len(ids), bool),
        "z": np.array(z, float),
        "n": np.array(n or [100.0] * len(ids)),
    }
    if frequency:
        columns["frequency"] = np.array(frequency[0], float)
    chromosomes = Words.of([snp[2:3] for snp in ids])
    return collect_rows(name, f"{name}.txt", [TraitBlock(Words.of(ids), chromosomes, columns)], names)


def _ids(snps: CommonSnps) -> list[str]:
    return snps.variant_ids.to_list()


def _removed(snps: CommonSnps) -> dict[str, int]:
    return {step.rule: step.removed for step in snps.steps if step.removed}


def test_common_snps_stand_in_the_order_of_the_first_trait_signed_by_its_alleles() -> None:
    names = Names()
    one = _trait(names, "one", "rs1 A G 1 0.1,rs2 C T 2 0.2,rs3 A C 3 0.3,rs4 A T 4 0.4,rs5 G T 5 0.5")
    two = _trait(names, "two", "rs9 A G 9 0.9,rs5 T G 50 0.6,rs3 A G 30 0.3,rs2 C T 20 0.3,rs4 A T 40 0.4")
    snps = common_snps([one, two], names, CombiningOptions())
    assert _ids(snps) == ["rs2", "rs5"]
    assert_array_equal(snps.z, [[2, 20], [5, -50]])
    assert_array_equal(snps.frequency, [[0.2, 0.3], [0.5, 0.4]])
    assert _removed(snps) == {"ambiguous": 1, "not_common": 1, "other_alleles": 1}


def test_effects_stay_as_they_are_without_flipping() -> None:
    names = Names()
    traits = [_trait(names, "one", "rs5 G T 5 0.5"), _trait(names, "two", "rs5 T G 50 0.6")]
    snps = common_snps(traits, names, CombiningOptions(flip=False))
    assert_array_equal(snps.z, [[5, 50]])
    assert_array_equal(snps.frequency, [[0.5, 0.6]])


def test_ambiguous_snps_are_kept_if_asked_for_and_known_as_such() -> None:
    names = Names()
    rows = "rs1 A T 1,rs2 C G 2,rs3 A G 3"
    snps = common_snps([_trait(names, "one", rows)], names, CombiningOptions(ambiguous=True))
    assert_array_equal(snps.is_ambiguous, [True, True, False])
    assert snps.frequency is None


def test_union_is_signed_by_the_first_trait_that_has_a_snp_and_stands_in_groups() -> None:
    names = Names()
    one = _trait(names, "one", "rs1 A G 1,rs2 C T 2")
    two = _trait(names, "two", "rs3 G A 30,rs2 T C 20,rs4 A C 40")
    three = _trait(names, "three", "rs3 A G 300,rs1 A C 100,rs5 A G 500")
    snps = all_snps([one, two, three], names, CombiningOptions())
    nan = np.nan
    assert _ids(snps) == [
        "rs5",
        "rs4",
        "rs3",
        "rs1",
        "rs2",
    ]  # of three; of two; of two and three; of one; of one and two
    assert_array_equal(snps.z, [[nan, nan, 500], [nan, 40, nan], [nan, 30, -300], [1, nan, nan], [2, -20, nan]])
    assert_array_equal(snps.n[:, 1], [nan, 100, 100, nan, 100])
    assert _removed(snps) == {"other_alleles": 1}


@pytest.mark.parametrize(
    ("usual", "kept"),
    [
        (UsualSampleSize((0.1,), "fraction"), ["rs1", "rs2", "rs3"]),
        (UsualSampleSize((9.0,), "samples"), ["rs1", "rs2"]),
        (UsualSampleSize((1000.0, 0.0), "samples"), ["rs1", "rs2", "rs3", "rs4"]),
    ],
)
def test_usual_n_is_the_most_frequent_and_of_several_the_smallest(usual: UsualSampleSize, kept: list[str]) -> None:
    names = Names()
    rows = "rs1 A G 1,rs2 A G 2,rs3 A G 3,rs4 A G 4,rs5 A G 5"
    one = _trait(names, "one", rows, [100, 100, 110, 200, 200])
    two = _trait(names, "two", rows, [50, 50, 50, 50, 60])
    if kept == ["rs1", "rs2", "rs3"]:
        two = _trait(names, "two", rows)
    snps = common_snps([one, two], names, CombiningOptions(usual_n=usual))
    assert _ids(snps) == kept


def test_lists_and_chromosomes_restrict() -> None:
    names = Names()
    one = _trait(names, "one", "rs11 A G 1,rs12 A G 2,rs21 A G 3,rs31 A G 4")
    options = CombiningOptions(
        included=names.among(["rs11", "rs12", "rs31", "rs99"]),
        excluded=names.among(["rs12"]),
        chromosomes=frozenset({"1", "2"}),
    )
    snps = common_snps([one], names, options)
    assert _ids(snps) == ["rs11"]
    assert _removed(snps) == {"not_included": 1, "excluded": 1, "other_chromosome": 1}


def test_traits_without_a_common_snp_are_named_with_what_removed_them() -> None:
    names = Names()
    traits = [_trait(names, "height", "rs1 A G 1"), _trait(names, "weight", "rs2 A G 1")]
    with pytest.raises(GwasmetaError, match="height, weight have no SNP in common: 1: trait weight does not have it"):
        common_snps(traits, names, CombiningOptions())
