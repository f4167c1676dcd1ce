"""Taking an imported dossier back: annulled, and gone from lists, look-ups and figures; its events stay stored."""

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from models.base import _
from models.dossier import Dossier, DossierAccess
from models.states import OPEN_STATES, EventKind
from services.clock import void_clock
from services.dossier_events import record_event
from services.errors import ConflictError
from services.undo import undo_create

REASON = _("The import it came with was undone.")


class DossierTakenUpError(ConflictError):
    """Somebody works with it: it is no longer the import's alone."""

    message = _("%(code)s has been taken up since it was imported. Annul it by itself if it should never have been.")


def take_back_dossier(session: Session, dossier: Dossier, *, at: datetime) -> None:
    """Annul and hide an imported dossier that nobody has taken up; its code and row may be imported again.

    One person may do it, unlike annulling by hand: the batch as a whole is what is judged. Whoever calls it has
    asked for the right to undo the batch.
    Raises: DossierTakenUpError. Source: design decision 5, docs/adr/0020-legacy-dossiers.md.
    """
    if not dossier.is_silent:
        raise DossierTakenUpError(code=dossier.code)
    if dossier.annulled_at is None:
        if dossier.state in OPEN_STATES:
            void_clock(session, dossier=dossier, at=at, reason=REASON)
        record_event(session, dossier, kind=EventKind.ANNULLED, to=dossier.state, at=at, reason=REASON)
    dossier.is_silent, dossier.deleted_at = True, at
    session.flush()  # so that the next select leaves it out
    # No department has anything to do with it any more, nor may find its applicant by it.
    session.execute(delete(DossierAccess).where(DossierAccess.dossier_id == dossier.id))


@undo_create(Dossier)
def _take_back_with_its_batch(session: Session, row: Dossier, at: datetime) -> None:
    take_back_dossier(session, row, at=at)
