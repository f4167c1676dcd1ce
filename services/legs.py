"""Who held a dossier when, how much of its limit each used up, and whose lateness it is: pure arithmetic.

A leg is a stretch under one responsibility. Its time is measured as the clock measures it: working time for working
days and hours, elapsed time otherwise; while the clock stood still, a leg only waited. Source: docs/adr/0022.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import pairwise

from models.clock import ClockEventKind as Kind
from services.ledger import Entry, rebuild_ledger
from services.worktime import WorkCalendar, Worked

_MICROSECOND = timedelta(microseconds=1)
_NONE = timedelta(0)


@dataclass(frozen=True, slots=True)
class Holder:
    """Who is responsible: a department or agency, and the step of the process it works on, where there is one."""

    department_id: int | None
    step: str = ""


@dataclass(frozen=True, slots=True)
class Taking:
    """From ``at`` on ``holder`` is responsible; ``budget`` (microseconds as the clock counts) is the step's own."""

    at: datetime
    holder: Holder
    budget: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Leg:
    """One stretch under one responsibility; all times but ``waited`` in microseconds as the clock counts.

    used      of the limit that is in force
    forgone   used of a limit that was counted anew later, so that it counts no more
    waited    elapsed time in which the clock stood still
    over      used beyond its own budget, or beyond what the others' budgets leave of the limit
    charged   its share of the dossier's lateness; over all legs they add up to it
    """

    holder: Holder
    from_at: datetime
    to_at: datetime
    used: Worked = 0
    forgone: Worked = 0
    waited: timedelta = _NONE
    budget: int | None = None
    over: Worked = 0
    charged: Worked = 0
    is_blamed: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class LegTable:
    """All legs of a dossier; ``used`` is their sum, ``late`` what of it lies after the statutory due time.

    ``budget`` is what the limit grants, None where the limit is no fixed amount. A dossier can be late by no
    countable time: due at closing and ended in the evening.
    """

    legs: Sequence[Leg]
    is_worked: bool
    budget: int | None
    used: Worked
    late: Worked
    is_late: bool
    is_running: bool


@dataclass(frozen=True, slots=True)
class _Run:
    """A stretch in which the clock ran; ``counts`` unless the limit was counted anew after it."""

    begins_at: datetime
    ends_at: datetime
    counts: bool


def split_legs(
    entries: Sequence[Entry], takings: Sequence[Taking], calendar: WorkCalendar | None, *, until: datetime
) -> LegTable:
    """Return the legs of a clock until its end, or until ``until`` while it has none.

    ``takings`` are in order; the first one counts from the clock's start. The used times add up to what the ledger
    has consumed at that instant under ``calendar``.
    """
    ledger = rebuild_ledger(entries)
    until = ledger.ended_at or max(until, ledger.last_occurred_at)
    is_worked = ledger.limit is not None and ledger.limit.is_worked and calendar is not None

    def measure(begins_at: datetime, ends_at: datetime) -> Worked:
        if ends_at <= begins_at:
            return 0
        if is_worked and calendar is not None:
            return calendar.worked_between(begins_at, ends_at)
        return (ends_at - begins_at) // _MICROSECOND

    runs, waits = _runs_and_waits(entries, until)
    legs = []
    for taking, ends_at in _stretches(takings, entries[0].occurred_at, until):
        parts = [(run, max(run.begins_at, taking.at), min(run.ends_at, ends_at)) for run in runs]
        legs.append(
            Leg(
                holder=taking.holder,
                from_at=taking.at,
                to_at=ends_at,
                used=sum(measure(begins, ends) for run, begins, ends in parts if run.counts),
                forgone=sum(measure(begins, ends) for run, begins, ends in parts if not run.counts),
                waited=sum((max(_NONE, min(ends_at, e) - max(taking.at, b)) for b, e in waits), _NONE),
                budget=taking.budget,
            )
        )
    due = ledger.statutory_due_at
    late = sum(measure(max(run.begins_at, due), run.ends_at) for run in runs if run.counts) if due else 0
    is_late = ledger.is_overdue(until)
    return LegTable(
        legs=_charged(legs, late if is_late else 0, is_late=is_late),
        is_worked=is_worked,
        budget=ledger.limit.budget_microseconds if ledger.limit else None,
        used=sum(leg.used for leg in legs),
        late=late if is_late else 0,
        is_late=is_late,
        is_running=ledger.running_since_at is not None,
    )


