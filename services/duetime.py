"""When a limit is used up, and why then: the arithmetic of due times and its explanation in words."""

import calendar as gregorian
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from models.procedure_terms import LimitUnit
from services.explanations import Reason, explain_elapsed, explain_limit, explain_start, explain_worked
from services.limits import Limit
from services.localtime import LOCAL_ZONE, local_date
from services.worktime import WorkCalendar


@dataclass(frozen=True, slots=True)
class DueTime:
    """An instant by which something is due, where counting began, and why, step by step."""

    at: datetime
    counted_from: datetime
    reasons: tuple[Reason, ...]


def due_time(received_at: datetime, limit: Limit, calendar: WorkCalendar) -> DueTime:
    """Return when a dossier received at ``received_at`` is due, with the reasons in words.

    Units:  aware UTC instants, exact to the microsecond.
    Raises: CalendarMissingError, HoursMissingError where the calendar does not reach far enough.
    Source: domain.md 2.4; docs/adr/0009-minute-ledger.md.
    """
    start = calendar.next_working_instant(received_at)
    reasons = [*explain_start(received_at, start, calendar), explain_limit(limit)]
    if limit.is_worked:
        due = calendar.instant_after(start, limit.budget_microseconds or 0)
        reasons += explain_worked(received_at, start, due, calendar)
    else:
        landing = add_elapsed(start, limit)
        due = forward_to_work(landing, calendar)
        reasons += explain_elapsed(start, limit, landing, due, calendar)
    return DueTime(due, start, tuple(reasons))


def add_elapsed(start: datetime, limit: Limit) -> datetime:
    """Return where calendar days or months from ``start`` end, whatever kind of day that is."""
    if limit.unit is LimitUnit.MONTH:
        return add_months(start, int(limit.quantity))
    return start + timedelta(microseconds=limit.budget_microseconds or 0)


def add_months(start: datetime, months: int) -> datetime:
    """Return the same day and clock time ``months`` later, the last day of the month where it has no such day."""
    local = start.astimezone(LOCAL_ZONE)
    years, month = divmod(local.month - 1 + months, 12)
    year = local.year + years
    day = min(local.day, gregorian.monthrange(year, month + 1)[1])
    return local.replace(year=year, month=month + 1, day=day).astimezone(UTC)


def forward_to_work(landing: datetime, calendar: WorkCalendar) -> datetime:
    """Return ``landing`` where the site works just then (closing time included), else a later working instant.

    From a day that is not worked: the next working day at the same clock time, or at its opening where that is
    not working time. On a working day: the next opening.
    """
    day = local_date(landing)
    if calendar.day(day).is_worked:
        return calendar.next_working_instant(landing, closing_counts=True)
    moved = landing
    while not calendar.day(local_date(moved)).is_worked:
        moved += timedelta(days=1)
    if calendar.is_working_time(moved):
        return moved
    midnight = moved.astimezone(LOCAL_ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
    return calendar.next_working_instant(midnight)
