"""Hours as they are typed."""

import pytest

from models.calendar import CalendarDayKind, Shift, WorkingHours, format_shifts, parse_shifts


@pytest.mark.parametrize(
    ("written", "tidy"),
    [
        ("", ""),
        ("7:00-11:30,13:30-17:00", "07:00-11:30, 13:30-17:00"),
        ("7h00 – 11h30; 13.30 - 17.00", "07:00-11:30, 13:30-17:00"),
        ("00:00-24:00", "00:00-24:00"),
    ],
)
def test_hours_are_read_in_usual_spellings_and_kept_tidy(written, tidy):
    assert format_shifts(parse_shifts(written)) == tidy
    assert WorkingHours(working_hours=written).working_hours == tidy


@pytest.mark.parametrize(
    "written",
    [
        "morning",
        "07:00",
        "11:30-07:00",
        "07:00-07:00",
        "07:60-08:00",
        "23:00-24:01",
        "13:30-17:00, 07:00-11:30",
        "07:00-12:00, 11:00-17:00",
        "07:00-12:00, 12:00-17:00",
    ],
)
def test_hours_that_make_no_sense_say_how_to_write_them(written):
    with pytest.raises(ValueError, match="Write hours as 07:00-11:30, 13:30-17:00"):
        parse_shifts(written)


def test_a_shift_is_in_minutes_from_midnight():
    assert parse_shifts("07:00-11:30") == (Shift(420, 690),)


def test_only_a_swapped_working_day_is_worked_whatever_its_weekday():
    assert {kind.name: kind.is_worked for kind in CalendarDayKind} == {
        "HOLIDAY": False,
        "IN_LIEU": False,
        "SWAPPED_DAY_OFF": False,
        "SWAPPED_WORKING_DAY": True,
        "CLOSURE": False,
        "ORDINARY": None,
    }
