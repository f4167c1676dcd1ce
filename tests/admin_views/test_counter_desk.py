"""The counter of a computer: chosen, left, and taken over by badge and PIN."""

import re
from datetime import datetime
from html import unescape

import pytest
from flask import Flask
from sqlalchemy import select

from models.access import LoginAttempt, LoginSession, User
from models.organisation import Counter, Department
from models.staff import CounterSession, Staff
from tests.support.browser import Browser, Clock, database_of, set_clock
from tests.support.people import PIN, make_staff, make_user, seed_hall


@pytest.fixture
def clock(any_app: Flask, now: datetime) -> Clock:
    return set_clock(any_app, now)


@pytest.fixture
def hall(any_app: Flask, clock: Clock) -> Flask:
    with database_of(any_app) as session:
        seed_hall(session)
        make_user(session, "khai.ntm", "RECEIVING_OFFICER", at=clock.now, staff=make_staff(session, "1042"))
        huy = make_staff(session, "1077", "Trương Công Huy")
        make_user(session, "huy.tc", "RECEIVING_OFFICER", at=clock.now, staff=huy)
        make_user(session, "auditor", "AUDITOR", at=clock.now, staff=make_staff(session, "1099", "Lê Kiểm"))
    return any_app


def _serving(app: Flask) -> dict[int, str]:
    """Give the badge of who serves, by the number of the counter."""
    with database_of(app) as session:
        rows = session.execute(
            select(Counter.number, Staff.badge_number)
            .join(CounterSession, CounterSession.counter_id == Counter.id)
            .join(Staff, Staff.id == CounterSession.staff_id)
            .where(CounterSession.ended_at.is_(None))
        )
        return {number: badge for number, badge in rows}


def _counter_id(app: Flask, number: int) -> str:
    with database_of(app) as session:
        return str(session.scalars(select(Counter.id).where(Counter.number == number)).one())


def _serve(app: Flask, name: str, number: int) -> Browser:
    browser = Browser(app)
    browser.sign_in(name)
    assert browser.post("/counter", counter_id=_counter_id(app, number)).status_code == 303
    return browser


def test_counters_of_the_own_department_come_first_and_lead_to_the_desk(hall: Flask) -> None:
    with database_of(hall) as session:
        for counter in session.scalars(select(Counter).where(Counter.number != 3)):
            counter.department = session.scalars(select(Department).where(Department.code == "H19.08")).one()
    browser = Browser(hall)
    browser.sign_in("khai.ntm")

    shown = re.findall(r'counter-number">(\d+)<', browser.get("/counter").get_data(as_text=True))
    opened = browser.post("/counter", counter_id=_counter_id(hall, 3))

    assert shown == ["3", "1", "2"]
    assert opened.headers["Location"] == "/counter/"


def test_a_counter_is_chosen_changed_and_left(hall: Flask) -> None:
    browser = _serve(hall, "khai.ntm", 2)
    assert _serving(hall) == {2: "1042"}
    browser.post("/counter", counter_id=_counter_id(hall, 3))
    assert _serving(hall) == {3: "1042"}

    browser.post("/counter/leave")

    assert _serving(hall) == {}
    assert browser.get("/account").status_code == 200


def test_signing_out_ends_the_serving_but_not_a_colleagues(hall: Flask) -> None:
    khai = _serve(hall, "khai.ntm", 1)
    _serve(hall, "huy.tc", 1)

    khai.post("/logout")

    assert _serving(hall) == {1: "1077"}


def test_only_who_may_serve_chooses_a_counter_that_is_there(hall: Flask) -> None:
    auditor, clerk = Browser(hall), Browser(hall)
    auditor.sign_in("auditor")
    clerk.sign_in("khai.ntm")

    assert auditor.get("/counter").status_code == 403
    assert auditor.post("/counter", counter_id=_counter_id(hall, 1)).status_code == 403
    assert [clerk.post("/counter", counter_id=wrong).status_code for wrong in ("999", "x", "")] == [404, 404, 404]
    assert _serving(hall) == {}


