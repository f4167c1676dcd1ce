"""The clerk's counter in the browser: calls, dealings, intake, handing over."""

from datetime import datetime
from html import unescape

import pytest
from flask import Flask

from models.audit import AuditEvent
from models.dossier import Dossier
from models.evaluation import Ask
from models.states import DossierState, ResultKind
from models.visit import Transaction, TransactionKind, Visit
from services.dossiers import finish_dossier, request_supplement, start_work
from tests.support.browser import database_of
from tests.support.counter import Hall, make_hall


@pytest.fixture
def hall(any_app: Flask, now: datetime) -> Hall:
    return make_hall(any_app, now)


def text(answer) -> str:
    return unescape(answer.get_data(as_text=True))


def receive(hall: Hall, **changes: str) -> Dossier:
    clerk = hall.browser("clerk")
    clerk.post("/counter/dealings", kind="INTAKE")
    assert clerk.post("/counter/intake/", **hall.form(**changes)).status_code == 303
    return hall.only_dossier()


def decide(hall: Hall, dossier: Dossier) -> None:
    with database_of(hall.app) as session:
        row = session.get_one(Dossier, dossier.id)
        staff = row.received_by
        start_work(session, row, responsible=staff, at=hall.clock.now)
        finish_dossier(session, row, kind=ResultKind.GRANTED, document_number="12/GP", at=hall.clock.now)


def test_without_a_counter_one_is_chosen_first(hall):
    answer = hall.browser("clerk", at_counter=False).get("/counter/")

    assert (answer.status_code, answer.location) == (302, "/counter?next=/counter/")


def test_the_next_visitor_is_called(hall):
    clerk = hall.browser("clerk")
    clerk.post("/counter/visits")
    clerk.post("/counter/call")

    visit = hall.all(Visit)[0]
    assert (visit.counter_id, visit.called_at) == (hall.counter_id, hall.clock.now)
    assert "001" in text(clerk.get("/counter/"))


def test_an_intake_is_received_and_asks_the_visitor(hall):
    dossier = receive(hall)

    (dealing,) = hall.all(Transaction)
    assert (dossier.state, dossier.applicant_phone) == (DossierState.ACCEPTED, "0912345678")
    assert (dealing.kind, dealing.dossier_id, dealing.finished_at) == (
        TransactionKind.INTAKE, dossier.id, hall.clock.now,
    )  # fmt: skip
    assert [ask.visit_id for ask in hall.all(Ask)] == [dealing.visit_id]


def test_the_receipt_page_and_its_paper(hall):
    dossier = receive(hall)
    clerk = hall.browser("clerk")

    page = text(clerk.get(f"/counter/dossiers/{dossier.public_id}/receipt"))
    paper = clerk.get(f"/papers/dossiers/{dossier.public_id}/receipt.pdf")

    assert dossier.code in page
    assert "22/05/2017" in page
    assert (paper.mimetype, paper.data[:5]) == ("application/pdf", b"%PDF-")


def test_sending_the_form_twice_makes_one_dossier_and_one_dealing(hall):
    dossier = receive(hall)
    hall.clock.forward(seconds=2)

    answer = hall.browser("clerk").post("/counter/intake/", **hall.form())

    assert answer.location.endswith(f"{dossier.public_id}/receipt")
    assert (len(hall.all(Dossier)), len(hall.all(Transaction))) == (1, 1)


def test_an_error_brings_everything_typed_back(hall):
    clerk = hall.browser("clerk")
    clerk.post("/counter/dealings", kind="INTAKE")
    typed = {
        "id_number": "0751900", "full_name": "Đặng Văn Ngữ", "address": "12 Phố Huế", "subject": "đổi hạng B2",
        "other-1": "Ảnh 3×4", "other-copy-1": "4", "submitter_name": "Lê Văn Tám",
    }  # fmt: skip

    answer = clerk.post("/counter/intake/", **hall.form(**typed))

    page = text(answer)
    assert answer.status_code == 422
    assert [value for value in typed.values() if f'value="{value}"' not in page] == []
    assert f'name="paper-{hall.paper_id}" value="1" data-paper checked' in page
    assert 'href="#id_number"' in page
    assert hall.all(Dossier) == []


