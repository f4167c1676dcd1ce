"""Due times: the agreed vectors, 10,000 cases against a minute-by-minute calculation, and what always holds."""

import math
import random
from calendar import monthrange
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import holidays
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.calendar import CalendarDayKind, parse_shifts
from models.procedure_terms import LimitUnit
from services.calendar import DEFAULT_TIMETABLE, builtin_calendar
from services.duetime import due_time
from services.limits import Limit
from services.localtime import LOCAL_ZONE, parse_instant, to_local
from services.worktime import CalendarMissingError, SpecialDay, Timetable, WorkCalendar

CALENDAR = builtin_calendar(range(2010, 2033))
SEVEN_HOURS = "08:00-11:30, 13:30-17:00"
MORNING = "07:00-11:30"


def due(received: str, limit: str, calendar: WorkCalendar = CALENDAR) -> str:
    return f"{to_local(due_time(parse_instant(received), Limit.parse(limit), calendar).at):%a %Y-%m-%d %H:%M}"


def site(hours: dict[int, str], *, days: dict[date, SpecialDay] | None = None, reception: str = "") -> WorkCalendar:
    """A site with hours by weekday and no holidays but ``days``, in 2016 and 2017."""
    timetable = Timetable(
        {weekday: parse_shifts(written) for weekday, written in hours.items()},
        {weekday: parse_shifts(reception) for weekday in range(1, 8)},
    )
    return WorkCalendar(timetables=(timetable,), special_days=days or {}, years=(2016, 2017), site_name="Long Khánh")


def week(written: str, saturday: str = "") -> dict[int, str]:
    return {**dict.fromkeys(range(1, 6), written), 6: saturday}


@pytest.mark.parametrize(
    ("received", "limit", "expected"),
    [
        ("2017-05-15 08:00", "3.5 working_day", "Thu 2017-05-18 14:00"),
        ("2017-05-25 16:30", "3 working_day", "Tue 2017-05-30 16:30"),
        ("2017-01-25 09:00", "2 working_day", "Fri 2017-02-03 09:00"),
        ("2016-04-04 16:00", "2 hour", "Tue 2016-04-05 08:00"),
        ("2016-04-09 09:00", "1 working_day", "Mon 2016-04-11 17:00"),
        ("2016-12-30 15:00", "6.25 working_day", "Tue 2017-01-10 17:00"),
    ],
)
def test_due_time_agrees_with_the_vectors_of_the_domain(received, limit, expected):
    assert due(received, limit) == expected


@pytest.mark.parametrize(
    ("received", "limit", "expected"),
    [
        ("2017-05-16 06:59", "1 hour", "Tue 2017-05-16 08:00"),  # before opening
        ("2017-05-16 12:10", "1 hour", "Tue 2017-05-16 14:30"),  # in the break
        ("2017-05-16 11:00", "0.5 hour", "Tue 2017-05-16 11:30"),  # ends on closing time and stays there
        ("2017-05-16 17:00", "1 hour", "Wed 2017-05-17 08:00"),  # closing time is no longer working time
        ("2017-05-16 23:59", "8 hour", "Wed 2017-05-17 17:00"),
        ("2018-12-28 17:00", "1 working_day", "Wed 2019-01-02 17:00"),  # 31 December off for a Saturday in January
        ("2019-01-04 16:00", "2 hour", "Sat 2019-01-05 08:00"),  # that Saturday
        ("2024-05-03 16:00", "2 hour", "Sat 2024-05-04 08:00"),
        ("2024-01-31 10:00", "1 month", "Thu 2024-02-29 10:00"),
        ("2023-01-31 10:00", "1 month", "Tue 2023-02-28 10:00"),
        ("2017-05-31 10:00", "1 month", "Fri 2017-06-30 10:00"),
        ("2017-08-02 10:00", "1 month", "Tue 2017-09-05 10:00"),  # National Day, weekend, day in lieu
        ("2017-05-17 10:00", "10 day", "Mon 2017-05-29 10:00"),  # the 27th is a Saturday
        ("2017-05-20 10:00", "1 day", "Tue 2017-05-23 07:00"),  # a Saturday counts as Monday's opening
        ("2024-12-31 10:00", "2 month", "Fri 2025-02-28 10:00"),
        ("2016-06-15 10:00", "18 month", "Fri 2017-12-15 10:00"),
    ],
)
def test_due_time_on_the_edges(received, limit, expected):
    assert due(received, limit) == expected


def test_seven_hours_a_day_spend_one_working_day():
    calendar = site(week(SEVEN_HOURS))

    assert due("2016-04-04 08:00", "3 working_day", calendar) == "Wed 2016-04-06 17:00"
    assert due("2016-04-04 08:00", "4 hour", calendar) == "Mon 2016-04-04 11:30"


def test_a_saturday_morning_counts_in_proportion_to_a_full_day():
    calendar = site(week("07:00-11:30, 13:30-18:00", saturday=MORNING))

    assert due("2016-04-08 18:00", "1 working_day", calendar) == "Mon 2016-04-11 11:30"


