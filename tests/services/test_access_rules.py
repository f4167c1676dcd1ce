"""Nobody hands out more than they hold, the last administrator stays, whoever is concerned signs in again."""

from datetime import datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.access import Permission, Role, Scope, User
from services.access_rules import (
    AccountAboveYouError,
    AdministratorNeedsError,
    LastAdministratorError,
    PermissionNotHeldError,
    PermissionUnknownError,
    RoleNotHeldError,
    UserNameNotValidError,
)
from services.roles import build_actor
from services.session import DeniedError, acting
from services.users import create_user, reset_password
from tests.support.people import make_user, seed_hall


@pytest.fixture
def admin(session: Session, now: datetime) -> User:
    seed_hall(session)
    return make_user(session, "admin", "ADMIN", at=now)


@pytest.fixture
def manager(session: Session, admin: User, now: datetime) -> User:
    """Somebody who looks after users and roles without being administrator."""
    role = Role(code="MANAGER", name="Manager", permissions=[])
    for entity in ("user_account", "role", "permission"):
        for action in ("read", "create", "edit", "delete", "reset_password"):
            role.permissions.append(Permission(entity=entity, action=action, scope=Scope.ALL, level=1))
    role.permissions.append(Permission(entity="staff", action="read", scope=Scope.DEPARTMENT, level=0))
    session.add(role)
    session.flush()
    return make_user(session, "manager", "MANAGER", at=now, department="H19.07")


def _role(session: Session, code: str) -> Role:
    return session.scalars(select(Role).where(Role.code == code)).one()


def _permission(session: Session, role: str, entity: str, action: str) -> Permission:
    found = select(Permission).join(Role)
    return session.scalars(
        found.where(Role.code == role, Permission.entity == entity, Permission.action == action)
    ).one()


def test_a_manager_cannot_hand_out_or_take_away_what_they_do_not_hold(
    session: Session, admin: User, manager: User, now: datetime
) -> None:
    clerk = make_user(session, "clerk", "RECEIVING_OFFICER", at=now)
    actor = build_actor(session, manager)
    session.commit()

    with acting(session, actor):
        clerk.roles = [*clerk.roles, _role(session, "MANAGER")]
        with pytest.raises(AccountAboveYouError):
            session.flush()
        session.rollback()
        manager.roles = [*manager.roles, _role(session, "ADMIN")]
        with pytest.raises(RoleNotHeldError):
            session.flush()
        session.rollback()
        clerk.roles = []
        with pytest.raises(RoleNotHeldError):
            session.flush()
        session.rollback()
        with pytest.raises(RoleNotHeldError):
            create_user(session, user_name="new.one", roles=["AUDITOR"], at=now)
        session.rollback()
        create_user(session, user_name="new.one", roles=["MANAGER"], at=now)


def test_a_manager_cannot_take_over_the_account_of_somebody_who_may_do_more(
    session: Session, admin: User, manager: User, now: datetime
) -> None:
    actor = build_actor(session, manager)
    before = admin.password_hash
    session.commit()

    with acting(session, actor):
        with pytest.raises(AccountAboveYouError):
            reset_password(session, user=admin, at=now)
        session.rollback()
        admin.is_active = False
        with pytest.raises(AccountAboveYouError):
            session.flush()
        session.rollback()

    assert (admin.password_hash, admin.is_active) == (before, True)


def test_without_the_right_nobody_resets_a_password(
    session: Session, admin: User, manager: User, now: datetime
) -> None:
    clerk = make_user(session, "clerk", "RECEIVING_OFFICER", at=now)

    with acting(session, build_actor(session, clerk)), pytest.raises(DeniedError):
        reset_password(session, user=clerk, at=now)


def test_a_manager_cannot_make_a_role_reach_further_than_themselves(
    session: Session, admin: User, manager: User
) -> None:
    actor = build_actor(session, manager)
    own = _role(session, "MANAGER")
    session.commit()

    with acting(session, actor):
        for entity, action, scope, level in (
            ("dossier", "read", Scope.OWN, 0),
            ("staff", "edit", Scope.OWN, 0),
            ("staff", "read", Scope.OWN, 1),  # a narrower reach does not pay for a higher level
            ("staff", "list", Scope.ALL, 0),
        ):
            own.permissions.append(Permission(entity=entity, action=action, scope=scope, level=level))
            with pytest.raises(PermissionNotHeldError):
                session.flush()
            session.rollback()
        _permission(session, "MANAGER", "staff", "read").scope = Scope.TREE
        with pytest.raises(PermissionNotHeldError):
            session.flush()
        session.rollback()
        session.delete(_permission(session, "AUDITOR", "site", "read"))
        with pytest.raises(PermissionNotHeldError):
            session.flush()
        session.rollback()
        _permission(session, "MANAGER", "staff", "read").scope = Scope.OWN
        session.flush()


