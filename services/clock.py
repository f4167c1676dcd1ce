"""The legal clock of a dossier: starting, stopping, resuming and ending it, with an event for each.

Every function writes the event, the clock's row and the dossier's due times in the caller's transaction. ``cause`` is
what happens to the dossier at that moment; the course of the clock says it in words.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.base import _
from models.clock import Clock, ClockEvent
from models.dossier import Dossier
from models.ids import ordered_id
from models.organisation import Site
from models.states import EventKind
from services.calendar import load_calendar
from services.course import tell_course
from services.errors import UserError
from services.explanations import Happening
from services.ledger import Entry, Ledger, apply_entry, rebuild_ledger, start_entry
from services.limits import Limit
from services.record_time import late_time, written_at
from services.rule_sets import terms_of
from services.session import actor_of
from services.worktime import WorkCalendar


class ClockMissingError(UserError):
    """A dossier has no clock: it was imported, or refused at intake."""

    message = _("Dossier %(code)s has no clock. Take it up first, so that its time can be counted.")


def start_clock(
    session: Session,
    *,
    dossier: Dossier,
    limit: Limit | None,
    site: Site,
    at: datetime,
    due_at: datetime | None = None,
    recorded_at: datetime | None = None,
    calendar: WorkCalendar | None = None,
    cause: EventKind | None = None,
) -> Clock:
    """Start the clock of a dossier and set its due times; without a limit there are none.

    ``due_at`` keeps a due time that an earlier system gave, and counts only without a limit. ``calendar`` saves
    loading the site's calendar again when many dossiers are received in one go.
    Raises: CalendarMissingError, HoursMissingError.
    """
    if limit is not None and calendar is None:
        calendar = load_calendar(session, site, at)
    entry = start_entry(at, limit, calendar, given_due_at=due_at)
    clock = Clock(dossier_id=dossier.id, site=site)
    session.add(clock)
    return record_entry(session, clock, dossier, None, entry, cause=cause, recorded_at=recorded_at)


@dataclass(frozen=True, slots=True)
class KeptClock:
    """The clock of a dossier that an earlier system counted, with its events; nothing of it is stored yet."""

    clock: Clock
    events: tuple[ClockEvent, ...]


def keep_clock(
    *,
    site_id: int,
    started_at: datetime,
    due_at: datetime | None,
    recorded_at: datetime,
    stopped_at: datetime | None = None,
    ended_at: datetime | None = None,
) -> KeptClock:
    """Return the clock of a dossier whose due time was given by an earlier system and is kept as it is.

    Whoever calls it stores the clock, gives its key to the events, and stores them: many can be written at once.
    """
    entries = [start_entry(started_at, None, None, given_due_at=due_at)]
    ledger = apply_entry(None, entries[0])
    for entry in (
        ledger.stop(stopped_at, None) if stopped_at else None,
        ledger.end(ended_at, None) if ended_at else None,
    ):
        if entry is not None:
            ledger = apply_entry(ledger, entry)
            entries.append(entry)
    clock = Clock(site_id=site_id)
    _store(clock, ledger)
    events = tuple(_event_of(entry, number, recorded_at) for number, entry in enumerate(entries, 1))
    return KeptClock(clock, events)


def stop_clock(
    session: Session,
    *,
    dossier: Dossier,
    at: datetime,
    reason: str | None = None,
    cause: EventKind | None = None,
    recorded_at: datetime | None = None,
) -> Clock:
    """Stop the clock: from ``at`` on no time counts. Raises: ClockMissingError, ClockStateError, ClockOrderError."""
    clock, ledger, calendar = _open(session, dossier)
    return record_entry(session, clock, dossier, ledger, ledger.stop(at, calendar), reason, cause, recorded_at)


def resume_clock(
    session: Session,
    *,
    dossier: Dossier,
    at: datetime,
    reason: str | None = None,
    is_anew: bool = False,
    cause: EventKind | None = None,
    recorded_at: datetime | None = None,
) -> Clock:
    """Let the clock go on with what was left of the limit, or with all of it where ``is_anew``.

    Raises: ClockMissingError, ClockStateError, ClockOrderError, CalendarMissingError, HoursMissingError.
    """
    clock, ledger, calendar = _open(session, dossier)
    entry = ledger.restart(at, calendar) if is_anew else ledger.resume(at, calendar)
    return record_entry(session, clock, dossier, ledger, entry, reason, cause, recorded_at)


def end_clock(
    session: Session,
    *,
    dossier: Dossier,
    at: datetime,
    reason: str | None = None,
    cause: EventKind | None = None,
    recorded_at: datetime | None = None,
) -> Clock:
    """End the clock, running or stopped. Raises: ClockMissingError, ClockStateError, ClockOrderError."""
    clock, ledger, calendar = _open(session, dossier)
    return record_entry(session, clock, dossier, ledger, ledger.end(at, calendar), reason, cause, recorded_at)


def void_clock(session: Session, *, dossier: Dossier, at: datetime, reason: str) -> Clock:
    """End the clock of a dossier that never was, as it stands: no calendar is asked, and no due time moves.

    Raises: ClockMissingError, ClockStateError, ClockOrderError.
    """
    clock = get_clock(session, dossier)
    ledger = ledger_of(clock)
    return record_entry(session, clock, dossier, ledger, ledger.end(at, None), reason, EventKind.ANNULLED)


def reopen_clock(
    session: Session, *, dossier: Dossier, at: datetime, reason: str, recorded_at: datetime | None = None
) -> Clock:
    """Let an ended clock go on as if it had never ended; the due time stays.

    Raises: ClockMissingError, ClockStateError, ClockOrderError.
    """
    clock, ledger, _calendar = _open(session, dossier, with_calendar=False)
    return record_entry(session, clock, dossier, ledger, ledger.reopen(at), reason, EventKind.REOPENED, recorded_at)


def extend_clock(
    session: Session,
    *,
    dossier: Dossier,
    due_at: datetime,
    at: datetime,
    reason: str,
    recorded_at: datetime | None = None,
) -> Clock:
    """Give the dossier a later due time; lateness is still judged on the statutory one.

    Raises: ClockMissingError, ClockStateError, ClockOrderError, NothingToExtendError, ExtensionTooShortError.
    """
    clock, ledger, _calendar = _open(session, dossier, with_calendar=False)
    return record_entry(
        session, clock, dossier, ledger, ledger.extend(at, due_at), reason, EventKind.EXTENDED, recorded_at
    )


def get_clock(session: Session, dossier: Dossier) -> Clock:
    """Return the clock of a dossier. Raises: ClockMissingError."""
    clock = session.scalars(select(Clock).where(Clock.dossier_id == dossier.id)).one_or_none()
    if clock is None:
        raise ClockMissingError(code=dossier.code)
    return clock


def list_clock_events(session: Session, clock: Clock) -> Sequence[ClockEvent]:
    """Return the events of a clock in order."""
    statement = select(ClockEvent).where(ClockEvent.clock_id == clock.id).order_by(ClockEvent.sequence)
    return session.scalars(statement).all()


def explain(session: Session, *, dossier: Dossier) -> tuple[Happening, ...]:
    """Return in words how the due time of a dossier came about, from its intake to now.

    Raises: ClockMissingError, CalendarMissingError, HoursMissingError.
    """
    clock = get_clock(session, dossier)
    events = list_clock_events(session, clock)
    calendar = load_calendar(session, clock.site, events[0].occurred_at) if clock.limit_unit is not None else None
    terms = terms_of(session, dossier)
    return tell_course([(entry_of(event), event.cause, event.reason) for event in events], calendar, terms.source or "")


def rebuild_clock(events: Sequence[ClockEvent]) -> Ledger:
    """Return what the row of a clock has to say, from its events alone."""
    return rebuild_ledger(entry_of(event) for event in events)


def ledger_of(clock: Clock) -> Ledger:
    """Return the row of a clock as a ledger."""
    return Ledger(
        limit=_limit(clock.limit_quantity, clock),
        state=clock.state,
        counted_from_at=clock.counted_from_at,
        running_since_at=clock.running_since_at,
        stopped_at=clock.stopped_at,
        ended_at=clock.ended_at,
        consumed=clock.consumed_microseconds,
        due_at=clock.due_at,
        statutory_due_at=clock.statutory_due_at,
        last_sequence=clock.last_sequence,
        last_occurred_at=clock.last_occurred_at,
    )


def entry_of(event: ClockEvent) -> Entry:
    """Return an event as an entry of the ledger."""
    return Entry(
        kind=event.kind,
        occurred_at=event.occurred_at,
        consumed=event.consumed_microseconds,
        due_before_at=event.due_before_at,
        due_after_at=event.due_after_at,
        statutory_due_at=event.statutory_due_at,
        from_at=event.from_at,
        limit=_limit(event.limit_quantity, event),
    )


def _limit(quantity: Decimal | None, row: Clock | ClockEvent) -> Limit | None:
    return None if quantity is None or row.limit_unit is None else Limit(quantity, row.limit_unit)


def _open(
    session: Session, dossier: Dossier, *, with_calendar: bool = True
) -> tuple[Clock, Ledger, WorkCalendar | None]:
    """Return the clock with what an act on it needs; the calendar only where a due time depends on one."""
    clock = get_clock(session, dossier)
    needs_calendar = with_calendar and clock.due_at is not None
    calendar = load_calendar(session, clock.site, clock.counted_from_at) if needs_calendar else None
    return clock, ledger_of(clock), calendar


def record_entry(
    session: Session,
    clock: Clock,
    dossier: Dossier,
    ledger: Ledger | None,
    entry: Entry,
    reason: str | None = None,
    cause: EventKind | None = None,
    recorded_at: datetime | None = None,
    *,
    flush: bool = True,
) -> Clock:
    """Carry an entry of ``ledger`` out: the row, the event, the dossier's due times.

    Without ``flush`` the caller flushes many of them in one go; the clock is in the database already then.
    """
    after = apply_entry(ledger, entry)
    _store(clock, after)
    dossier.due_at, dossier.statutory_due_at = after.due_at, after.statutory_due_at
    if flush:
        session.flush()  # the event needs the clock's key
    late = late_time(session)
    event = _event_of(entry, after.last_sequence, recorded_at or written_at(session, entry.occurred_at))
    event.late_entry_id = late.entry_id if late is not None else None
    event.clock_id, event.cause, event.reason, event.staff_id = clock.id, cause, reason, actor_of(session).staff_id
    session.add(event)
    if flush:
        session.flush()  # a refusal of the database has to meet the act that caused it
    return clock


def _event_of(entry: Entry, sequence: int, recorded_at: datetime) -> ClockEvent:
    return ClockEvent(
        id=ordered_id(),
        recorded_at=recorded_at,
        sequence=sequence,
        kind=entry.kind,
        occurred_at=entry.occurred_at,
        from_at=entry.from_at,
        limit_quantity=entry.limit.quantity if entry.limit else None,
        limit_unit=entry.limit.unit if entry.limit else None,
        consumed_microseconds=entry.consumed,
        due_before_at=entry.due_before_at,
        due_after_at=entry.due_after_at,
        statutory_due_at=entry.statutory_due_at,
    )


def _store(clock: Clock, ledger: Ledger) -> None:
    clock.limit_quantity = ledger.limit.quantity if ledger.limit else None
    clock.limit_unit = ledger.limit.unit if ledger.limit else None
    clock.budget_microseconds = ledger.limit.budget_microseconds if ledger.limit else None
    clock.state = ledger.state
    clock.counted_from_at = ledger.counted_from_at
    clock.running_since_at = ledger.running_since_at
    clock.stopped_at = ledger.stopped_at
    clock.ended_at = ledger.ended_at
    clock.consumed_microseconds = Fraction(ledger.consumed)
    clock.due_at = ledger.due_at
    clock.statutory_due_at = ledger.statutory_due_at
    clock.last_sequence = ledger.last_sequence
    clock.last_occurred_at = ledger.last_occurred_at
