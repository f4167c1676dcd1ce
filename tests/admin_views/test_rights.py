"""The rights of a role as one table: saved as a whole, by one at a time, and nobody locks the administrators out."""

import re
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.access import Permission, Role, Scope
from services.permissions import held_by, list_holders
from services.session import unscoped
from tests.factories import START
from tests.support.clients import client_as
from web.database import database


def table(client: FlaskClient, role: int) -> dict[str, str]:
    """Return what a browser would send back of the table as it is."""
    page = client.get(f"/admin/role/{role}/rights").text
    form = dict(re.findall(r'name="(csrf_token|row_version)"[^>]*value="([^"]*)"', page))
    form |= dict(re.findall(r'name="(l\.[a-z_.]+)"[^>]*value="(\d+)"', page))
    for name, options in re.findall(r'<select name="(s\.[a-z_.]+)"(.*?)</select>', page, re.S):
        chosen = re.search(r'value="([A-Z]+)" selected', options)
        form[name] = chosen[1] if chosen else ""
    return form


def role_key(app: Flask, code: str) -> int:
    with app.app_context(), Session(database().engine) as session, unscoped(session, "test"):
        return session.scalars(select(Role.id).where(Role.code == code)).one()


def rights(app: Flask, code: str) -> dict[tuple[str, str], tuple[Scope, int]]:
    with app.app_context(), Session(database().engine) as session, unscoped(session, "test"):
        return held_by(session.scalars(select(Role).where(Role.code == code)).one())


def text(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def test_the_table_says_what_is_stored_and_one_save_changes_all_of_it(any_app: Flask) -> None:
    client = client_as(any_app, "ADMIN")
    key, before = role_key(any_app, "AUDITOR"), rights(any_app, "AUDITOR")
    form = table(client, key)

    unchanged = client.post(f"/admin/role/{key}/rights", data=form)
    assert unchanged.status_code == 303
    assert rights(any_app, "AUDITOR") == before

    asked = {**form, "s.site.export": "", "s.dossier.read": "DEPARTMENT", "l.dossier.read": "1", "s.site.edit": "ALL"}
    client.post(f"/admin/role/{key}/rights", data=asked)

    expected = {**before, ("dossier", "read"): (Scope.DEPARTMENT, 1), ("site", "edit"): (Scope.ALL, 0)}
    del expected["site", "export"]
    assert rights(any_app, "AUDITOR") == expected

    late = client.post(f"/admin/role/{key}/rights", data={**form, "s.site.create": "ALL"})
    assert late.status_code == 409
    assert re.search(r'value="ALL" selected', late.text.split('name="s.site.create"')[1].split("</select>")[0])
    assert rights(any_app, "AUDITOR") == expected


def test_administrators_keep_what_they_need_and_nothing_is_saved_by_halves(app: Flask) -> None:
    client = client_as(app, "ADMIN")
    key, before = role_key(app, "ADMIN"), rights(app, "ADMIN")

    answer = client.post(
        f"/admin/role/{key}/rights", data={**table(client, key), "s.permission.edit": "", "s.site.export": ""}
    )

    assert answer.status_code == 409
    assert "Vai trò quản trị" in text(answer.text)
    assert rights(app, "ADMIN") == before


@pytest.mark.parametrize("typed", ["", "x", "9" * 30, "-1"])
def test_odd_values_count_as_none(app: Flask, typed: str) -> None:
    client = client_as(app, "ADMIN")
    key, before = role_key(app, "AUDITOR"), rights(app, "AUDITOR")

    answers = [
        client.post(f"/admin/role/{key}/rights", data={**table(client, key), "row_version": typed}).status_code,
        client.post(
            f"/admin/role/{key}/rights",
            data={**table(client, key), "l.applicant.read": typed, "s.batch.read": "OWN", "s.no.thing": "ALL"},
        ).status_code,
        client.get(f"/admin/role/{key}/compare?with={typed}").status_code,
        client.get(f"/admin/role/holders?right={typed}").status_code,
    ]

    assert answers == [409, 303, 200, 200]
    del before["batch", "read"]  # a reach that the entity does not know is none
    assert rights(app, "AUDITOR") == before


def test_only_those_who_edit_rights_see_and_save_the_table(app: Flask) -> None:
    auditor, clerk = client_as(app, "AUDITOR"), client_as(app, "RECEIVING_OFFICER")
    key = role_key(app, "AUDITOR")

    page = auditor.get(f"/admin/role/{key}/rights")

    assert page.status_code == 200
    assert "data-save" not in page.text
    assert auditor.post(f"/admin/role/{key}/rights", data=table(auditor, key)).status_code in (400, 403)
    assert clerk.get(f"/admin/role/{key}/rights").status_code == 403


def test_two_roles_are_compared_and_a_right_leads_to_people(app: Flask) -> None:
    client = client_as(app, "ADMIN")
    client_as(app, "AUDITOR")
    auditor, director = role_key(app, "AUDITOR"), role_key(app, "DIRECTOR")

    compared = text(client.get(f"/admin/role/{auditor}/compare?with={director}").text)
    holders = text(client.get("/admin/role/holders?right=dossier.history").text)

    assert "Hồ sơ Sửa" not in compared
    assert "Hủy hồ sơ – Toàn bộ" in compared
    assert "Nguyễn Văn Auditor" in holders
    with app.app_context(), Session(database().engine) as session, unscoped(session, "test"):
        session.execute(Permission.__table__.delete().where(Permission.entity == "site", Permission.action == "import"))
        session.commit()
        assert list_holders(session, ("site", "import"), at=START) == []
