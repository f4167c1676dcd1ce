"""Carrying dossiers through a process of several departments: ways, turns, hand-over, many at once, and random runs."""

from datetime import timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from models.consultation import Opinion, RequestState, Transfer
from models.dossier import Dossier, DossierAccess, DossierEvent
from models.notice import Notification, NotificationKind
from models.process import StepKind, StepTask, TransitionKind
from models.states import FINAL_STATES, DossierState, ResultKind
from services import dossiers, work
from services.consultations import (
    DeadlinePastError,
    OtherDepartmentNeededError,
    RequestClosedError,
    acknowledge_transfer,
    answer_opinion,
    ask_opinion,
    return_transfer,
    send_transfer,
    withdraw_opinion,
)
from services.dossier_events import DossierFacts, rebuild_dossier_facts
from services.dossier_moves import IllegalMoveError, ReasonMissingError
from services.dossier_work import ForeignResponsibleError
from services.errors import ConflictError, DeniedError, UserError
from services.localtime import local_date
from services.many import NothingChosenError, TooManyError, Wish, do_many
from services.process_check import list_problems
from services.steps import LentError, NoSuchWayError, NotYourTurnError, RoleNeededError
from services.tasks import TaskFacts, rebuild_tasks
from tests.support.centre import Centre, receive
from tests.support.processes import PLAIN_STEPS, PLAIN_WAYS, make_process, put_in_force

S = DossierState
HOUR = timedelta(hours=1)

LONG_STEPS = (
    "receive RECEIVE", "work WORK 1 WORKING_DAY", "police AGENCY 1 WORKING_DAY", "sign DECIDE 4 HOUR", "return RETURN",
)  # fmt: skip
LONG_WAYS = (
    "receive FORWARD work", "work FORWARD police", "police FORWARD sign", "sign BACK work", "sign FINISH return",
)  # fmt: skip


@pytest.fixture
def centre(session, now) -> Centre:
    return Centre(session, now)


@pytest.fixture
def carried(centre, now) -> Dossier:
    """A dossier at work, whose process leads through another department to a decision."""
    steps = make_process(
        centre.session, centre.licence, LONG_STEPS, LONG_WAYS, departments={"police": centre.justice.id}
    )
    put_in_force(centre.session, steps, now)
    dossier = receive(centre)
    with centre.acting_as(centre.officer) as session:
        dossiers.start_work(session, dossier, at=now + HOUR)
    return dossier


def test_a_dossier_goes_through_two_departments_and_back(centre, carried, now):
    justice = centre.make_user("PROCESSING_OFFICER", centre.justice)
    with centre.acting_as(centre.officer) as session:
        assert [way.code for way in work.ways_on(session, carried)] == ["work-police"]
        with pytest.raises(NoSuchWayError):
            dossiers.finish_dossier(session, carried, kind=ResultKind.GRANTED, at=now + 2 * HOUR)
        with pytest.raises(NoSuchWayError):
            work.take_way(session, carried, code="work-sign", at=now + 2 * HOUR)
        with pytest.raises(ForeignResponsibleError):
            work.take_way(session, carried, code="work-police", assignee=centre.officer.staff, at=now + 2 * HOUR)
        work.take_way(session, carried, code="work-police", reason="Đủ điều kiện", at=now + 2 * HOUR)
        with pytest.raises(NotYourTurnError) as refused:
            work.take_way(session, carried, code="police-sign", at=now + 3 * HOUR)
        assert refused.value.values == {"department": "Sở Tư pháp", "step": "Police"}
    with centre.acting_as(justice) as session:
        dossiers.assign_dossier(session, carried, at=now + 3 * HOUR)
        assert (carried.responsible_id, carried.tasks[-1].assignee_id) == (centre.officer.staff_id, justice.staff_id)
        work.take_way(session, carried, code="police-sign", at=now + 4 * HOUR)
        with pytest.raises(NotYourTurnError):
            dossiers.request_supplement(session, carried, reason="a", at=now + 5 * HOUR)
        with pytest.raises(NotYourTurnError):
            dossiers.stop_dossier(session, carried, reason="a", at=now + 5 * HOUR)
    with centre.acting_as(centre.head) as session:
        with pytest.raises(ReasonMissingError):
            work.take_way(session, carried, code="sign-work", at=now + 5 * HOUR)
        work.take_way(session, carried, code="sign-work", reason="Sai tên", at=now + 5 * HOUR)
        centre.session.refresh(carried)
        assert (carried.step.code, carried.tasks[-1].assignee_id) == ("work", centre.officer.staff_id)
        work.take_way(session, carried, code="work-police", at=now + 6 * HOUR)
    with centre.acting_as(justice) as session:
        work.take_way(session, carried, code="police-sign", at=now + 7 * HOUR)
    with centre.acting_as(centre.head) as session:
        dossiers.finish_dossier(session, carried, kind=ResultKind.GRANTED, at=now + 8 * HOUR)

    assert (carried.state, carried.responsible_id) == (S.DECIDED, centre.officer.staff_id)
    assert [task.outcome for task in carried.tasks] == [
        "receive-work", "work-police", "police-sign", "sign-work", "work-police", "police-sign", "sign-return", None,
    ]  # fmt: skip
    assert is_rebuilt(centre, carried)


