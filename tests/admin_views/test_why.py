"""Explanations of access: one's own in words that betray no row, those of others with the whole path."""

import re
from datetime import timedelta
from html import unescape

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.access import User
from services import delegations
from services.access_explanations import explain_access
from services.roles import build_actor
from services.session import acting, unscoped
from tests.factories import START, make_row
from tests.support.centre import Centre, receive
from tests.support.clients import client_as
from web.database import database


def text(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def test_a_refusal_leads_to_its_reason_which_is_the_same_for_hidden_and_absent_rows(app: Flask) -> None:
    from models.dossier import Dossier  # noqa: PLC0415 -- only this test makes one

    clerk = client_as(app, "RECEIVING_OFFICER", department_code="H19.A")
    with app.app_context(), Session(database().engine) as session, unscoped(session, "test"):
        hidden = make_row(session, Dossier).id
        session.commit()

    pages = [clerk.get(f"/admin/dossier/details/?id={key}") for key in (hidden, 999_999)]
    forbidden = clerk.get("/admin/role/")
    own = text(clerk.get("/account/why?entity=dossier&action=read").text)
    refused = text(clerk.get("/account/why?entity=role&action=read").text)

    assert [page.status_code for page in pages] == [404, 404]
    assert "/account/why?entity=dossier&amp;action=read" in pages[0].text
    assert text(pages[0].text) == text(pages[1].text)
    assert "/account/why?entity=role&amp;action=read" in forbidden.text
    assert "Được phép" in own
    assert "Dòng nằm ngoài phạm vi và dòng không tồn tại hiện ra như nhau." in own
    assert "Không vai trò nào" in refused
    assert clerk.get("/account/why?entity=nothing").status_code == 404
    assert clerk.get("/admin/user_account/1/why").status_code == 403


def test_an_administrator_is_told_the_path_to_a_row_and_a_field(session: Session) -> None:
    centre = Centre(session, START)
    dossier = receive(centre)
    admin = centre.make_user("ADMIN", centre.hall)
    with centre.acting_as(centre.clerk):
        lent = delegations.create_delegation(
            session, from_user=centre.clerk, to_user=centre.stranger, from_at=START, until_at=START + timedelta(days=1),
            reason="x", entities=None, at=START,
        )  # fmt: skip

    def verdict(user: User, action: str = "read", key: int | None = None, field: str = "") -> tuple[bool, list[str]]:
        with acting(session, build_actor(session, admin)):
            found = explain_access(session, user=user, entity="dossier", action=action, key=key, field=field, at=START)
        return found.is_allowed, [step.message.split(" ")[0] for step in found.steps]

    assert verdict(centre.clerk, key=dossier.id, field="applicant_phone") == (True, ["The", "The", "Row", "%(field)s"])
    assert verdict(centre.stranger, key=dossier.id) == (False, ["The", "Acting", "The", "Row"])
    assert verdict(centre.clerk, key=999_999) == (False, ["The", "The", "Row"])
    assert verdict(centre.clerk, action="reopen") == (False, ["None", "These"])
    assert verdict(centre.clerk, field="slip_token")[0] is False
    assert verdict(centre.clerk, field="nothing")[0] is False
    centre.clerk.is_active = False
    assert verdict(centre.clerk)[0] is False
    assert lent.is_valid(START) is False


def test_the_tool_answers_whatever_is_typed(app: Flask) -> None:
    admin = client_as(app, "ADMIN")
    with app.app_context(), Session(database().engine) as session, unscoped(session, "test"):
        key = session.scalars(select(User.id)).first()

    statuses = {
        admin.get(f"/admin/user_account/{key}/why?{query}").status_code
        for query in (
            "",
            "entity=dossier",
            "entity=dossier&row=x",
            f"entity=dossier&row={'9' * 30}",
            "entity=report&field=a",
        )
    }

    assert statuses == {200}
    assert admin.get("/admin/user_account/999/why").status_code == 404
