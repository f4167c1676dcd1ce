"""A list as a file: what it shows, all that matches, with the rights of whoever asks, on the audit trail."""

import csv
import html
import io
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from models.access import Permission, Scope
from models.audit import AuditEvent, AuditPayload
from models.dossier import Dossier, DossierAccess
from models.organisation import Department, DepartmentKind
from services import export
from services.session import unscoped
from tests.factories import make_row
from tests.support.clients import client_as, make_department
from web.database import database


def rows_of(client: FlaskClient, address: str) -> list[list[str]]:
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer.data.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"), newline="")))


def fill(app: Flask, make: Any) -> None:
    with app.app_context(), Session(database().engine) as session, unscoped(session, "test"):
        make(session)
        session.commit()


def acts(app: Flask) -> list[tuple[str, dict[str, Any]]]:
    with app.app_context(), Session(database().engine) as session, unscoped(session, "test"):
        found = session.execute(
            select(AuditEvent.action, AuditPayload.body)
            .join(AuditPayload, AuditPayload.audit_id == AuditEvent.id)
            .where(AuditEvent.action.in_(("export", "export_end")))
            .order_by(AuditEvent.id)
        )
        return [(action, changes) for action, changes in found]


def departments(session: Session) -> None:
    for number in range(1, 26):
        session.add(
            Department(
                code=f"A{number:02d}",
                name=f"=Sở {number}" if number == 7 else f"Sở {number}",
                kind=DepartmentKind.BOARD if number % 5 == 0 else DepartmentKind.DEPARTMENT,
            )
        )
    session.flush()
    first = session.scalars(select(Department).where(Department.code == "A01")).one()
    session.execute(update(Department).where(Department.code == "A07").values(parent_id=first.id))


def test_a_list_is_exported_as_it_is_shown(any_app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "CHUNK", 4)
    client = client_as(any_app, "ADMIN")
    fill(any_app, departments)

    everything = rows_of(client, "/admin/department/export/?format=csv&order=code")
    assert everything[0] == ["Mã", "Tên", "Loại", "Thuộc"]
    assert [row[0] for row in everything[1:]] == [f"A{number:02d}" for number in range(1, 26)] + ["H19.01"]
    assert everything[7] == ["A07", "'=Sở 7", "Sở, ban, ngành cấp tỉnh", "Sở 1"]
    assert everything[5][2] != everything[7][2]

    asked = "q=so&f.kind=BOARD&order=-code"
    shown = client.get(f"/admin/department/?{asked}").text
    some = rows_of(client, f"/admin/department/export/?format=csv&{asked}")
    assert [row[0] for row in some[1:]] == ["A25", "A20", "A15", "A10", "A05"]
    assert all(code in shown for code, *_ in some[1:])
    links = [html.unescape(link) for link in re.findall(r'href="(/admin/department/export/[^"]*)"', shown)]
    assert [parse_qs(urlsplit(link).query) for link in links] == [
        {"q": ["so"], "f.kind": ["BOARD"], "order": ["-code"], "format": [extension]} for extension in ("xlsx", "csv")
    ]

    answer = client.get("/admin/department/export/?format=xlsx&f.kind=BOARD", headers={"Accept-Language": "en"})
    sheet = load_workbook(io.BytesIO(answer.data)).active
    assert sheet is not None
    assert sheet.max_row == 6
    disposition = answer.headers["Content-Disposition"]
    assert disposition.startswith('attachment; filename="department-20')
    assert disposition.endswith('.xlsx"')

    assert [action for action, _changes in acts(any_app)] == ["export", "export_end"] * 3
    begun, ended = acts(any_app)[2:4]
    assert begun[1]["filters"] == {"kind": ["BOARD"]}
    assert (begun[1]["search"], begun[1]["order"], begun[1]["format"]) == ("so", "-code", "csv")
    assert begun[1]["columns"] == ["code", "name", "kind", "parent"]
    assert ended[1] == {"rows": 5, "is_whole": True}


def test_an_export_that_is_broken_off_is_recorded_with_what_had_left(app: Flask) -> None:
    client = client_as(app, "ADMIN")
    fill(app, departments)

    answer = client.get("/admin/department/export/?format=csv", buffered=False)
    next(iter(answer.response))
    assert [action for action, _ in acts(app)] == ["export"]  # before the first byte
    answer.close()

    assert acts(app)[1] == ("export_end", {"rows": 0, "is_whole": False})


def test_only_who_may_export_does_and_gets_own_rows_and_fields_only(any_app: Flask) -> None:
    clerk, head = client_as(any_app, "RECEIVING_OFFICER"), client_as(any_app, "DEPARTMENT_HEAD")
    director, auditor = client_as(any_app, "DIRECTOR"), client_as(any_app, "AUDITOR")

    def people(session: Session) -> None:
        own = make_department(session)
        other = make_department(session, "H19.02", "Sở khác")
        for department, name in ((own, "Lê Vũ của sở nhà"), (other, "Trần Khác của sở khác")):
            dossier = make_row(session, Dossier, department_id=department.id, applicant_name=name)
            session.flush()
            row = {"dossier_id": dossier.id, "department_id": department.id, "received_at": dossier.received_at}
            session.add(DossierAccess(**row, is_direct=True))

    fill(any_app, people)

    assert clerk.get("/admin/dossier/export/?format=csv").status_code == 403
    assert "export/" not in clerk.get("/admin/dossier/").text
    assert [row[1] for row in rows_of(head, "/admin/dossier/export/")[1:]] == ["Lê Vũ của sở nhà"]
    everybody = [row[1] for row in rows_of(auditor, "/admin/dossier/export/")[1:]]
    assert sorted(everybody) == ["Lê Vũ của sở nhà", "Trần Khác của sở khác"]

    with any_app.app_context(), Session(database().engine) as session, unscoped(session, "test"):
        session.execute(
            update(Permission)
            .where(Permission.entity == "applicant", Permission.action == "read")
            .values(scope=Scope.ALL, level=0)
        )
        session.commit()
    heading = rows_of(director, "/admin/applicant/export/")[0]
    assert len(heading) == 2  # name and kind: number, telephone and address need a level


def test_what_is_no_format_or_filter_is_answered_in_words(app: Flask) -> None:
    client = client_as(app, "ADMIN")
    fill(app, departments)

    assert client.get("/admin/department/export/?format=pdf").status_code == 404
    assert client.get("/admin/department/export/?format=").status_code == 404
    assert len(rows_of(client, "/admin/department/export/?f.kind=NONE&c=xxx")) == 1


def test_times_and_numbers_are_typed(app: Flask) -> None:
    client = client_as(app, "ADMIN")

    def dossiers(session: Session) -> None:
        for number in range(3):
            at = datetime(2016, 12, 31, 9, 30, tzinfo=UTC) + timedelta(days=number)
            make_row(session, Dossier, received_at=at, due_at=None)

    fill(app, dossiers)

    sheet = load_workbook(io.BytesIO(client.get("/admin/dossier/export/?format=xlsx").data)).active
    assert sheet is not None
    received = [row[5].value for row in sheet.iter_rows(min_row=2)]
    assert received == [datetime(2017, 1, 2, 16, 30), datetime(2017, 1, 1, 16, 30), datetime(2016, 12, 31, 16, 30)]  # noqa: DTZ001
