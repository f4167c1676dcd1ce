"""A dossier's way from work to return: each verb, what it needs, and what it refuses."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from itertools import count
from threading import Barrier

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.dossier import Dossier, DossierEvent
from models.process import StepTask
from models.result import Result, Return
from models.staff import Staff
from models.states import FINAL_STATES, DeliveryState, DossierState, EventKind, ResultKind
from services import dossiers
from services.dossier_corrections import SecondPersonNeededError
from services.dossier_events import DossierFacts
from services.dossier_moves import DossierAnnulledError, ReasonMissingError
from services.dossier_return import rebuild_returns
from services.dossier_work import AnswerDatePastError, ForeignResponsibleError, NobodyResponsibleError
from services.errors import ConflictError, DeniedError
from services.record_time import TimeInPastError
from services.session import unscoped
from services.supplements import list_supplements, rebuild_supplements
from services.tasks import TaskFacts, rebuild_tasks
from tests.support.centre import Centre

S = DossierState
HOUR = timedelta(hours=1)


@pytest.fixture
def centre(session, now) -> Centre:
    return Centre(session, now)


@pytest.fixture
def dossier(centre) -> Dossier:
    with centre.acting_as(centre.clerk, centre.counter) as session:
        return dossiers.receive_dossier(session, intake=centre.intake(), counter=centre.counter, at=centre.at)


@pytest.fixture
def working(centre, dossier) -> Dossier:
    with centre.acting_as(centre.officer) as session:
        return dossiers.start_work(session, dossier, at=centre.at + HOUR)


@pytest.fixture
def decided(centre, working) -> Dossier:
    with centre.acting_as(centre.officer) as session:
        dossiers.finish_dossier(
            session, working, kind=ResultKind.GRANTED, document_number="123/GPLX", at=centre.at + 2 * HOUR
        )
    return working


def test_whoever_starts_is_responsible(centre, working):
    assert (working.state, working.responsible_id) == (S.PROCESSING, centre.officer.staff_id)


def test_a_head_gives_work_to_somebody_of_the_department(centre, dossier, now):
    with centre.acting_as(centre.head) as session:
        with pytest.raises(ForeignResponsibleError):
            dossiers.start_work(session, dossier, responsible=centre.stranger.staff, at=now)
        dossiers.start_work(session, dossier, responsible=centre.officer.staff, at=now)
        dossiers.assign_dossier(session, dossier, responsible=centre.head.staff, at=now + HOUR)

    assert dossier.responsible_id == centre.head.staff_id


def test_somebody_must_be_responsible(centre, dossier, now):
    with pytest.raises(NobodyResponsibleError):
        dossiers.start_work(centre.session, dossier, at=now)


def test_a_supplement_stops_the_clock_and_its_arrival_moves_the_due_time(centre, working, now):
    due_before, statutory_before = working.due_at, working.statutory_due_at
    with centre.acting_as(centre.officer) as session:
        dossiers.request_supplement(
            session, working, reason="Thiếu ảnh", answer_by_date=date(2017, 5, 20), at=now + HOUR
        )
        assert working.state is S.SUPPLEMENT
        dossiers.receive_supplement(session, working, at=now + timedelta(days=1))

    assert (working.state, working.state_before) == (S.PROCESSING, None)
    assert working.due_at > due_before
    assert working.statutory_due_at >= statutory_before
    assert working.events[2].facts["answer_by_date"] == "2017-05-20"


def test_under_decree_61_the_whole_limit_counts_from_the_complete_dossier(session):
    centre = Centre(session, datetime(2019, 5, 15, 2, 0, tzinfo=UTC))  # a Wednesday, 09:00 in Vietnam
    with centre.acting_as(centre.clerk, centre.counter) as session:
        dossier = dossiers.receive_dossier(session, intake=centre.intake(), counter=centre.counter, at=centre.at)
    due_before = dossier.due_at
    with centre.acting_as(centre.officer) as session:
        dossiers.request_supplement(session, dossier, reason="Thiếu ảnh", at=centre.at + HOUR)
        dossiers.receive_supplement(session, dossier, at=centre.at + timedelta(days=1))

    assert dossier.due_at == due_before + timedelta(days=1)


def test_a_supplement_asked_before_work_began_leads_back_there(centre, dossier, now):
    with centre.acting_as(centre.officer) as session:
        dossiers.request_supplement(session, dossier, reason="Thiếu ảnh", at=now)
        dossiers.receive_supplement(session, dossier, at=now + HOUR)

    assert dossier.state is S.ACCEPTED


def test_a_supplement_names_what_is_missing_and_a_day_to_come(centre, working, now):
    with centre.acting_as(centre.officer) as session:
        with pytest.raises(ReasonMissingError):
            dossiers.request_supplement(session, working, reason=" ", at=now + HOUR)
        with pytest.raises(AnswerDatePastError):
            dossiers.request_supplement(session, working, reason="a", answer_by_date=date(2017, 5, 16), at=now + HOUR)


def test_a_payment_is_waited_for(centre, dossier, now):
    with centre.acting_as(centre.officer) as session:
        dossiers.request_payment(session, dossier, reason="Lệ phí trước bạ", at=now)
        dossiers.settle_payment(session, dossier, note="Biên lai 12", at=now + HOUR)

    assert (dossier.state, dossier.events[-1].reason) == (S.PROCESSING, "Biên lai 12")


def test_a_decision_makes_a_result_that_waits(centre, decided, now):
    result = decided.results[0]

    assert (decided.state, decided.finished_at) == (S.DECIDED, now + 2 * HOUR)
    assert (decided.delivery_state, result.document_number) == (DeliveryState.READY, "123/GPLX")


def test_a_refusal_on_the_merits_needs_reasons(centre, working, now):
    with centre.acting_as(centre.officer) as session:
        with pytest.raises(ReasonMissingError):
            dossiers.finish_dossier(session, working, kind=ResultKind.REFUSED_ON_MERITS, at=now + HOUR)
        result = dossiers.finish_dossier(
            session, working, kind=ResultKind.REFUSED_ON_MERITS, reason="Không đủ điều kiện", at=now + HOUR
        )

    assert (working.state, result.reason) == (S.DECIDED, "Không đủ điều kiện")


def test_a_withdrawal_waits_for_its_confirmation(centre, working, now):
    with centre.acting_as(centre.officer) as session:
        dossiers.request_withdrawal(session, working, reason="Không còn nhu cầu", at=now + HOUR)
        dossiers.revoke_withdrawal(session, working, at=now + 2 * HOUR)
        dossiers.request_withdrawal(session, working, reason="Không còn nhu cầu", at=now + 3 * HOUR)
        dossiers.stop_dossier(session, working, reason="Theo đơn xin rút", at=now + 4 * HOUR)

    assert (working.state, working.closed_at) == (S.STOPPED, now + 4 * HOUR)


def test_an_entry_error_is_annulled_by_one_on_the_same_day(centre, dossier, now):
    with centre.acting_as(centre.clerk, centre.counter) as session:
        assert dossiers.annul_dossier(session, dossier, reason="Nhập nhầm", at=now + HOUR) is True
        with pytest.raises(DossierAnnulledError):
            dossiers.annul_dossier(session, dossier, reason="Nhập nhầm", at=now + HOUR)

    assert (dossier.annulled_at, dossier.state) == (now + HOUR, S.ACCEPTED)


def test_after_that_day_a_second_person_annuls(centre, dossier, now):
    later = now + timedelta(days=1)
    with centre.acting_as(centre.clerk, centre.counter) as session:
        assert dossiers.annul_dossier(session, dossier, reason="Nhập nhầm", at=later) is False
        with pytest.raises(SecondPersonNeededError):
            dossiers.annul_dossier(session, dossier, reason="Nhập nhầm", at=later + HOUR)
    assert dossier.annulled_at is None

    with centre.acting_as(centre.head) as session:
        assert dossiers.annul_dossier(session, dossier, reason="Đúng là nhầm", at=later + 2 * HOUR) is True

    assert (dossier.annulled_at, dossier.annul_reason) == (later + 2 * HOUR, "Đúng là nhầm")


def test_a_leader_reopens_and_a_new_result_follows(centre, decided, now):
    with centre.acting_as(centre.officer) as session, pytest.raises(DeniedError):
        dossiers.reopen_dossier(session, decided, reason="Sai tên", at=now + 3 * HOUR)
    with centre.acting_as(centre.head) as session:
        dossiers.reopen_dossier(session, decided, reason="Sai tên", at=now + 3 * HOUR)
    assert (decided.state, decided.finished_at) == (S.PROCESSING, None)
    with centre.acting_as(centre.officer) as session:
        second = dossiers.finish_dossier(session, decided, kind=ResultKind.GRANTED, at=now + 4 * HOUR)

    first = centre.session.scalars(select(Result).order_by(Result.id)).first()
    assert (first.replaced_at, dossiers.current_result(centre.session, decided)) == (now + 3 * HOUR, second)


def test_another_department_can_do_nothing(centre, working, now):
    with centre.acting_as(centre.make_user("PROCESSING_OFFICER", centre.justice)) as session:
        with pytest.raises(DeniedError):
            dossiers.finish_dossier(session, working, kind=ResultKind.GRANTED, at=now + HOUR)
        with pytest.raises(DeniedError):
            dossiers.request_supplement(session, working, reason="a", at=now + HOUR)


def test_whoever_saw_an_older_state_is_told(centre, dossier, now):
    seen = dossier.row_version
    with centre.acting_as(centre.officer) as session:
        dossiers.start_work(session, dossier, at=now, row_version=seen)
        with pytest.raises(ConflictError) as refused:
            dossiers.request_supplement(session, dossier, reason="a", at=now, row_version=seen)

    assert refused.value.status == 409


def test_nothing_happens_before_the_receipt(centre, dossier, now):
    with centre.acting_as(centre.officer) as session, pytest.raises(TimeInPastError):
        dossiers.start_work(session, dossier, at=now - HOUR)


def test_of_eight_people_at_once_one_takes_the_dossier(engine, centre, dossier, now):
    people = [centre.make_user("PROCESSING_OFFICER", centre.transport).staff_id for _ in range(8)]
    key, seen = dossier.id, dossier.row_version
    centre.session.commit()  # reading on would keep the one writer of SQLite waiting
    barrier = Barrier(8)

    def take(staff_id: int) -> bool:
        barrier.wait()
        with Session(engine) as session, unscoped(session, "test"):
            row, person = session.get_one(Dossier, key), session.get_one(Staff, staff_id)
            try:
                dossiers.start_work(session, row, responsible=person, row_version=seen, at=now)
                session.commit()
            except ConflictError:
                return False
            return True

    with ThreadPoolExecutor(8) as pool:
        took = list(pool.map(take, people))

    events = centre.session.scalars(select(DossierEvent).where(DossierEvent.dossier_id == key)).all()
    assert sorted(took) == [False] * 7 + [True]
    assert [event.kind for event in events if event.sequence > 1] == [EventKind.STARTED]


# -- the state machine against an oracle written down independently --------------------------------------------------

Verb = Callable[[Centre, Dossier, datetime], object]

VERBS: dict[str, Verb] = {
    "start": lambda c, d, at: dossiers.start_work(c.session, d, responsible=c.officer.staff, at=at),
    "assign": lambda c, d, at: dossiers.assign_dossier(c.session, d, responsible=c.head.staff, at=at),
    "ask": lambda c, d, at: dossiers.request_supplement(c.session, d, reason="r", at=at),
    "answer": lambda c, d, at: dossiers.receive_supplement(c.session, d, at=at),
    "bill": lambda c, d, at: dossiers.request_payment(c.session, d, reason="r", at=at),
    "pay": lambda c, d, at: dossiers.settle_payment(c.session, d, at=at),
    "finish": lambda c, d, at: dossiers.finish_dossier(c.session, d, kind=ResultKind.GRANTED, at=at),
    "shelve": lambda c, d, at: dossiers.shelve_result(c.session, d, at=at),
    "hand": lambda c, d, at: dossiers.collect_results(
        c.session,
        [dossiers.Chosen(d)],
        collector=dossiers.Collector(name=d.applicant_name, brings_earlier=True),
        at=at,
    ),
    "post": lambda c, d, at: dossiers.post_result(c.session, d, parcel=dossiers.Parcel(waybill="EK1"), at=at),
    "deliver": lambda c, d, at: dossiers.confirm_delivery(c.session, d, at=at),
    "fail": lambda c, d, at: dossiers.fail_delivery(c.session, d, reason="r", at=at),
    "withdraw": lambda c, d, at: dossiers.request_withdrawal(c.session, d, reason="r", at=at),
    "revoke": lambda c, d, at: dossiers.revoke_withdrawal(c.session, d, at=at),
    "stop": lambda c, d, at: dossiers.stop_dossier(c.session, d, reason="r", at=at),
    "reopen": lambda c, d, at: dossiers.reopen_dossier(c.session, d, reason="r", at=at),
}

ORACLE = {
    ("2", "start"): "4", ("2", "ask"): "5", ("2", "bill"): "6", ("2", "withdraw"): "7", ("2", "stop"): "8",
    ("4", "assign"): "4", ("4", "ask"): "5", ("4", "bill"): "6", ("4", "finish"): "9", ("4", "withdraw"): "7",
    ("4", "stop"): "8", ("5", "answer"): "before", ("5", "withdraw"): "7", ("5", "stop"): "8",
    ("6", "pay"): "4", ("6", "withdraw"): "7", ("6", "stop"): "8", ("7", "revoke"): "4", ("7", "stop"): "8",
    ("9", "shelve"): "9 on a shelf", ("9", "hand"): "10", ("9", "post"): "9 in post", ("9", "reopen"): "4",
    ("9 on a shelf", "hand"): "10", ("9 on a shelf", "post"): "9 in post", ("9 on a shelf", "reopen"): "4",
    ("9 in post", "deliver"): "10", ("9 in post", "fail"): "9 on a shelf", ("9 in post", "reopen"): "4",
    ("10", "reopen"): "4",
}  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(names=st.lists(st.sampled_from(sorted(VERBS)), min_size=1, max_size=10), minutes=st.integers(1, 3000))
def test_any_run_of_verbs_keeps_to_the_table_and_can_be_rebuilt(centre, names, minutes):
    ticks = count(1)
    dossier = dossiers.receive_dossier(centre.session, intake=centre.intake(), counter=centre.counter, at=centre.at)
    state, before, is_begun = "2", "2", False

    for name in names:
        at = centre.at + next(ticks) * timedelta(minutes=minutes)
        expected = ORACLE.get((state, name))
        if name == "assign" and state in ("5", "6", "7") and is_begun:
            expected = state  # what waits for the applicant is somebody's work all the same
        if expected is None:
            with pytest.raises(ConflictError):
                VERBS[name](centre, dossier, at)
        else:
            VERBS[name](centre, dossier, at)
            before = state if name == "ask" else before
            state = before if expected == "before" else expected
            is_begun = is_begun or state == "4"
        assert dossier.state.value == state.partition(" ")[0]
        assert (dossier.shelf_number is not None) == state.endswith("shelf")
        assert (dossier.delivery_state is DeliveryState.IN_POST) == state.endswith("post")

    centre.session.expire_all()
    events = centre.session.scalars(
        select(DossierEvent).where(DossierEvent.dossier_id == dossier.id).order_by(DossierEvent.sequence)
    ).all()
    rebuilt = dossiers.rebuild_dossier_facts(events)
    assert rebuilt == DossierFacts(**{name: getattr(dossier, name) for name in DossierFacts.__slots__})
    assert [event.sequence for event in events] == list(range(1, dossier.event_count + 1))
    tasks = centre.session.scalars(
        select(StepTask).where(StepTask.dossier_id == dossier.id).order_by(StepTask.number)
    ).all()
    assert rebuild_tasks(events) == [
        TaskFacts(**{name: getattr(task, name) for name in TaskFacts.__slots__}) for task in tasks
    ]
    assert sum(task.ended_at is None for task in tasks) == (dossier.state not in FINAL_STATES)
    asked = list_supplements(centre.session, dossier)
    assert rebuild_supplements(events) == [
        {name: getattr(row, name) for name in rebuilt_row}
        for row, rebuilt_row in zip(asked, rebuild_supplements(events), strict=True)
    ]
    ways = centre.session.scalars(select(Return).where(Return.dossier_id == dossier.id).order_by(Return.id)).all()
    assert rebuild_returns(events) == [
        {name: getattr(way, name) for name in ("id", "handed_at", "delivered_at", "failed_at", "method")}
        for way in ways
    ]
    assert events[0].kind is EventKind.RECEIVED
    assert dossier.received_at == datetime(2017, 5, 17, 2, 0, tzinfo=UTC)
