"""Numbers to text: C's %g and %f are the reference, and decimal arithmetic for p-values from logarithms."""

from __future__ import annotations

import ctypes
import math
import mmap
import random
import re
import sys
from collections.abc import Callable
from decimal import ROUND_HALF_EVEN, Decimal, localcontext

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gwasmeta.stats.normal import neg_log_10_p_value
from gwasmeta.sumstats.table_text import (
    Fixed,
    General,
    GwamaPValue,
    MetalPValue,
    NumberColumn,
    NumberStyle,
    PValue,
    Significant,
    table_text,
)
from gwasmeta.sumstats.words import Words

finite = st.floats(allow_nan=False, allow_infinity=False)


def written(values: list[float], style: NumberStyle) -> list[str]:
    text = table_text([NumberColumn(np.array(values, dtype=np.float64), style)])
    assert text.count(b"\n") == len(values)
    return text.decode().split("\n")[:-1]


def any_double(source: random.Random) -> float:
    return math.ldexp(source.uniform(-1, 1), source.randint(-1060, 1023))


def usual_number(source: random.Random) -> float:
    return source.gauss(0, 1) * 10 ** source.uniform(-6, 6)


# --- so many significant digits -------------------------------------------------------------------------


@pytest.mark.parametrize("digits", range(1, 10))
@pytest.mark.parametrize("draw", [any_double, usual_number])
def test_significant_digits_are_those_of_percent_g(digits: int, draw: Callable[[random.Random], float]) -> None:
    source = random.Random(digits)
    values = [draw(source) for _ in range(3_000)]
    texts = written(values, Significant(digits))
    assert [float(text) for text in texts] == [float(f"{value:.{digits}g}") for value in values]


@pytest.mark.parametrize("digits", range(10, 16))
@pytest.mark.parametrize("draw", [any_double, usual_number])
def test_of_many_significant_digits_none_but_the_last_may_differ(
    digits: int, draw: Callable[[random.Random], float]
) -> None:
    # Scaling rounds once or twice, which counts where the digits are nearly all that a double has.
    source = random.Random(digits)
    values = [draw(source) for _ in range(3_000)]
    same = 0
    for value, text in zip(values, written(values, Significant(digits)), strict=True):
        expected = Decimal(f"{value:.{digits}g}")
        assert abs(Decimal(text) - expected) <= Decimal(10) ** (expected.adjusted() - digits + 1)
        same += Decimal(text) == expected
    assert same > 0.9 * len(values)


@settings(deadline=None, max_examples=300)
@given(finite, st.integers(1, 15))
def test_no_number_loses_more_than_the_digits_that_were_not_asked_for(value: float, digits: int) -> None:
    (text,) = written([value], Significant(digits))
    unit = Decimal(10) ** (Decimal(value).adjusted() - digits + 1)
    assert abs(Decimal(text) - Decimal(value)) <= unit * Decimal("0.75")


def test_decimals_that_end_in_5_are_rounded_to_one_of_their_neighbours() -> None:
    for digits in range(1, 9):
        source = random.Random(digits)
        values = [source.randrange(10 ** (digits - 1), 10**digits) + 0.5 for _ in range(300)]
        values += [value / 10 ** source.randint(1, 12) for value in values]
        for value, text in zip(values, written(values, Significant(digits)), strict=True):
            error = abs(Decimal(text) - Decimal(value)) / Decimal(10) ** (Decimal(value).adjusted() - digits + 1)
            assert error <= Decimal("0.500001")


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (0.05, 8, "0.05"),
        (-0.00012345678, 8, "-0.00012345678"),
        (0.00001, 8, "1e-05"),
        (1.5e-300, 8, "1.5e-300"),
        (-2e15, 8, "-2e+15"),
        (1.25e100, 8, "1.25e+100"),
        (123456789.0, 8, "123456790"),  # in full where a reader expects a number, not a power
        (123456789.0, 15, "123456789"),
        (248956422.0, 15, "248956422"),
        (0.1, 15, "0.1"),
        (1 / 3, 4, "0.3333"),
        (2 / 3, 4, "0.6667"),
        (99999.95, 6, "100000"),
        (9.9999999, 4, "10"),
        (0.00009999999, 4, "0.0001"),
        (999999999999999.9, 4, "1e+15"),
        (100.0, 1, "100"),
        (1.0, 4, "1"),
        (0.0, 4, "0"),
        (-0.0, 4, "0"),
        (5e-324, 4, "4.941e-324"),
        (1.7976931348623157e308, 4, "1.798e+308"),
        (-1.7976931348623157e308, 15, "-1.79769313486232e+308"),
    ],
)
def test_significant_digits_look_like_this(value: float, digits: int, text: str) -> None:
    assert written([value], Significant(digits)) == [text]


