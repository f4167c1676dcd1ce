"""Acts on many rows at the screen: chosen by hand or all that match, previewed, done at once or as a job."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from models.access import Permission, Role, Scope
from models.audit import AuditEvent
from models.batch import Batch, BatchRow, BatchState
from models.organisation import Counter, Department, Site
from models.staff import Staff
from models.tablet import Tablet, TabletState
from services.bulk import GONE
from tests.factories import make_row
from tests.support.browser import database_of
from tests.support.clients import client_as, make_department
from tests.support.screens import path_of, send, send_on, words_of

COUNTER, STAFF = "/admin/counter/bulk/", "/admin/staff/bulk/"


def make_counters(app: Flask, number: int) -> list[int]:
    with database_of(app) as session:
        site, department = make_row(session, Site), make_row(session, Department, name="Sở Nông nghiệp")
        rows = [Counter(number=n, name=f"Quầy {n}", site=site, department=department) for n in range(1, number + 1)]
        session.add_all(rows)
        session.flush()
        return [row.id for row in rows]


def stored(app: Flask, statement: Any) -> list[Any]:
    with database_of(app) as session:
        rows = list(session.scalars(statement))
        session.expunge_all()  # so that they can be looked at without a session
        return rows


def chosen(*keys: int, act: str = "set") -> dict[str, Any]:
    return {"act": act, "key": [str(key) for key in keys], "listed": ""}


def test_a_field_is_set_on_chosen_rows_after_a_preview_and_only_once(any_app: Flask) -> None:
    keys = make_counters(any_app, 5)
    admin = client_as(any_app, "ADMIN")

    choose = send(admin, COUNTER, chosen(*keys[:3]))
    assert [name in choose.text for name in ('value="is_active"', 'value="number"', 'value="site"')] == [
        True, False, True,
    ]  # fmt: skip
    nothing = send_on(admin, choose, COUNTER, field="")
    preview = send_on(admin, choose, COUNTER, field="name", name="Quầy tạm")
    assert (nothing.status_code, preview.status_code) == (422, 200)
    assert "Quầy 1 Quầy 1 Quầy tạm" in words_of(preview).replace("1 · ", "")
    assert stored(any_app, select(Counter.name).where(Counter.id == keys[0])) == ["Quầy 1"], "only a preview"
    with database_of(any_app) as session:
        session.get_one(Counter, keys[1]).name = "Quầy ai đó sửa"

    first = send_on(admin, preview, COUNTER)
    again = send_on(admin, preview, COUNTER)

    assert path_of(first) == path_of(again)
    assert stored(any_app, select(Counter.name).order_by(Counter.id)) == [
        "Quầy tạm", "Quầy ai đó sửa", "Quầy tạm", "Quầy 4", "Quầy 5",
    ]  # fmt: skip
    (batch,) = stored(any_app, select(Batch))
    assert (batch.state, batch.updated_count, batch.refused_count) == (BatchState.FINISHED, 2, 1)
    assert batch.title == "Quầy: đặt “Tên”"
    said = words_of(admin.get(path_of(first)))
    assert "2 · Quầy ai đó sửa Người khác đã sửa bản ghi này sau khi được chọn." in said
    events = select(AuditEvent.entity_key).where(AuditEvent.batch_id == batch.id).order_by(AuditEvent.id)
    assert stored(any_app, events) == [str(keys[0]), str(keys[2])]


def test_all_that_match_are_a_job_that_the_page_drives_without_a_worker(any_app: Flask) -> None:
    make_counters(any_app, 450)
    admin = client_as(any_app, "ADMIN")
    asked = {"act": "set", "all": "1", "listed": "q=quay"}

    preview = send_on(admin, send(admin, COUNTER, asked), COUNTER, field="is_active")
    make_row_later(any_app)
    begun = send_on(admin, preview, COUNTER)
    place = path_of(begun)
    progress = []
    for _turn in range(4):
        if "/step" in (page := admin.get(place)).text:
            send_on(admin, page, f"{place}/step")
        (batch,) = stored(any_app, select(Batch))
        progress.append((batch.state.value, batch.done_count, batch.total_count))

    assert "Không có tiến trình" not in words_of(preview)
    assert progress == [("RUNNING", 200, 450), ("RUNNING", 400, 450), ("FINISHED", 450, 450), ("FINISHED", 450, 450)]
    assert stored(any_app, select(func.count(Counter.id)).where(Counter.is_active)) == [1], "what came later is spared"


def make_row_later(app: Flask) -> None:
    with database_of(app) as session:
        make_row(session, Counter, name="Quầy mở sau", number=999)


def test_another_departments_rows_are_in_no_all_and_in_no_choice(any_app: Flask) -> None:
    with database_of(any_app) as session:
        own, other = make_department(session, "H19.A", "Sở A"), make_department(session, "H19.B", "Sở B")
        mine = [make_row(session, Staff, department=own, job_title="Cũ").id for _n in range(3)]
        theirs, own_id = make_row(session, Staff, department=other, job_title="Cũ").id, own.id
    head = client_as(any_app, "DEPARTMENT_HEAD", department_code="H19.A")
    with database_of(any_app) as session:
        role = session.scalars(select(Role).where(Role.code == "DEPARTMENT_HEAD")).one()
        for action in ("bulk", "edit"):
            session.add(Permission(role=role, entity="staff", action=action, scope=Scope.DEPARTMENT))
        session.execute(
            update(Permission).where(Permission.entity == "staff", Permission.role_id == role.id)
            .values(scope=Scope.DEPARTMENT)
        )  # fmt: skip
    head = client_as(any_app, "DEPARTMENT_HEAD", department_code="H19.A")

    for asked in ({"act": "set", "all": "1", "listed": ""}, chosen(*mine, theirs)):
        choose = send(head, STAFF, asked)
        assert 'value="phone"' not in choose.text, "a level above the own one"
        preview = send_on(head, choose, STAFF, field="job_title", job_title="Mới")
        assert send_on(head, preview, STAFF).status_code == 303
        moved = send_on(head, send(head, STAFF, asked), STAFF, field="department", department=str(own_id))
        assert moved.status_code == 200

    titles = dict(pairs(any_app))
    assert ([titles[key] for key in mine], titles[theirs]) == (["Mới"] * 3, "Cũ")
    reasons = [row for row in stored(any_app, select(Batch.refused_count).order_by(Batch.id))]
    assert reasons == [0, 1]


def pairs(app: Flask) -> list[tuple[int, str | None]]:
    with database_of(app) as session:
        return [(key, title) for key, title in session.execute(select(Staff.id, Staff.job_title))]


def test_rows_are_deleted_restored_and_verbs_done_where_allowed(any_app: Flask) -> None:
    keys = make_counters(any_app, 4)
    admin, reader = client_as(any_app, "ADMIN"), client_as(any_app, "AUDITOR")

    assert send(reader, COUNTER, chosen(*keys, act="delete")).status_code == 403
    assert send(admin, COUNTER, chosen(*keys, act="restore")).status_code == 404, "only in the bin"
    assert send(admin, COUNTER, chosen(*keys, act="drop")).status_code == 404
    assert send(admin, "/admin/batch/bulk/", chosen(*keys, act="delete")).status_code == 403
    send_on(admin, send(admin, COUNTER, chosen(*keys[:3], act="delete")), COUNTER)
    assert stored(any_app, select(Counter.id)) == [keys[3]]
    in_bin = {"act": "restore", "all": "1", "listed": "v=deleted"}
    send(admin, COUNTER, {**in_bin, "act": "delete", "step": "run", "nonce": "again"})
    assert stored(any_app, select(BatchRow.reason)) == [GONE] * 3, "what lies in the bin is only taken out"
    send_on(admin, send(admin, COUNTER, in_bin), COUNTER)
    assert stored(any_app, select(Counter.id).order_by(Counter.id)) == keys

    with database_of(any_app) as session:
        tablets = [
            make_row(session, Tablet, state=state, counter=make_row(session, Counter, number=number)).id
            for number, state in ((101, TabletState.PAIRED), (102, TabletState.UNPAIRED))
        ]
    verb = chosen(*tablets, act="evaluation_desk.revoke")
    send_on(admin, send(admin, "/admin/tablet/bulk/", verb), "/admin/tablet/bulk/")

    assert stored(any_app, select(Tablet.state).order_by(Tablet.id)) == [TabletState.REVOKED, TabletState.UNPAIRED]
    titles = [batch.title for batch in stored(any_app, select(Batch).order_by(Batch.id))]
    assert titles == ["Quầy: Xoá", "Quầy: Xoá", "Quầy: Khôi phục", "Máy tính bảng: Thu hồi"]


@pytest.mark.parametrize(
    "fields",
    [
        {"act": "\x00"},
        {"act": "set", "key": ["x", "1.x", "9" * 30, "1.2.3", "-1"], "step": "run", "field": "name"},
        {"act": "set", "all": "1", "at": "x", "until": "x", "listed": "%%%&f.site=x&q=\x00", "step": "preview"},
        {"act": "set", "all": "1", "at": "9999-01-01", "until": "9" * 40, "step": "run", "field": "site", "site": "٣"},
        {"act": "delete", "step": "run", "key": ["0"], "nonce": "x" * 300},
    ],
)
def test_no_input_of_a_bulk_act_fails(app: Flask, fields: dict[str, Any]) -> None:
    admin: FlaskClient = client_as(app, "ADMIN")

    assert send(admin, COUNTER, fields).status_code in {200, 303, 404, 422}


def test_a_batch_is_shown_to_who_began_it_and_who_reads_the_audit(app: Flask) -> None:
    keys = make_counters(app, 2)
    admin, clerk, auditor = (client_as(app, role) for role in ("ADMIN", "RECEIVING_OFFICER", "AUDITOR"))
    preview = send(admin, COUNTER, {"act": "delete", "key": [f"{keys[0]}.1", f"{keys[1]}.9"], "listed": ""})
    place = path_of(send_on(admin, preview, COUNTER))

    said = {name: words_of(c.get(place)) for name, c in (("admin", admin), ("clerk", clerk), ("auditor", auditor))}

    assert {name: "2 · Quầy 2" in text for name, text in said.items()} == {
        "admin": True, "clerk": False, "auditor": True,
    }  # fmt: skip
    assert admin.get(f"{place}/refused.csv").text.splitlines()[1].startswith("1,2 · Quầy 2,")
    assert clerk.get(f"{place}/refused.csv").status_code == 404
    assert send(clerk, f"{place}/cancel", {}).status_code == 403
    assert send(admin, f"{place}/cancel", {}).status_code == 409
