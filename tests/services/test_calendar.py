"""Seeding and loading the working calendar."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.actor import Actor
from models.calendar import CalendarDay, CalendarDayKind, Weekday, WorkingHours
from models.organisation import Site
from services.calendar import (
    SeedReport,
    builtin_calendar,
    give_default_hours,
    holiday_list,
    load_calendar,
    seed_calendar,
    seeded_years,
)
from services.duetime import due_time
from services.limits import Limit
from services.localtime import parse_instant
from services.worktime import CalendarMissingError, HoursMissingError


@pytest.fixture
def hall(session: Session) -> Site:
    site = Site(code="HALL", name="Trung tâm", unit_code="H19.07")
    session.add(site)
    give_default_hours(session, site, date(2010, 1, 1))
    return site


def days(session: Session) -> dict[date, CalendarDay]:
    return {row.local_date: row for row in session.scalars(select(CalendarDay))}


def due(session: Session, site: Site, received: str, limit: str) -> datetime:
    at = parse_instant(received)
    return due_time(at, Limit.parse(limit), load_calendar(session, site, at)).at


def test_the_holiday_list_knows_holidays_days_in_lieu_and_swaps():
    year = holiday_list(2017)

    assert year[date(2017, 1, 28)].kind is CalendarDayKind.HOLIDAY
    assert year[date(2017, 1, 2)].kind is CalendarDayKind.IN_LIEU
    assert {day.year for day in year} == {2017}
    assert holiday_list(2018)[date(2018, 12, 31)].swapped_with == date(2019, 1, 5)
    assert holiday_list(2019)[date(2019, 1, 5)].swapped_with == date(2018, 12, 31)
    assert holiday_list(2019)[date(2019, 1, 5)].kind is CalendarDayKind.SWAPPED_WORKING_DAY
    assert holiday_list(2026)[date(2026, 8, 22)].swapped_with == date(2026, 8, 31)


def test_years_that_are_seeded_reach_six_years_ahead(now):
    assert seeded_years(now) == range(2010, 2024)


def test_seeding_twice_changes_nothing(session, now):
    first = seed_calendar(session, range(2016, 2018), now)
    versions = {day: row.row_version for day, row in days(session).items()}

    again = seed_calendar(session, range(2016, 2018), now)

    assert first == SeedReport(added=len(versions))
    assert again == SeedReport(kept=len(versions))
    assert {day: row.row_version for day, row in days(session).items()} == versions


def test_seeding_leaves_edited_rows_alone(session, now):
    seed_calendar(session, [2017], now)
    edited = days(session)[date(2017, 9, 4)]
    edited.kind = CalendarDayKind.ORDINARY
    session.flush()

    seed_calendar(session, [2017], now)

    assert edited.kind is CalendarDayKind.ORDINARY
    assert str(edited) == "04/09/2017 · Quốc khánh (nghỉ bù)"


def test_seeding_leaves_a_day_that_a_person_entered_alone(session, now):
    entered = CalendarDay(local_date=date(2017, 9, 2), kind=CalendarDayKind.HOLIDAY, name="Lễ Quốc khánh")
    session.add(entered)

    seed_calendar(session, [2017], now)

    assert entered.name == "Lễ Quốc khánh"
    assert entered.seeded is None


def test_seeding_corrects_and_withdraws_what_nobody_edited(session, now):
    seed_calendar(session, [2017], now)
    rows = days(session)
    outdated = rows[date(2017, 4, 6)]
    outdated.name, outdated.seeded = "Giỗ Tổ", "HOLIDAY||Giỗ Tổ"
    moved = CalendarDay(local_date=date(2017, 5, 3), kind=CalendarDayKind.HOLIDAY, name="X", seeded="HOLIDAY||X")
    session.add(moved)
    session.flush()

    report = seed_calendar(session, [2017], now)

    assert report == SeedReport(corrected=1, withdrawn=1, kept=len(rows) - 1)
    assert outdated.name == "Ngày Giỗ Tổ Hùng Vương"
    assert date(2017, 5, 3) not in days(session)


def test_the_loaded_calendar_equals_the_built_in_one(session, hall, now):
    seed_calendar(session, range(2016, 2019), now)
    loaded = load_calendar(session, hall, datetime(2016, 6, 1, tzinfo=UTC))
    built_in = builtin_calendar(range(2016, 2019))

    first = date(2016, 1, 1).toordinal()
    for ordinal in range(first, date(2018, 12, 31).toordinal() + 1):
        day = date.fromordinal(ordinal)
        assert (loaded.day(day).shifts, loaded.day(day).value) == (built_in.day(day).shifts, built_in.day(day).value)


def test_loading_costs_two_queries(session, hall, now, count_queries):
    seed_calendar(session, seeded_years(now), now)
    session.commit()
    session.refresh(hall)

    with count_queries(session.get_bind()) as seen:
        calendar = load_calendar(session, hall, now)
        due_time(now, Limit.parse("400 working_day"), calendar)

    assert len(seen) == 2


def test_a_site_may_be_closed_on_a_day_of_its_own(session, hall, now):
    seed_calendar(session, [2017], now)
    other = Site(code="LK", name="Long Khánh", unit_code="H19.07")
    session.add(other)
    give_default_hours(session, other, date(2010, 1, 1))
    session.add(CalendarDay(local_date=date(2017, 5, 18), kind=CalendarDayKind.CLOSURE, name="Bão số 1", site=hall))
    session.add(CalendarDay(local_date=date(2017, 9, 4), kind=CalendarDayKind.ORDINARY, name="Trực", site=other))
    session.flush()

    assert due(session, hall, "2017-05-17 09:00", "1 working_day") == parse_instant("2017-05-19 09:00")
    assert due(session, other, "2017-05-17 09:00", "1 working_day") == parse_instant("2017-05-18 09:00")
    assert due(session, hall, "2017-09-01 09:00", "1 working_day") == parse_instant("2017-09-05 09:00")
    assert due(session, other, "2017-09-01 09:00", "1 working_day") == parse_instant("2017-09-04 09:00")


def test_new_hours_replace_the_old_from_their_first_day(session, hall, now):
    seed_calendar(session, [2017], now)
    for weekday in "12345":
        session.add(
            WorkingHours(
                site=hall,
                weekday=Weekday(weekday),
                working_hours="07:30-11:30, 13:00-17:00",
                valid_from_date=date(2017, 5, 18),
            )
        )
    session.flush()

    assert str(session.scalars(select(WorkingHours)).first()) == "Trung tâm · Monday"
    assert due(session, hall, "2017-05-17 16:00", "5 hour") == parse_instant("2017-05-18 11:30")
    assert due(session, hall, "2017-05-17 16:00", "6 hour") == parse_instant("2017-05-18 14:00")


@pytest.mark.parametrize(
    ("view", "expected"),
    [
        ("this_year", set(holiday_list(2018))),
        ("next_year", set(holiday_list(2019))),
        ("swaps", {date(2018, 12, 31), date(2019, 1, 5), date(2019, 4, 29), date(2019, 5, 4)}),
        ("own", {date(2020, 5, 18)}),
    ],
)
def test_quick_views_show_a_year_by_the_centres_clock_swaps_and_days_of_a_site(session, hall, now, view, expected):
    session.add(CalendarDay(local_date=date(2020, 5, 18), kind=CalendarDayKind.CLOSURE, name="Bão số 1", site=hall))
    seed_calendar(session, range(2017, 2021), now)
    quick = next(quick for quick in CalendarDay.__screen__.quick if quick.name == view)
    new_year_in_vietnam = datetime(2017, 12, 31, 17, 0, tzinfo=UTC)

    condition = quick.where(CalendarDay, Actor(system=True), new_year_in_vietnam)

    assert set(session.scalars(select(CalendarDay.local_date).where(condition))) == expected


def test_missing_hours_are_named_with_their_day(session, now):
    site = Site(code="LT", name="Long Thành", unit_code="H19.07")
    session.add(site)
    give_default_hours(session, site, date(2017, 5, 22))
    seed_calendar(session, [2017], now)

    with pytest.raises(HoursMissingError, match=r"Long Thành has no working hours on 19/05/2017"):
        due(session, site, "2017-05-19 09:00", "1 working_day")


def test_hours_that_ended_are_missed_before_the_years_run_out(session, hall, now):
    seed_calendar(session, [2017], now)
    for row in session.scalars(select(WorkingHours)):
        row.valid_to_date = date(2017, 5, 19)
    session.flush()

    with pytest.raises(HoursMissingError, match="20/05/2017"):
        due(session, hall, "2017-05-19 09:00", "2 working_day")


def test_a_year_nobody_entered_is_named(session, hall, now):
    seed_calendar(session, [2016], now)

    with pytest.raises(CalendarMissingError, match="calendar of 2017 is missing: add its holidays"):
        due(session, hall, "2016-12-30 15:00", "6.25 working_day")


def test_calendar_is_read_once_in_a_transaction_and_again_when_it_changes(session, engine, count_queries, hall, now):
    seed_calendar(session, [2017], now)
    outage, storm = date(2017, 5, 18), date(2017, 5, 19)

    def close(day: date) -> None:
        session.add(CalendarDay(local_date=day, kind=CalendarDayKind.HOLIDAY, name="Nghỉ", site_id=hall.id))

    def closed() -> list[bool]:
        calendar = load_calendar(session, hall, now)
        return [not calendar.day(day).is_worked for day in (outage, storm)]

    with count_queries(engine) as seen:
        assert [closed() for _ in range(3)] == [[False, False]] * 3
    assert len(seen) == 2
    close(outage)
    assert closed() == [True, False]
    with session.begin_nested() as savepoint:
        close(storm)
        assert closed() == [True, True]
        savepoint.rollback()
    assert closed() == [True, False]
    kept = load_calendar(session, hall, now)
    session.commit()
    assert load_calendar(session, hall, now) is not kept
