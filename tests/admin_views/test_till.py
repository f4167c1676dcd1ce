"""The till in the browser: money taken, receipts printed and taken back, the day closed."""

from html import unescape
from io import BytesIO

import pytest
from flask import Flask
from pypdf import PdfReader

from models.cash import CashClosing, CashKind, CashReceipt, PaymentMethod
from models.organisation import Counter, PrinterPaper
from tests.services.slips.test_receipt import squeezed, text_of
from tests.support.browser import Browser, database_of
from tests.support.counter import Hall, make_hall


@pytest.fixture
def hall(any_app: Flask, now) -> Hall:
    return make_hall(any_app, now)


def text(answer) -> str:
    return unescape(answer.get_data(as_text=True))


def received(hall: Hall, **changes: str) -> tuple[Browser, str]:
    clerk = hall.browser("clerk")
    clerk.post("/counter/dealings", kind="INTAKE")
    answer = clerk.post("/counter/intake/", **hall.form(**changes))
    return clerk, answer.location.split("/")[-2]


def test_from_the_fee_to_the_closed_day(hall):
    clerk, dossier = received(hall, **{f"fee-times-{hall.fee_id}": "2"})
    before = text(clerk.get(f"/counter/dossiers/{dossier}/receipt"))
    paid = [clerk.post(f"/counter/cash/dossiers/{dossier}", nonce="a", page="receipt") for _ in range(2)]
    after = text(clerk.get(paid[0].location))
    (receipt,) = hall.all(CashReceipt)
    paper = clerk.get(f"/counter/cash/{receipt.public_id}.pdf")
    till = text(clerk.get("/counter/cash/"))
    wrong = [clerk.post("/counter/cash/close", counted=counted).status_code for counted in ("", "abc", "1")]
    closed = clerk.post("/counter/cash/close", counted="270.000")
    listed = clerk.get(f"/counter/cash/closings/{hall.all(CashClosing)[0].id}.pdf")
    locked = clerk.post(f"/counter/cash/{receipt.public_id}/void", reason="x")

    assert ("Phải nộp" in before, "270.000" in before, "Phải nộp" in after) == (True, True, False)
    assert ([answer.status_code for answer in paid], receipt.amount_vnd) == ([303, 303], 270_000)
    assert "Haitrămbảymươinghìnđồng" in squeezed(text_of(paper.data))
    assert ("BL-TT-2017-000001" in till, "270.000" in till, wrong) == (True, True, [422, 422, 422])
    assert (closed.status_code, locked.status_code) == (303, 409)
    assert squeezed(text_of(listed.data)).count("BL-TT-2017-000001") == 1


def test_a_receipt_is_taken_back_with_a_reason_and_paid_by_card(hall):
    clerk, dossier = received(hall)
    clerk.post(f"/counter/cash/dossiers/{dossier}", nonce="a")
    (receipt,) = hall.all(CashReceipt)
    refused = clerk.post(f"/counter/cash/{receipt.public_id}/void", reason=" ")
    clerk.post(f"/counter/cash/{receipt.public_id}/void", reason="Thu nhầm")
    clerk.post(f"/counter/cash/dossiers/{dossier}", nonce="b", method="TRANSFER")
    rows = hall.all(CashReceipt)
    paper = clerk.get(f"/counter/cash/{rows[1].public_id}.pdf")
    page = text(clerk.get(f"/counter/dossiers/{dossier}"))

    assert (refused.status_code, [row.kind for row in rows]) == (
        422, [CashKind.RECEIPT, CashKind.VOID, CashKind.RECEIPT],
    )  # fmt: skip
    assert rows[2].method is PaymentMethod.TRANSFER
    assert "ĐÃHỦY.Lýdo:Thunhầm" in squeezed(text_of(paper.data))
    assert ("Đã hủy" in page, "BL-TT-2017-000002" in page) == (True, True)


def test_strangers_and_the_unknown_get_nothing(hall):
    clerk, dossier = received(hall)
    clerk.post(f"/counter/cash/dossiers/{dossier}", nonce="a")
    (receipt,) = hall.all(CashReceipt)
    stranger, officer = hall.browser("stranger", at_counter=False), hall.browser("officer", at_counter=False)

    foreign = [
        stranger.post(f"/counter/cash/dossiers/{dossier}", nonce="c").status_code,
        stranger.get(f"/counter/cash/{receipt.public_id}.pdf").status_code,
        stranger.post(f"/counter/cash/{receipt.public_id}/void", reason="x").status_code,
        stranger.get("/counter/cash/closings/1.pdf").status_code,
    ]
    denied = [officer.get("/counter/cash/").status_code, officer.post("/counter/cash/close", counted="0").status_code]

    assert (foreign, denied) == ([404] * 4, [403] * 2)
    assert clerk.get("/counter/cash/none.pdf").status_code == 404
    assert clerk.get("/counter/cash/?day=junk").status_code == 200


def test_receipts_fit_the_printer_of_the_counter(hall):
    clerk, dossier = received(hall)
    clerk.post(f"/counter/cash/dossiers/{dossier}", nonce="a")
    (receipt,) = hall.all(CashReceipt)
    widths = {}
    for paper in PrinterPaper:
        with database_of(hall.app) as session:
            session.get_one(Counter, hall.counter_id).printer_paper = paper
        answers = [
            clerk.get(f"/counter/cash/{receipt.public_id}.pdf"),
            clerk.get(f"/papers/dossiers/{dossier}/receipt.pdf"),
        ]
        widths[paper] = [round(page_width(answer.data)) for answer in answers]

    assert widths == {PrinterPaper.A4: [210, 210], PrinterPaper.A5: [148, 148], PrinterPaper.ROLL: [80, 80]}


def page_width(pdf: bytes) -> float:
    """Return the width of the first page in millimetres."""
    return float(PdfReader(BytesIO(pdf)).pages[0].mediabox.width) * 25.4 / 72
