"""The legs of one dossier, read from its events and the events of its clock."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.dossier import Dossier, DossierEvent
from models.organisation import Department
from models.process import ProcessStep
from services.calendar import load_calendar
from services.clock import entry_of, get_clock, list_clock_events
from services.legs import Holder, LegTable, Taking, split_legs
from services.limits import Limit


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
    ).all()
    steps = session.scalars(select(ProcessStep).where(ProcessStep.id.in_({event.step_id for event in events} - {None})))
    takings = list_takings(events, {step.id: step for step in steps}, limit=entries[0].limit)
    takings = takings or [Taking(entries[0].occurred_at, Holder(dossier.department_id))]
    worked = clock.limit_unit is not None
    calendar = load_calendar(session, clock.site, entries[0].occurred_at) if worked else None
    table = split_legs(entries, takings, calendar, until=at)
    keys = {leg.holder.department_id for leg in table.legs} - {None}
    names = session.execute(select(Department.id, Department.name).where(Department.id.in_(keys)))
    return DossierLegs(table, {key: name for key, name in names})


def list_takings(
    events: Iterable[DossierEvent], steps: Mapping[int, ProcessStep], *, limit: Limit | None
) -> list[Taking]:
    """Return every change of responsibility that ``events`` (in order) tell of; ``steps`` by their keys.

    A step's budget counts only where it is measured as the ``limit`` of the dossier is: in working or in elapsed time.
    """
    takings: list[Taking] = []
    for event in events:
        step = steps.get(event.step_id) if event.step_id is not None else None
        holder = Holder(event.holder_id or event.department_id, step.name if step else "")
        if not takings or takings[-1].holder != holder:
            takings.append(Taking(event.occurred_at, holder, _budget(step, limit)))
    return takings


def _budget(step: ProcessStep | None, limit: Limit | None) -> int | None:
    if step is None or step.budget_quantity is None or step.budget_unit is None:
        return None
    granted = Limit(step.budget_quantity, step.budget_unit)
    is_comparable = limit is not None and limit.is_worked == granted.is_worked
    return granted.budget_microseconds if is_comparable else None
