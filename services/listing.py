"""Lists of any entity: search, typed filters, order and keyset pages, built from the model's own description.

A list over ten million rows answers like one over ten thousand: no OFFSET into the table, no full count, order only
where an index serves it. Source: design section 3 and decision 12; docs/adr/0003-lists.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Select, func, select
from sqlalchemy.orm import Session, selectinload
from sqlalchemy.sql import visitors
from sqlalchemy.sql.expression import UnaryExpression
from sqlalchemy.sql.operators import custom_op

from models.base import Base, Reach, SoftDeleted
from models.describe import attributes, screen_of
from services.filters import Group, Problem, filter_conditions
from services.keyset import Cursor, OrderKey, beyond, key_of, order_in_force, order_keys, read_cursor, write_cursor
from services.list_search import COUNT_CAP, exactness, search_condition, search_terms
from services.reach import Place, reach_of, reachable
from services.session import actor_of, including_deleted, scope_condition

__all__ = [
    "COUNT_CAP",
    "DELETED",
    "PAGE_SIZE",
    "ListRequest",
    "ListResult",
    "Problem",
    "bin_conditions",
    "is_bin",
    "list_conditions",
    "list_rows",
    "may_see_bin",
    "search_terms",
    "select_matching",
]

PAGE_SIZE = 50
DELETED = "deleted"
"""The quick view of the bin, which every list of an entity with one has for whoever may delete there."""
FARTHEST_ROW = 10_000
"""A page of a list that is searched, filtered or scoped can be reached by its number up to this row."""
FARTHEST_PAGE = 10_000_000


@dataclass(frozen=True, kw_only=True, slots=True)
class ListRequest:
    """What somebody asks of a list, as typed: every value is text and may be wrong.

    filters, alternatives  the first group of filters and those of which one may hold instead (services/filters.py)
    quick                  one of the model's quick views
    cursor, page           where the page begins; a number is used where there is no cursor
    columns                attributes that will be shown, "" the model's own list; their relations are loaded with them
    """

    search: str = ""
    filters: Group = field(default_factory=dict)
    alternatives: Sequence[Group] = ()
    order: str = ""
    quick: str = ""
    cursor: str = ""
    page: int = 1
    page_size: int = PAGE_SIZE
    columns: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class ListResult:
    """One page: its rows, the cursors of its neighbours ("" at an end), a capped count and what was wrong.

    ``page`` is the number of a page that was asked for by number, 1 for the first, 0 where it is not known.
    """

    rows: Sequence[Any]
    next_cursor: str
    previous_cursor: str
    count: int
    is_count_capped: bool
    order: str
    problems: Sequence[Problem]
    page: int


@dataclass(frozen=True, slots=True)
class _Found:
    """What a request comes to: what it asks, that rows are not in the bin, the order, and what could not be read."""

    asked: list[ColumnElement[bool]]
    living: list[ColumnElement[bool]]
    order: str
    keys: list[OrderKey]
    problems: list[Problem]


def list_rows(session: Session, model: type[Base], request: ListRequest, *, at: datetime) -> ListResult:
    """Return a page of ``model`` as the session's actor may see it.

    Shape:  ``rows`` are entities with the relations of the list loaded; at most ``page_size``.
    Errors: a value that cannot be read gives an empty page and a ``Problem``, never an exception.
    """
    if is_bin(session, model, request):
        with including_deleted(session):
            return _list_page(session, model, request, at)
    return _list_page(session, model, request, at)


def select_matching(
    session: Session, model: type[Base], request: ListRequest, columns: Sequence[Any], *, at: datetime
) -> Any:
    """Return a select of ``columns`` of every row the list of ``request`` leads to, in its order.

    The same search, filters and quick view as ``list_rows``, without pages: ``request.cursor`` counts for nothing.
    Where ``is_bin`` says so, it must run ``including_deleted``.
    """
    found = _find(session, model, request, at)
    conditions, _count = _narrowed(session, model, found)
    return select(*columns).where(*conditions).order_by(*(key.ordered(back=False) for key in found.keys))


def is_bin(session: Session, model: type[Base], request: ListRequest) -> bool:
    """Return whether ``request`` asks for the bin, and the session's actor may see it."""
    return request.quick == DELETED and may_see_bin(session, model)


