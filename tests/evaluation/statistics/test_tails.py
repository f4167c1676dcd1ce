"""Exact tails: what is rare enough, against sums of the mass function."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from evaluation import statistics as s
from tests.evaluation.statistics.cases import counts


@given(counts, st.floats(0.01, 0.99))
def test_exact_tails_agree_with_a_sum_of_the_mass_function(count, p):
    k, n = count
    mass = stats.binom.pmf(np.arange(n + 1), n, p)

    tails = s.exact_tails(k, n, p)

    assert (tails.low, tails.high) == pytest.approx((mass[: k + 1].sum(), mass[k:].sum()), abs=1e-9)


def test_perfect_scores_of_a_few_are_no_alarm():
    assert [s.fewest_perfect_for_alarm(p) for p in (0.6, 0.8, 0.9, 0.95, 0.99)] == [14, 31, 66, 135, 688]
    assert s.exact_tails(9, 9, 0.932).high == pytest.approx(0.53, abs=0.005)


@pytest.mark.parametrize(
    ("n", "flagged", "power"),
    [
        (50, 41, {0.85: 0.33, 0.80: 0.69}),
        (100, 86, {0.85: 0.65, 0.80: 0.95}),
        (200, 178, {0.85: 0.96, 0.80: 1.0}),
        (400, 364, {0.9: 0.77}),
    ],
)
def test_power_of_the_alarm_is_as_printed(n, flagged, power):
    assert s.largest_low_count(n, 0.95) == flagged
    assert {true: round(s.exact_tails(flagged, n, true).low, 2) for true in power} == power


def test_alarms_for_rare_bad_ratings_are_as_printed():
    assert [s.smallest_high_count(n, 0.0043, tail) for n in (200, 1000) for tail in (0.025, 0.001)] == [4, 6, 10, 13]


def test_no_count_of_three_is_rare_enough_for_an_alarm():
    assert (s.largest_low_count(3, 0.5), s.smallest_high_count(3, 0.5)) == (-1, 4)


@given(st.integers(1, 300), st.floats(0.02, 0.98), st.sampled_from([0.025, 0.001]))
def test_rare_counts_agree_with_looking_at_every_count(n, p, tail):
    counts = np.arange(n + 1)
    low = counts[stats.binom.cdf(counts, n, p) < tail]
    high = counts[stats.binom.sf(counts - 1, n, p) < tail]

    assert s.largest_low_count(n, p, tail) == (low[-1] if len(low) else -1)
    assert s.smallest_high_count(n, p, tail) == (high[0] if len(high) else n + 1)


def test_two_hundred_ratings_at_the_district_rate_expect_less_than_one_bad_one():
    assert round(200 * 0.0043, 2) == 0.86
    assert s.smallest_high_count(200, 0.0043) > math.ceil(0.86)
