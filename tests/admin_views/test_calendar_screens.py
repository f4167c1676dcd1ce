"""The generated screens of hours and calendar days: what is typed wrong is said beside its field, nothing is lost."""

import re
from datetime import date
from html import unescape

import pytest
from flask import Flask
from sqlalchemy import select

from models.calendar import CalendarDay, CalendarDayKind, WorkingHours
from models.organisation import Site
from tests.support.browser import Browser, database_of, set_clock
from tests.support.people import make_user, seed_hall

HOURS = {
    "weekday": "1",
    "working_hours": "7h00-11h30, 13h30-17h00",
    "reception_hours": "",
    "valid_from_date": "2017-01-01",
    "valid_to_date": "",
}


@pytest.fixture
def site_id(any_app: Flask, now) -> int:
    set_clock(any_app, now)
    with database_of(any_app) as session:
        seed_hall(session)
        make_user(session, "admin", "ADMIN", at=now)
        return session.scalars(select(Site.id)).one()


@pytest.fixture
def browser(any_app: Flask, site_id: int) -> Browser:
    browser = Browser(any_app)
    browser.sign_in("admin")
    return browser


def error_of(page: str, field: str) -> str:
    found = re.search(rf'id="{field}-error"[^>]*>(.*?)</p>', page, re.DOTALL)
    return " ".join(re.sub(r"<.*?>", " ", unescape(found[1])).split()) if found else ""


def save(browser: Browser, entity: str, **fields: str):
    browser.get(f"/admin/{entity}/new/")
    nonce = re.search(r'name="nonce"[^>]*value="([^"]*)"', browser.page.get_data(as_text=True))
    return browser.post(f"/admin/{entity}/new/", nonce=nonce[1] if nonce else "", **fields)


def test_hours_are_kept_tidy(any_app, browser, site_id):
    answer = save(browser, "working_hours", site=str(site_id), **HOURS)

    assert answer.status_code in (302, 303)
    with database_of(any_app) as session:
        row = session.scalars(select(WorkingHours)).one()
        assert (row.working_hours, row.reception_hours) == ("07:00-11:30, 13:30-17:00", "")


def test_hours_that_overlap_are_explained_beside_their_field(any_app, browser, site_id):
    answer = save(browser, "working_hours", site=str(site_id), **{**HOURS, "working_hours": "07:00-12:00, 11:00-17:00"})
    page = answer.get_data(as_text=True)

    assert answer.status_code == 422
    assert error_of(page, "working_hours") == (
        "Hãy ghi giờ dạng 07:00-11:30, 13:30-17:00, theo thứ tự và không chồng nhau."
    )
    assert 'value="07:00-12:00, 11:00-17:00"' in page
    with database_of(any_app) as session:
        assert session.scalars(select(WorkingHours)).all() == []


def test_a_day_is_entered_once_for_everybody_and_once_for_a_site(any_app, browser, site_id):
    day = {
        "local_date": "2027-02-11",
        "kind": "HOLIDAY",
        "name": "Nghỉ Tết thêm",
        "swapped_with_date": "",
        "source": "",
    }

    answers = [
        save(browser, "calendar_day", site=site, **day).status_code for site in ("", str(site_id), "", str(site_id))
    ]

    assert answers == [answers[0], answers[0], 422, 422]
    with database_of(any_app) as session:
        rows = session.execute(select(CalendarDay.local_date, CalendarDay.kind, CalendarDay.site_id)).all()
    assert sorted(rows, key=str) == sorted(
        [(date(2027, 2, 11), CalendarDayKind.HOLIDAY, None), (date(2027, 2, 11), CalendarDayKind.HOLIDAY, site_id)],
        key=str,
    )


def test_years_without_days_are_named_and_entered_by_a_button(any_app, browser):
    page = browser.get("/calendar-years").get_data(as_text=True)
    assert "Chưa nhập ngày nghỉ cho các năm: 2010, 2011" in page

    answer = browser.post("/calendar-years")
    page = browser.get("/calendar-years").get_data(as_text=True)

    assert answer.status_code == 303
    assert "Mọi năm mà thời hạn có thể kéo tới đều đã có ngày nghỉ." in page
    with database_of(any_app) as session:
        assert {day.year for day in session.scalars(select(CalendarDay.local_date))} == set(range(2010, 2024))
    assert 'href="/calendar-years"' in browser.get("/admin/calendar_day/").get_data(as_text=True)


def test_only_who_may_edit_the_calendar_enters_holidays(any_app, now, site_id):
    with database_of(any_app) as session:
        make_user(session, "director", "DIRECTOR", at=now)
    browser = Browser(any_app)
    browser.sign_in("director")

    assert (browser.get("/calendar-years").status_code, browser.post("/calendar-years").status_code) == (403, 403)
