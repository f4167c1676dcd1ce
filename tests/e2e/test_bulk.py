"""Rows chosen by keyboard, a field set on all that match, and a grid with a pasted block, in a real browser."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import func, select

from models.organisation import Counter, Department, Site
from tests.support.browser import database_of, set_clock
from tests.support.listening import listening
from tests.support.people import PASSWORD, make_user, seed_hall

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

BLOCK = "Quầy A\tSở Tư pháp\t\tx\nQuầy B\tH19.07\t\t\nQuầy C\tkhông có\t\tx"
PASTE = """text => {
  const data = new DataTransfer();
  data.setData("text/plain", text);
  const event = new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true});
  document.activeElement.dispatchEvent(event);
}"""


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    now = set_clock(app, datetime.now(UTC)).now
    with database_of(app) as session:
        seed_hall(session)
        make_user(session, "admin", "ADMIN", at=now)
        site, department = session.scalars(select(Site)).one(), session.scalars(select(Department)).first()
        rows = [Counter(number=n, name=f"Quầy {n}", site=site, department=department) for n in range(10, 258)]
        session.add_all(rows)
        session.add(Site(code="PHU", name="Điểm tiếp nhận phụ", unit_code="H19"))
    with listening(app) as address:
        yield address


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1366, "height": 768}, reduced_motion="reduce")
    page = context.new_page()
    page.goto(f"{address}/login")
    expect(page.locator("#user_name")).to_be_focused()
    page.keyboard.type("admin")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/admin/")
    yield page
    context.close()


def serious(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [f"{v['id']}: {v['nodes'][0]['html'][:120]}" for v in found if v["impact"] in ("serious", "critical")]


def test_all_that_match_are_changed_and_a_pasted_block_is_saved(app: Flask, page: Page, address: str) -> None:
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: faults.append(str(error)))

    page.goto(f"{address}/admin/counter/")
    expect(page.locator("tbody .pick")).to_have_count(50)
    for key in ("j", "x", "j", "j", "Shift+X"):
        page.keyboard.press(key)
    expect(page.locator("[data-picked-text]")).to_have_text("Đã chọn 3 dòng")
    page.locator("thead .pick").click()
    page.locator("[data-pick-all]").click()
    expect(page.locator("[data-picked-text]")).to_contain_text("251")
    faults += serious(page)
    with page.expect_navigation():
        page.get_by_role("button", name="Đặt giá trị").click()
    page.select_option("#field", "name")
    page.locator("input[name=name]").fill("Quầy mới")
    with page.expect_navigation():
        page.locator("[data-save]").click()
    faults += serious(page)
    with page.expect_navigation():
        page.get_by_role("button", name="Thực hiện với 251 dòng").click()
    expect(page.locator("#outcome")).to_be_visible(timeout=60_000)
    with database_of(app) as session:
        changed = select(func.count(Counter.id)).where(Counter.name == "Quầy mới")
        assert session.scalar(changed) == 251

    page.goto(f"{address}/admin/site/edit/?id=2")
    page.locator("[data-grid=counters] [data-grid-add]").click()
    page.keyboard.type("1")
    page.keyboard.press("Tab")
    page.evaluate(PASTE, BLOCK)
    rows = page.locator("[data-grid=counters] tbody tr")
    expect(rows).to_have_count(3)
    expect(rows.nth(0).locator("input[role=combobox]")).to_have_value("Sở Tư pháp")
    expect(rows.nth(1).locator("input[role=combobox]")).to_have_value("Sở Giao thông vận tải")
    rows.nth(1).locator("input[name$=number]").fill("2")
    rows.nth(1).locator("input[name$=number]").press("Enter")
    expect(rows.nth(2).locator("input[name$=number]")).to_be_focused()
    rows.nth(2).locator("[data-grid-remove]").check()
    rows.nth(2).locator("input[role=combobox]").fill("")  # what was not found is taken out before saving
    faults += serious(page)
    with page.expect_navigation():
        page.keyboard.press("Control+s")

    with database_of(app) as session:
        found = select(Counter.number, Counter.name, Counter.is_active).where(Counter.site_id == 2)
        assert session.execute(found.order_by(Counter.number)).all() == [(1, "Quầy A", True), (2, "Quầy B", False)]
    assert faults == []
