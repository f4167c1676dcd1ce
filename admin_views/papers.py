"""Papers: what can be printed of a dossier, who printed what, and the register of a period."""

from datetime import date, datetime, time, timedelta

from flask import Blueprint, Response, abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from admin_views.handover import find_dossier, sees_personal
from admin_views.navigation import MenuItem
from admin_views.paper_facts import (
    PAPERS,
    control_facts,
    forms_of,
    notice_facts,
    receipt_facts,
    register_head,
    register_lines,
)
from models.base import _
from models.dossier import Dossier
from models.organisation import Counter, Site
from services.audit import record_act
from services.errors import UserError
from services.localtime import LOCAL_ZONE, local_date
from services.prints import list_prints, record_print
from services.session import DeniedError, scope_condition
from services.slips.control import render_control_sheet
from services.slips.notices import render_notice
from services.slips.receipt import render_receipt
from services.slips.register import render_register
from services.slips.typesetting import NUMBERS, Form, Paper
from web.access import current_actor, permitted
from web.clock import request_time
from web.database import database

bp = Blueprint("papers", __name__, url_prefix="/papers")

MENU = [
    MenuItem(
        group=_("Figures"),
        label=_("Register"),
        endpoint="papers.show_register",
        icon="journal-text",
        permission=("dossier", "export"),
    )
]

LABELS: dict[Form, str] = {
    Form.RECEIPT: _("Receipt and appointment"),
    Form.SUPPLEMENT: _("Request for a supplement"),
    Form.REFUSAL: _("Refusal"),
    Form.APOLOGY: _("Apology and new appointment"),
    Form.STOP: _("Notice that work has stopped"),
    Form.CONTROL: _("Control sheet"),
    Form.LOST_RECEIPT: _("Declaration of a lost receipt"),
}
REGISTER_DAYS = 92
"""A register covers a quarter at most; a longer one is an export."""
REGISTER_LINES = 5000
"""Dossiers that one register holds; they are set on paper while somebody waits."""


class RegisterTooLongError(UserError):
    """More days than one register covers."""

    message = _("A register covers at most %(days)s days. Choose a shorter period, or export the list of dossiers.")


class RegisterTooManyError(UserError):
    """More dossiers than one register holds."""

    message = _("A register holds at most %(lines)s dossiers. Choose a shorter period, or export the list of dossiers.")


class RegisterPeriodError(UserError):
    """Days that cannot be read, or in the wrong order."""

    message = _("Choose a first and a last day, the first not after the last.")


@bp.get("/dossiers/<public_id>/")
@permitted("dossier", "read")
def show_papers(public_id: str) -> str:
    """Show which papers can be printed, under which number, and who has printed them."""
    session = database().session()
    dossier = find_dossier(session, public_id)
    rows = [(form, LABELS[form], NUMBERS.get((form, dossier.rule_set.value), "")) for form in forms_of(dossier)]
    return render_template(
        "papers/papers.html",
        dossier=dossier,
        rows=rows,
        labels=LABELS,
        prints=list_prints(session, dossier)[::-1],
        can_print=sees_personal(),
        now=request_time(),
    )


@bp.get("/dossiers/<public_id>/<form>.pdf")
@permitted("dossier", "read")
def print_paper(public_id: str, form: str) -> ResponseReturnValue:
    """Give a paper as PDF; the print is recorded, for it shows personal data.

    ``again=1`` says that nothing came out of the printer the last time.
    """
    session = database().session()
    dossier = find_dossier(session, public_id)
    wanted = next((possible for possible in forms_of(dossier) if possible.value == form), None)
    if wanted is None:
        abort(404)
    if not sees_personal():
        raise DeniedError("dossier", "read")
    nothing_came = request.args.get("again") == "1"
    copy_number = record_print(session, dossier, wanted, key=dossier.id, nothing_came=nothing_came)
    return pdf_answer(_render(session, dossier, wanted, copy_number), f"{dossier.code}-{wanted.value}.pdf")


