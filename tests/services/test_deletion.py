"""Deleting and restoring: out of sight, names kept, unique among the living, rules of single entities."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from models.access import Role, User
from models.actor import Actor, Permit, ScopeLevel
from models.audit import AuditEvent
from models.batch import Batch, BatchRow
from models.calendar import WorkingHours
from models.organisation import Counter, Department, Site
from models.staff import CounterSession, Staff
from services.deletion import (
    NotInBinError,
    RoleHeldError,
    RowInUseError,
    ServedNowError,
    Use,
    ValueTakenError,
    delete_row,
    last_editor,
    list_uses,
    restore_row,
)
from services.errors import DeniedError
from services.listing import DELETED, ListRequest, list_rows
from services.roles import seed_roles
from services.session import acting, including_deleted
from tests.factories import make_row

JANITOR = Actor(
    user_id=None, permits={("counter", "read"): Permit(ScopeLevel.ALL), ("counter", "delete"): Permit(ScopeLevel.ALL)}
)
READER = Actor(permits={("counter", "read"): Permit(ScopeLevel.ALL)})


def test_a_deleted_row_is_in_no_select_but_keeps_its_name_where_it_is_referred_to(
    session: Session, now: datetime
) -> None:
    counter = make_row(session, Counter, name="Quầy hộ tịch")
    other = make_row(session, Counter, name="Quầy đất đai", site=counter.site)
    key, site_id = counter.id, counter.site_id
    hours = make_row(session, WorkingHours, site=counter.site)
    delete_row(session, counter, at=now)
    delete_row(session, counter.site, at=now)
    session.commit()
    named = aliased(Counter)

    assert session.scalars(select(Counter)).all() == [other]
    assert session.scalars(select(named.name)).all() == ["Quầy đất đai"]
    assert session.scalar(select(func.count()).select_from(Counter)) == 1
    assert session.scalar(select(func.count(Counter.id))) == 1
    assert list_rows(session, Counter, ListRequest(search="ho tich"), at=now).rows == []
    assert (list_rows(session, Counter, ListRequest(), at=now).count, other.site.deleted_at) == (1, now)
    joined = select(WorkingHours.id, Site.name).join(Site, Site.id == WorkingHours.site_id)
    assert session.execute(joined).all() == [(hours.id, other.site.name)]
    session.expunge_all()
    assert session.get(Counter, key) is None
    with including_deleted(session):
        assert session.get_one(Counter, key).site.id == site_id


def test_the_bin_shows_deleted_rows_to_whom_may_restore_them_and_to_nobody_else(
    session: Session, now: datetime
) -> None:
    counters = [make_row(session, Counter, number=number, name=f"Quầy {number}") for number in range(1, 5)]
    for counter in counters[:2]:
        delete_row(session, counter, at=now)
    session.commit()
    asked = ListRequest(quick=DELETED)

    with acting(session, JANITOR):
        found = list_rows(session, Counter, asked, at=now)
        assert ([row.number for row in found.rows], found.count) == ([1, 2], 2)
        restore_row(session, found.rows[0])
        assert [row.number for row in list_rows(session, Counter, asked, at=now).rows] == [2]
        with pytest.raises(NotInBinError):
            restore_row(session, found.rows[0])
    with acting(session, READER):
        assert [row.number for row in list_rows(session, Counter, asked, at=now).rows] == [1, 3, 4]
        with pytest.raises(DeniedError):
            delete_row(session, counters[3], at=now)
    assert last_editor(session, counters[1]) == ""


def test_what_is_unique_is_so_among_the_living(session: Session, now: datetime) -> None:
    site, department = make_row(session, Site), make_row(session, Department, code="H19.07")
    first = make_row(session, Counter, number=7, site=site)
    delete_row(session, first, at=now)
    delete_row(session, department, at=now)
    session.flush()
    second = make_row(session, Counter, number=7, site=site)
    make_row(session, Department, code="H19.07", name="Sở Xây dựng")

    with pytest.raises(ValueTakenError) as counter_taken:
        restore_row(session, first)
    with pytest.raises(ValueTakenError) as department_taken:
        restore_row(session, department)
    delete_row(session, second, at=now + timedelta(minutes=1))
    restore_row(session, first)

    assert counter_taken.value.values == {"name": str(first), "value": f"{site}, 7"}
    assert department_taken.value.values["value"] == "H19.07"
    assert (first.deleted_at, second.deleted_at) == (None, now + timedelta(minutes=1))


def test_uses_are_counted_by_entity_and_only_the_living_count(session: Session, now: datetime) -> None:
    seed_roles(session)
    department = make_row(session, Department)
    staff = [make_row(session, Staff, department=department) for _number in range(3)]
    make_row(session, Counter, department=department)
    delete_row(session, staff[0], at=now)
    role = make_row(session, Role, code="ARCHIVIST")
    make_row(session, User, user_name="khai.ntm", roles=[role])
    session.flush()

    assert list_uses(session, department) == [Use("staff", 2), Use("counter", 1)]
    assert list_uses(session, role) == [Use("user_account", 1)]
    assert list_uses(session, staff[1]) == []


def test_nobody_is_deleted_while_serving_and_no_role_that_is_held(session: Session, now: datetime) -> None:
    seed_roles(session)
    serving = make_row(session, CounterSession, counter=make_row(session, Counter), staff=make_row(session, Staff))
    role = make_row(session, Role, code="ARCHIVIST")
    user = make_row(session, User, user_name="khai.ntm", roles=[role])
    system_role = session.scalars(select(Role).where(Role.code == "AUDITOR")).one()

    for row, refused in (
        (serving.counter, ServedNowError),
        (serving.staff, ServedNowError),
        (serving.counter.site, ServedNowError),
        (role, RoleHeldError),
        (system_role, RoleHeldError),
    ):
        with pytest.raises(refused):
            delete_row(session, row, at=now)
    serving.ended_at, user.roles = now, []
    session.flush()
    for row in (serving.counter, serving.staff, serving.counter.site, role):
        delete_row(session, row, at=now)

    assert {serving.counter.deleted_at, serving.staff.deleted_at, role.deleted_at} == {now}


def test_a_row_without_a_bin_is_deleted_for_good_or_says_that_it_is_used(session: Session, now: datetime) -> None:
    hours, batch_row = make_row(session, WorkingHours), make_row(session, BatchRow)
    session.commit()
    key = hours.id

    delete_row(session, hours, at=now)
    with pytest.raises(RowInUseError):
        delete_row(session, batch_row.batch, at=now)
    session.commit()

    assert session.get(WorkingHours, key) is None
    assert session.get(Batch, batch_row.batch_id) is not None
    events = select(AuditEvent.action).where(AuditEvent.entity == "working_hours").order_by(AuditEvent.id)
    assert session.scalars(events).all() == ["create", "delete"]
