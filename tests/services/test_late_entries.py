"""When the line is down: emergency receipts, late entries with a second person, and no other road into the past."""

import inspect
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from models.clock import ClockEvent
from models.consultation import Opinion, Transfer
from models.dossier import Dossier, DossierEvent
from models.emergency import EmergencyReceipt, EmergencyState
from models.ids import ordered_id
from models.late_entry import LateContent, LateEntry, LateKind, LateState
from models.states import DossierState, EventKind, ResultKind
from services import consultations, dossiers, emergency_receipts, late_entries, work
from services.collectors import usual_collector
from services.dossier_events import DossierFacts, rebuild_dossier_facts
from services.dossier_intake import Intake, PapersMissingError
from services.dossiers import Chosen, Parcel
from services.emergency_receipts import prepare_booklet, void_receipt
from services.errors import DeniedError, UserError
from services.ledger import ClockOrderError
from services.plain_data import from_plain, to_plain
from services.record_time import LaterRecordedError, TimeInPastError
from services.session import acting
from services.settlement import make_cut, summarise_settlement
from tests.support.centre import Centre, receive
from tests.support.processes import make_process, put_in_force

S = DossierState
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
REFUSALS = (TimeInPastError, LaterRecordedError, ClockOrderError)
STEPS = ("receive RECEIVE", "work WORK 1 WORKING_DAY", "sign DECIDE 4 HOUR", "return RETURN")
WAYS = ("receive FORWARD work", "work FORWARD sign", "work FINISH return", "sign FINISH return")


@pytest.fixture
def centre(session, now) -> Centre:
    return Centre(session, now)


def clerk(centre: Centre) -> Any:
    return centre.acting_as(centre.clerk, centre.counter)


def entered(centre: Centre, **facts: Any) -> LateEntry:
    """Enter as the clerk, two hours later, what was received now on an emergency receipt."""
    later = centre.at + 2 * HOUR
    with clerk(centre) as session:
        number = prepare_booklet(session, counter=centre.counter, count=1, at=centre.at).number
        entry = late_entries.begin_intake(
            session, counter=centre.counter, receipt_number=number.lower(), happened_at=centre.at, reason="Mất điện",
            at=later,
        )  # fmt: skip
        return late_entries.enter_intake(session, entry, intake=centre.intake(**facts), at=later)


def test_receipts_are_numbered_beforehand_and_accounted_for(centre, now):
    with clerk(centre) as session:
        first = prepare_booklet(session, counter=centre.counter, count=3, at=now)
        second = prepare_booklet(session, counter=centre.other_counter, count=2, at=now + DAY)
        assert (str(first), str(second)) == ("KC-TT-17-0001 – KC-TT-17-0003", "KC-TT-17-0004 – KC-TT-17-0005")
        for count in (0, 101):
            with pytest.raises(emergency_receipts.BookletSizeError):
                prepare_booklet(session, counter=centre.counter, count=count, at=now)
        torn = first.receipts[1]
        void_receipt(session, torn, reason="Rách", at=now)
        with pytest.raises(emergency_receipts.EmergencyUsedError):
            void_receipt(session, torn, reason="Rách", at=now)
        for number, error in (("KC-TT-17-0002", "Used"), ("KC-TT-17-0009", "Number")):
            with pytest.raises(getattr(emergency_receipts, f"Emergency{error}Error")):
                emergency_receipts.find_receipt(session, number, centre.counter)

    assert (first.receipt_count, first.left_count, first.used_count, first.void_count) == (3, 2, 0, 1)
    with centre.acting_as(centre.officer) as session, pytest.raises(DeniedError):
        prepare_booklet(session, counter=centre.counter, count=1, at=now)


