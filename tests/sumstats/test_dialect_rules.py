"""What dialects say beyond the names of columns: rows, traits, side files, formulas, and headers of no dialect."""

from __future__ import annotations

import gzip
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from dialect_files import FILES, FREQUENCIES, lines, stream, table_of
from numpy.testing import assert_allclose

from gwasmeta import GwasmetaError, Study, SumStats, meta_analyze, read_sumstats
from gwasmeta.cli import main
from gwasmeta.sumstats.dialects import DIALECTS
from gwasmeta.sumstats.header import effect_allele_explained, read_header

WHERE = "file, line 1"


def read(text: str, **options: Any) -> SumStats:
    return read_sumstats(Study(stream(text), **options))


def complaint(text: str, **options: Any) -> str:
    with pytest.raises(GwasmetaError) as caught:
        read(text, **options)
    return str(caught.value)


# --- rows that are not about the effect of a variant ----------------------------------------------------

LEFT_OUT = {
    "regenie": (
        """
        CHROM GENPOS ID ALLELE0 ALLELE1 A1FREQ N TEST BETA SE CHISQ LOG10P EXTRA
        1 1 good A C 0.4 900 ADD 0.05 0.01 25 6.2 NA
        1 2 dominant A C 0.4 900 DOM 0.05 0.01 25 6.2 NA
        1 3 failed A C 0.4 900 ADD 0.05 0.01 NA NA TEST_FAIL
        """,
        {"row_of_another_test": ["DOM"], "test_failed": ["TEST_FAIL"]},
    ),
    "regenie_no_split": (
        """
        CHROM GENPOS ID ALLELE0 ALLELE1 A1FREQ N TEST BETA.Y1 SE.Y1 CHISQ.Y1 LOG10P.Y1 EXTRA
        1 1 good A C 0.4 900 ADD 0.05 0.01 25 6.2 NA
        1 2 failed A C 0.4 900 ADD 0.05 0.01 NA NA TEST_FAIL
        """,
        {"test_failed": ["NA"]},
    ),
    "regenie_htp": (
        """
        Name Chr Pos Ref Alt Trait Cohort Model Effect LCI_Effect UCI_Effect Pval AAF Num_Cases Num_Controls Info
        good 1 1 A C ldl ukb ADD-WGR-LR 0.05 0.03 0.07 1e-7 0.4 900 NA REGENIE_SE=0.01;MAC=9
        gxe 1 1 A C ldl ukb ADD-WGR-LR-INT_SNPxSEX 0.05 0.03 0.07 1e-7 0.4 900 NA REGENIE_SE=0.01;MAC=9
        """,
        {"row_of_another_test": ["ADD-WGR-LR-INT_SNPxSEX"]},
    ),
    "fastgwa": (
        """
        CHR SNP POS A1 A2 N AF1 T SE_T P_noSPA BETA SE P CONVERGE
        1 good 1 A C 900 0.4 1 1 0.1 0.05 0.01 1e-7 1
        1 wild 2 A C 900 0.4 1 1 0.1 0.05 0.01 1e-7 0
        """,
        {"not_converged": ["0"]},
    ),
    "ukb_neale": (
        """
        variant minor_allele minor_AF low_confidence_variant n_complete_samples AC ytx beta se tstat pval
        1:1:A:C C 0.4 false 900 1 1 0.05 0.01 5 1e-7
        1:2:A:C C 0.001 true 900 1 1 0.05 0.01 5 1e-7
        """,
        {"low_confidence_variant": ["true"]},
    ),
    "rvtests": (
        """
        CHROM POS REF ALT N_INFORMATIVE Test Beta SE Pvalue
        1 1 A C 900 1:1 0.05 0.01 1e-7
        1 1 A C 900 age 7.1 0.01 1e-7
        """,
        {"row_of_another_test": ["age"]},
    ),
}


def test_there_is_a_case_for_every_rule_that_a_dialect_declares() -> None:
    declared = {selector.rule for dialect in DIALECTS for selector in dialect.keep_rows}
    assert declared == {rule for _, expected in LEFT_OUT.values() for rule in expected}


