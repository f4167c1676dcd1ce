"""Escalation: people are told before and after due times, once a rung, whoever looks and however often.

A rung fires by inserting its row; the unique key is the judge between workers, and a worker that dies before its
commit has told nobody. Dossiers that were imported and that nobody has taken up stay silent, and so does training.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, exists, false, literal, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from models.access import User
from models.base import _
from models.consultation import OPEN_REQUESTS, Opinion, Transfer
from models.dossier import Dossier
from models.escalation import Deadline, DutyShift, Escalation, EscalationRung, EscalationState, Recipient
from models.notice import NotificationKind
from models.process import StepTask
from models.states import RUNNING_STATES
from services.dossier_moves import needed_reason
from services.errors import ConflictError
from services.notices import News, heads_of, tell, users_of_staff, users_with_role
from services.session import actor_of, require, unscoped

CHUNK = 200

DEFAULT_RUNGS = (
    ("Sắp đến hạn (còn 24 giờ)", Deadline.DOSSIER, -24, Recipient.ASSIGNEE),
    ("Quá hạn", Deadline.DOSSIER, 0, Recipient.HEAD),
    ("Quá hạn 1 ngày", Deadline.DOSSIER, 24, Recipient.DUTY),
    ("Quá hạn 3 ngày", Deadline.DOSSIER, 72, Recipient.DIRECTOR),
    ("Quá hạn bước xử lý", Deadline.STEP, 0, Recipient.ASSIGNEE),
    ("Quá hạn cho ý kiến", Deadline.OPINION, 0, Recipient.HEAD),
    ("Quá hạn liên thông", Deadline.TRANSFER, 0, Recipient.HEAD),
)


class EscalationHandledError(ConflictError):
    message = _("Somebody has already dealt with this. Look at it again.")


Found = Select[Any, Any, Any, Any, Any]
"""The dossier, what is due of it, when, with which department and person."""


@dataclass(frozen=True, slots=True)
class Due:
    """Something whose due time a rung looks at: the dossier, the opinion or transfer (0 without), whose turn it is."""

    dossier: Dossier
    subject_id: int
    due_at: datetime
    department_id: int
    assignee_id: int | None


def ensure_rungs(session: Session) -> None:
    """Make the usual rungs where there have never been any; several at once make them once."""
    if session.scalar(select(EscalationRung.id).limit(1)) is not None:
        return
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    rows = [
        {"name": name, "deadline": deadline, "offset_hours": hours, "recipient": recipient, "row_version": 1}
        for name, deadline, hours, recipient in DEFAULT_RUNGS
    ]
    session.execute(dialect.insert(EscalationRung).values(rows).on_conflict_do_nothing())


def fire_next(session: Session, *, at: datetime) -> int:
    """Fire at most ``CHUNK`` times per rung what is due to fire at ``at``; return how often anything fired.

    Call again, with a commit in between, until it returns 0.
    """
    with unscoped(session, "escalation"):
        ensure_rungs(session)
        rungs = session.scalars(
            select(EscalationRung).where(EscalationRung.is_active).order_by(EscalationRung.id)
        ).all()
        return sum(_fire(session, rung, due, at) for rung in rungs for due in _list_due(session, rung, at))


def _list_due(session: Session, rung: EscalationRung, at: datetime) -> Sequence[Due]:
    """Return what reached the rung and has not fired; before a due time only while that lies ahead."""
    find = {
        Deadline.DOSSIER: _dossiers,
        Deadline.STEP: _steps,
        Deadline.OPINION: _opinions,
        Deadline.TRANSFER: _transfers,
    }[rung.deadline]
    statement, due_at, subject_id = find()
    reached = at - timedelta(hours=rung.offset_hours)
    fired = exists().where(
        Escalation.rung_id == rung.id,
        Escalation.dossier_id == Dossier.id,
        Escalation.subject_id == subject_id,
        Escalation.due_at == due_at,
    )
    statement = statement.where(
        Dossier.state.in_(RUNNING_STATES),
        Dossier.annulled_at.is_(None),
        Dossier.is_training == false(),
        Dossier.is_silent == false(),
        due_at <= reached,
        ~fired,
    )
    if rung.offset_hours < 0:
        statement = statement.where(due_at > at)
    rows = session.execute(statement.order_by(due_at, Dossier.id).limit(CHUNK)).all()
    return [Due(row[0], row[1], row[2], row[3] or row[0].department_id, row[4]) for row in rows]


def _dossiers() -> tuple[Found, Any, Any]:
    task = StepTask.__table__.c
    none = literal(0)
    statement = select(Dossier, none, Dossier.due_sort_at, task.department_id, task.assignee_id).outerjoin(
        StepTask.__table__, (task.dossier_id == Dossier.id) & task.ended_at.is_(None)
    )
    return statement, Dossier.due_sort_at, none


def _steps() -> tuple[Found, Any, Any]:
    statement = (
        select(Dossier, StepTask.number, StepTask.due_at, StepTask.department_id, StepTask.assignee_id)
        .join(StepTask, StepTask.dossier_id == Dossier.id)
        .where(StepTask.ended_at.is_(None), StepTask.due_at.is_not(None))
    )
    return statement, StepTask.due_at, StepTask.number


def _opinions() -> tuple[Found, Any, Any]:
    statement = (
        select(Dossier, Opinion.id, Opinion.due_at, Opinion.to_department_id, Opinion.asked_by_id)
        .join(Opinion, Opinion.dossier_id == Dossier.id)
        .where(Opinion.state.in_(OPEN_REQUESTS))
    )
    return statement, Opinion.due_at, Opinion.id


def _transfers() -> tuple[Found, Any, Any]:
    statement = (
        select(Dossier, Transfer.id, Transfer.due_at, Transfer.to_department_id, Transfer.asked_by_id)
        .join(Transfer, Transfer.dossier_id == Dossier.id)
        .where(Transfer.state.in_(OPEN_REQUESTS), Transfer.due_at.is_not(None))
    )
    return statement, Transfer.due_at, Transfer.id


def _fire(session: Session, rung: EscalationRung, due: Due, at: datetime) -> int:
    """Insert the rung's row and tell its people; 0 where another worker was first."""
    people = recipients(session, rung.recipient, due, at)
    names = session.scalars(select(User.display_name).where(User.id.in_(people)).order_by(User.id)).all()
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    key = session.scalar(
        dialect.insert(Escalation)
        .values(
            rung_id=rung.id,
            dossier_id=due.dossier.id,
            subject_id=due.subject_id,
            due_at=due.due_at,
            fired_at=at,
            told=", ".join(names),
            state=EscalationState.OPEN,
            row_version=1,
        )
        .on_conflict_do_nothing()
        .returning(Escalation.id)
    )
    if key is None:
        return 0
    news = News(
        kind=NotificationKind.ESCALATION,
        entity="dossier",
        row_id=due.dossier.id,
        message=_("%(rung)s: %(code)s was due at %(due_at)s."),
        key=f"escalation:{key}",
        values={"rung": rung.name, "code": due.dossier.code, "due_at": due.due_at},
    )
    tell(session, people, news, at=at)
    return 1


