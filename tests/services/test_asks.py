"""When an ask is minted, shown, withdrawn and closed."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from models.evaluation import AskEvent, AskState, AskTransaction, Surface
from models.staff import StaffKind
from models.visit import Presence, TransactionKind
from services.asks import (
    AskClosedError,
    AskNotShownError,
    AskUnknownError,
    check_answerable,
    expire_asks,
    find_shown_ask,
    get_ask,
    issue_ask,
    record_ask_event,
    withdraw_asks,
)
from tests.support.evaluation import Hall


def seconds(number: float) -> timedelta:
    return timedelta(seconds=number)


@pytest.fixture
def hall(session, now):
    return Hall(session, now)


@pytest.fixture
def ask(session, hall, now):
    return issue_ask(session, transaction=hall.make_dealing(), at=now)


def tell(session, ask, state, at, surface=Surface.TABLET):
    record_ask_event(session, ask=ask, state=state, surface=surface, occurred_at=at, at=at)


def life(session, ask) -> list[tuple[AskState, Surface]]:
    events = session.scalars(
        select(AskEvent).where(AskEvent.ask_id == ask.id).order_by(AskEvent.recorded_at, AskEvent.occurred_at)
    )
    return [(event.state, event.surface) for event in events]


def shown(session, hall, at):
    return find_shown_ask(session, counter_id=hall.counter.id, at=at)


def test_a_finished_dealing_at_the_counter_mints_an_ask(session, hall, ask, now):
    assert (ask.state, ask.staff_id, ask.counter_id, ask.department_id) == (
        AskState.ISSUED,
        hall.servant.id,
        hall.counter.id,
        hall.department.id,
    )
    assert (ask.issued_at, ask.expires_at, str(ask.local_date)) == (now, now + timedelta(days=7), "2017-05-17")
    assert len(ask.token) >= 26
    assert shown(session, hall, now) is ask
    assert life(session, ask) == [(AskState.ISSUED, Surface.SERVER)]


@pytest.mark.parametrize("kind", [StaffKind.VOLUNTEER, StaffKind.COUNSELLOR])
def test_volunteers_and_counsellors_are_never_rated(session, hall, now, kind):
    dealing = hall.make_dealing(staff=hall.make_staff("Trần Văn An", kind), kind=TransactionKind.COUNSELLING)

    assert issue_ask(session, transaction=dealing, at=now) is None


def test_counselling_by_a_public_servant_is_rated(session, hall, now):
    dealing = hall.make_dealing(kind=TransactionKind.COUNSELLING)

    assert issue_ask(session, transaction=dealing, at=now).staff_id == hall.servant.id


@pytest.mark.parametrize("presence", [Presence.POST, Presence.ONLINE, Presence.PHONE])
def test_who_was_not_at_the_counter_is_not_asked(session, hall, now, presence):
    assert issue_ask(session, transaction=hall.make_dealing(presence=presence), at=now) is None


def test_a_dealing_without_a_visit_is_not_asked_about(session, hall, now):
    dealing = hall.make_dealing()
    dealing.visit = None

    assert issue_ask(session, transaction=dealing, at=now) is None


def test_an_open_dealing_cannot_mint(session, hall, now):
    with pytest.raises(ValueError, match="still open"):
        issue_ask(session, transaction=hall.make_dealing(finished_at=None), at=now)


def test_fifteen_dossiers_of_one_agent_are_one_ask(session, hall, now):
    visit = hall.make_visit()
    asks = {
        issue_ask(session, transaction=hall.make_dealing(visit, now + seconds(60 * i)), at=now + seconds(60 * i))
        for i in range(15)
    }

    assert len(asks) == 1
    assert len(session.scalars(select(AskTransaction)).all()) == 15


def test_minting_twice_for_one_dealing_changes_nothing(session, hall, now):
    dealing = hall.make_dealing()
    first = issue_ask(session, transaction=dealing, at=now)

    assert issue_ask(session, transaction=dealing, at=now + seconds(5)) is first
    assert life(session, first) == [(AskState.ISSUED, Surface.SERVER)]


def test_two_servants_of_one_visit_are_two_asks(session, hall, ask, now):
    visit_id = ask.visit_id
    other = hall.make_dealing(staff=hall.make_staff("Lê Văn Bình"), counter=hall.make_counter(4))
    other.visit_id = visit_id
    session.flush()

    assert issue_ask(session, transaction=other, at=now).id != ask.id


def test_an_ask_waits_while_a_dealing_of_the_visit_is_open(session, hall, now):
    visit = hall.make_visit()
    ask = issue_ask(session, transaction=hall.make_dealing(visit), at=now)
    second = hall.make_dealing(visit, now + seconds(60), finished_at=None)

    assert shown(session, hall, now + seconds(1)) is None
    second.finished_at = now + seconds(90)
    assert issue_ask(session, transaction=second, at=now + seconds(90)) is ask
    assert shown(session, hall, now + seconds(91)) is ask


def test_another_counter_shows_nothing(session, hall, ask, now):
    assert find_shown_ask(session, counter_id=hall.make_counter(9).id, at=now) is None


def test_call_next_withdraws_at_once_after_fifteen_seconds(session, hall, ask, now):
    tell(session, ask, AskState.SHOWN, now + seconds(1))

    assert withdraw_asks(session, counter_id=hall.counter.id, at=now + seconds(16)) is None
    assert (ask.state, ask.showing_end) == (AskState.WITHDRAWN, AskState.WITHDRAWN)
    assert shown(session, hall, now + seconds(16)) is None


def test_call_next_waits_until_the_ask_was_shown_for_fifteen_seconds(session, hall, ask, now):
    tell(session, ask, AskState.SHOWN, now + seconds(1))

    gone_at = withdraw_asks(session, counter_id=hall.counter.id, at=now + seconds(4))

    assert gone_at == now + seconds(16)
    assert shown(session, hall, now + seconds(15.9)) is ask
    assert shown(session, hall, now + seconds(16)) is None
    withdraw_asks(session, counter_id=hall.counter.id, at=now + seconds(40))
    withdrawn = session.scalar(select(AskEvent).where(AskEvent.state == AskState.WITHDRAWN))
    assert (withdrawn.occurred_at, withdrawn.recorded_at) == (now + seconds(16), now + seconds(40))


@pytest.mark.parametrize("wrong", [timedelta(hours=-3), timedelta(minutes=-7), timedelta(minutes=20)])
def test_a_wrong_clock_of_the_tablet_neither_hides_nor_keeps_an_ask(session, hall, ask, now, wrong):
    at = now + seconds(2)
    record_ask_event(
        session, ask=ask, state=AskState.SHOWN, surface=Surface.TABLET, occurred_at=at + wrong, at=at
    )  # fmt: skip

    assert shown(session, hall, at + seconds(60)) is ask
    withdraw_asks(session, counter_id=hall.counter.id, at=now + seconds(18))
    assert shown(session, hall, now + seconds(18)) is None


def test_a_quick_call_next_cannot_keep_an_ask_from_being_shown(session, hall, ask, now):
    withdraw_asks(session, counter_id=hall.counter.id, at=now)

    assert shown(session, hall, now + seconds(2)) is ask
    tell(session, ask, AskState.SHOWN, now + seconds(2))
    assert shown(session, hall, now + seconds(16)) is ask
    assert shown(session, hall, now + seconds(17)) is None


@pytest.mark.parametrize("wrong", [timedelta(days=1), timedelta(days=-1)], ids=["a day ahead", "a day behind"])
def test_a_device_whose_clock_is_wrong_shows_and_withdraws_like_any_other(session, hall, ask, now, wrong):
    at = now + seconds(1)
    record_ask_event(session, ask=ask, state=AskState.SHOWN, surface=Surface.TABLET, occurred_at=at + wrong, at=at)

    assert shown(session, hall, now + seconds(10)) is ask
    assert withdraw_asks(session, counter_id=hall.counter.id, at=now + seconds(10)) == now + seconds(16)
    assert shown(session, hall, now + seconds(16)) is None
    told = session.scalar(select(AskEvent).where(AskEvent.state == AskState.SHOWN))
    assert (told.occurred_at, told.recorded_at) == (at + wrong, at)


def test_the_next_dealing_withdraws_at_once(session, hall, ask, now):
    tell(session, ask, AskState.SHOWN, now + seconds(1))

    withdraw_asks(session, counter_id=hall.counter.id, at=now + seconds(2), is_dealing=True)

    assert ask.state is AskState.WITHDRAWN


def test_a_further_dealing_of_the_same_visit_has_the_ask_shown_again(session, hall, now):
    visit = hall.make_visit()
    ask = issue_ask(session, transaction=hall.make_dealing(visit), at=now)
    tell(session, ask, AskState.SHOWN, now + seconds(1))
    withdraw_asks(session, counter_id=hall.counter.id, at=now + seconds(20), is_dealing=True)

    later = now + seconds(200)
    issue_ask(session, transaction=hall.make_dealing(visit, later), at=later)

    assert (ask.state, ask.shown_at, ask.showing_at, ask.showing_end) == (
        AskState.ISSUED,
        now + seconds(1),
        None,
        None,
    )
    assert shown(session, hall, later) is ask


def test_who_declined_is_not_asked_again(session, hall, now):
    visit = hall.make_visit()
    ask = issue_ask(session, transaction=hall.make_dealing(visit), at=now)
    tell(session, ask, AskState.SHOWN, now + seconds(1))
    tell(session, ask, AskState.DECLINED, now + seconds(3))

    issue_ask(session, transaction=hall.make_dealing(visit, now + seconds(60)), at=now + seconds(60))

    assert (ask.state, shown(session, hall, now + seconds(61))) == (AskState.DECLINED, None)


def test_every_step_is_written_down_once_however_often_it_is_told(session, ask, now):
    for state, at in [(AskState.SHOWN, 1), (AskState.SHOWN, 2), (AskState.TOUCHED, 3), (AskState.TOUCHED, 4)]:
        tell(session, ask, state, now + seconds(at))
    for at in (90, 91):
        tell(session, ask, AskState.TIMED_OUT, now + seconds(at))

    assert life(session, ask) == [
        (AskState.ISSUED, Surface.SERVER),
        (AskState.SHOWN, Surface.TABLET),
        (AskState.TOUCHED, Surface.TABLET),
        (AskState.TIMED_OUT, Surface.TABLET),
    ]


def test_a_showing_told_too_late_still_counts_as_shown(session, hall, ask, now):
    withdraw_asks(session, counter_id=hall.counter.id, at=now + seconds(30))
    tell(session, ask, AskState.SHOWN, now + seconds(31))

    assert (ask.state, ask.shown_at) == (AskState.WITHDRAWN, now + seconds(31))


def test_a_device_cannot_tell_what_only_the_centre_decides(session, ask, now):
    with pytest.raises(ValueError, match="not told by a device"):
        tell(session, ask, AskState.RATED, now)


@pytest.mark.parametrize("state", [AskState.DECLINED, AskState.TIMED_OUT])
def test_what_ends_the_showing_leaves_the_slip_open(session, ask, now, state):
    tell(session, ask, state, now + seconds(5))

    check_answerable(ask, surface=Surface.PHONE, occurred_at=now + timedelta(days=6))
    with pytest.raises(AskNotShownError):
        check_answerable(ask, surface=Surface.TABLET, occurred_at=now + seconds(60))


def test_a_tap_that_crossed_the_withdrawal_still_counts(session, hall, ask, now):
    withdraw_asks(session, counter_id=hall.counter.id, at=now + seconds(20))

    check_answerable(ask, surface=Surface.TABLET, occurred_at=now + seconds(21))
    with pytest.raises(AskNotShownError):
        check_answerable(ask, surface=Surface.TABLET, occurred_at=now + seconds(23))


def test_another_person_voids_the_ask(session, ask, now):
    tell(session, ask, AskState.VOIDED, now, Surface.PHONE)

    assert ask.state is AskState.VOIDED
    with pytest.raises(AskClosedError):
        check_answerable(ask, surface=Surface.PHONE, occurred_at=now)


def test_after_seven_days_an_ask_is_closed(session, ask, now):
    late = now + timedelta(days=7, seconds=1)

    with pytest.raises(AskClosedError):
        check_answerable(ask, surface=Surface.PHONE, occurred_at=late)
    assert (expire_asks(session, at=late), expire_asks(session, at=late)) == (1, 0)
    assert ask.state is AskState.EXPIRED


def test_a_forgotten_ask_leaves_the_tablet(session, hall, ask, now):
    assert shown(session, hall, now + timedelta(minutes=10)) is None


def test_a_token_opens_only_its_own_counters_ask_on_a_tablet(session, hall, ask):
    assert get_ask(session, token=ask.token, tablet=hall.make_tablet()) is ask
    with pytest.raises(AskUnknownError):
        get_ask(session, token=ask.token, tablet=hall.make_tablet(hall.make_counter(8)))
    with pytest.raises(AskUnknownError):
        get_ask(session, token=ask.public_id)


def test_a_training_visit_mints_a_training_ask(session, hall, now):
    dealing = hall.make_dealing(hall.make_visit(is_training=True))

    assert issue_ask(session, transaction=dealing, at=now).is_training is True


def test_the_tablets_question_costs_one_statement(session, engine, hall, ask, now, count_queries):
    session.commit()
    counter_id = hall.counter.id

    with count_queries(engine) as seen:
        find_shown_ask(session, counter_id=counter_id, at=now)

    selects = [statement for statement in seen if statement.startswith("SELECT")]
    assert len(selects) == 1, "\n".join(selects)


def test_events_of_an_ask_are_append_only(session, ask, now):
    session.commit()
    event = session.scalars(select(AskEvent)).first()

    event.state = AskState.RATED
    with pytest.raises(IntegrityError, match="append-only"):
        session.flush()