def may_see_bin(session: Session, model: type[Base]) -> bool:
    """Return whether ``model`` has a bin and the session's actor may delete, and so restore, rows of it."""
    may_delete = screen_of(model).delete and actor_of(session).may(model.__tablename__, "delete")
    return issubclass(model, SoftDeleted) and may_delete


def bin_conditions(session: Session, model: type[Any]) -> list[ColumnElement[bool]]:
    """Return which rows of ``model`` lie in the bin and were the actor's to delete."""
    scope = scope_condition(model, actor_of(session), "delete")
    return [model.deleted_at.is_not(None), *([] if scope is None else [scope])]


def _list_page(session: Session, model: type[Base], request: ListRequest, at: datetime) -> ListResult:
    found = _find(session, model, request, at)
    conditions, count = _narrowed(session, model, found)
    reach = reach_of(model, actor_of(session)) if count > COUNT_CAP else None
    page = _Page(session, model, conditions, found.keys, request, reach, is_whole=not found.asked and reach is None)
    cursor, number = page.begin(count)
    rows, is_more = page.fetch(cursor)
    previous, following = _cursors(rows, found.keys, cursor, is_more=is_more)
    return ListResult(
        rows=[row[0] for row in rows],
        next_cursor=following,
        previous_cursor=previous,
        count=min(count, COUNT_CAP),
        is_count_capped=count > COUNT_CAP,
        order=found.order,
        problems=found.problems,
        page=number,
    )


def list_conditions(
    session: Session, model: type[Base], request: ListRequest, *, at: datetime
) -> tuple[list[ColumnElement[bool]], list[Problem]]:
    """Return what all rows of a request have in common, for acts over all that match; row scope is the session's."""
    found = _find(session, model, request, at)
    return [*found.asked, *found.living], found.problems


def _find(session: Session, model: type[Base], request: ListRequest, at: datetime) -> _Found:
    asked, problems = filter_conditions(session, model, [request.filters, *request.alternatives], at=at)
    actor = actor_of(session)
    asked += [view.where(model, actor, at) for view in screen_of(model).quick if view.name == request.quick]
    in_bin = is_bin(session, model, request)
    if in_bin:
        asked += bin_conditions(session, model)
    terms = search_terms(request.search)
    hits: list[int] | None = None
    if terms:
        found, hits = search_condition(session, model, terms)
        asked.append(found)
    order = order_in_force(model, request.order)
    rank = exactness(model, request.search) if hits is not None and not request.order else None
    return _Found(asked, [] if in_bin else _living(model), order, order_keys(model, order, rank=rank), problems)


def _living(model: type[Any]) -> list[ColumnElement[bool]]:
    """Return that a row is not in the bin: the session says so to the page itself, but not to what counts it."""
    return [model.deleted_at.is_(None)] if issubclass(model, SoftDeleted) else []


def _narrowed(session: Session, model: type[Base], found: _Found) -> tuple[list[ColumnElement[bool]], int]:
    """Return the conditions and the capped count of the list, which is driven by its few rows where there are few."""
    key, actor = key_of(model), actor_of(session)
    reach = reach_of(model, actor)
    if reach is None and not found.asked:
        counted = select(key).where(*found.living).limit(COUNT_CAP + 1).subquery()
        return found.living, session.scalar(select(func.count()).select_from(counted)) or 0
    conditions = [*found.asked, *found.living]
    if reach is None:
        keys = list(session.scalars(select(key).where(*conditions).limit(COUNT_CAP + 1)))
    else:
        keys = list(session.scalars(reachable(model, actor, reach, conditions, limit=COUNT_CAP + 1)))
    if len(keys) <= COUNT_CAP:
        return [key.in_(keys)], len(keys)
    return [*_undriven(session, model, found.asked), *found.living], len(keys)


def _undriven(
    session: Session, model: type[Base], conditions: Sequence[ColumnElement[bool]]
) -> list[ColumnElement[bool]]:
    """Return conditions that hide their columns from SQLite's planner, so that the index of the order drives.

    Rows that match are many here. Found by another index they would all have to be sorted for a page of fifty;
    in the order's index the page is full after a few steps. PostgreSQL knows from its statistics.
    """
    if session.get_bind().dialect.name != "sqlite":
        return list(conditions)

    def hide(element: Any, **_: Any) -> Any:
        if isinstance(element, Column) and element.table is not None and element.table.name == model.__tablename__:
            return UnaryExpression(element, operator=custom_op("+"), type_=element.type)
        return None

    return [visitors.replacement_traverse(condition, {}, hide) for condition in conditions]


