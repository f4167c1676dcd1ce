"""What a file may fill: the attributes of an entity as far as somebody's rights go, and what a row is known by."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache
from typing import Any

from sqlalchemy import Index, UniqueConstraint

from models.actor import Actor
from models.base import LIVING, Base
from models.describe import Attribute, attributes, screen_of
from models.text import fold

LIKE_ENOUGH = 0.72


@dataclass(frozen=True, slots=True)
class Target:
    """An attribute that a column may fill: whether in new rows, and whether in rows that are there already.

    One that may be neither is what rows are known by, and only compared.
    """

    attribute: Attribute
    in_new: bool
    in_known: bool


@cache
def natural_key(model: type[Base]) -> tuple[str, ...]:
    """Return the attributes that tell rows of ``model`` apart for people, such as its code; () where none do.

    What a program makes up (a random public key) is none of them, and neither is what is unique among some rows only.
    """
    described = {key: a for key, a in attributes(model).items() if a.column is not None and not a.field.secret}
    single = [key for key, a in described.items() if _is_name(a)]
    if single:
        return ("code",) if "code" in single else (single[0],)
    by_column = {a.column.key: key for key, a in described.items() if a.column is not None}
    for columns in _unique_together(model):
        if all(name in by_column for name in columns):
            return tuple(by_column[name] for name in columns)
    return ()


def _is_name(attribute: Attribute) -> bool:
    column = attribute.column
    if column is None or not column.unique or column.default is not None:
        return False
    return attribute.kind in ("text", "integer", "one")


def _unique_together(model: type[Base]) -> list[list[str]]:
    table: Any = model.__table__
    constraints = [c for c in table.constraints if isinstance(c, UniqueConstraint)]
    indexes = [index for index in table.indexes if index.unique and _is_whole(index)]
    return sorted([column.key for column in unique.columns] for unique in (*constraints, *indexes))


def _is_whole(index: Index) -> bool:
    """Return whether a unique index holds for every living row."""
    condition = index.dialect_options["sqlite"]["where"]
    return condition is None or str(condition) == str(LIVING)


def targets(model: type[Base], actor: Actor) -> dict[str, Target]:
    """Return what ``actor`` may fill from a file, by attribute: what the forms let the same person write."""
    screen, entity = screen_of(model), model.__tablename__
    create = actor.permit(entity, "create") if screen.create else None
    edit = actor.permit(entity, "edit") if screen.edit else None
    read = actor.permit(entity, "read")
    found = {}
    for key, attribute in attributes(model).items():
        level = attribute.field.level
        writable = _is_writable(model, attribute)
        in_new = writable and create is not None and level <= create.level
        in_known = writable and edit is not None and level <= edit.level and not attribute.field.create_only
        is_mark = key in natural_key(model) and read is not None and level <= read.level
        if in_new or in_known or is_mark:
            found[key] = Target(attribute, in_new, in_known)
    return found


def _is_writable(model: type[Base], attribute: Attribute) -> bool:
    field = attribute.field
    if not field.form or field.read_only or field.secret or attribute.kind == "json":
        return False
    return attribute.kind != "many" or model.__mapper__.relationships[attribute.key].secondary is not None


def guess_columns(headers: Sequence[str], names: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Return by position (as text) which attribute each column most likely fills; each attribute at most once.

    ``names`` says by attribute what it is called: its labels in all languages and its key.
    """
    likely = []
    for position, header in enumerate(headers):
        forms = [form for form in {fold(header), fold(header.rpartition("/")[2])} if form]
        for key, called in names.items():
            score = max((_likeness(form, fold(name)) for form in forms for name in called), default=0.0)
            if score >= LIKE_ENOUGH:
                likely.append((score, -position, key))
    chosen: dict[str, str] = {}
    for _score, position, key in sorted(likely, reverse=True):
        if str(-position) not in chosen and key not in chosen.values():
            chosen[str(-position)] = key
    return chosen


def _likeness(header: str, name: str) -> float:
    """Return from 0 to 1 how surely a heading means a name: 1 if equal, less if it says more, or almost the same."""
    if header == name:
        return 1.0
    if f" {name} " in f" {header} ":
        return 0.75 + 0.2 * len(name) / len(header) if header.startswith(name) else 0.6 + 0.3 * len(name) / len(header)
    return SequenceMatcher(None, header, name).ratio() * 0.9
