"""Numbers, yes or no and text, as people write them in cells; a cell that means nothing of the kind is refused.

Every reader takes one cell's value, typed or text, and returns a ``Reading``: the value, and whether another reading
was as good. None comes back for an empty cell. Dates: ``dates.py``.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from math import isfinite
from typing import Generic, TypeVar

from models.base import _
from models.text import fold, normalise
from services.errors import UserError
from services.tables.spool import Value

T = TypeVar("T")


class ValueUnreadableError(UserError):
    """What stands in a cell is no value of its column; shown with the text as it was."""


class NumberUnreadableError(ValueUnreadableError):
    message = _("%(text)s is not a number.")


class WholeNumberUnreadableError(ValueUnreadableError):
    message = _("%(text)s is not a whole number.")


class YesNoUnreadableError(ValueUnreadableError):
    message = _("%(text)s is neither yes nor no.")


@dataclass(frozen=True, slots=True)
class Reading(Generic[T]):
    """A value that was read; ``is_ambiguous`` if the text could as well mean another."""

    value: T
    is_ambiguous: bool = False


def read_whole_number(value: Value) -> Reading[int] | None:
    """Return the whole number a cell says: 1234, 1.234.567, 1,234,567, 1 234, 1.234.000 đ.

    Raises: WholeNumberUnreadableError, also for a fraction.
    """
    if isinstance(value, bool):
        raise WholeNumberUnreadableError(text=str(value))
    if isinstance(value, int):
        return Reading(value)
    text = _bare_number(value)
    if text is None:
        return None
    if _GROUPED.fullmatch(text):
        return Reading(int(re.sub(r"[.,\s']", "", text)))
    if re.fullmatch(r"[+\-]?\d{1,30}(?:[.,]0+)?", text):
        return Reading(int(re.split(r"[.,]", text)[0]))
    raise WholeNumberUnreadableError(text=shortened(str(value)))


def read_decimal(value: Value) -> Reading[Decimal] | None:
    """Return the number a cell says: 1234.5, 1.234,5, 1,234.5, 1 234,5, 12 %.

    One separator with three digits after it ("1.234") groups thousands, as the Vietnamese write, and is ambiguous.
    Raises: NumberUnreadableError.
    """
    if isinstance(value, bool):
        raise NumberUnreadableError(text=str(value))
    if isinstance(value, int):
        return Reading(Decimal(value))
    if isinstance(value, float) and isfinite(value):
        return Reading(Decimal(repr(value)))
    text = _bare_number(value)
    if text is None:
        return None
    try:
        if _GROUPED.fullmatch(text):
            return Reading(Decimal(re.sub(r"[.,\s']", "", text)), bool(re.fullmatch(r"[+\-]?\d{1,3}[.,]\d{3}", text)))
        return Reading(Decimal(_plain_decimal(text)))
    except InvalidOperation:
        raise NumberUnreadableError(text=shortened(str(value))) from None


_YES = frozenset("1 true t yes y x v co dung on ✓ ✔ ☑ ☒".split())
_NO = frozenset("0 false f no n khong sai off - ✗ ✘ ☐".split())


def read_yes_no(value: Value) -> Reading[bool] | None:
    """Return the yes or no a cell says: có, không, đúng, sai, x, yes, no, true, false, 1, 0.

    Raises: YesNoUnreadableError.
    """
    if isinstance(value, bool):
        return Reading(value)
    text = plain_text(value)
    if not text:
        return None
    word = fold(text)
    if word in _YES or word in _NO:
        return Reading(word in _YES)
    raise YesNoUnreadableError(text=shortened(text))


def read_text(value: Value) -> str | None:
    """Return a cell as text: numbers without a trailing ".0", days as 31/12/2016; None where it is empty."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime):
        return f"{value:%d/%m/%Y %H:%M:%S}" if value.second else f"{value:%d/%m/%Y %H:%M}"
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    if isinstance(value, time):
        return f"{value:%H:%M}"
    if isinstance(value, float):
        return f"{value:.15g}"
    return str(value) or None


_GROUPED = re.compile(r"[+\-]?\d{1,3}(?:(\.|,|\s|')\d{3})(?:\1\d{3}){0,9}")
_CURRENCY = re.compile(r"(?:vnd|vnđ|đồng|dong|đ|₫|%)\.?$", re.IGNORECASE)


def _bare_number(value: Value) -> str | None:
    text = plain_text(value)
    if not text:
        return None
    return _CURRENCY.sub("", text.replace("\u2212", "-")).strip()


def _plain_decimal(text: str) -> str:
    """Return the number with a point before its fraction and nothing between its thousands."""
    if not re.fullmatch(r"[+\-]?[\d.,\s']{1,40}(?:e[+\-]?\d{1,3})?", text, re.IGNORECASE):
        raise InvalidOperation(text)
    comma, point = text.rfind(","), text.rfind(".")
    fraction = max(comma, point)
    if fraction < 0:
        return text if text.isdigit() or not re.search(r"[\s']", text) else "?"
    mark = text[fraction]
    whole, part = text[:fraction], text[fraction + 1 :]
    if mark in whole or not re.fullmatch(r"[+\-]?\d{0,3}(?:(\.|,|\s|')\d{3}(?:\1\d{3})*)?|[+\-]?\d*", whole):
        raise InvalidOperation(text)
    digits = re.sub(r"[.,\s']", "", whole)
    return f"{digits or '0'}.{part}"


def plain_text(value: Value) -> str:
    """Return a cell as text in NFC with single blanks."""
    return normalise(read_text(value) or "")


def shortened(text: str) -> str:
    """Return a text short enough to be quoted in a message."""
    return text if len(text) <= 80 else f"{text[:79]}…"
