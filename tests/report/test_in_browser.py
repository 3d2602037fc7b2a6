"""The report in a headless browser: no complaint, and everything that can be operated works."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from browser import Page

from gwasmeta.meta.result import MetaResult

pytestmark = pytest.mark.usefixtures("chromium")

SHOWN_IDS = "[...document.querySelectorAll('#leads-0 tbody tr')].map((row) => row.dataset.variant)"
OPENED = "document.querySelector('dialog').open && document.getElementById('detail-title').textContent"


@pytest.fixture(scope="module")
def page(meta_report: Path, chromium: str) -> Iterator[Page]:
    with Page(meta_report, 1280, 900) as opened:
        yield opened
        assert opened.complaints == []


@pytest.fixture(autouse=True)
def nothing_open(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    if "page" in request.fixturenames:
        request.getfixturevalue("page").value("document.querySelector('dialog').close()")


def place_of_lead(page: Page, number: int) -> tuple[float, float, str]:
    """Return where a lead variant is drawn, counted along the genome, and its id."""
    page.centre(".u-over")
    x, y, name = page.value(
        f"(() => {{ const {{ leads, plot }} = gwasmetaPlots[0], lead = leads[{number}];"
        " const box = plot.over.getBoundingClientRect();"
        " return [box.x + plot.valToPos(lead.x, 'x'), box.y + plot.valToPos(lead.y, 'y'), lead.id]; })()"
    )
    return x, y, name


def test_the_table_sorts(page: Page, meta: MetaResult) -> None:
    leads = meta.lead_variants().set_index("variant_id")
    assert page.value(SHOWN_IDS) == list(leads.index)
    for rising in (True, False):
        expected = list(leads["base_pair_location"].sort_values(ascending=rising).index)
        page.click(*page.centre("#leads-0 thead th:nth-child(3)"))
        page.wait_until(f"{SHOWN_IDS}.join() === {json.dumps(','.join(expected))}")


def test_every_row_of_the_table_can_be_reached(page: Page) -> None:
    for which in ("first-child", "last-child"):
        selector = f"#leads-0 tbody tr:{which} button.opens"
        x, y = page.centre(selector)
        assert page.value(f"document.elementFromPoint({x}, {y}) === document.querySelector({json.dumps(selector)})")


def test_the_table_is_searched(page: Page, meta: MetaResult) -> None:
    name = meta.lead_variants()["variant_id"].iloc[4]
    page.click(*page.centre("#leads-0_wrapper input[type=search]"))
    page.write(name)
    page.wait_until(f"{SHOWN_IDS}.join() === {json.dumps(name)}")
    page.value("document.querySelector('#leads-0_wrapper input[type=search]').select()")
    page.write(" ")
    page.wait_until(f"{SHOWN_IDS}.length === {len(meta.lead_variants())}")


def test_the_table_is_saved_as_csv(page: Page, meta: MetaResult) -> None:
    page.value(
        "const original = URL.createObjectURL; window.saved = new Promise((done) => {"
        " URL.createObjectURL = (blob) => { done(blob.text()); return original(blob); }; }); 0"
    )
    page.click(*page.centre("#leads-0_wrapper .buttons-csv"))
    table = pd.read_csv(io.StringIO(page.value("saved").lstrip("﻿")), thousands=",")
    truth = meta.lead_variants().set_index("variant_id").loc[table["Variant"]]
    assert len(table) == len(meta.lead_variants())
    assert "Look up" not in table
    np.testing.assert_allclose(table["p"], truth["p_value"], rtol=0.006)
    np.testing.assert_array_equal(table["Position"], truth["base_pair_location"])


def test_hovering_names_the_variant(page: Page, meta: MetaResult) -> None:
    x, y, name = place_of_lead(page, 2)
    page.move(x + 1, y)
    page.wait_until("!document.querySelector('.tip').hidden")
    row = meta.table.set_index("variant_id").loc[name]
    text = page.value("document.querySelector('.tip').innerText")
    assert text.split("\n")[:2] == [name, f"{row['chromosome']}:{row['base_pair_location']:,}"]
    page.move(5, 5)
    page.wait_until("document.querySelector('.tip').hidden")


def test_a_click_opens_the_forest_plot(page: Page) -> None:
    x, y, name = place_of_lead(page, 4)
    page.click(x, y)
    page.wait_until(f"({OPENED}) === {json.dumps(name)}")
    page.wait_until("document.querySelector('dialog img').naturalWidth > 300")
    assert name in page.value("document.querySelector('dialog img').alt")
    page.press("Escape")
    page.wait_until("!document.querySelector('dialog').open")


def test_the_keyboard_walks_along_the_leads_and_opens_one(page: Page) -> None:
    page.value("document.querySelector('[data-plot]').focus()")
    for _ in range(3):
        page.press("ArrowRight")
    page.press("ArrowLeft")
    name = page.value("gwasmetaPlots[0].leads[gwasmetaPlots[0].lead].id")
    assert page.value("gwasmetaPlots[0].lead") == 1
    assert page.value("document.querySelector('[data-readout]').textContent").startswith(name)
    page.press("Enter")
    page.wait_until(f"({OPENED}) === {json.dumps(name)}")
    following = page.value("[...document.querySelectorAll('[data-detail]')].map((figure) => figure.dataset.detail)")
    page.press("ArrowRight")
    assert page.value(OPENED) == following[(following.index(name) + 1) % len(following)]


def test_choosing_a_chromosome_zooms(page: Page) -> None:
    page.value(
        "const box = document.querySelector('[data-zoom]'); box.value = '6'; box.dispatchEvent(new Event('change')); 0"
    )
    shown = "(() => { const {min, max} = gwasmetaPlots[0].plot.scales.x; return [min, max]; })()"
    page.wait_until("gwasmetaPlots[0].plot.scales.x.min > 0")
    low, high = page.value(shown)
    start, length = page.value("[gwasmetaPlots[0].given.starts[6], gwasmetaPlots[0].given.lengths[6]]")
    assert low < start < start + length < high < start + 1.1 * length
    page.value("document.querySelector('[data-plot]').focus()")
    page.press("Escape")
    page.wait_until(f"{shown}[1] === gwasmetaPlots[0].given.limits[1]")


def test_every_picture_says_what_it_shows(page: Page) -> None:
    assert page.value("[...document.images].length") > 20
    assert page.value("[...document.images].filter((image) => !image.alt).length") == 0
    assert page.value("[...document.images].filter((image) => image.complete && !image.naturalWidth).length") == 0


def test_it_prints(page: Page) -> None:
    assert page.pdf().startswith(b"%PDF")
    page.as_printed(True)
    for selector, shown in ((".static", 1), ("#forests", 1), (".interactive", 0), ("nav", 0), (".dt-search", 0)):
        element = f"document.querySelector({json.dumps(selector)})"
        assert page.value(f"getComputedStyle({element}).display !== 'none'") == bool(shown), selector
    page.as_printed(False)


@pytest.mark.parametrize(("width", "height", "mobile"), [(1280, 900, False), (390, 844, True)])
@pytest.mark.parametrize("which", ["meta_report", "traits_report"])
def test_it_is_seen_at_any_width(
    request: pytest.FixtureRequest, which: str, width: int, height: int, mobile: bool
) -> None:
    with Page(request.getfixturevalue(which), width, height, mobile) as opened:
        assert opened.value("document.documentElement.scrollWidth") <= width
        pixels = opened.screenshot()
        assert pixels.shape == (height, width, 3)
        assert 0.02 < np.mean(np.ptp(pixels.astype(int), axis=2) > 40) < 0.7  # coloured: a heading, not all of the page
        opened.centre(".u-over")
        dark = np.all(np.abs(opened.screenshot().astype(int) - (31, 78, 121)) < 12, axis=2)
        assert dark.sum() > 300  # points of the Manhattan plot
        assert opened.complaints == []


def test_a_click_opens_the_snp_in_all_traits(traits_report: Path) -> None:
    with Page(traits_report, 1280, 900) as opened:
        x, y, name = place_of_lead(opened, 0)
        opened.click(x, y)
        opened.wait_until(f"({OPENED}) === {json.dumps(name)}")
        rows = opened.value("[...document.querySelectorAll('dialog tbody th')].map((cell) => cell.textContent)")
        assert rows == ["height", "weight", "waist"]
        assert opened.complaints == []
