"""What happened to a row, and what of it whom is told."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from models import screens
from models.access import Role, User
from models.actor import Actor, Permit, ScopeLevel
from models.audit import AuditEvent
from models.base import Base
from models.evaluation import AskState, Rating, RatingEventKind, Surface
from models.organisation import Department, DepartmentKind
from models.procedure import Procedure
from services.asks import issue_ask, record_ask_event
from services.audit import record_act, record_read
from services.history import Difference, Linked, get_change, last_deletion, list_history
from services.ratings import CitizenEvent, record_rating_event
from services.scales import find_default_scale
from services.session import acting
from tests.factories import make_row
from tests.support.evaluation import Hall

AT = datetime(2026, 9, 16, 3, 0, tzinfo=UTC)


def reader(entity: str, *, level: int = 0, **more: Permit) -> Actor:
    """Return somebody who may read ``entity``, its history, departments and roles, up to a field level."""
    permits = {(entity, "read"): Permit(ScopeLevel.ALL, level), ("department", "read"): Permit(ScopeLevel.ALL)}
    return Actor(user_id=1, permits={**permits, **{(name, "read"): permit for name, permit in more.items()}})


def pairs(differences: tuple[Difference, ...]) -> dict[str, tuple[Any, Any]]:
    return {difference.attribute.key: (difference.before, difference.after) for difference in differences}


@pytest.fixture
def department(session: Session) -> Department:
    """A department that was added, renamed and moved by somebody who acted for another."""
    clerk, head = make_row(session, User, display_name="Nguyễn An"), make_row(session, User, display_name="Lê Bình")
    parent = make_row(session, Department, name="Uỷ ban")
    session.commit()
    row = Department(code="H19.07", name="Sở Xây dựng", kind=DepartmentKind.DEPARTMENT)
    with acting(session, Actor(user_id=clerk.id, acting_for_id=head.id, system=True, reason="reorganised"), at=AT):
        session.add(row)
        session.commit()
        row.name, row.kind = "Sở Giao thông", DepartmentKind.BOARD
        session.commit()
        row.parent, row.is_imported = parent, True
        session.commit()
    return row


def test_each_change_says_who_for_whom_when_why_and_what_in_the_words_of_the_model(
    session: Session, department: Department
) -> None:
    with acting(session, reader("department")):
        found = list_history(session, Department, department.id)

    newest, middle, first = found.changes
    assert [(c.label, c.who, c.acting_for, c.at, c.reason) for c in found.changes] == [
        (label, "Nguyễn An", "Lê Bình", AT, "reorganised") for label in ("Edited", "Edited", "Added")
    ]
    parent = Linked(department.parent_id or 0, "Uỷ ban")
    assert pairs(newest.differences) == {"parent": (None, parent), "is_imported": (False, True)}
    assert pairs(middle.differences) == {
        "name": ("Sở Xây dựng", "Sở Giao thông"),
        "kind": (DepartmentKind.DEPARTMENT, DepartmentKind.BOARD),
    }
    assert [d.attribute.field.label for d in middle.differences] == ["Name", "Kind"]
    assert pairs(first.differences)["code"] == (None, "H19.07")
    assert found.next_before is None


def test_pages_are_walked_without_gap_or_repetition(session: Session, department: Department) -> None:
    for number in range(8):
        department.name = f"Sở {number}"
        record_read(session, department)
        session.commit()
    seen, before = [], None
    with acting(session, reader("department")):
        while True:
            page = list_history(session, Department, department.id, before=before, page_size=3)
            seen += [change.differences[0].after for change in page.changes if change.label == "Edited"]
            assert len(page.changes) == 3 or page.next_before is None
            before = page.next_before
            if before is None:
                break

    assert seen[:8] == [f"Sở {number}" for number in range(7, -1, -1)]
    assert len(seen) == 10


def test_what_is_above_the_readers_level_and_secrets_never_were(session: Session) -> None:
    user = make_row(session, User, display_name="Trần Chi")
    session.commit()
    user.roles = [Role(code="CLERK", name="Cán bộ")]
    session.commit()
    user.password_hash = "x"
    session.commit()
    user.password_hash, user.display_name = "y", "Trần Thị Chi"
    session.commit()

    with acting(session, reader("user_account")):
        low = list_history(session, User, user.id).changes
    with acting(session, reader("user_account", level=1, role=Permit(ScopeLevel.ALL))):
        high = list_history(session, User, user.id).changes
    assert [set(pairs(change.differences)) for change in low[:-1]] == [{"display_name"}]
    assert [set(pairs(change.differences)) for change in high[:-1]] == [{"display_name"}, {"roles"}]
    assert pairs(high[1].differences) == {"roles": ((), (Linked(user.roles[0].id, "Cán bộ"),))}
    assert {"password_hash", "roles"} & set(pairs(low[-1].differences)) == set()


def test_a_linked_row_that_the_reader_may_not_see_has_no_name(session: Session, department: Department) -> None:
    own = Actor(
        user_id=1,
        permits={("department", "read"): Permit(ScopeLevel.DEPARTMENT)},
        department_ids=frozenset({department.id}),
    )
    with acting(session, own):
        newest = list_history(session, Department, department.id).changes[0]

    assert pairs(newest.differences)["parent"] == (None, Linked(department.parent_id or 0, ""))


def test_reads_and_devices_are_told_to_readers_of_the_audit_only(session: Session, department: Department) -> None:
    record_read(session, department, "counter")
    with acting(session, Actor(tablet_id=5, system=True)):
        record_act(session, "department", department.id, "edit", name=["a", "b"])
        session.commit()

    with acting(session, reader("department")):
        plain = list_history(session, Department, department.id).changes
    with acting(session, reader("department", audit=Permit(ScopeLevel.ALL))):
        full = list_history(session, Department, department.id).changes
    assert [change.label for change in plain] == ["Edited", "Edited", "Added"]
    assert [(change.label, change.is_by_device) for change in full[:2]] == [("Edited", True), ("Read", False)]


def test_an_erased_change_says_so(session: Session, department: Department) -> None:
    session.execute(text("UPDATE audit_payload SET body = NULL"))

    with acting(session, reader("department")):
        found = list_history(session, Department, department.id).changes
    assert [(change.is_erased, change.differences) for change in found] == [(True, ())] * 3


def test_one_change_is_found_by_its_row_only(session: Session, department: Department) -> None:
    with acting(session, reader("department")):
        newest = list_history(session, Department, department.id).changes[0]

        assert get_change(session, Department, department.id, newest.id) == newest
        assert get_change(session, Department, department.id + 1, newest.id) is None
        assert get_change(session, Procedure, department.id, newest.id) is None


def test_a_deleted_row_keeps_its_history(session: Session, department: Department) -> None:
    key = department.id
    assert last_deletion(session, Department, key) is None
    session.delete(department)
    session.commit()

    with acting(session, reader("department")):
        newest = list_history(session, Department, key).changes[0]
        deleted = last_deletion(session, Department, key)
    assert deleted is not None
    assert (newest.label, newest.id) == ("Deleted", deleted.id)
    assert pairs(newest.differences)["name"] == ("Sở Giao thông", None)


def test_a_rating_leaves_no_trace_in_any_history(session: Session) -> None:
    rated = {"ask", "ask_event", "ask_transaction", "rating", "rating_event", "rating_text", "rating_standing"}
    hall = Hall(session, AT)
    dealing = hall.make_dealing()
    ask = issue_ask(session, transaction=dealing, at=AT)
    assert ask is not None
    session.commit()
    before = session.scalar(select(func.max(AuditEvent.id)))
    record_ask_event(session, ask=ask, state=AskState.SHOWN, surface=Surface.TABLET, occurred_at=AT, at=AT)
    scale = find_default_scale(session)
    assert scale is not None
    answer = CitizenEvent(
        key="event-1",
        rating_key="rating-1",
        kind=RatingEventKind.SCORE,
        sequence=1,
        occurred_at=AT,
        scale_id=scale.id,
        level=2,
        level_order=(1, 2, 3, 4, 5),
    )
    record_rating_event(session, ask=ask, event=answer, surface=Surface.TABLET, at=AT)
    session.commit()

    assert session.scalar(select(func.count()).select_from(Rating)) == 1
    written = set(session.scalars(select(AuditEvent.entity).where(AuditEvent.id > before)))
    assert written & {model.__tablename__ for model in screens()} == set()
    assert rated & {model.__tablename__ for model in screens()} == set()
    assert rated <= set(Base.metadata.tables)
