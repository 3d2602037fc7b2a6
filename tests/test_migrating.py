"""The guide for people who come from other programs: its commands run as shown, and its tables name what there is."""

from __future__ import annotations

import argparse
import ast
import gzip
import inspect
import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

import gwasmeta
from documents import DOCS, Processes, Row, blocks, dead_links, first_difference, rows, run_as_documented
from gwasmeta.cli import format as format_command
from gwasmeta.cli import meta
from gwasmeta.compat.gwama_options import HELP, parse_options
from gwasmeta.compat.metal_script import COMMANDS
from gwasmeta.compat.metal_session import Session
from gwasmeta.compat.metal_settings import Settings
from gwasmeta.compat.metal_tables import metal_format
from gwasmeta.sumstats.filters import parse_filter
from gwasmeta.sumstats.vocabulary import COLUMNS

DOCUMENT = DOCS / "migrating.md"
PROGRAMS = ("GWAMA", "METAL", "MetABEL", "META")


# --- the document ---


BLOCKS = blocks(DOCUMENT)
ROWS = list(rows(DOCUMENT))


def _rows_of(first: str) -> list[Row]:
    found = [row for row in ROWS if row.header[0] == first]
    assert found, first
    return found


def _code_under(header: str) -> list[str]:
    return [code for row in ROWS if header in row.header for code in row.code(row.header.index(header))]


def test_every_program_has_its_options_its_columns_and_an_example() -> None:
    for program in PROGRAMS:
        assert len(_rows_of(program)) >= 9
        assert len(_rows_of(f"{program}'s column")) >= 8
        assert any(block.section == f"From {program}" and not block.language for block in BLOCKS)


def test_links_lead_to_documents() -> None:
    assert dead_links(DOCUMENT) == set()


# --- the examples ---


@pytest.fixture
def run_block(tmp_path: Path) -> Processes:
    return Processes(tmp_path)


def _run_as_documented(section: str, run_block: Processes) -> int:
    in_order = [block for block in BLOCKS if block.section == section]
    in_r = next((place for place, block in enumerate(in_order) if block.language == "r"), len(in_order))
    return run_as_documented(in_order[:in_r], run_block)


def test_the_two_line_scripts_stand_in_for_the_programs(run_block: Processes) -> None:
    assert _run_as_documented("Change one word", run_block) == 1


@pytest.mark.parametrize("program", PROGRAMS)
def test_the_example_prints_what_is_documented(program: str, run_block: Processes, golden_meta: Path) -> None:
    for name in ("DGI_three_regions.txt", "MAGIC_FUSION_Results.txt.gz", "magic_SARDINIA.tbl", "metal.txt"):
        shutil.copy(golden_meta / "data_real" / name, run_block.home)
    assert _run_as_documented(f"From {program}", run_block) >= 1


