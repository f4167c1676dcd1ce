"""Sums for the supervisor: what citizens said of whom, with how many kept silent.

Who sees what (design section 4): a reader's permission ("review", "read") reaches a department's tree or everything;
about themselves nobody sees more than a servant may, which is ``services/own_review.py``. Reasons that go outside the
unit are seen only by readers whose permission reaches everything. Training never counts.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, NotNullable, Select, case, false, func, select
from sqlalchemy.orm import Session

from evaluation import statistics
from evaluation.statistics import Band, Coverage, Interval, Prior
from models.actor import Actor, ScopeLevel
from models.evaluation import (
    Ask,
    AskState,
    Rating,
    RatingEvent,
    RatingReasonChoice,
    RatingStanding,
    RatingText,
)
from models.organisation import Department
from models.rating_scale import Polarity, RatingLevel, RatingReason, RatingScale
from models.staff import Staff
from services.audit import record_act
from services.session import DeniedError, actor_of, including_deleted, unscoped

LONGEST_PERIOD = timedelta(days=3 * 366)
MOST_COMMENTS = 200


@dataclass(frozen=True, slots=True)
class Period:
    """Local days, both included."""

    first: date
    last: date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def before(self) -> "Period":
        """The period of the same length that ends where this one begins."""
        return Period(self.first - timedelta(days=self.days), self.first - timedelta(days=1))


@dataclass(frozen=True, kw_only=True, slots=True)
class Filter:
    """Whose ratings are summed, of which days, on which version of the scale (None: the one used most)."""

    period: Period
    department_id: int | None = None
    staff_id: int | None = None
    scale_id: int | None = None


@dataclass(slots=True)
class Figures:
    """Counts of asks and ratings; the shares are of one scale version, the coverage of all."""

    finished: int = 0
    shown: int = 0
    declined: int = 0
    timed_out: int = 0
    withdrawn: int = 0
    voided: int = 0
    rated_in_all: int = 0
    satisfied_in_all: int = 0
    levels: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    polarities: dict[Polarity, int] = field(default_factory=lambda: defaultdict(int))

    @property
    def rated(self) -> int:
        return sum(self.levels.values())

    @property
    def satisfied(self) -> int:
        return self.polarities[Polarity.POSITIVE]

    @property
    def bad(self) -> int:
        return self.polarities[Polarity.NEGATIVE]

    @property
    def share(self) -> float | None:
        return self.satisfied / self.rated if self.rated else None

    @property
    def interval(self) -> Interval | None:
        return statistics.wilson_interval(self.satisfied, self.rated)

    @property
    def coverage(self) -> Coverage:
        return Coverage(self.finished, self.shown, self.rated_in_all, self.satisfied_in_all)

    def add(self, other: "Figures") -> None:
        """Add the counts of ``other`` to these."""
        for name in (
            "finished",
            "shown",
            "declined",
            "timed_out",
            "withdrawn",
            "voided",
            "rated_in_all",
            "satisfied_in_all",
        ):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for level, count in other.levels.items():
            self.levels[level] += count
        for polarity, count in other.polarities.items():
            self.polarities[polarity] += count


@dataclass(frozen=True, slots=True)
class ServantFigures:
    """One servant's figures and where they stand; what is hidden is empty already."""

    staff: Staff
    figures: Figures
    band: Band
    is_own: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Review:
    """Everything a review page shows of a filter."""

    scale: RatingScale | None
    on_other_scales: int
    total: Figures
    servants: list[ServantFigures]
    group: Prior


@dataclass(frozen=True, slots=True)
class ReasonCount:
    reason: RatingReason
    count: int


@dataclass(frozen=True, slots=True)
class Comment:
    """What one citizen wrote, with the day, the level and the reasons of the rating."""

    day: date
    level: RatingLevel
    reasons: list[RatingReason]
    text: str
    staff: Staff | None


