"""The page on which a list for the post is filled, handed over and printed; and the one for what became of letters."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale, gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from admin_views.counter import own_counter
from admin_views.handover import sees_personal
from admin_views.handover_form import CarrierForm
from admin_views.paper_facts import letterhead_values
from admin_views.papers import pdf_answer
from admin_views.verbs import ListVerb, Verb, offer
from models.base import _
from models.postal_list import PostagePayer, PostalItem, PostalList, PostalState
from services import postal_lists
from services.audit import record_act
from services.dossier_return import confirm_delivery, fail_delivery
from services.errors import UserError
from services.session import DeniedError, may
from services.slips.handing_over import PostalFacts, PostalLine, render_postal_list
from web.access import permitted
from web.clock import request_time
from web.database import database
from web.formats import choice, money
from web.forms import clean

bp = Blueprint("postal_lists", __name__, url_prefix="/counter/post")


def _find(key: int) -> PostalList:
    session = database().session()
    postal = session.scalars(select(PostalList).where(PostalList.id == key)).one_or_none()
    if postal is None:
        abort(404)
    return postal


@bp.route("/new", methods=["GET", "POST"])
@permitted("postal_list", "post")
def begin() -> ResponseReturnValue:
    """Say who carries the results, and begin the list."""
    session = database().session()
    counter = own_counter(session)
    error, status = "", 200
    carrier = clean(request.form.get("carrier")) or ""
    if request.method == "POST":
        try:
            postal = postal_lists.begin_postal_list(session, counter=counter, carrier=carrier, at=request_time())
            session.commit()
            return redirect(url_for(".show", id=postal.id), 303)
        except UserError as refused:
            session.rollback()
            error, status = gettext(refused.message_id, **refused.values), refused.status
    known = session.scalars(
        select(PostalList.carrier)
        .where(PostalList.site_id == counter.site_id)
        .order_by(PostalList.id.desc())
        .limit(200)
    )
    carriers = list(dict.fromkeys(known))[:10]
    carrier = carrier or next(iter(carriers), "")
    page = render_template("counter/postal_new.html", carriers=carriers, carrier=carrier, error=error)
    return page, status


@bp.get("/<int:id>")
@permitted("postal_list", "read")
def show(id: int) -> str:  # noqa: A002 -- the argument of every verb's address
    """Show a list with the box that takes scans while it is open."""
    return _page(_find(id), CarrierForm())


def _page(postal: PostalList, form: CarrierForm, error: str = "", code: str = "") -> str:
    session = database().session()
    items = postal_lists.list_items(session, postal)
    last = items[-1] if items else None
    if last is not None and not request.form:
        form.postage_amount.data, form.postage_payer.data = last.postage_amount, last.postage_payer.value
    return render_template(
        "counter/postal.html",
        postal=postal,
        items=items,
        form=form,
        fills=postal.state is PostalState.OPEN and may(session, "postal_list", "post", postal),
        totals=[(payer, postal_lists.total_postage(items, payer)) for payer in PostagePayer],
        sees_personal=sees_personal(),
        error=error,
        code=code,
    )


@bp.post("/<int:id>")
@permitted("postal_list", "post")
def change(id: int) -> ResponseReturnValue:  # noqa: A002 -- the argument of every verb's address
    """Put a result on the list, take one off, or hand the list over."""
    session, postal, form = database().session(), _find(id), CarrierForm(request.form)
    act, code = request.form.get("act", "add"), clean(request.form.get("code")) or ""
    if act == "add" and not form.validate():
        return _page(postal, form, code=code), 422
    try:
        _change(session, postal, form, act, code)
        session.commit()
    except UserError as error:
        session.rollback()
        return _page(_find(id), form, gettext(error.message_id, **error.values), code), error.status
    if act == "send":
        flash(gettext("The list %(number)s is handed to the post.", number=postal.number), "success")
    return redirect(url_for(".show", id=id), 303)


def _change(session: Session, postal: PostalList, form: CarrierForm, act: str, code: str) -> None:
    at = request_time()
    if act == "send":
        postal_lists.send_postal_list(session, postal, at=at)
    elif act == "remove":
        key = request.form.get("item", 0, type=int)
        postal_lists.remove_from_postal_list(session, postal, item_id=min(max(key, 0), 2**63 - 1))
    else:
        postal_lists.add_to_postal_list(session, postal, code=code, parcel=form.parcel(), at=at)


@bp.route("/outcome", methods=["GET", "POST"])
@permitted("dossier", "return")
def settle() -> ResponseReturnValue:
    """Record by scanning what the post reports: delivered, or brought back and why."""
    session = database().session()
    error, status, message, waybill = "", 200, "", clean(request.form.get("waybill")) or ""
    if request.method == "POST":
        try:
            message = _settle(session, waybill)
            session.commit()
            waybill = ""
        except UserError as refused:
            session.rollback()
            error, status = gettext(refused.message_id, **refused.values), refused.status
    page = render_template(
        "counter/postal_outcome.html",
        error=error,
        message=message,
        waybill=waybill,
        outcome=request.form.get("outcome", "delivered"),
        reason=request.form.get("reason", ""),
    )
    return page, status


def _settle(session: Session, waybill: str) -> str:
    dossier = postal_lists.find_by_waybill(session, waybill)
    if request.form.get("outcome") != "failed":
        confirm_delivery(session, dossier, at=request_time())
        return gettext("The result of %(code)s is delivered.", code=dossier.code)
    fail_delivery(session, dossier, reason=clean(request.form.get("reason")) or "", at=request_time())
    return gettext("The result of %(code)s lies on shelf %(number)s.", code=dossier.code, number=dossier.shelf_number)


@bp.get("/<int:id>/list.pdf")
@permitted("postal_list", "read")
def print_list(id: int) -> ResponseReturnValue:  # noqa: A002 -- the argument of every verb's address
    """Give the list as PDF; the print is recorded, for it shows personal data."""
    session, postal = database().session(), _find(id)
    if not sees_personal():
        raise DeniedError("dossier", "read")
    record_act(session, "postal_list", postal.id, "print")
    items = postal_lists.list_items(session, postal)
    with force_locale("vi"):
        facts = PostalFacts(
            **letterhead_values(postal.site),
            code=postal.number,
            issued_at=postal.sent_at or request_time(),
            carrier=postal.carrier,
            total=money(sum(item.postage_amount for item in items)),
            officer_name=postal.sent_by.full_name if postal.sent_by else "",
            is_draft=postal.state is PostalState.OPEN,
            lines=[_line(item) for item in items],
        )
    return pdf_answer(render_postal_list(facts), f"{postal.number}.pdf")


def _line(item: PostalItem) -> PostalLine:
    dossier = item.dossier
    return PostalLine(
        code=dossier.code,
        waybill=item.waybill,
        recipient=dossier.applicant_name,
        address=dossier.applicant_address or "",
        phone=dossier.applicant_phone or "",
        postage=money(item.postage_amount),
        payer=choice(item.postage_payer),
    )


offer(
    "postal_list",
    ListVerb(action="post", label=_("New postal list"), endpoint="postal_lists.begin", icon="plus-lg", is_primary=True),
    ListVerb(action="post", label=_("What became of letters"), endpoint="postal_lists.settle", icon="upc-scan"),
    Verb(action="read", label=_("Open the list"), endpoint="postal_lists.show", icon="upc-scan", is_primary=True),
    Verb(action="read", label=_("Print"), endpoint="postal_lists.print_list", icon="printer"),
)