def test_metabels_example_in_r_prints_what_is_documented(
    run_block: Processes, golden_meta: Path, r_environment: dict[str, str]
) -> None:
    for name in ("DGI_three_regions.txt", "MAGIC_FUSION_Results.txt.gz", "magic_SARDINIA.tbl"):
        shutil.copy(golden_meta / "data_real" / name, run_block.home)
    section = [block for block in BLOCKS if block.section == "From MetABEL"]
    run_block(section[0])  # makes the files
    (place,) = (place for place, block in enumerate(section) if block.language == "r")
    in_r, shown = section[place : place + 2]
    done = subprocess.run(
        ["Rscript", "-e", in_r.text], cwd=run_block.home, env=r_environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert first_difference(done.stdout, shown.text) is None, done.stdout
    assert (run_block.home / "POOLED.tsv").exists()


def test_one_line_does_what_gwamas_perl_scripts_do(run_block: Processes) -> None:
    assert _run_as_documented("From GWAMA's Perl scripts", run_block) == 2


@pytest.mark.parametrize("form", [code for row in _rows_of("script") for code in row.code(1)])
def test_the_forms_for_gwamas_perl_scripts_are_those_of_the_parser(form: str) -> None:
    words = shlex.split(form)
    parser = format_command.register(argparse.ArgumentParser().add_subparsers())
    options = parser.parse_args(words if words[0] == "x.out" or "--out" in words else ["x.out", "--out", "o", *words])
    assert {word for word in words if word.startswith("--")} <= set(re.findall(r"--[\w-]+", parser.format_help()))
    for condition in options.filters:
        parse_filter(condition)


def _documented_rows(program: str) -> list[dict[str, str]]:
    """Return the row about rs560887 that each of a program's examples prints."""
    printed = (block for block in BLOCKS if block.section == f"From {program}" and not block.language)
    last_lines = (block.text.splitlines()[-2:] for block in printed)
    return [dict(zip(header.split(), row.split(), strict=True)) for header, row in last_lines]


def _original_row(table: Path) -> dict[str, str]:
    with gzip.open(table, "rt") as text:
        header, *rows = (line.rstrip("\n").split("\t") for line in text)
    (row,) = (row for row in rows if "rs560887" in row)
    return dict(zip(header, row, strict=True))


def _agrees(documented: str, original: str) -> bool:
    """Say whether two numbers are the same to the digits of the one that has fewer."""
    decimals = min(len(number.partition(".")[2]) for number in (documented, original))
    # The originals have the median of chi-squared, and so lambda, to seven digits.
    slack = 0.5 * 10.0**-decimals + 1e-7 * abs(float(original))
    return abs(float(documented) - float(original)) <= slack


def test_the_documented_results_are_those_of_the_original_programs(golden_meta: Path) -> None:
    runs = golden_meta / "runs"
    corrected = _original_row(runs / "real_metal" / "se_gc_het_hp" / "METAANALYSIS1.TBL.gz")
    random = _original_row(runs / "real_gwama" / "qt_r" / "out.out.gz")
    names = {"beta": "Effect", "se": "StdErr", "standard_error": "StdErr", "q_statistic": "HetChiSq"}
    for row in (*_documented_rows("GWAMA"), *_documented_rows("MetABEL")):
        compared = [name for name in names if name in row]
        assert len(compared) >= 2
        assert all(_agrees(row[name], corrected[names[name]]) for name in compared)
    drop_in, native = _documented_rows("METAL")
    original = _original_row(runs / "real_metal" / "ss" / "METAANALYSIS1.TBL.gz")
    assert drop_in == original
    assert _agrees(native["z"], original["Zscore"])
    (row,) = _documented_rows("META")
    names = {"beta": "beta", "standard_error": "se", "z": "z", "cochran_q": "q_statistic"}
    assert all(_agrees(row[ours], random[theirs]) for ours, theirs in names.items())


# --- the native forms ---


def _parser() -> argparse.ArgumentParser:
    return meta.register(argparse.ArgumentParser().add_subparsers())


_NATIVE_FORMS = [code for code in _code_under("`gwasmeta meta`") if code.startswith("-")]
_COLUMNS_IN_THE_TEXT = re.findall(r"`(--column \w[^`]+)`", DOCUMENT.read_text())


@pytest.mark.parametrize("form", sorted({*_NATIVE_FORMS, *_COLUMNS_IN_THE_TEXT}))
def test_native_options_are_those_of_the_parser(form: str) -> None:
    words = shlex.split(form)
    known = set(re.findall(r"--[\w-]+", _parser().format_help()))
    assert {word for word in words if word.startswith("--")} <= known  # in full: argparse would take abbreviations
    if words == ["--help"]:
        return
    options = _parser().parse_args(["cohort1.txt", "-o", "out", *words])
    for condition in options.filters:
        parse_filter(condition.removeprefix("STUDY:"))
    for columns in options.column:
        pairs = columns.removeprefix("STUDY:").split(",")
        assert {pair.split("=")[0] for pair in pairs} <= set(COLUMNS)


def test_options_in_the_running_text_are_those_of_a_command() -> None:
    prose = re.sub(r"^```.*?^```$|^\|.*?$", "", DOCUMENT.read_text(), flags=re.MULTILINE | re.DOTALL)
    tables = [code for program in PROGRAMS for row in _rows_of(program) for code in row.code(0)]
    known = set(re.findall(r"--?[\w-]+", f"{_parser().format_help()} {HELP} {' '.join(tables)} --name_"))
    named = {word for code in re.findall(r"`([^`]+)`", prose) for word in re.findall(r"(?<!\S)--?[a-z][\w-]*", code)}
    assert len(named) >= 15
    assert named <= known


@pytest.mark.parametrize("form", _code_under("Python"))
def test_python_forms_have_arguments_that_there_are(form: str) -> None:
    try:
        expression = ast.parse(form, mode="eval").body
    except SyntaxError:  # arguments without their function
        expression = ast.parse(f"meta_analyze({form})", mode="eval").body
    for node in ast.walk(expression):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            function = getattr(gwasmeta, node.func.id)
            arguments = {keyword.arg: keyword.value for keyword in node.keywords}
            assert set(arguments) <= set(inspect.signature(function).parameters)
            if isinstance(filters := arguments.get("filters"), ast.Constant):
                parse_filter(str(filters.value))
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            assert node.value.id == "result"
            assert hasattr(gwasmeta.MetaResult, node.attr)


# --- the drop-in forms ---


def test_every_option_of_gwama_is_listed_and_accepted() -> None:
    forms = [code for row in _rows_of("GWAMA") for code in row.code(0)]
    for form in forms:
        parse_options(form.split())
    of_gwama = set(re.findall(r"(?<!\S)--?[a-z][a-z_0-9]*", HELP))
    assert {form.split()[0] for form in forms} == of_gwama


@pytest.mark.parametrize("row", _rows_of("METAL"), ids=lambda row: row.cells[0])
def test_every_command_of_metal_is_accepted(row: Row, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    header = "MARKER ALLELE1 ALLELE2 EFFECT STDERR PVALUE N INFO SNP"
    Path("cohort1.txt").write_text(f"{header}\nrs1 A G 0.1 0.02 0.1 100 1 rs1\n")
    Path("markers.txt").write_text("rs1\n")
    Path("script.txt").write_text("MARKER SNP\n")
    analyses: list[Any] = []
    session = Session(lambda *analysis: analyses.append(analysis), lambda _: None)
    commands = row.code(0)
    is_analysis = commands[0].startswith("ANALYZE")
    if is_analysis:
        commands = ["PROCESSFILE cohort1.txt", *commands]
    session.carry_out((f"line {number}", command) for number, command in enumerate(commands))
    assert bool(analyses) == is_analysis


def test_every_command_of_metal_is_listed() -> None:
    words = {code.split()[0] for row in _rows_of("METAL") for code in row.code(0)}
    assert words == {rule.name for rule in COMMANDS}


# --- the columns of the results ---


@pytest.fixture(scope="module")
def native_columns() -> set[str]:
    """Return the columns of a result that has all that the guide speaks of."""
    studies = gwasmeta.example_studies("case_control")
    del studies["alder"]  # it has no z
    result = gwasmeta.meta_analyze(
        {name: gwasmeta.Study(path, sex="male" if name == "birch" else "female") for name, path in studies.items()},
        methods=("fixed", "random"),
        sex_differentiated=True,
    )
    weighted = gwasmeta.meta_analyze(studies, methods="sample_size")
    return set(map(str, [*result.table, *weighted.table]))


@pytest.mark.parametrize("program", PROGRAMS)
def test_native_columns_are_those_of_a_result(program: str, native_columns: set[str]) -> None:
    rows = _rows_of(f"{program}'s column")
    named = [code for row in rows for code in row.code(1) if not code.startswith("--")]
    assert len(named) >= 9
    assert set(named) <= native_columns
    for row in rows:
        assert row.code(1) or row.cells[1] == "none"


def _headers(golden_meta: Path, pattern: str) -> set[str]:
    """Return the words of the headers of all tables that a program wrote."""
    tables = (table.read_bytes() for table in golden_meta.glob(f"runs/{pattern}"))
    texts = [gzip.decompress(table) if table.startswith(b"\x1f\x8b") else table for table in tables]
    assert texts
    return {word for text in texts if text for word in text.decode().splitlines()[0].split("\t") if word}


def test_every_column_of_gwamas_is_listed(golden_meta: Path) -> None:
    listed = {code for row in _rows_of("GWAMA's column") for code in row.code(0)}
    assert listed == _headers(golden_meta, "*_gwama/*/out.out*")


def test_every_column_of_metals_is_listed(golden_meta: Path) -> None:
    scripts = (script.read_text() for script in golden_meta.glob("runs/*_metal/*/metal*.txt"))
    custom = {name for script in scripts for name in re.findall(r"^CUSTOM\w*\s+(\S+)", script, flags=re.MULTILINE)}
    random = metal_format(Settings(scheme="STDERR"), "random", has_alleles=True)
    written = _headers(golden_meta, "*_metal/*/*.TBL") | _headers(golden_meta, "*_metal/*/*.TBL.gz")
    written = written - custom | {column.header for column in random.columns}
    assert {code for row in _rows_of("METAL's column") for code in row.code(0)} == written