@settings(deadline=None, max_examples=300)
@given(finite, st.integers(1, 9))
def test_no_zero_is_written_that_says_nothing(value: float, digits: int) -> None:
    (text,) = written([value], Significant(digits))
    assert re.fullmatch(r"-?(0|[1-9]\d*)(\.\d*[1-9])?(e[+-]\d\d+)?", text)


@pytest.mark.parametrize("exponent", range(-12, 15))
def test_whole_powers_of_ten_and_their_neighbours(exponent: int) -> None:
    power = float(f"1e{exponent}")
    values = [power, np.nextafter(power, 0), np.nextafter(power, np.inf), power * 0.99999999, power * 1.00000001]
    texts = written(values, Significant(6))
    assert [float(text) for text in texts] == [float(f"{value:.6g}") for value in values]


# --- C's %g, to the byte --------------------------------------------------------------------------------


@pytest.mark.parametrize("digits", range(1, 16))
@pytest.mark.parametrize("draw", [any_double, usual_number])
def test_general_is_percent_g(digits: int, draw: Callable[[random.Random], float]) -> None:
    source = random.Random(digits)
    values = [draw(source) for _ in range(3_000)]
    values += [float(f"{value:.{source.randint(0, 9)}f}") for value in values]  # whole numbers, few decimals
    assert written(values, General(digits)) == [f"{value:.{digits}g}" for value in values]


@settings(deadline=None, max_examples=500)
@given(finite, st.integers(1, 15))
def test_general_is_percent_g_of_anything(value: float, digits: int) -> None:
    assert written([value], General(digits)) == [f"{value:.{digits}g}"]


@pytest.mark.parametrize("digits", range(1, 16))
def test_general_rounds_by_the_exact_value(digits: int) -> None:
    # Decimals of one digit more, which ends in 5: the double lies above, below, or (whole numbers) exactly there.
    source = random.Random(digits)
    decimals = [f"{source.randrange(10 ** (digits - 1), 10**digits)}5" for _ in range(300)]
    values = [float(f"{decimal}e{source.randint(-320, 290)}") for decimal in decimals]
    values += [float(decimal) for decimal in decimals]
    values += [float(decimal) / 2 ** source.randint(1, 40) for decimal in decimals]
    assert written(values, General(digits)) == [f"{value:.{digits}g}" for value in values]


@pytest.mark.parametrize("exponent", [-323, -308, -307, -100, -5, -4, -1, 0, 1, 3, 5, 6, 14, 15, 16, 22, 23, 107, 308])
def test_general_around_powers_of_ten(exponent: int) -> None:
    power = float(f"1e{exponent}")
    values = [power, -power, np.nextafter(power, 0), np.nextafter(power, np.inf)]
    values += [power * (1 - 5 * 10.0**-digits) for digits in range(1, 17)]
    for digits in range(1, 16):
        assert written(values, General(digits)) == [f"{value:.{digits}g}" for value in values]


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (0.0, 6, "0"),
        (-0.0, 6, "-0"),
        (12345678.0, 6, "1.23457e+07"),
        (1234565.0, 6, "1.23456e+06"),  # halves to the even digit
        (1234575.0, 6, "1.23458e+06"),
        (999999.5, 6, "1e+06"),
        (0.0001, 6, "0.0001"),
        (5e-324, 6, "4.94066e-324"),
        (-1.7976931348623157e308, 6, "-1.79769e+308"),
    ],
)
def test_general_looks_like_this(value: float, digits: int, text: str) -> None:
    assert written([value], General(digits)) == [text]


