"""What became of the rows of an imported file: counts, each row's story, the refused ones to be mended."""

from collections.abc import Iterator, Sequence
from typing import Any

from flask import Blueprint, Response, abort, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from admin_views import cells
from admin_views.export_pages import file_response, stamp
from models import screens
from models.actor import Actor
from models.base import Base
from models.batch import Batch, BatchKind, BatchRow, RowOutcome
from models.describe import attributes, screen_of
from services.audit import record_act
from services.imports.applying import has_hidden_key
from services.imports.job import is_rehearsal, kept_of
from services.imports.reconciliation import reconcile
from services.jobs import OPEN, has_worker
from services.session import actor_of, may, unscoped
from services.tables.writing import WRITERS, Column, write_table
from web.access import signed_in
from web.clock import request_time
from web.database import database

REASON = "an import and its rows"
ROWS_SHOWN = 100
RECENT_SHOWN = 8

bp = Blueprint("import_result", __name__, url_prefix="/admin/imports")


@bp.get("/<public_id>")
@signed_in
def show(public_id: str) -> str:
    """Show how far an import is, or what became of its rows."""
    session = database().session()
    batch, model = _import_or_404(session, public_id)
    is_open = batch.state in OPEN
    screen = screen_of(model)
    return render_template(
        "exchange/result.html",
        batch=batch,
        is_open=is_open,
        is_rehearsal=is_rehearsal(batch),
        has_worker=has_worker(session, at=request_time()),
        failure=gettext(batch.failure) if batch.failure else "",
        list_title=gettext(screen.title),
        list_url=url_for(f"{batch.entity}.index_view"),
        import_url=url_for(f"{batch.entity}.import_view"),
        batch_url=url_for("batch.details_view", id=batch.id) if may(session, "batch", "read", batch) else "",
        reconciliation=None if is_open or is_rehearsal(batch) else reconcile(session, model, batch),
        **({} if is_open else rows_by_outcome(session, model, actor_of(session), batch)),
    )


@bp.get("/<public_id>/refused")
@signed_in
def download_refused(public_id: str) -> Response:
    """Answer the refused rows as they were, with the reason of each behind: to be mended and imported again."""
    session = database().session()
    batch, model = _import_or_404(session, public_id)
    begin = WRITERS.get(request.args.get("format", "xlsx"))
    if begin is None:
        abort(404)
    headers = [str(name) for name in (batch.arguments or {}).get("headers", [])]
    columns = [Column(name) for name in (*headers, gettext("Line"), gettext("Reason"))]
    rows = []
    with unscoped(session, REASON):
        for row in _rows(session, batch, RowOutcome.REFUSED):
            given = [*kept_of(row).get("cells", ())][: len(headers)]
            given += [""] * (len(headers) - len(given))
            rows.append([*given, str(row.line_number), " ".join(_reasons(model, row))])
    writer = begin(gettext("Set aside"))
    return file_response(write_table(writer, columns, rows), writer, f"{batch.entity}-{stamp(request_time())}-refused")


def latest_imports(session: Session, entity: str) -> Sequence[Batch]:
    """Return the latest imports of ``entity`` by the session's actor."""
    statement = select(Batch).where(
        Batch.kind == BatchKind.ROWS, Batch.entity == entity, Batch.user_id == actor_of(session).user_id
    )
    with unscoped(session, REASON):
        found = session.scalars(statement.order_by(Batch.id.desc()).limit(RECENT_SHOWN * 3)).all()
    return [batch for batch in found if not is_rehearsal(batch)][:RECENT_SHOWN]


def rows_by_outcome(session: Session, model: type[Base], actor: Actor, batch: Batch) -> dict[str, Any]:
    """Return the first rows of each kind as pages show them: refused with reasons, changed with differences, new."""
    with unscoped(session, REASON):
        refused = list(_rows(session, batch, RowOutcome.REFUSED, ROWS_SHOWN))
        updated = list(_rows(session, batch, RowOutcome.UPDATED, ROWS_SHOWN))
        created = list(_rows(session, batch, RowOutcome.CREATED, ROWS_SHOWN))
    shown = cells.readable(model, actor)
    if updated and any(attribute.field.personal for attribute in shown.values()):
        record_act(session, model.__tablename__, "", "list", keys=[row.entity_id for row in updated])
    return {
        "headers": (batch.arguments or {}).get("headers", []),
        "rows_shown": ROWS_SHOWN,
        "refused": [(row.line_number, kept_of(row).get("cells", []), _reasons(model, row)) for row in refused],
        "updated": [(row.line_number, _name(model, row), _url(row), _changes(model, row, shown)) for row in updated],
        "created": [(row.line_number, _name(model, row), _url(row)) for row in created],
    }


def _import_or_404(session: Session, public_id: str) -> tuple[Batch, type[Base]]:
    """Return an import that the actor began, or an administrator looks at, who may import that entity still."""
    actor = actor_of(session)
    with unscoped(session, REASON):
        batch = session.scalar(select(Batch).where(Batch.public_id == public_id[:36], Batch.kind == BatchKind.ROWS))
    model = next((m for m in screens() if batch is not None and m.__tablename__ == batch.entity), None)
    if batch is None or model is None or not actor.may(model.__tablename__, "import"):
        abort(404)
    if batch.user_id != actor.user_id and "ADMIN" not in actor.roles:
        abort(404)
    return batch, model


def _rows(session: Session, batch: Batch, outcome: RowOutcome, limit: int | None = None) -> Iterator[BatchRow]:
    statement = select(BatchRow).where(BatchRow.batch_id == batch.id, BatchRow.outcome == outcome)
    statement = statement.order_by(BatchRow.line_number).limit(limit)
    yield from session.scalars(statement.execution_options(yield_per=200))


def _reasons(model: type[Base], row: BatchRow) -> list[str]:
    """Return in the reader's language why a row was refused, each reason with its field."""
    described = attributes(model)
    said = []
    for key, message, values in kept_of(row).get("problems", ()):
        text = gettext(message) % values if values else gettext(message)
        said.append(f"{gettext(described[key].field.label)}: {text}" if key in described else text)
    return said


def _changes(model: type[Base], row: BatchRow, shown: Any) -> list[tuple[str, str, str]]:
    """Return label, value before and after of each changed field that the reader may see."""
    changes = kept_of(row).get("changes", {})
    return [
        (gettext(shown[key].field.label), _said(shown[key], before), _said(shown[key], after))
        for key, (before, after) in changes.items()
        if key in shown
    ]


def _said(attribute: Any, value: Any) -> str:
    if value is None or value == "":
        return "–"
    if attribute.choices is not None:
        return gettext(attribute.choices(value).label)
    if isinstance(value, bool):
        return gettext("Yes") if value else gettext("No")
    return str(value)


def _name(model: type[Base], row: BatchRow) -> str:
    """Return what a row is called by its key; its line where that is hidden or there is none."""
    if row.code and not has_hidden_key(model):
        return row.code
    return gettext("Line %(line)s", line=row.line_number)


def _url(row: BatchRow) -> str:
    return url_for(f"{row.entity}.details_view", id=row.entity_id) if row.entity_id else ""
