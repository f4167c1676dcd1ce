"""Notes on a record, following it, and the bell: what people are told, and the day's digest."""

from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from models.access import User
from models.base import Base
from models.ids import opaque_token
from models.notice import Note, NoteAudience, NoteErrand, Notification
from services import notes
from services.errors import UserError
from services.idempotency import once
from services.localtime import format_instant, local_date, start_of_day
from services.notices import COUNT_CAP, count_unread, list_notifications, list_since, mark_read
from web.access import current_actor, signed_in
from web.clock import request_time
from web.database import database
from web.forms import clean

bp = Blueprint("notes", __name__, url_prefix="/notes")

SILENT = frozenset({"ask", "rating", "audit_event", "batch"})
"""Records that nobody writes on: what citizens said, and what the machine keeps."""


@bp.app_template_global()
def notes_on(row: Base) -> dict[str, Any] | None:
    """Return what the panel of notes below a record shows; None where there is none."""
    actor = current_actor()
    if actor.user_id is None or row.__tablename__ in SILENT or not isinstance(getattr(row, "id", None), int):
        return None
    session = database().session()
    is_dossier = row.__tablename__ == "dossier"
    return {
        "entity": row.__tablename__,
        "key": row.id,  # type: ignore[attr-defined]
        "office": notes.list_notes(session, row, audience=NoteAudience.OFFICE),
        "applicant": notes.list_notes(session, row, audience=NoteAudience.APPLICANT) if is_dossier else None,
        "is_following": notes.is_following(session, row),
        "own_id": actor.user_id,
        "nonce": opaque_token(),
    }


@bp.app_template_global()
def said(notification: Notification) -> str:
    """Return what a notification says, in the reader's language; instants on the clock of the centre."""
    values = {name: _plain(name, value) for name, value in notification.message_values.items()}
    return gettext(notification.message, **values)


def _plain(name: str, value: Any) -> Any:
    return format_instant(datetime.fromisoformat(value)) if name.endswith("_at") and isinstance(value, str) else value


@bp.app_template_global()
def unread_count() -> str:
    """Return how much the person has not read, for the bell; "" for nothing or nobody."""
    actor = current_actor()
    if actor.user_id is None:
        return ""
    number = count_unread(database().session(), actor.user_id)
    return "" if not number else f"{COUNT_CAP}+" if number > COUNT_CAP else str(number)


def _record(entity: str, key: int) -> Base:
    row = notes.find_record(database().session(), entity, key) if entity not in SILENT else None
    if row is None:
        abort(404)
    return row


def _back(entity: str, key: int, **more: Any) -> ResponseReturnValue:
    return redirect(url_for(f"{entity}.details_view", id=key, **more, _anchor="notes"), 303)


@bp.post("/<entity>/<int:key>")
@signed_in
def write(entity: str, key: int) -> ResponseReturnValue:
    """Write a note; what cannot be written comes back with what was typed."""
    session, row = database().session(), _record(entity, key)
    is_message = request.form.get("audience") == NoteAudience.APPLICANT.value
    nonce, scope = request.form.get("nonce", "")[:80] or opaque_token(), f"note:{current_actor().user_id}"
    sent = {"entity": entity, "key": key, **{name: request.form.get(name, "") for name in ("body", "assignee")}}
    try:
        if once(session, scope=scope, key=nonce, body=sent, at=request_time()) is None:
            notes.write_note(
                session,
                row,
                body=clean(request.form.get("body")) or "",
                audience=NoteAudience.APPLICANT if is_message else NoteAudience.OFFICE,
                assignee=_assignee(),
                at=request_time(),
            )
            session.commit()
    except UserError as error:
        session.rollback()
        flash(gettext(error.message_id, **error.values), "error")
        return render_template(
            "work/note.html",
            row=_record(entity, key),
            entity=entity,
            body=request.form.get("body", "")[: notes.LONGEST_NOTE + 100],
            assignee=request.form.get("assignee", "")[:60],
            is_message=is_message,
            nonce=opaque_token(),
        ), error.status
    return _back(entity, key)


def _assignee() -> User | None:
    """Return whom the note asks: typed as a user name, with or without "@"."""
    name = clean(request.form.get("assignee"))
    return notes.find_person(database().session(), name) if name else None


@bp.post("/<entity>/<int:key>/follow")
@signed_in
def follow(entity: str, key: int) -> ResponseReturnValue:
    """Follow a record, or stop following it."""
    session, row = database().session(), _record(entity, key)
    if request.form.get("on") == "1":
        notes.follow_record(session, row, at=request_time())
    else:
        notes.unfollow_record(session, row)
    session.commit()
    return _back(entity, key)


@bp.post("/errands/<int:errand_id>/done")
@signed_in
def finish(errand_id: int) -> ResponseReturnValue:
    """Say that what a note asked for is done."""
    session = database().session()
    errand = session.get(NoteErrand, errand_id)
    user_id = current_actor().user_id
    if errand is None or user_id is None or user_id not in (errand.assignee_id, errand.note.author_id):
        abort(404)
    note: Note = errand.note
    row = _record(note.entity, note.row_id)
    try:
        notes.finish_errand(session, errand, at=request_time())
        session.commit()
    except UserError as error:
        session.rollback()
        flash(gettext(error.message_id, **error.values), "error")
    return _back(row.__tablename__, note.row_id)


@bp.get("/bell")
@signed_in
def show_bell() -> str:
    """Show what the person was told, the newest first, and what notes ask of them."""
    session, user_id = database().session(), current_actor().user_id
    before = request.args.get("before", type=int)
    before = before if before is not None and 0 < before < 2**63 else None
    found = list_notifications(session, user_id, before_id=before, size=51) if user_id is not None else []
    return render_template(
        "work/bell.html",
        notifications=found[:50],
        next_url=url_for(".show_bell", before=found[49].id) if len(found) > 50 else "",
        now=request_time(),
    )


@bp.post("/bell/read")
@signed_in
def read_all() -> ResponseReturnValue:
    """Mark everything as read."""
    session, user_id = database().session(), current_actor().user_id
    if user_id is not None:
        mark_read(session, user_id, at=request_time())
        session.commit()
    return redirect(url_for(".show_bell"), 303)


@bp.post("/bell/<int:notification_id>")
@signed_in
def open_one(notification_id: int) -> ResponseReturnValue:
    """Mark one as read and go to what it is about."""
    session, user_id = database().session(), current_actor().user_id
    found = session.get(Notification, notification_id)
    if found is None or user_id is None or found.user_id != user_id:
        abort(404)
    mark_read(session, user_id, at=request_time(), notification_id=notification_id)
    session.commit()
    return redirect(url_for(f"{found.entity}.details_view", id=found.row_id), 303)


@bp.get("/digest")
@signed_in
def show_digest() -> str:
    """Show what the person was told on one day and has not read, by what it is about."""
    session, user_id, now = database().session(), current_actor().user_id, request_time()
    day = local_date(now)
    since = start_of_day(day) - timedelta(days=1)
    found = list_since(session, user_id, since=since, until=now + timedelta(seconds=1)) if user_id is not None else []
    return render_template("work/digest.html", notifications=found, since=since, now=now)
