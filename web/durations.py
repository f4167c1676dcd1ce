"""Lengths of time in the reader's language."""

from collections.abc import Iterable

from flask_babel import gettext

from services.limits import MICROSECONDS_PER_MINUTE
from services.worktime import Worked

MINUTES_PER_DAY = 24 * 60
MINUTES_PER_WORKING_DAY = 8 * 60


def whole_minutes(microseconds: Iterable[Worked]) -> list[int]:
    """Return lengths in minutes, rounded so that they add up to their rounded sum."""
    minutes, passed, told = [], 0, 0
    exact: Worked = 0
    for length in microseconds:
        exact += length
        passed = round(exact / MICROSECONDS_PER_MINUTE)
        minutes.append(passed - told)
        told = passed
    return minutes


def say_minutes(minutes: int, *, is_worked: bool = False) -> str:
    """Return a length in words: ``2 ngày 3 giờ 15 phút``; a working day has 480 minutes."""
    days, rest = divmod(minutes, MINUTES_PER_WORKING_DAY if is_worked else MINUTES_PER_DAY)
    hours, left = divmod(rest, 60)
    parts = [
        gettext("%(count)s d", count=days) if days else "",
        gettext("%(count)s h", count=hours) if hours else "",
        gettext("%(count)s min", count=left) if left or not (days or hours) else "",
    ]
    return " ".join(part for part in parts if part)
