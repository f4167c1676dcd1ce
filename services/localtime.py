"""The centre's clock: instants are aware UTC everywhere, days and printed times are those of Hồ Chí Minh City."""

import re
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from models.base import _
from services.errors import UserError

LOCAL_ZONE = ZoneInfo("Asia/Ho_Chi_Minh")

_YEARS = range(1976, 2200)  # the centre's offset has been +07:00 since then

_OTHER_SPELLING = re.compile(r"(?P<day>\d{1,2})/(?P<month>\d{1,2})/(?P<year>\d{4})(?P<rest>.*)", re.DOTALL)


class TimeUnreadableError(UserError):
    """A time was typed in a form that cannot be read."""

    message = _("%(text)s is not a time: write it as 2017-05-25 16:30.")


def to_local(at: datetime) -> datetime:
    """Return an aware instant on the clock of the centre."""
    return at.astimezone(LOCAL_ZONE)


def local_date(at: datetime) -> date:
    """Return the centre's day at an aware instant."""
    return at.astimezone(LOCAL_ZONE).date()


def start_of_day(day: date) -> datetime:
    """Return the instant at which one of the centre's days begins."""
    return datetime.combine(day, time.min, LOCAL_ZONE).astimezone(UTC)


def format_instant(at: datetime) -> str:
    """Return an aware instant as the centre writes it in a message: ``16:30 25/05/2017``."""
    return f"{to_local(at):%H:%M %d/%m/%Y}"


def parse_instant(text: str) -> datetime:
    """Return the aware UTC instant that ``text`` says; without an offset it is the centre's time.

    Reads ISO 8601 (``2017-05-25 16:30``, ``2017-05-25T09:30:00Z``) and the Vietnamese ``25/05/2017 16:30``.
    Raises: TimeUnreadableError, also for a day without a time, which would hide when counting begins.
    """
    written = text.strip()
    if match := _OTHER_SPELLING.fullmatch(written):
        day, month = int(match["day"]), int(match["month"])
        written = f"{match['year']}-{month:02d}-{day:02d}{match['rest']}"
    try:
        instant = datetime.fromisoformat(written)
    except ValueError:
        raise TimeUnreadableError(text=text) from None
    if ":" not in written or instant.year not in _YEARS:
        raise TimeUnreadableError(text=text)
    local = instant.replace(tzinfo=LOCAL_ZONE) if instant.tzinfo is None else instant
    return local.astimezone(UTC)