# --- so many digits behind the point --------------------------------------------------------------------


@pytest.mark.parametrize("digits", range(10))
def test_fixed_digits_are_those_of_percent_f(digits: int) -> None:
    source = random.Random(digits)
    values = [source.gauss(0, 1) * 10 ** source.uniform(-digits - 1, 14) for _ in range(5_000)]
    assert written(values, Fixed(digits)) == [f"{value:.{digits}f}" for value in values]


@pytest.mark.parametrize("digits", [1, 3, 4, 6])
def test_decimals_that_end_in_5_are_rounded_as_percent_f_rounds_them(digits: int) -> None:
    # What files are full of: a frequency of 0.12345 with four digits. The double next to it lies above or
    # below, and C looks at that one.
    source = random.Random(digits)
    values = [float(f"{source.randrange(10**digits)}5e-{digits + 1}") for _ in range(500)]
    assert written(values, Fixed(digits)) == [f"{value:.{digits}f}" for value in values]


@pytest.mark.parametrize(("value", "digits"), [(0.0625, 3), (0.1875, 3), (2.5, 0), (1.5, 0), (0.5, 0), (4.25, 1)])
def test_what_is_exactly_halfway_goes_to_the_even_digit(value: float, digits: int) -> None:
    assert written([value, -value], Fixed(digits)) == [f"{value:.{digits}f}", f"{-value:.{digits}f}"]


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (0.9999999, 6, "1.000000"),
        (-1.9999999, 6, "-2.000000"),
        (0.0000004, 6, "0.000000"),
        (-0.05, 4, "-0.0500"),
        (0.0, 3, "0.000"),
        (12.0, 0, "12"),
        (999999999999999.9, 1, "999999999999999.9"),
        (-123456789012345.67, 2, "-123456789012345.67"),
    ],
)
def test_fixed_digits_look_like_this(value: float, digits: int, text: str) -> None:
    assert written([value], Fixed(digits)) == [text]


@pytest.mark.parametrize("exponent", [15, 16, 17, 18, 19, 20, 22, 23, 40, 100, 307])
def test_huge_numbers_are_written_to_the_last_digit(exponent: int) -> None:
    source = random.Random(exponent)
    values = [source.uniform(1, 10) * 10.0**exponent for _ in range(200)]
    values += [10.0**exponent, -np.nextafter(10.0**exponent, np.inf), np.nextafter(10.0 ** (exponent + 1), 0)]
    assert written(values, Fixed(2)) == [f"{value:.2f}" for value in values]


# --- p-values from their logarithms ---------------------------------------------------------------------


def rounded_p_value(minus_log_10: float, digits: int) -> tuple[Decimal, Decimal]:
    """Return the p-value to so many digits, and how far it is from a tie, in units of the last digit."""
    with localcontext(prec=50, Emin=-10_000_000):
        exact = Decimal(10) ** -Decimal(minus_log_10)
        unit = Decimal(10) ** (exact.adjusted() - digits + 1)
        scaled = exact / unit
        rounded = scaled.to_integral_value(ROUND_HALF_EVEN)
        return rounded * unit, abs(abs(scaled - rounded) - Decimal("0.5"))


@pytest.mark.parametrize("digits", [1, 2, 4, 6, 8])
@pytest.mark.parametrize("largest", [1, 5, 300, 400, 100_000, 1_000_000])
def test_p_values_agree_with_decimal_arithmetic(digits: int, largest: int) -> None:
    source = random.Random(digits * largest)
    logarithms = [source.uniform(0, largest) for _ in range(300)]
    undecided = 0
    for logarithm, text in zip(logarithms, written(logarithms, PValue(digits)), strict=True):
        expected, from_tie = rounded_p_value(logarithm, digits)
        undecided += from_tie < Decimal("1e-6")
        assert Decimal(text) == expected or from_tie < Decimal("1e-6")
    assert undecided <= 2


