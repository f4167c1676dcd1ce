"""What a dossier went through: each event says what it does to the row, and all of them rebuild it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy.orm import Session

from models.dossier import Dossier, DossierEvent
from models.ids import ordered_id
from models.states import DeliveryState, DossierState, EventKind
from services.record_time import check_time, late_time, written_at
from services.session import actor_of, audit_value
from services.tasks import TaskChange, apply_task


class HasCourse(Protocol):
    """The part of a dossier that its events decide."""

    state: Any
    state_before: Any
    delivery_state: Any
    shelf_number: Any
    received_at: Any
    received_by_id: Any
    responsible_id: Any
    step_id: Any
    holder_id: Any
    finished_at: Any
    returned_at: Any
    closed_at: Any
    annulment_asked_at: Any
    annulment_asked_by_id: Any
    annulled_at: Any
    annul_reason: Any
    is_late_entry: Any
    last_event_at: Any


@dataclass(kw_only=True, slots=True)
class DossierFacts:
    """A dossier's row as its events tell it; its due times are told by the events of its clock."""

    state: DossierState | None = None
    state_before: DossierState | None = None
    delivery_state: DeliveryState = DeliveryState.NOT_READY
    shelf_number: int | None = None
    received_at: datetime | None = None
    received_by_id: int | None = None
    responsible_id: int | None = None
    step_id: int | None = None
    holder_id: int | None = None
    finished_at: datetime | None = None
    returned_at: datetime | None = None
    closed_at: datetime | None = None
    annulment_asked_at: datetime | None = None
    annulment_asked_by_id: int | None = None
    annulled_at: datetime | None = None
    annul_reason: str | None = None
    is_late_entry: bool = False
    last_event_at: datetime | None = None


def record_event(
    session: Session,
    dossier: Dossier,
    *,
    kind: EventKind,
    to: DossierState,
    at: datetime,
    recorded_at: datetime | None = None,
    reason: str | None = None,
    facts: Mapping[str, Any] | None = None,
    staff_id: int | None = None,
    task: TaskChange | None = None,
    flush: bool = True,
) -> DossierEvent:
    """Append an event and change the row and its tasks by it, in one flush; ``staff_id`` defaults to the actor's.

    ``facts`` are what the event adds: identifiers, and times as ISO 8601. ``at`` is when it happened,
    ``recorded_at`` when it was written down: at once, or with the late entry that is being carried out. ``task`` is
    what becomes of whose turn it is.
    Without ``flush`` the caller flushes the events of many dossiers in one go.
    Raises: TimeInPastError, LaterRecordedError.
    """
    check_time(session, dossier, at)
    late = late_time(session)
    dossier.event_count = (dossier.event_count or 0) + 1
    told = {key: audit_value(value) for key, value in (facts or {}).items()}
    if task is not None:
        told |= {"task": task.facts(), **task.told()}
    event = DossierEvent(
        id=ordered_id(),
        recorded_at=recorded_at or written_at(session, at),
        dossier_id=dossier.id,
        sequence=dossier.event_count,
        kind=kind,
        state_from=dossier.state if dossier.event_count > 1 else None,
        state_to=to,
        occurred_at=at,
        staff_id=staff_id or actor_of(session).staff_id,
        department_id=dossier.department_id,
        reason=reason,
        late_entry_id=late.entry_id if late is not None else None,
        facts=told,
    )
    apply_event(dossier, event)
    event.step_id, event.holder_id = dossier.step_id, dossier.holder_id
    dossier.is_silent = False  # somebody has taken it up
    session.add(event)
    if task is not None:
        apply_task(session, dossier, event)
    if flush:
        session.flush()  # the row, its tasks and the event reach the database together
    return event


def rebuild_dossier_facts(events: Iterable[DossierEvent]) -> DossierFacts:
    """Return the row that ``events`` (in order of ``sequence``) amount to."""
    facts = DossierFacts()
    for event in events:
        apply_event(facts, event)
    return facts


