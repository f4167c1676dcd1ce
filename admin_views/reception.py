"""The entrance of the hall: tickets, what a procedure asks for and where it is taken, counselling away from a counter.

For volunteers, who help and decide nothing: they see no dossier and no person.
"""

from typing import Any

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from admin_views.counter import chosen, chosen_procedure
from admin_views.navigation import MenuItem
from models.base import _
from models.organisation import Counter, Department, Site
from models.procedure import Procedure
from services import procedures
from services.errors import UserError
from services.intake_quote import get_version_in_force
from services.localtime import local_date
from services.session import may
from services.visits import (
    begin_counselling,
    count_counselled,
    find_own_counselling,
    finish_transaction,
    register_visit,
)
from web.access import current_actor, permitted
from web.clock import request_time
from web.database import database
from web.forms import clean

bp = Blueprint("reception", __name__, url_prefix="/reception")

MENU = [
    MenuItem(
        group=_("Work"),
        label=_("Reception"),
        endpoint="reception.show",
        icon="signpost",
        permission=("visit", "register"),
    )
]
PROCEDURES_OFFERED = 20


@bp.get("/")
@permitted("visit", "register")
def show() -> str:
    """Show where tickets are given, what was asked about, and the counselling under way."""
    session = database().session()
    sites = list(session.scalars(select(Site).order_by(Site.name_sort)))
    site = _site(sites)
    departments = session.scalars(
        select(Department).join(Counter, Counter.department_id == Department.id)
        .where(Counter.site_id == (site.id if site else 0), Counter.is_active).distinct().order_by(Department.name_sort)
    ).all()  # fmt: skip
    may_counsel = may(session, "visit_transaction", "counsel")
    staff_id = current_actor().staff_id
    return render_template(
        "counter/reception.html",
        sites=sites,
        site=site,
        departments=departments,
        may_counsel=may_counsel,
        counselling=find_own_counselling(session) if may_counsel else None,
        counselled=count_counselled(session, staff_id=staff_id, day=local_date(request_time())) if staff_id else 0,
        **_guidance(session),
    )


def _site(sites: list[Site]) -> Site | None:
    """Return the site that was chosen, else that of the actor's counter, else the first."""
    wanted = chosen(request.values, "site_id") or current_actor().site_id
    return next((site for site in sites if site.id == wanted), sites[0] if sites else None)


def _guidance(session: Session) -> dict[str, Any]:
    """Return the procedure asked about with its papers, or why it is not taken here."""
    key = chosen_procedure(session, request.args)
    procedure = session.get(Procedure, key) if key is not None else None
    if procedure is None:
        return {"procedure": None, "version": None, "problem": ""}
    try:
        return {"procedure": procedure, "version": get_version_in_force(session, procedure), "problem": ""}
    except UserError as error:
        return {"procedure": procedure, "version": None, "problem": gettext(error.message_id, **error.values)}


@bp.get("/procedures")
@permitted("visit", "register")
def find_procedures() -> ResponseReturnValue:
    """Find procedures in force by unaccented or everyday words or by code."""
    words = request.args.get("q", "")[:200]
    found = procedures.find_procedures(database().session(), words, limit=PROCEDURES_OFFERED + 1)
    return jsonify(
        results=[
            {"id": row.id, "text": str(row), "note": str(row.department or row.field)}
            for row in found[:PROCEDURES_OFFERED]
        ],
        more=len(found) > PROCEDURES_OFFERED,
    )


@bp.post("/tickets")
@permitted("visit", "register")
def give_ticket() -> ResponseReturnValue:
    """Give the next ticket to somebody who has just come in."""
    session = database().session()
    site = _site(list(session.scalars(select(Site).order_by(Site.name_sort))))
    department_id = chosen(request.form, "department_id")
    department = session.get(Department, department_id) if department_id else None
    if site is not None:
        is_training = request.form.get("is_training") == "1"
        visit = register_visit(session, site=site, department=department, is_training=is_training, at=request_time())
        session.commit()
        flash(gettext("Ticket %(number)s is given.", number=visit), "success")
    return redirect(url_for("reception.show", site_id=site.id if site else None), 303)


@bp.post("/counselling")
@permitted("visit_transaction", "counsel")
def begin() -> ResponseReturnValue:
    """Begin to counsel somebody."""
    session = database().session()
    begin_counselling(session, is_training=request.form.get("is_training") == "1", at=request_time())
    session.commit()
    return redirect(url_for("reception.show"), 303)


@bp.post("/counselling/finish")
@permitted("visit_transaction", "counsel")
def finish() -> ResponseReturnValue:
    """End the counselling with what it was about."""
    session = database().session()
    counselling = find_own_counselling(session)
    if counselling is not None:
        finish_transaction(
            session,
            transaction=counselling,
            procedure_id=chosen_procedure(session, request.form),
            note=clean(request.form.get("note")) or "",
            at=request_time(),
        )
    session.commit()
    return redirect(url_for("reception.show"), 303)
