"""A table goes in by hand in a real browser, with the keyboard; each step through axe."""

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from tests.e2e.test_catalogue import serious
from tests.support.browser import database_of, set_clock
from tests.support.listening import listening
from tests.support.people import PASSWORD, make_user, seed_hall

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    now = set_clock(app, datetime.now(UTC)).now
    with database_of(app) as session:
        seed_hall(session)
        make_user(session, "admin", "ADMIN", at=now)
    with listening(app) as address:
        yield address


def test_a_table_goes_in_step_by_step(browser: Browser, address: str, tmp_path: Path) -> None:
    out = io.StringIO()
    csv.writer(out).writerows(
        [["DANH SÁCH LĨNH VỰC"], ["Mã", "Tên lĩnh vực"], ["LV-01", "Đường bộ"], ["LV-02", ""], ["LV-03", "Đất đai"]]
    )
    file = tmp_path / "lĩnh vực.csv"
    file.write_text(out.getvalue(), encoding="utf-8-sig")
    context = browser.new_context(viewport={"width": 1366, "height": 768}, reduced_motion="reduce")
    page: Page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.goto(f"{address}/login")
    page.locator("#user_name").fill("admin")
    page.locator("#password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/admin/")

    page.goto(f"{address}/admin/procedure_field/")
    page.get_by_role("link", name="Nhập từ tệp").click()
    faults = serious(page)
    page.set_input_files("#file", file)
    page.get_by_role("button", name="Tiếp tục").click()
    expect(page.locator("#line")).to_have_value("2")
    faults += serious(page)
    page.get_by_role("button", name="Tiếp tục").press("Enter")
    go = page.get_by_role("button", name="Nhập 2 dòng ngay")
    expect(go).to_be_focused()
    faults += serious(page)
    page.keyboard.press("Enter")

    page.wait_for_url("**/admin/imports/*")
    expect(page.locator(".outcome dd")).to_have_text(["2", "0", "0", "1"])
    faults += serious(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Các dòng cần sửa (XLSX)").click()
    assert download.value.suggested_filename.endswith("-refused.xlsx")
    assert (faults, said) == ([], [])
    context.close()
