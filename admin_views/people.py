"""People who come and go: many users added at once, access ended at once, and given back."""

import tempfile
from datetime import datetime
from pathlib import Path

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from admin_views.verbs import ListVerb, Verb, offer
from models.access import Role, User
from models.base import _
from models.ids import opaque_token
from models.text import fold
from services import leavers, user_batches
from services.errors import UserError
from services.idempotency import once, record_answer
from services.tables.book import read_file
from services.tables.values import plain_text
from services.user_batches import Draft
from web.access import current_actor, permitted
from web.clock import request_time
from web.database import database
from web.explanations import say_all
from web.names import name_of

bp = Blueprint("people", __name__)


def _end_one(session: Session, user: User, at: datetime) -> None:
    leavers.end_access(session, user=user, at=at)


offer(
    "user_account",
    ListVerb(action="create", label=_("Add many"), endpoint="people.show_many", icon="people"),
    Verb(
        action="end_access",
        label=_("End access"),
        endpoint="people.end",
        icon="box-arrow-right",
        method="post",
        is_danger=True,
        confirm=_("Sign-ins, counter, delegations and password end at once; the open work is listed. Go on?"),
        when=lambda user: user.is_active or user.password_hash is not None,
        bulk=_end_one,
    ),
    Verb(
        action="end_access",
        label=_("Give access back"),
        endpoint="people.give_back",
        icon="arrow-counterclockwise",
        method="post",
        confirm=_("The person gets in again with the roles they had and a one-time password. Go on?"),
        when=lambda user: not user.is_active,
    ),
)


def _get_user(key: int) -> User:
    user = database().session().scalar(select(User).where(User.id == key)) if key < 2**63 else None
    return user if user is not None else abort(404)


@bp.post("/admin/user_account/<int:id>/end-access")
@permitted("user_account", "end_access")
def end(id: int) -> ResponseReturnValue:  # noqa: A002 -- what the registry of verbs calls it
    """End everything that lets a user in, and list what others have to take over."""
    session = database().session()
    ended = leavers.end_access(session, user=_get_user(id), at=request_time())
    session.commit()
    return render_template("access/ended.html", ended=ended)


@bp.post("/admin/user_account/<int:id>/give-access-back")
@permitted("user_account", "end_access")
def give_back(id: int) -> ResponseReturnValue:  # noqa: A002 -- what the registry of verbs calls it
    """Let a user in again, with a one-time password that is shown this once."""
    session, user = database().session(), _get_user(id)
    given = leavers.return_access(session, user=user, at=request_time())
    session.commit()
    return render_template("access/one_time_password.html", user=user, given=given)


@bp.get("/admin/user_account/many")
@permitted("user_account", "create")
def show_many() -> ResponseReturnValue:
    """Ask for a list of people."""
    return _many_page("", [])


@bp.post("/admin/user_account/many")
@permitted("user_account", "create")
def submit_many() -> ResponseReturnValue:
    """Check a list of people; add them where the checked list is sent again unchanged."""
    try:
        typed = _read_upload() or request.form.get("list", "")
        drafts = user_batches.read_lines(typed)
    except UserError as error:
        return _many_page(request.form.get("list", ""), [], gettext(error.message_id, **error.values)), error.status
    is_right = user_batches.check_drafts(database().session(), drafts, role_names=_role_names())
    if request.form.get("act") != "create":
        return _many_page(typed, drafts)
    if not is_right or not drafts:
        return _many_page(typed, drafts, gettext(user_batches.DraftsNotValidError.message)), 422
    return _create(typed, drafts)


def _create(typed: str, drafts: list[Draft]) -> ResponseReturnValue:
    session, scope = database().session(), f"many_users:{current_actor().user_id}"
    key = request.form.get("nonce", "")[:80] or opaque_token()
    if once(session, scope=scope, key=key, body={"list": typed}, at=request_time()) is not None:
        return _many_page("", [], gettext("These people were added already; their passwords were shown once.")), 409
    try:
        given = user_batches.create_users(session, drafts, at=request_time())
    except UserError as error:
        session.rollback()
        return _many_page(typed, drafts, gettext(error.message_id, **error.values)), error.status
    record_answer(session, scope=scope, key=key, answer={"count": len(given)})
    session.commit()
    return render_template("access/passwords.html", given=given)


def _read_upload() -> str:
    """Return the rows of an uploaded table as pasted lines; "" where there is no file."""
    upload = request.files.get("file")
    if upload is None or not upload.filename:
        return ""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "upload"
        upload.save(path)
        database().session().rollback()  # a long file keeps nobody from writing while it is read
        book = read_file(path, Path(folder) / "spool", name=upload.filename)
        rows = book.head(0, user_batches.MOST + 10)
        return "\n".join("\t".join(plain_text(cell) for cell in row.cells[:5]) for row in rows)


def _role_names() -> dict[str, str]:
    """Return the codes of roles by their names in the reader's language."""
    return {fold(name_of(role)): role.code for role in database().session().scalars(select(Role))}


def _many_page(typed: str, drafts: list[Draft], error: str = "") -> str:
    rows = [(draft, say_all(draft.problems)) for draft in drafts]
    is_ready = bool(drafts) and not any(problems for _draft, problems in rows)
    return render_template(
        "access/many.html", typed=typed, rows=rows, error=error, is_ready=is_ready, nonce=opaque_token()
    )
