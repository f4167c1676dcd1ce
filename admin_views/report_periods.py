"""The reporting periods of a year, added in one go by the rule of its months."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale, gettext

from admin_views.verbs import ListVerb, offer
from models.base import _
from models.report_period import PeriodKind
from services.errors import UserError
from services.localtime import local_date
from services.periods import add_periods
from web.access import permitted
from web.clock import request_time
from web.database import database

bp = Blueprint("report_periods", __name__, url_prefix="/admin/report")

USUAL = (PeriodKind.MONTH, PeriodKind.QUARTER, PeriodKind.HALF, PeriodKind.YEAR)
OFFERED = (PeriodKind.WEEK, *USUAL)


@bp.get("/periods")
@permitted("report_period", "create")
def choose_year() -> str:
    """Ask for which year, and which kinds of periods."""
    return _page(str(local_date(request_time()).year), {kind.value for kind in USUAL})


@bp.post("/periods")
@permitted("report_period", "create")
def add_year() -> ResponseReturnValue:
    """Add the periods of a year that are not there yet."""
    session = database().session()
    year, chosen = request.form.get("year", "").strip(), set(request.form.getlist("kind"))
    kinds = [kind for kind in OFFERED if kind.value in chosen]
    try:
        with force_locale("vi"):  # names are stored in the language of the office
            number = int(year) if year.isascii() and year.isdecimal() and len(year) == 4 else 0
            done = add_periods(session, year=number, kinds=kinds, translate=gettext)
    except UserError as error:
        return _page(year, chosen, gettext(error.message_id, **error.values)), error.status
    session.commit()
    flash(gettext("Periods added: %(added)s, there before: %(kept)s.", added=done.added, kept=done.kept), "success")
    return redirect(url_for("report_period.index_view"), 303)


def _page(year: str, chosen: set[str], error: str = "") -> str:
    return render_template("report/year.html", year=year[:8], chosen=chosen, offered=OFFERED, error=error)


offer(
    "report_period",
    ListVerb(
        action="create", label=_("Periods of a year"), endpoint="report_periods.choose_year", icon="calendar-plus"
    ),
)
