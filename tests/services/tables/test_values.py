"""What people write in cells is read as they mean it, or refused; two meanings are never taken for one."""

from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.localtime import LOCAL_ZONE
from services.tables.dates import (
    DAY_FIRST,
    DateOrder,
    DateUnreadableError,
    InstantUnreadableError,
    judge_dates,
    read_date,
    read_instant,
)
from services.tables.values import (
    NumberUnreadableError,
    Reading,
    ValueUnreadableError,
    WholeNumberUnreadableError,
    YesNoUnreadableError,
    read_decimal,
    read_text,
    read_whole_number,
    read_yes_no,
)

NEW_YEARS_EVE = date(2016, 12, 31)


@pytest.mark.parametrize(
    "written",
    [
        "31/12/2016", "31-12-16", "31.12.2016", " 31 / 12 / 2016 ", "2016-12-31", "2016/12/31", "20161231",
        "12/31/2016", "ngày 31 tháng 12 năm 2016", "Ngày 31 tháng 12 năm 2016", "31 tháng 12, 2016",
        "Thứ Bảy, 31/12/2016", "31 Dec 2016",
        "Dec 31, 2016", "31-Dec-16", "December 31st, 2016", "2016-12-31T23:59:59+07:00",
        "31/12/2016 08:30", "8h30 ngày 31/12/2016", "42735", 42735, 42735.5, NEW_YEARS_EVE,
        datetime(2016, 12, 31, 8),  # noqa: DTZ001 -- as files hold it
    ],
)  # fmt: skip
def test_a_day_is_read_however_it_is_written(written: Any) -> None:
    assert read_date(written) == Reading(NEW_YEARS_EVE)


@pytest.mark.parametrize(
    "written", ["31/02/2016", "2016", "12/2016", "abc", "0", -1, 10**9, "31/12/20161", "1/2/3", "99/99/9999"]
)
def test_what_is_no_day_is_refused(written: Any) -> None:
    with pytest.raises(DateUnreadableError):
        read_date(written)


def test_a_column_says_whether_the_day_comes_first() -> None:
    assert read_date("03/04/2016") == Reading(date(2016, 4, 3), is_ambiguous=True)
    assert read_date("04/04/2016") == Reading(date(2016, 4, 4))

    day_first = judge_dates(["03/04/2016", "31/12/2016", None, 7, "x"])
    month_first = judge_dates(["03/04/2016", "12/31/2016"])
    assert (day_first, month_first) == (DateOrder(False, True), DateOrder(True, True))
    assert judge_dates(["12/31/2016", "31/12/2016"]) == judge_dates(["2016-12-31"]) == DAY_FIRST
    assert read_date("03/04/2016", day_first) == Reading(date(2016, 4, 3))
    assert read_date("03/04/2016", month_first) == Reading(date(2016, 3, 4))
    assert read_date("31/12/2016", month_first) == Reading(NEW_YEARS_EVE)


@pytest.mark.parametrize(
    "written",
    [
        "31/12/2016 16:30", "16:30 31/12/2016", "31/12/2016 16:30:00", "2016-12-31 16:30:00.000", "31/12/2016 4:30 PM",
        "31/12/2016 4:30 CH", "16h30 ngày 31/12/2016", "16 giờ 30 phút ngày 31 tháng 12 năm 2016",
        "2016-12-31T09:30:00Z", "2016-12-31T10:30:00+01:00", "2016-12-31 10:30:00 +0100", "2016-12-31 09:30 UTC",
        42735.6875, "42735.6875", datetime(2016, 12, 31, 16, 30),  # noqa: DTZ001
    ],
)  # fmt: skip
def test_an_instant_is_read_however_it_is_written(written: Any) -> None:
    assert read_instant(written) == Reading(datetime(2016, 12, 31, 9, 30, tzinfo=UTC))


def test_a_day_without_a_time_is_no_instant_unless_one_is_given() -> None:
    for written in ("31/12/2016", NEW_YEARS_EVE, 42735):
        with pytest.raises(InstantUnreadableError):
            read_instant(written)
        at_eight = Reading(datetime(2016, 12, 31, 8, tzinfo=LOCAL_ZONE))
        assert read_instant(written, day_time=time(8)) == at_eight
    assert read_instant("8h 31/12/2016") == at_eight
    assert read_instant("03/04/2016 8:00") == Reading(datetime(2016, 4, 3, 8, tzinfo=LOCAL_ZONE), is_ambiguous=True)
    for written in ("25:00 31/12/2016", "08:30", "abc", 10**9, "08:30 31/02/2016"):
        with pytest.raises(InstantUnreadableError):
            read_instant(written)
    evening = read_instant("12:05:06,5 SA 31/12/2016")
    assert evening == Reading(datetime(2016, 12, 31, 0, 5, 6, 500_000, tzinfo=LOCAL_ZONE))


