"""Signing in as three steps: what is right, what is refused, and what many at once learn."""

import statistics
import time
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.access import LoginAttempt, User
from services.passwords import Hashing, configure_hashing, password_hashing
from services.sign_in import SignIn, complete_sign_in, prepare_sign_in
from services.users import create_user
from tests.support.people import PASSWORD, make_user, seed_hall


def _try(session: Session, name: str, password: str, at: datetime, address: str = "10.0.0.1") -> SignIn:
    candidate = prepare_sign_in(session, user_name=name, address=address, device="", at=at)
    if candidate.retry_at is not None:
        return SignIn(retry_at=candidate.retry_at)
    return complete_sign_in(session, candidate, candidate.verify(password), device="mark", at=at)


@pytest.fixture
def user(session: Session, now: datetime) -> User:
    seed_hall(session)
    return make_user(session, "khai.ntm", "AUDITOR", at=now)


@pytest.mark.parametrize("name", ["khai.ntm", "KHAI.NTM", " khai.ntm "])
def test_the_right_password_gives_the_user(session: Session, user: User, now: datetime, name: str) -> None:
    assert _try(session, name, PASSWORD, now).user is user


def test_what_is_wrong_gives_nobody(session: Session, user: User, now: datetime) -> None:
    for name, password in (("khai.ntm", "wrong"), ("khai.ntm", ""), ("khai.ntm", PASSWORD + " "), ("nobody", PASSWORD)):
        assert _try(session, name, password, now) == SignIn()


def test_somebody_who_left_is_refused(session: Session, user: User, now: datetime) -> None:
    user.is_active = False
    session.flush()

    assert _try(session, "khai.ntm", PASSWORD, now) == SignIn()


def test_a_one_time_password_ends_after_a_day(session: Session, user: User, now: datetime) -> None:
    given = create_user(session, user_name="new.user", roles=["AUDITOR"], at=now)

    assert _try(session, "new.user", given.password, now + timedelta(hours=24)) == SignIn()
    let_in = _try(session, "new.user", given.password, now + timedelta(hours=23, minutes=59))
    assert let_in.user is given.user
    assert given.user.must_change_password


def test_a_password_changed_between_the_steps_is_refused(session: Session, user: User, now: datetime) -> None:
    candidate = prepare_sign_in(session, user_name="khai.ntm", address="10.0.0.1", device="", at=now)
    verdict = candidate.verify(PASSWORD)
    user.password_hash = password_hashing().hash("một mật khẩu khác hẳn")
    session.flush()

    assert complete_sign_in(session, candidate, verdict, device="mark", at=now) == SignIn()


def test_many_guesses_at_once_learn_no_more_than_the_brake_allows(session: Session, user: User, now: datetime) -> None:
    candidates = [
        prepare_sign_in(session, user_name="khai.ntm", address="10.0.0.1", device="", at=now) for _index in range(20)
    ]
    verdicts = [candidate.verify("wrong") for candidate in candidates[:-1]] + [candidates[-1].verify(PASSWORD)]

    results = [
        complete_sign_in(session, candidate, verdict, device="mark", at=now)
        for candidate, verdict in zip(candidates, verdicts, strict=True)
    ]

    assert [result.retry_at is None for result in results] == [True] * 5 + [False] * 15
    assert not any(result.user for result in results)
    assert session.scalar(select(func.count(LoginAttempt.id))) == 5


def test_what_was_typed_as_a_name_is_not_stored(session: Session, user: User, now: datetime) -> None:
    _try(session, PASSWORD, "x", now)

    stored = session.scalars(select(LoginAttempt)).one()
    assert len(stored.name_hash) == 64
    assert PASSWORD not in stored.name_hash


def test_a_stronger_cost_renews_the_hash_and_ends_no_session(session: Session, user: User, now: datetime) -> None:
    cheap, epoch = password_hashing(), user.access_epoch
    dearer = Hashing(time_cost=2, memory_kib=16, parallelism=1)
    configure_hashing(passwords=dearer, pins=cheap)
    try:
        assert _try(session, "khai.ntm", PASSWORD, now).user is user
        session.refresh(user)
        assert "m=16,t=2" in (user.password_hash or "")
        assert user.access_epoch == epoch
        assert _try(session, "khai.ntm", PASSWORD, now).user is user
    finally:
        configure_hashing(passwords=cheap, pins=cheap)


def test_names_known_and_unknown_take_the_same_time_through_all_steps(
    session: Session, user: User, now: datetime
) -> None:
    cheap = password_hashing()
    configure_hashing(passwords=Hashing(time_cost=3, memory_kib=16384, parallelism=1), pins=cheap)
    try:
        user.password_hash = password_hashing().hash(PASSWORD)
        session.flush()
        times: dict[str, list[float]] = {"khai.ntm": [], "nobody.here": []}
        for index in range(16):
            for name, taken in times.items():
                before = time.thread_time()  # not the clock on the wall: other tests run beside this one
                _try(session, name, "wrong", now + timedelta(days=index), f"10.0.{index}.1")
                taken.append(time.thread_time() - before)
    finally:
        configure_hashing(passwords=cheap, pins=cheap)

    medians = [statistics.median(taken) for taken in times.values()]

    assert abs(medians[0] - medians[1]) / max(medians) < 0.15, medians
