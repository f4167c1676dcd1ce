"""The guard: an endpoint without a rule is closed, and each rule lets in exactly whom it names."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime

import pytest
from flask import Flask
from flask_login import current_user
from sqlalchemy import select

from models.access import User
from models.actor import Actor
from services.session import actor_of
from tests.support.browser import Browser, database_of, set_clock
from tests.support.people import make_user, seed_hall
from web.access import (
    current_actor,
    device,
    permitted,
    public,
    rule_of,
    signed_in,
    use_device_loader,
)
from web.database import database

PUBLIC_ENDPOINTS = {
    "access.sign_in", "access.submit_sign_in", "access.sign_out", "access.unlock", "access.submit_unlock",
    "counter_desk.take_over", "counter_desk.submit_take_over", "preferences.save_preferences", "static",
}  # fmt: skip


@pytest.fixture
def hall(fresh_app: Flask, now: datetime) -> Flask:
    """An application with one view of each rule."""
    set_clock(fresh_app, now)
    for name, decorate in {
        "nothing": lambda view: view,
        "public": public,
        "signed_in": signed_in,
        "permitted": permitted("staff", "edit"),
        "device": device,
    }.items():

        def _view(name: str = name) -> str:
            return f"{name} for {current_actor().name or 'nobody'}, {actor_of(database().session()).tablet_id}"

        fresh_app.add_url_rule(f"/test/{name}", f"test.{name}", decorate(_view), methods=["GET", "POST"])
    with database_of(fresh_app) as session:
        seed_hall(session)
        make_user(session, "admin", "ADMIN", at=now)
        make_user(session, "auditor", "AUDITOR", at=now)
        make_user(session, "beginner", "ADMIN", at=now).must_change_password = True
    return fresh_app


def _statuses(browser: Browser) -> dict[str, int]:
    names = ("nothing", "public", "signed_in", "permitted", "device")
    return {name: browser.get(f"/test/{name}").status_code for name in names}


def test_who_gets_in_where(hall: Flask) -> None:
    everybody = {"nothing": 403, "public": 200, "device": 401}
    admin, auditor, beginner = Browser(hall), Browser(hall), Browser(hall)
    admin.sign_in("admin")
    auditor.sign_in("auditor")
    beginner.sign_in("beginner")

    assert _statuses(Browser(hall)) == {**everybody, "signed_in": 303, "permitted": 303}
    assert _statuses(auditor) == {**everybody, "signed_in": 200, "permitted": 403}
    assert _statuses(admin) == {**everybody, "signed_in": 200, "permitted": 200}
    assert _statuses(beginner) == {**everybody, "signed_in": 303, "permitted": 303}
    assert beginner.get("/test/permitted").headers["Location"] == "/password?next=/test/permitted"


def test_a_view_acts_for_the_person_who_asks(hall: Flask) -> None:
    browser = Browser(hall)
    browser.sign_in("auditor")

    assert browser.get("/test/signed_in").get_data(as_text=True) == "signed_in for auditor, None"
    assert Browser(hall).get("/test/public").get_data(as_text=True) == "public for nobody, None"


def test_a_device_gets_in_where_devices_may_and_nowhere_else(hall: Flask) -> None:
    use_device_loader(hall, lambda: Actor(tablet_id=7, name="tablet 7"))
    tablet = Browser(hall)

    assert tablet.get("/test/device").get_data(as_text=True) == "device for tablet 7, 7"
    assert _statuses(tablet) == {"nothing": 403, "public": 200, "signed_in": 303, "permitted": 303, "device": 200}


def test_a_form_without_its_token_is_refused_by_every_endpoint_that_takes_one(hall: Flask, now: datetime) -> None:
    browser = Browser(hall)
    browser.sign_in("admin")
    adapter = hall.url_map.bind("localhost")

    for rule in hall.url_map.iter_rules():
        for method in {"POST", "PUT", "PATCH", "DELETE"} & (rule.methods or set()):
            found = rule_of(hall, rule.endpoint)
            # Devices have a key of their own instead, and this is none.
            expected = {400, 401} if found is not None and found.kind == "device" else {400}
            url = adapter.build(rule.endpoint, {name: 1 for name in rule.arguments}, method=method)
            assert browser.client.open(url, method=method).status_code in expected, f"{method} {url}"


def test_every_endpoint_has_a_rule_and_the_public_ones_are_few(app: Flask) -> None:
    rules = {endpoint: rule_of(app, endpoint) for endpoint in app.view_functions}
    own = {name: rule for name, rule in rules.items() if name.split(".")[0] in ("access", "account", "counter_desk")}

    assert all(rule is not None for rule in own.values()), own
    assert {name for name, rule in own.items() if rule is not None and rule.kind == "public"} == {
        name for name in PUBLIC_ENDPOINTS if name.split(".")[0] in ("access", "account", "counter_desk")
    }


def test_a_request_of_a_signed_in_person_costs_two_queries(
    hall: Flask, count_queries: Callable[..., AbstractContextManager[list[str]]]
) -> None:
    browser = Browser(hall)
    browser.sign_in("auditor")
    with hall.app_context():
        engine = hall.extensions["sqlalchemy"].engine

    with count_queries(engine) as seen:
        browser.get("/test/signed_in")

    assert len(seen) == 2, "\n".join(seen)


def test_rights_taken_between_form_and_sending_are_refused(hall: Flask) -> None:
    browser = Browser(hall)
    browser.sign_in("admin")
    assert browser.get("/test/permitted").status_code == 200
    with database_of(hall) as session:
        make_user(session, "second", "ADMIN", at=hall.config["CLOCK"]())
        session.scalars(select(User).where(User.user_name == "admin")).one().roles = []

    assert browser.post("/test/permitted").status_code == 401


def test_templates_know_the_person_through_flask_login(hall: Flask) -> None:
    browser = Browser(hall)
    browser.sign_in("auditor")

    with browser.client as client:
        client.get("/test/signed_in")
        assert (current_user.is_authenticated, current_user.name) == (True, "auditor")
        client.set_cookie("remember_token", "1|forged")
        client.delete_cookie("motcua")
        client.get("/test/public")
        assert current_user.is_authenticated is False
