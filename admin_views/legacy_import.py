"""Importing what earlier systems knew, in the browser: dossiers or their history; the page of the batch follows."""

from datetime import timedelta
from pathlib import Path

from flask import Blueprint, Response, current_app, redirect, render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import select
from werkzeug.datastructures import FileStorage

from admin_views.navigation import MenuItem
from models.base import _
from models.batch import Batch, BatchKind
from models.ids import opaque_token
from services.errors import UserError
from services.jobs import register
from services.legacy.batches import KINDS
from services.legacy.job import RIGHT, SPOOL, LegacyJob, begin_import, drop_spools
from services.legacy.mapping import DOSSIER_COLUMNS, STEP_COLUMNS, ColumnMapping, MappingUnreadableError, parse_mapping
from services.legacy.source import Source, open_source
from services.session import unscoped
from services.tables.errors import TableUnusableError
from web.access import permitted
from web.batches import do_chunk
from web.clock import request_time
from web.database import database
from web.uploads import uploads_folder

RECENT_SHOWN = 8
KEPT = timedelta(days=1)
LARGEST_MAPPING_BYTES = 100_000
EXAMPLE = Path(__file__).resolve().parents[1] / "docs" / "examples" / "permit-receipt-log.toml"

bp = Blueprint("legacy_import", __name__, url_prefix="/admin/import/legacy")

MENU = [
    MenuItem(
        group=_("Dossiers"),
        label=_("Earlier systems"),
        endpoint="legacy_import.choose_file",
        icon="box-arrow-in-down",
        permission=("dossier", RIGHT),
    )
]


class FileMissingError(TableUnusableError):
    """Nothing was chosen."""

    message = _("Choose a file first.")


@bp.record_once
def _register_jobs(state: BlueprintSetupState) -> None:
    for kind in KINDS:
        register(kind, LegacyJob(uploads_folder))


@bp.get("/")
@permitted("dossier", RIGHT)
def choose_file() -> str:
    """Show where a file is chosen, and the latest imports; what ended ones have kept goes."""
    drop_spools(database().session(), uploads_folder(), before=request_time() - KEPT)
    return _page()


@bp.post("/")
@permitted("dossier", RIGHT)
def upload_file() -> ResponseReturnValue:
    """Keep the rows of the file and queue the import; a short file is done with it."""
    session, at = database().session(), request_time()
    kind = BatchKind.DOSSIER_EVENTS if request.form.get("kind") == BatchKind.DOSSIER_EVENTS else BatchKind.DOSSIERS
    session.rollback()  # a long file keeps nobody from writing while it is read
    try:
        source = _keep(kind, _mapping(kind))
    except UserError as error:
        return _page(gettext(error.message_id) % error.values), 422
    batch = begin_import(session, source, kind=kind, creates=bool(request.form.get("creates")), at=at)
    session.commit()
    do_chunk(session, at=at, batch_id=batch.id)
    drop_spools(session, uploads_folder(), before=at - KEPT)
    return redirect(url_for("batches.show", public_id=batch.public_id), 303)


@bp.get("/example.toml")
@permitted("dossier", RIGHT)
def download_example() -> Response:
    """Answer a mapping file to begin one's own with."""
    return Response(
        EXAMPLE.read_text("utf-8"),
        content_type="application/toml; charset=utf-8",
        headers={"Content-Disposition": "attachment; filename=mapping.toml"},
    )


def _page(error: str = "") -> str:
    statement = select(Batch).where(Batch.kind.in_(KINDS)).order_by(Batch.id.desc()).limit(RECENT_SHOWN)
    with unscoped(database().session(), "latest imports"):
        recent = database().session.scalars(statement).all()
    return render_template(
        "legacy/import.html",
        recent=recent,
        error=error,
        kinds=KINDS,
        chosen=request.form.get("kind") or BatchKind.DOSSIERS.value,
        creates=bool(request.form.get("creates")),
        columns={BatchKind.DOSSIERS: DOSSIER_COLUMNS, BatchKind.DOSSIER_EVENTS: STEP_COLUMNS},
        most_megabytes=current_app.config["MAX_CONTENT_LENGTH"] // 1024 // 1024,
    )


def _mapping(kind: BatchKind) -> ColumnMapping:
    upload = request.files.get("mapping")
    if upload is None or not upload.filename:
        return ColumnMapping()
    try:
        return parse_mapping(upload.read(LARGEST_MAPPING_BYTES).decode(), kind)
    except UnicodeDecodeError:
        raise MappingUnreadableError(fault="UTF-8") from None


def _keep(kind: BatchKind, mapping: ColumnMapping) -> Source:
    upload: FileStorage | None = request.files.get("file")
    if upload is None or not upload.filename:
        raise FileMissingError
    received = uploads_folder() / f"{opaque_token()}.part"
    spool = received.with_suffix(SPOOL)
    try:
        upload.save(received)
        return open_source(received, spool, kind=kind, mapping=mapping, name=upload.filename)
    except UserError:
        spool.unlink(missing_ok=True)
        raise
    finally:
        received.unlink(missing_ok=True)
