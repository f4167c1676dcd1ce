"""Users: made with a one-time password, choosing their own, setting a PIN."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.access import User
from models.audit import AuditEvent, AuditPayload
from services.passwords import PasswordTooCommonError, PinTooEasyError, password_hashing, pin_hashing
from services.users import (
    NoStaffMemberError,
    PasswordUnchangedError,
    RoleUnknownError,
    UserNameTakenError,
    UserNotActiveError,
    UserUnknownError,
    change_password,
    change_pin,
    clear_pin,
    create_user,
    get_user_by_name,
    has_administrator,
    reset_password,
)
from tests.support.people import PASSWORD, PIN, make_staff, make_user, seed_hall


@pytest.fixture
def user(session: Session, now: datetime) -> User:
    seed_hall(session)
    return make_user(session, "khai.ntm", "RECEIVING_OFFICER", at=now, staff=make_staff(session, "1042"))


def test_a_new_user_has_a_one_time_password_for_a_day(session: Session, user: User, now: datetime) -> None:
    given = create_user(session, user_name=" Huy.TC", roles=["AUDITOR", "AUDITOR"], display_name="Huy", at=now)

    made = given.user
    assert (made.user_name, made.display_name, [role.code for role in made.roles]) == ("huy.tc", "Huy", ["AUDITOR"])
    assert password_hashing().verify(made.password_hash, given.password).is_right
    assert (made.must_change_password, made.password_expires_at) == (True, now + timedelta(hours=24))
    assert given.expires_at == now + timedelta(hours=24)


def test_a_user_takes_the_name_of_their_person(session: Session, user: User, now: datetime) -> None:
    staff = make_staff(session, "1077", "Trương Công Huy")

    given = create_user(session, user_name="huy.tc", roles=["RECEIVING_OFFICER"], staff=staff, at=now)

    assert given.user.display_name == "Trương Công Huy"


def test_what_cannot_be_made_is_said(session: Session, user: User, now: datetime) -> None:
    with pytest.raises(UserNameTakenError):
        create_user(session, user_name="KHAI.ntm", roles=["AUDITOR"], at=now)
    with pytest.raises(RoleUnknownError, match=r"CLERK.*ADMIN, AUDITOR"):
        create_user(session, user_name="huy.tc", roles=["CLERK"], at=now)
    with pytest.raises(UserUnknownError):
        get_user_by_name(session, "huy.tc")
    assert get_user_by_name(session, "Khai.NTM") is user


def test_a_reset_replaces_the_password_and_ends_sessions(session: Session, user: User, now: datetime) -> None:
    epoch = user.access_epoch

    given = reset_password(session, user=user, at=now)

    assert not password_hashing().verify(user.password_hash, PASSWORD).is_right
    assert password_hashing().verify(user.password_hash, given.password).is_right
    assert (user.must_change_password, user.access_epoch) == (True, epoch + 1)


def test_nobody_inactive_gets_a_password(session: Session, user: User, now: datetime) -> None:
    user.is_active = False
    with pytest.raises(UserNotActiveError):
        reset_password(session, user=user, at=now)


def test_a_password_of_ones_own_lasts(session: Session, user: User, now: datetime) -> None:
    given = reset_password(session, user=user, at=now)
    epoch = user.access_epoch

    change_password(session, user=user, present=given.password, new="vua lua chin vang", at=now + timedelta(hours=1))

    assert password_hashing().verify(user.password_hash, "vua lua chin vang").is_right
    assert (user.must_change_password, user.password_expires_at) == (False, None)
    assert (user.password_changed_at, user.access_epoch) == (now + timedelta(hours=1), epoch + 1)


def test_a_bad_or_unchanged_password_changes_nothing(session: Session, user: User, now: datetime) -> None:
    before = user.password_hash

    with pytest.raises(PasswordUnchangedError):
        change_password(session, user=user, present=PASSWORD, new=PASSWORD, at=now)
    with pytest.raises(PasswordTooCommonError):
        change_password(session, user=user, present=PASSWORD, new="password1234", at=now)

    assert user.password_hash == before


def test_a_pin_belongs_to_a_badge(session: Session, user: User, now: datetime) -> None:
    change_pin(session, user=user, pin="730915"[:4])
    assert user.staff is not None
    assert pin_hashing().verify(user.staff.pin_hash, "7309").is_right
    with pytest.raises(PinTooEasyError):
        change_pin(session, user=user, pin="1234")
    with pytest.raises(NoStaffMemberError):
        change_pin(session, user=make_user(session, "auditor", "AUDITOR", at=now), pin=PIN)

    clear_pin(session, staff=user.staff)

    assert user.staff.pin_hash is None


def test_whether_there_is_an_administrator(session: Session, user: User, now: datetime) -> None:
    assert not has_administrator(session)
    create_user(session, user_name="admin", roles=["ADMIN"], at=now)
    assert has_administrator(session)


def test_neither_password_nor_hash_nor_pin_reaches_the_audit_trail(session: Session, user: User, now: datetime) -> None:
    given = reset_password(session, user=user, at=now)
    change_pin(session, user=user, pin="7309")
    session.commit()

    bodies = [str(body) for body in session.scalars(select(AuditPayload.body))]

    assert session.scalars(select(AuditEvent.action).where(AuditEvent.action == "one_time_password")).all() != []
    for secret in (given.password, "argon2", "7309"):
        assert not any(secret in body for body in bodies)
