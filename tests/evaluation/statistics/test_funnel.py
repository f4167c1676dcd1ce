"""The funnel: printed limits, marks by exact tails, over-dispersion against a second calculation."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.meta_analysis import combine_effects

from evaluation import statistics as s
from tests.evaluation.statistics.cases import COUNTS, counts, printed


@pytest.mark.parametrize(
    ("p", "n", "exact_95", "exact_998", "score_95", "score_998"),
    [
        (0.9, 20, (0.721532, 0.989718), (0.614828, 0.999589), (0.768522, 1), (0.692701, 1)),
        (0.9, 100, (0.832281, 0.949619), (0.791643, 0.975821), (0.841201, 0.958799), (0.807293, 0.992707)),
        (0.95, 50, (0.870168, 0.993502), (0.822006, 0.999740), (0.889590, 1), (0.854753, 1)),
        (0.95, 200, (0.915292, 0.975416), (0.893822, 0.988458), (0.919795, 0.980205), (0.902376, 0.997624)),
        (0.99, 200, (0.971256, 0.999067), (0.959922, 0.999963), (0.976210, 1), (0.968258, 1)),
    ],
)
def test_funnel_limits_give_the_printed_numbers(p, n, exact_95, exact_998, score_95, score_998):
    assert printed(s.exact_funnel_limits(n, p)) == exact_95
    assert printed(s.exact_funnel_limits(n, p, 0.998)) == exact_998
    assert printed(s.funnel_limits(n, p)) == score_95
    assert printed(s.funnel_limits(n, p, 3.090232)) == score_998


@pytest.mark.parametrize(
    ("n", "at_95", "at_998"),
    [
        (1, (3.204264, 100), None),
        (24, (64.835445, 96.449451), (55.719892, 100)),
        (1531, (78.663349, 82.621547), None),
    ],
)
def test_funnel_limits_give_the_numbers_of_the_public_health_workbook(n, at_95, at_998):
    def limits(z):
        found = s.funnel_limits(n, 0.80642448, z)
        return round(found.low * 100, 6), round(found.high * 100, 6)

    assert limits(1.959963984540054) == at_95
    assert at_998 is None or limits(3.0902323061678132) == at_998


@given(counts, st.floats(0.05, 0.95))
def test_a_share_is_outside_the_funnel_exactly_where_its_wilson_interval_misses_the_mean(count, p):
    k, n = count
    limits, interval = s.funnel_limits(n, p, 1.959963984540054), s.wilson_interval(k, n)
    if min(abs(k / n - limits.low), abs(k / n - limits.high)) < 1e-9:
        return  # on the line itself

    assert (limits.low <= k / n <= limits.high) == (interval.low <= p <= interval.high)


@given(counts, st.floats(0.02, 0.98))
def test_marks_go_by_the_exact_tail(count, p):
    k, n = count
    low, high = stats.binom.cdf(k, n, p), stats.binom.sf(k - 1, n, p)
    if min(abs(tail - limit) for tail in (low, high) for limit in (0.025, 0.001)) < 1e-9:
        return  # on the line itself

    mark = s.mark_of(k, n, p)

    assert (mark in (s.Mark.LOW_ALERT, s.Mark.LOW_ALARM), mark is s.Mark.LOW_ALARM) == (low < 0.025, low < 0.001)
    assert (mark in (s.Mark.HIGH_ALERT, s.Mark.HIGH_ALARM), mark is s.Mark.HIGH_ALARM) == (high < 0.025, high < 0.001)


def test_nine_of_nine_is_beyond_the_interpolated_curve_and_still_no_mark():
    p = 967 / 1037

    assert round(p, 7) == 0.9324976
    assert s.exact_funnel_limits(9, p, 0.998).high < 1
    assert s.mark_of(9, 9, p) is s.Mark.WITHIN


def test_interpolated_limits_are_never_below_zero():
    assert s.exact_funnel_limits(3, 0.01).low == 0


def test_over_dispersion_of_chance_alone_is_none():
    random = np.random.default_rng(20260401)
    fair = [(int(k), 200) for k in random.binomial(200, 0.9, size=60)]
    spread = [(int(random.binomial(200, p)), 200) for p in np.clip(random.normal(0.9, 0.06, size=60), 0.6, 0.99)]

    assert s.over_dispersion(fair, 0.9).phi == pytest.approx(1, abs=0.5)
    assert s.over_dispersion(fair, 0.9).tau_squared < 0.001 < s.over_dispersion(spread, 0.9).tau_squared


def test_shares_alike_beyond_chance_add_no_dispersion():
    assert s.over_dispersion([(90, 100)] * 12, 0.9) == s.Dispersion(pytest.approx(0), 0.0)


def test_over_dispersion_without_winsorising_is_the_random_effect_of_statsmodels():
    angles = [math.asin(math.sqrt(k / n)) for k, n in COUNTS]
    centre = sum(4 * n * angle for angle, (_, n) in zip(angles, COUNTS, strict=True)) / sum(4 * n for _, n in COUNTS)
    found = combine_effects(np.array(angles), np.array([1 / (4 * n) for _, n in COUNTS]), method_re="dl")

    mine = s.over_dispersion(COUNTS, math.sin(centre) ** 2, winsorised=0)

    assert mine.tau_squared == pytest.approx(found.tau2, rel=1e-9)
    assert mine.phi == pytest.approx(found.q / len(COUNTS), rel=1e-9)


def test_over_dispersion_draws_the_extreme_tenths_in():
    p = 967 / 1037
    z = sorted((math.asin(math.sqrt(k / n)) - math.asin(math.sqrt(p))) * 2 * math.sqrt(n) for k, n in COUNTS)
    low, high = z[1] + 0.1 * (z[2] - z[1]), z[9] + 0.9 * (z[10] - z[9])  # type 7: at 0.1 and 0.9 of eleven steps
    phi = sum(min(max(value, low), high) ** 2 for value in z) / 12
    weights = [4 * n for _, n in COUNTS]
    tau_squared = (12 * phi - 11) / (sum(weights) - sum(w * w for w in weights) / sum(weights))

    assert s.over_dispersion(COUNTS, p) == s.Dispersion(pytest.approx(phi), pytest.approx(tau_squared))


@given(st.integers(1, 500), st.floats(0.02, 0.98), st.floats(0, 0.5))
def test_dispersed_limits_hold_the_mean_and_stay_probabilities(n, p, tau_squared):
    limits = s.dispersed_limits(n, p, tau_squared)

    assert 0 <= limits.low <= p <= limits.high <= 1