def test_what_came_on_paper_runs_as_though_received_at_its_true_time(centre, now):
    at_once = receive(centre)
    entry = entered(centre)
    later = now + 2 * HOUR
    receipt = centre.session.scalars(select(EmergencyReceipt)).one()
    assert (entry.state, receipt.state) == (LateState.PENDING, EmergencyState.ENTERED)
    assert centre.session.scalars(select(Dossier)).all() == [at_once]  # nothing has happened yet
    with clerk(centre) as session, pytest.raises(DeniedError):
        late_entries.confirm_late_entry(session, entry, at=later)
    with centre.acting_as(centre.head) as session:
        dossier = late_entries.confirm_late_entry(session, entry, at=later + HOUR)
        with pytest.raises(late_entries.LateEntryDecidedError):
            late_entries.confirm_late_entry(session, entry, at=later + HOUR)

    assert (dossier.received_at, dossier.due_at, dossier.tasks[0].since_at, dossier.tasks[0].due_at) == (
        at_once.received_at, at_once.due_at, at_once.tasks[0].since_at, at_once.tasks[0].due_at,
    )  # fmt: skip
    assert (dossier.code, dossier.recorded_at, dossier.is_late_entry) == ("H19.07-170517-0002", later + HOUR, True)
    assert (dossier.received_by_id, entry.decided_by_id) == (centre.clerk.staff_id, centre.head.id)
    (event,) = dossier.events
    assert (event.occurred_at, event.recorded_at, event.late_entry_id) == (now, later + HOUR, entry.id)
    ticks = centre.session.scalars(select(ClockEvent).where(ClockEvent.late_entry_id == entry.id)).all()
    assert [(tick.occurred_at, tick.recorded_at) for tick in ticks] == [(now, later + HOUR)]
    assert (receipt.state, receipt.booklet.used_count, receipt.booklet.left_count) == (EmergencyState.USED, 1, 0)
    assert centre.session.get(LateContent, entry.id) is None
    rebuilt = rebuild_dossier_facts(dossier.events)
    assert rebuilt == DossierFacts(**{name: getattr(dossier, name) for name in DossierFacts.__slots__})
    cut = make_cut(since=date(2017, 5, 1), until=date(2017, 5, 31), now=now + DAY)
    total = summarise_settlement(centre.session, cut).total
    assert (total.received, total.late_entered) == (2, 1)
    known_then = make_cut(since=date(2017, 5, 1), until=date(2017, 5, 31), now=now + DAY, known_at=later)
    assert summarise_settlement(centre.session, known_then).total.received == 1


def test_nobody_confirms_for_themselves(centre, now):
    entry = entered(centre)
    entry.entered_by_id = centre.head.id
    with centre.acting_as(centre.head) as session, pytest.raises(late_entries.SamePersonConfirmsError):
        late_entries.confirm_late_entry(session, entry, at=now + DAY)
    centre.session.flush()
    entry.state, entry.decided_by_id = LateState.CONFIRMED, centre.head.id
    with pytest.raises(IntegrityError), centre.session.begin_nested():
        centre.session.flush()


def test_an_entry_that_cannot_be_is_refused_when_it_is_entered(centre, now):
    with clerk(centre) as session:
        number = prepare_booklet(session, counter=centre.counter, count=1, at=now).number
        begin = {"counter": centre.counter, "receipt_number": number, "reason": "Mất mạng", "at": now}
        for change, error in (
            ({"happened_at": now}, late_entries.TrueTimeAheadError),
            ({"happened_at": now - 31 * DAY}, late_entries.TrueTimeTooOldError),
            ({"happened_at": now - HOUR, "receipt_number": "KC-1"}, emergency_receipts.EmergencyNumberError),
            ({"happened_at": now - HOUR, "reason": " "}, UserError),
        ):
            with pytest.raises(error):
                late_entries.begin_intake(session, **begin | change)
        entry = late_entries.begin_intake(session, **begin, happened_at=now - HOUR)
        with pytest.raises(PapersMissingError), session.begin_nested():
            late_entries.enter_intake(session, entry, intake=centre.intake(papers=()), at=now)
        session.refresh(entry)
        with pytest.raises(emergency_receipts.EmergencyUsedError):
            late_entries.begin_intake(session, **begin, happened_at=now - HOUR)
        late_entries.refuse_late_entry(session, entry, reason="Nhập nhầm", at=now)
        again = late_entries.begin_intake(session, **begin, happened_at=now - HOUR)
    with centre.acting_as(centre.stranger, centre.justice_counter) as session, pytest.raises(DeniedError):
        late_entries.enter_intake(session, again, intake=centre.intake(), at=now)

    assert (entry.state, again.state, again.receipt_id) == (LateState.REFUSED, LateState.DRAFT, entry.receipt_id)
    assert centre.session.scalars(select(Dossier)).all() == []


