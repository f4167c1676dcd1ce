"""Lists of any entity: search, typed filters, order and keyset pages, built from the model's own description.

A list over ten million rows answers like one over ten thousand: no OFFSET, no full count, order only where an
index serves it. Source: design section 3 and decision 12; docs/adr/0003-lists.md.
"""

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, case, false, func, inspect, literal_column, or_, select, text
from sqlalchemy.orm import InstrumentedAttribute, Session, selectinload

from models.base import Base, SoftDeleted, _, key_names
from models.describe import Attribute, attributes, order_attribute, screen_of
from models.search import BAR, searched_attributes
from models.text import fold, normalise
from services.reach import Place, reach_of, reachable
from services.session import actor_of, including_deleted, scope_condition

PAGE_SIZE = 50
COUNT_CAP = 1000
DELETED = "deleted"
"""The quick view of the bin, which every list of an entity with one has for whoever may delete there."""
LOCAL_ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


@dataclass(frozen=True, kw_only=True, slots=True)
class ListRequest:
    """What somebody asks of a list, as typed: every value is text and may be wrong."""

    search: str = ""
    filters: Mapping[str, Sequence[str]] = field(default_factory=dict)
    order: str = ""
    quick: str = ""
    cursor: str = ""
    page_size: int = PAGE_SIZE


@dataclass(frozen=True, slots=True)
class Problem:
    """A filter value that could not be read: the attribute's label and what was typed."""

    label: str
    value: str
    message: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ListResult:
    """One page: its rows, the cursors of its neighbours ("" at an end), a capped count and what was wrong."""

    rows: Sequence[Any]
    next_cursor: str
    previous_cursor: str
    count: int
    is_count_capped: bool
    order: str
    problems: Sequence[Problem]


@dataclass(frozen=True, slots=True)
class OrderKey:
    """One part of the order: an expression, its direction and how to read its value from a row."""

    expression: ColumnElement[Any] | InstrumentedAttribute[Any]
    descending: bool
    name: str


def list_rows(session: Session, model: type[Base], request: ListRequest, *, at: datetime) -> ListResult:
    """Return a page of ``model`` as the session's actor may see it.

    Shape:  ``rows`` are entities with the relations of the list loaded; at most ``page_size``.
    Errors: a value that cannot be read gives an empty page and a ``Problem``, never an exception.
    """
    conditions, problems = _asked(session, model, request, at)
    if is_bin(session, model, request):
        with including_deleted(session):
            return _list_page(session, model, request, conditions, problems)
    return _list_page(session, model, request, conditions, problems)


def select_matching(
    session: Session, model: type[Base], request: ListRequest, columns: Sequence[Any], *, at: datetime
) -> Any:
    """Return a select of ``columns`` of every row the list of ``request`` leads to, in its order.

    The same search, filters and quick view as ``list_rows``, without pages: ``request.cursor`` counts for nothing.
    Where ``is_bin`` says so, it must run ``including_deleted``.
    """
    conditions, _problems = _asked(session, model, request, at)
    conditions, keys, _order = _searched(session, model, request, conditions)
    if reach_of(model, actor_of(session)) is not None:
        conditions, _count = _narrowed(session, model, conditions)
    directed = [key.expression.desc() if key.descending else key.expression.asc() for key in keys]
    return select(*columns).where(*conditions).order_by(*directed)


def _asked(
    session: Session, model: type[Base], request: ListRequest, at: datetime
) -> tuple[list[ColumnElement[bool]], list[Problem]]:
    """Return the conditions of filters and quick view, and what could not be read of them."""
    conditions, problems = filter_conditions(model, request.filters)
    conditions += _quick_condition(session, model, request.quick, at)
    if is_bin(session, model, request):
        conditions += bin_conditions(session, model)
    elif issubclass(model, SoftDeleted):  # the session says so to the page itself, but not to what counts it
        conditions.append(model.deleted_at.is_(None))
    return conditions, problems


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


def _list_page(
    session: Session,
    model: type[Base],
    request: ListRequest,
    conditions: list[ColumnElement[bool]],
    problems: Sequence[Problem],
) -> ListResult:
    conditions, keys, order = _searched(session, model, request, conditions)
    conditions, count = _narrowed(session, model, conditions)
    rows, back, more = _fetch_page(session, model, conditions, keys, request)
    previous, following = _cursors(rows, keys, request, is_back=back, is_more=more)
    return ListResult(
        rows=[row[0] for row in rows],
        next_cursor=following,
        previous_cursor=previous,
        count=min(count, COUNT_CAP),
        is_count_capped=count > COUNT_CAP,
        order=order,
        problems=problems,
    )


