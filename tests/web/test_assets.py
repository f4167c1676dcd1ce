"""Addresses of front-end files, and icons."""

import pytest

from tests.support.face import make_app
from web import assets


@pytest.fixture(scope="module")
def app():
    return make_app()


def test_an_asset_carries_the_hash_of_its_content(app):
    with app.test_request_context():
        address = assets.asset("css/tokens.css")

    assert address.startswith("/static/css/tokens.css?v=")
    assert len(address.split("=")[1]) == 10


def test_a_misspelt_asset_is_refused(app):
    with app.test_request_context(), pytest.raises(FileNotFoundError):
        assets.asset("css/tokns.css")


def test_an_icon_is_decoration_unless_it_has_a_label(app):
    with app.test_request_context():
        plain, labelled = assets.icon("house"), assets.icon("house", 'To "start"')

    assert plain.startswith('<svg class="icon" aria-hidden="true"')
    assert labelled.startswith('<svg class="icon" role="img" aria-label="To &#34;start&#34;"')


def test_a_browser_may_keep_what_has_a_fingerprint(app):
    client = app.test_client()
    with app.test_request_context():
        sheet = assets.asset("css/tokens.css")

    kept = []
    for address in (sheet, "/static/css/tokens.css", "/static/vendor/fonts/be-vietnam-pro-latin-400.woff2"):
        with client.get(address) as answer:
            kept.append(answer.headers["Cache-Control"])

    assert kept == ["public, max-age=31536000, immutable", "no-cache", "public, max-age=2592000"]