def test_a_missing_paper_is_asked_about(hall):
    clerk = hall.browser("clerk")
    clerk.post("/counter/dealings", kind="INTAKE")
    form = hall.form()
    del form[f"paper-{hall.paper_id}"]

    refused = clerk.post("/counter/intake/", **form)
    taken = clerk.post("/counter/intake/", **form, accepts_missing_papers="y")

    assert (refused.status_code, taken.status_code) == (422, 303)
    assert "Còn thiếu: Đơn đề nghị" in text(refused)


def test_a_refusal_ends_as_one(hall):
    dossier = receive(hall, act="refuse", reason="Không thuộc thẩm quyền")

    assert dossier.state is DossierState.REFUSED
    assert [dealing.kind for dealing in hall.all(Transaction)] == [TransactionKind.REFUSAL]


def test_a_dossier_with_papers_missing_is_taken_with_a_request(hall):
    clerk = hall.browser("clerk")
    clerk.post("/counter/dealings", kind="INTAKE")
    form = {key: value for key, value in hall.form(act="supplement").items() if key != f"paper-{hall.paper_id}"}
    refused = clerk.post("/counter/intake/", **form)
    answers = [clerk.post("/counter/intake/", **form, missing="- Đơn đề nghị\n- Ảnh 3×4") for _ in range(2)]
    page = text(clerk.get(answers[1].location))
    dossier = hall.only_dossier()
    slip = clerk.get(f"/papers/dossiers/{dossier.public_id}/supplement.pdf")

    assert (refused.status_code, 'id="missing-error"' in text(refused)) == (422, True)
    assert [answer.status_code for answer in answers] == [303, 303]
    assert (dossier.state, "Ảnh 3×4" in page, slip.data[:5]) == (DossierState.SUPPLEMENT, True, b"%PDF-")


def test_training_begins_with_one_button_and_counselling_says_what_it_was_about(hall):
    clerk = hall.browser("clerk")
    clerk.post("/counter/dealings", kind="COUNSELLING", is_training="1")
    clerk.post("/counter/dealings/finish", procedure=str(hall.licence_id), note="Hỏi lệ phí")
    (dealing,), (visit,) = hall.all(Transaction), hall.all(Visit)

    assert (dealing.is_training, visit.is_training, dealing.note) == (True, True, "Hỏi lệ phí")
    assert dealing.procedure_id == hall.licence_id
    assert [ask.is_training for ask in hall.all(Ask)] == [True]  # the tablet practises as well


def test_what_an_intake_means_is_shown_before_saving(hall):
    answer = hall.browser("clerk").get(f"/counter/intake/quote?procedure={hall.licence_id}&channel=COUNTER")

    page = text(answer)
    assert "15:00 <span>22/05/2017</span>" in page
    assert "135.000" in page
    assert "Thời hạn 3,5 ngày làm việc" in page


@pytest.mark.parametrize("query", ["doi giay phep lai xe", "ĐỔI GIẤY", "1.0000"])
def test_procedures_are_found_without_accents_and_by_code(hall, query):
    results = hall.browser("clerk").get("/counter/intake/procedures", query_string={"q": query}).json["results"]

    assert [row["id"] for row in results] == [hall.licence_id]


def test_a_known_person_is_filled_in_and_the_reading_is_audited(hall):
    receive(hall)
    clerk = hall.browser("clerk")

    known = clerk.post("/counter/intake/applicant", number="075190000123").json
    unknown = clerk.post("/counter/intake/applicant", number="075190000124").json

    wrong = clerk.post("/counter/intake/applicant", number="003190000124").json
    firm = clerk.post("/counter/intake/applicant", number="0100233487", kind="ENTERPRISE").json

    assert (known["found"], known["full_name"]) == (True, "Nguyễn Thị Minh Khai")
    assert unknown == {"found": False, "note": "Nữ · 1990 · Đồng Nai"}
    assert wrong == {
        "found": False,
        "error": "Số định danh bắt đầu bằng 003, không phải mã tỉnh nào. Đối chiếu với thẻ.",
    }
    assert (firm["found"], firm["error"][:16]) == (False, "Kiểm tra mã số t")
    reads = [e for e in hall.all(AuditEvent) if (e.entity, e.action, e.reason) == ("applicant", "read", "intake")]
    assert len(reads) == 1


