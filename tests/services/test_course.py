"""Random calendars and orders of events: the ledger is wall-clock minus closed time, and the words add up."""

from datetime import date, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.calendar import CalendarDayKind, Shift
from models.procedure_terms import LimitUnit
from services.course import tell_course
from services.errors import UserError
from services.ledger import ClockStateError, apply_entry, rebuild_ledger, start_entry
from services.legs import Holder, Taking, split_legs
from services.limits import MICROSECONDS_PER_MINUTE, Limit
from services.localtime import LOCAL_ZONE
from services.worktime import SpecialDay, Timetable, WorkCalendar

MONDAY = date(2018, 1, 1)
FIRST = datetime(2018, 1, 1, tzinfo=LOCAL_ZONE)
MORNINGS = st.sampled_from([Shift(420, 690), Shift(450, 700), Shift(480, 720)])
AFTERNOONS = st.sampled_from([Shift(780, 1020), Shift(810, 1020), Shift(13 * 60 + 7, 999)])
HOURS = st.fixed_dictionaries({day: st.tuples(MORNINGS, AFTERNOONS) for day in range(1, 6)})
CLOSED = st.sets(st.integers(0, 60).map(lambda days: MONDAY + timedelta(days=days)), max_size=12)
ACTS = st.lists(
    st.tuples(st.sampled_from(["stop", "resume", "restart", "end", "reopen"]), st.integers(1, 3000)), max_size=9
)
ALLOWED = {
    "RUNNING": {"stop", "end"}, "STOPPED": {"resume", "restart", "end"}, "ENDED": {"reopen"},
}  # fmt: skip


def minutes_open(hours: dict, closed: set[date], begins: datetime, ends: datetime) -> Fraction:
    """Return working minutes between two instants, day by day and shift by shift: 480 a full day."""
    total, day = Fraction(0), begins.date()
    while day <= ends.date():
        shifts = () if day in closed else hours.get(day.isoweekday(), ())
        length = sum(shift.closes - shift.opens for shift in shifts)
        midnight = datetime(day.year, day.month, day.day, tzinfo=LOCAL_ZONE)
        for shift in shifts:
            first = max(begins, midnight + timedelta(minutes=shift.opens))
            last = min(ends, midnight + timedelta(minutes=shift.closes))
            total += Fraction(max(0, (last - first) // timedelta(minutes=1)) * 480, length)
        day += timedelta(days=1)
    return total


@settings(max_examples=60, derandomize=True)
@given(HOURS, CLOSED, st.integers(0, 20_000), st.integers(1, 60), ACTS)
def test_the_ledger_is_wall_clock_minus_closed_time(hours, closed, after, quarters, acts):
    special = {day: SpecialDay(CalendarDayKind.CLOSURE, "x") for day in closed}
    calendar = WorkCalendar(timetables=(Timetable(hours),), special_days=special, years=range(2018, 2021))
    limit = Limit.parse(f"{quarters / 4} {LimitUnit.WORKING_DAY.value}")
    at = FIRST + timedelta(minutes=after)
    entries = [start_entry(at, limit, calendar)]
    ledger, counted, since = apply_entry(None, entries[0]), Fraction(0), at
    for name, minutes in acts:
        at += timedelta(minutes=minutes)
        if name not in ALLOWED[ledger.state.value]:
            with pytest.raises(ClockStateError):
                ledger.reopen(at) if name == "reopen" else getattr(ledger, name)(at, calendar)
            continue
        entry = ledger.reopen(at) if name == "reopen" else getattr(ledger, name)(at, calendar)
        if ledger.running_since_at is not None:
            counted += minutes_open(hours, closed, since, at)
        ended_at = ledger.ended_at
        since = at if ended_at is None else ended_at
        counted = Fraction(0) if name == "restart" else counted
        entries.append(entry)
        ledger = apply_entry(ledger, entry)
        assert ledger.consumed == counted * MICROSECONDS_PER_MINUTE or ledger.running_since_at is not None

    if ledger.running_since_at is not None:
        counted += minutes_open(hours, closed, since, at)
    table = split_legs(entries, [Taking(FIRST, Holder(1))], calendar, until=at)
    assert table.used == counted * MICROSECONDS_PER_MINUTE
    assert rebuild_ledger(entries) == ledger
    for told in tell_course([(entry, None, None) for entry in entries], calendar, ""):
        for detail in told.details:
            if {"used", "left", "budget"} <= detail.values.keys():
                used, left, budget = (detail.values[name].minutes for name in ("used", "left", "budget"))
                assert budget in (used + left, used - left)


def test_nothing_happens_before_what_happened_last():
    calendar = WorkCalendar(timetables=(), special_days={}, years=())
    ledger = apply_entry(None, start_entry(FIRST, None, calendar))

    with pytest.raises(UserError):
        ledger.stop(FIRST - timedelta(microseconds=1), None)
