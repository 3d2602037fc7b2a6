"""Amounts of memory, as users write them and are told them."""

from __future__ import annotations

import pytest

from gwasmeta.memory import as_bytes, as_text


@pytest.mark.parametrize(
    ("given", "told"),
    [("4", "4 bytes"), ("300kB", "300,000 bytes"), ("300MB", "300MB"), ("4GB", "4.00GB"), ("1 GiB", "1.08GB")],
)
def test_an_amount_is_told_as_it_was_given(given: str, told: str) -> None:
    assert as_text(as_bytes(given)) == told
