"""Times as people type them."""

from datetime import UTC, date, datetime

import pytest

from services.localtime import TimeUnreadableError, local_date, parse_instant


@pytest.mark.parametrize(
    "text",
    [
        "2017-05-25 16:30",
        "2017-05-25T16:30",
        "25/05/2017 16:30",
        " 2017-05-25 16:30:00 ",
        "2017-05-25T09:30:00Z",
        "2017-05-25 11:30+02:00",
    ],
)
def test_time_is_read_in_every_usual_spelling(text):
    assert parse_instant(text) == datetime(2017, 5, 25, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "tomorrow",
        "2017-05-25",
        "2017-02-30 10:00",
        "25/5/17 10:00",
        "10:00",
        "0001-01-01 00:00",
        "9999-12-31 23:59",
    ],
)
def test_time_that_cannot_be_read_says_how_to_write_one(text):
    with pytest.raises(TimeUnreadableError, match="write it as 2017-05-25 16:30"):
        parse_instant(text)


def test_the_local_day_begins_at_seventeen_hours_utc():
    assert local_date(datetime(2016, 12, 31, 16, 59, tzinfo=UTC)) == date(2016, 12, 31)
    assert local_date(datetime(2016, 12, 31, 17, 0, tzinfo=UTC)) == date(2017, 1, 1)
