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
from models.describe import attributes, screen_of
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
    is_ordered = "ORDER BY" in statement
    for setting in ("enable_seqscan", "enable_sort", "enable_bitmapscan"):
        switch = "off" if is_ordered or setting == "enable_seqscan" else "on"
        connection.execute(text(f"SET LOCAL {setting} = {switch}"))  # a few rows would be sorted whatever the indexes
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


WALKS_THE_TABLE = re.compile(r"SCAN dossier(_access)?( |$)(?!USING)|Seq Scan on dossier", re.MULTILINE)


def all_statements(session: Session, request: ListRequest, at: datetime) -> list[tuple[str, Any]]:
    """Return every statement about dossiers that a list asks, with its parameters."""
    seen: list[tuple[str, Any]] = []

    def note(_connection: object, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
        if "FROM dossier" in statement:
            seen.append((statement, parameters))

    engine: Any = session.get_bind()
    event.listen(engine, "before_cursor_execute", note)
    try:
        list_rows(session, Dossier, request, at=at)
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return seen


def make_dossiers(session: Session) -> list[Dossier]:
    """Return three dossiers that their department has to do with."""
    made = [make_row(session, Dossier, applicant_name="Nguyễn Văn Hoà") for _number in range(3)]
    for dossier in made:
        session.add(DossierAccess(dossier_id=dossier.id, department_id=dossier.department_id, is_direct=True))
    session.flush()
    return made


def set_cap(monkeypatch: pytest.MonkeyPatch, cap: int) -> None:
    """Count no further than ``cap``: below none, every list is as one of more rows than can be counted."""
    for module in ("listing", "list_search"):
        monkeypatch.setattr(f"services.{module}.COUNT_CAP", cap)


def filters_of(dossier: Dossier) -> dict[str, dict[str, list[str]]]:
    """Return one filter per filterable attribute of dossiers, as somebody asks it."""
    values = {"choice": "value", "one": "id"}
    asked = {}
    for key, attribute in attributes(Dossier).items():
        if attribute.field.filter and attribute.kind in values:
            value = getattr(getattr(dossier, key), values[attribute.kind], 0)
            asked[key] = {key: [str(value)]}
        elif attribute.field.filter:
            asked[key] = {key: ["1"]} if attribute.kind == "boolean" else {f"{key}.when": ["week"]}
    return asked


@pytest.mark.parametrize("cap", [-1, 1000], ids=["many", "few"])
def test_no_list_of_dossiers_walks_or_sorts_the_table(
    session: Session, now: datetime, cap: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_cap(monkeypatch, cap)
    dossier = make_dossiers(session)[-1]
    asked = {f"filter {name}": ListRequest(filters=group) for name, group in filters_of(dossier).items()}
    asked |= {f"view {view.name}": ListRequest(quick=view.name) for view in screen_of(Dossier).quick}
    asked |= {
        "search": ListRequest(search="nguyen"),
        "search and order": ListRequest(search="nguyen", order="code"),
        "search and filter": ListRequest(search="nguyen", filters={"channel": [dossier.channel.value]}),
        "or": ListRequest(filters={"channel": [dossier.channel.value]}, alternatives=[{"state": ["2"]}]),
        "page": ListRequest(page=2, page_size=1),
        "page in order": ListRequest(page=2, page_size=1, order="-due_at"),
    }
    faults = {}
    # Whose own dossiers, and whose department's and role's, the views ask for.
    here, roles = frozenset({1}), frozenset({"PROCESSING_OFFICER"})
    someone = Actor(system=True, reason="test", staff_id=1, department_ids=here, tree_ids=here, roles=roles)
    for name, request in asked.items():
        with acting(session, someone):
            statements = all_statements(session, request, now)
        for statement, parameters in statements:
            found = plan(session, statement, parameters)
            is_sorted = cap < 0 and sorts_the_table(found)
            fills_soon = cap < 0 and name.startswith(("or", "search"))  # what is common is soon counted to the cap
            if is_sorted or (WALKS_THE_TABLE.search(found) and not fills_soon):
                faults[name] = f"{statement[-600:]}\n{found}"

    assert len(asked) > 20
    assert faults == {}


@pytest.mark.parametrize("level", [ScopeLevel.DEPARTMENT, ScopeLevel.TREE])
def test_a_scoped_list_reads_the_ranges_of_its_departments_only_in_every_order(
    session: Session, now: datetime, level: ScopeLevel, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_cap(monkeypatch, 0)
    dossier = make_dossiers(session)[-1]
    actor = Actor(
        staff_id=1,
        department_ids=frozenset({dossier.department_id, dossier.department_id + 1}),
        permits={("dossier", "read"): Permit(level)},
    )
    indexes = {"received_at": "list", "due_at": "due", "code": "code"}
    faults = {}
    with acting(session, actor):
        for order in ("", "received_at", "-due_at", "due_at", "code", "-code"):
            for page in (1, 2):
                request = ListRequest(order=order, page=page, page_size=1)
                for statement, parameters in page_statements(session, Dossier, request, now):
                    found = plan(session, statement, parameters)
                    index = f"ix_dossier_access_{indexes.get(order.lstrip('-'), 'list')}"
                    if index not in found or WALKS_THE_TABLE.search(found):
                        faults[order, page] = found

    assert faults == {}


def test_a_page_by_number_is_found_in_the_index_alone(
    session: Session, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_cap(monkeypatch, -1)
    make_dossiers(session)
    found = {}
    for order in ("-received_at", "due_at"):
        request = ListRequest(order=order, page=2, page_size=1)
        statement, parameters = page_statements(session, Dossier, request, now)[0]
        found[order] = plan(session, statement, parameters)

    if session.get_bind().dialect.name == "sqlite":
        assert [order for order, text in found.items() if "COVERING INDEX" not in text] == [], found
    else:
        assert [order for order, text in found.items() if "Index" not in text] == [], found
