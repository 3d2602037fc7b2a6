from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from gwasmeta.errors import GwasmetaError
from gwasmeta.sumstats import header as header_module
from gwasmeta.sumstats.dialects import DIALECTS, Dialect
from gwasmeta.sumstats.header import HeaderReading, read_header
from gwasmeta.sumstats.vocabulary import COLUMNS

WHERE = "cohort7.txt.gz, line 1"
SHARED = Path(__file__).parents[3] / "shared"


def read(header: str, **options) -> HeaderReading:
    return read_header(header.split(), where=WHERE, **options)


def meanings(reading: HeaderReading) -> dict[str, str]:
    return {column: reading.header[position] for column, position in reading.positions.items()}


def complaint(header: str, **options) -> str:
    with pytest.raises(GwasmetaError) as caught:
        read(header, **options)
    message = str(caught.value)
    assert message.startswith(f"{WHERE}: ")
    return message


# --- which column is which ------------------------------------------------------------------------------


def test_a_reading_tells_places_and_what_is_left_over():
    reading = read("MARKERNAME EA NEA NOTE BETA SE PVAL")
    assert reading.header == ("MARKERNAME", "EA", "NEA", "NOTE", "BETA", "SE", "PVAL")
    assert reading.positions == {
        "variant_id": 0,
        "effect_allele": 1,
        "other_allele": 2,
        "beta": 4,
        "standard_error": 5,
    }
    assert reading.unused == ("NOTE", "PVAL")
    assert reading.missing_codes == {}
    assert reading.keep_rows == ()
    assert reading.other_allele_of is None


def test_the_test_column_and_the_pair_of_alleles_are_in_use():
    reading = read("ID REF ALT A1 TEST OBS_CT BETA SE ERRCODE")
    assert [(place, selector.values) for place, selector in reading.keep_rows] == [(4, ("ADD",))]
    assert reading.other_allele_of == (1, 2)
    assert reading.unused == ("ERRCODE",)


def test_missing_codes_for_all_columns_join_those_of_one():
    tool = Dialect(
        name="tool",
        title="a tool",
        columns={"id": "variant_id", "a": "effect_allele", "b": "other_allele", "z": "z", "n": "n"},
        signature=(),
        source="",
        missing_codes={"*": (-99.0,), "n": (0.0,)},
    )
    assert read("id a b z n", dialect=tool).missing_codes == {"z": (-99.0,), "n": (-99.0, 0.0)}


def test_of_words_that_differ_only_by_case_the_one_spelled_as_declared_is_meant():
    assert read("snpid a1 a2 z Z A1", dialect="mtag").positions["z"] == 3
    assert read("snpid a1 a2 Z z", dialect="mtag").positions["z"] == 4


def test_a_case_sensitive_dialect_takes_no_other_spelling():
    def tool(case_sensitive: bool) -> Dialect:
        columns = {"Id": "variant_id", "A": "effect_allele", "B": "other_allele", "Z": "z", "N": "n"}
        return Dialect("tool", "a tool", columns, (), "", case_sensitive=case_sensitive)

    assert "n" in read("Id A B Z n", dialect=tool(case_sensitive=False)).positions
    assert "n" not in read("Id A B Z n", dialect=tool(case_sensitive=True)).positions


def test_a_word_that_occurs_twice_is_an_error_that_names_the_places():
    message = complaint("MARKERNAME EA NEA BETA SE NOTE BETA")
    assert "BETA in column 4, BETA in column 7" in message
    assert "rename" in message


def test_a_word_that_occurs_twice_is_no_error_where_it_is_not_used():
    assert read("MARKERNAME NOTE EA NEA BETA SE NOTE").unused == ("NOTE", "NOTE")


def test_two_spellings_neither_of_which_is_the_declared_one_are_to_be_decided_by_the_caller():
    message = complaint("MARKERNAME EA NEA Beta SE beta")
    assert "Beta in column 4, beta in column 6" in message
    assert "--column beta=Beta" in message
    assert read("MARKERNAME EA NEA Beta SE beta", columns={"beta": "beta"}).positions["beta"] == 5


# --- recognising ----------------------------------------------------------------------------------------


def tool(name: str, effect_allele: str, other_allele: str, signature: str) -> Dialect:
    columns = {"ID": "variant_id", effect_allele: "effect_allele", other_allele: "other_allele", "Z": "z"}
    return Dialect(name, name, columns, (frozenset(signature.split()),), "https://")


