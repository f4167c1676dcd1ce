"""Charts over time: exact limits, runs, Laney's widening, and the CUSUM against every path."""

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from evaluation import statistics as s
from tests.evaluation.statistics.cases import counts


@given(st.lists(counts, min_size=1, max_size=12))
def test_points_signal_exactly_where_their_tail_is_rare_and_the_picture_agrees(weeks):
    chart = s.p_chart(weeks)

    assert chart.centre == pytest.approx(sum(k for k, _ in weeks) / sum(n for _, n in weeks))
    for point in chart.points:
        low = stats.binom.cdf(point.k, point.n, chart.centre)
        high = stats.binom.sf(point.k - 1, point.n, chart.centre)
        expected = s.Side.LOW if low < 0.00135 else s.Side.HIGH if high < 0.00135 else None
        assert point.beyond is expected or min(abs(low - 0.00135), abs(high - 0.00135)) < 1e-9
        assert (point.limits.low <= point.share <= point.limits.high) == (point.beyond is None)


def test_a_week_without_ratings_has_no_limits_and_breaks_no_run():
    chart = s.p_chart([(1, 100)] * 7 + [(0, 0), (1, 100), (40, 100)])

    assert (chart.points[7].share, chart.points[7].limits) == (None, None)
    assert [point.run for point in chart.points] == [None] * 8 + [s.Side.LOW, None]
    assert chart.points[9].beyond is s.Side.HIGH


def test_a_point_on_the_centre_breaks_a_run():
    chart = s.p_chart([(9, 100)] * 5 + [(10, 100)] + [(9, 100)] * 5 + [(20, 100)])

    assert chart.centre == pytest.approx(0.1)
    assert {point.run for point in chart.points} == {None}


def test_a_chart_of_nothing_is_empty():
    assert s.p_chart([]) == s.PChart(0.0, 1.0, [])
    assert s.p_chart([(0, 0)], is_dispersed=True).points[0].limits is None
    assert s.p_chart([(0, 50), (0, 60)], is_dispersed=True).points[0].limits.low == 0


def test_laneys_widening_is_the_moving_range_of_standardised_shares():
    weeks = [(30, 1000), (80, 1000), (20, 1000), (90, 1000), (35, 1000)]
    centre = 255 / 5000
    error = math.sqrt(centre * (1 - centre) / 1000)
    z = [(k / n - centre) / error for k, n in weeks]
    sigma = sum(abs(after - before) for before, after in itertools.pairwise(z)) / 4 / 1.128

    wide, narrow = s.p_chart(weeks, is_dispersed=True), s.p_chart(weeks)

    assert wide.sigma_z == pytest.approx(sigma)
    assert wide.points[0].limits.high == pytest.approx(centre + 3 * sigma * error)
    assert [point.beyond for point in wide.points] == [None] * 5
    assert narrow.points[3].beyond is s.Side.HIGH


def test_cusum_gives_the_printed_weights_and_never_falls_below_zero():
    assert tuple(round(weight, 6) for weight in s.cusum_weights(0.05, 0.10)) == (0.693147, -0.054067)
    path = s.cusum([False, True, True, False], 0.05, 0.10)
    assert [round(level, 6) for level in path] == [0.0, 0.693147, 1.386294, 1.332227]


def test_chance_of_a_cusums_peak_is_that_of_all_paths_counted():
    p0, p1, ratings = 0.2, 0.4, 10
    peaks = {path: max(s.cusum(path, p0, p1)) for path in itertools.product((False, True), repeat=ratings)}
    step = -s.cusum_weights(p0, p1)[1] / 8

    def chance(peak):
        return sum(p0 ** sum(path) * (1 - p0) ** (ratings - sum(path)) for path, top in peaks.items() if top >= peak)

    for peak in sorted(set(peaks.values()))[1::20]:
        tail = s.cusum_tail(peak, ratings, p0, p1)
        assert chance(peak) - 1e-12 <= tail <= chance(peak - ratings * step) + 1e-12


def test_a_cusum_that_never_rose_is_no_surprise_and_one_that_doubled_is():
    usual = [i % 20 == 0 for i in range(400)]
    doubled = [i % 20 == 0 for i in range(200)] + [i % 6 == 0 for i in range(200)]

    def tail(bad):
        return s.cusum_tail(max(s.cusum(bad, 0.05, 0.1)), len(bad), 0.05, 0.1)

    assert s.cusum_tail(0, 100, 0.05, 0.1) == 1
    assert tail(usual) > 0.5
    assert tail(doubled) < 0.001