def _searched(
    session: Session, model: type[Base], request: ListRequest, conditions: list[ColumnElement[bool]]
) -> tuple[list[ColumnElement[bool]], list[OrderKey], str]:
    """Return the conditions with that of the search, what the rows are ordered by, and the name of that order."""
    terms = search_terms(request.search)
    hits: list[int] | None = None
    if terms:
        found, hits = _search_condition(session, model, terms)
        conditions = [*conditions, found]
    order = _order_name(model, request.order)
    rank = _rank(model, request.search) if hits is not None and not request.order else None
    return conditions, _order_keys(model, order, rank=rank), order


def _narrowed(
    session: Session, model: type[Base], conditions: list[ColumnElement[bool]]
) -> tuple[list[ColumnElement[bool]], int]:
    """Return the conditions and the capped count of the list, which is driven by its few rows where there are few."""
    actor = actor_of(session)
    reach = reach_of(model, actor)
    if reach is None:
        counted = select(_key(model)).where(*conditions).limit(COUNT_CAP + 1).subquery()
        return conditions, session.scalar(select(func.count()).select_from(counted)) or 0
    statement = reachable(model, actor, reach, conditions, limit=COUNT_CAP + 1)
    keys = list(session.scalars(statement))
    return ([_key(model).in_(keys)] if len(keys) <= COUNT_CAP else conditions), len(keys)


def _key(model: type[Base]) -> InstrumentedAttribute[Any]:
    return getattr(model, key_names(model)[0])


# --- search ---------------------------------------------------------------------------------------------------


def search_terms(typed: str) -> list[str]:
    """Return the folded words somebody searches for, each at most once; at most eight are used."""
    return list(dict.fromkeys(fold(typed[:200].replace("|", " ").replace("\0", " ")).split()))[:8]


def _pattern(term: str) -> str:
    """Return what is looked for: a word of one or two letters as a whole word, a longer one anywhere."""
    return f" {term} " if len(term) < 3 else term


def _search_condition(
    session: Session, model: type[Base], terms: Sequence[str]
) -> tuple[ColumnElement[bool], list[int] | None]:
    """Return the condition of the search, and the hits where they are few.

    Few hits drive the query by their keys. Many hits would have to be sorted: there the order's index drives
    and each row's text is tested, which fills a page quickly because hits are many.
    """
    document: Any = getattr(model, "search_text", None)
    if document is None:
        return false(), None
    visible = _visible_part(session, model, document, terms)
    hits = _hits(session, model, terms)
    if len(hits) <= COUNT_CAP:
        return and_(_key(model).in_(hits), *visible), hits
    return and_(*(document.contains(_pattern(term), autoescape=True) for term in terms), *visible), None


def _visible_part(
    session: Session, model: type[Base], document: Any, terms: Sequence[str]
) -> list[ColumnElement[bool]]:
    """Return conditions that keep a reader from finding rows by fields above the own level."""
    permit = actor_of(session).permit(model.__tablename__, "read")
    restricted = searched_attributes(model, restricted=True)
    if (
        permit is None
        or not restricted
        or permit.level >= max(attributes(model)[key].field.level for key in restricted)
    ):
        return []
    position = func.instr if session.get_bind().dialect.name == "sqlite" else func.strpos
    public = func.substr(
        document, 1, case((position(document, BAR) > 0, position(document, BAR)), else_=func.length(document))
    )
    return [position(public, _pattern(term)) > 0 for term in terms]


def _hits(session: Session, model: type[Base], terms: Sequence[str]) -> list[int]:
    """Return at most ``COUNT_CAP + 1`` keys of rows whose text has all terms, whoever may see them."""
    table = model.__tablename__
    if session.get_bind().dialect.name == "sqlite":
        query = " AND ".join('"' + _pattern(term).replace('"', '""') + '"' for term in terms)
        statement = (
            select(literal_column("rowid")).select_from(text(f"{table}_fts")).where(text(f"{table}_fts MATCH :query"))
        )
        return list(session.connection().scalars(statement.limit(COUNT_CAP + 1), {"query": query}))
    columns = model.__table__.c
    conditions = [columns.search_text.contains(_pattern(term), autoescape=True) for term in terms]
    return list(session.connection().scalars(select(columns.id).where(*conditions).limit(COUNT_CAP + 1)))


def _rank(model: type[Base], typed: str) -> ColumnElement[int]:
    """Return 0 for rows that hold the text exactly as typed, accents included, 1 for the others."""
    exact = normalise(typed[:200])
    columns = [getattr(model, key) for key in searched_attributes(model, restricted=False)]
    return case((or_(false(), *(column.contains(exact, autoescape=True) for column in columns)), 0), else_=1)


