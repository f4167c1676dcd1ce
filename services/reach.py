"""Lists that are scoped by department, as fast for the smallest department as for the whole.

A table says which departments have to do with a row and repeats the values the list is ordered by
(``Screen.reach``). A page is then merged from one range of that table's index per granted department, and one per
column that makes a row somebody's own, instead of walking the whole list and asking each row whose it is.
Source: design decision 9.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, false, or_, select, union

from models.actor import Actor, ScopeLevel
from models.base import Base, Reach
from models.describe import screen_of


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page begins: the order, its value and the key of the row before it, and the direction of the walk.

    ``values`` has no key where the order is by a unique attribute.
    """

    order: str
    values: Sequence[Any] | None
    is_descending: bool


@dataclass(frozen=True, slots=True)
class Branch:
    """One range of rows: what to select from, where its order's columns stand, the key and the conditions."""

    source: Any
    columns: Table
    key: ColumnElement[Any]
    conditions: tuple[ColumnElement[bool], ...]


def reach_of(model: type[Base], actor: Actor) -> Reach | None:
    """Return how ``model`` is reached, where the actor's scope is by department; None otherwise."""
    permit = actor.permit(model.__tablename__, "read")
    if permit is None or permit.scope not in (ScopeLevel.DEPARTMENT, ScopeLevel.TREE):
        return None
    return screen_of(model).reach


def _branches(model: type[Base], actor: Actor, reach: Reach, *, is_joined: bool) -> list[Branch]:
    table: Table = Base.metadata.tables[model.__tablename__]
    access: Table = Base.metadata.tables[reach.table]
    permit = actor.permit(model.__tablename__, "read")
    is_direct = permit is not None and permit.scope is ScopeLevel.DEPARTMENT
    key = access.c[reach.row_key]
    source = access.join(table, table.c.id == key) if is_joined else access
    direct = (access.c[reach.direct],) if is_direct else ()
    branches = [
        Branch(source, access, key, (access.c[reach.department_key] == department, *direct))
        for department in sorted(actor.department_ids)
    ]
    if actor.served_staff_id is not None:
        branches += [Branch(table, table, table.c.id, (table.c[own] == actor.served_staff_id,)) for own in reach.own]
    return branches


def reachable(
    model: type[Base],
    actor: Actor,
    reach: Reach,
    conditions: Sequence[ColumnElement[bool]],
    *,
    limit: int,
    place: Place | None = None,
) -> Any:
    """Return a select of the keys of at most ``limit`` rows per range; in the order of the list from ``place`` on."""
    parts = [
        _part(branch, conditions, limit, place) for branch in _branches(model, actor, reach, is_joined=bool(conditions))
    ]
    if not parts:
        return select(Base.metadata.tables[model.__tablename__].c.id).where(false())
    return union(*(select(part.subquery()) for part in parts))


def _part(branch: Branch, conditions: Sequence[ColumnElement[bool]], limit: int, place: Place | None) -> Select[Any]:
    statement = select(branch.key.label("id")).select_from(branch.source).where(*branch.conditions, *conditions)
    if place is not None:
        statement = statement.order_by(*_ordered(branch, place))
        if place.values is not None:
            statement = statement.where(_beyond(branch, place.values, place))
    return statement.limit(limit)


def _ordered(branch: Branch, place: Place) -> list[Any]:
    keys = (branch.columns.c[place.order], branch.key)
    return [key.desc() if place.is_descending else key.asc() for key in keys]


def _beyond(branch: Branch, values: Sequence[Any], place: Place) -> ColumnElement[bool]:
    order, value = branch.columns.c[place.order], values[0]
    if place.is_descending:
        further = or_(order < value, *(branch.key < key for key in values[1:]))
        return (order <= value) & further
    further = or_(order > value, *(branch.key > key for key in values[1:]))
    return (order >= value) & further
