"""The verbs of those who decide: start, interrupt, finish, stop."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.base import _
from models.dossier import Dossier
from models.process import ProcessStep, StepKind, TransitionKind
from models.result import Result
from models.staff import Staff
from models.states import DossierState, EventKind, ResultKind
from services import clock as clocks
from services.consultations import close_requests
from services.dossier_moves import begin, check_move, move, needed_reason
from services.errors import UserError
from services.localtime import local_date
from services.notices import tell_of_work
from services.session import actor_of
from services.steps import (
    Place,
    check_giving,
    check_turn,
    check_way,
    department_of,
    find_place,
    keep_change,
    pass_change,
    take_up,
    way_for,
)
from services.supplements import answer_supplement, counts_anew, facts_of, record_supplement

S = DossierState

HELD_STATES = (S.PROCESSING, S.SUPPLEMENT, S.PAYMENT, S.WITHDRAWAL)
"""The states in which a dossier is somebody's work, whether it moves or waits for the applicant."""


class NobodyResponsibleError(UserError):
    message = _("Choose who is responsible: you are not on the staff list yourself.")


class ForeignResponsibleError(UserError):
    message = _("%(name)s cannot take this dossier: choose somebody active of the department that decides it.")


class AnswerDatePastError(UserError):
    message = _("Choose a day from today on by which the applicant answers.")


def start_work(
    session: Session,
    dossier: Dossier,
    *,
    at: datetime,
    responsible: Staff | None = None,
    row_version: int | None = None,
) -> Dossier:
    """Take an accepted dossier into process; whoever does it is responsible unless somebody else is named.

    Raises: DeniedError, ConflictError, IllegalMoveError, NobodyResponsibleError, ForeignResponsibleError.
    """
    begin(session, dossier, "start", row_version=row_version)
    check_move(dossier, S.PROCESSING, S.ACCEPTED)
    place = _place_or_take_up(session, dossier, at)
    way = way_for(place, TransitionKind.FORWARD)
    check_way(session, dossier, place, way, action="start")
    step = place.target(way)
    assignee_id = _responsible_id(session, department_of(session, dossier, step), responsible)
    task = pass_change(session, dossier, place, way, at=at, assignee_id=assignee_id)
    facts = _responsible(step, assignee_id)
    move(session, dossier, kind=EventKind.STARTED, to=S.PROCESSING, at=at, task=task, **facts)
    tell_of_work(session, dossier, assignee_id, at=at)
    return dossier


def assign_dossier(
    session: Session,
    dossier: Dossier,
    *,
    at: datetime,
    responsible: Staff | None = None,
    row_version: int | None = None,
) -> Dossier:
    """Give a dossier to ``responsible``, or take it over oneself; also while it waits for the applicant.

    Raises as ``start_work``.
    """
    begin(session, dossier, "start", row_version=row_version)
    place = find_place(session, dossier) if dossier.state in HELD_STATES else None
    if place is None or place.step.kind is StepKind.RECEIVE:
        check_move(dossier, S.PROCESSING, S.PROCESSING)
        place = _place_or_take_up(session, dossier, at)
    if responsible is None or responsible.id == actor_of(session).staff_id:
        check_turn(session, dossier, place, action="start")
    else:
        check_giving(session, dossier, place, responsible, action="start")
    assignee_id = _responsible_id(session, place.task.department_id, responsible)
    task = keep_change(place, assignee_id=assignee_id)
    facts = _responsible(place.step, assignee_id)
    move(session, dossier, kind=EventKind.ASSIGNED, to=dossier.state, at=at, task=task, **facts)
    tell_of_work(session, dossier, assignee_id, at=at)
    return dossier


def _place_or_take_up(session: Session, dossier: Dossier, at: datetime) -> Place:
    """Return where the dossier lies; an imported one begins its process now, because somebody takes it up."""
    place = find_place(session, dossier)
    if place is None:
        task = take_up(session, dossier, at=at)
        move(session, dossier, kind=EventKind.TAKEN_UP, to=dossier.state, at=at, task=task)
        place = find_place(session, dossier)
    assert place is not None  # noqa: S101 -- a running dossier that was taken up lies somewhere
    return place


def _responsible(step: ProcessStep, staff_id: int) -> dict[str, Any]:
    """Return who is responsible after work was given out: who approves or checks a dossier is not."""
    return {"responsible_id": staff_id} if step.kind is StepKind.WORK else {}