# --- filters --------------------------------------------------------------------------------------------------


def filter_conditions(
    model: type[Base], filters: Mapping[str, Sequence[str]]
) -> tuple[list[ColumnElement[bool]], list[Problem]]:
    """Return the conditions of typed filters; what cannot be read gives no rows and a problem."""
    conditions: list[ColumnElement[bool]] = []
    problems: list[Problem] = []
    for key, values in filters.items():
        attribute = attributes(model).get(key)
        if attribute is None or not attribute.field.filter or not any(value.strip() for value in values):
            continue
        try:
            conditions.append(_filter_condition(model, attribute, [value.strip() for value in values]))
        except (ValueError, InvalidOperation, OverflowError):
            shown = " – ".join(value for value in values if value)
            problems.append(Problem(attribute.field.label, shown, _("is not a value of this filter.")))
            conditions.append(false())
    return conditions, problems


def _filter_condition(model: type[Base], attribute: Attribute, values: Sequence[str]) -> ColumnElement[bool]:
    column: Any = getattr(model, attribute.key if attribute.kind != "one" else attribute.column.key)  # type: ignore[union-attr]
    given = [value for value in values if value]
    if attribute.kind == "choice" and attribute.choices is not None:
        return column.in_([attribute.choices(value) for value in given])
    if attribute.kind == "boolean":
        return column.is_({"1": True, "0": False}[given[0]] if given[0] in {"0", "1"} else _raise(given[0]))
    if attribute.kind == "one":
        return column.in_([_bounded(int(value)) for value in given])
    if attribute.kind == "text":
        return column == (given[0] if "\0" not in given[0] else _raise(given[0]))
    lower, upper = (*values, "", "")[:2]
    return _range(column, attribute, lower, upper)


def _raise(value: str) -> bool:
    raise ValueError(value)


def _bounded(number: int) -> int:
    if not -(2**63) <= number < 2**63:
        raise ValueError(number)
    return number


def _range(column: Any, attribute: Attribute, lower: str, upper: str) -> ColumnElement[bool]:
    parts: list[ColumnElement[bool]] = []
    if attribute.kind == "datetime":
        if lower:
            parts.append(column >= datetime.combine(date.fromisoformat(lower), time(), LOCAL_ZONE))
        if upper:
            parts.append(column < datetime.combine(date.fromisoformat(upper) + timedelta(days=1), time(), LOCAL_ZONE))
        return and_(*parts)
    read: Any = {"date": date.fromisoformat, "integer": lambda value: _bounded(int(value)), "decimal": _decimal}[
        attribute.kind
    ]
    if lower:
        parts.append(column >= read(lower))
    if upper:
        parts.append(column <= read(upper))
    return and_(*parts)


def _decimal(value: str) -> Decimal:
    number = Decimal(value)
    if not number.is_finite() or abs(number) > 10**18:
        raise ValueError(value)
    return number


def _quick_condition(session: Session, model: type[Base], name: str, at: datetime) -> list[ColumnElement[bool]]:
    actor = actor_of(session)
    return [quick.where(model, actor, at) for quick in screen_of(model).quick if quick.name == name]


# --- order and pages ------------------------------------------------------------------------------------------


def _order_name(model: type[Base], wanted: str) -> str:
    """Return the order in force, "attribute" or "-attribute": the wanted one where an index serves it."""
    name = order_attribute(model, wanted.lstrip("-"))
    if not name:
        return screen_of(model).order
    return f"-{name}" if wanted.startswith("-") else name


def _order_keys(model: type[Base], order: str, *, rank: ColumnElement[int] | None) -> list[OrderKey]:
    descending = order.startswith("-")
    name = order.lstrip("-")
    keys = [] if rank is None else [OrderKey(rank, descending=False, name="rank")]
    keys.append(OrderKey(getattr(model, name), descending, name))
    if not _is_unique(model, name):  # equal values are told apart by the key
        keys.append(OrderKey(_key(model), descending, _key(model).key))
    return keys


def _is_unique(model: type[Base], name: str) -> bool:
    column = inspect(model).columns[name]
    if issubclass(model, SoftDeleted):  # there a value may also stand in the bin
        return bool(column.primary_key)
    return bool(column.primary_key or column.unique)


