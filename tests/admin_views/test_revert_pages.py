"""Taking changes back on screen: a new change through the form's own checks, or a word on why not."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from models.audit import AuditEvent
from models.organisation import Department, DepartmentKind
from tests.admin_views.test_history_pages import signed_in, texts
from tests.support.browser import Browser, database_of, set_clock
from tests.support.people import make_user, seed_hall


@pytest.fixture
def office(any_app: Flask) -> dict[str, Any]:
    """Somebody of each kind, and a department that was renamed, moved and given another code."""
    now = set_clock(any_app, datetime.now(UTC)).now
    with database_of(any_app) as session:
        seed_hall(session)
        make_user(session, "admin", "ADMIN", at=now)
        make_user(session, "auditor", "AUDITOR", at=now)
        row, other = (session.query(Department).filter_by(code=code).one() for code in ("H19.08", "H19.07"))
        session.commit()
        row.name, row.kind, row.parent = "Sở Tư pháp tỉnh", DepartmentKind.BOARD, other
        session.commit()
        row.code = "H19.18"
        session.commit()
        own = select(AuditEvent.id).where(AuditEvent.entity == "department", AuditEvent.entity_key == str(row.id))
        return {"app": any_app, "id": row.id, "events": list(session.scalars(own.order_by(AuditEvent.id)))}


def place(office: dict[str, Any], event: int, **more: str) -> str:
    asked = "".join(f"&{key}={value}" for key, value in more.items())
    return f"/admin/department/revert/?id={office['id']}&event={office['events'][event]}{asked}"


def version(page: str) -> str:
    return re.findall(r'name="row_version" value="(\d+)"', page)[0]


def chosen(page: str) -> list[str]:
    return re.findall(r'name="field" value="(\w+)" checked', page)


def stored(office: dict[str, Any]) -> tuple[str, ...]:
    with database_of(office["app"]) as session:
        row = session.get_one(Department, office["id"])
        return row.code, row.name, row.kind.value, row.parent.code if row.parent else ""


def test_one_field_or_all_go_back_as_a_new_change(office: dict[str, Any]) -> None:
    admin = signed_in(office["app"], "admin")
    history = admin.get(f"/admin/department/history/?id={office['id']}").text
    assert f"event={office['events'][1]}&amp;aim=undo&amp;field=name" in history
    page = admin.get(place(office, 1, field="name")).text
    assert chosen(page) == ["name"]
    first = admin.post(place(office, 1), row_version=version(page), field="name")
    again = admin.post(place(office, 1), row_version=version(page), field="name")
    assert (first.status_code, again.status_code) == (302, 409)
    assert stored(office) == ("H19.18", "Sở Tư pháp", "BOARD", "H19.07")

    page = admin.get(place(office, 0, aim="state")).text
    assert chosen(page) == ["code", "kind", "parent"]
    assert admin.post(place(office, 0, aim="state"), row_version=version(page), field=chosen(page)).status_code == 302
    assert stored(office) == ("H19.08", "Sở Tư pháp", "DEPARTMENT", "")
    assert "Mã H19.18 H19.08" in texts(admin.get(f"/admin/department/history/?id={office['id']}").text)
    assert "Không có gì để hoàn lại" in admin.get(place(office, 0, aim="state")).text


def test_what_the_form_would_refuse_is_refused_in_words(office: dict[str, Any]) -> None:
    with database_of(office["app"]) as session:
        session.add(Department(code="H19.08", name="Sở Tài chính", kind=DepartmentKind.DEPARTMENT))
        session.get_one(Department, office["id"]).kind = DepartmentKind.CENTRE
    admin = signed_in(office["app"], "admin")

    page = admin.get(place(office, 2)).text
    taken = admin.post(place(office, 2), row_version=version(page), field="code")
    nothing = admin.post(place(office, 1), row_version=version(page))
    foreign = admin.post(place(office, 1), row_version=version(page), field=["search_text", "id"])

    assert (taken.status_code, nothing.status_code, foreign.status_code) == (422, 422, 422)
    assert "Giá trị này đã được dùng ở bản ghi khác." in texts(taken.text)
    assert "Hãy chọn ít nhất một trường." in nothing.text
    changed_since = admin.get(place(office, 1)).text
    assert chosen(changed_since) == ["name", "parent"]
    assert "Sau đó đã sửa lại" in changed_since
    assert stored(office)[0] == "H19.18"


def test_what_was_saved_meanwhile_is_shown_before_anything_goes_back(office: dict[str, Any]) -> None:
    admin = signed_in(office["app"], "admin")
    page = admin.get(place(office, 1)).text
    with database_of(office["app"]) as session:
        session.get_one(Department, office["id"]).name = "Sở Tư pháp mới"

    met = admin.post(place(office, 1), row_version=version(page), field=["name", "kind"])

    assert met.status_code == 409
    assert "Sở Tư pháp mới" in met.text
    assert chosen(met.text) == ["name", "kind"]
    assert version(met.text) != version(page)
    assert stored(office)[2] == "BOARD"


def refused(browser: Browser, address: str) -> set[int]:
    return {browser.get(address).status_code, browser.post(address, row_version="1", field="name").status_code}


def test_every_other_road_is_closed(office: dict[str, Any]) -> None:
    auditor, admin = signed_in(office["app"], "auditor"), signed_in(office["app"], "admin")

    assert refused(auditor, place(office, 1)) == {403}
    assert "/revert/" not in auditor.get(f"/admin/department/history/?id={office['id']}").text
    assert refused(admin, place(office, 0)) == {404}  # a new row is not taken back, it is deleted
    assert refused(admin, place(office, 1).replace("event=", "event=9")) == {404}
    assert refused(admin, place(office, 1).replace(f"id={office['id']}", "id=1")) == {404}  # a change of another row
    assert refused(admin, "/admin/batch/revert/?id=1&event=1") == {403}  # a screen without a form
    assert stored(office)[1] == "Sở Tư pháp tỉnh"
