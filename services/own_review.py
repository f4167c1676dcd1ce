"""What a servant sees of their own ratings: nothing that could tell who rated, when, or whether a visit was rated.

Figures come in closed blocks of whole days: a block closes at the end of the day on which it holds five ratings, and
is never cut differently afterwards, so that no two looks and no two periods can be subtracted to single a rating out.
Comments come in batches of whole weeks with at least eight of them, shuffled. Today, and what may still change, is
left out; so is what goes outside the unit. Source: evaluation rules, decision 0 and 2.11.
"""

import hashlib
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, NotNullable, exists, select
from sqlalchemy.orm import Session

from evaluation.statistics import COMMENTS_FROM, HIDDEN_BELOW, Interval, wilson_interval
from models.evaluation import Rating, RatingEvent, RatingReasonChoice, RatingStanding, RatingText
from models.rating_scale import Polarity, RatingReason
from services.localtime import local_date
from services.session import DeniedError, actor_of, unscoped

SETTLED_AFTER = timedelta(days=7)  # as long as a slip's code can still be answered


@dataclass(frozen=True, slots=True)
class Block:
    """A run of whole days with at least five ratings."""

    first: date
    last: date
    satisfied: int
    neutral: int
    bad: int

    @property
    def rated(self) -> int:
        return self.satisfied + self.neutral + self.bad

    @property
    def interval(self) -> Interval | None:
        return wilson_interval(self.satisfied, self.rated)


@dataclass(frozen=True, slots=True)
class CommentBatch:
    """The comments of whole weeks, in no order."""

    first: date
    last: date
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OwnReview:
    blocks: list[Block]
    batches: list[CommentBatch]

    @property
    def total(self) -> Block | None:
        """All closed blocks as one."""
        if not self.blocks:
            return None
        return Block(
            self.blocks[0].first,
            self.blocks[-1].last,
            sum(block.satisfied for block in self.blocks),
            sum(block.neutral for block in self.blocks),
            sum(block.bad for block in self.blocks),
        )


def summarise_own_review(session: Session, *, today: date) -> OwnReview:
    """Return what the session's actor may see of their own ratings on the local day ``today``.

    Raises: DeniedError for who is nobody's staff record or may not read reviews at all
    """
    actor = actor_of(session)
    if actor.staff_id is None or actor.permit("review", "read") is None:
        raise DeniedError("review", "read")
    until = today - SETTLED_AFTER
    with unscoped(session, "own ratings"):
        days = _count_days(session, actor.staff_id, until)
        texts = _list_texts(session, actor.staff_id, until)
    return OwnReview(close_blocks(days), close_batches(texts, until))


def _count_days(session: Session, staff_id: int, until: date) -> dict[date, dict[Polarity, int]]:
    rows = session.execute(
        select(RatingStanding.local_date, NotNullable(RatingStanding.polarity), Rating.recorded_at)
        .join(Rating, Rating.id == RatingStanding.rating_id)
        .where(*_settled(staff_id, until))
        .order_by(RatingStanding.local_date)
    )
    days: dict[date, dict[Polarity, int]] = defaultdict(lambda: defaultdict(int))
    for day, polarity, recorded_at in rows:
        if _came_in_time(day, recorded_at):
            days[day][polarity] += 1
    return days


def _settled(staff_id: int, until: date) -> list[ColumnElement[bool]]:
    return [
        RatingStanding.staff_id == staff_id,
        RatingStanding.level_id.is_not(None),
        RatingStanding.is_training.is_(False),
        RatingStanding.local_date < until,
    ]


def _came_in_time(day: date, recorded_at: datetime) -> bool:
    """Whether a rating was known before its day was settled; a later one would show by changing a closed block."""
    return local_date(recorded_at) <= day + SETTLED_AFTER


def close_blocks(days: dict[date, dict[Polarity, int]]) -> list[Block]:
    """Return the closed blocks of ``{day: {polarity: count}}``, days in order; what is left over waits."""
    blocks: list[Block] = []
    first: date | None = None
    counts: dict[Polarity, int] = defaultdict(int)
    for day, of_day in days.items():
        first = first or day
        for polarity, count in of_day.items():
            counts[polarity] += count
        if sum(counts.values()) >= HIDDEN_BELOW:
            blocks.append(
                Block(first, day, counts[Polarity.POSITIVE], counts[Polarity.NEUTRAL], counts[Polarity.NEGATIVE])
            )
            first, counts = None, defaultdict(int)
    return blocks


def _list_texts(session: Session, staff_id: int, until: date) -> list[tuple[date, str, str]]:
    goes_outside = (
        exists()
        .where(RatingReasonChoice.rating_id == RatingStanding.rating_id)
        .where(RatingReason.id == RatingReasonChoice.reason_id, RatingReason.is_sensitive)
    )
    rows = session.execute(
        select(RatingStanding.local_date, RatingEvent.key, RatingText.body, RatingEvent.recorded_at)
        .join(RatingEvent, RatingEvent.rating_id == RatingStanding.rating_id)
        .join(RatingText, RatingText.event_id == RatingEvent.id)
        .where(*_settled(staff_id, until), RatingText.body.is_not(None), ~goes_outside)
        .order_by(RatingStanding.local_date)
    )
    return [(day, key, body) for day, key, body, at in rows if body and _came_in_time(day, at)]


def close_batches(texts: list[tuple[date, str, str]], until: date) -> list[CommentBatch]:
    """Return batches of whole weeks with eight comments or more from ``[(day, key, text), ...]`` by day.

    The order inside a batch comes from a hash of the keys: the same at each look, and no trace of the time.
    """
    weeks: dict[date, list[tuple[str, str]]] = defaultdict(list)
    for day, key, body in texts:
        weeks[day - timedelta(days=day.weekday())].append((key, body))
    batches: list[CommentBatch] = []
    first: date | None = None
    waiting: list[tuple[str, str]] = []
    for monday in sorted(weeks):
        sunday = monday + timedelta(days=6)
        if sunday >= until:
            break
        first = first or monday
        waiting += weeks[monday]
        if len(waiting) >= COMMENTS_FROM:
            shuffled = sorted(waiting, key=lambda item: hashlib.sha256(item[0].encode()).digest())
            batches.append(CommentBatch(first, sunday, tuple(body for _, body in shuffled)))
            first, waiting = None, []
    return batches
