"""The years of the calendar: which ones a due time can reach, and entering the national holidays of those it cannot."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from admin_views.verbs import ListVerb, offer
from models.base import _
from services.calendar import count_calendar_days, seed_calendar, seeded_years
from web.access import permitted
from web.clock import request_time
from web.database import database

bp = Blueprint("calendar_years", __name__)


@bp.get("/calendar-years")
@permitted("calendar_day", "seed")
def show_years() -> str:
    """Show how many days each year has, those without any first to be seen."""
    counts = count_calendar_days(database().session(), seeded_years(request_time()))
    return render_template(
        "clock/years.html", counts=counts, missing=[year for year, count in counts.items() if not count]
    )


@bp.post("/calendar-years")
@permitted("calendar_day", "seed")
def enter_holidays() -> ResponseReturnValue:
    """Enter the national holidays of every year a deadline can span; edited days stay."""
    session = database().session()
    report = seed_calendar(session, seeded_years(request_time()), request_time())
    session.commit()
    flash(
        gettext(
            "Days entered: %(added)s, corrected: %(corrected)s, withdrawn: %(withdrawn)s, left as they are: %(kept)s.",
            added=report.added,
            corrected=report.corrected,
            withdrawn=report.withdrawn,
            kept=report.kept,
        ),
        "success",
    )
    return redirect(url_for(".show_years"), 303)


offer(
    "calendar_day",
    ListVerb(action="seed", label=_("National holidays"), endpoint="calendar_years.show_years", icon="calendar-check"),
)
