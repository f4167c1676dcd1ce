"""The same request twice has one effect, also when both arrive at once."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy.orm import Session

from services.idempotency import KeyReusedError, once, record_answer
from services.session import unscoped


def test_the_second_time_the_first_answer_comes_back(session, now):
    first = once(session, scope="t", key="k", body={"a": 1}, at=now)
    record_answer(session, scope="t", key="k", answer={"id": 7})
    second = once(session, scope="t", key="k", body={"a": 1}, at=now)
    elsewhere = once(session, scope="other", key="k", body={"a": 1}, at=now)

    assert (first, second, elsewhere) == (None, {"id": 7}, None)


def test_another_body_under_the_same_key_is_refused(session, now):
    once(session, scope="t", key="k", body={"a": 1}, at=now)

    with pytest.raises(KeyReusedError) as refused:
        once(session, scope="t", key="k", body={"a": 2}, at=now)

    assert refused.value.status == 422


def test_what_is_rolled_back_can_be_tried_again(session, now):
    once(session, scope="t", key="k", body={}, at=now)
    session.rollback()

    assert once(session, scope="t", key="k", body={}, at=now) is None


def test_of_eight_at_once_one_does_the_work(engine, now):
    barrier = Barrier(8)

    def request(number: int) -> dict | None:
        barrier.wait()
        with Session(engine) as session, unscoped(session, "test"):
            answer = once(session, scope="t", key="k", body={}, at=now)
            if answer is None:
                record_answer(session, scope="t", key="k", answer={"done_by": number})
            session.commit()
            return answer

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(request, range(8)))

    workers = [number for number, answer in enumerate(answers) if answer is None]
    assert len(workers) == 1
    assert [answer for answer in answers if answer] == [{"done_by": workers[0]}] * 7
