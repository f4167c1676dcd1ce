"""Ratings: what a citizen does to an ask, taken in as events exactly once, and what they come to.

Rules: docs/adr/0013-asks-and-ratings.md. A key names an event: the same key with the same body gets the same answer,
with another body it is refused; whoever does not know the rating's own key cannot add to it.
"""

import hashlib
import json
import secrets
import unicodedata
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, joinedload, selectinload

from models.base import _
from models.evaluation import (
    Ask,
    Rating,
    RatingEvent,
    RatingEventKind,
    RatingReasonChoice,
    RatingStanding,
    RatingText,
    Surface,
)
from models.ids import public_id
from models.rating_scale import LANGUAGES, RatingLevel, RatingScale
from services.asks import check_answerable, close_rated
from services.scales import find_shown_scale
from services.session import ConflictError, UserError, unscoped

CORRECTION = timedelta(seconds=8)
ADDITION = timedelta(minutes=30)
LONGEST_TEXT = 1000
LONGEST_KEY = 80


class RatingBodyError(UserError):
    """The event does not fit the questionnaire it says it was shown."""

    message = _("This answer does not fit the question. Load the page again and choose once more.")


class KeyReusedError(UserError):
    """One key for two different events."""

    message = _("This was already sent with other content. Load the page again.")


class AskAlreadyRatedError(ConflictError):
    """Somebody else answered this ask first."""

    message = _("This visit has already been rated. Thank you.")


