"""One's own account, and the one-time password that an administrator gives."""

import re
from datetime import datetime
from html import unescape

import pytest
from flask import Flask
from sqlalchemy import select

from models.access import LoginSession, User
from models.staff import Staff
from services.passwords import pin_hashing
from tests.support.browser import Browser, Clock, database_of, set_clock
from tests.support.people import PASSWORD, make_staff, make_user, seed_hall

NEW = "vua lua chin vang"


@pytest.fixture
def clock(any_app: Flask, now: datetime) -> Clock:
    return set_clock(any_app, now)


@pytest.fixture
def hall(any_app: Flask, clock: Clock) -> Flask:
    with database_of(any_app) as session:
        seed_hall(session)
        make_user(session, "admin", "ADMIN", at=clock.now)
        make_user(session, "khai.ntm", "RECEIVING_OFFICER", at=clock.now, staff=make_staff(session, "1042"))
        make_user(session, "auditor", "AUDITOR", at=clock.now)
    return any_app


def _user_id(app: Flask, name: str) -> int:
    with database_of(app) as session:
        return session.scalars(select(User.id).where(User.user_name == name)).one()


def test_a_new_password_ends_the_other_sessions_and_keeps_this_one(hall: Flask) -> None:
    here, there = Browser(hall), Browser(hall)
    here.sign_in("auditor")
    there.sign_in("auditor")
    before = here.cookie()

    answer = here.post("/password", present=PASSWORD, new=NEW, again=NEW)

    assert (answer.status_code, answer.headers["Location"]) == (303, "/account")
    assert here.get("/account").status_code == 200
    assert here.cookie() != before
    assert there.get("/account").headers["Location"] == "/login?next=/account&why=rights_changed"
    assert Browser(hall).sign_in("auditor").status_code == 422
    assert Browser(hall).sign_in("auditor", NEW).status_code == 303


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"present": "sai", "new": NEW, "again": NEW}, "Mật khẩu không đúng."),
        ({"present": PASSWORD, "new": NEW, "again": NEW + "x"}, "Hai lần nhập không khớp."),
        ({"present": PASSWORD, "new": "ngắn", "again": "ngắn"}, "Dùng ít nhất 12 ký tự."),
        ({"present": PASSWORD, "new": "password1234", "again": "password1234"}, "thuộc số bị thử đầu tiên"),
        ({"present": PASSWORD, "new": PASSWORD, "again": PASSWORD}, "khác với mật khẩu đang dùng"),
    ],
)
def test_a_bad_new_password_is_explained_and_changes_nothing(hall: Flask, fields: dict[str, str], said: str) -> None:
    browser = Browser(hall)
    browser.sign_in("auditor")

    answer = browser.post("/password", **fields)

    page = unescape(answer.get_data(as_text=True))
    assert answer.status_code == 422
    assert said in page
    assert fields["new"] not in page
    assert Browser(hall).sign_in("auditor").status_code == 303


def test_guessing_the_present_password_at_an_open_screen_is_braked(hall: Flask) -> None:
    browser = Browser(hall)
    browser.sign_in("auditor")
    statuses = [browser.post("/password", present=f"sai {n}", new=NEW, again=NEW).status_code for n in range(10)]

    assert statuses == [422] * 8 + [429] * 2


def test_a_one_time_password_is_shown_once_and_must_be_replaced(hall: Flask, clock: Clock) -> None:
    admin, person, before = Browser(hall), Browser(hall), Browser(hall)
    admin.sign_in("admin")
    before.sign_in("auditor")
    user_id = _user_id(hall, "auditor")

    page = admin.post(f"/admin/user_account/{user_id}/reset-password").get_data(as_text=True)
    password = re.search(r"\b[a-z2-9]{4}(-[a-z2-9]{4}){3}\b", page).group(0)  # type: ignore[union-attr]

    assert before.get("/account").status_code == 303
    assert Browser(hall).sign_in("auditor").status_code == 422
    answer = person.sign_in("auditor", password, next="/account")
    assert answer.headers["Location"] == "/password?next=/account"
    assert person.get("/account").headers["Location"] == "/password?next=/account"
    assert person.get("/admin/").headers["Location"] == "/password?next=/admin/"
    person.get("/password")
    answer = person.post("/password", present=password, new=NEW, again=NEW, next="/account")
    assert answer.headers["Location"] == "/account"
    assert person.get("/account").status_code == 200
    assert Browser(hall).sign_in("auditor", password).status_code == 422


def test_only_who_may_gives_one_time_passwords_and_only_to_who_is_there(hall: Flask) -> None:
    clerk, admin = Browser(hall), Browser(hall)
    clerk.sign_in("khai.ntm")
    admin.sign_in("admin")

    assert clerk.post(f"/admin/user_account/{_user_id(hall, 'admin')}/reset-password").status_code == 403
    assert admin.post("/admin/user_account/999999/reset-password").status_code == 404
    assert Browser(hall).sign_in("admin").status_code == 303


def test_a_pin_is_set_with_the_password_and_taken_away_by_an_administrator(hall: Flask) -> None:
    clerk, admin = Browser(hall), Browser(hall)
    clerk.sign_in("khai.ntm")
    admin.sign_in("admin")

    wrong = clerk.post("/account/pin", pin="7309", present="sai")
    easy = clerk.post("/account/pin", pin="1234", present=PASSWORD)
    right = clerk.post("/account/pin", pin="7309", present=PASSWORD)

    assert [answer.status_code for answer in (wrong, easy, right)] == [422, 422, 303]
    with database_of(hall) as session:
        staff = session.scalars(select(Staff)).one()
        assert pin_hashing().verify(staff.pin_hash, "7309").is_right
        staff_id = staff.id
    assert clerk.post(f"/admin/staff/{staff_id}/clear-pin").status_code == 403
    assert admin.post(f"/admin/staff/{staff_id}/clear-pin").status_code == 303
    with database_of(hall) as session:
        assert session.scalars(select(Staff.pin_hash)).one() is None


def test_sessions_are_listed_and_ended_one_by_one_or_together(hall: Flask) -> None:
    here, home, phone, other = (Browser(hall, f"10.1.1.{n}") for n in range(4))
    for browser in (here, home, phone):
        browser.sign_in("auditor")
    other.sign_in("admin")
    with database_of(hall) as session:
        ids = {address: key for address, key in session.execute(select(LoginSession.address, LoginSession.id))}

    page = here.get("/account").get_data(as_text=True)

    assert [f"10.1.1.{n}" in page for n in range(4)] == [True, True, True, False]
    assert here.post(f"/account/sessions/{ids['10.1.1.3']}/end").status_code == 404
    assert here.post(f"/account/sessions/{ids['10.1.1.0']}/end").status_code == 404
    assert here.post(f"/account/sessions/{ids['10.1.1.1']}/end").status_code == 303
    assert [b.get("/account").status_code for b in (here, home, phone, other)] == [200, 303, 200, 200]
    here.post("/account/sessions/end-others")
    assert [b.get("/account").status_code for b in (here, home, phone, other)] == [200, 303, 303, 200]
