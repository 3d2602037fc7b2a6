"""Reports of the embedded example, written once."""

from __future__ import annotations

from pathlib import Path

import browser
import pytest

import gwasmeta
from gwasmeta.meta.result import MetaResult
from gwasmeta.multitrait.result import MtagResult


@pytest.fixture(scope="session")
def chromium() -> str:
    """Return the browser; skip without it."""
    path = browser.chromium()
    if path is None:
        pytest.skip("needs Chromium (Debian's package chromium)")
    return path


@pytest.fixture(scope="session")
def meta() -> MetaResult:
    """Return the meta-analysis of the example's quantitative trait."""
    return gwasmeta.meta_analyze(
        gwasmeta.example_studies("quantitative"), methods=("fixed", "random"), genomic_control=True
    )


@pytest.fixture(scope="session")
def meta_report(meta: MetaResult, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return its report."""
    return meta.report(tmp_path_factory.mktemp("meta") / "report.html", title="A <b>bold</b> & cunning title")


@pytest.fixture(scope="session")
def traits() -> MtagResult:
    """Return the multi-trait analysis of the example."""
    return gwasmeta.mtag(gwasmeta.example_traits(), ld_scores=gwasmeta.example_ld_scores())


@pytest.fixture(scope="session")
def traits_report(traits: MtagResult, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return its report."""
    return traits.report(tmp_path_factory.mktemp("traits") / "report.html")
