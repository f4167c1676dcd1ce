"""Intervals of a share and coverage: printed numbers, and statsmodels as a second opinion."""

import pytest
from hypothesis import given
from statsmodels.stats.proportion import proportion_confint

from evaluation import statistics as s
from evaluation.statistics.basics import z_of
from tests.evaluation.statistics.cases import counts, printed


@pytest.mark.parametrize(
    ("k", "n", "at_95", "at_998"),
    [
        (0, 5, (0, 0.434482), (0, 0.656346)),
        (5, 5, (0.565518, 1), (0.343654, 1)),
        (9, 10, (0.595850, 0.982124), (0.418006, 0.991211)),
        (18, 20, (0.698966, 0.972134), (0.556733, 0.984731)),
        (90, 100, (0.825634, 0.944771), (0.769941, 0.960322)),
        (180, 200, (0.850594, 0.934330), (0.815185, 0.948358)),
        (65, 100, (0.552544, 0.736358), (0.495495, 0.778354)),
        (1045, 5000, (0.197955, 0.220491), (0.191794, 0.227316)),
    ],
)
def test_wilson_interval_gives_the_printed_numbers(k, n, at_95, at_998):
    assert printed(s.wilson_interval(k, n)) == at_95
    assert printed(s.wilson_interval(k, n, 0.998)) == at_998


@given(counts)
def test_wilson_interval_agrees_with_statsmodels(count):
    k, n = count
    interval = s.wilson_interval(k, n)

    assert (interval.low, interval.high) == pytest.approx(proportion_confint(k, n, method="wilson"), abs=1e-9)


@pytest.mark.parametrize(
    ("k", "n", "exact", "jeffreys"),
    [
        (0, 5, (0, 0.521824), (0.000093, 0.379377)),
        (5, 5, (0.478176, 1), (0.620623, 0.999907)),
        (9, 10, (0.554984, 0.997471), (0.618685, 0.988988)),
        (18, 20, (0.683017, 0.987651), (0.716147, 0.978628)),
        (90, 100, (0.823777, 0.950995), (0.829876, 0.947415)),
        (180, 200, (0.849787, 0.937841), (0.852701, 0.935834)),
    ],
)
def test_exact_and_jeffreys_intervals_give_the_printed_numbers(k, n, exact, jeffreys):
    assert printed(s.exact_interval(k, n)) == exact
    assert printed(s.jeffreys_interval(k, n)) == jeffreys


def test_exact_interval_gives_the_numbers_of_scipys_manual():
    interval = s.exact_interval(7, 50)

    assert (interval.low, interval.high) == pytest.approx((0.05819170033997342, 0.26739600249700846), rel=1e-12)


@given(counts)
def test_exact_and_jeffreys_intervals_agree_with_statsmodels(count):
    exact, jeffreys = s.exact_interval(*count), s.jeffreys_interval(*count)

    assert (exact.low, exact.high) == pytest.approx(proportion_confint(*count, method="beta"), abs=1e-9)
    assert (jeffreys.low, jeffreys.high) == pytest.approx(proportion_confint(*count, method="jeffreys"), abs=1e-9)


def test_deviations_of_the_normal_are_as_printed():
    assert (round(z_of(0.95), 6), round(z_of(0.998), 6)) == (1.959964, 3.090232)


def test_intervals_of_nobody_are_none():
    assert (s.wilson_interval(0, 0), s.exact_interval(0, 0)) == (None, None)


@pytest.mark.parametrize(("k", "n"), [(-1, 5), (6, 5)])
def test_impossible_counts_are_refused(k, n):
    with pytest.raises(ValueError, match="need 0 <= k <= n"):
        s.wilson_interval(k, n)


def test_coverage_prints_worst_and_best_case():
    coverage = s.Coverage(finished=120, shown=110, rated=80, satisfied=76)

    assert round(coverage.share, 4) == 0.6667
    assert coverage.satisfied_share == 0.95
    assert printed(coverage.bounds, 4) == (0.6333, 0.9667)


def test_worst_and_best_case_hold_every_way_the_silent_could_have_answered():
    coverage = s.Coverage(finished=9, shown=8, rated=6, satisfied=4)
    ways = [(4 + silent) / 9 for silent in range(4)]

    assert (coverage.bounds.low, coverage.bounds.high) == pytest.approx((min(ways), max(ways)))


def test_coverage_of_nothing_has_no_shares():
    coverage = s.Coverage(finished=0, shown=0, rated=0, satisfied=0)

    assert (coverage.share, coverage.satisfied_share, coverage.bounds) == (None, None, None)


def test_coverage_refuses_more_ratings_than_dealings():
    with pytest.raises(ValueError, match="each count must hold the next"):
        s.Coverage(finished=3, shown=3, rated=4, satisfied=4)
