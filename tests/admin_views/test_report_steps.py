"""Time per step as a page and as files."""

import io

from flask import Flask
from openpyxl import load_workbook

from models.states import ResultKind
from services import dossiers
from tests.support.browser import database_of, set_clock
from tests.support.centre import Centre, receive
from tests.support.clients import client_as
from tests.support.screens import words_of

MAY = "from=2017-05-01&to=2017-05-31"


def test_working_and_waiting_time_of_a_step_stand_apart(app: Flask, now) -> None:
    with database_of(app) as session:
        centre = Centre(session, now)
        dossier = receive(centre)
        with centre.acting_as(centre.officer):
            dossiers.start_work(session, dossier, at=now.replace(hour=3))
            dossiers.request_payment(session, dossier, reason="Lệ phí trước bạ", at=now.replace(hour=4))
            dossiers.settle_payment(session, dossier, at=now.replace(day=18, hour=4))
            dossiers.finish_dossier(session, dossier, at=now.replace(day=18, hour=7), kind=ResultKind.GRANTED)
        session.commit()
    set_clock(app, now.replace(day=20))
    client, stranger = client_as(app, "DIRECTOR"), client_as(app, "DEPARTMENT_HEAD", department_code="H19.08")

    page = client.get(f"/admin/report/steps?{MAY}")
    document = client.get(f"/admin/report/steps.json?{MAY}").get_json()
    book = load_workbook(io.BytesIO(client.get(f"/admin/report/steps.xlsx?{MAY}").data))

    assert "Sở Giao thông vận tải Xử lý 1 2 giờ 2 giờ 1 ngày –" in words_of(page)
    assert [(row["step"], row["used_seconds"], row["waited_seconds"]) for row in document["rows"]] == [
        ("Tiếp nhận", 3600, 0), ("Xử lý", 7200, 86400),
    ]  # fmt: skip
    assert [line[1:9] for line in list(book.active.values)[1:]] == [
        ("Tiếp nhận", "thời gian làm việc", 1, 1, 1, 1, 0, 0), ("Xử lý", "thời gian làm việc", 1, 1, 2, 2, 24, 0),
    ]  # fmt: skip
    assert client.get(f"/admin/report/steps.csv?{MAY}").data.decode("utf-8-sig").count("\n") == 3
    assert "Trong kỳ này không có hồ sơ nào kết thúc" in stranger.get(f"/admin/report/steps?{MAY}").text
    assert client.get("/admin/report/steps?from=x").status_code == 422
    assert client.get("/admin/report/steps.csv?from=x").status_code == 422
    assert client.get("/admin/report/steps.pdf").status_code == 404
