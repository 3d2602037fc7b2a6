"""What a file's header means by the labels that are set, and what it must have."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from gwasmeta.compat.metal_files import processed_file
from gwasmeta.compat.metal_filters import MetalFilter
from gwasmeta.compat.metal_settings import Settings
from gwasmeta.errors import GwasmetaError

SAMPLE_SIZE = Settings(marker="SNP", allele_1="A1", allele_2="A2", effect="BETA", p_value="P")
STDERR = replace(SAMPLE_SIZE, scheme="STDERR", standard_error="SE")
FILE = "snp\tA1\tA2\tBETA\tSE\tP\tN\tOR\tFRQ"


def study_columns(tmp_path: Path, header: str, settings: Settings) -> dict[str, str]:
    (tmp_path / "study.txt").write_text(header + "\n")
    return dict(processed_file(str(tmp_path / "study.txt"), settings).study.columns)


def test_only_the_columns_of_the_scheme_are_read(tmp_path: Path) -> None:
    common = {"variant_id": "snp", "effect_allele": "A1", "other_allele": "A2"}
    assert study_columns(tmp_path, FILE, SAMPLE_SIZE) == common | {"p_value": "P", "effect_direction": "BETA", "n": "N"}
    assert study_columns(tmp_path, FILE, STDERR) == common | {"beta": "BETA", "standard_error": "SE"}


@pytest.mark.parametrize(
    ("label", "header", "expected"),
    [
        ("log(OR)", FILE, ("odds_ratio", "OR")),
        ("LOG(or)", FILE, ("odds_ratio", "OR")),
        ("log(OR)", FILE + "\tlog(OR)", ("beta", "log(OR)")),  # a header that is just that is meant
        ("beta", FILE, ("beta", "BETA")),
    ],
)
def test_effects_may_be_logarithms_of_a_column(
    label: str, header: str, expected: tuple[str, str], tmp_path: Path
) -> None:
    columns = study_columns(tmp_path, header, replace(STDERR, effect=label))
    assert (expected[0], columns[expected[0]]) == expected
    in_the_other_scheme = study_columns(tmp_path, header, replace(SAMPLE_SIZE, effect=label))
    name = "effect_direction" if expected[0] == "beta" else "odds_ratio"
    assert in_the_other_scheme[name] == expected[1]


def test_of_two_columns_with_one_header_the_first_counts(tmp_path: Path) -> None:
    path = tmp_path / "study.txt"
    path.write_text("SNP A1 A2 BETA SE beta\nrs1 A C 1 2 3\n")
    study = processed_file(str(path), STDERR).study
    assert study.columns["beta"] == "BETA"
    assert study.text_rules.repeated_words == "first"


def test_a_header_line_that_begins_with_a_number_sign_or_has_quotes_is_known_by_its_words(tmp_path: Path) -> None:
    settings = replace(STDERR, marker="#ID", effect='"BETA"')
    assert study_columns(tmp_path, '#ID\t"A1"\tA2\t"BETA"\tSE\nrs1\tA\tC\t1\t2', settings) == {
        "variant_id": "ID",
        "effect_allele": "A1",
        "other_allele": "A2",
        "beta": "BETA",
        "standard_error": "SE",
    }


@pytest.mark.parametrize(
    ("settings", "columns"),
    [
        ({"average_frequencies": True}, {"effect_allele_frequency": "FRQ"}),
        ({"extreme_frequencies": True}, {"effect_allele_frequency": "FRQ"}),
        ({"use_strand": True}, {"strand": "S"}),
        ({"track_positions": True}, {"chromosome": "CHR", "base_pair_location": "BP"}),
    ],
)
def test_some_columns_are_read_only_if_asked_for(
    settings: dict[str, bool], columns: dict[str, str], tmp_path: Path
) -> None:
    labels = replace(STDERR, frequency="FRQ", strand="S", chromosome="CHR", position="BP")
    header = FILE + "\tS\tCHR\tBP"
    plain = study_columns(tmp_path, header, labels)
    assert study_columns(tmp_path, header, replace(labels, **settings)) == plain | columns  # type: ignore[arg-type]
    with pytest.raises(GwasmetaError, match=r"there is no column .* \(.*, set by .*LABEL"):
        study_columns(tmp_path, "SNP A1 A2 BETA SE", replace(labels, **settings))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("settings", "missing"),
    [
        (STDERR, "SNP"),
        (STDERR, "A1"),
        (STDERR, "A2"),
        (STDERR, "BETA"),
        (STDERR, "SE"),
        (SAMPLE_SIZE, "BETA"),
        (SAMPLE_SIZE, "P"),
        (replace(STDERR, custom=(("Total", "INFO"),)), "INFO"),
    ],
)
def test_a_missing_column_is_named_with_what_sets_it(settings: Settings, missing: str, tmp_path: Path) -> None:
    words = [word for word in FILE.upper().split() if word != missing]
    with pytest.raises(GwasmetaError, match=rf"there is no column {missing} \(.*, set by [A-Z]*LABEL") as caught:
        study_columns(tmp_path, "\t".join(words), settings)
    assert f"The file has: {' '.join(words)}" in str(caught.value)


def test_what_can_be_missing_is_warned_of(tmp_path: Path) -> None:
    path = tmp_path / "study.txt"
    path.write_text("SNP\tBETA\tP\n")
    filters = (MetalFilter("INFO", ">", ("0.3",)), MetalFilter("snp", "IN", ("rs1",)))
    file = processed_file(str(path), replace(SAMPLE_SIZE, default_weight=250.0, filters=filters))
    assert file.warnings == (
        "Columns 'A1', 'A2' not found -- assuming all effects refer to same allele",
        "No 'N' column found -- using DEFAULTWEIGHT = 250",
        "No 'INFO' column found -- filter based on this column will be ignored",
    )
    assert file.study.n == 250
    assert file.study.conditions == ("`SNP` in ['rs1']",)
    assert not file.has_alleles