def test_the_same_person_under_another_number_is_offered(hall):
    receive(hall)
    clerk = hall.browser("clerk")

    same = clerk.post("/counter/intake/duplicates", **hall.form(id_number="271234567")).json
    other = clerk.post("/counter/intake/duplicates", **hall.form(id_number="", phone="x", full_name="Lê Tám")).json
    (offered,) = same["people"]
    taken = clerk.post("/counter/intake/applicant", public_id=offered["public_id"]).json
    gone = clerk.post("/counter/intake/applicant", public_id="none").json

    assert (offered["text"], other) == ("Nguyễn Thị Minh Khai · …123 · ☎ …678", {"people": []})
    assert (taken["id_number"], gone) == ("075190000123", {"found": False})
    reasons = [e.reason for e in hall.all(AuditEvent) if (e.entity, e.action) == ("applicant", "read")]
    assert reasons == ["possible duplicate", "intake"]


def test_a_scanned_card_fills_in_what_it_says_and_what_is_known(hall):
    receive(hall, id_number="271234567")
    clerk = hall.browser("clerk")
    card = "075190000123|271234567|Nguyễn Thị Minh Khai|15051990|Nữ|12 Phạm Văn Thuận|01012021"

    person = clerk.post("/counter/intake/card", text=card).json
    other = clerk.post("/counter/intake/card", text=card.replace("Nguyễn Thị Minh Khai", "L? T?m")).json
    foreign = clerk.post("/counter/intake/card", text=card.replace("Nguyễn Thị Minh Khai", "Lê Tám")).json
    wrong = clerk.post("/counter/intake/card", text="x")

    assert (person["found"], person["id_number"], person["phone"]) == (True, "075190000123", "0912345678")
    assert (person["birth_date"], person["address"]) == ("1990-05-15", "12 Phạm Văn Thuận")
    assert (other["is_partial"], other["full_name"]) == (True, "Nguyễn Thị Minh Khai")
    assert (foreign["found"], foreign["full_name"]) == (False, "Lê Tám")
    assert (wrong.status_code, list(wrong.json)) == (422, ["error"])


def test_the_same_person_is_filled_in_for_the_next_dossier(hall):
    dossier = receive(hall)
    clerk = hall.browser("clerk")

    answer = clerk.post("/counter/dealings", kind="INTAKE", same_as=dossier.public_id)

    assert answer.location == f"/counter/intake/?same_as={dossier.public_id}"
    assert 'value="075190000123"' in text(clerk.get(answer.location))


@pytest.mark.parametrize("typed", ["{code}", "{token}", "1", "0001"])
def test_a_dossier_is_found_by_code_slip_or_last_digits(hall, typed):
    dossier = receive(hall)

    answer = hall.browser("clerk").get(
        "/counter/open", query_string={"code": typed.format(code=dossier.code.lower(), token=dossier.slip_token)}
    )

    assert answer.location == f"/counter/dossiers/{dossier.public_id}"


def test_a_foreign_dossier_is_as_unknown_as_none(hall):
    dossier = receive(hall)
    stranger = hall.browser("stranger", at_counter=False)

    answers = [
        stranger.get(f"/counter/dossiers/{dossier.public_id}").status_code,
        stranger.get(f"/papers/dossiers/{dossier.public_id}/receipt.pdf").status_code,
        stranger.post(f"/counter/dossiers/{dossier.public_id}/return", method="ONLINE").status_code,
        stranger.get("/counter/dossiers/none").status_code,
    ]

    assert answers == [404, 404, 404, 404]


def test_a_result_is_handed_over(hall):
    dossier = receive(hall)
    decide(hall, dossier)
    clerk = hall.browser("clerk")
    page = text(clerk.get(f"/counter/dossiers/{dossier.public_id}"))

    address = f"/counter/dossiers/{dossier.public_id}/return"
    takes = {"method": "COUNTER", "collector_kind": "APPLICANT", "signature": "PAPER", "nonce": "n2"}
    takes |= {"postage_payer": "CENTRE", "collected_by_name": "Nguyễn Thị Minh Khai"}
    foreign = clerk.post(address, **takes | {"collected_by_name": "Lê Văn Tám"})
    done, again = clerk.post(address, **takes), clerk.post(address, **takes)

    assert "12/GP" in page
    assert (foreign.status_code, "Lê Văn Tám" in text(foreign)) == (422, True)
    assert (done.status_code, again.location) == (303, done.location)
    assert hall.only_dossier().state is DossierState.RETURNED
    assert [dealing.kind for dealing in hall.all(Transaction)] == [TransactionKind.INTAKE, TransactionKind.RETURN]


