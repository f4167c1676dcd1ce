"""A real Chromium for the browser tests (Debian's package, found on the PATH), a real server, and people at them."""

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, sync_playwright

from tests.support.missing import miss
from tests.support.server import ROOT
from tests.support.watched import Person

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-quic",
    "--no-first-run",
]
SCREENS: dict[str, dict[str, Any]] = {
    "desktop": {"viewport": {"width": 1366, "height": 768}},
    "tablet": {"viewport": {"width": 1280, "height": 800}, "has_touch": True},
    "phone": {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True},
}
PICTURES = ROOT / "test-results"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Give one Chromium for all browser tests; without one they are skipped, but fail where ``CI`` is set."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        miss("no Chromium: install it with 'apt-get install chromium'")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session", autouse=True)
def _hands_wait_for_the_page() -> Iterator[None]:
    """Click only when the page has its scripts, as a person does: a button that asks first has nobody to ask before."""
    click = Locator.click

    def _click_on_a_whole_page(self: Locator, **options: Any) -> None:
        self.page.wait_for_load_state()
        click(self, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Locator, "click", _click_on_a_whole_page)
        yield


@pytest.fixture
def pictures(request: pytest.FixtureRequest) -> Path:
    """An empty folder for the pictures of this test; they stay after it."""
    folder = PICTURES / re.sub(r"\W+", "-", request.node.name).strip("-")
    shutil.rmtree(folder, ignore_errors=True)
    return folder


@pytest.fixture
def arrive(browser: Browser, pictures: Path) -> Iterator[Callable[..., Person]]:
    """Give a function that brings somebody to a browser of their own: ``arrive(name, address, screen="desktop")``.

    At the end of the test nobody may have met a fault: an error or warning in the console (breaches of the policy
    are such), an answer of 400 or above, a request that failed or went to another host, a barrier that axe calls
    serious. Addresses that a test tries on purpose are fetched outside of pages.
    """
    people: list[Person] = []

    def _arrive(name: str, address: str, screen: str = "desktop", **options: Any) -> Person:
        context = browser.new_context(**SCREENS[screen], reduced_motion="reduce", locale="vi-VN", **options)
        people.append(Person(name, context, address, pictures))
        return people[-1]

    yield _arrive
    faults = [fault for person in people for fault in person.faults]
    for person in people:
        person.context.close()
    assert faults == []
