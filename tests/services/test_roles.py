"""Roles as data: seeded once, then theirs who edit them; and what an actor may do follows from them."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from models import screens
from models.access import Permission, Role, Scope, SeededGrant
from models.actor import Permit, ScopeLevel
from models.base import Grant
from models.organisation import Department
from services.roles import ROLE_NAMES, build_actor, default_grants, seed_roles
from tests.support.people import make_staff, make_user, seed_hall


def _permission(session: Session, role: str, entity: str, action: str) -> Permission | None:
    found = (
        select(Permission).join(Role).where(Role.code == role, Permission.entity == entity, Permission.action == action)
    )
    return session.scalars(found).one_or_none()


def test_seeding_gives_every_role_what_the_screens_declare(session: Session) -> None:
    added = seed_roles(session)

    assert {role.code for role in session.scalars(select(Role))} == set(ROLE_NAMES)
    stored = {
        (p.role.code, p.entity, p.action, p.scope.scope_level, p.level) for p in session.scalars(select(Permission))
    }
    declared = {
        (role, model.__tablename__, action)
        for model in screens()
        for role, grants in vars(model)["__screen__"].grants.items()
        for grant in ((grants,) if isinstance(grants, Grant) else grants)
        for action in grant.actions
    }
    assert declared <= {row[:3] for row in stored}
    assert stored <= set(default_grants())
    assert len(stored) == added


def test_seeding_again_changes_nothing_that_was_edited(session: Session) -> None:
    seed_roles(session)
    edited = _permission(session, "SUPERVISOR", "staff", "read")
    removed = _permission(session, "AUDITOR", "staff", "read")
    assert edited is not None
    assert removed is not None
    edited.scope = Scope.OWN
    session.delete(removed)
    session.flush()

    added = seed_roles(session)

    assert added == 0
    assert _permission(session, "SUPERVISOR", "staff", "read") is edited
    assert edited.scope is Scope.OWN
    assert _permission(session, "AUDITOR", "staff", "read") is None


def test_an_entity_that_is_new_gets_its_defaults(session: Session) -> None:
    seed_roles(session)
    expected = sorted(row for row in default_grants() if row[1] == "site")
    session.execute(delete(Permission).where(Permission.entity == "site"))
    session.execute(delete(SeededGrant).where(SeededGrant.entity == "site"))
    session.expire_all()

    added = seed_roles(session)

    assert added == len(expected)
    stored = [
        (p.role.code, p.entity, p.action, p.scope.scope_level, p.level)
        for p in session.scalars(select(Permission).where(Permission.entity == "site"))
    ]
    assert sorted(stored) == expected


def test_names_of_roles_are_stored_in_the_language_of_the_office(session: Session) -> None:
    seed_roles(session, translate=lambda text: f"[{text}]")

    assert session.scalars(select(Role.name).where(Role.code == "AUDITOR")).one() == "[Auditor]"


def test_an_actor_holds_the_union_of_its_roles_with_the_widest_reach(session: Session, now: datetime) -> None:
    counter = seed_hall(session)
    staff = make_staff(session, "1042")
    user = make_user(session, "khai.ntm", "RECEIVING_OFFICER", "SUPERVISOR", at=now, staff=staff)
    for code, scope, level in (("RECEIVING_OFFICER", Scope.OWN, 2), ("SUPERVISOR", Scope.DEPARTMENT, 1)):
        role = session.scalars(select(Role).where(Role.code == code)).one()
        role.permissions.append(Permission(entity="thing", action="read", scope=scope, level=level))
    session.flush()

    actor = build_actor(session, user, counter.id, request_id="r1", address="10.0.0.1")

    assert actor.roles == {"RECEIVING_OFFICER", "SUPERVISOR"}
    assert actor.permit("thing", "read") == Permit(ScopeLevel.DEPARTMENT, 1)
    assert actor.permit("review", "read") == Permit(ScopeLevel.ALL, 0)
    assert actor.permit("user_account", "edit") is None
    assert (actor.user_id, actor.staff_id, actor.counter_id) == (user.id, staff.id, counter.id)
    assert (actor.site_id, actor.department_ids) == (counter.site_id, {staff.department_id})
    assert (actor.name, actor.request_id, actor.address) == ("Nguyễn Thị Minh Khai", "r1", "10.0.0.1")
    assert not actor.system


def test_a_tree_permission_reaches_the_departments_below_and_no_others(session: Session, now: datetime) -> None:
    seed_hall(session)
    head = make_user(session, "head", "DEPARTMENT_HEAD", at=now, department="H19.07")
    clerk = make_user(session, "clerk", "PROCESSING_OFFICER", at=now, department="H19.07.01")
    nobody = make_user(session, "nobody", "DEPARTMENT_HEAD", at=now)
    ids = {code: key for code, key in session.execute(select(Department.code, Department.id))}

    assert build_actor(session, head).tree_ids == {ids["H19.07"], ids["H19.07.01"]}
    assert build_actor(session, clerk).department_ids == {ids["H19.07.01"]}
    assert build_actor(session, nobody).tree_ids == frozenset()


def test_an_actor_costs_one_query_and_a_second_for_a_tree(
    session: Session, now: datetime, count_queries: Callable[..., AbstractContextManager[list[str]]]
) -> None:
    seed_hall(session)
    admin = make_user(session, "admin", "ADMIN", at=now)
    head = make_user(session, "head", "DEPARTMENT_HEAD", "ADMIN", at=now, department="H19.07")
    session.flush()

    with count_queries(session.get_bind()) as plain:
        build_actor(session, admin)
    with count_queries(session.get_bind()) as tree:
        build_actor(session, head)

    assert len(plain) == 1, "\n".join(plain)
    assert len(tree) == 2, "\n".join(tree)
