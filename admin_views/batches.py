"""The page of a batch: how far it is, what became of its rows, and stopping it; without a worker it does the work."""

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from admin_views import verbs
from admin_views.export_pages import csv_response
from models import screens
from models.base import _
from models.batch import Batch, BatchRow, RowOutcome
from models.describe import screen_of
from services.history import may_read_audit
from services.jobs import OPEN, cancel_batch, has_worker, job_of
from services.session import actor_of, may, unscoped
from web.access import signed_in
from web.batches import do_chunk
from web.clock import request_time
from web.database import database

REASON = "a batch and its rows"
ROWS_SHOWN = 200

bp = Blueprint("batches", __name__, url_prefix="/admin/batches")

verbs.offer(
    "batch",
    verbs.Verb(
        action="read",
        label=_("Show the result"),
        endpoint="batches.show",
        icon="list-check",
        is_primary=True,
        when=lambda row: job_of(row) is not None,
        arguments=lambda row: {"public_id": row.public_id},
    ),
)


@bp.get("/<public_id>")
@signed_in
def show(public_id: str) -> str:
    """Show how far a batch is, or what became of its rows."""
    session = database().session()
    return render_template("batch/show.html", **_shown(session, _batch_or_404(session, public_id)))


@bp.post("/<public_id>/step")
@signed_in
def step(public_id: str) -> ResponseReturnValue:
    """Answer the progress that replaces the one on the page; do the next chunk where no worker does."""
    session = database().session()
    batch = _batch_or_404(session, public_id)
    if batch.state in OPEN and not has_worker(session, at=request_time()):
        do_chunk(session, at=request_time(), batch_id=batch.id)
    if request.headers.get("HX-Request") != "true":
        return redirect(url_for(".show", public_id=public_id), 303)
    if batch.state not in OPEN:
        return "", 200, {"HX-Refresh": "true"}
    return render_template("batch/progress.html", **_shown(session, batch))


@bp.post("/<public_id>/cancel")
@signed_in
def cancel(public_id: str) -> ResponseReturnValue:
    """Stop; what is done stays done."""
    session = database().session()
    batch = _batch_or_404(session, public_id)
    if batch.user_id != actor_of(session).user_id and "ADMIN" not in actor_of(session).roles:
        abort(403)
    cancel_batch(session, batch.id, at=request_time())
    session.commit()
    return redirect(url_for(".show", public_id=public_id), 303)


@bp.get("/<public_id>/refused.csv")
@signed_in
def download_refused(public_id: str) -> Response:
    """Answer name, key and reason of each row that was left alone, as a table."""
    session = database().session()
    batch = _batch_or_404(session, public_id)
    if not _may_see_rows(session, batch):
        abort(404)
    with unscoped(session, REASON):
        rows = [[str(row.line_number), row.code or "", reason_of(row)] for row in session.scalars(_refused(batch))]
    return csv_response("refused", [gettext("Line"), gettext("Name"), gettext("Reason")], rows)


def reason_of(row: BatchRow) -> str:
    """Return in the reader's language why a row was left alone; a list among its values is one of labels."""
    values = {
        key: ", ".join(gettext(label) for label in value) if isinstance(value, list) else value
        for key, value in (row.reason_values or {}).items()
    }
    return gettext(row.reason) % values if row.reason else ""


def _batch_or_404(session: Session, public_id: str) -> Batch:
    """Return a batch that the actor began or may read, and that this page is for."""
    with unscoped(session, REASON):
        batch = session.scalar(select(Batch).where(Batch.public_id == public_id[:36]))
    if batch is None or job_of(batch) is None:
        abort(404)
    if batch.user_id != actor_of(session).user_id and not may(session, "batch", "read", batch):
        abort(404)
    return batch


def _may_see_rows(session: Session, batch: Batch) -> bool:
    """Whether names of rows are shown: to who began it, and to who may read what everybody did; others see figures."""
    actor = actor_of(session)
    return batch.user_id == actor.user_id or (may_read_audit(actor) and actor.may(batch.entity or "batch", "read"))


def _refused(batch: Batch) -> Select[BatchRow]:
    refused = (BatchRow.batch_id == batch.id, BatchRow.outcome == RowOutcome.REFUSED)
    return select(BatchRow).where(*refused).order_by(BatchRow.line_number)


def _shown(session: Session, batch: Batch) -> dict[str, object]:
    with unscoped(session, REASON):
        refused = session.scalars(_refused(batch).limit(ROWS_SHOWN)).all()
    screen = next((screen_of(model) for model in screens() if model.__tablename__ == batch.entity), None)
    return {
        "batch": batch,
        "is_open": batch.state in OPEN,
        "has_worker": has_worker(session, at=request_time()),
        "failure": gettext(batch.failure) if batch.failure else "",
        "refused": [(row, reason_of(row)) for row in refused] if _may_see_rows(session, batch) else [],
        "rows_shown": ROWS_SHOWN,
        "acts": [button for button in verbs.row_buttons("batch", batch) if button.url != request.path],
        "list_title": gettext(screen.title) if screen is not None else "",
        "list_url": url_for(f"{batch.entity}.index_view") if screen is not None else "",
    }
