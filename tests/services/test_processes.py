"""Processes as data: what is wrong with one, publishing it, and that running dossiers keep theirs."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.process import ProcessState, ProcessStep, ProcessVersion, StepPlace
from services import dossiers
from services.errors import DeniedError
from services.limits import Limit
from services.process_check import list_problems
from services.processes import (
    NoDraftError,
    ProcessFaultyError,
    ProcessFixedError,
    draft_from,
    ensure_default_process,
    find_problems,
    find_process,
    publish_process,
)
from services.session import unscoped
from tests.support.centre import Centre, receive
from tests.support.processes import PLAIN_STEPS, PLAIN_WAYS, make_process, put_in_force

HOUR = timedelta(hours=1)


@pytest.fixture
def centre(session, now) -> Centre:
    return Centre(session, now)


def said(problems) -> list[str]:
    return [problem.message % problem.values for problem in problems]


def check(centre: Centre, steps, ways, limit: str = "3 working_day", **options) -> list[str]:
    version = make_process(centre.session, None, steps, ways, **options)
    found = list_problems(version.steps, version.transitions, limit=Limit.parse(limit), today=centre.at.date())
    centre.session.rollback()
    return said(found)


def test_every_fault_is_said_at_once_and_names_its_step(session, now):
    centre = Centre(session, now)
    session.commit()
    gone = centre.make_department("H19.09", "Huyện cũ", valid_to_date=now.date() - timedelta(days=1)).id
    session.commit()

    assert check(centre, PLAIN_STEPS, PLAIN_WAYS) == []
    assert said(list_problems([], [], limit=None, today=now.date())) == ["The process has no steps."]
    assert check(centre, ["work WORK"], []) == [
        "No step is the receipt: give one the kind Receipt, with which every dossier begins.",
        "No step returns the result: give one the kind Return of the result, where dossiers end.",
        "“Work” leads nowhere: add a way on from it.",
        "“Work” cannot be reached from the receipt.",
    ]
    assert check(
        centre,
        ["a RECEIVE", "b RECEIVE", "c WORK", "d AGENCY", "e RETURN", "f WORK"],
        ["a FORWARD c", "c FINISH e", "c FORWARD d", "d FINISH e", "e BACK c", "d BACK x", "c BACK a", "a FORWARD d",
         "c FORWARD f", "f BACK f"],
        departments={"d": gone},
    ) == [
        "More than one step is the receipt: A, B. Keep one.",
        "“d x” names the step x, which does not exist.",
        "“D”: Huyện cũ no longer exists; choose its successor.",
        "“d e”: a result comes from work or from a decision, nowhere else.",
        "“c a” leads back to the receipt, which happens only once.",
        "“A” needs exactly one way on; it has 2.",
        "“B” needs exactly one way on; it has 0.",
        "“E” is an end: remove the way that leads on from it.",
        "From “B” no way leads to the return of the result.",
        "From “F” no way leads to the return of the result.",
    ]  # fmt: skip
    assert check(centre, ["a RECEIVE", "b WORK", "c RETURN"], ["a FORWARD b", "b FORWARD c"])[0] == (
        "“b c”: ways to the return of the result, and only they, have the direction To the result."
    )
    (circle,) = check(centre, [*PLAIN_STEPS, "x WORK"], [*PLAIN_WAYS, "work FORWARD x", "x FORWARD work"])
    assert circle.startswith("These steps lead in a circle: ")
    assert circle.endswith(". Give the way back the direction Back.")


@pytest.mark.parametrize(
    ("budgets", "limit", "said_total"),
    [
        (("1 WORKING_DAY", "4 HOUR"), "1.5 working_day", None),
        (("1 WORKING_DAY", "5 HOUR"), "1.5 working_day", ("1.62", "1.5")),
        (("5 WORKING_DAY", "1 DAY"), "8 day", None),
        (("5 WORKING_DAY", "2 DAY"), "8 day", ("9", "8")),
        (("1 MONTH", "1 DAY"), "1 month", ("31", "30")),
    ],
)
def test_the_longest_way_keeps_to_the_limit(centre, budgets, limit, said_total):
    steps = [
        "receive RECEIVE",
        f"work WORK {budgets[0]}",
        f"sign DECIDE {budgets[1]}",
        "easy WORK 1 HOUR",
        "return RETURN",
    ]
    ways = [*PLAIN_WAYS, "work FORWARD easy", "easy FINISH return"]

    found = check(centre, steps, ways, limit)

    days = "calendar" if "day" == limit.split()[1] or "month" in limit else "working"
    assert found == (
        []
        if said_total is None
        else [f"The steps take {said_total[0]} {days} days (Work, Sign), but the procedure grants {said_total[1]}."]
    )


def test_a_faulty_draft_is_not_published_and_the_limit_is_the_procedures_own(centre, now):
    slow = [PLAIN_STEPS[0], "work WORK 4 WORKING_DAY", *PLAIN_STEPS[2:]]
    draft = make_process(centre.session, centre.licence, slow, PLAIN_WAYS)

    with pytest.raises(ProcessFaultyError) as refused:
        publish_process(centre.session, draft, at=now)

    assert said(refused.value.problems) == [
        "The steps take 4.5 working days (Work, Sign), but the procedure grants 3.5."
    ]
    assert find_problems(centre.session, draft, at=now) == refused.value.problems
    with centre.acting_as(centre.head) as session, pytest.raises(DeniedError):
        publish_process(session, draft, at=now)


def test_a_procedure_without_a_process_has_the_default_one(centre, now):
    dossier = receive(centre)
    again = ensure_default_process(centre.session, at=now)

    assert (dossier.process_version.id, dossier.process_version.subject, dossier.step.code) == (
        again.id,
        "*",
        "receive",
    )
    assert said(list_problems(again.steps, again.transitions, limit=None, today=now.date())) == []
    assert len(centre.session.scalars(select(ProcessVersion)).all()) == 1


def test_two_who_need_the_default_process_at_once_make_one(engine, now):
    with Session(engine) as first, unscoped(first, "test"):
        made = ensure_default_process(first, at=now).id
        first.commit()
    with Session(engine) as second, unscoped(second, "test"):
        assert ensure_default_process(second, at=now).id == made


def test_the_process_of_a_case_goes_before_that_of_its_procedure(centre, now):
    own = put_in_force(centre.session, make_process(centre.session, centre.licence, PLAIN_STEPS, PLAIN_WAYS), now)
    case = make_process(centre.session, centre.licence, PLAIN_STEPS, PLAIN_WAYS, case_name="  CẤP đổi ")
    put_in_force(centre.session, case, now)

    found = [
        find_process(centre.session, procedure_id=centre.licence.id, case_name=name, at=now)
        for name in ("Cấp đổi", "Cấp lại", None)
    ]

    assert found == [case, own, own]
    assert receive(centre).process_version_id == case.id


def test_a_running_dossier_keeps_its_process_and_its_due_times(centre, now):
    first = put_in_force(centre.session, make_process(centre.session, centre.licence, PLAIN_STEPS, PLAIN_WAYS), now)
    dossier = receive(centre)
    with centre.acting_as(centre.officer) as session:
        dossiers.start_work(session, dossier, at=now + HOUR)
    due = (dossier.due_at, dossier.tasks[-1].due_at)
    second = draft_from(centre.session, first)
    next(step for step in second.steps if step.code == "work").budget_quantity = Decimal("0.5")
    put_in_force(centre.session, second, now + 2 * HOUR)
    centre.session.expire_all()

    assert (first.state, first.superseded_at, second.number) == (ProcessState.SUPERSEDED, now + 2 * HOUR, 2)
    assert (dossier.process_version_id, dossier.due_at, dossier.tasks[-1].due_at) == (first.id, *due)
    assert receive(centre, at=now + 3 * HOUR).process_version_id == second.id
    with pytest.raises(NoDraftError):
        publish_process(centre.session, second, at=now)


def test_what_is_published_never_changes(centre, now):
    version = put_in_force(centre.session, make_process(centre.session, centre.licence, PLAIN_STEPS, PLAIN_WAYS), now)
    centre.session.commit()

    def change_step() -> None:
        version.steps[1].budget_quantity = Decimal(3)

    def change_way() -> None:
        version.transitions[0].to_code = "sign"

    def add_step() -> None:
        centre.session.add(ProcessStep(version_id=version.id, code="x", name="X", place=StepPlace.DECIDING))

    def remove_step() -> None:
        centre.session.delete(version.steps[1])

    def reopen() -> None:
        version.state = ProcessState.DRAFT
        version.title = "Khác"

    for change in (change_step, change_way, add_step, remove_step, reopen):
        change()
        with pytest.raises(ProcessFixedError):
            centre.session.flush()
        centre.session.rollback()

    assert [step.budget_quantity for step in version.steps] == [None, Decimal(1), Decimal(4), None]


def test_steps_say_holder_and_due_time(centre, now):
    put_in_force(centre.session, make_process(centre.session, centre.licence, PLAIN_STEPS, PLAIN_WAYS), now)
    dossier = receive(centre)
    first = dossier.tasks[0]
    assert (dossier.step.code, dossier.holder_id, first.assignee_id) == (
        "receive", centre.transport.id, centre.clerk.staff_id,
    )  # fmt: skip
    with centre.acting_as(centre.officer) as session:
        dossiers.start_work(session, dossier, at=now + HOUR)
    centre.session.expire_all()
    task = dossier.tasks[-1]
    assert (task.step.code, task.since_at, task.due_at) == ("work", now + HOUR, now + timedelta(days=1, hours=1))

    with centre.acting_as(centre.head) as session:
        dossiers.request_supplement(session, dossier, reason="Thiếu ảnh", at=now + 2 * HOUR)
        dossiers.receive_supplement(session, dossier, at=now + timedelta(days=1))

    assert (task.paused_at, task.due_at) == (None, now + timedelta(days=1, hours=23))  # seven of eight hours were left
    assert [event.step_id for event in dossier.events] == [first.step_id] + [task.step_id] * 3
    assert {event.holder_id for event in dossier.events} == {centre.transport.id}
