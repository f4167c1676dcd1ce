"""Deadlines climb by rungs: each once, whoever looks and however often; and who is told."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.dossier import Dossier
from models.escalation import DutyShift, Escalation, EscalationRung, EscalationState
from models.notice import Notification, NotificationKind
from services import dossiers
from services.dossier_moves import ReasonMissingError
from services.errors import ConflictError
from services.escalations import EscalationHandledError, fire_next, handle_escalation
from tests.support.centre import Centre, receive

HOUR = timedelta(hours=1)


@pytest.fixture
def centre(session, now) -> Centre:
    return Centre(session, now)


def fired(centre: Centre) -> list[str]:
    rungs = select(EscalationRung.name).join(Escalation, Escalation.rung_id == EscalationRung.id)
    return sorted(centre.session.scalars(rungs))


def told(centre: Centre) -> dict[int, int]:
    counts: dict[int, int] = {}
    kind = Notification.kind == NotificationKind.ESCALATION
    for user_id in centre.session.scalars(select(Notification.user_id).where(kind)):
        counts[user_id] = counts.get(user_id, 0) + 1
    return counts


def test_rungs_climb_once_and_tell_whoever_they_name(centre, now):
    director = centre.make_user("DIRECTOR", centre.hall)
    dossier, silent, training = (receive(centre, at=now + number * timedelta(minutes=1)) for number in range(3))
    with centre.acting_as(centre.officer) as session:
        dossiers.start_work(session, dossier, at=now + HOUR)
    silent.is_silent = training.is_training = True
    centre.session.flush()
    due = dossier.due_at

    assert fire_next(centre.session, at=due - timedelta(hours=25)) == 0
    assert fire_next(centre.session, at=due - 23 * HOUR) == 1
    assert fire_next(centre.session, at=due - 23 * HOUR) == 0
    assert told(centre) == {centre.officer.id: 1}

    fire_next(centre.session, at=due + HOUR)
    assert (fired(centre), told(centre)) == (
        ["Quá hạn", "Sắp đến hạn (còn 24 giờ)"], {centre.officer.id: 1, centre.head.id: 1},
    )  # fmt: skip
    shift = DutyShift(staff_id=centre.clerk.staff_id, from_at=due, until_at=due + timedelta(days=2))
    centre.session.add(shift)
    fire_next(centre.session, at=due + 25 * HOUR)
    assert told(centre) == {centre.officer.id: 1, centre.head.id: 1, centre.clerk.id: 1}
    fire_next(centre.session, at=due + 73 * HOUR)
    assert told(centre)[director.id] == 1
    assert {row.dossier_id for row in centre.session.scalars(select(Escalation))} == {dossier.id}

    with centre.acting_as(centre.head) as session:
        row = session.scalars(select(Escalation).order_by(Escalation.id)).first()
        with pytest.raises(ReasonMissingError):
            handle_escalation(session, row, outcome=" ", at=due)
        with pytest.raises(ConflictError):
            handle_escalation(session, row, outcome="a", at=due, row_version=row.row_version + 1)
        handle_escalation(session, row, outcome="Đã giao thêm người", at=due)
        with pytest.raises(EscalationHandledError):
            handle_escalation(session, row, outcome="Lần nữa", at=due)
    assert (row.state, row.handled_by_id) == (EscalationState.HANDLED, centre.head.staff_id)


def test_an_extended_dossier_climbs_again_and_a_decided_one_no_more(centre, now):
    dossier = receive(centre)
    with centre.acting_as(centre.officer) as session:
        dossiers.start_work(session, dossier, at=now + HOUR)
    first = dossier.due_at
    fire_next(centre.session, at=first + HOUR)
    dossier.due_at = first + timedelta(days=2)
    centre.session.flush()

    assert fire_next(centre.session, at=first + HOUR) == 0
    assert fire_next(centre.session, at=first + timedelta(days=2, hours=1)) == 1
    assert len(fired(centre)) == 2
    with centre.acting_as(centre.head) as session:
        dossiers.stop_dossier(session, dossier, reason="Rút", at=now + 2 * HOUR)
    assert fire_next(centre.session, at=first + timedelta(days=30)) == 0


def test_four_workers_and_two_restarts_fire_each_rung_once(engine, centre, now):
    found = [receive(centre, at=now + number * timedelta(minutes=1)) for number in range(6)]
    at = max(dossier.due_at for dossier in found) + HOUR
    centre.session.commit()  # reading on would keep the one writer of SQLite waiting
    barrier = Barrier(4)

    def look(number: int) -> int:
        barrier.wait()
        count = 0
        for attempt in range(3):
            with Session(engine) as session:
                fires = fire_next(session, at=at)
                if number < 2 and attempt == 0:
                    session.rollback()  # killed before its commit: it has told nobody
                    continue
                session.commit()
                count += fires
        return count

    with ThreadPoolExecutor(4) as pool:
        counts = list(pool.map(look, range(4)))

    rows = centre.session.execute(select(Escalation.rung_id, Escalation.dossier_id)).all()
    assert (sum(counts), len(rows), len(set(rows))) == (6, 6, 6)
    assert told(centre) == {centre.head.id: 6}
    assert centre.session.scalars(select(Dossier.id).where(Dossier.is_silent)).all() == []
