"""No generated page is wider than a phone."""

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page

from admin_views import generated_views
from models import screens
from models.describe import screen_of
from tests.factories import make_row
from tests.support.browser import database_of
from tests.support.clients import client_as
from tests.support.listening import listening
from web.security import cookie_name

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.fixture
def page(app: Flask, browser: Browser) -> Iterator[Page]:
    """An administrator's phone."""
    client = client_as(app, "ADMIN")
    cookie = client.get_cookie(cookie_name(app.config["SETTINGS"]))
    assert cookie is not None
    with listening(app) as address:
        context = browser.new_context(viewport={"width": 390, "height": 844}, base_url=address)
        context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": address}])
        yield context.new_page()
        context.close()


def test_lists_and_forms_with_rows_of_children_fit(page: Page, app: Flask) -> None:
    with database_of(app) as session:
        rows = {model: make_row(session, model).id for model in screens()}
    addresses = [f"/admin/{view.entity}/" for view in generated_views(app)]
    addresses += [
        f"/admin/{model.__tablename__}/edit/?id={key}"
        for model, key in rows.items()
        if screen_of(model).grid and screen_of(model).edit
    ]

    wide = []
    for address in addresses:
        answer = page.goto(address)
        if answer is not None and answer.ok and page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            wide.append(address)

    assert wide == []
    assert len(addresses) > len(rows)