@pytest.mark.parametrize("name", LEFT_OUT)
def test_rows_about_something_else_are_left_out_by_name(name: str) -> None:
    text, expected = LEFT_OUT[name]
    study = read(text)
    assert study.dialect == name
    assert study.table["beta"].tolist() == [0.05]
    assert {rule: rows["value"].tolist() for rule, rows in study.log.groupby("rule")} == expected
    assert study.rows_read == 1 + sum(map(len, expected.values()))


def test_the_failed_p_value_of_rvtests_is_missing() -> None:
    header = "CHROM POS REF ALT N_INFORMATIVE AF U V STAT DIRECTION EFFECT SE PVALUE"
    study = read(f"{header}\n1 1 A C 900 0.4 1 1 1 + 0.05 0.01 -1")
    assert study.table["neg_log_10_p_value"].isna().all()


@pytest.mark.parametrize(
    ("name", "text"), [(name, text) for name, files in FILES.items() for text in files if "5.733031e-07" in text]
)
def test_no_p_value_underflows_in_any_dialect(name: str, text: str, tmp_path: Path) -> None:
    side = tmp_path / "given.frq"
    side.write_bytes(table_of(FREQUENCIES))
    needs_side = any(dialect.name == name and dialect.side_files for dialect in DIALECTS)
    tiny = text.replace("5.733031e-07", "5.7e-400").replace("6.241615677", "399.2441251443275")
    study = read(tiny, side_files=[side] if needs_side else [])
    assert study.table["neg_log_10_p_value"][0] == pytest.approx(399.2441251443275, rel=1e-13)


# --- several traits -------------------------------------------------------------------------------------

TWO_TRAITS = {
    "bgenie": """
        chr rsid pos a_0 a_1 af info ldl_beta ldl_se ldl_t ldl-log10p hdl_beta hdl_se hdl_t hdl-log10p
        1 rs1 1000 A G 0.4 1 0.1 0.05 2 1.3 0.3 0.15 2 1.3
    """,
    "regenie_no_split": """
        CHROM GENPOS ID ALLELE0 ALLELE1 A1FREQ N TEST BETA.ldl SE.ldl CHISQ.ldl LOG10P.ldl BETA.hdl SE.hdl CHISQ.hdl \
            LOG10P.hdl EXTRA
        1 1000 rs1 A G 0.4 900 ADD 0.1 0.05 4 1.3 0.3 0.15 4 1.3 NA
    """,
}


@pytest.mark.parametrize("name", TWO_TRAITS)
def test_of_several_traits_one_has_to_be_chosen(name: str) -> None:
    message = complaint(TWO_TRAITS[name])
    assert "has effects on 2 traits" in message
    assert "They are: ldl hdl" in message
    assert "--trait ldl" in message
    for trait, beta in (("ldl", 0.1), ("hdl", 0.3), ("HDL", 0.3)):
        study = read(TWO_TRAITS[name], trait=trait)
        assert study.table["beta"].tolist() == [beta]
        assert study.table["standard_error"].tolist() == [beta / 2]
        assert study.dialect == name
    assert "there is no trait 'hdll'; perhaps hdl" in complaint(TWO_TRAITS[name], trait="hdll")


def test_a_trait_is_not_asked_for_where_the_caller_names_the_effect() -> None:
    columns = {"beta": "hdl_beta", "standard_error": "hdl_se"}
    assert read(TWO_TRAITS["bgenie"], columns=columns).table["beta"].tolist() == [0.3]


def test_a_trait_of_a_file_without_names_of_traits_is_refused() -> None:
    assert "one trait only" in complaint(FILES["regenie"][0], trait="ldl")


# --- numbers in the header, formulas --------------------------------------------------------------------


def test_samples_in_the_header_fill_in_rows_without_them_and_give_way_to_the_caller() -> None:
    text = FILES["daner"][0].replace("FRQ_A_400", "FRQ_A_29415").replace("FRQ_U_600", "FRQ_U_40101")
    table = read(text).table
    assert table["n_cases"].tolist() == [29415, 396, 392]
    assert table["n_controls"].tolist() == [40101, 594, 588]
    assert table["n"].tolist() == [69516, 990, 980]
    assert read(text, n_cases=7).table["n_cases"].tolist() == [7, 396, 392]


