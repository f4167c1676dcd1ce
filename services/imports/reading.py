"""Cells of a row into values of attributes, with the rules that the forms have too; problems are kept, not raised."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sqlalchemy import Numeric

from models.base import Base, _
from models.describe import Attribute
from models.text import fold, normalise
from services.errors import UserError
from services.imports.targets import Target
from services.imports.words import split_words
from services.tables.dates import DateOrder, read_date, read_instant
from services.tables.spool import Value
from services.tables.values import read_decimal, read_text, read_whole_number, read_yes_no, shortened
from services.tables.writing import unguarded

UNKNOWN = _("%(text)s is not known here. Say what it means, or leave the column out.")
EMPTY = _("Fill in this field.")
TOO_LONG = _("%(count)s characters are too many; %(most)s are kept.")
TOO_LARGE = _("Enter a smaller number.")
NOT_SHOWN = "…"


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a value cannot be taken: the attribute ("" for the whole row) and a message id with its values."""

    key: str
    message: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """How rows of a file become rows of ``model``.

    columns      attribute by position; ``orders``: which of day and month comes first there
    words        by attribute and folded text the key of a row or the code of a choice
    """

    model: type[Base]
    targets: Mapping[str, Target]
    columns: Mapping[int, str]
    orders: Mapping[int, DateOrder]
    words: Mapping[str, Mapping[str, Any]]
    key: tuple[str, ...]


@dataclass(slots=True)
class Record:
    """A row of a file: its line, its cells, what was read from them, and what could not be."""

    line: int
    cells: Sequence[Value]
    values: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def read_record(plan: Plan, line: int, cells: Sequence[Value]) -> Record:
    """Return what a row says. A key in ``values`` is a cell with something in it: an empty cell says nothing.

    Relations come as keys of rows (a list of them for a list relation), choices as their members.
    """
    record = Record(line, cells)
    for position, key in plan.columns.items():
        cell = cells[position] if position < len(cells) else None
        attribute = plan.targets[key].attribute
        try:
            value, problem = _read(plan, attribute, cell, plan.orders.get(position, DateOrder()))
        except UserError as error:
            value, problem = None, Problem(key, error.message_id, _discreet(attribute, error.values))
        if problem is not None:
            record.problems.append(problem)
        elif value is not None:
            record.values[key] = value
    return record


def _discreet(attribute: Attribute, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of a message without what only some may read: reasons are seen by more people than rows."""
    hidden = attribute.field.personal or attribute.field.level > 0
    return {name: NOT_SHOWN if hidden and name == "text" else value for name, value in values.items()}


def _read(plan: Plan, attribute: Attribute, cell: Value, order: DateOrder) -> tuple[Any, Problem | None]:
    if attribute.kind == "text":
        return _read_text(attribute, cell)
    if attribute.kind in ("choice", "one", "many"):
        return _read_word(plan, attribute, cell)
    readers: dict[str, Any] = {
        "integer": read_whole_number,
        "decimal": read_decimal,
        "boolean": read_yes_no,
        "date": lambda value: read_date(value, order),
        "datetime": lambda value: read_instant(value, order),
    }
    reading = readers[attribute.kind](unguarded(cell) if isinstance(cell, str) else cell)
    if reading is None:
        return None, None
    if not _fits(attribute, reading.value):
        return None, Problem(attribute.key, TOO_LARGE)
    return reading.value, None


def _fits(attribute: Attribute, value: Any) -> bool:
    if attribute.kind == "integer":
        return -(2**63) <= value < 2**63
    kind = attribute.column.type if attribute.column is not None else None
    if isinstance(value, Decimal):
        digits = (kind.precision or 18) - (kind.scale or 0) if isinstance(kind, Numeric) else 18
        return value.is_finite() and abs(value) < 10**digits
    return True


def _read_text(attribute: Attribute, cell: Value) -> tuple[Any, Problem | None]:
    text = read_text(unguarded(cell) if isinstance(cell, str) else cell) or ""
    if attribute.field.multiline:
        lines = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n")).split("\n")
        text = "\n".join(normalise(line) for line in lines).strip()
    else:
        text = normalise(text)
    if attribute.length and len(text) > attribute.length:
        return None, Problem(attribute.key, TOO_LONG, {"count": len(text), "most": attribute.length})
    return text or None, None


def _read_word(plan: Plan, attribute: Attribute, cell: Value) -> tuple[Any, Problem | None]:
    text = normalise(read_text(unguarded(cell) if isinstance(cell, str) else cell) or "")
    if not text:
        return None, None
    words = plan.words.get(attribute.key, {})
    parts = split_words(text) if attribute.kind == "many" else [text]
    unknown = next((part for part in parts if fold(part) not in words), None)
    if unknown is not None:
        return None, Problem(attribute.key, UNKNOWN, _discreet(attribute, {"text": shortened(unknown)}))
    meant = [words[fold(part)] for part in parts]
    if attribute.kind == "many":
        return sorted({key for key in meant if key != ""}) or None, None
    if meant[0] == "":
        return None, None  # the reader said that this word means nothing
    return (attribute.choices(meant[0]) if attribute.choices is not None else meant[0]), None