def _responsible_id(session: Session, department_id: int, responsible: Staff | None) -> int:
    if responsible is None:
        staff_id = actor_of(session).staff_id
        if staff_id is None:
            raise NobodyResponsibleError
        return staff_id
    if not responsible.is_active or responsible.department_id != department_id:
        raise ForeignResponsibleError(name=responsible.full_name)
    return responsible.id


def request_supplement(
    session: Session,
    dossier: Dossier,
    *,
    reason: str,
    at: datetime,
    answer_by_date: date | None = None,
    ground: str | None = None,
    row_version: int | None = None,
) -> Dossier:
    """Ask the applicant for more papers; the clock stands still until they arrive.

    ``reason`` says what is missing, word for word as the slip prints it; ``ground`` why it is asked for once more
    than the rules allow, which a leader does.
    Raises: DeniedError, ConflictError, IllegalMoveError, ReasonMissingError, AnswerDatePastError,
    FurtherSupplementError, GroundMissingError.
    """
    begin(session, dossier, "supplement", row_version=row_version)
    check_move(dossier, S.SUPPLEMENT, S.ACCEPTED, S.PROCESSING)
    text = needed_reason(reason)
    if answer_by_date is not None and answer_by_date < local_date(at):
        raise AnswerDatePastError
    asked = record_supplement(session, dossier, missing=text, ground=ground, answer_by_date=answer_by_date, at=at)
    clock = clocks.stop_clock(session, dossier=dossier, at=at, reason=text, cause=EventKind.SUPPLEMENT_ASKED)
    answer_by = answer_by_date.isoformat() if answer_by_date else None
    move(
        session, dossier, kind=EventKind.SUPPLEMENT_ASKED, to=S.SUPPLEMENT, at=at,
        clock=clock, reason=text, answer_by_date=answer_by, **facts_of(asked),
    )  # fmt: skip
    return dossier


def receive_supplement(
    session: Session, dossier: Dossier, *, at: datetime, note: str | None = None, row_version: int | None = None
) -> Dossier:
    """Record that the missing papers arrived: back to where the dossier stood, the clock goes on.

    Raises: DeniedError, ConflictError, IllegalMoveError.
    """
    return _resume(session, dossier, EventKind.SUPPLEMENT_RECEIVED, S.SUPPLEMENT, at, note, row_version)


def request_payment(
    session: Session, dossier: Dossier, *, reason: str, at: datetime, row_version: int | None = None
) -> Dossier:
    """Ask the applicant to meet a financial obligation; the clock stands still. Raises as ``request_supplement``."""
    begin(session, dossier, "supplement", row_version=row_version)
    check_move(dossier, S.PAYMENT, S.ACCEPTED, S.PROCESSING)
    text = needed_reason(reason)
    clock = clocks.stop_clock(session, dossier=dossier, at=at, reason=text, cause=EventKind.PAYMENT_ASKED)
    move(session, dossier, kind=EventKind.PAYMENT_ASKED, to=S.PAYMENT, at=at, clock=clock, reason=text)
    return dossier


def settle_payment(
    session: Session, dossier: Dossier, *, at: datetime, note: str | None = None, row_version: int | None = None
) -> Dossier:
    """Record that the obligation is met: into process, the clock goes on. Raises as ``receive_supplement``."""
    return _resume(session, dossier, EventKind.PAYMENT_SETTLED, S.PAYMENT, at, note, row_version)


def _resume(
    session: Session,
    dossier: Dossier,
    kind: EventKind,
    waiting: DossierState,
    at: datetime,
    note: str | None,
    row_version: int | None,
) -> Dossier:
    begin(session, dossier, "supplement", row_version=row_version)
    before = dossier.state_before if waiting is S.SUPPLEMENT else None
    to = before or S.PROCESSING
    check_move(dossier, to, waiting)
    if waiting is S.SUPPLEMENT:
        answer_supplement(session, dossier, at=at)
    is_anew = waiting is S.SUPPLEMENT and counts_anew(session, dossier)
    clock = clocks.resume_clock(session, dossier=dossier, at=at, is_anew=is_anew, cause=kind)
    reason = (note or "").strip() or None
    move(session, dossier, kind=kind, to=to, at=at, clock=clock, reason=reason, is_anew=is_anew)
    return dossier


