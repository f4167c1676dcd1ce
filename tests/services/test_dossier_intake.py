"""Taking dossiers in and refusing them: what is stored, who may, and what is told when it cannot be done."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from models.applicant import Applicant
from models.dossier import Dossier, DossierAccess, DossierEvent
from models.procedure_terms import LimitUnit
from models.states import Channel, DossierState, EventKind, ProofKind, ReturnMethod, RuleSet
from services.dossier_intake import (
    AddressMissingError,
    PapersMissingError,
    ProofMissingError,
    ProofNumberMissingError,
    SubmitterIdNumberError,
    SubmitterNameMissingError,
)
from services.dossier_moves import ReasonMissingError
from services.dossiers import Paper, receive_dossier, refuse_at_intake
from services.errors import DeniedError
from services.idempotency import KeyReusedError
from services.intake_quote import (
    CaseUnknownError,
    ForeignCounterError,
    ProcedureElsewhereError,
    ProcedureNotInForceError,
    ProcedureUnknownError,
)
from services.session import unscoped
from tests.support.centre import Centre, khai, receive


@pytest.fixture
def centre(session, now) -> Centre:
    return Centre(session, now)


def test_a_dossier_gets_code_snapshot_due_time_and_its_first_event(centre, now):
    dossier = receive(centre)

    assert dossier.code == "H19.07-170517-0001"
    assert dossier.state is DossierState.ACCEPTED
    assert dossier.rule_set is RuleSet.BEFORE_2018
    assert dossier.due_at == datetime(2017, 5, 22, 8, 0, tzinfo=UTC)  # 3.5 working days from Wednesday 09:00
    assert dossier.due_sort_at == dossier.statutory_due_at == dossier.due_at
    assert (dossier.applicant_name, dossier.applicant_phone) == ("Nguyễn Thị Minh Khai", "0912345678")
    assert (dossier.department_id, dossier.fee_amount) == (centre.transport.id, 135_000)
    assert (dossier.received_by_id, dossier.received_at) == (centre.clerk.staff_id, now)
    assert [(paper.name, paper.original_count) for paper in dossier.documents] == [("Đơn đề nghị", 1)]
    assert [(e.sequence, e.kind, e.state_from, e.state_to) for e in dossier.events] == [
        (1, EventKind.RECEIVED, None, DossierState.ACCEPTED)
    ]


def test_a_procedure_without_computable_limit_has_no_due_time_but_a_place_in_the_order(centre):
    dossier = receive(centre, procedure=centre.make_procedure("Xác nhận", centre.transport, None))

    assert (dossier.due_at, dossier.due_sort_at.year) == (None, 9999)


def test_the_snapshot_stays_when_the_person_changes(centre):
    first = receive(centre)
    receive(centre, applicant=khai(full_name="NGUYEN THI MINH KHAI", phone="0987654321"))

    person = centre.session.scalars(select(Applicant)).one()
    assert (person.phone, first.applicant_phone) == ("0987654321", "0912345678")


def test_the_same_form_twice_is_one_dossier(centre):
    first, second = receive(centre, nonce="n1"), receive(centre, nonce="n1", at=centre.at + timedelta(seconds=3))

    assert first is second
    assert centre.session.scalar(select(func.count()).select_from(Dossier)) == 1
    with pytest.raises(KeyReusedError):
        receive(centre, nonce="n1", subject="something else")


def test_a_missing_paper_is_named_and_can_be_waived(centre):
    with pytest.raises(PapersMissingError) as refused:
        receive(centre, papers=())

    assert refused.value.values == {"papers": "Đơn đề nghị"}
    assert receive(centre, papers=(), accepts_missing_papers=True).documents == []


def test_papers_not_on_the_list_are_kept_in_the_order_given(centre):
    papers = (*centre.intake().papers, Paper(name=" Ảnh  3×4 ", copy_count=2, note="mới chụp"))

    dossier = receive(centre, papers=papers)

    assert [(p.position, p.name, p.original_count, p.copy_count, p.note) for p in dossier.documents] == [
        (1, "Đơn đề nghị", 1, 0, None),
        (2, "Ảnh 3×4", 0, 2, "mới chụp"),
    ]


def test_a_result_by_post_needs_an_address(centre):
    with pytest.raises(AddressMissingError):
        receive(centre, return_method=ReturnMethod.POST, applicant=khai(address=""))


def test_what_is_not_received_here_is_told_with_the_place(centre):
    elsewhere = centre.make_procedure(
        "Trợ cấp thất nghiệp", centre.transport, None, is_at_centre=False, redirect_text="Trung tâm Dịch vụ việc làm"
    )
    abolished = centre.make_procedure("Cũ", centre.transport, None)
    abolished.current_version = None

    with pytest.raises(ProcedureElsewhereError) as refused:
        receive(centre, procedure_id=elsewhere.id)
    with pytest.raises(ProcedureNotInForceError):
        receive(centre, procedure_id=abolished.id)

    assert refused.value.values["place"] == "Trung tâm Dịch vụ việc làm"


def test_a_counter_takes_what_its_department_or_one_below_decides(centre):
    below = centre.make_procedure("Đăng ký xe", centre.vehicles, None)
    foreign = centre.make_procedure("Lý lịch tư pháp", centre.justice, None)
    unnamed = centre.make_procedure("Xác nhận", None, None)

    assert receive(centre, procedure=below).department_id == centre.vehicles.id
    assert receive(centre, procedure=unnamed).department_id == centre.transport.id
    with pytest.raises(ForeignCounterError):
        receive(centre, procedure=foreign)


def test_a_counter_of_the_centre_takes_everything(centre):
    desk = centre.make_counter(1, centre.hall)
    clerk = centre.make_user("RECEIVING_OFFICER", centre.hall)
    intake = centre.intake(centre.make_procedure("Lý lịch tư pháp", centre.justice, None))

    with centre.acting_as(clerk, desk) as session:
        dossier = receive_dossier(session, intake=intake, counter=desk, at=centre.at)

    rows = centre.session.execute(select(DossierAccess.department_id, DossierAccess.is_direct)).all()
    assert sorted(rows) == sorted([(centre.hall.id, True), (centre.justice.id, True)])
    assert dossier.department_id == centre.justice.id


def test_nobody_receives_at_a_colleagues_counter(centre):
    with centre.acting_as(centre.clerk, centre.other_counter) as session, pytest.raises(DeniedError):
        receive_dossier(session, intake=centre.intake(), counter=centre.counter, at=centre.at)


def test_who_may_not_receive_is_refused(centre):
    with centre.acting_as(centre.officer, centre.counter) as session, pytest.raises(DeniedError):
        receive_dossier(session, intake=centre.intake(), counter=centre.counter, at=centre.at)


def test_a_refusal_has_a_code_and_a_reason_and_no_due_time(centre, now):
    with centre.acting_as(centre.clerk, centre.counter) as session:
        dossier = refuse_at_intake(
            session, intake=centre.intake(papers=()), reason=" Thiếu thẩm quyền ", counter=centre.counter, at=now
        )

    assert (dossier.code, dossier.state, dossier.closed_at) == ("H19.07-170517-0001", DossierState.REFUSED, now)
    assert (dossier.due_at, dossier.events[0].reason) == (None, "Thiếu thẩm quyền")


def test_a_refusal_needs_a_reason(centre, now):
    with centre.acting_as(centre.clerk, centre.counter) as session, pytest.raises(ReasonMissingError):
        refuse_at_intake(session, intake=centre.intake(), reason="  ", counter=centre.counter, at=now)


def test_training_has_its_own_series(centre, now):
    with centre.acting_as(centre.clerk, centre.counter) as session:
        drill = receive_dossier(session, intake=centre.intake(), counter=centre.counter, at=now, is_training=True)

    real = receive(centre)
    assert drill.code != real.code
    assert (drill.is_training, real.code) == (True, "H19.07-170517-0001")


def test_a_dossier_is_seen_by_those_who_have_to_do_with_it(centre):
    below = receive(centre, procedure=centre.make_procedure("Đăng ký xe", centre.vehicles, None))
    below_officer = centre.make_user("PROCESSING_OFFICER", centre.vehicles)
    audience = {
        "clerk who received it": centre.clerk,
        "officer of the counter's department": centre.officer,
        "officer of the deciding department": below_officer,
        "head of the department above": centre.head,
        "another department": centre.stranger,
        "head of another department": centre.make_user("DEPARTMENT_HEAD", centre.justice),
    }

    seen = set()
    for name, user in audience.items():
        with centre.acting_as(user) as session:
            if session.scalars(select(Dossier)).all() == [below]:
                seen.add(name)

    assert seen == set(list(audience)[:4])


def test_a_parent_department_sees_what_is_below_only_by_the_tree(centre):
    desk = centre.make_counter(7, centre.vehicles)
    clerk = centre.make_user("RECEIVING_OFFICER", centre.vehicles)
    intake = centre.intake(centre.make_procedure("Đăng ký xe", centre.vehicles, None))
    with centre.acting_as(clerk, desk) as session:
        receive_dossier(session, intake=intake, counter=desk, at=centre.at)

    def number_seen(user) -> int:
        with centre.acting_as(user) as session:
            return len(session.scalars(select(Dossier)).all())

    assert (number_seen(centre.officer), number_seen(centre.head)) == (0, 1)


def test_events_cannot_be_changed(centre):
    receive(centre)
    centre.session.flush()
    event = centre.session.scalars(select(DossierEvent)).one()
    event.reason = "later"

    with pytest.raises(Exception, match="append-only"), unscoped(centre.session, "test"):
        centre.session.flush()


def test_the_channel_is_kept(centre):
    dossier = receive(centre, channel=Channel.POST)

    assert (dossier.channel, dossier.events[0].facts["channel"]) == (Channel.POST, "POST")


def test_what_is_not_in_the_catalogue_cannot_be_chosen(centre):
    with pytest.raises(ProcedureUnknownError):
        receive(centre, procedure_id=None)
    with pytest.raises(ProcedureUnknownError):
        receive(centre, procedure_id=999)
    with pytest.raises(CaseUnknownError):
        receive(centre, case_id=999)


def test_a_limit_that_cannot_be_counted_gives_no_due_time(centre):
    method = centre.licence.current_version.methods[0]
    method.limit_quantity, method.limit_unit = Decimal("0.5"), LimitUnit.MONTH
    without = centre.make_procedure("Xác nhận", centre.transport, None)
    centre.session.delete(without.current_version.methods[0].fees[0])
    centre.session.delete(without.current_version.methods[0])
    centre.session.flush()
    centre.session.expire(without.current_version)

    assert receive(centre).due_at is None
    assert (
        receive(
            centre, procedure_id=without.id, case_id=None, charges=(), papers=(), accepts_missing_papers=True
        ).due_at
        is None
    )


def test_who_hands_it_in_is_kept_and_checked(centre):
    letter = ProofKind.AUTHORISATION
    by = {"submitter_name": " Lê  Văn Tám ", "submitter_id_number": "271 234 567", "submitter_proof": letter}
    dossier = receive(centre, **by, submitter_proof_number=" 12/UQ ")

    assert (dossier.submitter_name, dossier.submitter_id_number) == ("Lê Văn Tám", "271234567")
    assert (dossier.submitter_proof, dossier.submitter_proof_number) == (letter, "12/UQ")
    assert receive(centre, submitter_name="Lê Tám", submitter_proof=ProofKind.MESSENGER).submitter_proof_number is None
    for error, facts in (
        (SubmitterIdNumberError, {**by, "submitter_id_number": "12", "submitter_proof_number": "1"}),
        (ProofMissingError, {**by, "submitter_proof": None}),
        (ProofNumberMissingError, by),
        (SubmitterNameMissingError, {**by, "submitter_name": " "}),
    ):
        with pytest.raises(error):
            receive(centre, **facts)
