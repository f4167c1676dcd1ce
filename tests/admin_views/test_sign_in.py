"""Signing in and out, locking and unlocking, as a browser meets them."""

import json
import re
from datetime import datetime
from html import unescape

import pytest
from flask import Flask
from sqlalchemy import func, select

from models.access import LoginAttempt, LoginSession, Permission, Role, User
from models.audit import AuditEvent
from models.organisation import Counter, Department
from models.staff import CounterSession
from services.login_sessions import hash_token
from services.users import reset_password
from tests.support.browser import Browser, Clock, database_of, set_clock
from tests.support.people import PASSWORD, make_staff, make_user, seed_hall


@pytest.fixture
def clock(any_app: Flask, now: datetime) -> Clock:
    return set_clock(any_app, now)


@pytest.fixture
def hall(any_app: Flask, clock: Clock) -> Flask:
    """An office with an administrator, a clerk with a badge and an auditor."""
    with database_of(any_app) as session:
        seed_hall(session)
        make_user(session, "admin", "ADMIN", at=clock.now)
        make_user(session, "khai.ntm", "RECEIVING_OFFICER", at=clock.now, staff=make_staff(session, "1042"))
        make_user(session, "auditor", "AUDITOR", at=clock.now)
    return any_app


def _text(answer: object) -> str:
    return unescape(answer.get_data(as_text=True))  # type: ignore[attr-defined]


def test_the_right_password_lets_in_and_is_audited(hall: Flask) -> None:
    browser = Browser(hall)

    answer = browser.sign_in("ADMIN ", next="/account")

    assert (answer.status_code, answer.headers["Location"]) == (303, "/account")
    assert browser.get("/account").status_code == 200
    with database_of(hall) as session:
        user_id = session.scalars(select(User.id).where(User.user_name == "admin")).one()
        audited = session.execute(
            select(AuditEvent.user_id, AuditEvent.entity_key, AuditEvent.address).where(AuditEvent.action == "sign_in")
        ).one()
        login = session.scalars(select(LoginSession)).one()
        assert tuple(audited) == (user_id, str(user_id), "10.1.1.1")
        assert login.token_hash == hash_token(browser.cookie())


@pytest.mark.parametrize("name", ["admin", "nobody", "", "left"])
def test_every_refusal_says_the_same(hall: Flask, clock: Clock, name: str) -> None:
    with database_of(hall) as session:
        make_user(session, "left", "AUDITOR", at=clock.now).is_active = False
    browser = Browser(hall)
    browser.get("/login")

    answer = browser.post("/login", user_name=name, password=PASSWORD if name == "left" else "ngọn đèn đầu ngõ")

    page = re.sub(r'value="[^"]*"|autofocus|\s+', "", _text(answer))
    assert answer.status_code == 422
    assert "Tênđăngnhậphoặcmậtkhẩukhôngđúng." in page
    assert browser.cookie() == ""
    other = Browser(hall)
    other.get("/login")
    assert page == re.sub(r'value="[^"]*"|autofocus|\s+', "", _text(other.post("/login", user_name="x", password="y")))


def test_signing_in_gives_a_new_session_and_a_new_token_against_forged_forms(hall: Flask) -> None:
    browser = Browser(hall)
    browser.get("/login")
    browser.client.set_cookie("motcua", "a" * 43)
    planted_token = browser.token

    browser.sign_in("auditor")
    first, first_token = browser.cookie(), browser.token
    browser.post("/logout")
    browser.sign_in("auditor")

    assert len({"a" * 43, first, browser.cookie()}) == 3
    assert len({planted_token, first_token, browser.token}) == 3


def test_a_copied_cookie_is_worth_nothing_after_sign_out(hall: Flask) -> None:
    browser, thief = Browser(hall), Browser(hall, "10.9.9.9")
    browser.sign_in("auditor")
    thief.client.set_cookie("motcua", browser.cookie())
    assert thief.get("/account").status_code == 200

    answer = browser.post("/logout")

    assert answer.headers["Location"] == "/login?why=signed_out"
    assert answer.headers["Clear-Site-Data"] == '"storage"'
    refused = thief.get("/account")
    assert (refused.status_code, refused.headers["Location"]) == (303, "/login?next=/account&why=ended")


def _change_roles(hall: Flask) -> None:
    with database_of(hall) as session:
        user = session.scalars(select(User).where(User.user_name == "auditor")).one()
        user.roles = [session.scalars(select(Role).where(Role.code == "SUPERVISOR")).one()]


def _change_permission(hall: Flask) -> None:
    with database_of(hall) as session:
        role = session.scalars(select(Role).where(Role.code == "AUDITOR")).one()
        session.delete(session.scalars(select(Permission).where(Permission.role_id == role.id).limit(1)).one())


