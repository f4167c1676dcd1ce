"""Signing in, locking and taking over in a real browser, without a mouse; every page of access through axe."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.support.browser import database_of, set_clock
from tests.support.listening import listening
from tests.support.people import PASSWORD, PIN, make_staff, make_user, seed_hall

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.fixture
def address(app: Flask, tmp_path: Path) -> Iterator[str]:
    """Serve an office with two clerks and an administrator."""
    now = set_clock(app, datetime.now(UTC)).now
    with database_of(app) as session:
        seed_hall(session)
        make_user(session, "admin", "ADMIN", at=now)
        make_user(session, "khai.ntm", "RECEIVING_OFFICER", at=now, staff=make_staff(session, "1042"))
        huy = make_staff(session, "1077", "Trương Công Huy")
        make_user(session, "huy.tc", "RECEIVING_OFFICER", at=now, staff=huy)
        make_user(session, "beginner", "AUDITOR", at=now).must_change_password = True
    with listening(app) as address:
        yield address


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 1366, "height": 768}, reduced_motion="reduce")
    yield context
    context.close()


@pytest.fixture
def said(context: BrowserContext) -> list[str]:
    """What consoles complain of; refusals that a test asks for are not listed."""
    lines: list[str] = []
    context.on("console", lambda message: lines.append(message.text) if message.type == "error" else None)
    context.on("weberror", lambda error: lines.append(str(error.error)))
    return lines


def _sign_in(page: Page, address: str, name: str) -> None:
    page.goto(f"{address}/login")
    expect(page.locator("#user_name")).to_be_focused()
    page.keyboard.type(name)
    page.keyboard.press("Tab")
    expect(page.locator("#password")).to_be_focused()
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/login" not in url)


def _serve(page: Page, address: str) -> None:
    _sign_in(page, address, "khai.ntm")
    expect(page.locator("button.counter").first).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/counter/")


def _grave(page: Page) -> list[str]:
    found = Axe().run(page)
    return [
        f"{v['id']}: {v['nodes'][0]['html']}"
        for v in found.response["violations"]
        if v["impact"] in ("serious", "critical")
    ]


def test_a_colleague_takes_over_in_seconds_without_a_mouse(
    context: BrowserContext, address: str, said: list[str]
) -> None:
    page = context.new_page()
    _serve(page, address)
    page.goto(f"{address}/counter/take-over")
    expect(page.locator("#badge")).to_be_focused()

    page.keyboard.type("1077\n")
    expect(page.locator("#pin")).to_be_focused()
    page.keyboard.type(f"{PIN}\n")

    page.wait_for_url("**/counter/", timeout=5000)
    expect(page.locator(".person-text")).to_contain_text("Trương Công Huy")
    expect(page.locator(".person-text")).to_contain_text("Quầy số 1")
    assert said == []


def test_the_screen_locks_over_the_work_and_opens_again_in_every_window(context: BrowserContext, address: str) -> None:
    context.clock.install()
    page, other = context.new_page(), context.new_page()
    _serve(page, address)
    page.goto(f"{address}/account")
    page.fill("#pin", "7309")
    other.goto(f"{address}/counter")

    page.clock.fast_forward("31:00")

    expect(page.locator("#lock")).to_be_visible()
    expect(other.locator("#lock")).to_be_visible()
    expect(page.locator("#pin")).to_be_hidden()
    page.keyboard.press("Escape")
    expect(page.locator("#lock")).to_be_visible()
    assert _grave(page) == []
    page.keyboard.type("wrong\n")
    expect(page.locator("[data-lock-error]")).to_contain_text("Mật khẩu không đúng.")
    page.keyboard.type(f"{PASSWORD}\n")
    expect(page.locator("#lock")).to_be_hidden()
    expect(other.locator("#lock")).to_be_hidden()
    expect(page.locator("#pin")).to_have_value("7309")
    page.fill("#present", PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator(".toasts")).to_contain_text("Mã PIN mới đã có hiệu lực.")


def test_work_in_a_form_keeps_the_screen_open(context: BrowserContext, address: str) -> None:
    context.clock.install()
    page = context.new_page()
    _serve(page, address)
    page.goto(f"{address}/account")

    for _index in range(5):
        page.locator("#pin").press_sequentially("1")
        page.clock.fast_forward("10:00")

    expect(page.locator("#lock")).to_be_hidden()


def test_every_page_of_access_is_sound(context: BrowserContext, address: str, said: list[str]) -> None:
    page = context.new_page()
    faults: dict[str, list[str]] = {}

    def _look(path: str) -> None:
        page.goto(f"{address}{path}")
        faults[path] = _grave(page)

    _look("/login")
    _serve(page, address)
    for path in ("/account", "/password", "/counter", "/counter/take-over"):
        _look(path)
    page.keyboard.press("Control+Alt+l")
    page.goto(f"{address}/account")
    page.keyboard.press("Control+Alt+l")
    expect(page.locator("#lock")).to_be_visible()
    _look("/unlock")

    assert {path: found for path, found in faults.items() if found} == {}
    assert said == []
