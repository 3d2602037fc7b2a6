"""GWAMA's command line; what is expected is what GWAMA 2.2.2 was seen to do with the same words."""

from __future__ import annotations

from pathlib import Path

import pytest

from gwasmeta.compat.gwama_options import Exclusion, GwamaOptions, ListedStudy, parse_options, read_file_list
from gwasmeta.errors import GwasmetaError


def test_without_options_defaults_hold() -> None:
    assert parse_options([]) == GwamaOptions(file_list="gwama.in", root="gwama", threshold=1.0)


@pytest.mark.parametrize(
    ("long", "short", "what"),
    [
        ("--quantitative", "-qt", "quantitative"),
        ("--random", "-r", "random"),
        ("--genomic_control", "-gc", "genomic_control"),
        ("--genomic_control_output", "-gco", "genomic_control_output"),
    ],
)
def test_flags_have_two_spellings(long: str, short: str, what: str) -> None:
    assert parse_options([long]) == parse_options([short])
    assert getattr(parse_options([short]), what) is True
    assert getattr(parse_options([]), what) is False


@pytest.mark.parametrize(
    ("long", "short", "what"),
    [("--filelist", "-i", "file_list"), ("--output", "-o", "root"), ("--map", "-m", "map_file")],
)
def test_the_last_value_counts_and_may_look_like_an_option(long: str, short: str, what: str) -> None:
    assert getattr(parse_options([short, "a", long, "-qt"]), what) == "-qt"
    assert parse_options([short, "-qt"]).quantitative is False


def test_announcements_are_in_the_order_of_the_options() -> None:
    options = parse_options(["-gc", "-r", "-qt", "--filter", "info", "<", "0.123456789", "--name_se", "StdErr"])
    assert options.announcements == (
        "Genomic control enabled",
        "Using random effect correction",
        "Quantitative trait (BETA+SE)",
        "Setting filter for column: info to filter out samples with values < 0.123457",
        "Alternative std. error column name: STDERR",
    )


def test_names_add_up() -> None:
    options = parse_options(["--name_beta", "b", "--name_beta", "Effect", "--name_or_95l", "low"])
    assert options.names == {"beta": ("B", "EFFECT"), "ci_lower": ("LOW",)}


def test_filters_add_up_with_the_value_as_it_was_written() -> None:
    options = parse_options(["--filter", "INFO", "<", "0.123456789", "--filter", "n", "==", "-9999"])
    assert options.exclusions == (Exclusion("INFO", "<", 0.123456789), Exclusion("n", "==", -9999.0))
    assert [str(exclusion) for exclusion in options.exclusions] == ["INFO < 0.123457", "n == -9999"]


@pytest.mark.parametrize(("word", "threshold"), [("0.05", 0.05), ("1", 1.0), ("5", 1.0), ("0", 1.0), ("-1", 1.0)])
def test_a_threshold_beyond_0_and_1_is_ignored_but_not_silently(word: str, threshold: float) -> None:
    options = parse_options(["-t", word])
    assert options.threshold == threshold
    assert any(f"-t {word}" in line for line in options.announcements) == (word in {"5", "0", "-1"})


@pytest.mark.parametrize("words", [["-h"], ["--help"], ["-qt", "--help", "--foo"]])
def test_help_is_the_answer_to_all_that_follows(words: list[str]) -> None:
    answer = parse_options(words).answer
    assert answer is not None
    for option in ("--filelist", "--indel_alleles", "--name_or_95u", "--filter COLUMN OPERATOR VALUE"):
        assert option in answer


@pytest.mark.parametrize("word", ["-v", "--version"])
def test_version_names_gwama_s(word: str) -> None:
    answer = parse_options([word]).answer
    assert answer is not None
    assert answer.startswith("GWAMA version: 2.2.2")


@pytest.mark.parametrize(
    "word",
    ["--foo", "foo", "--gc", "-sex", "-QT", "--QT", "--no-alleles", "--filelist=x", "--name_imputed", "--name_or_95U"],
)
def test_unknown_options_are_named(word: str) -> None:
    with pytest.raises(GwasmetaError, match=f"^{word}: GWAMA has no such option"):
        parse_options(["-qt", word])


def test_the_option_that_was_meant_is_guessed() -> None:
    with pytest.raises(GwasmetaError, match="did you mean --indel_alleles"):
        parse_options(["--indel-alleles"])


@pytest.mark.parametrize("word", ["-i", "--output", "-m", "-t", "--name_marker"])
def test_an_option_without_its_value_is_named(word: str) -> None:
    with pytest.raises(GwasmetaError, match=f"^{word}: a value is missing"):
        parse_options([word])


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--filter", "INFO", "<"], "--filter: some of its three values"),
        (["--filter", "INFO", "=", "1"], "--filter INFO = 1: there is no operator '='"),
        (["--filter", "INFO", "<", "abc"], "--filter INFO < abc: 'abc' is no number"),
        (["--filter", "INFO", "<", "1e400"], "--filter INFO < 1e400: '1e400' is no number"),
        (["-t", "abc"], "-t abc: 'abc' is no number"),
        (["-t", "nan"], "-t nan: 'nan' is no number"),
    ],
)
def test_bad_values_are_named(words: list[str], told: str) -> None:
    with pytest.raises(GwasmetaError) as error:
        parse_options(words)
    assert str(error.value).startswith(told)


# --- the list of studies ------------------------------------------------------------------------------


def listed(tmp_path: Path, text: str, by_sex: bool = False) -> list[ListedStudy]:
    path = tmp_path / "gwama.in"
    path.write_bytes(text.encode())
    return read_file_list(str(path), by_sex)


def test_the_first_word_of_a_line_is_a_path(tmp_path: Path) -> None:
    assert listed(tmp_path, "a.txt x\r\n\n  b.txt\t\r\n") == [ListedStudy("a.txt", None), ListedStudy("b.txt", None)]


def test_the_second_is_the_sex_if_it_is_asked_for(tmp_path: Path) -> None:
    studies = listed(tmp_path, "a.txt M\nb.txt f\n", by_sex=True)
    assert studies == [ListedStudy("a.txt", "male"), ListedStudy("b.txt", "female")]


@pytest.mark.parametrize(("line", "given"), [("b.txt", "nothing"), ("b.txt X", "X"), ("b.txt male", "MALE")])
def test_a_sex_that_is_missing_or_unknown_is_an_error(tmp_path: Path, line: str, given: str) -> None:
    with pytest.raises(GwasmetaError, match=rf"gwama\.in, line 2: --sex needs M or F behind b\.txt, .* {given}$"):
        listed(tmp_path, f"a.txt M\n{line}\n", by_sex=True)


def test_a_list_of_nothing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(GwasmetaError, match="names no study"):
        listed(tmp_path, "\n \n")
