"""On whose behalf a session works, which rows that lets it see, and what is said about it in the audit trail."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Join, Select, Table, event, false, inspect, select
from sqlalchemy.orm import LoaderCriteriaOption, ORMExecuteState, Session, with_loader_criteria

from models import screens
from models.actor import Actor, ScopeLevel
from models.base import Base, Screen, SoftDeleted, key_names
from services.errors import ConflictError, DeniedError, UserError

__all__ = [
    "ConflictError",
    "DeniedError",
    "NoActorError",
    "UserError",
    "acting",
    "actor_of",
    "including_deleted",
    "may",
    "require",
    "scope_condition",
    "unscoped",
]


class NoActorError(RuntimeError):
    """A session read or wrote before anybody said on whose behalf: a fault in the program."""


@contextmanager
def acting(
    session: Session, actor: Actor, *, at: datetime | None = None, batch_id: int | None = None
) -> Iterator[None]:
    """Have ``session`` work for ``actor``; audit rows carry ``at`` (default: the time of the commit)."""
    before = {key: session.info.get(key) for key in ("actor", "at", "batch_id")}
    session.info.update(actor=actor, at=at, batch_id=batch_id)
    try:
        yield
    finally:
        session.info.update(before)


@contextmanager
def unscoped(session: Session, reason: str) -> Iterator[None]:
    """Lift row scope for a reason, which every audit row written meanwhile carries."""
    previous: Actor | None = session.info.get("actor")
    actor = replace(previous, system=True, reason=reason) if previous else Actor(system=True, reason=reason)
    with acting(session, actor, at=session.info.get("at"), batch_id=session.info.get("batch_id")):
        yield


@contextmanager
def including_deleted(session: Session) -> Iterator[None]:
    """Let selects find rows in the bin too: for the bin itself, and for names in what happened once."""
    before = session.info.get("including_deleted", False)
    session.info["including_deleted"] = True
    try:
        yield
    finally:
        session.info["including_deleted"] = before


def actor_of(session: Session) -> Actor:
    """Return the actor of ``session``; raise NoActorError where nobody said."""
    actor: Actor | None = session.info.get("actor")
    if actor is None:
        raise NoActorError("no actor: use services.session.acting() or unscoped()")
    return actor


def scope_condition(model: type[Base], actor: Actor, action: str) -> ColumnElement[bool] | None:
    """Return which rows of ``model`` the actor may apply ``action`` to; None means all of them."""
    permit = actor.permit(model.__tablename__, action)
    if permit is None:
        return false()
    if permit.scope is ScopeLevel.ALL:
        return None
    screen: Screen = vars(model)["__screen__"]
    rule = screen.scopes.get(permit.scope)
    return false() if rule is None else rule(model, actor)


def may(session: Session, entity: str, action: str, row: Base | None = None) -> bool:
    """Return whether the session's actor may do ``action``, on ``row`` where one is given."""
    actor = actor_of(session)
    if not actor.may(entity, action):
        return False
    if row is None or "__screen__" not in vars(type(row)):
        return True
    model = type(row)
    condition = scope_condition(model, actor, action)
    if condition is None:
        return True
    keys = [getattr(model, name) == getattr(row, name) for name in key_names(model)]
    with unscoped(session, "right on one row"):
        return session.scalar(select(*inspect(model).primary_key).where(*keys, condition)) is not None


def require(session: Session, entity: str, action: str, row: Base | None = None) -> None:
    """Raise DeniedError unless the session's actor may do ``action`` (on ``row``, where one is given)."""
    if not may(session, entity, action, row):
        raise DeniedError(entity, action)


def _scope_options(session: Session) -> list[LoaderCriteriaOption]:
    """Return the row scope of the session's actor, made once per actor: sessions often change to and fro."""
    actor = actor_of(session)
    if actor.system:
        return []
    known: dict[int, tuple[Actor, list[LoaderCriteriaOption]]] = session.info.setdefault("scopes", {})
    kept = known.get(id(actor))
    if kept is None or kept[0] is not actor:
        kept = known[id(actor)] = (actor, _make_scope_options(actor))
    return kept[1]


def _make_scope_options(actor: Actor) -> list[LoaderCriteriaOption]:
    options = []
    for model in screens():
        if vars(model)["__screen__"].scopes:
            condition = scope_condition(model, actor, "read")
            if condition is not None:
                options.append(with_loader_criteria(model, condition, include_aliases=True, propagate_to_loaders=False))
    return options


@event.listens_for(Session, "do_orm_execute")
def _apply_scope(state: ORMExecuteState) -> None:
    """Add the actor's row scope to every root select; a relationship load shows what its row refers to."""
    if not state.is_select or state.is_column_load or state.is_relationship_load:
        return
    options = _scope_options(state.session)
    if options:
        state.statement = state.statement.options(*options)
    if (
        state.is_orm_statement
        and isinstance(state.statement, Select)
        and not state.session.info.get("including_deleted")
    ):
        living = [entity.deleted_at.is_(None) for entity in _soft_deleted_roots(state.statement)]
        if living:
            state.statement = state.statement.where(*living)


def _soft_deleted_roots(statement: Select[Any]) -> Iterator[Any]:
    """Yield the entities with a bin that ``statement`` selects from.

    What is joined to them is no root: a dossier is counted, and its procedure named, though that was deleted.
    """
    froms = statement.columns_clause_froms
    chosen = statement._from_obj  # pyright: ignore[reportPrivateUsage] -- the public way compiles the statement
    if chosen or statement._setup_joins:  # pyright: ignore[reportPrivateUsage]
        froms = list(chosen or froms)[:1]
    for source in froms:
        leftmost: Any = source
        while isinstance(leftmost, Join):
            leftmost = leftmost.left
        entity = leftmost._annotations.get("parententity")  # pyright: ignore[reportPrivateUsage]
        if entity is not None and issubclass(entity.mapper.class_, SoftDeleted):
            yield entity.entity
        elif isinstance(leftmost, Table) and leftmost.name in _with_bin():  # inside a function, as in a count
            yield _with_bin()[leftmost.name]


@cache
def _with_bin() -> dict[str, type[SoftDeleted]]:
    """Return the entities with a bin by their tables' names."""
    models = (mapper.class_ for mapper in Base.registry.mappers)
    return {inspect(model).local_table.name: model for model in models if issubclass(model, SoftDeleted)}


def audit_value(value: Any) -> Any:
    """Return ``value`` as JSON can hold it in an audit payload."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, dict | list):
        return value
    return str(getattr(value, "value", value))
