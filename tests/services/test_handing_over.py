"""How results reach people: shelves, who may collect, several at once, the post, reminders, wrong ones taken back."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from models.collection import Collection, CollectionSignature, CollectorKind, SignatureKind
from models.dossier import Dossier
from models.notice import Note, NoteAudience
from models.postal_list import PostagePayer
from models.reminder import CallOutcome, ReminderKind
from models.result import Result, Return
from models.states import ApplicantKind, DeliveryState, DossierState, EventKind, ProofKind, ResultKind, ReturnMethod
from services import collectors, dossier_return, postal_lists, waiting_results
from services.collectors import Collector, clean_collector, read_strokes, signature_svg, usual_collector
from services.dossier_moves import IllegalMoveError
from services.dossiers import (
    Chosen,
    Parcel,
    annul_dossier,
    collect_results,
    confirm_delivery,
    fail_delivery,
    finish_dossier,
    post_result,
    reopen_dossier,
    send_result,
    shelve_result,
    start_work,
)
from services.errors import DeniedError
from services.many import NothingChosenError
from services.scanned_codes import Scan, read_scan
from services.shelves import AwayError, OnShelfError
from services.waiting_results import find_ready_by_number, find_ready_of, list_uncollected, record_reminder
from tests.support.centre import KHAI_ID, Centre, khai, receive

S = DossierState
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SIGNED = (((10, 20), (30, 40), (50, 60)), ((5, 5),))


@pytest.fixture
def centre(session, now) -> Centre:
    return Centre(session, now)


def decided(centre: Centre, **facts) -> Dossier:
    """Receive a dossier and decide it an hour later."""
    dossier = receive(centre, **facts)
    with centre.acting_as(centre.officer) as session:
        start_work(session, dossier, at=centre.at)
        finish_dossier(session, dossier, kind=ResultKind.GRANTED, document_number="12/GP", at=centre.at + HOUR)
    return dossier


def test_shelves_are_numbered_from_one_and_used_again(centre, now):
    first, second, third = (decided(centre) for _ in range(3))
    with centre.acting_as(centre.clerk, centre.counter) as session:
        assert [shelve_result(session, each, at=now + 2 * HOUR) for each in (first, second, third)] == [1, 2, 3]
        with pytest.raises(OnShelfError):
            shelve_result(session, first, at=now + 2 * HOUR)
        collect_results(session, [Chosen(second)], collector=usual_collector(second), at=now + 3 * HOUR)
        assert second.shelf_number is None
        annul_dossier(session, first, reason="Nhập nhầm", at=now + 3 * HOUR)
        post_result(session, third, parcel=Parcel(waybill="EK1"), at=now + 3 * HOUR)
        with pytest.raises(AwayError):
            shelve_result(session, third, at=now + 3 * HOUR)
        fail_delivery(session, third, reason="Không có người nhận", at=now + 4 * HOUR)
        fourth = receive(centre)
        with pytest.raises(IllegalMoveError):
            shelve_result(session, fourth, at=now + 4 * HOUR)

    assert (first.shelf_number, third.shelf_number, third.delivery_state) == (None, 1, DeliveryState.READY)
    with centre.acting_as(centre.stranger, centre.justice_counter) as session, pytest.raises(DeniedError):
        shelve_result(session, third, at=now + 5 * HOUR)


def test_one_scan_finds_everything_that_is_ready_for_a_person(centre, now):
    mine, also_mine = decided(centre), decided(centre)
    brought = decided(
        centre, applicant=khai(full_name="Lê Văn Tám", id_number="075190000456"),
        submitter_name="Nguyễn Thị Minh Khai", submitter_id_number=KHAI_ID, submitter_proof=ProofKind.MESSENGER,
    )  # fmt: skip
    foreign = decided(centre, applicant=khai(full_name="Trần Văn Ơn", id_number="075190000789"))
    receive(centre)  # not yet decided
    with centre.acting_as(centre.clerk, centre.counter) as session:
        assert find_ready_of(session, also_mine) == [also_mine, mine, brought]
        assert find_ready_of(session, brought) == [brought, mine, also_mine]
        assert find_ready_of(session, foreign) == [foreign]
        assert find_ready_by_number(session, KHAI_ID) == [mine, also_mine, brought]
        assert find_ready_by_number(session, "") == []
    with centre.acting_as(centre.stranger, centre.justice_counter) as session:
        assert find_ready_by_number(session, KHAI_ID) == []


@pytest.mark.parametrize(
    ("text", "scan"),
    [
        (" h19.07-170517-0001 ", Scan("h19.07-170517-0001")),
        (f"{KHAI_ID}|271234567|Nguyễn Thị Minh Khai|19051990|Nữ|Biên Hòa|01012021", Scan("", KHAI_ID)),
        (f"{KHAI_ID}||Lê", Scan("", KHAI_ID)),
        ("271234567", Scan("271234567", "271234567")),
        ("0100233488", Scan("0100233488", "0100233488")),
        ("https://motcua.example/slip/abc_D-1", Scan("abc_D-1")),
        ("case-10011", Scan("case-10011")),
        ("", Scan("")),
    ],
)
def test_what_a_scanner_types_is_told_apart(text, scan):
    assert read_scan(text) == scan


def test_several_results_are_handed_over_in_one_act(centre, now):
    results = [decided(centre) for _ in range(3)]
    signed = replace(usual_collector(results[0]), signature=SignatureKind.DRAWN, strokes=SIGNED)
    with centre.acting_as(centre.clerk, centre.counter) as session:
        with pytest.raises(NothingChosenError):
            collect_results(session, [], collector=signed, at=now + 2 * HOUR)
        collection = collect_results(session, [Chosen(each) for each in results], collector=signed, at=now + 2 * HOUR)

    assert [(each.state, each.returned_at) for each in results] == [(S.RETURNED, now + 2 * HOUR)] * 3
    assert (collection.number, collection.counter_id) == ("TKQ-TT-170517-0001", centre.counter.id)
    assert {way.collection_id for way in centre.session.scalars(select(Return))} == {collection.id}
    kept = centre.session.get_one(CollectionSignature, collection.id)
    assert signature_svg(kept.strokes).count("<path") == 1
    assert signature_svg(kept.strokes).count("<circle") == 1


def test_one_that_cannot_be_handed_over_keeps_all_of_them_back(centre, now):
    good, gone = decided(centre), decided(centre)
    with centre.acting_as(centre.clerk, centre.counter) as session:
        send_result(session, gone, at=now + 2 * HOUR)
        with pytest.raises(IllegalMoveError), session.begin_nested():
            collect_results(session, [Chosen(good), Chosen(gone)], collector=usual_collector(good), at=now + 3 * HOUR)
        session.refresh(good)

    assert (good.state, centre.session.scalars(select(Collection)).all()) == (S.DECIDED, [])


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"name": " "}, collectors.CollectorMissingError),
        ({"name": "Lê Văn Tám", "id_number": ""}, collectors.CollectorOtherError),
        ({"id_number": "075190000456"}, collectors.CollectorOtherError),
        ({"id_number": "12"}, collectors.CollectorIdNumberError),
        ({"kind": CollectorKind.PROXY, "id_number": ""}, collectors.CollectorIdMissingError),
        ({"kind": CollectorKind.PROXY}, collectors.CollectorProofError),
        ({"kind": CollectorKind.PROXY, "proof_kind": ProofKind.FAMILY}, collectors.CollectorProofError),
        (
            {"kind": CollectorKind.PROXY, "proof_kind": ProofKind.MESSENGER, "proof_number": "1"},
            collectors.CollectorProofError,
        ),
        ({"id_number": "075190000456|x"}, collectors.CollectorIdNumberError),
        ({"has_lost_receipt": True}, collectors.DeclarationMissingError),
        ({"signature": SignatureKind.DRAWN}, collectors.SignatureMissingError),
    ],
)
def test_who_may_not_collect_is_told_what_is_missing(change, error, now):
    dossier = Dossier(code="H19-1", applicant_kind=ApplicantKind.CITIZEN, applicant_name="Nguyễn Thị Minh Khai")
    dossier.applicant_id_number = KHAI_ID

    with pytest.raises(error):
        clean_collector(replace(usual_collector(dossier), **change), [dossier], at=now)


def test_whom_the_dossier_names_needs_no_proof(now):
    dossier = Dossier(code="H19-1", applicant_kind=ApplicantKind.CITIZEN, applicant_name="Nguyễn Thị Minh Khai")
    firm = Dossier(code="H19-2", applicant_kind=ApplicantKind.ENTERPRISE, applicant_name="Công ty Sao Mai")
    firm.submitter_name = "Lê Văn Tám"

    assert clean_collector(Collector(name="nguyen thi minh khai"), [dossier], at=now).name == "nguyen thi minh khai"
    card = clean_collector(
        Collector(name="", id_number=f"{KHAI_ID}||Nguyễn Thị Minh Khai|19051990|Nữ|x"), [dossier], at=now
    )
    assert (card.name, card.id_number) == ("Nguyễn Thị Minh Khai", KHAI_ID)
    assert usual_collector(firm).kind is CollectorKind.SUBMITTER
    assert clean_collector(usual_collector(firm), [firm], at=now).name == "Lê Văn Tám"
    assert clean_collector(Collector(name="Giám đốc của công ty"), [firm], at=now).kind is CollectorKind.APPLICANT


@pytest.mark.parametrize(
    "drawn", [None, 1, {}, [[]], [[[1, 2]]], [[[1, 2, 3]] * 9], [[[0, 401]] * 9], [[[True, 1]] * 9], [["x"] * 9], [7]]
)
def test_what_is_no_signature_counts_as_nothing_drawn(drawn):
    assert read_strokes(drawn) == ()


def test_by_post_it_is_returned_when_delivered(centre, now):
    dossier = decided(centre)
    with centre.acting_as(centre.clerk, centre.counter) as session:
        with pytest.raises(dossier_return.WaybillMissingError):
            post_result(session, dossier, parcel=Parcel(waybill=" "), at=now + 3 * HOUR)
        with pytest.raises(dossier_return.NotInPostError):
            confirm_delivery(session, dossier, at=now + 3 * HOUR)
        post_result(session, dossier, parcel=Parcel(waybill="EK1"), at=now + 3 * HOUR)
        assert (dossier.state, dossier.delivery_state) == (S.DECIDED, DeliveryState.IN_POST)
        with pytest.raises(dossier_return.AlreadyInPostError):
            send_result(session, dossier, at=now + 3 * HOUR)
        fail_delivery(session, dossier, reason="Không có người nhận", at=now + 4 * HOUR)
        assert (dossier.delivery_state, dossier.returned_at) == (DeliveryState.READY, None)
        post_result(session, dossier, parcel=Parcel(waybill="EK2"), at=now + 5 * HOUR)
        confirm_delivery(session, dossier, at=now + 6 * HOUR)

    assert (dossier.state, dossier.returned_at) == (S.RETURNED, now + 6 * HOUR)


def test_a_decision_that_came_without_its_result_cannot_be_handed_over(centre, now):
    dossier = decided(centre)
    dossier.results[0].replaced_at = now

    with pytest.raises(dossier_return.ResultMissingError):
        send_result(centre.session, dossier, at=now + 3 * HOUR)


def test_a_list_for_the_post_from_its_first_scan_to_the_last_letter(centre, now):
    address = {"return_method": ReturnMethod.POST}
    first, second, third = (decided(centre, **address) for _ in range(3))
    with centre.acting_as(centre.clerk, centre.counter) as session:
        with pytest.raises(postal_lists.CarrierMissingError):
            postal_lists.begin_postal_list(session, counter=centre.counter, carrier=" ", at=now)
        postal = postal_lists.begin_postal_list(session, counter=centre.counter, carrier="VNPost", at=now + 2 * HOUR)
        assert postal.number == "BD-TT-170517-001"
        with pytest.raises(postal_lists.PostalListEmptyError):
            postal_lists.send_postal_list(session, postal, at=now + 2 * HOUR)

        def add(code: str, waybill: str, amount: int = 22_000):
            parcel = Parcel(waybill=waybill, postage_amount=amount, postage_payer=PostagePayer.CENTRE)
            return postal_lists.add_to_postal_list(session, postal, code=code, parcel=parcel, at=now + 2 * HOUR)

        add(first.code.lower(), "bn1")
        add(second.code, "BN2")
        unwanted = add(third.code, "BN3")
        for wrong, error in (
            ((first.code, "BN9"), postal_lists.OnPostalListError),
            (("H19.07-170517-9999", "BN9"), postal_lists.ResultNotHereError),
            ((receive(centre).code, "BN9"), IllegalMoveError),
            ((decided(centre).code, "BN2"), postal_lists.WaybillUsedError),
            ((decided(centre).code, ""), dossier_return.WaybillMissingError),
            ((decided(centre).code, "BN9", -1), postal_lists.PostageError),
        ):
            with pytest.raises(error):
                add(*wrong)
        postal_lists.remove_from_postal_list(session, postal, item_id=unwanted.id)
        assert first.delivery_state is DeliveryState.READY  # on the list, but not yet away
        postal_lists.send_postal_list(session, postal, at=now + 3 * HOUR)
        with pytest.raises(postal_lists.PostalListGoneError):
            add(third.code, "BN3")
        assert [each.delivery_state for each in (first, second, third)] == [
            DeliveryState.IN_POST, DeliveryState.IN_POST, DeliveryState.READY,
        ]  # fmt: skip
        items = postal_lists.list_items(session, postal)
        assert postal_lists.total_postage(items, PostagePayer.CENTRE) == 44_000
        with pytest.raises(postal_lists.WaybillUnknownError):
            postal_lists.find_by_waybill(session, "BN3")
        confirm_delivery(session, postal_lists.find_by_waybill(session, "bn1"), at=now + DAY)
        fail_delivery(session, postal_lists.find_by_waybill(session, second.code), reason="Sai địa chỉ", at=now + DAY)

    assert (postal.item_count, postal.settled_count) == (2, 2)
    assert [(each.state, each.shelf_number) for each in (first, second)] == [(S.RETURNED, None), (S.DECIDED, 1)]
    assert [way.carrier for way in centre.session.scalars(select(Return))] == ["VNPost", "VNPost"]
    with centre.acting_as(centre.officer) as session, pytest.raises(DeniedError):
        postal_lists.begin_postal_list(session, counter=centre.counter, carrier="VNPost", at=now)


def test_nobody_collects_and_is_reminded(centre, now):
    old, new, gone = decided(centre), decided(centre), decided(centre)
    imported = decided(centre)
    imported.is_silent = True
    with centre.acting_as(centre.clerk, centre.counter) as session:
        later = now + 8 * DAY
        new.finished_at = later
        send_result(session, gone, at=later)
        assert [(row.dossier, row.days) for row in list_uncollected(session, at=later)] == [(old, 8)]
        assert list_uncollected(session, at=later, site_id=0) == []
        for wrong, error in (
            ({"kind": ReminderKind.CALL}, waiting_results.OutcomeMissingError),
            ({"kind": ReminderKind.MESSAGE, "note": " "}, waiting_results.MessageMissingError),
            (
                {"kind": ReminderKind.MESSAGE, "note": "a", "again_on_date": later.date()},
                waiting_results.AgainDateError,
            ),
        ):
            with pytest.raises(error):
                record_reminder(session, old, **wrong, at=later)
        with pytest.raises(waiting_results.NothingWaitsError):
            record_reminder(session, gone, kind=ReminderKind.MESSAGE, note="a", at=later)
        record_reminder(session, old, kind=ReminderKind.MESSAGE, note="Mời ông bà đến nhận", at=later)
        record_reminder(session, old, kind=ReminderKind.CALL, outcome=CallOutcome.NOT_REACHED, at=later)
        assert list_uncollected(session, at=later) == []
        (row,) = list_uncollected(session, at=later, only_due=False)
        assert (row.last.outcome, row.is_due) == (CallOutcome.NOT_REACHED, False)
        assert [row.dossier for row in list_uncollected(session, at=later + 7 * DAY)] == [old, new]

    notes = centre.session.scalars(select(Note)).all()
    assert [(note.audience, note.body, note.row_id) for note in notes] == [
        (NoteAudience.APPLICANT, "Mời ông bà đến nhận", old.id)
    ]
    assert old.state is S.DECIDED


def test_a_wrong_result_is_taken_back_before_the_right_one_goes_out(centre, now):
    dossier = decided(centre)
    with centre.acting_as(centre.clerk, centre.counter) as session:
        shelve_result(session, dossier, at=now + HOUR)
        collect_results(session, [Chosen(dossier)], collector=usual_collector(dossier), at=now + 2 * HOUR)
    with centre.acting_as(centre.head) as session:
        reopen_dossier(session, dossier, reason="Sai tên", at=now + 3 * HOUR)
        finish_dossier(session, dossier, kind=ResultKind.GRANTED, document_number="13/GP", at=now + 4 * HOUR)
    with centre.acting_as(centre.clerk, centre.counter) as session:
        expected = usual_collector(dossier)
        with pytest.raises(dossier_return.EarlierResultOutError), session.begin_nested():
            collect_results(session, [Chosen(dossier)], collector=expected, at=now + 5 * HOUR)
        session.refresh(dossier)
        brings = replace(expected, brings_earlier=True)
        collect_results(session, [Chosen(dossier)], collector=brings, at=now + 5 * HOUR)

    wrong, right = centre.session.scalars(select(Result).order_by(Result.id))
    assert (wrong.taken_back_at, wrong.replaced_at) == (now + 5 * HOUR, now + 3 * HOUR)
    assert (right.taken_back_at, right.replaced_at) == (None, None)
    centre.session.expire(dossier)
    kinds = [event.kind for event in dossier.events]
    assert kinds[-2:] == [EventKind.TAKEN_BACK, EventKind.RETURNED]
    assert dossier.returned_at == now + 5 * HOUR


def test_a_wrong_result_that_cannot_be_taken_back_says_why(centre, now):
    dossier = decided(centre)
    with centre.acting_as(centre.clerk, centre.counter) as session:
        collect_results(session, [Chosen(dossier)], collector=usual_collector(dossier), at=now + 2 * HOUR)
    with centre.acting_as(centre.head) as session:
        reopen_dossier(session, dossier, reason="Sai tên", at=now + 3 * HOUR)
        finish_dossier(session, dossier, kind=ResultKind.GRANTED, at=now + 4 * HOUR)
    with centre.acting_as(centre.clerk, centre.counter) as session:
        lost = replace(usual_collector(dossier), not_back_reason="Bị cháy")
        collect_results(session, [Chosen(dossier)], collector=lost, at=now + 5 * HOUR)
        assert list(dossier_return.results_still_out(session, [dossier])) == []

    wrong = centre.session.scalars(select(Result).order_by(Result.id)).first()
    assert (wrong.taken_back_at, wrong.not_back_reason) == (None, "Bị cháy")