def _render(session: Session, dossier: Dossier, form: Form, copy_number: int) -> bytes:
    if form is Form.RECEIPT:
        facts = receipt_facts(session, dossier, copy_number=copy_number)
        return render_receipt(facts, paper=paper_at_hand(session, dossier))
    if form is Form.CONTROL:
        return render_control_sheet(control_facts(session, dossier, at=request_time(), copy_number=copy_number))
    return render_notice(notice_facts(dossier, form, copy_number=copy_number))


def paper_at_hand(session: Session, dossier: Dossier) -> Paper:
    """Return what the printer holds at the counter of whoever prints, else at that of the dossier."""
    counter = session.get(Counter, current_actor().counter_id or dossier.counter_id or 0)
    return PAPERS[counter.printer_paper] if counter is not None else "a5"


def pdf_answer(content: bytes, name: str) -> Response:
    """Return a PDF to be shown in the browser, kept nowhere."""
    headers = {"Content-Disposition": f'inline; filename="{name}"', "Cache-Control": "no-store"}
    return Response(content, mimetype="application/pdf", headers=headers)


@bp.get("/register")
@permitted("dossier", "export")
def show_register() -> ResponseReturnValue:
    """Ask for site and days; with ``print`` give the register as PDF."""
    session = database().session()
    sites = list(session.scalars(select(Site).order_by(Site.name_sort)))
    today = local_date(request_time())
    since, until = request.args.get("since", today.isoformat()), request.args.get("until", today.isoformat())
    error, status = "", 200
    if "print" in request.args:
        try:
            return _register(session, sites, since, until)
        except UserError as refused:
            error, status = gettext(refused.message_id, **refused.values), 422
    page = render_template(
        "papers/register.html", sites=sites, since=since, until=until, site=request.args.get("site", ""), error=error
    )
    return page, status


def _register(session: Session, sites: list[Site], since: str, until: str) -> Response:
    if not sees_personal():
        raise DeniedError("dossier", "read")
    site = next((site for site in sites if str(site.id) == request.args.get("site")), None)
    if site is None:
        abort(404)
    first, last = _period(since, until)
    reach = scope_condition(Dossier, current_actor(), "export")  # reading may reach further
    found = list(
        session.scalars(
            select(Dossier)
            .where(
                Dossier.site_id == site.id,
                Dossier.received_at >= datetime.combine(first, time(), LOCAL_ZONE),
                Dossier.received_at < datetime.combine(last + timedelta(days=1), time(), LOCAL_ZONE),
                Dossier.is_training.is_(False),
                *(() if reach is None else (reach,)),
            )
            .options(joinedload(Dossier.procedure), joinedload(Dossier.department))
            .order_by(Dossier.received_at, Dossier.id)
            .limit(REGISTER_LINES + 1)
        )
    )
    if len(found) > REGISTER_LINES:
        raise RegisterTooManyError(lines=REGISTER_LINES)
    record_act(
        session, "dossier", "", "print", form=Form.REGISTER.value,
        site=site.code, since=first.isoformat(), until=last.isoformat(), count=len(found),
    )  # fmt: skip
    pdf = render_register(register_head(site), register_lines(found), since=first, until=last, issued_at=request_time())
    return pdf_answer(pdf, f"{site.code}-{first:%Y%m%d}-{last:%Y%m%d}.pdf")


def _period(since: str, until: str) -> tuple[date, date]:
    try:
        first, last = date.fromisoformat(since), date.fromisoformat(until)
    except ValueError:
        raise RegisterPeriodError from None
    if not date(1990, 1, 1) <= first <= last <= date(2199, 12, 31):
        raise RegisterPeriodError
    if (last - first).days >= REGISTER_DAYS:
        raise RegisterTooLongError(days=REGISTER_DAYS)
    return first, last
