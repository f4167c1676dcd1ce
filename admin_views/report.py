"""The settlement report as a page: figures that open the dossiers behind them, a chart, and a file to take away."""

from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from admin_views.navigation import MenuItem
from admin_views.report_chart import make_bars
from admin_views.report_wanted import (
    DIMENSION_LABELS,
    FIGURE_LABELS,
    MEASURE_LABELS,
    Wanted,
    explained,
    frame_facts,
    read_wanted,
    usual_wanted,
)
from models.base import _
from models.states import DossierState
from services.audit import record_act
from services.errors import UserError
from services.service_figures import trips_per_dossier
from services.settlement import (
    SettlementReport,
    list_settlement_dossiers,
    summarise_settlement,
)
from services.settlement_export import to_csv_file, to_json, to_xlsx
from services.settlement_figures import EVERY_FIGURE
from services.settlement_slices import key_of, name_slices
from services.tables.writing import XlsxWriter
from web.access import permitted
from web.database import database
from web.durations import say_minutes

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

BACK = {"": "report.show_settlement", "form": "report_form.show_form"}
"""From which page a figure was opened, by the argument ``page``."""

SERVICE_SHOWN = (
    "received_by_post",
    "returned_by_post",
    "asked_for_papers",
    "asked_again",
    "extended",
    "handed_back",
)
"""What of the service is dossiers that a number opens; requests and trips stand behind them."""

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


@bp.get("/settlement")
@permitted("report", "read")
def show_settlement() -> ResponseReturnValue:
    """Show the figures of a period, by default of the month so far."""
    wanted, error, report = usual_wanted(), "", None
    try:
        wanted = read_wanted()
        report = summarise_settlement(database().session(), wanted.cut(), by=wanted.by, with_service=True)
    except (UserError, ValueError) as problem:
        error = explained(problem)
    page = render_template(
        "report/settlement.html",
        report=report,
        error=error,
        labels=FIGURE_LABELS,
        rates=RATE_LABELS,
        parts=PARTS,
        files=tuple(FILES),
        service_columns=SERVICE_SHOWN,
        trips_per_dossier=trips_per_dossier,
        say_wait=lambda waited: say_minutes(round(waited.total_seconds() / 60)),
        bars=make_bars([(gettext(row.name), asdict(row.counts)) for row in report.rows], PARTS) if report else [],
        rows_url=lambda figure, key="": rows_url(wanted, figure, key),
        **frame_facts(wanted, "report.show_settlement", DIMENSION_LABELS),
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
        wanted = read_wanted()
        report = summarise_settlement(session, wanted.cut(), by=wanted.by, with_service=True)
    except (UserError, ValueError) as problem:
        return explained(problem), 422, {"Content-Type": "text/plain; charset=utf-8"}
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
    figure, page = request.args.get("figure", ""), request.args.get("page", "")
    if figure not in EVERY_FIGURE or page not in BACK:
        abort(404)
    try:
        wanted = read_wanted()
        cut, key = wanted.cut(), request.args.get("key", "")
        rows = list_settlement_dossiers(
            database().session(), cut, figure=figure, by=wanted.by if key else None, key=key,
            after_id=_position(), limit=ROWS_SHOWN + 1,
        )  # fmt: skip
    except (UserError, ValueError):
        abort(404)
    more = len(rows) > ROWS_SHOWN
    rows = rows[:ROWS_SHOWN]
    name = _slice_name(wanted, key) if rows else ""  # a slice without rows may be none of the reader's
    return render_template(
        "report/rows.html",
        title=gettext(FIGURE_LABELS[figure]),
        slice_name=name,
        wanted=wanted,
        as_of=cut.as_of,
        rows=rows,
        states={state.value: state for state in DossierState},
        back_url=url_for(BACK[page], **wanted.arguments),
        next_url=rows_url(wanted, figure, key, page=page, after=rows[-1].dossier_id) if more else "",
    )


def _position() -> int:
    position = int(request.args.get("after") or 0)
    if not 0 <= position < 2**63:
        raise ValueError("no such place in the list")
    return position


def rows_url(wanted: Wanted, figure: str, key: str = "", *, page: str = "", **more: Any) -> str:
    """Return where the dossiers behind a figure are listed; ``page`` says where from (``BACK``)."""
    given = (
        wanted.arguments | {"figure": figure} | {name: text for name, text in (("key", key), ("page", page)) if text}
    )
    return url_for("report.list_rows", **given, **more)


def _slice_name(wanted: Wanted, key: str) -> str:
    if not key:
        return ""
    value = key_of(wanted.by, key)
    return gettext(name_slices(database().session(), wanted.by, [value]).get(value, ("", ""))[1])


def _headings(report: SettlementReport) -> dict[str, str]:
    """Return what the columns of a workbook are called, and slices whose name is a message, for the reader."""
    labels: dict[str, str] = {"title": gettext("Settlement report"), "name": gettext("Name")}
    labels |= {figure: gettext(label) for figure, label in (FIGURE_LABELS | MEASURE_LABELS).items()}
    for rate, (label, _help) in RATE_LABELS.items():
        labels[rate] = f"{gettext(label)} (%)"
        labels[f"{rate}_numerator"] = f"{gettext(label)}: {gettext('numerator')}"
        labels[f"{rate}_denominator"] = f"{gettext(label)}: {gettext('denominator')}"
    if report.dimension is not None:
        labels[report.dimension.value] = gettext("Code")
    return labels | {row.name: gettext(row.name) for row in report.rows}