@dataclass(frozen=True, kw_only=True, slots=True)
class CitizenEvent:
    """One thing a citizen did, as the device or phone tells it.

    ``key`` names this event, ``rating_key`` the rating it belongs to; both are made where the citizen taps.
    ``sequence`` orders the events of a rating; ``level`` is the place of the tapped face, ``reasons`` are codes.
    """

    key: str
    rating_key: str
    kind: RatingEventKind
    sequence: int
    occurred_at: datetime
    scale_id: int
    level: int | None = None
    level_order: tuple[int, ...] = ()
    reasons: tuple[str, ...] = ()
    text: str = ""
    language: str = "vi"

    def body_hash(self, ask: Ask, salt: str = "") -> str:
        """Return SHA-256 over everything; a text is salted, so that once erased it cannot be guessed back."""
        body = asdict(self) | {"ask": ask.public_id, "occurred_at": self.occurred_at.isoformat()}
        return hashlib.sha256((salt + json.dumps(body, sort_keys=True, ensure_ascii=False)).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Standing:
    """What the events of a rating come to: the effective level, None where it was taken back."""

    level_id: int | None
    reason_ids: tuple[int, ...] = ()


def standing_of(events: Sequence[RatingEvent]) -> Standing:
    """Return what ``events``, in their sequence, come to.

    The effective score is the last one within 8 seconds of the first; taking it back within these 8 seconds leaves
    none, and the next tap begins anew. Later scores and withdrawals are kept and change nothing.
    """
    first: datetime | None = None
    level_id: int | None = None
    reason_ids: tuple[int, ...] = ()
    for event in sorted(events, key=lambda event: event.sequence):
        in_time = first is not None and event.occurred_at - first <= CORRECTION
        if event.kind is RatingEventKind.SCORE and (first is None or in_time):
            first = first or event.occurred_at
            level_id = event.level_id
        elif event.kind is RatingEventKind.WITHDRAW and in_time:
            first, level_id, reason_ids = None, None, ()
        elif event.kind is RatingEventKind.REASONS:
            reason_ids = tuple(event.reason_ids or ())
    return Standing(level_id, reason_ids)


def record_rating_event(
    session: Session,
    *,
    ask: Ask,
    event: CitizenEvent,
    surface: Surface,
    at: datetime,
    tablet_id: int | None = None,
) -> Rating:
    """Return the rating after ``event``; the first score makes it, which closes the ask.

    Raises: AskClosedError, AskNotShownError, AskAlreadyRatedError, KeyReusedError, RatingBodyError
    """
    with unscoped(session, "an answer of a citizen"):
        known = session.scalar(select(RatingEvent).where(RatingEvent.key == event.key))
        if known is not None:
            return _repeat(session, known, event, ask)
        scale = _check_body(event, find_shown_scale(session, event.scale_id))
        rating = session.scalar(select(Rating).where(Rating.ask_id == ask.id))
        if rating is None:
            rating = _begin(session, ask, event, surface, at, tablet_id)
        elif rating.key != event.rating_key:
            raise AskAlreadyRatedError
        if rating.scale_id != event.scale_id or event.occurred_at - rating.occurred_at > ADDITION:
            raise RatingBodyError
        return _add(session, rating, event, ask, scale, at)


def record_phone_event(
    session: Session,
    *,
    ask: Ask,
    key: str,
    rating_key: str,
    kind: RatingEventKind,
    scale_id: int,
    at: datetime,
    level: int | None = None,
    level_order: tuple[int, ...] = (),
    reasons: tuple[str, ...] = (),
    text: str = "",
    language: str = "vi",
) -> Rating:
    """Record what somebody did on their own phone: the time is the centre's, and a form sent twice counts once.

    Raises: as ``record_rating_event``
    """
    known = session.scalar(select(RatingEvent).where(RatingEvent.key == key))
    last = session.scalar(
        select(func.max(RatingEvent.sequence))
        .join(Rating, Rating.id == RatingEvent.rating_id)
        .where(Rating.key == rating_key)
    )
    event = CitizenEvent(
        key=key,
        rating_key=rating_key,
        kind=kind,
        sequence=known.sequence if known else (last or 0) + 1,
        occurred_at=known.occurred_at if known else at,
        scale_id=scale_id,
        level=level,
        level_order=level_order,
        reasons=reasons,
        text=text,
        language=language,
    )
    return record_rating_event(session, ask=ask, event=event, surface=Surface.PHONE, at=at)


def find_rating(session: Session, *, ask: Ask, rating_key: str) -> Rating | None:
    """Return the rating of ``ask`` if ``rating_key`` is its own; None for everybody else."""
    return session.scalar(
        select(Rating)
        .where(Rating.ask_id == ask.id, Rating.key == rating_key)
        .options(joinedload(Rating.standing), selectinload(Rating.events))
    )


def can_take_back(rating: Rating, *, at: datetime) -> bool:
    """Return whether the eight seconds of the score that stands are not over yet."""
    scores = [event.occurred_at for event in rating.events if event.kind is RatingEventKind.SCORE]
    return rating.standing.level_id is not None and at - max(scores) <= CORRECTION


def _repeat(session: Session, known: RatingEvent, event: CitizenEvent, ask: Ask) -> Rating:
    salt = session.scalar(select(RatingText.salt).where(RatingText.event_id == known.id)) or ""
    if known.body_hash != event.body_hash(ask, salt):
        raise KeyReusedError
    return known.rating


def _check_body(event: CitizenEvent, scale: RatingScale | None) -> RatingScale:
    if scale is None or not event.key or not event.rating_key:
        raise RatingBodyError
    values = [level.value for level in scale.levels]
    is_score = event.kind is RatingEventKind.SCORE
    faults = (
        max(len(event.key), len(event.rating_key)) > LONGEST_KEY,
        is_score != (event.level is not None) or (is_score and event.level not in values),
        is_score and sorted(event.level_order) != values,
        bool(event.reasons) and event.kind is not RatingEventKind.REASONS,
        not set(event.reasons) <= {reason.code for reason in scale.reasons},
        bool(event.text) != (event.kind in (RatingEventKind.TEXT, RatingEventKind.CONTACT)),
        len(event.text) > LONGEST_TEXT,
        event.language not in LANGUAGES,
        event.sequence < 0,
    )
    if any(faults):
        raise RatingBodyError
    return scale


def _begin(
    session: Session, ask: Ask, event: CitizenEvent, surface: Surface, at: datetime, tablet_id: int | None
) -> Rating:
    if event.kind is not RatingEventKind.SCORE:
        raise RatingBodyError
    check_answerable(ask, surface=surface, occurred_at=min(event.occurred_at, at))
    rating = Rating(
        public_id=public_id(at),
        key=event.rating_key,
        ask_id=ask.id,
        staff_id=ask.staff_id,
        counter_id=ask.counter_id,
        department_id=ask.department_id,
        local_date=ask.local_date,
        is_training=ask.is_training,
        scale_id=event.scale_id,
        level_order=list(event.level_order),
        language=event.language,
        surface=surface,
        tablet_id=tablet_id,
        occurred_at=event.occurred_at,
        recorded_at=at,
    )
    try:
        with session.begin_nested():
            session.add(rating)
    except IntegrityError:  # a phone and the tablet answered the same ask at the same time: the first holds
        raise AskAlreadyRatedError from None
    session.add(
        RatingStanding(
            rating_id=rating.id,
            staff_id=rating.staff_id,
            department_id=rating.department_id,
            counter_id=rating.counter_id,
            local_date=rating.local_date,
            is_training=rating.is_training,
            scale_id=rating.scale_id,
        )
    )
    close_rated(session, ask=ask, surface=surface, occurred_at=event.occurred_at, at=at, tablet_id=tablet_id)
    return rating


def _add(session: Session, rating: Rating, event: CitizenEvent, ask: Ask, scale: RatingScale, at: datetime) -> Rating:
    is_reasons = event.kind is RatingEventKind.REASONS
    salt = secrets.token_hex(16) if event.text else ""
    row = RatingEvent(
        rating_id=rating.id,
        key=event.key,
        kind=event.kind,
        sequence=event.sequence,
        occurred_at=event.occurred_at,
        recorded_at=at,
        level_id=next((level.id for level in scale.levels if level.value == event.level), None),
        reason_ids=[reason.id for reason in scale.reasons if reason.code in event.reasons] if is_reasons else None,
        body_hash=event.body_hash(ask, salt),
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:  # the same event twice at the same time, or two events with one number
        known = session.scalar(select(RatingEvent).where(RatingEvent.key == event.key))
        if known is None:
            raise KeyReusedError from None
        return _repeat(session, known, event, ask)
    if event.text:
        session.add(RatingText(event_id=row.id, rating_id=rating.id, salt=salt, body=_clean(event.text)))
    _store_standing(session, rating, wrote=bool(event.text))
    return rating


def _clean(text: str) -> str:
    """Return ``text`` in NFC without control characters, which no citizen types and no screen should show."""
    composed = unicodedata.normalize("NFC", text)
    return "".join(c for c in composed if c == "\n" or unicodedata.category(c) not in ("Cc", "Cf", "Cs")).strip()


def _store_standing(session: Session, rating: Rating, *, wrote: bool = False) -> None:
    events = session.scalars(select(RatingEvent).where(RatingEvent.rating_id == rating.id)).all()
    standing = standing_of(events)
    row = session.get_one(RatingStanding, rating.id)
    level = session.get(RatingLevel, standing.level_id) if standing.level_id is not None else None
    row.level_id = standing.level_id
    row.value, row.polarity = (level.value, level.polarity) if level is not None else (None, None)
    row.has_text = row.has_text or wrote
    session.execute(delete(RatingReasonChoice).where(RatingReasonChoice.rating_id == rating.id))
    session.add_all(RatingReasonChoice(rating_id=rating.id, reason_id=reason) for reason in standing.reason_ids)
    session.flush()


def verify_standings(session: Session) -> list[int]:
    """Return the ratings whose stored standing is not what their append-only events come to; normally none."""
    wrong = []
    with unscoped(session, "checking ratings against their events"):
        for rating in session.scalars(select(Rating).execution_options(yield_per=500)):
            standing = standing_of(rating.events)
            reasons = session.scalars(
                select(RatingReasonChoice.reason_id).where(RatingReasonChoice.rating_id == rating.id)
            )
            level = session.get(RatingLevel, standing.level_id) if standing.level_id is not None else None
            row = rating.standing
            stored = (row.level_id, row.value, row.polarity, set(reasons))
            expected = (
                standing.level_id,
                level.value if level is not None else None,
                level.polarity if level is not None else None,
                set(standing.reason_ids),
            )
            if stored != expected:
                wrong.append(rating.id)
    return wrong
