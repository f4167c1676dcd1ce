"""The settlement report's one query: what each dossier of a period counts as, from events alone.

Two tables are read: ``dossier_event`` (what happened) and ``clock_event`` (the statutory due time it left behind).
Events after the cut or not yet known are as if they had never been written. Source: docs/adr/0012.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Select,
    and_,
    case,
    distinct,
    exists,
    false,
    func,
    literal,
    null,
    or_,
    select,
    union,
)
from sqlalchemy.orm import aliased

from models.base import Base
from models.clock import Clock, ClockEvent, ClockEventKind
from models.dossier import Dossier, DossierEvent
from models.procedure import Procedure
from models.states import OPEN_STATES, DossierState, EventKind, ReturnMethod
from models.visit import Presence, Transaction
from services.settlement_figures import CLOSED_STATES, FIGURES, MEASURES, SERVICE_FIGURES, conditions_of, population_of
from services.settlement_slices import Dimension

_BEYOND = ("returned_by_post", "handed_back", "trips_known")
"""Figures that also count dossiers that ended before the period."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Cut:
    """What is looked at: a period ``[start_at, end_at)``, as it stood at ``as_of``, as it was known at ``known_at``."""

    start_at: datetime
    end_at: datetime
    as_of: datetime
    known_at: datetime
    is_known_today: bool


def classified(cut: Cut, by: Dimension | None = None, figures: Collection[str] = FIGURES) -> Select[Any]:
    """Return a select with one row per dossier that counts: its id, its slice at as-of as ``key``, 0 or 1 per figure.

    ``key`` is NULL without a dimension, and where a dossier has no officer yet. With a figure of the service come
    the measures (``MEASURES``) too, as numbers.
    """
    with_service = not frozenset(figures).isdisjoint(SERVICE_FIGURES)
    candidate = _candidates(cut)
    course, clock = _course(cut, candidate, with_service=with_service), _clock(cut, candidate)
    counts = population_of(course, cut.start_at)
    conditions = conditions_of(course, clock, start_at=cut.start_at, as_of=cut.as_of, wanted=frozenset(figures))
    beyond = [conditions[name] for name in _BEYOND if name in conditions]
    found = (
        select(
            Dossier.id.label("dossier_id"),
            course.c.intake_at,
            course.c.state,
            clock.c.statutory_due_at.label("due_at"),
            case((course.c.state.in_(CLOSED_STATES), course.c.ended_at)).label("ended_at"),
            *(_flag(conditions[name]).label(name) for name in figures),
        )
        .select_from(Dossier)
        .join(course, course.c.dossier_id == Dossier.id)
        .outerjoin(clock, clock.c.dossier_id == Dossier.id)
        .where(Dossier.is_training == false(), course.c.intake_at.is_not(None), or_(counts, *beyond))
    )
    if with_service:
        found = _with_measures(found, course, counts, cut, candidate)
    return _with_key(found, by, course, cut, candidate)


def _with_measures(
    found: Select[Any], course: CTE, counts: ColumnElement[bool], cut: Cut, candidate: CTE
) -> Select[Any]:
    """Add how often papers were asked for, and how often the applicant came before the result was handed back."""
    trips = _trips(cut, candidate)
    is_known = (course.c.returns > 0) & ~Dossier.is_imported
    requests, visits = MEASURES
    return found.outerjoin(trips, trips.c.dossier_id == Dossier.id).add_columns(
        case((counts, course.c.asked), else_=0).label(requests),
        case((is_known, func.coalesce(trips.c.visits, 0)), else_=0).label(visits),
    )


