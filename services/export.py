"""Rows of a list as a file: everything that matches, in constant memory, with the rights of whoever asks.

Columns are selected, not entities, but as attributes of the model, so that the session's row scope applies (design
decision 9). Each relation's rows are read once and their names kept. The act is on the audit trail before the first
byte (``record_export``) and its end afterwards. Source: docs/adr/0019-tables-in-and-out.md.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import DateTime, Engine, String, bindparam, select, text, type_coerce
from sqlalchemy.orm import Session, selectinload

from models.actor import Actor
from models.base import Base, key_names
from models.describe import Attribute
from services.audit import record_act
from services.database import transaction_mode
from services.listing import ListRequest, is_bin, select_matching
from services.session import acting, including_deleted, scope_condition, unscoped
from services.tables.writing import Column, Kind, TableWriter, formatted

CHUNK = 1000
MOST_NAMES = 20_000
"""Names of related rows kept at once; a relation with more is read again, never held whole."""

_KINDS: dict[str, Kind] = {"integer": "number", "decimal": "number", "date": "date", "datetime": "datetime"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Export:
    """What is exported for whom: the list's request, its columns with their headings, and words of the language.

    ``words`` translates message ids (labels of choices, "Yes" and "No"); it is called before anything is sent.
    """

    model: type[Base]
    request: ListRequest
    columns: Sequence[Attribute]
    headings: Sequence[str]
    words: Callable[[str], str]
    at: datetime

    def kinds(self) -> list[Kind]:
        return [_kind(attribute) for attribute in self.columns]


@dataclass(slots=True)
class _Part:
    """How one column comes out of the database: what is selected, and what makes values of it."""

    expression: Any
    make: Callable[[Session, Sequence[Any]], Sequence[Any]] | None = None
    names: dict[Any, str] = field(default_factory=dict)


def record_export(session: Session, export: Export, *, format: str) -> None:  # noqa: A002 -- as users call it
    """Write who exports what onto the audit trail: to be committed before the first byte leaves."""
    request = export.request
    record_act(
        session,
        export.model.__tablename__,
        "",
        "export",
        format=format,
        columns=[attribute.key for attribute in export.columns],
        personal=[attribute.key for attribute in export.columns if attribute.field.personal],
        search=request.search[:200],
        filters={key: list(values) for key, values in request.filters.items()},
        alternatives=[{key: list(values) for key, values in group.items()} for group in request.alternatives],
        quick=request.quick,
        order=request.order,
    )


def stream_export(engine: Engine, actor: Actor, export: Export, writer: TableWriter) -> Iterator[bytes]:
    """Return the pieces of the file, read in one transaction; at the end it is recorded how many rows left.

    Writers are not blocked meanwhile, and what they write is not in the file. An export that is broken off is
    recorded with the rows that had left.
    """
    parts = [_part(export.model, attribute, export.words) for attribute in export.columns]
    return _stream(engine, actor, export, parts, writer)


def _stream(
    engine: Engine, actor: Actor, export: Export, parts: Sequence[_Part], writer: TableWriter
) -> Iterator[bytes]:
    count = 0
    is_whole = False
    heads = [Column(heading, kind) for heading, kind in zip(export.headings, export.kinds(), strict=True)]
    try:
        yield writer.begin(heads)
        formats = [writer.format_of(head.kind) for head in heads]
        with _reading_session(engine) as session, acting(session, actor):
            for rows in _read_chunks(session, actor, export, parts):
                yield writer.write(formatted(formats, rows))
                count += len(rows)
        yield writer.end()
        is_whole = True
    finally:
        _record_end(engine, actor, export, count=count, is_whole=is_whole)


@contextmanager
def _reading_session(engine: Engine) -> Iterator[Session]:
    """Give a session in one long reading transaction, which a slow reader at the other end may keep waiting."""
    with Session(engine) as session:
        with transaction_mode("read"):
            connection = session.connection()
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = '10min'"))
        try:
            yield session
        finally:
            session.rollback()


def _record_end(engine: Engine, actor: Actor, export: Export, *, count: int, is_whole: bool) -> None:
    with transaction_mode("write"), Session(engine) as session, acting(session, actor):
        record_act(session, export.model.__tablename__, "", "export_end", rows=count, is_whole=is_whole)
        session.commit()


def _read_chunks(
    session: Session, actor: Actor, export: Export, parts: Sequence[_Part]
) -> Iterator[Sequence[Sequence[Any]]]:
    """Yield rows of plain values of their column's kind, many at a time."""
    model = export.model
    session.info["including_deleted"] = is_bin(session, model, export.request)
    key = getattr(model, key_names(model)[0])
    selected = [key, *(part.expression for part in parts)]
    statement = select_matching(session, model, export.request, selected, at=export.at)
    condition = scope_condition(model, actor, "export")
    if condition is not None:
        statement = statement.where(condition)
    result = session.execute(statement, execution_options={"yield_per": CHUNK, "stream_results": True})
    for rows in result.partitions(CHUNK):
        columns = list(zip(*rows, strict=True))[1:]
        made = (
            column if part.make is None else part.make(session, column)
            for part, column in zip(parts, columns, strict=True)
        )
        yield list(zip(*made, strict=True))


