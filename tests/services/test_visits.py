"""Tickets, calls and dealings: gapless numbers, nobody called twice, one dealing at a time."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.actor import Actor
from models.dossier import Dossier
from models.evaluation import Ask
from models.organisation import Counter
from models.staff import StaffKind
from models.visit import Presence, TransactionKind, Visit
from services.dossiers import receive_dossier
from services.errors import DeniedError
from services.localtime import local_date
from services.session import acting, unscoped
from services.visits import (
    DealingFinishedError,
    DealingOpenError,
    ServantMissingError,
    VisitorGoneError,
    admit_walk_in,
    begin_counselling,
    call_next,
    count_counselled,
    count_waiting,
    find_current_visit,
    find_open_transactions,
    finish_transaction,
    leave,
    open_transaction,
    register_visit,
)
from tests.support.centre import Centre

MINUTE = timedelta(minutes=1)


@pytest.fixture
def centre(session, now) -> Centre:
    return Centre(session, now)


def arrive(centre: Centre, minute: int = 0, **facts) -> Visit:
    return register_visit(centre.session, site=centre.site, at=centre.at + minute * MINUTE, **facts)


def test_tickets_count_per_day_and_training_apart(centre):
    today = [arrive(centre, minute).ticket_number for minute in range(3)]
    drill = arrive(centre, is_training=True).ticket_number
    tomorrow = arrive(centre, 24 * 60).ticket_number

    assert (today, drill, tomorrow) == ([1, 2, 3], 1, 1)


def test_the_longest_waiting_is_called_and_the_visitor_before_leaves(centre, now):
    first, second = arrive(centre, 0), arrive(centre, 1)

    with centre.acting_as(centre.clerk, centre.counter) as session:
        assert count_waiting(session, centre.counter, now) == 2
        assert call_next(session, counter=centre.counter, at=now + 2 * MINUTE) is first
        assert call_next(session, counter=centre.counter, at=now + 3 * MINUTE) is second
        assert call_next(session, counter=centre.counter, at=now + 4 * MINUTE) is None
        assert find_current_visit(session, centre.counter) is None

    assert (first.called_at, first.left_at, second.left_at) == (
        now + 2 * MINUTE, now + 3 * MINUTE, now + 4 * MINUTE,
    )  # fmt: skip


def test_who_came_for_another_department_or_counter_waits_for_it(centre, now):
    arrive(centre, 0, department=centre.justice)
    for_colleague = arrive(centre, 1, counter=centre.other_counter)
    for_us = arrive(centre, 2, department=centre.transport)

    with centre.acting_as(centre.clerk, centre.counter) as session:
        assert call_next(session, counter=centre.counter, at=now + 3 * MINUTE) is for_us
    with centre.acting_as(centre.clerk, centre.other_counter) as session:
        assert call_next(session, counter=centre.other_counter, at=now + 3 * MINUTE) is for_colleague


def test_nobody_calls_for_a_colleagues_counter(centre, now):
    arrive(centre)

    with centre.acting_as(centre.clerk, centre.other_counter) as session, pytest.raises(DeniedError):
        call_next(session, counter=centre.counter, at=now)


def test_an_intake_ends_with_an_ask_for_the_servant(centre, now):
    visit = arrive(centre)
    with centre.acting_as(centre.clerk, centre.counter) as session:
        call_next(session, counter=centre.counter, at=now + MINUTE)
        dealing = open_transaction(
            session, kind=TransactionKind.INTAKE, counter=centre.counter, visit=visit, at=now + MINUTE
        )
        dossier = receive_dossier(session, intake=centre.intake(), counter=centre.counter, at=now + 5 * MINUTE)
        finish_transaction(session, transaction=dealing, dossier=dossier, at=now + 5 * MINUTE)

    ask = centre.session.scalars(select(Ask)).one()
    assert (ask.visit_id, ask.staff_id) == (visit.id, centre.clerk.staff_id)
    assert (dealing.dossier_id, dealing.finished_at) == (dossier.id, now + 5 * MINUTE)
    assert visit.applicant_id == dossier.applicant_id


def test_who_came_without_a_ticket_belongs_to_a_visit_too(centre, now):
    with centre.acting_as(centre.clerk, centre.counter) as session:
        visit = admit_walk_in(session, counter=centre.counter, at=now)

        assert find_current_visit(session, centre.counter) is visit
    assert (visit.ticket_number, visit.arrived_at, visit.called_at) == (1, now, now)


def test_only_staff_can_serve(centre, now):
    with pytest.raises(ServantMissingError):
        open_transaction(centre.session, kind=TransactionKind.COUNSELLING, counter=centre.counter, at=now)


def test_training_is_asked_on_the_tablet_and_marked(centre, now):
    visit = arrive(centre, is_training=True)
    with centre.acting_as(centre.clerk, centre.counter) as session:
        call_next(session, counter=centre.counter, at=now + MINUTE)
        dealing = open_transaction(
            session, kind=TransactionKind.INTAKE, counter=centre.counter, visit=visit, at=now + MINUTE
        )
        finish_transaction(session, transaction=dealing, at=now + 2 * MINUTE)

    assert dealing.is_training
    assert [ask.is_training for ask in centre.session.scalars(select(Ask))] == [True]


def test_volunteers_counsel_and_do_nothing_else(centre, now):
    helper = centre.make_user("VOLUNTEER", centre.hall)
    helper.staff.kind = StaffKind.VOLUNTEER
    with centre.acting_as(helper) as session:
        register_visit(session, site=centre.site, at=now)
        counselling = begin_counselling(session, at=now)
        with pytest.raises(DealingOpenError):
            begin_counselling(session, at=now)
        finish_transaction(
            session,
            transaction=counselling,
            procedure_id=centre.licence.id,
            note=" Đổi bằng lái ",
            at=now + 30 * MINUTE,
        )
        counted = count_counselled(session, staff_id=helper.staff.id, day=local_date(now))
        with pytest.raises(DeniedError):
            open_transaction(session, kind=TransactionKind.COUNSELLING, counter=centre.counter, at=now)
        with pytest.raises(DeniedError):
            receive_dossier(session, intake=centre.intake(), counter=centre.counter, at=now)
        assert session.scalars(select(Dossier)).all() == []

    assert (counselling.kind, counselling.note, counselling.procedure) == (
        TransactionKind.COUNSELLING, "Đổi bằng lái", centre.licence,
    )  # fmt: skip
    assert (counselling.finished_at - counselling.started_at, counted) == (30 * MINUTE, 1)
    assert centre.session.scalars(select(Ask)).all() == []


def test_one_dealing_at_a_time(centre, now):
    visit = arrive(centre)
    with centre.acting_as(centre.clerk, centre.counter) as session:
        call_next(session, counter=centre.counter, at=now)
        dealing = open_transaction(
            session, kind=TransactionKind.COUNSELLING, counter=centre.counter, visit=visit, at=now
        )
        assert find_open_transactions(session, centre.counter) == [dealing]
        with pytest.raises(DealingOpenError):
            open_transaction(session, kind=TransactionKind.INTAKE, counter=centre.counter, visit=visit, at=now)
        with pytest.raises(DealingOpenError):
            call_next(session, counter=centre.counter, at=now)
        with pytest.raises(DealingOpenError):
            leave(session, visit=visit, at=now)
        finish_transaction(session, transaction=dealing, at=now + MINUTE)
        with pytest.raises(DealingFinishedError):
            finish_transaction(session, transaction=dealing, at=now + MINUTE)
        leave(session, visit=visit, at=now + MINUTE)
        with pytest.raises(VisitorGoneError):
            open_transaction(session, kind=TransactionKind.INTAKE, counter=centre.counter, visit=visit, at=now)


def test_a_dealing_by_post_needs_no_visitor(centre, now):
    with centre.acting_as(centre.clerk, centre.counter) as session:
        dealing = open_transaction(
            session, kind=TransactionKind.INTAKE, presence=Presence.POST, counter=centre.counter, at=now
        )
        finish_transaction(session, transaction=dealing, kind=TransactionKind.REFUSAL, at=now + MINUTE)

    assert (dealing.kind, dealing.presence, dealing.visit_id) == (TransactionKind.REFUSAL, Presence.POST, None)


def test_eight_counters_at_once_never_get_the_same_visitor(engine, centre, now):
    counters = [centre.make_counter(20 + number, centre.transport) for number in range(8)]
    for minute in range(12):
        arrive(centre, minute)
    keys = [counter.id for counter in counters]
    centre.session.commit()  # reading on would keep the one writer of SQLite waiting
    barrier = Barrier(8)

    def call(counter_id: int) -> int | None:
        barrier.wait()
        with Session(engine) as session, unscoped(session, "test"):
            counter = session.get_one(Counter, counter_id)
            visit = call_next(session, counter=counter, at=now + timedelta(minutes=20))
            number = visit.ticket_number if visit else None
            session.commit()
            return number

    with ThreadPoolExecutor(8) as pool:
        called = list(pool.map(call, keys))

    assert len(set(called)) == 8
    assert set(called) <= set(range(1, 13))


def test_simultaneous_arrivals_get_tickets_without_gap(engine, centre, now):
    site_id = centre.site.id
    centre.session.commit()  # reading on would keep the one writer of SQLite waiting
    barrier = Barrier(8)

    def draw(number: int) -> list[int]:
        barrier.wait()
        drawn = []
        for _ in range(5):
            with Session(engine) as session, acting(session, Actor(system=True, reason="test")):
                site = session.get_one(type(centre.site), site_id)
                drawn.append(register_visit(session, site=site, at=now).ticket_number)
                session.commit()
        return drawn

    with ThreadPoolExecutor(8) as pool:
        tickets = [ticket for drawn in pool.map(draw, range(8)) for ticket in drawn]

    assert sorted(tickets) == list(range(1, 41))
