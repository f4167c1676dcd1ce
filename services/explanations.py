"""Why a due time is what it is, as message ids with values; translated and formatted where they are shown.

A value is an aware instant, a date, a number, a ``Duration``, plain text or another ``Reason``; ``web.explanations``
writes each in the reader's language.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import groupby

from models.base import _
from models.calendar import CalendarDayKind, Shift, format_shifts
from models.procedure_terms import LimitUnit
from services.limits import MICROSECONDS_PER_HOUR, MICROSECONDS_PER_MINUTE, WORKING_DAY_MICROSECONDS, Limit
from services.localtime import LOCAL_ZONE, local_date
from services.worktime import SpecialDay, WorkCalendar, WorkDay

WEEKENDS_SHOWN = 3
"""More weekends than these are told in one line."""


@dataclass(frozen=True, slots=True)
class Duration:
    """A length of time in whole minutes; eight working hours are a day where it is worked time."""

    minutes: int
    is_worked: bool = False


@dataclass(frozen=True, slots=True)
class Reason:
    """One step of an explanation: a message id and the values of its placeholders."""

    message: str
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happened to a clock, with what follows from it."""

    headline: Reason
    details: tuple[Reason, ...] = ()


def explain_start(received_at: datetime, start: datetime, calendar: WorkCalendar) -> Iterator[Reason]:
    """Say from when a limit counts, and why not from the moment of receipt."""
    times = {"received": received_at, "start": start}
    if received_at == start:
        yield Reason(_("Received at %(received)s, in working time: counting begins at once."), times)
        return
    day = calendar.day(local_date(received_at))
    if not day.is_worked:
        yield Reason(_("Received at %(received)s, on a day that is not worked: counting begins at %(start)s."), times)
    elif _minute(received_at) < day.shifts[0].opens:
        yield Reason(_("Received at %(received)s, before opening: counting begins at %(start)s."), times)
    elif local_date(start) == day.local_date:
        yield Reason(_("Received at %(received)s, in the break: counting begins at %(start)s."), times)
    else:
        yield Reason(_("Received at %(received)s, after closing time: counting begins at %(start)s."), times)
    if any(shift.opens <= _minute(received_at) < shift.closes for shift in day.reception):
        yield Reason(_("Only reception is open at that time; it takes dossiers, but no working time passes."))


def explain_limit(limit: Limit) -> Reason:
    """Say how long the limit is, in words."""
    phrase = Reason(limit.phrase, {"quantity": limit.quantity})
    if limit.unit is LimitUnit.WORKING_DAY:
        hours = limit.quantity * 8
        return Reason(_("The limit is %(limit)s, that is %(hours)s working hours."), {"limit": phrase, "hours": hours})
    return Reason(_("The limit is %(limit)s."), {"limit": phrase})


def explain_worked(received_at: datetime, start: datetime, due: datetime, calendar: WorkCalendar) -> Iterator[Reason]:
    """Say which hours and days counted until a budget of working time was used up."""
    days = list(_days(calendar, local_date(received_at), local_date(due)))
    worked = [day for day in days if day.is_worked and day.local_date >= local_date(start)]
    yield from _explain_hours(worked)
    yield from _explain_days(days)
    if any(_minute(due) == shift.closes for shift in worked[-1].shifts):
        yield Reason(_("The limit is used up exactly at closing time, %(due)s, and ends there."), {"due": due})
    else:
        yield Reason(_("The limit is used up at %(due)s."), {"due": due})


def explain_elapsed(
    start: datetime, limit: Limit, landing: datetime, due: datetime, calendar: WorkCalendar
) -> Iterator[Reason]:
    """Say where calendar days or months end, and why that moved to working time."""
    yield Reason(_("Every day counts, from %(start)s to %(landing)s."), {"start": start, "landing": landing})
    if limit.unit is LimitUnit.MONTH and local_date(landing).day != local_date(start).day:
        yield Reason(_("That month has no day %(day)s, so its last day is taken."), {"day": local_date(start).day})
    if due == landing:
        return
    days = list(_days(calendar, local_date(landing), local_date(due)))
    yield from _explain_days(days)
    if days[0].is_worked:
        yield Reason(
            _("No work is done at that time, so the end moves forward to the next opening, %(due)s."), {"due": due}
        )
    else:
        yield Reason(
            _("Nothing can be handed back then, so the end moves forward to working time, %(due)s."), {"due": due}
        )


