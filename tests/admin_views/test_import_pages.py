"""The walk through an import in the browser's words: file, columns, words, check, result; for whoever may."""

import csv
import io
import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import Workbook, load_workbook
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.batch import Batch, BatchKind
from models.exchange import ImportDraft
from models.organisation import Department
from models.staff import Staff
from services.session import unscoped
from tests.contracts.test_census import csrf_token
from tests.factories import make_row
from tests.support.clients import client_as
from web.database import database


def fill(app: Flask) -> None:
    with app.app_context(), Session(database().engine) as session, unscoped(session, "test"):
        transport = make_row(session, Department, code="H19.07", name="Sở Giao thông vận tải")
        make_row(session, Department, code="H19.08", name="Sở Tư pháp")
        make_row(session, Staff, badge_number="1042", full_name="Nguyễn Thị Khai", department=transport)
        session.commit()


def workbook(rows: list[list[Any]]) -> bytes:
    book, out = Workbook(), io.BytesIO()
    sheet: Any = book.active
    for row in rows:
        sheet.append(row)
    book.save(out)
    return out.getvalue()


PEOPLE = workbook(
    [
        ["DANH SÁCH CÔNG CHỨC"],
        [],
        ["STT", "Số thẻ", "Họ và tên", "Đơn vị"],
        [1, 1042, "Nguyễn Thị Minh Khai", "Sở GTVT"],
        [2, 1043, "=HYPERLINK(1)", "Sở Lạ"],
        [3, None, "Không Số", "Sở Tư pháp"],
        [4, 1044, "Lê Vũ", "H19.08"],
    ]
)


def upload(client: FlaskClient, entity: str, content: bytes, name: str = "danh sách.xlsx") -> Any:
    data = {"csrf_token": csrf_token(client), "file": (io.BytesIO(content), name)}
    return client.post(f"/admin/{entity}/import/", data=data, content_type="multipart/form-data")


def people(app: Flask) -> dict[str, tuple[str, str]]:
    with app.app_context(), Session(database().engine) as session, unscoped(session, "test"):
        found = session.execute(
            select(Staff.badge_number, Staff.full_name, Department.code)
            .join(Staff.department)
            .where(Staff.badge_number.like("104%"))
        )
        return {badge: (name, code) for badge, name, code in found}


def test_the_walk_from_file_to_result(any_app: Flask) -> None:
    client = client_as(any_app, "ADMIN")
    fill(any_app)
    token = {"csrf_token": csrf_token(client)}
    assert "/admin/staff/import/" in client.get("/admin/staff/").text
    assert client.get("/admin/staff/import/").status_code == 200

    columns = upload(client, "staff", PEOPLE).headers["Location"]
    page = client.get(columns).text
    chosen = re.findall(r'name="(c\.\d)".*?<option value="(\w+)" selected', page, re.DOTALL)
    assert chosen[0][1] == "badge_number"
    filled = {"c.1": "badge_number", "c.2": "full_name", "c.3": "department", "mode": "good"}
    words = client.post(columns, data={**token, **filled}).headers["Location"]
    assert "/import/words/" in words
    assert "Sở Lạ" in client.get(words).text

    check = client.post(words, data={**token, "w.department.0": "999999"}).headers["Location"]
    shown = client.get(check).text
    assert "Chưa rõ “Sở Lạ” là gì" in shown
    assert "<ins>Nguyễn Thị Minh Khai</ins>" in shown
    assert people(any_app) == {"1042": ("Nguyễn Thị Khai", "H19.07")}

    with any_app.app_context(), Session(database().engine) as session, unscoped(session, "test"):
        justice = session.scalars(select(Department.id).where(Department.code == "H19.08")).one()
    client.post(words, data={**token, "w.department.0": str(justice)})
    result = client.post(check, data=token).headers["Location"]
    assert people(any_app) == {
        "1042": ("Nguyễn Thị Minh Khai", "H19.07"),
        "1043": ("=HYPERLINK(1)", "H19.08"),
        "1044": ("Lê Vũ", "H19.08"),
    }
    assert client.post(check, data=token).headers["Location"] == result  # sent twice, done once
    assert client.get(columns).headers["Location"] == result
    page = client.get(result).text
    assert re.findall(r"<dd>(\d+)</dd>", page) == ["2", "1", "0", "1"]
    assert "Số thẻ: Vui lòng điền mục này." in page

    mend = client.get(f"{result}/refused?format=csv").data.decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(mend, newline="")))[1:] == [
        ["3", "", "Không Số", "Sở Tư pháp", "6", "Số thẻ: Vui lòng điền mục này."]
    ]
    assert client.get(f"{result}/refused?format=xlsx").status_code == 200
    assert client.get(f"{result}/refused?format=doc").status_code == 404
    exported = client.get("/admin/staff/export/?format=xlsx").data
    again = upload(client, "staff", exported).headers["Location"]
    client.post(again, data={**token, **dict(re.findall(r'name="(c\.\d)".*?<option value="(\w+)" selected', client.get(again).text, re.DOTALL))})  # fmt: skip # noqa: E501
    with any_app.app_context(), Session(database().engine) as session, unscoped(session, "test"):
        last = session.scalars(select(Batch).where(Batch.kind == BatchKind.ROWS).order_by(Batch.id.desc())).first()
        assert last is not None
        assert (last.created_count, last.refused_count, last.updated_count) == (0, 0, 0)  # what was exported is there
        assert last.unchanged_count == last.total_count > 0


