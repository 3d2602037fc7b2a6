"""The page on formats names the formats, codes, fields and options that there are."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import gwasmeta
from documents import DOCS, dead_links, rows
from gwasmeta.cli import format as format_command
from gwasmeta.harmonise.alignment import CODES
from gwasmeta.sumstats.manifest import _FIELDS
from gwasmeta.sumstats.study_formats import STUDY_FORMATS

DOCUMENT = DOCS / "formats.md"


def _first_cells(header: str) -> list[str]:
    return [row.cells[0] for row in rows(DOCUMENT) if row.header[0] == header]


def test_every_format_is_listed() -> None:
    assert [cell.strip("`") for cell in _first_cells("`--to`")] == list(STUDY_FORMATS)


def test_every_code_is_listed() -> None:
    listed = {int(code) for cell in _first_cells("`hm_code`") for code in cell.split(",")}
    assert listed == set(CODES)


def test_every_field_of_a_list_is_named() -> None:
    (sentence,) = re.findall(r"Fields are (.*?)\.", DOCUMENT.read_text(), flags=re.DOTALL)
    assert set(re.findall(r"`(\w+)`", sentence)) == set(_FIELDS) - {"inflation_factor"}


def test_its_options_are_those_of_the_command() -> None:
    import argparse

    known = format_command.register(argparse.ArgumentParser().add_subparsers()).format_help()
    named = set(re.findall(r"`(--[\w-]+)", DOCUMENT.read_text()))
    assert len(named) >= 8
    assert named <= set(re.findall(r"--[\w-]+", known))


def test_its_list_of_studies_can_be_read(tmp_path: Path) -> None:
    (text,) = re.findall(r"```yaml\n(.*?)```", DOCUMENT.read_text(), flags=re.DOTALL)
    (tmp_path / "studies.yaml").write_text(text)
    ukb, finns = gwasmeta.read_manifest(tmp_path / "studies.yaml")
    assert (ukb.name, finns.n, finns.sex, finns.inflation_factor) == ("ukb", 18500, "female", 1.05)


def test_its_links_lead_somewhere() -> None:
    assert dead_links(DOCUMENT) == set()


@pytest.mark.parametrize("shape", STUDY_FORMATS.values(), ids=lambda shape: shape.name)
def test_what_a_format_needs_is_said(shape: object) -> None:
    words = {"base_pair_location": "positions", "beta": "effects", "n": "sample sizes"}
    (row,) = [row for row in rows(DOCUMENT) if row.header[0] == "`--to`" and row.cells[0] == f"`{shape.name}`"]  # type: ignore[attr-defined]
    needed = [word for column, word in words.items() if column in shape.needs]  # type: ignore[attr-defined]
    assert row.cells[2] == ", ".join(needed)
