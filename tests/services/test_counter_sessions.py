"""Who serves at which counter: opened, taken over, closed; one at a counter and one counter a person."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.access import LoginAttempt
from models.organisation import Counter
from models.staff import CounterSession, Staff
from services.counter_sessions import (
    CounterNotInUseError,
    StaffNotActiveError,
    close_counter_session,
    find_open_counter_session,
    open_counter_session,
    take_over_counter,
)
from services.passwords import Hashing
from tests.support.people import PIN, make_staff, make_user, seed_hall

HOUR = timedelta(hours=1)


@pytest.fixture
def counters(session: Session) -> list[Counter]:
    seed_hall(session)
    return list(session.scalars(select(Counter).order_by(Counter.number)))


@pytest.fixture
def khai(session: Session, counters: list[Counter], now: datetime) -> Staff:
    staff = make_staff(session, "1042")
    make_user(session, "khai.ntm", "RECEIVING_OFFICER", at=now, staff=staff)
    return staff


@pytest.fixture
def huy(session: Session, counters: list[Counter], now: datetime) -> Staff:
    staff = make_staff(session, "1077", "Trương Công Huy")
    make_user(session, "huy.tc", "RECEIVING_OFFICER", at=now, staff=staff)
    return staff


def test_opening_ends_the_predecessor_and_ones_other_counter(
    session: Session, counters: list[Counter], khai: Staff, huy: Staff, now: datetime
) -> None:
    first = open_counter_session(session, counter=counters[0], staff=khai, at=now)
    second = open_counter_session(session, counter=counters[1], staff=huy, at=now)

    third = open_counter_session(session, counter=counters[1], staff=khai, at=now + HOUR)

    assert (first.ended_at, second.ended_at, third.ended_at) == (now + HOUR, now + HOUR, None)
    assert find_open_counter_session(session, counters[0].id) is None
    assert find_open_counter_session(session, counters[1].id) is third
    assert (third.started_at, third.recorded_at) == (now + HOUR, now + HOUR)


def test_opening_again_goes_on(session: Session, counters: list[Counter], khai: Staff, now: datetime) -> None:
    first = open_counter_session(session, counter=counters[0], staff=khai, at=now)

    assert open_counter_session(session, counter=counters[0], staff=khai, at=now + HOUR) is first
    assert first.ended_at is None


def test_nobody_who_left_and_no_counter_out_of_use(
    session: Session, counters: list[Counter], khai: Staff, now: datetime
) -> None:
    counters[0].is_active = False
    with pytest.raises(CounterNotInUseError):
        open_counter_session(session, counter=counters[0], staff=khai, at=now)
    khai.is_active = False
    with pytest.raises(StaffNotActiveError):
        open_counter_session(session, counter=counters[1], staff=khai, at=now)


def test_closing_frees_the_counter_once(session: Session, counters: list[Counter], khai: Staff, now: datetime) -> None:
    opened = open_counter_session(session, counter=counters[0], staff=khai, at=now)

    close_counter_session(session, counter_session=opened, at=now + HOUR)
    close_counter_session(session, counter_session=opened, at=now + 2 * HOUR)

    assert opened.ended_at == now + HOUR
    assert find_open_counter_session(session, counters[0].id) is None


def test_a_clock_that_steps_back_ends_no_session_before_it_began(
    session: Session, counters: list[Counter], khai: Staff, huy: Staff, now: datetime
) -> None:
    first = open_counter_session(session, counter=counters[0], staff=khai, at=now)

    open_counter_session(session, counter=counters[0], staff=huy, at=now - HOUR)

    assert first.ended_at == now


def test_badge_and_pin_take_the_counter_over(
    session: Session, counters: list[Counter], khai: Staff, huy: Staff, now: datetime
) -> None:
    before = open_counter_session(session, counter=counters[0], staff=khai, at=now)

    done = take_over_counter(session, counter=counters[0], badge=" 1077 ", pin=PIN, at=now + HOUR)

    assert done.counter_session is find_open_counter_session(session, counters[0].id)
    assert done.counter_session is not None
    assert (done.counter_session.staff, done.user.user_name if done.user else "") == (huy, "huy.tc")
    assert before.ended_at == now + HOUR


def _without_pin(staff: Staff) -> None:
    staff.pin_hash = None


def _gone(staff: Staff) -> None:
    staff.is_active = False


@pytest.mark.parametrize("change", [_without_pin, _gone])
def test_whoever_has_no_pin_or_left_is_refused(
    session: Session, counters: list[Counter], khai: Staff, huy: Staff, now: datetime, change: object
) -> None:
    open_counter_session(session, counter=counters[0], staff=khai, at=now)
    change(huy)  # type: ignore[operator]
    session.flush()

    done = take_over_counter(session, counter=counters[0], badge="1077", pin=PIN, at=now)

    assert (done.counter_session, done.user, done.retry_at) == (None, None, None)
    serving = find_open_counter_session(session, counters[0].id)
    assert serving is not None
    assert serving.staff is khai


@pytest.mark.parametrize("attribute", ["is_active", "must_change_password", "none"])
def test_a_badge_whose_sign_in_cannot_be_used_is_refused(
    session: Session, counters: list[Counter], now: datetime, attribute: str
) -> None:
    staff = make_staff(session, "1090")
    if attribute != "none":
        user = make_user(session, "somebody", "RECEIVING_OFFICER", at=now, staff=staff)
        setattr(user, attribute, attribute == "must_change_password")
        session.flush()

    assert take_over_counter(session, counter=counters[0], badge="1090", pin=PIN, at=now).counter_session is None


def test_wrong_pins_are_braked_per_badge_at_every_counter(
    session: Session, counters: list[Counter], khai: Staff, huy: Staff, now: datetime
) -> None:
    for index in range(4):
        counter = counters[index % 3]
        refused = take_over_counter(session, counter=counter, badge="1077", pin="9999", at=now + index * HOUR / 3600)
        assert refused.retry_at is None
    at = now + HOUR / 3600 * 3

    braked = take_over_counter(session, counter=counters[0], badge="1077", pin=PIN, at=at)
    other = take_over_counter(session, counter=counters[0], badge="1042", pin=PIN, at=at)
    later = take_over_counter(session, counter=counters[0], badge="1077", pin=PIN, at=at + timedelta(seconds=30))

    assert braked.retry_at == at + timedelta(seconds=30)
    assert braked.counter_session is None
    assert other.counter_session is not None
    assert later.counter_session is not None
    assert session.scalar(select(func.count(LoginAttempt.id)).where(LoginAttempt.succeeded.is_(False))) == 4
    assert session.scalar(select(func.count(CounterSession.id)).where(CounterSession.ended_at.is_(None))) == 1


def test_a_pin_of_another_cost_is_renewed_when_it_is_right(
    session: Session, counters: list[Counter], huy: Staff, now: datetime
) -> None:
    huy.pin_hash = Hashing(time_cost=2, memory_kib=16, parallelism=1).hash(PIN)
    session.flush()

    take_over_counter(session, counter=counters[0], badge="1077", pin=PIN, at=now)

    assert "m=8,t=1" in (huy.pin_hash or "")
