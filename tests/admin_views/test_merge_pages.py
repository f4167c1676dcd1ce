"""Two writers of one row: what goes together by itself, what is asked, and what nobody loses."""

import re
from datetime import UTC, datetime
from html import unescape
from typing import Any

import pytest
from flask import Flask

from models.access import Permission, Role, User
from models.organisation import Department, DepartmentKind
from tests.admin_views.test_history_pages import signed_in, texts
from tests.support.browser import Browser, database_of, set_clock
from tests.support.people import make_user, seed_hall


@pytest.fixture
def office(any_app: Flask) -> dict[str, Any]:
    now = set_clock(any_app, datetime.now(UTC)).now
    with database_of(any_app) as session:
        seed_hall(session)
        make_user(session, "an.nguyen", "ADMIN", at=now).display_name = "Nguyễn An"
        make_user(session, "binh.le", "ADMIN", at=now).display_name = "Lê Bình"
        ids = {row.code: row.id for row in session.query(Department)}
        return {"app": any_app, "id": ids["H19.08"], "ids": ids}


def hidden(page: str) -> dict[str, str]:
    """Return what a form page carries beside its fields."""
    found = re.findall(r'<input id="(?:row_version|base|nonce)" name="(\w+)" type="hidden" value="([^"]*)"', page)
    return {name: unescape(value) for name, value in found}


def asked(page: str) -> list[str]:
    return re.findall(r'name="merge\.(\w+)" value="theirs"', page)


def opened(browser: Browser, office: dict[str, Any], **typed: Any) -> dict[str, Any]:
    """Open the form of the department and type; return what would be sent."""
    page = browser.get(address(office)).text
    with database_of(office["app"]) as session:
        row = session.get_one(Department, office["id"])
        held = {"code": row.code, "name": row.name, "kind": row.kind.value, "phone": row.phone or ""}
        held |= {"parent": str(row.parent_id or ""), "address": row.address or "", "valid_to_date": ""}
    return {**held, **hidden(page), **typed}


def address(office: dict[str, Any]) -> str:
    return f"/admin/department/edit/?id={office['id']}"


def test_what_one_side_changed_is_taken_and_what_both_changed_is_asked(office: dict[str, Any]) -> None:
    an, binh = signed_in(office["app"], "an.nguyen"), signed_in(office["app"], "binh.le")
    mine = opened(an, office, name="Sở Tư pháp của An", phone="028 1", parent=str(office["ids"]["H19.07"]))
    theirs = opened(binh, office, name="Sở Tư pháp của Bình", address="12 Lê Lợi", kind="BOARD")
    assert binh.post(address(office), **theirs).status_code == 302

    met = an.post(address(office), **mine)

    shown = texts(met.text)
    assert met.status_code == 409
    assert asked(met.text) == ["name"]
    assert not re.search(r'name="merge.name" value="\w+"[^>]*checked', met.text)
    assert re.search(r"Trước Sở Tư pháp Bản đã lưu Lê Bình, \d\d/\d\d/\d{4} \d\d:\d\d Sở Tư pháp của Bình", shown)
    assert 'value="Sở Tư pháp của An"' in met.text
    for line in (
        r"Loại Lê Bình đã sửa Sở, ban, ngành cấp tỉnh Ban quản lý",
        r"Thuộc Bạn đã sửa – Sở Giao thông vận tải",
        r"Điện thoại Bạn đã sửa – 028 1",
        r"Địa chỉ Lê Bình đã sửa – 12 Lê Lợi",
    ):
        assert re.search(line, shown), line

    merged = {**mine, **hidden(met.text), "kind": "BOARD", "address": "12 Lê Lợi", "note_of_another_page": "kept"}
    nothing = an.post(address(office), **merged)
    assert (nothing.status_code, asked(nothing.text)) == (422, ["name"])
    assert "Hãy chọn bên đúng." in nothing.text
    assert 'name="note_of_another_page" value="kept"' in nothing.text

    saved = an.post(address(office), **{**merged, **hidden(nothing.text), "merge.name": "yours", "name": "Của cả hai"})
    assert saved.status_code == 302
    with database_of(office["app"]) as session:
        row = session.get_one(Department, office["id"])
        stored = (row.name, row.kind, row.phone, row.address, row.parent.code if row.parent else None)
    assert stored == ("Của cả hai", DepartmentKind.BOARD, "028 1", "12 Lê Lợi", "H19.07")


def test_a_third_writer_is_met_like_the_second(office: dict[str, Any]) -> None:
    an, binh = signed_in(office["app"], "an.nguyen"), signed_in(office["app"], "binh.le")
    mine = opened(an, office, name="An", address="số 1")
    assert binh.post(address(office), **opened(binh, office, name="Bình", address="số 2")).status_code == 302
    first = an.post(address(office), **mine)
    assert asked(first.text) == ["name", "address"]
    assert binh.post(address(office), **opened(binh, office, name="Bình lần nữa", phone="9")).status_code == 302

    choice = {"merge.name": "yours", "merge.address": "theirs"}
    second = an.post(address(office), **{**mine, **hidden(first.text), **choice})

    assert second.status_code == 409
    assert asked(second.text) == ["name"]
    assert re.search(r"Trước Bình Bản đã lưu Lê Bình, [\d/: ]+ Bình lần nữa", texts(second.text))
    decided = {**mine, **hidden(second.text), "merge.name": "theirs", "address": "số 2", "phone": "9"}
    assert an.post(address(office), **decided).status_code == 302
    with database_of(office["app"]) as session:
        row = session.get_one(Department, office["id"])
        assert (row.name, row.address, row.phone) == ("Bình lần nữa", "số 2", "9")


