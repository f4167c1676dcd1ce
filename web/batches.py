"""One chunk of a batch as a transaction of its own, for the worker and for pages that watch a batch."""

import logging
from datetime import datetime

from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from services.jobs import advance_batch, claim_next, fail_batch
from web.logs import log_event

OUTLASTED = "57014"
"""PostgreSQL's code for a statement that was ended because it took too long."""


def do_chunk(session: Session, *, at: datetime, batch_id: int | None = None) -> bool:
    """Do and commit the next chunk of a batch, the oldest open one unless one is named; return whether there was one.

    A chunk that ends in a fault is rolled back and its batch given up, so that it does not fail for ever.
    Raises: OperationalError where the database is busy; the batch stays as it is then.
    """
    key = batch_id
    try:
        key = claim_next(session) if key is None else key
        batch = advance_batch(session, key, at=at) if key is not None else None
        session.commit()
    except Exception as error:
        session.rollback()
        if key is None or _is_busy(error):
            raise
        log_event("batch_failed", level=logging.ERROR, exc_info=error, batch=key)
        fail_batch(session, key, at=at)
        session.commit()
        return True
    return batch is not None


def _is_busy(error: Exception) -> bool:
    """Whether the same chunk may well succeed later; one that outlasts the limit of a statement never does."""
    return isinstance(error, OperationalError) and getattr(error.orig, "sqlstate", None) != OUTLASTED