def _kind(attribute: Attribute) -> Kind:
    return "text" if attribute.field.show is not None else _KINDS.get(attribute.kind, "text")


def _part(model: type[Base], attribute: Attribute, words: Callable[[str], str]) -> _Part:
    """Return how the values of ``attribute`` are read and made."""
    if attribute.kind == "one":
        part = _Part(getattr(model, attribute.column.key))  # type: ignore[union-attr]
        part.make = lambda session, keys: _names(session, attribute, part.names, keys)
        return part
    if attribute.kind == "many":
        key = getattr(model, key_names(model)[0])
        return _Part(key, lambda session, keys: _lists(session, model, attribute, keys))
    column: Any = getattr(model, attribute.key)
    if attribute.kind == "datetime" and attribute.field.show is None:
        # As the driver gives it: making a million instants aware, only to write them without a zone, costs a second.
        return _Part(type_coerce(column, DateTime(timezone=True)))
    show = attribute.field.show
    if show is not None:
        return _Part(column, lambda _session, values: [_text(show(value)) for value in values])
    if attribute.choices is not None:
        labels: Mapping[Any, str | None] = {None: None, **{m.value: words(m.label) for m in attribute.choices}}
        return _Part(type_coerce(column, String()), lambda _session, values: [labels[value] for value in values])
    if attribute.kind == "boolean":
        said = {None: None, True: words("Yes"), False: words("No")}
        return _Part(column, lambda _session, values: [said[value] for value in values])
    if attribute.kind == "json":
        return _Part(column, lambda _session, values: [_text(value) for value in values])
    return _Part(column)


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _names(session: Session, attribute: Attribute, known: dict[Any, str], keys: Sequence[Any]) -> Sequence[Any]:
    """Return the names of related rows, as a list shows them to everybody who sees the row that refers to them."""
    missing = {key for key in keys if key is not None} - known.keys()
    if missing:
        if len(known) + len(missing) > MOST_NAMES:
            known.clear()
            missing = {key for key in keys if key is not None}
        target: Any = attribute.target
        statement = select(target).where(target.id.in_(bindparam("keys", expanding=True)))
        with unscoped(session, "names of related rows"), including_deleted(session):
            known.update({row.id: str(row) for row in session.scalars(statement, {"keys": sorted(missing)})})
        session.expunge_all()
    return [known.get(key) for key in keys]


def _lists(session: Session, model: type[Base], attribute: Attribute, keys: Sequence[Any]) -> Sequence[Any]:
    """Return the names of the rows of a list relation, in one text per row."""
    relation = getattr(model, attribute.key)
    name = key_names(model)[0]
    statement = select(model).where(getattr(model, name).in_(list(keys))).options(selectinload(relation))
    with unscoped(session, "names of related rows"), including_deleted(session):
        texts = {
            getattr(row, name): ", ".join(str(other) for other in getattr(row, attribute.key)) or None
            for row in session.scalars(statement)
        }
    session.expunge_all()
    return [texts.get(key) for key in keys]
