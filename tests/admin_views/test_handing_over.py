"""Handing back in the browser: one scan, several results, the shelf, the post's lists, reminders, what is printed."""

from datetime import datetime, timedelta
from io import BytesIO

import pytest
from flask import Flask
from pypdf import PdfReader

from models.collection import Collection
from models.dossier import Dossier
from models.postal_list import PostalList
from models.reminder import Reminder
from models.states import DossierState, ResultKind
from models.visit import Transaction, TransactionKind
from services.dossiers import finish_dossier, start_work
from tests.admin_views.test_counter import text
from tests.services.slips.test_receipt import squeezed
from tests.support.browser import database_of
from tests.support.counter import Hall, make_hall

TAKES = {
    "method": "COUNTER", "collector_kind": "APPLICANT", "signature": "PAPER", "postage_payer": "CENTRE",
    "collected_by_name": "Nguyễn Thị Minh Khai", "listed": "1", "nonce": "n9",
}  # fmt: skip


@pytest.fixture
def hall(any_app: Flask, now: datetime) -> Hall:
    return make_hall(any_app, now)


def ready_results(hall: Hall, count: int) -> list[Dossier]:
    """Receive and decide dossiers of one person."""
    clerk = hall.browser("clerk")
    for number in range(count):
        clerk.post("/counter/dealings", kind="INTAKE")
        assert clerk.post("/counter/intake/", **hall.form(nonce=f"n{number}", address="12 Huế")).status_code == 303
    with database_of(hall.app) as session:
        for dossier in session.query(Dossier):
            start_work(session, dossier, responsible=dossier.received_by, at=hall.clock.now)
            finish_dossier(
                session, dossier, kind=ResultKind.GRANTED, document_number=f"{dossier.id}/GP", at=hall.clock.now
            )
    return sorted(hall.all(Dossier), key=lambda dossier: dossier.id)


def words(answer) -> str:
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    return "".join(squeezed(page.extract_text()) for page in PdfReader(BytesIO(answer.data)).pages)


def test_a_card_is_scanned_and_everything_is_handed_over_at_once(hall):
    first, second, third = ready_results(hall, 3)
    clerk = hall.browser("clerk")
    put = clerk.post("/counter/shelf/", code=second.code)
    shelf = text(clerk.get(put.location))
    found = clerk.post("/counter/open", code="075190000123|271234567|Nguyễn Thị Minh Khai|01011990|Nữ|Huế|01012021")
    page = text(clerk.get(found.location))

    assert (put.status_code, second.code in shelf, first.code in shelf) == (303, True, False)
    assert found.location.endswith(first.public_id)
    assert all(each.code in page for each in (first, second, third))
    assert [clerk.post("/counter/open", code=code).status_code for code in ("271999999", "")] == [404, 404]

    strokes = "[[[1,2],[3,4],[5,6],[7,8]]]"
    address = f"/counter/dossiers/{first.public_id}/return"
    chosen = {"result": [first.public_id, third.public_id]}
    proxy = TAKES | {"collector_kind": "PROXY", "collected_by_name": "Lê Văn Tám", "signature": "DRAWN"}
    lacks_proof = clerk.post(address, **proxy, **chosen, strokes=strokes, collected_by_id_number="271234567")
    proof = {"proof_kind": "AUTHORISATION", "proof_number": "15/UQ", "collected_by_id_number": "271234567"}
    lost = {"has_lost_receipt": "y", "lost_note": "Rơi mất"}
    done = clerk.post(address, **proxy | proof | lost, **chosen, strokes=strokes)
    shown = text(clerk.get(done.location))
    slip = words(clerk.get(f"{done.location}/slip.pdf"))
    (collection,) = hall.all(Collection)

    assert (lacks_proof.status_code, third.public_id in text(lacks_proof)) == (422, True)
    assert [each.state for each in sorted(hall.all(Dossier), key=lambda each: each.id)] == [
        DossierState.RETURNED, DossierState.DECIDED, DossierState.RETURNED,
    ]  # fmt: skip
    assert all(part in shown for part in (collection.number, "Lê Văn Tám", "15/UQ", "Rơi mất"))
    assert all(part in slip for part in (collection.number, "LêVănTám", f"{first.id}/GP", f"{third.id}/GP"))
    assert f"{second.id}/GP" not in slip
    assert b"<path" in clerk.get(f"{done.location}/signature.svg").data
    kinds = [dealing.kind for dealing in hall.all(Transaction)]
    assert kinds == [TransactionKind.INTAKE] * 3 + [TransactionKind.RETURN]
    stranger = hall.browser("stranger", at_counter=False)
    assert [
        stranger.get(done.location).status_code,
        stranger.get(f"{done.location}/signature.svg").status_code,
        stranger.get(f"{done.location}/slip.pdf").status_code,
        stranger.get(f"/counter/collections/lost-receipt/{second.public_id}.pdf").status_code,
    ] == [404] * 4
    declaration = words(clerk.get(f"/counter/collections/lost-receipt/{second.public_id}.pdf"))
    assert (second.code in declaration, "NguyễnThịMinhKhai" in declaration) == (True, True)
    assert clerk.get(f"/papers/dossiers/{second.public_id}/").status_code == 200