@dataclass(frozen=True, slots=True)
class _Page:
    """One page of rows on its way: where it begins and how its rows are fetched.

    reach     how rows are found by department, where they are too many to be known by their keys
    is_whole  whether the list is neither searched, filtered nor scoped: its order's index alone says what is where
    """

    session: Session
    model: type[Base]
    conditions: Sequence[ColumnElement[bool]]
    keys: Sequence[OrderKey]
    request: ListRequest
    reach: Reach | None
    is_whole: bool

    def begin(self, count: int) -> tuple[Cursor, int]:
        """Return the cursor where the page begins and its number, 0 where it is not known."""
        cursor = read_cursor(self.request.cursor, self.keys)
        if cursor is not None:
            return cursor, 0
        size = self.request.page_size
        page = max(1, min(self.request.page, FARTHEST_PAGE))
        if count <= COUNT_CAP:
            page = min(page, max(1, -(-count // size)))
        if not self.is_whole:
            page = min(page, FARTHEST_ROW // size)
        if page == 1:
            return Cursor(), 1
        return self._cursor_of(page)

    def _cursor_of(self, page: int) -> tuple[Cursor, int]:
        """Return the cursor before a page found by its number: a walk along the order's index, not the table."""
        skipped = (page - 1) * self.request.page_size
        places = self._in_order(select(*(key.expression for key in self.keys)), Cursor(), skipped)
        values = self.session.execute(places.offset(skipped - 1).limit(1)).one_or_none()
        if values is None:
            return Cursor(is_back=True), 0  # beyond the end: the last page
        return Cursor(values=list(values)), page

    def fetch(self, cursor: Cursor) -> tuple[list[Any], bool]:
        """Return the rows with their order values, and whether more follow in the direction of the cursor."""
        extra = [key.expression.label("rank") for key in self.keys if key.name == "rank"]
        statement = self._in_order(select(self.model, *extra), cursor, self.request.page_size + 1)
        loads = _loads(self.model, self.request.columns)
        rows: list[Any] = list(self.session.execute(statement.limit(self.request.page_size + 1).options(*loads)))
        is_more = len(rows) > self.request.page_size
        rows = rows[: self.request.page_size]
        return (rows[::-1] if cursor.is_back else rows), is_more

    def _in_order(self, statement: Select[Any], cursor: Cursor, limit: int) -> Select[Any]:
        """Return ``statement`` over the rows behind the cursor, in the order of the list."""
        statement = statement.where(*self.conditions, *beyond(self.keys, cursor), *self._merged(cursor, limit))
        return statement.order_by(*(key.ordered(back=cursor.is_back) for key in self.keys))

    def _merged(self, cursor: Cursor, limit: int) -> list[ColumnElement[bool]]:
        """Return that a row is among the next of its departments, where their index gives the order asked for."""
        reach, key, names = self.reach, key_of(self.model), [key.name for key in self.keys]
        if reach is None or names[0] not in reach.orders or names[1:] not in ([], [key.key]):
            return []
        place = Place(names[0], cursor.values, self.keys[0].descending is not cursor.is_back)
        found = reachable(self.model, actor_of(self.session), reach, self.conditions, limit=limit, place=place)
        return [key.in_(found)]


def _loads(model: type[Base], columns: Sequence[str]) -> list[Any]:
    """Return the loads of every relation that the list shows: one query each, whatever the number of rows."""
    described = attributes(model)
    shown = columns or [key for key, attribute in described.items() if attribute.field.list is not None]
    return [
        selectinload(getattr(model, key))
        for key in shown
        if (attribute := described.get(key)) is not None and attribute.target is not None
    ]


def _cursors(rows: Sequence[Any], keys: Sequence[OrderKey], cursor: Cursor, *, is_more: bool) -> tuple[str, str]:
    """Return the cursors of the page before and the page after."""
    if not rows:
        return "", ""
    has_previous = is_more if cursor.is_back else cursor.values is not None
    has_next = cursor.values is not None if cursor.is_back else is_more
    previous = write_cursor(rows[0], keys, back=True) if has_previous else ""
    following = write_cursor(rows[-1], keys, back=False) if has_next else ""
    return previous, following
