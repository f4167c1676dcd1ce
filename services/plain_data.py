"""Typed values as JSON can hold them, and back: dataclasses of texts, numbers, dates, codes, and lists of those."""

import dataclasses
import enum
import types
import typing
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, TypeVar

T = TypeVar("T")


def to_plain(value: Any) -> Any:
    """Return a dataclass and everything in it as dictionaries, lists, texts, numbers and None."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: to_plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [to_plain(one) for one in value]
    return value


def from_plain(kind: type[T], plain: Mapping[str, Any]) -> T:
    """Return the dataclass ``kind`` that ``to_plain`` wrote; what it has gained since takes its default."""
    hints = typing.get_type_hints(kind)
    return kind(**{name: _value(hints[name], value) for name, value in plain.items() if name in hints})


def _value(hint: Any, plain: Any) -> Any:
    if plain is None:
        return None
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return _value(next(one for one in arguments if one is not types.NoneType), plain)
    if origin in (tuple, list, Sequence):
        return tuple(_value(arguments[0], one) for one in plain)
    if dataclasses.is_dataclass(hint):
        return from_plain(hint, plain)  # type: ignore[arg-type]
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return hint(plain)
    return date.fromisoformat(plain) if hint is date else plain