def _explain_hours(worked: Sequence[WorkDay]) -> Iterator[Reason]:
    kinds = list(dict.fromkeys(day.shifts for day in worked))
    hours = " / ".join(_spoken(shifts) for shifts in kinds)
    if any(len(shifts) > 1 for shifts in kinds):
        yield Reason(_("Only working hours count, %(hours)s; the break between them does not."), {"hours": hours})
    else:
        yield Reason(_("Only working hours count, %(hours)s."), {"hours": hours})
    for shifts in kinds:
        day = next(day for day in worked if day.shifts == shifts)
        if day.length * WORKING_DAY_MICROSECONDS != day.value * 8 * MICROSECONDS_PER_HOUR:
            yield _explain_scale(day)


def _explain_scale(day: WorkDay) -> Reason:
    minutes = day.length // MICROSECONDS_PER_MINUTE
    values = {"hours": _spoken(day.shifts), "length": f"{minutes // 60}:{minutes % 60:02d}"}
    if day.value == WORKING_DAY_MICROSECONDS:
        return Reason(_("A day of %(length)s hours (%(hours)s) is a full working day here and counts as one."), values)
    share = Decimal(float(day.value / WORKING_DAY_MICROSECONDS)).quantize(Decimal("0.001"), ROUND_HALF_UP)
    return Reason(_("A day of %(hours)s counts as %(share)s working days here."), {**values, "share": share})


def _explain_days(days: Sequence[WorkDay]) -> Iterator[Reason]:
    """Say which days of a stretch were not worked, and which were though one would not expect it."""
    runs = [list(run) for _off, run in groupby(days, key=lambda day: (day.is_worked, _is_swapped(day)))]
    weekends = [run for run in runs if not run[0].is_worked and not any(day.special for day in run)]
    is_brief = len(weekends) <= WEEKENDS_SHOWN
    for run in runs:
        if run[0].is_worked:
            yield from (_explain_swap(day.local_date, day.special) for day in run if day.special)
        elif any(day.special for day in run):
            yield _explain_holidays(run)
        elif is_brief:
            yield _about(run, _("%(first)s: weekend, not counted."), _("%(first)s to %(last)s: weekend, not counted."))
        elif run is weekends[0]:
            values = {"count": len(weekends), "first": run[0].local_date, "last": weekends[-1][-1].local_date}
            yield Reason(_("%(count)s weekends from %(first)s to %(last)s: not counted."), values)


def _explain_swap(day: date, special: SpecialDay) -> Reason:
    if special.swapped_with:
        return Reason(
            _("%(day)s is worked instead of %(other)s and counts."), {"day": day, "other": special.swapped_with}
        )
    return Reason(_("%(day)s is worked by decision (%(name)s) and counts."), {"day": day, "name": special.name})


def _explain_holidays(run: Sequence[WorkDay]) -> Reason:
    names = {"names": _short_names([day.special.name for day in run if day.special])}
    if all(day.special for day in run):
        return _about(
            run, _("%(first)s: %(names)s, not counted."), _("%(first)s to %(last)s: %(names)s, not counted."), names
        )
    return _about(
        run,
        _("%(first)s: weekend and %(names)s, not counted."),
        _("%(first)s to %(last)s: weekend and %(names)s, not counted."),
        names,
    )


def _about(run: Sequence[WorkDay], one: str, several: str, values: Mapping[str, object] | None = None) -> Reason:
    """Return ``one`` or ``several`` with the first and last day of a run."""
    first, last = run[0].local_date, run[-1].local_date
    if first == last:
        return Reason(one, {"first": first, **(values or {})})
    return Reason(several, {"first": first, "last": last, **(values or {})})


def _short_names(names: Sequence[str]) -> str:
    """Return the names of a run of holidays; "Mùng hai Tết Nguyên Đán" is left out beside "Tết Nguyên Đán"."""
    distinct = list(dict.fromkeys(names))
    kept = [name for name in distinct if not any(other != name and other in name for other in distinct)]
    return ", ".join(kept)


def _is_swapped(day: WorkDay) -> bool:
    return bool(day.special) and day.special.kind is CalendarDayKind.SWAPPED_WORKING_DAY


def _days(calendar: WorkCalendar, first: date, last: date) -> Iterator[WorkDay]:
    day = first
    while day <= last:
        yield calendar.day(day)
        day += timedelta(days=1)


def _minute(at: datetime) -> float:
    local = at.astimezone(LOCAL_ZONE)
    return local.hour * 60 + local.minute + (local.second + local.microsecond / 1e6) / 60


def _spoken(shifts: tuple[Shift, ...]) -> str:
    return format_shifts(shifts).replace("-", "–")
