"""Parsing of numbers: Python's own float() is the reference, and Decimal for the logarithms."""

from __future__ import annotations

import math
import random
import re
from collections.abc import Callable
from decimal import Decimal, localcontext

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gwasmeta.sumstats.decimal import BYTES_BEFORE, common_number, parse_number
from gwasmeta.sumstats.words import Words

SMALLEST_NORMAL = 2.0**-1022
SMALLEST_SUBNORMAL = 2.0**-1074

NO_NUMBERS = (
    *("", ".", "+", "-", "e5", ".e5", "1e", "1e+", "1e-", "-.", "--1", "+-1", "1.2.3", "1,5", "0x10", "1d5"),
    *("1_000", "5%", "NA", "nan", "inf", "-inf", "1e5.5", "1 2", "rs123", "١"),
)


def parsed(texts: list[str], as_minus_log_10: bool = False) -> np.ndarray:
    return Words.of(texts).numbers(as_minus_log_10)


def read_as_common(texts: list[str], as_minus_log_10: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Return the value of each text, between digits and points, and whether it is read without the general parser."""
    margin = "9" * BYTES_BEFORE
    fields = []
    for text in texts:
        data = np.frombuffer(bytearray(f"{margin}{text}.5\n".encode()), dtype=np.uint8)
        stop = len(data) - len(".5\n")
        fields.append(common_number(data, np.uint64(len(margin)), np.uint64(stop), as_minus_log_10))
    values, common = zip(*fields, strict=True)
    return np.array(values), np.array(common)


def is_common(text: str) -> bool:
    parts = re.fullmatch(r"-?([0-9]*)\.?([0-9]*)([eE][+-][0-9]{2})?", text)
    return parts is not None and 1 <= len(parts[1] + parts[2]) <= 15


def different(texts: list[str], values: np.ndarray) -> list[tuple[str, str]]:
    """Texts whose value is not that of float(), compared by their bits, so that -0 is not 0."""
    expected = np.array([float(text) for text in texts])
    rows = np.flatnonzero(values.view(np.uint64) != expected.view(np.uint64))
    return [(texts[row], float(values[row]).hex()) for row in rows[:10]]


def digits(source: random.Random, count: int) -> str:
    return "".join(source.choices("0123456789", k=count))


def with_point(source: random.Random, text: str) -> str:
    place = source.randrange(len(text) + 1)
    return f"{text[:place]}.{text[place:]}"


def exponent(source: random.Random, low: int, high: int) -> str:
    value = source.randint(low, high)
    return source.choice(["e", "E"]) + source.choice([f"{value}", f"{value:+}", f"{value:+04}"])


def any_normal_double(source: random.Random) -> float:
    return math.ldexp(source.choice([-1, 1]) * (1 + source.random()), source.randint(-1022, 1023))


# Every shape has at most 19 significant digits: so many are read without loss.
SHAPES: dict[str, Callable[[random.Random], str]] = {
    "repr": lambda s: repr(any_normal_double(s)),
    "17 digits": lambda s: f"{any_normal_double(s):.16e}",
    "18 digits": lambda s: f"{any_normal_double(s):.17e}",
    "19 digits": lambda s: f"{any_normal_double(s):.18e}",
    "few digits": lambda s: f"{any_normal_double(s):.{s.randint(0, 6)}e}",
    "fixed point": lambda s: f"{s.gauss(0, 10.0 ** s.randint(-6, 6)):.{s.randint(0, 10)}f}",
    "digits alone": lambda s: digits(s, s.randint(1, 19)),
    "digits and a point": lambda s: with_point(s, digits(s, s.randint(1, 19))),
    "digits, point, exponent": lambda s: with_point(s, digits(s, s.randint(1, 19))) + exponent(s, -285, 285),
    "nothing before the point": lambda s: "." + digits(s, s.randint(1, 19)),
    "nothing behind the point": lambda s: digits(s, s.randint(1, 19)) + ".",
    "plus": lambda s: "+" + with_point(s, digits(s, s.randint(1, 19))),
    "leading zeros": lambda s: "0" * s.randint(1, 9) + with_point(s, digits(s, s.randint(1, 10))),
    "zeros behind the point": lambda s: "0." + "0" * s.randint(1, 40) + str(s.randint(1, 10**18)),
    "zeros at the end": lambda s: str(s.randint(1, 10**9)) + "." + "0" * s.randint(1, 10),
    "too large": lambda s: str(s.randint(1, 9)) + exponent(s, 309, 5000),
    "too small": lambda s: str(s.randint(1, 9)) + exponent(s, -5000, -325),
    "zero": lambda s: s.choice(["", "-", "+"]) + s.choice(["0", "0.0", ".0", "0.", "0e5", "0.00e-999"]),
    # halfway between two doubles, decided by the last bit
    "odd multiples of half a unit": lambda s: str(2**53 + 2 * s.randrange(2**50) + 1),
    "halfway with a fraction": lambda s: str(Decimal(2 * s.randrange(2**52, 2**53) + 1) / 2 ** s.randint(1, 3)),
    "one beside halfway": lambda s: str((2**53 + 2 * s.randrange(2**50) + 1) * 1000 + s.choice([-1, 1])),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_every_bit_is_that_of_python(shape: str) -> None:
    source = random.Random(shape)
    texts = [SHAPES[shape](source) for _ in range(6_000)]
    assert different(texts, parsed(texts)) == []


@pytest.mark.parametrize("shape", SHAPES)
def test_a_common_number_is_read_to_the_same_bits_and_anything_else_is_left(shape: str) -> None:
    source = random.Random(shape)
    texts = [SHAPES[shape](source) for _ in range(2_000)]
    values, common = read_as_common(texts)
    assert common.tolist() == [is_common(text) for text in texts]
    assert different([text for text in texts if is_common(text)], values[common]) == []


@pytest.mark.parametrize("text", [*NO_NUMBERS, "1-2", "-e-05", "1e-5", "1e-005", "1e-0x", "1e/05", "1x-05", "--1.5"])
def test_what_is_no_common_number_is_left(text: str) -> None:
    assert not is_common(text)
    assert read_as_common([text])[1].tolist() == [False]


@settings(deadline=None, max_examples=500)
@given(st.text("0123456789.-+eE x", max_size=24))
def test_nothing_else_is_taken_for_a_common_number(text: str) -> None:
    assert read_as_common([text])[1].tolist() == [is_common(text)]


def test_the_shapes_are_more_than_100_000_texts_and_none_is_subnormal() -> None:
    assert len(SHAPES) * 6_000 > 100_000
    for shape, make in SHAPES.items():
        source = random.Random(shape)
        sizes = [abs(float(make(source))) for _ in range(500)]
        assert all(size == 0 or size >= SMALLEST_NORMAL for size in sizes)


@settings(deadline=None, max_examples=300)
@given(st.from_regex(r"[+-]?([0-9]{1,19}|[0-9]{0,9}\.[0-9]{1,10})([eE][+-]?[0-9]{1,2})?", fullmatch=True))
def test_any_spelling_of_up_to_19_digits(text: str) -> None:
    ascii_only = text.encode("ascii", "ignore").decode() == text
    if ascii_only:
        assert different([text], parsed([text])) == []


def test_what_lies_on_the_edges_of_the_range_of_doubles() -> None:
    texts = ["1.7976931348623157e308", "1.7976931348623159e308", "1.8e308", "2.2250738585072014e-308", "1e22", "1e23"]
    texts += ["9007199254740993", "9007199254740995", "18446744073709551615", "18446744073709551616"]
    texts += ["-" + text for text in texts]
    assert different(texts, parsed(texts)) == []


def test_subnormal_numbers_are_off_by_one_unit_at_most() -> None:
    source = random.Random(1)
    texts = [f"{math.ldexp(source.random(), -1022):.{source.randint(0, 18)}e}" for _ in range(5_000)]
    expected = np.array([float(text) for text in texts])
    units = np.abs(parsed(texts) - expected) / SMALLEST_SUBNORMAL
    assert units.max() <= 1


def test_of_more_than_19_digits_the_last_bit_may_be_lost_and_no_more() -> None:
    source = random.Random(2)
    texts = [with_point(source, digits(source, source.randint(20, 400))) for _ in range(3_000)]
    texts += [text + exponent(source, -250, 250) for text in texts if len(text) < 40]
    texts += ["0" * 30 + text for text in texts[:500]]
    expected = np.array([float(text) for text in texts])
    values = parsed(texts)
    units = np.abs(values.view(np.int64) - expected.view(np.int64))
    assert units.max() <= 1
    assert (units == 0).mean() > 0.99


def test_a_long_row_of_zeros_costs_no_digit() -> None:
    texts = ["0." + "0" * 300 + "12345678901234567", "0" * 50 + "1.5", "1" + "0" * 250, "0." + "0" * 400 + "1e400"]
    texts += ["1." + "0" * 60, "0." + "0" * 60]
    assert different(texts, parsed(texts)) == []


@pytest.mark.parametrize("text", NO_NUMBERS)
@pytest.mark.parametrize("as_minus_log_10", [False, True])
def test_what_is_no_number_is_nan(text: str, as_minus_log_10: bool) -> None:
    assert np.isnan(parsed([text], as_minus_log_10)).all()


@pytest.mark.parametrize(
    ("text", "value", "length"),
    [
        ("12.5\n", 12.5, 4),
        ("-3,4\n", -3.0, 2),
        ("1e5\t", 1e5, 3),
        ("1e\t", 1.0, 1),  # the e belongs to what follows
        ("1e+\t", 1.0, 1),
        ("7x\n", 7.0, 1),
        ("1.2.3\n", 1.2, 3),
    ],
)
def test_it_stops_behind_the_number(text: str, value: float, length: int) -> None:
    data = np.frombuffer(bytearray(b"##" + text.encode()), dtype=np.uint8)
    assert parse_number(data, np.uint64(2), False) == (value, 2 + length)


# --- minus the decimal logarithm ------------------------------------------------------------------------


def minus_log_10(text: str) -> float:
    with localcontext(prec=40):
        return float(-Decimal(text).log10())


P_VALUE_SHAPES: dict[str, Callable[[random.Random], str]] = {
    "tiny": lambda s: f"{s.uniform(1, 10):.{s.randint(0, 17)}f}e-{s.randint(300, 100_000)}",
    "as a double": lambda s: repr(10.0 ** -s.uniform(0, 300)),
    "short": lambda s: f"{s.random() + 1e-9:.{s.randint(1, 4)}e}",
    "fixed point": lambda s: f"{s.uniform(0.0001, 1):.6f}",
    "all digits": lambda s: "0." + "0" * s.randint(0, 30) + str(s.randint(1, 10**18)),
    "more digits than a double": lambda s: "0." + digits(s, 60) + "1",
}


@pytest.mark.parametrize("shape", P_VALUE_SHAPES)
def test_logarithms_of_p_values_agree_with_decimal_arithmetic(shape: str) -> None:
    source = random.Random(shape)
    texts = [P_VALUE_SHAPES[shape](source) for _ in range(1_500)]
    expected = np.array([minus_log_10(text) for text in texts])
    # The logarithm of the digits is below 20, whose last bit is 3.6e-15.
    np.testing.assert_allclose(parsed(texts, as_minus_log_10=True), expected, rtol=2.3e-16, atol=4e-15)


@pytest.mark.parametrize("shape", P_VALUE_SHAPES)
def test_a_common_number_has_the_same_logarithm(shape: str) -> None:
    source = random.Random(shape)
    texts = [P_VALUE_SHAPES[shape](source) for _ in range(1_000)] + ["0", "0.0e-10", "1", "1.000", "1e+00", "-0.5"]
    values, common = read_as_common(texts, as_minus_log_10=True)
    assert common.sum() >= 5
    np.testing.assert_array_equal(values[common].view(np.uint64), parsed(texts, True)[common].view(np.uint64))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1e-400", 400.0),
        ("0.001e-397", 400.0),
        ("2.5e-1000", 999.6020599913279),
        ("1E-0005", 5.0),
        ("0.01", 2.0),
        (".1", 1.0),
        ("10", -1.0),  # above 1, for the rule to see
        ("100000000000000000000e-30", 10.0),
    ],
)
def test_logarithms_of_well_known_numbers(text: str, expected: float) -> None:
    assert parsed([text], as_minus_log_10=True)[0] == expected


@pytest.mark.parametrize("text", ["1", "1.000", "1e0", "10e-1", "1." + "0" * 40])
def test_the_logarithm_of_1_is_0_and_not_minus_0(text: str) -> None:
    assert parsed([text], as_minus_log_10=True).tobytes() == np.zeros(1).tobytes()


@pytest.mark.parametrize("text", ["0", "0.0", "0e-300", "-0", "-1e-5", "-1", "NA", ".", ""])
def test_what_is_not_positive_has_no_logarithm(text: str) -> None:
    assert np.isnan(parsed([text], as_minus_log_10=True)[0])
