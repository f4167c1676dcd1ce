"""Computing due times again after a calendar changed: what would move is shown first, then done as a batch.

Nothing moves by itself: a saved calendar counts for what is received, stopped or resumed after it, and running
dossiers follow only here, each with an event and the reason somebody gave. What is due already stays: the past is not
judged by a calendar made later. Source: docs/adr/0022-clock-in-full.md.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from models.base import _
from models.batch import Batch, BatchKind, BatchRow, RowOutcome
from models.clock import Clock, ClockState
from models.dossier import Dossier
from models.organisation import Site
from models.states import EventKind
from services.calendar import load_calendar
from services.clock import ledger_of, record_entry
from services.dossier_events import record_event
from services.dossier_moves import needed_reason
from services.errors import UserError
from services.jobs import CHUNK, Chunk, queue_batch, register
from services.ledger import Entry
from services.session import require, unscoped
from services.worktime import WorkCalendar

LOOKED_AT = 20_000
"""How many running dossiers a preview looks at."""

TITLE = _("Due times computed again")
_REASON = "due times after a changed calendar"


@dataclass(frozen=True, kw_only=True, slots=True)
class Move:
    """One running dossier whose due time would move; ``due`` includes an extension, ``statutory`` does not."""

    clock_id: int
    dossier_id: int
    code: str
    site_id: int
    due_before_at: datetime
    due_after_at: datetime
    statutory_before_at: datetime
    statutory_after_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Preview:
    """What computing again would do: ``looked_at`` running dossiers, ``moves`` of them, ``refused`` of them not.

    ``is_whole`` is False where there are more running dossiers than were looked at.
    """

    looked_at: int
    moves: Sequence[Move]
    refused: Sequence[tuple[str, UserError]] = field(default_factory=tuple)
    is_whole: bool = True

    @property
    def later(self) -> int:
        """How many would be due later."""
        return sum(move.statutory_after_at > move.statutory_before_at for move in self.moves)

    @property
    def earlier(self) -> int:
        """How many would be due earlier."""
        return sum(move.statutory_after_at < move.statutory_before_at for move in self.moves)

    def overdue(self, at: datetime) -> int:
        """Return how many would be overdue at once."""
        return sum(move.statutory_after_at < at for move in self.moves)


@dataclass(frozen=True, slots=True)
class Reprojection:
    """How many due times moved, and the last clock looked at; None when there was none left."""

    moved: int
    last_id: int | None


def preview_moves(session: Session, *, at: datetime, most: int = LOOKED_AT) -> Preview:
    """Return which running dossiers would move under the calendar as the session sees it, written or not.

    Reads dossiers of every department, whatever the actor may see.
    """
    moves: list[Move] = []
    refused: list[tuple[str, UserError]] = []
    looked_at = 0
    with unscoped(session, _REASON), session.no_autoflush:
        calendars = _Calendars(session, at)
        found = session.execute(_running(at).with_only_columns(Clock, Dossier.id, Dossier.code).limit(most + 1))
        for clock, dossier_id, code in found.yield_per(1000):
            looked_at += 1
            if looked_at > most:
                break
            try:
                entry = ledger_of(clock).reproject(at, calendars.of(clock.site_id))
            except UserError as error:
                refused.append((code, error))
                continue
            if entry is not None:
                moves.append(_move(clock, dossier_id, code, entry))
    is_whole = looked_at <= most
    return Preview(looked_at=min(looked_at, most), moves=moves, refused=refused, is_whole=is_whole)


def queue_reprojection(session: Session, *, title: str, reason: str, at: datetime) -> Batch:
    """Return a batch that computes the due times of all running dossiers again; ``reason`` stands in every event.

    Raises: DeniedError, ReasonMissingError.
    """
    require(session, "calendar_day", "reproject")
    text = needed_reason(reason)
    return queue_batch(
        session, kind=BatchKind.REPROJECTION, title=title, entity="dossier", arguments={"reason": text}, at=at
    )


def reproject_clocks(
    session: Session, *, at: datetime, reason: str, after_id: int = 0, limit: int = CHUNK
) -> Reprojection:
    """Compute the due times of the next ``limit`` running clocks again.

    Call it again with the ``last_id`` it gives until that is None, and commit in between, so that a hall's work goes
    on meanwhile. Raises: CalendarMissingError, HoursMissingError.
    """
    done = _carry_out(session, at=at, reason=reason, after_id=after_id, limit=limit)
    for each in done:
        if each.error is not None:
            raise each.error
    moved = sum(each.outcome is RowOutcome.UPDATED for each in done)
    return Reprojection(moved=moved, last_id=done[-1].clock_id if done else None)


@dataclass(frozen=True, slots=True)
class _Done:
    """What became of one clock; ``error`` where its due time could not be computed."""

    clock_id: int
    code: str
    outcome: RowOutcome
    error: UserError | None


class _ReprojectionJob:
    """Batches of kind REPROJECTION; ``last_line`` is the key of the last clock looked at."""

    def count(self, session: Session, batch: Batch) -> int:
        require(session, "calendar_day", "reproject")
        with unscoped(session, _REASON):
            running = _running(batch.started_at).with_only_columns(Clock.id).order_by(None).subquery()
            return session.scalar(select(func.count()).select_from(running)) or 0

    def run_chunk(self, session: Session, batch: Batch, *, at: datetime) -> Chunk:
        require(session, "calendar_day", "reproject")
        reason = (batch.arguments or {})["reason"]
        with unscoped(session, _REASON):
            done = _carry_out(session, at=at, reason=reason, after_id=batch.last_line, limit=CHUNK)
        return Chunk(
            counts=Counter(each.outcome for each in done),
            rows=[_refused_row(each.code, each.error) for each in done if each.error is not None],
            last_line=done[-1].clock_id if done else batch.last_line,
            is_last=len(done) < CHUNK,
        )


register(BatchKind.REPROJECTION, _ReprojectionJob())


class _Calendars:
    """The calendars of the sites that running clocks count by, each loaded once and far enough back."""

    def __init__(self, session: Session, at: datetime) -> None:
        oldest = _running(at).with_only_columns(Clock.site_id, func.min(Clock.counted_from_at))
        self._since = {
            site_id: since for site_id, since in session.execute(oldest.order_by(None).group_by(Clock.site_id))
        }
        self._session = session
        self._loaded: dict[int, WorkCalendar] = {}

    def of(self, site_id: int) -> WorkCalendar:
        if site_id not in self._loaded:
            site = self._session.get_one(Site, site_id)
            self._loaded[site_id] = load_calendar(self._session, site, self._since[site_id])
        return self._loaded[site_id]


def _running(at: datetime, after_id: int = 0) -> Select[Clock, Dossier]:
    """Return the clocks that a changed calendar can move at ``at``, with their dossiers."""
    return (
        select(Clock, Dossier)
        .join(Dossier, Dossier.id == Clock.dossier_id)
        .where(
            Clock.state == ClockState.RUNNING,
            Clock.limit_unit.is_not(None),
            Clock.statutory_due_at >= at,
            Clock.last_occurred_at <= at,
            Clock.id > after_id,
        )
        .order_by(Clock.id)
    )


def _carry_out(session: Session, *, at: datetime, reason: str, after_id: int, limit: int) -> list[_Done]:
    """Compute the next clocks again, and return what became of each.

    The dossiers are locked as their verbs lock them, so that nobody works on one meanwhile.
    """
    statement = _running(at, after_id).limit(limit).with_for_update(of=Dossier)
    found = session.execute(statement.execution_options(populate_existing=True)).all()
    _read_anew(session, [clock.id for clock, _dossier in found])
    calendars = _Calendars(session, at)
    done = []
    for clock, dossier in found:
        outcome, refusal = RowOutcome.UNCHANGED, None
        if clock.state is not ClockState.RUNNING:
            done.append(_Done(clock.id, dossier.code, outcome, refusal))
            continue
        try:
            ledger = ledger_of(clock)
            entry = ledger.reproject(at, calendars.of(clock.site_id))
        except UserError as error:
            outcome, refusal, entry = RowOutcome.REFUSED, error, None
        else:
            if entry is not None:
                record_entry(session, clock, dossier, ledger, entry, reason, EventKind.DUE_MOVED, flush=False)
                _tell_dossier(session, dossier, entry, reason)
                outcome = RowOutcome.UPDATED
        done.append(_Done(clock.id, dossier.code, outcome, refusal))
    session.flush()  # all rows and events of the chunk together
    return done


def _read_anew(session: Session, keys: Sequence[int]) -> None:
    """Read clocks again now that their dossiers are locked: whoever held one may have stopped its clock.

    PostgreSQL looks again at locked rows only, and the clocks are not: verbs lock a dossier before its clock.
    """
    session.scalars(select(Clock).where(Clock.id.in_(keys)).execution_options(populate_existing=True)).all()


def _tell_dossier(session: Session, dossier: Dossier, entry: Entry, reason: str) -> None:
    facts = {
        "due_before_at": entry.due_before_at,
        "due_at": entry.due_after_at,
        "statutory_due_at": entry.statutory_due_at,
    }
    at = entry.occurred_at
    record_event(
        session, dossier, kind=EventKind.DUE_MOVED, to=dossier.state, at=at, reason=reason, facts=facts, flush=False
    )


def _move(clock: Clock, dossier_id: int, code: str, entry: Entry) -> Move:
    assert clock.due_at is not None  # noqa: S101 -- only clocks with a due time are looked at
    assert clock.statutory_due_at is not None  # noqa: S101 -- as above
    return Move(
        clock_id=clock.id,
        dossier_id=dossier_id,
        code=code,
        site_id=clock.site_id,
        due_before_at=clock.due_at,
        due_after_at=entry.due_after_at or clock.due_at,
        statutory_before_at=clock.statutory_due_at,
        statutory_after_at=entry.statutory_due_at or clock.statutory_due_at,
    )


def _refused_row(code: str, error: UserError) -> BatchRow:
    return BatchRow(
        line_number=0,
        fingerprint="",
        outcome=RowOutcome.REFUSED,
        code=code,
        entity="dossier",
        reason=error.message_id,
        reason_values={name: str(value) for name, value in error.values.items()},
    )