def test_the_second_person_refuses(centre, now):
    entry = entered(centre)
    with centre.acting_as(centre.head) as session:
        late_entries.refuse_late_entry(session, entry, reason="Sai giờ", at=now + DAY)

    receipt = centre.session.scalars(select(EmergencyReceipt)).one()
    assert (entry.state, entry.decision_note, receipt.state) == (LateState.REFUSED, "Sai giờ", EmergencyState.ISSUED)
    assert centre.session.scalars(select(Dossier)).all() == []


def test_papers_and_results_of_that_time_are_entered_too(centre, now):
    dossier = receive(centre)
    with centre.acting_as(centre.officer) as session:
        dossiers.request_supplement(session, dossier, reason="Thiếu ảnh", at=now + HOUR)
    here = {"counter": centre.counter, "code": dossier.code, "reason": "Mất mạng"}
    with clerk(centre) as session:
        with pytest.raises(late_entries.LateDossierError):
            late_entries.enter_supplement(
                session, **here | {"code": "x"}, note="", happened_at=now + 2 * HOUR, at=now + 4 * HOUR
            )
        with pytest.raises(UserError), session.begin_nested():  # before they were asked for
            late_entries.enter_supplement(session, **here, note="", happened_at=now, at=now + 4 * HOUR)
        papers = late_entries.enter_supplement(
            session, **here, note="2 ảnh", happened_at=now + 2 * HOUR, at=now + 4 * HOUR
        )
    with centre.acting_as(centre.head) as session:
        late_entries.confirm_late_entry(session, papers, at=now + 5 * HOUR)
        dossiers.start_work(session, dossier, responsible=centre.officer.staff, at=now + 5 * HOUR)
        dossiers.finish_dossier(session, dossier, kind=ResultKind.GRANTED, at=now + 5 * HOUR)
    with clerk(centre) as session:
        handed = late_entries.enter_return(
            session, **here, collector=usual_collector(dossier), happened_at=now + 6 * HOUR, at=now + DAY
        )
    assert dossier.state is S.DECIDED
    with centre.acting_as(centre.head) as session:
        late_entries.confirm_late_entry(session, handed, at=now + DAY)

    assert (dossier.state, dossier.returned_at, dossier.is_late_entry) == (S.RETURNED, now + 6 * HOUR, False)
    assert [entry.kind for entry in dossier.late_entries] == [LateKind.SUPPLEMENT, LateKind.RETURN]
    marked = [(event.kind, event.occurred_at) for event in dossier.events if event.late_entry_id]
    assert marked == [(EventKind.SUPPLEMENT_RECEIVED, now + 2 * HOUR), (EventKind.RETURNED, now + 6 * HOUR)]


def test_an_intake_is_kept_whole(centre):
    intake = centre.intake(submitter_name="Lê Văn Tám")

    assert from_plain(Intake, to_plain(intake)) == intake
    assert from_plain(Intake, to_plain(intake) | {"gone": 1}) == intake


# -- nothing else writes a time that has passed --------------------------------------------------------------------

Do = Callable[[Centre, Dossier, Any], object]


def _ask(c: Centre, d: Dossier, at: Any) -> Opinion:
    by = date(2017, 6, 1)
    return consultations.ask_opinion(c.session, d, department=c.justice, question="q", answer_by_date=by, at=at)


def _lend(c: Centre, d: Dossier, at: Any) -> Transfer:
    return consultations.send_transfer(c.session, d, department=c.vehicles, reason="r", at=at)


START: Do = lambda c, d, at: dossiers.start_work(c.session, d, responsible=c.officer.staff, at=at)  # noqa: E731
FINISH: Do = lambda c, d, at: dossiers.finish_dossier(c.session, d, kind=ResultKind.GRANTED, at=at)  # noqa: E731
SUPPLEMENT: Do = lambda c, d, at: dossiers.request_supplement(c.session, d, reason="r", at=at)  # noqa: E731
PAYMENT: Do = lambda c, d, at: dossiers.request_payment(c.session, d, reason="r", at=at)  # noqa: E731
WITHDRAW: Do = lambda c, d, at: dossiers.request_withdrawal(c.session, d, reason="r", at=at)  # noqa: E731
POST: Do = lambda c, d, at: dossiers.post_result(c.session, d, parcel=Parcel(waybill="E1"), at=at)  # noqa: E731