def reach_of(actor: Actor) -> ScopeLevel:
    """Return how far the reader's permission goes. Raises: DeniedError where there is none."""
    permit = actor.permit("review", "read")
    if permit is None:
        raise DeniedError("review", "read")
    return permit.scope


def _scope(model: Any, actor: Actor) -> list[ColumnElement[bool]]:
    """Return whose rows the reader may have summed."""
    reach = reach_of(actor)
    if reach is ScopeLevel.ALL:
        return []
    if reach is ScopeLevel.TREE:
        return [model.department_id.in_(actor.tree_ids)]
    if reach is ScopeLevel.DEPARTMENT:
        return [model.department_id.in_(actor.department_ids)]
    return [false()]


def _conditions(model: Any, wanted: Filter) -> list[ColumnElement[bool]]:
    conditions = [
        model.local_date.between(wanted.period.first, wanted.period.last),
        model.is_training.is_(False),
    ]
    if wanted.department_id is not None:
        conditions.append(model.department_id == wanted.department_id)
    if wanted.staff_id is not None:
        conditions.append(model.staff_id == wanted.staff_id)
    return conditions


def summarise_review(session: Session, *, wanted: Filter) -> Review:
    """Return the figures of ``wanted`` as the session's actor may see them, servants in the order of their names.

    The group a servant is compared with is always the whole centre's servants in the period and on the scale, so
    that a band does not depend on who looks. The reader's own ratings are in no sum: the rest could be subtracted.
    Raises: DeniedError
    """
    actor = actor_of(session)
    scope_asks = _scope(Ask, actor)
    scope_ratings = [*_scope(RatingStanding, actor), *_not_own(actor)]
    with unscoped(session, "review"), including_deleted(session):
        scale_id, on_others = _pick_scale(session, wanted, scope_ratings)
        people: dict[int | None, Figures] = defaultdict(Figures)
        _count_asks(session, wanted, scope_asks, people)
        _count_ratings(session, wanted, scope_ratings, scale_id, people)
        group = _group_prior(session, wanted.period, scale_id)
        staff = {
            person.id: person for person in session.scalars(select(Staff).where(Staff.id.in_(i for i in people if i)))
        }
        scale = session.get(RatingScale, scale_id) if scale_id is not None else None
    total = Figures()
    for staff_id, figures in people.items():
        if staff_id not in actor.interested_staff_ids:
            total.add(figures)
    servants = [
        _stand(person, people[person.id], group, is_own=person.id in actor.interested_staff_ids)
        for person in staff.values()
    ]
    servants.sort(key=lambda servant: servant.staff.name_sort)
    return Review(scale=scale, on_other_scales=on_others, total=total, servants=servants, group=group)


def _stand(person: Staff, figures: Figures, group: Prior, *, is_own: bool) -> ServantFigures:
    if is_own:
        return ServantFigures(person, Figures(), Band.HIDDEN, is_own=True)
    return ServantFigures(person, figures, statistics.band_of(figures.satisfied, figures.rated, group))


def _pick_scale(session: Session, wanted: Filter, scope: list[ColumnElement[bool]]) -> tuple[int | None, int]:
    """Return the scale version to show and how many ratings stand on others: versions are never pooled silently."""
    rows = session.execute(
        select(RatingStanding.scale_id, func.count())
        .where(RatingStanding.level_id.is_not(None), *_conditions(RatingStanding, wanted), *scope)
        .group_by(RatingStanding.scale_id)
        .order_by(func.count().desc(), RatingStanding.scale_id.desc())
    ).all()
    counts = {scale_id: count for scale_id, count in rows}
    chosen = wanted.scale_id if wanted.scale_id in counts else next(iter(counts), None)
    return chosen, sum(count for scale_id, count in counts.items() if scale_id != chosen)


