"""The papers of a dossier: which there are, what they say, and that each print leaves a trace."""

from datetime import datetime, timedelta

import pytest
from flask import Flask

from models.dossier import Dossier
from services.dossiers import receive_supplement, request_supplement, start_work, stop_dossier
from services.extensions import extend_dossier
from services.slips.typesetting import long_date_time
from tests.admin_views.test_counter import receive, text
from tests.services.slips.test_receipt import codes_on, squeezed, text_of
from tests.support.browser import database_of
from tests.support.counter import Hall, make_hall

MISSING = "- Bản sao giấy khám sức khỏe\n- Ảnh 3x4 nền xanh"


@pytest.fixture
def hall(any_app: Flask, now: datetime) -> Hall:
    return make_hall(any_app, now)


def interrupt_and_stop(hall: Hall, dossier: Dossier) -> None:
    """Have the dossier start, wait for papers, go on and be stopped, an hour between each."""
    with database_of(hall.app) as session:
        row = session.get_one(Dossier, dossier.id)
        hour, at = timedelta(hours=1), hall.clock.now
        start_work(session, row, responsible=row.received_by, at=at + hour)
        request_supplement(session, row, reason=MISSING, at=at + 2 * hour)
        receive_supplement(session, row, at=at + 3 * hour)
        stop_dossier(session, row, reason="Công dân rút hồ sơ", at=at + 4 * hour)


def test_each_paper_of_a_dossier_says_what_happened(hall):
    dossier = receive(hall)
    interrupt_and_stop(hall, dossier)
    clerk = hall.browser("clerk")
    base = f"/papers/dossiers/{dossier.public_id}"

    papers = {form: clerk.get(f"{base}/{form}.pdf") for form in ("receipt", "supplement", "stop", "control")}
    texts = {form: squeezed(text_of(answer.data)) for form, answer in papers.items()}

    assert {answer.mimetype for answer in papers.values()} == {"application/pdf"}
    assert {form: codes_on(answer.data)[-1] for form, answer in papers.items()} == dict.fromkeys(papers, dossier.code)
    assert "GIẤYTIẾPNHẬNHỒSƠ" in texts["receipt"]
    assert "1.Bảnsaogiấykhámsứckhỏe2.Ảnh3x4nềnxanh" in texts["supplement"]
    assert "CôngdânrúthồSơ".casefold() in texts["stop"].casefold()
    assert "NguyễnThịMinhKhai" in texts["control"]
    assert clerk.get(f"{base}/refusal.pdf").status_code == 404
    assert clerk.get(f"{base}/nonsense.pdf").status_code == 404


def test_a_second_print_says_so_and_is_traced(hall):
    dossier = receive(hall)
    clerk = hall.browser("clerk")
    address = f"/papers/dossiers/{dossier.public_id}/receipt.pdf"

    first, second = (squeezed(text_of(clerk.get(address).data)) for _ in range(2))
    page = text(clerk.get(f"/papers/dossiers/{dossier.public_id}/"))

    assert ("Inlạilần" in first, "Inlạilần1" in second) == (False, True)
    assert page.count("lần in thứ") == 2


def test_a_printer_that_gave_nothing_blocks_nothing_and_costs_no_copy(hall):
    dossier = receive(hall)
    clerk = hall.browser("clerk")
    address = f"/papers/dossiers/{dossier.public_id}/receipt.pdf"
    before = text(clerk.get("/counter/"))

    first = clerk.get(address)
    again = squeezed(text_of(clerk.get(f"{address}?again=1").data))
    failed = text(clerk.get(f"/papers/dossiers/{dossier.public_id}/"))
    shown = text(clerk.get(f"/counter/dossiers/{dossier.public_id}/receipt"))
    copy = squeezed(text_of(clerk.get(address).data))
    after = text(clerk.get("/counter/"))

    assert (first.status_code, "Inlạilần" in again, "Inlạilần1" in copy) == (200, False, True)
    assert ("máy in không ra giấy" in failed, "lần in thứ 1" in shown) == (True, True)
    assert ("Chưa in giấy" in before, "Chưa in giấy" in after) == (True, False)


def test_a_refusal_has_its_letter_and_no_receipt(hall):
    dossier = receive(hall, act="refuse", reason="Không thuộc thẩm quyền của tỉnh.")
    clerk = hall.browser("clerk")
    base = f"/papers/dossiers/{dossier.public_id}"

    letter = squeezed(text_of(clerk.get(f"{base}/refusal.pdf").data))

    assert "Khôngthuộcthẩmquyềncủatỉnh." in letter
    assert [clerk.get(f"{base}/{form}.pdf").status_code for form in ("receipt", "control")] == [404, 404]


def test_an_extension_has_its_letter_with_both_appointments(hall):
    dossier = receive(hall)
    later = dossier.due_at + timedelta(days=7)
    with database_of(hall.app) as session:
        row = session.get_one(Dossier, dossier.id)
        start_work(session, row, responsible=row.received_by, at=hall.clock.now)
        after = extend_dossier(session, row, due_at=later, reason="Cần xác minh thêm.", at=hall.clock.now).due_after_at
    clerk = hall.browser("clerk")

    letter = squeezed(text_of(clerk.get(f"/papers/dossiers/{dossier.public_id}/apology.pdf").data))

    assert "Cầnxácminhthêm." in letter
    assert squeezed(f"Thời gian đã hẹn: {long_date_time(dossier.due_at)}") in letter
    assert squeezed(f"Thời gian trả kết quả mới: {long_date_time(after)}") in letter


def test_strangers_print_nothing(hall):
    dossier = receive(hall)
    stranger = hall.browser("stranger")

    answers = [
        stranger.get(f"/papers/dossiers/{dossier.public_id}/"),
        stranger.get(f"/papers/dossiers/{dossier.public_id}/control.pdf"),
    ]

    assert [answer.status_code for answer in answers] == [404, 404]


def test_the_register_holds_the_days_asked_for_and_what_one_may_see(hall):
    dossier = receive(hall)
    head = hall.browser("head")
    today = f"{hall.clock.now:%Y-%m-%d}"
    site = dossier.site_id

    register = head.get(f"/papers/register?print=1&site={site}&since={today}&until={today}")
    other_day = head.get(f"/papers/register?print=1&site={site}&since=2016-01-01&until=2016-01-02")
    refused = head.get(f"/papers/register?print=1&site={site}&since=2016-01-01&until=2017-01-01")
    wrong = head.get(f"/papers/register?print=1&site={site}&since=x&until={today}")

    assert dossier.code in "".join(text_of(register.data).split())
    assert dossier.code not in text_of(other_day.data)
    assert (refused.status_code, wrong.status_code) == (422, 422)
    assert "92" in text(refused)
    assert head.get(f"/papers/register?print=1&site=0&since={today}&until={today}").status_code == 404