def _deactivate(hall: Flask) -> None:
    with database_of(hall) as session:
        session.scalars(select(User).where(User.user_name == "auditor")).one().is_active = False


def _reset(hall: Flask) -> None:
    with database_of(hall) as session:
        user = session.scalars(select(User).where(User.user_name == "auditor")).one()
        reset_password(session, user=user, at=hall.config["CLOCK"]())


@pytest.mark.parametrize("change", [_change_roles, _change_permission, _deactivate, _reset])
def test_a_change_of_rights_ends_the_sessions_concerned_at_the_next_request(hall: Flask, change: object) -> None:
    concerned, other = Browser(hall), Browser(hall)
    concerned.sign_in("auditor")
    other.sign_in("khai.ntm")

    change(hall)  # type: ignore[operator]

    answer = concerned.get("/account")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/login?next=/account&why=rights_changed")
    assert other.get("/account").status_code == 200


def test_a_change_elsewhere_ends_no_session(hall: Flask) -> None:
    browser = Browser(hall)
    browser.sign_in("auditor")

    with database_of(hall) as session:
        session.scalars(select(User).where(User.user_name == "auditor")).one().display_name = "Trần Văn Kiểm"
        session.scalars(select(Department).where(Department.code == "H19.08")).one().name = "Sở Tư pháp tỉnh"

    assert browser.get("/account").status_code == 200


def test_idleness_locks_and_the_password_opens_again_where_one_was(hall: Flask, clock: Clock) -> None:
    browser = Browser(hall)
    browser.sign_in("auditor")
    before = browser.cookie()
    clock.forward(minutes=31)

    locked = browser.get("/account")
    page = browser.get(locked.headers["Location"])
    wrong = browser.post("/unlock", password="ngọn đèn", next="/account")
    right = browser.post("/unlock", password=PASSWORD, next="/account")

    assert (locked.status_code, locked.headers["Location"]) == (303, "/unlock?next=/account")
    assert "Màn hình đang khoá" in _text(page)
    assert wrong.status_code == 422
    assert (right.status_code, right.headers["Location"]) == (303, "/account")
    assert browser.get("/account").status_code == 200
    assert browser.cookie() != before


def test_work_keeps_a_session_open_and_what_a_page_asks_by_itself_does_not(hall: Flask, clock: Clock) -> None:
    busy, away = Browser(hall), Browser(hall)
    busy.sign_in("auditor")
    away.sign_in("khai.ntm")
    for _index in range(4):
        clock.forward(minutes=10)
        busy.get("/session")
        away.get("/session", headers={"X-Background": "1"})

    assert busy.get("/account").status_code == 200
    assert away.get("/account").headers["Location"] == "/unlock?next=/account"


def test_the_absolute_limit_ends_also_a_session_in_use(hall: Flask, clock: Clock) -> None:
    browser = Browser(hall)
    browser.sign_in("auditor")
    for _index in range(47):
        clock.forward(minutes=15)
        assert browser.get("/session").status_code == 204
    clock.forward(minutes=15)

    assert browser.get("/account").headers["Location"] == "/login?next=/account&why=expired"


def _submit_continue(browser: Browser, answer: object) -> dict[str, list[str]]:
    page = _text(answer)
    path = re.search(r'action="([^"]+)" data-once', page).group(1)  # type: ignore[union-attr]
    fields = re.findall(r'<textarea name="([^"]+)" hidden>\n?(.*?)</textarea>', page, re.DOTALL)
    return {"path": [path], **{name: [value] for name, value in fields}}


def test_what_was_typed_survives_a_lock(hall: Flask, clock: Clock) -> None:
    browser = Browser(hall)
    browser.sign_in("auditor")
    typed = '  Nguyễn "Văn" <b>&\nhai dòng'
    clock.forward(minutes=31)

    locked = browser.post("/account/pin", pin="2580", present=typed)
    held = re.search(r'name="held" value="([^"]+)"', _text(locked)).group(1)  # type: ignore[union-attr]
    again = browser.post("/unlock", password=PASSWORD, held=held)

    assert locked.status_code == 401
    assert typed not in _text(locked)
    assert _submit_continue(browser, again) == {
        "path": ["/account/pin"],
        "pin": ["2580"],
        "present": [typed],
    }


def test_what_one_person_typed_is_not_sent_by_another(hall: Flask, clock: Clock) -> None:
    browser = Browser(hall)
    browser.sign_in("auditor")
    clock.forward(hours=13)

    ended = browser.post("/account/pin", pin="2580", present="x")
    held = re.search(r'name="held" value="([^"]+)"', _text(ended)).group(1)  # type: ignore[union-attr]
    other = browser.post("/login", user_name="admin", password=PASSWORD, held=held)

    assert ended.status_code == 401
    assert other.status_code == 303


