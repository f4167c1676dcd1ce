"""Sign-ins on the server: what a token is worth at which instant."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from models.access import User
from services.login_sessions import (
    Limits,
    SessionState,
    end_session,
    find_session,
    hash_token,
    list_open_sessions,
    lock_session,
    needs_renewal,
    renew_session,
    start_session,
    unlock_session,
)
from tests.support.people import make_staff, make_user, seed_hall

LIMITS = Limits(idle=timedelta(minutes=15), absolute=timedelta(hours=10))


@pytest.fixture
def user(session: Session, now: datetime) -> User:
    seed_hall(session)
    return make_user(session, "khai.ntm", "RECEIVING_OFFICER", at=now, staff=make_staff(session, "1042"))


def _state(session: Session, token: str, at: datetime) -> SessionState:
    return find_session(session, token, limits=LIMITS, at=at).state


def test_a_token_has_256_random_bits_and_only_its_hash_is_stored(session: Session, user: User, now: datetime) -> None:
    made = [start_session(session, user=user, limits=LIMITS, at=now) for _index in range(50)]

    assert len({token for _login, token in made}) == 50
    assert all(len(token) == 43 for _login, token in made)
    assert all(login.token_hash == hash_token(token) != token for login, token in made)


def test_a_session_is_open_then_locked_by_idleness_then_over(session: Session, user: User, now: datetime) -> None:
    _login, token = start_session(session, user=user, limits=LIMITS, at=now)

    assert _state(session, "no such token", now) is SessionState.NONE
    assert _state(session, token, now + timedelta(minutes=14, seconds=59)) is SessionState.OPEN
    assert _state(session, token, now + timedelta(minutes=15)) is SessionState.LOCKED
    assert _state(session, token, now + timedelta(hours=10)) is SessionState.EXPIRED


def test_use_moves_idleness_but_not_the_absolute_limit(session: Session, user: User, now: datetime) -> None:
    login, token = start_session(session, user=user, limits=LIMITS, at=now)

    renew_session(session, login.id, at=now + timedelta(minutes=10))
    session.refresh(login)

    assert not needs_renewal(login, at=now + timedelta(minutes=10, seconds=59))
    assert needs_renewal(login, at=now + timedelta(minutes=11))
    assert _state(session, token, now + timedelta(minutes=24)) is SessionState.OPEN
    assert login.expires_at == now + timedelta(hours=10)


def test_use_never_opens_what_is_locked_or_over_and_never_goes_back(
    session: Session, user: User, now: datetime
) -> None:
    locked, _token = start_session(session, user=user, limits=LIMITS, at=now)
    ended, _token = start_session(session, user=user, limits=LIMITS, at=now)
    later, _token = start_session(session, user=user, limits=LIMITS, at=now)
    lock_session(session, locked, at=now)
    end_session(session, ended, reason="signed_out", at=now)
    for login in (locked, ended):
        renew_session(session, login.id, at=now + timedelta(minutes=5))
    renew_session(session, later.id, at=now - timedelta(minutes=5))
    for login in (locked, ended, later):
        session.refresh(login)

    assert [login.seen_at for login in (locked, ended, later)] == [now, now, now]


def test_unlocking_gives_a_new_token_and_the_old_one_is_worth_nothing(
    session: Session, user: User, now: datetime
) -> None:
    login, old = start_session(session, user=user, limits=LIMITS, at=now)
    lock_session(session, login, at=now)
    assert _state(session, old, now) is SessionState.LOCKED

    new = unlock_session(session, login, at=now + timedelta(hours=1))

    assert _state(session, old, now + timedelta(hours=1)) is SessionState.NONE
    assert _state(session, new, now + timedelta(hours=1)) is SessionState.OPEN


def test_an_ended_session_stays_as_it_ended(session: Session, user: User, now: datetime) -> None:
    login, token = start_session(session, user=user, limits=LIMITS, at=now)

    end_session(session, login, reason="signed_out", at=now)
    end_session(session, login, reason="taken_over", at=now + timedelta(hours=1))

    assert _state(session, token, now) is SessionState.ENDED
    assert (login.ended_at, login.end_reason) == (now, "signed_out")


def test_a_higher_epoch_or_a_deactivation_ends_it(session: Session, user: User, now: datetime) -> None:
    _login, token = start_session(session, user=user, limits=LIMITS, at=now)
    user.access_epoch += 1
    session.flush()

    assert _state(session, token, now) is SessionState.RIGHTS_CHANGED


def test_the_list_holds_what_can_still_be_used(session: Session, user: User, now: datetime) -> None:
    first, _token = start_session(session, user=user, limits=LIMITS, at=now)
    locked, _token = start_session(session, user=user, limits=LIMITS, at=now + timedelta(minutes=1))
    ended, _token = start_session(session, user=user, limits=LIMITS, at=now)
    start_session(session, user=user, limits=LIMITS, at=now - timedelta(hours=11))
    other = make_user(session, "other", "AUDITOR", at=now)
    start_session(session, user=other, limits=LIMITS, at=now)
    lock_session(session, locked, at=now)
    end_session(session, ended, reason="signed_out", at=now)

    listed = list_open_sessions(session, user, limits=LIMITS, at=now + timedelta(minutes=2))

    assert listed == [locked, first]


def test_finding_a_session_with_person_and_counter_costs_one_query(
    session: Session, user: User, now: datetime, count_queries: Callable[..., AbstractContextManager[list[str]]]
) -> None:
    _login, token = start_session(session, user=user, limits=LIMITS, at=now)
    session.expunge_all()

    with count_queries(session.get_bind()) as seen:
        found = find_session(session, token, limits=LIMITS, at=now)
        assert found.login is not None
        assert found.login.user.staff is not None
        assert found.login.user.staff.badge_number == "1042"

    assert len(seen) == 1, "\n".join(seen)
