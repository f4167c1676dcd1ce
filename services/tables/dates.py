"""Dates and times as people write them in cells; a cell that says neither is refused.

Vietnamese order (day first) unless a column proves the other. See ``values.Reading`` for what comes back.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo

from models.base import _
from models.text import fold
from services.localtime import LOCAL_ZONE
from services.tables.spool import Value
from services.tables.values import Reading, ValueUnreadableError, plain_text, shortened

_YEARS = range(1800, 2200)
_SERIALS = range(1, 109_575)
"""Days of a spreadsheet's calendar: up to the year 2199."""
_SERIALS_AS_TEXT = range(14_611, 109_575)
"""From 1940 on: a smaller number in a text file is more likely a mistake than a date."""
_EPOCH = date(1899, 12, 30)


class DateUnreadableError(ValueUnreadableError):
    message = _("%(text)s is not a date. Write it as 31/12/2016.")


class InstantUnreadableError(ValueUnreadableError):
    message = _("%(text)s is not a date with a time. Write it as 31/12/2016 16:30.")


@dataclass(frozen=True, slots=True)
class DateOrder:
    """Whether the month stands before the day in a column, and whether its values prove it."""

    month_first: bool = False
    is_certain: bool = False


DAY_FIRST = DateOrder()

_SEPARATED = re.compile(r"(\d{1,4})\s*[/.\-–]\s*(\d{1,2})\s*[/.\-–]\s*(\d{1,4})")
_COMPACT = re.compile(r"((?:19|20)\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])")
_IN_WORDS = re.compile(r"(\d{1,2})\s*,?\s+thang\s+(\d{1,2})\s*,?\s+(?:nam\s+)?(\d{2,4})")
_DAY_NAME_YEAR = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?[\s\-/.,]+([a-z]{3,9})\.?[\s\-/.,]+(\d{2,4})")
_NAME_DAY_YEAR = re.compile(r"([a-z]{3,9})\.?[\s\-/.]+(\d{1,2})(?:st|nd|rd|th)?[\s,\-/.]+(\d{2,4})")
_MONTHS = "january february march april may june july august september october november december".split()
_TIME = re.compile(
    r"(?:(?<=\d)t|(?<![\d/.\-]))(\d{1,2})\s*(?::|gio|g|h)\s*"
    r"(?:(\d{2})(?![\d/\-])(?:\s*(?::|phut|p(?!\w))\s*(\d{2})?(?:[.,](\d{1,9}))?)?)?"
    r"(?:\s*(?:giay|s|phut|p)\b)?(?:\s*(am|pm|sa|ch|sang|chieu|toi)\b)?(?:\s*(z|utc|gmt|(?:utc|gmt)?[+\-]\d{2}:?\d{2}))?"
)
_WEEKDAY = re.compile(r"\b(?:thu\s+(?:hai|ba|tu|nam|sau|bay|\d)|chu\s+nhat|mon|tue|wed|thu|fri|sat|sun)[a-z]*\b[,.]?")


def judge_dates(values: Iterable[Value]) -> DateOrder:
    """Return which of day and month comes first in a column, from those of its values that leave no choice."""
    day_first = month_first = 0
    for value in values:
        match = _SEPARATED.search(value) if isinstance(value, str) else None
        if match and len(match[1]) < 3:
            day_first += int(match[1]) > 12 >= int(match[2])
            month_first += int(match[2]) > 12 >= int(match[1])
    return DateOrder(month_first > day_first, bool(month_first) != bool(day_first))