def test_letters_go_out_with_a_list_and_some_come_back(hall):
    first, second = ready_results(hall, 2)
    clerk = hall.browser("clerk")
    nobody = clerk.post("/counter/post/new", carrier=" ")
    address = clerk.post("/counter/post/new", carrier="VNPost").location
    letter = {"postage_payer": "CENTRE", "postage_amount": "22000"}
    clerk.post(address, code=first.code, waybill="BN1", **letter)
    clerk.post(address, code=second.code, waybill="BN2", **letter)
    wrong = clerk.post(address, code="x", waybill="BN3", **letter)
    draft = words(clerk.get(f"{address}/list.pdf"))
    clerk.post(address, act="send")
    page, list_of_all = text(clerk.get(address)), text(clerk.get("/admin/postal_list/"))
    clerk.post("/counter/post/outcome", waybill="BN1")
    back = clerk.post("/counter/post/outcome", waybill="BN2", outcome="failed", reason="Sai địa chỉ")
    unknown = clerk.post("/counter/post/outcome", waybill="BN2", outcome="failed", reason="Sai địa chỉ")

    (postal,) = hall.all(PostalList)
    assert (nobody.status_code, wrong.status_code, unknown.status_code) == (422, 422, 422)
    assert all(part in draft for part in ("BN1", "BN2", first.code, "VNPost", "BẢNNHÁP"))
    assert all(part in page for part in ("BN1", "BN2", "44.000"))
    assert postal.number in list_of_all
    assert "1" in text(back)
    states = [(each.state, each.shelf_number) for each in sorted(hall.all(Dossier), key=lambda each: each.id)]
    assert states == [(DossierState.RETURNED, None), (DossierState.DECIDED, 1)]
    assert hall.browser("stranger", at_counter=False).get(address).status_code == 404
    assert hall.browser("officer").post("/counter/post/new", carrier="x").status_code == 403


def test_who_does_not_come_is_called(hall):
    (dossier,) = ready_results(hall, 1)
    clerk = hall.browser("clerk")
    early = text(clerk.get("/counter/uncollected/"))
    hall.clock.forward(days=8)
    clerk = hall.browser("clerk")
    page = text(clerk.get("/counter/uncollected/"))
    unsaid = clerk.post("/counter/uncollected/", dossier=dossier.id, kind="CALL", outcome="")
    nobody = clerk.post("/counter/uncollected/", kind="CALL", outcome="WILL_COME")
    clerk.post("/counter/uncollected/", dossier=dossier.id, kind="CALL", outcome="WILL_COME", note="Mai đến")
    again, every = text(clerk.get("/counter/uncollected/")), text(clerk.get("/counter/uncollected/?all=1"))
    clerk.post("/counter/uncollected/", dossier=dossier.id, kind="MESSAGE", outcome="", note="Mời đến nhận")

    assert [dossier.code in each for each in (early, page, again, every)] == [False, True, False, True]
    assert (unsaid.status_code, nobody.status_code) == (422, 422)
    assert [(row.note, (row.again_on_date - row.reminded_at.date()) // timedelta(days=1)) for row in hall.all(Reminder)]
    assert "Mời đến nhận" in text(clerk.get(f"/slip/{dossier.slip_token}"))


def test_the_button_puts_one_on_the_shelf(hall):
    (dossier,) = ready_results(hall, 1)
    clerk = hall.browser("clerk")

    clerk.post(f"/counter/shelf/{dossier.id}")
    page = text(clerk.get(f"/admin/dossier/details/?id={dossier.id}"))

    assert hall.only_dossier().shelf_number == 1
    assert (hall.browser("stranger").post(f"/counter/shelf/{dossier.id}").status_code, "1" in page) == (404, True)
