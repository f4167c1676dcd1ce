"""The ledger of a legal clock as pure arithmetic: entries say what happened, folding them gives the state.

``Ledger.started``, ``stopped`` ... return the next ``Entry``; ``apply_entry`` carries one out. A row and the events
it came from agree because both go through ``apply_entry``. Source: design decision 2, docs/adr/0009-minute-ledger.md.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from fractions import Fraction

from models.base import _
from models.clock import ClockEventKind as Kind
from models.clock import ClockState as State
from models.procedure_terms import LimitUnit
from services.duetime import add_months, forward_to_work
from services.errors import ConflictError, UserError
from services.limits import Limit
from services.localtime import format_instant
from services.worktime import WorkCalendar

_MICROSECOND = timedelta(microseconds=1)


class ClockStateError(ConflictError):
    """The clock is not in the state that the act needs."""

    message = _("The clock of this dossier is not in the state for that. Look at the dossier again before you go on.")


class ClockOrderError(UserError):
    """An act is dated before the one before it."""

    message = _("That lies before the last entry of the clock, %(last)s: enter a later time.")


class ExtensionTooShortError(UserError):
    """An extension does not extend."""

    message = _("An extension has to end after the present due time, %(due)s: enter a later time.")


class NothingToExtendError(UserError):
    """A dossier without a due time cannot be extended."""

    message = _("This dossier has no due time, so there is nothing to extend.")


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: what happened when, from when counting begins or goes on, and where it leaves the clock."""

    kind: Kind
    occurred_at: datetime
    consumed: Fraction
    due_before_at: datetime | None
    due_after_at: datetime | None
    statutory_due_at: datetime | None
    from_at: datetime | None = None
    limit: Limit | None = None


