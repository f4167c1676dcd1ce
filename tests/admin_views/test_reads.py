"""Reading personal data leaves a trace; reading anything else does not; no GET changes anything but the trail."""

import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.applicant import Applicant
from models.audit import AuditEvent, AuditPayload
from models.organisation import Site
from services.audit import verify_chain
from services.session import unscoped
from tests.factories import make_row
from tests.support.clients import client_as
from web.database import database


def trail(app: Flask) -> list[tuple[str, str, str, Any]]:
    """Return what was read: entity, key, action and body, in order."""
    with app.app_context(), Session(database().engine) as session, unscoped(session, "test"):
        statement = (
            select(AuditEvent.entity, AuditEvent.entity_key, AuditEvent.action, AuditPayload.body)
            .join(AuditPayload, AuditPayload.audit_id == AuditEvent.id)
            .where(AuditEvent.action.in_(["read", "list", "search"]))
            .order_by(AuditEvent.id)
        )
        assert verify_chain(session).is_intact
        return [tuple(row) for row in session.execute(statement)]


@pytest.fixture
def applicant_id(any_app: Flask) -> int:
    with any_app.app_context(), Session(database().engine) as session, unscoped(session, "test"):
        row = make_row(session, Applicant, full_name="Đặng Quỳnh Như")
        make_row(session, Site)
        session.commit()
        return row.id


def test_details_forms_and_lists_of_people_are_traced(any_app: Flask, applicant_id: int) -> None:
    client = client_as(any_app, "ADMIN")

    client.get(f"/admin/applicant/details/?id={applicant_id}")
    client.get(f"/admin/applicant/edit/?id={applicant_id}")
    client.get("/admin/applicant/?q=quynh nhu")

    assert trail(any_app) == [
        ("applicant", str(applicant_id), "read", {}),
        ("applicant", str(applicant_id), "read", {}),
        ("applicant", "", "list", {"search": "quynh nhu", "keys": [applicant_id]}),
    ]


def test_places_are_not_traced_and_a_missing_row_is_no_reading(any_app: Flask, applicant_id: int) -> None:
    client = client_as(any_app, "ADMIN")

    client.get("/admin/site/")
    client.get("/admin/applicant/details/?id=999999")

    assert trail(any_app) == []


def test_one_hit_of_the_search_box_is_opened_at_once(any_app: Flask, applicant_id: int) -> None:
    client = client_as(any_app, "ADMIN")

    answer = client.get("/search?q=dang quynh nhu")

    assert (answer.status_code, answer.headers["Location"]) == (302, f"/admin/applicant/details/?id={applicant_id}")
    assert trail(any_app) == [("search", "", "search", {"text": "dang quynh nhu", "hits": 1})]


def test_several_hits_stand_under_their_entities_and_none_says_what_to_try(any_app: Flask, applicant_id: int) -> None:
    client = client_as(any_app, "ADMIN")
    with any_app.app_context(), Session(database().engine) as session, unscoped(session, "test"):
        make_row(session, Applicant, full_name="Đặng Văn Hai")
        session.commit()

    several = client.get("/search?q=dang").text
    nothing = client.get("/search?q=zzzz").text

    assert re.findall(r'class="row-link" href="(/admin/applicant/[^"]*)"', several) != []
    assert "Không tìm thấy gì" in nothing
