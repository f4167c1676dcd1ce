"""When the line was down, in the browser: booklets, entering late, and the second person with their own sign-in."""

from datetime import datetime

import pytest
from flask import Flask

from models.dossier import Dossier
from models.emergency import EmergencyBooklet, EmergencyReceipt
from models.late_entry import LateEntry, LateState
from models.states import DossierState, ResultKind
from services.dossiers import finish_dossier, start_work
from tests.admin_views.test_counter import text
from tests.admin_views.test_handing_over import words
from tests.support.browser import database_of
from tests.support.counter import Hall, make_hall


@pytest.fixture
def hall(any_app: Flask, now: datetime) -> Hall:
    return make_hall(any_app, now)


def test_a_dossier_received_on_paper_is_entered_and_confirmed(hall, now):
    clerk, head = hall.browser("clerk"), hall.browser("head", at_counter=False)
    few = clerk.post("/counter/emergency/new", count="0")
    address = clerk.post("/counter/emergency/new", count="2").location
    booklet = words(clerk.get(f"{address}/booklet.pdf"))
    first, second = hall.all(EmergencyReceipt)
    unsaid = clerk.post(f"{address}/void", receipt=second.id, reason=" ")
    clerk.post(f"{address}/void", receipt=second.id, reason="Rách")
    page = text(clerk.get(address))

    assert (few.status_code, unsaid.status_code, second.number in page) == (422, 422, True)
    assert all(each.number in booklet for each in (first, second))
    hall.clock.forward(hours=3)
    clerk, head = hall.browser("clerk"), hall.browser("head", at_counter=False)
    told = {"kind": "INTAKE", "receipt": first.number, "why_late": "Mất điện", "happened_at": "2017-05-17T09:15"}
    wrong = [
        clerk.post("/counter/late/", **told | change)
        for change in ({"happened_at": "2017-05-17T12:30"}, {"happened_at": ""}, {"receipt": "x"}, {"why_late": " "})
    ]
    begun = clerk.post("/counter/late/", **told)
    form = text(clerk.get(begun.location))
    (entry,) = hall.all(LateEntry)
    late = {"late": entry.public_id}
    quote = text(clerk.get(f"/counter/intake/quote?late={entry.public_id}&procedure={hall.licence_id}&channel=COUNTER"))
    refusal = clerk.post("/counter/intake/", **hall.form(act="refuse", reason="r"), **late)
    typed = clerk.post("/counter/intake/", **hall.form(), **late)

    assert [answer.status_code for answer in wrong] == [422] * 4
    assert (first.number in form, "09:15" in form, "22/05/2017" in quote) == (True, True, True)
    assert (refusal.status_code, typed.status_code, hall.all(Dossier)) == (422, 303, [])
    own = clerk.post(f"{typed.location}/confirm")
    shown = text(head.get(typed.location))
    found = text(head.get("/admin/late_entry/?view=to_confirm"))
    stranger = hall.browser("stranger", at_counter=False)
    assert (own.status_code, stranger.get(typed.location).status_code) == (403, 404)
    assert all(part in shown for part in ("Nguyễn Thị Minh Khai", "Mất điện", "09:15"))
    assert first.number in found
    done = head.post(f"{typed.location}/confirm")
    again = head.post(f"{typed.location}/confirm")

    dossier, (entry,) = hall.only_dossier(), hall.all(LateEntry)
    assert (done.status_code, again.status_code, entry.state) == (303, 409, LateState.CONFIRMED)
    assert dossier.received_at == now.replace(hour=2, minute=15)
    assert text(clerk.get(f"/counter/dossiers/{dossier.public_id}")).count("tag--warning") >= 2
    assert dossier.code in text(head.get(f"/admin/dossier/details/?id={dossier.id}"))
    (booklet,) = hall.all(EmergencyBooklet)
    assert (booklet.left_count, booklet.used_count, booklet.void_count) == (0, 1, 1)
    report = text(head.get("/admin/report/settlement?from=2017-05-01&to=2017-05-31"))
    assert "late_entered" in report


def test_a_result_handed_over_meanwhile_is_entered_and_given_up(hall, now):
    clerk = hall.browser("clerk")
    clerk.post("/counter/dealings", kind="INTAKE")
    clerk.post("/counter/intake/", **hall.form())
    with database_of(hall.app) as session:
        row = session.query(Dossier).one()
        start_work(session, row, responsible=row.received_by, at=now)
        finish_dossier(session, row, kind=ResultKind.GRANTED, at=now)
    hall.clock.forward(hours=3)
    clerk, head = hall.browser("clerk"), hall.browser("head", at_counter=False)
    told = {
        "kind": "RETURN", "code": hall.only_dossier().code, "why_late": "Mất mạng", "happened_at": "2017-05-17T10:00",
        "collected_by_name": "Lê Văn Tám",
    }  # fmt: skip
    foreign = clerk.post("/counter/late/", **told)
    entered = clerk.post("/counter/late/", **told | {"collected_by_name": "Nguyễn Thị Minh Khai"})
    unsaid = clerk.post(f"{entered.location}/refuse", reason="")
    clerk.post(f"{entered.location}/refuse", reason="Nhập nhầm")
    second = clerk.post("/counter/late/", **told | {"collected_by_name": "Nguyễn Thị Minh Khai"})
    waiting = text(clerk.get("/counter/late/"))
    head.post(f"{second.location}/confirm")

    assert (foreign.status_code, unsaid.status_code) == (422, 422)
    assert [entry.state for entry in hall.all(LateEntry)] == [LateState.REFUSED, LateState.CONFIRMED]
    assert hall.only_dossier().code in waiting
    dossier = hall.only_dossier()
    assert (dossier.state, dossier.returned_at) == (DossierState.RETURNED, now.replace(hour=3))