def is_rebuilt(centre: Centre, dossier: Dossier) -> bool:
    """Return whether the rows equal what the events tell."""
    centre.session.expire_all()
    events = centre.session.scalars(
        select(DossierEvent).where(DossierEvent.dossier_id == dossier.id).order_by(DossierEvent.sequence)
    ).all()
    tasks = centre.session.scalars(
        select(StepTask).where(StepTask.dossier_id == dossier.id).order_by(StepTask.number)
    ).all()
    row = DossierFacts(**{name: getattr(dossier, name) for name in DossierFacts.__slots__})
    told = [TaskFacts(**{name: getattr(task, name) for name in TaskFacts.__slots__}) for task in tasks]
    return rebuild_dossier_facts(events) == row and rebuild_tasks(events) == told


def test_a_step_of_one_role_is_done_by_that_role(centre, now):
    version = make_process(centre.session, centre.licence, PLAIN_STEPS, PLAIN_WAYS)
    head_role = centre.head.roles[0]
    next(step for step in version.steps if step.code == "sign").role_id = head_role.id
    put_in_force(centre.session, version, now)
    dossier = receive(centre)
    with centre.acting_as(centre.officer) as session:
        dossiers.start_work(session, dossier, at=now + HOUR)
        work.take_way(session, dossier, code="work-sign", at=now + 2 * HOUR)
        with pytest.raises(RoleNeededError):
            dossiers.finish_dossier(session, dossier, kind=ResultKind.GRANTED, at=now + 3 * HOUR)
        with pytest.raises(RoleNeededError):
            dossiers.assign_dossier(session, dossier, responsible=centre.clerk.staff, at=now + 3 * HOUR)
        dossiers.assign_dossier(session, dossier, responsible=centre.head.staff, at=now + 3 * HOUR)
    with centre.acting_as(centre.head) as session:
        dossiers.finish_dossier(session, dossier, kind=ResultKind.GRANTED, at=now + 3 * HOUR)

    assert dossier.state is S.DECIDED


def test_work_is_given_back_balanced_and_handed_over(centre, now):
    colleague = centre.make_user("PROCESSING_OFFICER", centre.transport)
    found = [receive(centre, at=now + number * timedelta(minutes=1)) for number in range(3)]
    with centre.acting_as(centre.officer) as session:
        for dossier in found:
            dossiers.start_work(session, dossier, at=now + HOUR)
        dossiers.request_supplement(session, found[1], reason="Thiếu ảnh", at=now + HOUR)
        work.release_task(session, found[2], at=now + 2 * HOUR)
        assert (found[2].responsible_id, work.find_next_task(session)) == (None, found[0].id)
    with centre.acting_as(centre.head) as session:
        loads = work.list_loads(session, department_id=centre.transport.id, at=now + 2 * HOUR)
        assert [(load.staff and load.staff.id, load.open) for load in loads] == [
            (centre.clerk.staff_id, 0), (centre.head.staff_id, 0), (colleague.staff_id, 0),
            (centre.officer.staff_id, 1), (None, 1),
        ]  # fmt: skip
        with pytest.raises(work.SamePersonError):
            work.hand_over_work(session, leaver=colleague.staff, successor=colleague.staff, at=now + 2 * HOUR)
        given = work.hand_over_work(session, leaver=centre.officer.staff, successor=colleague.staff, at=now + 2 * HOUR)

        colleague.staff.is_active = False
        session.flush()
        (gone,) = (
            load
            for load in work.list_loads(session, department_id=centre.transport.id, at=now)
            if load.staff is not None and not load.staff.is_active
        )
        shared = work.share_out(session, department_id=centre.transport.id, at=now + 3 * HOUR)

    assert [dossier.id for dossier in given] == [found[0].id, found[1].id]
    assert {dossier.responsible_id for dossier in given} == {colleague.staff_id}
    assert (gone.staff, shared, found[2].responsible_id) == (colleague.staff, [found[2]], centre.officer.staff_id)
    told = centre.session.scalars(select(Notification.user_id).where(Notification.kind == NotificationKind.WORK))
    assert sorted(told) == sorted([colleague.id, colleague.id, centre.officer.id])
    assert all(is_rebuilt(centre, dossier) for dossier in found)