def _with_key(found: Select[Any], by: Dimension | None, course: CTE, cut: Cut, candidate: CTE) -> Select[Any]:
    """Add the slice that each dossier belongs to at the cut."""
    key: ColumnElement[Any] = null()
    if by is Dimension.FIELD:
        found = found.join(Procedure, Procedure.id == Dossier.procedure_id)
        key = Procedure.__table__.c.field_id
    elif by is Dimension.OFFICER:
        officer = _officer(cut, candidate)
        found = found.outerjoin(officer, (officer.c.dossier_id == Dossier.id) & (officer.c.rank == 1))
        key = officer.c.staff_id
    elif by is not None:
        columns = Dossier.__table__.c
        key = {
            Dimension.DEPARTMENT: course.c.department_id,
            Dimension.SITE: columns.site_id,
            Dimension.CHANNEL: columns.channel,
            Dimension.PROCEDURE: columns.procedure_id,
        }[by]
    return found.add_columns(key.label("key"))


def _flag(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return case((condition, 1), else_=0)


def seen_by(event: type[DossierEvent] | type[ClockEvent], cut: Cut) -> ColumnElement[bool]:
    """Return whether an event lies before the cut on both axes of time."""
    return and_(event.occurred_at < cut.end_at, event.occurred_at <= cut.as_of, event.recorded_at <= cut.known_at)


def _candidates(cut: Cut) -> CTE:
    """Return the dossiers that can count at all: something happened since the start, or they are open today.

    Only where the past is asked as it was known then, later knowledge may hide a dossier that was open at the start.
    """
    touched = select(DossierEvent.dossier_id.label("id")).where(DossierEvent.occurred_at >= cut.start_at)
    waiting = select(Dossier.id).where(Dossier.state.in_(OPEN_STATES))
    parts = [touched, waiting]
    if not cut.is_known_today:
        parts.append(select(DossierEvent.dossier_id).where(DossierEvent.recorded_at > cut.known_at))
    return union(*parts).cte("candidate")


def _is_annulled(cut: Cut) -> ColumnElement[bool]:
    """Return whether the dossier was known as an entry error: then it never was, whatever the day of its annulment."""
    annulment = aliased(DossierEvent)
    return exists().where(
        annulment.dossier_id == DossierEvent.dossier_id,
        annulment.kind == EventKind.ANNULLED,
        annulment.recorded_at <= cut.known_at,
    )


def _course(cut: Cut, candidate: CTE, *, with_service: bool = False) -> CTE:
    """Return per dossier: intake, end, state and department at the cut, state at the start, reopenings, post."""
    event = DossierEvent
    newest = (event.occurred_at.desc(), event.sequence.desc())
    is_before = case((event.occurred_at < cut.start_at, 1), else_=0)
    ranked = (
        select(
            event.dossier_id,
            event.occurred_at,
            event.state_from,
            event.state_to,
            event.department_id,
            event.kind,
            event.facts["method"].as_string().label("method"),
            event.late_entry_id,
            is_before.label("is_before"),
            func.row_number().over(partition_by=event.dossier_id, order_by=newest).label("rank"),
            func.row_number().over(partition_by=[event.dossier_id, is_before], order_by=newest).label("side_rank"),
        )
        .where(event.dossier_id.in_(select(candidate.c.id)), seen_by(event, cut), ~_is_annulled(cut))
        .cte("ranked_event")
    )
    c = ranked.c
    ends = c.state_to.in_(CLOSED_STATES) & or_(c.state_from.is_(None), c.state_from.not_in(CLOSED_STATES))
    is_return = (c.kind == EventKind.RETURNED) & (c.is_before == 0)
    by_post = is_return & (c.method == ReturnMethod.POST.value)
    is_request = c.kind == EventKind.SUPPLEMENT_ASKED
    service = {
        "returns": is_return,
        "asked": is_request & (c.is_before == 0),
        "asked_ever": is_request,
        "extensions": (c.kind == EventKind.EXTENDED) & (c.is_before == 0),
    }
    return (
        select(
            c.dossier_id,
            func.min(case((c.state_to != DossierState.NEW, c.occurred_at))).label("intake_at"),
            func.max(case((ends, c.occurred_at))).label("ended_at"),
            func.max(case((c.rank == 1, c.state_to))).label("state"),
            func.max(case((c.rank == 1, c.department_id))).label("department_id"),
            func.max(case(((c.side_rank == 1) & (c.is_before == 1), c.state_to))).label("state_at_start"),
            func.sum(_flag((c.is_before == 0) & c.state_to.in_(OPEN_STATES))).label("openings"),
            func.sum(_flag(by_post)).label("posted"),
            func.count(c.late_entry_id).label("late_entries"),
            *(func.sum(_flag(what)).label(name) for name, what in service.items() if with_service),
        )
        .group_by(c.dossier_id)
        .cte("course")
    )


def _clock(cut: Cut, candidate: CTE) -> CTE:
    """Return per dossier the statutory due time at the cut, and since when the clock stood still, if it did.

    A clock that was stopped when it ended is judged at the stop: time the applicant needed is not the office's.
    """
    event = ClockEvent
    oldest = (event.occurred_at, event.sequence)
    window = {"partition_by": event.clock_id, "order_by": oldest}
    ranked = (
        select(
            Clock.dossier_id,
            event.kind,
            event.occurred_at,
            event.statutory_due_at,
            func.lag(event.kind, type_=event.kind.type).over(**window).label("kind_before"),
            func.lag(event.occurred_at, type_=event.occurred_at.type).over(**window).label("occurred_before_at"),
            func.row_number()
            .over(partition_by=event.clock_id, order_by=(event.occurred_at.desc(), event.sequence.desc()))
            .label("rank"),
        )
        .join(Clock, Clock.id == event.clock_id)
        .where(Clock.dossier_id.in_(select(candidate.c.id)), seen_by(event, cut))
        .cte("ranked_clock_event")
    )
    c = ranked.c
    ended_stopped = (c.kind == ClockEventKind.END) & (c.kind_before == ClockEventKind.STOP)
    return (
        select(
            c.dossier_id,
            c.statutory_due_at,
            case((c.kind == ClockEventKind.STOP, c.occurred_at), (ended_stopped, c.occurred_before_at)).label(
                "stopped_at"
            ),
        )
        .where(c.rank == 1)
        .cte("due")
    )


def _trips(cut: Cut, candidate: CTE) -> CTE:
    """Return per dossier how often its applicant came to a counter for it: dealings of one visit are one trip.

    The table itself is read, past row scope: what a dossier cost its applicant belongs to whoever may read it.
    """
    dealing = Base.metadata.tables[Transaction.__tablename__].c
    trip = func.coalesce(dealing.visit_id, literal(0) - dealing.id)
    return (
        select(dealing.dossier_id, func.count(distinct(trip)).label("visits"))
        .where(
            dealing.dossier_id.in_(select(candidate.c.id)),
            dealing.presence == Presence.COUNTER,
            dealing.finished_at.is_not(None),
            dealing.started_at <= cut.as_of,
            dealing.recorded_at <= cut.known_at,
        )
        .group_by(dealing.dossier_id)
        .cte("trip")
    )


def _officer(cut: Cut, candidate: CTE) -> CTE:
    """Return per dossier whose it was, rank 1 first: who was made responsible last, else who received it."""
    event = DossierEvent
    is_given = event.kind.in_((EventKind.STARTED, EventKind.ASSIGNED))
    staff_id = case((is_given, event.facts["responsible_id"].as_integer()), else_=event.staff_id)
    newest = (_flag(is_given).desc(), event.occurred_at.desc(), event.sequence.desc())
    return (
        select(
            event.dossier_id,
            staff_id.label("staff_id"),
            func.row_number().over(partition_by=event.dossier_id, order_by=newest).label("rank"),
        )
        .where(
            event.dossier_id.in_(select(candidate.c.id)),
            event.kind.in_((EventKind.RECEIVED, EventKind.REFUSED, EventKind.STARTED, EventKind.ASSIGNED)),
            staff_id.is_not(None),
            seen_by(event, cut),
        )
        .cte("officer")
    )
