"""Taking a batch back on screen: what it would touch first, then once, with its progress."""

from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask

from models.access import User
from models.batch import Batch, BatchKind, BatchState
from models.organisation import Department
from services.roles import build_actor
from services.session import acting
from tests.admin_views.test_history_pages import signed_in, texts
from tests.factories import make_row
from tests.support.browser import database_of, set_clock
from tests.support.people import make_user, seed_hall


@pytest.fixture
def office(any_app: Flask) -> dict[str, Any]:
    """An administrator's action over two departments, one of which was changed again since."""
    now = set_clock(any_app, datetime.now(UTC)).now
    with database_of(any_app) as session:
        seed_hall(session)
        admin: User = make_user(session, "admin", "ADMIN", at=now)
        make_user(session, "clerk", "RECEIVING_OFFICER", at=now, department="H19.07")
        batch = make_row(
            session,
            Batch,
            public_id="batch-1",
            kind=BatchKind.ACTION,
            state=BatchState.FINISHED,
            user=admin,
            total_count=0,
            title="Sửa 2",
        )
        session.commit()
        rows = session.query(Department).filter(Department.code.in_(["H19.07", "H19.08"])).all()
        with acting(session, build_actor(session, admin), batch_id=batch.id):
            for row in rows:
                row.phone = "2"
            session.commit()
        rows[0].phone = "3"
        return {"app": any_app, "id": batch.id, "place": f"/admin/batches/{batch.public_id}/undo"}


def test_a_batch_is_taken_back_once_after_a_look_at_what_it_touches(office: dict[str, Any]) -> None:
    admin, clerk = signed_in(office["app"], "admin"), signed_in(office["app"], "clerk")
    assert office["place"] in admin.get(f"/admin/batch/details/?id={office['id']}").text
    assert office["place"] not in clerk.get(f"/admin/batch/details/?id={office['id']}").text
    assert clerk.get(office["place"]).status_code == clerk.post(office["place"]).status_code == 403

    shown = texts(admin.get(office["place"]).text)
    assert "1 bản ghi sau đó đã được sửa lại." in shown
    assert "thay đổi sẽ trở về như trước 2" in shown
    first, again = admin.post(office["place"]), admin.post(office["place"])
    assert (first.status_code, first.headers["Location"]) == (303, again.headers["Location"])
    page = first.headers["Location"]
    while admin.post(f"{page}/step", headers={"HX-Request": "true"}).headers.get("HX-Refresh") != "true":
        pass

    result = texts(admin.get(page).text)
    assert "Sau đó đã sửa lại nên giữ nguyên các trường: Điện thoại." in result
    with database_of(office["app"]) as session:
        phones = session.query(Department.phone).filter(Department.code.in_(["H19.07", "H19.08"]))
        assert sorted(str(phone) for (phone,) in phones) == ["3", "None"]
    assert admin.get(office["place"]).headers["Location"] == page
    assert "Hoàn lại: Sửa 2" in admin.get(f"/admin/batch/details/?id={office['id']}").text
