"""The history of a row on screen: what it shows to whom, and what leads to it."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask

from models.access import Permission
from models.organisation import Department, DepartmentKind
from tests.support.browser import Browser, database_of, set_clock
from tests.support.people import make_user, seed_hall


def texts(markup: str) -> str:
    """Return what is written on a page, without its markup."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", markup))


@pytest.fixture
def office(any_app: Flask) -> dict[str, Any]:
    """An administrator, a clerk and a department that was renamed."""
    now = set_clock(any_app, datetime.now(UTC)).now
    with database_of(any_app) as session:
        seed_hall(session)
        make_user(session, "admin", "ADMIN", at=now).display_name = "Trần Quản Trị"
        make_user(session, "clerk", "RECEIVING_OFFICER", at=now, department="H19.07")
        row = session.query(Department).filter_by(code="H19.08").one()
        return {"app": any_app, "id": row.id}


def signed_in(app: Flask, name: str) -> Browser:
    browser = Browser(app)
    browser.sign_in(name)
    return browser


def test_a_change_stands_on_the_timeline_with_both_values_and_is_one_press_away(office: dict[str, Any]) -> None:
    admin = signed_in(office["app"], "admin")
    place = f"/admin/department/edit/?id={office['id']}"
    page = admin.get(place).text
    version = re.findall(r'name="row_version"[^>]*value="(\d+)"', page)[0]
    form = {"code": "H19.08", "name": "Sở Tư pháp tỉnh", "kind": "BOARD", "row_version": version}
    assert admin.post(place, **form).status_code == 302

    history = admin.get(f"/admin/department/history/?id={office['id']}")

    shown = texts(history.text)
    assert "Đã sửa Trần Quản Trị ·" in shown
    assert re.search(r"Tên Sở Tư pháp Sở Tư pháp tỉnh", shown)
    assert re.search(r"Loại Sở, ban, ngành cấp tỉnh Ban quản lý", shown)
    assert "Thêm mới Hệ thống" in shown
    link = f'href="/admin/department/history/?id={office["id"]}"'
    assert link in admin.get(f"/admin/department/details/?id={office['id']}").text
    assert link in admin.get(place).text


def test_whoever_lacks_the_right_is_refused_and_not_led_there(office: dict[str, Any]) -> None:
    clerk = signed_in(office["app"], "clerk")

    assert clerk.get(f"/admin/department/history/?id={office['id']}").status_code == 403
    assert "/history/" not in clerk.get(f"/admin/department/details/?id={office['id']}").text


def test_a_deleted_row_is_still_read_by_its_address(office: dict[str, Any]) -> None:
    with database_of(office["app"]) as session:
        row = session.query(Permission).first()
        assert row is not None
        key, name = row.id, row.action
        session.delete(row)
    admin = signed_in(office["app"], "admin")

    page = admin.get(f"/admin/permission/history/?id={key}")

    assert page.status_code == 200
    assert name in page.text
    assert "Đã xoá" in texts(page.text)
    assert admin.get(f"/admin/permission/history/?id={key + 1000}").status_code == 404


def test_a_row_in_the_bin_says_who_put_it_there_and_is_restored_from_its_history(office: dict[str, Any]) -> None:
    admin = signed_in(office["app"], "admin")
    place = f"/admin/department/{{}}/?id={office['id']}"
    admin.get(place.format("delete"))
    assert admin.post(place.format("delete")).status_code == 302

    shown = admin.get(place.format("history")).text
    assert "Đã xoá Trần Quản Trị" in texts(shown)
    assert "deleted_at" not in shown
    assert admin.post(place.format("restore")).status_code == 302
    assert "Đã khôi phục Trần Quản Trị" in texts(admin.get(place.format("history")).text)


def test_pages_go_on_to_the_first_change(office: dict[str, Any]) -> None:
    with database_of(office["app"]) as session:
        row = session.get_one(Department, office["id"])
        for number in range(35):
            row.name, row.kind = f"Sở {number}", DepartmentKind.BOARD
            session.commit()
    admin = signed_in(office["app"], "admin")

    first = admin.get(f"/admin/department/history/?id={office['id']}").text
    older = re.findall(r'rel="next" href="([^"]*)"', first)[0].replace("&amp;", "&")
    second = admin.get(older).text

    assert (first.count('class="panel moment'), second.count('class="panel moment')) == (30, 6)
    assert "Thêm mới" in second
    assert 'rel="next"' not in second