def _opinion(c: Centre, d: Dossier) -> Opinion:
    return c.session.scalars(select(Opinion).where(Opinion.dossier_id == d.id)).one()


def _transfer(c: Centre, d: Dossier) -> Transfer:
    return c.session.scalars(select(Transfer).where(Transfer.dossier_id == d.id)).one()


EVERY_VERB: dict[Callable[..., Any], tuple[tuple[Do, ...], Do]] = {
    dossiers.start_work: ((), START),
    dossiers.assign_dossier: (
        (START,), lambda c, d, at: dossiers.assign_dossier(c.session, d, responsible=c.officer.staff, at=at),
    ),
    dossiers.request_supplement: ((START,), SUPPLEMENT),
    dossiers.receive_supplement: (
        (START, SUPPLEMENT), lambda c, d, at: dossiers.receive_supplement(c.session, d, at=at),
    ),
    dossiers.request_payment: ((START,), PAYMENT),
    dossiers.settle_payment: ((START, PAYMENT), lambda c, d, at: dossiers.settle_payment(c.session, d, at=at)),
    dossiers.extend_dossier: (
        (START,),
        lambda c, d, at: dossiers.extend_dossier(c.session, d, due_at=d.due_at + DAY, reason="r", at=at),
    ),
    dossiers.finish_dossier: ((START,), FINISH),
    dossiers.request_withdrawal: ((START,), WITHDRAW),
    dossiers.revoke_withdrawal: ((START, WITHDRAW), lambda c, d, at: dossiers.revoke_withdrawal(c.session, d, at=at)),
    dossiers.stop_dossier: ((START,), lambda c, d, at: dossiers.stop_dossier(c.session, d, reason="r", at=at)),
    dossiers.reopen_dossier: (
        (START, FINISH), lambda c, d, at: dossiers.reopen_dossier(c.session, d, reason="r", at=at),
    ),
    dossiers.annul_dossier: ((START,), lambda c, d, at: dossiers.annul_dossier(c.session, d, reason="r", at=at)),
    dossiers.shelve_result: ((START, FINISH), lambda c, d, at: dossiers.shelve_result(c.session, d, at=at)),
    dossiers.collect_results: (
        (START, FINISH),
        lambda c, d, at: dossiers.collect_results(c.session, [Chosen(d)], collector=usual_collector(d), at=at),
    ),
    dossiers.send_result: ((START, FINISH), lambda c, d, at: dossiers.send_result(c.session, d, at=at)),
    dossiers.post_result: ((START, FINISH), POST),
    dossiers.confirm_delivery: (
        (START, FINISH, POST), lambda c, d, at: dossiers.confirm_delivery(c.session, d, at=at),
    ),
    dossiers.fail_delivery: (
        (START, FINISH, POST), lambda c, d, at: dossiers.fail_delivery(c.session, d, reason="r", at=at),
    ),
    work.take_way: ((START,), lambda c, d, at: work.take_way(c.session, d, code="work-sign", reason="r", at=at)),
    work.release_task: ((START,), lambda c, d, at: work.release_task(c.session, d, at=at)),
    consultations.ask_opinion: ((START,), _ask),
    consultations.answer_opinion: (
        (START, _ask), lambda c, d, at: consultations.answer_opinion(c.session, _opinion(c, d), answer="a", at=at),
    ),
    consultations.withdraw_opinion: (
        (START, _ask), lambda c, d, at: consultations.withdraw_opinion(c.session, _opinion(c, d), reason="r", at=at),
    ),
    consultations.send_transfer: ((START,), _lend),
    consultations.acknowledge_transfer: (
        (START, _lend), lambda c, d, at: consultations.acknowledge_transfer(c.session, _transfer(c, d), at=at),
    ),
    consultations.return_transfer: (
        (START, _lend), lambda c, d, at: consultations.return_transfer(c.session, _transfer(c, d), outcome="o", at=at),
    ),
}  # fmt: skip