def _stretches(takings: Sequence[Taking], begins_at: datetime, until: datetime) -> list[tuple[Taking, datetime]]:
    """Return each change of responsibility with its end; the first one counts from ``begins_at``."""
    changes: list[Taking] = []
    for taking in takings:
        at = max(taking.at, begins_at) if changes else begins_at
        if at > until:
            break
        if changes and changes[-1].holder == taking.holder:
            continue
        if changes and changes[-1].at == at:
            changes.pop()  # nobody holds anything for no time
        if changes and changes[-1].holder == taking.holder:
            continue
        changes.append(replace(taking, at=at))
    ends = [later.at for _earlier, later in pairwise(changes)]
    return list(zip(changes, [*ends, until], strict=True))


def _runs_and_waits(entries: Sequence[Entry], until: datetime) -> tuple[list[_Run], list[tuple[datetime, datetime]]]:
    """Return when the clock ran and when it stood still."""
    runs: list[_Run] = []
    waits: list[tuple[datetime, datetime]] = []
    since = stopped = None
    for entry in entries:
        if entry.kind is Kind.RESTART:
            runs = [replace(run, counts=False) for run in runs]
        if entry.kind in (Kind.START, Kind.RESUME, Kind.RESTART, Kind.REOPEN):
            since = entry.from_at or entry.occurred_at
            if stopped is not None:
                waits.append((stopped, since))
            stopped = None
        elif entry.kind in (Kind.STOP, Kind.END):
            if since is not None:
                runs.append(_Run(since, entry.occurred_at, counts=True))
            if stopped is not None:
                waits.append((stopped, entry.occurred_at))
            begun = max(entry.occurred_at, since or entry.occurred_at)  # nothing runs before opening, nor waits
            since, stopped = None, begun if entry.kind is Kind.STOP else None
    if since is not None:
        runs.append(_Run(since, until, counts=True))
    if stopped is not None:
        waits.append((stopped, until))
    return runs, waits


def _charged(legs: Sequence[Leg], late: Worked, *, is_late: bool) -> list[Leg]:
    """Say of each leg what it used beyond its due share, and divide the lateness among them in that proportion."""
    overs = _overs(legs, sum(leg.used for leg in legs) - late)
    total = sum(overs)
    blamed = [leg.used > 0 for leg in legs]
    last = max((index for index, used in enumerate(blamed) if used), default=len(legs) - 1)
    told = []
    for index, (leg, over) in enumerate(zip(legs, overs, strict=True)):
        if not is_late:
            charged: Worked = 0
        elif total:
            charged = Fraction(late * over) / total
        else:
            charged = late if index == last else 0
        is_blamed = is_late and (charged > 0 or (not late and index == last))
        own_over = over if leg.budget is not None or is_late else 0
        told.append(replace(leg, over=own_over, charged=charged, is_blamed=is_blamed))
    return told


def _overs(legs: Sequence[Leg], granted: Worked) -> list[Worked]:
    """Return per leg what it used beyond what was left for it when it was its turn.

    A step's budget holds for all its legs together; legs without one share what the budgets leave of the limit.
    """
    left: dict[Hashable, Worked] = {leg.holder: leg.budget for leg in legs if leg.budget is not None}
    left[None] = max(0, granted - sum(left.values()))
    overs: list[Worked] = []
    for leg in legs:
        pot = leg.holder if leg.budget is not None else None
        overs.append(max(0, leg.used - left[pot]))
        left[pot] = max(0, left[pot] - leg.used)
    return overs
