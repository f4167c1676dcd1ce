"""Importing the catalogue and reading a procedure's sheet in a real browser; both through axe."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from tests.support.browser import database_of, set_clock
from tests.support.listening import listening
from tests.support.people import PASSWORD, make_user, seed_hall

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

SAMPLE = Path(__file__).parents[1] / "data" / "procedures.jsonl"


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    now = set_clock(app, datetime.now(UTC)).now
    with database_of(app) as session:
        seed_hall(session)
        make_user(session, "admin", "ADMIN", at=now)
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


def test_file_goes_in_and_its_procedures_can_be_read(page: Page, address: str) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(f"{address}/admin/procedure/")
    page.get_by_role("link", name="Nhập từ tệp").first.click()
    faults = serious(page)

    page.set_input_files("#file", SAMPLE)
    page.get_by_role("button", name="Nhập từ tệp").click()
    expect(page.get_by_role("heading", name="Kết quả xử lý bản ghi")).to_be_visible(timeout=30_000)
    faults += serious(page)
    assert page.locator(".outcome dd").all_inner_texts() == ["6", "0", "0", "6"]

    page.goto(f"{address}/admin/procedure/?q=bieu+dien")
    page.locator("a.row-link").click()
    expect(page.get_by_text("3 ngày làm việc").first).to_be_visible()
    faults += serious(page)
    for width in (1366, 820, 390):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"wider than {width}"

    assert (faults, said) == ([], [])


def test_import_is_stopped_after_asking(page: Page, address: str) -> None:
    page.route("**/step", lambda route: None)  # a machine so slow that nothing ever comes back
    page.goto(f"{address}/admin/import/procedures/")
    page.set_input_files("#file", SAMPLE)
    page.get_by_role("button", name="Nhập từ tệp").click()
    page.get_by_role("button", name="Dừng lại").click()
    page.locator("#asking [data-asking-yes]").click()

    expect(page.get_by_text("Đã dừng")).to_be_visible()
