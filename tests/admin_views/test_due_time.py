"""The due time calculator, and why a dossier is due when it is."""

import re
from datetime import UTC, date, datetime
from html import unescape

import pytest
from flask import Flask
from sqlalchemy import select

from models.organisation import Site
from services.calendar import give_default_hours, seed_calendar
from services.clock import start_clock, stop_clock
from services.limits import Limit
from services.localtime import parse_instant
from tests.support.browser import Browser, database_of, set_clock
from tests.support.dossiers import make_bare_dossier
from tests.support.people import make_user, seed_hall


@pytest.fixture
def hall(any_app: Flask, now: datetime) -> Flask:
    """A site with hours and the calendar of 2017, an administrator and a director."""
    set_clock(any_app, now)
    with database_of(any_app) as session:
        seed_hall(session)
        give_default_hours(session, session.scalars(select(Site)).one(), date(2010, 1, 1))
        seed_calendar(session, [2017], datetime(2017, 1, 1, tzinfo=UTC))
        make_user(session, "admin", "ADMIN", at=now)
        make_user(session, "head", "DEPARTMENT_HEAD", at=now)
    return any_app


@pytest.fixture
def browser(hall: Flask) -> Browser:
    browser = Browser(hall)
    browser.sign_in("admin")
    return browser


def due_of(page: str) -> str:
    found = re.search(r'class="due-at"><time[^>]*>(.*?)</time>', page)
    return found[1] if found else ""


def steps_of(page: str) -> list[str]:
    return [unescape(step) for step in re.findall(r"<li>([^<]*)</li>", page[page.index('class="steps"') :])]


def test_calculator_begins_with_three_working_days_from_now(browser):
    answer = browser.get("/due-time")

    assert answer.status_code == 200
    assert due_of(answer.get_data(as_text=True)) == "22/05/2017 09:00"


def test_calculator_shows_the_due_time_and_every_step(browser):
    page = browser.get("/due-time?received=2017-01-25T09:00&quantity=2&unit=WORKING_DAY&site=1").get_data(as_text=True)

    assert due_of(page) == "03/02/2017 09:00"
    assert steps_of(page) == [
        "Tiếp nhận lúc 09:00 Thứ Tư 25/01/2017, trong giờ làm việc: tính ngay.",
        "Thời hạn 2 ngày làm việc, tức 16 giờ làm việc.",
        "Chỉ tính giờ làm việc 07:00–11:30, 13:30–17:00; không tính giờ nghỉ giữa buổi.",
        "Thứ Năm 26/01/2017 đến Thứ Tư 01/02/2017: 29 Tết, Tết Nguyên Đán, không tính.",
        "Hết thời hạn lúc 09:00 Thứ Sáu 03/02/2017.",
    ]


@pytest.mark.parametrize(
    "query",
    [
        "received=&quantity=&unit=&site=",
        "received=yesterday&quantity=2&unit=WORKING_DAY&site=1",
        "received=2017-01-25T09:00&quantity=two&unit=WORKING_DAY&site=1",
        "received=2017-01-25T09:00&quantity=-2&unit=WORKING_DAY&site=1",
        "received=2017-01-25T09:00&quantity=1e999999999&unit=MONTH&site=1",
        "received=2017-01-25T09:00&quantity=1,5&unit=MONTH&site=1",
        "received=2017-01-25T09:00&quantity=2&unit=YEAR&site=1",
        "received=2017-01-25T09:00&quantity=2&unit=DAY&site=99",
        "received=2017-12-25T09:00&quantity=20&unit=DAY&site=1",
        "received=0001-01-01T00:00&quantity=20&unit=DAY&site=1",
        "received=9999-12-31T23:59&quantity=9999&unit=MONTH&site=1",
    ],
)
def test_what_cannot_be_computed_is_explained_and_kept(browser, query):
    answer = browser.get(f"/due-time?{query}")

    assert answer.status_code == 422
    assert due_of(answer.get_data(as_text=True)) == ""


def test_course_of_a_dossier_is_told_step_by_step(hall, browser, now):
    with database_of(hall) as session:
        site = session.scalars(select(Site)).one()
        dossier = make_bare_dossier(session, site, now)
        start_clock(session, dossier=dossier, limit=Limit.parse("3 working_day"), site=site, at=now)
        stop_clock(session, dossier=dossier, at=parse_instant("2017-05-18 09:00"), reason="Thiếu bản sao")
        dossier_id = dossier.id

    page = browser.get(f"/dossiers/{dossier_id}/due-time").get_data(as_text=True)

    assert due_of(page) == "22/05/2017 09:00"
    headlines = [unescape(text) for text in re.findall(r"<strong>(\d.*?)</strong>", page)]
    assert headlines == [
        "09:00 Thứ Tư 17/05/2017: bắt đầu tính thời hạn.",
        "09:00 Thứ Năm 18/05/2017: tạm dừng tính thời hạn.",
    ]
    assert "<li>Lý do: Thiếu bản sao</li>" in page
    detail = browser.get(f"/admin/dossier/details/?id={dossier_id}").get_data(as_text=True)
    assert f'href="/dossiers/{dossier_id}/due-time"' in detail


def test_course_of_a_dossier_of_another_department_does_not_exist(hall, now):
    with database_of(hall) as session:
        dossier_id = make_bare_dossier(session, session.scalars(select(Site)).one(), now).id
    browser = Browser(hall)
    browser.sign_in("head")

    assert browser.get(f"/dossiers/{dossier_id}/due-time").status_code == 404
    assert browser.get("/dossiers/999999/due-time").status_code == 404


def test_dossier_without_a_clock_says_so(hall, browser, now):
    with database_of(hall) as session:
        dossier = make_bare_dossier(session, session.scalars(select(Site)).one(), now)
        dossier_id, code = dossier.id, dossier.code

    page = browser.get(f"/dossiers/{dossier_id}/due-time").get_data(as_text=True)

    assert f"Hồ sơ {code} chưa được tính thời hạn." in page
