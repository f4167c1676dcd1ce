"""Many people at once: guesses, sign-ins, take-overs and administrators who strip each other."""

import threading
from collections import Counter as Tally
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import func, select

from models.access import LoginAttempt, User
from models.organisation import Counter
from models.staff import CounterSession
from services.access_rules import LastAdministratorError
from tests.support.browser import Browser, database_of
from tests.support.people import PIN, make_staff, make_user, seed_hall

pytestmark = pytest.mark.timeout(180)


@pytest.fixture
def hall(any_app: Flask) -> Flask:
    now = datetime.now(UTC)
    with database_of(any_app) as session:
        seed_hall(session)
        for name in ("admin", "second"):
            make_user(session, name, "ADMIN", at=now)
        for badge in range(1040, 1048):
            staff = make_staff(session, str(badge), f"Cán bộ {badge}")
            make_user(session, f"clerk{badge}", "RECEIVING_OFFICER", at=now, staff=staff)
    return any_app


def _at_once(acts: Sequence[Callable[[], object]]) -> list[object]:
    """Run ``acts`` in threads that start together; give what each returned or raised."""
    start = threading.Barrier(len(acts))
    results: list[object] = [None] * len(acts)

    def _run(index: int) -> None:
        start.wait(30)
        try:
            results[index] = acts[index]()
        except Exception as error:
            results[index] = error

    threads = [threading.Thread(target=_run, args=(index,)) for index in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    return results


def test_guesses_at_once_learn_no_more_than_one_after_the_other(hall: Flask) -> None:
    attackers = [Browser(hall) for _index in range(12)]
    for browser in attackers:
        browser.get("/login")

    def _guess(browser: Browser, number: int) -> Callable[[], object]:
        return lambda: browser.post("/login", user_name="admin", password=f"guess {number}").status_code

    statuses = Tally(_at_once([_guess(browser, number) for number, browser in enumerate(attackers)]))

    assert statuses[422] <= 5
    assert set(statuses) <= {422, 429, 503}
    with database_of(hall) as session:
        assert session.scalar(select(func.count(LoginAttempt.id))) == statuses[422]


def test_an_office_signs_in_at_nine(hall: Flask) -> None:
    people = [Browser(hall) for _index in range(8)]

    def _arrive(browser: Browser, number: int) -> Callable[[], object]:
        def _try() -> object:
            for _attempt in range(20):
                status = browser.sign_in(f"clerk{1040 + number}").status_code
                if status != 503:
                    return status
            return 503

        return _try

    assert _at_once([_arrive(browser, number) for number, browser in enumerate(people)]) == [303] * 8


def test_one_of_many_who_take_a_counter_over_at_once_serves_there(hall: Flask) -> None:
    with database_of(hall) as session:
        counter_id = session.scalars(select(Counter.id).where(Counter.number == 1)).one()
    people = [Browser(hall) for _index in range(6)]
    for number, browser in enumerate(people):
        browser.sign_in(f"clerk{1040 + number}")
        browser.post("/counter", counter_id=str(counter_id))
        browser.get("/counter/take-over")

    def _take(browser: Browser, number: int) -> Callable[[], object]:
        badge = str(1040 + (number + 1) % 6)
        return lambda: browser.post("/counter/take-over", badge=badge, pin=PIN).status_code

    statuses = Tally(_at_once([_take(browser, number) for number, browser in enumerate(people)]))

    assert set(statuses) <= {303, 409, 503}
    assert statuses[303] >= 1
    with database_of(hall) as session:
        serving = session.scalars(select(CounterSession.counter_id).where(CounterSession.ended_at.is_(None))).all()
        assert serving == [counter_id]
        overlapping = session.execute(
            select(CounterSession.id).where(CounterSession.ended_at < CounterSession.started_at)
        ).all()
        assert overlapping == []


def test_two_administrators_who_strip_each_other_leave_one(hall: Flask) -> None:
    def _strip(name: str) -> Callable[[], object]:
        def _act() -> None:
            with database_of(hall) as session:
                session.scalars(select(User).where(User.user_name == name)).one().is_active = False

        return _act

    results = _at_once([_strip("admin"), _strip("second")])

    assert [result for result in results if result is not None and not isinstance(result, LastAdministratorError)] == []
    with database_of(hall) as session:
        active = select(func.count(User.id)).where(User.user_name.in_(("admin", "second")), User.is_active)
        assert session.scalar(active) == 1