@pytest.mark.parametrize("turned", [False, True])
def test_the_more_specific_signature_wins_in_either_order(monkeypatch, turned):
    general, special = tool("general", "A", "B", "ID A B"), tool("special", "B", "A", "id a b extra")
    monkeypatch.setattr(header_module, "DIALECTS", (special, general) if turned else (general, special))

    assert read("ID A B Z EXTRA").dialect == "special"
    assert meanings(read("ID A B Z EXTRA"))["effect_allele"] == "B"
    assert read("ID A B Z").dialect == "general"


def test_two_formats_that_differ_in_the_effect_allele_are_refused(monkeypatch):
    monkeypatch.setattr(
        header_module, "DIALECTS", (tool("one", "A", "B", "ID A Z"), tool("two", "B", "A", "ID B Z EXTRA"))
    )
    message = complaint("ID A B Z EXTRA")
    assert "one (effect allele A, other allele B), two (effect allele B, other allele A)" in message
    assert "--dialect one or --dialect two" in message

    assert read("ID A B Z EXTRA", dialect="two").dialect == "two"
    named = {"effect_allele": "B", "other_allele": "A"}  # settles what they differ in
    assert meanings(read("ID A B Z EXTRA", columns=named))["effect_allele"] == "B"


def test_two_formats_that_agree_in_the_alleles_do_no_harm(monkeypatch):
    monkeypatch.setattr(
        header_module, "DIALECTS", (tool("one", "A", "B", "ID A Z"), tool("two", "A", "B", "ID B Z EXTRA"))
    )
    assert read("ID A B Z EXTRA").dialect == "two"


def test_real_dialects_are_refused_when_one_header_has_two_of_them():
    message = complaint("MARKERNAME EA NEA BETA SE CHROM GENPOS ID ALLELE0 ALLELE1 LOG10P")
    assert "--dialect gwama or --dialect regenie" in message


# --- what the caller says -------------------------------------------------------------------------------


def test_columns_make_a_header_readable_that_no_dialect_knows():
    reading = read(
        "rsid effA otherA zstat",
        columns={"variant_id": "rsid", "effect_allele": "effA", "other_allele": "OTHERA", "z": "zstat"},
    )
    assert reading.dialect == "custom"
    assert reading.positions == {"variant_id": 0, "effect_allele": 1, "other_allele": 2, "z": 3}


def test_columns_win_over_a_recognised_dialect():
    reading = read("MARKERNAME EA NEA BETA SE BETA_ADJ", columns={"beta": "BETA_ADJ"})
    assert reading.dialect == "gwama"
    assert meanings(reading)["beta"] == "BETA_ADJ"
    assert reading.unused == ("BETA",)


def test_a_word_that_the_caller_names_loses_the_meaning_of_the_dialect():
    # One allele turned and the other not would be a study against itself.
    message = complaint("MARKERNAME EA NEA BETA SE", columns={"effect_allele": "NEA"})
    assert "other_allele; gwama calls it NEA" in message

    turned = {"effect_allele": "NEA", "other_allele": "EA"}
    reading = read("MARKERNAME EA NEA BETA SE", columns=turned)
    assert (reading.positions["effect_allele"], reading.positions["other_allele"]) == (2, 1)


def test_who_names_an_effect_does_not_get_the_dialects_other_one():
    header = "MARKERNAME EA NEA OR OR_95L OR_95U SE LOGODDS"
    assert {"odds_ratio", "ci_lower", "ci_upper"} <= set(read(header).positions)
    reading = read(header, columns={"beta": "LOGODDS"})
    assert meanings(reading) == {
        "variant_id": "MARKERNAME",
        "effect_allele": "EA",
        "other_allele": "NEA",
        "beta": "LOGODDS",
        "standard_error": "SE",
    }


def test_who_renames_an_odds_ratio_keeps_the_dialects_interval():
    reading = read("MARKERNAME EA NEA ODDS OR_95L OR_95U", columns={"odds_ratio": "ODDS"})
    assert {"odds_ratio", "ci_lower", "ci_upper"} <= set(reading.positions)


def test_who_names_a_p_value_does_not_get_the_dialects_other_one():
    reading = read("ID A1 OMITTED OBS_CT BETA SE LOG10_P P_GC", columns={"p_value": "P_GC"})
    assert "neg_log_10_p_value" not in reading.positions


