"""The till of a clerk: money taken for a dossier, receipts printed and taken back, the day closed."""

import re
from datetime import date

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from admin_views import verbs
from admin_views.cash_facts import cash_facts, closing_facts
from admin_views.counter import own_counter
from admin_views.navigation import MenuItem
from admin_views.paper_facts import PAPERS
from admin_views.papers import pdf_answer
from admin_views.verbs import Verb
from models.base import _
from models.cash import CashClosing, CashKind, CashReceipt, PaymentMethod
from models.dossier import Dossier
from services.cash import (
    DaySums,
    close_day,
    find_closing,
    list_day,
    list_open_days,
    receive_cash,
    summarise_day,
    void_receipt,
)
from services.errors import UserError
from services.localtime import local_date
from services.prints import record_print
from services.slips.cash import render_cash_receipt, render_closing
from services.slips.typesetting import Form
from services.visits import ServantMissingError
from web.access import current_actor, permitted
from web.clock import request_time
from web.database import database
from web.forms import clean

bp = Blueprint("cash", __name__, url_prefix="/counter/cash")

MENU = [
    MenuItem(
        group=_("Work"),
        label=_("My till"),
        endpoint="cash.show_till",
        icon="cash-stack",
        permission=("cash_receipt", "receive"),
    )
]

verbs.offer(
    "cash_receipt",
    Verb(
        action="read",
        label=_("Print the receipt"),
        endpoint="cash.print_receipt",
        icon="printer",
        when=lambda row: row.kind is CashKind.RECEIPT,
        arguments=lambda row: {"public_id": row.public_id},
    ),
)
verbs.offer(
    "cash_closing",
    Verb(
        action="read",
        label=_("Print the list"),
        endpoint="cash.print_closing",
        icon="printer",
        arguments=lambda row: {"closing_id": row.id},
    ),
)


@bp.get("/")
@permitted("cash_receipt", "receive")
def show_till() -> str:
    """Show what the clerk took today or on a day still open, what it comes to, and the closing."""
    return _till(database().session())


def _till(session: Session, *, error: str = "") -> str:
    staff_id = current_actor().staff_id
    if staff_id is None:
        raise ServantMissingError
    today = local_date(request_time())
    day = _day(request.values.get("day", "")) or today
    is_training = request.values.get("training") == "1"
    of_day = {"staff_id": staff_id, "day": day, "is_training": is_training}
    rows = list_day(session, **of_day)
    return render_template(
        "counter/till.html",
        day=day,
        today=today,
        is_training=is_training,
        rows=rows,
        voided={row.voided_id for row in rows},
        sums=summarise_day(session, **of_day) if rows else DaySums(),
        closing=find_closing(session, **of_day),
        open_days=list_open_days(session, staff_id=staff_id, before=today),
        at_counter=current_actor().counter_id is not None,
        values=request.form,
        error=error,
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


@bp.post("/dossiers/<public_id>")
@permitted("cash_receipt", "receive")
def take(public_id: str) -> ResponseReturnValue:
    """Take what is due for a dossier; the page it came from prints the receipt."""
    session = database().session()
    dossier = session.scalars(select(Dossier).where(Dossier.public_id == public_id)).one_or_none()
    if dossier is None:
        abort(404)
    method = PaymentMethod.TRANSFER if request.form.get("method") == "TRANSFER" else PaymentMethod.CASH
    receipt = receive_cash(
        session,
        dossier,
        counter=own_counter(session),
        method=method,
        payer_name=clean(request.form.get("payer_name")) or "",
        nonce=request.form.get("nonce") or None,
        at=request_time(),
    )
    session.commit()
    flash(gettext("Receipt %(code)s is written.", code=receipt.code), "success")
    page = "handover.show_receipt" if request.form.get("page") == "receipt" else "handover.show_dossier"
    return redirect(url_for(page, public_id=public_id), 303)


def _receipt(session: Session, public_id: str) -> CashReceipt:
    receipt = session.scalars(select(CashReceipt).where(CashReceipt.public_id == public_id)).one_or_none()
    if receipt is None:
        abort(404)
    return receipt


@bp.get("/<public_id>.pdf")
@permitted("cash_receipt", "read")
def print_receipt(public_id: str) -> Response:
    """Give a receipt as PDF for the paper of its counter; the print is recorded."""
    session = database().session()
    receipt = _receipt(session, public_id)
    if receipt.kind is CashKind.VOID and receipt.voided is not None:
        receipt = receipt.voided
    void = session.scalars(select(CashReceipt).where(CashReceipt.voided_id == receipt.id)).one_or_none()
    nothing_came = request.args.get("again") == "1"
    copy_number = record_print(session, receipt, Form.CASH, key=receipt.id, nothing_came=nothing_came)
    facts = cash_facts(receipt, void=void, copy_number=copy_number)
    return pdf_answer(render_cash_receipt(facts, paper=PAPERS[receipt.counter.printer_paper]), f"{receipt.code}.pdf")


@bp.post("/<public_id>/void")
@permitted("cash_receipt", "void")
def void(public_id: str) -> ResponseReturnValue:
    """Take a receipt back with a reason."""
    session = database().session()
    receipt = _receipt(session, public_id)
    try:
        reason = clean(request.form.get("reason")) or ""
        void_receipt(session, receipt, reason=reason, counter=own_counter(session), at=request_time())
        session.commit()
    except UserError as error:
        session.rollback()
        return _till(session, error=gettext(error.message_id, **error.values)), error.status
    flash(gettext("Receipt %(code)s is taken back.", code=receipt.code), "success")
    return redirect(url_for("cash.show_till"), 303)


@bp.post("/close")
@permitted("cash_closing", "close")
def close() -> ResponseReturnValue:
    """Close a day at the till with what was counted."""
    session = database().session()
    counted = re.sub(r"[\s.,đ]", "", request.form.get("counted", ""))
    if not re.fullmatch(r"[0-9]{1,15}", counted):
        return _till(session, error=gettext("Enter what you counted, in đồng.")), 422
    try:
        closing = close_day(
            session,
            counter=own_counter(session),
            counted_vnd=int(counted),
            day=_day(request.form.get("day", "")),
            note=clean(request.form.get("note")) or "",
            is_training=request.form.get("training") == "1",
            at=request_time(),
        )
        session.commit()
    except UserError as error:
        session.rollback()
        return _till(session, error=gettext(error.message_id, **error.values)), error.status
    flash(gettext("The till of %(day)s is closed.", day=f"{closing.local_date:%d/%m/%Y}"), "success")
    return redirect(url_for("cash.show_till", day=closing.local_date.isoformat(), training=_flag(closing)), 303)


def _flag(closing: CashClosing) -> str | None:
    return "1" if closing.is_training else None


@bp.get("/closings/<int:closing_id>.pdf")
@permitted("cash_closing", "read")
def print_closing(closing_id: int) -> Response:
    """Give the list of a closed day as PDF."""
    session = database().session()
    closing = session.scalars(select(CashClosing).where(CashClosing.id == closing_id)).one_or_none()
    if closing is None:
        abort(404)
    rows = list_day(session, staff_id=closing.staff_id, day=closing.local_date, is_training=closing.is_training)
    record_print(session, closing, Form.CASH_DAY, key=closing.id)
    return pdf_answer(render_closing(closing_facts(closing, rows)), f"BK-{closing.local_date:%y%m%d}-{closing.id}.pdf")