def test_an_administrator_may_grant_everything(session: Session, admin: User, now: datetime) -> None:
    actor = build_actor(session, admin)

    with acting(session, actor):
        given = create_user(session, user_name="head.dept", roles=["DIRECTOR", "AUDITOR"], at=now)

    assert {role.code for role in given.user.roles} == {"DIRECTOR", "AUDITOR"}


@pytest.mark.parametrize("is_expired", [False, True])
def test_the_last_active_administrator_stays(session: Session, admin: User, now: datetime, is_expired: bool) -> None:
    gone = make_user(session, "gone", "ADMIN", at=now)
    gone.is_active = False
    session.commit()

    for change in (lambda: setattr(admin, "is_active", False), lambda: setattr(admin, "roles", [])):
        if is_expired:
            session.expire_all()
        else:
            session.refresh(admin)
        change()
        with pytest.raises(LastAdministratorError):
            session.flush()
        session.rollback()

    make_user(session, "second", "ADMIN", at=now)
    admin.is_active = False
    session.flush()


def test_two_administrators_cannot_leave_in_one_act(session: Session, admin: User, now: datetime) -> None:
    second = make_user(session, "second", "ADMIN", at=now)
    session.commit()

    admin.is_active, second.roles = False, []

    with pytest.raises(LastAdministratorError):
        session.flush()


def test_the_administrators_role_keeps_what_mends_roles(session: Session, admin: User) -> None:
    session.commit()

    for change in ("scope", "action", "delete"):
        permission = _permission(session, "ADMIN", "permission", "edit")
        if change == "delete":
            session.delete(permission)
        elif change == "scope":
            permission.scope = Scope.OWN
        else:
            permission.action = "nothing"
        with pytest.raises(AdministratorNeedsError):
            session.flush()
        session.rollback()
    session.delete(_permission(session, "ADMIN", "site", "edit"))
    session.flush()


@pytest.mark.parametrize("name", ["ab", "Nguyễn.Khai", ".khai", "khai.", "a b c", "khai@ntm", "х" * 5, "a" * 61, ""])
def test_a_user_name_is_plain_and_unmistakable(session: Session, admin: User, name: str) -> None:
    session.add(User(user_name=name, display_name="Somebody"))

    with pytest.raises(UserNameNotValidError):
        session.flush()


def test_a_user_name_is_stored_in_one_form(session: Session, admin: User) -> None:
    session.add(User(user_name=" Khai.NTM ", display_name="Nguyễn Thị Minh Khai"))
    session.flush()

    assert (
        session.scalars(select(User.user_name).where(User.display_name == "Nguyễn Thị Minh Khai")).one() == "khai.ntm"
    )


def test_epochs_rise_for_those_concerned_only(session: Session, admin: User, manager: User, now: datetime) -> None:
    auditor = make_user(session, "auditor", "AUDITOR", at=now)
    users = [admin, manager, auditor]

    def _epochs() -> list[int]:
        session.flush()
        session.expire_all()
        return [user.access_epoch for user in users]

    assert _epochs() == [1, 1, 1]
    auditor.display_name = "Somebody else"
    assert _epochs() == [1, 1, 1]
    auditor.password_hash = "another"
    assert _epochs() == [1, 1, 2]
    manager.roles = [*manager.roles, _role(session, "AUDITOR")]
    assert _epochs() == [1, 2, 2]
    _permission(session, "AUDITOR", "site", "read").scope = Scope.OWN
    assert _epochs() == [1, 3, 3]
    moved = _permission(session, "ADMIN", "site", "edit")
    moved.role = _role(session, "AUDITOR")
    assert _epochs() == [2, 4, 4]
    session.delete(_permission(session, "AUDITOR", "site", "read"))
    auditor.is_active = False
    assert _epochs()[:2] == [2, 5]


def test_a_permission_moved_by_its_key_concerns_both_roles(session: Session, admin: User, now: datetime) -> None:
    users = [make_user(session, "auditor", "AUDITOR", at=now), make_user(session, "director", "DIRECTOR", at=now)]
    session.commit()
    moved = _permission(session, "AUDITOR", "site", "read")
    session.delete(_permission(session, "DIRECTOR", "site", "read"))
    session.commit()
    before = [user.access_epoch for user in users]

    moved.role_id = _role(session, "DIRECTOR").id
    session.commit()

    assert [user.access_epoch for user in users] == [epoch + 1 for epoch in before]


def test_an_administrator_cannot_grant_what_does_not_exist(session: Session, admin: User) -> None:
    actor = build_actor(session, admin)
    role = _role(session, "AUDITOR")
    session.commit()

    with acting(session, actor):
        role.permissions.append(Permission(entity=" Site ", action="EDIT", scope=Scope.ALL, level=0))
        session.flush()
        role.permissions.append(Permission(entity="dosier", action="read", scope=Scope.ALL, level=0))
        with pytest.raises(PermissionUnknownError):
            session.flush()
