"""Where people may be sent: pages of our own and nowhere else."""

import pytest
from flask import Flask

from web.redirects import find_own_path

PAYLOADS = [
    "//evil.example", "///evil.example", "////evil.example", "/\\evil.example", "\\\\evil.example", "/\\/evil.example",
    "https://evil.example", "http:evil.example", "https:///evil.example", "HTTPS://EVIL.EXAMPLE",
    "//evil.example/login",
    "javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "vbscript:x", "file:///etc/passwd",
    "evil.example", "evil.example/account", "account", "./account", "../account", "?next=//evil.example", "#x", "", " ",
    "/account\r\nSet-Cookie: a=b", "/account\nX: y", "/account\x00", "/account\t", " /account", "/\t/evil.example",
    "/%09/evil.example", "/\x0b/evil.example", "/account\u2028", "/%5cevil.example", "/%2f%2fevil.example",
    "//localhost@evil.example", "/@evil.example", "/.evil.example", "//[::1]/", "/no/such/page", "/logout", "/lock",
    "/login", "/login?next=//evil.example", "/static/css/base.css", "/account/../../evil", "//account",
    "/account?" + "a" * 2000,
]  # fmt: skip


@pytest.mark.parametrize("target", PAYLOADS)
def test_everything_else_is_refused(app: Flask, target: str) -> None:
    with app.test_request_context():
        assert find_own_path(target) is None


@pytest.mark.parametrize("target", ["/account", "/account?x=//evil.example", "/counter", "/password?next=%2Faccount"])
def test_pages_of_our_own_are_kept(app: Flask, target: str) -> None:
    with app.test_request_context():
        assert find_own_path(target) == target


def test_nothing_is_no_page(app: Flask) -> None:
    with app.test_request_context():
        assert find_own_path(None) is None


@pytest.mark.parametrize("target", PAYLOADS)
def test_sign_in_and_preferences_stay_here(app: Flask, target: str) -> None:
    app.config["WTF_CSRF_ENABLED"] = False

    answer = app.test_client().post("/preferences", data={"language": "en", "next": target})

    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
