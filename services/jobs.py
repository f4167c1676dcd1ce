"""Batches as jobs: queued, done in chunks by whoever has a hand free, stopped between two, taken over after a crash.

A chunk is one transaction that holds the lock of its batch's row: it claims the batch, does the next rows in the
name of who asked for it, with the rights that person has now, and counts them. A process that dies in the middle
loses its lock and its chunk with it, so the next one goes on exactly where the last committed chunk ended.
Source: docs/adr/0018-batches-as-jobs.md.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from models.actor import Actor
from models.base import _
from models.batch import Batch, BatchKind, BatchRow, BatchState, RowOutcome, Worker
from models.ids import public_id
from services.delegations import build_acting_actor, list_usable
from services.errors import ConflictError, DeniedError, UserError
from services.roles import build_actor
from services.session import acting, actor_of, unscoped

CHUNK = 200
WORKER_LOST_AFTER = timedelta(seconds=30)
"""A worker that has said nothing for so long does not count: pages that watch a batch do its chunks instead."""

OPEN = (BatchState.QUEUED, BatchState.RUNNING)
RIGHTS_GONE = _("The right to do this was taken away meanwhile. What was done stays; the rest was left alone.")
BROKEN = _("Something went wrong inside the program. What was done stays; tell an administrator.")

_REASON = "jobs"


class BatchEndedError(ConflictError):
    """There is nothing left to stop."""

    message = _("This has already ended.")


@dataclass(frozen=True, kw_only=True, slots=True)
class Chunk:
    """What became of the next rows of a batch.

    counts     how many rows had which outcome
    rows       those of them worth keeping one by one, without batch and number: the refused ones at least
    last_line  where the next chunk begins behind; its meaning is the job's own
    is_last    whether nothing is left
    """

    counts: Mapping[RowOutcome, int]
    rows: Sequence[BatchRow] = field(default_factory=tuple)
    last_line: int
    is_last: bool


class Job(Protocol):
    """How batches of one kind do their work; both functions see the session act for who asked for the batch."""

    def count(self, session: Session, batch: Batch) -> int:
        """Return how many rows there are to do; asked once, before the first chunk. Raises: DeniedError."""
        ...

    def run_chunk(self, session: Session, batch: Batch, *, at: datetime) -> Chunk:
        """Do at most ``CHUNK`` rows behind ``batch.last_line``. Raises: DeniedError where the right is gone."""
        ...


_JOBS: dict[BatchKind, Job] = {}


def register(kind: BatchKind, job: Job) -> None:
    """Have batches of ``kind`` done by ``job``."""
    _JOBS[kind] = job


def job_of(batch: Batch) -> Job | None:
    """Return what does ``batch``; None for a kind that its own page drives."""
    return _JOBS.get(batch.kind)


def queue_batch(
    session: Session, *, kind: BatchKind, title: str, entity: str | None, arguments: Mapping[str, Any], at: datetime
) -> Batch:
    """Return a new batch of the session's actor that waits for its first chunk; ``arguments`` are the job's own."""
    actor = actor_of(session)
    batch = Batch(
        public_id=public_id(at),
        kind=kind,
        title=title[:300],
        entity=entity,
        arguments={**arguments, "counter_id": actor.counter_id, "acting_for_id": actor.acting_for_id},
        state=BatchState.QUEUED,
        total_count=0,
        started_at=at,
        user_id=actor.user_id,
    )
    session.add(batch)
    session.flush()  # its key is what the audit of its chunks carries
    return batch


def has_work(session: Session) -> bool:
    """Return whether a batch waits for a chunk."""
    with unscoped(session, _REASON):
        return session.scalar(_waiting().limit(1)) is not None


def claim_next(session: Session) -> int | None:
    """Return the oldest open batch that nobody else is at, locked for this transaction; None where there is none."""
    with unscoped(session, _REASON):
        return session.scalar(_waiting().limit(1).with_for_update(skip_locked=True))


def advance_batch(session: Session, batch_id: int, *, at: datetime) -> Batch | None:
    """Do the next chunk of one batch; None where it has ended, or another process is at it now."""
    with unscoped(session, _REASON):
        batch = _locked(session, batch_id, skip=True)
        job = job_of(batch) if batch is not None else None
        if batch is None or job is None or batch.state not in OPEN or batch.user_id is None:
            return None  # one without a user is driven by the command that began it
        actor = _owner(session, batch, at)
        if actor is None:
            return _end(session, batch, BatchState.FAILED, at, failure=RIGHTS_GONE)
        total = batch.total_count
        try:
            # Only what the job changes is audited under the batch's number: undoing it must not meet the batch itself.
            with session.begin_nested(), acting(session, actor, at=at, batch_id=batch.id):
                if batch.state is BatchState.QUEUED:
                    total = job.count(session, batch)
                chunk = job.run_chunk(session, batch, at=at)
                session.flush()
        except DeniedError:
            return _end(session, batch, BatchState.FAILED, at, failure=RIGHTS_GONE)
        except UserError as error:  # of the whole, such as a value that is gone; those of rows are kept with the rows
            return _end(session, batch, BatchState.FAILED, at, failure=str(error))
        batch.total_count = total
        _record(session, batch, chunk)
        if chunk.is_last:
            return _end(session, batch, BatchState.FINISHED, at)
        session.flush()
    return batch


def cancel_batch(session: Session, batch_id: int, *, at: datetime) -> Batch:
    """Stop a batch; a chunk that runs at this moment is waited for, and what is done stays done.

    Raises: BatchEndedError.
    """
    with unscoped(session, _REASON):
        batch = _locked(session, batch_id)
        if batch is None or batch.state not in OPEN:
            raise BatchEndedError
        return _end(session, batch, BatchState.CANCELLED, at)


def fail_batch(session: Session, batch_id: int, *, at: datetime) -> None:
    """Give a batch up whose chunk ends in a fault of the program each time."""
    with unscoped(session, _REASON):
        batch = _locked(session, batch_id)
        if batch is not None and batch.state in OPEN:
            _end(session, batch, BatchState.FAILED, at, failure=BROKEN)


def _waiting() -> Any:
    mine = (Batch.state.in_(OPEN), Batch.kind.in_(list(_JOBS)), Batch.user_id.is_not(None))
    return select(Batch.id).where(*mine).order_by(Batch.id)


def _locked(session: Session, batch_id: int, *, skip: bool = False) -> Batch | None:
    """Return the batch as it is now, locked for this transaction; None where it is gone or, with ``skip``, taken."""
    statement = select(Batch).where(Batch.id == batch_id).with_for_update(skip_locked=skip)
    return session.scalar(statement.execution_options(populate_existing=True))


def _owner(session: Session, batch: Batch, at: datetime) -> Actor | None:
    """Return the actor for whom the batch works, with today's rights; None for one who may do nothing any more."""
    user = batch.user
    if user is None or not user.is_active or user.deleted_at is not None:
        return None
    asked = batch.arguments or {}
    actor, lender_id = build_actor(session, user, asked.get("counter_id")), asked.get("acting_for_id")
    if lender_id is None:
        return actor
    lent = (found for found in list_usable(session, user=user, at=at) if found.from_user_id == lender_id)
    delegation = next(lent, None)
    return build_acting_actor(session, actor, delegation) if delegation is not None else None


