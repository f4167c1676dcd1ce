"""The clerk's counter without a mouse, in a real browser: call, receive, print, scan, hand over."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from models.cash import CashReceipt
from models.dossier import Dossier, DossierDocument
from models.scan import Scan
from models.states import DossierState, ResultKind
from models.visit import Transaction, TransactionKind, Visit
from services.dossiers import finish_dossier, start_work
from tests.support.browser import database_of
from tests.support.counter import Hall, make_hall
from tests.support.listening import listening
from tests.support.scans import pdf
from web.security import cookie_name

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.fixture
def hall(any_app: Flask) -> Hall:
    return make_hall(any_app, datetime.now(UTC))


@pytest.fixture
def address(hall: Hall) -> Iterator[str]:
    with listening(hall.app) as address:
        yield address


@pytest.fixture
def page(browser: Browser, hall: Hall, address: str) -> Iterator[Page]:
    """A page of the clerk at the counter, in Vietnamese."""
    name = cookie_name(hall.app.config["SETTINGS"])
    cookie = hall.browser("clerk").client.get_cookie(name)
    context = browser.new_context(viewport={"width": 1366, "height": 768}, reduced_motion="reduce")
    context.add_cookies([{"name": name, "value": cookie.value, "url": address}])
    page = context.new_page()
    page.goto(f"{address}/counter/")
    yield page
    context.close()


def serious(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [f"{v['id']}: {v['nodes'][0]['html'][:160]}" for v in found if v["impact"] in ("serious", "critical")]


def ready(page: Page) -> None:
    """Wait until the scripts of a page run: the theme button is theirs."""
    page.wait_for_load_state("load")


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def open_intake(page: Page) -> None:
    press(page, "F4")
    page.wait_for_url("**/counter/intake/")
    ready(page)


def test_a_visitor_is_served_by_keyboard_alone(hall: Hall, page: Page, address: str) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    faults = serious(page)

    press(page, "F4")
    page.wait_for_url("**/counter/intake/")
    ready(page)
    page.keyboard.type("doi giay phep lai xe")
    expect(page.locator("[role=option][aria-selected=true]")).to_contain_text("Đổi giấy phép lái xe")
    press(page, "Enter")
    expect(page.locator("#quote .due-time")).to_be_visible()
    faults += serious(page)
    press(page, "F4")
    expect(page.locator("[data-paper]:checked")).to_have_count(2)
    while page.evaluate("document.activeElement.name") != "id_number":
        press(page, "Tab")
    page.keyboard.type("075190000123")
    press(page, "Enter")
    page.keyboard.type("Nguyễn Thị Minh Khai")
    press(page, "Enter")
    page.keyboard.type("0912345678")
    press(page, "F2")
    page.wait_for_url("**/receipt")
    faults += serious(page)

    dossier = hall.only_dossier()
    expect(page.locator("h1")).to_contain_text(dossier.code)
    assert (dossier.applicant_name, dossier.applicant_phone) == ("Nguyễn Thị Minh Khai", "0912345678")
    assert (len(hall.all(Visit)), [row.kind for row in hall.all(Transaction)]) == (1, [TransactionKind.INTAKE])

    with database_of(hall.app) as session:
        row = session.get_one(Dossier, dossier.id)
        start_work(session, row, responsible=row.received_by, at=hall.clock.now)
        finish_dossier(session, row, kind=ResultKind.GRANTED, document_number="12/GP", at=hall.clock.now)
    press(page, "F9")
    page.wait_for_url("**/counter/")
    ready(page)
    page.keyboard.type(dossier.code)  # the scanner types anywhere, and ends with Enter
    press(page, "Enter")
    page.wait_for_url(f"**/counter/dossiers/{dossier.public_id}")
    ready(page)
    expect(page.locator("[name=collected_by_name]")).to_be_focused()
    faults += serious(page)
    press(page, "F2")
    page.wait_for_url("**/counter/collections/*")
    ready(page)
    faults += serious(page)
    press(page, "F9")
    page.wait_for_url("**/counter/")

    assert hall.only_dossier().state is DossierState.RETURNED
    assert (faults, said) == ([], [])


def test_the_same_person_is_filled_in_and_nothing_typed_is_lost(hall: Hall, page: Page) -> None:
    hall.browser("clerk").post("/counter/dealings", kind="INTAKE")
    hall.browser("clerk").post("/counter/intake/", **hall.form())
    open_intake(page)
    page.locator("[name=id_number]").fill("075190000123")
    press(page, "Enter")
    expect(page.locator("[data-known]")).to_be_visible()
    expect(page.locator("[name=full_name]")).to_have_value("Nguyễn Thị Minh Khai")

    page.locator("[name=phone]").fill("12")
    press(page, "F2")
    expect(page.locator("[data-summary]")).to_be_visible()

    expect(page.locator("[name=phone]")).to_have_value("12")
    expect(page.locator("[name=full_name]")).to_have_value("Nguyễn Thị Minh Khai")
    assert len(hall.all(Dossier)) == 1


CARD = "075190000123|271234567|Nguyen Thi Minh Khai|15051990|Nam|12 Pham Van Thuan|01012021"

TYPES_AS_A_SCANNER = """
([text, composed]) => {
  const marks = {"-": "Minus", "_": "Minus", ".": "Period", "|": "Backslash", " ": "Space", ":": "Semicolon"};
  const target = document.activeElement;
  for (const letter of [...text, "Enter"]) {
    const isLetter = /^[a-z]$/i.test(letter);
    const named = {...marks, "/": "Slash"}[letter] ?? letter;
    const code = isLetter ? `Key${letter.toUpperCase()}` : /^\\d$/.test(letter) ? `Digit${letter}` : named;
    const shiftKey = /[A-Z|:_]/.test(letter) && letter !== "Enter";
    const key = composed && isLetter ? "Process" : letter;
    target.dispatchEvent(new KeyboardEvent("keydown", {key, code, shiftKey, bubbles: true, cancelable: true}));
  }
}
"""


def test_a_card_is_scanned_whatever_has_the_focus(hall: Hall, page: Page) -> None:
    hall.browser("clerk").post("/counter/dealings", kind="INTAKE")
    hall.browser("clerk").post("/counter/intake/", **hall.form(id_number="271234567"))
    open_intake(page)
    page.locator("[name=full_name]").fill("Lê")
    page.evaluate(TYPES_AS_A_SCANNER, [CARD.replace("Nam", "Nu"), True])  # with Telex on, in the field of the name

    expect(page.locator("[name=id_number]")).to_have_value("075190000123")
    expect(page.locator("[name=full_name]")).to_have_value("Nguyen Thi Minh Khai")
    expect(page.locator("#birth_date")).to_have_value("15/05/1990")
    expect(page.locator("[name=phone]")).to_have_value("0912345678")
    expect(page.locator("[data-known]")).to_be_visible()

    page.locator("button[data-save]").focus()
    page.evaluate(TYPES_AS_A_SCANNER, [CARD.replace("075190000123", "003190000123"), False])
    expect(page.locator("[data-number-note]")).to_contain_text("003")
    expect(page.locator("[name=id_number]")).to_be_focused()
    assert len(hall.all(Dossier)) == 1


def test_a_slip_is_scanned_with_an_input_method_on(hall: Hall, page: Page) -> None:
    hall.browser("clerk").post("/counter/dealings", kind="INTAKE")
    hall.browser("clerk").post("/counter/intake/", **hall.form())
    dossier = hall.only_dossier()
    open_intake(page)
    page.locator("[name=full_name]").focus()

    page.evaluate(TYPES_AS_A_SCANNER, [f"https://motcua.example/slip/{dossier.slip_token}", True])

    page.wait_for_url(f"**/counter/dossiers/{dossier.public_id}")


MOST_KEYS = 40
"""Beside the text that is typed, for an intake of a known person. Source: the centre's target."""


