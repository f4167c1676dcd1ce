"""Legacy dossiers go in as they were, silently, once; what cannot be taken is told with its reason."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.applicant import Applicant
from models.audit import AuditEvent
from models.batch import BatchKind, BatchRow, BatchState, RowOutcome
from models.clock import Clock, ClockState
from models.dossier import Dossier, DossierAccess
from models.evaluation import Ask
from models.organisation import Department, Site
from models.procedure import Procedure
from models.staff import Staff
from models.states import Channel, DeliveryState, DossierState, ResultKind, ReturnMethod, RuleSet
from models.states import EventKind as Kind
from models.visit import Visit
from services.clock import list_clock_events, rebuild_clock
from services.codes import allocate_code
from services.dossier_events import rebuild_dossier_facts
from services.dossiers import finish_dossier, start_work
from services.legacy.batches import ImportEndedError, cancel_import, import_chunk, rehearse, start_import
from services.legacy.undoing import DossierTakenUpError, take_back_dossier
from services.listing import ListRequest, list_rows
from tests.support.centre import Centre
from tests.support.legacy import counts, open_table, reasons, take_in

S = DossierState
ROW = {"procedure_code": "1.004194", "department_code": "Sở Tư pháp", "received_at": "2016-04-04 08:30"}


def on(day: int, hour: int = 9, minute: int = 0) -> datetime:
    """Return an instant of April 2016 on the clock of Hồ Chí Minh City."""
    return datetime(2016, 4, day, hour, minute, tzinfo=UTC) - timedelta(hours=7)


def test_row_becomes_the_dossier_it_tells_of(session, now, tmp_path):
    row = ROW | {
        "code": "H19.08-160404-0007", "legacy_code": "HS 12/2016", "site_code": "Điểm Long Khánh",
        "applicant_name": "Nguyễn Thị Minh Khai", "applicant_id_number": "075190000123", "phone": "0912 345 678",
        "channel": "online", "due_at": "20/04/2016", "finished_at": "2016-04-18 10:00", "returned_at": "19/04/2016",
        "return_method": "post", "state": "10", "responsible": "Trương Công Huy", "note": "Hồ sơ giấy",
    }  # fmt: skip

    batch = take_in(session, open_table(tmp_path / "a.csv", [row]), now)

    assert (counts(batch), reasons(session, batch)) == ((1, 0, 0, 0), [])
    dossier = session.scalars(select(Dossier)).one()
    assert (dossier.code, dossier.legacy_code, dossier.note) == ("H19.08-160404-0007", "HS 12/2016", "Hồ sơ giấy")
    assert (dossier.applicant.full_name, dossier.applicant.id_number) == ("Nguyễn Thị Minh Khai", "075190000123")
    assert (dossier.applicant_phone, dossier.channel, dossier.rule_set) == (
        "0912 345 678", Channel.ONLINE, RuleSet.BEFORE_2018,
    )  # fmt: skip
    assert (dossier.return_method, dossier.delivery_state) == (ReturnMethod.POST, DeliveryState.DELIVERED)
    assert (dossier.received_at, dossier.finished_at, dossier.returned_at) == (on(4, 8, 30), on(18, 10), on(19, 0))
    assert dossier.due_at == dossier.statutory_due_at == datetime(2016, 4, 20, 16, 59, 59, tzinfo=UTC)
    assert (dossier.recorded_at, dossier.is_imported, dossier.is_silent) == (now, True, True)
    assert [(e.kind, e.state_from, e.state_to, e.occurred_at) for e in dossier.events] == [
        (Kind.RECEIVED, None, S.ACCEPTED, on(4, 8, 30)),
        (Kind.STARTED, S.ACCEPTED, S.PROCESSING, on(4, 8, 30)),
        (Kind.DECIDED, S.PROCESSING, S.DECIDED, on(18, 10)),
        (Kind.RETURNED, S.DECIDED, S.RETURNED, on(19, 0)),
    ]
    made = [session.scalars(select(model)).one() for model in (Department, Site, Procedure, Staff, Applicant)]
    assert all(row.is_imported for row in made)
    assert not made[3].is_active


@pytest.mark.parametrize(
    ("given", "state", "clock_state", "kinds"),
    [
        ({}, S.ACCEPTED, ClockState.RUNNING, [Kind.RECEIVED]),
        ({"responsible": "A"}, S.ACCEPTED, ClockState.RUNNING, [Kind.RECEIVED, Kind.ASSIGNED]),
        ({"state": "1"}, S.NEW, None, [Kind.SUBMITTED]),
        ({"state": "3"}, S.REFUSED, None, [Kind.REFUSED]),
        ({"state": "4"}, S.PROCESSING, ClockState.RUNNING, [Kind.RECEIVED, Kind.STARTED]),
        ({"state": "5"}, S.SUPPLEMENT, ClockState.STOPPED, [Kind.RECEIVED, Kind.STARTED, Kind.SUPPLEMENT_ASKED]),
        ({"state": "6"}, S.PAYMENT, ClockState.STOPPED, [Kind.RECEIVED, Kind.STARTED, Kind.PAYMENT_ASKED]),
        ({"state": "7"}, S.WITHDRAWAL, ClockState.STOPPED, [Kind.RECEIVED, Kind.STARTED, Kind.WITHDRAWAL_ASKED]),
        ({"state": "8", "finished_at": "2016-04-09 09:00"}, S.STOPPED, ClockState.ENDED,
         [Kind.RECEIVED, Kind.STARTED, Kind.STOPPED]),
        ({"finished_at": "2016-04-09 09:00"}, S.DECIDED, ClockState.ENDED, [Kind.RECEIVED, Kind.STARTED, Kind.DECIDED]),
        ({"returned_at": "2016-04-09 09:00"}, S.RETURNED, ClockState.ENDED,
         [Kind.RECEIVED, Kind.STARTED, Kind.DECIDED, Kind.RETURNED]),
    ],
)  # fmt: skip
def test_row_and_clock_are_what_their_events_amount_to(session, now, tmp_path, given, state, clock_state, kinds):
    take_in(session, open_table(tmp_path / "a.csv", [ROW | given]), now)

    dossier = session.scalars(select(Dossier)).one()
    clock = session.scalars(select(Clock)).one_or_none()
    facts = rebuild_dossier_facts(dossier.events)
    assert [event.kind for event in dossier.events] == kinds
    assert (dossier.state, dossier.event_count) == (state, len(kinds))
    for name in facts.__slots__:
        assert getattr(dossier, name) == getattr(facts, name), name
    assert (clock.state if clock else None) == clock_state
    if clock is not None:
        assert rebuild_clock(list_clock_events(session, clock)).state is clock.state


def test_same_file_again_adds_nothing_and_an_interrupted_one_goes_on(session, now, tmp_path):
    rows = [ROW | {"received_at": f"2016-04-{day:02d} 09:00", "note": f"số {day}"} for day in range(1, 8)]
    source = open_table(tmp_path / "a.csv", [*rows, rows[0]])

    first = start_import(session, source, kind=BatchKind.DOSSIERS, at=now, creates=True)
    import_chunk(session, first, source, at=now, size=3)
    session.commit()
    batch = take_in(session, source, now, size=3)
    again = take_in(session, source, now)

    assert batch is first
    assert counts(batch) == (7, 0, 1, 0)
    assert counts(again) == (0, 0, 8, 0)
    codes = sorted(session.scalars(select(Dossier.code)))
    assert codes == [f"H00-1604{day:02d}-0001" for day in range(1, 8)]
    assert session.scalar(select(func.count()).select_from(Clock)) == 7


def test_ended_import_cannot_go_on(session, now, tmp_path):
    source = open_table(tmp_path / "a.csv", [ROW, ROW | {"note": "khác"}])
    batch = start_import(session, source, kind=BatchKind.DOSSIERS, at=now, creates=True)

    cancel_import(session, batch, at=now)

    assert batch.state is BatchState.CANCELLED
    with pytest.raises(ImportEndedError):
        import_chunk(session, batch, source, at=now)
    with pytest.raises(ImportEndedError):
        cancel_import(session, batch, at=now)


def test_what_cannot_be_taken_is_refused_with_its_reason(session, now, tmp_path):
    centre = Centre(session, now)
    here = {"procedure_code": centre.licence.code, "department_code": "H19.07", "received_at": "2016-04-04 09:00"}
    first = here | {"legacy_code": "a", "applicant_name": "Lê Vũ", "applicant_id_number": "075190000123"}
    rows = [
        first,
        here | {"procedure_code": ""},
        here | {"received_at": ""},
        here | {"received_at": "hôm qua"},
        here | {"received_at": "2099-01-01 09:00"},
        here | {"procedure_code": "9.999999"},
        here | {"department_code": "Sở Không có"},
        here | {"site_code": "Nơi khác"},
        here | {"responsible": "Ai đó"},
        here | {"channel": "fax"},
        here | {"state": "11"},
        here | {"state": "9"},
        here | {"state": "4", "finished_at": "2016-04-05 09:00"},
        here | {"state": "9", "finished_at": "2016-04-05 09:00", "returned_at": "2016-04-06 09:00"},
        here | {"code": "12345"},
        here | {"legacy_code": "a", "note": "khác"},
        here | {"applicant_name": "Trần Khác", "applicant_id_number": "075190000123"},
        here | {"note": "x" * 10_001},
    ]

    batch = take_in(session, open_table(tmp_path / "a.csv", rows), now, creates=False)

    assert counts(batch) == (1, 0, 0, len(rows) - 1)
    assert reasons(session, batch) == [
        (3, "procedure_code is empty. Enter it."),
        (4, "received_at is empty. Enter it."),
        (5, "hôm qua is not a date with a time. Write it as 31/12/2016 16:30."),
        (6, "received_at lies in the future. Correct it."),
        (7, "No procedure has the code 9.999999. Correct it, or have what is unknown created."),
        (8, "No department has the code or name Sở Không có. Correct it, or have what is unknown created."),
        (9, "No site has the code or name Nơi khác. Correct it, or have what is unknown created."),
        (10, "Nobody on the staff has the badge number or name Ai đó. Correct it, or have the unknown created."),
        (11, "fax is no value of channel. Write one of: counter, online, post."),
        (12, "11 is no value of state. Write one of: 1, 2, 3, 4, 5, 6, 7, 8, 9, 10."),
        (13, "State 9 says that it has ended, but finished_at is empty. Enter when it ended."),
        (14, "State 4 does not go with finished_at: correct one of the two."),
        (15, "State 9 does not go with returned_at: correct one of the two."),
        (16, "12345 is not a dossier code: it looks like H19.07-170515-0001."),
        (17, "a is already here and says something else in: applicant_name, note. Correct the row or the dossier."),
        (18, "The ID number 075190000123 is known under another name. Correct one of the two."),
        (19, "note is longer than 10000 characters. Shorten it."),
    ]
    raw = session.scalars(select(BatchRow.raw).where(BatchRow.line_number == 6)).one()
    assert '"2099-01-01 09:00"' in raw


def test_imported_codes_move_the_counter_and_are_never_given_again(session, now, tmp_path):
    take_in(session, open_table(tmp_path / "a.csv", [ROW | {"code": "H19.08-160404-0041"}]), now)

    assert allocate_code(session, unit_code="H19.08", at=on(4)) == "H19.08-160404-0042"


def test_earlier_code_finds_the_dossier(session, now, tmp_path):
    take_in(session, open_table(tmp_path / "a.csv", [ROW | {"legacy_code": "case-10011"}, ROW]), now)

    found = list_rows(session, Dossier, ListRequest(search="case-10011"), at=now).rows

    assert [row.legacy_code for row in found] == ["case-10011"]


def test_import_is_silent_until_somebody_takes_the_dossier_up(session, now, tmp_path):
    centre = Centre(session, now)
    row = {
        "procedure_code": centre.licence.code, "department_code": "H19.07", "site_code": "TT",
        "received_at": "2016-04-04 09:00", "due_at": "2016-04-08 09:00",
    }  # fmt: skip
    take_in(session, open_table(tmp_path / "a.csv", [row]), now)
    dossier = session.scalars(select(Dossier)).one()

    assert [session.scalar(select(func.count()).select_from(model)) for model in (Ask, Visit)] == [0, 0]
    assert dossier.is_silent
    with centre.acting_as(centre.officer):
        start_work(session, dossier, at=now)
        assert not dossier.is_silent
        finish_dossier(session, dossier, at=now + timedelta(hours=1), kind=ResultKind.GRANTED, document_number="1")
    assert dossier.state is S.DECIDED
    with pytest.raises(DossierTakenUpError):
        take_back_dossier(session, dossier, at=now)


def test_department_sees_its_own_imported_dossiers_and_no_others(session, now, tmp_path):
    centre = Centre(session, now)
    rows = [
        {"procedure_code": centre.licence.code, "department_code": code, "received_at": "2016-04-04 09:00"}
        for code in ("H19.07.01", "H19.08")
    ]
    take_in(session, open_table(tmp_path / "a.csv", rows), now, creates=False)
    vehicles, justice = session.scalars(select(Dossier).order_by(Dossier.id)).all()

    with centre.acting_as(centre.stranger):
        assert list(session.scalars(select(Dossier.id))) == [justice.id]
    with centre.acting_as(centre.head):
        assert list(session.scalars(select(Dossier.id))) == [vehicles.id]
    assert sorted(session.execute(select(DossierAccess.department_id, DossierAccess.is_direct))) == sorted(
        [(centre.vehicles.id, True), (centre.transport.id, False), (centre.justice.id, True)]
    )


def test_dossier_taken_back_is_gone_from_everywhere_and_comes_in_again(session, now, tmp_path):
    rows = [ROW | {"code": "H19.08-160404-0007", "legacy_code": "a"}, ROW | {"state": "5"}, ROW | {"state": "3"}]
    source = open_table(tmp_path / "a.csv", rows)
    take_in(session, source, now)
    dossiers = session.scalars(select(Dossier)).all()
    events = [len(dossier.events) for dossier in dossiers]

    for dossier in dossiers:
        take_back_dossier(session, dossier, at=now)
    session.commit()

    assert session.scalars(select(Dossier)).all() == []
    assert session.scalar(select(func.count()).select_from(DossierAccess)) == 0
    assert set(session.scalars(select(Clock.state))) == {ClockState.ENDED}
    for dossier, count in zip(dossiers, events, strict=True):
        session.refresh(dossier)
        assert (dossier.annulled_at, len(dossier.events)) == (now, count + 1)
    assert counts(take_in(session, source, now)) == (3, 0, 0, 0)


def test_import_is_audited_under_its_batch(session, now, tmp_path):
    batch = take_in(session, open_table(tmp_path / "a.csv", [ROW]), now)

    entities = session.scalars(
        select(AuditEvent.entity).where(AuditEvent.batch_id == batch.id, AuditEvent.action == "create")
    ).all()

    assert sorted(entities) == [
        "applicant", "clock", "department", "dossier", "procedure", "procedure_field", "procedure_version", "site",
    ]  # fmt: skip


CELLS = st.sampled_from(["", "x", "1.004194", "Sở Tư pháp", "=1+1", "2016-04-04 09:00", "05/04/2016", "9", "ồ" * 400])


@settings(
    max_examples=15, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(
    rows=st.lists(
        st.fixed_dictionaries(
            {},
            optional={
                name: CELLS
                for name in ("code", "procedure_code", "received_at", "finished_at", "state", "channel", "site_code")
            },
        ),
        min_size=1,
        max_size=12,
    ),
    size=st.integers(1, 6),
)
def test_every_line_is_counted_once_and_a_rehearsal_foretells_it(session, now, tmp_path, rows, size):
    rows = [{"procedure_code": "1.004194", "received_at": "2016-04-04 09:00", "note": "1"} | row for row in rows]
    source = open_table(tmp_path / "a.csv", rows)
    kind = BatchKind.DOSSIERS

    told = [item.outcome for item in rehearse(session, source, kind=kind, creates=True, at=now, size=size)]
    session.rollback()
    batch = take_in(session, source, now, size=size)

    assert sum(counts(batch)) == batch.total_count == batch.done_count == len(rows)
    rows_of = select(BatchRow.outcome).where(BatchRow.batch_id == batch.id).order_by(BatchRow.line_number)
    assert list(session.scalars(rows_of)) == told
    assert told.count(RowOutcome.CREATED) == batch.created_count


def test_rehearsal_writes_nothing(session: Session, now: datetime, tmp_path: Path):
    source = open_table(tmp_path / "a.csv", [ROW, ROW, ROW | {"state": "12"}])

    told = [item.outcome for item in rehearse(session, source, kind=BatchKind.DOSSIERS, creates=True, at=now)]
    session.commit()

    assert told == [RowOutcome.CREATED, RowOutcome.UNCHANGED, RowOutcome.REFUSED]
    for model in (Dossier, Department, Procedure, BatchRow, AuditEvent):
        assert session.scalar(select(func.count()).select_from(model)) == 0