def read_date(value: Value, order: DateOrder = DAY_FIRST) -> Reading[date] | None:
    """Return the day a cell says; of a time its day.

    Reads 31/12/2016, 31-12-16, 31.12.2016, 2016-12-31, 20161231, 12/31/2016 (where no other reading is possible or
    ``order`` says so), "ngày 31 tháng 12 năm 2016", "31 Dec 2016", and the day numbers of spreadsheets. Two-digit
    years are 1969 to 2068.
    Raises: DateUnreadableError.
    """
    if isinstance(value, datetime):
        return Reading(value.date())
    if isinstance(value, date):
        return Reading(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return Reading(_from_serial(value, _SERIALS, value).date())
    text = plain_text(value)
    if not text:
        return None
    rest = _WEEKDAY.sub(" ", _TIME.sub(" ", fold(text), count=1))
    found = _parse_date(rest.strip(" ,;()").removeprefix("ngay").strip(), order)
    if found is None:
        raise DateUnreadableError(text=shortened(text))
    return found


def read_instant(
    value: Value, order: DateOrder = DAY_FIRST, *, day_time: time | None = None
) -> Reading[datetime] | None:
    """Return the aware instant a cell says; without a zone it is the centre's time.

    Reads the days that ``read_date`` reads with a time before or after them: 16:30, 16:30:05.123, 16h30, "8 giờ 30",
    4:30 PM, "4:30 CH", with or without Z, +07:00, +0700 or UTC. ``day_time`` is the time of a day without one.
    Raises: InstantUnreadableError, also for a day without a time where ``day_time`` is None.
    """
    if isinstance(value, datetime):
        return Reading(_aware(value))
    if isinstance(value, date):
        return Reading(_on(value, None, None, day_time, str(value)))
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _instant_from_serial(value, day_time)
    text = plain_text(value)
    if not text:
        return None
    if re.fullmatch(r"\d{5,6}\.\d+", text) and int(float(text)) in _SERIALS_AS_TEXT:
        return _instant_from_serial(float(text), day_time)
    match = _TIME.search(fold(text))
    try:
        day = read_date(text, order)
        clock, zone = _clock(match) if match else (None, None)
    except (DateUnreadableError, ValueError):
        raise InstantUnreadableError(text=shortened(text)) from None
    if day is None:
        raise InstantUnreadableError(text=shortened(text))
    return Reading(_on(day.value, clock, zone, day_time, text), day.is_ambiguous)


def _parse_date(text: str, order: DateOrder) -> Reading[date] | None:
    if match := _SEPARATED.fullmatch(text):
        return _from_separated(match, order)
    if match := _COMPACT.fullmatch(text):
        return _day(int(match[1]), int(match[2]), int(match[3]))
    if match := _IN_WORDS.fullmatch(text):
        return _day(_year(match[3]), int(match[2]), int(match[1]))
    if match := _DAY_NAME_YEAR.fullmatch(text):
        return _day(_year(match[3]), _month(match[2]), int(match[1]))
    if match := _NAME_DAY_YEAR.fullmatch(text):
        return _day(_year(match[3]), _month(match[1]), int(match[2]))
    if re.fullmatch(r"\d{5,6}(?:\.\d+)?", text) and int(float(text)) in _SERIALS_AS_TEXT:
        return Reading(_from_serial(float(text), _SERIALS_AS_TEXT, text).date())
    return None


def _from_separated(match: re.Match[str], order: DateOrder) -> Reading[date] | None:
    first, second, third = match.groups()
    if len(first) > 2:
        return _day(int(first), int(second), int(third)) if len(first) == 4 and len(third) < 3 else None
    if len(third) in (1, 3):
        return None
    year, one, two = _year(third), int(first), int(second)
    if one <= 12 and two <= 12:
        day, month = (two, one) if order.month_first else (one, two)
        found = _day(year, month, day)
        return Reading(found.value, not order.is_certain and one != two) if found else None
    return _day(year, one, two) if two > 12 else _day(year, two, one)


def _month(name: str) -> int:
    """Return the number of an English month, whole or shortened to three letters or more; 0 for no month."""
    return next((number for number, month in enumerate(_MONTHS, 1) if month.startswith(name)), 0)


def _year(text: str) -> int:
    year = int(text)
    if len(text) > 2:
        return year
    return year + (2000 if year < 69 else 1900)


def _day(year: int, month: int, day: int) -> Reading[date] | None:
    try:
        return Reading(date(year, month, day)) if year in _YEARS else None
    except ValueError:
        return None


def _from_serial(number: float, allowed: range, shown: object) -> datetime:
    """Return the local time of a spreadsheet's day number, to the second."""
    if not allowed.start <= number < allowed.stop:
        raise DateUnreadableError(text=shortened(str(shown)))
    seconds = round((number - int(number)) * 86_400)
    return datetime.combine(_EPOCH, time()) + timedelta(days=int(number), seconds=seconds)


def _instant_from_serial(value: float, day_time: time | None) -> Reading[datetime]:
    try:
        local = _from_serial(value, _SERIALS, value)
    except DateUnreadableError:
        raise InstantUnreadableError(text=str(value)) from None
    if float(value).is_integer():
        return Reading(_on(local.date(), None, None, day_time, str(value)))
    return Reading(_aware(local))


def _clock(match: re.Match[str]) -> tuple[time, tzinfo | None]:
    """Return the time and zone of a match of ``_TIME``; raise ValueError for 25:00."""
    hour, minute, second, fraction, half, zone = match.groups()
    hours = int(hour)
    if half in ("pm", "ch", "chieu", "toi") and hours < 12:
        hours += 12
    elif half in ("am", "sa", "sang") and hours == 12:
        hours = 0
    micro = int((fraction or "0")[:6].ljust(6, "0"))
    return time(hours, int(minute or 0), int(second or 0), micro), _zone(zone)


def _zone(text: str | None) -> tzinfo | None:
    if not text:
        return None
    digits = re.sub(r"[^\d+\-]", "", text)
    if not digits:
        return UTC
    sign = -1 if digits[0] == "-" else 1
    return timezone(sign * timedelta(hours=int(digits[1:3]), minutes=int(digits[3:5])))


def _on(day: date, clock: time | None, zone: tzinfo | None, day_time: time | None, text: str) -> datetime:
    at = clock or day_time
    if at is None:
        raise InstantUnreadableError(text=shortened(text))
    return _aware(datetime.combine(day, at, zone))


def _aware(value: datetime) -> datetime:
    return value.replace(tzinfo=LOCAL_ZONE) if value.tzinfo is None else value
