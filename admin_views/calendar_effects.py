"""What a changed calendar does to running dossiers: shown before it is saved, and computed again as a batch.

A form of hours or of a calendar day that would move due times first shows which and by how much. Changes that came in
by other ways (imports, the list of holidays, a deleted row) are shown on a page of their own. Nothing moves unasked.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from admin_views.export_pages import csv_response
from admin_views.saving import ask_before_saving
from admin_views.verbs import ListVerb, offer
from models.base import _
from models.dossier import Dossier
from models.organisation import Site
from services.dossier_moves import ReasonMissingError
from services.errors import UserError
from services.reprojection import TITLE, Move, Preview, preview_moves, queue_reprojection
from services.session import actor_of
from web.access import permitted
from web.clock import request_time
from web.database import database
from web.durations import say_minutes
from web.formats import local_datetime

bp = Blueprint("calendar_effects", __name__)

SHOWN = 50
ASKED_ABOUT = 2000
"""Dossiers looked at before a form is saved, while nobody else can write; the page of effects looks at more."""
CHOICE, REASON = "calendar_choice", "calendar_reason"
NOT_REPEATED = frozenset({"csrf_token", CHOICE, REASON})


@dataclass(frozen=True, slots=True)
class MoveRow:
    """One dossier as the page and the table show it; without a code where the reader may not see it."""

    code: str
    url: str
    site: str
    before_at: datetime
    after_at: datetime
    by: str


@bp.get("/calendar-effects")
@permitted("calendar_day", "reproject")
def show_effects() -> str:
    """Show which running dossiers are not due as the calendar says today."""
    return _effects_page(database().session(), "", "")


@bp.post("/calendar-effects")
@permitted("calendar_day", "reproject")
def compute_again() -> ResponseReturnValue:
    """Queue the batch that computes due times again, with its reason."""
    session = database().session()
    reason = request.form.get(REASON, "")[:1000]
    try:
        batch = queue_reprojection(session, title=gettext(TITLE), reason=reason, at=request_time())
    except UserError as error:
        return _effects_page(session, reason, gettext(error.message_id, **error.values)), error.status
    session.commit()
    return redirect(url_for("batches.show", public_id=batch.public_id), 303)


@bp.get("/calendar-effects.csv")
@permitted("calendar_day", "reproject")
def download_effects() -> Response:
    """Answer the table of all dossiers that would move."""
    session = database().session()
    return _table(session, preview_moves(session, at=request_time()).moves)


def _effects_page(session: Session, reason: str, error: str) -> str:
    preview = preview_moves(session, at=request_time())
    return render_template("clock/effects.html", **_shown(session, preview), reason=reason, error=error)


def _ask(row: Any, cancel_url: str) -> ResponseReturnValue | None:
    """Show what the flushed row would do to running dossiers, unless that was answered, or there is nothing to show."""
    session = database().session()
    choice, reason = request.form.get(CHOICE, ""), request.form.get(REASON, "")[:1000]
    if choice == "later":
        flash(gettext("No due time was moved. Running dossiers keep theirs until they are computed again."), "warning")
        return None
    error = ""
    if choice == "now":
        try:
            title = f"{gettext(TITLE)}: {row}"
            queue_reprojection(session, title=title, reason=reason, at=request_time())
        except ReasonMissingError as problem:
            error = gettext(problem.message_id)
        else:
            flash(gettext("Due times are computed again in the background: see Batches."), "info")
            return None
    preview = preview_moves(session, at=request_time(), most=ASKED_ABOUT)
    if preview.is_whole and not preview.moves and not preview.refused:
        return None
    if choice == "table":
        answer: ResponseReturnValue = _table(session, preview.moves)
    else:
        facts = _shown(session, preview)
        fields = [(name, value) for name, value in request.form.items(multi=True) if name not in NOT_REPEATED]
        name = str(row)
        answer = render_template(
            "clock/before_saving.html",
            **facts, fields=fields, name=name, reason=reason, error=error, cancel_url=cancel_url,
            may_compute=actor_of(session).may("calendar_day", "reproject"),
        ), 422 if error else 200  # fmt: skip
    session.rollback()
    return answer


def _shown(session: Session, preview: Preview) -> dict[str, Any]:
    at = request_time()
    return {
        "preview": preview,
        "overdue": preview.overdue(at),
        "rows": _rows(session, preview.moves[:SHOWN]),
        "refused": [(code, gettext(error.message_id, **error.values)) for code, error in preview.refused[:SHOWN]],
    }


def _rows(session: Session, moves: Sequence[Move]) -> list[MoveRow]:
    """Return moves as they are shown; of dossiers that the reader may not see only the times."""
    visible: set[int] = set()
    if actor_of(session).may("dossier", "read"):
        keys = [move.dossier_id for move in moves]
        for first in range(0, len(keys), 500):
            visible.update(session.scalars(select(Dossier.id).where(Dossier.id.in_(keys[first : first + 500]))))
    sites = {key: name for key, name in session.execute(select(Site.id, Site.name))}
    return [
        MoveRow(
            code=move.code if move.dossier_id in visible else "",
            url=url_for("dossier.details_view", id=move.dossier_id) if move.dossier_id in visible else "",
            site=sites.get(move.site_id, ""),
            before_at=move.statutory_before_at,
            after_at=move.statutory_after_at,
            by=_by(move),
        )
        for move in moves
    ]


def _by(move: Move) -> str:
    minutes = round((move.statutory_after_at - move.statutory_before_at).total_seconds() / 60)
    return f"{'+' if minutes > 0 else '−'}{say_minutes(abs(minutes))}"


def _table(session: Session, moves: Sequence[Move]) -> Response:
    headings = [gettext("Code"), gettext("Site"), gettext("Due by law"), gettext("Would be due"), gettext("Moves by")]
    rows = [
        [row.code, row.site, local_datetime(row.before_at), local_datetime(row.after_at), row.by]
        for row in _rows(session, moves)
    ]
    return csv_response("due-times", headings, rows)


for _entity in ("calendar_day", "working_hours"):
    ask_before_saving(_entity, _ask)

offer(
    "calendar_day",
    ListVerb(
        action="reproject",
        label=_("Effect on due times"),
        endpoint="calendar_effects.show_effects",
        icon="clock-history",
    ),
)
