"""The settlement report as a page: figures that open the dossiers behind them, a chart, and a file to take away."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from flask import Blueprint, Response, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from admin_views.navigation import MenuItem
from models.base import _
from models.states import DossierState
from services.errors import UserError
from services.localtime import LOCAL_ZONE, local_date, to_local
from services.settlement import (
    Dimension,
    SettlementCounts,
    list_settlement_dossiers,
    make_cut,
    summarise_settlement,
)
from services.settlement_export import to_csv
from services.settlement_query import FIGURES, Cut
from web.access import permitted
from web.clock import request_time
from web.database import database

bp = Blueprint("report", __name__, url_prefix="/admin/report")

MENU = [
    MenuItem(
        group=_("Figures"),
        label=_("Settlement report"),
        endpoint="report.show_settlement",
        icon="bar-chart",
        permission=("report", "read"),
    )
]

ROWS_SHOWN = 50

FIGURE_LABELS = {
    "received": _("Newly received"),
    "carried_over": _("Carried over"),
    "finished": _("Settled"),
    "on_time": _("On time"),
    "late": _("Late"),
    "undue": _("Not yet due"),
    "overdue": _("Overdue"),
    "refused": _("Refused at intake"),
    "no_due_time": _("Without a due time"),
    "returned_by_post": _("Returned by post"),
    "open": _("Still open"),
}
DIMENSION_LABELS = {
    Dimension.DEPARTMENT: _("Department"),
    Dimension.SITE: _("Site"),
    Dimension.CHANNEL: _("Channel"),
    Dimension.PROCEDURE: _("Procedure"),
}
RATE_LABELS = {
    "on_time_rate": (_("On time"), _("On time among what ended or is overdue; what is not yet due is left out.")),
    "closed_on_time_rate": (_("On time among finished"), _("On time among what ended in the period.")),
    "national_on_time_rate": (_("National index"), _("Open dossiers within their time count as on time.")),
}
PARTS = ("on_time", "undue", "no_due_time", "overdue", "late")
"""What the chart shows of each slice, from good to bad; each dossier is in one of them, but for refusals."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the address asks for; ``as_of`` is None where the usual instant is meant."""

    since: date
    until: date
    as_of: datetime | None
    by: Dimension

    @property
    def arguments(self) -> dict[str, Any]:
        """The same as arguments of an address."""
        given = {"from": self.since.isoformat(), "to": self.until.isoformat(), "by": self.by.value}
        return given | ({"as_of": f"{to_local(self.as_of):%Y-%m-%dT%H:%M}"} if self.as_of else {})

    def cut(self) -> Cut:
        """Return what to look at. Raises: UserError for a period that makes no sense."""
        return make_cut(since=self.since, until=self.until, now=request_time(), as_of=self.as_of)


@bp.get("/settlement")
@permitted("report", "read")
def show_settlement() -> ResponseReturnValue:
    """Show the figures of a period, by default of the month so far."""
    wanted, error, report = _usual(), "", None
    try:
        wanted = _wanted()
        report = summarise_settlement(database().session(), wanted.cut(), by=wanted.by)
    except (UserError, ValueError) as problem:
        error = _explained(problem)
    page = render_template(
        "report/settlement.html",
        report=report,
        wanted=wanted,
        error=error,
        presets=_presets(wanted),
        dimensions=DIMENSION_LABELS,
        labels=FIGURE_LABELS,
        rates=RATE_LABELS,
        parts=PARTS,
        shares=_shares,
        rows_url=lambda figure, key="": _rows_url(wanted, figure, key),
    )
    return page, 422 if error else 200


@bp.get("/settlement.csv")
@permitted("report", "read")
def download_settlement() -> ResponseReturnValue:
    """Give the same figures as a CSV file."""
    try:
        wanted = _wanted()
        report = summarise_settlement(database().session(), wanted.cut(), by=wanted.by)
    except (UserError, ValueError) as problem:
        return _explained(problem), 422, {"Content-Type": "text/plain; charset=utf-8"}
    name = f"settlement-{wanted.since}-{wanted.until}-{wanted.by}.csv"
    return Response(
        "\ufeff" + to_csv(report),  # the mark by which spreadsheets know the encoding
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f"attachment; filename={name}"},
    )


