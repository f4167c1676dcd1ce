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
from services.audit import record_act
from services.errors import UserError
from services.localtime import local_date, parse_instant, to_local
from services.settlement import (
    Dimension,
    SettlementCounts,
    SettlementReport,
    list_settlement_dossiers,
    make_cut,
    sum_counts,
    summarise_settlement,
)
from services.settlement_export import to_csv_file, to_json, to_xlsx
from services.settlement_query import FIGURES, Cut
from services.settlement_slices import key_of, name_slices
from services.tables.writing import XlsxWriter
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
    Dimension.FIELD: _("Subject area"),
    Dimension.PROCEDURE: _("Procedure"),
    Dimension.CHANNEL: _("Channel"),
    Dimension.SITE: _("Site"),
    Dimension.OFFICER: _("Officer"),
}
RATE_LABELS = {
    "on_time_rate": (_("On time"), _("On time among what ended or is overdue; what is not yet due is left out.")),
    "closed_on_time_rate": (_("On time among finished"), _("On time among what ended in the period.")),
    "national_on_time_rate": (_("National index"), _("Open dossiers within their time count as on time.")),
}
PARTS = ("on_time", "undue", "no_due_time", "overdue", "late")
"""What the chart shows of each slice, from good to bad; each dossier is in one of them, but for refusals."""

FILES = {
    "csv": (to_csv_file, "text/csv; charset=utf-8"),
    "xlsx": (lambda report: to_xlsx(report, _headings(report)), XlsxWriter.media_type),
    "json": (to_json, "application/json; charset=utf-8"),
}
CHART_BARS = 20
"""How many slices the chart shows; the rest are one bar, and all of them stand in the table."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the address asks for; ``as_of`` and ``known_at`` are None where the usual instant is meant."""

    since: date
    until: date
    by: Dimension
    as_of: datetime | None = None
    known_at: datetime | None = None

    @property
    def arguments(self) -> dict[str, Any]:
        """The same as arguments of an address."""
        given = {"from": self.since.isoformat(), "to": self.until.isoformat(), "by": self.by.value}
        instants = {"as_of": self.as_of, "known_at": self.known_at}
        return given | {name: f"{to_local(at):%Y-%m-%dT%H:%M:%S}" for name, at in instants.items() if at}

    def cut(self) -> Cut:
        """Return what to look at. Raises: UserError for a period that makes no sense."""
        return make_cut(
            since=self.since, until=self.until, now=request_time(), as_of=self.as_of, known_at=self.known_at
        )


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
        files=tuple(FILES),
        bars=_bars(report),
        shares=_shares,
        rows_url=lambda figure, key="": _rows_url(wanted, figure, key),
    )
    return page, 422 if error else 200


@bp.get("/settlement.<style>")
@permitted("report", "read")
def download_settlement(style: str) -> ResponseReturnValue:
    """Give the same figures as a file; that somebody took them away is recorded."""
    if style not in FILES:
        abort(404)
    session = database().session()
    try:
        wanted = _wanted()
        report = summarise_settlement(session, wanted.cut(), by=wanted.by)
    except (UserError, ValueError) as problem:
        return _explained(problem), 422, {"Content-Type": "text/plain; charset=utf-8"}
    record_act(session, "report", "settlement", "export", style=style, **wanted.arguments)
    write, content_type = FILES[style]
    name = f"settlement-{wanted.since}-{wanted.until}-{wanted.by}.{style}"
    return Response(
        write(report), content_type=content_type, headers={"Content-Disposition": f"attachment; filename={name}"}
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
    name = _slice_name(wanted, key)
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
    return Wanted(
        since=date.fromisoformat(given["from"]) if given.get("from") else usual.since,
        until=date.fromisoformat(given["to"]) if given.get("to") else usual.until,
        by=Dimension(given.get("by") or usual.by),
        as_of=_instant(given.get("as_of", "")),
        known_at=_instant(given.get("known_at", "")),
    )


def _instant(text: str) -> datetime | None:
    return parse_instant(text) if text.strip() else None


def _usual() -> Wanted:
    today = local_date(request_time())
    return Wanted(since=today.replace(day=1), until=today, by=Dimension.DEPARTMENT)


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


def _slice_name(wanted: Wanted, key: str) -> str:
    if not key:
        return ""
    value = key_of(wanted.by, key)
    return gettext(name_slices(database().session(), wanted.by, [value]).get(value, ("", ""))[1])


def _headings(report: SettlementReport) -> dict[str, str]:
    """Return what the columns of a workbook are called, and slices whose name is a message, for the reader."""
    labels: dict[str, str] = {"title": gettext("Settlement report"), "name": gettext("Name")}
    labels |= {figure: gettext(label) for figure, label in FIGURE_LABELS.items()}
    for rate, (label, _help) in RATE_LABELS.items():
        labels[rate] = f"{gettext(label)} (%)"
        labels[f"{rate}_numerator"] = f"{gettext(label)}: {gettext('numerator')}"
        labels[f"{rate}_denominator"] = f"{gettext(label)}: {gettext('denominator')}"
    if report.dimension is not None:
        labels[report.dimension.value] = gettext("Code")
    return labels | {row.name: gettext(row.name) for row in report.rows}


def _bars(report: SettlementReport | None) -> list[tuple[str, SettlementCounts]]:
    """Return the bars of the chart: the largest slices in their order, and what is left as one."""
    rows = [row for row in report.rows if row.counts.finished + row.counts.open] if report else []
    largest = sorted(rows, key=lambda row: -(row.counts.finished + row.counts.open))[:CHART_BARS]
    bars = [(gettext(row.name), row.counts) for row in rows if row in largest]
    rest = [row.counts for row in rows if row not in largest]
    if rest:
        bars.append((gettext("%(count)s others", count=len(rest)), sum_counts(rest)))
    return bars


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
