"""What a changed calendar would move is shown before it is saved, and moved only on demand."""

import re
from datetime import date
from html import unescape

import pytest
from flask import Flask
from sqlalchemy import select

from models.batch import Batch, BatchKind, BatchState
from models.calendar import CalendarDay, WorkingHours
from models.dossier import Dossier
from tests.support.browser import Browser, database_of, set_clock
from tests.support.centre import Centre, receive
from tests.support.people import PASSWORD

CLOSURE = {"kind": "CLOSURE", "name": "Bão số 3", "swapped_with_date": "", "site": "", "source": ""}


@pytest.fixture
def browser(any_app: Flask, now) -> Browser:
    set_clock(any_app, now)
    with database_of(any_app) as session:
        centre = Centre(session, now)
        receive(centre)
        receive(centre)
        user_name = centre.make_user("ADMIN", centre.hall).user_name
    browser = Browser(any_app)
    browser.sign_in(user_name, PASSWORD)
    return browser


def text(answer) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", answer.get_data(as_text=True))).split())


def nonce(browser: Browser) -> str:
    page = browser.get("/admin/calendar_day/new/").get_data(as_text=True)
    return re.search(r'name="nonce"[^>]*value="([^"]*)"', page)[1]


def days_and_due(app: Flask) -> tuple[int, set[date], list[str]]:
    """Return how many closures there are, the days dossiers are due, and the states of batches."""
    with database_of(app) as session:
        closures = session.scalars(select(CalendarDay).where(CalendarDay.kind == "CLOSURE")).all()
        due = {due_at.date() for due_at in session.scalars(select(Dossier.due_at))}
        batches = session.scalars(select(Batch.state).where(Batch.kind == BatchKind.REPROJECTION)).all()
        return len(closures), due, batches


def test_a_day_off_is_saved_after_its_effect_was_seen(any_app, browser):
    day = {**CLOSURE, "local_date": "2017-05-18", "nonce": nonce(browser)}
    first = {date(2017, 5, 22)}

    asked = browser.post("/admin/calendar_day/new/", **day)
    table = browser.post("/admin/calendar_day/new/", **day, calendar_choice="table")
    silent = browser.post("/admin/calendar_day/new/", **day, calendar_choice="now", calendar_reason=" ")
    assert "Trước khi lưu" in text(asked)
    assert "Hạn sẽ lùi lại 2" in text(asked)
    assert '<input type="hidden" name="name" value="Bão số 3">' in asked.get_data(as_text=True)
    assert len(table.get_data(as_text=True).splitlines()) == 3
    assert "+1 ngày" in table.get_data(as_text=True)
    assert (silent.status_code, "Hãy nhập lý do" in text(silent)) == (422, True)
    assert days_and_due(any_app) == (0, first, [])

    saved = browser.post("/admin/calendar_day/new/", **day, calendar_choice="now", calendar_reason="Công điện 03")
    assert saved.status_code in (302, 303)
    assert days_and_due(any_app) == (1, first, [BatchState.QUEUED])
    with database_of(any_app) as session:
        batch = session.scalars(select(Batch)).one()
        public_id = batch.public_id
    browser.post(f"/admin/batches/{public_id}/step")
    assert days_and_due(any_app) == (1, {date(2017, 5, 23)}, [BatchState.FINISHED])


def test_hours_saved_without_moving_anything_show_on_a_page_of_their_own(any_app, browser):
    with database_of(any_app) as session:
        thursday = select(WorkingHours.id, WorkingHours.row_version, WorkingHours.site_id)
        key, version, site = session.execute(thursday.where(WorkingHours.weekday == "4")).one()
    edit = f"/admin/working_hours/edit/?id={key}"
    fields = {
        "site": str(site), "weekday": "4", "working_hours": "", "reception_hours": "", "valid_to_date": "",
        "valid_from_date": "2016-05-17", "row_version": str(version),
    }  # fmt: skip
    browser.get(edit)

    asked = browser.post(edit, **fields)
    saved = browser.post(edit, **fields, calendar_choice="later")
    shown = browser.get("/calendar-effects")
    table = browser.get("/calendar-effects.csv").get_data(as_text=True)
    refused = browser.post("/calendar-effects", calendar_reason="")
    queued = browser.post("/calendar-effects", calendar_reason="Nghỉ thứ Năm")

    assert "Trước khi lưu" in text(asked)
    assert (saved.status_code in (302, 303), refused.status_code, queued.status_code) == (True, 422, 303)
    assert "Hạn sẽ lùi lại 2" in text(shown)
    assert len(table.splitlines()) == 3
    assert days_and_due(any_app)[1:] == ({date(2017, 5, 22)}, [BatchState.QUEUED])


def test_a_day_that_moves_nothing_is_saved_at_once(any_app, browser):
    answer = browser.post("/admin/calendar_day/new/", **CLOSURE, local_date="2018-05-18", nonce=nonce(browser))

    assert answer.status_code in (302, 303)
    assert "Mọi hồ sơ đang giải quyết đều đúng hạn theo lịch." in text(browser.get("/calendar-effects"))
