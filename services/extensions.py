"""Extending a dossier's due time: once, before it is over, with an apology; lateness stays judged on the law's."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.base import _
from models.dossier import Dossier, DossierEvent
from models.states import RUNNING_STATES, EventKind
from models.supplement import Apology
from services import clock as clocks
from services.calendar import load_calendar
from services.dossier_moves import IllegalMoveError, begin, move, needed_reason
from services.duetime import forward_to_work
from services.errors import ConflictError
from services.ledger import NothingToExtendError
from services.localtime import format_instant, local_date
from services.rule_sets import terms_of
from services.session import actor_of


class ExtensionUsedUpError(ConflictError):
    """The rules allow no further extension."""

    message = _(
        "This dossier was already extended to %(due)s, and the rules allow %(allowed)s extension(s): "
        "it cannot be extended again. Lateness is judged on %(statutory)s."
    )


class ExtensionTooLateError(ConflictError):
    """An extension comes before the due time, or not at all."""

    message = _(
        "An extension has to be signed by %(last)s, because the dossier is due at %(due)s. "
        "That has passed: decide the dossier as soon as possible."
    )


def extend_dossier(
    session: Session, dossier: Dossier, *, due_at: datetime, reason: str, at: datetime, row_version: int | None = None
) -> Apology:
    """Appoint a later time with an apology to the applicant; the statutory due time stays.

    A time outside working hours moves forward to the next working time.
    Raises: DeniedError, ConflictError, IllegalMoveError, ReasonMissingError, NothingToExtendError,
    ExtensionUsedUpError, ExtensionTooLateError, ExtensionTooShortError.
    Source: domain.md 2.4, Decree 61 art. 19.
    """
    begin(session, dossier, "extend", row_version=row_version)
    if dossier.state not in RUNNING_STATES:
        raise IllegalMoveError(dossier.state)
    text = needed_reason(reason)
    due_before, statutory = dossier.due_at, dossier.statutory_due_at
    if due_before is None or statutory is None:
        raise NothingToExtendError
    earlier = list_apologies(session, dossier)
    _check_rules(session, dossier, due_before, earlier, at)
    due_after = forward_to_work(due_at, load_calendar(session, dossier.site, at))
    clock = clocks.extend_clock(session, dossier=dossier, due_at=due_after, at=at, reason=text)
    apology = Apology(
        dossier_id=dossier.id,
        number=len(earlier) + 1,
        reason=text,
        due_before_at=due_before,
        due_after_at=due_after,
        statutory_due_at=statutory,
        signed_at=at,
        signed_by_id=actor_of(session).staff_id,
    )
    session.add(apology)
    move(
        session, dossier, kind=EventKind.EXTENDED, to=dossier.state, at=at,
        clock=clock, reason=text, number=apology.number, due_before_at=due_before,
    )  # fmt: skip
    return apology


def list_apologies(session: Session, dossier: Dossier) -> Sequence[Apology]:
    """Return the extensions of a dossier, the first one first."""
    return session.scalars(select(Apology).where(Apology.dossier_id == dossier.id).order_by(Apology.number)).all()


def last_day_to_extend(session: Session, dossier: Dossier) -> date | None:
    """Return the last day on which an extension can be signed; None without a due time."""
    if dossier.due_at is None:
        return None
    return local_date(dossier.due_at) - timedelta(days=terms_of(session, dossier).extension_lead_days)


def rebuild_apologies(events: Iterable[DossierEvent]) -> list[dict[str, Any]]:
    """Return the extensions that ``events`` (in order) amount to, by the names of the columns."""
    return [
        {
            "number": event.facts["number"],
            "reason": event.reason,
            "due_before_at": datetime.fromisoformat(event.facts["due_before_at"]),
            "due_after_at": datetime.fromisoformat(event.facts["due_at"]),
            "statutory_due_at": datetime.fromisoformat(event.facts["statutory_due_at"]),
            "signed_at": event.occurred_at,
            "signed_by_id": event.staff_id,
        }
        for event in events
        if event.kind is EventKind.EXTENDED
    ]


def _check_rules(
    session: Session, dossier: Dossier, due_at: datetime, earlier: Sequence[Apology], at: datetime
) -> None:
    terms = terms_of(session, dossier)
    if len(earlier) >= terms.extensions:
        due = earlier[-1].due_after_at if earlier else due_at
        statutory = format_instant(dossier.statutory_due_at or due_at)
        raise ExtensionUsedUpError(due=format_instant(due), allowed=terms.extensions, statutory=statutory)
    last = local_date(due_at) - timedelta(days=terms.extension_lead_days)
    if local_date(at) > last or at >= due_at:
        raise ExtensionTooLateError(last=f"{last:%d/%m/%Y}", due=format_instant(due_at))
