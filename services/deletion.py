"""Rows deleted and restored: into the bin where the entity has one, for good where it has none.

Source: docs/adr/0017-soft-delete.md.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Table, UniqueConstraint, func, inspect, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from models.access import Role, User, UserRole
from models.audit import AuditEvent
from models.base import Base, SoftDeleted, _
from models.describe import attributes
from models.organisation import Counter, Site
from models.staff import CounterSession, Staff
from services.audit import row_key
from services.errors import ConflictError, UserError
from services.roles import ROLE_NAMES
from services.session import including_deleted, require, unscoped

COUNTED = 1000
"""So many uses are counted; beyond that there are "more"."""


class RowInUseError(ConflictError):
    """The row cannot be deleted because others refer to it."""

    message = _("%(name)s is still used elsewhere. Change or delete what refers to it first.")


class ValueTakenError(ConflictError):
    """What was unique when the row was deleted has been given to another one since."""

    message = _("%(name)s cannot be restored: another row has %(value)s now. Change that one first.")


class NotInBinError(ConflictError):
    """Somebody restored it before, or it was never deleted."""

    message = _("%(name)s is not deleted any more.")


class ServedNowError(ConflictError):
    """Somebody sits there and serves people."""

    message = _("Somebody is serving there at this moment. Have the counter closed first.")


class RoleHeldError(UserError):
    """Without its role, a person could no longer do anything."""

    message = _("%(name)s is a role of the system, or somebody holds it. Take it away from everybody first.")
    status = 409


@dataclass(frozen=True, slots=True)
class Use:
    """How many living rows of one entity refer to a row; ``entity`` is its table, ``count`` at most COUNTED + 1."""

    entity: str
    count: int


Rule = Callable[[Session, Any], None]
_RULES: dict[type[Base], Rule] = {}


def delete_row(session: Session, row: Any, *, at: datetime) -> None:
    """Move ``row`` to the bin, or delete it for good where its entity has none.

    Raises: DeniedError; RowInUseError where it has no bin and others refer to it; what the entity's rule raises.
    """
    require(session, row.__tablename__, "delete", row)
    put_away(session, row, at=at)


def put_away(session: Session, row: Any, *, at: datetime) -> None:
    """Delete ``row`` like ``delete_row`` for somebody whose right was asked for before: to undo what made it.

    Raises: RowInUseError, what the entity's rule raises.
    """
    name = str(row)
    with unscoped(session, "rules of deletion"):
        _RULES.get(type(row), lambda *_args: None)(session, row)
    try:
        with session.begin_nested():
            if isinstance(row, SoftDeleted):
                row.deleted_at = row.deleted_at or at
            else:
                session.delete(row)
    except IntegrityError:
        raise RowInUseError(name=name) from None


def restore_row(session: Session, row: Any) -> None:
    """Take ``row`` out of the bin.

    Raises: DeniedError; NotInBinError; ValueTakenError where another row has what must be unique.
    """
    require(session, row.__tablename__, "delete", row)
    if row.deleted_at is None:
        raise NotInBinError(name=str(row))
    taken = _taken_value(session, row)
    if taken:
        raise ValueTakenError(name=str(row), value=taken)
    row.deleted_at = None
    session.flush()  # two who restore into the same value meet here: the second is told that somebody was first


def _taken_value(session: Session, row: Any) -> str:
    """Return the value that a living row has and ``row`` would need for itself; "" where all are free."""
    model: Any = type(row)
    keys = {column.key: inspect(model).get_property_by_column(column).key for column in model.__table__.columns}
    with unscoped(session, "is the value free"), session.no_autoflush:
        for columns in unique_columns(model.__table__):
            values = {keys[column]: getattr(row, keys[column]) for column in columns}
            if any(value is None for value in values.values()):
                continue
            same = [model.deleted_at.is_(None), *(getattr(model, key) == value for key, value in values.items())]
            if session.scalar(select(model.id).where(*same).limit(1)) is not None:
                return ", ".join(_shown(row, key) for key in values)
    return ""


def _shown(row: Any, key: str) -> str:
    described = {a.column.key: a for a in attributes(type(row)).values() if a.column is not None}
    attribute = described.get(key)
    if attribute is None or attribute.field.secret:
        return "•••"
    return str(getattr(row, attribute.key))


def unique_columns(table: Table) -> list[list[str]]:
    """Return the names of the columns that must be unique together, each index and constraint of ``table``."""
    unique = [index for index in table.indexes if index.unique]
    unique += [constraint for constraint in table.constraints if isinstance(constraint, UniqueConstraint)]
    return sorted([column.key for column in found.columns] for found in unique)


def last_editor(session: Session, row: Any) -> str:
    """Return the name of who changed ``row`` last, which of a row in the bin is who deleted it; "" for a program."""
    changes = (
        select(User.display_name)
        .select_from(AuditEvent)
        .outerjoin(User, User.id == AuditEvent.user_id)
        .where(
            AuditEvent.entity == row.__tablename__, AuditEvent.entity_key == row_key(row), AuditEvent.action == "edit"
        )
        .order_by(AuditEvent.at.desc(), AuditEvent.id.desc())
    )
    with unscoped(session, "who deleted a row"):
        return session.scalar(changes.limit(1)) or ""


def list_uses(session: Session, row: Any) -> Sequence[Use]:
    """Return which living rows refer to ``row``, counted by entity, the most used first; counts are capped.

    Rows of link tables count as the entity whose list of links they are.
    """
    uses: dict[str, int] = {}
    with unscoped(session, "what uses a row"):
        for column in _references(type(row)):
            entity = _owner(column.table, type(row))
            found = select(column).where(column == row.id).limit(COUNTED + 1)
            if "deleted_at" in column.table.c:
                found = found.where(column.table.c.deleted_at.is_(None))
            number = session.connection().scalar(select(func.count()).select_from(found.subquery())) or 0
            if number:
                uses[entity] = min(uses.get(entity, 0) + number, COUNTED + 1)
    return [Use(entity, count) for entity, count in sorted(uses.items(), key=lambda item: (-item[1], item[0]))]


def _references(model: type[Base]) -> list[Any]:
    """Return every column that refers to ``model``, in a fixed order."""
    tables = Base.metadata.tables.values()
    columns = [column for table in tables for column in table.columns]
    own = model.__table__
    return sorted((c for c in columns if any(key.column.table is own for key in c.foreign_keys)), key=str)


def _owner(table: Table, target: type[Base]) -> str:
    """Return the entity that a row of ``table`` belongs to: itself, or whose list of links to ``target`` it is."""
    for mapper in Base.registry.mappers:
        for relationship in mapper.relationships:
            if relationship.secondary is table and relationship.mapper.class_ is target:
                return mapper.class_.__tablename__
    return table.name


def refuse_deletion(model: type[Base]) -> Callable[[Rule], Rule]:
    """Return a decorator: the function raises a UserError where a row of ``model`` must not be deleted now."""

    def add(rule: Rule) -> Rule:
        _RULES[model] = rule
        return rule

    return add


@refuse_deletion(Counter)
def _counter_is_free(session: Session, counter: Counter) -> None:
    _nobody_serves(session, CounterSession.counter_id == counter.id)


@refuse_deletion(Staff)
def _staff_is_free(session: Session, staff: Staff) -> None:
    _nobody_serves(session, CounterSession.staff_id == staff.id)


@refuse_deletion(Site)
def _site_is_closed(session: Session, site: Site) -> None:
    counters = select(Counter.id).where(Counter.site_id == site.id)
    _nobody_serves(session, CounterSession.counter_id.in_(counters))


def _nobody_serves(session: Session, condition: Any) -> None:
    if session.scalar(select(CounterSession.id).where(condition, CounterSession.ended_at.is_(None)).limit(1)):
        raise ServedNowError


@refuse_deletion(Role)
def _role_is_free(session: Session, role: Role) -> None:
    with including_deleted(session):
        held = session.scalar(select(UserRole.user_id).where(UserRole.role_id == role.id).limit(1))
    if role.code in ROLE_NAMES or held is not None:
        raise RoleHeldError(name=role.name)
