"""The specialists' list of work and the acts on a dossier, as a browser meets them."""

from datetime import UTC, datetime
from html import unescape

import pytest
from flask import Flask

from admin_views.dossier_acts import ACTS
from models.states import TRANSITIONS, DossierState
from tests.support.counter import Hall, make_hall

S = DossierState
STAYS = ("annul", "extend")  # these leave the state as it is


@pytest.fixture
def hall(any_app: Flask, now: datetime) -> Hall:
    return make_hall(any_app, now)


def text(answer) -> str:
    return unescape(answer.get_data(as_text=True))


def receive(hall: Hall, number: int = 1) -> None:
    clerk = hall.browser("clerk")
    for each in range(1, number + 1):
        form = hall.form(nonce=f"n{each}", id_number=f"07519000{each:04d}", full_name=f"Người {each}")
        assert clerk.post("/counter/intake/", **form).status_code == 303


def test_work_goes_from_start_to_result(hall):
    receive(hall)
    officer = hall.browser("officer", at_counter=False)
    key = hall.only_dossier().id
    begins = text(officer.get("/work/?heap=new"))

    officer.post(f"/work/dossiers/{key}/start?back=work&heap=new")
    refused = officer.post(f"/work/dossiers/{key}/finish", outcome="REFUSED_ON_MERITS")
    done = officer.post(f"/work/dossiers/{key}/finish", outcome="GRANTED", document_number="12/GP")

    dossier = hall.only_dossier()
    assert "Nhận việc" in begins
    assert (refused.status_code, done.status_code) == (422, 303)
    assert "Hãy nhập lý do" in text(refused)
    assert (dossier.state, dossier.responsible_id) == (S.DECIDED, dossier.received_by_id + 1)


def test_a_supplement_is_asked_for_and_recorded(hall):
    receive(hall)
    officer = hall.browser("officer", at_counter=False)
    key = hall.only_dossier().id

    empty = officer.post(f"/work/dossiers/{key}/supplement", missing=" ")
    past = officer.post(f"/work/dossiers/{key}/supplement", missing="Ảnh", answer_by_date="2017-05-16")
    officer.post(f"/work/dossiers/{key}/supplement", missing="Ảnh 3×4", answer_by_date="2017-05-20")
    waiting = hall.only_dossier().state
    officer.post(f"/work/dossiers/{key}/supplement-received", note="đủ")

    assert (empty.status_code, past.status_code, waiting) == (422, 422, S.SUPPLEMENT)
    assert 'value="2017-05-16"' in text(past)
    assert hall.only_dossier().state is S.ACCEPTED


def test_what_somebody_else_did_meanwhile_is_told(hall):
    receive(hall)
    officer, head = hall.browser("officer", at_counter=False), hall.browser("head", at_counter=False)
    dossier = hall.only_dossier()
    head.post(f"/work/dossiers/{dossier.id}/start")

    answer = officer.post(f"/work/dossiers/{dossier.id}/supplement", missing="Ảnh", row_version=dossier.row_version)

    assert answer.status_code == 409
    assert "Ảnh</textarea>" in text(answer)


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.key)
def test_no_act_reaches_another_department(hall, act):
    receive(hall)
    key = hall.only_dossier().id
    stranger = hall.browser("stranger", at_counter=False)

    answers = {
        stranger.get(f"/work/dossiers/{key}/{act.key}").status_code,
        stranger.post(f"/work/dossiers/{key}/{act.key}", reason="a", missing="a").status_code,
    }

    unknown = {
        stranger.get(f"/work/dossiers/{key + 99}/{act.key}").status_code,
        stranger.post(f"/work/dossiers/{key + 99}/{act.key}", reason="a", missing="a").status_code,
    }
    assert answers == unknown
    assert answers <= {403, 404}
    assert hall.only_dossier().state is S.ACCEPTED


def test_buttons_offer_only_what_the_state_allows():
    offered = {(state, act.key) for act in ACTS for state in act.states if act.key not in STAYS}
    leads_to = {
        "start": S.PROCESSING, "finish": S.DECIDED, "supplement": S.SUPPLEMENT, "supplement-received": S.PROCESSING,
        "payment": S.PAYMENT, "payment-settled": S.PROCESSING, "assign": S.PROCESSING, "withdraw": S.WITHDRAWAL,
        "revoke": S.PROCESSING, "stop": S.STOPPED, "reopen": S.PROCESSING,
    }  # fmt: skip

    assert [(state, key) for state, key in offered if leads_to[key] not in TRANSITIONS[state]] == []


