"""Form II.06a as a page: thirteen columns as the national form has them, a chart, and a file to take away."""

from typing import Any

from flask import Blueprint, Response, abort, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from admin_views.navigation import MenuItem
from admin_views.report import rows_url
from admin_views.report_chart import make_bars
from admin_views.report_wanted import (
    DIMENSION_LABELS,
    FIGURE_LABELS,
    Wanted,
    explained,
    frame_facts,
    read_wanted,
    usual_wanted,
)
from models.base import _
from services.audit import record_act
from services.errors import UserError
from services.form_06a import (
    DIMENSIONS,
    Form06a,
    column_number,
    form_to_csv,
    form_to_json,
    form_to_xlsx,
    say_identities,
    summarise_form_06a,
)
from services.settlement import Dimension
from services.settlement_figures import FORM_FIGURES
from services.tables.writing import CsvWriter, XlsxWriter
from web.access import permitted
from web.database import database

bp = Blueprint("report_form", __name__, url_prefix="/admin/report")

MENU = [
    MenuItem(
        group=_("Figures"),
        label=_("Form II.06a"),
        endpoint="report_form.show_form",
        icon="clipboard-data",
        permission=("report", "read"),
    )
]

PARTS = ("early", "punctual", "in_time", "overdue", "late")
"""What the chart shows of each row, from good to bad."""

COLUMN_LABELS = {
    "population": _("Total"),
    "received_online": _("Online"),
    "received_directly": _("Direct, by post"),
    "carried_over": _("From earlier periods"),
    "resolved": _("Total"),
    "early": _("Before the due day"),
    "punctual": _("On the due day"),
    "late": _("Late"),
    "open": _("Total"),
    "in_time": _("In time"),
    "overdue": _("Overdue"),
}
GROUPS = ((_("Received"), 4), (_("Resolved"), 4), (_("Still open"), 3))
"""The headings above the columns, and over how many each of them stands."""

FILES: dict[str, tuple[Any, str]] = {
    "csv": (lambda form: form_to_csv(form, _headings(form)), CsvWriter.media_type),
    "xlsx": (lambda form: form_to_xlsx(form, _headings(form)), XlsxWriter.media_type),
    "json": (form_to_json, "application/json; charset=utf-8"),
}


@bp.get("/form-06a")
@permitted("report", "read")
def show_form() -> ResponseReturnValue:
    """Show the form of a period, by default of the month so far, by subject area."""
    wanted, error, form = usual_wanted(Dimension.FIELD), "", None
    try:
        wanted, form = _made()
    except (UserError, ValueError) as problem:
        error = explained(problem)
    page = render_template(
        "report/form_06a.html",
        report=form,
        error=error,
        figures=FORM_FIGURES,
        numbers={name: column_number(name) for name in FORM_FIGURES},
        columns=COLUMN_LABELS,
        groups=GROUPS,
        identities=say_identities(),
        labels=FIGURE_LABELS,
        parts=PARTS,
        bars=make_bars([(gettext(row.name), row.values) for row in form.rows], PARTS) if form else [],
        files=tuple(FILES),
        rows_url=lambda figure, key="": rows_url(wanted, figure, key, page="form"),
        **frame_facts(wanted, "report_form.show_form", {by: DIMENSION_LABELS[by] for by in DIMENSIONS}),
    )
    return page, 422 if error else 200


@bp.get("/form-06a.<style>")
@permitted("report", "read")
def download_form(style: str) -> ResponseReturnValue:
    """Give the form as a file; that somebody took it away is recorded."""
    if style not in FILES:
        abort(404)
    try:
        wanted, form = _made()
    except (UserError, ValueError) as problem:
        return explained(problem), 422, {"Content-Type": "text/plain; charset=utf-8"}
    record_act(database().session(), "report", "form_06a", "export", style=style, **wanted.arguments)
    write, content_type = FILES[style]
    name = f"form-06a-{wanted.since}-{wanted.until}-{wanted.by}.{style}"
    return Response(
        write(form), content_type=content_type, headers={"Content-Disposition": f"attachment; filename={name}"}
    )


def _made() -> tuple[Wanted, Form06a]:
    """Return what is asked for and the form of it. Raises: UserError, ValueError."""
    wanted = read_wanted(usual_by=Dimension.FIELD)
    if wanted.by not in DIMENSIONS:
        raise ValueError("the form has no such rows")
    return wanted, summarise_form_06a(database().session(), wanted.cut(), by=wanted.by)


def _headings(form: Form06a) -> dict[str, str]:
    labels: dict[str, str] = {
        "title": gettext("Form II.06a"),
        "number": gettext("No."),
        "name": gettext(DIMENSION_LABELS[form.dimension]),
        "total": gettext("Total"),
    }
    labels |= {name: gettext(FIGURE_LABELS[name]) for name in FORM_FIGURES}
    return labels | {row.name: gettext(row.name) for row in form.rows}