def test_the_frequency_of_neale_s_minor_allele_is_turned_to_the_effect_allele() -> None:
    header = "variant minor_allele minor_AF low_confidence_variant n_complete_samples AC ytx beta se tstat pval"
    study = read(f"{header}\n1:1:A:C C 0.1 false 9 1 1 1 1 1 0.1\n1:2:A:C A 0.1 false 9 1 1 1 1 1 0.1")
    assert study.table["effect_allele"].tolist() == ["C", "C"]
    assert study.table["effect_allele_frequency"].tolist() == [0.1, 0.9]


def test_the_frequency_of_snptest_is_that_of_the_second_allele_also_where_it_is_common() -> None:
    header = "rsid alleleA alleleB all_AA all_AB all_BB all_maf frequentist_add_beta_1 frequentist_add_se_1"
    assert read(f"{header}\nrs1 A G 10 30 60 0.25 0.1 0.1").table["effect_allele_frequency"].tolist() == [0.75]


def test_a_htp_row_of_a_disease_without_its_own_log_odds_is_not_read_from_the_odds_ratio() -> None:
    header = "Name Chr Pos Ref Alt Trait Cohort Model Effect Pval AAF Num_Cases Num_Controls Info"
    rows = "rs1 1 1 A C t2d ukb ADD-WGR-FIRTH 1.1 0.1 0.4 400 600 REGENIE_BETA=NA;REGENIE_SE=NA"
    study = read(f"{header}\n{rows}")
    assert study.log["rule"].tolist() == ["beta_missing"]


def test_of_several_names_of_a_finngen_variant_the_first_is_taken() -> None:
    header = "#chrom pos ref alt rsids nearest_genes pval mlogp beta sebeta af_alt"
    assert read(f"{header}\n1 1 A C rs7,rs8 X 0.1 1 0.1 0.1 0.4").table["variant_id"].tolist() == ["rs7"]


def test_a_name_that_is_missing_is_replaced_by_the_other_one() -> None:
    header = "chromosome base_pair_location effect_allele other_allele beta standard_error variant_id rsid"
    study = read(f"{header}\n1 1 A C 0.1 0.1 1_1_C_A rs1\n1 2 A C 0.1 0.1 1_2_C_A #NA")
    assert study.table["variant_id"].tolist() == ["rs1", "1_2_C_A"]
    assert len(study.log) == 0


@pytest.mark.parametrize(
    ("name", "condition", "kept"),
    [
        ("snptest", "0.3 < eaf < 0.5", ["rs11"]),
        ("ukb_neale", "eaf < 0.1", ["X:2700157:TAC:T"]),
        ("ukb_neale", "chr == '6'", ["6:32000123:A:G"]),
        ("ukb_neale", "minor_AF < 0.5", ["1:10177:C:A"]),
        ("regenie_htp", "info >= 0.9", ["rs11", "rs22"]),
        ("regenie_htp", "n > 980 and Model == 'ADD-WGR-FIRTH'", ["rs11", "rs22"]),
        ("daner", "n_cases < 400", ["rs22", "rs33"]),
        ("plink_linear", "se > 0.015", ["rs33"]),
        ("plink_linear", "eaf > 0.3", ["rs11"]),
    ],
)
def test_filters_know_columns_that_are_worked_out(name: str, condition: str, kept: list[str], tmp_path: Path) -> None:
    side = tmp_path / "given.frq"
    side.write_bytes(table_of(FREQUENCIES))
    side_files = [side] if name.startswith("plink") else []
    assert read(FILES[name][0], filters=condition, side_files=side_files).table["variant_id"].tolist() == kept


@pytest.mark.parametrize("name", ["ukb_neale", "rvtests", "gwas_catalog_harmonised", "plink2"])
def test_formulas_work_on_frames_as_on_text(name: str) -> None:
    # There each column of words has bytes of its own.
    text = FILES[name][-1]
    rows = lines(text)
    frame = pd.DataFrame(rows[1:], columns=rows[0])
    pd.testing.assert_frame_equal(read_sumstats(frame).table, read(text).table)


