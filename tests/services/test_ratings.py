"""Ratings: exactly once, corrected within eight seconds, and what attackers get."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.exc import DatabaseError

from models.evaluation import (
    AskState,
    Rating,
    RatingEvent,
    RatingEventKind,
    RatingReasonChoice,
    RatingStanding,
    RatingText,
    Surface,
)
from models.rating_scale import Polarity, RatingReason, RatingScale
from services.asks import AskClosedError, AskNotShownError, issue_ask, record_ask_event, withdraw_asks
from services.ratings import (
    AskAlreadyRatedError,
    CitizenEvent,
    KeyReusedError,
    RatingBodyError,
    record_rating_event,
    standing_of,
    verify_standings,
)
from services.scales import create_scale_version, find_default_scale
from tests.support.evaluation import Hall

SCORE, WITHDRAW = RatingEventKind.SCORE, RatingEventKind.WITHDRAW
REASONS, TEXT = RatingEventKind.REASONS, RatingEventKind.TEXT


def seconds(number: float) -> timedelta:
    return timedelta(seconds=number)


@pytest.fixture
def hall(session, now):
    return Hall(session, now)


@pytest.fixture
def ask(session, hall, now):
    return issue_ask(session, transaction=hall.make_dealing(), at=now)


@pytest.fixture
def scale(session, ask):
    return find_default_scale(session)


@pytest.fixture
def tap(scale, now) -> CitizenEvent:
    return CitizenEvent(
        key="event-1",
        rating_key="rating-1",
        kind=SCORE,
        sequence=1,
        occurred_at=now + seconds(4),
        scale_id=scale.id,
        level=5,
        level_order=(1, 2, 3, 4, 5),
    )


@pytest.fixture
def send(session, ask, now):
    def _send(event, *, to=None, surface=Surface.TABLET, at=None):
        return record_rating_event(
            session, ask=to or ask, event=event, surface=surface, at=at or max(now, event.occurred_at)
        )

    return _send


def follow(tap: CitizenEvent, number: int, kind: RatingEventKind, after: float = 0, **values) -> CitizenEvent:
    fields = {"level": None, "level_order": (), **values}
    return replace(
        tap,
        key=f"event-{number}",
        kind=kind,
        sequence=number,
        occurred_at=tap.occurred_at + seconds(after),
        **fields,
    )


def standing(session) -> tuple:
    row = session.scalars(select(RatingStanding)).one()
    return row.value, row.polarity


def test_one_tap_is_a_rating_with_what_was_shown(session, hall, ask, scale, tap, send, now):
    rating = send(tap)

    assert (rating.ask_id, rating.staff_id, rating.counter_id) == (ask.id, hall.servant.id, hall.counter.id)
    assert (rating.scale_id, rating.level_order, rating.surface) == (scale.id, [1, 2, 3, 4, 5], Surface.TABLET)
    assert (ask.state, ask.showing_end) == (AskState.RATED, AskState.RATED)
    assert standing(session) == (5, Polarity.POSITIVE)


@pytest.mark.parametrize("code", ["FIVE", "FOUR", "THREE"])
def test_every_point_of_every_preset_counts_by_its_polarity(session, hall, tap, send, code, now):
    scale = session.scalar(select(RatingScale).where(RatingScale.code == code))
    order = tuple(level.value for level in scale.levels)

    for level in scale.levels:
        ask = issue_ask(session, transaction=hall.make_dealing(), at=now)
        event = replace(
            tap, key=f"k{level.id}", rating_key=f"r{level.id}", scale_id=scale.id, level=level.value, level_order=order
        )
        rating = send(event, to=ask)
        assert (rating.standing.value, rating.standing.polarity) == (level.value, level.polarity)


def test_the_same_event_again_changes_nothing_and_gets_the_same_answer(session, tap, send):
    first = send(tap)

    assert send(tap, at=tap.occurred_at + timedelta(days=3)) is first
    assert session.scalar(select(func.count()).select_from(RatingEvent)) == 1


def test_the_same_key_with_another_body_is_refused(session, tap, send):
    send(tap)

    with pytest.raises(KeyReusedError) as refusal:
        send(replace(tap, level=1))
    assert refusal.value.status == 422
    assert standing(session) == (5, Polarity.POSITIVE)


def test_the_same_key_for_another_ask_is_refused(session, hall, tap, send, now):
    send(tap)
    other = issue_ask(session, transaction=hall.make_dealing(), at=now)

    with pytest.raises(KeyReusedError):
        send(tap, to=other)


def test_a_second_rating_of_the_same_ask_is_refused(session, tap, send):
    send(tap)

    with pytest.raises(AskAlreadyRatedError) as refusal:
        send(replace(tap, key="other", rating_key="other", level=1), surface=Surface.PHONE)
    assert refusal.value.status == 409
    assert standing(session) == (5, Polarity.POSITIVE)


def test_reasons_from_somebody_who_does_not_know_the_rating_are_refused(tap, send):
    send(replace(tap, level=1))

    with pytest.raises(AskAlreadyRatedError):
        send(replace(follow(tap, 2, REASONS, reasons=("LATE",)), rating_key="guessed"))


def test_the_last_tap_within_eight_seconds_counts(session, tap, send):
    send(tap)
    send(follow(tap, 2, SCORE, 8, level=2, level_order=(1, 2, 3, 4, 5)))

    assert standing(session) == (2, Polarity.NEGATIVE)


def test_a_tap_after_eight_seconds_is_kept_and_changes_nothing(session, tap, send):
    send(tap)
    send(follow(tap, 2, SCORE, 8.1, level=1, level_order=(1, 2, 3, 4, 5)))

    assert standing(session) == (5, Polarity.POSITIVE)
    assert session.scalar(select(func.count()).select_from(RatingEvent)) == 2


def test_a_rating_taken_back_counts_nowhere_and_the_next_tap_begins_anew(session, tap, send):
    send(tap)
    send(follow(tap, 2, WITHDRAW, 5))
    assert standing(session) == (None, None)

    send(follow(tap, 3, SCORE, 30, level=3, level_order=(1, 2, 3, 4, 5)))
    assert standing(session) == (3, Polarity.NEUTRAL)


def test_reasons_and_words_stand_beside_the_score(session, scale, tap, send):
    send(replace(tap, level=1))
    send(follow(tap, 2, REASONS, 6, reasons=("LATE", "MONEY")))
    send(follow(tap, 3, REASONS, 9, reasons=("LATE",)))
    rating = send(follow(tap, 4, TEXT, 20, text="Chờ ba giờ\u202e\x00 mới tới lượt"))

    codes = session.scalars(select(RatingReason.code).join(RatingReasonChoice)).all()
    assert codes == ["LATE"]
    assert session.scalars(select(RatingText.body)).all() == ["Chờ ba giờ mới tới lượt"]
    assert rating.standing.has_text is True


def test_the_same_words_again_are_taken_once_and_other_words_refused(session, tap, send):
    send(replace(tap, level=1))
    words = follow(tap, 2, TEXT, 20, text="Chờ lâu")
    send(words)
    send(words)

    with pytest.raises(KeyReusedError):
        send(replace(words, text="Rất tốt"))
    assert session.scalars(select(RatingText.body)).all() == ["Chờ lâu"]


def test_words_half_an_hour_later_are_refused(tap, send):
    send(replace(tap, level=1))

    with pytest.raises(RatingBodyError):
        send(follow(tap, 2, TEXT, 1801, text="Chờ lâu"))


@pytest.mark.parametrize(
    "change",
    [
        {"level": 6},
        {"level": 0},
        {"level": None},
        {"level_order": (1, 2, 3, 4)},
        {"level_order": (1, 1, 2, 3, 4)},
        {"reasons": ("LATE",)},
        {"text": "x"},
        {"key": ""},
        {"rating_key": ""},
        {"key": "k" * 81},
        {"language": "fr"},
        {"sequence": -1},
        {"scale_id": 999},
        {"kind": REASONS, "level": None, "reasons": ("NONSENSE",)},
        {"kind": TEXT, "level": None, "text": "x" * 1001},
        {"kind": TEXT, "level": None},
    ],
)
def test_an_event_that_does_not_fit_the_question_is_refused(session, tap, send, change):
    with pytest.raises(RatingBodyError):
        send(replace(tap, **change))
    assert session.scalar(select(func.count()).select_from(Rating)) == 0


@pytest.mark.parametrize("kind", [WITHDRAW, REASONS])
def test_a_rating_begins_with_a_score(tap, send, kind):
    with pytest.raises(RatingBodyError):
        send(replace(tap, kind=kind, level=None, level_order=()))


def test_a_draft_scale_cannot_be_answered(session, scale, tap, send):
    draft = create_scale_version(session, scale=scale)

    with pytest.raises(RatingBodyError):
        send(replace(tap, scale_id=draft.id))


def test_an_expired_ask_is_refused(tap, send):
    with pytest.raises(AskClosedError):
        send(replace(tap, occurred_at=tap.occurred_at + timedelta(days=8)), surface=Surface.PHONE)


def test_a_voided_ask_is_refused(session, ask, tap, send, now):
    record_ask_event(session, ask=ask, state=AskState.VOIDED, surface=Surface.PHONE, occurred_at=now, at=now)

    with pytest.raises(AskClosedError):
        send(tap)


def test_a_withdrawn_ask_is_refused_on_the_tablet_and_taken_on_a_phone(session, hall, ask, tap, send, now):
    withdraw_asks(session, counter_id=hall.counter.id, at=now, is_dealing=True)

    with pytest.raises(AskNotShownError):
        send(tap)
    assert send(tap, surface=Surface.PHONE).surface is Surface.PHONE


def test_a_device_whose_clock_runs_ahead_cannot_outlive_the_ask_nor_lose_the_rating(session, ask, tap, send, now):
    ahead = replace(tap, occurred_at=now + timedelta(days=400))

    rating = send(ahead, at=now + seconds(5))

    assert (rating.occurred_at, rating.recorded_at) == (ahead.occurred_at, now + seconds(5))


@pytest.mark.parametrize("verb", [delete(Rating), delete(RatingEvent), update(Rating).values(staff_id=None)])
def test_the_database_itself_refuses_to_change_or_delete_a_rating(session, tap, send, verb):
    send(tap)
    session.commit()

    with pytest.raises(DatabaseError, match="append-only"):
        session.execute(verb.execution_options(synchronize_session=False))


def test_a_standing_changed_behind_our_back_is_found(session, tap, send):
    rating = send(replace(tap, level=1))
    assert verify_standings(session) == []

    session.execute(text("UPDATE rating_standing SET value = 5, polarity = 'POSITIVE'"))
    session.expire_all()

    assert verify_standings(session) == [rating.id]


def test_a_training_rating_is_marked_as_such(session, hall, tap, send, now):
    ask = issue_ask(session, transaction=hall.make_dealing(hall.make_visit(is_training=True)), at=now)

    assert send(tap, to=ask).standing.is_training is True


@given(st.lists(st.tuples(st.sampled_from([SCORE, WITHDRAW]), st.integers(0, 20), st.integers(1, 5)), max_size=8))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_without_taking_back_the_last_score_within_eight_seconds_of_the_first_counts(now, taps):
    at, events = now, []
    for number, (kind, pause, level) in enumerate(taps):
        at += seconds(pause)
        level_id = level if kind is SCORE else None
        events.append(RatingEvent(kind=kind, sequence=number, occurred_at=at, level_id=level_id))
    scores = [event for event in events if event.kind is SCORE]
    expected = [e.level_id for e in scores if e.occurred_at - scores[0].occurred_at <= seconds(8)][-1:] or [None]

    assert standing_of(scores).level_id == expected[0]
    assert standing_of(list(reversed(events))) == standing_of(events)