@pytest.mark.parametrize(
    ("minus_log_10", "text"),
    [
        (0.0, "1"),
        (-0.0, "1"),
        (0.3010299956639812, "0.5"),
        (1.0, "0.1"),
        (4.0, "0.0001"),
        (5.0, "1e-05"),
        (7.301029995663981, "5e-08"),
        (411.4948500216801, "3.2e-412"),
        (323.5, "3.162e-324"),  # what a double would round to its last bit
        (400.00000000001, "1e-400"),
        (123456.0, "1e-123456"),
        (0.00001, "1"),
    ],
)
def test_p_values_look_like_this(minus_log_10: float, text: str) -> None:
    assert written([minus_log_10], PValue(4)) == [text]


def test_only_the_p_value_of_an_infinite_statistic_is_0() -> None:
    # From a standard error of 1e-300, say. "inf" is no p-value at all.
    assert written([np.inf], PValue(4)) == ["0"]


def test_exponents_that_no_integer_holds() -> None:
    logarithms = [2.0**53, 2.0**63, 2.0**64, 1.25e300]
    assert written(logarithms, PValue(4)) == [f"1e-{int(logarithm)}" for logarithm in logarithms]


# --- p-values as GWAMA writes them ----------------------------------------------------------------------


def as_c_writes_e(mantissa: Decimal, exponent: int) -> str:
    return f"{mantissa:.2f}E{'-' if exponent < 0 else '+'}{abs(exponent):02d}"


@pytest.mark.parametrize("largest", [3.5, 6, 300, 400, 100_000])
def test_gwama_p_values_agree_with_decimal_arithmetic(largest: float) -> None:
    source = random.Random(int(largest))
    logarithms = [source.uniform(0, largest) for _ in range(2_000)]
    undecided = 0
    for logarithm, text in zip(logarithms, written(logarithms, GwamaPValue()), strict=True):
        with localcontext(prec=50, Emin=-10_000_000):
            exact = Decimal(10) ** -Decimal(logarithm)
            unit = Decimal("1e-6") if logarithm <= 3 else Decimal(10) ** (exact.adjusted() - 2)
            rounded = (exact / unit).to_integral_value(ROUND_HALF_EVEN)
            if abs(abs(exact / unit - rounded) - Decimal("0.5")) < Decimal("1e-6"):
                undecided += 1
                continue
            power = (rounded * unit).adjusted()
            expected = (
                f"{rounded * unit:.6f}" if logarithm <= 3 else as_c_writes_e((rounded * unit).scaleb(-power), power)
            )
        assert text == expected
    assert undecided <= 3


def test_gwama_p_values_are_those_of_c_while_a_double_holds_them() -> None:
    source = random.Random(7)
    p_values = [10 ** -source.uniform(0, 12) for _ in range(5_000)]
    texts = written([-math.log10(p) for p in p_values], GwamaPValue())
    assert texts == [f"{p:.6f}" if p >= 0.001 else f"{p:.2E}" for p in p_values]


@pytest.mark.parametrize(
    ("minus_log_10", "text"),
    [
        (0.0, "1.000000"),
        (-0.0, "1.000000"),
        (0.3010299956639812, "0.500000"),
        (3.0, "0.001000"),
        (3.000000000001, "1.00E-03"),
        (-math.log10(0.0009999), "1.00E-03"),  # as C writes 0.0009999
        (-math.log10(0.00099449), "9.94E-04"),
        (-math.log10(1.2345e-5), "1.23E-05"),
        (-math.log10(9.999e-6), "1.00E-05"),
        (307.6, "2.51E-308"),
        (400.0, "1.00E-400"),
        (123456.0, "1.00E-123456"),
        (np.inf, "0.00E+00"),
    ],
)
def test_gwama_p_values_look_like_this(minus_log_10: float, text: str) -> None:
    assert written([minus_log_10], GwamaPValue()) == [text]


