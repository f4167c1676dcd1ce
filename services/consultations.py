"""Between agencies: asking an opinion while the work goes on, lending a dossier for a piece of it."""

from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.base import _
from models.consultation import OPEN_REQUESTS, Opinion, RequestState, Transfer
from models.dossier import Dossier
from models.notice import NotificationKind
from models.organisation import Department
from models.staff import Staff
from models.states import OPEN_STATES, DossierState, EventKind
from services.calendar import load_calendar
from services.dossier_access import grant_access
from services.dossier_moves import IllegalMoveError, begin, check_move, move, needed_reason
from services.errors import ConflictError, DeniedError, UserError
from services.localtime import local_date, start_of_day
from services.notices import News, heads_of, tell, users_of_staff
from services.session import actor_of, may, require, unscoped
from services.steps import check_turn, find_place, keep_change


class OtherDepartmentNeededError(UserError):
    message = _("Choose another department that exists today.")


class DeadlinePastError(UserError):
    message = _("Choose a day from today on by which it is needed.")


class RequestClosedError(ConflictError):
    message = _("This was already answered or withdrawn. Look at it again.")


def closing_of(session: Session, dossier: Dossier, day: date | None, at: datetime) -> datetime:
    """Return when a day's work ends at the dossier's site; of the next working day where that one is not worked.

    Raises: DeadlinePastError where that is over, or no day was chosen.
    """
    if day is None:
        raise DeadlinePastError
    calendar = load_calendar(session, dossier.site, at)
    while not calendar.day(day).is_worked:
        day += timedelta(days=1)
    closes = start_of_day(day) + timedelta(minutes=calendar.day(day).shifts[-1].closes)
    if closes <= at:
        raise DeadlinePastError
    return closes


def ask_opinion(
    session: Session,
    dossier: Dossier,
    *,
    department: Department | None,
    question: str,
    answer_by_date: date | None,
    at: datetime,
    row_version: int | None = None,
) -> Opinion:
    """Ask another department about an open dossier; the clock goes on, unless the law says otherwise.

    Raises: DeniedError, ConflictError, IllegalMoveError, ReasonMissingError, OtherDepartmentNeededError,
    DeadlinePastError.
    """
    require(session, "opinion", "ask")
    begin(session, dossier, "read", row_version=row_version)
    if dossier.state not in OPEN_STATES:
        raise IllegalMoveError(dossier.state)
    text = needed_reason(question)
    asking = dossier.holder_id or dossier.department_id
    other = needed_other(department, asking, at)
    opinion = Opinion(
        dossier_id=dossier.id,
        question=text,
        from_department_id=asking,
        to_department_id=other.id,
        asked_by_id=actor_of(session).staff_id,
        asked_at=at,
        due_at=closing_of(session, dossier, answer_by_date, at),
        is_training=dossier.is_training,
    )
    session.add(opinion)
    session.flush()  # the event names the opinion
    grant_access(session, dossier, {other.id})
    move(
        session, dossier, kind=EventKind.OPINION_ASKED, to=dossier.state, at=at, reason=text,
        opinion_id=opinion.id, asked_department_id=other.id, answer_due_at=opinion.due_at,
    )  # fmt: skip
    message = _("%(department)s asks for your opinion on %(code)s.")
    _tell(session, dossier, heads_of(session, other.id), NotificationKind.REQUEST, message, f"opinion:{opinion.id}", at)
    return opinion


def answer_opinion(
    session: Session, opinion: Opinion, *, answer: str, at: datetime, row_version: int | None = None
) -> Opinion:
    """Give the opinion that was asked; whoever asked is told.

    Raises: DeniedError, ConflictError, RequestClosedError, ReasonMissingError.
    """
    require(session, "opinion", "answer", opinion)
    dossier = _locked(session, opinion, row_version)
    if not _belongs(session, "opinion", "answer", opinion.to_department_id):
        raise DeniedError("opinion", "answer")
    text = needed_reason(answer)
    opinion.state, opinion.answer, opinion.answered_at = RequestState.DONE, text, at
    opinion.answered_by_id = actor_of(session).staff_id
    move(session, dossier, kind=EventKind.OPINION_ANSWERED, to=dossier.state, at=at, reason=text, opinion_id=opinion.id)
    message = _("%(department)s gave its opinion on %(code)s.")
    people = users_of_staff(session, {opinion.asked_by_id, dossier.responsible_id})
    _tell(session, dossier, people, NotificationKind.ANSWER, message, f"answer:{opinion.id}", at)
    return opinion


