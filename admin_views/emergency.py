"""Emergency receipts: prepare a booklet for the counter, print it, make a torn paper void."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import select

from admin_views.counter import own_counter
from admin_views.paper_facts import letterhead_values
from admin_views.papers import pdf_answer
from admin_views.verbs import ListVerb, Verb, offer
from models.base import _
from models.emergency import EmergencyBooklet, EmergencyReceipt, EmergencyState
from services.audit import record_act
from services.emergency_receipts import FEWEST, MOST, prepare_booklet, void_receipt
from services.errors import UserError
from services.session import may
from services.slips.emergency import EmergencyFacts, render_emergency_booklet
from web.access import permitted
from web.clock import request_time
from web.database import database
from web.forms import clean

bp = Blueprint("emergency", __name__, url_prefix="/counter/emergency")


def _find(key: int) -> EmergencyBooklet:
    session = database().session()
    booklet = session.scalars(select(EmergencyBooklet).where(EmergencyBooklet.id == key)).one_or_none()
    if booklet is None:
        abort(404)
    return booklet


@bp.route("/new", methods=["GET", "POST"])
@permitted("emergency_booklet", "prepare")
def prepare() -> ResponseReturnValue:
    """Say how many receipts, and prepare them for the counter one has taken."""
    session = database().session()
    counter = own_counter(session)
    error, status = "", 200
    count = request.form.get("count", 20, type=int)
    if request.method == "POST":
        try:
            booklet = prepare_booklet(session, counter=counter, count=count, at=request_time())
            session.commit()
            return redirect(url_for(".show", id=booklet.id), 303)
        except UserError as refused:
            session.rollback()
            error, status = gettext(refused.message_id, **refused.values), refused.status
            counter = own_counter(session)
    page = render_template(
        "counter/emergency_new.html", counter=counter, count=count, fewest=FEWEST, most=MOST, error=error
    )
    return page, status


@bp.get("/<int:id>")
@permitted("emergency_booklet", "read")
def show(id: int) -> str:  # noqa: A002 -- the argument of every verb's address
    """Show what became of each paper of a booklet."""
    return _page(_find(id))


def _page(booklet: EmergencyBooklet, error: str = "") -> str:
    return render_template(
        "counter/emergency.html",
        booklet=booklet,
        may_prepare=may(database().session(), "emergency_booklet", "prepare", booklet),
        issued=EmergencyState.ISSUED,
        error=error,
    )


@bp.post("/<int:id>/void")
@permitted("emergency_booklet", "prepare")
def void(id: int) -> ResponseReturnValue:  # noqa: A002 -- the argument of every verb's address
    """Make one paper void."""
    session, booklet = database().session(), _find(id)
    key = request.form.get("receipt", 0, type=int)
    receipt = session.scalars(
        select(EmergencyReceipt).where(
            EmergencyReceipt.id == min(max(key, 0), 2**63 - 1), EmergencyReceipt.booklet_id == booklet.id
        )
    ).one_or_none()
    if receipt is None:
        abort(404)
    try:
        void_receipt(session, receipt, reason=clean(request.form.get("reason")) or "", at=request_time())
        session.commit()
    except UserError as error:
        session.rollback()
        return _page(_find(id), gettext(error.message_id, **error.values)), error.status
    flash(gettext("The emergency receipt %(number)s is void.", number=receipt.number), "success")
    return redirect(url_for(".show", id=id), 303)


@bp.get("/<int:id>/booklet.pdf")
@permitted("emergency_booklet", "read")
def print_booklet(id: int) -> ResponseReturnValue:  # noqa: A002 -- the argument of every verb's address
    """Give the booklet as PDF; the print is recorded."""
    session, booklet = database().session(), _find(id)
    record_act(session, "emergency_booklet", booklet.id, "print")
    facts = EmergencyFacts(
        **letterhead_values(booklet.site),
        issued_at=booklet.made_at,
        counter=f"{booklet.counter.number} · {booklet.counter.name}",
        numbers=[receipt.number for receipt in booklet.receipts if receipt.state is EmergencyState.ISSUED],
    )
    if not facts.numbers:
        abort(404)
    return pdf_answer(render_emergency_booklet(facts), f"{booklet.number}.pdf")


offer(
    "emergency_booklet",
    ListVerb(
        action="prepare", label=_("Prepare a booklet"), endpoint="emergency.prepare", icon="plus-lg", is_primary=True
    ),
    Verb(
        action="read",
        label=_("Print the booklet"),
        endpoint="emergency.print_booklet",
        icon="printer",
        is_primary=True,
        when=lambda booklet: booklet.left_count > 0,
    ),
    Verb(action="read", label=_("Papers one by one"), endpoint="emergency.show", icon="list-check"),
)