def test_by_post_the_delivery_is_recorded_later(hall):
    dossier = receive(hall)
    decide(hall, dossier)
    clerk = hall.browser("clerk")
    address = f"/counter/dossiers/{dossier.public_id}"

    chosen = {"method": "POST", "collector_kind": "APPLICANT", "signature": "PAPER", "postage_payer": "CENTRE"}
    missing = clerk.post(f"{address}/return", **chosen)
    clerk.post(f"{address}/return", **chosen, waybill="EK1")
    on_its_way = hall.only_dossier().state
    clerk.post(f"{address}/delivery")

    assert (missing.status_code, on_its_way) == (422, DossierState.DECIDED)
    assert hall.only_dossier().state is DossierState.RETURNED


def test_papers_brought_later_let_the_time_go_on(hall):
    dossier = receive(hall)
    with database_of(hall.app) as session:
        row = session.get_one(Dossier, dossier.id)
        request_supplement(session, row, reason="Thiếu ảnh", at=hall.clock.now)
    clerk = hall.browser("clerk")
    page = text(clerk.get(f"/counter/dossiers/{dossier.public_id}"))

    clerk.post(f"/counter/dossiers/{dossier.public_id}/supplement", note="2 ảnh")

    assert "Thiếu ảnh" in page
    assert hall.only_dossier().state is DossierState.ACCEPTED


def test_an_intake_that_came_to_nothing_was_counselling(hall):
    clerk = hall.browser("clerk")
    clerk.post("/counter/dealings", kind="INTAKE")
    second = clerk.post("/counter/dealings", kind="INTAKE")
    clerk.post("/counter/dealings/finish")

    assert second.status_code == 409
    assert [dealing.kind for dealing in hall.all(Transaction)] == [TransactionKind.COUNSELLING]


@pytest.mark.parametrize("values", [{"kind": "X"}, {"kind": "INTAKE", "presence": "X"}])
def test_made_up_values_are_refused(hall, values):
    assert hall.browser("clerk").post("/counter/dealings", **values).status_code == 422


@pytest.mark.parametrize("junk", ["", "x", "٣", "9" * 30, "-1"])
def test_no_key_breaks_a_page(hall, junk):
    clerk = hall.browser("clerk")
    query = {"procedure": junk, "case_id": junk, "method_id": junk, "channel": junk, f"original-{hall.paper_id}": junk}

    statuses = [
        clerk.get("/counter/intake/quote", query_string=query).status_code,
        clerk.get("/counter/intake/quote", query_string={**query, "procedure": hall.licence_id}).status_code,
        clerk.get("/counter/intake/", query_string={"same_as": junk}).status_code,
        clerk.post("/counter/intake/", **hall.form(procedure=junk, case_id=junk)).status_code,
        clerk.post("/counter/visits", department_id=junk).status_code,
    ]

    assert statuses == [200, 200, 200, 422, 303]


@pytest.mark.parametrize(("dossiers", "desk", "page"), [(1, 11, 22), (3, 11, 22)])
def test_pages_cost_the_same_however_much_there_is(app, now, count_queries, dossiers, desk, page):
    hall = make_hall(app, now)
    clerk = hall.browser("clerk")
    for number in range(dossiers):
        clerk.post("/counter/dealings", kind="INTAKE")
        clerk.post("/counter/intake/", **hall.form(nonce=f"n{number}"))
    public_id = hall.all(Dossier)[0].public_id

    costs = []
    for address in ("/counter/", f"/counter/dossiers/{public_id}"):
        clerk.get(address)
        with hall.app.app_context(), count_queries(hall.app.extensions["sqlalchemy"].engine) as seen:
            clerk.get(address)
        costs.append(len(seen))

    assert costs == [desk, page]


def test_the_slip_shows_the_state_and_nobody(hall):
    dossier = receive(hall)
    visitor = hall.app.test_client()

    page = text(visitor.get(f"/slip/{dossier.slip_token}"))
    unknown = visitor.get("/slip/none").status_code

    assert dossier.code in page
    assert "Được tiếp nhận" in page
    assert ("Minh Khai" in page, "0751900" in page, unknown) == (False, False, 404)