def withdraw_opinion(
    session: Session, opinion: Opinion, *, at: datetime, reason: str | None = None, row_version: int | None = None
) -> Opinion:
    """Say that an opinion is no longer needed; only who asked does. Raises as ``answer_opinion``."""
    require(session, "opinion", "ask", opinion)
    dossier = _locked(session, opinion, row_version)
    if not _belongs(session, "opinion", "ask", opinion.from_department_id):
        raise DeniedError("opinion", "ask")
    opinion.state = RequestState.WITHDRAWN
    text = (reason or "").strip() or None
    move(
        session, dossier, kind=EventKind.OPINION_WITHDRAWN, to=dossier.state, at=at, reason=text, opinion_id=opinion.id
    )
    return opinion


def send_transfer(
    session: Session,
    dossier: Dossier,
    *,
    department: Department | None,
    reason: str,
    at: datetime,
    back_by_date: date | None = None,
    row_version: int | None = None,
) -> Transfer:
    """Lend a dossier in process to another agency or level, which has its turn until it comes back.

    Raises: DeniedError, ConflictError, IllegalMoveError, NotYourTurnError, ReasonMissingError,
    OtherDepartmentNeededError, DeadlinePastError.
    """
    require(session, "transfer", "send")
    begin(session, dossier, "start", row_version=row_version)
    check_move(dossier, DossierState.PROCESSING, DossierState.PROCESSING)
    place = find_place(session, dossier)
    if place is None:
        raise IllegalMoveError(dossier.state)
    check_turn(session, dossier, place, action="start")
    text = needed_reason(reason)
    other = needed_other(department, place.task.department_id, at)
    transfer = Transfer(
        dossier_id=dossier.id,
        reason=text,
        from_department_id=place.task.department_id,
        to_department_id=other.id,
        asked_by_id=actor_of(session).staff_id,
        sent_at=at,
        due_at=closing_of(session, dossier, back_by_date, at) if back_by_date else None,
        assignee_id=place.task.assignee_id,
        is_training=dossier.is_training,
    )
    session.add(transfer)
    session.flush()  # the event names the transfer
    task = keep_change(place, department_id=other.id, assignee_id=None)
    move(
        session, dossier, kind=EventKind.TRANSFER_SENT, to=dossier.state, at=at, reason=text, task=task,
        transfer_id=transfer.id,
    )  # fmt: skip
    message = _("%(department)s sent you %(code)s.")
    people = heads_of(session, other.id)
    _tell(session, dossier, people, NotificationKind.REQUEST, message, f"transfer:{transfer.id}", at)
    return transfer


def acknowledge_transfer(
    session: Session, transfer: Transfer, *, at: datetime, row_version: int | None = None
) -> Transfer:
    """Confirm that a dossier arrived; for an agency without a login whoever sent it may do so.

    Raises: DeniedError, ConflictError, RequestClosedError.
    """
    require(session, "transfer", "send", transfer)
    dossier = _locked(session, transfer, row_version)
    if transfer.state is not RequestState.SENT:
        raise RequestClosedError
    transfer.state, transfer.acknowledged_at = RequestState.ACKNOWLEDGED, at
    transfer.acknowledged_by_id = actor_of(session).staff_id
    move(session, dossier, kind=EventKind.TRANSFER_ACKNOWLEDGED, to=dossier.state, at=at, transfer_id=transfer.id)
    return transfer


