"""Batches as jobs: chunks that are committed, rights asked again, stopping, giving up, one process at a batch."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, delete, func, select
from sqlalchemy.orm import Session

from models.access import Permission, Role, User
from models.actor import Actor
from models.audit import AuditEvent
from models.batch import Batch, BatchKind, BatchRow, BatchState, RowOutcome
from models.organisation import Counter
from services import jobs
from services.jobs import (
    BROKEN,
    RIGHTS_GONE,
    BatchEndedError,
    Chunk,
    advance_batch,
    beat,
    cancel_batch,
    claim_next,
    has_work,
    has_worker,
    queue_batch,
    retire,
)
from services.session import acting, require, unscoped
from tests.factories import make_row
from tests.support.roles import have_roles
from web.batches import do_chunk

TOTAL, STEP = 7, 3


class Renaming:
    """A job that renames counters three at a time, and leaves number 5 alone."""

    fault: Exception | None = None

    def count(self, session: Session, batch: Batch) -> int:
        return session.scalar(select(func.count(Counter.id))) or 0

    def run_chunk(self, session: Session, batch: Batch, *, at: datetime) -> Chunk:
        require(session, "counter", "bulk")
        rows = session.scalars(
            select(Counter).where(Counter.id > batch.last_line).order_by(Counter.id).limit(STEP)
        ).all()
        for row in rows:
            row.name = row.name if row.number == 5 else "Quầy mới"
        if self.fault is not None:
            raise self.fault
        refused = [
            BatchRow(fingerprint="", outcome=RowOutcome.REFUSED, code=str(row), reason="no")
            for row in rows
            if row.number == 5
        ]
        counts = {RowOutcome.REFUSED: len(refused), RowOutcome.UPDATED: len(rows) - len(refused)}
        last = rows[-1].id if rows else batch.last_line
        return Chunk(counts=counts, rows=refused, last_line=last, is_last=len(rows) < STEP)


@pytest.fixture
def job(monkeypatch: pytest.MonkeyPatch) -> Renaming:
    renaming = Renaming()
    monkeypatch.setattr(jobs, "_JOBS", {BatchKind.ACTION: renaming})
    return renaming


def begin(session: Session, now: datetime) -> Batch:
    have_roles(session)
    role = session.scalars(select(Role).where(Role.code == "ADMIN")).one()
    user = make_row(session, User, user_name="khai.ntm", roles=[role])
    make_row(session, User, user_name="quan.tri", roles=[role])
    for number in range(1, TOTAL + 1):
        make_row(session, Counter, number=number, name="Quầy cũ")
    with acting(session, Actor(user_id=user.id)):
        batch = queue_batch(
            session, kind=BatchKind.ACTION, title="Đổi tên", entity="counter", arguments={"to": "Quầy mới"}, at=now
        )
    session.commit()
    return batch


def renamed(session: Session) -> int:
    return session.scalar(select(func.count(Counter.id)).where(Counter.name == "Quầy mới")) or 0


def test_a_batch_is_done_in_chunks_each_counted_and_audited_for_who_asked(
    session: Session, job: Renaming, now: datetime
) -> None:
    batch = begin(session, now)
    progress = []

    while do_chunk(session, at=now):
        progress.append((batch.state.value, batch.done_count, renamed(session)))

    assert progress == [("RUNNING", 3, 3), ("RUNNING", 6, 5), ("FINISHED", 7, 6)]
    assert (batch.total_count, batch.updated_count, batch.refused_count, batch.finished_at) == (7, 6, 1, now)
    assert [(row.line_number, row.reason) for row in session.scalars(select(BatchRow))] == [(4, "no")]
    events = session.execute(select(AuditEvent.entity, AuditEvent.user_id).where(AuditEvent.batch_id == batch.id)).all()
    assert events == [("counter", batch.user_id)] * 6, "the batch itself is not what it changed"
    assert (has_work(session), claim_next(session)) == (False, None)


def test_rights_that_are_withdrawn_end_it_between_chunks(session: Session, job: Renaming, now: datetime) -> None:
    batch = begin(session, now)
    do_chunk(session, at=now)
    assert batch.user is not None
    batch.user.is_active = False
    session.commit()

    assert do_chunk(session, at=now)
    assert (batch.state, batch.failure, batch.done_count) == (BatchState.FAILED, RIGHTS_GONE, 3)

    batch.state, batch.user.is_active = BatchState.RUNNING, True
    session.execute(delete(Permission).where(Permission.entity == "counter", Permission.action == "bulk"))
    session.commit()
    do_chunk(session, at=now)

    assert (batch.state, batch.failure, renamed(session)) == (BatchState.FAILED, RIGHTS_GONE, 3)


def test_a_stopped_batch_does_nothing_more(session: Session, job: Renaming, now: datetime) -> None:
    batch = begin(session, now)
    do_chunk(session, at=now)

    cancel_batch(session, batch.id, at=now)
    session.commit()

    assert not do_chunk(session, at=now)
    assert not do_chunk(session, at=now, batch_id=batch.id)
    assert (batch.state, renamed(session)) == (BatchState.CANCELLED, 3)
    with pytest.raises(BatchEndedError):
        cancel_batch(session, batch.id, at=now)


def test_a_fault_of_the_program_gives_it_up_and_undoes_the_chunk(
    session: Session, job: Renaming, now: datetime
) -> None:
    batch = begin(session, now)
    do_chunk(session, at=now)
    job.fault = KeyError("a fault")

    assert do_chunk(session, at=now)

    assert (batch.state, batch.failure, batch.done_count) == (BatchState.FAILED, BROKEN, 3)
    assert renamed(session) == 3


def test_two_processes_never_do_the_same_chunk(engine: Engine, session: Session, job: Renaming, now: datetime) -> None:
    batch = begin(session, now)
    if engine.dialect.name == "sqlite":
        return  # there is one writer at a time: the second waits until the first has committed
    key = batch.id

    with Session(engine) as first, Session(engine) as second, unscoped(first, "test"), unscoped(second, "test"):
        assert advance_batch(first, key, at=now) is not None
        assert (claim_next(second), advance_batch(second, key, at=now)) == (None, None)
        first.rollback()  # it is killed here
        assert claim_next(second) == key
        assert advance_batch(second, key, at=now) is not None
        second.commit()

    session.refresh(batch)
    assert (batch.done_count, renamed(session)) == (3, 3)


def test_a_worker_counts_as_long_as_it_is_heard(session: Session, now: datetime) -> None:
    heard = [has_worker(session, at=now)]
    beat(session, "here-1", at=now)
    heard += [has_worker(session, at=now + timedelta(seconds=late)) for late in (29, 31)]
    beat(session, "here-1", at=now + timedelta(seconds=31))
    heard.append(has_worker(session, at=now + timedelta(seconds=31)))
    retire(session, "here-1")
    heard.append(has_worker(session, at=now + timedelta(seconds=31)))

    assert heard == [False, True, False, True, False]