# --- side files -----------------------------------------------------------------------------------------


def linear(*rows: str) -> str:
    return "\n".join(["CHR SNP BP A1 TEST NMISS BETA STAT P", *(f"1 {row} ADD 900 0.2 4 1e-4" for row in rows)])


def test_alleles_are_joined_by_name_whatever_the_order_and_turned(tmp_path: Path) -> None:
    side = tmp_path / "other.frq.gz"
    frequencies = "CHR SNP A1 A2 MAF NCHROBS\n1 rs3 T C 0.3 60\n1 rs1 a g 0.1 20\n1 rs2 A G 0.2 40\n"
    side.write_bytes(gzip.compress(frequencies.encode()))
    study = read(linear("rs1 1 A", "rs2 2 G", "rs3 3 T"), side_files=[side])
    assert study.table["effect_allele"].tolist() == ["A", "G", "T"]
    assert study.table["other_allele"].tolist() == ["G", "A", "C"]
    assert_allclose(study.table["effect_allele_frequency"], [0.1, 0.8, 0.3])
    assert_allclose(study.table["standard_error"], 0.05)


def test_variants_that_the_side_file_does_not_settle_are_left_out_and_logged(tmp_path: Path) -> None:
    side = tmp_path / "other.bim"
    rows = ["1\trs1\t0\t1\tA\tG", "1\ttwice\t0\t2\tA\tG", "1\ttwice\t0\t2\tA\tT", "1\tsame\t0\t3\tA\tG"]
    side.write_text("\n".join([*rows, rows[-1]]) + "\n")
    study = read(linear("rs1 1 A", "twice 2 A", "absent 3 A", "rs1 4 C", "same 3 G"), side_files=[side])
    assert study.table["variant_id"].tolist() == ["rs1", "same"]
    assert study.table["other_allele"].tolist() == ["G", "A"]
    assert study.log[["rule", "variant_id"]].to_numpy().tolist() == [
        ["other_allele_missing", name] for name in ("twice", "absent", "rs1")
    ]


def test_the_side_file_beside_a_study_is_found_by_its_name(tmp_path: Path) -> None:
    path = tmp_path / "height.men.qassoc.gz"
    path.write_bytes(gzip.compress(table_of(FILES["plink_qassoc"][0])))
    with pytest.raises(GwasmetaError, match=r"--side-file FILE"):
        read_sumstats(path)
    (tmp_path / "height.frq").write_bytes(table_of(FREQUENCIES))
    study = read_sumstats(path)
    assert study.columns["effect_allele"] == "A1 of height.frq"
    assert study.table["effect_allele"].tolist() == ["A", "G", "T"]
    (tmp_path / "height.men.frq").write_bytes(table_of(FREQUENCIES.replace("A C", "C A")))  # nearer
    assert read_sumstats(path).table["effect_allele"].tolist() == ["C", "G", "T"]


def test_a_result_with_a_side_file_tells_of_it(tmp_path: Path) -> None:
    (tmp_path / "given.frq").write_bytes(table_of(FREQUENCIES))
    (tmp_path / "study.qassoc").write_bytes(table_of(FILES["plink_qassoc"][0]))
    study = Study(tmp_path / "study.qassoc", side_files=tmp_path / "given.frq")
    meta_analyze([study, study]).write(tmp_path / "out")
    told = json.loads((tmp_path / "out.json").read_text())["studies"][0]
    assert told["given"]["side_files"] == [str(tmp_path / "given.frq")]
    assert told["columns"]["effect_allele"] == "A1 of given.frq"


def test_side_files_that_are_not_wanted_or_no_such_are_refused(tmp_path: Path) -> None:
    side = tmp_path / "given.frq"
    side.write_bytes(b"CHR SNP A1 MAF NCHROBS\n1 rs1 A 0.1 20\n")
    assert "ssf files need none" in complaint(FILES["ssf"][0], side_files=[side])
    assert "has a column A2, and this one has not" in complaint(linear("rs1 1 A"), side_files=[side])
    other = tmp_path / "given.afreq"
    other.write_bytes(b"x y\n")
    assert "take .frq or .bim" in complaint(linear("rs1 1 A"), side_files=[other])


