"""Language and theme: kept by the browser, and by the account of whoever is signed in."""

from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy import select

from models.access import User
from tests.support.browser import Browser, database_of, set_clock
from tests.support.people import make_user, seed_hall


@pytest.fixture
def hall(app: Flask, now: datetime) -> Flask:
    set_clock(app, now)
    with database_of(app) as session:
        seed_hall(session)
        make_user(session, "auditor", "AUDITOR", at=now)
    return app


def test_vietnamese_is_the_language_until_another_is_chosen(hall: Flask) -> None:
    browser = Browser(hall)
    assert '<html lang="vi"' in browser.get("/login").get_data(as_text=True)

    answer = browser.post("/preferences", language="en", next="/account")

    assert (answer.status_code, answer.headers["Location"]) == (303, "/account")
    assert '<html lang="en"' in browser.get("/login").get_data(as_text=True)


def test_the_account_keeps_the_language_on_every_computer(hall: Flask) -> None:
    here, there = Browser(hall), Browser(hall)
    here.sign_in("auditor")
    here.post("/preferences", language="en")

    there.sign_in("auditor")

    assert '<html lang="en"' in there.get("/account").get_data(as_text=True)
    with database_of(hall) as session:
        user = session.scalars(select(User)).one()
        assert (user.language, user.row_version) == ("en", 1)


@pytest.mark.parametrize(("name", "value"), [("language", "xx"), ("theme", "pink"), ("language", "vi\r\nX: y")])
def test_what_is_not_offered_is_left_out(hall: Flask, name: str, value: str) -> None:
    browser = Browser(hall)
    browser.get("/login")

    browser.post("/preferences", **{name: value})

    assert browser.client.get_cookie(name) is None


def test_chinese_is_for_citizens_and_no_language_of_an_account(hall: Flask) -> None:
    browser = Browser(hall)
    browser.sign_in("auditor")

    browser.post("/preferences", language="zh", theme="dark")

    with database_of(hall) as session:
        assert session.scalars(select(User.language)).one() == "vi"
    cookie = browser.client.get_cookie("theme")
    assert cookie is not None
    assert (cookie.value, cookie.http_only) == ("dark", False)
