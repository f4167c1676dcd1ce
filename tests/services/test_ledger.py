"""The ledger as pure arithmetic: what always holds, whatever the hours of a site."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.calendar import parse_shifts
from models.procedure_terms import LimitUnit
from services.calendar import builtin_calendar
from services.ledger import Ledger, apply_entry, rebuild_ledger, start_entry
from services.limits import Limit
from services.localtime import LOCAL_ZONE, parse_instant
from services.worktime import Timetable, WorkCalendar

NATIONAL = builtin_calendar(range(2015, 2033))
UNEVEN = WorkCalendar(
    timetables=(Timetable({1: parse_shifts("08:00-11:30, 13:30-17:00"), 2: parse_shifts("07:00-11:30"),
                           4: parse_shifts("06:00-17:11"), 6: parse_shifts("06:11-09:43")}),),
    special_days={},
    years=range(2015, 2040),
)  # fmt: skip
CALENDARS = st.sampled_from([NATIONAL, UNEVEN])
MOMENTS = st.integers(0, 10 * 365 * 86_400 * 10**6).map(
    lambda microseconds: datetime(2016, 1, 1, tzinfo=LOCAL_ZONE) + timedelta(microseconds=microseconds)
)
WORKED_LIMITS = st.integers(1, 200).map(lambda quarters: Limit(Decimal(quarters) / 4, LimitUnit.WORKING_DAY))
LIMITS = st.one_of(
    WORKED_LIMITS,
    st.integers(1, 90).map(lambda days: Limit(Decimal(days), LimitUnit.DAY)),
    st.integers(1, 12).map(lambda months: Limit(Decimal(months), LimitUnit.MONTH)),
)
PAUSES = st.lists(st.tuples(st.integers(0, 10**12), st.integers(0, 10**12)), max_size=5)


def begin(at: datetime, limit: Limit, calendar: WorkCalendar) -> Ledger:
    return apply_entry(None, start_entry(at, limit, calendar))


@given(CALENDARS, MOMENTS, LIMITS, st.integers(0, 100))
def test_a_stop_of_no_length_in_working_time_changes_no_due_time(calendar, received, limit, percent):
    ledger = begin(received, limit, calendar)
    at = calendar.next_working_instant(received + (ledger.due_at - received) * percent / 100)
    if at >= ledger.due_at:
        return

    stopped = apply_entry(ledger, ledger.stop(at, calendar))
    resumed = apply_entry(stopped, stopped.resume(at, calendar))

    assert resumed.due_at == ledger.due_at


@given(CALENDARS, MOMENTS, WORKED_LIMITS, PAUSES)
def test_the_time_worked_while_running_until_the_due_time_is_the_limit(calendar, received, limit, pauses):
    ledger, worked = begin(received, limit, calendar), 0
    at = received
    for running, paused in pauses:
        at += timedelta(microseconds=running)
        if at >= ledger.due_at:
            break
        worked += max(0, calendar.worked_between(ledger.running_since_at, at))
        ledger = apply_entry(ledger, ledger.stop(at, calendar))
        at += timedelta(microseconds=paused)
        ledger = apply_entry(ledger, ledger.resume(at, calendar))
        at = max(at, ledger.running_since_at)

    tick = timedelta(microseconds=1)
    assert worked + calendar.worked_between(ledger.running_since_at, ledger.due_at) >= limit.budget_microseconds
    assert worked + calendar.worked_between(ledger.running_since_at, ledger.due_at - tick) < limit.budget_microseconds


@given(CALENDARS, MOMENTS, LIMITS, st.integers(0, 10**12), st.integers(0, 10**12))
def test_a_stop_never_makes_anything_due_earlier(calendar, received, limit, running, paused):
    ledger = begin(received, limit, calendar)
    stopped_at = received + timedelta(microseconds=running)

    stopped = apply_entry(ledger, ledger.stop(stopped_at, calendar))
    resumed = apply_entry(stopped, stopped.resume(stopped_at + timedelta(microseconds=paused), calendar))

    if limit.is_worked:
        assert resumed.due_at >= ledger.due_at
    else:  # the clock time of the end may change with the days it falls on, the day never goes back
        assert resumed.due_at.astimezone(LOCAL_ZONE).date() >= ledger.due_at.astimezone(LOCAL_ZONE).date()


def test_a_ledger_begins_with_its_start():
    at = parse_instant("2017-05-15 08:00")
    stop = begin(at, Limit.parse("1 day"), NATIONAL).stop(at, NATIONAL)

    with pytest.raises(ValueError, match="begins with START"):
        rebuild_ledger([stop])
    with pytest.raises(ValueError, match="at least its START"):
        rebuild_ledger([])


def test_nothing_left_to_work_ends_where_it_begins():
    at = parse_instant("2017-05-15 08:00")

    assert NATIONAL.instant_after(at, 0) == at
