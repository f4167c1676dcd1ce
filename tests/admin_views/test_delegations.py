"""Delegating in screens: lent under "My account", switched to in the frame, seen by both, gone by itself."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.access import LoginSession, User
from models.audit import AuditEvent
from models.delegation import Delegation
from services.session import unscoped
from tests.contracts.test_census import csrf_token
from tests.support.clients import client_as, make_department, make_user, sign_in
from web.database import database


def people(app: Flask) -> tuple[User, User]:
    """Make a department's head and a clerk of another department."""
    with app.app_context(), Session(database().engine, expire_on_commit=False) as session, unscoped(session, "test"):
        head = make_user(session, "DEPARTMENT_HEAD", department=make_department(session, "H19.A"), name="head")
        clerk = make_user(session, "RECEIVING_OFFICER", department=make_department(session, "H19.B"), name="clerk")
        session.commit()
        return head, clerk


def text(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def lend(client: FlaskClient, delegate: User, **changed: str) -> tuple[int, str]:
    page = client.get("/account/delegations/new").text
    nonce = re.findall(r'name="nonce"[^>]*value="([^"]*)"', page)[0]
    now = datetime.now(UTC)
    form = {
        "csrf_token": csrf_token(client), "nonce": nonce, "delegate": str(delegate.staff_id), "reason": "Nghỉ phép",
        "begins": f"{now - timedelta(hours=1):%Y-%m-%dT%H:%M}", "ends": f"{now + timedelta(days=2):%Y-%m-%dT%H:%M}",
        "extent": "EVERYTHING", **changed,
    }  # fmt: skip
    answer = client.post("/account/delegations/new", data=form)
    client.post("/account/delegations/new", data=form)  # the same form again
    return answer.status_code, text(answer.text)


def test_rights_are_lent_used_by_choice_seen_by_both_and_ended(any_app: Flask) -> None:
    lender, delegate = people(any_app)
    head, clerk = sign_in(any_app, lender.id), sign_in(any_app, delegate.id)
    token = {"csrf_token": csrf_token(clerk)}

    assert lend(head, delegate, reason="", extent="SELECTED")[0] == 422
    assert lend(head, delegate, extent="SELECTED")[0] == 422
    status, _page = lend(head, delegate)

    with any_app.app_context(), Session(database().engine) as session, unscoped(session, "test"):
        (lent,) = session.scalars(select(Delegation)).all()
        key = lent.id
    assert status == 303
    assert "Nguyễn Văn Receiving_Officer làm thay bạn" in text(head.get("/account").text)
    assert clerk.get("/work/").status_code == 403
    assert "Bạn làm thay Nguyễn Văn Department_Head" in text(clerk.get("/account").text)

    assert head.post(f"/account/acting/{key}", data={"csrf_token": csrf_token(head)}).status_code == 409
    assert clerk.post(f"/account/acting/{key}", data=token).status_code == 303

    home = text(clerk.get("/admin/").text)
    assert "Nguyễn Văn Receiving_Officer làm thay Nguyễn Văn Department_Head" in home
    assert clerk.get("/work/").status_code == 200
    assert clerk.get("/account/delegations/new").status_code == 403
    assert clerk.get("/password").status_code == 200

    assert head.post(f"/admin/delegation/{key}/revoke", data={"csrf_token": csrf_token(head)}).status_code == 303
    assert "Ủy quyền của Nguyễn Văn Department_Head đã hết hiệu lực" in text(clerk.get("/admin/").text)
    assert clerk.post("/account/acting/stop", data=token).status_code == 303
    assert "làm thay" not in text(clerk.get("/admin/").text)
    with any_app.app_context(), Session(database().engine) as session, unscoped(session, "test"):
        assert {login.delegation_id for login in session.scalars(select(LoginSession))} == {None}
        acts = select(AuditEvent.action).where(AuditEvent.entity == "delegation").order_by(AuditEvent.id)
        assert session.scalars(acts).all() == ["create", "act", "edit", "stop"]


def test_those_who_are_no_party_neither_use_nor_end_it_and_supervisors_list_it(app: Flask) -> None:
    lender, delegate = people(app)
    lend(sign_in(app, lender.id), delegate)
    stranger, supervisor = client_as(app, "RECEIVING_OFFICER"), client_as(app, "SUPERVISOR")
    token = {"csrf_token": csrf_token(stranger)}

    answers = [
        stranger.post(address, data=token).status_code
        for address in (
            "/account/acting/1", "/account/acting/99", "/admin/delegation/1/revoke", "/admin/delegation/99/revoke",
        )
    ]  # fmt: skip

    assert answers == [404, 404, 404, 404]
    assert "Nghỉ phép" not in stranger.get("/admin/delegation/").text
    assert "Nghỉ phép" in supervisor.get("/admin/delegation/").text
    assert "Nghỉ phép" in supervisor.get("/admin/delegation/details/?id=1").text
    revoked = supervisor.post("/admin/delegation/1/revoke", data={"csrf_token": csrf_token(supervisor)})
    assert revoked.status_code == 403


def test_an_administrator_arranges_it_for_somebody_who_is_away(app: Flask) -> None:
    lender, delegate = people(app)
    admin = client_as(app, "ADMIN")

    assert lend(admin, delegate)[0] == 422
    assert lend(admin, delegate, lender=str(lender.staff_id))[0] == 303

    with app.app_context(), Session(database().engine) as session, unscoped(session, "test"):
        (lent,) = session.scalars(select(Delegation)).all()
        assert (lent.from_user_id, lent.to_user_id) == (lender.id, delegate.id)