def test_many_at_once_each_for_itself_and_a_preview_leaves_no_trace(centre, now):
    good, running = (receive(centre, at=now + number * timedelta(minutes=1)) for number in range(2))
    with centre.acting_as(centre.officer) as session:
        dossiers.start_work(session, running, at=now + HOUR)
        before = session.scalars(select(DossierEvent.id).order_by(DossierEvent.id)).all()
        seen = {good.id: good.row_version, running.id: running.row_version + 7}
        preview = do_many(session, Wish(act="take"), seen, at=now + 2 * HOUR, is_preview=True)
        assert session.scalars(select(DossierEvent.id).order_by(DossierEvent.id)).all() == before
        results = do_many(session, Wish(act="take"), seen, at=now + 2 * HOUR)
        again = do_many(session, Wish(act="take"), seen, at=now + 3 * HOUR)
        with pytest.raises(NothingChosenError):
            do_many(session, Wish(act="take"), {}, at=now)
        with pytest.raises(TooManyError):
            do_many(session, Wish(act="take"), dict.fromkeys(range(201)), at=now)
        approved = do_many(session, Wish(act="approve"), dict.fromkeys((good.id, running.id)), at=now + 4 * HOUR)
        passed = do_many(session, Wish(act="pass", way="submit"), {running.id: None}, at=now + 5 * HOUR)

    assert [(row.step, row.error is None) for row in preview] == [("Xử lý", True), ("", False)]
    assert [type(row.error) for row in results] == [type(None), ConflictError]
    assert [type(row.error) for row in again] == [ConflictError, ConflictError]
    assert [row.step for row in approved] == ["Trả kết quả", "Trả kết quả"]
    assert isinstance(passed[0].error, IllegalMoveError)
    assert good.state is S.DECIDED


