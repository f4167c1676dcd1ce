"""Taking a batch back as a whole: what that would touch, and the start of it; its progress is a batch's like any."""

from flask import Blueprint, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from admin_views import verbs
from models.base import _
from models.batch import Batch
from services.session import actor_of, may, unscoped
from services.undo import can_undo, preview_undo, undo_batch
from web.access import signed_in
from web.clock import request_time
from web.database import database
from web.names import entity_name

bp = Blueprint("batch_undo", __name__, url_prefix="/admin/batches")


def _offers_undo(batch: Batch) -> bool:
    return can_undo(database().session(), batch)


verbs.offer(
    "batch",
    verbs.Verb(
        action="read",
        label=_("Take back as a whole"),
        endpoint="batch_undo.preview",
        icon="arrow-counterclockwise",
        when=_offers_undo,
        arguments=lambda row: {"public_id": row.public_id},
    ),
)


@bp.get("/<public_id>/undo")
@signed_in
def preview(public_id: str) -> ResponseReturnValue:
    """Show how many rows taking a batch back would touch, and how many were changed since."""
    session = database().session()
    batch = _batch_or_404(session, public_id)
    if batch.undone_by is not None and not can_undo(session, batch):
        return redirect(url_for("batches.show", public_id=batch.undone_by.public_id), 303)
    if not can_undo(session, batch):
        abort(403)
    found = preview_undo(session, batch)
    lines = [(entity_name(entity), action, count) for (entity, action), count in sorted(found.counts.items())]
    return render_template("batch/undo.html", batch=batch, lines=lines, changed_since=found.changed_since)


@bp.post("/<public_id>/undo")
@signed_in
def begin(public_id: str) -> ResponseReturnValue:
    """Begin to take a batch back; asked twice, it is begun once."""
    session = database().session()
    batch = _batch_or_404(session, public_id)
    if not can_undo(session, batch) and batch.undone_by is None:
        abort(403)
    title = gettext("Taken back: %(title)s", title=batch.title)
    undo = undo_batch(session, batch, title=title, at=request_time())
    session.commit()
    return redirect(url_for("batches.show", public_id=undo.public_id), 303)


def _batch_or_404(session: Session, public_id: str) -> Batch:
    """Return a batch that the actor began or may read."""
    with unscoped(session, "a batch to be taken back"):
        batch = session.scalar(select(Batch).where(Batch.public_id == public_id[:36]))
    if batch is None or (batch.user_id != actor_of(session).user_id and not may(session, "batch", "read", batch)):
        abort(404)
    return batch
