"""The first administrator and forgotten passwords, by command."""

import re

import pytest
from flask import Flask
from sqlalchemy import select

from models.access import Role, User
from models.audit import AuditEvent
from tests.support.browser import Browser, database_of


def _one_time(output: str) -> str:
    return re.search(r"One-time password:\s+(\S+)", output).group(1)  # type: ignore[union-attr]


def test_the_first_administrator_of_an_empty_database_gets_in(any_app: Flask) -> None:
    made = any_app.test_cli_runner().invoke(args=["create-user", "Admin", "--role", "ADMIN"])

    assert made.exit_code == 0, made.output
    browser = Browser(any_app)
    answer = browser.sign_in("admin", _one_time(made.output))
    assert answer.headers["Location"] == "/password"
    browser.get("/password")
    browser.post("/password", present=_one_time(made.output), new="vua lua chin vang", again="vua lua chin vang")
    assert browser.get("/account").status_code == 200
    assert "create-user NAME" not in Browser(any_app).get("/login").get_data(as_text=True)
    with database_of(any_app) as session:
        assert session.scalars(select(Role.name).where(Role.code == "RECEIVING_OFFICER")).one() == "Cán bộ tiếp nhận"
        reasons = set(session.scalars(select(AuditEvent.reason).where(AuditEvent.entity == "user_account")))
        assert "command create-user" in reasons


def test_a_forgotten_password_is_replaced(app: Flask) -> None:
    runner = app.test_cli_runner()
    first = _one_time(runner.invoke(args=["create-user", "admin", "--role", "ADMIN"]).output)

    second = _one_time(runner.invoke(args=["reset-password", "ADMIN"]).output)

    assert Browser(app).sign_in("admin", first).status_code == 422
    assert Browser(app).sign_in("admin", second).status_code == 303


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["create-user", "admin", "--role", "ADMIN"], "There is already a user admin."),
        (["create-user", "Quản trị", "--role", "ADMIN"], "A user name has 3 to 60 small letters"),
        (["create-user", "second", "--role", "KING"], "There is no role KING. Known roles: ADMIN, AUDITOR"),
        (["create-user", "second"], "Missing option '--role'"),
        (["reset-password", "nobody"], "There is no user nobody."),
    ],
)
def test_what_cannot_be_done_is_said_and_nothing_is_left_behind(app: Flask, arguments: list[str], said: str) -> None:
    runner = app.test_cli_runner()
    runner.invoke(args=["create-user", "admin", "--role", "ADMIN"])

    refused = runner.invoke(args=arguments)

    assert refused.exit_code != 0
    assert said in refused.output
    with database_of(app) as session:
        assert session.scalars(select(User.user_name)).all() == ["admin"]


def test_roles_are_seeded_once(app: Flask) -> None:
    runner = app.test_cli_runner()

    first, second = (runner.invoke(args=["seed-roles"]).output for _index in range(2))

    assert int(first.split()[0]) > 50
    assert second == "0 permissions added.\n"