# --- why the effect allele is the one -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "options", "expected"),
    [
        ("MarkerID Allele1 Allele2 AF_Allele2 BETA SE p.value", {}, "Allele2: SAIGE tests Allele2"),
        (
            "rsid effA otherA Z",
            {"columns": {"variant_id": "rsid", "effect_allele": "effA", "other_allele": "otherA", "z": "Z"}},
            "effA: the caller named it",
        ),
        ("SNP Effect_Allele Other_Allele Z", {}, "Effect_Allele: the column says so"),
    ],
)
def test_the_reason_for_the_effect_allele_is_told(header: str, options: dict[str, Any], expected: str) -> None:
    assert effect_allele_explained(read_header(header.split(), where=WHERE, **options)).startswith(expected)


# --- headers of no dialect ------------------------------------------------------------------------------


def by_synonyms(header: str, row: str, **options: Any) -> SumStats:
    return read_sumstats(Study(io.BytesIO(f"{header}\n{row}\n".encode()), **options))


def test_words_that_can_mean_one_thing_only_are_enough() -> None:
    header = "SNP Chrom Position EffectAllele NonEffect_Allele Effect_allele_freq logOR StdErr P-value N_total MAF"
    study = by_synonyms(header, "rs1 1 1000 A G 0.4 0.1 0.05 0.04 900 0.4")
    assert study.dialect == "synonyms"
    assert study.columns == {
        "variant_id": "SNP",
        "chromosome": "Chrom",
        "base_pair_location": "Position",
        "effect_allele": "EffectAllele",
        "other_allele": "NonEffect_Allele",
        "effect_allele_frequency": "Effect_allele_freq",
        "beta": "logOR",
        "standard_error": "StdErr",
        "p_value": "P-value",
        "n": "N_total",
    }


def test_of_a_pair_the_allele_that_is_not_the_effect_allele_is_the_other() -> None:
    study = by_synonyms("SNP A1 A2 Effect_Allele Z", "rs1 A G G 2\nrs2 C T C 2")
    assert study.table["effect_allele"].tolist() == ["G", "C"]
    assert study.table["other_allele"].tolist() == ["A", "T"]


def test_who_names_the_alleles_of_an_unknown_header_need_not_name_the_rest() -> None:
    columns = {"effect_allele": "A2", "other_allele": "A1"}
    study = by_synonyms("SNP CHR BP A1 A2 FRQ BETA SE Z P N", "rs1 1 1000 G A 0.4 0.1 0.05 2 0.04 900", columns=columns)
    assert study.table[["effect_allele", "beta", "n"]].to_numpy().tolist() == [["A", 0.1, 900.0]]


NAMED = {"variant_id": "rsid", "effect_allele": "mine", "other_allele": "theirs", "beta": "B1", "standard_error": "S1"}


def test_what_is_named_is_enough_and_the_rest_is_recognised_where_it_has_one_meaning() -> None:
    header = "rsid SNP mine theirs B1 S1 OR SE P N EAF CHR chrom POS"
    study = by_synonyms(header, "rs1 1:1 A G 0.1 0.05 1.3 0.2 0.04 900 0.4 1 1 1000", columns=NAMED)
    assert study.dialect == "custom"
    assert study.columns == NAMED | {
        "p_value": "P",
        "n": "N",
        "effect_allele_frequency": "EAF",
        "base_pair_location": "POS",
    }


def test_an_error_that_may_be_of_an_odds_ratio_is_left_alone_where_it_is_not_needed() -> None:
    columns = {"variant_id": "rsid", "effect_allele": "mine", "other_allele": "theirs", "z": "Z1"}
    study = by_synonyms("rsid mine theirs Z1 OR SE N", "rs1 A G 2 1.3 0.2 900", columns=columns)
    assert study.columns == columns | {"odds_ratio": "OR", "n": "N"}


def test_columns_that_the_caller_has_named_alone_are_a_dialect_of_his_own() -> None:
    study = by_synonyms("rsid mine theirs B1 S1 more", "rs1 A G 0.1 0.05 x", columns=NAMED)
    assert (study.dialect, study.columns) == ("custom", NAMED)


