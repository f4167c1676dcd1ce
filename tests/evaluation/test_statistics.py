"""Every worked number of the evaluation rules to its printed digits, and a second opinion for each formula."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint, test_proportions_2indep

from evaluation import statistics as s

SERVANTS = {
    "A": (118, 120),
    "B": (95, 100),
    "C": (57, 60),
    "D": (40, 48),
    "E": (9, 9),
    "F": (150, 165),
    "G": (22, 30),
    "H": (201, 210),
    "I": (3, 4),
    "J": (74, 80),
    "K": (132, 136),
    "L": (66, 75),
}
COUNTS = list(SERVANTS.values())
counts = st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def printed(interval: s.Interval | None, digits: int = 6) -> tuple[float, float]:
    assert interval is not None
    return round(interval.low, digits), round(interval.high, digits)


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


def test_wilson_interval_of_nobody_is_none():
    assert s.wilson_interval(0, 0) is None


@pytest.mark.parametrize(("k", "n"), [(-1, 5), (6, 5)])
def test_impossible_counts_are_refused(k, n):
    with pytest.raises(ValueError, match="need 0 <= k <= n"):
        s.wilson_interval(k, n)


def test_coverage_prints_worst_and_best_case():
    coverage = s.Coverage(finished=120, shown=110, rated=80, satisfied=76)

    assert round(coverage.share, 4) == 0.6667
    assert coverage.satisfied_share == 0.95
    assert printed(coverage.bounds, 4) == (0.6333, 0.9667)


def test_coverage_of_nothing_has_no_shares():
    coverage = s.Coverage(finished=0, shown=0, rated=0, satisfied=0)

    assert (coverage.share, coverage.satisfied_share, coverage.bounds) == (None, None, None)


def test_coverage_refuses_more_ratings_than_dealings():
    with pytest.raises(ValueError, match="each count must hold the next"):
        s.Coverage(finished=3, shown=3, rated=4, satisfied=4)


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


@given(counts, st.floats(0.05, 0.95))
def test_a_share_is_outside_the_funnel_exactly_where_its_wilson_interval_misses_the_mean(count, p):
    k, n = count
    limits, interval = s.funnel_limits(n, p, 1.959963984540054), s.wilson_interval(k, n)
    if min(abs(k / n - limits.low), abs(k / n - limits.high)) < 1e-9:
        return  # on the line itself

    assert (limits.low <= k / n <= limits.high) == (interval.low <= p <= interval.high)


@pytest.mark.parametrize(
    ("n", "flagged", "power"),
    [
        (50, 41, {0.85: 0.33, 0.80: 0.69}),
        (100, 86, {0.85: 0.65, 0.80: 0.95}),
        (200, 178, {0.85: 0.96}),
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


def test_fitted_prior_gives_the_printed_numbers():
    prior = s.fit_prior(COUNTS)

    assert (prior.alpha, prior.beta) == pytest.approx((27.910341, 2.493355), rel=1e-4)
    assert round(prior.mean, 6) == 0.917992
    assert round(s.beta_binomial_log_likelihood(COUNTS, prior), 6) == -32.010263
    assert round(s.sample_for_reliability(prior), 1) == 70.9


def test_log_likelihood_agrees_with_scipy():
    prior = s.Prior(27.910341, 2.493355)
    expected = sum(stats.betabinom.logpmf(k, n, prior.alpha, prior.beta) for k, n in COUNTS)

    assert s.beta_binomial_log_likelihood(COUNTS, prior) == pytest.approx(expected, rel=1e-12)


def test_moments_prior_gives_the_printed_numbers():
    prior = s.moments_prior(COUNTS)

    assert (round(prior.alpha, 6), round(prior.beta, 6)) == (23.809630, 1.723551)
    assert round(1 / (1 + prior.size), 8) == 0.03768866


ESTIMATES = {  # id: estimate, 95 % interval, P(below the mean), expected rank
    "A": (0.9701, 0.9377, 0.9909, 0.0027, 2.05),
    "K": (0.9610, 0.9268, 0.9847, 0.0095, 2.98),
    "H": (0.9522, 0.9219, 0.9754, 0.0151, 3.97),
    "B": (0.9425, 0.8968, 0.9755, 0.1188, 4.98),
    "C": (0.9392, 0.8819, 0.9784, 0.1859, 5.25),
    "E": (0.9367, 0.8435, 0.9891, 0.2641, 5.24),
    "J": (0.9231, 0.8669, 0.9649, 0.3834, 6.82),
    "F": (0.9105, 0.8668, 0.9462, 0.6210, 8.00),
    "I": (0.8985, 0.7796, 0.9741, 0.5978, 8.02),
    "L": (0.8910, 0.8252, 0.9428, 0.8110, 9.13),
    "D": (0.8662, 0.7830, 0.9317, 0.9273, 10.23),
    "G": (0.8263, 0.7220, 0.9101, 0.9863, 11.34),
}


@pytest.mark.parametrize("name", SERVANTS)
def test_estimate_and_expected_rank_give_the_printed_numbers(name):
    prior = s.fit_prior(COUNTS)

    estimate = s.estimate_share(*SERVANTS[name], prior)
    rank = s.expected_ranks(COUNTS, prior)[list(SERVANTS).index(name)]

    shown = (estimate.mean, estimate.interval.low, estimate.interval.high, estimate.below_mean)
    assert (*(round(value, 4) for value in shown), round(rank, 2)) == ESTIMATES[name]


def test_the_three_orders_are_as_printed():
    prior = s.fit_prior(COUNTS)

    def order(key):
        return "".join(sorted(SERVANTS, key=lambda name: (-round(key(*SERVANTS[name]), 6), name)))

    assert order(lambda k, n: k / n) == "EAKHBCJFLDIG"
    assert order(lambda k, n: s.wilson_interval(k, n).low) == "AKHBCFJLDEGI"
    assert order(lambda k, n: s.estimate_share(k, n, prior).mean) == "AKHBCEJFILDG"


def test_a_group_without_differences_or_too_small_is_pooled():
    same = s.fit_prior([(90, 100)] * 12)
    few = s.fit_prior(COUNTS[:7])
    perfect = s.fit_prior([(50, 50)] * 12)

    assert [prior.is_pooled for prior in (same, few, perfect)] == [True, True, True]
    assert same.mean == pytest.approx(0.9, abs=0.001)


def test_fitted_prior_is_no_worse_than_any_on_a_grid():
    fitted = s.beta_binomial_log_likelihood(COUNTS, s.fit_prior(COUNTS))
    grid = [s.Prior(a, b) for a in np.linspace(2, 80, 40) for b in np.linspace(0.2, 12, 40)]

    assert fitted >= max(s.beta_binomial_log_likelihood(COUNTS, prior) for prior in grid)


@pytest.mark.parametrize(
    ("k", "n", "band"),
    [
        (4, 4, s.Band.HIDDEN),
        (5, 5, s.Band.NOT_ENOUGH),
        (29, 29, s.Band.NOT_ENOUGH),
        (118, 120, s.Band.ABOVE),
        (95, 100, s.Band.TYPICAL),
        (66, 100, s.Band.BELOW),
        (22, 30, s.Band.TYPICAL),  # unreliable at 30, and its exact tail is not under 0.001
        (18, 30, s.Band.BELOW),  # unreliable too, but too rare to be chance
    ],
)
def test_band_follows_numbers_reliability_and_tail(k, n, band):
    assert s.band_of(k, n, s.fit_prior(COUNTS)) is band


def test_in_a_group_too_small_for_a_prior_only_what_is_too_rare_stands_out():
    prior = s.fit_prior([(40, 40), (12, 40), (30, 40)])

    assert prior.is_pooled
    assert [s.band_of(k, 40, prior) for k in (40, 12, 30)] == [s.Band.ABOVE, s.Band.BELOW, s.Band.TYPICAL]


def test_difference_of_two_servants_gives_the_printed_numbers():
    assert printed(s.newcombe_difference(57, 60, 40, 48)) == (-0.001333, 0.249892)
    assert tuple(round(value, 6) for value in s.score_test(57, 60, 40, 48)) == (1.982680, 0.047403)


@given(counts, counts)
def test_difference_agrees_with_statsmodels(one, two):
    interval = s.newcombe_difference(*one, *two)

    expected = confint_proportions_2indep(*one, *two, method="newcomb", compare="diff")
    assert (interval.low, interval.high) == pytest.approx(expected, abs=1e-9)


def test_score_test_agrees_with_statsmodels():
    expected = test_proportions_2indep(57, 60, 40, 48, method="score", compare="diff")

    assert s.score_test(57, 60, 40, 48) == pytest.approx((expected.statistic, expected.pvalue))


test_proportions_2indep.__test__ = False  # statsmodels' name, not a test of ours


def test_difference_with_nobody_is_refused():
    with pytest.raises(ValueError, match="at least one rating"):
        s.newcombe_difference(0, 0, 1, 2)


def test_benjamini_hochberg_gives_the_printed_numbers():
    q = s.benjamini_hochberg([0.0005, 0.004, 0.012, 0.03, 0.04, 0.2, 0.5, 0.9])

    assert [round(value, 6) for value in q] == [0.004, 0.016, 0.032, 0.06, 0.064, 0.266667, 0.571429, 0.9]
    assert sum(value <= 0.1 for value in q) == 5


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_benjamini_hochberg_agrees_with_statsmodels(p_values):
    expected = multipletests(p_values, method="fdr_bh")[1]

    assert s.benjamini_hochberg(p_values) == pytest.approx(list(expected), abs=1e-12)


def test_byar_interval_gives_the_printed_numbers():
    assert printed(s.byar_interval(65)) == (50.163188, 82.849139)
    assert s.byar_interval(0).low == 0


def test_case_mix_tail_agrees_with_counting_every_outcome():
    expected = [Fraction(1, 10), Fraction(1, 4), Fraction(1, 2), Fraction(1, 3)]
    tail = Fraction(0)
    for outcome in range(16):
        bits = [outcome >> i & 1 for i in range(4)]
        if sum(bits) >= 2:
            tail += math.prod(p if bit else 1 - p for p, bit in zip(expected, bits, strict=True))

    mix = s.standardise(2, [float(p) for p in expected])

    assert mix.upper_tail == pytest.approx(float(tail), rel=1e-12)
    assert (mix.observed, mix.expected) == (2, pytest.approx(71 / 60))
    assert mix.ratio == pytest.approx(120 / 71)
    assert mix.interval.high == pytest.approx(s.byar_interval(2).high * 60 / 71)


def test_case_mix_without_expectation_is_refused():
    with pytest.raises(ValueError, match="must be positive"):
        s.standardise(0, [0.0, 0.0])


def test_over_dispersion_of_chance_alone_is_none():
    random = np.random.default_rng(20260401)
    fair = [(int(k), 200) for k in random.binomial(200, 0.9, size=60)]
    spread = [(int(random.binomial(200, p)), 200) for p in np.clip(random.normal(0.9, 0.06, size=60), 0.6, 0.99)]

    assert s.over_dispersion(fair, 0.9).phi == pytest.approx(1, abs=0.5)
    assert s.over_dispersion(fair, 0.9).tau_squared < 0.001 < s.over_dispersion(spread, 0.9).tau_squared


def test_shares_alike_beyond_chance_add_no_dispersion():
    assert s.over_dispersion([(90, 100)] * 12, 0.9) == s.Dispersion(pytest.approx(0), 0.0)


@given(st.integers(1, 500), st.floats(0.02, 0.98), st.floats(0, 0.5))
def test_dispersed_limits_hold_the_mean_and_stay_probabilities(n, p, tau_squared):
    limits = s.dispersed_limits(n, p, tau_squared)

    assert 0 <= limits.low <= p <= limits.high <= 1


def test_cusum_gives_the_printed_weights_and_never_falls_below_zero():
    assert tuple(round(weight, 6) for weight in s.cusum_weights(0.05, 0.10)) == (0.693147, -0.054067)
    path = s.cusum([False, True, True, False], 0.05, 0.10)
    assert [round(level, 6) for level in path] == [0.0, 0.693147, 1.386294, 1.332227]


def test_implausibly_quick_taps_stand_out():
    z = s.robust_z([9, 11, 8, 14, 10, 12, 2, 9, 13, 10])

    assert round(z[6], 4) == -7.5469
    assert [value for value in z if value < -3.5] == [z[6]]
    assert s.robust_z([10, 10, 10]) == [0.0, 0.0, 0.0]