def test_a_named_dialect_needs_no_signature_if_columns_fill_the_gaps():
    header = "SNP EFFECT_ALLELE NEA BETA SE"
    columns = {"variant_id": "SNP", "effect_allele": "EFFECT_ALLELE"}
    reading = read(header, dialect="gwama", columns=columns)
    assert reading.dialect == "gwama"
    assert meanings(reading)["standard_error"] == "SE"


def test_a_dialect_of_the_callers_own_is_used_as_it_is():
    reading = read("ID A B Z", dialect=tool("mine", "B", "A", "nothing"))
    assert reading.dialect == "mine"
    assert meanings(reading)["effect_allele"] == "B"


# --- what is wrong --------------------------------------------------------------------------------------


def test_an_unknown_header_is_answered_with_all_that_is_needed_to_name_it():
    message = complaint("SNP Effect_Allele Other.Allele effA zz StdErr QUITE_ODD")
    missing = message.partition("Missing:")[2].partition("Free words")[0]
    assert "variant_id, or chromosome and base_pair_location" in missing
    assert "effect_allele\n" in missing
    assert "other_allele\n" in missing
    assert "beta and standard_error" in missing
    assert "Free words of the header: SNP Effect_Allele Other.Allele effA zz StdErr QUITE_ODD" in message
    assert "--column variant_id=SNP --column effect_allele=Effect_Allele" in message
    assert '"other_allele": "Other.Allele"' in message
    for dialect in DIALECTS:
        assert dialect.name in message


@pytest.mark.parametrize(
    "alleles", ["Allele1 Allele2", "A1 A2", "ALLELE0 ALLELE1", "a_0 a_1", "NON_EFFECT_ALLELE RISK_ALLELE"]
)
def test_which_allele_is_the_effect_allele_is_never_guessed(alleles):
    message = complaint(f"RSID {alleles} BETA_1 SE_1")
    assert "--column effect_allele=WORD --column other_allele=WORD" in message
    assert "does not guess" in message


def test_columns_that_are_not_enough_are_said_to_be_so():
    message = complaint("rsid effA otherA b", columns={"variant_id": "rsid", "effect_allele": "effA"})
    assert "the columns named (variant_id, effect_allele) are not enough" in message
    missing = message.partition("Missing:")[2].partition("Free words")[0]
    assert "variant_id" not in missing
    assert "other_allele" in missing
    assert "Free words of the header: otherA b" in message


def test_a_recognised_header_without_an_effect_is_told_so():
    message = complaint("MARKERNAME EA NEA BETA N")
    assert "looks like gwama" in message
    assert "an effect: beta and standard_error" in message
    assert "--column standard_error=WORD" in message


def test_a_named_dialect_that_does_not_fit_lists_the_words_it_needs():
    message = complaint("SNP A1 A2 BETA SE", dialect="gwama")
    assert "the header is not one of gwama" in message
    for needed in ("variant_id", "MARKERNAME", "effect_allele; gwama calls it EA", "calls it NEA"):
        assert needed in message


@pytest.mark.parametrize(
    ("columns", "enough"),
    [
        ("beta standard_error", True),
        ("odds_ratio standard_error", True),
        ("odds_ratio ci_lower ci_upper", True),
        ("odds_ratio ci_lower", True),  # all that GWAMA wants
        ("z", True),
        ("p_value effect_direction", True),
        ("neg_log_10_p_value beta", True),
        ("log_10_p_value odds_ratio", True),
        ("beta", False),
        ("beta ci_lower ci_upper", False),
        ("odds_ratio", False),
        ("odds_ratio ci_upper", False),
        ("standard_error p_value", False),
        ("p_value n effect_allele_frequency", False),
        ("effect_direction", False),
    ],
)
def test_what_makes_an_effect(columns, enough):
    words = ["variant_id", "effect_allele", "other_allele", *columns.split()]
    if enough:
        assert set(read(" ".join(words)).positions) == set(words)
    else:
        message = complaint(" ".join(words))
        missing = message.partition("Missing:")[2].partition("Free words")[0]
        assert missing.strip().startswith("an effect")


