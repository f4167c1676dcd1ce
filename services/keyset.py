"""Keyset pages: where a page begins is said by the values of the last row before it, never by counting rows.

Source: docs/adr/0003-lists.md.
"""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import InvalidOperation
from typing import Any

from sqlalchemy import ColumnElement, and_, inspect, or_
from sqlalchemy.orm import InstrumentedAttribute

from models.base import Base, SoftDeleted, key_names
from models.describe import order_attribute, screen_of

LONGEST_CURSOR = 4000


@dataclass(frozen=True, slots=True)
class OrderKey:
    """One part of the order: an expression, its direction and how to read its value from a row."""

    expression: ColumnElement[Any] | InstrumentedAttribute[Any]
    descending: bool
    name: str

    def ordered(self, *, back: bool) -> ColumnElement[Any]:
        """Return the part of ORDER BY, the other way round where ``back``."""
        return self.expression.desc() if self.descending is not back else self.expression.asc()


@dataclass(frozen=True, slots=True)
class Cursor:
    """Between which rows a page begins: behind ``values``, or before them where ``is_back``; none at an end."""

    is_back: bool = False
    values: Sequence[Any] | None = None


def key_of(model: type[Base]) -> InstrumentedAttribute[Any]:
    """Return the attribute of the primary key."""
    return getattr(model, key_names(model)[0])


def order_in_force(model: type[Base], wanted: str) -> str:
    """Return the order, "attribute" or "-attribute": the wanted one where an index serves it."""
    name = order_attribute(model, wanted.lstrip("-"))
    if not name:
        return screen_of(model).order
    return f"-{name}" if wanted.startswith("-") else name


def order_keys(model: type[Base], order: str, *, rank: ColumnElement[int] | None) -> list[OrderKey]:
    """Return the parts of an order; rows of equal value are told apart by the key."""
    descending = order.startswith("-")
    name = order.lstrip("-")
    keys = [] if rank is None else [OrderKey(rank, descending=False, name="rank")]
    keys.append(OrderKey(getattr(model, name), descending, name))
    if not _is_unique(model, name):
        keys.append(OrderKey(key_of(model), descending, key_of(model).key))
    return keys


def _is_unique(model: type[Base], name: str) -> bool:
    column = inspect(model).columns[name]
    if issubclass(model, SoftDeleted):  # there a value may also stand in the bin
        return bool(column.primary_key)
    return bool(column.primary_key or column.unique)


def beyond(keys: Sequence[OrderKey], cursor: Cursor) -> list[ColumnElement[bool]]:
    """Return the condition of the rows behind the cursor (before it, where it looks back); none at an end."""
    if cursor.values is None:
        return []
    values, back = cursor.values, cursor.is_back
    steps: list[ColumnElement[bool]] = []
    for position, key in enumerate(keys):
        equal = [k.expression == v for k, v in zip(keys[:position], values[:position], strict=True)]
        smaller = key.descending is not back
        further = key.expression < values[position] if smaller else key.expression > values[position]
        steps.append(and_(*equal, further))
    first, value = keys[0], values[0]
    bound = first.expression <= value if first.descending is not back else first.expression >= value
    return [bound, or_(*steps)]


def write_cursor(row: Any, keys: Sequence[OrderKey], *, back: bool) -> str:
    """Return the cursor behind ``row`` (before it, where ``back``) as it stands in an address."""
    values = [row.rank if key.name == "rank" else getattr(row[0], key.name) for key in keys]
    plain = [value.isoformat() if isinstance(value, date) else str(getattr(value, "value", value)) for value in values]
    payload = json.dumps([int(back), *plain], ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(payload.encode()).decode().rstrip("=")


def read_cursor(cursor: str, keys: Sequence[OrderKey]) -> Cursor | None:
    """Return what an address says; None for a cursor that is empty, foreign or damaged: the first page."""
    if not cursor or len(cursor) > LONGEST_CURSOR:
        return None
    try:
        payload = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        back, *values = payload
        if len(values) != len(keys) or not all(isinstance(value, str) for value in values):
            return None
        return Cursor(bool(back), [_value(key, value) for key, value in zip(keys, values, strict=True)])
    except (ValueError, TypeError, binascii.Error, UnicodeDecodeError, InvalidOperation, OverflowError, RecursionError):
        return None


def _value(key: OrderKey, value: str) -> Any:
    python_type = int if key.name == "rank" else key.expression.type.python_type
    if python_type is datetime:
        parsed = datetime.fromisoformat(value)
        if parsed.tzinfo is None:
            raise ValueError(value)
        return parsed
    if python_type is date:
        return date.fromisoformat(value)
    if python_type is int:
        number = int(value)
        if not -(2**63) <= number < 2**63:
            raise ValueError(value)
        return number
    if python_type is str:
        value.encode()  # half a character pair is a ValueError here, and a fault in the database
        return value.replace("\0", "")
    return python_type(value)