def test_lists_of_linked_rows_and_what_cannot_be_read_are_asked_too(office: dict[str, Any]) -> None:
    with database_of(office["app"]) as session:
        roles = {role.code: role.id for role in session.query(Role)}
        user = session.query(User).filter_by(user_name="binh.le").one()
        key, name = user.id, user.display_name
    an, other = signed_in(office["app"], "an.nguyen"), signed_in(office["app"], "an.nguyen")
    place = f"/admin/user_account/edit/?id={key}"
    form = {"display_name": name, "is_active": "y", "staff": "", "department": ""}
    mine = {**form, **hidden(an.get(place).text), "roles": [roles["ADMIN"], roles["AUDITOR"]], "department": "nowhere"}
    theirs = {**form, **hidden(other.get(place).text), "roles": [roles["DIRECTOR"]], "department": office["id"]}
    assert other.post(place, **theirs).status_code == 302

    met = an.post(place, **mine)

    assert asked(met.text) == ["department", "roles"]
    assert re.search(r"Trước Quản trị viên Bản đã lưu Nguyễn An, [\d/: ]+ Giám đốc", texts(met.text))
    chosen = {**mine, **hidden(met.text), "merge.roles": "yours", "merge.department": "theirs"}
    assert an.post(place, **chosen).status_code == 302
    with database_of(office["app"]) as session:
        user = session.get_one(User, key)
        assert {role.code for role in user.roles} == {"ADMIN", "AUDITOR"}
        assert user.department_id == office["id"]


def test_a_form_whose_row_was_deleted_loses_nothing(office: dict[str, Any]) -> None:
    an, binh = signed_in(office["app"], "an.nguyen"), signed_in(office["app"], "binh.le")
    mine = opened(an, office, name="Sở Tư pháp mới", address="số 5")
    binh.get(f"/admin/department/delete/?id={office['id']}")
    assert binh.post(f"/admin/department/delete/?id={office['id']}").status_code == 302

    met = an.post(address(office), **mine)

    shown = texts(met.text)
    assert met.status_code == 409
    assert re.search(r"Lê Bình đã xoá lúc \d\d/\d\d/\d{4}", shown)
    assert "Tên Sở Tư pháp mới" in shown
    assert 'name="address" value="số 5"' in met.text
    back = an.post(address(office), **{**mine, "restore": "1"})
    assert (back.status_code, asked(back.text)) == (409, [])
    assert an.post(address(office), **{**mine, **hidden(back.text)}).status_code == 302
    with database_of(office["app"]) as session:
        row = session.get_one(Department, office["id"])
        assert (row.name, row.address, row.deleted_at) == ("Sở Tư pháp mới", "số 5", None)


def test_a_form_of_a_row_deleted_for_good_can_make_a_new_one(office: dict[str, Any]) -> None:
    an = signed_in(office["app"], "an.nguyen")
    with database_of(office["app"]) as session:
        others = session.query(Permission).join(Role).filter(Role.code == "DIRECTOR", Permission.action == "export")
        row = others.order_by(Permission.id).first()
        assert row is not None
        key, role, entity = row.id, row.role_id, row.entity
    page = an.get(f"/admin/permission/edit/?id={key}").text
    mine = {"role": role, "entity": entity, "action": "export", "scope": "ALL", "level": "0", **hidden(page)}
    with database_of(office["app"]) as session:
        session.delete(session.get_one(Permission, key))

    met = an.post(f"/admin/permission/edit/?id={key}", **mine)

    assert met.status_code == 409
    again = {name: unescape(value) for name, value in re.findall(r'name="(\w+)" value="([^"]*)"', met.text)}
    assert again["scope"] == "ALL"
    again.pop("csrf_token")
    assert an.post("/admin/permission/new/", **again).status_code == 302


def test_a_forged_or_foreign_state_shows_nothing(office: dict[str, Any]) -> None:
    an, binh = signed_in(office["app"], "an.nguyen"), signed_in(office["app"], "binh.le")
    mine = opened(an, office, name="An")
    other = address(office).replace(f"id={office['id']}", f"id={office['ids']['H19.07']}")
    with database_of(office["app"]) as session:
        session.get_one(Department, office["ids"]["H19.07"]).deleted_at = datetime.now(UTC)
        session.get_one(Department, office["id"]).deleted_at = datetime.now(UTC)

    assert an.post(other, **mine).status_code == 404  # the state of one row at another
    assert binh.post(address(office), **mine).status_code == 404  # the state another person was shown
    assert an.post(address(office), **{**mine, "base": mine["base"][:-2]}).status_code == 404
    assert an.post(address(office), **mine).status_code == 409
