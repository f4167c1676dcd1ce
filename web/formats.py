"""How values are written on pages: local times, grouped numbers, money, shares, choices, marked search words.

Filters take plain values and give text (or safe markup); ``None`` gives an empty text, an empty share a dash.
"""

from collections.abc import Callable
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask
from flask_babel import format_date, get_locale, gettext
from markupsafe import Markup, escape

from models.text import fold
from web import assets

LOCAL_ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
EMPTY_SHARE = "–"
NO_BREAK_SPACE = "\u00a0"
_SEPARATORS = {"vi": (".", ",")}
_DEFAULT_SEPARATORS = (",", ".")


def local_datetime(value: datetime | None) -> str:
    """Return an aware instant as ``dd/mm/yyyy hh:mm`` on the clock of the centre."""
    return "" if value is None else f"{value.astimezone(LOCAL_ZONE):%d/%m/%Y %H:%M}"


def local_date(value: date | datetime | None) -> str:
    """Return a date, or the local day of an aware instant, as ``dd/mm/yyyy``."""
    if value is None:
        return ""
    return f"{value.astimezone(LOCAL_ZONE) if isinstance(value, datetime) else value:%d/%m/%Y}"


def long_date(value: date | None) -> str:
    """Return a local date in words: "Thứ Hai, 11 tháng 4, 2016"."""
    return "" if value is None else format_date(value, "full")


def local_time(value: datetime | None) -> str:
    """Return the local time of an aware instant as ``hh:mm``."""
    return "" if value is None else f"{value.astimezone(LOCAL_ZONE):%H:%M}"


def number(value: float | Decimal | None, decimals: int | None = None) -> str:
    """Return a number grouped as the reader's language does it: 1.234,5 in Vietnamese, 1,234.5 otherwise.

    Without ``decimals`` a number keeps the digits it has; with it, it is rounded half up.
    """
    if value is None:
        return ""
    exact = Decimal(str(value)) if not isinstance(value, Decimal) else value
    if decimals is not None:
        exact = exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    thousands, point = _SEPARATORS.get(page_language(), _DEFAULT_SEPARATORS)
    return f"{exact:,f}".translate({ord(","): thousands, ord("."): point})


def money(value: int | None) -> str:
    """Return an amount of whole dong: ``1.234.567 đ`` (grouped as the reader's language does it)."""
    return "" if value is None else f"{number(value)}{NO_BREAK_SPACE}đ"


def percent(value: float | Decimal | str | None, whole: int | None = None) -> str:
    """Return a share in per cent with two decimals, half up: ``92,64 %``; a dash where there is none.

    ``value`` is per cent already (``"92.64"``) or, with ``whole``, the part of that whole: ``9314|percent(10054)``.
    """
    if value is None or whole == 0:
        return EMPTY_SHARE
    share = Decimal(str(value))
    if whole is not None:
        share = share * 100 / whole
    return f"{number(share, 2)}{NO_BREAK_SPACE}%"


def choice(value: Any) -> str:
    """Return the translated label of a ``Choice``; any other value as text."""
    if value is None:
        return ""
    label = getattr(value, "label", None)
    return gettext(label) if label else str(value)


def yes_no(value: bool | None) -> str:
    """Return a truth value as a word of the reader's language."""
    if value is None:
        return ""
    return gettext("Yes") if value else gettext("No")


def as_text(value: Any) -> str:
    """Return any value as its own kind is written: instants, days, truth, numbers, choices, lists, text."""
    if isinstance(value, datetime):
        return local_datetime(value)
    if isinstance(value, date):
        return local_date(value)
    if isinstance(value, bool):
        return yes_no(value)
    if isinstance(value, int | float | Decimal):
        return number(value)
    if isinstance(value, list | tuple | set | frozenset):
        return ", ".join(as_text(one) for one in value)
    return choice(value)


def highlight(text: str | None, query: str | None) -> Markup:
    """Return ``text`` with the words of ``query`` marked, found without regard to case and accents."""
    text = text or ""
    words = sorted(set(fold(query or "").split()), key=len, reverse=True)
    if not words:
        return escape(text)
    folded, origins = _folded_with_origins(text)
    marked = [False] * len(text)
    for word in words:
        at = folded.find(word)
        while at >= 0:
            for index in range(origins[at], origins[at + len(word) - 1] + 1):
                marked[index] = True
            at = folded.find(word, at + len(word))
    return _with_marks(text, marked)


def _folded_with_origins(text: str) -> tuple[str, list[int]]:
    """Return the search form of ``text`` and, for each of its characters, the index it came from."""
    folded: list[str] = []
    origins: list[int] = []
    for index, char in enumerate(text):
        for part in " " if char.isspace() else fold(char):
            folded.append(part)
            origins.append(index)
    return "".join(folded), origins


def _with_marks(text: str, marked: list[bool]) -> Markup:
    """Return ``text`` escaped, with each run of marked characters (and the accents that follow) in ``<mark>``."""
    parts: list[str] = []
    inside = False
    for char, mark in zip(text, marked, strict=True):
        mark = mark or (inside and fold(char) == "" and not char.isspace())
        if mark != inside:
            parts.append("<mark>" if mark else "</mark>")
            inside = mark
        parts.append(str(escape(char)))
    return Markup("".join(parts) + ("</mark>" if inside else ""))  # noqa: S704 -- every character was escaped above


def initials(name: str) -> str:
    """Return the first letters of the first and the last word of a person's name, in capitals."""
    words = name.split()
    return "".join(word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words)).upper()


def page_language() -> str:
    """Return the language of the page being made; Vietnamese where there is no page."""
    locale = get_locale()
    return locale.language if locale else "vi"


FILTERS: dict[str, Callable[..., Any]] = {
    "local_datetime": local_datetime,
    "local_date": local_date,
    "local_time": local_time,
    "long_date": long_date,
    "number": number,
    "money": money,
    "percent": percent,
    "choice": choice,
    "as_text": as_text,
    "yes_no": yes_no,
    "highlight": highlight,
}


def register(app: Flask) -> None:
    """Give every template of ``app`` these filters, ``page_language()``, ``initials(name)`` and the assets."""
    app.jinja_env.filters.update(FILTERS)
    app.jinja_env.globals.update(page_language=page_language, initials=initials)
    assets.register(app)