def test_the_generated_screen_carries_the_buttons(hall):
    receive(hall)
    key = hall.only_dossier().id

    officer = text(hall.browser("officer", at_counter=False).get(f"/admin/dossier/details/?id={key}"))
    clerk = text(hall.browser("clerk").get(f"/admin/dossier/details/?id={key}"))

    assert (f"/work/dossiers/{key}/start" in officer, f"/work/dossiers/{key}/start" in clerk) == (True, False)
    assert (f"/work/dossiers/{key}/annul" in officer, f"/work/dossiers/{key}/annul" in clerk) == (False, True)


def test_the_list_holds_the_own_department_by_due_time(hall):
    receive(hall, 2)
    page = text(hall.browser("officer", at_counter=False).get("/work/"))
    strange = text(hall.browser("stranger", at_counter=False).get("/counter/open?code=0001"))

    assert page.index("H19.07-170517-0001") < page.index("H19.07-170517-0002")
    assert "Người 1" not in strange


@pytest.mark.parametrize("rows", [1, 4])
def test_the_list_costs_the_same_however_long_it_is(app, now, count_queries, rows):
    hall = make_hall(app, now)
    receive(hall, rows)
    officer = hall.browser("officer", at_counter=False)
    officer.get("/work/")

    with hall.app.app_context(), count_queries(hall.app.extensions["sqlalchemy"].engine) as seen:
        officer.get("/work/")

    assert len(seen) == 21, "\n".join(seen)


@pytest.mark.parametrize("query", ["heap=none", "cursor=x", "heap=late&cursor=%00", "heap=mine"])
def test_no_address_breaks_the_list(hall, query):
    assert hall.browser("officer", at_counter=False).get(f"/work/?{query}").status_code == 200


def test_a_leader_extends_once_and_asks_once_more(any_app):
    hall = make_hall(any_app, datetime(2019, 5, 13, 2, 0, tzinfo=UTC))  # a Monday, 09:00 in Vietnam
    receive(hall)
    key = hall.only_dossier().id
    officer, head = hall.browser("officer", at_counter=False), hall.browser("head", at_counter=False)
    extend, ask = f"/work/dossiers/{key}/extend", f"/work/dossiers/{key}/supplement"

    shown = text(head.get(extend))
    answers = [
        person.post(extend, **fields)
        for person, fields in (
            (officer, {"new_due": "2019-05-27T10:00", "reason": "Chờ xác minh"}),
            (head, {"new_due": "", "reason": "Chờ xác minh"}),
            (head, {"new_due": "2019-05-13T10:00", "reason": "Chờ xác minh"}),
            (head, {"new_due": "2019-05-27T10:00", "reason": "Chờ xác minh"}),
            (head, {"new_due": "2019-06-03T10:00", "reason": "Chờ xác minh"}),
        )
    ]
    officer.post(ask, missing="Ảnh 3×4")
    officer.post(f"{ask}-received", note="")
    form = text(head.get(ask))
    refused = officer.post(ask, missing="Bản sao", ground="Quên")
    without = head.post(ask, missing="Bản sao", ground="")
    head.post(ask, missing="Bản sao", ground="Luật mới có hiệu lực")
    page = text(head.get(f"/admin/dossier/details/?id={key}"))

    assert "Ngày hẹn trả mới" in shown
    assert [answer.status_code for answer in answers] == [403, 422, 422, 303, 409]
    assert "Hãy nhập ngày giờ hẹn trả mới." in text(answers[1])
    assert "đã được gia hạn đến 10:00 27/05/2019" in text(answers[4])
    assert 'name="ground"' in form
    assert 'name="ground"' not in shown
    assert (refused.status_code, without.status_code) == (409, 422)
    assert "Hãy nêu vì sao phải yêu cầu thêm lần nữa" in text(without)
    assert "Vượt số lần quy định" in page
    assert "Luật mới có hiệu lực" in page
    assert "27/05/2019 10:00" in page