def _verbs_of(module: ModuleType) -> set[str]:
    """Return the functions of a module that do something to one dossier at a time."""
    own = {name: verb for name, verb in vars(module).items() if inspect.isfunction(verb)}
    names = set(getattr(module, "__all__", [name for name, verb in own.items() if verb.__module__ == module.__name__]))
    subject = {"dossier", "opinion", "transfer", "chosen"}
    return {
        name
        for name in names & own.keys()
        if "at" in (parameters := inspect.signature(own[name]).parameters) and subject & set(parameters)
        if not name.startswith("_")
    }


def test_every_verb_is_tried():
    known = _verbs_of(dossiers) | _verbs_of(work) | _verbs_of(consultations)
    known -= {"closing_of"}  # it only computes

    assert {verb.__name__ for verb in EVERY_VERB} == known


def test_no_verb_writes_a_time_that_has_passed(centre, now):
    version = make_process(centre.session, centre.licence, STEPS, WAYS)
    put_in_force(centre.session, version, now)
    dossier, session = receive(centre), centre.session
    failed = []
    for verb, (before, do) in EVERY_VERB.items():
        around = session.begin_nested()
        for step, act in enumerate(before, 1):
            act(centre, dossier, now + step * MINUTE)
        known, later = dossier.event_count, now + (len(before) + 2) * MINUTE
        with acting(session, session.info["actor"], at=later):
            for past in (later - timedelta(microseconds=1), later - MINUTE, now - HOUR):
                with pytest.raises(REFUSALS), session.begin_nested():
                    do(centre, dossier, past)
                session.expire_all()
            do(centre, dossier, later)
        failed += [verb.__name__] if dossier.event_count <= known else []
        around.rollback()
        session.expire_all()

    assert failed == []


def test_nothing_is_received_in_the_past(centre, now):
    with clerk(centre) as session, acting(session, session.info["actor"], at=now):
        taken = {"intake": centre.intake(), "counter": centre.counter, "at": now - HOUR}
        for receives in (
            lambda: dossiers.receive_dossier(session, **taken),
            lambda: dossiers.refuse_at_intake(session, **taken, reason="r"),
        ):
            with pytest.raises(TimeInPastError), session.begin_nested():
                receives()

    assert centre.session.scalars(select(Dossier)).all() == []


def test_what_somebody_else_recorded_meanwhile_is_told(centre, now):
    dossier = receive(centre)
    with centre.acting_as(centre.officer) as session:
        dossiers.start_work(session, dossier, at=now + HOUR)
        with pytest.raises(LaterRecordedError) as refused:
            dossiers.finish_dossier(session, dossier, kind=ResultKind.GRANTED, at=now + MINUTE)

    assert refused.value.status == 409


def test_the_database_refuses_it_too(centre, now):
    dossier = receive(centre)
    event = {
        "dossier_id": dossier.id, "sequence": 2, "kind": EventKind.STARTED, "state_from": S.ACCEPTED,
        "state_to": S.PROCESSING, "staff_id": centre.officer.staff_id, "facts": {}, "is_after_end": False,
    }  # fmt: skip
    for occurred_at, recorded_at in ((now + HOUR, now + 2 * HOUR), (now - HOUR, now - HOUR)):
        times = {"id": ordered_id(), "occurred_at": occurred_at, "recorded_at": recorded_at}
        with pytest.raises(IntegrityError), centre.session.begin_nested():
            centre.session.execute(insert(DossierEvent).values(**event | times))
    times = {"id": ordered_id(), "occurred_at": now, "recorded_at": now}
    centre.session.execute(insert(DossierEvent).values(**event | times))


def test_only_late_entries_open_the_past():
    root = Path(__file__).parents[2]
    opened = [
        path.name
        for folder in ("services", "admin_views", "evaluation", "portal", "commands", "web")
        for path in (root / folder).rglob("*.py")
        if "entered_late(" in path.read_text() or 'info["late"]' in path.read_text()
    ]

    assert sorted(opened) == ["late_entries.py", "record_time.py"]
