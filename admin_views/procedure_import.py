"""Importing the national catalogue in the browser: choose a file, watch it go in, see what became of each record."""

from pathlib import Path

from flask import Blueprint, Response, abort, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from admin_views import verbs
from admin_views.batches import reason_of
from admin_views.export_pages import csv_response
from models.base import _
from models.batch import Batch, BatchKind, BatchState
from models.ids import opaque_token
from services.procedure_import.batch import cancel_import, import_chunk, list_changed, list_refused, start_import
from services.procedure_import.reading import FileUnusableError, SourceFile, unpack
from services.session import actor_of, unscoped
from web.access import permitted
from web.clock import request_time
from web.database import database
from web.uploads import uploads_folder

REASON = "import procedures"
ROWS_SHOWN = 200
RECENT_SHOWN = 8

bp = Blueprint("procedure_import", __name__, url_prefix="/admin/import/procedures")

verbs.offer(
    "batch",
    verbs.Verb(
        action="read",
        label=_("Show the result"),
        endpoint="procedure_import.show",
        icon="list-check",
        is_primary=True,
        when=lambda row: row.kind is BatchKind.PROCEDURES,
        arguments=lambda row: {"public_id": row.public_id},
    ),
)


class FileMissingError(FileUnusableError):
    """Nothing was chosen."""

    message = _("Choose a file first.")


@bp.get("/")
@permitted("procedure", "import")
def choose_file() -> str:
    """Show where a file is chosen, and the latest imports."""
    return _choice_page()


def _choice_page(error: str = "") -> str:
    statement = select(Batch).where(Batch.kind == BatchKind.PROCEDURES).order_by(Batch.id.desc()).limit(RECENT_SHOWN)
    with unscoped(database().session(), REASON):
        recent = database().session.scalars(statement).all()
    most = current_app.config["MAX_CONTENT_LENGTH"] // 1024 // 1024
    return render_template("catalogue/import.html", recent=recent, error=error, most_megabytes=most)


@bp.post("/")
@permitted("procedure", "import")
def upload_file() -> ResponseReturnValue:
    """Keep the file and begin; the page that follows takes it in chunk by chunk."""
    upload = request.files.get("file")
    session = database().session()
    received = uploads_folder() / f"{opaque_token()}.part"
    try:
        if upload is None or not upload.filename:
            raise FileMissingError
        upload.save(received)
        session.rollback()  # a long file keeps nobody from writing while it is read
        unpacked = received.with_suffix(".unpacked")
        try:
            file = unpack(received, unpacked)
            unpacked.replace(_kept_file(file.fingerprint))
        finally:
            unpacked.unlink(missing_ok=True)
    except FileUnusableError as error:
        return _choice_page(gettext(error.message_id) % error.values), 422
    finally:
        received.unlink(missing_ok=True)
    with unscoped(session, REASON):
        batch = start_import(
            session, file, file_name=upload.filename, at=request_time(), user_id=actor_of(session).user_id
        )
        session.commit()
        return redirect(url_for(".show", public_id=batch.public_id), 303)


@bp.get("/<public_id>")
@permitted("procedure", "import")
def show(public_id: str) -> str:
    """Show how far an import is, or what became of its records."""
    session = database().session()
    with unscoped(session, REASON):
        batch = _batch_or_404(session, public_id)
        return render_template("catalogue/import_result.html", **_shown(session, batch))


@bp.post("/<public_id>/step")
@permitted("procedure", "import")
def step(public_id: str) -> ResponseReturnValue:
    """Take the next records in; answers the progress that replaces the one on the page."""
    session = database().session()
    with unscoped(session, REASON):
        batch = _batch_or_404(session, public_id)
        if batch.state is BatchState.RUNNING and _has_file(batch):
            file = SourceFile(_kept_file(batch.file_hash), batch.file_hash, batch.size_bytes, batch.total_count)
            import_chunk(session, batch, file, at=request_time())
            session.commit()
            _drop_file_of_ended(session, batch)
        if request.headers.get("HX-Request") != "true":
            return redirect(url_for(".show", public_id=public_id), 303)
        if batch.state is not BatchState.RUNNING:
            return "", 200, {"HX-Refresh": "true"}
        return render_template("catalogue/import_progress.html", **_shown(session, batch))


@bp.post("/<public_id>/cancel")
@permitted("procedure", "import")
def cancel(public_id: str) -> ResponseReturnValue:
    """Stop; what is in stays in."""
    session = database().session()
    with unscoped(session, REASON):
        batch = _batch_or_404(session, public_id)
        if batch.state is BatchState.RUNNING:
            cancel_import(session, batch, at=request_time())
            session.commit()
            _drop_file_of_ended(session, batch)
    return redirect(url_for(".show", public_id=public_id), 303)


@bp.get("/<public_id>/refused.jsonl")
@permitted("procedure", "import")
def download_records(public_id: str) -> Response:
    """Answer the records that were set aside, as they were given: to be mended and imported."""
    session = database().session()
    with unscoped(session, REASON):
        batch = _batch_or_404(session, public_id)
        text = "".join(f"{row.raw}\n" for row in list_refused(session, batch))
    return _attachment(text, "application/jsonl", "refused.jsonl")


@bp.get("/<public_id>/refused.csv")
@permitted("procedure", "import")
def download_reasons(public_id: str) -> Response:
    """Answer line, code and reason of each record that was set aside, as a table."""
    session = database().session()
    with unscoped(session, REASON):
        batch = _batch_or_404(session, public_id)
        rows = [[str(row.line_number), row.code or "", reason_of(row)] for row in list_refused(session, batch)]
    return csv_response("refused", [gettext("Line"), gettext("Code"), gettext("Reason")], rows)


def _attachment(text: str, mimetype: str, name: str) -> Response:
    response = Response(text, mimetype=mimetype)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _shown(session: Session, batch: Batch) -> dict[str, object]:
    return {
        "batch": batch,
        "can_go_on": batch.state is BatchState.RUNNING and _has_file(batch),
        "refused": [(row, reason_of(row)) for row in list_refused(session, batch, ROWS_SHOWN)],
        "changed": list_changed(session, batch, ROWS_SHOWN),
        "rows_shown": ROWS_SHOWN,
    }


def _batch_or_404(session: Session, public_id: str) -> Batch:
    batch = session.scalar(select(Batch).where(Batch.public_id == public_id, Batch.kind == BatchKind.PROCEDURES))
    if batch is None:
        abort(404)
    return batch


def _kept_file(fingerprint: str) -> Path:
    return uploads_folder() / f"{fingerprint}.jsonl"


def _has_file(batch: Batch) -> bool:
    return _kept_file(batch.file_hash).exists()


def _drop_file_of_ended(session: Session, batch: Batch) -> None:
    """Delete the kept file once no running import needs it: every record it gave is in the database."""
    if batch.state is BatchState.RUNNING:
        return
    running = session.scalar(
        select(Batch.id).where(Batch.file_hash == batch.file_hash, Batch.state == BatchState.RUNNING).limit(1)
    )
    if running is None:
        _kept_file(batch.file_hash).unlink(missing_ok=True)
