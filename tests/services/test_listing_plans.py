"""The plans behind lists: an index gives the order, nothing sorts or walks a table to show a page."""

import re
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.orm import Session

from models import screens
from models.actor import Actor, Permit, ScopeLevel
from models.base import Base
from models.describe import screen_of
from models.dossier import Dossier, DossierAccess
from services.listing import ListRequest, list_rows
from services.session import acting
from tests.factories import make_row


def orders(model: type[Base]) -> list[str]:
    screen = screen_of(model)
    plain = [screen.order.lstrip("-"), *(name.lstrip("-") for name in screen.orders)]
    return [*plain, *(f"-{name}" for name in plain)]


def page_statements(session: Session, model: type[Base], request: ListRequest, at: datetime) -> list[tuple[str, Any]]:
    """Return the statements that ask for a page of rows, with their parameters."""
    seen: list[tuple[str, Any]] = []

    def note(_connection: object, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
        if "ORDER BY" in statement:
            seen.append((statement, parameters))

    engine: Any = session.get_bind()
    event.listen(engine, "before_cursor_execute", note)
    try:
        list_rows(session, model, request, at=at)
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return seen[:1]


def plan(session: Session, statement: str, parameters: Any) -> str:
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
        return "\n".join(str(row[-1]) for row in rows)
    for setting in ("enable_seqscan", "enable_sort", "enable_bitmapscan"):
        connection.execute(text(f"SET LOCAL {setting} = off"))  # a few rows would be sorted whatever the indexes
    return "\n".join(row[0] for row in connection.exec_driver_sql(f"EXPLAIN {statement}", parameters))


def sorts_the_table(found: str) -> bool:
    """Return whether a plan sorts all rows; PostgreSQL's incremental sort only orders rows of equal value."""
    return "TEMP B-TREE FOR ORDER BY" in found or re.search(r"(^|->\s+)Sort ", found, re.MULTILINE) is not None


@pytest.mark.parametrize("model", screens(), ids=lambda model: model.__name__)
def test_an_index_gives_every_order(session: Session, now: datetime, model: type[Base]) -> None:
    for _number in range(3):
        make_row(session, model)
    sorting = {}
    for order in orders(model):
        first = list_rows(session, model, ListRequest(order=order, page_size=1), at=now)
        for cursor in ("", first.next_cursor):
            for statement, parameters in page_statements(session, model, ListRequest(order=order, cursor=cursor), now):
                found = plan(session, statement, parameters)
                if sorts_the_table(found):
                    sorting[order, bool(cursor)] = found

    assert sorting == {}


@pytest.mark.parametrize("level", [ScopeLevel.DEPARTMENT, ScopeLevel.TREE])
def test_a_scoped_list_of_dossiers_reads_the_ranges_of_its_departments_only(
    session: Session, now: datetime, level: ScopeLevel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.listing.COUNT_CAP", 0)  # as with more rows than can be counted
    for _number in range(3):
        dossier = make_row(session, Dossier)
        session.add(
            DossierAccess(
                dossier_id=dossier.id,
                department_id=dossier.department_id,
                received_at=dossier.received_at,
                is_direct=True,
            )
        )
    actor = Actor(
        staff_id=1,
        department_ids=frozenset({dossier.department_id, dossier.department_id + 1}),
        permits={("dossier", "read"): Permit(level)},
    )
    with acting(session, actor):
        statement, parameters = page_statements(session, Dossier, ListRequest(), now)[0]
        found = plan(session, statement, parameters)

    assert "ix_dossier_access_list" in found
    assert re.search(r"SCAN dossier( |$)|Seq Scan on dossier ", found, re.MULTILINE) is None, found