def _count_asks(
    session: Session, wanted: Filter, scope: list[ColumnElement[bool]], people: dict[int | None, Figures]
) -> None:
    def ended(state: AskState) -> ColumnElement[int]:
        return func.sum(case((Ask.showing_end == state, 1), else_=0))

    statement = (
        select(
            Ask.staff_id,
            func.count(),
            func.count(Ask.shown_at),
            ended(AskState.DECLINED),
            ended(AskState.TIMED_OUT),
            ended(AskState.WITHDRAWN),
            func.sum(case((Ask.state == AskState.VOIDED, 1), else_=0)),
        )
        .where(*_conditions(Ask, wanted), *scope)
        .group_by(Ask.staff_id)
    )
    for staff_id, finished, shown, declined, timed_out, withdrawn, voided in session.execute(statement):
        figures = people[staff_id]
        figures.finished, figures.shown, figures.declined = finished, shown, declined
        figures.timed_out, figures.withdrawn, figures.voided = timed_out, withdrawn, voided


def _count_ratings(
    session: Session,
    wanted: Filter,
    scope: list[ColumnElement[bool]],
    scale_id: int | None,
    people: dict[int | None, Figures],
) -> None:
    statement = (
        select(
            RatingStanding.staff_id,
            RatingStanding.scale_id,
            NotNullable(RatingStanding.value),
            NotNullable(RatingStanding.polarity),
            func.count(),
        )
        .where(RatingStanding.level_id.is_not(None), *_conditions(RatingStanding, wanted), *scope)
        .group_by(RatingStanding.staff_id, RatingStanding.scale_id, RatingStanding.value, RatingStanding.polarity)
    )
    for staff_id, on_scale, value, polarity, count in session.execute(statement):
        figures = people[staff_id]
        figures.rated_in_all += count
        figures.satisfied_in_all += count if polarity is Polarity.POSITIVE else 0
        if on_scale == scale_id:
            figures.levels[value] += count
            figures.polarities[polarity] += count


def _group_prior(session: Session, period: Period, scale_id: int | None) -> Prior:
    counts = session.execute(
        select(
            func.sum(case((RatingStanding.polarity == Polarity.POSITIVE, 1), else_=0)),
            func.count(),
        )
        .where(
            RatingStanding.level_id.is_not(None),
            RatingStanding.staff_id.is_not(None),
            RatingStanding.scale_id == scale_id,
            *_conditions(RatingStanding, Filter(period=period)),
        )
        .group_by(RatingStanding.staff_id)
        .order_by(RatingStanding.staff_id)
    ).all()
    return statistics.fit_prior([(int(satisfied), rated) for satisfied, rated in counts])


def list_reasons(session: Session, *, wanted: Filter) -> list[ReasonCount]:
    """Return how often each reason was given, most often first; those that go outside the unit only to who may."""
    actor = actor_of(session)
    scope = _scope(RatingStanding, actor)
    statement = (
        select(RatingReason, func.count())
        .join(RatingReasonChoice, RatingReasonChoice.reason_id == RatingReason.id)
        .join(RatingStanding, RatingStanding.rating_id == RatingReasonChoice.rating_id)
        .where(*_conditions(RatingStanding, wanted), *scope, *_not_own(actor))
        .group_by(RatingReason.id)
        .order_by(func.count().desc(), RatingReason.id)
    )
    with unscoped(session, "review"), including_deleted(session):
        counts = [ReasonCount(reason, count) for reason, count in session.execute(statement)]
    return [count for count in counts if _sees_sensitive(actor) or not count.reason.is_sensitive]


def _sees_sensitive(actor: Actor) -> bool:
    return reach_of(actor) is ScopeLevel.ALL


def _not_own(actor: Actor) -> list[ColumnElement[bool]]:
    if not actor.interested_staff_ids:
        return []
    return [(RatingStanding.staff_id.is_(None)) | RatingStanding.staff_id.not_in(actor.interested_staff_ids)]


