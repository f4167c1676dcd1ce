"""Typed filters of lists: what each kind of attribute can be asked, in groups of which one must hold.

A group says ``{"state": ["ACCEPTED"], "received_at.when": ["week"]}``: all of it must hold. The key is an attribute,
after a dot the question; without one: any of these values. Several groups are joined by OR.
Source: docs/adr/0003-lists.md.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import ColumnElement, and_, false, or_
from sqlalchemy.orm import Session

from models.base import Base, _
from models.describe import Attribute, attributes, screen_of
from services.localtime import LOCAL_ZONE
from services.session import actor_of

Group = Mapping[str, Sequence[str]]

MOST_GROUPS = 5
MOST_VALUES = 50
LONGEST_VALUE = 300
QUICK = "is"
"""Stands for an attribute: the row is in one of the model's quick views."""

_QUESTIONS: Mapping[str, tuple[str, ...]] = {
    "choice": ("", "none"),
    "boolean": ("",),
    "one": ("", "none"),
    "many": ("",),
    "text": ("", "has", "starts"),
    "integer": ("", "from", "to"),
    "decimal": ("", "from", "to"),
    "date": ("", "from", "to", "when"),
    "datetime": ("", "from", "to", "when"),
}
_UNREADABLE = (ValueError, InvalidOperation, OverflowError)


@dataclass(frozen=True, slots=True)
class Problem:
    """A filter that could not be read: the attribute's label, what was typed, why, and where it stands."""

    label: str
    value: str
    message: str
    group: int = 0
    key: str = ""


def questions(attribute: Attribute) -> tuple[str, ...]:
    """Return what ``attribute`` can be asked: "" for these values, and none, has, starts, from, to, when, empty."""
    if not attribute.field.filter:
        return ()
    asked = _QUESTIONS.get(attribute.kind, ())
    return (*asked, "empty") if attribute.nullable and attribute.kind != "many" else asked


def filter_conditions(
    session: Session, model: type[Base], groups: Sequence[Group], *, at: datetime
) -> tuple[list[ColumnElement[bool]], list[Problem]]:
    """Return the condition of the groups, none where nothing is asked; a group that cannot be read gives no rows."""
    alternatives: list[ColumnElement[bool]] = []
    problems: list[Problem] = []
    for number, group in enumerate(groups[:MOST_GROUPS]):
        parts: list[ColumnElement[bool]] = []
        for key, given in group.items():
            values = [value.strip() for value in given[:MOST_VALUES] if value.strip()]
            label, make = _asked(session, model, key, at)
            if make is None or not values:
                continue
            try:
                parts.append(make([_clean(value) for value in values]))
            except _UNREADABLE:
                problems.append(Problem(label, ", ".join(values), _("is not a value of this filter."), number, key))
                parts.append(false())
        if parts:
            alternatives.append(and_(*parts))
    return ([or_(*alternatives)] if alternatives else []), problems


def _asked(
    session: Session, model: type[Base], key: str, at: datetime
) -> tuple[str, Callable[[list[str]], ColumnElement[bool]] | None]:
    """Return the label of what ``key`` asks and what makes its condition; None where it asks nothing known."""
    if key == QUICK:
        return _("Among"), lambda values: _quick(session, model, values, at)
    name, _dot, question = key.partition(".")
    attribute = attributes(model).get(name)
    if attribute is None or question not in questions(attribute):
        return "", None
    return attribute.field.label, lambda values: _condition(model, attribute, question, values, at)


def _clean(value: str) -> str:
    if "\0" in value or len(value) > LONGEST_VALUE:
        raise ValueError(value)
    return value


def _quick(session: Session, model: type[Base], names: Sequence[str], at: datetime) -> ColumnElement[bool]:
    views = {view.name: view for view in screen_of(model).quick}
    if not set(names) <= views.keys():
        raise ValueError(names)
    return or_(*(views[name].where(model, actor_of(session), at) for name in names))


