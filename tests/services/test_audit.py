"""The audit chain: what is recorded, what a savepoint drops, and how tampering is found."""

import threading
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from models.access import Role, User
from models.actor import Actor
from models.audit import AuditEvent, AuditPayload
from models.organisation import Department, DepartmentKind
from services.audit import Pending, Verification, verify_chain, write_chain
from services.session import NoActorError, acting
from tests.factories import make_row


def make_department(code: str = "H19") -> Department:
    return Department(code=code, name="Sở Xây dựng", kind=DepartmentKind.DEPARTMENT)


def test_each_change_is_one_link_with_its_differences(session: Session) -> None:
    department = make_department()
    session.add(department)
    session.commit()
    department.name = "Sở Giao thông"
    session.commit()
    session.delete(department)
    session.commit()

    bodies = session.scalars(
        select(AuditPayload.body).join(AuditEvent, AuditEvent.id == AuditPayload.audit_id).order_by(AuditEvent.id)
    ).all()
    acts = session.execute(
        select(AuditEvent.id, AuditEvent.action, AuditEvent.entity_key).order_by(AuditEvent.id)
    ).all()
    assert [tuple(act) for act in acts] == [(1, "create", "1"), (2, "edit", "1"), (3, "delete", "1")]
    assert bodies[1] == {"name": ["Sở Xây dựng", "Sở Giao thông"]}
    assert bodies[2]["name"] == ["Sở Giao thông", None]
    assert verify_chain(session).links == 3


def test_rows_linked_by_relation_and_defaults_are_recorded_too(session: Session) -> None:
    parent, other = make_department("H19"), make_department("H20")
    child = make_department("H21")
    child.parent = parent
    session.add_all([parent, other, child])
    session.commit()
    child.parent = other  # on a row that a commit has expired
    session.commit()
    child.parent_id, child.parent = parent.id, parent
    session.flush()
    child.parent = other
    child.name = "Sở Xây dựng"  # as it is
    session.commit()
    child.parent = child.parent
    session.commit()

    statement = select(AuditEvent.action, AuditPayload.body).join(AuditPayload, AuditPayload.audit_id == AuditEvent.id)
    found = session.execute(statement.where(AuditEvent.entity_key == str(child.id)).order_by(AuditEvent.id)).all()
    keys = {"a": parent.id, "b": other.id}
    assert found[0].body["parent_id"] == [None, keys["a"]]
    assert found[0].body["is_imported"] == [None, False]
    assert [tuple(event) for event in found[1:]] == [
        ("edit", {"parent_id": [keys["a"], keys["b"]]}),
        ("edit", {"parent_id": [keys["b"], keys["a"]]}),
        ("edit", {"parent_id": [keys["a"], keys["b"]]}),
    ]


def test_a_list_of_linked_rows_is_recorded_by_key_and_name(session: Session) -> None:
    user = make_row(session, User, roles=[Role(code="CLERK", name="Cán bộ")])
    clerk = user.roles[0]
    session.commit()
    user.roles = [Role(code="HEAD", name="Trưởng phòng")]
    user.password_hash = "x"
    session.commit()
    user.password_hash = "y"
    session.commit()

    statement = select(AuditPayload.body).join(AuditEvent, AuditEvent.id == AuditPayload.audit_id)
    found = session.scalars(statement.where(AuditEvent.entity == "user_account").order_by(AuditEvent.id)).all()
    head = user.roles[0]
    assert [body and body.get("roles") for body in found[:2]] == [
        [[], [[clerk.id, "Cán bộ"]]],
        [[[clerk.id, "Cán bộ"]], [[head.id, "Trưởng phòng"]]],
    ]
    assert [body and body["password_hash"] for body in found[1:]] == [[None, "•••"], ["•••", "•••"]]


def test_what_a_savepoint_rolls_back_leaves_no_link(session: Session) -> None:
    session.add(make_department("H19"))
    with pytest.raises(ValueError, match="stop"), session.begin_nested():  # noqa: PT012 -- the block is the case
        session.add(make_department("H20"))
        session.flush()
        raise ValueError("stop")
    with session.begin_nested():
        session.add(make_department("H21"))
    session.commit()

    assert session.scalars(select(Department.code).order_by(Department.code)).all() == ["H19", "H21"]
    assert verify_chain(session).links == 2


def test_chain_holds_for_times_of_any_zone(session: Session) -> None:
    at = datetime(2026, 9, 16, 10, 0, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
    with acting(session, Actor(system=True, reason="test"), at=at):
        session.add(make_department())
        session.commit()

    assert session.scalars(select(AuditEvent.at)).one() == at
    assert verify_chain(session).is_intact


def test_a_session_without_an_actor_is_refused(engine: Engine) -> None:
    with Session(engine) as session:
        with pytest.raises(NoActorError):
            session.scalars(select(Department)).all()
        session.add(make_department())
        with pytest.raises(NoActorError):
            session.flush()
        session.rollback()


@pytest.mark.parametrize("statement", ["UPDATE audit_event SET action = 'read'", "DELETE FROM audit_event"])
def test_the_database_refuses_to_change_the_trail(session: Session, statement: str) -> None:
    session.add(make_department())
    session.commit()

    with pytest.raises(IntegrityError, match="audit_event is append-only"):
        session.execute(text(statement))


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("UPDATE audit_event SET user_id = 7 WHERE id = 2", "was changed after it was written"),
        ("DELETE FROM audit_event WHERE id = 2", "a link is missing or added"),
        ("DELETE FROM audit_event WHERE id = 3", "the head says 3 links, 2 are there"),
        ("UPDATE audit_payload SET body = '{}'", "its payload was changed"),
    ],
)
def test_verify_finds_what_was_changed_behind_the_triggers(session: Session, statement: str, fault: str) -> None:
    for code in ("H19", "H20", "H21"):
        session.add(make_department(code))
        session.commit()
    if session.get_bind().dialect.name == "sqlite":
        for verb in ("update", "delete"):
            session.execute(text(f"DROP TRIGGER audit_event_append_only_{verb}"))
    else:
        session.execute(text("ALTER TABLE audit_event DISABLE TRIGGER ALL"))
    session.execute(text(statement))

    result = verify_chain(session)
    assert not result.is_intact
    assert fault in result.fault


def test_an_erased_payload_is_not_tampering(session: Session) -> None:
    session.add(make_department())
    session.commit()
    session.execute(text("UPDATE audit_payload SET body = NULL"))

    assert verify_chain(session).is_intact


def test_two_that_begin_the_chain_at_once_are_put_in_order(engine: Engine) -> None:
    def begin() -> None:
        with Session(engine) as session, acting(session, Actor(system=True, reason="test")):
            session.add(make_department("H20"))
            session.commit()

    other = threading.Thread(target=begin)
    with engine.begin() as connection:
        record = Pending(entity="x", key="1", action="begin", changes={}, actor=Actor(system=True))
        write_chain(connection, [record], datetime.now(UTC))
        other.start()
        other.join(timeout=0.3)
        assert other.is_alive()
    other.join()

    with Session(engine) as session, acting(session, Actor(system=True)):
        assert verify_chain(session) == Verification(links=2)
