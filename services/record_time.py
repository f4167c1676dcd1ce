"""When something is written down: at once, at the time of the request. Only a confirmed late entry tells the past.

``services.late_entries`` alone opens ``entered_late``; every verb on a dossier passes ``check_time``, and the database
refuses what would get by (``ck_dossier_event_written_at_once``, ``dossier_event_in_order``).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from models.base import _
from models.dossier import Dossier
from services.errors import ConflictError, UserError


class TimeInPastError(UserError):
    """A verb was given a time that has passed; only the server's clock is taken."""

    message = _("The clock of this computer runs behind: something later is already recorded. Call the administrator.")


class LaterRecordedError(ConflictError):
    """Something happened to the dossier after the time that is to be written."""

    message = _("Something later is already recorded on this dossier. Look at it again before you go on.")


@dataclass(frozen=True, slots=True)
class LateTime:
    """A late entry that is being carried out: which one, and when it is written down."""

    entry_id: int
    recorded_at: datetime


@contextmanager
def entered_late(session: Session, late: LateTime) -> Iterator[None]:
    """Let what is written meanwhile carry its true time, marked with the late entry that tells it."""
    session.info["late"] = late
    try:
        yield
    finally:
        session.info["late"] = None


def late_time(session: Session) -> LateTime | None:
    """Return the late entry that is being carried out, None for what is written as it happens."""
    return session.info.get("late")


def written_at(session: Session, at: datetime) -> datetime:
    """Return when what happens at ``at`` is written down."""
    late = late_time(session)
    return at if late is None else late.recorded_at


def check_time(session: Session, dossier: Dossier, at: datetime) -> None:
    """Refuse a time before the request's own, before the receipt, or before what is recorded already.

    Raises: TimeInPastError, LaterRecordedError.
    """
    request_at: datetime | None = session.info.get("at")
    if dossier.last_event_at is not None and at < dossier.last_event_at:
        raise LaterRecordedError if dossier.received_at <= at else TimeInPastError
    if late_time(session) is None and request_at is not None and at < request_at:
        raise TimeInPastError
