"""Scans beside the intake form and on a dossier: attached, shown page by page as pictures, ticked."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from admin_views.counter import chosen
from models.dossier import Dossier
from models.scan import Scan
from services.errors import UserError
from services.pages.files import MOST_BYTES, page_picture
from services.scans import (
    add_dossier_scan,
    add_intake_scan,
    check_scan,
    find_scan,
    list_dossier_scans,
    list_intake_scans,
    may_change,
    record_page_seen,
    remove_scan,
)
from web.access import permitted
from web.clock import request_time
from web.database import database
from web.uploads import instance_folder, sent_files

bp = Blueprint("scans", __name__, url_prefix="/scans")

LONGEST_KEY = 80


@bp.post("/")
@permitted("dossier", "receive")
def add_to_intake() -> ResponseReturnValue:
    """Take scans for the intake form ``key``; those that cannot be taken are named with what to do."""
    session = database().session()
    key = request.form.get("key", "")
    if not 8 <= len(key) <= LONGEST_KEY:
        abort(422)
    paper_id = chosen(request.form, "paper")
    return _add(
        session,
        lambda file: add_intake_scan(session, intake_key=key, required_document_id=paper_id, **file),
        lambda: list_intake_scans(session, key),
    )


@bp.post("/dossiers/<public_id>")
@permitted("dossier", "edit")
def add_to_dossier(public_id: str) -> ResponseReturnValue:
    """Take scans for a dossier that was received already."""
    session = database().session()
    dossier = session.scalars(select(Dossier).where(Dossier.public_id == public_id)).one_or_none()
    if dossier is None:
        abort(404)
    return _add(
        session,
        lambda file: add_dossier_scan(session, dossier, document_id=chosen(request.form, "paper"), **file),
        lambda: list_dossier_scans(session, dossier),
    )


def _add(session: Session, add: Any, listed: Any) -> ResponseReturnValue:
    """Take each file in a savepoint of its own: one that is damaged does not cost the others."""
    errors = []
    for name, content in sent_files("file", most_bytes=MOST_BYTES):
        try:
            with session.begin_nested():
                add({"content": content, "name": name, "folder": instance_folder(), "at": request_time()})
        except UserError as error:
            errors.append(gettext(error.message_id, **error.values))
    page = show_list(listed(), may_edit=True, errors=errors)
    session.commit()
    return page


def show_list(scans: Sequence[Scan], *, may_edit: bool, errors: Sequence[str] = ()) -> str:
    """Return the list of scans as a part of a page."""
    return render_template("scans/list.html", scans=scans, may_edit=may_edit, scan_errors=errors)


def scans_of(session: Session, dossier: Dossier) -> dict[str, Any]:
    """Return what ``scans/panel.html`` shows of a dossier."""
    return {"scans": list_dossier_scans(session, dossier), "may_edit": may_change(session, dossier)}


def _get_scan(session: Session, scan_id: str) -> Scan:
    scan = find_scan(session, scan_id=scan_id)
    if scan is None:
        abort(404)
    return scan


@bp.get("/<scan_id>/pages/<int:number>.jpg")
@permitted("dossier", "read")
def show_page(scan_id: str, number: int) -> Response:
    """Give one page as a picture; that it was seen is recorded."""
    session = database().session()
    scan = _get_scan(session, scan_id)
    picture = page_picture(instance_folder(), scan.file, number)
    if picture is None:
        abort(404)
    record_page_seen(session, scan, number)
    return Response(picture.read_bytes(), mimetype="image/jpeg", headers={"Cache-Control": "no-store"})


@bp.post("/<scan_id>/check")
@permitted("dossier", "read")
def check(scan_id: str) -> ResponseReturnValue:
    """Tick a scan, or take the tick back."""
    session = database().session()
    check_scan(
        session, _get_scan(session, scan_id), is_checked=request.form.get("is_checked") == "1", at=request_time()
    )
    session.commit()
    return "", 204


@bp.post("/<scan_id>/remove")
@permitted("dossier", "receive")
def remove(scan_id: str) -> ResponseReturnValue:
    """Take a scan back from the intake form."""
    session = database().session()
    scan = _get_scan(session, scan_id)
    key = scan.intake_key or ""
    remove_scan(session, scan)
    page = show_list(list_intake_scans(session, key), may_edit=True)
    session.commit()
    return page
