"""How long each step took: the legs of every dossier that ended in a period, added up by department and step.

Working time is what the clock counted, waiting what it stood still; the two never mix. A step of dossiers whose limit
is in working days or hours is measured in working time, any other in elapsed time: they are different rows.
Source: docs/adr/0022, docs/adr/0025.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.clock import Clock, ClockEvent
from models.dossier import DossierEvent
from models.organisation import Department, Site
from models.process import ProcessStep
from services.calendar import load_calendar
from services.clock import entry_of
from services.dossier_legs import list_takings
from services.errors import UserError
from services.ledger import Entry
from services.legs import Leg, LegTable, split_legs
from services.localtime import LOCAL_ZONE, local_date
from services.session import including_deleted, unscoped
from services.settlement_query import Cut, classified, seen_by
from services.tables.writing import Column, TableWriter, write_table
from services.worktime import WorkCalendar, Worked

CHUNK = 500


@dataclass(kw_only=True, slots=True)
class StepTime:
    """One step of one department: over how many legs of how many dossiers, and the time of all of them together.

    ``used``, ``forgone`` and ``charged`` are microseconds as the clock counts, ``waited`` elapsed time.
    """

    department_id: int | None
    department: str
    step: str
    is_worked: bool
    legs: int = 0
    dossiers: int = 0
    used: Worked = 0
    forgone: Worked = 0
    charged: Worked = 0
    late: int = 0
    waited: timedelta = timedelta(0)
    longest: Worked = 0

    def add(self, leg: Leg) -> None:
        """Add one leg."""
        self.legs += 1
        self.used += leg.used
        self.forgone += leg.forgone
        self.charged += leg.charged
        self.late += leg.is_blamed
        self.waited += leg.waited
        self.longest = max(self.longest, leg.used)


@dataclass(kw_only=True, slots=True)
class StepTimes:
    """The steps of what ended in a period, in the order in which dossiers come to them within each department.

    ``dossiers`` were measured; ``unmeasured`` have no clock, or reach into days of which the calendar knows nothing.
    """

    since_date: date
    until_date: date
    as_of: datetime
    known_at: datetime
    dossiers: int = 0
    unmeasured: int = 0
    rows: list[StepTime] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Course:
    """What the legs of one dossier are made of."""

    entries: Sequence[Entry]
    events: Sequence[Any]
    site_id: int


def summarise_step_times(session: Session, cut: Cut) -> StepTimes:
    """Return the time per step of the dossiers that ended in ``cut``, over those the session's actor may read.

    Source: docs/adr/0025.
    """
    report = StepTimes(
        since_date=local_date(cut.start_at),
        until_date=local_date(cut.end_at - timedelta(microseconds=1)),
        as_of=cut.as_of,
        known_at=cut.known_at,
    )
    counted = classified(cut, None, ("finished",)).subquery()
    keys = session.scalars(select(counted.c.dossier_id).where(counted.c.finished == 1)).all()
    with unscoped(session, "time per step of dossiers that may be read"), including_deleted(session):
        steps = {step.id: step for step in session.scalars(select(ProcessStep))}
        sites = {site.id: site for site in session.scalars(select(Site))}
        found: dict[tuple[int | None, str, bool], StepTime] = {}
        for first in range(0, len(keys), CHUNK):
            for course in _courses(session, keys[first : first + CHUNK], cut):
                table = _measure(session, course, steps, sites[course.site_id], cut)
                if table is not None:
                    report.dossiers += 1
                    _add(found, table)
        report.unmeasured = len(keys) - report.dossiers
        report.rows = _named(session, found)
    return report


def _courses(session: Session, keys: Sequence[int], cut: Cut) -> Iterator[_Course]:
    """Yield the clock and the events of each dossier that has a clock, as far as ``cut`` sees them."""
    event, tick = DossierEvent, ClockEvent
    ticks = session.execute(
        select(
            Clock.dossier_id, Clock.site_id, tick.kind, tick.occurred_at, tick.from_at, tick.consumed_microseconds,
            tick.due_before_at, tick.due_after_at, tick.statutory_due_at, tick.limit_quantity, tick.limit_unit,
        )
        .join(Clock, Clock.id == tick.clock_id)
        .where(Clock.dossier_id.in_(keys), seen_by(tick, cut))
        .order_by(Clock.dossier_id, tick.sequence)
    )  # fmt: skip
    happened = session.execute(
        select(event.dossier_id, event.occurred_at, event.step_id, event.holder_id, event.department_id)
        .where(event.dossier_id.in_(keys), seen_by(event, cut))
        .order_by(event.dossier_id, event.occurred_at, event.sequence)
    )
    by_dossier = {key: list(rows) for key, rows in groupby(happened, attrgetter("dossier_id"))}
    for key, rows in groupby(ticks, attrgetter("dossier_id")):
        clock: list[Any] = list(rows)
        yield _Course([entry_of(row) for row in clock], by_dossier.get(key, []), clock[0].site_id)


def _measure(session: Session, course: _Course, steps: dict[int, ProcessStep], site: Site, cut: Cut) -> LegTable | None:
    """Return the legs of a dossier; None where its clock was begun by what was not known yet, or has no calendar."""
    first = course.entries[0]
    takings = list_takings(course.events, steps, limit=first.limit)
    try:
        calendar: WorkCalendar | None = None
        if first.limit is not None:
            calendar = load_calendar(session, site, first.occurred_at)
        return split_legs(course.entries, takings, calendar, until=cut.as_of)
    except (UserError, ValueError):
        return None


def _add(found: dict[tuple[int | None, str, bool], StepTime], table: LegTable) -> None:
    seen = set[tuple[int | None, str, bool]]()
    for leg in table.legs:
        if leg.from_at == leg.to_at:
            continue  # nobody held it there: it came to the step as it ended
        key = (leg.holder.department_id, leg.holder.step, table.is_worked)
        if key not in found:
            found[key] = StepTime(department_id=key[0], department="", step=key[1], is_worked=key[2])
        found[key].add(leg)
        found[key].dossiers += key not in seen
        seen.add(key)


def _named(session: Session, found: dict[Any, StepTime]) -> list[StepTime]:
    """Return the rows with the names of their departments, sorted by them; steps in the order they were first met."""
    rows: Iterable[StepTime] = found.values()
    keys = {row.department_id for row in rows} - {None}
    found_names = session.execute(
        select(Department.id, Department.name_sort, Department.name).where(Department.id.in_(keys))
    )
    names: dict[int | None, tuple[str, str]] = {key: (sort, name) for key, sort, name in found_names}
    for row in rows:
        row.department = names.get(row.department_id, ("", "–"))[1]
    return sorted(rows, key=lambda row: names.get(row.department_id, ("", ""))[0])


def steps_to_file(report: StepTimes, writer: TableWriter, headings: Mapping[str, str]) -> bytes:
    """Return the rows as a table of ``writer``; ``headings`` names columns, kinds of time and what has no step.

    Times are hours with two decimals, on average over the legs but for ``longest``.
    """
    names = ("department", "step", "kind", "dossiers", "legs", "used", "longest", "waited", "late", "charged")
    kinds = [Column(headings[name], "text" if place < 3 else "number") for place, name in enumerate(names)]
    lines = []
    for row in report.rows:
        counted = [_hours(length, row.legs) for length in (row.used, row.longest * row.legs)]
        waited = _hours(row.waited // timedelta(microseconds=1), row.legs)
        lines.append([
            row.department, row.step or headings["no_step"], headings["worked" if row.is_worked else "elapsed"],
            row.dossiers, row.legs, *counted, waited, row.late, _hours(row.charged, 1),
        ])  # fmt: skip
    return b"".join(write_table(writer, kinds, lines))


def steps_to_json(report: StepTimes) -> str:
    """Return the rows as one JSON document; times are whole seconds of all legs together."""
    second = 1_000_000
    document = {
        "period": {"from": report.since_date.isoformat(), "to": report.until_date.isoformat()},
        "as_of": report.as_of.astimezone(LOCAL_ZONE).isoformat(),
        "known_at": report.known_at.astimezone(LOCAL_ZONE).isoformat(),
        "dossiers": report.dossiers,
        "unmeasured": report.unmeasured,
        "rows": [
            {
                "department": row.department, "step": row.step,
                "measured_in": "working" if row.is_worked else "elapsed",
                "dossiers": row.dossiers, "legs": row.legs, "used_seconds": round(row.used / second),
                "longest_seconds": round(row.longest / second), "waited_seconds": round(row.waited.total_seconds()),
                "late_legs": row.late, "charged_seconds": round(row.charged / second),
            }
            for row in report.rows
        ],
    }  # fmt: skip
    return json.dumps(document, ensure_ascii=False, indent=2)


def _hours(microseconds: Worked, legs: int) -> Decimal:
    hundredths = round(Fraction(microseconds) * 100 / (3_600_000_000 * legs))
    return Decimal(hundredths).scaleb(-2)