def test_a_form_without_token_changes_nothing_and_is_not_kept(hall: Flask) -> None:
    browser = Browser(hall)
    browser.sign_in("auditor")

    answer = browser.post("/logout", with_token=False)

    assert answer.status_code == 400
    assert 'name="held"' not in _text(answer)
    assert browser.get("/account").status_code == 200


def test_the_lock_dialog_gets_its_answers_as_json(hall: Flask, clock: Clock) -> None:
    browser = Browser(hall)
    browser.sign_in("auditor")
    as_json = {"Accept": "application/json"}

    locked = browser.post("/lock", headers=as_json)
    wrong = browser.post("/unlock", password="x", headers=as_json)
    right = browser.post("/unlock", password=PASSWORD, headers=as_json)

    assert locked.status_code == 204
    assert (wrong.status_code, wrong.get_json()["unlocked"]) == (422, False)
    assert (right.status_code, right.get_json()["unlocked"]) == (200, True)


def test_htmx_is_told_to_lock_or_to_sign_in_instead_of_being_given_a_page(hall: Flask, clock: Clock) -> None:
    browser = Browser(hall)
    htmx = {"HX-Request": "true", "HX-Current-URL": "http://localhost/account"}

    unknown = browser.get("/account", headers=htmx)
    browser.sign_in("auditor")
    clock.forward(minutes=31)
    reading = browser.get("/account", headers=htmx)
    writing = browser.post("/account/pin", headers=htmx, pin="1", present="x")

    assert (unknown.status_code, unknown.headers["HX-Redirect"]) == (401, "/login?next=/account")
    assert (reading.status_code, reading.headers["HX-Redirect"]) == (401, "/unlock?next=/account")
    assert (writing.status_code, writing.headers["HX-Trigger"]) == (401, "motcua:locked")
    assert "HX-Redirect" not in writing.headers


def test_guessing_is_braked_and_the_page_says_until_when(hall: Flask, clock: Clock) -> None:
    attacker, colleague = Browser(hall), Browser(hall)
    attacker.get("/login")
    for _index in range(5):
        assert attacker.post("/login", user_name="admin", password="wrong").status_code == 422

    braked = attacker.post("/login", user_name="admin", password=PASSWORD)

    assert braked.status_code == 429
    assert braked.headers["Retry-After"] == "30"
    assert "09:00:30" in _text(braked)
    assert colleague.sign_in("khai.ntm").status_code == 303
    clock.forward(seconds=31)
    assert attacker.sign_in("admin").status_code == 303
    with database_of(hall) as session:
        assert session.scalar(select(func.count(LoginAttempt.id)).where(LoginAttempt.succeeded.is_(False))) == 5


def test_an_empty_installation_says_how_to_make_the_first_administrator(any_app: Flask) -> None:
    assert "create-user NAME --role ADMIN" in _text(Browser(any_app).get("/login"))


def test_the_counter_of_the_computer_is_opened_in_the_same_act(hall: Flask) -> None:
    browser = Browser(hall)
    browser.sign_in("khai.ntm")
    with database_of(hall) as session:
        counter_id = session.scalars(select(Counter.id).where(Counter.number == 1)).one()
    browser.post("/counter", counter_id=str(counter_id))
    browser.post("/logout")

    page = browser.get("/login")
    answer = browser.post("/login", user_name="khai.ntm", password=PASSWORD, open_counter="1", next="/account")

    assert "Mở Quầy số 1 · Quầy 1 cho tôi" in _text(page)
    assert answer.headers["Location"] == "/account"
    with database_of(hall) as session:
        opened = session.scalars(select(CounterSession).order_by(CounterSession.id)).all()
        login = session.scalars(select(LoginSession).where(LoginSession.ended_at.is_(None))).one()
        assert [row.ended_at is None for row in opened] == [False, True]
        assert login.counter_id == counter_id


def test_no_line_of_the_log_holds_what_was_typed(hall: Flask, caplog: pytest.LogCaptureFixture) -> None:
    browser = Browser(hall)
    browser.get("/login")
    caplog.clear()

    browser.post("/login", user_name='evil\r\n\u202e{"event": "sign_in"}', password="bí mật của tôi")

    lines = [json.dumps(record.__dict__.get("facts", {})) for record in caplog.records if record.name == "motcua"]
    assert [record.getMessage() for record in caplog.records if record.name == "motcua"] == ["sign_in_refused"]
    assert all("evil" not in line and "mật" not in line and "m\\u1eadt" not in line for line in lines)
