"""ADDFILTER: what METAL's conditions are in gwasmeta's words, and that they keep the same rows."""

from __future__ import annotations

import re

import pytest

from gwasmeta.compat.metal_filters import MetalFilter
from gwasmeta.sumstats.filters import parse_filter


@pytest.mark.parametrize(
    ("words", "text", "condition"),
    [
        ("N > 10", "N > 10", "`N` > 10.0"),
        ("N >= 10", "N >= 10", "`N` >= 10.0"),
        ("N < 1e3", "N < 1e3", "`N` < 1000.0"),
        ("N <= +10", "N <= +10", "`N` <= 10.0"),
        ("CHR = 07", "CHR == 07", "`CHR` == 7.0"),
        ("CHR == -9", "CHR == -9", "`CHR` == -9.0"),
        ("imputed is 1", "imputed == 1", "`IMPUTED` == 1.0"),
        ("CHR != 7", "CHR != 7", "`CHR` != 7.0"),
        ("CHR <> 7", "CHR != 7", "`CHR` != 7.0"),
        ("IMPUTED ISNOT 1", "IMPUTED != 1", "`IMPUTED` != 1.0"),
        ("EAF < .95", "EAF < .95", "`EAF` < 0.95"),
        ("p.value < 0.5", "p.value < 0.5", "`P.VALUE` < 0.5"),
        ("STRAND IN (+)", "STRAND IN (+)", "`STRAND` in ['+']"),
        ("SNP in (rs1,RS2)", "SNP IN (rs1,RS2)", "`SNP` in ['rs1', 'rs2']"),
        ("SNP IN (rs1, rs2)", "SNP IN (rs1,rs2)", "`SNP` in ['rs1', 'rs2']"),
        ("SNP IN (5'utr)", "SNP IN (5'utr)", """`SNP` in ["5'utr"]"""),
    ],
)
def test_conditions(words: str, text: str, condition: str) -> None:
    chosen = MetalFilter.of(words.split())
    assert chosen.text == text
    assert chosen.condition(chosen.label, of_numbers=False) == condition
    parse_filter(condition)  # which raises an error if it is none


def test_of_a_column_of_numbers_only_numbers_can_be_in_a_set() -> None:
    assert MetalFilter.of(["N", "IN", "(100,NA,2e2)"]).condition("N", of_numbers=True) == "`N` in [100.0, 200.0]"
    nothing = MetalFilter.of(["N", "IN", "(NA)"]).condition("N", of_numbers=True)
    assert nothing == "`N` != `N`"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("CHR = X", "= compares with a number, and X is none; words are tested by IN (A,B)"),
        ("EAF IN 1,2", "the values of IN stand in brackets"),
        ("EAF IN ()", "the values of IN stand in brackets"),
        ("INFO =< 1", "there is no condition =<; known are < <= > >= = == IS != <> ISNOT IN"),
        ("N > nan", "nan is none"),
    ],
)
def test_what_metal_refuses_is_refused(words: str, says: str) -> None:
    with pytest.raises(ValueError, match=re.escape(says)):
        MetalFilter.of(words.split())
