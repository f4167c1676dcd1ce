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

_RESERVED = {"data", "errors", "process", "validate", "populate_obj", "meta", "Meta", "post_process", "query"}


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


class ModelFaultError(RuntimeError):
    """One or more models describe their screens wrongly; the message lists every fault with its mend."""


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


def order_attribute(model: type[Base], key: str) -> str:
    """Return the attribute whose index orders the column ``key``; "" where none does."""
    screen = screen_of(model)
    orderable = {screen.order.lstrip("-"), *(name.lstrip("-") for name in screen.orders)}
    described = attributes(model).get(key)
    candidate = described.field.order if described is not None and described.field.order else key
    return candidate if candidate in orderable else ""


def faults(model: type[Base]) -> list[str]:
    """Return what is wrong in how ``model`` describes its screen, each with the attribute and the mend."""
    screen, described = screen_of(model), attributes(model)
    found = [f"{key}: WTForms uses this name; rename the attribute" for key in described if key in _RESERVED]
    mapper = inspect(model)
    for name in (screen.order.lstrip("-"), *(order.lstrip("-") for order in screen.orders)):
        column = mapper.columns.get(name)
        if column is None:
            found.append(f"order {name!r}: no such column")
        elif column.nullable:
            found.append(f"order {name!r}: may be NULL, which keyset pages cannot order; order by a NOT NULL companion")
        elif not _is_indexed(column):
            found.append(f"order {name!r}: no index begins with it; add index=True or an Index")
    for key, attribute in described.items():
        if attribute.field.depends_on and attribute.field.depends_on.split("=")[0] not in described:
            found.append(f"{key}: depends_on names no described attribute")
        if attribute.field.search and "search_text" not in mapper.column_attrs:
            found.append(f"{key}: search=True needs the mixin models.search.Searchable and ddl.searchable(Model)")
    found += [
        f"children {name!r}: no such relationship" for name in screen.children if name not in mapper.relationships
    ]
    if not any(attribute.field.list is not None for attribute in described.values()):
        found.append("no attribute says list=: the list would be empty")
    return found


def _is_indexed(column: Column[Any]) -> bool:
    if column.primary_key or column.unique or column.index:
        return True
    table = column.table
    indexes = getattr(table, "indexes", ())
    constraints = getattr(table, "constraints", ())
    leading = [next(iter(index.columns), None) for index in indexes]
    leading += [
        next(iter(getattr(c, "columns", ())), None) for c in constraints if c.__visit_name__ == "unique_constraint"
    ]
    return any(first is column for first in leading)


def check_models(models: list[type[Base]]) -> None:
    """Raise ModelFaultError naming every fault of every model at once; return where there is none."""
    lines = [f"{model.__name__}.{fault}" for model in models for fault in faults(model)]
    if lines:
        raise ModelFaultError("These models describe their screens wrongly:\n  " + "\n  ".join(lines))
