"""The generated screens of users, roles and permissions keep the rules of access and say why."""

import re
from datetime import datetime
from html import unescape

import pytest
from flask import Flask
from sqlalchemy import select

from models.access import Permission, Role, User
from tests.support.browser import Browser, database_of, set_clock
from tests.support.people import make_staff, make_user, seed_hall


@pytest.fixture
def hall(app: Flask, now: datetime) -> Flask:
    set_clock(app, now)
    with database_of(app) as session:
        seed_hall(session)
        make_user(session, "admin", "ADMIN", at=now)
    return app


def _role_id(app: Flask, code: str) -> str:
    with database_of(app) as session:
        return str(session.scalars(select(Role.id).where(Role.code == code)).one())


def test_the_last_administrator_cannot_strip_themselves_and_is_told_why(hall: Flask) -> None:
    browser = Browser(hall)
    browser.sign_in("admin")
    browser.get("/admin/user_account/edit/?id=1")

    answer = browser.post(
        "/admin/user_account/edit/?id=1", row_version="1", display_name="admin", is_active="y", staff="", department=""
    )

    assert answer.status_code == 422
    assert "admin là quản trị viên duy nhất còn hoạt động." in unescape(answer.get_data(as_text=True))
    with database_of(hall) as session:
        assert [role.code for role in session.scalars(select(User)).one().roles] == ["ADMIN"]


def test_a_user_is_made_on_the_screen_and_given_a_password_there(hall: Flask) -> None:
    browser = Browser(hall)
    browser.sign_in("admin")
    browser.get("/admin/user_account/new/")

    made = browser.post(
        "/admin/user_account/new/", user_name="Khai.NTM", display_name="Minh Khai", is_active="y",
        roles=_role_id(hall, "AUDITOR"), staff="", department="", nonce="n1",
    )  # fmt: skip

    assert made.status_code in (302, 303), unescape(made.get_data(as_text=True))
    with database_of(hall) as session:
        user = session.scalars(select(User).where(User.user_name == "khai.ntm")).one()
        assert ([role.code for role in user.roles], user.password_hash, user.must_change_password) == (
            ["AUDITOR"],
            None,
            True,
        )
        user_id = user.id
    detail = browser.get(f"/admin/user_account/details/?id={user_id}").get_data(as_text=True)
    assert f"/admin/user_account/{user_id}/reset-password" in detail
    assert browser.post(f"/admin/user_account/{user_id}/reset-password").status_code == 200


def test_a_person_with_a_sign_in_is_refused_a_second_one_beside_the_field(hall: Flask, now: datetime) -> None:
    with database_of(hall) as session:
        staff = make_staff(session, "1042")
        make_user(session, "khai.ntm", "AUDITOR", at=now, staff=staff)
        staff_id = staff.id
    browser = Browser(hall)
    browser.sign_in("admin")
    browser.get("/admin/user_account/new/")

    answer = browser.post(
        "/admin/user_account/new/", user_name="second", display_name="Minh Khai", is_active="y",
        staff=str(staff_id), department="", nonce="n1",
    )  # fmt: skip

    page = " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True))).split())
    assert answer.status_code == 422
    assert "Cán bộ: Giá trị này đã được dùng ở bản ghi khác. Hãy chọn giá trị khác." in page


@pytest.mark.parametrize(
    ("entity", "action", "status"), [("dosier", "read", 422), ("dossier", "raed", 422), ("site", "edit", 302)]
)
def test_a_permission_about_nothing_is_refused(hall: Flask, entity: str, action: str, status: int) -> None:
    browser = Browser(hall)
    browser.sign_in("admin")
    browser.get("/admin/permission/new/")

    answer = browser.post(
        "/admin/permission/new/", role=_role_id(hall, "AUDITOR"), entity=entity, action=action, scope="ALL", level="0",
        nonce="n1",
    )  # fmt: skip

    assert answer.status_code in (status, status + 1)
    with database_of(hall) as session:
        found = select(Permission).join(Permission.role).where(Role.code == "AUDITOR")
        found = found.where(Permission.entity == entity, Permission.action == action)
        assert len(session.scalars(found).all()) == (0 if status == 422 else 1)
