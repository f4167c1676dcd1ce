"""Requests for more papers as the rules see them: how often, how soon, and what a further one takes."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.base import _
from models.dossier import Dossier, DossierEvent
from models.rule_set import SupplementRule
from models.states import EventKind
from models.supplement import Supplement
from services.calendar import load_calendar
from services.errors import ConflictError, UserError
from services.limits import WORKING_DAY_MICROSECONDS
from services.rule_sets import terms_of
from services.session import actor_of, may


class FurtherSupplementError(ConflictError):
    """The rules allow no further request without a leader."""

    message = _(
        "The applicant was already asked for papers %(count)s time(s), as often as the rules allow: "
        "a leader of the department can ask once more, with the ground."
    )


class GroundMissingError(UserError):
    """A further request says why it could not be asked before."""

    message = _("Say why the applicant is asked once more: the rules allow no further request without a ground.")


def counts_anew(session: Session, dossier: Dossier) -> bool:
    """Return whether the whole limit counts again once the missing papers arrived.

    Source: domain.md 2.4, Decree 61 art. 19.
    """
    return terms_of(session, dossier).supplement_rule is SupplementRule.RESTART


def is_further(session: Session, dossier: Dossier) -> bool:
    """Return whether one more request would be one more than the rules allow."""
    allowed = terms_of(session, dossier).supplement_requests
    return allowed is not None and _count(session, dossier) >= allowed


def record_supplement(
    session: Session, dossier: Dossier, *, missing: str, ground: str | None, answer_by_date: date | None, at: datetime
) -> Supplement:
    """Write a request down, marked where it is one too many or asked later than the rules say.

    Raises: FurtherSupplementError, GroundMissingError.
    """
    count = _count(session, dossier)
    is_beyond = is_further(session, dossier)
    text = (ground or "").strip() or None
    if is_beyond and not may(session, "dossier", "extend", dossier):
        raise FurtherSupplementError(count=count)
    if is_beyond and text is None:
        raise GroundMissingError
    asked = Supplement(
        dossier_id=dossier.id,
        number=count + 1,
        missing=missing,
        ground=text,
        is_beyond=is_beyond,
        is_late=_is_late(session, dossier, at),
        asked_at=at,
        asked_by_id=actor_of(session).staff_id,
        answer_by_date=answer_by_date,
    )
    session.add(asked)
    session.flush()  # a second request at the same moment is refused here
    return asked


def facts_of(asked: Supplement) -> dict[str, Any]:
    """Return what the event of a request keeps of it, beside the reason and the day to answer by."""
    return {
        "number": asked.number,
        "ground": asked.ground,
        "is_beyond": asked.is_beyond,
        "is_late": asked.is_late,
    }


def answer_supplement(session: Session, dossier: Dossier, *, at: datetime) -> None:
    """Write down that the papers of the open request arrived; imported dossiers have none."""
    asked = session.scalars(
        select(Supplement)
        .where(Supplement.dossier_id == dossier.id, Supplement.answered_at.is_(None))
        .order_by(Supplement.number.desc())
        .limit(1)
    ).first()
    if asked is not None:
        asked.answered_at = at


def list_supplements(session: Session, dossier: Dossier) -> Sequence[Supplement]:
    """Return the requests of a dossier, the first one first."""
    return session.scalars(
        select(Supplement).where(Supplement.dossier_id == dossier.id).order_by(Supplement.number)
    ).all()


def rebuild_supplements(events: Iterable[DossierEvent]) -> list[dict[str, Any]]:
    """Return the requests that ``events`` (in order) amount to, by the names of the columns."""
    asked: list[dict[str, Any]] = []
    for event in events:
        if event.kind is EventKind.SUPPLEMENT_ASKED and "number" in event.facts:
            told = {key: event.facts[key] for key in ("number", "ground", "is_beyond", "is_late")}
            by = event.facts.get("answer_by_date")
            asked.append(
                told
                | {
                    "missing": event.reason,
                    "asked_at": event.occurred_at,
                    "asked_by_id": event.staff_id,
                    "answer_by_date": date.fromisoformat(by) if by else None,
                    "answered_at": None,
                }
            )
        elif event.kind is EventKind.SUPPLEMENT_RECEIVED and asked:
            asked[-1]["answered_at"] = event.occurred_at
    return asked


def _count(session: Session, dossier: Dossier) -> int:
    return session.scalar(select(func.count()).where(Supplement.dossier_id == dossier.id)) or 0


def _is_late(session: Session, dossier: Dossier, at: datetime) -> bool:
    """Return whether more working days have passed since receipt than the rules give for a request."""
    days = terms_of(session, dossier).supplement_days
    if days is None or at <= dossier.received_at:
        return False
    calendar = load_calendar(session, dossier.site, dossier.received_at)
    return calendar.worked_between(dossier.received_at, at) > days * WORKING_DAY_MICROSECONDS
