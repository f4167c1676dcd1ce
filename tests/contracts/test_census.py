"""Who may call what: every route, method and role, and every road to another department's row."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.routing import IntegerConverter, Rule

from models.access import Role, User
from services.roles import ROLE_NAMES, build_actor
from services.session import unscoped
from tests.conftest import running_app
from tests.support.clients import client_as
from tests.support.databases import copy_sqlite
from web.access import AccessRule, rule_of
from web.database import database

ROLES = sorted(ROLE_NAMES.keys() - {"DEVICE"})
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "TRACE")

# The whole of what somebody may reach without having signed in, and what a paired device reaches with its key.
PUBLIC = {
    "static",
    "health.home",
    "health.show_icon",
    "health.show_health",
    "health.show_readiness",
    "access.sign_in",
    "access.submit_sign_in",
    "access.sign_out",
    "access.unlock",
    "access.submit_unlock",
    "counter_desk.take_over",
    "counter_desk.submit_take_over",
    "preferences.save_preferences",
    "slip.show",
    "tablet_page.show_tablet",
    "tablet_page.pair",
    "phone.show_ask",
    "phone.record_answer",
}
DEVICE = {
    "tablet_page.get_questionnaire",
    "tablet_page.get_state",
    "tablet_page.record_events",
    "tablet_page.record_heartbeat",
}


@pytest.fixture(scope="module")
def census(sqlite_template: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The application, for tests that change nothing in it."""
    folder = tmp_path_factory.mktemp("census")
    with running_app(copy_sqlite(sqlite_template, folder / "census.db"), folder) as app:
        yield app


def rules(app: Flask) -> list[tuple[Rule, AccessRule | None]]:
    return [(rule, rule_of(app, rule.endpoint)) for rule in app.url_map.iter_rules()]


def address(app: Flask, rule: Rule) -> str:
    """Return an address of ``rule`` that leads to no row."""
    numbers = {name for name, converter in rule._converters.items() if isinstance(converter, IntegerConverter)}
    values = {name: 999_999_999 if name in numbers else "nobody" for name in rule.arguments}
    with app.test_request_context():
        return app.url_map.bind("localhost").build(rule.endpoint, values, method=next(iter(rule.methods or ())))


def test_nothing_but_these_is_open_to_everybody(census: Flask) -> None:
    kinds: dict[str, set[str]] = {"public": set(), "device": set()}
    for rule, access in rules(census):
        if access is not None and access.kind in kinds:
            kinds[access.kind].add(rule.endpoint)

    assert kinds == {"public": PUBLIC, "device": DEVICE}


def test_an_endpoint_without_a_rule_is_one_that_its_model_excludes(census: Flask) -> None:
    without = {rule.endpoint for rule, access in rules(census) if access is None}

    excluded = {"create_view", "edit_view", "delete_view", "restore_view", "revert_view", "bulk_view"}
    excluded |= {f"import_{step}view" for step in ("", "columns_", "words_", "check_", "template_")}
    assert {endpoint.rpartition(".")[2] for endpoint in without} <= excluded


def test_nobody_gets_in_without_having_signed_in(census: Flask) -> None:
    client = census.test_client()
    wrong = {}
    for rule, access in rules(census):
        if access is not None and access.kind == "public":
            continue
        if "GET" in (rule.methods or ()):
            status = client.get(address(census, rule)).status_code
            expected = 401 if access is not None and access.kind == "device" else 403 if access is None else 303
            if status != expected:
                wrong[rule.endpoint] = (status, expected)

    assert wrong == {}


@pytest.mark.parametrize("role", ROLES)
def test_each_role_reads_what_it_holds_and_nothing_else(census: Flask, role: str) -> None:
    client = client_as(census, role)
    permits = permits_of(census, role)
    wrong = {}
    for rule, access in rules(census):
        if "GET" not in (rule.methods or ()) or (access is not None and access.kind in ("device", "public")):
            continue
        answer = client.get(address(census, rule))
        allowed = access is not None and (access.kind == "signed_in" or (access.entity, access.action) in permits)
        is_right = answer.status_code in (200, 204, 302, 303, 404, 409, 422) if allowed else answer.status_code == 403
        if not is_right:
            wrong[rule.endpoint] = (answer.status_code, allowed)

    assert wrong == {}


@pytest.mark.parametrize("role", ROLES)
def test_each_role_is_refused_every_write_it_does_not_hold(census: Flask, role: str) -> None:
    client = client_as(census, role)
    token = csrf_token(client)
    permits = permits_of(census, role)
    wrong, tried = {}, 0
    for rule, access in rules(census):
        if "POST" not in (rule.methods or ()) or (access is not None and access.kind != "permitted"):
            continue
        if access is not None and (access.entity, access.action) in permits:
            continue
        tried += 1
        status = client.post(address(census, rule), data={"csrf_token": token}).status_code
        if status != 403:
            wrong[rule.endpoint] = status

    assert wrong == {}
    assert tried > 10 or role == "ADMIN"


def test_no_write_passes_without_the_token_of_its_form(census: Flask) -> None:
    client = client_as(census, "ADMIN")
    wrong = {}
    for rule, access in rules(census):
        if "POST" in (rule.methods or ()) and (access is None or access.kind != "device"):
            status = client.post(address(census, rule)).status_code
            if status not in (400, 403):
                wrong[rule.endpoint] = status

    assert wrong == {}


def test_only_listed_methods_are_answered(census: Flask) -> None:
    client = client_as(census, "ADMIN")
    wrong = {}
    listed: dict[str, set[str]] = {}
    for rule, _access in rules(census):
        listed.setdefault(address(census, rule), set()).update(rule.methods or ())
    for place, methods in listed.items():
        for method in METHODS:
            if method not in methods:
                status = client.open(place, method=method).status_code
                if status not in (400, 405):  # 400: the token is asked for before the method is looked at
                    wrong[place, method] = status

    assert wrong == {}


def permits_of(app: Flask, role: str) -> set[tuple[str, str]]:
    """Return what the newest user of ``role`` may do."""
    with app.app_context(), Session(database().engine) as session, unscoped(session, "test"):
        statement = select(User).join(User.roles).where(Role.code == role).order_by(User.id.desc())
        user = session.scalars(statement).first()
        assert user is not None
        return set(build_actor(session, user).permits)


def csrf_token(client: FlaskClient) -> str:
    return re.findall(r'name="csrf_token"[^>]*value="([^"]*)"', client.get("/admin/").text)[0]
