"""The step machine: where a dossier lies in its process, which ways lead on, and whose turn it is.

Every verb that moves a dossier goes through here, so that state and step never part (docs/adr/0023). A dossier
without a process (imported, and not yet taken up) has no task, and only its state counts.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.access import User, UserRole
from models.actor import ScopeLevel
from models.base import _
from models.clock import LimitUnit
from models.dossier import Dossier
from models.organisation import Counter, Department
from models.process import (
    ProcessStep,
    ProcessTransition,
    ProcessVersion,
    StepKind,
    StepPlace,
    StepTask,
    TransitionKind,
)
from models.staff import Staff
from models.states import FINAL_STATES, OPEN_STATES, RUNNING_STATES, DossierState, EventKind
from services.calendar import load_calendar
from services.duetime import due_time
from services.errors import ConflictError
from services.limits import Limit
from services.processes import find_process
from services.session import actor_of, unscoped
from services.tasks import TaskChange
from services.worktime import WorkCalendar


class NotYourTurnError(ConflictError):
    message = _("This dossier is with %(department)s now, at the step “%(step)s”. They act next; you can read along.")


class RoleNeededError(ConflictError):
    message = _("The step “%(step)s” is done by the role %(role)s. Hand the dossier to somebody who holds it.")


class LentError(ConflictError):
    message = _("This dossier is lent to another agency. It goes on once it has come back.")


class NoSuchWayError(ConflictError):
    message = _("From the step “%(step)s” this is not possible. Possible are: %(ways)s.")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a dossier lies: its process, its open task and that task's step.

    It is lent while another department than the step's has the task.
    """

    version: ProcessVersion
    task: StepTask
    step: ProcessStep

    @property
    def ways(self) -> Sequence[ProcessTransition]:
        """The ways that lead on from here, in their order."""
        return [way for way in self.version.transitions if way.from_code == self.step.code]

    def way(self, code: str) -> ProcessTransition | None:
        return next((way for way in self.ways if way.code == code), None)

    def target(self, way: ProcessTransition) -> ProcessStep:
        return next(step for step in self.version.steps if step.code == way.to_code)


def find_place(session: Session, dossier: Dossier) -> Place | None:
    """Return where ``dossier`` lies; None where nobody's turn is open."""
    if dossier.process_version_id is None:
        return None
    task = session.scalars(
        select(StepTask).where(StepTask.dossier_id == dossier.id, StepTask.ended_at.is_(None))
    ).one_or_none()
    if task is None:
        return None
    version = session.get_one(ProcessVersion, dossier.process_version_id)
    step = next(step for step in version.steps if step.id == task.step_id)
    return Place(version, task, step)


def keep_change(place: Place, **changes: Any) -> TaskChange:
    """Return the open task as a change that leaves everything as it is but for ``changes``."""
    task = place.task
    return replace(
        TaskChange(
            number=task.number,
            step_id=task.step_id,
            department_id=task.department_id,
            assignee_id=task.assignee_id,
            due_at=task.due_at,
            paused_at=task.paused_at,
        ),
        **changes,
    )


def end_change(place: Place) -> TaskChange:
    """Return the change that ends the open task without another."""
    return keep_change(place, is_ended=True)


def enter_change(
    session: Session,
    dossier: Dossier,
    step: ProcessStep,
    *,
    number: int,
    at: datetime,
    assignee_id: int | None = None,
    outcome: str | None = None,
) -> TaskChange:
    """Return the change by which a task at ``step`` begins."""
    return TaskChange(
        number=number,
        step_id=step.id,
        department_id=department_of(session, dossier, step),
        assignee_id=assignee_id,
        due_at=step_due(session, dossier, step, at),
        outcome=outcome,
        step_name=step.name,
        step_budget=str(budget) if (budget := step_limit(step)) else None,
    )


def pass_change(
    session: Session,
    dossier: Dossier,
    place: Place,
    way: ProcessTransition,
    *,
    at: datetime,
    assignee_id: int | None = None,
) -> TaskChange:
    """Return the change by which ``way`` is taken; work that goes back goes to whoever had it."""
    step = place.target(way)
    if assignee_id is None and way.kind is TransitionKind.BACK:
        assignee_id = _last_assignee(session, dossier, step)
    return enter_change(
        session, dossier, step, number=place.task.number + 1, at=at, assignee_id=assignee_id, outcome=way.code
    )


