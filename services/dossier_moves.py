"""What every verb on a dossier has in common: the right, the row as the person saw it, the allowed moves, the clock."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from models.actor import ScopeLevel
from models.base import _
from models.clock import Clock
from models.dossier import Dossier, DossierEvent
from models.organisation import Counter
from models.states import TRANSITIONS, DossierState, EventKind
from services.dossier_events import record_event
from services.errors import ConflictError, UserError
from services.session import actor_of, require
from services.steps import follow, is_of, not_your_turn
from services.tasks import TaskChange

POSSIBLE: Mapping[DossierState, str] = {
    DossierState.NEW: _(
        "This dossier came in online and is not yet accepted: accept it, refuse it or ask for a supplement."
    ),
    DossierState.ACCEPTED: _(
        "This dossier is accepted: start work on it, request a supplement or payment, or withdraw or stop it."
    ),
    DossierState.REFUSED: _("This dossier was refused at intake: nothing more can be done with it. Receive a new one."),
    DossierState.PROCESSING: _(
        "This dossier is in process: finish it, request a supplement or payment, or withdraw or stop it."
    ),
    DossierState.SUPPLEMENT: _(
        "This dossier waits for a supplement: record the papers when they arrive, or withdraw or stop it."
    ),
    DossierState.PAYMENT: _("This dossier waits for a payment: record it when it is made, or withdraw or stop it."),
    DossierState.WITHDRAWAL: _("Withdrawal was requested: confirm it by stopping the dossier, or revoke it."),
    DossierState.STOPPED: _("This dossier was stopped: nothing more can be done with it. Receive a new one."),
    DossierState.DECIDED: _("This dossier is decided: hand the result over. A wrong result is reopened by a leader."),
    DossierState.RETURNED: _("The result was handed over: only a leader can reopen the dossier, with a reason."),
}


class IllegalMoveError(ConflictError):
    """The verb does not fit the state the dossier is in; the message says which ones do."""

    def __init__(self, state: DossierState) -> None:
        self.message = POSSIBLE[state]  # type: ignore[misc]
        super().__init__()


class DossierAnnulledError(ConflictError):
    message = _("This dossier was annulled as an entry error: nothing more can be done with it.")


class ReasonMissingError(UserError):
    message = _("Enter the reason: the applicant reads it, and it stays with the dossier.")


def begin(session: Session, dossier: Dossier, action: str, *, row_version: int | None = None) -> None:
    """Lock the row, and check the right, the version the person saw, and that the dossier is not annulled.

    Raises: DeniedError, ConflictError, DossierAnnulledError.
    """
    require(session, "dossier", action, dossier)
    session.flush()
    session.refresh(dossier, with_for_update={"of": Dossier})  # its joined rows are not locked
    if row_version is not None and row_version != dossier.row_version:
        raise ConflictError
    if dossier.annulled_at is not None:
        raise DossierAnnulledError
    _check_concerned(session, dossier, action)


def _check_concerned(session: Session, dossier: Dossier, action: str) -> None:
    """Refuse a department that once had the dossier, or was asked about it, and only reads along now.

    Concerned are who decides, who has it, who received it, and the people it is given to.
    Raises: NotYourTurnError.
    """
    actor = actor_of(session)
    if actor.staff_id is not None and actor.staff_id in (dossier.received_by_id, dossier.responsible_id):
        return
    permit = actor.permit("dossier", action)
    if permit is None or permit.scope not in (ScopeLevel.DEPARTMENT, ScopeLevel.TREE):
        return
    counter = session.get(Counter, dossier.counter_id) if dossier.counter_id else None
    concerned = {dossier.department_id, dossier.holder_id, counter.department_id if counter else None}
    if not any(is_of(session, department_id, action) for department_id in concerned - {None}):
        raise not_your_turn(session, dossier)


def check_move(dossier: Dossier, to: DossierState, *allowed_from: DossierState) -> None:
    """Raise IllegalMoveError unless ``to`` may follow, and the verb fits the state the dossier is in."""
    if to not in TRANSITIONS[dossier.state] or (allowed_from and dossier.state not in allowed_from):
        raise IllegalMoveError(dossier.state)


def needed_reason(reason: str | None) -> str:
    """Return ``reason`` without blanks around it; raise ReasonMissingError where nothing is left."""
    text = (reason or "").strip()
    if not text:
        raise ReasonMissingError
    return text


def move(
    session: Session,
    dossier: Dossier,
    *,
    kind: EventKind,
    to: DossierState,
    at: datetime,
    clock: Clock | None = None,
    reason: str | None = None,
    task: TaskChange | None = None,
    is_anew: bool = False,
    **facts: Any,
) -> DossierEvent:
    """Record the event; where the clock was touched, its due times go with it, and the open task follows.

    ``task`` is what the verb makes of the open task, where that is more than what follows from the state;
    ``is_anew`` says that the whole time counts again.
    """
    task = task or follow(session, dossier, kind=kind, to=to, at=at, is_anew=is_anew)
    if clock is not None:
        facts |= {"due_at": clock.due_at, "statutory_due_at": clock.statutory_due_at}
    return record_event(session, dossier, kind=kind, to=to, at=at, reason=reason, facts=facts, task=task)
