"""Errors as pages: what to do, no trace, and the same for htmx and JSON."""

import json
import logging
from datetime import datetime

import pytest
from flask import Flask, abort
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError

from models.base import _
from services.errors import ConflictError, DeniedError, UserError
from services.passwords import TooBusyError
from tests.support.browser import Browser, set_clock
from web.access import public
from web.database import database
from web.logs import JsonFormatter, log_event


class _NotLongEnoughError(UserError):
    message = _("Use at most %(length)s characters.")


def _raise(error: Exception) -> str:
    raise error


FAULTS = {
    "user": (lambda: _raise(_NotLongEnoughError(length=7)), 422),
    "conflict": (lambda: _raise(ConflictError()), 409),
    "denied": (lambda: _raise(DeniedError("dossier", "edit")), 403),
    "busy": (lambda: _raise(OperationalError("SELECT secret", {"name": "Nguyễn Thị Lộ"}, Exception("locked"))), 503),
    "hashing": (lambda: _raise(TooBusyError()), 503),
    "integrity": (lambda: _raise(IntegrityError("INSERT", {"phone": "0912345678"}, Exception("dup"))), 409),
    "fault": (lambda: _raise(ValueError("0912345678 of Nguyễn Thị Lộ")), 500),
    "teapot": (lambda: abort(418), 418),
    "limited": (lambda: abort(429, "Chờ một chút."), 429),
    "missing": (lambda: abort(404), 404),
    "table": (lambda: str(database().session().execute(text("SELECT * FROM no_such_table"))), 503),
}


@pytest.fixture
def faulty(fresh_app: Flask, now: datetime) -> Flask:
    set_clock(fresh_app, now)
    fresh_app.testing = False
    for name, (fault, _status) in FAULTS.items():
        fresh_app.add_url_rule(f"/fault/{name}", f"fault.{name}", public(lambda fault=fault: fault()))
    return fresh_app


@pytest.mark.parametrize("name", [name for name in FAULTS if name != "table"])
def test_each_error_is_a_page_without_a_trace(faulty: Flask, name: str) -> None:
    answer = Browser(faulty).get(f"/fault/{name}")

    page = answer.get_data(as_text=True)
    assert answer.status_code == FAULTS[name][1]
    assert page.count("<h1>") == 1
    for leak in ("Traceback", "SELECT", "INSERT", "0912345678", "Lộ", "site-packages", "werkzeug"):
        assert leak not in page
    assert (answer.headers["X-Request-Id"] in page) is (answer.status_code >= 500)


def test_what_a_person_can_mend_is_said_in_their_language(faulty: Flask) -> None:
    browser = Browser(faulty)

    vietnamese = browser.get("/fault/user").get_data(as_text=True)
    browser.client.set_cookie("language", "en")

    assert "Dùng nhiều nhất 7 ký tự." in vietnamese
    assert "Use at most 7 characters." in browser.get("/fault/user").get_data(as_text=True)


@pytest.mark.parametrize("name", ["busy", "hashing"])
def test_a_busy_database_says_when_to_come_back(faulty: Flask, name: str) -> None:
    assert Browser(faulty).get(f"/fault/{name}").headers["Retry-After"] == "5"


def test_htmx_gets_a_part_and_programs_get_json(faulty: Flask) -> None:
    browser = Browser(faulty)

    part = browser.get("/fault/user", headers={"HX-Request": "true"})
    answer = browser.get("/fault/fault", headers={"Accept": "application/json"})

    assert part.status_code == 422
    assert part.get_data(as_text=True).strip().startswith('<div class="alert alert--danger"')
    assert answer.get_json() == {"status": 500, "message": "", "incident": answer.headers["X-Request-Id"]}


def test_a_wrong_method_names_the_right_ones(app: Flask) -> None:
    answer = Browser(app).get("/logout")

    assert answer.status_code == 405
    assert set(answer.headers["Allow"].replace(" ", "").split(",")) == {"POST", "OPTIONS"}


def test_the_log_of_a_fault_holds_place_and_number_but_no_data(faulty: Flask, caplog: pytest.LogCaptureFixture) -> None:
    logging.getLogger("motcua").propagate = True

    answer = Browser(faulty).get("/fault/fault")

    lines = [JsonFormatter().format(record) for record in caplog.records if record.name == "motcua"]
    fault = next(json.loads(line) for line in lines if json.loads(line)["event"] == "fault")
    assert fault["request_id"] == answer.headers["X-Request-Id"]
    assert fault["route"] == "/fault/fault"
    assert fault["error"][0].startswith("builtins.ValueError at ")
    assert "test_errors.py" in fault["error"][0]
    assert not any("0912345678" in line or "\\u1ed9" in line for line in lines)
    assert not [record for record in caplog.records if record.name != "motcua" and "Exception on" in record.message]


def test_a_line_of_the_log_cannot_be_forged(caplog: pytest.LogCaptureFixture) -> None:
    evil = 'x"}\r\n{"event": "sign_in"}\x1b[2J\u202e\u2028'

    with caplog.at_level(logging.INFO, "motcua"):
        log_event("tested", agent=evil)

    line = JsonFormatter().format(next(record for record in caplog.records if record.getMessage() == "tested"))
    assert line.isascii()
    assert line.isprintable()
    assert json.loads(line)["agent"] == evil
