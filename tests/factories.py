"""Rows of any model for tests: every NOT NULL column gets a plain, distinct value, parents are made as needed."""

import itertools
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Column, inspect, select
from sqlalchemy import Enum as EnumType
from sqlalchemy.orm import Session

from models import screens
from models.base import Base
from models.calendar import Weekday

_numbers = itertools.count(1)
START = datetime(2017, 5, 17, 2, 0, tzinfo=UTC)

# What a column must hold beyond its type, because a rule of the data or of a service reads it.
SPECIAL: Mapping[str, Any] = {
    "user_account.user_name": lambda n: f"user.{n}",
    "role.code": lambda n: f"ROLE{n}",
    "working_hours.weekday": lambda n: list(Weekday)[n % 7],
    "working_hours.valid_from_date": lambda n: date(2017, 1, 1) + timedelta(days=n),
    "calendar_day.local_date": lambda n: date(2017, 1, 1) + timedelta(days=n),
    "procedure.code": lambda n: f"1.{n:06}",
    "tablet.public_id": lambda n: f"00000000-0000-7000-8000-{n:012}",
    "rating_level.value": lambda n: n % 5 + 1,
    "working_hours.working_hours": lambda n: "07:00-11:30, 13:30-17:00",
    "working_hours.reception_hours": lambda n: "07:30-11:00, 13:30-16:30",
    "permission.entity": lambda n: screens()[n % len(screens())].__tablename__,
    "permission.action": lambda n: "export",
    "frozen_figures.version": lambda n: 1,
    "period_rule.first_day": lambda n: n % 28 + 1,
    "cash_closing.difference_vnd": lambda n: 0,
    "delegation.until_at": lambda n: START + timedelta(days=1, minutes=n),
}


# References that must differ from the row's other ones: each gets a parent of its own.
APART = {"frozen_figures.period_id", "delegation.from_user_id", "delegation.to_user_id"}


def make_row(session: Session, model: type[Base], **given: Any) -> Any:
    """Return a stored row of ``model``; ``given`` attributes are kept, all others that need a value get one."""
    mapper = inspect(model)
    number = next(_numbers)
    values = dict(given)
    given_columns = {
        c.key for key in given if key in mapper.relationships for c in mapper.relationships[key].local_columns
    }
    for column in model.__table__.columns:
        if column.key in values or column.key in given_columns or column.nullable or column.default is not None:
            continue
        if column.primary_key and column.autoincrement is not False and not column.foreign_keys:
            continue
        values[column.key] = _value(session, column, number)
    row = model(**values)
    session.add(row)
    session.flush()
    return row


def _value(session: Session, column: Column[Any], number: int) -> Any:
    special = SPECIAL.get(f"{column.table.name}.{column.key}")
    if special is not None:
        return special(number)
    if column.foreign_keys:
        return _parent_key(session, column)
    if isinstance(column.type, EnumType):
        return next(iter(column.type.enum_class))
    return plain_value(column, number)


def plain_value(column: Column[Any], number: int) -> Any:
    """Return a value of the column's type that differs for every number."""
    python_type = column.type.python_type
    if python_type is str:
        return f"{column.key} {number}"[: getattr(column.type, "length", None) or 100]
    values: dict[type, Any] = {
        int: number,
        bool: True,
        Decimal: Decimal(number % 100),
        datetime: START + timedelta(minutes=number),
        date: date(2017, 5, 1) + timedelta(days=number),
        dict: {},
        list: [],
    }
    return values.get(python_type, {})


def _parent_key(session: Session, column: Column[Any]) -> int:
    """Return the key of the parent's newest row, made where there is none."""
    target = next(iter(column.foreign_keys)).column
    model = next(mapper.class_ for mapper in Base.registry.mappers if mapper.local_table is target.table)
    if column.unique or f"{column.table.name}.{column.key}" in APART:
        return getattr(make_row(session, model), target.key)
    found = session.connection().scalar(select(target).order_by(target.desc()).limit(1))
    return found if found is not None else getattr(make_row(session, model), target.key)
