"""Which period a report's address asks for, the periods offered beside it, and what every page of figures shows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from flask import request, url_for
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.base import _
from models.report_period import PeriodKind, PeriodRule, ReportPeriod
from services.errors import UserError
from services.localtime import local_date, parse_instant, to_local
from services.periods import MonthEnds, find_period, list_begun_periods, period_around
from services.settlement import Dimension, make_cut
from services.settlement_query import Cut
from web.clock import request_time
from web.database import database

DIMENSION_LABELS = {
    Dimension.DEPARTMENT: _("Department"),
    Dimension.FIELD: _("Subject area"),
    Dimension.PROCEDURE: _("Procedure"),
    Dimension.CHANNEL: _("Channel"),
    Dimension.SITE: _("Site"),
    Dimension.OFFICER: _("Officer"),
}

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
    "late_entered": _("Entered late"),
    "population": _("Received, in total"),
    "received_online": _("Received online"),
    "received_directly": _("Received directly or by post"),
    "resolved": _("Resolved, in total"),
    "early": _("Resolved before the due day"),
    "punctual": _("Resolved on the due day"),
    "in_time": _("Open and in time"),
    "received_by_post": _("Received by post"),
    "handed_back": _("Results handed back"),
    "asked_for_papers": _("Asked for more papers"),
    "asked_again": _("Asked more than once"),
    "extended": _("Extended with an apology"),
    "trips_known": _("Results handed back whose trips are known"),
}

MEASURE_LABELS = {
    "supplement_requests": _("Requests for papers"),
    "trips": _("Trips to a counter"),
    "trips_per_dossier": _("Trips per dossier"),
}

PAGES = (
    ("report.show_settlement", _("Settlement")),
    ("report_form.show_form", _("Form II.06a")),
    ("report_steps.show_steps", _("Time per step")),
)
"""The pages of figures of a period, as tabs: endpoint and label."""


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
        return given | {name: to_local(at).replace(tzinfo=None).isoformat() for name, at in instants.items() if at}

    def cut(self) -> Cut:
        """Return what to look at. Raises: UserError for a period that makes no sense."""
        return make_cut(
            since=self.since, until=self.until, now=request_time(), as_of=self.as_of, known_at=self.known_at
        )


def read_wanted(*, usual_by: Dimension = Dimension.DEPARTMENT) -> Wanted:
    """Return what the address asks for: a named period, or days. Raises: UserError, ValueError."""
    given = request.args
    usual = usual_wanted(usual_by)
    since, until = usual.since, usual.until
    if given.get("period"):
        period = _named(given["period"])
        since, until = period.from_date, period.until_date
    return Wanted(
        since=date.fromisoformat(given["from"]) if given.get("from") else since,
        until=date.fromisoformat(given["to"]) if given.get("to") else until,
        by=Dimension(given.get("by") or usual.by),
        as_of=_instant(given.get("as_of", "")),
        known_at=_instant(given.get("known_at", "")),
    )


def usual_wanted(by: Dimension = Dimension.DEPARTMENT) -> Wanted:
    """Return the reporting month so far."""
    today = local_date(request_time())
    return Wanted(since=period_around(today, PeriodKind.MONTH, _ends())[0], until=today, by=by)


def explained(problem: Exception) -> str:
    """Return in the reader's language why a report cannot be made."""
    if isinstance(problem, UserError):
        return gettext(problem.message_id, **problem.values)
    return gettext("The period cannot be read. Choose its first and its last day.")


def frame_facts(wanted: Wanted, endpoint: str, dimensions: Mapping[Dimension, str]) -> dict[str, Any]:
    """Return what ``report/frame.html`` needs of the page ``endpoint``: periods to choose from, and the other pages."""
    today = local_date(request_time())
    offered: dict[str, list[ReportPeriod]] = {}
    for period in list_begun_periods(_session(), today=today):
        offered.setdefault(period.kind.label, []).append(period)
    others = dict(wanted.arguments)
    return {
        "wanted": wanted,
        "endpoint": endpoint,
        "dimensions": dimensions,
        "presets": _presets(wanted, endpoint, today),
        "periods": offered,
        "period": find_period(_session(), since=wanted.since, until=wanted.until),
        "pages": [(gettext(label), url_for(page, **others), page == endpoint) for page, label in PAGES],
    }


def _session() -> Session:
    return database().session()


def _ends() -> MonthEnds:
    return MonthEnds(_session().scalars(select(PeriodRule)).all())


def _named(key: str) -> ReportPeriod:
    if not key.isascii() or not key.isdecimal() or len(key) > 18:
        raise ValueError("no such period")
    period = _session().get(ReportPeriod, int(key))
    if period is None:
        raise ValueError("no such period")
    return period


def _instant(text: str) -> datetime | None:
    return parse_instant(text) if text.strip() else None


def _presets(wanted: Wanted, endpoint: str, today: date) -> list[tuple[str, str, bool]]:
    """Return the usual periods: label, address, and whether it is the one shown."""
    ends = _ends()
    month = period_around(today, PeriodKind.MONTH, ends)[0]
    periods = (
        (gettext("This month"), month, today),
        (gettext("Last month"), *period_around(month - timedelta(days=1), PeriodKind.MONTH, ends)),
        (gettext("This quarter"), period_around(today, PeriodKind.QUARTER, ends)[0], today),
        (gettext("This year"), period_around(today, PeriodKind.YEAR, ends)[0], today),
    )
    return [
        (
            label,
            url_for(endpoint, **{"from": since, "to": until, "by": wanted.by.value}),
            (wanted.since, wanted.until) == (since, until),
        )
        for label, since, until in periods
    ]
