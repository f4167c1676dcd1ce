"""Phone and review pages in a real browser: the citizen's flow without a script, axe on every page, two languages."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import select

from models.evaluation import RatingStanding, RatingText
from tests.support.clients import client_as
from tests.support.listening import listening
from tests.support.tablets import Counter3, send
from web.security import cookie_name

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

PAGES = ("", "servants", "comments", "method")


@pytest.fixture
def counter(app: Flask) -> Counter3:
    """Counter 3 with forty visits, most of them rated, one with a comment."""
    counter = Counter3(app, datetime.now(UTC))
    device = counter.pair()
    for number in range(40):
        token = counter.finish_dealing()
        rating = f"rating-{number}"
        level = (5, 4, 5, 3, 1)[number % 5]
        send(device, counter.event(token, "SHOWN"), counter.score(token, level, rating=rating))
        if level == 1:
            same = {"rating": rating, "scale": counter.scale_id()}
            send(device, counter.event(token, "REASONS", reasons=["LATE"], **same))
            send(device, counter.event(token, "TEXT", text="Chờ lâu", **same))
    app.config.pop("CLOCK")
    return counter


@pytest.fixture
def address(counter: Counter3) -> Iterator[str]:
    with listening(counter.app) as address:
        yield address


def violations(page: Page) -> list[str]:
    """Return the grave findings; landmarks of the frame are the frame's own."""
    found = Axe().run(page).response["violations"]
    return [violation["id"] for violation in found if violation["impact"] in ("serious", "critical")]


def is_too_wide(page: Page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth > innerWidth")


@pytest.fixture
def office(counter: Counter3, address: str, browser: Browser) -> Iterator[BrowserContext]:
    """A supervisor's browser."""
    client = client_as(counter.app, "SUPERVISOR")
    name = cookie_name(counter.app.config["SETTINGS"])
    cookie = client.get_cookie(name)
    assert cookie is not None
    context = browser.new_context(viewport={"width": 1366, "height": 768}, reduced_motion="reduce")
    context.add_cookies([{"name": name, "value": cookie.value, "url": address}])
    yield context
    context.close()


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("width", [1366, 820, 390])
def test_axe_finds_nothing_on_the_review_pages(office: BrowserContext, address: str, language: str, width: int) -> None:
    office.add_cookies([{"name": "language", "value": language, "url": address}])
    page = office.new_page()
    page.set_viewport_size({"width": width, "height": 900})
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)

    found = {}
    for path in PAGES:
        page.goto(f"{address}/review/{path}")
        found[path] = (violations(page), is_too_wide(page))
    page.goto(f"{address}/review/servants")
    page.get_by_role("link", name="Nguyễn Thị Minh Khai").first.click()
    expect(page.get_by_role("heading", name="Nguyễn Thị Minh Khai")).to_be_visible()
    found["servant"] = (violations(page), is_too_wide(page))

    assert found == {path: ([], False) for path in (*PAGES, "servant")}
    assert complaints == []


@pytest.mark.parametrize("language", ["vi", "en", "zh"])
@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_a_phone_rates_with_reasons(
    counter: Counter3, address: str, browser: Browser, language: str, *, scripts: bool
) -> None:
    counter.at = datetime.now(UTC)
    token = counter.finish_dealing()
    context = browser.new_context(viewport={"width": 390, "height": 844}, java_script_enabled=scripts, has_touch=True)
    context.add_cookies([{"name": "language", "value": language, "url": address}])
    page = context.new_page()
    page.goto(f"{address}/rate/{token}")
    found = [violations(page) if scripts else []]

    page.locator(".rate-face").first.tap()
    page.locator(".rate-reason").nth(4).tap()
    found.append(violations(page) if scripts else [])
    page.locator("textarea").fill("Ba giờ")
    page.locator(".rate .button--primary").tap()

    expect(page.get_by_role("heading", level=1)).to_have_text(
        {"vi": "Xin cảm ơn!", "en": "Thank you!", "zh": "谢谢！"}[language]
    )
    with counter.session() as session:
        assert session.scalar(select(RatingText.body).order_by(RatingText.event_id.desc()).limit(1)) == "Ba giờ"
        last = select(RatingStanding.value).order_by(RatingStanding.rating_id.desc()).limit(1)
        assert session.scalar(last) == 1
    assert found == [[], []]
    context.close()