def test_a_known_person_takes_few_keys_and_no_mouse(hall: Hall, page: Page) -> None:
    """From the desk over the intake, its fee and its slip to the next visitor, each key counted."""
    hall.browser("clerk").post("/counter/dealings", kind="INTAKE")
    hall.browser("clerk").post("/counter/intake/", **hall.form())
    pressed: list[str] = []

    def key(*names: str) -> None:
        for name in names:
            pressed.append(name)
            page.keyboard.press(name)

    key("F4")
    page.wait_for_url("**/counter/intake/")
    ready(page)
    page.keyboard.type("doi giay phep lai xe")
    expect(page.locator("[role=option][aria-selected=true]")).to_contain_text("Đổi giấy phép lái xe")
    key("Enter")
    page.locator("#quote .due-time").wait_for()
    page.wait_for_load_state("networkidle")
    key("F4")
    while page.evaluate("document.activeElement.name") != "id_number":
        key("Enter")
    page.keyboard.type("075190000123")
    key("Enter")
    expect(page.locator("[data-known]")).to_be_visible()
    key("F2")
    page.wait_for_url("**/receipt")
    ready(page)
    key("F3")
    expect(page.locator(".payment-done")).to_contain_text("BL-TT-")
    ready(page)
    with page.context.expect_page() as slip:
        key("F6")
    slip.value.close()
    key("F9")
    page.wait_for_url("**/counter/")

    received = max(hall.all(Dossier), key=lambda dossier: dossier.id)
    papers = [paper for paper in hall.all(DossierDocument) if paper.dossier_id == received.id]
    assert (received.applicant_name, len(papers)) == ("Nguyễn Thị Minh Khai", 2)
    assert [row.amount_vnd for row in hall.all(CashReceipt)] == [received.fee_amount]
    assert len(pressed) <= MOST_KEYS, pressed


