"""``report settlement`` as a person or a script calls it."""

import csv
import json
from datetime import UTC, datetime
from io import BytesIO, StringIO

import pytest
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy.orm import Session

from extensions import db
from models.states import DossierState as S
from models.states import EventKind as Kind
from services.session import unscoped
from tests.services.settlement_world import Course, Happening, World

APRIL = ("report", "settlement", "--from", "2016-04-01", "--to", "2016-04-30")


def at(day: int, hour: int = 9) -> datetime:
    return datetime(2016, 4, day, hour - 7, tzinfo=UTC)


@pytest.fixture
def centre(any_app: Flask) -> Flask:
    with any_app.app_context():
        session: Session = db.session()
        with unscoped(session, "test"):
            world = World(session)
            for day, ends in ((4, at(8)), (5, at(9)), (6, at(28)), (7, None)):
                course = Course(Happening(at(day), Kind.RECEIVED, S.ACCEPTED), due=at(20), slot=day % 2)
                world.add(course.decided(ends) if ends else course)
            session.commit()
    return any_app


def test_json_can_be_read_by_a_program(centre):
    document = json.loads(run(centre, *APRIL, "--by", "department", "--format", "json"))

    assert document["total"]["on_time_rate"] == "50.00"
    assert (document["total"]["on_time_rate_numerator"], document["total"]["on_time_rate_denominator"]) == (2, 4)
    assert [(row["department"], row["received"], row["late"], row["overdue"]) for row in document["rows"]] == [
        ("T.00", 2, 1, 0),
        ("T.01", 2, 0, 1),
    ]


def test_csv_has_a_line_per_slice_and_the_total(centre):
    lines = list(csv.DictReader(StringIO(run(centre, *APRIL, "--by", "department", "--format", "csv"))))

    assert [(line["department"], line["name"], line["finished"], line["on_time_rate"]) for line in lines] == [
        ("T.00", "Sở số 0", "2", "50.00"),
        ("T.01", "Sở số 1", "1", "50.00"),
        ("total", "", "3", "50.00"),
    ]


def test_workbook_holds_numbers(centre):
    result = centre.test_cli_runner().invoke(args=[*APRIL, "--by", "department", "--format", "xlsx"])

    lines = list(load_workbook(BytesIO(result.stdout_bytes)).active.values)

    assert [line[:3] for line in lines] == [
        ("department", "name", "received"), ("T.00", "Sở số 0", 2), ("T.01", "Sở số 1", 2), ("total", None, 4),
    ]  # fmt: skip
    assert lines[-1][lines[0].index("on_time_rate")] == 50


def test_table_shows_rates_with_what_they_are_made_of(centre):
    printed = run(centre, *APRIL)

    assert "as of 01/05/2016 00:00" in printed
    assert "50.00 = 2/4" in printed


def test_as_of_and_known_at_are_local_times(centre):
    document = json.loads(
        run(centre, *APRIL, "--as-of", "2016-04-10 12:00", "--known-at", "2016-05-02T00:00+07:00", "--format", "json")
    )

    assert (document["as_of"], document["known_at"]) == ("2016-04-10T12:00:00+07:00", "2016-05-02T00:00:00+07:00")
    assert (document["total"]["on_time"], document["total"]["undue"]) == (2, 2)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--from", "2016-05-01", "--to", "2016-04-01"), "ends on 01/04/2016, before it begins"),
        (("--from", "2016-04-01", "--to", "2016-04-30", "--as-of", "soon"), "soon is not a time"),
        (("--from", "2016-04-01", "--to", "2016-04-30", "--as-of", "2016-06-01 08:00"), "within the period only"),
    ],
)
def test_wrong_period_is_explained(centre, arguments, message):
    result = centre.test_cli_runner().invoke(args=["report", "settlement", *arguments])

    assert result.exit_code == 1
    assert message in result.output


def run(app: Flask, *arguments: str) -> str:
    result = app.test_cli_runner().invoke(args=list(arguments))
    assert result.exit_code == 0, result.output
    return result.output
