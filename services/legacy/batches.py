"""An import of legacy dossiers or of their history as a batch: chunk by chunk, each a transaction, resumable.

``created + updated + unchanged + refused`` is the number of lines read, at every moment.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

import services.legacy.undoing  # noqa: F401 -- says how a dossier goes when its batch is taken back
from models.base import _
from models.batch import Batch, BatchKind, BatchRow, BatchState, RowOutcome
from models.ids import public_id
from services.errors import ConflictError
from services.legacy.dossiers import import_dossiers
from services.legacy.judging import Judged
from services.legacy.mapping import ColumnMapping
from services.legacy.source import Record, Source
from services.legacy.steps import import_steps
from services.session import acting, actor_of

CHUNK = 500
TURN = 6_841_904
"""The advisory lock of these imports: any number that nothing else in this database uses."""
KINDS = (BatchKind.DOSSIERS, BatchKind.DOSSIER_EVENTS)


class ImportEndedError(ConflictError):
    message = _("This import has already ended. Import the file again to start a new one.")


def start_import(
    session: Session,
    source: Source,
    *,
    kind: BatchKind,
    at: datetime,
    creates: bool = False,
    user_id: int | None = None,
) -> Batch:
    """Return the batch to go on with: the unfinished one of the same file read the same way, else a new one."""
    take_turns(session)
    arguments = {"creates": creates, "mapping": source.mapping.to_json(), "header": list(source.header.names)}
    unfinished = session.scalars(
        select(Batch)
        .where(Batch.kind == kind, Batch.file_hash == source.fingerprint, Batch.state == BatchState.RUNNING)
        .order_by(Batch.id.desc())
    )
    for batch in unfinished:
        if batch.arguments == arguments:
            return batch
    batch = Batch(
        public_id=public_id(at),
        kind=kind,
        title=source.name[:300],
        arguments=arguments,
        file_hash=source.fingerprint,
        size_bytes=source.size_bytes,
        state=BatchState.RUNNING,
        total_count=source.count(),
        started_at=at,
        user_id=user_id,
    )
    session.add(batch)
    session.flush()  # its key is needed by the rows of the first chunk
    return batch


def mapping_of(batch: Batch) -> ColumnMapping:
    """Return how the file of ``batch`` is read."""
    return ColumnMapping(**(batch.arguments or {})["mapping"])


def import_chunk(session: Session, batch: Batch, source: Source, *, at: datetime, size: int = CHUNK) -> int:
    """Take the next ``size`` lines in and count them on ``batch``; return how many there were. The caller commits.

    None are left, and nothing is done, where another process has finished the batch meanwhile.
    Raises: ImportEndedError if it was cancelled.
    """
    with acting(session, actor_of(session), at=at, batch_id=batch.id):
        take_turns(session)
        session.refresh(batch, with_for_update={"of": Batch})
        if batch.state is BatchState.FINISHED:
            return 0
        if batch.state is not BatchState.RUNNING:
            raise ImportEndedError
        records = list(islice(source.records(after=batch.last_line), size))
        judged = take_records(session, batch, records, at=at)
        _record(session, batch, judged, at)
        return len(judged)


def rehearse(
    session: Session, source: Source, *, kind: BatchKind, creates: bool, at: datetime, size: int = CHUNK
) -> Iterator[Judged]:
    """Yield what would become of each line; nothing stays written."""
    records = source.records()
    keys: dict[tuple[str, str], str] = {}
    fingerprints: set[str] = set()
    while chunk := list(islice(records, size)):
        if kind is BatchKind.DOSSIERS:
            yield from import_dossiers(session, chunk, creates=creates, at=at, rehearsed=keys)
        else:
            yield from import_steps(session, chunk, batch_id=None, at=at, rehearsed=fingerprints)


def cancel_import(session: Session, batch: Batch, *, at: datetime) -> None:
    """Stop for good; what is in stays in. Raises: ImportEndedError."""
    take_turns(session)
    session.refresh(batch)
    if batch.state is not BatchState.RUNNING:
        raise ImportEndedError
    batch.state, batch.finished_at = BatchState.CANCELLED, at
    session.flush()  # so that a refusal of the database meets the act


def list_refused(session: Session, batch: Batch, limit: int | None = None) -> Iterator[BatchRow]:
    """Yield the lines of ``batch`` that were set aside, in the order of the file."""
    statement = (
        select(BatchRow)
        .where(BatchRow.batch_id == batch.id, BatchRow.outcome == RowOutcome.REFUSED)
        .order_by(BatchRow.line_number)
        .limit(limit)
    )
    yield from session.scalars(statement.execution_options(yield_per=100))


def take_records(session: Session, batch: Batch, records: Sequence[Record], *, at: datetime) -> list[Judged]:
    """Take lines in as ``batch`` says; return what became of each."""
    if batch.kind is BatchKind.DOSSIERS:
        return import_dossiers(session, records, creates=bool((batch.arguments or {})["creates"]), at=at)
    return import_steps(session, records, batch_id=batch.id, at=at)


def take_turns(session: Session) -> None:
    """Wait until no other import is inside a transaction; on SQLite every writing transaction does that already."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(TURN)))


def _record(session: Session, batch: Batch, judged: Sequence[Judged], at: datetime) -> None:
    """Note what became of each line, and move the batch forward; the last line ends it."""
    if judged:
        session.execute(insert(BatchRow), [batch_row(batch, item) for item in judged])
    counts = Counter(item.outcome for item in judged)
    batch.done_count += len(judged)
    batch.last_line = judged[-1].record.line if judged else batch.last_line
    batch.created_count += counts[RowOutcome.CREATED]
    batch.updated_count += counts[RowOutcome.UPDATED]
    batch.unchanged_count += counts[RowOutcome.UNCHANGED]
    batch.refused_count += counts[RowOutcome.REFUSED]
    if batch.done_count >= batch.total_count or not judged:
        batch.state, batch.finished_at = BatchState.FINISHED, at
    session.flush()  # the counts go with the rows they count


def batch_row(batch: Batch, item: Judged) -> dict[str, Any]:
    """Return what is kept of a line: what became of it, and all of it where it was set aside."""
    return {
        "batch_id": batch.id,
        "line_number": item.record.line,
        "fingerprint": item.fingerprint,
        "outcome": item.outcome,
        "code": item.code,
        "entity": item.entity if item.entity_id is not None else None,
        "entity_id": item.entity_id,
        "reason": item.error.message_id if item.error else None,
        "reason_values": item.error.values if item.error else None,
        "raw": item.record.raw if item.outcome is RowOutcome.REFUSED else None,
    }