def first_change(session: Session, dossier: Dossier, *, at: datetime, assignee_id: int | None) -> TaskChange:
    """Pin the process in force to a dossier and return the change that begins its first task."""
    name = dossier.procedure_case.name if dossier.procedure_case_id and dossier.procedure_case else None
    version = find_process(session, procedure_id=dossier.procedure_id, case_name=name, at=at)
    dossier.process_version_id = version.id
    start = next(step for step in version.steps if step.kind is StepKind.RECEIVE)
    return enter_change(session, dossier, start, number=1, at=at, assignee_id=assignee_id)


def resumed_work(session: Session, dossier: Dossier, place: Place, *, at: datetime, is_anew: bool) -> TaskChange:
    """Return how the open task goes on after the dossier waited: due later by the working time it stood still."""
    task = place.task
    if task.paused_at is None or task.due_at is None:
        return keep_change(place, paused_at=None)
    if is_anew:
        return keep_change(place, paused_at=None, due_at=step_due(session, dossier, place.step, at))
    calendar = _calendar(session, dossier, task.paused_at)
    if place.step.budget_unit in (LimitUnit.WORKING_DAY, LimitUnit.HOUR):
        rest = calendar.worked_between(task.paused_at, task.due_at)
        due_at = calendar.instant_after(calendar.next_working_instant(at), rest) if rest > 0 else task.due_at
    else:
        due_at = calendar.next_working_instant(task.due_at + (at - task.paused_at), closing_counts=True)
    return keep_change(place, paused_at=None, due_at=due_at)


def department_of(session: Session, dossier: Dossier, step: ProcessStep) -> int:
    """Return which department's turn ``step`` is for this dossier; an abolished one is followed by its successor."""
    if step.place is StepPlace.RECEIVING and dossier.counter_id is not None:
        return session.get_one(Counter, dossier.counter_id).department_id
    if step.place is not StepPlace.NAMED or step.department_id is None:
        return dossier.department_id
    return _successor(session, step.department_id)


def _successor(session: Session, department_id: int) -> int:
    seen = set[int]()
    with unscoped(session, "successor of a department"):
        while department_id not in seen:
            seen.add(department_id)
            department = session.get_one(Department, department_id)
            if department.valid_to_date is None or department.successor_id is None:
                break
            department_id = department.successor_id
    return department_id


def step_due(session: Session, dossier: Dossier, step: ProcessStep, at: datetime) -> datetime | None:
    """Return when a step begun ``at`` is due by the calendar of the dossier's site; None without a time for it."""
    limit = step_limit(step)
    return None if limit is None else due_time(at, limit, _calendar(session, dossier, at)).at


def step_limit(step: ProcessStep) -> Limit | None:
    """Return how long a step may take; None without a time for it."""
    if step.budget_quantity is None or step.budget_unit is None:
        return None
    return Limit(step.budget_quantity, step.budget_unit)


def _calendar(session: Session, dossier: Dossier, at: datetime) -> WorkCalendar:
    return load_calendar(session, dossier.site, at)


def _last_assignee(session: Session, dossier: Dossier, step: ProcessStep) -> int | None:
    return session.scalars(
        select(StepTask.assignee_id)
        .where(StepTask.dossier_id == dossier.id, StepTask.step_id == step.id)
        .order_by(StepTask.number.desc())
        .limit(1)
    ).one_or_none()


def reopen_change(session: Session, dossier: Dossier, *, at: datetime) -> TaskChange | None:
    """Return the change by which a decided dossier lies again where it was worked on last, with whoever did it."""
    tasks = session.scalars(
        select(StepTask).where(StepTask.dossier_id == dossier.id).order_by(StepTask.number.desc())
    ).all()
    worked = [task for task in tasks if task.step.kind in (StepKind.WORK, StepKind.DECIDE)]
    last = next((task for task in worked if task.step.kind is StepKind.WORK), worked[0] if worked else None)
    if last is None:
        return None
    return enter_change(session, dossier, last.step, number=tasks[0].number + 1, at=at, assignee_id=last.assignee_id)


def check_turn(session: Session, dossier: Dossier, place: Place | None, *, action: str) -> None:
    """Raise NotYourTurnError or RoleNeededError unless the actor belongs to whoever's turn it is."""
    if place is not None:
        _check_department(session, dossier, place, place.task.department_id, place.step, action)