@bp.get("/settlement/rows")
@permitted("report", "read")
def list_rows() -> ResponseReturnValue:
    """List the dossiers behind a figure, as they stood at the report's instant."""
    figure = request.args.get("figure", "")
    if figure not in FIGURES:
        abort(404)
    try:
        wanted = _wanted()
        cut, key = wanted.cut(), request.args.get("key", "")
        rows = list_settlement_dossiers(
            database().session(), cut, figure=figure, by=wanted.by if key else None, key=key,
            after_id=_position(), limit=ROWS_SHOWN + 1,
        )  # fmt: skip
    except (UserError, ValueError):
        abort(404)
    more = len(rows) > ROWS_SHOWN
    rows = rows[:ROWS_SHOWN]
    name = _slice_name(wanted, cut, key)
    return render_template(
        "report/rows.html",
        title=gettext(FIGURE_LABELS[figure]),
        slice_name=name,
        wanted=wanted,
        as_of=cut.as_of,
        rows=rows,
        states={state.value: state for state in DossierState},
        back_url=url_for("report.show_settlement", **wanted.arguments),
        next_url=_rows_url(wanted, figure, key, after=rows[-1].dossier_id) if more else "",
    )


def _wanted() -> Wanted:
    """Return what the address asks for. Raises: ValueError where it cannot be read."""
    usual = _usual()
    given = request.args
    as_of = given.get("as_of")
    return Wanted(
        since=date.fromisoformat(given["from"]) if given.get("from") else usual.since,
        until=date.fromisoformat(given["to"]) if given.get("to") else usual.until,
        as_of=datetime.fromisoformat(as_of).replace(tzinfo=LOCAL_ZONE) if as_of else None,
        by=Dimension(given.get("by") or usual.by),
    )


def _usual() -> Wanted:
    today = local_date(request_time())
    return Wanted(since=today.replace(day=1), until=today, as_of=None, by=Dimension.DEPARTMENT)


def _position() -> int:
    position = int(request.args.get("after") or 0)
    if not 0 <= position < 2**63:
        raise ValueError("no such place in the list")
    return position


def _explained(problem: Exception) -> str:
    if isinstance(problem, UserError):
        return gettext(problem.message_id, **problem.values)
    return gettext("The period cannot be read. Choose its first and its last day.")


def _presets(wanted: Wanted) -> list[tuple[str, str, bool]]:
    """Return the usual periods: label, address, and whether it is the one shown."""
    today = local_date(request_time())
    this_month = today.replace(day=1)
    last_day = this_month - timedelta(days=1)
    quarter = today.replace(month=3 * ((today.month - 1) // 3) + 1, day=1)
    periods = (
        (gettext("This month"), this_month, today),
        (gettext("Last month"), last_day.replace(day=1), last_day),
        (gettext("This quarter"), quarter, today),
        (gettext("This year"), today.replace(month=1, day=1), today),
    )
    return [
        (
            label,
            url_for("report.show_settlement", **{"from": since, "to": until, "by": wanted.by.value}),
            (wanted.since, wanted.until) == (since, until),
        )
        for label, since, until in periods
    ]


def _rows_url(wanted: Wanted, figure: str, key: str = "", **more: Any) -> str:
    given = wanted.arguments | {"figure": figure} | ({"key": key} if key else {})
    return url_for("report.list_rows", **given, **more)


def _slice_name(wanted: Wanted, cut: Cut, key: str) -> str:
    if not key:
        return ""
    report = summarise_settlement(database().session(), cut, by=wanted.by)
    return next((gettext(row.name) for row in report.rows if row.key == key), "")


def _shares(counts: SettlementCounts, whole: int) -> list[tuple[str, int, float, float]]:
    """Return the parts of a slice's bar: figure, dossiers, where it begins and how wide it is, of a hundred."""
    bars, start = [], 0.0
    for figure in PARTS:
        value = getattr(counts, figure)
        width = value * 100 / whole if whole else 0.0
        if value:
            bars.append((figure, value, start, width))
        start += width
    return bars