# --- p-values as METAL writes them ----------------------------------------------------------------------


def test_metal_p_values_are_percent_g_as_long_as_z_is_below_20() -> None:
    source = random.Random(8)
    p_values = [10 ** -source.uniform(0, 88) for _ in range(5_000)]
    assert written([-math.log10(p) for p in p_values], MetalPValue()) == [f"{p:.4g}" for p in p_values]


@pytest.mark.parametrize("largest", [100, 400, 1_000_000])
def test_small_metal_p_values_agree_with_decimal_arithmetic(largest: float) -> None:
    source = random.Random(int(largest))
    logarithms = [source.uniform(89, largest) for _ in range(1_000)]
    undecided = 0
    for logarithm, text in zip(logarithms, written(logarithms, MetalPValue()), strict=True):
        expected, from_tie = rounded_p_value(logarithm, 3)
        mantissa, exponent = text.split("e-")
        assert re.fullmatch(r"[1-9]\.\d\d", mantissa)
        assert not exponent.startswith("0")
        undecided += from_tie < Decimal("1e-6")
        assert Decimal(text) == expected or from_tie < Decimal("1e-6")
    assert undecided <= 2


def test_metal_writes_p_values_otherwise_from_a_z_of_20_on() -> None:
    at_20 = float(neg_log_10_p_value(20.0))
    assert written([np.nextafter(at_20, 0), at_20], MetalPValue()) == ["5.507e-89", "5.51e-89"]


@pytest.mark.parametrize(
    ("minus_log_10", "text"),
    [
        (0.0, "1"),
        (-math.log10(0.05), "0.05"),
        (-math.log10(0.00012346), "0.0001235"),
        (-math.log10(0.000012346), "1.235e-05"),
        (8.0, "1e-08"),
        (950.0, "1.00e-950"),
        (143.0009, "9.98e-144"),
        (143.00001, "1.00e-143"),  # not 10.00e-144
        (1.37661905573192237056e20, "1.00e-137661905573192237056"),  # in golden/meta/runs/edge_metal/se_filter_eq
        (np.inf, "0"),
    ],
)
def test_metal_p_values_look_like_this(minus_log_10: float, text: str) -> None:
    assert written([minus_log_10], MetalPValue()) == [text]


# --- rows -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "style", [Significant(8), General(6), Fixed(6), PValue(4), GwamaPValue(), MetalPValue()], ids=str
)
def test_nan_is_missing(style: NumberStyle) -> None:
    values = NumberColumn(np.array([np.nan, 0.25, np.nan]), style)
    lines = table_text([values], missing="-9").decode().splitlines()
    assert lines[0] == lines[2] == "-9"
    assert lines[1] != "-9"


@pytest.mark.parametrize("style", [Significant(8), General(6), Fixed(6)], ids=str)
def test_infinity_is_written_as_c_writes_it(style: NumberStyle) -> None:
    assert written([np.inf, -np.inf], style) == ["inf", "-inf"]


def test_columns_stand_in_their_order_with_separators_between() -> None:
    columns: list[Words | NumberColumn] = [
        Words.of(["rs1", "", "rs3"]),
        NumberColumn(np.array([0.5, np.nan, -1]), Fixed(2)),
        Words.of(["A", "é<DEL>", "T"]),
        NumberColumn(np.array([3.0, 400, np.nan]), PValue(2)),
    ]
    assert table_text(columns) == "rs1\t0.50\tA\t0.001\nNA\tNA\té<DEL>\t1e-400\nrs3\t-1.00\tT\tNA\n".encode()
    assert (
        table_text(columns, missing="", separator=",") == "rs1,0.50,A,0.001\n,,é<DEL>,1e-400\nrs3,-1.00,T,\n".encode()
    )


def test_words_that_were_taken_out_of_a_larger_block() -> None:
    words = Words.of(["a", "b", "c", "d"])
    columns = [words.take(np.array([3, 1])), Words.of(["x", "y"]), words.take(np.array([0, 0]))]
    assert table_text(columns) == b"d\tx\ta\nb\ty\ta\n"