def test_an_opinion_is_asked_answered_and_told(centre, carried, now):
    justice_head = centre.make_user("DEPARTMENT_HEAD", centre.justice)
    with centre.acting_as(centre.officer) as session:
        due_before = carried.due_at
        with pytest.raises(OtherDepartmentNeededError):
            ask_opinion(session, carried, department=centre.transport, question="?", answer_by_date=None, at=now)
        with pytest.raises(DeadlinePastError):
            ask_opinion(
                session, carried, department=centre.justice, question="?", answer_by_date=local_date(now),
                at=now + 9 * HOUR,
            )  # fmt: skip
        opinion = ask_opinion(
            session, carried, department=centre.justice, question="Có tiền án không?",
            answer_by_date=local_date(now) + timedelta(days=3), at=now + 2 * HOUR,
        )  # fmt: skip
        with pytest.raises(DeniedError):
            answer_opinion(session, opinion, answer="Không", at=now + 3 * HOUR)
    assert opinion.due_at == now + timedelta(days=5, hours=8)  # a Saturday was asked for: Monday at closing
    with centre.acting_as(justice_head) as session:
        assert session.scalar(select(Dossier.id).where(Dossier.id == carried.id)) == carried.id
        with pytest.raises(NotYourTurnError):
            dossiers.stop_dossier(session, carried, reason="a", at=now + 3 * HOUR)
        with pytest.raises(DeniedError):
            withdraw_opinion(session, opinion, at=now + 3 * HOUR)
        answer_opinion(session, opinion, answer="Không có", at=now + 3 * HOUR)
        with pytest.raises(RequestClosedError):
            answer_opinion(session, opinion, answer="Có", at=now + 4 * HOUR)
    with centre.acting_as(centre.officer) as session:
        second = ask_opinion(
            session, carried, department=centre.justice, question="Còn gì nữa?",
            answer_by_date=local_date(now) + timedelta(days=1), at=now + 4 * HOUR,
        )  # fmt: skip
        withdraw_opinion(session, second, at=now + 5 * HOUR)

        third = ask_opinion(
            session, carried, department=centre.justice, question="Cuối cùng?",
            answer_by_date=local_date(now) + timedelta(days=1), at=now + 5 * HOUR,
        )  # fmt: skip
    with centre.acting_as(centre.head) as session:
        dossiers.stop_dossier(session, carried, reason="Rút", at=now + 6 * HOUR)

    assert third.state is RequestState.WITHDRAWN  # the dossier has ended
    assert (opinion.state, opinion.answer, second.state) == (RequestState.DONE, "Không có", RequestState.WITHDRAWN)
    assert carried.due_at == due_before
    told = centre.session.execute(select(Notification.user_id, Notification.key).order_by(Notification.id)).all()
    assert [tuple(row) for row in told] == [
        (justice_head.id, f"opinion:{opinion.id}"),
        (centre.officer.id, f"answer:{opinion.id}"),
        (justice_head.id, f"opinion:{second.id}"),
        (justice_head.id, f"opinion:{third.id}"),
    ]
    assert is_rebuilt(centre, carried)


def test_a_dossier_is_lent_and_comes_back_to_whoever_had_it(centre, carried, now):
    ward = centre.make_department("H19.50", "Phường Trảng Dài", parent=centre.justice)
    officer_there = centre.make_user("PROCESSING_OFFICER", ward)
    with centre.acting_as(centre.officer) as session:
        transfer = send_transfer(session, carried, department=ward, reason="Xác minh tại chỗ", at=now + 2 * HOUR)
        with pytest.raises(LentError):
            work.take_way(session, carried, code="work-police", at=now + 3 * HOUR)
    reach = dict(
        centre.session.execute(
            select(DossierAccess.department_id, DossierAccess.is_direct).where(DossierAccess.dossier_id == carried.id)
        ).all()
    )
    assert reach == {centre.transport.id: True, ward.id: True, centre.justice.id: False}
    with centre.acting_as(officer_there) as session:
        acknowledge_transfer(session, transfer, at=now + 3 * HOUR)
        with pytest.raises(RequestClosedError):
            acknowledge_transfer(session, transfer, at=now + 3 * HOUR)
        dossiers.assign_dossier(session, carried, at=now + 4 * HOUR)
        return_transfer(session, transfer, outcome="Đã xác minh", at=now + 5 * HOUR)
        with pytest.raises(RequestClosedError):
            return_transfer(session, transfer, outcome="Lần nữa", at=now + 5 * HOUR)

    task = carried.tasks[-1]
    centre.session.refresh(task)
    assert (carried.holder_id, task.assignee_id, transfer.state) == (
        centre.transport.id, centre.officer.staff_id, RequestState.DONE,
    )  # fmt: skip
    assert is_rebuilt(centre, carried)


# -- any process, any order of acts -----------------------------------------------------------------------------------


@st.composite
def processes(draw: Any) -> tuple[list[str], list[str]]:
    """Processes of two to five steps between receipt and return, with ways forward, back and to the result."""
    number = draw(st.integers(2, 5))
    kinds = [draw(st.sampled_from(("WORK", "DECIDE", "AGENCY"))) for _ in range(number - 1)] + ["DECIDE"]
    steps = ["r RECEIVE", *(f"s{index} {kind}" for index, kind in enumerate(kinds)), "e RETURN"]
    ways = ["r FORWARD s0", f"s{number - 1} FINISH e"]
    ways += [f"s{index} FORWARD s{index + 1}" for index in range(number - 1)]
    for _ in range(draw(st.integers(0, 4))):
        source, target = draw(st.integers(0, number - 1)), draw(st.integers(0, number - 1))
        way = f"s{source} {'BACK' if target <= source else 'FORWARD'} s{target}"
        if way not in ways:
            ways.append(way)
    ways += [f"s{index} FINISH e" for index in range(number - 1) if kinds[index] == "WORK" and draw(st.booleans())]
    return steps, ways