def test_p_values_beside_gwamas_own_columns_are_read() -> None:
    study = by_synonyms("MARKERNAME EA NEA BETA SE P", "rs1 A G 0.1 0.05 0.04")
    assert (study.dialect, study.columns["p_value"]) == ("gwama", "P")


@pytest.mark.parametrize(
    ("header", "doubt", "option"),
    [
        (
            "SNP rsid EA NEA BETA SE",
            "variant_id: SNP or rsid?",
            "--column variant_id=SNP  or  --column variant_id=rsid",
        ),
        ("SNP EA Effect_Allele NEA BETA SE", "effect_allele: EA or Effect_Allele?", "--column effect_allele=EA"),
        ("SNP EA NEA Effect BETA SE", "beta: Effect or BETA?", "--column beta=Effect  or  --column beta=BETA"),
        ("SNP EA NEA OR SE", "is SE that of the logarithm of OR", "--column standard_error=SE"),
    ],
)
def test_a_header_with_two_readings_is_refused_with_the_option_that_decides(
    header: str, doubt: str, option: str
) -> None:
    with pytest.raises(GwasmetaError, match="can be read in two ways") as caught:
        read_header(header.split(), where=WHERE)
    assert doubt in str(caught.value)
    assert option in str(caught.value)
    column, _, word = option.partition("  or")[0].removeprefix("--column ").partition("=")
    reading = read_header(header.split(), where=WHERE, columns={column: word})
    assert reading.meaning(column) == word


def test_limits_say_what_a_standard_error_of_unknown_scale_does_not() -> None:
    study = by_synonyms("SNP EA NEA OR SE OR_L95 OR_U95", "rs1 A G 1.2 9 1.1 1.309090909090909")
    assert_allclose(study.table["standard_error"], np.log(1.309090909090909 / 1.1) / (2 * 1.96), rtol=1e-12)


@pytest.mark.parametrize(
    ("values", "expected"), [("5 0 3", [5, 0, 3]), ("-5 0 -3", [5, 0, 3]), ("-5 -1 3", [5, 1, None])]
)
def test_logarithms_of_unknown_sign_are_judged_by_their_sign(values: str, expected: list[float | None]) -> None:
    rows = "\n".join(f"rs{k} A G 0.1 0.05 {value}" for k, value in enumerate(values.split()))
    table = by_synonyms("SNP EA NEA BETA SE LOG10P", rows).table
    np.testing.assert_array_equal(table["neg_log_10_p_value"], np.array(expected, dtype=float))


@pytest.mark.parametrize("alleles", ["A1 A2", "REF ALT", "allele1 allele2", "RISK_ALLELE OTHER"])
def test_no_allele_is_guessed(alleles: str) -> None:
    with pytest.raises(GwasmetaError, match="does not guess"):
        read_header(f"SNP {alleles} BETA SE P".split(), where=WHERE)


# --- from the command line ------------------------------------------------------------------------------


def test_the_command_is_told_the_trait_and_the_side_file_of_single_studies(tmp_path: Path) -> None:
    (tmp_path / "many.txt").write_bytes(table_of(TWO_TRAITS["bgenie"]))
    (tmp_path / "one.assoc.linear").write_bytes(table_of(linear("rs1 1000 G")))
    (tmp_path / "elsewhere.bim").write_text("1\trs1\t0\t1000\tA\tG\n")
    studies = [f"wide={tmp_path / 'many.txt'}", f"plink={tmp_path / 'one.assoc.linear'}"]
    options = ["--trait", "wide=hdl", "--side-file", f"plink={tmp_path / 'elsewhere.bim'}"]
    assert main(["meta", *studies, *options, "--out", str(tmp_path / "both"), "--quiet"]) == 0
    (row,) = pd.read_csv(tmp_path / "both.tsv", sep="\t").to_dict("records")
    assert (row["effect_allele"], row["other_allele"], row["n_studies"]) == ("G", "A", 2)
    weights = np.array([0.15, 0.05]) ** -2.0  # errors of 0.3 and 0.2 for G, the second allele of both
    assert row["beta"] == pytest.approx(np.average([0.3, 0.2], weights=weights), rel=1e-6)