def list_comments(session: Session, *, wanted: Filter) -> list[Comment]:
    """Return what citizens wrote, newest day first, at most 200; that single ratings were read goes into the audit.

    Never those about the reader; without the right to see everything, none that names a demand for money.
    """
    actor = actor_of(session)
    statement = (
        select(Rating.id, RatingStanding, RatingText.body)
        .join(RatingStanding, RatingStanding.rating_id == Rating.id)
        .join(RatingEvent, RatingEvent.rating_id == Rating.id)
        .join(RatingText, RatingText.event_id == RatingEvent.id)
        .where(
            RatingText.body.is_not(None),
            RatingStanding.level_id.is_not(None),
            *_conditions(RatingStanding, wanted),
            *_scope(RatingStanding, actor),
            *_not_own(actor),
        )
        .order_by(RatingStanding.local_date.desc(), Rating.public_id)
        .limit(MOST_COMMENTS)
    )
    with unscoped(session, "review"), including_deleted(session):
        rows = session.execute(statement).all()
        comments = _with_reasons(session, rows)
    seen = [
        (rating_id, comment)
        for rating_id, comment in comments
        if _sees_sensitive(actor) or not any(reason.is_sensitive for reason in comment.reasons)
    ]
    if seen:
        record_act(session, "rating", wanted.staff_id or "", "read", ratings=[rating_id for rating_id, _ in seen])
    return [comment for _, comment in seen]


def _with_reasons(session: Session, rows: Iterable[Any]) -> list[tuple[int, Comment]]:
    rows = list(rows)
    ids = [row[0] for row in rows]
    reasons: dict[int, list[RatingReason]] = defaultdict(list)
    for rating_id, reason in session.execute(
        select(RatingReasonChoice.rating_id, RatingReason)
        .join(RatingReason, RatingReason.id == RatingReasonChoice.reason_id)
        .where(RatingReasonChoice.rating_id.in_(ids))
        .order_by(RatingReason.position)
    ):
        reasons[rating_id].append(reason)
    levels = {
        level.id: level
        for level in session.scalars(select(RatingLevel).where(RatingLevel.id.in_({row[1].level_id for row in rows})))
    }
    staff = {
        person.id: person
        for person in session.scalars(select(Staff).where(Staff.id.in_({row[1].staff_id for row in rows})))
    }
    return [
        (
            rating_id,
            Comment(
                standing.local_date,
                levels[standing.level_id],
                reasons[rating_id],
                text,
                staff.get(standing.staff_id),
            ),
        )
        for rating_id, standing, text in rows
    ]


def list_departments(session: Session) -> list[Department]:
    """Return the departments whose servants the reader may review, by name."""
    actor = actor_of(session)
    reach = reach_of(actor)
    statement: Select[Department] = (
        select(Department)
        .where(Department.id.in_(select(Staff.department_id).distinct()))
        .order_by(Department.name_sort)
    )
    if reach is ScopeLevel.TREE:
        statement = statement.where(Department.id.in_(actor.tree_ids))
    elif reach is not ScopeLevel.ALL:
        statement = statement.where(Department.id.in_(actor.department_ids))
    with unscoped(session, "review"), including_deleted(session):
        return list(session.scalars(statement))


def find_servant(session: Session, *, staff_id: int) -> Staff | None:
    """Return a servant whose single page the reader may open: in reach, and not the reader."""
    actor = actor_of(session)
    reach = reach_of(actor)
    if staff_id in actor.interested_staff_ids:
        return None
    statement = select(Staff).where(Staff.id == staff_id)
    if reach is ScopeLevel.TREE:
        statement = statement.where(Staff.department_id.in_(actor.tree_ids))
    elif reach is ScopeLevel.DEPARTMENT:
        statement = statement.where(Staff.department_id.in_(actor.department_ids))
    elif reach is not ScopeLevel.ALL:
        return None
    with unscoped(session, "review"), including_deleted(session):
        return session.scalar(statement)
