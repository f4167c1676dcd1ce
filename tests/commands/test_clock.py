"""The commands about due times and the calendar."""

from datetime import UTC, date, datetime

import pytest
from flask import Flask
from sqlalchemy import select

from app import create_app
from extensions import db
from models.calendar import CalendarDay, CalendarDayKind
from models.clock import Clock
from models.organisation import Site
from services.calendar import give_default_hours, seed_calendar
from services.clock import start_clock
from services.limits import Limit
from services.localtime import parse_instant
from services.session import unscoped
from tests.support.dossiers import make_bare_dossier


def run(app: Flask, *arguments: str) -> list[str]:
    result = app.test_cli_runner().invoke(args=list(arguments))
    assert result.exit_code == 0, result.output
    return result.output.splitlines()


def refused(app: Flask, *arguments: str) -> str:
    result = app.test_cli_runner().invoke(args=list(arguments))
    assert result.exit_code == 1
    return result.output


@pytest.fixture
def centre(app: Flask) -> Flask:
    """Two halls, the second open from 08:00 to 12:00 only, and the calendar of 2017."""
    with app.app_context(), unscoped(db.session(), "test"):
        halls = [Site(code=code, name=name, unit_code="H19.07") for code, name in (("HALL", "Trung tâm"), ("LK", "LK"))]
        db.session.add_all(halls)
        give_default_hours(db.session(), halls[0], date(2010, 1, 1))
        for row in give_default_hours(db.session(), halls[1], date(2010, 1, 1)):
            row.working_hours = "08:00-12:00"
        seed_calendar(db.session(), [2017], datetime(2017, 1, 1, tzinfo=UTC))
        db.session.commit()
    return app


def test_due_time_comes_first_and_its_reasons_after_it(app):
    lines = run(app, "due-time", "2017-01-25 09:00", "2 working_day", "--lang", "en")

    assert lines == [
        "2017-02-03 09:00",
        "- Received at 09:00 Wednesday 25/01/2017, in working time: counting begins at once.",
        "- The limit is 2 working days, that is 16 working hours.",
        "- Only working hours count, 07:00–11:30, 13:30–17:00; the break between them does not.",
        "- Thursday 26/01/2017 to Wednesday 01/02/2017: 29 Tết, Tết Nguyên Đán, not counted.",
        "- The limit is used up at 09:00 Friday 03/02/2017.",
    ]


def test_reasons_are_in_vietnamese_unless_asked_otherwise(app):
    lines = run(app, "due-time", "2016-04-09 09:00", "3,5 working_day")

    assert lines == [
        "2016-04-14 11:00",
        "- Tiếp nhận lúc 09:00 Thứ Bảy 09/04/2016, vào ngày nghỉ: tính từ 07:00 Thứ Hai 11/04/2016.",
        "- Thời hạn 3,5 ngày làm việc, tức 28 giờ làm việc.",
        "- Chỉ tính giờ làm việc 07:00–11:30, 13:30–17:00; không tính giờ nghỉ giữa buổi.",
        "- Thứ Bảy 09/04/2016 đến Chủ Nhật 10/04/2016: cuối tuần, không tính.",
        "- Hết thời hạn lúc 11:00 Thứ Năm 14/04/2016.",
    ]


def test_due_time_works_without_tables(tmp_path):
    app = create_app(
        {"TESTING": True, "DATABASE_URL": f"sqlite:///{tmp_path}/none.db", "INSTANCE_PATH": str(tmp_path),
         "SECRET_KEY": "t" * 40}
    )  # fmt: skip

    lines = run(app, "due-time", "2016-04-04 16:00", "2 hour")

    assert lines[0] == "2016-04-05 08:00"
    with app.app_context():
        db.engine.dispose()


def test_seconds_are_shown_where_there_are_any(app):
    assert run(app, "due-time", "2016-04-04 16:00:07.5", "30 day")[0] == "2016-05-04 16:00:07.5"


def test_due_time_counts_the_hours_of_the_site_that_is_named(centre):
    assert run(centre, "due-time", "2017-05-15 08:00", "1 working_day")[0] == "2017-05-16 08:00"
    assert run(centre, "due-time", "2017-05-15 08:00", "1 working_day", "--site", "LK")[0] == "2017-05-15 12:00"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("2017-05-15", "1 day"), "2017-05-15 is not a time: write it as 2017-05-25 16:30."),
        (("2017-05-15 08:00", "soon"), "soon is not a time limit: write a number and a unit"),
        (("2017-05-15 08:00", "0 day"), "0 is not a usable number"),
        (("2017-05-15 08:00", "1 day", "--site", "XX"), "There is no site XX."),
        (("2017-12-29 08:00", "5 day"), "The calendar of 2018 is missing: add its holidays"),
    ],
)
def test_what_cannot_be_computed_says_what_to_do(centre, arguments, message):
    assert message in refused(centre, "due-time", *arguments, "--lang", "en")


def test_seeding_the_calendar_twice_adds_nothing(app):
    first = run(app, "seed-calendar", "--from-year", "2016", "--to-year", "2017")
    again = run(app, "seed-calendar", "--from-year", "2016", "--to-year", "2017")

    with app.app_context(), unscoped(db.session(), "test"):
        count = len(db.session.scalars(select(CalendarDay)).all())
    assert first == [f"2016 to 2017: {count} added, 0 corrected, 0 withdrawn, 0 kept"]
    assert again == [f"2016 to 2017: 0 added, 0 corrected, 0 withdrawn, {count} kept"]


def test_a_changed_calendar_moves_the_due_times_of_running_dossiers(centre):
    centre.config["CLOCK"] = lambda: parse_instant("2017-05-15 12:00")
    received = parse_instant("2017-05-15 08:00")
    with centre.app_context(), unscoped(db.session(), "test"):
        site = db.session.scalars(select(Site).where(Site.code == "HALL")).one()
        dossier = make_bare_dossier(db.session(), site, received)
        start_clock(db.session(), dossier=dossier, limit=Limit.parse("2 working_day"), site=site, at=received)
        db.session.add(CalendarDay(local_date=date(2017, 5, 16), kind=CalendarDayKind.CLOSURE, name="Bão", site=site))
        db.session.commit()

    lines = run(centre, "recompute-due-times", "--reason", "Công điện 03")

    assert lines == ["due times moved: 1"]
    with centre.app_context(), unscoped(db.session(), "test"):
        assert db.session.scalars(select(Clock.due_at)).one() == parse_instant("2017-05-18 08:00")
