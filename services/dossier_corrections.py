"""Putting right what went wrong: annul an entry error, reopen a wrong decision."""

from datetime import datetime

from sqlalchemy.orm import Session

from models.base import _
from models.dossier import Dossier
from models.states import OPEN_STATES, DossierState, EventKind
from services import clock as clocks
from services.consultations import close_requests
from services.dossier_moves import begin, check_move, move, needed_reason
from services.dossier_work import current_result
from services.errors import UserError
from services.localtime import local_date
from services.session import actor_of
from services.steps import reopen_change

S = DossierState


class SecondPersonNeededError(UserError):
    message = _("You asked for this annulment yourself: after the day of receipt a second person confirms it.")


def annul_dossier(
    session: Session, dossier: Dossier, *, reason: str, at: datetime, row_version: int | None = None
) -> bool:
    """Annul a dossier that should never have been entered; its code stays, no figure counts it.

    On the local day of receipt one person may do it. After that the first call only asks for it, and a second
    person's call does it. Returns whether the dossier is annulled now.
    Raises: DeniedError, ConflictError, DossierAnnulledError, ReasonMissingError, SecondPersonNeededError.
    Source: domain.md 2.3, design decision 5.
    """
    begin(session, dossier, "annul", row_version=row_version)
    text = needed_reason(reason)
    same_day = local_date(at) == local_date(dossier.recorded_at)
    if not same_day and dossier.annulment_asked_at is None:
        move(session, dossier, kind=EventKind.ANNULMENT_ASKED, to=dossier.state, at=at, reason=text)
        return False
    if not same_day and dossier.annulment_asked_by_id in actor_of(session).interested_staff_ids:
        raise SecondPersonNeededError
    close_requests(session, dossier)
    is_open = dossier.state in OPEN_STATES
    clock = clocks.end_clock(session, dossier=dossier, at=at, cause=EventKind.ANNULLED) if is_open else None
    move(session, dossier, kind=EventKind.ANNULLED, to=dossier.state, at=at, clock=clock, reason=text)
    return True


def reopen_dossier(
    session: Session, dossier: Dossier, *, reason: str, at: datetime, row_version: int | None = None
) -> Dossier:
    """Take a decided or returned dossier back into process, because its result was wrong; a leader does it.

    The earlier result stays and is marked as replaced.
    Raises: DeniedError, ConflictError, IllegalMoveError, ReasonMissingError.
    """
    begin(session, dossier, "reopen", row_version=row_version)
    check_move(dossier, S.PROCESSING, S.DECIDED, S.RETURNED)
    text = needed_reason(reason)
    result = current_result(session, dossier)
    if result is not None:
        result.replaced_at = at
    clock = clocks.reopen_clock(session, dossier=dossier, at=at, reason=text)
    task = reopen_change(session, dossier, at=at)
    move(session, dossier, kind=EventKind.REOPENED, to=S.PROCESSING, at=at, clock=clock, reason=text, task=task)
    return dossier