def test_reception_alone_adds_no_working_time():
    calendar = site(week(SEVEN_HOURS), reception=MORNING)

    assert due("2016-04-09 08:00", "1 working_day", calendar) == "Mon 2016-04-11 17:00"


def test_a_swapped_saturday_has_the_hours_of_the_day_it_stands_for():
    hours = {**week(SEVEN_HOURS), 5: "08:00-12:00"}
    swapped = SpecialDay(CalendarDayKind.SWAPPED_WORKING_DAY, "Làm bù", date(2016, 4, 15))
    calendar = site(hours, days={date(2016, 4, 9): swapped})

    assert due("2016-04-08 12:00", "1 working_day", calendar) == "Sat 2016-04-09 12:00"


def test_a_swapped_saturday_without_its_other_day_has_the_hours_of_monday():
    swapped = SpecialDay(CalendarDayKind.SWAPPED_WORKING_DAY, "Làm bù")
    calendar = site(week(SEVEN_HOURS, saturday=MORNING), days={date(2016, 4, 9): swapped})

    assert due("2016-04-08 17:00", "1 working_day", calendar) == "Sat 2016-04-09 17:00"


def test_an_ordinary_day_after_all_is_worked_like_its_weekday():
    ordinary = SpecialDay(CalendarDayKind.ORDINARY, "Không nghỉ nữa")
    calendar = site(week(SEVEN_HOURS), days={date(2016, 4, 8): ordinary, date(2016, 4, 9): ordinary})

    assert due("2016-04-07 17:00", "2 working_day", calendar) == "Mon 2016-04-11 17:00"


def test_moving_forward_takes_the_opening_where_the_clock_time_is_not_worked():
    calendar = site({**week(SEVEN_HOURS), 1: "07:00-11:00"})

    assert due("2016-04-07 16:00", "2 day", calendar) == "Mon 2016-04-11 07:00"  # Saturday 16:00
    assert due("2016-04-05 16:00", "6 day", calendar) == "Tue 2016-04-12 08:00"  # Monday 16:00, after closing


def test_a_year_without_holidays_is_named():
    with pytest.raises(CalendarMissingError, match="calendar of 2033 is missing"):
        due("2032-12-20 08:00", "30 working_day")


def test_a_year_behind_the_due_time_need_not_be_known():
    assert due("2032-12-20 08:00", "5 day") == "Mon 2032-12-27 08:00"


