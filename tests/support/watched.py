"""A person at a browser whose every page is watched: console, policy, network, other hosts, accessibility."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import APIResponse, BrowserContext, ConsoleMessage, Locator, Page, Request, Response, expect

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
OWN_SCHEMES = ("data", "blob", "about", "chrome", "chrome-extension")  # the last two: the viewer of PDFs
MOUSE_COUNTER = """
  window.addEventListener("pointerdown", (event) => {
    if (event.isTrusted) sessionStorage.setItem("presses", Number(sessionStorage.getItem("presses")) + 1);
  }, true);
"""


@dataclass
class Person:
    """Somebody at a browser of their own; ``faults`` is what no visitor should ever meet."""

    name: str
    context: BrowserContext
    address: str
    pictures: Path
    faults: list[str] = field(default_factory=list)
    page: Page = field(init=False)
    step: int = 0

    def __post_init__(self) -> None:
        self.context.on("console", self._said)
        self.context.on("weberror", lambda error: self._fault(f"error: {error.error}"))
        self.context.on("request", self._asked)
        self.context.on("requestfailed", self._failed)
        self.context.on("response", self._answered)
        self.context.add_init_script(MOUSE_COUNTER)
        self.page = self.context.new_page()

    def _fault(self, text: str) -> None:
        self.faults.append(f"{self.name}: {text}")

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self._fault(f"console {message.type} on {message.location.get('url', '')}: {message.text}")

    def _asked(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in OWN_SCHEMES and f"{parts.scheme}://{parts.netloc}" != self.address:
            self._fault(f"asked another host: {request.url}")

    def _failed(self, request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # what a page still asked for when it was left
            self._fault(f"failed: {request.method} {request.url}: {request.failure}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400:
            self._fault(f"{response.status} for {response.request.method} {response.url}")

    def go(self, path: str) -> Page:
        """Open an address of ours."""
        self.page.goto(self.address + path)
        return self.page

    def look(self, title: str) -> None:
        """Keep a picture of the page as it is, and note what axe finds serious or critical on it."""
        self.step += 1
        self.pictures.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=self.pictures / f"{self.name}-{self.step:02}-{title}.png")
        found = Axe().run(self.page, options={"runOnly": RULES})
        for fault in found.response["violations"]:
            if fault["impact"] in ("serious", "critical"):
                for node in fault["nodes"]:
                    self._fault(f"axe on {title}: {fault['id']}: {node['html'][:160]}")

    def tab_to(self, target: Locator, most: int = 60) -> None:
        """Press Tab until ``target`` has the focus, as somebody without a mouse does."""
        expect(target).to_be_visible()
        for _press in range(most):
            if target.evaluate("element => element === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"{most} times Tab do not lead to {target}")

    def press(self, key: str, address: str) -> None:
        """Press a key that leads to another page, and wait for it."""
        with self.page.expect_navigation(url=address):
            self.page.keyboard.press(key)

    def presses(self) -> int:
        """Return how often a finger or mouse button went down on this page's tab."""
        return self.page.evaluate("Number(sessionStorage.getItem('presses'))")

    def fetch(self, path: str, **options: Any) -> APIResponse:
        """Ask an address with this person's cookies, outside of any page; redirects are not followed."""
        return self.context.request.fetch(self.address + path, max_redirects=0, **options)

    def sign_in(self, user_name: str, password: str) -> None:
        """Sign in through the page, by keyboard."""
        self.go("/login")
        expect(self.page.locator("#user_name")).to_be_focused()
        self.look("sign-in")
        self.page.keyboard.type(user_name)
        self.page.keyboard.press("Tab")
        expect(self.page.locator("#password")).to_be_focused()
        self.page.keyboard.type(password)
        self.page.keyboard.press("Enter")
        self.page.wait_for_url(lambda url: "/login" not in url)
