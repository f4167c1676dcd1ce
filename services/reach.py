"""Lists that are scoped by department, as fast for the smallest department as for the whole.

A table says which departments have to do with a row and repeats the value the list is ordered by
(``Screen.reach``). A page is then merged from one range of that table's index per granted department, and one per
column that makes a row somebody's own, instead of walking the whole list and asking each row whose it is.
Source: design decision 9.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, false, select, union

from models.actor import Actor, ScopeLevel
from models.base import Base, Reach
from models.describe import screen_of


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page begins: the order's value and the key of the row before it, and the direction of the walk."""

    values: tuple[Any, Any] | None
    is_descending: bool


@dataclass(frozen=True, slots=True)
class Branch:
    """One range of rows: what to select from, the order's column, the key's column and the conditions."""

    source: Any
    order: ColumnElement[Any]
    key: ColumnElement[Any]
    conditions: tuple[ColumnElement[bool], ...]


def reach_of(model: type[Base], actor: Actor) -> Reach | None:
    """Return how ``model`` is reached, where the actor's scope is by department; None otherwise."""
    permit = actor.permit(model.__tablename__, "read")
    if permit is None or permit.scope not in (ScopeLevel.DEPARTMENT, ScopeLevel.TREE):
        return None
    return screen_of(model).reach


def _branches(model: type[Base], actor: Actor, reach: Reach) -> list[Branch]:
    table: Table = Base.metadata.tables[model.__tablename__]
    access: Table = Base.metadata.tables[reach.table]
    permit = actor.permit(model.__tablename__, "read")
    is_direct = permit is not None and permit.scope is ScopeLevel.DEPARTMENT
    key = access.c[reach.row_key]
    joined = access.join(table, table.c.id == key)
    direct = (access.c[reach.direct],) if is_direct else ()
    branches = [
        Branch(joined, access.c[reach.order], key, (access.c[reach.department_key] == department, *direct))
        for department in sorted(actor.department_ids)
    ]
    if actor.served_staff_id is not None:
        branches += [
            Branch(table, table.c[reach.order], table.c.id, (table.c[own] == actor.served_staff_id,))
            for own in reach.own
        ]
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
    parts = [_part(branch, conditions, limit, place) for branch in _branches(model, actor, reach)]
    if not parts:
        return select(Base.metadata.tables[model.__tablename__].c.id).where(false())
    return union(*(select(part.subquery()) for part in parts))


def _part(branch: Branch, conditions: Sequence[ColumnElement[bool]], limit: int, place: Place | None) -> Select[Any]:
    statement = select(branch.key.label("id")).select_from(branch.source).where(*branch.conditions, *conditions)
    if place is not None:
        statement = statement.order_by(*_ordered(branch, place))
        if place.values is not None:
            statement = statement.where(_beyond(branch, place.values, place.is_descending))
    return statement.limit(limit)


def _ordered(branch: Branch, place: Place) -> tuple[Any, Any]:
    if place.is_descending:
        return branch.order.desc(), branch.key.desc()
    return branch.order.asc(), branch.key.asc()


def _beyond(branch: Branch, values: tuple[Any, Any], is_descending: bool) -> ColumnElement[bool]:
    value, key = values
    if is_descending:
        return (branch.order <= value) & ((branch.order < value) | (branch.key < key))
    return (branch.order >= value) & ((branch.order > value) | (branch.key > key))
