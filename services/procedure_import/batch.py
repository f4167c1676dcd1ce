"""An import as a batch: in chunks that are committed one by one, so that it can stop anywhere and go on."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import islice
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session

from models.base import _
from models.batch import Batch, BatchKind, BatchRow, BatchState, RowOutcome
from models.ids import public_id
from models.procedure import Procedure, ProcedureVersion
from services.errors import ConflictError, UserError
from services.procedure_import.agencies import Directory
from services.procedure_import.content import ProcedureContent, fingerprint
from services.procedure_import.mapping import map_record
from services.procedure_import.reading import Line, SourceFile, parse_line, read_lines
from services.procedure_import.values import RecordRefusedError, describe
from services.procedure_import.writing import create_procedure, update_procedure
from services.session import acting, actor_of

CHUNK = 50
TURN = 6_841_903
"""The advisory lock of imports: any number that nothing else in this database uses."""
KEPT_CHARACTERS = 200_000
"""How much of a refused line is kept: longer than any real record, short enough to be shown."""


class CodeRepeatedError(RecordRefusedError):
    message = _("%(code)s already stands on line %(line)s of this file; the first record was taken.")


class RecordUnwritableError(RecordRefusedError):
    message = _("The database refused the record: %(fault)s.")


class ImportEndedError(ConflictError):
    message = _("This import has already ended. Import the file again to start a new one.")


@dataclass(slots=True)
class Judged:
    """A line and what is to become of it; ``content`` and ``record`` where it can be taken."""

    line: Line
    outcome: RowOutcome
    code: str | None = None
    content: ProcedureContent | None = None
    record: dict[str, Any] | None = None
    procedure_id: int | None = None
    version_id: int | None = None
    error: UserError | None = None

    def refuse(self, error: UserError) -> None:
        self.outcome, self.error, self.version_id = RowOutcome.REFUSED, error, None


def _take_turns(session: Session) -> None:
    """Wait until no other import is inside a transaction; on SQLite every writing transaction does that already."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(TURN)))


def start_import(
    session: Session, file: SourceFile, *, file_name: str, at: datetime, user_id: int | None = None
) -> Batch:
    """Return the batch to go on with: the unfinished one of the same content, else a new one."""
    _take_turns(session)
    unfinished = session.scalars(
        select(Batch)
        .where(
            Batch.kind == BatchKind.PROCEDURES,
            Batch.file_hash == file.fingerprint,
            Batch.state == BatchState.RUNNING,
        )
        .order_by(Batch.id.desc())
        .limit(1)
    ).first()
    if unfinished is not None:
        return unfinished
    batch = Batch(
        public_id=public_id(at),
        kind=BatchKind.PROCEDURES,
        title=file_name[:300],
        file_hash=file.fingerprint,
        size_bytes=file.size_bytes,
        state=BatchState.RUNNING,
        total_count=file.records,
        started_at=at,
        user_id=user_id,
    )
    session.add(batch)
    session.flush()  # its key is needed by the rows of the first chunk
    return batch


def import_chunk(session: Session, batch: Batch, file: SourceFile, *, at: datetime, size: int = CHUNK) -> int:
    """Take the next ``size`` records and count them on ``batch``; return how many there were. The caller commits.

    The batch row is locked first, so that two processes at the same file take turns and never the same record.
    None are left, and nothing is done, where another process has finished the batch meanwhile.
    Raises: ImportEndedError if it was cancelled.
    """
    with acting(session, actor_of(session), at=at, batch_id=batch.id):
        return _import_chunk(session, batch, file, at=at, size=size)


def _import_chunk(session: Session, batch: Batch, file: SourceFile, *, at: datetime, size: int) -> int:
    _take_turns(session)
    session.refresh(batch)
    if batch.state is BatchState.FINISHED:
        return 0
    if batch.state is BatchState.CANCELLED:
        raise ImportEndedError
    lines = list(islice(read_lines(file.path, after=batch.last_line), size))
    taken = _codes_taken(session, batch)
    judged = _judge(session, lines, taken)
    directory = Directory(session)
    contents = [item.content for item in judged if item.outcome in (RowOutcome.CREATED, RowOutcome.UPDATED)]
    directory.load(
        (agency for content in contents if content for agency in content.agencies),
        (content.classification.field for content in contents if content),
    )
    for item in judged:
        _write(session, item, directory, at)
    _record(session, batch, judged, at)
    return len(judged)


def list_refused(session: Session, batch: Batch, limit: int | None = None) -> Iterator[BatchRow]:
    """Yield the rows of ``batch`` that were set aside, in the order of the file."""
    statement = (
        select(BatchRow)
        .where(BatchRow.batch_id == batch.id, BatchRow.outcome == RowOutcome.REFUSED)
        .order_by(BatchRow.line_number)
        .limit(limit)
    )
    yield from session.scalars(statement.execution_options(yield_per=100))


def list_changed(session: Session, batch: Batch, limit: int) -> Sequence[ProcedureVersion]:
    """Return the versions that ``batch`` made of procedures that were there before, in the order of the file."""
    statement = (
        select(ProcedureVersion)
        .join(BatchRow, BatchRow.entity_id == ProcedureVersion.id)
        .where(BatchRow.batch_id == batch.id, BatchRow.outcome == RowOutcome.UPDATED)
        .order_by(BatchRow.line_number)
        .limit(limit)
    )
    return session.scalars(statement).all()