ACTS = (
    "start",
    "assign",
    "release",
    "way",
    "finish",
    "ask",
    "answer",
    "lend",
    "back",
    "stop",
    "hand",
    "reopen",
    "annul",
)


@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(process=processes(), acts=st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 9)), min_size=3, max_size=14))
def test_no_process_and_no_order_of_acts_leads_where_it_may_not(centre, process, acts):
    session, ticks = centre.session, count(1)
    procedure = centre.make_procedure("Thủ tục", centre.transport, Decimal(20))
    steps, ways = process
    departments = {line.split()[0]: centre.justice.id for line in steps if "AGENCY" in line}
    version = make_process(session, procedure, steps, ways, departments=departments)
    assert list_problems(version.steps, version.transitions, limit=None, today=local_date(centre.at)) == []
    put_in_force(session, version, centre.at)
    dossier = receive(centre, procedure=procedure)
    legal = {(way.from_code, way.code): way for way in version.transitions}
    kinds = {step.code: step.kind for step in version.steps}

    for act, choice in acts:
        at = centre.at + next(ticks) * timedelta(minutes=50)
        before = dossier.step.code if dossier.step is not None else None
        is_lent = dossier.holder_id not in (None, centre.transport.id) and kinds.get(before) is not StepKind.AGENCY
        way = version.transitions[choice % len(version.transitions)]
        try:
            _do(centre, dossier, act, way.code, at)
        except UserError:
            session.refresh(dossier)
            assert (dossier.step.code if dossier.step is not None else None) == before
            continue
        session.refresh(dossier)
        after = dossier.step.code if dossier.step is not None else None
        if act == "way":
            assert (before, way.code) in legal
            assert (after, way.kind is TransitionKind.FINISH, is_lent) == (way.to_code, False, False)
        if act == "finish":
            assert any(known.kind is TransitionKind.FINISH for (source, _), known in legal.items() if source == before)
        open_tasks = [task for task in dossier.tasks if task.ended_at is None]
        assert len(open_tasks) == (dossier.state not in FINAL_STATES and dossier.annulled_at is None)

    assert is_rebuilt(centre, dossier)


def _do(centre: Centre, dossier: Dossier, act: str, way: str, at: Any) -> None:
    session = centre.session
    if act == "way":
        work.take_way(session, dossier, code=way, reason="r", at=at)
    elif act == "lend":
        send_transfer(session, dossier, department=centre.vehicles, reason="r", at=at)
    elif act in ("back", "answer"):
        model = Transfer if act == "back" else Opinion
        request = session.scalars(select(model).where(model.dossier_id == dossier.id).order_by(model.id.desc())).first()
        if request is None:
            raise ConflictError
        if isinstance(request, Transfer):
            return_transfer(session, request, outcome="o", at=at)
        else:
            answer_opinion(session, request, answer="a", at=at)
    elif act == "hand":
        dossiers.send_result(session, dossier, at=at)
    else:
        _SIMPLE[act](centre, dossier, at)


_SIMPLE: dict[str, Any] = {
    "start": lambda c, d, at: dossiers.start_work(c.session, d, responsible=c.officer.staff, at=at),
    "assign": lambda c, d, at: dossiers.assign_dossier(c.session, d, responsible=c.head.staff, at=at),
    "release": lambda c, d, at: work.release_task(c.session, d, at=at),
    "finish": lambda c, d, at: dossiers.finish_dossier(c.session, d, kind=ResultKind.GRANTED, at=at),
    "ask": lambda c, d, at: ask_opinion(
        c.session, d, department=c.justice, question="q", answer_by_date=local_date(at) + timedelta(days=2), at=at
    ),
    "stop": lambda c, d, at: dossiers.stop_dossier(c.session, d, reason="r", at=at),
    "reopen": lambda c, d, at: dossiers.reopen_dossier(c.session, d, reason="r", at=at),
    "annul": lambda c, d, at: dossiers.annul_dossier(c.session, d, reason="r", at=at),
}