def recipients(session: Session, recipient: Recipient, due: Due, at: datetime) -> list[int]:
    """Return the logins that a rung tells: where nobody has the work its heads, without a duty shift the directors."""
    if recipient is Recipient.ASSIGNEE:
        return users_of_staff(session, {due.assignee_id}) or heads_of(session, due.department_id)
    if recipient is Recipient.HEAD:
        return heads_of(session, due.department_id)
    on_duty = list_on_duty(session, due, at) if recipient is Recipient.DUTY else []
    return users_of_staff(session, on_duty) or users_with_role(session, "DIRECTOR")


def list_on_duty(session: Session, due: Due, at: datetime) -> Sequence[int]:
    """Return the people on duty at ``at`` for a dossier's site and department."""
    return session.scalars(
        select(DutyShift.staff_id).where(
            DutyShift.from_at <= at,
            DutyShift.until_at > at,
            or_(DutyShift.site_id.is_(None), DutyShift.site_id == due.dossier.site_id),
            or_(DutyShift.department_id.is_(None), DutyShift.department_id == due.department_id),
        )
    ).all()


def handle_escalation(
    session: Session, escalation: Escalation, *, outcome: str, at: datetime, row_version: int | None = None
) -> Escalation:
    """Record what was done about an escalation. Raises: DeniedError, EscalationHandledError, ReasonMissingError."""
    require(session, "escalation", "handle", escalation)
    session.refresh(escalation, with_for_update={"of": Escalation})
    if row_version is not None and row_version != escalation.row_version:
        raise ConflictError
    if escalation.state is EscalationState.HANDLED:
        raise EscalationHandledError
    escalation.outcome = needed_reason(outcome)
    escalation.state, escalation.handled_at = EscalationState.HANDLED, at
    escalation.handled_by_id = actor_of(session).staff_id
    session.flush()
    return escalation
