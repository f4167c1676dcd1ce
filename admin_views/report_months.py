"""Frozen figures: freezing those of a period, and what has changed in them since, each difference with its dossiers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from admin_views.report_form import COLUMN_LABELS
from admin_views.report_wanted import DIMENSION_LABELS, FIGURE_LABELS, explained
from admin_views.verbs import Verb, offer, show_below
from models.base import _
from models.frozen_figures import FrozenFigures
from models.report_period import ReportPeriod
from models.states import DossierState
from services.errors import UserError
from services.form_06a import DIMENSIONS, column_number
from services.freeze_changes import list_changes
from services.freezing import (
    DEPARTMENT,
    FORM,
    SERVICE,
    SETTLEMENT,
    Difference,
    freeze_period,
    get_versions,
    list_differences,
)
from services.localtime import local_date
from services.session import may
from services.settlement import Dimension, SettlementCounts, make_cut, summarise_settlement
from services.settlement_figures import FIGURES, FORM_FIGURES
from web.access import permitted
from web.clock import request_time
from web.database import database

bp = Blueprint("report_months", __name__, url_prefix="/admin/report")

ROWS_SHOWN = 50


@dataclass(frozen=True, slots=True)
class FrozenTable:
    """One table of frozen figures: its rows as they were signed, and by (key, figure) what is different today."""

    part: str
    by: Dimension
    title: str
    figures: tuple[str, ...]
    numbers: Mapping[str, int]
    total: Mapping[str, int]
    rows: list[dict[str, Any]]
    changed: Mapping[tuple[str, str], Difference]


@bp.get("/periods/<int:period_id>/freeze")
@permitted("report_period", "freeze")
def ask_freeze(period_id: int) -> ResponseReturnValue:
    """Show what would be frozen, and ask for the reason where it is a correction."""
    return _freeze_page(_period(period_id))


@bp.post("/periods/<int:period_id>/freeze")
@permitted("report_period", "freeze")
def freeze(period_id: int) -> ResponseReturnValue:
    """Freeze the figures of a period as they are known now."""
    session, period = database().session(), _period(period_id)
    reason, seen = request.form.get("reason", "")[:1000], request.form.get("last_version", "")
    try:
        last_version = int(seen) if seen.isascii() and seen.isdecimal() and len(seen) < 9 else -1
        frozen = freeze_period(session, period, last_version=last_version, reason=reason, at=request_time())
    except UserError as error:
        session.rollback()
        return _freeze_page(_period(period_id), reason, explained(error)), error.status
    session.commit()
    flash(
        gettext("The figures of %(period)s are frozen as version %(version)s.", period=period, version=frozen.version)
    )
    return redirect(url_for("frozen_figures.details_view", id=frozen.id), 303)


@bp.get("/frozen/<int:frozen_id>/changes")
@permitted("frozen_figures", "read")
def show_changes(frozen_id: int) -> ResponseReturnValue:
    """List the dossiers that a figure gained or lost since it was frozen."""
    session = database().session()
    frozen = session.get(FrozenFigures, frozen_id)
    figure, key, after = (request.args.get(name, "") for name in ("figure", "key", "after"))
    if frozen is None or (after and not (after.isascii() and after.isdecimal() and len(after) < 19)):
        abort(404)
    try:
        by = Dimension(request.args.get("by", DEPARTMENT))
        rows = list_changes(
            session, frozen, figure=figure, by=by if key else None, key=key, at=request_time(),
            after_id=int(after or 0), limit=ROWS_SHOWN + 1,
        )  # fmt: skip
    except (UserError, ValueError):
        abort(404)
    more, rows = len(rows) > ROWS_SHOWN, rows[:ROWS_SHOWN]
    arguments = {"frozen_id": frozen_id, "figure": figure, "by": by.value, "key": key}
    return render_template(
        "report/changes.html",
        frozen=frozen,
        title=gettext(FIGURE_LABELS[figure]),
        rows=rows,
        states={state.value: state for state in DossierState},
        next_url=url_for(".show_changes", **arguments, after=rows[-1].dossier_id) if more else "",
    )


def _freeze_page(period: ReportPeriod, reason: str = "", error: str = "") -> str:
    session, at = database().session(), request_time()
    versions, total = get_versions(session, period), None
    try:
        cut = make_cut(since=period.from_date, until=period.until_date, now=at)
        total = summarise_settlement(session, cut).total
    except UserError as problem:
        error = error or explained(problem)
    return render_template(
        "report/freeze.html",
        period=period,
        versions=versions,
        total=total,
        labels=FIGURE_LABELS,
        is_over=_is_over(period),
        reason=reason,
        error=error,
    )


def _period(period_id: int) -> ReportPeriod:
    period = database().session().get(ReportPeriod, period_id) if period_id < 2**63 else None
    if period is None:
        abort(404)
    return period


def _is_over(period: ReportPeriod) -> bool:
    return period.until_date < local_date(request_time())


def frozen_facts(frozen: FrozenFigures) -> dict[str, Any]:
    """Return what ``report/frozen.html`` shows: each table as it was signed, beside what differs today."""
    if SETTLEMENT not in frozen.figures:
        return {}
    wanted = [(SETTLEMENT, DEPARTMENT), *((FORM, by) for by in DIMENSIONS)]
    tables = [_table(frozen, part, by) for part, by in wanted]
    return {
        "tables": tables,
        "is_changed": any(table.changed for table in tables),
        "rates": SettlementCounts(**frozen.figures[SETTLEMENT][DEPARTMENT.value]["total"]).rates,
        "service": frozen.figures[SERVICE][DEPARTMENT.value]["total"],
        "waiting": frozen.figures["waiting"],
        "labels": FIGURE_LABELS,
        "columns": COLUMN_LABELS,
        "dimensions": DIMENSION_LABELS,
    }


def _table(frozen: FrozenFigures, part: str, by: Dimension) -> FrozenTable:
    stored = frozen.figures[part][by.value]
    found = list_differences(database().session(), frozen, part=part, by=by, at=request_time())
    known = {row["key"] for row in stored["rows"]}
    new = {one.key: one.name for one in found if one.key and one.key not in known}
    rows = [*stored["rows"], *({"key": key, "name": name, "values": {}} for key, name in new.items())]
    figures = FORM_FIGURES if part == FORM else FIGURES
    title = gettext("Form II.06a") if part == FORM else gettext("Settlement")
    return FrozenTable(
        part=part,
        by=by,
        title=f"{title} · {gettext(DIMENSION_LABELS[by])}",
        figures=figures,
        numbers={name: column_number(name) for name in FORM_FIGURES} if part == FORM else {},
        total=stored["total"],
        rows=rows,
        changed={(one.key, one.figure): one for one in found},
    )


def versions_of(period: ReportPeriod) -> dict[str, Any]:
    """Return what ``report/versions.html`` shows below a period: its freezes, to whoever may read them."""
    session = database().session()
    return {"versions": get_versions(session, period) if may(session, "frozen_figures", "read") else []}


offer(
    "report_period",
    Verb(
        action="freeze",
        label=_("Freeze the figures"),
        endpoint="report_months.ask_freeze",
        icon="file-earmark-lock",
        is_primary=True,
        when=_is_over,
        arguments=lambda row: {"period_id": row.id},
    ),
)
offer(
    "report_period",
    Verb(
        action="read",
        label=_("Settlement report"),
        endpoint="report.show_settlement",
        icon="bar-chart",
        when=lambda row: may(database().session(), "report", "read"),
        arguments=lambda row: {"period": row.id},
    ),
)
show_below("report_period", "report/versions.html", versions_of)
show_below("frozen_figures", "report/frozen.html", frozen_facts)