def cancel_import(session: Session, batch: Batch, *, at: datetime) -> None:
    """Stop for good; what is in stays in."""
    _take_turns(session)
    session.refresh(batch)
    if batch.state is not BatchState.RUNNING:
        raise ImportEndedError
    batch.state, batch.finished_at = BatchState.CANCELLED, at
    session.flush()


def rehearse(session: Session, file: SourceFile, *, size: int = CHUNK) -> Iterator[Judged]:
    """Yield what would become of each record, writing nothing."""
    lines = read_lines(file.path)
    taken: dict[str, int] = {}
    while chunk := list(islice(lines, size)):
        for item in _judge(session, chunk, taken):
            if item.code and item.outcome is not RowOutcome.REFUSED:
                taken[item.code] = item.line.number
            item.record = item.content = None
            yield item


def _codes_taken(session: Session, batch: Batch) -> dict[str, int]:
    rows = session.execute(
        select(BatchRow.code, BatchRow.line_number).where(
            BatchRow.batch_id == batch.id, BatchRow.outcome != RowOutcome.REFUSED
        )
    )
    return {code: line for code, line in rows if code}


def _judge(session: Session, lines: list[Line], taken: dict[str, int]) -> list[Judged]:
    """Return what is to become of each line; ``taken`` holds the codes of earlier chunks with their lines."""
    judged = [_parse(line) for line in lines]
    seen = dict(taken)
    for item in judged:
        if item.content is None:
            continue
        code = item.content.code
        if code in seen:
            item.refuse(CodeRepeatedError(code=code, line=seen[code]))
        else:
            seen[code] = item.line.number
    known = {
        code: (key, version_id, content_hash)
        for code, key, version_id, content_hash in session.execute(
            select(Procedure.code, Procedure.id, ProcedureVersion.id, ProcedureVersion.content_hash)
            .outerjoin(ProcedureVersion, ProcedureVersion.id == Procedure.current_version_id)
            .where(Procedure.code.in_([item.code for item in judged if item.code]))
        )
    }
    for item in judged:
        if item.outcome is not RowOutcome.REFUSED and item.content and item.content.code in known:
            item.procedure_id, item.version_id, content_hash = known[item.content.code]
            is_same = content_hash == fingerprint(item.content)
            item.outcome = RowOutcome.UNCHANGED if is_same else RowOutcome.UPDATED
    return judged


def _parse(line: Line) -> Judged:
    item = Judged(line, RowOutcome.CREATED)
    try:
        item.record = parse_line(line)
        if isinstance(item.record, dict) and isinstance(item.record.get("code"), str):
            item.code = describe(item.record["code"])[:60]
        item.content = map_record(item.record)
    except RecordRefusedError as error:
        item.refuse(error)
    return item


def _write(session: Session, item: Judged, directory: Directory, at: datetime) -> None:
    """Write one record in a savepoint of its own: what the database refuses takes nothing else with it."""
    if item.content is None or item.outcome not in (RowOutcome.CREATED, RowOutcome.UPDATED):
        return
    record = json.loads(json.dumps(item.record, default=_number))
    try:
        with session.begin_nested():
            if item.procedure_id is None:
                procedure = create_procedure(session, item.content, record=record, directory=directory, at=at)
            else:
                procedure = session.get_one(Procedure, item.procedure_id)
                if not update_procedure(session, procedure, item.content, record=record, directory=directory, at=at):
                    item.outcome = RowOutcome.UNCHANGED
            item.version_id = procedure.current_version_id
    except DBAPIError as error:
        if isinstance(error, OperationalError) or error.connection_invalidated:
            raise  # a lock, a full disk, a server that stops: no fault of this record, which goes in next time
        item.refuse(RecordUnwritableError(fault=describe(error.orig)))
        directory.forget()


def _number(value: Decimal) -> float | int:
    return int(value) if value == value.to_integral_value() else float(value)


def _record(session: Session, batch: Batch, judged: list[Judged], at: datetime) -> None:
    """Note what became of each record, and move the batch forward; the last record ends it."""
    rows = [_row(batch, item) for item in judged]
    if rows:
        session.execute(insert(BatchRow), rows)
    counts = Counter(item.outcome for item in judged)
    batch.done_count += len(judged)
    batch.last_line = judged[-1].line.number if judged else batch.last_line
    batch.created_count += counts[RowOutcome.CREATED]
    batch.updated_count += counts[RowOutcome.UPDATED]
    batch.unchanged_count += counts[RowOutcome.UNCHANGED]
    batch.refused_count += counts[RowOutcome.REFUSED]
    if batch.done_count >= batch.total_count or not judged:
        batch.state, batch.finished_at = BatchState.FINISHED, at
    session.flush()


def _row(batch: Batch, item: Judged) -> dict[str, Any]:
    refused = item.outcome is RowOutcome.REFUSED
    text = item.line.data[: KEPT_CHARACTERS * 4].decode(errors="replace").replace("\0", "�")
    return {
        "batch_id": batch.id,
        "line_number": item.line.number,
        "fingerprint": item.line.fingerprint,
        "outcome": item.outcome,
        "code": item.code,
        "entity": None if item.version_id is None else ProcedureVersion.__tablename__,
        "entity_id": item.version_id,
        "reason": item.error.message_id if item.error else None,
        "reason_values": item.error.values if item.error else None,
        "raw": text[:KEPT_CHARACTERS] if refused else None,
    }