def test_a_colleague_takes_over_by_badge_and_pin(hall: Flask, clock: Clock) -> None:
    browser = _serve(hall, "khai.ntm", 1)
    before = browser.cookie()
    clock.forward(hours=1)  # the screen is locked by now, and it does not matter
    browser.get("/counter/take-over")

    asked = browser.post("/counter/take-over", badge="1077")
    answer = browser.post("/counter/take-over", badge="1077", pin=PIN)

    assert 'value="1077"' in asked.get_data(as_text=True)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/counter/")
    assert _serving(hall) == {1: "1077"}
    page = unescape(browser.get("/account").get_data(as_text=True))
    assert "Trương Công Huy" in page
    assert "Quầy số 1" in page
    thief = Browser(hall)
    thief.client.set_cookie("motcua", before)
    assert thief.get("/account").headers["Location"].startswith("/login")
    with database_of(hall) as session:
        reasons = session.scalars(select(LoginSession.end_reason).order_by(LoginSession.id)).all()
        assert reasons == ["taken_over", None]


def test_a_form_left_open_is_not_sent_in_the_name_of_the_next(hall: Flask) -> None:
    browser = _serve(hall, "khai.ntm", 1)
    old_token = browser.token
    browser.get("/counter/take-over")
    browser.post("/counter/take-over", badge="1077", pin=PIN)

    stale = browser.client.post("/counter/leave", data={"csrf_token": old_token})
    kept = browser.client.post(
        "/counter/leave", data={"csrf_token": old_token, "x": "typed"}, headers={"Sec-Fetch-Site": "same-origin"}
    )

    assert stale.status_code == 400
    assert "typed" not in stale.get_data(as_text=True)
    assert kept.status_code == 400
    assert "Nội dung được gửi với tên Trương Công Huy." in unescape(kept.get_data(as_text=True))
    assert _serving(hall) == {1: "1077"}


@pytest.mark.parametrize(("badge", "pin"), [("1077", "9999"), ("9999", PIN), ("1099", PIN), ("' OR 1=1", "0")])
def test_every_refusal_says_the_same_and_changes_nothing(hall: Flask, badge: str, pin: str) -> None:
    browser = _serve(hall, "khai.ntm", 1)
    browser.get("/counter/take-over")

    answer = browser.post("/counter/take-over", badge=badge, pin=pin)

    assert answer.status_code == 422
    assert "Số thẻ hoặc mã PIN không đúng." in unescape(answer.get_data(as_text=True))
    assert _serving(hall) == {1: "1042"}
    assert browser.get("/account").status_code == 200


def test_wrong_pins_are_braked_and_written_down(hall: Flask, clock: Clock) -> None:
    browser = _serve(hall, "khai.ntm", 1)
    browser.get("/counter/take-over")
    for _index in range(4):
        assert browser.post("/counter/take-over", badge="1077", pin="9999").status_code == 422

    braked = browser.post("/counter/take-over", badge="1077", pin=PIN)

    assert (braked.status_code, braked.headers["Retry-After"]) == (429, "30")
    assert "09:00:30" in unescape(braked.get_data(as_text=True))
    with database_of(hall) as session:
        assert session.scalars(select(LoginAttempt.succeeded)).all().count(False) == 4
    clock.forward(seconds=30)
    assert browser.post("/counter/take-over", badge="1077", pin=PIN).status_code == 303


def test_a_computer_that_stands_at_no_counter_has_nothing_to_take_over(hall: Flask) -> None:
    browser = Browser(hall)
    assert browser.get("/counter/take-over").status_code == 404
    browser.client.set_cookie("motcua-counter", "1")
    assert browser.get("/counter/take-over").status_code == 404
    browser.get("/login")
    assert browser.post("/counter/take-over", badge="1042", pin=PIN).status_code == 404
    assert _serving(hall) == {}


def test_nobody_takes_over_with_a_user_that_has_left(hall: Flask) -> None:
    browser = _serve(hall, "khai.ntm", 1)
    with database_of(hall) as session:
        session.scalars(select(User).where(User.user_name == "huy.tc")).one().is_active = False
    browser.get("/counter/take-over")

    assert browser.post("/counter/take-over", badge="1077", pin=PIN).status_code == 422
    assert _serving(hall) == {1: "1042"}