@pytest.mark.parametrize(
    ("columns", "enough"),
    [
        ("variant_id", True),
        ("chromosome base_pair_location", True),
        ("chromosome", False),
        ("base_pair_location", False),
    ],
)
def test_what_names_a_variant(columns, enough):
    words = [*columns.split(), "effect_allele", "other_allele", "z"]
    if enough:
        assert set(read(" ".join(words), dialect="ssf").positions) == set(words)
    else:
        assert "variant_id, or chromosome and base_pair_location" in complaint(" ".join(words), dialect="ssf")


def test_an_unknown_dialect_is_answered_with_the_known_ones():
    message = complaint("MARKERNAME EA NEA BETA SE", dialect="gwma")
    assert "'gwma'; perhaps gwama" in message
    for dialect in DIALECTS:
        assert f"{dialect.name} " in message
        assert dialect.title in message


def test_an_unknown_column_is_answered_with_the_vocabulary():
    message = complaint("MARKERNAME EA NEA BETA SE", columns={"betta": "BETA"})
    assert "'betta', which is no column of gwasmeta; perhaps beta?" in message
    for column in COLUMNS:
        assert column in message


def test_a_named_word_that_the_header_lacks_is_answered_with_close_ones():
    message = complaint("MARKERNAME EA NEA BETA SE", columns={"beta": "BETAS"})
    assert "'BETAS', named as beta, is not in the header; perhaps BETA?" in message
    assert "MARKERNAME EA NEA BETA SE" in message


def test_one_word_cannot_be_named_for_two_columns():
    message = complaint("MARKERNAME EA NEA BETA SE", columns={"beta": "BETA", "z": "beta"})
    assert "BETA is named as beta and as z" in message


def test_a_shell_can_take_the_advice_as_it_is_printed():
    message = complaint("ID A1 OMITTED OBS_CT OR STANDARD(ERROR)", dialect="plink2")
    assert "--column 'standard_error=STANDARD(ERROR)'" in message


def test_a_header_of_a_thousand_columns_does_not_flood_the_screen():
    message = complaint(" ".join(f"PHENOTYPE{number}" for number in range(1000)))
    assert "and 940 more" in message
    assert "PHENOTYPE999" not in message


def test_an_empty_header_is_an_error_like_any_other():
    assert "Free words of the header: none" in complaint("")


# --- what the originals wrote and read ------------------------------------------------------------------


@pytest.fixture
def golden() -> Path:
    folder = SHARED / "golden"
    if not folder.is_dir():
        pytest.skip(f"{folder} is missing")
    return folder


def first_line(path: Path) -> str:
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as lines:
        return lines.readline()


@pytest.mark.parametrize(
    ("file", "dialect", "effect_allele", "beta"),
    [
        ("meta/data_edge/q1.txt", "gwama", "EA", "BETA"),
        ("meta/data_edge/q4.txt", "gwama", "Ea", "Beta"),
        ("meta/data_real/DGI.gwama.txt", "gwama", "EA", "BETA"),
        ("meta/data_samples/fixed.out", "gwama_out", "reference_allele", "beta"),
        ("meta/runs/edge_gwama/q_map3/out.out.gz", "gwama_out", "reference_allele", "beta"),
        ("meta/runs/edge_metal/se/METAANALYSIS1.TBL.gz", "metal_out", "Allele1", "Effect"),
        ("meta/runs/edge_metal/se_track/METAANALYSIS1.TBL.gz", "metal_out", "Allele1", "Effect"),
        ("meta/runs/edge_metal/se_logp/METAANALYSIS1.TBL.gz", "metal_out", "Allele1", "Effect"),
        ("meta/runs/real_metal/ss_overlap/METAANALYSIS1.TBL.gz", "metal_out", "Allele1", None),
        ("mtag/inputs/small_t1.txt.gz", "mtag", "a1", None),
    ],
)
def test_files_of_the_originals_are_recognised(golden, file, dialect, effect_allele, beta):
    reading = read_header(first_line(golden / file).split(), where=file)
    assert reading.dialect == dialect
    assert meanings(reading)["effect_allele"] == effect_allele
    assert meanings(reading).get("beta") == beta


def test_a_doubled_column_is_refused_where_gwama_takes_the_last_and_metal_the_first(golden):
    words = first_line(golden / "meta/data_edge/duphdr.txt").split()
    with pytest.raises(GwasmetaError, match="BETA in column 9, BETA in column 14"):
        read_header(words, where="duphdr.txt, line 1")
