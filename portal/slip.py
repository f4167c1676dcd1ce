"""What a citizen sees who scans the code on a slip: where the dossier stands, and the question if it is still open."""

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from models.dossier import Dossier
from models.notice import NoteAudience
from services.asks import list_asks_of_dossier
from services.notes import list_notes
from services.session import acting
from web import sessions
from web.access import public
from web.clock import request_time
from web.database import database

bp = Blueprint("slip", __name__, url_prefix="/slip")


@bp.get("/<token>")
@public
def show(token: str) -> ResponseReturnValue:
    """Show the state of the dossier whose slip carries ``token``; nothing about the person."""
    if "\x00" in token:
        abort(404)
    session = database().session()
    with acting(session, sessions.system_actor("look-up by the token of a slip")):
        dossier = session.scalars(
            select(Dossier)
            .where(Dossier.slip_token == token)
            .options(joinedload(Dossier.procedure), joinedload(Dossier.site), joinedload(Dossier.department))
        ).one_or_none()
        if dossier is None:
            abort(404)
        now = request_time()
        return render_template(
            "portal/slip.html",
            dossier=dossier,
            asks=list_asks_of_dossier(session, dossier_id=dossier.id, at=now),
            messages=list_notes(session, dossier, audience=NoteAudience.APPLICANT),
            now=now,
        )
