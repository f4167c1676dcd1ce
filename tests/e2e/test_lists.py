"""Living in a list by keyboard: look at rows, filter with OR, keep a view, find the keys; every state through axe."""

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from models.audit import AuditEvent
from models.dossier import Dossier
from models.states import DossierState
from tests.e2e.test_face import grave_faults
from tests.factories import make_row
from tests.support.browser import database_of
from tests.support.clients import client_as
from tests.support.listening import listening
from web.security import cookie_name

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.fixture
def page(app: Flask, browser: Browser) -> Iterator[Page]:
    """An administrator's browser on the list of four dossiers."""
    client = client_as(app, "ADMIN")
    with database_of(app) as session:
        for number, state in enumerate(list(DossierState)[1:5]):
            make_row(session, Dossier, code=f"H{number}", state=state)
    cookie = client.get_cookie(cookie_name(app.config["SETTINGS"]))
    assert cookie is not None
    with listening(app) as address:
        context = browser.new_context(
            viewport={"width": 1366, "height": 768}, reduced_motion="reduce", base_url=address
        )  # fmt: skip
        context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": address}])
        page = context.new_page()
        faults: list[str] = []
        page.on("console", lambda said: faults.append(said.text) if said.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto("/admin/dossier/?order=code")
        yield page
        context.close()
    assert faults == []


def codes(page: Page) -> list[str]:
    return [re.sub(r"\s", "", text) for text in page.locator("tbody .row-link").all_inner_texts()]


def test_a_day_in_a_list_without_a_mouse(page: Page, app: Flask) -> None:
    title = page.locator("[data-look-title]")
    page.keyboard.press("j")
    page.keyboard.press("Space")
    expect(title).to_have_text("H0")
    page.keyboard.press("j")
    expect(title).to_have_text("H1")
    assert grave_faults(page) == []
    page.keyboard.press("Escape")
    expect(page.locator("tbody tr:nth-child(2) .row-link")).to_be_focused()

    page.keyboard.press("f")
    first = page.get_by_role("region", name="Nhóm 1")
    first.get_by_text("Trạng thái", exact=True).press("Enter")
    first.get_by_role("group", name="Trạng thái").get_by_role("checkbox").nth(1).check()
    page.get_by_role("button", name="Hoặc: thêm một nhóm điều kiện").press("Enter")
    second = page.get_by_role("region", name="Nhóm 2")
    expect(second).to_be_visible()
    second.get_by_text("Trạng thái", exact=True).press("Enter")
    second.get_by_role("group", name="Trạng thái").get_by_role("checkbox").nth(3).check()
    assert grave_faults(page) == []
    with page.expect_navigation():
        page.get_by_role("button", name="Áp dụng").press("Enter")
    assert codes(page) == ["H0", "H2"]
    expect(page.locator(".chip-group")).to_have_count(2)

    page.keyboard.press("v")
    page.get_by_role("checkbox", name="Chủ hồ sơ").uncheck()
    page.get_by_label("Mật độ dòng").select_option("compact")
    page.get_by_label("Tên", exact=True).fill("Việc của tôi")
    assert grave_faults(page) == []
    with page.expect_navigation():
        page.get_by_role("button", name="Lưu thành chế độ xem mới").press("Enter")
    expect(page.get_by_role("link", name="Việc của tôi")).to_have_attribute("aria-current", "page")
    assert codes(page) == ["H0", "H2"]
    expect(page.get_by_role("columnheader", name="Chủ hồ sơ")).to_have_count(0)

    page.keyboard.press("?")
    keys = page.get_by_role("dialog")
    expect(keys).to_contain_text("Xem nhanh", ignore_case=True)
    assert grave_faults(page) == []
    page.keyboard.press("Escape")
    expect(keys).to_be_hidden()
    page.keyboard.press("j")
    expect(page.locator("tbody tr:nth-child(1) .row-link")).to_be_focused()
    with page.expect_navigation(url="**/details/**"):
        page.keyboard.press("Enter")
    with page.expect_navigation(url="**/details/**"):
        page.keyboard.press("]")
    expect(page.get_by_role("heading", level=1)).to_have_text("H2")
    with page.expect_navigation(url="**/admin/dossier/?s=*"):
        page.keyboard.press("u")

    with database_of(app) as session:
        acts = [row.action for row in session.query(AuditEvent).filter_by(entity="dossier", action="read")]
    assert len(acts) == 4  # two looks and two pages
