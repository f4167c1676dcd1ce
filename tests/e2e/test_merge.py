"""Two people at one row in real browsers: the second puts both versions together by keyboard and loses nothing."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from flask import Flask
from playwright.sync_api import Locator, Page, Response, expect

from models.organisation import Department
from tests.support.browser import database_of, set_clock
from tests.support.listening import listening
from tests.support.people import PASSWORD, make_user, seed_hall
from tests.support.watched import Person

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """Serve an office with two administrators."""
    now = set_clock(app, datetime.now(UTC)).now
    with database_of(app) as session:
        seed_hall(session)
        make_user(session, "an.nguyen", "ADMIN", at=now).display_name = "Nguyễn An"
        make_user(session, "binh.le", "ADMIN", at=now).display_name = "Lê Bình"
    with listening(app) as address:
        yield address


def saved(person: Person, status: int) -> None:
    """Save by keyboard and wait for the page that answers; a conflict is what this test is about, and no fault."""

    def answered(response: Response) -> bool:
        return response.request.method == "POST"

    with person.page.expect_response(answered) as answer, person.page.expect_navigation():
        person.page.keyboard.press("Control+s")
    assert answer.value.status == status
    person.faults[:] = [fault for fault in person.faults if str(status) not in fault]


def versions(page: Page, name: str) -> Locator:
    return page.get_by_role("group", name=name)


def test_two_people_save_one_row(app: Flask, address: str, arrive: Callable[..., Person]) -> None:
    an, binh = arrive("an", address), arrive("binh", address)
    an.sign_in("an.nguyen", PASSWORD)
    binh.sign_in("binh.le", PASSWORD)
    for person in (an, binh):
        person.go("/admin/department/edit/?id=2")
    an.page.locator("#name").fill("Sở Tư pháp của An")
    an.page.locator("#phone").fill("028 1")
    binh.page.locator("#name").fill("Sở Tư pháp của Bình")
    binh.page.locator("#address").fill("12 Lê Lợi")
    saved(binh, 302)

    saved(an, 409)
    expect(an.page.get_by_role("heading", level=1)).to_have_text("Ghép hai bản")
    choices = versions(an.page, "Tên")
    assert [choices.get_by_role("radio").nth(n).is_checked() for n in range(2)] == [False, False]
    an.look("merge")
    saved(an, 422)
    expect(choices.get_by_role("radio").first).to_be_focused()
    an.look("nothing-chosen")
    an.page.keyboard.press("ArrowDown")
    expect(choices.get_by_role("radio", name="Của bạn")).to_be_checked()
    an.page.keyboard.press("ArrowUp")
    an.page.locator("#name").press("End")
    an.page.locator("#name").press_sequentially(" và Bình")
    expect(choices.get_by_role("radio", name="Của bạn")).to_be_checked()
    saved(an, 302)

    with database_of(app) as session:
        row = session.get_one(Department, 2)
        assert (row.name, row.phone, row.address) == ("Sở Tư pháp của An và Bình", "028 1", "12 Lê Lợi")
    an.page.keyboard.press("h")
    an.page.wait_for_url("**/history/**")
    expect(an.page.locator(".moment").first).to_contain_text("Nguyễn An")
    an.look("history")
