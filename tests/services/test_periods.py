"""Reporting periods: a month may end on any day, periods of a year follow each other without a gap."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from sqlalchemy.orm import Session

from models.report_period import PeriodKind, PeriodRule, ReportPeriod
from services.periods import (
    MonthEnds,
    NoKindError,
    YearUnknownError,
    add_periods,
    find_period,
    list_begun_periods,
    list_year,
    period_around,
)

K = PeriodKind


def fifteenth() -> PeriodRule:
    return PeriodRule(valid_from_date=date(2019, 4, 20), first_day=15)


def days(year: int, kind: PeriodKind, ends: MonthEnds) -> list[tuple[date, date]]:
    return [(period.from_date, period.until_date) for period in list_year(year, {kind}, ends)]


def test_without_a_rule_periods_are_those_of_the_calendar():
    ends = MonthEnds()

    assert days(2016, K.MONTH, ends)[1] == (date(2016, 2, 1), date(2016, 2, 29))
    assert days(2016, K.QUARTER, ends)[1] == (date(2016, 4, 1), date(2016, 6, 30))
    assert days(2016, K.HALF, ends) == [(date(2016, 1, 1), date(2016, 6, 30)), (date(2016, 7, 1), date(2016, 12, 31))]
    assert days(2016, K.YEAR, ends) == [(date(2016, 1, 1), date(2016, 12, 31))]


def test_months_of_the_fifteenth_reach_back_into_the_month_before():
    ends = MonthEnds([fifteenth()])

    assert days(2020, K.MONTH, ends)[0] == (date(2019, 12, 15), date(2020, 1, 14))
    assert days(2020, K.QUARTER, ends)[0] == (date(2019, 12, 15), date(2020, 3, 14))
    assert days(2020, K.HALF, ends)[1] == (date(2020, 6, 15), date(2020, 12, 14))
    assert days(2020, K.YEAR, ends) == [(date(2019, 12, 15), date(2020, 12, 14))]
    assert period_around(date(2019, 12, 20), K.MONTH, ends) == (date(2019, 12, 15), date(2020, 1, 14))
    assert period_around(date(2019, 12, 14), K.YEAR, ends) == (date(2019, 1, 1), date(2019, 12, 14))


def test_first_month_of_a_new_rule_begins_where_the_one_before_ended():
    ends = MonthEnds([fifteenth()])

    assert days(2019, K.MONTH, ends)[2:5] == [
        (date(2019, 3, 1), date(2019, 3, 31)),
        (date(2019, 4, 1), date(2019, 4, 14)),
        (date(2019, 4, 15), date(2019, 5, 14)),
    ]


@pytest.mark.parametrize("kind", [K.WEEK, K.MONTH, K.QUARTER, K.HALF, K.YEAR])
def test_periods_of_a_kind_leave_no_day_out_and_count_none_twice(kind):
    ends = MonthEnds([fifteenth(), PeriodRule(valid_from_date=date(2021, 1, 1), first_day=1)])

    found = [period for year in range(2018, 2023) for period in days(year, kind, ends)]

    assert all(later[0] == earlier[1] + timedelta(days=1) for earlier, later in pairwise(found))


def test_week_belongs_to_the_year_of_its_thursday():
    weeks = list(list_year(2020, {K.WEEK}, MonthEnds()))

    assert (len(weeks), weeks[0].from_date, weeks[-1].until_date) == (53, date(2019, 12, 30), date(2021, 1, 3))


def test_periods_of_a_year_are_added_once(session: Session):
    own = ReportPeriod(name="Month 4/2020", from_date=date(2020, 4, 1), until_date=date(2020, 4, 2))
    session.add_all([fifteenth(), own])

    first = add_periods(session, year=2020, kinds=[K.MONTH, K.QUARTER])
    again = add_periods(session, year=2020, kinds=[K.MONTH, K.QUARTER])

    assert ((first.added, first.kept), (again.added, again.kept)) == ((15, 1), (0, 16))
    march = find_period(session, since=date(2020, 2, 15), until=date(2020, 3, 14))
    assert (str(march), march and march.kind) == ("Month 3/2020", K.MONTH)
    assert find_period(session, since=date(2020, 2, 15), until=date(2020, 3, 13)) is None
    begun = list_begun_periods(session, today=date(2020, 2, 20))
    assert [period.name for period in begun] == [
        "Month 3/2020", "Month 2/2020", "Month 1/2020", "Quarter 1/2020",
    ]  # fmt: skip


@pytest.mark.parametrize(("year", "kinds", "error"), [(1800, [K.MONTH], YearUnknownError), (2020, [], NoKindError)])
def test_nothing_is_added_of_what_cannot_be(session, year, kinds, error):
    with pytest.raises(error):
        add_periods(session, year=year, kinds=kinds)