class MinuteByMinute:
    """An independent calculation: every minute of 2016 to 2030 is looked at, and the worked ones are listed."""

    FIRST = datetime(2016, 1, 1)  # noqa: DTZ001 -- wall time
    LAST = date(2030, 12, 31)

    def __init__(self) -> None:
        national = holidays.country_holidays("VN", years=range(2015, 2032))
        days = (self.LAST - self.FIRST.date()).days + 1
        is_worked = [national.is_working_day(self.FIRST.date() + timedelta(days=index)) for index in range(days)]
        minute = np.arange(1440)
        in_hours = ((minute >= 420) & (minute < 690)) | ((minute >= 810) & (minute < 1020))
        self.minutes = np.flatnonzero(np.outer(is_worked, in_hours).ravel())
        self.working_days = {self.FIRST.date() + timedelta(days=i) for i, worked in enumerate(is_worked) if worked}

    def due(self, received: datetime, quantity: Decimal, unit: str) -> datetime:
        first = np.searchsorted(self.minutes, int((received - self.FIRST).total_seconds() // 60))
        if unit in ("WORKING_DAY", "HOUR"):
            budget = int(quantity * (480 if unit == "WORKING_DAY" else 60))
            return self.at(self.minutes[first + budget - 1] + 1)
        landing = self.at(self.minutes[first])
        if unit == "DAY":
            landing += timedelta(days=int(quantity))
        for _ in range(int(quantity) if unit == "MONTH" else 0):
            landing = (landing.replace(day=1) + timedelta(days=32)).replace(day=1)
        if unit == "MONTH":
            started = self.at(self.minutes[first]).day
            landing = landing.replace(day=min(started, monthrange(landing.year, landing.month)[1]))
        while landing.date() not in self.working_days:
            landing += timedelta(days=1)
        return landing

    def at(self, minute: int) -> datetime:
        return self.FIRST + timedelta(minutes=int(minute))


def test_ten_thousand_cases_agree_with_a_minute_by_minute_calculation():
    chance = random.Random(20170515)
    brute = MinuteByMinute()
    span = 12 * 365 * 1440  # to the end of 2027
    quantities = {
        "WORKING_DAY": lambda: Decimal(chance.randint(1, 240)) / 4,
        "HOUR": lambda: Decimal(chance.randint(1, 96)) / 2,
        "DAY": lambda: Decimal(chance.randint(1, 200)),
        "MONTH": lambda: Decimal(chance.randint(1, 18)),
    }
    wrong = []

    for _ in range(10_000):
        received = brute.at(chance.randrange(span))
        unit = chance.choice(list(quantities))
        quantity = quantities[unit]()
        found = due_time(received.replace(tzinfo=LOCAL_ZONE), Limit(quantity, LimitUnit[unit]), CALENDAR).at
        expected = brute.due(received, quantity, unit)
        if to_local(found).replace(tzinfo=None) != expected:
            wrong.append((received, quantity, unit, expected, to_local(found)))

    assert wrong == []


def test_scaled_days_agree_with_a_sum_of_exact_fractions_minute_by_minute():
    chance = random.Random(7)
    hours = {1: SEVEN_HOURS, 2: "07:30-11:30, 13:00-16:45", 3: SEVEN_HOURS, 4: MORNING, 5: SEVEN_HOURS, 6: MORNING}
    calendar = site(hours)
    longest = 465  # minutes of Tuesday
    rates: dict[int, dict[int, Fraction]] = {}  # weekday -> minute of the day -> working minutes it counts
    for weekday in range(1, 8):
        shifts = parse_shifts(hours.get(weekday, ""))
        minutes = [minute for shift in shifts for minute in range(shift.opens, shift.closes)]
        value = Fraction(480) if weekday <= 5 else Fraction(480 * len(minutes), longest)
        rates[weekday] = {minute: value / len(minutes) for minute in minutes}

    for _ in range(40):
        received = MinuteByMinute.FIRST + timedelta(minutes=chance.randrange(400_000))
        limit = Limit(Decimal(chance.randint(1, 40)) / 4, LimitUnit.WORKING_DAY)
        day, minute = received.date(), received.hour * 60 + received.minute
        rest = Fraction(limit.quantity) * 480
        while rest > 0:
            rest -= rates[day.isoweekday()].get(minute, 0)
            last = datetime.combine(day, datetime.min.time()) + timedelta(minutes=minute)
            day, minute = (day, minute + 1) if minute < 1439 else (day + timedelta(days=1), 0)
        rest_of_minute = -rest / rates[last.isoweekday()][last.hour * 60 + last.minute]
        found = due_time(received.replace(tzinfo=LOCAL_ZONE), limit, calendar).at
        seconds = (to_local(found).replace(tzinfo=None) - last) / timedelta(microseconds=1)
        assert seconds == math.ceil(60_000_000 * (1 - rest_of_minute))


MOMENTS = st.integers(0, 12 * 365 * 86_400 * 10**6).map(
    lambda microseconds: datetime(2016, 1, 1, tzinfo=LOCAL_ZONE) + timedelta(microseconds=microseconds)
)
BUDGETS = st.integers(1, 400 * 480 * 60_000_000)
UNEVEN = WorkCalendar(
    timetables=(Timetable({1: parse_shifts(SEVEN_HOURS), 2: parse_shifts(MORNING), 6: parse_shifts("06:11-09:43")}),),
    special_days={},
    years=range(2015, 2040),
)
CALENDARS = st.sampled_from([CALENDAR, UNEVEN])


@given(CALENDARS, MOMENTS, MOMENTS, BUDGETS)
def test_a_later_receipt_is_never_due_earlier(calendar, one, other, budget):
    earlier, later = sorted((one, other))

    assert calendar.instant_after(earlier, budget) <= calendar.instant_after(later, budget)


@given(CALENDARS, MOMENTS, BUDGETS, BUDGETS)
def test_a_longer_limit_is_never_due_earlier(calendar, start, one, other):
    shorter, longer = sorted((one, other))

    assert calendar.instant_after(start, shorter) <= calendar.instant_after(start, longer)


@given(CALENDARS, MOMENTS, MOMENTS, MOMENTS)
def test_working_time_adds_up(calendar, one, two, three):
    whole = calendar.worked_between(one, three)

    assert calendar.worked_between(one, two) + calendar.worked_between(two, three) == whole


@given(CALENDARS, MOMENTS, BUDGETS)
def test_the_due_instant_is_the_first_at_which_the_budget_is_used_up(calendar, start, budget):
    end = calendar.instant_after(start, budget)

    assert calendar.worked_between(start, end) >= budget
    assert calendar.worked_between(start, end - timedelta(microseconds=1)) < budget


@given(MOMENTS, st.integers(1, 60), st.integers(1, 60))
def test_limits_in_working_time_add_up(start, one, other):
    def later(at: datetime, hours: int) -> datetime:
        return due_time(at, Limit(Decimal(hours), LimitUnit.HOUR), CALENDAR).at

    assert later(later(start, one), other) == later(start, one + other)


@given(MOMENTS, MOMENTS, st.integers(1, 300), st.sampled_from([LimitUnit.DAY, LimitUnit.MONTH]))
def test_calendar_limits_end_in_working_time_and_keep_the_order_of_days(one, other, quantity, unit):
    limit = Limit(Decimal(quantity if unit is LimitUnit.DAY else quantity % 24 + 1), unit)
    earlier, later = (due_time(at, limit, CALENDAR).at for at in sorted((one, other)))

    assert CALENDAR.is_working_time(earlier)
    assert to_local(earlier).date() <= to_local(later).date()


def test_the_default_timetable_is_eight_hours_a_day():
    assert {weekday: DEFAULT_TIMETABLE.value_of(weekday) for weekday in range(1, 8)} == {
        **dict.fromkeys(range(1, 6), 480 * 60_000_000),
        6: 0,
        7: 0,
    }
