"""Reads what a model says about itself, for everything that is generated from it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any, Literal

from sqlalchemy import Column, inspect
from sqlalchemy import Enum as EnumType
from sqlalchemy.orm import ColumnProperty, RelationshipProperty

from models.base import Base, Choice, Field, Screen

Kind = Literal["text", "choice", "boolean", "integer", "decimal", "date", "datetime", "json", "one", "many"]


@dataclass(frozen=True, slots=True)
class Attribute:
    """One described attribute: its screen field and what the mapping knows about it."""

    key: str
    field: Field
    kind: Kind
    nullable: bool
    column: Column[Any] | None = None
    target: type[Base] | None = None
    choices: type[Choice] | None = None
    length: int | None = None

    @property
    def is_required(self) -> bool:
        """Whether a form must have a value: what the model says, else a NOT NULL column without a default."""
        if self.field.required is not None:
            return self.field.required
        if self.kind == "many" or self.nullable:
            return False
        return self.column is None or self.column.default is None


def screen_of(model: type[Base]) -> Screen:
    """Return the ``Screen`` of ``model``."""
    return vars(model)["__screen__"]


@cache
def attributes(model: type[Base]) -> Mapping[str, Attribute]:
    """Return the described attributes of ``model`` by name, in source order, its mixins' last."""
    mapper = inspect(model)
    described: dict[str, Attribute] = {}
    keys = [key for key in vars(model) if key in mapper.attrs] + list(mapper.attrs.keys())
    for key in dict.fromkeys(keys):
        attribute = _attribute(key, mapper.attrs[key])
        if attribute is not None:
            described[key] = attribute
    return described


def _attribute(key: str, mapped: Any) -> Attribute | None:
    if isinstance(mapped, ColumnProperty):
        column = mapped.columns[0]
        field = column.info.get("ui")
        if field is None or not isinstance(column, Column):
            return None
        length = getattr(column.type, "length", None) if _kind(column) == "text" else None
        return Attribute(key, field, _kind(column), bool(column.nullable), column, None, _choices(column), length)
    if isinstance(mapped, RelationshipProperty):
        field = mapped.info.get("ui")
        if field is None:
            return None
        target = mapped.mapper.class_
        if mapped.uselist:
            return Attribute(key, field, "many", True, None, target)
        column = next(iter(mapped.local_columns))
        if not isinstance(column, Column):
            return None
        return Attribute(key, field, "one", bool(column.nullable), column, target)
    return None


def _choices(column: Column[Any]) -> type[Choice] | None:
    members = column.type.enum_class if isinstance(column.type, EnumType) else None
    return members if members is not None and issubclass(members, Choice) else None


def _kind(column: Column[Any]) -> Kind:
    if isinstance(column.type, EnumType):
        return "choice"
    python_type = column.type.python_type
    kinds: dict[type, Kind] = {
        bool: "boolean",
        int: "integer",
        Decimal: "decimal",
        datetime: "datetime",
        date: "date",
        str: "text",
        dict: "json",
        list: "json",
    }
    return kinds.get(python_type, "text")


def form_attributes(model: type[Base], *, is_new: bool, level: int) -> dict[str, Attribute]:
    """Return what a form of ``model`` may show and write, for a writer of a field level."""
    return {
        key: attribute
        for key, attribute in attributes(model).items()
        if attribute.field.form
        and not attribute.field.read_only
        and not attribute.field.secret
        and attribute.kind != "json"
        and attribute.field.level <= level
        and (is_new or not attribute.field.create_only)
        and not (attribute.kind == "many" and not _is_link_list(model, key))
    }


def _is_link_list(model: type[Base], key: str) -> bool:
    return inspect(model).relationships[key].secondary is not None


def order_attribute(model: type[Base], key: str) -> str:
    """Return the attribute whose index orders the column ``key``; "" where none does."""
    screen = screen_of(model)
    orderable = {screen.order.lstrip("-"), *(name.lstrip("-") for name in screen.orders)}
    described = attributes(model).get(key)
    candidate = described.field.order if described is not None and described.field.order else key
    return candidate if candidate in orderable else ""
