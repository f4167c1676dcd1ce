"""Carrying dossiers through their process: take a way on, give work out, hand it over."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.access import Permission, User, UserRole
from models.base import _
from models.dossier import Dossier
from models.process import ProcessStep, ProcessTransition, StepKind, StepTask, TransitionKind
from models.staff import Staff
from models.states import DossierState, EventKind
from services.dossier_moves import begin, check_move, move, needed_reason
from services.dossier_work import HELD_STATES, ForeignResponsibleError, assign_dossier
from services.errors import UserError
from services.notices import tell_of_work
from services.session import actor_of, require, unscoped
from services.steps import NoSuchWayError, Place, check_giving, check_way, find_place, keep_change, pass_change

S = DossierState


class NoProcessError(UserError):
    message = _("Nobody has taken this dossier up yet. Take it up first, then pass it on.")
    status = 409


class SamePersonError(UserError):
    message = _("Choose somebody else: %(name)s has this work already.")


@dataclass(frozen=True, slots=True)
class Load:
    """How much one person of a department has to do: open tasks, those past due, and the next due time."""

    staff: Staff | None
    open: int
    overdue: int
    next_due_at: datetime | None


def ways_on(session: Session, dossier: Dossier) -> Sequence[ProcessTransition]:
    """Return the ways other than the result that lead on from where a dossier in process lies."""
    place = find_place(session, dossier)
    if place is None or dossier.state is not S.PROCESSING:
        return ()
    return [way for way in place.ways if way.kind is not TransitionKind.FINISH]


def take_way(
    session: Session,
    dossier: Dossier,
    *,
    code: str,
    at: datetime,
    reason: str | None = None,
    assignee: Staff | None = None,
    row_version: int | None = None,
) -> Dossier:
    """Pass a dossier in process on by the way ``code`` of its step; ``reason`` is the opinion that goes along.

    ``assignee`` gets it at once where they belong to the department whose turn comes next. The way to the result
    is ``finish_dossier``.
    Raises: DeniedError, ConflictError, IllegalMoveError, NoProcessError, NoSuchWayError, NotYourTurnError,
    RoleNeededError, ReasonMissingError, ForeignResponsibleError.
    """
    begin(session, dossier, "start", row_version=row_version)
    check_move(dossier, S.PROCESSING, S.PROCESSING)
    place = _needed_place(session, dossier)
    way = place.way(code)
    if way is None or way.kind is TransitionKind.FINISH:
        names = [each.name for each in place.ways if each.kind is not TransitionKind.FINISH]
        raise NoSuchWayError(step=place.step.name, ways=", ".join(names) or "–")
    check_way(session, dossier, place, way, action="start")
    asks = way.needs_reason or way.kind is TransitionKind.BACK
    text = needed_reason(reason) if asks else (reason or "").strip() or None
    task = pass_change(session, dossier, place, way, at=at, assignee_id=assignee.id if assignee else None)
    if assignee is not None and (not assignee.is_active or assignee.department_id != task.department_id):
        raise ForeignResponsibleError(name=assignee.full_name)
    facts: dict[str, Any] = {"way": way.code}
    if task.assignee_id is not None and place.target(way).kind is StepKind.WORK:
        facts["responsible_id"] = task.assignee_id
    move(session, dossier, kind=EventKind.STEP_TAKEN, to=S.PROCESSING, at=at, reason=text, task=task, **facts)
    tell_of_work(session, dossier, task.assignee_id, at=at)
    return dossier


def release_task(session: Session, dossier: Dossier, *, at: datetime, row_version: int | None = None) -> Dossier:
    """Give a dossier back to its department, so that anybody there can take it. Raises as ``take_way``."""
    begin(session, dossier, "start", row_version=row_version)
    check_move(dossier, S.PROCESSING, S.PROCESSING)
    place = _needed_place(session, dossier)
    check_giving(session, dossier, place, None, action="start")
    facts: dict[str, Any] = {"responsible_id": None} if place.step.kind is StepKind.WORK else {}
    task = keep_change(place, assignee_id=None)
    move(session, dossier, kind=EventKind.ASSIGNED, to=S.PROCESSING, at=at, task=task, **facts)
    return dossier


def hand_over_work(
    session: Session, *, leaver: Staff, successor: Staff, at: datetime, limit: int | None = None
) -> list[Dossier]:
    """Give the work that one person has with a department to another of it, such as when somebody leaves.

    What waits for the applicant goes along. Returns what was handed over, what is due first in front; at most
    ``limit``. Raises: DeniedError, SamePersonError, ForeignResponsibleError, NotYourTurnError.
    """
    require(session, "dossier", "start")
    if leaver.id == successor.id:
        raise SamePersonError(name=leaver.full_name)
    statement = (
        select(Dossier)
        .join(StepTask, StepTask.dossier_id == Dossier.id)
        .join(ProcessStep, ProcessStep.id == StepTask.step_id)
        .where(
            ProcessStep.kind != StepKind.RECEIVE,
            StepTask.assignee_id == leaver.id,
            StepTask.department_id == successor.department_id,
            StepTask.ended_at.is_(None),
            Dossier.state.in_(HELD_STATES),
            Dossier.annulled_at.is_(None),
        )
        .order_by(Dossier.due_sort_at, Dossier.id)
    )
    found = list(session.scalars(statement if limit is None else statement.limit(limit)))
    for dossier in found:
        assign_dossier(session, dossier, responsible=successor, at=at)
    return found


def share_out(session: Session, *, department_id: int, at: datetime, limit: int | None = None) -> list[Dossier]:
    """Give what nobody of a department has taken to its people, each dossier to who has least and may do the step.

    What is due first is given out first; what only roles nobody there holds may do stays. Returns what was given.
    Raises: DeniedError, NotYourTurnError.
    """
    require(session, "dossier", "start")
    free = (
        select(Dossier, ProcessStep.role_id)
        .join(StepTask, StepTask.dossier_id == Dossier.id)
        .join(ProcessStep, ProcessStep.id == StepTask.step_id)
        .where(
            StepTask.assignee_id.is_(None),
            StepTask.department_id == department_id,
            StepTask.ended_at.is_(None),
            Dossier.state == S.PROCESSING,
            Dossier.annulled_at.is_(None),
        )
        .order_by(Dossier.due_sort_at, Dossier.id)
    )
    roles = _roles_of_workers(session, department_id)
    loads = {
        load.staff.id: load for load in list_loads(session, department_id=department_id, at=at)
        if load.staff is not None and load.staff.id in roles
    }  # fmt: skip
    counts = {staff_id: load.open for staff_id, load in loads.items()}
    given = []
    for dossier, role_id in session.execute(free if limit is None else free.limit(limit)).all():
        able = [staff_id for staff_id in counts if role_id is None or role_id in roles[staff_id]]
        if not able:
            continue
        chosen = min(able, key=lambda staff_id: counts[staff_id])
        counts[chosen] += 1
        given.append(assign_dossier(session, dossier, responsible=loads[chosen].staff, at=at))
    return given


def _roles_of_workers(session: Session, department_id: int) -> dict[int, set[int]]:
    """Return the roles of each active person of a department who can sign in and may work on dossiers."""
    with unscoped(session, "who can be given work"):
        rows = session.execute(
            select(Staff.id, UserRole.role_id)
            .join(User, User.staff_id == Staff.id)
            .join(UserRole, UserRole.user_id == User.id)
            .where(Staff.department_id == department_id, Staff.is_active, User.is_active)
        ).all()
        able = set(
            session.scalars(
                select(Permission.role_id).where(Permission.entity == "dossier", Permission.action == "start")
            )
        )
    found: dict[int, set[int]] = {}
    for staff_id, role_id in rows:
        found.setdefault(staff_id, set()).add(role_id)
    return {staff_id: roles for staff_id, roles in found.items() if roles & able}


def find_next_task(session: Session) -> int | None:
    """Return the dossier that the actor has to act on next: of their own tasks the one that is due first."""
    staff_id = actor_of(session).staff_id
    if staff_id is None:
        return None
    return session.scalars(
        select(Dossier.id)
        .join(StepTask, StepTask.dossier_id == Dossier.id)
        .where(
            StepTask.assignee_id == staff_id,
            StepTask.ended_at.is_(None),
            Dossier.state == S.PROCESSING,
            Dossier.annulled_at.is_(None),
        )
        .order_by(func.coalesce(StepTask.due_at, Dossier.due_sort_at), Dossier.id)
        .limit(1)
    ).one_or_none()


def list_loads(session: Session, *, department_id: int, at: datetime) -> list[Load]:
    """Return how much each active person of a department has to do, who has least in front; nobody's work last.

    Whoever has left and still has work is among them.
    """
    due_at = func.coalesce(StepTask.due_at, Dossier.due_at)
    counted = select(
        StepTask.assignee_id,
        func.count().label("open"),
        func.count().filter(due_at < at).label("overdue"),
        func.min(due_at).label("next_due_at"),
    ).join(Dossier, Dossier.id == StepTask.dossier_id)
    counted = counted.where(
        StepTask.department_id == department_id,
        StepTask.ended_at.is_(None),
        Dossier.state == S.PROCESSING,
        Dossier.annulled_at.is_(None),
    ).group_by(StepTask.assignee_id)
    rows = {row.assignee_id: row for row in session.execute(counted)}
    belongs = (Staff.department_id == department_id) & (Staff.is_active | Staff.id.in_(rows.keys() - {None}))
    people = session.scalars(select(Staff).where(belongs).order_by(Staff.name_sort)).all()
    loads = [_load(person, rows.get(person.id)) for person in people]
    loads.sort(key=lambda load: load.open)
    return [*loads, _load(None, rows[None])] if None in rows else loads


def _load(person: Staff | None, row: Any) -> Load:
    if row is None:
        return Load(person, 0, 0, None)
    return Load(person, row.open, row.overdue, row.next_due_at)


def _needed_place(session: Session, dossier: Dossier) -> Place:
    place = find_place(session, dossier)
    if place is None:
        raise NoProcessError
    return place