def _condition(
    model: type[Base], attribute: Attribute, question: str, values: list[str], at: datetime
) -> ColumnElement[bool]:
    column: Any = getattr(model, attribute.key)
    if attribute.kind == "many":
        target: Any = attribute.target
        return column.any(target.id.in_([_number(value) for value in values]))
    if attribute.kind == "one" and attribute.column is not None:
        column = getattr(model, attribute.column.key)
    if question == "empty":
        return column.is_(None) if _truth(values[0]) else column.is_not(None)
    if question in ("from", "to", "when") or attribute.kind in ("date", "datetime", "integer", "decimal"):
        return _range(column, attribute, *_limits(attribute, question, values, at))
    if question in ("has", "starts"):
        return _part_of_text(column, question, values)
    found = column.in_([_read(attribute, value) for value in values])
    if question == "none":
        return or_(~found, column.is_(None)) if attribute.nullable else ~found
    return found


def _part_of_text(column: Any, question: str, values: Sequence[str]) -> ColumnElement[bool]:
    compare = column.icontains if question == "has" else column.istartswith
    return or_(*(compare(value, autoescape=True) for value in values))


def _read(attribute: Attribute, value: str) -> Any:
    """Return one typed value of an attribute that is compared for being equal."""
    if attribute.kind == "choice" and attribute.choices is not None:
        return attribute.choices(value)
    if attribute.kind == "boolean":
        return _truth(value)
    return _number(value) if attribute.kind == "one" else value


def _truth(value: str) -> bool:
    if value not in ("0", "1"):
        raise ValueError(value)
    return value == "1"


def _number(value: str) -> int:
    number = int(value)
    if not -(2**63) <= number < 2**63:
        raise ValueError(value)
    return number


def _decimal(value: str) -> Decimal:
    number = Decimal(value)
    if not number.is_finite() or abs(number) > 10**18:
        raise ValueError(value)
    return number


# --- ranges ---------------------------------------------------------------------------------------------------


def _this_week(today: date) -> tuple[date, date]:
    monday = today - timedelta(days=today.weekday())
    return monday, monday + timedelta(days=6)


def _this_month(today: date) -> tuple[date, date]:
    first = today.replace(day=1)
    return first, (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)


RELATIVE_DAYS: Mapping[str, tuple[str, Callable[[date], tuple[date, date]]]] = {
    "today": (_("today"), lambda today: (today, today)),
    "yesterday": (_("yesterday"), lambda today: (today - timedelta(days=1), today - timedelta(days=1))),
    "week": (_("this week"), _this_week),
    "month": (_("this month"), _this_month),
    "last_month": (_("last month"), lambda today: _this_month(today.replace(day=1) - timedelta(days=1))),
    "last7": (_("last 7 days"), lambda today: (today - timedelta(days=6), today)),
    "last30": (_("last 30 days"), lambda today: (today - timedelta(days=29), today)),
    "next7": (_("next 7 days"), lambda today: (today, today + timedelta(days=6))),
    "year": (_("this year"), lambda today: (today.replace(month=1, day=1), today.replace(month=12, day=31))),
}
"""Runs of days that move with today, first and last day included: name -> (label, days)."""


def _limits(attribute: Attribute, question: str, values: Sequence[str], at: datetime) -> tuple[Any, Any]:
    """Return the first and the last value of a range, None for no end."""
    if question == "when":
        if values[0] not in RELATIVE_DAYS:
            raise ValueError(values[0])
        return RELATIVE_DAYS[values[0]][1](at.astimezone(LOCAL_ZONE).date())
    read: Any = {"integer": _number, "decimal": _decimal}.get(attribute.kind, date.fromisoformat)
    value = read(values[0])
    return (None if question == "to" else value), (None if question == "from" else value)


def _range(column: Any, attribute: Attribute, lower: Any, upper: Any) -> ColumnElement[bool]:
    parts: list[ColumnElement[bool]] = []
    is_instant = attribute.kind == "datetime"
    if lower is not None:
        parts.append(column >= (_midnight(lower) if is_instant else lower))
    if upper is not None and is_instant:
        parts.append(column < _midnight(upper + timedelta(days=1)))
    elif upper is not None:
        parts.append(column <= upper)
    return and_(*parts)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), LOCAL_ZONE).astimezone(UTC)
