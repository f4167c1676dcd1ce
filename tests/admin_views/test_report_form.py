"""Form II.06a and named periods as people meet them on pages."""

import io

import pytest
from openpyxl import load_workbook
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.report_period import ReportPeriod
from services.session import unscoped
from tests.admin_views.test_report import APRIL, centre, text_of
from tests.support.clients import client_as
from tests.support.screens import send, words_of
from web.database import database

__all__ = ["centre"]


def test_form_shows_columns_that_add_up_and_opens_its_rows(centre):
    client = client_as(centre, "SUPERVISOR")

    page = client.get(f"/admin/report/form-06a?{APRIL}")

    assert page.status_code == 200
    assert "3 = 4 + 5 + 6 · 7 = 8 + 9 + 10 · 11 = 12 + 13 · 3 = 7 + 11" in text_of(page.text)
    link = "/admin/report/settlement/rows?from=2016-04-01&amp;to=2016-04-30&amp;by=field&amp;figure=early&amp;page=form"
    assert link in page.text
    rows = client.get(link.replace("&amp;", "&"))
    assert "T.00-160404-0001" in rows.text
    assert "T.00-160404-0002" not in rows.text
    assert 'href="/admin/report/form-06a?from=2016-04-01' in rows.text


def test_files_hold_the_thirteen_columns(centre):
    client = client_as(centre, "SUPERVISOR")

    book = load_workbook(io.BytesIO(client.get(f"/admin/report/form-06a.xlsx?{APRIL}&by=department").data))
    csv = client.get(f"/admin/report/form-06a.csv?{APRIL}&by=department").data.decode("utf-8-sig").splitlines()
    document = client.get(f"/admin/report/form-06a.json?{APRIL}&by=department").get_json()

    lines = list(book.active.values)
    assert [cell.split(")")[0] for cell in lines[0]] == [f"({n}" for n in range(1, 14)]
    expected = (3, 0, 3, 0, 2, 1, 0, 1, 1, 0, 1)
    assert lines[1:] == [(1, "Sở số 0", *expected), (None, "Tổng cộng", *expected)]
    assert csv[2] == "," + ",".join(str(cell) for cell in lines[2][1:])
    assert (document["total"]["population"], document["rows"][0]["department"]) == (3, "T.00")


@pytest.mark.parametrize("query", ["by=officer", "by=weather", "from=x", "from=2016-05-01&to=2016-04-01"])
def test_what_the_form_cannot_show_is_explained(centre, query):
    client = client_as(centre, "SUPERVISOR")

    assert client.get(f"/admin/report/form-06a?{query}").status_code == 422
    assert client.get(f"/admin/report/form-06a.csv?{query}").status_code == 422
    assert client.get(f"/admin/report/form-06a.pdf?{APRIL}").status_code == 404


def test_periods_of_a_year_are_added_and_chosen_by_name(centre):
    director, clerk = client_as(centre, "DIRECTOR"), client_as(centre, "RECEIVING_OFFICER", department_code="T.00")

    refused = send(director, "/admin/report/periods", {"year": "16", "kind": "MONTH"})
    added = send(director, "/admin/report/periods", {"year": "2016", "kind": ["MONTH", "QUARTER"]})

    assert (refused.status_code, added.status_code) == (422, 303)
    assert 'value="16"' in refused.text
    with centre.app_context(), Session(database().engine) as session, unscoped(session, "test"):
        april = session.scalars(select(ReportPeriod).where(ReportPeriod.name == "Tháng 4/2016")).one()
    page = clerk.get(f"/admin/report/settlement?period={april.id}&by=site")
    assert "Tháng 4/2016 · Từ 01/04/2016 đến 30/04/2016" in words_of(page)
    assert [clerk.get(f"/admin/report/settlement?period={key}").status_code for key in ("0", "x", "9" * 30)] == [
        422
    ] * 3
    assert clerk.get("/admin/report/periods").status_code == 403
