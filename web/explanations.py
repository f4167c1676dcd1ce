"""Explanations of due times in the reader's language."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal

from babel.dates import format_date, format_datetime
from flask_babel import get_locale, gettext

from services.explanations import Duration, Reason
from services.localtime import to_local
from web.durations import say_minutes
from web.formats import number

MOMENT = "HH:mm EEEE dd/MM/yyyy"
DAY = "EEEE dd/MM/yyyy"


def say(reason: Reason) -> str:
    """Return one step of an explanation as a sentence: ``Nhận lúc 16:30 Thứ Năm 25/05/2017, ...``."""
    return gettext(reason.message, **{name: _written(value) for name, value in reason.values.items()})


def say_all(reasons: Iterable[Reason]) -> list[str]:
    """Return the steps of an explanation as sentences, in order."""
    return [say(reason) for reason in reasons]


def _written(value: object) -> str:
    if isinstance(value, Reason):
        return say(value)
    if isinstance(value, Duration):
        return say_minutes(value.minutes, is_worked=value.is_worked)
    locale = get_locale() or "vi"
    if isinstance(value, datetime):
        return format_datetime(to_local(value).replace(tzinfo=None), MOMENT, locale=locale)
    if isinstance(value, date):
        return format_date(value, DAY, locale=locale)
    if isinstance(value, Decimal):
        return number(value.normalize())
    return str(value)
