"""Handing the result over: to a person, to the post, electronically."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.base import _
from models.dossier import Dossier
from models.result import Result, Return
from models.states import DeliveryState, DossierState, EventKind, ReturnMethod
from services.dossier_moves import begin, check_move, move, needed_reason
from services.dossier_work import current_result
from services.errors import ConflictError, UserError
from services.session import actor_of

S = DossierState


class CollectorMissingError(UserError):
    message = _("Enter who collects the result.")


class WaybillMissingError(UserError):
    message = _("Enter the waybill number the post gave you.")


class ResultMissingError(ConflictError):
    """A dossier that another system decided may have come without its result."""

    message = _("No result is recorded for this dossier. Ask the department that decided it to record one.")


class NotInPostError(ConflictError):
    message = _("No result of this dossier is on its way by post. Look at the dossier again.")


class AlreadyInPostError(ConflictError):
    message = _("The result is on its way by post. Record the delivery, or that it failed, before you hand it over.")


def return_result(
    session: Session,
    dossier: Dossier,
    *,
    method: ReturnMethod,
    at: datetime,
    collected_by_name: str | None = None,
    collected_by_id_number: str | None = None,
    waybill: str | None = None,
    row_version: int | None = None,
) -> Return:
    """Hand the result over. At the counter and online the dossier is returned at once.

    By post it is returned only when the delivery is confirmed; until then it is on its way.
    Raises: DeniedError, ConflictError, IllegalMoveError, AlreadyInPostError, ResultMissingError,
    CollectorMissingError, WaybillMissingError.
    """
    begin(session, dossier, "return", row_version=row_version)
    check_move(dossier, S.RETURNED, S.DECIDED)
    if dossier.delivery_state is DeliveryState.IN_POST:
        raise AlreadyInPostError
    handed = Return(
        result_id=_needed_result(session, dossier).id,
        method=method,
        handed_at=at,
        delivered_at=None if method is ReturnMethod.POST else at,
        recorded_at=at,
        waybill=_needed_waybill(waybill) if method is ReturnMethod.POST else None,
        collected_by_name=_needed_collector(collected_by_name) if method is ReturnMethod.COUNTER else None,
        collected_by_id_number=(collected_by_id_number or "").strip() or None,
        staff_id=actor_of(session).staff_id,
    )
    session.add(handed)
    session.flush()  # the event names the return
    by_post = method is ReturnMethod.POST
    kind, to = (EventKind.POSTED, S.DECIDED) if by_post else (EventKind.RETURNED, S.RETURNED)
    move(session, dossier, kind=kind, to=to, at=at, return_id=handed.id, method=method)
    return handed


def confirm_delivery(session: Session, dossier: Dossier, *, at: datetime, row_version: int | None = None) -> Return:
    """Record that the post delivered the result: now the dossier is returned. Raises: NotInPostError."""
    begin(session, dossier, "return", row_version=row_version)
    handed = _in_post(session, dossier)
    check_move(dossier, S.RETURNED, S.DECIDED)
    handed.delivered_at = at
    move(
        session, dossier, kind=EventKind.RETURNED, to=S.RETURNED, at=at,
        return_id=handed.id, method=ReturnMethod.POST,
    )  # fmt: skip
    return handed


def fail_delivery(
    session: Session, dossier: Dossier, *, reason: str, at: datetime, row_version: int | None = None
) -> Return:
    """Record that the post could not deliver: the result waits at the counter again. Raises: NotInPostError."""
    begin(session, dossier, "return", row_version=row_version)
    handed = _in_post(session, dossier)
    text = needed_reason(reason)
    handed.failed_at = at
    move(session, dossier, kind=EventKind.POST_FAILED, to=S.DECIDED, at=at, reason=text, return_id=handed.id)
    return handed


def _needed_result(session: Session, dossier: Dossier) -> Result:
    result = current_result(session, dossier)
    if result is None:
        raise ResultMissingError
    return result


def _in_post(session: Session, dossier: Dossier) -> Return:
    handed = session.scalar(
        select(Return)
        .join(Result)
        .where(
            Result.dossier_id == dossier.id,
            Return.method == ReturnMethod.POST,
            Return.delivered_at.is_(None),
            Return.failed_at.is_(None),
            Result.replaced_at.is_(None),
        )
    )
    if handed is None:
        raise NotInPostError
    return handed


def _needed_collector(name: str | None) -> str:
    text = (name or "").strip()
    if not text:
        raise CollectorMissingError
    return text


def _needed_waybill(waybill: str | None) -> str:
    text = (waybill or "").strip()
    if not text:
        raise WaybillMissingError
    return text
