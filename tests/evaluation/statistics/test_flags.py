"""Flags: false-discovery control, selective prompting, implausibly quick taps."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.contingency_tables import StratifiedTable
from statsmodels.stats.multitest import multipletests

from evaluation import statistics as s


def test_benjamini_hochberg_gives_the_printed_numbers():
    q = s.benjamini_hochberg([0.0005, 0.004, 0.012, 0.03, 0.04, 0.2, 0.5, 0.9])

    assert [round(value, 6) for value in q] == [0.004, 0.016, 0.032, 0.06, 0.064, 0.266667, 0.571429, 0.9]
    assert sum(value <= 0.1 for value in q) == 5


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_benjamini_hochberg_agrees_with_statsmodels(p_values):
    expected = multipletests(p_values, method="fdr_bh")[1]

    assert s.benjamini_hochberg(p_values) == pytest.approx(list(expected), abs=1e-12)


def test_discoveries_are_judged_together_the_surest_first():
    p_values = [0.9, 0.03, 0.0005, 0.04, 0.2, 0.012, 0.5, 0.004]
    suspicions = [s.Suspicion(i, "QUICK", p) for i, p in enumerate(p_values)]

    found = s.discoveries(iter(suspicions))

    assert [finding.suspicion.subject for finding in found] == [2, 7, 5, 1, 3]
    assert [round(finding.q, 6) for finding in found] == [0.004, 0.016, 0.032, 0.06, 0.064]
    assert s.discoveries([]) == []


def test_of_what_is_found_no_more_is_false_than_was_accepted():
    random = np.random.default_rng(20260403)
    false_shares, missed = [], 0
    for _ in range(200):
        fair, guilty = random.random(190), random.random(10) * 1e-4
        found = s.discoveries(s.Suspicion(i, "RUN", float(p)) for i, p in enumerate([*guilty, *fair]))
        false = sum(finding.suspicion.subject >= 10 for finding in found)
        false_shares.append(false / max(1, len(found)))
        missed += 10 - (len(found) - false)

    assert np.mean(false_shares) < s.DISCOVERY_RATE
    assert missed == 0


def test_selective_prompting_gives_the_printed_numbers():
    found = s.fisher_exact(((90, 10), (5, 15)))

    assert found.odds_ratio == 27.0
    assert f"{found.p:.3e}" == "6.654e-09"


cells = st.integers(0, 60)
tables = st.tuples(st.tuples(cells, cells), st.tuples(cells, cells))


@given(tables)
def test_fishers_test_agrees_with_scipy(table):
    expected = stats.fisher_exact(table)

    assert s.fisher_exact(table).p == pytest.approx(expected.pvalue, rel=1e-6)


@given(
    st.lists(
        st.tuples(st.tuples(*[st.integers(1, 60)] * 2), st.tuples(*[st.integers(1, 60)] * 2)), min_size=1, max_size=5
    )
)
def test_common_odds_ratio_agrees_with_statsmodels(strata):
    expected = StratifiedTable([np.array(table) for table in strata])

    found = s.mantel_haenszel(strata)

    assert found.odds_ratio == pytest.approx(expected.oddsratio_pooled)
    assert found.p == pytest.approx(expected.test_null_odds(correction=False).pvalue, abs=1e-9)


def test_odds_without_a_cross_count_are_infinite_or_unknown():
    assert s.fisher_exact(((5, 0), (0, 5))).odds_ratio == math.inf
    assert s.fisher_exact(((5, 0), (5, 0))) == s.Association(1.0, pytest.approx(1.0))
    assert s.mantel_haenszel([((0, 0), (0, 0)), ((1, 0), (0, 0))]) == s.Association(1.0, 1.0)


def test_implausibly_quick_taps_stand_out():
    z = s.robust_z([9, 11, 8, 14, 10, 12, 2, 9, 13, 10])

    assert round(z[6], 4) == -7.5469
    assert [value for value in z if value < -3.5] == [z[6]]
    assert s.robust_z([10, 10, 10]) == [0.0, 0.0, 0.0]
