"""Freezing on pages: asked for, done once, shown with what differs today."""

from datetime import UTC, date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.frozen_figures import FrozenFigures
from models.report_period import PeriodKind, ReportPeriod
from models.states import DossierState as S
from models.states import EventKind as Kind
from services.session import unscoped
from tests.admin_views.test_report import at
from tests.services.settlement_world import Course, Happening, World
from tests.support.browser import set_clock
from tests.support.clients import client_as
from tests.support.screens import path_of, send, words_of
from web.database import database

MAY = datetime(2016, 5, 3, 3, tzinfo=UTC)


def test_month_is_frozen_once_and_shows_what_changed_since(app) -> None:
    set_clock(app, MAY)
    with app.app_context(), Session(database().engine) as session, unscoped(session, "test"):
        world = World(session)
        late_entry = Happening(at(7), Kind.RECEIVED, S.ACCEPTED, recorded_at=datetime(2016, 5, 9, tzinfo=UTC))
        for course in (Course(Happening(at(4), Kind.RECEIVED, S.ACCEPTED), due=at(20)), Course(late_entry, due=at(20))):
            world.add(course)
        april = ReportPeriod(
            name="Tháng 4/2016", kind=PeriodKind.MONTH, from_date=date(2016, 4, 1), until_date=date(2016, 4, 30)
        )
        session.add(april)
        session.commit()
        key = april.id
    director, supervisor = client_as(app, "DIRECTOR"), client_as(app, "SUPERVISOR")
    address = f"/admin/report/periods/{key}/freeze"

    asked, refused = director.get(address), supervisor.get(address)
    done = send(director, address, {"last_version": "0"})
    again = send(director, address, {"last_version": "0"})
    without_reason = send(director, address, {"last_version": "1", "reason": " "})

    assert (asked.status_code, refused.status_code) == (200, 403)
    assert [answer.status_code for answer in (done, again, without_reason)] == [303, 409, 422]
    assert "Số liệu này vừa được chốt thành bản 1" in again.text
    frozen = f"{path_of(done)}?{done.headers['Location'].partition('?')[2]}"
    assert "Chưa có gì thay đổi" in words_of(supervisor.get(frozen))
    with app.app_context(), Session(database().engine) as session, unscoped(session, "test"):
        frozen_id = session.scalar(select(FrozenFigures.id))
    set_clock(app, MAY.replace(day=20))
    page = supervisor.get(frozen)
    link = f"/admin/report/frozen/{frozen_id}/changes?by=department&amp;key=&amp;figure=received"
    assert link in page.text
    assert "hôm nay 2" in words_of(page)
    rows = words_of(supervisor.get(link.replace("&amp;", "&")))
    assert "T.00-160404-0002" in rows
    assert "thêm vào Không được tính" in rows
    assert supervisor.get(f"/admin/report/frozen/{frozen_id}/changes?figure=id").status_code == 404
    assert supervisor.get(f"/admin/report/frozen/{frozen_id}/changes?figure=late&after=x").status_code == 404
    assert supervisor.get(f"/admin/report/frozen/{frozen_id + 1}/changes?figure=late").status_code == 404
    assert "Tháng 4/2016" in words_of(supervisor.get(f"/admin/report_period/details/?id={key}"))