def finish_dossier(
    session: Session,
    dossier: Dossier,
    *,
    kind: ResultKind,
    at: datetime,
    document_number: str | None = None,
    document_date: date | None = None,
    reason: str | None = None,
    row_version: int | None = None,
) -> Result:
    """Decide the dossier: the clock ends, the result waits for the applicant.

    A refusal on the merits ends the work too, and needs its reasons.
    Raises: DeniedError, ConflictError, IllegalMoveError, ReasonMissingError, and NoSuchWayError where the
    step the dossier lies at does not lead to a result.
    """
    begin(session, dossier, "finish", row_version=row_version)
    check_move(dossier, S.DECIDED, S.PROCESSING)
    place = find_place(session, dossier)
    task = None
    if place is not None:
        way = way_for(place, TransitionKind.FINISH)
        check_way(session, dossier, place, way, action="finish")
        task = pass_change(session, dossier, place, way, at=at)
    text = needed_reason(reason) if kind is ResultKind.REFUSED_ON_MERITS else (reason or "").strip() or None
    result = Result(
        dossier_id=dossier.id,
        kind=kind,
        document_number=(document_number or "").strip() or None,
        document_date=document_date,
        reason=text,
        decided_at=at,
        recorded_at=at,
        staff_id=actor_of(session).staff_id,
    )
    session.add(result)
    close_requests(session, dossier)
    session.flush()  # the event names the result
    clock = clocks.end_clock(session, dossier=dossier, at=at, cause=EventKind.DECIDED)
    move(
        session, dossier, kind=EventKind.DECIDED, to=S.DECIDED, at=at,
        clock=clock, reason=text, task=task, result_id=result.id, result=kind,
    )  # fmt: skip
    return result


def request_withdrawal(
    session: Session, dossier: Dossier, *, reason: str, at: datetime, row_version: int | None = None
) -> Dossier:
    """Record that the applicant wants the dossier back; the clock stands still until that is confirmed.

    Raises: DeniedError, ConflictError, IllegalMoveError, ReasonMissingError.
    """
    begin(session, dossier, "withdraw", row_version=row_version)
    check_move(dossier, S.WITHDRAWAL)
    text = needed_reason(reason)
    was_running = dossier.state in (S.ACCEPTED, S.PROCESSING)
    cause = EventKind.WITHDRAWAL_ASKED
    clock = clocks.stop_clock(session, dossier=dossier, at=at, reason=text, cause=cause) if was_running else None
    move(session, dossier, kind=EventKind.WITHDRAWAL_ASKED, to=S.WITHDRAWAL, at=at, clock=clock, reason=text)
    return dossier


def revoke_withdrawal(session: Session, dossier: Dossier, *, at: datetime, row_version: int | None = None) -> Dossier:
    """Record that the applicant changed their mind: back into process, the clock goes on."""
    begin(session, dossier, "withdraw", row_version=row_version)
    check_move(dossier, S.PROCESSING, S.WITHDRAWAL)
    clock = clocks.resume_clock(session, dossier=dossier, at=at, cause=EventKind.WITHDRAWAL_REVOKED)
    move(session, dossier, kind=EventKind.WITHDRAWAL_REVOKED, to=S.PROCESSING, at=at, clock=clock)
    return dossier


def stop_dossier(
    session: Session, dossier: Dossier, *, reason: str, at: datetime, row_version: int | None = None
) -> Dossier:
    """End the dossier without a result: withdrawal confirmed, or no answer to a request.

    Raises: DeniedError, ConflictError, IllegalMoveError, ReasonMissingError.
    """
    begin(session, dossier, "stop", row_version=row_version)
    check_move(dossier, S.STOPPED)
    text = needed_reason(reason)
    close_requests(session, dossier)
    clock = clocks.end_clock(session, dossier=dossier, at=at, cause=EventKind.STOPPED)
    move(session, dossier, kind=EventKind.STOPPED, to=S.STOPPED, at=at, clock=clock, reason=text)
    return dossier


def current_result(session: Session, dossier: Dossier) -> Result | None:
    """Return the result in force, the last one that no reopening replaced."""
    return session.scalars(
        select(Result)
        .where(Result.dossier_id == dossier.id, Result.replaced_at.is_(None))
        .order_by(Result.decided_at.desc(), Result.id.desc())
        .limit(1)
    ).first()
