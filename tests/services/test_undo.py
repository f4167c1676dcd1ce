"""A batch taken back as a whole: what goes back, what stays and why, and that twice is once."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

import services.undo
from models.access import Role, User
from models.applicant import Applicant
from models.audit import AuditEvent, AuditPayload
from models.base import Base
from models.batch import Batch, BatchKind, BatchRow, BatchState
from models.calendar import WorkingHours
from models.dossier import Dossier
from models.organisation import Department
from models.procedure import Procedure
from services.deletion import delete_row
from services.history import list_history
from services.jobs import advance_batch
from services.roles import build_actor
from services.session import acting, including_deleted
from services.undo import (
    CHANGED_SINCE,
    ERASED,
    FIELDS_CHANGED_SINCE,
    KEPT,
    NOT_YOURS,
    NotUndoableError,
    can_undo,
    preview_undo,
    undo_batch,
    undo_create,
)
from tests.factories import make_row
from tests.support.legacy import counts as legacy_counts
from tests.support.legacy import open_table, take_in
from tests.support.roles import have_roles

AT = datetime(2026, 9, 16, 3, 0, tzinfo=UTC)


def person(session: Session, role: str) -> User:
    have_roles(session)
    found = session.scalars(select(Role).where(Role.code == role)).one()
    return make_row(session, User, display_name=role.title(), roles=[found], must_change_password=False)


def finished(session: Session, user: User, kind: BatchKind = BatchKind.ACTION) -> Batch:
    return make_row(session, Batch, kind=kind, state=BatchState.FINISHED, user=user, total_count=0, title="Sửa loạt")


def undone(session: Session, batch: Batch, user: User) -> Batch:
    """Take ``batch`` back in the name of ``user``, to the end."""
    with acting(session, build_actor(session, user), at=AT):
        undo = undo_batch(session, batch, title="Hoàn lại", at=AT)
        session.commit()
    while advance_batch(session, undo.id, at=AT) is not None:
        session.commit()
    session.refresh(undo)
    return undo


def counts(batch: Batch) -> tuple[int, int, int]:
    return batch.updated_count, batch.unchanged_count, batch.refused_count


def reasons(session: Session, batch: Batch) -> dict[str | None, tuple[str | None, Any]]:
    rows = session.scalars(select(BatchRow).where(BatchRow.batch_id == batch.id))
    return {row.code: (row.reason, row.reason_values) for row in rows}


def test_everything_goes_back_but_what_was_changed_since(session: Session) -> None:
    admin = person(session, "ADMIN")
    kept, renamed, deleted, moved = (make_row(session, Department, name=f"Sở {n}", phone="1") for n in range(4))
    hours, linked = make_row(session, WorkingHours), make_row(session, User, roles=[])
    batch = finished(session, admin)
    session.commit()
    hours_key, role = hours.id, admin.roles[0]
    with acting(session, build_actor(session, admin), at=AT, batch_id=batch.id), session.no_autoflush:
        for row in (kept, renamed, moved):
            row.name, row.phone, row.parent = f"{row.name} mới", "2", deleted
        linked.roles = [role]
        session.commit()
        delete_row(session, deleted, at=AT)
        session.delete(hours)
        session.add(made := Department(code="N1", name="Mới 1", kind=kept.kind))
        session.add(touched := Department(code="N2", name="Mới 2", kind=kept.kind))
        session.commit()
    renamed.name, moved.parent, touched.phone = "Tên khác", None, "3"
    session.commit()
    assert preview_undo(session, batch).counts == {
        ("department", "create"): 2,
        ("department", "edit"): 4,
        ("user_account", "edit"): 1,
        ("working_hours", "delete"): 1,
    }
    assert preview_undo(session, batch).changed_since == 3

    undo = undone(session, batch, admin)

    with including_deleted(session):
        session.expire_all()
        assert (kept.name, kept.phone, kept.parent_id) == ("Sở 0", "1", None)
        assert (renamed.name, renamed.phone, renamed.parent_id) == ("Tên khác", "1", None)
        assert (moved.name, moved.phone, moved.parent_id) == ("Sở 3", "1", None)
        assert (deleted.deleted_at, linked.roles) == (None, [])
        assert made.deleted_at == AT
        assert touched.deleted_at is None
        assert session.get_one(WorkingHours, hours_key).weekday is not None
    assert reasons(session, undo) == {
        "Tên khác": (FIELDS_CHANGED_SINCE, {"fields": ["Name"]}),
        "Mới 2": (CHANGED_SINCE, {}),
    }
    assert (undo.state, counts(undo), undo.total_count) == (BatchState.FINISHED, (6, 0, 2), 8)
    assert batch.undone_by is undo
    assert list_history(session, Department, kept.id).changes[0].batch_id == undo.id
    assert not can_undo(session, batch)
    with acting(session, build_actor(session, admin), at=AT):
        assert undo_batch(session, batch, title="Lần nữa", at=AT) is undo


def test_a_run_that_was_stopped_goes_on_and_finds_its_own_work_done(session: Session) -> None:
    admin = person(session, "ADMIN")
    rows = [make_row(session, Department, phone="1") for _ in range(3)]
    batch = finished(session, admin)
    session.commit()
    with acting(session, build_actor(session, admin), at=AT, batch_id=batch.id):
        for row in rows:
            row.phone = "2"
        session.commit()
    first = undone(session, batch, admin)
    rows[0].phone = "2"
    first.state = BatchState.CANCELLED
    session.commit()

    second = undone(session, batch, admin)

    assert (counts(first), counts(second)) == ((3, 0, 0), (1, 2, 0))
    assert [row.phone for row in rows] == ["1", "1", "1"]
    assert batch.undone_by is second


def test_each_kind_of_row_is_put_away_in_its_own_way(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    admin = person(session, "ADMIN")
    batch = finished(session, admin, BatchKind.ROWS)
    session.commit()
    with acting(session, build_actor(session, admin), at=AT, batch_id=batch.id):
        applicant, other = make_row(session, Applicant), make_row(session, Batch)
        session.commit()
    put: list[Any] = []
    monkeypatch.setattr(services.undo, "_PUT_AWAY", {})  # what is registered here is forgotten after the test
    undo_create(Applicant)(lambda _session, row, at: put.append((row, at)))

    undo = undone(session, batch, admin)

    assert put == [(applicant, AT)]
    assert (other.id is not None, counts(undo)) == (True, (1, 0, 0))


def test_what_nobody_knows_any_more_or_is_never_deleted_stays(session: Session) -> None:
    admin = person(session, "ADMIN")
    row = make_row(session, Department, phone="1")
    batch = finished(session, admin, BatchKind.ROWS)
    session.commit()
    with acting(session, build_actor(session, admin), at=AT, batch_id=batch.id):
        row.phone = "2"
        session.commit()
        visit: Base = make_row(session, type_of("visit"))
        session.commit()
    own = select(AuditEvent.id).where(AuditEvent.entity == "department", AuditEvent.action == "edit")
    session.get_one(AuditPayload, session.execute(own.add_columns(AuditEvent.at)).one()).body = None
    session.commit()

    undo = undone(session, batch, admin)

    found = {reason for reason, _values in reasons(session, undo).values()}
    assert {ERASED, KEPT} <= found
    assert (row.phone, visit in session) == ("2", True)


def type_of(entity: str) -> type[Base]:
    return next(mapper.class_ for mapper in Base.registry.mappers if mapper.class_.__tablename__ == entity)


def test_whose_own_action_it_was_takes_it_back_as_far_as_their_rights_reach(session: Session) -> None:
    head, admin = person(session, "DEPARTMENT_HEAD"), person(session, "ADMIN")
    row = make_row(session, Department, phone="1")
    own, foreign = finished(session, head), finished(session, admin)
    running = make_row(session, Batch, kind=BatchKind.ACTION, state=BatchState.RUNNING, user=head, total_count=0)
    session.commit()
    with acting(session, build_actor(session, admin), at=AT, batch_id=own.id):
        row.phone = "2"  # what the head may not edit
        session.commit()

    actor = build_actor(session, head)
    assert actor.permit("batch", "undo") is None
    assert actor.permit("department", "read") is not None
    with acting(session, actor, at=AT):
        assert [can_undo(session, batch) for batch in (own, foreign, running)] == [True, False, False]
        with pytest.raises(NotUndoableError):
            undo_batch(session, foreign, title="Hoàn lại", at=AT)
    undo = undone(session, own, head)
    assert [reason for reason, _values in reasons(session, undo).values()] == [NOT_YOURS]
    assert row.phone == "2"


def test_imported_dossiers_and_their_steps_are_gone_from_everywhere_and_come_in_again(
    session: Session, tmp_path: Path
) -> None:
    admin = person(session, "ADMIN")
    row = {"procedure_code": "1.004194", "department_code": "Sở Tư pháp", "received_at": "2016-04-04 08:30"}
    files = [row | {"legacy_code": "a", "applicant_name": "Nguyễn An"}, row | {"state": "5"}]
    source = open_table(tmp_path / "a.csv", files)
    batch = take_in(session, source, AT)
    steps = open_table(
        tmp_path / "b.csv",
        [{"legacy_code": "a", "event": "PROCESSING", "occurred_at": "2016-04-05 09:00"}],
        BatchKind.DOSSIER_EVENTS,
    )
    told = take_in(session, steps, AT, BatchKind.DOSSIER_EVENTS)
    dossiers = session.scalars(select(Dossier)).all()

    undone(session, told, admin)
    undo = undone(session, batch, admin)

    assert reasons(session, undo) == {}
    for model in (Dossier, Applicant, Procedure):
        assert session.scalars(select(model)).all() == []
    for dossier in dossiers:
        session.refresh(dossier)
        assert dossier.annulled_at is not None
        assert len(dossier.events) > 1
    assert legacy_counts(take_in(session, source, AT)) == (2, 0, 0, 0)


def test_an_undo_is_not_undone(session: Session) -> None:
    admin = person(session, "ADMIN")
    batch = finished(session, admin)
    session.commit()
    undo = undone(session, batch, admin)

    assert (undo.state, undo.total_count) == (BatchState.FINISHED, 0)
    with acting(session, build_actor(session, admin)):
        assert not can_undo(session, undo)
