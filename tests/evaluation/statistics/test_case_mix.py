"""Case mix: printed numbers, every outcome counted, statsmodels as a second opinion on the model."""

import math
from fractions import Fraction

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats

from evaluation import statistics as s
from tests.evaluation.statistics.cases import printed


def test_byar_interval_gives_the_printed_numbers():
    assert printed(s.byar_interval(65)) == (50.163188, 82.849139)
    assert s.byar_interval(0).low == 0


def test_byar_interval_is_near_the_exact_one():
    for observed in (5, 20, 65):
        exact = (stats.chi2.ppf(0.025, 2 * observed) / 2, stats.chi2.ppf(0.975, 2 * observed + 2) / 2)
        interval = s.byar_interval(observed)

        assert (interval.low, interval.high) == pytest.approx(exact, rel=0.01)


def test_case_mix_tail_agrees_with_counting_every_outcome():
    expected = [Fraction(1, 10), Fraction(1, 4), Fraction(1, 2), Fraction(1, 3)]
    tail = Fraction(0)
    for outcome in range(16):
        bits = [outcome >> i & 1 for i in range(4)]
        if sum(bits) >= 2:
            tail += math.prod(p if bit else 1 - p for p, bit in zip(expected, bits, strict=True))

    mix = s.standardise(2, [(1, float(p)) for p in expected])

    assert mix.tails.high == pytest.approx(float(tail), rel=1e-12)
    assert mix.tails.low + mix.tails.high - s.sum_distribution([(1, float(p)) for p in expected])[2] == pytest.approx(1)
    assert (mix.observed, mix.expected) == (2, pytest.approx(71 / 60))
    assert mix.ratio == pytest.approx(120 / 71)
    assert mix.interval.high == pytest.approx(s.byar_interval(2).high * 60 / 71)


def test_alike_cases_give_the_binomial_tails():
    mix = s.standardise(9, [(60, 0.1), (40, 0.1)])
    tails = s.exact_tails(9, 100, 0.1)

    assert (mix.tails.low, mix.tails.high) == pytest.approx((tails.low, tails.high), rel=1e-9)
    assert (mix.rated, mix.expected, mix.ratio) == (100, pytest.approx(10), pytest.approx(0.9))
    assert mix.z == pytest.approx(-1 / 3)
    assert mix.adjusted(0.2) == pytest.approx(0.18)


def test_certain_cases_leave_no_doubt():
    mix = s.standardise(2, [(2, 1.0), (5, 0.0)])

    assert (mix.tails.low, mix.tails.high, mix.z) == (pytest.approx(1), pytest.approx(1), 0)


def test_case_mix_without_expectation_is_refused():
    with pytest.raises(ValueError, match="must be positive"):
        s.standardise(0, [(2, 0.0)])


def make_cases(seed=20260402, rated=400):
    """Return cases of four procedures, late or not, at two channels, as chance deals out bad ratings."""
    random = np.random.default_rng(seed)
    hard = {"LAND": -1.6, "BIRTH": -3.4, "LICENCE": -2.5, "OTHER": -2.9}
    return [
        s.Cases(procedure, is_late, channel, int(random.binomial(rated, 1 / (1 + math.exp(-log_odds)))), rated)
        for procedure, base in hard.items()
        for is_late in (False, True)
        for channel in ("COUNTER", "POSTAL")
        for log_odds in [base + 1.3 * is_late - 0.4 * (channel == "POSTAL")]
    ]


def design_of(cases):
    traits = sorted({trait for case in cases for trait in case.traits}, key=repr)
    return np.array([[1.0] + [float(trait in case.traits) for trait in traits] for case in cases])


def test_model_without_ridge_expects_what_statsmodels_fits():
    cases = make_cases()
    endog = np.array([(case.bad, case.rated - case.bad) for case in cases])
    columns = [0, 1, 3, 5, 6, 7]  # one of each trait's columns left out, as it has to be without a ridge
    fitted = sm.GLM(endog, design_of(cases)[:, columns], family=sm.families.Binomial()).fit()

    model = s.fit_cases(cases, ridge=1e-7)

    assert [model.expect(case) for case in cases] == pytest.approx(list(fitted.fittedvalues), abs=1e-6)


def test_model_with_ridge_is_where_the_penalised_likelihood_is_highest():
    cases = make_cases(rated=30)
    model = s.fit_cases(cases)

    def likelihood(intercept, effects):
        other = s.CaseModel(intercept, effects)
        fit = sum(stats.binom.logpmf(case.bad, case.rated, other.expect(case)) for case in cases)
        return fit - sum(effect**2 for effect in effects.values()) / 2

    best = likelihood(model.intercept, model.effects)
    for change in (-1e-3, 1e-3):
        assert likelihood(model.intercept + change, model.effects) < best
        for trait, effect in model.effects.items():
            assert likelihood(model.intercept, {**model.effects, trait: effect + change}) < best


def test_all_expected_bad_ratings_together_are_those_observed():
    cases = make_cases(rated=25)

    mix = s.standardise_cases(cases, s.fit_cases(cases))

    assert mix.expected == pytest.approx(sum(case.bad for case in cases))
    assert mix.ratio == pytest.approx(1)


def test_a_rare_procedure_is_drawn_towards_the_general_share_and_an_unknown_one_has_no_effect():
    cases = [s.Cases("BIRTH", False, "COUNTER", 50, 1000), s.Cases("RARE", False, "COUNTER", 2, 2)]
    model = s.fit_cases(cases)

    birth, rare, unknown = (
        model.expect(s.Cases(name, False, "COUNTER", 0, 1)) for name in ("BIRTH", "RARE", "NEVER_SEEN")
    )

    assert birth == pytest.approx(0.05, abs=0.005)
    assert birth < unknown < rare < 0.5


@pytest.mark.parametrize("bad", [0, 40])
def test_where_all_ratings_agree_there_is_nothing_to_model(bad):
    model = s.fit_cases([s.Cases("BIRTH", False, "COUNTER", bad, 40)])

    assert model.effects == {}
    assert model.expect(s.Cases("BIRTH", True, "POSTAL", 0, 1)) == pytest.approx((bad + 0.5) / 41)


def test_hard_cases_do_not_push_a_fair_servant_below_but_harshness_does():
    everybody = make_cases()
    model = s.fit_cases(everybody)
    overall = sum(case.bad for case in everybody) / sum(case.rated for case in everybody)
    fair = [s.Cases("LAND", True, "COUNTER", 42, 100)]
    harsh = [s.Cases("BIRTH", False, "COUNTER", 14, 100)]

    assert s.mark_of(42, 100, overall) is s.Mark.HIGH_ALARM
    assert s.band_of_mix(s.standardise_cases(fair, model)) is s.Band.TYPICAL
    assert s.mark_of(14, 100, overall) is s.Mark.WITHIN
    assert s.band_of_mix(s.standardise_cases(harsh, model)) is s.Band.BELOW
    assert s.band_of_mix(s.standardise_cases([s.Cases("LAND", True, "COUNTER", 12, 100)], model)) is s.Band.ABOVE


@pytest.mark.parametrize(("rated", "band"), [(4, s.Band.HIDDEN), (5, s.Band.NOT_ENOUGH), (29, s.Band.NOT_ENOUGH)])
def test_few_ratings_have_no_band_whatever_they_say(rated, band):
    assert s.band_of_mix(s.standardise(rated, [(rated, 0.05)])) is band
