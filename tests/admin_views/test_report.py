"""The page of the settlement report: the same figures as the service, rows behind them, nothing that fails."""

import io
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.audit import AuditEvent
from models.states import DossierState as S
from models.states import EventKind as Kind
from services.session import unscoped
from tests.services.settlement_world import Course, Happening, World
from tests.support.clients import client_as
from web.database import database

APRIL = "from=2016-04-01&to=2016-04-30"


def at(day: int) -> datetime:
    return datetime(2016, 4, day, 2, tzinfo=UTC)


@pytest.fixture
def centre(app: Flask) -> Flask:
    with app.app_context(), Session(database().engine) as session, unscoped(session, "test"):
        world = World(session)
        for day, ends in ((4, 8), (5, 28), (6, None)):
            course = Course(Happening(at(day), Kind.RECEIVED, S.ACCEPTED), due=at(20))
            world.add(course.decided(at(ends)) if ends else course)
        session.commit()
    return app


class Text(HTMLParser):
    """The visible text of a page, and its links by text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.feed(page)

    def handle_data(self, data: str) -> None:
        self.words += data.split()


def text_of(page: str) -> str:
    return " ".join(Text(page).words)


@pytest.mark.parametrize("role", ["DIRECTOR", "SUPERVISOR", "AUDITOR"])
def test_leaders_see_each_rate_with_what_it_is_made_of(centre, role):
    page = client_as(centre, role).get(f"/admin/report/settlement?{APRIL}")

    assert page.status_code == 200
    text = text_of(page.text)
    assert "33,33 % 1 trên 3" in text
    assert "50,00 % 1 trên 2" in text
    assert "Tiếp nhận mới 3 = Đã giải quyết 2" in text
    assert "tính đến 01/05/2016 00:00" in text


@pytest.mark.parametrize("role", ["ADMIN", "DEVICE"])
@pytest.mark.parametrize("path", ["settlement", "settlement.csv", "settlement/rows?figure=late"])
def test_others_are_refused(centre, role, path):
    assert client_as(centre, role).get(f"/admin/report/{path}").status_code == 403


def test_head_of_another_department_sees_nothing_of_this_one(centre):
    page = client_as(centre, "DEPARTMENT_HEAD", department_code="H77.01").get(f"/admin/report/settlement?{APRIL}")

    assert "Kỳ này chưa có số liệu" in page.text
    assert "Sở số 0" not in page.text


@pytest.mark.parametrize("by", ["department", "field", "procedure", "channel", "site", "officer"])
def test_clerk_sees_the_own_department_and_no_other(centre, by):
    query = f"{APRIL}&by={by}"
    own, other = (client_as(centre, "RECEIVING_OFFICER", department_code=code) for code in ("T.00", "T.01"))

    page, foreign = (client.get(f"/admin/report/settlement?{query}") for client in (own, other))

    assert "Tiếp nhận mới 3 = Đã giải quyết 2" in text_of(page.text)
    assert "Kỳ này chưa có số liệu" in foreign.text
    assert other.get(f"/admin/report/settlement.json?{query}").get_json()["rows"] == []
    rows = other.get(f"/admin/report/settlement/rows?{query}&figure=received").text
    assert "T.00-160404-0001" not in rows
    assert "T.00-160404-0001" in own.get(f"/admin/report/settlement/rows?{query}&figure=received").text


def test_instants_of_the_report_are_chosen_on_the_page(centre):
    client = client_as(centre, "SUPERVISOR")

    page = client.get(f"/admin/report/settlement?{APRIL}&as_of=2016-04-10T12:00:00&known_at=2016-04-07T09:00:00").text

    assert "tính đến 10/04/2016 12:00" in text_of(page)
    assert "Theo những gì đã biết lúc 07/04/2016 09:00" in text_of(page)
    assert "as_of=2016-04-10T12:00:00&amp;known_at=2016-04-07T09:00:00&amp;figure=open" in page


def test_every_file_holds_the_same_figures_and_taking_it_is_recorded(centre):
    client = client_as(centre, "SUPERVISOR")

    document = client.get(f"/admin/report/settlement.json?{APRIL}&by=officer").get_json()

    assert (document["total"]["received"], document["total"]["on_time_rate"]) == (3, "33.33")
    assert [(row["officer"], row["name"], row["received"]) for row in document["rows"]] == [("B0", "Người thứ 0", 3)]
    book = load_workbook(io.BytesIO(client.get(f"/admin/report/settlement.xlsx?{APRIL}&by=officer").data))
    lines = list(book.active.values)
    assert lines[0][:4] == ("Mã", "Tên", "Tiếp nhận mới", "Kỳ trước chuyển sang")
    assert [(line[:3], line[14]) for line in lines[1:]] == [
        (("B0", "Người thứ 0", 3), 33.33), (("total", None, 3), 33.33),
    ]  # fmt: skip
    with centre.app_context(), Session(database().engine) as session, unscoped(session, "test"):
        event, _xlsx = session.scalars(select(AuditEvent).where(AuditEvent.entity == "report"))
        assert (event.entity_key, event.action) == ("settlement", "export")


def test_number_opens_its_dossiers(centre):
    client = client_as(centre, "SUPERVISOR")
    page = client.get(f"/admin/report/settlement?{APRIL}").text
    link = "/admin/report/settlement/rows?from=2016-04-01&amp;to=2016-04-30&amp;by=department&amp;figure=late"

    rows = client.get(link.replace("&amp;", "&")).text

    assert link in page
    assert "T.00-160404-0002" in rows
    assert "T.00-160404-0001" not in rows
    assert "20/04/2016 09:00" in rows
    assert "28/04/2016 09:00" in rows


def test_csv_is_the_report(centre):
    answer = client_as(centre, "SUPERVISOR").get(f"/admin/report/settlement.csv?{APRIL}")

    assert answer.headers["Content-Disposition"] == (
        "attachment; filename=settlement-2016-04-01-2016-04-30-department.csv"
    )
    assert answer.data.decode("utf-8-sig").splitlines()[1].startswith("T.00,Sở số 0,3,0,2,1,1,0,1,0,0,0,1,0,33.33,1,3,")


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("from=2016-05-01&to=2016-04-01", 422),
        ("from=soon&to=2016-04-01", 422),
        ("from=2016-04-01&to=2016-04-30&by=weather", 422),
        ("from=2016-04-01&to=2016-04-30&as_of=x", 422),
        ("from=2016-04-01&to=2016-04-30&known_at=x", 422),
        ("from=2016-04-01&to=9999-12-31", 422),
        ("from=0001-01-01&to=2016-04-30", 422),
        ("from=1990-01-01&to=2016-04-30", 200),
        ("from=2999-01-01&to=2999-12-31", 422),
        ("", 200),
    ],
)
def test_unreadable_period_is_explained(centre, query, status):
    client = client_as(centre, "SUPERVISOR")

    page = client.get(f"/admin/report/settlement?{query}")

    assert page.status_code == status
    assert status == 200 or "Hãy chọn" in page.text or "x không phải" in page.text


@pytest.mark.parametrize(
    "query",
    ["figure=id", "figure=late&key=x", "figure=late&after=-1", f"figure=late&after={10**30}", "figure=late&from=x"],
)
def test_rows_of_nothing_are_not_found(centre, query):
    assert client_as(centre, "SUPERVISOR").get(f"/admin/report/settlement/rows?{query}").status_code == 404
