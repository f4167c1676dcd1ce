"""The course of a clock in words: what happened, why, how much of the limit was used, and where the due time went.

Pure: entries of the ledger in, ``Happening``s out. Where the calendar was changed since, the days are told for the
entry that counts with today's calendar, and the earlier due time only as it was.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from models.base import _
from models.clock import ClockEventKind as Kind
from models.clock import ClockState
from models.states import EventKind
from services.duetime import due_time
from services.explanations import Duration, Happening, Reason, explain_worked
from services.ledger import Entry, Ledger, apply_entry
from services.limits import MICROSECONDS_PER_MINUTE
from services.worktime import WorkCalendar

Told = tuple[Entry, EventKind | None, str | None]
"""An entry, what happened to the dossier just then, and what somebody wrote about it."""

_HEADLINES: Mapping[Kind, str] = {
    Kind.START: _("%(at)s: the clock starts."),
    Kind.STOP: _("%(at)s: the clock stops."),
    Kind.RESUME: _("%(at)s: the clock goes on."),
    Kind.RESTART: _("%(at)s: the limit counts anew."),
    Kind.END: _("%(at)s: the clock ends."),
    Kind.REOPEN: _("%(at)s: the dossier is reopened, and the clock goes on as if it had never ended."),
    Kind.EXTEND: _("%(at)s: the due time is extended."),
    Kind.CALENDAR: _("%(at)s: the calendar was changed."),
}

_CAUSES: Mapping[EventKind, str] = {
    EventKind.SUPPLEMENT_ASKED: _("The applicant was asked for more papers; until they arrive no time counts."),
    EventKind.PAYMENT_ASKED: _("The applicant has a payment to make; until it is made no time counts."),
    EventKind.WITHDRAWAL_ASKED: _("The applicant wants the dossier back; until that is settled no time counts."),
    EventKind.SUPPLEMENT_RECEIVED: _("The missing papers arrived; what was left of the limit goes on."),
    EventKind.PAYMENT_SETTLED: _("The payment was made; what was left of the limit goes on."),
    EventKind.WITHDRAWAL_REVOKED: _("The applicant keeps the application up; what was left of the limit goes on."),
    EventKind.DECIDED: _("The dossier was decided."),
    EventKind.STOPPED: _("The dossier was stopped without a result."),
    EventKind.ANNULLED: _("The dossier was annulled as an entry error."),
}


def tell_course(told: Sequence[Told], calendar: WorkCalendar | None, rules: str) -> tuple[Happening, ...]:
    """Return what happened to a clock step by step; ``rules`` names the law the dossier lives under.

    Raises: CalendarMissingError, HoursMissingError.
    """
    ledger: Ledger | None = None
    course = []
    for entry, cause, reason in told:
        after = apply_entry(ledger, entry)
        details = [
            *_why(entry, cause, reason, rules),
            *_used(ledger, after, entry),
            *_moved(entry, calendar),
            *_counted(ledger, after, entry, calendar),
        ]
        course.append(Happening(Reason(_HEADLINES[entry.kind], {"at": entry.occurred_at}), tuple(details)))
        ledger = after
    return tuple(course)


def _why(entry: Entry, cause: EventKind | None, reason: str | None, rules: str) -> Iterator[Reason]:
    if entry.kind is Kind.RESTART and rules:
        yield Reason(
            _("The dossier is complete now; under %(rules)s the whole limit counts from here."), {"rules": rules}
        )
    elif entry.kind is Kind.RESTART:
        yield Reason(_("The dossier is complete now, and the whole limit counts from here."))
    elif cause is not None and cause in _CAUSES:
        yield Reason(_CAUSES[cause])
    if reason:
        yield Reason(_("Reason: %(reason)s"), {"reason": reason})


def _used(before: Ledger | None, after: Ledger, entry: Entry) -> Iterator[Reason]:
    """Say how much of a fixed limit is used and left where the clock comes to rest or goes on."""
    limit = after.limit
    if limit is None or limit.budget_microseconds is None or before is None:
        return
    if entry.kind not in (Kind.STOP, Kind.RESUME, Kind.END):
        return
    budget = limit.budget_microseconds // MICROSECONDS_PER_MINUTE
    used = round(entry.consumed / MICROSECONDS_PER_MINUTE)
    values = {
        "used": Duration(used, limit.is_worked),
        "budget": Duration(budget, limit.is_worked),
        "left": Duration(abs(budget - used), limit.is_worked),
    }
    if entry.kind is Kind.RESUME:
        if used <= budget:
            yield Reason(_("%(left)s of the limit is left."), values)
    elif used <= budget:
        yield Reason(_("Used so far: %(used)s of %(budget)s; left: %(left)s."), values)
    else:
        yield Reason(_("Used so far: %(used)s of %(budget)s; too much: %(left)s."), values)


def _moved(entry: Entry, calendar: WorkCalendar | None) -> Iterator[Reason]:
    if entry.kind in (Kind.RESUME, Kind.RESTART) and entry.from_at is not None and entry.from_at != entry.occurred_at:
        yield Reason(_("No work is done at that time: counting goes on at %(start)s."), {"start": entry.from_at})
    before, after = entry.due_before_at, entry.due_after_at
    if before is not None and after is not None and before != after:
        yield Reason(_("The due time moves from %(before)s to %(after)s."), {"before": before, "after": after})
    if entry.kind is Kind.EXTEND and entry.statutory_due_at is not None:
        yield Reason(
            _("The applicant was told with an apology; lateness stays judged on %(statutory)s."),
            {"statutory": entry.statutory_due_at},
        )
    if entry.kind is Kind.STOP and after is not None and entry.occurred_at > after:
        yield Reason(_("It was overdue already, so the due time stays."))


def _counted(before: Ledger | None, after: Ledger, entry: Entry, calendar: WorkCalendar | None) -> Iterator[Reason]:
    """Say which days count until the due time that an entry leaves behind."""
    due, limit = entry.statutory_due_at, entry.limit
    if limit is None or calendar is None or due is None:
        return
    if entry.kind.counts_from_the_beginning:
        computed = due_time(entry.occurred_at, limit, calendar)
        if computed.at == due:
            yield from computed.reasons if entry.kind is Kind.START else computed.reasons[1:]
        else:
            yield Reason(_("With the calendar of that day it was due at %(due)s."), {"due": due})
    elif limit.is_worked and entry.kind in (Kind.RESUME, Kind.CALENDAR) and due != (before and before.statutory_due_at):
        yield from _until(after, due, calendar)


def _until(ledger: Ledger, due: datetime, calendar: WorkCalendar) -> Iterator[Reason]:
    """Say which days count from where the clock runs to the due time, if today's calendar still says so."""
    since = ledger.running_since_at
    if since is None or ledger.state is not ClockState.RUNNING or ledger.limit is None or since >= due:
        return
    left = (ledger.limit.budget_microseconds or 0) - ledger.consumed
    if calendar.instant_after(since, left) == due:
        yield from explain_worked(since, since, due, calendar)