def apply_event(row: HasCourse, event: DossierEvent) -> None:
    """Change ``row`` by what ``event`` says; what an earlier system noted beside it changes nothing."""
    if event.kind is EventKind.IMPORTED:
        return
    row.state = event.state_to
    row.last_event_at = event.occurred_at
    task = event.facts.get("task")
    if task is not None:
        row.step_id, row.holder_id = (None, None) if task["is_ended"] else (task["step_id"], task["department_id"])
    effect = _EFFECTS.get(event.kind)
    if effect is not None:
        effect(row, event)


def _received(row: HasCourse, event: DossierEvent) -> None:
    row.received_at = event.occurred_at
    row.received_by_id = event.staff_id
    row.is_late_entry = event.late_entry_id is not None


def _refused(row: HasCourse, event: DossierEvent) -> None:
    _received(row, event)
    row.closed_at = event.occurred_at


def _assigned(row: HasCourse, event: DossierEvent) -> None:
    """Whoever works on a dossier is responsible for it; who only approves or checks it is not."""
    if "responsible_id" in event.facts:
        row.responsible_id = event.facts["responsible_id"]


def _interrupted(row: HasCourse, event: DossierEvent) -> None:
    if event.state_from in (DossierState.ACCEPTED, DossierState.PROCESSING):
        row.state_before = event.state_from


def _resumed(row: HasCourse, event: DossierEvent) -> None:
    row.state_before = None


def _stopped(row: HasCourse, event: DossierEvent) -> None:
    row.state_before = None
    row.closed_at = event.occurred_at


def _decided(row: HasCourse, event: DossierEvent) -> None:
    row.finished_at = event.occurred_at
    row.delivery_state = DeliveryState.READY


def _shelved(row: HasCourse, event: DossierEvent) -> None:
    row.shelf_number = event.facts["shelf_number"]


def _posted(row: HasCourse, event: DossierEvent) -> None:
    row.delivery_state = DeliveryState.IN_POST
    row.shelf_number = None


def _post_failed(row: HasCourse, event: DossierEvent) -> None:
    row.delivery_state = DeliveryState.READY
    row.shelf_number = event.facts.get("shelf_number")


def _returned(row: HasCourse, event: DossierEvent) -> None:
    row.returned_at = event.occurred_at
    row.delivery_state = DeliveryState.DELIVERED
    row.shelf_number = None


def _reopened(row: HasCourse, event: DossierEvent) -> None:
    row.finished_at = None
    row.returned_at = None
    row.delivery_state = DeliveryState.NOT_READY
    row.shelf_number = None


def _annulment_asked(row: HasCourse, event: DossierEvent) -> None:
    row.annulment_asked_at = event.occurred_at
    row.annulment_asked_by_id = event.staff_id


def _annulled(row: HasCourse, event: DossierEvent) -> None:
    row.annulled_at = event.occurred_at
    row.annul_reason = event.reason
    row.shelf_number = None


_EFFECTS: Mapping[EventKind, Callable[[HasCourse, DossierEvent], None]] = {
    EventKind.SUBMITTED: _received,
    EventKind.RECEIVED: _received,
    EventKind.REFUSED: _refused,
    EventKind.STARTED: _assigned,
    EventKind.ASSIGNED: _assigned,
    EventKind.SUPPLEMENT_ASKED: _interrupted,
    EventKind.PAYMENT_ASKED: _interrupted,
    EventKind.WITHDRAWAL_ASKED: _interrupted,
    EventKind.SUPPLEMENT_RECEIVED: _resumed,
    EventKind.PAYMENT_SETTLED: _resumed,
    EventKind.WITHDRAWAL_REVOKED: _resumed,
    EventKind.STOPPED: _stopped,
    EventKind.DECIDED: _decided,
    EventKind.SHELVED: _shelved,
    EventKind.POSTED: _posted,
    EventKind.POST_FAILED: _post_failed,
    EventKind.RETURNED: _returned,
    EventKind.REOPENED: _reopened,
    EventKind.ANNULMENT_ASKED: _annulment_asked,
    EventKind.ANNULLED: _annulled,
}
