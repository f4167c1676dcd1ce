"""Deleting on the screens: what uses a row is said before, the bin and the way back, names marked as deleted."""

import re
from datetime import datetime
from html import unescape
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from models.access import Permission, Role
from models.organisation import Counter, Department, DepartmentKind, Site
from tests.factories import make_row
from tests.support.browser import database_of
from tests.support.clients import client_as


def words(client: FlaskClient, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, (address, answer.status_code)
    main = answer.text.partition("<main")[2].partition("</main>")[0]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", main)).split())


def send(client: FlaskClient, address: str, **fields: Any) -> Any:
    token = re.findall(r'name="csrf_token"[^>]*value="([^"]*)"', client.get("/admin/").text)[0]
    return client.post(address, data={"csrf_token": token, **fields})


def make_hall(app: Flask) -> dict[str, int]:
    with database_of(app) as session:
        department = make_row(session, Department, code="H19.99", name="Sở Nông nghiệp", kind=DepartmentKind.DEPARTMENT)
        site = make_row(session, Site, code="TT", name="Trung tâm")
        counters = [
            make_row(session, Counter, number=n, name=f"Quầy {n}", site=site, department=department) for n in (1, 2)
        ]
        return {"department": department.id, "counter": counters[0].id}


def test_a_row_goes_into_the_bin_and_comes_back(any_app: Flask, now: datetime) -> None:
    keys = make_hall(any_app)
    admin, reader = client_as(any_app, "ADMIN"), client_as(any_app, "AUDITOR")
    place, counters = "/admin/department", "/admin/counter"

    asked = words(admin, f"{place}/delete/?id={keys['department']}")
    assert ("Quầy 2" in asked, "bị xoá" in asked or "đã xoá" in asked.lower()) == (True, True)
    assert send(admin, f"{place}/delete/?id={keys['department']}").headers["Location"] == f"{place}/"
    assert "Đã xoá Sở Nông nghiệp." in words(admin, "/account")

    for client in (admin, reader):
        assert "Sở Nông nghiệp" not in words(client, f"{place}/")
        assert client.get(f"{place}/lookup/?q=nong+nghiep").json == {"more": False, "results": []}
        assert "Sở Nông nghiệp (đã xoá)" in words(client, f"{counters}/details/?id={keys['counter']}")
        assert client.get(f"{place}/edit/?id={keys['department']}").status_code in (403, 404)
    assert "Sở Nông nghiệp" in words(admin, f"{place}/?v=deleted")
    assert "Sở Nông nghiệp" not in words(reader, f"{place}/?v=deleted")
    assert reader.get(f"{place}/details/?id={keys['department']}").status_code == 404
    assert "Đã xoá lúc" in words(admin, f"{place}/details/?id={keys['department']}")
    assert send(reader, f"{place}/restore/?id={keys['department']}").status_code == 403

    edited = send(
        admin, f"{counters}/edit/?id={keys['counter']}", row_version="1", number="1", name="Quầy mới",
        site=str(1), department=str(keys["department"]), is_active="y",
    )  # fmt: skip
    assert edited.status_code == 302, "what was chosen once may stay"

    answer = send(admin, f"{place}/restore/?id={keys['department']}")
    assert answer.headers["Location"] == f"{place}/details/?id={keys['department']}"
    assert "Sở Nông nghiệp" in words(reader, f"{place}/")
    assert send(admin, f"{place}/restore/?id={keys['department']}").status_code == 404


def test_a_value_taken_meanwhile_is_named_in_the_form_and_when_restoring(any_app: Flask) -> None:
    keys = make_hall(any_app)
    admin = client_as(any_app, "ADMIN")
    send(admin, f"/admin/department/delete/?id={keys['department']}")
    form = {"code": "H19.99", "name": "Sở mới", "kind": "DEPARTMENT", "nonce": "n1"}

    first = send(admin, "/admin/department/new/", **form)
    second = send(admin, "/admin/department/new/", **{**form, "nonce": "n2"})
    restored = send(admin, f"/admin/department/restore/?id={keys['department']}")

    assert (first.status_code, second.status_code, restored.status_code) == (302, 422, 409)
    field = second.text.partition('data-field="code"')[2].partition('data-field="')[0]
    assert "field-error" in field
    assert "H19.99" in unescape(restored.text)


def test_a_field_without_the_right_to_delete_has_no_button(any_app: Flask) -> None:
    keys = make_hall(any_app)
    with database_of(any_app) as session:
        role = select(Role.id).where(Role.code == "ADMIN")
        client_as(any_app, "ADMIN")
        for permission in session.scalars(
            select(Permission).where(Permission.role_id.in_(role), Permission.entity == "department")
        ):
            if permission.action == "delete":
                session.delete(permission)
    admin = client_as(any_app, "ADMIN")
    place = f"/admin/department/details/?id={keys['department']}"

    assert "/admin/department/delete/" not in admin.get(place).text
    assert "v=deleted" not in admin.get("/admin/department/").text
    assert send(admin, f"/admin/department/delete/?id={keys['department']}").status_code == 403