def _record(session: Session, batch: Batch, chunk: Chunk) -> None:
    for number, row in enumerate(chunk.rows, start=1):
        row.batch_id, row.line_number = batch.id, row.line_number or batch.done_count + number
        session.add(row)
    batch.created_count += chunk.counts.get(RowOutcome.CREATED, 0)
    batch.updated_count += chunk.counts.get(RowOutcome.UPDATED, 0)
    batch.unchanged_count += chunk.counts.get(RowOutcome.UNCHANGED, 0)
    batch.refused_count += chunk.counts.get(RowOutcome.REFUSED, 0)
    batch.done_count += sum(chunk.counts.values())
    batch.total_count = max(batch.total_count, batch.done_count)  # others may have added rows since it was counted
    batch.last_line, batch.state = chunk.last_line, BatchState.RUNNING


def _end(session: Session, batch: Batch, state: BatchState, at: datetime, *, failure: str | None = None) -> Batch:
    batch.state, batch.finished_at, batch.failure = state, at, failure
    session.flush()  # the caller commits, and shows how it ended
    return batch


def beat(session: Session, name: str, *, at: datetime) -> None:
    """Write down that the worker ``name`` is alive, and forget those that have long been silent."""
    with unscoped(session, _REASON):
        worker = session.scalar(select(Worker).where(Worker.name == name))
        if worker is None:
            session.add(Worker(name=name, started_at=at, seen_at=at))
            session.execute(delete(Worker).where(Worker.seen_at < at - timedelta(days=1)))
        else:
            worker.seen_at = at
        session.flush()


def retire(session: Session, name: str) -> None:
    """Write down that the worker ``name`` has ended."""
    with unscoped(session, _REASON):
        session.execute(delete(Worker).where(Worker.name == name))


def has_worker(session: Session, *, at: datetime) -> bool:
    """Return whether a worker is alive; without one, pages that watch a batch do its chunks."""
    with unscoped(session, _REASON):
        latest = session.scalar(select(func.max(Worker.seen_at)))
    return latest is not None and latest > at - WORKER_LOST_AFTER
