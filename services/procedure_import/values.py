"""Checked reading of one JSON record: every fault names the place and what stands there."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from models.base import _
from services.errors import UserError

LOCAL = ZoneInfo("Asia/Ho_Chi_Minh")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FIRST_YEAR, LAST_YEAR = 1945, 2100
SHOWN_CHARACTERS = 80


class RecordRefusedError(UserError):
    """A record cannot be taken as it is; the message says where and why."""


class TextExpectedError(RecordRefusedError):
    message = _("%(place)s should be text, but is %(found)s.")


class ListExpectedError(RecordRefusedError):
    message = _("%(place)s should be a list, but is %(found)s.")


class ObjectExpectedError(RecordRefusedError):
    message = _("%(place)s should be an object, but is %(found)s.")


class NumberExpectedError(RecordRefusedError):
    message = _("%(place)s should be a whole number from %(least)s to %(most)s, but is %(found)s.")


class FlagExpectedError(RecordRefusedError):
    message = _("%(place)s should be true or false, but is %(found)s.")


class WordUnknownError(RecordRefusedError):
    message = _("%(place)s is %(found)s, which is none of the known values: %(known)s.")


class TextTooLongError(RecordRefusedError):
    message = _("%(place)s is %(length)s characters long; at most %(most)s fit.")


class ValueMissingError(RecordRefusedError):
    message = _("%(place)s is missing.")


class DateImpossibleError(RecordRefusedError):
    message = _("%(place)s is no believable date: %(found)s.")


class _Letters(dict[int, str]):
    """What becomes of each character, worked out the first time it is met."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        category = unicodedata.category(char)
        if char == "\n":
            kept = char
        elif category == "Co":
            kept = "•"
        elif category in {"Zs", "Zl", "Zp", "Cc"}:
            kept = " "
        else:
            kept = "" if category in {"Cf", "Cs", "Cn"} else char
        self[code] = kept
        return kept


_LETTERS = _Letters()


def clean_text(text: str) -> str | None:
    """Return ``text`` in NFC as a database can hold it, lines kept, without blanks at their ends; None if empty.

    The records carry Word's private-use bullets, direction marks, tabs and decomposed letters.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").translate(_LETTERS).split("\n")
    kept = "\n".join(" ".join(line.split()) for line in lines)
    return unicodedata.normalize("NFC", re.sub(r"\n{3,}", "\n\n", kept)).strip("\n") or None


def one_line(text: str) -> str | None:
    """Return ``text`` cleaned, on one line with single blanks; None if nothing is left."""
    return " ".join((clean_text(text) or "").split()) or None


def describe(value: object) -> str:
    """Return a short printable form of what was found."""
    if value is None:
        return "null"
    text = one_line(str(value)) or '""'
    return text if len(text) <= SHOWN_CHARACTERS else f"{text[:SHOWN_CHARACTERS]}…"


@dataclass(frozen=True, slots=True)
class Node:
    """An object of the record and the place it stands at (``detail.executionMethods[2]``)."""

    values: Mapping[str, Any]
    place: str = ""

    @classmethod
    def of(cls, value: object, place: str) -> "Node":
        if not isinstance(value, dict):
            raise ObjectExpectedError(place=place or "record", found=describe(value))
        return cls(value, place)

    def at(self, key: str) -> str:
        """Return the place of ``key`` in this object."""
        return f"{self.place}.{key}" if self.place else key

    def child(self, key: str) -> "Node":
        """Return the object under ``key``; an empty one where it is missing."""
        value = self.values.get(key)
        return Node({} if value is None else Node.of(value, self.at(key)).values, self.at(key))

    def children(self, key: str) -> Iterator["Node"]:
        """Yield the objects of the list under ``key``; nulls in it say nothing and are passed over."""
        value = self.values.get(key)
        if value is None:
            return
        if not isinstance(value, list):
            raise ListExpectedError(place=self.at(key), found=describe(value))
        for position, item in enumerate(value):
            if item is not None:
                yield Node.of(item, f"{self.at(key)}[{position}]")

    def raw_text(self, key: str) -> str | None:
        """Return the text under ``key`` untouched; None where it is missing."""
        value = self.values.get(key)
        if value is not None and not isinstance(value, str):
            raise TextExpectedError(place=self.at(key), found=describe(value))
        return value

    def text(self, key: str) -> str | None:
        """Return the cleaned text of several lines under ``key``; None where it is missing or empty."""
        value = self.raw_text(key)
        return None if value is None else clean_text(value)

    def line(self, key: str, most: int = 0) -> str | None:
        """Return the cleaned one-line text under ``key``, of at most ``most`` characters (0: any length)."""
        value = self.raw_text(key)
        line = None if value is None else one_line(value)
        if line and most and len(line) > most:
            raise TextTooLongError(place=self.at(key), length=len(line), most=most)
        return line

    def needed_line(self, key: str, most: int = 0) -> str:
        """Return the one-line text under ``key``, which must be there."""
        line = self.line(key, most)
        if line is None:
            raise ValueMissingError(place=self.at(key))
        return line

    def flag(self, key: str) -> bool:
        """Return the truth value under ``key``; False where it is missing."""
        value = self.values.get(key)
        if value is None:
            return False
        if not isinstance(value, bool):
            raise FlagExpectedError(place=self.at(key), found=describe(value))
        return value

    def whole(self, key: str, most: int) -> int | None:
        """Return the whole number from 0 to ``most`` under ``key``; None where it is missing."""
        value = self.values.get(key)
        if value is None:
            return None
        number = self.number(key)
        if number is None or number != number.to_integral_value() or not 0 <= number <= most:
            raise NumberExpectedError(place=self.at(key), least=0, most=most, found=describe(value))
        return int(number)

    def number(self, key: str) -> Decimal | None:
        """Return the number under ``key``, also one written as text; None where it is no number."""
        value = self.values.get(key)
        if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
            return None
        try:
            number = Decimal(value.strip() if isinstance(value, str) else value)
        except InvalidOperation:
            return None
        return number if number.is_finite() else None

    def word(self, key: str, known: Mapping[str, Any]) -> Any:
        """Return what ``known`` says for the word under ``key``; a word it does not know is a fault."""
        value = self.raw_text(key)
        if value is None or value not in known:
            raise WordUnknownError(place=self.at(key), found=describe(value), known=", ".join(known))
        return known[value]

    def local_date(self, key: str) -> date | None:
        """Return the day in Vietnam of the milliseconds since 1970 under ``key``; None where it is missing."""
        value = self.values.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int):
            raise DateImpossibleError(place=self.at(key), found=describe(value))
        try:
            day = (EPOCH + timedelta(milliseconds=value)).astimezone(LOCAL).date()
        except OverflowError:
            raise DateImpossibleError(place=self.at(key), found=describe(value)) from None
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise DateImpossibleError(place=self.at(key), found=describe(value))
        return day
