"""The supervisor's pages: the unit, its servants, what citizens wrote; and a servant's own page.

Nothing here changes anything. Rights and anonymity are in ``services/review.py`` and ``services/own_review.py``.
"""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, Flask, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from evaluation import statistics
from evaluation.pictures import draw_funnel
from models.actor import ScopeLevel
from models.base import _
from services import own_review, review
from services.localtime import local_date
from services.review import Filter, Period
from services.session import UserError
from web.access import current_actor, permitted
from web.clock import request_time
from web.database import database
from web.formats import number, page_language

PRESETS = (7, 30, 90, 365)
BANDS = {
    statistics.Band.BELOW: _("Below the general level"),
    statistics.Band.TYPICAL: _("At the general level"),
    statistics.Band.ABOVE: _("Above the general level"),
    statistics.Band.NOT_ENOUGH: _("Not enough data"),
    statistics.Band.HIDDEN: _("Not enough data"),
}

MARKS = {
    statistics.Mark.LOW_ALARM: _("Low, hardly by chance"),
    statistics.Mark.LOW_ALERT: _("Low, rarely by chance"),
    statistics.Mark.WITHIN: _("Within chance"),
    statistics.Mark.HIGH_ALERT: _("High, rarely by chance"),
    statistics.Mark.HIGH_ALARM: _("High, hardly by chance"),
}

bp = Blueprint("review", __name__, url_prefix="/review")


class PeriodUnreadableError(UserError):
    """The two days do not make a period."""

    message = _("Choose a first and a last day, the first not after the last, at most three years apart.")


@bp.get("/")
@permitted("review", "read")
def show_overview() -> ResponseReturnValue:
    """Show a unit: how many were asked and answered, what they said, and how that differs from before."""
    if _sees_only_own():
        return redirect(url_for("review.show_own"), 303)
    wanted = _wanted()
    session = database().session()
    now = review.summarise_review(session, wanted=wanted)
    before = review.summarise_review(
        session, wanted=replace(wanted, period=wanted.period.before, scale_id=now.scale.id if now.scale else None)
    )
    return _page(
        "evaluation/review.html",
        wanted,
        review=now,
        before=before,
        change=_change(now.total, before.total if now.scale == before.scale else review.Figures()),
        reasons=review.list_reasons(session, wanted=wanted),
    )


def _change(now: review.Figures, before: review.Figures) -> str:
    """Return what differs from the period before, in a plain sentence."""
    sentence = statistics.compare(now.satisfied, now.rated, before.satisfied, before.rated).sentence
    values = {
        name: number(value * 100, 1) if name in ("low", "high") else number(value)
        for name, value in sentence.values.items()
    }
    return gettext(sentence.message, one=gettext("this period"), two=gettext("the period before"), **values)


@bp.get("/servants")
@permitted("review", "read")
def list_servants() -> ResponseReturnValue:
    """Show each servant with numbers, coverage, share, interval and band, in the order of their names."""
    if _sees_only_own():
        return redirect(url_for("review.show_own"), 303)
    wanted = _wanted()
    found = review.summarise_review(database().session(), wanted=wanted)
    return _page(
        "evaluation/servants.html",
        wanted,
        review=found,
        funnel=draw_funnel(found.servants, found.group.mean),
        marks={mark: gettext(label) for mark, label in MARKS.items()},
    )


@bp.get("/staff/<int:staff_id>")
@permitted("review", "read")
def show_servant(staff_id: int) -> ResponseReturnValue:
    """Show one servant with reasons and comments; that single ratings were read is written down."""
    session = database().session()
    servant = review.find_servant(session, staff_id=staff_id) if staff_id < 2**63 else None
    if servant is None:
        abort(404)
    wanted = replace(_wanted(), staff_id=staff_id, department_id=None)
    found = review.summarise_review(session, wanted=wanted)
    return _page(
        "evaluation/servant.html",
        wanted,
        servant=servant,
        review=found,
        figures=found.servants[0] if found.servants else None,
        estimate=_estimate(found),
        reasons=review.list_reasons(session, wanted=wanted),
        comments=review.list_comments(session, wanted=wanted),
    )


def _estimate(found: review.Review) -> statistics.Estimate | None:
    if not found.servants or found.servants[0].figures.rated < statistics.HIDDEN_BELOW:
        return None
    figures = found.servants[0].figures
    return statistics.estimate_share(figures.satisfied, figures.rated, found.group)


@bp.get("/comments")
@permitted("review", "read")
def list_comments() -> ResponseReturnValue:
    """Show what citizens wrote about a unit."""
    if _sees_only_own():
        return redirect(url_for("review.show_own"), 303)
    wanted = _wanted()
    comments = review.list_comments(database().session(), wanted=wanted)
    return _page("evaluation/comments.html", wanted, comments=comments)


@bp.get("/own")
@permitted("review", "read")
def show_own() -> ResponseReturnValue:
    """Show a servant what may be shown of their own ratings."""
    if current_actor().staff_id is None:
        abort(404)
    own = own_review.summarise_own_review(database().session(), today=local_date(request_time()))
    return render_template("evaluation/own.html", own=own, bands=BANDS)


@bp.get("/method")
@permitted("review", "read")
def show_method() -> ResponseReturnValue:
    """Show how every figure is made."""
    return render_template("evaluation/method.html", rules=statistics)


def _sees_only_own() -> bool:
    return review.reach_of(current_actor()) < ScopeLevel.DEPARTMENT


def _wanted() -> Filter:
    """Return the filter that the address asks for; the last thirty days where it names no days.

    Raises: PeriodUnreadableError
    """
    today = local_date(request_time())
    first, last = _day("from"), _day("to")
    if first is None and last is None:
        first, last = today - timedelta(days=29), today
    if first is None or last is None or first > last or last - first > review.LONGEST_PERIOD:
        raise PeriodUnreadableError
    return Filter(period=Period(first, last), department_id=_number("department"), scale_id=_number("scale"))


def _day(name: str) -> date | None:
    text = request.args.get(name, "")
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise PeriodUnreadableError from None
    if not 2000 <= day.year <= 2200:
        raise PeriodUnreadableError
    return day


def _number(name: str) -> int | None:
    text = request.args.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _page(template: str, wanted: Filter, **facts: Any) -> str:
    today = local_date(request_time())
    return render_template(
        template,
        wanted=wanted,
        presets=[
            (days, (today - timedelta(days=days - 1)).isoformat(), today.isoformat(), _is_preset(wanted, days, today))
            for days in PRESETS
        ],
        departments=review.list_departments(database().session()),
        bands=BANDS,
        Band=statistics.Band,
        least=statistics.HIDDEN_BELOW,
        language=page_language(),
        **facts,
    )


def _is_preset(wanted: Filter, days: int, today: date) -> bool:
    return wanted.period == Period(today - timedelta(days=days - 1), today)


def init_app(app: Flask) -> None:
    """Add the routes."""
    app.register_blueprint(bp)
