"""Time per step as a page: what each department's steps took of what ended in a period, working and waiting apart."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, abort, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from admin_views.report_wanted import Wanted, explained, frame_facts, read_wanted, usual_wanted
from services.audit import record_act
from services.errors import UserError
from services.step_times import StepTime, StepTimes, steps_to_file, steps_to_json, summarise_step_times
from services.tables.writing import CsvWriter, XlsxWriter
from services.worktime import Worked
from web.access import permitted
from web.database import database
from web.durations import say_minutes, whole_minutes

bp = Blueprint("report_steps", __name__, url_prefix="/admin/report")

FILES: dict[str, tuple[Any, str]] = {
    "csv": (lambda report: steps_to_file(report, CsvWriter(), _headings()), CsvWriter.media_type),
    "xlsx": (
        lambda report: steps_to_file(report, XlsxWriter(gettext("Time per step")), _headings()),
        XlsxWriter.media_type,
    ),
    "json": (steps_to_json, "application/json; charset=utf-8"),
}
BAR_WIDTH = 100


@dataclass(frozen=True, slots=True)
class StepLine:
    """One step as the page shows it: times in words, on average, and the widths of its bar, of a hundred."""

    row: StepTime
    used: str
    longest: str
    waited: str
    charged: str
    used_width: float
    waited_width: float


@bp.get("/steps")
@permitted("report", "read")
def show_steps() -> ResponseReturnValue:
    """Show the time per step of a period, by default of the month so far."""
    wanted, error, report = usual_wanted(), "", None
    try:
        wanted, report = _made()
    except (UserError, ValueError) as problem:
        error = explained(problem)
    page = render_template(
        "report/steps.html",
        report=report,
        error=error,
        lines=_lines(report) if report else [],
        files=tuple(FILES),
        **frame_facts(wanted, "report_steps.show_steps", {}),
    )
    return page, 422 if error else 200


@bp.get("/steps.<style>")
@permitted("report", "read")
def download_steps(style: str) -> ResponseReturnValue:
    """Give the same times as a file; that somebody took them away is recorded."""
    if style not in FILES:
        abort(404)
    try:
        wanted, report = _made()
    except (UserError, ValueError) as problem:
        return explained(problem), 422, {"Content-Type": "text/plain; charset=utf-8"}
    record_act(database().session(), "report", "steps", "export", style=style, **wanted.arguments)
    write, content_type = FILES[style]
    name = f"steps-{wanted.since}-{wanted.until}.{style}"
    return Response(
        write(report), content_type=content_type, headers={"Content-Disposition": f"attachment; filename={name}"}
    )


def _made() -> tuple[Wanted, StepTimes]:
    wanted = read_wanted()
    return wanted, summarise_step_times(database().session(), wanted.cut())


def _lines(report: StepTimes) -> list[StepLine]:
    most = (
        max((float(row.used) + row.waited.total_seconds() * 1e6) / row.legs for row in report.rows)
        if report.rows
        else 0
    )
    scale = BAR_WIDTH / most if most else 0.0
    return [
        StepLine(
            row=row,
            used=_say(row.used / row.legs, row),
            longest=_say(row.longest, row),
            waited=say_minutes(round(row.waited.total_seconds() / 60 / row.legs)) if row.waited else "",
            charged=_say(row.charged, row) if row.late else "",
            used_width=float(row.used) / row.legs * scale,
            waited_width=row.waited.total_seconds() * 1e6 / row.legs * scale,
        )
        for row in report.rows
    ]


def _say(length: Worked | float, row: StepTime) -> str:
    return say_minutes(whole_minutes([round(length)])[0], is_worked=row.is_worked)


def _headings() -> dict[str, str]:
    return {
        "department": gettext("Department"),
        "step": gettext("Step"),
        "kind": gettext("Measured in"),
        "dossiers": gettext("Dossiers"),
        "legs": gettext("Times held"),
        "used": gettext("Working time on average (hours)"),
        "longest": gettext("Longest (hours)"),
        "waited": gettext("Waiting on average (hours)"),
        "late": gettext("Times late"),
        "charged": gettext("Lateness charged (hours)"),
        "worked": gettext("working time"),
        "elapsed": gettext("elapsed time"),
        "no_step": gettext("Without a step"),
    }
