"""The shelf of results: what comes to the counter gets its number by one scan, and what lies there is seen."""

from datetime import datetime

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from admin_views.counter import own_counter
from admin_views.navigation import MenuItem
from admin_views.verbs import Verb, offer
from models.base import _
from models.dossier import Dossier
from models.states import DeliveryState, DossierState
from services.errors import UserError
from services.postal_lists import ResultNotHereError
from services.scanned_codes import find_scanned
from services.shelves import shelve_result
from services.waiting_results import PAGE, count_shelves, list_shelf
from web.access import permitted
from web.clock import request_time
from web.database import database

bp = Blueprint("shelf", __name__, url_prefix="/counter/shelf")

MENU = [
    MenuItem(
        group=_("Work"), label=_("Shelf of results"), endpoint="shelf.show", icon="inboxes",
        permission=("dossier", "return"),
    )
]  # fmt: skip


@bp.get("/")
@permitted("dossier", "return")
def show() -> str:
    """Show the box for scans, what was just put away, and what lies on the shelf of this site."""
    return _page(request.args.get("done", 0, type=int))


def _page(done_id: int = 0, error: str = "", code: str = "") -> str:
    session = database().session()
    counter = own_counter(session)
    done = session.get(Dossier, done_id) if 0 < done_id < 2**63 else None
    after = request.args.get("after", 0, type=int)
    rows = list_shelf(session, site_id=counter.site_id, after=max(0, min(after, 2**31)), size=PAGE + 1)
    return render_template(
        "counter/shelf.html",
        counter=counter,
        rows=rows[:PAGE],
        next_after=rows[PAGE - 1].shelf_number if len(rows) > PAGE else None,
        total=count_shelves(session, site_id=counter.site_id),
        done=done if done is not None and done.shelf_number is not None else None,
        error=error,
        code=code,
        now=request_time(),
    )


@bp.post("/")
@permitted("dossier", "return")
def put() -> ResponseReturnValue:
    """Put the scanned result on the shelf."""
    session = database().session()
    code = request.form.get("code", "").strip()[:200]
    try:
        dossier = find_scanned(session, code)
        if dossier is None:
            raise ResultNotHereError(code=code[:60])
        shelve_result(session, dossier, at=request_time())
        session.commit()
    except UserError as error:
        session.rollback()
        return _page(error=gettext(error.message_id, **error.values), code=code), error.status
    return redirect(url_for(".show", done=dossier.id), 303)


@bp.post("/<int:id>")
@permitted("dossier", "return")
def put_one(id: int) -> ResponseReturnValue:  # noqa: A002 -- the argument of every verb's address
    """Put one result on the shelf from its page."""
    session = database().session()
    dossier = session.scalars(select(Dossier).where(Dossier.id == id)).one_or_none()
    if dossier is None:
        abort(404)
    number = shelve_result(session, dossier, at=request_time())
    session.commit()
    flash(gettext("The result of %(code)s lies on shelf %(number)s.", code=dossier.code, number=number), "success")
    return redirect(url_for("dossier.details_view", id=id), 303)


def _can_be_shelved(dossier: Dossier) -> bool:
    return (
        dossier.annulled_at is None
        and dossier.state is DossierState.DECIDED
        and dossier.delivery_state is DeliveryState.READY
        and dossier.shelf_number is None
    )


def _shelve(session: Session, dossier: Dossier, at: datetime) -> None:
    shelve_result(session, dossier, at=at)


offer(
    "dossier",
    Verb(
        action="return",
        label=_("Put on the shelf"),
        endpoint="shelf.put_one",
        icon="inboxes",
        method="post",
        when=_can_be_shelved,
        bulk=_shelve,
    ),
)