def test_a_header_can_be_chosen_and_a_wrong_file_is_answered_in_words(app: Flask) -> None:
    client = client_as(app, "ADMIN")
    fill(app)
    token = {"csrf_token": csrf_token(client)}
    columns = upload(client, "staff", PEOPLE).headers["Location"]

    client.post(columns, data={**token, "act": "header", "sheet": "0", "line": "0"})
    page = client.get(columns).text
    assert ">A<" in page
    assert "6 dòng" in page
    client.post(columns, data={**token, "act": "header", "sheet": "99", "line": "3"})
    assert ">Số thẻ<" in client.get(columns).text
    assert client.post(columns, data={**token, "c.0": "password_hash"}).status_code == 422

    for content, name in ((b"", "x.csv"), (b"%PDF-1.4", "x.xlsx"), (b"PK\x03\x04", "x.xlsx")):
        answer = upload(client, "staff", content, name)
        assert answer.status_code == 422
        assert "alert" in answer.text
    assert client.post("/admin/staff/import/", data=token).status_code == 422


def test_a_template_can_be_filled_in_and_imported(app: Flask) -> None:
    client = client_as(app, "ADMIN")
    fill(app)

    answer = client.get("/admin/department/import/template/?format=xlsx")
    sheet = load_workbook(io.BytesIO(answer.data)).active
    assert sheet is not None
    heading, example = list(sheet.iter_rows(values_only=True))
    assert heading[:3] == ("Mã", "Tên", "Loại")
    assert example[:3] == ("H19.07", "Sở Giao thông vận tải", "Trung tâm") or example[0] is not None
    columns = upload(client, "department", answer.data).headers["Location"]
    chosen = dict(re.findall(r'name="(c\.\d+)".*?<option value="(\w+)" selected', client.get(columns).text, re.DOTALL))
    assert len(chosen) == len([name for name in heading if name])
    assert client.get("/admin/department/import/template/?format=doc").status_code == 404


def test_nobody_else_gets_at_a_draft_or_a_result(app: Flask) -> None:
    owner, other = client_as(app, "ADMIN"), client_as(app, "ADMIN")
    clerk, head = client_as(app, "RECEIVING_OFFICER"), client_as(app, "DEPARTMENT_HEAD")
    fill(app)
    columns = upload(owner, "staff", PEOPLE).headers["Location"]
    key = columns.rpartition("=")[2]
    token = {"csrf_token": csrf_token(owner)}
    owner.post(columns, data={**token, "c.1": "badge_number", "c.2": "full_name"})
    result = owner.post(f"/admin/staff/import/check/?draft={key}", data=token).headers["Location"]

    for client in (clerk, head):
        assert client.get("/admin/staff/import/").status_code == 403
        assert "/import/" not in client.get("/admin/staff/").text
        assert client.get(result).status_code == 404
        assert client.get(f"{result}/refused").status_code == 404
    for step in ("columns", "words", "check"):
        assert other.get(f"/admin/staff/import/{step}/?draft={key}").status_code == 404
        assert owner.get(f"/admin/department/import/{step}/?draft={key}").status_code == 404
        assert owner.get(f"/admin/staff/import/{step}/?draft=nobody").status_code == 404
    assert other.get(result).status_code == 200  # an administrator may look after it
    with app.app_context(), Session(database().engine) as session, unscoped(session, "test"):
        assert session.scalar(select(func.count(ImportDraft.id))) == 1


@pytest.mark.parametrize("entity", ["dossier", "applicant"])
def test_who_may_not_import_an_entity_is_not_offered_it(app: Flask, entity: str) -> None:
    clerk = client_as(app, "PROCESSING_OFFICER")

    assert clerk.get(f"/admin/{entity}/import/").status_code == 403
