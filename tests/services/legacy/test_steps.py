"""The history of legacy dossiers stands beside what counts: kept, marked, shown, and of no effect on any figure."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.batch import Batch, BatchKind, BatchState
from models.dossier import Dossier, DossierEvent
from models.ids import public_id
from models.states import DossierState, EventKind
from services.dossier_events import rebuild_dossier_facts
from services.dossiers import start_work
from services.legacy.batches import rehearse
from services.settlement import make_cut, summarise_settlement
from tests.support.centre import Centre
from tests.support.legacy import counts, open_table, reasons, take_in

S = DossierState
STEPS = BatchKind.DOSSIER_EVENTS


@pytest.fixture
def dossier(session: Session, now: datetime, tmp_path) -> Dossier:
    rows = [
        {"legacy_code": "a", "procedure_code": "1.004194", "department_code": "H19.08", "responsible": "1042",
         "received_at": "2016-04-04 09:00", "due_at": "2016-04-20 09:00", "finished_at": "2016-04-18 09:00"},
    ]  # fmt: skip
    take_in(session, open_table(tmp_path / "dossiers.csv", rows), now)
    return session.scalars(select(Dossier)).one()


def step(event: str, at: str, **more: str) -> dict[str, str]:
    return {"legacy_code": "a", "event": event, "occurred_at": at, **more}


def test_steps_are_placed_in_the_life_of_their_dossier(session, now, tmp_path, dossier):
    rows = [
        step("Nhận trước", "2016-04-03 09:00"),
        step("Thẩm định", "2016-04-05 09:00", person="1042", note="Phòng 2", reference="t-1"),
        step("Thẩm định", "2016-04-05 09:00", person="Ai đó", reference="t-2"),
        step("Gửi bản sao", "2016-04-19 09:00"),
    ]
    before = summarise_settlement(session, _april(now)).total

    batch = take_in(session, open_table(tmp_path / "steps.csv", rows, STEPS), now, STEPS)

    assert counts(batch) == (4, 0, 0, 0)
    steps = [event for event in dossier.events if event.kind is EventKind.IMPORTED]
    assert [(e.sequence, e.reason, e.state_from, e.state_to, e.is_after_end) for e in steps] == [
        (4, "Nhận trước", S.NEW, S.NEW, False),
        (5, "Thẩm định", S.PROCESSING, S.PROCESSING, False),
        (6, "Thẩm định", S.PROCESSING, S.PROCESSING, False),
        (7, "Gửi bản sao", S.DECIDED, S.DECIDED, True),
    ]
    assert [(e.staff.full_name if e.staff else None, e.facts) for e in steps[1:3]] == [
        ("1042", {"note": "Phòng 2", "reference": "t-1"}),
        (None, {"person": "Ai đó", "reference": "t-2"}),
    ]
    assert {(e.recorded_at, e.batch_id) for e in steps} == {(now, batch.id)}
    assert (dossier.event_count, dossier.state, dossier.is_silent) == (7, S.DECIDED, True)
    assert rebuild_dossier_facts(dossier.events).finished_at == dossier.finished_at
    assert summarise_settlement(session, _april(now)).total == before


def test_same_history_again_adds_nothing(session, now, tmp_path, dossier):
    source = open_table(
        tmp_path / "steps.csv", [step("A", "2016-04-05 09:00"), step("B", "2016-04-05 09:00")] * 2, STEPS
    )

    told = [item.outcome.value for item in rehearse(session, source, kind=STEPS, creates=False, at=now)]
    session.rollback()

    assert told == ["CREATED", "CREATED", "UNCHANGED", "UNCHANGED"]
    assert counts(take_in(session, source, now, STEPS, size=1)) == (2, 0, 2, 0)
    assert counts(take_in(session, source, now, STEPS)) == (0, 0, 4, 0)


def test_history_that_was_undone_is_kept_and_hidden_and_comes_in_again(session, now, tmp_path, dossier):
    source = open_table(tmp_path / "steps.csv", [step("A", "2016-04-05 09:00")], STEPS)
    batch = take_in(session, source, now, STEPS)
    batch.undone_by = Batch(
        public_id=public_id(now), kind=BatchKind.UNDO, title="",
        state=BatchState.FINISHED, total_count=0, started_at=now,
    )  # fmt: skip
    session.commit()

    assert [event.kind for event in dossier.events] == [EventKind.RECEIVED, EventKind.STARTED, EventKind.DECIDED]
    assert session.scalar(select(func.count()).select_from(DossierEvent)) == 4
    assert counts(take_in(session, source, now, STEPS)) == (1, 0, 0, 0)
    session.refresh(dossier)
    assert [event.reason for event in dossier.events] == [None, None, None, "A"]


def test_step_without_a_dossier_or_a_time_is_refused(session, now, tmp_path, dossier):
    rows = [
        step("A", "2016-04-05 09:00") | {"legacy_code": "b"},
        step("A", ""),
        step("", "2016-04-05 09:00"),
        step("A", "2016-04-05 09:00") | {"legacy_code": ""},
        step("A", "2099-04-05 09:00"),
        step("A", "2016-04-05 09:00") | {"code": dossier.code, "legacy_code": ""},
    ]

    batch = take_in(session, open_table(tmp_path / "steps.csv", rows, STEPS), now, STEPS)

    assert counts(batch) == (1, 0, 0, 5)
    assert reasons(session, batch) == [
        (2, "No dossier has the code b. Import the dossiers before their history."),
        (3, "occurred_at is empty. Enter it."),
        (4, "event is empty. Enter it."),
        (5, "legacy_code is empty. Enter it."),
        (6, "occurred_at lies in the future. Correct it."),
    ]


def test_next_act_of_a_person_gets_the_next_number(session, now, tmp_path):
    centre = Centre(session, now)
    row = {"legacy_code": "a", "procedure_code": centre.licence.code, "department_code": "H19.07",
           "received_at": "2016-04-04 09:00"}  # fmt: skip
    take_in(session, open_table(tmp_path / "dossiers.csv", [row]), now)
    take_in(session, open_table(tmp_path / "steps.csv", [step("A", "2016-04-05 09:00")], STEPS), now, STEPS)
    dossier = session.scalars(select(Dossier)).one()

    with centre.acting_as(centre.officer):
        start_work(session, dossier, at=now)

    session.refresh(dossier)
    assert [(event.sequence, event.kind) for event in dossier.events] == [
        (1, EventKind.RECEIVED), (2, EventKind.IMPORTED), (3, EventKind.TAKEN_UP), (4, EventKind.STARTED),
    ]  # fmt: skip


def _april(now: datetime):
    as_of = datetime(2016, 4, 30, tzinfo=UTC)
    return make_cut(since=date(2016, 4, 1), until=date(2016, 4, 30), now=now, as_of=as_of)
