"""Two units or periods: printed numbers, statsmodels, and what is said in words."""

import pytest
from hypothesis import given
from statsmodels.stats.proportion import confint_proportions_2indep, test_proportions_2indep

from evaluation import statistics as s
from tests.evaluation.statistics.cases import counts, printed


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


@pytest.mark.parametrize(
    ("groups", "begins", "low", "high"),
    [
        ((57, 60, 40, 48), "No sufficient evidence", 0.001333, 0.249892),
        ((95, 100, 40, 60), "More satisfied", None, None),
        ((40, 60, 95, 100), "Less satisfied", None, None),
    ],
)
def test_a_difference_says_what_its_interval_says(groups, begins, low, high):
    difference = s.compare(*groups)
    sentence = difference.sentence

    assert sentence.message.startswith(begins)
    assert low is None or (round(sentence.values["low"], 6), round(sentence.values["high"], 6)) == (low, high)
    assert difference.interval == s.newcombe_difference(*groups)
    assert all(value >= 0 for value in sentence.values.values())
    assert sentence.message % {"one": "A", "two": "B", **sentence.values}


def test_the_same_difference_seen_from_either_side_has_the_same_numbers():
    more, less = s.compare(95, 100, 40, 60).sentence.values, s.compare(40, 60, 95, 100).sentence.values

    assert less == pytest.approx(more)


def test_nothing_is_said_of_fewer_than_thirty():
    difference = s.compare(29, 29, 40, 60)

    assert difference.interval is None
    assert difference.sentence.values == {"least": 30}
    assert difference.sentence.message.startswith("Too few ratings to compare")