@dataclass(frozen=True, slots=True)
class Ledger:
    """A clock at rest between two entries; the columns of ``models.clock.Clock`` under the same names.

    Raises: ClockStateError, ClockOrderError from every method that gives an entry.
    """

    limit: Limit | None
    state: State
    counted_from_at: datetime
    running_since_at: datetime | None
    stopped_at: datetime | None
    ended_at: datetime | None
    consumed: Fraction
    due_at: datetime | None
    statutory_due_at: datetime | None
    last_sequence: int
    last_occurred_at: datetime

    def stop(self, at: datetime, calendar: WorkCalendar | None) -> Entry:
        """Return the entry of a stop: nothing counts until the clock is resumed."""
        self._check(at, State.RUNNING)
        return self._entry(Kind.STOP, at, consumed=self._consumed_until(at, calendar))

    def resume(self, at: datetime, calendar: WorkCalendar | None) -> Entry:
        """Return the entry of a resumption: what was left of the limit goes on."""
        self._check(at, State.STOPPED)
        return self._resumed(Kind.RESUME, at, calendar)

    def restart(self, at: datetime, calendar: WorkCalendar | None) -> Entry:
        """Return the entry of a limit counted anew, as for a dossier complete at last."""
        self._check(at, State.STOPPED)
        if self.limit is None:
            return self._resumed(Kind.RESUME, at, calendar)  # there is nothing to count anew
        began = start_entry(at, self.limit, calendar)
        return replace(began, kind=Kind.RESTART, due_before_at=self.due_at)

    def end(self, at: datetime, calendar: WorkCalendar | None) -> Entry:
        """Return the entry of the end; one that ends while stopped is due as if resumed just then."""
        self._check(at, State.RUNNING, State.STOPPED)
        if self.state is State.STOPPED:
            return replace(self._resumed(Kind.END, at, calendar), from_at=None)
        return self._entry(Kind.END, at, consumed=self._consumed_until(at, calendar))

    def reopen(self, at: datetime) -> Entry:
        """Return the entry of a reopening: the result was wrong, so the clock goes on as if it had never ended."""
        self._check(at, State.ENDED)
        return self._entry(Kind.REOPEN, at, from_at=self.ended_at)

    def extend(self, at: datetime, due_at: datetime) -> Entry:
        """Return the entry of an extension to ``due_at``; the statutory due time stays.

        Raises: NothingToExtendError, ExtensionTooShortError.
        """
        self._check(at, State.RUNNING)
        if self.due_at is None:
            raise NothingToExtendError
        if due_at <= self.due_at:
            raise ExtensionTooShortError(due=format_instant(self.due_at))
        return self._entry(Kind.EXTEND, at, due=due_at)

    def reproject(self, at: datetime, calendar: WorkCalendar) -> Entry | None:
        """Return the entry of a changed calendar, None where it changes nothing for this clock."""
        self._check(at, State.RUNNING)
        statutory = self._project(self.running_since_at or self.counted_from_at, calendar)
        if self.limit is None or statutory is None or statutory == self.statutory_due_at:
            return None
        due = statutory if self.due_at == self.statutory_due_at else self.due_at
        return self._entry(Kind.CALENDAR, at, due=due, statutory=statutory)

    def is_overdue(self, at: datetime) -> bool:
        """Return whether the statutory due time had passed at ``at``, or when the clock stopped or ended before it."""
        until = min(moment for moment in (at, self.stopped_at, self.ended_at) if moment is not None)
        return self.statutory_due_at is not None and until > self.statutory_due_at

    def _check(self, at: datetime, *states: State) -> None:
        if self.state not in states:
            raise ClockStateError
        if at < self.last_occurred_at:
            raise ClockOrderError(last=format_instant(self.last_occurred_at))

    def _consumed_until(self, at: datetime, calendar: WorkCalendar | None) -> Fraction:
        since = self.running_since_at or at
        if at <= since:
            return self.consumed
        if self.limit is not None and self.limit.is_worked and calendar is not None:
            return Fraction(self.consumed + calendar.worked_between(since, at))
        return Fraction(self.consumed + (at - since) // _MICROSECOND)

    def _resumed(self, kind: Kind, at: datetime, calendar: WorkCalendar | None) -> Entry:
        start = at if calendar is None else calendar.next_working_instant(at)
        if calendar is None or self.stopped_at is None or self.statutory_due_at is None:
            return self._entry(kind, at, from_at=start)
        statutory, due = self.statutory_due_at, self.due_at
        if self.stopped_at < self.statutory_due_at:
            moved = self._project(start, calendar)
            statutory = self._moved(self.statutory_due_at, start, calendar) if moved is None else moved
        if due == self.statutory_due_at:
            due = statutory
        elif due is not None and self.stopped_at < due:
            due = self._moved(due, start, calendar)
        return self._entry(kind, at, from_at=start, due=due, statutory=statutory)

    def _moved(self, due_at: datetime, start: datetime, calendar: WorkCalendar) -> datetime:
        """Return a due time that was set by a person, later by as long as the clock stood still."""
        stood_still = start - (self.stopped_at or start)
        return forward_to_work(due_at + stood_still, calendar)

    def _project(self, running_since: datetime, calendar: WorkCalendar) -> datetime | None:
        """Return when what is left of the limit is used up, counted from ``running_since``."""
        limit = self.limit
        if limit is None:
            return None
        if limit.is_worked:
            return calendar.instant_after(running_since, (limit.budget_microseconds or 0) - self.consumed)
        if limit.unit is LimitUnit.MONTH:
            stood_still = running_since - self.counted_from_at - int(self.consumed) * _MICROSECOND
            landing = add_months(self.counted_from_at, int(limit.quantity)) + stood_still
        else:
            landing = running_since + ((limit.budget_microseconds or 0) - int(self.consumed)) * _MICROSECOND
        return forward_to_work(max(landing, running_since), calendar)

    def _entry(
        self,
        kind: Kind,
        at: datetime,
        *,
        consumed: Fraction | None = None,
        from_at: datetime | None = None,
        due: datetime | None = None,
        statutory: datetime | None = None,
    ) -> Entry:
        """Return an entry that leaves as it was whatever is not given."""
        return Entry(
            kind=kind,
            occurred_at=at,
            consumed=self.consumed if consumed is None else consumed,
            due_before_at=self.due_at,
            due_after_at=due or self.due_at,
            statutory_due_at=statutory or self.statutory_due_at,
            from_at=from_at,
            limit=self.limit,
        )


def start_entry(
    at: datetime, limit: Limit | None, calendar: WorkCalendar | None, *, given_due_at: datetime | None = None
) -> Entry:
    """Return the first entry of a clock: with a limit and a calendar, with a given due time, or with neither."""
    start = at if limit is None or calendar is None else calendar.next_working_instant(at)
    due = given_due_at
    if limit is not None and calendar is not None:
        blank = Ledger(limit, State.RUNNING, start, start, None, None, Fraction(0), None, None, 0, at)
        due = blank._project(start, calendar)
    return Entry(Kind.START, at, Fraction(0), None, due, due, start, limit)


def apply_entry(ledger: Ledger | None, entry: Entry) -> Ledger:
    """Return the ledger after ``entry``; None before the first one, which has to be a START."""
    if entry.kind is Kind.START:
        return _begun(entry, sequence=1)
    if ledger is None:
        raise ValueError(f"a clock begins with START, not with {entry.kind}")
    after = replace(
        ledger,
        consumed=entry.consumed,
        due_at=entry.due_after_at,
        statutory_due_at=entry.statutory_due_at,
        last_sequence=ledger.last_sequence + 1,
        last_occurred_at=entry.occurred_at,
    )
    at = entry.occurred_at
    if entry.kind is Kind.RESTART:
        return _begun(entry, sequence=after.last_sequence)
    if entry.kind is Kind.STOP:
        return replace(after, state=State.STOPPED, stopped_at=at, running_since_at=None)
    if entry.kind is Kind.END:
        return replace(after, state=State.ENDED, ended_at=at, stopped_at=None, running_since_at=None)
    if entry.kind in (Kind.RESUME, Kind.REOPEN):
        return replace(after, state=State.RUNNING, running_since_at=entry.from_at, stopped_at=None, ended_at=None)
    return after


def rebuild_ledger(entries: Iterable[Entry]) -> Ledger:
    """Return the state of a clock from all its entries in order; raise ValueError where there are none."""
    ledger: Ledger | None = None
    for entry in entries:
        ledger = apply_entry(ledger, entry)
    if ledger is None:
        raise ValueError("a clock has at least its START")
    return ledger


def _begun(entry: Entry, *, sequence: int) -> Ledger:
    return Ledger(
        limit=entry.limit,
        state=State.RUNNING,
        counted_from_at=entry.from_at or entry.occurred_at,
        running_since_at=entry.from_at or entry.occurred_at,
        stopped_at=None,
        ended_at=None,
        consumed=entry.consumed,
        due_at=entry.due_after_at,
        statutory_due_at=entry.statutory_due_at,
        last_sequence=sequence,
        last_occurred_at=entry.occurred_at,
    )
