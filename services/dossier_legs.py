"""The legs of one dossier, read from its events and the events of its clock."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.dossier import Dossier, DossierEvent
from models.organisation import Department
from services.calendar import load_calendar
from services.clock import entry_of, get_clock, list_clock_events
from services.legs import Holder, LegTable, Taking, split_legs
from services.limits import Limit

HOLDER = "holder_id"
"""The fact that names who is responsible after an event, where that is not the department of the event."""

STEP, STEP_BUDGET = "step", "step_budget"
"""The facts that say on which step a dossier lies after an event, and how long it may take ("1.5 working_day")."""


@dataclass(frozen=True, slots=True)
class DossierLegs:
    """The table of legs with the names of the departments in it, by their keys."""

    table: LegTable
    departments: dict[int, str]


def list_legs(session: Session, dossier: Dossier, *, at: datetime) -> DossierLegs:
    """Return who had ``dossier`` when, until it was decided or until ``at``, and whose its lateness is.

    Raises: ClockMissingError, CalendarMissingError, HoursMissingError.
    Source: docs/adr/0022.
    """
    clock = get_clock(session, dossier)
    entries = [entry_of(event) for event in list_clock_events(session, clock)]
    events = session.scalars(
        select(DossierEvent).where(DossierEvent.dossier_id == dossier.id).order_by(DossierEvent.sequence)
    )
    takings = list_takings(events) or [Taking(entries[0].occurred_at, Holder(dossier.department_id))]
    worked = clock.limit_unit is not None
    calendar = load_calendar(session, clock.site, entries[0].occurred_at) if worked else None
    table = split_legs(entries, takings, calendar, until=at)
    keys = {leg.holder.department_id for leg in table.legs} - {None}
    names = session.execute(select(Department.id, Department.name).where(Department.id.in_(keys)))
    return DossierLegs(table, {key: name for key, name in names})


def list_takings(events: Iterable[DossierEvent]) -> list[Taking]:
    """Return every change of responsibility that ``events`` (in order) tell of.

    After an event its ``holder_id`` is responsible, or the department it was written for; the step stays until
    another event names one.
    """
    takings: list[Taking] = []
    step, budget = "", None
    for event in events:
        if STEP in event.facts:
            step = event.facts[STEP] or ""
            budget = _budget(event.facts.get(STEP_BUDGET))
        department_id = event.facts.get(HOLDER) or event.department_id
        holder = Holder(department_id, step)
        if not takings or takings[-1].holder != holder:
            takings.append(Taking(event.occurred_at, holder, budget))
    return takings


def _budget(written: str | None) -> int | None:
    return Limit.parse(written).budget_microseconds if written else None
