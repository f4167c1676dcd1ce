"""What the reports count of a dossier: every figure as a condition on its course and its clock at the cut.

A figure more is a name in one of the lists and a line in ``conditions_of``; sums, rows behind a number and frozen
months follow from that.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Date, FromClause, func
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction

from models.dossier import Dossier
from models.states import OPEN_STATES, Channel, DossierState

CLOSED_STATES = (DossierState.STOPPED, DossierState.DECIDED, DossierState.RETURNED)

FIGURES = (
    "received",
    "carried_over",
    "finished",
    "on_time",
    "late",
    "undue",
    "overdue",
    "refused",
    "no_due_time",
    "returned_by_post",
    "open",
    "late_entered",
)
"""The settlement report, and how many of its dossiers hold something entered late. Source: design section 6."""

FORM_FIGURES = (
    "population",
    "received_online",
    "received_directly",
    "carried_over",
    "resolved",
    "early",
    "punctual",
    "late",
    "open",
    "in_time",
    "overdue",
)
"""The columns 3 to 13 of form II.06a in their order. Source: domain.md 2.7, docs/adr/0024."""

SERVICE_FIGURES = (
    "received_by_post",
    "returned_by_post",
    "handed_back",
    "asked_for_papers",
    "asked_again",
    "extended",
    "trips_known",
)
"""What the applicants had to do and to bear, beside the due time."""

MEASURES = ("supplement_requests", "trips")
"""Numbers of things, not of dossiers: requests for papers within the period, visits to a counter in a whole life."""

EVERY_FIGURE = frozenset({*FIGURES, *FORM_FIGURES, *SERVICE_FIGURES})


class local_day(GenericFunction[Any]):  # noqa: N801 -- written as functions of SQL are
    """The day of the centre on which an instant lies; its offset has been +07:00 since before any dossier."""

    type = Date()
    inherit_cache = True


@compiles(local_day, "sqlite")
def _on_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    return f"date({compiler.process(element.clauses, **options)}, '+7 hours')"


@compiles(local_day, "postgresql")
def _on_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    return f"({compiler.process(element.clauses, **options)} AT TIME ZONE 'Asia/Ho_Chi_Minh')::date"


def population_of(course: FromClause, start_at: datetime) -> ColumnElement[bool]:
    """Return whether a dossier belongs to the period: taken in within it, or open as it began or since."""
    return _is_received(course, start_at) | _is_carried_over(course, start_at)


def conditions_of(
    course: FromClause, clock: FromClause, *, start_at: datetime, as_of: datetime, wanted: frozenset[str]
) -> dict[str, ColumnElement[bool]]:
    """Return each of the ``wanted`` figures as the condition under which a dossier counts in it."""
    counts, due_at = population_of(course, start_at), clock.c.statutory_due_at
    ended, waits = counts & course.c.state.in_(CLOSED_STATES), counts & course.c.state.in_(OPEN_STATES)
    refused = counts & (course.c.state == DossierState.REFUSED)
    received, has_none = _is_received(course, start_at), due_at.is_(None)
    ended_at, judged_at = func.coalesce(clock.c.stopped_at, course.c.ended_at), func.coalesce(clock.c.stopped_at, as_of)
    is_early = local_day(ended_at) < local_day(due_at)
    channel = Dossier.channel
    conditions = {
        "received": received,
        "carried_over": _is_carried_over(course, start_at),
        "finished": ended,
        "on_time": ended & (ended_at <= due_at),
        "late": ended & (ended_at > due_at),
        "undue": waits & (due_at >= judged_at),
        "overdue": waits & (due_at < judged_at),
        "refused": refused,
        "no_due_time": (ended | waits) & has_none,
        "returned_by_post": course.c.posted > 0,
        "open": waits,
        "late_entered": counts & (course.c.late_entries > 0),
        "population": counts,
        "received_online": received & (channel == Channel.ONLINE),
        "received_directly": received & (channel != Channel.ONLINE),
        "resolved": ended | refused,
        "early": ended & is_early,
        "punctual": refused | (ended & (has_none | ((ended_at <= due_at) & ~is_early))),
        "in_time": waits & (has_none | (due_at >= judged_at)),
    }
    if wanted.isdisjoint(SERVICE_FIGURES):
        return {name: conditions[name] for name in wanted}
    conditions |= {
        "received_by_post": received & (channel == Channel.POST),
        "handed_back": course.c.returns > 0,
        "asked_for_papers": counts & (course.c.asked > 0),
        "asked_again": counts & (course.c.asked > 0) & (course.c.asked_ever > 1),
        "extended": counts & (course.c.extensions > 0),
        "trips_known": (course.c.returns > 0) & ~Dossier.is_imported,
    }
    return {name: conditions[name] for name in wanted}


def _is_received(course: FromClause, start_at: datetime) -> ColumnElement[bool]:
    return course.c.intake_at >= start_at


def _is_carried_over(course: FromClause, start_at: datetime) -> ColumnElement[bool]:
    return (course.c.intake_at < start_at) & (course.c.state_at_start.in_(OPEN_STATES) | (course.c.openings > 0))