@settings(deadline=None, max_examples=200)
@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\n\t"), max_size=30), min_size=1))
def test_words_of_any_length(words: list[str]) -> None:
    columns = [Words.of(words), Words.of(reversed(words))]
    expected = [f"{word or 'NA'}\t{other or 'NA'}\n" for word, other in zip(words, reversed(words), strict=True)]
    assert table_text(columns) == "".join(expected).encode()


def test_words_at_the_end_of_their_bytes() -> None:
    data = np.frombuffer(b"rs1234567rs12345678", dtype=np.uint8)
    words = Words(data, np.array([0, 9, 11], dtype=np.int32), np.array([9, 10, 8], dtype=np.int32))
    assert table_text([words]) == b"rs1234567\nrs12345678\n12345678\n"


@pytest.mark.skipif(sys.platform != "linux", reason="takes away a page of memory")
def test_nothing_behind_the_words_is_read() -> None:
    memory = mmap.mmap(-1, 2 * mmap.PAGESIZE)
    data = np.frombuffer(memory, dtype=np.uint8, count=mmap.PAGESIZE)
    data[-12:] = np.frombuffer(b"rs1234567890", dtype=np.uint8)
    starts, lengths = mmap.PAGESIZE - np.array([12, 3, 9]), np.array([12, 3, 9])
    beyond = ctypes.c_void_p(data.ctypes.data + mmap.PAGESIZE)
    assert ctypes.CDLL(None).mprotect(beyond, mmap.PAGESIZE, 0) == 0
    words = Words(data, starts.astype(np.int32), lengths.astype(np.int32))
    assert table_text([words]) == b"rs1234567890\n890\n234567890\n"


def test_numbers_that_lie_apart_or_are_no_doubles() -> None:
    numbers = np.arange(12.0).reshape(4, 3)
    columns = [NumberColumn(numbers[:, 1], Fixed(0)), NumberColumn(numbers[::-1, 2].astype(np.float32), Significant(3))]
    assert table_text(columns) == b"1\t11\n4\t8\n7\t5\n10\t2\n"


@pytest.mark.parametrize("n_words", [1, 3])
def test_columns_of_different_lengths_are_no_table(n_words: int) -> None:
    with pytest.raises(ValueError, match="rows are no table"):
        table_text([NumberColumn(np.zeros(2), Fixed(1)), Words.of(["a"] * n_words)])


def test_a_table_without_rows_is_empty() -> None:
    assert table_text([Words.of([]), NumberColumn(np.empty(0), Fixed(2))]) == b""


def test_the_longest_texts_and_the_longest_missing_mark_fit() -> None:
    n_rows, longest = 50, -1.7976931348623157e308
    columns: list[Words | NumberColumn] = [
        NumberColumn(np.full(n_rows, longest), Fixed(15)),
        NumberColumn(np.full(n_rows, -1.23456789012345e-300), Significant(15)),
        NumberColumn(np.full(n_rows, np.nan), Significant(1)),
        NumberColumn(np.full(n_rows, 1.25e308), PValue(15)),
        Words.of([""] * n_rows),
    ]
    missing = "no value at all " * 5
    lines = table_text(columns, missing=missing).decode().split("\n")
    assert lines.pop() == ""
    assert len(lines) == n_rows
    assert len(set(lines)) == 1
    fields = lines[0].split("\t")
    assert fields[0] == f"{longest:.15f}"
    assert fields[1:3] == ["-1.23456789012345e-300", missing]
    assert fields[4] == missing


@pytest.mark.parametrize("digits", [15, 16, 17, 18, 20, 30])
def test_any_number_of_digits_behind_the_point_is_exact(digits: int) -> None:
    values = np.concatenate([np.random.default_rng(digits).normal(size=200), [0.1, 1e-20, -2.5, 1e15, np.inf, np.nan]])
    lines = table_text([NumberColumn(values, Fixed(digits))]).decode().splitlines()
    assert lines == ["NA" if np.isnan(value) else f"{value:.{digits}f}" for value in values]