def return_transfer(
    session: Session, transfer: Transfer, *, outcome: str, at: datetime, row_version: int | None = None
) -> Transfer:
    """Give a lent dossier back, saying what came of it; whoever had the work before has it again.

    Of several transfers in a row the last one comes back first.
    Raises: DeniedError, ConflictError, RequestClosedError, ReasonMissingError, IllegalMoveError.
    """
    require(session, "transfer", "send", transfer)
    dossier = _locked(session, transfer, row_version)
    place = find_place(session, dossier)
    if dossier.state is not DossierState.PROCESSING or place is None:
        raise IllegalMoveError(dossier.state)
    if place.task.department_id != transfer.to_department_id:
        raise ConflictError
    text = needed_reason(outcome)
    transfer.state, transfer.outcome, transfer.returned_at = RequestState.DONE, text, at
    transfer.returned_by_id = actor_of(session).staff_id
    back = transfer.from_department_id
    task = keep_change(place, department_id=back, assignee_id=transfer.assignee_id)
    move(
        session, dossier, kind=EventKind.TRANSFER_RETURNED, to=dossier.state, at=at, reason=text, task=task,
        transfer_id=transfer.id,
    )  # fmt: skip
    message = _("%(department)s sent %(code)s back.")
    people = users_of_staff(session, {transfer.asked_by_id, transfer.assignee_id})
    _tell(session, dossier, people, NotificationKind.ANSWER, message, f"back:{transfer.id}", at)
    return transfer


def close_requests(session: Session, dossier: Dossier) -> None:
    """Withdraw what is still asked of other departments about a dossier that is decided, stopped or annulled."""
    for model in (Opinion, Transfer):
        wanted = select(model).where(model.dossier_id == dossier.id, model.state.in_(OPEN_REQUESTS))
        with unscoped(session, "open requests of a dossier that ends"):
            for request in session.scalars(wanted):
                request.state = RequestState.WITHDRAWN


def needed_other(department: Department | None, own_id: int, at: datetime) -> Department:
    """Return ``department``, which is another than one's own and still there. Raises: OtherDepartmentNeededError."""
    if department is None or department.id == own_id:
        raise OtherDepartmentNeededError
    if department.valid_to_date is not None and department.valid_to_date < local_date(at):
        raise OtherDepartmentNeededError
    return department


def _locked(session: Session, request: Opinion | Transfer, row_version: int | None) -> Dossier:
    """Lock the dossier and the request, which must be open; who is asked may act on it though not on the dossier."""
    with unscoped(session, "dossier of a request between agencies"):
        dossier = session.get_one(Dossier, request.dossier_id)
        session.flush()
        session.refresh(dossier, with_for_update={"of": Dossier})
        session.refresh(request)
    if row_version is not None and row_version != request.row_version:
        raise ConflictError
    if request.state not in OPEN_REQUESTS or dossier.annulled_at is not None:
        raise RequestClosedError
    return dossier


def _belongs(session: Session, entity: str, action: str, department_id: int) -> bool:
    """Return whether the actor's right reaches a department itself, not only the other side of a request."""
    actor = actor_of(session)
    permit = actor.permit(entity, action)
    if permit is None or not may(session, entity, action):
        return False
    return actor.system or permit.scope.name == "ALL" or department_id in actor.tree_ids | actor.department_ids


def _tell(
    session: Session,
    dossier: Dossier,
    user_ids: list[int],
    kind: NotificationKind,
    message: str,
    key: str,
    at: datetime,
) -> None:
    """Tell people about a dossier; a training dossier tells nobody."""
    if dossier.is_training:
        return
    own = actor_of(session).staff_id
    with unscoped(session, "name of a department"):
        sender = _department_of(session, own, dossier)
    values = {"department": sender, "code": dossier.code}
    news = News(kind=kind, entity="dossier", row_id=dossier.id, message=message, key=key, values=values)
    tell(session, user_ids, news, at=at)


def _department_of(session: Session, staff_id: int | None, dossier: Dossier) -> str:
    found = session.scalar(
        select(Department.name).join(Staff, Staff.department_id == Department.id).where(Staff.id == staff_id)
    )
    return found or dossier.department.name
