"""What a legacy dossier went through, as events: they make its row, exactly as those of a dossier received here do."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from models.dossier import Dossier, DossierEvent
from models.ids import ordered_id
from models.states import OPEN_STATES, RUNNING_STATES, DossierState, EventKind
from services.clock import KeptClock, keep_clock
from services.dossier_events import apply_event
from services.legacy.directory import Place
from services.legacy.rows import LegacyDossier
from services.session import audit_value

S = DossierState

_WAITING = {
    S.SUPPLEMENT: EventKind.SUPPLEMENT_ASKED,
    S.PAYMENT: EventKind.PAYMENT_ASKED,
    S.WITHDRAWAL: EventKind.WITHDRAWAL_ASKED,
}

Happening = tuple[EventKind, DossierState, datetime, dict[str, Any]]


def make_course(dossier: Dossier, row: LegacyDossier, place: Place, *, at: datetime) -> list[DossierEvent]:
    """Give ``dossier`` the state and times that ``row`` tells, and return the events that say so, not yet stored.

    What the file has no time for (that work began, that it waits for papers) is dated to the intake or to now.
    """
    events = []
    for kind, state, occurred_at, facts in _happenings(row, place, at):
        event = DossierEvent(
            id=ordered_id(),
            recorded_at=at,
            sequence=len(events) + 1,
            kind=kind,
            state_from=dossier.state if events else None,
            state_to=state,
            occurred_at=occurred_at,
            department_id=place.department_id,
            facts={name: audit_value(value) for name, value in facts.items()},
        )
        apply_event(dossier, event)
        events.append(event)
    dossier.event_count = len(events)
    return events


def make_clock(row: LegacyDossier, place: Place, *, at: datetime) -> KeptClock | None:
    """Return the clock with the due time as it was given; none for what was never accepted.

    A dossier that waits for its applicant stands still since now, because nobody knows since when.
    """
    if row.state in (S.NEW, S.REFUSED):
        return None
    stands_still = row.state in OPEN_STATES and row.state not in RUNNING_STATES
    return keep_clock(
        site_id=place.site.id,
        started_at=row.received_at,
        due_at=row.due_at,
        recorded_at=at,
        stopped_at=at if stands_still else None,
        ended_at=row.ended_at,
    )


def _happenings(row: LegacyDossier, place: Place, at: datetime) -> Iterator[Happening]:
    intake = row.received_at
    if row.state is S.NEW:
        yield EventKind.SUBMITTED, S.NEW, intake, {"channel": row.channel}
        return
    if row.state is S.REFUSED:
        yield EventKind.REFUSED, S.REFUSED, intake, {"channel": row.channel} | _as_given(row)
        return
    due = {"due_at": row.due_at, "statutory_due_at": row.due_at, "channel": row.channel}
    yield EventKind.RECEIVED, S.ACCEPTED, intake, due
    responsible = {"responsible_id": place.responsible_id}
    if row.state is S.ACCEPTED:
        if place.responsible_id is not None:
            yield EventKind.ASSIGNED, S.ACCEPTED, intake, responsible
        return
    yield EventKind.STARTED, S.PROCESSING, intake, responsible
    if row.state in _WAITING:
        yield _WAITING[row.state], row.state, at, {}
    if row.ended_at is not None:
        kind, state = (EventKind.STOPPED, S.STOPPED) if row.state is S.STOPPED else (EventKind.DECIDED, S.DECIDED)
        yield kind, state, row.ended_at, _as_given(row)
        if row.returned_at is not None:
            yield EventKind.RETURNED, S.RETURNED, max(row.returned_at, row.ended_at), {"method": row.return_method}


def _as_given(row: LegacyDossier) -> dict[str, Any]:
    """Return the end as the file has it, where that cannot be: before the dossier was received."""
    return {"given_finished_at": row.finished_at} if row.finished_at != row.ended_at or row.state is S.REFUSED else {}