def test_somebody_known_is_offered_by_name_and_telephone(hall: Hall, page: Page) -> None:
    hall.browser("clerk").post("/counter/dealings", kind="INTAKE")
    hall.browser("clerk").post("/counter/intake/", **hall.form())
    open_intake(page)
    page.locator("[name=full_name]").fill("nguyen thi minh khai")
    press(page, "Enter")
    expect(page.locator("[data-duplicates] button")).to_have_text(["Nguyễn Thị Minh Khai · …123 · ☎ …678"])
    press(page, "F8")

    expect(page.locator("[name=id_number]")).to_have_value("075190000123")
    expect(page.locator("[name=full_name]")).to_have_value("Nguyễn Thị Minh Khai")


def test_scans_are_seen_and_ticked_while_one_types(hall: Hall, page: Page) -> None:
    open_intake(page)
    page.keyboard.type("doi giay phep lai xe")
    expect(page.locator("[role=option][aria-selected=true]")).to_contain_text("Đổi giấy phép lái xe")
    press(page, "Enter")
    page.locator("#quote .due-time").wait_for()
    with page.expect_file_chooser() as chosen:
        page.locator(f"[data-add-scan='{hall.paper_id}']").click()
    chosen.value.set_files({"name": "đơn.pdf", "mimeType": "application/pdf", "buffer": pdf(2)})
    shown = page.locator("[data-viewer-page]")
    expect(shown).to_have_text("1 / 2")
    page.locator("[name=full_name]").focus()
    page.keyboard.type("Lê")
    press(page, "Alt+PageDown", "Alt+r", "Alt+=")
    expect(shown).to_have_text("2 / 2")
    picture = page.locator("[data-viewer-picture]")
    expect(picture).to_have_css("transform", re.compile("matrix"))
    page.wait_for_function(
        "image => image.complete && image.naturalWidth > 500 && image.style.width === '150%'",
        arg=picture.element_handle(),
    )
    press(page, "Alt+t")
    expect(page.locator(f"[name=paper-{hall.paper_id}]")).to_be_checked()
    expect(page.locator("[data-view=check]")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("[name=full_name]")).to_have_value("Lê")
    faults = serious(page)
    press(page, "Escape")
    expect(page.locator("[data-viewer]")).to_be_hidden()

    assert (faults, [scan.checked_at is not None for scan in hall.all(Scan)]) == ([], [True])


@pytest.mark.parametrize("width", [1366, 820, 390])
def test_no_page_is_wider_than_the_screen(hall: Hall, page: Page, address: str, width: int) -> None:
    hall.browser("clerk").post("/counter/dealings", kind="INTAKE")
    hall.browser("clerk").post("/counter/intake/", **hall.form(full_name="Nguyễn Thị Minh Khai " * 8))
    code = hall.only_dossier().public_id
    page.set_viewport_size({"width": width, "height": 900})

    wide = []
    for place in ("/counter/", "/counter/intake/", f"/counter/dossiers/{code}", f"/counter/dossiers/{code}/receipt"):
        page.goto(address + place)
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            wide.append(place)

    assert wide == []