def _after(keys: Sequence[OrderKey], values: Sequence[Any], *, back: bool) -> ColumnElement[bool]:
    """Return the rows behind ``values`` in the order of ``keys`` (before them, where ``back``)."""
    steps: list[ColumnElement[bool]] = []
    for position, key in enumerate(keys):
        equal = [k.expression == v for k, v in zip(keys[:position], values[:position], strict=True)]
        smaller = key.descending is not back
        beyond = key.expression < values[position] if smaller else key.expression > values[position]
        steps.append(and_(*equal, beyond))
    first, value = keys[0], values[0]
    bound = first.expression <= value if first.descending is not back else first.expression >= value
    return and_(bound, or_(*steps))


def _fetch_page(
    session: Session,
    model: type[Base],
    conditions: Sequence[ColumnElement[bool]],
    keys: Sequence[OrderKey],
    request: ListRequest,
) -> tuple[list[Any], bool, bool]:
    """Return the rows with their order values, whether the page was walked backwards, and whether more follow."""
    cursor = _read_cursor(request.cursor, keys)
    back = cursor is not None and cursor[0]
    values = cursor[1] if cursor is not None else None
    extra = [key.expression.label("rank") for key in keys if key.name == "rank"]
    statement: Select[Any] = select(model, *extra).where(*conditions)
    if values is not None:
        statement = statement.where(_after(keys, values, back=back))
    merged = _merged(session, model, conditions, keys, values, back=back, limit=request.page_size + 1)
    if merged is not None:
        statement = statement.where(merged)
    statement = statement.order_by(
        *(key.expression.desc() if key.descending is not back else key.expression.asc() for key in keys)
    )
    statement = statement.limit(request.page_size + 1).options(*_list_loads(model))
    rows: list[Any] = list(session.execute(statement))
    more = len(rows) > request.page_size
    rows = rows[: request.page_size]
    return (rows[::-1] if back else rows), back, more


def _merged(
    session: Session,
    model: type[Base],
    conditions: Sequence[ColumnElement[bool]],
    keys: Sequence[OrderKey],
    values: Sequence[Any] | None,
    *,
    back: bool,
    limit: int,
) -> ColumnElement[bool] | None:
    """Return that a row is among the next of its departments, where their index gives the order asked for."""
    actor = actor_of(session)
    reach = reach_of(model, actor)
    if reach is None or [key.name for key in keys] != [reach.order, _key(model).key]:
        return None
    place = Place((values[0], values[1]) if values is not None else None, keys[0].descending is not back)
    return _key(model).in_(reachable(model, actor, reach, conditions, limit=limit, place=place))


def _list_loads(model: type[Base]) -> list[Any]:
    """Return the loads of every relation that the list shows: one query each, whatever the number of rows."""
    return [
        selectinload(getattr(model, key))
        for key, attribute in attributes(model).items()
        if attribute.target is not None and attribute.field.list is not None
    ]


def _cursors(
    rows: Sequence[Any], keys: Sequence[OrderKey], request: ListRequest, *, is_back: bool, is_more: bool
) -> tuple[str, str]:
    """Return the cursors of the page before and the page after."""
    if not rows:
        return "", ""
    has_previous = is_more if is_back else bool(request.cursor)
    has_next = True if is_back else is_more
    previous = _write_cursor(rows[0], keys, back=True) if has_previous else ""
    following = _write_cursor(rows[-1], keys, back=False) if has_next else ""
    return previous, following


def _write_cursor(row: Any, keys: Sequence[OrderKey], *, back: bool) -> str:
    values = [row.rank if key.name == "rank" else getattr(row[0], key.name) for key in keys]
    plain = [value.isoformat() if isinstance(value, date) else str(getattr(value, "value", value)) for value in values]
    payload = json.dumps([int(back), *plain], ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(payload.encode()).decode().rstrip("=")


def _read_cursor(cursor: str, keys: Sequence[OrderKey]) -> tuple[bool, list[Any]] | None:
    """Return direction and values of a cursor; None for one that is empty, foreign or damaged: the first page."""
    if not cursor or len(cursor) > 4000:
        return None
    try:
        payload = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        back, *values = payload
        if len(values) != len(keys) or not all(isinstance(value, str) for value in values):
            return None
        return bool(back), [_cursor_value(key, value) for key, value in zip(keys, values, strict=True)]
    except (ValueError, TypeError, binascii.Error, UnicodeDecodeError, InvalidOperation, OverflowError):
        return None


def _cursor_value(key: OrderKey, value: str) -> Any:
    if key.name == "rank":
        return _bounded(int(value))
    python_type = key.expression.type.python_type
    if python_type is datetime:
        parsed = datetime.fromisoformat(value)
        return parsed if parsed.tzinfo else _raise(value)
    if python_type is date:
        return date.fromisoformat(value)
    if python_type is int:
        return _bounded(int(value))
    if python_type is str:
        return value.replace("\0", "")
    return python_type(value)