@settings(max_examples=60, derandomize=True)
@given(
    st.datetimes(datetime(1900, 3, 1), datetime(2199, 1, 1)),  # noqa: DTZ001 -- strategies want naive bounds
    st.sampled_from(["%d/%m/%Y %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%H:%M:%S %d-%m-%Y", "ngày %d tháng %m năm %Y %Hh%M"]),
    st.integers(-12, 14),
)
def test_whatever_is_written_in_a_known_style_comes_back(naive: datetime, style: str, hours: int) -> None:
    naive = naive.replace(microsecond=0, second=0)
    zone = timezone(timedelta(hours=hours))

    assert read_instant(naive.strftime(style), DateOrder(is_certain=True)) == Reading(naive.replace(tzinfo=LOCAL_ZONE))
    assert read_instant(naive.replace(tzinfo=zone).isoformat()) == Reading(naive.replace(tzinfo=zone))


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("1234", 1234), ("1.234.567", 1234567), ("1,234,567", 1234567), ("1 234", 1234), ("1'234", 1234),
        ("1.234.000 đ", 1234000), ("500 VND", 500), ("12.0", 12), ("-5", -5), (3.0, 3), (7, 7),
    ],
)  # fmt: skip
def test_whole_numbers(written: Any, number: int) -> None:
    assert read_whole_number(written) == Reading(number)


@pytest.mark.parametrize("written", ["1.5", "abc", 3.5, "1.23.456", True, "9" * 40])
def test_what_is_no_whole_number_is_refused(written: Any) -> None:
    with pytest.raises(WholeNumberUnreadableError):
        read_whole_number(written)


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("1234.5", "1234.5"), ("1.234,5", "1234.5"), ("1,234.5", "1234.5"), ("1 234,5", "1234.5"), ("12 %", "12"),
        ("-0,5", "-0.5"), (".5", "0.5"), ("1.234.567,89", "1234567.89"), ("12345,678", "12345.678"), (0.1, "0.1"),
        (3, "3"),
    ],
)  # fmt: skip
def test_decimals(written: Any, number: str) -> None:
    assert read_decimal(written) == Reading(Decimal(number))


def test_a_single_separator_before_three_digits_could_be_either() -> None:
    assert read_decimal("1.234") == Reading(Decimal(1234), is_ambiguous=True)
    for written in ("1.2.3", "NaN", "1,2,3", "abc", True, "1 2"):
        with pytest.raises(NumberUnreadableError):
            read_decimal(written)


def test_yes_and_no() -> None:
    assert [read_yes_no(word) for word in ("Có", "x", "TRUE", 1, True)] == [Reading(True)] * 5
    assert [read_yes_no(word) for word in ("Không", "sai", "0", 0, False)] == [Reading(False)] * 5
    with pytest.raises(YesNoUnreadableError):
        read_yes_no("có lẽ")


def test_an_empty_cell_is_nothing_to_every_reader() -> None:
    for value in (None, "", "  "):
        read: Any
        for read in (read_date, read_instant, read_whole_number, read_decimal, read_yes_no):
            assert read(value) is None
    assert read_text(None) is None


def test_cells_as_text() -> None:
    noon = datetime(2016, 12, 31, 12, 30)  # noqa: DTZ001 -- as files hold it
    typed = [7, 7.5, True, False, NEW_YEARS_EVE, time(8, 30), noon, noon.replace(second=5)]
    assert [read_text(value) for value in typed] == [
        "7", "7.5", "TRUE", "FALSE", "31/12/2016", "08:30", "31/12/2016 12:30", "31/12/2016 12:30:05",
    ]  # fmt: skip


@settings(max_examples=150, derandomize=True)
@given(st.text(max_size=40) | st.floats() | st.integers())
def test_nothing_in_a_cell_makes_a_reader_fail_otherwise_than_it_says(value: Any) -> None:
    read: Any
    for read in (read_date, read_instant, read_whole_number, read_decimal, read_yes_no):
        with suppress(ValueUnreadableError):
            read(value)
