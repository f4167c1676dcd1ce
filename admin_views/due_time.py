"""When a dossier would be due and why: a calculator for the counter, and the course of a dossier's own clock."""

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation

import wtforms
from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import select

from admin_views.navigation import MenuItem
from admin_views.verbs import Verb, offer
from models.base import _
from models.dossier import Dossier
from models.organisation import Site
from models.procedure_terms import LimitUnit
from services.calendar import load_calendar
from services.clock import explain, get_clock
from services.duetime import DueTime, due_time
from services.errors import UserError
from services.limits import Limit
from services.localtime import LOCAL_ZONE
from web.access import permitted
from web.clock import request_time
from web.database import database
from web.explanations import say, say_all
from web.forms import Form, LocalDateTimeField, Required, option
from web.texts import lazy_gettext

bp = Blueprint("due_time", __name__)

MENU = [
    MenuItem(
        group=_("Dossiers"),
        label=_("Due time calculator"),
        endpoint="due_time.calculate",
        icon="calculator",
        permission=("calendar_day", "read"),
    )
]


class DueTimeForm(Form):
    """What a due time is computed from."""

    received = LocalDateTimeField(lazy_gettext("Received"), [Required()])
    quantity = wtforms.StringField(
        lazy_gettext("Limit"), [Required()], render_kw={"inputmode": "decimal", "autocomplete": "off"}
    )
    unit = wtforms.SelectField(
        lazy_gettext("Unit"), choices=lambda: [option(u.value, gettext(u.label)) for u in LimitUnit]
    )
    site = wtforms.SelectField(lazy_gettext("Site"), coerce=int)


@bp.get("/due-time")
@permitted("calendar_day", "read")
def calculate() -> ResponseReturnValue:
    """Compute a due time from the address; without one, three working days from now."""
    sites = database().session.scalars(select(Site).order_by(Site.id)).all()
    form = _form(sites)
    due, error = None, ""
    if sites and form.validate():
        try:
            due = _compute(form, sites)
        except UserError as problem:
            error = gettext(problem.message_id, **problem.values)
    page = render_template(
        "clock/due_time.html",
        form=form,
        due=due,
        sentences=say_all(due.reasons) if due else [],
        error=error,
        has_sites=bool(sites),
    )
    return page, 200 if due or not sites else 422


def _form(sites: Sequence[Site]) -> DueTimeForm:
    if "received" in request.args:
        form = DueTimeForm(request.args)
    else:
        first = sites[0].id if sites else None
        form = DueTimeForm(received=request_time(), quantity="3", unit=LimitUnit.WORKING_DAY.value, site=first)
    form.site.choices = [option(site.id, site.name) for site in sites]
    return form


def _compute(form: DueTimeForm, sites: Sequence[Site]) -> DueTime:
    received, limit = form.received.data, form.quantity.data
    assert received is not None  # noqa: S101 -- the form asks for it
    assert limit is not None  # noqa: S101 -- the form asks for it
    at = received.replace(tzinfo=LOCAL_ZONE)
    try:
        quantity = Decimal(limit.strip().replace(",", "."))
    except InvalidOperation:
        quantity = Decimal("NaN")  # refused by Limit in its own words
    site = next(site for site in sites if site.id == form.site.data)
    return due_time(at, Limit(quantity, LimitUnit(form.unit.data)), load_calendar(database().session(), site, at))


@bp.get("/dossiers/<int:dossier_id>/due-time")
@permitted("dossier", "read")
def show_course(dossier_id: int) -> ResponseReturnValue:
    """Show how the due time of a dossier came about, step by step."""
    session = database().session()
    dossier = session.scalars(select(Dossier).where(Dossier.id == dossier_id)).one_or_none()
    if dossier is None:
        abort(404)
    clock, course, error = None, [], ""
    try:
        clock = get_clock(session, dossier)
        course = [(say(step.headline), say_all(step.details)) for step in explain(session, dossier=dossier)]
    except UserError as problem:
        error = gettext(problem.message_id, **problem.values)
    return render_template("clock/course.html", dossier=dossier, clock=clock, course=course, error=error)


offer(
    "dossier",
    Verb(
        action="read",
        label=_("Why this due time?"),
        endpoint="due_time.show_course",
        icon="clock",
        arguments=lambda row: {"dossier_id": row.id},
    ),
)