def check_giving(session: Session, dossier: Dossier, place: Place, staff: Staff | None, *, action: str) -> None:
    """Raise NotYourTurnError or RoleNeededError unless the actor may give what lies here to ``staff`` (None: back).

    Whoever gives belongs to the department that has it; the role of the step is asked of who gets it.
    """
    if not is_of(session, place.task.department_id, action):
        raise not_your_turn(session, dossier)
    role = place.step.role
    if staff is None or role is None:
        return
    held = select(UserRole.role_id).join(User, User.id == UserRole.user_id)
    with unscoped(session, "role of who is given work"):
        if session.scalar(held.where(User.staff_id == staff.id, UserRole.role_id == role.id).limit(1)) is None:
            raise RoleNeededError(step=place.step.name, role=role.name)


def check_way(session: Session, dossier: Dossier, place: Place, way: ProcessTransition, *, action: str) -> None:
    """Raise unless the actor may take ``way``: who receives may be overtaken by whose turn comes next.

    A dossier that is lent comes back before it goes on.
    """
    target = place.target(way)
    step, department_id = place.step, place.task.department_id
    if department_id != department_of(session, dossier, step):
        raise LentError
    if step.kind is StepKind.RECEIVE:
        step, department_id = target, department_of(session, dossier, target)
    _check_department(session, dossier, place, department_id, step, action)
    if way.role is not None and not _holds(session, way.role.code):
        raise RoleNeededError(step=way.name, role=way.role.name)


def _check_department(
    session: Session, dossier: Dossier, place: Place, department_id: int, step: ProcessStep, action: str
) -> None:
    if not is_of(session, department_id, action):
        raise not_your_turn(session, dossier)
    if step.role is not None and not _holds(session, step.role.code):
        raise RoleNeededError(step=step.name, role=step.role.name)


def not_your_turn(session: Session, dossier: Dossier) -> NotYourTurnError:
    """Return the error that says with whom the dossier is."""
    with unscoped(session, "whose turn it is"):
        holder = session.get_one(Department, dossier.holder_id or dossier.department_id)
        step = session.get(ProcessStep, dossier.step_id) if dossier.step_id else None
    return NotYourTurnError(department=holder.name, step=step.name if step else "–")


def is_of(session: Session, department_id: int, action: str) -> bool:
    """Return whether the actor's right to ``action`` on dossiers reaches what lies with a department."""
    actor = actor_of(session)
    permit = actor.permit("dossier", action)
    if permit is None:
        return False
    if permit.scope is ScopeLevel.ALL:
        return True
    within = actor.tree_ids | actor.department_ids if permit.scope is ScopeLevel.TREE else actor.department_ids
    return department_id in within


def _holds(session: Session, role_code: str) -> bool:
    actor = actor_of(session)
    return actor.system or role_code in actor.roles


def way_for(place: Place, kind: TransitionKind) -> ProcessTransition:
    """Return the only way of a kind that leads on from here. Raises: NoSuchWayError."""
    found = [way for way in place.ways if way.kind is kind]
    if not found:
        raise NoSuchWayError(step=place.step.name, ways=", ".join(way.name for way in place.ways) or "–")
    return found[0]


def follow(
    session: Session, dossier: Dossier, *, kind: EventKind, to: DossierState, at: datetime, is_anew: bool = False
) -> TaskChange | None:
    """Return what becomes of the open task when a verb moves the dossier to ``to``; None where nothing does.

    While the applicant's answer is awaited the task stands still; it ends with the dossier.
    """
    place = find_place(session, dossier)
    if place is None:
        return None
    if to in FINAL_STATES or kind is EventKind.ANNULLED:
        return end_change(place)
    was_running, runs = dossier.state in RUNNING_STATES, to in RUNNING_STATES
    if was_running and to in OPEN_STATES and not runs:
        return keep_change(place, paused_at=at)
    if runs and not was_running:
        if to is DossierState.PROCESSING and place.step.kind is StepKind.RECEIVE:
            return pass_change(session, dossier, place, way_for(place, TransitionKind.FORWARD), at=at)
        return resumed_work(session, dossier, place, at=at, is_anew=is_anew)
    return None


def take_up(session: Session, dossier: Dossier, *, at: datetime) -> TaskChange:
    """Give an imported dossier a process and return the change that begins its first task."""
    change = first_change(session, dossier, at=at, assignee_id=None)
    if dossier.state is DossierState.ACCEPTED:
        return change
    version = session.get_one(ProcessVersion, dossier.process_version_id)
    start = next(step for step in version.steps if step.kind is StepKind.RECEIVE)
    way = next(way for way in version.transitions if way.from_code == start.code)
    step = next(step for step in version.steps if step.code == way.to_code)
    return enter_change(session, dossier, step, number=1, at=at)
