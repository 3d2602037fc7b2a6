"""P-values on the log scale: numbers from mpmath, closed forms, and what holds for every statistic."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.stats import t as student_t

from gwasmeta.stats.normal import (
    neg_log_10_chi_squared_p_value,
    neg_log_10_p_value,
    neg_log_10_t_p_value,
    z_from_neg_log_10_p_value,
)

LN_10 = np.log(10)

# The numbers in this file that carry 17 digits were computed with mpmath 1.4.1 at 50 digits: erfc for the
# normal, the finite sum of the upper incomplete gamma function at (half-)integers for chi-squared, betainc
# for t, and a root of erfc for z.


@pytest.mark.parametrize(
    ("z", "expected"),
    [
        (1e-12, 3.4651686195262228e-13),
        (1e-3, 0.00034665511795786365),
        (0.5, 0.20966199360125958),
        (1, 0.4985155458279893),
        (5, 6.2416156767266733),
        (38.5, 323.55031107281543),
        (60, 783.60639916844673),
        (2146, 1000035.0928001285),
    ],
)
def test_p_value_of_z(z: float, expected: float) -> None:
    assert_allclose(neg_log_10_p_value([z, -z]), expected, rtol=2e-15)


@pytest.mark.parametrize(
    ("neg_log_10_p", "expected"),
    [
        (1e-12, 2.8858624494180408e-12),
        (1e-6, 2.8858591269559908e-6),
        (0.1, 0.26069433543048098),
        (0.5, 1.0022398490476313),
        (7.301029995663981, 5.4513104378454784),
        (300, 37.06578788077213),
        (310, 37.681446803061254),
        (1000, 67.795908170787789),
        (1e5, 678.60410176771495),
        (1e6, 2145.9623462955257),
    ],
)
def test_z_of_p_value(neg_log_10_p: float, expected: float) -> None:
    assert_allclose(z_from_neg_log_10_p_value(neg_log_10_p), expected, rtol=2e-15)


@given(st.floats(-13, 3.3).map(lambda exponent: 10**exponent))
def test_z_comes_back_from_its_p_value(z: float) -> None:
    assert_allclose(z_from_neg_log_10_p_value(neg_log_10_p_value(z)), z, rtol=1e-13)


@pytest.mark.parametrize(
    ("x", "degrees_of_freedom", "expected"),
    [
        (0.001, 1, 0.011096562482616878),
        (3, 2, 0.65144172285487774),
        (1, 7, 0.0022517655473525481),
        (50, 7, 7.8402868800918639),
        (1300, 1, 283.94677828443779),
        (1400, 7, 297.41341683788309),
        (1e4, 8, 2161.1533901508983),
        (1e6, 30, 217078.39576775689),
        (500, 1000, 1.7663476126784421e-44),
        (4000, 1000, 352.63788120526695),
        (120_000, 100_000, 385.9323825200086),
    ],
)
def test_p_value_of_chi_squared(x: float, degrees_of_freedom: int, expected: float) -> None:
    assert_allclose(neg_log_10_chi_squared_p_value(x, degrees_of_freedom), expected, rtol=1e-12)


@given(st.floats(-5, 3).map(lambda exponent: 10**exponent))
def test_chi_squared_with_one_degree_of_freedom_is_z_squared(z: float) -> None:
    assert_allclose(neg_log_10_chi_squared_p_value(z**2, 1), neg_log_10_p_value(z), rtol=1e-13)


@given(st.floats(-10, 8).map(lambda exponent: 10**exponent))
def test_chi_squared_with_two_and_four_degrees_of_freedom_has_a_closed_form(x: float) -> None:
    half = x / 2
    four = -np.log1p(-np.exp(-half) * (np.expm1(half) - half)) if half < 1 else half - np.log1p(half)
    expected = np.array([half, four]) / LN_10
    # Cancellation in the expected value of four degrees of freedom, where it is tiny.
    assert_allclose(neg_log_10_chi_squared_p_value(x, [2, 4]), expected, rtol=1e-13, atol=1e-16)


@pytest.mark.parametrize(
    ("t", "degrees_of_freedom", "expected"),
    [
        (1e-8, 3, 3.1925213050075187e-9),
        (0.5, 1, 0.15191391561006296),
        (2, 7, 1.0674281822776709),
        (2.5, 7, 1.3872985761095587),
        (4, 50, 3.6794585686050941),
        (4.5, 60, 4.4975231536648473),
        (5, 60, 5.2767065651453035),
        (1, 1_000_000, 0.49851521464928108),
        (5, 1_000_000, 6.2415424726487903),
        (30, 100_000, 196.13202974811154),
        (1e160, 1, 160.19611987703015),
        (1e60, 7, 417.5782247986746),
        (1e250, 2, 500.0),
        (60, 1000, 332.92397700088105),
        (60, 1_000_000, 782.20187281106515),
    ],
)
def test_p_value_of_t(t: float, degrees_of_freedom: int, expected: float) -> None:
    assert_allclose(neg_log_10_t_p_value([t, -t], degrees_of_freedom), expected, rtol=1e-12)


@given(st.floats(-8, 300).map(lambda exponent: 10**exponent))
def test_t_with_one_and_two_degrees_of_freedom_has_a_closed_form(t: float) -> None:
    one = -np.log1p(-2 / np.pi * np.arctan(t)) if t < 1 else -np.log(2 / np.pi * np.arctan(1 / t))
    # 1 - t / r with r = hypot(sqrt(2), t), as 2 / (r (r + t)) where t is large.
    r = np.hypot(np.sqrt(2), t)
    two = -np.log1p(-t / r) if t < 1 else np.log(r) + np.log(r + t) - np.log(2)
    assert_allclose(neg_log_10_t_p_value(t, [1, 2]), np.array([one, two]) / LN_10, rtol=1e-13)


@pytest.mark.parametrize("degrees_of_freedom", [1, 2, 3, 7, 60])
def test_p_value_of_t_agrees_with_scipy_where_that_does_not_underflow(degrees_of_freedom: int) -> None:
    size = np.linspace(0.1, 20, 500)
    expected = -(student_t.logsf(size, degrees_of_freedom) + np.log(2)) / LN_10
    assert_allclose(neg_log_10_t_p_value(size, degrees_of_freedom), expected, rtol=1e-13)


def test_zero_and_infinity() -> None:
    assert_array_equal(neg_log_10_p_value([0, -0.0, np.inf, -np.inf]), [0, 0, np.inf, np.inf])
    assert_array_equal(z_from_neg_log_10_p_value([0, -0.0, np.inf]), [0, 0, np.inf])
    assert_array_equal(neg_log_10_chi_squared_p_value([0, -1e-20, -3, np.inf], 5), [0, 0, 0, np.inf])
    assert_array_equal(neg_log_10_chi_squared_p_value(0, 0), 0)
    assert_array_equal(neg_log_10_t_p_value([0, np.inf, -np.inf], 5), [0, np.inf, np.inf])


def test_what_is_no_statistic_has_no_p_value() -> None:
    assert_array_equal(neg_log_10_p_value([np.nan, 0]), [np.nan, 0])
    assert_array_equal(z_from_neg_log_10_p_value([np.nan, -1, -1e300]), np.full(3, np.nan))
    for p_value in (neg_log_10_chi_squared_p_value, neg_log_10_t_p_value):
        assert_array_equal(p_value([np.nan, 4, 4, 4], [3, np.nan, 0, -1]), np.full(4, np.nan))
    assert_array_equal(neg_log_10_chi_squared_p_value(0, np.nan), np.nan)


def test_shapes_broadcast() -> None:
    x, degrees_of_freedom = np.array([1.0, 2, 3000]), np.array([[1], [4]])
    for p_value in (neg_log_10_chi_squared_p_value, neg_log_10_t_p_value):
        table = p_value(x, degrees_of_freedom)
        assert table.shape == (2, 3)
        assert table[1, 2] == p_value(3000, 4)
        assert p_value(np.empty(0), np.empty(0)).shape == (0,)
    assert neg_log_10_p_value(np.zeros((2, 0, 3))).shape == (2, 0, 3)
    assert z_from_neg_log_10_p_value(np.zeros((2, 0, 3))).shape == (2, 0, 3)
