"""What happened to the dossiers of a measured centre, in bulk: events and clocks for reports to count."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

from sqlalchemy import Connection, func, insert, select

from benchmarks.data import CHUNK, batched
from models import Base, ddl
from models.clock import Clock, ClockEvent, ClockEventKind, ClockState
from models.dossier import Dossier, DossierEvent
from models.states import DossierState, EventKind

CLOSED = (DossierState.DECIDED, DossierState.RETURNED)
IDS_PER_DOSSIER = 8


def fill_history(connection: Connection) -> None:
    """Give every dossier without events those of its state, and a clock; a database that has them stays as it is."""
    dossier = Base.metadata.tables[Dossier.__tablename__]
    if connection.scalar(select(func.count()).select_from(Base.metadata.tables[Clock.__tablename__])):
        return
    columns = (dossier.c.id, dossier.c.received_at, dossier.c.due_at, dossier.c.state, dossier.c.department_id,
               dossier.c.site_id, dossier.c.responsible_id)  # fmt: skip
    last = 0
    ddl.drop_attached(connection)
    while chunk := connection.execute(
        select(*columns).where(dossier.c.id > last).order_by(dossier.c.id).limit(CHUNK)
    ).all():  # fmt: skip
        _insert(connection, DossierEvent, (event for row in chunk for event in _events(row)))
        _insert(connection, Clock, (_clock(row) for row in chunk))
        _insert(connection, ClockEvent, (tick for row in chunk for tick in _ticks(row)))
        last = chunk[-1].id
    ddl.create_attached(connection)


def decided_at(row: Any) -> datetime | None:
    """Return when a closed dossier ended: most in time, one in nine a day late."""
    if row.state not in CLOSED:
        return None
    days = 1 + row.id % 7
    return row.due_at + timedelta(days=1) if row.due_at and row.id % 9 == 0 else row.received_at + timedelta(days=days)


def _insert(connection: Connection, model: type[Base], rows: Iterator[dict[str, Any]]) -> None:
    for chunk in batched(rows, CHUNK):
        connection.execute(insert(Base.metadata.tables[model.__tablename__]), chunk)


def _events(row: Any) -> Iterator[dict[str, Any]]:
    ended = decided_at(row)
    told: list[tuple[EventKind, DossierState | None, DossierState, datetime]] = [
        (EventKind.RECEIVED, None, DossierState.ACCEPTED, row.received_at)
    ]
    if row.state is not DossierState.ACCEPTED:
        told.append(
            (EventKind.STARTED, DossierState.ACCEPTED, DossierState.PROCESSING, row.received_at + timedelta(hours=1))
        )
    if ended is not None:
        told.append((EventKind.DECIDED, DossierState.PROCESSING, DossierState.DECIDED, ended))
    if row.state is DossierState.RETURNED and ended is not None:
        told.append((EventKind.RETURNED, DossierState.DECIDED, DossierState.RETURNED, ended + timedelta(days=1)))
    for sequence, (kind, before, after, at) in enumerate(told, 1):
        yield {
            "id": row.id * IDS_PER_DOSSIER + sequence, "recorded_at": at, "dossier_id": row.id, "sequence": sequence,
            "kind": kind, "state_from": before, "state_to": after, "occurred_at": at, "is_after_end": False,
            "department_id": row.department_id, "facts": {"responsible_id": row.responsible_id},
        }  # fmt: skip


def _clock(row: Any) -> dict[str, Any]:
    ended = decided_at(row)
    return {
        "id": row.id, "dossier_id": row.id, "site_id": row.site_id, "counted_from_at": row.received_at,
        "state": ClockState.ENDED if ended else ClockState.RUNNING, "ended_at": ended, "row_version": 1,
        "running_since_at": None if ended else row.received_at, "consumed_microseconds": Fraction(0),
        "due_at": row.due_at, "statutory_due_at": row.due_at, "last_sequence": 2 if ended else 1,
        "last_occurred_at": ended or row.received_at,
    }  # fmt: skip


def _ticks(row: Any) -> Iterator[dict[str, Any]]:
    times: Sequence[tuple[ClockEventKind, datetime | None]] = (
        (ClockEventKind.START, row.received_at), (ClockEventKind.END, decided_at(row)),
    )  # fmt: skip
    for sequence, (kind, at) in enumerate(times, 1):
        if at is not None:
            yield {
                "id": row.id * IDS_PER_DOSSIER + sequence, "recorded_at": at, "clock_id": row.id, "sequence": sequence,
                "kind": kind, "occurred_at": at, "from_at": at if sequence == 1 else None,
                "consumed_microseconds": Fraction(0), "due_after_at": row.due_at, "statutory_due_at": row.due_at,
            }  # fmt: skip
